// From type syntax to types: names, applications, and every type form.
#include "sema/tables.h"

static const Ast *ast_of(const Env *env) {
    return program_module(env->sema->program, env->module)->ast;
}
static TypeId poison(const Env *env) {
    return type_builtin(env->sema->program->types, TY_POISON);
}
static Span node_span(const Env *env, NodeId node) {
    return ast_span(ast_of(env), node);
}

// ---- names ----------------------------------------------------------------------------------------------------------

// What the first parts of a path mean. `rest` parts are left over: T.Item, module.member.
typedef struct {
    DeclId decl; // a declaration, or
    TypeId type; // a type: a parameter, Self, an associated type
    bool reported;
} Named;

static bool is_capital_letter(Text text) {
    return text.size == 1 && text.data[0] >= 'A' && text.data[0] <= 'Z';
}

bool type_is_implicit(const Sema *sema, TypeId type) {
    const Type *t = type_get(sema->program->types, type);
    while (t->kind == TY_ASSOC)
        t = type_get(sema->program->types, t->args[0]);
    if (t->kind != TY_PARAM || program_decl(sema->program, t->decl)->kind != DECL_TYPE_PARAM)
        return false;
    NodeKind kind = ast_kind(program_ast(sema->program, t->decl), program_decl(sema->program, t->decl)->node);
    return kind != NODE_TYPE_PARAM && kind != NODE_PARAM;
}

static TypeId assoc_in_trait(const Env *env, TraitRef trait, TypeId self, SymbolId name, int depth) {
    Program *p = env->sema->program;
    const Trait *row = trait.decl.v == 0 ? NULL : p->traits[trait.decl.v];
    if (row == NULL || depth > 64)
        return (TypeId){0};
    for (uint32_t i = 0; i < row->member_count; i++) {
        const Decl *member = program_decl(p, row->members[i]);
        if (member->kind == DECL_ASSOC_TYPE && member->name.v == name.v)
            return type_assoc(p->types, row->members[i], self, trait.args);
    }
    for (uint32_t i = 0; i < row->super_count; i++) {
        TraitRef super = bound_trait(&row->supers[i]);
        if (super.args.v != 0)
            super = bound_trait_subst(p->types, &row->supers[i], trait_subst(p, trait, self));
        TypeId found = assoc_in_trait(env, super, self, name, depth + 1);
        if (found.v != 0)
            return found;
    }
    return (TypeId){0};
}

// The associated type of the impl we stand in, as written there.
static TypeId assoc_of_own_impl(const Env *env, SymbolId name) {
    const Program *p = env->sema->program;
    const Impl *impl = &p->impls.items[env->impl.v];
    TypeId declared = assoc_in_trait(env, impl_trait(impl), env->self_type, name, 0);
    for (uint32_t i = 0; declared.v != 0 && i < impl->member_count; i++)
        if (program_decl(p, impl->members[i])->name.v == name.v && impl->assoc_types[i].v != 0)
            return impl->assoc_types[i];
    return declared;
}

static TypeId assoc_by_bounds(const Env *env, TypeId base, SymbolId name) {
    TypeId found = {0};
    for (uint32_t i = 0; i < env->bound_count && found.v == 0; i++)
        if (env->bounds[i].type.v == base.v)
            found = assoc_in_trait(env, bound_trait(&env->bounds[i]), base, name, 0);
    return found;
}

static TypeId infer_assoc_bound(Env *env, TypeId base, SymbolId name, NodeId node) {
    DeclId other = {0};
    DeclId trait = methods_nearest_trait(env->sema, env->module, name, DECL_ASSOC_TYPE, &other);
    if (trait.v == 0 || other.v != 0 || trait_param_count(env->sema->program, trait) > 0)
        return (TypeId){0};
    env_add_bound(env, (Bound){.type = base, .trait = trait, .span = node_span(env, node), .is_inferred = true});
    return assoc_in_trait(env, (TraitRef){trait, {0}}, base, name, 0);
}

TypeId type_assoc_of(Env *env, TypeId base, SymbolId name) {
    Program *p = env->sema->program;
    if (env->impl.v != 0 && base.v == env->self_type.v) {
        TypeId own = assoc_of_own_impl(env, name);
        if (own.v != 0)
            return own;
    }
    TypeId bounded = assoc_by_bounds(env, base, name);
    if (bounded.v != 0)
        return bounded;
    uint32_t link = 0;
    map_get(&env->sema->tables->trait_members, name.v, &link);
    for (; link != 0; link = env->sema->tables->links.items[link].next) {
        DeclId member = env->sema->tables->links.items[link].decl;
        ImplMatch match;
        if (program_decl(p, member)->kind != DECL_ASSOC_TYPE)
            continue;
        TraitRef trait = {program_decl(p, member)->parent, {0}};
        if (trait_param_count(p, trait.decl) > 0) {
            ImplMatch few[2]; // of two impls with different arguments none is meant
            if (program_find_candidates(p, base, trait, env->bounds, env->bound_count, few, 2) != 1 ||
                few[0].impl.v == 0)
                continue;
            const Impl *impl = &p->impls.items[few[0].impl.v];
            Subst subst = {impl->type_params, few[0].impl_args, few[0].impl_arg_count};
            trait.args = type_subst(p->types, impl->trait_args, subst);
        }
        if (program_find_impl_of(p, base, trait, env->bounds, env->bound_count, &match) == MATCH_YES &&
            match.impl.v != 0)
            return program_normalize(p, type_assoc(p->types, member, base, trait.args), env->bounds, env->bound_count);
    }
    return (TypeId){0};
}

// Types and traits that go by another name in other languages.
bool help_foreign_type(Report *report, Text name, Span span) {
    typedef enum { TYPE, HELP } Kind;
    static const struct {
        const char *name;
        Kind kind;
        const char *ours;
    } TABLE[] = {
#define FOREIGN(name, kind, ours) {name, kind, ours},
#include "sema/foreign_types.def"
#undef FOREIGN
    };
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        if (!text_equal(name, text_of(TABLE[i].name)))
            continue;
        if (TABLE[i].kind == TYPE)
            report_fix(report, span, text_of(TABLE[i].ours), "use the type of Janus");
        else
            report_help(report, "%s", TABLE[i].ours);
        return true;
    }
    return false;
}

static void report_unknown_type(Env *env, TokenId token, const char *wanted) {
    SymbolId name = ast_symbol(ast_of(env), token);
    Span span = ast_token_span(ast_of(env), token);
    Report *report = REPORT_AT(env->sema, E0204, span, "there is no %s `%.*s`", wanted,
                               TEXT_ARG(ast_token_text(ast_of(env), token)));
    report_label(report, "not known here");
    bool is_base = ast_of(env)->source.data[span.end] == '.';
    if (help_foreign_type(report, symbol(env->sema->program, name), span) ||
        help_elsewhere(env->sema, report, env->module, name, span, is_base))
        return;
    if (is_capital_letter(symbol(env->sema->program, name)))
        report_help(report, "a type parameter is declared in brackets after the name: `[%.*s]`",
                    SYMBOL_ARG(env->sema->program, name));
    else if (name.v != 0)
        link_suggest_type(env->sema, report, env->module, name, span);
}

static Named name_self_type(Env *env, TokenId token) {
    if (env->self_type.v != 0)
        return (Named){.type = env->self_type};
    Report *report = REPORT_AT(env->sema, E0204, ast_token_span(ast_of(env), token), "there is no `Self` here");
    report_label(report, "stands only in a trait or an impl");
    return (Named){.reported = true};
}

static TypeId implicit_param(Env *env, SymbolId name, NodeId node) {
    DeclId param = declare_type_param(env, name, node);
    return type_param(env->sema->program->types, param);
}

// Another name for a type is the type; one with type parameters waits for their arguments.
static Named through_alias(Env *env, DeclId decl) {
    const Program *p = env->sema->program;
    if (program_decl(p, decl)->kind != DECL_ALIAS || program_shape(p, decl)->type_param_count > 0)
        return (Named){.decl = decl};
    TypeId target = alias_target(env->sema, decl);
    return type_get(p->types, target)->kind == TY_POISON ? (Named){.reported = true} : (Named){.type = target};
}

static Named name_first(Env *env, NodeId node, bool may_be_type) {
    const Ast *ast = ast_of(env);
    TokenId token = ast_token(ast, node);
    if (ast_token_kind(ast, token) == TOK_KW_SELF_TYPE)
        return name_self_type(env, token);
    SymbolId name = ast_symbol(ast, token);
    DeclId param = env_find_param(env, name);
    if (param.v != 0)
        return (Named){.type = type_param(env->sema->program->types, param)};
    if (may_be_type && env->self_type.v != 0) {
        TypeId assoc = env->impl.v != 0 ? assoc_of_own_impl(env, name) : assoc_by_bounds(env, env->self_type, name);
        if (assoc.v != 0)
            return (Named){.type = assoc};
    }
    DeclId decl = sema_lookup(env->sema, env->module, name);
    if (decl.v != 0)
        return through_alias(env, decl);
    if (env->allow_implicit && may_be_type && is_capital_letter(symbol(env->sema->program, name)))
        return (Named){.type = implicit_param(env, name, node)};
    report_unknown_type(env, token, may_be_type ? "type" : "trait");
    return (Named){.reported = true};
}

void type_declare_letter(Env *env, NodeId node) {
    AstPath path = ast_path(ast_of(env), node);
    NodeId first = path.parts.count > 0 ? AST_ITEM(path.parts, 0) : (NodeId){0};
    if (first.v != 0 && is_capital_letter(ast_token_text(ast_of(env), ast_token(ast_of(env), first))))
        name_first(env, first, true);
}

static Named name_in_module(Env *env, ModuleId module, TokenId token) {
    Sema *sema = env->sema;
    SymbolId name = ast_symbol(ast_of(env), token);
    DeclId decl = sema_module_member(sema, module, name);
    if (decl.v != 0)
        return through_alias(env, decl);
    report_no_member(sema, module, name, ast_token_span(ast_of(env), token));
    return (Named){.reported = true};
}

// The associated type of a trait that the type has, or is bound to have, for several arguments.
static bool report_several_assoc(Env *env, TypeId base, TokenId token) {
    Program *p = env->sema->program;
    uint32_t link = 0;
    map_get(&env->sema->tables->trait_members, ast_symbol(ast_of(env), token).v, &link);
    for (; link != 0; link = env->sema->tables->links.items[link].next) {
        DeclId member = env->sema->tables->links.items[link].decl;
        TraitRef trait = {program_decl(p, member)->parent, {0}};
        ImplMatch few[2];
        if (program_decl(p, member)->kind != DECL_ASSOC_TYPE || trait_param_count(p, trait.decl) == 0 ||
            (env->impl.v != 0 && base.v == env->self_type.v) ||
            program_find_candidates(p, base, trait, env->bounds, env->bound_count, few, 2) < 2)
            continue;
        Report *report = REPORT_AT(env->sema, E0445, ast_token_span(ast_of(env), token), "`%.*s` has several `%.*s`",
                                   TYPE_ARG(p, base), DECL_ARG(p, member));
        report_label(report, "one for each `%.*s` it implements", DECL_ARG(p, trait.decl));
        report_note(report, decl_span(p, member), "declared here");
        report_help(report, "let a type parameter stand for it: bound one by `%.*s` once only",
                    DECL_ARG(p, trait.decl));
        return true;
    }
    return false;
}

static void report_no_assoc(Env *env, TypeId base, TokenId token) {
    Report *report =
        REPORT_AT(env->sema, E0409, ast_token_span(ast_of(env), token), "`%.*s` has no associated type `%.*s`",
                  TYPE_ARG(env->sema->program, base), TEXT_ARG(ast_token_text(ast_of(env), token)));
    report_label(report, "not declared by any trait it is bound to");
}

static Named name_assoc(Env *env, TypeId base, NodeId part) {
    TokenId token = ast_token(ast_of(env), part);
    SymbolId name = ast_symbol(ast_of(env), token);
    if (type_get(env->sema->program->types, base)->kind == TY_POISON)
        return (Named){.reported = true};
    if (report_several_assoc(env, base, token))
        return (Named){.reported = true};
    TypeId found = type_assoc_of(env, base, name);
    if (found.v == 0 && type_is_implicit(env->sema, base))
        found = infer_assoc_bound(env, base, name, part);
    if (found.v != 0)
        return (Named){.type = found};
    report_no_assoc(env, base, token);
    return (Named){.reported = true};
}

TypeId type_assoc_quietly(Env *env, TypeId base, TokenId token) {
    if (type_get(env->sema->program->types, base)->kind == TY_POISON)
        return base;
    if (report_several_assoc(env, base, token))
        return type_builtin(env->sema->program->types, TY_POISON);
    return type_assoc_of(env, base, ast_symbol(ast_of(env), token));
}

TypeId type_assoc_at(Env *env, TypeId base, TokenId token) {
    TypeId found = type_assoc_quietly(env, base, token);
    if (found.v == 0)
        report_no_assoc(env, base, token);
    return found.v != 0 ? found : type_builtin(env->sema->program->types, TY_POISON);
}

// a, a.b.C, Self, Self.Item, T.Item
static Named resolve_path(Env *env, NodeId node, bool may_be_type) {
    Program *p = env->sema->program;
    AstPath path = ast_path(ast_of(env), node);
    if (path.parts.count == 0)
        return (Named){.reported = true};
    Named named = name_first(env, AST_ITEM(path.parts, 0), may_be_type);
    for (uint32_t i = 1; i < path.parts.count && !named.reported; i++) {
        NodeId part = AST_ITEM(path.parts, i);
        DeclKind kind = named.decl.v == 0 ? DECL_NONE : program_decl(p, named.decl)->kind;
        if (kind == DECL_IMPORT) {
            ImportTarget target = sema_import_target(env->sema, named.decl);
            named = target.module.v == 0 ? (Named){.reported = true}
                                         : name_in_module(env, target.module, ast_token(ast_of(env), part));
            continue;
        }
        TypeId base = named.type;
        if ((kind == DECL_STRUCT || kind == DECL_ENUM || kind == DECL_ERROR) &&
            program_shape(p, named.decl)->type_param_count == 0)
            base = type_nominal(p->types,
                                kind == DECL_STRUCT ? TY_STRUCT
                                : kind == DECL_ENUM ? TY_ENUM
                                                    : TY_ERROR,
                                named.decl, NULL, 0);
        else if (kind != DECL_NONE)
            base = poison(env);
        if (kind != DECL_NONE && type_get(p->types, base)->kind == TY_POISON) {
            Report *report = REPORT_AT(env->sema, E0208, node_span(env, node), "`%.*s` is not a type",
                                       TEXT_ARG(ast_token_text(ast_of(env), ast_token(ast_of(env), part))));
            report_label(report, "a type is expected here");
            return (Named){.reported = true};
        }
        named = name_assoc(env, base, part);
    }
    return named;
}

static void report_trait_arity(Env *env, NodeId node, DeclId trait, uint32_t given) {
    Program *p = env->sema->program;
    const Trait *row = p->traits[trait.v];
    uint32_t wanted = row->type_param_count;
    Report *report =
        REPORT_AT(env->sema, E0350, node_span(env, node), "`%.*s` takes %u type argument%s, but %u %s given",
                  DECL_ARG(p, trait), wanted, wanted == 1 ? "" : "s", given, given == 1 ? "is" : "are");
    if (given == 0)
        report_label(report, "say for what: `%.*s`", TRAIT_ARG(p, ((TraitRef){trait, trait_own_args(p, trait)})));
    else
        report_label(report, wanted == 0 ? "has no type parameters" : "wrong number of type arguments");
    report_note(report, decl_span(p, trait), "declared here");
}

static TraitRef trait_named(Env *env, NodeId node) {
    const Ast *ast = ast_of(env);
    Named named = resolve_path(env, node, false);
    if (named.reported)
        return (TraitRef){0};
    if (named.decl.v != 0 && program_decl(env->sema->program, named.decl)->kind == DECL_TRAIT)
        return (TraitRef){.decl = named.decl};
    Span span = ast_span(ast, node);
    Report *report = REPORT_AT(env->sema, E0401, span, "`%.*s` is not a trait", (int)(span.end - span.start),
                               ast->source.data + span.start);
    report_label(report, "the name of a trait is expected here");
    if (named.decl.v != 0 && program_decl(env->sema->program, named.decl)->node.v != 0)
        report_note(report, decl_span(env->sema->program, named.decl), "this is what the name stands for");
    return (TraitRef){0};
}

TraitRef type_node_trait(Env *env, NodeId node) {
    const Ast *ast = ast_of(env);
    NodeKind kind = ast_kind(ast, node);
    if (kind == NODE_INVALID)
        return (TraitRef){0};
    AstCall call = kind == NODE_TYPE_APPLY ? ast_call(ast, node) : (AstCall){.callee = node};
    if (ast_kind(ast, call.callee) != NODE_TYPE_NAME) {
        Report *report = REPORT_AT(env->sema, E0401, ast_span(ast, node), "this is not a trait");
        report_label(report, "the name of a trait is expected here");
        return (TraitRef){0};
    }
    TraitRef trait = trait_named(env, call.callee);
    TypeId few[8];
    TypeId *args = call.args.count <= 8 ? few : ARENA_ARRAY(env->sema->arena, TypeId, call.args.count);
    bool has_poison = false;
    for (uint32_t i = 0; i < call.args.count; i++) {
        const Trait *row = trait.decl.v == 0 ? NULL : env->sema->program->traits[trait.decl.v];
        DeclId param = row != NULL && i < row->type_param_count ? row->type_params[i] : (DeclId){0};
        args[i] = type_arg(env, AST_ITEM(call.args, i), param);
        has_poison |= (type_get(env->sema->program->types, args[i])->flags & TYPE_HAS_POISON) != 0;
    }
    if (trait.decl.v == 0 || has_poison)
        return (TraitRef){0};
    if (call.args.count != trait_param_count(env->sema->program, trait.decl)) {
        report_trait_arity(env, node, trait.decl, call.args.count);
        return (TraitRef){0};
    }
    if (call.args.count > 0)
        trait.args = type_tuple(env->sema->program->types, args, call.args.count);
    return trait;
}

// ---- nominal types --------------------------------------------------------------------------------------------------

static void report_not_a_type(Env *env, NodeId node, DeclId decl) {
    Program *p = env->sema->program;
    DeclKind kind = program_decl(p, decl)->kind;
    const char *what = kind == DECL_FUNC     ? "a function"
                       : kind == DECL_TRAIT  ? "a trait"
                       : kind == DECL_CONST  ? "a constant"
                       : kind == DECL_IMPORT ? "a module"
                                             : "no type";
    Report *report =
        REPORT_AT(env->sema, E0208, node_span(env, node), "`%.*s` is %s, not a type", DECL_ARG(p, decl), what);
    report_label(report, "a type is expected here");
    if (kind == DECL_TRAIT)
        report_help(
            report,
            "a value of any type that has the trait is written with a type parameter, `func f[T: %.*s](x: T)`, or "
            "as a `dyn %.*s`",
            DECL_ARG(p, decl), DECL_ARG(p, decl));
    else if (kind == DECL_IMPORT)
        report_help(report, "name one of its types: `%.*s.Name`", DECL_ARG(p, decl));
}

static void report_arity(Env *env, NodeId node, DeclId decl, uint32_t wanted, uint32_t given) {
    Program *p = env->sema->program;
    Report *report =
        REPORT_AT(env->sema, E0350, node_span(env, node), "`%.*s` takes %u type argument%s, but %u %s given",
                  DECL_ARG(p, decl), wanted, wanted == 1 ? "" : "s", given, given == 1 ? "is" : "are");
    if (wanted == 0) {
        report_label(report, "has no type parameters");
    } else if (given == 0) {
        Buffer example = {0};
        for (uint32_t i = 0; i < wanted; i++)
            buffer_printf(&example, "%s%.*s", i == 0 ? "" : ", ", DECL_ARG(p, program_shape(p, decl)->type_params[i]));
        report_label(report, "say for what: `%.*s[%.*s]`", DECL_ARG(p, decl), TEXT_ARG(buffer_view(&example)));
        vec_free(&example);
    } else {
        report_label(report, "wrong number of type arguments");
    }
    if (program_decl(p, decl)->node.v != 0)
        report_note(report, decl_span(p, decl), "declared here");
}

static TypeId named_by_alias(Env *env, NodeId node, DeclId decl, const TypeId *args) {
    Program *p = env->sema->program;
    TypeId type = program_normalize(p, alias_of(env->sema, decl, args), env->bounds, env->bound_count);
    const Type *t = type_get(p->types, type);
    if ((t->kind == TY_STRUCT || t->kind == TY_ENUM) && t->arg_count > 0)
        type_check_bounds(env, node, type);
    return type;
}

static TypeId make_nominal(Env *env, NodeId node, DeclId decl, const TypeId *args, uint32_t count) {
    Program *p = env->sema->program;
    const Decl *row = program_decl(p, decl);
    TypeKind kind;
    uint32_t wanted = 0;
    switch (row->kind) {
    case DECL_STRUCT: kind = TY_STRUCT; break;
    case DECL_ENUM: kind = TY_ENUM; break;
    case DECL_ERROR: kind = TY_ERROR; break;
    case DECL_BUILTIN_TYPE:
        if (count != 0)
            report_arity(env, node, decl, 0, count);
        return count == 0 ? type_builtin(p->types, (TypeKind)row->index) : poison(env);
    case DECL_ALIAS: kind = TY_NONE; break;
    default: report_not_a_type(env, node, decl); return poison(env);
    }
    wanted = program_shape(p, decl)->type_param_count;
    if (wanted != count) {
        report_arity(env, node, decl, wanted, count);
        return poison(env);
    }
    if (kind == TY_NONE)
        return named_by_alias(env, node, decl, args);
    TypeId type = type_nominal(p->types, kind, decl, args, count);
    if (count > 0)
        type_check_bounds(env, node, type);
    return type;
}

static TypeId type_name(Env *env, NodeId node) {
    Named named = resolve_path(env, node, true);
    if (named.reported || (named.type.v != 0 && const_param_refuse(env, node, named.type)))
        return poison(env);
    return named.type.v != 0 ? named.type : make_nominal(env, node, named.decl, NULL, 0);
}

// The parameter of a generic type at an index, or 0.
static DeclId param_of(const Env *env, DeclId decl, uint32_t index) {
    const Shape *shape = decl.v == 0 ? NULL : program_shape(env->sema->program, decl);
    return shape != NULL && index < shape->type_param_count ? shape->type_params[index] : (DeclId){0};
}

static TypeId type_apply(Env *env, NodeId node) {
    AstCall call = ast_call(ast_of(env), node);
    TypeId few[8];
    TypeId *args = call.args.count <= 8 ? few : ARENA_ARRAY(env->sema->arena, TypeId, call.args.count);
    bool bad = ast_kind(ast_of(env), call.callee) != NODE_TYPE_NAME;
    Named named = bad ? (Named){.reported = true} : resolve_path(env, call.callee, true);
    DeclId box = sema_lang(env->sema, LANG_BOX);
    for (uint32_t i = 0; i < call.args.count; i++) {
        env->allow_dyn = box.v != 0 && named.decl.v == box.v;
        args[i] = type_arg(env, AST_ITEM(call.args, i), param_of(env, named.decl, i));
    }
    if (named.reported)
        return poison(env);
    if (named.type.v != 0) {
        Report *report = REPORT_AT(env->sema, E0350, node_span(env, node), "`%.*s` takes no type arguments",
                                   TYPE_ARG(env->sema->program, named.type));
        report_label(report, "has no type parameters");
        return poison(env);
    }
    return make_nominal(env, node, named.decl, args, call.args.count);
}

// ---- bounds of type arguments ---------------------------------------------------------------------------------------

static Subst shape_subst(const Program *p, TypeId type) {
    const Type *t = type_get(p->types, type);
    return (Subst){program_shape(p, t->decl)->type_params, t->args, t->arg_count};
}

static void report_bound(Env *env, NodeId node, TypeId type, TypeId arg, const Bound *bound) {
    Program *p = env->sema->program;
    DeclId shape = type_get(p->types, type)->decl;
    TraitRef trait = bound_trait_subst(p->types, bound, shape_subst(p, type));
    Report *report = REPORT_AT(env->sema, E0402, node_span(env, node), "`%.*s` does not implement `%.*s`",
                               TYPE_ARG(p, arg), TRAIT_ARG(p, trait));
    report_label(report, "`%.*s` needs it", DECL_ARG(p, shape));
    report_note(report, bound->span, "the bound is declared here");
    if (type_get(p->types, arg)->kind == TY_PARAM)
        report_help(report, "bound the type parameter: `[%.*s: %.*s]`", TYPE_ARG(p, arg), TRAIT_ARG(p, trait));
}

static void judge_bounds(Env *env, NodeId node, TypeId type) {
    Program *p = env->sema->program;
    const Type *t = type_get(p->types, type);
    const Shape *shape = program_shape(p, t->decl);
    for (uint32_t i = 0; i < shape->bound_count; i++) {
        if (shape->bounds[i].trait.v == 0)
            continue;
        TypeId arg = type_subst(p->types, shape->bounds[i].type, (Subst){shape->type_params, t->args, t->arg_count});
        ImplMatch match;
        TraitRef trait = bound_trait_subst(p->types, &shape->bounds[i], shape_subst(p, type));
        if (sema_implements_of(env, arg, trait, &match) != MATCH_NO)
            continue;
        if (type_is_implicit(env->sema, arg) && sema_infer_bound(env, arg, trait, node_span(env, node)))
            continue;
        report_bound(env, node, type, arg, &shape->bounds[i]);
        return;
    }
}

void type_check_bounds(Env *env, NodeId node, TypeId type) {
    struct SemaTables *tables = env->sema->tables;
    const Type *t = type_get(env->sema->program->types, type);
    if (t->flags & TYPE_HAS_POISON)
        return;
    if (tables->signatures_done) {
        if (program_shape(env->sema->program, t->decl)->bound_count > 0)
            judge_bounds(env, node, type);
        return;
    }
    vec_push(&tables->later, (LaterBounds){env->owner, env->impl, env->module, node, type});
}

void types_judge_later(Sema *sema) {
    struct SemaTables *tables = sema->tables;
    for (uint32_t i = 0; i < tables->later.count; i++) {
        LaterBounds one = tables->later.items[i];
        if (program_shape(sema->program, type_get(sema->program->types, one.type)->decl)->bound_count == 0)
            continue;
        Env env = one.owner.v != 0  ? sema_env_of(sema, one.owner)
                  : one.impl.v != 0 ? env_of_impl(sema, one.impl)
                                    : env_of_module(sema, one.module);
        judge_bounds(&env, one.node, one.type);
    }
    vec_free(&tables->later);
}

// ---- the forms ------------------------------------------------------------------------------------------------------

static Text source_of(Env *env, NodeId node) {
    Span span = node_span(env, node);
    return (Text){ast_of(env)->source.data + span.start, span.end - span.start};
}

static TypeId no_error_set(Env *env, NodeId node, TypeId error, TypeId value) {
    Program *p = env->sema->program;
    AstBinary parts = ast_binary(ast_of(env), node);
    Report *report =
        REPORT_AT(env->sema, E0357, node_span(env, parts.left), "`%.*s` is not an error set", TYPE_ARG(p, error));
    report_label(report, "what stands before `!` is declared with `error`");
    const Type *type = type_get(p->types, error);
    if (type_get(p->types, value)->kind == TY_ERROR)
        report_fix(report, node_span(env, node),
                   arena_printf(p->arena, "%.*s!%.*s", TEXT_ARG(source_of(env, parts.right)),
                                TEXT_ARG(source_of(env, parts.left))),
                   "the errors come first");
    else if (type->decl.v != 0 && type->kind != TY_PARAM)
        report_note(report, decl_span(p, type->decl), "declared here");
    return poison(env);
}

static TypeId type_result_node(Env *env, NodeId node) {
    Program *p = env->sema->program;
    AstBinary parts = ast_binary(ast_of(env), node);
    if (parts.left.v == 0) {
        DeclId owner = env->set_owner;
        env->set_owner = (DeclId){0};
        TypeId value = sema_type(env, parts.right);
        if (owner.v == 0) {
            Report *report = REPORT_AT(env->sema, E0358, node_span(env, node),
                                       "the errors of `!%.*s` cannot be inferred here", TYPE_ARG(p, value));
            report_label(report, "name the error set: `E!%.*s`", TYPE_ARG(p, value));
            report_help(report, "a set is inferred only for the result of a function with a body");
            return poison(env);
        }
        TypeId set = type_intern(p->types, &(Type){.kind = TY_INFERRED_SET, .decl = owner});
        return type_result(p->types, set, value);
    }
    env->set_owner = (DeclId){0};
    TypeId error = sema_type(env, parts.left);
    TypeId value = sema_type(env, parts.right);
    TypeKind kind = type_get(p->types, error)->kind;
    if (kind == TY_POISON)
        return poison(env);
    if (kind != TY_ERROR)
        return no_error_set(env, node, error, value);
    return type_result(p->types, error, value);
}

static TypeId type_func_node(Env *env, NodeId node) {
    AstFuncType func = ast_func_type(ast_of(env), node);
    TypeId few[8];
    uint8_t few_modes[8];
    uint32_t count = func.params.count;
    TypeId *params = count <= 8 ? few : ARENA_ARRAY(env->sema->arena, TypeId, count);
    uint8_t *modes = count <= 8 ? few_modes : ARENA_ARRAY(env->sema->arena, uint8_t, count);
    env->set_owner = (DeclId){0};
    for (uint32_t i = 0; i < count; i++) {
        NodeId param_node = AST_ITEM(func.params, i);
        bool valid = ast_kind(ast_of(env), param_node) == NODE_PARAM;
        AstParam param = valid ? ast_param(ast_of(env), param_node) : (AstParam){0};
        env->allow_dyn = param.mode != MODE_OWN;
        params[i] = param.type.v == 0 ? poison(env) : sema_type(env, param.type);
        modes[i] = (uint8_t)param.mode;
    }
    TypeId result = func.result.v == 0 ? type_builtin(env->sema->program->types, TY_VOID) : sema_type(env, func.result);
    return type_func(env->sema->program->types, func.self_mode, params, modes, count, result);
}

static TypeId type_tuple_node(Env *env, NodeId node) {
    AstList list = ast_list(ast_of(env), node);
    if (list.count == 1)
        return sema_type(env, AST_ITEM(list, 0)); // parentheses
    env->allow_dyn = false;
    TypeId few[8];
    TypeId *items = list.count <= 8 ? few : ARENA_ARRAY(env->sema->arena, TypeId, list.count);
    for (uint32_t i = 0; i < list.count; i++)
        items[i] = sema_type(env, AST_ITEM(list, i));
    return type_tuple(env->sema->program->types, items, list.count);
}

static TypeId type_pointer_node(Env *env, NodeId node, NodeId child) {
    TypeId target = sema_type(env, child);
    if (program_module(env->sema->program, env->module)->is_std)
        return type_unary(env->sema->program->types, TY_POINTER, target);
    Report *report = REPORT_AT(env->sema, E0356, node_span(env, node), "there are no raw pointers in this profile");
    report_label(report, "`*T` is not allowed here");
    report_help(report, "lend a value with `mut`, or own it in a `Box[%.*s]`", TYPE_ARG(env->sema->program, target));
    return poison(env);
}

enum { ARRAY_BITS = 40 }; // of the number of all elements, those of elements included

// An array of arrays has no more elements, all in all, than one array may have.
static TypeId type_array_limited(Env *env, NodeId node, TypeId item, TypeId length) {
    Types *types = env->sema->program->types;
    uint64_t total = 1;
    bool is_too_large = false;
    TypeId type = type_array_of(types, item, length);
    for (const Type *t = type_get(types, type); t->kind == TY_ARRAY; t = type_get(types, t->args[0]))
        if (!type_array_is_open(t) && t->count != 0)
            is_too_large |= __builtin_mul_overflow(total, t->count, &total) || total >> ARRAY_BITS != 0;
    if (!is_too_large || type_get(types, length)->count >> ARRAY_BITS != 0)
        return type;
    Report *report = REPORT_AT(env->sema, E0352, node_span(env, node), "an array cannot have this length");
    report_label(report, "too large, together with the arrays it is made of");
    report_help(report, "a list of lists, `[][]T`, grows to the size that is needed");
    return poison(env);
}

static TypeId type_array_node(Env *env, NodeId node) {
    AstBinary parts = ast_binary(ast_of(env), node);
    TypeId length = array_length(env, parts.left);
    TypeId item = sema_type(env, parts.right);
    if (type_get(env->sema->program->types, length)->kind == TY_POISON)
        return length;
    return type_array_limited(env, node, item, length);
}

// `let Slice[T]`: a view borrows by itself, and is given as it is.
static TypeId type_projection(Env *env, TypeId target, bool is_mut) {
    const Program *p = env->sema->program;
    const Type *t = type_get(p->types, target);
    const Shape *shape = t->kind == TY_STRUCT ? program_shape(p, t->decl) : NULL;
    return shape && shape->is_view ? target : type_ref(p->types, target, is_mut);
}

static TypeId type_projected(Env *env, NodeId node, bool is_mut) {
    env->allow_dyn = true;
    return type_projection(env, sema_type(env, ast_unary(ast_of(env), node).child), is_mut);
}

static TypeId type_of_node(Env *env, NodeId node, bool allows_dyn) {
    Types *types = env->sema->program->types;
    const Ast *ast = ast_of(env);
    switch (ast_kind(ast, node)) {
    case NODE_TYPE_NAME: return type_name(env, node);
    case NODE_TYPE_APPLY: return type_apply(env, node);
    case NODE_TYPE_LIST: {
        TypeId item = sema_type(env, ast_unary(ast, node).child);
        return type_lang(env->sema->program, LANG_LIST, &item, 1);
    }
    case NODE_TYPE_ARRAY: return type_array_node(env, node);
    case NODE_TYPE_OPTIONAL: return type_unary(types, TY_OPTIONAL, sema_type(env, ast_unary(ast, node).child));
    case NODE_TYPE_RESULT: return type_result_node(env, node);
    case NODE_TYPE_FUNC: return type_func_node(env, node);
    case NODE_TYPE_TUPLE: env->allow_dyn = allows_dyn; return type_tuple_node(env, node);
    case NODE_TYPE_LET: return type_projected(env, node, false);
    case NODE_TYPE_MUT: return type_projected(env, node, true);
    case NODE_TYPE_POINTER: return type_pointer_node(env, node, ast_unary(ast, node).child);
    case NODE_TYPE_DYN: return type_dyn_node(env, node, allows_dyn);
    case NODE_TYPE_TYPE: {
        Report *report = REPORT_AT(env->sema, E0208, ast_span(ast, node), "`type` is no type of values");
        report_label(report, "stands only as the type of a parameter: `T: type`");
        return poison(env);
    }
    default: return poison(env); // INVALID: the parser reported
    }
}

TypeId sema_type(Env *env, NodeId node) {
    DeclId set_owner = env->set_owner;
    NodeKind kind = ast_kind(ast_of(env), node);
    if (kind != NODE_TYPE_RESULT && kind != NODE_TYPE_TUPLE)
        env->set_owner = (DeclId){0}; // an inferred set stands outermost only
    bool allows_dyn = env->allow_dyn;
    env->allow_dyn = false;
    TypeId type = type_of_node(env, node, allows_dyn);
    env->set_owner = set_owner;
    program_module(env->sema->program, env->module)->facts->types[node.v] = type;
    return type;
}

bool type_refuse_projection(Env *env, NodeId node, TypeId type, const char *where) {
    const Ast *ast = ast_of(env);
    NodeKind kind = ast_kind(ast, node);
    if (kind != NODE_TYPE_LET && kind != NODE_TYPE_MUT) {
        const Type *t = type_get(env->sema->program->types, type);
        if (!(t->flags & TYPE_HAS_REF))
            return false;
        if (kind == NODE_TYPE_OPTIONAL)
            return type_refuse_projection(env, ast_unary(ast, node).child, t->args[0], where);
        if (kind == NODE_TYPE_TUPLE && t->kind == TY_TUPLE) {
            AstList list = ast_list(ast, node);
            for (uint32_t i = 0; i < list.count; i++)
                if (type_refuse_projection(env, AST_ITEM(list, i), t->args[i], where))
                    return true;
        }
        return false;
    }
    Report *report = REPORT_AT(env->sema, E0354, ast_span(ast, node), "a projection cannot be %s", where);
    report_label(report, "`%.*s` borrows", TYPE_ARG(env->sema->program, type));
    report_help(report, "projections stand in the results of functions; write the type itself: a parameter is borrowed "
                        "anyway, and `mut` before its name lends it for change");
    return true;
}
