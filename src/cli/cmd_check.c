#include "cli/cli.h"

// What is explained is the result: it goes to standard output, and in JSON the reports along with it.
static int explain(Session *session, const Options *options) {
    pipeline_task_facts(session, options->all);
    Buffer out = {0};
    if (options->json) {
        buffer_char(&out, '{');
        explain_captures_json(session, &out);
        buffer_cstr(&out, ",\"reports\":");
        diags_render(session->diags, (RenderOptions){.json = true, .deny_warnings = options->deny_warnings}, &out);
        out.count--; // the newline
        buffer_cstr(&out, "}\n");
    } else {
        explain_captures(session);
        diags_render_remarks(session->diags, (RenderOptions){.color = output_wants_color(options, 1)}, &out);
        if (out.count == 0 && !session_failed(session))
            buffer_cstr(&out, "no task is spawned here\n");
    }
    int written = output_result(buffer_view(&out));
    vec_free(&out);
    if (options->json)
        return session_failed(session) ? EXIT_ERRORS : written;
    int code = output_reports(session, options, true);
    return code == EXIT_DONE ? written : code;
}

int command_check(const Options *options) {
    if (options->all && !options->explain_captures)
        return usage_error("`janus check --explain-captures --all` explains std and dependencies, too",
                           "`--all` belongs to `--explain-captures`");
    SessionOptions session_options = options_of_session(options);
    session_options.check_only = true;
    session_options.whole_package = true;
    bool ready;
    Session *session = target_open(options, "check", session_options, &ready);
    if (!session)
        return EXIT_USAGE;
    int code;
    if (ready && options->explain_captures) {
        code = explain(session, options);
    } else {
        if (ready)
            pipeline_check(session);
        code = output_reports(session, options, true);
    }
    session_end(session);
    return code;
}
