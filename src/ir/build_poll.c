// Polls: where code that computes lets others run, and leaves if its task was cancelled. Each loop has one for each of
// its rounds, each function one at its beginning; polls.c keeps those that the program needs.
#include "ir/build_internal.h"
#include "ir/polls.h"

enum { MOST_ROUNDS = 256 }; // of a loop that needs none: with nothing in it that could take long

static void emit_poll(Build *b, uint64_t where) {
    if (!b->program->has_tasks || b->is_cleanup || b->is_dead)
        return;
    JirArg args[2] = {arg_value(const_int(b, T_I64(b), where)), arg_value(const_bool(b, true))};
    intrinsic(b, INTRINSIC_task_poll, NULL, 0, args, 2, T_VOID(b), (PlaceId){0});
}

void poll_round(Build *b) {
    emit_poll(b, POLL_ROUND);
}

void poll_entry(Build *b) {
    emit_poll(b, POLL_ENTRY);
}

static bool is_short(Build *b, NodeId body) {
    for (uint32_t i = ast_first(b->ast, body).v; i <= body.v; i++) {
        switch (ast_kind(b->ast, (NodeId){i})) {
        case NODE_LOOP:
        case NODE_WHILE:
        case NODE_FOR:
        case NODE_CALL:
        case NODE_CLOSURE: return false;
        default: break;
        }
    }
    return true;
}

bool poll_is_needless(Build *b, OperandId from, OperandId to, NodeId body) {
    const JirOperand *a = &b->fn->operands.items[from.v], *z = &b->fn->operands.items[to.v];
    bool is_known = a->kind == OPERAND_CONST && z->kind == OPERAND_CONST && a->high == z->high;
    return is_known && z->low - a->low < MOST_ROUNDS && is_short(b, body);
}

void polls_hold(Build *b, bool on) {
    if (!b->program->has_tasks || b->is_cleanup || b->is_dead)
        return;
    JirArg by = arg_value(const_int(b, T_I64(b), on ? 1 : UINT64_MAX));
    intrinsic(b, INTRINSIC_polls_hold, NULL, 0, &by, 1, T_VOID(b), (PlaceId){0});
}
