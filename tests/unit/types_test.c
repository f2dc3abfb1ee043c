// Interned types: identity, flags, substitution and text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "astdb/impls.h"

typedef struct {
    Arena *arena;
    Diags *diags;
    Program *p;
    DeclId list, pair, view, t, u;
} World;

static DeclId add(World *w, DeclKind kind, const char *name) {
    return program_add_decl(w->p, (Decl){.kind = kind, .name = intern(w->p->symbols, text_of(name))});
}

static int setup(void **state) {
    World *w = calloc(1, sizeof *w);
    w->arena = arena_new();
    w->diags = diags_new(w->arena);
    w->p = program_new(w->arena, w->diags);
    w->list = add(w, DECL_STRUCT, "List");
    w->pair = add(w, DECL_STRUCT, "Pair");
    w->view = add(w, DECL_STRUCT, "Slice");
    w->t = add(w, DECL_TYPE_PARAM, "T");
    w->u = add(w, DECL_TYPE_PARAM, "U");
    w->p->lang[LANG_LIST] = w->list;
    types_mark_view(w->p->types, w->view);
    *state = w;
    return 0;
}

static int teardown(void **state) {
    World *w = *state;
    program_free(w->p);
    diags_free(w->diags);
    arena_free(w->arena);
    free(w);
    return 0;
}

static TypeId i64_of(World *w) {
    return type_builtin(w->p->types, TY_I64);
}
static TypeId list_of(World *w, TypeId item) {
    return type_nominal(w->p->types, TY_STRUCT, w->list, &item, 1);
}

static void assert_text(World *w, TypeId type, const char *expected) {
    Text text = type_text(w->p, type);
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
}

static void equal_types_have_one_id(void **state) {
    World *w = *state;
    Types *types = w->p->types;
    assert_int_equal(list_of(w, i64_of(w)).v, list_of(w, i64_of(w)).v);
    assert_int_not_equal(list_of(w, i64_of(w)).v, list_of(w, type_builtin(types, TY_BOOL)).v);
    assert_int_equal(type_array(types, i64_of(w), 4).v, type_array(types, i64_of(w), 4).v);
    assert_int_not_equal(type_array(types, i64_of(w), 4).v, type_array(types, i64_of(w), 5).v);
    uint8_t borrow = MODE_BORROW, own = MODE_OWN;
    TypeId arg = i64_of(w);
    assert_int_not_equal(type_func(types, MODE_BORROW, &arg, &borrow, 1, arg).v,
                         type_func(types, MODE_BORROW, &arg, &own, 1, arg).v);
    assert_int_not_equal(type_ref(types, arg, true).v, type_ref(types, arg, false).v);
    assert_int_equal(type_tuple(types, NULL, 0).v, type_builtin(types, TY_VOID).v);
}

static void pointers_survive_growth(void **state) {
    World *w = *state;
    const Type *first = type_get(w->p->types, i64_of(w));
    for (uint64_t i = 0; i < 5000; i++)
        type_array(w->p->types, i64_of(w), i);
    assert_ptr_equal(first, type_get(w->p->types, i64_of(w)));
    assert_int_equal(type_array(w->p->types, i64_of(w), 77).v, type_array(w->p->types, i64_of(w), 77).v);
    assert_true(types_count(w->p->types) > 5000);
}

static void flags_say_what_is_mentioned(void **state) {
    World *w = *state;
    Types *types = w->p->types;
    TypeId t = type_param(types, w->t), item = i64_of(w);
    assert_int_equal(type_get(types, list_of(w, t))->flags, TYPE_HAS_PARAM);
    TypeId slice = type_nominal(types, TY_STRUCT, w->view, &item, 1);
    assert_int_equal(type_get(types, list_of(w, slice))->flags, TYPE_HAS_REF);
    TypeId func = type_func(types, MODE_BORROW, NULL, NULL, 0, type_ref(types, item, false));
    assert_int_equal(type_get(types, func)->flags, 0);
    assert_int_equal(type_get(types, list_of(w, type_builtin(types, TY_POISON)))->flags, TYPE_HAS_POISON);
}

static void substitution_replaces_parameters(void **state) {
    World *w = *state;
    Types *types = w->p->types;
    TypeId args[2] = {type_param(types, w->t), list_of(w, type_param(types, w->u))};
    TypeId pair = type_nominal(types, TY_STRUCT, w->pair, args, 2);
    DeclId params[2] = {w->t, w->u};
    TypeId to[2] = {type_builtin(types, TY_BOOL), i64_of(w)};
    assert_text(w, type_subst(types, pair, (Subst){params, to, 2}), "Pair[bool, []i64]");
    assert_text(w, type_subst(types, pair, (Subst){params, to, 1}), "Pair[bool, []U]");
    assert_int_equal(type_subst(types, i64_of(w), (Subst){params, to, 2}).v, i64_of(w).v);
}

static void shared_parts_do_not_explode(void **state) {
    World *w = *state;
    Types *types = w->p->types;
    TypeId type = type_param(types, w->t);
    for (int i = 0; i < 60; i++) { // a tree of 2^60 parts
        TypeId both[2] = {type, type};
        type = type_tuple(types, both, 2);
    }
    TypeId to = i64_of(w);
    TypeId result = type_subst(types, type, (Subst){&w->t, &to, 1});
    assert_int_equal(type_get(types, result)->flags, 0);
    assert_true(type_text(w->p, result).size < 2000);
}

static void types_read_as_written(void **state) {
    World *w = *state;
    Types *types = w->p->types;
    TypeId i = i64_of(w), b = type_builtin(types, TY_BOOL), both[2] = {i, b};
    uint8_t modes[2] = {MODE_MUT, MODE_OWN};
    assert_text(w, list_of(w, type_unary(types, TY_OPTIONAL, i)), "[]?i64");
    assert_text(w, type_array(types, type_builtin(types, TY_U8), 4), "[4]u8");
    assert_text(w, type_tuple(types, both, 2), "(i64, bool)");
    assert_text(w, type_func(types, MODE_BORROW, both, modes, 2, b), "func(mut i64, own bool) -> bool");
    assert_text(w, type_func(types, MODE_MUT, NULL, NULL, 0, type_builtin(types, TY_VOID)), "mut func()");
    assert_text(w, type_ref(types, list_of(w, i), false), "let []i64");
    DeclId error = add(w, DECL_ERROR, "DbError");
    TypeId set = type_nominal(types, TY_ERROR, error, NULL, 0);
    assert_text(w, type_result(types, set, i), "DbError!i64");
    TypeId inferred = type_intern(types, &(Type){.kind = TY_INFERRED_SET, .decl = error});
    assert_text(w, type_result(types, inferred, i), "!i64");
    assert_text(w, type_unary(types, TY_OPTIONAL, type_result(types, set, i)), "?(DbError!i64)");
    DeclId item = add(w, DECL_ASSOC_TYPE, "Item");
    assert_text(w, type_assoc(types, item, type_param(types, w->t), (TypeId){0}), "T.Item");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_types_have_one_id, setup, teardown),
        cmocka_unit_test_setup_teardown(pointers_survive_growth, setup, teardown),
        cmocka_unit_test_setup_teardown(flags_say_what_is_mentioned, setup, teardown),
        cmocka_unit_test_setup_teardown(substitution_replaces_parameters, setup, teardown),
        cmocka_unit_test_setup_teardown(shared_parts_do_not_explode, setup, teardown),
        cmocka_unit_test_setup_teardown(types_read_as_written, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
