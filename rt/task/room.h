// See room.c.
#ifndef JANUS_RT_TASK_ROOM_H
#define JANUS_RT_TASK_ROOM_H

#include "internal.h"

// An array with at least so many elements: `items`, or a larger one in its place. NULL if there is no memory; then
// `items` is as it was.
void *jn_grow(void *items, uint32_t *capacity, uint32_t wanted, size_t size);

// From now on so many tasks, the root among them, can be queued and can wait for a time. False: no memory.
bool jn_room_for_tasks(uint32_t tasks);

// The same for a worker that is to be: `publish` makes it one of those that all see, or not. False: it is none.
bool jn_room_of_worker(JnWorker *w, bool (*publish)(JnWorker *w));

// The worker takes no tasks any more.
void jn_room_end(JnWorker *w);

// The running task panics.
_Noreturn void jn_room_missing(const JnLocation *at);

#endif
