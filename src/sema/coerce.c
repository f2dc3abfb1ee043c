// Conversions that need no word: T to ?T, null, never, a place to its address, closures to func, lists to slices; and
// what is said where a type does not fit.
#include "sema/body.h"

bool is_lang(Body *b, TypeId type, LangItem item) {
    return type_is_lang(b->program, shallow(b, type), item);
}
bool is_boxed(Body *b, TypeId type) {
    return type_is_boxed(b->program, shallow(b, type));
}

bool is_sequence(Body *b, TypeId type) {
    return kind_of_type(b, type) == TY_ARRAY || is_lang(b, type, LANG_LIST) || is_lang(b, type, LANG_SLICE);
}

TypeId unboxed(Body *b, TypeId type) {
    type = shallow(b, type);
    while (is_boxed(b, type))
        type = shallow(b, first_arg(b, type));
    return type;
}

TypeId look_through_boxes(Body *b, NodeId base, TypeId type) {
    TypeId inner = unboxed(b, type);
    if (inner.v != shallow(b, type).v)
        b->facts->wanted[base.v] = inner;
    return inner;
}

TypeId lang1(Body *b, LangItem item, TypeId arg) {
    return type_lang(b->program, item, &arg, 1);
}

// ---- functions ------------------------------------------------------------------------------------------------------

TypeId func_type_of(Body *b, TypeId type) {
    type = shallow(b, type);
    const Type *t = type_of(b, type);
    if (t->kind == TY_FUNC)
        return type;
    if (t->kind != TY_CLOSURE)
        return (TypeId){0};
    const Module *module = program_module(b->program, program_decl(b->program, t->decl)->module);
    const Resolution *r = facts_resolution(module->facts, t->node);
    if (r == NULL || r->kind != REF_CLOSURE)
        return (TypeId){0};
    const Signature *sig = program_signature(b->program, t->decl);
    if (sig == NULL || t->arg_count == 0)
        return r->type;
    return type_subst(b->types, r->type, (Subst){sig->type_params, t->args, t->arg_count});
}

static bool func_fits(Body *b, NodeId n, TypeId actual, TypeId wanted) {
    const Type *a = type_of(b, actual), *w = type_of(b, wanted);
    if (a->arg_count != w->arg_count || a->self_mode > w->self_mode)
        return false;
    for (uint32_t i = 0; i + 1 < a->arg_count; i++)
        if (a->modes[i] != w->modes[i] || !infer_unify(b->infer, a->args[i], w->args[i]))
            return false;
    TypeId result = a->args[a->arg_count - 1], want = w->args[w->arg_count - 1];
    if (infer_unify(b->infer, result, want))
        return true;
    const Type *r = type_of(b, shallow_keep(b, result)), *x = type_of(b, shallow_keep(b, want));
    if (r->kind == TY_RESULT && x->kind == TY_RESULT && infer_unify(b->infer, r->args[1], x->args[1])) {
        require_covers(b, n, r->args[0], x->args[0], (Span){0});
        require_same_errors(b, n, r->args[0], x->args[0]);
        return true;
    }
    return false;
}

// ---- what converts --------------------------------------------------------------------------------------------------

static bool to_reference(Body *b, NodeId n, TypeId actual, TypeId wanted) {
    TypeId target = type_of(b, wanted)->args[0];
    if (!is_place(b, n))
        return false;
    if (infer_unify(b->infer, actual, target))
        return true;
    if (kind_of_type(b, target) != TY_DYN)
        return false;
    if (dyn_holds(b, actual, shallow(b, target)))
        return true;
    actual = unboxed(b, actual);
    return same_type(actual, shallow(b, target)) || dyn_holds(b, actual, shallow(b, target));
}

static bool to_optional(Body *b, NodeId n, TypeId actual, TypeId wanted) {
    TypeId inner = type_of(b, wanted)->args[0], conversion;
    const Type *a = type_of(b, actual);
    if (a->kind != TY_OPTIONAL)
        return can_coerce(b, n, actual, inner, LENT_NO, &conversion);
    TypeId held = shallow_keep(b, a->args[0]);
    const Type *h = type_of(b, held);
    if (h->kind == TY_REF && infer_unify(b->infer, h->args[0], inner))
        return type_class(b->program, full_type(b, inner)) & CLASS_CHEAP;
    return kind_of_type(b, inner) == TY_OPTIONAL && can_coerce(b, n, actual, inner, LENT_NO, &conversion);
}

static bool sequence_item(Body *b, TypeId type, TypeId *item) {
    const Type *t = type_of(b, type);
    if (t->kind != TY_ARRAY && !is_lang(b, type, LANG_LIST) && !is_lang(b, type, LANG_SLICE))
        return false;
    *item = t->args[0];
    return true;
}

static bool to_lent(Body *b, NodeId n, TypeId actual, TypeId wanted, uint8_t lent) {
    TypeId from, to, conversion;
    if (is_boxed(b, actual))
        return can_coerce(b, n, shallow(b, type_of(b, actual)->args[0]), wanted, lent, &conversion);
    if (type_of(b, wanted)->kind == TY_ARRAY || !sequence_item(b, actual, &from) || !sequence_item(b, wanted, &to))
        return false;
    if (lent == LENT_MUT && is_lang(b, wanted, LANG_LIST))
        return false;
    return infer_unify(b->infer, from, to);
}

bool covers_type(Body *b, TypeId set, TypeId error) {
    const DeclId *outer, *inner;
    uint32_t outer_count, inner_count;
    if (!error_known(b->sema, set, &outer, &outer_count) || !error_known(b->sema, error, &inner, &inner_count))
        return true;
    for (uint32_t i = 0, k = 0; i < inner_count; i++) {
        while (k < outer_count && outer[k].v < inner[i].v)
            k++;
        if (k == outer_count || outer[k].v != inner[i].v)
            return false;
    }
    return true;
}

bool can_coerce(Body *b, NodeId n, TypeId actual, TypeId wanted, uint8_t lent, TypeId *conversion) {
    *conversion = (TypeId){0};
    TypeId a = shallow_keep(b, actual), w = shallow_keep(b, wanted);
    const Type *at = type_of(b, a), *wt = type_of(b, w);
    if (same_type(a, w) || at->kind == TY_POISON || wt->kind == TY_POISON)
        return true;
    if (at->kind == TY_NULL && wt->kind == TY_VAR)
        infer_unify(b->infer, w, type_unary(b->types, TY_OPTIONAL, fresh(b, span_of(b, n))));
    if (at->kind == TY_NEVER || at->kind == TY_NULL) {
        *conversion = wanted;
        return at->kind == TY_NEVER || type_of(b, shallow_keep(b, w))->kind == TY_OPTIONAL;
    }
    if (at->kind == TY_ASSOC || wt->kind == TY_ASSOC || at->kind == TY_REF) {
        a = shallow(b, a), w = wt->kind == TY_ASSOC ? shallow(b, w) : w;
        wt = type_of(b, w);
    }
    if (wt->kind != TY_REF && infer_unify(b->infer, a, w))
        return true;
    *conversion = wanted;
    switch (wt->kind) {
    case TY_REF: return to_reference(b, n, a, w);
    case TY_OPTIONAL:
        if (to_optional(b, n, a, w))
            return true;
        break;
    case TY_FUNC: {
        TypeId func = func_type_of(b, a);
        return func.v != 0 && func_fits(b, n, func, w);
    }
    case TY_ERROR:
    case TY_ERROR_SET:
        if (is_error_type(b, a) && covers_type(b, w, a)) {
            require_covers(b, n, a, w, (Span){0});
            return true;
        }
        break;
    case TY_STRUCT:
        if (dyn_boxes(b, a, w))
            return true;
        break;
    case TY_DYN:
        if (lent != LENT_NO && !is_lang(b, a, LANG_BOX) && dyn_holds(b, a, w))
            return true;
        break;
    default: break;
    }
    return lent != LENT_NO && to_lent(b, n, a, w, lent);
}

TypeId coerce(Body *b, NodeId n, TypeId actual, const Want *want) {
    TypeId conversion;
    if (n.v == b->frame->last.v && hand_on(b, n, actual))
        return want->type;
    if (!can_coerce(b, n, actual, want->type, want->lent, &conversion)) {
        report_mismatch(b, n, actual, want);
        return poison(b);
    }
    if (want->why == WHY_RESULT && b->frame->gives_changeable && is_lang(b, actual, LANG_SLICE))
        require_mutable(b, n, "lend it as `mut`", true);
    if (conversion.v == 0)
        return want->type;
    const Type *c = type_of(b, shallow_keep(b, conversion));
    if (c->kind == TY_OPTIONAL)
        c = type_of(b, shallow_keep(b, c->args[0]));
    if (c->kind == TY_REF && c->is_mut && kind_of_type(b, actual) != TY_NEVER && kind_of_type(b, actual) != TY_NULL)
        require_mutable(b, n, "lend it as `mut`", false);
    convert_tails(b, n, conversion);
    return want->type;
}

// ---- branches -------------------------------------------------------------------------------------------------------

TypeId join(Body *b, TypeId a, TypeId c) {
    TypeKind ka = kind_of_type(b, a), kc = kind_of_type(b, c);
    if (ka == TY_NEVER || kc == TY_POISON)
        return c;
    if (kc == TY_NEVER || ka == TY_POISON)
        return a;
    if (ka == TY_NULL)
        return kc == TY_NULL ? a : optional_of(b, c);
    if (kc == TY_NULL)
        return optional_of(b, a);
    if (infer_unify(b->infer, a, c))
        return a;
    if (ka == TY_OPTIONAL && kc != TY_OPTIONAL && infer_unify(b->infer, first_arg(b, a), c))
        return a;
    if (kc == TY_OPTIONAL && ka != TY_OPTIONAL && infer_unify(b->infer, first_arg(b, c), a))
        return c;
    return (TypeId){0};
}

TypeId join_funcs(Body *b, TypeId a, TypeId c) {
    TypeId x = func_type_of(b, a), y = func_type_of(b, c);
    if (x.v == 0 || y.v == 0)
        return (TypeId){0};
    const Type *f = type_of(b, x), *g = type_of(b, y);
    if (f->arg_count != g->arg_count)
        return (TypeId){0};
    for (uint32_t i = 0; i < f->arg_count; i++)
        if ((i + 1 < f->arg_count && f->modes[i] != g->modes[i]) || !infer_unify(b->infer, f->args[i], g->args[i]))
            return (TypeId){0};
    return f->self_mode >= g->self_mode ? x : y;
}

void convert_tails(Body *b, NodeId n, TypeId type) {
    TypeKind kind = kind_of_type(b, b->facts->types[n.v]);
    AstList list;
    switch (kind_of(b, n)) {
    case NODE_BLOCK:
        list = ast_list(b->ast, n);
        if (list.count > 0 && kind != TY_VOID && kind != TY_NEVER)
            convert_tails(b, AST_ITEM(list, list.count - 1), type);
        break;
    case NODE_IF: {
        AstIfExpr e = ast_if_expr(b->ast, n);
        convert_tails(b, e.then_block, type);
        if (e.else_branch.v != 0)
            convert_tails(b, e.else_branch, type);
        break;
    }
    case NODE_MATCH:
        list = ast_match(b->ast, n).arms;
        for (uint32_t i = 0; i < list.count; i++)
            convert_tails(b, ast_arm(b->ast, AST_ITEM(list, i)).body, type);
        break;
    default:
        if (kind != TY_NEVER && !infer_unify(b->infer, b->facts->types[n.v], type))
            b->facts->wanted[n.v] = type;
        return;
    }
    if (kind != TY_NEVER)
        b->facts->types[n.v] = type;
}

// ---- what is said ---------------------------------------------------------------------------------------------------

static void note_argument(Body *b, Report *r, const Want *want) {
    const Signature *sig = program_signature(b->program, want->decl);
    if (sig == NULL || want->index >= sig->param_count)
        return;
    NodeId node = sig->param_nodes[want->index];
    Span span = decl_span(b->program, want->decl);
    if (node.v != 0)
        span = ast_span(program_ast(b->program, want->decl), node);
    report_note(r, span, "`%s` takes `%s` here", cstr(b, program_decl(b->program, want->decl)->name),
                cstr(b, sig->param_names[want->index]));
}

void note_why(Body *b, Report *r, const Want *want) {
    const char *type = show(b, want->type);
    switch (want->why) {
    case WHY_ANNOTATION: report_note(r, want->span, "it is declared as `%s` here", source_text(b, want->span)); break;
    case WHY_RESULT: report_note(r, want->span, "the function returns `%s`", type); break;
    case WHY_VOID_RESULT:
        report_note(r, want->span, "this function has no result type");
        report_help(r, "say what it returns: `-> T` after the parameters");
        break;
    case WHY_ARGUMENT: note_argument(b, r, want); break;
    case WHY_FIELD: report_note(r, decl_span(b->program, want->decl), "the field is declared here"); break;
    case WHY_ASSIGN: report_note(r, want->span, "this place holds `%s`", type); break;
    case WHY_CONDITION:
        report_help(r, "a condition is a `bool`; numbers, texts and lists are compared: `x != 0`, `xs.len > 0`");
        break;
    case WHY_BRANCH: report_note(r, want->span, "the branches before give `%s`", type); break;
    case WHY_ITEM: report_note(r, want->span, "this item makes it a list of `%s`", type); break;
    case WHY_OPERAND: report_note(r, want->span, "the other operand is `%s`", type); break;
    case WHY_BREAK: report_note(r, want->span, "the first `break` gives `%s`", type); break;
    case WHY_HANDLER: report_note(r, want->span, "this gives `%s`, and so must what stands in for it", type); break;
    case WHY_INDEX: report_help(r, "indices and lengths are `i64`"); break;
    case WHY_CLOSURE: report_note(r, want->span, "the closure gives `%s`", type); break;
    case WHY_NONE: break;
    }
}

static bool borrows_argument(Body *b) {
    const Signature *sig = b->frame->closure.v == 0 ? program_signature(b->program, b->decl) : NULL;
    for (uint32_t i = 0; sig != NULL && i < sig->param_count; i++)
        if (sig->param_modes[i] != MODE_OWN)
            return true;
    return false;
}

// A `?let T` where a `?T` is wanted: true if it is that.
static bool help_lent(Body *b, Report *r, TypeId actual, const Want *want) {
    const Type *a = type_of(b, shallow(b, actual)), *w = type_of(b, shallow(b, want->type));
    if (a->kind != TY_OPTIONAL || w->kind != TY_OPTIONAL || type_of(b, shallow_keep(b, a->args[0]))->kind != TY_REF ||
        !infer_unify(b->infer, shallow(b, a->args[0]), w->args[0]))
        return false;
    const char *item = show(b, w->args[0]);
    bool hands_on = want->why == WHY_RESULT && borrows_argument(b);
    if (hands_on)
        report_help(r, "the value is only lent; to hand it on as such, write `-> ?let %s`", item);
    ImplMatch match;
    TypeId type = full_type(b, w->args[0]);
    if (sema_implements(&b->env, type, b->program->lang[LANG_COPY], &match) != MATCH_NO)
        report_help(r, "a value of its own is `….copy()`");
    else if (type_of(b, type)->kind == TY_PARAM)
        report_help(r, "a value of its own is `….copy()`, which asks for `[%s: Copy]`", item);
    else if (!hands_on)
        report_help(r,
                    "the value is only lent, and a `%s` cannot be copied: take it out where it lies, by `remove` "
                    "or `pop`",
                    item);
    return true;
}

static void help_mismatch(Body *b, Report *r, NodeId n, TypeId actual, TypeId wanted) {
    const Type *a = type_of(b, shallow(b, actual)), *w = type_of(b, shallow(b, wanted));
    Span span = span_of(b, n);
    bool a_number = type_kind_is_integer(a->kind) || type_kind_is_float(a->kind);
    bool w_number = type_kind_is_integer(w->kind) || type_kind_is_float(w->kind);
    if (a_number && w_number && a->kind != w->kind) {
        NodeKind kind = kind_of(b, n);
        bool simple = kind == NODE_NAME || kind == NODE_FIELD || kind == NODE_CALL || kind == NODE_INDEX;
        Text cast = arena_printf(b->arena, simple ? " as %s" : ") as %s", show(b, wanted));
        if (simple)
            report_fix(r, (Span){span.file, span.end, span.end}, cast, "convert with `as`, which checks the range");
        else
            report_help(r, "convert with `as`, which checks the range: `(…) as %s`", show(b, wanted));
    } else if (a->kind == TY_OPTIONAL && infer_unify(b->infer, a->args[0], shallow(b, wanted))) {
        report_help(r, "the value may be absent: write `… ?? fallback`, `if let x = … do`, or `.unwrap()`");
    } else if (a->kind == TY_CLOSURE && w->kind == TY_FUNC &&
               type_of(b, func_type_of(b, actual))->self_mode > w->self_mode) {
        if (type_of(b, func_type_of(b, actual))->self_mode == MODE_OWN)
            report_help(r, "the closure gives away what it captured, and can be called once: copy that, or take the "
                           "closure by `own f: own func(…)` in a function of your own");
        else
            report_help(r, "the closure changes what it captured: have it give the result instead, or take it by "
                           "`mut f: mut func(…)` in a function of your own");
    } else if (w->kind == TY_ARRAY && is_lang(b, actual, LANG_LIST) && kind_of(b, n) == NODE_NAME) {
        report_help(r, "a list has any number of items; for an array declare `%s: %s`", source_text(b, span),
                    show(b, wanted));
    } else if (is_lang(b, wanted, LANG_STRING) && a->kind != TY_VOID && !is_error_type(b, actual)) {
        report_help(r, "text of a value: `$\"{…}\"`");
    }
}

// The type that was written for a parameter or variable, where the value is just that.
static void note_declared(Body *b, Report *r, NodeId n) {
    if (kind_of(b, n) == NODE_ARG_MUT)
        n = ast_unary(b->ast, n).child;
    const Resolution *res = facts_resolution(b->facts, n);
    if (kind_of(b, n) != NODE_NAME || res == NULL || res->kind != REF_LOCAL || kind_of(b, res->node) != NODE_PARAM)
        return;
    NodeId type = ast_param(b->ast, res->node).type;
    if (type.v != 0)
        report_note(r, span_of(b, type), "it is declared as `%s` here", source_text(b, span_of(b, type)));
}

// Channel(T) as it is written where one is made.
static const char *channel_of(Body *b, TypeId item) {
    TypeId type = shallow(b, item);
    const char *inner = is_lang(b, type, LANG_CHANNEL) ? channel_of(b, first_arg(b, type)) : show(b, type);
    return arena_printf(b->arena, "Channel(%s)", inner).data;
}

// What does not fit through a channel is mended where the channel is made.
static void channel_help(Body *b, Report *r, TypeId actual, const Want *want) {
    const Decl *callee = want->why == WHY_ARGUMENT && want->decl.v ? program_decl(b->program, want->decl) : NULL;
    if (callee == NULL || callee->impl.v == 0)
        return;
    TypeId self = b->program->impls.items[callee->impl.v].self;
    if (type_is_lang(b->program, self, LANG_CHANNEL))
        report_help(r, "to send a `%s`, make the channel with `%s.new()`", show(b, actual), channel_of(b, actual));
}

void report_mismatch(Body *b, NodeId n, TypeId actual, const Want *want) {
    const Type *a = type_of(b, shallow(b, actual));
    if ((type_of(b, full_type(b, actual))->flags | type_of(b, full_type(b, want->type))->flags) & TYPE_HAS_POISON)
        return;
    if (a->kind == TY_RESULT && kind_of_type(b, want->type) != TY_RESULT) {
        report_unhandled(b, n, actual);
        return;
    }
    Report *r;
    Span at = tail_span(b, n);
    if (a->kind == TY_VOID && (want->why == WHY_RESULT || want->why == WHY_CLOSURE)) {
        report_missing_return(b, at, want);
        return;
    }
    if (want->why == WHY_VOID_RESULT) {
        r = REPORT(b, E0333, at, "this function returns nothing, but a `%s` is given back", show(b, actual));
        report_label(r, "this is a `%s`", show(b, actual));
    } else if (a->kind == TY_VOID && want->why == WHY_HANDLER) {
        r = REPORT(b, E0511, at, "this gives no value and does not leave");
        report_label(r, "a `%s` is needed here", show(b, want->type));
    } else if (a->kind == TY_VOID) {
        r = REPORT(b, E0312, at, "this has no value, but a `%s` is expected", show(b, want->type));
    } else if (a->kind == TY_NULL) {
        r = REPORT(b, E0311, at, "`null` is no `%s`", show(b, want->type));
        report_label(r, "only an optional may be absent");
        report_help(r, "make it `?%s` if it may be absent", show(b, want->type));
    } else if (a->kind == TY_CLOSURE && kind_of_type(b, want->type) == TY_CLOSURE) {
        r = REPORT(b, E0310, at, "another closure is expected here: each is of a type of its own");
        report_label(r, "this is a `%s`", show(b, actual));
        report_help(r, "declare what holds one or the other as a function: `%s`", show(b, want->type));
    } else {
        r = REPORT(b, E0310, at, "expected `%s`, found `%s`", show(b, want->type), show(b, actual));
        report_label(r, "this is a `%s`", show(b, actual));
        note_declared(b, r, n);
    }
    note_why(b, r, want);
    dyn_help(b, r, actual, want->type);
    channel_help(b, r, actual, want);
    if (want->why == WHY_RESULT && is_error_type(b, actual) && b->frame->full_result.v != 0)
        report_help(r, "an error leaves the function by `fail`: `fail %s`", source_text(b, at));
    else if (!help_lent(b, r, actual, want))
        help_mismatch(b, r, n, actual, want->type);
}
