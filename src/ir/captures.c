// What the closure of a task captures, and how.
//
// A variable of an inner block or loop goes into the task: it ends before the nursery does. So does what is cheap to
// copy and does not change. All else is borrowed until the nursery has been joined: the loan is held by the nursery's
// `scope`, so that who changes the variable meanwhile, or two tasks that do, meet it like any other loan. What a task
// takes for itself, it owns, wherever it comes from.
//
// Before that: where every use of an outer variable in the nursery only adds to it, and tasks do so, each task adds to
// a value of its own, which begins at the identity; when the nursery has ended well, those of the tasks that did are
// merged into the variable, in the order in which they were spawned.
#include "ir/build_internal.h"

// ---- which variables are accumulated -------------------------------------------------------------------------------

// Children stand before their parents.
static uint32_t parent_of(Build *b, uint32_t node, uint32_t last) {
    for (uint32_t i = node + 1; i <= last; i++)
        if (ast_first(b->ast, (NodeId){i}).v <= node)
            return i;
    return 0;
}

static bool is_statement(Build *b, uint32_t node, uint32_t last) {
    uint32_t parent = parent_of(b, node, last);
    return parent && ast_kind(b->ast, (NodeId){parent}) == NODE_BLOCK;
}

// xs.push(x) and xs.extend(xs) of a list.
static AccumulateKind kind_of_call(Build *b, uint32_t field, uint32_t last) {
    Text name = ast_token_text(b->ast, ast_token(b->ast, (NodeId){field}));
    uint32_t call = parent_of(b, field, last);
    bool is_call = call && ast_kind(b->ast, (NodeId){call}) == NODE_CALL &&
                   ast_call(b->ast, (NodeId){call}).callee.v == field && is_statement(b, call, last);
    bool adds = text_equal(name, TEXT("push")) || text_equal(name, TEXT("extend"));
    return is_call && adds ? ACCUMULATE_LIST : ACCUMULATE_NONE;
}

static AccumulateKind kind_of_assign(Build *b, uint32_t assign, TypeId type) {
    bool is_text = type_is_lang(b->program, type, LANG_STRING), is_list = type_is_lang(b->program, type, LANG_LIST);
    bool is_number = type_kind_is_integer(kind_of(b, type)) || type_kind_is_float(kind_of(b, type));
    switch (ast_token_kind(b->ast, ast_token(b->ast, (NodeId){assign}))) {
    case TOK_PLUS_ASSIGN: return is_number ? ACCUMULATE_SUM : ACCUMULATE_NONE;
    case TOK_STAR_ASSIGN: return is_number ? ACCUMULATE_PRODUCT : ACCUMULATE_NONE;
    case TOK_CONCAT_ASSIGN: return is_text ? ACCUMULATE_TEXT : is_list ? ACCUMULATE_LIST : ACCUMULATE_NONE;
    default: return ACCUMULATE_NONE;
    }
}

static AccumulateKind kind_of_use(Build *b, uint32_t name, uint32_t last) {
    uint32_t parent = parent_of(b, name, last);
    TypeId type = fact_type(b, (NodeId){name});
    if (!parent)
        return ACCUMULATE_NONE;
    NodeKind kind = ast_kind(b->ast, (NodeId){parent});
    if (kind == NODE_FIELD && type_is_lang(b->program, type, LANG_LIST))
        return kind_of_call(b, parent, last);
    if (kind == NODE_ASSIGN && ast_binary(b->ast, (NodeId){parent}).left.v == name)
        return kind_of_assign(b, parent, type);
    return ACCUMULATE_NONE;
}

// Whether the closure is spawned by the nursery.
static bool is_task_of(Build *b, uint32_t closure, NodeId nursery) {
    uint32_t call = parent_of(b, closure, nursery.v);
    const Resolution *res = call ? fact_resolution(b, (NodeId){call}) : NULL;
    if (!res || res->kind != REF_BUILTIN || res->index != BUILTIN_SPAWN)
        return false;
    NodeId callee = ast_call(b->ast, (NodeId){call}).callee;
    const Resolution *handle = fact_resolution(b, ast_unary(b->ast, callee).child);
    return handle && handle->kind == REF_LOCAL && handle->node.v == nursery.v;
}

static bool is_in_task(Build *b, uint32_t node, NodeId nursery) {
    for (uint32_t i = node + 1; i < nursery.v; i++)
        if (ast_kind(b->ast, (NodeId){i}) == NODE_CLOSURE && ast_first(b->ast, (NodeId){i}).v <= node &&
            is_task_of(b, i, nursery))
            return true;
    return false;
}

static bool names(Build *b, uint32_t node, NodeId binder) {
    const Resolution *res = ast_kind(b->ast, (NodeId){node}) == NODE_NAME ? fact_resolution(b, (NodeId){node}) : NULL;
    return res && res->kind == REF_LOCAL && res->node.v == binder.v;
}

// How every use in the nursery adds to the variable; NONE if one does something else, or no task does.
static AccumulateKind kind_of_uses(Build *b, NodeId nursery, NodeId binder) {
    AccumulateKind kind = ACCUMULATE_NONE;
    bool in_task = false;
    for (uint32_t i = ast_first(b->ast, nursery).v; i < nursery.v; i++) {
        if (!names(b, i, binder))
            continue;
        AccumulateKind use = kind_of_use(b, i, nursery.v);
        if (use == ACCUMULATE_NONE || (kind != ACCUMULATE_NONE && use != kind))
            return ACCUMULATE_NONE;
        kind = use;
        in_task |= is_in_task(b, i, nursery);
    }
    return in_task ? kind : ACCUMULATE_NONE;
}

static bool is_known(const NurseryFrame *f, NodeId binder) {
    for (uint32_t i = 0; i < f->accumulated_count; i++)
        if (f->accumulated[i].binder.v == binder.v)
            return true;
    return false;
}

static void open_views(Build *b, NurseryFrame *f, NodeId binder, AccumulateKind kind) {
    TypeId type = jir_local(b->fn, local_of(b, binder))->type;
    TypeId views = type_lang(b->program, LANG_VIEWS, &type, 1);
    Accumulated it = {.binder = binder, .kind = kind, .views = local_new(b, views, LOCAL_OWNED, LOCAL_LET)};
    call_lang(b, LANG_VIEWS_NEW, &type, 1, NULL, 0, jir_place_local(b->fn, it.views));
    local_register(b, it.views);
    f->accumulated[f->accumulated_count++] = it;
}

void captures_open(Build *b, NodeId n, NurseryFrame *f) {
    uint32_t first = ast_first(b->ast, n).v, names_count = 0;
    for (uint32_t i = first; i < n.v; i++)
        names_count += ast_kind(b->ast, (NodeId){i}) == NODE_ASSIGN || ast_kind(b->ast, (NodeId){i}) == NODE_CALL;
    f->accumulated = ARENA_ARRAY(b->arena, Accumulated, names_count + 1);
    for (uint32_t i = first; i < n.v; i++) {
        const Resolution *res = ast_kind(b->ast, (NodeId){i}) == NODE_NAME ? fact_resolution(b, (NodeId){i}) : NULL;
        if (!res || res->kind != REF_LOCAL || (res->node.v >= first && res->node.v <= n.v) || is_known(f, res->node))
            continue;
        AccumulateKind kind = kind_of_uses(b, n, res->node);
        if (kind != ACCUMULATE_NONE)
            open_views(b, f, res->node, kind);
    }
}

// ---- a view for each task ------------------------------------------------------------------------------------------

const Accumulated *capture_accumulated(Build *b, NodeId binder) {
    const NurseryFrame *f = &b->nurseries.items[b->spawning - 1];
    for (uint32_t i = 0; i < f->accumulated_count; i++)
        if (f->accumulated[i].binder.v == binder.v)
            return &f->accumulated[i];
    return NULL;
}

// What the functions of std that begin and merge are for: items of a list, or the type itself.
static TypeId merged_type(Build *b, const Accumulated *it) {
    TypeId type = jir_local(b->fn, local_of(b, it->binder))->type;
    return it->kind == ACCUMULATE_LIST ? type_of(b, type)->args[0] : type;
}

PlaceId capture_view(Build *b, const Accumulated *it) {
    static const LangItem BEGIN[] = {[ACCUMULATE_LIST] = LANG_VIEWS_LIST,
                                     [ACCUMULATE_TEXT] = LANG_VIEWS_TEXT,
                                     [ACCUMULATE_SUM] = LANG_VIEWS_SUM,
                                     [ACCUMULATE_PRODUCT] = LANG_VIEWS_PRODUCT};
    TypeId type = jir_local(b->fn, local_of(b, it->binder))->type, item = merged_type(b, it);
    TypeId view = type_lang(b->program, LANG_VIEW, &type, 1);
    PlaceId address = temp_new(b, type_unary(b->types, TY_POINTER, view));
    JirArg arg = arg_mut(b, jir_place_local(b->fn, it->views));
    call_lang(b, BEGIN[it->kind], &item, it->kind != ACCUMULATE_TEXT, &arg, 1, address);
    return place_deref(b, address, view);
}

void captures_merge(Build *b, const NurseryFrame *f) {
    static const LangItem MERGE[] = {[ACCUMULATE_LIST] = LANG_VIEWS_APPEND,
                                     [ACCUMULATE_TEXT] = LANG_VIEWS_CONCAT,
                                     [ACCUMULATE_SUM] = LANG_VIEWS_ADD,
                                     [ACCUMULATE_PRODUCT] = LANG_VIEWS_MULTIPLY};
    for (uint32_t i = 0; i < f->accumulated_count && !b->is_dead; i++) {
        const Accumulated *it = &f->accumulated[i];
        TypeId item = merged_type(b, it);
        PlaceId variable = place_strip(b, jir_place_local(b->fn, local_of(b, it->binder)));
        OperandId views = jir_operand_place(b->fn, OPERAND_MOVE, jir_place_local(b->fn, it->views));
        JirArg args[2] = {arg_value(views), arg_mut(b, variable)};
        call_lang(b, MERGE[it->kind], &item, it->kind != ACCUMULATE_TEXT, args, 2, (PlaceId){0});
    }
}

void captures_done(Build *b) {
    for (uint32_t i = 0; i < b->done.count; i++)
        emit_set(b, jir_place_local(b->fn, b->done.items[i]), const_bool(b, true));
}

// ---- the others ----------------------------------------------------------------------------------------------------

bool capture_is_taken(Build *b, LocalId id, const NurseryFrame *nursery) {
    const JirLocal *local = jir_local(b->fn, id);
    bool is_cheap = type_class(b->program, local->type) & CLASS_CHEAP && !local_is_lent_func(b, local);
    bool is_inner = b->states.items[id.v].nesting > nursery->nesting;
    if (type_is_lang(b->program, local->type, LANG_NURSERY))
        return false;
    if (is_inner)
        return local->mode == LOCAL_OWNED || is_cheap;
    bool is_fixed = local->kind == LOCAL_LET || local->kind == LOCAL_TEMP ||
                    (local->kind != LOCAL_VAR && local->mode == LOCAL_LET_REF);
    return is_cheap && is_fixed;
}

void capture_take(Build *b, PlaceId place) {
    const JirPlace *p = jir_place(b->fn, place);
    if (p->is_global)
        return;
    JirLocal *local = jir_local(b->fn, (LocalId){p->root});
    if (local->kind != LOCAL_CAPTURE || local->mode == LOCAL_OWNED)
        return;
    if (!(type_class(b->program, p->type) & CLASS_CHEAP) && !type_is_lang(b->program, local->type, LANG_NURSERY))
        local->mode = LOCAL_OWNED;
}

// All captures were registered to be dropped, as long as it was open which of them are owned.
void captures_settle(Build *b) {
    for (uint32_t i = 0; i < b->fn->blocks.count; i++) {
        JirBlock *block = &b->fn->blocks.items[i];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            JirStmt *stmt = &block->stmts.items[s];
            if (stmt->op != OP_DROP && stmt->op != OP_DEAD)
                continue;
            const JirPlace *place = jir_place(b->fn, stmt->dst);
            const JirLocal *local = place->is_global ? NULL : jir_local(b->fn, (LocalId){place->root});
            if (local && local->kind == LOCAL_CAPTURE && local->mode != LOCAL_OWNED)
                *stmt = (JirStmt){.op = OP_NOP, .token = stmt->token};
        }
    }
}
