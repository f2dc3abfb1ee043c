// Top-level names: every declaration of a module becomes a row, its members too; names are unique in a module.
#include "sema/tables.h"

enum {
    INTRINSIC_NONE,
#define INTRINSIC(name) INTRINSIC_NUMBER_##name,
#include "astdb/intrinsics.def"
#undef INTRINSIC
};

static uint32_t intrinsic_number(Text name) {
    static const struct {
        const char *name;
        uint32_t number;
    } TABLE[] = {
#define INTRINSIC(name) {#name, INTRINSIC_NUMBER_##name},
#include "astdb/intrinsics.def"
#undef INTRINSIC
    };
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        if (text_equal(text_of(TABLE[i].name), name))
            return TABLE[i].number;
    return INTRINSIC_NONE;
}

Sema *sema_new(Program *program) {
    Sema *sema = ARENA_NEW(program->arena, Sema);
    sema->program = program;
    sema->arena = program->arena;
    sema->tables = ARENA_NEW(program->arena, struct SemaTables);
    vec_push(&sema->tables->links, (MemberLink){0});
    vec_push(&sema->tables->imports, (ImportTarget){0});
    vec_push(&sema->tables->envs, (Env){0});
    sema->tables->self_name = intern(program->symbols, TEXT("self"));
    link_builtin_types(sema);
    return sema;
}

void sema_free(Sema *sema) {
    if (sema == NULL)
        return;
    sema_bodies_free(sema);
    struct SemaTables *t = sema->tables;
    map_free(&t->modules);
    map_free(&t->import_index);
    map_free(&t->imported);
    map_free(&t->used_imports);
    map_free(&t->prelude);
    map_free(&t->builtins);
    map_free(&t->methods);
    map_free(&t->trait_members);
    map_free(&t->trait_impls);
    map_free(&t->env_index);
    vec_free(&t->imports);
    vec_free(&t->links);
    vec_free(&t->later);
    vec_free(&t->fresh_impls);
    vec_free(&t->envs);
}

typedef struct {
    Sema *sema;
    Program *program;
    ModuleId module;
    const Ast *ast;
} Collect;

static void report_duplicate(Collect *c, TokenId name, DeclId first) {
    Program *p = c->program;
    SymbolId symbol_id = ast_symbol(c->ast, name);
    Report *report = REPORT_AT(c->sema, E0201, ast_token_span(c->ast, name), "`%.*s` is declared twice in this module",
                               SYMBOL_ARG(p, symbol_id));
    report_label(report, "declared again");
    report_note(report, decl_span(p, first), "first declared here");
}

// Enters a name into the module. What repeats a name stays a declaration of its own, so that its body is checked too.
static void enter_name(Collect *c, DeclId decl, TokenId name) {
    Module *module = program_module(c->program, c->module);
    SymbolId symbol_id = ast_symbol(c->ast, name);
    if (symbol_id.v == 0)
        return;
    uint32_t known;
    if (map_get(&module->names, symbol_id.v, &known)) {
        report_duplicate(c, name, (DeclId){known});
        return;
    }
    if (map_get(&c->sema->tables->builtins, symbol_id.v, NULL)) {
        Report *report = REPORT_AT(c->sema, E0206, ast_token_span(c->ast, name), "`%.*s` is a built-in type",
                                   SYMBOL_ARG(c->program, symbol_id));
        report_label(report, "cannot be declared again");
        report_help(report, "choose another name");
        return;
    }
    map_set(&module->names, symbol_id.v, decl.v);
}

static DeclId add_decl(Collect *c, DeclKind kind, NodeId node, TokenId name, bool is_pub) {
    DeclId id = program_add_decl(
        c->program,
        (Decl){.kind = kind, .module = c->module, .node = node, .name = ast_symbol(c->ast, name), .is_pub = is_pub});
    return id;
}

static DeclId add_top_level(Collect *c, DeclKind kind, NodeId node, TokenId name, bool is_pub) {
    DeclId id = add_decl(c, kind, node, name, is_pub);
    vec_push(&program_module(c->program, c->module)->decls, id.v);
    if (kind != DECL_TEST)
        enter_name(c, id, name);
    return id;
}

static DeclId collect_func(Collect *c, NodeId node, bool is_top_level) {
    AstFunc func = ast_func(c->ast, node);
    DeclId id = is_top_level ? add_top_level(c, DECL_FUNC, node, func.name, func.is_pub)
                             : add_decl(c, DECL_FUNC, node, func.name, func.is_pub);
    const Module *module = program_module(c->program, c->module);
    if (func.body.v == 0 && is_top_level && module->is_std)
        program_decl(c->program, id)->intrinsic = intrinsic_number(ast_token_text(c->ast, func.name));
    return id;
}

// Traits and impls: functions and associated types.
static DeclId *collect_members(Collect *c, AstList members, DeclId trait, ImplId impl, uint32_t *count) {
    DeclId *result = ARENA_ARRAY(c->sema->arena, DeclId, members.count);
    *count = 0;
    MapU64 seen = {0};
    for (uint32_t i = 0; i < members.count; i++) {
        NodeId node = AST_ITEM(members, i);
        NodeKind kind = ast_kind(c->ast, node);
        if (kind != NODE_FUNC && kind != NODE_ASSOC_TYPE)
            continue;
        DeclId id = kind == NODE_FUNC ? collect_func(c, node, false)
                                      : add_decl(c, DECL_ASSOC_TYPE, node, ast_const_decl(c->ast, node).name, true);
        Decl *decl = program_decl(c->program, id);
        decl->parent = trait;
        decl->impl = impl;
        decl->index = *count;
        if (trait.v != 0)
            decl->is_pub = true;
        uint32_t first;
        if (decl->name.v != 0 && map_get(&seen, decl->name.v, &first)) {
            Report *report = REPORT_AT(c->sema, E0201, decl_span(c->program, id), "`%.*s` is declared twice in this %s",
                                       SYMBOL_ARG(c->program, decl->name), trait.v != 0 ? "trait" : "impl");
            report_label(report, "declared again");
            report_note(report, decl_span(c->program, (DeclId){first}), "first declared here");
        } else {
            map_set(&seen, decl->name.v, id.v);
        }
        result[(*count)++] = id;
    }
    map_free(&seen);
    return result;
}

static void collect_trait(Collect *c, NodeId node) {
    AstTrait ast_row = ast_trait(c->ast, node);
    DeclId id = add_top_level(c, DECL_TRAIT, node, ast_row.name, ast_row.is_pub);
    Trait *trait = ARENA_NEW(c->sema->arena, Trait);
    c->program->traits[id.v] = trait;
    trait->self = type_param(c->program->types, id);
    trait->members = collect_members(c, ast_row.members, id, (ImplId){0}, &trait->member_count);
}

static void collect_impl(Collect *c, NodeId node) {
    ImplId id = {c->program->impls.count};
    vec_push(&c->program->impls, (Impl){.module = c->module, .node = node});
    uint32_t count;
    DeclId *members = collect_members(c, ast_impl(c->ast, node).members, (DeclId){0}, id, &count);
    Impl *impl = &c->program->impls.items[id.v];
    impl->members = members;
    impl->member_count = count;
    impl->assoc_types = ARENA_ARRAY(c->sema->arena, TypeId, count);
}

static void collect_struct(Collect *c, NodeId node) {
    AstShape ast_row = ast_shape(c->ast, node);
    DeclId id = add_top_level(c, DECL_STRUCT, node, ast_row.name, ast_row.is_pub);
    Shape *shape = ARENA_NEW(c->sema->arena, Shape);
    c->program->shapes[id.v] = shape;
    if (!program_module(c->program, c->module)->is_std)
        return;
    shape->is_view = ast_has_attribute(c->ast, ast_row.attrs, "view");
    shape->is_copy_cheap = ast_has_attribute(c->ast, ast_row.attrs, "cheap");
    shape->is_counted = ast_has_attribute(c->ast, ast_row.attrs, "counted");
    shape->is_keyed = ast_has_attribute(c->ast, ast_row.attrs, "keyed");
    shape->is_owner = ast_has_attribute(c->ast, ast_row.attrs, "owner");
    if (shape->is_view)
        types_mark_view(c->program->types, id);
}

static void collect_variants(Collect *c, NodeId node, DeclKind kind) {
    AstShape ast_row = ast_shape(c->ast, node);
    DeclId id = add_top_level(c, kind, node, ast_row.name, ast_row.is_pub);
    Shape *shape = ARENA_NEW(c->sema->arena, Shape);
    c->program->shapes[id.v] = shape;
    if (ast_kind(c->ast, node) == NODE_ERROR_UNION)
        return;
    shape->variants = ARENA_ARRAY(c->sema->arena, DeclId, ast_row.members.count);
    shape->variant_fields = ARENA_ARRAY(c->sema->arena, Fields, ast_row.members.count);
    for (uint32_t i = 0; i < ast_row.members.count; i++) {
        NodeId member = AST_ITEM(ast_row.members, i);
        if (ast_kind(c->ast, member) != NODE_VARIANT_DECL)
            continue;
        DeclId variant = add_decl(c, DECL_VARIANT, member, ast_variant(c->ast, member).name, true);
        Decl *decl = program_decl(c->program, variant);
        decl->parent = id;
        decl->index = shape->variant_count;
        shape->variants[shape->variant_count++] = variant;
    }
}

static void collect_item(Collect *c, NodeId node) {
    switch (ast_kind(c->ast, node)) {
    case NODE_IMPORT: {
        AstImport import = ast_import(c->ast, node);
        add_top_level(c, DECL_IMPORT, node, import.alias.v != 0 ? import.alias : import.name, import.is_pub);
        return;
    }
    case NODE_FUNC: collect_func(c, node, true); return;
    case NODE_STRUCT: collect_struct(c, node); return;
    case NODE_ENUM: collect_variants(c, node, DECL_ENUM); return;
    case NODE_ERROR:
    case NODE_ERROR_UNION: collect_variants(c, node, DECL_ERROR); return;
    case NODE_TYPE_ALIAS: {
        AstShape row = ast_shape(c->ast, node);
        DeclId alias = add_top_level(c, DECL_ALIAS, node, row.name, row.is_pub);
        c->program->shapes[alias.v] = ARENA_NEW(c->sema->arena, Shape);
        return;
    }
    case NODE_TRAIT: collect_trait(c, node); return;
    case NODE_IMPL: collect_impl(c, node); return;
    case NODE_CONST: {
        AstConstDecl row = ast_const_decl(c->ast, node);
        add_top_level(c, DECL_CONST, node, row.name, row.is_pub);
        return;
    }
    case NODE_TEST: add_top_level(c, DECL_TEST, node, ast_test(c->ast, node).name, false); return;
    default: return; // poisoned: the parser reported
    }
}

void sema_collect(Sema *sema, ModuleId module_id) {
    Module *module = program_module(sema->program, module_id);
    Collect c = {sema, sema->program, module_id, module->ast};
    if (module->facts == NULL)
        module->facts = facts_new(sema->arena, module->ast);
    AstList items = ast_list(module->ast, module->ast->root);
    for (uint32_t i = 0; i < items.count; i++)
        collect_item(&c, AST_ITEM(items, i));
}
