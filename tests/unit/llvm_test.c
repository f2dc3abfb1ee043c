// Functions written in JIR's text form, compiled, linked and run: the exit code is what they computed.
#include "jir_world.h"

#include "llvm/llvm.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static JirFnId fn_of(World *w, DeclId decl) {
    for (uint32_t i = 1; i < w->jir->fns.count; i++)
        if (w->jir->fns.items[i]->decl.v == decl.v)
            return w->jir->fns.items[i]->id;
    return (JirFnId){0};
}

// What mono does for exact functions: every callee is the function of its declaration.
static void resolve(World *w) {
    JirFnId *all = ARENA_ARRAY(w->arena, JirFnId, w->jir->fns.count);
    uint32_t count = 0;
    for (uint32_t i = 1; i < w->jir->fns.count; i++) {
        JirFn *fn = w->jir->fns.items[i];
        fn->symbol = decl_name(w->p, fn->decl).data;
        all[count++] = fn->id;
        for (uint32_t b = 0; b < fn->blocks.count; b++)
            for (uint32_t s = 0; s < fn->blocks.items[b].stmts.count; s++) {
                JirStmt *stmt = &fn->blocks.items[b].stmts.items[s];
                if (stmt->op == OP_CALL)
                    stmt->callee->instance = fn_of(w, stmt->callee->decl);
            }
    }
    w->jir->instances = all;
    w->jir->instance_count = count;
}

static int run_file(const char *path) {
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int build_and_run(World *w, bool release) {
    JirFnId main_fn = {0};
    for (uint32_t i = 1; i < w->jir->fns.count; i++)
        if (strcmp(w->jir->fns.items[i]->symbol, "main") == 0)
            main_fn = w->jir->fns.items[i]->id;
    LlvmInput input = {w->jir, w->jir->instances, w->jir->instance_count, main_fn, NULL, NULL, 0};
    LlvmOptions options = {.target = llvm_target_host(), .release = release, .debug_info = !release};
    LlvmOutput output = {0};
    Text message = {0};
    if (!llvm_compile(&input, options, w->arena, &output, &message))
        fail_msg("%.*s", TEXT_ARG(message));
    OsResult result;
    const char *folder = os_make_temp_folder(w->arena, &result);
    const char *path = arena_printf(w->arena, "%s/program", folder).data;
    LinkOptions link = {.target = options.target, .strip = release, .line_table = true};
    if (!llvm_link(output.units, output.count, path, link, w->arena, &message))
        fail_msg("%.*s", TEXT_ARG(message));
    int code = run_file(path);
    os_remove_tree(folder);
    return code;
}

// Compiles the functions of `text` in both modes and checks how the program ends.
static void expect_exit(const char *text, int code) {
    for (int release = 0; release < 2; release++) {
        World *w = world_new();
        TypeId i64 = world_builtin(w, TY_I64), none = world_builtin(w, TY_VOID);
        const uint8_t borrow = MODE_BORROW;
        world_func(w, "fib", &i64, &borrow, 1, i64);
        world_func(w, "exit_with", &i64, &borrow, 1, none);
        Text rest = text_of(text);
        while (rest.size > 0) {
            Buffer why = {0};
            size_t used;
            JirFn *fn = jir_parse_fn(w->jir, rest, &used, &why);
            if (!fn)
                fail_msg("%.*s", TEXT_ARG(buffer_view(&why)));
            rest = (Text){rest.data + used, rest.size - used};
            vec_free(&why);
        }
        resolve(w);
        assert_int_equal(build_and_run(w, release), code);
        world_free(w);
    }
}

#define EXIT_WITH                                                                                                      \
    "fn exit_with module 1 params 1 { local _0: void owned return local _1 \"code\": i64 letref param local _2: i64 "  \
    "owned temp %0: _2 = intrinsic rt_call (100:i64, copy _1, 0:i64, 0:i64) unreachable }"

static void test_exit(void **state) {
    (void)state;
    expect_exit(
        "fn main module 1 params 0 { local _0: void owned return %0: call exit_with (42:i64) return }" EXIT_WITH, 42);
}

static void test_recursion(void **state) {
    (void)state;
    expect_exit(
        "fn fib module 1 params 1 { local _0: i64 owned return local _1 \"n\": i64 letref param local _2: bool owned "
        "temp local _3: i64 owned temp local _4: i64 owned temp local _5: i64 owned temp local _6: i64 owned temp "
        "%0: _2 = lt copy _1, 2:i64 branch copy _2 %1 %2 "
        "%1: _0 = set copy _1 return "
        "%2: _3 = sub copy _1, 1:i64 _4 = call fib (copy _3) _5 = sub copy _1, 2:i64 _6 = call fib (copy _5) "
        "_0 = add copy _4, copy _6 at 7 return }"
        "fn main module 1 params 0 { local _0: void owned return local _1: i64 owned temp "
        "%0: _1 = call fib (10:i64) call exit_with (copy _1) return }" EXIT_WITH,
        55);
}

static void test_overflow_panics(void **state) {
    (void)state;
    expect_exit(
        "fn main module 1 params 0 { local _0: void owned return local _1: u8 owned var local _2: i64 owned temp "
        "%0: _1 = set 200:u8 _1 = add copy _1, 100:u8 at 3 _2 = cast copy _1 call exit_with (copy _2) return "
        "}" EXIT_WITH,
        101);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit),
        cmocka_unit_test(test_recursion),
        cmocka_unit_test(test_overflow_panics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
