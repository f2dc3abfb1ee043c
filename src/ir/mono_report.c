// Errors that only an instance shows: where the program asks for it, and by way of what.
#include "ir/mono_internal.h"

enum { WAY_SHOWN = 4 };

// Code of the program that is what it says: no instance of a generic function, nothing made by the compiler.
static bool is_origin(const Mono *mono, const JirFn *fn) {
    return !fn->is_glue && fn->decl.v && fn->subst.count == 0 && !program_module(mono->program, fn->module)->is_std;
}

static Span span_in(const Mono *mono, const JirFn *fn, uint32_t token) {
    return token ? ast_token_span(program_ast(mono->program, fn->decl), (TokenId){token})
                 : decl_span(mono->program, fn->decl);
}

Span mono_origin(const Mono *mono, Span place) {
    uint32_t token = mono->token;
    for (uint32_t id = mono->current; id; token = mono->asked_at.items[id], id = mono->parents.items[id]) {
        const JirFn *fn = jir_fn(mono->jir, (JirFnId){id});
        if (is_origin(mono, fn))
            return span_in(mono, fn, token);
    }
    return place;
}

void mono_note_way(const Mono *mono, Report *report) {
    struct {
        const JirFn *fn;
        uint32_t token;
    } way[WAY_SHOWN];
    uint32_t count = 0, token = 0;
    for (uint32_t id = mono->current; id; token = mono->asked_at.items[id], id = mono->parents.items[id]) {
        const JirFn *fn = jir_fn(mono->jir, (JirFnId){id});
        if (is_origin(mono, fn))
            break;
        if (id == mono->current || fn->is_glue || !fn->decl.v)
            continue;
        way[count % WAY_SHOWN].fn = fn; // those nearest to the program
        way[count++ % WAY_SHOWN].token = token;
    }
    for (uint32_t i = 0; i < WAY_SHOWN && i < count; i++) {
        uint32_t at = (count - 1 - i) % WAY_SHOWN;
        report_note(report, span_in(mono, way[at].fn, way[at].token), "handed on by `%.*s` here",
                    TEXT_ARG(decl_name(mono->program, way[at].fn->decl)));
    }
}

void mono_refuse_lent(Mono *mono, DeclId decl, Subst subst) {
    Program *p = mono->program;
    for (uint32_t i = 0; i < subst.count; i++) {
        if (type_get(p->types, subst.args[i])->kind != TY_REF || !program_decl(p, subst.params[i])->is_kept)
            continue;
        Report *report = diag_report(p->diags, DIAG_E0491, mono_origin(mono, decl_span(p, decl)),
                                     "`%.*s` keeps its `%.*s`, and here that is a `%.*s`", TEXT_ARG(decl_name(p, decl)),
                                     TEXT_ARG(decl_name(p, subst.params[i])), TEXT_ARG(type_text(p, subst.args[i])));
        report_label(report, "only lent");
        mono_note_way(mono, report);
        report_note(report, decl_span(p, subst.params[i]),
                    "it is collected, or kept in another way, as a value of this type");
        report_help(report, "give values: `.copy()`, or what is made of them");
        mono->failed = true;
        return;
    }
}
