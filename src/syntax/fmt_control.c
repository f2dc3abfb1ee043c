// Statements, and expressions with a body.
#include "syntax/fmt.h"

// ---- blocks ---------------------------------------------------------------------------------------------------------

// The statements between `do`, or `else`, and the closer. In one line they stand in a group that the caller opened.
static void statements(Fmt *f, AstList list, bool is_flat) {
    uint32_t head = f->head;
    f->head = 0;
    fmt_op(f, FMT_INDENT, is_flat ? 0 : FMT_ALWAYS);
    f->fresh = true;
    for (uint32_t i = 0; i < list.count && !f->failed; i++) {
        if (is_flat)
            fmt_line(f, 1, 0);
        else
            fmt_hard(f);
        fmt_expr(f, AST_ITEM(list, i));
    }
    if (fmt_own_ahead(f)) {
        fmt_hard(f);
        fmt_close_comments(f);
    }
    fmt_dedent(f);
    f->fresh = true;
    if (is_flat)
        fmt_line(f, 1, 0);
    else
        fmt_hard(f);
    f->fresh = false;
    f->head = head;
}

void fmt_block(Fmt *f, NodeId n) {
    if (!fmt_at(f, TOK_KW_DO) || ast_kind(f->ast, n) != NODE_BLOCK) {
        f->failed = true;
        return;
    }
    AstList list = ast_list(f->ast, n);
    bool is_flat = list.count < 2 && !fmt_is_broken(f, f->at, f->ast->node_last_tokens[n.v]);
    if (is_flat)
        fmt_begin(f, false, FMT_SPREAD);
    fmt_expect(f, TOK_KW_DO);
    statements(f, list, is_flat);
    if (is_flat)
        fmt_end(f);
    fmt_expect(f, TOK_KW_END);
}

// The body of a short closure that is one assignment has no `do`.
static void body(Fmt *f, NodeId n) {
    bool is_bare = ast_kind(f->ast, n) == NODE_BLOCK && !fmt_at(f, TOK_KW_DO) && !fmt_at(f, TOK_LPAREN);
    if (is_bare && ast_list(f->ast, n).count == 1)
        fmt_expr(f, AST_ITEM(ast_list(f->ast, n), 0));
    else
        fmt_expr(f, n);
}

void fmt_binder(Fmt *f) {
    if (!fmt_at(f, TOK_PIPE))
        return;
    fmt_space(f);
    fmt_token(f);
    fmt_token(f);
    fmt_expect(f, TOK_PIPE);
}

// ---- if -------------------------------------------------------------------------------------------------------------

static void condition(Fmt *f, NodeId n) {
    uint32_t head = f->head;
    f->head = 1;
    fmt_expr(f, n);
    f->head = head;
}

static void condition_let(Fmt *f, NodeId n) {
    AstLet let = ast_let(f->ast, n);
    fmt_token(f);
    fmt_space(f);
    fmt_pattern(f, let.pattern);
    if (let.type.v) {
        fmt_expect(f, TOK_COLON);
        fmt_space(f);
        fmt_type(f, let.type);
    }
    fmt_space(f);
    fmt_expect(f, TOK_ASSIGN);
    fmt_space(f);
    fmt_expr(f, let.value);
}

// A chain stands on one line if the source has it so and no branch holds more than one statement.
static bool is_flat_chain(const Fmt *f, NodeId n) {
    if (fmt_is_broken(f, fmt_first(f, n), f->ast->node_last_tokens[n.v]))
        return false;
    while (n.v && ast_kind(f->ast, n) == NODE_IF) {
        AstIfExpr branch = ast_if_expr(f->ast, n);
        if (ast_list(f->ast, branch.then_block).count > 1)
            return false;
        n = branch.else_branch;
    }
    return !n.v || ast_list(f->ast, n).count < 2;
}

// After `else` a `do` or `if` would be taken for the chain's own: a branch that begins so is opened by a `do`.
static void last_branch(Fmt *f, NodeId n, bool is_flat) {
    AstList list = ast_list(f->ast, n);
    uint32_t first = list.count > 0 ? fmt_first(f, AST_ITEM(list, 0)) : 0;
    TokenKind kind = (TokenKind)f->ast->token_kinds[first];
    bool has_do = fmt_at(f, TOK_KW_DO) && f->at != first;
    bool needs_do = kind == TOK_KW_DO || (kind == TOK_KW_IF && is_flat);
    if (needs_do) {
        fmt_space(f);
        if (has_do)
            fmt_token(f);
        else
            fmt_word(f, WORD_DO);
    } else if (has_do) {
        fmt_skip(f);
    }
    statements(f, list, is_flat);
}

static void if_chain(Fmt *f, NodeId n) {
    const Ast *ast = f->ast;
    bool is_flat = is_flat_chain(f, n);
    if (is_flat)
        fmt_begin(f, false, FMT_SPREAD);
    while (n.v && ast_kind(ast, n) == NODE_IF && !f->failed) {
        AstIfExpr branch = ast_if_expr(ast, n);
        fmt_expect(f, TOK_KW_IF);
        fmt_space(f);
        condition(f, branch.condition);
        fmt_space(f);
        fmt_expect(f, TOK_KW_DO);
        statements(f, ast_list(ast, branch.then_block), is_flat);
        n = branch.else_branch;
        if (!n.v)
            break;
        fmt_expect(f, TOK_KW_ELSE);
        if (ast_kind(ast, n) == NODE_IF)
            fmt_space(f);
    }
    if (n.v)
        last_branch(f, n, is_flat);
    if (is_flat)
        fmt_end(f);
    fmt_expect(f, TOK_KW_END);
}

// ---- match ----------------------------------------------------------------------------------------------------------

static void arm(Fmt *f, NodeId n) {
    AstArm a = ast_arm(f->ast, n);
    fmt_pattern(f, a.pattern);
    if (a.guard.v) {
        fmt_space(f);
        fmt_expect(f, TOK_KW_WHEN);
        fmt_space(f);
        fmt_expr(f, a.guard);
    }
    fmt_space(f);
    fmt_expect(f, TOK_FAT_ARROW);
    fmt_space(f);
    fmt_expr(f, a.body);
}

static void match(Fmt *f, NodeId n) {
    AstMatch m = ast_match(f->ast, n);
    fmt_expect(f, TOK_KW_MATCH);
    fmt_space(f);
    condition(f, m.subject);
    fmt_space(f);
    fmt_braces(f, m.arms, arm, false);
}

// ---- loops ----------------------------------------------------------------------------------------------------------

static void label(Fmt *f, TokenId name) {
    if (!name.v)
        return;
    fmt_token(f);
    fmt_expect(f, TOK_COLON);
    fmt_space(f);
}

static void loop(Fmt *f, NodeId n) {
    AstLoop l = ast_loop(f->ast, n);
    label(f, l.label);
    fmt_token(f);
    fmt_space(f);
    if (l.condition.v) {
        condition(f, l.condition);
        fmt_space(f);
    }
    fmt_block(f, l.body);
}

static void for_loop(Fmt *f, NodeId n) {
    AstForExpr l = ast_for_expr(f->ast, n);
    label(f, l.label);
    fmt_expect(f, TOK_KW_FOR);
    fmt_space(f);
    if (l.index.v) {
        fmt_pattern(f, l.index);
        fmt_expect(f, TOK_COMMA);
        fmt_space(f);
    }
    fmt_pattern(f, l.pattern);
    fmt_space(f);
    fmt_expect(f, TOK_KW_IN);
    fmt_space(f);
    condition(f, l.iterable);
    fmt_space(f);
    fmt_block(f, l.body);
}

static void jump(Fmt *f, NodeId n) {
    AstJump j = ast_jump(f->ast, n);
    fmt_token(f);
    if (j.label.v) {
        fmt_space(f);
        fmt_token(f);
    }
    if (!j.value.v)
        return;
    fmt_space(f);
    fmt_expr(f, j.value);
}

static void keyword(Fmt *f, NodeId n) {
    NodeId child = ast_unary(f->ast, n).child;
    fmt_token(f);
    if (!child.v)
        return;
    fmt_space(f);
    fmt_expr(f, child);
}

// ---- bindings -------------------------------------------------------------------------------------------------------

static void binding(Fmt *f, NodeId n) {
    AstLet let = ast_let(f->ast, n);
    fmt_token(f);
    fmt_space(f);
    fmt_pattern(f, let.pattern);
    if (let.type.v) {
        fmt_expect(f, TOK_COLON);
        fmt_space(f);
        fmt_type(f, let.type);
    }
    if (!let.value.v)
        return;
    fmt_space(f);
    fmt_expect(f, TOK_ASSIGN);
    fmt_space(f);
    fmt_expr(f, let.value);
    if (!let.else_block.v)
        return;
    fmt_space(f);
    fmt_expect(f, TOK_KW_ELSE);
    fmt_space(f);
    fmt_block(f, let.else_block);
}

static void assignment(Fmt *f, NodeId n) {
    fmt_expr(f, ast_binary(f->ast, n).left);
    fmt_space(f);
    fmt_token(f);
    fmt_space(f);
    fmt_expr(f, ast_binary(f->ast, n).right);
}

static void when(Fmt *f, NodeId n) {
    fmt_expr(f, ast_binary(f->ast, n).left);
    fmt_space(f);
    fmt_expect(f, TOK_KW_WHEN);
    fmt_space(f);
    fmt_expr(f, ast_binary(f->ast, n).right);
}

// ---- closures and handlers ------------------------------------------------------------------------------------------

static void short_closure(Fmt *f, AstClosure c) {
    fmt_expect(f, TOK_PIPE);
    for (uint32_t i = 0; i < c.params.count; i++) {
        if (i > 0) {
            fmt_expect(f, TOK_COMMA);
            fmt_space(f);
        }
        fmt_param(f, AST_ITEM(c.params, i));
    }
    if (fmt_at(f, TOK_COMMA))
        fmt_skip(f);
    fmt_expect(f, TOK_PIPE);
    fmt_space(f);
    body(f, c.body);
}

static void closure(Fmt *f, NodeId n) {
    AstClosure c = ast_closure(f->ast, n);
    if (c.is_short) {
        short_closure(f, c);
        return;
    }
    if (!fmt_at(f, TOK_KW_FUNC)) {
        fmt_token(f);
        fmt_space(f);
    }
    fmt_expect(f, TOK_KW_FUNC);
    fmt_list(f, c.params, fmt_param, 0);
    fmt_result(f, c.result);
    fmt_space(f);
    fmt_block(f, c.body);
}

static void catch_expr(Fmt *f, NodeId n) {
    AstCatchExpr c = ast_catch_expr(f->ast, n);
    fmt_expr(f, c.value);
    fmt_space(f);
    fmt_expect(f, TOK_KW_CATCH);
    if (c.binder.v)
        fmt_binder(f);
    fmt_space(f);
    fmt_expr(f, c.handler);
}

// ---- tasks ----------------------------------------------------------------------------------------------------------

static void nursery(Fmt *f, NodeId n) {
    AstNursery a = ast_nursery(f->ast, n);
    fmt_expect(f, TOK_KW_NURSERY);
    if (fmt_at(f, TOK_LPAREN))
        fmt_args(f, a.args);
    fmt_binder(f);
    fmt_space(f);
    fmt_block(f, a.body);
}

static void select_arm(Fmt *f, NodeId n) {
    AstSelectArm arm_of = ast_select_arm(f->ast, n);
    fmt_token(f);
    if (arm_of.channel.v) {
        fmt_space(f);
        fmt_expr(f, arm_of.channel);
    }
    if (arm_of.value.v) {
        fmt_expect(f, TOK_COMMA);
        fmt_space(f);
        fmt_expr(f, arm_of.value);
    }
    fmt_binder(f);
    fmt_space(f);
    fmt_block(f, arm_of.body);
}

static void select(Fmt *f, NodeId n) {
    fmt_token(f);
    fmt_space(f);
    fmt_expect(f, TOK_KW_DO);
    statements(f, ast_list(f->ast, n), false);
    fmt_expect(f, TOK_KW_END);
}

static void shield(Fmt *f, NodeId n) {
    AstBinary s = ast_binary(f->ast, n);
    fmt_token(f);
    if (s.left.v) {
        fmt_expect(f, TOK_LPAREN);
        fmt_expr(f, s.left);
        fmt_expect(f, TOK_RPAREN);
    }
    fmt_space(f);
    fmt_block(f, s.right);
}

static void using_block(Fmt *f, NodeId n) {
    fmt_token(f);
    fmt_space(f);
    condition(f, ast_binary(f->ast, n).left);
    fmt_space(f);
    fmt_block(f, ast_binary(f->ast, n).right);
}

void fmt_control(Fmt *f, NodeId n) {
    switch (ast_kind(f->ast, n)) {
    case NODE_BLOCK: fmt_block(f, n); break;
    case NODE_LET:
    case NODE_VAR:
    case NODE_MUT_BIND: binding(f, n); break;
    case NODE_ASSIGN: assignment(f, n); break;
    case NODE_WHEN: when(f, n); break;
    case NODE_DEFER:
    case NODE_ERRDEFER:
    case NODE_RETURN:
    case NODE_FAIL: keyword(f, n); break;
    case NODE_BREAK:
    case NODE_CONTINUE: jump(f, n); break;
    case NODE_COND_LET: condition_let(f, n); break;
    case NODE_IF: if_chain(f, n); break;
    case NODE_MATCH: match(f, n); break;
    case NODE_WHILE:
    case NODE_LOOP: loop(f, n); break;
    case NODE_FOR: for_loop(f, n); break;
    case NODE_CLOSURE: closure(f, n); break;
    case NODE_CATCH: catch_expr(f, n); break;
    case NODE_NURSERY: nursery(f, n); break;
    case NODE_SELECT: select(f, n); break;
    case NODE_SELECT_ARM: select_arm(f, n); break;
    case NODE_SHIELD: shield(f, n); break;
    case NODE_USING: using_block(f, n); break;
    default: f->failed = true; break;
    }
}
