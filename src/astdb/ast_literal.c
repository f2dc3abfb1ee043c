// Values of literal tokens. What is malformed was reported by the lexer; here it gets its best reading.
#include "astdb/ast.h"

#include <stdlib.h>

static uint32_t digit_value(char c) {
    return c >= '0' && c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 32) - 'a' + 10);
}

AstIntValue ast_int_value(const Ast *ast, TokenId t) {
    Text text = ast_token_text(ast, t);
    uint32_t base = 10;
    size_t i = 0;
    if (text.size > 2 && text.data[0] == '0') {
        char letter = text.data[1];
        base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
        i = base == 10 ? 0 : 2;
    }
    AstIntValue value = {0, 0, false};
    for (; i < text.size; i++) {
        char c = text.data[i];
        if (c == '_')
            continue;
        uint32_t digit = digit_value(c);
        if (digit >= base)
            break;
        // value = value * base + digit, in 128 bits
        uint64_t low_part = (value.low & 0xffffffffu) * base + digit;
        uint64_t high_part = (value.low >> 32) * base + (low_part >> 32);
        uint64_t carry = high_part >> 32;
        if (value.high > (UINT64_MAX - carry) / base)
            value.overflow = true;
        value.low = high_part << 32 | (low_part & 0xffffffffu);
        value.high = value.high * base + carry;
    }
    return value;
}

double ast_float_value(const Ast *ast, TokenId t) {
    Text text = ast_token_text(ast, t);
    Buffer digits = {0};
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '_')
            buffer_char(&digits, text.data[i]);
    buffer_char(&digits, '\0');
    double value = strtod(digits.items, NULL);
    vec_free(&digits);
    return value;
}

// ---- text -----------------------------------------------------------------------------------------------------------

static uint32_t read_utf8(Text text, size_t at, size_t *size) {
    uint8_t c = (uint8_t)text.data[at];
    size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (at + n > text.size)
        n = 1;
    uint32_t value = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        value = value << 6 | ((uint8_t)text.data[at + i] & 0x3fu);
    *size = n;
    return value;
}

static bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static uint32_t unicode_escape(Text text, size_t at, size_t *size) {
    uint32_t value = 0;
    size_t i = at + 2;
    if (i < text.size && text.data[i] == '{') {
        for (i++; i < text.size && is_hex_digit(text.data[i]); i++)
            value = value > 0x10ffff ? value : value * 16 + digit_value(text.data[i]);
        if (i < text.size && text.data[i] == '}')
            i++;
    }
    *size = i - at;
    return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? 0xfffd : value;
}

// At a backslash: the scalar (or byte) meant, and how long its escape is.
static uint32_t read_escape(Text text, size_t at, size_t *size) {
    *size = 2;
    if (at + 1 >= text.size) {
        *size = 1;
        return '\\';
    }
    switch (text.data[at + 1]) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '0': return 0;
    case 'u': return unicode_escape(text, at, size);
    case 'x':
        if (at + 3 >= text.size || !is_hex_digit(text.data[at + 2]) || !is_hex_digit(text.data[at + 3]))
            return 'x';
        *size = 4;
        return digit_value(text.data[at + 2]) * 16 + digit_value(text.data[at + 3]);
    default: {
        uint32_t scalar = read_utf8(text, at + 1, size);
        *size += 1;
        return scalar;
    }
    }
}

uint32_t ast_char_value(const Ast *ast, TokenId t) {
    Text text = ast_token_text(ast, t);
    size_t size;
    if (text.size < 3)
        return 0;
    return text.data[1] == '\\' ? read_escape(text, 1, &size) : read_utf8(text, 1, &size);
}

int64_t ast_duration_ns(const Ast *ast, TokenId t, bool *overflow) {
    Text text = ast_token_text(ast, t);
    size_t unit = text.size;
    while (unit > 0 && !(text.data[unit - 1] >= '0' && text.data[unit - 1] <= '9'))
        unit--;
    Text name = {text.data + unit, text.size - unit};
    int64_t factor = text_equal(name, TEXT("ns"))   ? 1
                     : text_equal(name, TEXT("us")) ? 1000
                     : text_equal(name, TEXT("ms")) ? 1000000
                     : text_equal(name, TEXT("s"))  ? 1000000000
                     : text_equal(name, TEXT("m"))  ? 60000000000
                                                    : 3600000000000;
    int64_t value = 0;
    *overflow = false;
    for (size_t i = 0; i < unit; i++) {
        if (text.data[i] == '_')
            continue;
        *overflow |= __builtin_mul_overflow(value, 10, &value);
        *overflow |= __builtin_add_overflow(value, (int64_t)digit_value(text.data[i]), &value);
    }
    *overflow |= __builtin_mul_overflow(value, factor, &value);
    return value;
}

typedef enum { FORM_TEXT, FORM_BYTES, FORM_RAW, FORM_LINES, FORM_INTERP } StringForm;

// The part between the quotes.
static Text string_body(Text text, StringForm form) {
    size_t open = form == FORM_LINES ? 3 : form == FORM_INTERP ? 0 : form == FORM_TEXT ? 1 : 2;
    size_t close = form == FORM_LINES ? 3 : form == FORM_INTERP ? 0 : 1;
    if (text.size < open)
        return (Text){text.data, 0};
    Text body = {text.data + open, text.size - open};
    // A string that was not closed has no closing quotes.
    bool is_closed = body.size >= close;
    for (size_t i = 0; i < close && is_closed; i++)
        is_closed = body.data[body.size - 1 - i] == '"';
    if (is_closed)
        body.size -= close;
    return body;
}

// How much indentation the closing quotes take off, and where the lines start.
static size_t closing_indent(Text body) {
    size_t line = body.size;
    while (line > 0 && body.data[line - 1] != '\n')
        line--;
    if (line == 0)
        return 0;
    for (size_t i = line; i < body.size; i++)
        if (body.data[i] != ' ' && body.data[i] != '\t')
            return 0;
    return body.size - line;
}

static size_t skip_indent(Text body, size_t at, size_t indent) {
    for (size_t i = 0; i < indent && at < body.size && (body.data[at] == ' ' || body.data[at] == '\t'); i++)
        at++;
    return at;
}

// Where the text of a multi-line string starts: behind the line break that follows its opening quotes.
static size_t first_line(Text body) {
    size_t at = 0;
    while (at < body.size && (body.data[at] == ' ' || body.data[at] == '\t' || body.data[at] == '\r'))
        at++;
    return at < body.size && body.data[at] == '\n' ? at + 1 : 0;
}

static void unescape(Text body, StringForm form, Buffer *out) {
    size_t indent = form == FORM_LINES ? closing_indent(body) : 0, at = 0, size;
    if (form == FORM_LINES) {
        at = first_line(body);
        if (at > 0)
            at = skip_indent(body, at, indent);
    }
    while (at < body.size) {
        char c = body.data[at];
        if (c == '\\' && form != FORM_RAW) {
            uint32_t scalar = read_escape(body, at, &size);
            if (form == FORM_BYTES)
                buffer_char(out, (char)scalar);
            else
                buffer_utf8(out, scalar);
            at += size;
        } else if (form == FORM_LINES && c == '\r' && at + 1 < body.size && body.data[at + 1] == '\n') {
            at++;
        } else if (form == FORM_INTERP && (c == '{' || c == '}')) {
            buffer_char(out, c);
            at += at + 1 < body.size && body.data[at + 1] == c ? 2 : 1;
        } else {
            buffer_char(out, c);
            at++;
            if (form == FORM_LINES && c == '\n')
                at = skip_indent(body, at, indent);
        }
    }
}

Text ast_string_value(const Ast *ast, TokenId t, Arena *arena) {
    Text text = ast_token_text(ast, t);
    TokenKind kind = ast_token_kind(ast, t);
    StringForm form = FORM_TEXT;
    if (kind == TOK_BYTES)
        form = FORM_BYTES;
    else if (kind == TOK_INTERP_TEXT)
        form = FORM_INTERP;
    else if (text_starts_with(text, TEXT("\"\"\"")))
        form = FORM_LINES;
    else if (text_starts_with(text, TEXT("r")))
        form = FORM_RAW;
    Text body = string_body(text, form);
    bool is_plain = form == FORM_TEXT || form == FORM_RAW || form == FORM_BYTES;
    if (is_plain && (form == FORM_RAW || body.size == 0 || !memchr(body.data, '\\', body.size)))
        return body; // as it stands in the source
    Buffer buffer = {0};
    unescape(body, form, &buffer);
    Text value = arena_text(arena, buffer_view(&buffer));
    vec_free(&buffer);
    return value;
}
