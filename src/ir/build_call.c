// Calls: functions, methods, trait methods, variants, values; arguments and defaults.
#include "ir/build_internal.h"

JirArg arg_ref(PlaceId place) {
    return (JirArg){.kind = ARG_REF, .place = place};
}

JirArg arg_mut(Build *b, PlaceId place) {
    mark_mutated(b, place);
    return (JirArg){.kind = ARG_MUT_REF, .place = place};
}

JirArg arg_value(OperandId value) {
    return (JirArg){.kind = ARG_VALUE, .value = value};
}

JirArg arg_temp(Build *b, OperandId value) {
    PlaceId temp = temp_new(b, jir_operand_type(b->fn, value));
    emit_set(b, temp, value);
    if (b->fn->operands.items[value.v].kind != OPERAND_CONST) // constants own nothing
        temp_register(b, temp);
    return arg_ref(temp);
}

// ---- what is called ------------------------------------------------------------------------------------------------

typedef struct {
    const Resolution *res;
    DeclId decl;          // of a function; 0 of a value
    const Signature *sig; // NULL of a value
    const Type *func;     // of a value: its FUNC type
    Subst subst;
    NodeId receiver; // of base.name(…), or none
    PlaceId self;    // the receiver where it was built already
    NodeId piped;    // the left side of |>, or none
    AstList args;    // as written
} Target;

// A function's type parameters as they are in this call.
static Subst target_subst(Build *b, const Resolution *res, const Signature *sig) {
    Subst subst = {sig->type_params, res->type_args, sig->type_param_count};
    if (res->type_arg_count < subst.count)
        subst.count = res->type_arg_count;
    if (res->kind != REF_TRAIT_METHOD || res->type_arg_count == sig->type_param_count)
        return subst;
    // Self stands first among the arguments of a trait's method.
    DeclId *params = ARENA_ARRAY(b->arena, DeclId, res->type_arg_count);
    params[0] = program_decl(b->program, res->decl)->parent;
    for (uint32_t i = 1; i < res->type_arg_count; i++)
        params[i] = i <= sig->type_param_count ? sig->type_params[i - 1] : (DeclId){0};
    return (Subst){params, res->type_args, res->type_arg_count};
}

static TypeId target_type(Build *b, const Target *t, TypeId type) {
    if (!t->subst.count || !(type_of(b, type)->flags & TYPE_HAS_PARAM))
        return type;
    return program_normalize(b->program, type_subst(b->types, type, t->subst), b->bounds, b->bound_count);
}

TypeId resolution_type(Build *b, const Resolution *res, TypeId type) {
    Target t = {.subst = target_subst(b, res, program_signature(b->program, res->decl))};
    return target_type(b, &t, type);
}

// The FUNC type of a value that is called.
static const Type *func_of(Build *b, TypeId type) {
    const Type *t = type_of(b, type);
    if (t->kind == TY_FUNC)
        return t;
    if (t->kind == TY_CLOSURE) {
        const Facts *facts = program_module(b->program, program_decl(b->program, t->decl)->module)->facts;
        const Resolution *res = facts_resolution(facts, t->node);
        invariant(res && res->kind == REF_CLOSURE, "closure without its func type");
        const Signature *sig = program_signature(b->program, t->decl);
        TypeId func = res->type;
        if (sig && t->arg_count)
            func = type_subst(b->types, func, (Subst){sig->type_params, t->args, t->arg_count});
        return type_of(b, func);
    }
    for (uint32_t i = 0; i < b->bound_count; i++)
        if (b->bounds[i].type.v == type.v && b->bounds[i].callable.v)
            return type_of(b, b->bounds[i].callable);
    internal_error("call of a value of kind %d", t->kind);
}

// x.f of `x.f[T](…)`.
static NodeId called_method(Build *b, NodeId callee) {
    return ast_kind(b->ast, callee) == NODE_INDEX ? ast_call(b->ast, callee).callee : callee;
}

static Target target_of(Build *b, NodeId n) {
    Target t = {.res = fact_resolution(b, n)};
    NodeId call = n;
    if (ast_kind(b->ast, n) == NODE_PIPELINE) {
        AstBinary parts = ast_binary(b->ast, n);
        t.piped = parts.left;
        call = parts.right;
    }
    NodeId callee = call;
    if (ast_kind(b->ast, call) == NODE_CALL || ast_kind(b->ast, call) == NODE_INDEX) {
        AstCall parts = ast_call(b->ast, call);
        callee = t.res && t.res->is_method && ast_kind(b->ast, n) != NODE_INDEX ? called_method(b, parts.callee)
                                                                                : parts.callee;
        t.args = parts.args;
    }
    invariant(t.res, "%s without a resolution", node_kind_name(ast_kind(b->ast, n)));
    if (t.res->kind == REF_FUNC || t.res->kind == REF_TRAIT_METHOD) {
        t.decl = t.res->decl;
        t.sig = program_signature(b->program, t.decl);
        t.subst = target_subst(b, t.res, t.sig);
        NodeKind kind = ast_kind(b->ast, callee);
        if (ast_kind(b->ast, n) == NODE_INDEX)
            t.receiver = callee;
        else if (t.res->is_method && (kind == NODE_FIELD || kind == NODE_OPT_FIELD))
            t.receiver = ast_unary(b->ast, callee).child;
    } else if (t.res->kind == REF_VALUE_CALL) {
        t.receiver = callee; // the value itself
    } else if (t.res->kind == REF_BUILTIN && step_kind(b, callee) == NODE_FIELD) {
        t.receiver = ast_unary(b->ast, callee).child;
    }
    return t;
}

bool is_optional_call(Build *b, NodeId n) {
    if (ast_kind(b->ast, n) != NODE_CALL)
        return false;
    const Resolution *res = fact_resolution(b, n);
    NodeId callee = ast_call(b->ast, n).callee;
    if (res && res->is_method)
        callee = called_method(b, callee);
    NodeKind kind = step_kind(b, callee);
    if (kind != NODE_FIELD || ast_kind(b->ast, callee) != NODE_FIELD)
        return kind == NODE_OPT_FIELD;
    const Type *base = type_of(b, fact_type(b, ast_unary(b->ast, callee).child));
    return base->kind == TY_OPTIONAL && kind_of(b, base->args[0]) == TY_REF &&
           text_equal(symbol(b->program, ast_symbol(b->ast, ast_token(b->ast, callee))), TEXT("copy"));
}

TypeId call_result(Build *b, NodeId n) {
    const Resolution *res = fact_resolution(b, n);
    if (is_optional_call(b, n))
        return (TypeId){0};
    bool is_call = res && (res->kind == REF_FUNC || res->kind == REF_TRAIT_METHOD || res->kind == REF_VALUE_CALL);
    return is_call && res->type.v && kind_of(b, res->type) == TY_REF ? res->type : (TypeId){0};
}

// ---- arguments -----------------------------------------------------------------------------------------------------

static NodeId arg_child(Build *b, NodeId arg, ParamMode *written) {
    for (;;) {
        NodeKind kind = ast_kind(b->ast, arg);
        if (kind == NODE_ARG_MUT && written)
            *written = MODE_MUT;
        if (kind != NODE_ARG_NAMED && kind != NODE_ARG_MUT)
            return arg;
        arg = ast_unary(b->ast, arg).child;
    }
}

// An argument for a parameter whose type is REF(T) by substitution: the address itself is the value.
static JirArg address_arg(Build *b, NodeId n, TypeId param, ParamMode mode) {
    PlaceId temp = temp_new(b, param);
    emit_ref(b, temp, place_unbox(b, build_place(b, n), type_of(b, param)->args[0]), type_of(b, param)->is_mut);
    return mode == MODE_OWN ? arg_value(copy(b, temp)) : mode == MODE_MUT ? arg_mut(b, temp) : arg_ref(temp);
}

// What is cheap is copied where it could change before the call; a func is lent, it may have no copy.
static bool is_copied_ahead(Build *b, PlaceId place) {
    TypeId type = jir_place_type(b->fn, place);
    return type_class(b->program, type) & CLASS_CHEAP && kind_of(b, type) != TY_FUNC;
}

JirArg lent_arg(Build *b, NodeId n, bool later_effects) {
    TypeId type = fact_wanted(b, n);
    OperandId constant = type.v ? (OperandId){0} : node_const(b, n);
    if (constant.v)
        return arg_temp(b, constant);
    PlaceId place = build_place(b, n);
    bool may_change = later_effects && !place_is_stable(b, place);
    if (may_change && is_copied_ahead(b, place))
        return arg_temp(b, take(b, place));
    // Lent from now on: what follows can neither change it nor take it away.
    if (may_change || (later_effects && place_has_index(b, place))) {
        PlaceId address = temp_ref(b, jir_place_type(b->fn, place), false);
        emit_ref(b, address, place, false);
        return arg_ref(address);
    }
    return arg_ref(place);
}

static bool intrinsic_lends(uint32_t id) {
    return !id || id == INTRINSIC_ptr_of || id == INTRINSIC_ptr_of_mut || id == INTRINSIC_variant_name ||
           id == INTRINSIC_panic_text || id == INTRINSIC_slice_of;
}

static JirArg build_arg(Build *b, NodeId n, TypeId param, ParamMode mode, uint32_t intrinsic_id, bool later_effects) {
    if (kind_of(b, param) == TY_REF && fact_wanted(b, n).v != param.v)
        return address_arg(b, n, param, mode);
    if (mode == MODE_MUT)
        return arg_mut(b, build_mut_place(b, n));
    if (mode == MODE_OWN) {
        if (ast_kind(b->ast, n) == NODE_CLOSURE)
            return arg_value(build_owned_value(b, n));
        return arg_value(build_stable_value(b, n, later_effects));
    }
    if (!intrinsic_lends(intrinsic_id))
        return arg_value(build_stable_value(b, n, later_effects));
    return lent_arg(b, n, later_effects);
}

// The parameter an argument is for; parameters before `next` have theirs.
static uint32_t param_index(Build *b, const Target *t, NodeId arg, uint32_t *next) {
    if (ast_kind(b->ast, arg) != NODE_ARG_NAMED || !t->sig)
        return (*next)++;
    SymbolId name = ast_symbol(b->ast, ast_token(b->ast, arg));
    for (uint32_t i = 0; i < t->sig->param_count; i++)
        if (t->sig->param_names[i].v == name.v)
            return i;
    internal_error("argument for an unknown parameter");
}

static TypeId param_type(Build *b, const Target *t, uint32_t index) {
    if (t->sig)
        return target_type(b, t, t->sig->param_types[index]);
    invariant(t->func, "a call of neither a function nor a value");
    return t->func->args[index];
}

static ParamMode param_mode(const Target *t, uint32_t index) {
    return (ParamMode)(t->sig ? t->sig->param_modes[index] : t->func->modes[index]);
}

static JirArg receiver_arg(Build *b, const Target *t, bool later_effects) {
    TypeId type = param_type(b, t, 0);
    ParamMode mode = param_mode(t, 0);
    uint32_t intrinsic_id = program_decl(b->program, t->decl)->intrinsic;
    if (t->res->second.v) {
        PlaceId base = t->self.v ? t->self : build_place(b, t->receiver);
        PlaceId iterator = build_iterator(b, base, resolution_at(b, t->res->second));
        return mode == MODE_OWN   ? arg_value(take(b, iterator))
               : mode == MODE_MUT ? arg_mut(b, iterator)
                                  : arg_ref(iterator);
    }
    if (kind_of(b, type) == TY_REF && !t->self.v)
        return address_arg(b, t->receiver, type, mode);
    if (mode == MODE_OWN && !t->self.v && !box_item(b, fact_type(b, t->receiver)).v)
        return build_arg(b, t->receiver, type, mode, intrinsic_id, later_effects);
    PlaceId place = t->self.v          ? t->self
                    : mode == MODE_MUT ? build_mut_place(b, t->receiver)
                                       : build_place(b, t->receiver);
    if (!list_item(b, type).v)
        place = place_unbox(b, place, type);
    if (mode == MODE_OWN)
        return arg_value(take(b, place));
    return mode == MODE_MUT ? arg_mut(b, place) : arg_ref(place);
}

typedef struct {
    JirArg *args; // by parameter
    bool *given;
    NodeId *delayed; // lent as mut, or the receiver: the place is made when all arguments have their values
    uint32_t next;   // parameter by position
} ArgBuild;

// The variable a place begins in, by its binder; none of what is no place of a variable.
static NodeId root_binder(Build *b, NodeId n) {
    for (;;) {
        NodeKind kind = ast_kind(b->ast, n);
        const Resolution *res = fact_resolution(b, n);
        if (kind == NODE_FIELD)
            n = ast_unary(b->ast, n).child;
        else if (kind == NODE_INDEX)
            n = ast_call(b->ast, n).callee;
        else
            return kind == NODE_NAME && res && res->kind == REF_LOCAL ? res->node : (NodeId){0};
    }
}

// Arguments are evaluated before the receiver is lent: what is cheap in `s.f(s.n)` is copied out first.
static bool is_read_before(Build *b, const Target *t, NodeId value, JirArg arg) {
    if (!t->receiver.v || t->self.v || !t->res->is_method || arg.kind != ARG_REF || param_mode(t, 0) != MODE_MUT)
        return false;
    NodeId root = root_binder(b, value);
    return root.v && root.v == root_binder(b, t->receiver).v && is_copied_ahead(b, arg.place);
}

static void written_arg(Build *b, const Target *t, ArgBuild *a, NodeId arg, bool later_effects) {
    uint32_t index = param_index(b, t, arg, &a->next);
    a->given[index] = true;
    TypeId type = param_type(b, t, index);
    if (kind_of(b, type) == TY_TYPE)
        return;
    NodeId value = arg_child(b, arg, NULL);
    ParamMode mode = param_mode(t, index);
    if (mode == MODE_MUT && (later_effects || makes_view(b, value)) && kind_of(b, type) != TY_REF) {
        place_prepare(b, value);
        a->delayed[index] = value;
        return;
    }
    uint32_t intrinsic_id = t->sig ? program_decl(b->program, t->decl)->intrinsic : 0;
    uint32_t iter;
    if (map_get(&b->facts->iterated, value.v, &iter)) {
        PlaceId base = build_place(b, value);
        a->args[index] = arg_value(take(b, build_iterator(b, base, resolution_at(b, (ResolutionId){iter}))));
        return;
    }
    JirArg made = build_arg(b, value, type, mode, intrinsic_id, later_effects);
    a->args[index] = is_read_before(b, t, value, made) ? arg_temp(b, take(b, made.place)) : made;
}

static void receiver(Build *b, const Target *t, ArgBuild *a, bool later_effects) {
    a->given[0] = true;
    a->next = 1;
    ParamMode mode = param_mode(t, 0);
    bool lends = mode != MODE_OWN && !t->res->second.v && kind_of(b, param_type(b, t, 0)) != TY_REF;
    bool is_view = mode == MODE_MUT && makes_view(b, t->receiver);
    if ((later_effects || is_view) && lends && !t->self.v) {
        place_prepare(b, t->receiver);
        a->delayed[0] = t->receiver;
    } else {
        a->args[0] = receiver_arg(b, t, later_effects);
    }
}

static void delayed_args(Build *b, const Target *t, ArgBuild *a, uint32_t params) {
    for (uint32_t i = 0; i < params; i++) {
        if (!a->delayed[i].v)
            continue;
        bool is_receiver = i == 0 && t->sig && a->delayed[i].v == t->receiver.v;
        a->args[i] = is_receiver ? receiver_arg(b, t, false) : arg_mut(b, build_mut_place(b, a->delayed[i]));
    }
}

static void default_args(Build *b, const Target *t, ArgBuild *a) {
    for (uint32_t i = 0; t->sig && i < t->sig->param_count; i++) {
        if (a->given[i] || kind_of(b, t->sig->param_types[i]) == TY_TYPE)
            continue;
        NodeId value = ast_param(program_ast(b->program, t->decl), t->sig->param_nodes[i]).default_value;
        OperandId operand = build_default_value(b, t->decl, value, t->subst);
        bool lends = param_mode(t, i) != MODE_OWN;
        a->args[i] = lends ? arg_temp(b, operand) : arg_value(operand);
    }
}

// Evaluates the arguments in the order they are written; returns how many the callee takes.
static uint32_t build_args(Build *b, const Target *t, JirArg **result) {
    invariant(t->sig || t->func, "a call of nothing");
    uint32_t params = t->sig ? t->sig->param_count : t->func->arg_count - 1;
    ArgBuild a = {.args = ARENA_ARRAY(b->arena, JirArg, params + 1),
                  .given = ARENA_ARRAY(b->arena, bool, params + 1),
                  .delayed = ARENA_ARRAY(b->arena, NodeId, params + 1)};
    uint32_t mark = b->ready.count;
    bool *effects = ARENA_ARRAY(b->arena, bool, t->args.count + 1); // of the arguments from there on
    for (uint32_t i = t->args.count; i > 0; i--)
        effects[i - 1] = effects[i] || has_effect(b, AST_ITEM(t->args, i - 1));
    if (t->receiver.v && t->sig)
        receiver(b, t, &a, effects[0]);
    if (t->piped.v)
        written_arg(b, t, &a, t->piped, effects[0]);
    for (uint32_t i = 0; i < t->args.count; i++)
        written_arg(b, t, &a, AST_ITEM(t->args, i), effects[i + 1]);
    delayed_args(b, t, &a, params);
    place_forget(b, mark);
    default_args(b, t, &a);
    uint32_t count = 0;
    for (uint32_t i = 0; i < params; i++)
        if (kind_of(b, t->sig ? t->sig->param_types[i] : t->func->args[i]) != TY_TYPE)
            a.args[count++] = a.args[i];
    *result = a.args;
    return count;
}

// A default value belongs to the file of its function or shape; the statements keep the token of the use.
OperandId build_default_value(Build *b, DeclId owner, NodeId value, Subst subst) {
    ModuleId module = b->module;
    Subst saved = b->subst;
    bool keep_token = b->keep_token;
    b->module = program_decl(b->program, owner)->module;
    b->ast = program_module(b->program, b->module)->ast;
    b->facts = program_module(b->program, b->module)->facts;
    b->subst = subst;
    b->keep_token = true;
    OperandId result = build_owned_value(b, value);
    b->module = module;
    b->ast = program_module(b->program, module)->ast;
    b->facts = program_module(b->program, module)->facts;
    b->subst = saved;
    b->keep_token = keep_token;
    return result;
}

// ---- the call itself -----------------------------------------------------------------------------------------------

// What a call lends may live on in its result, or in what a mutable argument holds.
static void mark_args_lent(Build *b, const JirArg *args, uint32_t count, TypeId result) {
    bool holds = !type_is_void(b, result) && (type_of(b, result)->flags & (TYPE_HAS_REF | TYPE_HAS_PARAM));
    for (uint32_t i = 0; i < count; i++)
        if (args[i].kind == ARG_MUT_REF)
            holds |= (type_of(b, jir_place_type(b->fn, args[i].place))->flags & TYPE_HAS_REF) != 0;
    for (uint32_t i = 0; i < count && holds; i++)
        if (args[i].kind != ARG_VALUE)
            mark_lent(b, args[i].place);
}

static void call_finish(Build *b, OpKind op, JirCallee *callee, PlaceId place, uint32_t intrinsic_id,
                        const JirArg *args, uint32_t count, TypeId result, PlaceId dst) {
    for (uint32_t i = 0; i < count; i++)
        if (args[i].kind == ARG_VALUE)
            consume(b, args[i].value);
    mark_args_lent(b, args, count, result);
    JirStmt *stmt = emit(b, op);
    stmt->callee = callee;
    stmt->place = place;
    stmt->number = intrinsic_id;
    stmt->dst = type_is_void(b, result) ? (PlaceId){0} : dst;
    jir_stmt_args(b->fn, stmt, args, count);
    if (kind_of(b, result) == TY_NEVER) {
        if (!b->is_dead)
            jir_unreachable(b->fn, b->block, b->token);
        block_end(b);
    }
}

// A `recv` of a channel in a loop without an exit.
static bool serves(Build *b, const Target *t) {
    const Decl *decl = program_decl(b->program, t->decl);
    return decl->impl.v && t->res->kind == REF_FUNC && text_equal(decl_name(b->program, t->decl), TEXT("recv")) &&
           type_is_lang(b->program, b->program->impls.items[decl->impl.v].self, LANG_CHANNEL) && loop_has_no_exit(b);
}

static void function_call(Build *b, NodeId n, const Target *t, TypeId result, PlaceId dst) {
    JirArg *args;
    uint32_t count = build_args(b, t, &args);
    token_at(b, n);
    uint32_t intrinsic_id = program_decl(b->program, t->decl)->intrinsic;
    DeclId decl = serves(b, t) ? b->program->lang[LANG_CHANNEL_SERVE] : t->decl;
    JirCallee *callee =
        jir_callee(b->jir, decl, t->res->kind == REF_TRAIT_METHOD, t->res->type_args, t->res->type_arg_count);
    call_finish(b, intrinsic_id ? OP_INTRINSIC : OP_CALL, callee, (PlaceId){0}, intrinsic_id, args, count, result, dst);
}

// An `own func` value is used up: the call takes what it captured, and only memory is left of it.
static PlaceId spent_callee(Build *b, PlaceId place) {
    TypeId type = jir_place_type(b->fn, place);
    PlaceId callee = temp_new(b, type);
    emit_set(b, callee, take(b, place));
    temp_register(b, callee);
    JirArg arg = arg_mut(b, callee);
    call_lang(b, LANG_CLOSURE_SPEND, &type, 1, &arg, 1, (PlaceId){0});
    return callee;
}

static void value_call(Build *b, NodeId n, const Target *t, TypeId result, PlaceId dst) {
    PlaceId callee = build_place(b, t->receiver);
    JirArg *args;
    uint32_t count = build_args(b, t, &args);
    token_at(b, n);
    bool spends = t->func->self_mode == MODE_OWN && kind_of(b, jir_place_type(b->fn, callee)) == TY_FUNC;
    if (spends)
        callee = spent_callee(b, callee);
    if (t->func->self_mode == MODE_MUT)
        mark_mutated(b, callee);
    call_finish(b, OP_CALL_VALUE, NULL, callee, 0, args, count, result, dst);
    if (!spends || b->is_dead)
        return;
    temp_forget(b, callee);
    emit(b, OP_DROP)->dst = callee;
}

static void target_call(Build *b, NodeId n, Target *t, TypeId result, PlaceId dst) {
    if (t->sig) {
        function_call(b, n, t, result, dst);
        return;
    }
    TypeId type = fact_wanted(b, t->receiver);
    t->func = func_of(b, type.v ? type : fact_type(b, t->receiver));
    value_call(b, n, t, result, dst);
}

PlaceId build_call_place(Build *b, NodeId n) {
    TypeId result = call_result(b, n);
    Target t = target_of(b, n);
    PlaceId address = temp_ref(b, type_of(b, result)->args[0], type_of(b, result)->is_mut);
    target_call(b, n, &t, result, address);
    return place_strip(b, address);
}

// What a call behind `?.` gives that may fail: an error as it is, a value as an optional unless it is one.
static void opt_call_result(Build *b, PlaceId result, PlaceId dst) {
    const Type *type = type_of(b, jir_place_type(b->fn, result));
    TypeId want = type_of(b, jir_place_type(b->fn, dst))->args[1], value = type->args[1];
    BlockId fine = block_new(b), failed = block_new(b), join = block_new(b);
    emit_variant_test(b, result, 0, fine, failed);
    block_start(b, failed);
    OperandId error = take(b, place_payload(b, result, 1, 0, type->args[0]));
    emit_variant(b, dst, 1, &error, 1);
    block_goto(b, join);
    block_start(b, fine);
    OperandId item = {0};
    if (!type_is_void(b, value)) {
        PlaceId place = place_payload(b, result, 0, 0, value);
        if (kind_of(b, value) == TY_REF && type_of(b, want)->args[0].v != value.v)
            place = place_strip(b, place);
        item = take(b, place);
        if (value.v != want.v) {
            PlaceId optional = temp_new(b, want);
            emit_variant(b, optional, 1, &item, 1);
            item = temp_value(b, optional);
        }
    }
    emit_variant(b, dst, 0, &item, item.v != 0);
    block_goto(b, join);
    block_start(b, join);
}

// null, as what a call behind `?.` gives that may fail.
static void opt_call_absent(Build *b, PlaceId dst) {
    TypeId want = type_of(b, jir_place_type(b->fn, dst))->args[1];
    OperandId item = {0};
    if (!type_is_void(b, want)) {
        PlaceId optional = temp_new(b, want);
        emit_variant(b, optional, 0, NULL, 0);
        item = temp_value(b, optional);
    }
    emit_variant(b, dst, 0, &item, item.v != 0);
}

// The value of base?.name(…) where there is a base: what the method gives, as an optional unless it is one.
static void opt_call_some(Build *b, NodeId n, Target *t, PlaceId base, PlaceId dst) {
    TypeId result = t->res->type;
    TypeId item = payload_type(b, jir_place_type(b->fn, base), 1, 0);
    t->self = place_payload(b, base, 1, 0, item);
    if (!t->res->second.v)
        t->self = place_unbox(b, t->self, param_type(b, t, 0));
    bool is_flat = type_is_void(b, result) || (dst.v && result.v == jir_place_type(b->fn, dst).v);
    PlaceId value = is_flat ? dst : temp_new(b, result);
    function_call(b, n, t, result, value);
    if (is_flat)
        return;
    if (kind_of(b, result) == TY_RESULT) {
        temp_register(b, value);
        opt_call_result(b, value, dst);
        return;
    }
    OperandId operand = temp_value(b, value);
    if (dst.v && kind_of(b, result) == TY_REF && kind_of(b, type_of(b, jir_place_type(b->fn, dst))->args[0]) != TY_REF)
        operand = take(b, place_strip(b, value));
    if (dst.v)
        emit_variant(b, dst, 1, &operand, 1);
}

static void opt_call(Build *b, NodeId n, Target *t, PlaceId dst) {
    bool may_fail = kind_of(b, fact_type(b, n)) == TY_RESULT;
    PlaceId base = raw_place(b, t->receiver);
    BlockId some = block_new(b), none = block_new(b), join = block_new(b);
    emit_variant_test(b, base, 1, some, none);
    block_start(b, some);
    ScopeMark mark = scope_begin(b, (NodeId){0});
    opt_call_some(b, n, t, base, dst);
    scope_end(b, mark);
    block_goto(b, join);
    block_start(b, none);
    if (dst.v && may_fail)
        opt_call_absent(b, dst);
    else if (dst.v)
        emit_variant(b, dst, 0, NULL, 0);
    block_goto(b, join);
    block_start(b, join);
}

static void plain_call(Build *b, NodeId n, Target *t, PlaceId dst) {
    TypeId result = t->res->type.v ? t->res->type : fact_type(b, n);
    bool is_unwanted = !dst.v && !type_is_void(b, result);
    if (is_unwanted)
        dst = temp_new(b, result);
    target_call(b, n, t, result, dst);
    if (is_unwanted)
        temp_register(b, dst);
}

// The left side of |> stands before the arguments in brackets.
static AstList all_args(Build *b, const Target *t) {
    if (!t->piped.v)
        return t->args;
    uint32_t *items = ARENA_ARRAY(b->arena, uint32_t, t->args.count + 1);
    items[0] = t->piped.v;
    for (uint32_t i = 0; i < t->args.count; i++)
        items[i + 1] = t->args.items[i];
    return (AstList){items, t->args.count + 1};
}

void build_call(Build *b, NodeId n, PlaceId dst) {
    const Resolution *res = fact_resolution(b, n);
    Target t = target_of(b, n);
    if (res->kind == REF_VARIANT)
        build_variant(b, res, n, t.args, dst);
    else if (res->kind == REF_BUILTIN)
        build_builtin(b, n, res, t.receiver, all_args(b, &t), dst);
    else if (is_optional_call(b, n) && t.receiver.v)
        opt_call(b, n, &t, dst);
    else
        plain_call(b, n, &t, dst);
}

// ---- calls of what the compiler refers to --------------------------------------------------------------------------

void call_decl(Build *b, DeclId decl, bool is_trait_method, const TypeId *type_args, uint32_t type_arg_count,
               const JirArg *args, uint32_t count, PlaceId dst) {
    JirCallee *callee = jir_callee(b->jir, decl, is_trait_method, type_args, type_arg_count);
    TypeId result = dst.v ? jir_place_type(b->fn, dst) : T_VOID(b);
    call_finish(b, OP_CALL, callee, (PlaceId){0}, 0, args, count, result, dst);
}

void call_lang(Build *b, LangItem item, const TypeId *type_args, uint32_t type_arg_count, const JirArg *args,
               uint32_t count, PlaceId dst) {
    call_decl(b, b->program->lang[item], false, type_args, type_arg_count, args, count, dst);
}

void call_trait(Build *b, LangItem trait, TypeId self, const JirArg *args, uint32_t count, PlaceId dst) {
    const Trait *t = b->program->traits[b->program->lang[trait].v];
    uint32_t i = 0;
    while (program_decl(b->program, t->members[i])->kind != DECL_FUNC)
        i++;
    call_decl(b, t->members[i], true, &self, 1, args, count, dst);
}

PlaceId intrinsic(Build *b, IntrinsicId id, const TypeId *type_args, uint32_t type_arg_count, const JirArg *args,
                  uint32_t count, TypeId result, PlaceId dst) {
    if (!dst.v && !type_is_void(b, result))
        dst = temp_new(b, result);
    JirCallee *callee = jir_callee(b->jir, (DeclId){0}, false, type_args, type_arg_count);
    call_finish(b, OP_INTRINSIC, callee, (PlaceId){0}, id, args, count, result, dst);
    return dst;
}
