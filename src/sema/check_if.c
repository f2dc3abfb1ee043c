// if, and the branches of if and match: one type for all of them.
#include "sema/body.h"

void branch_add(Body *b, Branches *all, NodeId n) {
    const Want *want = all->want;
    if (want->is_dropped) {
        check_statement(b, n);
        all->leaves = all->leaves && diverges(b, b->facts->types[n.v]);
        return;
    }
    if (want->type.v != 0 && !want->is_hint) {
        check_expr(b, n, want);
        all->leaves = all->leaves && diverges(b, b->facts->types[n.v]);
        all->type = want->type;
        return;
    }
    TypeId type = check_hint(b, n, all->type.v != 0 && !diverges(b, all->type) ? all->type : want->type);
    all->leaves = all->leaves && diverges(b, type);
    if (all->type.v == 0) {
        all->type = type;
        all->first = n;
        return;
    }
    TypeId common = join(b, all->type, type);
    if (common.v == 0)
        common = join_funcs(b, all->type, type);
    if (common.v == 0) {
        report_mismatch(b, n, type, &(Want){.type = all->type, .why = WHY_BRANCH, .span = tail_span(b, all->first)});
        all->type = poison(b);
        return;
    }
    if (diverges(b, all->type))
        all->first = n;
    all->converts = all->converts || !same_type(common, all->type) || !same_type(common, type);
    all->type = common;
}

TypeId branch_type(Body *b, const Branches *all) {
    if (all->leaves)
        return builtin(b, TY_NEVER);
    return all->want->is_dropped ? builtin(b, TY_VOID) : all->type;
}

void branch_convert(Body *b, const Branches *all, NodeId n) {
    if (all->converts && !is_poison(b, all->type) && !diverges(b, b->facts->types[n.v]))
        convert_tails(b, n, all->type);
}

Span tail_span(Body *b, NodeId n) {
    for (;;) {
        Span all = span_of(b, n);
        switch (kind_of(b, n)) {
        case NODE_BLOCK: {
            AstList list = ast_list(b->ast, n);
            if (list.count == 0)
                return all.end >= all.start + 3 ? (Span){all.file, all.end - 3, all.end} : all;
            n = AST_ITEM(list, list.count - 1);
            break;
        }
        case NODE_IF:
        case NODE_MATCH:
        case NODE_WHILE:
        case NODE_FOR:
        case NODE_LOOP:
        case NODE_ASSIGN:
        case NODE_LET:
        case NODE_VAR: return main_span(b, n);
        default: return all;
        }
    }
}

TypeId see_optional(Body *b, NodeId n, TypeId type) {
    TypeId inner = shallow(b, type);
    while (is_boxed(b, inner))
        inner = shallow(b, first_arg(b, inner));
    if (!is_boxed(b, type) || type_of(b, inner)->kind != TY_OPTIONAL)
        return type;
    return b->facts->wanted[n.v] = inner;
}

// if let / while let: the binders live in the block that follows.
void check_head(Body *b, NodeId n) {
    if (kind_of(b, n) != NODE_COND_LET) {
        check_condition(b, n);
        return;
    }
    AstLet let = ast_let(b->ast, n);
    TypeId type = see_optional(b, let.value, check_value(b, let.value));
    b->facts->types[n.v] = builtin(b, TY_BOOL);
    TypeKind kind = kind_of_type(b, type);
    NodeKind pattern = kind_of(b, let.pattern);
    if (kind == TY_RESULT) {
        report_unhandled(b, let.value, type);
        type = poison(b);
    } else if (kind != TY_OPTIONAL && kind != TY_POISON && (pattern == NODE_PAT_BIND || pattern == NODE_PAT_WILD)) {
        Report *r = REPORT(b, E0606, span_of(b, let.value), "a `%s` is never absent", show(b, type));
        report_label(r, "`let` in a condition asks whether an optional holds a value");
        type = poison(b);
    }
    bool is_mut = let.is_mut || binds_by_mut(b, let.pattern);
    if (is_mut && !is_poison(b, type) && !require_mutable(b, let.value, "bind a part of it as `mut`", true))
        type = poison(b);
    check_pattern(b, let.pattern, type, let.is_mut ? BIND_MUT : BIND_LET, true);
}

TypeId check_if(Body *b, NodeId n, const Want *want) {
    AstIfExpr e = ast_if_expr(b->ast, n);
    uint32_t mark = scope_mark(b);
    check_head(b, e.condition);
    if (e.else_branch.v == 0) {
        // Where a value is wanted the report is about the missing one, not about the branch's.
        check_block(b, e.then_block, &(Want){.is_dropped = want->is_dropped || want->type.v != 0});
        scope_pop(b, mark);
        return builtin(b, TY_VOID);
    }
    Branches all = {.want = want, .leaves = true};
    branch_add(b, &all, e.then_block);
    scope_pop(b, mark);
    branch_add(b, &all, e.else_branch);
    branch_convert(b, &all, e.then_block);
    branch_convert(b, &all, e.else_branch);
    return branch_type(b, &all);
}
