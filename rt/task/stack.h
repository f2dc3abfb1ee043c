// Stacks of tasks, and how a task goes on on its own.
#ifndef JANUS_RT_TASK_STACK_H
#define JANUS_RT_TASK_STACK_H

#include "internal.h"

void jn_switch(void **from, void *to); // saves where this stack is, goes on where the other was
void jn_fiber_init(JnTask *t, void *top, void (*run)(JnTask *)); // run must not return

void jn_stacks_start(int64_t bytes);
void jn_stacks_stop(void);
// The record of a new task, aligned to 64, with its `stack` and below it the usable bytes, of the stack that was given
// back last.
JnTask *jn_stack_take(void);
void jn_stack_give(JnTask *t);
int64_t jn_stack_bytes(void); // that are usable
// Whether an access to this address ran into the guard of some stack.
JN_SHARED bool jn_task_is_guard(const void *address);

#endif
