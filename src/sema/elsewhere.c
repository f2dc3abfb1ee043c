// Where a name stands that is not known here: in a module that is imported, in another of the program, in one of std.
#include "base/embed.h"
#include "sema/tables.h"

#include <string.h>

enum { MOST_MODULES = 3 }; // a name that more of them have is no hint

typedef struct {
    Sema *sema;
    Text name;
    Text paths[MOST_MODULES]; // of the modules that have it
    uint32_t count;
} Search;

static Text last_part(Text path) {
    const char *dot = memrchr(path.data, '.', path.size);
    return dot ? (Text){dot + 1, path.size - (size_t)(dot + 1 - path.data)} : path;
}

static bool is_name_byte(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

// Whether `line`, which begins with `pub `, declares the name: `pub func name(…)`.
static bool declares(Text line, Text name) {
    const char *word = memchr(line.data + strlen("pub "), ' ', line.size - strlen("pub "));
    if (!word)
        return false;
    size_t left = line.size - (size_t)(word + 1 - line.data);
    return left > name.size && memcmp(word + 1, name.data, name.size) == 0 && !is_name_byte(word[1 + name.size]);
}

// Modules of std that nothing imports are not read: their text is searched.
static bool std_declares(Text content, Text name) {
    for (size_t at = 0; at < content.size;) {
        const char *from = content.data + at, *end = memchr(from, '\n', content.size - at);
        Text line = {from, end ? (size_t)(end - from) : content.size - at};
        if (text_starts_with(line, TEXT("pub ")) && declares(line, name))
            return true;
        at += line.size + 1;
    }
    return false;
}

// The path of a module of std that programs import: "std.fs" of "std/fs.jan"; empty for other files.
static Text path_of_std(Sema *sema, Text file) {
    Text stem = {file.data + strlen("std/"), file.size - strlen("std/.jan")};
    bool is_module = text_starts_with(file, TEXT("std/")) && text_ends_with(file, TEXT(".jan")) &&
                     !memchr(stem.data, '/', stem.size) && !text_equal(stem, TEXT("intrinsics"));
    return is_module ? arena_printf(sema->arena, "std.%.*s", TEXT_ARG(stem)) : (Text){0};
}

static void found_in(Search *s, Text path) {
    if (s->count < MOST_MODULES)
        s->paths[s->count] = path;
    s->count++;
}

static void search_std(Search *s) {
    for (uint32_t i = 0; i < embedded_count(); i++) {
        Text file = embedded_name(i), path = path_of_std(s->sema, file), content;
        if (path.size > 0 && embedded_file(file.data, &content) && std_declares(content, s->name))
            found_in(s, path);
    }
}

static void search_own(Search *s, ModuleId here, SymbolId name) {
    const Program *p = s->sema->program;
    for (uint32_t i = 1; i < p->modules.count; i++) {
        const Module *module = &p->modules.items[i];
        if (!module->is_std && i != here.v && sema_module_member(s->sema, (ModuleId){i}, name).v != 0)
            found_in(s, module->path);
    }
}

// The module that an import names which has the name, too: `heap` for Heap.
static Text imported_with(Sema *sema, ModuleId here, SymbolId name) {
    const Program *p = sema->program;
    const Module *module = program_module(p, here);
    for (uint32_t i = 0; i < module->decls.count; i++) {
        DeclId decl = {module->decls.items[i]};
        if (program_decl(p, decl)->kind != DECL_IMPORT)
            continue;
        ImportTarget target = sema_import_target(sema, decl);
        if (target.module.v != 0 && target.decl.v == 0 && sema_module_member(sema, target.module, name).v != 0)
            return decl_name(p, decl);
    }
    return (Text){0};
}

// A module that has the name itself.
static Text module_named(Sema *sema, Text name) {
    const Program *p = sema->program;
    for (uint32_t i = 1; i < p->modules.count; i++)
        if (!p->modules.items[i].is_std && text_equal(last_part(p->modules.items[i].path), name))
            return p->modules.items[i].path;
    for (uint32_t i = 0; i < embedded_count(); i++) {
        Text path = path_of_std(sema, embedded_name(i));
        if (path.size > 0 && text_equal(last_part(path), name))
            return path;
    }
    return (Text){0};
}

static bool help_import(Report *report, const Search *s) {
    if (s->count == 0 || s->count > MOST_MODULES)
        return false;
    Buffer list = {0};
    for (uint32_t i = 0; i < s->count; i++)
        buffer_printf(&list, "%s`import %.*s`, then `%.*s.%.*s`", i ? "; or " : "", TEXT_ARG(s->paths[i]),
                      TEXT_ARG(last_part(s->paths[i])), TEXT_ARG(s->name));
    report_help(report, "it stands in a module: %.*s", TEXT_ARG(buffer_view(&list)));
    vec_free(&list);
    return true;
}

bool help_elsewhere(Sema *sema, Report *report, ModuleId here, SymbolId name, Span span, bool is_base) {
    Search s = {.sema = sema, .name = symbol(sema->program, name)};
    if (s.name.size == 0 || sema->tables->searches++ > SEARCH_LIMIT)
        return false;
    Text module = imported_with(sema, here, name);
    if (module.size > 0) {
        Text whole = arena_printf(sema->arena, "%.*s.%.*s", TEXT_ARG(module), TEXT_ARG(s.name));
        report_fix(report, span, whole, "name the module that has it");
        return true;
    }
    module = is_base ? module_named(sema, s.name) : (Text){0};
    if (module.size > 0) {
        report_help(report, "it is a module: write `import %.*s` at the top of the file", TEXT_ARG(module));
        return true;
    }
    search_own(&s, here, name);
    if (s.count == 0)
        search_std(&s);
    return help_import(report, &s);
}

static Report *report_private_member(Sema *sema, ModuleId module, DeclId hidden, Span span) {
    const Program *p = sema->program;
    Report *report = REPORT_AT(sema, E0205, span, "`%.*s` is private to the module `%.*s`", DECL_ARG(p, hidden),
                               TEXT_ARG(program_module(p, module)->path));
    report_label(report, "not visible from here");
    report_note(report, decl_span(p, hidden), "declared here without `pub`");
    return report;
}

void report_no_member(Sema *sema, ModuleId module, SymbolId name, Span span) {
    const Program *p = sema->program;
    Search s = {.sema = sema, .name = symbol(p, name)};
    if (program_module(p, module)->is_std && s.name.size > 0 && sema->tables->searches++ <= SEARCH_LIMIT)
        search_std(&s);
    DeclId hidden = link_own_name(sema, module, name);
    if (hidden.v != 0) {
        help_import(report_private_member(sema, module, hidden, span), &s);
        return;
    }
    Report *report = REPORT_AT(sema, E0207, span, "the module `%.*s` has no `%.*s`",
                               TEXT_ARG(program_module(p, module)->path), SYMBOL_ARG(p, name));
    report_label(report, "not found in the module");
    if (!help_import(report, &s))
        link_suggest_member(sema, report, module, name, span);
}
