#include "ir/build_internal.h"

// ---- types ---------------------------------------------------------------------------------------------------------

const Type *type_of(Build *b, TypeId type) {
    return type_get(b->types, type);
}

TypeKind kind_of(Build *b, TypeId type) {
    return type_get(b->types, type)->kind;
}

bool type_is_void(Build *b, TypeId type) {
    TypeKind kind = kind_of(b, type);
    return kind == TY_VOID || kind == TY_NEVER || kind == TY_NONE;
}

bool type_is_plain(Build *b, TypeId type) {
    return type_class(b->program, type) & CLASS_PLAIN;
}

bool type_needs_drop(Build *b, TypeId type) {
    return type_class(b->program, type) & CLASS_NEEDS_DROP;
}

bool type_is_scalar(Build *b, TypeId type) {
    TypeKind kind = kind_of(b, type);
    return kind == TY_BOOL || kind == TY_CHAR || type_kind_is_integer(kind) || type_kind_is_float(kind);
}

TypeId box_item(Build *b, TypeId type) {
    return type_is_boxed(b->program, type) ? type_of(b, type)->args[0] : (TypeId){0};
}

TypeId list_item(Build *b, TypeId type) {
    const Type *t = type_of(b, type);
    if (t->kind == TY_ARRAY)
        return t->args[0];
    if (t->kind != TY_STRUCT)
        return (TypeId){0};
    bool is_list = t->decl.v == b->program->lang[LANG_LIST].v || t->decl.v == b->program->lang[LANG_SLICE].v;
    return is_list ? t->args[0] : (TypeId){0};
}

TypeId payload_type(Build *b, TypeId type, uint32_t index, uint32_t field) {
    const Type *t = type_of(b, type);
    if (t->kind == TY_OPTIONAL)
        return t->args[0];
    if (t->kind == TY_RESULT)
        return index == 0 ? t->args[1] : t->args[0];
    return shape_field_type(b->program, type, index, field);
}

// ---- blocks --------------------------------------------------------------------------------------------------------

BlockId block_new(Build *b) {
    BlockId block = jir_block_new(b->fn);
    jir_block(b->fn, block)->loop_depth = b->loop_depth;
    return block;
}

void block_start(Build *b, BlockId block) {
    b->block = block;
    b->is_dead = false;
}

void block_goto(Build *b, BlockId target) {
    if (b->is_dead)
        return;
    jir_goto(b->jir, b->fn, b->block, target, b->token);
    block_end(b);
}

void block_end(Build *b) {
    b->block = block_new(b);
    b->is_dead = true;
}

void token_at(Build *b, NodeId n) {
    if (!b->keep_token)
        b->token = ast_token(b->ast, n).v;
}

// ---- statements ----------------------------------------------------------------------------------------------------

JirStmt *emit(Build *b, OpKind op) {
    uint32_t unwind = unwind_chain(b);
    JirStmt *stmt = jir_emit(b->fn, b->block, op, b->token);
    stmt->unwind = unwind;
    return stmt;
}

void emit_set(Build *b, PlaceId dst, OperandId value) {
    if (!dst.v || type_is_void(b, jir_operand_type(b->fn, value)))
        return;
    consume(b, value);
    JirStmt *stmt = emit(b, OP_SET);
    stmt->dst = dst;
    stmt->a = value;
}

void emit_ref(Build *b, PlaceId dst, PlaceId place, bool is_mut) {
    mark_lent(b, place);
    if (is_mut)
        mark_mutated(b, place);
    JirStmt *stmt = emit(b, OP_REF);
    stmt->sub = is_mut;
    stmt->dst = dst;
    stmt->place = place;
}

void emit_make(Build *b, PlaceId dst, const OperandId *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        consume(b, items[i]);
    JirStmt *stmt = emit(b, OP_MAKE);
    stmt->dst = dst;
    jir_stmt_operands(b->fn, stmt, items, count);
}

void emit_variant(Build *b, PlaceId dst, uint32_t number, const OperandId *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        consume(b, items[i]);
    JirStmt *stmt = emit(b, OP_MAKE_VARIANT);
    stmt->dst = dst;
    stmt->number = number;
    jir_stmt_operands(b->fn, stmt, items, count);
}

void emit_switch(Build *b, OperandId value, const uint64_t *values, const BlockId *targets, uint32_t count) {
    if (!b->is_dead)
        jir_switch(b->jir, b->fn, b->block, value, values, targets, count, b->token);
    block_end(b);
}

void emit_branch(Build *b, OperandId condition, BlockId yes, BlockId no) {
    if (!b->is_dead)
        jir_branch(b->jir, b->fn, b->block, condition, yes, no, b->token);
    block_end(b);
}

OperandId emit_binary(Build *b, BinaryOp op, TypeId type, OperandId x, OperandId y) {
    PlaceId temp = temp_new(b, type);
    JirStmt *stmt = emit(b, OP_BINARY);
    stmt->sub = (uint8_t)op;
    stmt->dst = temp;
    stmt->a = x;
    stmt->b = y;
    return copy(b, temp);
}

OperandId emit_tag(Build *b, PlaceId place) {
    PlaceId temp = temp_new(b, T_I64(b));
    JirStmt *stmt = emit(b, OP_TAG);
    stmt->dst = temp;
    stmt->place = place;
    return copy(b, temp);
}

void emit_variant_test(Build *b, PlaceId place, uint32_t number, BlockId some, BlockId other) {
    uint64_t value = number;
    BlockId targets[2] = {some, other};
    emit_switch(b, emit_tag(b, place), &value, targets, 1);
}

// ---- locals and temporaries ----------------------------------------------------------------------------------------

LocalId local_new(Build *b, TypeId type, LocalMode mode, LocalKind kind) {
    JirLocal local = {.type = type, .mode = mode, .kind = kind, .scope = b->scope};
    vec_push(&b->states, (LocalState){.nesting = b->nesting});
    return jir_local_new(b->fn, local);
}

PlaceId temp_new(Build *b, TypeId type) {
    return jir_place_local(b->fn, local_new(b, type, LOCAL_OWNED, LOCAL_TEMP));
}

PlaceId temp_ref(Build *b, TypeId type, bool is_mut) {
    return jir_place_local(b->fn, local_new(b, type, is_mut ? LOCAL_MUT_REF : LOCAL_LET_REF, LOCAL_TEMP));
}

void temp_register(Build *b, PlaceId temp) {
    if (type_needs_drop(b, jir_place_type(b->fn, temp)))
        vec_push(&b->entries, (Entry){.kind = ENTRY_LOCAL, .is_temp = true, .local = {jir_place(b->fn, temp)->root}});
}

static bool place_is_temp(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    if (p->is_global || p->count)
        return false;
    const JirLocal *local = jir_local(b->fn, (LocalId){p->root});
    return local->kind == LOCAL_TEMP && local->mode == LOCAL_OWNED;
}

OperandId take(Build *b, PlaceId place) {
    OperandKind kind = OPERAND_TAKE;
    if (b->is_task)
        capture_take(b, place);
    TypeId type = jir_place_type(b->fn, place);
    if (type_is_plain(b, type) && !type_is_lang(b->program, type, LANG_NURSERY))
        kind = OPERAND_COPY;
    else if (place_is_temp(b, place))
        kind = OPERAND_MOVE;
    return jir_operand_place(b->fn, kind, place);
}

OperandId copy(Build *b, PlaceId place) {
    return jir_operand_place(b->fn, OPERAND_COPY, place);
}

OperandId temp_value(Build *b, PlaceId temp) {
    temp_register(b, temp);
    return take(b, temp);
}

OperandId spill(Build *b, OperandId value) {
    PlaceId temp = temp_new(b, jir_operand_type(b->fn, value));
    emit_set(b, temp, value);
    return temp_value(b, temp);
}

OperandId const_int(Build *b, TypeId type, uint64_t value) {
    return jir_operand_int(b->fn, type, value);
}

OperandId const_bool(Build *b, bool value) {
    return jir_operand_int(b->fn, T_BOOL(b), value);
}

OperandId const_void(Build *b) {
    return jir_operand_const(b->fn, (JirOperand){.const_kind = CONST_VOID, .type = T_VOID(b)});
}

OperandId const_text(Build *b, Text text) {
    TypeId type = type_lang(b->program, LANG_STRING, NULL, 0);
    return jir_operand_const(b->fn, (JirOperand){.const_kind = CONST_STRING, .type = type, .text = text});
}

void consume(Build *b, OperandId value) {
    const JirOperand *o = &b->fn->operands.items[value.v];
    if (o->kind == OPERAND_MOVE && place_is_temp(b, o->place))
        temp_forget(b, o->place);
}

void temp_forget(Build *b, PlaceId temp) {
    uint32_t root = jir_place(b->fn, temp)->root;
    for (uint32_t i = b->entries.count; i > b->region; i--) {
        Entry *entry = &b->entries.items[i - 1];
        if (entry->kind == ENTRY_LOCAL && entry->local.v == root) {
            entry->kind = ENTRY_NONE;
            unwind_forget(b, i - 1);
            while (b->entries.count > b->region && vec_last(&b->entries).kind == ENTRY_NONE)
                b->entries.count--;
            return;
        }
    }
}

// A slice made on the spot that turns out to be changed through: what it was made of is lent mut.
static void mark_slice_mutated(Build *b, uint32_t temp) {
    JirBlock *block = jir_block(b->fn, b->block);
    for (uint32_t i = block->stmts.count; i > 0; i--) {
        const JirStmt *stmt = &block->stmts.items[i - 1];
        if (!stmt->dst.v || jir_place(b->fn, stmt->dst)->root != temp)
            continue;
        if (stmt->op != OP_INTRINSIC || stmt->number != INTRINSIC_slice_of)
            return;
        JirArg *base = &b->fn->args.items[stmt->args];
        base->kind = ARG_MUT_REF;
        mark_mutated(b, base->place);
        return;
    }
}

void mark_mutated(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    if (p->is_global)
        return;
    JirLocal *local = jir_local(b->fn, (LocalId){p->root});
    if (local->kind == LOCAL_TEMP && type_is_lang(b->program, local->type, LANG_SLICE))
        mark_slice_mutated(b, p->root);
    if (local->kind == LOCAL_CAPTURE && local->mode == LOCAL_LET_REF)
        local->mode = LOCAL_MUT_REF;
}

// Does the place lie elsewhere than in its root's own storage: behind a pointer, among a list's items?
static bool place_is_elsewhere(Build *b, const JirPlace *p) {
    TypeId base = jir_local(b->fn, (LocalId){p->root})->type;
    for (uint32_t i = 0; i < p->count; i++) {
        const Projection *proj = &b->fn->projections.items[p->first + i];
        bool is_index = proj->kind == PROJ_INDEX || proj->kind == PROJ_CONST_INDEX;
        if (proj->kind == PROJ_DEREF || (is_index && kind_of(b, base) != TY_ARRAY))
            return true;
        base = proj->type;
    }
    return false;
}

void mark_lent(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    if (p->is_global || place_is_elsewhere(b, p))
        return;
    const JirLocal *local = jir_local(b->fn, (LocalId){p->root});
    LocalState *state = &b->states.items[p->root];
    if (local->mode != LOCAL_OWNED || local->kind == LOCAL_CAPTURE || state->is_lent)
        return;
    state->is_lent = true;
    // A temporary of an outer statement goes on beyond this scope; that it ends later needs no mark.
    bool drops = type_needs_drop(b, local->type) && !local->is_view;
    if (local->kind == LOCAL_TEMP && !drops && state->nesting == b->nesting)
        vec_push(&b->entries, (Entry){.kind = ENTRY_LOCAL, .is_temp = true, .local = {p->root}});
}

// ---- places --------------------------------------------------------------------------------------------------------

PlaceId place_field(Build *b, PlaceId base, uint32_t index, TypeId type) {
    Projection field = {.kind = PROJ_FIELD, .index = index, .type = type};
    return place_strip(b, jir_place_project(b->fn, base, field));
}

PlaceId place_payload(Build *b, PlaceId base, uint32_t number, uint32_t field, TypeId type) {
    Projection variant = {.kind = PROJ_VARIANT, .index = number, .type = jir_place_type(b->fn, base)};
    return place_field(b, jir_place_project(b->fn, base, variant), field, type);
}

PlaceId place_deref(Build *b, PlaceId base, TypeId type) {
    return jir_place_project(b->fn, base, (Projection){.kind = PROJ_DEREF, .type = type});
}

PlaceId place_strip(Build *b, PlaceId place) {
    const Type *type = type_of(b, jir_place_type(b->fn, place));
    while (type->kind == TY_REF) {
        place = place_deref(b, place, type->args[0]);
        type = type_of(b, type->args[0]);
    }
    return place;
}

PlaceId place_unbox(Build *b, PlaceId place, TypeId want) {
    for (;;) {
        TypeId type = jir_place_type(b->fn, place);
        TypeId item = box_item(b, type);
        if (kind_of(b, type) == TY_REF && type.v != want.v)
            place = place_strip(b, place);
        else if (item.v && type.v != want.v)
            place = place_deref(b, place, item);
        else
            return place;
    }
}

bool place_is_stable(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    const JirLocal *local = p->is_global ? NULL : jir_local(b->fn, (LocalId){p->root});
    TypeId before = local ? local->type : p->type;
    for (uint32_t i = 0; i < p->count; i++) {
        const Projection *projection = &b->fn->projections.items[p->first + i];
        if (projection->kind == PROJ_DEREF && kind_of(b, before) == TY_POINTER)
            return false;
        before = projection->type;
    }
    if (!local)
        return true;
    if (local->mode != LOCAL_OWNED)
        return local->mode == LOCAL_LET_REF;
    return local->kind == LOCAL_LET || local->kind == LOCAL_TEMP;
}

bool has_effect(Build *b, NodeId n) {
    for (uint32_t i = ast_first(b->ast, n).v; i <= n.v; i++) {
        NodeKind kind = ast_kind(b->ast, (NodeId){i});
        if (kind == NODE_CALL || kind == NODE_PIPELINE || kind == NODE_ASSIGN)
            return true;
    }
    return false;
}
