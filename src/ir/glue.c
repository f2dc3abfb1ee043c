// How functions made by the compiler are put together. They are ordinary JIR before lowering: they call traits' methods
// and drop places, and mono settles those as in any other instance.
#include "ir/mono_internal.h"

TypeId glue_type(const Glue *g, TypeKind kind) {
    return type_builtin(g->mono->types, kind);
}

LocalId glue_local(Glue *g, TypeId type, LocalMode mode, LocalKind kind) {
    return jir_local_new(g->fn, (JirLocal){.type = type, .mode = mode, .kind = kind});
}

void glue_signature(Glue *g, TypeId result) {
    vec_push(&g->fn->scopes, (JirScope){0});
    glue_local(g, result, LOCAL_OWNED, LOCAL_RETURN);
    g->block = jir_block_new(g->fn);
}

PlaceId glue_param(Glue *g, TypeId type, LocalMode mode) {
    g->fn->param_count++;
    return jir_place_local(g->fn, glue_local(g, type, mode, LOCAL_PARAM));
}

PlaceId glue_temp(Glue *g, TypeId type) {
    return jir_place_local(g->fn, glue_local(g, type, LOCAL_OWNED, LOCAL_TEMP));
}

PlaceId glue_field(Glue *g, PlaceId base, uint32_t field, TypeId type) {
    return jir_place_project(g->fn, base, (Projection){PROJ_FIELD, field, type});
}

PlaceId glue_payload(Glue *g, PlaceId base, uint32_t variant, uint32_t field, TypeId type) {
    TypeId whole = jir_place_type(g->fn, base);
    PlaceId payload = jir_place_project(g->fn, base, (Projection){PROJ_VARIANT, variant, whole});
    return jir_place_project(g->fn, payload, (Projection){PROJ_FIELD, field, type});
}

PlaceId glue_item(Glue *g, PlaceId base, PlaceId index, TypeId type) {
    uint32_t local = g->fn->places.items[index.v].root;
    return jir_place_project(g->fn, base, (Projection){PROJ_INDEX, local, type});
}

OperandId glue_copy_of(Glue *g, PlaceId place) {
    return jir_operand_place(g->fn, OPERAND_COPY, place);
}

OperandId glue_move_of(Glue *g, PlaceId place) {
    return jir_operand_place(g->fn, OPERAND_MOVE, place);
}

OperandId glue_int(Glue *g, TypeKind kind, uint64_t value) {
    return jir_operand_int(g->fn, glue_type(g, kind), value);
}

void glue_make_variant(Glue *g, PlaceId dst, uint32_t variant, const OperandId *items, uint32_t count) {
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_MAKE_VARIANT, 0);
    stmt->number = variant;
    stmt->dst = dst;
    jir_stmt_operands(g->fn, stmt, items, count);
}

PlaceId glue_result(Glue *g) {
    return jir_place_local(g->fn, (LocalId){0});
}

void glue_set(Glue *g, PlaceId dst, OperandId value) {
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_SET, 0);
    stmt->dst = dst;
    stmt->a = value;
}

void glue_binary(Glue *g, BinaryOp op, PlaceId dst, OperandId a, OperandId b) {
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_BINARY, 0);
    stmt->sub = (uint8_t)op;
    stmt->dst = dst;
    stmt->a = a;
    stmt->b = b;
}

void glue_tag(Glue *g, PlaceId dst, PlaceId of) {
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_TAG, 0);
    stmt->dst = dst;
    stmt->place = of;
}

void glue_call(Glue *g, JirCallee *callee, PlaceId dst, const JirArg *args, uint32_t count) {
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_CALL, 0);
    stmt->callee = callee;
    stmt->dst = dst;
    jir_stmt_args(g->fn, stmt, args, count);
}

void glue_call_trait(Glue *g, LangItem trait, TypeId self, PlaceId dst, const JirArg *args, uint32_t count) {
    DeclId method = mono_trait_method(g->mono, trait);
    glue_call(g, jir_callee(g->jir, method, true, &self, 1), dst, args, count);
}

void glue_drop_place(Glue *g, PlaceId place) {
    if (mono_needs_drop(g->mono, jir_place_type(g->fn, place)))
        jir_emit(g->fn, g->block, OP_DROP, 0)->dst = place;
}

void glue_drop_unwind(Glue *g, PlaceId place, BlockId unwind) {
    if (!mono_needs_drop(g->mono, jir_place_type(g->fn, place)))
        return;
    JirStmt *drop = jir_emit(g->fn, g->block, OP_DROP, 0);
    drop->dst = place;
    drop->unwind = unwind.v;
}

BlockId glue_cleanup_block(Glue *g) {
    BlockId block = jir_block_new(g->fn);
    jir_block(g->fn, block)->is_cleanup = true;
    return block;
}

BlockId glue_resume_block(Glue *g) {
    BlockId block = glue_cleanup_block(g);
    jir_resume(g->fn, block, 0, 0);
    return block;
}

void glue_drop_on_panic(Glue *g, PlaceId made, BlockId *rest) {
    if (!mono_needs_drop(g->mono, jir_place_type(g->fn, made)))
        return;
    BlockId here = g->block;
    g->block = glue_cleanup_block(g);
    glue_drop_place(g, made);
    glue_goto(g, *rest);
    *rest = g->block;
    g->block = here;
}

BlockId glue_drop_made(Glue *g, PlaceId index, TypeId item) {
    BlockId here = g->block, resume = glue_resume_block(g), head = glue_cleanup_block(g), again = glue_cleanup_block(g);
    PlaceId more = glue_temp(g, glue_type(g, TY_BOOL)), result = glue_result(g);
    g->block = head;
    glue_binary(g, BIN_GT, more, glue_copy_of(g, index), glue_int(g, TY_I64, 0));
    jir_branch(g->jir, g->fn, head, glue_copy_of(g, more), again, resume, 0);
    g->block = again;
    glue_binary(g, BIN_SUB_NOWRAP, index, glue_copy_of(g, index), glue_int(g, TY_I64, 1));
    glue_drop_place(g, glue_item(g, result, index, item));
    glue_goto(g, head);
    g->block = here;
    return head;
}

BlockId glue_block(Glue *g) {
    return jir_block_new(g->fn);
}

void glue_goto(Glue *g, BlockId target) {
    jir_goto(g->jir, g->fn, g->block, target, 0);
}

void glue_return(Glue *g) {
    jir_return(g->fn, g->block, 0);
}

BlockId *glue_switch(Glue *g, PlaceId value, uint32_t count) {
    TypeId type = jir_place_type(g->fn, value);
    PlaceId tag = glue_temp(g, glue_type(g, TY_I64));
    glue_tag(g, tag, value);
    BlockId *blocks = ARENA_ARRAY(g->jir->arena, BlockId, count + 1);
    uint64_t *values = ARENA_ARRAY(g->jir->arena, uint64_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        blocks[i] = glue_block(g);
        values[i] = type_variant_number(g->mono->program, type, i);
    }
    blocks[count] = glue_block(g);
    jir_unreachable(g->fn, blocks[count], 0);
    jir_switch(g->jir, g->fn, g->block, glue_copy_of(g, tag), values, blocks, count, 0);
    return blocks;
}

GlueLoop glue_loop(Glue *g, uint64_t count) {
    GlueLoop loop = {glue_temp(g, glue_type(g, TY_I64)), glue_block(g), glue_block(g)};
    PlaceId more = glue_temp(g, glue_type(g, TY_BOOL));
    glue_set(g, loop.index, glue_int(g, TY_I64, 0));
    glue_goto(g, loop.head);
    g->block = loop.head;
    glue_binary(g, BIN_LT, more, glue_copy_of(g, loop.index), glue_int(g, TY_I64, count));
    BlockId body = glue_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, more), body, loop.after, 0);
    g->block = body;
    return loop;
}

void glue_loop_end(Glue *g, GlueLoop loop) {
    glue_binary(g, BIN_ADD_NOWRAP, loop.index, glue_copy_of(g, loop.index), glue_int(g, TY_I64, 1));
    glue_goto(g, loop.head);
    g->block = loop.after;
}

void glue_make(Mono *mono, JirFn *fn, GlueKind kind, TypeId type) {
    Glue g = {mono, mono->jir, fn, {0}};
    switch (kind) {
    case GLUE_DROP: glue_drop(&g, type); break;
    case GLUE_DROP_DEEP: glue_drop_deep(&g, type); break;
    case GLUE_COPY: glue_copy(&g, type); break;
    case GLUE_REPEAT: glue_repeat(&g, type); break;
    case GLUE_EQ: glue_eq(&g, type); break;
    case GLUE_HASH: glue_hash(&g, type); break;
    case GLUE_DEBUG: glue_debug(&g, type); break;
    case GLUE_VARIANT_NAME: glue_variant_name(&g, type); break;
    case GLUE_ORD: glue_ord(&g, type); break;
    case GLUE_DEFAULT: glue_default(&g, type); break;
    case GLUE_TO_JSON: glue_to_json(&g, type); break;
    case GLUE_FROM_JSON: glue_from_json(&g, type); break;
    case GLUE_DYN_DROP: glue_dyn_drop(&g, type); break;
    case GLUE_TASK: glue_task(&g, type); break;
    case GLUE_TASK_ISOLATED: glue_task_isolated(&g, type); break;
    }
}
