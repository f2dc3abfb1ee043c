#include "cli/run_program.h"

static int interpret(Session *session, const Options *options, const char *const *arguments) {
    (void)options;
    return pipeline_interpret(session, arguments);
}

int command_run(const Options *options) {
    if (options->ignore_ownership && !options->interpret)
        return usage_error("add `--interp`", "`--no-ownership` is only for the interpreter");
    bool ready;
    Session *session = target_open(options, "run", options_of_session(options), &ready);
    if (!session)
        return EXIT_USAGE;
    int code;
    if (!ready || !session_check_program(session))
        code = output_reports(session, options, false);
    else
        code = options->interpret ? interpret_program(session, options, interpret)
                                  : run_program(session, options, run_once);
    session_end(session);
    return code;
}
