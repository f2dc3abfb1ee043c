#include "ir/task_finder.h"

#include <stdlib.h>

bool task_is_spawn(const TaskFinder *f, NodeId n) {
    const Resolution *res = ast_kind(f->b.ast, n) == NODE_CALL ? facts_resolution(f->b.facts, n) : NULL;
    return res && res->kind == REF_BUILTIN && (res->index == BUILTIN_SPAWN || res->index == BUILTIN_SPAWN_ISOLATED);
}

// The nursery whose handle it is called on; none if that is a parameter.
static NodeId task_nursery(const TaskFinder *f, NodeId call) {
    NodeId callee = ast_call(f->b.ast, call).callee;
    NodeId handle = ast_unary(f->b.ast, callee).child;
    const Resolution *res = ast_kind(f->b.ast, handle) == NODE_NAME ? facts_resolution(f->b.facts, handle) : NULL;
    bool is_own = res && res->kind == REF_LOCAL && ast_kind(f->b.ast, res->node) == NODE_NURSERY;
    return is_own ? res->node : (NodeId){0};
}

// ---- nurseries and tasks of a function, in the order of the source -------------------------------------------------

static int compare_starts(const void *left, const void *right, void *context) {
    const Ast *ast = context;
    NodeId a = {*(const uint32_t *)left}, b = {*(const uint32_t *)right};
    uint32_t x = ast_span(ast, a).start, y = ast_span(ast, b).start;
    return x != y ? (x < y ? -1 : 1) : (a.v < b.v) - (a.v > b.v);
}

typedef bool NodeTest(const TaskFinder *f, NodeId n);

static bool is_nursery(const TaskFinder *f, NodeId n) {
    return ast_kind(f->b.ast, n) == NODE_NURSERY;
}

static VecU32 nodes_in_order(TaskFinder *f, NodeTest *test) {
    VecU32 found = {0};
    for (NodeId n = ast_first(f->b.ast, f->root); n.v < f->root.v; n.v++)
        if (test(f, n))
            vec_push(&found, n.v);
    if (found.count)
        qsort_r(found.items, found.count, sizeof *found.items, compare_starts, (void *)(uintptr_t)f->b.ast);
    return found;
}

static Span nursery_span(const TaskFinder *f, NodeId n) {
    Span span = ast_main_span(f->b.ast, n);
    TokenId binder = ast_nursery(f->b.ast, n).binder;
    span.end = binder.v ? ast_token_span(f->b.ast, binder).end + 1 : span.end; // with the bar
    return span;
}

static void add_nursery(TaskFinder *f, NodeId n, const Uses *uses) {
    TokenId binder = ast_nursery(f->b.ast, n).binder;
    NurseryRow row = {.decl = f->decl, .at = nursery_span(f, n)};
    row.name = binder.v ? ast_symbol(f->b.ast, binder) : (SymbolId){0};
    if (f->is_good)
        task_order_find(f, &row, uses);
    vec_push(&f->rows->nurseries, row);
}

bool task_closure_fails(Build *b, NodeId node) {
    const Resolution *res = facts_resolution(b->facts, node);
    const Type *func = res && res->type.v ? type_get(b->types, res->type) : NULL;
    return func && func->arg_count && type_get(b->types, func->args[func->arg_count - 1])->kind == TY_RESULT;
}

static bool has_closure_between(const Uses *u, NodeId call) {
    for (NodeId up = uses_parent(u, call); up.v && up.v != u->nursery.v; up = uses_parent(u, up))
        if (ast_kind(u->b->ast, up) == NODE_CLOSURE)
            return true;
    return false;
}

// `uses`: of the nurseries, in their order.
static void add_task(TaskFinder *f, NodeId call, const VecU32 *nurseries, const Uses *uses, uint32_t first_row) {
    const Ast *ast = f->b.ast;
    NodeId nursery = task_nursery(f, call), arg = AST_ITEM(ast_call(ast, call).args, 0);
    bool is_literal = ast_kind(ast, arg) == NODE_CLOSURE;
    TaskRow row = {.decl = f->decl, .call = ast_span(ast, ast_call(ast, call).callee)};
    row.closure = is_literal ? arg : (NodeId){0};
    row.is_isolated = facts_resolution(f->b.facts, call)->index == BUILTIN_SPAWN_ISOLATED;
    row.fails = is_literal && task_closure_fails(&f->b, arg);
    const Uses *own = NULL;
    for (uint32_t i = 0; i < nurseries->count && nursery.v; i++) {
        if (nurseries->items[i] != nursery.v)
            continue;
        row.nursery = first_row + i + 1;
        own = &uses[i];
    }
    row.is_foreign = !own || has_closure_between(own, call);
    task_captures_find(f, &row, own);
    vec_push(&f->rows->tasks, row);
}

// ---- a function ----------------------------------------------------------------------------------------------------

static bool holds_calls(TaskFinder *f, DeclId decl) {
    const Signature *sig = program_signature(f->b.program, decl);
    for (uint32_t i = 0; sig && i < sig->param_count; i++)
        if (task_type_calls(&f->b, sig->param_types[i]))
            return true;
    return false;
}

static void find_schedule(TaskFinder *f) {
    Signature *sig = program_signature(f->b.program, f->decl);
    bool is_open = false;
    uint32_t bits = effects_of(f->effects, f->decl, &is_open);
    if (sig)
        sig->schedule = task_cause(bits) != CAUSE_NONE       ? SCHEDULE_DEPENDENT
                        : is_open || holds_calls(f, f->decl) ? SCHEDULE_OPEN
                                                             : SCHEDULE_DETERMINISTIC;
}

void ir_find_task_facts(Jir *jir, Effects *effects, DeclId decl, uint32_t first, uint32_t end, bool is_good) {
    Program *p = jir->program;
    const Decl *row = program_decl(p, decl);
    const Module *module = program_module(p, row->module);
    const Signature *sig = program_signature(p, decl);
    TaskFinder f = {.effects = effects, .rows = program_task_facts(p), .decl = decl, .root = row->node};
    f.b = (Build){.jir = jir, .program = p, .types = p->types, .arena = jir->arena, .module = row->module};
    f.b.ast = module->ast;
    f.b.facts = module->facts;
    f.b.bounds = sig ? sig->bounds : NULL;
    f.b.bound_count = sig ? sig->bound_count : 0;
    f.first = first;
    f.end = end;
    f.is_good = is_good;
    if (is_good)
        find_schedule(&f);
    VecU32 nurseries = nodes_in_order(&f, is_nursery), spawns = nodes_in_order(&f, task_is_spawn);
    uint32_t first_row = f.rows->nurseries.count;
    Uses *uses = ARENA_ARRAY(jir->arena, Uses, nurseries.count);
    for (uint32_t i = 0; i < nurseries.count; i++) {
        NodeId nursery = {nurseries.items[i]};
        uses[i] = uses_of(&f.b, nursery);
        add_nursery(&f, nursery, &uses[i]);
    }
    for (uint32_t i = 0; i < spawns.count; i++)
        add_task(&f, (NodeId){spawns.items[i]}, &nurseries, uses, first_row);
    vec_free(&nurseries);
    vec_free(&spawns);
}
