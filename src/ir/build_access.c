// Access to elements: indices, lengths, slices.
#include "ir/build_internal.h"

LocalId index_const(Build *b, uint64_t value) {
    PlaceId temp = temp_new(b, T_I64(b));
    emit_set(b, temp, const_int(b, T_I64(b), value));
    return (LocalId){jir_place(b->fn, temp)->root};
}

OperandId place_len(Build *b, PlaceId place) {
    const Type *type = type_of(b, jir_place_type(b->fn, place));
    if (type->kind == TY_ARRAY && !type_array_is_open(type))
        return const_int(b, T_I64(b), type->count);
    if (type->kind == TY_ARRAY)
        return copy(b, intrinsic(b, INTRINSIC_param_value, &type->args[1], 1, NULL, 0, T_I64(b), (PlaceId){0}));
    PlaceId temp = temp_new(b, T_I64(b));
    JirStmt *stmt = emit(b, OP_LEN);
    stmt->dst = temp;
    stmt->place = place;
    return copy(b, temp);
}

PlaceId place_index(Build *b, PlaceId base, LocalId index, bool is_checked) {
    if (!is_checked) {
        OperandId len = place_len(b, base);
        OperandId at = copy(b, jir_place_local(b->fn, index));
        JirStmt *stmt = emit(b, OP_CHECK_INDEX);
        stmt->a = at;
        stmt->b = len;
    }
    TypeId item = list_item(b, jir_place_type(b->fn, base));
    return place_strip(b, jir_place_project(b->fn, base, (Projection){PROJ_INDEX, index.v, item}));
}

// A variable that keeps its value serves as the index itself; everything else is evaluated into a local, once.
static LocalId index_local(Build *b, OperandId value) {
    const JirOperand *o = &b->fn->operands.items[value.v];
    if (o->kind != OPERAND_CONST) {
        const JirPlace *p = jir_place(b->fn, o->place);
        const JirLocal *local = p->is_global ? NULL : jir_local(b->fn, (LocalId){p->root});
        bool keeps = local && !p->count && local->mode == LOCAL_OWNED;
        if (keeps && (local->kind == LOCAL_LET || local->kind == LOCAL_TEMP))
            return (LocalId){p->root};
    }
    PlaceId temp = temp_new(b, T_I64(b));
    emit_set(b, temp, value);
    return (LocalId){jir_place(b->fn, temp)->root};
}

// An element at a constant index is a place apart from those at others.
static PlaceId place_const_index(Build *b, PlaceId base, OperandId index) {
    TypeId type = jir_place_type(b->fn, base), item = list_item(b, type);
    if (kind_of(b, type) != TY_ARRAY) {
        OperandId len = place_len(b, base);
        JirStmt *stmt = emit(b, OP_CHECK_INDEX);
        stmt->a = index;
        stmt->b = len;
    }
    uint32_t number = (uint32_t)b->fn->operands.items[index.v].low;
    return place_strip(b, jir_place_project(b->fn, base, (Projection){PROJ_CONST_INDEX, number, item}));
}

PlaceId build_index(Build *b, NodeId n) {
    AstCall parts = ast_call(b->ast, n);
    PlaceId base = build_place(b, parts.callee);
    while (box_item(b, jir_place_type(b->fn, base)).v)
        base = place_strip(b, place_deref(b, base, box_item(b, jir_place_type(b->fn, base))));
    const Ready *ready = place_ready(b, AST_ITEM(parts.args, 0));
    if (ready) {
        LocalId index = ready->index;
        token_at(b, n);
        return place_index(b, base, index, false);
    }
    OperandId value = build_value(b, AST_ITEM(parts.args, 0));
    token_at(b, n);
    const Type *type = type_of(b, jir_place_type(b->fn, base));
    const JirOperand *o = &b->fn->operands.items[value.v];
    bool is_known = o->kind == OPERAND_CONST && (type->kind == TY_ARRAY ? o->low < type->count : o->low <= UINT32_MAX);
    if (is_known)
        return place_const_index(b, base, value);
    return place_index(b, base, index_local(b, value), false);
}

// ---- places ahead of their use -------------------------------------------------------------------------------------

const Ready *place_ready(Build *b, NodeId n) {
    for (uint32_t i = b->ready.count; i > 0; i--)
        if (b->ready.items[i - 1].node.v == n.v)
            return &b->ready.items[i - 1];
    return NULL;
}

bool place_has_index(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    for (uint32_t i = 0; i < p->count; i++)
        if (b->fn->projections.items[p->first + i].kind == PROJ_INDEX)
            return true;
    return false;
}

static void prepare(Build *b, NodeId n) {
    const Resolution *res = fact_resolution(b, n);
    NodeKind kind = step_kind(b, n);
    if (kind == NODE_NAME && node_is_place(b, n))
        return;
    if (kind == NODE_FIELD && res && (res->kind == REF_FIELD || res->kind == REF_TUPLE_FIELD)) {
        prepare(b, ast_unary(b->ast, n).child);
    } else if (kind == NODE_INDEX && res && res->kind == REF_BUILTIN && res->index == BUILTIN_INDEX) {
        AstCall parts = ast_call(b->ast, n);
        prepare(b, parts.callee);
        LocalId index = index_local(b, build_value(b, AST_ITEM(parts.args, 0)));
        vec_push(&b->ready, (Ready){.node = AST_ITEM(parts.args, 0), .index = index});
    } else {
        PlaceId place = raw_place(b, n);
        vec_push(&b->ready, (Ready){.node = n, .place = place});
    }
}

uint32_t place_prepare(Build *b, NodeId n) {
    uint32_t mark = b->ready.count;
    prepare(b, n);
    return mark;
}

void place_forget(Build *b, uint32_t mark) {
    b->ready.count = mark;
}

// ---- slices --------------------------------------------------------------------------------------------------------

static void slice_of(Build *b, PlaceId place, bool is_mut, OperandId from, OperandId to, PlaceId dst) {
    JirArg args[] = {is_mut ? arg_mut(b, place) : arg_ref(place), arg_value(from), arg_value(to)};
    TypeId item = list_item(b, jir_place_type(b->fn, place));
    intrinsic(b, INTRINSIC_slice_of, &item, 1, args, 3, jir_place_type(b->fn, dst), dst);
}

PlaceId slice_whole(Build *b, PlaceId place, bool is_mut) {
    TypeId item = list_item(b, jir_place_type(b->fn, place));
    PlaceId dst = temp_new(b, type_lang(b->program, LANG_SLICE, &item, 1));
    OperandId len = place_len(b, place);
    slice_of(b, place, is_mut, const_int(b, T_I64(b), 0), len, dst);
    return dst;
}

// The bounds of xs[a..b]: either may be left out; a closed range ends one later.
static OperandId slice_end(Build *b, NodeId range, NodeId end, PlaceId base) {
    if (!end.v)
        return place_len(b, base);
    OperandId value = build_value(b, end);
    if (ast_token_kind(b->ast, ast_token(b->ast, range)) != TOK_RANGE_EQ)
        return value;
    return emit_binary(b, BIN_ADD, T_I64(b), value, const_int(b, T_I64(b), 1));
}

// The bounds where the range is a value of its own.
static void range_bounds(Build *b, NodeId range, OperandId *from, OperandId *to) {
    PlaceId place = build_place(b, range);
    *from = copy(b, place_field(b, place, 0, T_I64(b)));
    *to = copy(b, place_field(b, place, 1, T_I64(b)));
    if (type_is_lang(b->program, jir_place_type(b->fn, place), LANG_RANGE_CLOSED))
        *to = emit_binary(b, BIN_ADD, T_I64(b), *to, const_int(b, T_I64(b), 1));
}

void build_slice(Build *b, NodeId n, PlaceId dst) {
    AstCall parts = ast_call(b->ast, n);
    NodeId range = AST_ITEM(parts.args, 0);
    PlaceId base = build_place(b, parts.callee);
    OperandId from, to;
    if (ast_kind(b->ast, range) == NODE_RANGE) {
        AstBinary ends = ast_binary(b->ast, range);
        from = ends.left.v ? build_stable_value(b, ends.left, ends.right.v && has_effect(b, ends.right))
                           : const_int(b, T_I64(b), 0);
        to = slice_end(b, range, ends.right, base);
    } else {
        range_bounds(b, range, &from, &to);
    }
    token_at(b, n);
    if (list_item(b, jir_place_type(b->fn, base)).v) {
        slice_of(b, base, is_given_changeable(b, dst), from, to, dst);
        return;
    }
    JirArg args[] = {arg_ref(base), arg_temp(b, from), arg_temp(b, to)};
    call_lang(b, LANG_STRING_SLICE, NULL, 0, args, 3, dst);
}
