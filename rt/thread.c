// Threads of a program with tasks: what the first one has.
#include "thread.h"

#ifdef JN_THREADS

static JnThread first;
JN_SHARED _Thread_local JnThread *jn_thread_self = &first;
JN_SHARED bool jn_has_threads;

// Not const, as that of libc is: a task may go on in another thread.
__attribute__((noinline)) int *jn_errno(void) {
    return __errno_location();
}

__attribute__((noinline)) void jn_spin_wait(SpinLock *l) {
    spin_until_free(l);
}

#endif
