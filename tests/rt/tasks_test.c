// Tasks of a compiled program: frames left by the tables, panics, stacks that overflow, what a seed decides. Built for
// musl and linked with the runtime, as programs are; each case runs in a process of its own.
#include "../../rt/task.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const JnLocation HERE = {"case.jan", 7, 3};
#define SECONDS 1000000000ll

// ---- what the compiler would make ----------------------------------------------------------------------------------

typedef struct {
    JnNursery n;
    jmp_buf caught;
    bool is_done;
} Block;

typedef void (*Body)(JnNursery *n, void *arg);

static void leave_block(Block *b) {
    if (b->is_done)
        return;
    jn_nursery_abandon(&b->n);
    if (jn_nursery_caught(&b->n))
        longjmp(b->caught, 1);
}

static __attribute__((noinline)) int64_t block(int64_t timeout, Body body, void *arg) {
    uint8_t error[JN_ERROR_BYTES];
    __attribute__((cleanup(leave_block))) Block b;
    b.is_done = false;
    jn_nursery_open(&b.n, timeout, 0, NULL, &HERE);
    if (setjmp(b.caught) == 0) {
        body(&b.n, arg);
        jn_nursery_join(&b.n);
    }
    b.is_done = true;
    return jn_nursery_end(&b.n, error);
}

static void spawn(JnNursery *n, JnTaskFn run, int64_t arg) {
    static JnTaskCode codes[16];
    JnTaskCode *code = codes;
    while (code->run && code->run != run)
        code++;
    *code = (JnTaskCode){.run = run, .env_size = 8, .env_align = 8, .flags = JN_TASK_NO_HANDLE, .name = "worker"};
    jn_spawn(n, code, &arg, &HERE);
}

static void out(const char *text) {
    jn_write_error(text, (int64_t)strlen(text));
}

static void say(const char **text) {
    out(*text);
}
#define AT_EXIT(TEXT) __attribute__((cleanup(say), unused)) const char *text_##__LINE__ = TEXT

// ---- the cases -----------------------------------------------------------------------------------------------------

static __attribute__((noinline)) int64_t deep(int64_t depth, int64_t x) {
    AT_EXIT("d");
    if (depth > 0) {
        int64_t y = deep(depth - 1, x * 3 + depth);
        return y + x;
    }
    jn_sleep(1000 * SECONDS, &HERE);
    return x;
}

static void deep_task(void *env, void *result) {
    (void)result;
    AT_EXIT("t");
    deep(5, *(int64_t *)env);
    out("not reached");
}

static void keep(int64_t **p) {
    char text[40];
    out(text + 0 * snprintf(text, sizeof text, "<%d>", (int)**p));
}

// What was in registers when the frame was left is what its cleanup sees.
static void registers_task(void *env, void *result) {
    int64_t a = *(int64_t *)env;
    (void)result;
    __attribute__((cleanup(keep))) int64_t *p = &a;
    for (int64_t i = 0; i < 10; i++)
        a += i;
    jn_sleep(1000 * SECONDS, &HERE);
}

static void cancel_body(JnNursery *n, void *arg) {
    (void)arg;
    AT_EXIT("b\n");
    spawn(n, deep_task, 1);
    jn_yield(&HERE);
    jn_nursery_cancel(n);
    jn_yield(&HERE);
    out("not reached");
}

static void case_cancel(void) {
    for (int i = 0; i < 3; i++) // the first time by the tables, then as remembered
        if (block(-1, cancel_body, NULL) != JN_END_FINE)
            out("wrong end\n");
}

static void registers_body(JnNursery *n, void *arg) {
    spawn(n, registers_task, *(int64_t *)arg);
    jn_yield(&HERE);
    jn_nursery_cancel(n);
}

static void case_registers(void) {
    for (int64_t i = 100; i < 103; i++)
        block(-1, registers_body, &i);
}

static void sleeper(void *env, void *result) {
    (void)env;
    (void)result;
    AT_EXIT("left;");
    jn_sleep(1000 * SECONDS, &HERE);
}

static void panicker(void *env, void *result) {
    (void)env;
    (void)result;
    AT_EXIT("unwound;");
    jn_sleep(1000, &HERE);
    jn_panic(0, &HERE);
}

static void panic_body(JnNursery *n, void *arg) {
    (void)arg;
    AT_EXIT("body;");
    spawn(n, sleeper, 0);
    spawn(n, panicker, 0);
    jn_sleep(1000 * SECONDS, &HERE);
}

static void case_panic(void) {
    AT_EXIT("main;");
    block(-1, panic_body, NULL);
    out("not reached");
}

static void shielded_cleanup(int64_t *x) {
    JnShield shield;
    jn_shield_enter(&shield, -1);
    jn_sleep(*x * SECONDS / 1000, &HERE);
    jn_shield_leave(&shield);
}

static void slow_panicker(void *env, void *result) {
    (void)result;
    __attribute__((cleanup(shielded_cleanup))) int64_t x = *(int64_t *)env;
    jn_panic_text("slow", 4, &HERE);
}

static void two_panics_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, slow_panicker, 2);
    spawn(n, slow_panicker, 1);
}

static void case_two_panics(void) {
    block(-1, two_panics_body, NULL);
}

static void panicking_cleanup(int64_t *x) {
    (void)x;
    jn_panic_text("in a drop", 9, &HERE);
}

static void panics_while_left(void *env, void *result) {
    (void)result;
    __attribute__((cleanup(panicking_cleanup), unused)) int64_t x = *(int64_t *)env;
    jn_sleep(1000 * SECONDS, &HERE);
}

static void drop_panics_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, panics_while_left, 0);
    jn_nursery_cancel(n);
}

static void case_drop_panics(void) {
    block(-1, drop_panics_body, NULL);
}

static void isolated_body(JnNursery *n, void *arg) {
    static const JnTaskCode CODE = {.run = panicker, .flags = JN_TASK_ISOLATED};
    uint8_t error[JN_ERROR_BYTES];
    (void)arg;
    JnTask *t = jn_spawn(n, &CODE, NULL, &HERE);
    out(jn_task_outcome(t, NULL, error, &HERE) == JN_OUTCOME_PANICKED ? "panicked;" : "wrong;");
}

static void case_isolated(void) {
    if (block(-1, isolated_body, NULL) == JN_END_FINE)
        out("fine\n");
}

static __attribute__((noinline)) int64_t endless(volatile int64_t *x) {
    volatile int64_t here[64];
    here[*x % 64] = *x;
    *x += 1;
    return *x == 0 ? 0 : endless(x) + here[3];
}

static void overflowing(void *env, void *result) {
    (void)result;
    volatile int64_t x = *(int64_t *)env;
    endless(&x);
}

static void overflow_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, sleeper, 0);
    spawn(n, overflowing, 1);
}

static void case_overflow(void) {
    block(-1, overflow_body, NULL);
}

static void waiter(void *env, void *result) {
    int64_t item;
    (void)result;
    AT_EXIT("left;");
    jn_chan_recv(*(JnChannel **)env, &item, 0, &HERE);
}

static void deadlock_body(JnNursery *n, void *arg) {
    spawn(n, waiter, (intptr_t)arg);
}

static void case_deadlock(void) {
    AT_EXIT("main;");
    block(-1, deadlock_body, jn_chan_new(8, 8, 0));
}

static void spinner(void *env, void *result) {
    volatile int64_t x = *(int64_t *)env;
    (void)result;
    AT_EXIT("left;");
    for (;;) {
        x = x + 1;
        if (jn_attention)
            jn_poll();
    }
}

static void spin_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, spinner, 0);
    out("body;"); // a computing task does not hold the worker
}

static void case_spin(void) {
    if (block(SECONDS / 50, spin_body, NULL) == JN_END_EXPIRED)
        out("expired\n");
}

static void noting(void *env, void *result) {
    char text[2] = {(char)('a' + *(int64_t *)env), 0};
    (void)result;
    for (int i = 0; i < 4; i++) {
        out(text);
        jn_yield(&HERE);
    }
}

static void order_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int64_t i = 0; i < 4; i++)
        spawn(n, noting, i);
}

static void case_order(void) {
    block(-1, order_body, NULL);
}

// What one task allocates another one frees: that comes back to where it is allocated.
enum { HANDED = 400000, HANDED_BYTES = 200 };

static void freeing(void *env, void *result) {
    void *p;
    (void)result;
    while (jn_chan_recv(*(JnChannel **)env, &p, 0, &HERE))
        jn_free(p, HANDED_BYTES, 8);
}

static void handing_body(JnNursery *n, void *arg) {
    JnChannel *c = arg;
    spawn(n, freeing, (intptr_t)c);
    spawn(n, freeing, (intptr_t)c);
    for (int i = 0; i < HANDED; i++) {
        void *p = jn_alloc(HANDED_BYTES, 8);
        memset(p, i, HANDED_BYTES);
        jn_chan_send(c, &p, &HERE);
    }
    jn_chan_close(c);
}

static long resident_pages(void) {
    long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &all, &resident) != 2)
        abort();
    fclose(f);
    return resident;
}

static void case_memory(void) {
    long before = resident_pages();
    block(-1, handing_body, jn_chan_new(8, 8, 64));
    out(resident_pages() - before < 2000 ? "bounded\n" : "it grows\n");
}

// ---- running them --------------------------------------------------------------------------------------------------

static char output[1 << 16];

static int run_with(void (*program)(void), JnTaskConfig config) {
    int pipes[2], status;
    fflush(stdout);
    if (pipe(pipes) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], 2);
        jn_tasks_stop();
        jn_tasks_start(&config);
        program();
        exit(0);
    }
    close(pipes[1]);
    size_t size = 0;
    for (ssize_t n; size < sizeof output - 1 && (n = read(pipes[0], output + size, sizeof output - 1 - size)) > 0;)
        size += (size_t)n;
    output[size] = 0;
    close(pipes[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int run(void (*program)(void), bool is_seeded, uint64_t seed) {
    return run_with(program, (JnTaskConfig){.is_seeded = is_seeded, .seed = seed});
}

typedef struct {
    const char *name;
    void (*program)(void);
    int code;
    const char *texts[5]; // in this order
} Case;

static const Case CASES[] = {
    {"cancel", case_cancel, 0, {"b\n", "ddddddt", "b\n", "ddddddt", "ddddddt"}},
    {"registers", case_registers, 0, {"<145><146><147>"}},
    {"panic", case_panic, 101, {"panic: integer overflow\n  at case.jan:7\n", "unwound;", "main;"}},
    {"two panics", case_two_panics, 101, {"panic: slow", "panic: slow"}},
    {"a drop panics", case_drop_panics, 134, {"panic while unwinding: in a drop"}},
    {"isolated", case_isolated, 0, {"panic: integer overflow", "unwound;panicked;fine"}},
    {"overflow", case_overflow, 101, {"panic: stack overflow"}},
    {"deadlock",
     case_deadlock,
     101,
     {"panic: deadlock: no task can go on\n  main, waits at case.jan:7 for the tasks of its nursery",
      "task 1 worker, spawned at case.jan:7, waits at case.jan:7 to receive from channel 1", "left;", "main;"}},
    {"memory goes round", case_memory, 0, {"bounded"}},
    {"spin", case_spin, 0, {"body;", "left;expired"}},
};

// One line for each case, as cmocka has them.
static bool tell(const char *name, bool ok) {
    printf(ok ? "[       OK ] %s\n" : "[  FAILED  ] %s\n", name);
    return ok;
}

static bool judge(const Case *c, int code) {
    const char *at = output;
    bool ok = code == c->code && !strstr(output, "not reached");
    for (int i = 0; ok && i < 5 && c->texts[i]; i++) {
        at = strstr(at, c->texts[i]);
        ok = at != NULL;
        at += ok ? strlen(c->texts[i]) : 0;
    }
    if (!ok)
        printf("%s: ended with %d and said\n%s\n", c->name, code, output);
    return ok;
}

// What tasks of several workers print may come in another order than with one.
static bool is_same_in_any_order(const char *a, const char *b) {
    int counts[256] = {0};
    for (; *a; a++)
        counts[(uint8_t)*a]++;
    for (; *b; b++)
        counts[(uint8_t)*b]--;
    for (int i = 0; i < 256; i++)
        if (counts[i] != 0)
            return false;
    return true;
}

static bool judge_parallel(const Case *c, int64_t workers, const char *expected) {
    int code = run_with(c->program, (JnTaskConfig){.workers = workers});
    return (code == c->code && is_same_in_any_order(expected, output)) || judge(c, code);
}

void janus_main(void) {
    static char expected[sizeof output];
    bool all = true, ok = true;
    if (jn_arg_count > 1) { // one case, by its number, in this process
        CASES[atoi(jn_args[1])].program();
        return;
    }
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        ok = judge(&CASES[i], run(CASES[i].program, false, 0));
        memcpy(expected, output, sizeof expected);
        for (uint64_t seed = 0; seed < 20; seed++)
            ok &= judge(&CASES[i], run(CASES[i].program, true, seed));
        for (int64_t workers = 2; workers < 6; workers++)
            ok &= judge_parallel(&CASES[i], workers, expected);
        all &= tell(CASES[i].name, ok);
    }
    ok = true;
    char first[64];
    for (uint64_t seed = 0; seed < 5; seed++) {
        run(case_order, true, seed);
        snprintf(first, sizeof first, "%s", output);
        run(case_order, true, seed);
        if (strlen(first) != 16 || strcmp(first, output) != 0) {
            printf("seed %d: %s, then %s\n", (int)seed, first, output);
            ok = false;
        }
    }
    all &= tell("order of a seed", ok);
    fflush(stdout);
    exit(all ? 0 : 1);
}
