// Reads a thread-local pointer anew.
#ifndef JANUS_THREAD_LOCAL_H
#define JANUS_THREAD_LOCAL_H

// A task may go on in another thread wherever it suspends, and compilers keep addresses of thread-locals in registers:
// so the pointer is read by instructions that they do not know. `variable` is JN_SHARED and stands in this program.
#if defined(__x86_64__)
#define READ_THREAD_LOCAL(into, variable) __asm__ volatile("movq %%fs:" #variable "@tpoff, %0" : "=r"(into))
#else
#define READ_THREAD_LOCAL(into, variable)                                                                              \
    __asm__ volatile("mrs %0, tpidr_el0\n"                                                                             \
                     "add %0, %0, #:tprel_hi12:" #variable ", lsl #12\n"                                               \
                     "ldr %0, [%0, #:tprel_lo12_nc:" #variable "]\n"                                                   \
                     : "=r"(into))
#endif

#endif
