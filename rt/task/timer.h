// Points in time at which something happens to a task, a nursery or a shield.
#ifndef JANUS_RT_TASK_TIMER_H
#define JANUS_RT_TASK_TIMER_H

#include "internal.h"

typedef enum { TIMER_TASK, TIMER_NURSERY, TIMER_SHIELD } TimerKind;

uint32_t jn_timer_set(JnWorker *w, int64_t time, TimerKind kind, void *of); // its number, never 0
void jn_timer_clear(JnWorker *w, uint32_t timer);
int64_t jn_timer_next(JnWorker *w); // when the next one is due; -1: there is none
void jn_timers_stop(JnWorker *w);
void jn_timers_fire(JnWorker *w, int64_t now);
int64_t jn_time_after(int64_t duration); // from now; saturates

#endif
