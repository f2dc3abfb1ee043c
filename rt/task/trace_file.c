#include "trace_file.h"

#include "host.h"
#include "report.h"
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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
    int64_t start;
    int64_t written; // whole events, in bytes
    bool is_over;    // nothing more is written
    uint64_t flows;
    uint64_t steps; // under a seed
    TraceBuffer *buffers[WORKERS];
} trace;

// ---- the file ------------------------------------------------------------------------------------------------------

// Said once, whichever worker meets it.
static void end_early(const char *why) {
    if (__atomic_exchange_n(&trace.is_over, true, __ATOMIC_RELAXED))
        return;
    char text[160] = "the timeline that JANUS_TRACE asks for ends early: ";
    strcpy(stpcpy(text + strlen(text), why), "\n");
    jn_write_error(text, (int64_t)strlen(text));
}

static bool write_all(const char *bytes, int64_t size) {
    while (size > 0) {
        ssize_t n = write(trace.file, bytes, (size_t)size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= n;
    }
    return true;
}

static void write_file(const char *bytes, int64_t size) {
    if (size == 0 || __atomic_load_n(&trace.is_over, __ATOMIC_RELAXED))
        return;
    if (__atomic_load_n(&trace.written, __ATOMIC_RELAXED) + size > MOST_BYTES)
        end_early("it has grown to 1 GiB");
    else if (write_all(bytes, size))
        __atomic_add_fetch(&trace.written, size, __ATOMIC_RELAXED);
    else
        end_early(errno == ENOSPC || errno == EDQUOT ? "no space left on device" : "its file cannot be written");
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

// The libc's printf would make each program with tasks 10 KB larger.
static void put_bytes(TraceBuffer *b, const char *bytes, size_t size) {
    memcpy(b->bytes + b->used, bytes, size);
    b->used += (uint32_t)size;
}

static void put(TraceBuffer *b, const char *text) {
    put_bytes(b, text, strlen(text));
}

static void put_number(TraceBuffer *b, uint64_t value) {
    char digits[DIGITS];
    int at = jn_digits(value, digits);
    put_bytes(b, digits + at, sizeof digits - (size_t)at);
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
    uint64_t rest = (uint64_t)ns % 1000;
    char part[] = {'.', (char)('0' + rest / 100), (char)('0' + rest / 10 % 10), (char)('0' + rest % 10)};
    put(b, ",\"");
    put(b, name);
    put(b, "\":");
    put_number(b, (uint64_t)ns / 1000);
    put_bytes(b, part, sizeof part);
}

static void put_head(TraceBuffer *b, const JnWorker *w, const char *phase) {
    put(b, "{\"ph\":\"");
    put(b, phase);
    put(b, "\",\"pid\":");
    put_number(b, (uint64_t)trace.process);
    put(b, ",\"tid\":");
    put_number(b, w->number + 1);
}

static void name_worker(TraceBuffer *b, const JnWorker *w) {
    b->is_known = true;
    begin_event(b);
    put_head(b, w, "M");
    put(b, ",\"name\":\"thread_name\",\"args\":{\"name\":\"worker ");
    put_number(b, w->number + 1);
    put(b, "\"}},\n");
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
    put(b, ",\"");
    put(b, name);
    put(b, "\":\"");
    put_text(b, at->file, 512);
    put(b, ":");
    put_number(b, at->line);
    put(b, "\"");
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
    put(b, "\",\"args\":{\"task\":");
    put_number(b, jn_number_of(t));
    put(b, ",\"until\":\"");
    put(b, why(t));
    put(b, "\"");
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
    put(b, ",\"cat\":\"wake\",\"name\":\"wake\",\"id\":");
    put_number(b, flow);
    put(b, ",\"bp\":\"e\"},\n");
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

// The last event has no comma behind it. Half an event, where the device was full, is cut off, which makes room for it.
static void finish(void) {
    static const char BEGIN[] = "{\"ph\":\"M\",\"pid\":";
    static const char END[] = ",\"name\":\"process_name\",\"args\":{\"name\":\"janus\"}}\n]\n";
    char last[sizeof BEGIN + DIGITS + sizeof END], digits[DIGITS];
    write_out();
    int at = jn_digits((uint64_t)trace.process, digits);
    char *end = mempcpy(stpcpy(last, BEGIN), digits + at, sizeof digits - (size_t)at);
    int64_t size = stpcpy(end, END) - last;
    bool was_over = __atomic_exchange_n(&trace.is_over, true, __ATOMIC_RELAXED); // what others still do is not told
    bool is_whole = !was_over || ftruncate(trace.file, trace.written) == 0;
    if (!(is_whole && write_all(last, size)) && !was_over) {
        trace.is_over = false;
        end_early("its end cannot be written");
    }
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
