// What the tasks ask of the program they are part of. A compiled program is the runtime itself (host_program.c);
// another one, the interpreter or a unit test, gave hooks (host_hooked.c, with JN_TASKS_HOSTED defined for all files
// here).
#ifndef JANUS_RT_TASK_HOST_H
#define JANUS_RT_TASK_HOST_H

#include "internal.h"

_Noreturn void jn_host_leave(void);
_Noreturn void jn_host_panic(const char *text, int64_t size, const JnLocation *at);
void jn_host_report(const char *text, int64_t size, const JnLocation *at);
_Noreturn void jn_host_panic_again(void);
_Noreturn void jn_host_abort(void);
int64_t jn_host_trace_mark(void);
void jn_host_trace_restore(int64_t mark);
void *jn_host_allocate(int64_t size);
void jn_host_release(void *p, int64_t size);
void jn_host_write(const char *text, int64_t size); // to standard error

#ifdef JN_TASKS_HOSTED

static inline void host_switch(JnTask *from, JnTask *to) {
    const JnTaskHooks *hooks = jn_worker.hooks;
    if (hooks->switched)
        hooks->switched(hooks->context, from, to);
}

#else

static inline void host_switch(JnTask *from, JnTask *to) {
    from->allocator = jn_current;
    from->trace = jn_trace_newest;
    jn_current = to->allocator;
    jn_trace_newest = to->trace;
}

#endif
#endif
