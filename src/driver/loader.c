// Finds the files of a program: the root file, the modules it imports, and of std what every program sees.
#include "base/embed.h"
#include "driver/session.h"
#include "syntax/syntax.h"

enum { MAX_SOURCE_BYTES = 64 * 1024 * 1024 };

typedef struct {
    const char *shown; // the path in messages
    Text content;
} SourceFile;

// ---- reading -------------------------------------------------------------------------------------------------------

static bool check_is_text(Session *s, const SourceFile *file, Span import) {
    const char *zero = file->content.size ? memchr(file->content.data, 0, file->content.size) : NULL;
    if (!zero)
        return true;
    Report *report = diag_report(s->diags, DIAG_E0002, import, "%s is not a text file", file->shown);
    report_note(report, (Span){0}, "it has a zero byte at offset %zu", (size_t)(zero - file->content.data));
    report_help(report, "Janus sources are UTF-8 text; is this a compiled program?");
    return false;
}

static void report_unreadable(Session *s, const char *path, Span import, const OsResult *result) {
    Report *report = diag_report(s->diags, DIAG_E0001, import, "cannot read %s: %s", path, result->message);
    if (!os_is_folder(path))
        return;
    Text main_file = arena_printf(s->arena, "%s/main.jan", path);
    if (os_is_file(main_file.data))
        report_help(report, "name the file that has `main`: %s", main_file.data);
    else
        report_help(report, "name a file of Janus source, such as %s/main.jan", path);
}

static bool read_user_file(Session *s, const char *path, Span import, SourceFile *file) {
    bool is_stdin = strcmp(path, "-") == 0;
    file->shown = is_stdin ? "<stdin>" : path;
    OsResult result = is_stdin ? os_read_stdin(s->arena, MAX_SOURCE_BYTES, &file->content)
                               : os_read_file(s->arena, path, MAX_SOURCE_BYTES, &file->content);
    if (!result.ok) {
        report_unreadable(s, file->shown, import, &result);
        return false;
    }
    return check_is_text(s, file, import);
}

static bool read_root_file(Session *s, SourceFile *file) {
    if (!s->options.content.data)
        return read_user_file(s, s->options.path, (Span){0}, file);
    *file = (SourceFile){s->options.path, arena_text(s->arena, s->options.content)};
    return check_is_text(s, file, (Span){0});
}

// `name` is the path below lib: "std/io.jan".
static bool read_std_file(Session *s, const char *name, SourceFile *file) {
    file->shown = name;
    if (!s->std_folder)
        return embedded_file(name, &file->content);
    const char *path = arena_printf(s->arena, "%s/%s", s->std_folder, name + strlen("std/")).data;
    file->shown = path;
    return os_read_file(s->arena, path, MAX_SOURCE_BYTES, &file->content).ok;
}

// ---- modules -------------------------------------------------------------------------------------------------------

static Text last_part(Text path) {
    size_t at = path.size;
    while (at > 0 && path.data[at - 1] != '.')
        at--;
    return (Text){path.data + at, path.size - at};
}

static ModuleId add_module(Session *s, Text path, const SourceFile *file, bool is_std) {
    Program *p = s->program;
    FileId id = diags_add_source(s->diags, file->shown, file->content);
    session_stage_done(s, "read");
    Ast *ast = syntax_parse(s->diags, p->symbols, s->arena, id);
    session_stage_done(s, "parse");
    if (!is_std) {
        s->lines += diags_source(s->diags, id)->line_starts.count - 1;
        s->tokens += ast->token_count - 1;
    }
    vec_push(&p->modules, (Module){
                              .file = id,
                              .name = intern(p->symbols, last_part(path)),
                              .path = arena_text(s->arena, path),
                              .is_std = is_std,
                              .ast = ast,
                              .facts = facts_new(s->arena, ast),
                          });
    ModuleId module = {p->modules.count - 1};
    map_set(&s->modules, intern(p->symbols, path).v, module.v);
    return module;
}

// "a.b.c" → "a/b/c"
static char *path_of_module(Session *s, Text path) {
    char *copy = arena_alloc(s->arena, path.size + 1, 1);
    for (size_t i = 0; i < path.size; i++)
        copy[i] = path.data[i] == '.' ? '/' : path.data[i];
    return copy;
}

static bool is_hidden_std(Text path) {
    return text_equal(path, TEXT("std.intrinsics")) || text_starts_with(path, TEXT("std.core"));
}

typedef enum { FOUND, NOT_FOUND, UNREADABLE } Finding;

// Makes the module of this path known if there is a file for it.
static Finding find_module(Session *s, Text path, Span import, bool from_std) {
    if (map_get(&s->modules, intern(s->program->symbols, path).v, NULL))
        return FOUND;
    SourceFile file;
    bool is_std = text_equal(path, TEXT("std")) || text_starts_with(path, TEXT("std."));
    if (is_std) {
        if (is_hidden_std(path) && !from_std)
            return NOT_FOUND;
        if (!read_std_file(s, arena_printf(s->arena, "%s.jan", path_of_module(s, path)).data, &file))
            return NOT_FOUND;
    } else {
        const char *name = arena_printf(s->arena, "%s%s.jan", s->folder, path_of_module(s, path)).data;
        if (!os_is_file(name))
            return NOT_FOUND;
        if (!read_user_file(s, name, import, &file))
            return UNREADABLE;
    }
    add_module(s, path, &file, is_std);
    return FOUND;
}

// ---- imports -------------------------------------------------------------------------------------------------------

typedef struct {
    Text best;
    uint32_t distance;
} Suggestion;

static void suggest(Suggestion *suggestion, Text wanted, Text candidate) {
    uint32_t distance = text_distance(wanted, candidate, suggestion->distance - 1);
    if (distance < suggestion->distance)
        *suggestion = (Suggestion){candidate, distance};
}

static void suggest_std(Session *s, Suggestion *suggestion, Text wanted) {
    for (uint32_t i = 0; i < embedded_count(); i++) {
        Text name = embedded_name(i);
        if (!text_starts_with(name, TEXT("std/")) || text_starts_with(name, TEXT("std/core/")))
            continue;
        Text path = arena_printf(s->arena, "std.%.*s", (int)name.size - 8, name.data + 4); // less "std/" and ".jan"
        if (!is_hidden_std(path))
            suggest(suggestion, wanted, path);
    }
}

// The modules in the folder where the wanted one should be.
static void suggest_user(Session *s, Suggestion *suggestion, Text wanted) {
    Text name = last_part(wanted), package = {wanted.data, wanted.size - name.size};
    const char *folder = arena_printf(s->arena, "%s%s", *s->folder ? s->folder : "./", path_of_module(s, package)).data;
    Text *names;
    uint32_t count;
    if (!os_list_folder(s->arena, folder, &names, &count).ok)
        return;
    for (uint32_t i = 0; i < count; i++) {
        if (!text_ends_with(names[i], TEXT(".jan")))
            continue;
        suggest(suggestion, wanted,
                arena_printf(s->arena, "%.*s%.*s", TEXT_ARG(package), (int)names[i].size - 4, names[i].data));
    }
    // `import io` means `import std.io`.
    Text content, path = arena_printf(s->arena, "std.%.*s", TEXT_ARG(wanted));
    if (!is_hidden_std(path) && embedded_file(arena_printf(s->arena, "%s.jan", path_of_module(s, path)).data, &content))
        *suggestion = (Suggestion){path, 1};
}

static void report_missing(Session *s, Text path, Span span) {
    Report *report = diag_report(s->diags, DIAG_E0202, span, "there is no module `%.*s`", TEXT_ARG(path));
    Suggestion suggestion = {.distance = 4};
    if (text_starts_with(path, TEXT("std."))) {
        report_label(report, "std has no such module");
        suggest_std(s, &suggestion, path);
    } else if (os_is_folder(arena_printf(s->arena, "%s%s", s->folder, path_of_module(s, path)).data)) {
        report_label(report, "this is a folder");
        report_help(report, "import one of its modules: `import %.*s.name`", TEXT_ARG(path));
        return;
    } else {
        report_label(report, "%s%s.jan does not exist", s->folder, path_of_module(s, path));
        suggest_user(s, &suggestion, path);
        report_note(report, (Span){0}, "modules are found from the folder of the program's root file");
    }
    if (suggestion.best.size)
        report_fix(report, span, suggestion.best,
                   arena_printf(s->arena, "import `%.*s`", TEXT_ARG(suggestion.best)).data);
}

// An import names a module, or something in a module: then all but its last part is the module.
static void load_import(Session *s, const Ast *ast, NodeId node, bool from_std) {
    AstImport import = ast_import(ast, node);
    if (import.path.count == 0)
        return;
    Buffer joined = {0};
    for (uint32_t i = 0; i < import.path.count; i++) {
        if (i)
            buffer_char(&joined, '.');
        TokenId token = ast_token(ast, AST_ITEM(import.path, i));
        buffer_text(&joined, symbol(s->program, ast_symbol(ast, token)));
    }
    Text path = arena_text(s->arena, buffer_view(&joined));
    vec_free(&joined);
    Span first = ast_span(ast, AST_ITEM(import.path, 0)),
         last = ast_span(ast, AST_ITEM(import.path, import.path.count - 1));
    Span span = {ast->file, first.start, last.end};
    Finding finding = find_module(s, path, span, from_std);
    if (finding == NOT_FOUND && import.path.count > 1) {
        Text parent = {path.data, path.size - last_part(path).size - 1};
        finding = find_module(s, parent, span, from_std);
    }
    if (finding == NOT_FOUND)
        report_missing(s, path, span);
}

static void load_imports_of(Session *s, ModuleId module) {
    const Ast *ast = program_module(s->program, module)->ast;
    bool from_std = program_module(s->program, module)->is_std;
    AstList items = ast_list(ast, ast->root);
    for (uint32_t i = 0; i < items.count; i++) {
        NodeId item = AST_ITEM(items, i);
        if (ast_kind(ast, item) == NODE_IMPORT)
            load_import(s, ast, item, from_std);
    }
}

// ---- everything ----------------------------------------------------------------------------------------------------

static void load_prelude_file(Session *s, Text name) {
    SourceFile file;
    const char *c_name = arena_cstr(s->arena, name);
    invariant(read_std_file(s, c_name, &file), "std lacks %s", c_name);
    char *path = arena_alloc(s->arena, name.size + 1, 1);
    for (size_t i = 0; i + 4 < name.size; i++)
        path[i] = name.data[i] == '/' ? '.' : name.data[i];
    add_module(s, text_of(path), &file, true);
}

static void load_prelude(Session *s) {
    if (!s->std_folder) {
        for (uint32_t i = 0; i < embedded_count(); i++) {
            Text name = embedded_name(i);
            if (text_starts_with(name, TEXT("std/core/")) || text_equal(name, TEXT("std/intrinsics.jan")))
                load_prelude_file(s, name);
        }
        return;
    }
    Text *names;
    uint32_t count;
    os_list_folder(s->arena, arena_printf(s->arena, "%s/core", s->std_folder).data, &names, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (text_ends_with(names[i], TEXT(".jan")))
            load_prelude_file(s, arena_printf(s->arena, "std/core/%.*s", TEXT_ARG(names[i])));
    }
    load_prelude_file(s, TEXT("std/intrinsics.jan"));
}

// "dir/name.jan" → "dir/" and "name"
static Text split_root(Session *s, const char *path) {
    const char *slash = strrchr(path, '/');
    size_t folder_size = slash ? (size_t)(slash - path) + 1 : 0;
    s->folder = arena_cstr(s->arena, (Text){path, folder_size});
    Text name = text_of(path + folder_size);
    if (text_ends_with(name, TEXT(".jan")))
        name.size -= 4;
    return text_equal(name, TEXT("-")) ? TEXT("main") : name;
}

bool loader_load(Session *session) {
    SourceFile file;
    Text name = split_root(session, session->options.path);
    if (!read_root_file(session, &file))
        return false;
    session->program->root = add_module(session, name, &file, false);
    for (uint32_t i = 1; i < session->program->modules.count; i++)
        load_imports_of(session, (ModuleId){i});
    uint32_t first_std = session->program->modules.count;
    load_prelude(session);
    for (uint32_t i = first_std; i < session->program->modules.count; i++)
        load_imports_of(session, (ModuleId){i});
    session_stage_done(session, "read");
    return true;
}
