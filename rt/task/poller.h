// Waiting for descriptors: what the workers know of it. What tasks call is in rt/task.h.
#ifndef JANUS_RT_TASK_POLLER_H
#define JANUS_RT_TASK_POLLER_H

#include "internal.h"

#include <sys/epoll.h>

enum { NEWS = 128 };

// What a worker was told last.
typedef struct IoNews {
    struct epoll_event items[NEWS];
} IoNews;

// Whether any task waits for a descriptor.
bool jn_io_is_awaited(void);
// Takes what the system tells, for at most so long after now: 0 at once, -1 without end. How many there are. jn_io_tell
// then wakes the tasks, as this worker's.
int jn_io_listen(JnWorker *w, int64_t duration);
void jn_io_tell(JnWorker *w, int count);
void jn_io_look(JnWorker *w); // both at once, where no worker is asleep there
// One worker at a time sleeps there; the others look no more meanwhile. With the lock of those who sleep.
bool jn_io_keep(JnWorker *w); // it shall be this one; false: there is one already, or nothing is waited for
void jn_io_leave(JnWorker *w);
void jn_io_rouse(void); // wakes the one that sleeps there; it is to call jn_io_roused
void jn_io_roused(void);
// A task waits for a call that a thread makes: false where nobody could be told. That thread says when it is done.
bool jn_io_begin_call(void);
void jn_io_end_call(void);
void jn_io_call_done(void);
void jn_io_stop(void);

#endif
