// dyn: where the type may stand, which traits may be one, and what becomes one.
#include "sema/body.h"
#include "sema/tables.h"

// ---- the type -------------------------------------------------------------------------------------------------------

static void report_obstacle(Sema *sema, Span span, DeclId trait) {
    const Program *p = sema->program;
    const char *reason = NULL;
    DeclId member = dyn_obstacle(p, trait, &reason);
    if (member.v == 0)
        return;
    bool is_trait = program_decl(p, member)->kind == DECL_TRAIT;
    DeclId owner = is_trait ? member : program_decl(p, member)->parent;
    Report *report = REPORT_AT(sema, E0436, span, "`%.*s` cannot be a `dyn` because of its `%.*s`", DECL_ARG(p, trait),
                               DECL_ARG(p, member));
    report_label(report, "`%.*s` %s", DECL_ARG(p, member), reason);
    if (!is_trait)
        report_note(report, decl_span(p, member), "declared by `%.*s` here", DECL_ARG(p, owner));
    report_help(report,
                "use a type parameter, `[T: %.*s]`, or an enum of the types that occur; or move `%.*s` to a "
                "trait of its own",
                DECL_ARG(p, trait), DECL_ARG(p, member));
}

void types_judge_dyn(Sema *sema) {
    struct SemaTables *tables = sema->tables;
    for (uint32_t i = 0; i < tables->later_dyn.count; i++)
        report_obstacle(sema, tables->later_dyn.items[i].span, tables->later_dyn.items[i].trait);
    vec_free(&tables->later_dyn);
}

TypeId type_dyn_node(Env *env, NodeId node, bool allowed) {
    Program *p = env->sema->program;
    const Ast *ast = program_module(p, env->module)->ast;
    TraitRef ref = type_node_trait(env, ast_unary(ast, node).child);
    DeclId trait = ref.decl;
    if (trait.v == 0)
        return type_builtin(p->types, TY_POISON);
    Span span = ast_span(ast, node);
    TypeId type = type_dyn(p->types, trait, ref.args);
    if (!allowed) {
        Report *report = REPORT_AT(env->sema, E0435, span, "a `%.*s` has no size of its own", TYPE_ARG(p, type));
        report_label(report, "a value of any type that implements `%.*s`", TRAIT_ARG(p, ref));
        Text boxed = arena_printf(p->arena, "Box[%.*s]", (int)(span.end - span.start), ast->source.data + span.start);
        report_fix(report, span, boxed, "own it in a Box");
        report_help(report,
                    "a `dyn` is borrowed (a parameter, also with `mut`; the result `-> let %.*s`) or lies in a "
                    "Box",
                    TYPE_ARG(p, type));
        return type_builtin(p->types, TY_POISON);
    }
    if (env->sema->tables->signatures_done)
        report_obstacle(env->sema, span, trait);
    else
        vec_push(&env->sema->tables->later_dyn, (LaterDyn){span, trait});
    return type;
}

// ---- what becomes one -----------------------------------------------------------------------------------------------

static bool is_dyn(Body *b, TypeId type) {
    return type_of(b, shallow(b, type))->kind == TY_DYN;
}

bool dyn_holds(Body *b, TypeId actual, TypeId dyn) {
    TypeId type = full_type(b, shallow(b, actual));
    ImplMatch match;
    TypeKind kind = type_of(b, type)->kind;
    return kind != TY_VAR && kind != TY_POISON &&
           sema_implements_of(&b->env, type, dyn_trait(type_of(b, dyn)), &match) == MATCH_YES;
}

bool dyn_boxes(Body *b, TypeId actual, TypeId wanted) {
    if (!is_lang(b, actual, LANG_BOX) || !is_lang(b, wanted, LANG_BOX))
        return false;
    TypeId from = first_arg(b, actual), to = first_arg(b, wanted);
    bool borrows = type_class(b->program, full_type(b, from)) & CLASS_VIEW;
    return is_dyn(b, to) && !borrows && dyn_holds(b, from, shallow(b, to));
}

bool dyn_is_box(Body *b, TypeId type) {
    return is_lang(b, type, LANG_BOX) && is_dyn(b, first_arg(b, type));
}

void dyn_help(Body *b, Report *r, TypeId actual, TypeId wanted) {
    bool boxed = dyn_is_box(b, wanted);
    TypeId want = shallow(b, boxed ? first_arg(b, wanted) : wanted);
    if (type_of(b, want)->kind != TY_DYN)
        return;
    const char *trait = show_trait(b, dyn_trait(type_of(b, want)));
    TypeId from = shallow(b, actual);
    if (boxed && !is_lang(b, from, LANG_BOX)) {
        if (dyn_holds(b, from, want))
            report_help(r, "put it into a Box: `Box.new(…)`");
        return;
    }
    while (is_lang(b, from, LANG_BOX))
        from = shallow(b, first_arg(b, from));
    TypeKind kind = type_of(b, from)->kind;
    if (kind == TY_DYN && !dyn_holds(b, from, want))
        report_help(r, "a `dyn` becomes one of a supertrait only, and `%s` does not extend `%s`",
                    show_trait(b, dyn_trait(type_of(b, from))), trait);
    else if (boxed && type_class(b->program, full_type(b, from)) & CLASS_VIEW)
        report_help(r, "`%s` borrows what it looks at, and a Box of a `dyn` owns all it holds", show(b, from));
    else if (!dyn_holds(b, from, want))
        report_help(r, "`%s` does not implement `%s`", show(b, from), trait);
}

// ---- as a type argument ---------------------------------------------------------------------------------------------

static bool mentions(Body *b, TypeId type, DeclId param) {
    const Type *t = type_of(b, type);
    if (t->kind == TY_PARAM)
        return t->decl.v == param.v;
    for (uint32_t i = 0; i < t->arg_count && t->flags & TYPE_HAS_PARAM; i++)
        if (mentions(b, t->args[i], param))
            return true;
    return false;
}

// A function may be called with a dyn for a parameter T where it only ever borrows a T: a body that is lent a T with
// `mut`, or owns what holds one, could put a value of another type in its place.
static bool only_borrows(Body *b, const Signature *sig, DeclId param) {
    for (uint32_t i = 0; i < sig->param_count; i++) {
        bool is_it = type_of(b, sig->param_types[i])->kind == TY_PARAM && sig->param_modes[i] == MODE_BORROW;
        if (!is_it && mentions(b, sig->param_types[i], param))
            return false;
    }
    const Type *result = type_of(b, sig->result);
    bool lends = result->kind == TY_REF && type_of(b, result->args[0])->kind == TY_PARAM;
    return lends || !mentions(b, sig->result, param);
}

void dyn_check_arguments(Body *b, const Callee *callee, Span at) {
    bool is_method = callee->ref == REF_TRAIT_METHOD;
    for (uint32_t i = is_method ? 1 : 0; callee->sig != NULL && i < callee->param_count; i++) {
        if (!is_dyn(b, callee->args[i]) || only_borrows(b, callee->sig, callee->params[i]))
            continue;
        const char *name = cstr(b, program_decl(b->program, callee->decl)->name);
        Report *r = REPORT(b, E0437, at, "`%s` cannot be used with a `%s`", name, show(b, callee->args[i]));
        report_label(r, "`%.*s` would be `%s`, whose size is not known",
                     TEXT_ARG(decl_name(b->program, callee->params[i])), show(b, callee->args[i]));
        report_note(r, decl_span(b->program, callee->decl), "`%s` does more with it than borrow it to read", name);
        report_help(r, "a `dyn` stands for a type parameter only where the function takes `x: T`");
        return;
    }
}
