// Walking over tokens, and what is known of them without parsing.
#include "syntax/parser.h"

const uint8_t parse_skips[TOK_COUNT] = {
    [TOK_DOC] = SKIP_ALWAYS,
    [TOK_MODULE_DOC] = SKIP_ALWAYS,
    [TOK_NEWLINE] = SKIP_IN_BRACKETS,
};

uint32_t parse_peek(const Parser *p, uint32_t from) {
    if (p->kinds[from] == TOK_EOF && from > 0)
        return from;
    from++;
    while (parse_skips[p->kinds[from]] & p->skip)
        from++;
    return from;
}

uint32_t parse_peek_inside(const Parser *p, uint32_t from) {
    if (p->kinds[from] == TOK_EOF)
        return from;
    do
        from++;
    while (parse_skips[p->kinds[from]]);
    return from;
}

uint32_t parse_path_end(const Parser *p, uint32_t name) {
    for (;;) {
        uint32_t dot = parse_peek(p, name), next = parse_peek(p, dot);
        if (p->kinds[name] != TOK_NAME || p->kinds[dot] != TOK_DOT || p->kinds[next] != TOK_NAME)
            return name;
        name = next;
    }
}

void parse_pass(Parser *p, uint32_t last) {
    while (p->at <= last && !parse_at(p, TOK_EOF))
        parse_bump(p);
}

TokenKind parse_peek_kind(const Parser *p) {
    return (TokenKind)p->kinds[parse_peek(p, p->at)];
}

Text parse_text(const Parser *p, uint32_t token) {
    uint32_t start = p->ast->token_starts[token];
    return (Text){p->ast->source.data + start, p->ast->token_ends[token] - start};
}

bool parse_is_word(const Parser *p, uint32_t token, const char *word) {
    return p->kinds[token] == TOK_NAME && text_equal(parse_text(p, token), text_of(word));
}

bool parse_at_word(const Parser *p, const char *word) {
    return parse_is_word(p, p->at, word);
}

bool parse_is_line_start(const Parser *p, uint32_t token) {
    uint32_t before = token - 1;
    while (before > 0 && (p->kinds[before] == TOK_DOC || p->kinds[before] == TOK_MODULE_DOC))
        before--;
    if (before == 0 || p->kinds[before] == TOK_NEWLINE || before != token - 1)
        return true;
    // Where the line goes on there is no NEWLINE token: look at the text.
    const char *s = p->ast->source.data;
    for (uint32_t i = p->ast->token_starts[token]; i > p->ast->token_ends[before]; i--)
        if (s[i - 1] == '\n')
            return true;
    return false;
}

bool parse_is_adjacent(const Parser *p, uint32_t token) {
    return p->ast->token_ends[token] == p->ast->token_starts[token + 1];
}

bool parse_is_capital(const Parser *p, uint32_t token) {
    if (p->kinds[token] == TOK_KW_SELF_TYPE)
        return true;
    char c = p->ast->source.data[p->ast->token_starts[token]];
    return p->kinds[token] == TOK_NAME && c >= 'A' && c <= 'Z';
}

void parse_skip_newlines(Parser *p) {
    while (parse_at(p, TOK_NEWLINE))
        parse_bump(p);
}

uint32_t parse_matching(const Parser *p, uint32_t open) {
    uint32_t depth = 0;
    for (uint32_t i = open; p->kinds[i] != TOK_EOF; i++) {
        switch (p->kinds[i]) {
        case TOK_LPAREN:
        case TOK_LBRACKET:
        case TOK_LBRACE: depth++; break;
        case TOK_RPAREN:
        case TOK_RBRACKET:
        case TOK_RBRACE:
            if (--depth == 0)
                return i;
            break;
        default: break;
        }
    }
    return 0;
}

static bool is_foreign_func(const Parser *p, uint32_t token) {
    return (parse_is_word(p, token, "fn") || parse_is_word(p, token, "def") || parse_is_word(p, token, "fun") ||
            parse_is_word(p, token, "function")) &&
           p->kinds[token + 1] == TOK_NAME && parse_is_line_start(p, token);
}

// `type Name = …` of a module; those of traits and impls are indented.
static bool is_alias(const Parser *p, uint32_t token) {
    uint32_t start = p->ast->token_starts[token];
    return parse_is_word(p, token, "type") && p->kinds[token + 1] == TOK_NAME &&
           (start == 0 || p->ast->source.data[start - 1] == '\n');
}

// `error name => …`: a pattern that is none, but no declaration either.
static bool is_arm(const Parser *p, uint32_t token) {
    return p->kinds[token] == TOK_KW_ERROR && p->kinds[token + 1] == TOK_NAME && p->kinds[token + 2] == TOK_FAT_ARROW;
}

bool parse_starts_declaration(const Parser *p, uint32_t token) {
    TokenKind next = (TokenKind)p->kinds[token] == TOK_EOF ? TOK_EOF : (TokenKind)p->kinds[token + 1];
    if (next == TOK_COLON || next == TOK_FAT_ARROW || is_arm(p, token)) // a field, an arm of a `match`
        return false;
    switch (p->kinds[token]) {
    case TOK_KW_FUNC: return next != TOK_LPAREN && parse_is_line_start(p, token);
    case TOK_KW_PUB:
    case TOK_KW_IMPORT:
    case TOK_KW_STRUCT:
    case TOK_KW_ENUM:
    case TOK_KW_ERROR:
    case TOK_KW_TRAIT:
    case TOK_KW_IMPL:
    case TOK_KW_CONST: return parse_is_line_start(p, token);
    case TOK_NAME:
        return parse_is_line_start(p, token) && ((parse_is_word(p, token, "test") && next == TOK_STRING) ||
                                                 (parse_is_word(p, token, "capability") && next == TOK_NAME) ||
                                                 is_alias(p, token) || is_foreign_func(p, token));
    default: return false;
    }
}

bool parse_starts_statement(const Parser *p, uint32_t token) {
    switch (p->kinds[token]) {
    case TOK_KW_LET:
    case TOK_KW_VAR:
    case TOK_KW_WHILE:
    case TOK_KW_FOR:
    case TOK_KW_DEFER:
    case TOK_KW_ERRDEFER: return p->kinds[token + 1] != TOK_COLON && parse_is_line_start(p, token);
    default: return parse_starts_declaration(p, token);
    }
}

bool parse_starts_expression(TokenKind kind) {
    switch (kind) {
    case TOK_NAME:
    case TOK_INT:
    case TOK_FLOAT:
    case TOK_DURATION:
    case TOK_CHAR:
    case TOK_STRING:
    case TOK_BYTES:
    case TOK_INTERP_BEGIN:
    case TOK_LPAREN:
    case TOK_LBRACKET:
    case TOK_QUESTION:
    case TOK_MINUS:
    case TOK_TILDE:
    case TOK_PIPE:
    case TOK_RANGE:
    case TOK_RANGE_LT:
    case TOK_RANGE_EQ:
    case TOK_BANG:
    case TOK_AMP:
    case TOK_STAR:
    case TOK_UNDERSCORE:
    case TOK_KW_FUNC:
    case TOK_KW_MUT:
    case TOK_KW_IF:
    case TOK_KW_MATCH:
    case TOK_KW_DO:
    case TOK_KW_LOOP:
    case TOK_KW_WHILE:
    case TOK_KW_FOR:
    case TOK_KW_BREAK:
    case TOK_KW_CONTINUE:
    case TOK_KW_RETURN:
    case TOK_KW_FAIL:
    case TOK_KW_NOT:
    case TOK_KW_TRUE:
    case TOK_KW_FALSE:
    case TOK_KW_NULL:
    case TOK_KW_SELF:
    case TOK_KW_SELF_TYPE:
    case TOK_KW_DYN:
    case TOK_KW_NURSERY: return true;
    default: return false;
    }
}

uint32_t parse_column(const Parser *p, uint32_t token) {
    uint32_t start = p->ast->token_starts[token], at = start;
    // Only used to compare indentations: the start of a very long line need not be found.
    while (at > 0 && p->ast->source.data[at - 1] != '\n' && start - at < 1000)
        at--;
    return start - at;
}

uint32_t parse_line_column(const Parser *p, uint32_t token) {
    const char *s = p->ast->source.data;
    uint32_t start = p->ast->token_starts[token] - parse_column(p, token), at = start;
    while (at < p->ast->token_starts[token] && (s[at] == ' ' || s[at] == '\t'))
        at++;
    return at - start;
}

Context parse_context(const Parser *p) {
    return (Context){p->skip, p->parens, p->squares, p->braces, p->no_struct};
}

void parse_resume(Parser *p, Context outer) {
    p->skip = outer.skip;
    p->parens = outer.parens;
    p->squares = outer.squares;
    p->braces = outer.braces;
    p->no_struct = outer.no_struct;
}

bool parse_at_stray_closer(const Parser *p) {
    TokenKind kind = parse_kind(p);
    return (kind == TOK_RPAREN && p->parens == 0) || (kind == TOK_RBRACKET && p->squares == 0) ||
           (kind == TOK_RBRACE && p->braces == 0);
}

Context parse_enter(Parser *p, bool skip_newlines) {
    Context outer = parse_context(p);
    TokenKind kind = parse_kind(p);
    p->parens += kind == TOK_LPAREN;
    p->squares += kind == TOK_LBRACKET;
    p->braces += kind == TOK_LBRACE;
    p->skip = skip_newlines ? SKIP_ALWAYS | SKIP_IN_BRACKETS : SKIP_ALWAYS;
    p->no_struct = false;
    parse_bump(p);
    return outer;
}

void parse_restore(Parser *p, Context outer) {
    // Newlines that were passed over inside come back into sight.
    if ((p->skip & SKIP_IN_BRACKETS) && !(outer.skip & SKIP_IN_BRACKETS)) {
        while (p->at > p->previous + 1 && p->kinds[p->at - 1] != TOK_NEWLINE)
            p->at--;
        if (p->at > p->previous + 1)
            p->at--;
    }
    parse_resume(p, outer);
}

// A string that its line ended before its quotes did.
static bool is_broken_string(const Parser *p, uint32_t token) {
    Text text = parse_text(p, token);
    switch (p->kinds[token]) {
    case TOK_STRING:
    case TOK_BYTES: return text.size < 2 || text.data[text.size - 1] != '"' || text.data[text.size - 2] == '\\';
    case TOK_INTERP_END: return text.size == 0;
    default: return false;
    }
}

void parse_leave(Parser *p, Context outer, TokenKind close, uint32_t open, const char *after) {
    if (parse_at(p, close)) {
        parse_resume(p, outer);
        parse_bump(p);
        return;
    }
    TokenKind kind = parse_kind(p);
    bool is_closer =
        kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE || kind == TOK_KW_END || kind == TOK_KW_DO;
    bool is_unclosed = kind == TOK_EOF || is_closer || parse_is_line_start(p, p->at);
    if (is_unclosed && is_broken_string(p, p->previous)) {
        p->mistakes++;
        p->panicking = true; // it swallowed the closer, and was reported
    } else if (is_unclosed) {
        if (close == TOK_RBRACE && !p->trying)
            p->closing = CLOSING_MISSING;
        Report *r = parse_error(p, DIAG_E0124, parse_span(p, open), "this %.*s is not closed",
                                TEXT_ARG(parse_quote(p, (TokenKind)p->kinds[open])));
        if (r) {
            report_note(r, parse_span(p, p->at), "%.*s stands where %.*s is expected",
                        TEXT_ARG(parse_describe(p, p->at)), TEXT_ARG(parse_quote(p, close)));
        }
    } else {
        Report *r = parse_error(p, DIAG_E0110, parse_span(p, p->at), "expected `,` or %.*s after %s, found %.*s",
                                TEXT_ARG(parse_quote(p, close)), after, TEXT_ARG(parse_describe(p, p->at)));
        if (r)
            report_note(r, parse_span(p, open), "the list starts here");
        if (r && parse_at(p, TOK_KW_FOR) && close == TOK_RBRACKET)
            report_help(r, "a list is made of another by `xs.iter().filter(|x| …).map(|x| …).collect()`");
        parse_sync_item(p, close);
        if (parse_at(p, close)) {
            parse_resume(p, outer);
            parse_bump(p);
            p->panicking = p->is_too_deep && p->panicking ? p->panicking : false;
            return;
        }
    }
    parse_restore(p, outer);
}
