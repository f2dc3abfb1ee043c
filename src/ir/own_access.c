// Statements as runs of accesses.
#include "ir/own.h"

uint32_t own_next_param(const Own *own, const Signature *signature, uint32_t param) {
    while (param < signature->param_count && own_kind(own, signature->param_types[param]) == TY_TYPE)
        param++;
    return param;
}

bool own_type_borrows(const Own *own, TypeId type) {
    return type_get(own->program->types, type)->flags & TYPE_HAS_REF || own_class(own, type) & CLASS_VIEW;
}

static bool callable_gives_address(const Own *own, TypeId type) {
    const Type *callable = type_get(own->program->types, type);
    if (callable->kind == TY_CLOSURE) {
        TypeId func = program_callable(own->program, type);
        if (!func.v)
            return false;
        callable = type_get(own->program->types, func);
    }
    return callable->kind == TY_FUNC && own_kind(own, callable->args[callable->arg_count - 1]) == TY_REF;
}

bool own_repoints(const Own *own, const JirStmt *stmt) {
    if (!stmt->dst.v)
        return false;
    const JirPlace *dst = jir_place(own->fn, stmt->dst);
    if (dst->is_global || dst->count || own->fn->locals.items[dst->root].mode == LOCAL_OWNED)
        return false;
    switch ((OpKind)stmt->op) {
    case OP_REF:
    case OP_BIND: // of a local that is a projection
        return true;
    case OP_SET:
    case OP_STORE: {
        TypeId type = jir_operand_type(own->fn, stmt->a);
        return own_kind(own, type) == TY_REF && type.v != dst->type.v;
    }
    case OP_CALL: {
        const Signature *signature = program_signature(own->program, stmt->callee->decl);
        return own->fn->locals.items[dst->root].mode == LOCAL_LET_REF ||
               (signature && own_kind(own, signature->result) == TY_REF);
    }
    case OP_CALL_VALUE:
        return own->fn->locals.items[dst->root].mode == LOCAL_LET_REF ||
               callable_gives_address(own, jir_place_type(own->fn, stmt->place));
    case OP_INTRINSIC: return stmt->number == INTRINSIC_ptr_ref || stmt->number == INTRINSIC_ptr_mut;
    default: return false;
    }
}

static void add(Own *own, AccessKind kind, PlaceId id, OperandId operand) {
    const JirPlace *place = jir_place(own->fn, id);
    Access access = {.kind = (uint8_t)kind, .place = id, .operand = operand, .path = NO_PATH};
    access.is_global = place->is_global;
    access.root = place->root;
    if (!place->is_global)
        own_find_path(own, place, &access);
    vec_push(&own->accesses, access);
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        if (projection->kind != PROJ_INDEX || own->local_paths[projection->index] == NO_PATH)
            continue;
        Access index = {.kind = ACCESS_READ, .root = projection->index, .exact = true, .whole = true, .place = id};
        index.path = own->local_paths[projection->index];
        vec_push(&own->accesses, index);
    }
}

static void add_operand(Own *own, OperandId id) {
    static const AccessKind KINDS[] = {ACCESS_READ, ACCESS_MOVE, ACCESS_TAKE};
    if (!id.v)
        return;
    const JirOperand *operand = &own->fn->operands.items[id.v];
    if (operand->kind == OPERAND_CONST)
        return;
    AccessKind kind = KINDS[operand->kind];
    TypeId type = jir_place_type(own->fn, operand->place);
    if (kind != ACCESS_READ && own_class(own, type) & CLASS_PLAIN && !type_is_lang(own->program, type, LANG_NURSERY))
        kind = ACCESS_READ;
    add(own, kind, operand->place, id);
}

static void add_args(Own *own, const JirStmt *stmt) {
    if (stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_nursery_spoils) // see own_spoil.c
        return;
    static const AccessKind KINDS[] = {[ARG_REF] = ACCESS_LET, [ARG_MUT_REF] = ACCESS_MUT};
    // Values are read before places are lent.
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE)
            add_operand(own, arg->value);
    }
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        bool is_room = stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_select_wait && arg->kind == ARG_MUT_REF;
        if (arg->kind != ARG_VALUE && !is_room) // where a select may put an item has no value before
            add(own, KINDS[arg->kind], arg->place, (OperandId){0});
    }
}

static AccessKind called_access(const Own *own, TypeId type) {
    TypeId func = program_callable(own->program, type);
    const Type *callable = func.v ? type_get(own->program->types, func) : NULL;
    if (!callable || callable->self_mode == MODE_BORROW)
        return ACCESS_LET;
    // A func value was moved into a temporary for the call: what is left of it is dropped.
    return callable->self_mode == MODE_MUT || own_kind(own, type) == TY_FUNC ? ACCESS_MUT : ACCESS_MOVE;
}

static void add_uses(Own *own, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_BIND:
        if (own_class(own, jir_place_type(own->fn, stmt->place)) & CLASS_PLAIN)
            add(own, ACCESS_READ, stmt->place, (OperandId){0});
        else
            add(own, ACCESS_BIND, stmt->place, (OperandId){0});
        break;
    case OP_REF: add(own, stmt->sub ? ACCESS_MUT : ACCESS_LET, stmt->place, (OperandId){0}); break;
    case OP_TAG:
    case OP_LEN: add(own, ACCESS_READ, stmt->place, (OperandId){0}); break;
    case OP_CALL_VALUE:
        add(own, called_access(own, jir_place_type(own->fn, stmt->place)), stmt->place, (OperandId){0});
        add_args(own, stmt);
        break;
    case OP_CALL:
    case OP_INTRINSIC:
    case OP_MAKE_CLOSURE: add_args(own, stmt); break;
    case OP_MAKE:
    case OP_MAKE_VARIANT:
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            add_operand(own, (OperandId){own->fn->operand_lists.items[stmt->args + i]});
        break;
    default:
        add_operand(own, stmt->a);
        add_operand(own, stmt->b);
        break;
    }
}

static AccessKind definition_kind(const Own *own, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_DROP: return ACCESS_DROP;
    case OP_LIVE: return ACCESS_LIVE;
    case OP_DEAD: return ACCESS_DEAD;
    case OP_STORE: return own_repoints(own, stmt) ? ACCESS_REPOINT : ACCESS_STORE;
    default: return own_repoints(own, stmt) ? ACCESS_REPOINT : ACCESS_SET;
    }
}

void own_collect_accesses(Own *own) {
    const JirFn *fn = own->fn;
    own->accesses.count = 0;
    for (uint32_t b = 0; b < fn->blocks.count; b++) {
        const JirBlock *block = &fn->blocks.items[b];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            const JirStmt *stmt = &block->stmts.items[s];
            own->first_access[own->first_stmt[b] + s] = own->accesses.count;
            add_uses(own, stmt);
            if (stmt->dst.v)
                add(own, definition_kind(own, stmt), stmt->dst, (OperandId){0});
        }
        own->first_access[own_end(own, b)] = own->accesses.count;
        add_operand(own, block->term.a);
    }
    own->first_access[own->stmt_count] = own->accesses.count;
}
