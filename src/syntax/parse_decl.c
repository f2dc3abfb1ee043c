// Declarations: functions, constants, tests, imports and attributes. Shapes, traits and impls: parse_shape.c.
#include "syntax/parse_decl.h"
#include "syntax/parser.h"

uint32_t parse_doc(const Parser *p, uint32_t token) {
    uint32_t doc = 0;
    while (token > 1 && p->kinds[token - 1] == TOK_DOC)
        doc = --token;
    return doc;
}

// ---- parameters -----------------------------------------------------------------------------------------------------

void parse_type_bounds(Parser *p) {
    do
        parse_push(p, parse_type(p));
    while (!p->panicking && parse_eat(p, TOK_PLUS));
}

// What a constraint speaks of: T, Self, or an associated type of such, T.Item. The node keeps the first token; the
// parts of the path follow it.
static uint32_t constrained(Parser *p) {
    uint32_t name = p->at;
    if (parse_at(p, TOK_KW_SELF_TYPE))
        parse_bump(p);
    else
        name = parse_name(p, "a type parameter").v;
    while (!p->panicking && parse_at(p, TOK_DOT)) {
        parse_bump(p);
        parse_name(p, "an associated type");
    }
    return name;
}

// T, T: A + B; in brackets or after where.
static void type_param(Parser *p, bool is_where) {
    Mark mark = parse_mark(p);
    uint32_t base = p->scratch.count, is_type_value = 0;
    uint32_t name = is_where ? constrained(p) : parse_name(p, "a type parameter").v;
    if (parse_eat(p, TOK_COLON)) {
        if (parse_at_word(p, "type")) {
            is_type_value = 1;
            parse_bump(p);
        } else {
            parse_type_bounds(p);
        }
    }
    ListRef bounds = parse_take_list(p, base);
    uint32_t height = parse_list_height(p, bounds);
    parse_push(
        p, PARSE_RECORD(p, NODE_TYPE_PARAM, mark.token, mark, height, name, bounds.at, bounds.count, is_type_value));
}

ListRef parse_type_params(Parser *p) {
    uint32_t base = p->scratch.count, open = p->at;
    if (!parse_at(p, TOK_LBRACKET)) {
        if (parse_at(p, TOK_LT)) {
            Report *r = parse_error(p, DIAG_E0110, parse_span(p, p->at), "type parameters stand in square brackets");
            if (r)
                report_help(r, "write `[T]`, not `<T>`");
            while (!parse_at(p, TOK_GT) && !parse_at(p, TOK_NEWLINE) && !parse_at(p, TOK_EOF))
                parse_bump(p);
            parse_eat(p, TOK_GT);
            p->panicking = false;
        }
        return parse_take_list(p, base);
    }
    Context outer = parse_enter(p, true);
    while (!parse_at(p, TOK_RBRACKET) && !parse_at(p, TOK_EOF)) {
        type_param(p, false);
        if (p->panicking)
            parse_sync_item(p, TOK_RBRACKET);
        if (!parse_eat(p, TOK_COMMA))
            break;
        p->panicking = p->panicking && p->is_too_deep;
    }
    parse_leave(p, outer, TOK_RBRACKET, open, "a type parameter");
    return parse_take_list(p, base);
}

ListRef parse_where(Parser *p) {
    uint32_t base = p->scratch.count;
    if (parse_at(p, TOK_NEWLINE) && p->kinds[p->at + 1] == TOK_KW_WHERE)
        parse_bump(p);
    if (parse_eat(p, TOK_KW_WHERE))
        do
            type_param(p, true);
        while (!p->panicking && parse_eat(p, TOK_COMMA));
    return parse_take_list(p, base);
}

// &self, &mut x: T of other languages.
static uint32_t foreign_mode(Parser *p) {
    uint32_t token = p->at;
    parse_bump(p);
    bool is_mut = parse_at(p, TOK_KW_MUT);
    Report *r = parse_complain(p, DIAG_E0132, parse_span_to(p, token, is_mut ? p->at : token),
                               "a parameter is not a reference");
    if (r && is_mut)
        report_fix(r, parse_span_to(p, token, p->at), TEXT("mut"), "lend it with `mut`");
    else if (r)
        report_fix(r, parse_span(p, token), TEXT(""), "leave it out: passing borrows by itself");
    if (is_mut)
        parse_bump(p);
    return is_mut ? MODE_MUT : MODE_BORROW;
}

static uint32_t param_mode(Parser *p) {
    if (parse_eat(p, TOK_KW_MUT))
        return MODE_MUT;
    if (parse_at(p, TOK_AMP))
        return foreign_mode(p);
    TokenKind next = parse_peek_kind(p);
    bool starts_param = next == TOK_NAME || next == TOK_KW_SELF || next == TOK_UNDERSCORE || next == TOK_LPAREN;
    if (parse_at_word(p, "own") && starts_param) {
        parse_bump(p);
        return MODE_OWN;
    }
    return MODE_BORROW;
}

// A parameter without `: Type`. The type that stands there all the same is taken.
static NodeId untyped(Parser *p, uint32_t name) {
    if (parse_starts_type(p, p->at) && !parse_is_line_start(p, p->at)) {
        Report *r =
            parse_complain(p, DIAG_E0110, parse_span(p, p->at), "expected `:` between a parameter and its type");
        Span span = {p->file, p->ast->token_ends[name], p->ast->token_ends[name]};
        if (r)
            report_fix(r, span, TEXT(":"), "add `:`");
        return parse_type(p);
    }
    Report *r = parse_error(p, DIAG_E0110, parse_span(p, name), "this parameter has no type");
    if (r)
        report_help(r, "types are written at the boundary of a function: `name: Type`");
    return parse_invalid(p);
}

// x: &mut T of other languages: the type goes on behind it.
static uint32_t foreign_type_mode(Parser *p, uint32_t mode) {
    if (!parse_at(p, TOK_AMP) || p->kinds[p->at + 1] != TOK_KW_MUT)
        return mode;
    uint32_t token = p->at;
    Report *r = parse_complain(p, DIAG_E0132, parse_span_to(p, token, token + 1), "there are no reference types");
    if (r)
        report_help(r, "lend by the mode of the parameter: `mut x: T`");
    parse_bump(p);
    parse_bump(p);
    return MODE_MUT;
}

// A tuple or a struct that is taken apart where it comes in.
static bool starts_param_pattern(Parser *p) {
    return parse_at(p, TOK_LPAREN) || (parse_at(p, TOK_NAME) && parse_peek_kind(p) == TOK_LBRACE);
}

static NodeId taken_apart(Parser *p, bool is_closure) {
    Report *r =
        is_closure ? NULL : parse_complain(p, DIAG_E0114, parse_span(p, p->at), "a parameter of a function has a name");
    if (r)
        report_help(r, "take it apart in the body: `let (a, b) = pair`");
    return parse_param_pattern(p); // so that its names are known
}

static void param(Parser *p, bool is_closure) {
    Mark mark = parse_mark(p);
    uint32_t mode = param_mode(p), name = p->at;
    NodeId type = {0}, value = {0}, pattern = {0};
    bool is_self = parse_at(p, TOK_KW_SELF);
    if (starts_param_pattern(p)) {
        name = 0;
        pattern = taken_apart(p, is_closure);
    } else if (is_self || parse_at(p, TOK_UNDERSCORE)) {
        parse_bump(p);
    } else {
        name = parse_name(p, "a parameter").v;
    }
    if (!p->panicking && parse_eat(p, TOK_COLON)) {
        mode = foreign_type_mode(p, mode);
        type = parse_type(p);
    } else if (!p->panicking && !is_self && !is_closure) {
        type = untyped(p, name);
    }
    if (!p->panicking && parse_eat(p, TOK_ASSIGN))
        value = parse_expr(p);
    uint32_t height = parse_height(p, type), v = parse_height(p, value), h = parse_height(p, pattern);
    height = v > height ? v : height;
    parse_push(p, PARSE_RECORD(p, NODE_PARAM, name ? name : mark.token, mark, h > height ? h : height, name, 0, mode,
                               type.v, value.v, 0, pattern.v));
}

ListRef parse_params(Parser *p, TokenKind close, bool is_closure) {
    uint32_t base = p->scratch.count, open = p->at;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, close) && !parse_at(p, TOK_EOF)) {
        uint32_t start = p->at;
        param(p, is_closure);
        if (!parse_next_item(p, start, close))
            break;
    }
    if (parse_at(p, close) && !p->is_too_deep)
        p->panicking = false;
    parse_leave(p, outer, close, open, "a parameter");
    return parse_take_list(p, base);
}

// ---- attributes -----------------------------------------------------------------------------------------------------

static void attribute(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t name = p->at;
    NodeId value = {0};
    if (parse_at(p, TOK_NAME) && parse_peek_kind(p) == TOK_DOT)
        value = parse_expr(p); // a further item of the list behind a colon: `effects: fs.read, fs.write`
    else if (parse_kind(p) >= TOK_KW_FUNC)
        parse_bump(p);
    else
        parse_name(p, "an attribute");
    if (!p->panicking && parse_eat(p, TOK_COLON))
        value = parse_expr(p);
    parse_push(p, parse_node_unary(p, NODE_ATTR, name, mark, value));
}

NodeId parse_attrs(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t open = p->at, base = p->scratch.count;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, TOK_RATTR) && !parse_at(p, TOK_EOF)) {
        attribute(p);
        if (p->panicking || !parse_eat(p, TOK_COMMA))
            break;
    }
    if (p->panicking)
        while (!parse_at(p, TOK_RATTR) && !parse_at(p, TOK_EOF) && !parse_is_line_start(p, p->at))
            parse_bump(p);
    parse_leave(p, outer, TOK_RATTR, open, "an attribute");
    return parse_node_list(p, NODE_ATTRS, open, mark, base);
}

// ---- functions ------------------------------------------------------------------------------------------------------

static NodeId result_type(Parser *p) {
    if (parse_eat(p, TOK_ARROW))
        return parse_no_union(p, parse_type(p));
    if (parse_at(p, TOK_COLON) && parse_starts_type(p, p->at + 1)) {
        Report *r = parse_complain(p, DIAG_E0110, parse_span(p, p->at), "the result type follows `->`");
        if (r)
            report_fix(r, parse_span(p, p->at), TEXT(" ->"), "write `->`");
        parse_bump(p);
        return parse_type(p);
    }
    if (parse_starts_type(p, p->at) && !parse_is_line_start(p, p->at) && !parse_at_word(p, "then"))
        return parse_type(p);
    return (NodeId){0};
}

// A function without `do`, before something that is no declaration: its body.
static bool misses_do(const Parser *p) {
    if (parse_at(p, TOK_LBRACE) || parse_at_word(p, "then") || parse_at(p, TOK_COLON) || parse_at(p, TOK_FAT_ARROW) ||
        parse_at(p, TOK_ASSIGN))
        return true;
    if (!parse_at(p, TOK_NEWLINE))
        return false;
    uint32_t next = p->at + 1;
    TokenKind kind = (TokenKind)p->kinds[next];
    bool is_statement = kind == TOK_KW_LET || kind == TOK_KW_VAR || kind == TOK_KW_DEFER || kind == TOK_KW_ERRDEFER ||
                        parse_starts_expression(kind);
    return is_statement && !parse_starts_declaration(p, next) &&
           !(kind == TOK_NAME && parse_is_word(p, next, "type")) && kind != TOK_KW_DO &&
           parse_column(p, next) > parse_line_column(p, p->declaration);
}

static NodeId function_rest(Parser *p, Mark mark, uint32_t doc, bool is_pub) {
    uint32_t token = p->at;
    if (!parse_receiver(p))
        parse_bump(p);
    TokenId name = parse_operator_name(p);
    if (!name.v)
        name = parse_name(p, "the name of the function");
    if (!name.v && parse_at(p, TOK_LPAREN))
        p->panicking = p->is_too_deep; // only the name is missing
    ListRef type_params = p->panicking ? (ListRef){0, 0} : parse_type_params(p);
    ListRef params = {0, 0};
    if (!p->panicking && parse_at(p, TOK_LPAREN)) {
        params = parse_params(p, TOK_RPAREN, false);
    } else if (!p->panicking) {
        Report *r = parse_expected(p, DIAG_E0110, "`(` and the parameters after the name");
        if (r)
            report_help(r, "a function without parameters is written `func name() do … end`");
    }
    NodeId result = {0}, attrs = {0}, body = {0};
    if (!p->panicking)
        result = result_type(p);
    ListRef where = p->panicking ? (ListRef){0, 0} : parse_where(p);
    if (!p->panicking && parse_at(p, TOK_LATTR))
        attrs = parse_attrs(p);
    if (p->panicking) { // on to the body, so that what stands in it is read
        uint32_t at = p->at;
        while (p->kinds[at] != TOK_KW_DO && p->kinds[at] != TOK_NEWLINE && p->kinds[at] != TOK_EOF)
            at++;
        if (p->kinds[at] == TOK_KW_DO && !p->is_too_deep) {
            p->skip = SKIP_ALWAYS;
            while (p->at < at)
                parse_bump(p);
            p->panicking = false;
        }
    }
    if (!p->panicking && parse_at(p, TOK_NEWLINE) && p->kinds[p->at + 1] == TOK_KW_DO) {
        parse_skip_newlines(p);
        parse_complain(p, DIAG_E0117, parse_span(p, p->at), "this `do` stands on the line of the function's head");
    }
    if (!p->panicking && (parse_at(p, TOK_KW_DO) || misses_do(p)))
        body = parse_body(p, token);
    uint32_t b = parse_height(p, body), r = parse_height(p, result), l = parse_list_height(p, params);
    b = r > b ? r : b;
    return PARSE_RECORD(p, NODE_FUNC, name.v ? name.v : token, mark, l > b ? l : b, name.v, doc, type_params.at,
                        type_params.count, params.at, params.count, result.v, where.at, where.count, attrs.v, body.v,
                        is_pub);
}

NodeId parse_function(Parser *p, Mark mark, uint32_t doc, bool is_pub) {
    uint32_t outer = p->declaration, labels = p->labels.count;
    p->declaration = mark.token;
    NodeId n = function_rest(p, mark, doc, is_pub);
    p->declaration = outer;
    p->labels.count = labels;
    return n;
}

// ---- the others -----------------------------------------------------------------------------------------------------

static NodeId import_declaration(Parser *p, Mark mark, bool is_pub) {
    uint32_t token = p->at, base = p->scratch.count, alias = 0, name = 0;
    parse_bump(p);
    if (parse_at(p, TOK_STRING)) {
        Report *r = parse_error(p, DIAG_E0114, parse_span(p, p->at), "a module is named, not quoted");
        if (r)
            report_help(r, "write its path with dots: `import shapes.circle`");
    }
    while (!p->panicking) {
        name = p->at;
        if (!parse_at(p, TOK_NAME)) {
            name = parse_name(p, "the name of a module").v;
            if (name)
                parse_push(p, parse_node_none(p, NODE_NAME, name, (Mark){p->node_count, name}));
        } else {
            parse_push(p, parse_leaf(p, NODE_NAME));
        }
        if (!parse_eat(p, TOK_DOT))
            break;
        if (parse_at(p, TOK_LBRACE) || parse_at(p, TOK_STAR)) {
            Report *r = parse_error(p, DIAG_E0114, parse_span(p, p->at), "an import takes in one module");
            if (r)
                report_help(r, "import the module, and name what you use through it: `circle.area(…)`");
        }
    }
    if (!p->panicking && parse_eat(p, TOK_KW_AS))
        alias = parse_name(p, "the name that stands for the module").v;
    if (p->panicking) {
        p->scratch.count = base;
        return parse_invalid(p);
    }
    ListRef path = parse_take_list(p, base);
    return PARSE_RECORD(p, NODE_IMPORT, token, mark, 1, name, alias, path.at, path.count, is_pub);
}

static NodeId const_declaration(Parser *p, Mark mark, uint32_t doc, bool is_pub) {
    uint32_t token = p->at;
    parse_bump(p);
    uint32_t name = parse_name(p, "the name of the constant").v;
    NodeId type = {0}, value = {0};
    if (!p->panicking && parse_eat(p, TOK_COLON))
        type = parse_type(p);
    if (!p->panicking && parse_expect(p, TOK_ASSIGN, "`=` and the value of the constant"))
        value = parse_expr(p);
    uint32_t t = parse_height(p, type), v = parse_height(p, value);
    return PARSE_RECORD(p, NODE_CONST, name ? name : token, mark, t > v ? t : v, name, doc, type.v, value.v, is_pub);
}

static NodeId test_declaration(Parser *p, Mark mark, uint32_t doc) {
    uint32_t token = p->at;
    parse_bump(p);
    uint32_t name = p->at;
    parse_bump(p);
    NodeId body = parse_body(p, token);
    return PARSE_RECORD(p, NODE_TEST, name, mark, parse_height(p, body), name, doc, body.v);
}

static NodeId foreign_function(Parser *p, Mark mark, uint32_t doc, bool is_pub) {
    Report *r = parse_complain(p, DIAG_E0123, parse_span(p, p->at), "%.*s is not a keyword",
                               TEXT_ARG(parse_describe(p, p->at)));
    if (r)
        report_fix(r, parse_span(p, p->at), TEXT("func"), "declare a function with `func`");
    return parse_function(p, mark, doc, is_pub);
}

static NodeId capability_declaration(Parser *p) {
    parse_error(p, DIAG_E0190, parse_span(p, p->at), "capabilities are not available in this version");
    NodeId n = parse_invalid(p);
    parse_bump(p);
    return n;
}

static NodeId declaration_of(Parser *p, Mark mark, uint32_t doc, bool is_pub) {
    switch (parse_kind(p)) {
    case TOK_KW_FUNC: return parse_function(p, mark, doc, is_pub);
    case TOK_KW_STRUCT: return parse_shape(p, mark, doc, is_pub, NODE_STRUCT);
    case TOK_KW_ENUM: return parse_shape(p, mark, doc, is_pub, NODE_ENUM);
    case TOK_KW_ERROR: return parse_shape(p, mark, doc, is_pub, NODE_ERROR);
    case TOK_KW_TRAIT: return parse_trait(p, mark, doc, is_pub);
    case TOK_KW_IMPL: return parse_impl(p, mark);
    case TOK_KW_IMPORT: return import_declaration(p, mark, is_pub);
    case TOK_KW_CONST: return const_declaration(p, mark, doc, is_pub);
    case TOK_NAME:
        if (parse_at_word(p, "test") && p->kinds[p->at + 1] == TOK_STRING)
            return test_declaration(p, mark, doc);
        if (parse_at_word(p, "type") && p->kinds[p->at + 1] == TOK_NAME)
            return parse_alias(p, mark, doc, is_pub);
        if (parse_at_word(p, "capability"))
            return capability_declaration(p);
        if (p->kinds[p->at + 1] == TOK_NAME)
            return foreign_function(p, mark, doc, is_pub);
        break;
    default: break;
    }
    Report *r = parse_expected(p, DIAG_E0133, "a declaration after `pub`");
    if (r)
        report_help(r, "`pub` stands before func, struct, enum, error, type, trait, const or import");
    return parse_invalid(p);
}

NodeId parse_declaration(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t doc = parse_doc(p, p->at);
    if (!parse_deeper(p))
        return parse_invalid(p);
    bool is_pub = parse_eat(p, TOK_KW_PUB);
    if (is_pub && (parse_at(p, TOK_KW_IMPL) || parse_at_word(p, "test"))) {
        Report *r = parse_complain(p, DIAG_E0133, parse_span(p, mark.token), "`pub` has no meaning before this");
        parse_fix_remove(p, r, mark.token, "leave it out");
    }
    NodeId n = declaration_of(p, mark, doc, is_pub);
    p->depth--;
    return n;
}
