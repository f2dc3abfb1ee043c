// The small interface between what tasks do and who decides which of them runs.
//
// A task announces that it waits (park_announce), makes itself known to what may wake it, and calls worker_wait, which
// comes back with how it was woken. The real workers take tasks first in, first out; the seeded one takes any that can
// run, as its seed says, and its clock jumps to the next timer when none can.
#ifndef JANUS_RT_TASK_WORKER_H
#define JANUS_RT_TASK_WORKER_H

#include "cancel.h"
#include "host.h"
#include "sim.h"
#include "stack.h"
#include "trace_file.h"

void jn_slice_start(JnWorker *w);
void jn_slice_stop(JnWorker *w);
void jn_slice_over(JnWorker *w);      // the running task has computed long enough
void jn_attend(const JnLocation *at); // see suspension_point
void jn_let_others_run(JnWorker *w);
void jn_look_at_clock(JnWorker *w);
void jn_note_time(void);      // for jn_coarse_ms
JnTask *jn_idle(JnWorker *w); // the only worker has nothing to run: waits for a timer; settles a standstill
void jn_standstill(void);     // no task can go on: makes something able to run, or ends the program

// ---- attention -----------------------------------------------------------------------------------------------------

void jn_attend_set(JnWorker *w, uint32_t bit);
void jn_attend_clear(JnWorker *w, uint32_t bit);
void jn_attend_all(void); // every worker is to look at its running task

// The running task is, or is not, to be told something.
static inline void worker_tell(JnWorker *w, bool is) {
    if (LIKELY(is == w->is_told))
        return;
    w->is_told = is;
    if (is)
        jn_attend_set(w, ATTEND_TASK);
    else
        jn_attend_clear(w, ATTEND_TASK);
}

// What every suspension point does first. It may go on in another worker.
static inline void suspension_point(const JnLocation *at) {
    if (UNLIKELY(__atomic_load_n(&jn_attention, __ATOMIC_RELAXED) != 0))
        jn_attend(at);
}

// What does not suspend, but is seen by others, does first: under a seed they may come before it.
static inline void quiet_point(void) {
    if (UNLIKELY(__atomic_load_n(&jn_attention, __ATOMIC_RELAXED) != 0))
        jn_sim_quiet_point();
}

// ---- what can run --------------------------------------------------------------------------------------------------

void jn_wake_another(void); // a worker that sleeps, if there is one and none is looking for tasks already

// There is room: see room.c.
static inline void queue_push(Queue *q, JnTask *t) {
    q->items[(q->head + q->count) & (q->capacity - 1)] = t;
    __atomic_store_n(&q->count, q->count + 1, __ATOMIC_RELAXED);
}

static inline void queue_push_first(Queue *q, JnTask *t) {
    q->head--;
    q->items[q->head & (q->capacity - 1)] = t;
    __atomic_store_n(&q->count, q->count + 1, __ATOMIC_RELAXED);
}

static inline JnTask *queue_pop(Queue *q) {
    if (UNLIKELY(q->count == 0))
        return NULL;
    JnTask *t = q->items[q->head++ & (q->capacity - 1)];
    __atomic_store_n(&q->count, q->count - 1, __ATOMIC_RELAXED);
    return t;
}

// One task that can run is for this worker: waking another one takes longer than most tasks run until they wait. Where
// that one is not taken soon, a worker that sleeps comes and sees (idle.c).
enum { WORTH_ANOTHER = 2 };

static NOINLINE void ready_shared(JnWorker *w, JnTask *t, bool is_first) {
    if (UNLIKELY(jn_is_tracing))
        jn_trace_wakes(w, t);
    spin_lock(&w->queue.lock);
    if (is_first)
        queue_push_first(&w->queue, t);
    else
        queue_push(&w->queue, t);
    uint32_t count = w->queue.count;
    spin_unlock(&w->queue.lock);
    if (count >= WORTH_ANOTHER)
        jn_wake_another();
}

void jn_ready_specially(JnWorker *w, JnTask *t);

// The task can run again.
static inline void worker_ready(JnWorker *w, JnTask *t) {
    if (UNLIKELY(jn_all.is_parallel))
        ready_shared(w, t, false);
    else if (UNLIKELY(jn_all.is_special))
        jn_ready_specially(w, t);
    else
        queue_push(&w->queue, t);
}

// The same, before all others; not under a seed.
static inline void worker_ready_first(JnWorker *w, JnTask *t) {
    if (UNLIKELY(jn_all.is_parallel))
        ready_shared(w, t, true);
    else
        queue_push_first(&w->queue, t);
}

enum { PICKS_WITHOUT_CLOCK = 64 };

JnTask *jn_pick_otherwise(JnWorker *w); // under a seed, or with several workers

// With several workers: the worker's hub, if there is nothing.
static inline JnTask *worker_pick(JnWorker *w) {
    if (UNLIKELY(jn_all.is_seeded || jn_all.is_parallel))
        return jn_pick_otherwise(w);
    if (UNLIKELY(--w->until_clock == 0))
        jn_look_at_clock(w);
    JnTask *t = queue_pop(&w->queue);
    return LIKELY(t != NULL) ? t : jn_idle(w);
}

// ---- switching -----------------------------------------------------------------------------------------------------

#ifdef JN_ASAN
void jn_switch_annotated(JnTask *from, JnTask *to);
void jn_switch_arrived(JnTask *t); // on its stack, the first time
void __asan_unpoison_memory_region(const volatile void *p, size_t size);
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *save, const void **bottom, size_t *size);
#else
static inline void jn_switch_arrived(JnTask *t) {
    (void)t;
}
#endif
#ifdef JN_TSAN
void jn_switch_by_hub(JnWorker *w, JnTask *from, JnTask *to);
#endif

// Runs `to` in place of the running task. This and jn_block stand in functions that are never inlined, see jn_switch.
// The worker may be another one when this returns.
static inline __attribute__((always_inline)) void worker_switch(JnWorker *w, JnTask *to) {
    JnTask *from = w->current;
    host_leaves(from, to);
    w->current = to;
    worker_tell(w, __atomic_load_n(&to->attention, __ATOMIC_RELAXED));
#if defined(JN_ASAN)
    jn_switch_annotated(from, to);
#elif defined(JN_TSAN)
    jn_switch_by_hub(w, from, to);
#else
    jn_switch(from, to);
#endif
    host_arrives(from);
}

static inline __attribute__((always_inline)) void jn_block(JnWorker *w) {
    JnTask *t = w->current, *to = worker_pick(w);
    if (LIKELY(to != t))
        worker_switch(w, to);
}

// ---- waiting -------------------------------------------------------------------------------------------------------

// The running task waits: from here on it may be claimed. With several workers this and what jn_update_attention does
// are in one order: either the task sees in worker_wait that it is cancelled, or who cancels it sees that it waits.
static inline void park_announce(JnTask *t, WaitKind kind, uint32_t flags, const JnLocation *at) {
    t->wait = (uint8_t)kind;
    t->wait_flags = (uint8_t)flags;
    t->wait_at = at;
    t->waiter.since = __atomic_load_n(&jn_coarse_ms, __ATOMIC_RELAXED);
    if (UNLIKELY(jn_all.is_parallel))
        __atomic_exchange_n(&t->parked, PARK_WAIT, __ATOMIC_SEQ_CST);
    else
        t->parked = PARK_WAIT;
}

// It does not wait after all. False: it has been claimed, and is going to be woken.
static inline bool park_withdraw(JnTask *t) {
    if (!claim(t, PARK_WAIT))
        return false;
    t->wait = WAIT_NONE;
    return true;
}

void jn_timer_clear_of(JnTask *t);

// The task has announced that it waits, and what may wake it knows of it. How it was woken; what it stands in but was
// not woken by it leaves by itself.
static inline __attribute__((always_inline)) WakeReason worker_wait(JnTask *t) {
    if (UNLIKELY(jn_all.is_parallel) && UNLIKELY(__atomic_load_n(&t->attention, __ATOMIC_SEQ_CST)) && park_withdraw(t))
        t->wake = WAKE_CANCELLED;
    else
        jn_block(this_worker());
    if (UNLIKELY(__atomic_load_n(&t->timer, __ATOMIC_RELAXED) != 0))
        jn_timer_clear_of(t);
    return (WakeReason)t->wake;
}

// A task that was claimed goes on.
static inline void jn_wake(JnWorker *w, JnTask *t, WakeReason reason) {
    t->wait = WAIT_NONE;
    t->wake = (uint8_t)reason;
    worker_ready(w, t);
}

#endif
