// A lock for sections of a few instructions in which nothing suspends, waits or runs code of the program.
#ifndef JANUS_RT_TASK_LOCK_H
#define JANUS_RT_TASK_LOCK_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t is_held;
} SpinLock;

void jn_spin_wait(SpinLock *l); // spin_until_free, out of line: once in the runtime, once in what hosts tasks

static inline void spin_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

static inline void spin_until_free(SpinLock *l) {
    enum { PAUSES = 200 };
    for (uint32_t i = 0; __atomic_load_n(&l->is_held, __ATOMIC_RELAXED); i++) {
        spin_pause();
        if (i % PAUSES == PAUSES - 1)
            sched_yield(); // who has it may not be running
    }
}

static inline bool spin_try(SpinLock *l) {
    return __atomic_exchange_n(&l->is_held, 1, __ATOMIC_ACQUIRE) == 0;
}

static inline void spin_lock(SpinLock *l) {
    while (__builtin_expect(!spin_try(l), 0))
        jn_spin_wait(l);
}

static inline void spin_unlock(SpinLock *l) {
    __atomic_store_n(&l->is_held, 0, __ATOMIC_RELEASE);
}

#endif
