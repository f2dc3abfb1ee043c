// The way of a panic out of a function: what each statement that may panic has to leave, as a chain through
// JirFn.cleanups.
#include "ir/build_internal.h"

static bool entry_matters(Build *b, const Entry *entry) {
    if (entry->kind == ENTRY_LOCAL)
        return type_needs_drop(b, jir_local(b->fn, entry->local)->type);
    return entry->kind == ENTRY_DEFER || entry->body.v != 0;
}

static uint32_t cleanup_new(JirFn *fn, uint32_t parent, const Entry *entry) {
    if (fn->cleanups.count == 0)
        vec_push(&fn->cleanups, (JirCleanup){0});
    uint32_t number = fn->cleanups.count;
    JirCleanup it = {.parent = parent, .near = parent ? fn->cleanups.items[parent].near : 0};
    if (entry->kind == ENTRY_LOCAL) {
        it.local = entry->local;
    } else {
        it.body = entry->body;
        it.near = number;
    }
    vec_push(&fn->cleanups, it);
    return number;
}

// The chain of the first `count` entries. Numbers are kept in the entries, so only new ones are made.
static uint32_t chain_of(Build *b, uint32_t count) {
    uint32_t known = count;
    while (known > 0 && !b->entries.items[known - 1].cleanup)
        known--;
    uint32_t chain = known ? b->entries.items[known - 1].cleanup : 0;
    for (; known < count; known++) {
        Entry *entry = &b->entries.items[known];
        if (entry_matters(b, entry))
            chain = cleanup_new(b->fn, chain, entry);
        entry->cleanup = chain;
    }
    return chain;
}

uint32_t unwind_below(Build *b, uint32_t count) {
    return chain_of(b, count);
}

uint32_t unwind_step(Build *b, uint32_t chain, BlockId body) {
    return cleanup_new(b->fn, chain, &(Entry){.kind = ENTRY_JOIN, .body = body});
}

uint32_t unwind_chain(Build *b) {
    if (b->is_cleanup)
        return 0;
    uint32_t count = b->visible < b->entries.count ? b->visible : b->entries.count;
    uint32_t chain = chain_of(b, count);
    return b->nurseries.count ? nursery_chain(b, count, chain) : chain;
}

void unwind_forget(Build *b, uint32_t index) {
    for (uint32_t i = index; i < b->entries.count; i++)
        b->entries.items[i].cleanup = 0;
}

UnwindMark unwind_begin(Build *b, BlockId body) {
    UnwindMark mark = {b->block, b->is_dead, b->is_cleanup, b->fn->blocks.count, b->region};
    block_start(b, body);
    b->is_cleanup = true;
    b->region = b->entries.count;
    jir_block(b->fn, body)->is_cleanup = true;
    return mark;
}

void unwind_end(Build *b, UnwindMark mark) {
    for (uint32_t i = mark.first; i < b->fn->blocks.count; i++)
        b->fn->blocks.items[i].is_cleanup = true;
    b->is_cleanup = mark.is_cleanup;
    b->region = mark.region;
    b->block = mark.block;
    b->is_dead = mark.is_dead;
}

// Builds what a panic runs of a defer: a copy of its body that ends in RESUME with what lies below the defer.
static BlockId panic_body(Build *b, NodeId node) {
    uint32_t below = unwind_below(b, b->entries.count), token = b->token;
    BlockId body = block_new(b);
    UnwindMark saved = unwind_begin(b, body);
    ScopeMark mark = scope_begin(b, (NodeId){0});
    build_effect(b, node);
    scope_end(b, mark);
    if (!b->is_dead)
        jir_resume(b->fn, b->block, below, b->token);
    unwind_end(b, saved);
    b->token = token;
    return body;
}

void unwind_push_defer(Build *b, NodeId body) {
    Entry entry = {.kind = ENTRY_DEFER, .node = body};
    if (!b->is_cleanup && !b->is_dead)
        entry.body = panic_body(b, body);
    vec_push(&b->entries, entry);
}

void unwind_finish(Build *b) {
    for (uint32_t i = 0; i < b->fn->blocks.count; i++) {
        JirBlock *block = &b->fn->blocks.items[i];
        for (uint32_t s = 0; s < block->stmts.count; s++)
            if (block->stmts.items[s].unwind && !jir_may_panic(b->jir, b->fn, &block->stmts.items[s]))
                block->stmts.items[s].unwind = 0;
    }
}
