// The program's tables, and types as text.
#include "astdb/program.h"
#include "astdb/impls.h"
#include "astdb/task_facts.h"

Program *program_new(Arena *arena, Diags *diags) {
    Program *p = ARENA_NEW(arena, Program);
    p->arena = arena;
    p->diags = diags;
    p->symbols = interner_new(arena);
    p->types = types_new(arena);
    vec_push(&p->packages, (PackageRow){.folder = ""});
    vec_push(&p->packages, (PackageRow){.name = TEXT("std")});
    vec_push(&p->modules, (Module){0});
    vec_push(&p->impls, (Impl){0});
    program_add_decl(p, (Decl){0});
    return p;
}

void program_free(Program *p) {
    if (p == NULL)
        return;
    for (uint32_t i = 1; i < p->modules.count; i++) {
        Module *module = &p->modules.items[i];
        map_free(&module->names);
        vec_free(&module->decls);
        if (module->facts != NULL) {
            vec_free(&module->facts->capture_items);
            map_free(&module->facts->changed);
            map_free(&module->facts->iterated);
        }
    }
    program_free_caches(p);
    map_free(&p->closure_funcs);
    task_facts_free(p->task_facts);
    types_free(p->types);
    interner_free(p->symbols);
    for (uint32_t i = 0; i < p->packages.count; i++)
        map_free(&p->packages.items[i].links);
    vec_free(&p->packages);
    vec_free(&p->modules);
    vec_free(&p->decls);
    vec_free(&p->impls);
}

// The tables by DeclId grow in step with the declarations; old ones stay in the arena.
static void grow_tables(Program *p) {
    uint32_t capacity = p->table_capacity < 512 ? 1024 : p->table_capacity * 2;
    Signature **signatures = ARENA_ARRAY(p->arena, Signature *, capacity);
    Shape **shapes = ARENA_ARRAY(p->arena, Shape *, capacity);
    Trait **traits = ARENA_ARRAY(p->arena, Trait *, capacity);
    if (p->table_capacity > 0) {
        memcpy(signatures, p->signatures, p->table_capacity * sizeof *signatures);
        memcpy(shapes, p->shapes, p->table_capacity * sizeof *shapes);
        memcpy(traits, p->traits, p->table_capacity * sizeof *traits);
    }
    p->signatures = signatures;
    p->shapes = shapes;
    p->traits = traits;
    p->table_capacity = capacity;
}

DeclId program_add_decl(Program *p, Decl decl) {
    if (p->decls.count == p->table_capacity)
        grow_tables(p);
    vec_push(&p->decls, decl);
    return (DeclId){p->decls.count - 1};
}

const Ast *program_ast(const Program *p, DeclId id) {
    return program_module(p, program_decl(p, id)->module)->ast;
}

bool decl_has_attribute(const Program *p, DeclId id, const char *name) {
    const Decl *decl = program_decl(p, id);
    if (decl->kind != DECL_FUNC || decl->node.v == 0)
        return false;
    const Ast *ast = program_ast(p, id);
    return ast && ast_kind(ast, decl->node) == NODE_FUNC &&
           ast_has_attribute(ast, ast_func(ast, decl->node).attrs, name);
}

// The token that names a declaration, or its main token where it has no name (an implicit type parameter, a test).
static TokenId name_token(const Ast *ast, const Decl *decl) {
    switch (ast_kind(ast, decl->node)) {
    case NODE_IMPORT: {
        AstImport import = ast_import(ast, decl->node);
        return import.alias.v != 0 ? import.alias : import.name;
    }
    case NODE_FUNC: return ast_func(ast, decl->node).name;
    case NODE_STRUCT:
    case NODE_ENUM:
    case NODE_ERROR:
    case NODE_ERROR_UNION:
    case NODE_TYPE_ALIAS: return ast_shape(ast, decl->node).name;
    case NODE_TRAIT: return ast_trait(ast, decl->node).name;
    case NODE_CONST:
    case NODE_ASSOC_TYPE: return ast_const_decl(ast, decl->node).name;
    case NODE_TEST: return ast_test(ast, decl->node).name;
    case NODE_FIELD_DECL:
    case NODE_PARAM: return ast_param(ast, decl->node).name;
    case NODE_VARIANT_DECL: return ast_variant(ast, decl->node).name;
    case NODE_TYPE_PARAM: return ast_type_param(ast, decl->node).name;
    default: return ast_token(ast, decl->node);
    }
}

Span decl_span(const Program *p, DeclId id) {
    const Decl *decl = program_decl(p, id);
    const Module *module = program_module(p, decl->module);
    if (module->ast == NULL || decl->node.v == 0)
        return (Span){.file = module->file};
    TokenId token = name_token(module->ast, decl);
    return token.v != 0 ? ast_token_span(module->ast, token) : ast_main_span(module->ast, decl->node);
}

Text symbol(const Program *p, SymbolId id) {
    return symbol_text(p->symbols, id);
}

Text decl_name(const Program *p, DeclId id) {
    return symbol(p, program_decl(p, id)->name);
}

Shape *program_shape(const Program *p, DeclId id) {
    return p->shapes[id.v];
}

Signature *program_signature(const Program *p, DeclId id) {
    return p->signatures[id.v];
}

const Signature *program_declared_signature(const Program *p, DeclId id) {
    const Decl *it = program_decl(p, id);
    DeclId trait = it->impl.v ? p->impls.items[it->impl.v].trait : (DeclId){0};
    const Trait *shape = trait.v ? p->traits[trait.v] : NULL;
    for (uint32_t i = 0; shape && i < shape->member_count; i++) {
        const Signature *member = program_signature(p, shape->members[i]);
        if (member && program_decl(p, shape->members[i])->name.v == it->name.v)
            return member;
    }
    return program_signature(p, id);
}

const Resolution *facts_resolution(const Facts *facts, NodeId node) {
    uint32_t index = facts->resolutions[node.v].v;
    return index == 0 ? NULL : facts_resolution_at(facts, (ResolutionId){index});
}

Facts *facts_new(Arena *arena, const Ast *ast) {
    Facts *facts = ARENA_NEW(arena, Facts);
    facts->types = ARENA_ARRAY(arena, TypeId, ast->node_count);
    facts->wanted = ARENA_ARRAY(arena, TypeId, ast->node_count);
    facts->resolutions = ARENA_ARRAY(arena, ResolutionId, ast->node_count);
    facts->captures = ARENA_ARRAY(arena, uint32_t, ast->node_count);
    return facts;
}

bool type_is_lang(const Program *p, TypeId id, LangItem item) {
    const Type *t = type_get(p->types, id);
    return (t->kind == TY_STRUCT || t->kind == TY_ENUM) && t->decl.v != 0 && t->decl.v == p->lang[item].v;
}

bool type_is_keyed(const Program *p, TypeId id) {
    const Type *t = type_get(p->types, id);
    return t->kind == TY_STRUCT && program_shape(p, t->decl)->is_keyed;
}

bool type_is_boxed(const Program *p, TypeId id) {
    return type_is_lang(p, id, LANG_BOX) || type_is_lang(p, id, LANG_SHARED);
}

TypeId type_lang(Program *p, LangItem item, const TypeId *args, uint32_t count) {
    DeclId decl = p->lang[item];
    if (decl.v == 0)
        return type_builtin(p->types, TY_POISON);
    TypeKind kind = program_decl(p, decl)->kind == DECL_ENUM ? TY_ENUM : TY_STRUCT;
    return type_nominal(p->types, kind, decl, args, count);
}

// ---- types as text --------------------------------------------------------------------------------------------------

enum { TEXT_LIMIT = 400 }; // bytes of one type in a message: what is longer ends in …

static void write_type(const Program *p, TypeId id, Buffer *out, uint32_t start);

static void write_args(const Program *p, const TypeId *args, uint32_t count, Buffer *out, uint32_t start) {
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_cstr(out, ", ");
        write_type(p, args[i], out, start);
    }
}

static void write_nominal(const Program *p, const Type *t, Buffer *out, uint32_t start) {
    if (t->decl.v != 0 && t->decl.v == p->lang[LANG_LIST].v && t->arg_count == 1) {
        buffer_cstr(out, "[]");
        write_type(p, t->args[0], out, start);
        return;
    }
    buffer_text(out, decl_name(p, t->decl));
    if (t->arg_count == 0)
        return;
    buffer_char(out, '[');
    write_args(p, t->args, t->arg_count, out, start);
    buffer_char(out, ']');
}

static void write_func(const Program *p, const Type *t, Buffer *out, uint32_t start) {
    static const char *const SELF_WORDS[] = {"func(", "mut func(", "own func("};
    static const char *const MODE_WORDS[] = {"", "mut ", "own "};
    buffer_cstr(out, SELF_WORDS[t->self_mode]);
    for (uint32_t i = 0; i + 1 < t->arg_count; i++) {
        if (i > 0)
            buffer_cstr(out, ", ");
        buffer_cstr(out, MODE_WORDS[t->modes[i]]);
        write_type(p, t->args[i], out, start);
    }
    buffer_char(out, ')');
    TypeId result = t->args[t->arg_count - 1];
    if (type_get(p->types, result)->kind != TY_VOID) {
        buffer_cstr(out, " -> ");
        write_type(p, result, out, start);
    }
}

static void write_error_set(const Program *p, const Type *t, Buffer *out) {
    if (t->decl_count == 0)
        buffer_cstr(out, "never");
    for (uint32_t i = 0; i < t->decl_count; i++) {
        if (i > 0)
            buffer_cstr(out, " | ");
        buffer_text(out, decl_name(p, program_decl(p, t->decls[i])->parent));
        buffer_char(out, '.');
        buffer_text(out, decl_name(p, t->decls[i]));
    }
}

static void write_result(const Program *p, const Type *t, Buffer *out, uint32_t start) {
    TypeKind error = type_get(p->types, t->args[0])->kind;
    if (error == TY_ERROR_SET) {
        buffer_char(out, '(');
        write_error_set(p, type_get(p->types, t->args[0]), out);
        buffer_char(out, ')');
    } else if (error != TY_INFERRED_SET) {
        write_type(p, t->args[0], out, start);
    }
    buffer_char(out, '!');
    write_type(p, t->args[1], out, start);
}

// What follows ? [] or * needs parentheses where it would otherwise be read with another grouping.
static void write_operand(const Program *p, TypeId id, Buffer *out, uint32_t start) {
    TypeKind kind = type_get(p->types, id)->kind;
    bool grouped = kind == TY_RESULT || kind == TY_FUNC;
    if (grouped)
        buffer_char(out, '(');
    write_type(p, id, out, start);
    if (grouped)
        buffer_char(out, ')');
}

static void write_value(TypeKind kind, uint64_t value, Buffer *out) {
    if (kind == TY_BOOL)
        buffer_cstr(out, value != 0 ? "true" : "false");
    else if (kind == TY_CHAR && value >= ' ' && value < 0x7f && value != '\'' && value != '\\')
        buffer_printf(out, "'%c'", (int)value);
    else if (kind == TY_CHAR)
        buffer_printf(out, "'\\u{%llX}'", (unsigned long long)value);
    else if (type_kind_is_signed(kind))
        buffer_printf(out, "%lld", (long long)value);
    else
        buffer_printf(out, "%llu", (unsigned long long)value);
}

static void write_structural(const Program *p, const Type *t, Buffer *out, uint32_t start) {
    switch (t->kind) {
    case TY_TUPLE:
        buffer_char(out, '(');
        write_args(p, t->args, t->arg_count, out, start);
        buffer_char(out, ')');
        return;
    case TY_ARRAY:
        if (type_array_is_open(t)) {
            buffer_char(out, '[');
            write_type(p, t->args[1], out, start);
            buffer_char(out, ']');
        } else {
            buffer_printf(out, "[%llu]", (unsigned long long)t->count);
        }
        write_type(p, t->args[0], out, start);
        return;
    case TY_VALUE: write_value(type_get(p->types, t->args[0])->kind, t->count, out); return;
    case TY_OPTIONAL:
        buffer_char(out, '?');
        write_operand(p, t->args[0], out, start);
        return;
    case TY_POINTER:
        buffer_char(out, '*');
        write_operand(p, t->args[0], out, start);
        return;
    case TY_DYN:
        buffer_cstr(out, "dyn ");
        buffer_text(out, trait_text(p, dyn_trait(t)));
        return;
    case TY_REF:
        buffer_cstr(out, t->is_mut ? "mut " : "let ");
        write_type(p, t->args[0], out, start);
        return;
    case TY_ASSOC:
        write_type(p, t->args[0], out, start);
        buffer_char(out, '.');
        buffer_text(out, decl_name(p, t->decl));
        return;
    default: internal_error("type kind %d has no text", t->kind);
    }
}

static void write_type(const Program *p, TypeId id, Buffer *out, uint32_t start) {
    const Type *t = type_get(p->types, id);
    if (out->count - start > TEXT_LIMIT) {
        if (text_ends_with(buffer_view(out), TEXT("…")))
            return;
        buffer_cstr(out, "…");
        return;
    }
    const char *builtin = type_kind_text(t->kind);
    if (builtin != NULL) {
        buffer_cstr(out, builtin);
        return;
    }
    switch (t->kind) {
    case TY_NONE: buffer_cstr(out, "{none}"); return;
    case TY_NULL: buffer_cstr(out, "null"); return;
    case TY_STRUCT:
    case TY_ENUM:
    case TY_ERROR: write_nominal(p, t, out, start); return;
    case TY_ERROR_SET: write_error_set(p, t, out); return;
    case TY_INFERRED_SET:
        buffer_cstr(out, "the errors of ");
        buffer_text(out, decl_name(p, t->decl));
        return;
    case TY_RESULT: write_result(p, t, out, start); return;
    case TY_FUNC: write_func(p, t, out, start); return;
    case TY_CLOSURE: buffer_cstr(out, "closure"); return;
    case TY_PARAM:
        if (program_decl(p, t->decl)->kind == DECL_TRAIT)
            buffer_cstr(out, "Self");
        else
            buffer_text(out, decl_name(p, t->decl));
        return;
    case TY_VAR: buffer_char(out, '_'); return;
    default: write_structural(p, t, out, start);
    }
}

void type_write(const Program *p, TypeId id, Buffer *out) {
    write_type(p, id, out, out->count);
}

Text type_text(const Program *p, TypeId id) {
    Buffer buffer = {0};
    type_write(p, id, &buffer);
    Text text = arena_text(p->arena, buffer_view(&buffer));
    vec_free(&buffer);
    return text;
}
