// Calls that the compiler itself makes: print, assert, panic.
#include "sema/body.h"

static TypeId string_type(Body *b) {
    return type_lang(b->program, LANG_STRING, NULL, 0);
}

void require_printable(Body *b, NodeId n, TypeId type) {
    TypeId t = full_type(b, shallow(b, type));
    const Type *row = type_of(b, t);
    if (row->flags & TYPE_HAS_POISON || row->kind == TY_NEVER)
        return;
    if (row->kind == TY_RESULT) {
        report_unhandled(b, n, t);
        return;
    }
    if (row->kind == TY_VOID || row->kind == TY_NULL) {
        REPORT(b, E0312, span_of(b, n), row->kind == TY_VOID ? "this has no value" : "`null` alone has no type");
        return;
    }
    ImplMatch match;
    if (row->kind == TY_VAR || row->kind == TY_ERROR_SET || row->kind == TY_INFERRED_SET ||
        sema_implements(&b->env, t, sema_lang(b->sema, LANG_DISPLAY), &match) != MATCH_NO ||
        sema_implements(&b->env, t, sema_lang(b->sema, LANG_DEBUG), &match) != MATCH_NO ||
        sema_infer_bound(&b->env, t, (TraitRef){sema_lang(b->sema, LANG_DISPLAY), {0}}, span_of(b, n)))
        return;
    Report *r = REPORT(b, E0433, span_of(b, n), "a `%s` cannot be printed", show(b, t));
    TypeId part = note_part_at_fault(b, r, t, sema_lang(b->sema, LANG_DEBUG));
    report_label(r, "%s has neither Display nor Debug",
                 same_type(part, t) ? "it" : arena_printf(b->arena, "`%s` in it", show(b, part)).data);
    if (row->kind == TY_PARAM)
        help_ask(b, r, t, "Display");
    else if (sema_implements(&b->env, t, sema_lang(b->sema, LANG_ITERATOR), &match) == MATCH_YES)
        report_help(r, "an iterator gives its values one by one: `.collect()` makes a list of them");
}

static NodeId plain_arg(Body *b, NodeId n) {
    while (kind_of(b, n) == NODE_ARG_NAMED || kind_of(b, n) == NODE_ARG_MUT) {
        REPORT(b, E0430, main_span(b, n), "this function has no such parameter");
        n = ast_unary(b->ast, n).child;
    }
    return n;
}

static void report_count(Body *b, NodeId n, const char *name, const char *wants, uint32_t count) {
    Report *r = REPORT(b, E0428, span_of(b, n), "`%s` takes %s, found %u", name, wants, count);
    report_label(r, "the number of arguments is wrong");
}

static void check_assert_eq(Body *b, const uint32_t *args) {
    NodeId left = plain_arg(b, (NodeId){args[0]}), right = plain_arg(b, (NodeId){args[1]});
    NodeId first = left, second = right;
    if (is_literal(b, left) && !is_literal(b, right))
        first = right, second = left;
    TypeId type = check_value(b, first);
    if (kind_of_type(b, type) == TY_RESULT) {
        report_unhandled(b, first, type);
        type = poison(b);
    }
    TypeId other = check_hint(b, second, shallow(b, type));
    if (is_error_type(b, type) && is_error_type(b, other))
        return;
    TypeId t = compared_type(b, first, type, second, other);
    Bound *bound = ARENA_NEW(b->arena, Bound);
    *bound = (Bound){.trait = sema_lang(b->sema, LANG_EQ), .type = t, .span = span_of(b, first)};
    if (bound->trait.v != 0 && type_of(b, t)->kind != TY_POISON)
        require_bound(b, (Obligation){.type = t, .bound = bound, .span = span_of(b, first)});
    require_printable(b, first, type);
}

static TypeId check_print(Body *b, const uint32_t *args, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        NodeId arg = plain_arg(b, (NodeId){args[i]});
        require_printable(b, arg, check_value(b, arg));
    }
    return builtin(b, TY_VOID);
}

static TypeId check_text_only(Body *b, NodeId n, const char *name, const uint32_t *args, uint32_t count,
                              bool required) {
    for (uint32_t i = 0; i < count; i++)
        check_typed(b, plain_arg(b, (NodeId){args[i]}), string_type(b), WHY_NONE, (Span){0});
    if (count > 1 || (required && count == 0))
        report_count(b, n, name, required ? "one text" : "at most one text", count);
    return builtin(b, TY_NEVER);
}

TypeId check_builtin_call(Body *b, NodeId n, BuiltinId id, const uint32_t *args, uint32_t count) {
    resolve(b, n, REF_BUILTIN)->index = id;
    switch (id) {
    case BUILTIN_PANIC: return check_text_only(b, n, "panic", args, count, true);
    case BUILTIN_UNREACHABLE: return check_text_only(b, n, "unreachable", args, count, false);
    case BUILTIN_ASSERT:
        if (count == 0 || count > 2)
            report_count(b, n, "assert", "a condition and maybe a text", count);
        for (uint32_t i = 0; i < count; i++)
            check_typed(b, plain_arg(b, (NodeId){args[i]}), i == 0 ? builtin(b, TY_BOOL) : string_type(b),
                        i == 0 ? WHY_CONDITION : WHY_NONE, (Span){0});
        return builtin(b, TY_VOID);
    case BUILTIN_ASSERT_EQ:
        if (count < 2 || count > 3) {
            report_count(b, n, "assert_eq", "two values and maybe a text", count);
            check_print(b, args, count);
            return builtin(b, TY_VOID);
        }
        check_assert_eq(b, args);
        if (count == 3)
            check_typed(b, plain_arg(b, (NodeId){args[2]}), string_type(b), WHY_NONE, (Span){0});
        return builtin(b, TY_VOID);
    default: return check_print(b, args, count);
    }
}
