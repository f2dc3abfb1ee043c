// if, while, for, loop and the jumps.
#include "syntax/parser.h"

// `let pattern = value` as a condition, or an expression.
static NodeId condition(Parser *p) {
    if (!parse_at(p, TOK_KW_LET))
        return parse_head(p);
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId pattern = parse_pattern(p), type = {0}, value = {0};
    if (parse_eat(p, TOK_COLON))
        type = parse_type(p);
    if (parse_expect(p, TOK_ASSIGN, "`=` and a value after the pattern"))
        value = parse_head(p);
    else
        value = parse_invalid(p);
    uint32_t h = parse_height(p, value), q = parse_height(p, pattern);
    return PARSE_RECORD(p, NODE_COND_LET, token, mark, h > q ? h : q, pattern.v, type.v, value.v, 0, 0);
}

// After a broken head: on to its `do`, if that stands on the same line.
static void mend_head(Parser *p) {
    if (!p->panicking || p->is_too_deep)
        return;
    uint32_t at = p->at;
    while (p->kinds[at] != TOK_KW_DO && p->kinds[at] != TOK_NEWLINE && p->kinds[at] != TOK_EOF &&
           p->kinds[at] != TOK_KW_END && (at == p->at || !parse_is_line_start(p, at)))
        at++;
    if (p->kinds[at] != TOK_KW_DO)
        return;
    while (p->at < at)
        parse_bump(p);
    p->panicking = false;
}

// ---- if -------------------------------------------------------------------------------------------------------------

static bool eat_else_if(Parser *p, uint32_t *token) {
    if (parse_at(p, TOK_KW_ELSE) && p->kinds[p->at + 1] == TOK_KW_IF) {
        parse_bump(p);
        *token = p->at;
        parse_bump(p);
        return true;
    }
    if (!parse_at(p, TOK_NAME)) // elif
        return false;
    *token = p->at;
    Report *r = parse_complain(p, DIAG_E0123, parse_span(p, p->at), "%.*s is not a keyword",
                               TEXT_ARG(parse_describe(p, p->at)));
    if (r)
        report_fix(r, parse_span(p, p->at), TEXT("else if"), "write `else if`");
    parse_bump(p);
    return true;
}

// A chain is parsed in a loop and built from its last branch, so that its length costs no stack.
NodeId parse_if(Parser *p) {
    uint32_t base = p->scratch.count, count = 0, token = p->at, owner;
    NodeId last = {0};
    bool is_closed = false;
    Mark mark = parse_mark(p);
    parse_bump(p);
    for (;;) {
        NodeId head = condition(p);
        mend_head(p);
        bool is_brace = parse_at(p, TOK_LBRACE); // a body in braces is reported
        NodeId body = p->panicking ? parse_invalid(p) : parse_chain_block(p, token);
        uint32_t words[] = {token, mark.node, mark.token, head.v, body.v};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            vec_push(&p->scratch, words[i]);
        count++;
        is_closed = is_brace;
        if (is_brace && parse_at(p, TOK_NEWLINE) && p->kinds[p->at + 1] == TOK_KW_ELSE)
            parse_bump(p);
        if (p->panicking || !(parse_at(p, TOK_KW_ELSE) || parse_at_elif(p)))
            break;
        owner = p->at;
        if (!eat_else_if(p, &token)) {
            parse_bump(p);
            last = parse_else_block(p, owner);
            break;
        }
        mark = (Mark){p->node_count, token};
    }
    if (!last.v && !is_closed && parse_at(p, TOK_KW_END) && !p->panicking)
        parse_bump(p);
    while (count-- > 0) {
        const uint32_t *w = p->scratch.items + base + (size_t)count * 5;
        uint32_t h = parse_height(p, last), c = parse_height(p, (NodeId){w[3]}), b = parse_height(p, (NodeId){w[4]});
        h = c > h ? c : h;
        last = PARSE_RECORD(p, NODE_IF, w[0], ((Mark){w[1], w[2]}), b > h ? b : h, w[3], w[4], last.v);
    }
    p->scratch.count = base;
    return last;
}

// ---- loops ----------------------------------------------------------------------------------------------------------

static NodeId loop_body(Parser *p, uint32_t owner, TokenId label) {
    mend_head(p);
    if (p->panicking)
        return parse_invalid(p);
    if (label.v)
        vec_push(&p->labels, p->ast->token_symbols[label.v].v);
    NodeId body = parse_block(p, owner);
    if (label.v)
        p->labels.count--;
    return body;
}

static Mark loop_mark(const Parser *p, TokenId label) {
    Mark mark = parse_mark(p);
    if (label.v)
        mark.token = label.v;
    return mark;
}

NodeId parse_while(Parser *p, TokenId label) {
    Mark mark = loop_mark(p, label);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId head = condition(p), body = loop_body(p, token, label);
    uint32_t h = parse_height(p, head), b = parse_height(p, body);
    return PARSE_RECORD(p, NODE_WHILE, token, mark, h > b ? h : b, label.v, head.v, body.v);
}

NodeId parse_loop(Parser *p, TokenId label) {
    Mark mark = loop_mark(p, label);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId body = loop_body(p, token, label);
    return PARSE_RECORD(p, NODE_LOOP, token, mark, parse_height(p, body), label.v, 0, body.v);
}

static void skip_own(Parser *p) {
    if (!parse_is_word(p, p->at, "own") || p->kinds[p->at + 1] != TOK_NAME)
        return;
    Report *r = parse_error(p, DIAG_E0110, parse_span(p, p->at), "a loop does not own what it goes over by `own`");
    if (r)
        report_help(r, "go over `values.into_iter()`, which gives each value away");
    parse_bump(p);
    p->panicking = false;
}

// for x := range xs, for x of xs, for x : xs
static bool eat_foreign_in(Parser *p) {
    uint32_t first = p->at, last = p->at;
    if (parse_at(p, TOK_COLON) && p->kinds[first + 1] == TOK_ASSIGN)
        last = parse_is_word(p, first + 2, "range") ? first + 2 : first + 1;
    else if (!parse_at(p, TOK_COLON) && !parse_at_word(p, "of"))
        return false;
    Report *r = parse_complain(p, DIAG_E0110, parse_span_to(p, first, last), "a loop goes over something by `in`");
    if (r)
        report_fix(r, parse_span_to(p, first, last), TEXT("in"), "write `in`");
    parse_pass(p, last);
    return true;
}

NodeId parse_for(Parser *p, TokenId label) {
    Mark mark = loop_mark(p, label);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId index = {0}, pattern = {0}, iterable = {0};
    if (parse_at(p, TOK_LPAREN)) { // for (i = 0; …) of other languages
        uint32_t close = parse_matching(p, p->at);
        for (uint32_t i = p->at; i < close; i++) {
            if (p->kinds[i] != TOK_SEMICOLON)
                continue;
            Report *r =
                parse_error(p, DIAG_E0123, parse_span_to(p, p->at, close), "a loop does not count by three parts");
            if (r)
                report_help(r, "go over a range: `for i in 0..n do`; or write a `while`");
            parse_pass(p, close);
            if (parse_at(p, TOK_LBRACE))
                parse_pass(p, parse_matching(p, p->at));
            break;
        }
    }
    skip_own(p);
    if (!p->panicking) {
        pattern = parse_pattern(p);
        if (!p->panicking && parse_eat(p, TOK_COMMA)) {
            index = pattern;
            pattern = parse_pattern(p);
        }
    }
    if (!p->panicking && (eat_foreign_in(p) || parse_expect(p, TOK_KW_IN, "`in` and what to go over")))
        iterable = parse_head(p);
    if (!iterable.v)
        iterable = parse_invalid(p);
    NodeId body = loop_body(p, token, label);
    if (!pattern.v)
        pattern = parse_invalid(p);
    uint32_t h = parse_height(p, iterable), b = parse_height(p, body), q = parse_height(p, pattern);
    h = b > h ? b : h;
    return PARSE_RECORD(p, NODE_FOR, token, mark, q > h ? q : h, label.v, index.v, pattern.v, iterable.v, body.v);
}

// ---- jumps ----------------------------------------------------------------------------------------------------------

static bool is_label(const Parser *p) {
    uint32_t symbol = p->ast->token_symbols[p->at].v;
    for (uint32_t i = p->labels.count; i > 0; i--)
        if (p->labels.items[i - 1] == symbol)
            return true;
    return false;
}

NodeId parse_jump(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at, label = 0;
    TokenKind kind = parse_kind(p);
    parse_bump(p);
    bool is_loop_jump = kind == TOK_KW_BREAK || kind == TOK_KW_CONTINUE;
    if (is_loop_jump && parse_at(p, TOK_NAME) && (is_label(p) || kind == TOK_KW_CONTINUE)) {
        label = p->at;
        parse_bump(p);
    }
    NodeId value = {0};
    bool has_value = parse_starts_expression(parse_kind(p)) && !(p->no_struct && parse_at(p, TOK_KW_DO));
    has_value &= (p->skip & SKIP_IN_BRACKETS) || !parse_is_line_start(p, p->at);
    if (kind != TOK_KW_CONTINUE && has_value)
        value = parse_expr(p);
    else if (kind == TOK_KW_FAIL) {
        parse_expected(p, DIAG_E0111, "an error value after `fail`");
        value = parse_invalid(p);
    }
    if (kind == TOK_KW_RETURN)
        return parse_node_unary(p, NODE_RETURN, token, mark, value);
    if (kind == TOK_KW_FAIL)
        return parse_node_unary(p, NODE_FAIL, token, mark, value);
    NodeKind jump = kind == TOK_KW_BREAK ? NODE_BREAK : NODE_CONTINUE;
    return PARSE_RECORD(p, jump, token, mark, parse_height(p, value), label, value.v);
}
