// The implicit type parameters of a signature with a `where`: it may speak of them, and what it says must be known
// before the types of the parameters are made.
#include "sema/tables.h"

static void declare_letters(Env *env, NodeId node);

static void declare_list(Env *env, AstList list) {
    for (uint32_t i = 0; i < list.count; i++)
        declare_letters(env, AST_ITEM(list, i));
}

// A letter that stands for a constant is left alone: it has no bounds, and is declared where the type is made.
static void declare_args(Env *env, AstCall call) {
    const Ast *ast = program_module(env->sema->program, env->module)->ast;
    DeclId decl = {0};
    if (ast_kind(ast, call.callee) == NODE_TYPE_NAME && ast_path(ast, call.callee).parts.count == 1)
        decl = sema_lookup(env->sema, env->module, ast_symbol(ast, ast_token(ast, call.callee)));
    const Shape *shape = decl.v == 0 ? NULL : program_shape(env->sema->program, decl);
    for (uint32_t i = 0; i < call.args.count; i++) {
        bool is_known = shape != NULL && i < shape->type_param_count;
        if (!is_known || program_decl(env->sema->program, shape->type_params[i])->value_type.v == 0)
            declare_letters(env, AST_ITEM(call.args, i));
    }
}

// In the order of the source, as sema_type would declare them.
static void declare_letters(Env *env, NodeId node) {
    const Ast *ast = program_module(env->sema->program, env->module)->ast;
    if (node.v == 0)
        return;
    switch (ast_kind(ast, node)) {
    case NODE_PARAM: declare_letters(env, ast_param(ast, node).type); break;
    case NODE_TYPE_NAME: type_declare_letter(env, node); break;
    case NODE_TYPE_APPLY: declare_args(env, ast_call(ast, node)); break;
    case NODE_TYPE_LIST:
    case NODE_TYPE_OPTIONAL:
    case NODE_TYPE_LET:
    case NODE_TYPE_MUT:
    case NODE_TYPE_POINTER: declare_letters(env, ast_unary(ast, node).child); break;
    case NODE_TYPE_ARRAY: declare_letters(env, ast_binary(ast, node).right); break;
    case NODE_TYPE_RESULT: {
        AstBinary parts = ast_binary(ast, node);
        declare_letters(env, parts.left);
        declare_letters(env, parts.right);
        break;
    }
    case NODE_TYPE_FUNC: {
        AstFuncType func = ast_func_type(ast, node);
        declare_list(env, func.params);
        declare_letters(env, func.result);
        break;
    }
    case NODE_TYPE_TUPLE: declare_list(env, ast_list(ast, node)); break;
    default: break;
    }
}

void declare_implicit(Env *env, AstFunc func) {
    if (func.where.count == 0)
        return;
    declare_list(env, func.params);
    declare_letters(env, func.result);
}
