#include "cli/run_program.h"

typedef struct {
    Session *session;
    uint32_t test;
    const char *const *arguments;
} TestRun;

static int run_test(void *context) {
    const TestRun *run = context;
    return pipeline_interpret_test(run->session, run->test, run->arguments);
}

// Each test in a process of its own, and shown as the runtime shows those of a compiled program (rt/test.c).
static int interpret_each(Session *session, const char *const *arguments) {
    uint32_t failed = 0;
    for (uint32_t i = 0; i < session->tests.count; i++) {
        TestRun run = {session, i, arguments};
        OsExit exit = os_run_apart(run_test, &run);
        if (!exit.started) {
            fprintf(stderr, "error: cannot start a test: %s\n", exit.message);
            return EXIT_ERRORS;
        }
        bool good = !exit.signalled && exit.code == 0;
        failed += !good;
        printf("%s%.*s\n", good ? "ok      " : "FAILED  ", TEXT_ARG(session->tests.items[i].name));
    }
    printf("%u passed, %u failed\n", session->tests.count - failed, failed);
    return failed || fflush(stdout) != 0 ? EXIT_ERRORS : EXIT_DONE;
}

int command_test(const Options *options) {
    SessionOptions session_options = options_of_session(options);
    session_options.tests = true;
    session_options.whole_package = true;
    bool ready;
    Session *session = target_open(options, "test", session_options, &ready);
    if (!session)
        return EXIT_USAGE;
    int code;
    if (!ready)
        code = output_reports(session, options, false);
    else
        code = options->interpret ? interpret_program(session, options, interpret_each) : run_program(session, options);
    session_end(session);
    return code;
}
