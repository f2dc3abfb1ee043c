// Atomic operations. Tasks take turns here, so each is one whatever it is made of.
#include "interp/internal.h"

enum { EXCHANGE, ADD, SUB, AND, OR, XOR, MIN, MAX }; // codes of atomic_change

static U128 word(Interp *in, const Ins *ins, uint32_t i) {
    const Arg *arg = &ins->args[i];
    if (arg->kind == ARG_VALUE)
        return value_scalar(in, &arg->value);
    const uint8_t *from = address_of(in, &arg->addr);
    alias_read(in, in->spot.tag, from, arg->value.type.size);
    return load_scalar(in, from, &arg->value.type);
}

static U128 changed(const ValueType *type, uint64_t code, U128 old, U128 value) {
    bool is_less = type->scalar == SCALAR_SIGNED ? (I128)value < (I128)old : value < old;
    switch (code) {
    case ADD: return scalar_wrap(type, old + value);
    case SUB: return scalar_wrap(type, old - value);
    case AND: return old & value;
    case OR: return old | value;
    case XOR: return old ^ value;
    case MIN: return is_less ? value : old;
    case MAX: return is_less ? old : value;
    default: return value;
    }
}

void exec_atomic(Interp *in, const Ins *ins) {
    bool has_code = ins->number == INTRINSIC_atomic_change;
    uint8_t *p = (uint8_t *)(uintptr_t)(uint64_t)word(in, ins, has_code);
    Tag tag = in->value_tag;
    ValueType type = value_type(in, type_get(in->program->types, ins->args[has_code].value.type.id)->args[0]);
    memory_check_read(in, p, type.size, type.align);
    U128 old = load_scalar(in, p, &type), next = old;
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_atomic_store: next = word(in, ins, 1); break;
    case INTRINSIC_atomic_change: next = changed(&type, (uint64_t)word(in, ins, 0), old, word(in, ins, 2)); break;
    case INTRINSIC_atomic_compare: next = word(in, ins, 1) == old ? word(in, ins, 2) : old; break;
    default: break;
    }
    if (ins->number != INTRINSIC_atomic_load) {
        Spot spot = {.p = p, .tag = tag};
        store_scalar(in, p, &type, next);
        alias_write(in, &spot, type.size);
    }
    if (ins->number == INTRINSIC_atomic_store || ins->dst.kind == ADDR_NONE)
        return;
    store_scalar(in, address_of(in, &ins->dst), &ins->dst_type, old);
    alias_write(in, &in->spot, ins->dst_type.size);
}
