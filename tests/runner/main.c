// testrunner lang|torture|cli|explain|docs [--interp] [--oracle] [--release] [--check-memory] [--whole] [--verbose]
// [--janus PATH]
// [--target NAME
// --emulator PROGRAM] PATH...
#include "runner.h"

#include <stdlib.h>

void find_files(Arena *arena, const char *path, const char *suffix, Paths *found) {
    if (!os_is_folder(path)) {
        if (text_ends_with(text_of(path), text_of(suffix)))
            vec_push(found, path);
        return;
    }
    Text *names;
    uint32_t count;
    os_list_folder(arena, path, &names, &count);
    for (uint32_t i = 0; i < count; i++)
        find_files(arena, arena_printf(arena, "%s/%.*s", path, TEXT_ARG(names[i])).data, suffix, found);
}

static int print_results(const Results *results, bool verbose) {
    uint32_t failed = 0;
    for (uint32_t i = 0; i < results->count; i++) {
        const Result *result = &results->items[i];
        if (result->failure.count) {
            printf("FAILED %s\n%.*s", result->name, TEXT_ARG(buffer_view(&result->failure)));
            failed++;
        } else if (verbose) {
            printf("ok %s\n", result->name);
        }
    }
    printf("%u passed, %u failed\n", results->count - failed, failed);
    return failed ? 1 : 0;
}

static int usage(void) {
    fputs("usage: testrunner lang|torture|cli|explain|docs [--interp] [--oracle] [--release] [--whole] [--verbose] "
          "[--janus PATH] "
          "[--target NAME "
          "--emulator PROGRAM] PATH...\n",
          stderr);
    return 2;
}

int main(int count, char **values) {
    if (count < 3)
        return usage();
    Arena *arena = arena_new();
    Setup setup = {.root = os_real_path(arena, "."), .janus = "build/bin/janus"};
    const char *kind = values[1];
    VEC(const char *) paths = {0};
    for (int i = 2; i < count; i++) {
        if (strcmp(values[i], "--interp") == 0)
            setup.interp = true;
        else if (strcmp(values[i], "--oracle") == 0)
            setup.oracle = true;
        else if (strcmp(values[i], "--release") == 0)
            setup.release = true;
        else if (strcmp(values[i], "--check-memory") == 0)
            setup.check_memory = true;
        else if (strcmp(values[i], "--whole") == 0)
            setup.whole = true;
        else if (strcmp(values[i], "--verbose") == 0)
            setup.verbose = true;
        else if (strcmp(values[i], "--janus") == 0 && i + 1 < count)
            setup.janus = values[++i];
        else if (strcmp(values[i], "--target") == 0 && i + 1 < count)
            setup.target = values[++i];
        else if (strcmp(values[i], "--emulator") == 0 && i + 1 < count)
            setup.emulator = values[++i];
        else
            vec_push(&paths, values[i]);
    }
    vec_push(&paths, NULL);
    OsResult made;
    setup.janus = os_real_path(arena, setup.janus);
    setup.folder = os_make_temp_folder(arena, &made);
    if (!setup.janus || !setup.folder) {
        fputs("testrunner: there is no compiler to test, or no temporary folder\n", stderr);
        return 1;
    }
    Results results = {0};
    setup.torture = strcmp(kind, "torture") == 0;
    if (strcmp(kind, "lang") == 0 || setup.torture)
        results = lang_tests(&setup, arena, paths.items);
    else if (strcmp(kind, "cli") == 0)
        results = transcript_tests(&setup, arena, paths.items);
    else if (strcmp(kind, "explain") == 0 || strcmp(kind, "docs") == 0)
        results = page_tests(&setup, arena, paths.items, kind[0] == 'e');
    else
        return usage();
    int code = print_results(&results, setup.verbose);
    for (uint32_t i = 0; i < results.count; i++)
        vec_free(&results.items[i].failure);
    vec_free(&results);
    vec_free(&paths);
    os_remove_tree(setup.folder);
    arena_free(arena);
    return code;
}
