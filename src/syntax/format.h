// format: the one layout of a program, from its tree and tokens.
//
// Ideas. The printer walks the tree in the order of the source and consumes every token with a cursor, so nothing can
// be forgotten or said twice; comments are found in the text between two tokens. What it makes is a list of layout
// operations (fmt.h), which one pass measures and another writes: a group stands on one line if it fits, else at all
// its line breaks. Names, literals and comments are kept byte for byte.
#ifndef JANUS_SYNTAX_FORMAT_H
#define JANUS_SYNTAX_FORMAT_H

#include "astdb/ast.h"

// The formatter breaks what is longer.
#define FORMAT_WIDTH 120

typedef enum {
    FORMAT_DONE,
    FORMAT_ERRORS, // the source has errors: they are in diags
    FORMAT_FAILED, // the formatter would change the program, which is a bug of ours
} FormatOutcome;

// Appends the formatted text of a registered source to `out`. Formatting that again gives the same.
FormatOutcome syntax_format(Diags *diags, Interner *symbols, Arena *arena, FileId file, Buffer *out);

// One pass over a tree without errors. False if tree and tokens do not agree with what the printer knows of the
// grammar: `out` is then of no use.
bool syntax_format_tree(const Ast *ast, Buffer *out);

// Do both files mean the same: the same tree, the same tokens (but for the spellings that the formatter chooses) and
// the same comments in the same order? The formatter's result is held to this.
bool syntax_same(const Ast *a, const Ast *b);

#endif
