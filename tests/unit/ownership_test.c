// The ownership check on functions written in JIR's text form. Each case lists what it must report: code and line,
// where token n stands on line n.
#include <stdlib.h>

#include "jir_world.h"

typedef struct {
    const char *name, *body, *expected;
} Case;

// Locals that the cases share. _20 … are parameters' neighbours: only _1 and _2 are parameters.
static const char HEAD[] = "fn main module 1 params 2 {\n"
                           "local _0: void owned return\n"
                           "local _1 \"p\": List[i64] letref param\n"
                           "local _2 \"m\": List[i64] mutref param\n"
                           "local _3 \"a\": List[i64] owned let\n"
                           "local _4 \"b\": List[i64] owned let\n"
                           "local _5 \"c\": bool owned temp\n"
                           "local _6 \"s\": Slice[i64] owned let\n"
                           "local _7 \"pair\": Pair owned var\n"
                           "local _8 \"text\": String owned let\n"
                           "local _9 \"copy\": String owned let\n"
                           "local _10 \"n\": i64 owned var\n"
                           "local _11 \"g\": Guard owned let\n"
                           "local _12 \"tree\": Tree owned let\n"
                           "local _13 \"r\": List[i64] mutref let\n"
                           "local _14 \"all\": List[Slice[i64]] owned var\n"
                           "local _15: List[List[i64]] owned temp\n"
                           "local _16 \"e\": Tree owned let\n"
                           "local _17: List[i64] letref temp\n"
                           "local _18 \"v\": List[i64] owned var\n";

static const Case CASES[] = {
    {"move and forget", "%0: _3 = call make () at 1 call give (take _3) at 2 drop _3 return", ""},
    {"use after move", "%0: _3 = call make () at 1 call give (take _3) at 2 call look (ref _3) at 3 drop _3 return",
     "E0701:3"},
    {"move twice", "%0: _3 = call make () at 1 call give (take _3) at 2 call give (take _3) at 3 return", "E0701:3"},
    {"moved on one way",
     "%0: _3 = call make () at 1 _5 = call cond () branch copy _5 %1 %2 %1: call give (take _3) at 2 goto %2 "
     "%2: call look (ref _3) at 3 drop _3 return",
     "E0701:3"},
    {"moved on each way, not used",
     "%0: _3 = call make () _5 = call cond () branch copy _5 %1 %2 %1: call give (take _3) goto %3 "
     "%2: call give (take _3) goto %3 %3: drop _3 return",
     ""},
    {"moved in a loop",
     "%0: _3 = call make () at 1 goto %1 %1: _5 = call cond () branch copy _5 %2 %3 %2: call give (take _3) at 2 goto "
     "%1 "
     "%3: drop _3 return",
     "E0707:2"},
    {"given anew in the loop",
     "%0: _18 = call make () goto %1 %1: _5 = call cond () branch copy _5 %2 %3 %2: call give (take _18) at 2 "
     "_4 = call make () _18 = store take _4 at 3 goto %1 %3: drop _18 return",
     ""},
    {"cheap is copied", "%0: _8 = set \"x\":String _9 = set take _8 _9 = store take _8 drop _9 drop _8 return", ""},
    {"unset",
     "%0: live _10 _5 = call cond () branch copy _5 %1 %2 %1: _10 = store 1:i64 goto %2 "
     "%2: _10 = add copy _10, 1:i64 at 4 return",
     "E0702:4"},
    {"set on each way",
     "%0: live _10 _5 = call cond () branch copy _5 %1 %2 %1: _10 = store 1:i64 goto %3 "
     "%2: _10 = store 2:i64 goto %3 %3: _10 = add copy _10, 1:i64 at 4 return",
     ""},
    {"let assigned once on each way",
     "%0: live _3 _5 = call cond () _4 = call make () branch copy _5 %1 %2 %1: _3 = store take _4 at 2 goto %3 "
     "%2: _3 = store take _4 at 3 goto %3 %3: call look (ref _3) drop _3 drop _4 return",
     ""},
    {"let assigned twice",
     "%0: live _3 _5 = call cond () _4 = call make () branch copy _5 %1 %2 "
     "%1: _3 = store take _4 at 2 goto %2 %2: _4 = call make () _3 = store take _4 at 3 drop _3 return",
     "E0703:3"},
    {"parts move alone",
     "%0: _4 = call make () _3 = call make () _7 = make (take _3, take _4) call give (take _7.0) "
     "call give (take _7.1) drop _7 return",
     ""},
    {"the whole after a part",
     "%0: _4 = call make () _3 = call make () _7 = make (take _3, take _4) "
     "call give (take _7.0) at 5 _7 = store take _7 at 6 return",
     "E0708:6"},
    {"a part after the whole",
     "%0: _4 = call make () _3 = call make () _7 = make (take _3, take _4) "
     "call give (take _7.0) call look (ref _7.1) call look (ref _7.0) at 9 drop _7 return",
     "E0701:9"},
    {"a part given anew",
     "%0: _4 = call make () _3 = call make () _7 = make (take _3, take _4) "
     "call give (take _7.0) _3 = call make () _7.0 = store take _3 call look (ref _7.0) drop _7 return",
     ""},
    {"out of a parameter", "%0: call give (take _1) at 3 return", "E0704:3"},
    {"out of a mut parameter", "%0: call give (take _2) at 3 return", "E0704:3"},
    {"out of an element", "%0: _10 = set 0:i64 call give (take _15[_10]) at 3 return", "E0705:3 E0702:3"},
    {"out of a type with Drop", "%0: _11 = call make_guard () call give (take _11.0) at 3 drop _11 return", "E0706:3"},
    {"a whole type with Drop", "%0: _11 = call make_guard () call give_guard (take _11) at 3 drop _11 return", ""},
    {"binding moves", "%0: _3 = call make () _4 = bind _3 at 2 call give (take _4) drop _4 drop _3 return", ""},
    {"binding borrows",
     "%0: _3 = call make () _4 = bind _3 at 2 call look (ref _4) call look (ref _3) drop _4 drop _3 return", ""},
    {"changed while bound",
     "%0: _3 = call make () _4 = bind _3 at 2 call change (mut _3) at 3 call look (ref _4) at 4 drop _4 drop _3 return",
     "E0710:2"},
    {"changed after the last use",
     "%0: _3 = call make () _4 = bind _3 at 2 call look (ref _4) call change (mut _3) drop _4 drop _3 return", ""},
    {"given away through a projection",
     "%0: _3 = call make () _4 = bind _3 at 2 call give (take _4) at 3 call look (ref _3) at 4 drop _4 drop _3 return",
     "E0704:3"},
    {"moved though bound",
     "%0: _3 = call make () _4 = bind _3 at 2 call look (ref _3) call give (take _3) at 3 "
     "call look (ref _4) at 4 drop _4 drop _3 return",
     "E0712:2"},
    {"both bindings borrow",
     "%0: _3 = call make () _4 = bind _3 at 2 _17 = ref _3 call look (ref _4) call look (ref _17) "
     "drop _4 drop _3 return",
     ""},
    {"view then change",
     "%0: _3 = call make () _6 = call view (ref _3) at 2 call change (mut _3) at 3 "
     "_10 = call sum (ref _6) at 4 drop _3 return",
     "E0710:2"},
    {"view, use, change",
     "%0: _3 = call make () _6 = call view (ref _3) _10 = call sum (ref _6) call change (mut _3) "
     "_6 = call view (ref _3) _10 = call sum (ref _6) drop _3 return",
     ""},
    {"view then drop",
     "%0: _3 = call make () _6 = call view (ref _3) at 2 drop _3 at 3 _10 = call sum (ref _6) at 4 return", "E0713:2"},
    {"view then move",
     "%0: _3 = call make () _6 = call view (ref _3) at 2 call give (take _3) at 3 "
     "_10 = call sum (ref _6) at 4 return",
     "E0712:2"},
    {"mut view then look",
     "%0: _3 = call make () _6 = call view_mut (mut _3) at 2 call look (ref _3) at 3 "
     "_10 = call sum (ref _6) at 4 drop _3 return",
     "E0715:2"},
    {"one field",
     "%0: _3 = call make () _4 = call make () _7 = make (take _3, take _4) _6 = call view (ref _7.0) at 2 "
     "call change (mut _7.0) at 3 _10 = call sum (ref _6) drop _7 return",
     "E0710:2"},
    {"other field",
     "%0: _3 = call make () _4 = call make () _7 = make (take _3, take _4) _6 = call view (ref _7.0) at 2 "
     "call change (mut _7.1) at 3 _10 = call sum (ref _6) drop _7 return",
     ""},
    {"arguments", "%0: _3 = call make () call change_both (mut _3, ref _3) at 5 drop _3 return", "E0711:5"},
    {"arguments apart", "%0: _3 = call make () call change_both (mut _3, ref _2) at 5 drop _3 return", ""},
    {"stored in what lives longer",
     "%0: _14 = call views () _3 = call make () _6 = call view (ref _3) at 2 call keep (mut _14, take _6) drop _3 at 3 "
     "_10 = len _14 at 4 drop _14 return",
     "E0713:2"},
    {"stored in what ends before",
     "%0: _14 = call views () _3 = call make () _6 = call view (ref _3) at 2 call keep (mut _14, take _6) "
     "_10 = len _14 drop _14 drop _3 return",
     ""},
    {"loop over what changes",
     "%0: _3 = call make () _17 = ref _3 at 2 goto %1 %1: _5 = call cond () branch copy _5 %2 %3 "
     "%2: call look (ref _17) call change (mut _3) at 3 goto %1 %3: drop _3 return",
     "E0710:3"},
    {"payload moves", "%0: _16 = bind _12@1.0.* drop _16 drop _12 return", "E0702:0"},
    {"reborrow", "%0: _13 = ref mut _2 call change (mut _13) call change (mut _2) return", ""},
    {"reborrow used later", "%0: _13 = ref mut _2 at 2 call change (mut _2) at 3 call change (mut _13) return",
     "E0710:2"},
};

// "E0701:3 E0704:9": code and line of each report, read out of the JSON rendering.
static void collect(World *w, Buffer *out) {
    Buffer json = {0};
    diags_render(w->diags, (RenderOptions){.json = true}, &json);
    buffer_char(&json, '\0');
    for (const char *at = json.items; (at = strstr(at, "\"code\":\"")) != NULL; at++) {
        const char *line = strstr(at, "\"line\":");
        buffer_printf(out, "%s%.5s:%ld", out->count ? " " : "", at + 8, line ? strtol(line + 7, NULL, 10) : 0L);
    }
    vec_free(&json);
}

static bool run_case(const Case *it, bool show) {
    World *w = world_new();
    JirFn *fn = world_parse(w, arena_printf(w->arena, "%s%s}", HEAD, it->body).data);
    world_verify(w, fn);
    bool ok = ir_check_ownership(w->jir, fn);
    world_verify(w, fn);
    Buffer found = {0};
    collect(w, &found);
    buffer_char(&found, '\0');
    if (show) {
        Buffer text = {0};
        diags_render(w->diags, (RenderOptions){0}, &text);
        print_error("%s: wanted \"%s\", found \"%s\"\n%.*s%s", it->name, it->expected, found.items,
                    TEXT_ARG(buffer_view(&text)), world_print(w, fn).data);
        vec_free(&text);
    }
    bool as_expected = strcmp(found.items, it->expected) == 0 && ok == (it->expected[0] == '\0');
    vec_free(&found);
    world_free(w);
    if (!as_expected && !show)
        run_case(it, true);
    return as_expected;
}

static void test_cases(void **state) {
    (void)state;
    const char *only = getenv("CASE");
    uint32_t failed = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (!only || strcmp(only, CASES[i].name) == 0)
            failed += !run_case(&CASES[i], false);
    assert_int_equal(failed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
