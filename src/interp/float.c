// Floats as text and back: by trying, independently of how the runtime does it.
#include <math.h>
#include <stdlib.h>

#include "interp/internal.h"

enum { FORM_EXPONENT = 1, FORM_F32 = 2, OUT_LIMIT = 400 };

// The shortest correctly rounded digits that read back as x, as d.ddde±dd.
static void shortest(double x, bool is_f32, char *text, size_t size) {
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, size, "%.*e", digits - 1, x);
        if (is_f32 ? strtof(text, NULL) == (float)x : strtod(text, NULL) == x)
            return;
    }
}

static int64_t plain(const char *digits, int count, int exponent, char *out) {
    Buffer text = {0};
    if (exponent < 0)
        buffer_cstr(&text, "0.");
    for (int i = exponent; i < -1; i++)
        buffer_char(&text, '0');
    for (int i = 0; i < count || i <= exponent; i++) {
        buffer_char(&text, i < count ? digits[i] : '0');
        if (i == exponent)
            buffer_char(&text, '.');
    }
    if (exponent >= 0 && count <= exponent + 1)
        buffer_char(&text, '0');
    memcpy(out, text.items, text.count);
    int64_t size = text.count;
    vec_free(&text);
    return size;
}

int64_t float_format(double x, int64_t precision, int64_t form, char *out) {
    if (isnan(x)) {
        memcpy(out, "nan", 3);
        return 3;
    }
    int64_t sign = signbit(x) ? 1 : 0;
    out[0] = '-';
    char *p = out + sign;
    x = fabs(x);
    if (isinf(x)) {
        memcpy(p, "inf", 3);
        return sign + 3;
    }
    if (precision >= 0) {
        int digits = precision > 64 ? 64 : (int)precision;
        return sign + snprintf(p, OUT_LIMIT - 1, form & FORM_EXPONENT ? "%.*e" : "%.*f", digits, x);
    }
    char text[40], digits[24] = "";
    shortest(x, form & FORM_F32, text, sizeof text);
    int count = 0;
    const char *at = text;
    for (; *at != 'e'; at++)
        if (*at != '.')
            digits[count++] = *at;
    int exponent = (int)strtol(at + 1, NULL, 10);
    bool with_exponent = (form & FORM_EXPONENT) || exponent > 15 || exponent < -5;
    if (!with_exponent || x == 0)
        return sign + plain(digits, count, exponent, p);
    int64_t size = snprintf(p, 40, count > 1 ? "%c.%.*s" : "%c%.*s", digits[0], count - 1, digits + 1);
    return sign + size + snprintf(p + size, 8, "e%d", exponent);
}

double float_parse(const char *text, int64_t size, bool *ok) {
    Buffer copy = {0};
    buffer_text(&copy, (Text){text, (size_t)size});
    buffer_char(&copy, 0);
    char *end;
    double x = strtod(copy.items, &end);
    // strtod also reads spaces, hexadecimal, "infinity" and "NAN(…)"
    bool is_word = size >= 3 && (memcmp(copy.items + size - 3, "inf", 3) == 0 || memcmp(copy.items, "nan", 3) == 0);
    int64_t sign = size && (*text == '-' || *text == '+');
    *ok = size > 0 && end == copy.items + size;
    for (int64_t i = 0; i < size && !is_word; i++)
        *ok = *ok && strchr("0123456789.eE+-", text[i]) && text[i];
    if (is_word)
        *ok = text[sign] == 'n' ? size == 3 && !sign : size == 3 + sign;
    vec_free(&copy);
    return *ok ? x : 0;
}

double float_op(int64_t code, double x) {
    static double (*const FUNCTIONS[])(double) = {
        sqrt, floor, ceil, trunc, round, fabs, sin,  cos,  tan,   exp,   log,   log2,  log10,
        asin, acos,  atan, exp2,  cbrt,  sinh, cosh, tanh, expm1, log1p, asinh, acosh, atanh,
    };
    return FUNCTIONS[code >= 0 && code < 25 ? code : 25](x);
}

double float_op2(int64_t code, double x, double y) {
    static double (*const FUNCTIONS[])(double, double) = {pow, atan2, fmod, hypot, copysign, fmin, fmax};
    return FUNCTIONS[code >= 0 && code < 6 ? code : 6](x, y);
}
