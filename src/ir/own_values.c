// Which statement hands borrows to which local: loans, and the flow of loans between locals, without regard to order.
// Where a loan matters is decided in own_loans.c by who holds it and when that is used.
#include "ir/own.h"

// Where borrows arrive: at the value of a local, and where it is an address, at that.
typedef struct {
    uint32_t value, address; // nodes, NO_PATH: none
} Target;

typedef struct {
    Own *own;
    uint32_t block, number;
} Site;

uint32_t own_holder_node(const Own *own, uint32_t local) {
    return own->holders[local] ? (own->holders[local] - 1) * 2 : NO_PATH;
}

static bool is_reference(const Own *own, uint32_t local) {
    return own->fn->locals.items[local].mode != LOCAL_OWNED;
}

static Target target_of(const Own *own, const JirPlace *place, bool repoints) {
    Target target = {NO_PATH, NO_PATH};
    if (place->is_global)
        return target;
    target.value = own_holder_node(own, place->root);
    if (repoints && target.value != NO_PATH)
        target.address = target.value + 1;
    return target;
}

static void edge_to(Own *own, uint32_t from, uint32_t to, bool reaches) {
    if (from != NO_PATH && to != NO_PATH && from != to)
        vec_push(&own->edges, (Edge){from, to, reaches, !own->is_changeable});
}

static void edge(Own *own, uint32_t from, uint32_t to) {
    edge_to(own, from, to, true);
}

static void hold(Own *own, uint32_t node, uint32_t loan) {
    if (node != NO_PATH)
        vec_push(&own->first_held, (Held){node, loan});
}

static uint32_t deref_depth(const Own *own, const JirPlace *place) {
    TypeId type = own->fn->locals.items[place->root].type;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        bool is_item = projection->kind == PROJ_INDEX || projection->kind == PROJ_CONST_INDEX;
        if (projection->kind == PROJ_DEREF && !type_is_boxed(own->program, type))
            return i;
        if (is_item && type_is_lang(own->program, type, LANG_SLICE))
            return i;
        type = projection->type;
    }
    return NO_DEREF;
}

// A view whose bytes are all there is to it: its storage is not worth a borrow, what it shows is.
static bool is_plain_view(const Own *own, TypeId type) {
    uint32_t class = own_class(own, type);
    return class & CLASS_PLAIN && class & CLASS_VIEW;
}

// What is lent of a view is what it shows, also of a func value that was made of a closure for a call.
static bool is_only_shown(const Own *own, PlaceId id) {
    const JirPlace *place = jir_place(own->fn, id);
    bool is_func_view = !place->is_global && !place->count && own->fn->locals.items[place->root].is_view;
    return is_func_view || is_plain_view(own, place->type);
}

static uint32_t loan_new(const Site *site, PlaceId id, bool is_mut, bool is_content) {
    Own *own = site->own;
    const JirPlace *place = jir_place(own->fn, id);
    Loan loan = {.place = id, .is_mut = is_mut, .block = site->block, .stmt = site->number};
    loan.deref = deref_depth(own, place);
    if (is_content && loan.deref == NO_DEREF)
        loan.deref = place->count;
    vec_push(&own->loans, loan);
    bit_set(own->lent_roots, place->root);
    return own->loans.count - 1;
}

// The target may hold what the place's value holds.
static void flow_value(Own *own, PlaceId id, Target target) {
    const JirPlace *place = jir_place(own->fn, id);
    if (place->is_global || target.value == NO_PATH ||
        !(own_type_borrows(own, place->type) || own->fn->locals.items[place->root].is_view))
        return;
    uint32_t from = own_holder_node(own, place->root);
    edge(own, from, target.value);
    if (target.address != NO_PATH)
        edge(own, from, target.address);
}

// The target may hold the address of the place, and what its value holds.
static void flow_borrow(const Site *site, PlaceId id, bool is_mut, bool is_content, Target target) {
    Own *own = site->own;
    const JirPlace *place = jir_place(own->fn, id);
    if (place->is_global || target.value == NO_PATH)
        return;
    uint32_t to = target.address != NO_PATH ? target.address : target.value;
    if (!is_mut && !own->is_changeable)
        vec_push(&own->readers, target.value);
    uint32_t from = own_holder_node(own, place->root);
    // Through a read-only address nobody changes anything: no loan of its own is needed.
    if (is_mut || own->content_only || own->fn->locals.items[place->root].mode != LOCAL_LET_REF)
        hold(own, to, loan_new(site, id, is_mut, is_content));
    if (from == NO_PATH)
        return;
    edge(own, from, target.value);
    if (is_reference(own, place->root))
        edge(own, from + 1, to);
    // What is written into the root's own storage stays there; behind an address in it, it arrives where that came
    // from.
    bool is_behind = is_content || deref_depth(own, place) != NO_DEREF;
    if (is_behind || !is_reference(own, place->root))
        edge_to(own, from, to, is_behind || target.address == NO_PATH);
}

static void flow_operand(Own *own, OperandId id, Target target) {
    const JirOperand *operand = id.v ? &own->fn->operands.items[id.v] : NULL;
    if (operand && operand->kind != OPERAND_CONST)
        flow_value(own, operand->place, target);
}

// ---- calls ----------------------------------------------------------------------------------------------------------

bool own_is_content_only(const Own *own) {
    const JirFn *fn = own->fn;
    if (fn->closure.v || !fn->decl.v || !program_signature(own->program, fn->decl))
        return false;
    const Signature *declared = program_declared_signature(own->program, fn->decl);
    return !own_type_borrows(own, declared->result) && own_type_borrows(own, fn->locals.items[0].type);
}

static bool is_scalar(const Own *own, TypeId type) {
    TypeKind kind = own_kind(own, type);
    return kind == TY_BOOL || kind == TY_CHAR || type_kind_is_integer(kind) || type_kind_is_float(kind);
}

typedef struct {
    bool borrows;      // the declared type says that it borrows: from the arguments themselves, not only what they show
    bool skip_scalars; // numbers are not what it borrows from, there are other arguments
} Borrowing;

static Borrowing borrowing_of(const Own *own, TypeId declared, const JirStmt *stmt) {
    Borrowing result = {.borrows = declared.v && own_type_borrows(own, declared)};
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        if (arg->kind != ARG_VALUE && !is_scalar(own, jir_place_type(own->fn, arg->place)))
            result.skip_scalars = true;
    }
    return result;
}

static void flow_arg(const Site *site, const JirArg *arg, Borrowing borrowing, Target target) {
    Own *own = site->own;
    if (arg->kind == ARG_VALUE) {
        flow_operand(own, arg->value, target);
        return;
    }
    TypeId type = jir_place_type(own->fn, arg->place);
    if (borrowing.borrows && !(borrowing.skip_scalars && is_scalar(own, type)))
        flow_borrow(site, arg->place, arg->kind == ARG_MUT_REF, is_only_shown(own, arg->place), target);
    else
        flow_value(own, arg->place, target);
}

static void flow_args(const Site *site, const JirStmt *stmt, TypeId declared, Target target, uint32_t except) {
    if (target.value == NO_PATH)
        return;
    Borrowing borrowing = borrowing_of(site->own, declared, stmt);
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        if (i != except)
            flow_arg(site, &site->own->fn->args.items[stmt->args + i], borrowing, target);
}

static void flow_result(const Site *site, const JirStmt *stmt, const Signature *signature, Target target) {
    Own *own = site->own;
    if (!signature || target.value == NO_PATH) {
        flow_args(site, stmt, (TypeId){0}, target, UINT32_MAX);
        return;
    }
    Borrowing borrowing = borrowing_of(own, signature->result, stmt);
    for (uint32_t i = 0, param = 0; i < stmt->arg_count; i++, param++) {
        param = own_next_param(own, signature, param);
        if (!program_is_only_called(own->program, signature, param))
            flow_arg(site, &own->fn->args.items[stmt->args + i], borrowing, target);
    }
}

// A mut argument that can hold borrows may have taken those of the others.
static void flow_into_args(const Site *site, const JirStmt *stmt, const Signature *signature) {
    Own *own = site->own;
    for (uint32_t i = 0, param = 0; i < stmt->arg_count; i++, param++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        param = signature ? own_next_param(own, signature, param) : param;
        if (arg->kind != ARG_MUT_REF || !own_type_borrows(own, jir_place_type(own->fn, arg->place)))
            continue;
        bool known = signature && param < signature->param_count;
        TypeId declared = known ? signature->param_types[param] : (TypeId){0};
        Target target = target_of(own, jir_place(own->fn, arg->place), false);
        if (declared.v && own_class(own, declared) & CLASS_PLAIN) // as an iterator: nothing fits into it
            continue;
        flow_args(site, stmt, declared, target, i);
    }
}

static void flow_call(const Site *site, const JirStmt *stmt, Target target) {
    Own *own = site->own;
    const Signature *signature = program_declared_signature(own->program, stmt->callee->decl);
    // `-> mut Slice[T]` comes from what was lent to be changed, as the function's own check sees to, whatever else it
    // was lent.
    own->is_changeable = signature && signature->gives_changeable;
    flow_result(site, stmt, signature, target);
    own->is_changeable = false;
    flow_into_args(site, stmt, signature);
}

static void flow_call_value(const Site *site, const JirStmt *stmt, Target target) {
    Own *own = site->own;
    TypeId func = program_callable(own->program, jir_place_type(own->fn, stmt->place));
    const Type *type = func.v ? type_get(own->program->types, func) : NULL;
    flow_args(site, stmt, type ? type->args[type->arg_count - 1] : (TypeId){0}, target, UINT32_MAX);
    flow_value(own, stmt->place, target);
    // What a func value gives may be part of what it owns.
    if (type && own_kind(own, jir_place_type(own->fn, stmt->place)) == TY_FUNC &&
        own_type_borrows(own, type->args[type->arg_count - 1]))
        flow_borrow(site, stmt->place, type->self_mode == MODE_MUT, false, target);
    flow_into_args(site, stmt, NULL);
}

static void flow_closure(const Site *site, const JirStmt *stmt, Target target) {
    Own *own = site->own;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE)
            flow_operand(own, arg->value, target);
        else
            flow_borrow(site, arg->place, arg->kind == ARG_MUT_REF, false, target);
    }
}

// The nursery is lent to the task's handle; what the closure borrows is held by the nursery's scope.
static void flow_spawn(const Site *site, const JirStmt *stmt, Target target) {
    const JirArg *nursery = &site->own->fn->args.items[stmt->args];
    flow_borrow(site, nursery->place, false, false, target);
    flow_into_args(site, stmt, NULL);
}

// Whether a list or an array may change is known where it is lent; of a Slice it is that of what it was made of.
static void flow_slice(const Site *site, const JirArg *arg, Target target) {
    Own *own = site->own;
    TypeId type = jir_place_type(own->fn, arg->place);
    bool is_mut = arg->kind == ARG_MUT_REF;
    own->is_changeable = is_mut && !type_is_lang(own->program, type, LANG_SLICE);
    flow_borrow(site, arg->place, is_mut, is_plain_view(own, type), target);
    own->is_changeable = false;
}

static void flow_intrinsic(const Site *site, const JirStmt *stmt, Target target) {
    Own *own = site->own;
    if (stmt->number == INTRINSIC_task_spawn || stmt->number == INTRINSIC_task_spawn_isolated) {
        flow_spawn(site, stmt, target);
        return;
    }
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE)
            flow_operand(own, arg->value, target);
        else if (stmt->number == INTRINSIC_slice_of)
            flow_slice(site, arg, target);
    }
}

// A closure, or a func value, that a view of it is made of is lent to that.
static void flow_cast(const Site *site, const JirStmt *stmt, Target target) {
    Own *own = site->own;
    const JirOperand *operand = &own->fn->operands.items[stmt->a.v];
    flow_operand(own, stmt->a, target);
    if (operand->kind == OPERAND_CONST || !own->fn->locals.items[jir_place(own->fn, stmt->dst)->root].is_view)
        return;
    const Type *func = type_get(own->program->types, jir_place_type(own->fn, stmt->dst));
    flow_borrow(site, operand->place, func->kind == TY_FUNC && func->self_mode == MODE_MUT, false, target);
}

static void flow_stmt(const Site *site, const JirStmt *stmt) {
    Own *own = site->own;
    bool is_bind_ref = stmt->op == OP_BIND && own->choices[site->number] == BIND_REF;
    Target target = {NO_PATH, NO_PATH};
    if (stmt->dst.v)
        target = target_of(own, jir_place(own->fn, stmt->dst), is_bind_ref || own_repoints(own, stmt));
    switch ((OpKind)stmt->op) {
    case OP_CALL: flow_call(site, stmt, target); break;
    case OP_CALL_VALUE: flow_call_value(site, stmt, target); break;
    case OP_MAKE_CLOSURE: flow_closure(site, stmt, target); break;
    case OP_INTRINSIC: flow_intrinsic(site, stmt, target); break;
    case OP_CAST: flow_cast(site, stmt, target); break;
    case OP_MAKE:
    case OP_MAKE_VARIANT:
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            flow_operand(own, (OperandId){own->fn->operand_lists.items[stmt->args + i]}, target);
        break;
    case OP_REF: flow_borrow(site, stmt->place, stmt->sub, false, target); break;
    case OP_BIND:
        if (is_bind_ref)
            flow_borrow(site, stmt->place,
                        own->fn->locals.items[jir_place(own->fn, stmt->dst)->root].mode == LOCAL_MUT_REF, false,
                        target);
        else
            flow_value(own, stmt->place, target);
        break;
    case OP_SET:
    case OP_STORE:
    case OP_REPEAT: flow_operand(own, stmt->a, target); break;
    default: break;
    }
}

// A view that came in may show what the caller only reads, unless it is lent mut.
static void read_params(Own *own) {
    for (uint32_t l = 1; l <= own->fn->param_count + own->fn->capture_count; l++)
        if (own->holders[l] && own->fn->locals.items[l].mode != LOCAL_MUT_REF)
            vec_push(&own->readers, own_holder_node(own, l));
}

void own_flow_values(Own *own) {
    own->loans.count = own->first_held.count = own->edges.count = own->readers.count = 0;
    read_params(own);
    memset(own->lent_roots, 0, words_for(own->fn->locals.count) * sizeof *own->lent_roots);
    for (uint32_t i = 0; i < own->flow.count; i++) {
        Site site = {own, own->flow.order[i], own->first_stmt[own->flow.order[i]]};
        const JirBlock *block = &own->fn->blocks.items[site.block];
        own->first_loan[site.block] = own->loans.count;
        for (uint32_t s = 0; s < block->stmts.count; s++, site.number++)
            flow_stmt(&site, &block->stmts.items[s]);
    }
}
