// The loop: one statement after the other.
#include "interp/internal.h"

// ---- places --------------------------------------------------------------------------------------------------------

// What a pointer leads to belongs to what holds the pointer, unless the pointer was itself made by a loan.
void spot_follow(Interp *in, Spot *spot, DerefKind kind) {
    Tag stored = *stored_tag(in, spot->p);
    spot->is_whole = false;
    if (stored) {
        spot->tag = stored;
        spot->owner_count = 0;
        return;
    }
    if (kind != DEREF_POINTER && spot->owner_count < OWNERS_MAX)
        spot->owners[spot->owner_count++] = (Owner){spot->p, spot->tag, kind};
    spot->tag = tag_behind(spot->tag);
}

// Follows the pointer at `at`, which was reached by the spot's tag.
static inline uint8_t *load_pointer(Interp *in, uint8_t *at, DerefKind kind) {
    Spot *spot = &in->spot;
    memory_check_read(in, at, 8, 8);
    alias_read(in, spot->tag, at, 8);
    uint8_t *p;
    memcpy(&p, at, 8);
    spot->p = at;
    spot_follow(in, spot, kind);
    return p;
}

uint64_t layout_read_tag(Interp *in, const TypeLayout *layout, const uint8_t *p) {
    uint64_t tag = 0;
    memory_check_read(in, p + layout->tag_offset, layout->tag_size, 1);
    memcpy(&tag, p + layout->tag_offset, layout->tag_size);
    if (layout->kind == LAYOUT_OPTIONAL)
        return layout->is_niche ? tag != layout->null_tag : tag;
    if (layout->kind == LAYOUT_RESULT)
        return tag != 0;
    return tag;
}

// A payload is only reached through the variant that is there. What was moved out in part has no tag to compare.
static void check_variant(Interp *in, const Step *s, const uint8_t *p) {
    const TypeLayout *layout = s->layout;
    if (!layout->tag_size)
        return;
    memory_check(in, p + layout->tag_offset, layout->tag_size, 1);
    const uint8_t *shadow = shadow_of(in, p + layout->tag_offset);
    for (uint32_t i = 0; i < layout->tag_size; i++)
        if (shadow[i] < SHADOW_VALUE)
            return;
    uint64_t tag = layout_read_tag(in, layout, p);
    if (tag != s->slot)
        interp_violation(in, "variant %u is reached where the value is variant %u", s->slot, (uint32_t)tag);
}

static uint8_t *walk(Interp *in, const Addr *addr, uint8_t *p) {
    for (uint32_t i = 0; i < addr->step_count; i++) {
        const Step *s = &addr->steps[i];
        switch (s->kind) {
        case STEP_OFFSET: p += s->value; break;
        case STEP_DEREF: p = load_pointer(in, p, (DerefKind)s->value); break;
        case STEP_VARIANT: check_variant(in, s, p); break;
        case STEP_INDEX: {
            int64_t index;
            memory_check_read(in, in->now.frame + s->slot, 8, 8);
            memcpy(&index, in->now.frame + s->slot, 8);
            p += index * (int64_t)s->value;
            break;
        }
        }
    }
    return p;
}

uint8_t *address_of(Interp *in, const Addr *addr) {
    Spot *spot = &in->spot;
    if (addr->kind == ADDR_GLOBAL)
        spot->p = constant_address(in, addr->constant);
    spot->tag = addr->is_private ? TAG_UNTRACKED : TAG_OWNER;
    spot->owner_count = 0;
    spot->is_whole = addr->is_whole;
    switch (addr->kind) {
    case ADDR_FRAME: spot->p = in->now.frame + addr->slot; break;
    case ADDR_REF: spot->p = load_pointer(in, in->now.frame + addr->slot, addr->deref) + addr->offset; break;
    case ADDR_PATH: spot->p = walk(in, addr, in->now.frame + addr->slot); break;
    case ADDR_GLOBAL: spot->p = walk(in, addr, spot->p); break;
    case ADDR_NONE: interp_violation(in, "a statement without a place");
    }
    return spot->p;
}

Spot spot_of(Interp *in, const Addr *addr) {
    address_of(in, addr);
    return in->spot;
}

// ---- values --------------------------------------------------------------------------------------------------------

U128 load_scalar(Interp *in, const uint8_t *from, const ValueType *type) {
    memory_check_read(in, from, type->size, type->align);
    switch (type->size) {
    case 1: return type->scalar == SCALAR_SIGNED ? (U128)(I128) * (const int8_t *)from : *from;
    case 2: {
        uint16_t x;
        memcpy(&x, from, 2);
        return type->scalar == SCALAR_SIGNED ? (U128)(I128)(int16_t)x : x;
    }
    case 4: {
        uint32_t x;
        memcpy(&x, from, 4);
        return type->scalar == SCALAR_SIGNED ? (U128)(I128)(int32_t)x : x;
    }
    case 8: {
        uint64_t x;
        memcpy(&x, from, 8);
        return type->scalar == SCALAR_SIGNED ? (U128)(I128)(int64_t)x : x;
    }
    default: {
        U128 x;
        memcpy(&x, from, 16);
        return x;
    }
    }
}

void store_scalar(Interp *in, uint8_t *to, const ValueType *type, U128 value) {
    memory_will_write(in, to, type->size, type->align);
    memcpy(to, &value, type->size); // little-endian
    if (type->scalar == SCALAR_POINTER)
        *stored_tag(in, to) = is_owned_memory(in, to) ? TAG_OWNER : in->value_tag;
}

// The tag of the pointer at `from`, which is read by `tag`.
static Tag pointer_tag(Interp *in, const uint8_t *from, Tag tag) {
    Tag stored = *stored_tag(in, from);
    return stored ? stored : tag_behind(tag);
}

U128 value_scalar(Interp *in, const Value *value) {
    in->value_tag = TAG_UNTRACKED;
    if (value->is_const)
        return (U128)value->high << 64 | value->low;
    uint8_t *from = address_of(in, &value->addr);
    Tag tag = in->spot.tag;
    U128 result = load_scalar(in, from, &value->type);
    alias_read(in, tag, from, value->type.size);
    if (value->type.scalar == SCALAR_POINTER)
        in->value_tag = pointer_tag(in, from, tag);
    if (value->is_move)
        memory_set_moved(in, from, value->type.size);
    return result;
}

static void store_image(Interp *in, uint8_t *to, const ValueType *type, const uint8_t *bytes) {
    memory_will_write(in, to, type->size, type->align);
    memcpy(to, bytes, type->size);
    if (type->size >= 8 && (uintptr_t)to % 8 == 0)
        memset(stored_tag(in, to), 0, type->size / 8 * sizeof(Tag));
}

void value_store(Interp *in, const Value *value, uint8_t *to) {
    const ValueType *type = &value->type;
    if (type->size == 0)
        return;
    if (type->scalar != SCALAR_NONE) {
        U128 scalar = value_scalar(in, value);
        store_scalar(in, to, type, scalar);
        return;
    }
    if (value->is_const) {
        store_image(in, to, type, value->bytes);
        return;
    }
    uint8_t *from = address_of(in, &value->addr);
    if (value->is_broken)
        interp_violation(in, "a part of a value with Drop is moved out");
    if (from == to)
        return;
    alias_read(in, in->spot.tag, from, type->size);
    memory_move_bytes(in, to, from, type->size, type->align);
    if (value->is_move)
        memory_set_moved(in, from, type->size);
    else if (value->is_view)
        alias_copy_view(in, to, type->size);
}

// ---- making values -------------------------------------------------------------------------------------------------

static void write_tag(Interp *in, const TypeLayout *layout, uint8_t *p, uint32_t variant, uint32_t number) {
    uint64_t tag = variant;
    if (layout->kind == LAYOUT_RESULT)
        tag = 0;
    else if (layout->kind == LAYOUT_OPTIONAL && layout->is_niche)
        tag = layout->null_tag;
    else if (layout->kind == LAYOUT_INT || layout->kind == LAYOUT_ERROR)
        tag = number;
    uint32_t size = layout->kind == LAYOUT_INT ? (uint32_t)layout->size : layout->tag_size;
    uint64_t offset = layout->kind == LAYOUT_INT ? 0 : layout->tag_offset;
    memory_will_write(in, p + offset, size, 1);
    memcpy(p + offset, &tag, size);
}

static void make_fields(Interp *in, const Ins *ins, uint8_t *p, const LayoutFields *fields) {
    for (uint32_t i = 0; i < ins->count; i++) {
        uint64_t offset = fields ? fields->offsets[i] : ins->layout->stride * i;
        value_store(in, &ins->items[i], p + offset);
        if (ins->is_owner && ins->items[i].is_raw)
            *stored_tag(in, p + offset) = TAG_OWNER;
    }
}

static void make_at(Interp *in, const Ins *ins, uint8_t *p) {
    const TypeLayout *layout = ins->layout;
    if (ins->op == OP_MAKE) {
        make_fields(in, ins, p, layout->kind == LAYOUT_STRUCT ? &layout->variants[0] : NULL);
        return;
    }
    bool tag_first = layout->kind != LAYOUT_OPTIONAL || !layout->is_niche;
    uint32_t variant = ins->number;
    if (layout->kind == LAYOUT_INT) { // an error that carries nothing: its number is all there is
        write_tag(in, layout, p, 0, variant);
        return;
    }
    if (tag_first)
        write_tag(in, layout, p, variant, variant);
    else if (variant == 0)
        write_tag(in, layout, p, 0, 0);
    make_fields(in, ins, p, layout_variant(layout, variant));
}

// Runs `make` on scratch memory above the frame where the parts may lie in what is made.
static void exec_make(Interp *in, const Ins *ins) {
    const ValueType *type = &ins->dst_type;
    Spot spot = spot_of(in, &ins->dst);
    uint8_t *dst = spot.p;
    if (!ins->overlaps) {
        memory_empty(in, dst, type->size, type->align);
        make_at(in, ins, dst);
        alias_write(in, &spot, type->size);
        return;
    }
    uint8_t *scratch = (uint8_t *)(((uintptr_t)in->now.stack_next + 63) & ~(uintptr_t)63);
    if (scratch + type->size + 64 > in->now.stack_end)
        interp_overflow(in);
    uint8_t *next = in->now.stack_next;
    in->now.stack_next = (uint8_t *)(((uintptr_t)scratch + type->size + 63) & ~(uintptr_t)63);
    memset(shadow_of(in, scratch), SHADOW_EMPTY, type->size);
    make_at(in, ins, scratch);
    in->now.stack_next = next;
    spot = spot_of(in, &ins->dst);
    alias_write(in, &spot, type->size);
    memory_move_bytes(in, spot.p, scratch, type->size, type->align);
    memset(shadow_of(in, scratch), SHADOW_NONE, type->size);
}

static void exec_repeat(Interp *in, const Ins *ins) {
    Spot spot = spot_of(in, &ins->dst);
    memory_empty(in, spot.p, ins->dst_type.size, ins->dst_type.align);
    for (uint64_t i = 0; i < ins->layout->count; i++)
        value_store(in, &ins->a, spot.p + i * ins->layout->stride);
    alias_write(in, &spot, ins->dst_type.size);
}

static void exec_set(Interp *in, const Ins *ins) {
    Spot spot = spot_of(in, &ins->dst);
    if (ins->converts)
        memory_empty(in, spot.p, ins->dst_type.size, ins->dst_type.align);
    value_store(in, &ins->a, spot.p);
    if (ins->is_owner)
        *stored_tag(in, spot.p) = TAG_OWNER;
    alias_write(in, &spot, ins->converts ? ins->dst_type.size : ins->a.type.size);
}

// An address that a loan made.
static void store_address(Interp *in, uint8_t *to, const uint8_t *p, Tag tag) {
    memory_will_write(in, to, 8, 8);
    memcpy(to, &p, 8);
    *stored_tag(in, to) = tag;
}

static void exec_ref(Interp *in, const Ins *ins) {
    uint8_t *p = address_of(in, &ins->place);
    memory_check_lent(in, p, ins->place_type.size, ins->place_type.align);
    if (ins->number || dyn_is(in, ins->place_type.id)) {
        dyn_ref(in, ins);
        return;
    }
    Tag tag = alias_lend(in, &in->spot, ins->place_type.size, ins->sub);
    Spot spot = spot_of(in, &ins->dst);
    store_address(in, spot.p, p, tag);
    alias_write(in, &spot, 8);
}

static void store_i64(Interp *in, const Ins *ins, uint64_t value) {
    uint8_t *dst = address_of(in, &ins->dst);
    memory_will_write(in, dst, 8, 8);
    memcpy(dst, &value, 8);
    alias_write(in, &in->spot, 8);
}

static void exec_tag(Interp *in, const Ins *ins) {
    uint8_t *p = address_of(in, &ins->place);
    bool is_int = ins->layout->kind == LAYOUT_INT;
    alias_read(in, in->spot.tag, is_int ? p : p + ins->layout->tag_offset,
               is_int ? ins->place_type.size : ins->layout->tag_size);
    if (is_int)
        store_i64(in, ins, (uint64_t)load_scalar(in, p, &ins->place_type));
    else
        store_i64(in, ins, layout_read_tag(in, ins->layout, p));
}

static void exec_len(Interp *in, const Ins *ins) {
    if (ins->layout->kind == LAYOUT_ARRAY) {
        store_i64(in, ins, ins->layout->count);
        return;
    }
    bool is_string = type_is_lang(in->program, ins->place_type.id, LANG_STRING);
    uint8_t *p = address_of(in, &ins->place) + (is_string ? 16 : 8);
    alias_read(in, in->spot.tag, p, 8);
    memory_check_read(in, p, 8, 8);
    uint64_t len;
    memcpy(&len, p, 8);
    store_i64(in, ins, len);
}

static void exec_check(Interp *in, const Ins *ins) {
    int64_t index = (int64_t)value_scalar(in, &ins->a), length = (int64_t)value_scalar(in, &ins->b);
    if (index < 0 || index >= length)
        interp_panic_text(in, "index %lld is out of range for length %lld", (long long)index, (long long)length);
}

static void exec_live(Interp *in, const Ins *ins, bool is_live) {
    memset(shadow_of(in, in->now.frame + ins->dst.slot), is_live ? SHADOW_EMPTY : SHADOW_DEAD, ins->dst_type.size);
    if (ins->overlaps)
        alias_begin(in, in->now.frame + ins->dst.slot, ins->dst_type.size);
}

static void exec_closure(Interp *in, const Ins *ins) {
    Spot spot = spot_of(in, &ins->dst);
    uint8_t *dst = spot.p;
    const LayoutFields *fields = &layout_get(in->jir, ins->dst_type.id)->variants[0];
    memory_empty(in, dst, ins->dst_type.size, ins->dst_type.align);
    for (uint32_t i = 0; i < ins->count; i++) {
        uint8_t *to = dst + fields->offsets[i];
        if (ins->args[i].kind == ARG_VALUE) {
            value_store(in, &ins->args[i].value, to);
            continue;
        }
        uint8_t *p = address_of(in, &ins->args[i].addr);
        if (dyn_is(in, ins->args[i].value.type.id)) {
            dyn_lend(in, to, ins->args[i].kind == ARG_MUT_REF, false);
            continue;
        }
        Tag tag = alias_lend(in, &in->spot, ins->args[i].size, ins->args[i].kind == ARG_MUT_REF);
        store_address(in, to, p, tag);
    }
    alias_write(in, &spot, ins->dst_type.size);
}

// ---- calls ---------------------------------------------------------------------------------------------------------

enum { LENT_LIMIT = 16 };

typedef struct {
    uint8_t *from, *to;
    bool is_mut;
} Lent;

// What is lent to be changed must not be lent twice.
static void check_exclusive(Interp *in, const Lent *lent, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; lent[i].is_mut && j < count; j++)
            if (i != j && lent[i].from < lent[j].to && lent[j].from < lent[i].to)
                interp_violation(in, "a place is lent twice in one call, once to be changed");
}

static void pass_args(Interp *in, const Ins *ins, const Code *code, uint8_t *frame) {
    Lent lent[LENT_LIMIT];
    uint32_t lent_count = 0;
    for (uint32_t i = 0; i < ins->count; i++) // values are read before places are lent
        if (ins->args[i].kind == ARG_VALUE)
            value_store(in, &ins->args[i].value, frame + code->slots[1 + i].offset);
    for (uint32_t i = 0; i < ins->count; i++) {
        const Arg *arg = &ins->args[i];
        uint8_t *to = frame + code->slots[1 + i].offset;
        if (arg->kind == ARG_VALUE)
            continue;
        uint8_t *p = address_of(in, &arg->addr);
        if (!ins->sub) // a drop may find parts moved out that need none
            memory_check_lent(in, p, arg->size, arg->value.type.align);
        if (dyn_is(in, arg->value.type.id)) {
            dyn_lend(in, to, arg->kind == ARG_MUT_REF, ins->sub);
            continue;
        }
        store_address(in, to, p, alias_lend(in, &in->spot, arg->size, arg->kind == ARG_MUT_REF));
        if (arg->size && lent_count < LENT_LIMIT)
            lent[lent_count++] = (Lent){p, p + arg->size, arg->kind == ARG_MUT_REF};
    }
    if (lent_count > 1)
        check_exclusive(in, lent, lent_count);
}

// `tag`: of the address of the captures.
static void enter(Interp *in, const Ins *ins, Code *code, const uint8_t *env, Tag tag) {
    uint8_t *frame = in->now.stack_next;
    interp_push(in, code); // arguments are still read in the caller's frame
    if (ins->count != code->fn->param_count)
        interp_violation(in, "%u arguments for %u parameters of %s", ins->count, code->fn->param_count,
                         code->fn->symbol);
    if (code->fn->has_env) {
        memcpy(frame + code->env_slot, &env, 8);
        memset(shadow_of(in, frame + code->env_slot), SHADOW_VALUE, 8);
        *stored_tag(in, frame + code->env_slot) = tag;
    }
    pass_args(in, ins, code, frame);
    if (ins->sub && ins->op == OP_CALL && !dyn_is(in, ins->args[0].value.type.id)) {
        Frame *top = &vec_last(&in->now.frames);
        memcpy(&top->dropped, frame + code->slots[1].offset, 8);
        top->dropped_size = ins->args[0].size;
    }
    in->now.frame = frame;
}

static void call_value(Interp *in, const Ins *ins) {
    uint8_t *p = address_of(in, &ins->place);
    if (ins->callee.v) { // a closure known by its type
        memory_check(in, p, ins->place_type.size, ins->place_type.align);
        enter(in, ins, decode(in, ins->callee), p, in->spot.tag);
        return;
    }
    uint64_t words[2];
    Tag tag = in->spot.tag;
    memory_check_read(in, p, 16, 8);
    alias_read(in, tag, p, 16);
    memcpy(words, p, 16);
    enter(in, ins, decode(in, function_of_word(in, words[0])), (const uint8_t *)(uintptr_t)words[1],
          pointer_tag(in, p + 8, tag));
}

// Ends the innermost call and hands its result to the statement that waits for it.
static void leave(Interp *in) {
    Frame done = vec_pop(&in->now.frames);
    Frame *caller = &vec_last(&in->now.frames);
    const Ins *ins = caller->at;
    Code *code = done.code;
    uint8_t *result = done.frame + code->slots[0].offset;
    in->now.frame = caller->frame;
    in->now.stack_next = done.frame;
    if (!done.repeat && ins->dst.kind != ADDR_NONE && code->result_size) {
        const TypeLayout *layout = layout_get(in->jir, code->fn->locals.items[0].type);
        uint8_t *dst = address_of(in, &ins->dst);
        memory_move_bytes(in, dst, result, code->result_size, layout->align);
        if (ins->is_owner)
            *stored_tag(in, dst) = TAG_OWNER;
        alias_write(in, &in->spot, code->result_size);
    }
    memset(shadow_of(in, done.frame), SHADOW_NONE, code->frame_size);
    if (done.dropped)
        memory_set_moved(in, done.dropped, done.dropped_size);
}

// ---- terminators ---------------------------------------------------------------------------------------------------

static uint32_t switch_target(Interp *in, const Ins *ins) {
    uint64_t value = (uint64_t)value_scalar(in, &ins->a);
    for (uint32_t i = 0; i + 1 < ins->count; i++)
        if (ins->values[i] == value)
            return ins->targets[i];
    return ins->targets[ins->count - 1];
}

static _Noreturn void exec_panic(Interp *in, const Ins *ins) {
    if (ins->a.type.size == 0)
        interp_panic(in, (PanicKind)ins->sub);
    uint64_t words[3];
    if (ins->a.is_const) {
        memcpy(words, ins->a.bytes, sizeof words);
    } else {
        uint8_t *p = address_of(in, &ins->a.addr);
        memory_check_read(in, p, sizeof words, 8);
        memcpy(words, p, sizeof words);
    }
    const char *text = (const char *)(uintptr_t)words[1];
    memory_check_read(in, (const uint8_t *)text, words[2], 1);
    interp_panic_text(in, "%.*s", (int)words[2], text);
}

// ---- the loop ------------------------------------------------------------------------------------------------------

static void check_once(Interp *in, const Ins *ins) {
    uint8_t state = *shadow_of(in, in->now.frame + ins->dst.slot);
    if (state == SHADOW_VALUE || state == SHADOW_MOVED)
        interp_violation(in, "a `let` gets a value again");
}

// True if the statement has entered a function.
static bool exec(Interp *in, const Ins *ins) {
    if (ins->is_once)
        check_once(in, ins);
    switch ((OpKind)ins->op) {
    case OP_NOP: return false;
    case OP_SET: exec_set(in, ins); return false;
    case OP_REF: exec_ref(in, ins); return false;
    case OP_UNARY: exec_unary(in, ins); return false;
    case OP_BINARY: exec_binary(in, ins); return false;
    case OP_CAST: exec_cast(in, ins); return false;
    case OP_MAKE:
    case OP_MAKE_VARIANT: exec_make(in, ins); return false;
    case OP_REPEAT: exec_repeat(in, ins); return false;
    case OP_TAG: exec_tag(in, ins); return false;
    case OP_CHECK_INDEX: exec_check(in, ins); return false;
    case OP_LEN: exec_len(in, ins); return false;
    case OP_CALL: enter(in, ins, decode(in, ins->callee), NULL, TAG_OWNER); return true;
    case OP_CALL_VALUE: call_value(in, ins); return true;
    case OP_MAKE_CLOSURE: exec_closure(in, ins); return false;
    case OP_INTRINSIC: return exec_intrinsic(in, ins);
    case OP_LIVE: exec_live(in, ins, true); return false;
    case OP_DEAD: exec_live(in, ins, false); return false;
    case OP_FLAG: {
        uint8_t *dst = address_of(in, &ins->dst);
        memory_will_write(in, dst, 1, 1);
        *dst = (uint8_t)ins->number;
        return false;
    }
    case OP_STORE:
    case OP_BIND:
    case OP_DROP:
    case OP_COUNT: break;
    }
    interp_violation(in, "a statement that mono should have settled");
}

// Leaves frames until one has something to do on the way of a panic; gives the instruction where that begins.
static const Ins *unwind(Interp *in, uint32_t depth, jmp_buf *outer) {
    while (in->now.frames.count > depth) {
        const Frame *top = &vec_last(&in->now.frames);
        if (top->at->unwind) {
            in->now.frame = top->frame;
            in->now.stack_next = top->frame + top->code->frame_size;
            return top->code->ins + top->at->unwind;
        }
        Frame done = vec_pop(&in->now.frames);
        in->now.stack_next = done.frame;
        memset(shadow_of(in, done.frame), SHADOW_NONE, done.code->frame_size);
        if (done.dropped)
            memory_set_moved(in, done.dropped, done.dropped_size);
    }
    in->now.catcher = outer;
    if (outer)
        longjmp(*outer, 1);
    longjmp(in->end, END_PANIC);
}

void interp_loop(Interp *in, uint32_t depth) {
    const Ins *ip;
    jmp_buf here, *outer = in->now.catcher;
    in->now.catcher = &here;
    if (setjmp(here) == 0)
        ip = vec_last(&in->now.frames).code->ins;
    else
        ip = unwind(in, depth, outer);
    uint64_t limit = in->options.step_limit ? in->options.step_limit : UINT64_MAX;
    for (;;) {
        Frame *frame = &vec_last(&in->now.frames);
        frame->at = ip;
        if (++in->steps > limit)
            interp_exit(in, INTERP_STEP_LIMIT);
        if (ip->op < OP_COUNT) {
            if (exec(in, ip))
                ip = vec_last(&in->now.frames).code->ins;
            else
                ip++;
            continue;
        }
        switch ((TermKind)(ip->op - OP_COUNT)) {
        case TERM_GOTO: ip = frame->code->ins + ip->targets[0]; break;
        case TERM_BRANCH: ip = frame->code->ins + ip->targets[value_scalar(in, &ip->a) ? 0 : 1]; break;
        case TERM_SWITCH: ip = frame->code->ins + switch_target(in, ip); break;
        case TERM_RETURN:
            if (in->now.frames.count - 1 == depth) { // the caller is C: it reads the result where it lies
                in->now.stack_next = vec_pop(&in->now.frames).frame;
                in->now.catcher = outer;
                return;
            }
            {
                bool repeat = frame->repeat;
                leave(in);
                ip = vec_last(&in->now.frames).at + (repeat ? 0 : 1);
            }
            break;
        case TERM_PANIC: exec_panic(in, ip);
        case TERM_RESUME:
            vec_last(&in->now.frames).at = ip; // it has no `unwind`: the frame is left
            ip = unwind(in, depth, outer);
            break;
        case TERM_UNREACHABLE:
        case TERM_COUNT: interp_violation(in, "code that cannot be reached was reached");
        }
    }
}
