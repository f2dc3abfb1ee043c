// The N of `[N]T`: an integer literal, or arithmetic over literals and constants.
#include "sema/tables.h"

enum { LENGTH_DEPTH = 32 };
static const int64_t LENGTH_LIMIT = (int64_t)1 << 40;

typedef struct {
    Sema *sema;
    ModuleId module; // of the expression being read
    uint32_t depth;
} LengthReader;

static bool read_value(LengthReader *r, NodeId node, int64_t *value);

static bool read_constant(LengthReader *r, DeclId decl, int64_t *value) {
    if (decl.v == 0 || program_decl(r->sema->program, decl)->kind != DECL_CONST || r->depth >= LENGTH_DEPTH)
        return false;
    const Decl *row = program_decl(r->sema->program, decl);
    NodeId init = ast_const_decl(program_ast(r->sema->program, decl), row->node).value;
    if (init.v == 0)
        return false;
    ModuleId outer = r->module;
    r->module = row->module;
    r->depth++;
    bool ok = read_value(r, init, value);
    r->depth--;
    r->module = outer;
    return ok;
}

static bool read_member(LengthReader *r, const Ast *ast, NodeId node, int64_t *value) {
    NodeId base = ast_unary(ast, node).child;
    if (ast_kind(ast, base) != NODE_NAME)
        return false;
    DeclId import = sema_lookup(r->sema, r->module, ast_symbol(ast, ast_token(ast, base)));
    if (import.v == 0 || program_decl(r->sema->program, import)->kind != DECL_IMPORT)
        return false;
    ModuleId module = sema_import_target(r->sema, import).module;
    if (module.v == 0)
        return false;
    return read_constant(r, sema_module_member(r->sema, module, ast_symbol(ast, ast_token(ast, node))), value);
}

static bool read_binary(LengthReader *r, const Ast *ast, NodeId node, int64_t *value) {
    AstBinary parts = ast_binary(ast, node);
    int64_t a, b;
    if (!read_value(r, parts.left, &a) || !read_value(r, parts.right, &b))
        return false;
    switch (ast_token_kind(ast, ast_token(ast, node))) {
    case TOK_PLUS: return !__builtin_add_overflow(a, b, value);
    case TOK_MINUS: return !__builtin_sub_overflow(a, b, value);
    case TOK_STAR: return !__builtin_mul_overflow(a, b, value);
    case TOK_SLASH:
        if (b <= 0)
            return false;
        *value = a / b;
        return true;
    case TOK_PERCENT:
        if (b <= 0)
            return false;
        *value = a % b;
        return true;
    case TOK_SHL:
        if (b < 0 || b > 40 || a < 0 || a > LENGTH_LIMIT >> b)
            return false;
        *value = a << b;
        return true;
    default: return false;
    }
}

static bool read_value(LengthReader *r, NodeId node, int64_t *value) {
    const Ast *ast = program_module(r->sema->program, r->module)->ast;
    switch (ast_kind(ast, node)) {
    case NODE_INT: {
        AstIntValue literal = ast_int_value(ast, ast_token(ast, node));
        *value = literal.overflow || literal.high != 0 || literal.low > INT64_MAX ? INT64_MAX : (int64_t)literal.low;
        return true;
    }
    case NODE_NEG:
        if (!read_value(r, ast_unary(ast, node).child, value) || *value == INT64_MIN)
            return false;
        *value = -*value;
        return true;
    case NODE_NAME:
        return read_constant(r, sema_lookup(r->sema, r->module, ast_symbol(ast, ast_token(ast, node))), value);
    case NODE_FIELD: return read_member(r, ast, node, value);
    case NODE_BINARY: return read_binary(r, ast, node, value);
    default: return false;
    }
}

uint64_t type_array_length(Env *env, NodeId node, bool *ok) {
    const Ast *ast = program_module(env->sema->program, env->module)->ast;
    *ok = false;
    if (node.v == 0 || ast_kind(ast, node) == NODE_INVALID)
        return 0;
    SymbolId name = ast_symbol(ast, ast_token(ast, node));
    if (ast_kind(ast, node) == NODE_NAME && sema_lookup(env->sema, env->module, name).v == 0) {
        Report *report = REPORT_AT(env->sema, E0203, ast_span(ast, node), "there is no `%.*s`",
                                   SYMBOL_ARG(env->sema->program, name));
        report_label(report, "not known here");
        link_suggest(env->sema, report, env->module, name, ast_span(ast, node));
        return 0;
    }
    LengthReader reader = {.sema = env->sema, .module = env->module};
    int64_t value = 0;
    if (!read_value(&reader, node, &value)) {
        Report *report =
            REPORT_AT(env->sema, E0351, ast_span(ast, node), "the length of an array is not known when compiling");
        report_label(report, "neither an integer nor made of integer constants");
        report_help(report, "use a `const`, or a list `[]T` where the length is known only when running");
        return 0;
    }
    if (value < 0 || value > LENGTH_LIMIT) {
        Report *report = REPORT_AT(env->sema, E0352, ast_span(ast, node), "an array cannot have this length");
        report_label(report, value < 0 ? "this is negative" : "this is too large");
        return 0;
    }
    *ok = true;
    return (uint64_t)value;
}
