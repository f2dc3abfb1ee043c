// Heads: the type parameters and bounds of shapes, traits and impls, what traits extend, and which type an impl is for.
#include "sema/tables.h"

DeclId declare_type_param(Env *env, SymbolId name, NodeId node) {
    Sema *sema = env->sema;
    env_reserve_params(env, 1);
    DeclId id = program_add_decl(sema->program, (Decl){.kind = DECL_TYPE_PARAM,
                                                       .module = env->module,
                                                       .node = node,
                                                       .name = name,
                                                       .parent = env->owner,
                                                       .impl = env->impl,
                                                       .index = env->type_param_count});
    env->type_params[env->type_param_count++] = id;
    return id;
}

void declare_type_params(Env *env, AstList list) {
    const Ast *ast = program_module(env->sema->program, env->module)->ast;
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId node = AST_ITEM(list, i);
        if (ast_kind(ast, node) != NODE_TYPE_PARAM)
            continue;
        TokenId token = ast_type_param(ast, node).name;
        SymbolId name = ast_symbol(ast, token);
        DeclId known = env_find_param(env, name);
        if (known.v != 0) {
            Report *report =
                REPORT_AT(env->sema, E0201, ast_token_span(ast, token), "the type parameter `%.*s` is declared twice",
                          SYMBOL_ARG(env->sema->program, name));
            report_label(report, "declared again");
            report_note(report, decl_span(env->sema->program, known), "first declared here");
            continue;
        }
        DeclId param = declare_type_param(env, name, node);
        program_decl(env->sema->program, param)->value_type = const_param_type(env, node);
    }
}

// The type a TYPE_PARAM node begins with: a parameter declared before.
static TypeId bounded_param(Env *env, const Ast *ast, TokenId token, bool is_where) {
    Sema *sema = env->sema;
    SymbolId name = ast_symbol(ast, token);
    if (ast_token_kind(ast, token) == TOK_KW_SELF_TYPE && env->self_type.v != 0)
        return env->self_type;
    DeclId param = env_find_param(env, name);
    if (param.v != 0)
        return type_param(sema->program->types, param);
    if (is_where) {
        Report *report =
            REPORT_AT(sema, E0417, ast_token_span(ast, token), "`%.*s` is not a type parameter of this declaration",
                      SYMBOL_ARG(sema->program, name));
        report_label(report, "`where` speaks of type parameters only");
    }
    return type_builtin(sema->program->types, TY_POISON);
}

// T, or an associated type: T.Item, whose parts stand behind the first token.
static TypeId bounded_type(Env *env, const Ast *ast, TokenId token, bool is_where) {
    TypeId type = bounded_param(env, ast, token, is_where);
    while (is_where && ast_token_kind(ast, (TokenId){token.v + 1}) == TOK_DOT) {
        token.v += 2;
        type = type_assoc_at(env, type, token);
    }
    return type;
}

static void bound_set_trait(Bound *bound, TraitRef trait) {
    bound->trait = trait.decl;
    bound->trait_args = trait.args;
}

static void mark_given(Program *p, TypeId type) {
    const Type *t = type_get(p->types, type);
    if (t->kind == TY_PARAM && program_decl(p, t->decl)->kind == DECL_TYPE_PARAM)
        program_decl(p, t->decl)->is_given = true;
    for (uint32_t i = 0; i < t->arg_count; i++)
        mark_given(p, t->args[i]);
}

// What a function gives that is a parameter may be lent.
static TypeId given_by(Program *p, TypeId func) {
    const Type *t = type_get(p->types, func);
    if (t->kind == TY_FUNC && t->arg_count > 0)
        mark_given(p, t->args[t->arg_count - 1]);
    return func;
}

static void declare_some(Env *env, AstList list, bool is_where, bool callables, BoundList *written) {
    const Ast *ast = program_module(env->sema->program, env->module)->ast;
    for (uint32_t i = 0; i < list.count; i++) {
        if (ast_kind(ast, AST_ITEM(list, i)) != NODE_TYPE_PARAM)
            continue;
        AstTypeParam row = ast_type_param(ast, AST_ITEM(list, i));
        TypeId type = {0};
        if (const_param_refuse_bounds(env, AST_ITEM(list, i), is_where))
            continue;
        for (uint32_t j = 0; j < row.bounds.count; j++) {
            NodeId node = AST_ITEM(row.bounds, j);
            bool is_callable = ast_kind(ast, node) == NODE_TYPE_FUNC;
            if (is_callable != callables)
                continue;
            if (type.v == 0)
                type = bounded_type(env, ast, row.name, is_where);
            Bound bound = {.type = type, .span = ast_span(ast, node)};
            if (is_callable)
                bound.callable = given_by(env->sema->program, sema_type(env, node));
            else
                bound_set_trait(&bound, type_node_trait(env, node));
            if ((bound.trait.v == 0 && bound.callable.v == 0) ||
                type_get(env->sema->program->types, type)->kind == TY_POISON)
                continue;
            vec_push(written, bound);
            env_add_bound(env, bound);
        }
    }
}

void declare_bounds(Env *env, AstList params, AstList where, BoundList *written) {
    declare_some(env, params, false, false, written);
    declare_some(env, where, true, false, written);
    declare_some(env, params, false, true, written); // their types may need what `where` says
    declare_some(env, where, true, true, written);
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

static void declare_shape_params(Sema *sema, DeclId decl) {
    const Decl row = *program_decl(sema->program, decl);
    AstShape shape_row = ast_shape(program_ast(sema->program, decl), row.node);
    Shape *shape = program_shape(sema->program, decl);
    Env env = env_of_module(sema, row.module);
    env.owner = decl;
    if (row.kind == DECL_ERROR && shape_row.type_params.count > 0) {
        Report *report =
            REPORT_AT(sema, E0413, ast_span(program_ast(sema->program, decl), AST_ITEM(shape_row.type_params, 0)),
                      "an error set has no type parameters");
        report_label(report, "not allowed here");
        return;
    }
    declare_type_params(&env, shape_row.type_params);
    shape->type_params = env_keep_params(&env, &shape->type_param_count);
}

static void declare_shape_bounds(Sema *sema, DeclId decl) {
    AstShape row = ast_shape(program_ast(sema->program, decl), program_decl(sema->program, decl)->node);
    Shape *shape = program_shape(sema->program, decl);
    if (shape->type_param_count == 0)
        return;
    Env env = sema_env_of(sema, decl);
    BoundList written = {0};
    declare_bounds(&env, row.type_params, (AstList){0}, &written);
    shape->bounds = bounds_keep(sema, &written, &shape->bound_count);
}

// ---- traits ---------------------------------------------------------------------------------------------------------

static void declare_trait_params(Sema *sema, DeclId decl) {
    const Decl row = *program_decl(sema->program, decl);
    Trait *trait = sema->program->traits[decl.v];
    Env env = env_of_module(sema, row.module);
    env.owner = decl;
    declare_type_params(&env, ast_trait(program_ast(sema->program, decl), row.node).type_params);
    trait->type_params = env_keep_params(&env, &trait->type_param_count);
    trait->params = ARENA_ARRAY(sema->arena, DeclId, 1 + trait->type_param_count);
    trait->params[0] = decl;
    for (uint32_t i = 0; i < trait->type_param_count; i++)
        trait->params[1 + i] = trait->type_params[i];
}

static void declare_trait(Sema *sema, DeclId decl) {
    const Decl row = *program_decl(sema->program, decl);
    const Ast *ast = program_ast(sema->program, decl);
    AstTrait trait_row = ast_trait(ast, row.node);
    Trait *trait = sema->program->traits[decl.v];
    Env env = env_of_module(sema, row.module);
    env.owner = decl;
    env.self_type = trait->self;
    env.type_params = trait->type_params;
    env.type_param_count = env.type_param_capacity = trait->type_param_count;
    trait->supers = ARENA_ARRAY(sema->arena, Bound, trait_row.supers.count);
    for (uint32_t i = 0; i < trait_row.supers.count; i++) {
        NodeId node = AST_ITEM(trait_row.supers, i);
        Bound super = {.type = trait->self, .span = ast_span(ast, node)};
        bound_set_trait(&super, type_node_trait(&env, node));
        if (super.trait.v != 0)
            trait->supers[trait->super_count++] = super;
    }
}

// What a trait asks of Self and of its associated types beside its supertraits: known once all supertraits are.
static void declare_trait_bounds(Sema *sema, DeclId decl) {
    Program *p = sema->program;
    Trait *trait = p->traits[decl.v];
    const Ast *ast = program_ast(p, decl);
    AstTrait row = ast_trait(ast, program_decl(p, decl)->node);
    Env env = sema_env_of(sema, decl);
    BoundList written = {0}, assoc = {0}, params = {0};
    declare_bounds(&env, row.type_params, row.where, &written);
    Bound *supers = ARENA_ARRAY(sema->arena, Bound, trait->super_count + written.count);
    if (trait->super_count > 0)
        memcpy(supers, trait->supers, trait->super_count * sizeof *supers);
    for (uint32_t i = 0; i < written.count; i++) {
        TypeKind kind = type_get(p->types, written.items[i].type)->kind;
        if (written.items[i].type.v != trait->self.v)
            vec_push(kind == TY_PARAM ? &params : &assoc, written.items[i]);
        else if (written.items[i].trait.v != 0)
            supers[trait->super_count++] = written.items[i];
    }
    trait->supers = supers;
    for (uint32_t i = 0; i < trait->member_count; i++) {
        const Decl *member = program_decl(p, trait->members[i]);
        NodeId list = member->kind == DECL_ASSOC_TYPE ? ast_const_decl(ast, member->node).type : (NodeId){0};
        AstList bounds = list.v != 0 ? ast_list(ast, list) : (AstList){0};
        for (uint32_t j = 0; j < bounds.count; j++) {
            TypeId own = trait_own_args(p, decl);
            Bound bound = {.type = type_assoc(p->types, trait->members[i], trait->self, own),
                           .span = ast_span(ast, AST_ITEM(bounds, j))};
            bound_set_trait(&bound, type_node_trait(&env, AST_ITEM(bounds, j)));
            if (bound.trait.v != 0)
                vec_push(&assoc, bound);
        }
    }
    vec_free(&written);
    trait->assoc_bounds = bounds_keep(sema, &assoc, &trait->assoc_bound_count);
    trait->param_bounds = bounds_keep(sema, &params, &trait->param_bound_count);
}

// A trait that extends itself is cut loose, so that walks over supertraits end.
enum { SUPER_DEPTH = 1000 };

static bool trait_reaches(const Program *p, DeclId from, DeclId wanted, MapU64 *seen) {
    if (from.v == wanted.v || seen->count > SUPER_DEPTH)
        return true;
    if (map_get(seen, from.v, NULL))
        return false;
    map_set(seen, from.v, 1);
    const Trait *trait = p->traits[from.v];
    for (uint32_t i = 0; i < trait->super_count; i++)
        if (trait_reaches(p, trait->supers[i].trait, wanted, seen))
            return true;
    return false;
}

static void check_trait_cycle(Sema *sema, DeclId decl) {
    Trait *trait = sema->program->traits[decl.v];
    for (uint32_t i = 0; i < trait->super_count; i++) {
        MapU64 seen = {0};
        bool cyclic = trait_reaches(sema->program, trait->supers[i].trait, decl, &seen);
        map_free(&seen);
        if (!cyclic)
            continue;
        Report *report = REPORT_AT(sema, E0416, trait->supers[i].span, "the trait `%.*s` extends itself",
                                   DECL_ARG(sema->program, decl));
        report_label(report, "this leads back to `%.*s`", DECL_ARG(sema->program, decl));
        trait->super_count = 0;
        return;
    }
}

// ---- impls ----------------------------------------------------------------------------------------------------------

static TypeId impl_self_type(Env *env, NodeId node) {
    TypeId type = sema_type(env, node);
    const Program *p = env->sema->program;
    TypeKind kind = type_get(p->types, type)->kind;
    bool fits = kind != TY_REF && kind != TY_ASSOC && kind != TY_RESULT && kind != TY_TYPE && kind != TY_INFERRED_SET;
    if (fits)
        return type;
    Report *report = REPORT_AT(env->sema, E0414, ast_span(program_module(p, env->module)->ast, node),
                               "there can be no impl for `%.*s`", TYPE_ARG(p, type));
    report_label(report, "not a type of its own");
    return type_builtin(p->types, TY_POISON);
}

static bool type_mentions(const Types *types, TypeId type, DeclId param) {
    const Type *t = type_get(types, type);
    if (!(t->flags & TYPE_HAS_PARAM))
        return false;
    if (t->kind == TY_PARAM)
        return t->decl.v == param.v;
    if (t->kind == TY_ASSOC)
        return false;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (type_mentions(types, t->args[i], param))
            return true;
    return false;
}

// Every parameter must follow from the self type, or from what a parameter that does may be called with.
static void check_params_determined(Sema *sema, ImplId id) {
    const Impl *impl = &sema->program->impls.items[id.v];
    const Types *types = sema->program->types;
    for (uint32_t i = 0; i < impl->type_param_count; i++) {
        bool found = type_mentions(types, impl->self, impl->type_params[i]) ||
                     (impl->trait_args.v != 0 && type_mentions(types, impl->trait_args, impl->type_params[i]));
        for (uint32_t j = 0; j < impl->bound_count && !found; j++)
            found =
                impl->bounds[j].callable.v != 0 && type_mentions(types, impl->bounds[j].callable, impl->type_params[i]);
        if (found)
            continue;
        Report *report = REPORT_AT(sema, E0412, decl_span(sema->program, impl->type_params[i]),
                                   "the type parameter `%.*s` does not follow from the type the impl is for",
                                   DECL_ARG(sema->program, impl->type_params[i]));
        report_label(report, "not mentioned in `%.*s`", TYPE_ARG(sema->program, impl->self));
        report_help(report, "give it to the methods that use it, or mention it in the type");
    }
}

static void declare_impl(Sema *sema, ImplId id) {
    Program *p = sema->program;
    const Impl row = p->impls.items[id.v];
    const Ast *ast = program_module(p, row.module)->ast;
    AstImpl impl_row = ast_impl(ast, row.node);
    Env env = env_of_module(sema, row.module);
    env.impl = id;
    env.allow_implicit = true;
    BoundList written = {0};
    declare_type_params(&env, impl_row.type_params);
    declare_bounds(&env, impl_row.type_params, (AstList){0}, &written);
    TypeId self = impl_self_type(&env, impl_row.self_type);
    declare_bounds(&env, (AstList){0}, impl_row.where, &written);
    env.self_type = self; // the trait's arguments may speak of it, and of what `where` says
    TraitRef trait = impl_row.trait_type.v == 0 ? (TraitRef){0} : type_node_trait(&env, impl_row.trait_type);
    env.self_type = (TypeId){0};
    env_imply_bounds(&env, self, ast_span(ast, impl_row.self_type), &written);
    Impl *impl = &p->impls.items[id.v];
    impl->type_params = env_keep_params(&env, &impl->type_param_count);
    impl->bounds = bounds_keep(sema, &written, &impl->bound_count);
    impl->trait = trait.decl;
    impl->trait_args = trait.args;
    impl->self = self;
    if (type_get(p->types, self)->kind == TY_POISON || (impl_row.trait_type.v != 0 && trait.decl.v == 0)) {
        impl->trait = (DeclId){0};
        impl->self = type_builtin(p->types, TY_POISON); // kept out of every search
        return;
    }
    check_params_determined(sema, id);
}

void declare_heads(Sema *sema) {
    Program *p = sema->program;
    uint32_t decl_count = p->decls.count, impl_count = p->impls.count;
    for (uint32_t i = 1; i < decl_count; i++)
        if (p->shapes[i] != NULL)
            declare_shape_params(sema, (DeclId){i});
    for (uint32_t i = 1; i < decl_count; i++)
        if (p->traits[i] != NULL)
            declare_trait_params(sema, (DeclId){i});
    for (uint32_t i = 1; i < decl_count; i++)
        if (p->traits[i] != NULL)
            declare_trait(sema, (DeclId){i});
    for (uint32_t i = 1; i < decl_count; i++)
        if (p->traits[i] != NULL)
            declare_trait_bounds(sema, (DeclId){i});
    for (uint32_t i = 1; i < decl_count; i++)
        if (p->traits[i] != NULL)
            check_trait_cycle(sema, (DeclId){i});
    for (uint32_t i = 1; i < decl_count; i++)
        if (p->shapes[i] != NULL)
            declare_shape_bounds(sema, (DeclId){i});
    for (uint32_t i = 1; i < impl_count; i++)
        declare_impl(sema, (ImplId){i});
    methods_index(sema);
}
