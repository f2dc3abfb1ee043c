// Reports of the parser, and how it finds back.
#include "syntax/parser.h"

Span parse_span(const Parser *p, uint32_t token) {
    return (Span){p->file, p->ast->token_starts[token], p->ast->token_ends[token]};
}

Span parse_span_to(const Parser *p, uint32_t first, uint32_t last) {
    return (Span){p->file, p->ast->token_starts[first], p->ast->token_ends[last]};
}

static Report *report_at(Parser *p, DiagCode code, Span span, const char *format, va_list args) {
    if (p->trying)
        p->failed = true;
    p->mistakes += !p->panicking && !p->trying;
    if (p->panicking || p->trying || p->is_mute || p->report_count++ >= SYNTAX_REPORT_LIMIT)
        return NULL;
    char message[400];
    vsnprintf(message, sizeof message, format, args);
    return diag_report(p->diags, code, span, "%s", message);
}

Report *parse_error(Parser *p, DiagCode code, Span span, const char *format, ...) {
    // The lexer has reported a token that it could not read.
    bool is_known = p->kinds[p->at] == TOK_INVALID || (p->reported == p->at && !p->trying && p->at > 0);
    va_list args;
    va_start(args, format);
    bool was_mute = p->is_mute;
    p->is_mute |= is_known;
    Report *r = report_at(p, code, span, format, args);
    p->is_mute = was_mute;
    va_end(args);
    p->panicking = true;
    if (!p->trying)
        p->reported = p->at;
    return r;
}

Report *parse_complain(Parser *p, DiagCode code, Span span, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Report *r = report_at(p, code, span, format, args);
    va_end(args);
    return r;
}

Text parse_quote(const Parser *p, TokenKind kind) {
    const char *text = token_kind_text(kind);
    return text[0] == '`' ? text_of(text) : arena_printf(p->arena, "`%s`", text);
}

Text parse_describe(const Parser *p, uint32_t token) {
    TokenKind kind = (TokenKind)p->kinds[token];
    Span span = parse_span(p, token);
    Text text = {p->ast->source.data + span.start, span.end - span.start};
    if (text.size > 40)
        text.size = 40;
    switch (kind) {
    case TOK_EOF: return TEXT("the end of the file");
    case TOK_NEWLINE: return TEXT("the end of the line");
    case TOK_NAME: return arena_printf(p->arena, "the name `%.*s`", TEXT_ARG(text));
    case TOK_STRING:
    case TOK_BYTES:
    case TOK_INTERP_BEGIN: return TEXT("a string");
    case TOK_INT:
    case TOK_FLOAT:
    case TOK_DURATION: return arena_printf(p->arena, "the number `%.*s`", TEXT_ARG(text));
    case TOK_CHAR: return arena_printf(p->arena, "the character %.*s", TEXT_ARG(text));
    case TOK_INTERP_TEXT:
    case TOK_INTERP_SPEC:
    case TOK_INTERP_END: return TEXT("the text of a string");
    default: return arena_printf(p->arena, "`%.*s`", TEXT_ARG(text));
    }
}

Report *parse_expected(Parser *p, DiagCode code, const char *what) {
    Span span = parse_span(p, p->at);
    if (parse_at(p, TOK_NEWLINE) || parse_at(p, TOK_EOF)) // point behind what is there
        span.start = span.end = p->ast->token_ends[p->previous];
    return parse_error(p, code, span, "expected %s, found %.*s", what, TEXT_ARG(parse_describe(p, p->at)));
}

void parse_fix_remove(Parser *p, Report *r, uint32_t token, const char *title) {
    if (!r)
        return;
    Span span = parse_span(p, token);
    const char *s = p->ast->source.data;
    while (span.end < p->ast->source.size && (s[span.end] == ' ' || s[span.end] == '\t'))
        span.end++;
    report_fix(r, span, TEXT(""), title);
}

bool parse_expect(Parser *p, TokenKind kind, const char *what) {
    if (parse_eat(p, kind))
        return true;
    parse_expected(p, DIAG_E0110, what);
    return false;
}

void parse_name_keyword(Parser *p, uint32_t token) {
    if (p->trying || p->ast->token_symbols[token].v)
        return;
    Span span = parse_span(p, token);
    p->ast->token_symbols[token] = intern(p->symbols, (Text){p->ast->source.data + span.start, span.end - span.start});
}

TokenId parse_field_name(Parser *p, const char *what) {
    TokenId name = {p->at};
    if (parse_kind(p) < TOK_KW_FUNC || parse_peek_kind(p) != TOK_COLON)
        return parse_name(p, what);
    parse_name_keyword(p, p->at);
    parse_bump(p);
    return name;
}

TokenId parse_name(Parser *p, const char *what) {
    TokenId name = {p->at};
    if (parse_eat(p, TOK_NAME))
        return name;
    TokenKind kind = parse_kind(p);
    if (kind >= TOK_KW_FUNC && !parse_is_line_start(p, p->at)) {
        Text word = parse_describe(p, p->at);
        Report *r = parse_complain(p, DIAG_E0114, parse_span(p, p->at), "expected %s, found the keyword %.*s", what,
                                   TEXT_ARG(word));
        if (r)
            report_help(r, "%.*s is a word of the language; take another name", TEXT_ARG(word));
        parse_name_keyword(p, p->at);
        parse_bump(p);
        return name;
    }
    parse_expected(p, DIAG_E0114, what);
    return (TokenId){0};
}

// ---- finding back ---------------------------------------------------------------------------------------------------

void parse_sync(Parser *p) {
    uint32_t depth = 0, brackets = 0;
    p->skip = SKIP_ALWAYS;
    parse_settle(p);
    for (;; parse_bump(p)) {
        TokenKind kind = parse_kind(p);
        bool is_fresh = p->kinds[p->at - 1] == TOK_NEWLINE || kind == TOK_NEWLINE;
        if (kind == TOK_EOF)
            return;
        // The members of an impl look like declarations; they are indented deeper.
        if (parse_starts_declaration(p, p->at) &&
            (depth == 0 || parse_column(p, p->at) <= parse_line_column(p, p->declaration)))
            return;
        if (depth == 0 && is_fresh && (brackets == 0 || parse_starts_statement(p, p->at)))
            return;
        switch (kind) {
        case TOK_KW_DO: depth++; break;
        case TOK_KW_END:
            if (depth == 0)
                return;
            depth--;
            break;
        case TOK_KW_ELSE:
            if (depth == 0 && brackets == 0)
                return;
            if (depth > 0 && p->kinds[p->at + 1] == TOK_KW_IF)
                depth--;
            break;
        case TOK_LPAREN:
        case TOK_LBRACKET:
        case TOK_LBRACE: brackets++; break;
        case TOK_RPAREN:
        case TOK_RBRACKET:
            if (brackets > 0)
                brackets--;
            break;
        case TOK_RBRACE:
            if (brackets == 0 && depth == 0)
                return;
            if (brackets > 0)
                brackets--;
            break;
        default: break;
        }
    }
}

void parse_sync_item(Parser *p, TokenKind close) {
    uint32_t depth = 0, blocks = 0;
    for (;; parse_bump(p)) {
        TokenKind kind = parse_kind(p);
        if (kind == TOK_EOF || parse_starts_declaration(p, p->at))
            return;
        if (blocks == 0 && parse_starts_statement(p, p->at))
            return;
        if (depth == 0 && blocks == 0 && (kind == TOK_COMMA || kind == close))
            return;
        if (depth == 0 && blocks == 0 && kind == TOK_NEWLINE)
            return;
        switch (kind) {
        case TOK_KW_DO: blocks++; break;
        case TOK_KW_END:
            if (blocks == 0)
                return;
            blocks--;
            break;
        case TOK_KW_ELSE:
            if (blocks > 0 && p->kinds[p->at + 1] == TOK_KW_IF)
                blocks--;
            break;
        case TOK_LPAREN:
        case TOK_LBRACKET:
        case TOK_LBRACE: depth++; break;
        case TOK_RPAREN:
        case TOK_RBRACKET:
        case TOK_RBRACE:
            if (depth == 0 && blocks == 0)
                return;
            depth -= depth > 0;
            break;
        default: break;
        }
    }
}

// A token that begins an item and cannot go on with the one before it.
static bool begins_item(TokenKind kind) {
    switch (kind) {
    case TOK_NAME:
    case TOK_INT:
    case TOK_FLOAT:
    case TOK_CHAR:
    case TOK_STRING:
    case TOK_KW_TRUE:
    case TOK_KW_FALSE:
    case TOK_KW_NULL:
    case TOK_KW_MUT: return true;
    default: return false;
    }
}

bool parse_eat_comma(Parser *p) {
    if (parse_eat(p, TOK_COMMA))
        return true;
    if (p->panicking || p->at == 0 || !begins_item(parse_kind(p)) || parse_is_line_start(p, p->at))
        return false;
    Report *r = parse_complain(p, DIAG_E0110, parse_span(p, p->at), "expected `,` before %.*s",
                               TEXT_ARG(parse_describe(p, p->at)));
    uint32_t end = p->ast->token_ends[p->previous];
    if (r)
        report_fix(r, (Span){p->file, end, end}, TEXT(","), "separate the two");
    return true;
}

bool parse_next_item(Parser *p, uint32_t start, TokenKind close) {
    if (p->panicking)
        parse_sync_item(p, close);
    // Behind |x a second name is rather the body, of a list of parameters that nobody closed.
    bool is_next = close == TOK_PIPE ? parse_eat(p, TOK_COMMA) : parse_eat_comma(p);
    if (!is_next || p->at == start)
        return false;
    p->panicking = p->panicking && p->is_too_deep;
    return true;
}

bool parse_deeper(Parser *p) {
    if (p->depth < SYNTAX_NESTING_LIMIT) {
        p->depth++;
        return true;
    }
    if (!p->is_too_deep) {
        Report *r = parse_error(p, DIAG_E0120, parse_span(p, p->at), "this is nested more than %d levels deep",
                                SYNTAX_NESTING_LIMIT);
        if (r)
            report_help(r, "move an inner part into a function or a variable of its own");
    }
    p->is_too_deep |= !p->trying;
    p->failed = true;
    p->panicking = true;
    parse_skip_nested(p);
    return false;
}

void parse_skip_nested(Parser *p) {
    uint32_t depth = 0;
    for (;; parse_bump(p)) {
        switch (parse_kind(p)) {
        case TOK_EOF: return;
        case TOK_LPAREN:
        case TOK_LBRACKET:
        case TOK_LBRACE:
        case TOK_KW_DO: depth++; break;
        case TOK_RPAREN:
        case TOK_RBRACKET:
        case TOK_RBRACE:
        case TOK_KW_END:
            if (depth == 0)
                return;
            depth--;
            break;
        default:
            if (parse_starts_declaration(p, p->at))
                return;
            break;
        }
    }
}
