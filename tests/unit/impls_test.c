// Which type implements which trait, and what kind of value a type is.
#include "decl_world.h"

static MatchResult implements(World *w, const char *func, LangItem trait) {
    ImplMatch match;
    Env env = sema_env_of(w->sema, decl_of(w, func));
    return program_find_impl(w->p, param_of(w, func), sema_lang(w->sema, trait), env.bounds, env.bound_count, &match);
}

static void written_impls_are_found(void **state) {
    (void)state;
    World *w = world_new("func a(x: []String) do\nend\nfunc b(x: []Blob) do\nend\n"
                         "struct Blob { x: i64 }\nimpl Drop for Blob do\n func drop(mut self) do\n end\nend\n",
                         NULL);
    assert_clean(w);
    assert_int_equal(implements(w, "a", LANG_EQ), MATCH_YES);
    assert_int_equal(implements(w, "a", LANG_COPY), MATCH_YES);
    assert_int_equal(implements(w, "a", LANG_DEBUG), MATCH_NO);
    assert_int_equal(implements(w, "b", LANG_EQ), MATCH_NO);
    assert_int_equal(implements(w, "b", LANG_COPY), MATCH_NO);
    world_free(w);
}

static void parts_give_what_they_have(void **state) {
    (void)state;
    World *w = world_new("struct Point { x: i64, y: i64 }\nstruct Mass { kg: f64 }\nenum Shape { Dot(Point), None }\n"
                         "func a(x: Shape) do\nend\nfunc b(x: (Point, Mass)) do\nend\nfunc c(x: ?[3]Point) do\nend\n",
                         NULL);
    assert_clean(w);
    assert_int_equal(implements(w, "a", LANG_EQ), MATCH_YES);
    assert_int_equal(implements(w, "a", LANG_HASH), MATCH_YES);
    assert_int_equal(implements(w, "a", LANG_ORD), MATCH_NO);
    assert_int_equal(implements(w, "b", LANG_EQ), MATCH_YES);
    assert_int_equal(implements(w, "b", LANG_HASH), MATCH_NO);
    assert_int_equal(implements(w, "c", LANG_COPY), MATCH_YES);
    world_free(w);
}

static void a_written_eq_takes_hash_away(void **state) {
    (void)state;
    World *w = world_new("struct Name { text: String }\n"
                         "impl Eq for Name do\n func eq(self, other: Name) -> bool do\n return true\n end\nend\n"
                         "func a(x: Name) do\nend\n",
                         NULL);
    assert_clean(w);
    assert_int_equal(implements(w, "a", LANG_EQ), MATCH_YES);
    assert_int_equal(implements(w, "a", LANG_HASH), MATCH_NO);
    world_free(w);
}

static void recursion_through_a_box_holds(void **state) {
    (void)state;
    World *w = world_new("struct Node { value: i64, next: ?Box[Node] }\nstruct Bad { next: ?Box[Worse], value: i64 }\n"
                         "struct Worse { bad: Box[Bad], blob: Blob }\nstruct Blob { f: func(i64) -> i64 }\n"
                         "func a(x: Node) do\nend\nfunc b(x: Worse) do\nend\nfunc c(x: Bad) do\nend\n",
                         NULL);
    assert_clean(w);
    assert_int_equal(implements(w, "a", LANG_EQ), MATCH_YES);
    assert_int_equal(implements(w, "c", LANG_EQ), MATCH_NO); // asked in the order that leaves an assumption open
    assert_int_equal(implements(w, "b", LANG_EQ), MATCH_NO);
    world_free(w);
}

static void bounds_give_impls(void **state) {
    (void)state;
    World *w =
        world_new("func a[T: Integer](x: T) do\nend\nfunc b[T: Eq](x: ?[]T) do\nend\nfunc c[T](x: T) do\nend\n", NULL);
    assert_clean(w);
    assert_int_equal(implements(w, "a", LANG_NUMERIC), MATCH_YES);
    assert_int_equal(implements(w, "a", LANG_HASH), MATCH_YES);
    assert_int_equal(implements(w, "b", LANG_EQ), MATCH_YES);
    assert_int_equal(implements(w, "b", LANG_COPY), MATCH_NO);
    assert_int_equal(implements(w, "c", LANG_EQ), MATCH_NO);
    world_free(w);
}

static void associated_types_are_resolved(void **state) {
    (void)state;
    World *w = world_new("struct Count { left: i64 }\nimpl Iterator for Count do\n type Item = (i64, bool)\n"
                         " func next(mut self) -> ?(i64, bool) do\n return null\n end\nend\n"
                         "func head[I: Iterator](it: I) -> ?I.Item do\n return null\nend\n",
                         NULL);
    assert_clean(w);
    const Signature *head = program_signature(w->p, decl_of(w, "head"));
    Text open = type_text(w->p, head->result);
    assert_true(text_equal(open, TEXT("?I.Item")));
    TypeId count = type_nominal(w->p->types, TY_STRUCT, decl_of(w, "Count"), NULL, 0);
    TypeId result = type_subst(w->p->types, head->result, (Subst){head->type_params, &count, 1});
    Text closed = type_text(w->p, program_normalize(w->p, result, NULL, 0));
    assert_true(text_equal(closed, TEXT("?(i64, bool)")));
    world_free(w);
}

static uint32_t class_of(World *w, const char *func) {
    return type_class(w->p, param_of(w, func));
}

static void classes_say_how_values_live(void **state) {
    (void)state;
    World *w = world_new("struct Point { x: i64, y: f64 }\nstruct Person { name: String }\nstruct File { fd: i64 }\n"
                         "impl Drop for File do\n func drop(mut self) do\n end\nend\n"
                         "struct Node { next: ?Box[Node], file: File }\nstruct Two[T] { a: T, b: T }\n"
                         "func a(x: ?Point) do\nend\nfunc b(x: (Person, i64)) do\nend\nfunc c(x: []Point) do\nend\n"
                         "func d(x: [4]File) do\nend\nfunc e(x: ?Box[Node]) do\nend\nfunc f(x: Slice[i64]) do\nend\n"
                         "func g[T](x: Two[T]) do\nend\nfunc h(x: Two[String]) do\nend\n",
                         NULL);
    assert_clean(w);
    assert_int_equal(class_of(w, "a"), CLASS_PLAIN | CLASS_CHEAP);
    assert_int_equal(class_of(w, "b"), CLASS_CHEAP | CLASS_NEEDS_DROP);
    assert_int_equal(class_of(w, "c"), CLASS_NEEDS_DROP);
    assert_int_equal(class_of(w, "d"), CLASS_NEEDS_DROP | CLASS_HAS_DROP);
    assert_int_equal(class_of(w, "e"), CLASS_NEEDS_DROP | CLASS_HAS_DROP);
    assert_int_equal(class_of(w, "f"), CLASS_PLAIN | CLASS_CHEAP | CLASS_VIEW);
    assert_int_equal(class_of(w, "g"), CLASS_NEEDS_DROP | CLASS_GENERIC);
    assert_int_equal(class_of(w, "h"), CLASS_CHEAP | CLASS_NEEDS_DROP);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_impls_are_found),
        cmocka_unit_test(parts_give_what_they_have),
        cmocka_unit_test(a_written_eq_takes_hash_away),
        cmocka_unit_test(recursion_through_a_box_holds),
        cmocka_unit_test(bounds_give_impls),
        cmocka_unit_test(associated_types_are_resolved),
        cmocka_unit_test(classes_say_how_values_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
