// Lists of waiting tasks: those of channels, locks and semaphores. What the list belongs to is locked.
#ifndef JANUS_RT_TASK_WAITERS_H
#define JANUS_RT_TASK_WAITERS_H

#include "timer.h"
#include "worker.h"

// The first in the list that waits still, but for the running task itself, which may be about to wait; NULL if there is
// none. Those that something else has claimed are taken out.
static inline Waiter *first_waiter(Link *list, const JnTask *self) {
    for (Link *l = list->next; l != list;) {
        Waiter *waiter = (Waiter *)(void *)l;
        l = l->next;
        if (UNLIKELY(__atomic_load_n(&waiter->task->parked, __ATOMIC_RELAXED) != PARK_WAIT))
            link_take_out(&waiter->link);
        else if (LIKELY(waiter->task != self))
            return waiter;
    }
    return NULL;
}

// Claims the first task in the list that waits, and takes it out; NULL if there is none.
static inline Waiter *serve_first(Link *list, const JnTask *self) {
    for (;;) {
        Waiter *waiter = first_waiter(list, self);
        if (!waiter)
            return NULL;
        link_take_out(&waiter->link);
        if (LIKELY(claim(waiter->task, PARK_WAIT)))
            return waiter;
    }
}

// The running task waits in the list, until `time` if that is not negative; how that ended. `guard` is what the list is
// guarded by; it has been given back where the task was served, and is held where it was not: then the task stands in
// the list no longer. What it waits for it has said before, in `wait_for`.
static inline __attribute__((always_inline)) WakeReason wait_in_list(JnTask *t, SpinLock *guard, Link *list,
                                                                     WaitKind kind, void *item, int64_t time,
                                                                     uint32_t flags, const JnLocation *at) {
    t->waiter.task = t;
    t->waiter.item = item;
    park_announce(t, kind, flags, at);
    link_append(list, &t->waiter.link);
    unlock(guard);
    if (time >= 0)
        jn_timer_set_of(t, time);
    WakeReason reason = worker_wait(t);
    if (UNLIKELY(reason >= WAKE_TIMEOUT)) {
        lock(guard);
        link_take_out(&t->waiter.link);
    }
    return reason;
}

#endif
