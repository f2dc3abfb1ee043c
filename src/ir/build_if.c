// if, with let conditions.
#include "ir/build_internal.h"

// if let p = e, while let p = e: binds in the present scope; on the way to `no` what the test needed is dropped.
void build_cond_let(Build *b, NodeId n, BlockId yes, BlockId no) {
    AstLet let = ast_let(b->ast, n);
    uint32_t mark = b->entries.count;
    PlaceId place = build_place(b, let.value);
    uint32_t subject = b->entries.count;
    BlockId fail = subject > mark ? block_new(b) : no;
    token_at(b, n);
    build_pattern(b, let.pattern, place, &fail, false);
    block_goto(b, yes);
    if (subject == mark)
        return;
    uint32_t all = b->entries.count;
    Entry *saved = arena_copy(b->arena, b->entries.items + subject, (all - subject) * sizeof(Entry), _Alignof(Entry));
    b->entries.count = subject;
    block_start(b, fail);
    scope_leave(b, mark, false);
    block_goto(b, no);
    for (uint32_t i = subject; i < all; i++)
        vec_push(&b->entries, saved[i - subject]);
}

static void build_branch_value(Build *b, NodeId n, PlaceId dst) {
    ScopeMark mark = scope_begin(b, (NodeId){0});
    uint32_t statement = statement_begin(b);
    build_into(b, n, dst);
    statement_end(b, statement);
    scope_end(b, mark);
}

void build_if(Build *b, NodeId n, PlaceId dst) {
    AstIfExpr parts = ast_if_expr(b->ast, n);
    BlockId yes = block_new(b), join = block_new(b);
    BlockId no = parts.else_branch.v ? block_new(b) : join;
    bool joins = !parts.else_branch.v;
    ScopeMark mark = scope_begin(b, n);
    build_branch(b, parts.condition, yes, no);
    block_start(b, yes);
    build_branch_value(b, parts.then_block, dst);
    scope_end(b, mark); // the variables of a let condition
    joins |= !b->is_dead;
    block_goto(b, join);
    if (parts.else_branch.v) {
        block_start(b, no);
        build_branch_value(b, parts.else_branch, dst);
        joins |= !b->is_dead;
        block_goto(b, join);
    }
    block_start(b, join);
    b->is_dead = !joins;
}
