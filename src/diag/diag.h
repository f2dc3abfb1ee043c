// diag: source files, registered diagnostics and their rendering.
//
// Ideas. Every diagnostic has a code, registered once in codes.def with its severity and title. A stage reports while
// it works and goes on; reports are sorted into reading order before they are shown, duplicates at one place are
// dropped, and a report whose type or name is already poisoned is never made (the stages see to that).
// A message says what was seen, a label at the narrowest wrong range says why, notes show the other places,
// a help line the way out, and a fix what to put where.
#ifndef JANUS_DIAG_H
#define JANUS_DIAG_H

#include "base/base.h"

typedef struct {
    uint32_t v;
} FileId; // 0 is none

// A half-open range of bytes of one file.
typedef struct {
    FileId file;
    uint32_t start, end;
} Span;

typedef struct {
    FileId id;
    const char *path; // as shown to the user
    Text content;
    VecU32 line_starts; // byte offset of each line
} Source;

typedef enum {
#define DIAGNOSTIC(code, severity, title) DIAG_##code,
#include "diag/codes.def"
#undef DIAGNOSTIC
    DIAG_CODE_COUNT,
} DiagCode;

typedef enum { SEVERITY_ERROR, SEVERITY_WARNING } Severity;

typedef struct Diags Diags; // sources and reports of one session
typedef struct Report Report;

Diags *diags_new(Arena *arena);
void diags_free(Diags *diags);

// Registers a source; line starts are computed here. The content must outlive the session.
FileId diags_add_source(Diags *diags, const char *path, Text content);
const Source *diags_source(const Diags *diags, FileId file);
uint32_t diags_source_count(const Diags *diags); // ids are 1 … count
// 1-based line and column (in Unicode scalars) of a byte offset.
void source_position(const Source *source, uint32_t offset, uint32_t *line, uint32_t *column);

// Starts a report. `format` is the headline; the label under the span comes with report_label. The report may be
// extended until the next diag_report on the same Diags.
Report *diag_report(Diags *diags, DiagCode code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_label(Report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_note(Report *report, Span span, const char *format, ...)
    __attribute__((format(printf, 3, 4))); // span.file 0: no place
void report_help(Report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A machine-applicable edit: replace the span with the text; `title` in the imperative.
void report_fix(Report *report, Span span, Text replacement, const char *title);

// A remark says what is so, not what is wrong: a heading stands for its severity and code. It is extended as a report
// is. Remarks are kept apart and shown in the order in which they were made.
Report *diag_remark(Diags *diags, const char *heading, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Reports made while it is muted are lost.
void diags_mute(Diags *diags, bool is_muted);
uint32_t diags_error_count(const Diags *diags);
uint32_t diags_warning_count(const Diags *diags);
uint32_t diags_report_count(const Diags *diags);
// True if an error was reported within the span (a stage may use it to stay silent about what only follows).
bool diags_has_error_in(const Diags *diags, Span span);

typedef struct {
    bool json; // one JSON array on one line, else for people
    bool color;
    bool deny_warnings; // warnings count as errors
    uint32_t limit;     // how many reports at the most; 0: all
} RenderOptions;

// Reports in reading order (file in order of registration, then place), then the closing line with the counts.
void diags_render(const Diags *diags, RenderOptions options, Buffer *out);
void diags_render_remarks(const Diags *diags, RenderOptions options, Buffer *out); // as text

// Registry.
const char *diag_code_name(DiagCode code); // "E0312"
const char *diag_code_title(DiagCode code);
Severity diag_code_severity(DiagCode code);
bool diag_code_find(Text name, DiagCode *code); // "E0312" or "e312"

#endif
