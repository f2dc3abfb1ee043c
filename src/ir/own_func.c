// Function values: what a closure that is kept may not borrow, and that a view of a closure is not replaced.
#include "ir/layout.h"
#include "ir/own.h"

// The first capture that may borrow from outside, looked for in the closures that were captured, too; NULL if all are
// values.
static const JirLocal *borrowing_capture(const Own *own, TypeId closure) {
    const JirFn *fn = closure_body(own->jir, closure);
    for (uint32_t i = 0; fn && i < fn->capture_count; i++) {
        const JirLocal *local = &fn->locals.items[1 + fn->param_count + i];
        bool borrows = local->mode != LOCAL_OWNED;
        if (own_kind(own, local->type) == TY_CLOSURE)
            borrows = borrows || borrowing_capture(own, local->type);
        else
            borrows = borrows || own_type_borrows(own, local->type);
        if (borrows)
            return local;
    }
    return NULL;
}

static void check_kept(Own *own, uint32_t block, uint32_t number, const JirStmt *stmt) {
    const JirOperand *closure = &own->fn->operands.items[own->fn->args.items[stmt->args].value.v];
    const JirLocal *local = borrowing_capture(own, jir_place_type(own->fn, closure->place));
    if (local)
        own_report_kept(own, block, number, closure->place, local);
}

// A whole parameter or view of a FUNC type: it may refer to a closure that is not its own.
static bool is_lent_func(const Own *own, PlaceId id) {
    const JirPlace *place = jir_place(own->fn, id);
    if (place->is_global || place->count || own_kind(own, place->type) != TY_FUNC)
        return false;
    const JirLocal *local = &own->fn->locals.items[place->root];
    bool is_given = place->root > 0 && place->root <= own->fn->param_count + own->fn->capture_count;
    return local->is_view || (is_given && local->mode == LOCAL_MUT_REF);
}

// What is lent `mut` as a func value is only called; as a T, it could be replaced.
static void check_lent(Own *own, uint32_t block, uint32_t number, const JirStmt *stmt) {
    const Signature *signature = program_signature(own->program, stmt->callee->decl);
    for (uint32_t i = 0, param = 0; signature && i < stmt->arg_count; i++, param++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        param = own_next_param(own, signature, param);
        if (arg->kind == ARG_MUT_REF && param < signature->param_count &&
            own_kind(own, signature->param_types[param]) != TY_FUNC && is_lent_func(own, arg->place))
            own_report_replaced(own, block, number, arg->place);
    }
}

void own_check_funcs(Own *own) {
    DeclId keep = own->program->lang[LANG_CLOSURE_KEEP];
    for (uint32_t b = 0; b < own->fn->blocks.count; b++) {
        const JirBlock *block = &own->fn->blocks.items[b];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            const JirStmt *stmt = &block->stmts.items[s];
            uint32_t number = own->first_stmt[b] + s;
            if (stmt->op == OP_CALL && stmt->callee->decl.v == keep.v)
                check_kept(own, b, number, stmt);
            else if (stmt->op == OP_CALL)
                check_lent(own, b, number, stmt);
            else if (stmt->op == OP_STORE && is_lent_func(own, stmt->dst))
                own_report_replaced(own, b, number, stmt->dst);
        }
    }
}
