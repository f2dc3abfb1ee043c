// Nurseries, what is spawned in them, and shields.
#include "sema/body.h"

static TypeId duration_type(Body *b) {
    return type_lang(b->program, LANG_DURATION, NULL, 0);
}

// ---- nurseries -----------------------------------------------------------------------------------------------------

static void check_option(Body *b, NodeId arg, NodeId *timeout, NodeId *limit) {
    bool is_named = kind_of(b, arg) == NODE_ARG_NAMED;
    Text name = is_named ? symbol(b->program, name_of(b, arg)) : TEXT("");
    NodeId value = is_named ? ast_unary(b->ast, arg).child : arg;
    bool is_timeout = text_equal(name, TEXT("timeout")), is_limit = text_equal(name, TEXT("limit"));
    NodeId *slot = is_timeout ? timeout : limit;
    if ((!is_timeout && !is_limit) || slot->v != 0) {
        Report *r = REPORT(b, E1003, is_named ? main_span(b, arg) : span_of(b, arg),
                           slot->v != 0 && (is_timeout || is_limit) ? "`%s` is given twice"
                           : is_named                               ? "a nursery has no option `%s`"
                                                                    : "an option of a nursery needs its name%s",
                           is_named ? arena_cstr(b->arena, name) : "");
        report_help(r,
                    "its options are `timeout: 5s`, how long the block may take, and `limit: 100`, how many tasks run "
                    "at a time");
        check_value(b, value);
        return;
    }
    *slot = value;
    check_typed(b, value, is_timeout ? duration_type(b) : builtin(b, TY_I64), WHY_NONE, (Span){0});
}

static TypeId timeout_error(Body *b) {
    return type_nominal(b->types, TY_ERROR, sema_lang(b->sema, LANG_TIMEOUT), NULL, 0);
}

// The errors of the body and its tasks go to the frame's set, or where it is caught to one of its own.
static void check_nursery_body(Body *b, NodeId n, AstNursery e, bool has_timeout) {
    Frame *frame = b->frame;
    NurserySite site = {.outer = b->nursery, .node = n, .frame = frame, .set = frame->set, .declared = frame->declared};
    b->nursery = &site;
    frame->nursery_depth++;
    uint32_t mark = scope_mark(b);
    if (e.binder.v != 0 && ast_token_kind(b->ast, e.binder) == TOK_NAME)
        scope_add(b, ast_symbol(b->ast, e.binder), n, ast_token_span(b->ast, e.binder),
                  type_lang(b->program, LANG_NURSERY, NULL, 0), BIND_LET);
    check_block(b, e.body, &(Want){.is_dropped = true});
    if (has_timeout)
        propagate(b, n, timeout_error(b));
    scope_pop(b, mark);
    frame->nursery_depth--;
    b->nursery = site.outer;
}

static TypeId check_caught(Body *b, NodeId n, AstNursery e, bool has_timeout) {
    Frame *frame = b->frame;
    ErrorSet set = {0}, *outer = frame->set;
    TypeId declared = frame->declared;
    frame->set = &set;
    check_nursery_body(b, n, e, has_timeout);
    frame->set = outer;
    frame->declared = declared;
    TypeId result = builtin(b, TY_VOID);
    if (set.variants.count + set.included.count > 0)
        result = type_result(b->types, inferred_errors(b, n, &set, "nursery"), result);
    vec_free(&set.variants);
    vec_free(&set.included);
    return result;
}

TypeId check_nursery(Body *b, NodeId n, bool is_caught) {
    AstNursery e = ast_nursery(b->ast, n);
    NodeId timeout = {0}, limit = {0};
    b->program->has_tasks = true;
    if (b->frame->defer_depth > 0) {
        Report *r = REPORT(b, E1010, main_span(b, n), "%s cannot open a nursery", b->frame->defer_word);
        report_label(r, "it runs while the block is being left already");
        report_help(r, "open it in a function of its own");
    }
    for (uint32_t i = 0; i < e.args.count; i++)
        check_option(b, AST_ITEM(e.args, i), &timeout, &limit);
    if (is_caught)
        return check_caught(b, n, e, timeout.v != 0);
    check_nursery_body(b, n, e, timeout.v != 0);
    return builtin(b, TY_VOID); // it may be cancelled, and then ends without having come to the end of its body
}

// ---- spawn ---------------------------------------------------------------------------------------------------------

// The nursery that a name means, where it stands around; NULL of a parameter.
static NurserySite *site_of(Body *b, NodeId base) {
    const Resolution *r = facts_resolution(b->facts, base);
    NurserySite *site = b->nursery;
    while (site != NULL && (r == NULL || r->kind != REF_LOCAL || r->node.v != site->node.v))
        site = site->outer;
    return site;
}

// The errors of a task are those of the nursery it runs in.
static void task_fails(Body *b, NodeId call, NurserySite *site, TypeId error) {
    if (site == NULL) {
        if (is_poison(b, error))
            return;
        Report *r = REPORT(b, E1005, call_name_span(b, call), "a task of a nursery from elsewhere cannot fail");
        report_label(r, "who opened the nursery does not know of its `%s`", show(b, error));
        report_help(r, "handle the error in the task with `catch`");
        return;
    }
    Frame *frame = b->frame, *target = site->frame;
    ErrorSet *set = target->set;
    TypeId declared = target->declared;
    target->set = site->set;
    target->declared = site->declared;
    b->frame = target;
    propagate(b, call, error);
    b->frame = frame;
    target->set = set;
    target->declared = declared;
}

static void report_not_spawnable(Body *b, NodeId at, TypeId type, const char *why) {
    Report *r = REPORT(b, E1004, span_of(b, at), "%s", why);
    if (type.v != 0)
        report_label(r, "this is a `%s`", show(b, type));
    report_help(r, "a task is a closure without parameters: `spawn(func() do … end)`");
}

// `owns` says why the task owns all that it captures, NULL if it may borrow.
static TypeId check_task_body(Body *b, NodeId arg, const char *owns) {
    NodeId outer = b->spawned;
    bool is_literal = kind_of(b, arg) == NODE_CLOSURE;
    b->spawned = is_literal ? arg : (NodeId){0};
    TypeId type = check_value(b, arg);
    b->spawned = outer;
    if (is_poison(b, type))
        return poison(b);
    TypeId func = callable_type(b, type);
    if (func.v == 0) {
        report_not_spawnable(b, arg, type, "this cannot be spawned");
        return poison(b);
    }
    if (type_of(b, func)->arg_count != 1) {
        report_not_spawnable(b, arg, func, "nobody would give this task its arguments");
        return poison(b);
    }
    if (owns != NULL && kind_of_type(b, type) == TY_CLOSURE && !is_literal) {
        Report *r = REPORT(b, E1006, span_of(b, arg), "this closure may borrow what ends before its task");
        report_label(r, "%s", owns);
        report_help(r, "write the closure here: `spawn(func() do … end)`");
    }
    return shallow_keep(b, type_of(b, func)->args[0]);
}

static bool is_handle(Body *b, TypeId type) {
    return type_is_lang(b->program, type, LANG_NURSERY) || type_is_lang(b->program, type, LANG_TASK) ||
           type_is_lang(b->program, type, LANG_ISOLATED);
}

static TypeId task_of(Body *b, NodeId arg, TypeId result) {
    if (type_of(b, full_type(b, result))->flags & TYPE_HAS_REF) {
        Report *r = REPORT(b, E1007, span_of(b, arg), "a task cannot give what it borrows");
        report_label(r, "its result is a `%s`", show(b, result));
        report_help(r, is_handle(b, result) ? "join it there, or say that nobody does: `let _ = n.spawn(…)`"
                                            : "give a value of one's own, such as a copy");
        return poison(b);
    }
    if (kind_of_type(b, result) == TY_NEVER)
        result = builtin(b, TY_VOID);
    return lang1(b, LANG_TASK, result);
}

bool check_spawn(Body *b, NodeId call, NodeId base, SymbolId name, ArgList args, TypeId *result) {
    Text text = symbol(b->program, name);
    bool is_isolated = text_equal(text, TEXT("spawn_isolated"));
    if (!is_isolated && !text_equal(text, TEXT("spawn")))
        return false;
    *result = poison(b);
    NodeId arg = args.count == 1 ? (NodeId){args.items[0]} : (NodeId){0};
    if (arg.v == 0 || args.piped.v != 0 || kind_of(b, arg) == NODE_ARG_NAMED || kind_of(b, arg) == NODE_ARG_MUT) {
        for (uint32_t i = 0; i < args.count; i++)
            check_arg_alone(b, (NodeId){args.items[i]});
        report_not_spawnable(b, call, (TypeId){0},
                             is_isolated ? "`spawn_isolated` takes one closure" : "`spawn` takes one closure");
        return true;
    }
    NurserySite *site = site_of(b, base);
    bool is_foreign = site == NULL || site->frame != b->frame;
    const char *owns = is_isolated  ? "an isolated task owns all that it captures"
                       : is_foreign ? "the nursery comes from elsewhere"
                                    : NULL;
    TypeId given = check_task_body(b, arg, owns), error = builtin(b, TY_NEVER);
    if (kind_of(b, arg) == NODE_CLOSURE)
        check_task_captures(b, arg, is_isolated);
    const Type *t = type_of(b, given);
    if (t->kind == TY_RESULT) {
        error = t->args[0];
        given = t->args[1];
        if (!is_isolated)
            task_fails(b, call, site, error);
    }
    if (!is_poison(b, given))
        *result = task_of(b, arg, given);
    if (is_isolated && !is_poison(b, *result)) {
        TypeId parts[2] = {type_of(b, *result)->args[0], error};
        *result = type_lang(b->program, LANG_ISOLATED, parts, 2);
    }
    Resolution *r = resolve(b, call, REF_BUILTIN);
    r->index = is_isolated ? BUILTIN_SPAWN_ISOLATED : BUILTIN_SPAWN;
    r->type = *result;
    return true;
}

// ---- later errors --------------------------------------------------------------------------------------------------

bool check_suppressed(Body *b, NodeId call, NodeId base, SymbolId name, ArgList args, TypeId error, TypeId *result) {
    const Resolution *r = kind_of(b, base) == NODE_NAME ? facts_resolution(b->facts, base) : NULL;
    bool is_caught = r != NULL && r->kind == REF_LOCAL && kind_of(b, r->node) == NODE_CATCH;
    if (!is_caught || args.count > 0 || !text_equal(symbol(b->program, name), TEXT("suppressed")))
        return false;
    const Local *local = scope_find(b, name_of(b, base));
    bool is_inner = local != NULL && b->frame->depth > local->frame;
    if (is_inner || kind_of(b, ast_catch_expr(b->ast, r->node).value) != NODE_NURSERY) {
        Report *report = REPORT(b, E1042, call_name_span(b, call), "no later errors are known of `%s` here",
                                cstr(b, name_of(b, base)));
        report_label(report, is_inner ? "a closure does not have them" : "this is not the error of a nursery");
        report_help(report,
                    is_inner ? "take them before: `let later = %s.suppressed()`"
                             : "catch the error where the nursery ends: `nursery … end catch |%s| do … end`",
                    cstr(b, name_of(b, base)));
        *result = poison(b);
        return true;
    }
    *result = type_lang(b->program, LANG_LIST, &error, 1);
    Resolution *made = resolve(b, call, REF_BUILTIN);
    made->index = BUILTIN_SUPPRESSED;
    made->type = *result;
    return true;
}

// ---- shield --------------------------------------------------------------------------------------------------------

TypeId check_shield(Body *b, NodeId n) {
    AstBinary e = ast_binary(b->ast, n);
    if (e.left.v != 0)
        check_typed(b, e.left, duration_type(b), WHY_NONE, (Span){0});
    TypeId type = check_block(b, e.right, &(Want){.is_dropped = true});
    return diverges(b, type) ? type : builtin(b, TY_VOID);
}

// ---- handles -------------------------------------------------------------------------------------------------------

// A handle as a part of something else; what a function takes or gives is judged where it is declared.
static TypeId handle_in(Body *b, TypeId type, uint32_t depth) {
    const Type *t = type_of(b, type);
    if (t->kind == TY_FUNC || t->kind == TY_CLOSURE || depth > 16)
        return (TypeId){0};
    for (uint32_t i = 0; i < t->arg_count; i++) {
        TypeId found = is_handle(b, t->args[i]) ? t->args[i] : handle_in(b, t->args[i], depth + 1);
        if (found.v != 0)
            return found;
    }
    return (TypeId){0};
}

static void report_handle(Body *b, Span at, TypeId handle, const char *what) {
    bool is_task = !type_is_lang(b->program, handle, LANG_NURSERY);
    Report *r = REPORT(b, E1001, at, "the handle of a %s cannot be %s", is_task ? "task" : "nursery", what);
    report_label(r, "this is a `%s`", show(b, handle));
    report_help(r, is_task ? "join the task in its nursery and hand on what it gives, or send that through a channel"
                           : "use the name the nursery has, or lend it to a function: `func f(n: Nursery)`");
}

// A name of its own for a nursery would be a copy.
static bool binds_nursery(Body *b, NodeId n) {
    NodeKind kind = kind_of(b, n);
    TypeId type = b->facts->types[n.v];
    return (kind == NODE_PAT_BIND || kind == NODE_ASSIGN) && type.v != 0 &&
           type_is_lang(b->program, type, LANG_NURSERY);
}

void check_handles(Body *b, NodeId root) {
    DeclId nursery = sema_lang(b->sema, LANG_NURSERY);
    if (nursery.v == 0 || program_module(b->program, b->module)->is_std)
        return;
    for (uint32_t i = ast_first(b->ast, root).v; i <= root.v; i++) {
        TypeId type = b->facts->types[i];
        if (type.v == 0)
            continue;
        if (binds_nursery(b, (NodeId){i})) {
            report_handle(b, span_of(b, (NodeId){i}), type, "bound to another name");
            return;
        }
        TypeId part = handle_in(b, type, 0);
        if (part.v == 0)
            continue;
        report_handle(b, span_of(b, (NodeId){i}), part, "stored or sent");
        return;
    }
}
