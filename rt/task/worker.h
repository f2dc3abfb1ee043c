// The small interface between what tasks do and who decides which of them runs.
//
// jn_block parks the running task, which stands in the lists of what may wake it; it comes back with how it was woken.
// The one real worker takes tasks first in, first out; the seeded one takes any that can run, as its seed says, and its
// clock jumps to the next timer when none can.
#ifndef JANUS_RT_TASK_WORKER_H
#define JANUS_RT_TASK_WORKER_H

#include "cancel.h"
#include "host.h"
#include "stack.h"

void jn_sim_ready(JnWorker *w, JnTask *t);
JnTask *jn_sim_pick(JnWorker *w); // NULL: none can run
void jn_sim_poll(JnWorker *w);
void jn_sim_stop(JnWorker *w);
bool jn_sim_chance(JnWorker *w); // whether to let others run now, where a task may go on
JnTask *jn_idle(JnWorker *w);    // nothing can run: waits for a timer; settles a standstill
void jn_look_at_clock(JnWorker *w);
// An array in the host's memory with room for twice as many items of `size` bytes; `old`, which may be NULL, is freed.
void *jn_grow(void *old, uint32_t *capacity, size_t size);
void jn_slice_start(JnWorker *w);
void jn_slice_stop(JnWorker *w);
void jn_slice_over(JnWorker *w); // the running task has computed long enough
void jn_attend(void);            // see suspension_point
void jn_let_others_run(JnWorker *w);
void jn_standstill(JnWorker *w); // makes something able to run, or ends the program

// The task can run again.
static inline void worker_ready(JnWorker *w, JnTask *t) {
    if (UNLIKELY(w->is_seeded)) {
        jn_sim_ready(w, t);
        return;
    }
    t->next = NULL;
    if (w->first)
        w->last->next = t;
    else
        w->first = t;
    w->last = t;
}

// The same, before all others; only of the real worker.
static inline void worker_ready_first(JnWorker *w, JnTask *t) {
    t->next = w->first;
    if (!w->first)
        w->last = t;
    w->first = t;
}

enum { PICKS_WITHOUT_CLOCK = 64 };

static inline JnTask *worker_pick(JnWorker *w) {
    if (UNLIKELY(w->is_seeded)) {
        JnTask *t = jn_sim_pick(w);
        return t ? t : jn_idle(w);
    }
    if (UNLIKELY(--w->until_clock == 0))
        jn_look_at_clock(w);
    JnTask *t = w->first;
    if (UNLIKELY(t == NULL))
        return jn_idle(w);
    w->first = t->next;
    return t;
}

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

// Runs `to` in place of the running task. This and jn_block stand in functions that are never inlined, see jn_switch.
static inline __attribute__((always_inline)) void worker_switch(JnWorker *w, JnTask *to) {
    JnTask *from = w->current;
    host_switch(from, to);
    w->current = to;
    jn_attention = w->attention | to->attention;
#ifdef JN_ASAN
    jn_switch_annotated(from, to);
#else
    jn_switch(from, to);
#endif
}

static inline __attribute__((always_inline)) WakeReason jn_block(JnWorker *w) {
    JnTask *t = w->current, *to = worker_pick(w);
    if (LIKELY(to != t))
        worker_switch(w, to);
    return (WakeReason)t->wake;
}

// The running task waits: what would wake it knows of it already. How that ended; it does not return if the task
// leaves.
static inline __attribute__((always_inline)) WakeReason worker_wait(JnWorker *w, WaitKind kind, uint32_t flags,
                                                                    const JnLocation *at) {
    JnTask *t = w->current;
    t->wait = (uint8_t)kind;
    t->wait_flags = (uint8_t)flags;
    t->wait_at = at;
    WakeReason reason = jn_block(w);
    if (UNLIKELY(reason >= WAKE_CANCELLED))
        jn_interrupted(t, reason);
    return reason;
}

// A waiting task, which stands in no list any more but perhaps that of timers, goes on.
void jn_timer_clear_of(JnTask *t);
static inline void jn_wake(JnWorker *w, JnTask *t, WakeReason reason) {
    if (UNLIKELY(t->timer != 0))
        jn_timer_clear_of(t);
    t->wait = WAIT_NONE;
    t->wake = (uint8_t)reason;
    worker_ready(w, t);
}

// What every suspension point does first.
static inline void suspension_point(void) {
    if (UNLIKELY(jn_attention != 0))
        jn_attend();
}

#endif
