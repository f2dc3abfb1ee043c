// Allocators that programs choose with `using`: arenas, pools, buffers of a fixed size.
//
// Ideas. All take their memory from one reserved range of addresses, in chunks that begin at multiples of CHUNK_BYTES
// with a header. So a free tells by two comparisons in one that an object is of an arena, and finds the chunk by a mask
// and the allocator in it. Each chunk counts its live objects. One without any is used anew; where the allocator
// is gone, it is given back, so objects may outlive their allocator and nothing is ever copied. Objects larger than
// LARGE_BYTES have a chunk of their own, several times as long: they begin in its first part, where the mask finds the
// header. What needs more care at a free stands at the other end of the range: the chunks of pools, and buffers of a
// fixed size that are longer than a chunk, which the mask does not find. So freeing an object of an arena is a mask, a
// subtraction and three comparisons.
//
// With several threads each allocator has a lock, and so has the range; that of an allocator is taken first. An object
// keeps its chunk and its allocator: whoever frees it finds them without a lock, but for the list of long buffers. The
// thread that frees the last object of an allocator that is gone frees that as well, when it has given the lock back.
#include "custom.h"

#include <string.h>
#include <sys/mman.h>

enum {
    CHUNK_BYTES = 64 * 1024,
    LARGE_BYTES = 16 * 1024,
    COMMIT_BYTES = 1024 * 1024, // the range is made usable in such steps
    CACHED = 64,                // chunks kept for the next one who needs one
    STEP = 16,
};

typedef struct Slot {
    struct Slot *next;
} Slot;

// Its first HEADER_BYTES; objects follow.
typedef struct Chunk {
    JnAllocator *owner;
    uint64_t live;     // the weights of its objects
    uint8_t *at, *end; // POOL: where the next slot begins
    uint64_t bytes;
    struct Chunk *next, *previous;           // of the owner's chunks
    Slot *free;                              // POOL: slots that were given back
    struct Chunk *open_next, *open_previous; // POOL: of those with room; ARENA: the next spare one
    bool is_open;                            // POOL: in that list
} Chunk;

enum { HEADER_BYTES = 128 };
_Static_assert(sizeof(Chunk) <= HEADER_BYTES, "objects begin behind it");

// How many objects and how many bytes in one word: a free changes and tests it once. That of a small object is an
// immediate operand.
enum { COUNT_BITS = 24 };

static inline uint64_t weight(uint64_t size) {
    return size << COUNT_BITS | 1;
}

struct JnAllocator {   // begins as a JnAllocatorHead
    uint8_t *at, *end; // ARENA, FIXED: where the next object begins in the current chunk
    Chunk *current;    // ARENA, FIXED: where objects are carved
    int64_t kind;
    int64_t limit; // FIXED: how many bytes; POOL: of a slot
    Chunk *spare;  // ARENA: empty ones, kept until the allocator is gone
    Chunk *first;  // of all chunks
    Chunk *open;   // POOL: chunks with room
    bool is_gone;
    SpinLock lock;
};

#ifndef JN_THREADS
JnAllocator *jn_current;
#endif
uintptr_t jn_range_base;
uint64_t jn_near_bytes, jn_range_bytes;

// ---- the range -----------------------------------------------------------------------------------------------------

typedef struct Run { // of free chunks; in order of address
    struct Run *next;
    uint64_t bytes;
} Run;

static uint8_t *range_at, *range_committed, *range_end; // behind range_end: pools and long buffers
static uint8_t *range_base;
static uint64_t range_bytes;
static bool is_watched, has_far;
static Chunk *long_buffers; // the live ones, by open_next
static Run *free_far;       // behind range_end, in no order
static Run *free_runs;
static Chunk *cached[CACHED];
static uint32_t cached_count;
static SpinLock range_lock;

// Other threads free objects meanwhile, which are not of a custom allocator: those that see only a part of this take
// the longer way to the same end.
static void publish_range(void) {
    uint64_t near = is_watched ? 0 : (uint64_t)(range_end - range_base);
    __atomic_store_n(&jn_range_bytes, is_watched ? UINT64_MAX : has_far ? range_bytes : 0, __ATOMIC_RELEASE);
    __atomic_store_n(&jn_near_bytes, near, __ATOMIC_RELEASE);
}

// Back there is no order in which others could see it, so with several threads it stays as it is.
void jn_custom_watch(bool is_on) {
#ifdef JN_THREADS
    if (!is_on && jn_has_threads)
        return;
#endif
    is_watched = is_on;
    publish_range();
}

static void range_reserve(void) {
    uint64_t bytes = (uint64_t)1 << 36; // enough for most; emulators go through a reservation page by page
    void *p = MAP_FAILED;
    for (; bytes >= (uint64_t)1 << 28 && p == MAP_FAILED; bytes /= 4)
        p = mmap(NULL, bytes + CHUNK_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return;
    bytes *= 4;
    range_at = (uint8_t *)(((uintptr_t)p + CHUNK_BYTES - 1) & ~(uintptr_t)(CHUNK_BYTES - 1));
    range_committed = range_at;
    range_end = range_at + bytes;
    range_base = range_at;
    range_bytes = bytes;
    __atomic_store_n(&jn_range_base, (uintptr_t)range_base, __ATOMIC_RELEASE);
    publish_range();
}

static void *run_carve(uint64_t bytes) {
    if ((uint64_t)(range_end - range_at) < bytes)
        return NULL;
    if ((uint64_t)(range_committed - range_at) < bytes) {
        uint64_t more = bytes - (uint64_t)(range_committed - range_at);
        more = (more + COMMIT_BYTES - 1) & ~(uint64_t)(COMMIT_BYTES - 1);
        if (more > (uint64_t)(range_end - range_committed))
            more = (uint64_t)(range_end - range_committed);
        if (mprotect(range_committed, more, PROT_READ | PROT_WRITE) != 0)
            return NULL;
        range_committed += more;
    }
    void *p = range_at;
    range_at += bytes;
    return p;
}

// NULL if there is none.
static void *run_take_locked(uint64_t bytes) {
    if (bytes == CHUNK_BYTES && cached_count > 0)
        return cached[--cached_count];
    for (Run **link = &free_runs; *link; link = &(*link)->next) {
        Run *run = *link;
        if (run->bytes < bytes)
            continue;
        Run *rest = (Run *)(void *)((uint8_t *)run + bytes);
        if (run->bytes > bytes) {
            rest->next = run->next;
            rest->bytes = run->bytes - bytes;
        }
        *link = run->bytes > bytes ? rest : run->next;
        return run;
    }
    return run_carve(bytes);
}

static void run_join(Run *run) {
    while (run->next && (uint8_t *)run + run->bytes == (uint8_t *)run->next) {
        run->bytes += run->next->bytes;
        run->next = run->next->next;
    }
}

static void run_give_locked(Chunk *chunk, uint64_t bytes) {
    if (bytes == CHUNK_BYTES && cached_count < CACHED) {
        cached[cached_count++] = chunk;
        return;
    }
    madvise(chunk, bytes, MADV_DONTNEED);
    Run *run = (Run *)(void *)chunk, *before = NULL, *after = free_runs;
    while (after && after < run) {
        before = after;
        after = after->next;
    }
    run->bytes = bytes;
    run->next = after;
    if (before)
        before->next = run;
    else
        free_runs = run;
    run_join(run);
    if (before)
        run_join(before);
}

// ---- behind the range's end ----------------------------------------------------------------------------------------

static void *far_take_locked(uint64_t bytes) {
    for (Run **link = &free_far; *link; link = &(*link)->next) {
        Run *run = *link;
        if (run->bytes == bytes) {
            *link = run->next;
            return run;
        }
    }
    uint64_t more = bytes == CHUNK_BYTES ? COMMIT_BYTES : bytes;
    if ((uint64_t)(range_end - range_committed) < more)
        return NULL;
    if (mprotect(range_end - more, more, PROT_READ | PROT_WRITE) != 0)
        return NULL;
    range_end -= more;
    has_far = true;
    publish_range();
    for (uint64_t rest = bytes; rest < more; rest += bytes) {
        Run *run = (Run *)(void *)(range_end + rest);
        *run = (Run){.next = free_far, .bytes = bytes};
        free_far = run;
    }
    return range_end;
}

static void far_give_locked(Chunk *chunk, uint64_t bytes) {
    for (Chunk **link = &long_buffers; *link; link = &(*link)->open_next)
        if (*link == chunk) {
            *link = chunk->open_next;
            break;
        }
    madvise(chunk, bytes, MADV_DONTNEED);
    Run *run = (Run *)(void *)chunk;
    *run = (Run){.next = free_far, .bytes = bytes};
    free_far = run;
}

static inline Chunk *masked(void *p) {
    return (Chunk *)((uintptr_t)p & ~(uintptr_t)(CHUNK_BYTES - 1));
}

static bool is_behind_end(const void *p) {
    return (const uint8_t *)p >= range_end;
}

static bool is_outside(const void *p) {
    return (uintptr_t)p - (uintptr_t)range_base >= range_bytes;
}

static Chunk *long_buffer_of(const void *p) {
    for (Chunk *chunk = is_behind_end(p) ? long_buffers : NULL; chunk; chunk = chunk->open_next)
        if ((uintptr_t)p - (uintptr_t)chunk < chunk->bytes)
            return chunk;
    return NULL;
}

static Chunk *chunk_of(void *p) {
    jn_lock(&range_lock);
    Chunk *chunk = long_buffer_of(p);
    jn_unlock(&range_lock);
    return chunk ? chunk : masked(p);
}

static void *run_take(uint64_t bytes, bool is_far_one) {
    jn_lock(&range_lock);
    void *p = is_far_one ? far_take_locked(bytes) : run_take_locked(bytes);
    jn_unlock(&range_lock);
    return p;
}

static void run_give(Chunk *chunk, uint64_t bytes) {
    jn_lock(&range_lock);
    if (is_behind_end(chunk))
        far_give_locked(chunk, bytes);
    else
        run_give_locked(chunk, bytes);
    jn_unlock(&range_lock);
}

// ---- chunks --------------------------------------------------------------------------------------------------------

static uint8_t *chunk_start(Chunk *chunk) {
    return (uint8_t *)chunk + HEADER_BYTES;
}

static Chunk *chunk_new(JnAllocator *a, uint64_t room) {
    uint64_t bytes = (room + HEADER_BYTES + CHUNK_BYTES - 1) & ~(uint64_t)(CHUNK_BYTES - 1);
    bool is_long = a->kind == JN_FIXED && bytes > CHUNK_BYTES;
    Chunk *chunk = run_take(bytes, is_long || a->kind == JN_POOL);
    if (!chunk)
        return NULL;
    *chunk = (Chunk){.owner = a, .bytes = bytes, .next = a->first, .at = chunk_start(chunk)};
    chunk->end = (uint8_t *)chunk + bytes;
    if (a->first)
        a->first->previous = chunk;
    a->first = chunk;
    if (is_long) {
        jn_lock(&range_lock);
        chunk->open_next = long_buffers;
        long_buffers = chunk;
        jn_unlock(&range_lock);
    }
    return chunk;
}

static void chunk_release(JnAllocator *a, Chunk *chunk) {
    *(chunk->previous ? &chunk->previous->next : &a->first) = chunk->next;
    if (chunk->next)
        chunk->next->previous = chunk->previous;
    run_give(chunk, chunk->bytes);
}

static void open_add(JnAllocator *a, Chunk *chunk) {
    chunk->is_open = true;
    chunk->open_previous = NULL;
    chunk->open_next = a->open;
    if (a->open)
        a->open->open_previous = chunk;
    a->open = chunk;
}

static void open_remove(JnAllocator *a, Chunk *chunk) {
    chunk->is_open = false;
    *(chunk->open_previous ? &chunk->open_previous->open_next : &a->open) = chunk->open_next;
    if (chunk->open_next)
        chunk->open_next->open_previous = chunk->open_previous;
}

static void allocator_free(JnAllocator *a) {
    jn_free(a, sizeof *a, 8);
}

// True: the allocator is to be freed.
static __attribute__((noinline)) bool chunk_emptied(JnAllocator *a, Chunk *chunk) {
    if (a->is_gone) {
        chunk_release(a, chunk);
        return !a->first;
    }
    if (a->kind == JN_POOL) {
        chunk->at = chunk_start(chunk);
        chunk->free = NULL;
        if (chunk->open_next || chunk->open_previous) { // one with room is enough
            open_remove(a, chunk);
            chunk_release(a, chunk);
        }
    } else if (chunk == a->current) {
        a->at = chunk_start(chunk);
    } else {
        if (chunk->bytes == CHUNK_BYTES) {
            chunk->open_next = a->spare;
            a->spare = chunk;
        } else {
            chunk_release(a, chunk);
        }
    }
    return false;
}

// ---- objects -------------------------------------------------------------------------------------------------------

// Objects of arenas and buffers begin at multiples of 8, so that one that asks for no more is where the last one ends.
enum { LEAST_ALIGN = 8 };

static inline uint8_t *object_end(void *p, uint64_t size) {
    return (uint8_t *)p + ((size + LEAST_ALIGN - 1) & ~(uint64_t)(LEAST_ALIGN - 1));
}

static inline uint8_t *align_up(uint8_t *p, int64_t align) {
    return (uint8_t *)(((uintptr_t)p + (uintptr_t)align - 1) & ~((uintptr_t)align - 1));
}

// NULL where the current chunk has no room for it.
static inline __attribute__((always_inline)) void *carve(JnAllocator *a, uint64_t size, int64_t align) {
    uint8_t *p = align <= LEAST_ALIGN ? a->at : align_up(a->at, align);
    if (__builtin_expect(a->end - p < (int64_t)size, 0)) // p may lie behind the end
        return NULL;
    __builtin_assume(p != NULL);
    a->at = object_end(p, size);
    a->current->live += weight(size);
    return p;
}

static __attribute__((noinline)) void *carve_elsewhere(JnAllocator *a, uint64_t size, int64_t align) {
    if (a->kind == JN_FIXED || size > (uint64_t)1 << 46)
        return NULL;
    if (size + (uint64_t)align > LARGE_BYTES) {
        Chunk *chunk = chunk_new(a, size + (uint64_t)align);
        if (!chunk)
            return NULL;
        chunk->live = weight(size);
        return align_up(chunk_start(chunk), align);
    }
    Chunk *chunk = a->spare;
    if (chunk)
        a->spare = chunk->open_next;
    else
        chunk = chunk_new(a, size + (uint64_t)align);
    if (!chunk)
        return NULL;
    a->current = chunk;
    a->at = chunk_start(chunk);
    a->end = chunk->end;
    return carve(a, size, align);
}

static void *slot_take(JnAllocator *a, uint64_t size) {
    Chunk *chunk = a->open;
    if (!chunk) {
        chunk = chunk_new(a, LARGE_BYTES);
        if (!chunk)
            return NULL;
        open_add(a, chunk);
    }
    void *p = chunk->free;
    if (p) {
        chunk->free = chunk->free->next;
    } else {
        p = chunk->at;
        chunk->at += a->limit;
    }
    if (!chunk->free && chunk->end - chunk->at < a->limit)
        open_remove(a, chunk);
    chunk->live += weight(size);
    return p;
}

static bool fits_slot(const JnAllocator *a, int64_t size, int64_t align) {
    return size <= a->limit && align <= STEP;
}

static __attribute__((noinline)) void *alloc_slowly(JnAllocator *a, int64_t size, int64_t align) {
    if (size == 0)
        return (void *)(uintptr_t)align;
    if (a->kind == JN_CUSTOM)
        return jn_custom_hooks->alloc((JnCustom *)(void *)a, size, align);
    if (a->kind == JN_POOL)
        return fits_slot(a, size, align) ? slot_take(a, (uint64_t)size) : jn_try_alloc_heap(size, align);
    return carve_elsewhere(a, (uint64_t)size, align);
}

#ifdef JN_THREADS

// A custom allocator is only a head, and runs code of the program: custom.c has a lock of its own.
static __attribute__((noinline)) void *alloc_locked(JnAllocator *a, int64_t size, int64_t align) {
    if (!jn_has_threads || a->kind == JN_CUSTOM)
        return alloc_slowly(a, size, align);
    spin_lock(&a->lock);
    void *p = size != 0 ? carve(a, (uint64_t)size, align) : NULL;
    if (!p)
        p = alloc_slowly(a, size, align);
    spin_unlock(&a->lock);
    return p;
}

static inline __attribute__((always_inline)) void *carve_quickly(JnAllocator *a, int64_t size, int64_t align) {
    return size != 0 && !jn_has_threads ? carve(a, (uint64_t)size, align) : NULL;
}

#else

static void *alloc_locked(JnAllocator *a, int64_t size, int64_t align) {
    return alloc_slowly(a, size, align);
}

static inline __attribute__((always_inline)) void *carve_quickly(JnAllocator *a, int64_t size, int64_t align) {
    return size != 0 ? carve(a, (uint64_t)size, align) : NULL;
}

#endif

void *jn_try_alloc_from(JnAllocator *a, int64_t size, int64_t align) {
    void *p = carve_quickly(a, size, align);
    return __builtin_expect(p != NULL, 1) ? p : alloc_locked(a, size, align);
}

static __attribute__((noinline)) void *alloc_or_panic(JnAllocator *a, int64_t size, int64_t align) {
    void *p = alloc_locked(a, size, align);
    if (!p)
        jn_out_of_memory();
    return p;
}

__attribute__((always_inline)) void *jn_alloc_from(JnAllocator *a, int64_t size, int64_t align) {
    void *p = carve_quickly(a, size, align);
    return __builtin_expect(p != NULL, 1) ? p : alloc_or_panic(a, size, align);
}

__attribute__((noinline)) void jn_free_far(void *p, int64_t size) {
    if (is_watched && jn_custom_hooks->free(p))
        return;
    if (is_outside(p)) {
        jn_free_heap(p, size);
        return;
    }
    Chunk *chunk = chunk_of(p);
    JnAllocator *a = chunk->owner;
    jn_lock(&a->lock);
    if (a->kind == JN_POOL) {
        Slot *slot = p;
        slot->next = chunk->free;
        chunk->free = slot;
        if (!chunk->is_open)
            open_add(a, chunk);
    } else if (object_end(p, (uint64_t)size) == a->at) {
        a->at = p;
    }
    bool is_over = (chunk->live -= weight((uint64_t)size)) == 0 && chunk_emptied(a, chunk);
    jn_unlock(&a->lock);
    if (is_over)
        allocator_free(a);
}

__attribute__((always_inline)) void jn_free_near(void *p, int64_t size) {
    Chunk *chunk = masked(p);
    JnAllocator *a = chunk->owner;
    jn_lock(&a->lock);
    if (__builtin_expect(object_end(p, (uint64_t)size) == a->at, 0))
        a->at = p;
    bool is_over = __builtin_expect((chunk->live -= weight((uint64_t)size)) == 0, 0) && chunk_emptied(a, chunk);
    jn_unlock(&a->lock);
    if (__builtin_expect(is_over, 0))
        allocator_free(a);
}

void *jn_try_resize_chunked(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    void *resized;
    if (is_watched && jn_custom_hooks->resize(p, old_size, new_size, align, &resized))
        return resized;
    if (is_outside(p))
        return jn_try_resize_heap(p, old_size, new_size, align);
    Chunk *chunk = chunk_of(p);
    JnAllocator *a = chunk->owner;
    jn_lock(&a->lock);
    bool is_last =
        a->kind != JN_POOL && object_end(p, (uint64_t)old_size) == a->at && new_size <= a->end - (uint8_t *)p;
    bool stays = is_last || (a->kind == JN_POOL ? new_size <= a->limit : new_size <= old_size);
    if (stays && new_size > 0) {
        if (is_last)
            a->at = object_end(p, (uint64_t)new_size);
        chunk->live += (uint64_t)(new_size - old_size) << COUNT_BITS;
        jn_unlock(&a->lock);
        return p;
    }
    jn_unlock(&a->lock);
    JnAllocator *from = a->is_gone ? jn_current : a;
    void *q = from ? jn_try_alloc_from(from, new_size, align) : jn_try_alloc_heap(new_size, align);
    if (!q)
        return NULL;
    memcpy(q, p, (size_t)(old_size < new_size ? old_size : new_size));
    jn_free_far(p, old_size);
    return q;
}

void *jn_resize_chunked(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    void *q = jn_try_resize_chunked(p, old_size, new_size, align);
    if (!q)
        jn_out_of_memory();
    return q;
}

// ---- allocators ----------------------------------------------------------------------------------------------------

// Only this reserves the range: in a program that makes no allocator the optimiser sees that there is none.
static JnAllocator *allocator_new(int64_t kind, int64_t limit) {
    jn_lock(&range_lock);
    if (!range_end)
        range_reserve();
    jn_unlock(&range_lock);
    JnAllocator *a = jn_alloc_heap(sizeof *a, 8);
    *a = (JnAllocator){.kind = kind, .limit = kind == JN_POOL ? (limit + STEP - 1) / STEP * STEP : limit};
    if (kind != JN_FIXED)
        return a;
    a->current = limit <= (int64_t)1 << 46 ? chunk_new(a, (uint64_t)limit) : NULL;
    if (!a->current) {
        allocator_free(a);
        return NULL;
    }
    a->at = chunk_start(a->current);
    a->end = a->at + limit;
    return a;
}

static void allocator_drop(JnAllocator *a) {
    jn_lock(&a->lock);
    a->is_gone = true;
    for (Chunk *chunk = a->first, *next; chunk; chunk = next) {
        next = chunk->next;
        if (chunk->live == 0)
            chunk_release(a, chunk);
    }
    bool is_over = !a->first;
    jn_unlock(&a->lock);
    if (is_over)
        allocator_free(a);
}

static int64_t count(JnAllocator *a, bool bytes) {
    int64_t sum = 0;
    jn_lock(&a->lock);
    for (const Chunk *chunk = a->first; chunk; chunk = chunk->next)
        sum += (int64_t)(bytes ? chunk->live >> COUNT_BITS : chunk->live & ((1 << COUNT_BITS) - 1));
    jn_unlock(&a->lock);
    return sum;
}

int64_t jn_allocator(int64_t code, int64_t x, int64_t y) {
    JnAllocator *a = (JnAllocator *)(uintptr_t)x, *before = jn_current;
    if (code == JN_ALLOCATOR_SET) {
        JnAllocator *custom = y ? a : before; // what is entered has the one before around it; what is left, the heap
        if (custom && custom->kind == JN_CUSTOM)
            jn_custom_call(JN_ALLOCATOR_AROUND, (int64_t)(uintptr_t)custom, y ? (int64_t)(uintptr_t)before : 0);
        jn_current = a;
        return (int64_t)(uintptr_t)before;
    }
    if (code == JN_ALLOCATOR_NEW ? x == JN_CUSTOM : a->kind == JN_CUSTOM)
        return jn_custom_call(code, x, y);
    switch (code) {
    case JN_ALLOCATOR_NEW: return (int64_t)(uintptr_t)allocator_new(x, y);
    case JN_ALLOCATOR_DROP: allocator_drop(a); return 0;
    case JN_ALLOCATOR_BYTES: return count(a, true);
    default: return count(a, false);
    }
}
