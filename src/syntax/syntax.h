// syntax: from text to the columnar tree of astdb/ast.h.
//
// Ideas. Lexing fills the token columns in one pass over the whole file; parsing is recursive descent with precedence
// climbing and appends nodes in postorder. Neither ever fails: what cannot be read becomes NODE_INVALID, one mistake
// gives one report, and the tree is complete enough for later stages to stay silent about it.
#ifndef JANUS_SYNTAX_H
#define JANUS_SYNTAX_H

#include "astdb/ast.h"

// Brackets, blocks, types and patterns nest this deep at the most; deeper gives E0120.
#define SYNTAX_NESTING_LIMIT 256
// Chains of operators, calls and `else if` may be longer; no tree is taller than this.
#define SYNTAX_HEIGHT_LIMIT 1000

// Lexes and parses a registered source. The tree lives in the arena; never NULL. Errors go to diags.
Ast *syntax_parse(Diags *diags, Interner *symbols, Arena *arena, FileId file);

// One token a line: line:column, kind, text. For --emit tokens and stage tests.
void syntax_emit_tokens(const Diags *diags, const Ast *ast, Buffer *out);

#endif
