// What the files of the tasks share. Everything here runs on one thread, whose state is the one JnWorker.
//
// A task that waits stands in the list of each thing that may wake it, and in no other; who wakes it takes it out of
// all of them first (jn_wake). So nothing is ever woken twice.
#ifndef JANUS_RT_TASK_INTERNAL_H
#define JANUS_RT_TASK_INTERNAL_H

#include "../task.h"

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

// One wish of a waiting task, in the list of a channel (or of a nursery at its limit).
typedef struct {
    Link link; // first: a link is its waiter
    JnTask *task;
    void *item;
    uint32_t arm; // of a select
} Waiter;

// ---- tasks ---------------------------------------------------------------------------------------------------------

typedef enum {
    WAIT_NONE,
    WAIT_SEND,
    WAIT_RECV,
    WAIT_SELECT,
    WAIT_SLEEP,
    WAIT_JOIN,    // for another task
    WAIT_NURSERY, // for the tasks of one of its own nurseries: never interrupted
    WAIT_LIMIT,   // until a nursery may run one more
} WaitKind;

typedef enum { WAKE_DONE, WAKE_CLOSED, WAKE_TIMEOUT, WAKE_CANCELLED, WAKE_DEADLOCK } WakeReason;

typedef enum { LEAVE_NONE, LEAVE_CANCELLED, LEAVE_PANIC } LeaveKind; // in rising order

typedef enum { TASK_RUNS, TASK_OK, TASK_FAILED, TASK_PANICKED, TASK_CANCELLED } TaskState;

struct JnTask {
    // What a switch and a wait touch.
    void *sp, *frame, *pc; // while it does not run: the registers that a switch keeps
    JnTask *next;          // in the queue of what can run
    JnAllocator *allocator;
    uint64_t trace;
    uint32_t attention; // something is to be delivered to it
    uint32_t timer;     // 0: none
    uint8_t wait, wait_flags, wake, leave, state, is_cancelled, has_handle, has_failed; // to here one line of the cache
    uint8_t polls_held;
    Waiter waiter;
    union {
        JnChannel *channel;
        JnSelectArm *arms;
        JnTask *task;
        Nursery *nursery;
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
    struct Failure *suppressed;
    // What it runs.
    const JnTaskCode *code;
    void *env, *result;
    const JnLocation *spawned_at;
    uint8_t error[JN_ERROR_BYTES];
    int64_t error_size, error_trace;
    void *slot;
    void *heap; // captures and result where they are too large for the stack
    int64_t heap_bytes;
    void *stack; // its lowest address
#ifdef JN_ASAN
    void *fake_stack;
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
    uint32_t number; // 0: the body
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
    uint8_t is_cancelled;        // its body, if that is still on, and its tasks are to stop
    uint8_t are_tasks_cancelled; // its tasks are to stop, for a reason that lies outside
    uint8_t is_in_body, has_panicked, has_error;
    uint8_t cause, is_queued, polls_held; // the last: of its owner when it was opened
    int64_t deadline; // the nearest that holds for its body and its tasks
    const JnErrorSet *errors;
    uint8_t error[JN_ERROR_BYTES];
    int64_t error_size, error_trace;
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

// ---- the worker ----------------------------------------------------------------------------------------------------

// Bits of jn_attention: what the running task's `attention` says; the worker's.
enum { ATTEND_TASK = 1, ATTEND_SEED = 2, ATTEND_SLICE = 4 };

typedef struct {
    JnTask *current;
    JnTask *first, *last; // what can run, in order; not used under a seed
    bool is_seeded;
    uint32_t attention;   // part of jn_attention whichever task runs
    uint32_t until_clock; // so many picks until the clock is read
    JnTask root;
    // Under a seed: what can run, in no order.
    JnTask **ready;
    uint32_t ready_count, ready_capacity;
    uint64_t random;
    int64_t now; // virtual
    uint64_t polls;
    // Timers, see timer.c.
    struct TimerEntry *heap;
    uint32_t heap_count, heap_capacity;
    struct TimerSlot *slots;
    uint32_t slot_count, slot_capacity, free_slot, timers_live, timer_sequence;
    Nursery *cancelled; // to be told to their tasks, see cancel.c
    uint64_t task_ids, channel_ids;
    char *report; // of a deadlock, while the root task is told
    int64_t report_size, report_capacity;
    bool is_standstill_told; // a deadlock was found and everything is leaving
    const JnTaskHooks *hooks;
    timer_t slice_timer;
    bool has_slice_timer;
#ifdef JN_ASAN
    const void *root_stack;
    size_t root_stack_bytes;
#endif
} JnWorker;

extern JnWorker jn_worker;

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
