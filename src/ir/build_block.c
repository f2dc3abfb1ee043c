// Blocks and statements: their scopes, temporaries and defers.
#include "ir/build_internal.h"

static void tail_statement(Build *b, NodeId n, PlaceId dst) {
    uint32_t mark = statement_begin(b);
    build_into(b, n, dst);
    statement_end(b, mark);
}

void build_block(Build *b, NodeId n, PlaceId dst) {
    AstList statements = ast_list(b->ast, n);
    ScopeMark mark = scope_begin(b, n);
    for (uint32_t i = 0; i < statements.count && !b->is_dead; i++) {
        NodeId statement = AST_ITEM(statements, i);
        if (dst.v && i + 1 == statements.count)
            tail_statement(b, statement, dst);
        else
            build_statement(b, statement);
    }
    if (!b->keep_token && !b->is_dead)
        b->token = b->ast->node_last_tokens[n.v];
    if (dst.v && statements.count && kind_of(b, jir_place_type(b->fn, dst)) == TY_RESULT && place_is_return(b, dst))
        scope_end_result(b, mark, dst);
    else
        scope_end(b, mark);
}

// statement when condition
static void build_when(Build *b, NodeId n) {
    AstBinary parts = ast_binary(b->ast, n);
    BlockId yes = block_new(b), join = block_new(b);
    ScopeMark mark = scope_begin(b, (NodeId){0});
    build_branch(b, parts.right, yes, join);
    block_start(b, yes);
    build_statement(b, parts.left);
    scope_end(b, mark);
    block_goto(b, join);
    block_start(b, join);
}

void build_statement(Build *b, NodeId n) {
    uint32_t mark = statement_begin(b);
    token_at(b, n);
    switch (ast_kind(b->ast, n)) {
    case NODE_LET:
    case NODE_VAR: build_let(b, n); break;
    case NODE_MUT_BIND: build_mut_bind(b, n); break;
    case NODE_ASSIGN: build_assign(b, n); break;
    case NODE_DEFER: unwind_push_defer(b, ast_unary(b->ast, n).child); return;
    case NODE_ERRDEFER:
        vec_push(&b->entries, (Entry){.kind = ENTRY_ERRDEFER, .node = ast_unary(b->ast, n).child});
        return;
    case NODE_WHEN: build_when(b, n); break;
    default: build_effect(b, n);
    }
    statement_end(b, mark);
}
