// Stacks of tasks. They are carved out of slabs of reserved addresses, each slab larger than the one before; only pages
// that were touched take memory. Stacks that are free are used again last in, first out: the hot ones.
//
// The stride is an odd number of pages and the top is moved by some cache lines, so that the records of many tasks do
// not all fall into the same few sets of the caches. Below each stack are pages that may not be touched.
#include "stack.h"

#include "idle.h"
#include "room.h"
#include "worker.h"

#include <sys/mman.h>

enum {
    PAGE = 4096,
    GUARD_BYTES = 4 * PAGE,
    FIRST_SLAB = 16, // stacks
    LARGEST_SLAB = 4096,
    SLABS = 512,
    COLOURS = 8,
    COLOUR_BYTES = 192,
    RECORD_BYTES = (sizeof(JnTask) + 63) / 64 * 64,
    GUARD_INSTALL = 102,    // MADV_GUARD_INSTALL, which libc does not know yet
    MPROTECT_LIMIT = 16000, // where the kernel does not know it either: each costs two of its 65,530 mappings
};

// Of each worker, beside those all share: so many free stacks, and half of them move at a time.
enum { FREE_LIMIT = 256 };

typedef struct {
    uint8_t *base;
    uint32_t count, used;
} Slab;

static struct {
    SpinLock lock;
    Slab slabs[SLABS];
    uint32_t slab_count; // atomic: a handler of signals reads it
    JnTask *free;        // linked by next
    int64_t stride;
    uint32_t carved; // atomic: so many stacks there are
    uint32_t protected_count;
    bool is_kernel_known, has_no_guard_advice;
} stacks;

void jn_stacks_start(int64_t bytes) {
    int64_t pages = ((bytes > 0 ? bytes : 256 * 1024) + PAGE - 1) / PAGE;
    stacks.stride = (pages | 1) * PAGE;
}

void jn_stacks_stop(void) {
#ifdef JN_TSAN
    for (uint32_t i = 0; i < stacks.slab_count; i++)
        for (uint32_t k = 0; k < stacks.slabs[i].used; k++) {
            uint8_t *low = stacks.slabs[i].base + k * stacks.stride;
            __tsan_destroy_fiber(
                ((JnTask *)(void *)(low + stacks.stride - (k % COLOURS) * COLOUR_BYTES - RECORD_BYTES))->fiber);
        }
#endif
    for (uint32_t i = 0; i < stacks.slab_count; i++)
        munmap(stacks.slabs[i].base, (size_t)(stacks.slabs[i].count * stacks.stride));
    memset(&stacks, 0, sizeof stacks);
}

int64_t jn_stack_bytes(void) {
    return stacks.stride - GUARD_BYTES - COLOURS * COLOUR_BYTES - RECORD_BYTES;
}

static bool reserve_slab(void) {
    uint32_t last = stacks.slab_count ? stacks.slabs[stacks.slab_count - 1].count * 2 : FIRST_SLAB;
    uint32_t count = last > LARGEST_SLAB ? LARGEST_SLAB : last;
    void *p = MAP_FAILED;
    while (stacks.slab_count < SLABS && count > 0) {
        p = mmap(NULL, (size_t)(count * stacks.stride), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        if (p != MAP_FAILED)
            break;
        count /= 2;
    }
    if (p == MAP_FAILED)
        return false;
    madvise(p, (size_t)(count * stacks.stride), MADV_NOHUGEPAGE);
    stacks.slabs[stacks.slab_count] = (Slab){p, count, 0};
    __atomic_store_n(&stacks.slab_count, stacks.slab_count + 1, __ATOMIC_RELEASE);
    return true;
}

// Emulators accept every advice, and do nothing.
static bool takes_any_advice(void *low) {
    enum { NO_ADVICE = 9999 };
    return madvise(low, GUARD_BYTES, NO_ADVICE) == 0;
}

static void protect(void *low) {
    if (!stacks.is_kernel_known) {
        stacks.is_kernel_known = true;
        stacks.has_no_guard_advice = takes_any_advice(low);
    }
    if (!stacks.has_no_guard_advice) {
        if (madvise(low, GUARD_BYTES, GUARD_INSTALL) == 0)
            return;
        stacks.has_no_guard_advice = true;
    }
    if (stacks.protected_count < MPROTECT_LIMIT && mprotect(low, GUARD_BYTES, PROT_NONE) == 0)
        stacks.protected_count++;
}

static JnTask *carve(void) {
    uint32_t last = stacks.slab_count - 1;
    if (stacks.slab_count == 0 || stacks.slabs[last].used == stacks.slabs[last].count) {
        if (!reserve_slab())
            return NULL;
        last = stacks.slab_count - 1;
    }
    Slab *slab = &stacks.slabs[last];
    uint32_t index = slab->used++;
    __atomic_store_n(&stacks.carved, stacks.carved + 1, __ATOMIC_RELAXED);
    uint8_t *low = slab->base + index * stacks.stride;
    protect(low);
    JnTask *t = (JnTask *)(void *)(low + stacks.stride - (index % COLOURS) * COLOUR_BYTES - RECORD_BYTES);
    t->stack = low;
#ifdef JN_TSAN
    t->fiber = __tsan_create_fiber(0);
#endif
    return t;
}

// There is room for the task of one stack more, whichever worker comes first, and for the root.
static bool has_room(void) {
    uint32_t workers = __atomic_load_n(&jn_all.worker_limit, __ATOMIC_RELAXED);
    return jn_room_for_tasks(__atomic_load_n(&stacks.carved, __ATOMIC_RELAXED) + workers + 1);
}

static NOINLINE JnTask *take_slowly(JnWorker *w) {
    bool may_carve = has_room();
    lock(&stacks.lock);
    JnTask *t = stacks.free;
    for (uint32_t moved = 0; stacks.free && moved <= FREE_LIMIT / 2; moved++) {
        JnTask *next = stacks.free->next;
        if (moved > 0) {
            stacks.free->next = w->free_stacks;
            w->free_stacks = stacks.free;
            w->free_count++;
        }
        stacks.free = next;
    }
    if (!t && may_carve)
        t = carve();
    unlock(&stacks.lock);
    return t;
}

JnTask *jn_stack_take(JnWorker *w) {
    JnTask *t = w->free_stacks;
    if (UNLIKELY(t == NULL))
        return take_slowly(w);
    w->free_stacks = t->next;
    w->free_count--;
#ifdef JN_ASAN
    // Of frames that were left without returning.
    __asan_unpoison_memory_region(t->stack, (size_t)((uint8_t *)t - (uint8_t *)t->stack));
#endif
    return t;
}

// Of those below the hottest one.
static NOINLINE void share_some(JnWorker *w) {
    JnTask *first = w->free_stacks->next, *last = first;
    for (uint32_t i = 1; i < FREE_LIMIT / 2; i++)
        last = last->next;
    w->free_stacks->next = last->next;
    w->free_count -= FREE_LIMIT / 2;
    lock(&stacks.lock);
    last->next = stacks.free;
    stacks.free = first;
    unlock(&stacks.lock);
}

void jn_stack_give(JnWorker *w, JnTask *t) {
    while (UNLIKELY(t != w->current && __atomic_load_n(&t->is_running, __ATOMIC_ACQUIRE)))
        spin_pause();
    t->next = w->free_stacks;
    w->free_stacks = t;
    if (UNLIKELY(++w->free_count > FREE_LIMIT && jn_all.is_parallel))
        share_some(w);
}

bool jn_task_is_guard(const void *address) {
    const uint8_t *at = address;
    uint32_t count = __atomic_load_n(&stacks.slab_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        const Slab *slab = &stacks.slabs[i];
        if (at >= slab->base && at < slab->base + slab->count * stacks.stride)
            return (at - slab->base) % stacks.stride < GUARD_BYTES;
    }
    return false;
}
