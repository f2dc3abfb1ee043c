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
        report_help(report, "name a file of Janus source, or the folder of a package: this one has no " MANIFEST_NAME);
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

static ModuleId add_module(Session *s, ModuleRef ref, const SourceFile *file) {
    Program *p = s->program;
    bool is_std = ref.package.v == PACKAGE_STD;
    Text path = program_module_path(p, ref, s->arena);
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
                              .path = path,
                              .package = ref.package,
                              .is_std = is_std,
                              .ast = ast,
                              .facts = facts_new(s->arena, ast),
                          });
    ModuleId module = {p->modules.count - 1};
    map_set(&s->modules, program_module_key(p, ref), module.v);
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

static const char *folder_of(const Session *s, PackageId package) {
    return s->program->packages.items[package.v].folder;
}

static const char *file_of_module(Session *s, ModuleRef ref) {
    return arena_printf(s->arena, "%s%s.jan", folder_of(s, ref.package), path_of_module(s, ref.path)).data;
}

// Makes the module known if there is a file for it.
static Finding find_module(Session *s, ModuleRef ref, Span import, bool from_std) {
    if (map_get(&s->modules, program_module_key(s->program, ref), NULL))
        return FOUND;
    SourceFile file;
    if (ref.package.v == PACKAGE_STD) {
        if (is_hidden_std(ref.path) && !from_std)
            return NOT_FOUND;
        if (!read_std_file(s, arena_printf(s->arena, "%s.jan", path_of_module(s, ref.path)).data, &file))
            return NOT_FOUND;
    } else {
        const char *name = file_of_module(s, ref);
        if (!os_is_file(name))
            return NOT_FOUND;
        if (!read_user_file(s, name, import, &file))
            return UNREADABLE;
    }
    add_module(s, ref, &file);
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

// The modules in the folder where the wanted one should be; `prefix` is what leads to its package.
static void suggest_user(Session *s, Suggestion *suggestion, ModuleRef ref, Text prefix) {
    Text name = last_part(ref.path), parent = {ref.path.data, ref.path.size - name.size};
    const char *base = folder_of(s, ref.package);
    const char *folder = arena_printf(s->arena, "%s%s", *base ? base : "./", path_of_module(s, parent)).data;
    Text *names;
    uint32_t count;
    if (!os_list_folder(s->arena, folder, &names, &count).ok)
        return;
    Text wanted = arena_printf(s->arena, "%.*s%.*s", TEXT_ARG(prefix), TEXT_ARG(ref.path));
    for (uint32_t i = 0; i < count; i++) {
        if (!text_ends_with(names[i], TEXT(".jan")))
            continue;
        suggest(suggestion, wanted,
                arena_printf(s->arena, "%.*s%.*s%.*s", TEXT_ARG(prefix), TEXT_ARG(parent), (int)names[i].size - 4,
                             names[i].data));
    }
}

// `import io` means `import std.io`.
static void suggest_std_module(Session *s, Suggestion *suggestion, Text wanted) {
    Text content, path = arena_printf(s->arena, "std.%.*s", TEXT_ARG(wanted));
    if (!is_hidden_std(path) && embedded_file(arena_printf(s->arena, "%s.jan", path_of_module(s, path)).data, &content))
        *suggestion = (Suggestion){path, 1};
}

static Text first_part(Text path) {
    const char *dot = memchr(path.data, '.', path.size);
    return (Text){path.data, dot ? (size_t)(dot - path.data) : path.size};
}

// A package that another one brings along must be asked for by whoever imports it.
static bool report_undeclared(Session *s, PackageId from, Text path, Span span) {
    const Program *p = s->program;
    Text first = first_part(path);
    for (uint32_t i = PACKAGE_STD + 1; i < p->packages.count; i++) {
        if (!text_equal(p->packages.items[i].name, first))
            continue;
        Text own = p->packages.items[from.v].name;
        Report *report = diag_report(s->diags, DIAG_E0211, span, "`%.*s` is not among the dependencies of `%.*s`",
                                     TEXT_ARG(first), TEXT_ARG(own));
        report_label(report, "only another package depends on it");
        report_help(report, "add `%.*s path=\"…\"` to the dependencies of `%.*s` in its janus.kdl", TEXT_ARG(first),
                    TEXT_ARG(own));
        return true;
    }
    return false;
}

static void report_missing_user(Session *s, Report *report, ModuleRef ref, Text path, Suggestion *suggestion) {
    Text prefix = {path.data, path.size > ref.path.size ? path.size - ref.path.size : 0};
    bool is_lib = ref.package.v > PACKAGE_STD && !memchr(path.data, '.', path.size);
    report_label(report, "%s does not exist", file_of_module(s, ref));
    if (is_lib) {
        report_note(report, (Span){0}, "the name of a package alone means its src/lib.jan");
        report_help(report, "import one of its modules: `import %.*s.name`", TEXT_ARG(path));
        return;
    }
    suggest_user(s, suggestion, ref, prefix);
    if (ref.package.v == PACKAGE_OWN)
        suggest_std_module(s, suggestion, path);
    if (s->graph) {
        report_note(report, (Span){0}, "modules are found from the folder src of their package");
        return;
    }
    report_note(report, (Span){0}, "modules are found from the folder of the program's root file");
    const char *package = package_find(s->arena, folder_of(s, (PackageId){PACKAGE_OWN}));
    if (package)
        report_note(report, (Span){0},
                    "this file was named on the command line: %s" MANIFEST_NAME " and its dependencies count where no "
                    "file is named",
                    package);
}

static void report_missing(Session *s, ModuleRef ref, PackageId from, Text path, Span span) {
    if (ref.package.v == from.v && from.v != PACKAGE_STD && report_undeclared(s, from, path, span))
        return;
    Report *report = diag_report(s->diags, DIAG_E0202, span, "there is no module `%.*s`", TEXT_ARG(path));
    Suggestion suggestion = {.distance = last_part(path).size <= 4 ? 2 : 3};
    if (ref.package.v == PACKAGE_STD) {
        report_label(report, "std has no such module");
        suggest_std(s, &suggestion, path);
    } else if (os_is_folder(
                   arena_printf(s->arena, "%s%s", folder_of(s, ref.package), path_of_module(s, ref.path)).data)) {
        report_label(report, "this is a folder");
        report_help(report, "import one of its modules: `import %.*s.name`", TEXT_ARG(path));
        return;
    } else {
        report_missing_user(s, report, ref, path, &suggestion);
    }
    if (suggestion.best.size)
        report_fix(report, span, suggestion.best,
                   arena_printf(s->arena, "import `%.*s`", TEXT_ARG(suggestion.best)).data);
}

// A module is internal if a folder on its path, or itself, is called so.
static bool is_internal(Text path) {
    for (size_t at = 0; at < path.size;) {
        Text part = first_part((Text){path.data + at, path.size - at});
        if (text_equal(part, TEXT("internal")))
            return true;
        at += part.size + 1;
    }
    return false;
}

static void report_internal(Session *s, ModuleRef ref, Text path, Span span) {
    Text package = s->program->packages.items[ref.package.v].name;
    Report *report = diag_report(s->diags, DIAG_E0212, span, "`%.*s` is internal to the package `%.*s`", TEXT_ARG(path),
                                 TEXT_ARG(package));
    report_label(report, "not for other packages");
    report_note(report, (Span){0}, "what lies in a folder `internal`, or a file of this name, is for its own package");
    report_help(report, "import one of the package's other modules");
}

static Text import_path(Session *s, const Ast *ast, AstImport import) {
    Buffer joined = {0};
    for (uint32_t i = 0; i < import.path.count; i++) {
        if (i)
            buffer_char(&joined, '.');
        TokenId token = ast_token(ast, AST_ITEM(import.path, i));
        buffer_text(&joined, symbol(s->program, ast_symbol(ast, token)));
    }
    Text path = arena_text(s->arena, buffer_view(&joined));
    vec_free(&joined);
    return path;
}

// An import names a module, or something in a module: then all but its last part is the module.
static void load_import(Session *s, ModuleId module, NodeId node) {
    const Program *p = s->program;
    const Ast *ast = program_module(p, module)->ast;
    PackageId from = program_package_of(p, module);
    AstImport import = ast_import(ast, node);
    if (import.path.count == 0)
        return;
    Text path = import_path(s, ast, import);
    Span first = ast_span(ast, AST_ITEM(import.path, 0)),
         last = ast_span(ast, AST_ITEM(import.path, import.path.count - 1));
    Span span = {ast->file, first.start, last.end};
    bool from_std = from.v == PACKAGE_STD;
    ModuleRef ref = program_module_ref(p, from, path), found = ref;
    Finding finding = find_module(s, ref, span, from_std);
    if (finding == NOT_FOUND && import.path.count > 1) {
        found = program_module_ref(p, from, (Text){path.data, path.size - last_part(path).size - 1});
        finding = find_module(s, found, span, from_std);
    }
    if (finding == NOT_FOUND)
        report_missing(s, ref, from, path, span);
    else if (found.package.v > PACKAGE_STD && found.package.v != from.v && is_internal(found.path))
        report_internal(s, found, path, span);
}

// A type that derives Json is made with functions of std.json.
static void load_derived(Session *s, const Ast *ast, NodeId shape) {
    AstList derives = ast_shape(ast, shape).derives;
    for (uint32_t i = 0; i < derives.count; i++)
        if (text_equal(ast_token_text(ast, ast_token(ast, AST_ITEM(derives, i))), TEXT("Json")))
            find_module(s, (ModuleRef){{PACKAGE_STD}, TEXT("std.json")}, ast_span(ast, shape), false);
}

static void load_imports_of(Session *s, ModuleId module) {
    const Ast *ast = program_module(s->program, module)->ast;
    AstList items = ast_list(ast, ast->root);
    for (uint32_t i = 0; i < items.count; i++) {
        NodeId item = AST_ITEM(items, i);
        NodeKind kind = ast_kind(ast, item);
        if (kind == NODE_IMPORT)
            load_import(s, module, item);
        else if (kind == NODE_STRUCT || kind == NODE_ENUM || kind == NODE_ERROR)
            load_derived(s, ast, item);
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
    add_module(s, (ModuleRef){{PACKAGE_STD}, text_of(path)}, &file);
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

// ---- the program's own modules -------------------------------------------------------------------------------------

// "dir/name.jan" → "dir/" and "name"
static Text split_root(Session *s, const char *path) {
    const char *slash = strrchr(path, '/');
    size_t folder_size = slash ? (size_t)(slash - path) + 1 : 0;
    s->program->packages.items[PACKAGE_OWN].folder = arena_cstr(s->arena, (Text){path, folder_size});
    Text name = text_of(path + folder_size);
    if (text_ends_with(name, TEXT(".jan")))
        name.size -= 4;
    return text_equal(name, TEXT("-")) ? TEXT("main") : name;
}

static bool load_lone_file(Session *s) {
    SourceFile file;
    Text name = split_root(s, s->options.path);
    if (!read_root_file(s, &file))
        return false;
    s->program->root = add_module(s, (ModuleRef){{PACKAGE_OWN}, name}, &file);
    return true;
}

// A name that an import can say.
static bool is_module_name(Text name) {
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.size > 0;
}

// Why an import cannot begin with this name; NULL if it can. Behind a dot any word may stand.
static const char *first_name_problem(Session *s, Text name) {
    if (text_equal(name, TEXT("std")))
        return "`std` is the standard library";
    bool is_word = text_equal(name, TEXT("_"));
    for (int kind = TOK_KW_FUNC; kind < TOK_COUNT; kind++) {
        Text word = text_of(token_kind_text((TokenKind)kind));
        is_word |= word.size == name.size + 2 && text_equal(name, (Text){word.data + 1, name.size});
    }
    return is_word ? arena_printf(s->arena, "`%.*s` is a word of the language", TEXT_ARG(name)).data : NULL;
}

static void warn_unimportable(Session *s, const char *folder, Text file, const char *why) {
    Report *report = diag_report(s->diags, DIAG_W0212, (Span){0}, "no import can name %s%.*s", folder, TEXT_ARG(file));
    report_note(report, (Span){0}, "it does not belong to the package's modules");
    report_help(report, "%s", why);
}

// The folder of a walk over the modules of a package.
typedef struct {
    Text parent;      // "" or "a.b."
    const char *path; // with a slash at its end
    const char *why;  // no import can name what lies in it; NULL: all can
    Text root;        // the module that was read before all others
} ModuleFolder;

static bool load_folder(Session *s, ModuleFolder folder);

// A file whose name ends in .jan.
static bool load_file(Session *s, ModuleFolder folder, Text file, Text name, const char *why) {
    Text path = arena_printf(s->arena, "%.*s%.*s", TEXT_ARG(folder.parent), TEXT_ARG(name));
    if (text_equal(path, folder.root))
        return true;
    if (why) {
        warn_unimportable(s, folder.path, file, why);
        return true;
    }
    Finding finding = find_module(s, (ModuleRef){{PACKAGE_OWN}, path}, (Span){0}, false);
    const char *shown = arena_printf(s->arena, "%s%.*s", folder.path, TEXT_ARG(file)).data;
    SourceFile unread;
    if (finding == NOT_FOUND && !os_is_folder(shown))
        return read_user_file(s, shown, (Span){0}, &unread);
    return finding != UNREADABLE;
}

static bool load_entry(Session *s, ModuleFolder folder, Text entry) {
    bool is_file = text_ends_with(entry, TEXT(".jan")) && entry.size > 4;
    Text name = {entry.data, entry.size - (is_file ? 4 : 0)};
    const char *why = folder.why;
    if (name.data[0] == '.')
        return true;
    if (!is_module_name(name))
        why = "a module's name has letters, digits and `_`, and begins with no digit";
    else if (folder.parent.size == 0)
        why = first_name_problem(s, name);
    if (is_file)
        return load_file(s, folder, entry, name, why);
    const char *path = arena_printf(s->arena, "%s%.*s/", folder.path, TEXT_ARG(entry)).data;
    if (!is_module_name(name) || !os_is_folder(path))
        return true;
    Text parent = arena_printf(s->arena, "%.*s%.*s.", TEXT_ARG(folder.parent), TEXT_ARG(name));
    return load_folder(s, (ModuleFolder){parent, path, why, folder.root});
}

// Every file of the folder and the folders in it. Hidden folders, and those whose names are none, hold no modules.
static bool load_folder(Session *s, ModuleFolder folder) {
    Text *names;
    uint32_t count;
    OsResult result = os_list_folder(s->arena, folder.path, &names, &count);
    if (!result.ok)
        diag_report(s->diags, DIAG_E0001, (Span){0}, "cannot read the folder %s: %s", folder.path, result.message);
    bool good = result.ok;
    for (uint32_t i = 0; i < count; i++)
        good = load_entry(s, folder, names[i]) && good;
    return good;
}

// The module that a package begins at: its main file, or src/lib.jan.
static Text root_path(Session *s, const Package *package) {
    if (!package->has_main)
        return TEXT("lib");
    Text file = package->main_file.text; // src/….jan
    char *path = arena_alloc(s->arena, file.size, 1);
    for (size_t i = 4; i < file.size - 4; i++)
        path[i - 4] = file.data[i] == '/' ? '.' : file.data[i];
    return text_of(path);
}

static bool load_package(Session *s) {
    const Package *package = s->graph->items[0];
    Text path = root_path(s, package);
    ModuleRef root = {{PACKAGE_OWN}, path};
    bool good = find_module(s, root, (Span){0}, false) == FOUND;
    if (good) {
        uint32_t module = 0;
        map_get(&s->modules, program_module_key(s->program, root), &module);
        s->program->root = (ModuleId){module};
    }
    ModuleFolder folder = {.path = folder_of(s, (PackageId){PACKAGE_OWN}), .root = path};
    return s->options.whole_package ? load_folder(s, folder) && good : good;
}

bool loader_load(Session *session) {
    if (!(session->graph ? load_package(session) : load_lone_file(session)))
        return false;
    for (uint32_t i = 1; i < session->program->modules.count; i++)
        load_imports_of(session, (ModuleId){i});
    uint32_t first_std = session->program->modules.count;
    load_prelude(session);
    for (uint32_t i = first_std; i < session->program->modules.count; i++)
        load_imports_of(session, (ModuleId){i});
    session_stage_done(session, "read");
    return true;
}
