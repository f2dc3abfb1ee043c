// What the files of the parser share. One file per construct: parse_decl, parse_type, parse_stmt, parse_expr …
//
// Ideas. `at` is the current token; bump() passes over what the context ignores: doc comments always, NEWLINE inside
// ( and [. A construct notes where it starts (Mark), builds its children, then itself: so nodes are in postorder.
// An error sets `panicking`, which silences everything until a statement, list item or declaration starts afresh.
#ifndef JANUS_SYNTAX_PARSER_H
#define JANUS_SYNTAX_PARSER_H

#include "syntax/lexer.h"

typedef struct {
    uint32_t node, token;
} Mark;

// Indentation tells which `end` is missing, never whether one is.
typedef enum { CLOSING_UNKNOWN, CLOSING_COMPLETE, CLOSING_MISSING } Closing;

typedef struct {
    Diags *diags;
    Interner *symbols;
    Arena *arena;
    FileId file;
    Ast *ast;
    uint8_t *kinds; // the token columns of the Ast
    uint32_t at, previous;
    uint32_t skip;                    // which classes of tokens bump() passes over
    uint32_t depth;                   // nesting
    uint32_t parens, squares, braces; // how many are open around
    uint32_t reported;                // the token of the last error
    uint32_t report_count;
    uint32_t mistakes; // reports, and what the lexer had reported already
    uint32_t opener;   // the `do` of the innermost block
    bool no_struct;    // in the head of a statement: a brace after a name does not start a struct literal
    bool panicking;    // an error was reported; wait for a fresh start
    bool trying;       // speculation: errors set `failed` and are not reported
    bool failed;
    bool is_mute;         // the file was not UTF-8: say nothing more
    bool is_too_deep;     // reported once for each file
    Closing closing;      // what is known of the file's `end`s and braces
    uint32_t declaration; // the token where the declaration at hand starts
    uint32_t orphaned;    // behind an impl or trait that was closed too early: 1 + its column, 0 elsewhere
    // node columns; all have room for node_capacity items
    VecU8 node_kinds;
    VecU32 node_tokens, node_firsts, node_a, node_b, node_first_tokens, node_last_tokens;
    VEC(uint16_t) heights;
    uint32_t node_count, node_capacity;
    VecU32 extra;
    VecU32 scratch;     // stack of list items
    VecU32 labels;      // symbols of the labels in scope
    uint8_t *type_args; // of each `[` behind a capital: a TypeArgs, found once; NULL until one is looked at
} Parser;

enum { SKIP_NEVER = 0, SKIP_ALWAYS = 1, SKIP_IN_BRACKETS = 2 };
extern const uint8_t parse_skips[TOK_COUNT];

// ---- tokens ---------------------------------------------------------------------------------------------------------

static inline TokenKind parse_kind(const Parser *p) {
    return (TokenKind)p->kinds[p->at];
}
static inline bool parse_at(const Parser *p, TokenKind kind) {
    return p->kinds[p->at] == kind;
}
static inline void parse_settle(Parser *p) {
    while (parse_skips[p->kinds[p->at]] & p->skip)
        p->at++;
}
static inline void parse_bump(Parser *p) { // not at EOF
    p->previous = p->at;
    p->at += p->kinds[p->at] != TOK_EOF;
    parse_settle(p);
}
static inline bool parse_eat(Parser *p, TokenKind kind) {
    if (!parse_at(p, kind))
        return false;
    parse_bump(p);
    return true;
}
void parse_pass(Parser *p, uint32_t last);                  // goes past this token, if it lies ahead
uint32_t parse_peek(const Parser *p, uint32_t from);        // index of the token after `from` that bump() would stop at
uint32_t parse_peek_inside(const Parser *p, uint32_t from); // the same between ( or [ and their closers
uint32_t parse_path_end(const Parser *p, uint32_t name);    // the last name of a.b.c, or `name` itself
TokenKind parse_peek_kind(const Parser *p);                 // of the token after the current one
bool parse_is_word(const Parser *p, uint32_t token, const char *word); // a NAME with this text
Text parse_text(const Parser *p, uint32_t token);
bool parse_at_word(const Parser *p, const char *word);
bool parse_is_line_start(const Parser *p, uint32_t token);
bool parse_is_adjacent(const Parser *p, uint32_t token); // no blank between the token and the next one
bool parse_is_capital(const Parser *p, uint32_t token);
void parse_skip_newlines(Parser *p);
uint32_t parse_matching(const Parser *p, uint32_t open);        // the token that closes this bracket, or 0
bool parse_starts_declaration(const Parser *p, uint32_t token); // never true of a statement or expression
bool parse_starts_statement(const Parser *p, uint32_t token);   // a keyword that only starts statements
bool parse_starts_expression(TokenKind kind);
uint32_t parse_column(const Parser *p, uint32_t token);      // of the token, 0-based, in bytes
uint32_t parse_line_column(const Parser *p, uint32_t token); // of the first token of its line

// Brackets: between them NEWLINE is (not) passed over. leave() consumes the closer with the outer setting.
typedef struct {
    uint32_t skip, parens, squares, braces;
    bool no_struct;
} Context;
Context parse_enter(Parser *p, bool skip_newlines); // consumes the opener
void parse_leave(Parser *p, Context outer, TokenKind close, uint32_t open, const char *after);
void parse_restore(Parser *p, Context outer);
void parse_resume(Parser *p, Context outer); // before the closer is consumed
Context parse_context(const Parser *p);
bool parse_at_stray_closer(const Parser *p); // a closing bracket to which none is open

// ---- errors ---------------------------------------------------------------------------------------------------------

Span parse_span(const Parser *p, uint32_t token);
Span parse_span_to(const Parser *p, uint32_t first, uint32_t last);
// NULL while panicking, muted or trying. Sets panicking.
Report *parse_error(Parser *p, DiagCode code, Span span, const char *format, ...) __attribute__((format(printf, 4, 5)));
// The same where the parser knows how to go on: does not set panicking.
Report *parse_complain(Parser *p, DiagCode code, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
Text parse_quote(const Parser *p, TokenKind kind);                  // "`(`", "`end`"
Text parse_describe(const Parser *p, uint32_t token);               // "`end`", "the end of the line", "the name `x`"
Report *parse_expected(Parser *p, DiagCode code, const char *what); // "expected WHAT, found …" at the current token
void parse_fix_remove(Parser *p, Report *r, uint32_t token,
                      const char *title); // with the blanks behind it; r may be NULL
bool parse_expect(Parser *p, TokenKind kind, const char *what);
TokenId parse_name(Parser *p, const char *what);       // consumes a NAME; a keyword there is reported and taken
TokenId parse_field_name(Parser *p, const char *what); // the same, but any word before a colon will do
void parse_name_keyword(Parser *p, uint32_t token);    // a keyword that stands for a name gets its symbol
void parse_sync(Parser *p);                            // to the end of the statement
void parse_sync_item(Parser *p, TokenKind close);      // to the next comma or the closer of the list
// Behind an item that began at `start`: eats the comma and tells whether another item may follow.
bool parse_next_item(Parser *p, uint32_t start, TokenKind close);
bool parse_eat_comma(Parser *p);   // also one that was forgotten between two items of a line, which is reported
bool parse_deeper(Parser *p);      // false if the limit is reached; pair with p->depth--
void parse_skip_nested(Parser *p); // to the closer of the innermost bracket

// ---- nodes ----------------------------------------------------------------------------------------------------------

static inline Mark parse_mark(const Parser *p) {
    return (Mark){p->node_count, p->at};
}
static inline Mark parse_mark_node(const Parser *p, NodeId n) { // where a finished node starts
    return (Mark){p->node_firsts.items[n.v], p->node_first_tokens.items[n.v]};
}
static inline NodeKind parse_node_kind(const Parser *p, NodeId n) {
    return (NodeKind)p->node_kinds.items[n.v];
}
NodeId parse_leaf(Parser *p, NodeKind kind);                                 // of the current token, which is consumed
NodeId parse_node_none(Parser *p, NodeKind kind, uint32_t token, Mark mark); // a leaf of tokens already consumed
NodeId parse_node_unary(Parser *p, NodeKind kind, uint32_t token, Mark mark, NodeId child);
NodeId parse_node_binary(Parser *p, NodeKind kind, uint32_t token, Mark mark, NodeId left, NodeId right);
// The list is what was pushed on scratch since `base`; it is taken off.
NodeId parse_node_list(Parser *p, NodeKind kind, uint32_t token, Mark mark, uint32_t base);
NodeId parse_node_call(Parser *p, NodeKind kind, uint32_t token, Mark mark, NodeId callee, uint32_t base);
NodeId parse_invalid(Parser *p); // a node for what could not be read; consumes nothing
typedef struct {
    uint32_t at, count;
} ListRef; // of extra
ListRef parse_take_list(Parser *p, uint32_t base);
// Where the records of functions and impls keep these (ast.c knows the whole of each record).
enum { PARSE_FUNC_BODY = 10, PARSE_IMPL_MEMBERS = 4 };
// A record in extra: its words. Heights of the children count.
NodeId parse_node_record(Parser *p, NodeKind kind, uint32_t token, Mark mark, const uint32_t *words, uint32_t count,
                         uint32_t height);
uint32_t parse_height(const Parser *p, NodeId n); // 0 of none
uint32_t parse_list_height(const Parser *p, ListRef list);
void parse_poison_function(Parser *p, NodeId n); // the body of a function that is built; others are left
void parse_truncate(Parser *p, uint32_t node_count, uint32_t extra_count);
#define PARSE_RECORD(p, kind, token, mark, height, ...)                                                                \
    parse_node_record((p), (kind), (token), (mark), (const uint32_t[]){__VA_ARGS__},                                   \
                      sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (height))
static inline void parse_push(Parser *p, NodeId n) {
    vec_push(&p->scratch, n.v);
}

// ---- constructs -----------------------------------------------------------------------------------------------------

NodeId parse_declaration(Parser *p);                                       // none if the token starts none
NodeId parse_attrs(Parser *p);                                             // at {.
ListRef parse_type_params(Parser *p);                                      // [T: A, U], or an empty list
ListRef parse_params(Parser *p, TokenKind close, bool are_types_optional); // after the opener
void parse_type_bounds(Parser *p);                                         // A + B, pushed on scratch

NodeId parse_type(Parser *p);
NodeId parse_type_path(Parser *p);             // a.b.C with its arguments
NodeId parse_no_union(Parser *p, NodeId type); // complains of `| B` after a type, and gives what stands for it
NodeId parse_func_type(Parser *p, Mark mark, uint32_t mode);
bool parse_starts_type(const Parser *p, uint32_t token);
bool parse_try_type_args(Parser *p); // at [: pushes types on scratch and stands after ]; else nothing happened

NodeId parse_expr(Parser *p); // the loosest: with catch
NodeId parse_expr_above(Parser *p, int level);
NodeId parse_head(Parser *p); // the head of if, while, for, match: no struct literals, to `do`
NodeId parse_postfix(Parser *p);
NodeId parse_operand(Parser *p);
NodeId parse_closure(Parser *p, Mark mark, uint32_t mode); // at func
NodeId parse_short_closure(Parser *p);
NodeId parse_bracketed(Parser *p); // lists, maps, repeats, list types
NodeId parse_parenthesised(Parser *p);
NodeId parse_interpolation(Parser *p);

// ---- parse_foreign.c: what other languages write --------------------------------------------------------------------

// How to say what this word of another language means; NULL if it is none.
const char *parse_foreign_word(const Parser *p, uint32_t token);
// An expression that may be a closure; `in_brackets`: an argument, which may go over several lines.
NodeId parse_value(Parser *p, bool in_brackets);
// At func: passes over `func (p Point)` before the name of a method; false if it is none.
bool parse_receiver(Parser *p);
// After func: passes over an operator as the name of a function, as if it were one; none if there is none.
TokenId parse_operator_name(Parser *p);
bool parse_at_channel_arrow(const Parser *p); // <- behind a value, which is no comparison with a negative number
uint32_t parse_channel_arrow(Parser *p);      // passes over it; its last token
bool parse_foreign_select(Parser *p);         // at select { … }: passes over it; false if it is none

// ---- parse_expr.c and parse_operand.c, continued --------------------------------------------------------------------

NodeId parse_type_operand(Parser *p); // a type as an expression
NodeId parse_struct_literal(Parser *p, Mark mark, NodeId type);
bool parse_at_struct_body(const Parser *p);
bool parse_is_assignment(TokenKind kind);
void parse_argument_list(Parser *p); // at ( : pushes on scratch, stands after )

NodeId parse_if(Parser *p);
NodeId parse_match(Parser *p);
NodeId parse_while(Parser *p, TokenId label);
NodeId parse_for(Parser *p, TokenId label);
NodeId parse_loop(Parser *p, TokenId label);
NodeId parse_jump(Parser *p);
NodeId parse_nursery(Parser *p);
NodeId parse_select(Parser *p);
NodeId parse_shield(Parser *p);
NodeId parse_using(Parser *p);

NodeId parse_statement(Parser *p);
// The body of a function or test. One that had a report is poisoned as a whole: what a later stage could say about what
// is left of it would mostly only follow from the mistake.
NodeId parse_body(Parser *p, uint32_t owner);
NodeId parse_block(Parser *p, uint32_t owner);       // do … end, from `do`; owner: the keyword it belongs to
NodeId parse_inner_block(Parser *p, uint32_t owner); // the same as a level of nesting: where no expression counts it
NodeId parse_chain_block(Parser *p, uint32_t owner); // the same, but `else` may end it and `end` stays
NodeId parse_else_block(Parser *p, uint32_t owner);  // the last branch of a chain, after `else`
void parse_end_statement(Parser *p);
void parse_stray_closer(Parser *p);
bool parse_at_elif(const Parser *p); // elif, elseif: meant as `else if`
void parse_missing_end(Parser *p, uint32_t opener);

// ---- parse.c --------------------------------------------------------------------------------------------------------

// Whether every block of the file has its `end` or brace: found once, by parsing it without regard to indentation.
bool parse_is_closed(Parser *p);

NodeId parse_pattern(Parser *p);
NodeId parse_param_pattern(Parser *p); // without alternatives: a `|` behind it ends the parameters
#endif
