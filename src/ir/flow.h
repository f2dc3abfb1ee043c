// flow: the order of a function's blocks, and the two solvers that the analyses of JIR share.
#ifndef JANUS_FLOW_H
#define JANUS_FLOW_H

#include "ir/jir.h"

typedef struct {
    const JirFn *fn;
    uint32_t *order;    // reachable blocks, reverse postorder
    uint32_t count;     // of order
    uint32_t *position; // by block: its place in order, UINT32_MAX if unreachable
} Flow;

Flow flow_new(const JirFn *fn, Arena *arena);

typedef uint64_t Word;

static inline uint32_t words_for(uint32_t bits) {
    return (bits + 63) / 64;
}
static inline bool bit_get(const Word *set, uint32_t bit) {
    return set[bit / 64] >> (bit % 64) & 1;
}
static inline void bit_set(Word *set, uint32_t bit) {
    set[bit / 64] |= (Word)1 << (bit % 64);
}
static inline void bit_clear(Word *set, uint32_t bit) {
    set[bit / 64] &= ~((Word)1 << (bit % 64));
}
bool bits_join(Word *into, const Word *from, uint32_t words); // true if `into` grew

// The edges that leave a block in its middle, by a panic: a transfer passes what it meets there to flow_leave (forward)
// or takes it from flow_enter (backward), with the `unwind` of the statement. NULL edges: nothing happens.
typedef struct {
    const Flow *flow;
    uint32_t words;
    Word *states; // at the starts of blocks
    bool *dirty;
    bool again;
} FlowEdges;

void flow_leave(FlowEdges *edges, uint32_t unwind, const Word *state);
void flow_enter(const FlowEdges *edges, uint32_t unwind, Word *state);

// Changes the state by what a block does: forwards from its start to its end, or backwards.
typedef void FlowTransfer(void *context, uint32_t block, Word *state, FlowEdges *edges);

// Solves a may-analysis (states join by union). `states` holds `words` words for each block: of a forward analysis the
// state at the block's start (the entry's is given by the caller), of a backward one the state at its end. `ins` (may
// be NULL) gets the states at the starts of a backward one.
void flow_solve_forward(const Flow *flow, Arena *arena, uint32_t words, Word *states, FlowTransfer *transfer,
                        void *context);
void flow_solve_backward(const Flow *flow, Arena *arena, uint32_t words, Word *states, Word *ins,
                         FlowTransfer *transfer, void *context);

#endif
