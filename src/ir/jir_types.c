// What the type of a part of a place is.
#include "astdb/impls.h"
#include "ir/jir.h"

static TypeId field_type(Program *program, TypeId base, uint32_t variant, uint32_t index) {
    const Type *type = type_get(program->types, base);
    switch (type->kind) {
    case TY_STRUCT:
    case TY_ENUM:
        if (!program_shape(program, type->decl))
            return (TypeId){0};
        if (type->kind != TY_STRUCT && variant >= type_variant_count(program, base))
            return (TypeId){0};
        return index < shape_field_count(program, base, variant) ? shape_field_type(program, base, variant, index)
                                                                 : (TypeId){0};
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: {
        const Fields *payload =
            error_has_variant(program, base, (DeclId){variant}) ? error_payload(program, (DeclId){variant}) : NULL;
        return payload && index < payload->count ? payload->types[index] : (TypeId){0};
    }
    case TY_TUPLE: return index < type->arg_count ? type->args[index] : (TypeId){0};
    case TY_OPTIONAL: return variant == 1 && index == 0 ? type->args[0] : (TypeId){0};
    case TY_RESULT: return variant < 2 && index == 0 ? type->args[variant == 0 ? 1 : 0] : (TypeId){0};
    default: return (TypeId){0};
    }
}

static TypeId pointee_type(const Program *program, const Type *type, TypeId base) {
    if (type->kind == TY_REF || type->kind == TY_POINTER || type_is_boxed(program, base))
        return type->args[0];
    return (TypeId){0};
}

static TypeId item_type(const Program *program, const Type *type, TypeId base) {
    if (type->kind == TY_ARRAY || type_is_lang(program, base, LANG_LIST) || type_is_lang(program, base, LANG_SLICE))
        return type->args[0];
    return (TypeId){0};
}

TypeId jir_projected_type(Program *program, TypeId base, uint32_t variant, const Projection *projection) {
    if (!base.v)
        return (TypeId){0};
    const Type *type = type_get(program->types, base);
    switch (projection->kind) {
    case PROJ_FIELD: return field_type(program, base, variant, projection->index);
    case PROJ_VARIANT: return base;
    case PROJ_INDEX:
    case PROJ_CONST_INDEX: return item_type(program, type, base);
    case PROJ_DEREF: return pointee_type(program, type, base);
    }
    return (TypeId){0};
}
