// Any bytes: the lexer ends, and its tokens lie in order inside the source.
#include "syntax/lexer.h"
#include "tests/fuzz/ast_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena *arena = arena_new();
    Diags *diags = diags_new(arena);
    Interner *symbols = interner_new(arena);
    FileId file = diags_add_source(diags, "fuzz.jan", (Text){(const char *)data, size});
    Lexer lexer;
    lexer_run(&lexer, diags, symbols, arena, file);
    Ast ast = {.file = file, .source = {(const char *)data, size}, .token_count = lexer.count};
    ast.token_kinds = lexer.kinds.items;
    ast.token_starts = lexer.starts.items;
    ast.token_ends = lexer.ends.items;
    ast_check_tokens(&ast);
    Buffer out = {0};
    diags_render(diags, (RenderOptions){.json = true}, &out);
    vec_free(&out);
    lexer_free(&lexer);
    interner_free(symbols);
    diags_free(diags);
    arena_free(arena);
    return 0;
}
