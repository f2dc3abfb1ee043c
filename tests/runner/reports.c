// A reader of the JSON that janus prints: arrays, objects, strings and numbers, of which the reports' own fields count.
#include "runner.h"

typedef struct {
    Arena *arena;
    Text text;
    size_t at;
    bool bad;
} Reader;

static void skip_space(Reader *r) {
    while (r->at < r->text.size && strchr(" \t\r\n", r->text.data[r->at]))
        r->at++;
}

static bool take(Reader *r, char c) {
    skip_space(r);
    if (r->at < r->text.size && r->text.data[r->at] == c) {
        r->at++;
        return true;
    }
    return false;
}

static void escape(Reader *r, Buffer *out) {
    char c = r->text.data[r->at++];
    if (c == 'u' && r->at + 4 <= r->text.size) {
        uint32_t value = 0;
        for (int i = 0; i < 4; i++) {
            char digit = r->text.data[r->at++];
            value = value * 16 + (uint32_t)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
        }
        buffer_utf8(out, value);
        return;
    }
    buffer_char(out, c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
}

static Text read_string(Reader *r) {
    Buffer out = {0};
    if (!take(r, '"'))
        r->bad = true;
    while (!r->bad && r->at < r->text.size && r->text.data[r->at] != '"') {
        char c = r->text.data[r->at++];
        if (c == '\\' && r->at < r->text.size)
            escape(r, &out);
        else
            buffer_char(&out, c);
    }
    if (!take(r, '"'))
        r->bad = true;
    Text text = arena_text(r->arena, buffer_view(&out));
    vec_free(&out);
    return text;
}

static uint32_t read_number(Reader *r) {
    uint32_t value = 0;
    skip_space(r);
    if (r->at >= r->text.size || r->text.data[r->at] < '0' || r->text.data[r->at] > '9')
        r->bad = true;
    while (r->at < r->text.size && r->text.data[r->at] >= '0' && r->text.data[r->at] <= '9')
        value = value * 10 + (uint32_t)(r->text.data[r->at++] - '0');
    return value;
}

static bool take_null(Reader *r) {
    skip_space(r);
    if (r->text.size - r->at < 4 || memcmp(r->text.data + r->at, "null", 4) != 0)
        return false;
    r->at += 4;
    return true;
}

static void read_field(Reader *r, Text name, ReportLine *report);

static void read_object(Reader *r, ReportLine *report) {
    if (take(r, '}'))
        return;
    do {
        Text name = read_string(r);
        if (!take(r, ':'))
            r->bad = true;
        read_field(r, name, report);
    } while (!r->bad && take(r, ','));
    if (!take(r, '}'))
        r->bad = true;
}

static void read_array(Reader *r, ReportLines *reports) {
    if (take(r, ']'))
        return;
    do {
        ReportLine report = {0};
        if (take(r, '{')) {
            size_t start = r->at;
            read_object(r, &report);
            report.whole = (Text){r->text.data + start, r->at - start};
            if (reports)
                vec_push(reports, report);
        } else {
            read_string(r);
        }
    } while (!r->bad && take(r, ','));
    if (!take(r, ']'))
        r->bad = true;
}

static void read_field(Reader *r, Text name, ReportLine *report) {
    Text *text = text_equal(name, TEXT("code"))      ? &report->code
                 : text_equal(name, TEXT("message")) ? &report->message
                 : text_equal(name, TEXT("label"))   ? &report->label
                 : text_equal(name, TEXT("file"))    ? &report->file
                                                     : NULL;
    skip_space(r);
    if (take(r, '[')) {
        read_array(r, NULL);
    } else if (r->at < r->text.size && r->text.data[r->at] == '"') {
        Text value = read_string(r);
        if (text)
            *text = value;
    } else if (!take_null(r)) {
        uint32_t value = read_number(r);
        if (text_equal(name, TEXT("line")))
            report->line = value;
    }
}

bool reports_parse(Arena *arena, Text json, ReportLines *reports) {
    Reader r = {.arena = arena, .text = json};
    if (!take(&r, '['))
        return false;
    read_array(&r, reports);
    skip_space(&r);
    return !r.bad && r.at == json.size;
}
