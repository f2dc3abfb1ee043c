// mono: from generic functions to the exact instances that a program consists of.
//
// Ideas. A worklist starts at the roots; each function with its type arguments becomes one instance, at its first use.
// Functions that are not generic are used in place, generic ones are cloned with their types substituted. While an
// instance is made, everything that still depends on types is settled:
//   - callees: traits' methods are resolved to impls, defaults or glue, and every callee has its `instance` (CALL,
//     MAKE_CLOSURE, CAST from a closure to a func, CALL_VALUE on a closure, CONST_FUNC operands: a shim with an
//     environment);
//   - COPY is left on plain types only: other copies are calls, whose result is moved;
//   - DROP and STORE are gone: drops are calls with `sub` 1 (the place is gone afterwards), plain stores are SET;
//   - calls that stand for one statement on plain types (equality, copies) are that statement;
//   - questions about types (size_of, needs_drop …) are constants, branches on them are gone, and what is behind them
//     is not instantiated; unreachable blocks are empty.
// The functions that traits need and nobody wrote (drop, copy, Eq, Hash, Debug of structural types) are JIR made here.
#ifndef JANUS_MONO_H
#define JANUS_MONO_H

#include "ir/layout.h"

typedef struct Mono Mono;

// Gives the function of a declaration: checked, built, with exact drops. NULL if it has errors, which are reported.
typedef JirFn *(*MonoDemand)(void *context, DeclId decl);

Mono *mono_new(Jir *jir, MonoDemand demand, void *context);
void mono_free(Mono *mono);
// A function, test or constant without type parameters that the program needs. 0 if it has errors.
JirFnId mono_root(Mono *mono, DeclId decl);
// A root that is called from outside: where it may fail, a function around it that reports the error.
JirFnId mono_entry(Mono *mono, JirFnId root);
// Makes all that the roots need and fills jir->instances. False if something has errors (reported).
bool mono_run(Mono *mono);

// How dropping and copying concern a type without parameters. Closures included, which type_class cannot see into.
bool mono_needs_drop(Mono *mono, TypeId type);
bool mono_is_plain(Mono *mono, TypeId type); // the bytes are the value, and there is nothing to drop

#endif
