// Places: what has an address, and what may be changed through it.
#include "sema/body.h"

static bool caught_is_lent(Body *b, NodeId value) {
    const Type *type = type_of(b, shallow_keep(b, b->facts->types[value.v]));
    return type->kind == TY_RESULT && type_of(b, shallow_keep(b, type->args[1]))->kind == TY_REF;
}

bool is_place(Body *b, NodeId n) {
    const Resolution *r = facts_resolution(b->facts, n);
    switch (kind_of(b, n)) {
    case NODE_NAME: return r != NULL && (r->kind == REF_LOCAL || r->kind == REF_CONST);
    case NODE_FIELD:
        return r != NULL && (r->kind == REF_CONST || r->kind == REF_FIELD || r->kind == REF_TUPLE_FIELD) &&
               (r->kind == REF_CONST || is_place(b, ast_unary(b->ast, n).child));
    case NODE_INDEX: return r != NULL && r->kind == REF_BUILTIN && r->index == BUILTIN_INDEX;
    case NODE_CALL:
    case NODE_PIPELINE: return r != NULL && r->type.v != 0 && type_of(b, shallow_keep(b, r->type))->kind == TY_REF;
    case NODE_ARG_MUT:
    case NODE_ARG_NAMED: return is_place(b, ast_unary(b->ast, n).child);
    case NODE_CATCH: return caught_is_lent(b, ast_catch_expr(b->ast, n).value);
    case NODE_COALESCE:
    case NODE_TRY:
    case NODE_OPT_BASE:
    case NODE_OPT_FIELD: return true; // of a projection inside; the builder makes a temporary otherwise
    default: return false;
    }
}

// ---- why a place may not change -------------------------------------------------------------------------------------

static void fix_binding(Body *b, Report *r, const Local *local, bool is_view) {
    TokenId before = {ast_token(b->ast, local->binder).v - 1};
    Span name = local->span;
    switch (local->kind) {
    case BIND_LET:
        if (before.v != 0 && ast_token_kind(b->ast, before) == TOK_KW_LET)
            report_fix(r, ast_token_span(b->ast, before), is_view ? TEXT("mut") : TEXT("var"),
                       is_view ? "bind what it views with `mut`" : "declare it with `var`");
        break;
    case BIND_PARAM:
    case BIND_LOOP:
        report_fix(r, (Span){name.file, name.start, name.start}, TEXT("mut "),
                   local->kind == BIND_PARAM ? "take it by `mut`" : "borrow the items by `mut`");
        break;
    default: break;
    }
}

static const char *what_it_is(BindKind kind) {
    switch (kind) {
    case BIND_PARAM: return "a parameter that is only borrowed";
    case BIND_LOOP: return "a loop variable";
    case BIND_CATCH: return "bound by `catch`";
    default: return "declared with `let`";
    }
}

static bool require_mutable_local(Body *b, NodeId n, Local *local, const char *how, bool through_view) {
    local->is_changed = true;
    map_set(&b->facts->changed, n.v, 1);
    for (Frame *f = b->frame; f != NULL && f->depth > local->frame; f = f->outer)
        f->changes_captures = true;
    if (local->kind == BIND_MUT || local->kind == BIND_MUT_PARAM || local->kind == BIND_OWN_PARAM ||
        (local->kind == BIND_VAR && !through_view))
        return true;
    if (is_poison(b, local->type) || local->is_blamed)
        return false;
    local->is_blamed = true;
    Report *r;
    if (local->kind == BIND_VAR) {
        r = REPORT(b, E0383, span_of(b, n), "cannot %s: `%s` is a view that only reads", how, cstr(b, local->name));
        report_note(r, local->span, "a `var` holds a view of what is read");
        report_help(r, "bind it with `mut %s = …` to change what it views", cstr(b, local->name));
        return false;
    }
    r = REPORT(b, E0380, span_of(b, n), "cannot %s: `%s` is %s", how, cstr(b, local->name), what_it_is(local->kind));
    report_label(r, "`%s` does not change", cstr(b, local->name));
    report_note(r, local->span, "`%s` is declared here", cstr(b, local->name));
    fix_binding(b, r, local, through_view || is_lang(b, local->type, LANG_SLICE));
    return false;
}

static bool require_mutable_in(Body *b, NodeId n, const char *how, bool allow_temporary, bool through_view);

// What is seen through a Shared, or a Box of one, is there to be read. Patterns are left to the ownership check.
static bool require_not_shared(Body *b, NodeId n, const char *how, TypeId seen) {
    TypeId type = shallow(b, b->facts->types[n.v]);
    for (; !same_type(type, seen); type = shallow(b, type_of(b, type)->args[0])) {
        if (is_lang(b, type, LANG_SHARED)) {
            Report *r = REPORT(b, E0735, span_of(b, n), "cannot %s: a `Shared` is only read", how);
            report_label(r, "this is a `%s`; others may hold it, too", show(b, type));
            report_help(r, "change a copy, and make a new `Shared` of it");
            return false;
        }
        if (!is_boxed(b, type))
            break;
    }
    return true;
}

static bool require_mutable_field(Body *b, NodeId n, const char *how, bool allow_temporary, bool through_view) {
    const Resolution *r = facts_resolution(b->facts, n);
    NodeId base = ast_unary(b->ast, n).child;
    if (r == NULL)
        return false;
    if (r->kind == REF_FIELD) {
        const Decl *field = program_decl(b->program, r->decl);
        if (program_module(b->program, field->module)->is_std && field->module.v != b->module.v &&
            !program_module(b->program, b->module)->is_std) {
            REPORT(b, E0384, main_span(b, n), "the field `%s` belongs to the standard library and is read-only here",
                   cstr(b, field->name));
            return false;
        }
    }
    if (r->kind == REF_CONST || r->kind == REF_PARAM_VALUE || r->kind == REF_BUILTIN || r->kind == REF_VARIANT) {
        REPORT(b, E0381, span_of(b, n), "cannot %s: this is not a variable", how);
        return false;
    }
    return require_not_shared(b, base, how, (TypeId){0}) &&
           require_mutable_in(b, base, how, allow_temporary, through_view);
}

// Whatever the call is given may be what its view changes: whether it is, is judged with the loans.
static void note_viewed(Body *b, NodeId n) {
    NodeKind kind = kind_of(b, n);
    while (kind == NODE_FIELD || kind == NODE_CALL || kind == NODE_INDEX) {
        n = kind == NODE_FIELD ? ast_unary(b->ast, n).child : ast_call(b->ast, n).callee;
        kind = kind_of(b, n);
    }
    const Resolution *r = kind == NODE_NAME ? facts_resolution(b->facts, n) : NULL;
    Local *local = r != NULL && r->kind == REF_LOCAL ? scope_find(b, name_of(b, n)) : NULL;
    if (local != NULL)
        local->is_changed = true;
}

// A Slice, or several: where it lies does not matter, what it shows does.
static bool shows_only(Body *b, TypeId type) {
    const Type *t = type_of(b, shallow(b, type));
    if (t->kind != TY_TUPLE)
        return is_lang(b, type, LANG_SLICE);
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (!shows_only(b, t->args[i]))
            return false;
    return t->arg_count > 0;
}

static bool require_mutable_call(Body *b, NodeId n, const char *how, bool allow_temporary) {
    const Resolution *r = facts_resolution(b->facts, n);
    TypeId type = shallow_keep(b, r != NULL && r->type.v != 0 ? r->type : b->facts->types[n.v]);
    const Type *result = type_of(b, type);
    while (result->kind == TY_OPTIONAL || result->kind == TY_RESULT) { // ?let T lends what it holds
        type = shallow_keep(b, result->args[result->kind == TY_RESULT]);
        result = type_of(b, type);
    }
    if (result->kind == TY_REF && !result->is_mut) {
        Report *report = REPORT(b, E0382, span_of(b, n), "cannot %s: the call lends its result for reading only", how);
        report_label(report, "this is a `let %s`", show(b, result->args[0]));
        return false;
    }
    bool is_view = shows_only(b, type);
    if (is_view)
        note_viewed(b, n);
    if (result->kind == TY_REF || is_view || allow_temporary)
        return true;
    REPORT(b, E0381, span_of(b, n), "cannot %s: the result of a call is a temporary", how);
    return false;
}

static bool require_mutable_in(Body *b, NodeId n, const char *how, bool allow_temporary, bool through_view) {
    if (is_poison(b, b->facts->types[n.v]))
        return false;
    const Resolution *r = facts_resolution(b->facts, n);
    switch (kind_of(b, n)) {
    case NODE_NAME:
        if (r != NULL && r->kind == REF_LOCAL) {
            Local *local = scope_find(b, name_of(b, n));
            return local == NULL || require_mutable_local(b, n, local, how, through_view);
        }
        REPORT(b, E0381, span_of(b, n), "cannot %s: `%s` is not a variable", how, cstr(b, name_of(b, n)));
        return false;
    case NODE_FIELD: return require_mutable_field(b, n, how, allow_temporary, through_view);
    case NODE_INDEX: {
        NodeId base = ast_call(b->ast, n).callee;
        bool view = is_lang(b, b->facts->types[base.v], LANG_SLICE);
        bool makes_view = r != NULL && r->kind == REF_BUILTIN && r->index == BUILTIN_SLICE; // of what may be no view
        return require_not_shared(b, base, how, (TypeId){0}) &&
               require_mutable_in(b, base, how, allow_temporary, view || (through_view && !makes_view));
    }
    case NODE_CALL:
    case NODE_PIPELINE: return require_mutable_call(b, n, how, allow_temporary);
    case NODE_ARG_MUT:
    case NODE_ARG_NAMED:
    case NODE_TRY:
    case NODE_OPT_BASE:
    case NODE_OPT_FIELD: return require_mutable_in(b, ast_unary(b->ast, n).child, how, allow_temporary, through_view);
    case NODE_COALESCE: {
        AstBinary e = ast_binary(b->ast, n);
        return require_mutable_in(b, e.left, how, allow_temporary, through_view) &&
               require_mutable_in(b, e.right, how, allow_temporary, through_view);
    }
    default:
        if (kind_of(b, n) == NODE_CATCH && (is_place(b, n) || is_lang(b, b->facts->types[n.v], LANG_SLICE)))
            return require_mutable_in(b, ast_catch_expr(b->ast, n).value, how, allow_temporary, through_view);
        if (allow_temporary)
            return true;
        Report *report = REPORT(b, E0381, span_of(b, n), "cannot %s: this is not a place", how);
        if (kind_of(b, n) == NODE_TUPLE)
            report_help(report,
                        "take the value apart into new variables, `let (a, b) = …`, and assign each, or exchange two "
                        "by `swap(mut a, mut b)`");
        return false;
    }
}

bool require_mutable(Body *b, NodeId n, const char *how, bool allow_temporary) {
    TypeId wanted = b->facts->wanted[n.v];
    if (wanted.v != 0 && kind_of_type(b, wanted) != TY_OPTIONAL && !require_not_shared(b, n, how, shallow(b, wanted)))
        return false;
    return require_mutable_in(b, n, how, allow_temporary, false);
}
