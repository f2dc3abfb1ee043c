// Return traces: where an error began, and each `?` that passed it on. Only failing paths come here.
//
// A trace is a chain of entries, the newest first; the error itself knows nothing of it. The entries lie in a ring, so
// that a trace survives what other errors do meanwhile (in a handler, a defer, a drop) until the ring has gone round;
// what was overwritten is counted as left out. Where the error began is kept with every entry.
#include "thread.h"

#include <stddef.h>
#include <string.h>

enum { TRACE_ENTRIES = 64 }; // a power of two

typedef struct {
    uint64_t number, previous; // numbers count from 1; 0: the trace begins here
    uint64_t root;             // the number where it began, 0 if that is not known: so are two traces of one error
    const JnLocation *at, *origin;
    uint64_t length;
} Entry;

// Tasks share it, and each has a newest entry of its own.
typedef struct {
    Entry ring[TRACE_ENTRIES];
    uint64_t count; // entries ever made
} Trace;

static Trace trace;
static SpinLock trace_lock;
JN_SHARED _Thread_local uint64_t jn_trace_newest;

// False if there is none any more.
static bool entry_of(uint64_t number, Entry *to) {
    jn_lock(&trace_lock);
    *to = trace.ring[number % TRACE_ENTRIES];
    jn_unlock(&trace_lock);
    return number != 0 && to->number == number;
}

static void append(uint64_t previous, uint64_t root, const JnLocation *at, const JnLocation *origin, uint64_t length) {
    jn_lock(&trace_lock);
    uint64_t number = ++trace.count;
    trace.ring[number % TRACE_ENTRIES] = (Entry){number, previous, previous ? root : number, at, origin, length};
    jn_unlock(&trace_lock);
    jn_trace_newest = number;
}

__attribute__((noinline)) void jn_trace_begin(const JnLocation *at) {
    append(0, 0, at, at, 1);
}

__attribute__((noinline)) int64_t jn_trace_mark(void) {
    return (int64_t)jn_trace_newest;
}

__attribute__((noinline)) void jn_trace_resume(int64_t mark, const JnLocation *at) {
    Entry entry;
    bool is_there = entry_of((uint64_t)mark, &entry);
    append((uint64_t)mark, is_there ? entry.root : 0, at, is_there ? entry.origin : NULL,
           is_there ? entry.length + 1 : 2);
}

__attribute__((noinline)) int64_t jn_trace_root(int64_t mark) {
    Entry entry;
    return entry_of((uint64_t)mark, &entry) ? (int64_t)entry.root : 0;
}

__attribute__((noinline)) const JnLocation *jn_trace_origin(int64_t mark) {
    Entry entry;
    return entry_of((uint64_t)mark, &entry) ? entry.origin : NULL;
}

__attribute__((noinline)) void jn_trace_pass(const JnLocation *at) {
    jn_trace_resume((int64_t)jn_trace_newest, at);
}

static void put(const char *text) {
    jn_write_error(text, (int64_t)strlen(text));
}

static void put_location(const char *word, const JnLocation *at) {
    if (at == NULL)
        return;
    put(word);
    put(at->file);
    put(":");
    jn_write_error_number(at->line);
    put("\n");
}

void jn_trace_print(int64_t mark) {
    const JnLocation *passed[TRACE_ENTRIES];
    Entry newest, entry;
    uint64_t count = 0;
    if (!entry_of((uint64_t)mark, &newest))
        return;
    bool is_there = true;
    for (entry = newest; is_there && entry.previous != 0 && count < TRACE_ENTRIES;) {
        passed[count++] = entry.at;
        is_there = entry_of(entry.previous, &entry);
    }
    put_location("  at ", newest.origin);
    if (!is_there) {
        put("  … ");
        if (newest.length > count + 1) {
            jn_write_error_number((int64_t)(newest.length - count - 1));
            put(" ");
        }
        put("left out\n");
    }
    while (count > 0)
        put_location("  from ", passed[--count]);
}
