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

static inline void host_leaves(JnTask *from, JnTask *to) {
    const JnTaskHooks *hooks = jn_all.hooks;
    if (hooks->switched)
        hooks->switched(hooks->context, from, to);
}

static inline void host_arrives(JnTask *t) {
    (void)t;
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

// The thread's newest entry; see jn_thread for why in this way.
static inline uint64_t trace_newest(void) {
    uint64_t newest;
#if defined(__x86_64__)
    __asm__ volatile("movq %%fs:jn_trace_newest@tpoff, %0\n" : "=r"(newest) : : "memory");
#else
    __asm__ volatile("mrs %0, tpidr_el0\n"
                     "add %0, %0, #:tprel_hi12:jn_trace_newest, lsl #12\n"
                     "ldr %0, [%0, #:tprel_lo12_nc:jn_trace_newest]\n"
                     : "=r"(newest)
                     :
                     : "memory");
#endif
    return newest;
}

static inline void trace_set_newest(uint64_t newest) {
#if defined(__x86_64__)
    __asm__ volatile("movq %0, %%fs:jn_trace_newest@tpoff\n" : : "r"(newest) : "memory");
#else
    uint64_t base;
    __asm__ volatile("mrs %0, tpidr_el0\n"
                     "add %0, %0, #:tprel_hi12:jn_trace_newest, lsl #12\n"
                     "str %1, [%0, #:tprel_lo12_nc:jn_trace_newest]\n"
                     : "=&r"(base)
                     : "r"(newest)
                     : "memory");
#endif
}

// What belongs to the running task is kept with it before it leaves its stack, and taken up again by itself when it is
// back: whoever takes it from a queue may do so before it has left, and sees what was kept only when it has.
static inline void host_leaves(JnTask *from, JnTask *to) {
    (void)to;
    from->allocator = jn_thread()->current;
    from->trace = trace_newest();
}

static inline void host_arrives(JnTask *t) {
    jn_thread()->current = t->allocator;
    trace_set_newest(t->trace);
}

typedef JnThread HostThread;

// There will be more than one. It is written before there are, and only looked at by those.
static inline void host_threads_come(void) {
    if (!jn_has_threads)
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
