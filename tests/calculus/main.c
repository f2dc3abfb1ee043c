// janus-jircheck: what the calculus says of the exact JIR of programs.
//   janus-jircheck [--no-ownership] [--std] [--print] FILE...   shows what it refuses, and the JIR
//   janus-jircheck --test [--std] PATH...   programs must be accepted, their mutants refused; what the ownership check
//   is
//                                           expected to refuse (//~ E07…) must be refused without it
#include <stdio.h>

#include "jircheck.h"

enum { MUTANTS_OF_FUNCTION = 12, LARGE_FUNCTION = 1000 }; // blocks

typedef struct {
    SessionOptions options;
    bool with_std, prints, tests;
    Session *session;
    VEC(JirFn *) accepted;
    uint32_t refused, passed, failed;
    Buffer report;
} Run;

static void judge(void *context, JirFn *fn) {
    Run *run = context;
    Buffer text = {0};
    if (calculus_check(run->session->jir, fn, &text)) {
        vec_push(&run->accepted, fn);
    } else {
        run->refused++;
        Text name = fn->decl.v ? decl_name(run->session->program, fn->decl) : TEXT("?");
        buffer_printf(&run->report, "  %.*s%s: %.*s\n", TEXT_ARG(name), fn->closure.v ? ", a closure" : "",
                      TEXT_ARG(buffer_view(&text)));
    }
    text.count = 0;
    if (run->prints) {
        jir_print_fn(run->session->jir, fn, &text);
        printf("%.*s", TEXT_ARG(buffer_view(&text)));
    }
    vec_free(&text);
}

// ---- tests ----------------------------------------------------------------------------------------------------------

static void write_verdict(Run *run, bool good, const char *path, const char *what) {
    if (good)
        run->passed++;
    else
        run->failed++;
    printf(good ? "ok %s: %s\n" : "FAILED %s: %s\n", path, what);
    if (!good)
        printf("%.*s", TEXT_ARG(buffer_view(&run->report)));
}

static void test_mutants(Run *run, const char *path) {
    Mutants mutants = {0};
    run->report.count = 0;
    for (uint32_t i = 0; i < run->accepted.count; i++)
        mutate_fn(run->session->jir, run->accepted.items[i],
                  run->accepted.items[i]->blocks.count > LARGE_FUNCTION ? 1 : MUTANTS_OF_FUNCTION, &mutants,
                  &run->report);
    char what[80];
    snprintf(what, sizeof what, "%u of %u mutants are refused", mutants.refused, mutants.refused + mutants.survived);
    if (mutants.refused + mutants.survived)
        write_verdict(run, mutants.survived == 0, path, what);
}

static bool file_contains(const char *path, Text what) {
    Arena *arena = arena_new();
    Text content;
    bool found = os_read_file(arena, path, 1 << 24, &content).ok &&
                 memmem(content.data, content.size, what.data, what.size) != NULL;
    arena_free(arena);
    return found;
}

// What has other errors than those of ownership has no exact JIR and is passed over.
static void run_file(Run *run, const char *path) {
    bool is_refused =
        run->tests && file_contains(path, TEXT("//~ E07")) && !file_contains(path, TEXT("//~ E0724")); // no jump: sound
    run->options.path = path;
    run->options.ignore_ownership |= is_refused;
    run->session = session_new(run->options);
    run->refused = run->report.count = run->accepted.count = 0;
    bool good = pipeline_exact(run->session, run->with_std, judge, run);
    if (!run->tests) {
        printf("%s %s\n%.*s",
               !good          ? "errors"
               : run->refused ? "refused"
                              : "accepted",
               path, TEXT_ARG(buffer_view(&run->report)));
        run->failed += run->refused != 0;
    } else if (good && is_refused) {
        write_verdict(run, run->refused != 0, path, "refused, as by the ownership check");
    } else if (good) {
        write_verdict(run, run->refused == 0, path, "accepted");
        test_mutants(run, path);
    }
    session_free(run->session);
    if (run->tests)
        run->options.ignore_ownership = false;
}

static void run_path(Run *run, const char *path) {
    if (!os_is_folder(path)) {
        if (text_ends_with(text_of(path), TEXT(".jan")))
            run_file(run, path);
        return;
    }
    Arena *arena = arena_new();
    Text *names;
    uint32_t count;
    os_list_folder(arena, path, &names, &count);
    for (uint32_t i = 0; i < count; i++)
        run_path(run, arena_printf(arena, "%s/%.*s", path, TEXT_ARG(names[i])).data);
    arena_free(arena);
}

int main(int argc, char **argv) {
    Run run = {0};
    for (int i = 1; i < argc; i++) {
        Text arg = text_of(argv[i]);
        if (text_equal(arg, TEXT("--no-ownership")))
            run.options.ignore_ownership = true;
        else if (text_equal(arg, TEXT("--std")))
            run.with_std = true;
        else if (text_equal(arg, TEXT("--print")))
            run.prints = true;
        else if (text_equal(arg, TEXT("--test")))
            run.tests = true;
        else
            run_path(&run, argv[i]);
    }
    if (run.tests)
        printf("%u passed, %u failed\n", run.passed, run.failed);
    vec_free(&run.accepted);
    vec_free(&run.report);
    return run.failed != 0;
}
