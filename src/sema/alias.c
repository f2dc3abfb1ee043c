// Other names for types: type A[T] = B.
#include "sema/tables.h"

static NodeId written_type(const Sema *sema, DeclId decl) {
    AstList members = ast_shape(program_ast(sema->program, decl), program_decl(sema->program, decl)->node).members;
    return members.count > 0 ? AST_ITEM(members, 0) : (NodeId){0};
}

static void report_cycle(Sema *sema, DeclId decl, NodeId node) {
    Report *report =
        REPORT_AT(sema, E0364, ast_span(program_ast(sema->program, decl), node),
                  "the name `%.*s` stands for a type that is made of itself", DECL_ARG(sema->program, decl));
    report_label(report, "this leads back to `%.*s`", DECL_ARG(sema->program, decl));
    report_help(report,
                "a type that holds others of its kind is a `struct` or an `enum`, with a `Box` or a list of them");
}

TypeId alias_target(Sema *sema, DeclId decl) {
    Shape *shape = program_shape(sema->program, decl);
    TypeId poison = type_builtin(sema->program->types, TY_POISON);
    NodeId node = written_type(sema, decl);
    if (shape->target.v != 0)
        return shape->target;
    if (node.v == 0 || shape->is_open) {
        if (node.v != 0)
            report_cycle(sema, decl, node);
        return shape->target = poison;
    }
    shape->is_open = true;
    Env env = sema_env_of(sema, decl);
    TypeId target = sema_type(&env, node);
    if (type_refuse_projection(&env, node, target, "what a name stands for"))
        target = poison;
    if (shape->target.v == 0) // else it led back here
        shape->target = target;
    shape->is_open = false;
    return shape->target;
}

TypeId alias_of(Sema *sema, DeclId decl, const TypeId *args) {
    TypeId target = alias_target(sema, decl);
    const Shape *shape = program_shape(sema->program, decl);
    if (shape->type_param_count == 0)
        return target;
    return type_subst(sema->program->types, target, (Subst){shape->type_params, args, shape->type_param_count});
}
