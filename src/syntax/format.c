// The formatter's entry: a whole file; passes over it until nothing changes.
#include "syntax/format.h"

#include "syntax/fmt.h"
#include "syntax/syntax.h"

// Of each opening bracket the closing one, else 0.
static uint32_t *find_closers(const Ast *ast) {
    VecU32 closers = {0}, open = {0};
    vec_reserve(&closers, ast->token_count);
    memset(closers.items, 0, sizeof(uint32_t) * ast->token_count);
    for (uint32_t i = 1; i < ast->token_count; i++) {
        switch (ast->token_kinds[i]) {
        case TOK_LPAREN:
        case TOK_LBRACKET:
        case TOK_LBRACE: vec_push(&open, i); break;
        case TOK_RPAREN:
        case TOK_RBRACKET:
        case TOK_RBRACE:
            if (open.count > 0)
                closers.items[vec_pop(&open)] = i;
            break;
        default: break;
        }
    }
    vec_free(&open);
    return closers.items;
}

bool syntax_format_tree(const Ast *ast, Buffer *out) {
    Fmt f = {.ast = ast, .closers = find_closers(ast), .at = 0, .fresh = true};
    FmtWriter writer = {.f = &f, .out = out, .at_start = true};
    vec_reserve(out, (uint32_t)ast->source.size + 64);
    f.scanned = text_starts_with(ast->source, TEXT("\xEF\xBB\xBF")) ? 3 : 0;
    f.at = fmt_after(&f, 0);
    AstList declarations = ast_list(ast, ast->root);
    for (uint32_t i = 0; i < declarations.count && !f.failed; i++) {
        fmt_hard(&f);
        fmt_declaration(&f, AST_ITEM(declarations, i));
        if (!f.failed)
            fmt_layout(&f, &writer);
    }
    if (fmt_own_ahead(&f)) {
        fmt_hard(&f);
        fmt_close_comments(&f);
    }
    f.failed |= !fmt_at(&f, TOK_EOF) || f.spine.count > 0;
    if (!f.failed)
        fmt_layout(&f, &writer);
    fmt_layout_end(&writer);
    VecU32 closers = {f.closers, 0, 0};
    vec_free(&closers);
    vec_free(&f.ops);
    vec_free(&f.spine);
    return !f.failed;
}

// What no longer fits on one line may stand otherwise the next time, when it is known to be broken; so the result is
// formatted again until it stays. That also shows that it parses, and it is compared with the source.
FormatOutcome syntax_format(Diags *diags, Interner *symbols, Arena *arena, FileId file, Buffer *out) {
    enum { MOST_PASSES = 10 };
    uint32_t errors = diags_error_count(diags);
    const Ast *source = syntax_parse(diags, symbols, arena, file), *last = source;
    if (diags_error_count(diags) > errors)
        return FORMAT_ERRORS;
    Buffer next = {0};
    Diags *inner = diags_new(arena);
    FormatOutcome outcome = FORMAT_FAILED;
    for (uint32_t pass = 0; pass < MOST_PASSES && syntax_format_tree(last, &next); pass++) {
        if (text_equal(buffer_view(&next), last->source)) {
            outcome = last == source || syntax_same(source, last) ? FORMAT_DONE : FORMAT_FAILED;
            break;
        }
        FileId again = diags_add_source(inner, "formatted", arena_text(arena, buffer_view(&next)));
        last = syntax_parse(inner, symbols, arena, again);
        if (diags_error_count(inner) > 0)
            break;
        next.count = 0;
    }
    if (outcome == FORMAT_DONE)
        buffer_text(out, buffer_view(&next));
    diags_free(inner);
    vec_free(&next);
    return outcome;
}
