// The rules of docs/reference/calculus.md, one by one, on exact JIR written by hand: each has functions that keep it
// and functions, a step away, that break it.
#include "calculus/calculus.h"
#include "jir_world.h"

static const char MAIN[] = "fn main module 1 params 3 pads {\nlocal _0: void owned return\n";
static const char VIEW[] = "fn view module 1 params 3 pads {\nlocal _0: Slice[i64] owned return\n";
static const char HEAD[] = "local _1 \"p\": List[i64] letref param\n"
                           "local _2 \"m\": List[i64] mutref param\n"
                           "local _3 \"o\": List[i64] owned param\n"
                           "local _4: List[i64] owned temp\n"
                           "local _5: Pair owned temp\n"
                           "local _6: Tree owned temp\n"
                           "local _7: Slice[i64] owned temp\n"
                           "local _8: Slice[i64] owned temp\n"
                           "local _9: i64 letref temp\n"
                           "local _10: i64 owned temp\n"
                           "local _11: bool owned temp\n"
                           "local _12: bool owned flag\n"
                           "local _13: Guard owned temp\n"
                           "local _14: String owned temp\n"
                           "local _15: List[i64] mutref temp\n"
                           "local _16: i64 owned let\n"
                           "local _17: Box[Tree] owned temp\n";

// Block %1 is where panics leave the function, %2 drops _3 before; a body is the block %3 and what follows.
static const char START[] = "%0: goto %3 %1 cleanup: resume %2 cleanup: drop _3 cleanup goto %1 %3: ";

typedef struct {
    const char *rule; // which is broken; NULL: none
    const char *body;
} Case;

static const Case CASES[] = {
    // rule: calc.form
    {"calc.form", "_10 = bind _10 goto %4 %4: drop _3 return"},
    {"calc.form", "_4 = set take _3 drop _4 return"},
    // rule: calc.use
    {NULL, "call look (ref _3) unwind 2 drop _3 return"},
    {"calc.use", "drop _3 call look (ref _3) return"},
    {"calc.use", "_10 = add copy _10, 1:i64 unwind 2 drop _3 return"},
    {"calc.use", "call give (move _3) _10 = len _3 return"},
    {"calc.use", "_11 = call cond () unwind 2 branch copy _11 %4 %5 %4: _10 = set 1:i64 goto %5 %5: _10 = add copy "
                 "_10, 1:i64 unwind 2 drop _3 return"},
    // rule: calc.move
    {NULL, "_4 = set move _3 drop _4 return"},
    {"calc.move", "call give (move _1) drop _3 return"},
    {"calc.move", "call give (move _2) unwind 2 drop _3 return"},
    {"calc.move", "drop _3 _13 = call make_guard () _4 = set move _13.0 drop _4 return"},
    // rule: calc.copy
    {NULL, "drop _3 _14 = set \"x\":String call look (ref _1) return"},
    {"calc.copy", "_4 = set copy _3 drop _4 drop _3 return"},
    // rule: calc.set
    {"calc.set", "_4 = call make () unwind 2 _3 = set move _4 drop _3 return"},
    {NULL, "drop _3 _4 = call make () _3 = set move _4 drop _3 return"},
    {NULL, "_4 = call make () unwind 2 _3 = store move _4 unwind 2 drop _3 return"},
    {"calc.set", "_2 = set move _3 return"},
    {NULL, "_2 = store move _3 return"},
    {"calc.use", "call give (move _3) _4 = call make () _3 = store move _4 drop _3 return"},
    // rule: calc.let
    {NULL, "live _16 _16 = set 1:i64 drop _3 return"},
    {"calc.let", "live _16 _16 = set 1:i64 _16 = set 2:i64 drop _3 return"},
    // rule: calc.drop
    {"calc.drop", "drop _3 drop _3 return"},
    {"calc.drop", "drop _1 drop _3 return"},
    {"calc.drop", "_11 = call cond () unwind 2 branch copy _11 %4 %5 %4: call give (move _3) goto %5 %5: drop _3 "
                  "return"},
    // rule: calc.leave
    {"calc.leave", "return"},
    {"calc.leave", "call look (ref _3) drop _3 return"},
    {"calc.leave", "_11 = call cond () unwind 2 branch copy _11 %4 %5 %4: drop _3 return %5: return"},
    // rule: calc.storage
    {"calc.storage", "live _4 _4 = set move _3 dead _4 return"},
    {NULL, "live _4 _4 = set move _3 drop _4 dead _4 return"},
    // rule: calc.parts
    {NULL, "_4 = call make () unwind 2 _5 = make (move _3, move _4) drop _5.0 unwind 4 drop _5.1 return %4 cleanup: "
           "drop _5.1 cleanup goto %1"},
    {"calc.leave", "_4 = call make () unwind 2 _5 = make (move _3, move _4) drop _5.0 unwind 4 return %4 cleanup: "
                   "drop _5.1 cleanup goto %1"},
    {"calc.leave", "_4 = call make () unwind 2 _5 = make (move _3, move _4) drop _5.0 drop _5.1 return"},
    {"calc.drop", "_4 = call make () unwind 2 _5 = make (move _3, move _4) call give (move _5.0) unwind 4 drop _5 "
                  "return %4 cleanup: drop _5.1 cleanup goto %1"},
    // rule: calc.variant
    {NULL, "drop _3 _6 = variant 0 () _10 = tag _6 switch copy _10 1 %4 %5 %4: drop _6 return %5: return"},
    {"calc.leave", "drop _3 _6 = variant 0 () _10 = tag _6 switch copy _10 0 %4 %5 %4: drop _6 return %5: return"},
    {NULL, "drop _3 _6 = variant 0 () _17 = set move _6@1.0 _4 = set move _6@1.1 drop _4 unwind 4 drop _17 return %4 "
           "cleanup: drop _17 cleanup goto %1"},
    // rule: calc.box
    {NULL, "drop _3 _6 = variant 0 () _17 = call boxed (move _6) _6 = set move _17.* _10 = set 8:i64 intrinsic "
           "mem_free of none (copy _17.0, copy _10, copy _10) drop _6 return"},
    {"calc.leave", "drop _3 _6 = variant 0 () _17 = call boxed (move _6) _6 = set move _17.* drop _6 return"},
    // rule: calc.owns-nothing
    {NULL, "_14 = set \"x\":String drop _3 return"},
    {NULL, "_14 = set \"x\":String drop _14 unwind 2 drop _3 return"},
    // rule: calc.flag
    {NULL, "_12 = flag 1 _11 = call cond () unwind 2 branch copy _11 %4 %5 %4: _12 = flag 0 call give (move _3) goto "
           "%5 %5: branch copy _12 %6 %7 %6: drop _3 goto %7 %7: return"},
    {"calc.drop", "_12 = flag 1 _11 = call cond () unwind 2 branch copy _11 %4 %5 %4: call give (move _3) goto %5 "
                  "%5: branch copy _12 %6 %7 %6: drop _3 goto %7 %7: return"},
    {"calc.drop", "_12 = flag 1 _11 = call cond () unwind 2 branch copy _11 %4 %5 %4: _12 = flag 0 call give (move "
                  "_3) goto %5 %5: branch copy _12 %7 %6 %6: drop _3 goto %7 %7: return"},
    // rule: calc.panic
    {"calc.drop", "drop _3 unwind 2 return"},
    {"calc.drop", "call give (move _3) unwind 2 return"},
    {NULL, "panic unreachable unwind 2"},
    {"calc.leave", "panic unreachable"},
    // rule: calc.abort
    {NULL, "call look (ref _3) unwind 4 drop _3 return %4 cleanup: call look (ref _3) cleanup goto %2"},
    // rule: calc.lend
    {NULL, "call change (mut _2) unwind 2 drop _3 return"},
    {"calc.lend", "call change (mut _1) unwind 2 drop _3 return"},
    // rule: calc.loan
    {NULL, "_7 = call view (ref _3) unwind 2 _10 = call sum (ref _7) unwind 2 drop _3 return"},
    {"calc.loan", "_7 = call view (ref _3) unwind 2 drop _3 _10 = call sum (ref _7) return"},
    {"calc.loan", "_9 = call first (ref _3) unwind 2 call give (move _3) _10 = set copy _9 return"},
    {"calc.loan", "drop _3 _4 = call make () _7 = call view (ref _4) unwind 4 drop _4 _10 = call sum (ref "
                  "_7) return %4 cleanup: drop _4 cleanup goto %1"},
    // rule: calc.ends
    {"calc.loan", "_7 = call view (ref _3) unwind 2 call change (mut _3) unwind 2 _10 = call sum (ref _7) unwind 2 "
                  "drop _3 return"},
    {NULL, "_7 = call view (ref _3) unwind 2 call look (ref _3) unwind 2 _10 = call sum (ref _7) unwind 2 drop _3 "
           "return"},
    {"calc.loan", "_7 = call view_mut (mut _3) unwind 2 call look (ref _3) unwind 2 _10 = call sum (ref _7) unwind 2 "
                  "drop _3 return"},
    {NULL, "_4 = call make () unwind 2 _5 = make (move _3, move _4) _7 = call view (ref _5.0) unwind 4 call change "
           "(mut _5.1) unwind 4 _10 = call sum (ref _7) unwind 4 drop _5 return %4 cleanup: drop _5 cleanup goto %1"},
    {"calc.loan", "_4 = call make () unwind 2 _5 = make (move _3, move _4) _7 = call view (ref _5.0) unwind 4 call "
                  "change (mut _5.0) unwind 4 _10 = call sum (ref _7) unwind 4 drop _5 return %4 cleanup: drop _5 "
                  "cleanup goto %1"},
    // rule: calc.args
    {NULL, "call change_both (mut _2, ref _3) unwind 2 drop _3 return"},
    {"calc.args", "call change_both (mut _2, ref _2) unwind 2 drop _3 return"},
    // rule: calc.flow
    {"calc.loan", "_7 = call view (ref _3) unwind 2 _8 = set copy _7 drop _3 _10 = call sum (ref _8) return"},
    {"calc.loan", "_15 = ref mut _3 _7 = call view (ref _15) unwind 2 drop _3 _10 = call sum (ref _7) return"},
    // rule: calc.reads
    {NULL, "_7 = call view_mut (mut _3) unwind 2 _7[0] = set 1:i64 drop _3 return"},
    {"calc.lend", "_7 = call view (ref _3) unwind 2 _7[0] = set 1:i64 drop _3 return"},
    // rule: calc.relend
    {NULL, "_7 = call view_mut (mut _3) unwind 2 _8 = set copy _7 _8[0] = set 1:i64 _7[0] = set 1:i64 drop _3 return"},
    {"calc.loan", "_7 = call view_mut (mut _3) unwind 2 _8 = set copy _7 _7[0] = set 1:i64 _8[0] = set 1:i64 drop _3 "
                  "return"},
    // rule: calc.call
    {"calc.loan", "_9 = call first (ref _3) unwind 2 call change (mut _3) unwind 2 _10 = set copy _9 drop _3 return"},
    // rule: calc.type
    {"calc.type", "_10 = set copy _11 drop _3 return"},
    {"calc.type", "call look (mut _3) unwind 2 drop _3 return"},
};

// rule: calc.result
static const Case VIEW_CASES[] = {
    {"calc.result", "_0 = call view (ref _3) unwind 2 drop _3 return"},
    {NULL, "_0 = call view (ref _1) unwind 2 drop _3 return"},
};

static void run_case(const Case *it, const char *head) {
    World *w = world_new();
    JirFn *fn = world_parse(w, arena_printf(w->arena, "%s%s%s%s }", head, HEAD, START, it->body).data);
    Buffer why = {0};
    bool good = calculus_check(w->jir, fn, &why);
    Text wanted = it->rule ? arena_printf(w->arena, "[%s]", it->rule) : TEXT("");
    if (good != !it->rule || !text_starts_with(buffer_view(&why), wanted)) {
        print_error("%s\n  wanted: %.*s\n  found: %.*s\n", it->body, TEXT_ARG(wanted), TEXT_ARG(buffer_view(&why)));
        fail();
    }
    vec_free(&why);
    world_free(w);
}

static void test_rules(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        run_case(&CASES[i], MAIN);
}

// The function has the result and the signature of `view`, which gives part of what it is lent.
static void test_results(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof VIEW_CASES / sizeof *VIEW_CASES; i++)
        run_case(&VIEW_CASES[i], VIEW);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules), cmocka_unit_test(test_results)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
