// Json glue: what a type that derives Json writes, and how it is read. The texts are made and judged by functions of
// std.json; the glue knows the parts.
//
// Reading. Each part has a slot, an optional that is null until the part has been read, so that wherever reading fails
// or panics all slots are dropped as they are. Members mostly come in the order of their declaration: after each one
// the glue looks whether the text goes on with the key of the next, and asks for the number of the key only where it
// does not.
#include "ir/mono_internal.h"

enum { METHOD_TO, METHOD_FROM };

static DeclId json_method(const Mono *mono, uint32_t index) {
    const Trait *trait = mono->program->traits[mono->program->lang[LANG_JSON].v];
    for (uint32_t i = 0; i < trait->member_count; i++)
        if (program_decl(mono->program, trait->members[i])->kind == DECL_FUNC && index-- == 0)
            return trait->members[i];
    internal_error("std.json: Json lacks a method");
}

bool glue_json_writes(const Mono *mono, DeclId method) {
    return method.v == json_method(mono, METHOD_TO).v;
}

// ---- calls of std.json ---------------------------------------------------------------------------------------------

static PlaceId text_place(Glue *g, Text text) {
    JirOperand constant = {.const_kind = CONST_STRING, .text = arena_text(g->jir->arena, text)};
    constant.type = type_lang(g->mono->program, LANG_STRING, NULL, 0);
    PlaceId place = glue_temp(g, constant.type);
    glue_set(g, place, jir_operand_const(g->fn, constant));
    return place;
}

static JirArg text_arg(Glue *g, Text text) {
    return (JirArg){.kind = ARG_REF, .place = text_place(g, text)};
}

static JirArg int_arg(Glue *g, OperandId value) {
    PlaceId place = glue_temp(g, glue_type(g, TY_I64));
    glue_set(g, place, value);
    return (JirArg){.kind = ARG_REF, .place = place};
}

static void call_std(Glue *g, LangItem function, PlaceId dst, const JirArg *args, uint32_t count) {
    glue_call(g, jir_callee(g->jir, g->mono->program->lang[function], false, NULL, 0), dst, args, count);
}

// A name as it stands in JSON: names are ASCII letters, digits and `_`.
static Text quoted(Glue *g, Text name) {
    return arena_printf(g->jir->arena, "\"%.*s\"", TEXT_ARG(name));
}

static Text key_piece(Glue *g, Text name) {
    return arena_printf(g->jir->arena, "\"%.*s\":", TEXT_ARG(name));
}

static TypeId std_param(const Glue *g, uint32_t method, uint32_t param) {
    return program_signature(g->mono->program, json_method(g->mono, method))->param_types[param];
}

// ---- writing -------------------------------------------------------------------------------------------------------

static void put(Glue *g, PlaceId out, LangItem function, Text text) {
    JirArg args[2] = {{.kind = ARG_MUT_REF, .place = out}, text_arg(g, text)};
    call_std(g, function, glue_temp(g, glue_type(g, TY_VOID)), args, 2);
}

static void put_item(Glue *g, PlaceId out) {
    JirArg arg = {.kind = ARG_MUT_REF, .place = out};
    call_std(g, LANG_JSON_PUT_ITEM, glue_temp(g, glue_type(g, TY_VOID)), &arg, 1);
}

static void put_value(Glue *g, PlaceId out, PlaceId part) {
    TypeId type = jir_place_type(g->fn, part);
    JirArg args[2] = {{.kind = ARG_REF, .place = part}, {.kind = ARG_MUT_REF, .place = out}};
    JirCallee *callee = jir_callee(g->jir, json_method(g->mono, METHOD_TO), true, &type, 1);
    glue_call(g, callee, glue_temp(g, glue_type(g, TY_VOID)), args, 2);
}

// A part of a struct or a tuple, or of a variant's payload.
static PlaceId part_place(Glue *g, PlaceId self, TypeId type, uint32_t variant, uint32_t index) {
    TypeId part = shape_field_type(g->mono->program, type, variant, index);
    bool is_payload = type_get(g->mono->types, type)->kind == TY_ENUM;
    return is_payload ? glue_payload(g, self, variant, index, part) : glue_field(g, self, index, part);
}

static void put_members(Glue *g, PlaceId out, PlaceId self, TypeId type, uint32_t variant, const Fields *fields) {
    put(g, out, LANG_JSON_PUT_OPEN, TEXT("{"));
    for (uint32_t i = 0; i < fields->count; i++) {
        put(g, out, LANG_JSON_PUT_KEY, key_piece(g, decl_name(g->mono->program, fields->fields[i])));
        put_value(g, out, part_place(g, self, type, variant, i));
    }
    put(g, out, LANG_JSON_PUT_CLOSE, TEXT("}"));
}

static void put_items(Glue *g, PlaceId out, PlaceId self, TypeId type, uint32_t variant, uint32_t count) {
    put(g, out, LANG_JSON_PUT_OPEN, TEXT("["));
    for (uint32_t i = 0; i < count; i++) {
        put_item(g, out);
        put_value(g, out, part_place(g, self, type, variant, i));
    }
    put(g, out, LANG_JSON_PUT_CLOSE, TEXT("]"));
}

static void put_variant(Glue *g, PlaceId out, PlaceId self, TypeId type, uint32_t variant, const Shape *shape) {
    Text name = decl_name(g->mono->program, shape->variants[variant]);
    const Fields *fields = &shape->variant_fields[variant];
    if (fields->count == 0) {
        put(g, out, LANG_JSON_PUT_NAME, quoted(g, name));
        return;
    }
    put(g, out, LANG_JSON_PUT_OPEN, TEXT("{"));
    put(g, out, LANG_JSON_PUT_KEY, key_piece(g, name));
    if (!fields->is_tuple)
        put_members(g, out, self, type, variant, fields);
    else if (fields->count == 1)
        put_value(g, out, part_place(g, self, type, variant, 0));
    else
        put_items(g, out, self, type, variant, fields->count);
    put(g, out, LANG_JSON_PUT_CLOSE, TEXT("}"));
}

static void put_enum(Glue *g, PlaceId out, PlaceId self, TypeId type) {
    const Shape *shape = program_shape(g->mono->program, type_get(g->mono->types, type)->decl);
    BlockId *blocks = glue_switch(g, self, shape->variant_count), end = glue_block(g);
    for (uint32_t v = 0; v < shape->variant_count; v++) {
        g->block = blocks[v];
        put_variant(g, out, self, type, v, shape);
        glue_goto(g, end);
    }
    g->block = end;
}

static void put_array(Glue *g, PlaceId out, PlaceId self, const Type *type) {
    TypeId item = type->args[0];
    uint64_t count = type->count;
    put(g, out, LANG_JSON_PUT_OPEN, TEXT("["));
    GlueLoop loop = glue_loop(g, count);
    put_item(g, out);
    put_value(g, out, glue_item(g, self, loop.index, item));
    glue_loop_end(g, loop);
    put(g, out, LANG_JSON_PUT_CLOSE, TEXT("]"));
}

void glue_to_json(Glue *g, TypeId type) {
    Program *p = g->mono->program;
    const Type *t = type_get(g->mono->types, type);
    glue_signature(g, glue_type(g, TY_VOID));
    PlaceId self = glue_param(g, type, LOCAL_LET_REF), out = glue_param(g, std_param(g, METHOD_TO, 1), LOCAL_MUT_REF);
    if (t->kind == TY_ENUM)
        put_enum(g, out, self, type);
    else if (t->kind == TY_STRUCT)
        put_members(g, out, self, type, 0, &program_shape(p, t->decl)->fields);
    else if (t->kind == TY_ARRAY)
        put_array(g, out, self, t);
    else
        put_items(g, out, self, type, 0, t->arg_count);
    glue_return(g);
}

// ---- reading: what fails -------------------------------------------------------------------------------------------

typedef struct {
    Glue *g;
    TypeId type, error; // what is read, and JsonError
    PlaceId input;
    PlaceId err;       // the error, where one goes to `fail`
    BlockId fail;      // drops what was made so far and gives `err`
    BlockId rest;      // where a panic goes, which drops the same
    BlockId fail_rest; // where one goes while `err` is there
} Read;

static void unwind_to(Glue *g, BlockId rest) {
    vec_last(&jir_block(g->fn, g->block)->stmts).unwind = rest.v;
}

static JirArg input_arg(const Read *r, ArgKind kind) {
    return (JirArg){.kind = kind, .place = r->input};
}

// After a call whose result may be an error: goes on with what it gives; with an error, `step` is put before its path.
static PlaceId value_or_fail(Read *r, PlaceId result, Text step) {
    Glue *g = r->g;
    TypeId value = type_get(g->mono->types, jir_place_type(g->fn, result))->args[1];
    BlockId *blocks = glue_switch(g, result, 2);
    g->block = blocks[1];
    OperandId error = glue_move_of(g, glue_payload(g, result, 1, 0, r->error));
    if (step.size) {
        JirArg args[2] = {{.kind = ARG_VALUE, .value = error}, text_arg(g, step)};
        call_std(g, LANG_JSON_BELOW, r->err, args, 2);
        unwind_to(g, r->rest);
    } else {
        glue_set(g, r->err, error);
    }
    glue_goto(g, r->fail);
    g->block = blocks[0];
    return type_get(g->mono->types, value)->kind == TY_VOID ? (PlaceId){0} : glue_payload(g, result, 0, 0, value);
}

static PlaceId call_or_fail(Read *r, LangItem function, const JirArg *args, uint32_t count) {
    Glue *g = r->g;
    DeclId decl = g->mono->program->lang[function];
    PlaceId result = glue_temp(g, program_signature(g->mono->program, decl)->result);
    call_std(g, function, result, args, count);
    unwind_to(g, r->rest);
    return value_or_fail(r, result, (Text){0});
}

static PlaceId ask(Read *r, LangItem function) {
    JirArg arg = input_arg(r, ARG_MUT_REF);
    return call_or_fail(r, function, &arg, 1);
}

// Fails with what a function says of the name.
static void fail_with(Read *r, LangItem function, Text name) {
    JirArg args[2] = {input_arg(r, ARG_REF), text_arg(r->g, name)};
    call_std(r->g, function, r->err, args, 2);
    unwind_to(r->g, r->rest);
    glue_goto(r->g, r->fail);
}

static TypeId result_type(const Read *r, TypeId value) {
    return type_result(r->g->mono->types, r->error, value);
}

static PlaceId read_value(Read *r, TypeId type, Text step) {
    Glue *g = r->g;
    PlaceId result = glue_temp(g, result_type(r, type));
    JirArg arg = input_arg(r, ARG_MUT_REF);
    glue_call(g, jir_callee(g->jir, json_method(g->mono, METHOD_FROM), true, &type, 1), result, &arg, 1);
    unwind_to(g, r->rest);
    return value_or_fail(r, result, step);
}

// Goes to `yes` or `no`; the next statements need a block.
static void branch_on(Glue *g, PlaceId condition, BlockId yes, BlockId no) {
    jir_branch(g->jir, g->fn, g->block, glue_copy_of(g, condition), yes, no, 0);
}

// ---- reading: slots ------------------------------------------------------------------------------------------------

typedef struct {
    Read read; // as it is while the slots are there
    PlaceId *places;
    TypeId *types;
    uint32_t count;
} Slots;

static void slot_null(Glue *g, PlaceId slot) {
    glue_make_variant(g, slot, 0, NULL, 0);
}

static void slot_fill(Glue *g, PlaceId slot, OperandId value) {
    glue_make_variant(g, slot, 1, &value, 1);
}

// A block that drops the slots from the last one on, puts `step` before the path of the error and fails as `outer`
// does.
static BlockId slots_fail(Slots *s, const Read *outer, Text step) {
    Glue *g = s->read.g;
    BlockId here = g->block, fail = glue_block(g), rest = outer->fail_rest;
    BlockId *rests = ARENA_ARRAY(g->jir->arena, BlockId, s->count + 1);
    for (uint32_t i = 0; i < s->count; i++) {
        rests[i] = rest;
        glue_drop_on_panic(g, s->places[i], &rest);
    }
    s->read.fail_rest = rest;
    g->block = fail;
    for (uint32_t i = s->count; i-- > 0;)
        glue_drop_unwind(g, s->places[i], rests[i]);
    if (step.size) {
        PlaceId longer = glue_temp(g, outer->error);
        JirArg args[2] = {{.kind = ARG_VALUE, .value = glue_move_of(g, outer->err)}, text_arg(g, step)};
        call_std(g, LANG_JSON_BELOW, longer, args, 2);
        glue_set(g, outer->err, glue_move_of(g, longer));
    }
    glue_goto(g, outer->fail);
    g->block = here;
    return fail;
}

static Slots slots_begin(const Read *outer, uint32_t variant, uint32_t count, Text step) {
    Glue *g = outer->g;
    Slots s = {.read = *outer, .count = count};
    s.places = ARENA_ARRAY(g->jir->arena, PlaceId, count + 1);
    s.types = ARENA_ARRAY(g->jir->arena, TypeId, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        s.types[i] = shape_field_type(g->mono->program, outer->type, variant, i);
        s.places[i] = glue_temp(g, type_unary(g->mono->types, TY_OPTIONAL, s.types[i]));
        slot_null(g, s.places[i]);
        glue_drop_on_panic(g, s.places[i], &s.read.rest);
    }
    s.read.fail = slots_fail(&s, outer, step);
    return s;
}

// The values of slots that are all filled; nothing may fail or panic any more.
static OperandId *slots_take(Slots *s) {
    Glue *g = s->read.g;
    OperandId *items = ARENA_ARRAY(g->jir->arena, OperandId, s->count + 1);
    for (uint32_t i = 0; i < s->count; i++)
        items[i] = glue_move_of(g, glue_payload(g, s->places[i], 1, 0, s->types[i]));
    return items;
}

// ---- reading: objects ----------------------------------------------------------------------------------------------

static bool field_has_default(const Program *p, DeclId field) {
    const Decl *decl = program_decl(p, field);
    return program_decl(p, decl->parent)->kind == DECL_STRUCT &&
           ast_param(program_ast(p, field), decl->node).default_value.v != 0;
}

// What a field is that no member gave. False if that is an error.
static bool missing_member(Slots *s, const Fields *fields, uint32_t index) {
    Glue *g = s->read.g;
    Program *p = g->mono->program;
    DeclId field = fields->fields[index];
    if (field_has_default(p, field)) {
        const Type *t = type_get(g->mono->types, s->read.type);
        PlaceId value = glue_temp(g, s->types[index]);
        glue_call(g, jir_callee(g->jir, field, false, t->args, t->arg_count), value, NULL, 0);
        unwind_to(g, s->read.rest);
        slot_fill(g, s->places[index], glue_move_of(g, value));
    } else if (type_get(g->mono->types, s->types[index])->kind == TY_OPTIONAL) {
        PlaceId value = glue_temp(g, s->types[index]);
        slot_null(g, value);
        slot_fill(g, s->places[index], glue_move_of(g, value));
    } else {
        fail_with(&s->read, LANG_JSON_MISSING, decl_name(p, field));
        return false;
    }
    return true;
}

static void fill_missing(Slots *s, const Fields *fields) {
    Glue *g = s->read.g;
    for (uint32_t i = 0; i < s->count; i++) {
        BlockId *blocks = glue_switch(g, s->places[i], 2), next = blocks[1];
        g->block = blocks[0];
        if (missing_member(s, fields, i))
            glue_goto(g, next);
        g->block = next;
    }
}

static Text member_names(Glue *g, const DeclId *members, uint32_t count) {
    Buffer names = {0};
    for (uint32_t i = 0; i < count; i++) {
        buffer_text(&names, decl_name(g->mono->program, members[i]));
        buffer_char(&names, '\n');
    }
    Text kept = arena_text(g->jir->arena, buffer_view(&names));
    vec_free(&names);
    return kept;
}

// The blocks of an object's members.
typedef struct {
    BlockId *tries, *values; // of each field: where its key is expected; where its value is read
    BlockId any;             // where any key may stand
    BlockId again;           // after a member that is no field: the field that was expected is so still
    BlockId end;
    PlaceId expected;
} MemberBlocks;

static MemberBlocks member_blocks(Glue *g, uint32_t count) {
    MemberBlocks b = {.any = glue_block(g), .again = glue_block(g), .end = glue_block(g)};
    b.tries = ARENA_ARRAY(g->jir->arena, BlockId, count + 1);
    b.values = ARENA_ARRAY(g->jir->arena, BlockId, count + 1);
    b.expected = glue_temp(g, glue_type(g, TY_I64));
    for (uint32_t i = 0; i < count; i++) {
        b.tries[i] = glue_block(g);
        b.values[i] = glue_block(g);
    }
    b.tries[count] = b.any;
    return b;
}

static void read_member(Slots *s, const MemberBlocks *b, const Fields *fields, uint32_t index) {
    Glue *g = s->read.g;
    Text name = decl_name(g->mono->program, fields->fields[index]);
    g->block = b->tries[index];
    PlaceId is_next = glue_temp(g, glue_type(g, TY_BOOL));
    JirArg args[2] = {input_arg(&s->read, ARG_MUT_REF), text_arg(g, key_piece(g, name))};
    call_std(g, LANG_JSON_AT_KEY, is_next, args, 2);
    unwind_to(g, s->read.rest);
    branch_on(g, is_next, b->values[index], b->any);
    g->block = b->values[index];
    BlockId *seen = glue_switch(g, s->places[index], 2);
    g->block = seen[1];
    fail_with(&s->read, LANG_JSON_DUPLICATE, name);
    g->block = seen[0];
    PlaceId value = read_value(&s->read, s->types[index], arena_printf(g->jir->arena, ".%.*s", TEXT_ARG(name)));
    slot_fill(g, s->places[index], glue_move_of(g, value));
    glue_set(g, b->expected, glue_int(g, TY_I64, index + 1));
    branch_on(g, ask(&s->read, LANG_JSON_NEXT), b->tries[index + 1], b->end);
}

// A key out of turn, or of no field.
static void read_any_member(Slots *s, const MemberBlocks *b, const Fields *fields) {
    Glue *g = s->read.g;
    uint64_t *numbers = ARENA_ARRAY(g->jir->arena, uint64_t, s->count + 1);
    BlockId *targets = ARENA_ARRAY(g->jir->arena, BlockId, s->count + 1), skip = glue_block(g);
    for (uint32_t i = 0; i < s->count; i++) {
        numbers[i] = i;
        targets[i] = b->values[i];
    }
    targets[s->count] = skip;
    g->block = b->any;
    JirArg args[2] = {input_arg(&s->read, ARG_MUT_REF), text_arg(g, member_names(g, fields->fields, s->count))};
    PlaceId key = call_or_fail(&s->read, LANG_JSON_KEY, args, 2);
    jir_switch(g->jir, g->fn, g->block, glue_copy_of(g, key), numbers, targets, s->count, 0);
    g->block = skip;
    ask(&s->read, LANG_JSON_SKIP);
    branch_on(g, ask(&s->read, LANG_JSON_NEXT), b->again, b->end);
    g->block = b->again;
    BlockId *tries = arena_copy(g->jir->arena, b->tries, (s->count + 1) * sizeof *b->tries, _Alignof(BlockId));
    jir_switch(g->jir, g->fn, g->block, glue_copy_of(g, b->expected), numbers, tries, s->count, 0);
}

static void read_members(Slots *s, const Fields *fields) {
    Glue *g = s->read.g;
    MemberBlocks b = member_blocks(g, s->count);
    glue_set(g, b.expected, glue_int(g, TY_I64, 0));
    branch_on(g, ask(&s->read, LANG_JSON_OPEN), b.tries[0], b.end);
    for (uint32_t i = 0; i < s->count; i++)
        read_member(s, &b, fields, i);
    read_any_member(s, &b, fields);
    g->block = b.end;
    fill_missing(s, fields);
}

// ---- reading: lists ------------------------------------------------------------------------------------------------

static void read_comma(Read *r, OperandId index, uint64_t count) {
    JirArg args[3] = {input_arg(r, ARG_MUT_REF), int_arg(r->g, index), int_arg(r->g, glue_int(r->g, TY_I64, count))};
    call_or_fail(r, LANG_JSON_TUPLE, args, 3);
}

static void read_items(Slots *s) {
    Glue *g = s->read.g;
    for (uint32_t i = 0; i < s->count; i++) {
        read_comma(&s->read, glue_int(g, TY_I64, i), s->count);
        Text step = arena_printf(g->jir->arena, "[%u]", i);
        PlaceId value = read_value(&s->read, s->types[i], step);
        slot_fill(g, s->places[i], glue_move_of(g, value));
    }
    read_comma(&s->read, glue_int(g, TY_I64, s->count), s->count);
}

// A block that drops the items below the index from the last one on and goes on to `target`.
static BlockId drop_items(Glue *g, PlaceId array, PlaceId index, TypeId item, BlockId target, BlockId unwind) {
    if (!mono_needs_drop(g->mono, item))
        return target;
    bool is_cleanup = jir_block(g->fn, target)->is_cleanup;
    BlockId here = g->block, head = glue_block(g), again = glue_block(g);
    jir_block(g->fn, head)->is_cleanup = jir_block(g->fn, again)->is_cleanup = is_cleanup;
    PlaceId more = glue_temp(g, glue_type(g, TY_BOOL));
    g->block = head;
    glue_binary(g, BIN_GT, more, glue_copy_of(g, index), glue_int(g, TY_I64, 0));
    branch_on(g, more, again, target);
    g->block = again;
    glue_binary(g, BIN_SUB_NOWRAP, index, glue_copy_of(g, index), glue_int(g, TY_I64, 1));
    if (is_cleanup)
        glue_drop_place(g, glue_item(g, array, index, item));
    else
        glue_drop_unwind(g, glue_item(g, array, index, item), unwind);
    glue_goto(g, head);
    g->block = here;
    return head;
}

static PlaceId read_array(Read *r, TypeId type) {
    Glue *g = r->g;
    TypeId item = type_get(g->mono->types, type)->args[0];
    uint64_t count = type_get(g->mono->types, type)->count;
    PlaceId array = glue_temp(g, type);
    GlueLoop loop = glue_loop(g, count);
    Read inner = *r;
    inner.fail_rest = drop_items(g, array, loop.index, item, r->fail_rest, (BlockId){0});
    inner.rest = drop_items(g, array, loop.index, item, r->rest, (BlockId){0});
    inner.fail = drop_items(g, array, loop.index, item, r->fail, inner.fail_rest);
    read_comma(&inner, glue_copy_of(g, loop.index), count);
    PlaceId result = glue_temp(g, result_type(r, item));
    JirArg arg = input_arg(r, ARG_MUT_REF);
    glue_call(g, jir_callee(g->jir, json_method(g->mono, METHOD_FROM), true, &item, 1), result, &arg, 1);
    unwind_to(g, inner.rest);
    BlockId *blocks = glue_switch(g, result, 2);
    g->block = blocks[1];
    JirArg args[2] = {{.kind = ARG_VALUE, .value = glue_move_of(g, glue_payload(g, result, 1, 0, r->error))},
                      int_arg(g, glue_copy_of(g, loop.index))};
    call_std(g, LANG_JSON_BELOW_ITEM, r->err, args, 2);
    unwind_to(g, inner.rest);
    glue_goto(g, inner.fail);
    g->block = blocks[0];
    glue_set(g, glue_item(g, array, loop.index, item), glue_move_of(g, glue_payload(g, result, 0, 0, item)));
    glue_loop_end(g, loop);
    read_comma(&inner, glue_copy_of(g, loop.index), count);
    return array;
}

// ---- reading: enums ------------------------------------------------------------------------------------------------

static void give(Read *r, PlaceId value) {
    Glue *g = r->g;
    OperandId operand = glue_move_of(g, value);
    glue_make_variant(g, glue_result(g), 0, &operand, 1);
    glue_return(g);
}

static void give_made(Read *r, OpKind op, uint32_t variant, const OperandId *items, uint32_t count) {
    Glue *g = r->g;
    PlaceId value = glue_temp(g, r->type);
    JirStmt *stmt = jir_emit(g->fn, g->block, op, 0);
    stmt->number = op == OP_MAKE_VARIANT ? variant : 0;
    stmt->dst = value;
    jir_stmt_operands(g->fn, stmt, items, count);
    give(r, value);
}

static void read_payload(Read *r, uint32_t variant, const Fields *fields, Text name) {
    Slots s = slots_begin(r, variant, fields->count, arena_printf(r->g->jir->arena, ".%.*s", TEXT_ARG(name)));
    if (!fields->is_tuple) {
        read_members(&s, fields);
    } else if (fields->count == 1) {
        PlaceId value = read_value(&s.read, s.types[0], (Text){0});
        slot_fill(r->g, s.places[0], glue_move_of(r->g, value));
    } else {
        read_items(&s);
    }
    ask(&s.read, LANG_JSON_VARIANT_END);
    give_made(r, OP_MAKE_VARIANT, variant, slots_take(&s), s.count);
}

// `blocks`: where the name alone stands, and where a value follows.
static void read_variant(Read *r, const Shape *shape, uint32_t variant, const BlockId *blocks) {
    Glue *g = r->g;
    const Fields *fields = &shape->variant_fields[variant];
    Text name = decl_name(g->mono->program, shape->variants[variant]);
    g->block = blocks[0];
    if (fields->count == 0)
        give_made(r, OP_MAKE_VARIANT, variant, NULL, 0);
    else
        fail_with(r, LANG_JSON_PAYLOAD, name);
    g->block = blocks[1];
    if (fields->count > 0) {
        read_payload(r, variant, fields, name);
        return;
    }
    ask(r, LANG_JSON_UNIT);
    ask(r, LANG_JSON_VARIANT_END);
    give_made(r, OP_MAKE_VARIANT, variant, NULL, 0);
}

static void read_enum(Read *r, const Shape *shape) {
    Glue *g = r->g;
    uint32_t count = shape->variant_count * 2;
    JirArg args[2] = {input_arg(r, ARG_MUT_REF), text_arg(g, member_names(g, shape->variants, shape->variant_count))};
    PlaceId number = call_or_fail(r, LANG_JSON_VARIANT, args, 2);
    uint64_t *numbers = ARENA_ARRAY(g->jir->arena, uint64_t, count + 1);
    BlockId *blocks = ARENA_ARRAY(g->jir->arena, BlockId, count + 1);
    for (uint32_t i = 0; i <= count; i++) {
        numbers[i] = i;
        blocks[i] = glue_block(g);
    }
    jir_unreachable(g->fn, blocks[count], 0);
    jir_switch(g->jir, g->fn, g->block, glue_copy_of(g, number), numbers, blocks, count, 0);
    for (uint32_t v = 0; v < shape->variant_count; v++)
        read_variant(r, shape, v, &blocks[v * 2]);
}

// ---- reading -------------------------------------------------------------------------------------------------------

static Read read_begin(Glue *g, TypeId type) {
    const Signature *method = program_signature(g->mono->program, json_method(g->mono, METHOD_FROM));
    Read r = {.g = g, .type = type, .error = type_get(g->mono->types, method->result)->args[0]};
    glue_signature(g, result_type(&r, type));
    g->fn->has_pads = true;
    r.input = glue_param(g, std_param(g, METHOD_FROM, 0), LOCAL_MUT_REF);
    r.err = glue_temp(g, r.error);
    r.fail_rest = r.rest = glue_resume_block(g);
    glue_drop_on_panic(g, r.err, &r.fail_rest);
    BlockId here = g->block;
    g->block = r.fail = glue_block(g);
    OperandId error = glue_move_of(g, r.err);
    glue_make_variant(g, glue_result(g), 1, &error, 1);
    glue_return(g);
    g->block = here;
    return r;
}

void glue_from_json(Glue *g, TypeId type) {
    Program *p = g->mono->program;
    const Type *t = type_get(g->mono->types, type);
    Read r = read_begin(g, type);
    if (t->kind == TY_ENUM) {
        read_enum(&r, program_shape(p, t->decl));
        return;
    }
    if (t->kind == TY_ARRAY) {
        give(&r, read_array(&r, type));
        return;
    }
    Slots s = slots_begin(&r, 0, shape_field_count(p, type, 0), (Text){0});
    if (t->kind == TY_STRUCT)
        read_members(&s, &program_shape(p, t->decl)->fields);
    else
        read_items(&s);
    give_made(&r, OP_MAKE, 0, slots_take(&s), s.count);
}
