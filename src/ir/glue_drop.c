// Drop glue: a written Drop first, then the parts, front to back.
#include "ir/mono_internal.h"

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

static void drop_variants(Glue *g, PlaceId self, TypeId type) {
    Program *p = g->mono->program;
    uint32_t count = type_variant_count(p, type);
    BlockId *blocks = glue_switch(g, self, count), end = glue_block(g);
    for (uint32_t v = 0; v < count; v++) {
        g->block = blocks[v];
        for (uint32_t f = 0; f < shape_field_count(p, type, v); f++)
            glue_drop_place(g, glue_payload(g, self, v, f, shape_field_type(p, type, v, f)));
        glue_goto(g, end);
    }
    g->block = end;
}

static void drop_items(Glue *g, PlaceId self, const Type *type) {
    TypeId item = type->args[0];
    GlueLoop loop = glue_loop(g, type->count);
    glue_drop_place(g, glue_item(g, self, loop.index, item));
    glue_loop_end(g, loop);
}

static void drop_parts(Glue *g, PlaceId self, TypeId id) {
    const Type *type = type_get(g->mono->types, id);
    switch (type->kind) {
    case TY_STRUCT:
    case TY_TUPLE:
        for (uint32_t i = 0; i < shape_field_count(g->mono->program, id, 0); i++)
            glue_drop_place(g, glue_field(g, self, i, shape_field_type(g->mono->program, id, 0, i)));
        break;
    case TY_CLOSURE:
        for (uint32_t i = 0; i < closure_body(g->jir, id)->capture_count; i++)
            glue_drop_place(g, glue_field(g, self, i, closure_capture_type(g->jir, id, i)));
        break;
    case TY_ENUM:
    case TY_OPTIONAL:
    case TY_RESULT: drop_variants(g, self, id); break;
    case TY_ARRAY: drop_items(g, self, type); break;
    case TY_DYN: glue_drop_dyn(g, self); break;
    default: break;
    }
}

void glue_drop(Glue *g, TypeId type) {
    glue_signature(g, glue_type(g, TY_VOID));
    PlaceId self = glue_param(g, type, LOCAL_MUT_REF);
    drop_by_impl(g, self, type);
    drop_parts(g, self, type);
    glue_return(g);
}

// Dropping what lies behind a pointer of a recursive type: the runtime counts the depth, and beyond its limit keeps the
// bytes of the value for later. The outermost drop then works off what was kept, so the stack never grows with the
// data.
void glue_drop_deep(Glue *g, TypeId type) {
    Types *types = g->mono->types;
    glue_signature(g, glue_type(g, TY_VOID));
    PlaceId self = glue_param(g, type, LOCAL_MUT_REF);
    PlaceId shallow = glue_temp(g, glue_type(g, TY_BOOL)), nothing = glue_temp(g, glue_type(g, TY_VOID));
    JirStmt *enter = jir_emit(g->fn, g->block, OP_INTRINSIC, 0);
    enter->number = INTRINSIC_drop_enter;
    enter->dst = shallow;
    BlockId now = glue_block(g), later = glue_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, shallow), now, later, 0);

    g->block = now;
    JirCallee *drop = ARENA_NEW(g->jir->arena, JirCallee);
    drop->instance = mono_drop_fn(g->mono, type);
    JirArg arg = {.kind = ARG_MUT_REF, .place = self};
    glue_call(g, drop, nothing, &arg, 1);
    vec_last(&g->fn->blocks.items[now.v].stmts).sub = 1;
    jir_emit(g->fn, g->block, OP_INTRINSIC, 0)->number = INTRINSIC_drop_leave;
    glue_return(g);

    g->block = later;
    uint8_t mode = MODE_MUT;
    JirCallee *again = ARENA_NEW(g->jir->arena, JirCallee);
    again->instance =
        mono_shim(g->mono, g->fn->id, type_func(types, MODE_BORROW, &type, &mode, 1, glue_type(g, TY_VOID)));
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
