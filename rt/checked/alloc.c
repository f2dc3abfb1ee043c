// The checking allocator, linked instead of alloc.c and arena.c by --check-memory: finds leaks, double frees, frees
// with another size than that of the allocation, and writes to freed or foreign memory. Each block stands between
// guards; freed blocks are filled with a pattern and kept back for a while. What it finds ends the process with FOUND.
// Allocators that the program makes keep their counts, and where a buffer of a fixed size is full; their objects are
// blocks as all others. With JANUS_FAIL_ALLOC=N in the environment the N-th allocation fails, as if there were no
// memory; a line on standard error says so.
#include "../custom.h"
#include "checked.h"

#include <stddef.h>

enum { GUARD_BYTES = 16, GUARD = 0xa7, FREED = 0xdb, FRESH = 0xcd, KEPT = 4096, LARGE = 1 << 20 };
enum { LIVE = 0x4c495645, DEAD = 0x44454144 };

// Before each block; its bytes follow, then GUARD_BYTES of GUARD.
typedef struct Block {
    struct Block *next, *previous; // of the live ones
    int64_t size;
    uint32_t state;     // LIVE or DEAD
    uint32_t offset;    // from the start of the memory that malloc gave
    JnAllocator *owner; // NULL: the heap
    int64_t place;      // in a buffer of a fixed size
    uint8_t guard[GUARD_BYTES];
} Block;

struct JnAllocator {
    JnAllocatorHead head;
    int64_t limit; // FIXED: how many bytes; POOL: of a slot
    int64_t at;    // FIXED: where the next object begins
    int64_t bytes, objects;
    bool is_gone; // and goes with its last object
};

// One thread at a time; from within it may come again.
static SpinLock entry_lock;
static JnThread *inside; // atomic
static uint32_t depth;

static void enter(void) {
    if (__atomic_load_n(&inside, __ATOMIC_RELAXED) != jn_thread()) {
        spin_lock(&entry_lock);
        __atomic_store_n(&inside, jn_thread(), __ATOMIC_RELAXED);
    }
    depth++;
}

static void leave(void) {
    if (--depth > 0)
        return;
    __atomic_store_n(&inside, NULL, __ATOMIC_RELAXED);
    spin_unlock(&entry_lock);
}

static bool custom_live; // there are objects of custom.c

void jn_custom_watch(bool is_on) {
    custom_live = is_on;
}

static Block *live;
static int64_t live_count, live_bytes;
static Block *kept[KEPT]; // freed ones, oldest at kept_at
static uint32_t kept_at;

static void say_found(const char *what, const Block *block) {
    jn_flush();
    checked_say(what);
    jn_write_error(" (block of ", 11);
    jn_write_error_number(block ? block->size : 0);
    jn_write_error(" bytes)\n", 8);
}

static _Noreturn void found(const char *what, const Block *block) {
    say_found(what, block);
    jn_backtrace(NULL);
    _exit(CHECKED_FOUND);
}

static uint8_t *bytes_of(Block *block) {
    return (uint8_t *)block + sizeof(Block);
}

static bool all_are(const uint8_t *p, uint8_t value, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (p[i] != value)
            return false;
    return true;
}

static void check_guards(Block *block) {
    if (!all_are(block->guard, GUARD, GUARD_BYTES) || !all_are(bytes_of(block) + block->size, GUARD, GUARD_BYTES))
        found("something was written outside a block", block);
}

static int64_t filled(int64_t size) {
    return size < LARGE ? size : LARGE;
}

// Whether this allocation is the one that is to fail.
static bool fails_now(void) {
    static int64_t left = -1, number;
    if (left < 0) {
        const char *text = checked_setting("JANUS_FAIL_ALLOC");
        left = number = text ? atoll(text) : 0;
    }
    if (left == 0 || --left > 0)
        return false;
    checked_say("allocation ");
    jn_write_error_number(number);
    jn_write_error(" fails\n", 7);
    return true;
}

void jn_out_of_memory(void) {
    jn_panic_text("out of memory", 13, NULL);
}

static Block *block_of(void *p) {
    return (Block *)(void *)((uint8_t *)p - sizeof(Block));
}

static void *alloc_inside(int64_t size, int64_t align) {
    int64_t slack = align > 16 ? align : 16;
    uint8_t *memory = size < 0 || size > (int64_t)1 << 46 || fails_now()
                          ? NULL
                          : malloc((size_t)(size + slack + GUARD_BYTES) + sizeof(Block));
    if (!memory)
        return NULL;
    uintptr_t start = ((uintptr_t)memory + sizeof(Block) + (uintptr_t)slack - 1) / (uintptr_t)slack * (uintptr_t)slack;
    Block *block = (Block *)(start - sizeof(Block));
    *block = (Block){.next = live, .size = size, .state = LIVE, .offset = (uint32_t)((uint8_t *)block - memory)};
    memset(block->guard, GUARD, GUARD_BYTES);
    memset(bytes_of(block), FRESH, (size_t)filled(size));
    memset(bytes_of(block) + size, GUARD, GUARD_BYTES);
    if (live)
        live->previous = block;
    live = block;
    live_count++;
    live_bytes += size;
    return bytes_of(block);
}

void *jn_try_alloc_heap(int64_t size, int64_t align) {
    if (size == 0)
        return (void *)(uintptr_t)align;
    enter();
    void *p = alloc_inside(size, align);
    leave();
    return p;
}

void *jn_alloc_heap(int64_t size, int64_t align) {
    void *p = jn_try_alloc_heap(size, align);
    if (!p)
        jn_out_of_memory();
    return p;
}

// ---- allocators ----------------------------------------------------------------------------------------------------

enum { POOL_STEP = 16 };

// Whether the allocator itself gives such an object; a pool leaves large ones to the heap.
static bool is_given(const JnAllocator *a, int64_t size, int64_t align) {
    return a && size != 0 && (a->head.kind != JN_POOL || (size <= a->limit && align <= POOL_STEP));
}

static void *alloc_from_inside(JnAllocator *a, int64_t size, int64_t align) {
    if (!is_given(a, size, align))
        return jn_try_alloc_heap(size, align);
    int64_t place = (a->at + align - 1) / align * align;
    if (a->head.kind == JN_FIXED && (size < 0 || place > a->limit || size > a->limit - place))
        return NULL;
    void *p = jn_try_alloc_heap(size, align);
    if (!p)
        return NULL;
    block_of(p)->owner = a;
    block_of(p)->place = place;
    if (a->head.kind == JN_FIXED)
        a->at = place + size;
    a->bytes += size;
    a->objects++;
    return p;
}

void *jn_try_alloc_from(JnAllocator *a, int64_t size, int64_t align) {
    if (a && a->head.kind == JN_CUSTOM && size != 0)
        return jn_custom_hooks->alloc((JnCustom *)(void *)a, size, align);
    enter();
    void *p = alloc_from_inside(a, size, align);
    leave();
    return p;
}

void *jn_alloc(int64_t size, int64_t align) {
    void *p = jn_try_alloc_from(jn_current, size, align);
    if (!p)
        jn_out_of_memory();
    return p;
}

static void give_back(JnAllocator *a, int64_t place, int64_t size) {
    if (place + size == a->at)
        a->at = place;
    a->bytes -= size;
    if (--a->objects > 0)
        return;
    a->at = 0;
    if (a->is_gone)
        free(a);
}

static JnAllocator *allocator_new(int64_t kind, int64_t limit) {
    JnAllocator *a = kind == JN_FIXED && limit > (int64_t)1 << 46 ? NULL : malloc(sizeof *a);
    if (a)
        *a = (JnAllocator){.head.kind = kind,
                           .limit = kind == JN_POOL ? (limit + POOL_STEP - 1) / POOL_STEP * POOL_STEP : limit};
    return a;
}

static void allocator_drop(JnAllocator *a) {
    enter();
    a->is_gone = true;
    if (a->objects == 0)
        free(a);
    leave();
}

int64_t jn_allocator(int64_t code, int64_t x, int64_t y) {
    JnAllocator *a = (JnAllocator *)(uintptr_t)x, *before = jn_current;
    if (code == JN_ALLOCATOR_SET) {
        JnAllocator *custom = y ? a : before;
        if (custom && custom->head.kind == JN_CUSTOM)
            jn_custom_call(JN_ALLOCATOR_AROUND, (int64_t)(uintptr_t)custom, y ? (int64_t)(uintptr_t)before : 0);
        jn_current = a;
        return (int64_t)(uintptr_t)before;
    }
    if (code == JN_ALLOCATOR_NEW ? x == JN_CUSTOM : a->head.kind == JN_CUSTOM)
        return jn_custom_call(code, x, y);
    switch (code) {
    case JN_ALLOCATOR_NEW: return (int64_t)(uintptr_t)allocator_new(x, y);
    case JN_ALLOCATOR_DROP: allocator_drop(a); return 0;
    case JN_ALLOCATOR_BYTES: return a->bytes;
    default: return a->objects;
    }
}

// Whether an object grows or shrinks where it is.
static bool resizes_in_place(JnAllocator *a, int64_t place, int64_t old, int64_t size) {
    if (size == 0)
        return false;
    if (a->head.kind == JN_POOL)
        return size <= a->limit;
    bool is_last = a->head.kind == JN_FIXED && place + old == a->at && size <= a->limit - place;
    if (is_last)
        a->at = place + size;
    return is_last || (a->head.kind == JN_FIXED && size <= old);
}

// ---- freeing -------------------------------------------------------------------------------------------------------

static void release(Block *block) {
    if (!all_are(bytes_of(block), FREED, filled(block->size)))
        found("something was written to a block after it was freed", block);
    free((uint8_t *)block - block->offset);
}

static void free_inside(void *p, int64_t size) {
    Block *block = block_of(p);
    if (block->state == DEAD)
        found("a block was freed twice", block);
    if (block->state != LIVE)
        found("what was freed is no block", NULL);
    check_guards(block);
    if (block->size != size)
        found("a block was freed with another size than its own", block);
    *(block->previous ? &block->previous->next : &live) = block->next;
    if (block->next)
        block->next->previous = block->previous;
    live_count--;
    live_bytes -= size;
    block->state = DEAD;
    if (block->owner)
        give_back(block->owner, block->place, size);
    memset(bytes_of(block), FREED, (size_t)filled(size));
    if (kept[kept_at])
        release(kept[kept_at]);
    kept[kept_at] = block;
    kept_at = (kept_at + 1) % KEPT;
}

void jn_free(void *p, int64_t size, int64_t align) {
    (void)align;
    if (size == 0 || (custom_live && jn_custom_hooks->free(p)))
        return;
    enter();
    free_inside(p, size);
    leave();
}

void jn_free_heap(void *p, int64_t size) {
    jn_free(p, size, 8);
}

// NULL: there is no memory. False: it has to move.
static bool resize_in_place(Block *old, int64_t new_size, int64_t align, void **result) {
    JnAllocator *a = old->owner;
    int64_t at = a->at;
    if (!resizes_in_place(a, old->place, old->size, new_size))
        return false;
    void *q = jn_try_alloc_heap(new_size, align); // always elsewhere, so that a pointer kept too long is noticed
    *result = q;
    if (!q) {
        a->at = at;
        return true;
    }
    block_of(q)->owner = a;
    block_of(q)->place = old->place;
    a->bytes += new_size - old->size;
    old->owner = NULL; // the new block stands for it
    return true;
}

void *jn_try_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    void *q;
    if (custom_live && old_size && jn_custom_hooks->resize(p, old_size, new_size, align, &q))
        return q;
    Block *old = old_size ? block_of(p) : NULL;
    JnAllocator *a = old ? old->owner : jn_current;
    bool stays = false;
    if (old && a && a->head.kind != JN_CUSTOM) {
        enter();
        stays = resize_in_place(old, new_size, align, &q);
        leave();
    }
    if (!stays)
        q = jn_try_alloc_from(a && a->is_gone ? jn_current : a, new_size, align);
    if (!q)
        return NULL;
    memcpy(q, p, (size_t)(old_size < new_size ? old_size : new_size));
    jn_free(p, old_size, align);
    return q;
}

void *jn_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    void *q = jn_try_resize(p, old_size, new_size, align);
    if (!q)
        jn_out_of_memory();
    return q;
}

// When main has returned: everything must have been dropped. There is no chain of frames to be shown then.
__attribute__((destructor)) static void check_end(void) {
    for (Block *block = live; block; block = block->next)
        check_guards(block);
    for (uint32_t i = 0; i < KEPT; i++)
        if (kept[i])
            release(kept[i]);
    if (live_count > 0) {
        say_found("memory was never freed", live);
        _exit(CHECKED_FOUND);
    }
}
