// Associated types of impls that are made of themselves.
//
// Ideas. What an associated type is may speak of other ones, which have impls with types of their own. Each of these is
// unfolded, as normalizing does it; one that is met while it is still open leads back to itself, and so does one
// that takes more steps than any type needs.
#include "sema/tables.h"

enum { UNFOLD_LIMIT = 60 }; // less than normalizing a type may take

typedef struct {
    ImplId impl;
    uint32_t index; // among its members
    TypeId type;    // the associated type, of the type that the impl is for
} Open;

typedef struct {
    Sema *sema;
    Env env;
    VEC(Open) open;
    MapU64 done; // by TypeId
} Unfold;

static DeclId open_member(const Unfold *u, Open open) {
    return u->sema->program->impls.items[open.impl.v].members[open.index];
}

// All that led here is poisoned: it is not reported again, and whoever needs it comes to an end.
static void report_cycle(Unfold *u, uint32_t at) {
    Program *p = u->sema->program;
    DeclId member = open_member(u, u->open.items[at]);
    AstConstDecl parts = ast_const_decl(program_ast(p, member), program_decl(p, member)->node);
    Report *report =
        REPORT_AT(u->sema, E0364, ast_span(program_ast(p, member), parts.value.v != 0 ? parts.value : parts.type),
                  "the associated type `%.*s` is made of itself", DECL_ARG(p, member));
    report_label(report, "this leads back to `%.*s`", DECL_ARG(p, member));
    report_help(report, "name the type that is meant");
    for (uint32_t i = 0; i < u->open.count; i++) {
        Open one = u->open.items[i];
        p->impls.items[one.impl.v].assoc_types[one.index] = type_builtin(p->types, TY_POISON);
    }
}

static bool unfold(Unfold *u, TypeId type);

static bool unfold_member(Unfold *u, Open open, Subst subst) {
    Program *p = u->sema->program;
    TypeId written = p->impls.items[open.impl.v].assoc_types[open.index];
    for (uint32_t i = 0; i < u->open.count; i++)
        if (u->open.items[i].type.v == open.type.v) {
            report_cycle(u, i);
            return false;
        }
    vec_push(&u->open, open);
    if (u->open.count > UNFOLD_LIMIT) {
        report_cycle(u, 0);
        return false;
    }
    if (written.v != 0 && !unfold(u, type_subst(p->types, written, subst)))
        return false;
    u->open.count--;
    return true;
}

// The parts of an associated type are unfolded before: what they are decides which impl it is of.
static bool unfold_assoc(Unfold *u, TypeId type) {
    Program *p = u->sema->program;
    const Type *t = type_get(p->types, type);
    TypeId base = sema_normalize(&u->env, t->args[0]);
    TraitRef trait = {program_decl(p, t->decl)->parent, {0}};
    if (t->arg_count > 1)
        trait.args = sema_normalize(&u->env, t->args[1]);
    ImplMatch match;
    if (sema_implements_of(&u->env, base, trait, &match) != MATCH_YES || match.impl.v == 0)
        return true;
    const Impl *impl = &p->impls.items[match.impl.v];
    TypeId key = type_assoc(p->types, t->decl, base, trait.args);
    if (map_get(&u->done, key.v, NULL))
        return true;
    for (uint32_t i = 0; i < impl->member_count; i++) {
        if (program_decl(p, impl->members[i])->name.v != program_decl(p, t->decl)->name.v)
            continue;
        Subst subst = {impl->type_params, match.impl_args, match.impl_arg_count};
        if (!unfold_member(u, (Open){match.impl, i, key}, subst))
            return false;
        break;
    }
    map_set(&u->done, key.v, 1);
    return true;
}

static bool unfold(Unfold *u, TypeId type) {
    const Type *t = type_get(u->sema->program->types, type);
    if (!(t->flags & TYPE_HAS_PARAM) || t->kind == TY_PARAM)
        return true;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (!unfold(u, t->args[i]))
            return false;
    return t->kind != TY_ASSOC || unfold_assoc(u, type);
}

static void check_impl(Sema *sema, ImplId id) {
    Program *p = sema->program;
    Unfold u = {.sema = sema, .env = env_of_impl(sema, id)};
    for (uint32_t i = 0; i < p->impls.items[id.v].member_count; i++) {
        TypeId type = p->impls.items[id.v].assoc_types[i];
        u.open.count = 0;
        if (type.v == 0)
            continue;
        vec_push(&u.open, (Open){id, i, {0}});
        unfold(&u, type);
    }
    vec_free(&u.open);
    map_free(&u.done);
}

void impls_check_assoc_cycles(Sema *sema) {
    const Program *p = sema->program;
    for (uint32_t i = 1; i < p->impls.count; i++)
        if (!program_module(p, p->impls.items[i].module)->is_std && p->impls.items[i].trait.v != 0)
            check_impl(sema, (ImplId){i});
}
