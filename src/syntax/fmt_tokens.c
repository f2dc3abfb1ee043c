// The cursor over the tokens, and the comments between them.
#include "syntax/fmt.h"

static bool is_passed_over(const Fmt *f, uint32_t token) {
    TokenKind kind = (TokenKind)f->ast->token_kinds[token];
    return kind == TOK_NEWLINE || kind == TOK_DOC || kind == TOK_MODULE_DOC;
}

static void push(Fmt *f, FmtKind kind, uint8_t flags, uint32_t at, uint32_t size) {
    vec_push(&f->ops, ((FmtOp){(uint8_t)kind, flags, at, size, 0}));
}

void fmt_op(Fmt *f, FmtKind kind, uint8_t flags) {
    push(f, kind, flags, 0, 0);
}

void fmt_word(Fmt *f, FmtWord word) {
    push(f, FMT_WORD, 0, word, 0);
}

uint32_t fmt_before(const Fmt *f, uint32_t token) {
    do
        token--;
    while (token > 0 && is_passed_over(f, token));
    return token;
}

uint32_t fmt_after(const Fmt *f, uint32_t token) {
    do
        token++;
    while (is_passed_over(f, token));
    return token;
}

// ---- comments -------------------------------------------------------------------------------------------------------

// Comments on one line, and where they stand between the tokens.
typedef struct {
    uint32_t start, end; // 0, 0: none
    uint32_t newlines;   // before it, since the last comment or token
    uint32_t after;      // where the search goes on
    bool is_followed;    // by the next token, on the same line
    bool has_newline;
} Comment;

static uint32_t block_end(const char *s, uint32_t at, uint32_t limit) {
    uint32_t depth = 0;
    while (at + 1 < limit) {
        if (s[at] == '/' && s[at + 1] == '*') {
            depth++;
            at += 2;
        } else if (s[at] == '*' && s[at + 1] == '/') {
            at += 2;
            if (--depth == 0)
                return at;
        } else {
            at++;
        }
    }
    return limit;
}

static uint32_t skip_blanks(const char *s, uint32_t at, uint32_t limit) {
    while (at < limit && (s[at] == ' ' || s[at] == '\t' || s[at] == '\r'))
        at++;
    return at;
}

static bool is_comment(const char *s, uint32_t at, uint32_t limit) {
    bool is_shebang = s[at] == '#' && limit - at > 1 && s[at + 1] == '!'; // the first line of a file
    return is_shebang || (s[at] == '/' && at + 1 < limit && (s[at + 1] == '/' || s[at + 1] == '*'));
}

// The next comment from `at`, before the token at the cursor.
static Comment next_comment(const Fmt *f, uint32_t at) {
    const char *s = f->ast->source.data;
    uint32_t limit = f->ast->token_starts[f->at];
    Comment c = {0};
    for (; at < limit && !is_comment(s, at, limit); at++)
        c.newlines = s[at] == '\n' ? c.newlines + 1 : s[at] == ' ' || s[at] == '\t' || s[at] == '\r' ? c.newlines : 0;
    c.after = at;
    if (at >= limit)
        return c;
    c.start = at;
    for (;;) {
        if (s[at + 1] == '*' && s[at] == '/') {
            at = block_end(s, at, limit);
        } else {
            const char *end = memchr(s + at, '\n', limit - at);
            at = end ? (uint32_t)(end - s) : limit;
        }
        c.end = at;
        uint32_t next = skip_blanks(s, at, limit);
        if (next >= limit || !is_comment(s, next, limit) || s[next] == '#')
            break;
        at = next;
    }
    c.after = c.end;
    c.has_newline = memchr(s + c.start, '\n', c.end - c.start) != NULL;
    c.is_followed = skip_blanks(s, c.end, limit) == limit && fmt_kind(f) != TOK_EOF;
    c.end -= s[c.end - 1] == '\r';
    return c;
}

static inline bool has_gap(const Fmt *f) {
    return f->ast->token_starts[f->at] > f->scanned + 1;
}

static void push_comment(Fmt *f, FmtKind kind, const Comment *c, uint8_t flags) {
    push(f, kind, (uint8_t)(flags | (c->has_newline ? FMT_MULTILINE : 0)), c->start, c->end - c->start);
    f->scanned = c->after;
}

static bool is_closing(TokenKind kind) {
    return kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_COMMA || kind == TOK_DOT || kind == TOK_COLON ||
           kind == TOK_QUESTION || kind == TOK_QUESTION_DOT;
}

static bool is_doc(const Fmt *f, const Comment *c) {
    const char *s = f->ast->source.data + c->start;
    return c->end - c->start >= 3 && memcmp(s, "///", 3) == 0 && !(c->end - c->start > 3 && s[3] == '/');
}

// What stands between the last token and the one at the cursor.
static void write_comments(Fmt *f, bool is_before_closer) {
    if (!has_gap(f))
        return;
    bool is_first = true, was_doc = false;
    Comment c;
    for (;;) {
        c = next_comment(f, f->scanned);
        if (!c.end)
            break;
        if (c.is_followed && !c.has_newline) {
            if (!is_first && c.newlines > 1 && !is_before_closer)
                fmt_op(f, FMT_BLANK, 0);
            push_comment(f, FMT_INLINE, &c, is_closing(fmt_kind(f)) ? 0 : FMT_GAP);
            return;
        }
        if (!is_first && c.newlines > 1)
            fmt_op(f, FMT_BLANK, 0);
        was_doc = is_doc(f, &c);
        push_comment(f, FMT_OWN, &c, 0);
        is_first = false;
    }
    if (!is_first && c.newlines > 1 && !is_before_closer && !was_doc)
        fmt_op(f, FMT_BLANK, 0);
    f->scanned = c.after;
}

// A comment behind the last token, on its line.
static void write_trail(Fmt *f) {
    const char *s = f->ast->source.data;
    uint32_t limit = f->ast->token_starts[f->at], at = skip_blanks(s, f->scanned, limit);
    if (at >= limit || !is_comment(s, at, limit))
        return;
    Comment c = next_comment(f, at);
    if (c.is_followed && !c.has_newline)
        return;
    push_comment(f, FMT_TRAIL, &c, 0);
}

bool fmt_comment_ahead(const Fmt *f) {
    return has_gap(f) && next_comment(f, f->scanned).end != 0;
}

bool fmt_own_ahead(const Fmt *f) {
    if (!has_gap(f))
        return false;
    Comment c = next_comment(f, f->scanned);
    return c.end && (!c.is_followed || c.has_newline);
}

void fmt_close_comments(Fmt *f) {
    write_comments(f, true);
}

// ---- line ends ------------------------------------------------------------------------------------------------------

// Is there an empty line before what comes next? A comma that is left out may stand between.
static bool is_empty_ahead(const Fmt *f) {
    if (!has_gap(f))
        return false;
    const char *s = f->ast->source.data;
    uint32_t limit = f->ast->token_starts[f->at], newlines = 0;
    for (uint32_t at = f->scanned; at < limit && !is_comment(s, at, limit); at++)
        newlines += s[at] == '\n';
    return newlines > 1;
}

void fmt_line(Fmt *f, uint32_t blanks, uint8_t flags) {
    bool is_empty = !f->fresh && is_empty_ahead(f);
    f->fresh = false;
    push(f, FMT_LINE, (uint8_t)(flags | (is_empty ? FMT_EMPTY : 0) | (fmt_own_ahead(f) ? FMT_FORCE : 0)), 0, blanks);
}

void fmt_hard(Fmt *f) {
    bool is_empty = !f->fresh && is_empty_ahead(f);
    f->fresh = false;
    push(f, FMT_HARD, is_empty ? FMT_EMPTY : 0, 0, 0);
}

// ---- tokens ---------------------------------------------------------------------------------------------------------

static void advance(Fmt *f) {
    f->at = fmt_after(f, f->at);
}

static void consumed(Fmt *f, uint32_t last) {
    f->scanned = f->ast->token_ends[last];
    f->at = last;
    advance(f);
    if (f->ast->token_starts[f->at] > f->scanned + 1)
        write_trail(f);
}

static void write_source(Fmt *f, uint32_t first, uint32_t last) {
    uint32_t start = f->ast->token_starts[first], size = f->ast->token_ends[last] - start;
    bool is_multiline = size > 1 && memchr(f->ast->source.data + start, '\n', size) != NULL;
    push(f, FMT_TEXT, is_multiline ? FMT_MULTILINE : 0, start, size);
}

void fmt_token(Fmt *f) {
    if (f->failed || fmt_at(f, TOK_EOF)) {
        f->failed = true;
        return;
    }
    write_comments(f, false);
    write_source(f, f->at, f->at);
    consumed(f, f->at);
}

void fmt_pair(Fmt *f) {
    uint32_t second = fmt_after(f, f->at);
    if (f->failed || fmt_at(f, TOK_EOF) || f->ast->token_kinds[second] == TOK_EOF) {
        f->failed = true;
        return;
    }
    uint32_t first = f->at;
    write_comments(f, false);
    f->scanned = f->ast->token_ends[first];
    f->at = second;
    write_comments(f, false); // between them: before both
    write_source(f, first, first);
    write_source(f, second, second);
    consumed(f, second);
}

void fmt_opener(Fmt *f, bool is_square) {
    if (f->failed || fmt_at(f, TOK_EOF)) {
        f->failed = true;
        return;
    }
    bool has_comment = fmt_comment_ahead(f);
    if (is_square)
        fmt_word(f, WORD_OPEN);
    else
        write_source(f, f->at, f->at);
    vec_last(&f->ops).flags |= FMT_GLUED;
    if (has_comment)
        advance(f); // the search for comments passes over it
    else
        consumed(f, f->at);
}

void fmt_expect(Fmt *f, TokenKind kind) {
    f->failed |= !fmt_at(f, kind);
    fmt_token(f);
}

bool fmt_eat(Fmt *f, TokenKind kind) {
    if (!fmt_at(f, kind))
        return false;
    fmt_token(f);
    return true;
}

void fmt_replace(Fmt *f, FmtWord word) {
    if (f->failed || fmt_at(f, TOK_EOF)) {
        f->failed = true;
        return;
    }
    write_comments(f, false);
    fmt_word(f, word);
    consumed(f, f->at);
}

void fmt_skip(Fmt *f) {
    if (f->failed || fmt_at(f, TOK_EOF)) {
        f->failed = true;
        return;
    }
    // Comments before it stay to be written with the next token: the search for them passes over what it is.
    if (!fmt_comment_ahead(f)) {
        consumed(f, f->at);
        return;
    }
    advance(f);
}

void fmt_verbatim(Fmt *f, uint32_t last) {
    if (f->failed || last < f->at) {
        f->failed = true;
        return;
    }
    write_comments(f, false);
    write_source(f, f->at, last);
    consumed(f, last);
}

bool fmt_is_broken(const Fmt *f, uint32_t from, uint32_t to) {
    uint32_t start = f->ast->token_ends[from], end = f->ast->token_starts[to];
    return end > start && memchr(f->ast->source.data + start, '\n', end - start) != NULL;
}
