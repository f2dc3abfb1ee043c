// Nurseries, spawn and shields.
//
//     open → body → on every way out of it: join, the drops and defers of the body's scope, end → where the way leads
//
// A panic or cancellation leaves the body by its nested scopes, then ABANDON (the tasks may borrow what the body
// declares), the body's own variables, then CATCH: where it was the nursery that cancelled its body, the way leads back
// to its end.
#include "ir/build_internal.h"

static PlaceId nursery_place(Build *b, const NurseryFrame *f) {
    return jir_place_local(b->fn, f->nursery);
}

// The innermost one whose NURSERY entry is among the first `count`.
static NurseryFrame *innermost(Build *b, uint32_t count) {
    for (uint32_t i = b->nurseries.count; i > 0; i--)
        if (b->nurseries.items[i - 1].depth < count)
            return &b->nurseries.items[i - 1];
    return NULL;
}

static bool has_join(Build *b, const NurseryFrame *f, uint32_t count) {
    for (uint32_t i = f->depth + 1; i < count; i++)
        if (b->entries.items[i].kind == ENTRY_JOIN)
            return true;
    return false;
}

// ---- ways of panics ------------------------------------------------------------------------------------------------

static uint32_t abandon_step(Build *b, NurseryFrame *f, uint32_t chain) {
    if (f->abandon && f->below == chain)
        return f->abandon;
    uint32_t index = (uint32_t)(f - b->nurseries.items);
    BlockId body = block_new(b);
    JirArg arg = arg_ref(nursery_place(b, f));
    UnwindMark mark = unwind_begin(b, body);
    intrinsic(b, INTRINSIC_nursery_abandon, NULL, 0, &arg, 1, T_VOID(b), (PlaceId){0});
    jir_resume(b->fn, b->block, chain, b->token);
    unwind_end(b, mark);
    f = &b->nurseries.items[index];
    f->below = chain;
    return f->abandon = unwind_step(b, chain, body);
}

uint32_t nursery_chain(Build *b, uint32_t count, uint32_t chain) {
    NurseryFrame *f = innermost(b, count);
    return f && !has_join(b, f, count) ? abandon_step(b, f, chain) : chain;
}

// What lies above is left before the tasks are waited for: they do not borrow it.
void nursery_step_begins(Build *b, bool is_statement) {
    NurseryFrame *f = innermost(b, b->entries.count);
    if (!f || b->is_cleanup || f->nesting != b->nesting || has_join(b, f, b->entries.count))
        return;
    uint32_t step = abandon_step(b, f, unwind_below(b, b->entries.count));
    vec_push(&b->entries, (Entry){.kind = ENTRY_JOIN,
                                  .is_temp = is_statement,
                                  .body = b->fn->cleanups.items[step].body,
                                  .cleanup = step});
}

// ---- the way out ---------------------------------------------------------------------------------------------------

static void emit_join(Build *b, const NurseryFrame *f) {
    JirArg *args = ARENA_ARRAY(b->arena, JirArg, 2 + f->disjoint_count);
    args[0] = arg_ref(nursery_place(b, f));
    args[1] = arg_ref(jir_place_local(b->fn, f->scope));
    for (uint32_t i = 0; i < f->disjoint_count; i++)
        args[2 + i] = arg_ref(jir_place_local(b->fn, f->disjoint[i].lent));
    intrinsic(b, INTRINSIC_nursery_join, NULL, 0, args, 2 + f->disjoint_count, T_VOID(b), (PlaceId){0});
}

static void emit_end(Build *b, const NurseryFrame *f) {
    JirArg args[2] = {arg_ref(nursery_place(b, f)), arg_value(f->expired)};
    TypeId result = f->result.v ? jir_place_type(b->fn, f->result) : T_VOID(b);
    intrinsic(b, INTRINSIC_nursery_end, NULL, 0, args, 2, result, f->result);
    emit(b, OP_DEAD)->dst = nursery_place(b, f);
}

// A result that was on its way gives way to the nursery's error.
static void leave_end(Build *b, const NurseryFrame *f) {
    NurseryFrame it = *f;
    emit_end(b, &it);
    if (!it.result.v) {
        accumulate_merge(b, &it);
        return;
    }
    BlockId fine = block_new(b), failed = block_new(b);
    emit_variant_test(b, it.result, 0, fine, failed);
    block_start(b, failed);
    if (b->pending.v && type_needs_drop(b, jir_place_type(b->fn, b->pending)))
        emit(b, OP_DROP)->dst = b->pending;
    block_goto(b, it.failed);
    block_start(b, fine);
    accumulate_merge(b, &it);
}

void nursery_leave(Build *b, uint32_t depth, uint32_t index, bool *joined) {
    NurseryFrame *f = innermost(b, index + 1);
    if (!f)
        return;
    bool leaves_body = depth <= f->depth + 1;
    EntryKind kind = b->entries.items[index].kind;
    bool is_first = !*joined && index > f->depth && !has_join(b, f, index + 1);
    *joined = true;
    if (leaves_body && (is_first || kind == ENTRY_JOIN))
        emit_join(b, f);
    if (kind != ENTRY_NURSERY)
        return;
    uint32_t visible = b->visible;
    b->visible = index;
    leave_end(b, f);
    b->visible = visible;
}

// The body fails: the tasks are cancelled, and the error comes back from the end.
void nursery_fail(Build *b, OperandId error, IntrinsicId trace, PlaceId mark) {
    NurseryFrame f = vec_last(&b->nurseries);
    uint32_t token = b->token;
    if (jir_operand_type(b->fn, error).v != f.error.v) {
        PlaceId own = temp_new(b, f.error);
        emit_set(b, own, error);
        error = temp_value(b, own);
    }
    JirArg at = arg_value(mark.v ? copy(b, mark) : (OperandId){0});
    intrinsic(b, trace, NULL, 0, &at, mark.v != 0, T_VOID(b), (PlaceId){0});
    JirArg args[2] = {arg_ref(nursery_place(b, &f)), arg_value(error)};
    intrinsic(b, INTRINSIC_nursery_fail, &f.error, 1, args, 2, T_VOID(b), (PlaceId){0});
    scope_leave(b, f.depth + 1, true);
    b->token = token;
    block_goto(b, f.end);
    if (!b->is_dead)
        block_end(b);
}

// ---- the block -----------------------------------------------------------------------------------------------------

static NodeId option(Build *b, AstNursery parts, const char *name) {
    for (uint32_t i = 0; i < parts.args.count; i++) {
        NodeId arg = AST_ITEM(parts.args, i);
        if (text_equal(ast_token_text(b->ast, ast_token(b->ast, arg)), text_of(name)))
            return ast_unary(b->ast, arg).child;
    }
    return (NodeId){0};
}

OperandId duration_value(Build *b, NodeId n) {
    if (!n.v)
        return const_int(b, T_I64(b), UINT64_MAX);
    PlaceId span = build_place(b, n);
    return spill(b, copy(b, place_field(b, span, 0, T_I64(b))));
}

static void open_nursery(Build *b, NodeId n, AstNursery parts, NurseryFrame *f) {
    uint32_t mark = statement_begin(b);
    NodeId limit = option(b, parts, "limit"), timeout = option(b, parts, "timeout");
    OperandId span = duration_value(b, timeout);
    OperandId most = limit.v ? spill(b, build_value(b, limit)) : const_int(b, T_I64(b), 0);
    token_at(b, n);
    SymbolId name = parts.binder.v ? ast_symbol(b->ast, parts.binder) : (SymbolId){0};
    f->nursery = local_declare(b, n, name, type_lang(b->program, LANG_NURSERY, NULL, 0), LOCAL_OWNED, LOCAL_LET);
    f->scope = local_new(b, type_lang(b->program, LANG_TASK_SCOPE, NULL, 0), LOCAL_OWNED, LOCAL_TEMP);
    JirArg args[2] = {arg_value(span), arg_value(most)};
    PlaceId nursery = jir_place_local(b->fn, f->nursery);
    intrinsic(b, INTRINSIC_nursery_open, &f->error, f->error.v != 0, args, 2, jir_place_type(b->fn, nursery), nursery);
    OperandId zero = const_int(b, T_I64(b), 0);
    emit_make(b, jir_place_local(b->fn, f->scope), &zero, 1);
    DeclId expired = {0};
    if (timeout.v) {
        uint32_t count;
        TypeId error = type_nominal(b->types, TY_ERROR, b->program->lang[LANG_TIMEOUT], NULL, 0);
        expired = error_variants(b->program, error, &count)[0];
    }
    f->expired = const_int(b, T_I64(b), expired.v);
    statement_end(b, mark);
}

// Where the errors of a nursery go that nobody catches.
static TypeId outer_error(Build *b) {
    if (b->nurseries.count)
        return vec_last(&b->nurseries).error;
    const Type *result = type_of(b, b->result);
    return result->kind == TY_RESULT ? result->args[0] : (TypeId){0};
}

static void build_body(Build *b, NodeId body) {
    AstList statements = ast_list(b->ast, body);
    ScopeMark mark = scope_begin(b, body);
    vec_push(&b->entries, (Entry){.kind = ENTRY_BODY});
    for (uint32_t i = 0; i < statements.count && !b->is_dead; i++)
        build_statement(b, AST_ITEM(statements, i));
    if (!b->keep_token && !b->is_dead)
        b->token = b->ast->node_last_tokens[body.v];
    scope_end(b, mark);
}

// What was on the way has been dropped by it; here nothing of it is there any more.
static void forget(Build *b, LocalId local) {
    const JirLocal *it = jir_local(b->fn, local);
    if (it->mode == LOCAL_OWNED && !it->is_view && type_needs_drop(b, it->type))
        emit(b, OP_DEAD)->dst = jir_place_local(b->fn, local);
}

static void forget_result(Build *b, PlaceId result) {
    const JirPlace *place = result.v ? jir_place(b->fn, result) : NULL;
    if (place && !place->is_global && !place->count)
        forget(b, (LocalId){place->root});
}

// `caught`: on the way of a panic, from there to `back`, if the nursery cancelled its own body, or further on.
static void build_caught(Build *b, const NurseryFrame *f, BlockId caught, uint32_t first_local) {
    BlockId back = block_new(b), on = block_new(b);
    uint32_t below = unwind_below(b, f->depth);
    below = b->nurseries.count ? nursery_chain(b, f->depth, below) : below;
    uint32_t locals = b->fn->locals.count;
    jir_block(b->fn, on)->is_cleanup = true;
    JirArg arg = arg_ref(nursery_place(b, f));
    UnwindMark mark = unwind_begin(b, caught);
    PlaceId mine = intrinsic(b, INTRINSIC_nursery_caught, NULL, 0, &arg, 1, T_BOOL(b), (PlaceId){0});
    emit_branch(b, copy(b, mine), back, on);
    block_start(b, on);
    jir_resume(b->fn, b->block, below, b->token);
    unwind_end(b, mark);
    block_start(b, back);
    for (uint32_t i = first_local; i < locals; i++)
        forget(b, (LocalId){i});
    forget(b, (LocalId){0});
    for (uint32_t i = 0; i < b->loops.count; i++)
        forget_result(b, b->loops.items[i].result);
    block_goto(b, f->end);
}

void nursery_spoils(Build *b, const VecU32 *locals) {
    JirArg *args = ARENA_ARRAY(b->arena, JirArg, locals->count);
    for (uint32_t i = 0; i < locals->count; i++)
        args[i] = arg_ref(jir_place_local(b->fn, (LocalId){locals->items[i]}));
    if (locals->count)
        intrinsic(b, INTRINSIC_nursery_spoils, NULL, 0, args, locals->count, T_VOID(b), (PlaceId){0});
}

void build_nursery(Build *b, NodeId n, PlaceId dst) {
    AstNursery parts = ast_nursery(b->ast, n);
    const Type *fact = type_of(b, fact_type(b, n));
    bool is_caught = fact->kind == TY_RESULT;
    NurseryFrame f = {.error = is_caught ? fact->args[0] : outer_error(b)};
    f.result = is_caught ? dst : (PlaceId){0};
    if (f.error.v && !f.result.v)
        f.result = temp_new(b, type_result(b->types, f.error, T_VOID(b)));
    ScopeMark mark = scope_begin(b, n);
    open_nursery(b, n, parts, &f);
    Uses uses = uses_of(b, n);
    accumulate_open(&uses, &f);
    disjoint_open(&uses, &f);
    f.end = block_new(b);
    f.failed = block_new(b);
    f.depth = b->entries.count;
    f.nesting = b->nesting + 1;
    BlockId caught = block_new(b);
    uint32_t first_local = b->fn->locals.count;
    vec_push(&b->entries, (Entry){.kind = ENTRY_NURSERY, .body = caught});
    vec_push(&b->nurseries, f);
    build_body(b, parts.body);
    f.exclusive = vec_pop(&b->nurseries).exclusive;
    b->entries.count = f.depth;
    block_goto(b, f.end);
    token_at(b, n);
    build_caught(b, &f, caught, first_local);
    block_start(b, f.end);
    emit_end(b, &f);
    BlockId fine = block_new(b);
    if (f.result.v && (!is_caught || f.accumulated_count)) {
        emit_variant_test(b, f.result, 0, fine, f.failed);
        block_start(b, fine);
    }
    accumulate_merge(b, &f);
    for (uint32_t i = 0; i < f.disjoint_count; i++)
        vec_push(&f.exclusive, f.disjoint[i].variable.v);
    if (is_caught) {
        block_goto(b, f.failed);
        block_start(b, f.failed);
    } else if (f.result.v) {
        BlockId after = block_new(b);
        block_goto(b, after);
        block_start(b, f.failed);
        nursery_spoils(b, &f.exclusive);
        PlaceId error = place_payload(b, f.result, 1, 0, f.error);
        fail_with(b, take(b, error), INTRINSIC_trace_pass, (PlaceId){0});
        block_start(b, after);
    }
    scope_end(b, mark);
    vec_free(&b->spoilt);
    b->spoilt = f.exclusive;
}

// ---- spawn ---------------------------------------------------------------------------------------------------------

static uint32_t own_nursery(Build *b, PlaceId place) {
    for (uint32_t i = b->nurseries.count; i > 0; i--)
        if (b->nurseries.items[i - 1].nursery.v == jir_place(b->fn, place)->root)
            return i;
    return 0;
}

static OperandId task_closure(Build *b, NodeId closure, uint32_t nursery) {
    if (ast_kind(b->ast, closure) != NODE_CLOSURE)
        return build_value(b, closure);
    uint32_t outer = b->spawning;
    b->spawning = nursery;
    PlaceId temp = temp_new(b, fact_type(b, closure));
    build_closure(b, closure, temp, nursery ? CAPTURE_TASK : CAPTURE_KEPT);
    b->spawning = outer;
    return temp_value(b, temp);
}

void build_spawn(Build *b, NodeId n, NodeId receiver, AstList list, PlaceId dst) {
    PlaceId place = build_place(b, receiver);
    uint32_t nursery = own_nursery(b, place);
    OperandId closure = task_closure(b, AST_ITEM(list, 0), nursery);
    token_at(b, n);
    TypeId task = fact_type(b, n);
    TypeId types[2] = {jir_operand_type(b->fn, closure), type_of(b, task)->args[0]};
    JirArg args[3] = {arg_ref(place), arg_value(closure)};
    if (nursery)
        args[2] = arg_mut(b, jir_place_local(b->fn, b->nurseries.items[nursery - 1].scope));
    intrinsic(b, INTRINSIC_task_spawn, types, 2, args, nursery ? 3 : 2, dst.v ? task : T_VOID(b), dst);
}

// It owns all that it captures.
void build_spawn_isolated(Build *b, NodeId n, NodeId receiver, AstList list, PlaceId dst) {
    PlaceId place = build_place(b, receiver);
    OperandId closure = task_closure(b, AST_ITEM(list, 0), 0);
    token_at(b, n);
    TypeId task = fact_type(b, n);
    const Type *parts = type_of(b, task);
    TypeId types[2] = {jir_operand_type(b->fn, closure), type_lang(b->program, LANG_OUTCOME, parts->args, 2)};
    JirArg args[2] = {arg_ref(place), arg_value(closure)};
    intrinsic(b, INTRINSIC_task_spawn_isolated, types, 2, args, 2, dst.v ? task : T_VOID(b), dst);
}

// ---- later errors --------------------------------------------------------------------------------------------------

static bool asks_for_suppressed(Build *b, NodeId n, NodeId handler) {
    for (uint32_t i = ast_first(b->ast, handler).v; i < handler.v; i++) {
        const Resolution *res = ast_kind(b->ast, (NodeId){i}) == NODE_CALL ? fact_resolution(b, (NodeId){i}) : NULL;
        if (!res || res->kind != REF_BUILTIN || res->index != BUILTIN_SUPPRESSED)
            continue;
        const Resolution *error = fact_resolution(b, ast_unary(b->ast, ast_call(b->ast, (NodeId){i}).callee).child);
        if (error && error->node.v == n.v)
            return true;
    }
    return false;
}

// They are taken at once: another nursery that fails in the handler has others.
LocalId suppressed_take(Build *b, NodeId n, NodeId handler, TypeId error) {
    if (!asks_for_suppressed(b, n, handler))
        return (LocalId){0};
    LocalId all = local_new(b, type_lang(b->program, LANG_LIST, &error, 1), LOCAL_OWNED, LOCAL_LET);
    jir_local(b->fn, all)->name = intern(b->program->symbols, TEXT("suppressed()"));
    jir_local(b->fn, all)->node = n;
    call_lang(b, LANG_SUPPRESSED_ERRORS, &error, 1, NULL, 0, jir_place_local(b->fn, all));
    local_register(b, all);
    return all;
}

void build_suppressed(Build *b, NodeId receiver, PlaceId dst) {
    NodeId n = fact_resolution(b, receiver)->node;
    uint32_t i = b->handlers.count;
    while (b->handlers.items[i - 1].node.v != n.v)
        i--;
    PlaceId all = jir_place_local(b->fn, b->handlers.items[i - 1].suppressed);
    b->fn->places.items[all.v].token = b->token;
    emit_set(b, dst, take(b, all));
}

// ---- shield --------------------------------------------------------------------------------------------------------

void shield_leave(Build *b, LocalId shield) {
    JirArg arg = arg_ref(jir_place_local(b->fn, shield));
    intrinsic(b, INTRINSIC_shield_leave, NULL, 0, &arg, 1, T_VOID(b), (PlaceId){0});
}

void build_shield(Build *b, NodeId n) {
    AstBinary parts = ast_binary(b->ast, n);
    ScopeMark mark = scope_begin(b, n);
    OperandId limit = duration_value(b, parts.left);
    LocalId shield =
        local_declare(b, n, (SymbolId){0}, type_lang(b->program, LANG_SHIELD, NULL, 0), LOCAL_OWNED, LOCAL_LET);
    JirArg arg = arg_value(limit);
    PlaceId place = jir_place_local(b->fn, shield);
    token_at(b, n);
    intrinsic(b, INTRINSIC_shield_enter, NULL, 0, &arg, 1, jir_place_type(b->fn, place), place);
    Entry entry = {.kind = ENTRY_SHIELD, .local = shield};
    if (!b->is_cleanup && !b->is_dead) {
        uint32_t below = unwind_chain(b);
        entry.body = block_new(b);
        UnwindMark saved = unwind_begin(b, entry.body);
        shield_leave(b, shield);
        jir_resume(b->fn, b->block, below, b->token);
        unwind_end(b, saved);
    }
    vec_push(&b->entries, entry);
    build_block(b, parts.right, (PlaceId){0});
    scope_end(b, mark);
}
