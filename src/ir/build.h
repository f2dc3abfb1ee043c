// build: from the facts of a checked body to JIR.
//
// Ideas. One Build per function walks the syntax tree once and emits statements into the current block. Expressions are
// built in one of three ways, whichever the construct that needs them asks for: as a place, as an operand, or into a
// given place. Values that have to be dropped and defers stand on one stack of entries; every way out of a scope emits
// what lies above the scope's mark, so that drops are explicit in JIR. Ownership decides later which drops remain.
// Desugaring happens here only: loops, `?`, catch, interpolation, closures and patterns are plain JIR afterwards.
#ifndef JANUS_BUILD_H
#define JANUS_BUILD_H

#include "ir/jir.h"

// The JIR of a function, test or constant, generic if its declaration is; closures in it are built along and registered
// in by_closure. The body must have been checked without errors. Built once: later calls return the same function.
// NULL if the declaration has no body (intrinsics, trait methods without default).
JirFn *ir_build(Jir *jir, DeclId decl);

// Reports each error of the program that carries more than an error may; layouts are known here.
void ir_check_payloads(Jir *jir);

#endif
