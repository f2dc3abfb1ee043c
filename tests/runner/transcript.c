// Transcripts of the command line: `$ command` lines (`> ` goes on), each followed by what it prints on either stream;
// `[exit N]` where N is not 0. `...` stands for any lines, `[..]` for any text within a line, `#` begins a comment.
// All commands of a file run in one temporary folder, with janus on the PATH and the repository at $ROOT.
#include "runner.h"

#include <stdlib.h>

enum { COMMAND_SECONDS = 120 };

typedef VEC(Text) TextList;

typedef struct {
    uint32_t line;
    Buffer command;
    TextList expected;
    int exit_code;
} Step;

static bool line_matches(Text pattern, Text line) {
    Text any = TEXT("[..]");
    const char *hole = pattern.size ? memmem(pattern.data, pattern.size, any.data, any.size) : NULL;
    if (!hole)
        return text_equal(pattern, line);
    Text head = {pattern.data, (size_t)(hole - pattern.data)};
    if (!text_starts_with(line, head))
        return false;
    Text rest = {hole + any.size, pattern.size - head.size - any.size};
    for (size_t at = head.size; at <= line.size; at++) {
        if (line_matches(rest, (Text){line.data + at, line.size - at}))
            return true;
    }
    return false;
}

static bool lines_match(const Text *patterns, uint32_t pattern_count, const Text *lines, uint32_t line_count) {
    for (; pattern_count; patterns++, pattern_count--, lines++, line_count--) {
        if (text_equal(*patterns, TEXT("..."))) {
            for (uint32_t skipped = 0; skipped <= line_count; skipped++) {
                if (lines_match(patterns + 1, pattern_count - 1, lines + skipped, line_count - skipped))
                    return true;
            }
            return false;
        }
        if (!line_count || !line_matches(*patterns, *lines))
            return false;
    }
    return line_count == 0;
}

static void drop_blank_end(TextList *list) {
    while (list->count && vec_last(list).size == 0)
        list->count--;
}

static void report_step(const Step *step, const Run *run, Buffer *failure) {
    buffer_printf(failure, "  line %u: $ %.*s\n  expected:\n", step->line, TEXT_ARG(buffer_view(&step->command)));
    for (uint32_t i = 0; i < step->expected.count; i++)
        buffer_printf(failure, "    %.*s\n", TEXT_ARG(step->expected.items[i]));
    if (step->exit_code)
        buffer_printf(failure, "    [exit %d]\n", step->exit_code);
    buffer_cstr(failure, "  printed:\n");
    Text rest = buffer_view(&run->out), line;
    while (next_line(&rest, &line))
        buffer_printf(failure, "    %.*s\n", TEXT_ARG(line));
    if (run->code || run->signalled || run->timed_out)
        buffer_printf(failure, "    [%s %d]\n",
                      run->timed_out   ? "timeout"
                      : run->signalled ? "signal"
                                       : "exit",
                      run->code);
}

static void run_step(const Setup *setup, Step *step, const char *folder, Buffer *failure, Buffer *seen) {
    Arena *arena = arena_new();
    const char *slash = strrchr(setup->janus, '/');
    const char *command =
        arena_printf(arena, "ROOT='%s'; export ROOT; cd work; %.*s", setup->root, TEXT_ARG(buffer_view(&step->command)))
            .data;
    Run run = run_process((RunOptions){
        .argv = (const char *[]){"sh", "-c", command, NULL},
        .folder = folder,
        .timeout_s = COMMAND_SECONDS,
        .merge = true,
        .path_first = arena_cstr(arena, (Text){setup->janus, (size_t)(slash - setup->janus)}),
        .temp = arena_printf(arena, "%s/temp", folder).data,
    });
    TextList lines = {0};
    Text rest = buffer_view(&run.out), line;
    while (next_line(&rest, &line))
        vec_push(&lines, line);
    drop_blank_end(&lines);
    drop_blank_end(&step->expected);
    bool good = !run.timed_out && !run.signalled && run.code == step->exit_code &&
                lines_match(step->expected.items, step->expected.count, lines.items, lines.count);
    if (!good)
        report_step(step, &run, failure);
    if (seen)
        buffer_text(seen, buffer_view(&run.out));
    vec_free(&lines);
    run_free(&run);
    arena_free(arena);
}

static void finish_step(const Setup *setup, Step *step, const char *folder, Buffer *failure, Buffer *seen) {
    if (step->command.count)
        run_step(setup, step, folder, failure, seen);
    vec_free(&step->command);
    vec_free(&step->expected);
    *step = (Step){0};
}

void transcript_run(const Setup *setup, Text transcript, const char *folder, Buffer *failure, Buffer *seen) {
    Arena *arena = arena_new();
    os_make_folder(arena_printf(arena, "%s/work", folder).data);
    os_make_folder(arena_printf(arena, "%s/temp", folder).data);
    Step step = {0};
    Text rest = transcript, line;
    for (uint32_t number = 1; next_line(&rest, &line); number++) {
        if (text_starts_with(line, TEXT("$ "))) {
            finish_step(setup, &step, folder, failure, seen);
            step.line = number;
            buffer_text(&step.command, (Text){line.data + 2, line.size - 2});
        } else if (line.size && line.data[0] == '>' && step.command.count && !step.expected.count) {
            buffer_char(&step.command, '\n');
            if (line.size > 2)
                buffer_text(&step.command, (Text){line.data + 2, line.size - 2});
        } else if (text_starts_with(line, TEXT("[exit "))) {
            step.exit_code = atoi(line.data + strlen("[exit "));
        } else if (!text_starts_with(line, TEXT("#"))) {
            vec_push(&step.expected, line);
        }
    }
    finish_step(setup, &step, folder, failure, seen);
    arena_free(arena);
}

// ---- files ---------------------------------------------------------------------------------------------------------

typedef struct {
    const Setup *setup;
    Results *results;
} TranscriptRun;

static void transcript_test(void *context, uint32_t index) {
    const TranscriptRun *run = context;
    Result *result = &run->results->items[index];
    Arena *arena = arena_new();
    Text transcript;
    const char *folder = arena_printf(arena, "%s/%u", run->setup->folder, index).data;
    os_make_folder(folder);
    if (os_read_file(arena, result->name, 1u << 24, &transcript).ok)
        transcript_run(run->setup, transcript, folder, &result->failure, NULL);
    else
        buffer_cstr(&result->failure, "  cannot be read\n");
    os_remove_tree(folder);
    arena_free(arena);
}

Results transcript_tests(const Setup *setup, Arena *arena, const char *const *paths) {
    Paths found = {0};
    Results results = {0};
    for (; *paths; paths++)
        find_files(arena, *paths, ".t", &found);
    for (uint32_t i = 0; i < found.count; i++)
        vec_push(&results, (Result){.name = found.items[i]});
    TranscriptRun run = {setup, &results};
    run_parallel(results.count, transcript_test, &run);
    vec_free(&found);
    return results;
}
