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
void jn_host_trace_begin(const JnLocation *at);
int64_t jn_host_trace_root(int64_t mark);
const JnLocation *jn_host_trace_origin(int64_t mark);
void jn_host_trace_print(int64_t mark);
void *jn_host_allocate(int64_t size);                         // panics where there is no memory
void *jn_host_try_resize(void *p, int64_t old, int64_t size); // p may be NULL; NULL: no memory, and p is as it was
void jn_host_release(void *p, int64_t size);
void jn_host_write(const char *text, int64_t size); // to standard error

#ifdef JN_TASKS_HOSTED

static inline void host_switch(JnTask *from, JnTask *to) {
    const JnTaskHooks *hooks = jn_all.hooks;
    if (hooks->switched)
        hooks->switched(hooks->context, from, to);
}

typedef struct {
    char nothing;
} HostThread; // what the host has for each thread; all bytes are 0 at first

static inline void host_threads_come(void) {}

static inline void host_flush(void) {}

static inline void host_thread_begin(HostThread *h) {
    (void)h;
}

static inline bool host_is_steady(void) {
    return true;
}

#else

#include "../thread.h"

// What the thread's newest entry was; see jn_thread for why in this way.
static inline uint64_t exchange_trace(uint64_t newest) {
    uint64_t before;
#if defined(__x86_64__)
    __asm__ volatile("movq %%fs:jn_trace_newest@tpoff, %0\n"
                     "movq %1, %%fs:jn_trace_newest@tpoff\n"
                     : "=&r"(before)
                     : "r"(newest)
                     : "memory");
#else
    uint64_t base;
    __asm__ volatile("mrs %1, tpidr_el0\n"
                     "add %1, %1, #:tprel_hi12:jn_trace_newest, lsl #12\n"
                     "ldr %0, [%1, #:tprel_lo12_nc:jn_trace_newest]\n"
                     "str %2, [%1, #:tprel_lo12_nc:jn_trace_newest]\n"
                     : "=&r"(before), "=&r"(base)
                     : "r"(newest)
                     : "memory");
#endif
    return before;
}

static inline void host_switch(JnTask *from, JnTask *to) {
    JnThread *thread = jn_thread();
    from->allocator = thread->current;
    thread->current = to->allocator;
    from->trace = exchange_trace(to->trace);
}

typedef JnThread HostThread;

// There will be more than one.
static inline void host_threads_come(void) {
    jn_has_threads = true;
}

static inline void host_thread_begin(HostThread *h) {
    jn_thread_self = h;
}

// What was printed is seen before an answer is waited for.
static inline void host_flush(void) {
    jn_flush();
}

// Whether nothing is under way that belongs to this thread.
static inline bool host_is_steady(void) {
    const JnThread *thread = jn_thread();
    return thread->unsteady == 0 && thread->drops.depth == 0;
}

#endif
#endif
