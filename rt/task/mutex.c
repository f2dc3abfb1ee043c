// Mutexes. Who gives one back hands it to the task that has waited longest, so that nobody is passed over for ever; it
// is never free while somebody waits. A holder that has no waiters gives it back by one exchange of a word.
#include "cancel.h"
#include "waiters.h"

enum { SPINS = 40 }; // about as long as a short section takes: parking takes longer

static Mutex *mutex_of(JnMutex *m) {
    return (Mutex *)(void *)m;
}

void jn_mutex_init(JnMutex *mutex) {
    Mutex *m = mutex_of(mutex);
    *m = (Mutex){.id = __atomic_add_fetch(&jn_all.mutex_ids, 1, __ATOMIC_RELAXED)};
    link_init(&m->waiters);
}

static inline bool change(Mutex *m, uintptr_t from, uintptr_t to, int order) {
    if (UNLIKELY(jn_all.is_parallel))
        return __atomic_compare_exchange_n(&m->holder, &from, to, false, order, __ATOMIC_RELAXED);
    if (m->holder != from)
        return false;
    m->holder = to;
    return true;
}

static inline bool take_free(Mutex *m, JnTask *t) {
    if (!change(m, 0, (uintptr_t)t, __ATOMIC_ACQUIRE))
        return false;
    t->mutexes_held++;
    return true;
}

static bool take_soon(Mutex *m, JnTask *t) {
    for (uint32_t i = 0; i < SPINS; i++) {
        uintptr_t holder = __atomic_load_n(&m->holder, __ATOMIC_RELAXED);
        if (holder & HAS_WAITERS || holder == (uintptr_t)t)
            return false;
        if (holder == 0 && take_free(m, t))
            return true;
        spin_pause();
    }
    return false;
}

// The mutex stays with somebody else until this task stands in the list, which is locked. False: it has it.
static bool is_to_wait(Mutex *m, JnTask *t) {
    for (;;) {
        uintptr_t holder = __atomic_load_n(&m->holder, __ATOMIC_RELAXED);
        if (holder == 0 && take_free(m, t))
            return false;
        if (holder & HAS_WAITERS)
            return true;
        if (holder != 0 && change(m, holder, holder | HAS_WAITERS, __ATOMIC_RELAXED))
            return true;
    }
}

static NOINLINE void lock_slowly(Mutex *m, const JnLocation *at) {
    static const char TEXT[] = "deadlock: this task has locked the mutex already, and waits for itself";
    suspension_point(at);
    JnTask *t = this_worker()->current;
    if (mutex_holder(m) == t)
        jn_host_panic(TEXT, sizeof TEXT - 1, at);
    if (UNLIKELY(jn_all.is_parallel) && take_soon(m, t))
        return;
    lock(&m->lock);
    if (!is_to_wait(m, t)) {
        unlock(&m->lock);
        return;
    }
    t->wait_for.mutex = m;
    WakeReason reason = wait_in_list(t, &m->lock, &m->waiters, WAIT_MUTEX, NULL, -1, 0, at);
    if (reason == WAKE_DONE)
        return; // it has been handed over, and counted, by who had it
    unlock(&m->lock);
    jn_interrupted(t, reason);
}

void jn_mutex_lock(JnMutex *mutex, const JnLocation *at) {
    Mutex *m = mutex_of(mutex);
    bool is_quiet = __atomic_load_n(&jn_attention, __ATOMIC_RELAXED) == 0;
    if (LIKELY(is_quiet) && LIKELY(take_free(m, this_worker()->current)))
        return;
    lock_slowly(m, at);
}

bool jn_mutex_try_lock(JnMutex *mutex) {
    return take_free(mutex_of(mutex), this_worker()->current);
}

static NOINLINE void hand_over(Mutex *m) {
    lock(&m->lock);
    Waiter *next = serve_first(&m->waiters, NULL);
    uintptr_t holder = 0;
    if (next) {
        next->task->mutexes_held++;
        holder = (uintptr_t)next->task | (link_is_empty(&m->waiters) ? 0 : HAS_WAITERS);
    }
    __atomic_store_n(&m->holder, holder, __ATOMIC_RELEASE);
    if (next)
        jn_wake(this_worker(), next->task, WAKE_DONE);
    unlock(&m->lock);
}

void jn_mutex_unlock(JnMutex *mutex) {
    Mutex *m = mutex_of(mutex);
    JnTask *t = this_worker()->current;
    t->mutexes_held--;
    if (UNLIKELY(!change(m, (uintptr_t)t, 0, __ATOMIC_RELEASE)))
        hand_over(m);
}
