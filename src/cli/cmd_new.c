#include "cli/cli.h"

static int refuse_name(const char *name, const char *problem) {
    char help[160];
    snprintf(help, sizeof help, "%s; a name has small letters, digits and `_`, such as `word_count`", problem);
    return usage_error(help, "`%s` cannot be the name of a package", name);
}

static void tell_what_next(const char *path, const char *name, bool is_library, Buffer *out) {
    buffer_printf(out, "made the package %s in %s\n\nnext:\n  cd ", name, path);
    output_word(out, text_of(path));
    buffer_char(out, '\n');
    if (is_library)
        buffer_cstr(out, "  janus check   finds errors\n");
    else
        buffer_cstr(out, "  janus run     builds the program and runs it\n");
    buffer_cstr(out, "  janus test    runs its tests\n");
}

int command_new(const Options *options) {
    Arena *arena = arena_new();
    size_t size = strlen(options->operand);
    while (size > 1 && options->operand[size - 1] == '/')
        size--;
    const char *path = arena_cstr(arena, (Text){options->operand, size});
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *problem = package_name_problem(text_of(name));
    Text why = {0};
    int code;
    if (problem) {
        code = refuse_name(name, problem);
    } else if (!package_create(arena, path, options->library, &why)) {
        fprintf(stderr, "error: %.*s\n", TEXT_ARG(why));
        code = EXIT_ERRORS;
    } else {
        Buffer out = {0};
        tell_what_next(path, name, options->library, &out);
        code = output_result(buffer_view(&out));
        vec_free(&out);
    }
    arena_free(arena);
    return code;
}
