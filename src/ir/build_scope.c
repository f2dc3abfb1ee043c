// Scopes: the one stack of values to drop and defers to run, and the ways out of it.
#include "ir/build_internal.h"

ScopeMark scope_begin(Build *b, NodeId n) {
    ScopeMark mark = {b->entries.count, b->region, b->scope};
    if (b->nurseries.count)
        nursery_step_begins(b, false);
    b->region = b->entries.count;
    b->nesting++;
    if (n.v && !b->keep_token) {
        JirScope scope = {b->scope, b->ast->node_first_tokens[n.v], b->ast->node_last_tokens[n.v]};
        vec_push(&b->fn->scopes, scope);
        b->scope = b->fn->scopes.count - 1;
    }
    return mark;
}

void scope_end(Build *b, ScopeMark mark) {
    scope_leave(b, mark.mark, false);
    b->entries.count = mark.mark;
    b->region = mark.region;
    b->scope = mark.debug;
    b->nesting--;
}

bool scope_has_errdefer(Build *b, uint32_t depth) {
    for (uint32_t i = b->entries.count; i > depth; i--)
        if (b->entries.items[i - 1].kind == ENTRY_ERRDEFER)
            return true;
    return false;
}

// The result that leaves the block may be an error of a call, handed on as it is: that leaves as a failure does.
void scope_end_result(Build *b, ScopeMark mark, PlaceId result) {
    if (!b->is_dead && scope_has_errdefer(b, mark.mark)) {
        BlockId fine = block_new(b), failed = block_new(b), join = block_new(b);
        emit_variant_test(b, result, 0, fine, failed);
        block_start(b, failed);
        scope_leave(b, mark.mark, true);
        block_goto(b, join);
        block_start(b, fine);
        scope_leave(b, mark.mark, false);
        block_goto(b, join);
        block_start(b, join);
        b->entries.count = mark.mark;
    }
    scope_end(b, mark);
}

static void drop_local(Build *b, LocalId local) {
    bool drops = type_needs_drop(b, jir_local(b->fn, local)->type) && !jir_local(b->fn, local)->is_view;
    if (!drops && !b->states.items[local.v].is_lent)
        return;
    PlaceId place = jir_place_local(b->fn, local);
    if (drops)
        emit(b, OP_DROP)->dst = place;
    if (b->states.items[local.v].is_lent)
        emit(b, OP_DEAD)->dst = place;
}

// Builds the body of a defer on the way out. The entries from it upwards have been dealt with and are out of sight.
static void run_defer(Build *b, uint32_t index) {
    uint32_t above = b->entries.count - index;
    Entry *saved = arena_copy(b->arena, b->entries.items + index, above * sizeof(Entry), _Alignof(Entry));
    uint32_t region = b->region, token = b->token, visible = b->visible;
    b->entries.count = index;
    b->visible = UINT32_MAX;
    b->region = index;
    polls_hold(b, true);
    ScopeMark mark = scope_begin(b, (NodeId){0});
    build_effect(b, saved[0].node);
    scope_end(b, mark);
    polls_hold(b, false);
    b->region = region;
    b->token = token;
    b->visible = visible;
    for (uint32_t i = 0; i < above; i++)
        vec_push(&b->entries, saved[i]);
}

void scope_leave(Build *b, uint32_t depth, bool is_failing) {
    uint32_t visible = b->visible;
    bool joined = false;
    for (uint32_t i = b->entries.count; i > depth && !b->is_dead; i--) {
        if (b->nurseries.count)
            nursery_leave(b, depth, i - 1, &joined);
        Entry entry = b->entries.items[i - 1];
        b->visible = i - 1; // those above were left already
        if (entry.kind == ENTRY_LOCAL && (is_failing || !accumulate_end(b, entry.local)))
            drop_local(b, entry.local);
        else if (entry.kind == ENTRY_SHIELD)
            shield_leave(b, entry.local);
        else if (entry.kind == ENTRY_DEFER || (entry.kind == ENTRY_ERRDEFER && is_failing))
            run_defer(b, i - 1);
    }
    b->visible = visible;
}

uint32_t statement_begin(Build *b) {
    uint32_t mark = b->entries.count;
    if (b->nurseries.count)
        nursery_step_begins(b, true);
    return mark;
}

void statement_end(Build *b, uint32_t mark) {
    for (uint32_t i = b->entries.count; i > mark; i--) {
        Entry entry = b->entries.items[i - 1];
        if (entry.kind == ENTRY_LOCAL && entry.is_temp && !b->is_dead)
            drop_local(b, entry.local);
    }
    unwind_forget(b, mark);
    uint32_t kept = mark;
    for (uint32_t i = mark; i < b->entries.count; i++) {
        Entry entry = b->entries.items[i];
        if (entry.kind != ENTRY_NONE && !entry.is_temp)
            b->entries.items[kept++] = entry;
    }
    b->entries.count = kept < b->entries.count ? kept : b->entries.count;
}

LocalId local_declare(Build *b, NodeId binder, SymbolId name, TypeId type, LocalMode mode, LocalKind kind) {
    LocalId local = local_new(b, type, mode, kind);
    JirLocal *l = jir_local(b->fn, local);
    l->name = name;
    l->node = binder;
    if (binder.v >= b->node_base && binder.v < b->node_end)
        b->locals[binder.v - b->node_base] = local.v;
    return local;
}

void local_register(Build *b, LocalId local) {
    if (jir_local(b->fn, local)->mode == LOCAL_OWNED)
        vec_push(&b->entries, (Entry){.kind = ENTRY_LOCAL, .local = local});
}

void build_return(Build *b, bool is_failing) {
    if (b->is_dead)
        return;
    PlaceId pending = b->pending;
    if (!type_is_void(b, b->result))
        b->pending = jir_place_local(b->fn, (LocalId){0});
    scope_leave(b, 0, is_failing);
    b->pending = pending;
    if (!b->is_dead)
        jir_return(b->fn, b->block, b->token);
    block_end(b);
}
