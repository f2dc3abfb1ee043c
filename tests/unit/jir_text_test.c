// Printing what was parsed gives the same text, and the verifier accepts and refuses what it should.
#include "jir_world.h"

static const char ROUND[] = "fn main module 1 params 1 {\n"
                            "  scope 0 in 0 tokens 1 9\n"
                            "  local _0: void owned return\n"
                            "  local _1 \"xs\": List[i64] letref param node 3\n"
                            "  local _2 \"t\": Tree owned let\n"
                            "  local _3: i64 owned temp\n"
                            "  local _4: bool owned temp\n"
                            "  local _5: (i64, String) owned temp\n"
                            "  local _6: ?[4]u8 owned temp\n"
                            "  local _7: f64 owned temp\n"
                            "  local _8: own func(i64, mut List[i64], own String) -> &mut bool owned temp\n"
                            "  local _9: Slice[i64] owned temp\n"
                            "  local _10: List[i64] letref let\n"
                            "  %0:\n"
                            "    live _3\n"
                            "    _3 = len _1 at 4\n"
                            "    check 0:i64, copy _3\n"
                            "    _3 = add copy _3, 18446744073709551615:i64\n"
                            "    _3 = set copy _1[_3]\n"
                            "    _7 = mul 1.5:f64, 2.0:f64\n"
                            "    _7 = set f0x7ff0000000000000:f64\n"
                            "    _5 = make (copy _3, \"a\\\"b\\n\\x01\":String)\n"
                            "    _9 = intrinsic slice_of (ref _1, 0:i64, copy _3) at 7\n"
                            "    _4 = call cond ()\n"
                            "    branch copy _4 %1 %2\n"
                            "  %1 depth 1:\n"
                            "    _3 = tag _2\n"
                            "    switch copy _3 0 %2 1 %3 %3\n"
                            "  %2 cleanup:\n"
                            "    drop _5.1 cleanup at 9\n"
                            "    dead _3\n"
                            "    return\n"
                            "  %3:\n"
                            "    _10 = ref _2@1.1\n"
                            "    _10 = bind _2@1.0.*@1.1\n"
                            "    panic message \"no\":String\n"
                            "}\n";

static void test_round_trip(void **state) {
    (void)state;
    World *w = world_new();
    JirFn *fn = world_parse(w, ROUND);
    world_verify(w, fn);
    assert_string_equal(world_print(w, fn).data, ROUND);
    world_free(w);
}

static void test_parse_errors(void **state) {
    (void)state;
    static const char *const BAD[] = {
        "",
        "fn nobody params 0 {",
        "fn main params 0 { local _1: i64 owned temp }",
        "fn main params 0 { local _0: i64 owned return %0: _4 = set 1:i64 return }",
        "fn main params 0 { local _0: i64 owned return %0: goto %3 }",
        "fn main params 0 { local _0: i64 owned return %0: _0 = set copy _0.3 return }",
        "fn main params 0 { local _0: i64 owned return %0: frob _0 return }",
        "fn main params 0 { local _0: i64 owned return %0: _0 = set \"abc",
    };
    World *w = world_new();
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        Buffer why = {0};
        assert_null(jir_parse_fn(w->jir, text_of(BAD[i]), NULL, &why));
        assert_true(why.count > 0);
        vec_free(&why);
    }
    world_free(w);
}

static void test_verifier_refuses(void **state) {
    (void)state;
    static const char HEAD[] =
        "fn main params 0 { local _0: void owned return local _1: i64 owned temp local _2: List[i64] "
        "owned temp local _3: bool owned temp %0: ";
    static const char *const BAD[] = {
        "_1 = set take _2 return }", "_3 = add 1:i64, 2:i64 return }", "_1 = add 1:i64, 2:u8 return }",
        "branch copy _1 %0 %0 }",    "_2 = make (1:i64) return }",     "call look (take _2) return }",
        "call give () return }",     "_1 = ref _2 return }",           "drop none return }",
    };
    World *w = world_new();
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        Buffer why = {0};
        Text text = arena_printf(w->arena, "%s%s", HEAD, BAD[i]);
        JirFn *fn = world_parse(w, text.data);
        assert_false(jir_verify(w->jir, fn, &why));
        assert_true(why.count > 0);
        vec_free(&why);
    }
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_parse_errors),
        cmocka_unit_test(test_verifier_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
