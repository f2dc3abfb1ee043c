// Stacks of tasks. They are carved out of slabs of reserved addresses, each slab larger than the one before; only pages
// that were touched take memory. Stacks that are free are used again last in, first out: the hot ones.
//
// The stride is an odd number of pages and the top is moved by some cache lines, so that the records of many tasks do
// not all fall into the same few sets of the caches. Below each stack are pages that may not be touched.
#include "stack.h"

#include "host.h"

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

typedef struct {
    uint8_t *base;
    uint32_t count, used;
} Slab;

static struct {
    Slab slabs[SLABS];
    uint32_t slab_count;
    JnTask *free; // linked by next
    int64_t stride;
    uint32_t protected_count;
    bool has_no_guard_advice;
} stacks;

void jn_stacks_start(int64_t bytes) {
    int64_t pages = ((bytes > 0 ? bytes : 256 * 1024) + PAGE - 1) / PAGE;
    stacks.stride = (pages | 1) * PAGE;
}

void jn_stacks_stop(void) {
    for (uint32_t i = 0; i < stacks.slab_count; i++)
        munmap(stacks.slabs[i].base, (size_t)(stacks.slabs[i].count * stacks.stride));
    memset(&stacks, 0, sizeof stacks);
}

int64_t jn_stack_bytes(void) {
    return stacks.stride - GUARD_BYTES - COLOURS * COLOUR_BYTES - RECORD_BYTES;
}

static void reserve_slab(void) {
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
    if (p == MAP_FAILED) {
        static const char TEXT[] = "no memory for the stack of another task";
        jn_host_panic(TEXT, sizeof TEXT - 1, NULL);
    }
    madvise(p, (size_t)(count * stacks.stride), MADV_NOHUGEPAGE);
    stacks.slabs[stacks.slab_count++] = (Slab){p, count, 0};
}

static void protect(void *low) {
    if (!stacks.has_no_guard_advice) {
        if (madvise(low, GUARD_BYTES, GUARD_INSTALL) == 0)
            return;
        stacks.has_no_guard_advice = true;
    }
    if (stacks.protected_count < MPROTECT_LIMIT && mprotect(low, GUARD_BYTES, PROT_NONE) == 0)
        stacks.protected_count++;
}

static NOINLINE JnTask *take_new(void) {
    if (stacks.slab_count == 0 || stacks.slabs[stacks.slab_count - 1].used == stacks.slabs[stacks.slab_count - 1].count)
        reserve_slab();
    Slab *slab = &stacks.slabs[stacks.slab_count - 1];
    uint32_t index = slab->used++;
    uint8_t *low = slab->base + index * stacks.stride;
    protect(low);
    JnTask *t = (JnTask *)(void *)(low + stacks.stride - (index % COLOURS) * COLOUR_BYTES - RECORD_BYTES);
    t->stack = low;
    return t;
}

JnTask *jn_stack_take(void) {
    JnTask *t = stacks.free;
    if (UNLIKELY(t == NULL))
        return take_new();
    stacks.free = t->next;
    return t;
}

void jn_stack_give(JnTask *t) {
    t->next = stacks.free;
    stacks.free = t;
}

bool jn_task_is_guard(const void *address) {
    const uint8_t *at = address;
    for (uint32_t i = 0; i < stacks.slab_count; i++) {
        const Slab *slab = &stacks.slabs[i];
        if (at >= slab->base && at < slab->base + slab->count * stacks.stride)
            return (at - slab->base) % stacks.stride < GUARD_BYTES;
    }
    return false;
}
