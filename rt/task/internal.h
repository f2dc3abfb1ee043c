// What the files of the tasks share.
//
// Each worker is a thread with a queue of tasks that can run. What belongs to channels is guarded by a lock in each of
// them; what belongs to the tree of tasks (nurseries, who is cancelled, shields, ends, timers) by jn_all.tree. No lock
// of one kind is taken under one of the other kind; the locks of queues come last. With one worker nothing is locked.
//
// Waiting. A task announces that it waits (`parked`), stands in the list of each thing that may wake it, and then stops
// running. Whoever would wake it must claim it first, by changing `parked` back: that succeeds for one of them only, so
// nothing is woken twice. Who serves a waiter takes that one out of its list; the task itself, when it runs again,
// takes out the others. Waiters of tasks that have been claimed are skipped until then. A task may be claimed, queued
// and taken by another worker while it has not stopped running on its own: `is_running` is cleared by the switch once
// its registers are kept, and the other worker's switch waits for that.
#ifndef JANUS_RT_TASK_INTERNAL_H
#define JANUS_RT_TASK_INTERNAL_H

#include "../task.h"
#include "../thread_local.h"
#include "lock.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define NOINLINE __attribute__((noinline))

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JN_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define JN_TSAN 1
#endif
#endif

typedef struct Nursery Nursery;

// ---- lists ---------------------------------------------------------------------------------------------------------

typedef struct Link {
    struct Link *next, *prev;
} Link;

static inline void link_init(Link *list) {
    list->next = list->prev = list;
}
static inline bool link_is_empty(const Link *list) {
    return list->next == list;
}
static inline void link_append(Link *list, Link *l) {
    l->next = list;
    l->prev = list->prev;
    list->prev->next = l;
    list->prev = l;
}
static inline void link_remove(Link *l) {
    l->next->prev = l->prev;
    l->prev->next = l->next;
}
// The same; it may be removed again.
static inline void link_take_out(Link *l) {
    link_remove(l);
    link_init(l);
}

// One wish of a waiting task, in the list of a channel (or of a nursery at its limit).
typedef struct {
    Link link; // first: a link is its waiter
    JnTask *task;
    void *item;
    uint32_t arm;   // of a select
    uint32_t since; // of a task: when it began to wait, by jn_coarse_ms
} Waiter;

// ---- tasks ---------------------------------------------------------------------------------------------------------

typedef enum {
    WAIT_NONE,
#define WAIT(name, told, shown) WAIT_##name,
#include "waits.def"
#undef WAIT
} WaitKind;

typedef enum { WAKE_DONE, WAKE_CLOSED, WAKE_TIMEOUT, WAKE_CANCELLED, WAKE_DEADLOCK } WakeReason;

typedef enum { LEAVE_NONE, LEAVE_CANCELLED, LEAVE_PANIC } LeaveKind; // in rising order

// Of `parked`: CLAIMED (or never waiting), waiting so that anything may wake it, waiting for its nursery only, for a
// blocking call only.
enum { PARK_NO, PARK_WAIT, PARK_NURSERY, PARK_CALL };

typedef enum { TASK_RUNS, TASK_OK, TASK_FAILED, TASK_PANICKED, TASK_CANCELLED } TaskState;

struct JnTask {
    // What a switch and a wait touch.
    void *sp, *frame, *pc; // while it does not run: the registers that a switch keeps
    JnTask *next;          // in a list of free stacks, or of orphans
    JnAllocator *allocator;
    uint64_t trace;
    uint32_t timer;     // 0: none
    uint8_t attention;  // something is to be delivered to it; written under the tree's lock, read by itself at any time
    uint8_t parked;     // see above; atomic
    uint8_t is_running; // on some worker; atomic
    uint8_t wake;       // how it was woken: written by who claimed it
    uint8_t wait, wait_flags, leave, state, is_cancelled, has_handle, has_failed; // to here one line of the cache
    uint8_t polls_held;
    bool is_forced;        // no shield protects it any longer
    uint16_t mutexes_held; // written by itself, or by who gives it one while it waits
    Waiter waiter;
    union {
        JnChannel *channel;
        JnSelectArm *arms;
        JnTask *task;
        Nursery *nursery;
        int64_t descriptor;
        const struct Mutex *mutex;
        const struct Semaphore *semaphore;
    } wait_for;
    const JnLocation *wait_at;
    uint64_t id;                   // of all tasks, from 1; to here two lines
    int64_t arm_count, chosen_arm; // of a select
    // Where it belongs.
    Link link;        // in its nursery; a link is its task, see task_of
    Nursery *nursery; // NULL: the root task
    Nursery *inner;   // of those it has opened, the innermost
    JnTask *joiner;
    uint32_t
        depth_floor; // what was cancelled in nurseries of a smaller depth is not delivered: they are outside a shield
    uint32_t number; // in its nursery, from 1
    struct Shield *shield;
    JnTask *orphans; // ended tasks of nurseries that are closed: their results are still to be dropped
    void *locals;    // begins with a count of its owners; NULL: none
    struct Failure *suppressed;
    int64_t suppressed_root; // of the trace of the error that they came after
    // What it runs.
    const JnTaskCode *code;
    void *env, *result;
    const JnLocation *spawned_at;
    uint8_t error[JN_ERROR_BYTES];
    int64_t error_size, error_trace;
    void *slot;
    void *heap; // captures and result where they are too large for the stack
    int64_t heap_bytes;
    void *stack;   // its lowest address
    uint64_t flow; // where it is traced: of what made it able to run
#ifdef JN_ASAN
    void *fake_stack;
    const void *own_stack; // of the root task and of hubs: it is known once they have left it
    size_t own_stack_bytes;
#endif
#ifdef JN_TSAN
    void *fiber;
#endif
};

static inline JnTask *task_of(Link *l) {
    return (JnTask *)(void *)((uint8_t *)l - offsetof(JnTask, link));
}

typedef struct Shield {
    struct Shield *outer;
    uint32_t saved_floor, timer;
    uint8_t saved_leave, is_over;
    JnTask *task;
} Shield;

typedef struct Failure {
    struct Failure *next;
    uint32_t number; // of the task; 0: the body
    uint32_t inner;  // 0, or its place among those of nurseries further in, whose error that of the task is
    const JnErrorSet *errors;
    JnSuppressed is;
} Failure;

// ---- nurseries -----------------------------------------------------------------------------------------------------

typedef enum { CAUSE_NONE, CAUSE_FAILED, CAUSE_EXPIRED, CAUSE_CANCELLED } Cause;

struct Nursery {
    JnTask *owner;
    Nursery *outer; // the next one that its owner has open
    Link tasks;     // those that run or whose handle is alive, as they were spawned
    Link spawners;  // who waits because of the limit
    uint32_t running, limit, depth, spawned;
    uint32_t timer;
    uint8_t is_cancelled;                                   // its body, if that is still on, and its tasks are to stop
    uint8_t are_tasks_cancelled;                            // its tasks are to stop, for a reason that lies outside
    uint8_t is_in_body, has_panicked, has_error, is_forced; // the last: no shield protects its tasks any longer
    uint8_t cause, is_queued, polls_held;                   // the last: of its owner when it was opened
    int64_t deadline;                                       // the nearest that holds for its body and its tasks
    const JnErrorSet *errors;
    uint8_t error[JN_ERROR_BYTES];
    int64_t error_size, error_trace;
    const JnLocation *error_origin;
    Failure *failures; // but the first, by number
    const JnLocation *at;
    Nursery *next_cancelled;
};

_Static_assert(sizeof(Nursery) <= sizeof(JnNursery), "the compiler knows the size of a nursery");
_Static_assert(sizeof(Shield) <= sizeof(JnShield), "the compiler knows the size of a shield");

static inline Nursery *nursery_of(JnNursery *n) {
    return (Nursery *)(void *)n;
}

// ---- channels ------------------------------------------------------------------------------------------------------

struct JnChannel {
    Link receivers, senders;
    uint32_t head, count, capacity;
    SpinLock lock;
    bool is_closed;
    uint8_t *buffer;
    int64_t item_size;
    // Rarely touched.
    Link closers;                        // who waits for it to be closed and empty
    uint64_t last_sender, last_receiver; // ids of tasks, for reports
    int64_t references;
    int64_t bytes; // of the allocation
    uint64_t id;
};

static inline void copy_item(void *to, const void *from, int64_t size) {
    if (LIKELY(size == 8))
        __builtin_memcpy(to, from, 8);
    else if (size > 0)
        memcpy(to, from, (size_t)size);
}

// ---- mutexes and semaphores ----------------------------------------------------------------------------------------

typedef struct Mutex {
    uintptr_t holder; // a task, and HAS_WAITERS; 0: nobody. Atomic
    Link waiters;     // first in, first out
    SpinLock lock;    // guards the list, and `holder` where HAS_WAITERS is set
    uint32_t id;
} Mutex;

typedef struct Semaphore {
    int64_t permits; // that nobody has
    Link waiters;    // first in, first out: who waits for many is not passed over
    SpinLock lock;
    uint32_t id;
} Semaphore;

enum { HAS_WAITERS = 1 };

_Static_assert(sizeof(Mutex) <= sizeof(JnMutex) && sizeof(Semaphore) <= sizeof(JnSemaphore), "std knows their size");

static inline JnTask *mutex_holder(const Mutex *m) {
    return (JnTask *)(__atomic_load_n(&m->holder, __ATOMIC_RELAXED) & ~(uintptr_t)HAS_WAITERS);
}

// ---- workers -------------------------------------------------------------------------------------------------------

// Bits of a worker's `attention`: the running task's `attention` is set; a seed decides; its time slice is over; some
// task that ran, perhaps here, has got attention; somebody asks what the tasks do. The first is changed by the worker
// alone.
enum { ATTEND_TASK = 1, ATTEND_SEED = 2, ATTEND_SLICE = 4, ATTEND_LOOK = 8, ATTEND_DUMP = 16 };

// Tasks that can run, in order. Only its worker puts tasks in; others take some out at the end.
typedef struct {
    JnTask **items;
    uint32_t head, count, capacity; // a power of two
    SpinLock lock;
} Queue;

typedef struct JnWorker {
    JnTask *current;
    Queue queue;
    uint32_t attention;   // atomic; jn_attention counts the workers where it is not 0
    bool is_told;         // ATTEND_TASK is set
    uint32_t until_clock; // so many picks until the clock is read
    uint32_t picks;       // changes with each task that it takes; others read it
    uint64_t random;
    JnTask *free_stacks; // linked by next
    uint32_t free_count;
    uint32_t number;
    void *unwind_steps; // see leave.c
    int slice_timer;
    bool has_slice_timer;
    JnTask hub; // where the worker looks for tasks, if there are several workers
#ifdef JN_TSAN
    JnTask *left, *going; // by way of the hub
#endif
    struct Sleeper *sleeper; // see idle.c
    struct IoNews *io_news;  // see poller.c
#ifdef JN_ASAN
    JnTask *left;
#endif
} __attribute__((aligned(128))) JnWorker;

enum { WORKERS = 256 };

// What all workers share.
typedef struct {
    bool is_seeded, is_parallel; // do not change while tasks run
    bool is_special;             // nor this: seeded, or traced
    uint32_t worker_limit;       // atomic
    uint32_t worker_count;       // atomic; those before it do not change any more
    JnWorker *workers[WORKERS];
    SpinLock tree; // guards the rest, and what belongs to the tree of tasks
    JnTask root;
    // Under a seed: what can run, in no order.
    JnTask **ready;
    uint32_t ready_count, ready_capacity;
    int64_t now; // virtual
    uint64_t polls;
    // Timers, see timer.c.
    struct TimerEntry *heap;
    uint32_t heap_count, heap_capacity;
    struct TimerSlot *slots;
    uint32_t slot_count, slot_capacity, free_slot, timers_live, timer_sequence;
    uint32_t timers_of_tasks, timers_booked; // that there is room for
    Nursery *cancelled;                      // to be told to their tasks, see cancel.c
    uint64_t task_ids, channel_ids;
    uint32_t mutex_ids, semaphore_ids; // atomic
    char *report;                      // of a deadlock, while the root task is told
    int64_t report_size, report_capacity;
    bool is_standstill_told; // a deadlock was found and everything is leaving
    const JnTaskHooks *hooks;
} JnTasks;

extern JnTasks jn_all;
extern JnWorker jn_first_worker;
extern uint32_t jn_coarse_ms; // the clock, read now and then: so a wait can be dated for nothing

// The worker of this thread: asked again after each switch, as the task may be in another thread then.
extern JN_SHARED _Thread_local JnWorker *jn_self;

static inline __attribute__((always_inline)) JnWorker *this_worker(void) {
    JnWorker *w;
    READ_THREAD_LOCAL(w, jn_self);
    return w;
}

static inline void lock(SpinLock *l) {
    if (UNLIKELY(jn_all.is_parallel))
        spin_lock(l);
}
static inline void unlock(SpinLock *l) {
    if (UNLIKELY(jn_all.is_parallel))
        spin_unlock(l);
}
static inline void lock_tree(void) {
    lock(&jn_all.tree);
}
static inline void unlock_tree(void) {
    unlock(&jn_all.tree);
}

// Whether this one may wake the task that was parked in this way. What the task wrote before it announced that it waits
// can be read then.
static inline bool claim(JnTask *t, uint8_t parked) {
    if (__atomic_load_n(&t->parked, __ATOMIC_RELAXED) != parked)
        return false;
    if (LIKELY(!jn_all.is_parallel)) {
        t->parked = PARK_NO;
        return true;
    }
    return __atomic_compare_exchange_n(&t->parked, &parked, PARK_NO, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

// Random numbers: of the seed, or merely different ones.
static inline uint64_t next_random(JnWorker *w) {
    uint64_t z = (w->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static inline uint32_t random_below(JnWorker *w, uint32_t count) {
    return (uint32_t)(((next_random(w) >> 32) * count) >> 32);
}

#endif
