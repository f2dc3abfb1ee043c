// What the files of janus-jircheck share.
#ifndef JANUS_JIRCHECK_H
#define JANUS_JIRCHECK_H

#include "calculus/calculus.h"
#include "driver/session.h"

typedef struct {
    uint32_t refused, survived;
} Mutants;

// Spoils a function with exact drops in its text form, one line at a time: a drop is missing or stands twice, a move
// becomes a copy, a use comes after the drop, a flag is asked the wrong way round. The calculus must refuse each
// mutant; what it lets pass is written to `report`. At most `limit` mutants are made, spread over the function.
void mutate_fn(Jir *jir, const JirFn *fn, uint32_t limit, Mutants *mutants, Buffer *report);

#endif
