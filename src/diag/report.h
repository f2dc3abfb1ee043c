// Private to diag: how a report is kept between its making and its rendering.
#ifndef JANUS_DIAG_REPORT_H
#define JANUS_DIAG_REPORT_H

#include "diag/diag.h"

typedef struct Note Note;
struct Note {
    Note *next;
    Span span; // file 0: no place
    Text message;
};

typedef struct Fix Fix;
struct Fix {
    Fix *next;
    Span span;
    Text replacement;
    Text title;
};

struct Report {
    Arena *arena;
    DiagCode code;
    const char *heading; // of a remark, which has no code
    Span span;
    uint32_t order; // of making, which decides between reports at one place
    Text message;
    Text label; // empty: none
    Note *notes, *last_note;
    Note *helps, *last_help;
    Fix *fixes, *last_fix;
};

typedef VEC(const Report *) ReportList;

const ReportList *diags_reports(const Diags *diags);

uint32_t source_line_index(const Source *source, uint32_t offset); // 0-based

// Finds line and column of ascending offsets in a file without counting from the line's start each time.
typedef struct {
    const Source *source;
    uint32_t line_start, offset, column;
} PositionCursor;

void cursor_position(PositionCursor *cursor, const Source *source, uint32_t offset, uint32_t *line, uint32_t *column);

bool report_is_error(const Report *report, RenderOptions options);

void render_report_text(const Diags *diags, const Report *report, RenderOptions options, PositionCursor *cursor,
                        Buffer *out);
void render_reports_json(const Diags *diags, const ReportList *reports, RenderOptions options, Buffer *out);

#endif
