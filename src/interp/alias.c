// Aliasing: who may still use what was lent, checked while the program runs.
//
// Ideas. Each loan (REF, a lent argument, a capture, a slice, a projection made from a raw pointer) has a number, its
// tag; later loans have higher numbers. The address that a loan made carries its tag wherever it is stored, and a raw
// pointer carries the tag of what it was made from. Each word of memory remembers the tag that changed it last and how
// many loans there were then. A use through a tag is wrong if the tag was there at the last change and the change was
// not made by it or by what was lent on from it. To be lent `mut` counts as a change; a read by someone else takes the
// change over from a `mut` loan, which so may not be used again.
//
// What lies behind a pointer that a value owns (the items of a list) has a history of its own. The loan of an item
// therefore depends on a loan of the owner's words: a change of the list, or of an item by way of the list, is a change
// of those.
//
// There is no false alarm by forgetting: only the latest loans are known, and one that is not known is the owner. Words
// that are changed in part have no history of that.
#include "interp/internal.h"

enum {
    LOANS_KNOWN = 1 << 20,  // a power of two
    LOANS_MAX = 0x7ffffffe, // below TAG_BEHIND
    OWNER_BYTES = 64,       // of what a loan depends on
    OWNER_DEPTH = 4,        // so many steps
};

_Static_assert(sizeof(Loan) == 32, "many are kept");

uint64_t alias_bytes(void) {
    return (uint64_t)LOANS_KNOWN * sizeof(Loan);
}

static bool is_plain(Tag tag) {
    return tag && !(tag & TAG_BEHIND);
}

// The loan of a tag; NULL for the owner and for loans too old to be known.
static Loan *loan_of(const Interp *in, Tag tag) {
    if (!is_plain(tag) || tag + LOANS_KNOWN <= in->loan_count)
        return NULL;
    return &in->loans[tag % LOANS_KNOWN];
}

// ---- the history of a word -----------------------------------------------------------------------------------------

static uint64_t *history_of(const Interp *in, const uint8_t *p) {
    return in->memory.history + (uint64_t)(p - in->memory.base) / 8;
}

static Tag changed_by(uint64_t history) {
    return (Tag)history;
}

static uint32_t changed_at(uint64_t history) {
    return (uint32_t)(history >> 32);
}

static uint64_t history(Tag by, uint32_t at) {
    return (uint64_t)at << 32 | by;
}

// True if the tag is `tag` or was lent on from it, as far as that is known.
static bool descends(const Interp *in, Tag from, Tag tag) {
    while (from > tag) {
        const Loan *loan = loan_of(in, from);
        if (!loan)
            return true;
        from = loan->parent;
    }
    return from == tag;
}

// The loan by which one of the tasks has parts of what it shares with others; 0 if the tag does not come from one.
static Tag split_of(const Interp *in, Tag tag) {
    const Loan *loan = loan_of(in, tag);
    while (loan && !loan->is_split) {
        tag = loan->parent;
        loan = loan_of(in, tag);
    }
    return loan ? tag : 0;
}

// Parts of different tasks may share a word.
static bool is_of_sibling(const Interp *in, Tag tag, Tag other) {
    Tag mine = split_of(in, tag), theirs = mine ? split_of(in, other) : 0;
    return theirs && mine != theirs && loan_of(in, mine)->base == loan_of(in, theirs)->base;
}

static bool is_hurt(const Interp *in, Tag tag, uint64_t word) {
    return changed_at(word) >= tag && changed_by(word) != tag && !descends(in, changed_by(word), tag) &&
           !is_of_sibling(in, tag, changed_by(word));
}

static bool in_memory(const Interp *in, const uint8_t *p, uint64_t size) {
    const Memory *m = &in->memory;
    return p >= m->base && size <= m->size && p <= m->base + m->size - size;
}

static _Noreturn void report(Interp *in, const Loan *loan, const char *what) {
    Buffer text = {0};
    interp_describe_site(in, loan->fn, loan->token, &text);
    Text site = arena_text(in->arena, buffer_view(&text));
    vec_free(&text);
    interp_violation(in, "%s, lent in %.*s", what, TEXT_ARG(site));
}

static bool is_made_in_std(const Interp *in, const Loan *loan) {
    const JirFn *fn = loan->fn ? jir_fn(in->jir, (JirFnId){loan->fn}) : NULL;
    return fn && program_module(in->program, fn->module)->is_std;
}

// What the loan depends on: nothing of it may have changed. Within std, raw pointers may be used while their owner is
// worked on: what counts is the loan that std was given.
static void check_owners(Interp *in, Tag owner) {
    for (uint32_t depth = 0; owner && depth < OWNER_DEPTH; depth++) {
        const Loan *loan = loan_of(in, owner);
        while (loan && is_made_in_std(in, loan)) {
            owner = loan->parent;
            loan = loan_of(in, owner);
        }
        if (!loan)
            return;
        uint64_t size = loan->size < OWNER_BYTES ? loan->size : OWNER_BYTES;
        const uint64_t *first = history_of(in, loan->base), *end = history_of(in, loan->base + size + 7);
        for (const uint64_t *word = first; word < end; word++)
            if (is_hurt(in, owner, *word))
                report(in, loan, "use of a part of what was changed, moved or lent to another since");
        owner = loan->owner;
    }
}

// An access by the tag to bytes whose history is known. A reader takes over what was changed by who had it from him.
static void check_words(Interp *in, Tag tag, const uint8_t *p, uint64_t size) {
    uint64_t *word = history_of(in, p), *end = history_of(in, p + size + 7);
    for (; word < end; word++) {
        if (changed_by(*word) == tag || changed_at(*word) < tag || is_of_sibling(in, tag, changed_by(*word)))
            continue;
        if (!descends(in, changed_by(*word), tag))
            report(in, loan_of(in, tag), "use of what was changed, moved or lent to another since");
        *word = history(tag, changed_at(*word));
    }
}

static void check_access(Interp *in, Tag tag, const uint8_t *p, uint64_t size) {
    const Loan *loan = loan_of(in, tag);
    if (tag & TAG_BEHIND)
        check_owners(in, tag & ~TAG_BEHIND);
    else if (loan && loan->owner)
        check_owners(in, loan->owner);
    check_words(in, loan ? tag : TAG_OWNER, p, size);
}

void alias_check(Interp *in, Tag tag, const uint8_t *p, uint64_t size) {
    if (size && !in->alias_off && in_memory(in, p, size))
        check_access(in, tag, p, size);
}

static void mark(Interp *in, Tag by, uint8_t *p, uint64_t size, bool is_whole) {
    uint8_t *end = p + size;
    if (is_whole)
        end += 7;
    else
        p += 7;
    uint64_t now = history(by, in->loan_count);
    for (uint64_t *word = history_of(in, p), *stop = history_of(in, end); word < stop; word++)
        *word = now;
}

// The list itself counts as changed where one of its items is: by its length where the index is constant, for then
// other constant indices may be lent.
static void mark_owners(Interp *in, const Spot *spot) {
    for (uint32_t i = 0; i < spot->owner_count; i++) {
        const Owner *owner = &spot->owners[i];
        const Loan *loan = loan_of(in, owner->tag);
        if (owner->kind != DEREF_BOX && owner->tag != TAG_UNTRACKED)
            mark(in, loan ? owner->tag : TAG_OWNER, owner->p + (owner->kind == DEREF_CONST_ITEM ? 8 : 0), 8, false);
    }
}

void alias_change(Interp *in, const Spot *spot, uint64_t size) {
    if (!size || in->alias_off || !in_memory(in, spot->p, size))
        return;
    if (spot->owner_count)
        mark_owners(in, spot);
    if (spot->tag == TAG_UNTRACKED)
        return;
    check_access(in, spot->tag, spot->p, size);
    const Loan *loan = loan_of(in, spot->tag);
    if (loan && !loan->is_mut)
        report(in, loan, "change of what was lent only to be read");
    bool is_whole = spot->is_whole || (loan && loan->is_whole && loan->base == spot->p && loan->size == size);
    mark(in, loan ? spot->tag : TAG_OWNER, spot->p, size, is_whole);
}

void alias_forget(Interp *in, uint8_t *p, uint64_t size) {
    memset(history_of(in, p), 0, (size + 7) / 8 * 8);
    memset(in->memory.tags + (p - in->memory.base) / 8, 0, (size + 7) / 8 * 4);
}

void alias_begin(Interp *in, uint8_t *p, uint64_t size) {
    if (size && !in->alias_off)
        mark(in, TAG_OWNER, p, size, true);
}

// ---- loans ---------------------------------------------------------------------------------------------------------

// The frame whose statement is at work: while arguments are passed, that is not yet the innermost.
static const Frame *frame_at_work(const Interp *in) {
    for (uint32_t i = in->now.frames.count; i-- > 0;)
        if (in->now.frames.items[i].at)
            return &in->now.frames.items[i];
    return NULL;
}

static Tag loan_new(Interp *in, Loan loan) {
    if (in->loan_count == LOANS_MAX) {
        in->alias_off = true;
        return TAG_UNTRACKED;
    }
    const Frame *frame = frame_at_work(in);
    loan.fn = frame ? frame->code->fn->id.v : 0;
    loan.token = frame ? frame->at->token : 0;
    const Loan *parent = loan_of(in, loan.parent);
    loan.is_mut = loan.is_mut && (!parent || parent->is_mut);
    Tag tag = ++in->loan_count;
    in->loans[tag % LOANS_KNOWN] = loan;
    return tag;
}

// What a loan made through the tag depends on.
static Tag owner_of(const Interp *in, Tag tag) {
    if (tag == TAG_UNTRACKED)
        return TAG_OWNER;
    if (tag & TAG_BEHIND)
        return tag & ~TAG_BEHIND;
    const Loan *loan = loan_of(in, tag);
    return loan ? loan->owner : TAG_OWNER;
}

static Tag parent_of(const Interp *in, Tag tag) {
    return loan_of(in, tag) ? tag : TAG_OWNER;
}

static Tag lend_bytes(Interp *in, Loan loan) {
    uint64_t touched = lent_bytes(loan.size);
    bool is_known = in_memory(in, loan.base, touched);
    if (is_known)
        check_words(in, loan.parent, loan.base, touched);
    Tag tag = loan_new(in, loan);
    const Loan *made = loan_of(in, tag);
    if (is_known && made && made->is_mut)
        mark(in, tag, loan.base, touched, loan.is_whole);
    return tag;
}

// Loans of the owners on the way to a place.
static Tag lend_owners(Interp *in, const Spot *spot, bool is_mut) {
    Tag last = owner_of(in, spot->tag);
    for (uint32_t i = 0; i < spot->owner_count; i++) {
        const Owner *owner = &spot->owners[i];
        Loan loan = {.base = owner->p, .parent = parent_of(in, owner->tag)};
        loan.owner = i ? last : owner_of(in, owner->tag);
        // else other parts may be lent beside it
        loan.is_mut = is_mut && owner->kind == DEREF_ITEM && !split_of(in, owner->tag);
        loan.size = owner->kind == DEREF_ITEM ? 16 : 8;
        last = lend_bytes(in, loan);
    }
    return last;
}

Tag alias_lend(Interp *in, const Spot *spot, uint64_t size, bool is_mut) {
    if (in->alias_off)
        return TAG_UNTRACKED;
    if (size && in_memory(in, spot->p, size) && spot->tag != TAG_UNTRACKED)
        check_access(in, spot->tag, spot->p, lent_bytes(size));
    Loan loan = {.base = spot->p, .parent = parent_of(in, spot->tag), .owner = lend_owners(in, spot, is_mut)};
    loan.size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    loan.is_mut = is_mut;
    loan.is_whole = spot->is_whole;
    return lend_bytes(in, loan);
}

static void check_unhurt(Interp *in, Tag tag, const uint8_t *p, uint64_t size) {
    const Loan *loan = loan_of(in, tag);
    if (owner_of(in, tag))
        check_owners(in, owner_of(in, tag));
    if (!loan || !in_memory(in, p, size))
        return;
    for (const uint64_t *word = history_of(in, p), *end = history_of(in, p + size + 7); word < end; word++)
        if (is_hurt(in, tag, *word))
            report(in, loan, "use of what was changed, moved or lent to another since");
}

// std has the freedom to make several projections from one raw pointer: making one changes nothing.
Tag alias_project(Interp *in, Tag tag, uint8_t *p, uint64_t size, bool is_mut) {
    if (in->alias_off)
        return TAG_UNTRACKED;
    check_unhurt(in, tag, p, lent_bytes(size));
    Loan loan = {.base = p, .parent = parent_of(in, tag), .owner = owner_of(in, tag), .is_mut = is_mut};
    loan.size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    Tag made = loan_new(in, loan);
    Loan *it = &in->loans[made % LOANS_KNOWN];
    it->is_split = made != TAG_UNTRACKED && it->fn && !is_made_in_std(in, it); // only tasks do so, see disjoint.c
    return made;
}

void alias_copy_view(Interp *in, uint8_t *p, uint64_t size) {
    for (uint64_t at = 0; !in->alias_off && at + 8 <= size; at += 8) {
        Tag *tag = stored_tag(in, p + at);
        const Loan *loan = loan_of(in, *tag);
        if (!loan || !loan->is_mut)
            continue;
        Loan copy = *loan;
        copy.parent = *tag;
        *tag = loan_new(in, copy);
    }
}
