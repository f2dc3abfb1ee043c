#ifndef JANUS_RT_TASK_REPORT_H
#define JANUS_RT_TASK_REPORT_H

#include "internal.h"

// The running tasks in order, the root task first: a task, then those it spawned. NULL behind the last.
JnTask *jn_task_after(JnTask *t);
// Writes to the report which task waits where and for what, and who waits for whom in a circle.
void jn_report_deadlock(void);

#endif
