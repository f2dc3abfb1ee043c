// Closures: their parameters from what is wanted, their result from their body, what they capture.
#include "sema/body.h"

// The FUNC type that the context wants, or 0.
static TypeId wanted_func(Body *b, const Want *want) {
    if (want->type.v == 0)
        return (TypeId){0};
    TypeId type = shallow(b, want->type);
    while (type_of(b, type)->kind == TY_OPTIONAL)
        type = shallow(b, first_arg(b, type));
    return func_type_of(b, type);
}

static BindKind bind_kind(ParamMode mode) {
    return mode == MODE_MUT ? BIND_MUT_PARAM : mode == MODE_OWN ? BIND_OWN_PARAM : BIND_PARAM;
}

static void check_params(Body *b, AstList params, TypeId hint, bool is_broken, TypeId *types, uint8_t *modes) {
    const Type *h = hint.v != 0 ? type_of(b, hint) : NULL;
    uint32_t mark = scope_mark(b), known = h != NULL ? h->arg_count - 1 : 0;
    for (uint32_t i = 0; i < params.count; i++) {
        NodeId node = AST_ITEM(params, i);
        AstParam param = ast_param(b->ast, node);
        Span span = param.name.v != 0 ? ast_token_span(b->ast, param.name) : span_of(b, node);
        b->env.allow_dyn = param.type.v != 0 && param.mode != MODE_OWN;
        if (param.type.v != 0)
            types[i] = sema_type(&b->env, param.type);
        else
            types[i] = i < known ? h->args[i] : is_broken ? poison(b) : fresh(b, span);
        modes[i] =
            (uint8_t)(param.mode == MODE_BORROW && i < known && param.type.v == 0 ? h->modes[i] : (uint8_t)param.mode);
        b->facts->types[node.v] = shallow(b, types[i]);
        SymbolId name = param.name.v != 0 ? ast_symbol(b->ast, param.name) : (SymbolId){0};
        scope_add(b, name, node, span, types[i], bind_kind((ParamMode)modes[i]));
    }
    scope_names_once(b, mark, mark);
}

// Those that are taken apart; what they are called is in scope only then, so that the whole has no name.
static void check_param_patterns(Body *b, NodeId closure, AstList params, const TypeId *types, const uint8_t *modes,
                                 uint32_t mark) {
    bool has_patterns = false;
    for (uint32_t i = 0; i < params.count; i++) {
        NodeId pattern = ast_param(b->ast, AST_ITEM(params, i)).pattern;
        if (pattern.v == 0)
            continue;
        has_patterns = true;
        Span at = span_of(b, pattern);
        if (modes[i] == MODE_BORROW && binds_by_mut(b, pattern)) {
            Report *r = REPORT(b, E0380, at, "cannot lend a part as `mut`: the whole is only borrowed");
            report_help(r, "where the closure may change it, take the whole by `mut` too: `mut (mut a, b)`");
        }
        check_pattern_beside(b, pattern, types[i], BIND_LET, false, mark);
    }
    if (has_patterns)
        vec_push(&b->matches, closure.v);
}

static void report_param_count(Body *b, NodeId n, uint32_t found, uint32_t wanted) {
    Report *r = REPORT(b, E0434, span_of(b, n), "this closure takes %u parameter%s, but %u %s wanted", found,
                       found == 1 ? "" : "s", wanted, wanted == 1 ? "is" : "are");
    report_label(r, "it is called with %u argument%s", wanted, wanted == 1 ? "" : "s");
}

static void set_result(Body *b, Frame *frame, TypeId result) {
    const Type *t = type_of(b, shallow_keep(b, result));
    frame->result = result;
    if (t->kind == TY_RESULT) {
        frame->full_result = result;
        frame->declared = t->args[0];
        frame->result = t->args[1];
    }
}

// The result a closure must have, where that is known before its body. Where only the errors are, the body says what
// the value is.
static void known_result(Body *b, Frame *frame, AstClosure e, TypeId hint) {
    if (e.result.v != 0) {
        set_result(b, frame, sema_type(&b->env, e.result));
        frame->result_span = span_of(b, e.result);
        return;
    }
    if (hint.v == 0)
        return;
    const Type *h = type_of(b, hint);
    TypeId result = full_type(b, h->args[h->arg_count - 1]);
    const Type *r = type_of(b, result);
    bool knows_errors = r->kind == TY_RESULT && !(type_of(b, r->args[0])->flags & TYPE_HAS_VAR);
    if (!(r->flags & TYPE_HAS_VAR) || knows_errors)
        set_result(b, frame, result);
}

static TypeId check_known_body(Body *b, AstClosure e, Frame *frame) {
    TypeKind kind = kind_of_type(b, frame->result);
    Want want = {.type = frame->result, .why = WHY_CLOSURE, .span = frame->result_span};
    if (kind_of(b, e.body) == NODE_BLOCK) {
        check_body_block(b, e.body, &want);
    } else if (kind == TY_VOID || kind == TY_POISON) {
        frame->last = e.body;
        check_statement(b, e.body);
    } else {
        frame->last = e.body;
        check_expr(b, e.body, &want);
    }
    if (kind == TY_VAR && diverges(b, b->facts->types[e.body.v])) // without a `return` that says it
        infer_unify(b->infer, frame->result, builtin(b, TY_NEVER));
    return frame->result;
}

static TypeId check_open_body(Body *b, AstClosure e, Frame *frame) {
    TypeId type = kind_of(b, e.body) == NODE_BLOCK ? check_block(b, e.body, &(Want){0}) : check_value(b, e.body);
    TypeKind kind = kind_of_type(b, type);
    if (frame->returned.v == 0)
        return kind == TY_NULL ? type_unary(b->types, TY_OPTIONAL, fresh(b, span_of(b, e.body))) : type;
    if (kind == TY_NEVER)
        return frame->returned;
    TypeId common = join(b, frame->returned, type);
    if (common.v == 0) {
        report_mismatch(b, e.body, type,
                        &(Want){.type = frame->returned, .why = WHY_CLOSURE, .span = frame->returned_span});
        return poison(b);
    }
    return common;
}

// The errors of a closure or nursery, which nothing says.
TypeId inferred_errors(Body *b, NodeId n, ErrorSet *set, const char *what) {
    if (set->included.count == 1 && set->variants.count == 0)
        return type_intern(b->types, &(Type){.kind = TY_INFERRED_SET, .decl = {set->included.items[0]}});
    if (set->included.count > 0 && !errors_reached(b, set)) {
        Report *r = REPORT(b, E0514, span_of(b, n), "the errors of this %s are not known here", what);
        report_help(r, "write the result types of the functions that fail in it with their errors: `-> E!T`");
        return poison(b);
    }
    return error_set_type(b->types, b->arena, set->variants.items, set->variants.count);
}

static void keep_captures(Body *b, NodeId n, const Frame *frame) {
    VecU32 *items = &b->facts->capture_items;
    if (items->count == 0)
        vec_push(items, 0); // index 0 is no run
    b->facts->captures[n.v] = items->count;
    for (uint32_t i = 0; i < frame->captures.count; i++)
        vec_push(items, frame->captures.items[i]);
    vec_push(items, 0);
}

TypeId closure_type(Body *b, NodeId n) {
    const Signature *sig = program_signature(b->program, b->decl);
    uint32_t count = sig == NULL ? 0 : sig->type_param_count;
    TypeId *args = ARENA_ARRAY(b->arena, TypeId, count + 1);
    for (uint32_t i = 0; i < count; i++)
        args[i] = type_param(b->types, sig->type_params[i]);
    return type_intern(b->types,
                       &(Type){.kind = TY_CLOSURE, .decl = b->decl, .node = n, .args = args, .arg_count = count});
}

TypeId check_closure(Body *b, NodeId n, const Want *want) {
    AstClosure e = ast_closure(b->ast, n);
    TypeId hint = wanted_func(b, want);
    bool is_broken = hint.v != 0 && type_of(b, hint)->arg_count - 1 != e.params.count;
    if (is_broken) {
        const Type *wanted = type_of(b, hint);
        report_param_count(b, n, e.params.count, wanted->arg_count - 1);
        poison_unknown(b, hint); // what it would have given
        hint = (TypeId){0};
    }
    Frame frame = {.outer = b->frame, .depth = b->frame->depth + 1, .closure = n, .result_span = main_span(b, n)};
    ErrorSet set = {0};
    TypeId *types = ARENA_ARRAY(b->arena, TypeId, e.params.count + 1);
    uint8_t *modes = ARENA_ARRAY(b->arena, uint8_t, e.params.count + 1);
    b->frame = &frame;
    uint32_t mark = scope_mark(b);
    check_params(b, e.params, hint, is_broken, types, modes);
    check_param_patterns(b, n, e.params, types, modes, mark);
    known_result(b, &frame, e, hint);
    bool known = frame.result.v != 0;
    if (!known)
        frame.set = &set;
    TypeId result = known ? check_known_body(b, e, &frame) : check_open_body(b, e, &frame);
    scope_pop(b, mark);
    b->frame = frame.outer;
    if (frame.full_result.v != 0)
        result = frame.full_result;
    else if (set.variants.count + set.included.count > 0)
        result = type_result(b->types, inferred_errors(b, n, &set, "closure"), result);
    ParamMode self_mode = frame.changes_captures && e.self_mode == MODE_BORROW ? MODE_MUT : e.self_mode;
    bool is_kept_own = hint.v != 0 && !want->is_hint && type_of(b, hint)->self_mode == MODE_OWN;
    if (n.v == b->spawned.v || is_kept_own) // a task runs it once
        self_mode = MODE_OWN;
    TypeId func = type_func(b->types, self_mode, types, modes, e.params.count, result), type = closure_type(b, n);
    Resolution *r = resolve(b, n, REF_CLOSURE);
    r->type = func;
    r->node = n;
    program_set_closure(b->program, type, infer_resolve(b->infer, func)); // again when its types are known: body.c
    keep_captures(b, n, &frame);
    vec_free(&frame.captures);
    vec_free(&set.variants);
    vec_free(&set.included);
    return is_broken ? poison(b) : type;
}
