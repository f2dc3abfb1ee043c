// Signatures of functions and tests: type parameters (written, `T: type`, implicit letters), bounds, parameters,
// result.
#include "sema/tables.h"

typedef struct {
    Sema *sema;
    Program *program;
    const Ast *ast;
    DeclId decl;
    AstFunc func;
    Env env;
    Signature *signature;
    BoundList bounds;
    bool is_std, has_body, in_trait, in_impl;
} Maker;

// ---- type parameters ------------------------------------------------------------------------------------------------

// A parameter `T: type` declares the type parameter T, visible in the whole signature.
static void declare_type_values(Maker *m) {
    for (uint32_t i = 0; i < m->func.params.count; i++) {
        NodeId node = AST_ITEM(m->func.params, i);
        if (ast_kind(m->ast, node) != NODE_PARAM)
            continue;
        AstParam param = ast_param(m->ast, node);
        if (param.type.v == 0 || ast_kind(m->ast, param.type) != NODE_TYPE_TYPE)
            continue;
        SymbolId name = ast_symbol(m->ast, param.name);
        DeclId known = env_find_param(&m->env, name);
        if (known.v == 0) {
            declare_type_param(&m->env, name, node);
            continue;
        }
        Report *report = REPORT_AT(m->sema, E0201, ast_token_span(m->ast, param.name),
                                   "the type parameter `%.*s` is declared twice", SYMBOL_ARG(m->program, name));
        report_label(report, "declared again");
        report_note(report, decl_span(m->program, known), "first declared here");
    }
}

static void inherit_bounds(Maker *m) {
    ImplId impl = m->env.impl;
    if (impl.v != 0)
        for (uint32_t i = 0; i < m->program->impls.items[impl.v].bound_count; i++)
            vec_push(&m->bounds, m->program->impls.items[impl.v].bounds[i]);
    if (!m->in_trait)
        return;
    vec_push(&m->bounds, m->env.bounds[0]); // Self: the trait
    const Trait *trait = m->program->traits[program_decl(m->program, m->decl)->parent.v];
    for (uint32_t i = 0; i < trait->param_bound_count; i++)
        vec_push(&m->bounds, trait->param_bounds[i]);
}

// ---- parameters -----------------------------------------------------------------------------------------------------

static TypeId self_param_type(Maker *m, uint32_t index, AstParam param) {
    Span span = ast_token_span(m->ast, param.name);
    if (m->env.self_type.v == 0) {
        Report *report = REPORT_AT(m->sema, E0210, span, "a function outside of an impl has no `self`");
        report_label(report, "there is no value to call it on");
        report_help(report,
                    "put the function into `impl Type do … end`, or give the parameter another name and a type");
        return type_builtin(m->program->types, TY_POISON);
    }
    if (index != 0) {
        Report *report = REPORT_AT(m->sema, E0210, span, "`self` is not the first parameter");
        report_label(report, "must come first");
        return type_builtin(m->program->types, TY_POISON);
    }
    m->signature->has_self = true;
    if (param.type.v == 0)
        return m->env.self_type;
    TypeId type = sema_type(&m->env, param.type);
    if (type.v != m->env.self_type.v && type_get(m->program->types, type)->kind != TY_POISON) {
        Report *report = REPORT_AT(m->sema, E0210, ast_span(m->ast, param.type), "`self` has the type of its impl");
        report_label(report, "this is `%.*s`, not `%.*s`", TYPE_ARG(m->program, type),
                     TYPE_ARG(m->program, m->env.self_type));
        report_help(report, "leave the type out");
    }
    return m->env.self_type;
}

static TypeId param_type(Maker *m, uint32_t index, AstParam param) {
    Types *types = m->program->types;
    if (param.name.v != 0 && ast_token_kind(m->ast, param.name) == TOK_KW_SELF)
        return self_param_type(m, index, param);
    if (param.type.v == 0)
        return type_builtin(types, TY_POISON); // the parser reported
    if (ast_kind(m->ast, param.type) == NODE_TYPE_TYPE) {
        TypeId type = type_builtin(types, TY_TYPE);
        program_module(m->program, m->env.module)->facts->types[param.type.v] = type;
        return type;
    }
    m->env.allow_dyn = param.mode != MODE_OWN;
    TypeId type = sema_type(&m->env, param.type);
    if (!m->is_std && type_refuse_projection(&m->env, param.type, type, "the type of a parameter"))
        return type_builtin(types, TY_POISON);
    return type;
}

static void check_param_name(Maker *m, uint32_t index) {
    SymbolId name = m->signature->param_names[index];
    for (uint32_t i = 0; i < index && name.v != 0; i++) {
        if (m->signature->param_names[i].v != name.v)
            continue;
        Report *report = REPORT_AT(m->sema, E0201, decl_param_span(m->ast, m->signature->param_nodes[index]),
                                   "the parameter `%.*s` is declared twice", SYMBOL_ARG(m->program, name));
        report_label(report, "declared again");
        report_note(report, decl_param_span(m->ast, m->signature->param_nodes[i]), "first declared here");
        return;
    }
}

static void make_params(Maker *m) {
    Signature *s = m->signature;
    uint32_t count = m->func.params.count;
    s->param_types = ARENA_ARRAY(m->sema->arena, TypeId, count);
    s->param_modes = ARENA_ARRAY(m->sema->arena, uint8_t, count);
    s->param_names = ARENA_ARRAY(m->sema->arena, SymbolId, count);
    s->param_nodes = ARENA_ARRAY(m->sema->arena, NodeId, count);
    for (uint32_t i = 0; i < count; i++) {
        NodeId node = AST_ITEM(m->func.params, i);
        if (ast_kind(m->ast, node) != NODE_PARAM)
            continue;
        AstParam param = ast_param(m->ast, node);
        uint32_t at = s->param_count++;
        s->param_nodes[at] = node;
        s->param_modes[at] = (uint8_t)param.mode;
        s->param_names[at] = ast_symbol(m->ast, param.name);
        if (param.name.v != 0 && ast_token_kind(m->ast, param.name) == TOK_KW_SELF)
            s->param_names[at] = m->sema->tables->self_name;
        s->param_types[at] = param_type(m, at, param);
        check_param_name(m, at);
    }
}

Span decl_param_span(const Ast *ast, NodeId param) {
    TokenId name = ast_param(ast, param).name;
    return name.v != 0 ? ast_token_span(ast, name) : ast_span(ast, param);
}

// ---- result and the whole -------------------------------------------------------------------------------------------

static void make_result(Maker *m) {
    Types *types = m->program->types;
    m->signature->result = type_builtin(types, TY_VOID);
    if (m->func.result.v == 0)
        return;
    m->signature->gives_changeable = ast_lends_changeable(m->ast, m->func.result);
    m->env.set_owner = m->has_body && !m->in_trait ? m->decl : (DeclId){0};
    m->signature->result = sema_type(&m->env, m->func.result);
    m->env.set_owner = (DeclId){0};
}

static void check_body_present(Maker *m) {
    Text name = ast_token_text(m->ast, m->func.name);
    Span span = ast_token_span(m->ast, m->func.name);
    if (m->has_body || m->in_trait ||
        diags_has_error_in(m->program->diags, ast_span(m->ast, program_decl(m->program, m->decl)->node)))
        return;
    if (program_decl(m->program, m->decl)->intrinsic != 0)
        return;
    Report *report = REPORT_AT(m->sema, E0209, span, "the function `%.*s` has no body", TEXT_ARG(name));
    report_label(report, "`do … end` is missing");
    report_help(report, "only a trait declares functions without a body");
}

static void keep_type_params(Maker *m) {
    Signature *s = m->signature;
    uint32_t extra = m->in_trait ? 1 : 0;
    s->type_param_count = m->env.type_param_count + extra;
    s->type_params = ARENA_ARRAY(m->sema->arena, DeclId, s->type_param_count);
    if (m->in_trait)
        s->type_params[0] = program_decl(m->program, m->decl)->parent;
    if (m->env.type_param_count > 0)
        memcpy(s->type_params + extra, m->env.type_params, m->env.type_param_count * sizeof(DeclId));
}

static bool bounds_list_has(const BoundList *list, Bound bound) {
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].type.v == bound.type.v && list->items[i].trait.v == bound.trait.v &&
            list->items[i].trait_args.v == bound.trait_args.v)
            return true;
    return false;
}

void signature_make(Sema *sema, DeclId decl) {
    Program *p = sema->program;
    const Decl row = *program_decl(p, decl);
    Maker m = {.sema = sema, .program = p, .ast = program_ast(p, decl), .decl = decl};
    m.func = ast_func(m.ast, row.node);
    m.env = sema_env_of(sema, decl);
    m.env.allow_implicit = true;
    m.signature = ARENA_NEW(sema->arena, Signature);
    m.is_std = program_module(p, row.module)->is_std;
    m.has_body = m.func.body.v != 0;
    m.in_impl = row.impl.v != 0;
    m.in_trait = row.parent.v != 0;
    inherit_bounds(&m);
    declare_type_params(&m.env, m.func.type_params);
    declare_type_values(&m);
    declare_implicit(&m.env, m.func);
    declare_bounds(&m.env, m.func.type_params, m.func.where, &m.bounds);
    uint32_t known = m.env.bound_count;
    make_params(&m);
    make_result(&m);
    for (uint32_t i = 0; i < m.signature->param_count; i++)
        env_imply_bounds(&m.env, m.signature->param_types[i], decl_param_span(m.ast, m.signature->param_nodes[i]),
                         &m.bounds);
    for (uint32_t i = known; i < m.env.bound_count; i++) // from I.Item in the signature itself
        if (m.env.bounds[i].is_inferred && !bounds_list_has(&m.bounds, m.env.bounds[i]))
            vec_push(&m.bounds, m.env.bounds[i]);
    keep_type_params(&m);
    m.signature->bounds = bounds_keep(sema, &m.bounds, &m.signature->bound_count);
    m.env.allow_implicit = false;
    p->signatures[decl.v] = m.signature;
    env_store(sema, decl, &m.env);
    check_body_present(&m);
}

static void make_test(Sema *sema, DeclId decl) {
    Signature *signature = ARENA_NEW(sema->arena, Signature);
    signature->result = type_builtin(sema->program->types, TY_VOID);
    sema->program->signatures[decl.v] = signature;
}

static void make_const(Sema *sema, DeclId decl) {
    const Decl row = *program_decl(sema->program, decl);
    AstConstDecl parts = ast_const_decl(program_ast(sema->program, decl), row.node);
    if (parts.type.v == 0)
        return;
    Env env = sema_env_of(sema, decl);
    TypeId type = sema_type(&env, parts.type);
    if (!program_module(sema->program, row.module)->is_std)
        type_refuse_projection(&env, parts.type, type, "the type of a constant");
}

void sema_signatures(Sema *sema, ModuleId module) {
    (void)module; // signatures of one module speak of the types of others: all are made at the first call
    Program *p = sema->program;
    if (sema->tables->signatures_done)
        return;
    uint32_t decl_count = p->decls.count; // type parameters are added behind
    impls_make_assoc_types(sema);
    for (uint32_t i = 1; i < decl_count; i++)
        if (p->shapes[i] != NULL)
            shape_make(sema, (DeclId){i});
    shapes_make_unions(sema);
    for (uint32_t i = 1; i < decl_count; i++) {
        DeclKind kind = program_decl(p, (DeclId){i})->kind;
        if (kind == DECL_FUNC)
            signature_make(sema, (DeclId){i});
        else if (kind == DECL_TEST)
            make_test(sema, (DeclId){i});
        else if (kind == DECL_CONST)
            make_const(sema, (DeclId){i});
    }
    impls_check_assoc_cycles(sema);
    shapes_check_recursion(sema);
    types_judge_later(sema);
    types_judge_dyn(sema);
    sema->tables->signatures_done = true;
    impls_check(sema);
    derives_check(sema);
}
