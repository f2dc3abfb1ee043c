// Nurseries, select, shield and allocators.
#include "syntax/parser.h"

// |name|, or none.
static uint32_t binder(Parser *p) {
    if (!parse_eat(p, TOK_PIPE))
        return 0;
    uint32_t name = 0;
    if (parse_eat(p, TOK_UNDERSCORE))
        name = p->previous;
    else
        name = parse_name(p, "a name").v;
    parse_expect(p, TOK_PIPE, "`|` after the name");
    return name;
}

static NodeId body_of(Parser *p, uint32_t owner) {
    return p->panicking ? parse_invalid(p) : parse_inner_block(p, owner);
}

NodeId parse_nursery(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at, base = p->scratch.count;
    parse_bump(p);
    if (parse_at(p, TOK_LPAREN))
        parse_argument_list(p);
    ListRef args = parse_take_list(p, base);
    uint32_t name = p->panicking ? 0 : binder(p);
    NodeId body = body_of(p, token);
    uint32_t h = parse_list_height(p, args), b = parse_height(p, body);
    return PARSE_RECORD(p, NODE_NURSERY, token, mark, b > h ? b : h, args.at, args.count, name, body.v);
}

static void select_arm(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    NodeId channel = {0}, value = {0};
    bool is_send = parse_at_word(p, "send"), is_recv = parse_at_word(p, "recv"),
         is_default = parse_at_word(p, "default");
    if (!is_send && !is_recv && !is_default && !parse_at_word(p, "closed") && !parse_at_word(p, "after")) {
        Report *r = parse_expected(p, DIAG_E0110, "an arm of the `select`");
        if (r)
            report_help(r, "arms start with `recv`, `send`, `closed`, `after` or `default`");
        return;
    }
    parse_bump(p);
    if (!is_default) {
        bool outer = p->no_struct;
        p->no_struct = true;
        channel = parse_postfix(p); // a `|` behind it opens a binder
        if (is_send && parse_expect(p, TOK_COMMA, "`,` and the value to send"))
            value = parse_expr(p);
        p->no_struct = outer;
    }
    uint32_t name = is_recv && !p->panicking ? binder(p) : 0;
    NodeId body = body_of(p, token);
    uint32_t h = parse_height(p, channel), v = parse_height(p, value), b = parse_height(p, body);
    h = v > h ? v : h;
    parse_push(p, PARSE_RECORD(p, NODE_SELECT_ARM, token, mark, b > h ? b : h, channel.v, value.v, name, body.v));
}

NodeId parse_select(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at, base = p->scratch.count;
    if (!parse_deeper(p))
        return parse_invalid(p);
    parse_bump(p);
    uint32_t opener = p->at;
    Context outer = parse_enter(p, false); // the `do`
    parse_skip_newlines(p);
    while (!parse_at(p, TOK_KW_END) && !parse_at(p, TOK_EOF) && !parse_starts_declaration(p, p->at)) {
        uint32_t start = p->at;
        select_arm(p);
        if (p->panicking) {
            parse_sync(p);
            p->panicking = false;
        }
        parse_skip_newlines(p);
        if (p->at == start)
            parse_bump(p);
    }
    if (!parse_at(p, TOK_KW_END))
        parse_missing_end(p, opener);
    parse_resume(p, outer);
    parse_eat(p, TOK_KW_END);
    p->depth--;
    return parse_node_list(p, NODE_SELECT, token, mark, base);
}

NodeId parse_shield(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at, open = token + 1;
    NodeId duration = {0};
    parse_bump(p);
    if (parse_at(p, TOK_LPAREN)) {
        Context outer = parse_enter(p, true);
        duration = parse_expr(p);
        parse_leave(p, outer, TOK_RPAREN, open, "the duration");
    }
    NodeId body = body_of(p, token);
    return parse_node_binary(p, NODE_SHIELD, token, mark, duration, body);
}

NodeId parse_using(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId allocator = parse_head(p);
    NodeId body = body_of(p, token);
    return parse_node_binary(p, NODE_USING, token, mark, allocator, body);
}
