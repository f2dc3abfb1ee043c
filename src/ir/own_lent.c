// Which func values may be copied. A `func` value counts the owners of what it captured; but one that is lent may be a
// view of a closure in some frame, which owns nothing and has no count. Such views are found where they are made or
// come in, and followed through every address that may lead to them; what lies in a field, an element or a payload is
// always a value of its own.
#include "ir/own.h"

static bool is_func(const Own *own, TypeId type) {
    return own_kind(own, type) == TY_FUNC;
}

// A type that has the address of a func in it: a T that stands for what is lent.
static bool has_func_address(const Own *own, TypeId id) {
    const Type *type = type_get(own->program->types, id);
    if (type->kind == TY_REF)
        return is_func(own, type->args[0]) || has_func_address(own, type->args[0]);
    for (uint32_t i = 0; type->kind != TY_FUNC && i < type->arg_count; i++)
        if (has_func_address(own, type->args[i]))
            return true;
    return false;
}

static bool comes_in_lent(const Own *own, const JirLocal *local, bool is_given) {
    if (local->is_view)
        return true;
    if (!is_given)
        return false;
    if (local->kind == LOCAL_CAPTURE)
        return local->mode != LOCAL_OWNED && local->is_lent;
    return (local->mode != LOCAL_OWNED && is_func(own, local->type)) || has_func_address(own, local->type);
}

static bool leads_to_lent(const Own *own, PlaceId id) {
    const JirPlace *place = id.v ? jir_place(own->fn, id) : NULL;
    return place && !place->is_global && bit_get(own->lent_funcs, place->root);
}

static bool operand_leads(const Own *own, OperandId id) {
    return id.v && own->fn->operands.items[id.v].kind != OPERAND_CONST &&
           leads_to_lent(own, own->fn->operands.items[id.v].place);
}

static bool arg_leads(const Own *own, const JirArg *arg) {
    return arg->kind == ARG_VALUE ? operand_leads(own, arg->value) : leads_to_lent(own, arg->place);
}

static bool has_args(const JirStmt *stmt) {
    return stmt->op == OP_CALL || stmt->op == OP_CALL_VALUE || stmt->op == OP_MAKE_CLOSURE || stmt->op == OP_INTRINSIC;
}

static bool stmt_leads(const Own *own, const JirStmt *stmt) {
    if (operand_leads(own, stmt->a) || operand_leads(own, stmt->b) || leads_to_lent(own, stmt->place))
        return true;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        bool leads = has_args(stmt) ? arg_leads(own, &own->fn->args.items[stmt->args + i])
                                    : operand_leads(own, (OperandId){own->fn->operand_lists.items[stmt->args + i]});
        if (leads)
            return true;
    }
    return false;
}

// Whether the local can hold an address. What a call gives by value is a value of its own.
static bool takes_address(const Own *own, uint32_t root, bool is_call) {
    const JirLocal *local = &own->fn->locals.items[root];
    return local->mode != LOCAL_OWNED || own_type_borrows(own, local->type) || (!is_call && is_func(own, local->type));
}

static bool add(Own *own, PlaceId id, bool is_call) {
    if (!id.v || jir_place(own->fn, id)->is_global)
        return false;
    uint32_t root = jir_place(own->fn, id)->root;
    if (bit_get(own->lent_funcs, root) || !takes_address(own, root, is_call))
        return false;
    bit_set(own->lent_funcs, root);
    return true;
}

static bool follow_stmt(Own *own, const JirStmt *stmt) {
    if (!stmt_leads(own, stmt))
        return false;
    bool is_call = stmt->op == OP_CALL || stmt->op == OP_CALL_VALUE;
    bool grown = add(own, stmt->dst, is_call);
    for (uint32_t i = 0; is_call && i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_MUT_REF && own_type_borrows(own, jir_place_type(own->fn, arg->place)))
            grown |= add(own, arg->place, true);
    }
    return grown;
}

static bool follow(Own *own) {
    bool grown = false;
    for (uint32_t b = 0; b < own->fn->blocks.count; b++)
        for (uint32_t s = 0; s < own->fn->blocks.items[b].stmts.count; s++)
            grown |= follow_stmt(own, &own->fn->blocks.items[b].stmts.items[s]);
    return grown;
}

void own_find_lent_funcs(Own *own) {
    bool any = false;
    own->lent_funcs = ARENA_ARRAY(own->arena, Word, words_for(own->fn->locals.count));
    for (uint32_t l = 1; l < own->fn->locals.count; l++) {
        bool is_given = l <= own->fn->param_count + own->fn->capture_count;
        if (comes_in_lent(own, &own->fn->locals.items[l], is_given)) {
            bit_set(own->lent_funcs, l);
            any = true;
        }
    }
    while (any && follow(own)) {
    }
}

// A func that is reached by nothing but addresses, from where one may be a view.
bool own_is_lent_func(const Own *own, PlaceId id) {
    const JirPlace *place = jir_place(own->fn, id);
    if (!is_func(own, place->type) || !leads_to_lent(own, id))
        return false;
    if (place->count == 0)
        return true;
    const Projection *steps = &own->fn->projections.items[place->first];
    TypeId base = place->count > 1 ? steps[place->count - 2].type : own->fn->locals.items[place->root].type;
    return steps[place->count - 1].kind == PROJ_DEREF && own_kind(own, base) == TY_REF;
}

bool own_is_cheap(const Own *own, PlaceId place) {
    TypeId type = jir_place_type(own->fn, place);
    return own_class(own, type) & CLASS_CHEAP && !own_is_lent_func(own, place) &&
           !type_is_lang(own->program, type, LANG_NURSERY);
}

// ---- what others are told -------------------------------------------------------------------------------------------

void own_mark_lent_captures(const Own *own) {
    for (uint32_t b = 0; b < own->fn->blocks.count; b++) {
        for (uint32_t s = 0; s < own->fn->blocks.items[b].stmts.count; s++) {
            const JirStmt *stmt = &own->fn->blocks.items[b].stmts.items[s];
            JirFn *closure = stmt->op == OP_MAKE_CLOSURE ? jir_fn(own->jir, stmt->callee->instance) : NULL;
            for (uint32_t i = 0; closure && i < stmt->arg_count; i++)
                if (arg_leads(own, &own->fn->args.items[stmt->args + i]))
                    closure->locals.items[1 + closure->param_count + i].is_lent = true;
        }
    }
}

// ---- copies that are asked for in words -----------------------------------------------------------------------------

static bool copies(const Own *own, DeclId trait) {
    return trait.v && (trait_has_super(own->program, trait, own->program->lang[LANG_COPY]) ||
                       trait_has_super(own->program, trait, own->program->lang[LANG_KEEP]));
}

static bool is_func_or_address(const Own *own, TypeId type) {
    return is_func(own, type) || has_func_address(own, type);
}

// The callee copies, or keeps, a type that stands for a func.
static bool may_copy(const Own *own, const JirCallee *callee) {
    const Decl *decl = program_decl(own->program, callee->decl);
    const Signature *sig = program_signature(own->program, callee->decl);
    if (callee->is_trait_method && callee->type_arg_count && copies(own, decl->parent) &&
        is_func_or_address(own, callee->type_args[0]))
        return true;
    Subst subst = {sig ? sig->type_params : NULL, callee->type_args, sig ? sig->type_param_count : 0};
    for (uint32_t i = 0; sig && subst.count == callee->type_arg_count && i < sig->bound_count; i++) {
        if (!copies(own, sig->bounds[i].trait))
            continue;
        TypeId type = type_subst(own->program->types, sig->bounds[i].type, subst);
        if (is_func_or_address(own, program_normalize(own->program, type, NULL, 0)))
            return true;
    }
    return false;
}

static void check_call(Own *own, uint32_t block, uint32_t number, const JirStmt *stmt) {
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        if (!arg_leads(own, arg))
            continue;
        if (may_copy(own, stmt->callee))
            own_report_func_copied(own, block, number,
                                   arg->kind == ARG_VALUE ? own->fn->operands.items[arg->value.v].place : arg->place);
        return;
    }
}

void own_check_copied_funcs(Own *own) {
    for (uint32_t b = 0; b < own->fn->blocks.count; b++) {
        const JirBlock *block = &own->fn->blocks.items[b];
        for (uint32_t s = 0; s < block->stmts.count; s++)
            if (block->stmts.items[s].op == OP_CALL && block->stmts.items[s].callee->decl.v)
                check_call(own, b, own->first_stmt[b] + s, &block->stmts.items[s]);
    }
}
