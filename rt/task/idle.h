// Several workers: where each looks for tasks, and sleeps if there are none.
#ifndef JANUS_RT_TASK_IDLE_H
#define JANUS_RT_TASK_IDLE_H

#include "internal.h"

void jn_worker_begin(JnWorker *w, uint32_t number);
void jn_worker_end(JnWorker *w);
void jn_hub_start(JnWorker *w);  // of the first worker
extern bool jn_is_worker_wanted; // atomic
void jn_start_wanted(void);      // starts a worker if one is wanted; no lock is held
void jn_start_second(void);      // where there is only one so far
void jn_workers_stop(void);      // the running task is the root's, which goes on in the first worker
void jn_unwind_forget(JnWorker *w);

#ifdef JN_TSAN
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
#endif

#endif
