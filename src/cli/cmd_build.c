#include "cli/cli.h"

// "dir/hello.jan" → "hello": the executable lands in the current folder, whatever folder the source is in.
static const char *default_output(Arena *arena, const char *path, const char *suffix) {
    const char *slash = strrchr(path, '/');
    Text name = text_of(slash ? slash + 1 : path);
    if (text_ends_with(name, TEXT(".jan")) && name.size > 4)
        name.size -= 4;
    else if (text_equal(name, TEXT("-")))
        name = TEXT("main");
    else if (!*suffix)
        suffix = ".out"; // never onto the source itself
    return arena_printf(arena, "%.*s%s", TEXT_ARG(name), suffix).data;
}

static int emit(Session *session, const Options *options) {
    Buffer out = {0};
    bool ok = pipeline_emit(session, options->emit, &out);
    const char *path = options->output;
    if (!path && options->emit == EMIT_OBJECT)
        path = default_output(session->arena, options->operand, ".o");
    if (ok && path)
        session_write_output(session, path, buffer_view(&out));
    int code = output_reports(session, options, false);
    if (ok && !path && code == EXIT_DONE)
        code = output_result(buffer_view(&out));
    vec_free(&out);
    return code;
}

int command_build(const Options *options) {
    Session *session = session_new(options_of_session(options));
    int code;
    if (options->has_emit) {
        code = emit(session, options);
    } else {
        pipeline_build(session,
                       options->output ? options->output : default_output(session->arena, options->operand, ""));
        code = output_reports(session, options, true);
    }
    session_end(session);
    return code;
}
