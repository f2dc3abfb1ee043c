#include "driver/formatter.h"

enum { MAX_SOURCE_BYTES = 64 * 1024 * 1024 };

// ---- folders --------------------------------------------------------------------------------------------------------

static bool is_skipped(Text name) {
    return name.data[0] == '.' || text_equal(name, TEXT("build"));
}

void formatter_collect(Diags *diags, Arena *arena, const char *folder, PathList *paths) {
    Text *names;
    uint32_t count;
    OsResult result = os_list_folder(arena, folder, &names, &count);
    if (!result.ok)
        diag_report(diags, DIAG_E0001, (Span){0}, "cannot read the folder %s: %s", folder, result.message);
    for (uint32_t i = 0; i < count; i++) {
        bool has_slash = text_ends_with(text_of(folder), TEXT("/"));
        const char *path = strcmp(folder, ".") == 0
                               ? names[i].data
                               : arena_printf(arena, "%s%s%.*s", folder, has_slash ? "" : "/", TEXT_ARG(names[i])).data;
        if (os_is_link_to_folder(path)) // may lead back here
            continue;
        if (os_is_folder(path)) {
            if (!is_skipped(names[i]))
                formatter_collect(diags, arena, path, paths);
        } else if (text_ends_with(names[i], TEXT(".jan")) && os_is_file(path)) {
            vec_push(paths, path);
        }
    }
}

// ---- files ----------------------------------------------------------------------------------------------------------

static bool read_source(Diags *diags, Arena *arena, const char *path, const char *shown, Text *content) {
    OsResult result = strcmp(path, "-") == 0 ? os_read_stdin(arena, MAX_SOURCE_BYTES, content)
                                             : os_read_file(arena, path, MAX_SOURCE_BYTES, content);
    if (!result.ok) {
        diag_report(diags, DIAG_E0001, (Span){0}, "cannot read %s: %s", shown, result.message);
        return false;
    }
    if (content->size == 0 || !memchr(content->data, 0, content->size))
        return true;
    Report *report = diag_report(diags, DIAG_E0002, (Span){0}, "%s is not a text file", shown);
    report_help(report, "Janus sources are UTF-8 text; is this a compiled program?");
    return false;
}

FormatOutcome formatter_format(Diags *diags, Arena *arena, const char *path, Text *before, Text *after) {
    const char *shown = strcmp(path, "-") == 0 ? "<stdin>" : path;
    if (!read_source(diags, arena, path, shown, before))
        return FORMAT_ERRORS;
    FileId file = diags_add_source(diags, shown, *before);
    Interner *symbols = interner_new(arena);
    Buffer out = {0};
    FormatOutcome outcome = syntax_format(diags, symbols, arena, file, &out);
    *after = arena_text(arena, buffer_view(&out));
    vec_free(&out);
    interner_free(symbols);
    return outcome;
}

bool formatter_write(Diags *diags, const char *path, Text after) {
    OsResult result = os_rewrite_file(path, after);
    if (!result.ok)
        diag_report(diags, DIAG_E0901, (Span){0}, "cannot write %s: %s", path, result.message);
    return result.ok;
}
