// Floats as text and back, and the mathematical functions.
//
// The shortest text is found among the correctly rounded ones: if 15 digits read back as the same number, no shorter
// text is missed by dropping their trailing zeros; else 16, else 17 digits always do (for f32: 6, 7, 8, 9).
#include "rt.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORM_EXPONENT = 1, FORM_F32 = 2, DIGITS_MAX = 17, OUT_LIMIT = 400 };

// Decimal digits without point, and the exponent of the first one.
typedef struct {
    char digits[DIGITS_MAX + 1];
    int count, exponent;
} Decimal;

static Decimal shortest(double x, bool is_f32) {
    char text[40];
    int last = is_f32 ? 9 : 17;
    bool is_subnormal = x < (is_f32 ? FLT_MIN : DBL_MIN); // these have fewer digits to begin with
    for (int digits = is_subnormal ? 1 : is_f32 ? 6 : 15;; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, x);
        if (digits == last || (is_f32 ? strtof(text, NULL) == (float)x : strtod(text, NULL) == x))
            break;
    }
    Decimal d = {.count = 0};
    const char *p = text;
    for (; *p != 'e'; p++)
        if (*p != '.')
            d.digits[d.count++] = *p;
    d.exponent = atoi(p + 1);
    while (d.count > 1 && d.digits[d.count - 1] == '0')
        d.count--;
    return d;
}

static int64_t write_plain(Decimal d, char *out) {
    char *p = out;
    if (d.exponent < 0) {
        *p++ = '0';
        *p++ = '.';
        for (int i = -1; i > d.exponent; i--)
            *p++ = '0';
        memcpy(p, d.digits, (size_t)d.count);
        return p + d.count - out;
    }
    for (int i = 0; i <= d.exponent; i++)
        *p++ = i < d.count ? d.digits[i] : '0';
    *p++ = '.';
    if (d.count <= d.exponent + 1)
        *p++ = '0';
    for (int i = d.exponent + 1; i < d.count; i++)
        *p++ = d.digits[i];
    return p - out;
}

static int64_t write_exponent(Decimal d, char *out) {
    char *p = out;
    *p++ = d.digits[0];
    if (d.count > 1) {
        *p++ = '.';
        memcpy(p, d.digits + 1, (size_t)d.count - 1);
        p += d.count - 1;
    }
    return p - out + snprintf(p, 8, "e%d", d.exponent);
}

int64_t jn_format_float(double x, int64_t precision, int64_t form, uint8_t *out) {
    char *p = (char *)out;
    if (x != x)
        return memcpy(p, "nan", 3), 3;
    if (signbit(x)) {
        *p++ = '-';
        x = -x;
    }
    int64_t sign = p - (char *)out;
    if (x == HUGE_VAL)
        return memcpy(p, "inf", 3), sign + 3;
    if (precision >= 0) {
        int digits = precision > 64 ? 64 : (int)precision;
        return sign + snprintf(p, OUT_LIMIT - 1, form & FORM_EXPONENT ? "%.*e" : "%.*f", digits, x);
    }
    Decimal d = shortest(x, form & FORM_F32);
    // very large and very small numbers are read more easily with an exponent
    bool exponent = (form & FORM_EXPONENT) || d.exponent > 15 || d.exponent < -5;
    return sign + (exponent && x != 0 ? write_exponent(d, p) : write_plain(d, p));
}

static int64_t skip_digits(const uint8_t *p, int64_t n, int64_t i) {
    while (i < n && p[i] >= '0' && p[i] <= '9')
        i++;
    return i;
}

static bool is_number(const uint8_t *p, int64_t n) {
    int64_t start = n > 0 && (p[0] == '-' || p[0] == '+');
    int64_t i = skip_digits(p, n, start), digits = i - start;
    if (i < n && p[i] == '.') {
        int64_t point = i + 1;
        i = skip_digits(p, n, point);
        digits += i - point;
    }
    if (digits == 0)
        return false;
    if (i < n && (p[i] == 'e' || p[i] == 'E')) {
        i += 1 + (i + 1 < n && (p[i + 1] == '-' || p[i + 1] == '+'));
        if (i >= n)
            return false;
        i = skip_digits(p, n, i);
    }
    return i == n;
}

double jn_parse_float(const uint8_t *text, int64_t size, uint8_t *ok) {
    char small[64], *copy = small;
    *ok = 1;
    if (size == 3 && !memcmp(text, "nan", 3))
        return NAN;
    bool has_sign = size == 4 && (*text == '-' || *text == '+');
    if ((size == 3 || has_sign) && !memcmp(text + size - 3, "inf", 3))
        return *text == '-' ? -HUGE_VAL : HUGE_VAL;
    if (!is_number(text, size)) {
        *ok = 0;
        return 0;
    }
    if (size >= (int64_t)sizeof small)
        copy = jn_alloc(size + 1, 1);
    memcpy(copy, text, (size_t)size);
    copy[size] = 0;
    double x = strtod(copy, NULL);
    if (copy != small)
        jn_free(copy, size + 1, 1);
    return x;
}

double jn_float_op(int64_t code, double x) {
    switch (code) {
    case 0: return sqrt(x);
    case 1: return floor(x);
    case 2: return ceil(x);
    case 3: return trunc(x);
    case 4: return round(x);
    case 5: return fabs(x);
    case 6: return sin(x);
    case 7: return cos(x);
    case 8: return tan(x);
    case 9: return exp(x);
    case 10: return log(x);
    case 11: return log2(x);
    case 12: return log10(x);
    case 13: return asin(x);
    case 14: return acos(x);
    case 15: return atan(x);
    case 16: return exp2(x);
    case 17: return cbrt(x);
    case 18: return sinh(x);
    case 19: return cosh(x);
    case 20: return tanh(x);
    case 21: return expm1(x);
    case 22: return log1p(x);
    case 23: return asinh(x);
    case 24: return acosh(x);
    default: return atanh(x);
    }
}

double jn_float_op2(int64_t code, double x, double y) {
    switch (code) {
    case 0: return pow(x, y);
    case 1: return atan2(x, y);
    case 2: return fmod(x, y);
    case 3: return hypot(x, y);
    case 4: return copysign(x, y);
    case 5: return fmin(x, y);
    default: return fmax(x, y);
    }
}
