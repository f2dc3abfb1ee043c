// For the files of the formatter: layout operations, and the cursor over the tokens.
//
// An operation is text, a place where a line may end, or a bracket around others. Groups: laid out on one line if that
// fits, else each of its own LINEs is a new line. HARD ends a line always; groups around it stay as they are, so a call
// with a closure keeps its arguments on the line and only the closure's body is broken.
#ifndef JANUS_SYNTAX_FMT_H
#define JANUS_SYNTAX_FMT_H

#include "syntax/format.h"

typedef enum {
    FMT_TEXT,   // of the source: `at`, `size`
    FMT_WORD,   // one of ours: `at` is an index of fmt_words
    FMT_SPACE,  // one blank
    FMT_LINE,   // in a broken group a new line, else `size` blanks
    FMT_HARD,   // a new line
    FMT_BLANK,  // at the start of a line: an empty line before
    FMT_BEGIN,  // of a group
    FMT_END,    //
    FMT_INDENT, // up to DEDENT lines start further right, if the group is broken or FMT_ALWAYS is set
    FMT_DEDENT, //
    FMT_COMMA,  // only where the group is broken
    FMT_HUG,    // the group may stay unbroken if what stands before this fits
    FMT_TRAIL,  // a comment behind code: written when the line ends
    FMT_OWN,    // a comment on a line of its own
    FMT_INLINE, // a comment in the middle of a line
} FmtKind;

enum {
    FMT_FORCE = 1,      // LINE: the group is broken here. BEGIN: it is broken in any case
    FMT_FILL = 2,       // LINE: a new line only if what follows does not fit
    FMT_EMPTY = 4,      // LINE, HARD: one empty line, where lines end
    FMT_ALWAYS = 8,     // INDENT
    FMT_SPREAD = 16,    // BEGIN: broken if something inside ends a line
    FMT_MULTILINE = 32, // TEXT with line breaks
    FMT_INSIDE = 64,    // while measuring. BEGIN: `at` is the width up to a line break inside; LINE: `at` is an END
    FMT_GAP = 128,      // INLINE: a blank follows
    FMT_GLUED = 128,    // TEXT, WORD: stands before a comment that waits for the end of the line
};

typedef struct {
    uint8_t kind, flags;
    uint32_t at, size;
    uint32_t sum; // the width of everything before on one line
} FmtOp;

typedef enum { WORD_COMMA, WORD_ARROW, WORD_OPEN, WORD_CLOSE, WORD_DO, WORD_END, WORD_WILD, WORD_RANGE } FmtWord;
extern const Text fmt_words[];

typedef struct {
    const Ast *ast;
    VEC(FmtOp) ops;
    uint32_t *closers;      // by token: of an opening bracket the closing one
    uint32_t at;            // the token to be consumed
    uint32_t scanned;       // comments before this place in the text are written
    uint32_t head;          // in the head of a statement: lines that go on are indented twice
    uint32_t hug;           // the next literal ends the arguments around it: it may be broken in their place
    NodeId base;            // of the struct literal at hand
    uint32_t close;         // the brace that ends the fields, variants or arms at hand
    bool fresh;             // at the start of a block: no empty line
    bool type_value;        // in a type that stands where an expression may: its brackets are kept
    bool is_type_outermost; // the next type application is that type itself
    bool failed;
    VecU32 spine; // of nodes: chains that are being written
} Fmt;

typedef struct {
    const Fmt *f;
    Buffer *out;
    VecU32 indents;    // outer ones; the one in force is `indent`
    VecU8 broken;      // by open group
    VEC(Text) waiting; // comments that are written at the end of the line
    uint32_t indent, column;
    uint32_t newlines; // to be written before the next text
    uint32_t extra;    // of the next line: it goes on behind a comment
    bool at_start;
} FmtWriter;

// Writes the operations as text and forgets them. Done after each declaration, so that they stay in the cache.
void fmt_layout(Fmt *f, FmtWriter *writer);
void fmt_layout_end(FmtWriter *writer);

// ---- operations (fmt_tokens.c) --------------------------------------------------------------------------------------

void fmt_op(Fmt *f, FmtKind kind, uint8_t flags);
static inline void fmt_space(Fmt *f) {
    fmt_op(f, FMT_SPACE, 0);
}
void fmt_word(Fmt *f, FmtWord word);                   // text that no token stands for
void fmt_line(Fmt *f, uint32_t blanks, uint8_t flags); // before the next token
void fmt_hard(Fmt *f);                                 // the same; an empty line is kept
static inline void fmt_begin(Fmt *f, bool is_forced, uint8_t flags) {
    fmt_op(f, FMT_BEGIN, (uint8_t)(flags | (is_forced ? FMT_FORCE : 0)));
}
static inline void fmt_end(Fmt *f) {
    fmt_op(f, FMT_END, 0);
}
static inline void fmt_indent(Fmt *f) {
    fmt_op(f, FMT_INDENT, 0);
}
static inline void fmt_dedent(Fmt *f) {
    fmt_op(f, FMT_DEDENT, 0);
}

// ---- tokens ---------------------------------------------------------------------------------------------------------

static inline TokenKind fmt_kind(const Fmt *f) {
    return (TokenKind)f->ast->token_kinds[f->at];
}
static inline bool fmt_at(const Fmt *f, TokenKind kind) {
    return f->ast->token_kinds[f->at] == kind;
}
void fmt_token(Fmt *f);                  // writes the token at the cursor
void fmt_expect(Fmt *f, TokenKind kind); // the same; fails if it is another
bool fmt_eat(Fmt *f, TokenKind kind);    // writes it if it is this one
void fmt_replace(Fmt *f, FmtWord word);  // writes the word in its place
void fmt_skip(Fmt *f);                   // leaves it out
void fmt_pair(Fmt *f);                   // writes two tokens that stay together; comments come before them
// Writes an opening bracket that stays with its name, as [ if asked for; comments come behind it.
void fmt_opener(Fmt *f, bool is_square);
void fmt_verbatim(Fmt *f, uint32_t last);                     // up to this token, as it stands in the source
void fmt_close_comments(Fmt *f);                              // comments before a closer, on lines of their own
bool fmt_own_ahead(const Fmt *f);                             // does a comment on a line of its own come next?
bool fmt_comment_ahead(const Fmt *f);                         // any comment
bool fmt_is_broken(const Fmt *f, uint32_t from, uint32_t to); // a line break between the tokens
uint32_t fmt_before(const Fmt *f, uint32_t token);            // the token before, line ends and documentation left out
uint32_t fmt_after(const Fmt *f, uint32_t token);             // and the one behind
static inline uint32_t fmt_first(const Fmt *f, NodeId n) {
    return f->ast->node_first_tokens[n.v];
}

// ---- lists (fmt_list.c) ---------------------------------------------------------------------------------------------

typedef void (*FmtItem)(Fmt *f, NodeId n);
enum {
    LIST_ROWS = 1,   // literals: several items may share a line
    LIST_HUG = 2,    // arguments: the last one may be broken alone
    LIST_SINGLE = 4, // a tuple of one part keeps its comma
    LIST_TYPES = 8,  // parentheses become square brackets
    LIST_GLUED = 16, // nothing may stand before the opener
};
// At the opener, ( or [ : up to the closer.
void fmt_list(Fmt *f, AstList items, FmtItem item, uint32_t flags);
// At {: fields, variants, arms; a `..` among them is an item without a node. Broken if the source is, of a literal if
// its first line holds nothing.
void fmt_braces(Fmt *f, AstList items, FmtItem item, bool is_literal);
bool fmt_is_forced(const Fmt *f, uint32_t open); // a comma before the closer, which stands on another line

// ---- constructs -----------------------------------------------------------------------------------------------------

void fmt_declaration(Fmt *f, NodeId n);
void fmt_param(Fmt *f, NodeId n);
void fmt_result(Fmt *f, NodeId type); // -> T, or nothing
void fmt_attrs(Fmt *f, NodeId n);
void fmt_type(Fmt *f, NodeId n);
void fmt_type_params(Fmt *f, AstList params);
void fmt_type_param(Fmt *f, NodeId n);
void fmt_bounds(Fmt *f, AstList types);
void fmt_pattern(Fmt *f, NodeId n);
void fmt_expr(Fmt *f, NodeId n); // statements too
void fmt_operator(Fmt *f, NodeId n);
bool fmt_is_operator(NodeKind kind);
void fmt_chain(Fmt *f, NodeId n);
void fmt_args(Fmt *f, AstList args);
void fmt_control(Fmt *f, NodeId n); // statements and what has a body
void fmt_block(Fmt *f, NodeId n);   // do … end
void fmt_binder(Fmt *f);            // |name| if it comes next, with a blank before

#endif
