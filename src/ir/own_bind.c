// Decides what BIND and TAKE do, walking each block backwards with what is used later. Decisions stand in the accesses
// and in `choices` until own_commit writes them into the function: a conflict found later may ask for another one.
#include "ir/own.h"

typedef struct {
    Own *own;
    const Word *later; // after the access
    uint32_t block, number;
} Site;

static bool used_later(const Site *site, const Access *access) {
    return access->path != NO_PATH && bit_get(site->later, access->path);
}

static void decide_take(const Site *site, Access *access) {
    const Own *own = site->own;
    bool movable = own_obstacle(own, jir_place(own->fn, access->place)) == OBSTACLE_NONE;
    bool copies =
        own_is_cheap(own, access->place) && (!movable || own->demoted[site->number] || used_later(site, access));
    access->kind = copies ? ACCESS_READ : ACCESS_MOVE;
}

static uint32_t bound_local(const Own *own, const JirStmt *stmt) {
    return jir_place(own->fn, stmt->dst)->root;
}

static BindChoice choose(const Site *site, const Access *access) {
    const Own *own = site->own;
    const JirStmt *stmt = own_stmt(own, site->block, site->number);
    uint8_t demoted = own->demoted[site->number];
    bool cheap = own_is_cheap(own, stmt->place) && demoted < 2;
    if (own->fn->locals.items[bound_local(own, stmt)].mode != LOCAL_OWNED)
        return BIND_REF;
    if (!demoted && !used_later(site, access) && own_obstacle(own, jir_place(own->fn, stmt->place)) == OBSTACLE_NONE)
        return BIND_MOVE;
    return cheap ? BIND_COPY : BIND_REF;
}

// A local is bound in one way wherever it is bound: once it is a projection, it is one everywhere.
static void make_projection(Own *own, uint32_t local) {
    JirLocal *it = &own->fn->locals.items[local];
    if (it->mode != LOCAL_OWNED)
        return;
    it->mode = LOCAL_LET_REF;
    own->again = true;
}

static void decide_bind(const Site *site, Access *access) {
    static const AccessKind KINDS[] = {ACCESS_READ, ACCESS_MOVE, ACCESS_LET};
    Own *own = site->own;
    BindChoice choice = access->kind == ACCESS_BIND ? choose(site, access) : BIND_COPY;
    own->choices[site->number] = (uint8_t)choice;
    access->kind = (uint8_t)KINDS[choice];
    uint32_t local = bound_local(own, own_stmt(own, site->block, site->number));
    if (choice == BIND_REF)
        make_projection(own, local);
    if (choice == BIND_REF && own->fn->locals.items[local].mode == LOCAL_MUT_REF)
        access->kind = ACCESS_MUT;
}

static void decide_access(void *context, uint32_t index, Access *access) {
    const Site *site = context;
    const Own *own = site->own;
    bool is_bind = site->number < own_end(own, site->block) && own_stmt(own, site->block, site->number)->op == OP_BIND;
    if (access->kind == ACCESS_TAKE)
        decide_take(site, access);
    else if (is_bind && access->kind != ACCESS_SET && index == own->first_access[site->number])
        decide_bind(site, access);
}

static void decide_block(Own *own, uint32_t block, Word *later) {
    Site site = {own, later, block, 0};
    FlowEdges edges = {.flow = &own->flow, .words = own->path_words, .states = own->later_in};
    for (uint32_t number = own_end(own, block) + 1; number-- > own->first_stmt[block];) {
        site.number = number;
        own_apply_later_stmt(own, block, number, later, &edges, decide_access, &site);
    }
}

// What is bound to a place that cannot be moved out of and is not cheap is a projection, whatever comes later.
static void find_projections(Own *own) {
    for (uint32_t i = 0; i < own->flow.count; i++) {
        const JirBlock *block = &own->fn->blocks.items[own->flow.order[i]];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            const JirStmt *stmt = &block->stmts.items[s];
            if (stmt->op == OP_BIND && !own_is_cheap(own, stmt->place) &&
                own_obstacle(own, jir_place(own->fn, stmt->place)) != OBSTACLE_NONE)
                make_projection(own, bound_local(own, stmt));
        }
    }
}

void own_decide(Own *own) {
    Word *later = ARENA_ARRAY(own->arena, Word, own->path_words);
    find_projections(own);
    do {
        own->again = false;
        own_collect_accesses(own);
        own_solve_later(own);
        for (uint32_t i = 0; i < own->flow.count; i++) {
            uint32_t block = own->flow.order[i];
            memcpy(later, own->later + (size_t)block * own->path_words, own->path_words * sizeof *later);
            decide_block(own, block, later);
        }
    } while (own->again);
}

void own_check_moves(Own *own) {
    for (uint32_t i = 0; i < own->flow.count; i++) {
        uint32_t block = own->flow.order[i];
        for (uint32_t number = own->first_stmt[block]; number <= own_end(own, block); number++) {
            for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++) {
                Access *access = &own->accesses.items[a];
                if (access->kind != ACCESS_MOVE)
                    continue;
                Obstacle obstacle = own_obstacle(own, jir_place(own->fn, access->place));
                if (obstacle == OBSTACLE_NONE)
                    continue;
                own_report_move(own, obstacle, block, number, access->place);
                access->kind = ACCESS_READ; // what follows from it is not reported
            }
        }
    }
}

// A binding becomes SET of a move or a copy, or REF.
static void commit_bind(Own *own, JirStmt *stmt, BindChoice choice) {
    if (choice == BIND_REF) {
        stmt->op = OP_REF;
        stmt->sub = own->fn->locals.items[bound_local(own, stmt)].mode == LOCAL_MUT_REF;
        return;
    }
    stmt->op = OP_SET;
    stmt->a = jir_operand_place(own->fn, choice == BIND_MOVE ? OPERAND_MOVE : OPERAND_COPY, stmt->place);
    stmt->place = (PlaceId){0};
}

void own_commit(Own *own) {
    for (uint32_t b = 0; b < own->fn->blocks.count; b++) {
        for (uint32_t number = own->first_stmt[b]; number <= own_end(own, b); number++) {
            for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++) {
                const Access *access = &own->accesses.items[a];
                if (access->operand.v)
                    own->fn->operands.items[access->operand.v].kind =
                        access->kind == ACCESS_MOVE ? OPERAND_MOVE : OPERAND_COPY;
            }
            if (number < own_end(own, b) && own_stmt(own, b, number)->op == OP_BIND)
                commit_bind(own, own_stmt(own, b, number), (BindChoice)own->choices[number]);
        }
    }
}
