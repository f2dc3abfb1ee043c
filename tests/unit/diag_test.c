#include "diag/diag.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct {
    Arena *arena;
    Diags *diags;
    FileId file;
    const char *content;
    Buffer out;
} Fixture;

static Fixture begin(const char *content) {
    Fixture f = {.arena = arena_new(), .content = content};
    f.diags = diags_new(f.arena);
    f.file = diags_add_source(f.diags, "a.jan", text_of(content));
    return f;
}

static void end(Fixture *f) {
    vec_free(&f->out);
    diags_free(f->diags);
    arena_free(f->arena);
}

// The span of the first place where `part` stands.
static Span span_of(const Fixture *f, const char *part) {
    const char *at = strstr(f->content, part);
    assert_non_null(at);
    uint32_t start = (uint32_t)(at - f->content);
    return (Span){f->file, start, start + (uint32_t)strlen(part)};
}

static void assert_rendered(Fixture *f, RenderOptions options, const char *expected) {
    f->out.count = 0;
    diags_render(f->diags, options, &f->out);
    buffer_char(&f->out, 0);
    assert_string_equal(f->out.items, expected);
}

static void positions_count_scalars(void **state) {
    (void)state;
    Fixture f = begin("ab\nh\xC3\xA9llo\n\n");
    const Source *source = diags_source(f.diags, f.file);
    assert_int_equal(source->line_starts.count, 4);
    uint32_t line, column;
    source_position(source, 0, &line, &column);
    assert_true(line == 1 && column == 1);
    source_position(source, 2, &line, &column);
    assert_true(line == 1 && column == 3);
    source_position(source, 6, &line, &column);
    assert_true(line == 2 && column == 3);
    source_position(source, 100, &line, &column);
    assert_true(line == 4 && column == 1);
    end(&f);
}

static void renders_labels_notes_helps_and_fixes(void **state) {
    (void)state;
    Fixture f = begin("let s = \"a\"\n\tlet n: i64 = s\n");
    Report *report =
        diag_report(f.diags, DIAG_E0001, span_of(&f, "s\n"), "an i64 is expected, but `%s` is a String", "s");
    report_label(report, "this is a String");
    report_note(report, span_of(&f, "\"a\""), "it was given its value here");
    report_note(report, (Span){0}, "numbers and texts are not converted by themselves");
    report_help(report, "use parse to read a number");
    report_fix(report, span_of(&f, "i64"), TEXT("String"), "declare it as a String");
    assert_rendered(&f, (RenderOptions){0},
                    "error[E0001]: an i64 is expected, but `s` is a String\n"
                    "  --> a.jan:2:15\n"
                    "   |\n"
                    " 2 |     let n: i64 = s\n"
                    "   |                  ^ this is a String\n"
                    "note: it was given its value here\n"
                    "  --> a.jan:1:9\n"
                    "   |\n"
                    " 1 | let s = \"a\"\n"
                    "   |         ---\n"
                    "note: numbers and texts are not converted by themselves\n"
                    "help: use parse to read a number\n"
                    "help: declare it as a String\n"
                    "   |\n"
                    " 2 -     let n: i64 = s\n"
                    " 2 +     let n: String = s\n"
                    "\n"
                    "1 error\n");
    end(&f);
}

static void wide_and_unsafe_text_keeps_its_columns(void **state) {
    (void)state;
    Fixture f = begin("日本 \x1b[2J\xff x\n");
    report_label(diag_report(f.diags, DIAG_E0001, span_of(&f, "x"), "an \x1b escape"), "here");
    assert_rendered(&f, (RenderOptions){0},
                    "error[E0001]: an \xEF\xBF\xBD escape\n"
                    "  --> a.jan:1:10\n"
                    "   |\n"
                    " 1 | 日本 \xEF\xBF\xBD[2J\xEF\xBF\xBD x\n"
                    "   |            ^ here\n"
                    "\n"
                    "1 error\n");
    end(&f);
}

static void spans_of_several_lines_show_first_and_last(void **state) {
    (void)state;
    Fixture f = begin("if a\n  b\n  c\nend\n");
    report_label(diag_report(f.diags, DIAG_E0001, (Span){f.file, 3, 16}, "too long"), "until here");
    assert_rendered(&f, (RenderOptions){0},
                    "error[E0001]: too long\n"
                    "  --> a.jan:1:4\n"
                    "   |\n"
                    " 1 | if a\n"
                    "   |    ^\n"
                    "...\n"
                    " 4 | end\n"
                    "   | ^^^ until here\n"
                    "\n"
                    "1 error\n");
    end(&f);
}

static void reports_are_sorted_and_unique(void **state) {
    (void)state;
    Fixture f = begin("one two three\n");
    FileId other = diags_add_source(f.diags, "b.jan", TEXT("x\n"));
    diag_report(f.diags, DIAG_E0001, (Span){other, 0, 1}, "fourth");
    diag_report(f.diags, DIAG_E0001, span_of(&f, "three"), "third");
    diag_report(f.diags, DIAG_E0001, span_of(&f, "one"), "first");
    diag_report(f.diags, DIAG_E0001, span_of(&f, "two"), "second");
    diag_report(f.diags, DIAG_E0001, span_of(&f, "two"), "again");
    assert_int_equal(diags_report_count(f.diags), 4);
    assert_int_equal(diags_error_count(f.diags), 4);
    f.out.count = 0;
    diags_render(f.diags, (RenderOptions){0}, &f.out);
    buffer_char(&f.out, 0);
    const char *at = f.out.items;
    const char *order[] = {"first", "second", "third", "fourth", "4 errors"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        assert_non_null(at);
    }
    assert_null(strstr(f.out.items, "again"));
    assert_true(diags_has_error_in(f.diags, span_of(&f, "one two")));
    assert_true(diags_has_error_in(f.diags, span_of(&f, "two")));
    assert_true(diags_has_error_in(f.diags, span_of(&f, "wo three")));
    assert_false(diags_has_error_in(f.diags, span_of(&f, "wo")));
    end(&f);
}

static void limits_and_long_lines(void **state) {
    (void)state;
    static char line[400001];
    memset(line, 'x', sizeof line - 1);
    Fixture f = begin(line);
    for (uint32_t i = 0; i < 200000; i++)
        diag_report(f.diags, DIAG_E0001, (Span){f.file, i * 2, i * 2 + 1}, "x");
    diags_render(f.diags, (RenderOptions){.limit = 2}, &f.out);
    buffer_char(&f.out, 0);
    assert_true(f.out.count < 2000);
    assert_non_null(strstr(f.out.items, "199998 more not shown\n200000 errors\n"));
    f.out.count = 0;
    diags_render(f.diags, (RenderOptions){.json = true}, &f.out);
    assert_true(f.out.count > 200000 * 50);
    end(&f);
}

static void json_is_complete(void **state) {
    (void)state;
    Fixture f = begin("h\xC3\xA9 x\n");
    Report *report = diag_report(f.diags, DIAG_E0001, span_of(&f, "x"), "say \"x\"");
    report_label(report, "here");
    report_note(report, (Span){0}, "a note");
    report_help(report, "help");
    report_fix(report, span_of(&f, "x"), TEXT("y"), "write y");
    assert_rendered(&f, (RenderOptions){.json = true},
                    "[{\"code\":\"E0001\",\"severity\":\"error\",\"message\":\"say \\\"x\\\"\",\"file\":\"a.jan\","
                    "\"line\":1,\"column\":4,\"end_line\":1,\"end_column\":5,\"start\":4,\"end\":5,\"label\":\"here\","
                    "\"notes\":[{\"message\":\"a note\",\"file\":null,\"line\":0,\"column\":0,\"end_line\":0,"
                    "\"end_column\":0,\"start\":0,\"end\":0}],\"help\":[\"help\"],\"fixes\":[{\"title\":\"write y\","
                    "\"file\":\"a.jan\",\"line\":1,\"column\":4,\"end_line\":1,\"end_column\":5,\"start\":4,\"end\":5,"
                    "\"replacement\":\"y\"}]}]\n");
    end(&f);
}

static void an_empty_file_has_a_place_too(void **state) {
    (void)state;
    Fixture f = begin("");
    diag_report(f.diags, DIAG_E0001, (Span){f.file, 0, 0}, "nothing here");
    diag_report(f.diags, DIAG_E0001, (Span){0}, "no place");
    assert_rendered(&f, (RenderOptions){0},
                    "error[E0001]: no place\n"
                    "\n"
                    "error[E0001]: nothing here\n"
                    "  --> a.jan:1:1\n"
                    "   |\n"
                    " 1 |\n"
                    "   | ^\n"
                    "\n"
                    "2 errors\n");
    end(&f);
}

static void fixes_of_lines_show_only_the_change(void **state) {
    (void)state;
    Fixture f = begin("a\nb\nc\n");
    Report *report = diag_report(f.diags, DIAG_E0001, span_of(&f, "b"), "x");
    report_fix(report, (Span){f.file, 2, 2}, TEXT("import std.fs\n"), "import it");
    assert_rendered(&f, (RenderOptions){0},
                    "error[E0001]: x\n"
                    "  --> a.jan:2:1\n"
                    "   |\n"
                    " 2 | b\n"
                    "   | ^\n"
                    "help: import it\n"
                    "   |\n"
                    " 2 + import std.fs\n"
                    "\n"
                    "1 error\n");
    end(&f);
}

static void codes_are_found_by_name(void **state) {
    (void)state;
    DiagCode code;
    assert_true(diag_code_find(TEXT("e0001"), &code));
    assert_int_equal(code, DIAG_E0001);
    assert_string_equal(diag_code_name(code), "E0001");
    assert_false(diag_code_find(TEXT("E9999"), &code));
    assert_false(diag_code_find(TEXT(""), &code));
    for (uint32_t i = 0; i < DIAG_CODE_COUNT; i++) {
        const char *name = diag_code_name((DiagCode)i);
        assert_int_equal(strlen(name), 5);
        assert_true(name[0] == (diag_code_severity((DiagCode)i) == SEVERITY_ERROR ? 'E' : 'W'));
        assert_true(*diag_code_title((DiagCode)i));
        // Sorted: E before W, then by number.
        assert_true(i == 0 || strcmp(diag_code_name((DiagCode)(i - 1)), name) < 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_count_scalars),
        cmocka_unit_test(renders_labels_notes_helps_and_fixes),
        cmocka_unit_test(wide_and_unsafe_text_keeps_its_columns),
        cmocka_unit_test(spans_of_several_lines_show_first_and_last),
        cmocka_unit_test(reports_are_sorted_and_unique),
        cmocka_unit_test(limits_and_long_lines),
        cmocka_unit_test(json_is_complete),
        cmocka_unit_test(an_empty_file_has_a_place_too),
        cmocka_unit_test(fixes_of_lines_show_only_the_change),
        cmocka_unit_test(codes_are_found_by_name),
    };
    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
