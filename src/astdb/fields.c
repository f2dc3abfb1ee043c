// The parts of a type: fields and variants, with the arguments of the type put in.
#include "astdb/impls.h"

static const Fields *fields_of(const Shape *shape, uint32_t variant) {
    return shape->variant_count > 0 ? &shape->variant_fields[variant] : &shape->fields;
}

TypeId shape_field_type(Program *p, TypeId type, uint32_t variant, uint32_t field) {
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_REF: return shape_field_type(p, t->args[0], variant, field);
    case TY_TUPLE: return t->args[field];
    case TY_OPTIONAL: return t->args[0];
    case TY_RESULT: return t->args[variant == 0 ? 1 : 0];
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: return error_payload(p, (DeclId){variant})->types[field];
    default: break;
    }
    const Shape *shape = program_shape(p, t->decl);
    TypeId declared = fields_of(shape, variant)->types[field];
    if (t->arg_count == 0)
        return declared;
    Subst subst = {shape->type_params, t->args, t->arg_count};
    return program_normalize(p, type_subst(p->types, declared, subst), NULL, 0);
}

uint32_t shape_field_count(Program *p, TypeId type, uint32_t variant) {
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_REF: return shape_field_count(p, t->args[0], variant);
    case TY_TUPLE: return t->arg_count;
    case TY_OPTIONAL: return variant == 1 ? 1 : 0;
    case TY_RESULT: return 1;
    case TY_STRUCT:
    case TY_ENUM: return fields_of(program_shape(p, t->decl), variant)->count;
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: return error_payload(p, (DeclId){variant})->count;
    default: return 0;
    }
}

uint32_t type_variant_count(Program *p, TypeId type) {
    const Type *t = type_get(p->types, type);
    uint32_t count;
    switch (t->kind) {
    case TY_REF: return type_variant_count(p, t->args[0]);
    case TY_OPTIONAL:
    case TY_RESULT: return 2;
    case TY_ENUM: return program_shape(p, t->decl)->variant_count;
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: error_variants(p, type, &count); return count;
    default: return 0;
    }
}

bool type_mentions_assoc(const Program *p, TypeId type) {
    const Type *t = type_get(p->types, type);
    if (!(t->flags & TYPE_HAS_PARAM) || t->kind == TY_ASSOC)
        return t->kind == TY_ASSOC;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (type_mentions_assoc(p, t->args[i]))
            return true;
    return false;
}
