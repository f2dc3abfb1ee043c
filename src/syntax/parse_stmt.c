// Statements and blocks.
#include "syntax/parser.h"

// ---- a missing end --------------------------------------------------------------------------------------------------

typedef struct {
    uint32_t opener, column;
} OpenBlock;

// Which `do` lacks its `end`? The first one, from the start of the declaration, whose `end` by count is indented less
// than its line; without such a hint the innermost one that is open.
static uint32_t find_unclosed(const Parser *p, uint32_t opener) {
    VEC(OpenBlock) open = {0};
    uint32_t culprit = 0, chain = 0;
    for (uint32_t i = p->declaration; i < p->at && !culprit; i++) {
        TokenKind kind = (TokenKind)p->kinds[i];
        bool is_else = kind == TOK_KW_ELSE && p->kinds[i + 1] == TOK_KW_DO && parse_is_line_start(p, i);
        if (is_else) {
            i++; // the `do` of the last branch of a chain has no `end` of its own
        } else if (kind == TOK_KW_DO) {
            OpenBlock block = {chain ? chain : i, parse_line_column(p, i)};
            vec_push(&open, block);
            chain = 0;
        } else if (kind == TOK_KW_ELSE && p->kinds[i + 1] == TOK_KW_IF && open.count > 0) {
            chain = vec_pop(&open).opener; // one `end` closes the whole chain: its first `do` stands for it
        } else if (kind == TOK_KW_END && open.count > 0) {
            if (parse_is_line_start(p, i) && parse_column(p, i) < vec_last(&open).column)
                culprit = vec_last(&open).opener;
            vec_pop(&open);
        }
    }
    if (!culprit && open.count > 0)
        culprit = vec_last(&open).opener;
    vec_free(&open);
    return culprit ? culprit : opener;
}

void parse_missing_end(Parser *p, uint32_t opener) {
    p->closing = p->trying ? p->closing : CLOSING_MISSING;
    // After a report at the same place, or where a part was skipped for its depth, this would only follow from it.
    if (p->panicking || p->trying || p->is_too_deep || p->reported == p->at)
        return;
    uint32_t culprit = find_unclosed(p, opener);
    Text text = parse_quote(p, (TokenKind)p->kinds[culprit]);
    Report *r = parse_error(p, DIAG_E0115, parse_span(p, culprit), "this %.*s has no `end`", TEXT_ARG(text));
    if (r) {
        Span here = parse_span(p, p->at);
        if (parse_at(p, TOK_EOF))
            here.start = here.end = p->ast->token_ends[p->previous];
        report_note(r, here, "%.*s comes before it", TEXT_ARG(parse_describe(p, p->at)));
        report_help(r, "every `do` is closed by an `end`; an `if … else if … else` chain has one for all of it");
    }
}

// ---- blocks ---------------------------------------------------------------------------------------------------------

// A declaration inside a body: nested if it is indented deeper than what it stands in, else the body was not closed.
static bool is_nested_declaration(const Parser *p) {
    return parse_column(p, p->at) > parse_line_column(p, p->declaration);
}

static void nested_declaration(Parser *p) {
    uint32_t outer = p->declaration, nodes = p->node_count, extra = p->extra.count;
    bool is_foreign = parse_at(p, TOK_NAME); // what it is called here is said where it is read
    Report *r = is_foreign
                    ? NULL
                    : parse_complain(p, DIAG_E0126, parse_span(p, p->at), "%.*s cannot be declared inside a body",
                                     TEXT_ARG(parse_describe(p, p->at)));
    if (r && parse_at(p, TOK_KW_FUNC))
        report_help(r, "declare it outside, or bind a closure: `let name = func(…) do … end`");
    else if (r && parse_at(p, TOK_KW_CONST))
        report_help(r, "declare it outside, or bind the value with `let`");
    else if (r)
        report_help(r, "declare it outside");
    p->declaration = p->at;
    parse_declaration(p);
    parse_truncate(p, nodes, extra);
    p->declaration = outer;
}

typedef enum { BLOCK_END, BLOCK_CHAIN, BLOCK_BRACE } BlockStyle;

bool parse_at_elif(const Parser *p) {
    return (parse_at_word(p, "elif") || parse_at_word(p, "elseif") || parse_at_word(p, "elsif")) &&
           parse_is_line_start(p, p->at) && parse_starts_expression((TokenKind)p->kinds[p->at + 1]);
}

// A brace on a line of its own, as far to the left as the line of the `do`.
static bool is_meant_as_end(const Parser *p) {
    return parse_at(p, TOK_RBRACE) && p->opener && parse_is_line_start(p, p->at) &&
           parse_column(p, p->at) == parse_line_column(p, p->opener);
}

// Is the current token the end of a block of this style?
static bool at_block_end(const Parser *p, BlockStyle style) {
    switch (parse_kind(p)) {
    case TOK_EOF:
    case TOK_KW_END: return true;
    case TOK_KW_ELSE: return style != BLOCK_END;
    case TOK_NAME: return style == BLOCK_CHAIN && parse_at_elif(p);
    case TOK_RBRACE: return !parse_at_stray_closer(p) || is_meant_as_end(p);
    case TOK_RPAREN:
    case TOK_RBRACKET: return !parse_at_stray_closer(p);
    default: return parse_starts_declaration(p, p->at) && !is_nested_declaration(p);
    }
}

void parse_stray_closer(Parser *p) {
    Report *r = parse_error(p, DIAG_E0125, parse_span(p, p->at), "this %.*s closes nothing",
                            TEXT_ARG(parse_quote(p, parse_kind(p))));
    if (r)
        report_help(r, "remove it, or look for an opening one that is missing before");
    parse_bump(p);
}

// x = f() else do … end: the block is read, and left out.
static void else_of_assignment(Parser *p) {
    uint32_t nodes = p->node_count, extra = p->extra.count;
    Report *r = parse_error(p, DIAG_E0110, parse_span(p, p->at), "an assignment has no `else`");
    if (r) {
        report_label(r, "`else` belongs to `let` and `if`");
        report_help(r, "bind the value with `let … = … else do … end`, or say what stands in for an absent one: "
                       "`… ?? other`");
    }
    p->panicking = false;
    parse_bump(p);
    if (parse_at(p, TOK_KW_DO))
        parse_block(p, p->at - 1);
    parse_truncate(p, nodes, extra);
}

static void stray_else(Parser *p) {
    bool is_closed = p->kinds[p->at - 1] == TOK_KW_END || parse_is_line_start(p, p->at);
    Report *r = parse_error(p, DIAG_E0110, parse_span(p, p->at), "this `else` belongs to no `if`");
    if (r && is_closed)
        report_help(r, "the `if` before was closed by its `end`; a chain has one `end`, behind its last branch");
    else if (r)
        report_help(r, "what stands in for an absent value, or leaves: `… ?? other`, `… ?? return`, `… ?? fail E.A`");
    parse_bump(p);
    if (parse_at(p, TOK_KW_IF))
        parse_bump(p);
}

static void statements(Parser *p, BlockStyle style) {
    for (;;) {
        parse_skip_newlines(p);
        if (at_block_end(p, style))
            return;
        uint32_t start = p->at;
        if (parse_at_stray_closer(p)) {
            parse_stray_closer(p);
        } else if (parse_at(p, TOK_KW_ELSE)) {
            stray_else(p);
        } else if (parse_starts_declaration(p, p->at)) {
            nested_declaration(p);
        } else {
            NodeId statement = parse_statement(p);
            parse_push(p, statement);
            bool ends_block = style != BLOCK_END && p->kinds[p->at + 1] != TOK_KW_DO;
            if (parse_at(p, TOK_KW_ELSE) && !p->panicking && parse_node_kind(p, statement) == NODE_ASSIGN &&
                !ends_block)
                else_of_assignment(p);
            if (!p->panicking)
                parse_end_statement(p);
        }
        if (p->panicking) {
            if (p->kinds[p->at] == TOK_KW_END && p->at == start)
                return;
            parse_sync(p);
            p->panicking = false;
        }
        if (p->at == start) // always forward
            parse_bump(p);
    }
}

// { … } in place of do … end: said once, parsed as it is meant.
static NodeId brace_block(Parser *p, Mark mark) {
    uint32_t open = p->at, base = p->scratch.count, close = parse_matching(p, open);
    Report *r = parse_complain(p, DIAG_E0117, parse_span(p, open), "a body is written `do … end`, not in braces");
    bool is_short = close && p->kinds[close + 1] != TOK_KW_ELSE &&
                    !memchr(p->ast->source.data + p->ast->token_starts[open], '\n',
                            p->ast->token_ends[close] - p->ast->token_starts[open]);
    if (r && is_short) {
        Span inner = {p->file, p->ast->token_ends[open], p->ast->token_starts[close]};
        while (inner.start < inner.end && p->ast->source.data[inner.start] == ' ')
            inner.start++;
        while (inner.start < inner.end && p->ast->source.data[inner.end - 1] == ' ')
            inner.end--;
        Text text = {p->ast->source.data + inner.start, inner.end - inner.start};
        report_fix(r, parse_span_to(p, open, close), arena_printf(p->arena, "do %.*s end", TEXT_ARG(text)),
                   "write `do … end`");
    } else if (r) {
        report_help(r, "open the body with `do` and close it with `end`; braces hold fields, variants and match arms");
    }
    Context outer = parse_enter(p, false);
    statements(p, BLOCK_BRACE);
    bool is_closed = parse_at(p, TOK_RBRACE);
    if (is_closed || parse_at(p, TOK_KW_END)) {
        parse_resume(p, outer);
        parse_bump(p);
    } else {
        parse_leave(p, outer, TOK_RBRACE, open, "a statement");
    }
    return parse_node_list(p, NODE_BLOCK, open, mark, base);
}

// Takes the `do`; what stands in its place is reported, and passed over where that helps. False if a brace stands
// there.
static bool eat_do(Parser *p, uint32_t owner) {
    if (parse_at(p, TOK_KW_DO)) {
        parse_bump(p);
        return true;
    }
    if (parse_at(p, TOK_LBRACE))
        return p->panicking;
    uint32_t before = p->ast->token_ends[p->previous];
    bool is_then = parse_at_word(p, "then"), is_colon = parse_at(p, TOK_COLON), is_arrow = parse_at(p, TOK_FAT_ARROW);
    if (is_then || is_colon || is_arrow) {
        Report *r = parse_complain(p, DIAG_E0117, parse_span(p, p->at), "a body starts with `do`, not with %.*s",
                                   TEXT_ARG(parse_describe(p, p->at)));
        if (r)
            report_fix(r, parse_span(p, p->at), is_colon ? TEXT(" do") : TEXT("do"), "write `do`");
        parse_bump(p);
        parse_eat(p, TOK_KW_DO);
        return true;
    }
    if (parse_at(p, TOK_NEWLINE) || parse_at(p, TOK_EOF) || parse_is_line_start(p, p->at)) {
        Span span = {p->file, before, before};
        const char *what = p->kinds[owner] != TOK_NAME       ? token_kind_text((TokenKind)p->kinds[owner])
                           : parse_is_word(p, owner, "test") ? "test"
                                                             : "function"; // by a word of another language
        Report *r = parse_complain(p, DIAG_E0117, span, "the body of this %s starts with `do`", what);
        if (r) {
            report_fix(r, span, TEXT(" do"), "add `do`");
            report_note(r, parse_span(p, owner), "the body belongs to this");
        }
        p->panicking = false;
        return true;
    }
    Report *r = parse_expected(p, DIAG_E0117, "`do` before the body");
    if (r)
        report_note(r, parse_span(p, owner), "the body belongs to this %s",
                    token_kind_text((TokenKind)p->kinds[owner]));
    while (!parse_at(p, TOK_KW_DO) && !parse_at(p, TOK_NEWLINE) && !parse_at(p, TOK_EOF) && !parse_at(p, TOK_KW_END) &&
           !parse_is_line_start(p, p->at))
        parse_bump(p);
    if (parse_eat(p, TOK_KW_DO))
        p->panicking = p->is_too_deep && p->panicking && p->depth >= SYNTAX_NESTING_LIMIT;
    return true;
}

// The statements of a block after its `do`, and its `end`.
static void block_rest(Parser *p, Context outer, uint32_t opener, BlockStyle style) {
    statements(p, style);
    bool is_chain = style == BLOCK_CHAIN && (parse_at(p, TOK_KW_ELSE) || parse_at_elif(p));
    if (is_chain) {
        parse_resume(p, outer);
        return;
    }
    if (parse_at(p, TOK_KW_END)) {
        parse_resume(p, outer);
        if (style == BLOCK_END)
            parse_bump(p);
        return;
    }
    if (is_meant_as_end(p)) {
        Report *r = parse_complain(p, DIAG_E0115, parse_span(p, opener), "this %.*s has no `end`",
                                   TEXT_ARG(parse_quote(p, (TokenKind)p->kinds[opener])));
        if (r) {
            report_note(r, parse_span(p, p->at), "a brace does not close it");
            report_fix(r, parse_span(p, p->at), TEXT("end"), "close it with `end`");
        }
        p->kinds[p->at] = TOK_KW_END;
        parse_resume(p, outer);
        if (style == BLOCK_END)
            parse_bump(p);
        return;
    }
    parse_missing_end(p, opener);
    p->panicking = true;
    parse_restore(p, outer);
}

// let x = e else return: one that leaves, without do … end.
static bool starts_lone_jump(Parser *p, uint32_t owner) {
    TokenKind kind = parse_kind(p);
    return p->kinds[owner] == TOK_KW_ELSE && !parse_is_line_start(p, p->at) &&
           (kind == TOK_KW_RETURN || kind == TOK_KW_BREAK || kind == TOK_KW_CONTINUE || kind == TOK_KW_FAIL);
}

// func f(x: i64) -> i64 = x + 1, and with =>: a body that is one expression.
static bool starts_lone_value(Parser *p, uint32_t owner) {
    bool is_sign = parse_at(p, TOK_FAT_ARROW) || (parse_at(p, TOK_ASSIGN) && p->kinds[owner] == TOK_KW_FUNC);
    TokenKind next = is_sign ? (TokenKind)p->kinds[p->at + 1] : TOK_EOF;
    return is_sign && next != TOK_KW_DO && parse_starts_expression(next) && !parse_is_line_start(p, p->at + 1);
}

// The one expression of a body without do … end, behind a sign that does not belong there or behind nothing.
static NodeId lone_body(Parser *p, Mark mark, uint32_t owner, bool has_sign) {
    uint32_t first = p->at, base = p->scratch.count;
    Report *r = has_sign
                    ? parse_complain(p, DIAG_E0117, parse_span(p, first), "a body starts with `do`, not with %.*s",
                                     TEXT_ARG(parse_describe(p, first)))
                    : parse_complain(p, DIAG_E0117, parse_span(p, first), "the body of this %s stands in `do … end`",
                                     token_kind_text((TokenKind)p->kinds[owner]));
    if (has_sign)
        parse_bump(p);
    uint32_t value = p->at;
    parse_push(p, parse_expr(p));
    Span span = parse_span_to(p, value, p->previous);
    Text text = {p->ast->source.data + span.start, span.end - span.start};
    if (r)
        report_fix(r, parse_span_to(p, first, p->previous), arena_printf(p->arena, "do %.*s end", TEXT_ARG(text)),
                   "write `do … end`");
    return parse_node_list(p, NODE_BLOCK, owner, mark, base);
}

static NodeId block(Parser *p, uint32_t owner, BlockStyle style) {
    Mark mark = parse_mark(p);
    if (p->panicking)
        return parse_invalid(p);
    if (style == BLOCK_END && starts_lone_jump(p, owner))
        return lone_body(p, mark, owner, false);
    if (style == BLOCK_END && starts_lone_value(p, owner))
        return lone_body(p, mark, owner, true);
    bool has_body = eat_do(p, owner);
    NodeId n;
    if (!has_body) {
        n = brace_block(p, mark);
    } else if (p->panicking) {
        n = parse_invalid(p);
    } else {
        uint32_t opener = p->kinds[p->previous] == TOK_KW_DO ? p->previous : owner, base = p->scratch.count;
        uint32_t outer_opener = p->opener;
        Context outer = parse_context(p);
        p->skip = SKIP_ALWAYS;
        p->no_struct = false;
        p->opener = opener;
        block_rest(p, outer, opener, style);
        p->opener = outer_opener;
        n = parse_node_list(p, NODE_BLOCK, opener, mark, base);
    }
    return n;
}

NodeId parse_inner_block(Parser *p, uint32_t owner) {
    if (!parse_deeper(p))
        return parse_invalid(p);
    NodeId n = parse_block(p, owner);
    p->depth--;
    return n;
}

NodeId parse_body(Parser *p, uint32_t owner) {
    Mark mark = parse_mark(p);
    uint32_t mistakes = p->mistakes, extra = p->extra.count;
    NodeId n = parse_block(p, owner);
    if (p->mistakes == mistakes)
        return n;
    parse_truncate(p, mark.node, extra);
    return parse_node_none(p, NODE_INVALID, mark.token, mark);
}

NodeId parse_block(Parser *p, uint32_t owner) {
    return block(p, owner, BLOCK_END);
}

NodeId parse_chain_block(Parser *p, uint32_t owner) {
    return block(p, owner, BLOCK_CHAIN);
}

// The last branch of a chain: `else` needs no `do`.
NodeId parse_else_block(Parser *p, uint32_t owner) {
    Mark mark = parse_mark(p);
    parse_eat(p, TOK_KW_DO); // may stand here; the chain has one `end` all the same
    if (parse_at(p, TOK_LBRACE))
        return brace_block(p, mark);
    if (parse_at(p, TOK_COLON)) {
        Report *r = parse_complain(p, DIAG_E0117, parse_span(p, p->at), "no `:` follows `else`");
        if (r)
            report_fix(r, parse_span(p, p->at), TEXT(""), "leave it out");
        parse_bump(p);
    }
    uint32_t base = p->scratch.count;
    Context outer = parse_context(p);
    p->skip = SKIP_ALWAYS;
    p->no_struct = false;
    mark.token = p->at;
    uint32_t outer_opener = p->opener;
    p->opener = owner;
    block_rest(p, outer, owner, BLOCK_END);
    p->opener = outer_opener;
    return parse_node_list(p, NODE_BLOCK, owner, mark, base);
}

// ---- the end of a statement -----------------------------------------------------------------------------------------

// try do … rescue … end: passed over up to the `end` that stands below its first word.
static void pass_foreign_block(Parser *p, uint32_t first) {
    uint32_t at = p->at;
    for (; p->kinds[at] != TOK_EOF && !(parse_starts_declaration(p, at) && parse_is_line_start(p, at)); at++) {
        if (p->kinds[at] == TOK_KW_END && parse_is_line_start(p, at) && parse_column(p, at) <= parse_column(p, first)) {
            if (parse_column(p, at) == parse_column(p, first))
                parse_pass(p, at);
            return;
        }
    }
}

static void report_two_statements(Parser *p) {
    uint32_t before = p->previous;
    const char *hint = parse_foreign_word(p, before);
    Text found = parse_describe(p, p->at);
    if (hint) {
        Report *r = parse_error(p, DIAG_E0123, parse_span(p, before), "%.*s has no meaning here",
                                TEXT_ARG(parse_describe(p, before)));
        if (r)
            report_help(r, "%s", hint);
        if (parse_is_word(p, before, "try") && parse_at(p, TOK_KW_DO))
            pass_foreign_block(p, before);
    } else if (parse_at(p, TOK_COLON) && p->kinds[p->at + 1] == TOK_ASSIGN && parse_is_adjacent(p, p->at)) {
        Report *r = parse_error(p, DIAG_E0122, parse_span_to(p, p->at, p->at + 1), "`:=` is not an operator");
        if (r)
            report_help(r, "bind a new name with `let name = …`, or with `var` if it is assigned again");
    } else if (parse_at(p, TOK_COLON) && p->kinds[before] == TOK_NAME) {
        Report *r = parse_error(p, DIAG_E0129, parse_span(p, before), "a binding starts with `let` or `var`");
        if (r)
            report_help(r, "bind it with `let`, or with `var` if it is assigned again");
    } else {
        Report *r = parse_error(p, DIAG_E0118, parse_span(p, p->at), "expected the end of the line, found %.*s",
                                TEXT_ARG(found));
        bool is_arrow = parse_at(p, TOK_FAT_ARROW) || parse_at(p, TOK_ARROW);
        bool is_call = p->kinds[before] == TOK_NAME && parse_starts_expression(parse_kind(p));
        if (r && is_arrow)
            report_help(r, "a closure is written `|x| x + 1`, or `func(x: i64) -> i64 do … end`");
        else if (r && is_call)
            report_help(r, "a call has parentheses: `%.*s(…)`", TEXT_ARG(parse_text(p, before)));
        else if (r && p->kinds[before] == TOK_QUESTION)
            report_help(r, "a condition that gives a value is written `if a do b else c end`");
        else if (r)
            report_help(r, "statements stand on lines of their own");
    }
}

void parse_end_statement(Parser *p) {
    switch (parse_kind(p)) {
    case TOK_NEWLINE: parse_bump(p); return;
    case TOK_EOF:
    case TOK_KW_END:
    case TOK_KW_ELSE:
    case TOK_RBRACE:
    case TOK_RPAREN:
    case TOK_RBRACKET:
        if (parse_at_stray_closer(p))
            parse_stray_closer(p);
        return;
    case TOK_SEMICOLON: {
        TokenKind next = (TokenKind)p->kinds[p->at + 1];
        bool is_last = next == TOK_NEWLINE || next == TOK_EOF;
        Report *r = parse_complain(p, DIAG_E0118, parse_span(p, p->at),
                                   is_last ? "a line does not end with `;`" : "`;` does not separate statements");
        if (r && is_last)
            report_fix(r, parse_span(p, p->at), TEXT(""), "remove it");
        else if (r)
            report_help(r, "put the next statement on a line of its own");
        while (parse_at(p, TOK_SEMICOLON))
            parse_bump(p);
        return;
    }
    default:
        if (parse_is_line_start(p, p->at)) // the lexer took the line to go on, the parser did not
            return;
        report_two_statements(p);
    }
}

// ---- bindings -------------------------------------------------------------------------------------------------------

static void report_let_mut(Parser *p, uint32_t let) {
    uint32_t mut = p->at;
    Report *r = parse_complain(p, DIAG_E0129, parse_span_to(p, let, mut), "`let mut` does not make a variable");
    if (r) {
        report_fix(r, parse_span_to(p, let, mut), TEXT("var"), "make a variable that may be assigned again");
        report_help(r, "`mut name = place` lends a place");
    }
}

static bool at_statement_end(Parser *p) {
    return parse_at(p, TOK_NEWLINE) || parse_at(p, TOK_EOF) || parse_at(p, TOK_KW_END);
}

// `let name: Type`: the value comes later, on every way to its first use.
static bool is_declaration(Parser *p, NodeKind kind, NodeId pattern, NodeId type) {
    return type.v && kind != NODE_MUT_BIND && parse_node_kind(p, pattern) == NODE_PAT_BIND && at_statement_end(p);
}

static NodeId finish_binding(Parser *p, NodeKind kind, Mark mark, uint32_t token, NodeId pattern, bool is_mut) {
    NodeId type = {0}, value = {0}, else_block = {0};
    if (parse_at(p, TOK_COLON) && p->kinds[p->at + 1] == TOK_ASSIGN) {
        Report *r = parse_complain(p, DIAG_E0122, parse_span_to(p, p->at, p->at + 1), "`:=` is not an operator");
        if (r)
            report_fix(r, parse_span_to(p, p->at, p->at + 1),
                       parse_is_adjacent(p, p->previous) ? TEXT(" =") : TEXT("="), "write `=`");
        parse_bump(p);
    } else if (parse_eat(p, TOK_COLON)) {
        type = parse_type(p);
    }
    if (!p->panicking && parse_eat(p, TOK_ASSIGN)) {
        value = parse_value(p, false);
        if (parse_at(p, TOK_KW_ELSE) && !p->panicking && kind == NODE_LET) {
            uint32_t owner = p->at;
            parse_bump(p);
            else_block = parse_inner_block(p, owner);
        }
    } else if (!p->panicking && !is_declaration(p, kind, pattern, type)) {
        bool is_end = at_statement_end(p);
        bool is_colon_eq = parse_at(p, TOK_EQ);
        uint32_t at = is_end ? token : p->at;
        Report *r = parse_error(p, DIAG_E0129, parse_span(p, at),
                                is_end ? "this binding has no value" : "expected `=` and a value");
        if (r && is_colon_eq)
            report_fix(r, parse_span(p, at), TEXT("="), "bind with `=`");
        else if (r)
            report_help(r, "give it one: `let name = value`, or only its type: `let name: Type`, and the value later");
    }
    uint32_t h = parse_height(p, value), e = parse_height(p, else_block), q = parse_height(p, pattern);
    h = e > h ? e : h;
    return PARSE_RECORD(p, kind, token, mark, q > h ? q : h, pattern.v, type.v, value.v, else_block.v, is_mut);
}

static NodeId let_statement(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    if (parse_at(p, TOK_KW_MUT) && p->kinds[p->at + 1] == TOK_NAME) {
        report_let_mut(p, token);
        parse_bump(p);
    }
    NodeId pattern = parse_pattern(p);
    return finish_binding(p, NODE_LET, mark, token, pattern, false);
}

static NodeId var_statement(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId pattern = parse_pattern(p);
    return finish_binding(p, NODE_VAR, mark, token, pattern, true);
}

static NodeId mut_statement(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    parse_bump(p);
    NodeId pattern = parse_pattern(p);
    return finish_binding(p, NODE_MUT_BIND, mark, token, pattern, true);
}

// ---- statements -----------------------------------------------------------------------------------------------------

static NodeId defer_statement(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t token = p->at;
    NodeKind kind = parse_at(p, TOK_KW_DEFER) ? NODE_DEFER : NODE_ERRDEFER;
    parse_bump(p);
    if (!parse_deeper(p))
        return parse_invalid(p);
    NodeId child = parse_at(p, TOK_KW_DO) ? parse_block(p, token) : parse_statement(p);
    p->depth--;
    return parse_node_unary(p, kind, token, mark, child);
}

static NodeId postfix_when(Parser *p, Mark mark, NodeId statement) {
    uint32_t token = p->at;
    bool is_simple = false;
    switch (parse_node_kind(p, statement)) {
    case NODE_LET:
    case NODE_VAR:
    case NODE_MUT_BIND:
    case NODE_IF:
    case NODE_MATCH:
    case NODE_WHILE:
    case NODE_FOR:
    case NODE_LOOP:
    case NODE_BLOCK:
    case NODE_DEFER:
    case NODE_ERRDEFER:
    case NODE_NURSERY: break;
    default: is_simple = true; break;
    }
    if (!is_simple) {
        Report *r = parse_complain(p, DIAG_E0130, parse_span(p, token), "`when` cannot follow this statement");
        if (r)
            report_help(r,
                        "it follows calls, assignments, `return`, `break`, `continue` and `fail`; here write `if … do "
                        "… end`");
    }
    parse_bump(p);
    NodeId condition = parse_expr(p);
    return parse_node_binary(p, NODE_WHEN, token, mark, statement, condition);
}

static NodeId expression_statement(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId left = parse_expr(p);
    if (p->panicking)
        return left;
    TokenKind kind = parse_kind(p);
    if (!parse_is_assignment(kind))
        return left;
    uint32_t token = p->at;
    parse_bump(p);
    NodeId right = parse_expr(p);
    if (parse_is_assignment(parse_kind(p)) && !p->panicking) {
        Report *r = parse_error(p, DIAG_E0121, parse_span(p, p->at), "an assignment has no value to assign");
        if (r)
            report_help(r, "assign on lines of their own");
    }
    return parse_node_binary(p, NODE_ASSIGN, token, mark, left, right);
}

// A word that starts a statement only where its construct can begin.
static bool at_contextual(const Parser *p, const char *word, TokenKind next) {
    return p->kinds[p->at + 1] == next && parse_at_word(p, word);
}

static NodeId name_statement(Parser *p) {
    if (at_contextual(p, "select", TOK_LBRACE) && parse_foreign_select(p))
        return parse_invalid(p);
    if (at_contextual(p, "select", TOK_KW_DO))
        return parse_select(p);
    if (at_contextual(p, "using", TOK_NAME))
        return parse_using(p);
    if (at_contextual(p, "shield", TOK_KW_DO))
        return parse_shield(p);
    if (at_contextual(p, "shield", TOK_LPAREN)) {
        uint32_t close = parse_matching(p, p->at + 1);
        if (close && p->kinds[close + 1] == TOK_KW_DO)
            return parse_shield(p);
    }
    return expression_statement(p);
}

static NodeId statement_inner(Parser *p) {
    switch (parse_kind(p)) {
    case TOK_KW_LET: return let_statement(p);
    case TOK_KW_VAR: return var_statement(p);
    case TOK_KW_MUT:
        if (p->kinds[p->at + 1] != TOK_KW_FUNC)
            return mut_statement(p);
        return expression_statement(p);
    case TOK_KW_DEFER:
    case TOK_KW_ERRDEFER: return defer_statement(p);
    case TOK_NAME: return name_statement(p);
    default: return expression_statement(p);
    }
}

NodeId parse_statement(Parser *p) {
    Mark mark = parse_mark(p);
    NodeId n = statement_inner(p);
    if (parse_at(p, TOK_KW_WHEN) && !p->panicking)
        n = postfix_when(p, mark, n);
    return n;
}
