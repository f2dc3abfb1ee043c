// Where loans matter. A loan matters at a point if it was made on a way to it and, all along that way, some local that
// may hold it was used later.
#include "ir/own.h"

static Word *loans_at(const Own *own, Word *set, uint32_t node) {
    return set + (size_t)node * own->loan_words;
}

// A loan of what a Slice shows, where no borrow fits: what is stored through it stays out of the local.
static bool takes_no_borrows(const Own *own, const Loan *loan) {
    const JirPlace *place = jir_place(own->fn, loan->place);
    const Type *type = type_get(own->program->types, place->type);
    return loan->deref == place->count && type_is_lang(own->program, place->type, LANG_SLICE) &&
           !own_type_borrows(own, type->args[0]);
}

// What is stored through a mut address arrives in what was lent.
static bool write_back(Own *own, uint32_t holder) {
    const JirLocal *local = &own->fn->locals.items[own->holder_locals.items[holder]];
    if (local->mode != LOCAL_MUT_REF || !own_type_borrows(own, local->type))
        return false;
    bool grown = false;
    const Word *address = loans_at(own, own->reached, holder * 2 + 1);
    for (uint32_t l = 0; l < own->loans.count; l++) {
        const Loan *loan = &own->loans.items[l];
        if (!bit_get(address, l) || !loan->is_mut || takes_no_borrows(own, loan))
            continue;
        uint32_t node = own_holder_node(own, jir_place(own->fn, loan->place)->root);
        if (node == NO_PATH || node == holder * 2)
            continue;
        grown |= bits_join(loans_at(own, own->held, node), loans_at(own, own->held, holder * 2), own->loan_words);
        grown |= bits_join(loans_at(own, own->reached, node), loans_at(own, own->reached, holder * 2), own->loan_words);
    }
    return grown;
}

static bool follow_edges(Own *own) {
    bool grown = false;
    for (uint32_t i = 0; i < own->edges.count; i++) {
        const Edge *e = &own->edges.items[i];
        grown |= bits_join(loans_at(own, own->held, e->to), loans_at(own, own->held, e->from), own->loan_words);
        if (e->reaches)
            grown |=
                bits_join(loans_at(own, own->reached, e->to), loans_at(own, own->reached, e->from), own->loan_words);
    }
    return grown;
}

static void solve_held(Own *own) {
    own->loan_words = words_for(own->loans.count);
    size_t words = (size_t)own->holder_locals.count * 2 * own->loan_words;
    own->held = ARENA_ARRAY(own->arena, Word, words);
    own->reached = ARENA_ARRAY(own->arena, Word, words);
    for (uint32_t i = 0; i < own->first_held.count; i++) {
        const Held *h = &own->first_held.items[i];
        bit_set(loans_at(own, own->held, h->node), h->loan);
        bit_set(loans_at(own, own->reached, h->node), h->loan);
    }
    for (bool again = true; again;) {
        again = follow_edges(own);
        for (uint32_t h = 0; h < own->holder_locals.count; h++)
            again |= write_back(own, h);
    }
    own->loan_holders = ARENA_ARRAY(own->arena, Word, (size_t)own->loans.count * own->holder_words);
    for (uint32_t node = 0; node < own->holder_locals.count * 2; node++) {
        const Word *loans = loans_at(own, own->held, node);
        for (uint32_t w = 0; w < own->loan_words; w++)
            for (Word left = loans[w]; left; left &= left - 1)
                bit_set(own->loan_holders + (size_t)(w * 64 + (uint32_t)__builtin_ctzll(left)) * own->holder_words,
                        node / 2);
    }
}

// Drops the loans that nobody who is used later holds.
static void keep_live(const Own *own, Word *state, const Word *live) {
    for (uint32_t w = 0; w < own->loan_words; w++) {
        for (Word left = state[w]; left; left &= left - 1) {
            uint32_t loan = w * 64 + (uint32_t)__builtin_ctzll(left);
            const Word *holders = own->loan_holders + (size_t)loan * own->holder_words;
            bool is_live = false;
            for (uint32_t i = 0; i < own->holder_words && !is_live; i++)
                is_live = (holders[i] & live[i]) != 0;
            if (!is_live)
                bit_clear(state, loan);
        }
    }
}

// The holders used after each statement of a block; the first row is for before the block.
static void find_live_after(const Own *own, uint32_t block) {
    uint32_t words = own->holder_words, first = own->first_stmt[block], last = own_end(own, block);
    Word *row = own->live_after + (size_t)(last + 1 - first) * words;
    memcpy(row, own->holder_live + (size_t)block * words, words * sizeof *row);
    for (uint32_t number = last + 1; number-- > first; row -= words) {
        memcpy(row - words, row, words * sizeof *row);
        own_apply_holders_stmt(own, block, number, row - words);
    }
}

static void walk(Own *own, uint32_t block, Word *state, Word *before, LoanVisit *visit) {
    uint32_t words = own->holder_words, loan = own->first_loan[block];
    find_live_after(own, block);
    const Word *live = own->live_after;
    keep_live(own, state, live);
    for (uint32_t number = own->first_stmt[block]; number <= own_end(own, block); number++, live += words) {
        bool changes = memcmp(live, live + words, words * sizeof *live) != 0;
        if (visit)
            memcpy(before, state, own->loan_words * sizeof *state);
        for (; loan < own->loans.count && own->loans.items[loan].stmt == number; loan++) {
            bit_set(state, loan);
            changes = true;
        }
        if (changes)
            keep_live(own, state, live + words);
        if (visit)
            visit(own, block, number, before, state);
    }
}

static void transfer(void *context, uint32_t block, Word *state, FlowEdges *edges) {
    (void)edges;
    walk(context, block, state, NULL, NULL);
}

void own_solve_loans(Own *own) {
    solve_held(own);
    uint32_t longest = 0;
    for (uint32_t b = 0; b < own->fn->blocks.count; b++)
        if (own->fn->blocks.items[b].stmts.count > longest)
            longest = own->fn->blocks.items[b].stmts.count;
    own->live_after = ARENA_ARRAY(own->arena, Word, (size_t)(longest + 2) * own->holder_words);
    own->loan_states = ARENA_ARRAY(own->arena, Word, (size_t)own->fn->blocks.count * own->loan_words);
    flow_solve_forward(&own->flow, own->arena, own->loan_words, own->loan_states, transfer, own);
}

void own_visit_loans(Own *own, LoanVisit *visit) {
    Word *state = ARENA_ARRAY(own->arena, Word, own->loan_words);
    Word *before = ARENA_ARRAY(own->arena, Word, own->loan_words);
    for (uint32_t i = 0; i < own->flow.count; i++) {
        uint32_t block = own->flow.order[i];
        memcpy(state, own->loan_states + (size_t)block * own->loan_words, own->loan_words * sizeof *state);
        walk(own, block, state, before, visit);
    }
}
