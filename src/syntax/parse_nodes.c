// Making nodes: columns, extra, heights.
#include "syntax/parser.h"

static void reserve_nodes(Parser *p) {
    uint32_t extra = p->node_capacity ? p->node_capacity : p->ast->token_count + 16;
    VecU32 *columns[] = {&p->node_tokens, &p->node_firsts,       &p->node_a,
                         &p->node_b,      &p->node_first_tokens, &p->node_last_tokens};
    p->node_capacity = UINT32_MAX;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        columns[i]->count = p->node_count;
        vec_reserve(columns[i], extra);
        p->node_capacity = columns[i]->capacity < p->node_capacity ? columns[i]->capacity : p->node_capacity;
    }
    p->node_kinds.count = p->heights.count = p->node_count;
    vec_reserve(&p->node_kinds, extra);
    vec_reserve(&p->heights, extra);
    p->node_capacity = p->node_kinds.capacity < p->node_capacity ? p->node_kinds.capacity : p->node_capacity;
    p->node_capacity = p->heights.capacity < p->node_capacity ? p->heights.capacity : p->node_capacity;
}

static void report_height(Parser *p, uint32_t token) {
    if (p->is_too_deep || p->trying)
        return;
    p->is_too_deep = true;
    Report *r = parse_complain(p, DIAG_E0120, parse_span(p, token), "this expression or chain is too long");
    if (r)
        report_help(r, "more than %u steps hang on each other: take a part into a `let`, or a function of its own",
                    SYNTAX_HEIGHT_LIMIT);
}

static NodeId add_node(Parser *p, NodeKind kind, uint32_t token, Mark mark, uint32_t a, uint32_t b, uint32_t height) {
    if (p->node_count == p->node_capacity)
        reserve_nodes(p);
    if (height > SYNTAX_HEIGHT_LIMIT && kind != NODE_MODULE) {
        // What hangs below is cut off; it stays in the columns, but no stage gets there.
        report_height(p, token);
        kind = NODE_INVALID;
        a = b = 0;
        height = 0;
    }
    uint32_t i = p->node_count++;
    p->node_kinds.items[i] = (uint8_t)kind;
    p->node_tokens.items[i] = token;
    p->node_firsts.items[i] = mark.node;
    p->node_a.items[i] = a;
    p->node_b.items[i] = b;
    p->node_first_tokens.items[i] = mark.token;
    p->node_last_tokens.items[i] = p->previous < mark.token ? mark.token : p->previous;
    p->heights.items[i] = (uint16_t)height;
    return (NodeId){i};
}

uint32_t parse_height(const Parser *p, NodeId n) {
    return n.v ? p->heights.items[n.v] : 0;
}

uint32_t parse_list_height(const Parser *p, ListRef list) {
    uint32_t height = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        uint32_t h = p->heights.items[p->extra.items[list.at + i]];
        height = h > height ? h : height;
    }
    return height;
}

NodeId parse_leaf(Parser *p, NodeKind kind) {
    Mark mark = parse_mark(p);
    parse_bump(p);
    return add_node(p, kind, mark.token, mark, 0, 0, 1);
}

NodeId parse_node_none(Parser *p, NodeKind kind, uint32_t token, Mark mark) {
    return add_node(p, kind, token, mark, 0, 0, 1);
}

NodeId parse_node_unary(Parser *p, NodeKind kind, uint32_t token, Mark mark, NodeId child) {
    return add_node(p, kind, token, mark, child.v, 0, parse_height(p, child) + 1);
}

NodeId parse_node_binary(Parser *p, NodeKind kind, uint32_t token, Mark mark, NodeId left, NodeId right) {
    uint32_t l = parse_height(p, left), r = parse_height(p, right);
    return add_node(p, kind, token, mark, left.v, right.v, (l > r ? l : r) + 1);
}

ListRef parse_take_list(Parser *p, uint32_t base) {
    uint32_t count = p->scratch.count - base;
    ListRef list = {p->extra.count, count};
    vec_reserve(&p->extra, count);
    if (count > 0)
        memcpy(p->extra.items + p->extra.count, p->scratch.items + base, sizeof(uint32_t) * count);
    p->extra.count += count;
    p->scratch.count = base;
    return list;
}

NodeId parse_node_list(Parser *p, NodeKind kind, uint32_t token, Mark mark, uint32_t base) {
    ListRef list = parse_take_list(p, base);
    return add_node(p, kind, token, mark, list.at, list.count, parse_list_height(p, list) + 1);
}

NodeId parse_node_call(Parser *p, NodeKind kind, uint32_t token, Mark mark, NodeId callee, uint32_t base) {
    uint32_t at = p->extra.count;
    vec_push(&p->extra, p->scratch.count - base);
    ListRef list = parse_take_list(p, base);
    uint32_t height = parse_list_height(p, list), h = parse_height(p, callee);
    return add_node(p, kind, token, mark, callee.v, at, (h > height ? h : height) + 1);
}

NodeId parse_node_record(Parser *p, NodeKind kind, uint32_t token, Mark mark, const uint32_t *words, uint32_t count,
                         uint32_t height) {
    uint32_t at = p->extra.count;
    vec_reserve(&p->extra, count);
    memcpy(p->extra.items + at, words, sizeof(uint32_t) * count);
    p->extra.count += count;
    return add_node(p, kind, token, mark, at, count, height + 1);
}

NodeId parse_invalid(Parser *p) {
    Mark mark = parse_mark(p);
    return add_node(p, NODE_INVALID, p->at, mark, 0, 0, 1);
}

void parse_poison_function(Parser *p, NodeId n) {
    if (parse_node_kind(p, n) != NODE_FUNC)
        return;
    uint32_t body = p->extra.items[p->node_a.items[n.v] + PARSE_FUNC_BODY];
    if (body)
        p->node_kinds.items[body] = NODE_INVALID;
}

void parse_truncate(Parser *p, uint32_t node_count, uint32_t extra_count) {
    p->node_count = node_count;
    p->extra.count = extra_count;
}
