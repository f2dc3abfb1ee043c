// The runtime library of Janus programs: allocation, panics, text of floats, services of the operating system.
//
// Ideas. Linked statically beside musl, every function in a section of its own, so that a program carries only what
// it uses. Nothing here knows the compiler; the compiler's code generator knows the names declared here.
#ifndef JANUS_RT_H
#define JANUS_RT_H

#include <stdbool.h>
#include <stdint.h>

// What never panics, so that calls of it need no way out.
#define JN_NOTHROW __attribute__((nothrow))

// What the compiler optimises along with the program (alloc, drop, text, float, services, test) is its own there,
// unless the files that are only linked use it, too: marked so it keeps its name, or the program would hold it twice.
#define JN_SHARED __attribute__((visibility("hidden")))

// A place in the source, emitted by the compiler beside each check.
typedef struct {
    const char *file;
    uint32_t line, column;
} JnLocation;

// ---- allocation
// ------------------------------------------------------------------------------------------------------ Sizes are in
// bytes and must be the same at jn_free as at the allocation; zero is allowed. Never NULL: panics when there is no
// memory. Small sizes come from free lists by size class, large ones straight from the system.
void *jn_alloc(int64_t size, int64_t align);
void *jn_resize(void *p, int64_t old_size, int64_t new_size, int64_t align);
void jn_free(void *p, int64_t size, int64_t align) JN_NOTHROW;
// NULL, and nothing has changed, where there is no memory. Old 0: a new block.
void *jn_try_resize(void *p, int64_t old_size, int64_t new_size, int64_t align) JN_NOTHROW;

// ---- allocators, see arena.c
// ---------------------------------------------------------------------------------------------- A program that chooses
// none has no current one, and its range is empty: then the optimiser removes what asks for them.
typedef struct JnAllocator JnAllocator;
enum { JN_ARENA = 1, JN_POOL = 2, JN_FIXED = 3, JN_CUSTOM = 4 };
enum {
    JN_ALLOCATOR_NEW,
    JN_ALLOCATOR_SET,
    JN_ALLOCATOR_DROP,
    JN_ALLOCATOR_BYTES,
    JN_ALLOCATOR_OBJECTS,
    JN_ALLOCATOR_STATE,
    JN_ALLOCATOR_LEND,
    JN_ALLOCATOR_AROUND, // of custom.c
};
// NEW: kind, bytes (of a FIXED; of a POOL's slots), gives an allocator, 0 if there is no memory. SET: the current one,
// 0 the heap; gives the one before; y 1 where a block is entered, 0 where it is left. DROP, BYTES and OBJECTS (live
// ones): of an allocator. NEW of a CUSTOM: its code; STATE: what that is called with; LEND: it is lent, or back (y).
int64_t jn_allocator(int64_t code, int64_t x, int64_t y) JN_NOTHROW;
// The current one is jn_current, see thread.h.
extern uintptr_t jn_range_base; // where the range of the allocators' objects begins
extern uint64_t jn_near_bytes;  // so far from there lie objects of arenas and short buffers, and no others
extern uint64_t jn_range_bytes; // so far all others, if there are any; else 0
void *jn_alloc_from(JnAllocator *a, int64_t size, int64_t align);
void *jn_resize_chunked(void *p, int64_t old_size, int64_t new_size, int64_t align);
// The same, but NULL where there is no memory.
void *jn_try_alloc_from(JnAllocator *a, int64_t size, int64_t align) JN_NOTHROW;
void *jn_try_resize_chunked(void *p, int64_t old_size, int64_t new_size, int64_t align) JN_NOTHROW;
void *jn_try_alloc_heap(int64_t size, int64_t align) JN_NOTHROW;
void jn_free_near(void *p, int64_t size) JN_NOTHROW; // of an object in jn_near_bytes
void jn_free_far(void *p, int64_t size) JN_NOTHROW;  // behind them, in jn_range_bytes
void *jn_alloc_heap(int64_t size, int64_t align);    // of the heap, whichever is the current one
_Noreturn void jn_out_of_memory(void);

// ---- panics
// ------------------------------------------------------------------------------------------------------------ Print to
// standard error what happened and where, then unwind: the frames' cleanups run, and the process ends with 101. A
// second panic meanwhile is printed, too, and ends the process at once with 134. `kind` is a PanicKind of the compiler.
_Noreturn void jn_panic(uint32_t kind, const JnLocation *at);
_Noreturn void jn_panic_text(const char *text, int64_t size, const JnLocation *at); // at may be NULL
_Noreturn void jn_panic_index(int64_t index, int64_t length, const JnLocation *at);
_Noreturn void jn_panic_slice(int64_t from, int64_t to, int64_t length, const JnLocation *at);
// Prints the message of a panic that is not one of the running function, and returns.
void jn_panic_report(const char *text, int64_t size, const JnLocation *at) JN_NOTHROW;
// Reports an error that reached main, with its return trace; the process ends with 1 once main has returned.
void jn_main_error(const char *text, int64_t size) JN_NOTHROW;
// The stack is full: prints so, with the callers of the frame that was at `pc`, and ends the process with 101 at once.
_Noreturn void jn_panic_overflow(uintptr_t pc, const uintptr_t *frame) JN_NOTHROW;
// Prints the chain of callers, innermost first, but for the function that `at` (may be NULL) lies in.
void jn_backtrace(const JnLocation *at) JN_NOTHROW;
void jn_backtrace_from(uintptr_t pc, const uintptr_t *frame) JN_NOTHROW; // of a frame that was interrupted at `pc`

// What a program without tasks knows by type, see std.local; with tasks it is each task's own.
void *jn_lone_locals(void) JN_NOTHROW;
void jn_lone_locals_set(void *p) JN_NOTHROW;

// ---- return traces, see trace.c -------------------------------------------------------------------------------------
void jn_trace_begin(const JnLocation *at) JN_NOTHROW; // an error is raised here
void jn_trace_pass(const JnLocation *at) JN_NOTHROW;  // the error raised or passed on last is passed on here
int64_t jn_trace_mark(void) JN_NOTHROW;               // names that error's trace
void jn_trace_resume(int64_t mark,
                     const JnLocation *at) JN_NOTHROW; // the error with this trace is raised again, or passed on
int64_t jn_trace_root(int64_t mark) JN_NOTHROW; // equal for all marks of one error; 0: nothing is known of it any more
const JnLocation *jn_trace_origin(int64_t mark) JN_NOTHROW; // where it was raised; NULL likewise
void jn_trace_print(int64_t mark) JN_NOTHROW;
// Of the error that was raised or passed on last. Who switches between tasks keeps it with each.
extern JN_SHARED _Thread_local uint64_t jn_trace_newest;

// ---- drops of recursive types
// ------------------------------------------------------------------------------------------ What the intrinsics
// drop_enter, drop_leave and drop_defer stand for. The function takes an environment, which it ignores, and the address
// of the value.
typedef void (*JnDropFn)(void *environment, void *value);
int64_t jn_drop_enter(void) JN_NOTHROW;
void jn_drop_leave(int64_t depth);
void jn_drop_defer(const void *value, int64_t size, JnDropFn drop);

// ---- memory and text ------------------------------------------------------------------------------------------------
int64_t jn_mem_compare(const void *a, const void *b, int64_t count) JN_NOTHROW; // <0, 0, >0
int64_t jn_mem_find(const void *p, uint8_t byte, int64_t count) JN_NOTHROW;     // index or -1
// Shortest text that reads back as the same number (precision -1), or with that many digits after the point. form:
// 0 plain, 1 with exponent; plus 2 where x was an f32. Writes at most 400 bytes to out and returns how many.
int64_t jn_format_float(double x, int64_t precision, int64_t form, uint8_t *out) JN_NOTHROW;
// Reads the whole text as a number, correctly rounded; *ok is 0 if it is none.
double jn_parse_float(const uint8_t *text, int64_t size, uint8_t *ok) JN_NOTHROW;
double jn_float_op(int64_t code, double x) JN_NOTHROW; // codes: see the compiler's intrinsics.def
double jn_float_op2(int64_t code, double x, double y) JN_NOTHROW;

// ---- services, see services.def -------------------------------------------------------------------------------------
int64_t jn_service(int64_t code, int64_t a, int64_t b, int64_t c) JN_NOTHROW;
int64_t jn_service_ptr(int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) JN_NOTHROW;

// ---- sockets, see sockets.def ---------------------------------------------------------------------------------------
int64_t jn_socket(int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) JN_NOTHROW;
// What jn_io_wait is in a program without tasks.
int64_t jn_io_block(int64_t fd, int64_t how, int64_t timeout) JN_NOTHROW;

// ---- tests ----------------------------------------------------------------------------------------------------------
typedef struct {
    const char *name;
    int64_t size;
    void (*run)(void); // ends the process if the test fails
} JnTest;
// Runs the one whose index is in JANUS_TEST: who starts this process does so for each. JANUS_RANDOM, if there is one,
// is the seed of its random numbers.
void jn_run_tests(const JnTest *tests, int64_t count);
// What a seed decides beside the order of tasks; 0: nothing. In a program that is no test, random numbers never follow
// a seed: they may be secrets.
extern int64_t jn_hash_seed;
extern uint64_t jn_test_random;
extern void (*jn_before_exit)(void);                // of a program that ends at once; NULL: nothing
extern int64_t (*jn_virtual_clock)(int64_t passes); // so much time passes; what it is then. NULL: it is the system's

// ---- what the compiler emits ----------------------------------------------------------------------------------------
void janus_main(void);

// ---- shared by the runtime's own files ------------------------------------------------------------------------------
extern JN_SHARED int jn_arg_count;
extern JN_SHARED char **jn_args;
_Noreturn void jn_unwind(void);                                 // the caller's frame is the first one that is left
_Noreturn void jn_panic_end(void);                              // a panic has left its last frame
extern int jn_exit_code;                                        // of a program whose main returns
extern uint8_t *jn_stack_top;                                   // the frame of C's main, where the chain of frames ends
JN_SHARED void jn_flush(void) JN_NOTHROW;                       // standard output
void jn_write_error(const char *text, int64_t size) JN_NOTHROW; // straight to standard error
void jn_write_error_number(int64_t value) JN_NOTHROW;

#endif
