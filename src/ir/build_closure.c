// Closures: a function of their own, whose captures are addresses of the outer variables, or values it owns.
#include "ir/build_internal.h"

typedef VEC(NodeId) NodeList;

// The binders outside the closure that it names, in order of their first use.
static void find_captures(Build *b, NodeId closure, NodeList *binders) {
    uint32_t first = ast_first(b->ast, closure).v;
    MapU64 seen = {0};
    for (uint32_t i = first; i < closure.v; i++) {
        const Resolution *res = facts_resolution(b->facts, (NodeId){i});
        if (!res || res->kind != REF_LOCAL)
            continue;
        bool is_inside = res->node.v >= first && res->node.v < closure.v;
        if (is_inside || map_get(&seen, res->node.v, NULL))
            continue;
        map_set(&seen, res->node.v, 1);
        vec_push(binders, res->node);
    }
    map_free(&seen);
}

// A func that is only lent here is lent on; whether it is, is known where it has a variable of its own.
static bool is_cheap(Build *b, const JirLocal *local) {
    if (local_is_lent_func(b, local))
        return false;
    return type_class(b->program, local->type) & CLASS_CHEAP;
}

// Owning closures take what is cheap to copy; `own func`, and what is kept, takes everything. The rest is lent to them,
// and so is a nursery always: tasks stand in lists of it.
static bool capture_is_owned(Build *b, LocalId id, ParamMode self_mode, CaptureWay way) {
    const JirLocal *local = jir_local(b->fn, id);
    if (type_is_lang(b->program, local->type, LANG_NURSERY))
        return false;
    if (way == CAPTURE_KEPT)
        return true;
    if (way == CAPTURE_TASK)
        return capture_is_taken(b, id, &b->nurseries.items[b->spawning - 1]);
    if (self_mode == MODE_OWN)
        return local->mode == LOCAL_OWNED || is_cheap(b, local);
    return way == CAPTURE_CHEAP && self_mode == MODE_BORROW && is_cheap(b, local);
}

static void closure_captures(Build *outer, Build *b, const NodeList *binders, CaptureWay way) {
    for (uint32_t i = 0; i < binders->count; i++) {
        const Accumulated *added = way == CAPTURE_TASK ? accumulated(outer, binders->items[i]) : NULL;
        const Disjoint *element = way == CAPTURE_TASK ? disjoint(outer, binders->items[i]) : NULL;
        if (added || element) {
            if (added)
                accumulate_capture(b, outer, added);
            else
                disjoint_capture(b, outer, element);
            continue;
        }
        LocalId id = local_of(outer, binders->items[i]);
        const JirLocal *captured = jir_local(outer->fn, id);
        bool owned = capture_is_owned(outer, id, b->fn->self_mode, way);
        LocalMode mode = owned ? LOCAL_OWNED : LOCAL_LET_REF;
        TypeId type = captured->type;
        SymbolId name = captured->name;
        LocalId local = local_new(b, type, mode, LOCAL_CAPTURE);
        JirLocal *l = jir_local(b->fn, local);
        l->name = name;
        l->node = binders->items[i];
        map_set(&b->captured, binders->items[i].v, local.v);
        b->fn->capture_count++;
    }
}

static JirFn *build_closure_fn(Build *outer, NodeId n, const NodeList *binders, CaptureWay way) {
    AstClosure closure = ast_closure(outer->ast, n);
    const Resolution *res = fact_resolution(outer, n);
    const Type *func = type_of(outer, res->type);
    Build b = {0};
    frame_begin(&b, outer->jir, outer->fn->decl, outer->module, n);
    b.bounds = outer->bounds;
    b.bound_count = outer->bound_count;
    b.fn->closure = n;
    b.fn->self_mode = func->self_mode;
    b.is_task = way == CAPTURE_TASK;
    map_set(&outer->jir->by_closure, jir_closure_key(b.ast->file, n), b.fn->id.v);
    frame_result(&b, func->args[func->arg_count - 1]);
    for (uint32_t i = 0; i < closure.params.count; i++)
        frame_param(&b, AST_ITEM(closure.params, i), func->args[i], (ParamMode)func->modes[i]);
    closure_captures(outer, &b, binders, way);
    b.fn->is_generic = outer->fn->is_generic;
    frame_body(&b, closure.body);
    frame_end(&b);
    return b.fn;
}

// The closure's own type parameters are those of the function it stands in.
static JirCallee *closure_callee(Build *b, JirFn *fn) {
    const Signature *sig = program_signature(b->program, fn->decl);
    uint32_t count = sig ? sig->type_param_count : 0;
    TypeId *args = ARENA_ARRAY(b->arena, TypeId, count);
    for (uint32_t i = 0; i < count; i++)
        args[i] = type_param(b->types, sig->type_params[i]);
    JirCallee *callee = jir_callee(b->jir, fn->decl, false, args, count);
    callee->instance = fn->id;
    return callee;
}

static JirArg capture_arg(Build *b, NodeId binder, LocalMode mode, CaptureWay way) {
    LocalId local = local_of(b, binder);
    const Accumulated *added = way == CAPTURE_TASK ? accumulated(b, binder) : NULL;
    const Disjoint *element = way == CAPTURE_TASK ? disjoint(b, binder) : NULL;
    if (added)
        return arg_value(accumulate_part(b, added));
    if (element)
        return arg_value(copy(b, jir_place_local(b->fn, element->raw)));
    if (way == CAPTURE_TASK && mode == LOCAL_MUT_REF)
        vec_push(&b->nurseries.items[b->spawning - 1].exclusive, local.v);
    PlaceId place = jir_place_local(b->fn, local);
    if (mode == LOCAL_OWNED)
        return arg_value(take(b, place));
    mark_lent(b, place);
    return mode == LOCAL_MUT_REF ? arg_mut(b, place) : arg_ref(place);
}

void build_closure(Build *b, NodeId n, PlaceId dst, CaptureWay way) {
    NodeList binders = {0};
    find_captures(b, n, &binders);
    uint32_t built = 0;
    JirFn *fn = map_get(&b->jir->by_closure, jir_closure_key(b->ast->file, n), &built)
                    ? jir_fn(b->jir, (JirFnId){built})
                    : build_closure_fn(b, n, &binders, way);
    JirArg *args = ARENA_ARRAY(b->arena, JirArg, binders.count);
    for (uint32_t i = 0; i < binders.count; i++) {
        LocalMode mode = fn->locals.items[1 + fn->param_count + i].mode;
        args[i] = capture_arg(b, binders.items[i], mode, way);
    }
    if (!dst.v)
        dst = temp_new(b, fact_type(b, n));
    JirCallee *callee = closure_callee(b, fn);
    JirStmt *stmt = emit(b, OP_MAKE_CLOSURE);
    stmt->dst = dst;
    stmt->callee = callee;
    jir_stmt_args(b->fn, stmt, args, binders.count);
    vec_free(&binders);
}
