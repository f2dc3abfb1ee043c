// Impls against their traits: what is missing, extra or different; where an impl may stand; impls that overlap.
#include "sema/tables.h"

static const Ast *ast_of(const Sema *sema, const Impl *impl) {
    return program_module(sema->program, impl->module)->ast;
}

static Span head_span(const Sema *sema, const Impl *impl) {
    const Ast *ast = ast_of(sema, impl);
    AstImpl parts = ast_impl(ast, impl->node);
    Span span = ast_span(ast, parts.self_type);
    if (parts.trait_type.v != 0)
        span.start = ast_span(ast, parts.trait_type).start;
    return span;
}

static bool is_poison(const Sema *sema, TypeId type) {
    return type_get(sema->program->types, type)->kind == TY_POISON;
}

// ---- associated types -----------------------------------------------------------------------------------------------

static void make_assoc(Sema *sema, Env *env, ImplId id, uint32_t index) {
    Program *p = sema->program;
    const Impl impl = p->impls.items[id.v];
    const Ast *ast = ast_of(sema, &impl);
    AstConstDecl parts = ast_const_decl(ast, program_decl(p, impl.members[index])->node);
    TypeId type = type_builtin(p->types, TY_POISON);
    if (parts.value.v != 0)
        type = sema_type(env, parts.value);
    else if (parts.type.v != 0)
        type = sema_type(env, parts.type);
    else {
        Report *report = REPORT_AT(sema, E0405, ast_token_span(ast, parts.name),
                                   "the associated type `%.*s` is not said", TEXT_ARG(ast_token_text(ast, parts.name)));
        report_label(report, "write `type %.*s = …`", TEXT_ARG(ast_token_text(ast, parts.name)));
    }
    p->impls.items[id.v].assoc_types[index] = type;
}

void impls_make_assoc_types(Sema *sema) {
    Program *p = sema->program;
    for (uint32_t i = 1; i < p->impls.count; i++) {
        bool has_any = false;
        for (uint32_t j = 0; j < p->impls.items[i].member_count; j++)
            has_any |= program_decl(p, p->impls.items[i].members[j])->kind == DECL_ASSOC_TYPE;
        if (!has_any)
            continue;
        Env env = env_of_impl(sema, (ImplId){i});
        for (uint32_t j = 0; j < p->impls.items[i].member_count; j++)
            if (program_decl(p, p->impls.items[i].members[j])->kind == DECL_ASSOC_TYPE)
                make_assoc(sema, &env, (ImplId){i}, j);
    }
}

// ---- signatures as text ---------------------------------------------------------------------------------------------

// The type parameters of a trait's method itself; the first is Self.
static void write_type_params(const Program *p, const Signature *s, Subst subst, Buffer *out) {
    for (uint32_t i = 1; i < s->type_param_count; i++) {
        buffer_cstr(out, i == 1 ? "[" : ", ");
        type_write(p, type_subst(p->types, type_param(p->types, s->type_params[i]), subst), out);
    }
    if (s->type_param_count > 1)
        buffer_char(out, ']');
}

// The bounds that the method has beside those of its trait: they are written within it.
static void write_bounds(const Program *p, DeclId method, const Signature *s, Subst subst, Buffer *out) {
    Span whole = ast_span(program_ast(p, method), program_decl(p, method)->node);
    bool is_first = true;
    for (uint32_t i = 0; i < s->bound_count; i++) {
        const Bound *bound = &s->bounds[i];
        bool is_own =
            bound->span.file.v == whole.file.v && bound->span.start >= whole.start && bound->span.end <= whole.end;
        if (!is_own || bound->trait.v == 0 || bound->is_inferred)
            continue;
        buffer_cstr(out, is_first ? " where " : ", ");
        type_write(p, type_subst(p->types, bound->type, subst), out);
        buffer_printf(out, ": %.*s", DECL_ARG(p, bound->trait));
        is_first = false;
    }
}

static void write_type(Program *p, const Env *env, TypeId type, Subst subst, Buffer *out) {
    type_write(p, program_normalize(p, type_subst(p->types, type, subst), env->bounds, env->bound_count), out);
}

static void write_signature(Program *p, const Env *env, DeclId method, Subst subst, Buffer *out) {
    static const char *const MODE_WORDS[] = {"", "mut ", "own "};
    const Signature *s = program_signature(p, method);
    buffer_printf(out, "func %.*s", TEXT_ARG(decl_name(p, method)));
    write_type_params(p, s, subst, out);
    buffer_char(out, '(');
    for (uint32_t i = 0; i < s->param_count; i++) {
        buffer_printf(out, "%s%s%.*s", i == 0 ? "" : ", ", MODE_WORDS[s->param_modes[i]],
                      SYMBOL_ARG(p, s->param_names[i]));
        if (i == 0 && s->has_self)
            continue;
        buffer_cstr(out, ": ");
        write_type(p, env, s->param_types[i], subst, out);
    }
    buffer_char(out, ')');
    if (type_get(p->types, s->result)->kind != TY_VOID) {
        buffer_cstr(out, " -> ");
        write_type(p, env, s->result, subst, out);
    }
    write_bounds(p, method, s, subst, out);
}

// ---- members against the trait --------------------------------------------------------------------------------------

typedef struct {
    Sema *sema;
    Program *program;
    ImplId id;
    Impl impl; // a copy of the row
    DeclId trait;
    Env env;
} Check;

static DeclId trait_member_named(const Program *p, DeclId trait, SymbolId name) {
    const Trait *row = p->traits[trait.v];
    for (uint32_t i = 0; i < row->member_count; i++)
        if (program_decl(p, row->members[i])->name.v == name.v)
            return row->members[i];
    return (DeclId){0};
}

static void report_extra(Check *c, DeclId member) {
    Program *p = c->program;
    Span span = decl_span(p, member);
    Report *report = REPORT_AT(c->sema, E0406, span, "the trait `%.*s` has no member `%.*s`", DECL_ARG(p, c->trait),
                               DECL_ARG(p, member));
    report_label(report, "not declared by the trait");
    report_note(report, decl_span(p, c->trait), "`%.*s` is declared here", DECL_ARG(p, c->trait));
    const Trait *trait = p->traits[c->trait.v];
    for (uint32_t i = 0; i < trait->member_count; i++) {
        SymbolId name = program_decl(p, trait->members[i])->name;
        if (impl_member(p, c->id, name).v != 0 ||
            text_distance(decl_name(p, member), decl_name(p, trait->members[i]), 2) > 2)
            continue;
        report_fix(report, span, decl_name(p, trait->members[i]), "use the trait's name");
        return;
    }
    if (program_decl(p, member)->kind == DECL_FUNC)
        report_help(report, "methods of the type's own stand in `impl %.*s do … end`", TYPE_ARG(p, c->impl.self));
}

static void report_missing(Check *c, const DeclId *missing, uint32_t count) {
    Program *p = c->program;
    Buffer names = {0}, example = {0};
    for (uint32_t i = 0; i < count; i++)
        buffer_printf(&names, "%s`%.*s`", i == 0 ? "" : i + 1 == count ? " and " : ", ", DECL_ARG(p, missing[i]));
    Report *report = REPORT_AT(c->sema, E0405, head_span(c->sema, &c->impl), "%.*s of the trait `%.*s` %s missing",
                               TEXT_ARG(buffer_view(&names)), DECL_ARG(p, c->trait), count == 1 ? "is" : "are");
    report_label(report, "not all of the trait is implemented");
    report_note(report, decl_span(p, missing[0]), "declared here, without a body to fall back on");
    if (program_signature(p, missing[0]) != NULL) {
        Subst subst = trait_subst(p, impl_trait(&c->impl), c->impl.self);
        write_signature(p, &c->env, missing[0], subst, &example);
        report_help(report, "add `%.*s do … end`", TEXT_ARG(buffer_view(&example)));
    } else {
        report_help(report, "add `type %.*s = …`", DECL_ARG(p, missing[0]));
    }
    vec_free(&names);
    vec_free(&example);
}

// A member whose name is nearly this one and none of the trait's: what is wrong with it is told there.
static bool is_misspelt(const Check *c, DeclId wanted) {
    const Program *p = c->program;
    for (uint32_t i = 0; i < c->impl.member_count; i++) {
        const Decl *member = program_decl(p, c->impl.members[i]);
        if (member->kind == program_decl(p, wanted)->kind && !trait_member_named(p, c->trait, member->name).v &&
            text_distance(decl_name(p, c->impl.members[i]), decl_name(p, wanted), 2) <= 2)
            return true;
    }
    return false;
}

static void check_missing(Check *c) {
    Program *p = c->program;
    const Trait *trait = p->traits[c->trait.v];
    DeclId missing[8];
    uint32_t count = 0;
    for (uint32_t i = 0; i < trait->member_count && count < 8; i++) {
        const Decl *member = program_decl(p, trait->members[i]);
        if (impl_member(p, c->id, member->name).v != 0)
            continue;
        const Ast *ast = program_ast(p, trait->members[i]);
        if (member->kind == DECL_FUNC && ast_func(ast, member->node).body.v != 0)
            continue;
        if (!is_misspelt(c, trait->members[i]))
            missing[count++] = trait->members[i];
    }
    if (count > 0)
        report_missing(c, missing, count);
}

// The trait's signature for this impl: Self is its type, the trait's parameters are what it is applied to, the method's
// own parameters are the impl method's.
static Subst method_subst(Check *c, const Signature *theirs, const Signature *ours, TypeId *args) {
    Subst fixed = trait_subst(c->program, impl_trait(&c->impl), c->impl.self);
    uint32_t own = c->impl.type_param_count;
    for (uint32_t i = 0; i < theirs->type_param_count; i++)
        args[i] =
            i < fixed.count ? fixed.args[i] : type_param(c->program->types, ours->type_params[own + i - fixed.count]);
    return (Subst){theirs->type_params, args, theirs->type_param_count};
}

static void report_differs(Check *c, DeclId member, DeclId wanted, Subst subst, Span span, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

static void report_differs(Check *c, DeclId member, DeclId wanted, Subst subst, Span span, const char *format, ...) {
    Program *p = c->program;
    Buffer text = {0}, signature = {0};
    va_list args;
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    Report *report = REPORT_AT(c->sema, E0407, span, "`%.*s` differs from what the trait `%.*s` declares",
                               DECL_ARG(p, member), DECL_ARG(p, c->trait));
    report_label(report, "%.*s", TEXT_ARG(buffer_view(&text)));
    report_note(report, decl_span(p, wanted), "declared by the trait here");
    write_signature(p, &c->env, wanted, subst, &signature);
    report_help(report, "the trait asks for `%.*s`", TEXT_ARG(buffer_view(&signature)));
    vec_free(&text);
    vec_free(&signature);
}

// An associated type of this very impl that is not said, which is reported by itself.
static bool has_unsaid_assoc(Check *c, TypeId type) {
    const Type *t = type_get(c->program->types, type);
    if (t->kind == TY_ASSOC)
        return t->args[0].v == c->impl.self.v;
    for (uint32_t i = 0; i < t->arg_count && t->flags & TYPE_HAS_PARAM; i++)
        if (has_unsaid_assoc(c, t->args[i]))
            return true;
    return false;
}

static bool types_agree(Check *c, TypeId ours, TypeId theirs) {
    uint8_t flags = type_get(c->program->types, ours)->flags | type_get(c->program->types, theirs)->flags;
    return ours.v == theirs.v || flags & TYPE_HAS_POISON || has_unsaid_assoc(c, theirs);
}

static bool params_agree(Check *c, DeclId member, DeclId wanted, Subst subst) {
    static const char *const MODES[] = {"borrowed", "lent with `mut`", "given with `own`"};
    Program *p = c->program;
    const Signature *ours = program_signature(p, member), *theirs = program_signature(p, wanted);
    const Ast *ast = program_ast(p, member);
    for (uint32_t i = 0; i < ours->param_count; i++) {
        Span name = decl_param_span(ast, ours->param_nodes[i]);
        if (ours->param_modes[i] != theirs->param_modes[i]) {
            report_differs(c, member, wanted, subst, name, "in the trait this parameter is %s",
                           MODES[theirs->param_modes[i]]);
            return false;
        }
        TypeId a = sema_normalize(&c->env, ours->param_types[i]);
        TypeId b = sema_normalize(&c->env, type_subst(p->types, theirs->param_types[i], subst));
        if (types_agree(c, a, b))
            continue;
        NodeId type_node = ast_param(ast, ours->param_nodes[i]).type;
        report_differs(c, member, wanted, subst, type_node.v != 0 ? ast_span(ast, type_node) : name,
                       "this is `%.*s`, in the trait `%.*s`", TYPE_ARG(p, a), TYPE_ARG(p, b));
        return false;
    }
    return true;
}

static Text default_text(const Program *p, DeclId method, NodeId param) {
    const Ast *ast = program_ast(p, method);
    NodeId value =
        param.v != 0 && ast_kind(ast, param) == NODE_PARAM ? ast_param(ast, param).default_value : (NodeId){0};
    Span span = value.v != 0 ? ast_span(ast, value) : (Span){0};
    return (Text){value.v != 0 ? ast->source.data + span.start : "", span.end - span.start};
}

// Callers know the trait alone, and with it the value of what they leave out.
static bool defaults_agree(Check *c, DeclId member, DeclId wanted, Subst subst) {
    Program *p = c->program;
    const Signature *ours = program_signature(p, member), *theirs = program_signature(p, wanted);
    for (uint32_t i = ours->has_self; i < ours->param_count; i++) {
        Text own = default_text(p, member, ours->param_nodes[i]);
        Text asked = default_text(p, wanted, theirs->param_nodes[i]);
        if (own.size == 0 || text_equal(own, asked))
            continue;
        const Ast *ast = program_ast(p, member);
        Span at = ast_span(ast, ast_param(ast, ours->param_nodes[i]).default_value);
        if (asked.size == 0)
            report_differs(c, member, wanted, subst, at,
                           "in the trait the parameter has no default, and callers go "
                           "by the trait");
        else
            report_differs(c, member, wanted, subst, at,
                           "in the trait the default is `%.*s`, and callers go by the "
                           "trait: leave it out here",
                           TEXT_ARG(asked));
        return false;
    }
    return true;
}

static bool result_agrees(Check *c, DeclId member, DeclId wanted, Subst subst) {
    Program *p = c->program;
    TypeId a = sema_normalize(&c->env, program_signature(p, member)->result);
    TypeId b = sema_normalize(&c->env, type_subst(p->types, program_signature(p, wanted)->result, subst));
    if (types_agree(c, a, b))
        return true;
    const Ast *ast = program_ast(p, member);
    NodeId node = ast_func(ast, program_decl(p, member)->node).result;
    report_differs(c, member, wanted, subst, node.v != 0 ? ast_span(ast, node) : decl_span(p, member),
                   "this results in `%.*s`, in the trait in `%.*s`", TYPE_ARG(p, a), TYPE_ARG(p, b));
    return false;
}

// True if a bound by `have` gives what `bound` asks for.
static bool asks_for(Check *c, TraitRef have, const Bound *bound) {
    if (have.decl.v == 0 || !trait_has_super(c->program, have.decl, bound->trait))
        return false;
    VecU32 args = {0};
    bool found = bound->trait_args.v == 0;
    if (!found)
        trait_collect_super(c->program, have, bound->type, bound->trait, &args);
    for (uint32_t i = 0; i < args.count && !found; i++)
        found = args.items[i] == bound->trait_args.v;
    vec_free(&args);
    return found;
}

// What the impl's method asks of its type parameters, the trait must ask too: callers only know the trait.
static void check_method_bounds(Check *c, DeclId member, DeclId wanted, Subst subst) {
    Program *p = c->program;
    const Signature *ours = program_signature(p, member), *theirs = program_signature(p, wanted);
    for (uint32_t i = c->impl.bound_count; i < ours->bound_count; i++) {
        Bound bound = ours->bounds[i];
        bool found = false;
        for (uint32_t j = 0; j < theirs->bound_count && !found; j++)
            found = type_subst(p->types, theirs->bounds[j].type, subst).v == bound.type.v &&
                    (bound.trait.v == 0 || asks_for(c, bound_trait_subst(p->types, &theirs->bounds[j], subst), &bound));
        if (found || bound.is_inferred)
            continue;
        report_differs(c, member, wanted, subst, bound.span, "the trait does not ask for this bound");
        return;
    }
}

static void check_method(Check *c, DeclId member, DeclId wanted) {
    Program *p = c->program;
    const Signature *ours = program_signature(p, member), *theirs = program_signature(p, wanted);
    Subst self_only = trait_subst(p, impl_trait(&c->impl), c->impl.self);
    Span name = decl_span(p, member);
    if (ours->has_self != theirs->has_self) {
        report_differs(c, member, wanted, self_only, name,
                       theirs->has_self ? "in the trait it takes `self`" : "in the trait it takes no `self`");
        return;
    }
    if (ours->param_count != theirs->param_count) {
        report_differs(c, member, wanted, self_only, name, "%u parameter%s, in the trait %u", ours->param_count,
                       ours->param_count == 1 ? "" : "s", theirs->param_count);
        return;
    }
    uint32_t own = ours->type_param_count - c->impl.type_param_count;
    if (own != theirs->type_param_count - self_only.count) {
        report_differs(c, member, wanted, self_only, name, "%u type parameter%s, in the trait %u", own,
                       own == 1 ? "" : "s", theirs->type_param_count - self_only.count);
        return;
    }
    c->env = sema_env_of(c->sema, member);
    TypeId *args = ARENA_ARRAY(c->sema->arena, TypeId, theirs->type_param_count);
    Subst subst = method_subst(c, theirs, ours, args);
    if (params_agree(c, member, wanted, subst) && result_agrees(c, member, wanted, subst) &&
        defaults_agree(c, member, wanted, subst))
        check_method_bounds(c, member, wanted, subst);
}

static void check_members(Check *c) {
    Program *p = c->program;
    for (uint32_t i = 0; i < c->impl.member_count; i++) {
        DeclId member = c->impl.members[i];
        DeclId wanted = trait_member_named(p, c->trait, program_decl(p, member)->name);
        if (program_decl(p, member)->name.v == 0)
            continue;
        if (wanted.v == 0 || program_decl(p, wanted)->kind != program_decl(p, member)->kind)
            report_extra(c, member);
        else if (program_decl(p, member)->kind == DECL_FUNC)
            check_method(c, member, wanted);
    }
}

static void check_supers(Check *c) {
    Program *p = c->program;
    const Trait *trait = p->traits[c->trait.v];
    Env env = env_of_impl(c->sema, c->id);
    Subst subst = trait_subst(p, impl_trait(&c->impl), c->impl.self);
    for (uint32_t i = 0; i < trait->super_count; i++) {
        ImplMatch match;
        TraitRef super = bound_trait_subst(p->types, &trait->supers[i], subst);
        if (sema_implements_of(&env, c->impl.self, super, &match) != MATCH_NO)
            continue;
        Report *report = REPORT_AT(c->sema, E0411, head_span(c->sema, &c->impl),
                                   "`%.*s` does not implement `%.*s`, which `%.*s` extends", TYPE_ARG(p, c->impl.self),
                                   TRAIT_ARG(p, super), TRAIT_ARG(p, impl_trait(&c->impl)));
        report_label(report, "`%.*s` is missing", TRAIT_ARG(p, super));
        report_note(report, trait->supers[i].span, "the trait extends it here");
        report_help(report, "add `impl %.*s for %.*s do … end`", TRAIT_ARG(p, super), TYPE_ARG(p, c->impl.self));
    }
}

// What the trait asks of the types it is applied to.
static void check_param_bounds(Check *c) {
    Program *p = c->program;
    const Trait *trait = p->traits[c->trait.v];
    Env env = env_of_impl(c->sema, c->id);
    Subst subst = trait_subst(p, impl_trait(&c->impl), c->impl.self);
    for (uint32_t i = 0; i < trait->param_bound_count; i++) {
        Bound bound = trait->param_bounds[i];
        TypeId type = sema_normalize(&env, type_subst(p->types, bound.type, subst));
        TraitRef asked = bound_trait_subst(p->types, &bound, subst);
        ImplMatch match;
        if (bound.trait.v == 0 || sema_implements_of(&env, type, asked, &match) != MATCH_NO)
            continue;
        Report *report =
            REPORT_AT(c->sema, E0402,
                      ast_span(ast_of(c->sema, &c->impl), ast_impl(ast_of(c->sema, &c->impl), c->impl.node).trait_type),
                      "`%.*s` does not implement `%.*s`", TYPE_ARG(p, type), TRAIT_ARG(p, asked));
        report_label(report, "`%.*s` needs it of `%.*s`", DECL_ARG(p, c->trait), TYPE_ARG(p, bound.type));
        report_note(report, bound.span, "the bound is declared here");
        return;
    }
}

static void check_assoc_bounds(Check *c) {
    Program *p = c->program;
    const Trait *trait = p->traits[c->trait.v];
    Env env = env_of_impl(c->sema, c->id);
    for (uint32_t i = 0; i < trait->assoc_bound_count; i++) {
        Bound bound = trait->assoc_bounds[i];
        Subst subst = trait_subst(p, impl_trait(&c->impl), c->impl.self);
        TypeId type = sema_normalize(&env, type_subst(p->types, bound.type, subst));
        TraitRef asked = bound_trait_subst(p->types, &bound, subst);
        ImplMatch match;
        if (bound.trait.v == 0 || has_unsaid_assoc(c, type) ||
            sema_implements_of(&env, type, asked, &match) != MATCH_NO)
            continue;
        DeclId said = impl_member(p, c->id, program_decl(p, type_get(p->types, bound.type)->decl)->name);
        Report *report =
            REPORT_AT(c->sema, E0443, said.v != 0 ? decl_span(p, said) : head_span(c->sema, &c->impl),
                      "`%.*s` does not implement `%.*s`, which `%.*s` asks of its `%.*s`", TYPE_ARG(p, type),
                      TRAIT_ARG(p, asked), DECL_ARG(p, c->trait), DECL_ARG(p, type_get(p->types, bound.type)->decl));
        report_label(report, "this is `%.*s` here", TYPE_ARG(p, type));
        report_note(report, bound.span, "it is asked for here");
        report_help(report, "choose a type that has `%.*s`, or implement it", TRAIT_ARG(p, asked));
        return;
    }
}

// ---- where an impl may stand ----------------------------------------------------------------------------------------

// True if a declaration belongs to another package than the module: std, or a dependency.
static bool decl_is_foreign(const Program *p, DeclId decl, ModuleId module) {
    ModuleId home = program_decl(p, decl)->module;
    return home.v == 0 || program_package_of(p, home).v != program_package_of(p, module).v;
}

static bool type_is_foreign(const Program *p, TypeId type, ModuleId module) {
    const Type *t = type_get(p->types, type);
    if (t->kind == TY_STRUCT || t->kind == TY_ENUM || t->kind == TY_ERROR)
        return decl_is_foreign(p, t->decl, module);
    return true;
}

// One of the types that a trait is applied to is of the package.
static bool has_own_argument(const Program *p, const Impl *impl) {
    const Type *args = impl->trait_args.v == 0 ? NULL : type_get(p->types, impl->trait_args);
    for (uint32_t i = 0; args != NULL && i < args->arg_count; i++)
        if (!type_is_foreign(p, args->args[i], impl->module))
            return true;
    return false;
}

// Neither its trait, if it has one, nor its type is of its package.
static bool is_misplaced(const Program *p, const Impl *impl) {
    return !program_module(p, impl->module)->is_std && type_is_foreign(p, impl->self, impl->module) &&
           (impl->trait.v == 0 || (decl_is_foreign(p, impl->trait, impl->module) && !has_own_argument(p, impl)));
}

static bool check_place(Sema *sema, const Impl *impl) {
    Program *p = sema->program;
    if (!is_misplaced(p, impl))
        return true;
    if (impl->trait.v == 0) {
        Report *report = REPORT_AT(sema, E0404, head_span(sema, impl),
                                   "methods of `%.*s` can only be added where it is declared", TYPE_ARG(p, impl->self));
        report_label(report, "this type is not declared in this package");
        report_help(report, "declare a trait with these methods and implement it for `%.*s`, or write functions",
                    TYPE_ARG(p, impl->self));
        return false;
    }
    Report *report =
        REPORT_AT(sema, E0404, head_span(sema, impl), "neither `%.*s` nor `%.*s` is declared in this package",
                  TRAIT_ARG(p, impl_trait(impl)), TYPE_ARG(p, impl->self));
    report_label(report, "an impl lives with its trait or with its type");
    report_help(report, "wrap the type in a struct of your own and implement the trait for that");
    return false;
}

// Drop and Copy exclude each other for users' types: what is dropped with care is never copied.
static void check_copy(Check *c) {
    Program *p = c->program;
    uint32_t at = impl_chain(p, p->lang[LANG_DROP], type_head(p, c->impl.self));
    ImplId drop = impl_chain_next(p, &at);
    if (drop.v == 0)
        return;
    Report *report = REPORT_AT(c->sema, E0418, head_span(c->sema, &c->impl), "`%.*s` has Drop, so it cannot have Copy",
                               TYPE_ARG(p, c->impl.self));
    report_label(report, "a value that is dropped with care is never copied");
    report_note(report, head_span(c->sema, &p->impls.items[drop.v]), "Drop is implemented here");
}

// Drop is a fact about every value of a type: the impl is for all its arguments and asks no more than the type does.
static void check_drop(Check *c) {
    Program *p = c->program;
    const Type *self = type_get(p->types, c->impl.self);
    bool whole =
        self->arg_count == c->impl.type_param_count && c->impl.bound_count <= program_shape(p, self->decl)->bound_count;
    for (uint32_t i = 0; i < self->arg_count && whole; i++)
        whole = type_get(p->types, self->args[i])->kind == TY_PARAM;
    if (whole)
        return;
    Report *report = REPORT_AT(c->sema, E0440, head_span(c->sema, &c->impl), "Drop is implemented for some `%.*s` only",
                               DECL_ARG(p, self->decl));
    report_label(report, "not for all its type arguments");
    report_help(report, "implement it for every argument, without further bounds");
}

static void check_known_traits(Check *c) {
    Program *p = c->program;
    const DeclId *lang = p->lang;
    if (program_module(p, c->impl.module)->is_std || c->trait.v == 0)
        return;
    TypeKind kind = type_get(p->types, c->impl.self)->kind;
    if (c->trait.v == lang[LANG_COPY].v)
        check_copy(c);
    if (c->trait.v == lang[LANG_DROP].v && (kind == TY_STRUCT || kind == TY_ENUM))
        check_drop(c);
    if (c->trait.v != lang[LANG_NUMBER].v && c->trait.v != lang[LANG_INTEGER].v && c->trait.v != lang[LANG_FLOATING].v)
        return;
    Report *report = REPORT_AT(c->sema, E0419, head_span(c->sema, &c->impl), "`%.*s` is of the built-in numbers only",
                               DECL_ARG(p, c->trait));
    report_label(report, "cannot be implemented for `%.*s`", TYPE_ARG(p, c->impl.self));
    report_help(report, "implement `Numeric` or `Additive` for the operators of your type");
}

// ---- overlap --------------------------------------------------------------------------------------------------------

typedef struct {
    Sema *sema;
    Infer *infer;
} Overlap;

static TypeId open_self(Overlap *o, const Impl *impl, TypeId *args) {
    for (uint32_t i = 0; i < impl->type_param_count; i++)
        args[i] = infer_fresh(o->infer, (Span){0});
    return type_subst(o->sema->program->types, impl->self, (Subst){impl->type_params, args, impl->type_param_count});
}

static bool trait_args_unify(Overlap *o, const Impl *a, const TypeId *a_args, const Impl *b, const TypeId *b_args) {
    Types *types = o->sema->program->types;
    if (a->trait_args.v == 0 || type_mentions_assoc(o->sema->program, a->trait_args) ||
        type_mentions_assoc(o->sema->program, b->trait_args))
        return true; // what an associated type is may be anything
    Subst first = {a->type_params, a_args, a->type_param_count}, second = {b->type_params, b_args, b->type_param_count};
    return infer_unify(o->infer, type_subst(types, a->trait_args, first), type_subst(types, b->trait_args, second));
}

// May the type, of which not all is known, meet a bound that asks for something to call?
static bool may_be_called(Program *p, TypeId type) {
    TypeKind kind = type_get(p->types, type)->kind;
    return kind == TY_VAR || kind == TY_PARAM || kind == TY_ASSOC || kind == TY_POISON ||
           program_callable(p, type).v != 0;
}

static bool bounds_may_hold(Overlap *o, const Impl *impl, const TypeId *args) {
    Program *p = o->sema->program;
    for (uint32_t i = 0; i < impl->bound_count; i++) {
        Subst subst = {impl->type_params, args, impl->type_param_count};
        TypeId type = infer_resolve(o->infer, type_subst(p->types, impl->bounds[i].type, subst));
        TraitRef trait = bound_trait_subst(p->types, &impl->bounds[i], subst);
        if (trait.args.v != 0)
            trait.args = program_normalize(p, infer_resolve(o->infer, trait.args), NULL, 0);
        ImplMatch match;
        type = program_normalize(p, type, NULL, 0);
        if (impl->bounds[i].callable.v != 0 && !may_be_called(p, type))
            return false;
        if (impl->bounds[i].trait.v != 0 && type_get(p->types, type)->kind != TY_ASSOC && // of a type not known yet
            program_find_impl_of(p, type, trait, NULL, 0, &match) == MATCH_NO)
            return false;
    }
    return true;
}

static bool impls_overlap(Overlap *o, ImplId first, ImplId second) {
    Program *p = o->sema->program;
    const Impl a = p->impls.items[first.v], b = p->impls.items[second.v];
    TypeId few[16];
    uint32_t total = a.type_param_count + b.type_param_count;
    TypeId *args = total <= 16 ? few : ARENA_ARRAY(o->sema->arena, TypeId, total);
    infer_reset(o->infer);
    bool overlap = infer_unify(o->infer, open_self(o, &a, args), open_self(o, &b, args + a.type_param_count)) &&
                   trait_args_unify(o, &a, args, &b, args + a.type_param_count) && bounds_may_hold(o, &a, args) &&
                   bounds_may_hold(o, &b, args + a.type_param_count);
    return overlap;
}

// std has been checked, and what stands in the wrong place is reported for that.
static bool need_not_differ(const Program *p, ImplId a, ImplId b) {
    const Impl *first = &p->impls.items[a.v], *second = &p->impls.items[b.v];
    return (program_module(p, first->module)->is_std && program_module(p, second->module)->is_std) ||
           is_misplaced(p, first) || is_misplaced(p, second);
}

static void report_overlap(Overlap *o, ImplId id, uint32_t chain) {
    Program *p = o->sema->program;
    for (ImplId other; (other = impl_chain_next(p, &chain)).v != 0;) {
        if (other.v >= id.v || need_not_differ(p, id, other) || !impls_overlap(o, id, other))
            continue;
        const Impl *impl = &p->impls.items[id.v], *first = &p->impls.items[other.v];
        Report *report = REPORT_AT(o->sema, E0403, head_span(o->sema, impl), "`%.*s` is implemented twice for `%.*s`",
                                   TRAIT_ARG(p, impl_trait(impl)), TYPE_ARG(p, impl->self));
        report_label(report, "implemented again");
        report_note(report, head_span(o->sema, first), "first implemented here");
        return;
    }
}

// An impl for every type that fits meets another one. Where they are of two packages, the one that is not the trait's
// is at fault: nobody changes what he only uses.
static void report_blanket(Overlap *o, const Impl *blanket, const Impl *other) {
    const Program *p = o->sema->program;
    bool is_others =
        !decl_is_foreign(p, blanket->trait, blanket->module) && decl_is_foreign(p, other->trait, other->module);
    Report *report =
        REPORT_AT(o->sema, E0403, head_span(o->sema, is_others ? other : blanket),
                  "`%.*s` is implemented twice for `%.*s`", TRAIT_ARG(p, impl_trait(other)), TYPE_ARG(p, other->self));
    if (is_others) {
        report_label(report, "has the trait already");
        report_note(report, head_span(o->sema, blanket), "by this impl for every type that fits `%.*s`",
                    TYPE_ARG(p, blanket->self));
    } else {
        report_label(report, "this impl is for every type that fits `%.*s`", TYPE_ARG(p, blanket->self));
        report_note(report, head_span(o->sema, other), "also implemented here");
    }
}

static void check_overlap(Overlap *o, ImplId id) {
    Program *p = o->sema->program;
    const Impl impl = p->impls.items[id.v];
    uint32_t head = type_head(p, impl.self);
    if (head != 0) { // a blanket impl that overlaps is reported itself, wherever it stands
        report_overlap(o, id, impl_chain(p, impl.trait, head));
        return;
    }
    for (uint32_t i = 1; i < p->impls.count; i++) {
        ImplId other = {i};
        if (p->impls.items[i].trait.v != impl.trait.v || i == id.v || need_not_differ(p, id, other) ||
            (type_head(p, p->impls.items[i].self) == 0 && i > id.v) || !impls_overlap(o, id, other))
            continue;
        report_blanket(o, &impl, &p->impls.items[i]);
        return;
    }
}

// Inherent methods of one name: in the same impl collect has reported them, here those of several impls.
static void check_inherent(Overlap *o, ImplId id) {
    Program *p = o->sema->program;
    const Impl impl = p->impls.items[id.v];
    for (uint32_t i = 0; i < impl.member_count; i++) {
        const Decl *member = program_decl(p, impl.members[i]);
        if (member->kind == DECL_ASSOC_TYPE) {
            Report *report =
                REPORT_AT(o->sema, E0406, decl_span(p, impl.members[i]), "an associated type belongs to a trait");
            report_label(report, "this impl is for no trait");
            continue;
        }
        uint32_t link = 0;
        map_get(&o->sema->tables->methods, (uint64_t)member->name.v << 32 | type_head(p, impl.self), &link);
        for (; link != 0; link = o->sema->tables->links.items[link].next) {
            MemberLink other = o->sema->tables->links.items[link];
            if (other.impl.v >= id.v || need_not_differ(p, other.impl, id) || !impls_overlap(o, id, other.impl))
                continue;
            Report *report =
                REPORT_AT(o->sema, E0408, decl_span(p, impl.members[i]), "`%.*s` has a method `%.*s` already",
                          TYPE_ARG(p, impl.self), DECL_ARG(p, impl.members[i]));
            report_label(report, "declared again");
            report_note(report, decl_span(p, other.decl), "first declared here");
            break;
        }
    }
}

void impls_check(Sema *sema) {
    Program *p = sema->program;
    Overlap overlap = {sema, infer_new(sema)};
    for (uint32_t i = 1; i < p->impls.count; i++) {
        const Impl impl = p->impls.items[i];
        if (is_poison(sema, impl.self) || !check_place(sema, &impl))
            continue;
        if (impl.trait.v == 0) {
            check_inherent(&overlap, (ImplId){i});
            continue;
        }
        Check check = {.sema = sema, .program = p, .id = {i}, .impl = impl, .trait = impl.trait};
        check_overlap(&overlap, (ImplId){i});
        check_missing(&check);
        check_members(&check);
        check_supers(&check);
        check_param_bounds(&check);
        check_assoc_bounds(&check);
        check_known_traits(&check);
    }
    infer_free(overlap.infer);
}
