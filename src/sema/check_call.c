// Calls: what is called. Functions, methods, associated functions, variants, values, pipelines. Arguments:
// check_args.c.
#include "sema/body.h"

Span call_name_span(Body *b, NodeId call) {
    NodeId callee = kind_of(b, call) == NODE_PIPELINE ? ast_binary(b->ast, call).right : call;
    if (kind_of(b, callee) == NODE_CALL)
        callee = ast_call(b->ast, callee).callee;
    NodeKind kind = kind_of(b, callee);
    if (kind == NODE_INDEX)
        kind = kind_of(b, callee = ast_call(b->ast, callee).callee);
    return kind == NODE_FIELD || kind == NODE_OPT_FIELD ? main_span(b, callee) : span_of(b, callee);
}

typedef struct CallSite {
    NodeId node;   // CALL or PIPELINE: where the resolution goes
    NodeId callee; // the syntax of what is called
    ArgList args;
    const Want *want;
    AstList type_args; // of a method: `x.f[T](…)`
} CallSite;

static Span callee_span(Body *b, const CallSite *call) {
    NodeKind kind = kind_of(b, call->callee);
    return kind == NODE_FIELD || kind == NODE_OPT_FIELD ? main_span(b, call->callee) : span_of(b, call->callee);
}

static void check_stray_args(Body *b, const CallSite *call) {
    if (call->args.piped.v != 0)
        check_value(b, call->args.piped);
    for (uint32_t i = 0; i < call->args.count; i++)
        check_arg_alone(b, (NodeId){call->args.items[i]});
}

static NodeId first_value(Body *b, const CallSite *call) {
    if (call->args.piped.v != 0 || call->args.count == 0)
        return call->args.piped;
    return unnamed_arg(b, (NodeId){call->args.items[0]});
}

static Resolution *resolve_callee(Body *b, const CallSite *call, const Callee *callee, TypeId result) {
    Resolution *r = resolve(b, call->node, callee->ref);
    r->decl = callee->decl;
    r->type = result;
    r->type_args = callee->args;
    r->type_arg_count = callee->param_count;
    r->is_method = callee->receiver.v != 0;
    return r;
}

// ---- functions ------------------------------------------------------------------------------------------------------

// `T: type` parameters are given among the arguments, the others in brackets.
static void take_explicit_args(Body *b, Callee *callee, const TypeId *given, uint32_t count, Span at) {
    const Signature *sig = callee->sig;
    if (count == sig->type_param_count) {
        memcpy(callee->args, given, count * sizeof *given);
        return;
    }
    give_type_args(b, callee, given, count, at);
}

// Takes a signature over: its bounds are known, its error set will be.
static void take_signature(Body *b, Callee *callee, DeclId decl) {
    if (b->shared->depth < 40)
        sema_ensure_bounds(b->sema, decl);
    callee->decl = decl;
    callee->sig = program_signature(b->program, decl);
    if (callee->sig == NULL)
        return;
    const Type *result = type_of(b, callee->sig->result);
    if (result->kind == TY_RESULT && type_of(b, result->args[0])->kind == TY_INFERRED_SET)
        body_want(b->shared, decl);
    callee->params = callee->sig->type_params;
    callee->param_count = callee->sig->type_param_count;
}

void callee_of_function(Body *b, Callee *callee, DeclId decl, const TypeId *explicit_args, uint32_t count, Span at) {
    take_signature(b, callee, decl);
    if (callee->sig == NULL)
        return;
    callee->args = ARENA_ARRAY(b->arena, TypeId, callee->param_count + 1);
    for (uint32_t i = 0; i < callee->param_count; i++)
        callee->args[i] = fresh(b, at);
    if (count > 0)
        take_explicit_args(b, callee, explicit_args, count, at);
}

TypeId callee_type(Body *b, const Callee *callee, TypeId type) {
    if (type.v == 0 || !(type_of(b, type)->flags & TYPE_HAS_PARAM))
        return type;
    type = type_subst(b->types, type, (Subst){callee->params, callee->args, callee->param_count});
    return type_of(b, type)->flags & TYPE_HAS_PARAM ? sema_normalize(&b->env, type) : type;
}

static TypeId finish_call(Body *b, const CallSite *call, Callee *callee) {
    TypeId result = check_args(b, call->node, callee, call->args, call->want);
    resolve_callee(b, call, callee, result);
    return result;
}

static TypeId call_function(Body *b, const CallSite *call, const Path *path) {
    Callee callee = {.ref = REF_FUNC};
    callee_of_function(b, &callee, path->decl, path->args, path->arg_count, callee_span(b, call));
    if (callee.sig == NULL) {
        check_stray_args(b, call);
        return poison(b);
    }
    return finish_call(b, call, &callee);
}

// ---- methods --------------------------------------------------------------------------------------------------------

static bool is_copy(Body *b, SymbolId name) {
    return text_equal(symbol(b->program, name), TEXT("copy"));
}

// Why a value made of others cannot be copied.
static void help_no_copy(Body *b, Report *r, const Type *type) {
    for (uint32_t i = 0; i < type->arg_count; i++) {
        TypeId part = full_type(b, shallow(b, type->args[i]));
        ImplMatch match;
        if (sema_implements(&b->env, part, sema_lang(b->sema, LANG_COPY), &match) != MATCH_NO)
            continue;
        report_label(r, "`%s` cannot be copied", show(b, part));
        if (type_of(b, part)->kind == TY_PARAM)
            report_help(r, "ask for it: `[%s: Copy]`", show(b, part));
        else
            report_help(r, "what has Drop is never copied: move it, lend it, or share it as `Shared[%s]`",
                        show(b, part));
        return;
    }
}

static void report_no_method(Body *b, const CallSite *call, NodeId base, TypeId type) {
    SymbolId name = name_of(b, call->callee);
    Span at = main_span(b, call->callee);
    const Type *t = type_of(b, type);
    FieldMatch field;
    if (t->flags & TYPE_HAS_POISON)
        return; // what is wrong with it has been said
    bool is_len = text_equal(symbol(b->program, name), TEXT("len"));
    if ((is_len && t->kind == TY_ARRAY) || sema_find_field(&b->env, type, name, &field)) {
        Report *r = REPORT(b, E0337, at, "`%s` is a field of `%s`, not a method", cstr(b, name), show(b, type));
        if (call->args.count == 0)
            report_fix(r, (Span){at.file, at.end, span_of(b, call->node).end}, TEXT(""), "read it without parentheses");
        return;
    }
    if (report_unmet(b, type, name, at))
        return;
    Report *r = REPORT(b, E0423, at, "`%s` has no method `%s`", show(b, type), cstr(b, name));
    if (t->kind == TY_OPTIONAL && sema_find_method(&b->env, t->args[0], name, at).kind != METHOD_NONE) {
        report_label(r, "the value may be absent");
        report_fix(r, (Span){at.file, at.start - 1, at.start}, TEXT("?."), "call it if the value is there with `?.`");
        return;
    }
    if (is_copy(b, name))
        help_no_copy(b, r, t);
    if (t->kind == TY_PARAM && !help_ask_for_member(b, r, type, name))
        help_ask(b, r, type, NULL);
    if (report_foreign_method(b, r, type, name, at))
        return;
    SymbolId similar = similar_member(b, type, name, true, false);
    if (similar.v != 0)
        report_fix(r, at, symbol(b->program, similar), "use the method that exists");
    else
        help_members(b, r, type, true);
    (void)base;
}

// A fixed array has the methods of Slice and of List; a Slice those of List that only read.
static MethodMatch find_method(Body *b, TypeId type, SymbolId name, Span at, TypeId *through) {
    *through = (TypeId){0};
    MethodMatch match = sema_find_method(&b->env, type, name, at);
    type = unboxed(b, type);
    const Type *t = type_of(b, type);
    bool is_slice = is_lang(b, type, LANG_SLICE);
    if (match.kind != METHOD_NONE || (t->kind != TY_ARRAY && !is_slice && !is_lang(b, type, LANG_LIST)))
        return match;
    LangItem tries[2] = {is_slice ? LANG_LIST : LANG_SLICE, LANG_LIST};
    for (uint32_t i = 0; i < 2 && match.kind == METHOD_NONE; i++) {
        *through = lang1(b, tries[i], t->args[0]);
        match = sema_find_method(&b->env, *through, name, at);
        const Signature *sig = match.kind == METHOD_NONE ? NULL : program_signature(b->program, match.decl);
        if (sig != NULL && tries[i] == LANG_LIST && sig->has_self && sig->param_modes[0] != MODE_BORROW)
            match.kind = METHOD_NONE;
        // What is asked for is a list of copies, not another view of the same elements.
        if (match.kind != METHOD_NONE && match.trait.v != 0 && match.trait.v == sema_lang(b->sema, LANG_COPY).v)
            match.kind = METHOD_NONE;
    }
    return match;
}

bool has_method(Body *b, TypeId type, SymbolId name, Span at) {
    TypeId through;
    return find_method(b, type, name, at, &through).kind != METHOD_NONE;
}

ResolutionId iterator_of_value(Body *b, NodeId value, TypeId type, TypeId *iterator, TypeId *lent) {
    TypeId through;
    MethodMatch iter = find_method(b, type, intern(b->program->symbols, TEXT("iter")), main_span(b, value), &through);
    ResolutionId second = iterator_of_method(b, value, &iter, iterator);
    if (second.v != 0 && (through.v != 0 || iter.derefs > 0))
        *lent = iter.self;
    return second;
}

// A method that the type does not have, but the iterator that its method iter gives.
static ResolutionId find_through_iterator(Body *b, NodeId base, TypeId type, SymbolId name, MethodMatch *match,
                                          TypeId *lent) {
    if (is_copy(b, name)) // of what is gone over, not of what goes over it
        return (ResolutionId){0};
    TypeId iterator, seen = {0};
    ResolutionId second = iterator_of_value(b, base, type, &iterator, &seen);
    if (second.v == 0)
        return second;
    *match = sema_find_method(&b->env, iterator, name, main_span(b, base));
    if (match->kind == METHOD_NONE)
        return (ResolutionId){0};
    if (seen.v != 0)
        *lent = seen;
    return second;
}

// {. unchecked .}: of std, for std; what it asks of its caller nothing checks.
static bool is_unchecked(Body *b, DeclId id) {
    const Decl *decl = program_decl(b->program, id);
    return program_module(b->program, decl->module)->is_std && !program_module(b->program, b->module)->is_std &&
           decl_has_attribute(b->program, id, "unchecked");
}

static void report_private(Body *b, DeclId id, RefKind ref, Span at, const char *what) {
    const Decl *decl = program_decl(b->program, id);
    bool is_private = !decl->is_pub && decl->module.v != b->module.v && ref == REF_FUNC;
    bool unchecked = is_unchecked(b, id);
    if (!is_private && !unchecked)
        return;
    Report *r = REPORT(b, E0425, at, "the %s `%s` is private", what, cstr(b, decl->name));
    report_note(r, decl_span(b->program, id),
                unchecked ? "it is declared here, for the standard library alone"
                          : "it is declared here, without `pub`");
}

// A value is dropped where it ends, whatever was called before: by name that would happen twice.
static void refuse_drop(Body *b, DeclId method, Span at) {
    DeclId drop = sema_lang(b->sema, LANG_DROP);
    if (drop.v == 0 || program_decl(b->program, method)->parent.v != drop.v)
        return;
    Report *r = REPORT(b, E0439, at, "`drop` of the trait Drop is not called by name");
    report_label(r, "it would run again where the value ends");
    report_help(r,
                "a value is dropped at the end of its scope: have that end before, with `do … end`, or give the value "
                "to a function that takes it by `own`");
}

static void check_receiver(Body *b, const CallSite *call, const Callee *callee, NodeId base) {
    SymbolId name = program_decl(b->program, callee->decl)->name;
    const Decl *decl = program_decl(b->program, callee->decl);
    if (decl->impl.v != 0 || callee->ref != REF_FUNC)
        report_private(b, callee->decl, callee->ref, callee_span(b, call), "method");
    refuse_drop(b, callee->decl, callee_span(b, call));
    if (callee->sig->param_modes[0] == MODE_MUT) {
        Text how = arena_printf(b->arena, "call `%s`, which changes it", cstr(b, name));
        require_mutable(b, base, how.data, true);
    }
}

static bool is_builtin_copy(Body *b, const MethodMatch *match) {
    if (match->trait.v == 0 || match->trait.v != sema_lang(b->sema, LANG_COPY).v)
        return false;
    ImplMatch impl;
    return sema_implements(&b->env, match->self, match->trait, &impl) == MATCH_YES && impl.builtin;
}

static TypeId report_not_a_method(Body *b, const CallSite *call, TypeId type, DeclId decl) {
    const char *name = cstr(b, program_decl(b->program, decl)->name);
    Report *r = REPORT(b, E0424, callee_span(b, call), "`%s` is not called on a value", name);
    report_label(r, "it has no `self`");
    report_note(r, decl_span(b->program, decl), "it is declared here");
    report_help(r, "call it on the type: `%s.%s(…)`", show(b, type), name);
    check_stray_args(b, call);
    return poison(b);
}

static TypeId call_value(Body *b, const CallSite *call, TypeId type);

// (a.f)(): what is called is the value of the field, where there is one.
static bool is_parenthesised(const Body *b, NodeId n) {
    uint32_t first = b->ast->node_first_tokens[n.v], last = b->ast->node_last_tokens[n.v];
    return first > 0 && b->ast->token_kinds[first - 1] == TOK_LPAREN && b->ast->token_kinds[last + 1] == TOK_RPAREN;
}

// `base`: what the method is called on; none of `Type.function`.
static void report_several_traits(Body *b, const CallSite *call, TypeId type, NodeId base, const MethodMatch *match) {
    DeclId first = program_decl(b->program, match->decl)->parent;
    const char *name = cstr(b, name_of(b, call->callee));
    const char *one = cstr(b, program_decl(b->program, first)->name);
    const char *other = cstr(b, program_decl(b->program, match->trait)->name);
    Report *r =
        REPORT(b, E0426, main_span(b, call->callee), "several traits give `%s` a method `%s`", show(b, type), name);
    report_note(r, decl_span(b->program, match->decl), "one is declared here");
    const Signature *sig = program_signature(b->program, match->decl);
    if (sig == NULL || !sig->has_self) {
        report_help(r, "a function with a bound says which is meant: `func %s_of[T: %s](…)`, which calls `T.%s(…)`",
                    name, one, name);
        return;
    }
    const char *value = base.v != 0 && kind_of(b, base) == NODE_NAME ? source_text(b, span_of(b, base)) : "…";
    const char *mode = sig->param_modes[0] == MODE_MUT ? "mut " : "";
    report_help(r, "call it by its trait: `%s.%s(%s%s)` or `%s.%s(%s%s)`", one, name, mode, value, other, name, mode,
                value);
}

static TypeId call_method_on(Body *b, const CallSite *call, NodeId base, TypeId base_type, bool through_optional) {
    TypeId type = full_type(b, shallow(b, base_type)), through;
    TypeKind kind = type_of(b, type)->kind;
    SymbolId name = name_of(b, call->callee);
    if (kind == TY_RESULT)
        report_unhandled(b, base, type);
    if (kind == TY_VAR) {
        Report *r = REPORT(b, E0330, span_of(b, base), "type annotations needed");
        report_label(r, "the type must be known before `%s` is called on it", cstr(b, name));
        infer_unify(b->infer, type, poison(b));
    }
    if (kind == TY_POISON || kind == TY_NEVER || kind == TY_RESULT || kind == TY_VAR || name.v == 0) {
        check_stray_args(b, call);
        return poison(b);
    }
    TypeId spawned;
    if (is_lang(b, type, LANG_NURSERY) && check_spawn(b, call->node, base, name, call->args, &spawned))
        return spawned;
    if (check_suppressed(b, call->node, base, name, call->args, type, &spawned))
        return spawned;
    MethodMatch match = find_method(b, type, name, main_span(b, call->callee), &through);
    TypeId lent = through.v != 0 || match.derefs > 0 ? match.self : (TypeId){0};
    ResolutionId iterator = {0};
    bool is_apart = is_parenthesised(b, call->callee);
    if (match.kind == METHOD_NONE || is_apart) {
        FieldMatch field;
        if (sema_find_field(&b->env, type, name, &field) && (is_apart || callable_type(b, field.type).v != 0)) {
            TypeId value = b->facts->types[call->callee.v] = shallow(b, field_of(b, call->callee, base, type));
            if (call->type_args.count > 0)
                REPORT(b, E0421, callee_span(b, call), "`%s` is a function value, which has no type parameters",
                       cstr(b, name));
            return call_value(b, call, value);
        }
    }
    if (match.kind == METHOD_NONE) {
        iterator = find_through_iterator(b, base, type, name, &match, &lent);
        if (match.kind == METHOD_NONE)
            report_no_method(b, call, base, type);
    }
    if (match.kind == METHOD_AMBIGUOUS) {
        report_several_traits(b, call, type, base, &match);
    }
    if (match.kind == METHOD_NONE || match.kind == METHOD_AMBIGUOUS) {
        check_stray_args(b, call);
        return poison(b);
    }
    Callee callee = {.ref = match.kind == METHOD_INHERENT ? REF_FUNC : REF_TRAIT_METHOD, .receiver = base};
    take_signature(b, &callee, match.decl);
    if (callee.sig == NULL) {
        check_stray_args(b, call);
        return poison(b);
    }
    callee.args = match.type_args;
    if (!callee.sig->has_self)
        return report_not_a_method(b, call, type, match.decl);
    if (call->type_args.count > 0)
        give_written_type_args(b, &callee, call->type_args, callee_span(b, call));
    if (!through_optional && lent.v != 0)
        b->facts->wanted[base.v] = lent;
    if (iterator.v == 0)
        check_receiver(b, call, &callee, base);
    TypeId result = check_args(b, call->node, &callee, call->args, call->want);
    Resolution *r = resolve_callee(b, call, &callee, result);
    r->second = iterator;
    if (is_builtin_copy(b, &match)) {
        r->kind = REF_BUILTIN;
        r->index = BUILTIN_COPY;
    }
    return result;
}

// x.copy() of a `?let T` gives a `?T`: a copy of what is lent, not of the loan.
static bool copies_lent_optional(Body *b, const CallSite *call, TypeId type) {
    const Type *t = type_of(b, shallow(b, type));
    return t->kind == TY_OPTIONAL && type_of(b, shallow_keep(b, t->args[0]))->kind == TY_REF &&
           is_copy(b, name_of(b, call->callee));
}

// True if what was called reads its `self` only.
static bool only_reads_self(Body *b, NodeId call) {
    const Resolution *r = facts_resolution(b->facts, call);
    bool is_method = r != NULL && (r->kind == REF_FUNC || r->kind == REF_TRAIT_METHOD);
    if (!is_method)
        return r != NULL && r->kind == REF_BUILTIN && r->index == BUILTIN_COPY;
    Callee callee = {.ref = r->kind};
    take_signature(b, &callee, r->decl);
    return r->second.v != 0 ||
           (callee.sig != NULL && callee.sig->has_self && callee.sig->param_modes[0] == MODE_BORROW);
}

static TypeId call_through_optional(Body *b, const CallSite *call, NodeId base, TypeId type) {
    TypeKind kind = kind_of_type(b, type);
    if (is_tried_base(b, base))
        return call_method_on(b, call, base, type, false);
    if (kind != TY_OPTIONAL) {
        if (kind != TY_POISON)
            report_no_optional(b, base, type);
        check_stray_args(b, call);
        return poison(b);
    }
    CallSite inner = *call;
    inner.want = &(Want){0};
    TypeId result = call_method_on(b, &inner, base, first_arg(b, type), true);
    if (only_reads_self(b, call->node))
        lend_steps(b, base);
    TypeKind k = kind_of_type(b, result);
    if (k == TY_RESULT) { // what may fail gives an optional where it does not
        const Type *r = type_of(b, shallow(b, result));
        TypeKind value = kind_of_type(b, r->args[1]);
        bool is_void = value == TY_VOID || value == TY_NEVER;
        return is_void ? result : type_result(b->types, r->args[0], optional_of(b, r->args[1]));
    }
    return k == TY_VOID || k == TY_NEVER || k == TY_POISON ? result : optional_of(b, result);
}

// ---- associated functions and variants ------------------------------------------------------------------------------

static void report_no_function(Body *b, const Path *path, Span at) {
    if (report_unmet(b, path->type, path->name, at))
        return;
    Report *r = REPORT(b, E0423, at, "`%s` has no function `%s`", show(b, path->type), cstr(b, path->name));
    const Decl *owner = program_decl(b->program, type_of(b, path->type)->decl);
    DeclId beside = owner->kind != DECL_NONE ? sema_module_member(b->sema, owner->module, path->name) : (DeclId){0};
    SymbolId similar = similar_member(b, path->type, path->name, true, false);
    if (beside.v != 0 && program_decl(b->program, beside)->kind == DECL_FUNC)
        report_help(r, "it is a function of the module: `%s.%s(…)`",
                    cstr(b, program_module(b->program, owner->module)->name), cstr(b, path->name));
    else if (similar.v != 0)
        report_fix(r, at, symbol(b->program, similar), "use the name that exists");
    else if (kind_of_type(b, path->type) != TY_PARAM || !help_ask_for_member(b, r, path->type, path->name))
        help_members(b, r, path->type, false);
}

static TypeId call_associated(Body *b, const CallSite *call, const Path *path) {
    Span at = main_span(b, call->callee);
    MethodMatch match = sema_find_method(&b->env, path->type, path->name, at);
    if (match.kind == METHOD_NONE || match.kind == METHOD_AMBIGUOUS) {
        if (match.kind == METHOD_AMBIGUOUS)
            report_several_traits(b, call, path->type, (NodeId){0}, &match);
        else
            report_no_function(b, path, at);
        check_stray_args(b, call);
        return poison(b);
    }
    Callee callee = {.ref = match.kind == METHOD_INHERENT ? REF_FUNC : REF_TRAIT_METHOD};
    take_signature(b, &callee, match.decl);
    if (callee.sig == NULL) {
        check_stray_args(b, call);
        return poison(b);
    }
    callee.args = match.type_args;
    if (path->arg_count > 0)
        give_type_args(b, &callee, path->args, path->arg_count, at);
    report_private(b, match.decl, callee.ref, at, "function");
    refuse_drop(b, match.decl, at);
    return finish_call(b, call, &callee);
}

static const char *written_callee(Body *b, const CallSite *call) {
    return source_text(b, kind_of(b, call->node) == NODE_CALL ? span_of(b, ast_call(b->ast, call->node).callee)
                                                              : callee_span(b, call));
}

static void report_variant_values(Body *b, const CallSite *call, const Path *path, const Fields *fields) {
    const char *name = cstr(b, program_decl(b->program, path->decl)->name);
    Span at = callee_span(b, call), whole = span_of(b, call->node);
    bool is_named = fields->count > 0 && !fields->is_tuple;
    Report *r = is_named             ? REPORT(b, E0335, at, "the values of the variant `%s` have names", name)
                : fields->count == 0 ? REPORT(b, E0335, at, "the variant `%s` carries no values", name)
                                     : REPORT(b, E0335, at, "the variant `%s` carries %u value%s, found %u", name,
                                              fields->count, fields->count == 1 ? "" : "s", call->args.count);
    report_note(r, decl_span(b->program, path->decl), "it is declared here");
    if (is_named)
        report_help(r, "give them by name: `%s`", shape_with_names(b, written_callee(b, call), fields, ": …"));
    else if (fields->count == 0 && kind_of(b, call->node) == NODE_CALL)
        report_fix(r, (Span){whole.file, at.end, whole.end}, TEXT(""), "write it without parentheses");
}

static TypeId call_variant(Body *b, const CallSite *call, const Path *path) {
    const Decl *variant = program_decl(b->program, path->decl);
    const Shape *shape = program_shape(b->program, variant->parent);
    const Fields *fields = &shape->variant_fields[variant->index];
    Resolution *r = resolve(b, call->node, REF_VARIANT);
    r->decl = path->decl;
    r->index = variant->index;
    r->type = path->type;
    const Type *t = type_of(b, path->type);
    r->type_args = t->args;
    r->type_arg_count = t->arg_count;
    if (fields->count != call->args.count || !fields->is_tuple || fields->count == 0) {
        report_variant_values(b, call, path, fields);
        check_stray_args(b, call);
        return path->type;
    }
    if (call->want->type.v != 0 && type_of(b, path->type)->flags & TYPE_HAS_VAR) {
        TypeId hint = shallow(b, call->want->type);
        if (type_of(b, hint)->kind == TY_OPTIONAL)
            hint = first_arg(b, hint);
        infer_unify(b->infer, path->type, hint);
    }
    uint32_t number = variant_decl_number(b->program, path->decl);
    for (uint32_t i = 0; i < fields->count; i++) {
        NodeId arg = (NodeId){call->args.items[i]};
        TypeId type = shape_field_type(b->program, path->type, number, i);
        check_expr(b, arg, &(Want){.type = type, .why = WHY_FIELD, .decl = path->decl});
    }
    return path->type;
}

// ---- values ---------------------------------------------------------------------------------------------------------

// The bound that a type parameter would need to be called so.
static const char *asked_function(Body *b, const CallSite *call) {
    Buffer text = {0};
    for (uint32_t i = 0; i < call->args.count; i++) {
        TypeId type = b->facts->types[unnamed_arg(b, (NodeId){call->args.items[i]}).v];
        bool is_known = type.v != 0 && !(type_of(b, full_type(b, type))->flags & TYPE_HAS_VAR);
        buffer_printf(&text, "%s%s", i == 0 ? "" : ", ", is_known ? show(b, full_type(b, type)) : "…");
    }
    TypeId result = call->want->type;
    bool gives = result.v != 0 && !(type_of(b, full_type(b, result))->flags & TYPE_HAS_VAR);
    const char *end = call->want->is_dropped ? "" : gives ? show(b, full_type(b, result)) : "…";
    const char *all =
        arena_printf(b->arena, "func(%.*s)%s%s", TEXT_ARG(buffer_view(&text)), *end ? " -> " : "", end).data;
    vec_free(&text);
    return all;
}

static TypeId call_value(Body *b, const CallSite *call, TypeId type) {
    TypeKind kind = kind_of_type(b, type);
    TypeId func = callable_type(b, type);
    if (func.v == 0) {
        Report *r = NULL;
        if (kind == TY_RESULT) {
            report_unhandled(b, call->callee, type);
        } else if (kind != TY_POISON && kind != TY_NEVER) {
            r = REPORT(b, E0427, span_of(b, call->callee), "a `%s` cannot be called", show(b, type));
            report_label(r, "this is not a function");
        }
        check_stray_args(b, call);
        if (r != NULL && kind == TY_PARAM)
            report_help(r, "say what it takes and gives: `[%s: %s]`", show(b, type), asked_function(b, call));
        return poison(b);
    }
    if (type_of(b, func)->self_mode == MODE_MUT)
        require_mutable(b, call->callee, "call it, as it changes what it captured", true);
    Callee callee = {.ref = REF_VALUE_CALL, .func = func};
    return finish_call(b, call, &callee);
}

// `Point { x: …, y: … }`, or "" where a field of it is private.
static const char *literal_of(Body *b, DeclId type) {
    const Shape *shape = program_shape(b->program, type);
    Buffer text = {0};
    buffer_printf(&text, "%s { ", cstr(b, program_decl(b->program, type)->name));
    bool is_open = shape->fields.count > 0 && shape->fields.count <= 4;
    for (uint32_t i = 0; is_open && i < shape->fields.count; i++) {
        const Decl *field = program_decl(b->program, shape->fields.fields[i]);
        is_open = field->is_pub || field->module.v == b->module.v;
        buffer_printf(&text, "%s%s: …", i > 0 ? ", " : "", cstr(b, field->name));
    }
    Text view = buffer_view(&text);
    const char *result = is_open ? arena_printf(b->arena, "%.*s }", TEXT_ARG(view)).data : "";
    vec_free(&text);
    return result;
}

static TypeId call_type(Body *b, const CallSite *call, const Path *path) {
    TypeKind kind = kind_of_type(b, path->type);
    check_stray_args(b, call);
    Report *r = REPORT(b, E0427, callee_span(b, call), "the type `%s` cannot be called", show(b, path->type));
    const char *literal = kind == TY_STRUCT ? literal_of(b, type_of(b, path->type)->decl) : "";
    if (*literal)
        report_help(r, "make one with a literal, `%s`, or with one of its functions", literal);
    else if (kind == TY_STRUCT)
        report_help(r, "make one with one of its functions, as `%s.new(…)`",
                    cstr(b, program_decl(b->program, type_of(b, path->type)->decl)->name));
    else if (is_lang(b, b->facts->types[first_value(b, call).v], LANG_STRING))
        report_help(r, "a text is read by `%s.parse(text)`", show(b, path->type));
    else if (type_kind_is_integer(kind) || type_kind_is_float(kind))
        report_help(r, "convert a number with `as`: `x as %s`", show(b, path->type));
    return poison(b);
}

// Trait.method(x, …): of several traits that give x a method of the name, the one that is meant.
static TypeId call_method_of_trait(Body *b, const CallSite *call, DeclId method) {
    Callee callee = {.ref = REF_TRAIT_METHOD};
    take_signature(b, &callee, method);
    Span at = main_span(b, call->callee);
    refuse_drop(b, method, at);
    callee.args = ARENA_ARRAY(b->arena, TypeId, callee.param_count);
    for (uint32_t i = 0; i < callee.param_count; i++)
        callee.args[i] = fresh(b, at);
    TypeId result = finish_call(b, call, &callee);
    DeclId trait = program_decl(b->program, method)->parent;
    Bound *bound = ARENA_NEW(b->arena, Bound);
    *bound = (Bound){.trait = trait, .type = callee.args[0], .span = decl_span(b->program, trait)};
    bound->trait_args = trait_of_method_args(b->program, method, callee.args, callee.param_count).args;
    require_bound(
        b, (Obligation){
               .type = callee.args[0], .bound = bound, .trait_args = bound->trait_args, .callee = method, .span = at});
    return result;
}

static TypeId call_what(Body *b, const CallSite *call) {
    NodeId method = method_with_type_args(b, call->callee);
    if (method.v != 0) {
        CallSite site = *call;
        site.callee = method;
        site.type_args = ast_call(b->ast, call->callee).args;
        return call_what(b, &site);
    }
    NodeKind kind = kind_of(b, call->callee);
    if (kind == NODE_OPT_FIELD) {
        NodeId base = ast_unary(b->ast, call->callee).child;
        return call_through_optional(b, call, base, check_value(b, base));
    }
    Path path = path_of(b, call->callee);
    switch (path.kind) {
    case PATH_FUNC: return call_function(b, call, &path);
    case PATH_ASSOC: return call_associated(b, call, &path);
    case PATH_VARIANT: return call_variant(b, call, &path);
    case PATH_TRAIT_METHOD: return call_method_of_trait(b, call, path.decl);
    case PATH_TYPE: return call_type(b, call, &path);
    case PATH_BUILTIN:
        if (call->args.piped.v == 0)
            return check_builtin_call(b, call->node, path.builtin, call->args.items, call->args.count);
        VecU32 items = {0};
        vec_push(&items, call->args.piped.v);
        for (uint32_t i = 0; i < call->args.count; i++)
            vec_push(&items, call->args.items[i]);
        TypeId result = check_builtin_call(b, call->node, path.builtin, items.items, items.count);
        vec_free(&items);
        return result;
    case PATH_VALUE:
        if (kind == NODE_FIELD && op_of(b, call->callee) != TOK_INT) {
            NodeId base = ast_unary(b->ast, call->callee).child;
            TypeId type = check_value(b, base);
            if (is_copy(b, name_of(b, call->callee))) {
                lend_steps(b, base);
                type = b->facts->types[base.v];
            }
            return copies_lent_optional(b, call, type) ? call_through_optional(b, call, base, type)
                                                       : call_method_on(b, call, base, type, false);
        }
        return call_value(b, call, check_value(b, call->callee));
    case PATH_LOCAL:
    case PATH_PARAM_VALUE:
    case PATH_CONST: return call_value(b, call, check_value(b, call->callee));
    default:
        check_stray_args(b, call);
        if (path.kind == PATH_UNKNOWN && kind == NODE_NAME && op_of(b, call->callee) == TOK_NAME)
            report_unknown_function(b, call->callee, first_value(b, call));
        else if (path.kind != PATH_ERROR)
            path_value(b, call->callee, &path);
        return poison(b);
    }
}

TypeId check_call(Body *b, NodeId n, const Want *want) {
    AstCall e = ast_call(b->ast, n);
    CallSite call = {.node = n, .callee = e.callee, .args = {e.args.items, e.args.count, {0}}, .want = want};
    return call_what(b, &call);
}

// a |> f and a |> f(b): f(a) and f(a, b).
TypeId check_pipeline(Body *b, NodeId n, const Want *want) {
    AstBinary e = ast_binary(b->ast, n);
    CallSite call = {.node = n, .callee = e.right, .args = {NULL, 0, e.left}, .want = want};
    if (kind_of(b, e.right) == NODE_CALL) {
        AstCall right = ast_call(b->ast, e.right);
        call.callee = right.callee;
        call.args = (ArgList){right.args.items, right.args.count, e.left};
    } else if (kind_of(b, e.right) == NODE_TRY) {
        Report *r =
            REPORT(b, E0503, main_span(b, e.right), "this `?` belongs to the function, not to the pipeline's result");
        report_help(r, "put the pipeline into parentheses: `(a |> f)?`");
        check_value(b, e.left);
        return poison(b);
    }
    return call_what(b, &call);
}
