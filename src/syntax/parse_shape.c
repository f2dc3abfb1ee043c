// Structs, enums, errors, traits and impls.
#include "syntax/parse_decl.h"

// ---- bodies of shapes -----------------------------------------------------------------------------------------------

static NodeId field_record(Parser *p, Mark mark, uint32_t name, uint32_t doc, NodeId type, NodeId value, bool is_pub) {
    uint32_t t = parse_height(p, type), v = parse_height(p, value);
    return PARSE_RECORD(p, NODE_FIELD_DECL, name ? name : mark.token, mark, t > v ? t : v, name, doc, MODE_BORROW,
                        type.v, value.v, is_pub, 0);
}

// [pub] name: Type [= value]
static void field(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t doc = parse_doc(p, p->at);
    bool is_pub = parse_eat(p, TOK_KW_PUB);
    NodeId type = {0}, value = {0};
    if (parse_at(p, TOK_KW_LET) || parse_at(p, TOK_KW_VAR) || parse_at(p, TOK_KW_MUT)) {
        Report *r = parse_complain(p, DIAG_E0133, parse_span(p, p->at), "a field is declared without %.*s",
                                   TEXT_ARG(parse_describe(p, p->at)));
        parse_fix_remove(p, r, p->at, "leave it out: the variable that holds the struct decides");
        parse_bump(p);
    }
    uint32_t name = parse_field_name(p, "a field").v;
    if (!p->panicking && parse_expect(p, TOK_COLON, "`:` and the type of the field"))
        type = parse_type(p);
    if (!p->panicking && parse_eat(p, TOK_ASSIGN))
        value = parse_expr(p);
    parse_push(p, field_record(p, mark, name, doc, type, value, is_pub));
}

static void tuple_payload(Parser *p) {
    uint32_t open = p->at;
    Context outer = parse_enter(p, true);
    while (!parse_at(p, TOK_RPAREN) && !parse_at(p, TOK_EOF)) {
        Mark mark = parse_mark(p);
        if (parse_at(p, TOK_NAME) && parse_peek_kind(p) == TOK_COLON) {
            Report *r = parse_complain(p, DIAG_E0133, parse_span(p, p->at), "a payload in parentheses has no names");
            if (r)
                report_help(r, "write the types alone, or named parts in braces: `Variant { name: Type }`");
            parse_bump(p);
            parse_bump(p);
        }
        NodeId type = parse_type(p);
        parse_push(p, field_record(p, mark, 0, 0, type, (NodeId){0}, true));
        if (p->panicking)
            parse_sync_item(p, TOK_RPAREN);
        if (!parse_eat(p, TOK_COMMA))
            break;
        p->panicking = p->panicking && p->is_too_deep;
    }
    parse_leave(p, outer, TOK_RPAREN, open, "a payload type");
}

static void members(Parser *p, TokenKind close, void (*member)(Parser *p), const char *after, uint32_t open,
                    Context outer);

static void variant(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t doc = parse_doc(p, p->at), base = p->scratch.count;
    if (parse_at_word(p, "case") && p->kinds[p->at + 1] == TOK_NAME) {
        Report *r = parse_complain(p, DIAG_E0123, parse_span(p, p->at), "a variant is its name");
        parse_fix_remove(p, r, p->at, "leave `case` out");
        parse_bump(p);
    }
    uint32_t name = parse_name(p, "a variant").v;
    bool is_tuple = parse_at(p, TOK_LPAREN);
    if (!p->panicking && is_tuple) {
        tuple_payload(p);
    } else if (!p->panicking && parse_at(p, TOK_LBRACE)) {
        uint32_t open = p->at;
        Context outer = parse_enter(p, false);
        members(p, TOK_RBRACE, field, "a field", open, outer);
    }
    if (!p->panicking && parse_at(p, TOK_ASSIGN)) {
        Report *r = parse_error(p, DIAG_E0133, parse_span(p, p->at), "a variant has no number");
        if (r)
            report_help(r, "write a function that gives the number: `match value { … }`");
    }
    ListRef fields = parse_take_list(p, base);
    parse_push(p, PARSE_RECORD(p, NODE_VARIANT_DECL, name ? name : mark.token, mark, parse_list_height(p, fields), name,
                               doc, fields.at, fields.count, is_tuple));
}

// A function inside a shape: said once, parsed, left out.
static void function_in_shape(Parser *p) {
    uint32_t nodes = p->node_count, extra = p->extra.count;
    Report *r = parse_complain(p, DIAG_E0131, parse_span(p, p->at), "a method does not stand inside the shape");
    if (r)
        report_help(r, "put it into an impl: `impl Type do … end`");
    parse_declaration(p);
    parse_truncate(p, nodes, extra);
}

static void members(Parser *p, TokenKind close, void (*member)(Parser *p), const char *after, uint32_t open,
                    Context outer) {
    parse_skip_newlines(p);
    while (!parse_at(p, close) && !parse_at(p, TOK_EOF)) {
        uint32_t start = p->at;
        bool is_func = parse_at(p, TOK_KW_FUNC) || (parse_at(p, TOK_KW_PUB) && p->kinds[p->at + 1] == TOK_KW_FUNC);
        bool is_inside = parse_column(p, p->at) > parse_line_column(p, open);
        if (is_func && is_inside)
            function_in_shape(p);
        else if (parse_starts_declaration(p, p->at) &&
                 !(parse_at(p, TOK_KW_PUB) && (p->kinds[p->at + 1] == TOK_NAME || p->kinds[p->at + 2] == TOK_COLON)))
            break;
        else
            member(p);
        if (p->panicking)
            parse_sync_item(p, close);
        bool is_next = parse_at(p, TOK_NEWLINE) || (is_func && is_inside);
        parse_skip_newlines(p);
        if (parse_at(p, TOK_SEMICOLON)) {
            Report *r =
                parse_complain(p, DIAG_E0118, parse_span(p, p->at), "members are separated by `,` or a new line");
            if (r)
                report_fix(r, parse_span(p, p->at), TEXT(","), "write `,`");
            parse_bump(p);
            is_next = true;
        }
        is_next |= parse_eat(p, TOK_COMMA);
        parse_skip_newlines(p);
        if ((!is_next && !parse_is_line_start(p, p->at)) || p->at == start)
            break;
        p->panicking = p->panicking && p->is_too_deep;
    }
    parse_leave(p, outer, close, open, after);
}

// ---- struct, enum, error --------------------------------------------------------------------------------------------

static ListRef derives(Parser *p) {
    uint32_t base = p->scratch.count;
    if (parse_at_word(p, "derive") && p->kinds[p->at + 1] == TOK_LPAREN) {
        parse_bump(p);
        uint32_t open = p->at;
        Context outer = parse_enter(p, true);
        while (!parse_at(p, TOK_RPAREN) && !parse_at(p, TOK_EOF)) {
            if (!parse_at(p, TOK_NAME)) {
                parse_expected(p, DIAG_E0114, "the name of a trait");
                break;
            }
            parse_push(p, parse_leaf(p, NODE_NAME));
            if (!parse_eat(p, TOK_COMMA))
                break;
        }
        parse_leave(p, outer, TOK_RPAREN, open, "a trait");
    }
    return parse_take_list(p, base);
}

static NodeId shape_record(Parser *p, NodeKind kind, Mark mark, uint32_t token, const uint32_t head[2], ListRef params,
                           ListRef list, ListRef derived, NodeId attrs, bool is_pub) {
    uint32_t name = head[0], doc = head[1], h = parse_list_height(p, list), t = parse_list_height(p, params);
    return PARSE_RECORD(p, kind, name ? name : token, mark, t > h ? t : h, name, doc, params.at, params.count, list.at,
                        list.count, derived.at, derived.count, attrs.v, is_pub);
}

// error A = B | C
static NodeId error_union(Parser *p, Mark mark, uint32_t token, const uint32_t head[2], ListRef params, bool is_pub) {
    uint32_t base = p->scratch.count;
    ListRef none = {0, 0};
    parse_bump(p);
    do
        parse_push(p, parse_type(p));
    while (!p->panicking && parse_eat(p, TOK_PIPE));
    ListRef list = parse_take_list(p, base);
    return shape_record(p, NODE_ERROR_UNION, mark, token, head, params, list, none, (NodeId){0}, is_pub);
}

// type A[T] = B
NodeId parse_alias(Parser *p, Mark mark, uint32_t doc, bool is_pub) {
    uint32_t token = p->at;
    parse_bump(p);
    uint32_t head[2] = {parse_name(p, "the name of the type").v, doc};
    ListRef params = p->panicking ? (ListRef){0, 0} : parse_type_params(p), none = {0, 0};
    uint32_t base = p->scratch.count;
    bool is_interface = parse_at_word(p, "interface");
    if (!p->panicking && (is_interface || parse_at(p, TOK_KW_STRUCT) || parse_at(p, TOK_KW_ENUM))) {
        Report *r = parse_error(p, DIAG_E0123, parse_span_to(p, token, p->at), "a declaration starts with its kind");
        Text name = parse_text(p, head[0]);
        if (r && is_interface)
            report_help(r, "write `trait %.*s do … end`", TEXT_ARG(name));
        else if (r)
            report_help(r, "write `%.*s %.*s { … }`", TEXT_ARG(parse_text(p, p->at)), TEXT_ARG(name));
    }
    if (!p->panicking && parse_expect(p, TOK_ASSIGN, "`=` and the type that the name stands for"))
        parse_push(p, parse_type(p));
    ListRef list = parse_take_list(p, base);
    return shape_record(p, NODE_TYPE_ALIAS, mark, token, head, params, list, none, (NodeId){0}, is_pub);
}

// struct S: Show {, struct S extends T {: what other languages say of a type between its name and its parts is left
// out.
static void skip_clause(Parser *p, NodeKind kind, uint32_t name) {
    Report *r = parse_expected(p, DIAG_E0110, kind == NODE_STRUCT ? "`{` and the fields" : "`{` and the variants");
    bool is_below = parse_at(p, TOK_NEWLINE);
    uint32_t to = p->at + is_below;
    while (!is_below && p->kinds[to] != TOK_LBRACE && p->kinds[to] != TOK_NEWLINE && p->kinds[to] != TOK_EOF)
        to++;
    if (kind == NODE_STRUCT && parse_at(p, TOK_LPAREN)) {
        if (r)
            report_help(r, "fields have names: `struct %.*s { a: A, b: B }`", TEXT_ARG(parse_text(p, name)));
        return;
    }
    if (p->kinds[to] != TOK_LBRACE)
        return;
    if (r && is_below)
        report_help(r, "the `{` stands on the line of the name");
    else if (r)
        report_help(
            r, "a trait is derived, `%.*s derive(Eq, Ord) { … }`, or implemented, `impl Display for %.*s do … end`",
            TEXT_ARG(parse_text(p, name)), TEXT_ARG(parse_text(p, name)));
    while (p->at < to)
        parse_bump(p);
    p->panicking = false;
}

NodeId parse_shape(Parser *p, Mark mark, uint32_t doc, bool is_pub, NodeKind kind) {
    uint32_t token = p->at;
    parse_bump(p);
    uint32_t name = parse_name(p, "the name of the type").v;
    uint32_t head[2] = {name, doc};
    ListRef params = p->panicking ? (ListRef){0, 0} : parse_type_params(p);
    if (kind == NODE_ERROR && parse_at(p, TOK_ASSIGN) && !p->panicking)
        return error_union(p, mark, token, head, params, is_pub);
    ListRef derived = derives(p), list = {0, 0};
    NodeId attrs = {0};
    if (parse_at(p, TOK_LATTR) && !p->panicking)
        attrs = parse_attrs(p);
    if (derived.count == 0)
        derived = derives(p);
    if (!p->panicking && !parse_at(p, TOK_LBRACE) && !parse_at(p, TOK_KW_DO))
        skip_clause(p, kind, name);
    uint32_t open = p->at, base = p->scratch.count;
    TokenKind close = TOK_RBRACE;
    if (parse_at(p, TOK_KW_DO)) {
        Report *r = parse_complain(p, DIAG_E0117, parse_span(p, open), "the members of a type stand in braces");
        if (r)
            report_help(r, "open them with `{` and close them with `}`");
        close = TOK_KW_END;
    }
    if (!p->panicking && (parse_at(p, TOK_LBRACE) || close == TOK_KW_END)) {
        Context outer = parse_enter(p, false);
        members(p, close, kind == NODE_STRUCT ? field : variant, kind == NODE_STRUCT ? "a field" : "a variant", open,
                outer);
        list = parse_take_list(p, base);
    }
    return shape_record(p, kind, mark, token, head, params, list, derived, attrs, is_pub);
}

// ---- traits and impls -----------------------------------------------------------------------------------------------

// type Item [: A + B] [= T]; the bounds are a tuple of types.
static NodeId assoc_type(Parser *p, Mark mark, uint32_t doc) {
    parse_bump(p);
    uint32_t name = parse_name(p, "the name of the associated type").v;
    NodeId value = {0}, bounds = {0};
    if (!p->panicking && parse_at(p, TOK_COLON)) {
        uint32_t colon = p->at, base = p->scratch.count;
        parse_bump(p);
        Mark first = parse_mark(p);
        parse_type_bounds(p);
        bounds = parse_node_list(p, NODE_TYPE_TUPLE, colon, first, base);
    }
    if (!p->panicking && parse_eat(p, TOK_ASSIGN))
        value = parse_type(p);
    uint32_t height = parse_height(p, value), bounds_height = parse_height(p, bounds);
    return PARSE_RECORD(p, NODE_ASSOC_TYPE, name ? name : mark.token, mark,
                        height > bounds_height ? height : bounds_height, name, doc, bounds.v, value.v, false);
}

static bool at_member(const Parser *p) {
    uint32_t at = p->at + (p->kinds[p->at] == TOK_KW_PUB);
    return p->kinds[at] == TOK_KW_FUNC || (parse_is_word(p, at, "type") && p->kinds[at + 1] == TOK_NAME) ||
           ((parse_is_word(p, at, "fn") || parse_is_word(p, at, "def")) && p->kinds[at + 1] == TOK_NAME);
}

static void impl_member(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t doc = parse_doc(p, p->at);
    bool is_pub = parse_eat(p, TOK_KW_PUB);
    if (parse_at_word(p, "type")) {
        parse_push(p, assoc_type(p, mark, doc));
        return;
    }
    if (!parse_at(p, TOK_KW_FUNC)) {
        Report *r = parse_complain(p, DIAG_E0123, parse_span(p, p->at), "%.*s is not a keyword",
                                   TEXT_ARG(parse_describe(p, p->at)));
        if (r)
            report_fix(r, parse_span(p, p->at), TEXT("func"), "declare a function with `func`");
    }
    parse_push(p, parse_function(p, mark, doc, is_pub));
}

// Is a function at this place one of the members, or the next declaration after a missing closer?
static bool is_member_place(Parser *p, uint32_t open, uint32_t first) {
    uint32_t column = parse_column(p, p->at);
    return column > parse_line_column(p, open) || column >= parse_column(p, first) || p->at == first ||
           !parse_is_line_start(p, p->at) || parse_is_closed(p);
}

// Statements between the members: did the `end` before them close a function too early? They are passed over up to the
// `end` that was meant, and the function is poisoned.
static bool skip_cut_off_member(Parser *p, uint32_t base) {
    uint32_t early = p->at - 1, depth = 0;
    while (p->kinds[early] == TOK_NEWLINE)
        early--;
    NodeId last = {p->scratch.count > base ? vec_last(&p->scratch) : 0};
    if (p->kinds[early] != TOK_KW_END || !last.v || parse_node_kind(p, last) != NODE_FUNC)
        return false;
    uint32_t first = p->node_first_tokens.items[last.v];
    if (parse_column(p, early) <= parse_column(p, first))
        return false;
    Report *r = parse_error(p, DIAG_E0116, parse_span(p, early), "this `end` closes the function too early");
    if (r) {
        report_note(r, parse_span(p, p->at), "this stands outside of it");
        report_help(r, "one `end` before this place is too many");
    }
    parse_poison_function(p, last);
    for (; !parse_at(p, TOK_EOF) && !parse_starts_declaration(p, p->at); parse_bump(p)) {
        bool is_chain = parse_at(p, TOK_KW_ELSE) && p->kinds[p->at + 1] == TOK_KW_IF;
        depth = depth + parse_at(p, TOK_KW_DO) - (is_chain && depth > 0);
        if (parse_at(p, TOK_KW_END) && depth-- == 0) {
            parse_bump(p);
            break;
        }
    }
    p->panicking = false;
    return true;
}

static ListRef impl_members(Parser *p, const char *what) {
    uint32_t base = p->scratch.count, open = p->at, first = 0;
    bool is_brace = parse_at(p, TOK_LBRACE);
    if (!is_brace && !parse_at(p, TOK_KW_DO)) {
        Report *r = parse_expected(p, DIAG_E0117, "`do` and the functions");
        if (r)
            report_help(r, "%s is written `… do … end` or `… { … }`", what);
        if (!parse_at(p, TOK_NEWLINE))
            return parse_take_list(p, base);
        p->panicking = false;
        open = p->previous;
    }
    TokenKind close = is_brace ? TOK_RBRACE : TOK_KW_END;
    Context outer = parse_enter(p, false);
    for (;;) {
        parse_skip_newlines(p);
        if (parse_at(p, close) || parse_at(p, TOK_EOF))
            break;
        uint32_t start = p->at;
        if (parse_eat(p, TOK_SEMICOLON) || parse_eat(p, TOK_COMMA)) // separate what stands on one line
            continue;
        if (at_member(p)) {
            first = first ? first : p->at;
            if (!is_member_place(p, open, first))
                break;
            impl_member(p);
        } else if (parse_starts_declaration(p, p->at) || parse_at(p, TOK_KW_END) || parse_at(p, TOK_RBRACE)) {
            break;
        } else if (!skip_cut_off_member(p, base)) {
            Report *r = parse_expected(p, DIAG_E0133, "a function");
            if (r)
                report_help(r, "%s holds functions and `type Name = …`", what);
            parse_bump(p);
        }
        if (p->panicking) {
            parse_sync(p);
            p->panicking = false;
        }
        if (p->at == start)
            parse_bump(p);
    }
    if (close == TOK_KW_END && !parse_at(p, close)) {
        p->declaration = open;
        parse_missing_end(p, open);
        parse_restore(p, outer);
        p->panicking = true;
    } else {
        parse_leave(p, outer, close, open, "a function");
    }
    return parse_take_list(p, base);
}

NodeId parse_trait(Parser *p, Mark mark, uint32_t doc, bool is_pub) {
    uint32_t token = p->at, base = p->scratch.count;
    parse_bump(p);
    uint32_t name = parse_name(p, "the name of the trait").v;
    ListRef params = p->panicking ? (ListRef){0, 0} : parse_type_params(p), list = {0, 0};
    if (!p->panicking && parse_eat(p, TOK_COLON))
        parse_type_bounds(p);
    ListRef supers = parse_take_list(p, base);
    ListRef where = p->panicking ? (ListRef){0, 0} : parse_where(p);
    if (!p->panicking)
        list = impl_members(p, "a trait");
    return PARSE_RECORD(p, NODE_TRAIT, name ? name : token, mark, parse_list_height(p, list), name, doc, params.at,
                        params.count, supers.at, supers.count, list.at, list.count, where.at, where.count, is_pub);
}

NodeId parse_impl(Parser *p, Mark mark) {
    uint32_t token = p->at;
    parse_bump(p);
    bool has_params = p->kinds[p->at + 1] == TOK_NAME; // impl []T and impl [4]T begin with their type
    ListRef params = has_params ? parse_type_params(p) : (ListRef){0, 0}, list = {0, 0};
    NodeId trait_type = {0}, self_type = parse_type(p);
    if (!p->panicking && parse_eat(p, TOK_KW_FOR)) {
        trait_type = self_type;
        self_type = parse_type(p);
    } else if (!p->panicking && parse_at(p, TOK_COLON)) {
        Report *r = parse_complain(p, DIAG_E0110, parse_span(p, p->at), "an impl names the trait first");
        if (r)
            report_help(r, "write `impl Trait for Type do … end`");
        parse_bump(p);
        trait_type = parse_type(p);
    }
    ListRef where = p->panicking ? (ListRef){0, 0} : parse_where(p);
    if (!p->panicking)
        list = impl_members(p, "an impl");
    return PARSE_RECORD(p, NODE_IMPL, token, mark, parse_list_height(p, list), params.at, params.count, trait_type.v,
                        self_type.v, list.at, list.count, where.at, where.count);
}
