// Timers: a heap of times in one array, and a table of what each is for. A timer that is cleared leaves its entry in
// the heap, where it is thrown away when it comes up or when such entries are many: clearing touches one line of
// memory.
#include "timer.h"

#include "cancel.h"
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

static bool is_stale(const JnWorker *w, const TimerEntry *e) {
    return w->slots[e->slot].of == NULL || w->slots[e->slot].sequence != e->sequence;
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

static void drop_stale(JnWorker *w) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < w->heap_count; i++)
        if (!is_stale(w, &w->heap[i]))
            w->heap[kept++] = w->heap[i];
    w->heap_count = kept;
    for (uint32_t i = kept / CHILDREN + 1; i-- > 0;)
        if (i < kept)
            sift_down(w->heap, kept, i);
}

static uint32_t take_slot(JnWorker *w) {
    if (w->free_slot) {
        uint32_t slot = w->free_slot - 1;
        w->free_slot = w->slots[slot].next_free;
        return slot;
    }
    if (w->slot_count == w->slot_capacity)
        w->slots = jn_grow(w->slots, &w->slot_capacity, sizeof *w->slots);
    return w->slot_count++;
}

uint32_t jn_timer_set(JnWorker *w, int64_t time, TimerKind kind, void *of) {
    if (w->heap_count >= w->timers_live * 2 + STALE_ALLOWED)
        drop_stale(w);
    if (w->heap_count == w->heap_capacity)
        w->heap = jn_grow(w->heap, &w->heap_capacity, sizeof *w->heap);
    uint32_t slot = take_slot(w), sequence = ++w->timer_sequence;
    w->slots[slot] = (TimerSlot){of, sequence, kind, 0};
    w->heap[w->heap_count] = (TimerEntry){time, slot, sequence};
    sift_up(w->heap, w->heap_count++);
    w->timers_live++;
    return slot + 1;
}

void jn_timer_clear(JnWorker *w, uint32_t timer) {
    TimerSlot *slot = &w->slots[timer - 1];
    slot->of = NULL;
    slot->next_free = w->free_slot;
    w->free_slot = timer;
    w->timers_live--;
}

void jn_timer_clear_of(JnTask *t) {
    jn_timer_clear(&jn_worker, t->timer);
    t->timer = 0;
}

static void remove_first(JnWorker *w) {
    w->heap[0] = w->heap[--w->heap_count];
    if (w->heap_count > 0)
        sift_down(w->heap, w->heap_count, 0);
}

int64_t jn_timer_next(JnWorker *w) {
    while (w->heap_count > 0 && is_stale(w, &w->heap[0]))
        remove_first(w);
    return w->heap_count > 0 ? w->heap[0].time : -1;
}

void jn_timers_fire(JnWorker *w, int64_t now) {
    for (int64_t next = jn_timer_next(w); next >= 0 && next <= now; next = jn_timer_next(w)) {
        uint32_t timer = w->heap[0].slot + 1;
        TimerSlot slot = w->slots[timer - 1];
        remove_first(w);
        jn_timer_clear(w, timer);
        switch ((TimerKind)slot.kind) {
        case TIMER_TASK: jn_task_time_over(w, slot.of); break;
        case TIMER_NURSERY: jn_nursery_time_over(w, slot.of); break;
        case TIMER_SHIELD: jn_shield_time_over(w, slot.of); break;
        }
    }
}

void jn_timers_stop(JnWorker *w) {
    if (w->heap)
        jn_host_release(w->heap, (int64_t)(w->heap_capacity * sizeof *w->heap));
    if (w->slots)
        jn_host_release(w->slots, (int64_t)(w->slot_capacity * sizeof *w->slots));
    w->heap = NULL;
    w->slots = NULL;
}

// ---- the clock -----------------------------------------------------------------------------------------------------

int64_t jn_now(void) {
    if (jn_worker.is_seeded)
        return jn_worker.now;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
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
    suspension_point();
    JnWorker *w = &jn_worker;
    JnTask *t = w->current;
    t->timer = jn_timer_set(w, jn_time_after(duration), TIMER_TASK, t);
    worker_wait(w, WAIT_SLEEP, 0, at);
}
