// The implicit type parameters of a signature with a `where`: it may speak of them, and what it says must be known
// before the types of the parameters are made.
#include "sema/tables.h"

static void declare_letters(Env *env, NodeId node);

static void declare_list(Env *env, AstList list) {
    for (uint32_t i = 0; i < list.count; i++)
        declare_letters(env, AST_ITEM(list, i));
}

// In the order of the source, as sema_type would declare them.
static void declare_letters(Env *env, NodeId node) {
    const Ast *ast = program_module(env->sema->program, env->module)->ast;
    if (node.v == 0)
        return;
    switch (ast_kind(ast, node)) {
    case NODE_PARAM: declare_letters(env, ast_param(ast, node).type); break;
    case NODE_TYPE_NAME: type_declare_letter(env, node); break;
    case NODE_TYPE_APPLY: declare_list(env, ast_call(ast, node).args); break;
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
