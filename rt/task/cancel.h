// Cancellation: who is to stop, and when it is delivered. Shields.
#ifndef JANUS_RT_TASK_CANCEL_H
#define JANUS_RT_TASK_CANCEL_H

#include "internal.h"

// Whether something that lies outside this nursery cancels its owner, and no shield is between.
bool jn_is_cancelled_outside(const Nursery *n);
void jn_update_attention(JnWorker *w, JnTask *t); // after what decides whether anything is to be delivered has changed
void jn_cancel_nursery(JnWorker *w, Nursery *n);  // its body and its tasks
void jn_cancel_tasks(JnWorker *w, Nursery *n);    // its tasks only
void jn_cancel_task(JnWorker *w, JnTask *t);
// Takes a waiting task out of what it waits for and lets it go on.
void jn_interrupt(JnWorker *w, JnTask *t, WakeReason reason);
_Noreturn void jn_leave_now(JnTask *t);
// The running task was woken, but not by what it waited for.
_Noreturn void jn_interrupted(JnTask *t, WakeReason reason);
bool jn_is_unwinding(const JnTask *t);

void jn_task_time_over(JnWorker *w, JnTask *t);
void jn_nursery_time_over(JnWorker *w, Nursery *n);
void jn_shield_time_over(JnWorker *w, Shield *s);

#endif
