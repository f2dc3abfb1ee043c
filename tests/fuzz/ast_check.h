// What must hold of every tree, however broken its source: used by the fuzzers and by unit tests.
#ifndef JANUS_TESTS_AST_CHECK_H
#define JANUS_TESTS_AST_CHECK_H

#include <stdlib.h>

#include "syntax/syntax.h"

static inline void ast_check_that(bool condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "the tree is broken: %s\n", what);
        abort();
    }
}

// Tokens are in order and inside the source.
static inline void ast_check_tokens(const Ast *ast) {
    uint32_t end = 0;
    for (uint32_t i = 1; i < ast->token_count; i++) {
        ast_check_that(ast->token_starts[i] >= end, "tokens overlap");
        ast_check_that(ast->token_ends[i] >= ast->token_starts[i], "a token ends before it starts");
        ast_check_that(ast->token_kinds[i] < TOK_COUNT, "a token has no kind");
        end = ast->token_ends[i];
        bool is_newline_twice = ast->token_kinds[i] == TOK_NEWLINE && ast->token_kinds[i - 1] == TOK_NEWLINE;
        ast_check_that(!is_newline_twice, "two NEWLINE in a row");
    }
    ast_check_that(ast->token_kinds[ast->token_count - 1] == TOK_EOF, "the last token is not EOF");
    ast_check_that(end <= ast->source.size, "a token lies outside of the source");
}

// Nodes are in postorder, their ranges lie inside the file.
static inline void ast_check_nodes(const Ast *ast) {
    for (uint32_t i = 1; i < ast->node_count; i++) {
        ast_check_that(ast->node_kinds[i] < NODE_COUNT, "a node has no kind");
        ast_check_that(ast->node_firsts[i] <= i && ast->node_firsts[i] > 0, "a subtree starts after its node");
        ast_check_that(ast->node_tokens[i] < ast->token_count, "a node's token is none of the file");
        ast_check_that(ast->node_first_tokens[i] <= ast->node_last_tokens[i], "a node ends before it starts");
        ast_check_that(ast->node_last_tokens[i] < ast->token_count, "a node's range leaves the file");
    }
    ast_check_that(ast->root.v == ast->node_count - 1, "the root is not the last node");
}

// Reads every literal, and prints the tree, which reads every column.
static inline bool ast_check(const Ast *ast, const Interner *symbols, Arena *arena) {
    ast_check_tokens(ast);
    ast_check_nodes(ast);
    bool overflow;
    for (uint32_t i = 1; i < ast->token_count; i++) {
        TokenId t = {i};
        switch (ast_token_kind(ast, t)) {
        case TOK_INT: ast_int_value(ast, t); break;
        case TOK_FLOAT: ast_float_value(ast, t); break;
        case TOK_CHAR: ast_char_value(ast, t); break;
        case TOK_DURATION: ast_duration_ns(ast, t, &overflow); break;
        case TOK_STRING:
        case TOK_BYTES:
        case TOK_INTERP_TEXT: ast_string_value(ast, t, arena); break;
        default: break;
        }
    }
    Buffer out = {0};
    ast_print(ast, symbols, &out);
    buffer_char(&out, '\0');
    bool has_invalid = strstr(out.items, "INVALID") != NULL && strstr(out.items, "\n") != NULL;
    vec_free(&out);
    return has_invalid;
}

#endif
