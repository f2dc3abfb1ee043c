// The formatter: each construct's expected layout (tests/fmt), and what must hold of every file of the repository: the
// tree and the comments stay, and formatting again changes nothing. Runs in the root of the repository.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "syntax/format.h"
#include "syntax/syntax.h"

typedef struct {
    Arena *arena;
    Interner *symbols;
    Diags *diags;
} World;

static World world_new(void) {
    Arena *arena = arena_new();
    return (World){arena, interner_new(arena), diags_new(arena)};
}

static void world_free(World *w) {
    interner_free(w->symbols);
    diags_free(w->diags);
    arena_free(w->arena);
}

static Text format(World *w, const char *name, Text source, FormatOutcome *outcome) {
    Buffer out = {0};
    *outcome = syntax_format(w->diags, w->symbols, w->arena, diags_add_source(w->diags, name, source), &out);
    Text result = arena_text(w->arena, buffer_view(&out));
    vec_free(&out);
    return result;
}

// The printed tree, with the spellings that the formatter chooses.
static Text print_tree(World *w, const char *name, Text source) {
    static const struct {
        const char *from, *to;
    } spellings[] = {
        {" RANGE ..<", " RANGE .."},
        {"PAT_WILD else", "PAT_WILD _"},
        {"ARM else", "ARM _"},
        {"TYPE_OPTIONAL ?\?", "TYPE_OPTIONAL ?"},
    };
    enum { COUNT = sizeof spellings / sizeof spellings[0] };
    const Ast *ast = syntax_parse(w->diags, w->symbols, w->arena, diags_add_source(w->diags, name, source));
    Buffer out = {0}, result = {0};
    ast_print(ast, w->symbols, &out);
    Text rest = buffer_view(&out);
    while (rest.size > 0) {
        size_t taken = 1;
        for (size_t i = 0; i < COUNT && taken == 1; i++) {
            if (!text_starts_with(rest, text_of(spellings[i].from)))
                continue;
            taken = strlen(spellings[i].from);
            buffer_cstr(&result, spellings[i].to);
        }
        if (taken == 1)
            buffer_char(&result, rest.data[0]);
        rest = (Text){rest.data + taken, rest.size - taken};
    }
    Text tree = arena_text(w->arena, buffer_view(&result));
    vec_free(&out);
    vec_free(&result);
    return tree;
}

static void fail_at(const char *name, const char *what) {
    print_error("%s: %s\n", name, what);
    fail();
}

static void fail_with(const char *name, const char *what, Text source) {
    OsResult result = os_write_file("build/format_failed.jan", source, false);
    if (result.ok)
        print_error("the source is in build/format_failed.jan\n");
    fail_at(name, what);
}

// False if the source has errors.
static bool check_source(const char *name, Text source) {
    World w = world_new();
    FormatOutcome outcome;
    Text first = format(&w, name, source, &outcome);
    bool is_good = outcome != FORMAT_ERRORS;
    if (outcome == FORMAT_FAILED)
        fail_with(name, "formatting would change it", source);
    if (is_good) {
        Text second = format(&w, name, first, &outcome);
        if (outcome != FORMAT_DONE || !text_equal(first, second))
            fail_with(name, "formatting again changes it", source);
        if (!text_equal(print_tree(&w, name, source), print_tree(&w, name, first)))
            fail_with(name, "the trees differ", source);
    }
    world_free(&w);
    return is_good;
}

// ---- the files of the repository ------------------------------------------------------------------------------------

static Text read_file(Arena *arena, const char *path) {
    Text content;
    OsResult result = os_read_file(arena, path, 1u << 26, &content);
    if (!result.ok)
        fail_at(path, result.message);
    return content;
}

// Code blocks of a page.
static uint32_t check_page(const char *path, Text page) {
    uint32_t count = 0;
    const char *at = page.data, *end = page.data + page.size, *start = NULL;
    while (at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        next = next ? next + 1 : end;
        if (start && end - at >= 3 && memcmp(at, "```", 3) == 0) {
            count += check_source(path, (Text){start, (size_t)(at - start)});
            start = NULL;
        } else if (end - at >= 8 && memcmp(at, "```janus", 8) == 0) {
            start = next;
        }
        at = next;
    }
    return count;
}

static uint32_t check_folder(const char *folder) {
    Arena *arena = arena_new();
    Text *names;
    uint32_t count, checked = 0;
    OsResult result = os_list_folder(arena, folder, &names, &count);
    if (!result.ok)
        fail_at(folder, result.message);
    for (uint32_t i = 0; i < count; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, names[i].data).data;
        if (os_is_folder(path))
            checked += check_folder(path);
        else if (text_ends_with(names[i], TEXT(".jan")))
            checked += check_source(path, read_file(arena, path));
        else if (text_ends_with(names[i], TEXT(".md")))
            checked += check_page(path, read_file(arena, path));
    }
    arena_free(arena);
    return checked;
}

static void test_repository(void **state) {
    (void)state;
    static const char *const folders[] = {"lib", "examples", "bench", "tests/lang", "tests/fmt", "docs"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        assert_true(check_folder(folders[i]) > 0);
}

// ---- disturbed programs ---------------------------------------------------------------------------------------------

static uint32_t next_random(uint64_t *state, uint32_t below) {
    *state = hash_u64(*state + 1);
    return (uint32_t)(*state >> 33) % below;
}

// The same program with other blanks, line breaks and comments here and there, and with longer names. Some of these
// are none any more: those are passed over.
static void disturb(const char *name, Text source, uint64_t *state, Buffer *out) {
    static const char *const gaps[] = {" ", "\n", " // c\n", " /* c */ ", "\n\n// c\n\n", "", "\n/* a\n b */\n", "  "};
    static const char *const suffixes[] = {"", "_0123456789", "_0123456789012345678901234567890123456789"};
    World w = world_new();
    const Ast *ast = syntax_parse(w.diags, w.symbols, w.arena, diags_add_source(w.diags, name, source));
    uint32_t often = 4 + next_random(state, 200), lengthen = next_random(state, 3), at = 0;
    for (uint32_t i = 1; i < ast->token_count; i++) {
        TokenKind kind = ast_token_kind(ast, (TokenId){i});
        if (kind == TOK_NEWLINE)
            continue;
        bool is_string = kind >= TOK_INTERP_BEGIN && kind <= TOK_INTERP_END;
        if (next_random(state, often) == 0 && !is_string && i > 1)
            buffer_cstr(out, gaps[next_random(state, sizeof gaps / sizeof gaps[0])]);
        buffer_text(out, (Text){source.data + at, ast->token_ends[i] - at});
        Text text = ast_token_text(ast, (TokenId){i});
        if (kind == TOK_NAME && text.size > 1 && !text_equal(text, TEXT("test")))
            buffer_cstr(out, suffixes[lengthen]);
        at = ast->token_ends[i];
    }
    world_free(&w);
}

static uint32_t check_disturbed(const char *name, Text source, uint64_t *state) {
    uint32_t checked = 0;
    for (uint32_t round = 0; round < 6; round++) {
        Buffer out = {0};
        disturb(name, source, state, &out);
        checked += check_source(name, buffer_view(&out));
        vec_free(&out);
    }
    return checked;
}

static uint32_t disturb_folder(const char *folder, uint64_t *state) {
    Arena *arena = arena_new();
    Text *names;
    uint32_t count, checked = 0;
    assert_true(os_list_folder(arena, folder, &names, &count).ok);
    for (uint32_t i = 0; i < count; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, names[i].data).data;
        if (os_is_folder(path))
            checked += disturb_folder(path, state);
        else if (text_ends_with(names[i], TEXT(".jan")))
            checked += check_disturbed(path, read_file(arena, path), state);
    }
    arena_free(arena);
    return checked;
}

// FORMAT_SEED disturbs in another way.
static void test_disturbed(void **state) {
    (void)state;
    const char *text = os_getenv("FORMAT_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 1;
    uint32_t checked = disturb_folder("tests/fmt", &seed) + disturb_folder("tests/lang", &seed);
    assert_true(checked > 1000);
}

// ---- expected layouts -----------------------------------------------------------------------------------------------

// tests/fmt/NAME.jan becomes tests/fmt/NAME.fmt.
static void test_layouts(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text *names;
    uint32_t count;
    assert_true(os_list_folder(arena, "tests/fmt", &names, &count).ok);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!text_ends_with(names[i], TEXT(".jan")))
            continue;
        World w = world_new();
        FormatOutcome outcome;
        int base = (int)names[i].size - 4;
        const char *path = arena_printf(arena, "tests/fmt/%s", names[i].data).data;
        Text result = format(&w, path, read_file(arena, path), &outcome);
        Text expected = read_file(arena, arena_printf(arena, "tests/fmt/%.*s.fmt", base, names[i].data).data);
        if (outcome != FORMAT_DONE || !text_equal(result, expected)) {
            print_error("%s is laid out otherwise than %.*s.fmt says:\n%.*s\n", path, base, names[i].data,
                        TEXT_ARG(result));
            wrong++;
        }
        world_free(&w);
    }
    arena_free(arena);
    assert_int_equal(wrong, 0);
}

// ---- what counts as a change ----------------------------------------------------------------------------------------

static bool same(const char *a, const char *b) {
    World w = world_new();
    const Ast *left = syntax_parse(w.diags, w.symbols, w.arena, diags_add_source(w.diags, "a", text_of(a)));
    const Ast *right = syntax_parse(w.diags, w.symbols, w.arena, diags_add_source(w.diags, "b", text_of(b)));
    bool result = syntax_same(left, right);
    world_free(&w);
    return result;
}

static void test_same(void **state) {
    (void)state;
    assert_true(same("const a = 1", "const  a\t= 1\n\n"));
    assert_true(same("func f() i64 do\n1 end", "func f() -> i64 do 1 end"));
    assert_true(same("impl A {}", "impl A do end"));
    assert_true(same("const a: ??i64 = 1 // x", "const a: ? ?i64 = 1\n// x"));
    assert_false(same("const a = 1", "const b = 1"));
    assert_false(same("const a = 1 + 2 * 3", "const a = (1 + 2) * 3"));
    assert_false(same("const a = \"x\"", "const a = \"y\""));
    assert_false(same("const a = 1 // x", "const a = 1"));
    assert_false(same("const a = 1 // x\n// y", "const a = 1 // y\n// x"));
    assert_false(same("const a = (1, 2)", "const a = [1, 2]"));
    assert_false(same("func f(a: i64) do end", "func f(mut a: i64) do end"));
    assert_false(same("pub func f() do end", "func f() do end"));
}

static void test_refuses_errors(void **state) {
    (void)state;
    World w = world_new();
    FormatOutcome outcome;
    assert_int_equal(format(&w, "a.jan", TEXT("func f( do end"), &outcome).size, 0);
    assert_int_equal(outcome, FORMAT_ERRORS);
    assert_int_equal(format(&w, "b.jan", TEXT(""), &outcome).size, 0);
    assert_int_equal(outcome, FORMAT_DONE);
    assert_int_equal(format(&w, "c.jan", TEXT(" \n\t\n"), &outcome).size, 0);
    assert_int_equal(outcome, FORMAT_DONE);
    Text marked = format(&w, "d.jan", TEXT("\xEF\xBB\xBF// a\r\nconst a = 1\r\n"), &outcome);
    assert_true(text_equal(marked, TEXT("// a\nconst a = 1\n")));
    world_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts), cmocka_unit_test(test_repository),     cmocka_unit_test(test_disturbed),
        cmocka_unit_test(test_same),    cmocka_unit_test(test_refuses_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
