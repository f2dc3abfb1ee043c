// Atomic operations: on integers of at most 64 bits and bool, sequentially consistent.
#include "llvm/internal.h"

enum { EXCHANGE, ADD, SUB, AND, OR, XOR, MIN, MAX }; // codes of atomic_change

typedef struct {
    const GenType *type;
    LLVMTypeRef memory; // what the operation works on: a bool is a byte
} Cell;

static Cell cell_of(FnGen *f, const JirStmt *s) {
    const GenType *type = intrinsic_type(f, s, 0);
    invariant(type->pass == PASS_SCALAR && type->size <= 8, "an atomic operation on what is no word");
    return (Cell){type, gen_int_type(f->gen, type->size)};
}

static LLVMValueRef to_memory(FnGen *f, const Cell *cell, LLVMValueRef value) {
    return cell->type->is_bool ? LLVMBuildZExt(f->b, value, cell->memory, "") : value;
}

static void give(FnGen *f, const JirStmt *s, const Cell *cell, LLVMValueRef value) {
    if (s->dst.v)
        fn_result(f, s->dst, cell->type->is_bool ? LLVMBuildTrunc(f->b, value, f->gen->i1, "") : value);
}

static void load(FnGen *f, const JirStmt *s, const Cell *cell) {
    LLVMValueRef value = LLVMBuildLoad2(f->b, cell->memory, intrinsic_value(f, s, 0), "");
    LLVMSetOrdering(value, LLVMAtomicOrderingSequentiallyConsistent);
    LLVMSetAlignment(value, cell->type->size);
    give(f, s, cell, value);
}

static void store(FnGen *f, const JirStmt *s, const Cell *cell) {
    LLVMValueRef value = to_memory(f, cell, intrinsic_value(f, s, 1));
    LLVMValueRef stored = LLVMBuildStore(f->b, value, intrinsic_value(f, s, 0));
    LLVMSetOrdering(stored, LLVMAtomicOrderingSequentiallyConsistent);
    LLVMSetAlignment(stored, cell->type->size);
}

static LLVMAtomicRMWBinOp operation(FnGen *f, const JirStmt *s, const Cell *cell) {
    bool is_signed = type_kind_is_signed(type_get(f->gen->program->types, cell->type->id)->kind);
    switch (f->fn->operands.items[intrinsic_arg(f, s, 0)->value.v].low) {
    case ADD: return LLVMAtomicRMWBinOpAdd;
    case SUB: return LLVMAtomicRMWBinOpSub;
    case AND: return LLVMAtomicRMWBinOpAnd;
    case OR: return LLVMAtomicRMWBinOpOr;
    case XOR: return LLVMAtomicRMWBinOpXor;
    case MIN: return is_signed ? LLVMAtomicRMWBinOpMin : LLVMAtomicRMWBinOpUMin;
    case MAX: return is_signed ? LLVMAtomicRMWBinOpMax : LLVMAtomicRMWBinOpUMax;
    default: return LLVMAtomicRMWBinOpXchg;
    }
}

static void change(FnGen *f, const JirStmt *s, const Cell *cell) {
    LLVMValueRef ptr = intrinsic_value(f, s, 1), value = to_memory(f, cell, intrinsic_value(f, s, 2));
    LLVMValueRef before =
        LLVMBuildAtomicRMW(f->b, operation(f, s, cell), ptr, value, LLVMAtomicOrderingSequentiallyConsistent, false);
    LLVMSetAlignment(before, cell->type->size);
    give(f, s, cell, before);
}

static void compare(FnGen *f, const JirStmt *s, const Cell *cell) {
    LLVMAtomicOrdering order = LLVMAtomicOrderingSequentiallyConsistent;
    LLVMValueRef expected = to_memory(f, cell, intrinsic_value(f, s, 1));
    LLVMValueRef value = to_memory(f, cell, intrinsic_value(f, s, 2));
    LLVMValueRef both = LLVMBuildAtomicCmpXchg(f->b, intrinsic_value(f, s, 0), expected, value, order, order, false);
    LLVMSetAlignment(both, cell->type->size);
    give(f, s, cell, LLVMBuildExtractValue(f->b, both, 0, ""));
}

void gen_atomic(FnGen *f, const JirStmt *s) {
    Cell cell = cell_of(f, s);
    fn_shared_memory(f);
    switch (s->number) {
    case INTRINSIC_atomic_load: load(f, s, &cell); break;
    case INTRINSIC_atomic_store: store(f, s, &cell); break;
    case INTRINSIC_atomic_change: change(f, s, &cell); break;
    default: compare(f, s, &cell); break;
    }
    fn_shared_memory(f);
}
