// Eq and Hash glue: part by part.
#include "ir/mono_internal.h"

// ---- Eq ------------------------------------------------------------------------------------------------------------

// Goes on where the two parts are equal, else leaves by `differ`.
static void compare_parts(Glue *g, PlaceId a, PlaceId b, BlockId differ) {
    PlaceId same = glue_temp(g, glue_type(g, TY_BOOL));
    JirArg args[2] = {{.kind = ARG_REF, .place = a}, {.kind = ARG_REF, .place = b}};
    glue_call_trait(g, LANG_EQ, jir_place_type(g->fn, a), same, args, 2);
    BlockId next = glue_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, same), next, differ, 0);
    g->block = next;
}

static void compare_tags(Glue *g, PlaceId a, PlaceId b, BlockId differ) {
    PlaceId tag_a = glue_temp(g, glue_type(g, TY_I64)), tag_b = glue_temp(g, glue_type(g, TY_I64));
    PlaceId same = glue_temp(g, glue_type(g, TY_BOOL));
    glue_tag(g, tag_a, a);
    glue_tag(g, tag_b, b);
    glue_binary(g, BIN_EQ, same, glue_copy_of(g, tag_a), glue_copy_of(g, tag_b));
    BlockId next = glue_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, same), next, differ, 0);
    g->block = next;
}

static bool has_payload(Program *p, TypeId type) {
    for (uint32_t v = 0; v < type_variant_count(p, type); v++)
        if (shape_field_count(p, type, type_variant_number(p, type, v)))
            return true;
    return false;
}

static void compare_variants(Glue *g, PlaceId a, PlaceId b, TypeId type, BlockId differ) {
    Program *p = g->mono->program;
    compare_tags(g, a, b, differ);
    if (!has_payload(p, type))
        return;
    uint32_t count = type_variant_count(p, type);
    BlockId *blocks = glue_switch(g, a, count), equal = glue_block(g);
    for (uint32_t v = 0; v < count; v++) {
        g->block = blocks[v];
        uint32_t number = type_variant_number(p, type, v);
        for (uint32_t f = 0; f < shape_field_count(p, type, number); f++) {
            TypeId part = shape_field_type(p, type, number, f);
            compare_parts(g, glue_payload(g, a, number, f, part), glue_payload(g, b, number, f, part), differ);
        }
        glue_goto(g, equal);
    }
    g->block = equal;
}

static void compare_items(Glue *g, PlaceId a, PlaceId b, TypeId id, BlockId differ) {
    const Type *type = type_get(g->mono->types, id);
    TypeId item = type->args[0];
    GlueLoop loop = glue_loop(g, type->count);
    compare_parts(g, glue_item(g, a, loop.index, item), glue_item(g, b, loop.index, item), differ);
    glue_loop_end(g, loop);
}

void glue_eq(Glue *g, TypeId type) {
    Program *p = g->mono->program;
    glue_signature(g, glue_type(g, TY_BOOL));
    PlaceId a = glue_param(g, type, LOCAL_LET_REF), b = glue_param(g, type, LOCAL_LET_REF);
    BlockId differ = glue_block(g);
    switch (type_get(g->mono->types, type)->kind) {
    case TY_STRUCT:
    case TY_TUPLE:
        for (uint32_t i = 0; i < shape_field_count(p, type, 0); i++) {
            TypeId part = shape_field_type(p, type, 0, i);
            compare_parts(g, glue_field(g, a, i, part), glue_field(g, b, i, part), differ);
        }
        break;
    case TY_ENUM:
    case TY_OPTIONAL:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: compare_variants(g, a, b, type, differ); break;
    case TY_ARRAY: compare_items(g, a, b, type, differ); break;
    default: break; // void: always equal
    }
    glue_set(g, glue_result(g), glue_int(g, TY_BOOL, 1));
    glue_return(g);
    g->block = differ;
    glue_set(g, glue_result(g), glue_int(g, TY_BOOL, 0));
    glue_return(g);
}

// ---- Hash ----------------------------------------------------------------------------------------------------------

static void hash_part(Glue *g, PlaceId part, PlaceId hasher) {
    JirArg args[2] = {{.kind = ARG_REF, .place = part}, {.kind = ARG_MUT_REF, .place = hasher}};
    glue_call_trait(g, LANG_HASH, jir_place_type(g->fn, part), glue_temp(g, glue_type(g, TY_VOID)), args, 2);
}

static void hash_tag(Glue *g, PlaceId self, PlaceId hasher) {
    PlaceId tag = glue_temp(g, glue_type(g, TY_I64));
    glue_tag(g, tag, self);
    hash_part(g, tag, hasher);
}

// A scalar that std says nothing about counts as the i64 of its low bits.
static void hash_scalar(Glue *g, PlaceId self, PlaceId hasher, TypeId type) {
    TypeId wide = glue_type(g, TY_I64);
    invariant(type.v != wide.v, "std has no Hash for i64");
    PlaceId value = glue_temp(g, wide);
    TypeId types[2] = {type, wide};
    JirArg arg = {.kind = ARG_VALUE, .value = glue_copy_of(g, self)};
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_INTRINSIC, 0);
    stmt->number = INTRINSIC_truncate;
    stmt->callee = jir_callee(g->jir, (DeclId){0}, false, types, 2);
    stmt->dst = value;
    jir_stmt_args(g->fn, stmt, &arg, 1);
    hash_part(g, value, hasher);
}

static void hash_variants(Glue *g, PlaceId self, PlaceId hasher, TypeId type) {
    Program *p = g->mono->program;
    hash_tag(g, self, hasher);
    if (!has_payload(p, type))
        return;
    uint32_t count = type_variant_count(p, type);
    BlockId *blocks = glue_switch(g, self, count), end = glue_block(g);
    for (uint32_t v = 0; v < count; v++) {
        g->block = blocks[v];
        uint32_t number = type_variant_number(p, type, v);
        for (uint32_t f = 0; f < shape_field_count(p, type, number); f++)
            hash_part(g, glue_payload(g, self, number, f, shape_field_type(p, type, number, f)), hasher);
        glue_goto(g, end);
    }
    g->block = end;
}

static void hash_items(Glue *g, PlaceId self, PlaceId hasher, TypeId id) {
    const Type *type = type_get(g->mono->types, id);
    TypeId item = type->args[0];
    GlueLoop loop = glue_loop(g, type->count);
    hash_part(g, glue_item(g, self, loop.index, item), hasher);
    glue_loop_end(g, loop);
}

void glue_hash(Glue *g, TypeId type) {
    Program *p = g->mono->program;
    const Signature *method = program_signature(p, mono_trait_method(g->mono, LANG_HASH));
    TypeId hasher_type = method->param_types[1];
    glue_signature(g, glue_type(g, TY_VOID));
    PlaceId self = glue_param(g, type, LOCAL_LET_REF), hasher = glue_param(g, hasher_type, LOCAL_MUT_REF);
    TypeKind kind = type_get(g->mono->types, type)->kind;
    switch (kind) {
    case TY_STRUCT:
    case TY_TUPLE:
        for (uint32_t i = 0; i < shape_field_count(p, type, 0); i++)
            hash_part(g, glue_field(g, self, i, shape_field_type(p, type, 0, i)), hasher);
        break;
    case TY_ENUM:
    case TY_OPTIONAL:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: hash_variants(g, self, hasher, type); break;
    case TY_ARRAY: hash_items(g, self, hasher, type); break;
    case TY_NEVER: // nobody comes here
    case TY_VOID: break;
    default: hash_scalar(g, self, hasher, type); break;
    }
    glue_return(g);
}
