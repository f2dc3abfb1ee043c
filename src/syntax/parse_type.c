// Types.
#include "syntax/parser.h"

bool parse_starts_type(const Parser *p, uint32_t token) {
    switch (p->kinds[token]) {
    case TOK_NAME:
    case TOK_LBRACKET:
    case TOK_LPAREN:
    case TOK_QUESTION:
    case TOK_COALESCE:
    case TOK_BANG:
    case TOK_STAR:
    case TOK_KW_FUNC:
    case TOK_KW_LET:
    case TOK_KW_MUT:
    case TOK_KW_DYN:
    case TOK_KW_SELF_TYPE: return true;
    default: return false;
    }
}

// The names of a path that starts at the current token.
static NodeId type_name(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t base = p->scratch.count, name = p->at;
    parse_push(p, parse_leaf(p, NODE_NAME));
    while (parse_at(p, TOK_DOT) && (parse_peek_kind(p) == TOK_NAME || parse_peek_kind(p) == TOK_KW_SELF_TYPE)) {
        parse_bump(p);
        name = p->at;
        parse_push(p, parse_leaf(p, NODE_NAME));
    }
    return parse_node_list(p, NODE_TYPE_NAME, name, mark, base);
}

// Types up to the closer, pushed on scratch; at the opener.
static void type_list(Parser *p, TokenKind close, const char *after, NodeId (*item)(Parser *)) {
    uint32_t open = p->at;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, close) && !parse_at(p, TOK_EOF)) {
        uint32_t start = p->at;
        parse_push(p, item(p));
        if (p->panicking && !p->trying)
            parse_sync_item(p, close);
        if (!parse_eat(p, TOK_COMMA) || p->at == start || p->failed)
            break;
        p->panicking = p->panicking && p->is_too_deep;
    }
    parse_leave(p, outer, close, open, after);
}

static bool starts_constant(const Parser *p) {
    switch (p->kinds[p->at]) {
    case TOK_INT:
    case TOK_CHAR:
    case TOK_MINUS:
    case TOK_KW_TRUE:
    case TOK_KW_FALSE: return true;
    case TOK_NAME: break;
    default: return false;
    }
    uint32_t at = parse_path_end(p, p->at); // SIZE * 2, config.SIZE + 1
    switch (p->kinds[parse_peek(p, at)]) {
    case TOK_PLUS:
    case TOK_MINUS:
    case TOK_STAR:
    case TOK_SLASH:
    case TOK_PERCENT:
    case TOK_SHL: return p->kinds[at] == TOK_NAME;
    default: return false;
    }
}

// A type argument: a type, or a constant.
static NodeId type_argument(Parser *p) {
    return starts_constant(p) ? parse_expr(p) : parse_type(p);
}

static bool is_type_node(const Parser *p, NodeId n) {
    NodeKind kind = parse_node_kind(p, n);
    return kind >= NODE_TYPE_NAME && kind <= NODE_TYPE_TYPE;
}

// One constant alone in brackets is an index as well.
static bool may_be_index(const Parser *p, uint32_t base) {
    return p->scratch.count == base + 1 && !is_type_node(p, (NodeId){p->scratch.items[base]});
}

NodeId parse_type_path(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId name = type_name(p);
    bool has_args = parse_at(p, TOK_LBRACKET) || parse_at(p, TOK_LPAREN);
    if (!has_args)
        return name;
    uint32_t base = p->scratch.count, token = p->previous;
    bool is_bracket = parse_at(p, TOK_LBRACKET);
    type_list(p, is_bracket ? TOK_RBRACKET : TOK_RPAREN, "a type argument", type_argument);
    if (p->trying && is_bracket && may_be_index(p, base))
        p->failed = true; // TEXTS[ROWS[i + 1]]: names decide later
    return parse_node_call(p, NODE_TYPE_APPLY, token, mark, name, base);
}

static NodeId foreign_array(Parser *p, Mark mark, uint32_t open, Context outer) {
    NodeId element = parse_type(p), size = {0};
    if (parse_at(p, TOK_SEMICOLON)) {
        Report *r = parse_complain(p, DIAG_E0110, parse_span(p, p->at), "an array type is written `[N]T`");
        if (r)
            report_help(r, "the number of elements stands in the brackets, their type behind: `[8]i64`");
        parse_bump(p);
        size = parse_expr(p);
    } else {
        size = parse_invalid(p);
    }
    parse_leave(p, outer, TOK_RBRACKET, open, "an array type");
    return parse_node_binary(p, NODE_TYPE_ARRAY, open, mark, size, element);
}

static NodeId bracket_type(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t open = p->at;
    if (parse_peek_kind(p) == TOK_RBRACKET) {
        parse_bump(p);
        parse_bump(p);
        NodeId element = parse_type(p);
        return parse_node_unary(p, NODE_TYPE_LIST, open, mark, element);
    }
    Context outer = parse_enter(p, true);
    NodeId size = parse_expr(p);
    if (parse_at(p, TOK_SEMICOLON)) { // [T; N] of other languages: read it again that way round
        parse_truncate(p, mark.node, p->extra.count);
        p->previous = open;
        p->at = parse_peek(p, open);
        return foreign_array(p, mark, open, outer);
    }
    parse_leave(p, outer, TOK_RBRACKET, open, "the size of an array type");
    NodeId element = parse_type(p);
    return parse_node_binary(p, NODE_TYPE_ARRAY, open, mark, size, element);
}

static NodeId tuple_part(Parser *p) {
    return parse_no_union(p, parse_type(p));
}

static NodeId tuple_type(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t open = p->at, base = p->scratch.count;
    type_list(p, TOK_RPAREN, "a part of a tuple type", tuple_part);
    bool has_comma = p->kinds[p->previous - 1] == TOK_COMMA;
    if (p->scratch.count == base + 1 && !has_comma)
        return (NodeId){vec_pop(&p->scratch)};
    return parse_node_list(p, NODE_TYPE_TUPLE, open, mark, base);
}

// `own` before a type, which own func, own[A] and own(A) are by themselves.
static bool at_own_type(const Parser *p) {
    uint32_t next = parse_peek(p, p->at);
    bool is_bracket = p->kinds[next] == TOK_LBRACKET || p->kinds[next] == TOK_LPAREN;
    return parse_at_word(p, "own") && parse_starts_type(p, next) && p->kinds[next] != TOK_KW_FUNC &&
           !(is_bracket && parse_is_adjacent(p, p->at));
}

// func(A, mut B) -> C; mode says mut func, own func.
NodeId parse_func_type(Parser *p, Mark mark, uint32_t mode) {
    uint32_t token = p->at, base = p->scratch.count;
    parse_bump(p);
    if (!parse_at(p, TOK_LPAREN)) {
        parse_expected(p, DIAG_E0112, "`(` and the types of the parameters after `func`");
        return parse_invalid(p);
    }
    uint32_t open = p->at;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, TOK_RPAREN) && !parse_at(p, TOK_EOF)) {
        Mark param = parse_mark(p);
        uint32_t param_mode = MODE_BORROW, name = 0;
        if (parse_at(p, TOK_KW_MUT) && parse_peek_kind(p) != TOK_KW_FUNC) {
            param_mode = MODE_MUT;
            parse_bump(p);
        } else if (at_own_type(p)) {
            param_mode = MODE_OWN;
            parse_bump(p);
        }
        if (parse_at(p, TOK_NAME) && parse_peek_kind(p) == TOK_COLON) {
            name = p->at;
            parse_bump(p);
            parse_bump(p);
        }
        NodeId type = parse_type(p);
        parse_push(p, PARSE_RECORD(p, NODE_PARAM, param.token, param, parse_height(p, type), name, 0, param_mode,
                                   type.v, 0, 0, 0));
        if (p->panicking && !p->trying)
            parse_sync_item(p, TOK_RPAREN);
        if (!parse_eat(p, TOK_COMMA) || p->failed)
            break;
        p->panicking = p->panicking && p->is_too_deep;
    }
    parse_leave(p, outer, TOK_RPAREN, open, "a parameter type");
    ListRef params = parse_take_list(p, base);
    NodeId result = {0};
    if (parse_eat(p, TOK_ARROW))
        result = parse_type(p);
    uint32_t height = parse_list_height(p, params), h = parse_height(p, result);
    return PARSE_RECORD(p, NODE_TYPE_FUNC, token, mark, h > height ? h : height, params.at, params.count, result.v,
                        mode);
}

static NodeId prefix_type(Parser *p);

// A type of another language: says how it is written here.
static NodeId foreign_type(Parser *p) {
    if (!parse_at(p, TOK_AMP)) {
        parse_expected(p, DIAG_E0112, "a type");
        return parse_invalid(p);
    }
    Report *r = parse_complain(p, DIAG_E0132, parse_span(p, p->at), "there are no reference types");
    if (r)
        report_help(r, "passing borrows by itself: write `x: T` to read, `mut x: T` to change, `own x: T` to take");
    parse_bump(p);
    parse_eat(p, TOK_KW_MUT);
    return prefix_type(p);
}

static NodeId type_of_prefix(Parser *p, NodeKind kind) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId child = prefix_type(p);
    return parse_node_unary(p, kind, token, mark, child);
}

static NodeId named_type(Parser *p) {
    Mark mark = parse_mark(p);
    TokenKind next = parse_peek_kind(p);
    if (parse_at_word(p, "own") && next == TOK_KW_FUNC) {
        parse_bump(p);
        return parse_func_type(p, mark, MODE_OWN);
    }
    if (parse_at_word(p, "type") && next != TOK_DOT && next != TOK_LBRACKET)
        return parse_leaf(p, NODE_TYPE_TYPE);
    return parse_type_path(p);
}

static NodeId dyn_type(Parser *p) {
    NodeId type = type_of_prefix(p, NODE_TYPE_DYN);
    if (!parse_at(p, TOK_PLUS) || p->panicking)
        return type;
    Report *r = parse_complain(p, DIAG_E0112, parse_span(p, p->at), "a `dyn` is of one trait");
    if (r)
        report_help(r, "declare a trait that extends both, `trait Both: A + B do end`, and take a `dyn Both`; or take "
                       "a type parameter, `[T: A + B]`");
    while (parse_eat(p, TOK_PLUS))
        prefix_type(p);
    return parse_invalid(p);
}

static NodeId impl_type(Parser *p) {
    Report *r = parse_complain(p, DIAG_E0112, parse_span(p, p->at), "`impl` is no part of a type");
    uint32_t start = p->at + 1;
    parse_bump(p);
    prefix_type(p);
    Span name = parse_span_to(p, start, p->previous);
    if (r)
        report_help(r,
                    "a value of any type that has the trait is written with a type parameter, "
                    "`func f[T: %.*s](x: T)`",
                    (int)(name.end - name.start), p->ast->source.data + name.start);
    return parse_invalid(p);
}

static NodeId prefix_type_inner(Parser *p) {
    Mark mark = parse_mark(p);
    switch (parse_kind(p)) {
    case TOK_QUESTION: return type_of_prefix(p, NODE_TYPE_OPTIONAL);
    case TOK_COALESCE: { // ??T: two tokens in one
        uint32_t token = p->at;
        parse_bump(p);
        NodeId inner = parse_node_unary(p, NODE_TYPE_OPTIONAL, token, mark, prefix_type(p));
        return parse_node_unary(p, NODE_TYPE_OPTIONAL, token, mark, inner);
    }
    case TOK_STAR: return type_of_prefix(p, NODE_TYPE_POINTER);
    case TOK_KW_LET: return type_of_prefix(p, NODE_TYPE_LET);
    case TOK_KW_DYN: return dyn_type(p);
    case TOK_KW_IMPL: return impl_type(p);
    case TOK_KW_MUT:
        if (parse_peek_kind(p) == TOK_KW_FUNC) {
            parse_bump(p);
            return parse_func_type(p, mark, MODE_MUT);
        }
        return type_of_prefix(p, NODE_TYPE_MUT);
    case TOK_BANG: {
        uint32_t token = p->at;
        parse_bump(p);
        return parse_node_binary(p, NODE_TYPE_RESULT, token, mark, (NodeId){0}, parse_type(p));
    }
    case TOK_LBRACKET: return bracket_type(p);
    case TOK_LPAREN: return tuple_type(p);
    case TOK_KW_FUNC: return parse_func_type(p, mark, MODE_BORROW);
    case TOK_NAME: return named_type(p);
    case TOK_KW_SELF_TYPE: return parse_type_path(p);
    default: return foreign_type(p);
    }
}

static NodeId prefix_type(Parser *p) {
    if (!parse_deeper(p))
        return parse_invalid(p);
    NodeId type = prefix_type_inner(p);
    p->depth--;
    return type;
}

// T? and T!
static NodeId misplaced_prefix(Parser *p, Mark mark) {
    bool is_optional = parse_at(p, TOK_QUESTION);
    Report *r = parse_complain(p, DIAG_E0112, parse_span(p, p->at),
                               is_optional ? "`?` stands before the type it makes optional"
                                           : "`!` stands before the type of what may fail");
    if (r) {
        Span span = parse_span_to(p, mark.token, p->previous);
        Text text = {p->ast->source.data + span.start, span.end - span.start};
        span.end = parse_span(p, p->at).end;
        report_fix(r, span, arena_printf(p->arena, "%c%.*s", is_optional ? '?' : '!', TEXT_ARG(text)),
                   "write it before");
    }
    parse_bump(p);
    return parse_invalid(p);
}

NodeId parse_type(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId type = prefix_type(p);
    if (parse_at(p, TOK_BANG) && parse_starts_type(p, parse_peek(p, p->at))) {
        uint32_t token = p->at;
        parse_bump(p);
        if (!parse_deeper(p))
            return parse_invalid(p);
        NodeId value = parse_type(p);
        p->depth--;
        return parse_node_binary(p, NODE_TYPE_RESULT, token, mark, type, value);
    }
    if (parse_at(p, TOK_QUESTION) || parse_at(p, TOK_BANG))
        return misplaced_prefix(p, mark);
    return type;
}

NodeId parse_no_union(Parser *p, NodeId type) {
    if (!parse_at(p, TOK_PIPE) || p->trying)
        return type;
    Report *r = parse_complain(p, DIAG_E0112, parse_span(p, p->at), "there are no types of this or that");
    if (r) {
        report_help(r, "a union of error sets has a name, `error LoadError = IoError | ParseError`; "
                       "or the compiler finds the errors: `!T`");
        report_help(r, "one of several values is an `enum`");
    }
    while (parse_eat(p, TOK_PIPE))
        parse_type(p);
    return parse_invalid(p);
}

bool parse_try_type_args(Parser *p) {
    uint32_t at = p->at, previous = p->previous, nodes = p->node_count, extra = p->extra.count;
    uint32_t base = p->scratch.count, depth = p->depth;
    bool was_trying = p->trying, had_failed = p->failed, was_panicking = p->panicking;
    p->trying = true;
    p->failed = p->panicking = false;
    uint32_t first = parse_peek(p, p->at);
    if (p->kinds[first] == TOK_RBRACKET)
        p->failed = true;
    else
        type_list(p, TOK_RBRACKET, "a type argument", type_argument);
    bool is_index = may_be_index(p, base) && p->kinds[p->at] != TOK_LBRACE; // else a literal of the type follows
    bool is_good = !p->failed && !is_index;
    p->trying = was_trying;
    p->failed = had_failed;
    p->panicking = was_panicking;
    if (is_good)
        return true;
    p->at = at;
    p->previous = previous;
    p->depth = depth;
    p->scratch.count = base;
    parse_truncate(p, nodes, extra);
    return false;
}
