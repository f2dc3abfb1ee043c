// Expressions: which way each node is built, literals, names and coercions at the door.
#include "ir/build_internal.h"

// ---- literals ------------------------------------------------------------------------------------------------------

OperandId const_number(Build *b, NodeId n, TypeId type, bool is_negative) {
    TokenId token = ast_token(b->ast, n);
    JirOperand constant = {.type = type};
    if (ast_kind(b->ast, n) == NODE_FLOAT || type_kind_is_float(kind_of(b, type))) {
        double value = ast_kind(b->ast, n) == NODE_FLOAT ? ast_float_value(b->ast, token)
                                                         : (double)ast_int_value(b->ast, token).low;
        value = is_negative ? -value : value;
        constant.const_kind = CONST_FLOAT;
        memcpy(&constant.low, &value, sizeof value);
        return jir_operand_const(b->fn, constant);
    }
    AstIntValue value = ast_int_value(b->ast, token);
    constant.const_kind = CONST_INT;
    constant.low = is_negative ? 0 - value.low : value.low;
    constant.high = is_negative ? ~value.high + (value.low == 0) : value.high;
    return jir_operand_const(b->fn, constant);
}

OperandId const_bytes(Build *b, NodeId n) {
    Text text = ast_string_value(b->ast, ast_token(b->ast, n), b->arena);
    TypeId type = type_array(b->types, type_builtin(b->types, TY_U8), text.size);
    return jir_operand_const(b->fn, (JirOperand){.const_kind = CONST_BYTES, .type = type, .text = text});
}

static OperandId const_function(Build *b, NodeId n, const Resolution *res) {
    JirCallee *callee =
        jir_callee(b->jir, res->decl, res->kind == REF_TRAIT_METHOD, res->type_args, res->type_arg_count);
    return jir_operand_const(b->fn, (JirOperand){.const_kind = CONST_FUNC, .type = fact_type(b, n), .callee = callee});
}

static OperandId const_limit(Build *b, TypeId type, bool is_max) {
    TypeKind kind = kind_of(b, type);
    uint32_t bits = type_kind_bits(kind);
    bool is_signed = type_kind_is_signed(kind);
    uint64_t low = bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1, high = bits > 64 ? UINT64_MAX : 0;
    if (is_signed && bits > 64)
        high >>= 1;
    else if (is_signed)
        low >>= 1;
    if (!is_max) {
        low = is_signed ? ~low : 0;
        high = is_signed ? ~high : 0;
    }
    return jir_operand_const(b->fn, (JirOperand){.const_kind = CONST_INT, .type = type, .low = low, .high = high});
}

// Of a name or path that stands for a value known without evaluation.
static OperandId name_const(Build *b, NodeId n) {
    const Resolution *res = fact_resolution(b, n);
    if (!res)
        return (OperandId){0};
    if (res->kind == REF_FUNC || res->kind == REF_TRAIT_METHOD)
        return const_function(b, n, res);
    bool is_limit = res->kind == REF_BUILTIN && (res->index == BUILTIN_TYPE_MAX || res->index == BUILTIN_TYPE_MIN);
    if (is_limit && type_kind_is_integer(kind_of(b, fact_type(b, n))))
        return const_limit(b, fact_type(b, n), res->index == BUILTIN_TYPE_MAX);
    return (OperandId){0};
}

OperandId node_const(Build *b, NodeId n) {
    TokenId token = ast_token(b->ast, n);
    switch (ast_kind(b->ast, n)) {
    case NODE_INT:
    case NODE_FLOAT: return fact_resolution(b, n) ? (OperandId){0} : const_number(b, n, fact_type(b, n), false);
    case NODE_NEG: {
        NodeId child = ast_unary(b->ast, n).child;
        NodeKind kind = ast_kind(b->ast, child);
        bool is_number = (kind == NODE_INT || kind == NODE_FLOAT) && !fact_resolution(b, n);
        return is_number ? const_number(b, child, fact_type(b, n), true) : (OperandId){0};
    }
    case NODE_CHAR: return const_int(b, fact_type(b, n), ast_char_value(b->ast, token));
    case NODE_TRUE:
    case NODE_FALSE: return const_bool(b, ast_kind(b->ast, n) == NODE_TRUE);
    case NODE_STRING: return const_text(b, ast_string_value(b->ast, token, b->arena));
    case NODE_BYTES: return kind_of(b, fact_type(b, n)) == TY_ARRAY ? const_bytes(b, n) : (OperandId){0};
    case NODE_NAME:
    case NODE_FIELD: return name_const(b, n);
    case NODE_INDEX: { // f[T]: a function as a value
        const Resolution *res = fact_resolution(b, n);
        return res && res->kind == REF_FUNC && !res->is_method ? name_const(b, n) : (OperandId){0};
    }
    default: return (OperandId){0};
    }
}

// ---- places --------------------------------------------------------------------------------------------------------

bool node_is_place(Build *b, NodeId n) {
    const Resolution *res = fact_resolution(b, n);
    switch (step_kind(b, n)) {
    case NODE_NAME: return res && (res->kind == REF_LOCAL || res->kind == REF_CONST);
    case NODE_FIELD: return res && (res->kind == REF_FIELD || res->kind == REF_TUPLE_FIELD || res->kind == REF_CONST);
    case NODE_INDEX: return res && (res->kind == REF_BUILTIN ? res->index == BUILTIN_INDEX : call_result(b, n).v != 0);
    case NODE_CALL:
    case NODE_PIPELINE: return call_result(b, n).v != 0;
    case NODE_TRY: return try_result_is_ref(b, n);
    case NODE_CATCH: return catch_lends(b, n);
    case NODE_OPT_BASE: return node_is_place(b, ast_unary(b->ast, n).child);
    default: return false;
    }
}

static PlaceId name_place(Build *b, NodeId n, const Resolution *res) {
    PlaceId place = res->kind == REF_CONST ? jir_place_global(b->fn, res->decl, fact_type(b, n))
                                           : jir_place_local(b->fn, local_of(b, res->node));
    if (!b->keep_token)
        b->fn->places.items[place.v].token = ast_token(b->ast, n).v;
    return place_strip(b, place);
}

static PlaceId field_place(Build *b, NodeId n, const Resolution *res) {
    NodeId child = ast_unary(b->ast, n).child;
    PlaceId base = build_place(b, child);
    TypeId owner = jir_place_type(b->fn, base);
    // Boxes that were not looked through by a coercion of the base.
    while (box_item(b, owner).v && (res->kind == REF_TUPLE_FIELD ||
                                    program_decl(b->program, res->decl)->parent.v != type_of(b, owner)->decl.v)) {
        base = place_strip(b, place_deref(b, base, box_item(b, owner)));
        owner = jir_place_type(b->fn, base);
    }
    TypeId type = res->kind == REF_TUPLE_FIELD ? type_of(b, owner)->args[res->index]
                                               : shape_field_type(b->program, owner, 0, res->index);
    return place_field(b, base, res->index, type);
}

PlaceId raw_place(Build *b, NodeId n) {
    token_at(b, n);
    const Ready *ready = b->ready.count ? place_ready(b, n) : NULL;
    if (ready && ready->place.v)
        return ready->place;
    const Resolution *res = fact_resolution(b, n);
    if (node_is_place(b, n)) {
        switch (step_kind(b, n)) {
        case NODE_NAME: return name_place(b, n, res);
        case NODE_FIELD: return res->kind == REF_CONST ? name_place(b, n, res) : field_place(b, n, res);
        case NODE_INDEX: return res->kind == REF_BUILTIN ? build_index(b, n) : build_call_place(b, n);
        case NODE_TRY: return build_try_place(b, n);
        case NODE_CATCH: return build_catch_place(b, n);
        case NODE_OPT_BASE: return raw_place(b, ast_unary(b->ast, n).child);
        default: return build_call_place(b, n);
        }
    }
    PlaceId temp = temp_new(b, fact_type(b, n));
    raw_into(b, n, temp);
    temp_register(b, temp);
    return temp;
}

PlaceId build_place(Build *b, NodeId n) {
    TypeId want = fact_wanted(b, n);
    if (want.v && want.v != fact_type(b, n).v)
        return coerce_place(b, n, want);
    return raw_place(b, n);
}

OperandId raw_value(Build *b, NodeId n) {
    OperandId constant = node_const(b, n);
    if (constant.v)
        return constant;
    if (type_is_void(b, fact_type(b, n))) {
        raw_into(b, n, (PlaceId){0});
        return const_void(b);
    }
    if (node_is_place(b, n))
        return take(b, raw_place(b, n));
    PlaceId temp = temp_new(b, fact_type(b, n));
    raw_into(b, n, temp);
    return temp_value(b, temp);
}

// ---- values --------------------------------------------------------------------------------------------------------

OperandId build_value(Build *b, NodeId n) {
    TypeId want = fact_wanted(b, n), type = fact_type(b, n);
    if (!want.v || want.v == type.v)
        return raw_value(b, n);
    if (type_is_void(b, type) || type_is_void(b, want)) {
        raw_into(b, n, (PlaceId){0});
        return type_is_void(b, want) ? const_void(b) : take(b, temp_new(b, want));
    }
    if (box_item(b, type).v && node_is_place(b, n) && kind_of(b, want) != TY_OPTIONAL)
        return take(b, coerce_place(b, n, want));
    PlaceId temp = temp_new(b, want);
    coerce_into(b, n, want, temp);
    return temp_value(b, temp);
}

OperandId build_stable_value(Build *b, NodeId n, bool later_effects) {
    OperandId value = build_value(b, n);
    const JirOperand *o = &b->fn->operands.items[value.v];
    if (!later_effects || o->kind == OPERAND_CONST || place_is_stable(b, o->place))
        return value;
    return type_class(b->program, jir_operand_type(b->fn, value)) & CLASS_CHEAP ? spill(b, value) : value;
}

void build_into(Build *b, NodeId n, PlaceId dst) {
    TypeId want = fact_wanted(b, n);
    if (want.v && want.v != fact_type(b, n).v)
        coerce_into(b, n, want, dst);
    else
        raw_into(b, n, dst);
}

void build_owned_into(Build *b, NodeId n, PlaceId dst) {
    if (ast_kind(b->ast, n) == NODE_CLOSURE && !fact_wanted(b, n).v)
        build_closure(b, n, dst, CAPTURE_CHEAP);
    else
        build_into(b, n, dst);
}

OperandId build_owned_value(Build *b, NodeId n) {
    if (ast_kind(b->ast, n) != NODE_CLOSURE || fact_wanted(b, n).v)
        return build_value(b, n);
    PlaceId temp = temp_new(b, fact_type(b, n));
    build_closure(b, n, temp, CAPTURE_CHEAP);
    return temp_value(b, temp);
}

// Names that are values without being places: variants without payload, lengths of arrays.
static void name_into(Build *b, NodeId n, PlaceId dst) {
    const Resolution *res = fact_resolution(b, n);
    invariant(res, "%s without a resolution", node_kind_name(ast_kind(b->ast, n)));
    if (res->kind == REF_VARIANT) {
        emit_variant(b, dst, variant_number(b, res->decl), NULL, 0);
        return;
    }
    if (res->kind == REF_PARAM_VALUE) {
        intrinsic(b, INTRINSIC_param_value, &res->type, 1, NULL, 0, fact_type(b, n), dst);
        return;
    }
    invariant(res->kind == REF_BUILTIN, "a name that is no value: %d", res->kind);
    if (res->index == BUILTIN_LEN) {
        PlaceId base = build_place(b, ast_unary(b->ast, n).child);
        emit_set(b, dst, place_len(b, base));
        return;
    }
    TypeId type = fact_type(b, n);
    intrinsic(b, res->index == BUILTIN_TYPE_MAX ? INTRINSIC_type_max : INTRINSIC_type_min, &type, 1, NULL, 0, type,
              dst);
}

static void duration_into(Build *b, NodeId n, PlaceId dst) {
    bool overflow;
    OperandId item = const_int(b, T_I64(b), (uint64_t)ast_duration_ns(b->ast, ast_token(b->ast, n), &overflow));
    emit_make(b, dst, &item, 1);
}

// The constructs that may stand without their value being wanted (dst 0).
static bool control_into(Build *b, NodeId n, PlaceId dst) {
    switch (step_kind(b, n)) {
    case NODE_BLOCK: build_block(b, n, dst); return true;
    case NODE_USING: build_using(b, n); return true;
    case NODE_NURSERY: build_nursery(b, n, dst); return true;
    case NODE_SELECT: build_select(b, n); return true;
    case NODE_SHIELD: build_shield(b, n); return true;
    case NODE_IF: build_if(b, n, dst); return true;
    case NODE_MATCH: build_match(b, n, dst); return true;
    case NODE_LOOP: build_loop(b, n, dst); return true;
    case NODE_WHILE: build_while(b, n, dst); return true;
    case NODE_FOR: build_for(b, n, dst); return true;
    case NODE_CATCH: build_catch(b, n, dst); return true;
    case NODE_TRY: build_try(b, n, dst); return true;
    case NODE_OPT_BASE: raw_into(b, ast_unary(b->ast, n).child, dst); return true;
    case NODE_CALL:
    case NODE_PIPELINE: build_call(b, n, dst); return true;
    case NODE_BREAK:
    case NODE_CONTINUE: build_jump(b, n); return true;
    case NODE_RETURN: build_return_stmt(b, n); return true;
    case NODE_FAIL: build_fail(b, n); return true;
    case NODE_NULL: // alone it is of no type that can be held
        if (dst.v)
            emit_variant(b, dst, 0, NULL, 0);
        return true;
    default: return false;
    }
}

static void value_into(Build *b, NodeId n, PlaceId dst) {
    switch (ast_kind(b->ast, n)) {
    case NODE_NAME:
    case NODE_FIELD: name_into(b, n, dst); break;
    case NODE_DURATION: duration_into(b, n, dst); break;
    case NODE_INT: build_number(b, n, dst); break;
    case NODE_INTERP: build_interp(b, n, dst); break;
    case NODE_OPT_FIELD: build_opt_field(b, n, dst); break;
    case NODE_INDEX: build_slice(b, n, dst); break;
    case NODE_NEG:
    case NODE_NOT:
    case NODE_BIT_NOT: build_unary(b, n, dst); break;
    case NODE_BINARY: build_binary(b, n, dst); break;
    case NODE_COMPARE: build_compare(b, n, dst); break;
    case NODE_AND:
    case NODE_OR: build_logic(b, n, dst); break;
    case NODE_COALESCE: build_coalesce(b, n, dst); break;
    case NODE_RANGE: build_range(b, n, dst); break;
    case NODE_CAST: build_cast(b, n, dst); break;
    case NODE_LIST: build_list(b, n, dst); break;
    case NODE_BYTES: build_bytes(b, n, dst); break;
    case NODE_REPEAT: build_repeat(b, n, dst); break;
    case NODE_MAP: build_map(b, n, dst); break;
    case NODE_TUPLE: build_tuple(b, n, dst); break;
    case NODE_STRUCT_LIT: build_struct_lit(b, n, dst); break;
    case NODE_CLOSURE: build_closure(b, n, dst, CAPTURE_LENT); break;
    default: internal_error("expression cannot be built: %s", node_kind_name(ast_kind(b->ast, n)));
    }
}

void raw_into(Build *b, NodeId n, PlaceId dst) {
    token_at(b, n);
    OperandId constant = node_const(b, n);
    if (constant.v) {
        emit_set(b, dst, constant);
    } else if (node_is_place(b, n)) {
        PlaceId place = raw_place(b, n);
        if (dst.v)
            emit_set(b, dst, take(b, place));
    } else if (!control_into(b, n, dst)) {
        if (!dst.v) {
            dst = temp_new(b, fact_type(b, n));
            value_into(b, n, dst);
            temp_register(b, dst);
        } else {
            value_into(b, n, dst);
        }
    }
}

void build_effect(Build *b, NodeId n) {
    switch (ast_kind(b->ast, n)) {
    case NODE_LET:
    case NODE_VAR:
    case NODE_MUT_BIND:
    case NODE_ASSIGN:
    case NODE_DEFER:
    case NODE_ERRDEFER:
    case NODE_WHEN: build_statement(b, n); return;
    default: raw_into(b, n, (PlaceId){0});
    }
}

// ---- conditions ----------------------------------------------------------------------------------------------------

// A condition that is no further taken apart: its temporaries end before the branch.
static void branch_leaf(Build *b, NodeId n, BlockId yes, BlockId no) {
    uint32_t mark = statement_begin(b);
    OperandId value = build_value(b, n);
    if (b->entries.count > mark && b->fn->operands.items[value.v].kind == OPERAND_COPY &&
        !place_is_stable(b, b->fn->operands.items[value.v].place))
        value = spill(b, value);
    statement_end(b, mark);
    token_at(b, n);
    emit_branch(b, value, yes, no);
}

void build_branch(Build *b, NodeId n, BlockId yes, BlockId no) {
    AstBinary parts;
    NodeKind kind = ast_kind(b->ast, n);
    switch (kind) {
    case NODE_AND:
    case NODE_OR: {
        parts = ast_binary(b->ast, n);
        BlockId next = block_new(b);
        build_branch(b, parts.left, kind == NODE_AND ? next : yes, kind == NODE_AND ? no : next);
        block_start(b, next);
        build_branch(b, parts.right, yes, no);
        break;
    }
    case NODE_NOT: build_branch(b, ast_unary(b->ast, n).child, no, yes); break;
    case NODE_COND_LET: build_cond_let(b, n, yes, no); break;
    default: branch_leaf(b, n, yes, no);
    }
}
