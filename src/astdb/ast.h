// ast: one file's tokens and syntax tree, columnar and immutable once parsed.
//
// Ideas. Tokens and nodes are columns indexed by integer handles; node 0 and token 0 are "none" (token 0 is a
// sentinel). Nodes are in postorder, so a subtree is the range (ast_first(n) … n). Shapes with more than two parts
// keep them in `extra`; readers use the ast_… decoders below and never look at the raw columns.
#ifndef JANUS_AST_H
#define JANUS_AST_H

#include "base/base.h"
#include "diag/diag.h"

typedef struct {
    uint32_t v;
} TokenId;
typedef struct {
    uint32_t v;
} NodeId; // within one file

typedef enum {
#define TOKEN(name, text) TOK_##name,
#define KEYWORD(name, text) TOK_KW_##name,
#include "astdb/tokens.def"
#undef TOKEN
#undef KEYWORD
    TOK_COUNT,
} TokenKind;

typedef enum {
#define NODE(name, form) NODE_##name,
#include "astdb/nodes.def"
#undef NODE
    NODE_COUNT,
} NodeKind; // a NodeId of 0 is none; NODE_INVALID is a real, poisoned node

typedef struct {
    FileId file;
    Text source;
    // token columns; index 0 is the sentinel
    uint8_t *token_kinds;
    uint32_t *token_starts, *token_ends;
    uint32_t token_count;
    // node columns; index 0 is the sentinel
    uint8_t *node_kinds;
    uint32_t *node_tokens;                          // main token
    uint32_t *node_firsts;                          // first node of the subtree
    uint32_t *node_a, *node_b;                      // meaning by kind, private to ast.c
    uint32_t *node_first_tokens, *node_last_tokens; // the source range of the node, both inclusive
    uint32_t node_count;
    uint32_t *extra;
    uint32_t extra_count;
    NodeId root;             // NODE_MODULE
    SymbolId *token_symbols; // for NAME, SELF and SELF_TYPE tokens, else 0
} Ast;

// ---- reading --------------------------------------------------------------------------------------------------------

typedef struct {
    const uint32_t *items; // node ids
    uint32_t count;
} AstList;

#define AST_ITEM(list, i) ((NodeId){(list).items[i]})

typedef enum { MODE_BORROW, MODE_MUT, MODE_OWN } ParamMode;

typedef struct {
    TokenId name, alias;
    AstList path;
    bool is_pub;
} AstImport; // path: NAME nodes; name: the last of the path
typedef struct {
    TokenId name, doc;   // doc: the first of the run of DOC tokens before the declaration, or 0
    AstList type_params; // TYPE_PARAM
    AstList params;      // PARAM; a self parameter has the SELF token as its name and no type
    NodeId result;       // type or none (void)
    AstList where;       // TYPE_PARAM: constraints on named parameters
    NodeId attrs, body;  // ATTRS or none; BLOCK or none
    bool is_pub;
} AstFunc;
typedef struct {
    TokenId name, doc;
    AstList type_params, members, derives;
    NodeId attrs;
    bool is_pub;
} AstShape; // derives: NAME nodes
typedef struct {
    TokenId name, doc;
    AstList type_params, supers, members, where;
    bool is_pub;
} AstTrait; // supers: types; members: FUNC, ASSOC_TYPE
typedef struct {
    AstList type_params, members, where;
    NodeId trait_type, self_type;
} AstImpl; // trait_type none for an inherent impl
typedef struct {
    TokenId name, doc;
    NodeId type, value;
    bool is_pub;
} AstConstDecl; // either may be none
typedef struct {
    TokenId name, doc;
    NodeId body;
} AstTest; // name: a STRING token
typedef struct {
    TokenId name, doc;
    ParamMode mode;
    NodeId type, default_value;
    bool is_pub;
    NodeId pattern; // of a closure that takes the parameter apart: it has no name then
} AstParam;         // also fields
typedef struct {
    TokenId name, doc;
    AstList fields;
    bool is_tuple;
} AstVariant; // fields: FIELD_DECL; in the tuple form without a name (name 0)
typedef struct {
    TokenId name;
    AstList bounds;
    bool is_type_value;
} AstTypeParam; // bounds: types; TYPE_FUNC for a callable bound
typedef struct {
    AstList parts;
} AstPath; // NAME nodes
typedef struct {
    NodeId callee;
    AstList args;
} AstCall;
typedef struct {
    NodeId child;
} AstUnary;
typedef struct {
    NodeId left, right;
} AstBinary;
typedef struct {
    AstList params;
    NodeId result;
    ParamMode self_mode;
} AstFuncType; // params: PARAM; self_mode: func, mut func, own func
typedef struct {
    NodeId pattern, type, value, else_block;
    bool is_mut;
} AstLet;
typedef struct {
    TokenId binder;
    NodeId value, handler;
    bool is_block;
} AstCatchExpr; // binder 0 if none; handler: BLOCK or an expression
typedef struct {
    NodeId type, base;
    AstList fields;
} AstStructLit; // type: TYPE_NAME or TYPE_APPLY; fields: FIELD_INIT
typedef struct {
    AstList params;
    NodeId result, body;
    ParamMode self_mode;
    bool is_short;
} AstClosure; // body: BLOCK or, in the short form, an expression
typedef struct {
    NodeId condition, then_block, else_branch;
} AstIfExpr; // else_branch: BLOCK, IF or none
typedef struct {
    NodeId subject;
    AstList arms;
} AstMatch;
typedef struct {
    NodeId pattern, guard, body;
} AstArm;
typedef struct {
    TokenId label;
    NodeId condition, body;
} AstLoop; // condition none for loop
typedef struct {
    TokenId label;
    NodeId index, pattern, iterable, body;
} AstForExpr; // index: the first pattern of `for i, x in`, or none
typedef struct {
    TokenId label;
    NodeId value;
} AstJump;
typedef struct {
    TokenId name;
    bool is_mut;
    NodeId pattern;
} AstPatBind;
typedef struct {
    NodeId type;
    AstList fields;
    bool has_rest;
} AstPatStruct; // fields: PAT_FIELD
typedef struct {
    AstList args;
    TokenId binder;
    NodeId body;
} AstNursery; // args: expressions and ARG_NAMED; binder 0 if none
typedef struct {
    NodeId channel, value;
    TokenId binder;
    NodeId body;
} AstSelectArm; // value: of send; channel: also the duration of after

// Format of one piece of $"…": literal text (expr none) or an expression with its format specification.
typedef struct {
    NodeId expr;
    Text literal; // unescaped
    Text spec;    // after the colon, raw: ">8.2"; empty if none
} AstInterpPart;

static inline NodeKind ast_kind(const Ast *ast, NodeId n) {
    return (NodeKind)ast->node_kinds[n.v];
}
static inline TokenId ast_token(const Ast *ast, NodeId n) {
    return (TokenId){ast->node_tokens[n.v]};
}
static inline NodeId ast_first(const Ast *ast, NodeId n) {
    return (NodeId){ast->node_firsts[n.v]};
}
static inline TokenKind ast_token_kind(const Ast *ast, TokenId t) {
    return (TokenKind)ast->token_kinds[t.v];
}
static inline SymbolId ast_symbol(const Ast *ast, TokenId t) {
    return ast->token_symbols[t.v];
}

Text ast_token_text(const Ast *ast, TokenId t);
Span ast_token_span(const Ast *ast, TokenId t);
Span ast_span(const Ast *ast, NodeId n);      // the whole node
Span ast_main_span(const Ast *ast, NodeId n); // its main token: the name or the operator

AstList ast_list(const Ast *ast, NodeId n);
AstImport ast_import(const Ast *ast, NodeId n);
AstFunc ast_func(const Ast *ast, NodeId n);
AstShape ast_shape(const Ast *ast, NodeId n);
AstTrait ast_trait(const Ast *ast, NodeId n);
AstImpl ast_impl(const Ast *ast, NodeId n);
AstConstDecl ast_const_decl(const Ast *ast, NodeId n);
AstTest ast_test(const Ast *ast, NodeId n);
bool ast_lends_changeable(const Ast *ast, NodeId result); // `mut T` as the type of a result, also behind `?` and `!`
bool ast_has_attribute(const Ast *ast, NodeId attrs, const char *name); // of a node ATTRS, or none
AstParam ast_param(const Ast *ast, NodeId n);
AstVariant ast_variant(const Ast *ast, NodeId n);
AstTypeParam ast_type_param(const Ast *ast, NodeId n);
AstPath ast_path(const Ast *ast, NodeId n);
AstCall ast_call(const Ast *ast, NodeId n);
AstUnary ast_unary(const Ast *ast, NodeId n);
AstBinary ast_binary(const Ast *ast, NodeId n);
AstFuncType ast_func_type(const Ast *ast, NodeId n);
AstLet ast_let(const Ast *ast, NodeId n);
uint32_t ast_interp_count(const Ast *ast, NodeId n);
AstInterpPart ast_interp_part(const Ast *ast, NodeId n, uint32_t index, Arena *arena);
AstCatchExpr ast_catch_expr(const Ast *ast, NodeId n);
AstStructLit ast_struct_lit(const Ast *ast, NodeId n);
AstClosure ast_closure(const Ast *ast, NodeId n);
AstIfExpr ast_if_expr(const Ast *ast, NodeId n);
AstMatch ast_match(const Ast *ast, NodeId n);
AstArm ast_arm(const Ast *ast, NodeId n);
AstLoop ast_loop(const Ast *ast, NodeId n);
AstForExpr ast_for_expr(const Ast *ast, NodeId n);
AstJump ast_jump(const Ast *ast, NodeId n);
AstPatBind ast_pat_bind(const Ast *ast, NodeId n);
AstPatStruct ast_pat_struct(const Ast *ast, NodeId n);
AstNursery ast_nursery(const Ast *ast, NodeId n);
AstSelectArm ast_select_arm(const Ast *ast, NodeId n);

const char *token_kind_text(TokenKind kind);
const char *node_kind_name(NodeKind kind);

// Values of literal tokens. The lexer reported what is malformed; these return the best reading then.
typedef struct {
    uint64_t low, high;
    bool overflow;
} AstIntValue; // 128 bits, unsigned
AstIntValue ast_int_value(const Ast *ast, TokenId t);
double ast_float_value(const Ast *ast, TokenId t);
uint32_t ast_char_value(const Ast *ast, TokenId t);
int64_t ast_duration_ns(const Ast *ast, TokenId t, bool *overflow);
Text ast_string_value(const Ast *ast, TokenId t, Arena *arena); // STRING and BYTES, unescaped, indentation removed

// Debug print, one node a line, indented; round-trips nothing, it is for people and stage tests.
void ast_print(const Ast *ast, const Interner *symbols, Buffer *out);

#endif
