// What may not wait: drops, and defers outside of a shield.
#ifndef JANUS_SUSPENDS_H
#define JANUS_SUSPENDS_H

#include "ir/effects.h"

// Reports what waits where nothing may, in a function whose JIR is as it was built: a drop, or the defers in it.
void ir_check_suspends(Jir *jir, Effects *effects, const JirFn *fn);

#endif
