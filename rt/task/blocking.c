// Blocking calls. The system has no way to wait for files, so threads that are no workers make such calls, and tell the
// poller.
//
// A task that waits for one cannot be woken by anything else (PARK_CALL): what the call reads and writes is the task's.
// A cancellation is delivered at its next suspension point. Calls go by the shortest way, here and now, where nobody
// wants the thread: nothing else can run on it, no timer is set, and no descriptor is waited for. So too under a seed,
// where they take no time, on a way out, and in a drop of a recursive type, which must not go on in another thread.
#include "blocking.h"

#include "../slow.h"
#include "host.h"
#include "poller.h"
#include "worker.h"

#include <pthread.h>
#include <signal.h>

enum { THREADS = 16 };

typedef struct Call {
    struct Call *next;
    void (*run)(void *);
    void *arg;
    JnTask *task;
} Call;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    Call *first, **end; // to be made
    Call *done;         // atomic; the last one first
    uint32_t threads, idle;
    bool is_stopping;
    pthread_t thread[THREADS];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER, .end = &pool.first};

// ---- the threads that make the calls --------------------------------------------------------------------------------

// NULL: it is over. The lock is held.
static Call *next_call(void) {
    while (!pool.first && !pool.is_stopping) {
        pool.idle++;
        pthread_cond_wait(&pool.news, &pool.lock);
        pool.idle--;
    }
    Call *call = pool.first;
    if (call && !(pool.first = call->next))
        pool.end = &pool.first;
    return call;
}

// The call belongs to a task that goes on as soon as it is told.
static void tell(Call *call) {
    call->next = __atomic_load_n(&pool.done, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&pool.done, &call->next, call, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
    }
    jn_io_call_done();
}

static void *make_calls(void *argument) {
    (void)argument;
    pthread_mutex_lock(&pool.lock);
    for (Call *call = next_call(); call; call = next_call()) {
        pthread_mutex_unlock(&pool.lock);
        call->run(call->arg);
        tell(call);
        pthread_mutex_lock(&pool.lock);
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

// Signals are for the workers. The lock is held.
static void start_thread(void) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&pool.thread[pool.threads], NULL, make_calls, NULL) == 0)
        pool.threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// False where nobody is there to make it.
static bool hand_over(Call *call) {
    pthread_mutex_lock(&pool.lock);
    uint32_t waiting = 1;
    for (Call *c = pool.first; c && waiting <= pool.idle; c = c->next)
        waiting++;
    if (waiting > pool.idle && pool.threads < THREADS)
        start_thread();
    bool is_made = pool.threads > 0;
    if (is_made) {
        call->next = NULL;
        *pool.end = call;
        pool.end = &call->next;
        pthread_cond_signal(&pool.news);
    }
    pthread_mutex_unlock(&pool.lock);
    return is_made;
}

// ---- tasks ----------------------------------------------------------------------------------------------------------

static bool is_thread_wanted(const JnWorker *w) {
    return __atomic_load_n(&w->queue.count, __ATOMIC_RELAXED) > 0 || jn_io_is_awaited() ||
           __atomic_load_n(&jn_all.timers_live, __ATOMIC_RELAXED) > 0;
}

NOINLINE void jn_blocking(void (*run)(void *), void *arg) {
    JnWorker *w = this_worker();
    JnTask *t = w->current;
    bool is_free = t->leave == LEAVE_NONE && t->polls_held == 0 && host_is_steady();
    if (jn_all.is_seeded || !is_free || !is_thread_wanted(w) || !jn_io_begin_call()) {
        run(arg);
        return;
    }
    Call call = {.run = run, .arg = arg, .task = t};
    t->wait = WAIT_CALL;
    t->wait_at = NULL;
    __atomic_store_n(&t->parked, PARK_CALL, __ATOMIC_SEQ_CST);
    if (hand_over(&call)) {
        jn_block(w);
    } else {
        __atomic_store_n(&t->parked, PARK_NO, __ATOMIC_RELAXED);
        t->wait = WAIT_NONE;
        run(arg);
    }
    jn_io_end_call();
}

void jn_blocking_done(JnWorker *w) {
    Call *call = __atomic_exchange_n(&pool.done, NULL, __ATOMIC_ACQUIRE);
    while (call) {
        JnTask *t = call->task;
        call = call->next;
        if (claim(t, PARK_CALL))
            jn_wake(w, t, WAKE_DONE);
    }
}

void jn_blocking_stop(void) {
    pthread_mutex_lock(&pool.lock);
    pool.is_stopping = true;
    pthread_cond_broadcast(&pool.news);
    pthread_mutex_unlock(&pool.lock);
    for (uint32_t i = 0; i < pool.threads; i++)
        pthread_join(pool.thread[i], NULL);
    pool.threads = 0;
    pool.is_stopping = false;
}

// ---- services of a compiled program ---------------------------------------------------------------------------------

#ifndef JN_TASKS_HOSTED

typedef struct {
    int64_t code, n, m, result;
    uint8_t *p, *q;
} Service;

static void run_service(void *arg) {
    Service *s = arg;
    s->result = jn_service_ptr(s->code, s->p, s->n, s->q, s->m);
}

static void run_service_of_numbers(void *arg) {
    Service *s = arg;
    s->result = jn_service(s->code, s->n, s->m, 0);
}

int64_t jn_blocking_service_ptr(int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    if (!service_may_block(code))
        return jn_service_ptr(code, p, n, q, m);
    Service s = {.code = code, .n = n, .m = m, .p = p, .q = q};
    jn_blocking(run_service, &s);
    return s.result;
}

int64_t jn_blocking_service(int64_t code, int64_t a, int64_t b, int64_t c) {
    if (!service_may_block(code))
        return jn_service(code, a, b, c);
    Service s = {.code = code, .n = a, .m = b};
    jn_blocking(run_service_of_numbers, &s);
    return s.result;
}

#endif
