// Literals, and the lists, arrays, maps and tuples written out.
#include "sema/body.h"

bool is_literal(const Body *b, NodeId n) {
    switch (kind_of(b, n)) {
    case NODE_INT:
    case NODE_FLOAT:
    case NODE_NULL:
    case NODE_CLOSURE: return true;
    case NODE_NEG:
    case NODE_BIT_NOT:
    case NODE_ARG_NAMED:
    case NODE_ARG_MUT: return is_literal(b, ast_unary(b->ast, n).child);
    case NODE_BINARY: {
        AstBinary e = ast_binary(b->ast, n);
        return is_literal(b, e.left) && is_literal(b, e.right);
    }
    case NODE_LIST:
    case NODE_MAP:
    case NODE_TUPLE: {
        AstList list = ast_list(b->ast, n);
        return list.count == 0 || is_literal(b, AST_ITEM(list, 0));
    }
    case NODE_MAP_ENTRY: return is_literal(b, ast_binary(b->ast, n).left);
    case NODE_REPEAT: return is_literal(b, ast_binary(b->ast, n).left);
    default: return false;
    }
}

// What the context wants, optionals looked through: a literal where ?T is wanted is a T.
static TypeId literal_context(Body *b, const Want *want) {
    if (want->type.v == 0)
        return (TypeId){0};
    TypeId type = shallow(b, want->type);
    while (type_of(b, type)->kind == TY_OPTIONAL)
        type = shallow(b, type_of(b, type)->args[0]);
    return type;
}

static bool has_bound(Body *b, TypeId type, LangItem item) {
    DeclId trait = sema_lang(b->sema, item);
    ImplMatch match;
    return trait.v != 0 && sema_implements(&b->env, type, trait, &match) == MATCH_YES;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

static bool int_fits(AstIntValue v, TypeKind kind, bool negative) {
    uint32_t bits = type_kind_bits(kind);
    if (v.overflow)
        return false;
    if (!type_kind_is_signed(kind)) {
        if (negative)
            return v.high == 0 && v.low == 0;
        return bits == 128 || (v.high == 0 && (bits == 64 || v.low >> bits == 0));
    }
    uint32_t top = bits - 1; // magnitudes below 2^top, and 2^top itself where negative
    uint64_t high = top >= 64 ? v.high >> (top - 64) : (v.high != 0 ? 2 : v.low >> top);
    if (high == 0)
        return true;
    bool exact =
        top >= 64 ? v.low == 0 && v.high == (uint64_t)1 << (top - 64) : v.high == 0 && v.low == (uint64_t)1 << top;
    return negative && exact;
}

static TypeId int_literal(Body *b, NodeId n, const Want *want, NodeId negation) {
    TypeId type = literal_context(b, want);
    TypeKind kind = type.v == 0 ? TY_NONE : type_of(b, type)->kind;
    Span span = span_of(b, negation.v != 0 ? negation : n);
    if (type_kind_is_float(kind)) {
        Report *r = REPORT(b, E0346, span, "an integer literal where a `%s` is wanted", show(b, type));
        report_fix(r, (Span){span.file, span.end, span.end}, TEXT(".0"), "write a float literal");
        return type;
    }
    if (kind == TY_PARAM && has_bound(b, type, LANG_NUMBER))
        return type;
    if (kind == TY_PARAM && literal_through_trait(b, negation.v != 0 ? negation : n, type))
        return type;
    if (!type_kind_is_integer(kind)) {
        type = builtin(b, TY_I64);
        kind = TY_I64;
    }
    if (!int_fits(ast_int_value(b->ast, ast_token(b->ast, n)), kind, negation.v != 0)) {
        Report *r = REPORT(b, E0340, span, "`%s` does not fit into `%s`", source_text(b, span), show(b, type));
        if (!type_kind_is_signed(kind))
            report_label(r, "`%s` goes from 0 to 2^%u - 1", show(b, type), type_kind_bits(kind));
        else
            report_label(r, "`%s` goes from -2^%u to 2^%u - 1", show(b, type), type_kind_bits(kind) - 1,
                         type_kind_bits(kind) - 1);
    }
    return type;
}

static TypeId float_literal(Body *b, const Want *want) {
    TypeId type = literal_context(b, want);
    TypeKind kind = type.v == 0 ? TY_NONE : type_of(b, type)->kind;
    if (type_kind_is_float(kind) || (kind == TY_PARAM && has_bound(b, type, LANG_FLOATING)))
        return type;
    return builtin(b, TY_F64);
}

TypeId check_literal(Body *b, NodeId n, const Want *want) {
    switch (kind_of(b, n)) {
    case NODE_INT: return int_literal(b, n, want, (NodeId){0});
    case NODE_FLOAT: return float_literal(b, want);
    case NODE_CHAR: return builtin(b, TY_CHAR);
    case NODE_STRING: return type_lang(b->program, LANG_STRING, NULL, 0);
    case NODE_BYTES: {
        Text bytes = ast_string_value(b->ast, ast_token(b->ast, n), b->arena);
        TypeId type = literal_context(b, want);
        if (type.v != 0 && want->lent == LENT_NO && is_lang(b, type, LANG_LIST))
            return lang1(b, LANG_LIST, builtin(b, TY_U8));
        return type_array(b->types, builtin(b, TY_U8), bytes.size);
    }
    case NODE_DURATION: return type_lang(b->program, LANG_DURATION, NULL, 0);
    case NODE_NULL: return builtin(b, TY_NULL);
    default: return builtin(b, TY_BOOL);
    }
}

// -5 is one literal: i8 holds -128 but not 128.
static TypeId negative_literal(Body *b, NodeId n, NodeId literal, const Want *want) {
    TypeId type = int_literal(b, literal, want, n);
    b->facts->types[literal.v] = type;
    return type;
}

TypeId check_unary(Body *b, NodeId n, const Want *want) {
    NodeId child = ast_unary(b->ast, n).child;
    NodeKind kind = kind_of(b, n);
    if (kind == NODE_NOT) {
        check_typed(b, child, builtin(b, TY_BOOL), WHY_CONDITION, (Span){0});
        return builtin(b, TY_BOOL);
    }
    if (kind == NODE_NEG && kind_of(b, child) == NODE_INT) {
        TypeId type = negative_literal(b, n, child, want);
        TypeKind k = type_of(b, type)->kind;
        if (type_kind_is_integer(k) && !type_kind_is_signed(k))
            return type; // reported as a literal that does not fit, unless it is -0
        return type;
    }
    TypeId type = check_hint(b, child, literal_context(b, want));
    TypeKind k = kind_of_type(b, type);
    if (k == TY_POISON || k == TY_NEVER)
        return type;
    if (k == TY_RESULT) {
        report_unhandled(b, child, type);
        return poison(b);
    }
    bool fits = kind == NODE_BIT_NOT ? type_kind_is_integer(k) : type_kind_is_signed(k) || type_kind_is_float(k);
    if (!fits && k == TY_PARAM)
        fits = has_bound(b, type, kind == NODE_BIT_NOT ? LANG_INTEGER : LANG_NUMBER);
    if (fits || (kind == NODE_NEG && negation_through_trait(b, n, shallow(b, type))))
        return shallow(b, type);
    Report *r =
        REPORT(b, E0341, main_span(b, n), "`%s` does not work on `%s`", kind == NODE_NEG ? "-" : "~", show(b, type));
    report_label(r, kind == NODE_BIT_NOT ? "it needs an integer" : "it needs a signed number");
    if (kind == NODE_NEG && (k == TY_STRUCT || k == TY_ENUM))
        report_help(r, "give `%s` an impl of `Additive`", show(b, type));
    return poison(b);
}

// ---- lists ----------------------------------------------------------------------------------------------------------

// The first item that says more than a literal does; else the first.
static NodeId telling_item(Body *b, AstList list) {
    for (uint32_t i = 0; i < list.count; i++)
        if (!is_literal(b, AST_ITEM(list, i)))
            return AST_ITEM(list, i);
    return AST_ITEM(list, 0);
}

static TypeId natural_item(Body *b, NodeId n) {
    TypeId type = check_value(b, n);
    switch (kind_of_type(b, type)) {
    case TY_NULL: {
        TypeId optional = type_unary(b->types, TY_OPTIONAL, fresh(b, span_of(b, n)));
        b->facts->wanted[n.v] = optional;
        return optional;
    }
    case TY_RESULT: report_unhandled(b, n, type); return poison(b);
    case TY_VOID: REPORT(b, E0312, span_of(b, n), "this has no value"); return poison(b);
    case TY_NEVER: return fresh(b, span_of(b, n));
    default: return type;
    }
}

// Every closure is of a type of its own; what holds several of them holds functions.
static TypeId kept_item(Body *b, NodeId n) {
    TypeId type = natural_item(b, n);
    TypeId func = kind_of_type(b, type) == TY_CLOSURE ? func_type_of(b, type) : (TypeId){0};
    if (func.v == 0)
        return type;
    convert_tails(b, n, func);
    return func;
}

static TypeId check_items(Body *b, AstList list, TypeId item, Span at) {
    NodeId first = {0};
    WhyKind why = WHY_NONE;
    if (item.v == 0 && list.count == 0)
        return fresh(b, at);
    if (item.v == 0) {
        first = telling_item(b, list);
        item = kept_item(b, first);
        why = WHY_ITEM;
    }
    Span span = first.v != 0 ? span_of(b, first) : (Span){0};
    for (uint32_t i = 0; i < list.count; i++)
        if (list.items[i] != first.v)
            check_typed(b, AST_ITEM(list, i), item, why, span);
    return item;
}

TypeId check_list(Body *b, NodeId n, const Want *want) {
    AstList list = ast_list(b->ast, n);
    TypeId type = literal_context(b, want);
    const Type *t = type.v == 0 ? NULL : type_of(b, type);
    if (t != NULL && t->kind == TY_ARRAY) {
        check_items(b, list, t->args[0], span_of(b, n));
        TypeId length = shallow(b, type_array_length(b->types, t));
        TypeId given = type_value(b->types, builtin(b, TY_I64), list.count);
        if (!infer_unify(b->infer, length, given))
            REPORT(b, E0347, span_of(b, n), "expected %s items, found %u", show(b, length), list.count);
        return type;
    }
    if (t != NULL && want->lent != LENT_NO && is_lang(b, type, LANG_SLICE)) {
        TypeId item = check_items(b, list, t->args[0], span_of(b, n));
        return type_array(b->types, item, list.count);
    }
    bool known = t != NULL && (is_lang(b, type, LANG_LIST) || is_lang(b, type, LANG_SLICE));
    return lang1(b, LANG_LIST, check_items(b, list, known ? t->args[0] : (TypeId){0}, span_of(b, n)));
}

// [value; count] where a list is wanted: the count may be any number, and the value is copied.
static TypeId repeat_list(Body *b, NodeId n, TypeId item) {
    const Signature *sig = program_signature(b->program, sema_lang(b->sema, LANG_LIST_REPEAT));
    if (sig != NULL && sig->bound_count > 0)
        require_bound(b, (Obligation){.type = item, .bound = &sig->bounds[0], .span = span_of(b, n)});
    return lang1(b, LANG_LIST, item);
}

TypeId check_repeat(Body *b, NodeId n, const Want *want) {
    AstBinary e = ast_binary(b->ast, n);
    TypeId type = literal_context(b, want);
    const Type *t = type.v == 0 ? NULL : type_of(b, type);
    bool known = t != NULL && (t->kind == TY_ARRAY || is_lang(b, type, LANG_LIST) || is_lang(b, type, LANG_SLICE));
    TypeId item = known ? t->args[0] : (TypeId){0};
    if (known)
        check_typed(b, e.left, item, WHY_NONE, (Span){0});
    else
        item = natural_item(b, e.left);
    check_typed(b, e.right, builtin(b, TY_I64), WHY_INDEX, (Span){0});
    if (known && is_lang(b, type, LANG_LIST) && want->lent == LENT_NO)
        return repeat_list(b, n, item);
    TypeId length = array_length(&b->env, e.right);
    return type_of(b, length)->kind == TY_POISON ? length : type_array_of(b->types, item, length);
}

TypeId check_map(Body *b, NodeId n, const Want *want) {
    AstList list = ast_list(b->ast, n);
    TypeId type = literal_context(b, want);
    TypeId args[2] = {{0}, {0}};
    if (type.v != 0 && is_lang(b, type, LANG_MAP)) {
        args[0] = type_of(b, type)->args[0];
        args[1] = type_of(b, type)->args[1];
    }
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId entry = AST_ITEM(list, i);
        if (kind_of(b, entry) != NODE_MAP_ENTRY)
            continue;
        NodeId sides[2] = {ast_binary(b->ast, entry).left, ast_binary(b->ast, entry).right};
        NodeId first = ast_binary(b->ast, AST_ITEM(list, 0)).left;
        for (uint32_t k = 0; k < 2; k++) {
            if (args[k].v == 0)
                args[k] = kept_item(b, sides[k]);
            else
                check_typed(b, sides[k], args[k], i == 0 ? WHY_NONE : WHY_ITEM,
                            span_of(b, k == 0 ? first : AST_ITEM(list, 0)));
        }
    }
    for (uint32_t k = 0; k < 2; k++)
        if (args[k].v == 0)
            args[k] = fresh(b, span_of(b, n));
    TypeId map = type_lang(b->program, LANG_MAP, args, 2);
    require_map_bounds(b, map, span_of(b, n));
    ImplMatch match;
    bool is_refused = sema_implements(&b->env, full_type(b, args[0]), b->program->lang[LANG_HASH], &match) == MATCH_NO;
    return is_refused ? poison(b) : map;
}

TypeId check_tuple(Body *b, NodeId n, const Want *want) {
    AstList list = ast_list(b->ast, n);
    TypeId type = literal_context(b, want);
    const Type *t = type.v == 0 ? NULL : type_of(b, type);
    bool known = t != NULL && t->kind == TY_TUPLE && t->arg_count == list.count;
    TypeId *items = ARENA_ARRAY(b->arena, TypeId, list.count + 1);
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId item = AST_ITEM(list, i);
        if (known && want->is_hint)
            items[i] = check_hint(b, item, t->args[i]);
        else if (known)
            items[i] = check_typed(b, item, t->args[i], want->why == WHY_ANNOTATION ? WHY_NONE : want->why, want->span);
        else
            items[i] = natural_item(b, item);
    }
    return type_tuple(b->types, items, list.count);
}
