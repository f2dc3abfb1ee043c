// The ownership check of one function: what runs, and in which order.
#include "ir/own.h"

uint32_t own_class(const Own *own, TypeId type) {
    for (uint32_t i = 0; i < own->numbers.count; i++)
        if (own->numbers.items[i] == type.v)
            return CLASS_PLAIN | CLASS_CHEAP | CLASS_GENERIC;
    return type_class(own->program, type);
}

static void find_numbers(Own *own) {
    const Signature *signature = own->fn->decl.v ? program_signature(own->program, own->fn->decl) : NULL;
    DeclId numeric = own->program->lang[LANG_NUMBER];
    for (uint32_t i = 0; signature && numeric.v && i < signature->bound_count; i++) {
        const Bound *bound = &signature->bounds[i];
        if (bound->trait.v && trait_has_super(own->program, bound->trait, numeric))
            vec_push(&own->numbers, bound->type.v);
    }
}

static void number_stmts(Own *own) {
    uint32_t count = 0;
    own->first_stmt = ARENA_ARRAY(own->arena, uint32_t, own->fn->blocks.count);
    for (uint32_t b = 0; b < own->fn->blocks.count; b++) {
        own->first_stmt[b] = count;
        count += own->fn->blocks.items[b].stmts.count + 1;
    }
    own->stmt_count = count;
    own->first_access = ARENA_ARRAY(own->arena, uint32_t, count + 1);
    own->choices = ARENA_ARRAY(own->arena, uint8_t, count);
    own->demoted = ARENA_ARRAY(own->arena, uint8_t, count);
}

// Locals that may hold borrows. What a read-only parameter itself points to is the caller's matter.
static void find_holders(Own *own) {
    const JirFn *fn = own->fn;
    memset(own->holders, 0, fn->locals.count * sizeof *own->holders);
    own->holder_locals.count = 0;
    for (uint32_t l = 0; l < fn->locals.count; l++) {
        bool is_given = l > 0 && l <= fn->param_count + fn->capture_count;
        bool is_reference = fn->locals.items[l].mode != LOCAL_OWNED && !is_given;
        if (!is_reference && !fn->locals.items[l].is_view && !own_type_borrows(own, fn->locals.items[l].type))
            continue;
        vec_push(&own->holder_locals, l);
        own->holders[l] = own->holder_locals.count;
    }
}

static void prepare(Own *own) {
    find_numbers(own);
    number_stmts(own);
    own->flow = flow_new(own->fn, own->arena);
    own_build_paths(own);
    own->content_only = !own->for_drops && own_is_content_only(own);
    own->holders = ARENA_ARRAY(own->arena, uint32_t, own->fn->locals.count);
    own->lent_roots = ARENA_ARRAY(own->arena, Word, words_for(own->fn->locals.count));
    own->reported = ARENA_ARRAY(own->arena, Word, words_for(own->fn->locals.count));
    own->first_loan = ARENA_ARRAY(own->arena, uint32_t, own->fn->blocks.count);
}

static void find_loans(Own *own) {
    find_holders(own);
    own_flow_values(own);
    if (!own->loans.count)
        return;
    own_solve_holders(own);
    own_solve_loans(own);
}

static void check(Own *own) {
    prepare(own);
    own_find_lent_funcs(own);
    do {
        own_decide(own);
        find_loans(own);
        own->again = false;
        if (own->loans.count)
            own_demote(own);
    } while (own->again);
    if (!own->jir->ignores_ownership)
        own_check_moves(own);
    if (own->paths.count) {
        own_solve_init(own);
        own_check_init(own);
        own_report_uses(own);
    }
    own_check_arguments(own);
    own_check_funcs(own);
    own_check_copied_funcs(own);
    own_check_readers(own);
    own_check_shared(own);
    if (own->loans.count)
        own_check_loans(own);
    own_check_spoilt(own);
    own_mark_lent_captures(own);
    own_commit(own);
}

static void own_free(Own *own) {
    vec_free(&own->accesses);
    vec_free(&own->paths);
    vec_free(&own->numbers);
    vec_free(&own->faults);
    vec_free(&own->holder_locals);
    vec_free(&own->loans);
    vec_free(&own->first_held);
    vec_free(&own->edges);
    vec_free(&own->readers);
    vec_free(&own->panic_locals);
    arena_reset(own->arena);
}

void ir_elaborate_drops(Jir *jir, JirFn *fn) {
    Own own = {.jir = jir, .program = jir->program, .fn = fn, .arena = jir->scratch, .for_drops = true};
    prepare(&own);
    own_collect_accesses(&own);
    own_solve_init(&own);
    own_rewrite_drops(&own);
    own_free(&own);
}

bool ir_check_ownership(Jir *jir, JirFn *fn) {
    Own own = {.jir = jir, .program = jir->program, .fn = fn, .arena = jir->scratch};
    diags_mute(jir->program->diags, jir->ignores_ownership);
    check(&own);
    diags_mute(jir->program->diags, false);
    bool ok = own.errors == 0 || jir->ignores_ownership;
    own_free(&own);
    return ok;
}
