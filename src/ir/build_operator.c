// Operators: arithmetic, comparison, logic, conversion, assignment.
#include "ir/build_internal.h"

// ---- arithmetic ----------------------------------------------------------------------------------------------------

static bool binary_op(TokenKind token, BinaryOp *op) {
    switch (token) {
    case TOK_PLUS:
    case TOK_PLUS_ASSIGN: *op = BIN_ADD; return true;
    case TOK_MINUS:
    case TOK_MINUS_ASSIGN: *op = BIN_SUB; return true;
    case TOK_STAR:
    case TOK_STAR_ASSIGN: *op = BIN_MUL; return true;
    case TOK_SLASH:
    case TOK_SLASH_ASSIGN: *op = BIN_DIV; return true;
    case TOK_PERCENT:
    case TOK_PERCENT_ASSIGN: *op = BIN_REM; return true;
    case TOK_AMP:
    case TOK_AMP_ASSIGN: *op = BIN_AND; return true;
    case TOK_PIPE:
    case TOK_PIPE_ASSIGN: *op = BIN_OR; return true;
    case TOK_CARET:
    case TOK_CARET_ASSIGN: *op = BIN_XOR; return true;
    case TOK_SHL:
    case TOK_SHL_ASSIGN: *op = BIN_SHL; return true;
    case TOK_SHR:
    case TOK_SHR_ASSIGN: *op = BIN_SHR; return true;
    default: return false;
    }
}

static void emit_binary_into(Build *b, BinaryOp op, OperandId x, OperandId y, PlaceId dst) {
    JirStmt *stmt = emit(b, OP_BINARY);
    stmt->sub = (uint8_t)op;
    stmt->dst = dst;
    stmt->a = x;
    stmt->b = y;
}

static void build_concat(Build *b, AstBinary parts, PlaceId dst) {
    TypeId type = jir_place_type(b->fn, dst);
    if (list_item(b, type).v) {
        TypeId item = list_item(b, type);
        OperandId x = build_stable_value(b, parts.left, has_effect(b, parts.right));
        JirArg args[] = {arg_value(x), arg_value(build_value(b, parts.right))};
        call_lang(b, LANG_LIST_CONCAT, &item, 1, args, 2, dst);
        return;
    }
    JirArg x = lent_arg(b, parts.left, has_effect(b, parts.right));
    JirArg args[] = {x, lent_arg(b, parts.right, false)};
    call_lang(b, LANG_STRING_CONCAT, NULL, 0, args, 2, dst);
}

static void build_power(Build *b, NodeId n, AstBinary parts, PlaceId dst) {
    TypeId type = fact_type(b, n);
    JirArg x = lent_arg(b, parts.left, has_effect(b, parts.right));
    JirArg args[] = {x, lent_arg(b, parts.right, false)};
    token_at(b, n);
    if (type_kind_is_float(kind_of(b, type)))
        call_lang(b, LANG_FLOAT_POWER, NULL, 0, args, 2, dst);
    else
        call_lang(b, LANG_INT_POWER, &type, 1, args, 2, dst);
}

// The trait's method that the operator stands for, on types that are no numbers; NULL for numbers.
static const Resolution *operator_method(Build *b, NodeId n) {
    const Resolution *res = fact_resolution(b, n);
    return res && res->kind == REF_TRAIT_METHOD ? res : NULL;
}

static void operator_call(Build *b, NodeId n, const JirArg *args, uint32_t count, PlaceId dst) {
    const Resolution *res = operator_method(b, n);
    token_at(b, n);
    call_decl(b, res->decl, true, res->type_args, res->type_arg_count, args, count, dst);
}

void build_number(Build *b, NodeId n, PlaceId dst) {
    NodeId literal = ast_kind(b->ast, n) == NODE_NEG ? ast_unary(b->ast, n).child : n;
    JirArg value = arg_temp(b, const_number(b, literal, T_I64(b), literal.v != n.v));
    operator_call(b, n, &value, 1, dst);
}

void build_binary(Build *b, NodeId n, PlaceId dst) {
    AstBinary parts = ast_binary(b->ast, n);
    TokenKind token = ast_token_kind(b->ast, ast_token(b->ast, n));
    if (operator_method(b, n)) {
        JirArg x = lent_arg(b, parts.left, has_effect(b, parts.right));
        JirArg args[] = {x, lent_arg(b, parts.right, false)};
        operator_call(b, n, args, 2, dst);
        return;
    }
    if (token == TOK_CONCAT) {
        build_concat(b, parts, dst);
        return;
    }
    if (token == TOK_POWER) {
        build_power(b, n, parts, dst);
        return;
    }
    BinaryOp op = BIN_ADD;
    bool known = binary_op(token, &op);
    invariant(known, "operator %s", token_kind_text(token));
    OperandId x = build_stable_value(b, parts.left, has_effect(b, parts.right));
    OperandId y = build_value(b, parts.right);
    token_at(b, n);
    emit_binary_into(b, op, x, y, dst);
}

void build_unary(Build *b, NodeId n, PlaceId dst) {
    NodeId child = ast_unary(b->ast, n).child;
    NodeKind kind = ast_kind(b->ast, n);
    if (operator_method(b, n)) {
        if (ast_kind(b->ast, child) == NODE_INT) {
            build_number(b, n, dst);
            return;
        }
        JirArg arg = lent_arg(b, child, false);
        operator_call(b, n, &arg, 1, dst);
        return;
    }
    OperandId value = build_value(b, child);
    token_at(b, n);
    JirStmt *stmt = emit(b, OP_UNARY);
    stmt->sub = kind == NODE_NEG ? UNARY_NEG : kind == NODE_NOT ? UNARY_NOT : UNARY_BIT_NOT;
    stmt->dst = dst;
    stmt->a = value;
}

void build_cast(Build *b, NodeId n, PlaceId dst) {
    OperandId value = build_value(b, ast_binary(b->ast, n).left);
    token_at(b, n);
    if (jir_operand_type(b->fn, value).v == jir_place_type(b->fn, dst).v) {
        emit_set(b, dst, value);
        return;
    }
    JirStmt *stmt = emit(b, OP_CAST);
    stmt->dst = dst;
    stmt->a = value;
}

// ---- comparison ----------------------------------------------------------------------------------------------------

static BinaryOp compare_op(TokenKind token) {
    switch (token) {
    case TOK_EQ: return BIN_EQ;
    case TOK_NE: return BIN_NE;
    case TOK_LT: return BIN_LT;
    case TOK_LE: return BIN_LE;
    case TOK_GT: return BIN_GT;
    default: return BIN_GE;
    }
}

OperandId build_equal(Build *b, PlaceId x, PlaceId y, TypeId type) {
    if (type_is_scalar(b, type))
        return emit_binary(b, BIN_EQ, T_BOOL(b), copy(b, x), copy(b, y));
    PlaceId equal = temp_new(b, T_BOOL(b));
    JirArg args[] = {arg_ref(x), arg_ref(y)};
    call_trait(b, LANG_EQ, type, args, 2, equal);
    return copy(b, equal);
}

static bool is_null(Build *b, NodeId n) {
    return ast_kind(b->ast, n) == NODE_NULL;
}

// x == null looks at the tag only.
static void compare_null(Build *b, AstBinary parts, BinaryOp op, PlaceId dst) {
    PlaceId place = build_place(b, is_null(b, parts.left) ? parts.right : parts.left);
    OperandId tag = emit_tag(b, place);
    emit_binary_into(b, op, tag, const_int(b, T_I64(b), 0), dst);
}

// Ord.compare gives Less, Equal, Greater: variants 0, 1, 2.
static void compare_order(Build *b, PlaceId order, BinaryOp op, PlaceId dst) {
    bool is_less = op == BIN_LT || op == BIN_GE;
    OperandId tag = emit_tag(b, order);
    OperandId variant = const_int(b, T_I64(b), is_less ? 0 : 2);
    emit_binary_into(b, op == BIN_LT || op == BIN_GT ? BIN_EQ : BIN_NE, tag, variant, dst);
}

static void compare_call(Build *b, NodeId n, AstBinary parts, const Resolution *res, BinaryOp op, PlaceId dst) {
    JirArg x = lent_arg(b, parts.left, has_effect(b, parts.right));
    JirArg args[] = {x, lent_arg(b, parts.right, false)};
    for (int i = 0; i < 2; i++)
        args[i].place = place_unbox(b, args[i].place, res->type_args[0]);
    token_at(b, n);
    bool is_trait = res->kind == REF_TRAIT_METHOD;
    bool is_equality = op == BIN_EQ || op == BIN_NE;
    PlaceId result = dst;
    if (op == BIN_NE)
        result = temp_new(b, T_BOOL(b));
    else if (!is_equality)
        result = temp_new(b, type_lang(b->program, LANG_ORDERING, NULL, 0));
    call_decl(b, res->decl, is_trait, res->type_args, res->type_arg_count, args, 2, result);
    if (op == BIN_NE) {
        OperandId equal = copy(b, result);
        JirStmt *stmt = emit(b, OP_UNARY);
        stmt->sub = UNARY_NOT;
        stmt->dst = dst;
        stmt->a = equal;
    } else if (!is_equality) {
        compare_order(b, result, op, dst);
    }
}

void build_compare(Build *b, NodeId n, PlaceId dst) {
    AstBinary parts = ast_binary(b->ast, n);
    BinaryOp op = compare_op(ast_token_kind(b->ast, ast_token(b->ast, n)));
    const Resolution *res = fact_resolution(b, n);
    if (is_null(b, parts.left) || is_null(b, parts.right)) {
        compare_null(b, parts, op, dst);
    } else if (res && res->kind != REF_NONE) {
        compare_call(b, n, parts, res, op, dst);
    } else if (type_kind_is_error(kind_of(b, fact_type(b, parts.left)))) {
        build_compare_errors(b, n, op == BIN_NE, dst);
    } else {
        OperandId x = build_stable_value(b, parts.left, has_effect(b, parts.right));
        OperandId y = build_value(b, parts.right);
        token_at(b, n);
        emit_binary_into(b, op, x, y, dst);
    }
}

// ---- logic ---------------------------------------------------------------------------------------------------------

void build_logic(Build *b, NodeId n, PlaceId dst) {
    BlockId yes = block_new(b), no = block_new(b), join = block_new(b);
    build_branch(b, n, yes, no);
    block_start(b, yes);
    emit_set(b, dst, const_bool(b, true));
    block_goto(b, join);
    block_start(b, no);
    emit_set(b, dst, const_bool(b, false));
    block_goto(b, join);
    block_start(b, join);
}

// a ?? b: the value inside a, or b. Where b is an optional too, so is the result.
void build_coalesce(Build *b, NodeId n, PlaceId dst) {
    AstBinary parts = ast_binary(b->ast, n);
    PlaceId left = build_place(b, parts.left);
    TypeId type = jir_place_type(b->fn, left);
    BlockId some = block_new(b), none = block_new(b), join = block_new(b);
    emit_variant_test(b, left, 1, some, none);
    block_start(b, some);
    bool is_whole = type.v == fact_type(b, n).v;
    emit_set(b, dst, take(b, is_whole ? left : place_payload(b, left, 1, 0, payload_type(b, type, 1, 0))));
    block_goto(b, join);
    block_start(b, none);
    ScopeMark mark = scope_begin(b, (NodeId){0});
    build_into(b, parts.right, dst);
    scope_end(b, mark);
    block_goto(b, join);
    block_start(b, join);
}

// The address of what a step lends; of an optional field that is what it holds, if it does.
static OperandId lent_part(Build *b, PlaceId part, TypeId address, BlockId none) {
    TypeId type = jir_place_type(b->fn, part);
    if (kind_of(b, type) == TY_OPTIONAL && type.v != type_of(b, address)->args[0].v) {
        BlockId some = block_new(b);
        emit_variant_test(b, part, 1, some, none);
        block_start(b, some);
        part = place_strip(b, place_payload(b, part, 1, 0, payload_type(b, type, 1, 0)));
    }
    PlaceId lent = temp_new(b, address);
    emit_ref(b, lent, part, false);
    return copy(b, lent);
}

// a?.b: null, or the field as an optional.
void build_opt_field(Build *b, NodeId n, PlaceId dst) {
    const Resolution *res = fact_resolution(b, n);
    PlaceId base = raw_place(b, ast_unary(b->ast, n).child);
    TypeId inner = payload_type(b, jir_place_type(b->fn, base), 1, 0);
    BlockId some = block_new(b), none = block_new(b), join = block_new(b);
    emit_variant_test(b, base, 1, some, none);
    block_start(b, some);
    PlaceId owner = place_payload(b, base, 1, 0, inner);
    while (box_item(b, jir_place_type(b->fn, owner)).v)
        owner = place_strip(b, place_deref(b, owner, box_item(b, jir_place_type(b->fn, owner))));
    TypeId type = jir_place_type(b->fn, owner);
    TypeId field = res->kind == REF_TUPLE_FIELD ? type_of(b, type)->args[res->index]
                                                : shape_field_type(b->program, type, 0, res->index);
    PlaceId part = place_field(b, owner, res->index, field);
    TypeId item = type_of(b, fact_type(b, n))->args[0];
    bool lends = kind_of(b, item) == TY_REF && kind_of(b, field) != TY_REF;
    OperandId value = lends ? lent_part(b, part, item, none) : take(b, part);
    build_optional_end(b, dst, value, none, join);
}

// ---- assignment ----------------------------------------------------------------------------------------------------

// A variable that stands for a closure elsewhere: now it stands for another one.
static bool assign_view(Build *b, NodeId n, PlaceId dst, NodeId value) {
    const JirPlace *place = jir_place(b->fn, dst);
    if (place->is_global || place->count || !jir_local(b->fn, (LocalId){place->root})->is_view)
        return false;
    PlaceId view = build_func_view(b, value, jir_place_type(b->fn, dst));
    token_at(b, n);
    JirStmt *stmt = emit(b, OP_CAST);
    stmt->dst = dst;
    stmt->a = copy(b, view);
    return true;
}

static void assign(Build *b, NodeId n, PlaceId dst, OperandId value) {
    token_at(b, n);
    consume(b, value);
    JirStmt *stmt = emit(b, type_needs_drop(b, jir_place_type(b->fn, dst)) ? OP_STORE : OP_SET);
    stmt->dst = dst;
    stmt->a = value;
}

// Where the value may change what the place lies in, the place is made after it: its operands, then the value, then the
// place with its checks.
static PlaceId assigned_place(Build *b, NodeId left) {
    PlaceId dst = build_place(b, left);
    mark_mutated(b, dst);
    return dst;
}

// What is appended may be a part of the text that grows: lent only where it cannot be, else an owner of its own.
static JirArg appended_text(Build *b, NodeId n) {
    JirArg tail = lent_arg(b, n, false);
    const JirPlace *p = jir_place(b->fn, tail.place);
    const JirLocal *local = p->is_global ? NULL : jir_local(b->fn, (LocalId){p->root});
    bool is_apart = !local || local->mode == LOCAL_OWNED || local->kind == LOCAL_PARAM;
    return is_apart && place_is_stable(b, tail.place) ? tail : arg_temp(b, take(b, tail.place));
}

// xs ++= ys
static void assign_concat(Build *b, AstBinary parts) {
    TypeId type = fact_type(b, parts.left);
    uint32_t mark = place_prepare(b, parts.left);
    if (list_item(b, type).v) {
        TypeId item = list_item(b, type);
        OperandId tail = build_value(b, parts.right);
        PlaceId dst = assigned_place(b, parts.left);
        place_forget(b, mark);
        JirArg args[] = {arg_mut(b, dst), arg_value(tail)};
        call_lang(b, LANG_LIST_APPEND, &item, 1, args, 2, (PlaceId){0});
        return;
    }
    JirArg tail = appended_text(b, parts.right);
    PlaceId dst = assigned_place(b, parts.left);
    place_forget(b, mark);
    JirArg args[] = {arg_mut(b, dst), tail};
    call_lang(b, LANG_STRING_APPEND, NULL, 0, args, 2, (PlaceId){0});
}

// `s = s ++ t` is `s ++= t` where making t does nothing to s.
static bool is_own_concat(Build *b, AstBinary assignment, AstBinary *concat) {
    NodeId right = assignment.right;
    if (ast_kind(b->ast, assignment.left) != NODE_NAME || ast_kind(b->ast, right) != NODE_BINARY ||
        ast_token_kind(b->ast, ast_token(b->ast, right)) != TOK_CONCAT || list_item(b, fact_type(b, right)).v)
        return false;
    *concat = ast_binary(b->ast, right);
    if (ast_kind(b->ast, concat->left) != NODE_NAME || has_effect(b, concat->right))
        return false;
    const Resolution *x = fact_resolution(b, assignment.left), *y = fact_resolution(b, concat->left);
    if (!x || !y || x->kind != REF_LOCAL || y->kind != REF_LOCAL || x->node.v != y->node.v)
        return false;
    return jir_local(b->fn, local_of(b, x->node))->kind != LOCAL_LET; // that is assigned once, not changed
}

// The value is made in place only where making it cannot see a part of itself changed.
static void assign_plain(Build *b, NodeId n, AstBinary parts) {
    AstBinary concat;
    if (is_own_concat(b, parts, &concat)) {
        assign_concat(b, concat);
        return;
    }
    if (ast_kind(b->ast, parts.left) != NODE_NAME && has_effect(b, parts.right)) {
        uint32_t mark = place_prepare(b, parts.left);
        OperandId value = build_owned_value(b, parts.right);
        PlaceId dst = assigned_place(b, parts.left);
        place_forget(b, mark);
        assign(b, n, dst, value);
        return;
    }
    PlaceId dst = assigned_place(b, parts.left);
    if (assign_view(b, n, dst, parts.right))
        return;
    TypeId type = jir_place_type(b->fn, dst);
    if (type_is_scalar(b, type) || (kind_of(b, type) == TY_PARAM && type_is_plain(b, type)))
        build_into(b, parts.right, dst);
    else
        assign(b, n, dst, build_owned_value(b, parts.right));
}

// x += y by a method: the new value is made of both, then stored.
static void assign_operator(Build *b, NodeId n, AstBinary parts) {
    PlaceId result = temp_new(b, fact_type(b, parts.left));
    uint32_t mark = place_prepare(b, parts.left);
    JirArg value = lent_arg(b, parts.right, false);
    PlaceId dst = assigned_place(b, parts.left);
    place_forget(b, mark);
    JirArg args[] = {arg_ref(dst), value};
    operator_call(b, n, args, 2, result);
    assign(b, n, dst, temp_value(b, result));
}

void build_assign(Build *b, NodeId n) {
    AstBinary parts = ast_binary(b->ast, n);
    TokenKind token = ast_token_kind(b->ast, ast_token(b->ast, n));
    BinaryOp op;
    if (token == TOK_CONCAT_ASSIGN) {
        assign_concat(b, parts);
    } else if (operator_method(b, n)) {
        assign_operator(b, n, parts);
    } else if (!binary_op(token, &op)) {
        if (ast_kind(b->ast, parts.left) == NODE_NAME &&
            ast_token_kind(b->ast, ast_token(b->ast, parts.left)) == TOK_UNDERSCORE)
            build_effect(b, parts.right);
        else
            assign_plain(b, n, parts);
    } else {
        uint32_t mark = place_prepare(b, parts.left);
        OperandId value = build_value(b, parts.right);
        PlaceId dst = assigned_place(b, parts.left);
        place_forget(b, mark);
        token_at(b, n);
        emit_binary_into(b, op, copy(b, dst), value, dst);
    }
}
