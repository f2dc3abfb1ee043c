// match and its arms.
#include "syntax/parser.h"

// The body of an arm: an expression, or do … end. An assignment there is a common slip.
static NodeId arm_body(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId body = parse_expr(p);
    if (p->panicking || !parse_is_assignment(parse_kind(p)))
        return body;
    uint32_t token = p->at, base = p->scratch.count;
    Report *r = parse_complain(p, DIAG_E0121, parse_span(p, token), "an assignment is not the value of an arm");
    if (r)
        report_help(r, "put it between `do` and `end`");
    parse_bump(p);
    NodeId value = parse_expr(p);
    parse_push(p, parse_node_binary(p, NODE_ASSIGN, token, mark, body, value));
    return parse_node_list(p, NODE_BLOCK, mark.token, mark, base);
}

static bool expect_arrow(Parser *p) {
    if (parse_eat(p, TOK_FAT_ARROW))
        return true;
    bool is_like = parse_at(p, TOK_ARROW) || parse_at(p, TOK_COLON) || parse_at(p, TOK_ASSIGN);
    if (is_like) {
        Report *r =
            parse_complain(p, DIAG_E0110, parse_span(p, p->at), "`=>` stands between pattern and body, not %.*s",
                           TEXT_ARG(parse_describe(p, p->at)));
        if (r)
            report_fix(r, parse_span(p, p->at), parse_at(p, TOK_COLON) ? TEXT(" =>") : TEXT("=>"), "write `=>`");
        parse_bump(p);
        return true;
    }
    if (parse_at(p, TOK_KW_DO)) {
        Span span = parse_span(p, p->at);
        span.end = span.start;
        Report *r = parse_complain(p, DIAG_E0110, parse_span(p, p->at), "`=>` stands between pattern and body");
        if (r)
            report_fix(r, span, TEXT("=> "), "add `=>`");
        return true;
    }
    Report *r = parse_expected(p, DIAG_E0110, "`=>` and the body of the arm");
    if (r && parse_at(p, TOK_KW_IF))
        report_help(r, "a guard is written `when condition`");
    return false;
}

static void arm(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    if (parse_at_word(p, "case") && p->kinds[p->at + 1] != TOK_FAT_ARROW && p->kinds[p->at + 1] != TOK_PIPE &&
        p->kinds[p->at + 1] != TOK_KW_WHEN && p->kinds[p->at + 1] != TOK_AT) {
        Report *r = parse_complain(p, DIAG_E0123, parse_span(p, p->at), "an arm starts with its pattern");
        parse_fix_remove(p, r, p->at, "leave `case` out");
        parse_bump(p);
    }
    NodeId pattern = parse_pattern(p), guard = {0}, body;
    if (!p->panicking && parse_eat(p, TOK_KW_WHEN))
        guard = parse_expr(p);
    if (!p->panicking && expect_arrow(p))
        body = arm_body(p);
    else
        body = parse_invalid(p);
    uint32_t h = parse_height(p, body), g = parse_height(p, guard), q = parse_height(p, pattern);
    h = g > h ? g : h;
    parse_push(p, PARSE_RECORD(p, NODE_ARM, token, mark, q > h ? q : h, pattern.v, guard.v, body.v));
}

static void arms(Parser *p, TokenKind close) {
    parse_skip_newlines(p);
    while (!parse_at(p, close) && !parse_at(p, TOK_EOF)) {
        if (p->is_too_deep && p->panicking)
            return;
        uint32_t start = p->at;
        if (parse_starts_statement(p, p->at))
            return;
        arm(p);
        if (p->panicking)
            parse_sync_item(p, close);
        bool is_next = parse_at(p, TOK_NEWLINE);
        parse_skip_newlines(p);
        if (parse_at(p, TOK_SEMICOLON)) {
            Report *r = parse_complain(p, DIAG_E0118, parse_span(p, p->at), "an arm does not end with `;`");
            if (r)
                report_fix(r, parse_span(p, p->at), TEXT(""), "remove it");
            parse_bump(p);
            is_next = true;
        }
        is_next |= parse_eat(p, TOK_COMMA);
        parse_skip_newlines(p);
        if (parse_at(p, close))
            return;
        if (!is_next && !p->panicking && !parse_is_line_start(p, p->at)) {
            Report *r =
                parse_error(p, DIAG_E0110, parse_span(p, p->at), "expected `,` or a new line after an arm, found %.*s",
                            TEXT_ARG(parse_describe(p, p->at)));
            if (r)
                report_help(r, "a body of several statements stands in `do … end`");
            parse_sync_item(p, close);
            parse_skip_newlines(p);
            parse_eat(p, TOK_COMMA);
            parse_skip_newlines(p);
        }
        p->panicking = p->panicking && p->is_too_deep;
        if (p->at == start)
            parse_bump(p);
    }
}

NodeId parse_match(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId subject = parse_head(p);
    uint32_t base = p->scratch.count, open = p->at;
    if (p->panicking && !p->is_too_deep) {
        while (!parse_at(p, TOK_LBRACE) && !parse_at(p, TOK_NEWLINE) && !parse_at(p, TOK_EOF))
            parse_bump(p);
        p->panicking = !parse_at(p, TOK_LBRACE);
        open = p->at;
    }
    if (parse_at(p, TOK_KW_DO)) {
        Report *r = parse_complain(p, DIAG_E0117, parse_span(p, open), "the arms of a `match` stand in braces");
        if (r)
            report_help(r, "write `match value { pattern => … }`");
        Context outer = parse_enter(p, false);
        arms(p, TOK_KW_END);
        parse_leave(p, outer, TOK_KW_END, open, "an arm");
    } else if (parse_at(p, TOK_LBRACE)) {
        Context outer = parse_enter(p, false);
        arms(p, TOK_RBRACE);
        parse_leave(p, outer, TOK_RBRACE, open, "an arm");
    } else {
        parse_expected(p, DIAG_E0110, "`{` and the arms of the `match`");
    }
    ListRef list = parse_take_list(p, base);
    uint32_t h = parse_list_height(p, list), s = parse_height(p, subject);
    return PARSE_RECORD(p, NODE_MATCH, token, mark, s > h ? s : h, subject.v, list.at, list.count);
}
