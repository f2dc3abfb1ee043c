// Methods and functions that the impls of a type have, but not for what it holds here.
#include "sema/body.h"

bool help_ask_for_member(Body *b, Report *r, TypeId param, SymbolId name) {
    DeclId other, trait = methods_nearest_trait(b->sema, b->module, name, DECL_FUNC, &other);
    if (trait.v == 0)
        return false;
    help_ask(b, r, param, cstr(b, program_decl(b->program, trait)->name));
    return true;
}

// The first bound of the impl that the type arguments do not meet is what is wrong.
static bool report_unmet_bound(Body *b, const Impl *impl, Subst subst, DeclId member, Span at) {
    for (uint32_t i = 0; i < impl->bound_count; i++) {
        const Bound *bound = &impl->bounds[i];
        if (bound->trait.v == 0)
            continue;
        TypeId type = full_type(b, type_subst(b->types, bound->type, subst));
        TraitRef trait = bound_trait_subst(b->types, bound, subst);
        ImplMatch match;
        if (sema_implements_of(&b->env, type, trait, &match) != MATCH_NO)
            continue;
        report_bound(
            b, &(Obligation){.type = type, .bound = bound, .trait_args = trait.args, .callee = member, .span = at});
        return true;
    }
    return false;
}

bool report_unmet(Body *b, TypeId type, SymbolId name, Span at) {
    Program *p = b->program;
    type = full_type(b, shallow(b, type));
    uint32_t chain = impl_chain(p, (DeclId){0}, type_head(p, type));
    DeclId other = {0};
    for (ImplId id; (id = impl_chain_next(p, &chain)).v != 0;) {
        const Impl impl = p->impls.items[id.v];
        DeclId member = impl_member(p, id, name);
        if (member.v == 0 || program_decl(p, member)->kind != DECL_FUNC)
            continue;
        TypeId *args = ARENA_ARRAY(b->arena, TypeId, impl.type_param_count + 1);
        for (uint32_t i = 0; i < impl.type_param_count; i++)
            args[i] = infer_fresh(b->infer, at);
        Subst subst = {impl.type_params, args, impl.type_param_count};
        uint32_t mark = infer_mark(b->infer);
        bool fits = infer_unify(b->infer, type_subst(p->types, impl.self, subst), type);
        if (fits && report_unmet_bound(b, &impl, subst, member, at))
            return true;
        infer_rollback(b->infer, mark);
        other = fits ? other : member;
    }
    if (other.v == 0)
        return false;
    TypeId self = p->impls.items[program_decl(p, other)->impl.v].self;
    Report *r = REPORT(b, E0423, at, "`%s` has no `%s`, which is of `%s`", show(b, type), cstr(b, name), show(b, self));
    report_note(r, decl_span(p, other), "it is declared here");
    return true;
}

// The keys of a map that is written as a literal.
void require_map_bounds(Body *b, TypeId type, Span at) {
    Program *p = b->program;
    uint32_t chain = impl_chain(p, (DeclId){0}, type_head(p, type)), met = 0;
    for (ImplId id; met == 0 && (id = impl_chain_next(p, &chain)).v != 0;) {
        const Impl impl = p->impls.items[id.v];
        Subst subst = {impl.type_params, type_of(b, type)->args, impl.type_param_count};
        for (; met < impl.bound_count; met++)
            require_bound(b, (Obligation){.type = type_subst(b->types, impl.bounds[met].type, subst),
                                          .bound = &impl.bounds[met],
                                          .callee = type_of(b, type)->decl,
                                          .span = at});
    }
}
