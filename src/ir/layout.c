#include "ir/layout.h"

#include "astdb/impls.h"

typedef struct Layouts {
    const TypeLayout **items; // by TypeId; NULL: not yet computed
    uint32_t capacity;
    TypeLayout pending; // stands in while a type's layout is being made: recursion without a Box, which sema refuses
} Layouts;

static const uint64_t ZERO_OFFSET[1] = {0};

static uint64_t align_up(uint64_t offset, uint32_t align) {
    return (offset + align - 1) & ~(uint64_t)(align - 1);
}

static TypeLayout *layout_new(Jir *jir, LayoutKind kind, uint64_t size, uint32_t align) {
    TypeLayout *layout = ARENA_NEW(jir->arena, TypeLayout);
    layout->kind = kind;
    layout->size = size;
    layout->align = align;
    return layout;
}

// ---- scalars -------------------------------------------------------------------------------------------------------

static TypeLayout *layout_scalar(Jir *jir, TypeKind kind) {
    uint32_t size = 0;
    switch (kind) {
    case TY_BOOL: size = 1; break;
    case TY_CHAR:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: size = 4; break;
    case TY_REF:
    case TY_POINTER: size = 8; break;
    default: size = type_kind_bits(kind) / 8; break;
    }
    LayoutKind layout_kind = type_kind_is_float(kind)                 ? LAYOUT_FLOAT
                             : (kind == TY_REF || kind == TY_POINTER) ? LAYOUT_POINTER
                                                                      : LAYOUT_INT;
    TypeLayout *layout = layout_new(jir, layout_kind, size, size);
    if (kind == TY_BOOL)
        layout->niche = (Niche){0, 1, 2, 254};
    else if (kind == TY_CHAR)
        layout->niche = (Niche){0, 4, 0x110000, 0xFFFFFFFFu - 0x110000};
    else if (type_kind_is_error(kind) || kind == TY_REF)
        layout->niche = (Niche){0, size, 0, 1};
    return layout;
}

static TypeLayout *layout_func(Jir *jir) {
    TypeLayout *layout = layout_new(jir, LAYOUT_FUNC, 16, 8);
    layout->niche = (Niche){0, 8, 0, 1};
    return layout;
}

// ---- dyn -----------------------------------------------------------------------------------------------------------

bool type_is_wide(const Program *program, TypeId id) {
    const Type *type = type_get(program->types, id);
    return (type->kind == TY_REF || type->kind == TY_POINTER) &&
           type_get(program->types, type->args[0])->kind == TY_DYN;
}

// ---- aggregates ----------------------------------------------------------------------------------------------------

// Places fields one after the other from `start` (a tag before them, or 0); returns the end, widens *align.
static uint64_t place_fields(Jir *jir, const TypeId *types, uint32_t count, uint64_t start, uint64_t *offsets,
                             uint32_t *align) {
    uint64_t end = start;
    for (uint32_t i = 0; i < count; i++) {
        const TypeLayout *field = layout_get(jir, types[i]);
        offsets[i] = align_up(end, field->align);
        end = offsets[i] + field->size;
        if (field->align > *align)
            *align = field->align;
    }
    return end;
}

// The roomiest niche of the fields, so that nested optionals stay small; the first wins among equals.
static Niche best_niche(Jir *jir, const TypeId *types, const uint64_t *offsets, uint32_t count) {
    Niche best = {0};
    for (uint32_t i = 0; i < count; i++) {
        Niche niche = layout_get(jir, types[i])->niche;
        if (niche.count > best.count) {
            best = niche;
            best.offset += offsets[i];
        }
    }
    return best;
}

static TypeLayout *layout_of_fields(Jir *jir, const TypeId *types, uint32_t count) {
    TypeLayout *layout = layout_new(jir, LAYOUT_STRUCT, 0, 1);
    LayoutFields *fields = ARENA_NEW(jir->arena, LayoutFields);
    uint64_t *offsets = ARENA_ARRAY(jir->arena, uint64_t, count);
    uint64_t end = place_fields(jir, types, count, 0, offsets, &layout->align);
    layout->size = align_up(end, layout->align);
    *fields = (LayoutFields){types, offsets, count};
    layout->variants = fields;
    layout->variant_count = 1;
    layout->niche = best_niche(jir, types, offsets, count);
    return layout;
}

static const TypeId *field_types(Jir *jir, TypeId type, uint32_t variant, uint32_t *count) {
    Program *p = jir->program;
    *count = shape_field_count(p, type, variant);
    TypeId *types = ARENA_ARRAY(jir->arena, TypeId, *count);
    for (uint32_t i = 0; i < *count; i++)
        types[i] = program_normalize(p, shape_field_type(p, type, variant, i), NULL, 0);
    return types;
}

// std makes these pointers and never a null one: see lib/std/core.
static void mark_pointer_niche(Jir *jir, TypeId type, TypeLayout *layout) {
    uint32_t field;
    if (type_is_boxed(jir->program, type))
        field = 0;
    else if (type_is_lang(jir->program, type, LANG_STRING))
        field = 1;
    else
        return;
    if (layout->variants[0].count > field)
        layout->niche = (Niche){layout->variants[0].offsets[field], 8, 0, 1};
}

static TypeLayout *layout_struct(Jir *jir, TypeId type) {
    uint32_t count;
    const TypeId *types = field_types(jir, type, 0, &count);
    TypeLayout *layout = layout_of_fields(jir, types, count);
    mark_pointer_niche(jir, type, layout);
    return layout;
}

static TypeLayout *layout_array(Jir *jir, TypeId item, uint64_t count) {
    const TypeLayout *inner = layout_get(jir, item);
    TypeLayout *layout = layout_new(jir, LAYOUT_ARRAY, inner->size * count, inner->align);
    layout->item = item;
    layout->count = count;
    layout->stride = inner->size;
    if (count > 0)
        layout->niche = inner->niche;
    return layout;
}

static uint32_t tag_size_for(uint32_t variant_count) {
    return variant_count <= 0x100 ? 1 : variant_count <= 0x10000 ? 2 : 4;
}

static TypeLayout *layout_enum(Jir *jir, TypeId type) {
    uint32_t count = type_variant_count(jir->program, type);
    uint32_t tag_size = tag_size_for(count);
    TypeLayout *layout = layout_new(jir, LAYOUT_ENUM, tag_size, tag_size);
    LayoutFields *variants = ARENA_ARRAY(jir->arena, LayoutFields, count);
    for (uint32_t v = 0; v < count; v++) {
        uint32_t field_count;
        const TypeId *types = field_types(jir, type, v, &field_count);
        uint64_t *offsets = ARENA_ARRAY(jir->arena, uint64_t, field_count);
        uint64_t end = place_fields(jir, types, field_count, tag_size, offsets, &layout->align);
        if (end > layout->size)
            layout->size = end;
        variants[v] = (LayoutFields){types, offsets, field_count};
    }
    layout->size = align_up(layout->size, layout->align);
    layout->variants = variants;
    layout->variant_count = count;
    layout->tag_size = tag_size;
    uint64_t patterns = (uint64_t)1 << (tag_size * 8);
    if (count < patterns)
        layout->niche = (Niche){0, tag_size, count, patterns - count};
    return layout;
}

static TypeLayout *layout_error(Jir *jir, TypeId type) {
    if (!error_has_payload(jir->program, type))
        return layout_scalar(jir, type_get(jir->program->types, type)->kind);
    uint32_t count;
    const DeclId *numbers = error_variants(jir->program, type, &count);
    TypeLayout *layout = layout_new(jir, LAYOUT_ERROR, 4, 4);
    LayoutFields *variants = ARENA_ARRAY(jir->arena, LayoutFields, count);
    for (uint32_t v = 0; v < count; v++) {
        const Fields *payload = error_payload(jir->program, numbers[v]);
        uint64_t *offsets = ARENA_ARRAY(jir->arena, uint64_t, payload->count);
        uint64_t end = place_fields(jir, payload->types, payload->count, 4, offsets, &layout->align);
        if (end > layout->size)
            layout->size = end;
        variants[v] = (LayoutFields){payload->types, offsets, payload->count};
    }
    layout->size = align_up(layout->size, layout->align);
    layout->variants = variants;
    layout->variant_count = count;
    layout->numbers = numbers;
    layout->tag_size = 4;
    layout->niche = (Niche){0, 4, 0, 1};
    return layout;
}

const LayoutFields *layout_variant(const TypeLayout *layout, uint32_t number) {
    if (!layout->numbers)
        return number < layout->variant_count ? &layout->variants[number] : NULL;
    for (uint32_t i = 0; i < layout->variant_count; i++)
        if (layout->numbers[i].v == number)
            return &layout->variants[i];
    return NULL;
}

bool layout_converts(Jir *jir, TypeId from, TypeId to) {
    if (from.v == to.v)
        return false;
    TypeKind a = type_get(jir->program->types, from)->kind, b = type_get(jir->program->types, to)->kind;
    if (!(type_kind_is_error(a) && type_kind_is_error(b)) && !(a == TY_RESULT && b == TY_RESULT))
        return false;
    const TypeLayout *x = layout_get(jir, from), *y = layout_get(jir, to);
    return x->size != y->size || x->align != y->align || x->kind != y->kind;
}

static LayoutFields *one_field(Jir *jir, LayoutFields *variant, TypeId type, uint64_t offset) {
    TypeId *types = ARENA_NEW(jir->arena, TypeId);
    uint64_t *offsets = ARENA_NEW(jir->arena, uint64_t);
    *types = type;
    *offsets = offset;
    *variant = (LayoutFields){types, offset == 0 ? ZERO_OFFSET : offsets, 1};
    return variant;
}

static TypeLayout *layout_optional(Jir *jir, TypeId item) {
    const TypeLayout *inner = layout_get(jir, item);
    TypeLayout *layout = layout_new(jir, LAYOUT_OPTIONAL, inner->size, inner->align);
    LayoutFields *variants = ARENA_ARRAY(jir->arena, LayoutFields, 2);
    one_field(jir, &variants[1], item, 0);
    layout->variants = variants;
    layout->variant_count = 2;
    if (inner->niche.count > 0) {
        layout->is_niche = true;
        layout->tag_offset = inner->niche.offset;
        layout->tag_size = inner->niche.size;
        layout->null_tag = inner->niche.first;
        layout->niche = inner->niche;
        layout->niche.first++;
        if (--layout->niche.count == 0)
            layout->niche = (Niche){0};
        return layout;
    }
    layout->tag_offset = inner->size;
    layout->tag_size = 1;
    layout->size = align_up(inner->size + 1, inner->align);
    layout->niche = (Niche){layout->tag_offset, 1, 2, 254};
    return layout;
}

static TypeLayout *layout_result(Jir *jir, TypeId error, TypeId value) {
    const TypeLayout *inner = layout_get(jir, value), *failure = layout_get(jir, error);
    TypeLayout *layout =
        layout_new(jir, LAYOUT_RESULT, 0, inner->align > failure->align ? inner->align : failure->align);
    LayoutFields *variants = ARENA_ARRAY(jir->arena, LayoutFields, 2);
    uint64_t offset = align_up(4, inner->align);
    one_field(jir, &variants[0], value, offset);
    one_field(jir, &variants[1], error, 0);
    layout->variants = variants;
    layout->variant_count = 2;
    layout->tag_size = 4;
    uint64_t end = offset + inner->size;
    layout->size = align_up(end > failure->size ? end : failure->size, layout->align);
    return layout;
}

// ---- closures ------------------------------------------------------------------------------------------------------

JirFn *closure_body(const Jir *jir, TypeId closure) {
    const Type *type = type_get(jir->program->types, closure);
    const Decl *decl = program_decl(jir->program, type->decl);
    uint32_t id;
    if (!map_get(&jir->by_closure, jir_closure_key(program_module(jir->program, decl->module)->file, type->node), &id))
        return NULL;
    return jir_fn(jir, (JirFnId){id});
}

Subst closure_subst(const Jir *jir, TypeId closure) {
    const Type *type = type_get(jir->program->types, closure);
    return function_subst(jir->program, type->decl, type->args, type->arg_count);
}

TypeId closure_capture_type(Jir *jir, TypeId closure, uint32_t index) {
    const JirFn *fn = closure_body(jir, closure);
    const JirLocal *local = &fn->locals.items[1 + fn->param_count + index];
    Types *types = jir->program->types;
    TypeId type = local->type;
    if (type_get(types, type)->flags & TYPE_HAS_PARAM)
        type = program_normalize(jir->program, type_subst(types, type, closure_subst(jir, closure)), NULL, 0);
    return local->mode == LOCAL_OWNED ? type : type_ref(types, type, local->mode == LOCAL_MUT_REF);
}

static TypeLayout *layout_closure(Jir *jir, TypeId type) {
    const JirFn *fn = closure_body(jir, type);
    uint32_t count = fn ? fn->capture_count : 0;
    TypeId *types = ARENA_ARRAY(jir->arena, TypeId, count);
    for (uint32_t i = 0; i < count; i++)
        types[i] = closure_capture_type(jir, type, i);
    return layout_of_fields(jir, types, count);
}

Subst function_subst(const Program *program, DeclId decl, const TypeId *args, uint32_t arg_count) {
    const Decl *row = program_decl(program, decl);
    const Signature *signature = row->kind == DECL_FUNC ? program_signature(program, decl) : NULL;
    const Shape *shape = row->kind == DECL_FIELD ? program_shape(program, row->parent) : NULL;
    if (shape != NULL && arg_count > 0) // what a field is declared with
        return (Subst){shape->type_params, args, shape->type_param_count};
    uint32_t params = signature ? signature->type_param_count : 0;
    if (params == 0 || arg_count == 0)
        return (Subst){0};
    return (Subst){signature->type_params, args, params < arg_count ? params : arg_count};
}

// ---- the cache -----------------------------------------------------------------------------------------------------

static const TypeLayout *layout_compute(Jir *jir, TypeId id) {
    const Type *type = type_get(jir->program->types, id);
    switch (type->kind) {
    case TY_BOOL:
    case TY_CHAR:
    case TY_I8:
    case TY_I16:
    case TY_I32:
    case TY_I64:
    case TY_I128:
    case TY_ISIZE:
    case TY_U8:
    case TY_U16:
    case TY_U32:
    case TY_U64:
    case TY_U128:
    case TY_USIZE:
    case TY_F32:
    case TY_F64:
    case TY_REF:
    case TY_POINTER: return type_is_wide(jir->program, id) ? layout_func(jir) : layout_scalar(jir, type->kind);
    case TY_DYN:
    case TY_FUNC: return layout_func(jir);
    case TY_STRUCT: return layout_struct(jir, id);
    case TY_TUPLE: return layout_of_fields(jir, type->args, type->arg_count);
    case TY_CLOSURE: return layout_closure(jir, id);
    case TY_ARRAY: return layout_array(jir, type->args[0], type->count);
    case TY_ENUM: return layout_enum(jir, id);
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: return layout_error(jir, id);
    case TY_OPTIONAL: return layout_optional(jir, type->args[0]);
    case TY_RESULT: return layout_result(jir, type->args[0], type->args[1]);
    default: return layout_new(jir, LAYOUT_VOID, 0, 1);
    }
}

static void layouts_grow(Jir *jir, Layouts *layouts, uint32_t index) {
    uint32_t capacity = layouts->capacity ? layouts->capacity : 256;
    while (capacity <= index)
        capacity *= 2;
    const TypeLayout **items = ARENA_ARRAY(jir->arena, const TypeLayout *, capacity);
    if (layouts->capacity)
        memcpy(items, layouts->items, layouts->capacity * sizeof *items);
    layouts->items = items;
    layouts->capacity = capacity;
}

const TypeLayout *layout_get(Jir *jir, TypeId type) {
    Layouts *layouts = jir->layouts;
    if (!layouts) {
        layouts = jir->layouts = ARENA_NEW(jir->arena, Layouts);
        layouts->pending.align = 1;
    }
    if (type.v >= layouts->capacity)
        layouts_grow(jir, layouts, type.v);
    const TypeLayout *layout = layouts->items[type.v];
    if (!layout) {
        layouts->items[type.v] = &layouts->pending;
        layout = layout_compute(jir, type);
        layouts->items[type.v] = layout;
    }
    return layout;
}

uint64_t layout_field_offset(Jir *jir, TypeId type, uint32_t variant, uint32_t field) {
    const TypeLayout *layout = layout_get(jir, type);
    if (layout->kind == LAYOUT_ARRAY)
        return layout->stride * field;
    const LayoutFields *fields = layout_variant(layout, variant);
    invariant(fields && field < fields->count, "field %u of variant %u in a layout of %u variants", field, variant,
              layout->variant_count);
    return fields->offsets[field];
}
