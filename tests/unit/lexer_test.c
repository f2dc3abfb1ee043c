// Tokens: the line rules, literals of every form, and one report for each malformed one.
#include "tests/unit/syntax_world.h"

typedef struct {
    const char *source, *tokens, *reports;
} Case;

// A NEWLINE is shown as /.
static const Case good[] = {
    {"a +\nb", "a + b /", NULL},
    {"a\n.b", "a . b /", NULL},
    {"a\n|> b", "a |> b /", NULL},
    {"a\n?.b", "a ?. b /", NULL},
    {"f(\na\n)", "f ( a / ) /", NULL},
    {"x ?\ny", "x ? / y /", NULL},
    {"do\na\nend", "do a / end /", NULL},
    {"else\nif", "else / if /", NULL},
    {"a // c\nb", "a / b /", NULL},
    {"a /* x /* y */ z\n*/ b", "a / b /", NULL},
    {"1..5", "int:1 .. int:5 /", NULL},
    {"1.5e3 1e5 1.abs 1_000 0xff_ff 0o17 0b1_0",
     "float:1.5e3 float:1e5 int:1 . abs int:1_000 int:0xff_ff int:0o17 int:0b1_0 /", NULL},
    {"t.0.1", "t . int:0 . int:1 /", NULL},
    {"5s 250ms 10us 3ns 2m 1h", "duration:5s duration:250ms duration:10us duration:3ns duration:2m duration:1h /",
     NULL},
    {"'a' '\\n' '\\u{1F600}' '\\'' 'é'", "char:'a' char:'\\n' char:'\\u{1F600}' char:'\\'' char:'é' /", NULL},
    {"\"a\\\"b\" r\"a\\b\" b\"x\\xff\"", "string:\"a\\\"b\" string:r\"a\\b\" bytes:b\"x\\xff\" /", NULL},
    {"\"\"\"\n  a\n  \"\"\"", "string:\"\"\"\n  a\n  \"\"\" /", NULL},
    {"$\"a{x:>5}b{y}\"", "begin:$\" text:a { x spec::>5 } text:b { y } finish:\" /", NULL},
    {"$\"{{}}\"", "begin:$\" text:{{}} finish:\" /", NULL},
    {"$\"{f(\"a\", $\"{b}\")}\"", "begin:$\" { f ( string:\"a\" , begin:$\" { b } finish:\" ) } finish:\" /", NULL},
    {"$\"{m[\"k\"]:x}\"", "begin:$\" { m [ string:\"k\" ] spec::x } finish:\" /", NULL},
    {"/// d\nfunc f\n//! m\n//// no", "doc:/// d func f / moddoc://! m", NULL},
    {"/* c */ /// d\n/* a\nb */ //! m\nf", "doc:/// d moddoc://! m f /", NULL},
    {"a /* c */ /// trailing\nb", "a / b /", NULL},
    {"a /// trailing\nb", "a / b /", NULL},
    {"{. pure .} {..a} {.5", "{. pure .} { .. a } {. int:5 /", NULL},
    {"a..<b a..=b a.<b", "a ..< b a ..= b a . < b /", NULL},
    {"a<<=b>>=c<<d**e++=f", "a <<= b >>= c << d ** e ++= f /", NULL},
    {"x.end self.self Self", "x . end self . self Self /", NULL},
    {"_ _a a_", "_ _a a_ /", NULL},
    {"? ?. ?"
     "? !",
     "? ?. ?"
     "? ! /",
     NULL},
    {"a,\nb", "a , b /", NULL},
    {"a\n// c\n/// d\n.b", "a / doc:/// d . b /", NULL},
};

// Reports by place; the parser adds E0127 for what stands outside of a function.
static const Case bad[] = {
    {"\"abc\nd", "string:\"abc / d /", "E0104@1:1"},
    {"$\"a {b\nc", "begin:$\" text:a  bad:{ b  finish: / c /", "E0108@1:5"},
    {"$\"a {b:x\nc", "begin:$\" text:a  bad:{ b spec::x  finish: / c /", "E0108@1:5"},
    {"/* a", "", "E0103@1:1"},
    {"\"\"\"a", "string:\"\"\"a /", "E0104@1:1"},
    {"'ab' 'a", "char:'ab' char:'a /", "E0106@1:1 E0106@1:6"},
    {"é größe x", "é größe x /", "E0102@1:1 E0102@1:3"},
    {"“a” b", "bad:“a” b /", "E0102@1:1"},
    {"1_ 0x 0b2 12ab 3i64 007 1.5s", "int:1_ int:0x int:0b2 int:12ab int:3i64 int:007 float:1.5s /",
     "E0107@1:1 E0107@1:4 E0107@1:9 E0107@1:13 E0107@1:17 E0107@1:21 E0107@1:25"},
    {"\"\\q\\x8g\\xff\\u{110000}\"", "string:\"\\q\\x8g\\xff\\u{110000}\" /",
     "E0105@1:2 E0105@1:4 E0105@1:8 E0105@1:12"},
    {"$\"a } {}\"", "begin:$\" text:a }  { } finish:\" /", "E0108@1:5"},
};

static void test_tokens(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        Parsed w = parse_text(good[i].source);
        assert_string_equal(shown_tokens(&w), good[i].tokens);
        assert_null(strstr(shown_reports(&w), "E010"));
        parsed_free(&w);
    }
}

static void test_malformed_tokens(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Parsed w = parse_text(bad[i].source);
        assert_string_equal(shown_tokens(&w), bad[i].tokens);
        char found[400] = "";
        for (char *word = strtok((char *)(uintptr_t)shown_reports(&w), " "); word; word = strtok(NULL, " "))
            if (strncmp(word, "E0127", 5) != 0)
                strcat(strcat(found, *found ? " " : ""), word);
        assert_string_equal(found, bad[i].reports);
        parsed_free(&w);
    }
}

static void test_bytes_that_are_no_text(void **state) {
    (void)state;
    static const char *const sources[] = {"let \xff", "\xc3", "\"\xed\xa0\x80\"", "\xf4\x90\x80\x80", "a \xc0\x80"};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        Parsed w = parse_text(sources[i]);
        assert_int_equal(diags_error_count(w.diags), 1);
        assert_non_null(strstr(shown_reports(&w), "E0101"));
        parsed_free(&w);
    }
}

static void test_invisible_characters(void **state) {
    (void)state;
    Parsed w = parse_bytes("func f() do\n    \0 g()\nend\n", 26);
    assert_string_equal(shown_reports(&w), "E0102@2:5");
    parsed_free(&w);
    w = parse_text("func f() do\n    g() // \xe2\x80\xae\nend\n");
    assert_string_equal(shown_reports(&w), "E0102@2:12");
    parsed_free(&w);
    w = parse_text("func f() do\n    g()\r    h()\nend\n");
    assert_non_null(strstr(shown_reports(&w), "E0102@2:8"));
    parsed_free(&w);
}

// A byte order mark, a line for the shell and CRLF are nothing to see.
static void test_line_ends(void **state) {
    (void)state;
    Parsed w = parse_text("\xef\xbb\xbf#!/usr/bin/env janus\r\nfunc f() do\r\n    g()\r\nend\r\n");
    assert_string_equal(shown_reports(&w), "");
    assert_string_equal(shown_tokens(&w), "func f ( ) do g ( ) / end /");
    parsed_free(&w);
    w = parse_text("");
    assert_string_equal(shown_reports(&w), "");
    parsed_free(&w);
}

static void test_emit(void **state) {
    (void)state;
    Parsed w = parse_text("func f() do\n    1\nend\n");
    Buffer out = {0};
    syntax_emit_tokens(w.diags, w.ast, &out);
    buffer_char(&out, '\0');
    assert_string_equal(out.items, "1:1 `func`\n1:6 name \"f\"\n1:7 (\n1:8 )\n1:10 `do`\n2:5 integer literal \"1\"\n"
                                   "2:6 end of line\n3:1 `end`\n3:4 end of line\n4:1 end of file\n");
    vec_free(&out);
    parsed_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_malformed_tokens),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_invisible_characters),
        cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_emit),
    };
    return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}
