// What tasks capture, read off JIR once ownership is decided: the mode from the captures of the closure, the reason
// from the text of the nursery.
#include "ir/task_finder.h"

// ---- where ---------------------------------------------------------------------------------------------------------

static NodeId first_use(const TaskFinder *f, NodeId closure, NodeId binder, bool changing) {
    for (NodeId n = ast_first(f->b.ast, closure); n.v < closure.v; n.v++) {
        const Resolution *res = ast_kind(f->b.ast, n) == NODE_NAME ? facts_resolution(f->b.facts, n) : NULL;
        bool is_name = res && res->kind == REF_LOCAL && res->node.v == binder.v;
        if (is_name && (!changing || map_get(&f->b.facts->changed, n.v, NULL)))
            return n;
    }
    return (NodeId){0};
}

static Span use_span(const TaskFinder *f, NodeId use) {
    return use.v ? ast_span(f->b.ast, use) : (Span){0};
}

// Where the closure gives the whole of the capture away.
static Span given_at(const TaskFinder *f, const JirFn *closure, LocalId capture) {
    for (uint32_t i = 1; i < closure->operands.count; i++) {
        const JirOperand *operand = &closure->operands.items[i];
        if (operand->kind != OPERAND_MOVE && operand->kind != OPERAND_TAKE)
            continue;
        const JirPlace *place = jir_place(closure, operand->place);
        if (!place->is_global && place->root == capture.v && place->token)
            return ast_token_span(f->b.ast, (TokenId){place->token});
    }
    return (Span){0};
}

// Declared in a block or loop inside the nursery's own block.
static bool is_inner(const Uses *u, NodeId binder) {
    if (binder.v < u->first || binder.v >= u->nursery.v)
        return false;
    const Ast *ast = u->b->ast;
    NodeId body = ast_nursery(ast, u->nursery).body;
    for (NodeId up = uses_parent(u, binder); up.v && up.v != body.v; up = uses_parent(u, up)) {
        NodeKind kind = ast_kind(ast, up);
        bool is_part = kind == NODE_LET || kind == NODE_VAR || (kind >= NODE_PAT_WILD && kind <= NODE_PAT_REST);
        if (!is_part)
            return true;
    }
    return false;
}

// ---- how -----------------------------------------------------------------------------------------------------------

// The statement that makes the closure, in the function where it stands.
static const JirStmt *made_at(const TaskFinder *f, const JirFn *closure, const JirFn **in) {
    for (uint32_t i = f->first; i < f->end; i++) {
        const JirFn *fn = jir_fn(f->b.jir, (JirFnId){i});
        for (uint32_t k = 0; k < fn->blocks.count; k++)
            for (uint32_t s = 0; s < fn->blocks.items[k].stmts.count; s++) {
                const JirStmt *stmt = &fn->blocks.items[k].stmts.items[s];
                if (stmt->op != OP_MAKE_CLOSURE || stmt->callee->instance.v != closure->id.v)
                    continue;
                *in = fn;
                return stmt;
            }
    }
    return NULL;
}

static bool is_copied(const TaskFinder *f, const JirFn *closure, uint32_t index) {
    const JirFn *in = NULL;
    const JirStmt *made = made_at(f, closure, &in);
    if (!made || index >= made->arg_count)
        return false;
    const JirArg *arg = &in->args.items[made->args + index];
    return arg->kind == ARG_VALUE && in->operands.items[arg->value.v].kind == OPERAND_COPY;
}

static CaptureMode mode_of(const TaskFinder *f, const JirFn *closure, uint32_t index, const CaptureRow *row) {
    const JirLocal *local = &closure->locals.items[1 + closure->param_count + index];
    const Program *p = f->b.program;
    if (type_is_lang(p, local->type, LANG_NURSERY))
        return CAPTURE_HANDLE;
    if (type_is_lang(p, local->type, LANG_TASK_VIEW))
        return CAPTURE_ACCUMULATED;
    if (local->type.v != row->type.v && type_get(p->types, local->type)->kind == TY_POINTER)
        return CAPTURE_DISJOINT;
    if (local->mode == LOCAL_OWNED)
        return is_copied(f, closure, index) ? CAPTURE_COPIED : CAPTURE_MOVED;
    return local->mode == LOCAL_MUT_REF ? CAPTURE_EXCLUSIVE : CAPTURE_READ;
}

static CaptureReason reason_of(const TaskRow *task, const Uses *u, NodeId binder, const CaptureRow *row, Span given) {
    switch (row->mode) {
    case CAPTURE_HANDLE: return REASON_HANDLE;
    case CAPTURE_ACCUMULATED: return REASON_ADDED;
    case CAPTURE_DISJOINT: return REASON_ELEMENT;
    case CAPTURE_EXCLUSIVE: return REASON_CHANGED;
    case CAPTURE_READ: return REASON_UNCHANGED;
    default: break;
    }
    if (task->is_isolated || task->is_foreign || !u)
        return REASON_OWNS;
    if (is_inner(u, binder))
        return REASON_INNER;
    return given.file.v && !row->is_cheap ? REASON_GIVEN : REASON_FIXED;
}

static void find_miss(const TaskFinder *f, const Uses *u, NodeId binder, CaptureRow *row) {
    if (row->mode != CAPTURE_READ && row->mode != CAPTURE_EXCLUSIVE && row->mode != CAPTURE_MOVED)
        return;
    bool is_outer = binder.v < u->first || binder.v >= u->nursery.v;
    if (!is_outer)
        return;
    NodeId where = first_use(f, u->nursery, binder, false);
    row->miss = accumulate_miss(u, binder, &where);
    if (row->miss == MISS_NONE)
        row->miss = disjoint_miss(u, binder, &where);
    row->missed = row->miss == MISS_NONE ? (Span){0} : use_span(f, where);
}

static void add_capture(TaskFinder *f, const TaskRow *task, const JirFn *closure, uint32_t index, const Uses *u) {
    const JirLocal *local = &closure->locals.items[1 + closure->param_count + index];
    NodeId binder = local->node;
    CaptureRow row = {.task = f->rows->tasks.count, .name = local->name};
    row.type = f->b.facts->types[binder.v].v ? f->b.facts->types[binder.v] : local->type;
    row.declared = ast_main_span(f->b.ast, binder);
    row.mode = mode_of(f, closure, index, &row);
    if (row.mode == CAPTURE_HANDLE || row.mode == CAPTURE_COPIED || row.mode == CAPTURE_MOVED ||
        row.mode == CAPTURE_READ || row.mode == CAPTURE_EXCLUSIVE)
        row.type = local->type;
    row.is_cheap = type_class(f->b.program, row.type) & CLASS_CHEAP;
    LocalId capture = {1 + closure->param_count + index};
    Span given = row.mode == CAPTURE_MOVED || row.mode == CAPTURE_COPIED ? given_at(f, closure, capture) : (Span){0};
    row.reason = reason_of(task, u, binder, &row, given);
    NodeId use = first_use(f, task->closure, binder, row.mode == CAPTURE_EXCLUSIVE);
    row.cause =
        row.reason == REASON_GIVEN ? given : use_span(f, use.v ? use : first_use(f, task->closure, binder, false));
    if (u && !task->is_isolated && !task->is_foreign)
        find_miss(f, u, binder, &row);
    vec_push(&f->rows->captures, row);
}

void task_captures_find(TaskFinder *f, TaskRow *task, const Uses *u) {
    task->first_capture = f->rows->captures.count;
    uint32_t built;
    if (task->closure.v && map_get(&f->b.jir->by_closure, jir_closure_key(f->b.ast->file, task->closure), &built)) {
        const JirFn *closure = jir_fn(f->b.jir, (JirFnId){built});
        for (uint32_t i = 0; i < closure->capture_count; i++)
            add_capture(f, task, closure, i, u);
    }
    task->capture_count = f->rows->captures.count - task->first_capture;
}
