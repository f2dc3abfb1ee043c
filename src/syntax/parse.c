// The parser's entry: lexes, parses the declarations of a file, and freezes the columns into an Ast.
#include "syntax/parser.h"

static void skip_surplus(Parser *p);

static void adopt_tokens(Parser *p, Lexer *lexer) {
    Ast *ast = p->ast;
    uint32_t n = lexer->count;
    ast->token_count = n;
    lexer->kinds.count = lexer->starts.count = lexer->ends.count = lexer->token_symbols.count = n;
    ast->token_kinds = vec_freeze(&lexer->kinds, p->arena);
    ast->token_starts = vec_freeze(&lexer->starts, p->arena);
    ast->token_ends = vec_freeze(&lexer->ends, p->arena);
    ast->token_symbols = vec_freeze(&lexer->token_symbols, p->arena);
    p->kinds = ast->token_kinds;
    lexer_free(lexer);
}

static uint32_t *freeze(Parser *p, VecU32 *column, uint32_t count) {
    column->count = count;
    return vec_freeze(column, p->arena);
}

static void adopt_nodes(Parser *p) {
    Ast *ast = p->ast;
    uint32_t n = p->node_count;
    ast->node_count = n;
    p->node_kinds.count = n;
    ast->node_kinds = vec_freeze(&p->node_kinds, p->arena);
    ast->node_tokens = freeze(p, &p->node_tokens, n);
    ast->node_firsts = freeze(p, &p->node_firsts, n);
    ast->node_a = freeze(p, &p->node_a, n);
    ast->node_b = freeze(p, &p->node_b, n);
    ast->node_first_tokens = freeze(p, &p->node_first_tokens, n);
    ast->node_last_tokens = freeze(p, &p->node_last_tokens, n);
    ast->extra_count = p->extra.count;
    ast->extra = freeze(p, &p->extra, p->extra.count);
    vec_free(&p->heights);
    vec_free(&p->scratch);
    vec_free(&p->labels);
}

// The function before was closed too early: what is left of it would give reports that only follow from that.
static void poison_last(Parser *p) {
    NodeId n = {p->scratch.count > 0 ? vec_last(&p->scratch) : 0};
    const uint32_t *words = n.v ? p->extra.items + p->node_a.items[n.v] : NULL;
    if (n.v && parse_node_kind(p, n) == NODE_IMPL && words[PARSE_IMPL_MEMBERS + 1] > 0) {
        n.v = p->extra.items[words[PARSE_IMPL_MEMBERS] + words[PARSE_IMPL_MEMBERS + 1] - 1];
    }
    if (n.v)
        parse_poison_function(p, n);
    NodeKind kind = n.v ? parse_node_kind(p, (NodeId){vec_last(&p->scratch)}) : NODE_INVALID;
    p->orphaned = kind == NODE_IMPL || kind == NODE_TRAIT ? 1 + parse_line_column(p, p->declaration) : 0;
}

// What stands deeper than an impl that was closed too early belongs to it, and says nothing where it is now; its `end`
// closes nothing.
static bool skip_orphan(Parser *p) {
    uint32_t column = p->orphaned ? 1 + parse_line_column(p, p->at) : 0;
    bool is_end = parse_at(p, TOK_KW_END) && column == p->orphaned;
    if (column <= p->orphaned && !is_end)
        p->orphaned = 0;
    if (!p->orphaned)
        return false;
    if (is_end) {
        p->orphaned = 0;
        parse_bump(p);
    } else if (parse_starts_declaration(p, p->at) || parse_at(p, TOK_KW_FUNC)) {
        parse_declaration(p);
        if (p->panicking)
            parse_sync(p);
    } else {
        return false;
    }
    return true;
}

static const char *foreign_start(const Parser *p) {
    if (parse_is_word(p, p->at + (parse_at(p, TOK_AT) ? 1 : 0), "derive"))
        return "`derive` stands behind the name of a type: `struct Point derive(Eq, Ord) { … }`";
    if (parse_at(p, TOK_AT))
        return "attributes stand in `{. … .}`, behind what they are about";
    return p->kinds[p->at + 1] == TOK_NAME ? parse_foreign_word(p, p->at) : NULL;
}

// Statements where only declarations may stand: one report for the run of them, up to the next declaration.
static void skip_statements(Parser *p) {
    if (parse_at(p, TOK_KW_END)) {
        skip_surplus(p);
        return;
    }
    if (parse_at(p, TOK_RBRACE) || parse_at(p, TOK_RPAREN) || parse_at(p, TOK_RBRACKET)) {
        parse_stray_closer(p);
    } else {
        bool is_binding = parse_at(p, TOK_KW_LET) || parse_at(p, TOK_KW_VAR);
        const char *hint = foreign_start(p);
        Report *r = parse_error(p, DIAG_E0127, parse_span(p, p->at), "%.*s stands outside of a function",
                                TEXT_ARG(parse_describe(p, p->at)));
        if (r && hint)
            report_help(r, "%s", hint);
        else if (r)
            report_help(r, is_binding ? "a module has constants: `const name = …`; everything that runs stands in a "
                                        "function, as in `func main() do … end`"
                                      : "everything that runs stands in a function, as in `func main() do … end`");
    }
    bool is_first = true;
    while (!parse_at(p, TOK_EOF) && (is_first || !parse_starts_declaration(p, p->at))) {
        is_first = false;
        parse_bump(p);
    }
}

// An `end` at top level. If a body before was closed by an `end` that is indented deeper than its owner, that was it.
static void skip_surplus(Parser *p) {
    p->closing = CLOSING_MISSING;
    poison_last(p);
    uint32_t culprit = p->at, early = p->at - 1;
    while (early > p->declaration && p->kinds[early] == TOK_NEWLINE)
        early--;
    if (p->kinds[early] == TOK_KW_END && parse_is_line_start(p, early) && p->declaration &&
        parse_column(p, early) > parse_line_column(p, p->declaration))
        culprit = early;
    Report *r =
        parse_error(p, DIAG_E0116, parse_span(p, culprit),
                    culprit == p->at ? "this `end` closes nothing" : "this `end` closes the declaration too early");
    if (r) {
        bool has_chain = false;
        for (uint32_t i = p->declaration; i + 1 < p->at; i++)
            has_chain |= p->kinds[i] == TOK_KW_ELSE && p->kinds[i + 1] == TOK_KW_IF;
        if (has_chain)
            report_help(r, "an `if … else if … else` chain has one `end` for all of it");
        else
            report_help(r, "every `do` has one `end`: remove this one, or look for a `do` that is missing before");
    }
    while (!parse_at(p, TOK_EOF) && !parse_starts_declaration(p, p->at))
        parse_bump(p);
}

// The rest of a function whose body was closed too early.
static bool is_cut_off(const Parser *p) {
    uint32_t depth = 0;
    for (uint32_t i = p->at; p->kinds[i] != TOK_EOF && (i == p->at || !parse_starts_declaration(p, i)); i++) {
        if (p->kinds[i] == TOK_KW_DO && !(p->kinds[i - 1] == TOK_KW_ELSE && parse_is_line_start(p, i - 1))) {
            depth++;
        } else if (p->kinds[i] == TOK_KW_ELSE && p->kinds[i + 1] == TOK_KW_IF && depth > 0) {
            depth--;
        } else if (p->kinds[i] == TOK_KW_END && depth-- == 0) {
            return true;
        }
    }
    return false;
}

static void skip_cut_off(Parser *p) {
    p->closing = CLOSING_MISSING;
    poison_last(p);
    uint32_t early = p->at;
    while (early > p->declaration && p->kinds[early] != TOK_KW_END)
        early--;
    Report *r = parse_error(p, DIAG_E0116, parse_span(p, early), "this `end` closes the declaration too early");
    if (r) {
        bool has_chain = false;
        for (uint32_t i = p->declaration; i < early; i++)
            has_chain |= p->kinds[i] == TOK_KW_ELSE && p->kinds[i + 1] == TOK_KW_IF;
        report_note(r, parse_span(p, p->at), "these statements stand outside of it");
        if (has_chain)
            report_help(r, "an `if … else if … else` chain has one `end` for all of it");
        else
            report_help(r, "one `end` before this place is too many");
    }
    while (!parse_at(p, TOK_EOF) && !parse_starts_declaration(p, p->at))
        parse_bump(p);
}

// Indented as those of traits and impls are: parse_starts_declaration does not take it for one.
static bool at_alias(const Parser *p) {
    return parse_at_word(p, "type") && p->kinds[p->at + 1] == TOK_NAME && parse_is_line_start(p, p->at);
}

static void parse_module(Parser *p) {
    Mark mark = parse_mark(p);
    uint32_t base = p->scratch.count;
    bool after_function = false;
    for (;;) {
        parse_skip_newlines(p);
        p->panicking = false;
        if (parse_at(p, TOK_EOF))
            break;
        uint32_t start = p->at;
        if (skip_orphan(p))
            continue;
        if (parse_at(p, TOK_SEMICOLON)) {
            Report *r = parse_complain(p, DIAG_E0118, parse_span(p, p->at), "a line does not end with `;`");
            if (r)
                report_fix(r, parse_span(p, p->at), TEXT(""), "remove it");
            parse_bump(p);
            continue;
        }
        if (parse_at(p, TOK_LATTR)) {
            parse_push(p, parse_attrs(p));
            continue;
        }
        bool is_declaration = parse_starts_declaration(p, p->at) || parse_at(p, TOK_KW_FUNC) || at_alias(p);
        NodeId n = is_declaration ? (p->declaration = p->at, parse_declaration(p)) : (NodeId){0};
        if (n.v) {
            parse_push(p, n);
            after_function = true;
            if (p->panicking)
                parse_sync(p);
            else if (!parse_at(p, TOK_NEWLINE) && !parse_at(p, TOK_EOF) && !parse_at(p, TOK_SEMICOLON) &&
                     !parse_starts_declaration(p, p->at) && !parse_at(p, TOK_KW_END))
                parse_end_statement(p);
        } else if (after_function && p->declaration && is_cut_off(p) && !parse_at(p, TOK_KW_END)) {
            skip_cut_off(p);
        } else {
            skip_statements(p);
        }
        if (p->at == start)
            parse_bump(p);
    }
    p->previous = p->at;
    NodeId root = parse_node_list(p, NODE_MODULE, mark.token, mark, base);
    p->ast->root = root;
}

static void parse_file(Parser *p) {
    Mark none = {0, 0};
    p->node_firsts.count = 0;
    parse_node_none(p, NODE_INVALID, 0, none); // node 0 is none
    vec_push(&p->extra, 0);                    // and so is extra 0
    p->at = p->previous = 1;
    parse_settle(p);
    parse_module(p);
}

static void free_nodes(Parser *p) {
    vec_free(&p->node_kinds);
    VecU32 *columns[] = {&p->node_tokens,      &p->node_firsts, &p->node_a,  &p->node_b, &p->node_first_tokens,
                         &p->node_last_tokens, &p->extra,       &p->scratch, &p->labels};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        vec_free(columns[i]);
    vec_free(&p->heights);
}

bool parse_is_closed(Parser *p) {
    if (p->closing == CLOSING_UNKNOWN) {
        // A parser of its own: mistakes change the kinds of tokens, which the tree has yet to see unchanged.
        Parser trial = {.diags = p->diags, .symbols = p->symbols, .arena = p->arena, .file = p->file, .ast = p->ast};
        trial.kinds = arena_copy(p->arena, p->kinds, p->ast->token_count, 1);
        trial.skip = SKIP_ALWAYS;
        trial.is_mute = true;
        trial.closing = CLOSING_COMPLETE;
        parse_file(&trial);
        p->closing = trial.closing;
        free_nodes(&trial);
    }
    return p->closing == CLOSING_COMPLETE;
}

Ast *syntax_parse(Diags *diags, Interner *symbols, Arena *arena, FileId file) {
    Lexer lexer;
    lexer_run(&lexer, diags, symbols, arena, file);
    Parser p = {.diags = diags, .symbols = symbols, .arena = arena, .file = file, .skip = SKIP_ALWAYS};
    p.ast = ARENA_NEW(arena, Ast);
    p.ast->file = file;
    p.ast->source = diags_source(diags, file)->content;
    p.is_mute = lexer.is_broken;
    adopt_tokens(&p, &lexer);
    parse_file(&p);
    adopt_nodes(&p);
    return p.ast;
}

void syntax_emit_tokens(const Diags *diags, const Ast *ast, Buffer *out) {
    const Source *source = diags_source(diags, ast->file);
    for (uint32_t i = 1; i < ast->token_count; i++) {
        uint32_t line, column;
        TokenKind kind = (TokenKind)ast->token_kinds[i];
        source_position(source, ast->token_starts[i], &line, &column);
        Text text = ast_token_text(ast, (TokenId){i});
        buffer_printf(out, "%u:%u %s", line, column, token_kind_text(kind));
        bool has_text = kind == TOK_NAME || (kind >= TOK_INT && kind <= TOK_INVALID);
        if (has_text && text.size > 0) {
            buffer_char(out, ' ');
            buffer_json_string(out, text);
        }
        buffer_char(out, '\n');
    }
}
