// Quoted strings of KDL: on one line and on several, each also raw.
#include "pkg/kdl_internal.h"

#include <stdlib.h>

// One string: where its parts are.
typedef struct {
    uint32_t start;       // of its first `#` or quote
    uint32_t body, close; // the text between the quotes
    uint32_t hashes;      // 0: escapes count
    bool multiline;
} Quoted;

bool kdl_at_string(const Kdl *k) {
    uint32_t at = k->at;
    while (at < k->text.size && k->text.data[at] == '#')
        at++;
    return at < k->text.size && k->text.data[at] == '"';
}

// ---- escapes -------------------------------------------------------------------------------------------------------

static bool escape_error(Kdl *k, uint32_t start, uint32_t end, const char *label) {
    Report *report = kdl_error(k, DIAG_E0942, start, end, "the string has a malformed escape", label);
    report_help(report,
                "the escapes are \\n \\r \\t \\\\ \\\" \\b \\f \\s and \\u{…}; a raw string has none: #\"C:\\dir\"#");
    return false;
}

static bool read_unicode(Kdl *k, Text text, const uint32_t *places, uint32_t *at, Buffer *out) {
    uint32_t start = *at - 1, digits = *at + 2, end = digits;
    while (end < text.size && end < digits + 7 && strchr("0123456789abcdefABCDEF", text.data[end]) && text.data[end])
        end++;
    bool closed = end < text.size && text.data[end] == '}';
    bool counted = *at + 1 < text.size && text.data[*at + 1] == '{' && end > digits && end - digits <= 6;
    uint32_t last = places[(end < text.size ? end : (uint32_t)text.size - 1)] + 1;
    if (!closed || !counted)
        return escape_error(k, places[start], last, "write one to six hexadecimal digits in braces: \\u{1F600}");
    char number[8] = {0};
    memcpy(number, text.data + digits, end - digits);
    uint32_t scalar = (uint32_t)strtoul(number, NULL, 16);
    if (scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF))
        return escape_error(k, places[start], last, "no character has this number");
    buffer_utf8(out, scalar);
    *at = end + 1;
    return true;
}

// `places` says for each byte of the text where it stands in the document.
static bool resolve_escapes(Kdl *k, Text text, const uint32_t *places, Buffer *out) {
    invariant(places || !text.size, "each byte has its place");
    for (uint32_t at = 0; at < text.size;) {
        char c = text.data[at++];
        if (c != '\\') {
            buffer_char(out, c);
            continue;
        }
        static const char NAMES[] = "nrt\\\"bfs", VALUES[] = "\n\r\t\\\"\b\f ";
        const char *name = at < text.size ? strchr(NAMES, text.data[at]) : NULL;
        if (name && *name) {
            buffer_char(out, VALUES[name - NAMES]);
            at++;
        } else if (at < text.size && text.data[at] == 'u') {
            if (!read_unicode(k, text, places, &at, out))
                return false;
        } else {
            uint32_t scalar, size = at < text.size ? text_decode(text, at, &scalar) : 0;
            return escape_error(k, places[at - 1], places[at - 1] + 1 + size, "unknown escape");
        }
    }
    return true;
}

// ---- bodies --------------------------------------------------------------------------------------------------------

// The text of a string's body before escapes are resolved: escaped spaces are gone, line breaks are `\n`.
typedef struct {
    Buffer text;
    VecU32 places;
} Body;

static void body_put(Body *body, char c, uint32_t place) {
    buffer_char(&body->text, c);
    vec_push(&body->places, place);
}

static uint32_t blank_size(const Kdl *k, uint32_t at) {
    uint32_t size = kdl_newline_size(k, at);
    return size ? size : kdl_space_size(k, at);
}

static void read_body(const Kdl *k, const Quoted *q, Body *body) {
    for (uint32_t at = q->body; at < q->close;) {
        char c = k->text.data[at];
        uint32_t size = kdl_newline_size(k, at);
        if (size) {
            body_put(body, '\n', at);
            at += size;
        } else if (c == '\\' && !q->hashes && at + 1 < q->close && blank_size(k, at + 1)) {
            for (at++; at < q->close && (size = blank_size(k, at));)
                at += size;
        } else {
            body_put(body, c, at++);
            if (c == '\\' && !q->hashes && at < q->close) {
                body_put(body, k->text.data[at], at); // so that `\\` hides no space after it
                at++;
            }
        }
    }
}

static bool only_spaces(Text line) {
    Kdl k = {.text = line};
    for (uint32_t at = 0, size; at < line.size; at += size)
        if (!(size = kdl_space_size(&k, at)))
            return false;
    return true;
}

// Takes the indentation of the last line off every line, and drops the first and the last line break.
static bool dedent(Kdl *k, const Quoted *q, const Body *body, Body *out) {
    Text text = buffer_view(&body->text), prefix = {text.data, text.size};
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '\n')
            prefix = (Text){text.data + i + 1, text.size - i - 1};
    if (!only_spaces(prefix)) {
        kdl_error(k, DIAG_E0942, q->close, q->close + 3, "the closing quotes of the text stand behind text",
                  "they must be on a line of their own");
        return false;
    }
    size_t last = (size_t)(prefix.data - text.data);
    for (size_t at = 1; at < last;) { // behind the first line break
        const char *newline = memchr(text.data + at, '\n', last - at);
        Text line = {text.data + at, (size_t)(newline - text.data) - at};
        size_t from = at + prefix.size;
        if (only_spaces(line)) {
            from = at + line.size;
        } else if (!text_starts_with(line, prefix)) {
            Report *report = kdl_error(k, DIAG_E0942, body->places.items[at], body->places.items[at] + 1,
                                       "a line of the text is indented less than its closing quotes",
                                       "does not begin with their indentation");
            report_note(report, kdl_span(k, q->close, q->close + 3), "the closing quotes");
            return false;
        }
        if (out->text.count || at > 1)
            body_put(out, '\n', body->places.items[at - 1]);
        for (size_t i = from; i < at + line.size; i++)
            body_put(out, text.data[i], body->places.items[i]);
        at += line.size + 1;
    }
    return true;
}

static bool evaluate(Kdl *k, const Quoted *q, Text *value) {
    Body body = {0}, dedented = {0};
    Buffer out = {0};
    read_body(k, q, &body);
    const Body *whole = &body;
    bool good = true;
    if (q->multiline) {
        good = dedent(k, q, &body, &dedented);
        whole = &dedented;
    }
    if (good && !q->hashes)
        good = resolve_escapes(k, buffer_view(&whole->text), whole->places.items, &out);
    *value = arena_text(k->arena, buffer_view(q->hashes ? &whole->text : &out));
    vec_free(&body.text);
    vec_free(&body.places);
    vec_free(&dedented.text);
    vec_free(&dedented.places);
    vec_free(&out);
    return good;
}

// ---- finding the end -----------------------------------------------------------------------------------------------

static bool closes_at(const Kdl *k, const Quoted *q, uint32_t at) {
    uint32_t quotes = q->multiline ? 3 : 1;
    if (at + quotes + q->hashes > k->text.size)
        return false;
    for (uint32_t i = 0; i < quotes + q->hashes; i++)
        if (k->text.data[at + i] != (i < quotes ? '"' : '#'))
            return false;
    return true;
}

static bool not_closed(Kdl *k, const Quoted *q, uint32_t end) {
    Report *report =
        kdl_error(k, DIAG_E0941, q->start, end, "the string is not closed", "no closing quote on this line");
    if (q->multiline || q->hashes)
        report_label(report, "the string begins here");
    if (q->hashes)
        report_help(report, "a raw string ends with as many `#` as it begins with: %u", q->hashes);
    else if (!q->multiline)
        report_help(report, "a text of several lines stands between three quotes, `\"\"\"`, on lines of their own");
    return false;
}

// Escaped spaces may hold line breaks.
static uint32_t skip_escape(const Kdl *k, uint32_t at) {
    uint32_t size;
    if (!blank_size(k, ++at))
        return at < k->text.size ? at + 1 : at;
    while ((size = blank_size(k, at)))
        at += size;
    return at;
}

static bool find_end(Kdl *k, Quoted *q) {
    uint32_t at = q->body;
    while (at < k->text.size && !closes_at(k, q, at)) {
        if (!q->multiline && kdl_newline_size(k, at))
            return not_closed(k, q, at);
        at = !q->hashes && k->text.data[at] == '\\' ? skip_escape(k, at) : at + 1;
    }
    if (at >= k->text.size)
        return not_closed(k, q, q->multiline ? q->body : (uint32_t)k->text.size);
    q->close = at;
    k->at = at + (q->multiline ? 3 : 1) + q->hashes;
    return true;
}

bool kdl_read_string(Kdl *k, Text *value) {
    Quoted q = {.start = k->at};
    while (kdl_looking_at(k, "#")) {
        q.hashes++;
        k->at++;
    }
    q.multiline = kdl_looking_at(k, "\"\"\"");
    q.body = k->at + (q.multiline ? 3 : 1);
    if (q.multiline && !kdl_newline_size(k, q.body)) {
        Report *report = kdl_error(k, DIAG_E0942, k->at, q.body, "three quotes begin a text of several lines",
                                   "a line break must follow");
        report_help(report, "a string on one line stands between single quotes: \"text\"");
        return false;
    }
    return find_end(k, &q) && evaluate(k, &q, value);
}
