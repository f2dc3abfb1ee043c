// Room for what a task may take part in: a place in the queue of every worker, and a timer. It is made before there is
// a stack for the task, where a program can be told that memory is out; so whoever wakes a task needs none.
#include "room.h"

#include "host.h"
#include "idle.h"
#include "sim.h"
#include "timer.h"
#include "worker.h"

enum { FIRST_CAPACITY = 64 };

static struct {
    SpinLock lock;
    uint32_t tasks; // atomic: that there is room for
} room;

void *jn_grow(void *items, uint32_t *capacity, uint32_t wanted, size_t size) {
    if (items && wanted <= *capacity)
        return items;
    uint32_t larger = items ? *capacity : FIRST_CAPACITY;
    while (larger < wanted)
        larger *= 2;
    void *p = jn_host_try_resize(items, (int64_t)(*capacity * size), (int64_t)(larger * size));
    if (p)
        *capacity = larger;
    return p;
}

static bool grow_queue(Queue *q, uint32_t wanted) {
    uint32_t old = q->capacity;
    JnTask **items = jn_grow(q->items, &q->capacity, wanted, sizeof *items);
    if (!items)
        return false;
    q->items = items;
    if (old == 0 || old == q->capacity)
        return true;
    // Those that stood before the old end stand before the new one.
    uint32_t head = q->head & (old - 1), behind = old - head;
    memmove(items + q->capacity - behind, items + head, behind * sizeof *items);
    q->head = q->capacity - behind;
    return true;
}

// A new worker is seen here, or has made this room for itself, see jn_room_of_worker.
static bool grow_queues(uint32_t wanted) {
    bool is_made = true;
    uint32_t count = __atomic_load_n(&jn_all.worker_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; is_made && i < count; i++) {
        Queue *q = &jn_all.workers[i]->queue;
        lock(&q->lock);
        is_made = grow_queue(q, wanted);
        unlock(&q->lock);
    }
    return is_made;
}

bool jn_room_for_tasks(uint32_t tasks) {
    if (tasks <= __atomic_load_n(&room.tasks, __ATOMIC_RELAXED))
        return true;
    uint32_t wanted = FIRST_CAPACITY;
    while (wanted < tasks)
        wanted *= 2;
    bool is_made = jn_timers_for_tasks(wanted) && (!jn_all.is_seeded || jn_sim_room(wanted));
    lock(&room.lock);
    is_made = is_made && grow_queues(wanted);
    if (is_made && wanted > room.tasks)
        __atomic_store_n(&room.tasks, wanted, __ATOMIC_RELAXED);
    unlock(&room.lock);
    return is_made;
}

bool jn_room_of_worker(JnWorker *w, bool (*publish)(JnWorker *w)) {
    lock(&room.lock);
    bool is_made = grow_queue(&w->queue, room.tasks) && publish(w);
    unlock(&room.lock);
    return is_made;
}

void jn_room_end(JnWorker *w) {
    if (w->queue.items)
        jn_host_release(w->queue.items, (int64_t)(w->queue.capacity * sizeof *w->queue.items));
    w->queue.items = NULL;
    if (w == &jn_first_worker)
        room.tasks = 0;
}

_Noreturn NOINLINE void jn_room_missing(const JnLocation *at) {
    static const char TEXT[] = "out of memory";
    jn_host_panic(TEXT, sizeof TEXT - 1, at);
}
