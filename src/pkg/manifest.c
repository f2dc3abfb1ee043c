// The fields of a manifest: which there are, what each may say.
#include "pkg/internal.h"
#include "pkg/kdl.h"

enum { MANIFEST_BYTES = 1024 * 1024 };

typedef struct {
    Diags *diags;
    Arena *arena;
    Package *package;
} ManifestReader;

// ---- shapes --------------------------------------------------------------------------------------------------------

static void report_shape(ManifestReader *m, Span span, Text name, const char *wanted, const char *label) {
    Report *report = diag_report(m->diags, DIAG_E0951, span, "`%.*s` is not written like this", TEXT_ARG(name));
    report_label(report, "%s", label);
    report_help(report, "write %s", wanted);
}

static bool string_value(ManifestReader *m, const KdlValue *value, Text name, const char *wanted, Field *field) {
    if (value->kind != KDL_STRING) {
        report_shape(m, value->span, name, wanted,
                     arena_printf(m->arena, "a string is expected, not %s", kdl_kind_text(value->kind)).data);
        return false;
    }
    *field = (Field){value->text, value->span};
    return true;
}

static bool no_properties(ManifestReader *m, const KdlNode *node, const char *wanted) {
    for (uint32_t i = 0; i < node->prop_count; i++)
        report_shape(m, node->props[i].span, node->name, wanted, "it has no properties");
    return node->prop_count == 0;
}

static bool no_children(ManifestReader *m, const KdlNode *node, const char *wanted) {
    if (node->has_children)
        report_shape(m, node->span, node->name, wanted, "it has no block of children");
    return !node->has_children;
}

static bool no_values(ManifestReader *m, const KdlNode *node, const char *wanted) {
    for (uint32_t i = 0; i < node->arg_count; i++)
        report_shape(m, node->args[i].span, node->name, wanted, "its fields stand in the block");
    return node->arg_count == 0;
}

static bool is_block(ManifestReader *m, const KdlNode *node) {
    const char *wanted = arena_printf(m->arena, "`%.*s { … }`, with a field on each line", TEXT_ARG(node->name)).data;
    bool good = no_values(m, node, wanted);
    return no_properties(m, node, wanted) && good;
}

// A node with one string.
static bool read_string(ManifestReader *m, const KdlNode *node, const char *example, Field *field) {
    const char *wanted = arena_printf(m->arena, "`%.*s \"%s\"`", TEXT_ARG(node->name), example).data;
    if (!no_properties(m, node, wanted) || !no_children(m, node, wanted))
        return false;
    if (node->arg_count != 1) {
        Span span = node->arg_count ? node->args[1].span : node->span;
        report_shape(m, span, node->name, wanted, node->arg_count ? "one value is enough" : "its value is missing");
        return false;
    }
    return string_value(m, &node->args[0], node->name, wanted, field);
}

// ---- names ---------------------------------------------------------------------------------------------------------

// Of those that are not among the nodes, if there are nodes.
static const char *nearest(Text name, const char *const *names, uint32_t count, const KdlNodes *given) {
    const char *best = NULL;
    uint32_t distance = 4;
    for (uint32_t i = 0; i < count; i++) {
        bool is_given = false;
        for (uint32_t j = 0; given && j < given->count; j++)
            is_given |= text_equal(given->items[j].name, text_of(names[i]));
        if (is_given)
            continue;
        uint32_t d = text_distance(name, text_of(names[i]), distance - 1);
        if (d < distance && d < name.size) {
            best = names[i];
            distance = d;
        }
    }
    return best;
}

static int index_of(Text name, const char *const *names, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (text_equal(name, text_of(names[i])))
            return (int)i;
    return -1;
}

static const char *list_of(ManifestReader *m, const char *const *names, uint32_t count) {
    Text list = TEXT("");
    for (uint32_t i = 0; i < count; i++)
        list = arena_printf(m->arena, "%.*s%s%s", TEXT_ARG(list),
                            i == 0           ? ""
                            : i + 1 == count ? " and "
                                             : ", ",
                            names[i]);
    return list.data;
}

static void warn_unknown(ManifestReader *m, Span span, Text name, const char *of, const char *const *names,
                         uint32_t count, const KdlNodes *given) {
    Report *report = diag_report(m->diags, DIAG_W0210, span, "%s has no field `%.*s`", of, TEXT_ARG(name));
    report_label(report, "it means nothing");
    const char *near = nearest(name, names, count, given);
    if (near)
        report_fix(report, span, text_of(near), arena_printf(m->arena, "write `%s`", near).data);
    else
        report_help(report, "the fields are %s", list_of(m, names, count));
}

static bool is_first(ManifestReader *m, const KdlNode *node, Span *earlier) {
    if (!earlier->file.v) {
        *earlier = node->span;
        return true;
    }
    Report *report = diag_report(m->diags, DIAG_E0952, node->span, "`%.*s` is given twice", TEXT_ARG(node->name));
    report_label(report, "given again");
    report_note(report, *earlier, "first given here");
    return false;
}

static bool check_name(ManifestReader *m, const Field *name) {
    const char *problem = package_name_problem(name->text);
    if (!problem)
        return true;
    Report *report =
        diag_report(m->diags, DIAG_E0953, name->span, "`%.*s` cannot be the name of a package", TEXT_ARG(name->text));
    report_label(report, "%s", problem);
    report_help(report, "a name has small letters, digits and `_`, and begins with a letter: modules import it");
    return false;
}

// ---- package { … } -------------------------------------------------------------------------------------------------

static const char *const PROFILES[] = {"core", "script", "service", "cluster", "compute", "sovereign"};
enum { PROFILE_COUNT = sizeof PROFILES / sizeof *PROFILES };

static void report_choice(ManifestReader *m, Span span, Text value, const char *of, const char *const *names,
                          uint32_t count) {
    Report *report = diag_report(m->diags, DIAG_E0955, span, "there is no %s `%.*s`", of, TEXT_ARG(value));
    report_label(report, "not known");
    const char *near = nearest(value, names, count, NULL);
    if (near)
        report_help(report, "did you mean `%s`?", near);
    else
        report_help(report, "there are %s", list_of(m, names, count));
}

// The place of a part of a string, where that is written as it is; else of the whole.
static Span part_span(const ManifestReader *m, const Field *field, Text part) {
    Text source = diags_source(m->diags, field->span.file)->content;
    uint32_t size = field->span.end - field->span.start;
    bool is_plain = size == field->text.size + 2 && source.data[field->span.start] == '"';
    if (!is_plain || !part.size)
        return field->span;
    uint32_t start = field->span.start + 1 + (uint32_t)(part.data - field->text.data);
    return (Span){field->span.file, start, start + (uint32_t)part.size};
}

static void check_version(ManifestReader *m, const Field *field) {
    Version version;
    const char *why;
    Text bad;
    if (version_parse(field->text, &version, &why, &bad))
        return;
    Report *report =
        diag_report(m->diags, DIAG_E0954, part_span(m, field, bad), "`%.*s` is no version", TEXT_ARG(field->text));
    report_label(report, "%s", why);
    report_help(report, "versions are semantic: \"1.0.0\", \"2.1.0-rc.1\"");
}

static void check_license(ManifestReader *m, const Field *field) {
    const char *why;
    Text bad, unknown;
    if (!license_check(field->text, &why, &bad, &unknown)) {
        Report *report = diag_report(m->diags, DIAG_E0956, part_span(m, field, bad), "`%.*s` is no SPDX expression",
                                     TEXT_ARG(field->text));
        report_label(report, "%s", why);
        report_help(report, "write identifiers of https://spdx.org/licenses, such as \"MIT\" or \"Apache-2.0 OR MIT\"");
    } else if (unknown.size) {
        Span span = part_span(m, field, unknown);
        Report *report =
            diag_report(m->diags, DIAG_W0211, span, "SPDX does not list the license `%.*s`", TEXT_ARG(unknown));
        report_label(report, "not known");
        const char *near = license_nearest(unknown);
        if (near)
            report_help(report, "did you mean `%s`?", near);
        report_help(report, "a license of your own is named \"LicenseRef-…\"");
    }
}

static void require(ManifestReader *m, const Field *field, Span block, const char *name, const char *example) {
    if (field->span.file.v)
        return;
    Report *report = diag_report(m->diags, DIAG_E0950, block, "the package has no %s", name);
    report_label(report, "`%s` is missing", name);
    report_help(report, "write `%s \"%s\"` into the block", name, example);
}

static void read_package(ManifestReader *m, const KdlNode *node) {
    static const char *const FIELDS[] = {"name", "version", "license", "description", "profile"};
    static const char *const EXAMPLES[] = {"hello", "0.1.0", "MIT", "What it is for", "core"};
    Package *p = m->package;
    Field *targets[] = {&p->name, &p->version, &p->license, &p->description, &p->profile}, values[5] = {0};
    Span seen[5] = {0};
    if (!is_block(m, node))
        return;
    uint32_t before = diags_error_count(m->diags);
    for (uint32_t i = 0; i < node->children.count; i++) {
        const KdlNode *child = &node->children.items[i];
        int field = index_of(child->name, FIELDS, 5);
        if (field < 0)
            warn_unknown(m, child->span, child->name, "`package`", FIELDS, 5, &node->children);
        else if (is_first(m, child, &seen[field]))
            read_string(m, child, EXAMPLES[field], &values[field]);
    }
    for (int i = 0; i < 5; i++)
        *targets[i] = values[i];
    if (diags_error_count(m->diags) == before) {
        require(m, &p->name, node->span, "name", "hello");
        require(m, &p->version, node->span, "version", "0.1.0");
    }
    if (p->name.span.file.v)
        check_name(m, &p->name);
    if (p->version.span.file.v)
        check_version(m, &p->version);
    if (p->license.span.file.v)
        check_license(m, &p->license);
    if (p->profile.span.file.v && index_of(p->profile.text, PROFILES, PROFILE_COUNT) < 0)
        report_choice(m, p->profile.span, p->profile.text, "profile", PROFILES, PROFILE_COUNT);
}

// ---- dependencies { … } --------------------------------------------------------------------------------------------

static void check_requirement(ManifestReader *m, const Field *field) {
    const char *why;
    Text bad;
    if (version_check_requirement(field->text, &why, &bad))
        return;
    Report *report = diag_report(m->diags, DIAG_E0954, part_span(m, field, bad), "`%.*s` is no requirement on versions",
                                 TEXT_ARG(field->text));
    report_label(report, "%s", why);
    report_help(report, "write \"1.2\", \"^1.2.3\", \"~1.2\" or \">=1.2, <2\"");
}

static bool read_dependency_parts(ManifestReader *m, const KdlNode *node, Dependency *dependency) {
    static const char *const FIELDS[] = {"path", "version"};
    const char *wanted =
        arena_printf(m->arena, "`%.*s path=\"../%.*s\"`", TEXT_ARG(node->name), TEXT_ARG(node->name)).data;
    Field *targets[] = {&dependency->path, &dependency->requirement};
    if (!no_children(m, node, wanted))
        return false;
    if (node->arg_count > 1) {
        report_shape(m, node->args[1].span, node->name, wanted, "one requirement on its version is enough");
        return false;
    }
    if (node->arg_count && !string_value(m, &node->args[0], node->name, wanted, &dependency->requirement))
        return false;
    for (uint32_t i = 0; i < node->prop_count; i++) {
        const KdlProp *prop = &node->props[i];
        int field = index_of(prop->name, FIELDS, 2);
        if (field < 0)
            warn_unknown(m, prop->span, prop->name, "a dependency", FIELDS, 2, NULL);
        else if (!string_value(m, &prop->value, node->name, wanted, targets[field]))
            return false;
    }
    return true;
}

static bool read_dependency(ManifestReader *m, const KdlNode *node, Dependency *dependency) {
    *dependency = (Dependency){.name = {node->name, node->span}};
    if (!check_name(m, &dependency->name) || !read_dependency_parts(m, node, dependency))
        return false;
    if (dependency->requirement.span.file.v)
        check_requirement(m, &dependency->requirement);
    if (dependency->path.text.size)
        return true;
    Report *report = diag_report(m->diags, DIAG_E0965, node->span, "`%.*s` has no path", TEXT_ARG(node->name));
    report_label(report, "where this package is, is not said");
    report_note(report, (Span){0}, "this version of Janus finds packages by their paths only");
    report_help(report, "write `%.*s path=\"../%.*s\"`: the folder of its janus.kdl, seen from this one",
                TEXT_ARG(node->name), TEXT_ARG(node->name));
    return false;
}

static void read_dependencies(ManifestReader *m, const KdlNode *node) {
    Package *p = m->package;
    if (!is_block(m, node))
        return;
    p->dependencies = ARENA_ARRAY(m->arena, Dependency, node->children.count + 1);
    for (uint32_t i = 0; i < node->children.count; i++) {
        const KdlNode *child = &node->children.items[i];
        Span earlier = {0};
        for (uint32_t j = 0; j < i; j++)
            if (text_equal(node->children.items[j].name, child->name))
                earlier = node->children.items[j].span;
        if (is_first(m, child, &earlier) && read_dependency(m, child, &p->dependencies[p->dependency_count]))
            p->dependency_count++;
    }
}

// ---- capabilities { … }, bin ---------------------------------------------------------------------------------------

static void read_capabilities(ManifestReader *m, const KdlNode *node) {
    static const char *const AREAS[] = {"fs", "net", "db", "process", "env", "clock", "random", "ffi"};
    enum { AREA_COUNT = sizeof AREAS / sizeof *AREAS };
    Span seen[AREA_COUNT] = {0};
    if (!is_block(m, node))
        return;
    Capability *list = ARENA_ARRAY(m->arena, Capability, node->children.count + 1);
    m->package->capabilities = list;
    for (uint32_t i = 0; i < node->children.count; i++) {
        const KdlNode *child = &node->children.items[i];
        const char *wanted =
            arena_printf(m->arena, "`%.*s` or `%.*s \"read\"`", TEXT_ARG(child->name), TEXT_ARG(child->name)).data;
        int area = index_of(child->name, AREAS, AREA_COUNT);
        if (area < 0) {
            report_choice(m, child->span, child->name, "area of capabilities", AREAS, AREA_COUNT);
            continue;
        }
        if (!is_first(m, child, &seen[area]) || !no_properties(m, child, wanted) || !no_children(m, child, wanted))
            continue;
        Field *details = ARENA_ARRAY(m->arena, Field, child->arg_count + 1);
        bool good = true;
        for (uint32_t j = 0; good && j < child->arg_count; j++)
            good = string_value(m, &child->args[j], child->name, wanted, &details[j]);
        if (good)
            list[m->package->capability_count++] = (Capability){{child->name, child->span}, details, child->arg_count};
    }
}

// A path of a main file is "src/", names, ".jan", and stays below the package.
static bool is_main_path(Text path) {
    if (!text_starts_with(path, TEXT("src/")) || !text_ends_with(path, TEXT(".jan")) || path.size < 9)
        return false;
    for (size_t i = 4, start = 4; i < path.size - 4; i++) {
        char c = path.data[i];
        bool is_name =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9' && i > start);
        if (c == '/' && i > start)
            start = i + 1;
        else if (!is_name)
            return false;
    }
    return path.data[path.size - 5] != '/';
}

static void read_bin(ManifestReader *m, const KdlNode *node) {
    static const char *const FIELDS[] = {"main"};
    const char *wanted = "`bin \"hello\" main=\"src/main.jan\"`";
    Package *p = m->package;
    if (!no_children(m, node, wanted))
        return;
    if (node->arg_count > 1)
        report_shape(m, node->args[1].span, node->name, wanted, "one name is enough");
    if (node->arg_count && string_value(m, &node->args[0], node->name, wanted, &p->bin)) {
        bool good =
            p->bin.text.size && p->bin.text.size <= 100 && p->bin.text.data[0] != '.' && p->bin.text.data[0] != '-';
        for (size_t i = 0; i < p->bin.text.size; i++)
            good = good && (unsigned char)p->bin.text.data[i] > ' ' && p->bin.text.data[i] != '/';
        if (!good)
            report_shape(m, p->bin.span, node->name, wanted, "this is no name for a file");
    }
    for (uint32_t i = 0; i < node->prop_count; i++) {
        const KdlProp *prop = &node->props[i];
        if (!text_equal(prop->name, TEXT("main")))
            warn_unknown(m, prop->span, prop->name, "`bin`", FIELDS, 1, NULL);
        else if (string_value(m, &prop->value, node->name, wanted, &p->main_file) && !is_main_path(p->main_file.text))
            report_shape(m, p->main_file.span, node->name, wanted, "a main file is a module below src");
    }
}

// ---- the whole -----------------------------------------------------------------------------------------------------

static void read_fields(ManifestReader *m, const KdlNodes *nodes) {
    static const char *const FIELDS[] = {"package", "dependencies", "capabilities", "bin"};
    static void (*const READERS[])(ManifestReader *, const KdlNode *) = {read_package, read_dependencies,
                                                                         read_capabilities, read_bin};
    Span seen[4] = {0};
    for (uint32_t i = 0; i < nodes->count; i++) {
        const KdlNode *node = &nodes->items[i];
        int field = index_of(node->name, FIELDS, 4);
        if (field < 0)
            warn_unknown(m, node->span, node->name, "a manifest", FIELDS, 4, nodes);
        else if (is_first(m, node, &seen[field]))
            READERS[field](m, node);
    }
    if (seen[0].file.v)
        return;
    Span start = {m->package->file, 0, 0};
    Report *report = diag_report(m->diags, DIAG_E0950, start, "the manifest says nothing of its package");
    report_label(report, "a block `package` is missing");
    report_help(report, "begin it with `package { name \"hello\"; version \"0.1.0\" }`");
}

static void check_files(ManifestReader *m) {
    Package *p = m->package;
    bool given = p->main_file.span.file.v != 0;
    if (!given)
        p->main_file.text = TEXT("src/main.jan");
    if (!p->bin.span.file.v)
        p->bin.text = p->name.text;
    p->has_main = os_is_file(arena_printf(m->arena, "%s%.*s", p->folder, TEXT_ARG(p->main_file.text)).data);
    p->has_lib = os_is_file(arena_printf(m->arena, "%ssrc/lib.jan", p->folder).data);
    if (!p->has_main && given) {
        Report *report = diag_report(m->diags, DIAG_E0957, p->main_file.span, "there is no %s%.*s", p->folder,
                                     TEXT_ARG(p->main_file.text));
        report_label(report, "the package begins at this file");
        report_help(report, "make the file, or name the one that has `main`");
    }
}

bool manifest_read(Diags *diags, Arena *arena, Package *package, Span from) {
    ManifestReader m = {diags, arena, package};
    const char *path = arena_printf(arena, "%s" MANIFEST_NAME, package->folder).data;
    Text content;
    KdlNodes nodes;
    OsResult result = os_read_file(arena, path, MANIFEST_BYTES, &content);
    if (!result.ok) {
        diag_report(diags, DIAG_E0001, from, "cannot read %s: %s", path, result.message);
        return false;
    }
    uint32_t before = diags_error_count(diags);
    package->file = diags_add_source(diags, path, content);
    if (!kdl_parse(diags, arena, package->file, &nodes))
        return false;
    read_fields(&m, &nodes);
    if (diags_error_count(diags) == before)
        check_files(&m);
    return diags_error_count(diags) == before;
}
