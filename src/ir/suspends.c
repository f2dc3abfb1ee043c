// A drop and a defer run while a block is being left, maybe because the task was cancelled: they must not wait for
// others, but for what a shield limits. The builder marks what a defer runs (INTRINSIC_polls_hold). Nor may a merge
// wait: what is merged of one task would be held up, or lost, with another one. What `with` of a Mutex calls must not
// wait either: all who want the mutex would wait with it.
#include "ir/suspends.h"
#include "astdb/impls.h"

typedef struct {
    uint8_t held, shields; // how many defers are being run, how many shields hold
    bool is_known;
} State;

typedef struct {
    Jir *jir;
    Effects *effects;
    const JirFn *fn;
    State *states; // by block: where it begins
    VecU32 work;
    State now;
    MapU64 told; // tokens
} Suspends;

typedef enum { IN_NOTHING, IN_DROP, IN_MERGE } Unbroken;

static Unbroken unbroken(const Jir *jir, const JirFn *fn) {
    const Program *p = jir->program;
    const Decl *decl = program_decl(p, fn->decl);
    if (fn->closure.v || decl->kind != DECL_FUNC || !decl->impl.v)
        return IN_NOTHING;
    DeclId trait = p->impls.items[decl->impl.v].trait;
    return !trait.v                           ? IN_NOTHING
           : trait.v == p->lang[LANG_DROP].v  ? IN_DROP
           : trait.v == p->lang[LANG_MERGE].v ? IN_MERGE
                                              : IN_NOTHING;
}

static bool runs_defers(const JirFn *fn) {
    for (uint32_t i = 0; i < fn->blocks.count; i++)
        for (uint32_t s = 0; s < fn->blocks.items[i].stmts.count; s++) {
            const JirStmt *stmt = &fn->blocks.items[i].stmts.items[s];
            if (stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_polls_hold)
                return true;
        }
    return false;
}

static void report(Suspends *it, const JirStmt *stmt, Unbroken in) {
    const Program *p = it->jir->program;
    if (!stmt->token || map_get(&it->told, stmt->token, NULL))
        return;
    map_set(&it->told, stmt->token, 1);
    Span at = ast_token_span(program_module(p, it->fn->module)->ast, (TokenId){stmt->token});
    if (in == IN_MERGE) {
        Report *r = diag_report(p->diags, DIAG_E1040, at, "a `merge` cannot wait");
        report_label(r, "this waits for other tasks");
        report_note(r, decl_span(p, it->fn->decl), "one task merges what others have added, too, and holds them up");
        report_help(r, "let the tasks wait before they add, and `merge` only put together");
        return;
    }
    if (in == IN_DROP) {
        Report *r = diag_report(p->diags, DIAG_E1012, at, "a `drop` cannot wait");
        report_label(r, "this waits for other tasks");
        report_note(r, decl_span(p, it->fn->decl), "it also runs when its task is to end");
        report_help(r, "wait in a method that the owner calls before; `try_send` and `close` of a channel do not wait");
        return;
    }
    Report *r = diag_report(p->diags, DIAG_E1013, at, "a `defer` cannot wait outside of a `shield`");
    report_label(r, "this waits for other tasks, also when its own is to end");
    report_help(r, "say how long it may take: `shield(2s) do … end`");
}

static void follow(Suspends *it, const JirStmt *stmt) {
    if (stmt->op != OP_INTRINSIC)
        return;
    switch ((IntrinsicId)stmt->number) {
    case INTRINSIC_polls_hold: {
        const JirArg *by = &it->fn->args.items[stmt->args];
        bool begins = it->fn->operands.items[by->value.v].low == 1;
        it->now.held = (uint8_t)(it->now.held + (begins ? 1 : -1));
        return;
    }
    case INTRINSIC_shield_enter: it->now.shields++; return;
    case INTRINSIC_shield_leave: it->now.shields--; return;
    default: return;
    }
}

static void reach(void *context, uint32_t target) {
    Suspends *it = context;
    if (it->states[target].is_known)
        return;
    it->states[target] = it->now;
    vec_push(&it->work, target);
}

static void check_block(Suspends *it, uint32_t index, Unbroken in) {
    const JirBlock *block = &it->fn->blocks.items[index];
    it->now = it->states[index];
    for (uint32_t s = 0; s < block->stmts.count; s++) {
        const JirStmt *stmt = &block->stmts.items[s];
        follow(it, stmt);
        bool is_asked = in || (it->now.held && !it->now.shields);
        if (is_asked && effects_of_statement(it->effects, it->fn, stmt, in ? EFFECT_SUSPEND : EFFECT_WAITS))
            report(it, stmt, in);
    }
    for (uint32_t t = 0; t < block->term.target_count; t++)
        reach(it, block->term.targets[t].v);
}

// ---- `with` of a Mutex ----------------------------------------------------------------------------------------------

static bool is_with(const Program *p, const JirStmt *stmt) {
    if (stmt->op != OP_CALL || !stmt->callee || !stmt->callee->decl.v)
        return false;
    const Decl *decl = program_decl(p, stmt->callee->decl);
    return decl->impl.v && type_is_lang(p, p->impls.items[decl->impl.v].self, LANG_MUTEX) &&
           text_equal(decl_name(p, stmt->callee->decl), TEXT("with"));
}

// What the function makes of that type; NULL: it does not.
static const JirFn *closure_made(const Jir *jir, const JirFn *fn, TypeId type) {
    for (uint32_t i = 0; i < fn->blocks.count; i++)
        for (uint32_t s = 0; s < fn->blocks.items[i].stmts.count; s++) {
            const JirStmt *stmt = &fn->blocks.items[i].stmts.items[s];
            if (stmt->op == OP_MAKE_CLOSURE && jir_place_type(fn, stmt->dst).v == type.v)
                return jir->fns.items[stmt->callee->instance.v];
        }
    return NULL;
}

static void report_section(Suspends *it, const JirFn *fn, const JirStmt *stmt, Span with) {
    const Program *p = it->jir->program;
    if (!stmt->token || map_get(&it->told, stmt->token, NULL))
        return;
    map_set(&it->told, stmt->token, 1);
    Span at = ast_token_span(program_module(p, fn->module)->ast, (TokenId){stmt->token});
    Report *r = diag_report(p->diags, DIAG_E1030, at, "what runs in `with` of a Mutex cannot wait");
    report_label(r, "this waits for other tasks");
    report_note(r, with, "whoever wants the Mutex meanwhile waits, too");
    report_help(r, "do it after `with`, with what that gives; or hold the Mutex by a guard: `var guard = m.lock()`");
}

// The closure, and those that it gives to what it calls.
static void check_section(Suspends *it, const JirFn *fn, Span with) {
    for (uint32_t i = 0; i < fn->blocks.count; i++)
        for (uint32_t s = 0; s < fn->blocks.items[i].stmts.count; s++) {
            const JirStmt *stmt = &fn->blocks.items[i].stmts.items[s];
            bool is_join = stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_nursery_join; // the end says it
            if (!is_join && effects_of_statement(it->effects, fn, stmt, EFFECT_SUSPEND)) {
                report_section(it, fn, stmt, with);
                continue;
            }
            if (stmt->op != OP_CALL || !stmt->callee)
                continue;
            for (uint32_t a = 0; a < stmt->callee->type_arg_count; a++) {
                const JirFn *given = closure_made(it->jir, fn, stmt->callee->type_args[a]);
                if (given)
                    check_section(it, given, with);
            }
        }
}

static void check_sections(Suspends *it) {
    const JirFn *fn = it->fn;
    for (uint32_t i = 0; i < fn->blocks.count; i++)
        for (uint32_t s = 0; s < fn->blocks.items[i].stmts.count; s++) {
            const JirStmt *stmt = &fn->blocks.items[i].stmts.items[s];
            if (!is_with(it->jir->program, stmt))
                continue;
            effects_infer(it->effects, fn->decl);
            const Ast *ast = program_module(it->jir->program, fn->module)->ast;
            Span with = ast_token_span(ast, (TokenId){stmt->token});
            for (uint32_t a = 0; a < stmt->callee->type_arg_count; a++) {
                const JirFn *section = closure_made(it->jir, fn, stmt->callee->type_args[a]);
                if (section)
                    check_section(it, section, with);
            }
        }
}

void ir_check_suspends(Jir *jir, Effects *effects, const JirFn *fn) {
    Suspends sections = {.jir = jir, .effects = effects, .fn = fn};
    check_sections(&sections);
    map_free(&sections.told);
    Unbroken in = unbroken(jir, fn);
    if (!in && !runs_defers(fn))
        return;
    Suspends it = {.jir = jir, .effects = effects, .fn = fn};
    it.states = ARENA_ARRAY(jir->arena, State, fn->blocks.count);
    memset(it.states, 0, fn->blocks.count * sizeof *it.states);
    effects_infer(effects, fn->decl);
    it.now.is_known = true;
    reach(&it, 0);
    while (it.work.count)
        check_block(&it, vec_pop(&it.work), in);
    vec_free(&it.work);
    map_free(&it.told);
}
