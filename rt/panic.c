// Panics: what went wrong and where, on standard error; then the frames are left (unwind.c), and the process ends with
// 101.
#include "custom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_PANIC = 101, EXIT_ERROR = 1, EXIT_ABORT = 134 };

static bool is_unwinding;
static _Thread_local bool is_second; // between the beginning of a panic and leaving its first frame
_Thread_local int jn_panics_end;

// Programs with tasks have these (rt/task): each task leaves its frames for itself.
#pragma weak jn_report_further
#pragma weak jn_task_panicked
#pragma weak jn_task_left_frames
bool jn_task_panicked(void);    // the running one begins to; false if it is leaving already
void jn_task_left_frames(void); // does not return where the running task is not that of main
void jn_report_further(void);   // what failed after the error that reached main

static const char *const PANIC_TEXTS[] = {
    "integer overflow",
    "division by zero",
    "shift by a negative amount or by the width of the type or more",
    "index out of range",
    "the value does not fit the type it is converted to",
    "negating the smallest integer overflows",
    "the optional is null",
    "assertion failed",
    "code that should be unreachable was reached",
    "panic",
    "slice bounds out of range",
    "the function ended without returning a value",
    "the smallest integer divided by -1 overflows",
};

void jn_write_error(const char *text, int64_t size) {
    while (size > 0) {
        ssize_t n = write(2, text, (size_t)size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        size -= n;
    }
}

static void put(const char *text) {
    jn_write_error(text, (int64_t)strlen(text));
}

void jn_write_error_number(int64_t value) {
    char digits[24];
    int at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        digits[--at] = '-';
    jn_write_error(digits + at, (int64_t)sizeof digits - at);
}

// Reports of several threads are printed one after the other; one that panics while it reports goes on.
static SpinLock report_lock;
static _Thread_local bool has_report_lock;

static void lock_report(void) {
    if (!has_report_lock)
        jn_lock(&report_lock);
    has_report_lock = true;
}

static void unlock_report(void) {
    has_report_lock = false;
    jn_unlock(&report_lock);
}

static void begin(void) {
    lock_report();
    is_second = jn_task_panicked ? !jn_task_panicked() : is_unwinding;
    is_unwinding = true;
    jn_flush();
    put(is_second ? "panic while unwinding: " : "panic: ");
}

static void put_place(const JnLocation *at) {
    put("\n");
    if (at && at->file) {
        put("  at ");
        put(at->file);
        put(":");
        jn_write_error_number(at->line);
        put("\n");
    }
}

static _Noreturn void finish(const JnLocation *at) {
    put_place(at);
    jn_backtrace(at);
    if (is_second || jn_panics_end > 0)
        _exit(EXIT_ABORT);
    unlock_report();
    jn_unwind();
}

void jn_panic_report(const char *text, int64_t size, const JnLocation *at) {
    lock_report();
    jn_flush();
    put("panic: ");
    jn_write_error(text, size);
    put_place(at);
    unlock_report();
}

_Noreturn void jn_panic_end(void) {
    if (jn_task_left_frames)
        jn_task_left_frames();
    jn_flush();
    exit(EXIT_PANIC);
}

_Noreturn void jn_panic_overflow(uintptr_t pc, const uintptr_t *frame) {
    begin();
    put("stack overflow: the calls are nested too deeply\n");
    jn_backtrace_from(pc, frame);
    _exit(is_second ? EXIT_ABORT : EXIT_PANIC);
}

_Noreturn void jn_panic(uint32_t kind, const JnLocation *at) {
    begin();
    put(PANIC_TEXTS[kind < sizeof PANIC_TEXTS / sizeof *PANIC_TEXTS ? kind : 9]);
    finish(at);
}

_Noreturn void jn_panic_text(const char *text, int64_t size, const JnLocation *at) {
    begin();
    jn_write_error(text, size);
    finish(at);
}

_Noreturn void jn_panic_index(int64_t index, int64_t length, const JnLocation *at) {
    begin();
    put("index ");
    jn_write_error_number(index);
    put(" is out of range for length ");
    jn_write_error_number(length);
    finish(at);
}

_Noreturn void jn_panic_slice(int64_t from, int64_t to, int64_t length, const JnLocation *at) {
    begin();
    put("slice ");
    jn_write_error_number(from);
    put("..");
    jn_write_error_number(to);
    put(" is out of range for length ");
    jn_write_error_number(length);
    finish(at);
}

void jn_main_error(const char *text, int64_t size) {
    jn_flush();
    put("error: ");
    jn_write_error(text, size);
    put("\n");
    jn_trace_print(jn_trace_mark());
    if (jn_report_further)
        jn_report_further();
    jn_exit_code = EXIT_ERROR;
}
