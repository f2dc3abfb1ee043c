// Patterns.
#include "syntax/parser.h"

static NodeId alternative(Parser *p);

static bool starts_bound(const Parser *p) {
    switch (parse_kind(p)) {
    case TOK_INT:
    case TOK_FLOAT:
    case TOK_CHAR:
    case TOK_STRING:
    case TOK_DURATION:
    case TOK_MINUS:
    case TOK_NAME: return true;
    default: return false;
    }
}

// A literal, with a sign or not.
static NodeId literal(Parser *p) {
    Mark mark = parse_mark(p);
    switch (parse_kind(p)) {
    case TOK_MINUS: {
        uint32_t token = p->at;
        parse_bump(p);
        NodeId child;
        if (parse_at(p, TOK_INT)) {
            child = parse_leaf(p, NODE_INT);
        } else if (parse_at(p, TOK_FLOAT)) {
            child = parse_leaf(p, NODE_FLOAT);
        } else {
            parse_expected(p, DIAG_E0113, "a number after the `-`");
            child = parse_invalid(p);
        }
        return parse_node_unary(p, NODE_NEG, token, mark, child);
    }
    case TOK_INT: return parse_leaf(p, NODE_INT);
    case TOK_FLOAT: return parse_leaf(p, NODE_FLOAT);
    case TOK_CHAR: return parse_leaf(p, NODE_CHAR);
    case TOK_STRING: return parse_leaf(p, NODE_STRING);
    case TOK_BYTES: return parse_leaf(p, NODE_BYTES);
    case TOK_DURATION: return parse_leaf(p, NODE_DURATION);
    case TOK_KW_TRUE: return parse_leaf(p, NODE_TRUE);
    case TOK_KW_FALSE: return parse_leaf(p, NODE_FALSE);
    default: return parse_leaf(p, NODE_NULL);
    }
}

// a.b.C as an expression: NAME or FIELD.
static NodeId path(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId n = parse_leaf(p, NODE_NAME);
    while (parse_at(p, TOK_DOT) && (parse_peek_kind(p) == TOK_NAME || parse_peek_kind(p) == TOK_INT)) {
        parse_bump(p);
        uint32_t name = p->at;
        parse_bump(p);
        n = parse_node_unary(p, NODE_FIELD, name, mark, n);
    }
    return n;
}

static bool at_range(const Parser *p) {
    return parse_at(p, TOK_RANGE) || parse_at(p, TOK_RANGE_LT) || parse_at(p, TOK_RANGE_EQ);
}

static NodeId range_rest(Parser *p, Mark mark, NodeId left) {
    uint32_t token = p->at;
    parse_bump(p);
    NodeId right = {0};
    if (starts_bound(p))
        right = parse_at(p, TOK_NAME) ? path(p) : literal(p);
    return parse_node_binary(p, NODE_PAT_RANGE, token, mark, left, right);
}

static NodeId literal_pattern(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    NodeId value = literal(p);
    if (at_range(p))
        return range_rest(p, mark, value);
    return parse_node_unary(p, NODE_PAT_VALUE, token, mark, value);
}

// Patterns up to the closer, pushed on scratch; at the opener.
static void pattern_list(Parser *p, TokenKind close, const char *after, bool has_rests) {
    uint32_t open = p->at;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, close) && !parse_at(p, TOK_EOF)) {
        if (p->is_too_deep && p->panicking)
            break;
        uint32_t start = p->at;
        TokenKind next = parse_peek_kind(p);
        bool is_rest = has_rests && parse_at(p, TOK_RANGE) &&
                       (next == TOK_NAME || next == TOK_COMMA || next == close || next == TOK_KW_MUT);
        if (is_rest) {
            Mark mark = parse_mark(p);
            parse_bump(p);
            bool is_mut = parse_eat(p, TOK_KW_MUT);
            uint32_t name = parse_at(p, TOK_NAME) ? p->at : 0;
            if (name)
                parse_bump(p);
            parse_push(p, PARSE_RECORD(p, NODE_PAT_REST, name ? name : mark.token, mark, 0, name, is_mut, 0));
        } else {
            parse_push(p, parse_pattern(p));
        }
        if (!parse_next_item(p, start, close))
            break;
    }
    parse_leave(p, outer, close, open, after);
}

static void field_pattern(Parser *p) {
    Mark mark = parse_mark(p);
    bool is_mut = parse_eat(p, TOK_KW_MUT);
    uint32_t name = parse_field_name(p, "a field name").v;
    if (!name)
        return;
    NodeId pattern;
    if (!is_mut && parse_eat(p, TOK_COLON))
        pattern = parse_pattern(p);
    else
        pattern = PARSE_RECORD(p, NODE_PAT_BIND, name, mark, 0, name, is_mut, 0);
    parse_push(p, parse_node_unary(p, NODE_PAT_FIELD, name, mark, pattern));
}

static NodeId struct_pattern(Parser *p, Mark mark, uint32_t token, NodeId type) {
    uint32_t open = p->at, base = p->scratch.count;
    bool has_rest = false;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, TOK_RBRACE) && !parse_at(p, TOK_EOF)) {
        uint32_t start = p->at;
        if (parse_eat(p, TOK_RANGE))
            has_rest = true;
        else
            field_pattern(p);
        if (!parse_next_item(p, start, TOK_RBRACE))
            break;
    }
    parse_leave(p, outer, TOK_RBRACE, open, "a field");
    ListRef fields = parse_take_list(p, base);
    return PARSE_RECORD(p, NODE_PAT_STRUCT, token, mark, parse_list_height(p, fields), type.v, fields.at, fields.count,
                        has_rest);
}

static NodeId bind_pattern(Parser *p, Mark mark, bool is_mut) {
    uint32_t name = p->at;
    if (!parse_at(p, TOK_NAME))
        name = parse_name(p, "a name to bind").v;
    else
        parse_bump(p);
    NodeId inner = {0};
    if (parse_eat(p, TOK_AT))
        inner = alternative(p);
    return PARSE_RECORD(p, NODE_PAT_BIND, name ? name : mark.token, mark, parse_height(p, inner), name, is_mut,
                        inner.v);
}

static NodeId name_pattern(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t last = p->at;
    TokenKind next = parse_peek_kind(p);
    if (!parse_is_capital(p, last) && next != TOK_DOT && next != TOK_LPAREN && next != TOK_RANGE &&
        next != TOK_RANGE_EQ && next != TOK_RANGE_LT)
        return bind_pattern(p, mark, false);
    last = parse_path_end(p, last);
    next = (TokenKind)p->kinds[parse_peek(p, last)];
    if (next == TOK_LBRACE && !p->no_struct) {
        uint32_t base = p->scratch.count;
        parse_push(p, parse_leaf(p, NODE_NAME));
        while (parse_eat(p, TOK_DOT))
            parse_push(p, parse_leaf(p, NODE_NAME));
        NodeId type = parse_node_list(p, NODE_TYPE_NAME, last, mark, base);
        return struct_pattern(p, mark, last, type);
    }
    NodeId callee = path(p);
    if (parse_at(p, TOK_LPAREN)) {
        uint32_t base = p->scratch.count;
        pattern_list(p, TOK_RPAREN, "a pattern", false);
        return parse_node_call(p, NODE_PAT_VARIANT, last, mark, callee, base);
    }
    if (parse_at(p, TOK_AT)) {
        parse_error(p, DIAG_E0113, parse_span(p, last), "a name before `@` starts with a small letter");
        return callee;
    }
    if (at_range(p))
        return range_rest(p, mark, callee);
    return parse_node_unary(p, NODE_PAT_VALUE, last, mark, callee);
}

static NodeId tuple_pattern(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t open = p->at, base = p->scratch.count;
    pattern_list(p, TOK_RPAREN, "a pattern", false);
    if (p->scratch.count == base + 1 && p->kinds[p->previous - 1] != TOK_COMMA)
        return (NodeId){vec_pop(&p->scratch)};
    return parse_node_list(p, NODE_PAT_TUPLE, open, mark, base);
}

static NodeId list_pattern(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t open = p->at, base = p->scratch.count;
    pattern_list(p, TOK_RBRACKET, "a pattern", true);
    return parse_node_list(p, NODE_PAT_LIST, open, mark, base);
}

static NodeId primary_pattern(Parser *p) {
    Mark mark = parse_mark(p);
    switch (parse_kind(p)) {
    case TOK_UNDERSCORE:
    case TOK_KW_ELSE: return parse_leaf(p, NODE_PAT_WILD);
    case TOK_INT:
    case TOK_FLOAT:
    case TOK_CHAR:
    case TOK_STRING:
    case TOK_BYTES:
    case TOK_DURATION:
    case TOK_MINUS:
    case TOK_KW_TRUE:
    case TOK_KW_FALSE:
    case TOK_KW_NULL: return literal_pattern(p);
    case TOK_RANGE:
    case TOK_RANGE_LT:
    case TOK_RANGE_EQ: return range_rest(p, mark, (NodeId){0});
    case TOK_KW_MUT: parse_bump(p); return bind_pattern(p, mark, true);
    case TOK_NAME:
    case TOK_KW_SELF_TYPE: return name_pattern(p);
    case TOK_LPAREN: return tuple_pattern(p);
    case TOK_LBRACKET: return list_pattern(p);
    default: break;
    }
    Report *r;
    if (parse_at(p, TOK_INTERP_BEGIN)) {
        r = parse_error(p, DIAG_E0113, parse_span(p, p->at), "an interpolated string is not a pattern");
        if (r)
            report_help(r, "bind the value and compare in a guard: `text when text == $\"…\"`");
    } else if (parse_at(p, TOK_KW_ERROR)) {
        r = parse_error(p, DIAG_E0113, parse_span(p, p->at), "expected a pattern or a name, found the keyword `error`");
        if (r)
            report_help(r, "an error is no value to match: handle it where it comes, `f() catch |err| …`");
    } else if (parse_kind(p) >= TOK_KW_FUNC && !parse_is_line_start(p, p->at)) {
        Text word = parse_describe(p, p->at);
        r = parse_error(p, DIAG_E0113, parse_span(p, p->at), "expected a pattern or a name, found the keyword %.*s",
                        TEXT_ARG(word));
        if (r)
            report_help(r, "%.*s is a word of the language; take another name", TEXT_ARG(word));
    } else {
        parse_expected(p, DIAG_E0113, "a pattern or a name");
    }
    return parse_invalid(p);
}

static NodeId alternative(Parser *p) {
    if (!parse_deeper(p))
        return parse_invalid(p);
    NodeId n = primary_pattern(p);
    p->depth--;
    return n;
}

NodeId parse_param_pattern(Parser *p) {
    bool outer = p->no_struct;
    p->no_struct = false;
    NodeId n = alternative(p);
    p->no_struct = outer;
    return n;
}

NodeId parse_pattern(Parser *p) {
    Mark mark = parse_mark(p);
    bool outer = p->no_struct;
    p->no_struct = false;
    NodeId first = alternative(p);
    if (parse_at(p, TOK_PIPE) && !p->panicking) {
        uint32_t token = p->at, base = p->scratch.count;
        parse_push(p, first);
        while (!p->panicking && parse_eat(p, TOK_PIPE))
            parse_push(p, alternative(p));
        first = parse_node_list(p, NODE_PAT_OR, token, mark, base);
    }
    p->no_struct = outer;
    return first;
}
