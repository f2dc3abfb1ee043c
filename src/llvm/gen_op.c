// Statements: dispatch, operands, and what only moves values about.
#include "llvm/internal.h"

// ---- operands ------------------------------------------------------------------------------------------------------

static const JirOperand *operand_of(FnGen *f, OperandId id) {
    return &f->fn->operands.items[id.v];
}

TypeId fn_operand_type(FnGen *f, OperandId id) {
    const JirOperand *o = operand_of(f, id);
    return o->kind == OPERAND_CONST ? o->type : f->fn->places.items[o->place.v].type;
}

static LLVMValueRef const_float(const GenType *type, uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return LLVMConstReal(type->value, value);
}

LLVMValueRef gen_const_scalar(Gen *gen, const JirOperand *o) {
    const GenType *type = gen_type(gen, o->type);
    if (o->const_kind == CONST_FLOAT)
        return const_float(type, o->low);
    if (type->layout->kind == LAYOUT_FLOAT)
        return LLVMConstReal(type->value, (double)(int64_t)o->low);
    if (o->const_kind == CONST_BYTES) // an array of one byte travels as that byte
        return LLVMConstInt(type->value, (uint8_t)o->text.data[0], false);
    if (type->value == gen->ptr)
        return LLVMConstNull(gen->ptr);
    if (type->size == 16)
        return LLVMConstIntOfArbitraryPrecision(type->value, 2, (uint64_t[]){o->low, o->high});
    return LLVMConstInt(type->value, o->low, false);
}

LLVMValueRef fn_operand(FnGen *f, OperandId id) {
    const JirOperand *o = operand_of(f, id);
    return o->kind == OPERAND_CONST ? gen_const_scalar(f->gen, o) : fn_load_place(f, o->place);
}

static void store_words(FnGen *f, Addr to, const LLVMValueRef *words, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        Addr at = addr_offset(f, to, i * 8u);
        LLVMSetAlignment(LLVMBuildStore(f->b, words[i], at.ptr), at.align);
    }
}

// A literal: a String has no owner, bytes are an array, a func value has no environment.
static void const_to(FnGen *f, const JirOperand *o, Addr to) {
    Gen *gen = f->gen;
    LLVMValueRef length = LLVMConstInt(gen->i64, o->text.size, false);
    switch (o->const_kind) {
    case CONST_STRING:
        store_words(f, to, (LLVMValueRef[]){LLVMConstNull(gen->ptr), gen_bytes(gen, o->text), length}, 3);
        return;
    case CONST_BYTES:
        if (o->text.size > 0)
            LLVMBuildMemCpy(f->b, to.ptr, to.align, gen_bytes(gen, o->text), 1, length);
        return;
    case CONST_FUNC: {
        LLVMValueRef code = gen_function(gen, o->callee->instance).fn;
        store_words(f, to, (LLVMValueRef[]){code, LLVMConstNull(gen->ptr)}, 2);
        return;
    }
    default: break;
    }
    const GenType *type = gen_type(gen, o->type);
    if (type->pass == PASS_SCALAR)
        fn_store(f, type, gen_const_scalar(gen, o), to);
}

void fn_operand_to(FnGen *f, OperandId id, Addr to) {
    const JirOperand *o = operand_of(f, id);
    if (o->kind == OPERAND_CONST) {
        const_to(f, o, to);
        return;
    }
    const GenType *type = fn_place_type(f, o->place);
    if (type->pass == PASS_NOTHING)
        return;
    if (type->pass == PASS_SCALAR)
        fn_store(f, type, fn_load_place(f, o->place), to);
    else
        fn_copy(f, type, to, fn_place(f, o->place));
}

Addr fn_operand_address(FnGen *f, OperandId id) {
    const JirOperand *o = operand_of(f, id);
    if (o->kind != OPERAND_CONST) {
        uint32_t local = fn_bare_local(f, o->place);
        if (local == UINT32_MAX || !f->locals[local].in_register)
            return fn_place(f, o->place);
    }
    Addr temp = fn_temp(f, gen_type(f->gen, fn_operand_type(f, id)));
    fn_operand_to(f, id, temp);
    return temp;
}

// ---- moving values -------------------------------------------------------------------------------------------------

static bool is_ref_type(FnGen *f, TypeId type) {
    return type_get(f->gen->program->types, type)->kind == TY_REF;
}

// An error, or a result with one, as that of another set: the bytes both have.
static void set_converted(FnGen *f, const JirStmt *s, const GenType *from, const GenType *to) {
    Addr source = fn_operand_address(f, s->a), target = source;
    uint64_t size = from->size < to->size ? from->size : to->size;
    bool is_scalar = to->pass == PASS_SCALAR;
    if (!is_scalar || size < to->size) {
        target = is_scalar ? fn_temp(f, to) : fn_place(f, s->dst);
        LLVMBuildMemCpy(f->b, target.ptr, target.align, source.ptr, source.align,
                        LLVMConstInt(f->gen->i64, size, false));
    }
    if (is_scalar)
        fn_result(f, s->dst, fn_load(f, to, target));
}

static void gen_set(FnGen *f, const JirStmt *s) {
    uint32_t local = fn_bare_local(f, s->dst);
    TypeId from = fn_operand_type(f, s->a);
    TypeId to = f->fn->places.items[s->dst.v].type;
    const GenType *type = gen_type(f->gen, from);
    if (type->pass == PASS_NOTHING)
        return;
    if (local != UINT32_MAX && is_ref_type(f, from) && !is_ref_type(f, to) &&
        f->fn->locals.items[local].mode != LOCAL_OWNED) {
        fn_set_reference(f, local, type->pass == PASS_SCALAR ? fn_operand(f, s->a) : fn_operand_address(f, s->a).ptr);
        return;
    }
    if (layout_converts(f->gen->jir, from, to))
        set_converted(f, s, type, gen_type(f->gen, to));
    else if (type->pass == PASS_SCALAR)
        fn_result(f, s->dst, fn_operand(f, s->a));
    else
        fn_operand_to(f, s->a, fn_place(f, s->dst));
}

// The local takes the address of a place; a reference to what is itself held by reference takes that over.
static void gen_ref(FnGen *f, const JirStmt *s) {
    if (s->number || fn_place_type(f, s->place)->kind == TY_DYN) {
        gen_dyn_ref(f, s);
        return;
    }
    uint32_t local = fn_bare_local(f, s->dst);
    if (local != UINT32_MAX && f->fn->locals.items[local].mode != LOCAL_OWNED) {
        if (fn_place_type(f, s->place)->pass == PASS_NOTHING && !f->locals[local].is_ref)
            return;
        fn_set_reference(f, local, fn_place(f, s->place).ptr);
        return;
    }
    LLVMValueRef address = fn_place(f, s->place).ptr;
    fn_store(f, fn_place_type(f, s->dst), address, fn_place(f, s->dst));
}

// ---- lists ---------------------------------------------------------------------------------------------------------

static void gen_check_index(FnGen *f, const JirStmt *s) {
    LLVMValueRef index = fn_operand(f, s->a), length = fn_operand(f, s->b);
    LLVMValueRef bad = LLVMBuildICmp(f->b, LLVMIntUGE, index, length, "");
    fn_panic_index_if(f, bad, PANIC_INDEX, index, length);
}

static void gen_len(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    TypeId id = f->fn->places.items[s->place.v].type;
    const Type *type = type_get(gen->program->types, id);
    if (type->kind == TY_ARRAY) {
        fn_result(f, s->dst, LLVMConstInt(gen->i64, type->count, false));
        return;
    }
    const GenType *word = gen_type(gen, type_builtin(gen->program->types, TY_I64));
    uint32_t field = type_is_lang(gen->program, id, LANG_STRING) ? 2 : 1;
    fn_result(f, s->dst, fn_load(f, word, fn_field(f, fn_place(f, s->place), id, 0, field, word)));
}

void gen_statement(FnGen *f, const JirStmt *s) {
    switch ((OpKind)s->op) {
    case OP_SET:
    case OP_STORE: gen_set(f, s); return;
    case OP_REF: gen_ref(f, s); return;
    case OP_UNARY: gen_unary(f, s); return;
    case OP_BINARY: gen_binary(f, s); return;
    case OP_CAST: gen_cast(f, s); return;
    case OP_MAKE: gen_make(f, s); return;
    case OP_MAKE_VARIANT: gen_make_variant(f, s); return;
    case OP_REPEAT: gen_repeat(f, s); return;
    case OP_TAG: gen_tag(f, s); return;
    case OP_CHECK_INDEX: gen_check_index(f, s); return;
    case OP_LEN: gen_len(f, s); return;
    case OP_CALL: gen_call(f, s); return;
    case OP_CALL_VALUE: gen_call_value(f, s); return;
    case OP_MAKE_CLOSURE: gen_make_closure(f, s); return;
    case OP_INTRINSIC: gen_intrinsic(f, s); return;
    case OP_FLAG: fn_result(f, s->dst, LLVMConstInt(f->gen->i1, s->number, false)); return;
    case OP_NOP:
    case OP_LIVE:
    case OP_DEAD: return;
    case OP_BIND:
    case OP_DROP:
    case OP_COUNT: break;
    }
    internal_error("code generation met statement %d, which an earlier stage settles", s->op);
}
