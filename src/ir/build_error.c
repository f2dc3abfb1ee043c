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
    } else if (type_is_void(b, type)) {
        build_effect(b, n);
        if (!b->is_dead)
            emit_variant(b, dst, 0, NULL, 0);
    } else {
        OperandId value = build_owned_value(b, n);
        if (!b->is_dead)
            emit_variant(b, dst, 0, &value, 1);
    }
}

void build_return_stmt(Build *b, NodeId n) {
    NodeId child = ast_unary(b->ast, n).child;
    if (child.v) {
        uint32_t mark = statement_begin(b);
        build_result(b, child);
        statement_end(b, mark);
    } else if (kind_of(b, b->result) == TY_RESULT) {
        emit_variant(b, return_place(b), 0, NULL, 0);
    }
    token_at(b, n);
    build_return(b, false);
}

// The error leaves the function.
static void fail_with(Build *b, OperandId error) {
    emit_variant(b, return_place(b), 1, &error, 1);
    build_return(b, true);
}

void build_fail(Build *b, NodeId n) {
    OperandId error = build_value(b, ast_unary(b->ast, n).child);
    token_at(b, n);
    fail_with(b, error);
}

// ---- ? -------------------------------------------------------------------------------------------------------------

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

// Leaves the function where the result is an error; goes on where it holds a value.
static PlaceId try_result(Build *b, NodeId n) {
    PlaceId result = build_place(b, ast_unary(b->ast, n).child);
    token_at(b, n);
    BlockId ok = block_new(b), fail = block_new(b);
    emit_variant_test(b, result, 0, ok, fail);
    block_start(b, fail);
    fail_with(b, copy(b, error_place(b, result)));
    block_start(b, ok);
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
    if (parts.binder.v) {
        PlaceId error = error_place(b, result);
        LocalId local =
            local_declare(b, n, ast_symbol(b->ast, parts.binder), jir_place_type(b->fn, error), LOCAL_OWNED, LOCAL_LET);
        emit_set(b, jir_place_local(b->fn, local), copy(b, error));
        local_register(b, local);
    }
    uint32_t statement = statement_begin(b);
    build_into(b, parts.handler, dst);
    statement_end(b, statement);
    scope_end(b, mark);
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

void build_catch(Build *b, NodeId n, PlaceId dst) {
    AstCatchExpr parts = ast_catch_expr(b->ast, n);
    PlaceId result = build_place(b, parts.value);
    token_at(b, n);
    BlockId ok = block_new(b), fail = block_new(b), join = block_new(b);
    emit_variant_test(b, result, 0, ok, fail);
    block_start(b, fail);
    catch_handler(b, n, parts, result, dst);
    block_goto(b, join);
    block_start(b, ok);
    if (dst.v)
        caught_value(b, n, result, dst);
    block_goto(b, join);
    block_start(b, join);
}
