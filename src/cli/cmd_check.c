#include "cli/cli.h"

int command_check(const Options *options) {
    Session *session = session_new(options_of_session(options));
    pipeline_check(session);
    int code = output_reports(session, options, true);
    session_free(session);
    return code;
}
