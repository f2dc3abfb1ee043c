// One body at a time: a function, a test or a constant, from its parameters to its resolved facts.
#include "sema/body.h"

// ---- the tables shared by all bodies --------------------------------------------------------------------------------

struct SemaBodies *bodies_of(Sema *sema) {
    if (sema->bodies == NULL) {
        sema->bodies = ARENA_NEW(sema->arena, struct SemaBodies);
        sema->bodies->infer = infer_new(sema);
    }
    struct SemaBodies *shared = sema->bodies;
    uint32_t symbols = interner_count(sema->program->symbols) + 1;
    if (symbols > shared->head_count) {
        uint32_t count = symbols * 2;
        uint32_t *heads = ARENA_ARRAY(sema->arena, uint32_t, count);
        if (shared->head_count > 0)
            memcpy(heads, shared->heads, shared->head_count * sizeof *heads);
        shared->heads = heads;
        shared->head_count = count;
    }
    uint32_t decls = sema->program->decls.count;
    if (decls > shared->state_count) {
        uint8_t *states = ARENA_ARRAY(sema->arena, uint8_t, decls * 2);
        if (shared->state_count > 0)
            memcpy(states, shared->states, shared->state_count);
        shared->states = states;
        shared->state_count = decls * 2;
    }
    return shared;
}

void sema_bodies_free(Sema *sema) {
    struct SemaBodies *shared = sema->bodies;
    if (shared == NULL)
        return;
    vec_free(&shared->locals);
    vec_free(&shared->queue);
    vec_free(&shared->later);
    for (uint32_t i = 0; i < shared->sets.count; i++) {
        vec_free(&shared->sets.items[i]->variants);
        vec_free(&shared->sets.items[i]->included);
    }
    vec_free(&shared->sets);
    infer_free(shared->infer);
    sema->bodies = NULL;
}

void body_want(struct SemaBodies *shared, DeclId decl) {
    if (shared->states[decl.v] == BODY_UNSEEN) {
        shared->states[decl.v] = BODY_QUEUED;
        vec_push(&shared->queue, decl.v);
    }
}

// ---- helpers --------------------------------------------------------------------------------------------------------

TypeId shallow_keep(Body *b, TypeId type) {
    return type_of(b, type)->flags & TYPE_HAS_VAR ? infer_shallow(b->infer, type) : type;
}

TypeId shallow(Body *b, TypeId type) {
    type = shallow_keep(b, type);
    const Type *t = type_of(b, type);
    while (t->kind == TY_REF) {
        type = shallow_keep(b, t->args[0]);
        t = type_of(b, type);
    }
    if (t->kind != TY_ASSOC)
        return type;
    TypeId normal = sema_normalize(&b->env, infer_resolve(b->infer, type));
    t = type_of(b, normal);
    if (t->kind == TY_ASSOC && !(type_of(b, t->args[0])->flags & (TYPE_HAS_PARAM | TYPE_HAS_VAR)))
        return poison(b); // an impl that does not say it, which is reported
    return same_type(normal, type) || t->kind == TY_ASSOC ? normal : shallow(b, normal);
}

TypeKind kind_of_type(Body *b, TypeId type) {
    return type_of(b, shallow(b, type))->kind;
}

TypeId full_type(Body *b, TypeId type) {
    if (type_of(b, type)->flags & TYPE_HAS_VAR)
        type = infer_resolve(b->infer, type);
    return type_of(b, type)->flags & TYPE_HAS_PARAM ? sema_normalize(&b->env, type) : type;
}

TypeId first_arg(Body *b, TypeId type) {
    return type_of(b, shallow(b, type))->args[0];
}
bool is_poison(Body *b, TypeId type) {
    return kind_of_type(b, type) == TY_POISON;
}
TypeId fresh(Body *b, Span origin) {
    return infer_fresh(b->infer, origin);
}

TypeId optional_of(Body *b, TypeId type) {
    TypeId t = shallow_keep(b, type);
    TypeKind kind = type_of(b, t)->kind;
    return kind == TY_OPTIONAL || kind == TY_POISON ? t : type_unary(b->types, TY_OPTIONAL, type);
}

const char *show(Body *b, TypeId type) {
    TypeId t = full_type(b, type);
    if (type_of(b, t)->kind == TY_CLOSURE && func_type_of(b, t).v != 0)
        t = full_type(b, func_type_of(b, t));
    return arena_cstr(b->arena, type_text(b->program, t));
}

const char *cstr(Body *b, SymbolId name) {
    return arena_cstr(b->arena, symbol(b->program, name));
}

const char *source_text(Body *b, Span span) {
    return arena_cstr(b->arena, (Text){b->ast->source.data + span.start, span.end - span.start});
}

const TypeId *keep_types(Body *b, const TypeId *types, uint32_t count) {
    return count == 0 ? NULL : arena_copy(b->arena, types, count * sizeof *types, _Alignof(TypeId));
}

static void add_page(Arena *arena, Facts *facts) {
    uint32_t pages = facts->resolution_count / RESOLUTION_PAGE;
    if ((pages & (pages - 1)) == 0) { // there is room for as many as a power of two
        Resolution **table = ARENA_ARRAY(arena, Resolution *, pages ? pages * 2 : 1);
        if (pages)
            memcpy(table, facts->resolution_pages, pages * sizeof *table);
        facts->resolution_pages = table;
    }
    facts->resolution_pages[pages] = ARENA_ARRAY(arena, Resolution, RESOLUTION_PAGE);
}

Resolution *resolve(Body *b, NodeId n, RefKind kind) {
    Facts *facts = b->facts;
    uint32_t count = facts->resolution_count;
    if (count % RESOLUTION_PAGE == 0)
        add_page(b->arena, facts);
    if (count == 0)
        count = 1; // 0 is none
    Resolution *r = facts_resolution_at(facts, (ResolutionId){count});
    *r = (Resolution){.kind = kind};
    facts->resolution_count = count + 1;
    if (n.v != 0)
        facts->resolutions[n.v] = (ResolutionId){count};
    return r;
}

// ---- opening and closing --------------------------------------------------------------------------------------------

void body_open(Body *b, Sema *sema, DeclId decl) {
    struct SemaBodies *shared = bodies_of(sema);
    Program *p = sema->program;
    ModuleId module = program_decl(p, decl)->module;
    *b = (Body){.sema = sema,
                .program = p,
                .types = p->types,
                .arena = p->arena,
                .shared = shared,
                .env = sema_env_of(sema, decl),
                .module = module,
                .ast = program_module(p, module)->ast,
                .facts = program_module(p, module)->facts,
                .decl = decl,
                .infer = shared->infer,
                .number = ++shared->body_next};
    b->env.infer = b->infer;
    b->first_resolution = b->facts->resolution_count == 0 ? 1 : b->facts->resolution_count;
}

void body_close(Body *b) {
    vec_free(&b->obligations);
    vec_free(&b->matches);
    vec_free(&b->idle);
}

// ---- the end of a body: facts are resolved --------------------------------------------------------------------------

// The part of a type with variables that is one.
static TypeId unknown_part(Body *b, TypeId type) {
    TypeId t = infer_resolve(b->infer, type);
    const Type *row = type_of(b, t);
    while (row->kind != TY_VAR) {
        TypeId inner = {0};
        for (uint32_t i = 0; i < row->arg_count; i++)
            if (type_of(b, row->args[i])->flags & TYPE_HAS_VAR)
                inner = row->args[i];
        invariant(inner.v != 0, "a type with variables has none");
        t = inner;
        row = type_of(b, t);
    }
    return t;
}

void poison_unknown(Body *b, TypeId type) {
    for (TypeId t = full_type(b, type); type_of(b, t)->flags & TYPE_HAS_VAR; t = full_type(b, type))
        infer_unify(b->infer, unknown_part(b, t), poison(b));
}

static void report_unresolved(Body *b, TypeId type, Span at) {
    TypeId t = unknown_part(b, type);
    Span origin = infer_origin(b->infer, t);
    if (origin.file.v == 0)
        origin = at;
    Report *r = REPORT(b, E0330, origin, "type annotations needed");
    if (type_of(b, type)->kind == TY_VAR)
        report_label(r, "nothing says what type this has");
    else
        report_label(r, "this is a `%s`, and nothing says what `_` is", show(b, type));
    report_help(r, "write the type, as in `let x: T = …`, or give the type arguments, as in `f[T](…)`");
    infer_unify(b->infer, t, poison(b));
}

static TypeId final_type(Body *b, TypeId type, Span at) {
    TypeId t = full_type(b, type);
    while (type_of(b, t)->flags & TYPE_HAS_VAR) {
        report_unresolved(b, t, at);
        TypeId next = full_type(b, type);
        if (same_type(next, t))
            return poison(b);
        t = next;
    }
    return t;
}

// Types of nodes, in the order of the source, so that a missing annotation is reported where it is first felt.
static void resolve_nodes(Body *b, NodeId from, NodeId to) {
    Facts *facts = b->facts;
    for (uint32_t i = from.v; i <= to.v; i++) {
        TypeId t = facts->types[i];
        if (t.v != 0 && type_of(b, t)->flags & (TYPE_HAS_VAR | TYPE_HAS_PARAM)) {
            bool had_var = type_of(b, t)->flags & TYPE_HAS_VAR;
            t = final_type(b, t, span_of(b, (NodeId){i}));
            if (had_var && type_of(b, t)->kind == TY_REF)
                t = type_of(b, t)->args[0];
            facts->types[i] = t;
        }
        TypeId w = facts->wanted[i];
        if (w.v != 0 && type_of(b, w)->flags & (TYPE_HAS_VAR | TYPE_HAS_PARAM)) {
            w = final_type(b, w, span_of(b, (NodeId){i}));
            facts->wanted[i] = same_type(w, facts->types[i]) ? (TypeId){0} : w;
        }
    }
}

static void resolve_resolutions(Body *b) {
    for (uint32_t i = b->first_resolution; i < b->facts->resolution_count; i++) {
        Resolution *r = facts_resolution_at(b->facts, (ResolutionId){i});
        if (r->type.v != 0)
            r->type = final_type(b, r->type, (Span){0});
        if (r->kind == REF_CLOSURE)
            program_set_closure(b->program, closure_type(b, r->node), r->type);
        TypeId *args = NULL;
        for (uint32_t k = 0; k < r->type_arg_count; k++) {
            if (!(type_of(b, r->type_args[k])->flags & (TYPE_HAS_VAR | TYPE_HAS_PARAM)))
                continue;
            if (args == NULL)
                args = arena_copy(b->arena, r->type_args, r->type_arg_count * sizeof *args, _Alignof(TypeId));
            args[k] = final_type(b, args[k], (Span){0});
        }
        if (args != NULL)
            r->type_args = args;
    }
}

static void finish_body(Body *b, NodeId root) {
    settle_obligations(b, true);
    resolve_nodes(b, ast_first(b->ast, root), root);
    resolve_resolutions(b);
    check_handles(b, root);
    check_locals(b, root);
    for (uint32_t i = 0; i < b->matches.count; i++)
        check_coverage(b, (NodeId){b->matches.items[i]});
    unused_report(b);
}

// ---- functions and tests --------------------------------------------------------------------------------------------

static BindKind param_kind(ParamMode mode) {
    return mode == MODE_MUT ? BIND_MUT_PARAM : mode == MODE_OWN ? BIND_OWN_PARAM : BIND_PARAM;
}

static void add_params(Body *b, const Signature *sig) {
    for (uint32_t i = 0; i < sig->param_count; i++) {
        NodeId node = sig->param_nodes[i];
        b->facts->types[node.v] = sig->param_types[i];
        if (type_of(b, sig->param_types[i])->kind == TY_TYPE)
            continue;
        AstParam param = ast_param(b->ast, node);
        if (param.default_value.v != 0)
            check_typed(b, param.default_value, sig->param_types[i], WHY_ANNOTATION, span_of(b, param.type));
        if (param.pattern.v != 0) // reported by the parser
            check_pattern(b, param.pattern, sig->param_types[i], BIND_LET, false);
        else
            scope_add(b, sig->param_names[i], node, ast_token_span(b->ast, param.name), sig->param_types[i],
                      param_kind((ParamMode)sig->param_modes[i]));
    }
}

void report_missing_return(Body *b, Span at, const Want *want) {
    if (b->frame->misses_return)
        return;
    b->frame->misses_return = true;
    Report *r = REPORT(b, E0331, at, "this %s can end without giving its value",
                       b->frame->closure.v != 0 ? "closure" : "function");
    report_label(r, "a `%s` must be given on every way, and behind this there is none", show(b, want->type));
    note_why(b, r, want);
}

// `if` without `else` and loops have no value: as the last statement of a function they only lead to its end.
static bool is_valueless(const Body *b, NodeId n) {
    NodeKind kind = kind_of(b, n);
    return kind == NODE_WHILE || kind == NODE_FOR || (kind == NODE_IF && ast_if_expr(b->ast, n).else_branch.v == 0);
}

bool is_void_or_open(Body *b, TypeId result) {
    return kind_of_type(b, result) == TY_POISON || infer_unify(b->infer, result, builtin(b, TY_VOID));
}

void check_body_block(Body *b, NodeId block, const Want *want) {
    TypeKind kind = kind_of_type(b, want->type);
    AstList list = ast_list(b->ast, block);
    NodeId last = list.count > 0 ? AST_ITEM(list, list.count - 1) : (NodeId){0};
    bool is_void = kind == TY_VOID || kind == TY_POISON;
    bool dropped = is_void || (last.v != 0 && is_valueless(b, last));
    b->frame->last = last;
    TypeId type = check_block(b, block, dropped ? &(Want){.is_dropped = true} : want);
    if (last.v != 0 && b->frame->full_result.v != 0 && same_type(b->facts->wanted[last.v], b->frame->full_result) &&
        kind_of(b, last) != NODE_RETURN)
        b->facts->types[block.v] = b->frame->full_result;
    if (is_void)
        return;
    Span all = span_of(b, block);
    Span end = {all.file, all.end >= 3 ? all.end - 3 : all.end, all.end};
    if (kind_of_type(b, type) == TY_VOID && !is_void_or_open(b, want->type))
        report_missing_return(b, end, want);
}

static ErrorSet *new_error_set(Body *b, DeclId decl) {
    ErrorSet *set = ARENA_NEW(b->arena, ErrorSet);
    set->decl = decl;
    vec_push(&b->shared->sets, set);
    return set;
}

static void frame_of_function(Body *b, Frame *frame, const Signature *sig, NodeId result, TokenId name) {
    TypeId type = sig->result;
    const Type *t = type_of(b, type);
    frame->result_span = result.v != 0 ? span_of(b, result) : ast_token_span(b->ast, name);
    if (t->kind == TY_RESULT) {
        frame->full_result = type;
        frame->declared = t->args[0];
        type = t->args[1];
        if (type_of(b, frame->declared)->kind == TY_INFERRED_SET)
            frame->set = new_error_set(b, b->decl);
    }
    frame->result = type;
}

static void check_function(Body *b) {
    const Decl *decl = program_decl(b->program, b->decl);
    const Signature *sig = program_signature(b->program, b->decl);
    AstFunc func = ast_func(b->ast, decl->node);
    Frame frame = {.depth = 1};
    b->frame = &frame;
    frame_of_function(b, &frame, sig, func.result, func.name);
    frame.gives_changeable = sig->gives_changeable;
    uint32_t mark = scope_mark(b);
    add_params(b, sig);
    if (func.body.v != 0 && kind_of(b, func.body) != NODE_INVALID) { // else the parser reported it
        Want want = {
            .type = frame.result, .why = func.result.v != 0 ? WHY_RESULT : WHY_VOID_RESULT, .span = frame.result_span};
        check_body_block(b, func.body, &want);
    }
    scope_pop(b, mark);
    vec_free(&frame.captures);
    finish_body(b, decl->node);
}

static void check_test(Body *b) {
    const Decl *decl = program_decl(b->program, b->decl);
    AstTest test = ast_test(b->ast, decl->node);
    Frame frame = {.depth = 1, .result = builtin(b, TY_VOID)};
    frame.result_span = ast_token_span(b->ast, test.name);
    frame.set = new_error_set(b, b->decl);
    frame.declared = type_intern(b->types, &(Type){.kind = TY_INFERRED_SET, .decl = b->decl});
    frame.full_result = type_result(b->types, frame.declared, frame.result);
    b->frame = &frame;
    uint32_t mark = scope_mark(b);
    check_block(b, test.body, &(Want){.is_dropped = true});
    scope_pop(b, mark);
    if (frame.set->variants.count + frame.set->included.count > 0)
        program_signature(b->program, b->decl)->result = frame.full_result;
    finish_body(b, decl->node);
}

// ---- constants ------------------------------------------------------------------------------------------------------

static void check_const(Body *b) {
    NodeId node = program_decl(b->program, b->decl)->node;
    AstConstDecl decl = ast_const_decl(b->ast, node);
    Frame frame = {.depth = 1, .result = builtin(b, TY_VOID)};
    b->frame = &frame;
    b->is_const = true;
    TypeId type = {0};
    if (decl.type.v != 0) {
        type = b->facts->types[decl.type.v];
        if (type.v == 0)
            type = sema_type(&b->env, decl.type);
        b->facts->types[node.v] = type;
        if (decl.value.v != 0)
            check_typed(b, decl.value, type, WHY_ANNOTATION, span_of(b, decl.type));
    } else if (decl.value.v != 0) {
        type = check_value(b, decl.value);
        TypeKind kind = kind_of_type(b, type);
        if (kind == TY_VOID || kind == TY_NEVER || kind == TY_NULL) {
            REPORT(b, E0804, span_of(b, decl.value), "the constant `%s` has no value of a known type",
                   cstr(b, program_decl(b->program, b->decl)->name));
            type = poison(b);
        }
        b->facts->types[node.v] = type;
    }
    if (type.v != 0 && kind_of_type(b, type) == TY_RESULT) {
        Report *r = REPORT(b, E0803, span_of(b, decl.value.v != 0 ? decl.value : decl.type), "a constant cannot fail");
        report_label(r, "this is a `%s`", show(b, type));
        report_help(r, "handle the error: `%s catch …`",
                    decl.value.v != 0 ? source_text(b, span_of(b, decl.value)) : "f()");
        type = b->facts->types[node.v] = poison(b);
    }
    if (type.v != 0 && type_class(b->program, full_type(b, type)) & CLASS_COUNTED) {
        Report *r = REPORT(b, E0737, decl.type.v != 0 ? span_of(b, decl.type) : span_of(b, decl.value),
                           "a constant cannot hold a `Shared`, `Mutex`, `Atomic` or `Channel`");
        report_label(r, "the count of its owners would have to change");
        report_help(r, "a constant is lent to everybody as it is: make the owner in a function");
    }
    finish_body(b, node);
}

TypeId const_type(Body *b, DeclId decl, Span use) {
    const Decl *row = program_decl(b->program, decl);
    const Module *module = program_module(b->program, row->module);
    uint32_t node = row->node.v;
    if (b->shared->states[decl.v] == BODY_IN_WORK || b->shared->depth > 100) {
        Report *r = REPORT(b, E0802, use, "the constant `%s` depends on itself", cstr(b, row->name));
        report_label(r, "its value is being worked out here");
        report_note(r, decl_span(b->program, decl), "it is declared here");
        module->facts->types[node] = poison(b);
        return poison(b);
    }
    if (module->facts->types[node].v == 0)
        sema_body(b->sema, decl);
    AstConstDecl ast = ast_const_decl(module->ast, row->node);
    TypeId type = module->facts->types[node];
    if (type.v == 0 && ast.type.v != 0)
        type = module->facts->types[ast.type.v];
    if (type.v == 0)
        type = poison(b);
    b->uses_poison |= (type_of(b, type)->flags & TYPE_HAS_POISON) != 0;
    return type;
}

void sema_field_default(Sema *sema, DeclId field) {
    const Decl *decl = program_decl(sema->program, field);
    const Module *module = program_module(sema->program, decl->module);
    NodeId value = {0};
    if (ast_kind(module->ast, decl->node) == NODE_FIELD_DECL)
        value = ast_param(module->ast, decl->node).default_value;
    if (value.v == 0 || module->facts->types[value.v].v != 0)
        return;
    struct SemaBodies *shared = bodies_of(sema);
    shared->depth++;
    uint32_t mark = infer_mark(shared->infer);
    Body b;
    Frame frame = {.depth = 1};
    body_open(&b, sema, decl->parent);
    frame.result = builtin(&b, TY_VOID);
    b.frame = &frame;
    b.is_const = true;
    NodeId type = ast_param(module->ast, decl->node).type;
    check_typed(&b, value, program_shape(sema->program, decl->parent)->fields.types[decl->index], WHY_ANNOTATION,
                span_of(&b, type));
    finish_body(&b, value);
    body_close(&b);
    vec_free(&frame.captures);
    infer_rollback(shared->infer, mark);
    shared->depth--;
}

// ---- entry ----------------------------------------------------------------------------------------------------------

static void check_kind_of_body(Body *b) {
    switch (program_decl(b->program, b->decl)->kind) {
    case DECL_FUNC: check_function(b); break;
    case DECL_TEST: check_test(b); break;
    case DECL_CONST: check_const(b); break;
    default: break;
    }
}

bool sema_body(Sema *sema, DeclId decl) {
    struct SemaBodies *shared = bodies_of(sema);
    if (shared->states[decl.v] > BODY_QUEUED)
        return shared->states[decl.v] != BODY_FAILED;
    DeclKind kind = program_decl(sema->program, decl)->kind;
    if (kind == DECL_FIELD) { // what it is declared with
        sema_field_default(sema, decl);
        return diags_error_count(sema->program->diags) == 0;
    }
    if ((kind == DECL_FUNC || kind == DECL_TEST) && program_signature(sema->program, decl) == NULL)
        return false;
    uint32_t errors = diags_error_count(sema->program->diags);
    shared->states[decl.v] = BODY_IN_WORK;
    shared->depth++;
    uint32_t mark = infer_mark(shared->infer);
    Body body;
    body_open(&body, sema, decl);
    check_kind_of_body(&body);
    body_close(&body);
    infer_rollback(shared->infer, mark);
    shared->depth--;
    bool failed = body.uses_poison || diags_error_count(sema->program->diags) > errors;
    shared->states[decl.v] = failed ? BODY_FAILED : BODY_DONE;
    if (shared->depth == 0)
        settle(sema);
    return shared->states[decl.v] != BODY_FAILED;
}
