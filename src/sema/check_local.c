// Values that tasks know by their type (std.local): such a type stands for one thing, and borrows nothing.
#include "sema/body.h"

static bool is_of_local(Body *b, DeclId decl) {
    return decl.v != 0 &&
           (decl.v == sema_lang(b->sema, LANG_LOCAL_WITH).v || decl.v == sema_lang(b->sema, LANG_LOCAL_GET).v ||
            decl.v == sema_lang(b->sema, LANG_LOCAL_LOOK).v);
}

// NULL: it can be the type of such a value.
static const char *obstacle(Body *b, TypeId type) {
    const Type *t = type_of(b, type);
    if (type_may_borrow(b->program, type))
        return "it borrows, and a task that knows it may outlive what it borrows";
    if (t->flags & TYPE_HAS_PARAM)
        return "which type this is, is not known here";
    bool is_declared = t->kind == TY_STRUCT || t->kind == TY_ENUM || t->kind == TY_ERROR;
    bool is_foreign = !is_declared || program_module(b->program, program_decl(b->program, t->decl)->module)->is_std;
    if (is_foreign && !program_module(b->program, b->module)->is_std)
        return "it means many things: others may bind values of it for another purpose";
    return NULL;
}

static void check_type(Body *b, NodeId call, TypeId type) {
    const char *why = is_poison(b, type) ? NULL : obstacle(b, type);
    if (why == NULL)
        return;
    Report *r = REPORT(b, E1043, call_name_span(b, call), "a `%s` cannot be known to tasks by its type", show(b, type));
    report_label(r, "%s", why);
    report_help(r, "declare a struct for this one thing: `struct RequestId { value: String }`");
}

void check_locals(Body *b, NodeId root) {
    if (sema_lang(b->sema, LANG_LOCAL_WITH).v == 0)
        return;
    for (NodeId n = ast_first(b->ast, root); n.v <= root.v; n.v++) {
        const Resolution *r = facts_resolution(b->facts, n);
        if (r != NULL && r->kind == REF_FUNC && is_of_local(b, r->decl) && r->type_arg_count > 0)
            check_type(b, n, r->type_args[0]);
    }
}
