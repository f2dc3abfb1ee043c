// Drop glue: a written Drop first, then the parts, front to back.
#include "ir/mono_internal.h"

enum { DROP_DEPTH_LIMIT = 100 }; // of recursive types; what lies deeper is dropped by the outermost drop

static void drop_by_impl(Glue *g, PlaceId self, TypeId type) {
    ImplMatch match;
    Program *p = g->mono->program;
    TypeKind kind = type_get(g->mono->types, type)->kind;
    if ((kind != TY_STRUCT && kind != TY_ENUM) ||
        program_find_impl(p, type, p->lang[LANG_DROP], NULL, 0, &match) != MATCH_YES || !match.impl.v)
        return;
    JirArg arg = {.kind = ARG_MUT_REF, .place = self};
    PlaceId nothing = glue_temp(g, glue_type(g, TY_VOID));
    glue_call_trait(g, LANG_DROP, type, nothing, &arg, 1);
}

// Parts in order. A panic in one goes on with those behind it, in blocks of their own; gives the first of these.
static BlockId drop_list(Glue *g, const PlaceId *parts, uint32_t count, BlockId resume) {
    BlockId here = g->block, rest = resume;
    BlockId *after = ARENA_ARRAY(g->jir->arena, BlockId, count + 1);
    for (uint32_t i = count; i-- > 0;) {
        after[i] = rest;
        g->block = glue_cleanup_block(g);
        glue_drop_place(g, parts[i]);
        glue_goto(g, rest);
        rest = g->block;
    }
    g->block = here;
    for (uint32_t i = 0; i < count; i++)
        glue_drop_unwind(g, parts[i], after[i]);
    return rest;
}

static BlockId drop_variants(Glue *g, PlaceId self, TypeId type, BlockId resume) {
    Program *p = g->mono->program;
    uint32_t count = type_variant_count(p, type);
    BlockId *blocks = glue_switch(g, self, count), end = glue_block(g);
    BlockId *rests = ARENA_ARRAY(g->jir->arena, BlockId, count);
    for (uint32_t v = 0; v < count; v++) {
        g->block = blocks[v];
        uint32_t number = type_variant_number(p, type, v), fields = shape_field_count(p, type, number);
        PlaceId *parts = ARENA_ARRAY(g->jir->arena, PlaceId, fields);
        for (uint32_t f = 0; f < fields; f++)
            parts[f] = glue_payload(g, self, number, f, shape_field_type(p, type, number, f));
        rests[v] = drop_list(g, parts, fields, resume);
        glue_goto(g, end);
    }
    BlockId rest = glue_cleanup_block(g);
    g->block = rest;
    BlockId *ways = glue_switch(g, self, count);
    for (uint32_t v = 0; v < count; v++) {
        jir_block(g->fn, ways[v])->is_cleanup = true;
        jir_goto(g->jir, g->fn, ways[v], rests[v], 0);
    }
    g->block = end;
    return rest;
}

// After a panic in one item the loop goes on with the next.
static BlockId drop_items(Glue *g, PlaceId self, const Type *type, BlockId resume) {
    TypeId item = type->args[0];
    GlueLoop loop = glue_loop(g, type->count);
    BlockId body = g->block, next = glue_cleanup_block(g), all = glue_cleanup_block(g);
    g->block = all; // nothing is dropped yet: as after an item before the first
    glue_set(g, loop.index, jir_operand_int(g->fn, glue_type(g, TY_I64), UINT64_MAX));
    glue_goto(g, next);
    g->block = next;
    glue_binary(g, BIN_ADD_NOWRAP, loop.index, glue_copy_of(g, loop.index), glue_int(g, TY_I64, 1));
    PlaceId more = glue_temp(g, glue_type(g, TY_BOOL));
    glue_binary(g, BIN_LT, more, glue_copy_of(g, loop.index), glue_int(g, TY_I64, type->count));
    BlockId again = glue_cleanup_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, more), again, resume, 0);
    g->block = again;
    glue_drop_place(g, glue_item(g, self, loop.index, item));
    glue_goto(g, next);
    g->block = body;
    glue_drop_unwind(g, glue_item(g, self, loop.index, item), next);
    glue_loop_end(g, loop);
    return all;
}

static BlockId drop_fields(Glue *g, PlaceId self, TypeId id, bool is_closure, BlockId resume) {
    uint32_t count = is_closure ? closure_body(g->jir, id)->capture_count : shape_field_count(g->mono->program, id, 0);
    PlaceId *parts = ARENA_ARRAY(g->jir->arena, PlaceId, count);
    for (uint32_t i = 0; i < count; i++) {
        TypeId type = is_closure ? closure_capture_type(g->jir, id, i) : shape_field_type(g->mono->program, id, 0, i);
        parts[i] = glue_field(g, self, i, type);
    }
    return drop_list(g, parts, count, resume);
}

// Gives the block where a panic before the parts goes.
static BlockId drop_parts(Glue *g, PlaceId self, TypeId id, BlockId resume) {
    const Type *type = type_get(g->mono->types, id);
    switch (type->kind) {
    case TY_STRUCT:
    case TY_TUPLE: return drop_fields(g, self, id, false, resume);
    case TY_CLOSURE: return drop_fields(g, self, id, true, resume);
    case TY_ENUM:
    case TY_OPTIONAL:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET:
    case TY_RESULT: return drop_variants(g, self, id, resume);
    case TY_ARRAY: return drop_items(g, self, type, resume);
    case TY_DYN: glue_drop_dyn(g, self); return resume;
    default: return resume;
    }
}

void glue_drop(Glue *g, TypeId type) {
    glue_signature(g, glue_type(g, TY_VOID));
    g->fn->has_pads = true;
    PlaceId self = glue_param(g, type, LOCAL_MUT_REF);
    BlockId first = g->block, resume = glue_resume_block(g);
    drop_by_impl(g, self, type);
    uint32_t calls = jir_block(g->fn, first)->stmts.count;
    BlockId parts = drop_parts(g, self, type, resume);
    for (uint32_t i = 0; i < calls; i++)
        jir_block(g->fn, first)->stmts.items[i].unwind = parts.v;
    glue_return(g);
}

static JirStmt *leave_drop(Glue *g, PlaceId depth) {
    JirArg arg = {.kind = ARG_VALUE, .value = glue_copy_of(g, depth)};
    JirStmt *leave = jir_emit(g->fn, g->block, OP_INTRINSIC, 0);
    leave->number = INTRINSIC_drop_leave;
    jir_stmt_args(g->fn, leave, &arg, 1);
    return leave;
}

// Dropping what lies behind a pointer of a recursive type: the runtime counts the depth, and beyond its limit keeps the
// bytes of the value for later. The outermost drop then works off what was kept, so the stack never grows with the
// data.
void glue_drop_deep(Glue *g, TypeId type) {
    Types *types = g->mono->types;
    glue_signature(g, glue_type(g, TY_VOID));
    g->fn->has_pads = true;
    PlaceId self = glue_param(g, type, LOCAL_MUT_REF);
    PlaceId depth = glue_temp(g, glue_type(g, TY_I64)), shallow = glue_temp(g, glue_type(g, TY_BOOL));
    PlaceId nothing = glue_temp(g, glue_type(g, TY_VOID));
    JirStmt *enter = jir_emit(g->fn, g->block, OP_INTRINSIC, 0);
    enter->number = INTRINSIC_drop_enter;
    enter->dst = depth;
    glue_binary(g, BIN_LE, shallow, glue_copy_of(g, depth), glue_int(g, TY_I64, DROP_DEPTH_LIMIT));
    BlockId now = glue_block(g), later = glue_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, shallow), now, later, 0);

    g->block = now;
    JirCallee *drop = ARENA_NEW(g->jir->arena, JirCallee);
    drop->instance = mono_drop_fn(g->mono, type);
    JirArg arg = {.kind = ARG_MUT_REF, .place = self};
    glue_call(g, drop, nothing, &arg, 1);
    vec_last(&g->fn->blocks.items[now.v].stmts).sub = 1;
    // A panic leaves the depth as a return does, and what was put off is dropped all the same.
    BlockId away = glue_cleanup_block(g);
    vec_last(&g->fn->blocks.items[now.v].stmts).unwind = away.v;
    leave_drop(g, depth)->unwind = away.v;
    glue_return(g);
    g->block = away;
    leave_drop(g, depth);
    jir_resume(g->fn, g->block, 0, 0);

    g->block = later;
    uint8_t mode = MODE_MUT;
    JirCallee *again = ARENA_NEW(g->jir->arena, JirCallee);
    again->instance =
        mono_shim(g->mono, g->fn->id, type_func(types, MODE_BORROW, &type, &mode, 1, glue_type(g, TY_VOID)));
    jir_fn(g->jir, again->instance)->is_for_runtime = true;
    JirOperand code = {.const_kind = CONST_FUNC, .callee = again};
    code.type = type_func(types, MODE_BORROW, &type, &mode, 1, glue_type(g, TY_VOID));
    JirArg args[2] = {{.kind = ARG_MUT_REF, .place = self},
                      {.kind = ARG_VALUE, .value = jir_operand_const(g->fn, code)}};
    JirStmt *defer = jir_emit(g->fn, g->block, OP_INTRINSIC, 0);
    defer->number = INTRINSIC_drop_defer;
    defer->callee = jir_callee(g->jir, (DeclId){0}, false, &type, 1);
    jir_stmt_args(g->fn, defer, args, 2);
    glue_return(g);
}
