// The interpreter's memory: one reserved range of the host's, and a shadow byte beside each byte.
#include <errno.h>
#include <sys/mman.h>

#include "interp/internal.h"

enum {
    REDZONE = 32,
    STACK_BYTES = 64 << 20,
    QUARANTINE_BYTES = 64 << 20, // what was freed is not given out again before that much more was
};

static const uint64_t ALL_VALUE = 0x0101010101010101u * SHADOW_VALUE;
static const uint64_t ALL_FIXED = 0x0101010101010101u * SHADOW_FIXED;
static const uint64_t ALL_EMPTY = 0x0101010101010101u * SHADOW_EMPTY;

// ---- the range -----------------------------------------------------------------------------------------------------

static void ring_init(Block *ring) {
    ring->prev = ring->next = ring;
}

static void ring_add(Block *ring, Block *block) { // as the newest
    block->prev = ring->prev;
    block->next = ring;
    ring->prev->next = block;
    ring->prev = block;
}

static void ring_remove(Block *block) {
    block->prev->next = block->next;
    block->next->prev = block->prev;
}

void *memory_reserve(uint64_t size) {
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void memory_unreserve(void *p, uint64_t size) {
    munmap(p, size);
}

bool memory_init(Memory *m, uint64_t stack_bytes) {
    *m = (Memory){0};
    for (uint64_t size = (uint64_t)64 << 30; size >= (uint64_t)1 << 28 && !m->base; size /= 4) {
        m->base = memory_reserve(size * 7 / 2);
        m->size = size;
    }
    if (!m->base)
        return false;
    m->root_size = stack_bytes ? stack_bytes : STACK_BYTES;
    m->stack_size = m->root_size + m->size / 16; // the rest is for tasks
    m->shadow = m->base + m->size;
    m->history = (uint64_t *)(void *)(m->shadow + m->size);
    m->tags = (uint32_t *)(void *)(m->shadow + 2 * m->size);
    m->next = m->stack_size + REDZONE;
    ring_init(&m->live);
    ring_init(&m->quarantine);
    return true;
}

void memory_free(Memory *m) {
    if (m->base)
        munmap(m->base, m->size * 7 / 2);
}

// ---- blocks --------------------------------------------------------------------------------------------------------

// Classes of room: four steps for each power of two.
static uint32_t room_class(uint64_t room) {
    uint32_t log = 63 - (uint32_t)__builtin_clzll(room);
    uint32_t quarter = log < 2 ? 0 : (uint32_t)(room >> (log - 2)) & 3;
    return log * 4 + quarter;
}

static uint64_t room_round(uint64_t room) {
    uint32_t log = 63 - (uint32_t)__builtin_clzll(room);
    uint64_t step = log < 2 ? 1 : (uint64_t)1 << (log - 2);
    return (room + step - 1) / step * step;
}

static Block *slot_take(Memory *m, uint64_t room) {
    Block **list = &m->free_lists[room_class(room)];
    if (*list && (*list)->room == room) {
        Block *block = *list;
        *list = block->next;
        return (Block *)(void *)((uint8_t *)block - block->offset);
    }
    if (m->next + room > m->size)
        return NULL;
    Block *block = (Block *)(void *)(m->base + m->next);
    m->next += room;
    return block;
}

// The oldest freed blocks may be given out again.
static void quarantine_trim(Memory *m) {
    while (m->quarantine_bytes > QUARANTINE_BYTES) {
        Block *block = m->quarantine.next;
        ring_remove(block);
        m->quarantine_bytes -= block->room;
        Block **list = &m->free_lists[room_class(block->room)];
        block->next = *list;
        *list = block;
    }
}

uint8_t *memory_alloc(Interp *in, uint64_t size, uint64_t align, BlockState state) {
    Memory *m = &in->memory;
    if (align < 16)
        align = 16;
    uint64_t before = (sizeof(Block) + align - 1) & ~(align - 1);
    if (in->options.memory_limit && size > in->options.memory_limit)
        interp_exit(in, INTERP_MEMORY_LIMIT);
    if (size > m->size)
        interp_panic_text(in, "out of memory");
    uint64_t room = room_round((before + size + REDZONE + 15) & ~(uint64_t)15);
    if (in->options.memory_limit && m->next + room > m->stack_size + in->options.memory_limit)
        interp_exit(in, INTERP_MEMORY_LIMIT);
    uint8_t *slot = (uint8_t *)slot_take(m, room);
    if (!slot)
        interp_panic_text(in, "out of memory");
    uint8_t *p = (uint8_t *)(((uintptr_t)slot + before + align - 1) & ~(uintptr_t)(align - 1));
    Block *block = (Block *)(void *)(p - sizeof(Block));
    *block = (Block){.size = size, .room = room, .align = (uint32_t)align, .state = (uint32_t)state};
    block->offset = (uint32_t)((uint8_t *)block - slot);
    if (in->now.frames.count) {
        const Frame *frame = &vec_last(&in->now.frames);
        block->site_fn = frame->code->fn->id.v;
        block->site_token = frame->at ? frame->at->token : 0;
    }
    memset(shadow_of(in, p), state == BLOCK_FIXED ? SHADOW_FIXED : SHADOW_EMPTY, size);
    alias_forget(in, p, size);
    if (state == BLOCK_LIVE) {
        ring_add(&m->live, block);
        m->live_count++;
    }
    return p;
}

Block *memory_block_at(const Memory *m, const uint8_t *p) {
    if (p < m->base + m->stack_size + sizeof(Block) || p >= m->base + m->next || (uintptr_t)p % 16 != 0)
        return NULL;
    const uint8_t *shadow = m->shadow + (p - m->base);
    for (uint32_t i = 1; i <= sizeof(Block); i++)
        if (shadow[-(int32_t)i] != SHADOW_NONE)
            return NULL;
    Block *block = (Block *)(uintptr_t)(p - sizeof(Block));
    bool known = block->state == BLOCK_LIVE || block->state == BLOCK_FREED || block->state == BLOCK_FIXED;
    return known ? block : NULL;
}

Block *memory_block_of(const Memory *m, const uint8_t *p) {
    if (p < m->base + m->stack_size || p >= m->base + m->next)
        return NULL;
    const uint8_t *start = m->base + m->stack_size;
    const uint8_t *at = p;
    while (at > start && m->shadow[at - m->base] != SHADOW_NONE)
        at--;
    return at < p || m->shadow[at - m->base] == SHADOW_NONE ? memory_block_at(m, at + 1) : NULL;
}

static const char *site_name(Interp *in, const Block *block) {
    return block->site_fn ? jir_fn(in->jir, (JirFnId){block->site_fn})->symbol : "the start";
}

void memory_release(Interp *in, uint8_t *p, uint64_t size) {
    if (size == 0)
        return;
    Block *block = memory_block_at(&in->memory, p);
    if (!block)
        interp_violation(in, "freed an address that no allocation has");
    if (block->state == BLOCK_FREED)
        interp_violation(in, "freed twice: %llu bytes allocated in %s", (unsigned long long)block->size,
                         site_name(in, block));
    if (block->state == BLOCK_FIXED)
        interp_violation(in, "freed read-only data");
    if (block->size != size)
        interp_violation(in, "freed %llu bytes where %llu were allocated in %s", (unsigned long long)size,
                         (unsigned long long)block->size, site_name(in, block));
    memset(shadow_of(in, p), SHADOW_FREED, size);
    block->state = BLOCK_FREED;
    in->memory.live_count--;
    ring_remove(block);
    ring_add(&in->memory.quarantine, block);
    in->memory.quarantine_bytes += block->room;
    quarantine_trim(&in->memory);
}

void memory_check_leaks(Interp *in) {
    const Memory *m = &in->memory;
    if (m->live_count == 0 || in->options.allow_leaks)
        return;
    const Block *first = m->live.next;
    interp_violation(in, "%llu allocations were never freed; the first: %llu bytes in %s",
                     (unsigned long long)m->live_count, (unsigned long long)first->size, site_name(in, first));
}

// ---- checks --------------------------------------------------------------------------------------------------------

static const char *const SHADOW_TEXTS[] = {"memory that is not allocated",
                                           "freed memory",
                                           "a local that is dead",
                                           "a value that was never set",
                                           "a moved-out value",
                                           "a value",
                                           "read-only data"};

static void check_range(Interp *in, const uint8_t *p, uint64_t size, uint32_t align) {
    const Memory *m = &in->memory;
    if (p < m->base || size > m->size || p > m->base + m->size - size)
        interp_violation(in, "an address outside all memory: %p, %llu bytes", (const void *)p,
                         (unsigned long long)size);
    if ((uintptr_t)p & (align - 1))
        interp_violation(in, "a misaligned address: %p for alignment %u", (const void *)p, align);
}

static _Noreturn void bad_access(Interp *in, const char *what, uint8_t state) {
    interp_violation(in, "%s %s", what, SHADOW_TEXTS[state < 7 ? state : 0]);
}

void memory_check(Interp *in, const uint8_t *p, uint64_t size, uint32_t align) {
    if (!size)
        return;
    check_range(in, p, size, align);
    const uint8_t *s = shadow_of(in, p);
    for (uint64_t i = 0; i < size; i++)
        if (s[i] < SHADOW_EMPTY)
            bad_access(in, "access to", s[i]);
}

void memory_check_read(Interp *in, const uint8_t *p, uint64_t size, uint32_t align) {
    if (!size)
        return;
    check_range(in, p, size, align);
    const uint8_t *s = shadow_of(in, p);
    if (size == 8) {
        uint64_t all;
        memcpy(&all, s, 8);
        if (all == ALL_VALUE || all == ALL_FIXED)
            return;
    }
    for (uint64_t i = 0; i < size; i++)
        if (s[i] < SHADOW_VALUE)
            bad_access(in, "read of", s[i]);
}

// Looks at the first bytes up to `looked`. The only byte that has a value may lie behind them: the tag of a large null.
static void check_some(Interp *in, const uint8_t *p, uint64_t size, uint64_t looked, uint32_t align) {
    if (!size)
        return;
    check_range(in, p, size, align);
    const uint8_t *s = shadow_of(in, p);
    bool any = false;
    for (uint64_t i = 0; i < size && (i < looked || !any); i++) {
        if (s[i] < SHADOW_EMPTY || s[i] == SHADOW_MOVED)
            bad_access(in, "use of", s[i]);
        any |= s[i] >= SHADOW_VALUE;
    }
    if (!any)
        bad_access(in, "use of", SHADOW_EMPTY);
}

void memory_check_lent(Interp *in, const uint8_t *p, uint64_t size, uint32_t align) {
    check_some(in, p, size, LENT_BYTES_LOOKED_AT, align);
}

void memory_will_write(Interp *in, uint8_t *p, uint64_t size, uint32_t align) {
    if (!size)
        return;
    check_range(in, p, size, align);
    uint8_t *s = shadow_of(in, p);
    if (size == 8) {
        uint64_t all;
        memcpy(&all, s, 8);
        if (all == ALL_VALUE)
            return;
        if (all == ALL_EMPTY) {
            memcpy(s, &ALL_VALUE, 8);
            return;
        }
    }
    for (uint64_t i = 0; i < size; i++) {
        if (s[i] < SHADOW_EMPTY || s[i] == SHADOW_FIXED)
            bad_access(in, "write to", s[i]);
        s[i] = SHADOW_VALUE;
    }
}

static void move_tags(Interp *in, uint8_t *to, const uint8_t *from, uint64_t size) {
    if (size < 8 || (uintptr_t)to % 8 != 0 || (uintptr_t)from % 8 != 0)
        return;
    if (is_owned_memory(in, to))
        memset(stored_tag(in, to), TAG_OWNER, size / 8 * sizeof(Tag));
    else
        memmove(stored_tag(in, to), stored_tag(in, from), size / 8 * sizeof(Tag));
}

void memory_move_bytes(Interp *in, uint8_t *to, const uint8_t *from, uint64_t size, uint32_t align) {
    if (!size)
        return;
    check_some(in, from, size, size, align);
    check_range(in, to, size, align);
    uint8_t *s = shadow_of(in, to);
    const uint8_t *f = shadow_of(in, from);
    for (uint64_t i = 0; i < size; i++)
        if (s[i] < SHADOW_EMPTY || s[i] == SHADOW_FIXED)
            bad_access(in, "write to", s[i]);
    memmove(to, from, size);
    memmove(s, f, size);
    move_tags(in, to, from, size);
    for (uint64_t i = 0; i < size; i++)
        if (s[i] == SHADOW_FIXED)
            s[i] = SHADOW_VALUE;
}

void memory_empty(Interp *in, uint8_t *p, uint64_t size, uint32_t align) {
    if (!size)
        return;
    check_range(in, p, size, align);
    uint8_t *s = shadow_of(in, p);
    for (uint64_t i = 0; i < size; i++)
        if (s[i] < SHADOW_EMPTY || s[i] == SHADOW_FIXED)
            bad_access(in, "write to", s[i]);
    memset(s, SHADOW_EMPTY, size);
}

void memory_set_moved(Interp *in, uint8_t *p, uint64_t size) {
    uint8_t *s = shadow_of(in, p);
    for (uint64_t i = 0; i < size; i++)
        if (s[i] == SHADOW_VALUE)
            s[i] = SHADOW_MOVED;
}

void memory_copy_raw(Interp *in, uint8_t *to, const uint8_t *from, uint64_t size) {
    if (!size)
        return;
    memory_check(in, from, size, 1);
    memory_check(in, to, size, 1);
    uint8_t *s = shadow_of(in, to);
    if (memchr(s, SHADOW_FIXED, size))
        bad_access(in, "write to", SHADOW_FIXED);
    memmove(to, from, size);
    memmove(s, shadow_of(in, from), size);
    move_tags(in, to, from, size);
    for (uint8_t *fixed = s; (fixed = memchr(fixed, SHADOW_FIXED, (size_t)(s + size - fixed)));)
        *fixed = SHADOW_VALUE;
}
