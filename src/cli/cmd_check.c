#include "cli/cli.h"

int command_check(const Options *options) {
    SessionOptions session_options = options_of_session(options);
    session_options.check_only = true;
    session_options.whole_package = true;
    bool ready;
    Session *session = target_open(options, "check", session_options, &ready);
    if (!session)
        return EXIT_USAGE;
    if (ready)
        pipeline_check(session);
    int code = output_reports(session, options, true);
    session_end(session);
    return code;
}
