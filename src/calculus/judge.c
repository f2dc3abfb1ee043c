// The walk over a function: states flow along its ways until nothing new arrives anywhere.
#include "calculus/internal.h"

void judge_refuse(Judge *j, const char *rule, const char *format, ...) {
    if (j->failed)
        return;
    j->failed = true;
    buffer_printf(j->why, "[%s] %%%u, statement %u: ", rule, j->block, j->stmt);
    va_list args;
    va_start(args, format);
    buffer_vprintf(j->why, format, args);
    va_end(args);
}

void judge_write_place(const Judge *j, PlaceId id, Buffer *out) {
    if (!id.v) {
        buffer_cstr(out, "what the caller lent");
        return;
    }
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global)
        buffer_printf(out, "constant %u", place->root);
    else
        buffer_printf(out, "_%u", place->root);
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = projection_of(j, place, i);
        switch (projection->kind) {
        case PROJ_FIELD: buffer_printf(out, ".%u", projection->index); break;
        case PROJ_VARIANT: buffer_printf(out, "@%u", projection->index); break;
        case PROJ_INDEX: buffer_printf(out, "[_%u]", projection->index); break;
        case PROJ_CONST_INDEX: buffer_printf(out, "[%u]", projection->index); break;
        case PROJ_DEREF: buffer_cstr(out, ".*"); break;
        }
    }
    if (!place->is_global && local_of(j, place->root)->name.v)
        buffer_printf(out, " (%.*s)", TEXT_ARG(symbol(j->program, local_of(j, place->root)->name)));
}

// ---- order ----------------------------------------------------------------------------------------------------------

// The n-th block that may follow, NONE after the last.
static uint32_t successor(const JirBlock *block, uint32_t n) {
    if (n < block->term.target_count)
        return block->term.targets[n].v;
    n -= block->term.target_count;
    if (n == 0)
        return block->term.unwind ? block->term.unwind : 0;
    return n - 1 < block->stmts.count ? block->stmts.items[n - 1].unwind : NONE;
}

typedef struct {
    uint32_t block, next;
} Visit;

// Reverse postorder: what flows together is complete before it is looked at, loops aside.
static void find_order(Judge *j) {
    uint32_t count = j->fn->blocks.count, left = count;
    uint32_t *order = ARENA_ARRAY(j->arena, uint32_t, count);
    bool *seen = ARENA_ARRAY(j->arena, bool, count);
    VEC(Visit) stack = {0};
    vec_push(&stack, (Visit){0});
    seen[0] = true;
    while (stack.count) {
        Visit *top = &stack.items[stack.count - 1];
        uint32_t next = successor(&j->fn->blocks.items[top->block], top->next++);
        if (next == NONE) {
            order[--left] = top->block;
            stack.count--;
        } else if (!seen[next]) {
            seen[next] = true;
            vec_push(&stack, (Visit){.block = next});
        }
    }
    vec_free(&stack);
    j->order = order + left;
    j->order_count = count - left;
    j->positions = ARENA_ARRAY(j->arena, uint32_t, count);
    for (uint32_t i = 0; i < j->order_count; i++)
        j->positions[j->order[i]] = i;
    j->dirty = ARENA_ARRAY(j->arena, bool, count);
}

// ---- the walk -------------------------------------------------------------------------------------------------------

void judge_flow(Judge *j, uint32_t block, const State *state) {
    if (state_join(j, &j->states[block], state))
        j->dirty[block] = true;
}

static void walk_block(Judge *j, uint32_t b) {
    const JirBlock *block = &j->fn->blocks.items[b];
    j->block = b;
    state_copy(j, &j->now, &j->states[b]);
    for (j->stmt = 0; j->stmt < block->stmts.count && !j->failed; j->stmt++)
        step_stmt(j, &block->stmts.items[j->stmt]);
    if (!j->failed)
        step_term(j, &block->term);
}

static void walk(Judge *j) {
    judge_flow(j, 0, &j->now);
    for (bool again = true; again && !j->failed;) {
        again = false;
        for (uint32_t i = 0; i < j->order_count && !j->failed; i++) {
            uint32_t block = j->order[i];
            if (!j->dirty[block])
                continue;
            j->dirty[block] = false;
            again = true;
            walk_block(j, block);
        }
    }
}

bool calculus_check(const Jir *jir, const JirFn *fn, Buffer *why) {
    Judge j = {.jir = jir, .program = jir->program, .fn = fn, .arena = arena_new(), .why = why};
    if (!fn->has_pads) {
        judge_refuse(&j, "calc.form", "the ways of panics are not made");
        arena_free(j.arena);
        return false;
    }
    places_find(&j);
    state_prepare(&j);
    find_order(&j);
    owners_begin(&j);
    loans_begin(&j);
    walk(&j);
    for (uint32_t b = 0; b < fn->blocks.count; b++)
        vec_free(&j.states[b].facts);
    vec_free(&j.now.facts);
    vec_free(&j.branch.facts);
    vec_free(&j.paths);
    vec_free(&j.flags);
    vec_free(&j.loans);
    map_free(&j.loan_ids);
    arena_free(j.arena);
    return !j.failed;
}
