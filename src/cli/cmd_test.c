#include "cli/test_run.h"

static int refuse_options(const Options *o) {
    bool is_number = o->seed && o->seed[0] && o->seed[strspn(o->seed, "0123456789")] == 0;
    if (o->real && (o->seed || o->schedules))
        return usage_error("the real workers take no orders: leave one of the two away",
                           "`--real` does not go with `%s`", o->seed ? "--seed" : "--schedules");
    if (o->seed && !*o->seed)
        return usage_error("for example `--seed 7`", "`--seed` is empty");
    if (o->schedules && o->seed && !is_number)
        return usage_error("for example `--seed 7 --schedules 1000`; without `--schedules` the one order is run again",
                           "`--schedules` counts from a seed that is a number, and `%s` is none", o->seed);
    return EXIT_DONE;
}

static int interpret_tests(Session *session, const Options *options, const char *const *arguments) {
    return test_run_all(session, options, NULL, arguments);
}

int command_test(const Options *options) {
    if (refuse_options(options) != EXIT_DONE)
        return EXIT_USAGE;
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
        code = options->interpret ? interpret_program(session, options, interpret_tests)
                                  : run_program(session, options, test_run_all);
    session_end(session);
    return code;
}
