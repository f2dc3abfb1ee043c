// What goes from frame to frame shares: the state of a frame, and a step remembered.
#ifndef JANUS_RT_UNWIND_H
#define JANUS_RT_UNWIND_H

#include "rt.h"

#if defined(__x86_64__)
enum { REG_SP = 7, REG_RETURN = 16, REG_COUNT = 17 };
#elif defined(__aarch64__)
enum { REG_SP = 31, REG_RETURN = 30, REG_COUNT = 80 }; // from 72 on: d8 to d15
#else
#error "no unwinder for this machine"
#endif

typedef struct {
    uint64_t regs[REG_COUNT];
    uint64_t pc;
} Context;

_Noreturn void jn_unwind_install(const Context *context); // in assembly: it knows the layout of Context

// How to leave a frame that called something which would return to `pc`.
enum { UNWIND_SAVED = 20 };
typedef struct {
    uint64_t pc, cleanup; // cleanup 0: there is none
    int64_t base_offset;
    uint32_t base_register, count;
    bool is_root;
    struct {
        uint32_t reg;
        int32_t offset; // from the frame's address
    } saved[UNWIND_SAVED];
} UnwindStep;

// False if the frame is not known, or is none of those that can be remembered.
bool jn_unwind_find(uint64_t pc, UnwindStep *step);
// Goes on from this context; returns where it comes to a frame that is not known to jn_unwind_find.
JN_SHARED void jn_unwind_remembered(Context *context);

#endif
