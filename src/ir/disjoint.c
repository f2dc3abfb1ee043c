// Elements of an outer list, array or slice, of which each task has its own.
//
// Where every use of the variable in the nursery is `out[i]`, in one task, `i` being the variable of the only loop
// between the nursery and its spawn, which counts, the rounds of the loop have different elements. (`out.len` may be
// looked at: nobody changes it.) The variable is lent to the nursery as a whole until it has been joined; its tasks and
// its body get there by a raw pointer, which no loan is made of.
#include "ir/build_internal.h"

static bool is_indexable(Build *b, TypeId type) {
    return kind_of(b, type) == TY_ARRAY || type_is_lang(b->program, type, LANG_LIST) ||
           type_is_lang(b->program, type, LANG_SLICE);
}

static bool is_length(Build *b, NodeId field) {
    const Resolution *res = ast_kind(b->ast, field) == NODE_FIELD ? fact_resolution(b, field) : NULL;
    bool is_field = res && (res->kind == REF_FIELD || res->kind == REF_BUILTIN);
    return is_field && text_equal(ast_token_text(b->ast, ast_token(b->ast, field)), TEXT("len"));
}

// The binder of the index in `out[i]`, or none.
static NodeId index_binder(const Uses *u, NodeId name) {
    Build *b = u->b;
    NodeId index = uses_parent(u, name);
    const Resolution *res = ast_kind(b->ast, index) == NODE_INDEX ? fact_resolution(b, index) : NULL;
    if (!res || res->kind != REF_BUILTIN || res->index != BUILTIN_INDEX)
        return (NodeId){0};
    AstCall parts = ast_call(b->ast, index);
    NodeId arg = AST_ITEM(parts.args, 0);
    const Resolution *at = ast_kind(b->ast, arg) == NODE_NAME ? fact_resolution(b, arg) : NULL;
    return parts.callee.v == name.v && at && at->kind == REF_LOCAL ? at->node : (NodeId){0};
}

// Whether the loop's rounds have different values of the variable: it counts them, or goes over a range.
static bool counts(Build *b, NodeId loop, NodeId binder) {
    AstForExpr parts = ast_for_expr(b->ast, loop);
    TypeId type = fact_type(b, parts.iterable);
    if (parts.index.v)
        return parts.index.v == binder.v && !type_is_keyed(b->program, type);
    bool is_range = type_is_lang(b->program, type, LANG_RANGE) || type_is_lang(b->program, type, LANG_RANGE_CLOSED);
    return parts.pattern.v == binder.v && is_range;
}

// The only loop between the nursery and the task; nothing else there runs more than once.
static NodeId only_loop(const Uses *u, NodeId task) {
    NodeId loop = {0};
    for (NodeId up = uses_parent(u, task); up.v && up.v != u->nursery.v; up = uses_parent(u, up)) {
        NodeKind kind = ast_kind(u->b->ast, up);
        bool repeats = kind == NODE_FOR || kind == NODE_WHILE || kind == NODE_LOOP || kind == NODE_CLOSURE;
        if (repeats && (loop.v || kind != NODE_FOR))
            return (NodeId){0};
        loop = repeats ? up : loop;
    }
    return loop;
}

// What stands in the way, with the use that does; NONE: nothing, or no task changes an element.
static CaptureMiss judge(const Uses *u, NodeId binder, bool *is_disjoint, bool *in_body, NodeId *where) {
    Build *b = u->b;
    NodeId index = {0}, task = {0};
    bool changes = false;
    *in_body = *is_disjoint = false;
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++) {
        if (!uses_names(u, n, binder))
            continue;
        NodeId in = uses_task(u, n);
        *in_body |= !in.v;
        if (is_length(b, uses_parent(u, n)))
            continue;
        NodeId at = index_binder(u, n);
        *where = n;
        if (!at.v || !in.v || (task.v == in.v && index.v != at.v))
            return MISS_NOT_INDEX;
        if (task.v && task.v != in.v)
            return MISS_TWO_TASKS;
        task = in;
        index = at;
        changes |= map_get(&b->facts->changed, n.v, NULL);
    }
    NodeId loop = changes ? only_loop(u, task) : (NodeId){0};
    *is_disjoint = loop.v && counts(b, loop, index);
    return *is_disjoint || !changes ? MISS_NONE : MISS_LOOP;
}

static bool changes_elements(const Uses *u, NodeId binder) {
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++)
        if (uses_names(u, n, binder) && map_get(&u->b->facts->changed, n.v, NULL) && index_binder(u, n).v &&
            uses_task(u, n).v)
            return true;
    return false;
}

CaptureMiss disjoint_miss(const Uses *u, NodeId binder, NodeId *where) {
    bool is_disjoint, in_body;
    if (!is_indexable(u->b, fact_type(u->b, *where)) || !changes_elements(u, binder))
        return MISS_NONE;
    return judge(u, binder, &is_disjoint, &in_body, where);
}

// ---- the nursery begins --------------------------------------------------------------------------------------------

static LocalId address_local(Build *b, TypeId type, const JirLocal *variable, LocalMode mode) {
    LocalId local = local_new(b, type, mode, LOCAL_LET);
    jir_local(b->fn, local)->name = variable->name;
    jir_local(b->fn, local)->node = variable->node;
    return local;
}

// A name for what the raw pointer leads to.
static LocalId project(Build *b, LocalId raw, const JirLocal *variable, TypeId type) {
    LocalId name = address_local(b, type, variable, LOCAL_MUT_REF);
    JirArg arg = arg_value(copy(b, jir_place_local(b->fn, raw)));
    intrinsic(b, INTRINSIC_ptr_mut, &type, 1, &arg, 1, type_ref(b->types, type, true), jir_place_local(b->fn, name));
    return name;
}

static void lend(Build *b, NurseryFrame *f, NodeId binder, bool in_body) {
    Disjoint it = {.binder = binder, .variable = local_of(b, binder)};
    JirLocal variable = *jir_local(b->fn, it.variable);
    PlaceId place = place_strip(b, jir_place_local(b->fn, it.variable));
    it.type = jir_place_type(b->fn, place);
    it.lent = address_local(b, it.type, &variable, LOCAL_MUT_REF);
    emit_ref(b, jir_place_local(b->fn, it.lent), place, true);
    TypeId pointer = type_unary(b->types, TY_POINTER, it.type);
    it.raw = local_new(b, pointer, LOCAL_OWNED, LOCAL_LET);
    JirArg arg = arg_mut(b, jir_place_local(b->fn, it.lent));
    intrinsic(b, INTRINSIC_ptr_of_mut, &it.type, 1, &arg, 1, pointer, jir_place_local(b->fn, it.raw));
    if (in_body)
        it.own = project(b, it.raw, &variable, it.type);
    f->disjoint[f->disjoint_count++] = it;
}

void disjoint_open(const Uses *u, NurseryFrame *f) {
    Build *b = u->b;
    f->disjoint = ARENA_ARRAY(b->arena, Disjoint, u->outer_count);
    for (uint32_t i = 0; i < u->outer_count; i++) {
        const OuterUse *it = &u->outer[i];
        bool is_disjoint = false, in_body;
        NodeId where;
        if (is_indexable(b, fact_type(b, it->name)))
            judge(u, it->binder, &is_disjoint, &in_body, &where);
        if (is_disjoint)
            lend(b, f, it->binder, in_body);
    }
}

const Disjoint *disjoint(Build *b, NodeId binder) {
    const NurseryFrame *f = &b->nurseries.items[b->spawning - 1];
    for (uint32_t i = 0; i < f->disjoint_count; i++)
        if (f->disjoint[i].binder.v == binder.v)
            return &f->disjoint[i];
    return NULL;
}

// ---- a task --------------------------------------------------------------------------------------------------------

void disjoint_capture(Build *b, Build *outer, const Disjoint *it) {
    TaskPart part = {.binder = it->binder, .type = it->type};
    JirLocal variable = *jir_local(outer->fn, it->variable);
    part.handle = local_new(b, jir_local(outer->fn, it->raw)->type, LOCAL_OWNED, LOCAL_CAPTURE);
    jir_local(b->fn, part.handle)->name = variable.name;
    jir_local(b->fn, part.handle)->node = it->binder;
    b->fn->capture_count++;
    vec_push(&b->parts, part);
}

LocalId disjoint_enter(Build *b, const TaskPart *part) {
    JirLocal handle = *jir_local(b->fn, part->handle);
    return project(b, part->handle, &handle, part->type);
}
