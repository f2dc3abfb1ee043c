// Abstract states: sets of bits over paths and flags, and facts about loans. Both only grow where ways join.
//
// Where a flag and a path are known to agree (the flag is 1 exactly if the path is there), a branch on the flag tells
// what became of the path. That they agree is either written down, or follows from both being known. The negation of a
// flag is a flag of its own here: number 2n is the flag n, 2n + 1 its negation.
#include "calculus/internal.h"

static Word *flag_set(const Judge *j, const State *s, bool value) {
    return s->bits + 3 * j->words + (value ? j->flag_words : 0);
}

static Word *agreements(const Judge *j, const State *s, uint32_t path) {
    return s->bits + 3 * j->words + 2 * j->flag_words + (size_t)path * j->flag_words;
}

bool state_flag_may_be(const Judge *j, const State *s, uint32_t flag, bool value) {
    return has(flag_set(j, s, value), 2 * flag);
}

// The flags that agree with the path, 64 of them.
static Word agreeing(const Judge *j, const State *s, uint32_t path, uint32_t word) {
    Word known = agreements(j, s, path)[word];
    Word zero = flag_set(j, s, false)[word], one = flag_set(j, s, true)[word];
    bool there = has(there_of(j, s), path), gone = has(gone_of(j, s), path);
    if (there && !gone)
        known |= one & ~zero;
    if (gone && !there)
        known |= zero & ~one;
    return known;
}

void state_prepare(Judge *j) {
    j->now.bits = ARENA_ARRAY(j->arena, Word, j->state_words + 1);
    j->branch.bits = ARENA_ARRAY(j->arena, Word, j->state_words + 1);
    j->states = ARENA_ARRAY(j->arena, State, j->fn->blocks.count);
    memset(j->now.bits, 0, j->state_words * sizeof(Word));
    for (uint32_t p = 0; p < j->paths.count; p++)
        put(gone_of(j, &j->now), p, true);
    for (uint32_t f = 0; f < 2 * j->flags.count; f++) {
        put(flag_set(j, &j->now, false), f, true);
        put(flag_set(j, &j->now, true), f, true);
    }
}

void state_copy(Judge *j, State *into, const State *from) {
    if (!into->bits)
        into->bits = ARENA_ARRAY(j->arena, Word, j->state_words + 1);
    memcpy(into->bits, from->bits, j->state_words * sizeof(Word));
    into->facts.count = 0;
    vec_reserve(&into->facts, from->facts.count);
    if (from->facts.count)
        memcpy(into->facts.items, from->facts.items, from->facts.count * sizeof(Fact));
    into->facts.count = from->facts.count;
    into->is_reached = true;
}

// ---- facts ----------------------------------------------------------------------------------------------------------

static uint32_t lower_bound(const FactList *facts, Fact f) {
    uint32_t low = 0, high = facts->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (facts->items[middle] < f)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void facts_add(FactList *facts, Fact f) {
    uint32_t at = lower_bound(facts, f);
    if (at < facts->count && facts->items[at] == f)
        return;
    vec_push(facts, f);
    memmove(facts->items + at + 1, facts->items + at, (facts->count - 1 - at) * sizeof(Fact));
    facts->items[at] = f;
}

static bool join_facts(FactList *into, const FactList *from) {
    FactList merged = {0};
    uint32_t a = 0, b = 0, before = into->count;
    vec_reserve(&merged, into->count + from->count);
    while (a < into->count || b < from->count) {
        bool left = b == from->count || (a < into->count && into->items[a] <= from->items[b]);
        Fact next = left ? into->items[a] : from->items[b];
        if (a < into->count && into->items[a] == next)
            a++;
        if (b < from->count && from->items[b] == next)
            b++;
        merged.items[merged.count++] = next;
    }
    if (merged.count == before) {
        vec_free(&merged);
        return false;
    }
    vec_free(into);
    *into = merged;
    return true;
}

// ---- joining --------------------------------------------------------------------------------------------------------

static bool join_agreements(Judge *j, State *into, const State *from) {
    bool changed = false;
    for (uint32_t p = 0; p < j->paths.count; p++) {
        for (uint32_t w = 0; w < j->flag_words; w++) {
            Word before = agreeing(j, into, p, w), after = before & agreeing(j, from, p, w);
            changed |= before != after;
            agreements(j, into, p)[w] = after;
        }
    }
    return changed;
}

bool state_join(Judge *j, State *into, const State *from) {
    if (!into->is_reached) {
        state_copy(j, into, from);
        return true;
    }
    bool changed = join_agreements(j, into, from);
    for (uint32_t w = 0; w < 3 * j->words + 2 * j->flag_words; w++) {
        changed |= (from->bits[w] & ~into->bits[w]) != 0;
        into->bits[w] |= from->bits[w];
    }
    return join_facts(&into->facts, &from->facts) || changed;
}

// ---- changes --------------------------------------------------------------------------------------------------------

void state_set_path(Judge *j, State *s, uint32_t path, bool there, bool needs) {
    put(there_of(j, s), path, there);
    put(gone_of(j, s), path, !there);
    put(needs_of(j, s), path, needs);
    memset(agreements(j, s, path), 0, j->flag_words * sizeof(Word));
}

static void set_one(Judge *j, State *s, uint32_t flag, bool value) {
    for (uint32_t p = 0; p < j->paths.count; p++)
        put(agreements(j, s, p), flag, false);
    put(flag_set(j, s, value), flag, true);
    put(flag_set(j, s, !value), flag, false);
}

void state_set_flag(Judge *j, State *s, uint32_t flag, bool value) {
    set_one(j, s, 2 * flag, value);
    set_one(j, s, 2 * flag + 1, !value);
}

// The runs where the path is gone, or there, are looked at alone: what agreed goes on to agree.
static void assume_path(Judge *j, State *s, uint32_t path, bool there) {
    if (there) {
        put(gone_of(j, s), path, false);
        return;
    }
    for (uint32_t below = path; below != NONE; below = path_next(j, path, below)) {
        put(there_of(j, s), below, false);
        put(needs_of(j, s), below, false);
    }
    owners_settle(j, s, path);
}

static bool is_open(const Word *a, const Word *b, uint32_t bit) {
    return has(a, bit) && has(b, bit);
}

static void assume_one(Judge *j, State *s, uint32_t flag, bool value);

// Other flags that agree with the same path are known then, too.
static void assume_others(Judge *j, State *s, uint32_t path, bool value) {
    for (uint32_t f = 0; f < 2 * j->flags.count; f++) {
        if (!is_open(flag_set(j, s, false), flag_set(j, s, true), f) || !has(agreements(j, s, path), f))
            continue;
        assume_one(j, s, f, value);
        assume_one(j, s, f ^ 1, !value);
    }
}

static void assume_one(Judge *j, State *s, uint32_t flag, bool value) {
    put(flag_set(j, s, !value), flag, false);
    for (uint32_t p = 0; p < j->paths.count; p++) {
        if (!has(agreements(j, s, p), flag) || !is_open(there_of(j, s), gone_of(j, s), p))
            continue;
        assume_path(j, s, p, value);
        assume_others(j, s, p, value);
    }
}

void state_assume_flag(Judge *j, State *s, uint32_t flag, bool value) {
    assume_one(j, s, 2 * flag, value);
    assume_one(j, s, 2 * flag + 1, !value);
}
