// Leaving frames quickly: what the tables say of an address is remembered, so that a second cancellation of the same
// shape of stack reads none. The way is that of rt/unwind.c.
#include "host.h"

#ifndef JN_TASKS_HOSTED

#include "../unwind.h"

enum { REMEMBERED = 256 }; // a power of two

static UnwindStep remembered[REMEMBERED];

static UnwindStep *step_at(uint64_t pc) {
    UnwindStep *step = &remembered[(pc ^ (pc >> 8)) % REMEMBERED];
    if (LIKELY(step->pc == pc))
        return step;
    step->pc = 0;
    UnwindStep found;
    if (!jn_unwind_find(pc, &found))
        return NULL;
    *step = found;
    return step;
}

void jn_unwind_remembered(Context *context) {
    bool is_main = jn_task_is_root(jn_worker.current);
    for (;;) {
        const UnwindStep *step = step_at(context->pc);
        if (UNLIKELY(step == NULL))
            return;
        uint64_t base = context->regs[step->base_register] + (uint64_t)step->base_offset;
        if (step->is_root || (is_main && base > (uintptr_t)jn_stack_top))
            jn_panic_end();
        if (step->cleanup) {
            context->pc = step->cleanup;
            jn_unwind_install(context);
        }
        for (uint32_t i = 0; i < step->count; i++)
            memcpy(&context->regs[step->saved[i].reg],
                   (const void *)(uintptr_t)(base + (uint64_t)(int64_t)step->saved[i].offset), 8);
        context->regs[REG_SP] = base;
        context->pc = context->regs[REG_RETURN];
    }
}

#endif
