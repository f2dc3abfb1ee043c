// Exclusivity: which access hurts which loan.
#include "ir/own.h"

// Whether two places may share memory: one begins with the other, as far as fields and constant indices can tell.
bool own_places_overlap(const Own *own, const JirPlace *a, const JirPlace *b) {
    if (a->is_global || b->is_global || a->root != b->root)
        return false;
    uint32_t count = a->count < b->count ? a->count : b->count;
    for (uint32_t i = 0; i < count; i++) {
        const Projection *p = &own->fn->projections.items[a->first + i];
        const Projection *q = &own->fn->projections.items[b->first + i];
        if (p->kind != q->kind)
            continue;
        if ((p->kind == PROJ_FIELD || p->kind == PROJ_CONST_INDEX) && p->index != q->index)
            return false;
    }
    return true;
}

static bool hurts(const Own *own, const Loan *loan, const Access *access) {
    const JirPlace *place = jir_place(own->fn, access->place), *lent = jir_place(own->fn, loan->place);
    if (place->root != access->root) // the index within a place
        return loan->is_mut && lent->root == access->root;
    AccessKind kind = (AccessKind)access->kind;
    bool through = own->fn->locals.items[access->root].mode != LOCAL_OWNED;
    switch (kind) {
    case ACCESS_READ:
    case ACCESS_LET:
        if (!loan->is_mut)
            return false;
        break;
    case ACCESS_LIVE:
    case ACCESS_REPOINT: return false;
    case ACCESS_DROP:
    case ACCESS_DEAD:
        if (through || (loan->deref != NO_DEREF && place->count <= loan->deref))
            return false;
        break;
    case ACCESS_SET:
    case ACCESS_STORE:
        if (!through && loan->deref != NO_DEREF && place->count <= loan->deref)
            return false;
        break;
    default: break;
    }
    return own_places_overlap(own, place, lent);
}

typedef void ConflictVisit(Own *own, uint32_t block, uint32_t number, Access *access, uint32_t loan);

static void visit_access(Own *own, uint32_t block, uint32_t number, Access *access, const Word *state,
                         ConflictVisit *visit) {
    if (access->is_global || !bit_get(own->lent_roots, access->root))
        return;
    for (uint32_t w = 0; w < own->loan_words; w++) {
        for (Word left = state[w]; left; left &= left - 1) {
            uint32_t loan = w * 64 + (uint32_t)__builtin_ctzll(left);
            if (hurts(own, &own->loans.items[loan], access))
                visit(own, block, number, access, loan);
        }
    }
}

static bool is_use(AccessKind kind) {
    return kind <= ACCESS_MOVE;
}

// Uses meet the loans before the statement; what it defines or ends, those after it.
static void visit_stmt(Own *own, uint32_t block, uint32_t number, const Word *before, const Word *after,
                       ConflictVisit *visit) {
    for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++) {
        Access *access = &own->accesses.items[a];
        visit_access(own, block, number, access, is_use((AccessKind)access->kind) ? before : after, visit);
    }
}

// ---- other decisions ------------------------------------------------------------------------------------------------

static void demote_move(Own *own, uint32_t block, uint32_t number, Access *access, uint32_t loan) {
    if (access->kind != ACCESS_MOVE || own->demoted[number])
        return;
    bool is_bind = number < own_end(own, block) && own_stmt(own, block, number)->op == OP_BIND;
    bool copies = access->operand.v && own_is_cheap(own, access->place) && !own->loans.items[loan].is_mut;
    if (is_bind || copies) {
        own->demoted[number] = 1;
        own->again = true;
    }
}

// A copy of a view that holds a mut loan is a second way to what is lent exclusively, if the first is used later.
static bool copies_mut_view(const Own *own, const Access *access, const Word *after) {
    if (access->kind != ACCESS_READ || access->is_global || own_holder_node(own, access->root) == NO_PATH)
        return false;
    if (!own_type_borrows(own, jir_place_type(own->fn, access->place)))
        return false;
    uint32_t node = own_holder_node(own, access->root);
    const Word *held = own->held + (size_t)node * own->loan_words;
    for (uint32_t l = 0; l < own->loans.count; l++)
        if (bit_get(held, l) && bit_get(after, l) && own->loans.items[l].is_mut)
            return true;
    return false;
}

static bool makes_copy(const Own *own, uint32_t block, uint32_t number, const Access *access) {
    if (number == own_end(own, block))
        return false;
    uint8_t op = own_stmt(own, block, number)->op;
    return access->operand.v != 0 || (op == OP_BIND && own->choices[number] == BIND_COPY);
}

// Whether what is copied is used later, too. The parts of a temporary are not: each is taken once.
static bool is_used_after(const Own *own, uint32_t block, uint32_t number, const Access *access) {
    const Word *live = own->live_after + (size_t)(number + 1 - own->first_stmt[block]) * own->holder_words;
    bool is_part = own->fn->locals.items[access->root].kind == LOCAL_TEMP && jir_place(own->fn, access->place)->count;
    return !is_part && bit_get(live, own->holders[access->root] - 1);
}

static void demote_stmt(Own *own, uint32_t block, uint32_t number, const Word *before, const Word *after) {
    visit_stmt(own, block, number, before, after, demote_move);
    if (number == own_end(own, block) || own_stmt(own, block, number)->op != OP_BIND || own->demoted[number] == 2)
        return;
    const Access *access = &own->accesses.items[own->first_access[number]];
    if (own->choices[number] == BIND_COPY && copies_mut_view(own, access, after) &&
        is_used_after(own, block, number, access)) {
        own->demoted[number] = 2;
        own->again = true;
    }
}

void own_demote(Own *own) {
    own_visit_loans(own, demote_stmt);
}

// ---- reports --------------------------------------------------------------------------------------------------------

static void report_conflict(Own *own, uint32_t block, uint32_t number, Access *access, uint32_t loan) {
    if (own->loans.items[loan].reported)
        return;
    own->loans.items[loan].reported = true;
    own_report_conflict(own, loan, block, number, access);
}

static bool outlives(const Own *own, const Loan *loan) {
    const JirPlace *place = jir_place(own->fn, loan->place);
    const JirLocal *local = &own->fn->locals.items[place->root];
    return local->mode != LOCAL_OWNED || loan->deref != NO_DEREF || local->kind == LOCAL_CAPTURE;
}

static bool is_own_storage(const Own *own, const Loan *loan) {
    const JirLocal *local = &own->fn->locals.items[jir_place(own->fn, loan->place)->root];
    return own->content_only && loan->deref == NO_DEREF && local->kind == LOCAL_PARAM && local->mode != LOCAL_OWNED;
}

static void check_return(Own *own, uint32_t block, const Word *before) {
    for (uint32_t l = 0; l < own->loans.count; l++) {
        Loan *loan = &own->loans.items[l];
        bool is_storage = is_own_storage(own, loan);
        if (!bit_get(before, l) || loan->reported || (outlives(own, loan) && !is_storage))
            continue;
        loan->reported = true;
        if (is_storage)
            own_report_own_storage(own, l);
        else
            own_report_returned(own, l, block);
    }
}

static void check_stmt(Own *own, uint32_t block, uint32_t number, const Word *before, const Word *after) {
    visit_stmt(own, block, number, before, after, report_conflict);
    if (number == own_end(own, block)) {
        if (own->fn->blocks.items[block].term.kind == TERM_RETURN)
            check_return(own, block, before);
        return;
    }
    for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++) {
        const Access *access = &own->accesses.items[a];
        if (makes_copy(own, block, number, access) && copies_mut_view(own, access, after) &&
            is_used_after(own, block, number, access))
            own_report_view_copy(own, block, number, access);
    }
}

void own_check_loans(Own *own) {
    own_visit_loans(own, check_stmt);
}

// ---- arguments ------------------------------------------------------------------------------------------------------

static void check_pair(Own *own, uint32_t block, uint32_t number, const Access *a, const Access *b) {
    bool moved = a->kind == ACCESS_MOVE;
    if (!moved && a->kind != ACCESS_LET && a->kind != ACCESS_MUT)
        return;
    if (b->kind != ACCESS_LET && b->kind != ACCESS_MUT)
        return;
    if (!moved && a->kind == ACCESS_LET && b->kind == ACCESS_LET)
        return;
    if (!own_places_overlap(own, jir_place(own->fn, a->place), jir_place(own->fn, b->place)))
        return;
    bool both = a->kind == ACCESS_MUT && b->kind == ACCESS_MUT;
    if (a->kind == ACCESS_LET)
        own_report_arguments(own, block, number, b->place, a->place, OVERLAP_MUT);
    else
        own_report_arguments(own, block, number, a->place, b->place,
                             moved  ? OVERLAP_GIVEN
                             : both ? OVERLAP_BOTH_MUT
                                    : OVERLAP_MUT);
}

// Places lent to one call must not overlap where one is lent mut or given away.
void own_check_arguments(Own *own) {
    for (uint32_t i = 0; i < own->flow.count; i++) {
        uint32_t block = own->flow.order[i];
        for (uint32_t number = own->first_stmt[block]; number < own_end(own, block); number++) {
            uint32_t first = own->first_access[number], end = own->first_access[number + 1];
            if (own_stmt(own, block, number)->arg_count < 2 && own_stmt(own, block, number)->op != OP_CALL_VALUE)
                continue;
            for (uint32_t a = first; a < end; a++)
                for (uint32_t b = a + 1; b < end; b++)
                    check_pair(own, block, number, &own->accesses.items[a], &own->accesses.items[b]);
        }
    }
}

// ---- views that only read -------------------------------------------------------------------------------------------

static bool *find_readers(Own *own) {
    bool *reads = ARENA_ARRAY(own->arena, bool, own->holder_locals.count * 2);
    for (uint32_t i = 0; i < own->readers.count; i++)
        reads[own->readers.items[i]] = true;
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < own->edges.count; i++) {
            const Edge *e = &own->edges.items[i];
            again |= e->reads && reads[e->from] && !reads[e->to];
            reads[e->to] |= e->reads && reads[e->from];
        }
    }
    return reads;
}

// Whether the access changes what a Slice shows: an element behind one, or the Slice is lent to be used so.
static bool changes_through_slice(const Own *own, const Access *access) {
    AccessKind kind = (AccessKind)access->kind;
    if (access->is_global || (kind != ACCESS_MUT && kind != ACCESS_SET && kind != ACCESS_STORE))
        return false;
    const JirPlace *place = jir_place(own->fn, access->place);
    if (place->root != access->root)
        return false;
    if (kind == ACCESS_MUT && type_is_lang(own->program, place->type, LANG_SLICE))
        return true;
    TypeId type = own->fn->locals.items[place->root].type;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        bool is_item = projection->kind == PROJ_INDEX || projection->kind == PROJ_CONST_INDEX;
        if (is_item && type_is_lang(own->program, type, LANG_SLICE))
            return true;
        type = projection->type;
    }
    return false;
}

void own_check_readers(Own *own) {
    if (!own->readers.count)
        return;
    const bool *reads = NULL;
    for (uint32_t b = 0; b < own->fn->blocks.count; b++) {
        for (uint32_t number = own->first_stmt[b]; number < own_end(own, b); number++) {
            for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++) {
                const Access *access = &own->accesses.items[a];
                if (!changes_through_slice(own, access) || !own->holders[access->root])
                    continue;
                reads = reads ? reads : find_readers(own);
                if (reads[own_holder_node(own, access->root)])
                    own_report_reader(own, b, number, access);
            }
        }
    }
}

// ---- what is shared -------------------------------------------------------------------------------------------------

static bool changes_shared(const Own *own, const Access *access) {
    AccessKind kind = (AccessKind)access->kind;
    if (kind != ACCESS_MUT && kind != ACCESS_SET && kind != ACCESS_STORE)
        return false;
    const JirPlace *place = jir_place(own->fn, access->place);
    if (place->root != access->root || place->is_global)
        return false;
    TypeId type = own->fn->locals.items[place->root].type;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        if (projection->kind == PROJ_DEREF && type_is_lang(own->program, type, LANG_SHARED))
            return true;
        type = projection->type;
    }
    return false;
}

void own_check_shared(Own *own) {
    for (uint32_t b = 0; b < own->fn->blocks.count; b++)
        for (uint32_t number = own->first_stmt[b]; number < own_end(own, b); number++)
            for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++)
                if (changes_shared(own, &own->accesses.items[a]))
                    own_report_shared(own, b, number, &own->accesses.items[a]);
}
