// Tasks' lives: begin, end, and what is left of them.
#ifndef JANUS_RT_TASK_TASK_H
#define JANUS_RT_TASK_TASK_H

#include "internal.h"

// Drops the results of ended tasks and gives their stacks back. Their owner is the running task.
void jn_tasks_reap(JnTask *owner, Link *tasks);
// The tree is locked. False: there is no memory to keep this one beside the first, and the caller drops it.
bool jn_nursery_note_failure(Nursery *n, uint32_t number, const JnSuppressed *failure);
void jn_nursery_drop_error(const Nursery *n, void *error);
// What the task knows to have come after an error goes along with that, into the nursery that it fails. The tree is
// locked.
void jn_nursery_adopt(Nursery *n, uint32_t number, JnTask *t);
bool jn_has_suppressed_of(const JnTask *t, int64_t trace); // after the error with that trace
void jn_failures_drop(Failure **list);

#endif
