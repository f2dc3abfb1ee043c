// What statements and terminators do to the state.
#include "calculus/internal.h"

// ---- uses -----------------------------------------------------------------------------------------------------------

static void read_place(Judge *j, PlaceId place, bool whole) {
    if (whole)
        owners_read(j, place);
    else
        owners_shell(j, place);
    loans_use(j, place);
    loans_access(j, place, ACCESS_READS);
}

// What several own is only read.
static bool is_shared(const Judge *j, const JirPlace *place) {
    for (uint32_t i = 0; i < place->count; i++)
        if (j->fn->projections.items[place->first + i].kind == PROJ_DEREF &&
            type_is_lang(j->program, base_type(j, place, i), LANG_SHARED))
            return true;
    return false;
}

static void change_place(Judge *j, PlaceId place) {
    Buffer text = {0};
    if (!loans_may_change(j, place) || is_shared(j, jir_place(j->fn, place))) {
        judge_write_place(j, place, &text);
        judge_refuse(j, "calc.lend", "%.*s may only be read here", TEXT_ARG(buffer_view(&text)));
        vec_free(&text);
    }
}

static void lend_place(Judge *j, PlaceId place, bool is_mut) {
    owners_read(j, place);
    loans_use(j, place);
    loans_access(j, place, is_mut ? ACCESS_CHANGES : ACCESS_READS);
    if (is_mut)
        change_place(j, place);
}

static void move_place(Judge *j, PlaceId place) {
    loans_use(j, place);
    loans_access(j, place, ACCESS_CHANGES);
    owners_move(j, place);
}

static void use_operand(Judge *j, OperandId id) {
    const JirOperand *operand = id.v ? &j->fn->operands.items[id.v] : NULL;
    if (!operand || operand->kind == OPERAND_CONST)
        return;
    TypeId type = jir_place_type(j->fn, operand->place);
    if (operand->kind == OPERAND_TAKE)
        judge_refuse(j, "calc.form", "it is not decided whether an operand is moved or copied");
    else if (operand->kind == OPERAND_MOVE && !is_plain(j, type))
        move_place(j, operand->place);
    else
        read_place(j, operand->place, true);
    if (operand->kind == OPERAND_COPY && !(class_of(j, type) & (CLASS_PLAIN | CLASS_CHEAP)))
        judge_refuse(j, "calc.copy", "a value of type %.*s is copied silently", TEXT_ARG(type_text(j->program, type)));
}

// What a function value is made of is lent to it.
static void use_cast(Judge *j, const JirStmt *stmt) {
    const JirOperand *operand = &j->fn->operands.items[stmt->a.v];
    bool is_view = local_of(j, jir_place(j->fn, stmt->dst)->root)->is_view;
    if (operand->kind == OPERAND_CONST ||
        (!is_view && kind_of(j, jir_place_type(j->fn, operand->place)) != TY_CLOSURE)) {
        use_operand(j, stmt->a);
        return;
    }
    const Type *func = type_get(j->program->types, jir_place_type(j->fn, stmt->dst));
    lend_place(j, operand->place, func->kind == TY_FUNC && func->self_mode == MODE_MUT);
}

static void use_called(Judge *j, PlaceId place) {
    TypeId func = program_callable(j->program, jir_place_type(j->fn, place));
    ParamMode mode = func.v ? type_get(j->program->types, func)->self_mode : MODE_BORROW;
    bool is_func = kind_of(j, jir_place_type(j->fn, place)) == TY_FUNC; // what is left of one is dropped after its call
    if (mode == MODE_OWN && !is_func) {
        move_place(j, place);
        return;
    }
    lend_place(j, place, mode != MODE_BORROW);
    JirArg called = {.kind = mode != MODE_BORROW ? ARG_MUT_REF : ARG_REF, .place = place};
    loans_lend(j, &called);
}

// Where a select may put an item has no value before.
static bool is_room(const JirStmt *stmt, const JirArg *arg) {
    return stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_select_wait && arg->kind == ARG_MUT_REF;
}

// Values are read before places are lent.
static void use_args(Judge *j, const JirStmt *stmt) {
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &j->fn->args.items[stmt->args + i];
        if (arg->kind != ARG_VALUE)
            continue;
        use_operand(j, arg->value);
        loans_lend(j, arg);
    }
    if (stmt->op == OP_CALL_VALUE)
        use_called(j, stmt->place);
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &j->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE || is_room(stmt, arg))
            continue;
        lend_place(j, arg->place, arg->kind == ARG_MUT_REF);
        loans_lend(j, arg);
    }
    loans_call(j);
}

static void use_parts(Judge *j, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_REF: lend_place(j, stmt->place, stmt->sub); break;
    case OP_TAG:
    case OP_LEN: read_place(j, stmt->place, stmt->op == OP_LEN); break;
    case OP_CALL:
    case OP_CALL_VALUE:
    case OP_INTRINSIC:
    case OP_MAKE_CLOSURE: use_args(j, stmt); break;
    case OP_MAKE:
    case OP_MAKE_VARIANT:
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            use_operand(j, (OperandId){j->fn->operand_lists.items[stmt->args + i]});
        break;
    case OP_CAST: use_cast(j, stmt); break;
    case OP_BIND: judge_refuse(j, "calc.form", "it is not decided what a binding does"); break;
    default:
        use_operand(j, stmt->a);
        use_operand(j, stmt->b);
        break;
    }
}

// ---- panics ---------------------------------------------------------------------------------------------------------

static bool is_checked(const Judge *j, const JirStmt *stmt) {
    if (type_kind_is_float(kind_of(j, jir_operand_type(j->fn, stmt->a))))
        return false;
    switch ((BinaryOp)stmt->sub) {
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

static bool may_panic(const Judge *j, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_CALL:
    case OP_CALL_VALUE:
    case OP_CHECK_INDEX: return true;
    case OP_DROP:
    case OP_STORE: return (class_of(j, jir_place_type(j->fn, stmt->dst)) & CLASS_NEEDS_DROP) != 0;
    case OP_BINARY: return is_checked(j, stmt);
    case OP_UNARY: return stmt->sub == UNARY_NEG && !type_kind_is_float(kind_of(j, jir_operand_type(j->fn, stmt->a)));
    case OP_CAST: return !type_kind_is_float(kind_of(j, jir_place_type(j->fn, stmt->dst)));
    case OP_INTRINSIC:
        switch ((IntrinsicId)stmt->number) {
        case INTRINSIC_mem_alloc:
        case INTRINSIC_mem_resize:
        case INTRINSIC_slice_of:
        case INTRINSIC_panic_text:
        case INTRINSIC_panic_index:
        case INTRINSIC_ptr_drop:
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
        case INTRINSIC_select_wait: return true;
        case INTRINSIC_task_poll: // its second argument says so
            return j->fn->operands.items[j->fn->args.items[stmt->args + 1].value.v].low != 0;
        default: return false;
        }
    default: return false;
    }
}

// A panic goes on at a block, or leaves the function; while another is on its way it ends the process.
static void panic(Judge *j, uint32_t unwind) {
    if (unwind)
        judge_flow(j, unwind, &j->now);
    else if (!j->fn->blocks.items[j->block].is_cleanup)
        owners_leave(j, &j->now, true);
}

// ---- statements -----------------------------------------------------------------------------------------------------

// Whether the operand, before it was used, stood for a value that may have to be dropped one day.
static bool operand_owns(const Judge *j, OperandId id) {
    const JirOperand *operand = &j->fn->operands.items[id.v];
    if (operand->kind == OPERAND_CONST)
        return false;
    const JirPlace *place = jir_place(j->fn, operand->place);
    uint32_t used;
    if (place->is_global || local_of(j, place->root)->mode != LOCAL_OWNED || !is_ours(j, place->root))
        return true;
    uint32_t path = place_path(j, place, &used);
    return used < place->count || has(needs_of(j, &j->now), path);
}

// Constants own nothing, nor does a closure that owns no capture, what lends one, or a view of a func.
static bool value_owns(const Judge *j, const JirStmt *stmt) {
    if (stmt->dst.v && !jir_place(j->fn, stmt->dst)->is_global &&
        local_of(j, jir_place(j->fn, stmt->dst)->root)->is_view)
        return false;
    if (stmt->op == OP_SET || stmt->op == OP_CAST)
        return operand_owns(j, stmt->a);
    if (stmt->op != OP_MAKE_CLOSURE)
        return true;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &j->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE && !is_plain(j, jir_operand_type(j->fn, arg->value)) && operand_owns(j, arg->value))
            return true;
    }
    return false;
}

// The place gets the value of the statement.
static void define(Judge *j, const JirStmt *stmt, Target *target, bool is_set, bool owns) {
    const JirPlace *dst = jir_place(j->fn, stmt->dst);
    if (target->repoints) {
        loans_end_storage(j, dst->root, false);
        state_set_path(j, &j->now, j->roots[dst->root], true, false);
    } else {
        bool is_behind =
            !dst->is_global && (local_of(j, dst->root)->mode != LOCAL_OWNED || deref_depth(j, dst) != NONE);
        if (is_behind) // the address that leads there is used
            loans_use(j, stmt->dst);
        loans_access(j, stmt->dst, ACCESS_REPLACES);
        if (is_behind || dst->is_global || dst->count)
            change_place(j, stmt->dst);
        if (is_set && !j->failed)
            owners_set(j, stmt->dst, owns);
    }
    loans_hold(j, target);
}

static void step_drop(Judge *j, const JirStmt *stmt) {
    if (class_of(j, jir_place_type(j->fn, stmt->dst)) & CLASS_HAS_DROP)
        loans_use(j, stmt->dst);
    loans_access(j, stmt->dst, ACCESS_REPLACES);
    owners_drop(j, stmt->dst);
    if (!j->failed && may_panic(j, stmt))
        panic(j, stmt->unwind);
}

static void free_target(Target *target) {
    vec_free(&target->value);
    vec_free(&target->address);
}

static void step_store(Judge *j, const JirStmt *stmt) {
    Target target = {.place = stmt->dst, .repoints = loans_repoint(j, stmt)};
    bool owns = operand_owns(j, stmt->a);
    use_operand(j, stmt->a);
    loans_stmt(j, stmt, &target);
    if (!j->failed && !target.repoints)
        owners_store(j, stmt->dst, owns);
    define(j, stmt, &target, false, owns);
    free_target(&target);
    if (!j->failed && may_panic(j, stmt))
        panic(j, stmt->unwind);
}

static void step_other(Judge *j, const JirStmt *stmt) {
    bool owns = value_owns(j, stmt);
    use_parts(j, stmt);
    if (j->failed)
        return;
    Target target = {.place = stmt->dst, .repoints = loans_repoint(j, stmt)};
    loans_stmt(j, stmt, &target);
    if (may_panic(j, stmt))
        panic(j, stmt->unwind);
    if (!owners_free_box(j, stmt) && !j->failed && !owners_take_box(j, stmt) && stmt->dst.v)
        define(j, stmt, &target, true, owns);
    free_target(&target);
}

void step_stmt(Judge *j, const JirStmt *stmt) {
    uint32_t root = stmt->dst.v ? jir_place(j->fn, stmt->dst)->root : 0;
    types_stmt(j, stmt);
    if (j->failed)
        return;
    switch ((OpKind)stmt->op) {
    case OP_NOP: break;
    case OP_LIVE: owners_live(j, root); break;
    case OP_DEAD:
        owners_dead(j, root);
        loans_end_storage(j, root, true);
        break;
    case OP_FLAG:
        state_set_path(j, &j->now, j->roots[root], true, false);
        if (j->flag_numbers[root] != NONE)
            state_set_flag(j, &j->now, j->flag_numbers[root], stmt->number);
        break;
    case OP_DROP: step_drop(j, stmt); break;
    case OP_STORE: step_store(j, stmt); break;
    default: step_other(j, stmt); break;
    }
}

// ---- terminators ----------------------------------------------------------------------------------------------------

static uint32_t tested_flag(const Judge *j, OperandId id) {
    const JirOperand *operand = &j->fn->operands.items[id.v];
    if (operand->kind == OPERAND_CONST)
        return NONE;
    const JirPlace *place = jir_place(j->fn, operand->place);
    return place->is_global || place->count ? NONE : j->flag_numbers[place->root];
}

static void branch_to(Judge *j, uint32_t target, uint32_t flag, bool value) {
    if (flag == NONE) {
        judge_flow(j, target, &j->now);
        return;
    }
    if (!state_flag_may_be(j, &j->now, flag, value))
        return;
    state_copy(j, &j->branch, &j->now);
    state_assume_flag(j, &j->branch, flag, value);
    judge_flow(j, target, &j->branch);
}

// The path of the value whose tag the block has read into the local, and neither changed since; NONE if there is none.
static uint32_t tagged_path(const Judge *j, OperandId id) {
    const JirOperand *operand = &j->fn->operands.items[id.v];
    const JirBlock *block = &j->fn->blocks.items[j->block];
    if (operand->kind == OPERAND_CONST)
        return NONE;
    const JirPlace *number = jir_place(j->fn, operand->place);
    for (uint32_t i = block->stmts.count; i-- > 0;) {
        const JirStmt *stmt = &block->stmts.items[i];
        if (stmt->op != OP_TAG || !places_overlap(j, jir_place(j->fn, stmt->dst), number))
            continue;
        const JirPlace *place = jir_place(j->fn, stmt->place);
        if (i + 1 != block->stmts.count || place->is_global || local_of(j, place->root)->mode != LOCAL_OWNED)
            return NONE;
        uint32_t used, path = place_path(j, place, &used);
        return used == place->count ? path : NONE;
    }
    return NONE;
}

static bool is_listed(const JirTerm *term, uint32_t variant) {
    for (uint32_t i = 0; i + 1 < term->target_count; i++)
        if (term->values[i] == variant)
            return true;
    return false;
}

// The only variant that no case names; NONE if there are more.
static uint32_t default_variant(Judge *j, const JirTerm *term, TypeId type) {
    uint32_t found = NONE;
    for (uint32_t i = 0; i < type_variant_count(j->program, type); i++) {
        uint32_t variant = type_variant_number(j->program, type, i);
        if (is_listed(term, variant))
            continue;
        if (found != NONE)
            return NONE;
        found = variant;
    }
    return found;
}

static void step_switch(Judge *j, const JirTerm *term) {
    uint32_t path = tagged_path(j, term->a);
    for (uint32_t i = 0; i < term->target_count; i++) {
        uint32_t variant = NONE;
        if (path != NONE)
            variant = i + 1 < term->target_count ? (uint32_t)term->values[i]
                                                 : default_variant(j, term, j->paths.items[path].type);
        if (variant == NONE) {
            judge_flow(j, term->targets[i].v, &j->now);
            continue;
        }
        state_copy(j, &j->branch, &j->now);
        owners_assume_variant(j, &j->branch, path, variant);
        judge_flow(j, term->targets[i].v, &j->branch);
    }
}

void step_term(Judge *j, const JirTerm *term) {
    types_term(j, term);
    if (term->kind != TERM_PANIC) // its message is only looked at
        use_operand(j, term->a);
    else if (term->a.v && j->fn->operands.items[term->a.v].kind != OPERAND_CONST)
        read_place(j, j->fn->operands.items[term->a.v].place, true);
    if (j->failed)
        return;
    switch (term->kind) {
    case TERM_GOTO: judge_flow(j, term->targets[0].v, &j->now); break;
    case TERM_SWITCH: step_switch(j, term); break;
    case TERM_BRANCH: {
        uint32_t flag = tested_flag(j, term->a);
        branch_to(j, term->targets[0].v, flag, true);
        branch_to(j, term->targets[1].v, flag, false);
        break;
    }
    case TERM_RETURN:
        owners_leave(j, &j->now, false);
        loans_return(j);
        break;
    case TERM_PANIC: panic(j, term->unwind); break;
    case TERM_RESUME: owners_leave(j, &j->now, true); break;
    case TERM_UNREACHABLE:
    case TERM_COUNT: break;
    }
}
