// Calls of the system that block whoever makes them: opening, reading and writing files, starting a process.
#ifndef JANUS_RT_TASK_BLOCKING_H
#define JANUS_RT_TASK_BLOCKING_H

#include "internal.h"

// Runs it by a thread of its own while the task waits and others run; at once where nobody else would want this thread.
// Not to be cancelled: it has returned when this returns.
void jn_blocking(void (*run)(void *), void *arg);
void jn_blocking_done(JnWorker *w); // wakes those whose calls have returned
void jn_blocking_stop(void);

#endif
