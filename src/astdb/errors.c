// Errors: the variants of an error type and what they carry. A variant of an error is known by its declaration,
// whatever set it stands in.
#include "astdb/impls.h"

const DeclId *error_variants(const Program *p, TypeId error, uint32_t *count) {
    const Type *type = type_get(p->types, error);
    *count = 0;
    if (type->kind == TY_INFERRED_SET) {
        const Signature *signature = program_signature(p, type->decl);
        bool is_frozen = signature != NULL && signature->frozen_errors.v != 0;
        return is_frozen ? error_variants(p, signature->frozen_errors, count) : NULL;
    }
    if (type->kind == TY_ERROR_SET) {
        *count = type->decl_count;
        return type->decls;
    }
    const Shape *shape = type->kind == TY_ERROR ? program_shape(p, type->decl) : NULL;
    if (shape == NULL)
        return NULL;
    *count = shape->variant_count;
    return shape->variants;
}

const Fields *error_payload(const Program *p, DeclId variant) {
    static const Fields NONE = {0};
    const Decl *row = program_decl(p, variant);
    const Shape *shape = program_shape(p, row->parent);
    return shape != NULL && row->index < shape->variant_count ? &shape->variant_fields[row->index] : &NONE;
}

bool error_has_payload(const Program *p, TypeId error) {
    uint32_t count;
    const DeclId *variants = error_variants(p, error, &count);
    for (uint32_t i = 0; i < count; i++)
        if (error_payload(p, variants[i])->count > 0)
            return true;
    return false;
}

bool error_has_variant(const Program *p, TypeId error, DeclId variant) {
    uint32_t count;
    const DeclId *variants = error_variants(p, error, &count);
    for (uint32_t i = 0; i < count; i++)
        if (variants[i].v == variant.v)
            return true;
    return false;
}

uint32_t variant_decl_number(const Program *p, DeclId variant) {
    const Decl *row = program_decl(p, variant);
    return program_decl(p, row->parent)->kind == DECL_ERROR ? variant.v : row->index;
}

uint32_t type_variant_number(const Program *p, TypeId type, uint32_t index) {
    while (type_get(p->types, type)->kind == TY_REF)
        type = type_get(p->types, type)->args[0];
    if (!type_kind_is_error(type_get(p->types, type)->kind))
        return index;
    uint32_t count;
    const DeclId *variants = error_variants(p, type, &count);
    return index < count ? variants[index].v : 0;
}
