// Where panics go: which statements can panic, and which blocks they lead to.
#include "astdb/impls.h"
#include "ir/polls.h"

static TypeKind kind_of(const Jir *jir, TypeId type) {
    return type_get(jir->program->types, type)->kind;
}

static bool is_checked_binary(uint8_t op) {
    switch ((BinaryOp)op) {
    case BIN_ADD:
    case BIN_SUB:
    case BIN_MUL:
    case BIN_DIV:
    case BIN_REM:
    case BIN_SHL:
    case BIN_SHR: return true;
    default: return false;
    }
}

static bool intrinsic_may_panic(uint32_t number) {
    switch ((IntrinsicId)number) {
    case INTRINSIC_mem_alloc:
    case INTRINSIC_mem_resize:
    case INTRINSIC_slice_of:
    case INTRINSIC_panic_text:
    case INTRINSIC_panic_index:
    case INTRINSIC_ptr_drop:
    // a task may leave where it waits, as a panic does
    case INTRINSIC_nursery_end:
    case INTRINSIC_task_spawn:
    case INTRINSIC_task_spawn_isolated:
    case INTRINSIC_task_wait:
    case INTRINSIC_task_join:
    case INTRINSIC_task_sleep:
    case INTRINSIC_task_yield:
    case INTRINSIC_chan_new:
    case INTRINSIC_chan_send:
    case INTRINSIC_chan_recv:
    case INTRINSIC_chan_next:
    case INTRINSIC_io_wait:
    case INTRINSIC_io_await:
    case INTRINSIC_mutex_lock:
    case INTRINSIC_semaphore_acquire:
    case INTRINSIC_select_wait:
    // there may be no memory for a time limit
    case INTRINSIC_nursery_open:
    case INTRINSIC_shield_enter:
    // what the drops met is told at the end
    case INTRINSIC_drop_leave:
    case INTRINSIC_drop_defer: return true;
    default: return false;
    }
}

bool jir_may_panic(const Jir *jir, const JirFn *fn, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_CALL:
    case OP_CALL_VALUE:
    case OP_CHECK_INDEX: return true;
    case OP_DROP:
    case OP_STORE: return (type_class(jir->program, jir_place_type(fn, stmt->dst)) & CLASS_NEEDS_DROP) != 0;
    case OP_UNARY: return stmt->sub == UNARY_NEG && !type_kind_is_float(kind_of(jir, jir_operand_type(fn, stmt->a)));
    case OP_BINARY:
        return is_checked_binary(stmt->sub) && !type_kind_is_float(kind_of(jir, jir_operand_type(fn, stmt->a)));
    case OP_CAST: return !type_kind_is_float(kind_of(jir, jir_place_type(fn, stmt->dst)));
    case OP_INTRINSIC:
        if (stmt->number == INTRINSIC_task_poll)
            return poll_leaves(fn, stmt);
        return intrinsic_may_panic(stmt->number);
    default: return false;
    }
}

BlockId jir_unwind_target(const JirFn *fn, uint32_t unwind) {
    if (fn->has_pads)
        return (BlockId){unwind};
    uint32_t near = unwind ? fn->cleanups.items[unwind].near : 0;
    return near ? fn->cleanups.items[near].body : (BlockId){0};
}

bool jir_is_idle(const JirStmt *stmt) {
    return stmt->op == OP_NOP || stmt->op == OP_DEAD || stmt->op == OP_FLAG;
}

void jir_successors(const JirFn *fn, uint32_t block, JirVisit *visit, void *context) {
    const JirBlock *b = &fn->blocks.items[block];
    for (uint32_t i = 0; i < b->term.target_count; i++)
        visit(context, b->term.targets[i].v);
    if (!fn->has_pads && fn->cleanups.count == 0)
        return;
    BlockId target = jir_unwind_target(fn, b->term.unwind);
    if (target.v)
        visit(context, target.v);
    for (uint32_t i = 0; i < b->stmts.count; i++) {
        target = jir_unwind_target(fn, b->stmts.items[i].unwind);
        if (target.v)
            visit(context, target.v);
    }
}

void jir_resume(JirFn *fn, BlockId block, uint32_t unwind, uint32_t token) {
    jir_block(fn, block)->term = (JirTerm){.kind = TERM_RESUME, .unwind = unwind, .token = token};
}
