// Names after a dot: methods of types, bounds and traits; names across modules.
#include "decl_world.h"

static MethodMatch find(World *w, const char *func, const char *name) {
    Env env = sema_env_of(w->sema, decl_of(w, func));
    return sema_find_method(&env, param_of(w, func), name_of(w, name), (Span){0});
}

static void inherent_methods_come_first(void **state) {
    (void)state;
    World *w = world_new("trait Label do\n func label(self) -> String\nend\nstruct Item {}\n"
                         "impl Item do\n func label(self) -> String do\n return \"\"\n end\nend\n"
                         "impl Label for Item do\n func label(self) -> String do\n return \"\"\n end\nend\n"
                         "func a(x: Item) do\nend\nfunc b[T: Label](x: T) do\nend\nfunc c(x: Box[Item]) do\nend\n",
                         NULL);
    assert_clean(w);
    assert_int_equal(find(w, "a", "label").kind, METHOD_INHERENT);
    assert_int_equal(find(w, "b", "label").kind, METHOD_BOUND);
    MethodMatch boxed = find(w, "c", "label");
    assert_int_equal(boxed.kind, METHOD_INHERENT);
    assert_int_equal(boxed.derefs, 1);
    assert_int_equal(find(w, "c", "take").derefs, 0);
    assert_int_equal(find(w, "a", "nothing").kind, METHOD_NONE);
    world_free(w);
}

static void blanket_and_structural_impls_give_methods(void **state) {
    (void)state;
    World *w = world_new("func a(x: u8) do\nend\nfunc b(x: ?bool) do\nend\nfunc c(x: f64) do\nend\n"
                         "func d[T: Integer](x: T) do\nend\nfunc e[T](x: T) do\nend\n",
                         NULL);
    assert_clean(w);
    assert_int_equal(find(w, "a", "abs").kind, METHOD_INHERENT);
    assert_int_equal(find(w, "a", "hash").kind, METHOD_TRAIT);
    assert_int_equal(find(w, "b", "unwrap").kind, METHOD_INHERENT);
    assert_int_equal(find(w, "c", "abs").kind, METHOD_NONE);
    assert_int_equal(find(w, "d", "abs").kind, METHOD_INHERENT);
    assert_int_equal(find(w, "e", "abs").kind, METHOD_NONE);
    world_free(w);
}

static void two_traits_are_ambiguous_but_the_nearer_one_wins(void **state) {
    (void)state;
    World *w = world_new(
        "trait One do\n func go(self)\nend\ntrait Two do\n func go(self)\nend\nstruct Car {}\n"
        "impl One for Car do\n func go(self) do\n end\nend\nimpl Two for Car do\n func go(self) do\n end\nend\n"
        "func a(x: Car) do\nend\n"
        "trait Shown do\n func display(self)\nend\nimpl Shown for bool do\n func display(self) do\n end\nend\n"
        "impl Display for Car do\n func display(self) -> String do\n return \"\"\n end\nend\n"
        "impl Shown for Car do\n func display(self) do\n end\nend\n",
        NULL);
    assert_clean(w);
    assert_int_equal(find(w, "a", "go").kind, METHOD_AMBIGUOUS);
    MethodMatch shown = find(w, "a", "display");
    assert_int_equal(shown.kind, METHOD_TRAIT);
    assert_int_equal(shown.trait.v, decl_of(w, "Shown").v);
    world_free(w);
}

static void an_implicit_parameter_gets_its_bound(void **state) {
    (void)state;
    World *w = world_new(
        "trait Named do\n func name(self) -> String\nend\nfunc show(x: T) do\nend\nfunc keep[T](x: T) do\nend\n", NULL);
    assert_clean(w);
    Env env = sema_env_of(w->sema, decl_of(w, "show"));
    MethodMatch match = sema_find_method(&env, param_of(w, "show"), name_of(w, "name"), (Span){0});
    assert_int_equal(match.kind, METHOD_BOUND);
    const Signature *signature = program_signature(w->p, decl_of(w, "show"));
    assert_int_equal(signature->type_param_count, 1);
    assert_int_equal(signature->bound_count, 1);
    assert_int_equal(signature->bounds[0].trait.v, decl_of(w, "Named").v);
    assert_true(signature->bounds[0].is_inferred);
    assert_int_equal(find(w, "show", "name").kind, METHOD_BOUND);
    assert_int_equal(program_signature(w->p, decl_of(w, "show"))->bound_count, 1);
    assert_int_equal(find(w, "keep", "name").kind, METHOD_NONE); // a written parameter keeps to its bounds
    world_free(w);
}

static void variables_are_bound_by_the_receiver(void **state) {
    (void)state;
    World *w = world_new("func a(x: []bool) do\nend\n", NULL);
    assert_clean(w);
    Env env = sema_env_of(w->sema, decl_of(w, "a"));
    env.infer = infer_new(w->sema);
    TypeId item = infer_fresh(env.infer, (Span){0});
    TypeId list = type_lang(w->p, LANG_LIST, &item, 1);
    MethodMatch push = sema_find_method(&env, list, name_of(w, "push"), (Span){0});
    assert_int_equal(push.kind, METHOD_INHERENT);
    assert_int_equal(push.type_arg_count, 1);
    assert_true(infer_unify(env.infer, push.type_args[0], type_builtin(w->p->types, TY_BOOL)));
    assert_int_equal(infer_resolve(env.infer, list).v, param_of(w, "a").v);
    infer_free(env.infer);
    world_free(w);
}

static void an_impl_knows_its_own_parameters(void **state) {
    (void)state;
    World *w = world_new("struct Stack[T] { items: []T }\nimpl[T] Stack[T] do\n func grow(mut self) do\n end\nend\n"
                         "func a[T](x: Stack[T]) do\nend\nimpl[T] Eq for Stack[T] do\n"
                         " func eq(self, other: Stack[T]) -> bool do\n return true\n end\nend\n",
                         NULL);
    assert_clean(w);
    TypeId self = w->p->impls.items[1].self; // the very type the impl is declared for
    Env env = sema_env_of(w->sema, w->p->impls.items[1].members[0]);
    env.infer = infer_new(w->sema);
    MethodMatch match = sema_find_method(&env, self, name_of(w, "grow"), (Span){0});
    assert_int_equal(match.type_arg_count, 1);
    assert_int_equal(match.type_args[0].v, type_param(w->p->types, w->p->impls.items[1].type_params[0]).v);
    infer_free(env.infer);
    world_free(w);
}

static void fields_are_found_through_boxes(void **state) {
    (void)state;
    World *w =
        world_new("import other\nstruct Pair[A, B] { first: A, second: B }\nfunc a(x: Box[Pair[i64, []bool]]) do\nend\n"
                  "func b(x: other.Hidden) do\nend\n",
                  "other", "pub struct Hidden { pub open: i64, closed: i64 }\n", NULL);
    assert_clean(w);
    Env env = sema_env_of(w->sema, decl_of(w, "a"));
    FieldMatch match;
    assert_true(sema_find_field(&env, param_of(w, "a"), name_of(w, "second"), &match));
    assert_int_equal(match.index, 1);
    assert_int_equal(match.derefs, 1);
    assert_true(text_equal(type_text(w->p, match.type), TEXT("[]bool")));
    assert_false(sema_find_field(&env, param_of(w, "a"), name_of(w, "third"), &match));
    assert_true(sema_find_field(&env, param_of(w, "b"), name_of(w, "open"), &match));
    assert_true(match.is_visible);
    assert_true(sema_find_field(&env, param_of(w, "b"), name_of(w, "closed"), &match));
    assert_false(match.is_visible);
    world_free(w);
}

static void modules_may_import_each_other(void **state) {
    (void)state;
    World *w = world_new("import a.b\nimport c as see\nfunc f(x: b.One, y: see.Two) do\nend\n", //
                         "a.b", "import c\npub struct One { two: ?Box[c.Two] }\n",              //
                         "c", "import a.b\npub struct Two { one: ?Box[b.One] }\n", NULL);
    assert_clean(w);
    assert_true(text_equal(type_text(w->p, param_of(w, "f")), TEXT("One")));
    world_free(w);
}

static void similar_names_are_near(void **state) {
    (void)state;
    World *w = world_new("func circumference() do\nend\n", NULL);
    SymbolId found = sema_similar_name(w->sema, w->main, name_of(w, "circumfrence"));
    assert_true(text_equal(symbol(w->p, found), TEXT("circumference")));
    assert_true(text_equal(symbol(w->p, sema_similar_name(w->sema, w->main, name_of(w, "prnitln"))), TEXT("println")));
    assert_int_equal(sema_similar_name(w->sema, w->main, name_of(w, "zebra")).v, 0);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inherent_methods_come_first),
        cmocka_unit_test(blanket_and_structural_impls_give_methods),
        cmocka_unit_test(two_traits_are_ambiguous_but_the_nearer_one_wins),
        cmocka_unit_test(an_implicit_parameter_gets_its_bound),
        cmocka_unit_test(variables_are_bound_by_the_receiver),
        cmocka_unit_test(an_impl_knows_its_own_parameters),
        cmocka_unit_test(fields_are_found_through_boxes),
        cmocka_unit_test(modules_may_import_each_other),
        cmocka_unit_test(similar_names_are_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
