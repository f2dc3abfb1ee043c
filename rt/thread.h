// What each thread has for itself. Two builds of the files that use it: programs without tasks have one thread, for
// which all of this lies at fixed addresses; with JN_THREADS it is found by a pointer of the thread.
#ifndef JANUS_THREAD_H
#define JANUS_THREAD_H

#include "rt.h"
#include "task/lock.h"
#include "thread_local.h"

#include <errno.h>

// Free objects of one size; see alloc.c.
typedef struct JnFree {
    struct JnFree *next, *next_batch; // the second of the first in a batch
} JnFree;

typedef struct {
    JnFree *free;
#ifdef JN_THREADS
    JnFree *full;  // a batch, or NULL
    int64_t count; // about so many in `free`
#endif
} JnFreeList;

enum { JN_SIZE_CLASSES = 62 };

typedef struct {
    JnFreeList lists[JN_SIZE_CLASSES];
    uint8_t *block_at, *block_end; // the block that is being carved
    uint64_t bytes;                // in all blocks so far
} JnHeap;

// Drops of recursive types; see drop.c. No drop is under way where a task suspends.
typedef struct {
    int64_t depth;
    uint8_t *kept;
    int64_t kept_used, kept_capacity;
    uint8_t *dropping; // the bytes of the value that is dropped; a panic may leave them behind
    int64_t dropping_size;
} JnDrops;

#ifdef JN_THREADS

typedef struct JnThread {
    JnAllocator *current; // who switches between tasks keeps it with each
    uint32_t unsteady;    // not 0: the running task must not go on in another thread
    JnHeap heap;
    JnDrops drops;
} JnThread; // all bytes are 0 at first

extern JN_SHARED _Thread_local JnThread *jn_thread_self;
extern JN_SHARED bool jn_has_threads; // there are several; does not change back
JN_SHARED int *jn_errno(void);        // libc's says that it is always the same
#undef errno
#define errno (*jn_errno())

static inline __attribute__((always_inline)) JnThread *jn_thread(void) {
    JnThread *t;
    READ_THREAD_LOCAL(t, jn_thread_self);
    return t;
}

#define jn_current (jn_thread()->current)

static inline void jn_lock(SpinLock *l) {
    if (__builtin_expect(jn_has_threads, 0))
        spin_lock(l);
}
static inline void jn_unlock(SpinLock *l) {
    if (__builtin_expect(jn_has_threads, 0))
        spin_unlock(l);
}
#else

extern JnAllocator *jn_current;

static inline void jn_lock(SpinLock *l) {
    (void)l;
}
static inline void jn_unlock(SpinLock *l) {
    (void)l;
}
#endif
#endif
