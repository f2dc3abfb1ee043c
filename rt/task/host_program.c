// The tasks of a compiled program: panics and traces are those of the runtime, and the root task begins before main.
#include "dump.h"
#include "host.h"
#include "trace_file.h"

#ifndef JN_TASKS_HOSTED

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

_Noreturn void jn_host_panic(const char *text, int64_t size, const JnLocation *at) {
    jn_panic_text(text, size, at);
}

void jn_host_report(const char *text, int64_t size, const JnLocation *at) {
    jn_panic_report(text, size, at);
}

_Noreturn void jn_host_panic_again(void) {
    jn_unwind();
}

_Noreturn void jn_host_abort(void) {
    _exit(134);
}

int64_t jn_host_trace_mark(void) {
    return (int64_t)jn_trace_newest;
}

void jn_host_trace_restore(int64_t mark) {
    jn_trace_newest = (uint64_t)mark;
}

void jn_host_trace_begin(const JnLocation *at) {
    jn_trace_begin(at);
}

int64_t jn_host_trace_root(int64_t mark) {
    return jn_trace_root(mark);
}

const JnLocation *jn_host_trace_origin(int64_t mark) {
    return jn_trace_origin(mark);
}

void jn_host_trace_print(int64_t mark) {
    jn_trace_print(mark);
}

void *jn_host_allocate(int64_t size) {
    return jn_alloc_heap(size, 16);
}

void *jn_host_try_resize(void *p, int64_t old, int64_t size) {
    return p ? jn_try_resize(p, old, size, 16) : jn_try_alloc_heap(size, 16);
}

void jn_host_release(void *p, int64_t size) {
    jn_free(p, size, 16);
}

void jn_host_write(const char *text, int64_t size) {
    jn_write_error(text, size);
}

JN_SHARED void jn_task_left_frames(void);

void jn_task_left_frames(void) {
    if (!jn_task_is_root(this_worker()->current))
        jn_task_unwound();
}

enum { HASH_UNDER_A_SEED = 0x6a616e7573 }; // else how long a search takes would be different in each run

// As JANUS_WORKERS says; else one for each core that this process may use.
static int64_t workers_wanted(void) {
    const char *text = getenv("JANUS_WORKERS");
    cpu_set_t cores;
    if (text && *text)
        return atoll(text);
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

__attribute__((constructor)) static void begin(void) {
    JnTaskConfig config = jn_task_config(getenv("JANUS_SEED"));
    config.workers = workers_wanted();
    if (config.is_seeded) {
        jn_hash_seed = HASH_UNDER_A_SEED;
        jn_virtual_clock = jn_virtual_time;
    }
    jn_tracing_start(getenv("JANUS_TRACE"));
    jn_tasks_start(&config);
    jn_dump_start();
}

// Before it is judged what was never freed. In a process that was forked the other threads are missing.
__attribute__((destructor)) static void end(void) {
    if (jn_task_is_root(jn_task_current()))
        jn_tasks_stop();
}

#endif
