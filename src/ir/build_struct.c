// Values with parts: structs, variants, tuples, lists, maps, ranges.
#include "ir/build_internal.h"

uint32_t variant_number(Build *b, DeclId variant) {
    return variant_decl_number(b->program, variant);
}

// A part that later parts may not change any more.
static OperandId part_value(Build *b, NodeId n, bool later_effects) {
    if (ast_kind(b->ast, n) == NODE_CLOSURE)
        return build_owned_value(b, n);
    return build_stable_value(b, n, later_effects);
}

typedef struct {
    const Fields *fields;
    OperandId *values; // by field
    Subst subst;       // of the shape's type parameters
    DeclId owner;
} Parts;

static Parts parts_of(Build *b, TypeId type, const Resolution *res) {
    const Type *t = type_of(b, type);
    Parts parts = {0};
    if (res && res->kind == REF_VARIANT) {
        const Decl *variant = program_decl(b->program, res->decl);
        const Shape *shape = program_shape(b->program, variant->parent);
        parts.fields = &shape->variant_fields[variant->index];
        parts.owner = variant->parent;
        if (shape->type_param_count)
            parts.subst = (Subst){shape->type_params, t->args, t->arg_count};
    } else {
        const Shape *shape = program_shape(b->program, t->decl);
        parts.fields = &shape->fields;
        parts.owner = t->decl;
        parts.subst = (Subst){shape->type_params, t->args, t->arg_count};
    }
    parts.values = ARENA_ARRAY(b->arena, OperandId, parts.fields->count + 1);
    return parts;
}

static void parts_default(Build *b, Parts *parts) {
    const Ast *ast = program_ast(b->program, parts->owner);
    for (uint32_t i = 0; i < parts->fields->count; i++) {
        if (parts->values[i].v)
            continue;
        NodeId value = ast_param(ast, program_decl(b->program, parts->fields->fields[i])->node).default_value;
        invariant(value.v, "field without a value");
        parts->values[i] = build_default_value(b, parts->owner, value, parts->subst);
    }
}

static void parts_written(Build *b, Parts *parts, AstList fields) {
    bool *effects = ARENA_ARRAY(b->arena, bool, fields.count + 1);
    for (uint32_t i = fields.count; i > 0; i--)
        effects[i - 1] = effects[i] || has_effect(b, AST_ITEM(fields, i - 1));
    for (uint32_t i = 0; i < fields.count; i++) {
        NodeId field = AST_ITEM(fields, i);
        uint32_t index = fact_resolution(b, field)->index;
        parts->values[index] = part_value(b, ast_unary(b->ast, field).child, effects[i + 1]);
    }
}

// S { ..old, f: e }: the fields that are not written come from the old value.
static void parts_from_base(Build *b, Parts *parts, NodeId base) {
    PlaceId old = build_place(b, base);
    TypeId type = jir_place_type(b->fn, old);
    for (uint32_t i = 0; i < parts->fields->count; i++)
        if (!parts->values[i].v)
            parts->values[i] = take(b, place_field(b, old, i, shape_field_type(b->program, type, 0, i)));
}

void build_struct_lit(Build *b, NodeId n, PlaceId dst) {
    AstStructLit lit = ast_struct_lit(b->ast, n);
    const Resolution *res = fact_resolution(b, n);
    Parts parts = parts_of(b, fact_type(b, n), res);
    parts_written(b, &parts, lit.fields);
    if (lit.base.v)
        parts_from_base(b, &parts, lit.base);
    parts_default(b, &parts);
    token_at(b, n);
    if (res && res->kind == REF_VARIANT)
        emit_variant(b, dst, variant_number(b, res->decl), parts.values, parts.fields->count);
    else
        emit_make(b, dst, parts.values, parts.fields->count);
}

static uint32_t named_field(Build *b, const Parts *parts, NodeId arg) {
    SymbolId name = ast_symbol(b->ast, ast_token(b->ast, arg));
    for (uint32_t i = 0; i < parts->fields->count; i++)
        if (program_decl(b->program, parts->fields->fields[i])->name.v == name.v)
            return i;
    internal_error("payload without such a field");
}

// E.Variant(a, b)
void build_variant(Build *b, const Resolution *res, NodeId n, AstList args, PlaceId dst) {
    bool is_dropped = !dst.v;
    if (is_dropped)
        dst = temp_new(b, fact_type(b, n));
    Parts parts = parts_of(b, fact_type(b, n), res);
    for (uint32_t i = 0; i < args.count; i++) {
        NodeId arg = AST_ITEM(args, i);
        bool is_named = ast_kind(b->ast, arg) == NODE_ARG_NAMED;
        bool effects = i + 1 < args.count && has_effect(b, AST_ITEM(args, args.count - 1));
        parts.values[is_named ? named_field(b, &parts, arg) : i] =
            part_value(b, is_named ? ast_unary(b->ast, arg).child : arg, effects);
    }
    parts_default(b, &parts);
    token_at(b, n);
    emit_variant(b, dst, variant_number(b, res->decl), parts.values, parts.fields->count);
    if (is_dropped)
        temp_register(b, dst);
}

static OperandId *list_values(Build *b, AstList items) {
    OperandId *values = ARENA_ARRAY(b->arena, OperandId, items.count + 1);
    bool effects = false;
    bool *later = ARENA_ARRAY(b->arena, bool, items.count + 1);
    for (uint32_t i = items.count; i > 0; i--) {
        later[i - 1] = effects;
        effects = effects || has_effect(b, AST_ITEM(items, i - 1));
    }
    for (uint32_t i = 0; i < items.count; i++)
        values[i] = part_value(b, AST_ITEM(items, i), later[i]);
    return values;
}

void build_tuple(Build *b, NodeId n, PlaceId dst) {
    AstList items = ast_list(b->ast, n);
    OperandId *values = list_values(b, items);
    token_at(b, n);
    emit_make(b, dst, values, items.count);
}

void build_range(Build *b, NodeId n, PlaceId dst) {
    AstBinary ends = ast_binary(b->ast, n);
    OperandId values[2];
    values[0] = build_stable_value(b, ends.left, has_effect(b, ends.right));
    values[1] = build_value(b, ends.right);
    token_at(b, n);
    emit_make(b, dst, values, 2);
}

// ---- lists ---------------------------------------------------------------------------------------------------------

static TypeId pointer_to(Build *b, TypeId item) {
    return type_unary(b->types, TY_POINTER, item);
}

// Memory for a value of the type, as a place in it.
static PlaceId allocate(Build *b, TypeId type) {
    TypeId byte = type_builtin(b->types, TY_U8), i64 = T_I64(b);
    PlaceId size = intrinsic(b, INTRINSIC_size_of, &type, 1, NULL, 0, i64, (PlaceId){0});
    PlaceId align = intrinsic(b, INTRINSIC_align_of, &type, 1, NULL, 0, i64, (PlaceId){0});
    JirArg args[] = {arg_value(copy(b, size)), arg_value(copy(b, align))};
    PlaceId raw = intrinsic(b, INTRINSIC_mem_alloc, NULL, 0, args, 2, pointer_to(b, byte), (PlaceId){0});
    TypeId types[] = {byte, type};
    JirArg from = arg_value(copy(b, raw));
    PlaceId pointer = intrinsic(b, INTRINSIC_ptr_cast, types, 2, &from, 1, pointer_to(b, type), (PlaceId){0});
    return place_deref(b, pointer, type);
}

// The list that owns `count` items at the pointer.
static void make_list(Build *b, PlaceId dst, OperandId pointer, uint64_t count) {
    OperandId values[] = {pointer, const_int(b, T_I64(b), count), const_int(b, T_I64(b), count)};
    emit_make(b, dst, values, 3);
}

static void make_empty_list(Build *b, PlaceId dst, TypeId item) {
    PlaceId null = intrinsic(b, INTRINSIC_ptr_null, &item, 1, NULL, 0, pointer_to(b, item), (PlaceId){0});
    make_list(b, dst, copy(b, null), 0);
}

// The list that owns the items of an array that `allocate` made.
static void make_list_of(Build *b, PlaceId dst, PlaceId block) {
    TypeId array = jir_place_type(b->fn, block), item = type_of(b, array)->args[0];
    const JirPlace *p = jir_place(b->fn, block);
    JirArg from = arg_value(copy(b, jir_place_local(b->fn, (LocalId){p->root})));
    TypeId types[] = {array, item};
    PlaceId pointer = intrinsic(b, INTRINSIC_ptr_cast, types, 2, &from, 1, pointer_to(b, item), (PlaceId){0});
    make_list(b, dst, copy(b, pointer), type_of(b, array)->count);
}

// [a, b] of a list: the items are made right in its memory.
void build_list(Build *b, NodeId n, PlaceId dst) {
    AstList items = ast_list(b->ast, n);
    TypeId type = fact_type(b, n), item = type_of(b, type)->args[0];
    OperandId *values = list_values(b, items);
    token_at(b, n);
    if (kind_of(b, type) == TY_ARRAY) {
        emit_make(b, dst, values, items.count);
        return;
    }
    if (!items.count) {
        make_empty_list(b, dst, item);
        return;
    }
    PlaceId block = allocate(b, type_array(b->types, item, items.count));
    emit_make(b, block, values, items.count);
    make_list_of(b, dst, block);
}

// b"…" where a list is wanted.
void build_bytes(Build *b, NodeId n, PlaceId dst) {
    OperandId bytes = const_bytes(b, n);
    TypeId array = jir_operand_type(b->fn, bytes);
    token_at(b, n);
    if (type_of(b, array)->count == 0) {
        make_empty_list(b, dst, type_of(b, array)->args[0]);
        return;
    }
    PlaceId block = allocate(b, array);
    emit_set(b, block, bytes);
    make_list_of(b, dst, block);
}

// [a; n]
void build_repeat(Build *b, NodeId n, PlaceId dst) {
    AstBinary parts = ast_binary(b->ast, n);
    TypeId type = fact_type(b, n);
    if (kind_of(b, type) == TY_ARRAY) {
        OperandId value = build_value(b, parts.left);
        token_at(b, n);
        consume(b, value);
        JirStmt *stmt = emit(b, OP_REPEAT);
        stmt->dst = dst;
        stmt->a = value;
        return;
    }
    JirArg value = lent_arg(b, parts.left, has_effect(b, parts.right));
    JirArg args[] = {value, lent_arg(b, parts.right, false)};
    TypeId item = type_of(b, type)->args[0];
    token_at(b, n);
    call_lang(b, LANG_LIST_REPEAT, &item, 1, args, 2, dst);
}

// ---- maps ----------------------------------------------------------------------------------------------------------

// ["a": 1]: made with room for all, then filled.
void build_map(Build *b, NodeId n, PlaceId dst) {
    AstList items = ast_list(b->ast, n);
    const Type *type = type_of(b, fact_type(b, n));
    JirArg capacity = arg_temp(b, const_int(b, T_I64(b), items.count));
    PlaceId map = temp_new(b, fact_type(b, n));
    call_lang(b, LANG_MAP_WITH_CAPACITY, type->args, 2, &capacity, 1, map);
    temp_register(b, map);
    for (uint32_t i = 0; i < items.count; i++) {
        AstBinary entry = ast_binary(b->ast, AST_ITEM(items, i));
        OperandId key = build_stable_value(b, entry.left, has_effect(b, entry.right));
        OperandId value = part_value(b, entry.right, false);
        token_at(b, AST_ITEM(items, i));
        JirArg args[] = {arg_mut(b, map), arg_value(key), arg_value(value)};
        call_lang(b, LANG_MAP_PUT, type->args, 2, args, 3, (PlaceId){0});
    }
    emit_set(b, dst, take(b, map));
}
