// Functions: their frames, the facts of their file, constants and closures' bodies.
#include "ir/build_internal.h"
#include "ir/polls.h"

TypeId fact_subst(Build *b, TypeId type) {
    if (!b->subst.count || !(type_of(b, type)->flags & TYPE_HAS_PARAM))
        return type;
    return program_normalize(b->program, type_subst(b->types, type, b->subst), b->bounds, b->bound_count);
}

TypeId fact_type(Build *b, NodeId n) {
    return fact_subst(b, b->facts->types[n.v]);
}

TypeId fact_wanted(Build *b, NodeId n) {
    TypeId wanted = b->facts->wanted[n.v];
    return wanted.v ? fact_subst(b, wanted) : wanted;
}

static const Resolution *resolution_subst(Build *b, const Resolution *res) {
    if (!res || !b->subst.count)
        return res;
    Resolution *own = arena_copy(b->arena, res, sizeof *res, _Alignof(Resolution));
    TypeId *args = ARENA_ARRAY(b->arena, TypeId, res->type_arg_count);
    for (uint32_t i = 0; i < res->type_arg_count; i++)
        args[i] = fact_subst(b, res->type_args[i]);
    own->type_args = args;
    if (own->type.v)
        own->type = fact_subst(b, own->type);
    return own;
}

const Resolution *fact_resolution(Build *b, NodeId n) {
    return resolution_subst(b, facts_resolution(b->facts, n));
}

const Resolution *resolution_at(Build *b, ResolutionId id) {
    return resolution_subst(b, facts_resolution_at(b->facts, id));
}

LocalId local_of(Build *b, NodeId binder) {
    uint32_t local = b->nurseries.count ? accumulate_own(b, binder).v : 0;
    if (local)
        return (LocalId){local};
    if (binder.v >= b->node_base && binder.v < b->node_end)
        local = b->locals[binder.v - b->node_base];
    if (!local)
        map_get(&b->captured, binder.v, &local);
    invariant(local, "variable without a local: node %u", binder.v);
    return (LocalId){local};
}

// ---- frames --------------------------------------------------------------------------------------------------------

void frame_begin(Build *b, Jir *jir, DeclId decl, ModuleId module_id, NodeId top) {
    Program *program = jir->program;
    const Module *module = program_module(program, module_id);
    b->jir = jir;
    b->program = program;
    b->types = program->types;
    b->arena = jir->arena;
    b->module = module_id;
    b->ast = module->ast;
    b->facts = module->facts;
    b->node_base = ast_first(b->ast, top).v;
    b->node_end = top.v + 1;
    b->locals = ARENA_ARRAY(b->arena, uint32_t, b->node_end - b->node_base);
    const Signature *sig = program_signature(program, decl);
    if (sig) {
        b->bounds = sig->bounds;
        b->bound_count = sig->bound_count;
    }
    b->visible = UINT32_MAX;
    b->fn = jir_fn_new(jir);
    b->fn->decl = decl;
    b->fn->module = module_id;
    JirScope body = {0, b->ast->node_first_tokens[top.v], b->ast->node_last_tokens[top.v]};
    vec_push(&b->fn->scopes, body);
    token_at(b, top);
}

void frame_result(Build *b, TypeId result) {
    b->result = result;
    local_new(b, result, LOCAL_OWNED, LOCAL_RETURN);
}

void frame_param(Build *b, NodeId param, TypeId type, ParamMode mode) {
    TokenId token = ast_param(b->ast, param).name;
    SymbolId name = token.v ? ast_symbol(b->ast, token) : (SymbolId){0};
    static const LocalMode MODES[] = {LOCAL_LET_REF, LOCAL_MUT_REF, LOCAL_OWNED};
    local_declare(b, param, name, type, MODES[mode], LOCAL_PARAM);
    b->fn->param_count++;
}

// Takes apart the parameters that have a pattern for a name.
static void take_params_apart(Build *b) {
    uint32_t count = b->fn->locals.count; // what is taken apart adds to them
    for (uint32_t i = 1; i < count; i++) {
        const JirLocal *local = &b->fn->locals.items[i];
        if (local->kind != LOCAL_PARAM || ast_kind(b->ast, local->node) != NODE_PARAM)
            continue;
        NodeId pattern = ast_param(b->ast, local->node).pattern;
        if (pattern.v)
            build_pattern(b, pattern, place_strip(b, jir_place_local(b->fn, (LocalId){i})), NULL, false);
    }
}

// Builds the body after the frame has been laid out.
void frame_body(Build *b, NodeId body) {
    block_start(b, block_new(b));
    for (uint32_t i = 1; i < b->fn->locals.count; i++)
        if (b->fn->locals.items[i].kind == LOCAL_PARAM || b->fn->self_mode == MODE_OWN)
            local_register(b, (LocalId){i});
    accumulate_enter(b);
    poll_entry(b);
    take_params_apart(b);
    bool gives_value = ast_kind(b->ast, body) != NODE_BLOCK || !type_is_void(b, fact_type(b, body));
    uint32_t mark = statement_begin(b);
    TypeId value = kind_of(b, b->result) == TY_RESULT ? type_of(b, b->result)->args[1] : b->result;
    bool hands_on = kind_of(b, b->result) == TY_RESULT && kind_of(b, fact_type(b, body)) == TY_RESULT;
    if (gives_value && (hands_on || !type_is_void(b, value))) {
        build_result(b, body);
        statement_end(b, mark);
    } else {
        build_effect(b, body);
        statement_end(b, mark);
        if (!b->is_dead && kind_of(b, b->result) == TY_RESULT && type_is_void(b, value))
            emit_variant(b, jir_place_local(b->fn, (LocalId){0}), 0, NULL, 0);
    }
    if (!b->is_dead && !b->keep_token)
        b->token = b->ast->node_last_tokens[body.v];
    build_return(b, false);
}

void frame_end(Build *b) {
    if (b->is_task)
        captures_settle(b);
    if (b->program->has_tasks)
        polls_settle_raw(b->fn);
    unwind_finish(b);
    jir_prune(b->jir, b->fn);
    for (uint32_t i = 0; i < b->fn->locals.count && !b->fn->is_generic; i++)
        b->fn->is_generic = type_of(b, b->fn->locals.items[i].type)->flags & TYPE_HAS_PARAM;
    vec_free(&b->entries);
    vec_free(&b->loops);
    vec_free(&b->handlers);
    vec_free(&b->nurseries);
    vec_free(&b->parts);
    vec_free(&b->spoilt);
    vec_free(&b->ready);
    vec_free(&b->states);
    map_free(&b->captured);
}

// ---- functions -----------------------------------------------------------------------------------------------------

static JirFn *build_func(Jir *jir, DeclId decl, const Decl *d) {
    NodeId body = ast_func(program_ast(jir->program, decl), d->node).body;
    if (!body.v)
        return NULL;
    Build b = {0};
    frame_begin(&b, jir, decl, d->module, d->node);
    map_set(&jir->by_decl, decl.v, b.fn->id.v);
    const Signature *sig = program_signature(jir->program, decl);
    frame_result(&b, sig->result);
    b.gives_changeable = sig->gives_changeable;
    for (uint32_t i = 0; i < sig->param_count; i++)
        if (kind_of(&b, sig->param_types[i]) != TY_TYPE)
            frame_param(&b, sig->param_nodes[i], sig->param_types[i], (ParamMode)sig->param_modes[i]);
    b.fn->is_generic = sig->type_param_count > 0;
    frame_body(&b, body);
    frame_end(&b);
    return b.fn;
}

static JirFn *build_test(Jir *jir, DeclId decl, const Decl *d) {
    Build b = {0};
    frame_begin(&b, jir, decl, d->module, d->node);
    map_set(&jir->by_decl, decl.v, b.fn->id.v);
    frame_result(&b, program_signature(jir->program, decl)->result);
    frame_body(&b, ast_test(b.ast, d->node).body);
    frame_end(&b);
    return b.fn;
}

static JirFn *build_const(Jir *jir, DeclId decl, const Decl *d) {
    Build b = {0};
    frame_begin(&b, jir, decl, d->module, d->node);
    map_set(&jir->by_decl, decl.v, b.fn->id.v);
    frame_result(&b, fact_type(&b, d->node));
    frame_body(&b, ast_const_decl(b.ast, d->node).value);
    frame_end(&b);
    return b.fn;
}

// What a field is declared with: derived Default calls it.
static JirFn *build_field(Jir *jir, DeclId decl, const Decl *d) {
    Build b = {0};
    frame_begin(&b, jir, decl, d->module, d->node);
    map_set(&jir->by_decl, decl.v, b.fn->id.v);
    const Shape *shape = program_shape(jir->program, d->parent);
    b.bounds = shape->bounds;
    b.bound_count = shape->bound_count;
    frame_result(&b, shape->fields.types[d->index]);
    frame_body(&b, ast_param(b.ast, d->node).default_value);
    b.fn->is_generic = shape->type_param_count > 0;
    frame_end(&b);
    return b.fn;
}

JirFn *ir_build(Jir *jir, DeclId decl) {
    JirFnId built = jir_fn_of_decl(jir, decl);
    if (built.v)
        return jir_fn(jir, built);
    const Decl *d = program_decl(jir->program, decl);
    if (d->kind == DECL_FUNC)
        return build_func(jir, decl, d);
    if (d->kind == DECL_TEST)
        return build_test(jir, decl, d);
    if (d->kind == DECL_FIELD)
        return build_field(jir, decl, d);
    invariant(d->kind == DECL_CONST, "no body to build: declaration %u", decl.v);
    return build_const(jir, decl, d);
}
