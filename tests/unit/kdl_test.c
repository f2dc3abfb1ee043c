// KDL 2.0: what each form says, what is refused and where; and that no damage to a document does more than a report.
#include "pkg/kdl.h"
#include "pkg/package.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

// ---- documents as text ---------------------------------------------------------------------------------------------

static void write_string(Buffer *out, Text text) {
    buffer_json_string(out, text);
}

static void write_value(Buffer *out, const KdlValue *value) {
    if (value->has_type) {
        buffer_char(out, '(');
        write_string(out, value->type);
        buffer_char(out, ')');
    }
    switch (value->kind) {
    case KDL_STRING: write_string(out, value->text); break;
    case KDL_NUMBER:
        if (value->is_integer)
            buffer_printf(out, "%lld", (long long)value->integer);
        else
            buffer_printf(out, "~%g", value->number);
        break;
    case KDL_BOOL: buffer_cstr(out, value->boolean ? "#true" : "#false"); break;
    case KDL_NULL: buffer_cstr(out, "#null"); break;
    }
}

static void write_nodes(Buffer *out, const KdlNodes *nodes) {
    for (uint32_t i = 0; i < nodes->count; i++) {
        const KdlNode *node = &nodes->items[i];
        if (i)
            buffer_cstr(out, "; ");
        if (node->has_type) {
            buffer_char(out, '(');
            write_string(out, node->type);
            buffer_char(out, ')');
        }
        buffer_text(out, node->name);
        for (uint32_t j = 0; j < node->arg_count; j++) {
            buffer_char(out, ' ');
            write_value(out, &node->args[j]);
        }
        for (uint32_t j = 0; j < node->prop_count; j++) {
            buffer_char(out, ' ');
            buffer_text(out, node->props[j].name);
            buffer_char(out, '=');
            write_value(out, &node->props[j].value);
        }
        if (node->has_children) {
            buffer_cstr(out, " {");
            write_nodes(out, &node->children);
            buffer_char(out, '}');
        }
    }
}

// The document as text, or "CODE line:column" of its one report.
static void read_document(Text text, Buffer *out) {
    Arena *arena = arena_new();
    Diags *diags = diags_new(arena);
    FileId file = diags_add_source(diags, "d", arena_text(arena, text));
    KdlNodes nodes;
    out->count = 0;
    if (kdl_parse(diags, arena, file, &nodes)) {
        assert_int_equal(diags_error_count(diags), 0);
        write_nodes(out, &nodes);
    } else {
        assert_int_equal(diags_error_count(diags), 1);
        Buffer json = {0};
        diags_render(diags, (RenderOptions){0}, &json);
        buffer_char(&json, 0);
        const char *arrow = strstr(json.items, "--> d:");
        assert_non_null(arrow);
        buffer_printf(out, "%.5s %.*s", json.items + 6, (int)strcspn(arrow + 6, "\n"), arrow + 6);
        vec_free(&json);
    }
    buffer_char(out, 0);
    diags_free(diags);
    arena_free(arena);
}

typedef struct {
    const char *document, *expected;
} Case;

static void run_cases(const Case *cases, size_t count) {
    Buffer out = {0};
    for (size_t i = 0; i < count; i++) {
        read_document(text_of(cases[i].document), &out);
        if (strcmp(out.items, cases[i].expected) != 0)
            fail_msg("of <%s>: <%s>, not <%s>", cases[i].document, out.items, cases[i].expected);
    }
    vec_free(&out);
}

#define RUN_CASES(cases) run_cases((cases), sizeof(cases) / sizeof *(cases))

static void nodes_and_entries(void **state) {
    (void)state;
    static const Case CASES[] = {
        {"", ""},
        {"\xEF\xBB\xBF"
         "a",
         "a"},
        {"a", "a"},
        {"a;b\nc", "a; b; c"},
        {"a 1 2 k=3 x=y", "a 1 2 k=3 x=\"y\""},
        {"a k=1 k=2", "a k=2"},
        {"a k = 1", "a k=1"},
        {"\"two words\" 1", "two words 1"},
        {"a { b 1; c }", "a {b 1; c}"},
        {"a {\n b\n}\n", "a {b}"},
        {"a{b}", "a {b}"},
        {"a {}", "a {}"},
        {"(t)a (u8)1 k=(f)2", "(\"t\")a (\"u8\")1 k=(\"f\")2"},
        {"( t ) a ( u ) 1", "(\"t\")a (\"u\")1"},
        {"(\"\")a", "(\"\")a"},
        {"a \\\n  1", "a 1"},
        {"a \\ // why\n  1", "a 1"},
        {"a \\", "a"},
        {"a /* b */ 1 // c\nd", "a 1; d"},
        {"a /* b /* c */ */ 1", "a 1"},
        {"a/* b */1", "a 1"},
        {"/- a 1 { b }\nc", "c"},
        {"/-\n // x\n a\nc", "c"},
        {"a /- 1 2 /- k=3 m=4", "a 2 m=4"},
        {"a /- { b } { c } /- { d }", "a {c}"},
        {"a 1/-2 3", "a 1 3"},
        {"a { /- b\n c }", "a {c}"},
        {"/- kdl-version 2\na", "a"},
        {"a\r\nb\rc\xC2\x85"
         "d\xE2\x80\xA8"
         "e",
         "a; b; c; d; e"},
        {"a\xC2\xA0"
         "1\xE3\x80\x80"
         "2",
         "a 1 2"},
        {"- 1", "- 1"},
        {"-- 1", "-- 1"},
        {".md +.x -.", ".md \"+.x\" \"-.\""},
        {"a,b:c<d> 1", "a,b:c<d> 1"},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
    };
    RUN_CASES(CASES);
}

static void values(void **state) {
    (void)state;
    static const Case CASES[] = {
        {"a #true #false #null", "a #true #false #null"},
        {"a #inf #-inf #nan", "a ~inf ~-inf ~nan"},
        {"a 0 -1 +2 1_000", "a 0 -1 2 1000"},
        {"a 0xFf 0o17 0b1_0 -0x10", "a 255 15 2 -16"},
        {"a 1.5 1e3 1.5E-2 1_0.0_1", "a ~1.5 ~1000 ~0.015 ~10.01"},
        {"a 9223372036854775807 9223372036854775808", "a 9223372036854775807 ~9.22337e+18"},
        {"a 0x10000000000000000", "a ~1.84467e+19"},
        {"a \"x\\n\\t\\\\\\\"\\b\\f\\r\\s\\u{41}\\u{1F600}\"",
         "a \"x\\n\\t\\\\\\\"\\u0008\\u000c\\r A\xF0\x9F\x98\x80\""},
        {"a \"x\\   \n  y\"", "a \"xy\""},
        {"a \"\"", "a \"\""},
        {"a #\"x\\n\"y\"#", "a \"x\\\\n\\\"y\""},
        {"a ##\"\"#\"##", "a \"\\\"#\""},
        {"a #\"\"#", "a \"\""},
        {"a \"\"\"\n  x\n    y\n\n  z\n  \"\"\"", "a \"x\\n  y\\n\\nz\""},
        {"a \"\"\"\n\"\"\"", "a \"\""},
        {"a \"\"\"\n\n\"\"\"", "a \"\""},
        {"a \"\"\"\n\n\n\"\"\"", "a \"\\n\""},
        {"a \"\"\"\r\n  x\r\n  y\r\n  \"\"\"", "a \"x\\ny\""},
        {"a \"\"\"\n  x \\\n   y\n  \"\"\"", "a \"x y\""},
        {"a \"\"\"\n  x\\n\\\"\"\"\"\"\n  \"\"\"", "E0942 2:8"},
        {"a \"\"\"\n  x\\\"\"\" y\"\"z\n  \"\"\"", "a \"x\\\"\\\"\\\" y\\\"\\\"z\""},
        {"a \"\"\"\n  x\n  y \\\n  \"\"\"", "E0942 4:3"},
        {"a \"\"\"\n  x\n  \\   \"\"\"", "a \"x\""},
        {"a #\"\"\"\n  \\n \"\"\"\n  \"\"\"#", "a \"\\\\n \\\"\\\"\\\"\""},
        {"a \"\"\"\n  x\n   \n  \"\"\"", "a \"x\\n\""},
    };
    RUN_CASES(CASES);
}

static void mistakes(void **state) {
    (void)state;
    static const Case CASES[] = {
        {"a \"x", "E0941 1:3"},
        {"a \"x\ny\"", "E0941 1:3"},
        {"a #\"x\"", "E0941 1:3"},
        {"a #\"x\ny\"#", "E0941 1:3"},
        {"a \"\"\"\nx", "E0941 1:3"},
        {"a /* x", "E0941 1:3"},
        {"a {", "E0941 1:3"},
        {"a { b", "E0941 1:3"},
        {"a \"\\q\"", "E0942 1:4"},
        {"a \"\\u{}\"", "E0942 1:4"},
        {"a \"\\u{1234567}\"", "E0942 1:4"},
        {"a \"\\u{D800}\"", "E0942 1:4"},
        {"a \"\\u{110000}\"", "E0942 1:4"},
        {"a \"\\u41\"", "E0942 1:4"},
        {"a \"\"\"x\"\"\"", "E0942 1:3"},
        {"a \"\"\"\n  x\"\"\"", "E0942 2:4"},
        {"a \"\"\"\n  x\n y\n  \"\"\"", "E0942 3:1"},
        {"a \"\"\"\n\tx\n  y\n\t\"\"\"", "E0942 3:1"},
        {"a true", "E0943 1:3"},
        {"null 1", "E0943 1:1"},
        {"a -inf", "E0943 1:3"},
        {"a #yes", "E0943 1:3"},
        {"a #", "E0943 1:3"},
        {"a .5", "E0943 1:3"},
        {"a -.5", "E0943 1:3"},
        {"a 1.", "E0943 1:3"},
        {"a 1.0v2", "E0943 1:3"},
        {"a 0x", "E0943 1:3"},
        {"a 0x_1", "E0943 1:3"},
        {"a 0b12", "E0943 1:3"},
        {"a 1e", "E0943 1:3"},
        {"a 1._0", "E0943 1:3"},
        {"1a", "E0943 1:1"},
        {"}", "E0940 1:1"},
        {"a }", "E0940 1:3"},
        {";", "E0940 1:1"},
        {"a;;", "E0940 1:3"},
        {"a {} 1", "E0940 1:6"},
        {"a {} {}", "E0940 1:6"},
        {"a /- {} 1", "E0940 1:9"},
        {"a \"x\"\"y\"", "E0940 1:6"},
        {"a \"x\"1", "E0940 1:6"},
        {"a 1=2", "E0940 1:4"},
        {"a (t)k=2", "E0940 1:7"},
        {"a k=", "E0940 1:5"},
        {"a =1", "E0940 1:3"},
        {"a k=/-1 2", "E0940 1:5"},
        {"a (t", "E0940 1:3"},
        {"a (1)2", "E0943 1:4"},
        {"(t)", "E0940 1:4"},
        {"a [1]", "E0940 1:3"},
        {"a \\ b", "E0940 1:3"},
        {"/-", "E0940 1:3"},
        {"a {/-}", "E0940 1:6"},
        {"/- kdl-version 1\na", "E0940 1:16"},
        {"a \x01", "E0945 1:3"},
        {"a \xFF", "E0945 1:3"},
        {"a \xEF\xBB\xBF", "E0945 1:3"},
        {"// \xE2\x80\xAE", "E0945 1:4"},
    };
    RUN_CASES(CASES);
}

static void nesting_is_bounded(void **state) {
    (void)state;
    Buffer document = {0}, out = {0};
    for (int i = 0; i < 64; i++)
        buffer_cstr(&document, "a {");
    for (int i = 0; i < 64; i++)
        buffer_char(&document, '}');
    read_document(buffer_view(&document), &out);
    assert_int_equal(out.items[0], 'a');
    document.count = 0;
    for (int i = 0; i < 100000; i++)
        buffer_cstr(&document, "a {");
    read_document(buffer_view(&document), &out);
    assert_memory_equal(out.items, "E0944", 5);
    document.count = 0;
    buffer_cstr(&document, "a ");
    for (int i = 0; i < 100000; i++)
        buffer_cstr(&document, "/*");
    read_document(buffer_view(&document), &out);
    assert_memory_equal(out.items, "E0941", 5);
    vec_free(&document);
    vec_free(&out);
}

// Every cut, and many changes of single bytes, of a document that has everything.
static void damage_is_reported(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text whole;
    assert_true(os_read_file(arena, "tests/fuzz/corpus/everything.kdl", 1u << 20, &whole).ok);
    Buffer out = {0}, copy = {0};
    read_document(whole, &out);
    assert_memory_equal(out.items, "package", 7);
    for (size_t size = 0; size < whole.size; size++)
        read_document((Text){whole.data, size}, &out);
    static const char BYTES[] = "\"#\\/-{}()=;\n 1a\xFF\xE2\0";
    for (size_t at = 0; at < whole.size; at++) {
        for (size_t i = 0; i < sizeof BYTES - 1; i++) {
            copy.count = 0;
            buffer_text(&copy, whole);
            copy.items[at] = BYTES[i];
            read_document(buffer_view(&copy), &out);
        }
    }
    vec_free(&out);
    vec_free(&copy);
    arena_free(arena);
}

// ---- versions and licenses -----------------------------------------------------------------------------------------

static void versions(void **state) {
    (void)state;
    static const char *const GOOD[] = {"0.1.0", "1.2.3-rc.1+build.05", "10.20.30", "1.0.0-0.a.-", "1.0.0+001"};
    static const char *const BAD[] = {"",
                                      "1",
                                      "1.2",
                                      "1.2.3.4",
                                      "01.2.3",
                                      "1.2.3-",
                                      "1.2.3-01",
                                      "1.2.3-a..b",
                                      "v1.2.3",
                                      "1.2.3 ",
                                      "99999999999999999999.0.0",
                                      "1.2.3+"};
    const char *why;
    Text bad;
    Version version;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        assert_true(version_parse(text_of(GOOD[i]), &version, &why, &bad));
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(version_parse(text_of(BAD[i]), &version, &why, &bad));
    assert_true(version_parse(TEXT("1.2.3-rc.1+x"), &version, &why, &bad));
    assert_true(version.major == 1 && version.minor == 2 && version.patch == 3);
    assert_true(text_equal(version.pre, TEXT("rc.1")) && text_equal(version.build, TEXT("x")));
    static const char *const WANTED[] = {"1", "1.2", "^1.2.3", "~1.2", ">=1.2, <2", "=1.0.0-rc.1", "> 1 , <= 3"};
    static const char *const UNWANTED[] = {"", "^", "1,", "x", ">=1 <2", "==1", "1.2.x"};
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++)
        assert_true(version_check_requirement(text_of(WANTED[i]), &why, &bad));
    for (size_t i = 0; i < sizeof UNWANTED / sizeof *UNWANTED; i++)
        assert_false(version_check_requirement(text_of(UNWANTED[i]), &why, &bad));
}

static void licenses(void **state) {
    (void)state;
    static const char *const GOOD[] = {"MIT",
                                       "Apache-2.0 OR MIT",
                                       "(MIT AND BSD-3-Clause) OR GPL-2.0+",
                                       "GPL-2.0-only WITH Classpath-exception-2.0",
                                       "LicenseRef-Ours",
                                       "mit"};
    static const char *const BAD[] = {"",     "OR",   "MIT OR",         "MIT Apache-2.0",
                                      "(MIT", "MIT)", "MIT/Apache-2.0", "MIT, BSD"};
    const char *why;
    Text bad, unknown;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        assert_true(license_check(text_of(GOOD[i]), &why, &bad, &unknown) && !unknown.size);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(license_check(text_of(BAD[i]), &why, &bad, &unknown));
    assert_true(license_check(TEXT("MIT OR Apache2"), &why, &bad, &unknown));
    assert_true(text_equal(unknown, TEXT("Apache2")));
    assert_string_equal(license_nearest(TEXT("Apache-2")), "Apache-2.0");
    Buffer deep = {0};
    for (int i = 0; i < 100000; i++)
        buffer_char(&deep, '(');
    assert_false(license_check(buffer_view(&deep), &why, &bad, &unknown));
    vec_free(&deep);
}

static void names(void **state) {
    (void)state;
    static const char *const GOOD[] = {"a", "word_count", "json2"};
    static const char *const BAD[] = {"", "Word", "2a", "_a", "a-b", "a.b", "std", "match", "main", "\xC3\xA4"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        assert_null(package_name_problem(text_of(GOOD[i])));
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_non_null(package_name_problem(text_of(BAD[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_and_entries),  cmocka_unit_test(values),
        cmocka_unit_test(mistakes),           cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(damage_is_reported), cmocka_unit_test(versions),
        cmocka_unit_test(licenses),           cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
