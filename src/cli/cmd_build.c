#include "cli/cli.h"

static int emit(Session *session, const Options *options) {
    Buffer out = {0};
    bool ok = pipeline_emit(session, options->emit, &out);
    const char *path = options->output;
    if (!path && options->emit == EMIT_OBJECT)
        path = target_output(session, options, ".o");
    if (ok && path && target_make_folder(session, options))
        session_write_output(session, path, buffer_view(&out));
    int code = output_reports(session, options, false);
    if (ok && !path && code == EXIT_DONE)
        code = output_result(buffer_view(&out));
    vec_free(&out);
    return code;
}

int command_build(const Options *options) {
    bool ready;
    Session *session = target_open(options, "build", options_of_session(options), &ready);
    if (!session)
        return EXIT_USAGE;
    int code;
    bool needs_main = !options->has_emit || options->emit > EMIT_CAPTURES;
    ready = ready && (!needs_main || session_check_program(session));
    if (ready && options->has_emit) {
        code = emit(session, options);
    } else {
        if (ready && target_make_folder(session, options))
            pipeline_build(session, options->output ? options->output : target_output(session, options, ""));
        code = output_reports(session, options, true);
    }
    session_end(session);
    return code;
}
