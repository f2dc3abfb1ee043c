// Locals that nobody reads, and variables that never change: warnings, given at the end of a body without errors.
#include "astdb/impls.h"
#include "sema/body.h"

static bool follows_var(Body *b, const Local *local) {
    TokenId before = {ast_token(b->ast, local->binder).v - 1};
    return local->kind == BIND_VAR && before.v != 0 && ast_token_kind(b->ast, before) == TOK_KW_VAR;
}

// Names that begin with `_` are there to be dropped, or to say what a part is. What is bound by `mut` changes what it
// borrows. Unused parameters are of use to their callers.
void unused_note(Body *b, const Local *local) {
    Text name = symbol(b->program, local->name);
    bool is_bound = local->kind == BIND_LET || local->kind == BIND_VAR || local->kind == BIND_MUT ||
                    local->kind == BIND_LOOP || local->kind == BIND_CATCH;
    bool is_idle = !local->is_used && !(local->kind == BIND_MUT && local->is_changed);
    if (is_bound && name.data[0] != '_' && (is_idle || (!local->is_changed && follows_var(b, local))))
        vec_push(&b->idle, *local);
}

static void report_unused(Body *b, const Local *local) {
    Report *r = REPORT(b, W0202, local->span, "`%s` is not used", cstr(b, local->name));
    report_label(r, local->is_changed ? "it is only assigned" : "nothing reads it");
    report_help(r, "leave it out, or call it `_` or `_%s`", cstr(b, local->name));
}

static void report_constant(Body *b, const Local *local) {
    TokenId before = {ast_token(b->ast, local->binder).v - 1};
    Report *r = REPORT(b, W0203, local->span, "the variable `%s` never changes", cstr(b, local->name));
    report_label(r, "nothing changes it");
    report_fix(r, ast_token_span(b->ast, before), TEXT("let"), "declare it with `let`");
}

void unused_report(Body *b) {
    if (diags_error_count(b->program->diags) > 0 || program_module(b->program, b->module)->is_std)
        return;
    for (uint32_t i = 0; i < b->idle.count; i++) {
        const Local *local = &b->idle.items[i];
        bool is_guard = type_class(b->program, full_type(b, local->type)) & CLASS_HAS_DROP;
        if (local->is_used)
            report_constant(b, local);
        else if (!is_guard)
            report_unused(b, local);
    }
}
