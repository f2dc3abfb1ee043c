#include "cli/cli.h"

#include <errno.h>

int usage_error(const char *help, const char *format, ...) {
    fputs("error: ", stderr);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    if (help)
        fprintf(stderr, "%s%s\n", strncmp(help, "usage:", 6) == 0 ? "" : "help: ", help);
    return EXIT_USAGE;
}

int output_result(Text result) {
    bool written = fwrite(result.data, 1, result.size, stdout) == result.size && fflush(stdout) == 0;
    if (written)
        return EXIT_DONE;
    fprintf(stderr, "error: cannot write to standard output: %s\n", strerror(errno));
    return EXIT_ERRORS;
}

void output_word(Buffer *out, Text word) {
    bool is_plain = word.size > 0;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        is_plain &= is_letter || strchr("_-./:,=+@%", c) != NULL;
    }
    if (is_plain) {
        buffer_text(out, word);
        return;
    }
    buffer_char(out, '\'');
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] == '\'')
            buffer_cstr(out, "'\\''");
        else
            buffer_char(out, word.data[i]);
    }
    buffer_char(out, '\'');
}

SessionOptions options_of_session(const Options *options) {
    return (SessionOptions){
        .path = options->operand,
        .release = options->release,
        .check_memory = options->check_memory,
        .deny_warnings = options->deny_warnings,
        .ignore_ownership = options->ignore_ownership,
        .test_filter = options->filter,
        .linker = options->linker,
        .target = options->target,
    };
}

bool output_wants_color(const Options *options, int fd) {
    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    const char *refused = os_getenv("NO_COLOR"), *terminal = os_getenv("TERM");
    if (refused && *refused)
        return false;
    return os_is_terminal(fd) && !(terminal && strcmp(terminal, "dumb") == 0);
}

int output_reports(const Session *session, const Options *options, bool reports_are_result) {
    enum { MOST_SHOWN = 100 };
    RenderOptions render = {
        .json = options->json,
        .color = !options->json && output_wants_color(options, 2),
        .deny_warnings = options->deny_warnings,
        .limit = options->json ? 0 : MOST_SHOWN,
    };
    Buffer out = {0};
    diags_render(session->diags, render, &out);
    int code = EXIT_DONE;
    if (options->json && reports_are_result)
        code = output_result(buffer_view(&out));
    else
        fwrite(out.items, 1, out.count, stderr);
    out.count = 0;
    if (options->timings)
        session_write_timings(session, &out);
    fwrite(out.items, 1, out.count, stderr);
    vec_free(&out);
    return session_failed(session) ? EXIT_ERRORS : code;
}
