// The checking allocator, linked instead of alloc.c by --check-memory: finds leaks, double frees, frees with another
// size than that of the allocation, and writes to freed or foreign memory. Each block stands between guards; freed
// blocks are filled with a pattern and kept back for a while. What it finds ends the process with FOUND. With
// JANUS_FAIL_ALLOC=N in the environment the N-th allocation fails, as if there were no memory.
#include "../rt.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOUND = 99, GUARD_BYTES = 16, GUARD = 0xa7, FREED = 0xdb, FRESH = 0xcd, KEPT = 4096, LARGE = 1 << 20 };
enum { LIVE = 0x4c495645, DEAD = 0x44454144 };

// Before each block; its bytes follow, then GUARD_BYTES of GUARD.
typedef struct Block {
    struct Block *next, *previous; // of the live ones
    int64_t size;
    uint32_t state;  // LIVE or DEAD
    uint32_t offset; // from the start of the memory that malloc gave
    uint8_t guard[GUARD_BYTES];
} Block;

static Block *live;
static int64_t live_count, live_bytes;
static Block *kept[KEPT]; // freed ones, oldest at kept_at
static uint32_t kept_at;

static _Noreturn void found(const char *what, const Block *block) {
    jn_flush();
    jn_write_error("memory check: ", 14);
    jn_write_error(what, (int64_t)strlen(what));
    jn_write_error(" (block of ", 11);
    jn_write_error_number(block ? block->size : 0);
    jn_write_error(" bytes)\n", 8);
    jn_backtrace(NULL);
    _exit(FOUND);
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
    static int64_t left = -1;
    if (left < 0) {
        const char *number = getenv("JANUS_FAIL_ALLOC");
        left = number ? atoll(number) : 0;
    }
    return left > 0 && --left == 0;
}

void *jn_alloc(int64_t size, int64_t align) {
    if (size == 0)
        return (void *)(uintptr_t)align;
    int64_t slack = align > 16 ? align : 16;
    uint8_t *memory = size < 0 || size > (int64_t)1 << 46 || fails_now()
                          ? NULL
                          : malloc((size_t)(size + slack + GUARD_BYTES) + sizeof(Block));
    if (!memory)
        jn_panic_text("out of memory", 13, NULL);
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

static void release(Block *block) {
    if (!all_are(bytes_of(block), FREED, filled(block->size)))
        found("something was written to a block after it was freed", block);
    free((uint8_t *)block - block->offset);
}

void jn_free(void *p, int64_t size, int64_t align) {
    (void)align;
    if (size == 0)
        return;
    Block *block = (Block *)(void *)((uint8_t *)p - sizeof(Block));
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
    memset(bytes_of(block), FREED, (size_t)filled(size));
    if (kept[kept_at])
        release(kept[kept_at]);
    kept[kept_at] = block;
    kept_at = (kept_at + 1) % KEPT;
}

void *jn_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    void *q = jn_alloc(new_size, align); // always elsewhere, so that a pointer kept too long is noticed
    memcpy(q, p, (size_t)(old_size < new_size ? old_size : new_size));
    jn_free(p, old_size, align);
    return q;
}

// When main has returned: everything must have been dropped.
__attribute__((destructor)) static void check_end(void) {
    for (Block *block = live; block; block = block->next)
        check_guards(block);
    for (uint32_t i = 0; i < KEPT; i++)
        if (kept[i])
            release(kept[i]);
    if (live_count > 0)
        found("memory was never freed", live);
}
