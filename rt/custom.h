// What the allocators of arena.c and those of custom.c know of each other.
#ifndef JANUS_CUSTOM_H
#define JANUS_CUSTOM_H

#include "rt.h"
#include "thread.h"

#include <stddef.h>

// How every JnAllocator begins. A custom one has no room here, and so is asked otherwise.
typedef struct {
    uint8_t *at, *end;     // where the next object begins in the current chunk
    struct Chunk *current; // where objects are carved
    int64_t kind;
} JnAllocatorHead;

typedef struct JnCustom JnCustom;

typedef struct {
    // NULL where the source has none.
    void *(*alloc)(JnCustom *a, int64_t size, int64_t align);
    // False: it is of no custom allocator.
    bool (*free)(void *p);
    bool (*resize)(void *p, int64_t old_size, int64_t new_size, int64_t align, void **result);
} JnCustomHooks;

// Set where the first custom allocator is made, and nowhere else: so the optimiser sees of programs that make none that
// nothing behind it is ever called, nor anything that only it could make happen.
extern const JnCustomHooks *jn_custom_hooks;
int64_t jn_custom_call(int64_t code, int64_t x, int64_t y); // as jn_allocator

// Of the allocator beneath: from now on every object that is freed or resized is asked about, or none is.
void jn_custom_watch(bool is_on);
void jn_free_heap(void *p, int64_t size);
void *jn_try_resize_heap(void *p, int64_t old_size, int64_t new_size, int64_t align);
extern _Thread_local int jn_panics_end; // more than 0: a panic ends the process at once

#endif
