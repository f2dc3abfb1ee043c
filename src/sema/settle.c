// After bodies: the sets of `!T` are closed over their call cycles, and the checks that waited for them are made.
#include "sema/body.h"
#include <stdlib.h>

static int compare_ids(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void sort_unique(VecU32 *v) {
    if (v->count == 0)
        return;
    qsort(v->items, v->count, sizeof *v->items, compare_ids);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < v->count; i++)
        if (v->items[i] != v->items[kept - 1])
            v->items[kept++] = v->items[i];
    v->count = kept;
}

TypeId error_set_type(Types *types, Arena *arena, const uint32_t *variants, uint32_t count) {
    VecU32 sorted = {0};
    for (uint32_t i = 0; i < count; i++)
        vec_push(&sorted, variants[i]);
    sort_unique(&sorted);
    DeclId *decls = ARENA_ARRAY(arena, DeclId, sorted.count + 1);
    for (uint32_t i = 0; i < sorted.count; i++)
        decls[i].v = sorted.items[i];
    TypeId type = type_intern(types, &(Type){.kind = TY_ERROR_SET, .decls = decls, .decl_count = sorted.count});
    vec_free(&sorted);
    return type;
}

// ---- closing the sets -----------------------------------------------------------------------------------------------

static bool include_one(Sema *sema, const MapU64 *by_decl, ErrorSet *set, DeclId from) {
    struct SemaBodies *shared = sema->bodies;
    uint32_t before = set->variants.count, index;
    if (map_get(by_decl, from.v, &index)) {
        const VecU32 *other = &shared->sets.items[index]->variants;
        for (uint32_t i = 0; i < other->count; i++)
            vec_push(&set->variants, other->items[i]);
    } else {
        TypeId type = type_intern(sema->program->types, &(Type){.kind = TY_INFERRED_SET, .decl = from});
        const DeclId *variants;
        uint32_t count;
        if (error_known(sema, type, &variants, &count))
            for (uint32_t i = 0; i < count; i++)
                vec_push(&set->variants, variants[i].v);
    }
    sort_unique(&set->variants);
    return set->variants.count > before;
}

// Sets only grow, so this ends. Callees mostly stand behind their callers: going backwards needs few rounds.
static void close_sets(Sema *sema) {
    struct SemaBodies *shared = sema->bodies;
    MapU64 by_decl = {0};
    for (uint32_t i = 0; i < shared->sets.count; i++) {
        sort_unique(&shared->sets.items[i]->variants);
        sort_unique(&shared->sets.items[i]->included);
        map_set(&by_decl, shared->sets.items[i]->decl.v, i);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = shared->sets.count; i-- > 0;) {
            ErrorSet *set = shared->sets.items[i];
            for (uint32_t k = 0; k < set->included.count; k++)
                changed |= include_one(sema, &by_decl, set, (DeclId){set->included.items[k]});
        }
    }
    map_free(&by_decl);
    for (uint32_t i = 0; i < shared->sets.count; i++) {
        ErrorSet *set = shared->sets.items[i];
        Signature *sig = program_signature(sema->program, set->decl);
        sig->frozen_errors =
            error_set_type(sema->program->types, sema->program->arena, set->variants.items, set->variants.count);
        vec_free(&set->variants);
        vec_free(&set->included);
    }
    shared->sets.count = 0;
}

static const ErrorSet *pending_set(const struct SemaBodies *shared, DeclId decl) {
    for (uint32_t i = shared->sets.count; i-- > 0;)
        if (shared->sets.items[i]->decl.v == decl.v)
            return shared->sets.items[i];
    return NULL;
}

// The variants of one function's set, and the functions whose sets it includes; false if its body is still in work.
static bool reach_one(Body *b, DeclId decl, VecU32 *variants, VecU32 *reached) {
    struct SemaBodies *shared = b->shared;
    if (shared->states[decl.v] <= BODY_QUEUED && shared->depth < 40)
        sema_body(b->sema, decl);
    const DeclId *known;
    uint32_t count;
    TypeId type = type_intern(b->types, &(Type){.kind = TY_INFERRED_SET, .decl = decl});
    if (error_known(b->sema, type, &known, &count)) {
        for (uint32_t i = 0; i < count; i++)
            vec_push(variants, known[i].v);
        return true;
    }
    const ErrorSet *set = shared->states[decl.v] > BODY_IN_WORK ? pending_set(shared, decl) : NULL;
    for (uint32_t i = 0; set != NULL && i < set->variants.count; i++)
        vec_push(variants, set->variants.items[i]);
    for (uint32_t i = 0; set != NULL && i < set->included.count; i++)
        vec_push(reached, set->included.items[i]);
    return set != NULL;
}

bool errors_reached(Body *b, ErrorSet *set) {
    MapU64 seen = {0};
    bool known = true;
    for (uint32_t i = 0; known && i < set->included.count; i++) {
        DeclId decl = {set->included.items[i]};
        if (map_get(&seen, decl.v, NULL))
            continue;
        map_set(&seen, decl.v, 1);
        known = reach_one(b, decl, &set->variants, &set->included);
    }
    map_free(&seen);
    return known;
}

// ---- what waited ----------------------------------------------------------------------------------------------------

static void mark_failed(Sema *sema, DeclId decl, uint32_t errors_before) {
    if (diags_error_count(sema->program->diags) > errors_before)
        sema->bodies->states[decl.v] = BODY_FAILED;
}

// Bounds that the callee's body turned out to need. True if the caller's own bounds grew by it.
static bool judge_late_bound(Sema *sema, const Later *later, bool report) {
    const Signature *sig = program_signature(sema->program, later->callee);
    Body b;
    body_open(&b, sema, later->decl);
    bool grew = false;
    for (uint32_t i = 0; i < sig->bound_count; i++) {
        const Bound *bound = &sig->bounds[i];
        if (!bound->is_inferred || bound->trait.v == 0)
            continue;
        TypeId type = type_subst(b.types, bound->type, (Subst){sig->type_params, later->args, sig->type_param_count});
        ImplMatch match;
        Subst subst = {sig->type_params, later->args, sig->type_param_count};
        TraitRef trait = bound_trait_subst(b.types, bound, subst);
        if (sema_implements_of(&b.env, type, trait, &match) != MATCH_NO)
            continue;
        if (sema_infer_bound(&b.env, type, trait, later->span))
            grew = true;
        else if (report)
            report_bound(&b, &(Obligation){.type = type,
                                           .bound = bound,
                                           .trait_args = trait.args,
                                           .callee = later->callee,
                                           .span = later->span});
    }
    body_close(&b);
    return grew;
}

static void judge_late_bounds(Sema *sema) {
    struct SemaBodies *shared = sema->bodies;
    for (bool grew = true; grew;) {
        grew = false;
        for (uint32_t i = 0; i < shared->later.count; i++)
            if (shared->later.items[i].kind == LATER_BOUND)
                grew |= judge_late_bound(sema, &shared->later.items[i], false);
    }
    for (uint32_t i = 0; i < shared->later.count; i++) {
        uint32_t errors = diags_error_count(sema->program->diags);
        if (shared->later.items[i].kind == LATER_BOUND)
            judge_late_bound(sema, &shared->later.items[i], true);
        mark_failed(sema, shared->later.items[i].decl, errors);
    }
}

static void run_later(Sema *sema) {
    struct SemaBodies *shared = sema->bodies;
    judge_late_bounds(sema);
    for (uint32_t i = 0; i < shared->later.count; i++) {
        Later later = shared->later.items[i];
        uint32_t errors = diags_error_count(sema->program->diags);
        if (later.kind == LATER_COVERS) {
            require_covers_now(sema, later.span, later.given, later.set, later.because);
        } else if (later.kind == LATER_EQUAL) {
            require_comparable_now(sema, later.span, later.given, later.set);
        } else if (later.kind == LATER_FUNC) {
            require_same_errors_now(sema, later.span, later.given, later.set);
        } else if (later.kind == LATER_MATCH) {
            Body b;
            body_open(&b, sema, later.decl);
            check_coverage(&b, later.node);
            body_close(&b);
        }
        mark_failed(sema, later.decl, errors);
    }
    shared->later.count = 0;
}

void settle(Sema *sema) {
    struct SemaBodies *shared = sema->bodies;
    shared->depth++; // bodies checked here do not settle by themselves
    while (shared->queue.count > 0) {
        DeclId decl = {vec_pop(&shared->queue)};
        if (shared->states[decl.v] == BODY_QUEUED)
            sema_body(sema, decl);
    }
    close_sets(sema);
    run_later(sema);
    shared->depth--;
}
