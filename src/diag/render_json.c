#include "diag/report.h"

// Every object has every key, so that readers need no special cases; a report without a place has file null.
static void json_place(const Diags *diags, Span span, PositionCursor *cursor, Buffer *out) {
    if (!span.file.v) {
        buffer_cstr(out, "\"file\":null,\"line\":0,\"column\":0,\"end_line\":0,\"end_column\":0,\"start\":0,\"end\":0");
        return;
    }
    const Source *source = diags_source(diags, span.file);
    uint32_t line, column, end_line, end_column;
    cursor_position(cursor, source, span.start, &line, &column);
    PositionCursor end_cursor = *cursor;
    cursor_position(&end_cursor, source, span.end < span.start ? span.start : span.end, &end_line, &end_column);
    buffer_cstr(out, "\"file\":");
    buffer_json_string(out, text_of(source->path));
    buffer_printf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u,\"start\":%u,\"end\":%u", line,
                  column, end_line, end_column, span.start, span.end);
}

static void json_field(Buffer *out, const char *name, Text value) {
    buffer_printf(out, "\"%s\":", name);
    buffer_json_string(out, value);
}

static void json_notes(const Diags *diags, const Report *report, PositionCursor *cursor, Buffer *out) {
    buffer_cstr(out, ",\"notes\":[");
    for (const Note *note = report->notes; note; note = note->next) {
        buffer_cstr(out, note == report->notes ? "{" : ",{");
        json_field(out, "message", note->message);
        buffer_char(out, ',');
        json_place(diags, note->span, cursor, out);
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}

static void json_helps(const Report *report, Buffer *out) {
    buffer_cstr(out, ",\"help\":[");
    for (const Note *help = report->helps; help; help = help->next) {
        if (help != report->helps)
            buffer_char(out, ',');
        buffer_json_string(out, help->message);
    }
    buffer_char(out, ']');
}

static void json_fixes(const Diags *diags, const Report *report, PositionCursor *cursor, Buffer *out) {
    buffer_cstr(out, ",\"fixes\":[");
    for (const Fix *fix = report->fixes; fix; fix = fix->next) {
        buffer_cstr(out, fix == report->fixes ? "{" : ",{");
        json_field(out, "title", fix->title);
        buffer_char(out, ',');
        json_place(diags, fix->span, cursor, out);
        buffer_char(out, ',');
        json_field(out, "replacement", fix->replacement);
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}

static void json_report(const Diags *diags, const Report *report, RenderOptions options, PositionCursor *cursor,
                        Buffer *out) {
    buffer_char(out, '{');
    json_field(out, "code", text_of(diag_code_name(report->code)));
    buffer_char(out, ',');
    json_field(out, "severity", report_is_error(report, options) ? TEXT("error") : TEXT("warning"));
    buffer_char(out, ',');
    json_field(out, "message", report->message);
    buffer_char(out, ',');
    json_place(diags, report->span, cursor, out);
    buffer_char(out, ',');
    json_field(out, "label", report->label);
    json_notes(diags, report, cursor, out);
    json_helps(report, out);
    json_fixes(diags, report, cursor, out);
    buffer_char(out, '}');
}

void render_reports_json(const Diags *diags, const ReportList *reports, RenderOptions options, Buffer *out) {
    uint32_t shown = options.limit && options.limit < reports->count ? options.limit : reports->count;
    PositionCursor cursor = {0};
    buffer_char(out, '[');
    for (uint32_t i = 0; i < shown; i++) {
        if (i)
            buffer_char(out, ',');
        json_report(diags, reports->items[i], options, &cursor, out);
    }
    buffer_cstr(out, "]\n");
}
