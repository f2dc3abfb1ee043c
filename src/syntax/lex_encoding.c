// UTF-8, and the characters that cannot stand in a program.
#include "syntax/lexer.h"

Report *lex_report(Lexer *lexer, DiagCode code, uint32_t start, uint32_t end, const char *format, ...) {
    if (lexer->is_broken || lexer->report_count++ >= SYNTAX_REPORT_LIMIT)
        return NULL;
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    end = end > lexer->size ? lexer->size : end;
    return diag_report(lexer->diags, code, (Span){lexer->file, start, end}, "%s", message);
}

uint32_t lex_decode(const Lexer *lexer, uint32_t at, uint32_t *scalar) {
    const uint8_t *s = (const uint8_t *)lexer->source + at;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t size = s[0] < 0x80                   ? 1
                    : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                    : (s[0] >> 4) == 14           ? 3
                    : (s[0] >> 3) == 30           ? 4
                                                  : 0;
    if (size <= 1) {
        *scalar = s[0];
        return size;
    }
    uint32_t value = s[0] & (0x7fu >> size);
    for (uint32_t i = 1; i < size; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3fu);
    }
    *scalar = value;
    return value < least[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? 0 : size;
}

// Marks that change the order in which text is shown can make a program look like another.
static bool is_reordering(uint32_t scalar) {
    return (scalar >= 0x202a && scalar <= 0x202e) || (scalar >= 0x2066 && scalar <= 0x2069);
}

static void report_broken(Lexer *lexer, uint32_t at) {
    uint8_t byte = (uint8_t)lexer->source[at];
    Report *r = lex_report(lexer, DIAG_E0101, at, at + 1, "byte 0x%02X at offset %u is not UTF-8", byte, at);
    if (r)
        report_help(r, "Janus sources are UTF-8 text; convert the file, for example with `iconv -t UTF-8`");
    lexer->is_broken = true;
}

void lex_encoding(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t at = 0;
    while (at < lexer->size) {
        uint64_t word;
        memcpy(&word, s + at, sizeof word); // the padding is zero
        if (!(word & 0x8080808080808080u)) {
            at += 8;
            continue;
        }
        if ((uint8_t)s[at] < 0x80) {
            at++;
            continue;
        }
        uint32_t scalar = 0, size = lex_decode(lexer, at, &scalar);
        if (size == 0 || at + size > lexer->size) {
            report_broken(lexer, at);
            return;
        }
        if (is_reordering(scalar))
            lex_report(lexer, DIAG_E0102, at, at + size,
                       "the invisible character U+%04X changes the order in which this line is shown", scalar);
        at += size;
    }
}

// What people paste: the ASCII character that is meant.
static const char *plain_character(uint32_t scalar) {
    switch (scalar) {
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0xab:
    case 0xbb: return "\"";
    case 0x2018:
    case 0x2019: return "'";
    case 0x2013:
    case 0x2014:
    case 0x2212: return "-";
    case 0xd7: return "*";
    case 0xf7: return "/";
    case 0x2264: return "<=";
    case 0x2265: return ">=";
    case 0x2260: return "!=";
    case 0x2192: return "->";
    case 0x21d2: return "=>";
    case 0x2026: return "..";
    case 0xff1b: return ";";
    case 0xff0c: return ",";
    case 0xff08: return "(";
    case 0xff09: return ")";
    case 0xa0:
    case 0x2003:
    case 0x3000: return " ";
    default: return NULL;
    }
}

static void report_character(Lexer *lexer, uint32_t start, uint32_t size, uint32_t scalar) {
    const char *s = lexer->source + start;
    Span span = {lexer->file, start, start + size};
    const char *plain = plain_character(scalar);
    if (scalar == '\r') {
        Report *r = lex_report(lexer, DIAG_E0102, start, start + 1, "a carriage return without a line feed");
        if (r)
            report_help(r, "lines end with a line feed, or with both");
    } else if (scalar < 32 || scalar == 127 || scalar == 0xfeff || (scalar >= 0x80 && scalar < 0xa0) ||
               (scalar >= 0x200b && scalar <= 0x200f)) {
        Report *r = lex_report(lexer, DIAG_E0102, start, start + size, "the invisible character U+%04X", scalar);
        if (r)
            report_fix(r, span, TEXT(""), "remove it");
    } else if (plain) {
        Report *r = lex_report(lexer, DIAG_E0102, start, start + size, "`%.*s` (U+%04X) looks like `%s` but is not",
                               (int)size, s, scalar, plain);
        if (r)
            report_fix(r, span, text_of(plain), "write the plain character");
    } else if (scalar == '#') {
        Report *r = lex_report(lexer, DIAG_E0102, start, start + size, "`#` has no meaning here");
        if (r)
            report_help(r, "comments start with `//`, attributes stand in `{. … .}`");
    } else if (scalar == '$') {
        Report *r = lex_report(lexer, DIAG_E0102, start, start + size, "`$` has no meaning here");
        if (r)
            report_help(r, "an interpolated string is $\"{name}\"; names have no `$`");
    } else {
        Report *r = lex_report(lexer, DIAG_E0102, start, start + size, "`%.*s` (U+%04X) has no meaning here", (int)size,
                               s, scalar);
        if (r && scalar >= 0x80)
            report_help(r, "outside of strings and comments Janus is written in ASCII");
    }
}

static bool is_foreign_letter(uint32_t scalar) {
    return scalar >= 0xaa && !plain_character(scalar) && scalar != 0xfeff &&
           (scalar < 0x2000 || (scalar >= 0x3040 && scalar < 0xff00));
}

// A word with letters beyond ASCII: one report, and a name to go on with.
static void foreign_word(Lexer *lexer, uint32_t start) {
    const char *s = lexer->source;
    uint32_t at = start, scalar, size;
    for (;;) {
        if (lex_is(s[at], LEX_LETTER | LEX_DIGIT)) {
            at++;
        } else if ((uint8_t)s[at] >= 0x80 && (size = lex_decode(lexer, at, &scalar)) > 0 && is_foreign_letter(scalar)) {
            at += size;
        } else {
            break;
        }
    }
    Report *r = lex_report(lexer, DIAG_E0102, start, at, "`%.*s` is not a name", (int)(at - start), s + start);
    if (r)
        report_help(r, "names are made of the letters a to z and A to Z, digits and `_`");
    lexer->at = at;
    lex_push(lexer, TOK_NAME, start, at);
    lexer->token_symbols.items[lexer->count - 1] = intern(lexer->symbols, (Text){s + start, at - start});
}

// “text” or ‘c’: one report, and the literal that is meant. False if no quote closes it on this line.
static bool quoted(Lexer *lexer, uint32_t start, uint32_t scalar) {
    const char *s = lexer->source;
    bool is_double = scalar == 0x201c || scalar == 0x201d || scalar == 0x201e;
    if (!is_double && scalar != 0x2018 && scalar != 0x2019)
        return false;
    for (uint32_t at = start + 3; at < lexer->size && s[at] != '\n' && s[at] != '"'; at++) {
        uint32_t close, size = (uint8_t)s[at] < 0x80 ? 0 : lex_decode(lexer, at, &close);
        if (size == 0 || (is_double ? close != 0x201d && close != 0x201c : close != 0x2019))
            continue;
        const char *quote = is_double ? "\"" : "'";
        Report *r = lex_report(lexer, DIAG_E0102, start, at + size, "these quotes are not `%s`", quote);
        if (r) {
            Text text = arena_printf(lexer->arena, "%s%.*s%s", quote, (int)(at - start - 3), s + start + 3, quote);
            report_fix(r, (Span){lexer->file, start, at + size}, text, "write straight quotes");
        }
        lexer->at = at + size;
        lex_push(lexer, TOK_INVALID, start, at + size);
        return true;
    }
    return false;
}

void lex_bad_character(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at, scalar = 0, size;
    uint32_t word = start;
    while (lex_is(s[word], LEX_LETTER | LEX_DIGIT))
        word++;
    size = lex_decode(lexer, word, &scalar);
    if (size > 1 && is_foreign_letter(scalar)) {
        foreign_word(lexer, start);
        return;
    }
    if (word > start) { // a good name, then something that is no letter
        lexer->at = word;
        lex_push(lexer, TOK_NAME, start, word);
        lexer->token_symbols.items[lexer->count - 1] = intern(lexer->symbols, (Text){s + start, word - start});
        return;
    }
    size = size ? size : 1;
    if (size == 3 && quoted(lexer, start, scalar))
        return;
    report_character(lexer, start, size, scalar);
    // A run of the same is one mistake; blanks among them leave no token.
    uint32_t at = start + size;
    while (at + size <= lexer->size && memcmp(s + at, s + start, size) == 0)
        at += size;
    lexer->at = at;
    const char *plain = plain_character(scalar);
    bool is_blank = scalar == '\r' || scalar == 0xfeff || scalar < 32 || (plain && plain[0] == ' ') ||
                    (scalar >= 0x200b && scalar <= 0x200f);
    if (!is_blank)
        lex_push(lexer, TOK_INVALID, start, at);
}
