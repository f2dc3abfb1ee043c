// Drops of recursive types. Their glue counts its depth here; beyond the limit it hands over the bytes of the value,
// and the outermost drop works them off: last in, first out, so that no more is kept than a branch of the tree is wide.
#include "thread.h"

#include <string.h>

enum { FIRST_BYTES = 4096 };

typedef struct {
    JnDropFn drop;
    int64_t size;
} Kept; // stands after the bytes, which are rounded up to 8

#ifdef JN_THREADS

static inline JnDrops *these_drops(void) {
    return &jn_thread()->drops;
}

#else

static JnDrops the_drops;

static inline JnDrops *these_drops(void) {
    return &the_drops;
}

#endif

static void keep_room(JnDrops *d, int64_t bytes) {
    if (d->kept_used + bytes <= d->kept_capacity)
        return;
    int64_t capacity = d->kept_capacity ? d->kept_capacity * 2 : FIRST_BYTES;
    while (capacity < d->kept_used + bytes)
        capacity *= 2;
    uint8_t *larger = jn_alloc_heap(capacity, 16);
    if (d->kept_used)
        memcpy(larger, d->kept, (size_t)d->kept_used);
    if (d->kept)
        jn_free(d->kept, d->kept_capacity, 16);
    d->kept = larger;
    d->kept_capacity = capacity;
}

int64_t jn_drop_enter(void) {
    return ++these_drops()->depth;
}

void jn_drop_defer(const void *value, int64_t size, JnDropFn drop) {
    JnDrops *d = these_drops();
    d->depth--; // first: making room may panic
    int64_t padded = (size + 7) & ~(int64_t)7;
    keep_room(d, padded + (int64_t)sizeof(Kept));
    memcpy(d->kept + d->kept_used, value, (size_t)size);
    Kept last = {drop, padded};
    memcpy(d->kept + d->kept_used + padded, &last, sizeof last);
    d->kept_used += padded + (int64_t)sizeof last;
}

static void free_dropping(JnDrops *d) {
    if (d->dropping)
        jn_free(d->dropping, d->dropping_size, 16);
    d->dropping = NULL;
}

static __attribute__((noinline)) void drop_kept(JnDrops *d) {
    free_dropping(d);
    while (d->kept_used > 0) {
        Kept last;
        memcpy(&last, d->kept + d->kept_used - (int64_t)sizeof last, sizeof last);
        d->kept_used -= last.size + (int64_t)sizeof last;
        uint8_t *value = jn_alloc_heap(last.size, 16); // the kept bytes may move while the value is dropped
        memcpy(value, d->kept + d->kept_used, (size_t)last.size);
        d->dropping = value;
        d->dropping_size = last.size;
        last.drop(NULL, value);
        free_dropping(d);
    }
    jn_free(d->kept, d->kept_capacity, 16);
    d->kept = NULL;
    d->kept_capacity = 0;
}

void jn_drop_leave(int64_t depth) {
    JnDrops *d = these_drops();
    if (__builtin_expect(depth == 1 && d->kept != NULL, 0))
        drop_kept(d);     // at depth 1, so that these drops do not work off the rest themselves
    d->depth = depth - 1; // not read again, so that the next drop waits for no chain of loads and stores
}
