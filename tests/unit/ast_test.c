// What the decoders of the tree give: literal values, names, documentation, spans, order of nodes.
#include "tests/unit/syntax_world.h"

static TokenId find_token(const Parsed *w, TokenKind kind, uint32_t nth) {
    for (uint32_t i = 1; i < w->ast->token_count; i++)
        if (w->ast->token_kinds[i] == kind && nth-- == 0)
            return (TokenId){i};
    fail_msg("there is no such token");
    return (TokenId){0};
}

static NodeId find_node(const Parsed *w, NodeKind kind, uint32_t nth) {
    for (uint32_t i = 1; i < w->ast->node_count; i++)
        if (w->ast->node_kinds[i] == kind && nth-- == 0)
            return (NodeId){i};
    fail_msg("there is no such node");
    return (NodeId){0};
}

static Parsed parse_value(const char *literal) {
    char source[400];
    snprintf(source, sizeof source, "const c = %s\n", literal);
    return parse_text(source);
}

static void test_integers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t low, high;
        bool overflow;
    } cases[] = {
        {"0", 0, 0, false},
        {"1_000", 1000, 0, false},
        {"0xff_FF", 0xffff, 0, false},
        {"0b101", 5, 0, false},
        {"0o17", 15, 0, false},
        {"18446744073709551615", UINT64_MAX, 0, false},
        {"18446744073709551616", 0, 1, false},
        {"340282366920938463463374607431768211455", UINT64_MAX, UINT64_MAX, false},
        {"340282366920938463463374607431768211456", 0, 0, true},
        {"0x1_0000_0000_0000_0000_0000_0000_0000_0000", 0, 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Parsed w = parse_value(cases[i].text);
        AstIntValue value = ast_int_value(w.ast, find_token(&w, TOK_INT, 0));
        assert_int_equal(value.overflow, cases[i].overflow);
        if (!value.overflow) {
            assert_true(value.low == cases[i].low);
            assert_true(value.high == cases[i].high);
        }
        parsed_free(&w);
    }
}

static void test_floats_and_durations(void **state) {
    (void)state;
    Parsed w =
        parse_text("const a = 1_000.25e-2\nconst b = 1e400\nconst c = 250ms\nconst d = 2h\nconst e = 9999999h\n");
    assert_true(ast_float_value(w.ast, find_token(&w, TOK_FLOAT, 0)) == 10.0025);
    assert_true(ast_float_value(w.ast, find_token(&w, TOK_FLOAT, 1)) > 1e308);
    bool overflow;
    assert_int_equal(ast_duration_ns(w.ast, find_token(&w, TOK_DURATION, 0), &overflow), 250000000);
    assert_false(overflow);
    assert_int_equal(ast_duration_ns(w.ast, find_token(&w, TOK_DURATION, 1), &overflow), 7200000000000);
    ast_duration_ns(w.ast, find_token(&w, TOK_DURATION, 2), &overflow);
    assert_true(overflow);
    parsed_free(&w);
}

static void test_characters(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t scalar;
    } cases[] = {{"'a'", 'a'}, {"'\\n'", '\n'},           {"'\\''", '\''},      {"'\\x41'", 'A'},
                 {"'\\0'", 0}, {"'\\u{1F600}'", 0x1f600}, {"'\xc3\xa9'", 0xe9}, {"'\"'", '"'}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Parsed w = parse_value(cases[i].text);
        assert_int_equal(ast_char_value(w.ast, find_token(&w, TOK_CHAR, 0)), cases[i].scalar);
        parsed_free(&w);
    }
}

static void test_strings(void **state) {
    (void)state;
    static const struct {
        const char *text, *value;
        size_t size;
    } cases[] = {
        {"\"\"", "", 0},
        {"\"plain\"", "plain", 5},
        {"\"a\\n\\t\\r\\\\\\\"\\x41\"", "a\n\t\r\\\"A", 7},
        {"\"a\\0b\"", "a\0b", 3},
        {"\"\\u{1F600}\"", "\xf0\x9f\x98\x80", 4},
        {"r\"a\\n\"", "a\\n", 3},
        {"b\"\\xff\\0\"", "\xff\0", 2},
        {"\"\"\"one\"\"\"", "one", 3},
        {"\"\"\"\n    a\n      b\n\n    c\n    \"\"\"", "a\n  b\n\nc\n", 9},
        {"\"\"\"\r\n  a\r\n  \"\"\"", "a\n", 2},
        {"\"\"\"\n  say \"hi\"\\t\n  \"\"\"", "say \"hi\"\t\n", 10},
        {"\"\"\"\n  a\n  b\"\"\"", "  a\n  b", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Parsed w = parse_value(cases[i].text);
        assert_string_equal(shown_reports(&w), "");
        TokenId t = find_token(&w, cases[i].text[0] == 'b' ? TOK_BYTES : TOK_STRING, 0);
        Text value = ast_string_value(w.ast, t, w.arena);
        assert_int_equal(value.size, cases[i].size);
        if (value.size > 0)
            assert_memory_equal(value.data, cases[i].value, value.size);
        parsed_free(&w);
    }
}

static void test_interpolation(void **state) {
    (void)state;
    Parsed w = parse_value("$\"a\\t{{{x:>5}}}{y}\"");
    NodeId n = find_node(&w, NODE_INTERP, 0);
    assert_int_equal(ast_interp_count(w.ast, n), 4);
    AstInterpPart part = ast_interp_part(w.ast, n, 0, w.arena);
    assert_true(text_equal(part.literal, TEXT("a\t{")));
    assert_int_equal(part.expr.v, 0);
    part = ast_interp_part(w.ast, n, 1, w.arena);
    assert_true(text_equal(part.spec, TEXT(">5")));
    assert_int_equal(ast_kind(w.ast, part.expr), NODE_NAME);
    part = ast_interp_part(w.ast, n, 2, w.arena);
    assert_true(text_equal(part.literal, TEXT("}")));
    part = ast_interp_part(w.ast, n, 3, w.arena);
    assert_int_equal(part.spec.size, 0);
    parsed_free(&w);
}

static void test_documentation(void **state) {
    (void)state;
    Parsed w = parse_text(
        "//! the module\n\n/// one\n/// two\npub func f(a: i64) do\nend\nstruct S {\n    /// field\n    x: i64,\n    "
        "y: i64, /// no doc\n}\n");
    AstFunc f = ast_func(w.ast, find_node(&w, NODE_FUNC, 0));
    assert_true(text_equal(ast_token_text(w.ast, f.doc), TEXT("/// one")));
    assert_int_equal(ast_token_kind(w.ast, (TokenId){f.doc.v + 1}), TOK_DOC);
    assert_true(f.is_pub);
    assert_int_equal(ast_param(w.ast, find_node(&w, NODE_FIELD_DECL, 0)).doc.v != 0, 1);
    assert_int_equal(ast_param(w.ast, find_node(&w, NODE_FIELD_DECL, 1)).doc.v, 0);
    parsed_free(&w);
}

static void test_symbols(void **state) {
    (void)state;
    Parsed w = parse_text("func f(self) do\n    self.end\n    g(in: Self)\n    let match_ = f\nend\n");
    SymbolId f = intern_find(w.symbols, TEXT("f"));
    assert_int_equal(ast_symbol(w.ast, ast_func(w.ast, find_node(&w, NODE_FUNC, 0)).name).v, f.v);
    SymbolId end = intern_find(w.symbols, TEXT("end"));
    assert_true(end.v != 0);
    assert_int_equal(ast_symbol(w.ast, ast_token(w.ast, find_node(&w, NODE_FIELD, 0))).v, end.v);
    SymbolId in = intern_find(w.symbols, TEXT("in"));
    assert_int_equal(ast_symbol(w.ast, ast_token(w.ast, find_node(&w, NODE_ARG_NAMED, 0))).v, in.v);
    assert_true(in.v != 0);
    parsed_free(&w);
}

static void assert_text(const Parsed *w, Span span, const char *expected) {
    Text found = {w->ast->source.data + span.start, span.end - span.start};
    if (!text_equal(found, text_of(expected)))
        print_message("found \"%.*s\"\n", TEXT_ARG(found));
    assert_true(text_equal(found, text_of(expected)));
}

static void test_spans(void **state) {
    (void)state;
    Parsed w = parse_text("func f() do\n    let x = (a + b) * c.d(1)\n    g()\nend\n");
    assert_text(&w, ast_span(w.ast, find_node(&w, NODE_BINARY, 1)), "(a + b) * c.d(1)");
    assert_text(&w, ast_main_span(w.ast, find_node(&w, NODE_BINARY, 1)), "*");
    assert_text(&w, ast_span(w.ast, find_node(&w, NODE_CALL, 0)), "c.d(1)");
    assert_text(&w, ast_main_span(w.ast, find_node(&w, NODE_FIELD, 0)), "d");
    assert_text(&w, ast_span(w.ast, find_node(&w, NODE_LET, 0)), "let x = (a + b) * c.d(1)");
    assert_text(&w, ast_span(w.ast, find_node(&w, NODE_BLOCK, 0)), "do\n    let x = (a + b) * c.d(1)\n    g()\nend");
    parsed_free(&w);
}

// A subtree is a range of nodes: the children of a node lie between its first node and itself.
static void test_order(void **state) {
    (void)state;
    Parsed w = parse_text(
        "func f(a: i64 = 1) -> ?i64 do\n    if a do b else if c do d else e end\n    for i, x in xs do g(x) end\n"
        "    match x { 1 when y => |z| z, _ => S { ..old, a: 1 } }\nend\n");
    NodeId n = find_node(&w, NODE_IF, 0);
    AstIfExpr e = ast_if_expr(w.ast, n);
    assert_true(ast_first(w.ast, n).v <= ast_first(w.ast, e.condition).v);
    assert_true(e.condition.v < e.then_block.v && e.then_block.v < n.v);
    n = find_node(&w, NODE_IF, 1);
    e = ast_if_expr(w.ast, n);
    assert_int_equal(ast_kind(w.ast, e.else_branch), NODE_IF);
    assert_true(e.else_branch.v < n.v && ast_first(w.ast, e.else_branch).v > e.then_block.v);
    assert_int_equal(ast_first(w.ast, w.ast->root).v, 1);
    parsed_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),      cmocka_unit_test(test_floats_and_durations),
        cmocka_unit_test(test_characters),    cmocka_unit_test(test_strings),
        cmocka_unit_test(test_interpolation), cmocka_unit_test(test_documentation),
        cmocka_unit_test(test_symbols),       cmocka_unit_test(test_spans),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests_name("ast", tests, NULL, NULL);
}
