// while, loop and for.
#include "sema/body.h"

TypeId check_loop(Body *b, NodeId n, const Want *want) {
    AstLoop e = ast_loop(b->ast, n);
    bool is_loop = kind_of(b, n) == NODE_LOOP;
    LoopFrame frame = {.outer = b->frame->loop,
                       .label = e.label.v != 0 ? ast_symbol(b->ast, e.label) : (SymbolId){0},
                       .want = want,
                       .is_loop = is_loop};
    uint32_t mark = scope_mark(b);
    if (e.condition.v != 0)
        check_head(b, e.condition);
    b->frame->loop = &frame;
    check_block(b, e.body, &(Want){.is_dropped = true});
    b->frame->loop = frame.outer;
    scope_pop(b, mark);
    if (!is_loop)
        return builtin(b, TY_VOID);
    if (!frame.has_break)
        return builtin(b, TY_NEVER);
    return want->is_dropped ? builtin(b, TY_VOID) : frame.type;
}

// ---- what a for goes over -------------------------------------------------------------------------------------------

static DeclId trait_member_named(Body *b, DeclId trait, const char *name) {
    const Trait *row = trait.v == 0 ? NULL : b->program->traits[trait.v];
    for (uint32_t i = 0; row != NULL && i < row->member_count; i++)
        if (text_equal(decl_name(b->program, row->members[i]), text_of(name)))
            return row->members[i];
    return (DeclId){0};
}

bool is_iterator(Body *b, TypeId type) {
    DeclId trait = sema_lang(b->sema, LANG_ITERATOR);
    ImplMatch match;
    return trait.v != 0 && sema_implements(&b->env, type, trait, &match) == MATCH_YES;
}

static TypeId item_of_iterator(Body *b, TypeId iterator) {
    DeclId item = trait_member_named(b, sema_lang(b->sema, LANG_ITERATOR), "Item");
    return item.v == 0 ? poison(b) : sema_normalize(&b->env, type_assoc(b->types, item, iterator, (TypeId){0}));
}

static void resolve_next(Body *b, NodeId n, TypeId iterator, ResolutionId second) {
    Resolution *r = resolve(b, n, REF_TRAIT_METHOD);
    r->decl = trait_member_named(b, sema_lang(b->sema, LANG_ITERATOR), "next");
    r->type_args = keep_types(b, &iterator, 1);
    r->type_arg_count = 1;
    r->second = second;
}

void report_not_iterable(Body *b, NodeId iterable, TypeId type, const char *user) {
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_POISON || kind == TY_NEVER)
        return;
    if (kind == TY_RESULT) {
        report_unhandled(b, iterable, type);
        return;
    }
    Report *r = REPORT(b, E0372, span_of(b, iterable), "`%s` cannot go over a `%s`", user, show(b, type));
    report_label(r, "it is no range, list or iterator and has no method `iter`");
    if (type_kind_is_integer(kind))
        report_help(r, "count with a range: `0..%s`", source_text(b, span_of(b, iterable)));
    else if (is_lang(b, type, LANG_STRING))
        report_help(r, "say what of the text: `.chars()`, `.bytes()` or `.lines()`");
}

// The call of a method iter (iter_mut), which has `self` only, and the type it gives.
static ResolutionId resolve_iter(Body *b, const MethodMatch *match, NodeId iterable, TypeId *iterator) {
    const Signature *sig = program_signature(b->program, match->decl);
    Callee callee = {.ref = match->kind == METHOD_INHERENT ? REF_FUNC : REF_TRAIT_METHOD,
                     .decl = match->decl,
                     .sig = sig,
                     .params = sig->type_params,
                     .args = match->type_args,
                     .param_count = sig->type_param_count};
    TypeId type = callee_type(b, &callee, sig->result);
    require_bounds(b, &callee, span_of(b, iterable));
    Resolution *r = resolve(b, (NodeId){0}, callee.ref);
    r->decl = callee.decl;
    r->type = type;
    r->type_args = callee.args;
    r->type_arg_count = callee.param_count;
    r->is_method = true;
    *iterator = full_type(b, type);
    return (ResolutionId){b->facts->resolution_count - 1};
}

// Through the method iter (iter_mut), which makes an iterator.
static TypeId item_through_method(Body *b, NodeId n, NodeId iterable, TypeId type, bool is_mut) {
    SymbolId name = intern(b->program->symbols, is_mut ? TEXT("iter_mut") : TEXT("iter"));
    MethodMatch match = sema_find_method(&b->env, type, name, span_of(b, iterable));
    const Signature *sig =
        match.kind == METHOD_NONE || match.kind == METHOD_AMBIGUOUS ? NULL : program_signature(b->program, match.decl);
    if (sig == NULL || !sig->has_self || sig->param_count != 1) {
        report_not_iterable(b, iterable, type, "for");
        return poison(b);
    }
    TypeId iterator;
    ResolutionId second = resolve_iter(b, &match, iterable, &iterator);
    if (!is_iterator(b, iterator)) {
        report_not_iterable(b, iterable, type, "for");
        return poison(b);
    }
    if (match.derefs > 0)
        b->facts->wanted[iterable.v] = match.self;
    resolve_next(b, n, iterator, second);
    return item_of_iterator(b, iterator);
}

ResolutionId iterator_of_method(Body *b, NodeId base, const MethodMatch *iter, TypeId *iterator) {
    const Signature *sig =
        iter->kind == METHOD_NONE || iter->kind == METHOD_AMBIGUOUS ? NULL : program_signature(b->program, iter->decl);
    if (sig == NULL || !sig->has_self || sig->param_count != 1)
        return (ResolutionId){0};
    ResolutionId second = resolve_iter(b, iter, base, iterator);
    return is_iterator(b, *iterator) ? second : (ResolutionId){0};
}

static TypeId item_of(Body *b, NodeId n, NodeId iterable, TypeId type, bool is_mut) {
    type = full_type(b, shallow(b, type));
    while (is_boxed(b, type)) {
        type = shallow(b, first_arg(b, type));
        b->facts->wanted[iterable.v] = type;
    }
    const Type *t = type_of(b, type);
    if (t->kind == TY_POISON)
        return type;
    if (is_lang(b, type, LANG_RANGE) || is_lang(b, type, LANG_RANGE_CLOSED))
        return builtin(b, TY_I64);
    if (t->kind == TY_ARRAY || is_lang(b, type, LANG_LIST) || is_lang(b, type, LANG_SLICE))
        return t->args[0];
    if (t->kind == TY_VAR) {
        REPORT(b, E0330, span_of(b, iterable), "type annotations needed");
        infer_unify(b->infer, type, poison(b));
        return poison(b);
    }
    if (is_iterator(b, type)) {
        resolve_next(b, n, type, (ResolutionId){0});
        return item_of_iterator(b, type);
    }
    return item_through_method(b, n, iterable, type, is_mut);
}

// The pair of a map's entry: for k, v in m.
static void check_pair(Body *b, AstForExpr e, TypeId item, uint32_t mark) {
    const Type *t = type_of(b, shallow(b, item));
    bool pair = t->kind == TY_TUPLE && t->arg_count == 2;
    check_pattern(b, e.index, pair ? t->args[0] : poison(b), BIND_LOOP, false);
    check_pattern_beside(b, e.pattern, pair ? t->args[1] : poison(b), BIND_LOOP, false, mark);
}

TypeId check_for(Body *b, NodeId n) {
    AstForExpr e = ast_for_expr(b->ast, n);
    TypeId type = check_value(b, e.iterable);
    bool is_mut = binds_by_mut(b, e.pattern);
    TypeId item = item_of(b, n, e.iterable, type, is_mut);
    if (is_mut && !is_poison(b, item))
        require_mutable(b, e.iterable, "lend its items as `mut`", true);
    LoopFrame frame = {.outer = b->frame->loop,
                       .label = e.label.v != 0 ? ast_symbol(b->ast, e.label) : (SymbolId){0},
                       .want = &(Want){.is_dropped = true}};
    uint32_t mark = scope_mark(b);
    if (e.index.v != 0 && type_is_keyed(b->program, type)) {
        check_pair(b, e, item, mark);
    } else {
        if (e.index.v != 0)
            check_pattern(b, e.index, builtin(b, TY_I64), BIND_LOOP, false);
        check_pattern_beside(b, e.pattern, item, BIND_LOOP, false, mark);
    }
    vec_push(&b->matches, n.v);
    b->frame->loop = &frame;
    check_block(b, e.body, &(Want){.is_dropped = true});
    b->frame->loop = frame.outer;
    scope_pop(b, mark);
    return builtin(b, TY_VOID);
}
