// Characters, spaces and comments of KDL.
#include "pkg/kdl_internal.h"

Span kdl_span(const Kdl *k, uint32_t start, uint32_t end) {
    return (Span){k->file, start, end};
}

Report *kdl_error(Kdl *k, DiagCode code, uint32_t start, uint32_t end, const char *message, const char *label) {
    Report *report = diag_report(k->diags, code, kdl_span(k, start, end), "%s", message);
    report_label(report, "%s", label);
    return report;
}

// ---- what may stand in a document ----------------------------------------------------------------------------------

static bool is_forbidden(uint32_t scalar) {
    if (scalar < 0x20)
        return scalar <= 8 || scalar >= 0xE;
    return scalar == 0x7F || scalar == 0xFEFF || scalar == 0x200E || scalar == 0x200F ||
           (scalar >= 0x202A && scalar <= 0x202E) || (scalar >= 0x2066 && scalar <= 0x2069);
}

bool kdl_check_text(Kdl *k) {
    if (text_starts_with(k->text, TEXT("\xEF\xBB\xBF")))
        k->at = 3;
    for (uint32_t at = k->at, size; at < k->text.size; at += size) {
        uint32_t scalar;
        size = text_decode(k->text, at, &scalar);
        if (!size) {
            kdl_error(k, DIAG_E0945, at, at + 1, "the manifest is not UTF-8", "this byte is part of no character");
            return false;
        }
        if (!is_forbidden(scalar))
            continue;
        Report *report = diag_report(k->diags, DIAG_E0945, kdl_span(k, at, at + size),
                                     "U+%04X cannot stand in a manifest", (unsigned)scalar);
        report_label(report, "an invisible control character");
        report_help(report, "in a quoted string it is written `\\u{%X}`", (unsigned)scalar);
        return false;
    }
    return true;
}

// ---- characters ----------------------------------------------------------------------------------------------------

bool kdl_looking_at(const Kdl *k, const char *text) {
    return text_starts_with((Text){k->text.data + k->at, k->text.size - k->at}, text_of(text));
}

static uint32_t scalar_at(const Kdl *k, uint32_t at, uint32_t *size) {
    uint32_t scalar = 0;
    *size = at < k->text.size ? text_decode(k->text, at, &scalar) : 0;
    return scalar;
}

uint32_t kdl_newline_size(const Kdl *k, uint32_t at) {
    uint32_t size, scalar = scalar_at(k, at, &size);
    if (scalar == '\r' && at + 1 < k->text.size && k->text.data[at + 1] == '\n')
        return 2;
    bool is_newline = (scalar >= 0xA && scalar <= 0xD) || scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029;
    return is_newline ? size : 0;
}

uint32_t kdl_space_size(const Kdl *k, uint32_t at) {
    uint32_t size, scalar = scalar_at(k, at, &size);
    bool is_space = scalar == 9 || scalar == 0x20 || scalar == 0xA0 || scalar == 0x1680 ||
                    (scalar >= 0x2000 && scalar <= 0x200A) || scalar == 0x202F || scalar == 0x205F || scalar == 0x3000;
    return is_space ? size : 0;
}

uint32_t kdl_name_size(const Kdl *k) {
    uint32_t at = k->at;
    while (at < k->text.size) {
        uint32_t size;
        scalar_at(k, at, &size);
        if (!size || strchr("\\/(){};[]\"#=", k->text.data[at]) || kdl_newline_size(k, at) || kdl_space_size(k, at))
            break;
        at += size;
    }
    return at - k->at;
}

// ---- spaces and comments -------------------------------------------------------------------------------------------

static bool skip_block_comment(Kdl *k) {
    uint32_t start = k->at, depth = 0;
    do {
        if (kdl_looking_at(k, "/*")) {
            depth++;
            k->at += 2;
        } else if (kdl_looking_at(k, "*/")) {
            depth--;
            k->at += 2;
        } else if (k->at < k->text.size) {
            k->at++;
        } else {
            Report *report =
                kdl_error(k, DIAG_E0941, start, start + 2, "the comment is not closed", "the comment begins here");
            report_help(report, "end it with `*/`; comments may be nested, each has an end of its own");
            return false;
        }
    } while (depth);
    return true;
}

static void skip_line_comment(Kdl *k) {
    while (k->at < k->text.size && !kdl_newline_size(k, k->at))
        k->at++;
}

// Spaces and block comments.
static bool skip_blanks(Kdl *k, bool *any) {
    for (;;) {
        uint32_t size = kdl_space_size(k, k->at);
        if (!size && !kdl_looking_at(k, "/*"))
            return true;
        if (!size && !skip_block_comment(k))
            return false;
        k->at += size;
        *any = true;
    }
}

static bool skip_continuation(Kdl *k) {
    uint32_t start = k->at++;
    bool any = false;
    if (!skip_blanks(k, &any))
        return false;
    if (kdl_looking_at(k, "//"))
        skip_line_comment(k);
    uint32_t size = kdl_newline_size(k, k->at);
    k->at += size;
    if (size || k->at == k->text.size)
        return true;
    Report *report = kdl_error(k, DIAG_E0940, start, start + 1, "`\\` stands within a line",
                               "it continues a line and must be its last character");
    report_help(report, "a text with a backslash is quoted, and the backslash written twice: \"C:\\\\dir\"");
    return false;
}

bool kdl_skip_space(Kdl *k, bool *any) {
    for (;;) {
        if (!skip_blanks(k, any))
            return false;
        if (!kdl_looking_at(k, "\\"))
            return true;
        if (!skip_continuation(k))
            return false;
        *any = true;
    }
}

bool kdl_skip_lines(Kdl *k) {
    for (bool any = false;;) {
        if (!kdl_skip_space(k, &any))
            return false;
        uint32_t size = kdl_newline_size(k, k->at);
        if (kdl_looking_at(k, "//"))
            skip_line_comment(k);
        else if (!size)
            return true;
        k->at += size;
    }
}
