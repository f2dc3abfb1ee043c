// for: counted loops over ranges, lists, slices and arrays; everything else asks an iterator.
#include "ir/build_internal.h"

typedef struct {
    NodeId node;
    AstForExpr parts;
    BlockId next, exit; // continue, break
} For;

static void for_open(Build *b, For *f) {
    f->exit = block_new(b);
    b->loop_depth++;
    f->next = block_new(b);
    loop_push(b, f->node, f->parts.label, f->next, f->exit, (PlaceId){0});
}

static void for_close(Build *b, For *f) {
    b->loop_depth--;
    loop_pop(b);
    block_start(b, f->exit);
}

static bool is_name(Build *b, NodeId pattern) {
    return pattern.v && ast_kind(b->ast, pattern) == NODE_PAT_BIND && !ast_pat_bind(b->ast, pattern).pattern.v;
}

static bool is_mut_name(Build *b, NodeId pattern) {
    return is_name(b, pattern) && ast_pat_bind(b->ast, pattern).is_mut;
}

// The counter: the user's variable itself where there is a name for it.
static LocalId counter_new(Build *b, NodeId pattern, TypeId type) {
    if (!is_name(b, pattern))
        return local_new(b, type, LOCAL_OWNED, LOCAL_LET);
    SymbolId name = ast_symbol(b->ast, ast_pat_bind(b->ast, pattern).name);
    LocalId local = local_declare(b, pattern, name, type, LOCAL_OWNED, LOCAL_LET);
    local_register(b, local);
    return local;
}

static void count_up(Build *b, LocalId counter) {
    PlaceId place = jir_place_local(b->fn, counter);
    OperandId one = const_int(b, jir_place_type(b->fn, place), 1);
    OperandId before = copy(b, place);
    JirStmt *stmt = emit(b, OP_BINARY);
    stmt->sub = BIN_ADD_NOWRAP;
    stmt->dst = place;
    stmt->a = before;
    stmt->b = one;
}

static void for_body(Build *b, For *f) {
    build_block(b, f->parts.body, (PlaceId){0});
    block_goto(b, f->next);
}

// ---- ranges --------------------------------------------------------------------------------------------------------

typedef struct {
    OperandId from, to;
    TypeId type;
    bool is_closed;
} Bounds;

static Bounds range_of(Build *b, NodeId n) {
    Bounds bounds = {.type = T_I64(b)};
    if (ast_kind(b->ast, n) == NODE_RANGE) {
        AstBinary ends = ast_binary(b->ast, n);
        bounds.from = build_stable_value(b, ends.left, has_effect(b, ends.right));
        bounds.to = build_value(b, ends.right);
        bounds.type = jir_operand_type(b->fn, bounds.from);
        bounds.is_closed = ast_token_kind(b->ast, ast_token(b->ast, n)) == TOK_RANGE_EQ;
    } else {
        PlaceId range = build_place(b, n);
        bounds.from = copy(b, place_field(b, range, 0, bounds.type));
        bounds.to = copy(b, place_field(b, range, 1, bounds.type));
        bounds.is_closed = type_is_lang(b->program, jir_place_type(b->fn, range), LANG_RANGE_CLOSED);
    }
    return bounds;
}

// Goes on in `body` if the counter compares so to the limit.
static void test_counter(Build *b, BinaryOp op, LocalId counter, OperandId limit, BlockId yes, BlockId no) {
    emit_branch(b, emit_binary(b, op, T_BOOL(b), copy(b, jir_place_local(b->fn, counter)), limit), yes, no);
}

// The limit is read before the loop: what the body changes does not matter.
static OperandId limit_of(Build *b, OperandId to) {
    const JirOperand *o = &b->fn->operands.items[to.v];
    if (o->kind == OPERAND_CONST || place_is_stable(b, o->place))
        return to;
    PlaceId limit = temp_new(b, jir_operand_type(b->fn, to));
    emit_set(b, limit, to);
    return copy(b, limit);
}

// `for i, x in a..b` counts beside the range.
static LocalId range_index(Build *b, const For *f) {
    if (!f->parts.index.v)
        return (LocalId){0};
    LocalId index = counter_new(b, f->parts.index, T_I64(b));
    emit_set(b, jir_place_local(b->fn, index), const_int(b, T_I64(b), 0));
    return index;
}

static void for_range(Build *b, For *f, NodeId pattern) {
    Bounds bounds = range_of(b, f->parts.iterable);
    token_at(b, f->node);
    OperandId limit = limit_of(b, bounds.to);
    bool polls = !poll_is_needless(b, bounds.from, limit, f->parts.body);
    LocalId counter = counter_new(b, pattern, bounds.type);
    emit_set(b, jir_place_local(b->fn, counter), bounds.from);
    LocalId index = range_index(b, f);
    for_open(b, f);
    BlockId body = block_new(b);
    if (bounds.is_closed) {
        // Tested before counting up, so that the last value of the type can be reached.
        test_counter(b, BIN_LE, counter, limit, body, f->exit);
    } else {
        BlockId head = block_new(b);
        block_goto(b, head);
        block_start(b, head);
        test_counter(b, BIN_LT, counter, limit, body, f->exit);
        block_start(b, f->next);
        if (polls)
            poll_round(b);
        count_up(b, counter);
        if (index.v)
            count_up(b, index);
        block_goto(b, head);
    }
    block_start(b, body);
    for_body(b, f);
    if (bounds.is_closed) {
        BlockId step = block_new(b);
        block_start(b, f->next);
        token_at(b, f->node);
        test_counter(b, BIN_LT, counter, limit, step, f->exit);
        block_start(b, step);
        if (polls)
            poll_round(b);
        count_up(b, counter);
        if (index.v)
            count_up(b, index);
        block_goto(b, body);
    }
    for_close(b, f);
}

// ---- lists ---------------------------------------------------------------------------------------------------------

static void bind_item(Build *b, NodeId pattern, PlaceId item) {
    if (!is_name(b, pattern)) {
        build_pattern(b, pattern, item, NULL, false);
        return;
    }
    bool is_mut = is_mut_name(b, pattern);
    SymbolId name = ast_symbol(b->ast, ast_pat_bind(b->ast, pattern).name);
    TypeId type = jir_place_type(b->fn, item);
    bool is_copied = !is_mut && type_is_plain(b, type);
    LocalMode mode = is_copied ? LOCAL_OWNED : is_mut ? LOCAL_MUT_REF : LOCAL_LET_REF;
    LocalId local = local_declare(b, pattern, name, type, mode, LOCAL_LET);
    PlaceId dst = jir_place_local(b->fn, local);
    if (is_copied)
        emit_set(b, dst, copy(b, item));
    else
        emit_ref(b, dst, item, is_mut);
    local_register(b, local);
}

// The elements are reached through a Slice of the whole, which keeps the list lent while the loop runs.
static void for_list(Build *b, For *f, PlaceId list) {
    NodeId pattern = f->parts.pattern;
    token_at(b, f->node);
    PlaceId items = slice_whole(b, list, is_mut_name(b, pattern));
    OperandId limit = limit_of(b, place_len(b, items));
    bool polls = !poll_is_needless(b, const_int(b, T_I64(b), 0), limit, f->parts.body);
    LocalId counter = counter_new(b, f->parts.index, T_I64(b));
    emit_set(b, jir_place_local(b->fn, counter), const_int(b, T_I64(b), 0));
    for_open(b, f);
    BlockId head = block_new(b), body = block_new(b);
    block_goto(b, head);
    block_start(b, head);
    test_counter(b, BIN_LT, counter, limit, body, f->exit);
    block_start(b, f->next);
    if (polls)
        poll_round(b);
    count_up(b, counter);
    block_goto(b, head);
    block_start(b, body);
    ScopeMark mark = scope_begin(b, f->node);
    bind_item(b, pattern, place_index(b, items, counter, true));
    build_block(b, f->parts.body, (PlaceId){0});
    scope_end(b, mark);
    block_goto(b, f->next);
    for_close(b, f);
}

// ---- iterators -----------------------------------------------------------------------------------------------------

static TypeId callee_result(Build *b, const Resolution *res) {
    const Signature *sig = program_signature(b->program, res->decl);
    return resolution_type(b, res, sig->result);
}

// The iterator: the value itself, or what its method iter (or iter_mut) gives.
static PlaceId iterator_of(Build *b, const For *f, const Resolution *next) {
    if (!next->second.v) {
        PlaceId iterator = temp_new(b, fact_type(b, f->parts.iterable));
        build_into(b, f->parts.iterable, iterator);
        temp_register(b, iterator);
        return iterator;
    }
    PlaceId base = build_place(b, f->parts.iterable);
    token_at(b, f->node);
    return build_iterator(b, base, resolution_at(b, next->second));
}

PlaceId build_iterator(Build *b, PlaceId base, const Resolution *iter) {
    const Signature *sig = program_signature(b->program, iter->decl);
    if (!list_item(b, jir_place_type(b->fn, base)).v)
        base = place_unbox(b, base, resolution_type(b, iter, sig->param_types[0]));
    ParamMode mode = (ParamMode)sig->param_modes[0];
    JirArg arg = mode == MODE_OWN ? arg_value(take(b, base)) : mode == MODE_MUT ? arg_mut(b, base) : arg_ref(base);
    TypeId type = callee_result(b, iter);
    PlaceId iterator = kind_of(b, type) == TY_REF ? temp_ref(b, type_of(b, type)->args[0], type_of(b, type)->is_mut)
                                                  : temp_new(b, type);
    call_decl(b, iter->decl, iter->kind == REF_TRAIT_METHOD, iter->type_args, iter->type_arg_count, &arg, 1, iterator);
    temp_register(b, iterator);
    return iterator;
}

// Over a map the index pattern is the key; elsewhere it counts.
static void for_iterator(Build *b, For *f, const Resolution *next) {
    bool is_map = type_is_keyed(b->program, fact_type(b, f->parts.iterable));
    bool is_pair = is_map && f->parts.index.v, is_counted = f->parts.index.v && !is_pair;
    PlaceId iterator = iterator_of(b, f, next);
    LocalId counter = {0};
    if (is_counted) {
        counter = counter_new(b, f->parts.index, T_I64(b));
        emit_set(b, jir_place_local(b->fn, counter), const_int(b, T_I64(b), 0));
    }
    for_open(b, f);
    BlockId head = block_new(b), body = block_new(b);
    block_goto(b, head);
    if (is_counted || b->program->has_tasks) {
        block_start(b, f->next);
        poll_round(b);
        if (is_counted)
            count_up(b, counter);
        block_goto(b, head);
    } else {
        vec_last(&b->loops).next = f->next = head;
    }
    block_start(b, head);
    ScopeMark mark = scope_begin(b, f->node);
    JirArg arg = arg_mut(b, iterator);
    PlaceId item = temp_new(b, callee_result(b, next));
    call_decl(b, next->decl, next->kind == REF_TRAIT_METHOD, next->type_args, next->type_arg_count, &arg, 1, item);
    emit_variant_test(b, item, 1, body, f->exit);
    block_start(b, body);
    temp_register(b, item);
    PlaceId value = place_payload(b, item, 1, 0, payload_type(b, jir_place_type(b->fn, item), 1, 0));
    if (is_pair) {
        const Type *pair = type_of(b, jir_place_type(b->fn, value));
        build_pattern(b, f->parts.index, place_field(b, value, 0, pair->args[0]), NULL, false);
        value = place_field(b, value, 1, pair->args[1]);
    }
    build_pattern(b, f->parts.pattern, value, NULL, false);
    build_block(b, f->parts.body, (PlaceId){0});
    scope_end(b, mark);
    block_goto(b, f->next);
    for_close(b, f);
}

static bool box_list(Build *b, TypeId type) {
    while (box_item(b, type).v)
        type = box_item(b, type);
    return list_item(b, type).v;
}

// ---- all -----------------------------------------------------------------------------------------------------------

void build_for(Build *b, NodeId n, PlaceId dst) {
    (void)dst; // a for has no value
    For f = {.node = n, .parts = ast_for_expr(b->ast, n)};
    ScopeMark mark = scope_begin(b, n);
    TypeId type = fact_type(b, f.parts.iterable);
    const Resolution *next = fact_resolution(b, n);
    bool is_range = type_is_lang(b->program, type, LANG_RANGE) || type_is_lang(b->program, type, LANG_RANGE_CLOSED) ||
                    ast_kind(b->ast, f.parts.iterable) == NODE_RANGE;
    if (is_range) {
        for_range(b, &f, f.parts.pattern);
    } else if (list_item(b, type).v || box_list(b, type)) {
        PlaceId list = build_place(b, f.parts.iterable);
        while (box_item(b, jir_place_type(b->fn, list)).v)
            list = place_strip(b, place_deref(b, list, box_item(b, jir_place_type(b->fn, list))));
        for_list(b, &f, list);
    } else {
        invariant(next, "for without an iterator");
        for_iterator(b, &f, next);
    }
    scope_end(b, mark);
}
