// interp: runs instances of JIR and checks while it runs: the oracle for what code generation makes of them.
//
// Ideas. Memory is the host's, in one reserved range, with a shadow byte beside each byte: not allocated, freed, dead,
// without a value, moved out, initialised, read-only. Every access is checked against it. Values that are moved out
// lose their bytes, so a second use or a second drop is seen at once; what is still allocated at the end is a leak.
// Addresses know the loan that made them, and memory who changed it last (alias.c): what is used through a loan after
// somebody else changed it is seen too.
// A violation is a bug of the compiler or of std, never of the user's program: it is printed with the place and the
// chain of callers, and the run ends with INTERP_VIOLATION. Panics, errors from main, output and exit codes are those
// of the compiled program. Functions are decoded once, at their first call.
#ifndef JANUS_INTERP_H
#define JANUS_INTERP_H

#include "ir/constant.h"
#include "ir/layout.h"

enum {
    INTERP_VIOLATION = 86,  // an ownership or memory rule was broken
    INTERP_STEP_LIMIT = 87, // more statements than allowed
    INTERP_MEMORY_LIMIT = 88,
    INTERP_DEPTH_LIMIT = 89,
    INTERP_KEPT_CLOSURE = 90, // a constant holds a closure that captured something
};

typedef struct {
    JirFnId entry;           // a function without parameters: main, or a test
    const char *const *args; // of the program, its name first
    uint32_t arg_count;
    uint64_t step_limit;   // 0: none
    uint64_t memory_limit; // 0: none; bytes of the heap
    uint32_t depth_limit;  // 0: none; calls within calls
    Buffer *out, *err;     // where output goes; NULL: the process's own
    uint64_t random;  // what random numbers and hashes begin with, so that they are the same again; 0: the system's
    bool allow_leaks; // do not report what is still allocated at the end
} InterpOptions;

// Runs the program to its end and returns its exit code: 0, 1 after an error from main (printed), 101 after a panic,
// what it passed to exit, or one of the codes above. Needs what mono_run left in `jir`.
int interp_run(Jir *jir, InterpOptions options);

// The value of a constant whose initialiser and all it calls are instances, by running it; what was computed once is
// known from then on. False if that fails: it is reported, with the calls that led there.
bool interp_eval_const(Jir *jir, DeclId decl, ConstBytes *out);
// The memory that the evaluations needed, not the values, which live as long as the Jir: all are known that are wanted.
void interp_constants_done(Jir *jir);
void interp_constants_free(Jir *jir); // the table of what is known

#endif
