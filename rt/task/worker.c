// The workers: how they start and stop, pick what runs next, let others run.
#include "worker.h"

#include "../record.h"
#include "blocking.h"
#include "dump.h"
#include "idle.h"
#include "poller.h"
#include "room.h"
#include "task.h"
#include "timer.h"

#include <time.h>

JnTasks jn_all;
JnWorker jn_first_worker;
JN_SHARED _Thread_local JnWorker *jn_self = &jn_first_worker;
volatile uint32_t jn_attention;
uint32_t jn_coarse_ms;

#ifdef JN_TASKS_HOSTED // else it is that of thread.c
NOINLINE void jn_spin_wait(SpinLock *l) {
    spin_until_free(l);
}
#endif

JnTaskConfig jn_task_config(const char *seed) {
    JnTaskConfig config = {.order = seed, .order_size = seed ? (int64_t)strlen(seed) : 0};
    JnRecord *record = jn_record_open();
    if (record && record->order_size > 0 && record->order_size <= sizeof record->order) {
        config.order = record->order;
        config.order_size = record->order_size;
    }
    config.is_seeded = config.order_size > 0;
    config.record = record;
    return config;
}

// ---- beginning and end ---------------------------------------------------------------------------------------------

// The caller's thread becomes this worker.
void jn_worker_begin(JnWorker *w, uint32_t number) {
    w->number = number;
    w->random = jn_all.is_seeded ? jn_first_worker.random : (uint64_t)jn_now() * (number + 1);
    w->until_clock = jn_is_tracing ? 1 : PICKS_WITHOUT_CLOCK;
    w->hub.is_running = true;
    jn_self = w;
    if (!jn_all.is_seeded)
        jn_slice_start(w);
}

void jn_worker_end(JnWorker *w) {
    jn_slice_stop(w);
    jn_room_end(w);
    if (w->unwind_steps)
        jn_unwind_forget(w);
    w->unwind_steps = NULL;
}

void jn_tasks_start(const JnTaskConfig *config) {
    JnTasks *all = &jn_all;
    JnWorker *w = &jn_first_worker;
    memset(all, 0, sizeof *all);
    memset(w, 0, sizeof *w);
    all->hooks = config->hooks;
    all->is_seeded = config->is_seeded;
    all->is_special = config->is_seeded || jn_is_tracing;
    all->worker_limit = config->workers < 1 || config->is_seeded ? 1 : (uint32_t)config->workers;
    if (all->worker_limit > WORKERS)
        all->worker_limit = WORKERS;
    all->is_parallel = all->worker_limit > 1;
    all->worker_count = 1;
    all->workers[0] = w;
    all->root.id = ++all->task_ids;
    all->root.is_running = true;
    if (config->is_seeded)
        jn_sim_start(config);
    w->current = &all->root;
    jn_attention = 0;
    jn_note_time();
    jn_stacks_start(config->stack_bytes);
    jn_worker_begin(w, 0);
    if (!jn_room_for_tasks(1))
        jn_room_missing(NULL);
#ifdef JN_TSAN
    all->root.fiber = __tsan_get_current_fiber();
#endif
    if (all->is_parallel)
        jn_hub_start(w);
    if (all->is_seeded)
        jn_attend_set(w, ATTEND_SEED);
}

#ifdef JN_ASAN
// The host may have jumped from another stack to the root's, over frames whose shadow is still there.
__attribute__((no_sanitize("address"))) static void settle_on_root(const JnWorker *w) {
    const uint8_t *here = __builtin_frame_address(0), *low = jn_all.root.own_stack;
    if (w->current == &jn_all.root || !low)
        return;
    __sanitizer_start_switch_fiber(NULL, low, jn_all.root.own_stack_bytes);
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
    __asan_unpoison_memory_region(low, (size_t)(here - low));
}
#endif

void jn_tasks_stop(void) {
    JnTasks *all = &jn_all;
    if (all->is_parallel)
        jn_workers_stop();
    if (jn_is_tracing)
        jn_tracing_stop();
    JnWorker *w = &jn_first_worker;
#ifdef JN_ASAN
    settle_on_root(w);
#endif
    jn_worker_end(w);
    jn_failures_drop(&all->root.suppressed);
    jn_stacks_stop();
    jn_timers_stop();
    jn_blocking_stop();
    jn_io_stop();
    jn_sim_stop();
    if (all->report)
        jn_host_release(all->report, all->report_capacity);
    all->report = NULL;
    jn_attention = 0;
}

#ifdef JN_ASAN
NOINLINE void jn_switch_annotated(JnTask *from, JnTask *to) {
    bool is_last = from->state != TASK_RUNS;
    const uint8_t *low = to->stack ? to->stack : to->own_stack;
    size_t size = to->stack ? (size_t)((uint8_t *)to - low) : to->own_stack_bytes;
    this_worker()->left = from;
    __sanitizer_start_switch_fiber(is_last ? NULL : &from->fake_stack, low, size);
    jn_switch(from, to);
    jn_switch_arrived(from);
}

void jn_switch_arrived(JnTask *t) {
    JnTask *left = this_worker()->left;
    const void *bottom;
    size_t size;
    __sanitizer_finish_switch_fiber(t->fake_stack, &bottom, &size);
    if (!left->stack && !left->own_stack) {
        left->own_stack = bottom;
        left->own_stack_bytes = size;
    }
}
#endif

// ---- attention -----------------------------------------------------------------------------------------------------
// Also in a handler of signals, between any two instructions of these.

void jn_attend_set(JnWorker *w, uint32_t bit) {
    if (__atomic_fetch_or(&w->attention, bit, __ATOMIC_SEQ_CST) == 0)
        __atomic_fetch_add(&jn_attention, 1, __ATOMIC_SEQ_CST);
}

void jn_attend_clear(JnWorker *w, uint32_t bit) {
    uint32_t old = __atomic_fetch_and(&w->attention, ~bit, __ATOMIC_SEQ_CST);
    if (old != 0 && (old & ~bit) == 0)
        __atomic_fetch_sub(&jn_attention, 1, __ATOMIC_SEQ_CST);
}

void jn_attend_all(void) {
    uint32_t count = __atomic_load_n(&jn_all.worker_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++)
        jn_attend_set(jn_all.workers[i], ATTEND_LOOK);
}

static bool has_attention(const JnTask *t) {
    return __atomic_load_n(&t->attention, __ATOMIC_RELAXED);
}

// What the running task is to attend to, but for what it is itself to be told. Clearing the bit comes before looking,
// see jn_update_attention.
static uint32_t look_around(JnWorker *w) {
    uint32_t bits = __atomic_load_n(&w->attention, __ATOMIC_RELAXED);
    if (UNLIKELY(bits & ATTEND_DUMP))
        jn_dump_at_rest(w);
    if (UNLIKELY(bits & ATTEND_LOOK)) {
        jn_attend_clear(w, ATTEND_LOOK);
        worker_tell(w, __atomic_load_n(&w->current->attention, __ATOMIC_SEQ_CST));
    }
    return bits;
}

// The same; what the task is to be told makes it leave.
static uint32_t look(JnWorker *w) {
    uint32_t bits = look_around(w);
    if (has_attention(w->current))
        jn_leave_now(w->current);
    return bits;
}

// ---- letting others run --------------------------------------------------------------------------------------------

void jn_ready_specially(JnWorker *w, JnTask *t) {
    if (jn_is_tracing)
        jn_trace_wakes(w, t);
    if (jn_all.is_seeded)
        jn_sim_ready(t);
    else
        queue_push(&w->queue, t);
}

JnTask *jn_pick_otherwise(JnWorker *w) {
    if (jn_all.is_seeded) {
        if (jn_is_tracing)
            jn_trace_leaves(w);
        if (UNLIKELY(--w->until_clock == 0)) {
            w->until_clock = PICKS_WITHOUT_CLOCK;
            jn_io_look(w);
        }
        JnTask *t = jn_sim_pick();
        return t ? t : jn_idle(w);
    }
    if (UNLIKELY(--w->until_clock == 0))
        jn_look_at_clock(w);
    if (UNLIKELY(__atomic_load_n(&jn_is_worker_wanted, __ATOMIC_RELAXED)))
        jn_start_wanted();
    spin_lock(&w->queue.lock);
    JnTask *t = queue_pop(&w->queue);
    spin_unlock(&w->queue.lock);
    __atomic_store_n(&w->picks, w->picks + 1, __ATOMIC_RELAXED);
    return t ? t : &w->hub;
}

NOINLINE void jn_let_others_run(JnWorker *w) {
    JnTask *t = w->current;
    worker_ready(w, t);
    JnTask *to = worker_pick(w);
    if (to != t)
        worker_switch(w, to);
}

void jn_yield(const JnLocation *at) {
    JnWorker *w = this_worker();
    if (UNLIKELY(look(w) & ATTEND_SEED))
        jn_sim_yields(at);
    jn_let_others_run(w);
    look(this_worker());
}

NOINLINE void jn_attend(const JnLocation *at) {
    JnWorker *w = this_worker();
    JnTask *t = w->current;
    if (look(w) & ATTEND_SLICE)
        jn_slice_over(w);
    else if (jn_all.is_seeded && jn_sim_chance(at))
        jn_let_others_run(w);
    if (has_attention(t))
        jn_leave_now(t);
}

NOINLINE bool jn_poll_attend(void) {
    JnWorker *w = this_worker();
    JnTask *t = w->current;
    if (t->polls_held)
        return false;
    uint32_t bits = look_around(w);
    if (bits & ATTEND_SEED)
        jn_sim_poll();
    else if (bits & ATTEND_SLICE)
        jn_slice_over(w);
    return has_attention(t) && t->mutexes_held == 0;
}

void jn_poll_leave(void) {
    jn_leave_now(this_worker()->current);
}

void jn_poll(void) {
    if (jn_poll_attend())
        jn_poll_leave();
}

int64_t jn_random(void) {
    return (int64_t)next_random(this_worker());
}

void jn_polls_hold(int64_t by) {
    JnTask *t = this_worker()->current;
    t->polls_held = (uint8_t)(t->polls_held + by);
}

// ---- nothing can run -----------------------------------------------------------------------------------------------

void jn_look_at_clock(JnWorker *w) {
    w->until_clock = jn_is_tracing ? 1 : PICKS_WITHOUT_CLOCK;
    if (jn_is_tracing)
        jn_trace_leaves(w);
    jn_io_look(w);
    if (__atomic_load_n(&jn_all.timers_live, __ATOMIC_RELAXED) > 0)
        jn_timers_fire(jn_now());
}

void jn_note_time(void) {
    __atomic_store_n(&jn_coarse_ms, (uint32_t)(jn_now() / 1000000), __ATOMIC_RELAXED);
}

static void wait_until(int64_t time) {
    struct timespec t = {time / 1000000000, time % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

// Until the next timer, or until there is news of a descriptor.
static void wait_for_news(JnWorker *w, int64_t next) {
    int64_t now = next < 0 ? 0 : jn_now();
    jn_io_tell(w, jn_io_listen(w, next < 0 ? -1 : next > now ? next - now : 0));
}

// The same under a seed. The virtual clock stands still while descriptors are waited for: what comes from them takes no
// time, and the next timer is due when it has taken really as long as that.
static void wait_for_news_virtually(JnWorker *w, int64_t next) {
    int64_t left = next < 0 ? -1 : next > jn_all.now ? next - jn_all.now : 0;
    int64_t end = left < 0 ? 0 : jn_real_time() + left;
    int count;
    do {
        count = jn_io_listen(w, left);
        if (left > 0)
            left = end - jn_real_time();
    } while (count == 0 && left > 0);
    jn_io_tell(w, count);
    if (count == 0 && next > jn_all.now)
        jn_all.now = next;
}

// No timer is due at once, and no task can run.
static void wait_for_anything(JnWorker *w) {
    int64_t next = jn_timer_next();
    bool is_awaited = jn_io_is_awaited();
    if (is_awaited && jn_all.is_seeded)
        wait_for_news_virtually(w, next);
    else if (is_awaited)
        wait_for_news(w, next);
    else if (next < 0)
        jn_standstill();
    else if (jn_all.is_seeded && next > jn_all.now)
        jn_all.now = next;
    else if (!jn_all.is_seeded && next > jn_now())
        wait_until(next);
}

NOINLINE JnTask *jn_idle(JnWorker *w) {
    for (;;) {
        wait_for_anything(w);
        jn_note_time();
        jn_timers_fire(jn_now());
        JnTask *t = jn_all.is_seeded ? jn_sim_pick() : queue_pop(&w->queue);
        if (t && jn_is_tracing)
            jn_trace_arrives(w);
        if (t)
            return t;
    }
}
