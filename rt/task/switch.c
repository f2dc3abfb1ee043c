// Fibers: going from one stack to another, and the root of each. It leaves by a jump, for a return would be predicted
// wrongly each time; control words of the floating-point unit are not part of a task.
//
// A stack that does not run has on top, from its stack pointer up, the registers that functions preserve and the
// address where it goes on. The root function is marked as having no caller, and the chain of frame pointers ends
// there.
#include "internal.h"

_Noreturn void jn_fiber_root(void); // below; what it calls must not return

void jn_fiber_init(JnTask *t, void *top, void (*run)(JnTask *));

#if defined(__x86_64__)

void jn_fiber_init(JnTask *t, void *top, void (*run)(JnTask *)) {
    uint64_t *sp = (uint64_t *)((uintptr_t)top & ~(uintptr_t)15) - 7;
    sp[0] = sp[1] = sp[2] = 0; // r15, r14, r13
    sp[3] = (uintptr_t)t;      // r12
    sp[4] = (uintptr_t)run;    // rbx
    sp[5] = 0;                 // rbp: the chain ends
    sp[6] = (uintptr_t)jn_fiber_root;
    t->sp = sp;
}

__asm__(".section .text.jn_switch,\"ax\",@progbits\n"
        ".globl jn_switch\n.hidden jn_switch\n.type jn_switch,@function\n"
        "jn_switch:\n"
        "  .cfi_startproc\n"
        "  push %rbp\n"
        "  push %rbx\n"
        "  push %r12\n"
        "  push %r13\n"
        "  push %r14\n"
        "  push %r15\n"
        "  mov %rsp, (%rdi)\n"
        "  mov %rsi, %rsp\n"
        "  pop %r15\n"
        "  pop %r14\n"
        "  pop %r13\n"
        "  pop %r12\n"
        "  pop %rbx\n"
        "  pop %rbp\n"
        "  pop %rcx\n"
        "  jmp *%rcx\n"
        "  .cfi_endproc\n"
        ".size jn_switch, . - jn_switch\n"
        ".section .text.jn_fiber_root,\"ax\",@progbits\n"
        ".globl jn_fiber_root\n.hidden jn_fiber_root\n.type jn_fiber_root,@function\n"
        "jn_fiber_root:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined %rip\n"
        "  mov %r12, %rdi\n"
        "  call *%rbx\n"
        "  ud2\n"
        "  .cfi_endproc\n"
        ".size jn_fiber_root, . - jn_fiber_root\n"
        ".text\n");

#elif defined(__aarch64__)

void jn_fiber_init(JnTask *t, void *top, void (*run)(JnTask *)) {
    uint64_t *sp = (uint64_t *)((uintptr_t)top & ~(uintptr_t)15) - 20;
    memset(sp, 0, 20 * sizeof *sp);    // x29: the chain ends
    sp[0] = (uintptr_t)t;              // x19
    sp[1] = (uintptr_t)run;            // x20
    sp[11] = (uintptr_t)jn_fiber_root; // x30
    t->sp = sp;
}

__asm__(".section .text.jn_switch,\"ax\",@progbits\n"
        ".globl jn_switch\n.hidden jn_switch\n.type jn_switch,@function\n"
        "jn_switch:\n"
        "  .cfi_startproc\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp]\n"
        "  stp x21, x22, [sp, #16]\n"
        "  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n"
        "  stp x27, x28, [sp, #64]\n"
        "  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n"
        "  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n"
        "  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n"
        "  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp]\n"
        "  ldp x21, x22, [sp, #16]\n"
        "  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n"
        "  ldp x27, x28, [sp, #64]\n"
        "  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n"
        "  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n"
        "  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  br x30\n"
        "  .cfi_endproc\n"
        ".size jn_switch, . - jn_switch\n"
        ".section .text.jn_fiber_root,\"ax\",@progbits\n"
        ".globl jn_fiber_root\n.hidden jn_fiber_root\n.type jn_fiber_root,@function\n"
        "jn_fiber_root:\n"
        "  .cfi_startproc\n"
        "  .cfi_undefined x30\n"
        "  mov x0, x19\n"
        "  blr x20\n"
        "  brk #1\n"
        "  .cfi_endproc\n"
        ".size jn_fiber_root, . - jn_fiber_root\n"
        ".text\n");

#else
#error "no fibers for this machine"
#endif
