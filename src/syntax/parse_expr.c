// Operators, by precedence climbing, and what follows an operand: calls, fields, indices.
#include "syntax/parser.h"

// Tighter is higher; 0 is no operator. catch is below all of them.
enum {
    LEVEL_PIPELINE = 2,
    LEVEL_COMPARE = 6,
    LEVEL_RANGE = 7,
    LEVEL_POWER = 14,
    LEVEL_AS = 15,
};

static const struct {
    uint8_t level, node;
} operators[TOK_COUNT] = {
    [TOK_PIPELINE] = {LEVEL_PIPELINE, NODE_PIPELINE},
    [TOK_COALESCE] = {3, NODE_COALESCE},
    [TOK_KW_OR] = {4, NODE_OR},
    [TOK_KW_AND] = {5, NODE_AND},
    [TOK_EQ] = {LEVEL_COMPARE, NODE_COMPARE},
    [TOK_NE] = {LEVEL_COMPARE, NODE_COMPARE},
    [TOK_LT] = {LEVEL_COMPARE, NODE_COMPARE},
    [TOK_LE] = {LEVEL_COMPARE, NODE_COMPARE},
    [TOK_GT] = {LEVEL_COMPARE, NODE_COMPARE},
    [TOK_GE] = {LEVEL_COMPARE, NODE_COMPARE},
    [TOK_RANGE] = {LEVEL_RANGE, NODE_RANGE},
    [TOK_RANGE_LT] = {LEVEL_RANGE, NODE_RANGE},
    [TOK_RANGE_EQ] = {LEVEL_RANGE, NODE_RANGE},
    [TOK_PIPE] = {8, NODE_BINARY},
    [TOK_CARET] = {9, NODE_BINARY},
    [TOK_AMP] = {10, NODE_BINARY},
    [TOK_SHL] = {11, NODE_BINARY},
    [TOK_SHR] = {11, NODE_BINARY},
    [TOK_PLUS] = {12, NODE_BINARY},
    [TOK_MINUS] = {12, NODE_BINARY},
    [TOK_CONCAT] = {12, NODE_BINARY},
    [TOK_STAR] = {13, NODE_BINARY},
    [TOK_SLASH] = {13, NODE_BINARY},
    [TOK_PERCENT] = {13, NODE_BINARY},
    [TOK_POWER] = {LEVEL_POWER, NODE_BINARY},
    [TOK_KW_AS] = {LEVEL_AS, NODE_CAST},
};

// ---- unary and postfix ----------------------------------------------------------------------------------------------

static NodeId unary(Parser *p);

static NodeId prefix_operator(Parser *p, NodeKind kind) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId child = unary(p);
    return parse_node_unary(p, kind, token, mark, child);
}

// &x, &mut x: borrowing needs no word, lending is `mut`.
static NodeId foreign_reference(Parser *p) {
    uint32_t token = p->at;
    bool is_mut = p->kinds[token + 1] == TOK_KW_MUT;
    Report *r = parse_complain(p, DIAG_E0132, parse_span_to(p, token, token + is_mut), "`&` does not make a reference");
    if (r && is_mut)
        report_fix(r, parse_span_to(p, token, token + 1), TEXT("mut"), "lend it with `mut`");
    else if (r)
        report_fix(r, parse_span(p, token), TEXT(""), "leave it out: passing borrows by itself");
    parse_bump(p);
    if (is_mut)
        return prefix_operator(p, NODE_ARG_MUT);
    return unary(p);
}

static NodeId unary_inner(Parser *p) {
    switch (parse_kind(p)) {
    case TOK_MINUS: return prefix_operator(p, NODE_NEG);
    case TOK_TILDE: return prefix_operator(p, NODE_BIT_NOT);
    case TOK_KW_NOT: return prefix_operator(p, NODE_NOT);
    case TOK_BANG: {
        Report *r = parse_complain(p, DIAG_E0122, parse_span(p, p->at), "`!` is not an operator");
        if (r)
            report_fix(r, parse_span(p, p->at), TEXT("not "), "negate with `not`");
        return prefix_operator(p, NODE_NOT);
    }
    case TOK_AMP: return foreign_reference(p);
    case TOK_PLUS:
        if (parse_starts_expression(parse_peek_kind(p))) {
            Report *r = parse_complain(p, DIAG_E0122, parse_span(p, p->at), "there is no unary `+`");
            if (r)
                report_fix(r, parse_span(p, p->at), TEXT(""), "leave it out");
            parse_bump(p);
            return unary(p);
        }
        return parse_postfix(p);
    default: return parse_postfix(p);
    }
}

static NodeId unary(Parser *p) {
    if (!parse_deeper(p))
        return parse_invalid(p);
    NodeId n = unary_inner(p);
    p->depth--;
    return n;
}

static void argument(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    TokenKind kind = parse_kind(p);
    bool is_named = (kind == TOK_NAME || kind >= TOK_KW_FUNC) && parse_peek_kind(p) == TOK_COLON;
    if (is_named) {
        parse_name_keyword(p, token); // any word may name an argument
        parse_bump(p);
        parse_bump(p);
    }
    Mark value_mark = parse_mark(p);
    NodeId value;
    if (parse_at(p, TOK_KW_MUT) && parse_peek_kind(p) != TOK_KW_FUNC) {
        uint32_t word = p->at;
        parse_bump(p);
        NodeId place = parse_expr(p);
        value = parse_node_unary(p, NODE_ARG_MUT, word, value_mark, place);
    } else {
        if (parse_at_word(p, "own") && (p->kinds[p->at + 1] == TOK_NAME || p->kinds[p->at + 1] == TOK_KW_SELF)) {
            Report *r = parse_complain(p, DIAG_E0132, parse_span(p, p->at), "`own` is not written in a call");
            parse_fix_remove(p, r, p->at, "leave it out: the parameter says it");
            parse_bump(p);
        }
        value = parse_value(p, true);
        if (parse_at(p, TOK_ASSIGN)) {
            Report *r = parse_complain(p, DIAG_E0121, parse_span(p, p->at), "`=` cannot stand in an argument");
            bool is_name = parse_node_kind(p, value) == NODE_NAME;
            if (r && is_name)
                report_fix(r, parse_span(p, p->at), TEXT(":"), "name an argument with `:`");
            else if (r)
                report_help(r, "compare with `==`; an assignment is a statement");
            parse_bump(p);
            value = parse_expr(p);
        }
    }
    if (is_named)
        value = parse_node_unary(p, NODE_ARG_NAMED, token, mark, value);
    parse_push(p, value);
}

// In the brackets behind a name: a type that no expression starts like. A closure is no index.
static bool starts_only_type(const Parser *p) {
    TokenKind kind = parse_kind(p);
    return kind == TOK_STAR || kind == TOK_KW_FUNC || kind == TOK_BANG ||
           (kind == TOK_KW_MUT && parse_peek_kind(p) == TOK_KW_FUNC);
}

// Items up to the closer; at the opener.
static void arguments(Parser *p, TokenKind close, const char *after) {
    uint32_t open = p->at;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, close) && !parse_at(p, TOK_EOF)) {
        if (p->is_too_deep && p->panicking)
            break;
        uint32_t start = p->at;
        if (close == TOK_RBRACKET && starts_only_type(p))
            parse_push(p, parse_type_operand(p));
        else
            argument(p);
        if (!parse_next_item(p, start, close))
            break;
    }
    if (parse_at(p, close) && !p->is_too_deep)
        p->panicking = false;
    parse_leave(p, outer, close, open, after);
}

void parse_argument_list(Parser *p) {
    arguments(p, TOK_RPAREN, "an argument");
}

// Any word may follow a dot: the lexer sees to that, but not over the end of a line, where a statement may begin.
static void take_word(Parser *p) {
    TokenKind next = parse_peek_kind(p);
    bool goes_on = next == TOK_LPAREN || next == TOK_RPAREN || next == TOK_RBRACKET || next == TOK_COMMA ||
                   next == TOK_DOT || next == TOK_QUESTION_DOT;
    if (p->trying || parse_kind(p) < TOK_KW_FUNC || parse_at(p, TOK_KW_SELF_TYPE) || !(p->skip & SKIP_IN_BRACKETS) ||
        !goes_on)
        return;
    parse_name_keyword(p, p->at);
    p->kinds[p->at] = TOK_NAME;
}

static NodeId field(Parser *p, Mark mark, NodeId base) {
    bool is_optional = parse_at(p, TOK_QUESTION_DOT);
    uint32_t dot = p->at;
    parse_bump(p);
    take_word(p);
    uint32_t name = p->at;
    bool of_number = parse_node_kind(p, base) == NODE_INT; // `1. 0` would be a float without its space
    bool is_here = parse_at(p, TOK_NAME) || (parse_at(p, TOK_INT) && !of_number) || parse_at(p, TOK_KW_SELF_TYPE);
    if (!is_here) {
        Report *r = of_number && parse_at(p, TOK_INT)
                        ? parse_error(p, DIAG_E0114, parse_span(p, name), "a number has no parts")
                        : parse_expected(p, DIAG_E0114, "a name or a number after the `.`");
        if (r && of_number)
            report_help(r, "a float has digits on both sides of its point: `1.0`");
        return parse_node_none(p, NODE_INVALID, dot, mark);
    }
    parse_bump(p);
    if (is_optional)
        base = parse_node_unary(p, NODE_OPT_BASE, dot, mark, base);
    return parse_node_unary(p, is_optional ? NODE_OPT_FIELD : NODE_FIELD, name, mark, base);
}

// x! of other languages. A `!` before an operand belongs to a mistake that is reported there.
static bool eat_foreign_bang(Parser *p) {
    TokenKind next = parse_peek_kind(p);
    if (!parse_is_adjacent(p, p->previous) || parse_starts_expression(next))
        return false;
    Report *r = parse_complain(p, DIAG_E0122, parse_span(p, p->at), "`!` is not an operator");
    if (r)
        report_help(r, "what may fail passes its error on by `?`; an optional gives its value by `.unwrap()`, which "
                       "panics without one");
    parse_bump(p);
    return true;
}

NodeId parse_postfix(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId n = parse_operand(p);
    for (;;) {
        uint32_t token = p->at, base = p->scratch.count;
        switch (parse_kind(p)) {
        case TOK_DOT:
        case TOK_QUESTION_DOT: n = field(p, mark, n); break;
        case TOK_LPAREN:
            arguments(p, TOK_RPAREN, "an argument");
            n = parse_node_call(p, NODE_CALL, token, mark, n, base);
            break;
        case TOK_LBRACKET:
            if (parse_node_kind(p, n) == NODE_TYPE_EXPR)
                return n; // what stands right behind a type is part of it
            arguments(p, TOK_RBRACKET, "an index");
            n = parse_node_call(p, NODE_INDEX, token, mark, n, base);
            break;
        case TOK_QUESTION:
            parse_bump(p);
            n = parse_node_unary(p, NODE_TRY, token, mark, n);
            break;
        case TOK_BANG:
            if (eat_foreign_bang(p))
                break;
            return n;
        default: return n;
        }
        if (p->panicking)
            return n;
    }
}

// ---- binary ---------------------------------------------------------------------------------------------------------

// x++ and x-- of other languages, at the end of a line.
static bool eat_foreign_step(Parser *p) {
    uint32_t token = p->at, last = token;
    TokenKind kind = parse_kind(p);
    if (kind == TOK_MINUS) {
        if (p->kinds[token + 1] != TOK_MINUS || !parse_is_adjacent(p, token))
            return false;
        last = token + 1;
    } else if (kind != TOK_CONCAT) {
        return false;
    }
    TokenKind next = (TokenKind)p->kinds[last + 1];
    bool is_line_end = parse_is_line_start(p, last + 1) && !(p->skip & SKIP_IN_BRACKETS);
    bool is_last = is_line_end || next == TOK_EOF || next == TOK_NEWLINE || next == TOK_KW_END ||
                   next == TOK_SEMICOLON || next == TOK_RPAREN || next == TOK_RBRACE;
    if (!is_last || !parse_is_adjacent(p, p->previous))
        return false;
    const char *sign = kind == TOK_MINUS ? "-" : "+";
    Report *r =
        parse_complain(p, DIAG_E0122, parse_span_to(p, token, last), "`%s%s` does not change a variable", sign, sign);
    if (r)
        report_fix(r, parse_span_to(p, token, last), arena_printf(p->arena, " %s= 1", sign), "write an assignment");
    parse_bump(p);
    if (last != token)
        parse_bump(p);
    // The line ended here, though the lexer took it to go on.
    return true;
}

// a && b, a || b: complain and go on with `and`, `or`.
static TokenKind foreign_operator(Parser *p) {
    TokenKind kind = parse_kind(p);
    uint32_t token = p->at;
    if (p->kinds[token + 1] != kind || !parse_is_adjacent(p, token))
        return TOK_INVALID;
    bool is_and = kind == TOK_AMP;
    Report *r = parse_complain(p, DIAG_E0122, parse_span_to(p, token, token + 1), "`%s` is not an operator",
                               is_and ? "&&" : "||");
    if (r)
        report_fix(r, parse_span_to(p, token, token + 1), is_and ? TEXT("and") : TEXT("or"),
                   is_and ? "write `and`" : "write `or`");
    parse_bump(p);
    return is_and ? TOK_KW_AND : TOK_KW_OR;
}

// === and !== of other languages: complain and go on with `==`, `!=`.
static void foreign_equality(Parser *p) {
    uint32_t token = p->at;
    if (p->kinds[token + 1] != TOK_ASSIGN || !parse_is_adjacent(p, token))
        return;
    bool is_eq = parse_at(p, TOK_EQ);
    Report *r = parse_complain(p, DIAG_E0122, parse_span_to(p, token, token + 1), "`%s` is not an operator",
                               is_eq ? "===" : "!==");
    if (r)
        report_fix(r, parse_span_to(p, token, token + 1), is_eq ? TEXT("==") : TEXT("!="),
                   "equality of values is the only one");
    parse_bump(p);
}

static void report_chain(Parser *p, uint32_t first, uint32_t second, bool is_range) {
    Report *r = parse_complain(p, DIAG_E0119, parse_span(p, second),
                               is_range ? "ranges do not chain" : "comparisons do not chain");
    if (!r)
        return;
    report_note(r, parse_span(p, first), "the first one is here");
    if (!is_range)
        report_help(r, "write both out, as in `a < b and b < c`");
}

static NodeId range_right(Parser *p) {
    NodeId none = {0};
    TokenKind kind = parse_kind(p);
    bool is_open = !parse_starts_expression(kind) || (p->no_struct && kind == TOK_KW_DO);
    return is_open ? none : parse_expr_above(p, LEVEL_RANGE + 1);
}

static NodeId binary_right(Parser *p, uint32_t token, int level) {
    if (level == LEVEL_AS)
        return parse_type(p);
    if (level == LEVEL_RANGE)
        return range_right(p);
    if (parse_is_line_start(p, p->at) && parse_starts_statement(p, p->at)) {
        parse_error(p, DIAG_E0111, parse_span(p, token), "`%.*s` has nothing on its right",
                    TEXT_ARG(((Text){p->ast->source.data + p->ast->token_starts[token],
                                     p->ast->token_ends[token] - p->ast->token_starts[token]})));
        return parse_invalid(p);
    }
    if (level < LEVEL_POWER)
        return parse_expr_above(p, level + 1);
    if (!parse_deeper(p)) // the only operator that groups to the right
        return parse_invalid(p);
    NodeId right = parse_expr_above(p, level);
    p->depth--;
    return right;
}

NodeId parse_expr_above(Parser *p, int level) {
    Mark mark = parse_mark(p);
    NodeId left;
    uint32_t compared = 0, ranged = 0;
    bool is_open_range = parse_at(p, TOK_RANGE) || parse_at(p, TOK_RANGE_LT) || parse_at(p, TOK_RANGE_EQ);
    if (is_open_range) {
        ranged = p->at;
        parse_bump(p);
        left = range_right(p);
        left = parse_node_binary(p, NODE_RANGE, ranged, mark, (NodeId){0}, left);
    } else {
        left = unary(p);
    }
    while (!p->panicking) {
        TokenKind kind = parse_kind(p);
        int at_level = operators[kind].level;
        if (at_level == 0 || at_level < level)
            break;
        if (kind == TOK_PIPE || kind == TOK_AMP) {
            TokenKind meant = foreign_operator(p);
            if (meant != TOK_INVALID) { // p->at is its second half
                p->kinds[p->at] = (uint8_t)meant;
                continue;
            }
        } else if ((kind == TOK_CONCAT || kind == TOK_MINUS) && eat_foreign_step(p)) {
            break;
        } else if (parse_at_channel_arrow(p)) {
            binary_right(p, parse_channel_arrow(p), at_level);
            left = parse_invalid(p);
            continue;
        } else if (at_level == LEVEL_COMPARE) {
            foreign_equality(p);
            if (compared)
                report_chain(p, compared, p->at, false);
            compared = p->at;
        } else if (at_level == LEVEL_RANGE) {
            if (ranged)
                report_chain(p, ranged, p->at, true);
            ranged = p->at;
        }
        uint32_t token = p->at;
        parse_bump(p);
        NodeId right = binary_right(p, token, at_level);
        left = parse_node_binary(p, (NodeKind)operators[kind].node, token, mark, left, right);
    }
    return left;
}

// catch E.A => value
static void pass_catch_arm(Parser *p) {
    Report *r = parse_complain(p, DIAG_E0118, parse_span(p, p->at), "a `catch` has no arms");
    if (r)
        report_help(r, "errors are told apart by a `match`: `catch |err| match err { … => …, … }`");
    parse_bump(p);
    parse_expr_above(p, LEVEL_PIPELINE);
}

static NodeId catch_handler(Parser *p, Mark mark, NodeId value) {
    uint32_t token = p->at, binder = 0;
    parse_bump(p);
    if (parse_at(p, TOK_PIPE)) {
        uint32_t open = p->at;
        parse_bump(p);
        if (parse_eat(p, TOK_UNDERSCORE))
            binder = p->previous;
        else
            binder = parse_name(p, "a name for the error").v;
        if (!parse_eat(p, TOK_PIPE)) {
            Report *r = parse_expected(p, DIAG_E0110, "`|` after the name of the error");
            if (r)
                report_note(r, parse_span(p, open), "the name starts after this one");
            p->panicking = p->is_too_deep || !parse_at(p, TOK_KW_DO); // the handler can be read all the same
        }
    }
    NodeId handler;
    bool is_block = parse_at(p, TOK_KW_DO);
    if (is_block) {
        Context outer = parse_context(p);
        p->no_struct = false;
        handler = parse_inner_block(p, token);
        parse_restore(p, outer);
    } else if (parse_at(p, TOK_LBRACE) && !p->no_struct) {
        is_block = true;
        handler = parse_inner_block(p, token);
    } else {
        handler = parse_expr_above(p, LEVEL_PIPELINE);
        if (parse_at(p, TOK_FAT_ARROW))
            pass_catch_arm(p);
    }
    uint32_t v = parse_height(p, value), h = parse_height(p, handler);
    return PARSE_RECORD(p, NODE_CATCH, token, mark, v > h ? v : h, binder, value.v, handler.v, is_block);
}

NodeId parse_expr(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId n = parse_expr_above(p, LEVEL_PIPELINE);
    while (parse_at(p, TOK_KW_CATCH) && !p->panicking)
        n = catch_handler(p, mark, n);
    return n;
}

bool parse_is_assignment(TokenKind kind) {
    return kind >= TOK_ASSIGN && kind <= TOK_SHR_ASSIGN;
}

NodeId parse_head(Parser *p) {
    bool outer = p->no_struct;
    p->no_struct = true;
    Mark mark = parse_mark(p);
    NodeId n;
    if (parse_at(p, TOK_KW_DO)) {
        parse_error(p, DIAG_E0111, parse_span(p, p->at), "there is no expression before this `do`");
        n = parse_invalid(p);
    } else {
        n = parse_expr(p);
    }
    if (parse_at(p, TOK_ASSIGN) && !p->panicking) {
        uint32_t token = p->at;
        Report *r = parse_complain(p, DIAG_E0121, parse_span(p, token), "`=` assigns; a condition compares");
        if (r)
            report_fix(r, parse_span(p, token), TEXT("=="), "compare with `==`");
        parse_bump(p);
        NodeId right = parse_expr(p);
        n = parse_node_binary(p, NODE_COMPARE, token, mark, n, right);
    }
    p->no_struct = outer;
    return n;
}
