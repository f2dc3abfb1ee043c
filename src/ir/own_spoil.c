// What a nursery that failed may have left half changed: what its tasks were lent to change. It is not looked at before
// it has been assigned anew. The builder marks where it may be so (INTRINSIC_nursery_spoils); nothing is left of that.
#include "ir/own.h"

static bool is_mark(const JirStmt *stmt) {
    return stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_nursery_spoils;
}

static void apply_mark(const Own *own, const JirStmt *stmt, Word *state) {
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        bit_set(state, jir_place(own->fn, own->fn->args.items[stmt->args + i].place)->root);
}

static bool is_use(const Own *own, const Access *access) {
    bool is_part = jir_place(own->fn, access->place)->count > 0;
    return access->kind <= ACCESS_MOVE || (is_part && (access->kind == ACCESS_SET || access->kind == ACCESS_STORE));
}

static void apply(const Own *own, const Access *access, Word *state) {
    if (access->is_global || access->kind <= ACCESS_MOVE || jir_place(own->fn, access->place)->count)
        return;
    bit_clear(state, access->root);
}

static void transfer(void *context, uint32_t block, Word *state, FlowEdges *edges) {
    const Own *own = context;
    for (uint32_t number = own->first_stmt[block]; number <= own_end(own, block); number++) {
        uint32_t unwind = own_unwind(own, block, number);
        if (unwind)
            flow_leave(edges, unwind, state);
        if (number < own_end(own, block) && is_mark(own_stmt(own, block, number)))
            apply_mark(own, own_stmt(own, block, number), state);
        for (uint32_t i = own->first_access[number]; i < own->first_access[number + 1]; i++)
            apply(own, &own->accesses.items[i], state);
    }
}

static uint32_t find_mark(const Own *own, uint32_t local) {
    for (uint32_t b = 0; b < own->fn->blocks.count; b++)
        for (uint32_t s = 0; s < own->fn->blocks.items[b].stmts.count; s++) {
            const JirStmt *stmt = &own->fn->blocks.items[b].stmts.items[s];
            for (uint32_t i = 0; is_mark(stmt) && i < stmt->arg_count; i++)
                if (jir_place(own->fn, own->fn->args.items[stmt->args + i].place)->root == local)
                    return stmt->token;
        }
    return 0;
}

static void check(Own *own, uint32_t block, Word *state) {
    for (uint32_t number = own->first_stmt[block]; number <= own_end(own, block); number++) {
        if (number < own_end(own, block) && is_mark(own_stmt(own, block, number)))
            apply_mark(own, own_stmt(own, block, number), state);
        for (uint32_t i = own->first_access[number]; i < own->first_access[number + 1]; i++) {
            const Access *access = &own->accesses.items[i];
            bool is_whole = !access->is_global && jir_place(own->fn, access->place)->root == access->root;
            if (is_whole && bit_get(state, access->root) && is_use(own, access) &&
                !bit_get(own->reported, access->root)) {
                bit_set(own->reported, access->root);
                own_report_spoilt(own, block, number, access, find_mark(own, access->root));
            }
            apply(own, access, state);
        }
    }
}

static bool has_marks(const Own *own) {
    for (uint32_t b = 0; b < own->fn->blocks.count; b++)
        for (uint32_t s = 0; s < own->fn->blocks.items[b].stmts.count; s++)
            if (is_mark(&own->fn->blocks.items[b].stmts.items[s]))
                return true;
    return false;
}

void own_check_spoilt(Own *own) {
    if (!has_marks(own))
        return;
    uint32_t words = words_for(own->fn->locals.count);
    Word *states = ARENA_ARRAY(own->arena, Word, (size_t)own->fn->blocks.count * words);
    Word *state = ARENA_ARRAY(own->arena, Word, words);
    flow_solve_forward(&own->flow, own->arena, words, states, transfer, own);
    for (uint32_t i = 0; i < own->flow.count; i++) {
        memcpy(state, states + (size_t)own->flow.order[i] * words, words * sizeof *state);
        check(own, own->flow.order[i], state);
    }
    for (uint32_t b = 0; b < own->fn->blocks.count; b++)
        for (uint32_t s = 0; s < own->fn->blocks.items[b].stmts.count; s++) {
            JirStmt *stmt = &own->fn->blocks.items[b].stmts.items[s];
            if (is_mark(stmt))
                *stmt = (JirStmt){.op = OP_NOP, .token = stmt->token};
        }
}
