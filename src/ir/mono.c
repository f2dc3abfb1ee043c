// The worklist: which instances a program needs, each once.
#include "ir/mono_internal.h"
#include "ir/polls.h"

enum {
    TYPE_DEPTH_LIMIT = 48, // nesting of a type argument: deeper ones come of instantiation without end
    CHAIN_SHOWN = 4,
};

Mono *mono_new(Jir *jir, MonoDemand demand, void *context) {
    Mono *mono = ARENA_NEW(jir->arena, Mono);
    mono->jir = jir;
    mono->program = jir->program;
    mono->types = jir->program->types;
    mono->demand = demand;
    mono->context = context;
    return mono;
}

void mono_free(Mono *mono) {
    if (!mono)
        return;
    map_free(&mono->instances);
    map_free(&mono->closures);
    map_free(&mono->glue);
    map_free(&mono->shims);
    map_free(&mono->dyn_calls);
    map_free(&mono->entries);
    map_free(&mono->tables);
    map_free(&mono->symbols);
    map_free(&mono->constants);
    map_free(&mono->sizes);
    map_free(&mono->too_deep);
    vec_free(&mono->work);
    vec_free(&mono->parents);
    vec_free(&mono->asked_at);
    vec_free(&mono->used_constants);
    vec_free(&mono->type_facts);
}

void mono_add(Mono *mono, JirFn *fn, const char *symbol) {
    fn->symbol = symbol;
    while (mono->parents.count <= fn->id.v) {
        vec_push(&mono->parents, 0);
        vec_push(&mono->asked_at, 0);
    }
    mono->parents.items[fn->id.v] = mono->current;
    mono->asked_at.items[fn->id.v] = mono->token;
    vec_push(&mono->work, fn->id);
}

// ---- endless instantiation -----------------------------------------------------------------------------------------

static uint32_t type_depth(const Types *types, TypeId id, uint32_t limit) {
    const Type *type = type_get(types, id);
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < type->arg_count && limit > 0; i++) {
        uint32_t depth = type_depth(types, type->args[i], limit - 1);
        if (depth > deepest)
            deepest = depth;
    }
    return deepest + 1;
}

static void shorten(Buffer *text, Text name) {
    const size_t most = 60;
    if (name.size <= most) {
        buffer_text(text, name);
        return;
    }
    buffer_text(text, (Text){name.data, most});
    buffer_cstr(text, "…");
}

static void report_endless(Mono *mono, DeclId decl) {
    if (map_get(&mono->too_deep, decl.v, NULL))
        return;
    map_set(&mono->too_deep, decl.v, 1);
    Program *p = mono->program;
    VecU32 chain = {0};
    for (uint32_t id = mono->current; id; id = mono->parents.items[id])
        if (jir_fn(mono->jir, (JirFnId){id})->decl.v == decl.v)
            vec_push(&chain, id);
    Report *report = diag_report(p->diags, DIAG_E0490, mono_origin(mono, decl_span(p, decl)),
                                 "`%.*s` needs itself for ever larger types", TEXT_ARG(decl_name(p, decl)));
    report_label(report, "asks for an instance that has no end");
    report_note(report, decl_span(p, decl), "each instance of this asks for one more");
    Buffer text = {0};
    for (uint32_t i = 0; i < CHAIN_SHOWN && i < chain.count; i++) {
        const JirFn *fn = jir_fn(mono->jir, (JirFnId){chain.items[chain.count - 1 - i]});
        shorten(&text, text_of(fn->symbol));
        buffer_cstr(&text, ", ");
    }
    report_note(report, (Span){0}, "the instances: %.*s…", (int)text.count, text.items);
    report_help(report, "call it with a type that does not grow: pass the value itself or a reference to it");
    vec_free(&text);
    vec_free(&chain);
}

static bool is_endless(Mono *mono, const TypeId *args, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (type_depth(mono->types, args[i], TYPE_DEPTH_LIMIT + 1) > TYPE_DEPTH_LIMIT)
            return true;
    return false;
}

// ---- functions -----------------------------------------------------------------------------------------------------

static JirFn *generic_body(Mono *mono, DeclId decl) {
    JirFn *fn = mono->demand(mono->context, decl);
    if (!fn)
        mono->failed = true;
    return fn;
}

JirFnId mono_instance(Mono *mono, DeclId decl, const TypeId *args, uint32_t count) {
    uint64_t key = (uint64_t)decl.v << 32 | (count ? type_tuple(mono->types, args, count).v : 0);
    uint32_t known;
    if (map_get(&mono->instances, key, &known))
        return (JirFnId){known};
    JirFn *fn = NULL;
    if (count && is_endless(mono, args, count)) {
        report_endless(mono, decl);
        mono->failed = true;
    } else {
        fn = generic_body(mono, decl);
    }
    if (fn && fn->is_generic) {
        Subst subst = function_subst(mono->program, decl, args, count);
        mono_refuse_lent(mono, decl, subst);
        fn = mono_clone(mono, fn, subst);
    }
    map_set(&mono->instances, key, fn ? fn->id.v : 0);
    if (!fn)
        return (JirFnId){0};
    mono_add(mono, fn, mono_symbol(mono, decl, args, fn->subst.count ? count : 0));
    return fn->id;
}

JirFnId mono_closure(Mono *mono, TypeId closure) {
    uint32_t known;
    if (map_get(&mono->closures, closure.v, &known))
        return (JirFnId){known};
    JirFn *fn = closure_body(mono->jir, closure);
    invariant(fn != NULL, "a closure without a function: %.*s", TEXT_ARG(type_text(mono->program, closure)));
    Subst subst = closure_subst(mono->jir, closure);
    if (fn->is_generic)
        fn = mono_clone(mono, fn, subst);
    fn->has_env = true;
    fn->closure_type = closure;
    map_set(&mono->closures, closure.v, fn->id.v);
    mono_add(mono, fn, mono_symbol_closure(mono, type_get(mono->types, closure)->decl, subst));
    return fn->id;
}

// A function as a value is called with an environment: a function of the same parameters that passes them on.
JirFnId mono_shim(Mono *mono, JirFnId target, TypeId func_type) {
    uint32_t known;
    uint64_t key = (uint64_t)target.v << 32 | func_type.v;
    if (map_get(&mono->shims, key, &known))
        return (JirFnId){known};
    const Type *type = type_get(mono->types, func_type);
    JirFn *fn = jir_fn_new(mono->jir);
    fn->is_glue = true;
    fn->has_env = true;
    fn->module = jir_fn(mono->jir, target)->module;
    Glue g = {mono, mono->jir, fn, {0}};
    glue_signature(&g, type->args[type->arg_count - 1]);
    JirArg *args = ARENA_ARRAY(mono->jir->arena, JirArg, type->arg_count);
    for (uint32_t i = 0; i + 1 < type->arg_count; i++) {
        ParamMode mode = (ParamMode)type->modes[i];
        LocalMode local = mode == MODE_OWN ? LOCAL_OWNED : mode == MODE_MUT ? LOCAL_MUT_REF : LOCAL_LET_REF;
        PlaceId place = glue_param(&g, type->args[i], local);
        args[i].kind = mode == MODE_OWN ? ARG_VALUE : mode == MODE_MUT ? ARG_MUT_REF : ARG_REF;
        if (mode == MODE_OWN)
            args[i].value = glue_move_of(&g, place);
        else
            args[i].place = place;
    }
    JirCallee *callee = ARENA_NEW(mono->jir->arena, JirCallee);
    callee->decl = jir_fn(mono->jir, target)->decl;
    callee->instance = target;
    PlaceId result = jir_place_local(fn, (LocalId){0});
    const JirLocal *given = &jir_fn(mono->jir, target)->locals.items[0];
    bool converts = given->mode == LOCAL_OWNED && layout_converts(mono->jir, given->type, jir_place_type(fn, result));
    PlaceId value = converts ? glue_temp(&g, given->type) : result;
    glue_call(&g, callee, value, args, type->arg_count - 1);
    if (converts)
        glue_set(&g, result, glue_move_of(&g, value));
    glue_return(&g);
    map_set(&mono->shims, key, fn->id.v);
    Text name = arena_printf(mono->jir->arena, "%s.value", jir_fn(mono->jir, target)->symbol);
    mono_add(mono, fn, mono_symbol_unique(mono, name));
    return fn->id;
}

JirFnId mono_glue(Mono *mono, GlueKind kind, TypeId type) {
    uint64_t key = (uint64_t)kind << 32 | type.v;
    uint32_t known;
    if (map_get(&mono->glue, key, &known))
        return (JirFnId){known};
    JirFn *fn = jir_fn_new(mono->jir);
    fn->is_glue = true;
    fn->module = mono->program->root;
    map_set(&mono->glue, key, fn->id.v); // before the body: glue of recursive types calls itself
    mono_add(mono, fn, mono_symbol_glue(mono, kind, type));
    glue_make(mono, fn, kind, type);
    return fn->id;
}

// ---- constants -----------------------------------------------------------------------------------------------------

// A constant's initialiser is lowered like an instance, so that it can be evaluated, but is none: nothing calls it.
void mono_use_constant(Mono *mono, DeclId decl) {
    if (map_get(&mono->constants, decl.v, NULL))
        return;
    map_set(&mono->constants, decl.v, 1);
    JirFn *fn = generic_body(mono, decl);
    if (!fn)
        return;
    vec_push(&mono->used_constants, decl.v);
    mono_add(mono, fn, mono_symbol(mono, decl, NULL, 0));
}

// ---- the run -------------------------------------------------------------------------------------------------------

JirFnId mono_root(Mono *mono, DeclId decl) {
    mono->current = mono->token = 0;
    if (program_decl(mono->program, decl)->kind == DECL_CONST) {
        mono_use_constant(mono, decl);
        return jir_fn_of_decl(mono->jir, decl);
    }
    return mono_instance(mono, decl, NULL, 0);
}

static void publish(Mono *mono) {
    Jir *jir = mono->jir;
    JirFnId *instances = ARENA_ARRAY(jir->arena, JirFnId, mono->work.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < mono->work.count; i++) {
        const JirFn *fn = jir_fn(jir, mono->work.items[i]);
        bool is_constant = fn->decl.v && !fn->closure.v && program_decl(jir->program, fn->decl)->kind == DECL_CONST;
        if (!is_constant)
            instances[count++] = fn->id;
    }
    jir->instances = instances;
    jir->instance_count = count;
    DeclId *constants = ARENA_ARRAY(jir->arena, DeclId, mono->used_constants.count);
    for (uint32_t i = 0; i < mono->used_constants.count; i++)
        constants[i].v = mono->used_constants.items[i];
    jir->constants = constants;
    jir->constant_count = mono->used_constants.count;
}

bool mono_run(Mono *mono) {
    while (mono->next < mono->work.count) {
        JirFnId id = mono->work.items[mono->next++];
        mono->current = id.v;
        mono->token = 0;
        mono_lower(mono, jir_fn(mono->jir, id));
        mono_follow_flags(jir_fn(mono->jir, id), mono->jir->scratch);
        arena_reset(mono->jir->scratch);
        if (mono->failed && diags_error_count(mono->program->diags) > 0)
            break;
    }
    publish(mono);
    if (!mono->failed)
        polls_keep_needed(mono->jir);
    return !mono->failed;
}
