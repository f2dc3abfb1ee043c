// janus fmt: rewrites files that are not laid out in the one style. Each is read, formatted and reported on its own, so
// that memory does not grow with their number.
#include "cli/cli.h"
#include "driver/formatter.h"

typedef struct {
    const Options *options;
    Buffer out;
    uint32_t file_count, changed_count;
    bool has_errors;
} Run;

static void write_json(Run *run, const Diags *diags, const char *path, const char *state) {
    Buffer reports = {0};
    diags_render(diags, (RenderOptions){.json = true}, &reports);
    buffer_cstr(&run->out, run->file_count == 1 ? "[{\"path\":" : ",{\"path\":");
    buffer_json_string(&run->out, text_of(path));
    buffer_printf(&run->out, ",\"state\":\"%s\",\"reports\":%.*s}", state, (int)reports.count - 1, reports.items);
    vec_free(&reports);
}

static void write_reports(const Run *run, const Diags *diags) {
    if (diags_report_count(diags) == 0)
        return;
    Buffer reports = {0};
    diags_render(diags, (RenderOptions){.color = output_wants_color(run->options, 2), .limit = 100}, &reports);
    fwrite(reports.items, 1, reports.count, stderr);
    vec_free(&reports);
}

// Without options a file is rewritten if it changes; standard input goes to standard output always.
static bool finish_file(Run *run, Diags *diags, const char *path, Text before, Text after) {
    const Options *options = run->options;
    bool is_stdin = strcmp(path, "-") == 0, is_changed = !text_equal(before, after);
    bool is_dry = options->check || options->diff;
    if (is_changed && options->diff && !options->json)
        diff_write(is_stdin ? "<stdin>" : path, before, after, &run->out);
    if (is_stdin && !is_dry && !options->json)
        buffer_text(&run->out, after);
    if (!is_changed || is_dry || is_stdin)
        return true;
    return formatter_write(diags, path, after);
}

static void format_file(Run *run, const char *path) {
    Arena *arena = arena_new();
    Diags *diags = diags_new(arena);
    Text before = {0}, after = {0};
    FormatOutcome outcome = formatter_format(diags, arena, path, &before, &after);
    if (outcome == FORMAT_FAILED)
        fprintf(stderr,
                "error: %s is left as it is: its formatted text would not mean the same\n"
                "help: this is a mistake of janus, not of the program; please report it together with the file\n",
                path);
    bool is_good = outcome == FORMAT_DONE;
    bool is_changed = is_good && !text_equal(before, after);
    is_good = is_good && finish_file(run, diags, path, before, after);
    run->file_count++;
    run->changed_count += is_good && is_changed;
    run->has_errors |= !is_good;
    if (run->options->json)
        write_json(run, diags, path, !is_good ? "failed" : is_changed ? "changed" : "unchanged");
    else if (is_good && is_changed && !run->options->diff && strcmp(path, "-") != 0)
        buffer_printf(&run->out, "%s\n", path);
    write_reports(run, run->options->json ? diags_new(arena) : diags);
    diags_free(diags);
    arena_free(arena);
}

static void format_operand(Run *run, const char *path) {
    if (!os_is_folder(path)) {
        format_file(run, path);
        return;
    }
    Arena *arena = arena_new();
    Diags *diags = diags_new(arena);
    PathList paths = {0};
    formatter_collect(diags, arena, path, &paths);
    write_reports(run, diags);
    run->has_errors |= diags_error_count(diags) > 0;
    for (uint32_t i = 0; i < paths.count; i++)
        format_file(run, paths.items[i]);
    vec_free(&paths);
    diags_free(diags);
    arena_free(arena);
}

int command_fmt(const Options *options) {
    Run run = {.options = options};
    for (uint32_t i = 0; i < options->operands.count; i++)
        format_operand(&run, options->operands.items[i]);
    if (options->operands.count == 0)
        format_operand(&run, ".");
    if (options->json)
        buffer_cstr(&run.out, run.file_count ? "]\n" : "[]\n");
    int code = output_result(buffer_view(&run.out));
    vec_free(&run.out);
    bool is_refused = options->check && run.changed_count > 0;
    return run.has_errors || is_refused ? EXIT_ERRORS : code;
}
