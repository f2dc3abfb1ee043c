// Bindings and assignments.
#include "sema/body.h"

static TypeId natural_value(Body *b, NodeId value) {
    TypeId type = check_value(b, value);
    switch (kind_of_type(b, type)) {
    case TY_VOID: {
        Report *r = REPORT(b, E0312, span_of(b, value), "this has no value");
        report_label(r, "there is nothing to bind");
        return poison(b);
    }
    case TY_NULL: {
        TypeId optional = type_unary(b->types, TY_OPTIONAL, fresh(b, span_of(b, value)));
        b->facts->wanted[value.v] = optional;
        return optional;
    }
    case TY_NEVER: return poison(b);
    case TY_RESULT:
        if (kind_of(b, value) == NODE_CALL || kind_of(b, value) == NODE_PIPELINE) {
            report_unhandled(b, value, type);
            return poison(b);
        }
        return type;
    default: return type;
    }
}

static TypeId let_value(Body *b, AstLet let, TypeId *annotated) {
    *annotated = let.type.v != 0 ? sema_type(&b->env, let.type) : (TypeId){0};
    if (let.value.v == 0)
        return *annotated;
    if (let.type.v == 0)
        return let.else_block.v == 0 ? natural_value(b, let.value)
                                     : see_optional(b, let.value, natural_value(b, let.value));
    TypeId type = let.else_block.v == 0 ? *annotated : type_unary(b->types, TY_OPTIONAL, *annotated);
    check_typed(b, let.value, type, WHY_ANNOTATION, span_of(b, let.type));
    if (is_poison(b, type))
        poison_unknown(b, b->facts->types[let.value.v]);
    return type;
}

static void check_else(Body *b, AstLet let, TypeId type) {
    TypeId left = check_block(b, let.else_block, &(Want){.is_dropped = true});
    if (!diverges(b, left) && !is_poison(b, type)) {
        Span all = span_of(b, let.else_block);
        Span end = {all.file, all.end - 3, all.end};
        Report *r = REPORT(b, E0605, end, "the `else` of a `let` must leave");
        report_label(r, "the names would have no value after this");
        report_help(r, "end it with `return`, `break`, `continue`, `fail` or `panic`");
    }
}

TypeId check_let(Body *b, NodeId n) {
    AstLet let = ast_let(b->ast, n);
    NodeKind kind = kind_of(b, n);
    TypeId annotated, type = let_value(b, let, &annotated);
    BindKind bind = kind == NODE_VAR ? BIND_VAR : kind == NODE_MUT_BIND ? BIND_MUT : BIND_LET;
    if (type.v == 0) {
        REPORT(b, E0330, span_of(b, let.pattern), "type annotations needed");
        type = poison(b);
    }
    if (let.value.v == 0 && bind == BIND_LET)
        bind = BIND_VAR; // assigned once later, which ownership sees to
    if ((kind == NODE_MUT_BIND || binds_by_mut(b, let.pattern)) && let.value.v != 0)
        require_mutable(b, let.value, "bind it as `mut`", false);
    if (kind_of(b, let.pattern) == NODE_PAT_WILD && kind_of_type(b, type) == TY_RESULT) {
        report_unhandled(b, let.value, type);
        type = poison(b);
    }
    if (let.else_block.v != 0) {
        check_else(b, let, type);
        check_pattern(b, let.pattern, type, bind, true);
    } else {
        check_pattern(b, let.pattern, type, bind, false);
        NodeKind pattern = kind_of(b, let.pattern);
        if (pattern != NODE_PAT_BIND && pattern != NODE_PAT_WILD)
            vec_push(&b->matches, n.v);
    }
    return builtin(b, TY_VOID);
}

// ---- assignment -----------------------------------------------------------------------------------------------------

static TokenKind operator_of(TokenKind assign) {
    switch (assign) {
    case TOK_PLUS_ASSIGN: return TOK_PLUS;
    case TOK_MINUS_ASSIGN: return TOK_MINUS;
    case TOK_STAR_ASSIGN: return TOK_STAR;
    case TOK_SLASH_ASSIGN: return TOK_SLASH;
    case TOK_PERCENT_ASSIGN: return TOK_PERCENT;
    default: return assign;
    }
}

// The type of what is assigned to. Its name alone is no use of it.
static TypeId check_target(Body *b, NodeId n) {
    Local *before = kind_of(b, n) == NODE_NAME ? scope_find(b, name_of(b, n)) : NULL;
    bool was_used = before != NULL && before->is_used;
    TypeId type = shallow(b, check_value(b, n));
    if (before != NULL)
        scope_find(b, name_of(b, n))->is_used = was_used;
    return type;
}

TypeId check_assign(Body *b, NodeId n) {
    AstBinary e = ast_binary(b->ast, n);
    TokenKind op = op_of(b, n);
    TypeId type = check_target(b, e.left);
    if (op == TOK_ASSIGN)
        check_typed(b, e.right, type, WHY_ASSIGN, span_of(b, e.left));
    else
        binary_result(b, n, operator_of(op), e.left, type, e.right);
    Text how = arena_printf(b->arena, "assign to `%s`", source_text(b, span_of(b, e.left)));
    require_mutable(b, e.left, how.data, false);
    return builtin(b, TY_VOID);
}
