// using allocator do … end: the allocator is lent for the block.
#include "sema/body.h"

static bool require_allocator(Body *b, NodeId n, TypeId type) {
    ImplMatch match;
    type = full_type(b, type);
    if (is_poison(b, type) || type_of(b, type)->flags & TYPE_HAS_POISON)
        return false;
    if (sema_implements(&b->env, type, sema_lang(b->sema, LANG_ALLOCATOR), &match) == MATCH_YES)
        return true;
    Report *r = REPORT(b, E0740, span_of(b, n), "a `%s` is no allocator", show(b, type));
    report_label(r, "`using` takes the memory of its block from here");
    report_help(r,
                "allocators are those of `std.memory`, such as `Arena.new()`, and types with an impl of `Allocator`; "
                "`memory.Custom.new` makes one of a `memory.Source`");
    return false;
}

TypeId check_using(Body *b, NodeId n) {
    AstBinary parts = ast_binary(b->ast, n);
    TypeId type = shallow(b, check_value(b, parts.left));
    if (kind_of_type(b, type) == TY_RESULT)
        report_unhandled(b, parts.left, type);
    else if (require_allocator(b, parts.left, type))
        require_mutable(b, parts.left, "take memory from it", true);
    TypeId block = check_block(b, parts.right, &(Want){.is_dropped = true});
    return diverges(b, block) ? block : builtin(b, TY_VOID);
}
