#include "cli/run_program.h"

int command_test(const Options *options) {
    SessionOptions session_options = options_of_session(options);
    session_options.tests = true;
    session_options.whole_package = true;
    bool ready;
    Session *session = target_open(options, "test", session_options, &ready);
    if (!session)
        return EXIT_USAGE;
    int code = ready ? run_program(session, options) : output_reports(session, options, false);
    session_end(session);
    return code;
}
