// What the closure of a task captures, and how.
//
// A variable of an inner block or loop goes into the task: it ends before the nursery does. So does what is cheap to
// copy and does not change. All else is borrowed until the nursery has been joined: the loan is held by the nursery's
// `scope`, so that who changes the variable meanwhile, or two tasks that do, meet it like any other loan. What a task
// takes for itself, it owns, wherever it comes from. What tasks only add to comes before that: accumulate.c.
#include "ir/build_internal.h"

bool capture_is_taken(Build *b, LocalId id, const NurseryFrame *nursery) {
    const JirLocal *local = jir_local(b->fn, id);
    bool is_cheap = type_class(b->program, local->type) & CLASS_CHEAP && !local_is_lent_func(b, local);
    bool is_inner = b->states.items[id.v].nesting > nursery->nesting;
    if (type_is_lang(b->program, local->type, LANG_NURSERY))
        return false;
    if (is_inner)
        return local->mode == LOCAL_OWNED || is_cheap;
    bool is_fixed = local->mode != LOCAL_MUT_REF && (local->kind == LOCAL_LET || local->kind == LOCAL_TEMP ||
                                                     (local->kind != LOCAL_VAR && local->mode == LOCAL_LET_REF));
    return is_cheap && is_fixed;
}

void capture_take(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    if (p->is_global)
        return;
    JirLocal *local = jir_local(b->fn, (LocalId){p->root});
    if (local->kind != LOCAL_CAPTURE || local->mode == LOCAL_OWNED)
        return;
    if (!(type_class(b->program, p->type) & CLASS_CHEAP) && !type_is_lang(b->program, local->type, LANG_NURSERY))
        local->mode = LOCAL_OWNED;
}

// All captures were registered to be dropped, as long as it was open which of them are owned.
void captures_settle(Build *b) {
    for (uint32_t i = 0; i < b->fn->blocks.count; i++) {
        JirBlock *block = &b->fn->blocks.items[i];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            JirStmt *stmt = &block->stmts.items[s];
            if (stmt->op != OP_DROP && stmt->op != OP_DEAD)
                continue;
            const JirPlace *place = jir_place(b->fn, stmt->dst);
            const JirLocal *local = place->is_global ? NULL : jir_local(b->fn, (LocalId){place->root});
            if (local && local->kind == LOCAL_CAPTURE && local->mode != LOCAL_OWNED)
                *stmt = (JirStmt){.op = OP_NOP, .token = stmt->token};
        }
    }
}
