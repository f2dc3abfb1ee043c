// The drop pass on functions written in JIR's text form: what is left of their statements.
#include "jir_world.h"

static const char HEAD[] = "fn main module 1 params 1 {\n"
                           "local _0: void owned return\n"
                           "local _1 \"p\": Pair owned param\n"
                           "local _2: List[i64] owned temp\n"
                           "local _3: List[i64] owned temp\n"
                           "local _4: bool owned temp\n"
                           "local _5: Tree owned temp\n"
                           "local _6: Tree owned temp\n"
                           "local _7: i64 owned temp\n";

typedef struct {
    const char *body, *expected;
} Case;

// Expected: the statements after the locals, blanks and line ends as single blanks.
static const Case CASES[] = {
    {"%0: _2 = call make () drop _2 return",
     "%0: _2 = call make () unwind 2 drop _2 unwind 2 return %1 cleanup: resume %2 cleanup: drop _1 "
     "cleanup goto %1"},
    {"%0: _7 = set 1:i64 _7 = store 2:i64 drop _7 return", "%0: _7 = set 1:i64 _7 = set 2:i64 return"},
    {"%0: _2 = call make () call give (move _2) drop _2 return",
     "%0: _2 = call make () unwind 2 call give (move _2) unwind 2 return %1 cleanup: resume %2 cleanup: "
     "drop _1 cleanup goto %1"},
    {"%0: call give (move _1.0) drop _1 return",
     "%0: call give (move _1.0) unwind 2 drop _1.1 return %1 cleanup: resume %2 cleanup: drop _1.1 cleanup "
     "goto %1"},
    {"%0: _2 = call make () _3 = call make () _2 = store move _3 drop _3 drop _2 return",
     "%0: _2 = call make () unwind 2 _3 = call make () unwind 3 _2 = store move _3 unwind 3 drop _2 unwind "
     "2 return %1 cleanup: resume %2 cleanup: drop _1 cleanup goto %1 %3 cleanup: drop _2 cleanup goto %2"},
    {"%0: _2 = call make () call give (move _2) _3 = call make () _2 = store move _3 drop _3 drop _2 return",
     "%0: _2 = call make () unwind 2 call give (move _2) unwind 2 _3 = call make () unwind 2 _2 = set move "
     "_3 unwind 2 drop _2 unwind 2 return %1 cleanup: resume %2 cleanup: drop _1 cleanup goto %1"},
    {"%0: _2 = call make () _4 = call cond () branch copy _4 %1 %2 %1: call give (move _2) goto %2 %2: drop _2 return",
     "%0: _8 = flag 0 _2 = call make () unwind 4 _8 = flag 1 _4 = call cond () unwind 5 branch copy _4 %1 "
     "%2 %1: _8 = flag 0 call give (move _2) unwind 4 goto %2 %2: branch copy _8 %6 %7 %3 cleanup: resume "
     "%4 cleanup: drop _1 cleanup goto %3 %5 cleanup: drop _2 cleanup goto %4 %6: drop _2 unwind 4 goto %7 "
     "%7: _8 = flag 0 return"},
    {"%0: _5 = variant 0 () _7 = tag _5 switch copy _7 1 %1 %2 %1: call give (move _5@1.1) goto %2 %2: drop _5 return",
     "%0: _8 = flag 0 _5 = variant 0 () _8 = flag 1 _7 = tag _5 switch copy _7 1 %1 %2 %1: _8 = flag 0 "
     "call give (move _5@1.1) unwind 5 goto %2 %2: branch copy _8 %10 %9 %3 cleanup: resume %4 cleanup: "
     "drop _1 cleanup goto %3 %5 cleanup: goto %7 %6 cleanup: goto %4 %7 cleanup: drop _5@1.0 cleanup goto "
     "%6 %8: _8 = flag 0 return %9: drop _5@1.0 unwind 11 branch copy _8 %12 %13 %10: drop _5 unwind 4 goto %8 "
     "%11 cleanup: branch copy _8 %14 %15 %12: drop _5@1.1 unwind 4 goto %13 %13: goto %8 %14 cleanup: drop "
     "_5@1.1 cleanup goto %15 %15 cleanup: goto %4"},
    {"%0: _5 = variant 0 () _5 = store move _5@1.0.* drop _5 return",
     "%0: _5 = variant 0 () _10 = set move _5@1.0.* unwind 6 goto %8 %1 cleanup: resume %2 cleanup: drop _1 "
     "cleanup goto %1 %3 cleanup: goto %5 %4 cleanup: goto %2 %5 cleanup: _8 = intrinsic size_of of none[Tree] "
     "() cleanup _9 = intrinsic align_of of none[Tree] () cleanup intrinsic mem_free of none (copy _5@1.0.0, "
     "copy _8, copy _9) cleanup drop _5@1.1 cleanup goto %4 %6 cleanup: drop _5 cleanup goto %2 %7: _5 = set "
     "move _10 unwind 6 _13 = intrinsic size_of of none[Tree] () unwind 9 _14 = intrinsic align_of of none[Tree] () "
     "unwind 9 intrinsic mem_free of none (copy _11, copy _13, copy _14) unwind 9 drop _12 unwind 6 drop _5 unwind 2 "
     "return %8: _11 = set copy _5@1.0.0 unwind 6 _12 = set move _5@1.1 unwind 6 goto %7 %9 cleanup: drop _12 cleanup "
     "goto %6"},
    {"%0: _5 = variant 0 () _6 = set move _5@1.0.* drop _6 drop _5 return",
     "%0: _5 = variant 0 () _6 = set move _5@1.0.* drop _6 unwind 3 goto %7 %1 cleanup: resume %2 cleanup: drop "
     "_1 cleanup goto %1 %3 cleanup: goto %5 %4 cleanup: goto %2 %5 cleanup: _8 = intrinsic size_of of "
     "none[Tree] () cleanup _9 = intrinsic align_of of none[Tree] () cleanup intrinsic mem_free of none (copy "
     "_5@1.0.0, copy _8, copy _9) cleanup drop _5@1.1 cleanup goto %4 %6: return %7: _10 = intrinsic size_of of "
     "none[Tree] () unwind 8 _11 = intrinsic align_of of none[Tree] () unwind 8 intrinsic mem_free of none "
     "(copy _5@1.0.0, copy _10, copy _11) unwind 8 drop _5@1.1 unwind 2 goto %6 %8 cleanup: drop _5@1.1 cleanup goto "
     "%2"},
};

static Text squeeze(World *w, Text text) {
    Buffer out = {0};
    const char *start = strstr(text.data, "  %0:");
    for (const char *at = start; *at && strcmp(at, "}\n") != 0; at++) {
        bool blank = *at == ' ' || *at == '\n';
        if (!blank || (out.count && vec_last(&out) != ' '))
            buffer_char(&out, blank ? ' ' : *at);
    }
    while (out.count && vec_last(&out) == ' ')
        out.count--;
    Text result = arena_text(w->arena, buffer_view(&out));
    vec_free(&out);
    return result;
}

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        World *w = world_new();
        JirFn *fn = world_parse(w, arena_printf(w->arena, "%s%s}", HEAD, CASES[i].body).data);
        ir_elaborate_drops(w->jir, fn);
        assert_string_equal(squeeze(w, world_print(w, fn)).data, CASES[i].expected);
        world_verify(w, fn);
        world_free(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
