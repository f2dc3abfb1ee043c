// Constant parameters: `struct Ring[T, N: i64]`, and what is given for them.
#include "sema/tables.h"

static const Ast *ast_of(const Env *env) {
    return program_module(env->sema->program, env->module)->ast;
}

static bool is_const_kind(TypeKind kind) {
    return kind == TY_BOOL || kind == TY_CHAR || (type_kind_is_integer(kind) && type_kind_bits(kind) <= 64);
}

// The built-in type that is named where bounds stand; NONE if none is.
static TypeKind bound_kind(Env *env, NodeId node) {
    const Ast *ast = ast_of(env);
    if (ast_kind(ast, node) != NODE_TYPE_NAME || ast_path(ast, node).parts.count != 1)
        return TY_NONE;
    DeclId decl = sema_lookup(env->sema, env->module, ast_symbol(ast, ast_token(ast, node)));
    const Decl *row = decl.v == 0 ? NULL : program_decl(env->sema->program, decl);
    return row != NULL && row->kind == DECL_BUILTIN_TYPE ? (TypeKind)row->index : TY_NONE;
}

TypeId const_param_type(Env *env, NodeId param) {
    AstTypeParam row = ast_type_param(ast_of(env), param);
    TypeKind kind = row.bounds.count == 0 ? TY_NONE : bound_kind(env, AST_ITEM(row.bounds, 0));
    if (kind == TY_NONE)
        return (TypeId){0};
    if (is_const_kind(kind) && row.bounds.count == 1)
        return type_builtin(env->sema->program->types, kind);
    Span span = ast_span(ast_of(env), AST_ITEM(row.bounds, 0));
    Report *report = REPORT_AT(env->sema, E0446, span, "there are no constant parameters of this type");
    if (is_const_kind(kind))
        report_label(report, "a constant has no further bounds");
    else
        report_label(report, "an integer of at most 64 bits, `bool` or `char` may stand here");
    return type_builtin(env->sema->program->types, TY_I64);
}

bool const_param_refuse_bounds(Env *env, NodeId param, bool is_where) {
    const Ast *ast = ast_of(env);
    TokenId token = ast_type_param(ast, param).name;
    DeclId decl = env_find_param(env, ast_symbol(ast, token));
    if (decl.v == 0 || program_decl(env->sema->program, decl)->value_type.v == 0)
        return false;
    if (is_where) {
        Report *report = REPORT_AT(env->sema, E0446, ast_token_span(ast, token), "`%.*s` is a constant, not a type",
                                   DECL_ARG(env->sema->program, decl));
        report_label(report, "constants have no bounds");
        report_note(report, decl_span(env->sema->program, decl), "it is declared here");
    }
    return true;
}

static bool is_type_node(NodeKind kind) {
    return (kind >= NODE_TYPE_NAME && kind <= NODE_TYPE_TYPE) || kind == NODE_INVALID;
}

TypeId type_arg(Env *env, NodeId node, DeclId param) {
    Program *p = env->sema->program;
    TypeId of = param.v == 0 ? (TypeId){0} : program_decl(p, param)->value_type;
    TypeId result;
    if (of.v != 0) {
        result = const_arg(env, node, of);
        program_module(p, env->module)->facts->types[node.v] = of;
        return result;
    }
    if (is_type_node(ast_kind(ast_of(env), node)))
        return sema_type(env, node);
    Report *report = REPORT_AT(env->sema, E0208, ast_span(ast_of(env), node), "a type is expected here");
    report_label(report, "this is a constant");
    if (param.v != 0 && program_decl(p, param)->node.v != 0)
        report_note(report, decl_span(p, param), "for this parameter");
    return type_builtin(p->types, TY_POISON);
}

bool const_param_refuse(Env *env, NodeId node, TypeId type) {
    Program *p = env->sema->program;
    const Type *t = type_get(p->types, type);
    if (t->kind != TY_PARAM || program_decl(p, t->decl)->value_type.v == 0)
        return false;
    Report *report =
        REPORT_AT(env->sema, E0208, ast_span(ast_of(env), node), "`%.*s` is a constant, not a type", TYPE_ARG(p, type));
    report_label(report, "a type is expected here");
    report_note(report, decl_span(p, t->decl), "it is declared here");
    return true;
}

bool expr_is_constant(Env *env, NodeId node) {
    const Ast *ast = ast_of(env);
    switch (ast_kind(ast, node)) {
    case NODE_INT:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_CHAR:
    case NODE_NEG:
    case NODE_BINARY: return true;
    case NODE_NAME: {
        SymbolId name = ast_symbol(ast, ast_token(ast, node));
        DeclId param = env_find_param(env, name);
        if (param.v != 0)
            return program_decl(env->sema->program, param)->value_type.v != 0;
        DeclId decl = sema_lookup(env->sema, env->module, name);
        return decl.v != 0 && program_decl(env->sema->program, decl)->kind == DECL_CONST;
    }
    default: return false;
    }
}
