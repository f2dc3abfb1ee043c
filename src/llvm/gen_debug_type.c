// Types as a debugger shows them: every value as the struct, enumeration or number that lies in memory.
#include "llvm/debug.h"

enum {
    ENCODING_BOOLEAN = 2,
    ENCODING_FLOAT = 4,
    ENCODING_SIGNED = 5,
    ENCODING_UNSIGNED = 7,
    ENCODING_UNSIGNED_CHAR = 8,
    ENCODING_UTF = 16
};
enum { TAG_STRUCTURE = 0x13 };

typedef VEC(LLVMMetadataRef) Nodes;

static LLVMMetadataRef basic(Gen *gen, const char *name, uint64_t bytes, uint32_t encoding) {
    return LLVMDIBuilderCreateBasicType(gen->debug->b, name, strlen(name), bytes * 8, encoding, LLVMDIFlagZero);
}

static LLVMMetadataRef pointer_to(Gen *gen, LLVMMetadataRef target) {
    return LLVMDIBuilderCreatePointerType(gen->debug->b, target, 64, 64, 0, "", 0);
}

static void add_member(Gen *gen, Nodes *members, LLVMMetadataRef scope, Text name, LLVMMetadataRef type, uint64_t size,
                       uint64_t offset) {
    LLVMMetadataRef file = debug_file(gen, (FileId){0});
    LLVMMetadataRef member = LLVMDIBuilderCreateMemberType(gen->debug->b, scope, name.data, name.size, file, 0,
                                                           size * 8, 0, offset * 8, LLVMDIFlagZero, type);
    vec_push(members, member);
}

static LLVMMetadataRef structure(Gen *gen, Text name, uint64_t size, uint32_t align, Nodes *members) {
    LLVMMetadataRef file = debug_file(gen, (FileId){0});
    LLVMMetadataRef made =
        LLVMDIBuilderCreateStructType(gen->debug->b, gen->debug->unit, name.data, name.size, file, 0, size * 8,
                                      align * 8, LLVMDIFlagZero, NULL, members->items, members->count, 0, NULL, "", 0);
    vec_free(members);
    return made;
}

// ---- enumerations --------------------------------------------------------------------------------------------------

static LLVMMetadataRef enumeration(Gen *gen, Text name, uint32_t size, const DeclId *variants, uint32_t count,
                                   bool is_error) {
    Nodes items = {0};
    if (is_error) {
        LLVMMetadataRef ok = LLVMDIBuilderCreateEnumerator(gen->debug->b, "ok", 2, 0, true);
        vec_push(&items, ok);
    }
    for (uint32_t i = 0; i < count; i++) {
        Text variant = decl_name(gen->program, variants[i]);
        int64_t value = is_error ? (int64_t)error_number(variants[i]) : (int64_t)i;
        LLVMMetadataRef item = LLVMDIBuilderCreateEnumerator(gen->debug->b, variant.data, variant.size, value, true);
        vec_push(&items, item);
    }
    LLVMMetadataRef base = basic(gen, size == 1 ? "u8" : size == 2 ? "u16" : "u32", size, ENCODING_UNSIGNED);
    LLVMMetadataRef made = LLVMDIBuilderCreateEnumerationType(gen->debug->b, gen->debug->unit, name.data, name.size,
                                                              debug_file(gen, (FileId){0}), 0, size * 8, size * 8,
                                                              items.items, items.count, base);
    vec_free(&items);
    return made;
}

static LLVMMetadataRef error_type(Gen *gen, TypeId id) {
    uint32_t count;
    const DeclId *variants = error_variants(gen->program, id, &count);
    return enumeration(gen, type_text(gen->program, id), 4, variants, count, true);
}

// ---- aggregates ----------------------------------------------------------------------------------------------------

static Text field_name(Gen *gen, const Type *type, const Fields *fields, uint32_t index) {
    if (fields && index < fields->count && !fields->is_tuple && type->kind != TY_TUPLE)
        return decl_name(gen->program, fields->fields[index]);
    return arena_printf(gen->arena, "_%u", index);
}

static void add_fields(Gen *gen, Nodes *members, const Type *type, const LayoutFields *layout, const Fields *fields) {
    for (uint32_t i = 0; i < layout->count; i++) {
        uint64_t size = layout_get(gen->jir, layout->types[i])->size;
        if (size > 0)
            add_member(gen, members, gen->debug->unit, field_name(gen, type, fields, i),
                       debug_type(gen, layout->types[i]), size, layout->offsets[i]);
    }
}

static LLVMMetadataRef struct_type(Gen *gen, TypeId id, const Type *type, const TypeLayout *layout) {
    Nodes members = {0};
    const Fields *fields = type->kind == TY_STRUCT ? &program_shape(gen->program, type->decl)->fields : NULL;
    add_fields(gen, &members, type, &layout->variants[0], fields);
    return structure(gen, type_text(gen->program, id), layout->size, layout->align, &members);
}

// The bytes of a String as characters, so that a debugger shows text.
static LLVMMetadataRef string_type(Gen *gen, const TypeLayout *layout) {
    Nodes members = {0};
    LLVMMetadataRef byte = basic(gen, "byte", 1, ENCODING_UNSIGNED_CHAR), word = basic(gen, "i64", 8, ENCODING_SIGNED);
    add_member(gen, &members, gen->debug->unit, TEXT("owner"), pointer_to(gen, word), 8, 0);
    add_member(gen, &members, gen->debug->unit, TEXT("data"), pointer_to(gen, byte), 8, 8);
    add_member(gen, &members, gen->debug->unit, TEXT("len"), word, 8, 16);
    return structure(gen, TEXT("String"), layout->size, layout->align, &members);
}

static LLVMMetadataRef enum_type(Gen *gen, TypeId id, const Type *type, const TypeLayout *layout) {
    const Shape *shape = program_shape(gen->program, type->decl);
    Text name = type_text(gen->program, id);
    LLVMMetadataRef tag = enumeration(gen, name, layout->tag_size, shape->variants, shape->variant_count, false);
    if (layout->size == layout->tag_size)
        return tag;
    Nodes members = {0};
    add_member(gen, &members, gen->debug->unit, TEXT("variant"), tag, layout->tag_size, 0);
    for (uint32_t v = 0; v < layout->variant_count; v++) {
        if (layout->variants[v].count == 0)
            continue;
        Nodes parts = {0};
        add_fields(gen, &parts, type, &layout->variants[v], &shape->variant_fields[v]);
        Text variant = decl_name(gen->program, shape->variants[v]);
        LLVMMetadataRef payload = structure(gen, variant, layout->size, layout->align, &parts);
        add_member(gen, &members, gen->debug->unit, variant, payload, layout->size, 0);
    }
    return structure(gen, name, layout->size, layout->align, &members);
}

// An error that carries something: its number, and beside it what each variant carries.
static LLVMMetadataRef error_payload_type(Gen *gen, TypeId id, const Type *type, const TypeLayout *layout) {
    Nodes members = {0};
    add_member(gen, &members, gen->debug->unit, TEXT("variant"), error_type(gen, id), 4, 0);
    for (uint32_t v = 0; v < layout->variant_count; v++) {
        if (layout->variants[v].count == 0)
            continue;
        Nodes parts = {0};
        add_fields(gen, &parts, type, &layout->variants[v], error_payload(gen->program, layout->numbers[v]));
        Text variant = decl_name(gen->program, layout->numbers[v]);
        LLVMMetadataRef payload = structure(gen, variant, layout->size, layout->align, &parts);
        add_member(gen, &members, gen->debug->unit, variant, payload, layout->size, 0);
    }
    return structure(gen, type_text(gen->program, id), layout->size, layout->align, &members);
}

static LLVMMetadataRef optional_type(Gen *gen, TypeId id, const Type *type, const TypeLayout *layout) {
    Nodes members = {0};
    uint64_t size = layout_get(gen->jir, type->args[0])->size;
    if (size > 0)
        add_member(gen, &members, gen->debug->unit, TEXT("value"), debug_type(gen, type->args[0]), size, 0);
    if (!layout->is_niche)
        add_member(gen, &members, gen->debug->unit, TEXT("is_some"), basic(gen, "bool", 1, ENCODING_BOOLEAN), 1,
                   layout->tag_offset);
    return structure(gen, type_text(gen->program, id), layout->size, layout->align, &members);
}

static LLVMMetadataRef result_type(Gen *gen, TypeId id, const Type *type, const TypeLayout *layout) {
    Nodes members = {0};
    const TypeLayout *error = layout_get(gen->jir, type->args[0]);
    add_member(gen, &members, gen->debug->unit, TEXT("error"),
               error->kind == LAYOUT_ERROR ? debug_type(gen, type->args[0]) : error_type(gen, type->args[0]),
               error->size, 0);
    uint64_t size = layout_get(gen->jir, type->args[1])->size;
    if (size > 0)
        add_member(gen, &members, gen->debug->unit, TEXT("value"), debug_type(gen, type->args[1]), size,
                   layout->variants[0].offsets[0]);
    return structure(gen, type_text(gen->program, id), layout->size, layout->align, &members);
}

static LLVMMetadataRef array_type(Gen *gen, const TypeLayout *layout) {
    LLVMMetadataRef range = LLVMDIBuilderGetOrCreateSubrange(gen->debug->b, 0, (int64_t)layout->count);
    return LLVMDIBuilderCreateArrayType(gen->debug->b, layout->size * 8, layout->align * 8,
                                        debug_type(gen, layout->item), &range, 1);
}

static LLVMMetadataRef func_type(Gen *gen, TypeId id, const TypeLayout *layout) {
    Nodes members = {0};
    add_member(gen, &members, gen->debug->unit, TEXT("code"), pointer_to(gen, NULL), 8, 0);
    add_member(gen, &members, gen->debug->unit, TEXT("environment"), pointer_to(gen, NULL), 8, 8);
    return structure(gen, type_text(gen->program, id), layout->size, layout->align, &members);
}

// ---- dispatch ------------------------------------------------------------------------------------------------------

static LLVMMetadataRef number_type(Gen *gen, TypeId id, TypeKind kind, const TypeLayout *layout) {
    uint32_t encoding = kind == TY_BOOL             ? ENCODING_BOOLEAN
                        : kind == TY_CHAR           ? ENCODING_UTF
                        : type_kind_is_float(kind)  ? ENCODING_FLOAT
                        : type_kind_is_signed(kind) ? ENCODING_SIGNED
                                                    : ENCODING_UNSIGNED;
    return basic(gen, arena_cstr(gen->arena, type_text(gen->program, id)), layout->size, encoding);
}

static LLVMMetadataRef make_type(Gen *gen, TypeId id) {
    const Type *type = type_get(gen->program->types, id);
    const TypeLayout *layout = layout_get(gen->jir, id);
    switch (layout->kind) {
    case LAYOUT_VOID: return NULL;
    case LAYOUT_INT:
        if (type->kind == TY_ERROR || type->kind == TY_ERROR_SET || type->kind == TY_INFERRED_SET)
            return error_type(gen, id);
        return number_type(gen, id, type->kind, layout);
    case LAYOUT_FLOAT: return number_type(gen, id, type->kind, layout);
    case LAYOUT_POINTER: return pointer_to(gen, debug_type(gen, type->args[0]));
    case LAYOUT_FUNC: return func_type(gen, id, layout);
    case LAYOUT_STRUCT:
        if (type_is_lang(gen->program, id, LANG_STRING))
            return string_type(gen, layout);
        return struct_type(gen, id, type, layout);
    case LAYOUT_ARRAY: return array_type(gen, layout);
    case LAYOUT_ENUM: return enum_type(gen, id, type, layout);
    case LAYOUT_ERROR: return error_payload_type(gen, id, type, layout);
    case LAYOUT_OPTIONAL: return optional_type(gen, id, type, layout);
    case LAYOUT_RESULT: return result_type(gen, id, type, layout);
    }
    return NULL;
}

// A type that contains itself behind a pointer meets its stand-in, which is replaced when it is whole.
LLVMMetadataRef debug_type(Gen *gen, TypeId id) {
    struct Debug *d = gen->debug;
    uint32_t index;
    if (map_get(&d->types, id.v, &index))
        return d->type_items.items[index];
    Text name = type_text(gen->program, id);
    LLVMMetadataRef stand_in =
        LLVMDIBuilderCreateReplaceableCompositeType(d->b, TAG_STRUCTURE, name.data, name.size, d->unit,
                                                    debug_file(gen, (FileId){0}), 0, 0, 0, 0, LLVMDIFlagZero, "", 0);
    index = d->type_items.count;
    map_set(&d->types, id.v, index);
    vec_push(&d->type_items, stand_in);
    LLVMMetadataRef made = make_type(gen, id);
    d->type_items.items[index] = made;
    LLVMMetadataReplaceAllUsesWith(stand_in, made ? made : d->no_type);
    return made;
}

LLVMMetadataRef debug_fn_type(Gen *gen, const JirFn *fn, LLVMMetadataRef file) {
    Nodes types = {0};
    for (uint32_t i = 0; i <= fn->param_count; i++) {
        LLVMMetadataRef type = debug_type(gen, fn->locals.items[i].type);
        vec_push(&types, type);
    }
    LLVMMetadataRef made =
        LLVMDIBuilderCreateSubroutineType(gen->debug->b, file, types.items, types.count, LLVMDIFlagZero);
    vec_free(&types);
    return made;
}
