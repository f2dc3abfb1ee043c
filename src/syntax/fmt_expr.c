// Expressions without a body: literals, names, brackets, operators.
#include "syntax/fmt.h"

// ---- operators ------------------------------------------------------------------------------------------------------

bool fmt_is_operator(NodeKind kind) {
    switch (kind) {
    case NODE_BINARY:
    case NODE_COMPARE:
    case NODE_AND:
    case NODE_OR:
    case NODE_COALESCE:
    case NODE_PIPELINE:
    case NODE_RANGE:
    case NODE_CAST: return true;
    default: return false;
    }
}

// Operators of one level stand in one chain: a + b - c is broken at both or, as terms are, where the line is full.
static int level_of(TokenKind kind) {
    switch (kind) {
    case TOK_PLUS:
    case TOK_MINUS:
    case TOK_CONCAT: return 1;
    case TOK_STAR:
    case TOK_SLASH:
    case TOK_PERCENT: return 2;
    case TOK_SHL:
    case TOK_SHR: return 3;
    default: return 16 + (int)kind;
    }
}

static bool is_same_chain(const Fmt *f, NodeId n, NodeId left) {
    const Ast *ast = f->ast;
    return ast_kind(ast, left) == ast_kind(ast, n) && fmt_first(f, left) == fmt_first(f, n) &&
           ast_token_kind(ast, ast_token(ast, n)) != TOK_POWER && // groups to the right
           level_of(ast_token_kind(ast, ast_token(ast, left))) == level_of(ast_token_kind(ast, ast_token(ast, n)));
}

static void operator_and_line(Fmt *f, NodeKind kind) {
    uint8_t flags = kind == NODE_BINARY ? FMT_FILL : 0;
    if (kind == NODE_PIPELINE) {
        fmt_line(f, 1, fmt_is_broken(f, fmt_before(f, f->at), f->at) ? FMT_FORCE : 0);
        fmt_expect(f, TOK_PIPELINE);
        fmt_space(f);
        return;
    }
    fmt_space(f);
    fmt_token(f);
    fmt_line(f, 1, flags);
}

static void operator_chain(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    NodeKind kind = ast_kind(ast, n);
    uint32_t base = f->spine.count, head = f->head, steps = head ? 2 : 1;
    f->head = 0;
    for (;;) {
        vec_push(&f->spine, n.v);
        NodeId left = ast_binary(ast, n).left;
        if (!is_same_chain(f, n, left))
            break;
        n = left;
    }
    fmt_begin(f, false, 0);
    for (uint32_t i = 0; i < steps; i++)
        fmt_indent(f);
    fmt_expr(f, ast_binary(ast, n).left);
    while (f->spine.count > base) {
        NodeId link = {vec_pop(&f->spine)};
        operator_and_line(f, kind);
        fmt_expr(f, ast_binary(ast, link).right);
    }
    for (uint32_t i = 0; i < steps; i++)
        fmt_dedent(f);
    fmt_end(f);
    f->head = head;
}

static void range(Fmt *f, NodeId n) {
    AstBinary bounds = ast_binary(f->ast, n);
    if (bounds.left.v)
        fmt_expr(f, bounds.left);
    if (fmt_at(f, TOK_RANGE_LT))
        fmt_replace(f, WORD_RANGE);
    else
        fmt_token(f);
    if (bounds.right.v)
        fmt_expr(f, bounds.right);
}

void fmt_operator(Fmt *f, NodeId n) {
    AstBinary binary = ast_binary(f->ast, n);
    if (ast_kind(f->ast, n) == NODE_RANGE) {
        range(f, n);
    } else if (ast_kind(f->ast, n) == NODE_CAST) {
        fmt_expr(f, binary.left);
        fmt_space(f);
        fmt_expect(f, TOK_KW_AS);
        fmt_space(f);
        fmt_type(f, binary.right);
    } else {
        operator_chain(f, n);
    }
}

// ---- chains of calls ------------------------------------------------------------------------------------------------

void fmt_args(Fmt *f, AstList args) {
    fmt_list(f, args, fmt_expr, LIST_HUG);
}

static NodeId link_base(const Fmt *f, NodeId n) {
    switch (ast_kind(f->ast, n)) {
    case NODE_FIELD:
    case NODE_TRY: return ast_unary(f->ast, n).child;
    case NODE_OPT_FIELD: return ast_unary(f->ast, ast_unary(f->ast, n).child).child; // of an OPT_BASE
    case NODE_CALL:
    case NODE_INDEX: return ast_call(f->ast, n).callee;
    default: return (NodeId){0};
    }
}

static bool is_dot(const Fmt *f, NodeId n) {
    return ast_kind(f->ast, n) == NODE_FIELD || ast_kind(f->ast, n) == NODE_OPT_FIELD;
}

// Is the base short enough for its first call to stay with it? `self.f()`, `Type.new()`, `xs.iter()`.
static bool is_short_base(const Fmt *f, NodeId n) {
    Text text = ast_token_text(f->ast, ast_token(f->ast, n));
    switch (ast_kind(f->ast, n)) {
    case NODE_TYPE_EXPR: return true;
    case NODE_NAME: return text.size <= 4 || (text.data[0] >= 'A' && text.data[0] <= 'Z');
    default: return false;
    }
}

// A `.` directly behind `?` would be read with it as `?.`.
static bool needs_line(const Fmt *f, NodeId n) {
    NodeId base = link_base(f, n);
    return ast_kind(f->ast, base) == NODE_TRY && fmt_first(f, base) == fmt_first(f, n);
}

// `Type[name]` is an index as long as nothing but a path stands in the brackets (parse_operand.c), `Type[name,]` a
// type.
static bool is_path(const Fmt *f, NodeId n) {
    while (ast_kind(f->ast, n) == NODE_FIELD)
        n = ast_unary(f->ast, n).child;
    return ast_kind(f->ast, n) == NODE_NAME;
}

static void index_of(Fmt *f, AstList args) {
    if (args.count != 1 || !is_path(f, AST_ITEM(args, 0)) || f->ast->token_kinds[f->closers[f->at] - 1] == TOK_COMMA) {
        fmt_list(f, args, fmt_expr, 0);
        return;
    }
    fmt_expect(f, TOK_LBRACKET);
    fmt_expr(f, AST_ITEM(args, 0));
    fmt_expect(f, TOK_RBRACKET);
}

static bool is_capital(const Fmt *f, NodeId n) {
    char first = ast_token_text(f->ast, ast_token(f->ast, n)).data[0];
    bool is_name = ast_kind(f->ast, n) == NODE_NAME || ast_kind(f->ast, n) == NODE_FIELD;
    return is_name && first >= 'A' && first <= 'Z';
}

static void link_of_chain(Fmt *f, NodeId n, bool may_break) {
    const Ast *ast = f->ast;
    NodeId base = link_base(f, n);
    NodeKind below = ast_kind(ast, base);
    bool is_adjacent = ast->token_ends[fmt_before(f, f->at)] == ast->token_starts[f->at];
    switch (ast_kind(ast, n)) {
    case NODE_FIELD:
    case NODE_OPT_FIELD:
        if (may_break)
            fmt_line(f, 0, fmt_is_broken(f, fmt_before(f, f->at), f->at) || needs_line(f, n) ? FMT_FORCE : 0);
        else if (!is_adjacent && (below == NODE_INT || below == NODE_FLOAT || below == NODE_DURATION))
            fmt_space(f); // `1 .0` is no float
        fmt_pair(f);
        break;
    case NODE_TRY:
        if (below == NODE_TRY && fmt_first(f, base) == fmt_first(f, n))
            fmt_space(f); // `??` is another operator
        fmt_expect(f, TOK_QUESTION);
        break;
    case NODE_CALL: fmt_args(f, ast_call(ast, n).args); break;
    default:
        if (!is_adjacent && is_capital(f, base))
            fmt_space(f); // `Name[x]` would be a type
        index_of(f, ast_call(ast, n).args);
        break;
    }
}

// The links of a chain stand on the spine, the outermost first. How many method calls may start a line, and the first
// link that may.
static uint32_t count_breaks(const Fmt *f, uint32_t base, uint32_t *first) {
    uint32_t count = 0;
    bool is_kept = is_short_base(f, link_base(f, (NodeId){vec_last(&f->spine)}));
    bool is_forced = false;
    for (uint32_t i = f->spine.count; i > base; i--) {
        NodeId n = {f->spine.items[i - 1]};
        bool is_call = i - 1 > base && ast_kind(f->ast, (NodeId){f->spine.items[i - 2]}) == NODE_CALL;
        if (is_dot(f, n) && needs_line(f, n)) {
            is_forced = true;
        } else if (!is_dot(f, n) || !is_call) {
            is_kept = is_kept && is_dot(f, n);
            continue;
        }
        if (is_kept && !is_forced) {
            is_kept = false;
            continue;
        }
        if (count++ == 0)
            *first = i - 1;
    }
    return count > 1 || is_forced ? count : 0;
}

void fmt_chain(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    uint32_t base = f->spine.count, first = 0, steps = f->head ? 2 : 1;
    for (NodeId at = n, below; (below = link_base(f, at)).v; at = below) {
        vec_push(&f->spine, at.v);
        if (fmt_first(f, below) != fmt_first(f, at)) // in parentheses
            break;
    }
    bool is_broken = count_breaks(f, base, &first) > 0;
    if (is_broken)
        fmt_begin(f, false, 0);
    fmt_expr(f, link_base(f, (NodeId){vec_last(&f->spine)}));
    bool is_indented = false;
    while (f->spine.count > base) {
        NodeId link = {vec_pop(&f->spine)};
        bool is_call = f->spine.count > base && ast_kind(ast, (NodeId){vec_last(&f->spine)}) == NODE_CALL;
        bool may_break = is_broken && f->spine.count <= first && is_dot(f, link) && (is_call || needs_line(f, link));
        for (uint32_t i = 0; may_break && !is_indented && i < steps; i++)
            fmt_indent(f);
        is_indented |= may_break;
        link_of_chain(f, link, may_break);
    }
    for (uint32_t i = 0; is_indented && i < steps; i++)
        fmt_dedent(f);
    if (is_broken)
        fmt_end(f);
}

// ---- literals -------------------------------------------------------------------------------------------------------

static void interpolation(Fmt *f) {
    uint32_t depth = 0, last = f->at;
    for (;; last++) {
        TokenKind kind = (TokenKind)f->ast->token_kinds[last];
        depth += kind == TOK_INTERP_BEGIN;
        if (kind == TOK_EOF || (kind == TOK_INTERP_END && --depth == 0))
            break;
    }
    fmt_verbatim(f, last);
}

static void repeat(Fmt *f, NodeId n) {
    fmt_expect(f, TOK_LBRACKET);
    fmt_expr(f, ast_binary(f->ast, n).left);
    fmt_expect(f, TOK_SEMICOLON);
    fmt_space(f);
    fmt_expr(f, ast_binary(f->ast, n).right);
    fmt_expect(f, TOK_RBRACKET);
}

static void map(Fmt *f, NodeId n) {
    AstList entries = ast_list(f->ast, n);
    if (entries.count > 0) {
        fmt_list(f, entries, fmt_expr, LIST_ROWS);
        return;
    }
    fmt_expect(f, TOK_LBRACKET);
    fmt_expect(f, TOK_COLON);
    fmt_expect(f, TOK_RBRACKET);
}

static void field_init(Fmt *f, NodeId n) {
    if (n.v) {
        fmt_token(f);
        if (!fmt_eat(f, TOK_COLON))
            return;
        fmt_space(f);
        fmt_expr(f, ast_unary(f->ast, n).child);
        return;
    }
    uint32_t start = fmt_after(f, f->at), first = f->base.v ? fmt_first(f, f->base) : 0;
    while (start < first && f->ast->token_kinds[start] == TOK_LPAREN)
        start++;
    if (start == first) {
        fmt_expect(f, TOK_RANGE);
        fmt_expr(f, f->base);
        return;
    }
    // One that another `..` replaces is no part of the tree.
    uint32_t last = f->at;
    for (uint32_t next = last + 1; next < f->close && f->ast->token_kinds[next] != TOK_COMMA; next++) {
        next = f->closers[next] ? f->closers[next] : next;
        last = f->ast->token_kinds[next] == TOK_NEWLINE ? last : next;
    }
    fmt_verbatim(f, last);
}

static void struct_literal(Fmt *f, NodeId n) {
    AstStructLit literal = ast_struct_lit(f->ast, n);
    NodeId outer = f->base;
    uint32_t hug = f->hug;
    f->hug = 0;
    fmt_type(f, literal.type);
    fmt_space(f);
    f->base = literal.base;
    f->hug = hug;
    fmt_braces(f, literal.fields, field_init, true);
    f->base = outer;
}

static void map_entry(Fmt *f, NodeId n) {
    fmt_expr(f, ast_binary(f->ast, n).left);
    fmt_expect(f, TOK_COLON);
    fmt_space(f);
    fmt_expr(f, ast_binary(f->ast, n).right);
}

static void type_value(Fmt *f, NodeId n) {
    bool outer = f->type_value;
    f->type_value = f->is_type_outermost = true;
    fmt_type(f, ast_unary(f->ast, n).child);
    f->type_value = outer;
}

static void word_before(Fmt *f, NodeId n) {
    fmt_token(f);
    fmt_space(f);
    fmt_expr(f, ast_unary(f->ast, n).child);
}

static void expr_inner(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    switch (ast_kind(ast, n)) {
    case NODE_INT:
    case NODE_FLOAT:
    case NODE_DURATION:
    case NODE_CHAR:
    case NODE_STRING:
    case NODE_BYTES:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_NULL:
    case NODE_NAME: fmt_token(f); break;
    case NODE_INTERP: interpolation(f); break;
    case NODE_FIELD:
    case NODE_OPT_FIELD:
    case NODE_CALL:
    case NODE_INDEX:
    case NODE_TRY: fmt_chain(f, n); break;
    case NODE_ARG_NAMED:
        fmt_token(f);
        fmt_expect(f, TOK_COLON);
        fmt_space(f);
        fmt_expr(f, ast_unary(ast, n).child);
        break;
    case NODE_NOT:
    case NODE_ARG_MUT: word_before(f, n); break;
    case NODE_NEG:
    case NODE_BIT_NOT:
        fmt_token(f);
        fmt_expr(f, ast_unary(ast, n).child);
        break;
    case NODE_TYPE_EXPR: type_value(f, n); break;
    case NODE_LIST: fmt_list(f, ast_list(ast, n), fmt_expr, LIST_ROWS); break;
    case NODE_MAP: map(f, n); break;
    case NODE_MAP_ENTRY: map_entry(f, n); break;
    case NODE_REPEAT: repeat(f, n); break;
    case NODE_TUPLE: fmt_list(f, ast_list(ast, n), fmt_expr, LIST_SINGLE); break;
    case NODE_STRUCT_LIT: struct_literal(f, n); break;
    default:
        if (fmt_is_operator(ast_kind(ast, n)))
            fmt_operator(f, n);
        else
            fmt_control(f, n);
        break;
    }
}

// Parentheses are not in the tree: they are the tokens before its first one.
void fmt_expr(Fmt *f, NodeId n) {
    uint32_t count = 0, head = f->head;
    while (n.v && f->at < fmt_first(f, n) && fmt_at(f, TOK_LPAREN)) {
        f->head = 0;
        fmt_token(f);
        fmt_begin(f, false, 0);
        fmt_indent(f);
        fmt_line(f, 0, 0);
        count++;
    }
    if (f->failed || !n.v || f->at != fmt_first(f, n)) {
        f->failed = true;
        return;
    }
    expr_inner(f, n);
    while (count-- > 0) {
        fmt_dedent(f);
        fmt_line(f, 0, 0);
        fmt_end(f);
        fmt_expect(f, TOK_RPAREN);
    }
    f->head = head;
}
