#include "runner.h"

#include <stdlib.h>

enum { COMPILE_SECONDS = 60, RUN_SECONDS = 20, SHOWN_BYTES = 2000 };

// ---- annotations ---------------------------------------------------------------------------------------------------

static Text trim(Text t) {
    while (t.size && (t.data[0] == ' ' || t.data[0] == '\t'))
        t = (Text){t.data + 1, t.size - 1};
    while (t.size && strchr(" \t\r", t.data[t.size - 1]))
        t.size--;
    return t;
}

static Text first_word(Text *t) {
    size_t end = 0;
    while (end < t->size && t->data[end] != ' ')
        end++;
    Text word = {t->data, end};
    *t = trim((Text){t->data + end, t->size - end});
    return word;
}

static Text after(Text t, size_t at) {
    return (Text){t.data + at, t.size - at};
}

static bool find_mark(Text line, const char *mark, size_t *at) {
    const char *found = memmem(line.data, line.size, mark, strlen(mark));
    if (found)
        *at = (size_t)(found - line.data);
    return found != NULL;
}

// All `//~ CODE text` of a line.
static void read_reports(Program *program, Text file, uint32_t line_number, Text line) {
    size_t at;
    while (find_mark(line, "//~", &at)) {
        line = after(line, at + 3);
        uint32_t target = line_number;
        while (line.size && line.data[0] == '^') {
            target--;
            line = after(line, 1);
        }
        Text rest = line;
        if (find_mark(line, "//~", &at))
            rest.size = at;
        rest = trim(rest);
        Text code = first_word(&rest);
        vec_push(&program->reports, (Expected){.file = file, .line = target, .code = code, .text = rest});
    }
}

static void read_directive(Program *program, Text rest) {
    Text word = first_word(&rest);
    if (text_equal(word, TEXT("exit"))) {
        program->exit_code = atoi(arena_cstr(program->arena, rest));
    } else if (text_equal(word, TEXT("stderr"))) {
        vec_push(&program->errors, rest);
    } else if (text_equal(word, TEXT("args"))) {
        while (rest.size)
            vec_push(&program->arguments, first_word(&rest));
    } else if (text_equal(word, TEXT("input"))) {
        buffer_text(&program->input, rest);
        buffer_char(&program->input, '\n');
    } else if (text_equal(word, TEXT("file"))) {
        Text name = first_word(&rest);
        vec_push(&program->files, (FileRule){.name = name, .content = rest, .is_any = rest.size == 0});
    } else if (text_equal(word, TEXT("tests"))) {
        program->tests = true;
    } else if (text_equal(word, TEXT("schedules"))) {
        program->schedules = arena_cstr(program->arena, first_word(&rest));
    } else if (text_equal(word, TEXT("no-run"))) {
        program->no_run = true;
    } else if (text_equal(word, TEXT("any-workers"))) {
        program->any_workers = true;
    } else if (text_equal(word, TEXT("check"))) {
        program->only_check = true;
    } else if (text_equal(word, TEXT("report"))) {
        Text code = first_word(&rest);
        vec_push(&program->reports, (Expected){.code = code, .text = rest});
    }
}

bool next_line(Text *rest, Text *line) {
    if (!rest->size)
        return false;
    const char *newline = memchr(rest->data, '\n', rest->size);
    size_t size = newline ? (size_t)(newline - rest->data) : rest->size;
    *line = (Text){rest->data, size};
    size_t used = newline ? size + 1 : size;
    *rest = (Text){rest->data + used, rest->size - used};
    return true;
}

void program_read_annotations(Program *program, const char *file) {
    Text content, line;
    if (!os_read_file(program->arena, file, 1u << 26, &content).ok)
        return;
    program->has_tasks |= memmem(content.data, content.size, "nursery", strlen("nursery")) != NULL;
    Text rest = content, name = text_of(file);
    for (uint32_t number = 1; next_line(&rest, &line); number++) {
        size_t at;
        Text start = trim(line);
        read_reports(program, name, number, line);
        if (text_starts_with(start, TEXT("//!")))
            read_directive(program, trim(after(start, 3)));
        if (find_mark(line, "//=", &at)) {
            Text output = after(line, at + 3);
            vec_push(&program->output, output.size && output.data[0] == ' ' ? after(output, 1) : output);
        }
    }
}

void program_free(Program *program) {
    vec_free(&program->files);
    vec_free(&program->reports);
    vec_free(&program->output);
    vec_free(&program->errors);
    vec_free(&program->arguments);
    vec_free(&program->input);
}

// ---- comparing -----------------------------------------------------------------------------------------------------

static void show(Buffer *failure, const char *what, Text text) {
    buffer_printf(failure, "  %s:\n", what);
    Text rest = {text.data, text.size < SHOWN_BYTES ? text.size : SHOWN_BYTES}, line;
    while (next_line(&rest, &line)) {
        buffer_cstr(failure, "    ");
        buffer_text(failure, line);
        buffer_char(failure, '\n');
    }
    if (text.size > SHOWN_BYTES)
        buffer_cstr(failure, "    …\n");
}

static bool contains(Text text, Text part) {
    return part.size == 0 || (text.size && memmem(text.data, text.size, part.data, part.size));
}

static bool matches(const Expected *expected, const ReportLine *report) {
    return text_equal(expected->file, report->file) && expected->line == report->line &&
           text_equal(expected->code, report->code) &&
           (contains(report->message, expected->text) || contains(report->label, expected->text) ||
            contains(report->whole, expected->text));
}

static void compare_reports(Program *program, const ReportLines *reports, Buffer *failure) {
    for (uint32_t i = 0; i < reports->count; i++) {
        const ReportLine *report = &reports->items[i];
        bool found = false;
        for (uint32_t j = 0; j < program->reports.count && !found; j++) {
            Expected *expected = &program->reports.items[j];
            found = !expected->seen && matches(expected, report);
            expected->seen = expected->seen || found;
        }
        if (!found)
            buffer_printf(failure, "  unexpected %.*s at %.*s:%u: %.*s [%.*s]\n", TEXT_ARG(report->code),
                          TEXT_ARG(report->file), report->line, TEXT_ARG(report->message), TEXT_ARG(report->label));
    }
    for (uint32_t j = 0; j < program->reports.count; j++) {
        const Expected *expected = &program->reports.items[j];
        if (!expected->seen)
            buffer_printf(failure, "  missing %.*s at %.*s:%u: %.*s\n", TEXT_ARG(expected->code),
                          TEXT_ARG(expected->file), expected->line, TEXT_ARG(expected->text));
    }
}

static void compare_run(const Program *program, const Run *run, const char *how, Buffer *failure) {
    if (run->timed_out) {
        buffer_printf(failure, "  %s did not end in time\n", how);
        return;
    }
    if (run->signalled || run->code != program->exit_code) {
        buffer_printf(failure, "  %s ended with %s %d instead of %d\n", how, run->signalled ? "signal" : "exit code",
                      run->code, program->exit_code);
        show(failure, "standard error", buffer_view(&run->err));
    }
    for (uint32_t i = 0; i < program->errors.count; i++) {
        if (!contains(buffer_view(&run->err), program->errors.items[i])) {
            buffer_printf(failure, "  %s: standard error lacks `%.*s`\n", how, TEXT_ARG(program->errors.items[i]));
            show(failure, "standard error", buffer_view(&run->err));
        }
    }
    if (program->any_output)
        return;
    Buffer wanted = {0};
    for (uint32_t i = 0; i < program->output.count; i++) {
        buffer_text(&wanted, program->output.items[i]);
        buffer_char(&wanted, '\n');
    }
    if (!text_equal(buffer_view(&wanted), buffer_view(&run->out))) {
        buffer_printf(failure, "  %s printed something else\n", how);
        show(failure, "expected", buffer_view(&wanted));
        show(failure, "printed", buffer_view(&run->out));
    }
    vec_free(&wanted);
}

// ---- running -------------------------------------------------------------------------------------------------------

typedef VEC(const char *) Argv;

static Run start(Program *program, Argv *argv, const char *folder, uint32_t seconds) {
    vec_push(argv, NULL);
    Run run = run_process((RunOptions){
        .argv = argv->items,
        .folder = folder,
        .input = buffer_view(&program->input),
        .timeout_s = seconds,
        .temp = folder,
        .setting = program->any_workers ? "JANUS_WORKERS=4" : NULL,
    });
    vec_free(argv);
    return run;
}

static void push_arguments(Program *program, Argv *argv) {
    for (uint32_t i = 0; i < program->arguments.count; i++)
        vec_push(argv, arena_cstr(program->arena, program->arguments.items[i]));
}

// Compiles and compares the reports. True if there is a program to run.
static bool compile(const Setup *setup, Program *program, const char *output, Buffer *failure) {
    Argv argv = {0};
    vec_push(&argv, setup->janus);
    vec_push(&argv, program->only_check ? "check" : "build");
    vec_push(&argv, "--format=json");
    if (!program->only_check) {
        vec_push(&argv, "-o");
        vec_push(&argv, output);
        if (setup->release)
            vec_push(&argv, "--release");
        if (setup->check_memory)
            vec_push(&argv, "--check-memory");
        if (setup->target) {
            vec_push(&argv, "--target");
            vec_push(&argv, setup->target);
        }
    }
    vec_push(&argv, program->path);
    Run run = start(program, &argv, NULL, COMPILE_SECONDS);
    ReportLines reports = {0};
    bool good = !run.timed_out && !run.signalled && (run.code == 0 || run.code == 1);
    if (!good || !reports_parse(program->arena, buffer_view(&run.out), &reports)) {
        buffer_printf(failure, "  the compiler %s %d\n",
                      run.timed_out   ? "hangs"
                      : run.signalled ? "crashed: signal"
                                      : "ended with",
                      run.code);
        show(failure, "standard error", buffer_view(&run.err));
        show(failure, "standard output", buffer_view(&run.out));
        good = false;
    } else {
        compare_reports(program, &reports, failure);
    }
    good = good && run.code == 0;
    vec_free(&reports);
    run_free(&run);
    return good;
}

static void run_janus(const Setup *setup, Program *program, const char *command, const char *option, const char *folder,
                      Buffer *failure) {
    Argv argv = {0};
    vec_push(&argv, setup->janus);
    vec_push(&argv, command);
    if (option)
        vec_push(&argv, option);
    vec_push(&argv, program->path);
    if (program->arguments.count)
        vec_push(&argv, "--");
    push_arguments(program, &argv);
    Run run = start(program, &argv, folder, COMPILE_SECONDS);
    compare_run(program, &run, option ? "the interpreted program" : "the test program", failure);
    run_free(&run);
}

// ---- orders of tasks -----------------------------------------------------------------------------------------------

// Tests whose names contain `which` all fail, or all pass, under some of the first orders.
static void search(const Setup *setup, Program *program, const char *which, bool is_bug, const char *folder,
                   Buffer *failure) {
    enum { CHECKED_ORDERS = 30 }; // of those that pass under all
    char checked[16];
    snprintf(checked, sizeof checked, "%d", CHECKED_ORDERS);
    Argv argv = {0};
    vec_push(&argv, setup->janus);
    vec_push(&argv, "test");
    vec_push(&argv, program->path);
    vec_push(&argv, "--seed");
    vec_push(&argv, "1");
    vec_push(&argv, "--schedules");
    vec_push(&argv, is_bug ? program->schedules : checked);
    vec_push(&argv, "--filter");
    vec_push(&argv, which);
    Run run = start(program, &argv, folder, COMPILE_SECONDS);
    Text out = buffer_view(&run.out);
    const char *wrong = is_bug ? "ok      " : "FAILED  ", *right = is_bug ? "FAILED  " : "ok      ";
    bool has_any = contains(out, arena_printf(program->arena, "%s%s", right, which));
    if (run.timed_out || run.signalled || !has_any ||
        contains(out, arena_printf(program->arena, "%s%s", wrong, which))) {
        buffer_printf(failure, "  tests called `%s` do not all %s\n", which, is_bug ? "fail" : "pass");
        show(failure, "standard output", out);
        show(failure, "standard error", buffer_view(&run.err));
    }
    run_free(&run);
}

void program_run(const Setup *setup, Program *program, const char *folder, Buffer *failure) {
    if (program->schedules && (setup->release || setup->check_memory || setup->target))
        return; // the orders are the same ones
    if (program->schedules) {
        search(setup, program, "bug: ", true, folder, failure);
        search(setup, program, "fixed: ", false, folder, failure);
        return;
    }
    if (program->tests) {
        if (!setup->target)
            run_janus(setup, program, "test", NULL, folder, failure);
        return;
    }
    const char *output = arena_printf(program->arena, "%s/program", folder).data;
    if (!compile(setup, program, output, failure) || failure->count || program->only_check)
        return;
    Argv argv = {0};
    if (setup->emulator)
        vec_push(&argv, setup->emulator);
    vec_push(&argv, output);
    push_arguments(program, &argv);
    Run run = start(program, &argv, folder, RUN_SECONDS);
    compare_run(program, &run, "the program", failure);
    run_free(&run);
    if (setup->interp)
        run_janus(setup, program, "run", "--interp", folder, failure);
}

// ---- what failures leave ------------------------------------------------------------------------------------------

static bool may_hold(const Program *program, Text name, Text content) {
    for (uint32_t i = 0; i < program->files.count; i++) {
        const FileRule *rule = &program->files.items[i];
        if (text_equal(rule->name, name) && (rule->is_any || text_equal(rule->content, content)))
            return true;
    }
    return false;
}

void program_check_files(const Program *program, const char *folder, Buffer *failure) {
    if (!program->files.count)
        return;
    Text *names;
    uint32_t count;
    os_list_folder(program->arena, folder, &names, &count);
    for (uint32_t i = 0; i < count; i++) {
        const char *path = arena_printf(program->arena, "%s/%.*s", folder, TEXT_ARG(names[i])).data;
        Text content = {0};
        if (os_is_folder(path) || os_read_file(program->arena, path, SIZE_MAX, &content).ok)
            if (!may_hold(program, names[i], content))
                buffer_printf(failure, "  the file %.*s was left: %.*s\n", TEXT_ARG(names[i]), TEXT_ARG(content));
    }
}

// ---- what ownership prevents ---------------------------------------------------------------------------------------

bool program_is_refused_for_ownership(const Program *program) {
    for (uint32_t i = 0; i < program->reports.count; i++) {
        Text code = program->reports.items[i].code;
        bool is_race = text_equal(code, TEXT("E1011")), is_call_in_tail_position = text_equal(code, TEXT("E0724"));
        if (is_race || (text_starts_with(code, TEXT("E07")) && !is_call_in_tail_position))
            return true;
    }
    return false;
}

void program_run_refused(const Setup *setup, Program *program, const char *folder, Buffer *failure) {
    enum { VIOLATION = 86 };
    Argv argv = {0};
    vec_push(&argv, setup->janus);
    vec_push(&argv, "run");
    vec_push(&argv, "--interp");
    vec_push(&argv, "--no-ownership");
    vec_push(&argv, program->path);
    if (program->arguments.count)
        vec_push(&argv, "--");
    push_arguments(program, &argv);
    Run run = start(program, &argv, folder, RUN_SECONDS);
    bool found = !run.signalled && run.code == VIOLATION && contains(buffer_view(&run.err), TEXT("interpreter: "));
    if (run.timed_out)
        buffer_cstr(failure, "  the interpreted program did not end in time\n");
    else if (found == program->no_run)
        buffer_cstr(failure, found ? "  it is marked `no-run`, but its run shows a violation\n"
                                   : "  its run shows no violation: let main reach the place, or mark it `no-run`\n");
    if (failure->count)
        show(failure, "standard error", buffer_view(&run.err));
    run_free(&run);
}
