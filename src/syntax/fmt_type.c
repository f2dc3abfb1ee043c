// Types, and the lists of type parameters.
#include "syntax/fmt.h"

void fmt_bounds(Fmt *f, AstList types) {
    for (uint32_t i = 0; i < types.count; i++) {
        if (i > 0) {
            fmt_space(f);
            fmt_expect(f, TOK_PLUS);
            fmt_space(f);
        }
        fmt_type(f, AST_ITEM(types, i));
    }
}

void fmt_type_param(Fmt *f, NodeId n) {
    AstTypeParam param = ast_type_param(f->ast, n);
    fmt_token(f);
    while (fmt_eat(f, TOK_DOT)) // behind where: an associated type
        fmt_token(f);
    if (!fmt_eat(f, TOK_COLON))
        return;
    fmt_space(f);
    if (param.is_type_value)
        fmt_token(f);
    else
        fmt_bounds(f, param.bounds);
}

void fmt_type_params(Fmt *f, AstList params) {
    if (fmt_at(f, TOK_LBRACKET))
        fmt_list(f, params, fmt_type_param, 0);
}

void fmt_result(Fmt *f, NodeId type) {
    if (!type.v)
        return;
    fmt_space(f);
    if (!fmt_eat(f, TOK_ARROW))
        fmt_word(f, WORD_ARROW);
    fmt_space(f);
    fmt_type(f, type);
}

static void func_type(Fmt *f, NodeId n) {
    AstFuncType type = ast_func_type(f->ast, n);
    if (!fmt_at(f, TOK_KW_FUNC)) {
        fmt_token(f);
        fmt_space(f);
    }
    fmt_expect(f, TOK_KW_FUNC);
    fmt_list(f, type.params, fmt_param, 0);
    fmt_result(f, type.result);
}

static void path(Fmt *f, NodeId n) {
    AstList parts = ast_list(f->ast, n);
    for (uint32_t i = 0; i < parts.count; i++) {
        if (i > 0)
            fmt_expect(f, TOK_DOT);
        fmt_token(f);
    }
}

static void prefixed(Fmt *f, NodeId n, bool is_word) {
    NodeId child = ast_unary(f->ast, n).child;
    fmt_token(f);
    // On one line `mut func` is one type, on two it is the projection of a function; `**` would be one token.
    if (ast_kind(f->ast, n) == NODE_TYPE_MUT && fmt_at(f, TOK_KW_FUNC))
        fmt_op(f, FMT_HARD, 0);
    else if (is_word || (ast_kind(f->ast, n) == NODE_TYPE_POINTER && fmt_at(f, TOK_STAR)))
        fmt_space(f);
    fmt_type(f, child);
}

static void optional(Fmt *f, NodeId n) {
    NodeId child = ast_unary(f->ast, n).child;
    bool is_double = fmt_at(f, TOK_COALESCE); // one token of two types
    fmt_token(f);
    fmt_type(f, is_double ? ast_unary(f->ast, child).child : child);
}

static void type_argument(Fmt *f, NodeId n) {
    NodeKind kind = ast_kind(f->ast, n);
    if (kind >= NODE_TYPE_NAME && kind <= NODE_TYPE_TYPE)
        fmt_type(f, n);
    else
        fmt_expr(f, n);
}

// Where an expression may stand, `Type[name]` would be an index, and parentheses a call.
static void apply(Fmt *f, NodeId n) {
    AstCall call = ast_call(f->ast, n);
    bool is_outermost = f->is_type_outermost;
    f->is_type_outermost = false;
    fmt_type(f, call.callee);
    uint32_t flags = LIST_GLUED | (f->type_value ? 0 : LIST_TYPES);
    bool is_name = call.args.count == 1 && ast_kind(f->ast, AST_ITEM(call.args, 0)) == NODE_TYPE_NAME;
    if (is_outermost && is_name && f->ast->token_kinds[f->closers[f->at] + 1] != TOK_LBRACE)
        flags |= LIST_SINGLE;
    fmt_list(f, call.args, type_argument, flags);
}

static void type_inner(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    f->is_type_outermost &= ast_kind(ast, n) == NODE_TYPE_APPLY;
    switch (ast_kind(ast, n)) {
    case NODE_TYPE_NAME: path(f, n); break;
    case NODE_TYPE_APPLY: apply(f, n); break;
    case NODE_TYPE_LIST:
        fmt_expect(f, TOK_LBRACKET);
        fmt_expect(f, TOK_RBRACKET);
        fmt_type(f, ast_unary(ast, n).child);
        break;
    case NODE_TYPE_ARRAY:
        fmt_expect(f, TOK_LBRACKET);
        fmt_expr(f, ast_binary(ast, n).left);
        fmt_expect(f, TOK_RBRACKET);
        fmt_type(f, ast_binary(ast, n).right);
        break;
    case NODE_TYPE_OPTIONAL: optional(f, n); break;
    case NODE_TYPE_RESULT:
        if (ast_binary(ast, n).left.v)
            fmt_type(f, ast_binary(ast, n).left);
        fmt_expect(f, TOK_BANG);
        fmt_type(f, ast_binary(ast, n).right);
        break;
    case NODE_TYPE_FUNC: func_type(f, n); break;
    case NODE_TYPE_TUPLE: fmt_list(f, ast_list(ast, n), fmt_type, LIST_SINGLE); break;
    case NODE_TYPE_LET:
    case NODE_TYPE_MUT:
    case NODE_TYPE_DYN: prefixed(f, n, true); break;
    case NODE_TYPE_POINTER: prefixed(f, n, false); break;
    case NODE_TYPE_TYPE: fmt_token(f); break;
    default: f->failed = true; break;
    }
}

void fmt_type(Fmt *f, NodeId n) {
    uint32_t count = 0;
    while (f->at < fmt_first(f, n) && fmt_at(f, TOK_LPAREN)) {
        fmt_token(f);
        count++;
    }
    type_inner(f, n);
    while (count-- > 0)
        fmt_expect(f, TOK_RPAREN);
}
