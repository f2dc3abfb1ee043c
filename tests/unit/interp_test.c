// Functions in JIR's text form, made exact by mono and run: results, panics, and each kind of violation.
#include "jir_world.h"

#include "interp/interp.h"
#include "ir/mono.h"

static JirFn *demand(void *context, DeclId decl) {
    const Jir *jir = context;
    JirFnId fn = jir_fn_of_decl(jir, decl);
    return fn.v ? jir_fn(jir, fn) : NULL;
}

static DeclId decl_named(World *w, const char *name) {
    for (uint32_t i = 1; i < w->p->decls.count; i++)
        if (w->p->decls.items[i].kind == DECL_FUNC && text_equal(decl_name(w->p, (DeclId){i}), text_of(name)))
            return (DeclId){i};
    return (DeclId){0};
}

// Runs main of the functions in `texts`; what it wrote to standard error is put into *err.
static int run(const char *const *texts, uint32_t count, Text *err) {
    World *w = world_new();
    for (uint32_t i = 0; i < count; i++) {
        JirFn *fn = world_parse(w, texts[i]);
        map_set(&w->jir->by_decl, fn->decl.v, fn->id.v);
    }
    Mono *mono = mono_new(w->jir, demand, w->jir);
    JirFnId entry = mono_root(mono, decl_named(w, "main"));
    assert_true(mono_run(mono));
    Buffer errors = {0};
    int code = interp_run(w->jir, (InterpOptions){.entry = entry, .err = &errors, .step_limit = 100000000});
    static char kept[4096];
    size_t size = errors.count < sizeof kept ? errors.count : sizeof kept;
    if (size)
        memcpy(kept, errors.items, size);
    *err = (Text){kept, size};
    vec_free(&errors);
    mono_free(mono);
    world_free(w);
    return code;
}

static void expect_many(const char *const *texts, uint32_t count, int code, const char *message) {
    Text err;
    int got = run(texts, count, &err);
    if (got != code || !memmem(err.data, err.size, message, strlen(message)))
        fail_msg("exit %d instead of %d: %.*s", got, code, TEXT_ARG(err));
}

static void expect(const char *body, int code, const char *message) {
    Buffer text = {0};
    buffer_cstr(&text, "fn main module 1 params 0 {\n  local _0: void owned return\n");
    buffer_cstr(&text, body);
    buffer_cstr(&text, "}\n");
    buffer_char(&text, 0);
    const char *one[] = {text.items};
    expect_many(one, 1, code, message);
    vec_free(&text);
}

static void test_arithmetic(void **state) {
    (void)state;
    expect("local _1: i64 owned var local _2: bool owned temp local _3: i64 owned var\n"
           "%0: _1 = set 0:i64 _3 = set 0:i64 goto %1\n"
           "%1: _2 = lt copy _1, 1000000:i64 branch copy _2 %2 %3\n"
           "%2: _3 = add copy _3, copy _1 _1 = add copy _1, 1:i64 goto %1\n"
           "%3: _2 = eq copy _3, 499999500000:i64 branch copy _2 %4 %5\n"
           "%4: return\n"
           "%5: panic unreachable\n",
           0, "");
    expect("local _1: i8 owned var %0: _1 = set 127:i8 _1 = add copy _1, 1:i8 at 5 return\n", 101,
           "panic: integer overflow\n  at test.jan:5");
    expect("local _1: i64 owned var %0: _1 = set 0:i64 _1 = div 1:i64, copy _1 return\n", 101, "division by zero");
    expect("local _1: i64 owned var %0: check 3:i64, 3:i64 return\n", 101, "index 3 is out of range for length 3");
}

static void test_memory(void **state) {
    (void)state;
    static const char PROLOGUE[] = "local _1: *u8 owned let local _2: u8 owned let local _3: *u8 owned let\n"
                                   "%0: _1 = intrinsic mem_alloc (16:i64, 8:i64) ";
    static const struct {
        const char *body;
        int code;
        const char *message;
    } CASES[] = {
        {"intrinsic mem_free (copy _1, 16:i64, 8:i64) return", 0, ""},
        {"return", INTERP_VIOLATION, "1 allocations were never freed"},
        {"intrinsic mem_free (copy _1, 16:i64, 8:i64) intrinsic mem_free (copy _1, 16:i64, 8:i64) return",
         INTERP_VIOLATION, "freed twice"},
        {"intrinsic mem_free (copy _1, 8:i64, 8:i64) return", INTERP_VIOLATION, "freed 8 bytes where 16"},
        {"_2 = intrinsic ptr_read (copy _1) return", INTERP_VIOLATION, "a value that was never set"},
        {"intrinsic mem_free (copy _1, 16:i64, 8:i64) intrinsic ptr_write (copy _1, 1:u8) return", INTERP_VIOLATION,
         "freed memory"},
        {"_3 = intrinsic ptr_offset (copy _1, 16:i64) intrinsic ptr_write (copy _3, 1:u8) return", INTERP_VIOLATION,
         "memory that is not allocated"},
        {"_3 = intrinsic ptr_null () _2 = intrinsic ptr_read (copy _3) return", INTERP_VIOLATION, "outside all memory"},
    };
    for (uint32_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Buffer body = {0};
        buffer_cstr(&body, PROLOGUE);
        buffer_cstr(&body, CASES[i].body);
        buffer_char(&body, '\n');
        buffer_char(&body, 0);
        expect(body.items, CASES[i].code, CASES[i].message);
        vec_free(&body);
    }
}

static void test_moves(void **state) {
    (void)state;
    expect("local _1: i64 owned let local _2: i64 owned let\n%0: _1 = set 1:i64 _2 = set move _1 _2 = set copy _1 "
           "return\n",
           INTERP_VIOLATION, "read of a moved-out value");
    expect(
        "local _1: i64 owned let local _2: i64 owned let\n%0: live _1 _1 = set 1:i64 dead _1 _2 = set copy _1 return\n",
        INTERP_VIOLATION, "a local that is dead");
    expect("local _1: i64 owned let local _2: i64 owned let\n%0: _2 = set copy _1 return\n", INTERP_VIOLATION,
           "never set");
}

// Who may use what was lent: whole locals and fields.
static void test_aliasing(void **state) {
    (void)state;
    static const char PROLOGUE[] = "local _1: i64 owned var local _2: i64 letref let local _3: i64 mutref let\n"
                                   "local _4: i64 mutref let local _5: (i64, i64) owned var local _6: i64 owned let\n"
                                   "%0: _1 = set 1:i64 _5 = make (1:i64, 2:i64) ";
    static const struct {
        const char *body, *message; // no message: nothing is wrong
    } CASES[] = {
        {"_2 = ref _1 _6 = set copy _1 _6 = set copy _2 _1 = set 2:i64 return", ""},
        {"_2 = ref _1 _1 = set 2:i64 _6 = set copy _2 return", "use of what was changed"},
        {"_3 = ref mut _1 _3 = set 2:i64 _6 = set copy _1 return", ""},
        {"_3 = ref mut _1 _6 = set copy _1 _3 = set 2:i64 return", "use of what was changed"},
        {"_3 = ref mut _1 _4 = ref mut _3 _4 = set 2:i64 _3 = set 3:i64 return", ""},
        {"_3 = ref mut _1 _4 = ref mut _3 _3 = set 2:i64 _4 = set 3:i64 return", "use of what was changed"},
        {"_3 = ref mut _1 _4 = ref mut _1 _4 = set 2:i64 _3 = set 3:i64 return", "use of what was changed"},
        {"_3 = ref mut _5.0 _4 = ref mut _5.1 _4 = set 2:i64 _3 = set 3:i64 return", ""},
        {"_2 = ref _5.0 _5.1 = set 3:i64 _6 = set copy _2 return", ""},
        {"_2 = ref _5.0 _5 = make (4:i64, 5:i64) _6 = set copy _2 return", "use of what was changed"},
    };
    for (uint32_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Buffer body = {0};
        buffer_printf(&body, "%s%s\n", PROLOGUE, CASES[i].body);
        buffer_char(&body, 0);
        expect(body.items, *CASES[i].message ? INTERP_VIOLATION : 0, CASES[i].message);
        vec_free(&body);
    }
}

static void test_values(void **state) {
    (void)state;
    expect("local _1: ?i64 owned let local _2: i64 owned temp local _3: (u8, i64) owned let\n"
           "%0: _1 = variant 1 (7:i64) _2 = tag _1 switch copy _2 1 %1 %2\n"
           "%1: _3 = make (1:u8, copy _1@1.0) _2 = set copy _3.1 switch copy _2 7 %3 %2\n"
           "%2: panic unreachable\n"
           "%3: _1 = variant 0 () _2 = set copy _1@1.0 return\n",
           INTERP_VIOLATION, "variant 1 is reached where the value is variant 0");
}

static const char LOOK[] =
    "fn look module 1 params 1 {\n local _0: void owned return local _1: List[i64] letref param\n"
    "%0: return }\n";
static const char BOTH[] = "fn change_both module 1 params 2 {\n local _0: void owned return\n"
                           "local _1: List[i64] mutref param local _2: List[i64] letref param\n%0: return }\n";

static void test_calls(void **state) {
    (void)state;
    const char *texts[3] = {LOOK, BOTH, NULL};
    texts[2] = "fn main module 1 params 0 { local _0: void owned return local _1: List[i64] owned let local _2: *i64 "
               "owned temp\n"
               "%0: _2 = intrinsic ptr_null () _1 = make (copy _2, 0:i64, 0:i64) _0 = call look (ref _1)\n"
               "_0 = call change_both (mut _1, ref _1) return }\n";
    expect_many(texts, 3, INTERP_VIOLATION, "lent twice");
    texts[2] = "fn main module 1 params 0 { local _0: void owned return local _1: List[i64] owned let\n"
               "%0: _0 = call look (ref _1) return }\n";
    expect_many(texts, 3, INTERP_VIOLATION, "never set");
    const char *endless[] = {
        "fn main module 1 params 0 { local _0: void owned return\n%0: _0 = call main () return }\n"};
    expect_many(endless, 1, 101, "stack overflow");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arithmetic), cmocka_unit_test(test_memory), cmocka_unit_test(test_moves),
        cmocka_unit_test(test_aliasing),   cmocka_unit_test(test_values), cmocka_unit_test(test_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
