// Names across modules: imports, the prelude, what the compiler expects of std, and the search for similar names.
#include "sema/tables.h"

void link_builtin_types(Sema *sema) {
    Program *p = sema->program;
    for (int kind = TY_VOID; kind < TY_COUNT; kind++) {
        const char *text = type_kind_text((TypeKind)kind);
        if (text == NULL || kind == TY_TYPE)
            continue;
        SymbolId name = intern(p->symbols, text_of(text));
        DeclId decl = program_add_decl(
            p, (Decl){.kind = DECL_BUILTIN_TYPE, .name = name, .index = (uint32_t)kind, .is_pub = true});
        sema->tables->builtin_decls[kind] = decl;
        map_set(&sema->tables->builtins, name.v, decl.v);
    }
}

// ---- imports --------------------------------------------------------------------------------------------------------

static ModuleId module_by_path(const Sema *sema, ModuleId from, Text path) {
    Program *p = sema->program;
    uint32_t module = 0;
    ModuleRef ref = program_module_ref(p, program_package_of(p, from), path);
    map_get(&sema->tables->modules, program_module_key(p, ref), &module);
    return (ModuleId){module};
}

static Text path_text(Sema *sema, const Ast *ast, AstList path, uint32_t count) {
    Buffer buffer = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_char(&buffer, '.');
        buffer_text(&buffer, ast_token_text(ast, ast_token(ast, AST_ITEM(path, i))));
    }
    Text text = arena_text(sema->arena, buffer_view(&buffer));
    vec_free(&buffer);
    return text;
}

static Text similar_module(const Sema *sema, Text path) {
    Text best = {0};
    uint32_t limit = path.size <= 4 ? 1 : 2;
    for (uint32_t i = 1; i < sema->program->modules.count; i++) {
        Text candidate = sema->program->modules.items[i].path;
        if (text_starts_with(candidate, TEXT("std.core.")) || text_equal(candidate, TEXT("std.intrinsics")))
            continue;
        uint32_t distance = text_distance(path, candidate, limit);
        if (distance > limit || distance == 0)
            continue;
        best = candidate;
        limit = distance - 1;
        if (limit == 0)
            break;
    }
    return best;
}

static bool is_folder(const Sema *sema, Text path) {
    for (uint32_t i = 1; i < sema->program->modules.count; i++) {
        Text candidate = sema->program->modules.items[i].path;
        if (candidate.size > path.size && text_starts_with(candidate, path) && candidate.data[path.size] == '.')
            return true;
    }
    return false;
}

static void report_unknown_import(Sema *sema, const Ast *ast, NodeId node, Text path) {
    AstImport import = ast_import(ast, node);
    Span span = ast_token_span(ast, import.name);
    if (import.path.count > 0)
        span.start = ast_span(ast, AST_ITEM(import.path, 0)).start;
    if (diags_has_error_in(sema->program->diags, span))
        return; // the loader has said why the file cannot be read
    Report *report = REPORT_AT(sema, E0202, span, "there is no module `%.*s`", TEXT_ARG(path));
    if (is_folder(sema, path)) {
        report_label(report, "this is a folder of modules");
        report_help(report, "import one of its modules: `import %.*s.name`", TEXT_ARG(path));
        return;
    }
    Text similar = similar_module(sema, path);
    if (similar.size > 0) {
        report_label(report, "did you mean `%.*s`?", TEXT_ARG(similar));
        report_fix(report, span, similar, "import the similar module");
        return;
    }
    report_label(report, "no file with this path belongs to the program");
    report_help(report,
                "a module is named after its file: `import shapes.circle` reads shapes/circle.jan, `import std.fs` "
                "the standard library's");
}

static DeclId member_of(const Program *p, ModuleId module, SymbolId name) {
    uint32_t found = 0;
    map_get(&program_module(p, module)->names, name.v, &found);
    return (DeclId){found};
}

// `import a.b.c` names the module a.b.c, or else the public name c of the module a.b.
static ImportTarget resolve_import(Sema *sema, ModuleId module, NodeId node) {
    Program *p = sema->program;
    const Ast *ast = program_module(p, module)->ast;
    AstImport import = ast_import(ast, node);
    Text path = path_text(sema, ast, import.path, import.path.count);
    ImportTarget target = {.module = module_by_path(sema, module, path)};
    if (target.module.v != 0 || import.path.count < 2) {
        if (target.module.v == 0)
            report_unknown_import(sema, ast, node, path);
        return target;
    }
    ModuleId parent = module_by_path(sema, module, path_text(sema, ast, import.path, import.path.count - 1));
    DeclId decl = parent.v == 0 ? (DeclId){0} : member_of(p, parent, ast_symbol(ast, import.name));
    if (parent.v == 0) {
        report_unknown_import(sema, ast, node, path);
        return target;
    }
    if (decl.v == 0) {
        Span span = ast_token_span(ast, import.name);
        Report *report =
            REPORT_AT(sema, E0207, span, "the module `%.*s` has no `%.*s`", TEXT_ARG(program_module(p, parent)->path),
                      TEXT_ARG(ast_token_text(ast, import.name)));
        report_label(report, "not found in the module");
        link_suggest_member(sema, report, parent, ast_symbol(ast, import.name), span);
        return target;
    }
    if (!program_decl(p, decl)->is_pub) {
        Report *report = REPORT_AT(sema, E0205, ast_token_span(ast, import.name), "`%.*s` is private to its module",
                                   DECL_ARG(p, decl));
        report_label(report, "not visible from here");
        report_note(report, decl_span(p, decl), "declared here without `pub`");
        return target;
    }
    return (ImportTarget){.module = parent, .decl = decl};
}

static void link_imports(Sema *sema) {
    Program *p = sema->program;
    for (uint32_t i = 1; i < p->modules.count; i++) {
        const Module *module = &p->modules.items[i];
        for (uint32_t j = 0; j < module->decls.count; j++) {
            DeclId decl = {module->decls.items[j]};
            if (program_decl(p, decl)->kind != DECL_IMPORT)
                continue;
            ImportTarget target = resolve_import(sema, (ModuleId){i}, program_decl(p, decl)->node);
            vec_push(&sema->tables->imports, target);
            map_set(&sema->tables->import_index, decl.v, sema->tables->imports.count - 1);
            map_set(&sema->tables->imported, (uint64_t)i << 32 | target.module.v, 1);
        }
    }
}

ImportTarget sema_import_target(Sema *sema, DeclId import) {
    uint32_t index = 0;
    map_get(&sema->tables->import_index, import.v, &index);
    return sema->tables->imports.items[index];
}

DeclId link_follow(Sema *sema, DeclId decl) {
    for (int depth = 0; depth < 16 && decl.v != 0 && program_decl(sema->program, decl)->kind == DECL_IMPORT; depth++) {
        ImportTarget target = sema_import_target(sema, decl);
        if (target.decl.v == 0)
            return decl; // a module, or unknown
        decl = target.decl;
    }
    return decl;
}

// ---- prelude and lang items -----------------------------------------------------------------------------------------

static void link_prelude(Sema *sema) {
    Program *p = sema->program;
    for (uint32_t i = 1; i < p->modules.count; i++) {
        const Module *module = &p->modules.items[i];
        if (!module->is_std || !text_starts_with(module->path, TEXT("std.core.")))
            continue;
        for (uint32_t j = 0; j < module->decls.count; j++) {
            const Decl *decl = program_decl(p, (DeclId){module->decls.items[j]});
            if (decl->is_pub && decl->name.v != 0 && decl->kind != DECL_IMPORT)
                map_set(&sema->tables->prelude, decl->name.v, module->decls.items[j]);
        }
    }
}

static bool std_module(Sema *sema, const char *path, uint32_t *module) {
    uint64_t key = program_module_key(sema->program, (ModuleRef){{PACKAGE_STD}, text_of(path)});
    return map_get(&sema->tables->modules, key, module);
}

static void link_lang_items(Sema *sema) {
    static const struct {
        const char *name;
        const char *module; // NULL: the prelude
    } ITEMS[LANG_COUNT] = {
#define LANG(item, text) [LANG_##item] = {(text), NULL},
#define LANG_JSON_ITEM(item, text) [LANG_##item] = {(text), "std.json"},
#define LANG_LOCAL_ITEM(item, text) [LANG_##item] = {(text), "std.local"},
#include "astdb/lang.def"
#undef LANG
    };
    Program *p = sema->program;
    for (int item = 0; item < LANG_COUNT; item++) {
        SymbolId name = intern_find(p->symbols, text_of(ITEMS[item].name));
        uint32_t decl = 0, module = 0;
        if (name.v != 0 && ITEMS[item].module == NULL)
            map_get(&sema->tables->prelude, name.v, &decl);
        else if (name.v != 0 && std_module(sema, ITEMS[item].module, &module))
            decl = member_of(p, (ModuleId){module}, name).v;
        p->lang[item] = (DeclId){decl};
    }
}

DeclId sema_lang(const Sema *sema, LangItem item) {
    return sema->program->lang[item];
}

void sema_link(Sema *sema) {
    Program *p = sema->program;
    for (uint32_t i = 1; i < p->modules.count; i++) {
        Text path = p->modules.items[i].path;
        ModuleRef ref = {program_package_of(p, (ModuleId){i}), program_local_path(p, (ModuleId){i})};
        map_set(&sema->tables->modules, program_module_key(p, ref), i);
        if (text_equal(path, TEXT("std.intrinsics")))
            sema->tables->intrinsics = (ModuleId){i};
    }
    link_imports(sema);
    link_prelude(sema);
    link_lang_items(sema);
    declare_heads(sema);
}

// ---- lookup ---------------------------------------------------------------------------------------------------------

DeclId link_own_name(const Sema *sema, ModuleId module, SymbolId name) {
    return member_of(sema->program, module, name);
}

DeclId sema_lookup(Sema *sema, ModuleId module, SymbolId name) {
    DeclId own = member_of(sema->program, module, name);
    if (own.v != 0) {
        if (program_decl(sema->program, own)->kind == DECL_IMPORT)
            map_set(&sema->tables->used_imports, own.v, 1);
        return link_follow(sema, own);
    }
    uint32_t found = 0;
    if (map_get(&sema->tables->prelude, name.v, &found) || map_get(&sema->tables->builtins, name.v, &found))
        return (DeclId){found};
    if (program_module(sema->program, module)->is_std && sema->tables->intrinsics.v != 0)
        return member_of(sema->program, sema->tables->intrinsics, name);
    return (DeclId){0};
}

DeclId sema_module_member(Sema *sema, ModuleId module, SymbolId name) {
    DeclId decl = member_of(sema->program, module, name);
    return decl.v != 0 && program_decl(sema->program, decl)->is_pub ? link_follow(sema, decl) : (DeclId){0};
}

uint32_t link_layer(Sema *sema, ModuleId module, DeclId decl) {
    const Program *p = sema->program;
    ModuleId home = program_decl(p, decl)->module;
    if (home.v == module.v)
        return 0;
    if (map_get(&sema->tables->imported, (uint64_t)module.v << 32 | home.v, NULL))
        return 1;
    uint32_t prelude = 0;
    map_get(&sema->tables->prelude, program_decl(p, decl)->name.v, &prelude);
    return prelude == decl.v ? 2 : 3;
}

// ---- similar names --------------------------------------------------------------------------------------------------

typedef struct {
    const Program *program;
    Text name;
    uint32_t limit;
    bool only_types; // and modules, which have types
    SymbolId best;
} Similar;

static bool is_type(const Decl *decl) {
    switch (decl->kind) {
    case DECL_STRUCT:
    case DECL_ENUM:
    case DECL_ERROR:
    case DECL_ALIAS:
    case DECL_BUILTIN_TYPE:
    case DECL_IMPORT: return true;
    default: return false;
    }
}

static Similar similar_to(const Program *p, SymbolId name) {
    Text text = symbol(p, name);
    return (Similar){.program = p, .name = text, .limit = text.size <= 1 ? 0 : text.size <= 4 ? 1 : 2};
}

static void consider(Similar *s, SymbolId candidate) {
    Text text = symbol(s->program, candidate);
    if (candidate.v == 0 || s->limit == 0 || text.size == 0 || (text.data[0] == '_' && s->name.data[0] != '_'))
        return;
    if (text.size > s->name.size + s->limit || s->name.size > text.size + s->limit)
        return;
    uint32_t distance = text_distance(s->name, text, s->limit);
    if (distance == 0 || distance > s->limit)
        return;
    s->best = candidate;
    s->limit = distance - 1;
}

static void consider_decl(Similar *s, DeclId id) {
    const Decl *decl = program_decl(s->program, id);
    if (decl->kind != DECL_TEST && (!s->only_types || is_type(decl)))
        consider(s, decl->name);
}

static void consider_map(Similar *s, const MapU64 *map) {
    for (uint32_t i = 0; i < map->capacity; i++)
        if (map->used[i])
            consider_decl(s, (DeclId){map->values[i]});
}

static SymbolId similar_name(Sema *sema, ModuleId module, SymbolId name, bool only_types) {
    static const char *const BUILTIN_FUNCTIONS[] = {"print", "println", "eprint",    "eprintln",
                                                    "panic", "assert",  "assert_eq", "unreachable"};
    Program *p = sema->program;
    Similar s = similar_to(p, name);
    s.only_types = only_types;
    if (sema->tables->searches++ > SEARCH_LIMIT)
        return (SymbolId){0};
    const Module *here = program_module(p, module);
    for (uint32_t i = 0; i < here->decls.count; i++)
        consider_decl(&s, (DeclId){here->decls.items[i]});
    for (size_t i = 0; !only_types && i < sizeof BUILTIN_FUNCTIONS / sizeof *BUILTIN_FUNCTIONS; i++)
        consider(&s, intern(p->symbols, text_of(BUILTIN_FUNCTIONS[i])));
    consider_map(&s, &sema->tables->builtins);
    consider_map(&s, &sema->tables->prelude);
    return s.best;
}

SymbolId sema_similar_name(Sema *sema, ModuleId module, SymbolId name) {
    return similar_name(sema, module, name, false);
}

// Nothing where there is no such name.
static void fix_name(Sema *sema, Report *report, Span span, SymbolId name) {
    if (name.v == 0)
        return;
    Text title = arena_printf(sema->arena, "use the similar name `%.*s`", SYMBOL_ARG(sema->program, name));
    report_fix(report, span, symbol(sema->program, name), title.data);
}

void link_suggest(Sema *sema, Report *report, ModuleId module, SymbolId name, Span span) {
    fix_name(sema, report, span, similar_name(sema, module, name, false));
}

void link_suggest_type(Sema *sema, Report *report, ModuleId module, SymbolId name, Span span) {
    fix_name(sema, report, span, similar_name(sema, module, name, true));
}

void link_suggest_member(Sema *sema, Report *report, ModuleId module, SymbolId name, Span span) {
    Program *p = sema->program;
    Similar s = similar_to(p, name);
    const Module *there = program_module(p, module);
    for (uint32_t i = 0; i < there->decls.count; i++) {
        const Decl *decl = program_decl(p, (DeclId){there->decls.items[i]});
        if (decl->is_pub && decl->kind != DECL_TEST)
            consider(&s, decl->name);
    }
    fix_name(sema, report, span, s.best);
}
