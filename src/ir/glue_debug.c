// Debug glue: values as one would write them. Point { x: 1, y: 2.0 }, Shape.Circle(1.5), (1, "a"), null,
// DbError.Missing.
#include "ir/mono_internal.h"

static OperandId text_operand(Glue *g, Text text) {
    JirOperand constant = {.const_kind = CONST_STRING, .text = text};
    constant.type = type_lang(g->mono->program, LANG_STRING, NULL, 0);
    return jir_operand_const(g->fn, constant);
}

static void write_piece(Glue *g, PlaceId out, Text text) {
    if (!text.size)
        return;
    Text kept = arena_text(g->jir->arena, text);
    OperandId operand = text_operand(g, kept);
    PlaceId piece = glue_temp(g, g->fn->operands.items[operand.v].type);
    glue_set(g, piece, operand);
    JirArg args[2] = {{.kind = ARG_MUT_REF, .place = out}, {.kind = ARG_REF, .place = piece}};
    JirCallee *callee = jir_callee(g->jir, g->mono->program->lang[LANG_WRITE_TEXT], false, NULL, 0);
    glue_call(g, callee, glue_temp(g, glue_type(g, TY_VOID)), args, 2);
}

static bool has_debug(Glue *g, TypeId type) {
    ImplMatch match;
    Program *p = g->mono->program;
    return program_find_impl(p, type, p->lang[LANG_DEBUG], NULL, 0, &match) == MATCH_YES;
}

// What an error carries need not have Debug: the error can be reported all the same.
static void write_part(Glue *g, PlaceId out, PlaceId part) {
    if (!has_debug(g, jir_place_type(g->fn, part))) {
        write_piece(g, out, TEXT("…"));
        return;
    }
    JirArg args[2] = {{.kind = ARG_REF, .place = part}, {.kind = ARG_MUT_REF, .place = out}};
    glue_call_trait(g, LANG_DEBUG, jir_place_type(g->fn, part), glue_temp(g, glue_type(g, TY_VOID)), args, 2);
}

// The fields of a struct (variant 0) or of a variant's payload, the brackets included; `name` goes before them.
static void write_fields(Glue *g, PlaceId out, PlaceId self, TypeId type, uint32_t variant, const Fields *fields,
                         bool is_struct, Text name) {
    Program *p = g->mono->program;
    Buffer text = {0};
    buffer_text(&text, name);
    for (uint32_t i = 0; i < fields->count; i++) {
        buffer_cstr(&text, i ? ", " : fields->is_tuple ? "(" : " { ");
        if (!fields->is_tuple) {
            buffer_text(&text, decl_name(p, fields->fields[i]));
            buffer_cstr(&text, ": ");
        }
        write_piece(g, out, buffer_view(&text));
        text.count = 0;
        TypeId part = shape_field_type(p, type, variant, i);
        write_part(g, out, is_struct ? glue_field(g, self, i, part) : glue_payload(g, self, variant, i, part));
    }
    if (fields->count)
        buffer_cstr(&text, fields->is_tuple ? ")" : " }");
    write_piece(g, out, buffer_view(&text));
    vec_free(&text);
}

static void debug_struct(Glue *g, PlaceId out, PlaceId self, TypeId type) {
    const Type *t = type_get(g->mono->types, type);
    const Shape *shape = program_shape(g->mono->program, t->decl);
    write_fields(g, out, self, type, 0, &shape->fields, true, decl_name(g->mono->program, t->decl));
}

static void debug_enum(Glue *g, PlaceId out, PlaceId self, TypeId type) {
    Program *p = g->mono->program;
    const Type *t = type_get(g->mono->types, type);
    const Shape *shape = program_shape(p, t->decl);
    BlockId *blocks = glue_switch(g, self, shape->variant_count), end = glue_block(g);
    Text owner = decl_name(p, t->decl);
    for (uint32_t v = 0; v < shape->variant_count; v++) {
        g->block = blocks[v];
        Text variant = decl_name(p, shape->variants[v]);
        Text name = arena_printf(g->jir->arena, "%.*s.%.*s", TEXT_ARG(owner), TEXT_ARG(variant));
        write_fields(g, out, self, type, v, &shape->variant_fields[v], false, name);
        glue_goto(g, end);
    }
    g->block = end;
}

static void debug_tuple(Glue *g, PlaceId out, PlaceId self, TypeId type) {
    const Type *t = type_get(g->mono->types, type);
    for (uint32_t i = 0; i < t->arg_count; i++) {
        write_piece(g, out, i ? TEXT(", ") : TEXT("("));
        write_part(g, out, glue_field(g, self, i, type_get(g->mono->types, type)->args[i]));
    }
    write_piece(g, out, TEXT(")"));
}

static void debug_optional(Glue *g, PlaceId out, PlaceId self, TypeId type) {
    BlockId *blocks = glue_switch(g, self, 2), end = glue_block(g);
    g->block = blocks[0];
    write_piece(g, out, TEXT("null"));
    glue_goto(g, end);
    g->block = blocks[1];
    write_part(g, out, glue_payload(g, self, 1, 0, shape_field_type(g->mono->program, type, 1, 0)));
    glue_goto(g, end);
    g->block = end;
}

static void debug_array(Glue *g, PlaceId out, PlaceId self, TypeId type) {
    const Type *t = type_get(g->mono->types, type);
    TypeId item = t->args[0];
    write_piece(g, out, TEXT("["));
    GlueLoop loop = glue_loop(g, t->count);
    PlaceId later = glue_temp(g, glue_type(g, TY_BOOL));
    glue_binary(g, BIN_GT, later, glue_copy_of(g, loop.index), glue_int(g, TY_I64, 0));
    BlockId comma = glue_block(g), print = glue_block(g);
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, later), comma, print, 0);
    g->block = comma;
    write_piece(g, out, TEXT(", "));
    glue_goto(g, print);
    g->block = print;
    write_part(g, out, glue_item(g, self, loop.index, item));
    glue_loop_end(g, loop);
    write_piece(g, out, TEXT("]"));
}

// ---- errors, names of variants ----------------------------------------------------------------------------------

static void debug_error(Glue *g, PlaceId out, PlaceId self, TypeId type) {
    Program *p = g->mono->program;
    uint32_t count;
    const DeclId *variants = error_variants(p, type, &count);
    BlockId *blocks = glue_switch(g, self, count), end = glue_block(g);
    for (uint32_t i = 0; i < count; i++) {
        g->block = blocks[i];
        Text owner = decl_name(p, program_decl(p, variants[i])->parent), variant = decl_name(p, variants[i]);
        Text name = arena_printf(g->jir->arena, "%.*s.%.*s", TEXT_ARG(owner), TEXT_ARG(variant));
        write_fields(g, out, self, type, variants[i].v, error_payload(p, variants[i]), false, name);
        glue_goto(g, end);
    }
    g->block = end;
}

void glue_variant_name(Glue *g, TypeId type) {
    Program *p = g->mono->program;
    glue_signature(g, type_lang(p, LANG_STRING, NULL, 0));
    PlaceId self = glue_param(g, type, LOCAL_LET_REF), result = glue_result(g);
    const Type *t = type_get(g->mono->types, type);
    bool is_enum = t->kind == TY_ENUM;
    uint32_t count;
    const DeclId *variants = is_enum ? program_shape(p, t->decl)->variants : error_variants(p, type, &count);
    if (is_enum)
        count = program_shape(p, t->decl)->variant_count;
    BlockId *blocks = glue_switch(g, self, count);
    for (uint32_t i = 0; i < count; i++) {
        g->block = blocks[i];
        glue_set(g, result, text_operand(g, arena_text(g->jir->arena, decl_name(p, variants[i]))));
        glue_return(g);
    }
}

void glue_debug(Glue *g, TypeId type) {
    const Signature *method = program_signature(g->mono->program, mono_trait_method(g->mono, LANG_DEBUG));
    TypeId writer = method->param_types[1];
    glue_signature(g, glue_type(g, TY_VOID));
    PlaceId self = glue_param(g, type, LOCAL_LET_REF), out = glue_param(g, writer, LOCAL_MUT_REF);
    switch (type_get(g->mono->types, type)->kind) {
    case TY_STRUCT: debug_struct(g, out, self, type); break;
    case TY_ENUM: debug_enum(g, out, self, type); break;
    case TY_TUPLE: debug_tuple(g, out, self, type); break;
    case TY_OPTIONAL: debug_optional(g, out, self, type); break;
    case TY_ARRAY: debug_array(g, out, self, type); break;
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: debug_error(g, out, self, type); break;
    case TY_VOID: write_piece(g, out, TEXT("()")); break;
    case TY_NEVER: break; // nobody comes here
    default: internal_error("std has no Debug for %.*s", TEXT_ARG(type_text(g->mono->program, type)));
    }
    glue_return(g);
}
