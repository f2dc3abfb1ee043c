#include "base/base.h"

#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void arena_gives_zeroed_aligned_memory(void **state) {
    (void)state;
    Arena *arena = arena_new();
    for (size_t size = 1; size < 200000; size = size * 3 + 1) {
        for (size_t align = 1; align <= 64; align *= 2) {
            char *at = arena_alloc(arena, size, align);
            assert_int_equal((uintptr_t)at % align, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(at[i], 0);
            memset(at, 0xAA, size);
        }
    }
    Text text = arena_printf(arena, "%0300d", 7);
    assert_int_equal(text.size, 300);
    assert_int_equal(text.data[300], 0);
    arena_free(arena);
    arena_free(NULL);
}

static void vectors_grow(void **state) {
    (void)state;
    VecU32 v = {0};
    for (uint32_t i = 0; i < 10000; i++)
        vec_push(&v, i * 3);
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(v.items[i], i * 3);
    assert_int_equal(vec_pop(&v), 9999 * 3);
    assert_int_equal(vec_last(&v), 9998 * 3);
    vec_free(&v);
    assert_int_equal(v.count, 0);
    assert_null(v.items);
}

// Few items are copied into the arena, many stay in their block; the address sanitizer sees what is left over.
static void vectors_freeze_into_arenas(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const uint32_t counts[] = {0, 1, 1000, 16383, 16384, 1000000};
    const uint32_t *frozen[6];
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t c = 0; c < 6; c++) {
            VecU32 v = {0};
            for (uint32_t i = 0; i < counts[c]; i++)
                vec_push(&v, i ^ c);
            frozen[c] = vec_freeze(&v, arena);
            assert_null(v.items);
            assert_int_equal(v.count, 0);
        }
        for (uint32_t c = 0; c < 6; c++)
            for (uint32_t i = 0; i < counts[c]; i++)
                assert_int_equal(frozen[c][i], i ^ c);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void maps_keep_every_key(void **state) {
    (void)state;
    MapU64 map = {0};
    uint32_t value;
    assert_false(map_get(&map, 0, &value));
    for (uint64_t i = 0; i < 50000; i++)
        map_set(&map, i * 0x100000001u, (uint32_t)i);
    map_set(&map, 0, 77);
    map_set(&map, UINT64_MAX, 78);
    assert_int_equal(map.count, 50001);
    for (uint64_t i = 1; i < 50000; i++) {
        assert_true(map_get(&map, i * 0x100000001u, &value));
        assert_int_equal(value, i);
    }
    assert_true(map_get(&map, 0, &value) && value == 77);
    assert_true(map_get(&map, UINT64_MAX, NULL));
    assert_false(map_get(&map, 2, NULL));
    map_free(&map);
}

static void symbols_compare_by_identity(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Interner *interner = interner_new(arena);
    assert_int_equal(intern_find(interner, TEXT("x")).v, 0);
    char name[32];
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "name%d", i);
        assert_int_equal(intern(interner, text_of(name)).v, i + 1);
    }
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "name%d", i);
        assert_int_equal(intern(interner, text_of(name)).v, i + 1);
        assert_int_equal(intern_find(interner, text_of(name)).v, i + 1);
        assert_string_equal(symbol_text(interner, (SymbolId){(uint32_t)i + 1}).data, name);
    }
    assert_int_equal(interner_count(interner), 20000);
    SymbolId empty = intern(interner, TEXT(""));
    assert_int_not_equal(empty.v, 0);
    assert_int_equal(symbol_text(interner, (SymbolId){0}).size, 0);
    interner_free(interner);
    arena_free(arena);
}

static void short_hashes_differ(void **state) {
    (void)state;
    MapU64 seen = {0};
    uint32_t clashes = 0;
    char name[4];
    for (int a = 'a'; a <= 'z'; a++) {
        for (int b = 0; b < 128; b++) {
            for (size_t size = 1; size <= 4; size++) {
                memset(name, a, sizeof name);
                name[size - 1] = (char)b;
                uint64_t hash = hash_bytes(name, size) >> 20;
                clashes += map_get(&seen, hash, NULL);
                map_set(&seen, hash, 1);
            }
        }
    }
    map_free(&seen);
    // Texts of size 1 repeat for every `a`; nothing else may clash.
    assert_int_equal(clashes, 25 * 128);
}

static void distances(void **state) {
    (void)state;
    assert_int_equal(text_distance(TEXT("print"), TEXT("print"), 3), 0);
    assert_int_equal(text_distance(TEXT("pirnt"), TEXT("print"), 3), 1);
    assert_int_equal(text_distance(TEXT("prnt"), TEXT("print"), 3), 1);
    assert_int_equal(text_distance(TEXT("kitten"), TEXT("sitting"), 3), 3);
    assert_int_equal(text_distance(TEXT("kitten"), TEXT("sitting"), 2), 3);
    assert_int_equal(text_distance(TEXT(""), TEXT("abc"), 3), 3);
    assert_int_equal(text_distance(TEXT("a"), TEXT("abcdefgh"), 2), 3);
    assert_true(text_starts_with(TEXT("import"), TEXT("imp")));
    assert_true(text_ends_with(TEXT("a.jan"), TEXT(".jan")));
    assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("ab")) > 0);
}

static void utf8(void **state) {
    (void)state;
    size_t bad = 0;
    assert_true(text_is_utf8(TEXT("plain ascii, héllo, 日本, 🦀"), NULL));
    assert_false(text_is_utf8(TEXT("aaaaaaaaaaaa\xff"), &bad));
    assert_int_equal(bad, 12);
    assert_false(text_is_utf8(TEXT("\xC0\x80"), NULL));         // overlong
    assert_false(text_is_utf8(TEXT("\xED\xA0\x80"), NULL));     // surrogate
    assert_false(text_is_utf8(TEXT("\xF4\x90\x80\x80"), NULL)); // above U+10FFFF
    assert_false(text_is_utf8(TEXT("\xE2\x82"), NULL));         // cut off
    uint32_t scalar;
    assert_int_equal(text_decode(TEXT("🦀"), 0, &scalar), 4);
    assert_int_equal(scalar, 0x1F980);
    Buffer buffer = {0};
    buffer_utf8(&buffer, 0x1F980);
    buffer_utf8(&buffer, 0xE9);
    buffer_utf8(&buffer, 0x20AC);
    assert_true(text_equal(buffer_view(&buffer), TEXT("🦀é€")));
    vec_free(&buffer);
}

static void buffers(void **state) {
    (void)state;
    Buffer buffer = {0};
    buffer_json_string(&buffer, TEXT("a\"b\\\n\t\x01\xff é"));
    assert_true(text_equal(buffer_view(&buffer), TEXT("\"a\\\"b\\\\\\n\\t\\u0001\xEF\xBF\xBD é\"")));
    buffer.count = 0;
    for (int i = 0; i < 100; i++)
        buffer_printf(&buffer, "%d,%s", i, "some text that fills the buffer up");
    assert_int_equal(buffer.count, 10 * 2 + 90 * 3 + 100 * 34);
    vec_free(&buffer);
}

static void files(void **state) {
    (void)state;
    Arena *arena = arena_new();
    OsResult result;
    const char *folder = os_make_temp_folder(arena, &result);
    assert_true(result.ok);
    const char *path = arena_printf(arena, "%s/a/b/c.txt", folder).data;
    Text content;
    assert_false(os_read_file(arena, path, 100, &content).ok);
    assert_false(os_write_file(path, TEXT("x"), false).ok);
    assert_true(os_make_folder(arena_printf(arena, "%s/a/b", folder).data).ok);
    assert_true(os_make_folder(arena_printf(arena, "%s/a/b", folder).data).ok);
    assert_true(os_write_file(path, TEXT("hello"), true).ok);
    assert_true(os_read_file(arena, path, 100, &content).ok);
    assert_true(text_equal(content, TEXT("hello")));
    result = os_read_file(arena, path, 4, &content);
    assert_string_equal(result.message, "it is larger than 4 bytes");
    result = os_read_file(arena, folder, 4, &content);
    assert_string_equal(result.message, "it is a folder");
    assert_false(os_read_file(arena, "/dev/null", 4, &content).ok);
    result = os_write_file("/dev/full", TEXT("hello"), false);
    assert_int_equal(result.code, ENOSPC);
    assert_string_equal(result.message, "no space left on device");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_mode & S_IXUSR);
    Text *names;
    uint32_t count;
    assert_true(os_list_folder(arena, arena_printf(arena, "%s/a/b", folder).data, &names, &count).ok);
    assert_int_equal(count, 1);
    assert_true(text_equal(names[0], TEXT("c.txt")));
    assert_true(os_remove_tree(folder).ok);
    assert_false(os_is_folder(folder));
    assert_true(os_remove_tree(folder).ok);
    arena_free(arena);
}

static void processes(void **state) {
    (void)state;
    OsExit result = os_run("/bin/sh", (const char *[]){"sh", "-c", "exit 3", NULL});
    assert_true(result.started && !result.signalled && result.code == 3);
    result = os_run("/bin/sh", (const char *[]){"sh", "-c", "kill -9 $$", NULL});
    assert_true(result.started && result.signalled && result.code == 9);
    result = os_run("/no/such/program", (const char *[]){"x", NULL});
    assert_false(result.started);
    assert_true(os_now_ns() > 0 && os_cpu_ns() > 0 && os_peak_memory_bytes() > 0 && os_cpu_count() > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(vectors_grow),
        cmocka_unit_test(vectors_freeze_into_arenas),
        cmocka_unit_test(maps_keep_every_key),
        cmocka_unit_test(symbols_compare_by_identity),
        cmocka_unit_test(short_hashes_differ),
        cmocka_unit_test(distances),
        cmocka_unit_test(utf8),
        cmocka_unit_test(buffers),
        cmocka_unit_test(files),
        cmocka_unit_test(processes),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
