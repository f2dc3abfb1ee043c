// The one worker: how it starts, waits and lets others run.
#include "worker.h"

#include "task.h"
#include "timer.h"

#include <stdlib.h>
#include <time.h>

JnWorker jn_worker;
volatile uint32_t jn_attention;

// A seed is a number, or text whose bytes make one.
static uint64_t read_seed(const char *text) {
    char *end;
    uint64_t seed = strtoull(text, &end, 0);
    if (end != text && *end == 0)
        return seed;
    for (seed = 0xcbf29ce484222325u; *text; text++)
        seed = (seed ^ (uint8_t)*text) * 0x100000001b3u;
    return seed;
}

JnTaskConfig jn_task_config(const char *seed) {
    JnTaskConfig config = {.is_seeded = seed != NULL && *seed != 0};
    if (config.is_seeded)
        config.seed = read_seed(seed);
    return config;
}

void *jn_grow(void *old, uint32_t *capacity, size_t size) {
    enum { FIRST_CAPACITY = 64 };
    uint32_t larger = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    void *p = jn_host_allocate((int64_t)(larger * size));
    if (old) {
        memcpy(p, old, *capacity * size);
        jn_host_release(old, (int64_t)(*capacity * size));
    }
    *capacity = larger;
    return p;
}

void jn_tasks_start(const JnTaskConfig *config) {
    JnWorker *w = &jn_worker;
    memset(w, 0, sizeof *w);
    w->hooks = config->hooks;
    w->is_seeded = config->is_seeded;
    w->random = config->is_seeded ? config->seed : (uint64_t)jn_now();
    w->attention = w->is_seeded ? ATTEND_SEED : 0;
    w->until_clock = PICKS_WITHOUT_CLOCK;
    w->current = &w->root;
    w->root.id = ++w->task_ids;
    jn_attention = w->attention;
    jn_stacks_start(config->stack_bytes);
    if (!w->is_seeded)
        jn_slice_start(w);
}

#ifdef JN_ASAN
// The host may have jumped from another stack to the root's, over frames whose shadow is still there.
__attribute__((no_sanitize("address"))) static void settle_on_root(const JnWorker *w) {
    const uint8_t *here = __builtin_frame_address(0), *low = w->root_stack;
    if (w->current == &w->root || !low)
        return;
    __sanitizer_start_switch_fiber(NULL, low, w->root_stack_bytes);
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
    __asan_unpoison_memory_region(low, (size_t)(here - low));
}
#endif

void jn_tasks_stop(void) {
    JnWorker *w = &jn_worker;
#ifdef JN_ASAN
    settle_on_root(w);
#endif
    jn_slice_stop(w);
    jn_failures_drop(&w->root.suppressed);
    jn_stacks_stop();
    jn_timers_stop(w);
    jn_sim_stop(w);
    if (w->report)
        jn_host_release(w->report, w->report_capacity);
    w->report = NULL;
    jn_attention = 0;
}

#ifdef JN_ASAN
NOINLINE void jn_switch_annotated(JnTask *from, JnTask *to) {
    bool is_last = from->state != TASK_RUNS;
    uint8_t *low = to->stack;
    size_t size = low ? (size_t)((uint8_t *)to - low) : jn_worker.root_stack_bytes;
    __sanitizer_start_switch_fiber(is_last ? NULL : &from->fake_stack, low ? low : jn_worker.root_stack, size);
    jn_switch(from, to);
    jn_switch_arrived(from);
}

void jn_switch_arrived(JnTask *t) {
    const void *bottom;
    size_t size;
    __sanitizer_finish_switch_fiber(t->fake_stack, &bottom, &size);
    if (jn_worker.root_stack == NULL) { // the first switch comes from the root
        jn_worker.root_stack = bottom;
        jn_worker.root_stack_bytes = size;
    }
}
#endif

// ---- letting others run --------------------------------------------------------------------------------------------

NOINLINE void jn_let_others_run(JnWorker *w) {
    JnTask *t = w->current;
    worker_ready(w, t);
    JnTask *to = worker_pick(w);
    if (to != t)
        worker_switch(w, to);
}

void jn_yield(const JnLocation *at) {
    (void)at;
    JnWorker *w = &jn_worker;
    if (UNLIKELY(jn_attention & ATTEND_TASK))
        jn_leave_now(w->current);
    jn_let_others_run(w);
    if (UNLIKELY(jn_attention & ATTEND_TASK))
        jn_leave_now(w->current);
}

NOINLINE void jn_attend(void) {
    JnWorker *w = &jn_worker;
    if (w->current->attention)
        jn_leave_now(w->current);
    if (jn_attention & ATTEND_SLICE)
        jn_slice_over(w);
    else if (w->is_seeded && jn_sim_chance(w))
        jn_let_others_run(w);
    if (w->current->attention)
        jn_leave_now(w->current);
}

NOINLINE bool jn_poll_attend(void) {
    JnWorker *w = &jn_worker;
    if (w->current->polls_held)
        return false;
    if (w->is_seeded)
        jn_sim_poll(w);
    else if (jn_attention & ATTEND_SLICE)
        jn_slice_over(w);
    return w->current->attention != 0;
}

void jn_poll_leave(void) {
    jn_leave_now(jn_worker.current);
}

void jn_poll(void) {
    if (jn_poll_attend())
        jn_poll_leave();
}

void jn_polls_hold(int64_t by) {
    JnTask *t = jn_worker.current;
    t->polls_held = (uint8_t)(t->polls_held + by);
}

// ---- nothing can run -----------------------------------------------------------------------------------------------

void jn_look_at_clock(JnWorker *w) {
    w->until_clock = PICKS_WITHOUT_CLOCK;
    if (w->timers_live > 0)
        jn_timers_fire(w, jn_now());
}

static void wait_until(int64_t time) {
    struct timespec t = {time / 1000000000, time % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

NOINLINE JnTask *jn_idle(JnWorker *w) {
    for (;;) {
        int64_t next = jn_timer_next(w);
        if (next < 0) {
            jn_standstill(w);
        } else if (w->is_seeded) {
            if (next > w->now)
                w->now = next;
            jn_timers_fire(w, w->now);
        } else {
            if (next > jn_now())
                wait_until(next);
            jn_timers_fire(w, jn_now());
        }
        JnTask *t = w->first;
        if (w->is_seeded)
            t = jn_sim_pick(w);
        else if (t)
            w->first = t->next;
        if (t)
            return t;
    }
}
