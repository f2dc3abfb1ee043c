// Declarations.
#include "syntax/fmt.h"

static void word_and_space(Fmt *f) {
    fmt_token(f);
    fmt_space(f);
}

static void eat_pub(Fmt *f) {
    if (fmt_at(f, TOK_KW_PUB))
        word_and_space(f);
}

// ---- functions ------------------------------------------------------------------------------------------------------

static bool at_mode(const Fmt *f, ParamMode mode) {
    if (mode == MODE_MUT)
        return fmt_at(f, TOK_KW_MUT);
    return mode == MODE_OWN && text_equal(ast_token_text(f->ast, (TokenId){f->at}), TEXT("own"));
}

// Of functions, closures and function types, and fields.
void fmt_param(Fmt *f, NodeId n) {
    AstParam param = ast_param(f->ast, n);
    eat_pub(f);
    if (at_mode(f, param.mode))
        word_and_space(f);
    if (param.pattern.v)
        fmt_pattern(f, param.pattern);
    else if (param.name.v)
        fmt_token(f);
    if (param.type.v) {
        if (param.name.v || param.pattern.v) {
            fmt_expect(f, TOK_COLON);
            fmt_space(f);
        }
        fmt_type(f, param.type);
    }
    if (!param.default_value.v)
        return;
    fmt_space(f);
    fmt_expect(f, TOK_ASSIGN);
    fmt_space(f);
    fmt_expr(f, param.default_value);
}

static void where(Fmt *f, AstList where) {
    if (!fmt_at(f, TOK_KW_WHERE))
        return;
    fmt_begin(f, false, 0);
    fmt_indent(f);
    fmt_line(f, 1, 0);
    word_and_space(f);
    for (uint32_t i = 0; i < where.count; i++) {
        if (i > 0) {
            fmt_expect(f, TOK_COMMA);
            fmt_space(f);
        }
        fmt_type_param(f, AST_ITEM(where, i));
    }
    fmt_dedent(f);
    fmt_end(f);
}

static void attribute(Fmt *f, NodeId n) {
    // a further item of the list behind a colon, `fs.write`, has its first word as its name
    if (f->ast->token_kinds[f->at + 1] == TOK_DOT) {
        fmt_expr(f, ast_unary(f->ast, n).child);
        return;
    }
    fmt_token(f);
    if (!fmt_eat(f, TOK_COLON))
        return;
    fmt_space(f);
    fmt_expr(f, ast_unary(f->ast, n).child);
}

void fmt_attrs(Fmt *f, NodeId n) {
    if (!n.v)
        return;
    AstList list = ast_list(f->ast, n);
    fmt_expect(f, TOK_LATTR);
    fmt_space(f);
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0) {
            fmt_expect(f, TOK_COMMA);
            fmt_space(f);
        }
        attribute(f, AST_ITEM(list, i));
    }
    if (fmt_at(f, TOK_COMMA))
        fmt_skip(f);
    if (list.count > 0)
        fmt_space(f);
    fmt_expect(f, TOK_RATTR);
}

static void function(Fmt *f, NodeId n) {
    AstFunc func = ast_func(f->ast, n);
    eat_pub(f);
    fmt_expect(f, TOK_KW_FUNC);
    fmt_space(f);
    fmt_token(f);
    fmt_type_params(f, func.type_params);
    fmt_list(f, func.params, fmt_param, 0);
    fmt_result(f, func.result);
    where(f, func.where);
    if (func.attrs.v)
        fmt_space(f);
    fmt_attrs(f, func.attrs);
    if (!func.body.v)
        return;
    fmt_space(f);
    fmt_block(f, func.body);
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

static void variant(Fmt *f, NodeId n) {
    AstVariant v = ast_variant(f->ast, n);
    fmt_token(f);
    if (fmt_at(f, TOK_LPAREN)) {
        fmt_list(f, v.fields, fmt_param, 0);
    } else if (fmt_at(f, TOK_LBRACE)) {
        fmt_space(f);
        fmt_braces(f, v.fields, fmt_param, false);
    }
}

static void name(Fmt *f, NodeId n) {
    (void)n;
    fmt_token(f);
}

static void derives(Fmt *f, AstList list) {
    if (!fmt_at(f, TOK_NAME))
        return;
    fmt_space(f);
    fmt_token(f);
    fmt_list(f, list, name, 0);
}

static void shape(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    AstShape s = ast_shape(ast, n);
    eat_pub(f);
    word_and_space(f);
    fmt_token(f);
    fmt_type_params(f, s.type_params);
    if (ast_kind(ast, n) == NODE_ERROR_UNION || ast_kind(ast, n) == NODE_TYPE_ALIAS) {
        fmt_space(f);
        fmt_expect(f, TOK_ASSIGN);
        fmt_begin(f, false, 0);
        fmt_indent(f);
        for (uint32_t i = 0; i < s.members.count; i++) {
            fmt_space(f);
            if (i > 0) {
                fmt_expect(f, TOK_PIPE);
                fmt_line(f, 1, FMT_FILL);
            }
            fmt_type(f, AST_ITEM(s.members, i));
        }
        fmt_dedent(f);
        fmt_end(f);
        return;
    }
    derives(f, s.derives);
    if (s.attrs.v)
        fmt_space(f);
    fmt_attrs(f, s.attrs);
    derives(f, s.derives);
    fmt_space(f);
    fmt_braces(f, s.members, ast_kind(ast, n) == NODE_STRUCT ? fmt_param : variant, false);
}

// ---- traits and impls -----------------------------------------------------------------------------------------------

static void close_members(Fmt *f) {
    if (fmt_own_ahead(f)) {
        fmt_hard(f);
        fmt_close_comments(f);
    }
    fmt_dedent(f);
}

// do … end, also where the source has braces. Commas and semicolons between members are left out.
static void members(Fmt *f, AstList list) {
    bool is_brace = fmt_at(f, TOK_LBRACE);
    uint32_t open = f->at;
    fmt_space(f);
    if (is_brace)
        fmt_replace(f, WORD_DO);
    else
        fmt_expect(f, TOK_KW_DO);
    TokenKind close = is_brace ? TOK_RBRACE : TOK_KW_END;
    bool is_flat = list.count == 0 && fmt_at(f, close) && !fmt_is_broken(f, open, f->at) && !fmt_own_ahead(f);
    if (is_flat) {
        fmt_space(f);
    } else {
        fmt_op(f, FMT_INDENT, FMT_ALWAYS);
        f->fresh = true;
        for (uint32_t i = 0; !f->failed; i++) {
            while (fmt_at(f, TOK_COMMA) || fmt_at(f, TOK_SEMICOLON))
                fmt_skip(f);
            if (i == list.count)
                break;
            fmt_hard(f);
            fmt_declaration(f, AST_ITEM(list, i));
        }
        close_members(f);
        f->fresh = true;
        fmt_hard(f);
    }
    if (is_brace && fmt_at(f, TOK_RBRACE))
        fmt_replace(f, WORD_END);
    else
        fmt_expect(f, TOK_KW_END);
}

static void trait(Fmt *f, NodeId n) {
    AstTrait t = ast_trait(f->ast, n);
    eat_pub(f);
    word_and_space(f);
    fmt_token(f);
    fmt_type_params(f, t.type_params);
    if (fmt_eat(f, TOK_COLON)) {
        fmt_space(f);
        fmt_bounds(f, t.supers);
    }
    where(f, t.where);
    members(f, t.members);
}

static void impl(Fmt *f, NodeId n) {
    AstImpl i = ast_impl(f->ast, n);
    fmt_expect(f, TOK_KW_IMPL);
    if (i.type_params.count > 0)
        fmt_type_params(f, i.type_params);
    fmt_space(f);
    if (i.trait_type.v) {
        fmt_type(f, i.trait_type);
        fmt_space(f);
        fmt_expect(f, TOK_KW_FOR);
        fmt_space(f);
    }
    fmt_type(f, i.self_type);
    where(f, i.where);
    members(f, i.members);
}

// ---- the others -----------------------------------------------------------------------------------------------------

static void import(Fmt *f, NodeId n) {
    AstImport i = ast_import(f->ast, n);
    eat_pub(f);
    word_and_space(f);
    for (uint32_t k = 0; k < i.path.count; k++) {
        if (k > 0)
            fmt_expect(f, TOK_DOT);
        fmt_token(f);
    }
    if (!i.alias.v)
        return;
    fmt_space(f);
    fmt_expect(f, TOK_KW_AS);
    fmt_space(f);
    fmt_token(f);
}

// const name: T = value; type Item: A + B; type Item = T
static void constant(Fmt *f, NodeId n) {
    AstConstDecl c = ast_const_decl(f->ast, n);
    eat_pub(f);
    word_and_space(f);
    fmt_token(f);
    if (c.type.v) {
        fmt_expect(f, TOK_COLON);
        fmt_space(f);
        if (ast_kind(f->ast, n) == NODE_ASSOC_TYPE)
            fmt_bounds(f, ast_list(f->ast, c.type));
        else
            fmt_type(f, c.type);
    }
    if (!c.value.v)
        return;
    fmt_space(f);
    fmt_expect(f, TOK_ASSIGN);
    fmt_space(f);
    if (ast_kind(f->ast, n) == NODE_ASSOC_TYPE)
        fmt_type(f, c.value);
    else
        fmt_expr(f, c.value);
}

void fmt_declaration(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    switch (ast_kind(ast, n)) {
    case NODE_IMPORT: import(f, n); break;
    case NODE_FUNC: function(f, n); break;
    case NODE_STRUCT:
    case NODE_ENUM:
    case NODE_ERROR:
    case NODE_ERROR_UNION:
    case NODE_TYPE_ALIAS: shape(f, n); break;
    case NODE_TRAIT: trait(f, n); break;
    case NODE_IMPL: impl(f, n); break;
    case NODE_CONST:
    case NODE_ASSOC_TYPE: constant(f, n); break;
    case NODE_TEST:
        word_and_space(f);
        word_and_space(f);
        fmt_block(f, ast_test(ast, n).body);
        break;
    case NODE_ATTRS: fmt_attrs(f, n); break;
    default: f->failed = true; break;
    }
}
