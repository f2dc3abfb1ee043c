#include "ir/flow.h"

// Successors of a block that is being visited, on one stack with those of the blocks above it.
typedef struct {
    uint32_t block, first; // where its successors begin in `pending`
} Visit;

static void push_target(void *context, uint32_t target) {
    VecU32 *pending = context;
    vec_push(pending, target);
}

static Visit visit_block(const JirFn *fn, VecU32 *pending, uint32_t block) {
    Visit visit = {block, pending->count};
    jir_successors(fn, block, push_target, pending);
    // taken from the end, so that the first target is visited first
    for (uint32_t i = visit.first, j = pending->count; i + 1 < j; i++, j--) {
        uint32_t other = pending->items[i];
        pending->items[i] = pending->items[j - 1];
        pending->items[j - 1] = other;
    }
    return visit;
}

Flow flow_new(const JirFn *fn, Arena *arena) {
    uint32_t blocks = fn->blocks.count;
    Flow flow = {.fn = fn};
    flow.order = ARENA_ARRAY(arena, uint32_t, blocks);
    flow.position = ARENA_ARRAY(arena, uint32_t, blocks);
    memset(flow.position, 0xff, blocks * sizeof *flow.position);
    Visit *stack = ARENA_ARRAY(arena, Visit, blocks);
    VecU32 pending = {0};
    uint32_t depth = 1, at = blocks;
    flow.position[0] = 0; // seen; the real number comes below
    stack[0] = visit_block(fn, &pending, 0);
    while (depth) {
        const Visit *top = &stack[depth - 1];
        if (pending.count == top->first) {
            flow.order[--at] = top->block;
            depth--;
            continue;
        }
        uint32_t target = vec_pop(&pending);
        if (flow.position[target] == UINT32_MAX) {
            flow.position[target] = 0;
            stack[depth++] = visit_block(fn, &pending, target);
        }
    }
    vec_free(&pending);
    flow.count = blocks - at;
    flow.order += at;
    for (uint32_t i = 0; i < flow.count; i++)
        flow.position[flow.order[i]] = i;
    return flow;
}

bool bits_join(Word *into, const Word *from, uint32_t words) {
    Word grown = 0;
    for (uint32_t i = 0; i < words; i++) {
        grown |= from[i] & ~into[i];
        into[i] |= from[i];
    }
    return grown != 0;
}

void flow_leave(FlowEdges *edges, uint32_t unwind, const Word *state) {
    uint32_t target = edges ? jir_unwind_target(edges->flow->fn, unwind).v : 0;
    if (!target || !bits_join(edges->states + (size_t)target * edges->words, state, edges->words))
        return;
    edges->dirty[target] = true;
    edges->again = true;
}

void flow_enter(const FlowEdges *edges, uint32_t unwind, Word *state) {
    uint32_t target = edges ? jir_unwind_target(edges->flow->fn, unwind).v : 0;
    if (target)
        bits_join(state, edges->states + (size_t)target * edges->words, edges->words);
}

void flow_solve_forward(const Flow *flow, Arena *arena, uint32_t words, Word *states, FlowTransfer *transfer,
                        void *context) {
    Word *state = ARENA_ARRAY(arena, Word, words);
    FlowEdges edges = {flow, words, states, ARENA_ARRAY(arena, bool, flow->fn->blocks.count), false};
    bool *dirty = edges.dirty;
    for (uint32_t i = 0; i < flow->count; i++)
        dirty[flow->order[i]] = true;
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < flow->count; i++) {
            uint32_t block = flow->order[i];
            if (!dirty[block])
                continue;
            dirty[block] = false;
            memcpy(state, states + (size_t)block * words, words * sizeof *state);
            edges.again = false;
            transfer(context, block, state, &edges);
            again |= edges.again;
            const JirTerm *term = &flow->fn->blocks.items[block].term;
            for (uint32_t t = 0; t < term->target_count; t++) {
                uint32_t target = term->targets[t].v;
                if (!bits_join(states + (size_t)target * words, state, words))
                    continue;
                dirty[target] = true;
                again |= flow->position[target] <= i;
            }
        }
    }
}

void flow_solve_backward(const Flow *flow, Arena *arena, uint32_t words, Word *states, Word *ins,
                         FlowTransfer *transfer, void *context) {
    if (!ins)
        ins = ARENA_ARRAY(arena, Word, (size_t)flow->fn->blocks.count * words);
    Word *before = ARENA_ARRAY(arena, Word, words);
    FlowEdges edges = {flow, words, ins, NULL, false};
    bool has_edges = flow->fn->cleanups.count > 0;
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = flow->count; i-- > 0;) {
            uint32_t block = flow->order[i];
            Word *out = states + (size_t)block * words, *in = ins + (size_t)block * words;
            const JirTerm *term = &flow->fn->blocks.items[block].term;
            for (uint32_t t = 0; t < term->target_count; t++)
                bits_join(out, ins + (size_t)term->targets[t].v * words, words);
            memcpy(before, in, words * sizeof *in);
            memcpy(in, out, words * sizeof *in);
            transfer(context, block, in, &edges);
            again |= has_edges && memcmp(before, in, words * sizeof *in) != 0;
        }
        // A block whose successor lies before it may have seen an old state of it: go round until nothing grows.
        for (uint32_t i = 0; i < flow->count && !again; i++) {
            uint32_t block = flow->order[i];
            const JirTerm *term = &flow->fn->blocks.items[block].term;
            for (uint32_t t = 0; t < term->target_count && !again; t++) {
                const Word *in = ins + (size_t)term->targets[t].v * words;
                const Word *out = states + (size_t)block * words;
                for (uint32_t w = 0; w < words; w++)
                    again |= (in[w] & ~out[w]) != 0;
            }
        }
    }
}
