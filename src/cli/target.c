// What a command is about: the file it names, the package in the folder it names, or the package we are in.
#include "cli/cli.h"

// The folder with a slash at its end.
static const char *as_folder(Arena *arena, const char *path) {
    size_t size = strlen(path);
    return arena_printf(arena, "%s%s", path, size && path[size - 1] == '/' ? "" : "/").data;
}

static const char *package_folder(Arena *arena, const Options *options) {
    if (!options->operand)
        return package_find(arena, "");
    if (!os_is_folder(options->operand))
        return NULL;
    const char *folder = as_folder(arena, options->operand);
    return os_exists(arena_printf(arena, "%s" MANIFEST_NAME, folder).data) ? folder : NULL;
}

static bool refuse_manifest(const char *operand, const char *command) {
    const char *slash = operand ? strrchr(operand, '/') : NULL, *name = slash ? slash + 1 : operand;
    if (!operand || strcmp(name, MANIFEST_NAME) != 0)
        return false;
    char help[160];
    snprintf(help, sizeof help, "name its folder: `janus %s %.*s`", command, slash ? (int)(slash - operand) : 1,
             slash ? operand : ".");
    usage_error(help, "%s is the manifest of a package, not a source", operand);
    return true;
}

Session *target_open(const Options *options, const char *command, SessionOptions session_options, bool *ready) {
    if (refuse_manifest(options->operand, command))
        return NULL;
    Session *session = session_new(session_options);
    const char *folder = package_folder(session->arena, options);
    *ready = true;
    if (folder) {
        *ready = session_open_package(session, folder);
    } else if (!options->operand) {
        char help[160];
        snprintf(help, sizeof help,
                 "without a FILE it works on a package, but there is no " MANIFEST_NAME
                 " here or above; `janus new` makes a package");
        usage_error(help, "`janus %s` needs a FILE", command);
        session_end(session);
        return NULL;
    }
    return session;
}

const char *target_output(const Session *session, const Options *options, const char *suffix) {
    if (session->graph) {
        const Package *own = session->graph->items[0];
        return arena_printf(session->arena, "%sbuild/%.*s%s", own->folder, TEXT_ARG(own->bin.text), suffix).data;
    }
    // "dir/hello.jan" → "hello": the executable lands in the current folder, whatever folder the source is in.
    const char *slash = strrchr(options->operand, '/');
    Text name = text_of(slash ? slash + 1 : options->operand);
    if (text_ends_with(name, TEXT(".jan")) && name.size > 4)
        name.size -= 4;
    else if (text_equal(name, TEXT("-")))
        name = TEXT("main");
    else if (!*suffix)
        suffix = ".out"; // never onto the source itself
    return arena_printf(session->arena, "%.*s%s", TEXT_ARG(name), suffix).data;
}

bool target_make_folder(Session *session, const Options *options) {
    if (!session->graph || options->output)
        return true;
    const char *folder = arena_printf(session->arena, "%sbuild", session->graph->items[0]->folder).data;
    OsResult result = os_make_folder(folder);
    if (!result.ok)
        diag_report(session->diags, DIAG_E0901, (Span){0}, "cannot make the folder %s: %s", folder, result.message);
    return result.ok;
}

const char *target_program_name(const Session *session, const Options *options) {
    if (session->graph)
        return arena_cstr(session->arena, session->graph->items[0]->bin.text);
    const char *slash = strrchr(options->operand, '/');
    return slash ? slash + 1 : options->operand;
}
