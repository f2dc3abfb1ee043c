// Do two files mean the same? The formatter's results are held to this before they replace anything.
#include "syntax/format.h"

// ---- tokens ---------------------------------------------------------------------------------------------------------

// What stands for this kind where the formatter chooses between spellings; EOF: it may be left out.
static TokenKind meaning(TokenKind kind) {
    switch (kind) {
    case TOK_NEWLINE:
    case TOK_DOC:
    case TOK_MODULE_DOC:
    case TOK_COMMA:
    case TOK_SEMICOLON:
    case TOK_ARROW: return TOK_NEWLINE;
    case TOK_LPAREN: return TOK_LBRACKET; // type arguments
    case TOK_RPAREN: return TOK_RBRACKET;
    case TOK_KW_DO: return TOK_LBRACE; // impls and traits
    case TOK_KW_END: return TOK_RBRACE;
    case TOK_KW_ELSE: return TOK_UNDERSCORE; // in a match
    case TOK_RANGE_LT: return TOK_RANGE;
    default: return kind;
    }
}

typedef struct {
    const Ast *ast;
    uint32_t at;
    bool is_half; // behind the first half of a `??` that stands for two `?`
} Cursor;

static TokenKind next_kind(Cursor *c) {
    for (bool is_else = c->ast->token_kinds[c->at] == TOK_KW_ELSE;;) {
        TokenKind kind = (TokenKind)c->ast->token_kinds[++c->at];
        if (is_else && kind == TOK_KW_DO)
            is_else = false;
        else if (meaning(kind) != TOK_NEWLINE)
            return meaning(kind);
    }
}

static bool is_spelled(TokenKind kind) {
    return kind == TOK_NAME || (kind >= TOK_INT && kind <= TOK_INTERP_END);
}

static bool same_tokens(const Ast *a, const Ast *b) {
    Cursor left = {a, 0, false}, right = {b, 0, false};
    for (;;) {
        TokenKind l = left.is_half ? TOK_QUESTION : next_kind(&left);
        TokenKind r = right.is_half ? TOK_QUESTION : next_kind(&right);
        left.is_half = !left.is_half && l == TOK_COALESCE && r == TOK_QUESTION;
        right.is_half = !right.is_half && r == TOK_COALESCE && l == TOK_QUESTION;
        if (left.is_half || right.is_half)
            continue;
        if (l != r)
            return false;
        if (l == TOK_EOF)
            return true;
        if (is_spelled(l) && !text_equal(ast_token_text(a, (TokenId){left.at}), ast_token_text(b, (TokenId){right.at})))
            return false;
    }
}

// ---- comments -------------------------------------------------------------------------------------------------------

typedef struct {
    const Ast *ast;
    uint32_t at, token; // the next place and the first token from there on
} Comments;

static uint32_t comment_end(const char *s, uint32_t at, uint32_t limit) {
    uint32_t depth = 0;
    if (s[at + 1] != '*') {
        const char *end = memchr(s + at, '\n', limit - at);
        return end ? (uint32_t)(end - s) : limit;
    }
    for (; at + 1 < limit; at++) {
        bool opens = s[at] == '/' && s[at + 1] == '*', closes = s[at] == '*' && s[at + 1] == '/';
        depth = depth + opens - closes;
        at += opens || closes;
        if (depth == 0)
            return at + 1;
    }
    return limit;
}

// The next comment; empty at the end of the file.
static Text next_comment(Comments *c) {
    const Ast *ast = c->ast;
    const char *s = ast->source.data;
    for (;;) {
        while (ast->token_kinds[c->token] == TOK_DOC || ast->token_kinds[c->token] == TOK_MODULE_DOC ||
               ast->token_kinds[c->token] == TOK_NEWLINE)
            c->token++;
        uint32_t limit = ast->token_starts[c->token];
        while (c->at < limit && s[c->at] != '/' && s[c->at] != '#')
            c->at++;
        if (c->at < limit) {
            uint32_t start = c->at, end = comment_end(s, start, limit);
            c->at = end;
            end -= s[end - 1] == '\r';
            return (Text){s + start, end - start};
        }
        if (ast->token_kinds[c->token] == TOK_EOF)
            return (Text){0};
        c->at = ast->token_ends[c->token++];
    }
}

static bool same_comments(const Ast *a, const Ast *b) {
    Comments left = {a, 0, 1}, right = {b, 0, 1};
    for (;;) {
        Text l = next_comment(&left), r = next_comment(&right);
        if (!text_equal(l, r))
            return false;
        if (l.size == 0)
            return true;
    }
}

bool syntax_same(const Ast *a, const Ast *b) {
    return a->node_count == b->node_count && memcmp(a->node_kinds, b->node_kinds, a->node_count) == 0 &&
           memcmp(a->node_firsts, b->node_firsts, sizeof(uint32_t) * a->node_count) == 0 && same_tokens(a, b) &&
           same_comments(a, b);
}
