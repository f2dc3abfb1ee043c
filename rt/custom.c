// Allocators that are written in Janus (memory.Custom): a source gives blocks and takes them back, and is asked by
// calling its code. What it gave may lie anywhere, also within a block that it owns, so a table tells by the address
// which objects are whose. While there are such objects jn_free and jn_resize take every object for one of an
// allocator's, so that the table costs nothing otherwise.
//
// While a source is at work, or lent to the program, it must not be entered again: what it needs itself comes from the
// allocator around it, and objects of its own that are dropped meanwhile wait. A panic of a source ends the program:
// frees do not unwind.
//
// With several threads one thread at a time is in here, so a source is asked by one at a time: the lock belongs to a
// thread, which may come again, from within a source. Until it has left the task does not go on in another one; a
// source must not suspend.
#include "custom.h"

enum { ALLOCATE, FREE, END }; // what the source is asked; see memory.jan
enum { FIRST_CAPACITY = 64 };

typedef struct { // as in memory.jan
    int64_t what, size, align;
    uint8_t *at;
    void *state;
} Request;

struct JnCustom {
    JnAllocatorHead head;
    JnDropFn code;
    void *state;
    JnAllocator *around; // where the source's own memory comes from; NULL: the heap
    int64_t objects, waiting;
    bool is_busy, is_gone;
};

typedef struct {
    uintptr_t at; // 0: free
    int64_t size;
    JnCustom *owner;
    uint64_t number; // grows: a source may pass on what another one gave, and then both have the address
    bool is_waiting; // to be given back when the source has time
} Owned;

static Owned *table; // linear probing
static uint64_t capacity, used, last_number;

// ---- one thread at a time ------------------------------------------------------------------------------------------

#ifdef JN_THREADS

static SpinLock entry_lock;
static JnThread *inside; // atomic
static uint32_t depth;

static void enter(void) {
    JnThread *me = jn_thread();
    if (__atomic_load_n(&inside, __ATOMIC_RELAXED) != me) {
        spin_lock(&entry_lock);
        __atomic_store_n(&inside, me, __ATOMIC_RELAXED);
    }
    depth++;
    me->unsteady++;
}

static void leave(void) {
    jn_thread()->unsteady--;
    if (--depth > 0)
        return;
    __atomic_store_n(&inside, NULL, __ATOMIC_RELAXED);
    spin_unlock(&entry_lock);
}

#else

static void enter(void) {}

static void leave(void) {}

#endif

// ---- the table -----------------------------------------------------------------------------------------------------

static uint64_t home_of(uintptr_t at) {
    return ((at >> 3) * 0x9e3779b97f4a7c15u >> 20) & (capacity - 1);
}

static Owned *free_slot(uintptr_t at) {
    uint64_t slot = home_of(at);
    while (table[slot].at != 0)
        slot = (slot + 1) & (capacity - 1);
    return &table[slot];
}

// The latest with this address that is not waiting.
static Owned *find(const void *p) {
    Owned *found = NULL;
    if (used == 0)
        return NULL;
    for (uint64_t slot = home_of((uintptr_t)p); table[slot].at; slot = (slot + 1) & (capacity - 1)) {
        Owned *entry = &table[slot];
        if (entry->at == (uintptr_t)p && !entry->is_waiting && (!found || entry->number > found->number))
            found = entry;
    }
    return found;
}

// Room for one more. False where there is no memory.
static bool make_room(void) {
    if (used * 2 < capacity)
        return true;
    uint64_t old_capacity = capacity, wanted = capacity ? capacity * 2 : FIRST_CAPACITY;
    Owned *old = table, *larger = jn_try_alloc_heap((int64_t)(wanted * sizeof *table), 8);
    if (!larger)
        return false;
    table = larger;
    capacity = wanted;
    for (uint64_t i = 0; i < wanted; i++)
        table[i] = (Owned){0};
    for (uint64_t i = 0; i < old_capacity; i++)
        if (old[i].at)
            *free_slot(old[i].at) = old[i];
    if (old)
        jn_free_heap(old, (int64_t)(old_capacity * sizeof *old));
    return true;
}

static void add(Owned owned) {
    owned.number = ++last_number;
    *free_slot(owned.at) = owned;
    if (used++ == 0)
        jn_custom_watch(true);
}

// Later entries move back to where they are found.
static void take_out(Owned *entry) {
    uint64_t hole = (uint64_t)(entry - table);
    for (uint64_t slot = (hole + 1) & (capacity - 1); table[slot].at; slot = (slot + 1) & (capacity - 1)) {
        uint64_t home = home_of(table[slot].at);
        if (((slot - home) & (capacity - 1)) >= ((slot - hole) & (capacity - 1))) {
            table[hole] = table[slot];
            hole = slot;
        }
    }
    table[hole] = (Owned){0};
    if (--used > 0)
        return;
    jn_free_heap(table, (int64_t)(capacity * sizeof *table));
    table = NULL;
    capacity = 0;
    jn_custom_watch(false);
}

// ---- sources -------------------------------------------------------------------------------------------------------

static void ask(JnCustom *a, Request *request) {
    JnAllocator *before = jn_current;
    jn_current = a->around;
    a->is_busy = true;
    request->state = a->state;
    jn_panics_end++;
    // What the program calls itself has another calling convention for LLVM, though the machine's is the same: it must
    // not see which function this is.
    JnDropFn code = a->code;
    __asm__("" : "+r"(code));
    code(NULL, request);
    jn_panics_end--;
    a->is_busy = false;
    jn_current = before;
}

static void end_if_unused(JnCustom *a) {
    if (!a->is_gone || a->objects > 0 || a->is_busy)
        return;
    Request request = {.what = END};
    ask(a, &request);
    jn_free_heap(a, sizeof *a);
}

// Gives back what was dropped while the source had no time.
static void give_waiting(JnCustom *a) {
    while (a->waiting > 0) {
        Owned *entry = table;
        while (!(entry->is_waiting && entry->owner == a))
            entry++;
        Request request = {.what = FREE, .size = entry->size, .at = (uint8_t *)entry->at};
        a->waiting--;
        a->objects--;
        take_out(entry);
        ask(a, &request);
    }
    end_if_unused(a);
}

static void *alloc_inside(JnCustom *a, int64_t size, int64_t align) {
    if (a->is_busy)
        return a->around ? jn_try_alloc_from(a->around, size, align) : jn_try_alloc_heap(size, align);
    if (size < 0 || size > (int64_t)1 << 46)
        return NULL;
    Request request = {.what = ALLOCATE, .size = size, .align = align};
    a->objects++; // so that it does not end meanwhile
    ask(a, &request);
    bool has_room = request.at && make_room();
    if (has_room)
        add((Owned){.at = (uintptr_t)request.at, .size = size, .owner = a});
    else
        a->objects--;
    if (request.at && !has_room) {
        request.what = FREE;
        ask(a, &request);
    }
    give_waiting(a);
    return has_room ? request.at : NULL;
}

static bool free_inside(void *p) {
    Owned *entry = find(p);
    if (!entry)
        return false;
    JnCustom *a = entry->owner;
    entry->is_waiting = true;
    a->waiting++;
    if (!a->is_busy)
        give_waiting(a);
    return true;
}

static bool resize_inside(void *p, int64_t old_size, int64_t new_size, int64_t align, void **result) {
    const Owned *entry = find(p);
    if (!entry)
        return false;
    JnAllocator *from = entry->owner->is_gone ? jn_current : (JnAllocator *)entry->owner;
    uint8_t *q = from ? jn_try_alloc_from(from, new_size, align) : jn_try_alloc_heap(new_size, align);
    *result = q;
    if (!q)
        return true;
    int64_t count = old_size < new_size ? old_size : new_size;
    for (int64_t i = 0; i < count; i++)
        q[i] = ((const uint8_t *)p)[i];
    free_inside(p);
    return true;
}

static void *custom_alloc(JnCustom *a, int64_t size, int64_t align) {
    enter();
    void *p = alloc_inside(a, size, align);
    leave();
    return p;
}

static bool custom_free(void *p) {
    enter();
    bool is_ours = free_inside(p);
    leave();
    return is_ours;
}

static bool custom_resize(void *p, int64_t old_size, int64_t new_size, int64_t align, void **result) {
    enter();
    bool is_ours = resize_inside(p, old_size, new_size, align, result);
    leave();
    return is_ours;
}

const JnCustomHooks *jn_custom_hooks;

static int64_t call_inside(int64_t code, int64_t x, int64_t y) {
    JnCustom *a = (JnCustom *)(uintptr_t)x;
    switch (code) {
    case JN_ALLOCATOR_NEW:;
        static const JnCustomHooks HOOKS = {custom_alloc, custom_free, custom_resize};
        jn_custom_hooks = &HOOKS;
        a = jn_try_alloc_heap(sizeof *a, 8);
        if (a)
            *a = (JnCustom){.head.kind = JN_CUSTOM, .code = (JnDropFn)(uintptr_t)y};
        return (int64_t)(uintptr_t)a;
    case JN_ALLOCATOR_STATE: a->state = (void *)(uintptr_t)y; return 0;
    case JN_ALLOCATOR_AROUND: a->around = (JnAllocator *)(uintptr_t)y; return 0;
    case JN_ALLOCATOR_LEND:
        a->is_busy = y != 0;
        if (!a->is_busy)
            give_waiting(a);
        return 0;
    case JN_ALLOCATOR_DROP:
        a->is_gone = true;
        end_if_unused(a);
        return 0;
    default: return a->objects;
    }
}

int64_t jn_custom_call(int64_t code, int64_t x, int64_t y) {
    enter();
    int64_t result = call_inside(code, x, y);
    leave();
    return result;
}
