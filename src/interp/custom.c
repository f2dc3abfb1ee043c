// Allocators that are written in Janus (memory.Custom), as rt/custom.c has them: a source is asked by running its code.
#include "interp/internal.h"

enum { ALLOCATE, FREE, END }; // what the source is asked; see memory.jan

typedef struct { // as in memory.jan
    int64_t what, size, align;
    uint64_t at, state;
} Request;

static Region *region_at(Interp *in, uint32_t number) {
    return &in->regions.items[number - 1];
}

bool region_is_custom(Interp *in, uint32_t number) {
    return number && region_at(in, number)->kind == REGION_CUSTOM;
}

static void ask(Interp *in, uint32_t number, Request *request) {
    uint32_t before = in->now.region;
    in->now.region = region_at(in, number)->around;
    region_at(in, number)->is_busy = true;
    request->state = region_at(in, number)->state;
    uint8_t *p = memory_alloc(in, sizeof *request, 8, BLOCK_LIVE);
    memory_will_write(in, p, sizeof *request, 8);
    memcpy(p, request, sizeof *request);
    in->panics_end++;
    interp_run_glue(in, decode(in, function_of_word(in, region_at(in, number)->code)), NULL, p);
    in->panics_end--;
    memcpy(request, p, sizeof *request);
    memory_release(in, p, sizeof *request);
    region_at(in, number)->is_busy = false;
    in->now.region = before;
}

static void end_if_unused(Interp *in, uint32_t number) {
    const Region *r = region_at(in, number);
    if (!r->is_gone || r->objects > 0 || r->is_busy || r->has_ended)
        return;
    region_at(in, number)->has_ended = true;
    Request request = {.what = END};
    ask(in, number, &request);
}

static Owned *find(Interp *in, const uint8_t *p) {
    for (uint32_t i = in->owned.count; i-- > 0;)
        if (in->owned.items[i].at == p && !in->owned.items[i].is_waiting)
            return &in->owned.items[i];
    return NULL;
}

static void give_waiting(Interp *in, uint32_t number) {
    while (region_at(in, number)->waiting > 0) {
        Owned *entry = in->owned.items;
        while (!(entry->is_waiting && entry->region == number))
            entry++;
        Request request = {.what = FREE, .size = entry->size, .at = (uint64_t)(uintptr_t)entry->at};
        in->owned.count--; // in order: a source may pass on what another one gave, and then both have the address
        memmove(entry, entry + 1, (size_t)(in->owned.items + in->owned.count - entry) * sizeof *entry);
        region_at(in, number)->waiting--;
        region_at(in, number)->objects--;
        ask(in, number, &request);
    }
    end_if_unused(in, number);
}

uint8_t *custom_alloc(Interp *in, uint32_t number, int64_t size, int64_t align) {
    if (region_at(in, number)->is_busy) {
        uint32_t around = region_at(in, number)->around;
        return region_is_custom(in, around) ? custom_alloc(in, around, size, align)
                                            : region_alloc(in, around, size, align);
    }
    Request request = {.what = ALLOCATE, .size = size, .align = align};
    region_at(in, number)->objects++;
    ask(in, number, &request);
    uint8_t *p = (uint8_t *)(uintptr_t)request.at;
    if (p)
        vec_push(&in->owned, (Owned){.at = p, .size = size, .region = number});
    else
        region_at(in, number)->objects--;
    give_waiting(in, number);
    return p;
}

bool custom_release(Interp *in, const uint8_t *p) {
    Owned *entry = find(in, p);
    if (!entry)
        return false;
    uint32_t number = entry->region;
    entry->is_waiting = true;
    region_at(in, number)->waiting++;
    if (!region_at(in, number)->is_busy)
        give_waiting(in, number);
    return true;
}

uint32_t custom_owner(Interp *in, const uint8_t *p) {
    const Owned *entry = find(in, p);
    return entry ? entry->region : 0;
}

int64_t custom_call(Interp *in, int64_t code, int64_t x, int64_t y) {
    Region *r = region_at(in, (uint32_t)x);
    switch (code) {
    case REGION_STATE: r->state = (uint64_t)y; return 0;
    case REGION_LEND:
        r->is_busy = y != 0;
        if (!r->is_busy)
            give_waiting(in, (uint32_t)x);
        return 0;
    default: // it is dropped
        r->is_gone = true;
        end_if_unused(in, (uint32_t)x);
        return 0;
    }
}
