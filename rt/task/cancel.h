// Cancellation: who is to stop, and when it is delivered. Shields.
#ifndef JANUS_RT_TASK_CANCEL_H
#define JANUS_RT_TASK_CANCEL_H

#include "internal.h"

// All but those that say otherwise: the tree is locked.

// Whether something that lies outside this nursery cancels its owner, and no shield is between.
bool jn_is_cancelled_outside(const Nursery *n);
void jn_update_attention(JnTask *t); // after what decides whether anything is to be delivered has changed
void jn_cancel_nursery(Nursery *n);  // its body and its tasks
void jn_cancel_tasks(Nursery *n);    // its tasks only
void jn_cancel_task(JnTask *t);
void jn_interrupt(JnTask *t, WakeReason reason); // lets it go on if it waits, but not at the end of a nursery
void jn_task_time_over(JnTask *t);
void jn_nursery_time_over(Nursery *n);
void jn_shield_time_over(Shield *s);
void jn_nursery_force(Nursery *n); // no shield protects its tasks any longer

// Of the running task, and the tree is not locked.
_Noreturn void jn_leave_now(JnTask *t);
// It was woken, but not by what it waited for.
_Noreturn void jn_interrupted(JnTask *t, WakeReason reason);
bool jn_is_unwinding(const JnTask *t);

#endif
