// What is initialised where: a forward analysis over move paths.
#include "ir/own.h"

static void set_range(Word *set, uint32_t from, uint32_t to, bool value) {
    for (uint32_t i = from; i < to; i++) {
        if (value)
            bit_set(set, i);
        else
            bit_clear(set, i);
    }
}

static void set_state(const Own *own, Word *state, uint32_t path, bool init, bool unset, bool moved) {
    uint32_t end = own->paths.items[path].end;
    set_range(state, path, end, init);
    set_range(state + own->path_words, path, end, unset);
    set_range(state + 2 * own->path_words, path, end, moved);
}

void own_apply_init(const Own *own, const Access *access, Word *state) {
    if (access->path == NO_PATH || !access->exact)
        return;
    switch ((AccessKind)access->kind) {
    case ACCESS_MOVE: set_state(own, state, access->path, false, false, true); break;
    case ACCESS_SET:
    case ACCESS_STORE:
    case ACCESS_REPOINT: set_state(own, state, access->path, true, false, false); break;
    case ACCESS_DROP:
    case ACCESS_LIVE:
    case ACCESS_DEAD: set_state(own, state, access->path, false, true, false); break;
    default: break;
    }
}

uint32_t own_unwind(const Own *own, uint32_t block, uint32_t number) {
    const JirBlock *b = &own->fn->blocks.items[block];
    uint32_t index = number - own->first_stmt[block];
    return index < b->stmts.count ? b->stmts.items[index].unwind : b->term.unwind;
}

// ---- ways that come back --------------------------------------------------------------------------------------------

// A nursery ends the way out of its body where that was its own doing, and the code after it goes on. On that way every
// local that no scope knows was dropped, too: a value that a branch has made, what a loop was given last.
static bool is_caught_somewhere(const JirFn *fn) {
    for (uint32_t b = 0; b < fn->blocks.count; b++)
        for (uint32_t s = 0; s < fn->blocks.items[b].stmts.count; s++) {
            const JirStmt *stmt = &fn->blocks.items[b].stmts.items[s];
            if (stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_nursery_caught)
                return true;
        }
    return false;
}

static void leave(const Own *own, FlowEdges *edges, uint32_t unwind, const Word *state) {
    if (!own->caught) {
        flow_leave(edges, unwind, state);
        return;
    }
    memcpy(own->caught, state, 3 * own->path_words * sizeof(Word));
    own_find_in_chain(own, unwind);
    for (uint32_t i = 0; i < own->panic_locals.count; i++)
        if (!bit_get(own->in_chain, own->panic_locals.items[i]))
            set_state(own, own->caught, own->local_paths[own->panic_locals.items[i]], false, true, false);
    flow_leave(edges, unwind, own->caught);
}

// What a panic in a statement finds: its uses have happened, what it defines has not, and what it drops is gone.
static void transfer(void *context, uint32_t block, Word *state, FlowEdges *edges) {
    const Own *own = context;
    for (uint32_t number = own->first_stmt[block]; number <= own_end(own, block); number++) {
        uint32_t unwind = own_unwind(own, block, number);
        bool has_left = unwind == 0;
        for (uint32_t i = own->first_access[number]; i < own->first_access[number + 1]; i++) {
            const Access *access = &own->accesses.items[i];
            if (!has_left && access->kind >= ACCESS_SET && access->kind != ACCESS_DROP) {
                leave(own, edges, unwind, state);
                has_left = true;
            }
            own_apply_init(own, access, state);
        }
        if (!has_left)
            leave(own, edges, unwind, state);
    }
}

void own_solve_init(Own *own) {
    uint32_t words = 3 * own->path_words;
    own->init = ARENA_ARRAY(own->arena, Word, (size_t)own->fn->blocks.count * words);
    own->caught = own->for_drops && is_caught_somewhere(own->fn) ? ARENA_ARRAY(own->arena, Word, words) : NULL;
    uint32_t given = 1 + own->fn->param_count + own->fn->capture_count;
    for (uint32_t l = 0; l < own->fn->locals.count; l++) {
        if (own->local_paths[l] == NO_PATH)
            continue;
        bool is_given = l > 0 && l < given;
        set_state(own, own->init, own->local_paths[l], is_given, !is_given, false);
    }
    flow_solve_forward(&own->flow, own->arena, words, own->init, transfer, own);
}

// ---- checks ---------------------------------------------------------------------------------------------------------

static void fault(Own *own, UseFault kind, uint32_t block, uint32_t number, const Access *access, uint32_t path) {
    own->errors++;
    vec_push(&own->faults, (Fault){(uint8_t)kind, block, number, path, *access});
}

// A use needs its path; where the whole of it is used, also all parts.
static void check_use(Own *own, uint32_t block, uint32_t number, const Access *access, const Word *state) {
    uint32_t path = access->path;
    if (own_may_be_moved(own, state, path)) {
        fault(own, USE_MOVED, block, number, access, path);
    } else if (own_may_be_unset(own, state, path)) {
        fault(own, USE_UNSET, block, number, access, path);
    } else if (access->whole) {
        for (uint32_t part = path + 1; part < own->paths.items[path].end; part++) {
            if (own_may_be_moved(own, state, part)) {
                fault(own, USE_PART_MOVED, block, number, access, part);
                return;
            }
        }
    }
}

static void check_assignment(Own *own, uint32_t block, uint32_t number, const Access *access, const Word *state) {
    uint32_t path = access->path;
    const MovePath *it = &own->paths.items[path];
    if (!access->exact) { // a part that has no path of its own: what it lies in must be there
        check_use(own, block, number, access, state);
        return;
    }
    if (it->parent != NO_PATH) {
        Access whole = *access;
        whole.path = it->parent;
        whole.exact = whole.whole = false;
        check_use(own, block, number, &whole, state);
    } else if (bit_get(own->declared, it->local) &&
               (own_may_be_init(own, state, path) || own_may_be_moved(own, state, path))) {
        fault(own, ASSIGN_TWICE, block, number, access, path);
    }
}

static void check_access(Own *own, uint32_t block, uint32_t number, const Access *access, const Word *state) {
    switch ((AccessKind)access->kind) {
    case ACCESS_READ:
    case ACCESS_LET:
    case ACCESS_MUT:
    case ACCESS_TAKE:
    case ACCESS_BIND:
    case ACCESS_MOVE: check_use(own, block, number, access, state); break;
    case ACCESS_STORE:
    case ACCESS_SET: check_assignment(own, block, number, access, state); break;
    default: break;
    }
}

void own_check_init(Own *own) {
    uint32_t words = 3 * own->path_words;
    Word *state = ARENA_ARRAY(own->arena, Word, words);
    for (uint32_t i = 0; i < own->flow.count; i++) {
        uint32_t block = own->flow.order[i];
        memcpy(state, own->init + (size_t)block * words, words * sizeof *state);
        for (uint32_t number = own->first_stmt[block]; number <= own_end(own, block); number++) {
            for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++) {
                const Access *access = &own->accesses.items[a];
                if (access->path == NO_PATH)
                    continue;
                check_access(own, block, number, access, state);
                own_apply_init(own, access, state);
            }
        }
    }
}
