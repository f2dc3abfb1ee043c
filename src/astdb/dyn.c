// What the table of a `dyn Trait` holds: the methods of the supertraits first, then the trait's own. The table of the
// first supertrait, and of the first one of that, is thus the beginning of the trait's; for any other supertrait the
// table names one of its own.
#include "astdb/impls.h"

static bool has_seen(const VecU32 *seen, uint32_t id) {
    for (uint32_t i = 0; i < seen->count; i++)
        if (seen->items[i] == id)
            return true;
    return false;
}

static void add_methods(const Program *p, DeclId trait, VecU32 *seen, VecU32 *methods) {
    const Trait *row = trait.v == 0 || has_seen(seen, trait.v) ? NULL : p->traits[trait.v];
    if (row == NULL)
        return;
    vec_push(seen, trait.v);
    for (uint32_t i = 0; i < row->super_count; i++)
        add_methods(p, row->supers[i].trait, seen, methods);
    for (uint32_t i = 0; i < row->member_count; i++)
        if (program_decl(p, row->members[i])->kind == DECL_FUNC)
            vec_push(methods, row->members[i].v);
}

// As often as supertraits are met again, each has its slots once: where it is met first, which for the chain of first
// supertraits is at the beginning.
static void add_slots(Program *p, TypeId dyn, bool is_beginning, VecU32 *seen, DynSlots *slots) {
    TraitRef trait = dyn_trait(type_get(p->types, dyn));
    const Trait *row = p->traits[trait.decl.v];
    if (row == NULL || has_seen(seen, dyn.v))
        return;
    vec_push(seen, dyn.v);
    Subst subst = trait_subst(p, trait, dyn);
    for (uint32_t i = 0; i < row->super_count; i++) {
        TraitRef super = bound_trait_subst(p->types, &row->supers[i], subst);
        add_slots(p, type_dyn(p->types, super.decl, super.args), is_beginning && i == 0, seen, slots);
    }
    for (uint32_t i = 0; i < row->member_count; i++)
        if (program_decl(p, row->members[i])->kind == DECL_FUNC)
            vec_push(slots, (DynSlot){row->members[i], dyn});
    if (!is_beginning)
        vec_push(slots, (DynSlot){{0}, dyn});
}

void dyn_slots(Program *p, TypeId dyn, DynSlots *slots) {
    VecU32 seen = {0};
    add_slots(p, dyn, true, &seen, slots);
    vec_free(&seen);
}

const TypeId *dyn_method_args(Program *p, TypeId dyn, TypeId self, uint32_t *count) {
    Subst subst = trait_subst(p, dyn_trait(type_get(p->types, dyn)), self);
    *count = subst.count;
    return subst.args;
}

static bool mentions_self(const Program *p, TypeId type, DeclId trait) {
    const Type *t = type_get(p->types, type);
    if (t->kind == TY_PARAM)
        return t->decl.v == trait.v;
    for (uint32_t i = 0; i < t->arg_count && t->flags & TYPE_HAS_PARAM; i++)
        if (mentions_self(p, t->args[i], trait))
            return true;
    return false;
}

const char *dyn_method_obstacle(const Program *p, DeclId method) {
    const Signature *s = program_signature(p, method);
    DeclId trait = program_decl(p, method)->parent;
    if (s == NULL)
        return NULL;
    if (!s->has_self)
        return "takes no `self`: there is no value whose type could choose the function";
    if (s->param_modes[0] == MODE_OWN)
        return "takes `own self`: the size of the value is not known where it is called";
    if (s->type_param_count > 1 + trait_param_count(p, trait))
        return "has type parameters: a table cannot hold a function for every type";
    for (uint32_t i = 1; i < s->param_count; i++)
        if (mentions_self(p, s->param_types[i], trait))
            return "takes another `Self`: two values of the trait may be of different types";
    if (mentions_self(p, s->result, trait))
        return "gives a `Self`: its type is not known where it is called";
    return NULL;
}

DeclId dyn_obstacle(const Program *p, DeclId trait, const char **reason) {
    VecU32 seen = {0}, methods = {0};
    DeclId found = {0};
    add_methods(p, trait, &seen, &methods);
    for (uint32_t i = 0; i < seen.count && found.v == 0; i++) {
        const Trait *row = p->traits[seen.items[i]];
        for (uint32_t j = 0; j < row->member_count && found.v == 0; j++)
            if (program_decl(p, row->members[j])->kind == DECL_ASSOC_TYPE) {
                found = row->members[j];
                *reason = "is an associated type: its meaning depends on the value";
            }
        for (uint32_t j = 0; j < row->super_count && found.v == 0; j++)
            if (row->supers[j].trait_args.v != 0 &&
                mentions_self(p, row->supers[j].trait_args, (DeclId){seen.items[i]})) {
                found = row->supers[j].trait;
                *reason = "is extended with `Self`: two values of the trait may be of different types";
            }
    }
    for (uint32_t i = 0; i < methods.count && found.v == 0; i++) {
        *reason = dyn_method_obstacle(p, (DeclId){methods.items[i]});
        if (*reason != NULL)
            found.v = methods.items[i];
    }
    vec_free(&seen);
    vec_free(&methods);
    return found;
}
