// The tasks as part of another program: everything goes to the hooks it gave.
#include "host.h"

#ifdef JN_TASKS_HOSTED

#include <stdlib.h>

static const JnTaskHooks *hooks(void) {
    return jn_all.hooks;
}

_Noreturn void jn_host_leave(void) {
    hooks()->leave(hooks()->context);
    abort();
}

_Noreturn void jn_host_panic(const char *text, int64_t size, const JnLocation *at) {
    hooks()->panic(hooks()->context, text, size, at);
    abort();
}

void jn_host_report(const char *text, int64_t size, const JnLocation *at) {
    hooks()->report(hooks()->context, text, size, at);
}

_Noreturn void jn_host_panic_again(void) {
    hooks()->panic_again(hooks()->context);
    abort();
}

_Noreturn void jn_host_abort(void) {
    hooks()->abort(hooks()->context);
    abort();
}

int64_t jn_host_trace_mark(void) {
    return hooks()->trace_mark ? hooks()->trace_mark(hooks()->context) : 0;
}

void jn_host_trace_restore(int64_t mark) {
    if (hooks()->trace_restore)
        hooks()->trace_restore(hooks()->context, mark);
}

void jn_host_trace_begin(const JnLocation *at) {
    if (hooks()->trace_begin)
        hooks()->trace_begin(hooks()->context, at);
}

int64_t jn_host_trace_root(int64_t mark) {
    return hooks()->trace_root ? hooks()->trace_root(hooks()->context, mark) : 0;
}

const JnLocation *jn_host_trace_origin(int64_t mark) {
    return hooks()->trace_origin ? hooks()->trace_origin(hooks()->context, mark) : NULL;
}

void jn_host_trace_print(int64_t mark) {
    if (hooks()->trace_print)
        hooks()->trace_print(hooks()->context, mark);
}

void *jn_host_allocate(int64_t size) {
    return hooks()->allocate(hooks()->context, size);
}

void *jn_host_try_resize(void *p, int64_t old, int64_t size) {
    void *larger = jn_host_allocate(size);
    if (!p)
        return larger;
    memcpy(larger, p, (size_t)old);
    jn_host_release(p, old);
    return larger;
}

void jn_host_release(void *p, int64_t size) {
    hooks()->release(hooks()->context, p, size);
}

void jn_host_write(const char *text, int64_t size) {
    if (hooks()->write)
        hooks()->write(hooks()->context, text, size);
}

#endif
