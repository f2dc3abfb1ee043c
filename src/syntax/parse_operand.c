// Operands: literals, names, brackets, closures, interpolation.
#include "syntax/parser.h"

// ---- brackets -------------------------------------------------------------------------------------------------------

static NodeId map_literal(Parser *p, Mark mark, uint32_t open, Context outer, NodeId key, Mark key_mark) {
    uint32_t base = p->scratch.count;
    for (;;) {
        uint32_t colon = p->at;
        parse_expect(p, TOK_COLON, "`:` between a key and its value");
        NodeId value = parse_expr(p);
        parse_push(p, parse_node_binary(p, NODE_MAP_ENTRY, colon, key_mark, key, value));
        if (p->panicking)
            parse_sync_item(p, TOK_RBRACKET);
        if (!parse_eat_comma(p) || parse_at(p, TOK_RBRACKET) || parse_at(p, TOK_EOF))
            break;
        p->panicking = p->panicking && p->is_too_deep;
        key_mark = parse_mark(p);
        key = parse_expr(p);
    }
    parse_leave(p, outer, TOK_RBRACKET, open, "a map entry");
    return parse_node_list(p, NODE_MAP, open, mark, base);
}

static NodeId list_rest(Parser *p, Mark mark, uint32_t open, Context outer, uint32_t base) {
    while (parse_eat_comma(p) && !parse_at(p, TOK_RBRACKET) && !parse_at(p, TOK_EOF)) {
        if (p->is_too_deep && p->panicking)
            break;
        p->panicking = false;
        parse_push(p, parse_expr(p));
        if (p->panicking)
            parse_sync_item(p, TOK_RBRACKET);
    }
    if (parse_at(p, TOK_RBRACKET) && !p->is_too_deep)
        p->panicking = false;
    parse_leave(p, outer, TOK_RBRACKET, open, "an element");
    return parse_node_list(p, NODE_LIST, open, mark, base);
}

// [] followed by a type is the type []T; the line goes on in brackets only.
static bool is_list_type(const Parser *p) {
    uint32_t close = parse_peek(p, p->at);
    if (p->kinds[close] != TOK_RBRACKET)
        return false;
    TokenKind next = (TokenKind)p->kinds[parse_peek(p, close)];
    return next == TOK_NAME || next == TOK_LBRACKET || next == TOK_QUESTION || next == TOK_KW_FUNC ||
           next == TOK_KW_DYN || next == TOK_KW_SELF_TYPE || next == TOK_LPAREN;
}

NodeId parse_type_operand(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId type = parse_type(p);
    return parse_node_unary(p, NODE_TYPE_EXPR, mark.token, mark, type);
}

NodeId parse_bracketed(Parser *p) {
    if (is_list_type(p))
        return parse_type_operand(p);
    Mark mark = parse_mark(p);
    uint32_t open = p->at, base = p->scratch.count;
    Context outer = parse_enter(p, true);
    if (parse_at(p, TOK_RBRACKET)) {
        parse_leave(p, outer, TOK_RBRACKET, open, "an element");
        return parse_node_list(p, NODE_LIST, open, mark, base);
    }
    if (parse_at(p, TOK_COLON) && parse_peek_kind(p) == TOK_RBRACKET) {
        parse_bump(p);
        parse_leave(p, outer, TOK_RBRACKET, open, "an element");
        return parse_node_list(p, NODE_MAP, open, mark, base);
    }
    Mark first_mark = parse_mark(p);
    NodeId first = parse_expr(p);
    if (p->panicking)
        parse_sync_item(p, TOK_RBRACKET);
    if (parse_at(p, TOK_COLON))
        return map_literal(p, mark, open, outer, first, first_mark);
    if (parse_at(p, TOK_SEMICOLON)) {
        parse_bump(p);
        NodeId count = parse_expr(p);
        parse_leave(p, outer, TOK_RBRACKET, open, "the count");
        return parse_node_binary(p, NODE_REPEAT, open, mark, first, count);
    }
    parse_push(p, first);
    NodeId list = list_rest(p, mark, open, outer, base);
    // [N]T as an expression: a number in brackets and a name behind.
    bool is_array_type = !p->trying && !p->panicking && parse_node_kind(p, first) == NODE_INT && parse_at(p, TOK_NAME);
    if (!is_array_type)
        return list;
    p->at = open;
    parse_truncate(p, mark.node, p->extra.count);
    return parse_type_operand(p);
}

NodeId parse_parenthesised(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t open = p->at, base = p->scratch.count;
    Context outer = parse_enter(p, true);
    bool has_comma = false;
    while (!parse_at(p, TOK_RPAREN) && !parse_at(p, TOK_EOF)) {
        if (p->is_too_deep && p->panicking)
            break;
        parse_push(p, parse_expr(p));
        if (p->panicking)
            parse_sync_item(p, TOK_RPAREN);
        if (!parse_eat(p, TOK_COMMA))
            break;
        has_comma = true;
        p->panicking = p->panicking && p->is_too_deep;
    }
    if (parse_at(p, TOK_RPAREN) && !p->is_too_deep)
        p->panicking = false;
    parse_leave(p, outer, TOK_RPAREN, open, "an expression");
    if (p->scratch.count == base + 1 && !has_comma)
        return (NodeId){vec_pop(&p->scratch)};
    return parse_node_list(p, NODE_TUPLE, open, mark, base);
}

// ---- struct literals ------------------------------------------------------------------------------------------------

// At a brace after a type name, in the head of a statement: is a struct literal meant all the same?
bool parse_at_struct_body(const Parser *p) {
    uint32_t next = parse_peek(p, p->at);
    if (p->kinds[next] == TOK_RANGE)
        return true;
    TokenKind after = (TokenKind)p->kinds[next + 1];
    if (p->kinds[next] == TOK_RBRACE && (after == TOK_KW_DO || after == TOK_DOT || after == TOK_EQ || after == TOK_NE))
        return true;
    return p->kinds[next] == TOK_NAME && p->kinds[next + 1] == TOK_COLON;
}

static void field_init(Parser *p) {
    Mark mark = parse_mark(p);
    TokenId name = parse_field_name(p, "a field name");
    if (!name.v)
        return;
    NodeId value;
    if (parse_at(p, TOK_ASSIGN)) {
        Report *r = parse_complain(p, DIAG_E0121, parse_span(p, p->at), "a field is given with `:`");
        if (r)
            report_fix(r, parse_span(p, p->at), TEXT(":"), "write `:`");
        p->kinds[p->at] = TOK_COLON;
    }
    if (parse_eat(p, TOK_COLON)) {
        value = parse_expr(p);
    } else {
        value = parse_node_none(p, NODE_NAME, name.v, mark);
    }
    parse_push(p, parse_node_unary(p, NODE_FIELD_INIT, name.v, mark, value));
}

// At `{`; the type is built already.
NodeId parse_struct_literal(Parser *p, Mark mark, NodeId type) {
    uint32_t open = p->at, base = p->scratch.count;
    NodeId old = {0};
    Context outer = parse_enter(p, false);
    parse_skip_newlines(p);
    while (!parse_at(p, TOK_RBRACE) && !parse_at(p, TOK_EOF)) {
        if (p->is_too_deep && p->panicking)
            break;
        uint32_t start = p->at;
        if (parse_eat(p, TOK_RANGE))
            old = parse_expr(p);
        else
            field_init(p);
        if (p->panicking)
            parse_sync_item(p, TOK_RBRACE);
        bool is_next = parse_at(p, TOK_NEWLINE);
        parse_skip_newlines(p);
        is_next |= !is_next && parse_at(p, TOK_NAME) ? parse_eat_comma(p) : parse_eat(p, TOK_COMMA);
        parse_skip_newlines(p);
        if (!is_next || p->at == start || parse_starts_statement(p, p->at))
            break;
        p->panicking = p->panicking && p->is_too_deep;
    }
    if (parse_at(p, TOK_RBRACE) && !p->is_too_deep)
        p->panicking = false;
    parse_leave(p, outer, TOK_RBRACE, open, "a field");
    ListRef fields = parse_take_list(p, base);
    uint32_t height = parse_list_height(p, fields), h = parse_height(p, type), o = parse_height(p, old);
    height = h > height ? h : height;
    return PARSE_RECORD(p, NODE_STRUCT_LIT, open, mark, o > height ? o : height, type.v, old.v, fields.at,
                        fields.count);
}

// [name] and [name.other] may be an index of a constant as well as a type argument: K[i], Set[String]. Names decide
// that later, so these stay index expressions, unless a struct literal follows.
static bool is_plain_index(const Parser *p, uint32_t open) {
    uint32_t name = parse_peek_inside(p, open), close = parse_peek_inside(p, name);
    while (p->kinds[name] == TOK_NAME && p->kinds[close] == TOK_DOT) {
        name = parse_peek_inside(p, close);
        close = parse_peek_inside(p, name);
    }
    return p->kinds[name] == TOK_NAME && p->kinds[close] == TOK_RBRACKET &&
           p->kinds[parse_peek(p, close)] != TOK_LBRACE;
}

typedef enum { TYPE_ARGS_UNKNOWN, TYPE_ARGS_NONE, TYPE_ARGS_SOME } TypeArgs;

// Whether types stand in the brackets behind a capital. Each pair is looked at once: brackets within brackets would be
// parsed twice a level.
static bool has_type_args(Parser *p, Mark mark, uint32_t name) {
    if (!p->type_args)
        p->type_args = ARENA_ARRAY(p->arena, uint8_t, p->ast->token_count);
    uint32_t open = parse_peek(p, name);
    uint8_t *known = &p->type_args[open];
    if (*known != TYPE_ARGS_UNKNOWN)
        return *known == TYPE_ARGS_SOME;
    uint32_t extra = p->extra.count, at = p->at, previous = p->previous, base = p->scratch.count;
    p->at = open;
    p->previous = name;
    bool is_type = parse_try_type_args(p) && !is_plain_index(p, open);
    p->scratch.count = base;
    parse_truncate(p, mark.node, extra);
    p->at = at;
    p->previous = previous;
    *known = is_type ? TYPE_ARGS_SOME : TYPE_ARGS_NONE;
    return is_type;
}

// A path whose first capitalised part is followed by { or [: S { … }, Map[K, V]. Returns none if it is not one.
static NodeId capital_operand(Parser *p) {
    uint32_t last = p->at, next = parse_peek(p, last);
    while (!(parse_is_capital(p, last) && (p->kinds[next] == TOK_LBRACE || p->kinds[next] == TOK_LBRACKET))) {
        last = parse_peek(p, next);
        if (p->kinds[next] != TOK_DOT || p->kinds[last] != TOK_NAME)
            return (NodeId){0};
        next = parse_peek(p, last);
    }
    Mark mark = parse_mark(p);
    uint32_t at = p->at;
    if (p->kinds[next] == TOK_LBRACKET) {
        if (!has_type_args(p, mark, last))
            return (NodeId){0};
    } else if (p->no_struct) {
        p->at = next;
        bool is_meant = parse_at_struct_body(p);
        p->at = at;
        if (!is_meant)
            return (NodeId){0};
    }
    NodeId type = parse_type_path(p);
    if (!parse_at(p, TOK_LBRACE) || (p->no_struct && !parse_at_struct_body(p)))
        return parse_node_unary(p, NODE_TYPE_EXPR, mark.token, mark, type);
    uint32_t close = p->no_struct ? parse_matching(p, p->at) : 0;
    if (close) {
        Report *r = parse_complain(p, DIAG_E0128, parse_span_to(p, mark.token, close),
                                   "a struct literal cannot stand bare in the head of a statement");
        if (r) {
            Span span = parse_span_to(p, mark.token, close);
            Text text = {p->ast->source.data + span.start, span.end - span.start};
            report_fix(r, span, arena_printf(p->arena, "(%.*s)", TEXT_ARG(text)), "parenthesise it");
        }
    }
    return parse_struct_literal(p, mark, type);
}

// ---- closures -------------------------------------------------------------------------------------------------------

static NodeId finish_closure(Parser *p, uint32_t token, Mark mark, ListRef params, NodeId result, NodeId body,
                             uint32_t mode, bool is_short) {
    uint32_t height = parse_list_height(p, params), r = parse_height(p, result), b = parse_height(p, body);
    height = r > height ? r : height;
    return PARSE_RECORD(p, NODE_CLOSURE, token, mark, b > height ? b : height, params.at, params.count, result.v,
                        body.v, mode, is_short);
}

NodeId parse_closure(Parser *p, Mark mark, uint32_t mode) {
    uint32_t token = p->at;
    parse_bump(p);
    if (parse_at(p, TOK_NAME) && parse_peek_kind(p) == TOK_LPAREN) {
        Report *r = parse_complain(p, DIAG_E0126, parse_span(p, p->at), "a function inside a body has no name");
        if (r)
            report_help(r, "bind it: `let %.*s = func(…) do … end`; or declare it outside",
                        TEXT_ARG(((Text){p->ast->source.data + p->ast->token_starts[p->at],
                                         p->ast->token_ends[p->at] - p->ast->token_starts[p->at]})));
        parse_bump(p);
    }
    if (!parse_at(p, TOK_LPAREN)) {
        parse_expected(p, DIAG_E0110, "`(` and the parameters after `func`");
        return parse_invalid(p);
    }
    ListRef params = parse_params(p, TOK_RPAREN, true);
    NodeId result = {0};
    if (parse_eat(p, TOK_ARROW) || (parse_starts_type(p, p->at) && !parse_at(p, TOK_LPAREN)))
        result = parse_type(p);
    Context outer = parse_context(p);
    p->no_struct = false;
    NodeId body = parse_block(p, token);
    parse_restore(p, outer);
    return finish_closure(p, token, mark, params, result, body, mode, false);
}

NodeId parse_short_closure(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    ListRef params = parse_params(p, TOK_PIPE, true);
    NodeId body;
    if (parse_at(p, TOK_KW_DO)) {
        Context outer = parse_context(p);
        p->no_struct = false;
        body = parse_block(p, token);
        parse_restore(p, outer);
    } else {
        Mark body_mark = parse_mark(p);
        body = parse_expr(p);
        if (parse_is_assignment(parse_kind(p)) && !p->panicking) { // a body of one statement
            uint32_t op = p->at, base = p->scratch.count;
            parse_bump(p);
            NodeId value = parse_expr(p);
            parse_push(p, parse_node_binary(p, NODE_ASSIGN, op, body_mark, body, value));
            body = parse_node_list(p, NODE_BLOCK, body_mark.token, body_mark, base);
        }
    }
    return finish_closure(p, token, mark, params, (NodeId){0}, body, MODE_BORROW, true);
}

// ---- interpolation --------------------------------------------------------------------------------------------------

// At the brace of a hole. Pushes expression, text and specification.
static uint32_t hole(Parser *p) {
    uint32_t open = p->at, spec = 0;
    Context outer = parse_enter(p, true);
    NodeId n;
    if (parse_at(p, TOK_RBRACE) || parse_at(p, TOK_INTERP_SPEC)) {
        Report *r =
            parse_error(p, DIAG_E0108, parse_span_to(p, open, p->at), "there is no expression between the braces");
        if (r)
            report_help(r, "braces in the text are doubled: `{{}}`");
        n = parse_invalid(p);
        p->panicking = false;
    } else {
        n = parse_expr(p);
    }
    if (parse_at(p, TOK_INTERP_SPEC)) {
        spec = p->at;
        parse_bump(p);
    }
    if (p->panicking)
        parse_sync_item(p, TOK_RBRACE);
    parse_leave(p, outer, TOK_RBRACE, open, "an expression");
    vec_push(&p->scratch, n.v);
    vec_push(&p->scratch, 0);
    vec_push(&p->scratch, spec);
    return parse_height(p, n);
}

// A hole that the lexer has reported: to the tokens it put in for the missing ones.
static void broken_hole(Parser *p) {
    p->mistakes++;
    while (!parse_at(p, TOK_EOF) &&
           !(parse_at(p, TOK_RBRACE) && p->ast->token_starts[p->at] == p->ast->token_ends[p->at]))
        parse_bump(p);
    if (!parse_at(p, TOK_EOF))
        parse_bump(p);
    vec_push(&p->scratch, parse_invalid(p).v);
    vec_push(&p->scratch, 0);
    vec_push(&p->scratch, 0);
}

NodeId parse_interpolation(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at, base = p->scratch.count, height = 0;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, TOK_INTERP_END) && !parse_at(p, TOK_EOF)) {
        if (parse_at(p, TOK_INTERP_TEXT)) {
            vec_push(&p->scratch, 0);
            vec_push(&p->scratch, p->at);
            vec_push(&p->scratch, 0);
            parse_bump(p);
        } else if (parse_at(p, TOK_LBRACE)) {
            uint32_t h = hole(p);
            height = h > height ? h : height;
        } else if (parse_at(p, TOK_INVALID)) {
            broken_hole(p);
        } else { // what is left of a hole that went wrong
            parse_bump(p);
        }
    }
    parse_resume(p, outer);
    parse_eat(p, TOK_INTERP_END);
    ListRef parts = parse_take_list(p, base);
    return PARSE_RECORD(p, NODE_INTERP, token, mark, height, parts.at, parts.count / 3);
}

// ---- operands -------------------------------------------------------------------------------------------------------

static NodeId no_operand(Parser *p) {
    TokenKind kind = parse_kind(p);
    if (kind == TOK_STAR) {
        Report *r = parse_error(p, DIAG_E0132, parse_span(p, p->at), "`*` does not follow a pointer here");
        if (r)
            report_help(r, "a Box is looked through by itself; its value is moved out by `take()`");
    } else if (kind == TOK_CONCAT) {
        Report *r = parse_error(p, DIAG_E0122, parse_span(p, p->at), "`++` joins strings and lists");
        if (r)
            report_help(r, "count up with `+= 1`");
    } else if (kind == TOK_UNDERSCORE) {
        Report *r = parse_error(p, DIAG_E0111, parse_span(p, p->at), "`_` stands in patterns only");
        if (r)
            report_help(r, "discard a value with `let _ = value`");
        parse_bump(p);
    } else if (kind == TOK_KW_MUT && p->kinds[p->previous] == TOK_KW_MATCH) {
        Report *r = parse_error(p, DIAG_E0111, parse_span(p, p->at), "`match` takes a place without `mut`");
        if (r)
            report_help(r, "`mut` stands before the names that a pattern binds to change: `Variant(mut x) => …`");
    } else if (kind == TOK_LT && p->kinds[p->at + 1] == TOK_MINUS) {
        parse_channel_arrow(p);
        return parse_postfix(p);
    } else if (kind == TOK_LBRACE) {
        Report *r = parse_expected(p, DIAG_E0111, "an expression");
        bool is_map = p->kinds[parse_peek(p, parse_peek(p, p->at))] == TOK_COLON;
        if (r)
            report_help(
                r, is_map ? "a map is written in brackets: `[key: value]`"
                          : "a block that gives a value is `do … end`, a list is `[a, b]`, a set `Set.from([a, b])`");
    } else if (kind == TOK_KW_ELSE || kind == TOK_KW_CATCH || kind == TOK_KW_IN || kind == TOK_KW_WHEN) {
        parse_error(p, DIAG_E0111, parse_span(p, p->at), "expected an expression, found the keyword %.*s",
                    TEXT_ARG(parse_describe(p, p->at)));
    } else if (parse_is_line_start(p, p->at) && p->previous > 0 && kind != TOK_INVALID) {
        // What stands before goes on here; the mistake is rather there.
        parse_error(p, DIAG_E0111, parse_span(p, p->previous), "expected an expression after %.*s",
                    TEXT_ARG(parse_describe(p, p->previous)));
    } else {
        parse_expected(p, DIAG_E0111, "an expression");
    }
    NodeId n = parse_invalid(p);
    if (kind == TOK_INVALID)
        parse_bump(p);
    return n;
}

static NodeId word_operand(Parser *p) {
    TokenKind next = parse_peek_kind(p);
    Mark mark = parse_mark(p);
    if (next == TOK_DOT || next == TOK_LBRACE || next == TOK_LBRACKET) {
        NodeId n = capital_operand(p);
        if (n.v)
            return n;
    } else if (next == TOK_KW_FUNC && parse_at_word(p, "own")) {
        parse_bump(p);
        return parse_closure(p, mark, MODE_OWN);
    } else if (next == TOK_COLON && !(p->skip & SKIP_IN_BRACKETS)) {
        TokenKind after = (TokenKind)p->kinds[p->at + 2];
        if (after == TOK_KW_LOOP || after == TOK_KW_WHILE || after == TOK_KW_FOR) {
            TokenId label = {p->at};
            parse_bump(p);
            parse_bump(p);
            return after == TOK_KW_LOOP    ? parse_loop(p, label)
                   : after == TOK_KW_WHILE ? parse_while(p, label)
                                           : parse_for(p, label);
        }
    }
    return parse_leaf(p, NODE_NAME);
}

NodeId parse_operand(Parser *p) {
    Mark mark = parse_mark(p);
    TokenId no_label = {0};
    switch (parse_kind(p)) {
    case TOK_NAME:
    case TOK_KW_SELF_TYPE: return word_operand(p);
    case TOK_KW_SELF: return parse_leaf(p, NODE_NAME);
    case TOK_INT: return parse_leaf(p, NODE_INT);
    case TOK_FLOAT: return parse_leaf(p, NODE_FLOAT);
    case TOK_DURATION: return parse_leaf(p, NODE_DURATION);
    case TOK_CHAR: return parse_leaf(p, NODE_CHAR);
    case TOK_STRING: return parse_leaf(p, NODE_STRING);
    case TOK_BYTES: return parse_leaf(p, NODE_BYTES);
    case TOK_KW_TRUE: return parse_leaf(p, NODE_TRUE);
    case TOK_KW_FALSE: return parse_leaf(p, NODE_FALSE);
    case TOK_KW_NULL: return parse_leaf(p, NODE_NULL);
    case TOK_INTERP_BEGIN: return parse_interpolation(p);
    case TOK_LPAREN: return parse_parenthesised(p);
    case TOK_LBRACKET: return parse_bracketed(p);
    case TOK_QUESTION:
    case TOK_KW_DYN: return parse_type_operand(p);
    case TOK_PIPE: return parse_short_closure(p);
    case TOK_KW_FUNC: return parse_closure(p, mark, MODE_BORROW);
    case TOK_KW_MUT:
        if (parse_peek_kind(p) == TOK_KW_FUNC) {
            parse_bump(p);
            return parse_closure(p, mark, MODE_MUT);
        }
        return no_operand(p);
    case TOK_KW_IF: return parse_if(p);
    case TOK_KW_MATCH: return parse_match(p);
    case TOK_KW_WHILE: return parse_while(p, no_label);
    case TOK_KW_FOR: return parse_for(p, no_label);
    case TOK_KW_LOOP: return parse_loop(p, no_label);
    case TOK_KW_NURSERY: return parse_nursery(p);
    case TOK_KW_BREAK:
    case TOK_KW_CONTINUE:
    case TOK_KW_RETURN:
    case TOK_KW_FAIL: return parse_jump(p);
    case TOK_KW_DO:
        if (!p->no_struct)
            return parse_block(p, p->at);
        return no_operand(p);
    default: return no_operand(p);
    }
}
