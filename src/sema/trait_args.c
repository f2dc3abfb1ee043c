// Traits with arguments in bodies: which impl or bound is meant where several could be.
#include "sema/body.h"
#include "sema/tables.h"

enum { CANDIDATES_SHOWN = 4 };

const char *show_trait(Body *b, TraitRef trait) {
    return arena_cstr(b->arena, trait_text(b->program, trait));
}

// The arguments that a candidate says, with what it leaves open as variables.
static TypeId candidate_args(Env *env, const ImplMatch *match) {
    Program *p = env->sema->program;
    if (match->impl.v == 0)
        return match->trait_args;
    const Impl *impl = &p->impls.items[match->impl.v];
    TypeId *args = ARENA_ARRAY(p->arena, TypeId, impl->type_param_count);
    for (uint32_t i = 0; i < impl->type_param_count; i++)
        args[i] = match->impl_args[i].v != 0 ? match->impl_args[i] : infer_fresh(env->infer, (Span){0});
    return type_subst(p->types, impl->trait_args, (Subst){impl->type_params, args, impl->type_param_count});
}

static TypeId settled(Env *env, TypeId type) {
    return sema_normalize(env, type);
}

static uint32_t find_candidates(Env *env, TypeId type, TraitRef trait, ImplMatch *matches, uint32_t limit) {
    trait.args = settled(env, trait.args);
    return program_find_candidates(env->sema->program, settled(env, type), trait, env->bounds, env->bound_count,
                                   matches, limit);
}

uint32_t sema_choose_trait(Env *env, TypeId type, TraitRef trait) {
    ImplMatch match;
    uint32_t count = find_candidates(env, type, trait, &match, 1);
    if (count == 1 && type_get(env->sema->program->types, settled(env, trait.args))->flags & TYPE_HAS_VAR)
        infer_unify(env->infer, trait.args, settled(env, candidate_args(env, &match)));
    return count;
}

static void report_several(Body *b, const Obligation *o, TypeId type, TraitRef trait) {
    Report *r = REPORT(b, E0444, o->span, "several impls of `%s` for `%s` fit",
                       cstr(b, program_decl(b->program, trait.decl)->name), show(b, type));
    report_label(r, "nothing says which one is meant");
    ImplMatch matches[CANDIDATES_SHOWN];
    uint32_t count = find_candidates(&b->env, type, trait, matches, CANDIDATES_SHOWN);
    for (uint32_t i = count < CANDIDATES_SHOWN ? count : CANDIDATES_SHOWN; i-- > 0;) { // the first one written first
        TraitRef one = {trait.decl, candidate_args(&b->env, &matches[i])};
        const Impl *impl = &b->program->impls.items[matches[i].impl.v];
        Span at = {0};
        if (matches[i].impl.v != 0) {
            const Ast *ast = program_module(b->program, impl->module)->ast;
            at = ast_span(ast, ast_impl(ast, impl->node).trait_type);
        } else if (matches[i].bound != NULL) {
            at = matches[i].bound->span;
        }
        report_note(r, at, "`%s` is one", show_trait(b, one));
    }
    report_help(r, "say the type: of the arguments, or of the result, as in `let x: T = …`");
    const Type *args = type_of(b, full_type(b, trait.args));
    for (uint32_t i = 0; i < args->arg_count; i++)
        infer_unify(b->infer, args->args[i], poison(b));
}

bool judge_trait_args(Body *b, const Obligation *o, TypeId type, bool at_end) {
    TraitRef trait = {o->bound->trait, full_type(b, o->trait_args)};
    if (type_of(b, trait.args)->flags & TYPE_HAS_POISON)
        return true;
    ImplMatch match;
    MatchResult result = sema_implements_of(&b->env, type, trait, &match);
    bool is_open = type_of(b, trait.args)->flags & TYPE_HAS_VAR;
    uint32_t count = 1;
    if (result != MATCH_NO && is_open) {
        count = sema_choose_trait(&b->env, type, trait);
        trait.args = full_type(b, trait.args);
        result = sema_implements_of(&b->env, type, trait, &match);
    }
    if (result == MATCH_YES && (count == 1 || !(type_of(b, trait.args)->flags & TYPE_HAS_VAR)))
        return true;
    if (result == MATCH_NO) {
        if (!sema_infer_bound(&b->env, type, trait, o->span))
            report_bound(b, o);
        return true;
    }
    if (!at_end)
        return false;
    if (count > 1)
        report_several(b, o, type, trait);
    else if (!(type_of(b, trait.args)->flags & TYPE_HAS_VAR) && !sema_infer_bound(&b->env, type, trait, o->span))
        report_bound(b, o);
    return true;
}

// ---- literals -------------------------------------------------------------------------------------------------------

// Whether a literal, which takes its type from where it stands, may be of this one.
static bool literal_fits(const Body *b, NodeId n, TypeKind kind) {
    switch (kind_of(b, n)) {
    case NODE_INT: return type_kind_is_integer(kind);
    case NODE_FLOAT: return type_kind_is_float(kind);
    case NODE_NEG: return literal_fits(b, ast_unary(b->ast, n).child, kind);
    default: return false;
    }
}

static TypeKind literal_default(const Body *b, NodeId n) {
    while (kind_of(b, n) == NODE_NEG)
        n = ast_unary(b->ast, n).child;
    return kind_of(b, n) == NODE_INT ? TY_I64 : kind_of(b, n) == NODE_FLOAT ? TY_F64 : TY_NONE;
}

void choose_by_literal(Body *b, const Callee *callee, TypeId param, NodeId value) {
    TypeKind usual = literal_default(b, value);
    if (callee->ref != REF_TRAIT_METHOD || usual == TY_NONE || kind_of_type(b, param) != TY_VAR)
        return;
    TraitRef trait = trait_of_method_args(b->program, callee->decl, callee->args, callee->param_count);
    if (trait.args.v == 0)
        return;
    ImplMatch matches[16];
    uint32_t count = find_candidates(&b->env, callee->args[0], trait, matches, 16), fitting = 0;
    TypeId found = {0};
    for (uint32_t i = 0; i < count && i < 16; i++) {
        uint32_t mark = infer_mark(b->infer);
        TypeId args = candidate_args(&b->env, &matches[i]);
        TypeKind kind = infer_unify(b->infer, trait.args, args) ? kind_of_type(b, param) : TY_NONE;
        infer_rollback(b->infer, mark);
        if (kind == usual || kind == TY_VAR)
            return; // what it is anyway is one of them
        if (!literal_fits(b, value, kind))
            continue;
        found = args;
        fitting++;
    }
    if (fitting == 1)
        infer_unify(b->infer, trait.args, found);
}
