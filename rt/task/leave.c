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

static _Thread_local UnwindStep only_step; // where there is no memory to remember more

// Of this worker: it is read without a lock.
static UnwindStep *step_for(JnWorker *w, uint64_t pc) {
    enum { BYTES = REMEMBERED * sizeof(UnwindStep) };
    if (UNLIKELY(w->unwind_steps == NULL)) {
        w->unwind_steps = jn_host_try_resize(NULL, 0, BYTES);
        if (!w->unwind_steps)
            return &only_step;
        memset(w->unwind_steps, 0, BYTES);
    }
    return (UnwindStep *)w->unwind_steps + (pc ^ (pc >> 8)) % REMEMBERED;
}

const UnwindStep *jn_unwind_recall(uint64_t pc, const uint8_t **top) {
    JnWorker *w = this_worker();
    UnwindStep *step = step_for(w, pc);
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
