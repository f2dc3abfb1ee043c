// Fallible values: fail, ?, catch, and the sets of errors behind them.
#include "sema/body.h"

bool is_error_type(Body *b, TypeId type) {
    TypeKind kind = kind_of_type(b, type);
    return kind == TY_ERROR || kind == TY_ERROR_SET || kind == TY_INFERRED_SET;
}

// ---- sets -----------------------------------------------------------------------------------------------------------

bool error_known(Sema *sema, TypeId error, const DeclId **variants, uint32_t *count) {
    const Type *t = type_get(sema->program->types, error);
    *variants = NULL;
    *count = 0;
    if (t->kind == TY_INFERRED_SET) {
        const Signature *sig = program_signature(sema->program, t->decl);
        if (sig == NULL || sig->frozen_errors.v == 0)
            return false;
        error = sig->frozen_errors;
        t = type_get(sema->program->types, error);
    }
    if (t->kind != TY_ERROR && t->kind != TY_ERROR_SET)
        return false;
    *variants = sema_error_variants(sema, error, count);
    return true;
}

void set_include(Body *b, ErrorSet *set, TypeId error) {
    const DeclId *variants;
    uint32_t count;
    error = shallow(b, error);
    if (error_known(b->sema, error, &variants, &count)) {
        for (uint32_t i = 0; i < count; i++)
            vec_push(&set->variants, variants[i].v);
        return;
    }
    const Type *t = type_of(b, error);
    if (t->kind == TY_INFERRED_SET) {
        if (t->decl.v != set->decl.v)
            vec_push(&set->included, t->decl.v);
        body_want(b->shared, t->decl);
    }
}

static void report_not_covered(Program *p, Span at, const DeclId *missing, uint32_t count, TypeId set, Span because) {
    Buffer names = {0};
    for (uint32_t i = 0; i < count && i < 4; i++)
        buffer_printf(&names, "%s`%.*s.%.*s`", i == 0 ? "" : ", ",
                      TEXT_ARG(decl_name(p, program_decl(p, missing[i])->parent)), TEXT_ARG(decl_name(p, missing[i])));
    if (count > 4)
        buffer_printf(&names, " and %u more", count - 4);
    Text text = buffer_view(&names), name = type_text(p, set);
    Report *r = diag_report(p->diags, DIAG_E0509, at, "%.*s may come out here, which `%.*s` does not have",
                            TEXT_ARG(text), TEXT_ARG(name));
    report_label(r, "not covered by the declared errors");
    if (because.file.v != 0)
        report_note(r, because, "the function fails with `%.*s` only", TEXT_ARG(name));
    report_help(r, "handle it with `catch`, or let the function fail with more: `!T`");
    vec_free(&names);
}

// What of the given set is not in the other; both known and sorted.
void require_covers_now(Sema *sema, Span at, TypeId given, TypeId set, Span because) {
    const DeclId *inner, *outer;
    uint32_t inner_count, outer_count;
    if (!error_known(sema, given, &inner, &inner_count) || !error_known(sema, set, &outer, &outer_count))
        return;
    VecU32 missing = {0};
    for (uint32_t i = 0; i < inner_count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < outer_count && !found; k++)
            found = outer[k].v == inner[i].v;
        if (!found)
            vec_push(&missing, inner[i].v);
    }
    if (missing.count > 0) {
        DeclId *decls = ARENA_ARRAY(sema->arena, DeclId, missing.count);
        for (uint32_t i = 0; i < missing.count; i++)
            decls[i].v = missing.items[i];
        report_not_covered(sema->program, at, decls, missing.count, set, because);
    }
    vec_free(&missing);
}

void require_covers(Body *b, NodeId node, TypeId given, TypeId set, Span because) {
    given = shallow(b, given);
    set = shallow(b, set);
    if (same_type(given, set) || !is_error_type(b, given) || !is_error_type(b, set))
        return;
    const DeclId *variants;
    uint32_t count;
    if (error_known(b->sema, given, &variants, &count)) {
        require_covers_now(b->sema, span_of(b, node), given, set, because);
        return;
    }
    body_want(b->shared, type_of(b, given)->decl);
    vec_push(&b->shared->later, (Later){.kind = LATER_COVERS,
                                        .decl = b->decl,
                                        .node = node,
                                        .given = given,
                                        .set = set,
                                        .span = span_of(b, node),
                                        .because = because});
}

// `E.V` is this one variant, whatever else E has.
static TypeId written_set(Body *b, NodeId child, TypeId type) {
    const Resolution *r = facts_resolution(b->facts, child);
    if (r == NULL || r->kind != REF_VARIANT)
        return type;
    return error_set_type(b->types, b->arena, &r->decl.v, 1);
}

// Two errors are compared by their variants and by what these carry, as far as both sets have them.
void require_comparable_now(Sema *sema, Span at, TypeId given, TypeId other) {
    Program *p = sema->program;
    uint32_t count;
    const DeclId *variants = error_variants(p, given, &count);
    for (uint32_t v = 0; v < count; v++) {
        const Fields *payload = error_payload(p, variants[v]);
        for (uint32_t i = 0; i < payload->count && error_has_variant(p, other, variants[v]); i++) {
            ImplMatch match;
            TypeKind kind = type_get(p->types, payload->types[i])->kind;
            if (kind == TY_POISON ||
                program_find_impl(p, payload->types[i], p->lang[LANG_EQ], NULL, 0, &match) != MATCH_NO)
                continue;
            Text owner = decl_name(p, program_decl(p, variants[v])->parent), name = decl_name(p, variants[v]);
            Report *r = diag_report(p->diags, DIAG_E0516, at, "errors that carry a `%.*s` cannot be compared",
                                    TEXT_ARG(type_text(p, payload->types[i])));
            report_label(r, "both sides may be `%.*s.%.*s`", TEXT_ARG(owner), TEXT_ARG(name));
            report_note(r, decl_span(p, variants[v]), "declared here");
            report_help(r, "ask for the variant with `match`");
            return;
        }
    }
}

// What is asked of two sets, at once or when both are known.
static void judge_sets(Body *b, NodeId n, Span at, TypeId given, TypeId set, LaterKind kind,
                       void (*judge)(Sema *sema, Span at, TypeId given, TypeId set)) {
    given = shallow(b, given);
    set = shallow(b, set);
    const DeclId *variants;
    uint32_t count;
    if (error_known(b->sema, given, &variants, &count) && error_known(b->sema, set, &variants, &count)) {
        judge(b->sema, at, given, set);
        return;
    }
    for (int i = 0; i < 2; i++) {
        const Type *type = type_of(b, i == 0 ? given : set);
        if (type->kind == TY_INFERRED_SET)
            body_want(b->shared, type->decl);
    }
    vec_push(&b->shared->later,
             (Later){.kind = kind, .decl = b->decl, .node = n, .given = given, .set = set, .span = at});
}

void require_comparable(Body *b, NodeId n, TypeId left, TypeId right) {
    AstBinary e = ast_binary(b->ast, n);
    TypeId given = written_set(b, e.left, left), other = written_set(b, e.right, right);
    judge_sets(b, n, main_span(b, n), given, other, LATER_EQUAL, require_comparable_now);
}

// A function is called for its result as it is: errors that carry something take more room in a larger set.
void require_same_errors_now(Sema *sema, Span at, TypeId given, TypeId set) {
    Program *p = sema->program;
    uint32_t given_count, count;
    error_variants(p, given, &given_count);
    error_variants(p, set, &count);
    if (given_count == count || !error_has_payload(p, set))
        return;
    Report *r = diag_report(p->diags, DIAG_E0517, at, "this function fails with `%.*s`, wanted is one for `%.*s`",
                            TEXT_ARG(type_text(p, given)), TEXT_ARG(type_text(p, set)));
    report_label(r, "its errors take less room than those of the larger set");
    report_help(r, "wrap the call into a closure, which converts them: `|x| f(x)?`");
}

void require_same_errors(Body *b, NodeId n, TypeId given, TypeId set) {
    judge_sets(b, n, span_of(b, n), given, set, LATER_FUNC, require_same_errors_now);
}

static void report_cannot_fail(Body *b, NodeId node) {
    const char *what = b->frame->closure.v != 0 ? "this closure" : "this function";
    bool fails = kind_of(b, node) == NODE_FAIL;
    Report *r = REPORT(b, E0508, fails ? main_span(b, node) : span_of(b, node),
                       "%s cannot fail, but an error leaves it here", what);
    report_label(r, fails ? "fails here" : "the error is passed on here");
    if (b->frame->result_span.file.v != 0)
        report_note(r, b->frame->result_span, "its result says that it does not fail");
    const char *result = b->frame->result.v != 0 ? show(b, b->frame->result) : "T";
    report_help(r, "let it fail: `-> !%s`, or handle the error with `catch`", result);
}

bool propagate(Body *b, NodeId node, TypeId error) {
    Frame *frame = b->frame;
    if (is_poison(b, error))
        return true;
    if (frame->defer_depth > 0) {
        Report *r = REPORT(b, E0513, span_of(b, node), "%s cannot fail", frame->defer_word);
        report_label(r, "it runs while the block is being left already");
        report_help(r, "handle the error here with `catch`");
        return false;
    }
    if (frame->set != NULL) {
        set_include(b, frame->set, error);
        return true;
    }
    if (frame->declared.v != 0) {
        require_covers(b, node, error, frame->declared, frame->result_span);
        return true;
    }
    if (b->is_const) {
        REPORT(b, E0803, span_of(b, node), "a constant cannot fail");
        return false;
    }
    if (frame->result.v != 0 && is_poison(b, frame->result))
        return true; // what it was meant to be is not known
    report_cannot_fail(b, node);
    return false;
}

void report_unhandled(Body *b, NodeId n, TypeId result) {
    const char *text = source_text(b, span_of(b, n));
    Report *r = REPORT(b, E0505, span_of(b, n), "this may fail, and its error is not handled");
    report_label(r, "this is a `%s`", show(b, result));
    if (strlen(text) < 60)
        report_help(r, "pass the error on: `%s?`, or handle it: `%s catch …`", text, text);
    else
        report_help(r, "pass the error on with `?`, or handle it with `catch`");
}

// ---- fail and ? -----------------------------------------------------------------------------------------------------

// What a function may fail with, by the first variant of it.
static void help_fail(Body *b, Report *r) {
    const DeclId *variants = NULL;
    uint32_t count = 0;
    TypeId set = b->frame->declared;
    if (set.v != 0 && error_known(b->sema, set, &variants, &count) && count > 0) {
        const Decl *first = program_decl(b->program, variants[0]);
        report_help(r, "fail with a variant of it, as `fail %s.%s`",
                    cstr(b, program_decl(b->program, first->parent)->name), cstr(b, first->name));
    } else {
        report_help(r, "declare the error, `error Failure { Bad }`, and `fail Failure.Bad`");
    }
}

TypeId check_fail(Body *b, NodeId n) {
    NodeId child = ast_unary(b->ast, n).child;
    TypeId type = check_value(b, child), never = builtin(b, TY_NEVER);
    if (is_poison(b, type))
        return never;
    if (!is_error_type(b, type)) {
        Report *r = REPORT(b, E0504, span_of(b, child), "`fail` needs an error, found `%s`", show(b, type));
        report_label(r, "this is a `%s`", show(b, type));
        help_fail(b, r);
        return never;
    }
    propagate(b, n, written_set(b, child, type));
    return never;
}

TypeId check_try(Body *b, NodeId n, const Want *want) {
    NodeId child = ast_unary(b->ast, n).child;
    TypeId hint = want->is_dropped ? (TypeId){0} : want->type;
    TypeId type = check_hint(b, child, hint);
    const Type *t = type_of(b, shallow(b, type));
    if (t->kind == TY_POISON || t->kind == TY_NEVER)
        return type;
    if (t->kind != TY_RESULT) {
        Report *r = REPORT(b, E0506, main_span(b, n), "`?` is for what may fail");
        report_label(r, "this is a `%s`, which never fails", show(b, type));
        if (t->kind == TY_OPTIONAL)
            report_help(r, "what may be absent: `… ?? fallback`, or `let x = … else do … end`");
        else
            report_fix(r, main_span(b, n), TEXT(""), "leave `?` out");
        return t->kind == TY_OPTIONAL ? poison(b) : type;
    }
    propagate(b, n, t->args[0]);
    return t->args[1];
}

// ---- catch ----------------------------------------------------------------------------------------------------------

static TypeId fallible_value(Body *b, NodeId n, NodeId value, const Want *want, TypeId *error) {
    TypeId hint = want->is_dropped ? (TypeId){0} : want->type;
    bool is_nursery = kind_of(b, value) == NODE_NURSERY;
    TypeId type = is_nursery ? check_nursery(b, value, true) : check_hint(b, value, hint);
    const Type *t = type_of(b, shallow(b, type));
    *error = poison(b);
    if (is_nursery)
        b->facts->types[value.v] = type;
    if (t->kind == TY_RESULT) {
        *error = t->args[0];
        return t->args[1];
    }
    if (t->kind != TY_POISON) {
        Report *r = REPORT(b, E0507, span_of(b, value), "`catch` handles what may fail");
        report_label(r, "this is a `%s`, which never fails", show(b, type));
        if (t->kind == TY_OPTIONAL)
            report_help(r, "what stands in for an absent value follows `??`");
        Span whole = span_of(b, n), operand = span_of(b, value);
        if (t->kind != TY_OPTIONAL && t->kind != TY_NEVER && whole.file.v == operand.file.v)
            report_fix(r, (Span){whole.file, operand.end, whole.end}, TEXT(""), "leave the handler out");
    }
    return t->kind == TY_NEVER ? poison(b) : type;
}

// a catch b: where b may fail too, the whole may, with the errors of b.
static TypeId check_fallback(Body *b, NodeId handler, const Want *want) {
    TypeId type = check_hint(b, handler, want->type);
    const Type *t = type_of(b, shallow(b, type));
    if (t->kind == TY_RESULT && infer_unify(b->infer, t->args[1], want->type))
        return type;
    coerce(b, handler, type, want);
    return want->type;
}

static bool ends_in_null(const Body *b, NodeId n) {
    AstList list;
    switch (kind_of(b, n)) {
    case NODE_NULL: return true;
    case NODE_BLOCK:
        list = ast_list(b->ast, n);
        return list.count > 0 && ends_in_null(b, AST_ITEM(list, list.count - 1));
    case NODE_IF: {
        AstIfExpr e = ast_if_expr(b->ast, n);
        return ends_in_null(b, e.then_block) || (e.else_branch.v != 0 && ends_in_null(b, e.else_branch));
    }
    case NODE_MATCH:
        list = ast_match(b->ast, n).arms;
        for (uint32_t i = 0; i < list.count; i++)
            if (ends_in_null(b, ast_arm(b->ast, AST_ITEM(list, i)).body))
                return true;
        return false;
    default: return false;
    }
}

// The handler gives a T, or leaves; an absent value makes the whole optional.
static TypeId check_handler(Body *b, NodeId handler, NodeId value, TypeId type, const Want *want) {
    TypeKind kind = kind_of_type(b, type);
    bool is_block = kind_of(b, handler) == NODE_BLOCK;
    if (want->is_dropped || kind == TY_VOID) {
        check_statement(b, handler);
        return builtin(b, TY_VOID);
    }
    Want handled = {.type = shallow(b, type), .why = WHY_HANDLER, .span = span_of(b, value)};
    bool absent = ends_in_null(b, handler) || (want->type.v != 0 && kind_of_type(b, want->type) == TY_OPTIONAL);
    if (absent && kind != TY_OPTIONAL)
        handled.type = optional_of(b, type);
    if (!is_block)
        return check_fallback(b, handler, &handled);
    TypeId left = check_block(b, handler, &handled);
    if (kind_of_type(b, left) == TY_VOID && kind != TY_POISON) {
        Report *r = REPORT(b, E0511, tail_span(b, handler), "this handler gives no value and does not leave");
        report_label(r, "a `%s` is needed after it", show(b, type));
        report_note(r, span_of(b, value), "it stands in for the value of this");
    }
    return handled.type;
}

TypeId check_catch(Body *b, NodeId n, const Want *want) {
    AstCatchExpr e = ast_catch_expr(b->ast, n);
    TypeId error, type = fallible_value(b, n, e.value, want, &error);
    uint32_t mark = scope_mark(b);
    if (e.binder.v != 0 && ast_token_kind(b->ast, e.binder) == TOK_NAME)
        scope_add(b, ast_symbol(b->ast, e.binder), n, ast_token_span(b->ast, e.binder), error, BIND_CATCH);
    TypeId result = check_handler(b, e.handler, e.value, type, want);
    scope_pop(b, mark);
    return result;
}
