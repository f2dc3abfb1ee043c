// What concerns the whole program, after its bodies: the shape of main, imports that nothing uses.
#include "sema/tables.h"

static void report_main(Sema *sema, Span span, const char *seen) {
    Report *report = REPORT_AT(sema, E0240, span, "`main` %s", seen);
    report_label(report, "not allowed here");
    report_help(report, "the program starts at `func main() do`, or `func main() !void do` if it may fail");
}

static void check_main(Sema *sema) {
    Program *p = sema->program;
    if (p->root.v == 0)
        return;
    DeclId decl = link_own_name(sema, p->root, intern(p->symbols, TEXT("main")));
    const Signature *main_signature = decl.v == 0 ? NULL : program_signature(p, decl);
    if (main_signature == NULL || program_decl(p, decl)->kind != DECL_FUNC)
        return;
    const Ast *ast = program_ast(p, decl);
    AstFunc func = ast_func(ast, program_decl(p, decl)->node);
    if (main_signature->param_count > 0) {
        report_main(sema, ast_span(ast, main_signature->param_nodes[0]), "takes parameters");
        return;
    }
    if (main_signature->type_param_count > 0) {
        report_main(sema, decl_span(p, decl), "has type parameters");
        return;
    }
    const Type *result = type_get(p->types, main_signature->result);
    const Type *value = result->kind == TY_RESULT ? type_get(p->types, result->args[1]) : result;
    if (value->kind != TY_VOID && value->kind != TY_NEVER && !(value->flags & TYPE_HAS_POISON))
        report_main(sema, func.result.v != 0 ? ast_span(ast, func.result) : decl_span(p, decl),
                    "has a value as its result");
}

static void check_imports(Sema *sema, const Module *module) {
    Program *p = sema->program;
    const Ast *ast = module->ast;
    if (diags_has_error_in(p->diags, (Span){ast->file, 0, (uint32_t)ast->source.size}))
        return; // a body with a mistake may not have been read
    for (uint32_t i = 0; i < module->decls.count; i++) {
        DeclId decl = {module->decls.items[i]};
        const Decl *row = program_decl(p, decl);
        if (row->kind != DECL_IMPORT || row->is_pub || map_get(&sema->tables->used_imports, decl.v, NULL))
            continue;
        ImportTarget target = sema_import_target(sema, decl);
        if (target.module.v == 0 && target.decl.v == 0)
            continue; // reported as unknown
        Report *report =
            REPORT_AT(sema, W0201, decl_span(p, decl), "the import `%.*s` is not used", SYMBOL_ARG(p, row->name));
        report_label(report, "nothing in this file names it");
        report_help(report, "remove the import");
    }
}

static void check_field_defaults(Sema *sema) {
    for (uint32_t i = 1; i < sema->program->decls.count; i++) {
        const Decl *decl = program_decl(sema->program, (DeclId){i});
        bool in_struct = decl->kind == DECL_FIELD && program_decl(sema->program, decl->parent)->kind == DECL_STRUCT;
        if (in_struct && !program_module(sema->program, decl->module)->is_std)
            sema_field_default(sema, (DeclId){i});
    }
}

void sema_finish(Sema *sema) {
    check_main(sema);
    check_field_defaults(sema);
    for (uint32_t i = 1; i < sema->program->modules.count; i++)
        if (!sema->program->modules.items[i].is_std)
            check_imports(sema, &sema->program->modules.items[i]);
}
