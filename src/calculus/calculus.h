// calculus: the second opinion on ownership. Re-checks JIR whose drops are exact against docs/reference/calculus.md.
//
// Ideas. What decides ownership (src/ir) and what checks its outcome share nothing but JIR itself and what is known of
// types. The checker decides nothing: each drop, move, copy and loan stands in the JIR, and one forward walk over
// abstract states says whether a rule can be broken on some way. A state knows of each path whether it may be there,
// may be gone and may still need its drop, of each flag what it may be, and of each holder which loans it may hold and
// whether something has ended them: a loan is ended by what conflicts with it, and it is an error to use who holds an
// ended loan. So no knowledge of later uses is needed, which is what the compiler's own check is built on.
#ifndef JANUS_CALCULUS_H
#define JANUS_CALCULUS_H

#include "ir/jir.h"

// Whether a function with exact drops, generic or not, keeps the rules of the calculus. The first broken one is written
// to `why` as "[calc.rule] %block, statement n: what is wrong".
bool calculus_check(const Jir *jir, const JirFn *fn, Buffer *why);

#endif
