// Allocation. Sizes up to SMALL_LIMIT come from one free list for each multiple of 16 bytes, larger ones up to
// MIDDLE_LIMIT from lists for four steps per power of two, both carved from blocks of the system; above that each
// allocation is a mapping of its own, which grows by remapping. The size is known at free, so nothing precedes an
// object. Each thread has lists and a block of its own. What it frees comes into its own lists, whoever allocated it;
// of a list that grows too long a batch goes to those that all threads share, and comes back from there where a list is
// empty: so what one thread allocates and another frees goes round.
//
// Touching memory for the first time costs more than most work on it: the system hands it out page by page. So blocks
// grow with the heap, and from HUGE_BYTES on memory is asked for in huge pages, which begin at multiples of their size.
#include "custom.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

enum {
    STEP = 16,
    SMALL_LIMIT = 512,
    SMALL_CLASSES = SMALL_LIMIT / STEP + 1,
    MIDDLE_LIMIT = 64 * 1024,
    BLOCK_BYTES = 256 * 1024,
    BLOCK_LIMIT = 16 * 1024 * 1024,
    HUGE_BYTES = 2 * 1024 * 1024,
};

_Static_assert(JN_SIZE_CLASSES == SMALL_CLASSES + 4 * 7 + 1, "there is a list for each class");

#ifdef JN_THREADS

static inline JnHeap *this_heap(void) {
    return &jn_thread()->heap;
}

#else

static JnHeap the_heap;

static inline JnHeap *this_heap(void) {
    return &the_heap;
}

#endif

_Noreturn __attribute__((noinline, cold)) void jn_out_of_memory(void) {
    static const char text[] = "out of memory";
    jn_panic_text(text, sizeof text - 1, NULL);
}

static inline uint32_t class_of(uint64_t size) {
    if (size <= SMALL_LIMIT)
        return (uint32_t)((size + STEP - 1) / STEP);
    // four steps per power of two: 640 768 896 1024 1280 …
    uint32_t log = 63 - (uint32_t)__builtin_clzll(size - 1);
    uint32_t quarter = (uint32_t)((size - 1) >> (log - 2)) & 3;
    return SMALL_CLASSES + (log - 9) * 4 + quarter;
}

static inline uint64_t class_bytes(uint32_t class) {
    if (class < SMALL_CLASSES)
        return (uint64_t)class * STEP;
    uint32_t log = (class - SMALL_CLASSES) / 4 + 9, quarter = (class - SMALL_CLASSES) % 4;
    return ((uint64_t)1 << log) + ((uint64_t)(quarter + 1) << (log - 2));
}

// What a mapping of this size takes: whole huge pages where that makes it at most a quarter larger. Growing lists have
// no ordinary pages then from 1.6 MB on but where they end unluckily, and each of those costs a fault.
static uint64_t page_round(uint64_t size) {
    uint64_t huge = (size + HUGE_BYTES - 1) & ~(uint64_t)(HUGE_BYTES - 1);
    if (huge - size <= size / 4)
        return huge;
    return (size + 4095) & ~(uint64_t)4095;
}

// Of at least HUGE_BYTES: begins where a huge page can.
static void *try_map_huge(uint64_t size) {
    uint64_t wide = size + HUGE_BYTES;
    uint8_t *p = mmap(NULL, wide, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    uint64_t before = -(uintptr_t)p & (HUGE_BYTES - 1);
    if (before)
        munmap(p, before);
    if (before < HUGE_BYTES)
        munmap(p + before + size, wide - before - size);
    madvise(p + before, size, MADV_HUGEPAGE); // where the system has none, ordinary pages serve
    return p + before;
}

static void *try_map_pages(uint64_t size) {
    if (size >= HUGE_BYTES)
        return try_map_huge(size);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

// NULL, and nothing changed, when there is none. What has to move is moved page by page, not byte by byte, to where
// huge pages stay whole.
static void *try_remap_pages(void *p, uint64_t old, uint64_t new) {
    if (new < HUGE_BYTES) {
        void *q = mremap(p, old, new, MREMAP_MAYMOVE);
        return q == MAP_FAILED ? NULL : q;
    }
    bool was_huge = old >= HUGE_BYTES;
    if (was_huge && mremap(p, old, new, 0) != MAP_FAILED)
        return p;
    void *q = try_map_huge(new);
    if (!q)
        return NULL;
    void *moved = mremap(p, old, new, MREMAP_MAYMOVE | MREMAP_FIXED, q);
    if (moved == MAP_FAILED) {
        munmap(q, new);
        return NULL;
    }
    if (!was_huge)
        madvise(moved, new, MADV_HUGEPAGE);
    return moved;
}

static void *map_pages(uint64_t size) {
    void *p = try_map_pages(size);
    if (!p)
        jn_out_of_memory();
    return p;
}

// ---- lists of free objects -----------------------------------------------------------------------------------------

#ifdef JN_THREADS

static struct {
    SpinLock lock;
    JnFree *batches;
} shared_lists[JN_SIZE_CLASSES];

static inline int64_t batch_count(uint32_t class) {
    return class < SMALL_CLASSES ? 64 : 4;
}

// The list is as long as a batch. Another one is kept besides, so that not every few objects change hands.
static __attribute__((noinline)) void share(JnFreeList *list, uint32_t class) {
    JnFree *batch = list->full;
    list->full = list->free;
    list->free = NULL;
    list->count = 0;
    if (!batch)
        return;
    jn_lock(&shared_lists[class].lock);
    batch->next_batch = shared_lists[class].batches;
    shared_lists[class].batches = batch;
    jn_unlock(&shared_lists[class].lock);
}

// The list is empty. False if it stays so.
static bool refill(JnFreeList *list, uint32_t class) {
    list->free = list->full;
    list->full = NULL;
    list->count = batch_count(class);
    if (!list->free && __atomic_load_n(&shared_lists[class].batches, __ATOMIC_RELAXED)) {
        jn_lock(&shared_lists[class].lock);
        list->free = shared_lists[class].batches;
        if (list->free)
            __atomic_store_n(&shared_lists[class].batches, list->free->next_batch, __ATOMIC_RELAXED);
        jn_unlock(&shared_lists[class].lock);
    }
    if (!list->free)
        list->count = 0;
    return list->free != NULL;
}

static inline void *take_free(JnFreeList *list) {
    JnFree *f = list->free;
    if (__builtin_expect(f == NULL, 0))
        return NULL;
    list->free = f->next;
    list->count--;
    return f;
}

static inline void give_free(JnHeap *heap, uint32_t class, void *p) {
    JnFreeList *list = &heap->lists[class];
    JnFree *f = p;
    f->next = list->free;
    list->free = f;
    if (__builtin_expect(++list->count >= batch_count(class), 0))
        share(list, class);
}

#else

static inline bool refill(JnFreeList *list, uint32_t class) {
    (void)list;
    (void)class;
    return false;
}

static inline void *take_free(JnFreeList *list) {
    JnFree *f = list->free;
    if (__builtin_expect(f != NULL, 1))
        list->free = f->next;
    return f;
}

static inline void give_free(JnHeap *heap, uint32_t class, void *p) {
    JnFree *f = p;
    f->next = heap->lists[class].free;
    heap->lists[class].free = f;
}

#endif

// ---- blocks --------------------------------------------------------------------------------------------------------

// Hands the rest of the block to the free lists of the classes that fit it exactly.
static void retire_block(JnHeap *heap) {
    while (heap->block_end - heap->block_at >= STEP) {
        uint64_t rest = (uint64_t)(heap->block_end - heap->block_at);
        uint64_t piece = rest < SMALL_LIMIT ? rest / STEP * STEP : SMALL_LIMIT;
        give_free(heap, (uint32_t)(piece / STEP), heap->block_at);
        heap->block_at += piece;
    }
}

// As large as all before: at most as much again is asked for as is used.
static uint64_t block_size(const JnHeap *heap) {
    uint64_t size = BLOCK_BYTES;
    while (size < heap->bytes && size < BLOCK_LIMIT)
        size *= 2;
    return size;
}

static void begin_block(JnHeap *heap, uint8_t *block, uint64_t size) {
    retire_block(heap);
    heap->block_at = block;
    heap->block_end = block + size;
    heap->bytes += size;
}

static __attribute__((noinline)) void *carve(uint32_t class) {
    JnHeap *heap = this_heap();
    if (refill(&heap->lists[class], class))
        return take_free(&heap->lists[class]);
    uint64_t bytes = class_bytes(class);
    if ((uint64_t)(heap->block_end - heap->block_at) < bytes) {
        uint64_t size = block_size(heap);
        begin_block(heap, map_pages(size), size);
    }
    void *p = heap->block_at;
    heap->block_at += bytes;
    return p;
}

static __attribute__((noinline)) void *alloc_large(uint64_t size) {
    if (size > (uint64_t)1 << 46)
        jn_out_of_memory();
    return map_pages(page_round(size));
}

static inline void *heap_alloc(int64_t size, int64_t align) {
    uint64_t n = (uint64_t)size;
    if (__builtin_expect(n > MIDDLE_LIMIT, 0))
        return alloc_large(n);
    if (n == 0)
        return (void *)(uintptr_t)align; // never read: any aligned address will do
    uint32_t class = class_of(n);
    void *p = take_free(&this_heap()->lists[class]);
    return __builtin_expect(p != NULL, 1) ? p : carve(class);
}

void *jn_alloc_heap(int64_t size, int64_t align) {
    return heap_alloc(size, align);
}

void *jn_alloc(int64_t size, int64_t align) {
    if (__builtin_expect(jn_current != NULL, 0))
        return jn_alloc_from(jn_current, size, align);
    return heap_alloc(size, align);
}

static inline bool is_near(const void *p) {
    return (uintptr_t)p - jn_range_base < jn_near_bytes;
}

static inline bool is_far(const void *p) {
    return __builtin_expect(jn_range_bytes != 0, 0) && (uintptr_t)p - jn_range_base < jn_range_bytes;
}

static inline bool is_chunked(const void *p) {
    return __builtin_expect(is_near(p) || is_far(p), 0);
}

static inline void free_heap(void *p, int64_t size) {
    uint64_t n = (uint64_t)size;
    if (__builtin_expect(n > MIDDLE_LIMIT, 0)) {
        munmap(p, page_round(n));
        return;
    }
    if (n == 0)
        return;
    give_free(this_heap(), class_of(n), p);
}

void jn_free(void *p, int64_t size, int64_t align) {
    (void)align;
    if (is_near(p))
        jn_free_near(p, size);
    else if (is_far(p))
        jn_free_far(p, size);
    else
        free_heap(p, size);
}

void jn_free_heap(void *p, int64_t size) {
    free_heap(p, size);
}

void *jn_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    if (is_chunked(p))
        return jn_resize_chunked(p, old_size, new_size, align);
    uint64_t old = (uint64_t)old_size, new = (uint64_t)new_size;
    if (old > MIDDLE_LIMIT && new > MIDDLE_LIMIT && new <= (uint64_t)1 << 46) {
        void *q = try_remap_pages(p, page_round(old), page_round(new));
        if (!q)
            jn_out_of_memory();
        return q;
    }
    if (old != 0 && new != 0 && old <= MIDDLE_LIMIT && new <= MIDDLE_LIMIT && class_of(old) == class_of(new))
        return p;
    void *q = old ? heap_alloc(new_size, align) : jn_alloc(new_size, align);
    memcpy(q, p, old < new ? old : new);
    jn_free(p, old_size, align);
    return q;
}

// ---- where the program asks whether there is memory ----------------------------------------------------------------

void *jn_try_alloc_heap(int64_t size, int64_t align) {
    uint64_t n = (uint64_t)size;
    if (n > MIDDLE_LIMIT)
        return n <= (uint64_t)1 << 46 ? try_map_pages(page_round(n)) : NULL;
    uint32_t class = class_of(n);
    JnHeap *heap = this_heap();
    if (n > 0 && !heap->lists[class].free && !refill(&heap->lists[class], class) &&
        (uint64_t)(heap->block_end - heap->block_at) < class_bytes(class)) {
        uint64_t bytes = block_size(heap);
        uint8_t *block = try_map_pages(bytes);
        if (!block)
            return NULL;
        begin_block(heap, block, bytes);
    }
    return heap_alloc(size, align);
}

void *jn_try_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    if (old_size == 0)
        return jn_current ? jn_try_alloc_from(jn_current, new_size, align) : jn_try_alloc_heap(new_size, align);
    if (is_chunked(p))
        return jn_try_resize_chunked(p, old_size, new_size, align);
    return jn_try_resize_heap(p, old_size, new_size, align);
}

void *jn_try_resize_heap(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    uint64_t old = (uint64_t)old_size, new = (uint64_t)new_size;
    if (old > MIDDLE_LIMIT && new > MIDDLE_LIMIT) {
        return new <= (uint64_t)1 << 46 ? try_remap_pages(p, page_round(old), page_round(new)) : NULL;
    }
    if (new != 0 && old <= MIDDLE_LIMIT && new <= MIDDLE_LIMIT && class_of(old) == class_of(new))
        return p;
    void *q = jn_try_alloc_heap(new_size, align);
    if (!q)
        return NULL;
    memcpy(q, p, old < new ? old : new);
    free_heap(p, old_size);
    return q;
}
