// Failure at every call in turn: a program is built with the checking runtime (rt/checked) and run once undisturbed;
// then, one after the other, its first, second, … allocation fails, and its first, second, … system call, with several
// errors each. Every such run must end by itself as the language says: by an error, by a panic, or well where the
// program copes. The checking runtime says whether anything leaked. What a program must cope with by itself, calls that
// are interrupted and reads and writes that move less than was asked, must not show at all.
#include "runner.h"

enum { BUILD_SECONDS = 120, RUN_SECONDS = 20, SHOWN = 1500, FIRST_STEPS = 10, STEP_PARTS = 5 };
enum { EXIT_ERROR = 1, EXIT_PANIC = 101, EXIT_ABORT = 134 };

typedef struct {
    const Setup *setup;
    Program *program;
    Buffer *failure;
    Arena *arena;
    const char *executable, *folder;
    Run undisturbed;
} Torture;

static bool has(const Run *run, const char *text) {
    return run->err.count && memmem(run->err.items, run->err.count, text, strlen(text));
}

// In a folder of its own, so that a run finds nothing of the one before. The caller frees the run.
static Run run_once(const Torture *t, const char *setting, Buffer *failure) {
    VEC(const char *) argv = {0};
    vec_push(&argv, t->executable);
    for (uint32_t i = 0; i < t->program->arguments.count; i++)
        vec_push(&argv, arena_cstr(t->arena, t->program->arguments.items[i]));
    vec_push(&argv, NULL);
    os_make_folder(t->folder);
    Run run = run_process((RunOptions){
        .argv = argv.items,
        .folder = t->folder,
        .input = buffer_view(&t->program->input),
        .timeout_s = RUN_SECONDS,
        .temp = t->folder,
        .setting = setting,
    });
    program_check_files(t->program, t->folder, failure);
    os_remove_tree(t->folder);
    vec_free(&argv);
    return run;
}

// Whether a run may end so. A second panic is one that a drop meets on the way out of the first; or of a task that was
// to end, which leaves as a panic does.
static bool may_end_so(const Torture *t, const Run *run) {
    if (run->timed_out || run->signalled)
        return false;
    bool panics = t->undisturbed.code == EXIT_PANIC || t->undisturbed.code == EXIT_ABORT || t->program->has_tasks;
    return run->code == t->undisturbed.code || run->code == 0 || run->code == EXIT_ERROR || run->code == EXIT_PANIC ||
           (run->code == EXIT_ABORT && panics && has(run, "panic while unwinding"));
}

static bool is_as_undisturbed(const Torture *t, const Run *run) {
    return !run->timed_out && !run->signalled && run->code == t->undisturbed.code &&
           text_equal(buffer_view(&run->out), buffer_view(&t->undisturbed.out));
}

static void report(const Torture *t, const char *setting, const Run *run, const char *wrong, Buffer *files) {
    Buffer *failure = t->failure;
    buffer_printf(failure, "  %s: %s (", setting, wrong);
    buffer_printf(failure,
                  run->timed_out   ? "not in time)\n"
                  : run->signalled ? "signal %d)\n"
                                   : "exit code %d)\n",
                  run->code);
    Text err = buffer_view(&run->err);
    err.size = err.size < SHOWN ? err.size : SHOWN;
    buffer_text(failure, err);
    buffer_text(failure, buffer_view(files));
}

// One run. False where nothing was there to fail any more, or what was found is enough.
static bool try_one(const Torture *t, const char *setting, bool must_not_show) {
    enum { ENOUGH_BYTES = 4000 };
    Buffer files = {0};
    Run run = run_once(t, setting, &files);
    bool failed = has(&run, " fails\n"), reached = failed || has(&run, " goes on\n");
    const char *wrong = NULL;
    if (!may_end_so(t, &run))
        wrong = "it must end by an error or a panic";
    else if (failed && must_not_show && !is_as_undisturbed(t, &run))
        wrong = "what the program does must not depend on it";
    else if (files.count)
        wrong = "the files it left";
    if (wrong)
        report(t, setting, &run, wrong, &files);
    run_free(&run);
    vec_free(&files);
    return reached && t->failure->count < ENOUGH_BYTES;
}

// Every one of the whole; else each of the first ones, and of the later ones fewer and fewer.
static uint32_t next_number(const Torture *t, uint32_t n) {
    return t->setup->whole || n < FIRST_STEPS ? n + 1 : n + 1 + n / STEP_PARTS;
}

static void torture(Torture *t) {
    static const struct {
        const char *how; // see rt/checked/faults.h
        bool must_not_show;
    } FAULTS[] = {{"5", false}, {"4", true}, {"28", false}, {"11", false}, {"24", false}, {"short", true}};
    Buffer files = {0};
    t->undisturbed = run_once(t, NULL, &files);
    if (t->undisturbed.timed_out || t->undisturbed.signalled || t->undisturbed.code != t->program->exit_code)
        report(t, "undisturbed", &t->undisturbed, "it must end as it says", &files);
    bool goes_on = t->failure->count == 0;
    for (uint32_t n = 1; goes_on; n = next_number(t, n))
        goes_on = try_one(t, arena_printf(t->arena, "JANUS_FAIL_ALLOC=%u", n).data, false);
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        goes_on = t->failure->count == 0;
        for (uint32_t n = 1; goes_on; n = next_number(t, n))
            goes_on = try_one(t, arena_printf(t->arena, "JANUS_FAIL_CALL=%u:%s", n, FAULTS[i].how).data,
                              FAULTS[i].must_not_show);
    }
    run_free(&t->undisturbed);
    vec_free(&files);
}

static bool build(const Setup *setup, const Program *program, const char *output, Buffer *failure) {
    const char *argv[] = {setup->janus, "build", "--check-memory", "-o", output, program->path, NULL};
    Run run = run_process((RunOptions){.argv = argv, .timeout_s = BUILD_SECONDS, .merge = true});
    bool good = !run.timed_out && !run.signalled && run.code == 0;
    if (!good) {
        buffer_cstr(failure, "  it does not compile\n");
        buffer_text(failure, buffer_view(&run.out));
    }
    run_free(&run);
    return good;
}

void program_torture(const Setup *setup, Program *program, const char *folder, Buffer *failure) {
    Torture t = {
        .setup = setup,
        .program = program,
        .failure = failure,
        .arena = program->arena,
        .executable = arena_printf(program->arena, "%s/program", folder).data,
        .folder = arena_printf(program->arena, "%s/run", folder).data,
    };
    if (build(setup, program, t.executable, failure))
        torture(&t);
}
