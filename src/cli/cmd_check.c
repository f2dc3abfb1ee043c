#include "cli/cli.h"

int command_check(const Options *options) {
    SessionOptions session_options = options_of_session(options);
    session_options.check_only = true;
    Session *session = session_new(session_options);
    pipeline_check(session);
    int code = output_reports(session, options, true);
    session_end(session);
    return code;
}
