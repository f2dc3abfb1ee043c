// The root of each fiber. It is marked as having no caller, and the chain of frame pointers ends there.
#include "stack.h"

_Noreturn void jn_fiber_root(void); // below; what it calls must not return

// The root finds on its stack what to call and with what.
void jn_fiber_init(JnTask *t, void *top, void (*run)(JnTask *)) {
    uintptr_t *sp = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15) - 2;
    sp[0] = (uintptr_t)run;
    sp[1] = (uintptr_t)t;
    t->sp = sp;
    t->frame = NULL;
    t->pc = (void *)(uintptr_t)jn_fiber_root;
}

#if defined(__x86_64__)
__asm__(".section .text.jn_fiber_root,\"ax\",@progbits\n"
        ".globl jn_fiber_root\n.hidden jn_fiber_root\n.type jn_fiber_root,@function\n"
        "jn_fiber_root:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined %rip\n"
        "  mov 8(%rsp), %rdi\n"
        "  call *(%rsp)\n"
        "  ud2\n"
        "  .cfi_endproc\n"
        ".size jn_fiber_root, . - jn_fiber_root\n"
        ".text\n");
#elif defined(__aarch64__)
__asm__(".section .text.jn_fiber_root,\"ax\",@progbits\n"
        ".globl jn_fiber_root\n.hidden jn_fiber_root\n.type jn_fiber_root,@function\n"
        "jn_fiber_root:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined x30\n"
        "  ldp x9, x0, [sp]\n"
        "  blr x9\n"
        "  brk #1\n"
        "  .cfi_endproc\n"
        ".size jn_fiber_root, . - jn_fiber_root\n"
        ".text\n");
#else
#error "no fibers for this machine"
#endif
