// Drops of recursive types. Their glue counts its depth here; beyond the limit it hands over the bytes of the value,
// and the outermost drop works them off: last in, first out, so that no more is kept than a branch of the tree is wide.
#include "rt.h"

#include <string.h>

enum { DROP_DEPTH_LIMIT = 100, FIRST_BYTES = 4096 };

typedef struct {
    JnDropFn drop;
    int64_t size;
} Kept; // stands after the bytes, which are rounded up to 8

static int32_t drop_depth;
static uint8_t *kept;
static int64_t kept_used, kept_capacity;
static uint8_t *dropping; // the bytes of the value that drop_kept drops; a panic may leave them behind
static int64_t dropping_size;

static void keep_room(int64_t bytes) {
    if (kept_used + bytes <= kept_capacity)
        return;
    int64_t capacity = kept_capacity ? kept_capacity * 2 : FIRST_BYTES;
    while (capacity < kept_used + bytes)
        capacity *= 2;
    uint8_t *larger = jn_alloc_heap(capacity, 16);
    if (kept_used)
        memcpy(larger, kept, (size_t)kept_used);
    if (kept)
        jn_free(kept, kept_capacity, 16);
    kept = larger;
    kept_capacity = capacity;
}

bool jn_drop_enter(void) {
    return ++drop_depth <= DROP_DEPTH_LIMIT;
}

void jn_drop_defer(const void *value, int64_t size, JnDropFn drop) {
    drop_depth--; // first: making room may panic
    int64_t padded = (size + 7) & ~(int64_t)7;
    keep_room(padded + (int64_t)sizeof(Kept));
    memcpy(kept + kept_used, value, (size_t)size);
    Kept last = {drop, padded};
    memcpy(kept + kept_used + padded, &last, sizeof last);
    kept_used += padded + (int64_t)sizeof last;
}

static void free_dropping(void) {
    if (dropping)
        jn_free(dropping, dropping_size, 16);
    dropping = NULL;
}

static __attribute__((noinline)) void drop_kept(void) {
    free_dropping();
    while (kept_used > 0) {
        Kept last;
        memcpy(&last, kept + kept_used - (int64_t)sizeof last, sizeof last);
        kept_used -= last.size + (int64_t)sizeof last;
        uint8_t *value = jn_alloc_heap(last.size, 16); // the kept bytes may move while the value is dropped
        memcpy(value, kept + kept_used, (size_t)last.size);
        dropping = value;
        dropping_size = last.size;
        last.drop(NULL, value);
        free_dropping();
    }
    jn_free(kept, kept_capacity, 16);
    kept = NULL;
    kept_capacity = 0;
}

void jn_drop_leave(void) {
    if (__builtin_expect(drop_depth == 1 && kept != NULL, 0))
        drop_kept(); // at depth 1, so that these drops do not work off the rest themselves
    drop_depth--;
}
