// using allocator do … end: a guard lends the allocator and makes it the current one; its drop, which stands on every
// way out of the block, sets the one before.
#include "ir/build_internal.h"

void build_using(Build *b, NodeId n) {
    AstBinary parts = ast_binary(b->ast, n);
    ScopeMark mark = scope_begin(b, n);
    PlaceId allocator = build_place(b, parts.left);
    TypeId type = jir_place_type(b->fn, allocator);
    JirArg arg = arg_mut(b, allocator);
    LocalId guard =
        local_declare(b, n, (SymbolId){0}, type_lang(b->program, LANG_USING, NULL, 0), LOCAL_OWNED, LOCAL_LET);
    call_lang(b, LANG_USING_ENTER, &type, 1, &arg, 1, jir_place_local(b->fn, guard));
    local_register(b, guard);
    build_block(b, parts.right, (PlaceId){0});
    scope_end(b, mark);
}
