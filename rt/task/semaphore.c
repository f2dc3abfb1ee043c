// Semaphores: so many permits, handed out in the order in which tasks ask for them.
#include "cancel.h"
#include "waiters.h"

static Semaphore *semaphore_of(JnSemaphore *s) {
    return (Semaphore *)(void *)s;
}

void jn_semaphore_init(JnSemaphore *semaphore, int64_t permits) {
    Semaphore *s = semaphore_of(semaphore);
    *s = (Semaphore){.permits = permits, .id = __atomic_add_fetch(&jn_all.semaphore_ids, 1, __ATOMIC_RELAXED)};
    link_init(&s->waiters);
}

static int64_t wanted(const Waiter *waiter) {
    return (int64_t)(intptr_t)waiter->item;
}

// What can be served is. The semaphore is locked.
static void serve(Semaphore *s) {
    for (;;) {
        Waiter *first = first_waiter(&s->waiters, NULL);
        if (!first || wanted(first) > s->permits)
            return;
        link_take_out(&first->link);
        if (!claim(first->task, PARK_WAIT))
            continue;
        s->permits -= wanted(first);
        jn_wake(this_worker(), first->task, WAKE_DONE);
    }
}

static bool take(Semaphore *s, int64_t count) {
    bool is_first = link_is_empty(&s->waiters) || !first_waiter(&s->waiters, NULL);
    if (!is_first || s->permits < count)
        return false;
    s->permits -= count;
    return true;
}

static NOINLINE void acquire_slowly(Semaphore *s, int64_t count, const JnLocation *at) {
    suspension_point(at);
    JnTask *t = this_worker()->current;
    lock(&s->lock);
    if (take(s, count)) {
        unlock(&s->lock);
        return;
    }
    t->wait_for.semaphore = s;
    void *item = (void *)(intptr_t)count;
    WakeReason reason = wait_in_list(t, &s->lock, &s->waiters, WAIT_SEMAPHORE, item, -1, 0, at);
    if (reason == WAKE_DONE)
        return;
    serve(s); // it may have been in the way of others
    unlock(&s->lock);
    jn_interrupted(t, reason);
}

void jn_semaphore_acquire(JnSemaphore *semaphore, int64_t count, const JnLocation *at) {
    Semaphore *s = semaphore_of(semaphore);
    if (LIKELY(__atomic_load_n(&jn_attention, __ATOMIC_RELAXED) == 0)) {
        lock(&s->lock);
        bool is_done = take(s, count);
        unlock(&s->lock);
        if (LIKELY(is_done))
            return;
    }
    acquire_slowly(s, count, at);
}

bool jn_semaphore_try_acquire(JnSemaphore *semaphore, int64_t count) {
    Semaphore *s = semaphore_of(semaphore);
    lock(&s->lock);
    bool is_done = take(s, count);
    unlock(&s->lock);
    return is_done;
}

void jn_semaphore_release(JnSemaphore *semaphore, int64_t count) {
    Semaphore *s = semaphore_of(semaphore);
    lock(&s->lock);
    s->permits += count;
    if (!link_is_empty(&s->waiters))
        serve(s);
    unlock(&s->lock);
}

int64_t jn_semaphore_permits(const JnSemaphore *semaphore) {
    return __atomic_load_n(&((const Semaphore *)(const void *)semaphore)->permits, __ATOMIC_RELAXED);
}
