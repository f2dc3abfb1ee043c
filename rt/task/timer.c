// Timers: a heap of times in one array, and a table of what each is for. A timer that is cleared leaves its entry in
// the heap, where it is thrown away when it comes up or when such entries are many: clearing touches one line of
// memory.
#include "timer.h"

#include "cancel.h"
#include "room.h"
#include "worker.h"

#include <time.h>

typedef struct TimerEntry {
    int64_t time;
    uint32_t slot, sequence; // of equal times the one that was set first
} TimerEntry;

typedef struct TimerSlot {
    void *of; // NULL: free
    uint32_t sequence, kind, next_free;
} TimerSlot;

enum { CHILDREN = 4, STALE_ALLOWED = 64 };

static bool is_before(const TimerEntry *a, const TimerEntry *b) {
    return a->time != b->time ? a->time < b->time : (int32_t)(a->sequence - b->sequence) < 0;
}

static bool is_stale(const JnTasks *all, const TimerEntry *e) {
    return all->slots[e->slot].of == NULL || all->slots[e->slot].sequence != e->sequence;
}

static void sift_up(TimerEntry *heap, uint32_t at) {
    TimerEntry entry = heap[at];
    while (at > 0) {
        uint32_t up = (at - 1) / CHILDREN;
        if (!is_before(&entry, &heap[up]))
            break;
        heap[at] = heap[up];
        at = up;
    }
    heap[at] = entry;
}

static void sift_down(TimerEntry *heap, uint32_t count, uint32_t at) {
    TimerEntry entry = heap[at];
    for (;;) {
        uint32_t first = at * CHILDREN + 1, best = first;
        if (first >= count)
            break;
        uint32_t end = first + CHILDREN < count ? first + CHILDREN : count;
        for (uint32_t i = first + 1; i < end; i++)
            if (is_before(&heap[i], &heap[best]))
                best = i;
        if (!is_before(&heap[best], &entry))
            break;
        heap[at] = heap[best];
        at = best;
    }
    heap[at] = entry;
}

static void drop_stale(JnTasks *all) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < all->heap_count; i++)
        if (!is_stale(all, &all->heap[i]))
            all->heap[kept++] = all->heap[i];
    all->heap_count = kept;
    for (uint32_t i = kept / CHILDREN + 1; i-- > 0;)
        if (i < kept)
            sift_down(all->heap, kept, i);
}

static uint32_t take_slot(JnTasks *all) {
    if (all->free_slot) {
        uint32_t slot = all->free_slot - 1;
        all->free_slot = all->slots[slot].next_free;
        return slot;
    }
    return all->slot_count++;
}

// Each task may have one timer at a time; those of nurseries and shields are booked.
static bool make_room(JnTasks *all, uint32_t tasks, uint32_t booked) {
    uint32_t wanted = tasks + booked;
    TimerSlot *slots = jn_grow(all->slots, &all->slot_capacity, wanted, sizeof *slots);
    if (!slots)
        return false;
    all->slots = slots;
    TimerEntry *heap = jn_grow(all->heap, &all->heap_capacity, wanted * 2 + STALE_ALLOWED, sizeof *heap);
    if (!heap)
        return false;
    all->heap = heap;
    return true;
}

bool jn_timers_for_tasks(uint32_t tasks) {
    JnTasks *all = &jn_all;
    lock_tree();
    bool is_more = tasks > all->timers_of_tasks, is_made = !is_more || make_room(all, tasks, all->timers_booked);
    if (is_more && is_made)
        all->timers_of_tasks = tasks;
    unlock_tree();
    return is_made;
}

bool jn_timer_book(void) {
    JnTasks *all = &jn_all;
    lock_tree();
    bool is_made = make_room(all, all->timers_of_tasks, all->timers_booked + 1);
    all->timers_booked += is_made;
    unlock_tree();
    return is_made;
}

uint32_t jn_timer_set(int64_t time, TimerKind kind, void *of) {
    JnTasks *all = &jn_all;
    if (all->heap_count >= all->timers_live * 2 + STALE_ALLOWED)
        drop_stale(all);
    uint32_t slot = take_slot(all), sequence = ++all->timer_sequence;
    all->slots[slot] = (TimerSlot){of, sequence, kind, 0};
    all->heap[all->heap_count] = (TimerEntry){time, slot, sequence};
    sift_up(all->heap, all->heap_count++);
    __atomic_store_n(&all->timers_live, all->timers_live + 1, __ATOMIC_RELAXED);
    return slot + 1;
}

void jn_timer_clear(uint32_t timer) {
    JnTasks *all = &jn_all;
    TimerSlot *slot = &all->slots[timer - 1];
    slot->of = NULL;
    all->timers_booked -= slot->kind != TIMER_TASK;
    slot->next_free = all->free_slot;
    all->free_slot = timer;
    __atomic_store_n(&all->timers_live, all->timers_live - 1, __ATOMIC_RELAXED);
}

void jn_timer_set_of(JnTask *t, int64_t time) {
    lock_tree();
    __atomic_store_n(&t->timer, jn_timer_set(time, TIMER_TASK, t), __ATOMIC_RELAXED);
    unlock_tree();
}

void jn_timer_clear_of(JnTask *t) {
    lock_tree();
    if (t->timer != 0) { // else it was over meanwhile
        jn_timer_clear(t->timer);
        __atomic_store_n(&t->timer, 0, __ATOMIC_RELAXED);
    }
    unlock_tree();
}

static void remove_first(JnTasks *all) {
    all->heap[0] = all->heap[--all->heap_count];
    if (all->heap_count > 0)
        sift_down(all->heap, all->heap_count, 0);
}

int64_t jn_timer_next(void) {
    JnTasks *all = &jn_all;
    while (all->heap_count > 0 && is_stale(all, &all->heap[0]))
        remove_first(all);
    return all->heap_count > 0 ? all->heap[0].time : -1;
}

void jn_timers_fire(int64_t now) {
    JnTasks *all = &jn_all;
    lock_tree();
    for (int64_t next = jn_timer_next(); next >= 0 && next <= now; next = jn_timer_next()) {
        uint32_t timer = all->heap[0].slot + 1;
        TimerSlot slot = all->slots[timer - 1];
        remove_first(all);
        jn_timer_clear(timer);
        switch ((TimerKind)slot.kind) {
        case TIMER_TASK: jn_task_time_over(slot.of); break;
        case TIMER_NURSERY: jn_nursery_time_over(slot.of); break;
        case TIMER_SHIELD: jn_shield_time_over(slot.of); break;
        case TIMER_FORCE: jn_nursery_force(slot.of); break;
        }
    }
    unlock_tree();
}

void jn_timers_stop(void) {
    JnTasks *all = &jn_all;
    if (all->heap)
        jn_host_release(all->heap, (int64_t)(all->heap_capacity * sizeof *all->heap));
    if (all->slots)
        jn_host_release(all->slots, (int64_t)(all->slot_capacity * sizeof *all->slots));
    all->heap = NULL;
    all->slots = NULL;
}

// ---- the clock -----------------------------------------------------------------------------------------------------

int64_t jn_real_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t jn_now(void) {
    return jn_all.is_seeded ? jn_all.now : jn_real_time();
}

int64_t jn_time_after(int64_t duration) {
    int64_t time;
    return __builtin_add_overflow(jn_now(), duration, &time) ? INT64_MAX : time;
}

NOINLINE void jn_sleep(int64_t duration, const JnLocation *at) {
    if (duration <= 0) {
        jn_yield(at);
        return;
    }
    suspension_point(at);
    JnTask *t = this_worker()->current;
    int64_t time = jn_time_after(duration);
    park_announce(t, WAIT_SLEEP, 0, at);
    jn_timer_set_of(t, time);
    WakeReason reason = worker_wait(t);
    if (UNLIKELY(reason >= WAKE_CANCELLED))
        jn_interrupted(t, reason);
}
