// Traits with their arguments: `From[i64]`.
#include "astdb/program.h"

uint32_t trait_param_count(const Program *p, DeclId trait) {
    const Trait *row = trait.v == 0 ? NULL : p->traits[trait.v];
    return row == NULL ? 0 : row->type_param_count;
}

Subst trait_subst(const Program *p, TraitRef trait, TypeId self) {
    const Trait *row = p->traits[trait.decl.v];
    const Type *given = trait.args.v == 0 ? NULL : type_get(p->types, trait.args);
    uint32_t count = row->type_param_count;
    TypeId *args = ARENA_ARRAY(p->arena, TypeId, 1 + count);
    args[0] = self;
    for (uint32_t i = 0; given != NULL && i < count && i < given->arg_count; i++)
        args[1 + i] = given->args[i];
    return (Subst){row->params, args, 1 + count};
}

TypeId trait_own_args(const Program *p, DeclId trait) {
    const Trait *row = p->traits[trait.v];
    uint32_t count = row->type_param_count;
    TypeId *args = ARENA_ARRAY(p->arena, TypeId, count);
    for (uint32_t i = 0; i < count; i++)
        args[i] = type_param(p->types, row->type_params[i]);
    return count == 0 ? (TypeId){0} : type_tuple(p->types, args, count);
}

TraitRef dyn_trait(const Type *dyn) {
    return (TraitRef){dyn->decl, dyn->arg_count > 0 ? dyn->args[0] : (TypeId){0}};
}

TraitRef bound_trait_subst(Types *types, const Bound *bound, Subst subst) {
    TypeId args = bound->trait_args;
    return (TraitRef){bound->trait, args.v == 0 ? args : type_subst(types, args, subst)};
}

TraitRef trait_of_method_args(const Program *p, DeclId method, const TypeId *args, uint32_t count) {
    DeclId trait = program_decl(p, method)->parent;
    uint32_t own = trait_param_count(p, trait);
    if (own == 0 || count <= own)
        return (TraitRef){trait, {0}};
    return (TraitRef){trait, type_tuple(p->types, args + 1, own)};
}

Text trait_text(const Program *p, TraitRef trait) {
    if (trait.args.v == 0)
        return decl_name(p, trait.decl);
    Buffer out = {0};
    const Type *args = type_get(p->types, trait.args);
    buffer_printf(&out, "%.*s[", TEXT_ARG(decl_name(p, trait.decl)));
    for (uint32_t i = 0; i < args->arg_count; i++) {
        buffer_cstr(&out, i == 0 ? "" : ", ");
        type_write(p, args->args[i], &out);
    }
    buffer_char(&out, ']');
    Text text = arena_text(p->arena, buffer_view(&out));
    vec_free(&out);
    return text;
}
