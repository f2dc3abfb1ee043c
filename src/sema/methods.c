// Which method or field a name after a dot means: inherent ones first, then those of bounds and traits; then the same
// on what a Box holds.
#include "sema/tables.h"

enum { DEREF_LIMIT = 16 };

static uint64_t method_key(SymbolId name, uint32_t head) {
    return (uint64_t)name.v << 32 | head;
}

// ---- index ----------------------------------------------------------------------------------------------------------

static void add_link(Sema *sema, MapU64 *map, uint64_t key, DeclId decl, ImplId impl) {
    uint32_t first = 0;
    map_get(map, key, &first);
    vec_push(&sema->tables->links, (MemberLink){decl, impl, first});
    map_set(map, key, sema->tables->links.count - 1);
}

void methods_index(Sema *sema) {
    Program *p = sema->program;
    for (uint32_t i = p->impls.count; i-- > 1;) { // chains grow at the front: this keeps the order of the source
        const Impl *impl = &p->impls.items[i];
        if (impl->trait.v != 0 || type_get(p->types, impl->self)->kind == TY_POISON)
            continue;
        uint32_t head = type_head(p, impl->self);
        for (uint32_t j = impl->member_count; j-- > 0;)
            if (program_decl(p, impl->members[j])->kind == DECL_FUNC)
                add_link(sema, &sema->tables->methods, method_key(program_decl(p, impl->members[j])->name, head),
                         impl->members[j], (ImplId){i});
    }
    for (uint32_t i = p->decls.count; i-- > 1;) {
        const Trait *trait = p->traits[i];
        for (uint32_t j = trait == NULL ? 0 : trait->member_count; j-- > 0;)
            add_link(sema, &sema->tables->trait_members, program_decl(p, trait->members[j])->name.v, trait->members[j],
                     (ImplId){0});
    }
}

DeclId methods_nearest_trait(Sema *sema, ModuleId module, SymbolId name, DeclKind kind, DeclId *other) {
    uint32_t link = 0, best = UINT32_MAX;
    DeclId found = {0};
    *other = (DeclId){0};
    map_get(&sema->tables->trait_members, name.v, &link);
    for (; link != 0; link = sema->tables->links.items[link].next) {
        const Decl *member = program_decl(sema->program, sema->tables->links.items[link].decl);
        if (member->kind != kind)
            continue;
        uint32_t layer = link_layer(sema, module, member->parent);
        if (layer < best) {
            best = layer;
            found = member->parent;
            *other = (DeclId){0};
        } else if (layer == best && layer < 3) {
            *other = member->parent;
        }
    }
    return best <= 2 ? found : (DeclId){0};
}

// ---- what a match carries -------------------------------------------------------------------------------------------

static void set_type_args(Env *env, MethodMatch *match, const TypeId *first, uint32_t first_count, Span at) {
    if (env->infer == NULL)
        return;
    const Signature *signature = program_signature(env->sema->program, match->decl);
    if (signature == NULL)
        return;
    uint32_t count = signature->type_param_count;
    TypeId *args = ARENA_ARRAY(env->sema->arena, TypeId, count);
    for (uint32_t i = 0; i < count; i++)
        args[i] = i < first_count ? first[i] : infer_fresh(env->infer, at);
    match->type_args = args;
    match->type_arg_count = count;
}

static DeclId trait_member(const Program *p, DeclId trait, SymbolId name) {
    const Trait *row = p->traits[trait.v];
    for (uint32_t i = 0; row != NULL && i < row->member_count; i++)
        if (program_decl(p, row->members[i])->name.v == name.v && program_decl(p, row->members[i])->kind == DECL_FUNC)
            return row->members[i];
    return (DeclId){0};
}

// ---- inherent methods -----------------------------------------------------------------------------------------------

static bool impl_bounds_hold(Env *env, ImplId id, const TypeId *args) {
    Program *p = env->sema->program;
    for (uint32_t i = 0; i < p->impls.items[id.v].bound_count; i++) {
        const Impl *impl = &p->impls.items[id.v];
        if (impl->bounds[i].trait.v == 0)
            continue;
        Subst subst = {impl->type_params, args, impl->type_param_count};
        TraitRef trait = bound_trait_subst(p->types, &impl->bounds[i], subst);
        TypeId type = sema_normalize(env, type_subst(p->types, impl->bounds[i].type, subst));
        ImplMatch match;
        if (sema_implements_of(env, type, trait, &match) == MATCH_NO && !type_is_implicit(env->sema, type))
            return false;
    }
    return true;
}

// With inference variables the head is unified, without it is matched.
static bool inherent_fits(Env *env, ImplId id, TypeId self, TypeId *args, Span at) {
    Program *p = env->sema->program;
    const Impl *impl = &p->impls.items[id.v];
    if (env->infer == NULL || !(type_get(p->types, self)->flags & TYPE_HAS_VAR)) {
        if (impl_match_self(p, id, self, args) != MATCH_YES)
            return false;
        for (uint32_t i = 0; i < impl->type_param_count && env->infer != NULL; i++)
            if (args[i].v == 0)
                args[i] = infer_fresh(env->infer, at);
        return impl_bounds_hold(env, id, args);
    }
    uint32_t mark = infer_mark(env->infer);
    for (uint32_t i = 0; i < impl->type_param_count; i++)
        args[i] = infer_fresh(env->infer, at);
    Subst subst = {impl->type_params, args, impl->type_param_count};
    if (infer_unify(env->infer, type_subst(p->types, impl->self, subst), self) && impl_bounds_hold(env, id, args))
        return true;
    infer_rollback(env->infer, mark);
    return false;
}

static bool find_inherent(Env *env, TypeId self, SymbolId name, Span at, MethodMatch *match) {
    Program *p = env->sema->program;
    uint32_t heads[2] = {type_head(p, self), 0};
    for (int h = heads[0] == 0 ? 1 : 0; h < 2; h++) {
        uint32_t link = 0;
        map_get(&env->sema->tables->methods, method_key(name, heads[h]), &link);
        for (; link != 0; link = env->sema->tables->links.items[link].next) {
            MemberLink one = env->sema->tables->links.items[link];
            uint32_t count = p->impls.items[one.impl.v].type_param_count;
            TypeId few[8];
            TypeId *args = count <= 8 ? few : ARENA_ARRAY(env->sema->arena, TypeId, count);
            if (!inherent_fits(env, one.impl, self, args, at))
                continue;
            *match = (MethodMatch){.kind = METHOD_INHERENT, .decl = one.decl, .impl = one.impl, .self = self};
            set_type_args(env, match, args, count, at);
            return true;
        }
    }
    return false;
}

// ---- bounds and traits ----------------------------------------------------------------------------------------------

// The trait's own arguments are open; where only one impl or bound may be meant, they are what that says.
static void take_trait_method(Env *env, MethodMatch *match, MethodKind kind, DeclId trait, DeclId decl, TypeId self,
                              Span at) {
    *match = (MethodMatch){.kind = kind, .decl = decl, .trait = trait, .self = self};
    set_type_args(env, match, &self, 1, at);
    if (match->type_args != NULL && trait_param_count(env->sema->program, trait) > 0)
        sema_choose_trait(env, self,
                          trait_of_method_args(env->sema->program, decl, match->type_args, match->type_arg_count));
}

static bool find_in_bounds(Env *env, TypeId self, SymbolId name, Span at, MethodMatch *match) {
    Program *p = env->sema->program;
    DeclId found = {0}, trait = {0};
    for (uint32_t i = 0; i < env->bound_count; i++) {
        if (env->bounds[i].type.v != self.v || env->bounds[i].trait.v == 0)
            continue;
        DeclId member = trait_member(p, env->bounds[i].trait, name);
        if (member.v == 0 || member.v == found.v)
            continue;
        if (found.v != 0) {
            *match =
                (MethodMatch){.kind = METHOD_AMBIGUOUS, .decl = found, .trait = env->bounds[i].trait, .self = self};
            return true;
        }
        found = member;
        trait = env->bounds[i].trait;
    }
    if (found.v == 0)
        return false;
    take_trait_method(env, match, METHOD_BOUND, trait, found, self, at);
    return true;
}

// Traits that the type implements. Of several, the nearest layer decides: this module, imports, the prelude.
static bool find_in_traits(Env *env, TypeId self, SymbolId name, Span at, MethodMatch *match) {
    Sema *sema = env->sema;
    uint32_t link = 0, best = UINT32_MAX;
    DeclId found = {0}, other = {0};
    map_get(&sema->tables->trait_members, name.v, &link);
    for (; link != 0; link = sema->tables->links.items[link].next) {
        DeclId member = sema->tables->links.items[link].decl;
        const Decl row = *program_decl(sema->program, member);
        ImplMatch impl;
        if (row.kind != DECL_FUNC || sema_implements(env, self, row.parent, &impl) == MATCH_NO)
            continue;
        uint32_t layer = link_layer(sema, env->module, row.parent);
        if (layer < best) {
            best = layer;
            found = member;
            other = (DeclId){0};
        } else if (layer == best) {
            other = member;
        }
    }
    if (found.v == 0)
        return false;
    DeclId trait = program_decl(sema->program, found)->parent;
    if (other.v != 0)
        *match = (MethodMatch){
            .kind = METHOD_AMBIGUOUS, .decl = found, .trait = program_decl(sema->program, other)->parent, .self = self};
    else
        take_trait_method(env, match, METHOD_TRAIT, trait, found, self, at);
    return true;
}

// ---- inferred bounds ------------------------------------------------------------------------------------------------

// Bounds of an impl's parameters decide what the impl is for: they are never inferred from the body of a trait's
// method.
static bool owner_takes_bounds(const Env *env) {
    const Program *p = env->sema->program;
    if (env->owner.v == 0 || program_decl(p, env->owner)->kind != DECL_FUNC || program_signature(p, env->owner) == NULL)
        return false;
    ImplId impl = program_decl(p, env->owner)->impl;
    return impl.v == 0 || p->impls.items[impl.v].trait.v == 0;
}

bool sema_infer_bound(Env *env, TypeId type, TraitRef trait, Span at) {
    Sema *sema = env->sema;
    if (trait.decl.v == 0 || !type_is_implicit(sema, type) || !owner_takes_bounds(env))
        return false;
    if (trait.args.v == 0 ? trait_param_count(sema->program, trait.decl) > 0
                          : type_get(sema->program->types, trait.args)->flags & TYPE_HAS_VAR)
        return false; // for which arguments nothing says
    if (env_has_bound(env, type, trait))
        return true;
    Bound bound = {.type = type, .trait = trait.decl, .trait_args = trait.args, .span = at, .is_inferred = true};
    Signature *signature = program_signature(sema->program, env->owner);
    Bound *bounds = ARENA_ARRAY(sema->arena, Bound, signature->bound_count + 1);
    if (signature->bound_count > 0)
        memcpy(bounds, signature->bounds, signature->bound_count * sizeof *bounds);
    bounds[signature->bound_count++] = bound;
    signature->bounds = bounds;
    env_add_bound(env, bound);
    uint32_t index;
    if (map_get(&sema->tables->env_index, env->owner.v, &index)) {
        Env *kept = &sema->tables->envs.items[index];
        kept->bound_capacity = kept->bound_count;
        env_add_bound(kept, bound);
    }
    return true;
}

void sema_ensure_bounds(Sema *sema, DeclId decl) {
    const Signature *signature = program_signature(sema->program, decl);
    for (uint32_t i = 0; signature != NULL && i < signature->type_param_count; i++) {
        DeclId param = signature->type_params[i];
        if (program_decl(sema->program, param)->kind != DECL_TYPE_PARAM ||
            !type_is_implicit(sema, type_param(sema->program->types, param)))
            continue;
        sema_body(sema, decl); // a body in work is left alone: its bounds are those known so far
        return;
    }
}

static bool infer_method_bound(Env *env, TypeId self, SymbolId name, Span at, MethodMatch *match) {
    Sema *sema = env->sema;
    if (!type_is_implicit(sema, self) || !owner_takes_bounds(env))
        return false;
    DeclId other = {0};
    DeclId trait = methods_nearest_trait(sema, env->module, name, DECL_FUNC, &other);
    if (trait.v == 0)
        return false;
    if (other.v != 0) {
        const Type *t = type_get(sema->program->types, self);
        Report *report =
            REPORT_AT(sema, E0410, at, "`%.*s` is declared by more than one trait", SYMBOL_ARG(sema->program, name));
        report_label(report, "which trait is meant?");
        report_note(report, decl_span(sema->program, trait_member(sema->program, trait, name)), "declared by `%.*s`",
                    DECL_ARG(sema->program, trait));
        report_note(report, decl_span(sema->program, trait_member(sema->program, other, name)), "and by `%.*s`",
                    DECL_ARG(sema->program, other));
        if (t->kind == TY_PARAM)
            report_help(report, "name the trait where the function begins: `[%.*s: %.*s]`",
                        TYPE_ARG(sema->program, self), DECL_ARG(sema->program, trait));
    }
    if (trait_param_count(sema->program, trait) > 0)
        return false; // for which arguments nothing says: the bound is to be written
    sema_infer_bound(env, self, (TraitRef){trait, {0}}, at);
    take_trait_method(env, match, METHOD_BOUND, trait, trait_member(sema->program, trait, name), self, at);
    return true;
}

// ---- lookup ---------------------------------------------------------------------------------------------------------

static TypeId settle(Env *env, TypeId type) {
    if (env->infer != NULL)
        type = infer_resolve(env->infer, type);
    type = sema_normalize(env, type);
    const Type *t = type_get(env->sema->program->types, type);
    return t->kind == TY_REF ? t->args[0] : type;
}

static bool find_on(Env *env, TypeId self, SymbolId name, Span at, MethodMatch *match) {
    TypeKind kind = type_get(env->sema->program->types, self)->kind;
    if (kind == TY_VAR || kind == TY_POISON)
        return false;
    if (find_inherent(env, self, name, at, match))
        return true;
    if ((kind == TY_PARAM || kind == TY_ASSOC) && find_in_bounds(env, self, name, at, match))
        return true;
    return find_in_traits(env, self, name, at, match) || infer_method_bound(env, self, name, at, match);
}

MethodMatch sema_find_method(Env *env, TypeId self, SymbolId name, Span at) {
    Program *p = env->sema->program;
    MethodMatch match = {.kind = METHOD_NONE};
    self = settle(env, self);
    for (uint32_t derefs = 0; derefs < DEREF_LIMIT; derefs++) {
        if (find_on(env, self, name, at, &match)) {
            match.derefs = derefs;
            return match;
        }
        if (!type_is_boxed(p, self))
            break;
        self = settle(env, type_get(p->types, self)->args[0]);
    }
    return (MethodMatch){.kind = METHOD_NONE, .self = self};
}

static bool field_visible(const Env *env, const Decl *field) {
    return field->is_pub || field->module.v == env->module.v;
}

static bool find_own_field(Env *env, TypeId self, SymbolId name, FieldMatch *match) {
    Program *p = env->sema->program;
    const Type *t = type_get(p->types, self);
    const Shape *shape = t->kind == TY_STRUCT ? program_shape(p, t->decl) : NULL;
    for (uint32_t i = 0; shape != NULL && i < shape->fields.count; i++) {
        const Decl *field = program_decl(p, shape->fields.fields[i]);
        if (field->name.v != name.v)
            continue;
        *match = (FieldMatch){.decl = shape->fields.fields[i],
                              .owner = self,
                              .index = i,
                              .is_visible = field_visible(env, field),
                              .type = shape_field_type(p, self, 0, i)};
        if (type_get(p->types, match->type)->flags & TYPE_HAS_PARAM)
            match->type = sema_normalize(env, match->type);
        return true;
    }
    return false;
}

bool sema_find_field(Env *env, TypeId self, SymbolId name, FieldMatch *match) {
    Program *p = env->sema->program;
    self = settle(env, self);
    for (uint32_t derefs = 0; derefs < DEREF_LIMIT; derefs++) {
        if (find_own_field(env, self, name, match)) {
            match->derefs = derefs;
            return true;
        }
        if (!type_is_boxed(p, self))
            return false;
        self = settle(env, type_get(p->types, self)->args[0]);
    }
    return false;
}

// ---- questions ------------------------------------------------------------------------------------------------------

MatchResult sema_implements(Env *env, TypeId type, DeclId trait, ImplMatch *match) {
    return sema_implements_of(env, type, (TraitRef){trait, {0}}, match);
}

MatchResult sema_implements_of(Env *env, TypeId type, TraitRef trait, ImplMatch *match) {
    if (env->infer != NULL)
        type = infer_resolve(env->infer, type);
    if (trait.args.v != 0)
        trait.args = sema_normalize(env, trait.args);
    return program_find_impl_of(env->sema->program, type, trait, env->bounds, env->bound_count, match);
}

TypeId sema_normalize(Env *env, TypeId type) {
    if (env->infer != NULL)
        type = infer_resolve(env->infer, type);
    return program_normalize(env->sema->program, type, env->bounds, env->bound_count);
}

const DeclId *sema_error_variants(Sema *sema, TypeId error, uint32_t *count) {
    Program *p = sema->program;
    const Type *t = type_get(p->types, error);
    *count = 0;
    if (t->kind == TY_ERROR_SET) {
        *count = t->decl_count;
        return t->decls;
    }
    if (t->kind == TY_ERROR) {
        const Shape *shape = program_shape(p, t->decl);
        *count = shape->variant_count;
        return shape->variants;
    }
    if (t->kind != TY_INFERRED_SET)
        return NULL;
    const Signature *signature = program_signature(p, t->decl);
    if (signature == NULL)
        return NULL;
    if (signature->frozen_errors.v == 0)
        sema_body(sema, t->decl); // in work already within a call cycle: what is known so far
    return signature->frozen_errors.v == 0 ? NULL : sema_error_variants(sema, signature->frozen_errors, count);
}
