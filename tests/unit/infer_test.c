// Inference variables: unification, the occurs check, rolling back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sema/internal.h"

typedef struct {
    Arena *arena;
    Diags *diags;
    Program *p;
    Types *types;
    Sema *sema;
    Infer *infer;
    DeclId list;
} World;

static int setup(void **state) {
    World *w = calloc(1, sizeof *w);
    w->arena = arena_new();
    w->diags = diags_new(w->arena);
    w->p = program_new(w->arena, w->diags);
    w->types = w->p->types;
    w->sema = sema_new(w->p);
    w->infer = infer_new(w->sema);
    w->list = program_add_decl(w->p, (Decl){.kind = DECL_STRUCT, .name = intern(w->p->symbols, TEXT("List"))});
    *state = w;
    return 0;
}

static int teardown(void **state) {
    World *w = *state;
    infer_free(w->infer);
    sema_free(w->sema);
    program_free(w->p);
    diags_free(w->diags);
    arena_free(w->arena);
    free(w);
    return 0;
}

static TypeId fresh(World *w) {
    return infer_fresh(w->infer, (Span){0});
}
static TypeId i64_of(World *w) {
    return type_builtin(w->types, TY_I64);
}
static TypeId list_of(World *w, TypeId item) {
    return type_nominal(w->types, TY_STRUCT, w->list, &item, 1);
}

static void variables_take_types(void **state) {
    World *w = *state;
    TypeId a = fresh(w), b = fresh(w);
    assert_true(infer_unify(w->infer, list_of(w, a), list_of(w, list_of(w, b))));
    assert_true(infer_unify(w->infer, b, i64_of(w)));
    assert_int_equal(infer_resolve(w->infer, a).v, list_of(w, i64_of(w)).v);
    assert_int_equal(infer_shallow(w->infer, b).v, i64_of(w).v);
    assert_false(infer_unify(w->infer, b, type_builtin(w->types, TY_BOOL)));
}

static void variables_join(void **state) {
    World *w = *state;
    TypeId a = fresh(w), b = fresh(w), c = fresh(w);
    assert_true(infer_unify(w->infer, a, b));
    assert_true(infer_unify(w->infer, b, c));
    assert_true(infer_unify(w->infer, a, c));
    assert_true(infer_unify(w->infer, a, i64_of(w)));
    assert_int_equal(infer_resolve(w->infer, c).v, i64_of(w).v);
}

static void a_type_does_not_contain_itself(void **state) {
    World *w = *state;
    TypeId a = fresh(w), b = fresh(w);
    assert_false(infer_unify(w->infer, a, list_of(w, a)));
    assert_true(infer_unify(w->infer, a, list_of(w, b)));
    assert_false(infer_unify(w->infer, b, list_of(w, a)));
}

static void failure_leaves_no_trace(void **state) {
    World *w = *state;
    TypeId a = fresh(w);
    TypeId left[2] = {a, i64_of(w)}, right[2] = {i64_of(w), type_builtin(w->types, TY_BOOL)};
    assert_false(infer_unify(w->infer, type_tuple(w->types, left, 2), type_tuple(w->types, right, 2)));
    assert_int_equal(infer_resolve(w->infer, a).v, a.v);
}

static void a_mark_is_rolled_back(void **state) {
    World *w = *state;
    TypeId a = fresh(w), b = fresh(w);
    assert_true(infer_unify(w->infer, a, i64_of(w)));
    uint32_t mark = infer_mark(w->infer);
    assert_true(infer_unify(w->infer, b, list_of(w, a)));
    infer_rollback(w->infer, mark);
    assert_int_equal(infer_resolve(w->infer, b).v, b.v);
    assert_int_equal(infer_resolve(w->infer, a).v, i64_of(w).v);
}

static void poison_fits_everything(void **state) {
    World *w = *state;
    assert_true(infer_unify(w->infer, type_builtin(w->types, TY_POISON), i64_of(w)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(variables_take_types, setup, teardown),
        cmocka_unit_test_setup_teardown(variables_join, setup, teardown),
        cmocka_unit_test_setup_teardown(a_type_does_not_contain_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(failure_leaves_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(a_mark_is_rolled_back, setup, teardown),
        cmocka_unit_test_setup_teardown(poison_fits_everything, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
