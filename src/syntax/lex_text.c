// Strings, characters and interpolation: delimiters and escapes. Their values are read later, by astdb/ast_literal.c.
#include "syntax/lexer.h"

typedef enum { ESCAPES_TEXT, ESCAPES_BYTES, ESCAPES_CHAR } EscapeRules;

static bool is_hex(char c) {
    return lex_is(c, LEX_HEX);
}

static uint32_t hex_digit(char c) {
    return c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 32) - 'a' + 10);
}

// After `\u`: the braces, one to six digits, a scalar value. Returns where it ends.
static uint32_t check_unicode(Lexer *lexer, uint32_t start, EscapeRules rules) {
    const char *s = lexer->source;
    uint32_t at = start + 2, value = 0, digits = 0;
    if (rules == ESCAPES_BYTES) {
        Report *r = lex_report(lexer, DIAG_E0105, start, at, "`\\u` has no meaning in a byte string");
        if (r)
            report_help(r, "write the bytes one by one, each as `\\x00` to `\\xff`");
        return at;
    }
    if (s[at] == '{') {
        for (at++; is_hex(s[at]); at++, digits++)
            value = value > 0xffffff ? value : value * 16 + hex_digit(s[at]);
        if (s[at] == '}' && digits > 0) {
            at++;
            if (value <= 0x10ffff && (value < 0xd800 || value > 0xdfff))
                return at;
            Report *r = lex_report(lexer, DIAG_E0105, start, at, "U+%04X is not a Unicode scalar value", value);
            if (r)
                report_help(r, "scalars are 0 to D7FF and E000 to 10FFFF");
            return at;
        }
    }
    Report *r = lex_report(lexer, DIAG_E0105, start, at, "`\\u` needs hexadecimal digits in braces");
    if (r)
        report_help(r, "like `\\u{1F600}`");
    return at;
}

// At a backslash: reports what is wrong and returns where the escape ends.
static uint32_t check_escape(Lexer *lexer, uint32_t start, EscapeRules rules) {
    const char *s = lexer->source;
    switch (s[start + 1]) {
    case 'n':
    case 't':
    case 'r':
    case '0':
    case '\\':
    case '"':
    case '\'': return start + 2;
    case 'u': return check_unicode(lexer, start, rules);
    case 'x':
        if (!is_hex(s[start + 2]) || !is_hex(s[start + 3])) {
            lex_report(lexer, DIAG_E0105, start, start + 2, "`\\x` needs two hexadecimal digits");
            return start + 2;
        }
        if (rules != ESCAPES_BYTES && hex_digit(s[start + 2]) > 7) {
            Report *r =
                lex_report(lexer, DIAG_E0105, start, start + 4, "`%.4s` is not ASCII, and text is UTF-8", s + start);
            if (r) {
                Text scalar = arena_printf(lexer->arena, "\\u{%.2s}", s + start + 2);
                report_fix(r, (Span){lexer->file, start, start + 4}, scalar, "name the character by its scalar value");
                report_help(r, "a byte string `b\"…\"` may hold any byte");
            }
        }
        return start + 4;
    default: break;
    }
    uint32_t scalar, size = start + 1 < lexer->size ? lex_decode(lexer, start + 1, &scalar) : 0;
    if (size == 0 || s[start + 1] == '\n' || s[start + 1] == '\r')
        return start + 1; // the line or the file ends: the string is not closed, which is reported
    Report *r =
        lex_report(lexer, DIAG_E0105, start, start + 1 + size, "unknown escape `%.*s`", (int)size + 1, s + start);
    if (r) {
        report_help(r, "escapes are \\n \\t \\r \\0 \\\\ \\\" \\' \\x41 and \\u{1F600}");
        report_fix(r, (Span){lexer->file, start, start}, TEXT("\\"), "double the backslash to have one");
    }
    return start + 1 + size;
}

// ---- strings --------------------------------------------------------------------------------------------------------

// A string that the end of its line ends. Inside a hole, the hole is what lacks its end.
static void report_unclosed(Lexer *lexer, uint32_t start, uint32_t end, const char *what, const char *close) {
    if (lexer->holes.count > 0) {
        lexer->at = end;
        lex_interpolation_abandon(lexer);
        return;
    }
    Report *r = lex_report(lexer, DIAG_E0104, start, end, "this %s is not closed on its line", what);
    if (r) {
        report_help(r, "close it with `%s`; text of several lines stands in `\"\"\"…\"\"\"`", close);
        report_label(r, "it starts here");
    }
}

static bool is_multi_line(const Lexer *lexer, uint32_t at) {
    return memcmp(lexer->source + at, "\"\"\"", 3) == 0;
}

// The lines of a multi-line string have at least the indentation of its closing quotes.
static void check_indentation(Lexer *lexer, uint32_t body, uint32_t close) {
    const char *s = lexer->source;
    uint32_t line = close;
    while (line > body && s[line - 1] != '\n')
        line--;
    if (line == body)
        return; // all on one line
    uint32_t indent = close - line;
    for (uint32_t i = line; i < close; i++)
        if (s[i] != ' ' && s[i] != '\t')
            return; // text before the closing quotes: nothing is taken off
    const char *margin = s + line;
    uint32_t at = body;
    while (at < line) {
        const char *end = memchr(s + at, '\n', close - at);
        uint32_t next = (uint32_t)(end - s) + 1, i = 0;
        while (i < indent && s[at + i] == margin[i])
            i++;
        bool is_blank = i < indent && (s[at + i] == '\n' || s[at + i] == '\r');
        if (at != body && i < indent && !is_blank) {
            Report *r = lex_report(lexer, DIAG_E0109, at, at + i + 1, "this line starts before the closing quotes");
            if (r) {
                report_note(r, (Span){lexer->file, close, close + 3},
                            "the closing quotes set the indentation that is taken off each line");
                report_help(r, "indent the line as far as the closing quotes, or move these to the left");
            }
            return;
        }
        at = next;
    }
}

static void lex_multi_line(Lexer *lexer, uint32_t start) {
    const char *s = lexer->source;
    uint32_t body = lexer->at + 3, at = body;
    while (at < lexer->size && !is_multi_line(lexer, at)) {
        if (s[at] == '\\' && at + 1 < lexer->size)
            at = check_escape(lexer, at, ESCAPES_TEXT);
        else
            at++;
    }
    if (at >= lexer->size) {
        Report *r = lex_report(lexer, DIAG_E0104, start, start + 3, "this multi-line string is never closed");
        if (r)
            report_help(r, "close it with `\"\"\"`");
        at = lexer->size;
        lex_push(lexer, TOK_STRING, start, at);
    } else {
        check_indentation(lexer, body, at);
        at += 3;
        lex_push(lexer, TOK_STRING, start, at);
    }
    lexer->at = at;
}

void lex_string(Lexer *lexer, uint32_t start) {
    const char *s = lexer->source;
    bool is_bytes = start != lexer->at;
    if (!is_bytes && is_multi_line(lexer, lexer->at)) {
        lex_multi_line(lexer, start);
        return;
    }
    uint32_t at = lexer->at + 1;
    while (at < lexer->size && s[at] != '"' && s[at] != '\n') {
        if (s[at] == '\\') {
            at = check_escape(lexer, at, is_bytes ? ESCAPES_BYTES : ESCAPES_TEXT);
        } else {
            if (is_bytes && (uint8_t)s[at] >= 0x80) {
                uint32_t scalar, size = lex_decode(lexer, at, &scalar);
                Report *r = lex_report(lexer, DIAG_E0105, at, at + (size ? size : 1),
                                       "a byte string holds ASCII and escapes only");
                if (r)
                    report_help(r, "write its UTF-8 bytes as `\\x…`, or a text and `.bytes()`");
                at += size ? size - 1 : 0;
            }
            at++;
        }
    }
    if (at < lexer->size && s[at] == '"') {
        lexer->at = at + 1;
        lex_push(lexer, is_bytes ? TOK_BYTES : TOK_STRING, start, at + 1);
        return;
    }
    if (at > lexer->size)
        at = lexer->size;
    uint32_t end = at > start + 1 && s[at - 1] == '\r' ? at - 1 : at;
    lexer->at = at;
    lex_push(lexer, is_bytes ? TOK_BYTES : TOK_STRING, start, end);
    report_unclosed(lexer, start, end, is_bytes ? "byte string" : "string", "\"");
}

void lex_raw_string(Lexer *lexer, uint32_t start) {
    const char *s = lexer->source;
    uint32_t at = lexer->at + 1;
    while (at < lexer->size && s[at] != '"' && s[at] != '\n')
        at++;
    if (at < lexer->size && s[at] == '"') {
        lexer->at = at + 1;
        lex_push(lexer, TOK_STRING, start, at + 1);
        return;
    }
    uint32_t end = s[at - 1] == '\r' ? at - 1 : at;
    lexer->at = at;
    lex_push(lexer, TOK_STRING, start, end);
    report_unclosed(lexer, start, end, "raw string", "\"");
}

// ---- characters -----------------------------------------------------------------------------------------------------

// Where the quote that closes a malformed character stands, on this line; 0 if there is none near.
static uint32_t find_quote(const Lexer *lexer, uint32_t at) {
    for (uint32_t i = at; i < lexer->size && i < at + 200 && lexer->source[i] != '\n'; i++)
        if (lexer->source[i] == '\'' && lexer->source[i - 1] != '\\')
            return i;
    return 0;
}

static void report_long_char(Lexer *lexer, uint32_t start, uint32_t at) {
    const char *s = lexer->source;
    uint32_t quote = find_quote(lexer, at);
    if (quote == 0) {
        Report *r = lex_report(lexer, DIAG_E0106, start, at, "this character literal is not closed");
        if (r)
            report_help(r, "a character stands between single quotes: 'c'");
        lexer->at = at;
    } else {
        Report *r = lex_report(lexer, DIAG_E0106, start, quote + 1, "a character literal holds one character");
        if (r) {
            Text text = arena_printf(lexer->arena, "\"%.*s\"", (int)(quote - start - 1), s + start + 1);
            report_fix(r, (Span){lexer->file, start, quote + 1}, text, "write a String in double quotes");
        }
        lexer->at = quote + 1;
    }
}

void lex_char(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at, at = start + 1, scalar;
    if (s[at] == '\'') {
        Report *r = lex_report(lexer, DIAG_E0106, start, at + 1, "a character literal is empty");
        if (r)
            report_help(r, "an apostrophe is '\\''; the empty text is \"\"");
        lexer->at = at + 1;
    } else if (at >= lexer->size || s[at] == '\n' || s[at] == '\r') {
        lex_report(lexer, DIAG_E0106, start, at, "this character literal is not closed");
        lexer->at = at;
    } else {
        uint32_t size = lex_decode(lexer, at, &scalar);
        at = s[at] == '\\' ? check_escape(lexer, at, ESCAPES_CHAR) : at + (size ? size : 1);
        if (s[at] == '\'')
            lexer->at = at + 1;
        else
            report_long_char(lexer, start, at);
    }
    lex_push(lexer, TOK_CHAR, start, lexer->at);
}

// ---- interpolation --------------------------------------------------------------------------------------------------

static void push_text(Lexer *lexer, uint32_t start) {
    if (lexer->at > start)
        lex_push(lexer, TOK_INTERP_TEXT, start, lexer->at);
}

static void open_hole(Lexer *lexer, uint32_t string_start) {
    LexHole hole = {string_start, lexer->at, 0, lexer->count};
    vec_push(&lexer->holes, hole);
    lex_push(lexer, TOK_LBRACE, lexer->at, lexer->at + 1);
    lexer->at++;
}

static void close_interpolation(Lexer *lexer, uint32_t string_start) {
    const char *s = lexer->source;
    uint32_t at = lexer->at;
    if (at < lexer->size && s[at] == '"') {
        lexer->at = at + 1;
        lex_push(lexer, TOK_INTERP_END, at, at + 1);
        return;
    }
    lex_push(lexer, TOK_INTERP_END, at, at);
    report_unclosed(lexer, string_start, at, "interpolated string", "\"");
}

// Text up to the next hole (which is opened) or to the end of the string.
static void interpolation_text(Lexer *lexer, uint32_t string_start) {
    const char *s = lexer->source;
    uint32_t start = lexer->at;
    for (;;) {
        uint32_t at = lexer->at;
        char c = s[at];
        if (at >= lexer->size || c == '"' || c == '\n')
            break;
        if (c == '\\') {
            lexer->at = check_escape(lexer, at, ESCAPES_TEXT);
        } else if (c == '{' && s[at + 1] != '{') {
            push_text(lexer, start);
            open_hole(lexer, string_start);
            return;
        } else if (c == '}' && s[at + 1] != '}') {
            Report *r = lex_report(lexer, DIAG_E0108, at, at + 1, "this brace closes nothing");
            if (r)
                report_fix(r, (Span){lexer->file, at, at + 1}, TEXT("}}"), "double it to have a brace in the text");
            lexer->at++;
        } else {
            lexer->at += c == '{' || c == '}' ? 2 : 1;
        }
    }
    push_text(lexer, start);
    close_interpolation(lexer, string_start);
}

void lex_interpolation(Lexer *lexer) {
    uint32_t start = lexer->at;
    lex_push(lexer, TOK_INTERP_BEGIN, start, start + 2);
    lexer->at += 2;
    interpolation_text(lexer, start);
}

void lex_interpolation_rest(Lexer *lexer) {
    uint32_t string_start = vec_pop(&lexer->holes).string_start;
    interpolation_text(lexer, string_start);
}

void lex_interpolation_spec(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at, at = start + 1;
    while (at < lexer->size && s[at] != '}' && s[at] != '"' && s[at] != '\n')
        at++;
    lex_push(lexer, TOK_INTERP_SPEC, start, at);
    lexer->at = at;
    if (at >= lexer->size || s[at] != '}')
        lex_interpolation_abandon(lexer);
    // else the brace is the next token
}

// The hole is not closed: report it once, and give the parser the tokens it waits for.
void lex_interpolation_abandon(Lexer *lexer) {
    LexHole hole = vec_pop(&lexer->holes);
    Report *r = NULL;
    if (!lexer->is_abandoned)
        r = lex_report(lexer, DIAG_E0108, hole.brace, hole.brace + 1, "this brace is not closed within its string");
    lexer->is_abandoned = true;
    if (r) {
        report_help(r, "an expression stands between braces: $\"{name}\"");
        report_fix(r, (Span){lexer->file, hole.brace, hole.brace}, TEXT("{"), "double it to have a brace in the text");
    }
    lexer->kinds.items[hole.token] = TOK_INVALID; // so that the parser says nothing about what stands in it
    lex_push(lexer, TOK_RBRACE, lexer->at, lexer->at);
    if (lexer->at < lexer->size && lexer->source[lexer->at] == '"')
        lexer->at++;
    lex_push(lexer, TOK_INTERP_END, lexer->at, lexer->at);
}
