// Return traces: where an error began, and each `?` that passed it on. Only failing paths come here.
//
// A trace is a chain of entries, the newest first; the error itself knows nothing of it. The entries lie in a ring, so
// that a trace survives what other errors do meanwhile (in a handler, a defer, a drop) until the ring has gone round;
// what was overwritten is counted as left out. Where the error began is kept with every entry.
#include "rt.h"

#include <stddef.h>
#include <string.h>

enum { TRACE_ENTRIES = 64 }; // a power of two

typedef struct {
    uint64_t number, previous; // numbers count from 1; 0: the trace begins here
    const JnLocation *at, *origin;
    uint64_t length;
} Entry;

// Of the thread; tasks share it, and each has a newest entry of its own.
typedef struct {
    Entry ring[TRACE_ENTRIES];
    uint64_t count; // entries ever made
} Trace;

static _Thread_local Trace trace;
JN_SHARED _Thread_local uint64_t jn_trace_newest;

static Entry *entry_of(uint64_t number) {
    Entry *entry = &trace.ring[number % TRACE_ENTRIES];
    return number != 0 && entry->number == number ? entry : NULL;
}

static void append(uint64_t previous, const JnLocation *at, const JnLocation *origin, uint64_t length) {
    uint64_t number = ++trace.count;
    trace.ring[number % TRACE_ENTRIES] = (Entry){number, previous, at, origin, length};
    jn_trace_newest = number;
}

__attribute__((noinline)) void jn_trace_begin(const JnLocation *at) {
    append(0, at, at, 1);
}

__attribute__((noinline)) int64_t jn_trace_mark(void) {
    return (int64_t)jn_trace_newest;
}

__attribute__((noinline)) void jn_trace_resume(int64_t mark, const JnLocation *at) {
    const Entry *entry = entry_of((uint64_t)mark);
    append((uint64_t)mark, at, entry ? entry->origin : NULL, entry ? entry->length + 1 : 2);
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

void jn_trace_print(void) {
    const JnLocation *passed[TRACE_ENTRIES];
    const Entry *newest = entry_of(jn_trace_newest), *entry = newest;
    uint64_t count = 0;
    if (newest == NULL)
        return;
    for (; entry != NULL && entry->previous != 0; entry = entry_of(entry->previous))
        passed[count++] = entry->at;
    put_location("  at ", newest->origin);
    if (entry == NULL) {
        put("  … ");
        if (newest->length > count + 1) {
            jn_write_error_number((int64_t)(newest->length - count - 1));
            put(" ");
        }
        put("left out\n");
    }
    while (count > 0)
        put_location("  from ", passed[--count]);
}
