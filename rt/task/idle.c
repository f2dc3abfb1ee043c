// Several workers: looking for tasks, sleeping, waking.
//
// A worker without tasks switches to its hub, which has a stack of its own: so the task that stopped running last may
// be taken by others. There it takes tasks from others' queues, for a short while again and again, then sleeps.
//
// Tasks that can run stand in the queue of a worker that is awake, and only that one puts any in: who sleeps has an
// empty queue. So no task is forgotten, whoever is woken or not, and if all sleep no task can run.
//
// A hand-off must not wake anyone: one task that can run is left to its worker, see worker_ready. One of those that
// sleep, the sentinel, comes by now and then, the more seldom the less it finds, and takes what has been waiting while
// its worker did not take any task. It keeps the time, too. When the last one is about to sleep and no timer is set,
// nothing can go on any more: it judges the standstill, and nobody else is awake. Where tasks wait for descriptors one
// of those that sleep does so at the poller, and nothing stands still.
//
// Threads are started when there is something for them to do: the first when a task is spawned, which may compute for
// long while nobody else looks; another whenever one finds tasks and none sleeps.
#include "idle.h"

#include "poller.h"
#include "room.h"
#include "timer.h"
#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of the system; libc has no names for them.
enum { FUTEX_WAKE = 1 | 128, FUTEX_WAIT_BITSET = 9 | 128 };

enum {
    LOOKS = 64, // about 10 us
    PAUSES_BETWEEN = 8,
    TAKEN_AT_MOST = 32, // a half of what there is
    FIRST_NAP_NS = 100000,
    LONGEST_NAP_NS = 4000000,
    HUB_STACK_BYTES = 64 * 1024,
    SIGNAL_STACK_BYTES = 32 * 1024,
};

typedef struct Sleeper {
    uint32_t is_woken;      // the word that it sleeps on
    bool is_asleep;         // and nobody has woken it
    bool is_at_poller;      // sleeps there, and not on the word
    bool has_left_some;     // found so many tasks that there are some for another worker
    int64_t nap;            // of the sentinel
    uint32_t seen[WORKERS]; // how many tasks others had taken when they were looked at
    pthread_t thread;
    void *signal_stack;
    HostThread *host;
} Sleeper;

static struct {
    SpinLock lock; // guards what follows; the tree's may be taken under it
    uint32_t asleep;
    JnWorker *sentinel; // atomic
    int64_t sentinel_wakes;
    uint32_t looking; // workers that look for tasks; atomic
    bool is_stopping;
    JnTask *home;         // the root task, which goes on in the first worker
    uint8_t *first_stack; // and behind it one for signals, where the first thread had none
} idle;

static Sleeper first_sleeper;
bool jn_is_worker_wanted;

// ---- sleeping and waking -------------------------------------------------------------------------------------------

// For `time` -1: until it is woken.
static void sleep_on(uint32_t *word, int64_t time) {
    struct timespec t = {time / 1000000000, time % 1000000000};
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET, 0, time < 0 ? NULL : &t, NULL, -1);
}

// It sleeps, and counts as awake from here on. The lock is held.
static void wake(Sleeper *s) {
    s->is_asleep = false;
    __atomic_store_n(&idle.asleep, idle.asleep - 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&idle.looking, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&s->is_woken, 1, __ATOMIC_SEQ_CST);
    if (s->is_at_poller)
        jn_io_rouse();
    else
        syscall(SYS_futex, &s->is_woken, FUTEX_WAKE, 1, NULL, NULL, 0);
}

// May be called with any lock held: where this one is taken somebody else is waking, or about to look.
void jn_wake_another(void) {
    if (__atomic_load_n(&idle.looking, __ATOMIC_RELAXED) > 0)
        return;
    if (__atomic_load_n(&idle.asleep, __ATOMIC_RELAXED) == 0) {
        if (__atomic_load_n(&jn_all.worker_count, __ATOMIC_RELAXED) <
            __atomic_load_n(&jn_all.worker_limit, __ATOMIC_RELAXED))
            __atomic_store_n(&jn_is_worker_wanted, true, __ATOMIC_RELAXED);
        return;
    }
    if (!spin_try(&idle.lock))
        return;
    // The poller's only if there is no other.
    Sleeper *found = NULL;
    for (uint32_t i = 0; i < jn_all.worker_count && !(found && !found->is_at_poller); i++) {
        Sleeper *s = jn_all.workers[i]->sleeper;
        if (s->is_asleep)
            found = s;
    }
    if (found)
        wake(found);
    spin_unlock(&idle.lock);
}

// Until it is woken or there is news at the poller, or until the time.
static int sleep_at_poller(JnWorker *w, int64_t time) {
    int64_t now = time < 0 ? 0 : jn_now();
    return jn_io_listen(w, time < 0 ? -1 : time > now ? time - now : 0);
}

// True if somebody woke it; that has counted it as looking.
static bool sleep_until_needed(JnWorker *w) {
    Sleeper *me = w->sleeper;
    spin_lock(&idle.lock);
    if (idle.is_stopping || (w == &jn_first_worker && idle.home)) {
        spin_unlock(&idle.lock);
        return false;
    }
    lock_tree();
    int64_t next = jn_timer_next();
    unlock_tree();
    bool are_all = idle.asleep + 1 == jn_all.worker_count; // nobody is about to go on, and there is no task anywhere
    if (are_all && next < 0 && !jn_io_is_awaited()) {
        jn_standstill();
        spin_unlock(&idle.lock);
        return false;
    }
    int64_t time = are_all ? next : jn_now() + me->nap;
    if (next >= 0 && next < time)
        time = next;
    bool is_sentinel = idle.sentinel == NULL || (time >= 0 && time < idle.sentinel_wakes);
    if (is_sentinel) {
        __atomic_store_n(&idle.sentinel, w, __ATOMIC_RELAXED);
        idle.sentinel_wakes = time < 0 ? INT64_MAX : time;
    }
    me->is_at_poller = jn_io_keep(w);
    __atomic_store_n(&idle.asleep, idle.asleep + 1, __ATOMIC_RELAXED);
    me->is_asleep = true;
    me->is_woken = 0;
    spin_unlock(&idle.lock);
    int news = 0;
    if (me->is_at_poller)
        news = sleep_at_poller(w, is_sentinel ? time : -1);
    else
        sleep_on(&me->is_woken, is_sentinel ? time : -1);
    jn_note_time();
    spin_lock(&idle.lock);
    bool is_woken = !me->is_asleep;
    if (!is_woken) {
        me->is_asleep = false;
        __atomic_store_n(&idle.asleep, idle.asleep - 1, __ATOMIC_RELAXED);
    }
    if (idle.sentinel == w)
        __atomic_store_n(&idle.sentinel, NULL, __ATOMIC_RELAXED);
    jn_io_leave(w);
    spin_unlock(&idle.lock);
    if (is_woken && me->is_at_poller)
        jn_io_roused();
    if (news > 0)
        jn_io_tell(w, news);
    if (me->nap < LONGEST_NAP_NS)
        me->nap *= 2;
    jn_look_at_clock(w);
    return is_woken;
}

// ---- taking tasks --------------------------------------------------------------------------------------------------

// The later half of what another worker has: the newest, or those that spawned first. The first of them is to run.
static JnTask *take_from(JnWorker *w, JnWorker *other) {
    JnTask *taken[TAKEN_AT_MOST];
    Queue *q = &other->queue;
    spin_lock(&q->lock);
    uint32_t count = (q->count + 1) / 2;
    if (count > TAKEN_AT_MOST)
        count = TAKEN_AT_MOST;
    __atomic_store_n(&q->count, q->count - count, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < count; i++)
        taken[i] = q->items[(q->head + q->count + i) & (q->capacity - 1)];
    bool is_more_left = q->count >= WORTH_ANOTHER;
    spin_unlock(&q->lock);
    if (count == 0)
        return NULL;
    spin_lock(&w->queue.lock);
    for (uint32_t i = 1; i < count; i++)
        queue_push(&w->queue, taken[i]);
    spin_unlock(&w->queue.lock);
    w->sleeper->has_left_some = is_more_left || count > WORTH_ANOTHER;
    return taken[0];
}

// `has_waited`: also a single task, where its worker has not taken any since the look before.
static JnTask *take_from_any(JnWorker *w, bool has_waited) {
    uint32_t count = __atomic_load_n(&jn_all.worker_count, __ATOMIC_ACQUIRE), at = random_below(w, count);
    for (uint32_t i = 0; i < count; i++, at = at + 1 < count ? at + 1 : 0) {
        JnWorker *other = jn_all.workers[at];
        uint32_t waiting = __atomic_load_n(&other->queue.count, __ATOMIC_RELAXED);
        uint32_t picks = __atomic_load_n(&other->picks, __ATOMIC_RELAXED), seen = w->sleeper->seen[at];
        if (has_waited)
            w->sleeper->seen[at] = picks;
        if (other == w || waiting == 0 || (waiting < WORTH_ANOTHER && !(has_waited && picks == seen)))
            continue;
        JnTask *t = take_from(w, other);
        if (t)
            return t;
    }
    return NULL;
}

static JnTask *take_own(JnWorker *w) {
    spin_lock(&w->queue.lock);
    JnTask *t = queue_pop(&w->queue);
    spin_unlock(&w->queue.lock);
    if (!t && w == &jn_first_worker)
        t = __atomic_exchange_n(&idle.home, NULL, __ATOMIC_ACQ_REL);
    return t;
}

// The caller counts as one that looks.
static JnTask *look_around(JnWorker *w, uint32_t looks) {
    for (uint32_t i = 0; i < looks; i++) {
        JnTask *t = take_own(w);
        if (!t)
            t = take_from_any(w, i == 0 || i == looks - 1);
        if (t)
            return t;
        for (uint32_t k = 0; k < PAUSES_BETWEEN; k++)
            spin_pause();
    }
    return NULL;
}

static bool is_stopping(void) {
    return __atomic_load_n(&idle.is_stopping, __ATOMIC_RELAXED);
}

// What the worker runs next; NULL: it ends.
static JnTask *find(JnWorker *w) {
    bool is_counted = false;
    for (uint32_t looks = LOOKS;; looks = is_counted ? LOOKS : 1) {
        if (!is_counted)
            __atomic_fetch_add(&idle.looking, 1, __ATOMIC_RELAXED);
        w->sleeper->has_left_some = false;
        jn_io_look(w);
        JnTask *t = look_around(w, looks);
        __atomic_fetch_sub(&idle.looking, 1, __ATOMIC_RELAXED);
        if (t) {
            w->sleeper->nap = FIRST_NAP_NS;
            // Those for whom nobody was woken because this one was looking; and while others work one is the sentinel.
            if (w->sleeper->has_left_some || __atomic_load_n(&idle.sentinel, __ATOMIC_RELAXED) == NULL)
                jn_wake_another();
            jn_start_wanted();
            return t;
        }
        if (is_stopping() && w != &jn_first_worker)
            return NULL;
        is_counted = sleep_until_needed(w);
    }
}

// ---- hubs ----------------------------------------------------------------------------------------------------------

#ifdef JN_TSAN

// The sanitizer knows threads and fibers: a fiber is left for the thread's own first, and others may take it from
// there.
NOINLINE void jn_switch_by_hub(JnWorker *w, JnTask *from, JnTask *to) {
    if (!jn_all.is_parallel) {
        __tsan_switch_to_fiber(to->fiber, 0);
        jn_switch(from, to);
        return;
    }
    w->left = from;
    w->going = to != &w->hub ? to : NULL;
    w->current = &w->hub;
    __tsan_switch_to_fiber(w->hub.fiber, 0);
    jn_switch(from, &w->hub);
}

static NOINLINE void go(JnWorker *w, JnTask *to) {
    while (__atomic_load_n(&to->is_running, __ATOMIC_ACQUIRE))
        spin_pause();
    __atomic_store_n(&to->is_running, true, __ATOMIC_RELAXED);
    w->current = to;
    worker_tell(w, __atomic_load_n(&to->attention, __ATOMIC_RELAXED));
    __tsan_switch_to_fiber(to->fiber, 0);
    jn_switch(&w->hub, to);
}

static void run_hub(JnWorker *w) {
    for (;;) {
        if (w->left)
            __atomic_store_n(&w->left->is_running, false, __ATOMIC_RELEASE);
        JnTask *t = w->going ? w->going : find(w);
        w->left = w->going = NULL;
        if (!t)
            return;
        go(w, t);
    }
}

#else

static NOINLINE void go(JnWorker *w, JnTask *to) {
    worker_switch(w, to);
}

static void run_hub(JnWorker *w) {
    for (JnTask *t = find(w); t; t = find(w)) {
        if (UNLIKELY(jn_is_tracing))
            jn_trace_arrives(w);
        go(w, t);
    }
}

#endif

static _Noreturn void first_hub(JnTask *hub) {
    jn_switch_arrived(hub);
    host_arrives(hub);
    for (;;)
        run_hub(&jn_first_worker);
}

static void *map(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

// A handler must not run on a stack that is being left: another worker may have it already.
static void take_signal_stack(void) {
    stack_t now, own = {.ss_sp = idle.first_stack + HUB_STACK_BYTES, .ss_size = SIGNAL_STACK_BYTES};
    if (sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE))
        sigaltstack(&own, NULL);
}

static void give_signal_stack(void) {
    stack_t now, none = {.ss_flags = SS_DISABLE};
    if (sigaltstack(NULL, &now) == 0 && now.ss_sp == idle.first_stack + HUB_STACK_BYTES)
        sigaltstack(&none, NULL);
}

void jn_hub_start(JnWorker *w) {
    memset(&idle, 0, sizeof idle);
    first_sleeper = (Sleeper){.nap = FIRST_NAP_NS};
    w->sleeper = &first_sleeper;
    idle.first_stack = map(HUB_STACK_BYTES + SIGNAL_STACK_BYTES);
    if (!idle.first_stack) {
        jn_all.is_parallel = false;
        return;
    }
    jn_fiber_init(&w->hub, idle.first_stack + HUB_STACK_BYTES, first_hub);
    w->hub.is_running = false;
    take_signal_stack();
#ifdef JN_TSAN
    w->hub.fiber = __tsan_create_fiber(0);
#endif
#ifdef JN_ASAN
    w->hub.own_stack = idle.first_stack;
    w->hub.own_stack_bytes = HUB_STACK_BYTES;
#endif
}

// ---- threads -------------------------------------------------------------------------------------------------------

static void *run_thread(void *argument) {
    JnWorker *w = argument;
    stack_t alternate = {.ss_sp = w->sleeper->signal_stack, .ss_size = SIGNAL_STACK_BYTES}, before;
    sigaltstack(&alternate, &before);
    host_thread_begin(w->sleeper->host);
    jn_worker_begin(w, w->number);
    w->current = &w->hub;
#ifdef JN_TSAN
    w->hub.fiber = __tsan_get_current_fiber();
#endif
    run_hub(w);
    if (jn_is_tracing)
        jn_tracing_worker_end(w);
    jn_worker_end(w);
    sigaltstack(&before, NULL);
    return NULL;
}

// All that a worker has beside its thread.
typedef struct {
    JnWorker worker;
    Sleeper sleeper;
    HostThread host;
    IoNews io_news;
    uint8_t signal_stack[SIGNAL_STACK_BYTES] __attribute__((aligned(64)));
} WorkerMemory;

void jn_start_second(void) {
    if (__atomic_load_n(&jn_all.worker_limit, __ATOMIC_RELAXED) == 1)
        return;
    __atomic_store_n(&jn_is_worker_wanted, true, __ATOMIC_RELAXED);
    jn_start_wanted();
}

static bool start(JnWorker *w) {
    uint32_t number = w->number;
    jn_all.workers[number] = w;
    bool is_started = pthread_create(&w->sleeper->thread, NULL, run_thread, w) == 0;
    if (is_started)
        __atomic_store_n(&jn_all.worker_count, number + 1, __ATOMIC_RELEASE);
    return is_started;
}

// Without memory, or threads, the others go on alone.
void jn_start_wanted(void) {
    if (!__atomic_exchange_n(&jn_is_worker_wanted, false, __ATOMIC_RELAXED))
        return;
    WorkerMemory *m = map(sizeof *m);
    if (!m)
        return;
    JnWorker *w = &m->worker;
    w->sleeper = &m->sleeper;
    w->io_news = &m->io_news;
    m->sleeper.nap = FIRST_NAP_NS;
    m->sleeper.signal_stack = m->signal_stack;
    m->sleeper.host = &m->host;
    host_threads_come();
    spin_lock(&idle.lock);
    w->number = jn_all.worker_count;
    bool is_wanted = w->number < jn_all.worker_limit, is_started = is_wanted && jn_room_of_worker(w, start);
    if (is_wanted && !is_started)
        __atomic_store_n(&jn_all.worker_limit, w->number, __ATOMIC_RELAXED);
    spin_unlock(&idle.lock);
    if (is_started)
        return;
    jn_room_end(w);
    munmap(m, sizeof *m);
}

// Switches to the hub, which the first worker's takes it from.
static NOINLINE void go_home(JnWorker *w) {
    spin_lock(&idle.lock);
    __atomic_store_n(&idle.home, w->current, __ATOMIC_RELEASE);
    if (first_sleeper.is_asleep)
        wake(&first_sleeper);
    spin_unlock(&idle.lock);
    worker_switch(w, &w->hub);
}

void jn_workers_stop(void) {
    JnWorker *w = this_worker();
    if (w != &jn_first_worker)
        go_home(w);
    spin_lock(&idle.lock);
    __atomic_store_n(&idle.is_stopping, true, __ATOMIC_RELAXED);
    for (uint32_t i = 1; i < jn_all.worker_count; i++)
        if (jn_all.workers[i]->sleeper->is_asleep)
            wake(jn_all.workers[i]->sleeper);
    spin_unlock(&idle.lock);
    for (uint32_t i = 1; i < jn_all.worker_count; i++)
        pthread_join(jn_all.workers[i]->sleeper->thread, NULL);
    for (uint32_t i = 1; i < jn_all.worker_count; i++)
        munmap(jn_all.workers[i], sizeof(WorkerMemory));
    jn_all.worker_count = 1;
    give_signal_stack();
    munmap(idle.first_stack, HUB_STACK_BYTES + SIGNAL_STACK_BYTES);
#ifdef JN_TSAN
    __tsan_destroy_fiber(jn_first_worker.hub.fiber);
#endif
}
