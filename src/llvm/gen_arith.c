// Arithmetic, comparisons and conversions of numbers.
#include "llvm/internal.h"

typedef struct {
    const GenType *type;
    uint32_t bits;
    bool is_signed, is_float;
} Number;

static Number number_of(FnGen *f, TypeId id) {
    const GenType *type = gen_type(f->gen, id);
    return (Number){type, (uint32_t)type->size * 8, type_kind_is_signed(type->kind), type_kind_is_float(type->kind)};
}

static LLVMValueRef checked(FnGen *f, const char *name, LLVMValueRef a, LLVMValueRef b, PanicKind kind) {
    LLVMTypeRef type = LLVMTypeOf(a);
    LLVMValueRef pair = fn_intrinsic(f, name, &type, 1, (LLVMValueRef[]){a, b}, 2);
    fn_panic_if(f, LLVMBuildExtractValue(f->b, pair, 1, ""), kind);
    return LLVMBuildExtractValue(f->b, pair, 0, "");
}

static LLVMValueRef min_value(LLVMTypeRef type, uint32_t bits) {
    if (bits == 128)
        return LLVMConstIntOfArbitraryPrecision(type, 2, (uint64_t[]){0, 1ull << 63});
    return LLVMConstInt(type, 1ull << (bits - 1), false);
}

static LLVMValueRef divide(FnGen *f, Number n, bool remainder, LLVMValueRef a, LLVMValueRef b) {
    LLVMTypeRef type = n.type->value;
    LLVMValueRef zero = LLVMConstInt(type, 0, false);
    if (!LLVMIsConstant(b) || LLVMIsNull(b))
        fn_panic_if(f, LLVMBuildICmp(f->b, LLVMIntEQ, b, zero, ""), PANIC_DIVISION_BY_ZERO);
    if (n.is_signed && (!LLVMIsConstant(b) || LLVMIsAConstantInt(b) == NULL || LLVMConstIntGetSExtValue(b) == -1)) {
        LLVMValueRef is_min = LLVMBuildICmp(f->b, LLVMIntEQ, a, min_value(type, n.bits), "");
        LLVMValueRef is_minus_one = LLVMBuildICmp(f->b, LLVMIntEQ, b, LLVMConstAllOnes(type), "");
        fn_panic_if(f, LLVMBuildAnd(f->b, is_min, is_minus_one, ""), PANIC_DIVISION_OVERFLOW);
    }
    if (remainder)
        return n.is_signed ? LLVMBuildSRem(f->b, a, b, "") : LLVMBuildURem(f->b, a, b, "");
    return n.is_signed ? LLVMBuildSDiv(f->b, a, b, "") : LLVMBuildUDiv(f->b, a, b, "");
}

// The count of a shift may have any integer type; as unsigned it must be below the width.
static LLVMValueRef shift(FnGen *f, Number n, bool left, LLVMValueRef a, LLVMValueRef count) {
    LLVMTypeRef type = n.type->value, count_type = LLVMTypeOf(count);
    LLVMValueRef width = LLVMConstInt(count_type, n.bits, false);
    bool can_reach = LLVMGetIntTypeWidth(count_type) >= 8; // 128 fits in 8 bits as unsigned
    if (can_reach)
        fn_panic_if(f, LLVMBuildICmp(f->b, LLVMIntUGE, count, width, ""), PANIC_SHIFT);
    uint32_t count_bits = LLVMGetIntTypeWidth(count_type);
    if (count_bits < n.bits)
        count = LLVMBuildZExt(f->b, count, type, "");
    else if (count_bits > n.bits)
        count = LLVMBuildTrunc(f->b, count, type, "");
    if (left)
        return LLVMBuildShl(f->b, a, count, "");
    return n.is_signed ? LLVMBuildAShr(f->b, a, count, "") : LLVMBuildLShr(f->b, a, count, "");
}

static LLVMValueRef compare(FnGen *f, Number n, BinaryOp op, LLVMValueRef a, LLVMValueRef b) {
    static const LLVMIntPredicate SIGNED[] = {LLVMIntEQ, LLVMIntNE, LLVMIntSLT, LLVMIntSLE, LLVMIntSGT, LLVMIntSGE};
    static const LLVMIntPredicate UNSIGNED[] = {LLVMIntEQ, LLVMIntNE, LLVMIntULT, LLVMIntULE, LLVMIntUGT, LLVMIntUGE};
    static const LLVMRealPredicate REAL[] = {LLVMRealOEQ, LLVMRealUNE, LLVMRealOLT,
                                             LLVMRealOLE, LLVMRealOGT, LLVMRealOGE};
    uint32_t which = op - BIN_EQ;
    if (n.is_float)
        return LLVMBuildFCmp(f->b, REAL[which], a, b, "");
    return LLVMBuildICmp(f->b, n.is_signed ? SIGNED[which] : UNSIGNED[which], a, b, "");
}

static LLVMValueRef float_binary(FnGen *f, BinaryOp op, LLVMValueRef a, LLVMValueRef b) {
    switch (op) {
    case BIN_ADD: return LLVMBuildFAdd(f->b, a, b, "");
    case BIN_SUB: return LLVMBuildFSub(f->b, a, b, "");
    case BIN_MUL: return LLVMBuildFMul(f->b, a, b, "");
    case BIN_DIV: return LLVMBuildFDiv(f->b, a, b, "");
    case BIN_REM: return LLVMBuildFRem(f->b, a, b, "");
    default: internal_error("operator %d on floats", op);
    }
}

static LLVMValueRef int_binary(FnGen *f, Number n, BinaryOp op, LLVMValueRef a, LLVMValueRef b) {
    bool s = n.is_signed;
    switch (op) {
    case BIN_ADD: return checked(f, s ? "llvm.sadd.with.overflow" : "llvm.uadd.with.overflow", a, b, PANIC_OVERFLOW);
    case BIN_SUB: return checked(f, s ? "llvm.ssub.with.overflow" : "llvm.usub.with.overflow", a, b, PANIC_OVERFLOW);
    case BIN_MUL: return checked(f, s ? "llvm.smul.with.overflow" : "llvm.umul.with.overflow", a, b, PANIC_OVERFLOW);
    case BIN_DIV: return divide(f, n, false, a, b);
    case BIN_REM: return divide(f, n, true, a, b);
    case BIN_AND: return LLVMBuildAnd(f->b, a, b, "");
    case BIN_OR: return LLVMBuildOr(f->b, a, b, "");
    case BIN_XOR: return LLVMBuildXor(f->b, a, b, "");
    case BIN_SHL: return shift(f, n, true, a, b);
    case BIN_SHR: return shift(f, n, false, a, b);
    case BIN_ADD_NOWRAP: return s ? LLVMBuildNSWAdd(f->b, a, b, "") : LLVMBuildNUWAdd(f->b, a, b, "");
    case BIN_SUB_NOWRAP: return s ? LLVMBuildNSWSub(f->b, a, b, "") : LLVMBuildNUWSub(f->b, a, b, "");
    default: internal_error("operator %d on integers", op);
    }
}

void gen_binary(FnGen *f, const JirStmt *s) {
    Number n = number_of(f, fn_operand_type(f, s->a));
    LLVMValueRef a = fn_operand(f, s->a), b = fn_operand(f, s->b);
    BinaryOp op = (BinaryOp)s->sub;
    LLVMValueRef result;
    if (op >= BIN_EQ && op <= BIN_GE)
        result = compare(f, n, op, a, b);
    else
        result = n.is_float ? float_binary(f, op, a, b) : int_binary(f, n, op, a, b);
    fn_result(f, s->dst, result);
}

void gen_unary(FnGen *f, const JirStmt *s) {
    Number n = number_of(f, fn_operand_type(f, s->a));
    LLVMValueRef a = fn_operand(f, s->a), result;
    if (s->sub == UNARY_NEG && n.is_float)
        result = LLVMBuildFNeg(f->b, a, "");
    else if (s->sub == UNARY_NEG)
        result = checked(f, n.is_signed ? "llvm.ssub.with.overflow" : "llvm.usub.with.overflow",
                         LLVMConstInt(n.type->value, 0, false), a, PANIC_NEGATE);
    else
        result = LLVMBuildNot(f->b, a, "");
    fn_result(f, s->dst, result);
}

// ---- conversions ---------------------------------------------------------------------------------------------------

static LLVMValueRef resize_int(FnGen *f, LLVMValueRef a, Number from, Number to) {
    if (to.bits < from.bits || (from.type->is_bool && to.type->is_bool))
        return LLVMBuildTrunc(f->b, a, to.type->value, "");
    if (from.type->is_bool || to.bits > from.bits)
        return from.is_signed ? LLVMBuildSExt(f->b, a, to.type->value, "") : LLVMBuildZExt(f->b, a, to.type->value, "");
    return a;
}

// Panics unless the value comes back the same, and has the same sign, in the other type.
static LLVMValueRef int_to_int(FnGen *f, LLVMValueRef a, Number from, Number to) {
    LLVMValueRef result = resize_int(f, a, from, to);
    if (from.type->is_bool)
        return result;
    LLVMValueRef bad = NULL;
    LLVMValueRef zero = LLVMConstInt(from.type->value, 0, false);
    if (to.bits < from.bits) {
        LLVMValueRef back = to.is_signed ? LLVMBuildSExt(f->b, result, from.type->value, "")
                                         : LLVMBuildZExt(f->b, result, from.type->value, "");
        bad = LLVMBuildICmp(f->b, LLVMIntNE, back, a, "");
        if (!from.is_signed && to.is_signed) {
            LLVMValueRef negative = LLVMBuildICmp(f->b, LLVMIntSLT, result, LLVMConstInt(to.type->value, 0, false), "");
            bad = LLVMBuildOr(f->b, bad, negative, "");
        }
    } else if (from.is_signed && !to.is_signed) {
        bad = LLVMBuildICmp(f->b, LLVMIntSLT, a, zero, "");
    } else if (!from.is_signed && to.is_signed && to.bits == from.bits) {
        bad = LLVMBuildICmp(f->b, LLVMIntSLT, a, zero, "");
    }
    if (bad)
        fn_panic_if(f, bad, PANIC_CAST);
    return result;
}

static double power_of_two(uint32_t exponent) {
    double value = 1;
    for (uint32_t i = 0; i < exponent; i++)
        value *= 2;
    return value;
}

// The truncated value must lie within the type: below 2^bits and above the least value minus one.
static LLVMValueRef float_to_int(FnGen *f, LLVMValueRef a, Number from, Number to) {
    LLVMTypeRef real = from.type->value;
    LLVMValueRef whole = fn_intrinsic(f, "llvm.trunc", &real, 1, &a, 1);
    double top = power_of_two(to.is_signed ? to.bits - 1 : to.bits);
    LLVMValueRef below = LLVMBuildFCmp(f->b, LLVMRealOLT, whole, LLVMConstReal(real, top), "");
    LLVMValueRef above = LLVMBuildFCmp(f->b, LLVMRealOGE, whole, LLVMConstReal(real, to.is_signed ? -top : 0.0), "");
    LLVMValueRef fits = LLVMBuildAnd(f->b, below, above, "");
    fn_panic_if(f, LLVMBuildNot(f->b, fits, ""), PANIC_CAST);
    return to.is_signed ? LLVMBuildFPToSI(f->b, a, to.type->value, "") : LLVMBuildFPToUI(f->b, a, to.type->value, "");
}

// A char is a Unicode scalar: below 0x110000 and no surrogate.
static LLVMValueRef int_to_char(FnGen *f, LLVMValueRef a, Number from, Number to) {
    LLVMValueRef value = int_to_int(f, a, from, to);
    if (from.bits <= 8)
        return value;
    LLVMTypeRef type = f->gen->i32;
    LLVMValueRef high = LLVMBuildICmp(f->b, LLVMIntUGE, value, LLVMConstInt(type, 0x110000, false), "");
    LLVMValueRef offset = LLVMBuildSub(f->b, value, LLVMConstInt(type, 0xD800, false), "");
    LLVMValueRef surrogate = LLVMBuildICmp(f->b, LLVMIntULT, offset, LLVMConstInt(type, 0x800, false), "");
    fn_panic_if(f, LLVMBuildOr(f->b, high, surrogate, ""), PANIC_CAST);
    return value;
}

static LLVMValueRef float_to_float(FnGen *f, LLVMValueRef a, Number from, Number to) {
    if (from.bits == to.bits)
        return a;
    return from.bits < to.bits ? LLVMBuildFPExt(f->b, a, to.type->value, "")
                               : LLVMBuildFPTrunc(f->b, a, to.type->value, "");
}

void gen_cast(FnGen *f, const JirStmt *s) {
    TypeId from_id = fn_operand_type(f, s->a), to_id = f->fn->places.items[s->dst.v].type;
    if (s->number) {
        gen_dyn_box(f, s);
        return;
    }
    if (gen_type(f->gen, to_id)->kind == TY_FUNC) {
        gen_func_of_closure(f, s);
        return;
    }
    Number from = number_of(f, from_id), to = number_of(f, to_id);
    LLVMValueRef a = fn_operand(f, s->a), result;
    if (from.is_float && to.is_float)
        result = float_to_float(f, a, from, to);
    else if (from.is_float)
        result = float_to_int(f, a, from, to);
    else if (to.is_float)
        result = from.is_signed ? LLVMBuildSIToFP(f->b, a, to.type->value, "")
                                : LLVMBuildUIToFP(f->b, a, to.type->value, "");
    else if (to.type->kind == TY_CHAR && from.type->kind != TY_CHAR)
        result = int_to_char(f, a, from, to);
    else
        result = int_to_int(f, a, from, to);
    fn_result(f, s->dst, result);
}
