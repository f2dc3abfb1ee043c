// Tasks in C, hosted by a test: frames are left by longjmp to the innermost guard of the running task. Every program
// runs under many seeds and on the real worker. What is shared by tests of several workers is behind a lock.
#ifndef JANUS_TESTS_TASK_WORLD_H
#define JANUS_TESTS_TASK_WORLD_H

#include "rt/task.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEEDS 20
const char *__asan_default_options(void);
// A second stack for each task's frames, which that needs, takes longer than the tests.
const char *__asan_default_options(void) {
    return "detect_stack_use_after_return=0";
}
#endif
#endif
#ifndef SEEDS
#define SEEDS 100
#endif
enum { MS = 1000000 };
#define SECONDS ((int64_t)1000 * MS)

typedef enum { RUN_ENDED, RUN_PANICKED, RUN_ABORTED } RunEnd;

typedef struct Guard {
    jmp_buf at;
    struct Guard *outer;
} Guard;

static pthread_mutex_t world_lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
    jmp_buf end;
    char text[8192]; // what panics and printed errors said
    bool is_seeded;
    uint64_t seed;
} world;

static Guard **guards(void) {
    return (Guard **)jn_task_slot(jn_task_current());
}

// Goes on leaving the running task's frames.
static _Noreturn void leave_on(void) {
    Guard *g = *guards();
    if (g)
        longjmp(g->at, 1);
    if (jn_task_is_root(jn_task_current()))
        longjmp(world.end, 1 + RUN_PANICKED);
    jn_task_unwound();
}

// GUARDED(what is done, what is done where that is left)
#define GUARDED(BODY, CLEANUP)                                                                                         \
    do {                                                                                                               \
        Guard guard_ = {.outer = *guards()};                                                                           \
        *guards() = &guard_;                                                                                           \
        if (setjmp(guard_.at) == 0) {                                                                                  \
            BODY;                                                                                                      \
            *guards() = guard_.outer;                                                                                  \
        } else {                                                                                                       \
            *guards() = guard_.outer;                                                                                  \
            CLEANUP;                                                                                                   \
            leave_on();                                                                                                \
        }                                                                                                              \
    } while (0)

static void say(const char *text, int64_t size) {
    pthread_mutex_lock(&world_lock);
    size_t used = strlen(world.text);
    if (used + (size_t)size + 2 < sizeof world.text)
        snprintf(world.text + used, sizeof world.text - used, "%.*s\n", (int)size, text);
    pthread_mutex_unlock(&world_lock);
}

static void hook_leave(void *context) {
    (void)context;
    leave_on();
}
static void hook_report(void *context, const char *text, int64_t size, const JnLocation *at) {
    (void)context;
    (void)at;
    say(text, size);
}
static void hook_panic(void *context, const char *text, int64_t size, const JnLocation *at) {
    hook_report(context, text, size, at);
    if (!jn_task_panicked())
        longjmp(world.end, 1 + RUN_ABORTED);
    leave_on();
}
static void hook_abort(void *context) {
    (void)context;
    longjmp(world.end, 1 + RUN_ABORTED);
}
// In a list, for what a run that was aborted leaves behind.
typedef struct Block {
    struct Block *next, **in;
    max_align_t bytes[];
} Block;
static Block *blocks;

static void *hook_allocate(void *context, int64_t size) {
    (void)context;
    Block *b = malloc(sizeof *b + (size_t)size);
    pthread_mutex_lock(&world_lock);
    *b = (Block){blocks, &blocks};
    if (blocks)
        blocks->in = &b->next;
    blocks = b;
    pthread_mutex_unlock(&world_lock);
    return b->bytes;
}
static void hook_release(void *context, void *p, int64_t size) {
    (void)context;
    (void)size;
    Block *b = (Block *)(void *)((uint8_t *)p - offsetof(Block, bytes));
    pthread_mutex_lock(&world_lock);
    *b->in = b->next;
    if (b->next)
        b->next->in = b->in;
    pthread_mutex_unlock(&world_lock);
    free(b);
}
static void hook_write(void *context, const char *text, int64_t size) {
    (void)context;
    if (size > 1)
        say(text, size);
}

static const JnTaskHooks HOOKS = {.leave = hook_leave,
                                  .panic = hook_panic,
                                  .report = hook_report,
                                  .panic_again = hook_leave,
                                  .abort = hook_abort,
                                  .allocate = hook_allocate,
                                  .release = hook_release,
                                  .write = hook_write};

static inline _Noreturn void panic(const char *text) {
    hook_panic(NULL, text, (int64_t)strlen(text), NULL);
    abort();
}

static RunEnd run_with(const JnTaskConfig *config, void (*program)(void)) {
    world.text[0] = 0;
    world.is_seeded = config->is_seeded;
    world.seed = config->seed;
    jn_tasks_start(config);
    int end = setjmp(world.end);
    if (end == 0)
        program();
    jn_tasks_stop();
    if (end != 1 + RUN_ABORTED)
        assert_null(blocks);
    while (blocks)
        hook_release(NULL, blocks->bytes, 0);
    return end == 0 ? RUN_ENDED : (RunEnd)(end - 1);
}

static RunEnd run_once(bool is_seeded, uint64_t seed, void (*program)(void)) {
    JnTaskConfig config = {.is_seeded = is_seeded, .seed = seed, .hooks = &HOOKS};
    return run_with(&config, program);
}

static inline RunEnd run_parallel(int64_t workers, void (*program)(void)) {
    JnTaskConfig config = {.workers = workers, .hooks = &HOOKS};
    return run_with(&config, program);
}

// The same end with every seed, and in the order of the real worker.
static inline void run_all(RunEnd expected, void (*program)(void)) {
    assert_int_equal(run_once(false, 0, program), expected);
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        assert_int_equal(run_once(true, seed, program), expected);
}

// ---- blocks --------------------------------------------------------------------------------------------------------

typedef void (*Body)(JnNursery *n, void *arg);
static uint8_t block_error[JN_ERROR_BYTES]; // of the block that ended last

static int64_t block_of(int64_t timeout, int64_t limit, const JnErrorSet *errors, Body body, void *arg) {
    JnNursery n;
    jn_nursery_open(&n, timeout, limit, errors, NULL);
    Guard guard = {.outer = *guards()};
    *guards() = &guard;
    if (setjmp(guard.at) == 0) {
        body(&n, arg);
        *guards() = guard.outer;
        jn_nursery_join(&n);
    } else {
        *guards() = guard.outer;
        jn_nursery_abandon(&n);
        if (!jn_nursery_caught(&n))
            leave_on();
    }
    uint8_t error[JN_ERROR_BYTES] = {0};
    int64_t end = jn_nursery_end(&n, error);
    pthread_mutex_lock(&world_lock);
    memcpy(block_error, error, sizeof block_error);
    pthread_mutex_unlock(&world_lock);
    return end;
}

static int64_t block(Body body, void *arg) {
    return block_of(-1, 0, NULL, body, arg);
}

static inline void fail_task(int64_t number) {
    jn_task_fail(&number, sizeof number);
}

static inline int64_t error_number(const void *error) {
    int64_t number;
    memcpy(&number, error, sizeof number);
    return number;
}

static const JnTaskCode *code_of(JnTaskFn run, uint32_t flags) {
    static JnTaskCode codes[64];
    static uint32_t count;
    pthread_mutex_lock(&world_lock);
    uint32_t i = 0;
    while (i < count && (codes[i].run != run || codes[i].flags != flags))
        i++;
    if (i == count)
        codes[count++] = (JnTaskCode){
            .run = run, .env_size = 8, .env_align = 8, .result_size = 8, .result_align = 8, .flags = flags};
    pthread_mutex_unlock(&world_lock);
    return &codes[i];
}

static void spawn(JnNursery *n, JnTaskFn run, intptr_t arg) {
    jn_spawn(n, code_of(run, JN_TASK_NO_HANDLE), &arg, NULL);
}

static inline JnTask *spawn_kept(JnNursery *n, JnTaskFn run, intptr_t arg) {
    return jn_spawn(n, code_of(run, 0), &arg, NULL);
}

static inline JnTask *spawn_isolated(JnNursery *n, JnTaskFn run, intptr_t arg) {
    return jn_spawn(n, code_of(run, JN_TASK_ISOLATED), &arg, NULL);
}

static int64_t arg_of(const void *env) {
    return *(const int64_t *)env;
}

static inline void free_channel(JnChannel *c) {
    assert_true(jn_chan_release(c));
    jn_chan_free(c);
}

#endif
