// The order of the stages, and nothing else.
//
//   read, parse → names → signatures → bodies → JIR → ownership     the front end: pipeline_check
//   → instances (drops of each body first) → code → link            the back end: pipeline_build
//
// A stage reports what it finds and always finishes; the next one runs if it can tell the user more. The bodies of the
// user's files go through the front end all, those of std when an instance first wants them.
#include "calculus/calculus.h"
#include "driver/session.h"
#include "interp/interp.h"
#include "ir/build.h"
#include "ir/effects.h"
#include "ir/mono.h"
#include "ir/suspends.h"
#include "ir/task_facts.h"
#include "sema/sema.h"
#include "syntax/syntax.h"
#include "llvm/llvm.h"

// ---- one body ------------------------------------------------------------------------------------------------------

typedef enum { FN_UNSEEN, FN_GOOD, FN_EXACT, FN_BAD } FnState; // EXACT: good, and its drops are exact

// In debug builds of the compiler, every function is verified after each stage that touched it.
static void verify(Session *s, uint32_t first, uint32_t end, const char *stage) {
#ifdef JANUS_VERIFY
    for (uint32_t i = first; i < end; i++) {
        Buffer why = {0};
        const JirFn *fn = s->jir->fns.items[i];
        if (jir_verify(s->jir, fn, &why))
            continue;
        jir_print_fn(s->jir, fn, &why);
        internal_error("bad JIR after %s: %.*s", stage, TEXT_ARG(buffer_view(&why)));
    }
#else
    (void)s, (void)first, (void)end, (void)stage;
#endif
}

// Once its drops are exact, a function is judged a second time, by who knows nothing of how they were decided.
static void verify_calculus(Session *s, uint32_t first, uint32_t end) {
#ifdef JANUS_VERIFY
    for (uint32_t i = first; i < end && !s->options.ignore_ownership; i++) {
        Buffer why = {0};
        const JirFn *fn = s->jir->fns.items[i];
        if (calculus_check(s->jir, fn, &why))
            continue;
        buffer_char(&why, '\n');
        jir_print_fn(s->jir, fn, &why);
        internal_error("ownership and the calculus disagree: %.*s", TEXT_ARG(buffer_view(&why)));
    }
#else
    (void)s, (void)first, (void)end;
#endif
}

// JIR of a checked body and of the closures in it, with ownership decided.
static bool finish_body(Session *s, DeclId decl) {
    uint32_t first = s->jir->fns.count;
    s->fn_firsts.items[decl.v] = first;
    JirFn *fn = ir_build(s->jir, decl);
    session_stage_done(s, "build");
    if (!fn)
        return true;
    verify(s, first, s->jir->fns.count, "build");
    bool good = true;
    for (uint32_t i = first; i < s->jir->fns.count; i++)
        good = ir_check_ownership(s->jir, s->jir->fns.items[i]) && good;
    s->fn_ends.items[decl.v] = s->jir->fns.count;
    bool is_done = s->options.check_only && !s->program->has_tasks && !s->options.task_facts &&
                   !s->has_tails; // else it is asked once more: check_suspends, check_tails
    for (uint32_t i = first; is_done && i < s->jir->fns.count; i++)
        jir_fn_release(s->jir->fns.items[i]);
    session_stage_done(s, "ownership");
    return good;
}

// Only what becomes an instance needs exact drops: checking a program does not.
static void finish_drops(Session *s, DeclId decl) {
    if (s->fn_states.items[decl.v] != FN_GOOD)
        return;
    for (uint32_t i = s->fn_firsts.items[decl.v]; i < s->fn_ends.items[decl.v]; i++)
        ir_elaborate_drops(s->jir, s->jir->fns.items[i]);
    verify(s, s->fn_firsts.items[decl.v], s->fn_ends.items[decl.v], "drops");
    if (!s->judges_calculus)
        verify_calculus(s, s->fn_firsts.items[decl.v], s->fn_ends.items[decl.v]);
    s->fn_states.items[decl.v] = FN_EXACT;
    session_stage_done(s, "drops");
}

static bool prepare_body(Session *s, DeclId decl) {
    while (s->fn_states.count <= decl.v) {
        vec_push(&s->fn_states, FN_UNSEEN);
        vec_push(&s->fn_firsts, 0);
        vec_push(&s->fn_ends, 0);
    }
    if (s->fn_states.items[decl.v] == FN_UNSEEN) {
        bool good = sema_body(s->sema, decl);
        session_stage_done(s, "bodies");
        good = good && finish_body(s, decl);
        s->fn_states.items[decl.v] = good ? FN_GOOD : FN_BAD;
    }
    return s->fn_states.items[decl.v] != FN_BAD;
}

static JirFn *demand_body(void *context, DeclId decl) {
    Session *s = context;
    session_stage_done(s, "instances");
    if (!prepare_body(s, decl))
        return NULL;
    finish_drops(s, decl);
    return ir_build(s->jir, decl);
}

// ---- the front end -------------------------------------------------------------------------------------------------

static bool has_body(const Program *p, DeclId id) {
    const Decl *decl = program_decl(p, id);
    if (program_module(p, decl->module)->is_std)
        return false;
    switch (decl->kind) {
    case DECL_TEST:
    case DECL_CONST: return true;
    case DECL_FUNC: return ast_func(program_ast(p, id), decl->node).body.v != 0;
    default: return false;
    }
}

static void check_names(Session *s) {
    uint32_t modules = s->program->modules.count;
    for (uint32_t i = 1; i < modules; i++)
        sema_collect(s->sema, (ModuleId){i});
    sema_link(s->sema);
    session_stage_done(s, "names");
    for (uint32_t i = 1; i < modules; i++)
        sema_signatures(s->sema, (ModuleId){i});
    session_stage_done(s, "signatures");
}

// ---- constants -----------------------------------------------------------------------------------------------------

// The user's constants are wanted whether they are used or not: each must have a value.
static void want_constants(Session *s) {
    const Program *p = s->program;
    for (uint32_t i = 1; i < p->decls.count; i++) {
        if (program_decl(p, (DeclId){i})->kind == DECL_CONST && has_body(p, (DeclId){i}))
            mono_root(s->mono, (DeclId){i});
    }
}

// Their values, before any code is made: what has none is reported here.
static void find_constant_values(Session *s) {
    ConstBytes value;
    for (uint32_t i = 0; i < s->jir->constant_count; i++)
        interp_eval_const(s->jir, s->jir->constants[i], &value);
    interp_constants_done(s->jir);
}

// A check stops before instances are made, but for what constants need. These bodies come first, because the JIR of all
// others is forgotten as soon as it is judged.
static void check_constants(Session *s) {
    s->options.check_only = false;
    s->mono = mono_new(s->jir, demand_body, s);
    want_constants(s);
    if (mono_run(s->mono))
        find_constant_values(s);
    s->options.check_only = true;
    session_stage_done(s, "constants");
}

// ---- bodies --------------------------------------------------------------------------------------------------------

// A module of std that the program imports opens one: its bodies are looked at later than the user's.
static bool std_opens_nursery(const Program *p) {
    for (uint32_t m = 1; m < p->modules.count; m++) {
        const Module *module = program_module(p, (ModuleId){m});
        uint32_t count = module->is_std && module->ast ? module->ast->node_count : 0;
        for (uint32_t i = 1; i < count; i++)
            if (ast_kind(module->ast, (NodeId){i}) == NODE_NURSERY)
                return true;
    }
    return false;
}

// The user's bodies: first what they mean, all of them, then what becomes of their values. A report on ownership beside
// a declaration that is itself in doubt would only confuse.
static void check_bodies(Session *s) {
    const Program *p = s->program;
    s->program->has_tasks |= std_opens_nursery(p);
    bool declarations_good = diags_error_count(s->diags) == 0;
    for (uint32_t i = 1; i < p->decls.count; i++) {
        if (has_body(p, (DeclId){i}))
            sema_body(s->sema, (DeclId){i});
    }
    sema_finish(s->sema);
    if (declarations_good)
        ir_check_payloads(s->jir);
    session_stage_done(s, "bodies");
    if (diags_error_count(p->diags) == 0)
        sema_find_endless(s->sema);
    if (s->options.check_only && diags_error_count(p->diags) == 0)
        check_constants(s);
    for (uint32_t i = 1; declarations_good && i < p->decls.count; i++) {
        if (has_body(p, (DeclId){i}))
            prepare_body(s, (DeclId){i});
    }
}

static bool demand_effects(void *context, DeclId decl, uint32_t *first, uint32_t *end) {
    Session *s = context;
    if (!prepare_body(s, decl))
        return false;
    *first = s->fn_firsts.items[decl.v];
    *end = s->fn_ends.items[decl.v];
    return true;
}

// What may not wait, by the effects of what it calls. Without a nursery nothing waits for another task.
static void check_suspends(Session *s) {
    if (!s->program->has_tasks || session_failed(s))
        return;
    Effects *effects = effects_new(s->jir, demand_effects, s);
    for (uint32_t i = 1; i < s->program->decls.count && i < s->fn_states.count; i++) {
        if (!has_body(s->program, (DeclId){i}) || s->fn_states.items[i] != FN_GOOD)
            continue;
        for (uint32_t f = s->fn_firsts.items[i]; f < s->fn_ends.items[i]; f++)
            ir_check_suspends(s->jir, effects, s->jir->fns.items[f]);
    }
    effects_free(effects);
    session_stage_done(s, "effects");
}

// ---- what `tail` promises ------------------------------------------------------------------------------------------

static LlvmTarget target_of(const Session *s) {
    LlvmTarget target = llvm_target_host();
    if (s->options.target)
        llvm_target_find(text_of(s->options.target), &target);
    return target;
}

// What `{. tail .}` promised: known once it is known what is passed in registers.
static void report_not_jumps(Session *s, const LlvmOutput *output) {
    static const char *const LABELS[] = {
        [TAIL_NOT_LAST] = "something is left to do or to drop after it",
        [TAIL_LENDS] = "it is lent what ends with this function",
        [TAIL_NO_ROOM] = "it is given a value that does not fit into registers",
    };
    static const char *const HELPS[] = {
        [TAIL_NOT_LAST] = "let the call be the last that happens: what is computed after it can be a parameter",
        [TAIL_LENDS] = "give it with `own`, or lend what this function is lent itself",
        [TAIL_NO_ROOM] = "lend it, or let this function be given a value of that size by `own`, too",
    };
    for (uint32_t i = 0; i < output->not_jump_count; i++) {
        LlvmNotJump it = output->not_jumps[i];
        const JirFn *fn = jir_fn(s->jir, it.fn);
        Span span = ast_token_span(program_module(s->program, fn->module)->ast, (TokenId){it.token});
        Report *report = diag_report(s->diags, DIAG_E0724, span, "this call is no jump");
        report_label(report, "%s", LABELS[it.obstacle]);
        report_note(report, decl_span(s->program, fn->decl),
                    "`%.*s` is declared to need no stack for calls that come back to it",
                    TEXT_ARG(decl_name(s->program, fn->decl)));
        report_help(report, "%s", HELPS[it.obstacle]);
    }
}

static bool is_tail(const Program *p, DeclId id) {
    return has_body(p, id) && decl_has_attribute(p, id, "tail");
}

static bool find_tails(const Program *p) {
    for (uint32_t i = 1; i < p->decls.count; i++)
        if (is_tail(p, (DeclId){i}))
            return true;
    return false;
}

// A build asks when it makes the code. A check makes that of these functions only, and leaves generic ones alone.
static void check_tails(Session *s) {
    if (!s->has_tails || !s->options.check_only || session_failed(s))
        return;
    s->options.check_only = false;
    for (uint32_t i = 1; i < s->program->decls.count; i++) {
        const Signature *sig = is_tail(s->program, (DeclId){i}) ? program_signature(s->program, (DeclId){i}) : NULL;
        if (sig && !sig->type_param_count)
            mono_root(s->mono, (DeclId){i});
    }
    bool good = mono_run(s->mono);
    if (good)
        find_constant_values(s);
    s->options.check_only = true;
    LlvmInput input = {.jir = s->jir,
                       .instances = s->jir->instances,
                       .instance_count = s->jir->instance_count,
                       .constant = interp_eval_const};
    LlvmOptions options = {.target = target_of(s), .emit = LLVM_NOTHING, .units = 1};
    LlvmOutput output = {0};
    Text message = {0};
    if (good && llvm_compile(&input, options, s->arena, &output, &message))
        report_not_jumps(s, &output);
    session_stage_done(s, "code");
}

bool pipeline_check(Session *session) {
    if (!loader_load(session))
        return false;
    check_names(session);
    session->has_tails = find_tails(session->program);
    check_bodies(session);
    check_suspends(session);
    check_tails(session);
    return !session_failed(session);
}

// ---- exact JIR -----------------------------------------------------------------------------------------------------

static bool is_exact_wanted(const Program *p, DeclId id, bool with_std) {
    const Decl *decl = program_decl(p, id);
    if (has_body(p, id))
        return true;
    return with_std && decl->kind == DECL_FUNC && program_module(p, decl->module)->is_std && !decl->intrinsic &&
           ast_func(program_ast(p, id), decl->node).body.v != 0;
}

bool pipeline_exact(Session *session, bool with_std, JirVisitFn *visit, void *context) {
    if (!pipeline_check(session))
        return false;
    const Program *p = session->program;
    session->judges_calculus = true;
    for (uint32_t i = 1; i < p->decls.count; i++) {
        if (!is_exact_wanted(p, (DeclId){i}, with_std) || !prepare_body(session, (DeclId){i}))
            continue;
        finish_drops(session, (DeclId){i});
        for (uint32_t f = session->fn_firsts.items[i]; f < session->fn_ends.items[i]; f++)
            visit(context, session->jir->fns.items[f]);
    }
    return !session_failed(session);
}

// ---- facts about tasks ---------------------------------------------------------------------------------------------

// As long as there is JIR, also where ownership is broken.
static bool demand_built(void *context, DeclId decl, uint32_t *first, uint32_t *end) {
    Session *s = context;
    prepare_body(s, decl);
    *first = s->fn_firsts.items[decl.v];
    *end = s->fn_ends.items[decl.v];
    return *end > *first;
}

static bool mentions_tasks(const Program *p, DeclId decl) {
    const Ast *ast = program_ast(p, decl);
    NodeId root = program_decl(p, decl)->node;
    for (NodeId n = ast_first(ast, root); n.v < root.v; n.v++) {
        Text name = ast_kind(ast, n) == NODE_FIELD ? ast_token_text(ast, ast_token(ast, n)) : TEXT("");
        if (ast_kind(ast, n) == NODE_NURSERY || text_equal(name, TEXT("spawn")) ||
            text_equal(name, TEXT("spawn_isolated")))
            return true;
    }
    return false;
}

static bool wants_task_facts(const Session *s, DeclId id, bool with_others) {
    const Program *p = s->program;
    if (program_package_of(p, program_decl(p, id)->module).v == PACKAGE_OWN)
        return has_body(p, id);
    return with_others && is_exact_wanted(p, id, true) && mentions_tasks(p, id);
}

bool pipeline_task_facts(Session *session, bool with_others) {
    session->options.task_facts = true;
    bool good = pipeline_check(session);
    if (session->fn_states.count == 0)
        return good;
    Effects *effects = effects_new(session->jir, demand_built, session);
    uint32_t first, end;
    for (uint32_t i = 1; i < session->program->decls.count; i++)
        if (wants_task_facts(session, (DeclId){i}, with_others) && demand_built(session, (DeclId){i}, &first, &end))
            ir_find_task_facts(session->jir, effects, (DeclId){i}, first, end, session->fn_states.items[i] != FN_BAD);
    effects_free(effects);
    session_stage_done(session, "effects");
    return good && !session_failed(session);
}

// ---- instances -----------------------------------------------------------------------------------------------------

static JirFnId find_main(Session *s) {
    Program *p = s->program;
    const Module *root = program_module(p, p->root);
    uint32_t decl;
    SymbolId name = intern(p->symbols, TEXT("main"));
    if (map_get(&root->names, name.v, &decl) && program_decl(p, (DeclId){decl})->kind == DECL_FUNC)
        return mono_entry(s->mono, mono_root(s->mono, (DeclId){decl}));
    Report *report = diag_report(s->diags, DIAG_E0003, (Span){0}, "%s has no function `main`",
                                 diags_source(s->diags, root->file)->path);
    report_help(report, "a program begins at `func main() do … end`; `janus check` does not need one");
    return (JirFnId){0};
}

// In a package, tests are named after their modules too.
static Text test_name(Session *s, const Decl *decl) {
    const Ast *ast = program_module(s->program, decl->module)->ast;
    Text name = ast_string_value(ast, ast_test(ast, decl->node).name, s->arena);
    if (!s->graph)
        return name;
    return arena_printf(s->arena, "%.*s: %.*s", TEXT_ARG(program_module(s->program, decl->module)->path),
                        TEXT_ARG(name));
}

static void find_tests(Session *s) {
    const Program *p = s->program;
    Text filter = s->options.test_filter ? text_of(s->options.test_filter) : TEXT("");
    for (uint32_t i = 1; i < p->decls.count; i++) {
        const Decl *decl = program_decl(p, (DeclId){i});
        if (decl->kind != DECL_TEST || program_package_of(p, decl->module).v != PACKAGE_OWN)
            continue;
        Text name = test_name(s, decl);
        if (filter.size == 0 || memmem(name.data, name.size, filter.data, filter.size))
            vec_push(&s->tests, (JirTest){name, mono_entry(s->mono, mono_root(s->mono, (DeclId){i}))});
    }
}

bool pipeline_instances(Session *s) {
    if (!pipeline_check(s))
        return false;
    s->mono = mono_new(s->jir, demand_body, s);
    want_constants(s);
    if (s->options.tests)
        find_tests(s);
    else
        s->main_fn = find_main(s);
    bool good = !session_failed(s) && mono_run(s->mono);
    if (good)
        find_constant_values(s);
    session_stage_done(s, "instances");
    return good && !session_failed(s);
}

// ---- code ----------------------------------------------------------------------------------------------------------

static bool make_code(Session *s, LlvmEmit emit, LlvmOutput *output) {
    if (!pipeline_instances(s))
        return false;
    LlvmInput input = {
        .jir = s->jir,
        .instances = s->jir->instances,
        .instance_count = s->jir->instance_count,
        .main = s->main_fn,
        .constant = interp_eval_const,
        .tests = s->tests.items,
        .test_count = s->tests.count,
    };
    LlvmOptions options = {
        .target = target_of(s),
        .emit = emit,
        .release = s->options.release,
        .debug_info = !s->options.release,
        .check_memory = s->options.check_memory,
        .units = emit == LLVM_OBJECT ? 0 : 1,
    };
    Text message = {0};
    bool good = llvm_compile(&input, options, s->arena, output, &message);
    invariant(good, "code generation failed: %.*s", TEXT_ARG(message));
    report_not_jumps(s, output);
    session_stage_done(s, "code");
    return good && !session_failed(s);
}

static bool link_program(Session *s, const LlvmOutput *objects, const char *path) {
    LinkOptions options = {
        .target = target_of(s),
        .strip = s->options.release,
        .line_table = true,
        .check_memory = s->options.check_memory,
        .linker = s->options.linker,
    };
    Text message = {0};
    bool good = llvm_link(objects->units, objects->count, path, options, s->arena, &message);
    if (!good) {
        Report *report = diag_report(s->diags, DIAG_E0902, (Span){0}, "cannot link %s", path);
        report_note(report, (Span){0}, "%.*s", TEXT_ARG(message));
    }
    session_stage_done(s, "link");
    return good;
}

// Asked before the work, so that a bad path costs no time and nothing is lost.
static bool check_output(Session *s, const char *path) {
    OsResult result = os_check_writable(path);
    if (!result.ok)
        diag_report(s->diags, DIAG_E0901, (Span){0}, "cannot write %s: %s", path, result.message);
    return result.ok;
}

bool pipeline_build(Session *session, const char *output) {
    LlvmOutput objects = {0};
    bool good = check_output(session, output) && make_code(session, LLVM_OBJECT, &objects) &&
                session_may_write(session, output) && link_program(session, &objects, output);
    invariant(good || session_failed(session), "a stage failed without a report");
    return good;
}

// ---- other ends ----------------------------------------------------------------------------------------------------

static bool emit_tree(Session *s, EmitKind kind, Buffer *out) {
    if (!loader_load(s))
        return false;
    const Ast *ast = program_module(s->program, s->program->root)->ast;
    if (kind == EMIT_TOKENS)
        syntax_emit_tokens(s->diags, ast, out);
    else
        ast_print(ast, s->program->symbols, out);
    return true;
}

static bool emit_jir(Session *s, Buffer *out) {
    if (!pipeline_check(s))
        return false;
    for (uint32_t i = 1; i < s->jir->fns.count; i++) {
        const JirFn *fn = s->jir->fns.items[i];
        if (!program_module(s->program, fn->module)->is_std)
            jir_print_fn(s->jir, fn, out);
    }
    return true;
}

// The effects of each of the user's functions and tests, a line each.
static bool emit_effects(Session *s, Buffer *out) {
    if (!pipeline_check(s))
        return false;
    Effects *effects = effects_new(s->jir, demand_effects, s);
    for (uint32_t i = 1; i < s->program->decls.count; i++) {
        const Decl *decl = program_decl(s->program, (DeclId){i});
        if (!has_body(s->program, (DeclId){i}) || decl->kind != DECL_FUNC)
            continue;
        effects_infer(effects, (DeclId){i});
        explain_function_name(s->program, (DeclId){i}, out);
        buffer_cstr(out, ": ");
        effects_write(effects, (DeclId){i}, out);
        buffer_char(out, '\n');
    }
    effects_free(effects);
    return true;
}

static bool emit_captures(Session *s, Buffer *out) {
    if (!pipeline_task_facts(s, false))
        return false;
    explain_captures_lines(s, out);
    return true;
}

bool pipeline_emit(Session *session, EmitKind kind, Buffer *out) {
    if (kind == EMIT_TOKENS || kind == EMIT_AST)
        return emit_tree(session, kind, out);
    if (kind == EMIT_JIR)
        return emit_jir(session, out);
    if (kind == EMIT_EFFECTS)
        return emit_effects(session, out);
    if (kind == EMIT_CAPTURES)
        return emit_captures(session, out);
    LlvmOutput output = {0};
    LlvmEmit emit = kind == EMIT_LLVM ? LLVM_IR : kind == EMIT_ASM ? LLVM_ASSEMBLY : LLVM_OBJECT;
    if (!make_code(session, emit, &output))
        return false;
    for (uint32_t i = 0; i < output.count; i++)
        buffer_text(out, output.units[i]);
    return true;
}

static int interpret(Session *session, JirFnId entry, const char *const *arguments, uint64_t random) {
    uint32_t count = 0;
    while (arguments[count])
        count++;
    InterpOptions options = {.entry = entry, .args = arguments, .arg_count = count, .random = random};
    return interp_run(session->jir, options);
}

int pipeline_interpret(Session *session, const char *const *arguments) {
    return interpret(session, session->main_fn, arguments, 0);
}

int pipeline_interpret_test(Session *session, uint32_t test, const char *const *arguments, uint64_t random) {
    return interpret(session, session->tests.items[test].fn, arguments, random);
}

const char *session_llvm_version(void) {
    return llvm_version();
}
