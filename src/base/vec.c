#include "base/base.h"

#include <stdlib.h>

// The layout every VEC(T) shares; T only changes what `items` points to.
typedef VEC(char) AnyVec;

void vec_reserve_(void *vec, uint32_t extra, size_t item_size) {
    AnyVec *v = vec;
    uint64_t needed = (uint64_t)v->count + extra;
    if (needed <= v->capacity)
        return;
    invariant(needed <= UINT32_MAX, "a vector cannot hold more than 2^32 items");
    uint64_t capacity = v->capacity ? (uint64_t)v->capacity * 2 : 8;
    if (capacity < needed)
        capacity = needed;
    if (capacity > UINT32_MAX)
        capacity = UINT32_MAX;
    char *items = realloc(v->items, (size_t)capacity * item_size);
    if (!items) {
        fputs("error: out of memory\n", stderr);
        exit(1);
    }
    v->items = items;
    v->capacity = (uint32_t)capacity;
}

// Few items are copied. Many stay where they are: the pages of a copy cost more than what the vector has to spare.
void *vec_freeze_(void *vec, Arena *arena, size_t item_size) {
    enum { FEW = 64 * 1024 };
    AnyVec *v = vec;
    size_t bytes = v->count * item_size;
    void *items;
    if (bytes < FEW) {
        items = arena_copy(arena, v->items, bytes, _Alignof(max_align_t));
        free(v->items);
    } else {
        void *fitting = realloc(v->items, bytes);
        items = arena_adopt(arena, fitting ? fitting : v->items);
    }
    *v = (AnyVec){0};
    return items;
}

void vec_free_(void *vec) {
    AnyVec *v = vec;
    free(v->items);
    *v = (AnyVec){0};
}
