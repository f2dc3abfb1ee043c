// Which function a trait's method is for concrete types, and what dropping and copying a type takes.
#include "ir/mono_internal.h"

// ---- methods of traits ---------------------------------------------------------------------------------------------

static bool has_body(const Program *p, DeclId method) {
    const Ast *ast = program_ast(p, method);
    return ast_func(ast, program_decl(p, method)->node).body.v != 0;
}

// Type arguments of an impl's method: those of the impl, then the method's own, which stand after Self and the trait's.
static const TypeId *member_args(Mono *mono, const ImplMatch *match, DeclId trait, const TypeId *args, uint32_t count,
                                 uint32_t *member_count) {
    uint32_t own_first = 1 + trait_param_count(mono->program, trait);
    uint32_t own = count > own_first ? count - own_first : 0;
    *member_count = match->impl_arg_count + own;
    TypeId *all = ARENA_ARRAY(mono->jir->arena, TypeId, *member_count);
    for (uint32_t i = 0; i < match->impl_arg_count; i++)
        all[i] = program_normalize(mono->program, match->impl_args[i], NULL, 0);
    for (uint32_t i = 0; i < own; i++)
        all[match->impl_arg_count + i] = args[own_first + i];
    return all;
}

Target mono_resolve(Mono *mono, DeclId method, const TypeId *args, uint32_t count) {
    Program *p = mono->program;
    const Decl *decl = program_decl(p, method);
    Target target = {TARGET_NONE, method, args, count, decl->parent, args[0]};
    while (type_get(mono->types, target.self)->kind == TY_REF)
        target.self = type_get(mono->types, target.self)->args[0];
    if (target.self.v != args[0].v) {
        TypeId *seen = arena_copy(mono->jir->arena, args, count * sizeof *args, _Alignof(TypeId));
        seen[0] = target.self;
        target.args = seen;
    }
    ImplMatch match;
    TraitRef trait = trait_of_method_args(p, method, target.args, count);
    if (program_find_impl_of(p, target.self, trait, NULL, 0, &match) == MATCH_NO)
        return target;
    if (type_get(mono->types, target.self)->kind == TY_DYN) {
        target.kind = TARGET_DYN;
        return target;
    }
    if (match.impl.v) {
        DeclId member = impl_member(p, match.impl, decl->name);
        target.kind = TARGET_FN;
        if (member.v) {
            target.decl = member;
            target.args = member_args(mono, &match, decl->parent, target.args, count, &target.arg_count);
        }
        return target;
    }
    target.kind = has_body(p, method) ? TARGET_FN : TARGET_BUILTIN;
    return target;
}

DeclId mono_trait_method(Mono *mono, LangItem trait) {
    const Program *p = mono->program;
    const Trait *row = p->traits[p->lang[trait].v];
    for (uint32_t i = 0; row && i < row->member_count; i++)
        if (program_decl(p, row->members[i])->kind == DECL_FUNC)
            return row->members[i];
    internal_error("a trait of the library has no method: lang item %d", (int)trait);
}

// ---- facts about types ---------------------------------------------------------------------------------------------

enum {
    FACT_DROP = 1,
    FACT_DROP_KNOWN = 2,
    FACT_PLAIN = 4,
    FACT_PLAIN_KNOWN = 8,
    FACT_RECURSIVE = 16,
    FACT_RECURSIVE_KNOWN = 32,
};

static bool fact_get(const Mono *mono, TypeId type, uint8_t known, uint8_t fact, bool *value) {
    if (type.v >= mono->type_facts.count || !(mono->type_facts.items[type.v] & known))
        return false;
    *value = mono->type_facts.items[type.v] & fact;
    return true;
}

static bool fact_set(Mono *mono, TypeId type, uint8_t known, uint8_t fact, bool value) {
    while (mono->type_facts.count <= type.v)
        vec_push(&mono->type_facts, 0);
    uint8_t *facts = &mono->type_facts.items[type.v];
    *facts = (uint8_t)((*facts & ~fact) | known | (value ? fact : 0));
    return value;
}

static uint32_t closure_capture_count(const Mono *mono, TypeId closure) {
    const JirFn *fn = closure_body(mono->jir, closure);
    return fn ? fn->capture_count : 0;
}

bool mono_next_part(Mono *mono, TypeId id, PartWalk *walk, TypeId *part) {
    const Type *type = type_get(mono->types, id);
    Program *p = mono->program;
    switch (type->kind) {
    case TY_ARRAY: *part = type->args[0]; return walk->field++ == 0 && type->count > 0;
    case TY_CLOSURE:
        if (walk->field >= closure_capture_count(mono, id))
            return false;
        *part = closure_capture_type(mono->jir, id, walk->field++);
        return true;
    case TY_STRUCT:
    case TY_TUPLE:
        if (walk->field >= shape_field_count(p, id, 0))
            return false;
        *part = shape_field_type(p, id, 0, walk->field++);
        return true;
    case TY_ENUM:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET:
    case TY_OPTIONAL:
    case TY_RESULT:
        for (uint32_t count = type_variant_count(p, id); walk->variant < count; walk->variant++, walk->field = 0) {
            uint32_t number = type_variant_number(p, id, walk->variant);
            if (walk->field < shape_field_count(p, id, number)) {
                *part = shape_field_type(p, id, number, walk->field++);
                return true;
            }
        }
        return false;
    default: return false;
    }
}

static bool has_impl(Mono *mono, TypeId type, LangItem trait) {
    TypeKind kind = type_get(mono->types, type)->kind;
    ImplMatch match;
    return (kind == TY_STRUCT || kind == TY_ENUM) && mono->program->lang[trait].v &&
           program_find_impl(mono->program, type, mono->program->lang[trait], NULL, 0, &match) == MATCH_YES &&
           match.impl.v;
}

static bool any_part_needs_drop(Mono *mono, TypeId type) {
    PartWalk walk = {0};
    TypeId part;
    while (mono_next_part(mono, type, &walk, &part))
        if (mono_needs_drop(mono, part))
            return true;
    return false;
}

bool mono_needs_drop(Mono *mono, TypeId type) {
    bool value;
    if (fact_get(mono, type, FACT_DROP_KNOWN, FACT_DROP, &value))
        return value;
    TypeKind kind = type_get(mono->types, type)->kind;
    value = kind == TY_DYN || kind == TY_FUNC || has_impl(mono, type, LANG_DROP) || any_part_needs_drop(mono, type);
    return fact_set(mono, type, FACT_DROP_KNOWN, FACT_DROP, value);
}

static bool plain_compute(Mono *mono, TypeId type) {
    const Type *t = type_get(mono->types, type);
    if (t->kind == TY_DYN || t->kind == TY_FUNC)
        return false;
    if (t->kind == TY_STRUCT) {
        const Shape *shape = program_shape(mono->program, t->decl);
        if (shape->is_copy_cheap || shape->is_owner || has_impl(mono, type, LANG_DROP))
            return false;
    } else if (t->kind == TY_ENUM && has_impl(mono, type, LANG_DROP)) {
        return false;
    }
    PartWalk walk = {0};
    TypeId part;
    while (mono_next_part(mono, type, &walk, &part))
        if (!mono_is_plain(mono, part))
            return false;
    return true;
}

bool mono_is_plain(Mono *mono, TypeId type) {
    bool value;
    if (fact_get(mono, type, FACT_PLAIN_KNOWN, FACT_PLAIN, &value))
        return value;
    return fact_set(mono, type, FACT_PLAIN_KNOWN, FACT_PLAIN, plain_compute(mono, type));
}

// Can a value of `from` own, at any depth and behind pointers, one of `wanted`? `seen` holds what was looked at.
static bool owns(Mono *mono, TypeId from, TypeId wanted, MapU64 *seen) {
    if (map_get(seen, from.v, NULL))
        return false;
    map_set(seen, from.v, 1);
    PartWalk walk = {0};
    TypeId part;
    while (mono_next_part(mono, from, &walk, &part)) {
        const Type *type = type_get(mono->types, part);
        if (type->kind == TY_POINTER)
            part = type->args[0];
        TypeKind kind = type_get(mono->types, part)->kind;
        bool is_any = kind == TY_DYN || kind == TY_FUNC; // may own one of every kind
        if (is_any || part.v == wanted.v || owns(mono, part, wanted, seen))
            return true;
    }
    return false;
}

bool mono_is_recursive(Mono *mono, TypeId type) {
    bool value;
    if (fact_get(mono, type, FACT_RECURSIVE_KNOWN, FACT_RECURSIVE, &value))
        return value;
    MapU64 seen = {0};
    value = owns(mono, type, type, &seen);
    map_free(&seen);
    return fact_set(mono, type, FACT_RECURSIVE_KNOWN, FACT_RECURSIVE, value);
}

// ---- drop and copy -------------------------------------------------------------------------------------------------

static JirFnId impl_fn(Mono *mono, LangItem trait, TypeId type) {
    Target target = mono_resolve(mono, mono_trait_method(mono, trait), &type, 1);
    invariant(target.kind == TARGET_FN, "no impl where there was one");
    return mono_instance(mono, target.decl, target.args, target.arg_count);
}

JirFnId mono_drop_fn(Mono *mono, TypeId type) {
    if (type_get(mono->types, type)->kind == TY_FUNC)
        return mono_instance(mono, mono->program->lang[LANG_CLOSURE_DROP], &type, 1);
    if (has_impl(mono, type, LANG_DROP) && !any_part_needs_drop(mono, type))
        return impl_fn(mono, LANG_DROP, type);
    return mono_glue(mono, GLUE_DROP, type);
}

JirFnId mono_drop_deep_fn(Mono *mono, TypeId type) {
    return mono_is_recursive(mono, type) ? mono_glue(mono, GLUE_DROP_DEEP, type) : mono_drop_fn(mono, type);
}

JirFnId mono_copy_fn(Mono *mono, TypeId type) {
    if (type_get(mono->types, type)->kind == TY_FUNC)
        return mono_instance(mono, mono->program->lang[LANG_CLOSURE_COPY], &type, 1);
    if (has_impl(mono, type, LANG_COPY))
        return impl_fn(mono, LANG_COPY, type);
    return mono_glue(mono, GLUE_COPY, type);
}
