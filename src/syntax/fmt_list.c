// Lists in brackets and in braces.
#include "syntax/fmt.h"

bool fmt_is_forced(const Fmt *f, uint32_t open) {
    uint32_t close = f->closers[open], last = fmt_before(f, close);
    return f->ast->token_kinds[last] == TOK_COMMA && fmt_is_broken(f, last, close);
}

// Items that may share lines when there are too many for one.
static bool is_short(const Fmt *f, NodeId n) {
    switch (ast_kind(f->ast, n)) {
    case NODE_INT:
    case NODE_FLOAT:
    case NODE_CHAR:
    case NODE_DURATION:
    case NODE_TRUE:
    case NODE_FALSE: return true;
    case NODE_PAT_WILD: return true;
    case NODE_PAT_VALUE:
    case NODE_NEG: return is_short(f, ast_unary(f->ast, n).child);
    default: return false;
    }
}

static bool are_short(const Fmt *f, AstList items) {
    for (uint32_t i = 0; i < items.count; i++)
        if (!is_short(f, AST_ITEM(items, i)))
            return false;
    return true;
}

// A list or struct that may be broken in place of the arguments it ends.
static bool can_hug(const Fmt *f, NodeId n) {
    switch (ast_kind(f->ast, n)) {
    case NODE_LIST:
    case NODE_MAP: return ast_list(f->ast, n).count > 0;
    case NODE_STRUCT_LIT: return ast_struct_lit(f->ast, n).fields.count > 0;
    case NODE_ARG_NAMED: return can_hug(f, ast_unary(f->ast, n).child);
    default: return false;
    }
}

static void separator(Fmt *f, uint32_t flags, bool is_filled) {
    bool is_row = false;
    if (fmt_at(f, TOK_COMMA)) {
        uint32_t comma = f->at;
        fmt_token(f);
        is_row = fmt_is_broken(f, comma, f->at);
    } else {
        fmt_word(f, WORD_COMMA);
    }
    if (flags & LIST_ROWS)
        fmt_line(f, 1, is_row && !is_filled ? FMT_FILL | FMT_FORCE : FMT_FILL);
    else
        fmt_line(f, 1, 0);
}

static void close_list(Fmt *f, uint32_t blanks) {
    if (fmt_own_ahead(f)) {
        fmt_line(f, 0, 0);
        fmt_close_comments(f);
    }
    fmt_dedent(f);
    f->fresh = true; // no empty line before a closer
    fmt_line(f, blanks, 0);
    f->fresh = false;
    fmt_end(f);
}

static void list_items(Fmt *f, AstList items, FmtItem item, uint32_t flags, bool is_forced) {
    bool are_filled = are_short(f, items), is_single = (flags & LIST_SINGLE) && items.count == 1;
    if (are_filled)
        flags |= LIST_ROWS;
    else if (!is_forced)
        flags &= ~(uint32_t)LIST_ROWS;
    fmt_begin(f, is_forced, flags & LIST_HUG ? 0 : items.count > 1 ? FMT_SPREAD : 0);
    fmt_indent(f);
    f->fresh = true;
    fmt_line(f, 0, 0);
    for (uint32_t i = 0; i < items.count && !f->failed; i++) {
        if (i > 0)
            separator(f, flags, !is_forced);
        f->hug = (flags & LIST_HUG) && i + 1 == items.count && can_hug(f, AST_ITEM(items, i));
        item(f, AST_ITEM(items, i));
    }
    if (is_single)
        fmt_word(f, WORD_COMMA);
    else if (items.count > 0)
        fmt_op(f, FMT_COMMA, 0);
    if (fmt_at(f, TOK_COMMA))
        fmt_skip(f);
    close_list(f, 0);
}

void fmt_list(Fmt *f, AstList items, FmtItem item, uint32_t flags) {
    if (!fmt_at(f, TOK_LPAREN) && !fmt_at(f, TOK_LBRACKET)) {
        f->failed = true;
        return;
    }
    uint32_t open = f->at, head = f->head;
    bool is_replaced = (flags & LIST_TYPES) && fmt_at(f, TOK_LPAREN);
    bool is_forced = items.count > 0 && fmt_is_forced(f, open);
    bool is_hugged = (flags & LIST_ROWS) && f->hug;
    f->head = f->hug = 0;
    if (flags & LIST_GLUED)
        fmt_opener(f, is_replaced);
    else
        fmt_token(f);
    if (is_hugged)
        fmt_op(f, FMT_HUG, 0);
    if (items.count > 0 || fmt_comment_ahead(f))
        list_items(f, items, item, flags, is_forced);
    if (fmt_at(f, TOK_COMMA))
        fmt_skip(f);
    f->failed |= f->at != f->closers[open];
    if (is_replaced)
        fmt_replace(f, WORD_CLOSE);
    else
        fmt_token(f);
    f->head = head;
}

// The next item of a shape, literal or pattern, and what stands behind it.
static void braces_item(Fmt *f, AstList items, uint32_t *next, FmtItem item, uint32_t close) {
    bool is_node = *next < items.count && fmt_first(f, AST_ITEM(items, *next)) == f->at;
    if (!is_node && !fmt_at(f, TOK_RANGE)) {
        f->failed = true;
        return;
    }
    item(f, is_node ? AST_ITEM(items, (*next)++) : (NodeId){0});
    uint32_t after = fmt_at(f, TOK_COMMA) ? fmt_after(f, f->at) : f->at;
    if (after == close) {
        fmt_op(f, FMT_COMMA, 0);
        if (fmt_at(f, TOK_COMMA))
            fmt_skip(f);
        return;
    }
    if (!fmt_eat(f, TOK_COMMA))
        fmt_word(f, WORD_COMMA);
    fmt_line(f, 1, 0);
}

void fmt_braces(Fmt *f, AstList items, FmtItem item, bool is_literal) {
    if (!fmt_at(f, TOK_LBRACE)) {
        f->failed = true;
        return;
    }
    uint32_t open = f->at, close = f->closers[open], head = f->head, next = 0;
    bool is_hugged = is_literal && f->hug;
    uint32_t outer_close = f->close;
    f->head = f->hug = 0;
    f->close = close;
    fmt_token(f);
    bool is_forced = is_literal ? (fmt_is_broken(f, open, f->at) && f->at != close) || fmt_is_forced(f, open)
                                : fmt_is_broken(f, open, close) && f->at != close;
    if (f->at != close || fmt_comment_ahead(f)) {
        if (is_hugged)
            fmt_op(f, FMT_HUG, 0);
        fmt_begin(f, is_forced, FMT_SPREAD);
        fmt_indent(f);
        f->fresh = true;
        fmt_line(f, 1, 0);
        while (f->at != close && !f->failed)
            braces_item(f, items, &next, item, close);
        close_list(f, 1);
    }
    f->failed |= f->at != close || next != items.count;
    fmt_token(f);
    f->head = head;
    f->close = outer_close;
}
