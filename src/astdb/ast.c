// Decoders of the tree. The encodings are written by syntax/parse_*.c: a and b by form, records in extra.
#include "astdb/ast.h"

Text ast_token_text(const Ast *ast, TokenId t) {
    uint32_t start = ast->token_starts[t.v];
    return (Text){ast->source.data + start, ast->token_ends[t.v] - start};
}

Span ast_token_span(const Ast *ast, TokenId t) {
    return (Span){ast->file, ast->token_starts[t.v], ast->token_ends[t.v]};
}

Span ast_span(const Ast *ast, NodeId n) {
    return (Span){ast->file, ast->token_starts[ast->node_first_tokens[n.v]],
                  ast->token_ends[ast->node_last_tokens[n.v]]};
}

Span ast_main_span(const Ast *ast, NodeId n) {
    return ast_token_span(ast, ast_token(ast, n));
}

const char *token_kind_text(TokenKind kind) {
    static const char *const texts[TOK_COUNT] = {
#define TOKEN(name, text) [TOK_##name] = text,
#define KEYWORD(name, text) [TOK_KW_##name] = "`" text "`",
#include "astdb/tokens.def"
#undef TOKEN
#undef KEYWORD
    };
    return texts[kind];
}

const char *node_kind_name(NodeKind kind) {
    static const char *const names[NODE_COUNT] = {
#define NODE(name, form) [NODE_##name] = #name,
#include "astdb/nodes.def"
#undef NODE
    };
    return names[kind];
}

// ---- records --------------------------------------------------------------------------------------------------------

static const uint32_t *record(const Ast *ast, NodeId n) {
    return ast->extra + ast->node_a[n.v];
}

// Two words of a record: where the list stands in extra, and its count.
static AstList list_at(const Ast *ast, const uint32_t *words) {
    return (AstList){ast->extra + words[0], words[1]};
}

AstList ast_list(const Ast *ast, NodeId n) {
    return (AstList){ast->extra + ast->node_a[n.v], ast->node_b[n.v]};
}

AstImport ast_import(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstImport){.name = {w[0]}, .alias = {w[1]}, .path = list_at(ast, w + 2), .is_pub = w[4] != 0};
}

AstFunc ast_func(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstFunc){.name = {w[0]},
                     .doc = {w[1]},
                     .type_params = list_at(ast, w + 2),
                     .params = list_at(ast, w + 4),
                     .result = {w[6]},
                     .where = list_at(ast, w + 7),
                     .attrs = {w[9]},
                     .body = {w[10]},
                     .is_pub = w[11] != 0};
}

AstShape ast_shape(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstShape){.name = {w[0]},
                      .doc = {w[1]},
                      .type_params = list_at(ast, w + 2),
                      .members = list_at(ast, w + 4),
                      .derives = list_at(ast, w + 6),
                      .attrs = {w[8]},
                      .is_pub = w[9] != 0};
}

AstTrait ast_trait(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstTrait){.name = {w[0]},
                      .doc = {w[1]},
                      .type_params = list_at(ast, w + 2),
                      .supers = list_at(ast, w + 4),
                      .members = list_at(ast, w + 6),
                      .where = list_at(ast, w + 8),
                      .is_pub = w[10] != 0};
}

AstImpl ast_impl(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstImpl){.type_params = list_at(ast, w),
                     .trait_type = {w[2]},
                     .self_type = {w[3]},
                     .members = list_at(ast, w + 4),
                     .where = list_at(ast, w + 6)};
}

AstConstDecl ast_const_decl(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstConstDecl){.name = {w[0]}, .doc = {w[1]}, .type = {w[2]}, .value = {w[3]}, .is_pub = w[4] != 0};
}

AstTest ast_test(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstTest){.name = {w[0]}, .doc = {w[1]}, .body = {w[2]}};
}

AstParam ast_param(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstParam){.name = {w[0]},
                      .doc = {w[1]},
                      .mode = (ParamMode)w[2],
                      .type = {w[3]},
                      .default_value = {w[4]},
                      .is_pub = w[5] != 0,
                      .pattern = {w[6]}};
}

bool ast_lends_changeable(const Ast *ast, NodeId result) {
    NodeKind kind = result.v ? ast_kind(ast, result) : NODE_INVALID;
    while (kind == NODE_TYPE_OPTIONAL || kind == NODE_TYPE_RESULT) {
        result = kind == NODE_TYPE_RESULT ? ast_binary(ast, result).right : ast_unary(ast, result).child;
        kind = ast_kind(ast, result);
    }
    return kind == NODE_TYPE_MUT;
}

bool ast_has_attribute(const Ast *ast, NodeId attrs, const char *name) {
    if (attrs.v == 0 || ast_kind(ast, attrs) != NODE_ATTRS)
        return false;
    AstList list = ast_list(ast, attrs);
    for (uint32_t i = 0; i < list.count; i++)
        if (text_equal(ast_token_text(ast, ast_token(ast, AST_ITEM(list, i))), text_of(name)))
            return true;
    return false;
}

AstVariant ast_variant(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstVariant){.name = {w[0]}, .doc = {w[1]}, .fields = list_at(ast, w + 2), .is_tuple = w[4] != 0};
}

AstTypeParam ast_type_param(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstTypeParam){.name = {w[0]}, .bounds = list_at(ast, w + 1), .is_type_value = w[3] != 0};
}

AstPath ast_path(const Ast *ast, NodeId n) {
    return (AstPath){ast_list(ast, n)};
}

AstCall ast_call(const Ast *ast, NodeId n) {
    const uint32_t *w = ast->extra + ast->node_b[n.v];
    return (AstCall){.callee = {ast->node_a[n.v]}, .args = {w + 1, w[0]}};
}

AstUnary ast_unary(const Ast *ast, NodeId n) {
    return (AstUnary){{ast->node_a[n.v]}};
}

AstBinary ast_binary(const Ast *ast, NodeId n) {
    return (AstBinary){{ast->node_a[n.v]}, {ast->node_b[n.v]}};
}

AstFuncType ast_func_type(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstFuncType){.params = list_at(ast, w), .result = {w[2]}, .self_mode = (ParamMode)w[3]};
}

AstLet ast_let(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstLet){.pattern = {w[0]}, .type = {w[1]}, .value = {w[2]}, .else_block = {w[3]}, .is_mut = w[4] != 0};
}

AstCatchExpr ast_catch_expr(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstCatchExpr){.binder = {w[0]}, .value = {w[1]}, .handler = {w[2]}, .is_block = w[3] != 0};
}

AstStructLit ast_struct_lit(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstStructLit){.type = {w[0]}, .base = {w[1]}, .fields = list_at(ast, w + 2)};
}

AstClosure ast_closure(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstClosure){.params = list_at(ast, w),
                        .result = {w[2]},
                        .body = {w[3]},
                        .self_mode = (ParamMode)w[4],
                        .is_short = w[5] != 0};
}

AstIfExpr ast_if_expr(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstIfExpr){.condition = {w[0]}, .then_block = {w[1]}, .else_branch = {w[2]}};
}

AstMatch ast_match(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstMatch){.subject = {w[0]}, .arms = list_at(ast, w + 1)};
}

AstArm ast_arm(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstArm){.pattern = {w[0]}, .guard = {w[1]}, .body = {w[2]}};
}

AstLoop ast_loop(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstLoop){.label = {w[0]}, .condition = {w[1]}, .body = {w[2]}};
}

AstForExpr ast_for_expr(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstForExpr){.label = {w[0]}, .index = {w[1]}, .pattern = {w[2]}, .iterable = {w[3]}, .body = {w[4]}};
}

AstJump ast_jump(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstJump){.label = {w[0]}, .value = {w[1]}};
}

AstPatBind ast_pat_bind(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstPatBind){.name = {w[0]}, .is_mut = w[1] != 0, .pattern = {w[2]}};
}

AstPatStruct ast_pat_struct(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstPatStruct){.type = {w[0]}, .fields = list_at(ast, w + 1), .has_rest = w[3] != 0};
}

AstNursery ast_nursery(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstNursery){.args = list_at(ast, w), .binder = {w[2]}, .body = {w[3]}};
}

AstSelectArm ast_select_arm(const Ast *ast, NodeId n) {
    const uint32_t *w = record(ast, n);
    return (AstSelectArm){.channel = {w[0]}, .value = {w[1]}, .binder = {w[2]}, .body = {w[3]}};
}

uint32_t ast_interp_count(const Ast *ast, NodeId n) {
    return record(ast, n)[1];
}

AstInterpPart ast_interp_part(const Ast *ast, NodeId n, uint32_t index, Arena *arena) {
    const uint32_t *w = ast->extra + record(ast, n)[0] + (size_t)index * 3;
    AstInterpPart part = {.expr = {w[0]}};
    if (w[1])
        part.literal = ast_string_value(ast, (TokenId){w[1]}, arena);
    if (w[2]) {
        part.spec = ast_token_text(ast, (TokenId){w[2]});
        part.spec.data++; // the colon
        part.spec.size--;
    }
    return part;
}
