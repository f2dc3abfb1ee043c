// Any bytes: the parser ends with a sound tree; one with a poisoned node comes with a report.
#include "tests/fuzz/ast_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena *arena = arena_new();
    Diags *diags = diags_new(arena);
    Interner *symbols = interner_new(arena);
    FileId file = diags_add_source(diags, "fuzz.jan", (Text){(const char *)data, size});
    Ast *ast = syntax_parse(diags, symbols, arena, file);
    bool has_invalid = ast_check(ast, symbols, arena);
    // A name of the program may contain the word; then nothing is said.
    bool is_named = size > 0 && memmem(data, size, "INVALID", 7) != NULL;
    ast_check_that(!has_invalid || is_named || diags_error_count(diags) > 0, "a poisoned node without a report");
    Buffer out = {0};
    syntax_emit_tokens(diags, ast, &out);
    diags_render(diags, (RenderOptions){0}, &out);
    vec_free(&out);
    interner_free(symbols);
    diags_free(diags);
    arena_free(arena);
    return 0;
}
