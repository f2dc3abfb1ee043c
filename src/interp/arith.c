// Arithmetic, comparison and conversion. Integers are worked on in 128 bits and checked against their own width.
#include <math.h>

#include "interp/internal.h"

// ---- integers ------------------------------------------------------------------------------------------------------

static bool fits(const ValueType *type, U128 value, bool value_is_negative) {
    if (type->scalar == SCALAR_SIGNED) {
        if (type->bits == 128)
            return ((I128)value < 0) == value_is_negative;
        I128 limit = (I128)1 << (type->bits - 1), v = (I128)value;
        return v >= -limit && v < limit && (v < 0) == value_is_negative;
    }
    return !value_is_negative && (type->bits == 128 || value >> type->bits == 0);
}

// The low bits of a value, extended as a loaded one is.
U128 scalar_wrap(const ValueType *type, U128 value) {
    uint32_t unused = 128 - type->bits;
    if (type->scalar == SCALAR_SIGNED)
        return (U128)((I128)(value << unused) >> unused);
    return value << unused >> unused;
}

static U128 checked_add(Interp *in, const ValueType *type, U128 a, U128 b, bool subtract) {
    U128 result;
    bool overflow;
    if (type->scalar == SCALAR_SIGNED) {
        I128 r;
        overflow =
            subtract ? __builtin_sub_overflow((I128)a, (I128)b, &r) : __builtin_add_overflow((I128)a, (I128)b, &r);
        result = (U128)r;
        overflow |= !fits(type, result, r < 0);
    } else {
        overflow = subtract ? __builtin_sub_overflow(a, b, &result) : __builtin_add_overflow(a, b, &result);
        overflow |= !fits(type, result, false);
    }
    if (overflow)
        interp_panic(in, PANIC_OVERFLOW);
    return result;
}

static U128 checked_mul(Interp *in, const ValueType *type, U128 a, U128 b) {
    U128 result;
    bool overflow;
    if (type->scalar == SCALAR_SIGNED) {
        I128 r;
        overflow = __builtin_mul_overflow((I128)a, (I128)b, &r);
        result = (U128)r;
        overflow |= !fits(type, result, r < 0);
    } else {
        overflow = __builtin_mul_overflow(a, b, &result);
        overflow |= !fits(type, result, false);
    }
    if (overflow)
        interp_panic(in, PANIC_OVERFLOW);
    return result;
}

static U128 checked_div(Interp *in, const ValueType *type, U128 a, U128 b, bool remainder) {
    if (b == 0)
        interp_panic(in, PANIC_DIVISION_BY_ZERO);
    if (type->scalar != SCALAR_SIGNED)
        return remainder ? a % b : a / b;
    U128 smallest = scalar_wrap(type, (U128)1 << (type->bits - 1));
    if (a == smallest && (I128)b == -1)
        interp_panic(in, PANIC_DIVISION_OVERFLOW);
    return remainder ? (U128)((I128)a % (I128)b) : (U128)((I128)a / (I128)b);
}

static U128 checked_shift(Interp *in, const ValueType *type, U128 a, const Value *count_value, U128 count, bool left) {
    bool negative = count_value->type.scalar == SCALAR_SIGNED && (I128)count < 0;
    if (negative || count >= type->bits)
        interp_panic(in, PANIC_SHIFT);
    if (left)
        return scalar_wrap(type, a << (uint32_t)count);
    return type->scalar == SCALAR_SIGNED ? (U128)((I128)a >> (uint32_t)count) : a >> (uint32_t)count;
}

static bool compare_ints(const ValueType *type, BinaryOp op, U128 a, U128 b) {
    bool is_less = type->scalar == SCALAR_SIGNED ? (I128)a < (I128)b : a < b;
    switch (op) {
    case BIN_EQ: return a == b;
    case BIN_NE: return a != b;
    case BIN_LT: return is_less;
    case BIN_LE: return is_less || a == b;
    case BIN_GT: return !is_less && a != b;
    default: return !is_less;
    }
}

static U128 int_binary(Interp *in, const Ins *ins, U128 a, U128 b) {
    const ValueType *type = &ins->a.type;
    BinaryOp op = (BinaryOp)ins->sub;
    switch (op) {
    case BIN_ADD:
    case BIN_ADD_NOWRAP: return checked_add(in, type, a, b, false);
    case BIN_SUB:
    case BIN_SUB_NOWRAP: return checked_add(in, type, a, b, true);
    case BIN_MUL: return checked_mul(in, type, a, b);
    case BIN_DIV: return checked_div(in, type, a, b, false);
    case BIN_REM: return checked_div(in, type, a, b, true);
    case BIN_AND: return a & b;
    case BIN_OR: return a | b;
    case BIN_XOR: return a ^ b;
    case BIN_SHL: return checked_shift(in, type, a, &ins->b, b, true);
    case BIN_SHR: return checked_shift(in, type, a, &ins->b, b, false);
    default: return compare_ints(type, op, a, b);
    }
}

// ---- floats --------------------------------------------------------------------------------------------------------

static double to_double(const ValueType *type, U128 bits) {
    if (type->bits == 32) {
        uint32_t narrow = (uint32_t)bits;
        float x;
        memcpy(&x, &narrow, 4);
        return x;
    }
    uint64_t wide = (uint64_t)bits;
    double x;
    memcpy(&x, &wide, 8);
    return x;
}

static U128 from_double(const ValueType *type, double x) {
    if (type->bits == 32) {
        float narrow = (float)x;
        uint32_t bits;
        memcpy(&bits, &narrow, 4);
        return bits;
    }
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return bits;
}

// f32 is worked on in double and rounded once, which gives the same results for these operations.
static U128 float_binary(const Ins *ins, U128 a, U128 b) {
    const ValueType *type = &ins->a.type;
    double x = to_double(type, a), y = to_double(type, b);
    switch ((BinaryOp)ins->sub) {
    case BIN_ADD: return from_double(type, x + y);
    case BIN_SUB: return from_double(type, x - y);
    case BIN_MUL: return from_double(type, x * y);
    case BIN_DIV: return from_double(type, x / y);
    case BIN_REM: return from_double(type, fmod(x, y));
    case BIN_EQ: return x == y;
    case BIN_NE: return x != y;
    case BIN_LT: return x < y;
    case BIN_LE: return x <= y;
    case BIN_GT: return x > y;
    default: return x >= y;
    }
}

// ---- statements ----------------------------------------------------------------------------------------------------

static void store_result(Interp *in, const Ins *ins, U128 value) {
    store_scalar(in, address_of(in, &ins->dst), &ins->dst_type, value);
    alias_write(in, &in->spot, ins->dst_type.size);
}

void exec_binary(Interp *in, const Ins *ins) {
    U128 a = value_scalar(in, &ins->a), b = value_scalar(in, &ins->b);
    store_result(in, ins, ins->a.type.scalar == SCALAR_FLOAT ? float_binary(ins, a, b) : int_binary(in, ins, a, b));
}

void exec_unary(Interp *in, const Ins *ins) {
    const ValueType *type = &ins->a.type;
    U128 a = value_scalar(in, &ins->a);
    switch ((UnaryOp)ins->sub) {
    case UNARY_NOT: a = !a; break;
    case UNARY_BIT_NOT: a = scalar_wrap(type, ~a); break;
    case UNARY_NEG:
        if (type->scalar == SCALAR_FLOAT) {
            a ^= (U128)1 << (type->bits - 1);
        } else if (type->scalar == SCALAR_SIGNED) {
            if (a == scalar_wrap(type, (U128)1 << (type->bits - 1)))
                interp_panic(in, PANIC_NEGATE);
            a = 0 - a;
        } else if (a != 0) {
            interp_panic(in, PANIC_NEGATE);
        }
        break;
    }
    store_result(in, ins, a);
}

// ---- conversions ---------------------------------------------------------------------------------------------------

static U128 float_to_int(Interp *in, const ValueType *to, double x) {
    double limit = ldexp(1.0, to->scalar == SCALAR_SIGNED ? to->bits - 1 : to->bits);
    double whole = trunc(x);
    bool ok = to->scalar == SCALAR_SIGNED ? whole >= -limit && whole < limit : whole >= 0 && whole < limit;
    if (!ok)
        interp_panic(in, PANIC_CAST);
    return whole < 0 ? (U128)(I128)whole : (U128)whole;
}

static U128 int_to_float(const ValueType *from, const ValueType *to, U128 a) {
    bool is_signed = from->scalar == SCALAR_SIGNED;
    if (to->bits == 32) { // rounded once
        float x = is_signed ? (float)(I128)a : (float)a;
        uint32_t bits;
        memcpy(&bits, &x, 4);
        return bits;
    }
    return from_double(to, is_signed ? (double)(I128)a : (double)a);
}

static bool is_scalar_value(uint32_t c) {
    return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
}

static U128 convert(Interp *in, const Ins *ins, U128 a) {
    const ValueType *from = &ins->a.type, *to = &ins->dst_type;
    if (from->scalar == SCALAR_FLOAT && to->scalar == SCALAR_FLOAT)
        return from_double(to, to_double(from, a));
    if (from->scalar == SCALAR_FLOAT)
        return float_to_int(in, to, to_double(from, a));
    if (to->scalar == SCALAR_FLOAT)
        return int_to_float(from, to, a);
    bool negative = from->scalar == SCALAR_SIGNED && (I128)a < 0;
    if (!fits(to, a, negative))
        interp_panic(in, PANIC_CAST);
    TypeKind kind = type_get(in->program->types, to->id)->kind;
    if (kind == TY_CHAR && !is_scalar_value((uint32_t)a))
        interp_panic(in, PANIC_CAST);
    return a;
}

void exec_cast(Interp *in, const Ins *ins) {
    if (ins->number) {
        dyn_box(in, ins);
        return;
    }
    if (ins->callee.v) { // a closure lent as a func value
        uint64_t words[2] = {function_word(ins->callee), 0};
        const Type *func = type_get(in->program->types, ins->dst_type.id);
        Tag tag = {0};
        if (jir_fn(in->jir, ins->callee)->capture_count) {
            words[1] = (uint64_t)(uintptr_t)address_of(in, &ins->a.addr);
            bool is_mut = func->kind == TY_FUNC && func->self_mode == MODE_MUT;
            tag = ins->is_owner ? in->spot.tag : alias_lend(in, &in->spot, ins->a.type.size, is_mut);
        }
        uint8_t *dst = address_of(in, &ins->dst);
        memory_will_write(in, dst, sizeof words, 8);
        memcpy(dst, words, sizeof words);
        *stored_tag(in, dst + 8) = tag;
        alias_write(in, &in->spot, sizeof words);
        return;
    }
    bool scalars = ins->a.type.scalar != SCALAR_NONE && ins->dst_type.scalar != SCALAR_NONE;
    if (!scalars || ins->a.type.scalar == SCALAR_POINTER) {
        if (ins->a.type.size != ins->dst_type.size)
            interp_violation(in, "a conversion between values of different sizes");
        Spot spot = spot_of(in, &ins->dst);
        value_store(in, &ins->a, spot.p);
        alias_write(in, &spot, ins->a.type.size);
        return;
    }
    store_result(in, ins, convert(in, ins, value_scalar(in, &ins->a)));
}
