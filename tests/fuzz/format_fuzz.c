// Any bytes: what parses without errors is formatted, to a text that means the same and that formatting leaves alone.
#include "syntax/format.h"
#include "tests/fuzz/ast_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena *arena = arena_new();
    Diags *diags = diags_new(arena);
    Interner *symbols = interner_new(arena);
    Buffer first = {0}, second = {0};
    FileId file = diags_add_source(diags, "fuzz.jan", (Text){(const char *)data, size});
    FormatOutcome outcome = syntax_format(diags, symbols, arena, file, &first);
    ast_check_that(outcome != FORMAT_FAILED, "formatting would change the program");
    if (outcome == FORMAT_DONE) {
        file = diags_add_source(diags, "formatted.jan", buffer_view(&first));
        outcome = syntax_format(diags, symbols, arena, file, &second);
        ast_check_that(outcome == FORMAT_DONE, "the formatted text is not formatted again");
        ast_check_that(text_equal(buffer_view(&first), buffer_view(&second)), "formatting again changes it");
    }
    vec_free(&first);
    vec_free(&second);
    interner_free(symbols);
    diags_free(diags);
    arena_free(arena);
    return 0;
}
