// Leaving frames quickly: what the tables say of an address is remembered, so that a second cancellation of the same
// shape of stack reads none.
#include "host.h"

#ifndef JN_TASKS_HOSTED

#include "../unwind.h"

_Noreturn void jn_host_leave(void) {
    jn_unwind();
}

enum { REMEMBERED = 256 }; // a power of two

static UnwindStep remembered[REMEMBERED];

const UnwindStep *jn_unwind_recall(uint64_t pc, const uint8_t **top) {
    UnwindStep *step = &remembered[(pc ^ (pc >> 8)) % REMEMBERED];
    if (!jn_task_is_root(jn_worker.current))
        *top = (const uint8_t *)UINTPTR_MAX;
    if (LIKELY(step->pc == pc))
        return step;
    UnwindStep found;
    if (!jn_unwind_find(pc, &found))
        return NULL;
    *step = found;
    return step;
}

#endif
