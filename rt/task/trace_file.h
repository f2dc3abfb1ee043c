// A timeline of the tasks, for Perfetto: JANUS_TRACE names the file.
//
// Nothing on the way of tasks asks whether there is one: a worker that traces looks at the clock at each task that it
// takes, not at each 64th, and what is asked under a seed anyway is asked for this, too (jn_all.is_special).
#ifndef JANUS_RT_TASK_TRACE_FILE_H
#define JANUS_RT_TASK_TRACE_FILE_H

#include "internal.h"

extern bool jn_is_tracing;               // does not change while tasks run
void jn_tracing_start(const char *path); // before the tasks start; NULL and the empty text: no file
void jn_tracing_stop(void);              // all workers but the first have ended
void jn_tracing_worker_end(JnWorker *w);
void jn_trace_leaves(JnWorker *w);            // its running task is about to make room, or goes on
void jn_trace_arrives(JnWorker *w);           // it has been without a task until now
void jn_trace_wakes(JnWorker *w, JnTask *t);  // its running task made the other one able to run
void jn_trace_spawns(JnWorker *w, JnTask *t); // and this one takes its place

#endif
