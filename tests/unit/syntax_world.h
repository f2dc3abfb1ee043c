// Shared by the tests of lexer, parser and tree: parse a text, show tokens, tree and reports as one line each.
#ifndef JANUS_TESTS_SYNTAX_WORLD_H
#define JANUS_TESTS_SYNTAX_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fuzz/ast_check.h"

typedef struct {
    Arena *arena;
    Diags *diags;
    Interner *symbols;
    Ast *ast;
} Parsed;

static inline Parsed parse_bytes(const char *source, size_t size) {
    Parsed w = {.arena = arena_new()};
    w.diags = diags_new(w.arena);
    w.symbols = interner_new(w.arena);
    // A copy of the exact size, so that the sanitizer sees a read behind its end.
    char *copy = malloc(size ? size : 1);
    memcpy(copy, source, size);
    FileId file = diags_add_source(w.diags, "test.jan", arena_text(w.arena, (Text){copy, size}));
    free(copy);
    w.ast = syntax_parse(w.diags, w.symbols, w.arena, file);
    ast_check(w.ast, w.symbols, w.arena);
    return w;
}

static inline Parsed parse_text(const char *source) {
    return parse_bytes(source, strlen(source));
}

static inline void parsed_free(Parsed *w) {
    interner_free(w->symbols);
    diags_free(w->diags);
    arena_free(w->arena);
}

// "KIND text" of each token, separated by " | ": the word of the table, or the text of what has one.
static inline const char *shown_tokens(Parsed *w) {
    Buffer out = {0};
    for (uint32_t i = 1; i + 1 < w->ast->token_count; i++) {
        TokenKind kind = (TokenKind)w->ast->token_kinds[i];
        Text text = ast_token_text(w->ast, (TokenId){i});
        if (i > 1)
            buffer_char(&out, ' ');
        static const char *const names[] = {[TOK_INT] = "int",
                                            [TOK_FLOAT] = "float",
                                            [TOK_DURATION] = "duration",
                                            [TOK_CHAR] = "char",
                                            [TOK_STRING] = "string",
                                            [TOK_BYTES] = "bytes",
                                            [TOK_INTERP_BEGIN] = "begin",
                                            [TOK_INTERP_TEXT] = "text",
                                            [TOK_INTERP_SPEC] = "spec",
                                            [TOK_INTERP_END] = "finish",
                                            [TOK_DOC] = "doc",
                                            [TOK_MODULE_DOC] = "moddoc",
                                            [TOK_INVALID] = "bad"};
        if (kind == TOK_NEWLINE)
            buffer_char(&out, '/');
        else if (kind >= TOK_INT && kind <= TOK_INVALID)
            buffer_printf(&out, "%s:%.*s", names[kind], TEXT_ARG(text));
        else
            buffer_text(&out, text);
    }
    const char *shown = arena_cstr(w->arena, buffer_view(&out));
    vec_free(&out);
    return shown;
}

// The printed tree in parentheses on one line, MODULE left out.
static inline const char *shown_tree(Parsed *w) {
    Buffer printed = {0}, out = {0};
    ast_print(w->ast, w->symbols, &printed);
    buffer_char(&printed, '\0');
    uint32_t depth = 0;
    for (char *line = printed.items; *line; line = strchr(line, '\n') + 1) {
        uint32_t indent = (uint32_t)strspn(line, " ") / 2;
        if (indent == 0)
            continue;
        for (; depth >= indent; depth--)
            buffer_char(&out, ')');
        if (out.count > 0)
            buffer_char(&out, ' ');
        buffer_char(&out, '(');
        buffer_text(&out, (Text){line + (size_t)indent * 2, strcspn(line, "\n") - (size_t)indent * 2});
        depth = indent;
    }
    for (; depth > 0; depth--)
        buffer_char(&out, ')');
    const char *shown = arena_cstr(w->arena, buffer_view(&out));
    vec_free(&printed);
    vec_free(&out);
    return shown;
}

// "E0104@1:5" of each report, separated by blanks, from the JSON form.
static inline const char *shown_reports(Parsed *w) {
    Buffer json = {0}, out = {0};
    diags_render(w->diags, (RenderOptions){.json = true}, &json);
    buffer_char(&json, '\0');
    const char *at = json.items;
    while ((at = strstr(at, "\"code\":\""))) {
        const char *line = strstr(at, "\"line\":"), *column = strstr(at, "\"column\":");
        buffer_printf(&out, "%s%.5s@%d:%d", out.count ? " " : "", at + 8, atoi(line + 7), atoi(column + 9));
        at = column;
    }
    const char *shown = arena_cstr(w->arena, buffer_view(&out));
    vec_free(&json);
    vec_free(&out);
    return shown;
}

#endif
