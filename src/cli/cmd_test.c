#include "cli/run_program.h"

int command_test(const Options *options) {
    SessionOptions session_options = options_of_session(options);
    session_options.tests = true;
    Session *session = session_new(session_options);
    int code = run_program(session, options);
    session_end(session);
    return code;
}
