// Numbers and durations.
#include "syntax/lexer.h"

static Text slice(const Lexer *lexer, uint32_t start, uint32_t end) {
    return (Text){lexer->source + start, end - start};
}

// Digits and underscores; reports an underscore that does not stand between digits.
static uint32_t skip_digits(Lexer *lexer, uint32_t at, uint8_t class) {
    const char *s = lexer->source;
    uint32_t start = at;
    bool is_bad = s[at] == '_';
    while (lex_is(s[at], class) || s[at] == '_') {
        if (s[at] == '_' && !lex_is(s[at + 1], class))
            is_bad = true;
        at++;
    }
    if (is_bad && at > start) {
        Report *r = lex_report(lexer, DIAG_E0107, start, at, "an underscore in a number stands between two digits");
        if (r)
            report_help(r, "like 1_000_000");
    }
    return at;
}

static const char *base_name(char letter) {
    return letter == 'x' ? "hexadecimal" : letter == 'o' ? "octal" : "binary";
}

// 0x… 0o… 0b…: all letters and digits that follow belong to it.
static void lex_prefixed(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at, body = start + 2, at;
    char base = s[start + 1];
    if (base == 'x') {
        at = skip_digits(lexer, body, LEX_HEX);
    } else {
        at = skip_digits(lexer, body, LEX_DIGIT);
        for (uint32_t i = body; i < at; i++) {
            if (s[i] != '_' && s[i] >= (base == 'o' ? '8' : '2')) {
                lex_report(lexer, DIAG_E0107, i, i + 1, "`%c` is not %s digit", s[i],
                           base == 'o' ? "an octal" : "a binary");
                break;
            }
        }
    }
    uint32_t end = at;
    while (lex_is(s[end], LEX_LETTER | LEX_DIGIT))
        end++;
    if (at == body && end == body)
        lex_report(lexer, DIAG_E0107, start, end, "a %s number needs digits after `%.2s`", base_name(base), s + start);
    else if (end > at)
        lex_report(lexer, DIAG_E0107, at, end, "`%.*s` cannot follow the digits of a %s number",
                   TEXT_ARG(slice(lexer, at, end)), base_name(base));
    lexer->at = end;
    lex_push(lexer, TOK_INT, start, end);
}

static bool is_duration_unit(Text unit) {
    return text_equal(unit, TEXT("s")) || text_equal(unit, TEXT("ms")) || text_equal(unit, TEXT("us")) ||
           text_equal(unit, TEXT("ns")) || text_equal(unit, TEXT("m")) || text_equal(unit, TEXT("h"));
}

static bool is_type_suffix(Text suffix) {
    static const char *const names[] = {"i8",  "i16", "i32",  "i64",   "i128",  "u8",  "u16",
                                        "u32", "u64", "u128", "isize", "usize", "f32", "f64"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(suffix, text_of(names[i])))
            return true;
    return false;
}

static void report_suffix(Lexer *lexer, uint32_t start, uint32_t at, uint32_t end, bool is_float) {
    Text suffix = slice(lexer, at, end);
    if (is_float && is_duration_unit(suffix)) {
        Report *r = lex_report(lexer, DIAG_E0107, start, end, "a duration is a whole number of its unit");
        if (r)
            report_help(r, "take a smaller unit: 1.5s is 1500ms");
        return;
    }
    Report *r = lex_report(lexer, DIAG_E0107, at, end, "`%.*s` cannot follow a number", TEXT_ARG(suffix));
    if (!r)
        return;
    if (is_type_suffix(suffix)) {
        Text text = arena_printf(lexer->arena, " as %.*s", TEXT_ARG(suffix));
        report_fix(r, (Span){lexer->file, at, end}, text, "convert the number");
        report_help(r, "a number takes its type from where it is used, as in `let n: %.*s = …`", TEXT_ARG(suffix));
    } else {
        report_help(r, "units of durations are ns us ms s m h; a name starts with a letter");
    }
}

static void check_leading_zero(Lexer *lexer, uint32_t start, uint32_t end) {
    const char *s = lexer->source;
    if (end - start < 2 || s[start] != '0')
        return;
    uint32_t digits = start;
    while (digits < end - 1 && (s[digits] == '0' || s[digits] == '_'))
        digits++;
    Report *r = lex_report(lexer, DIAG_E0107, start, end, "a decimal number does not start with 0");
    if (r) {
        report_fix(r, (Span){lexer->file, start, digits}, TEXT(""), "leave the zeros out");
        report_help(r, "octal numbers are written 0o…");
    }
}

void lex_number(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at, at = start;
    if (lexer->kinds.items[lexer->count - 1] == TOK_DOT && s[start - 1] == '.') {
        while (lex_is(s[at], LEX_DIGIT)) // a part of a tuple: in t.0.1 no float stands
            at++;
        lexer->at = at;
        lex_push(lexer, TOK_INT, start, at);
        return;
    }
    if (s[start] == '0' && (s[start + 1] == 'x' || s[start + 1] == 'o' || s[start + 1] == 'b')) {
        lex_prefixed(lexer);
        return;
    }
    at = skip_digits(lexer, start, LEX_DIGIT);
    uint32_t whole_end = at;
    bool is_float = false;
    if (s[at] == '.' && lex_is(s[at + 1], LEX_DIGIT)) {
        is_float = true;
        at = skip_digits(lexer, at + 1, LEX_DIGIT);
    }
    if (s[at] == 'e' || s[at] == 'E') {
        uint32_t digits = at + 1 + (s[at + 1] == '+' || s[at + 1] == '-');
        if (lex_is(s[digits], LEX_DIGIT)) {
            is_float = true;
            at = skip_digits(lexer, digits, LEX_DIGIT);
        }
    }
    uint32_t end = at;
    while (lex_is(s[end], LEX_LETTER | LEX_DIGIT))
        end++;
    TokenKind kind = is_float ? TOK_FLOAT : TOK_INT;
    if (end > at && !is_float && is_duration_unit(slice(lexer, at, end)))
        kind = TOK_DURATION;
    else if (end > at)
        report_suffix(lexer, start, at, end, is_float);
    else
        check_leading_zero(lexer, start, whole_end);
    lexer->at = end;
    lex_push(lexer, kind, start, end);
}
