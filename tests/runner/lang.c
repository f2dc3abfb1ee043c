// Annotated programs: each .jan file is one, a folder with a main.jan is one of several files, a folder with a
// janus.kdl a package, with what it depends on in folders below it.
#include "runner.h"

typedef struct {
    const Setup *setup;
    Results *results;
    const Paths *paths;
} LangRun;

static void collect(Arena *arena, const char *path, Paths *found) {
    if (!os_is_folder(path)) {
        if (text_ends_with(text_of(path), TEXT(".jan")))
            vec_push(found, path);
        return;
    }
    if (os_is_file(arena_printf(arena, "%s/janus.kdl", path).data)) {
        vec_push(found, path);
        return;
    }
    const char *main_file = arena_printf(arena, "%s/main.jan", path).data;
    if (os_is_file(main_file)) {
        vec_push(found, main_file);
        return;
    }
    Text *names;
    uint32_t count;
    os_list_folder(arena, path, &names, &count);
    for (uint32_t i = 0; i < count; i++)
        collect(arena, arena_printf(arena, "%s/%.*s", path, TEXT_ARG(names[i])).data, found);
}

static void read_program(Program *program) {
    Arena *arena = program->arena;
    Paths files = {0};
    Text path = text_of(program->path), main_name = TEXT("/main.jan");
    if (os_is_folder(program->path)) {
        find_files(arena, program->path, ".jan", &files);
        find_files(arena, program->path, ".kdl", &files);
    } else if (text_ends_with(path, main_name))
        find_files(arena, arena_cstr(arena, (Text){path.data, path.size - main_name.size}), ".jan", &files);
    else
        vec_push(&files, program->path);
    for (uint32_t i = 0; i < files.count; i++)
        program_read_annotations(program, files.items[i]);
    vec_free(&files);
}

static void lang_test(void *context, uint32_t index) {
    const LangRun *run = context;
    Result *result = &run->results->items[index];
    Arena *arena = arena_new();
    const char *path = arena_printf(arena, "%s/%s", run->setup->root, result->name).data;
    const char *folder = arena_printf(arena, "%s/%u", run->setup->folder, index).data;
    os_make_folder(folder);
    Program program = {.arena = arena, .path = path};
    read_program(&program);
    program.any_output = program.reports.count && !program.output.count;
    if (run->setup->oracle)
        program_run_refused(run->setup, &program, folder, &result->failure);
    else if (run->setup->torture)
        program_torture(run->setup, &program, folder, &result->failure);
    else
        program_run(run->setup, &program, folder, &result->failure);
    program_free(&program);
    os_remove_tree(folder);
    arena_free(arena);
}

static bool is_wanted(const Setup *setup, const char *path) {
    if (!setup->oracle && !setup->torture)
        return true;
    Arena *arena = arena_new();
    Program program = {.arena = arena, .path = path};
    read_program(&program);
    bool runs = !program.reports.count && !program.only_check && !program.tests;
    bool wanted = setup->oracle ? program_is_refused_for_ownership(&program) : runs;
    program_free(&program);
    arena_free(arena);
    return wanted;
}

Results lang_tests(const Setup *setup, Arena *arena, const char *const *paths) {
    Paths found = {0};
    Results results = {0};
    for (; *paths; paths++)
        collect(arena, *paths, &found);
    for (uint32_t i = 0; i < found.count; i++)
        if (is_wanted(setup, found.items[i]))
            vec_push(&results, (Result){.name = found.items[i]});
    LangRun run = {setup, &results, &found};
    run_parallel(results.count, lang_test, &run);
    vec_free(&found);
    return results;
}
