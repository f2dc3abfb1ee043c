// while and loop, break and continue.
#include "ir/build_internal.h"

void loop_push(Build *b, NodeId n, TokenId label, BlockId next, BlockId exit, PlaceId result) {
    SymbolId name = label.v ? ast_symbol(b->ast, label) : (SymbolId){0};
    vec_push(&b->loops,
             (Loop){.label = name, .node = n, .next = next, .exit = exit, .depth = b->entries.count, .result = result});
}

bool loop_pop(Build *b) {
    return vec_pop(&b->loops).has_break;
}

static Loop *loop_named(Build *b, TokenId label) {
    for (uint32_t i = b->loops.count; i > 0; i--) {
        Loop *loop = &b->loops.items[i - 1];
        if (!label.v || loop->label.v == ast_symbol(b->ast, label).v)
            return loop;
    }
    internal_error("jump out of no loop");
}

void build_jump(Build *b, NodeId n) {
    AstJump jump = ast_jump(b->ast, n);
    Loop *found = loop_named(b, jump.label);
    if (ast_kind(b->ast, n) == NODE_CONTINUE) {
        scope_leave(b, found->depth, false);
        block_goto(b, found->next);
        return;
    }
    found->has_break = true;
    Loop loop = *found; // building the value may move the stack
    if (jump.value.v) {
        uint32_t mark = statement_begin(b);
        if (loop.result.v)
            build_owned_into(b, jump.value, loop.result);
        else
            build_effect(b, jump.value);
        statement_end(b, mark);
    }
    token_at(b, n);
    PlaceId pending = b->pending;
    b->pending = loop.result;
    scope_leave(b, loop.depth, false);
    b->pending = pending;
    block_goto(b, loop.exit);
}

static void loop_body(Build *b, NodeId body) {
    build_block(b, body, (PlaceId){0});
}

// Where `continue` leads, and the end of the body: a poll on the way back, in programs that have tasks.
static BlockId round_new(Build *b, BlockId head) {
    return b->program->has_tasks ? block_new(b) : head;
}

static void round_end(Build *b, NodeId n, BlockId head, BlockId next) {
    block_goto(b, next);
    if (next.v == head.v)
        return;
    block_start(b, next);
    token_at(b, n);
    poll_round(b);
    block_goto(b, head);
}

void build_loop(Build *b, NodeId n, PlaceId dst) {
    AstLoop loop = ast_loop(b->ast, n);
    BlockId exit = block_new(b);
    b->loop_depth++;
    BlockId head = block_new(b), next = round_new(b, head);
    block_goto(b, head);
    loop_push(b, n, loop.label, next, exit, dst);
    block_start(b, head);
    loop_body(b, loop.body);
    round_end(b, n, head, next);
    b->loop_depth--;
    bool has_break = loop_pop(b);
    block_start(b, exit);
    b->is_dead = !has_break;
}

void build_while(Build *b, NodeId n, PlaceId dst) {
    (void)dst; // a while has no value
    AstLoop loop = ast_loop(b->ast, n);
    BlockId exit = block_new(b);
    b->loop_depth++;
    BlockId head = block_new(b), body = block_new(b), next = round_new(b, head);
    block_goto(b, head);
    loop_push(b, n, loop.label, next, exit, (PlaceId){0});
    block_start(b, head);
    ScopeMark mark = scope_begin(b, n);
    build_branch(b, loop.condition, body, exit);
    block_start(b, body);
    loop_body(b, loop.body);
    scope_end(b, mark);
    round_end(b, n, head, next);
    b->loop_depth--;
    loop_pop(b);
    block_start(b, exit);
}
