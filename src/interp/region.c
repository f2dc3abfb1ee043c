// Allocators that the program made: who gave a block, what is live of each, and where a buffer of a fixed size is full.
#include "interp/internal.h"

enum { POOL_STEP = 16 };

static Region *region_at(Interp *in, uint32_t number) {
    return number ? &in->regions.items[number - 1] : NULL;
}

// Whether the region itself gives such an object; a pool leaves large ones to the heap.
static bool is_given(const Region *r, int64_t size, int64_t align) {
    return r && (r->kind != REGION_POOL || (size <= r->limit && align <= POOL_STEP));
}

// Where the object would begin in a buffer of a fixed size; -1 where it does not fit.
static int64_t place_for(const Region *r, int64_t size, int64_t align) {
    int64_t place = (r->at + align - 1) / align * align;
    return place > r->limit || size > r->limit - place ? -1 : place;
}

uint8_t *region_alloc(Interp *in, uint32_t region, int64_t size, int64_t align) {
    if (size == 0)
        return (uint8_t *)(uintptr_t)align;
    if (size < 0)
        interp_violation(in, "an allocation of %lld bytes", (long long)size);
    if (region_is_custom(in, region)) {
        uint8_t *given = custom_alloc(in, region, size, align);
        if (!given)
            interp_panic_text(in, "out of memory");
        return given;
    }
    Region *r = region_at(in, region);
    bool given = is_given(r, size, align);
    int64_t place = given && r->kind == REGION_FIXED ? place_for(r, size, align) : 0;
    if (place < 0)
        interp_panic_text(in, "out of memory");
    if (given)
        r->at = place + size;
    uint8_t *p = memory_alloc(in, (uint64_t)size, (uint64_t)align, BLOCK_LIVE);
    Block *block = memory_block_at(&in->memory, p);
    block->region = given ? region : 0;
    block->place = place;
    if (given) {
        r->bytes += size;
        r->objects++;
    }
    return p;
}

static void give_back(Region *r, int64_t place, int64_t size) {
    if (place + size == r->at)
        r->at = place;
    r->bytes -= size;
    if (--r->objects == 0)
        r->at = 0;
}

static Block *live_block(Interp *in, const uint8_t *p) {
    Block *block = memory_block_at(&in->memory, p);
    return block && block->state == BLOCK_LIVE ? block : NULL;
}

void region_release(Interp *in, uint8_t *p, int64_t size) {
    if (size && in->owned.count && custom_release(in, p))
        return;
    const Block *block = size ? live_block(in, p) : NULL;
    uint32_t region = block ? block->region : 0;
    int64_t place = block ? block->place : 0;
    memory_release(in, p, (uint64_t)size);
    if (region)
        give_back(region_at(in, region), place, size);
}

// Whether an object grows or shrinks where it is.
static bool resize_in_place(Region *r, int64_t place, int64_t old, int64_t size) {
    if (size == 0)
        return false;
    if (r->kind == REGION_POOL)
        return size <= r->limit;
    bool is_last = r->kind == REGION_FIXED && place + old == r->at && size <= r->limit - place;
    if (is_last)
        r->at = place + size;
    return is_last || (r->kind == REGION_FIXED && size <= old);
}

// The bytes always go elsewhere, so that an address kept too long is noticed.
static uint8_t *resize_custom(Interp *in, uint32_t number, uint8_t *p, int64_t old, int64_t size, int64_t align) {
    bool is_gone = region_at(in, number)->is_gone;
    uint8_t *q = region_alloc(in, is_gone ? in->now.region : number, size, align);
    memory_copy_raw(in, q, p, (uint64_t)(old < size ? old : size));
    region_release(in, p, old);
    return q;
}

uint8_t *region_resize(Interp *in, uint8_t *p, int64_t old, int64_t size, int64_t align) {
    uint32_t custom = old ? custom_owner(in, p) : 0;
    if (custom)
        return resize_custom(in, custom, p, old, size, align);
    const Block *block = old ? live_block(in, p) : NULL;
    Region *r = block ? region_at(in, block->region) : NULL;
    uint8_t *q;
    if (r && resize_in_place(r, block->place, old, size)) {
        q = region_alloc(in, 0, size, align);
        Block *moved = memory_block_at(&in->memory, q);
        moved->region = block->region;
        moved->place = block->place;
        r->bytes += size - old;
        memory_copy_raw(in, q, p, (uint64_t)(old < size ? old : size));
        memory_release(in, p, (uint64_t)old);
        return q;
    }
    bool is_gone = r && r->is_gone;
    q = region_alloc(in, old == 0 || is_gone ? in->now.region : block ? block->region : 0, size, align);
    memory_copy_raw(in, q, p, (uint64_t)(old < size ? old : size));
    region_release(in, p, old);
    return q;
}

// Whether the memory that region_resize would take is there.
static bool is_there(Interp *in, uint8_t *p, int64_t old, int64_t size, int64_t align) {
    const Memory *m = &in->memory;
    if (size < 0 || (uint64_t)size > m->size / 2 || m->next + 2 * (uint64_t)size > m->size)
        return false;
    const Block *block = old ? live_block(in, p) : NULL;
    uint32_t number = block ? block->region : old ? 0 : in->now.region;
    Region *r = region_at(in, number);
    if (block && r && r->kind == REGION_FIXED && size > 0 &&
        (size <= old || (block->place + old == r->at && size <= r->limit - block->place)))
        return true; // where it is
    if (r && r->is_gone)
        r = region_at(in, in->now.region);
    if (!is_given(r, size, align) || r->kind != REGION_FIXED || size == 0)
        return true;
    return place_for(r, size, align) >= 0;
}

// Of a custom region: there is no asking before.
static uint8_t *try_custom(Interp *in, uint32_t number, uint8_t *p, int64_t old, int64_t size, int64_t align) {
    uint8_t *q = custom_alloc(in, number, size, align);
    if (!q || old == 0)
        return q;
    memory_copy_raw(in, q, p, (uint64_t)(old < size ? old : size));
    region_release(in, p, old);
    return q;
}

uint8_t *region_try_resize(Interp *in, uint8_t *p, int64_t old, int64_t size, int64_t align) {
    uint32_t owner = old ? custom_owner(in, p) : in->now.region;
    if (old && owner && region_at(in, owner)->is_gone)
        owner = in->now.region;
    if (region_is_custom(in, owner) && size > 0)
        return try_custom(in, owner, p, old, size, align);
    return is_there(in, p, old, size, align) ? region_resize(in, p, old, size, align) : NULL;
}

int64_t region_call(Interp *in, int64_t code, int64_t x, int64_t y) {
    enum { NEW, SET, DROP, BYTES, OBJECTS };
    uint32_t before = in->now.region;
    if (code != NEW && code != SET && region_is_custom(in, (uint32_t)x))
        return custom_call(in, code, x, y);
    switch (code) {
    case NEW:
        if (x == REGION_FIXED && y > (int64_t)1 << 46)
            return 0;
        if (x == REGION_POOL)
            y = (y + POOL_STEP - 1) / POOL_STEP * POOL_STEP;
        vec_push(&in->regions, (Region){.kind = x, .limit = y, .code = (uint64_t)y});
        return in->regions.count;
    case SET: {
        uint32_t custom = y ? (uint32_t)x : before;
        if (region_is_custom(in, custom))
            region_at(in, custom)->around = y ? before : 0;
        in->now.region = (uint32_t)x;
        return before;
    }
    case DROP: region_at(in, (uint32_t)x)->is_gone = true; return 0;
    case BYTES: return region_at(in, (uint32_t)x)->bytes;
    case OBJECTS: return region_at(in, (uint32_t)x)->objects;
    default: interp_violation(in, "allocator call %lld is not known here", (long long)code);
    }
}
