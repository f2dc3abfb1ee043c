#include "cli/run_program.h"

ArgumentList program_arguments(const Session *session, const Options *options) {
    ArgumentList list = {0};
    vec_push(&list, target_program_name(session, options));
    for (const char *const *arg = options->program_args; *arg; arg++)
        vec_push(&list, *arg);
    vec_push(&list, NULL);
    return list;
}

int run_once(Session *session, const Options *options, const char *path, const char *const *arguments) {
    (void)session, (void)options;
    OsExit exit = os_run(path, arguments);
    if (!exit.started) {
        fprintf(stderr, "error: cannot start the program: %s\n", exit.message);
        return EXIT_ERRORS;
    }
    return exit.signalled ? 128 + exit.code : exit.code;
}

int run_program(Session *session, const Options *options, ProgramWork *work) {
    OsResult made;
    const char *folder = os_make_temp_folder(session->arena, &made);
    if (!folder) {
        const char *where = os_getenv("TMPDIR");
        fprintf(stderr, "error: cannot make a temporary folder in %s: %s\n", where && *where ? where : "/tmp",
                made.message);
        return EXIT_ERRORS;
    }
    const char *path = arena_printf(session->arena, "%s/program", folder).data;
    bool built = pipeline_build(session, path);
    int code = output_reports(session, options, false);
    if (built && code == EXIT_DONE) {
        ArgumentList arguments = program_arguments(session, options);
        code = work(session, options, path, arguments.items);
        vec_free(&arguments);
    }
    os_remove_tree(folder);
    return code;
}

int interpret_program(Session *session, const Options *options,
                      int (*work)(Session *session, const Options *options, const char *const *arguments)) {
    bool ready = pipeline_instances(session);
    int code = output_reports(session, options, false);
    if (!ready || code != EXIT_DONE)
        return code;
    ArgumentList arguments = program_arguments(session, options);
    code = work(session, options, arguments.items);
    vec_free(&arguments);
    return code;
}
