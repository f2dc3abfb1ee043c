// How the text of a nursery uses the variables around it: who stands in what, and in which task.
#include "ir/build_internal.h"

NodeId uses_parent(const Uses *u, NodeId n) {
    return (NodeId){n.v >= u->first && n.v < u->nursery.v ? u->parents[n.v - u->first] : 0};
}

static NodeKind kind_at(const Uses *u, NodeId n) {
    return ast_kind(u->b->ast, n);
}

static const Resolution *local_at(const Uses *u, NodeId n) {
    const Resolution *res = kind_at(u, n) == NODE_NAME ? fact_resolution(u->b, n) : NULL;
    return res && res->kind == REF_LOCAL ? res : NULL;
}

bool uses_names(const Uses *u, NodeId n, NodeId binder) {
    const Resolution *res = local_at(u, n);
    return res && res->node.v == binder.v;
}

static bool is_known(const Uses *u, NodeId binder) {
    for (uint32_t i = 0; i < u->outer_count; i++)
        if (u->outer[i].binder.v == binder.v)
            return true;
    return false;
}

static void find_outer(Uses *u) {
    uint32_t count = 0;
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++)
        count += local_at(u, n) != NULL;
    u->outer = ARENA_ARRAY(u->b->arena, OuterUse, count);
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++) {
        const Resolution *res = local_at(u, n);
        bool is_inner = res && res->node.v >= u->first && res->node.v <= u->nursery.v;
        if (res && !is_inner && !is_known(u, res->node))
            u->outer[u->outer_count++] = (OuterUse){res->node, n};
    }
}

// Children stand before their parents.
Uses uses_of(Build *b, NodeId nursery) {
    Uses u = {.b = b, .nursery = nursery, .first = ast_first(b->ast, nursery).v};
    u.parents = ARENA_ARRAY(b->arena, uint32_t, nursery.v - u.first + 1);
    VecU32 open = {0};
    for (uint32_t i = u.first; i <= nursery.v; i++) {
        uint32_t first = ast_first(b->ast, (NodeId){i}).v;
        while (open.count && vec_last(&open) >= first)
            u.parents[vec_pop(&open) - u.first] = i;
        vec_push(&open, i);
    }
    vec_free(&open);
    find_outer(&u);
    return u;
}

static bool is_spawn(const Uses *u, NodeId call) {
    const Resolution *res = call.v ? fact_resolution(u->b, call) : NULL;
    return res && res->kind == REF_BUILTIN && res->index == BUILTIN_SPAWN;
}

static bool is_task(const Uses *u, NodeId closure) {
    NodeId call = uses_parent(u, closure);
    if (!is_spawn(u, call))
        return false;
    NodeId callee = ast_call(u->b->ast, call).callee;
    const Resolution *handle = fact_resolution(u->b, ast_unary(u->b->ast, callee).child);
    return handle && handle->kind == REF_LOCAL && handle->node.v == u->nursery.v;
}

NodeId uses_task(const Uses *u, NodeId n) {
    for (NodeId up = uses_parent(u, n); up.v && up.v != u->nursery.v; up = uses_parent(u, up))
        if (kind_at(u, up) == NODE_CLOSURE && is_task(u, up))
            return up;
    return (NodeId){0};
}

// ---- values that nobody looks at -----------------------------------------------------------------------------------

typedef enum { VALUE_DROPPED, VALUE_USED, VALUE_OF_PARENT } Fate;

static Fate fate_in_block(const Uses *u, NodeId n, NodeId block) {
    AstList items = ast_list(u->b->ast, block);
    return items.count && AST_ITEM(items, items.count - 1).v == n.v ? VALUE_OF_PARENT : VALUE_DROPPED;
}

// What becomes of the node's value in its parent.
static Fate fate_in(const Uses *u, NodeId n, NodeId parent) {
    const Ast *ast = u->b->ast;
    switch (kind_at(u, parent)) {
    case NODE_BLOCK: return fate_in_block(u, n, parent);
    case NODE_WHEN: return ast_binary(ast, parent).left.v == n.v ? VALUE_DROPPED : VALUE_USED;
    case NODE_LET: return kind_at(u, ast_let(ast, parent).pattern) == NODE_PAT_WILD ? VALUE_DROPPED : VALUE_USED;
    case NODE_IF: return ast_if_expr(ast, parent).condition.v == n.v ? VALUE_USED : VALUE_OF_PARENT;
    case NODE_MATCH: return ast_match(ast, parent).subject.v == n.v ? VALUE_USED : VALUE_OF_PARENT;
    case NODE_ARM: return ast_arm(ast, parent).body.v == n.v ? VALUE_OF_PARENT : VALUE_USED;
    case NODE_FOR: return ast_for_expr(ast, parent).body.v == n.v ? VALUE_DROPPED : VALUE_USED;
    case NODE_WHILE:
    case NODE_LOOP: return ast_loop(ast, parent).body.v == n.v ? VALUE_DROPPED : VALUE_USED;
    case NODE_NURSERY: return ast_nursery(ast, parent).body.v == n.v ? VALUE_DROPPED : VALUE_USED;
    case NODE_SHIELD:
    case NODE_USING: return ast_binary(ast, parent).right.v == n.v ? VALUE_DROPPED : VALUE_USED;
    case NODE_SELECT_ARM: return ast_select_arm(ast, parent).body.v == n.v ? VALUE_DROPPED : VALUE_USED;
    case NODE_DEFER:
    case NODE_ERRDEFER: return VALUE_DROPPED;
    case NODE_CLOSURE: // what a task gives goes where its handle does
        return is_spawn(u, uses_parent(u, parent)) ? VALUE_OF_PARENT : VALUE_USED;
    case NODE_CALL: return is_spawn(u, parent) ? VALUE_OF_PARENT : VALUE_USED;
    default: return VALUE_USED;
    }
}

bool uses_is_dropped(const Uses *u, NodeId n) {
    for (; n.v; n = uses_parent(u, n)) {
        TypeId type = fact_type(u->b, n);
        if (type.v && type_is_void(u->b, type))
            return true;
        NodeId parent = uses_parent(u, n);
        Fate fate = parent.v ? fate_in(u, n, parent) : VALUE_USED;
        if (fate != VALUE_OF_PARENT)
            return fate == VALUE_DROPPED;
    }
    return false;
}
