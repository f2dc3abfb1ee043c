// Values of KDL: names, numbers, keywords.
#include "pkg/kdl_internal.h"

#include <stdlib.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A sign, a dot or a digit begins what must be a number, if a digit follows.
static bool starts_number(Text word) {
    size_t at = word.size && (word.data[0] == '+' || word.data[0] == '-') ? 1 : 0;
    if (at < word.size && word.data[at] == '.')
        at++;
    return at < word.size && is_digit(word.data[at]);
}

static bool is_keyword(Text word) {
    static const char *const WORDS[] = {"true", "false", "null", "inf", "-inf", "nan"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (text_equal(word, text_of(WORDS[i])))
            return true;
    return false;
}

// ---- names ---------------------------------------------------------------------------------------------------------

static bool nothing_here(Kdl *k, const char *wanted) {
    uint32_t scalar, size = k->at < k->text.size ? text_decode(k->text, k->at, &scalar) : 0;
    Report *report =
        kdl_error(k, DIAG_E0940, k->at, k->at + size, arena_printf(k->arena, "%s is expected", wanted).data,
                  size ? "found this instead" : "the file ends here");
    if (size && strchr("[],:", k->text.data[k->at]))
        report_help(report, "KDL has no brackets, commas or colons: `name \"value\" key=\"value\" { child }`");
    return false;
}

bool kdl_read_name(Kdl *k, Text *name) {
    if (kdl_at_string(k))
        return kdl_read_string(k, name);
    uint32_t start = k->at, size = kdl_name_size(k);
    *name = (Text){k->text.data + start, size};
    if (!size)
        return nothing_here(k, "a name");
    if (starts_number(*name)) {
        Report *report = kdl_error(k, DIAG_E0943, start, start + size, "a name cannot begin as a number does",
                                   "a name is expected here");
        report_help(report, "quote it: \"%.*s\"", TEXT_ARG(*name));
        return false;
    }
    k->at += size;
    if (!is_keyword(*name))
        return true;
    Report *report =
        kdl_error(k, DIAG_E0943, start, start + size, arena_printf(k->arena, "`%.*s` is no name", TEXT_ARG(*name)).data,
                  "a keyword without its `#`");
    report_fix(report, kdl_span(k, start, start + size), arena_printf(k->arena, "#%.*s", TEXT_ARG(*name)),
               "write the keyword");
    report_help(report, "a text is quoted: \"%.*s\"", TEXT_ARG(*name));
    return false;
}

// ---- numbers -------------------------------------------------------------------------------------------------------

static bool is_digit_of(char c, int radix) {
    char lower = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    int value = is_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
    return value < radix;
}

// One digit and then digits and underscores; the digits go to `out`.
static bool read_digits(Text word, size_t *at, int radix, Buffer *out) {
    if (*at >= word.size || !is_digit_of(word.data[*at], radix))
        return false;
    for (; *at < word.size && (word.data[*at] == '_' || is_digit_of(word.data[*at], radix)); ++*at)
        if (word.data[*at] != '_')
            buffer_char(out, word.data[*at]);
    return true;
}

static int radix_of(Text word, size_t at) {
    if (at + 1 >= word.size || word.data[at] != '0')
        return 10;
    switch (word.data[at + 1]) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 10;
    }
}

static bool read_fraction(Text word, size_t *at, Buffer *digits, bool *is_whole) {
    if (*at < word.size && word.data[*at] == '.') {
        buffer_char(digits, '.');
        ++*at;
        *is_whole = false;
        if (!read_digits(word, at, 10, digits))
            return false;
    }
    if (*at < word.size && (word.data[*at] == 'e' || word.data[*at] == 'E')) {
        buffer_char(digits, 'e');
        ++*at;
        *is_whole = false;
        if (*at < word.size && (word.data[*at] == '+' || word.data[*at] == '-'))
            buffer_char(digits, word.data[(*at)++]);
        return read_digits(word, at, 10, digits);
    }
    return true;
}

static void set_number(KdlValue *value, const Buffer *digits, bool negative, int radix, bool is_whole) {
    double number = 0;
    uint64_t whole = 0;
    for (uint32_t i = 0; is_whole && i < digits->count; i++) {
        char c = digits->items[i];
        uint64_t digit = (uint64_t)(is_digit(c) ? c - '0' : (c | 32) - 'a' + 10);
        number = number * radix + (double)digit;
        if (__builtin_mul_overflow(whole, (uint64_t)radix, &whole) || __builtin_add_overflow(whole, digit, &whole) ||
            whole > INT64_MAX)
            whole = UINT64_MAX;
        if (whole == UINT64_MAX)
            is_whole = false;
    }
    if (radix == 10) {
        char *text = NULL;
        Buffer copy = {0};
        buffer_text(&copy, buffer_view(digits));
        buffer_char(&copy, 0);
        number = strtod(copy.items, &text);
        vec_free(&copy);
    }
    value->is_integer = is_whole;
    value->integer = negative ? -(int64_t)whole : (int64_t)whole;
    value->number = negative ? -number : number;
}

static bool read_number(Kdl *k, Text word, KdlValue *value) {
    size_t at = word.data[0] == '+' || word.data[0] == '-' ? 1 : 0;
    bool negative = word.data[0] == '-', is_whole = true;
    int radix = radix_of(word, at);
    Buffer digits = {0};
    at += radix == 10 ? 0 : 2;
    bool good = read_digits(word, &at, radix, &digits) && (radix != 10 || read_fraction(word, &at, &digits, &is_whole));
    if (good && at == word.size)
        set_number(value, &digits, negative, radix, is_whole);
    vec_free(&digits);
    if (good && at == word.size)
        return true;
    Report *report =
        kdl_error(k, DIAG_E0943, k->at, k->at + (uint32_t)word.size, "this is no number", "it begins as a number does");
    if (text_starts_with(word, TEXT(".")))
        report_help(report, "a number has a digit before its dot: 0%.*s", TEXT_ARG(word));
    else
        report_help(report, "if it is a text, quote it: \"%.*s\"", TEXT_ARG(word));
    return false;
}

// ---- values --------------------------------------------------------------------------------------------------------

static bool read_keyword(Kdl *k, KdlValue *value) {
    uint32_t start = k->at++;
    Text word = {k->text.data + k->at, kdl_name_size(k)};
    k->at += (uint32_t)word.size;
    if (text_equal(word, TEXT("true")) || text_equal(word, TEXT("false"))) {
        value->kind = KDL_BOOL;
        value->boolean = word.data[0] == 't';
    } else if (text_equal(word, TEXT("null"))) {
        value->kind = KDL_NULL;
    } else if (is_keyword(word)) {
        value->kind = KDL_NUMBER;
        value->text = (Text){k->text.data + start, word.size + 1};
        value->number = word.data[0] == 'n'   ? __builtin_nan("")
                        : word.data[0] == '-' ? -__builtin_inf()
                                              : __builtin_inf();
    } else {
        Report *report =
            kdl_error(k, DIAG_E0943, start, k->at, "`#` begins no keyword here", "not a keyword, nor a raw string");
        report_help(report, "the keywords are #true, #false, #null, #inf, #-inf and #nan; comments begin with `//`");
        return false;
    }
    return true;
}

bool kdl_read_value(Kdl *k, KdlValue *value) {
    uint32_t start = k->at;
    Text word = {k->text.data + start, kdl_name_size(k)};
    bool good;
    if (kdl_looking_at(k, "#") && !kdl_at_string(k)) {
        good = read_keyword(k, value);
    } else if (starts_number(word) && !kdl_at_string(k)) {
        value->kind = KDL_NUMBER;
        value->text = word;
        good = read_number(k, word, value);
        k->at = start + (uint32_t)word.size;
    } else if (word.size || kdl_at_string(k)) {
        value->kind = KDL_STRING;
        good = kdl_read_name(k, &value->text);
    } else {
        return nothing_here(k, "a value");
    }
    value->span = kdl_span(k, start, k->at);
    return good;
}

const char *kdl_kind_text(KdlKind kind) {
    static const char *const TEXTS[] = {"a string", "a number", "a boolean", "null"};
    return TEXTS[kind];
}
