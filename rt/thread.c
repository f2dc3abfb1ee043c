// Threads of a program with tasks: what the first one has.
#include "thread.h"

#ifdef JN_THREADS

#include <sched.h>

static JnThread first;
JN_SHARED _Thread_local JnThread *jn_thread_self = &first;
JN_SHARED bool jn_has_threads;

// Not const, as that of libc is: a task may go on in another thread.
__attribute__((noinline)) int *jn_errno(void) {
    return __errno_location();
}

__attribute__((noinline)) void jn_spin_wait(SpinLock *l) {
    enum { PAUSES = 200 };
    for (uint32_t i = 0; __atomic_load_n(&l->is_held, __ATOMIC_RELAXED); i++) {
        spin_pause();
        if (i % PAUSES == PAUSES - 1)
            sched_yield(); // who has it may not be running
    }
}

#endif
