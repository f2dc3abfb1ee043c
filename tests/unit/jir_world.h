// A small program database made by hand, so that functions written in JIR's text form can be tested without the stages
// before. Token n of its only file stands alone on line n.
#ifndef JANUS_JIR_WORLD_H
#define JANUS_JIR_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "astdb/impls.h"
#include "ir/jir.h"

enum { WORLD_LINES = 200 };

typedef struct {
    Arena *arena;
    Diags *diags;
    Program *p;
    Jir *jir;
    ModuleId module;
} World;

typedef struct {
    const char *name;
    TypeId type;
} WorldField;

static inline SymbolId world_symbol(World *w, const char *name) {
    return intern(w->p->symbols, text_of(name));
}

static inline DeclId world_decl(World *w, DeclKind kind, const char *name, DeclId parent) {
    return program_add_decl(w->p,
                            (Decl){.kind = kind, .module = w->module, .name = world_symbol(w, name), .parent = parent});
}

static inline TypeId world_builtin(World *w, TypeKind kind) {
    return type_builtin(w->p->types, kind);
}

static inline void world_fields(World *w, Fields *fields, DeclId parent, const WorldField *items, uint32_t count) {
    fields->count = count;
    fields->fields = ARENA_ARRAY(w->arena, DeclId, count + 1);
    fields->types = ARENA_ARRAY(w->arena, TypeId, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        fields->fields[i] = world_decl(w, DECL_FIELD, items[i].name, parent);
        fields->types[i] = items[i].type;
    }
}

static inline Shape *world_shape(World *w, DeclId decl) {
    return w->p->shapes[decl.v] = ARENA_NEW(w->arena, Shape);
}

static inline TypeId world_struct(World *w, const char *name, const WorldField *fields, uint32_t count) {
    DeclId decl = world_decl(w, DECL_STRUCT, name, (DeclId){0});
    world_fields(w, &world_shape(w, decl)->fields, decl, fields, count);
    return type_nominal(w->p->types, TY_STRUCT, decl, NULL, 0);
}

// A struct over one parameter T with the fields ptr: *T and, where `with_len`, len: i64 and cap: i64.
static inline DeclId world_container(World *w, const char *name, LangItem item, bool with_len, bool is_view) {
    DeclId decl = world_decl(w, DECL_STRUCT, name, (DeclId){0});
    if (is_view)
        types_mark_view(w->p->types, decl);
    DeclId param = world_decl(w, DECL_TYPE_PARAM, "T", decl);
    Shape *shape = world_shape(w, decl);
    shape->type_params = arena_copy(w->arena, &param, sizeof param, _Alignof(DeclId));
    shape->type_param_count = 1;
    TypeId pointer = type_unary(w->p->types, TY_POINTER, type_param(w->p->types, param));
    TypeId i64 = world_builtin(w, TY_I64);
    world_fields(w, &shape->fields, decl, (WorldField[]){{"ptr", pointer}, {"len", i64}, {"cap", i64}},
                 !with_len ? 1
                 : is_view ? 2
                           : 3);
    shape->is_view = is_view;
    shape->is_owner = !is_view;
    w->p->lang[item] = decl;
    return decl;
}

static inline DeclId world_func(World *w, const char *name, const TypeId *types, const uint8_t *modes, uint32_t count,
                                TypeId result) {
    DeclId decl = world_decl(w, DECL_FUNC, name, (DeclId){0});
    Signature *signature = w->p->signatures[decl.v] = ARENA_NEW(w->arena, Signature);
    signature->param_types = arena_copy(w->arena, types, count * sizeof *types, _Alignof(TypeId));
    signature->param_modes = arena_copy(w->arena, modes, count, 1);
    signature->param_names = ARENA_ARRAY(w->arena, SymbolId, count);
    signature->param_nodes = ARENA_ARRAY(w->arena, NodeId, count);
    signature->param_count = count;
    signature->result = result;
    return decl;
}

static inline TypeId world_of(World *w, DeclId container, TypeId arg) {
    return type_nominal(w->p->types, TY_STRUCT, container, &arg, 1);
}

static inline void world_source(World *w) {
    char *text = ARENA_ARRAY(w->arena, char, WORLD_LINES * 2 + 1);
    Ast *ast = ARENA_NEW(w->arena, Ast);
    ast->token_count = WORLD_LINES + 1;
    ast->token_kinds = ARENA_ARRAY(w->arena, uint8_t, ast->token_count);
    ast->token_starts = ARENA_ARRAY(w->arena, uint32_t, ast->token_count);
    ast->token_ends = ARENA_ARRAY(w->arena, uint32_t, ast->token_count);
    ast->token_symbols = ARENA_ARRAY(w->arena, SymbolId, ast->token_count);
    for (uint32_t i = 0; i < WORLD_LINES; i++) {
        text[2 * i] = 'x';
        text[2 * i + 1] = '\n';
        ast->token_starts[i + 1] = 2 * i;
        ast->token_ends[i + 1] = 2 * i + 1;
    }
    ast->source = (Text){text, WORLD_LINES * 2};
    ast->file = diags_add_source(w->diags, "test.jan", ast->source);
    vec_push(&w->p->modules, (Module){.file = ast->file, .ast = ast});
    w->module = (ModuleId){w->p->modules.count - 1};
}

// enum Tree { Leaf, Node(Box[Tree], List[i64]) }
static inline TypeId world_tree(World *w, DeclId box, TypeId list) {
    DeclId tree = world_decl(w, DECL_ENUM, "Tree", (DeclId){0});
    Shape *shape = world_shape(w, tree);
    TypeId type = type_nominal(w->p->types, TY_ENUM, tree, NULL, 0);
    shape->variant_count = 2;
    shape->variants = ARENA_ARRAY(w->arena, DeclId, 2);
    shape->variant_fields = ARENA_ARRAY(w->arena, Fields, 2);
    shape->variants[0] = world_decl(w, DECL_VARIANT, "Leaf", tree);
    shape->variants[1] = world_decl(w, DECL_VARIANT, "Node", tree);
    shape = w->p->shapes[tree.v];
    world_fields(w, &shape->variant_fields[1], shape->variants[1],
                 (WorldField[]){{"next", world_of(w, box, type)}, {"items", list}}, 2);
    return type;
}

// struct Guard { list: List[i64] } with an impl of Drop.
static inline TypeId world_guard(World *w, TypeId list) {
    TypeId guard = world_struct(w, "Guard", (WorldField[]){{"list", list}}, 1);
    DeclId drop = world_decl(w, DECL_TRAIT, "Drop", (DeclId){0});
    w->p->traits[drop.v] = ARENA_NEW(w->arena, Trait);
    w->p->lang[LANG_DROP] = drop;
    vec_push(&w->p->impls, (Impl){.module = w->module, .trait = drop, .self = guard});
    return guard;
}

static inline void world_functions(World *w, DeclId list_decl, DeclId slice_decl, TypeId list, TypeId guard) {
    TypeId none = world_builtin(w, TY_VOID), i64 = world_builtin(w, TY_I64);
    TypeId slice = world_of(w, slice_decl, i64);
    TypeId views = world_of(w, list_decl, slice);
    const uint8_t borrow = MODE_BORROW, mut = MODE_MUT, own = MODE_OWN;
    world_func(w, "look", &list, &borrow, 1, none);
    world_func(w, "change", &list, &mut, 1, none);
    world_func(w, "give", &list, &own, 1, none);
    world_func(w, "give_guard", &guard, &own, 1, none);
    world_func(w, "make", NULL, NULL, 0, list);
    world_func(w, "make_guard", NULL, NULL, 0, guard);
    world_func(w, "cond", NULL, NULL, 0, world_builtin(w, TY_BOOL));
    world_func(w, "view", &list, &borrow, 1, slice);
    world_func(w, "view_mut", &list, &mut, 1, slice);
    world_func(w, "first", &list, &borrow, 1, type_ref(w->p->types, i64, false));
    world_func(w, "sum", &slice, &borrow, 1, i64);
    world_func(w, "change_both", (TypeId[]){list, list}, (uint8_t[]){mut, borrow}, 2, none);
    world_func(w, "keep", (TypeId[]){views, slice}, (uint8_t[]){mut, own}, 2, none);
    world_func(w, "views", NULL, NULL, 0, views);
    world_func(w, "main", NULL, NULL, 0, none);
}

static inline World *world_new(void) {
    Arena *arena = arena_new();
    World *w = ARENA_NEW(arena, World);
    w->arena = arena;
    w->diags = diags_new(arena);
    w->p = program_new(arena, w->diags);
    world_source(w);
    TypeId i64 = world_builtin(w, TY_I64);
    TypeId byte = type_unary(w->p->types, TY_POINTER, world_builtin(w, TY_U8));
    DeclId list = world_container(w, "List", LANG_LIST, true, false);
    DeclId slice = world_container(w, "Slice", LANG_SLICE, true, true);
    DeclId box = world_container(w, "Box", LANG_BOX, false, false);
    TypeId string = world_struct(w, "String", (WorldField[]){{"owner", byte}, {"data", byte}, {"len", i64}}, 3);
    DeclId string_decl = type_get(w->p->types, string)->decl;
    w->p->shapes[string_decl.v]->is_copy_cheap = true;
    w->p->lang[LANG_STRING] = string_decl;
    TypeId numbers = world_of(w, list, i64);
    world_struct(w, "Pair", (WorldField[]){{"a", numbers}, {"b", numbers}}, 2);
    TypeId tree = world_tree(w, box, numbers);
    const uint8_t own = MODE_OWN;
    world_func(w, "boxed", &tree, &own, 1, world_of(w, box, tree));
    TypeId guard = world_guard(w, numbers);
    world_functions(w, list, slice, numbers, guard);
    w->jir = jir_new(w->p);
    return w;
}

static inline void world_free(World *w) {
    jir_free(w->jir);
    program_free_caches(w->p);
    program_free(w->p);
    diags_free(w->diags);
    arena_free(w->arena);
}

static inline JirFn *world_parse(World *w, const char *text) {
    Buffer why = {0};
    JirFn *fn = jir_parse_fn(w->jir, text_of(text), NULL, &why);
    if (!fn) {
        print_error("%.*s\n", TEXT_ARG(buffer_view(&why)));
        fail();
    }
    vec_free(&why);
    return fn;
}

static inline void world_verify(World *w, const JirFn *fn) {
    Buffer why = {0};
    if (!jir_verify(w->jir, fn, &why)) {
        print_error("%.*s\n", TEXT_ARG(buffer_view(&why)));
        fail();
    }
    vec_free(&why);
}

// The text of a function, in the world's arena.
static inline Text world_print(World *w, const JirFn *fn) {
    Buffer out = {0};
    jir_print_fn(w->jir, fn, &out);
    Text text = arena_text(w->arena, buffer_view(&out));
    vec_free(&out);
    return text;
}

#endif
