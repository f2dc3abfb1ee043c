// Constants whose value is plain to see: initialisers that only put literals together become read-only data.
#include "llvm/internal.h"

// The value of one local while a straight-line initialiser is read: bytes, with addresses at some of its words.
typedef struct {
    uint8_t *bytes;
    LLVMValueRef *addresses; // for each word of 8 bytes, or NULL
    uint64_t size;
    bool known;
} Image;

typedef struct {
    Gen *gen;
    const JirFn *fn;
    Image *locals;
    bool failed;
} Static;

enum { STATIC_LIMIT_BYTES = 1 << 20 };

static Image image_new(Static *st, uint64_t size) {
    if (size > STATIC_LIMIT_BYTES) {
        st->failed = true;
        size = 0;
    }
    return (Image){ARENA_ARRAY(st->gen->arena, uint8_t, size + 1),
                   ARENA_ARRAY(st->gen->arena, LLVMValueRef, size / 8 + 1), size, true};
}

static void put_address(Static *st, Image *to, uint64_t offset, LLVMValueRef address) {
    if (offset % 8 != 0 || offset + 8 > to->size)
        st->failed = true;
    else
        to->addresses[offset / 8] = address;
}

static void put_image(Static *st, Image *to, uint64_t offset, const Image *from) {
    if (!from->known || offset + from->size > to->size) {
        st->failed = true;
        return;
    }
    memcpy(to->bytes + offset, from->bytes, from->size);
    for (uint64_t word = 0; word < from->size / 8; word++)
        if (from->addresses[word])
            put_address(st, to, offset + word * 8, from->addresses[word]);
}

// ---- operands ------------------------------------------------------------------------------------------------------

static Image image_of_literal(Static *st, const JirOperand *o) {
    const GenType *type = gen_type(st->gen, o->type);
    Image image = image_new(st, type->size);
    uint64_t length = o->text.size;
    switch (o->const_kind) {
    case CONST_STRING:
        put_address(st, &image, 8, gen_bytes(st->gen, o->text));
        memcpy(image.bytes + 16, &length, 8);
        return image;
    case CONST_BYTES:
        put_address(st, &image, 0, gen_bytes(st->gen, o->text));
        memcpy(image.bytes + 8, &length, 8);
        return image;
    case CONST_INT:
        if (type->size <= 16)
            memcpy(image.bytes, (uint64_t[]){o->low, o->high}, type->size);
        return image;
    case CONST_FLOAT: {
        double value;
        memcpy(&value, &o->low, 8);
        float narrow = (float)value;
        memcpy(image.bytes, type->size == 4 ? (void *)&narrow : (void *)&value, type->size);
        return image;
    }
    case CONST_VOID: return image;
    case CONST_FUNC: st->failed = true; return image;
    }
    return image;
}

static Image image_of(Static *st, OperandId id) {
    const JirOperand *o = &st->fn->operands.items[id.v];
    if (o->kind == OPERAND_CONST)
        return image_of_literal(st, o);
    const JirPlace *p = &st->fn->places.items[o->place.v];
    if (p->is_global || p->count > 0 || !st->locals[p->root].known) {
        st->failed = true;
        return (Image){0};
    }
    return st->locals[p->root];
}

// ---- statements ----------------------------------------------------------------------------------------------------

static Image make_parts(Static *st, const JirStmt *s, TypeId type, uint32_t variant) {
    Image image = image_new(st, gen_type(st->gen, type)->size);
    for (uint32_t i = 0; i < s->arg_count && !st->failed; i++) {
        Image item = image_of(st, (OperandId){st->fn->operand_lists.items[s->args + i]});
        if (item.size > 0 && !st->failed)
            put_image(st, &image, layout_field_offset(st->gen->jir, type, variant, i), &item);
    }
    return image;
}

static Image make_variant(Static *st, const JirStmt *s, TypeId type) {
    const TypeLayout *layout = layout_get(st->gen->jir, type);
    if (layout->kind == LAYOUT_INT) {
        Image image = image_new(st, 4);
        memcpy(image.bytes, &s->number, 4);
        return image;
    }
    Image image = make_parts(st, s, type, s->number);
    uint64_t tag = s->number;
    bool has_tag = layout->kind == LAYOUT_ENUM || (layout->kind == LAYOUT_OPTIONAL && !layout->is_niche);
    if (layout->kind == LAYOUT_OPTIONAL && layout->is_niche && s->number == 0) {
        tag = layout->null_tag;
        has_tag = true;
    }
    if (has_tag && !st->failed)
        memcpy(image.bytes + layout->tag_offset, &tag, layout->tag_size);
    return image;
}

static Image repeat(Static *st, const JirStmt *s, TypeId type) {
    const TypeLayout *layout = layout_get(st->gen->jir, type);
    Image image = image_new(st, layout->size), item = image_of(st, s->a);
    for (uint64_t i = 0; i < layout->count && !st->failed; i++)
        put_image(st, &image, i * layout->stride, &item);
    return image;
}

// Negative literals are the negation of a literal.
static Image negate(Static *st, const JirStmt *s) {
    Image item = image_of(st, s->a);
    const GenType *type = gen_type(st->gen, s->a.v ? st->fn->places.items[s->dst.v].type : (TypeId){0});
    Image image = image_new(st, type->size);
    if (st->failed || s->sub != UNARY_NEG || type->size > 8) {
        st->failed = true;
    } else if (type_kind_is_float(type->kind)) {
        memcpy(image.bytes, item.bytes, type->size);
        image.bytes[type->size - 1] ^= 0x80;
    } else {
        uint64_t value = 0, top = 1ull << (type->size * 8 - 1);
        memcpy(&value, item.bytes, type->size);
        st->failed = value == top || !type_kind_is_signed(type->kind);
        value = 0 - value;
        memcpy(image.bytes, &value, type->size);
    }
    return image;
}

static void read_statement(Static *st, const JirStmt *s) {
    if (s->op == OP_NOP || s->op == OP_LIVE || s->op == OP_DEAD)
        return;
    const JirPlace *dst = &st->fn->places.items[s->dst.v];
    if (s->dst.v == 0 || dst->is_global || dst->count > 0) {
        st->failed = true;
        return;
    }
    Image image = {0};
    switch ((OpKind)s->op) {
    case OP_SET: image = image_of(st, s->a); break;
    case OP_MAKE: image = make_parts(st, s, dst->type, 0); break;
    case OP_MAKE_VARIANT: image = make_variant(st, s, dst->type); break;
    case OP_REPEAT: image = repeat(st, s, dst->type); break;
    case OP_UNARY: image = negate(st, s); break;
    default: st->failed = true; return;
    }
    st->locals[dst->root] = image;
}

// ---- the constant --------------------------------------------------------------------------------------------------

// Words where addresses stand, bytes elsewhere.
static LLVMValueRef image_value(Gen *gen, const Image *image) {
    VEC(LLVMValueRef) parts = {0};
    uint64_t at = 0;
    while (at < image->size) {
        if (at % 8 == 0 && at + 8 <= image->size && image->addresses[at / 8]) {
            vec_push(&parts, image->addresses[at / 8]);
            at += 8;
            continue;
        }
        uint64_t end = at + 1;
        while (end < image->size && !(end % 8 == 0 && end + 8 <= image->size && image->addresses[end / 8]))
            end++;
        const char *bytes = (const char *)image->bytes + at;
        vec_push(&parts, LLVMConstStringInContext2(gen->context, bytes, end - at, true));
        at = end;
    }
    LLVMValueRef value = LLVMConstStructInContext(gen->context, parts.items, parts.count, true);
    vec_free(&parts);
    return value;
}

LLVMValueRef gen_static_value(Gen *gen, const JirFn *fn) {
    Static st = {gen, fn, ARENA_ARRAY(gen->arena, Image, fn->locals.count), false};
    const JirBlock *block = &fn->blocks.items[0];
    for (uint32_t steps = 0; steps < fn->blocks.count; steps++) {
        for (uint32_t i = 0; i < block->stmts.count && !st.failed; i++)
            read_statement(&st, &block->stmts.items[i]);
        if (st.failed || block->term.kind != TERM_GOTO)
            break;
        block = &fn->blocks.items[block->term.targets[0].v];
    }
    if (st.failed || block->term.kind != TERM_RETURN || !st.locals[0].known)
        return NULL;
    return image_value(gen, &st.locals[0]);
}
