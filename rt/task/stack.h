// Stacks of tasks, and how a task goes on on its own.
#ifndef JANUS_RT_TASK_STACK_H
#define JANUS_RT_TASK_STACK_H

#include "internal.h"

void jn_fiber_init(JnTask *t, void *top, void (*run)(JnTask *)); // run must not return

// Goes on where `to` was. It keeps the stack, the frame and where to go on, and says that it changes all other
// registers, so that the function it stands in saves what it needs of them; control words of the floating-point unit
// are not part of a task. It leaves by a jump: after a call the returns of the other stack would be predicted wrongly.
// It touches nothing below the stack pointer. Only in functions that are never inlined: they must not realign their
// stack.
//
// Once the registers are kept another worker may take `from`, so nothing of its stack is touched any more, and that is
// said (a store that releases) before `to` is waited for: two workers that exchange their tasks do not wait for each
// other. `to` has been claimed by this worker, and its own worker is at most on its way out of it.
#ifdef JN_TSAN
#define SWITCH_HAS_LEFT_X86
#define SWITCH_WAIT_X86
#define SWITCH_HAS_LEFT_ARM
#define SWITCH_WAIT_ARM
#else
#define SWITCH_HAS_LEFT_X86 "movb $0, %c[running](%%rdi)\n"
#define SWITCH_WAIT_X86                                                                                                \
    "cmpb $0, %c[running](%%rsi)\n"                                                                                    \
    "je 3f\n"                                                                                                          \
    "2: pause\n"                                                                                                       \
    "cmpb $0, %c[running](%%rsi)\n"                                                                                    \
    "jne 2b\n"                                                                                                         \
    "3: movb $1, %c[running](%%rsi)\n"
#define SWITCH_HAS_LEFT_ARM                                                                                            \
    "add x2, x0, %[running]\n"                                                                                         \
    "stlrb wzr, [x2]\n"
#define SWITCH_WAIT_ARM                                                                                                \
    "add x2, x1, %[running]\n"                                                                                         \
    "2: ldarb w3, [x2]\n"                                                                                              \
    "cbnz w3, 2b\n"                                                                                                    \
    "mov w3, #1\n"                                                                                                     \
    "strb w3, [x2]\n"
#endif

static inline __attribute__((always_inline)) void jn_switch(JnTask *from, JnTask *to) {
#if defined(__x86_64__)
    __asm__ volatile("lea 1f(%%rip), %%rax\n"
                     "mov %%rsp, (%%rdi)\n"
                     "mov %%rbp, 8(%%rdi)\n"
                     "mov %%rax, 16(%%rdi)\n" SWITCH_HAS_LEFT_X86 SWITCH_WAIT_X86 "mov 16(%%rsi), %%rax\n"
                     "mov 8(%%rsi), %%rbp\n"
                     "mov (%%rsi), %%rsp\n"
                     "jmp *%%rax\n"
                     "1:\n"
                     : "+D"(from), "+S"(to)
                     : [running] "i"(offsetof(JnTask, is_running))
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
                       "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
                       "xmm13", "xmm14", "xmm15", "memory", "cc");
#else
    register JnTask *x0 __asm__("x0") = from;
    register JnTask *x1 __asm__("x1") = to;
    __asm__ volatile("adr x2, 1f\n"
                     "mov x3, sp\n"
                     "stp x3, x29, [x0]\n"
                     "str x2, [x0, #16]\n" SWITCH_HAS_LEFT_ARM SWITCH_WAIT_ARM "ldp x3, x29, [x1]\n"
                     "ldr x2, [x1, #16]\n"
                     "mov sp, x3\n"
                     "br x2\n"
                     "1:\n"
                     : "+r"(x0), "+r"(x1)
                     : [running] "i"(offsetof(JnTask, is_running))
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
                       "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30", "v0",
                       "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
                       "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29",
                       "v30", "v31", "memory", "cc");
#endif
}

void jn_stacks_start(int64_t bytes);
void jn_stacks_stop(void);
// The record of a new task, aligned to 64, with its `stack` and below it the usable bytes, of the stack that was given
// back last. NULL where there is no memory.
JnTask *jn_stack_take(JnWorker *w);
// Of the running task, which is about to leave it, or of one that has ended: then this waits until it has left.
void jn_stack_give(JnWorker *w, JnTask *t);
int64_t jn_stack_bytes(void); // that are usable
// Whether an access to this address ran into the guard of some stack.
JN_SHARED bool jn_task_is_guard(const void *address);

#endif
