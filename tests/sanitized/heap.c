// The heap of programs that tools/sanitized builds, instead of rt/alloc.c: each object is one of malloc, which the
// sanitizers know. What growing lists keep from before is always elsewhere, so that it is noticed if it is used.
#include "../../rt/custom.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BITS = 46 };

void jn_out_of_memory(void) {
    jn_panic_text("out of memory", 13, NULL);
}

void *jn_try_alloc_heap(int64_t size, int64_t align) {
    if (size == 0)
        return (void *)(uintptr_t)align;
    if (size < 0 || size > (int64_t)1 << MOST_BITS)
        return NULL;
    void *p = NULL;
    return posix_memalign(&p, align < 16 ? 16 : (size_t)align, (size_t)size) == 0 ? p : NULL;
}

void *jn_alloc_heap(int64_t size, int64_t align) {
    void *p = jn_try_alloc_heap(size, align);
    if (!p)
        jn_out_of_memory();
    return p;
}

void *jn_alloc(int64_t size, int64_t align) {
    return jn_current ? jn_alloc_from(jn_current, size, align) : jn_alloc_heap(size, align);
}

void jn_free_heap(void *p, int64_t size) {
    if (size != 0)
        free(p);
}

static bool is_near(const void *p) {
    return (uintptr_t)p - jn_range_base < jn_near_bytes;
}

static bool is_far(const void *p) {
    return jn_range_bytes != 0 && (uintptr_t)p - jn_range_base < jn_range_bytes;
}

void jn_free(void *p, int64_t size, int64_t align) {
    (void)align;
    if (is_near(p))
        jn_free_near(p, size);
    else if (is_far(p))
        jn_free_far(p, size);
    else
        jn_free_heap(p, size);
}

void *jn_try_resize_heap(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    void *q = jn_try_alloc_heap(new_size, align);
    if (!q)
        return NULL;
    memcpy(q, p, (size_t)(old_size < new_size ? old_size : new_size));
    jn_free_heap(p, old_size);
    return q;
}

void *jn_try_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    if (old_size == 0)
        return jn_current ? jn_try_alloc_from(jn_current, new_size, align) : jn_try_alloc_heap(new_size, align);
    if (is_near(p) || is_far(p))
        return jn_try_resize_chunked(p, old_size, new_size, align);
    return jn_try_resize_heap(p, old_size, new_size, align);
}

void *jn_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) {
    void *q = jn_try_resize(p, old_size, new_size, align);
    if (!q)
        jn_out_of_memory();
    return q;
}
