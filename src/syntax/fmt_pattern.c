// Patterns.
#include "syntax/fmt.h"

static void bind(Fmt *f, NodeId n) {
    AstPatBind pattern = ast_pat_bind(f->ast, n);
    if (fmt_eat(f, TOK_KW_MUT))
        fmt_space(f);
    fmt_token(f);
    if (!pattern.pattern.v)
        return;
    fmt_space(f);
    fmt_expect(f, TOK_AT);
    fmt_space(f);
    fmt_pattern(f, pattern.pattern);
}

static void field(Fmt *f, NodeId n) {
    if (!n.v) {
        fmt_expect(f, TOK_RANGE);
        return;
    }
    if (fmt_eat(f, TOK_KW_MUT))
        fmt_space(f);
    fmt_token(f);
    if (!fmt_eat(f, TOK_COLON))
        return;
    fmt_space(f);
    fmt_pattern(f, ast_unary(f->ast, n).child);
}

static void alternatives(Fmt *f, NodeId n) {
    AstList list = ast_list(f->ast, n);
    fmt_begin(f, false, 0);
    fmt_indent(f);
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0) {
            fmt_space(f);
            fmt_expect(f, TOK_PIPE);
            fmt_line(f, 1, FMT_FILL);
        }
        fmt_pattern(f, AST_ITEM(list, i));
    }
    fmt_dedent(f);
    fmt_end(f);
}

static void rest(Fmt *f, NodeId n) {
    fmt_expect(f, TOK_RANGE);
    if (fmt_eat(f, TOK_KW_MUT))
        fmt_space(f);
    if (ast_pat_bind(f->ast, n).name.v)
        fmt_token(f);
}

static void range(Fmt *f, NodeId n) {
    AstBinary bounds = ast_binary(f->ast, n);
    if (bounds.left.v)
        fmt_expr(f, bounds.left);
    fmt_token(f);
    if (bounds.right.v)
        fmt_expr(f, bounds.right);
}

static void pattern_inner(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    switch (ast_kind(ast, n)) {
    case NODE_PAT_WILD:
        if (fmt_at(f, TOK_KW_ELSE))
            fmt_replace(f, WORD_WILD);
        else
            fmt_token(f);
        break;
    case NODE_PAT_BIND: bind(f, n); break;
    case NODE_PAT_VALUE: fmt_expr(f, ast_unary(ast, n).child); break;
    case NODE_PAT_RANGE: range(f, n); break;
    case NODE_PAT_OR: alternatives(f, n); break;
    case NODE_PAT_VARIANT:
        fmt_expr(f, ast_call(ast, n).callee);
        fmt_list(f, ast_call(ast, n).args, fmt_pattern, 0);
        break;
    case NODE_PAT_STRUCT:
        fmt_type(f, ast_pat_struct(ast, n).type);
        fmt_space(f);
        fmt_braces(f, ast_pat_struct(ast, n).fields, field, true);
        break;
    case NODE_PAT_TUPLE: fmt_list(f, ast_list(ast, n), fmt_pattern, LIST_SINGLE); break;
    case NODE_PAT_LIST: fmt_list(f, ast_list(ast, n), fmt_pattern, 0); break;
    case NODE_PAT_REST: rest(f, n); break;
    default: f->failed = true; break;
    }
}

void fmt_pattern(Fmt *f, NodeId n) {
    uint32_t count = 0;
    while (f->at < fmt_first(f, n) && fmt_at(f, TOK_LPAREN)) {
        fmt_token(f);
        count++;
    }
    pattern_inner(f, n);
    while (count-- > 0)
        fmt_expect(f, TOK_RPAREN);
}
