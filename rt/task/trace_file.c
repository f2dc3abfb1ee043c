#include "trace_file.h"

#include "host.h"
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

bool jn_is_tracing;

#ifndef JN_TASKS_HOSTED

enum { BUFFER_BYTES = 64 << 10, EVENT_BYTES = 2048 };
#define MOST_BYTES (INT64_C(1) << 30)

typedef struct {
    SpinLock lock; // its worker writes; who ends the process writes out
    int64_t begin; // of the slice of the running task
    uint32_t used;
    bool is_known; // the worker has been named
    char bytes[BUFFER_BYTES];
} TraceBuffer;

static struct {
    int file;
    int process;
    int64_t start, written;
    uint64_t flows;
    uint64_t steps; // under a seed
    TraceBuffer *buffers[WORKERS];
} trace;

// ---- the file ------------------------------------------------------------------------------------------------------

static void write_file(const char *bytes, int64_t size) {
    if (__atomic_add_fetch(&trace.written, size, __ATOMIC_RELAXED) > MOST_BYTES)
        return;
    while (size > 0) {
        ssize_t n = write(trace.file, bytes, (size_t)size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        size -= n;
    }
}

static void flush(TraceBuffer *b) {
    write_file(b->bytes, b->used);
    b->used = 0;
}

// NULL: no memory, and nothing is told of this worker.
static TraceBuffer *buffer_of(JnWorker *w) {
    TraceBuffer *b = trace.buffers[w->number];
    if (b)
        return b;
    b = jn_host_try_resize(NULL, 0, sizeof *b);
    if (!b)
        return NULL;
    memset(b, 0, offsetof(TraceBuffer, bytes));
    trace.buffers[w->number] = b;
    return b;
}

__attribute__((format(printf, 2, 3))) static void put(TraceBuffer *b, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int room = BUFFER_BYTES - (int)b->used, size = vsnprintf(b->bytes + b->used, (size_t)room, format, arguments);
    va_end(arguments);
    b->used += size < room ? (uint32_t)size : 0;
}

// An event begins: there is room for it.
static void begin_event(TraceBuffer *b) {
    if (b->used + EVENT_BYTES > BUFFER_BYTES)
        flush(b);
}

// ---- what is told --------------------------------------------------------------------------------------------------

// Under a seed hardly any time passes: each step counts as a microsecond more.
static int64_t now(void) {
    if (!jn_all.is_seeded)
        return jn_now() - trace.start;
    return jn_now() + (int64_t)++trace.steps * 1000;
}

static void put_time(TraceBuffer *b, const char *name, int64_t ns) {
    put(b, ",\"%s\":%lld.%03lld", name, (long long)(ns / 1000), (long long)(ns % 1000));
}

static void put_head(TraceBuffer *b, const JnWorker *w, const char *phase) {
    put(b, "{\"ph\":\"%s\",\"pid\":%d,\"tid\":%u", phase, trace.process, w->number + 1);
}

static void name_worker(TraceBuffer *b, const JnWorker *w) {
    b->is_known = true;
    begin_event(b);
    put_head(b, w, "M");
    put(b, ",\"name\":\"thread_name\",\"args\":{\"name\":\"worker %u\"}},\n", w->number + 1);
}

// Names of functions and files; what JSON would have to escape becomes a quote of the other kind.
static void put_text(TraceBuffer *b, const char *text, uint32_t most) {
    for (; *text && most > 0; text++, most--) {
        bool is_plain = *text != '"' && *text != '\\' && (uint8_t)*text >= ' ';
        b->bytes[b->used++] = is_plain ? *text : '\'';
    }
}

static void put_place(TraceBuffer *b, const char *name, const JnLocation *at) {
    if (!at || !at->file)
        return;
    put(b, ",\"%s\":\"", name);
    put_text(b, at->file, 512);
    put(b, ":%u\"", at->line);
}

static const char *why(const JnTask *t) {
    static const char *const WORDS[] = {
        NULL,
#define WAIT(name, told, shown) shown,
#include "waits.def"
#undef WAIT
    };
    if (t->state != TASK_RUNS)
        return "end";
    if (t->wait == WAIT_NONE)
        return "others";
    return WORDS[t->wait];
}

static void put_slice(TraceBuffer *b, const JnWorker *w, const JnTask *t, int64_t end) {
    bool is_root = t == &jn_all.root;
    if (!b->is_known)
        name_worker(b, w);
    begin_event(b);
    put_head(b, w, "X");
    put_time(b, "ts", b->begin);
    put_time(b, "dur", end - b->begin);
    put(b, ",\"cat\":\"task\",\"name\":\"");
    put_text(b, is_root ? "main" : t->code->name ? t->code->name : "task", 256);
    put(b, "\",\"args\":{\"task\":%u,\"until\":\"%s\"", jn_number_of(t), why(t));
    if (t->wait != WAIT_NONE)
        put_place(b, "at", t->wait_at);
    if (!is_root)
        put_place(b, "spawned", t->spawned_at);
    put(b, "}},\n");
}

// An arrow between slices.
static void put_flow(TraceBuffer *b, const JnWorker *w, const char *phase, uint64_t flow, int64_t time) {
    begin_event(b);
    put_head(b, w, phase);
    put_time(b, "ts", time);
    put(b, ",\"cat\":\"wake\",\"name\":\"wake\",\"id\":%llu,\"bp\":\"e\"},\n", (unsigned long long)flow);
}

void jn_trace_leaves(JnWorker *w) {
    TraceBuffer *b = buffer_of(w);
    JnTask *t = w->current;
    if (!b)
        return;
    spin_lock(&b->lock);
    int64_t end = now();
    if (t != &w->hub && end > b->begin) {
        if (t->flow)
            put_flow(b, w, "f", t->flow, b->begin);
        t->flow = 0;
        put_slice(b, w, t, end);
    }
    b->begin = end;
    spin_unlock(&b->lock);
}

void jn_trace_arrives(JnWorker *w) {
    TraceBuffer *b = buffer_of(w);
    if (b)
        b->begin = now();
}

void jn_trace_wakes(JnWorker *w, JnTask *t) {
    TraceBuffer *b = buffer_of(w);
    if (!b || t == w->current || w->current == &w->hub)
        return;
    spin_lock(&b->lock);
    t->flow = __atomic_add_fetch(&trace.flows, 1, __ATOMIC_RELAXED);
    put_flow(b, w, "s", t->flow, now());
    spin_unlock(&b->lock);
}

void jn_trace_spawns(JnWorker *w, JnTask *t) {
    jn_trace_wakes(w, t);
    jn_trace_leaves(w);
}

// ---- beginning and end ---------------------------------------------------------------------------------------------

static void write_out(void) {
    for (uint32_t i = 0; i < WORKERS; i++) {
        TraceBuffer *b = trace.buffers[i];
        if (!b)
            continue;
        spin_lock(&b->lock);
        flush(b);
        spin_unlock(&b->lock);
    }
}

// The last event has no comma behind it.
static void finish(void) {
    static const char END[] = "{\"ph\":\"M\",\"pid\":%d,\"name\":\"process_name\",\"args\":{\"name\":\"%s\"}}\n]\n";
    char last[160];
    write_out();
    int size = snprintf(last, sizeof last, END, trace.process, "janus");
    trace.written = 0;
    write_file(last, size);
    trace.written = MOST_BYTES; // what others still do is not told
    jn_before_exit = NULL;
}

void jn_tracing_start(const char *path) {
    static const char TEXT[] = "cannot write the file that JANUS_TRACE names\n";
    if (!path || !*path)
        return;
    trace.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (trace.file < 0) {
        jn_write_error(TEXT, sizeof TEXT - 1);
        return;
    }
    trace.process = getpid();
    trace.start = jn_now();
    write_file("[\n", 2);
    jn_is_tracing = true;
    jn_before_exit = finish;
}

void jn_tracing_worker_end(JnWorker *w) {
    TraceBuffer *b = trace.buffers[w->number];
    if (!b)
        return;
    flush(b);
    trace.buffers[w->number] = NULL;
    jn_host_release(b, sizeof *b);
}

void jn_tracing_stop(void) {
    jn_trace_leaves(&jn_first_worker);
    finish();
    jn_is_tracing = false;
    close(trace.file);
}

#else

void jn_trace_leaves(JnWorker *w) {
    (void)w;
}
void jn_trace_arrives(JnWorker *w) {
    (void)w;
}
void jn_trace_wakes(JnWorker *w, JnTask *t) {
    (void)w, (void)t;
}
void jn_trace_spawns(JnWorker *w, JnTask *t) {
    (void)w, (void)t;
}
void jn_tracing_worker_end(JnWorker *w) {
    (void)w;
}
void jn_tracing_stop(void) {}

#endif
