// Versions: semantic versioning 2.0, and requirements on them.
#include "pkg/package.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

typedef struct {
    Text text;
    size_t at;
    const char **why;
    Text *bad;
} VersionReader;

static bool refuse(VersionReader *r, size_t start, const char *why) {
    *r->why = why;
    *r->bad = (Text){r->text.data + start, r->text.size - start};
    return false;
}

static bool read_number(VersionReader *r, uint64_t *number) {
    size_t start = r->at;
    *number = 0;
    for (; r->at < r->text.size && is_digit(r->text.data[r->at]); r->at++) {
        uint64_t digit = (uint64_t)(r->text.data[r->at] - '0');
        if (__builtin_mul_overflow(*number, 10, number) || __builtin_add_overflow(*number, digit, number))
            return refuse(r, start, "this number is too large");
    }
    if (r->at == start)
        return refuse(r, start, "a number is expected");
    if (r->text.data[start] == '0' && r->at - start > 1)
        return refuse(r, start, "a number has no zeros at its beginning");
    return true;
}

// Words with dots between them, behind `-` or `+`.
static bool read_words(VersionReader *r, bool numbers_are_plain, Text *words) {
    size_t first = ++r->at;
    for (;;) {
        size_t start = r->at;
        bool only_digits = true;
        for (; r->at < r->text.size && is_word(r->text.data[r->at]); r->at++)
            only_digits = only_digits && is_digit(r->text.data[r->at]);
        if (r->at == start)
            return refuse(r, start, "a word of letters, digits and hyphens is expected");
        if (numbers_are_plain && only_digits && r->at - start > 1 && r->text.data[start] == '0')
            return refuse(r, start, "a number has no zeros at its beginning");
        if (r->at == r->text.size || r->text.data[r->at] != '.')
            break;
        r->at++;
    }
    *words = (Text){r->text.data + first, r->at - first};
    return true;
}

static bool next_is(const VersionReader *r, char c) {
    return r->at < r->text.size && r->text.data[r->at] == c;
}

// `least`: how many of the three numbers there must be.
static bool read_version(VersionReader *r, int least, Version *version) {
    uint64_t *numbers[] = {&version->major, &version->minor, &version->patch};
    int count = 0;
    do {
        if (!read_number(r, numbers[count]))
            return false;
        count++;
        if (count == 3 || !next_is(r, '.'))
            break;
        r->at++;
    } while (true);
    if (count < least)
        return refuse(r, 0, "a version has three numbers: 1.0.0");
    if (count == 3 && next_is(r, '-') && !read_words(r, true, &version->pre))
        return false;
    return count < 3 || !next_is(r, '+') || read_words(r, false, &version->build);
}

bool version_parse(Text text, Version *version, const char **why, Text *bad) {
    VersionReader r = {.text = text, .why = why, .bad = bad};
    *version = (Version){0};
    if (!read_version(&r, 3, version))
        return false;
    return r.at == text.size || refuse(&r, r.at, "nothing may follow the version");
}

static void skip_spaces(VersionReader *r) {
    while (next_is(r, ' '))
        r->at++;
}

bool version_check_requirement(Text text, const char **why, Text *bad) {
    VersionReader r = {.text = text, .why = why, .bad = bad};
    for (;;) {
        Version version;
        skip_spaces(&r);
        if (next_is(&r, '^') || next_is(&r, '~') || next_is(&r, '='))
            r.at++;
        else if (next_is(&r, '<') || next_is(&r, '>'))
            r.at += r.at + 1 < text.size && text.data[r.at + 1] == '=' ? 2 : 1;
        skip_spaces(&r);
        if (!read_version(&r, 1, &version))
            return false;
        skip_spaces(&r);
        if (r.at == text.size)
            return true;
        if (!next_is(&r, ','))
            return refuse(&r, r.at, "conditions have commas between them");
        r.at++;
    }
}
