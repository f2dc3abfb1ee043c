// Where a Janus program begins: arguments, the guard against stack overflow, main, the last flush.
#include "rt.h"

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

// The handler must not run on the stack that is full.
static uint8_t signal_stack[16 * 1024];
uint8_t *jn_stack_top;

// Whether an address lies about where the main stack's limit is.
static bool is_stack_end(const uint8_t *at) {
    struct rlimit limit;
    bool known = getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    uint64_t reach = known ? limit.rlim_cur : 8u << 20;
    uint64_t distance = (uint64_t)(jn_stack_top - at);
    return at < jn_stack_top && distance + (1u << 18) >= reach && distance < reach + (1u << 24);
}

// Programs with tasks have it (rt/task).
#pragma weak jn_task_is_guard
bool jn_task_is_guard(const void *address);

static bool is_overflow(const void *at) {
    return is_stack_end(at) || (jn_task_is_guard && jn_task_is_guard(at));
}

static void on_fault(int number, siginfo_t *info, void *context) {
    if (number == SIGSEGV && is_overflow(info->si_addr)) {
        const ucontext_t *at = context;
#if defined(__x86_64__)
        jn_panic_overflow((uintptr_t)at->uc_mcontext.gregs[REG_RIP], (const uintptr_t *)at->uc_mcontext.gregs[REG_RBP]);
#else
        jn_panic_overflow(at->uc_mcontext.pc, (const uintptr_t *)at->uc_mcontext.regs[29]);
#endif
    }
    signal(number, SIG_DFL);
    raise(number);
}

int main(int count, char **values) {
    jn_arg_count = count;
    jn_args = values;
    jn_stack_top = (uint8_t *)__builtin_frame_address(0);
    stack_t alternate = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, NULL);
    janus_main();
    jn_flush();
    return 0;
}
