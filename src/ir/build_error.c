// Errors: fail, return, ? and catch.
#include "ir/build_internal.h"

static PlaceId return_place(Build *b) {
    return jir_place_local(b->fn, (LocalId){0});
}

void build_result(Build *b, NodeId n) {
    PlaceId dst = return_place(b);
    TypeId want = fact_wanted(b, n), type = want.v ? want : fact_type(b, n);
    bool wraps = kind_of(b, b->result) == TY_RESULT && kind_of(b, type) != TY_RESULT;
    if (type_is_void(b, b->result)) {
        build_effect(b, n);
    } else if (!wraps) {
        build_owned_into(b, n, dst);
        give_changeable(b, dst);
    } else if (type_is_void(b, type)) {
        build_effect(b, n);
        if (!b->is_dead)
            emit_variant(b, dst, 0, NULL, 0);
    } else {
        OperandId value = build_owned_value(b, n);
        if (b->is_dead)
            return;
        if (b->gives_changeable)
            give_changeable(b, b->fn->operands.items[value.v].place);
        emit_variant(b, dst, 0, &value, 1);
    }
}

bool place_is_return(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    return !p->is_global && p->root == 0 && p->count == 0;
}

// Returns where the result is an error and there are errdefers to run for it.
static void return_failed(Build *b) {
    if (b->is_dead || kind_of(b, b->result) != TY_RESULT || !scope_has_errdefer(b, 0))
        return;
    BlockId fine = block_new(b), failed = block_new(b);
    emit_variant_test(b, return_place(b), 0, fine, failed);
    block_start(b, failed);
    build_return(b, true);
    block_start(b, fine);
}

void build_return_stmt(Build *b, NodeId n) {
    NodeId child = ast_unary(b->ast, n).child;
    if (child.v) {
        uint32_t mark = statement_begin(b);
        build_result(b, child);
        statement_end(b, mark);
        token_at(b, n);
        return_failed(b);
    } else if (kind_of(b, b->result) == TY_RESULT) {
        emit_variant(b, return_place(b), 0, NULL, 0);
    }
    token_at(b, n);
    build_return(b, false);
}

// The error as one of the function's own set.
static OperandId own_error(Build *b, OperandId error) {
    TypeId type = type_of(b, b->result)->args[0];
    if (jir_operand_type(b->fn, error).v == type.v)
        return error;
    PlaceId own = temp_new(b, type);
    emit_set(b, own, error);
    return temp_value(b, own);
}

// ---- return traces -------------------------------------------------------------------------------------------------

static PlaceId trace_mark(Build *b) {
    return intrinsic(b, INTRINSIC_trace_mark, NULL, 0, NULL, 0, T_I64(b), (PlaceId){0});
}

// Whether leaving runs code of the user's, which may raise errors of its own.
static bool leaving_runs_code(Build *b) {
    for (uint32_t i = 0; i < b->entries.count; i++) {
        const Entry *entry = &b->entries.items[i];
        if (entry->kind == ENTRY_DEFER || entry->kind == ENTRY_ERRDEFER)
            return true;
        if (entry->kind == ENTRY_LOCAL &&
            type_class(b->program, jir_local(b->fn, entry->local)->type) & (CLASS_HAS_DROP | CLASS_GENERIC))
            return true;
    }
    return false;
}

void fail_with(Build *b, OperandId error, IntrinsicId number, PlaceId mark) {
    uint32_t token = b->token;
    if (b->nurseries.count) {
        nursery_fail(b, error, number, mark);
        return;
    }
    error = own_error(b, error);
    emit_variant(b, return_place(b), 1, &error, 1);
    if (number == INTRINSIC_trace_pass && leaving_runs_code(b)) {
        number = INTRINSIC_trace_resume;
        mark = trace_mark(b);
    }
    scope_leave(b, 0, true);
    if (!b->is_dead) {
        b->token = token;
        JirArg arg = arg_value(mark.v ? copy(b, mark) : (OperandId){0});
        intrinsic(b, number, NULL, 0, &arg, mark.v != 0, T_VOID(b), (PlaceId){0});
        jir_return(b->fn, b->block, token);
    }
    block_end(b);
}

static bool handler_raises(Build *b, NodeId handler) {
    for (uint32_t i = ast_first(b->ast, handler).v; i <= handler.v; i++)
        if (ast_kind(b->ast, (NodeId){i}) == NODE_FAIL)
            return true;
    return false;
}

// The handler whose error is raised again: one whose binder is used, or the innermost one where the error is no new
// one.
static PlaceId continued_trace(Build *b, NodeId error) {
    for (uint32_t i = ast_first(b->ast, error).v; i <= error.v; i++) {
        const Resolution *res = ast_kind(b->ast, (NodeId){i}) == NODE_NAME ? fact_resolution(b, (NodeId){i}) : NULL;
        for (uint32_t k = b->handlers.count; res && res->kind == REF_LOCAL && k > 0; k--)
            if (b->handlers.items[k - 1].node.v == res->node.v)
                return b->handlers.items[k - 1].trace;
    }
    const Resolution *res = fact_resolution(b, error);
    bool is_new = res && res->kind == REF_VARIANT;
    return is_new || !b->handlers.count ? (PlaceId){0} : vec_last(&b->handlers).trace;
}

void build_fail(Build *b, NodeId n) {
    NodeId child = ast_unary(b->ast, n).child;
    OperandId error = build_value(b, child);
    PlaceId mark = continued_trace(b, child);
    token_at(b, n);
    fail_with(b, error, mark.v ? INTRINSIC_trace_resume : INTRINSIC_trace_begin, mark);
}

// ---- ? -------------------------------------------------------------------------------------------------------------

NodeKind step_kind(Build *b, NodeId n) {
    NodeKind kind = ast_kind(b->ast, n);
    if (kind != NODE_OPT_FIELD && kind != NODE_OPT_BASE)
        return kind;
    NodeId base = kind == NODE_OPT_FIELD ? ast_unary(b->ast, n).child : n;
    bool is_tried = kind_of(b, fact_type(b, ast_unary(b->ast, base).child)) == TY_RESULT;
    return !is_tried ? kind : kind == NODE_OPT_FIELD ? NODE_FIELD : NODE_TRY;
}

bool try_result_is_ref(Build *b, NodeId n) {
    const Type *type = type_of(b, fact_type(b, ast_unary(b->ast, n).child));
    return type->kind == TY_RESULT && kind_of(b, type->args[1]) == TY_REF;
}

static PlaceId error_place(Build *b, PlaceId result) {
    return place_payload(b, result, 1, 0, type_of(b, jir_place_type(b->fn, result))->args[0]);
}

static PlaceId value_place(Build *b, PlaceId result) {
    return place_payload(b, result, 0, 0, type_of(b, jir_place_type(b->fn, result))->args[1]);
}

// Nothing comes after a call that can only fail.
static void end_where_never(Build *b, PlaceId result) {
    if (kind_of(b, type_of(b, jir_place_type(b->fn, result))->args[1]) != TY_NEVER)
        return;
    if (!b->is_dead)
        jir_unreachable(b->fn, b->block, b->token);
    block_end(b);
}

// Leaves the function where the result is an error; goes on where it holds a value.
static PlaceId try_result(Build *b, NodeId n) {
    PlaceId result = build_place(b, ast_unary(b->ast, n).child);
    token_at(b, n);
    BlockId ok = block_new(b), fail = block_new(b);
    emit_variant_test(b, result, 0, ok, fail);
    block_start(b, fail);
    fail_with(b, take(b, error_place(b, result)), INTRINSIC_trace_pass, (PlaceId){0});
    block_start(b, ok);
    end_where_never(b, result);
    return result;
}

PlaceId build_try_place(Build *b, NodeId n) {
    return value_place(b, try_result(b, n));
}

void build_try(Build *b, NodeId n, PlaceId dst) {
    PlaceId result = try_result(b, n);
    bool is_void = type_is_void(b, type_of(b, jir_place_type(b->fn, result))->args[1]);
    if (dst.v && !is_void)
        emit_set(b, dst, take(b, value_place(b, result)));
}

// ---- catch ---------------------------------------------------------------------------------------------------------

static void catch_handler(Build *b, NodeId n, AstCatchExpr parts, PlaceId result, PlaceId dst) {
    ScopeMark mark = scope_begin(b, parts.handler);
    Handler handler = {.node = n};
    if (handler_raises(b, parts.handler))
        handler.trace = trace_mark(b);
    vec_push(&b->handlers, handler);
    if (parts.binder.v) {
        PlaceId error = error_place(b, result);
        LocalId local =
            local_declare(b, n, ast_symbol(b->ast, parts.binder), jir_place_type(b->fn, error), LOCAL_OWNED, LOCAL_LET);
        emit_set(b, jir_place_local(b->fn, local), take(b, error));
        local_register(b, local);
        vec_last(&b->handlers).suppressed = suppressed_take(b, n, parts.handler, jir_local(b->fn, local)->type);
    }
    uint32_t statement = statement_begin(b);
    build_into(b, parts.handler, dst);
    statement_end(b, statement);
    scope_end(b, mark);
    b->handlers.count--;
}

// The value where nothing failed; of `f() catch null` it goes into an optional, of `f() catch g()` into a result again.
static void caught_value(Build *b, NodeId n, PlaceId result, PlaceId dst) {
    TypeId value = type_of(b, jir_place_type(b->fn, result))->args[1];
    TypeKind want = kind_of(b, fact_type(b, n));
    bool is_void = type_is_void(b, value),
         wraps = want != kind_of(b, value) && (want == TY_OPTIONAL || want == TY_RESULT);
    if (!wraps && is_void)
        return;
    OperandId item = is_void ? (OperandId){0} : take(b, value_place(b, result));
    if (wraps)
        emit_variant(b, dst, want == TY_OPTIONAL ? 1 : 0, &item, !is_void);
    else
        emit_set(b, dst, item);
}

bool catch_lends(Build *b, NodeId n) {
    AstCatchExpr parts = ast_catch_expr(b->ast, n);
    const Type *type = type_of(b, fact_type(b, parts.value));
    return type->kind == TY_RESULT && kind_of(b, type->args[1]) == TY_REF &&
           kind_of(b, fact_type(b, parts.handler)) == TY_NEVER;
}

PlaceId build_catch_place(Build *b, NodeId n) {
    AstCatchExpr parts = ast_catch_expr(b->ast, n);
    PlaceId result = build_place(b, parts.value);
    token_at(b, n);
    BlockId ok = block_new(b), fail = block_new(b);
    emit_variant_test(b, result, 0, ok, fail);
    block_start(b, fail);
    catch_handler(b, n, parts, result, (PlaceId){0});
    if (!b->is_dead)
        jir_unreachable(b->fn, b->block, b->token);
    block_end(b);
    block_start(b, ok);
    return value_place(b, result);
}

void build_catch(Build *b, NodeId n, PlaceId dst) {
    AstCatchExpr parts = ast_catch_expr(b->ast, n);
    PlaceId result = build_place(b, parts.value);
    token_at(b, n);
    BlockId ok = block_new(b), fail = block_new(b), join = block_new(b);
    emit_variant_test(b, result, 0, ok, fail);
    block_start(b, fail);
    if (ast_kind(b->ast, parts.value) == NODE_NURSERY)
        nursery_spoils(b, &b->spoilt);
    catch_handler(b, n, parts, result, dst);
    block_goto(b, join);
    block_start(b, ok);
    end_where_never(b, result);
    if (dst.v && !b->is_dead)
        caught_value(b, n, result, dst);
    block_goto(b, join);
    block_start(b, join);
}

// ---- comparison ----------------------------------------------------------------------------------------------------

typedef struct {
    PlaceId x, y, equal;
    BlockId join;
    DeclId only; // where one side is written as a variant: this one
} Comparison;

// What one variant carries, field by field; the first that differs decides.
static void compare_payload(Build *b, const Comparison *c, DeclId variant) {
    const Fields *payload = error_payload(b->program, variant);
    for (uint32_t i = 0; i < payload->count; i++) {
        PlaceId x = place_payload(b, c->x, variant.v, i, payload->types[i]);
        PlaceId y = place_payload(b, c->y, variant.v, i, payload->types[i]);
        emit_set(b, c->equal, build_equal(b, x, y, payload->types[i]));
        if (i + 1 == payload->count)
            break;
        BlockId next = block_new(b);
        emit_branch(b, copy(b, c->equal), next, c->join);
        block_start(b, next);
    }
    block_goto(b, c->join);
}

static void compare_payloads(Build *b, const Comparison *c, OperandId number) {
    uint32_t count, shared = 0;
    const DeclId *variants = error_variants(b->program, jir_place_type(b->fn, c->x), &count);
    TypeId other = jir_place_type(b->fn, c->y);
    uint64_t *values = ARENA_ARRAY(b->arena, uint64_t, count);
    BlockId *targets = ARENA_ARRAY(b->arena, BlockId, count + 1);
    for (uint32_t i = 0; i < count; i++)
        if (error_payload(b->program, variants[i])->count > 0 && (!c->only.v || c->only.v == variants[i].v) &&
            error_has_variant(b->program, other, variants[i]))
            values[shared++] = variants[i].v;
    if (shared == 0)
        return;
    BlockId same = block_new(b);
    emit_branch(b, copy(b, c->equal), same, c->join);
    for (uint32_t i = 0; i < shared; i++)
        targets[i] = block_new(b);
    targets[shared] = c->join;
    block_start(b, same);
    emit_switch(b, number, values, targets, shared);
    for (uint32_t i = 0; i < shared; i++) {
        block_start(b, targets[i]);
        compare_payload(b, c, (DeclId){(uint32_t)values[i]});
    }
}

static DeclId written_variant(Build *b, AstBinary parts) {
    const Resolution *left = fact_resolution(b, parts.left), *right = fact_resolution(b, parts.right);
    if (left && left->kind == REF_VARIANT)
        return left->decl;
    return right && right->kind == REF_VARIANT ? right->decl : (DeclId){0};
}

void build_compare_errors(Build *b, NodeId n, bool differ, PlaceId dst) {
    AstBinary parts = ast_binary(b->ast, n);
    Comparison c = {.only = written_variant(b, parts), .x = lent_arg(b, parts.left, has_effect(b, parts.right)).place};
    c.y = lent_arg(b, parts.right, false).place;
    c.equal = temp_new(b, T_BOOL(b));
    c.join = block_new(b);
    token_at(b, n);
    OperandId x = emit_tag(b, c.x);
    emit_set(b, c.equal, emit_binary(b, BIN_EQ, T_BOOL(b), x, emit_tag(b, c.y)));
    compare_payloads(b, &c, x);
    block_goto(b, c.join);
    block_start(b, c.join);
    if (!differ) {
        emit_set(b, dst, copy(b, c.equal));
        return;
    }
    JirStmt *stmt = emit(b, OP_UNARY);
    stmt->sub = UNARY_NOT;
    stmt->dst = dst;
    stmt->a = copy(b, c.equal);
}
