// Intrinsics: what std asks of the machine.
#include "interp/internal.h"

enum { FLOAT_TEXT = 400 };

// ---- arguments and results -----------------------------------------------------------------------------------------

static U128 scalar(Interp *in, const Ins *ins, uint32_t i) {
    const Arg *arg = &ins->args[i];
    if (i >= ins->count)
        interp_violation(in, "an intrinsic without argument %u", i);
    if (arg->kind == ARG_VALUE)
        return value_scalar(in, &arg->value);
    uint8_t *from = address_of(in, &arg->addr);
    alias_read(in, in->spot.tag, from, arg->value.type.size);
    return load_scalar(in, from, &arg->value.type);
}

static int64_t int_arg(Interp *in, const Ins *ins, uint32_t i) {
    return (int64_t)scalar(in, ins, i);
}

// Its tag is in->value_tag.
static uint8_t *pointer(Interp *in, const Ins *ins, uint32_t i) {
    return (uint8_t *)(uintptr_t)(uint64_t)scalar(in, ins, i);
}

const uint8_t *place_of(Interp *in, const Ins *ins, uint32_t i) {
    const Arg *arg = &ins->args[i];
    if (arg->kind != ARG_VALUE)
        return address_of(in, &arg->addr);
    if (arg->value.is_const)
        return interp_literal(in, arg->value.bytes, arg->value.type.size);
    return address_of(in, &arg->value.addr);
}

static void give(Interp *in, const Ins *ins, U128 value) {
    if (ins->dst.kind == ADDR_NONE)
        return;
    store_scalar(in, address_of(in, &ins->dst), &ins->dst_type, value);
    alias_write(in, &in->spot, ins->dst_type.size);
}

static void give_pointer(Interp *in, const Ins *ins, const uint8_t *p, Tag tag) {
    if (ins->dst.kind == ADDR_NONE)
        return;
    uint8_t *dst = address_of(in, &ins->dst);
    memory_will_write(in, dst, 8, 8);
    memcpy(dst, &p, 8);
    *stored_tag(in, dst) = ins->is_owner || is_owned_memory(in, dst) ? TAG_OWNER : tag;
    alias_write(in, &in->spot, 8);
}

// A write through a raw pointer.
static void write_raw(Interp *in, uint8_t *p, Tag tag, uint64_t size) {
    Spot spot = {.p = p, .tag = tag};
    alias_write(in, &spot, size);
}

static uint64_t read_word(Interp *in, const uint8_t *p) {
    uint64_t word;
    memory_check_read(in, p, 8, 8);
    memcpy(&word, p, 8);
    return word;
}

static void write_word(Interp *in, uint8_t *p, uint64_t word) {
    memory_will_write(in, p, 8, 8);
    memcpy(p, &word, 8);
}

static double double_arg(Interp *in, const Ins *ins, uint32_t i) {
    uint64_t bits = (uint64_t)scalar(in, ins, i);
    if (ins->args[i].value.type.bits == 32) {
        uint32_t narrow = (uint32_t)bits;
        float x;
        memcpy(&x, &narrow, 4);
        return x;
    }
    double x;
    memcpy(&x, &bits, 8);
    return x;
}

static void give_double(Interp *in, const Ins *ins, double x) {
    if (ins->dst_type.bits == 32) {
        float narrow = (float)x;
        uint32_t bits;
        memcpy(&bits, &narrow, 4);
        give(in, ins, bits);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &x, 8);
    give(in, ins, bits);
}

// ---- memory --------------------------------------------------------------------------------------------------------

static bool is_plain(Interp *in, TypeId type) {
    return type_get(in->program->types, type)->kind == TY_CLOSURE || (type_class(in->program, type) & CLASS_PLAIN);
}

static TypeId pointee(Interp *in, const Ins *ins, uint32_t i) {
    return type_get(in->program->types, ins->args[i].value.type.id)->args[0];
}

static void ptr_read(Interp *in, const Ins *ins) {
    uint8_t *p = pointer(in, ins, 0);
    TypeId id = pointee(in, ins, 0);
    ValueType type = value_type(in, id);
    if (type.size == 0)
        return;
    alias_read(in, in->value_tag, p, type.size);
    if (ins->dst.kind != ADDR_NONE) {
        memory_move_bytes(in, address_of(in, &ins->dst), p, type.size, type.align);
        alias_write(in, &in->spot, type.size);
    }
    if (!is_plain(in, id))
        memory_set_moved(in, p, type.size);
}

static void mem_copy(Interp *in, const Ins *ins, bool may_overlap) {
    uint8_t *to = pointer(in, ins, 0);
    Tag to_tag = in->value_tag;
    uint8_t *from = pointer(in, ins, 1);
    Tag from_tag = in->value_tag;
    int64_t count = int_arg(in, ins, 2);
    if (count < 0)
        interp_violation(in, "a copy of %lld items", (long long)count);
    uint64_t size = (uint64_t)count * layout_size(in->jir, pointee(in, ins, 0));
    if (!may_overlap && size && to < from + size && from < to + size)
        interp_violation(in, "a copy between places that overlap");
    alias_read(in, from_tag, from, size);
    memory_copy_raw(in, to, from, size);
    write_raw(in, to, to_tag, size);
}

static void mem_set(Interp *in, const Ins *ins) {
    uint8_t *to = pointer(in, ins, 0);
    Tag tag = in->value_tag;
    uint64_t count = (uint64_t)int_arg(in, ins, 2);
    memory_will_write(in, to, count, 1);
    write_raw(in, to, tag, count);
    if (count)
        memset(to, (int)(uint8_t)scalar(in, ins, 1), count);
}

static void mem_compare(Interp *in, const Ins *ins) {
    uint64_t count = (uint64_t)int_arg(in, ins, 2);
    uint8_t *a = pointer(in, ins, 0);
    memory_check_read(in, a, count, 1);
    alias_read(in, in->value_tag, a, count);
    uint8_t *b = pointer(in, ins, 1);
    memory_check_read(in, b, count, 1);
    alias_read(in, in->value_tag, b, count);
    int order = count ? memcmp(a, b, count) : 0;
    give(in, ins, (U128)(I128)(order < 0 ? -1 : order > 0));
}

static void mem_find(Interp *in, const Ins *ins) {
    uint64_t count = (uint64_t)int_arg(in, ins, 2);
    uint8_t *p = pointer(in, ins, 0);
    memory_check_read(in, p, count, 1);
    alias_read(in, in->value_tag, p, count);
    const uint8_t *found = count ? memchr(p, (int)(uint8_t)scalar(in, ins, 1), count) : NULL;
    give(in, ins, found ? (U128)(found - p) : (U128)(I128)-1);
}

static void ptr_ref(Interp *in, const Ins *ins) {
    if (dyn_is(in, pointee(in, ins, 0))) {
        dyn_project(in, ins);
        return;
    }
    uint8_t *p = pointer(in, ins, 0);
    Tag tag = in->value_tag;
    const TypeLayout *layout = layout_get(in->jir, pointee(in, ins, 0));
    // alive is enough: std keeps what is partly moved out behind pointers
    memory_check(in, p, lent_bytes(layout->size), layout->align);
    give_pointer(in, ins, p, alias_project(in, tag, p, layout->size, ins->number == INTRINSIC_ptr_mut));
}

static void slice_of(Interp *in, const Ins *ins) {
    const uint8_t *whole = place_of(in, ins, 0);
    Spot spot = in->spot;
    const Type *type = type_get(in->program->types, ins->args[0].value.type.id);
    uint64_t stride = layout_size(in->jir, type->args[0]);
    int64_t length = (int64_t)type->count;
    const uint8_t *items = whole;
    if (type->kind != TY_ARRAY) {
        items = (const uint8_t *)(uintptr_t)read_word(in, whole);
        length = (int64_t)read_word(in, whole + 8);
    }
    int64_t from = int_arg(in, ins, 1), to = int_arg(in, ins, 2);
    if (from < 0 || to < from || to > length)
        interp_panic_text(in, "slice %lld..%lld is out of range for length %lld", (long long)from, (long long)to,
                          (long long)length);
    if (type->kind != TY_ARRAY)
        spot_follow(in, &spot,
                    type_is_lang(in->program, ins->args[0].value.type.id, LANG_SLICE) ? DEREF_POINTER : DEREF_ITEM);
    spot.p = (uint8_t *)(uintptr_t)(items + (uint64_t)from * stride);
    Tag tag = alias_lend(in, &spot, (uint64_t)(to - from) * stride, ins->args[0].kind == ARG_MUT_REF);
    uint8_t *dst = address_of(in, &ins->dst);
    write_word(in, dst, (uint64_t)(uintptr_t)spot.p);
    *stored_tag(in, dst) = tag;
    write_word(in, dst + 8, (uint64_t)(to - from));
    alias_write(in, &in->spot, 16);
}

static void string_raw(Interp *in, const Ins *ins) {
    uint64_t words[3];
    for (uint32_t i = 0; i < 3; i++)
        words[i] = (uint64_t)scalar(in, ins, i);
    if (!words[1])
        interp_violation(in, "a String without data");
    uint8_t *dst = address_of(in, &ins->dst);
    memory_will_write(in, dst, sizeof words, 8);
    memcpy(dst, words, sizeof words);
    memset(stored_tag(in, dst), 0, 3 * sizeof(Tag)); // a String shares what it points to
    alias_write(in, &in->spot, sizeof words);
}

static _Noreturn void panic_text(Interp *in, const Ins *ins) {
    const uint8_t *text = place_of(in, ins, 0);
    const char *data = (const char *)(uintptr_t)read_word(in, text + 8);
    uint64_t size = read_word(in, text + 16);
    memory_check_read(in, (const uint8_t *)data, size, 1);
    interp_panic_text(in, "%.*s", (int)size, data);
}

static void count_owner(Interp *in, const Ins *ins, bool up) {
    uint8_t *p = pointer(in, ins, 0);
    if (!p) {
        if (!up)
            give(in, ins, false);
        return;
    }
    uint64_t count = read_word(in, p);
    if ((int64_t)count <= 0)
        interp_violation(in, "a shared block is used after its last owner is gone");
    write_word(in, p, up ? count + 1 : count - 1);
    if (!up)
        give(in, ins, count == 1);
}

// ---- drops of recursive types --------------------------------------------------------------------------------------

static void drop_defer(Interp *in, const Ins *ins) {
    uint8_t *value = address_of(in, &ins->args[0].addr);
    uint64_t size = ins->args[0].size, words[2];
    const Value *drop = &ins->args[1].value;
    memcpy(words, drop->is_const ? drop->bytes : address_of(in, &drop->addr), sizeof words);
    PutOff put = {memory_alloc(in, size, ins->args[0].value.type.align, BLOCK_LIVE), size,
                  function_of_word(in, words[0])};
    memory_copy_raw(in, put.bytes, value, size);
    vec_push(&in->now.put_off, put);
    in->now.drop_depth--;
}

// One put-off drop at a time: the statement is run again after each, until none is left.
static bool drop_leave(Interp *in) {
    if (in->now.drop_depth == 1 && in->now.kept) {
        memory_release(in, in->now.kept, in->now.kept_size);
        in->now.kept = NULL;
    }
    if (in->now.drop_depth > 1 || in->now.put_off.count == 0) {
        in->now.drop_depth--;
        return false;
    }
    PutOff put = vec_pop(&in->now.put_off);
    in->now.kept = put.bytes;
    in->now.kept_size = put.size;
    Code *code = decode(in, put.drop);
    Frame *frame = interp_push(in, code);
    frame->repeat = true;
    uint64_t none = 0;
    memory_will_write(in, frame->frame + code->env_slot, 8, 8);
    memcpy(frame->frame + code->env_slot, &none, 8);
    uint8_t *to = frame->frame + code->slots[1].offset;
    memory_will_write(in, to, 8, 8);
    memcpy(to, &put.bytes, 8);
    *stored_tag(in, to) = TAG_UNTRACKED;
    in->now.frame = frame->frame;
    return true;
}

// ---- integers ------------------------------------------------------------------------------------------------------

static U128 low_bits(const ValueType *type, U128 value) {
    uint32_t unused = 128 - type->bits;
    return value << unused >> unused;
}

static void overflowing(Interp *in, const Ins *ins) {
    const ValueType *type = &ins->args[0].value.type;
    U128 a = scalar(in, ins, 0), b = scalar(in, ins, 1), result = 0;
    bool wide, is_signed = type->scalar == SCALAR_SIGNED;
    I128 r;
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_overflow_add:
        wide = is_signed ? __builtin_add_overflow((I128)a, (I128)b, &r) : __builtin_add_overflow(a, b, &result);
        break;
    case INTRINSIC_overflow_sub:
        wide = is_signed ? __builtin_sub_overflow((I128)a, (I128)b, &r) : __builtin_sub_overflow(a, b, &result);
        break;
    default:
        wide = is_signed ? __builtin_mul_overflow((I128)a, (I128)b, &r) : __builtin_mul_overflow(a, b, &result);
        break;
    }
    if (is_signed)
        result = (U128)r;
    U128 wrapped = scalar_wrap(type, result);
    uint8_t *dst = address_of(in, &ins->dst);
    ValueType flag = value_type(in, type_builtin(in->program->types, TY_BOOL));
    memory_empty(in, dst, ins->dst_type.size, ins->dst_type.align);
    store_scalar(in, dst, type, wrapped);
    store_scalar(in, dst + layout_field_offset(in->jir, ins->dst_type.id, 0, 1), &flag, wide || wrapped != result);
}

static U128 wrapping(Interp *in, const Ins *ins) {
    const ValueType *type = &ins->args[0].value.type;
    U128 a = scalar(in, ins, 0);
    if (ins->number == INTRINSIC_wrap_neg)
        return scalar_wrap(type, 0 - a);
    U128 b = scalar(in, ins, 1);
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_wrap_add: return scalar_wrap(type, a + b);
    case INTRINSIC_wrap_sub: return scalar_wrap(type, a - b);
    case INTRINSIC_wrap_mul: return scalar_wrap(type, a * b);
    default: return scalar_wrap(type, a << (uint32_t)(b & (type->bits - 1u)));
    }
}

static U128 bit_question(Interp *in, const Ins *ins) {
    const ValueType *type = &ins->args[0].value.type;
    U128 a = low_bits(type, scalar(in, ins, 0));
    uint64_t low = (uint64_t)a, high = (uint64_t)(a >> 64);
    uint32_t leading = high ? (uint32_t)__builtin_clzll(high) : low ? 64 + (uint32_t)__builtin_clzll(low) : 128;
    uint32_t trailing = low ? (uint32_t)__builtin_ctzll(low) : high ? 64 + (uint32_t)__builtin_ctzll(high) : 128;
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_count_ones: return (uint32_t)(__builtin_popcountll(low) + __builtin_popcountll(high));
    case INTRINSIC_leading_zeros: return leading - (128u - type->bits);
    default: return trailing < type->bits ? trailing : type->bits;
    }
}

static U128 rotate_left(Interp *in, const Ins *ins) {
    const ValueType *type = &ins->args[0].value.type;
    U128 a = low_bits(type, scalar(in, ins, 0));
    uint32_t count = (uint32_t)(scalar(in, ins, 1) & (type->bits - 1u));
    return scalar_wrap(type, count ? a << count | a >> (type->bits - count) : a);
}

static U128 byte_swap(Interp *in, const Ins *ins) {
    const ValueType *type = &ins->args[0].value.type;
    U128 a = scalar(in, ins, 0), result = 0;
    for (uint64_t i = 0; i < type->size; i++)
        result = result << 8 | (uint8_t)(a >> (8 * i));
    return scalar_wrap(type, result);
}

// ---- floats --------------------------------------------------------------------------------------------------------

static void format_float(Interp *in, const Ins *ins) {
    char text[FLOAT_TEXT];
    int64_t size = float_format(double_arg(in, ins, 0), int_arg(in, ins, 1), int_arg(in, ins, 2), text);
    uint8_t *out = pointer(in, ins, 3);
    memory_will_write(in, out, (uint64_t)size, 1);
    memcpy(out, text, (size_t)size);
    give(in, ins, (U128)size);
}

static void parse_float(Interp *in, const Ins *ins) {
    uint8_t *p = pointer(in, ins, 0), *out = pointer(in, ins, 2);
    int64_t size = int_arg(in, ins, 1);
    memory_check_read(in, p, (uint64_t)size, 1);
    bool ok;
    double x = float_parse((const char *)p, size, &ok);
    memory_will_write(in, out, 1, 1);
    *out = ok;
    give_double(in, ins, x);
}

// ---- all of them ---------------------------------------------------------------------------------------------------

static void exec_memory(Interp *in, const Ins *ins) {
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_mem_alloc:
        give_pointer(in, ins, region_alloc(in, in->now.region, int_arg(in, ins, 0), int_arg(in, ins, 1)),
                     TAG_UNTRACKED);
        break;
    case INTRINSIC_mem_resize:
        give_pointer(
            in, ins,
            region_resize(in, pointer(in, ins, 0), int_arg(in, ins, 1), int_arg(in, ins, 2), int_arg(in, ins, 3)),
            TAG_UNTRACKED);
        break;
    case INTRINSIC_mem_try_resize:
        give_pointer(
            in, ins,
            region_try_resize(in, pointer(in, ins, 0), int_arg(in, ins, 1), int_arg(in, ins, 2), int_arg(in, ins, 3)),
            TAG_UNTRACKED);
        break;
    case INTRINSIC_mem_free: region_release(in, pointer(in, ins, 0), int_arg(in, ins, 1)); break;
    case INTRINSIC_allocator_call:
        give(in, ins, (U128)(I128)region_call(in, int_arg(in, ins, 0), int_arg(in, ins, 1), int_arg(in, ins, 2)));
        break;
    case INTRINSIC_ptr_null: give_pointer(in, ins, NULL, TAG_UNTRACKED); break;
    case INTRINSIC_ptr_is_null: give(in, ins, pointer(in, ins, 0) == NULL); break;
    case INTRINSIC_ptr_offset: {
        int64_t count = int_arg(in, ins, 1);
        uint64_t size = layout_size(in->jir, pointee(in, ins, 0));
        uint8_t *p = pointer(in, ins, 0);
        give_pointer(in, ins, (uint8_t *)((uintptr_t)p + (uint64_t)count * size), in->value_tag);
        break;
    }
    case INTRINSIC_ptr_diff: {
        int64_t size = (int64_t)layout_size(in->jir, pointee(in, ins, 0));
        int64_t bytes = (int64_t)((uintptr_t)pointer(in, ins, 0) - (uintptr_t)pointer(in, ins, 1));
        give(in, ins, (U128)(I128)(size > 1 ? bytes / size : bytes));
        break;
    }
    case INTRINSIC_ptr_cast: {
        uint8_t *p = dyn_is(in, pointee(in, ins, 0)) ? dyn_value(in, ins) : pointer(in, ins, 0);
        give_pointer(in, ins, p, in->value_tag);
        break;
    }
    case INTRINSIC_dyn_word: give(in, ins, dyn_word(in, ins, int_arg(in, ins, 1))); break;
    case INTRINSIC_dyn_method: dyn_method(in, ins, int_arg(in, ins, 1)); break;
    case INTRINSIC_env_ptr: {
        const Frame *top = &vec_last(&in->now.frames);
        uint8_t *env = top->frame + top->code->env_slot;
        give_pointer(in, ins, (uint8_t *)(uintptr_t)read_word(in, env), *stored_tag(in, env));
        break;
    }
    case INTRINSIC_ptr_read: ptr_read(in, ins); break;
    case INTRINSIC_ptr_write: {
        uint8_t *p = pointer(in, ins, 0);
        Tag tag = in->value_tag;
        value_store(in, &ins->args[1].value, p);
        write_raw(in, p, tag, ins->args[1].value.type.size);
        break;
    }
    case INTRINSIC_ptr_ref:
    case INTRINSIC_ptr_mut: ptr_ref(in, ins); break;
    case INTRINSIC_ptr_of:
    case INTRINSIC_ptr_of_mut: {
        const uint8_t *p = place_of(in, ins, 0);
        give_pointer(in, ins, p, in->spot.tag);
        break;
    }
    case INTRINSIC_mem_copy: mem_copy(in, ins, false); break;
    case INTRINSIC_mem_move: mem_copy(in, ins, true); break;
    case INTRINSIC_mem_set: mem_set(in, ins); break;
    case INTRINSIC_mem_compare: mem_compare(in, ins); break;
    case INTRINSIC_mem_find: mem_find(in, ins); break;
    case INTRINSIC_slice_of: slice_of(in, ins); break;
    case INTRINSIC_string_raw: string_raw(in, ins); break;
    case INTRINSIC_forget:
        if (ins->args[0].kind == ARG_VALUE && ins->args[0].value.is_move)
            memory_set_moved(in, address_of(in, &ins->args[0].value.addr), ins->args[0].value.type.size);
        break;
    case INTRINSIC_rc_retain: count_owner(in, ins, true); break;
    case INTRINSIC_rc_release: count_owner(in, ins, false); break;
    case INTRINSIC_atomic_load:
    case INTRINSIC_atomic_store:
    case INTRINSIC_atomic_change:
    case INTRINSIC_atomic_compare: exec_atomic(in, ins); break;
    default: exec_task(in, ins); break;
    }
}

static void exec_number(Interp *in, const Ins *ins) {
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_wrap_add:
    case INTRINSIC_wrap_sub:
    case INTRINSIC_wrap_mul:
    case INTRINSIC_wrap_shl:
    case INTRINSIC_wrap_neg: give(in, ins, wrapping(in, ins)); break;
    case INTRINSIC_overflow_add:
    case INTRINSIC_overflow_sub:
    case INTRINSIC_overflow_mul: overflowing(in, ins); break;
    case INTRINSIC_mul_high: give(in, ins, scalar(in, ins, 0) * scalar(in, ins, 1) >> 64); break;
    case INTRINSIC_rotate_left: give(in, ins, rotate_left(in, ins)); break;
    case INTRINSIC_count_ones:
    case INTRINSIC_leading_zeros:
    case INTRINSIC_trailing_zeros: give(in, ins, bit_question(in, ins)); break;
    case INTRINSIC_byte_swap: give(in, ins, byte_swap(in, ins)); break;
    case INTRINSIC_truncate: give(in, ins, scalar_wrap(&ins->dst_type, scalar(in, ins, 0))); break;
    case INTRINSIC_float_bits:
    case INTRINSIC_float_from_bits:
    case INTRINSIC_char_from:
    case INTRINSIC_likely: give(in, ins, scalar(in, ins, 0)); break;
    case INTRINSIC_float_op:
    case INTRINSIC_f32_op: give_double(in, ins, float_op(int_arg(in, ins, 0), double_arg(in, ins, 1))); break;
    case INTRINSIC_float_op2:
        give_double(in, ins, float_op2(int_arg(in, ins, 0), double_arg(in, ins, 1), double_arg(in, ins, 2)));
        break;
    case INTRINSIC_format_float: format_float(in, ins); break;
    case INTRINSIC_parse_float: parse_float(in, ins); break;
    default: exec_memory(in, ins);
    }
}

bool exec_intrinsic(Interp *in, const Ins *ins) {
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_panic_text: panic_text(in, ins);
    case INTRINSIC_panic_index:
        interp_panic_text(in, "index %lld is out of range for length %lld", (long long)int_arg(in, ins, 0),
                          (long long)int_arg(in, ins, 1));
    case INTRINSIC_rt_call:
        give(in, ins,
             (U128)(I128)service_call(in, int_arg(in, ins, 0), int_arg(in, ins, 1), int_arg(in, ins, 2),
                                      int_arg(in, ins, 3)));
        return false;
    case INTRINSIC_rt_call_ptr:
        give(in, ins,
             (U128)(I128)service_call_ptr(in, int_arg(in, ins, 0), pointer(in, ins, 1), int_arg(in, ins, 2),
                                          pointer(in, ins, 3), int_arg(in, ins, 4)));
        return false;
    case INTRINSIC_socket_call:
        give(in, ins,
             (U128)(I128)service_socket(in, int_arg(in, ins, 0), pointer(in, ins, 1), int_arg(in, ins, 2),
                                        pointer(in, ins, 3), int_arg(in, ins, 4)));
        return false;
    case INTRINSIC_trace_begin: trace_begin(in, interp_span(in)); return false;
    case INTRINSIC_trace_pass: trace_resume(in, in->trace.newest, interp_span(in)); return false;
    case INTRINSIC_trace_mark: give(in, ins, in->trace.newest); return false;
    case INTRINSIC_trace_resume: trace_resume(in, (uint64_t)int_arg(in, ins, 0), interp_span(in)); return false;
    case INTRINSIC_drop_enter: give(in, ins, ++in->now.drop_depth); return false;
    case INTRINSIC_drop_leave: return drop_leave(in);
    case INTRINSIC_drop_defer: drop_defer(in, ins); return false;
    default: exec_number(in, ins); return false;
    }
}
