// The code in Markdown files, each fenced block a test of its own.
//   ```janus            a program that is right; with main it also runs, and an ```output block after it must be what
//   it prints
//   ```janus-bad        a program that is refused: by its //~ annotations; in an explain page, with the page's code
//   ```janus-file NAME  another file of the next program
//   ```console          a transcript; in an explain page it must show the page's code
#include "diag/diag.h"
#include "runner.h"

typedef enum { BLOCK_GOOD, BLOCK_BAD, BLOCK_CONSOLE } BlockKind;

typedef struct {
    const char *page;
    Text page_code; // of an explain page, else empty
    BlockKind kind;
    Text code;
    bool has_output;
    Text output;
    Text file_names[4], files[4];
    uint32_t file_count;
} Block;

typedef VEC(Block) Blocks;

typedef struct {
    const Setup *setup;
    Results *results;
    Blocks *blocks;
} PageRun;

// ---- finding blocks ------------------------------------------------------------------------------------------------

static Text fenced(Text *rest, uint32_t *line_number) {
    Text line, code = {rest->data, 0};
    while (next_line(rest, &line)) {
        ++*line_number;
        if (text_starts_with(line, TEXT("```")))
            break;
        code.size = (size_t)(line.data + line.size - code.data);
    }
    if (code.size < (size_t)(rest->data - code.data))
        code.size++; // its last newline
    return code;
}

static void add_block(Arena *arena, Blocks *blocks, Results *results, Block block, BlockKind kind, Text code,
                      uint32_t line) {
    block.kind = kind;
    block.code = code;
    vec_push(blocks, block);
    vec_push(results, (Result){.name = arena_printf(arena, "%s:%u", block.page, line).data});
}

static void find_blocks(Arena *arena, const char *page, Text page_code, Text text, Blocks *blocks, Results *results) {
    Text line, rest = text;
    Block next = {.page = page, .page_code = page_code};
    for (uint32_t number = 1; next_line(&rest, &line); number++) {
        if (!text_starts_with(line, TEXT("```")))
            continue;
        uint32_t at = number;
        Text code = fenced(&rest, &number);
        if (text_starts_with(line, TEXT("```janus-file ")) && next.file_count < 4) {
            next.file_names[next.file_count] = (Text){line.data + 14, line.size - 14};
            next.files[next.file_count++] = code;
        } else if (text_equal(line, TEXT("```janus")) || text_equal(line, TEXT("```janus-bad"))) {
            add_block(arena, blocks, results, next, line.size == 8 ? BLOCK_GOOD : BLOCK_BAD, code, at);
            next.file_count = 0;
        } else if (text_equal(line, TEXT("```console"))) {
            add_block(arena, blocks, results, next, BLOCK_CONSOLE, code, at);
        } else if (text_equal(line, TEXT("```output")) && blocks->count && vec_last(blocks).page == page) {
            vec_last(blocks).has_output = true;
            vec_last(blocks).output = code;
        }
    }
}

// ---- running them --------------------------------------------------------------------------------------------------

static bool run_and_find_code(const Setup *setup, Arena *arena, const char *command, const char *file,
                              const char *output, Text code, bool *any_error) {
    const char *check[] = {setup->janus, command, "--format=json", file, NULL, NULL, NULL};
    if (output) {
        check[4] = "-o";
        check[5] = output;
    }
    Run run = run_process((RunOptions){.argv = check, .timeout_s = 60});
    ReportLines reports = {0};
    bool parsed = !run.signalled && !run.timed_out && reports_parse(arena, buffer_view(&run.out), &reports);
    *any_error = !parsed || run.code != 0;
    bool found = false;
    for (uint32_t i = 0; i < reports.count; i++)
        found = found || text_equal(reports.items[i].code, code);
    vec_free(&reports);
    run_free(&run);
    return found;
}

static void explain_program(const Setup *setup, Arena *arena, const Block *block, const char *folder, const char *file,
                            Buffer *failure) {
    bool any_error;
    bool found = run_and_find_code(setup, arena, "check", file, NULL, block->page_code, &any_error);
    if (block->kind == BLOCK_GOOD) {
        if (found || any_error)
            buffer_printf(failure, "  the good example is refused\n");
        return;
    }
    // What only shows when instances are made, or at the link, needs a build.
    const char *output = arena_printf(arena, "%s/program", folder).data;
    if (!found && !run_and_find_code(setup, arena, "build", file, output, block->page_code, &any_error))
        buffer_printf(failure, "  the bad example does not give %.*s\n", TEXT_ARG(block->page_code));
}

static void page_program(const Setup *setup, Arena *arena, const Block *block, const char *folder, const char *file,
                         Buffer *failure) {
    Program program = {.arena = arena, .path = file};
    program_read_annotations(&program, file);
    Text rest = block->output, line;
    while (block->has_output && next_line(&rest, &line))
        vec_push(&program.output, line);
    program.any_output = !block->has_output && !program.output.count;
    program.only_check = block->code.size && !memmem(block->code.data, block->code.size, "func main(", 10);
    if (block->kind == BLOCK_BAD && !program.reports.count)
        buffer_cstr(failure, "  a bad example needs //~ annotations\n");
    program_run(setup, &program, folder, failure);
    program_free(&program);
}

static void write_file(Arena *arena, const char *folder, Text name, Text content, Buffer *failure) {
    const char *path = arena_printf(arena, "%s/%.*s", folder, TEXT_ARG(name)).data;
    const char *slash = strrchr(path, '/');
    os_make_folder(arena_cstr(arena, (Text){path, (size_t)(slash - path)}));
    if (!os_write_file(path, content, false).ok)
        buffer_printf(failure, "  cannot write %s\n", path);
}

static void page_test(void *context, uint32_t index) {
    const PageRun *run = context;
    const Block *block = &run->blocks->items[index];
    Buffer *failure = &run->results->items[index].failure;
    Arena *arena = arena_new();
    const char *folder = arena_printf(arena, "%s/%u", run->setup->folder, index).data;
    os_make_folder(folder);
    if (block->kind == BLOCK_CONSOLE) {
        Buffer seen = {0};
        transcript_run(run->setup, block->code, folder, failure, &seen);
        Text code = arena_printf(arena, "[%.*s]", TEXT_ARG(block->page_code));
        if (block->page_code.size && !(seen.count && memmem(seen.items, seen.count, code.data, code.size)))
            buffer_printf(failure, "  the transcript does not show %s\n", code.data);
        vec_free(&seen);
    } else {
        for (uint32_t i = 0; i < block->file_count; i++)
            write_file(arena, folder, block->file_names[i], block->files[i], failure);
        write_file(arena, folder, TEXT("main.jan"), block->code, failure);
        const char *file = arena_printf(arena, "%s/main.jan", folder).data;
        (block->page_code.size ? explain_program : page_program)(run->setup, arena, block, folder, file, failure);
    }
    os_remove_tree(folder);
    arena_free(arena);
}

// ---- pages ---------------------------------------------------------------------------------------------------------

// Every code has a page with a bad example or a transcript.
static void check_coverage(Arena *arena, const Blocks *blocks, Results *results) {
    for (uint32_t i = 0; i < DIAG_CODE_COUNT; i++) {
        Text name = text_of(diag_code_name((DiagCode)i));
        bool found = false;
        for (uint32_t j = 0; j < blocks->count; j++)
            found = found || (blocks->items[j].kind != BLOCK_GOOD && text_equal(blocks->items[j].page_code, name));
        Result result = {.name = arena_printf(arena, "docs/explain/%s.md", name.data).data};
        if (!found)
            buffer_cstr(&result.failure, "  there is no page with a bad example\n");
        vec_push(results, result);
    }
}

static Text code_of_page(const char *path) {
    const char *slash = strrchr(path, '/');
    Text name = text_of(slash ? slash + 1 : path);
    return (Text){name.data, name.size - strlen(".md")};
}

Results page_tests(const Setup *setup, Arena *arena, const char *const *paths, bool explain) {
    Paths found = {0};
    Results results = {0};
    Blocks blocks = {0};
    for (; *paths; paths++)
        find_files(arena, *paths, ".md", &found);
    for (uint32_t i = 0; i < found.count; i++) {
        Text text;
        bool is_explain = strstr(found.items[i], "/explain/") != NULL;
        if (is_explain == explain && os_read_file(arena, found.items[i], 1u << 24, &text).ok)
            find_blocks(arena, found.items[i], explain ? code_of_page(found.items[i]) : TEXT(""), text, &blocks,
                        &results);
    }
    PageRun run = {setup, &results, &blocks};
    run_parallel(blocks.count, page_test, &run);
    if (explain)
        check_coverage(arena, &blocks, &results);
    vec_free(&found);
    vec_free(&blocks);
    return results;
}
