// Ord and Default glue: part by part, in order of declaration.
#include "ir/layout.h"
#include "ir/mono_internal.h"

// The numbers of Ordering's variants, as std declares them.
enum { LESS, EQUAL, GREATER };

// ---- Ord -----------------------------------------------------------------------------------------------------------

static void give_ordering(Glue *g, uint32_t variant) {
    glue_make_variant(g, glue_result(g), variant, NULL, 0);
    glue_return(g);
}

// Goes on where `same` holds, else leaves with what `otherwise` is about to give.
static BlockId branch(Glue *g, BinaryOp op, PlaceId a, OperandId b) {
    PlaceId holds = glue_temp(g, glue_type(g, TY_BOOL));
    glue_binary(g, op, holds, glue_copy_of(g, a), b);
    BlockId yes = glue_block(g), no = glue_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, holds), yes, no, 0);
    g->block = yes;
    return no;
}

static void order_parts(Glue *g, PlaceId a, PlaceId b) {
    PlaceId order = glue_temp(g, g->fn->locals.items[0].type), tag = glue_temp(g, glue_type(g, TY_I64));
    JirArg args[2] = {{.kind = ARG_REF, .place = a}, {.kind = ARG_REF, .place = b}};
    glue_call_trait(g, LANG_ORD, jir_place_type(g->fn, a), order, args, 2);
    glue_tag(g, tag, order);
    BlockId differ = branch(g, BIN_EQ, tag, glue_int(g, TY_I64, EQUAL)), next = g->block;
    g->block = differ;
    glue_set(g, glue_result(g), glue_copy_of(g, order));
    glue_return(g);
    g->block = next;
}

// Variants stand in order of their declaration; null comes before every value.
static void order_tags(Glue *g, PlaceId a, PlaceId b) {
    PlaceId tag_a = glue_temp(g, glue_type(g, TY_I64)), tag_b = glue_temp(g, glue_type(g, TY_I64));
    glue_tag(g, tag_a, a);
    glue_tag(g, tag_b, b);
    BlockId differ = branch(g, BIN_EQ, tag_a, glue_copy_of(g, tag_b)), next = g->block;
    g->block = differ;
    BlockId greater = branch(g, BIN_LT, tag_a, glue_copy_of(g, tag_b));
    give_ordering(g, LESS);
    g->block = greater;
    give_ordering(g, GREATER);
    g->block = next;
}

static void order_variants(Glue *g, PlaceId a, PlaceId b, TypeId type) {
    Program *p = g->mono->program;
    order_tags(g, a, b);
    uint32_t count = type_variant_count(p, type);
    BlockId *blocks = glue_switch(g, a, count), equal = glue_block(g);
    for (uint32_t v = 0; v < count; v++) {
        g->block = blocks[v];
        for (uint32_t f = 0; f < shape_field_count(p, type, v); f++) {
            TypeId part = shape_field_type(p, type, v, f);
            order_parts(g, glue_payload(g, a, v, f, part), glue_payload(g, b, v, f, part));
        }
        glue_goto(g, equal);
    }
    g->block = equal;
}

static void order_items(Glue *g, PlaceId a, PlaceId b, const Type *type) {
    GlueLoop loop = glue_loop(g, type->count);
    order_parts(g, glue_item(g, a, loop.index, type->args[0]), glue_item(g, b, loop.index, type->args[0]));
    glue_loop_end(g, loop);
}

void glue_ord(Glue *g, TypeId type) {
    Program *p = g->mono->program;
    const Type *t = type_get(g->mono->types, type);
    glue_signature(g, type_nominal(g->mono->types, TY_ENUM, p->lang[LANG_ORDERING], NULL, 0));
    PlaceId a = glue_param(g, type, LOCAL_LET_REF), b = glue_param(g, type, LOCAL_LET_REF);
    if (t->kind == TY_ARRAY) {
        order_items(g, a, b, t);
    } else if (t->kind == TY_ENUM || t->kind == TY_OPTIONAL) {
        order_variants(g, a, b, type);
    } else {
        for (uint32_t i = 0; i < shape_field_count(p, type, 0); i++) {
            TypeId part = shape_field_type(p, type, 0, i);
            order_parts(g, glue_field(g, a, i, part), glue_field(g, b, i, part));
        }
    }
    give_ordering(g, EQUAL);
}

// ---- Default -------------------------------------------------------------------------------------------------------

// What the field is declared with, or what its type starts from.
static void default_part(Glue *g, TypeId type, uint32_t index, TypeId part, PlaceId dst) {
    Program *p = g->mono->program;
    const Type *t = type_get(g->mono->types, type);
    DeclId field = t->kind == TY_STRUCT ? program_shape(p, t->decl)->fields.fields[index] : (DeclId){0};
    if (field.v != 0 && ast_param(program_ast(p, field), program_decl(p, field)->node).default_value.v != 0)
        glue_call(g, jir_callee(g->jir, field, false, t->args, t->arg_count), dst, NULL, 0);
    else
        glue_call_trait(g, LANG_DEFAULT, part, dst, NULL, 0);
}

static void default_parts(Glue *g, TypeId type) {
    Program *p = g->mono->program;
    uint32_t count = shape_field_count(p, type, 0);
    OperandId *items = ARENA_ARRAY(g->jir->arena, OperandId, count);
    BlockId rest = glue_resume_block(g);
    for (uint32_t i = 0; i < count; i++) {
        TypeId part = shape_field_type(p, type, 0, i);
        PlaceId value = glue_temp(g, part);
        default_part(g, type, i, part, value);
        vec_last(&jir_block(g->fn, g->block)->stmts).unwind = rest.v;
        glue_drop_on_panic(g, value, &rest);
        items[i] = glue_move_of(g, value);
    }
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_MAKE, 0);
    stmt->dst = glue_result(g);
    jir_stmt_operands(g->fn, stmt, items, count);
}

void glue_default(Glue *g, TypeId type) {
    const Type *t = type_get(g->mono->types, type);
    glue_signature(g, type);
    g->fn->has_pads = true;
    if (t->kind == TY_ARRAY) {
        GlueLoop loop = glue_loop(g, t->count);
        BlockId rest = glue_drop_made(g, loop.index, t->args[0]);
        glue_call_trait(g, LANG_DEFAULT, t->args[0], glue_item(g, glue_result(g), loop.index, t->args[0]), NULL, 0);
        vec_last(&jir_block(g->fn, g->block)->stmts).unwind = rest.v;
        glue_loop_end(g, loop);
    } else if (t->kind == TY_OPTIONAL) {
        glue_make_variant(g, glue_result(g), 0, NULL, 0);
    } else {
        default_parts(g, type);
    }
    glue_return(g);
}
