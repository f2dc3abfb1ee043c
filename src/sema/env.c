// Environments: which type parameters are visible at a declaration, and what is known of them.
#include "sema/tables.h"

Env env_of_module(Sema *sema, ModuleId module) {
    return (Env){.sema = sema, .module = module};
}

void env_reserve_params(Env *env, uint32_t extra) {
    if (env->type_param_count + extra <= env->type_param_capacity)
        return;
    uint32_t capacity = env->type_param_count + extra + 4;
    DeclId *params = ARENA_ARRAY(env->sema->arena, DeclId, capacity);
    if (env->type_param_count > 0)
        memcpy(params, env->type_params, env->type_param_count * sizeof *params);
    env->type_params = params;
    env->type_param_capacity = capacity;
}

DeclId env_find_param(const Env *env, SymbolId name) {
    for (uint32_t i = env->type_param_count; i-- > 0;)
        if (program_decl(env->sema->program, env->type_params[i])->name.v == name.v)
            return env->type_params[i];
    return (DeclId){0};
}

bool env_has_bound(const Env *env, TypeId type, TraitRef trait) {
    for (uint32_t i = 0; i < env->bound_count; i++)
        if (env->bounds[i].type.v == type.v && env->bounds[i].trait.v == trait.decl.v && trait.decl.v != 0 &&
            env->bounds[i].trait_args.v == trait.args.v)
            return true;
    return false;
}

static void push_bound(Env *env, Bound bound) {
    if (env->bound_count == env->bound_capacity) {
        uint32_t capacity = env->bound_count == 0 ? 4 : env->bound_count * 2;
        Bound *bounds = ARENA_ARRAY(env->sema->arena, Bound, capacity);
        if (env->bound_count > 0)
            memcpy(bounds, env->bounds, env->bound_count * sizeof *bounds);
        env->bounds = bounds;
        env->bound_capacity = capacity;
    }
    env->bounds[env->bound_count++] = bound;
}

enum {
    ASSOC_DEPTH = 4,    // of T.Item.Item …, where a trait bounds its associated type by itself
    SUPER_LIMIT = 1000, // where a trait extends itself for ever larger arguments
};

// What a trait asks of its associated type holds of that of every type bound by the trait.
static void push_assoc_bound(Env *env, Bound of, Bound declared) {
    Types *types = env->sema->program->types;
    uint32_t depth = 0;
    for (const Type *t = type_get(types, of.type); t->kind == TY_ASSOC; t = type_get(types, t->args[0]))
        depth++;
    Subst subst = trait_subst(env->sema->program, bound_trait(&of), of.type);
    declared.type = type_subst(types, declared.type, subst);
    declared.trait_args = bound_trait_subst(types, &declared, subst).args;
    if (depth < ASSOC_DEPTH && !env_has_bound(env, declared.type, bound_trait(&declared)))
        push_bound(env, declared);
}

static TypeId super_args(const Env *env, const Bound *of, const Bound *super) {
    if (super->trait_args.v == 0)
        return super->trait_args;
    Program *p = env->sema->program;
    return bound_trait_subst(p->types, super, trait_subst(p, bound_trait(of), of->type)).args;
}

void env_add_bound(Env *env, Bound bound) {
    if (env_has_bound(env, bound.type, bound_trait(&bound)))
        return;
    uint32_t first = env->bound_count;
    push_bound(env, bound);
    for (uint32_t i = first; i < env->bound_count; i++) { // the list grows while it is walked
        const Trait *trait = env->bounds[i].trait.v == 0 ? NULL : env->sema->program->traits[env->bounds[i].trait.v];
        for (uint32_t j = 0; trait != NULL && j < trait->assoc_bound_count; j++)
            push_assoc_bound(env, env->bounds[i], trait->assoc_bounds[j]);
        for (uint32_t j = 0; trait != NULL && j < trait->super_count; j++) {
            Bound super = bound;
            super.type = env->bounds[i].type;
            super.trait = trait->supers[j].trait;
            super.trait_args = super_args(env, &env->bounds[i], &trait->supers[j]);
            if (env->bound_count < SUPER_LIMIT && !env_has_bound(env, super.type, bound_trait(&super)))
                push_bound(env, super);
        }
    }
}

void env_imply_bounds(Env *env, TypeId type, Span span, BoundList *written) {
    Program *p = env->sema->program;
    const Type *t = type_get(p->types, type);
    if (!(t->flags & TYPE_HAS_PARAM))
        return;
    const Shape *shape = t->kind == TY_STRUCT || t->kind == TY_ENUM ? program_shape(p, t->decl) : NULL;
    for (uint32_t i = 0; shape != NULL && i < shape->bound_count; i++) {
        Subst subst = {shape->type_params, t->args, t->arg_count};
        Bound bound = shape->bounds[i];
        bound.type = type_subst(p->types, bound.type, subst);
        bound.trait_args = bound_trait_subst(p->types, &bound, subst).args;
        if (bound.trait.v == 0 || !type_is_implicit(env->sema, bound.type) ||
            env_has_bound(env, bound.type, bound_trait(&bound)))
            continue;
        bound.span = span;
        bound.is_inferred = true;
        env_add_bound(env, bound);
        vec_push(written, bound);
    }
    for (uint32_t i = 0; i < t->arg_count; i++)
        env_imply_bounds(env, t->args[i], span, written);
}

DeclId *env_keep_params(const Env *env, uint32_t *count) {
    *count = env->type_param_count;
    if (env->type_param_count == 0)
        return NULL;
    return arena_copy(env->sema->arena, env->type_params, env->type_param_count * sizeof(DeclId), _Alignof(DeclId));
}

Bound *bounds_keep(Sema *sema, BoundList *list, uint32_t *count) {
    *count = list->count;
    Bound *bounds = NULL;
    if (list->count > 0)
        bounds = arena_copy(sema->arena, list->items, list->count * sizeof *bounds, _Alignof(Bound));
    vec_free(list);
    return bounds;
}

// ---- of declarations ------------------------------------------------------------------------------------------------

void env_store(Sema *sema, DeclId decl, const Env *env) {
    vec_push(&sema->tables->envs, *env);
    map_set(&sema->tables->env_index, decl.v, sema->tables->envs.count - 1);
}

static void add_bounds(Env *env, const Bound *bounds, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        env_add_bound(env, bounds[i]);
}

Env env_of_impl(Sema *sema, ImplId id) {
    const Impl *impl = &sema->program->impls.items[id.v];
    Env env = {.sema = sema,
               .module = impl->module,
               .self_type = impl->self,
               .impl = id,
               .type_params = impl->type_params,
               .type_param_count = impl->type_param_count,
               .type_param_capacity = impl->type_param_count};
    add_bounds(&env, impl->bounds, impl->bound_count);
    return env;
}

static Env env_of_trait(Sema *sema, DeclId decl) {
    const Trait *trait = sema->program->traits[decl.v];
    Env env = {.sema = sema,
               .module = program_decl(sema->program, decl)->module,
               .owner = decl,
               .self_type = trait->self,
               .type_params = trait->type_params,
               .type_param_count = trait->type_param_count,
               .type_param_capacity = trait->type_param_count};
    env_add_bound(&env, (Bound){.type = trait->self,
                                .trait = decl,
                                .trait_args = trait_own_args(sema->program, decl),
                                .span = decl_span(sema->program, decl)});
    add_bounds(&env, trait->param_bounds, trait->param_bound_count);
    return env;
}

static Env env_of_shape(Sema *sema, DeclId decl) {
    const Shape *shape = program_shape(sema->program, decl);
    Env env = {.sema = sema,
               .module = program_decl(sema->program, decl)->module,
               .owner = decl,
               .type_params = shape->type_params,
               .type_param_count = shape->type_param_count,
               .type_param_capacity = shape->type_param_count};
    add_bounds(&env, shape->bounds, shape->bound_count);
    return env;
}

static Env env_fresh(Sema *sema, DeclId decl) {
    const Decl row = *program_decl(sema->program, decl);
    Env env;
    if (row.impl.v != 0)
        env = env_of_impl(sema, row.impl);
    else if (row.kind == DECL_TRAIT)
        env = env_of_trait(sema, decl);
    else if (row.parent.v != 0 && program_decl(sema->program, row.parent)->kind == DECL_TRAIT)
        env = env_of_trait(sema, row.parent);
    else if (row.kind == DECL_STRUCT || row.kind == DECL_ENUM || row.kind == DECL_ERROR || row.kind == DECL_ALIAS)
        env = env_of_shape(sema, decl);
    else if (row.kind == DECL_FIELD || row.kind == DECL_VARIANT)
        env = sema_env_of(sema, row.parent);
    else
        env = env_of_module(sema, row.module);
    env.owner = decl;
    return env;
}

Env sema_env_of(Sema *sema, DeclId decl) {
    uint32_t index = 0;
    if (map_get(&sema->tables->env_index, decl.v, &index)) {
        Env env = sema->tables->envs.items[index];
        env.bound_capacity = env.bound_count; // what the caller adds goes into arrays of its own
        env.type_param_capacity = env.type_param_count;
        return env;
    }
    return env_fresh(sema, decl);
}
