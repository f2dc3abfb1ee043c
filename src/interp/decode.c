// Decodes a function once: places become short address computations, operands their types and constants.
#include "interp/internal.h"

enum { REDZONE = 8 };

typedef struct {
    Interp *in;
    const JirFn *fn;
    Code *code;
    VEC(Step) steps;
} Decode;

// ---- types ---------------------------------------------------------------------------------------------------------

ValueType value_type(Interp *in, TypeId id) {
    const TypeLayout *layout = layout_get(in->jir, id);
    TypeKind kind = type_get(in->program->types, id)->kind;
    ValueType type = {.align = layout->align, .size = layout->size, .id = id};
    switch (layout->kind) {
    case LAYOUT_INT:
        type.scalar = type_kind_is_integer(kind) && type_kind_is_signed(kind) ? SCALAR_SIGNED : SCALAR_UNSIGNED;
        type.bits = kind == TY_BOOL ? 1 : (uint8_t)(layout->size * 8);
        break;
    case LAYOUT_FLOAT:
        type.scalar = SCALAR_FLOAT;
        type.bits = (uint8_t)(layout->size * 8);
        break;
    case LAYOUT_POINTER:
        type.scalar = SCALAR_POINTER;
        type.bits = 64;
        break;
    default: break;
    }
    return type;
}

// ---- frames --------------------------------------------------------------------------------------------------------

static bool is_capture(const JirFn *fn, uint32_t local) {
    return local > fn->param_count && local <= fn->param_count + fn->capture_count;
}

static void mark_lent(Decode *d, PlaceId id) {
    const JirPlace *place = &d->fn->places.items[id.v];
    if (id.v && !place->is_global)
        d->code->slots[place->root].is_lent = true;
}

// The locals whose own address is taken somewhere.
static void mark_lent_slots(Decode *d, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_REF:
    case OP_CALL_VALUE: mark_lent(d, stmt->place); break;
    case OP_CAST:
        if (stmt->callee)
            mark_lent(d, d->fn->operands.items[stmt->a.v].place);
        return;
    case OP_CALL:
    case OP_INTRINSIC:
    case OP_MAKE_CLOSURE: break;
    default: return;
    }
    for (uint32_t i = 0; stmt->op != OP_REF && i < stmt->arg_count; i++) {
        const JirArg *arg = &d->fn->args.items[stmt->args + i];
        if (arg->kind != ARG_VALUE)
            mark_lent(d, arg->place);
    }
}

static void mark_live_slots(Decode *d) {
    for (uint32_t b = 0; b < d->fn->blocks.count; b++) {
        const JirBlock *block = &d->fn->blocks.items[b];
        for (uint32_t i = 0; i < block->stmts.count; i++) {
            const JirStmt *stmt = &block->stmts.items[i];
            mark_lent_slots(d, stmt);
            if (stmt->op == OP_LIVE)
                d->code->slots[d->fn->places.items[stmt->dst.v].root].has_live = true;
        }
    }
}

static uint32_t place_slot(uint32_t *end, uint64_t size, uint32_t align) {
    uint32_t at = (*end + REDZONE + align - 1) & ~(align - 1);
    *end = at + (uint32_t)size;
    return at;
}

static void decode_frame(Decode *d) {
    Interp *in = d->in;
    const JirFn *fn = d->fn;
    Code *code = d->code;
    uint32_t end = 0;
    code->slots = ARENA_ARRAY(in->arena, Slot, fn->locals.count);
    mark_live_slots(d);
    if (fn->has_env)
        code->env_slot = place_slot(&end, 8, 8);
    for (uint32_t i = 0; i < fn->locals.count; i++) {
        const JirLocal *local = &fn->locals.items[i];
        const TypeLayout *layout = layout_get(in->jir, local->type);
        if (is_capture(fn, i))
            continue;
        bool is_ref = local->mode != LOCAL_OWNED && !dyn_is(in, local->type);
        code->slots[i].size = is_ref ? 8 : layout->size;
        code->slots[i].offset = place_slot(&end, code->slots[i].size, is_ref ? 8 : layout->align);
    }
    code->frame_size = (end + REDZONE + 15) & ~15u;
    code->result_size = code->slots[0].size;
    code->shadow = ARENA_ARRAY(in->arena, uint8_t, code->frame_size); // SHADOW_NONE
    if (fn->has_env)
        memset(code->shadow + code->env_slot, SHADOW_EMPTY, 8);
    for (uint32_t i = 0; i < fn->locals.count; i++)
        memset(code->shadow + code->slots[i].offset, code->slots[i].has_live ? SHADOW_DEAD : SHADOW_EMPTY,
               code->slots[i].size);
}

// ---- places --------------------------------------------------------------------------------------------------------

static void step(Decode *d, Step s) {
    if (s.kind == STEP_OFFSET && s.value == 0)
        return;
    if (s.kind == STEP_OFFSET && d->steps.count && vec_last(&d->steps).kind == STEP_OFFSET) {
        vec_last(&d->steps).value += s.value;
        return;
    }
    vec_push(&d->steps, s);
}

static void step_offset(Decode *d, uint64_t bytes) {
    step(d, (Step){.kind = STEP_OFFSET, .value = bytes});
}

static void step_deref(Decode *d, DerefKind kind) {
    step(d, (Step){.kind = STEP_DEREF, .value = kind});
}

// An item of a list, slice or array: lists and slices begin with the pointer to their items.
static void step_item(Decode *d, TypeId base, const Projection *proj) {
    DerefKind kind = proj->kind == PROJ_CONST_INDEX ? DEREF_CONST_ITEM : DEREF_ITEM;
    if (type_get(d->in->program->types, base)->kind != TY_ARRAY)
        step_deref(d, type_is_lang(d->in->program, base, LANG_SLICE) ? DEREF_POINTER : kind);
    uint64_t stride = layout_size(d->in->jir, proj->type);
    if (proj->kind == PROJ_CONST_INDEX)
        step_offset(d, stride * proj->index);
    else
        step(d, (Step){.kind = STEP_INDEX, .slot = d->code->slots[proj->index].offset, .value = stride});
}

static void decode_steps(Decode *d, const JirPlace *place, TypeId type) {
    uint32_t variant = 0;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *proj = &d->fn->projections.items[place->first + i];
        switch (proj->kind) {
        case PROJ_FIELD: step_offset(d, layout_field_offset(d->in->jir, type, variant, proj->index)); break;
        case PROJ_VARIANT:
            variant = proj->index;
            step(d, (Step){.kind = STEP_VARIANT, .slot = variant, .layout = layout_get(d->in->jir, type)});
            type = proj->type;
            continue;
        case PROJ_INDEX:
        case PROJ_CONST_INDEX: step_item(d, type, proj); break;
        case PROJ_DEREF: // a reference to a dyn is its two words: what follows one stays where it is
            if (!dyn_is(d->in, proj->type))
                step_deref(d, type_is_lang(d->in->program, type, LANG_BOX) ? DEREF_BOX : DEREF_POINTER);
            break;
        }
        variant = 0;
        type = proj->type;
    }
}

static void decode_root(Decode *d, const JirPlace *place, Addr *addr) {
    const JirLocal *local = &d->fn->locals.items[place->root];
    bool is_ref = local->mode != LOCAL_OWNED && !dyn_is(d->in, local->type);
    addr->kind = ADDR_PATH;
    if (!is_capture(d->fn, place->root)) {
        addr->slot = d->code->slots[place->root].offset;
        if (is_ref)
            step_deref(d, DEREF_POINTER);
        return;
    }
    addr->slot = d->code->env_slot;
    step_deref(d, DEREF_POINTER);
    uint32_t capture = place->root - 1 - d->fn->param_count;
    step_offset(d, layout_field_offset(d->in->jir, d->fn->closure_type, 0, capture));
    if (is_ref)
        step_deref(d, DEREF_POINTER);
}

static Addr decode_place(Decode *d, PlaceId id) {
    Addr addr = {0};
    if (!id.v)
        return addr;
    const JirPlace *place = &d->fn->places.items[id.v];
    d->steps.count = 0;
    TypeId type;
    if (place->is_global) {
        addr.kind = ADDR_GLOBAL;
        addr.constant = (DeclId){place->root};
        type = place->count ? (TypeId){0} : place->type;
        uint32_t fn = 0;
        if (map_get(&d->in->jir->by_decl, place->root, &fn))
            type = jir_fn(d->in->jir, (JirFnId){fn})->locals.items[0].type;
    } else {
        decode_root(d, place, &addr);
        type = d->fn->locals.items[place->root].type;
    }
    decode_steps(d, place, type);
    const Step *steps = d->steps.items;
    uint32_t count = d->steps.count;
    bool one_offset = count == 1 && steps[0].kind == STEP_OFFSET;
    if (addr.kind == ADDR_PATH && (count == 0 || one_offset)) {
        addr.kind = ADDR_FRAME;
        addr.slot += count ? (uint32_t)steps[0].value : 0;
        addr.is_whole = place->count == 0;
    } else if (addr.kind == ADDR_PATH && steps[0].kind == STEP_DEREF &&
               (count == 1 || (count == 2 && steps[1].kind == STEP_OFFSET))) {
        addr.kind = ADDR_REF;
        addr.deref = (DerefKind)steps[0].value;
        addr.offset = count == 2 ? (uint32_t)steps[1].value : 0;
    } else {
        addr.steps = count ? arena_copy(d->in->arena, steps, count * sizeof *steps, _Alignof(Step)) : NULL;
        addr.step_count = count;
    }
    addr.is_private = !place->is_global && !is_capture(d->fn, place->root) && !d->code->slots[place->root].is_lent;
    return addr;
}

// The slot of a reference local itself.
static Addr decode_slot(Decode *d, PlaceId id) {
    const JirPlace *place = &d->fn->places.items[id.v];
    return (Addr){.kind = ADDR_FRAME, .slot = d->code->slots[place->root].offset, .is_private = true};
}

// ---- operands ------------------------------------------------------------------------------------------------------

static uint64_t float_bits(double x, uint8_t bits) {
    if (bits == 64) {
        uint64_t out;
        memcpy(&out, &x, 8);
        return out;
    }
    float narrow = (float)x;
    uint32_t out;
    memcpy(&out, &narrow, 4);
    return out;
}

// Bytes of a literal: a String {owner, data, len}, a List or Slice {data, len …}, or an array itself.
static const uint8_t *literal_image(Decode *d, const JirOperand *operand, const ValueType *type) {
    uint64_t *image = ARENA_ARRAY(d->in->arena, uint64_t, type->size / 8 + 1);
    if (type_get(d->in->program->types, type->id)->kind == TY_ARRAY) {
        memcpy(image, operand->text.data, operand->text.size);
        return (const uint8_t *)image;
    }
    uint32_t at = type_is_lang(d->in->program, type->id, LANG_STRING) ? 1 : 0;
    image[at] = (uint64_t)(uintptr_t)interp_literal(d->in, operand->text.data, operand->text.size);
    image[at + 1] = operand->text.size;
    return (const uint8_t *)image;
}

// Whether the place is part of a value whose type has an impl of Drop itself.
static bool is_part_of_drop(Decode *d, const JirPlace *place) {
    Program *program = d->in->program;
    DeclId drop = program->lang[LANG_DROP];
    if (place->is_global || !drop.v || d->fn->is_glue)
        return false;
    TypeId type = d->fn->locals.items[place->root].type;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *proj = &d->fn->projections.items[place->first + i];
        TypeKind kind = type_get(program->types, type)->kind;
        if (proj->kind == PROJ_FIELD && (kind == TY_STRUCT || kind == TY_ENUM)) {
            uint32_t at = impl_chain(program, drop, type_head(program, type));
            if (impl_chain_next(program, &at).v)
                return true;
        }
        type = proj->type;
    }
    return false;
}

static Value decode_operand(Decode *d, OperandId id) {
    Value value = {0};
    if (!id.v)
        return value;
    const JirOperand *operand = &d->fn->operands.items[id.v];
    value.type = value_type(d->in, jir_operand_type(d->fn, id));
    value.is_raw = type_get(d->in->program->types, value.type.id)->kind == TY_POINTER;
    if (operand->kind != OPERAND_CONST) {
        value.addr = decode_place(d, operand->place);
        value.is_move = operand->kind == OPERAND_MOVE;
        uint32_t class = type_class(d->in->program, value.type.id);
        value.is_view = !value.is_move && class & CLASS_VIEW && class & CLASS_PLAIN;
        value.is_broken =
            value.is_move && !(class & CLASS_PLAIN) && is_part_of_drop(d, &d->fn->places.items[operand->place.v]);
        return value;
    }
    value.is_const = true;
    value.low = operand->low;
    value.high = operand->high;
    switch (operand->const_kind) {
    case CONST_FLOAT: {
        double x;
        memcpy(&x, &operand->low, 8);
        value.low = float_bits(x, value.type.bits);
        value.high = 0;
        break;
    }
    case CONST_STRING:
    case CONST_BYTES: value.bytes = literal_image(d, operand, &value.type); break;
    case CONST_FUNC: {
        uint64_t *image = ARENA_ARRAY(d->in->arena, uint64_t, 2);
        image[0] = function_word(operand->callee->instance);
        value.bytes = (const uint8_t *)image;
        break;
    }
    case CONST_INT:
        if (value.type.bits <= 64 && value.type.scalar == SCALAR_SIGNED && (int64_t)value.low < 0)
            value.high = UINT64_MAX; // extended like a loaded value
        else if (value.type.bits <= 64)
            value.high = 0;
        break;
    case CONST_VOID: break;
    }
    return value;
}

// How much of a lent place is there. A list that is only read may be a slice or an array: then only its pointer and
// length are.
static uint64_t lent_size(Decode *d, PlaceId place, bool is_read_only) {
    TypeId type = jir_place_type(d->fn, place);
    bool is_list = is_read_only && type_is_lang(d->in->program, type, LANG_LIST);
    return is_list ? 16 : value_type(d->in, type).size;
}

static void decode_args(Decode *d, const JirStmt *stmt, Ins *ins) {
    ins->count = stmt->arg_count;
    ins->args = ARENA_ARRAY(d->in->arena, Arg, stmt->arg_count);
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &d->fn->args.items[stmt->args + i];
        ins->args[i].kind = arg->kind;
        if (arg->kind == ARG_VALUE) {
            ins->args[i].value = decode_operand(d, arg->value);
        } else {
            ins->args[i].addr = decode_place(d, arg->place);
            ins->args[i].value.type = value_type(d->in, jir_place_type(d->fn, arg->place));
            ins->args[i].size = lent_size(d, arg->place, arg->kind != ARG_MUT_REF);
        }
    }
}

// ---- statements ----------------------------------------------------------------------------------------------------

// What type of value a statement gives its dst; none where it is that of dst.
static TypeId result_type(Decode *d, const JirStmt *stmt) {
    const Type *type;
    switch ((OpKind)stmt->op) {
    case OP_SET: return jir_operand_type(d->fn, stmt->a);
    case OP_CALL:
        return stmt->callee->instance.v ? jir_fn(d->in->jir, stmt->callee->instance)->locals.items[0].type
                                        : (TypeId){0};
    case OP_CALL_VALUE:
        if (stmt->callee)
            return jir_fn(d->in->jir, stmt->callee->instance)->locals.items[0].type;
        type = type_get(d->in->program->types, jir_place_type(d->fn, stmt->place));
        while (type->kind == TY_REF)
            type = type_get(d->in->program->types, type->args[0]);
        return type->args[type->arg_count - 1];
    case OP_INTRINSIC:
        if (stmt->number == INTRINSIC_ptr_ref || stmt->number == INTRINSIC_ptr_mut)
            return type_ref(d->in->program->types, stmt->callee->type_args[0], stmt->number == INTRINSIC_ptr_mut);
        return (TypeId){0};
    default: return (TypeId){0};
    }
}

// Does the statement give a reference local its address (rather than change what it refers to)?
static bool is_to_slot(Decode *d, const JirStmt *stmt) {
    const JirPlace *place = &d->fn->places.items[stmt->dst.v];
    if (place->is_global || place->count || d->fn->locals.items[place->root].mode == LOCAL_OWNED ||
        is_capture(d->fn, place->root))
        return false;
    if (stmt->op == OP_REF)
        return true;
    TypeId result = result_type(d, stmt);
    const Types *types = d->in->program->types;
    if (!result.v || type_get(types, result)->kind != TY_REF)
        return false;
    TypeId local = d->fn->locals.items[place->root].type;
    return type_get(types, local)->kind != TY_REF || type_get(types, result)->args[0].v == local.v;
}

static bool may_overlap(const Ins *ins) {
    if (ins->dst.kind != ADDR_FRAME)
        return true;
    for (uint32_t i = 0; i < ins->count; i++) {
        const Value *item = &ins->items[i];
        if (item->is_const)
            continue;
        if (item->addr.kind != ADDR_FRAME)
            return true;
        if (item->addr.slot < ins->dst.slot + ins->dst_type.size && ins->dst.slot < item->addr.slot + item->type.size)
            return true;
    }
    return false;
}

static void decode_items(Decode *d, const JirStmt *stmt, Ins *ins) {
    ins->count = stmt->arg_count;
    ins->items = ARENA_ARRAY(d->in->arena, Value, stmt->arg_count);
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        ins->items[i] = decode_operand(d, (OperandId){d->fn->operand_lists.items[stmt->args + i]});
    ins->overlaps = may_overlap(ins);
}

// Views and locals hold raw pointers as borrows; a field of any other struct owns what it points to.
static bool is_owner(Decode *d, TypeId type) {
    return type.v && type_get(d->in->program->types, type)->kind == TY_STRUCT &&
           !(type_class(d->in->program, type) & CLASS_VIEW);
}

static bool is_owner_field(Decode *d, PlaceId id) {
    const JirPlace *place = &d->fn->places.items[id.v];
    if (!place->count || place->is_global ||
        d->fn->projections.items[place->first + place->count - 1].kind != PROJ_FIELD)
        return false;
    TypeId base = place->count > 1 ? d->fn->projections.items[place->first + place->count - 2].type
                                   : d->fn->locals.items[place->root].type;
    return is_owner(d, base);
}

// A whole local whose value comes after the start of its life, and once.
static bool is_declared(Decode *d, PlaceId id) {
    const JirPlace *place = &d->fn->places.items[id.v];
    if (place->is_global || place->count)
        return false;
    const JirLocal *local = &d->fn->locals.items[place->root];
    return local->kind == LOCAL_LET && local->mode == LOCAL_OWNED && d->code->slots[place->root].has_live;
}

// The old value is taken out because the next statement stores a new one in its place: nothing is missing in between.
static bool is_exchange(const JirFn *fn, const JirStmt *stmt) {
    const JirStmt *next = stmt + 1;
    return stmt->op == OP_SET && next->op == OP_SET && stmt->a.v &&
           fn->operands.items[stmt->a.v].place.v == next->dst.v;
}

static Ins decode_stmt(Decode *d, const JirStmt *stmt, const uint32_t *starts) {
    Ins ins = {.op = stmt->op, .sub = stmt->sub, .number = stmt->number, .token = stmt->token};
    ins.unwind = starts[stmt->unwind];
    if (stmt->dst.v) {
        ins.to_slot = is_to_slot(d, stmt);
        ins.dst = ins.to_slot || stmt->op == OP_LIVE || stmt->op == OP_DEAD ? decode_slot(d, stmt->dst)
                                                                            : decode_place(d, stmt->dst);
        ins.dst_type = value_type(d->in, jir_place_type(d->fn, stmt->dst));
    }
    ins.is_once = stmt->dst.v && stmt->op != OP_LIVE && stmt->op != OP_DEAD && is_declared(d, stmt->dst);
    ins.is_owner = stmt->dst.v && type_get(d->in->program->types, ins.dst_type.id)->kind == TY_POINTER &&
                   is_owner_field(d, stmt->dst);
    if (stmt->place.v) {
        ins.place = decode_place(d, stmt->place);
        ins.place_type = value_type(d->in, jir_place_type(d->fn, stmt->place));
        if (stmt->op == OP_REF)
            ins.place_type.size = lent_size(d, stmt->place, true);
        ins.layout = layout_get(d->in->jir, ins.place_type.id);
    }
    ins.a = decode_operand(d, stmt->a);
    ins.b = decode_operand(d, stmt->b);
    if (stmt->callee) {
        ins.callee = stmt->callee->instance;
        ins.type_a = stmt->callee->type_arg_count > 0 ? stmt->callee->type_args[0] : (TypeId){0};
        ins.type_b = stmt->callee->type_arg_count > 1 ? stmt->callee->type_args[1] : (TypeId){0};
    }
    switch ((OpKind)stmt->op) {
    case OP_SET:
        ins.converts = !ins.to_slot && layout_converts(d->in->jir, ins.a.type.id, ins.dst_type.id);
        if (ins.converts && ins.dst_type.size < ins.a.type.size)
            ins.a.type.size = ins.dst_type.size;
        if (ins.converts && ins.dst_type.align < ins.a.type.align)
            ins.a.type.align = ins.dst_type.align;
        break;
    case OP_DEAD: // a local whose life has no beginning may be set again
        if (!d->code->slots[d->fn->places.items[stmt->dst.v].root].has_live)
            ins.op = OP_LIVE;
        ins.dst_type.size = d->code->slots[d->fn->places.items[stmt->dst.v].root].size;
        break;
    case OP_LIVE:
        ins.dst_type.size = d->code->slots[d->fn->places.items[stmt->dst.v].root].size;
        ins.overlaps = d->code->slots[d->fn->places.items[stmt->dst.v].root].is_lent;
        break;
    case OP_MAKE:
    case OP_MAKE_VARIANT:
        decode_items(d, stmt, &ins);
        ins.layout = layout_get(d->in->jir, ins.dst_type.id);
        ins.is_owner = is_owner(d, ins.dst_type.id);
        break;
    case OP_CAST: // a func value that is no view owns the closure it is made of
        ins.is_owner = !d->fn->locals.items[d->fn->places.items[stmt->dst.v].root].is_view;
        break;
    case OP_REPEAT: ins.layout = layout_get(d->in->jir, ins.dst_type.id); break;
    case OP_CALL:
    case OP_CALL_VALUE:
    case OP_MAKE_CLOSURE:
    case OP_INTRINSIC:
        decode_args(d, stmt, &ins);
        if (stmt->op == OP_INTRINSIC && stmt->number >= INTRINSIC_nursery_open)
            ins.site = task_site(d->in, d->fn, stmt);
        break;
    default: break;
    }
    return ins;
}

static Ins decode_term(Decode *d, const JirTerm *term, const uint32_t *starts) {
    Ins ins = {.op = (uint8_t)(OP_COUNT + term->kind), .sub = term->sub, .token = term->token};
    ins.unwind = starts[term->unwind];
    ins.a = decode_operand(d, term->a);
    ins.count = term->target_count;
    ins.values = term->values;
    ins.targets = ARENA_ARRAY(d->in->arena, uint32_t, term->target_count);
    for (uint32_t i = 0; i < term->target_count; i++)
        ins.targets[i] = starts[term->targets[i].v];
    return ins;
}

Code *decode(Interp *in, JirFnId id) {
    if (in->codes[id.v])
        return in->codes[id.v];
    const JirFn *fn = jir_fn(in->jir, id);
    Code *code = ARENA_NEW(in->arena, Code);
    in->codes[id.v] = code;
    code->fn = fn;
    Decode d = {.in = in, .fn = fn, .code = code};
    decode_frame(&d);
    uint32_t *starts = ARENA_ARRAY(in->arena, uint32_t, fn->blocks.count + 1);
    for (uint32_t b = 0; b < fn->blocks.count; b++)
        starts[b + 1] = starts[b] + fn->blocks.items[b].stmts.count + 1;
    code->ins_count = starts[fn->blocks.count];
    code->ins = ARENA_ARRAY(in->arena, Ins, code->ins_count);
    for (uint32_t b = 0; b < fn->blocks.count; b++) {
        const JirBlock *block = &fn->blocks.items[b];
        for (uint32_t i = 0; i < block->stmts.count; i++) {
            code->ins[starts[b] + i] = decode_stmt(&d, &block->stmts.items[i], starts);
            if (i + 1 < block->stmts.count && is_exchange(fn, &block->stmts.items[i]))
                code->ins[starts[b] + i].a.is_broken = false;
        }
        code->ins[starts[b + 1] - 1] = decode_term(&d, &block->term, starts);
    }
    vec_free(&d.steps);
    return code;
}
