// Making aggregates and variants, and reading tags.
#include "llvm/internal.h"

// ---- where the parts go --------------------------------------------------------------------------------------------

// Whether writing parts of dst might change an operand before it is read.
bool fn_may_overlap(FnGen *f, PlaceId dst, const OperandId *operands, uint32_t count) {
    const JirPlace *to = &f->fn->places.items[dst.v];
    bool is_direct = !to->is_global && !f->locals[to->root].is_ref;
    for (uint32_t i = 0; i < to->count; i++)
        if (f->fn->projections.items[to->first + i].kind != PROJ_FIELD &&
            f->fn->projections.items[to->first + i].kind != PROJ_VARIANT)
            is_direct = false;
    for (uint32_t i = 0; i < count; i++) {
        const JirOperand *o = &f->fn->operands.items[operands[i].v];
        if (o->kind == OPERAND_CONST)
            continue;
        const JirPlace *from = &f->fn->places.items[o->place.v];
        bool from_direct = !from->is_global && !f->locals[from->root].is_ref;
        if (!is_direct || (from_direct && from->root == to->root))
            return true;
    }
    return false;
}

typedef struct {
    Addr to;     // where the parts are written
    Addr dst;    // where the whole belongs
    bool copies; // `to` is a temporary
} Making;

static Making making_start(FnGen *f, const JirStmt *s, const OperandId *items, uint32_t count) {
    Making m = {.dst = fn_place(f, s->dst)};
    m.copies = fn_may_overlap(f, s->dst, items, count);
    m.to = m.copies ? fn_temp(f, fn_place_type(f, s->dst)) : m.dst;
    return m;
}

static void making_finish(FnGen *f, const JirStmt *s, const Making *m) {
    if (m->copies)
        fn_copy(f, fn_place_type(f, s->dst), m->dst, m->to);
}

static const OperandId *items_of(FnGen *f, const JirStmt *s, Arena *arena) {
    OperandId *items = ARENA_ARRAY(arena, OperandId, s->arg_count);
    for (uint32_t i = 0; i < s->arg_count; i++)
        items[i].v = f->fn->operand_lists.items[s->args + i];
    return items;
}

static void write_field(FnGen *f, Addr whole, TypeId type, uint32_t variant, uint32_t index, OperandId item) {
    const GenType *field = gen_type(f->gen, fn_operand_type(f, item));
    if (field->pass == PASS_NOTHING)
        return;
    fn_operand_to(f, item, fn_field(f, whole, type, variant, index, field));
}

void gen_make(FnGen *f, const JirStmt *s) {
    const OperandId *items = items_of(f, s, f->gen->arena);
    TypeId type = f->fn->places.items[s->dst.v].type;
    if (gen_type(f->gen, type)->pass == PASS_NOTHING)
        return;
    Making m = making_start(f, s, items, s->arg_count);
    for (uint32_t i = 0; i < s->arg_count; i++)
        write_field(f, m.to, type, 0, i, items[i]);
    making_finish(f, s, &m);
}

// ---- variants ------------------------------------------------------------------------------------------------------

static void store_tag(FnGen *f, const TypeLayout *layout, Addr whole, uint64_t value) {
    Addr at = addr_offset(f, whole, layout->tag_offset);
    LLVMValueRef tag = LLVMConstInt(gen_int_type(f->gen, layout->tag_size), value, false);
    LLVMSetAlignment(LLVMBuildStore(f->b, tag, at.ptr), at.align);
}

void gen_make_variant(FnGen *f, const JirStmt *s) {
    TypeId type = f->fn->places.items[s->dst.v].type;
    const GenType *info = gen_type(f->gen, type);
    const TypeLayout *layout = info->layout;
    if (layout->kind == LAYOUT_INT) { // an error that carries nothing: its number
        fn_store(f, info, LLVMConstInt(info->value, s->number, false), fn_place(f, s->dst));
        return;
    }
    const OperandId *items = items_of(f, s, f->gen->arena);
    Making m = making_start(f, s, items, s->arg_count);
    bool is_error = layout->kind == LAYOUT_RESULT && s->number == 1;
    for (uint32_t i = 0; i < s->arg_count; i++)
        write_field(f, m.to, type, s->number, i, items[i]);
    if (layout->kind == LAYOUT_ENUM || layout->kind == LAYOUT_ERROR ||
        (layout->kind == LAYOUT_OPTIONAL && !layout->is_niche))
        store_tag(f, layout, m.to, s->number);
    else if (layout->kind == LAYOUT_OPTIONAL && s->number == 0)
        store_tag(f, layout, m.to, layout->null_tag);
    else if (layout->kind == LAYOUT_RESULT && !is_error)
        store_tag(f, layout, m.to, 0);
    making_finish(f, s, &m);
}

static LLVMValueRef load_tag(FnGen *f, const TypeLayout *layout, Addr whole) {
    Addr at = addr_offset(f, whole, layout->tag_offset);
    LLVMValueRef tag = LLVMBuildLoad2(f->b, gen_int_type(f->gen, layout->tag_size), at.ptr, "");
    LLVMSetAlignment(tag, at.align);
    if (f->gen->options->release && layout->kind == LAYOUT_ENUM &&
        layout->variant_count < 1ull << (layout->tag_size * 8)) {
        LLVMTypeRef type = LLVMTypeOf(tag);
        LLVMMetadataRef range[] = {LLVMValueAsMetadata(LLVMConstInt(type, 0, false)),
                                   LLVMValueAsMetadata(LLVMConstInt(type, layout->variant_count, false))};
        LLVMSetMetadata(tag, f->gen->kind_range,
                        LLVMMetadataAsValue(f->gen->context, LLVMMDNodeInContext2(f->gen->context, range, 2)));
    }
    return tag;
}

void gen_tag(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    const GenType *info = fn_place_type(f, s->place);
    const TypeLayout *layout = info->layout;
    Addr at = fn_place(f, s->place);
    LLVMValueRef tag;
    if (layout->kind == LAYOUT_INT) {
        tag = fn_load(f, info, at);
    } else {
        tag = load_tag(f, layout, at);
        LLVMTypeRef type = LLVMTypeOf(tag);
        if (layout->kind == LAYOUT_OPTIONAL && layout->is_niche)
            tag = LLVMBuildICmp(f->b, LLVMIntNE, tag, LLVMConstInt(type, layout->null_tag, false), "");
        else if (layout->kind == LAYOUT_RESULT)
            tag = LLVMBuildICmp(f->b, LLVMIntNE, tag, LLVMConstInt(type, 0, false), "");
    }
    fn_result(f, s->dst, LLVMBuildZExt(f->b, tag, gen->i64, ""));
}

// ---- arrays --------------------------------------------------------------------------------------------------------

static bool is_zero(FnGen *f, OperandId id) {
    const JirOperand *o = &f->fn->operands.items[id.v];
    return o->kind == OPERAND_CONST && (o->const_kind == CONST_INT || o->const_kind == CONST_FLOAT) && o->low == 0 &&
           o->high == 0;
}

// Copies the first item over the rest, one after the other.
static void fill_array(FnGen *f, const GenType *item, Addr at, uint64_t count) {
    Gen *gen = f->gen;
    LLVMBasicBlockRef before = LLVMGetInsertBlock(f->b), body = fn_block(f, ""), after = fn_block(f, "");
    LLVMBuildBr(f->b, body);
    LLVMPositionBuilderAtEnd(f->b, body);
    LLVMValueRef index = LLVMBuildPhi(f->b, gen->i64, "");
    LLVMValueRef ptr = LLVMBuildInBoundsGEP2(f->b, LLVMArrayType2(gen->i8, item->size), at.ptr, &index, 1, "");
    fn_copy(f, item, addr_of(ptr, item), at);
    LLVMValueRef next = LLVMBuildNUWAdd(f->b, index, LLVMConstInt(gen->i64, 1, false), "");
    LLVMValueRef more = LLVMBuildICmp(f->b, LLVMIntULT, next, LLVMConstInt(gen->i64, count, false), "");
    LLVMValueRef one = LLVMConstInt(gen->i64, 1, false);
    LLVMAddIncoming(index, (LLVMValueRef[]){one, next}, (LLVMBasicBlockRef[]){before, body}, 2);
    LLVMBuildCondBr(f->b, more, body, after);
    LLVMPositionBuilderAtEnd(f->b, after);
}

void gen_repeat(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    const GenType *array = fn_place_type(f, s->dst);
    const GenType *item = gen_type(gen, array->layout->item);
    if (array->pass == PASS_NOTHING)
        return;
    Addr at = fn_place(f, s->dst);
    if (is_zero(f, s->a)) {
        LLVMValueRef size = LLVMConstInt(gen->i64, array->size, false);
        LLVMBuildMemSet(f->b, at.ptr, LLVMConstInt(gen->i8, 0, false), size, at.align);
        return;
    }
    Addr first = fn_operand_address(f, s->a);
    fn_copy(f, item, addr_of(at.ptr, item), first);
    if (array->layout->count > 1)
        fill_array(f, item, addr_of(at.ptr, item), array->layout->count);
}
