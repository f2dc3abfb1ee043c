// Calls in tail position: which of them are jumps.
//
// A call whose result is the function's, behind which nothing is left to do, takes the place of its caller, if nothing
// of the caller's frame is lent to it. Only calls that may come back to their caller become jumps: those within a cycle
// of such calls. The rest cannot pile up, and keep their callers in backtraces. A call of a function value may lead to
// each function that is a value and takes as many arguments: a node of its own for each number of them stands between.
#include "llvm/internal.h"

// ---- cycles --------------------------------------------------------------------------------------------------------

static bool leads_to_return(const JirFn *fn, const JirTerm *t) {
    enum { HOPS = 16 }; // joins of branches
    for (uint32_t hop = 0; hop < HOPS && t->kind == TERM_GOTO; hop++) {
        const JirBlock *next = &fn->blocks.items[t->targets[0].v];
        for (uint32_t i = 0; i < next->stmts.count; i++)
            if (!jir_is_idle(&next->stmts.items[i]))
                return false;
        t = &next->term;
    }
    return t->kind == TERM_RETURN;
}

// A closure that is called where it stands is none: its captures lie in the caller's frame.
static bool calls_value(const Jir *jir, const JirFn *fn, const JirStmt *s) {
    return s->op == OP_CALL_VALUE && type_get(jir->program->types, fn->places.items[s->place.v].type)->kind == TY_FUNC;
}

bool tail_is_last(const Jir *jir, const JirFn *fn, const JirBlock *block, uint32_t number) {
    const JirStmt *s = &block->stmts.items[number];
    if ((s->op != OP_CALL && !calls_value(jir, fn, s)) || block->is_cleanup)
        return false;
    for (uint32_t i = number + 1; i < block->stmts.count; i++)
        if (!jir_is_idle(&block->stmts.items[i]))
            return false;
    return leads_to_return(fn, &block->term);
}

// The node of values that are called with so many arguments.
enum { MOST_ARGS = 15 };

static uint32_t value_node(const Jir *jir, uint32_t args) {
    return jir->fns.count + (args < MOST_ARGS ? args : MOST_ARGS);
}

uint32_t tail_node_of_value(const Jir *jir, const JirFn *fn) {
    return value_node(jir, fn->param_count);
}

uint32_t tail_node(const Jir *jir, const JirStmt *s) {
    return s->op == OP_CALL ? s->callee->instance.v : value_node(jir, s->arg_count);
}

// What the last call of a block, which may be a jump, leads to; 0 where there is none.
static uint32_t tail_callee(const Jir *jir, const JirFn *fn, const JirBlock *block) {
    for (uint32_t i = block->stmts.count; i-- > 0;) {
        const JirStmt *s = &block->stmts.items[i];
        if (!jir_is_idle(s))
            return tail_is_last(jir, fn, block, i) ? tail_node(jir, s) : 0;
    }
    return 0;
}

typedef struct {
    uint32_t fn, block, stmt; // what comes next
} Visit;

// Tarjan's components, with a stack of its own: `order` numbers functions as they are met, `low` is the least that is
// reached from one.
typedef struct {
    const Jir *jir;
    uint32_t *order, *low, *component; // by JirFnId, and by the nodes of values; 0: not yet
    VecU32 open;                       // met, and not yet in a component
    VEC(Visit) path;
    uint32_t met, components;
    bool all_calls; // not only those in tail position
} Cycles;

static void enter(Cycles *c, uint32_t fn) {
    c->order[fn] = c->low[fn] = ++c->met;
    vec_push(&c->open, fn);
    Visit visit = {fn, 0, 0};
    vec_push(&c->path, visit);
}

static void leave(Cycles *c, uint32_t fn) {
    vec_pop(&c->path);
    if (c->path.count > 0 && c->low[vec_last(&c->path).fn] > c->low[fn])
        c->low[vec_last(&c->path).fn] = c->low[fn];
    if (c->low[fn] != c->order[fn])
        return;
    c->components++;
    uint32_t member;
    do {
        member = vec_pop(&c->open);
        c->component[member] = c->components;
    } while (member != fn);
}

// C calls some in its own way.
static bool may_jump(const JirFn *fn) {
    return !fn->is_for_runtime && (!fn->is_glue || fn->has_env);
}

static uint32_t next_value(const Cycles *c, Visit *at) {
    const Jir *jir = c->jir;
    while (at->block < jir->instance_count) {
        const JirFn *fn = jir_fn(jir, jir->instances[at->block++]);
        if (fn->has_env && may_jump(fn) && tail_node_of_value(jir, fn) == at->fn)
            return fn->id.v;
    }
    return 0;
}

// The next function that is called, 0 at the end.
static uint32_t next_callee(const Cycles *c, Visit *at) {
    if (at->fn >= c->jir->fns.count)
        return next_value(c, at);
    const JirFn *fn = c->jir->fns.items[at->fn];
    if (!c->all_calls && !may_jump(fn))
        return 0;
    for (; at->block < fn->blocks.count; at->block++, at->stmt = 0) {
        const JirBlock *block = &fn->blocks.items[at->block];
        if (!c->all_calls && at->stmt++ == 0) {
            uint32_t callee = tail_callee(c->jir, fn, block);
            bool is_fn = callee && callee < c->jir->fns.count;
            if (is_fn ? may_jump(c->jir->fns.items[callee]) && !c->jir->fns.items[callee]->has_env : callee != 0)
                return callee;
        }
        while (c->all_calls && at->stmt < block->stmts.count) {
            const JirStmt *s = &block->stmts.items[at->stmt++];
            if (s->op == OP_CALL)
                return s->callee->instance.v;
        }
    }
    return 0;
}

static void visit_from(Cycles *c, uint32_t root) {
    enter(c, root);
    while (c->path.count > 0) {
        uint32_t from = vec_last(&c->path).fn, to = next_callee(c, &vec_last(&c->path));
        if (!to)
            leave(c, from);
        else if (!c->order[to])
            enter(c, to);
        else if (!c->component[to] && c->low[from] > c->order[to])
            c->low[from] = c->order[to];
    }
}

// Keeps the numbers of components that have a call within.
static void forget_single(Cycles *c) {
    const Jir *jir = c->jir;
    uint8_t *is_cycle = ARENA_ARRAY(jir->scratch, uint8_t, c->components + 1);
    for (uint32_t i = 0; i < jir->instance_count; i++) {
        Visit at = {jir->instances[i].v, 0, 0};
        for (uint32_t to; (to = next_callee(c, &at));)
            if (c->component[to] == c->component[at.fn])
                is_cycle[c->component[to]] = 1;
    }
    for (uint32_t node = 0; node <= jir->fns.count + MOST_ARGS; node++)
        c->component[node] = is_cycle[c->component[node]] ? c->component[node] : 0;
}

const uint32_t *tail_cycles(const Jir *jir, bool all_calls, Arena *arena) {
    uint32_t count = jir->fns.count + MOST_ARGS + 1;
    Cycles c = {.jir = jir, .all_calls = all_calls, .component = ARENA_ARRAY(arena, uint32_t, count)};
    c.order = ARENA_ARRAY(arena, uint32_t, count);
    c.low = ARENA_ARRAY(arena, uint32_t, count);
    for (uint32_t i = 0; i < jir->instance_count; i++)
        if (!c.order[jir->instances[i].v])
            visit_from(&c, jir->instances[i].v);
    forget_single(&c);
    vec_free(&c.open);
    vec_free(&c.path);
    return c.component;
}

// ---- what is lent of the frame -------------------------------------------------------------------------------------

static bool has_deref(const FnGen *f, const JirPlace *p) {
    for (uint32_t i = 0; i < p->count; i++)
        if (f->fn->projections.items[p->first + i].kind == PROJ_DEREF)
            return true;
    return false;
}

// Whose memory lies with the caller, or where it was captured. What was given away to us is ours to overwrite.
static bool is_given(const FnGen *f, uint32_t local) {
    if (local == 0)
        return f->abi->by_sret;
    if (local <= f->fn->param_count)
        return !f->abi->params[local - 1].in_registers && f->abi->params[local - 1].mode != LOCAL_OWNED;
    return local <= f->fn->param_count + f->fn->capture_count;
}

// Of what is lent in registers, only the header is a copy of ours: the items of a list lie where they did.
static bool is_behind_header(const FnGen *f, const JirPlace *p) {
    return p->count > 0 && p->root > 0 && p->root <= f->fn->param_count && f->abi->params[p->root - 1].in_registers &&
           f->abi->params[p->root - 1].info->lends_leaves;
}

static bool is_of_frame(const FnGen *f, PlaceId id) {
    const JirPlace *p = &f->fn->places.items[id.v];
    return id.v && !p->is_global && !f->locals[p->root].is_ref && !is_given(f, p->root) && !has_deref(f, p) &&
           !is_behind_header(f, p);
}

// Of what is given in registers, as a Slice, the callee has no address; `abi` is NULL where it is no call.
static bool lends_arg(FnGen *f, const JirArg *arg, const AbiParam *p) {
    bool is_copied = p && arg->kind == ARG_REF && p->in_registers;
    return arg->kind != ARG_VALUE && !is_copied && is_of_frame(f, arg->place);
}

enum { NO_ARG = UINT32_MAX };

static bool lends_args(FnGen *f, const JirStmt *s, const Abi *abi, uint32_t except) {
    for (uint32_t i = 0; i < s->arg_count; i++)
        if (i != except && lends_arg(f, &f->fn->args.items[s->args + i], abi ? &abi->params[i] : NULL))
            return true;
    return false;
}

static bool result_may_borrow(FnGen *f, const JirStmt *s) {
    return s->dst.v && (fn_is_reference_local(f, f->fn->places.items[s->dst.v].root) ||
                        gen_may_hold_address(f->gen, f->fn->places.items[s->dst.v].type));
}

// Whether the result, or what a call may change, may hold the address of something in the frame that was lent to it:
// of something else, as no value refers to itself.
static bool call_lends(FnGen *f, const JirStmt *s, const Abi *abi, bool lends_value) {
    if (result_may_borrow(f, s) && (lends_value || lends_args(f, s, abi, NO_ARG)))
        return true;
    for (uint32_t i = 0; i < s->arg_count; i++) {
        const JirArg *arg = &f->fn->args.items[s->args + i];
        if (arg->kind == ARG_MUT_REF && gen_may_hold_address(f->gen, f->fn->places.items[arg->place.v].type) &&
            (lends_value || lends_args(f, s, abi, i)))
            return true;
    }
    return false;
}

// A list's items, and what a Slice shows, lie elsewhere than the list or Slice does.
static bool slices_frame(FnGen *f, const JirStmt *s) {
    PlaceId place = f->fn->args.items[s->args].place;
    return fn_place_type(f, place)->kind == TY_ARRAY && is_of_frame(f, place);
}

// Whether something that is kept longer than for a call may be the address of what lies in the frame.
static bool statement_lends(FnGen *f, const JirStmt *s) {
    switch ((OpKind)s->op) {
    case OP_REF: return is_of_frame(f, s->place);
    case OP_CAST:
        return fn_place_type(f, s->dst)->kind == TY_FUNC && f->fn->operands.items[s->a.v].kind != OPERAND_CONST &&
               is_of_frame(f, f->fn->operands.items[s->a.v].place);
    case OP_MAKE_CLOSURE: return lends_args(f, s, NULL, NO_ARG);
    case OP_INTRINSIC: return s->number == INTRINSIC_slice_of ? slices_frame(f, s) : call_lends(f, s, NULL, false);
    case OP_CALL: return call_lends(f, s, fn_callee_abi(f, s), false);
    case OP_CALL_VALUE: return call_lends(f, s, fn_callee_abi(f, s), is_of_frame(f, s->place));
    default: return false;
    }
}

static bool lends_frame(FnGen *f) {
    if (f->lends_frame)
        return f->lends_frame > 1;
    bool lends = false;
    for (uint32_t b = 0; b < f->fn->blocks.count && !lends; b++) {
        const JirBlock *block = &f->fn->blocks.items[b];
        for (uint32_t i = 0; i < block->stmts.count && !lends; i++)
            lends = statement_lends(f, &block->stmts.items[i]);
    }
    f->lends_frame = lends ? 2 : 1;
    return lends;
}

static bool may_lie_in_frame(FnGen *f, PlaceId id) {
    const JirPlace *p = &f->fn->places.items[id.v];
    if (p->is_global || is_of_frame(f, id))
        return !p->is_global;
    bool is_address = has_deref(f, p) || (f->locals[p->root].is_ref && !is_given(f, p->root));
    return is_address && lends_frame(f);
}

// ---- memory for what is given by address ---------------------------------------------------------------------------

// The memory of a parameter of ours that was given away to us is free for what we give on in its place.
static bool slot_fits(const FnGen *f, uint32_t slot, const GenType *type, const TailSlots *taken) {
    const AbiParam *p = &f->abi->params[slot];
    if (p->in_registers || p->mode != LOCAL_OWNED || p->info->size < type->size || p->info->align < type->align)
        return false;
    for (uint32_t i = 0; i < taken->count; i++)
        if (taken->items[i].slot == slot)
            return false;
    return true;
}

static bool moves_whole_param(const FnGen *f, OperandId value, uint32_t slot) {
    const JirOperand *o = &f->fn->operands.items[value.v];
    if (o->kind != OPERAND_MOVE)
        return false;
    const JirPlace *p = &f->fn->places.items[o->place.v];
    return !p->is_global && p->count == 0 && p->root == slot + 1;
}

static bool take_slot(FnGen *f, const JirStmt *s, const Abi *abi, uint32_t arg, bool in_place, TailSlots *slots) {
    OperandId value = f->fn->args.items[s->args + arg].value;
    for (uint32_t slot = 0; slot < f->abi->param_count; slot++) {
        if (!slot_fits(f, slot, abi->params[arg].info, slots) || moves_whole_param(f, value, slot) != in_place)
            continue;
        vec_push(slots, (TailSlot){.arg = arg, .slot = slot, .stays = in_place});
        return true;
    }
    return false;
}

static bool has_slot(const TailSlots *slots, uint32_t arg) {
    for (uint32_t i = 0; i < slots->count; i++)
        if (slots->items[i].arg == arg)
            return true;
    return false;
}

static bool is_given_by_address(const AbiParam *p) {
    return p->info->pass != PASS_NOTHING && !p->in_registers && p->mode == LOCAL_OWNED;
}

static bool take_slots(FnGen *f, const JirStmt *s, const Abi *abi, TailSlots *slots) {
    for (uint32_t i = 0; i < abi->param_count; i++)
        if (is_given_by_address(&abi->params[i]))
            take_slot(f, s, abi, i, true, slots);
    for (uint32_t i = 0; i < abi->param_count; i++)
        if (is_given_by_address(&abi->params[i]) && !has_slot(slots, i) && !take_slot(f, s, abi, i, false, slots))
            return false;
    return true;
}

// ---- the answer ----------------------------------------------------------------------------------------------------

// What we lend of the place of our result cannot be read while it is written.
static bool reads_result(const FnGen *f, const JirStmt *s) {
    for (uint32_t i = 0; i < s->arg_count; i++) {
        const JirArg *arg = &f->fn->args.items[s->args + i];
        PlaceId id = arg->kind == ARG_VALUE ? f->fn->operands.items[arg->value.v].place : arg->place;
        if (id.v && !f->fn->places.items[id.v].is_global && f->fn->places.items[id.v].root == 0)
            return true;
    }
    return false;
}

static bool gives_our_result(FnGen *f, const JirStmt *s, const Abi *abi) {
    if (abi->result != f->abi->result)
        return false;
    if (abi->result->pass == PASS_NOTHING)
        return abi->result->kind != TY_NEVER;
    return s->dst.v && fn_bare_local(f, s->dst) == 0 && !reads_result(f, s);
}

static bool argument_stays(FnGen *f, const JirArg *arg, const AbiParam *p) {
    if (p->info->pass == PASS_NOTHING)
        return true;
    if (p->in_registers)
        return !(p->info->kind == TY_DYN || p->info->lends_leaves || gen_may_hold_address(f->gen, p->type)) ||
               !lends_frame(f);
    if (arg->kind != ARG_VALUE)
        return !may_lie_in_frame(f, arg->place);
    return p->mode == LOCAL_OWNED;
}

static bool nothing_to_unwind(const FnGen *f) {
    const JirBlock *pad = &f->fn->blocks.items[f->unwind];
    return !f->unwind || (pad->stmts.count == 0 && pad->term.kind == TERM_RESUME);
}

static bool is_same_cycle(const uint32_t *cycles, const FnGen *f, const JirStmt *s) {
    uint32_t cycle = cycles[f->fn->id.v];
    return cycle && cycle == cycles[tail_node(f->gen->jir, s)];
}

// The environment of what is called: nothing of our frame, as the value was given to us or lies in memory.
static bool environment_stays(FnGen *f, const JirStmt *s) {
    return s->op == OP_CALL || !lends_frame(f);
}

static TailObstacle find_obstacle(FnGen *f, const JirStmt *s, const Abi *abi, TailSlots *slots) {
    if (!f->is_last || !nothing_to_unwind(f) || !gives_our_result(f, s, abi))
        return TAIL_NOT_LAST;
    for (uint32_t i = 0; i < abi->param_count; i++)
        if (!argument_stays(f, &f->fn->args.items[s->args + i], &abi->params[i]))
            return TAIL_LENDS;
    if (!environment_stays(f, s))
        return TAIL_LENDS;
    return take_slots(f, s, abi, slots) ? TAIL_JUMPS : TAIL_NO_ROOM;
}

bool tail_may_jump(FnGen *f, const JirStmt *s, const Abi *abi, TailSlots *slots) {
    return f->is_last && is_same_cycle(f->gen->tail_cycles, f, s) && find_obstacle(f, s, abi, slots) == TAIL_JUMPS;
}

// ---- what `tail` promises ------------------------------------------------------------------------------------------

// `{. tail .}`: whatever may come back to the function must be a jump.
void tail_check(FnGen *f, const JirStmt *s, const Abi *abi) {
    if (!f->gen->call_cycles || s->op != OP_CALL || !is_same_cycle(f->gen->call_cycles, f, s) || f->fn->closure.v ||
        f->fn->is_glue || !gen_has_attribute(f->gen->program, f->fn, "tail"))
        return;
    TailSlots slots = {0};
    TailObstacle obstacle = find_obstacle(f, s, abi, &slots);
    vec_free(&slots);
    if (obstacle != TAIL_JUMPS)
        vec_push(&f->gen->not_jumps, (LlvmNotJump){f->fn->id, f->token, obstacle});
}
