// License expressions of SPDX: identifiers joined by AND, OR and WITH.
#include "pkg/package.h"

#include <strings.h>

enum { LICENSE_DEPTH = 32 };

static const char *const licenses[] = {
#define LICENSE(id) id,
#define EXCEPTION(id)
#include "pkg/licenses.def"
#undef LICENSE
#undef EXCEPTION
};

static const char *const exceptions[] = {
#define LICENSE(id)
#define EXCEPTION(id) id,
#include "pkg/licenses.def"
#undef LICENSE
#undef EXCEPTION
};

enum { LICENSE_COUNT = sizeof licenses / sizeof *licenses, EXCEPTION_COUNT = sizeof exceptions / sizeof *exceptions };

typedef struct {
    Text text;
    size_t at;
    Text word; // the one read last; empty at the end
    const char **why;
    Text *bad, *unknown;
} LicenseReader;

static bool is_id(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == ':' || c == '+';
}

static void next(LicenseReader *r) {
    while (r->at < r->text.size && r->text.data[r->at] == ' ')
        r->at++;
    size_t start = r->at;
    while (r->at < r->text.size && is_id(r->text.data[r->at]))
        r->at++;
    if (r->at == start && r->at < r->text.size)
        r->at++; // a bracket, or what cannot stand here
    r->word = (Text){r->text.data + start, r->at - start};
}

static bool refuse(LicenseReader *r, const char *why) {
    *r->why = why;
    *r->bad = r->word;
    return false;
}

static bool is_among(Text id, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        if (strlen(names[i]) == id.size && strncasecmp(names[i], id.data, id.size) == 0)
            return true;
    return false;
}

static bool is_operator(Text word) {
    return text_equal(word, TEXT("AND")) || text_equal(word, TEXT("OR")) || text_equal(word, TEXT("WITH"));
}

static bool read_id(LicenseReader *r, const char *const *names, int count) {
    if (!r->word.size || !is_id(r->word.data[0]) || is_operator(r->word))
        return refuse(r, "an identifier of the SPDX list is expected");
    Text id = r->word;
    if (id.size > 1 && id.data[id.size - 1] == '+' && !is_among(id, names, count))
        id.size--; // "or any later version"
    bool is_own = text_starts_with(id, TEXT("LicenseRef-")) || text_starts_with(id, TEXT("DocumentRef-"));
    if (!is_own && !r->unknown->size && !is_among(id, names, count))
        *r->unknown = id;
    next(r);
    return true;
}

static bool read_expression(LicenseReader *r, int depth);

static bool read_simple(LicenseReader *r, int depth) {
    if (text_equal(r->word, TEXT("("))) {
        if (depth > LICENSE_DEPTH)
            return refuse(r, "brackets are nested too deeply");
        next(r);
        if (!read_expression(r, depth + 1))
            return false;
        if (!text_equal(r->word, TEXT(")")))
            return refuse(r, "`)` is expected");
        next(r);
        return true;
    }
    if (!read_id(r, licenses, LICENSE_COUNT))
        return false;
    if (!text_equal(r->word, TEXT("WITH")))
        return true;
    next(r);
    return read_id(r, exceptions, EXCEPTION_COUNT);
}

static bool read_expression(LicenseReader *r, int depth) {
    while (read_simple(r, depth)) {
        if (!text_equal(r->word, TEXT("AND")) && !text_equal(r->word, TEXT("OR")))
            return true;
        next(r);
    }
    return false;
}

bool license_check(Text text, const char **why, Text *bad, Text *unknown) {
    LicenseReader r = {.text = text, .why = why, .bad = bad, .unknown = unknown};
    *unknown = (Text){0};
    next(&r);
    if (!read_expression(&r, 0))
        return false;
    return !r.word.size || refuse(&r, "AND, OR or WITH is expected between identifiers");
}

const char *license_nearest(Text identifier) {
    const char *best = NULL;
    uint32_t distance = 4;
    for (int i = 0; i < LICENSE_COUNT; i++) {
        uint32_t d = text_distance(identifier, text_of(licenses[i]), distance - 1);
        if (d < distance) {
            best = licenses[i];
            distance = d;
        }
    }
    return best;
}
