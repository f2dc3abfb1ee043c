// Leaving frames quickly: what the tables say of an address is remembered, so that a second cancellation of the same
// shape of stack reads none.
#include "host.h"
#include "idle.h"

#ifndef JN_TASKS_HOSTED

#include "../unwind.h"

_Noreturn void jn_host_leave(void) {
    jn_unwind();
}

enum { REMEMBERED = 256 }; // a power of two

// Of this worker: they are read without a lock.
static UnwindStep *remembered(JnWorker *w) {
    if (UNLIKELY(w->unwind_steps == NULL)) {
        w->unwind_steps = jn_host_allocate(REMEMBERED * sizeof(UnwindStep));
        memset(w->unwind_steps, 0, REMEMBERED * sizeof(UnwindStep));
    }
    return w->unwind_steps;
}

const UnwindStep *jn_unwind_recall(uint64_t pc, const uint8_t **top) {
    JnWorker *w = this_worker();
    UnwindStep *step = &remembered(w)[(pc ^ (pc >> 8)) % REMEMBERED];
    if (!jn_task_is_root(w->current))
        *top = (const uint8_t *)UINTPTR_MAX;
    if (LIKELY(step->pc == pc))
        return step;
    UnwindStep found;
    if (!jn_unwind_find(pc, &found))
        return NULL;
    *step = found;
    return step;
}

void jn_unwind_forget(JnWorker *w) {
    jn_host_release(w->unwind_steps, REMEMBERED * sizeof(UnwindStep));
}

#else

void jn_unwind_forget(JnWorker *w) {
    (void)w;
}

#endif
