// Packages and what they depend on: each loaded once, no circles, no two of one name.
#include "pkg/internal.h"

enum { MOST_PACKAGES = 1000, MOST_DEPTH = 200 };

typedef struct {
    Diags *diags;
    Arena *arena;
    VEC(Package *) packages;
    VecU32 open; // packages whose dependencies are being loaded, outermost first
} GraphLoader;

// ---- names and places ----------------------------------------------------------------------------------------------

const char *package_name_problem(Text name) {
    static const char *const TAKEN[] = {
        "and",  "as",    "break",  "catch",    "const", "continue", "defer", "do",     "dyn",
        "else", "end",   "enum",   "error",    "fail",  "false",    "for",   "func",   "if",
        "impl", "in",    "import", "internal", "let",   "lib",      "loop",  "main",   "match",
        "mut",  "not",   "null",   "or",       "pub",   "return",   "self",  "struct", "std",
        "test", "trait", "true",   "errdefer", "var",   "when",     "where", "while",  "nursery",
    };
    if (!name.size)
        return "a name has at least one letter";
    if (name.size > 64)
        return "a name has 64 letters at the most";
    if (name.data[0] < 'a' || name.data[0] > 'z')
        return "it begins with no small letter";
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (c == '-')
            return "write `_` for `-`: the name stands in imports";
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return "it has a character that is no small letter, digit or `_`";
    }
    for (size_t i = 0; i < sizeof TAKEN / sizeof *TAKEN; i++)
        if (text_equal(name, text_of(TAKEN[i])))
            return "this word means something else in an import";
    return NULL;
}

const char *package_find(Arena *arena, const char *start) {
    const char *folder = start;
    const char *last = NULL;
    for (;;) {
        const char *real = os_real_path(arena, *folder ? folder : ".");
        if (!real || (last && strcmp(real, last) == 0))
            return NULL; // the root's parent is the root
        if (os_is_file(arena_printf(arena, "%s" MANIFEST_NAME, folder).data))
            return folder;
        last = real;
        folder = arena_printf(arena, "%s../", folder).data;
    }
}

// "a/../b/" → "b/", if that is the same folder: with symbolic links it may not be.
static const char *shorten(Arena *arena, const char *folder) {
    Text text = text_of(folder);
    VEC(Text) parts = {0};
    for (size_t at = 0; at < text.size;) {
        const char *slash = memchr(text.data + at, '/', text.size - at);
        size_t end = slash ? (size_t)(slash - text.data) : text.size;
        Text part = {text.data + at, end - at};
        bool up = text_equal(part, TEXT(".."));
        if (up && parts.count && vec_last(&parts).size && !text_equal(vec_last(&parts), TEXT("..")))
            parts.count--;
        else if ((part.size || at == 0) && !text_equal(part, TEXT(".")))
            vec_push(&parts, part);
        at = end + 1;
    }
    Buffer joined = {0};
    for (uint32_t i = 0; i < parts.count; i++) {
        buffer_text(&joined, parts.items[i]);
        buffer_char(&joined, '/');
    }
    const char *shorter = arena_cstr(arena, buffer_view(&joined));
    vec_free(&parts);
    vec_free(&joined);
    const char *a = os_real_path(arena, *folder ? folder : "."), *b = os_real_path(arena, *shorter ? shorter : ".");
    return a && b && strcmp(a, b) == 0 ? shorter : folder;
}

// ---- what can be wrong between packages ----------------------------------------------------------------------------

static const Dependency *dependency_on(const Package *package, uint32_t index) {
    for (uint32_t i = 0; i < package->dependency_count; i++)
        if (package->dependencies[i].package == index)
            return &package->dependencies[i];
    return NULL;
}

static void report_cycle(GraphLoader *g, const Dependency *dependency, uint32_t first) {
    const Package *top = g->packages.items[vec_last(&g->open)];
    Text name = top->name.text;
    Report *report = diag_report(g->diags, DIAG_E0963, dependency->name.span,
                                 first + 1 == g->open.count ? "`%.*s` depends on itself"
                                                            : "`%.*s` depends on itself through other packages",
                                 TEXT_ARG(name));
    report_label(report, "this closes the circle");
    for (uint32_t i = first; i + 1 < g->open.count; i++) {
        const Package *package = g->packages.items[g->open.items[i]];
        const Dependency *next = dependency_on(package, g->open.items[i + 1]);
        report_note(report, next->name.span, "`%.*s` depends on `%.*s` here", TEXT_ARG(package->name.text),
                    TEXT_ARG(next->name.text));
    }
    if (first + 1 < g->open.count)
        report_help(report, "move what both need into a package of its own");
    else
        report_help(report, "take the dependency out: its own modules are imported without the package's name");
}

static bool check_loaded_name(GraphLoader *g, const Dependency *dependency, const Package *package) {
    if (text_equal(dependency->name.text, package->name.text))
        return true;
    Report *report =
        diag_report(g->diags, DIAG_E0961, dependency->name.span, "the package at %.*s is not called `%.*s`",
                    TEXT_ARG(dependency->path.text), TEXT_ARG(dependency->name.text));
    report_label(report, "its name is `%.*s`", TEXT_ARG(package->name.text));
    report_note(report, package->name.span, "its manifest says so");
    report_fix(report, dependency->name.span, package->name.text, "use its name");
    return false;
}

static bool check_twins(GraphLoader *g, Span span, const Package *package) {
    for (uint32_t i = 0; i < g->packages.count; i++) {
        const Package *other = g->packages.items[i];
        if (other == package || !text_equal(other->name.text, package->name.text))
            continue;
        Report *report =
            diag_report(g->diags, DIAG_E0962, span, "two packages are called `%.*s`", TEXT_ARG(package->name.text));
        report_label(report, "leads to %s" MANIFEST_NAME, package->folder);
        report_note(report, other->name.span, "the other is this one");
        report_help(report, "let both dependencies lead to the same folder, or rename one of the packages");
        return false;
    }
    return true;
}

// `import geometry.shapes` could mean both.
static bool check_own_modules(GraphLoader *g, const Package *package, const Dependency *dependency) {
    const char *base = arena_printf(g->arena, "%ssrc/%.*s", package->folder, TEXT_ARG(dependency->name.text)).data;
    const char *file = arena_printf(g->arena, "%s.jan", base).data;
    bool is_file = os_is_file(file);
    if (!is_file && !os_is_folder(base))
        return true;
    Report *report =
        diag_report(g->diags, DIAG_E0964, dependency->name.span,
                    "a dependency and a module of the package are both called `%.*s`", TEXT_ARG(dependency->name.text));
    report_label(report, "the module is %s", is_file ? file : base);
    report_help(report, "rename the module: `import %.*s` means the dependency", TEXT_ARG(dependency->name.text));
    return false;
}

// ---- loading -------------------------------------------------------------------------------------------------------

static bool load_dependencies(GraphLoader *g, uint32_t index);

static bool load(GraphLoader *g, const char *folder, const char *identity, Span from, uint32_t *index) {
    if (g->packages.count == MOST_PACKAGES || g->open.count == MOST_DEPTH) {
        Report *report = diag_report(g->diags, DIAG_E0966, from, "the package depends on too many others");
        report_label(report, "one too many");
        report_note(report, (Span){0}, "at most %d packages, and %d one behind the other", MOST_PACKAGES, MOST_DEPTH);
        return false;
    }
    Package *package = ARENA_NEW(g->arena, Package);
    package->folder = folder;
    package->identity = identity;
    *index = g->packages.count;
    vec_push(&g->packages, package);
    return manifest_read(g->diags, g->arena, package, from);
}

static bool find_folder(GraphLoader *g, const Package *package, const Dependency *dependency, const char **folder,
                        const char **identity) {
    Text path = dependency->path.text;
    bool is_absolute = path.data[0] == '/';
    *folder =
        shorten(g->arena, arena_printf(g->arena, "%s%.*s/", is_absolute ? "" : package->folder, TEXT_ARG(path)).data);
    *identity = os_real_path(g->arena, **folder ? *folder : ".");
    const char *manifest = arena_printf(g->arena, "%s" MANIFEST_NAME, *folder).data;
    bool is_folder = *identity && os_is_folder(*identity);
    if (is_folder && os_is_file(manifest))
        return true;
    Report *report = diag_report(g->diags, DIAG_E0960, dependency->path.span, "the package `%.*s` is not there",
                                 TEXT_ARG(dependency->name.text));
    if (is_folder)
        report_label(report, "this folder has no " MANIFEST_NAME);
    else
        report_label(report, *identity ? "%s is not a folder" : "%s does not exist", *folder);
    report_help(report, "paths are seen from the folder of this manifest, and lead to the folder of the other");
    return false;
}

static bool load_dependency(GraphLoader *g, uint32_t owner, Dependency *dependency) {
    const char *folder, *identity;
    const Package *package = g->packages.items[owner];
    if (!check_own_modules(g, package, dependency) || !find_folder(g, package, dependency, &folder, &identity))
        return false;
    for (uint32_t i = 0; i < g->open.count; i++) {
        if (strcmp(g->packages.items[g->open.items[i]]->identity, identity) != 0)
            continue;
        report_cycle(g, dependency, i);
        return false;
    }
    for (uint32_t i = 0; i < g->packages.count; i++) {
        if (strcmp(g->packages.items[i]->identity, identity) != 0)
            continue;
        dependency->package = i;
        return !g->packages.items[i]->name.span.file.v || check_loaded_name(g, dependency, g->packages.items[i]);
    }
    if (!load(g, folder, identity, dependency->path.span, &dependency->package))
        return false;
    const Package *loaded = g->packages.items[dependency->package];
    return check_loaded_name(g, dependency, loaded) && check_twins(g, dependency->name.span, loaded) &&
           load_dependencies(g, dependency->package);
}

static bool load_dependencies(GraphLoader *g, uint32_t index) {
    Package *package = g->packages.items[index];
    bool good = true;
    vec_push(&g->open, index);
    for (uint32_t i = 0; i < package->dependency_count; i++)
        good = load_dependency(g, index, &package->dependencies[i]) && good;
    g->open.count--;
    return good;
}

const PackageGraph *package_load(Diags *diags, Arena *arena, const char *folder) {
    GraphLoader g = {.diags = diags, .arena = arena};
    PackageGraph *graph = NULL;
    uint32_t root;
    const char *identity = os_real_path(arena, *folder ? folder : ".");
    if (load(&g, folder, identity ? identity : folder, (Span){0}, &root) && load_dependencies(&g, root)) {
        graph = ARENA_NEW(arena, PackageGraph);
        graph->count = g.packages.count;
        graph->items = arena_copy(arena, g.packages.items, g.packages.count * sizeof(Package *), _Alignof(Package *));
    }
    vec_free(&g.packages);
    vec_free(&g.open);
    return graph;
}
