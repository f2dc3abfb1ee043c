// effects: what each function may do, inferred.
//
// Ideas. Only leaves say what they do: intrinsics by their nature, and the functions of std that ask the runtime for a
// service, by an attribute `{. effects: fs.read .}`. Everything else follows from JIR: a function has the effects of
// what it calls. A function value and a dyn are charged where they are made, so that calling one adds nothing. In
// generic code the effects of a trait's method on a type parameter stay open as a need, which each caller fills in with
// its types.
#ifndef JANUS_EFFECTS_H
#define JANUS_EFFECTS_H

#include "ir/jir.h"

// Makes the JIR of a declaration, its closures included, and says which JirFns it is: ids from *first to before *end.
// False if the declaration has errors, or no body.
typedef bool (*EffectsDemand)(void *context, DeclId decl, uint32_t *first, uint32_t *end);

typedef struct Effects Effects;

Effects *effects_new(Jir *jir, EffectsDemand demand, void *context);
void effects_free(Effects *effects);

// Infers the effects of a function or test and of all that it calls, and stores them: program_effects.
void effects_infer(Effects *effects, DeclId decl);

// Beside EFFECT_…, for the checks of tasks. ORDER_…: what that gives or leaves behind depends on which task comes
// first.
enum {
    EFFECT_WAITS = EFFECT_COUNT, // EFFECT_SUSPEND outside of a shield
    ORDER_CHANNEL,
    ORDER_SELECT,
    ORDER_LOCK,
    ORDER_ATOMIC,
    ORDER_CANCEL,
    ORDER_TIMEOUT,
    ORDER_CLOCK, // but for what std says to be beside the point: {. beside .}, of lines that are logged
    ORDER_RANDOM,
    ORDER_END,
};

// Whether a statement of a function that was inferred has the effect, of EFFECT_…. A shield around it does not count.
bool effects_of_statement(Effects *effects, const JirFn *fn, const JirStmt *stmt, uint32_t effect);

// All effects of a statement of a function that was inferred, as bits, with those of functions that it makes values of.
// is_open: what it calls by way of a type parameter is not known.
uint32_t effects_of_step(Effects *effects, const JirFn *fn, const JirStmt *stmt, bool *is_open);
uint32_t effects_of(Effects *effects, DeclId decl, bool *is_open); // the same of a function or test
// The JIR of a function or test, which is inferred for that: as EffectsDemand has it.
bool effects_body(Effects *effects, DeclId decl, uint32_t *first, uint32_t *end);

// "fs.read, alloc, what `T.compare` does", or "pure". For a declaration that was inferred.
void effects_write(const Effects *effects, DeclId decl, Buffer *out);

#endif
