// Copy glue: each part copied, the whole made of the copies.
#include "ir/mono_internal.h"

// A panic in a copy goes to `rest`, which afterwards (where the copy has to be dropped) is a block that drops it first.
static OperandId copy_part(Glue *g, PlaceId part, BlockId *rest) {
    TypeId type = jir_place_type(g->fn, part);
    if (mono_is_plain(g->mono, type))
        return glue_copy_of(g, part);
    PlaceId copy = glue_temp(g, type);
    JirCallee *callee = ARENA_NEW(g->jir->arena, JirCallee);
    callee->instance = mono_copy_fn(g->mono, type);
    JirArg arg = {.kind = ARG_REF, .place = part};
    glue_call(g, callee, copy, &arg, 1);
    vec_last(&jir_block(g->fn, g->block)->stmts).unwind = rest->v;
    glue_drop_on_panic(g, copy, rest);
    return glue_move_of(g, copy);
}

static void copy_struct(Glue *g, PlaceId self, TypeId type) {
    Program *p = g->mono->program;
    bool is_closure = type_get(g->mono->types, type)->kind == TY_CLOSURE;
    uint32_t count = is_closure ? closure_body(g->jir, type)->capture_count : shape_field_count(p, type, 0);
    OperandId *items = ARENA_ARRAY(g->jir->arena, OperandId, count);
    BlockId rest = glue_resume_block(g);
    for (uint32_t i = 0; i < count; i++) {
        TypeId part = is_closure ? closure_capture_type(g->jir, type, i) : shape_field_type(p, type, 0, i);
        items[i] = copy_part(g, glue_field(g, self, i, part), &rest);
    }
    JirStmt *make = jir_emit(g->fn, g->block, OP_MAKE, 0);
    make->dst = glue_result(g);
    jir_stmt_operands(g->fn, make, items, count);
}

static void copy_variants(Glue *g, PlaceId self, TypeId type) {
    Program *p = g->mono->program;
    uint32_t count = type_variant_count(p, type);
    BlockId *blocks = glue_switch(g, self, count);
    for (uint32_t v = 0; v < count; v++) {
        g->block = blocks[v];
        uint32_t number = type_variant_number(p, type, v), fields = shape_field_count(p, type, number);
        OperandId *items = ARENA_ARRAY(g->jir->arena, OperandId, fields);
        BlockId rest = glue_resume_block(g);
        for (uint32_t f = 0; f < fields; f++)
            items[f] = copy_part(g, glue_payload(g, self, number, f, shape_field_type(p, type, number, f)), &rest);
        glue_make_variant(g, glue_result(g), number, items, fields);
        glue_return(g);
    }
}

static void copy_items(Glue *g, PlaceId self, TypeId id) {
    const Type *type = type_get(g->mono->types, id);
    TypeId item = type->args[0];
    GlueLoop loop = glue_loop(g, type->count);
    BlockId rest = glue_drop_made(g, loop.index, item);
    OperandId copy = copy_part(g, glue_item(g, self, loop.index, item), &rest);
    glue_set(g, glue_item(g, glue_result(g), loop.index, item), copy);
    glue_loop_end(g, loop);
}

void glue_copy(Glue *g, TypeId type) {
    glue_signature(g, type);
    g->fn->has_pads = true;
    PlaceId self = glue_param(g, type, LOCAL_LET_REF);
    switch (type_get(g->mono->types, type)->kind) {
    case TY_STRUCT:
    case TY_TUPLE:
    case TY_CLOSURE: copy_struct(g, self, type); break;
    case TY_ENUM:
    case TY_OPTIONAL:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET:
    case TY_RESULT: copy_variants(g, self, type); return;
    case TY_ARRAY: copy_items(g, self, type); break;
    default: glue_set(g, glue_result(g), glue_copy_of(g, self)); break;
    }
    glue_return(g);
}

// [value; n] of what is cheap but not plain: a copy for each item, the value itself for the last one.
void glue_repeat(Glue *g, TypeId id) {
    const Type *type = type_get(g->mono->types, id);
    TypeId item = type->args[0];
    uint64_t count = type->count;
    glue_signature(g, id);
    g->fn->has_pads = true;
    BlockId rest = glue_resume_block(g); // copies of what is cheap do not panic
    PlaceId value = glue_param(g, item, LOCAL_OWNED);
    GlueLoop loop = glue_loop(g, count ? count - 1 : 0);
    glue_set(g, glue_item(g, glue_result(g), loop.index, item), copy_part(g, value, &rest));
    glue_loop_end(g, loop);
    if (count)
        glue_set(g, glue_item(g, glue_result(g), loop.index, item), glue_move_of(g, value));
    else
        glue_drop_place(g, value);
    glue_return(g);
}
