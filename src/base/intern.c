#include "base/base.h"

#include <stdlib.h>

// Texts live in the arena; the table holds symbol numbers, and the upper half of each hash spares most comparisons.
typedef struct {
    uint32_t hash;
    uint32_t symbol;
} InternSlot;

struct Interner {
    Arena *arena;
    VEC(Text) texts; // by symbol; [0] is the empty text of "none"
    InternSlot *slots;
    uint32_t capacity;
};

enum { FIRST_CAPACITY = 4096 };

static InternSlot *slots_new(uint32_t capacity) {
    InternSlot *slots = calloc(capacity, sizeof(InternSlot));
    if (!slots) {
        fputs("error: out of memory\n", stderr);
        exit(1);
    }
    return slots;
}

Interner *interner_new(Arena *arena) {
    Interner *interner = ARENA_NEW(arena, Interner);
    interner->arena = arena;
    interner->capacity = FIRST_CAPACITY;
    interner->slots = slots_new(FIRST_CAPACITY);
    vec_push(&interner->texts, TEXT(""));
    return interner;
}

static uint32_t find_slot(const Interner *interner, Text text, uint64_t hash) {
    uint32_t mask = interner->capacity - 1;
    uint32_t high = (uint32_t)(hash >> 32);
    for (uint32_t slot = (uint32_t)hash & mask;; slot = (slot + 1) & mask) {
        InternSlot s = interner->slots[slot];
        if (!s.symbol)
            return slot;
        if (s.hash == high && text_equal(interner->texts.items[s.symbol], text))
            return slot;
    }
}

static void grow(Interner *interner) {
    free(interner->slots);
    interner->capacity *= 2;
    interner->slots = slots_new(interner->capacity);
    uint32_t mask = interner->capacity - 1;
    for (uint32_t symbol = 1; symbol < interner->texts.count; symbol++) {
        uint64_t hash = text_hash(interner->texts.items[symbol]);
        uint32_t slot = (uint32_t)hash & mask;
        while (interner->slots[slot].symbol)
            slot = (slot + 1) & mask;
        interner->slots[slot] = (InternSlot){(uint32_t)(hash >> 32), symbol};
    }
}

SymbolId intern(Interner *interner, Text text) {
    uint64_t hash = text_hash(text);
    uint32_t slot = find_slot(interner, text, hash);
    if (interner->slots[slot].symbol)
        return (SymbolId){interner->slots[slot].symbol};
    uint32_t symbol = interner->texts.count;
    vec_push(&interner->texts, arena_text(interner->arena, text));
    interner->slots[slot] = (InternSlot){(uint32_t)(hash >> 32), symbol};
    if (interner->texts.count > interner->capacity / 2)
        grow(interner);
    return (SymbolId){symbol};
}

SymbolId intern_find(const Interner *interner, Text text) {
    return (SymbolId){interner->slots[find_slot(interner, text, text_hash(text))].symbol};
}

Text symbol_text(const Interner *interner, SymbolId symbol) {
    invariant(symbol.v < interner->texts.count, "unknown symbol %u", symbol.v);
    return interner->texts.items[symbol.v];
}

uint32_t interner_count(const Interner *interner) {
    return interner->texts.count - 1;
}

void interner_free(Interner *interner) {
    if (!interner)
        return;
    vec_free(&interner->texts);
    free(interner->slots);
    interner->slots = NULL;
}
