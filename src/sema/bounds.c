// What type arguments must be able to do: judged at the caller, at once or when the types are known.
#include "sema/body.h"

static TypeId callable_bound_of_param(Body *b, TypeId type) {
    type = shallow(b, type);
    for (uint32_t i = 0; i < b->env.bound_count; i++)
        if (same_type(b->env.bounds[i].type, type) && b->env.bounds[i].callable.v != 0)
            return b->env.bounds[i].callable;
    return (TypeId){0};
}

TypeId callable_type(Body *b, TypeId type) {
    TypeId func = func_type_of(b, type);
    return func.v != 0 || kind_of_type(b, type) != TY_PARAM ? func : callable_bound_of_param(b, type);
}

// Of the traits that follow from the parts and are asked for, one that a type of the program's own has not asked for.
static bool is_derivable(Body *b, TypeId type, DeclId trait) {
    const Program *p = b->program;
    const Type *t = type_of(b, type);
    bool is_asked = trait.v == p->lang[LANG_ORD].v || trait.v == p->lang[LANG_JSON].v ||
                    (trait.v == p->lang[LANG_DEFAULT].v && t->kind == TY_STRUCT);
    return is_asked && (t->kind == TY_STRUCT || t->kind == TY_ENUM) &&
           !(program_shape(p, t->decl)->derives & shape_derive_bit(p, trait)) &&
           !program_module(p, program_decl(p, t->decl)->module)->is_std;
}

static bool is_automatic(const Program *p, DeclId trait) {
    return trait.v == p->lang[LANG_EQ].v || trait.v == p->lang[LANG_HASH].v || trait.v == p->lang[LANG_DEBUG].v ||
           trait.v == p->lang[LANG_COPY].v;
}

static TypeId note_part_of(Body *b, Report *r, TypeId type, DeclId trait, const Fields *fields) {
    const Type *t = type_of(b, type);
    Subst subst = {program_shape(b->program, t->decl)->type_params, t->args, t->arg_count};
    for (uint32_t i = 0; i < fields->count; i++) {
        TypeId part = full_type(b, type_subst(b->types, fields->types[i], subst));
        ImplMatch match;
        if (sema_implements(&b->env, part, trait, &match) != MATCH_NO)
            continue;
        const Ast *ast = program_ast(b->program, fields->fields[i]);
        report_note(r, ast_span(ast, program_decl(b->program, fields->fields[i])->node),
                    "`%s` has it if its parts have it, and this `%s` has not", show(b, type), show(b, part));
        return part;
    }
    return (TypeId){0};
}

// Which part of a type keeps it from having a trait that follows from the parts; 0 if none does.
static TypeId note_part(Body *b, Report *r, TypeId type, DeclId trait) {
    const Type *t = type_of(b, type);
    if ((t->kind != TY_STRUCT && t->kind != TY_ENUM) || !is_automatic(b->program, trait) ||
        program_module(b->program, program_decl(b->program, t->decl)->module)->is_std)
        return (TypeId){0};
    const Shape *shape = program_shape(b->program, t->decl);
    TypeId found = note_part_of(b, r, type, trait, &shape->fields);
    for (uint32_t v = 0; found.v == 0 && v < shape->variant_count; v++)
        found = note_part_of(b, r, type, trait, &shape->variant_fields[v]);
    return found;
}

static bool is_std_type(Body *b, TypeId type) {
    const Type *t = type_of(b, type);
    return (t->kind == TY_STRUCT || t->kind == TY_ENUM || t->kind == TY_ERROR) &&
           program_module(b->program, program_decl(b->program, t->decl)->module)->is_std;
}

// What a list, a tuple, an optional … holds that has not the trait, which the whole has if its parts have it; or none.
static TypeId part_without(Body *b, TypeId type, DeclId trait) {
    const Type *t = type_of(b, type);
    bool holds = t->kind == TY_TUPLE || t->kind == TY_OPTIONAL || t->kind == TY_ARRAY || is_std_type(b, type);
    bool follows = is_automatic(b->program, trait) || trait.v == b->program->lang[LANG_ORD].v;
    uint32_t count = !holds || !follows ? 0 : t->kind == TY_ARRAY ? 1 : t->arg_count; // behind it: the length
    for (uint32_t i = 0; i < count; i++) {
        ImplMatch match;
        TypeId part = full_type(b, t->args[i]);
        if (sema_implements(&b->env, part, trait, &match) == MATCH_NO)
            return part;
    }
    return (TypeId){0};
}

TypeId note_part_at_fault(Body *b, Report *r, TypeId type, DeclId trait) {
    enum { MOST = 8 }; // parts of parts that are named
    for (uint32_t i = 0; i < MOST; i++) {
        TypeId part = note_part(b, r, type, trait);
        if (part.v == 0)
            part = part_without(b, type, trait);
        if (part.v == 0)
            break;
        type = part;
    }
    return type;
}

static bool is_dropped_copy(Body *b, TypeId type, DeclId trait) {
    ImplMatch match;
    return trait.v == b->program->lang[LANG_COPY].v &&
           sema_implements(&b->env, type, b->program->lang[LANG_DROP], &match) == MATCH_YES;
}

void help_ask(Body *b, Report *r, TypeId param, const char *trait) {
    const char *what = trait ? "ask for it" : "name a trait that has it";
    DeclId owner = program_decl(b->program, b->decl)->parent;
    bool is_self = owner.v != 0 && b->program->traits[owner.v] != NULL && same_type(param, b->env.self_type);
    const char *name = is_self ? cstr(b, program_decl(b->program, owner)->name) : show(b, param);
    report_help(r, is_self ? "%s: `trait %s: %s`" : "%s: `[%s: %s]`", what, name, trait ? trait : "Trait");
}

// How the type gets the trait.
static void help_implement(Body *b, Report *r, TypeId type, DeclId trait, const char *name) {
    TypeKind kind = type_of(b, type)->kind;
    TypeId part = part_without(b, type, trait);
    if (part.v != 0) {
        report_note(r, (Span){0}, "`%s` has it if its parts have it, and `%s` has not", show(b, type), show(b, part));
        help_implement(b, r, part, trait, name);
    } else if (kind == TY_PARAM) {
        ImplMatch match;
        const DeclId *lang = b->program->lang; // a key needs both
        bool is_key = trait.v == lang[LANG_HASH].v && sema_implements(&b->env, type, lang[LANG_EQ], &match) == MATCH_NO;
        help_ask(b, r, type, is_key ? "Hash + Eq" : name);
    } else if (is_derivable(b, type, trait)) {
        report_help(r, "ask for it where the type is declared: `%s %s derive(%s)`",
                    kind == TY_STRUCT ? "struct" : "enum", show(b, type), name);
    } else if (is_dropped_copy(b, type, trait)) {
        report_help(r, "what has Drop is never copied: move it, lend it, or share it as `Shared[%s]`", show(b, type));
    } else if (type_kind_is_float(kind) && trait.v == b->program->lang[LANG_HASH].v) {
        report_help(r, "a float is no key; an integer is, and so are its bits: `x.to_bits()`");
    } else if ((kind == TY_STRUCT || kind == TY_ENUM || kind == TY_ERROR) && !is_std_type(b, type)) {
        report_help(r, "write `impl %s for %s do … end`", name, show(b, type));
    }
}

void report_bound(Body *b, const Obligation *o) {
    TypeId type = full_type(b, o->type);
    if (type_of(b, type)->flags & TYPE_HAS_POISON)
        return;
    if (o->bound->trait.v == 0) {
        Report *r = REPORT(b, E0432, o->span, "expected `%s`, found `%s`", show(b, o->callable), show(b, type));
        report_label(r, "this function does not fit");
        report_note(r, o->bound->span, "it is asked for here");
        return;
    }
    TraitRef asked = {o->bound->trait, o->trait_args.v == 0 ? o->trait_args : full_type(b, o->trait_args)};
    if (asked.args.v != 0 && type_of(b, asked.args)->flags & TYPE_HAS_POISON)
        return;
    if (type_of(b, type)->kind == TY_REF && o->bound->trait.v != b->program->lang[LANG_KEEP].v)
        type = type_of(b, type)->args[0];
    const char *trait = show_trait(b, asked);
    Report *r = REPORT(b, E0402, o->span, "`%s` does not implement `%s`", show(b, type), trait);
    if (o->callee.v == 0) {
        const char *op = source_text(b, o->span);
        report_label(r, "`%s` needs it", op);
    } else {
        const char *name = cstr(b, program_decl(b->program, o->callee)->name);
        report_label(r, "`%s` needs `%s` here", name, trait);
        report_note(r, o->bound->span,
                    o->bound->is_inferred ? "the body of `%s` uses it here" : "`%s` asks for it here", name);
    }
    TypeKind kind = type_of(b, type)->kind;
    SymbolId iter = intern(b->program->symbols, TEXT("iter"));
    ModuleId iterators = program_decl(b->program, b->program->lang[LANG_ITERATOR])->module;
    bool is_iterable = program_decl(b->program, o->bound->trait)->module.v == iterators.v && kind != TY_PARAM &&
                       sema_find_method(&b->env, type, iter, o->span).kind != METHOD_NONE;
    if (note_part(b, r, type, o->bound->trait).v != 0) {
        report_help(r, "implement `%s` for the type of the part, or for `%s` by hand", trait, show(b, type));
        return;
    }
    bool is_lent = o->bound->trait.v == b->program->lang[LANG_KEEP].v && kind == TY_REF;
    if (is_lent && type_of(b, type_of(b, type)->args[0])->kind == TY_PARAM)
        report_help(r, "what is only lent is copied to be kept: ask for that, `[%s: Copy]`",
                    show(b, type_of(b, type)->args[0]));
    else if (is_lent && note_part(b, r, type_of(b, type)->args[0], b->program->lang[LANG_COPY]).v != 0)
        report_help(r, "share it as a `Shared[T]`, or `map` the values to what can be copied");
    else if (is_lent)
        report_help(r, "what is only lent is copied to be kept, and `%s` cannot be copied: `map` it to what can",
                    show(b, type_of(b, type)->args[0]));
    else if (is_iterable)
        report_help(r, "give what goes over it: `.iter()`");
    else if (asked.args.v != 0 && type_of(b, asked.args)->flags & TYPE_HAS_PARAM && kind != TY_PARAM)
        report_help(r, "an impl for some types is not one for all that may stand there: bound the type parameter by a "
                       "trait that gives what is needed");
    else
        help_implement(b, r, type, o->bound->trait, trait);
}

static bool report_lending(Body *b, const Obligation *o, TypeId func, Span asked) {
    const Type *f = type_of(b, func);
    const char *result = show(b, f->args[f->arg_count - 1]);
    Report *r = REPORT(b, E0720, o->span, "a `%s` would borrow from a value that `%s` drops", result,
                       cstr(b, program_decl(b->program, o->callee)->name));
    report_label(r, "it is called with values of its own, not with what is lent");
    if (asked.file.v != 0)
        report_note(r, asked, "its result is taken for a value here");
    report_help(r, "give a value: `.copy()`, or what is made of it");
    for (uint32_t i = 0; i < program_signature(b->program, o->callee)->type_param_count; i++)
        o->args[i] = poison(b);
    return true;
}

// A function that borrows a T takes what is lent as `let T`, too.
static TypeId lent_param(Body *b, TypeId have, TypeId need, ParamMode mode) {
    TypeId wanted = full_type(b, shallow_keep(b, need));
    const Type *h = type_of(b, shallow_keep(b, have)), *n = type_of(b, wanted);
    bool lends = mode == MODE_BORROW && n->kind == TY_REF && h->kind != TY_REF && h->kind != TY_VAR;
    return lends ? n->args[0] : need;
}

// False if it cannot be said yet.
static bool judge_callable(Body *b, const Obligation *o) {
    TypeId type = shallow(b, o->type);
    const Type *t = type_of(b, type);
    if (t->kind == TY_VAR)
        return false;
    TypeId func = callable_type(b, type);
    const Type *have = func.v == 0 ? NULL : type_of(b, func), *need = type_of(b, o->callable);
    bool fits = have != NULL && have->arg_count == need->arg_count && have->self_mode <= need->self_mode;
    for (uint32_t i = 0; fits && i + 1 < have->arg_count; i++)
        fits = have->modes[i] == need->modes[i] &&
               infer_unify(b->infer, have->args[i],
                           lent_param(b, have->args[i], need->args[i], (ParamMode)have->modes[i]));
    fits = fits && infer_unify(b->infer, have->args[have->arg_count - 1], need->args[have->arg_count - 1]);
    if (!fits && t->kind != TY_POISON)
        report_bound(b, o);
    return true;
}

// True if a value of the type may own a closure, and with it what the closure captured.
static bool may_keep_closure(Body *b, TypeId type, uint32_t depth) {
    const Type *t = type_of(b, type);
    if (t->kind == TY_FUNC)
        return true;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (may_keep_closure(b, t->args[i], depth))
            return true;
    const Shape *shape = t->kind == TY_STRUCT ? program_shape(b->program, t->decl) : NULL;
    for (uint32_t i = 0; shape != NULL && depth < 8 && i < shape->fields.count; i++)
        if (may_keep_closure(b, shape->fields.types[i], depth + 1))
            return true;
    for (uint32_t v = 0; t->kind == TY_ENUM && depth < 8 && v < program_shape(b->program, t->decl)->variant_count;
         v++) {
        const Fields *fields = &program_shape(b->program, t->decl)->variant_fields[v];
        for (uint32_t i = 0; i < fields->count; i++)
            if (may_keep_closure(b, fields->types[i], depth + 1))
                return true;
    }
    return false;
}

// A generic body may capture what it is given in a closure that it gives back, or stores into what it may change.
static bool judge_keeping(Body *b, const Obligation *o, const Signature *sig, TypeId argument) {
    bool keeps = may_keep_closure(b, sig->result, 0);
    for (uint32_t i = 0; !keeps && i < sig->param_count; i++)
        keeps = sig->param_modes[i] == MODE_MUT && type_of(b, sig->param_types[i])->kind != TY_FUNC &&
                may_keep_closure(b, sig->param_types[i], 0);
    if (!keeps)
        return false;
    Report *r = REPORT(b, E0722, o->span, "`%s` may keep a `%s` in a closure",
                       cstr(b, program_decl(b->program, o->callee)->name), show(b, argument));
    report_label(r, "what is lent here must not be kept");
    report_note(r, decl_span(b->program, o->callee),
                "it gives or changes a function value, which owns what it captured");
    report_help(r, "give a value: `.copy()`, or what is made of it");
    return true;
}

// A function's type arguments hold borrows only where its body cannot let them outlive what they borrow from.
static bool judge_lending(Body *b, const Obligation *o, bool at_end) {
    const Signature *sig = program_signature(b->program, o->callee);
    TypeId *args = ARENA_ARRAY(b->arena, TypeId, sig->type_param_count + 1);
    bool borrows = false, is_open = false;
    for (uint32_t i = 0; i < sig->type_param_count; i++) {
        args[i] = full_type(b, o->args[i]);
        borrows |= (type_of(b, args[i])->flags & TYPE_HAS_REF) != 0;
        is_open |= (type_of(b, args[i])->flags & TYPE_HAS_VAR) != 0;
    }
    if (is_open && !at_end)
        return false;
    for (uint32_t i = 0; borrows && i < sig->type_param_count; i++)
        if (type_of(b, args[i])->flags & TYPE_HAS_REF && judge_keeping(b, o, sig, args[i]))
            return true;
    Lending where = {{sig->type_params, args, sig->type_param_count}, b->env.bounds, b->env.bound_count};
    TypeId func;
    for (uint32_t i = 0; borrows && i < sig->bound_count; i++)
        if (sig->bounds[i].callable.v != 0 && program_lends_unseen(b->program, sig->bounds[i].callable, &where, &func))
            return report_lending(b, o, func, sig->bounds[i].span);
    for (uint32_t i = 0; borrows && i < sig->param_count; i++)
        if (program_lends_unseen(b->program, sig->param_types[i], &where, &func))
            return report_lending(b, o, func, (Span){0});
    return true;
}

static bool judge(Body *b, const Obligation *o, bool at_end) {
    if (o->bound == NULL)
        return judge_lending(b, o, at_end);
    if (o->bound->trait.v == 0)
        return judge_callable(b, o);
    // That something is only lent matters to Keep alone.
    bool is_keep = o->bound->trait.v == b->program->lang[LANG_KEEP].v;
    TypeId type = full_type(b, is_keep ? shallow_keep(b, o->type) : shallow(b, o->type));
    const Type *t = type_of(b, type);
    if (t->kind == TY_VAR)
        return false;
    if (t->flags & TYPE_HAS_POISON || t->kind == TY_NEVER)
        return true;
    ImplMatch match;
    TraitRef trait = {o->bound->trait, o->trait_args};
    if (trait.args.v != 0)
        return judge_trait_args(b, o, type, at_end);
    switch (sema_implements(&b->env, type, trait.decl, &match)) {
    case MATCH_YES: return true;
    case MATCH_AMBIGUOUS:
        if (!at_end)
            return false;
        break;
    case MATCH_NO: break;
    }
    if (!sema_infer_bound(&b->env, type, trait, o->span))
        report_bound(b, o);
    return true;
}

void require_bound(Body *b, Obligation o) {
    if (!judge(b, &o, false))
        vec_push(&b->obligations, o);
}

void require_bounds(Body *b, const Callee *callee, Span at) {
    const Signature *sig = callee->sig;
    for (uint32_t turn = 0; turn < 2; turn++) { // callable ones first: they tell types
        for (uint32_t i = 0; i < sig->bound_count; i++) {
            const Bound *bound = &sig->bounds[i];
            if ((bound->callable.v != 0) != (turn == 0))
                continue;
            Obligation o = {
                .type = callee_type(b, callee, bound->type), .bound = bound, .callee = callee->decl, .span = at};
            if (bound->callable.v != 0)
                o.callable = callee_type(b, callee, bound->callable);
            if (bound->trait_args.v != 0)
                o.trait_args = callee_type(b, callee, bound->trait_args);
            require_bound(b, o);
        }
    }
    if (sig->type_param_count > 0)
        require_bound(b, (Obligation){.callee = callee->decl, .args = callee->args, .span = at});
    // A body in work may still find bounds for its implicit parameters.
    if (sig->type_param_count > 0 && b->shared->states[callee->decl.v] == BODY_IN_WORK && callee->decl.v != b->decl.v) {
        TypeId *args = arena_copy(b->arena, callee->args, callee->param_count * sizeof *args, _Alignof(TypeId));
        vec_push(&b->shared->later,
                 (Later){.kind = LATER_BOUND, .decl = b->decl, .callee = callee->decl, .span = at, .args = args});
    }
}

void settle_obligations(Body *b, bool at_end) {
    bool again = true;
    while (again) {
        again = false;
        uint32_t kept = 0, count = b->obligations.count;
        for (uint32_t i = 0; i < count; i++) {
            Obligation o = b->obligations.items[i];
            if (judge(b, &o, false))
                again = true;
            else
                b->obligations.items[kept++] = o;
        }
        b->obligations.count = kept;
    }
    for (uint32_t i = 0; at_end && i < b->obligations.count; i++)
        judge(b, &b->obligations.items[i], true);
}

void require_shape_bounds(Body *b, TypeId type, Span at) {
    const Type *t = type_of(b, shallow(b, type));
    const Shape *shape = t->kind == TY_STRUCT || t->kind == TY_ENUM ? program_shape(b->program, t->decl) : NULL;
    for (uint32_t i = 0; shape != NULL && i < shape->bound_count; i++) {
        Subst subst = {shape->type_params, t->args, t->arg_count};
        if (shape->bounds[i].trait.v == 0)
            continue;
        TypeId argument = type_subst(b->types, shape->bounds[i].type, subst);
        require_bound(b, (Obligation){.type = argument,
                                      .bound = &shape->bounds[i],
                                      .trait_args = bound_trait_subst(b->types, &shape->bounds[i], subst).args,
                                      .callee = t->decl,
                                      .span = at});
    }
}
