#include "diag/glyph.h"
#include "diag/report.h"

// What one report's lines have in common.
typedef struct {
    const Diags *diags;
    PositionCursor *cursor;
    Buffer *out;
    bool color;
    uint32_t gutter; // columns of the widest line number
} Painter;

static const char RED[] = "\x1b[1;31m", YELLOW[] = "\x1b[1;33m", BLUE[] = "\x1b[1;34m", CYAN[] = "\x1b[1;36m",
                  GREEN[] = "\x1b[32m", BOLD[] = "\x1b[1m", PLAIN[] = "\x1b[0m";

enum {
    TAB_COLUMNS = 4,
    SHOWN_BEFORE = 100,  // bytes of a long line shown before the marked place
    SHOWN_COLUMNS = 160, // columns of a line shown at the most
    SHOWN_FIX_LINES = 8,
};

static void paint(const Painter *p, const char *color) {
    if (p->color)
        buffer_cstr(p->out, color);
}

static void spaces(const Painter *p, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        buffer_char(p->out, ' ');
}

// "   |", or " 12 |" with a line number.
static void gutter(const Painter *p, uint32_t line, char bar) {
    paint(p, BLUE);
    if (line)
        buffer_printf(p->out, " %*u %c", (int)p->gutter, line, bar);
    else
        buffer_printf(p->out, " %*s %c", (int)p->gutter, "", bar);
    paint(p, PLAIN);
}

static void empty_gutter(const Painter *p) {
    gutter(p, 0, '|');
    buffer_char(p->out, '\n');
}

// ---- source lines --------------------------------------------------------------------------------------------------

static Text line_text(const Source *source, uint32_t line) {
    uint32_t start = source->line_starts.items[line - 1];
    uint32_t end = line < source->line_starts.count ? source->line_starts.items[line] : (uint32_t)source->content.size;
    while (end > start && (source->content.data[end - 1] == '\n' || source->content.data[end - 1] == '\r'))
        end--;
    return (Text){source->content.data + start, end - start};
}

// Where to begin showing a line of which byte `focus` matters: at its start, or shortly before in a long one.
static size_t window_start(Text line, size_t focus) {
    if (focus <= SHOWN_BEFORE)
        return 0;
    size_t at = focus - SHOWN_BEFORE / 2;
    while (at > 0 && ((uint8_t)line.data[at] & 0xC0) == 0x80)
        at--;
    return at;
}

typedef struct {
    uint32_t from, to; // columns of the marked bytes
} MarkedColumns;

static uint32_t append_glyph(Buffer *out, Text line, size_t at, uint32_t column, uint32_t *width) {
    uint32_t scalar, size = text_decode(line, at, &scalar);
    *width = 1;
    if (size && scalar == '\t') {
        *width = TAB_COLUMNS - column % TAB_COLUMNS;
        for (uint32_t i = 0; i < *width; i++)
            buffer_char(out, ' ');
    } else if (!size || glyph_is_unsafe(scalar)) {
        buffer_utf8(out, 0xFFFD);
    } else {
        *width = glyph_width(scalar);
        buffer_text(out, (Text){line.data + at, size});
    }
    return size ? size : 1;
}

// Appends the line as a terminal shows it, from byte `first` on, and tells where the bytes [from, to) came to stand.
static MarkedColumns append_line(Buffer *out, Text line, size_t first, size_t from, size_t to) {
    MarkedColumns marked = {UINT32_MAX, UINT32_MAX};
    uint32_t column = 0;
    if (first) {
        buffer_cstr(out, "…");
        column = 1;
    }
    size_t at = first;
    while (at < line.size && column < SHOWN_COLUMNS) {
        if (at >= from && marked.from == UINT32_MAX)
            marked.from = column;
        if (at >= to && marked.to == UINT32_MAX)
            marked.to = column;
        uint32_t width;
        at += append_glyph(out, line, at, column, &width);
        column += width;
    }
    if (at < line.size)
        buffer_cstr(out, "…");
    if (marked.from == UINT32_MAX)
        marked.from = column;
    if (marked.to == UINT32_MAX)
        marked.to = column;
    if (marked.to <= marked.from)
        marked.to = marked.from + 1;
    return marked;
}

static void label_text(const Painter *p, Text label, uint32_t indent) {
    size_t start = 0;
    for (size_t i = 0; i <= label.size; i++) {
        if (i < label.size && label.data[i] != '\n')
            continue;
        if (start) {
            gutter(p, 0, '|');
            spaces(p, indent);
        }
        buffer_char(p->out, ' ');
        glyph_append_safe(p->out, (Text){label.data + start, i - start});
        if (i < label.size)
            buffer_char(p->out, '\n');
        start = i + 1;
    }
}

// One source line with the bytes [from, to) of it underlined.
static void marked_line(const Painter *p, const Source *source, uint32_t line, size_t from, size_t to, char mark,
                        const char *color, Text label) {
    Text text = line_text(source, line);
    gutter(p, line, '|');
    if (text.size)
        buffer_char(p->out, ' ');
    MarkedColumns columns = append_line(p->out, text, window_start(text, from), from, to);
    buffer_char(p->out, '\n');
    gutter(p, 0, '|');
    spaces(p, columns.from + 1);
    paint(p, color);
    for (uint32_t i = columns.from; i < columns.to; i++)
        buffer_char(p->out, mark);
    if (label.size)
        label_text(p, label, columns.to + 1);
    paint(p, PLAIN);
    buffer_char(p->out, '\n');
}

static size_t first_ink(Text line) {
    size_t at = 0;
    while (at < line.size && (line.data[at] == ' ' || line.data[at] == '\t'))
        at++;
    return at;
}

static void arrow_line(const Painter *p, const Source *source, uint32_t line, uint32_t column) {
    spaces(p, p->gutter + 1);
    paint(p, BLUE);
    buffer_cstr(p->out, "-->");
    paint(p, PLAIN);
    buffer_char(p->out, ' ');
    glyph_append_safe(p->out, text_of(source->path));
    buffer_printf(p->out, ":%u:%u\n", line, column);
}

static Span clamp_span(const Source *source, Span span) {
    uint32_t size = (uint32_t)source->content.size;
    span.start = span.start > size ? size : span.start;
    span.end = span.end > size ? size : span.end < span.start ? span.start : span.end;
    return span;
}

// The lines of a span; of a long one only the first and the last.
static void snippet(const Painter *p, Span place, char mark, const char *color, Text label) {
    const Source *source = diags_source(p->diags, place.file);
    Span span = clamp_span(source, place);
    uint32_t line, column, end_line, end_column;
    cursor_position(p->cursor, source, span.start, &line, &column);
    PositionCursor end_cursor = *p->cursor;
    cursor_position(&end_cursor, source, span.end, &end_line, &end_column);
    uint32_t line_start = source->line_starts.items[line - 1];
    // A span that ends with its line's newline marks that line only.
    if (end_line > line && end_column == 1)
        end_line--;
    arrow_line(p, source, line, column);
    empty_gutter(p);
    if (end_line == line) {
        marked_line(p, source, line, span.start - line_start, span.end - line_start, mark, color, label);
        return;
    }
    marked_line(p, source, line, span.start - line_start, SIZE_MAX, mark, color, (Text){0});
    if (end_line - line > 1) {
        paint(p, BLUE);
        spaces(p, p->gutter - 1);
        buffer_cstr(p->out, "...\n");
        paint(p, PLAIN);
    }
    Text last = line_text(source, end_line);
    size_t last_end = span.end - source->line_starts.items[end_line - 1];
    marked_line(p, source, end_line, first_ink(last), last_end, mark, color, label);
}

// ---- fixes ---------------------------------------------------------------------------------------------------------

typedef VEC(Text) Lines;

static void split_lines(Text text, Lines *lines) {
    size_t start = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.data[i] != '\n')
            continue;
        vec_push(lines, (Text){text.data + start, i - start});
        start = i + 1;
    }
}

static void diff_lines(const Painter *p, const Lines *lines, uint32_t first, uint32_t past, uint32_t line, char sign,
                       size_t window) {
    for (uint32_t i = first; i < past; i++, line++) {
        if (i - first == SHOWN_FIX_LINES) {
            gutter(p, 0, sign);
            buffer_cstr(p->out, " …\n");
            return;
        }
        gutter(p, line, sign);
        paint(p, sign == '+' ? GREEN : RED);
        if (lines->items[i].size)
            buffer_char(p->out, ' ');
        append_line(p->out, lines->items[i], window < lines->items[i].size ? window : 0, 0, 0);
        paint(p, PLAIN);
        buffer_char(p->out, '\n');
    }
}

// The lines touched by a fix, before and after; what both have in common at either end is left out.
static void diff(const Painter *p, const Source *source, Span span, Text replacement) {
    uint32_t line = source_line_index(source, span.start) + 1, end_line = source_line_index(source, span.end) + 1;
    uint32_t start = source->line_starts.items[line - 1];
    Text last = line_text(source, end_line);
    uint32_t end = (uint32_t)(last.data + last.size - source->content.data);
    end = end < span.end ? span.end : end;
    Buffer changed = {0};
    buffer_text(&changed, (Text){source->content.data + start, span.start - start});
    buffer_text(&changed, replacement);
    buffer_text(&changed, (Text){source->content.data + span.end, end - span.end});
    Lines before = {0}, after = {0};
    split_lines((Text){source->content.data + start, end - start}, &before);
    split_lines(buffer_view(&changed), &after);
    uint32_t same = 0, before_end = before.count, after_end = after.count;
    while (same < before_end && same < after_end && text_equal(before.items[same], after.items[same]))
        same++;
    while (before_end > same && after_end > same &&
           text_equal(before.items[before_end - 1], after.items[after_end - 1])) {
        before_end--;
        after_end--;
    }
    size_t window = window_start((Text){source->content.data + start, end - start}, span.start - start);
    empty_gutter(p);
    diff_lines(p, &before, same, before_end, line + same, '-', window);
    diff_lines(p, &after, same, after_end, line + same, '+', window);
    vec_free(&before);
    vec_free(&after);
    vec_free(&changed);
}

// ---- reports -------------------------------------------------------------------------------------------------------

static void headed_text(const Painter *p, const char *head, const char *color, Text message) {
    paint(p, color);
    buffer_cstr(p->out, head);
    paint(p, PLAIN);
    buffer_cstr(p->out, ": ");
    glyph_append_safe(p->out, message);
    buffer_char(p->out, '\n');
}

static uint32_t digits_of(uint32_t number) {
    uint32_t digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static void widen_gutter(Painter *p, Span span, uint32_t extra_lines) {
    if (!span.file.v)
        return;
    const Source *source = diags_source(p->diags, span.file);
    uint32_t line = source_line_index(source, clamp_span(source, span).end) + 1;
    uint32_t digits = digits_of(line + extra_lines);
    p->gutter = digits > p->gutter ? digits : p->gutter;
}

static void choose_gutter(Painter *p, const Report *report) {
    p->gutter = 1;
    widen_gutter(p, report->span, 0);
    for (const Note *note = report->notes; note; note = note->next)
        widen_gutter(p, note->span, 0);
    for (const Fix *fix = report->fixes; fix; fix = fix->next)
        widen_gutter(p, fix->span, 1);
}

static void render_headline(const Painter *p, const Report *report, const char *severity, const char *color) {
    paint(p, color);
    if (report->heading)
        buffer_cstr(p->out, report->heading);
    else
        buffer_printf(p->out, "%s[%s]", severity, diag_code_name(report->code));
    paint(p, PLAIN);
    paint(p, BOLD);
    buffer_cstr(p->out, ": ");
    glyph_append_safe(p->out, report->message);
    paint(p, PLAIN);
    buffer_char(p->out, '\n');
}

static void render_notes(const Painter *p, const Report *report) {
    for (const Note *note = report->notes; note; note = note->next) {
        headed_text(p, "note", BOLD, note->message);
        if (note->span.file.v)
            snippet(p, note->span, '-', BLUE, (Text){0});
    }
    for (const Note *help = report->helps; help; help = help->next)
        headed_text(p, "help", CYAN, help->message);
}

static void render_fixes(const Painter *p, const Report *report) {
    const Fix *before = NULL;
    for (const Fix *fix = report->fixes; fix; before = fix, fix = fix->next) {
        if (!before || !text_equal(before->title, fix->title))
            headed_text(p, "help", CYAN, fix->title);
        const Source *source = diags_source(p->diags, fix->span.file);
        diff(p, source, clamp_span(source, fix->span), fix->replacement);
    }
}

void render_report_text(const Diags *diags, const Report *report, RenderOptions options, PositionCursor *cursor,
                        Buffer *out) {
    Painter p = {.diags = diags, .cursor = cursor, .out = out, .color = options.color};
    bool is_error = !report->heading && report_is_error(report, options);
    const char *color = report->heading ? CYAN : is_error ? RED : YELLOW;
    choose_gutter(&p, report);
    render_headline(&p, report, is_error ? "error" : "warning", color);
    if (report->span.file.v)
        snippet(&p, report->span, '^', color, report->label);
    render_notes(&p, report);
    render_fixes(&p, report);
    buffer_char(out, '\n');
}
