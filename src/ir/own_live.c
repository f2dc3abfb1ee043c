// What is used later: backward analyses over move paths (for moves) and over holders (for loans).
#include "ir/own.h"

void own_apply_later(const Own *own, const Access *access, Word *state) {
    uint32_t path = access->path;
    if (path == NO_PATH)
        return;
    const MovePath *it = &own->paths.items[path];
    switch ((AccessKind)access->kind) {
    case ACCESS_LIVE:
    case ACCESS_SET:
    case ACCESS_STORE:
    case ACCESS_REPOINT:
        if (access->exact) {
            for (uint32_t i = path; i < it->end; i++)
                bit_clear(state, i);
            return;
        }
        break;
    case ACCESS_DROP:
    case ACCESS_DEAD: return;
    default: break;
    }
    // A use of this place is a use of what it lies in and of what lies in it.
    for (uint32_t i = path; i < (access->whole ? it->end : path + 1); i++)
        bit_set(state, i);
    for (uint32_t up = it->parent; up != NO_PATH; up = own->paths.items[up].parent)
        bit_set(state, up);
}

// Between the definition and the uses of a statement a panic may leave it.
void own_apply_later_stmt(const Own *own, uint32_t block, uint32_t number, Word *state, const FlowEdges *edges,
                          LaterVisit *visit, void *context) {
    uint32_t unwind = own_unwind(own, block, number), first = own->first_access[number];
    bool has_entered = unwind == 0;
    for (uint32_t i = own->first_access[number + 1]; i-- > first;) {
        Access *access = &own->accesses.items[i];
        if (!has_entered && access->kind < ACCESS_SET) {
            flow_enter(edges, unwind, state);
            has_entered = true;
        }
        if (visit)
            visit(context, i, access);
        own_apply_later(own, access, state);
    }
    if (!has_entered)
        flow_enter(edges, unwind, state);
}

static void transfer_later(void *context, uint32_t block, Word *state, FlowEdges *edges) {
    const Own *own = context;
    for (uint32_t number = own_end(own, block) + 1; number-- > own->first_stmt[block];)
        own_apply_later_stmt(own, block, number, state, edges, NULL, NULL);
}

void own_solve_later(Own *own) {
    size_t words = (size_t)own->fn->blocks.count * own->path_words;
    own->later = ARENA_ARRAY(own->arena, Word, words);
    own->later_in = ARENA_ARRAY(own->arena, Word, words);
    flow_solve_backward(&own->flow, own->arena, own->path_words, own->later, own->later_in, transfer_later, own);
}

// ---- holders --------------------------------------------------------------------------------------------------------

static bool drop_looks_inside(const Own *own, uint32_t local) {
    return own_class(own, own->fn->locals.items[local].type) & CLASS_HAS_DROP;
}

static void apply_holder(const Own *own, const Access *access, Word *state) {
    if (access->is_global || !own->holders[access->root])
        return;
    uint32_t holder = own->holders[access->root] - 1;
    const JirPlace *place = jir_place(own->fn, access->place);
    bool is_whole = place->count == 0 && place->root == access->root;
    bool is_reference = own->fn->locals.items[access->root].mode != LOCAL_OWNED;
    switch ((AccessKind)access->kind) {
    case ACCESS_LIVE:
    case ACCESS_REPOINT: bit_clear(state, holder); return;
    case ACCESS_SET:
        if (is_whole && !is_reference) {
            bit_clear(state, holder);
            return;
        }
        break;
    case ACCESS_STORE: // the old value is dropped after it
        if (is_whole && !is_reference) {
            if (drop_looks_inside(own, access->root))
                break;
            bit_clear(state, holder);
            return;
        }
        break;
    case ACCESS_DEAD: return;
    case ACCESS_DROP:
        if (is_reference || !drop_looks_inside(own, access->root))
            return;
        break;
    default: break;
    }
    bit_set(state, holder);
}

void own_apply_holders_stmt(const Own *own, uint32_t block, uint32_t number, Word *state) {
    const JirFn *fn = own->fn;
    if (number == own_end(own, block) && fn->blocks.items[block].term.kind == TERM_RETURN) {
        // What is given back, and what lives on outside.
        for (uint32_t h = 0; h < own->holder_locals.count; h++) {
            uint32_t local = own->holder_locals.items[h];
            bool is_given = local <= fn->param_count + fn->capture_count;
            if (local == 0 || (is_given && fn->locals.items[local].mode == LOCAL_MUT_REF))
                bit_set(state, h);
        }
    }
    for (uint32_t a = own->first_access[number + 1]; a-- > own->first_access[number];)
        apply_holder(own, &own->accesses.items[a], state);
}

// A panic copies what a defer does at the end of its scope, where loans are judged: its own ways add nothing.
static void transfer_holders(void *context, uint32_t block, Word *state, FlowEdges *edges) {
    (void)edges;
    const Own *own = context;
    for (uint32_t number = own_end(own, block) + 1; number-- > own->first_stmt[block];)
        own_apply_holders_stmt(own, block, number, state);
}

void own_solve_holders(Own *own) {
    own->holder_words = words_for(own->holder_locals.count);
    own->holder_live = ARENA_ARRAY(own->arena, Word, (size_t)own->fn->blocks.count * own->holder_words);
    flow_solve_backward(&own->flow, own->arena, own->holder_words, own->holder_live, NULL, transfer_holders, own);
}
