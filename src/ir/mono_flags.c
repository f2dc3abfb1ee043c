// Ways on which it is known what flags say: from a call that is the last thing to happen, through the branches that ask
// whether there is something to drop, to the return. Such a call returns at once, and may be a jump.
#include "ir/flow.h"
#include "ir/mono_internal.h"

typedef struct {
    JirFn *fn;
    Flow flow;
    uint32_t count;
    uint32_t *number; // by local: its flag's, UINT32_MAX of others
    uint32_t words;
    Word *states; // by block, at its start: bit 2 n: flag n may be clear, the bit behind it: set
} Flags;

enum { HOPS = 64 }; // from a call to the return

static bool number_flags(Flags *f, Arena *arena) {
    f->number = ARENA_ARRAY(arena, uint32_t, f->fn->locals.count);
    for (uint32_t i = 0; i < f->fn->locals.count; i++)
        f->number[i] = f->fn->locals.items[i].kind == LOCAL_FLAG ? f->count++ : UINT32_MAX;
    f->words = words_for(2 * f->count);
    return f->count > 0;
}

static void apply(const Flags *f, const JirStmt *s, Word *state) {
    if (s->op != OP_FLAG)
        return;
    uint32_t bit = 2 * f->number[f->fn->places.items[s->dst.v].root];
    bit_clear(state, bit + (s->number ? 0 : 1));
    bit_set(state, bit + (s->number ? 1 : 0));
}

static void transfer(void *context, uint32_t block, Word *state, FlowEdges *edges) {
    const Flags *f = context;
    const JirBlock *b = &f->fn->blocks.items[block];
    for (uint32_t i = 0; i < b->stmts.count; i++) {
        flow_leave(edges, b->stmts.items[i].unwind, state);
        apply(f, &b->stmts.items[i], state);
        flow_leave(edges, b->stmts.items[i].unwind, state);
    }
    flow_leave(edges, b->term.unwind, state);
}

static void solve(Flags *f, Arena *arena) {
    f->flow = flow_new(f->fn, arena);
    f->states = ARENA_ARRAY(arena, Word, (size_t)f->fn->blocks.count * f->words);
    memset(f->states, 0xff, f->words * sizeof(Word)); // of the entry
    flow_solve_forward(&f->flow, arena, f->words, f->states, transfer, f);
}

static bool ends_in_call(const JirBlock *b) {
    uint32_t i = b->stmts.count;
    while (i > 0 && jir_is_idle(&b->stmts.items[i - 1]))
        i--;
    return i > 0 && (b->stmts.items[i - 1].op == OP_CALL || b->stmts.items[i - 1].op == OP_CALL_VALUE);
}

// Where a branch on a flag goes that is known; none where it is not.
static BlockId known_target(const Flags *f, const JirTerm *t, const Word *state) {
    const JirOperand *o = &f->fn->operands.items[t->a.v];
    if (o->kind == OPERAND_CONST)
        return (BlockId){0};
    const JirPlace *p = &f->fn->places.items[o->place.v];
    if (p->is_global || p->count || f->number[p->root] == UINT32_MAX)
        return (BlockId){0};
    uint32_t bit = 2 * f->number[p->root];
    bool clear = bit_get(state, bit), set = bit_get(state, bit + 1);
    return clear == set ? (BlockId){0} : t->targets[set ? 0 : 1];
}

// The block that returns, if nothing happens on the way to it but that flags are asked.
static uint32_t find_return(const Flags *f, const JirTerm *from, Word *state) {
    bool asks = false;
    BlockId at = from->targets[0];
    for (uint32_t hop = 0; hop < HOPS; hop++) {
        const JirBlock *b = &f->fn->blocks.items[at.v];
        for (uint32_t i = 0; i < b->stmts.count; i++) {
            if (!jir_is_idle(&b->stmts.items[i]))
                return 0;
            apply(f, &b->stmts.items[i], state);
        }
        if (b->term.kind == TERM_RETURN)
            return asks ? at.v : 0;
        if (b->term.kind != TERM_GOTO && b->term.kind != TERM_BRANCH)
            return 0;
        asks |= b->term.kind == TERM_BRANCH;
        at = b->term.kind == TERM_GOTO ? b->term.targets[0] : known_target(f, &b->term, state);
        if (!at.v)
            return 0;
    }
    return 0;
}

static void follow(const Flags *f, uint32_t block, Word *state) {
    JirBlock *b = &f->fn->blocks.items[block];
    if (b->is_cleanup || b->term.kind != TERM_GOTO || !ends_in_call(b))
        return;
    memcpy(state, f->states + (size_t)block * f->words, f->words * sizeof(Word));
    for (uint32_t i = 0; i < b->stmts.count; i++)
        apply(f, &b->stmts.items[i], state);
    uint32_t end = find_return(f, &b->term, state);
    if (end)
        b->term = f->fn->blocks.items[end].term;
}

void mono_follow_flags(JirFn *fn, Arena *arena) {
    Flags f = {.fn = fn};
    if (!number_flags(&f, arena))
        return;
    solve(&f, arena);
    Word *state = ARENA_ARRAY(arena, Word, f.words);
    for (uint32_t i = 0; i < f.flow.count; i++)
        follow(&f, f.flow.order[i], state);
}
