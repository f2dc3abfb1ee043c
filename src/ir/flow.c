#include "ir/flow.h"

typedef struct {
    uint32_t block, next;
} Visit;

Flow flow_new(const JirFn *fn, Arena *arena) {
    uint32_t blocks = fn->blocks.count;
    Flow flow = {.fn = fn};
    flow.order = ARENA_ARRAY(arena, uint32_t, blocks);
    flow.position = ARENA_ARRAY(arena, uint32_t, blocks);
    memset(flow.position, 0xff, blocks * sizeof *flow.position);
    Visit *stack = ARENA_ARRAY(arena, Visit, blocks);
    uint32_t depth = 1, at = blocks;
    flow.position[0] = 0; // seen; the real number comes below
    while (depth) {
        Visit *top = &stack[depth - 1];
        const JirTerm *term = &fn->blocks.items[top->block].term;
        if (top->next == term->target_count) {
            flow.order[--at] = top->block;
            depth--;
            continue;
        }
        uint32_t target = term->targets[top->next++].v;
        if (flow.position[target] == UINT32_MAX) {
            flow.position[target] = 0;
            stack[depth++] = (Visit){target, 0};
        }
    }
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

void flow_solve_forward(const Flow *flow, Arena *arena, uint32_t words, Word *states, FlowTransfer *transfer,
                        void *context) {
    Word *state = ARENA_ARRAY(arena, Word, words);
    bool *dirty = ARENA_ARRAY(arena, bool, flow->fn->blocks.count);
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
            transfer(context, block, state);
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

void flow_solve_backward(const Flow *flow, Arena *arena, uint32_t words, Word *states, FlowTransfer *transfer,
                         void *context) {
    Word *ins = ARENA_ARRAY(arena, Word, (size_t)flow->fn->blocks.count * words);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = flow->count; i-- > 0;) {
            uint32_t block = flow->order[i];
            Word *out = states + (size_t)block * words, *in = ins + (size_t)block * words;
            const JirTerm *term = &flow->fn->blocks.items[block].term;
            for (uint32_t t = 0; t < term->target_count; t++)
                bits_join(out, ins + (size_t)term->targets[t].v * words, words);
            memcpy(in, out, words * sizeof *in);
            transfer(context, block, in);
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
