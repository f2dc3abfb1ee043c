// Coercions: what a value goes through on its way to the type that is wanted of it.
#include "ir/build_internal.h"

// The value of n where `want` is the type inside an optional.
static OperandId inner_value(Build *b, NodeId n, TypeId type, TypeId want) {
    if (type.v == want.v || type_is_void(b, type))
        return raw_value(b, n);
    PlaceId temp = temp_new(b, want);
    coerce_into(b, n, want, temp);
    return temp_value(b, temp);
}

void build_optional_end(Build *b, PlaceId dst, OperandId item, BlockId none, BlockId join) {
    if (jir_operand_type(b->fn, item).v == jir_place_type(b->fn, dst).v)
        emit_set(b, dst, item);
    else
        emit_variant(b, dst, 1, &item, 1);
    block_goto(b, join);
    block_start(b, none);
    emit_variant(b, dst, 0, NULL, 0);
    block_goto(b, join);
    block_start(b, join);
}

// ?T whose address is wanted, or an address inside an optional whose value is.
static void optional_again(Build *b, NodeId n, TypeId inner, PlaceId dst) {
    PlaceId base = raw_place(b, n);
    BlockId some = block_new(b), none = block_new(b), join = block_new(b);
    emit_variant_test(b, base, 1, some, none);
    block_start(b, some);
    PlaceId value = place_payload(b, base, 1, 0, payload_type(b, jir_place_type(b->fn, base), 1, 0));
    OperandId item;
    if (kind_of(b, inner) == TY_REF) {
        PlaceId address = temp_new(b, inner);
        emit_ref(b, address, value, type_of(b, inner)->is_mut);
        item = copy(b, address);
    } else {
        item = take(b, value);
    }
    build_optional_end(b, dst, item, none, join);
}

// T, null, and ?T where one side holds an address.
static void into_optional(Build *b, NodeId n, TypeId type, TypeId want, PlaceId dst) {
    TypeId inner = type_of(b, want)->args[0];
    const Type *t = type_of(b, type);
    if (ast_kind(b->ast, n) == NODE_NULL || t->kind == TY_NULL) {
        emit_variant(b, dst, 0, NULL, 0);
        return;
    }
    bool holds =
        t->kind == TY_OPTIONAL && kind_of(b, t->args[0]) == TY_REF && type_of(b, t->args[0])->args[0].v == inner.v;
    bool lends = t->kind == TY_OPTIONAL && kind_of(b, inner) == TY_REF && type_of(b, inner)->args[0].v == t->args[0].v;
    if (holds || lends) {
        optional_again(b, n, inner, dst);
        return;
    }
    OperandId item = inner_value(b, n, type, inner);
    if (is_given_changeable(b, dst))
        give_changeable(b, b->fn->operands.items[item.v].place);
    emit_variant(b, dst, 1, &item, 1);
}

// An error, or a result with one, goes into a set with more: its layout may be another.
static bool widens_error(Build *b, TypeId type, TypeId want) {
    TypeKind from = kind_of(b, type), to = kind_of(b, want);
    return type.v != want.v &&
           ((type_kind_is_error(from) && type_kind_is_error(to)) || (from == TY_RESULT && to == TY_RESULT));
}

static bool is_dyn_box(Build *b, TypeId type) {
    TypeId item = box_item(b, type);
    return item.v && kind_of(b, item) == TY_DYN;
}

// A place lent as a dyn: a temporary holds the two words, unless it is just that dyn.
static PlaceId place_as_dyn(Build *b, NodeId n, TypeId want, bool is_mut) {
    PlaceId place = place_unbox(b, raw_place(b, n), want);
    if (jir_place_type(b->fn, place).v == want.v)
        return place;
    PlaceId words = temp_new(b, type_ref(b->types, want, is_mut));
    emit_ref(b, words, place, is_mut);
    return place_deref(b, words, want);
}

static TypeId unboxed(Build *b, TypeId type) {
    for (TypeId item; (item = box_item(b, type)).v;)
        type = item;
    return type;
}

// The list or array itself, where it lies in Boxes, too.
static PlaceId items_of(Build *b, NodeId n) {
    return place_unbox(b, raw_place(b, n), unboxed(b, fact_type(b, n)));
}

// A list or an array that is lent as a Slice.
static bool is_viewed(Build *b, NodeId n, TypeId want) {
    return type_is_lang(b->program, want, LANG_SLICE) &&
           !type_is_lang(b->program, unboxed(b, fact_type(b, n)), LANG_SLICE);
}

bool is_given_changeable(Build *b, PlaceId dst) {
    return b->gives_changeable && dst.v && place_is_return(b, dst);
}

void give_changeable(Build *b, PlaceId view) {
    TypeId type = jir_place_type(b->fn, view);
    if (b->gives_changeable && !b->is_dead && type_is_lang(b->program, type, LANG_SLICE))
        emit_ref(b, temp_ref(b, type, true), view, true); // what the ownership check and the interpreter look at
}

void coerce_into(Build *b, NodeId n, TypeId want, PlaceId dst) {
    TypeId type = fact_type(b, n);
    TypeKind from = kind_of(b, type), to = kind_of(b, want);
    if (!dst.v || from == TY_NEVER || from == TY_VOID) {
        raw_into(b, n, (PlaceId){0});
    } else if (to == TY_OPTIONAL) {
        into_optional(b, n, type, want, dst);
    } else if (to == TY_REF) {
        emit_ref(b, dst, place_unbox(b, raw_place(b, n), type_of(b, want)->args[0]), type_of(b, want)->is_mut);
    } else if (is_dyn_box(b, want) && type.v != want.v) {
        OperandId value = raw_value(b, n);
        consume(b, value);
        JirStmt *stmt = emit(b, OP_CAST);
        stmt->dst = dst;
        stmt->a = value;
    } else if (to == TY_FUNC && from == TY_CLOSURE) {
        func_kept_into(b, n, dst);
    } else if (widens_error(b, type, want)) {
        emit_set(b, dst, raw_value(b, n));
    } else if (is_viewed(b, n, want)) {
        PlaceId slice = slice_whole(b, items_of(b, n), is_given_changeable(b, dst));
        emit_set(b, dst, copy(b, slice));
    } else if (box_item(b, type).v && !box_item(b, want).v) {
        emit_set(b, dst, take(b, coerce_place(b, n, want)));
    } else {
        raw_into(b, n, dst);
    }
}

// An optional that is asked for through what it lies in.
static bool lies_boxed_in(Build *b, TypeId type, TypeId want) {
    TypeId item = box_item(b, type);
    while (item.v && item.v != want.v)
        item = box_item(b, item);
    return item.v != 0;
}

PlaceId coerce_place(Build *b, NodeId n, TypeId want) {
    TypeId type = fact_type(b, n);
    if (kind_of(b, want) == TY_OPTIONAL && lies_boxed_in(b, type, want))
        return place_unbox(b, raw_place(b, n), want);
    if (kind_of(b, want) == TY_DYN)
        return place_as_dyn(b, n, want, false);
    TypeId inner = unboxed(b, type);
    if (type_is_lang(b->program, want, LANG_LIST) && kind_of(b, inner) == TY_ARRAY)
        return slice_whole(b, items_of(b, n), false);
    bool is_boxed = box_item(b, type).v && !is_viewed(b, n, want);
    if (is_boxed && !is_dyn_box(b, want) && kind_of(b, want) != TY_OPTIONAL && kind_of(b, want) != TY_REF)
        return place_unbox(b, raw_place(b, n), want);
    if (type_is_lang(b->program, want, LANG_LIST) && list_item(b, type).v)
        return raw_place(b, n);
    if (type.v == want.v || (kind_of(b, want) == TY_RESULT && kind_of(b, type) != TY_RESULT))
        return raw_place(b, n);
    if (kind_of(b, want) == TY_FUNC && (kind_of(b, type) == TY_CLOSURE || kind_of(b, type) == TY_FUNC))
        return build_func_view(b, n, want);
    PlaceId temp = temp_new(b, want);
    coerce_into(b, n, want, temp);
    temp_register(b, temp);
    return temp;
}

bool makes_view(Build *b, NodeId n) {
    TypeId want = fact_wanted(b, n);
    return want.v && (kind_of(b, want) == TY_DYN || is_viewed(b, n, want));
}

PlaceId build_mut_place(Build *b, NodeId n) {
    TypeId want = fact_wanted(b, n);
    if (want.v && kind_of(b, want) == TY_DYN)
        return place_as_dyn(b, n, want, true);
    return want.v && is_viewed(b, n, want) ? slice_whole(b, items_of(b, n), true) : build_place(b, n);
}
