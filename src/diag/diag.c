#include "diag/diag.h"
#include "diag/report.h"

#include <stdlib.h>

typedef struct {
    uint32_t start, end;
} ErrorRange;

typedef VEC(ErrorRange) ErrorRanges; // of one file, by start

struct Diags {
    Arena *arena;
    VEC(Source *) sources;   // by FileId - 1
    VEC(ErrorRanges) errors; // by FileId - 1
    ReportList reports, remarks;
    MapU64 seen; // hash of code and span → index into reports
    uint32_t error_count, warning_count;
    bool is_muted;
};

Diags *diags_new(Arena *arena) {
    Diags *diags = ARENA_NEW(arena, Diags);
    diags->arena = arena;
    return diags;
}

void diags_free(Diags *diags) {
    if (!diags)
        return;
    for (uint32_t i = 0; i < diags->sources.count; i++) {
        vec_free(&diags->sources.items[i]->line_starts);
        vec_free(&diags->errors.items[i]);
    }
    vec_free(&diags->sources);
    vec_free(&diags->errors);
    vec_free(&diags->reports);
    vec_free(&diags->remarks);
    map_free(&diags->seen);
}

// ---- sources -------------------------------------------------------------------------------------------------------

static void find_lines(Source *source) {
    const char *data = source->content.data;
    size_t size = source->content.size;
    // An average line has about 35 bytes; guessing once saves most of the growing.
    vec_reserve(&source->line_starts, (uint32_t)(size / 32) + 1);
    vec_push(&source->line_starts, 0);
    for (const char *at = data; size && (at = memchr(at, '\n', (size_t)(data + size - at)));) {
        at++;
        vec_push(&source->line_starts, (uint32_t)(at - data));
        if (at == data + size)
            break;
    }
}

FileId diags_add_source(Diags *diags, const char *path, Text content) {
    invariant(content.size < UINT32_MAX, "a source of 4 GB");
    Source *source = ARENA_NEW(diags->arena, Source);
    source->id = (FileId){diags->sources.count + 1};
    source->path = arena_cstr(diags->arena, text_of(path));
    source->content = content;
    find_lines(source);
    vec_push(&diags->sources, source);
    vec_push(&diags->errors, (ErrorRanges){0});
    return source->id;
}

const Source *diags_source(const Diags *diags, FileId file) {
    invariant(file.v > 0 && file.v <= diags->sources.count, "unknown file %u", file.v);
    return diags->sources.items[file.v - 1];
}

uint32_t diags_source_count(const Diags *diags) {
    return diags->sources.count;
}

uint32_t source_line_index(const Source *source, uint32_t offset) {
    uint32_t low = 0, high = source->line_starts.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts.items[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

// Scalars between two offsets; a byte that is not UTF-8 counts as one.
static uint32_t count_scalars(Text content, uint32_t from, uint32_t to) {
    uint32_t count = 0;
    for (uint32_t at = from; at < to; count++) {
        uint32_t scalar, size = text_decode(content, at, &scalar);
        at += size ? size : 1;
    }
    return count;
}

void cursor_position(PositionCursor *cursor, const Source *source, uint32_t offset, uint32_t *line, uint32_t *column) {
    if (offset > source->content.size)
        offset = (uint32_t)source->content.size;
    uint32_t index = source_line_index(source, offset);
    uint32_t start = source->line_starts.items[index];
    if (cursor->source != source || cursor->line_start != start || cursor->offset > offset)
        *cursor = (PositionCursor){source, start, start, 1};
    cursor->column += count_scalars(source->content, cursor->offset, offset);
    cursor->offset = offset;
    *line = index + 1;
    *column = cursor->column;
}

void source_position(const Source *source, uint32_t offset, uint32_t *line, uint32_t *column) {
    PositionCursor cursor = {0};
    cursor_position(&cursor, source, offset, line, column);
}

// ---- reports -------------------------------------------------------------------------------------------------------

// Index of the first range that starts at or after `start`.
static uint32_t lower_bound(const ErrorRanges *ranges, uint32_t start) {
    uint32_t low = 0, high = ranges->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ranges->items[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void remember_error(Diags *diags, Span span) {
    diags->error_count++;
    if (!span.file.v)
        return;
    ErrorRanges *ranges = &diags->errors.items[span.file.v - 1];
    uint32_t at = lower_bound(ranges, span.start);
    vec_push(ranges, (ErrorRange){0});
    memmove(ranges->items + at + 1, ranges->items + at, (ranges->count - 1 - at) * sizeof(ErrorRange));
    ranges->items[at] = (ErrorRange){span.start, span.end};
}

static bool is_duplicate(Diags *diags, DiagCode code, Span span) {
    uint64_t key = hash_combine(hash_combine((uint64_t)code, span.file.v), (uint64_t)span.start << 32 | span.end);
    uint32_t index;
    if (map_get(&diags->seen, key, &index)) {
        const Report *earlier = diags->reports.items[index];
        return earlier->code == code && earlier->span.file.v == span.file.v && earlier->span.start == span.start &&
               earlier->span.end == span.end;
    }
    map_set(&diags->seen, key, diags->reports.count);
    return false;
}

void diags_mute(Diags *diags, bool is_muted) {
    diags->is_muted = is_muted;
}

// Whether a name is spoken with a vowel at its beginning: `Expr`, `i64`, `f32`, `S`.
static bool begins_with_vowel(Text name) {
    if (name.size == 0)
        return false;
    bool is_letter = name.size == 1 || name.data[1] == '`';
    if (is_letter && name.data[0] >= 'A' && name.data[0] <= 'Z')
        return strchr("AEFHILMNORSX", name.data[0]) != NULL;
    if (name.data[0] == 'f' && name.size > 1 && name.data[1] >= '0' && name.data[1] <= '9')
        return true;
    return strchr("aeioAEIO", name.data[0]) != NULL;
}

// The words of a report. Formats say "a `%s`"; of names that want it this makes "an".
static Text words(Arena *arena, const char *format, va_list args) {
    Text text = arena_vprintf(arena, format, args);
    Buffer out = {0};
    size_t copied = 0;
    for (size_t i = 0; i + 3 < text.size; i++) {
        bool is_article = text.data[i] == 'a' && text.data[i + 1] == ' ' && text.data[i + 2] == '`' &&
                          (i == 0 || text.data[i - 1] == ' ' || text.data[i - 1] == '(');
        if (!is_article || !begins_with_vowel((Text){text.data + i + 3, text.size - i - 3}))
            continue;
        buffer_text(&out, (Text){text.data + copied, i + 1 - copied});
        buffer_char(&out, 'n');
        copied = i + 1;
    }
    if (copied) {
        buffer_text(&out, (Text){text.data + copied, text.size - copied});
        text = arena_text(arena, buffer_view(&out));
    }
    vec_free(&out);
    return text;
}

Report *diag_report(Diags *diags, DiagCode code, Span span, const char *format, ...) {
    Report *report = ARENA_NEW(diags->arena, Report);
    report->arena = diags->arena;
    report->code = code;
    report->span = span;
    report->order = diags->reports.count;
    va_list args;
    va_start(args, format);
    report->message = words(diags->arena, format, args);
    va_end(args);
    // Without a place only the words tell two reports apart, so those are all kept.
    if (diags->is_muted || (span.file.v && is_duplicate(diags, code, span)))
        return report;
    vec_push(&diags->reports, report);
    if (diag_code_severity(code) == SEVERITY_ERROR)
        remember_error(diags, span);
    else
        diags->warning_count++;
    return report;
}

Report *diag_remark(Diags *diags, const char *heading, Span span, const char *format, ...) {
    Report *report = ARENA_NEW(diags->arena, Report);
    report->arena = diags->arena;
    report->heading = heading;
    report->span = span;
    va_list args;
    va_start(args, format);
    report->message = words(diags->arena, format, args);
    va_end(args);
    vec_push(&diags->remarks, report);
    return report;
}

void report_label(Report *report, const char *format, ...) {
    va_list args;
    va_start(args, format);
    report->label = words(report->arena, format, args);
    va_end(args);
}

static void append_note(Arena *arena, Note **first, Note **last, Span span, Text message) {
    Note *note = ARENA_NEW(arena, Note);
    note->span = span;
    note->message = message;
    if (*last)
        (*last)->next = note;
    else
        *first = note;
    *last = note;
}

void report_note(Report *report, Span span, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Text message = words(report->arena, format, args);
    va_end(args);
    append_note(report->arena, &report->notes, &report->last_note, span, message);
}

void report_help(Report *report, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Text message = words(report->arena, format, args);
    va_end(args);
    append_note(report->arena, &report->helps, &report->last_help, (Span){0}, message);
}

void report_fix(Report *report, Span span, Text replacement, const char *title) {
    Fix *fix = ARENA_NEW(report->arena, Fix);
    fix->span = span;
    fix->replacement = arena_text(report->arena, replacement);
    fix->title = arena_text(report->arena, text_of(title));
    if (report->last_fix)
        report->last_fix->next = fix;
    else
        report->fixes = fix;
    report->last_fix = fix;
}

uint32_t diags_error_count(const Diags *diags) {
    return diags->error_count;
}

uint32_t diags_warning_count(const Diags *diags) {
    return diags->warning_count;
}

uint32_t diags_report_count(const Diags *diags) {
    return diags->reports.count;
}

bool diags_has_error_in(const Diags *diags, Span span) {
    if (!span.file.v || span.file.v > diags->errors.count)
        return false;
    const ErrorRanges *ranges = &diags->errors.items[span.file.v - 1];
    for (uint32_t i = lower_bound(ranges, span.start); i < ranges->count && ranges->items[i].start <= span.end; i++) {
        if (ranges->items[i].end <= span.end)
            return true;
    }
    return false;
}

const ReportList *diags_reports(const Diags *diags) {
    return &diags->reports;
}

// ---- reading order -------------------------------------------------------------------------------------------------

bool report_is_error(const Report *report, RenderOptions options) {
    return options.deny_warnings || diag_code_severity(report->code) == SEVERITY_ERROR;
}

static int compare_numbers(uint32_t a, uint32_t b) {
    return a < b ? -1 : a > b;
}

static int compare_reports(const void *left, const void *right) {
    const Report *a = *(const Report *const *)left, *b = *(const Report *const *)right;
    int order = compare_numbers(a->span.file.v, b->span.file.v);
    if (!order)
        order = compare_numbers(a->span.start, b->span.start);
    if (!order)
        order = compare_numbers(a->span.end, b->span.end);
    return order ? order : compare_numbers(a->order, b->order);
}

static void render_count(Buffer *out, uint32_t count, const char *one, const char *many) {
    buffer_printf(out, "%u %s", count, count == 1 ? one : many);
}

static void render_closing_line(uint32_t errors, uint32_t warnings, Buffer *out) {
    if (errors)
        render_count(out, errors, "error", "errors");
    if (errors && warnings)
        buffer_cstr(out, ", ");
    if (warnings)
        render_count(out, warnings, "warning", "warnings");
    if (errors || warnings)
        buffer_char(out, '\n');
}

static void render_text(const Diags *diags, const ReportList *sorted, RenderOptions options, Buffer *out) {
    uint32_t shown = options.limit && options.limit < sorted->count ? options.limit : sorted->count;
    PositionCursor cursor = {0};
    for (uint32_t i = 0; i < shown; i++)
        render_report_text(diags, sorted->items[i], options, &cursor, out);
    if (shown < sorted->count)
        buffer_printf(out, "%u more not shown\n", sorted->count - shown);
    uint32_t warnings = options.deny_warnings ? 0 : diags->warning_count;
    render_closing_line(sorted->count - warnings, warnings, out);
}

void diags_render(const Diags *diags, RenderOptions options, Buffer *out) {
    ReportList sorted = {0};
    for (uint32_t i = 0; i < diags->reports.count; i++)
        vec_push(&sorted, diags->reports.items[i]);
    if (sorted.count)
        qsort(sorted.items, sorted.count, sizeof *sorted.items, compare_reports);
    if (options.json)
        render_reports_json(diags, &sorted, options, out);
    else
        render_text(diags, &sorted, options, out);
    vec_free(&sorted);
}

void diags_render_remarks(const Diags *diags, RenderOptions options, Buffer *out) {
    PositionCursor cursor = {0};
    for (uint32_t i = 0; i < diags->remarks.count; i++)
        render_report_text(diags, diags->remarks.items[i], options, &cursor, out);
}
