// Points in time at which something happens to a task, a nursery or a shield.
#ifndef JANUS_RT_TASK_TIMER_H
#define JANUS_RT_TASK_TIMER_H

#include "internal.h"

typedef enum { TIMER_TASK, TIMER_NURSERY, TIMER_SHIELD, TIMER_FORCE } TimerKind;

// All but those that say otherwise: the tree is locked.
// There is room for it: of tasks always (room.c), of others where it was booked.
uint32_t jn_timer_set(int64_t time, TimerKind kind, void *of); // its number, never 0
void jn_timer_clear(uint32_t timer);
int64_t jn_timer_next(void);      // when the next one is due; -1: there is none
void jn_timers_fire(int64_t now); // locks the tree itself
void jn_timers_stop(void);
bool jn_timers_for_tasks(uint32_t tasks); // makes room for one of each; false: no memory. Locks the tree itself
bool jn_timer_book(void);                 // makes room for one of a nursery or a shield. So does this
int64_t jn_time_after(int64_t duration);  // from now; saturates
int64_t jn_real_time(void);               // what jn_now gives without a seed
// The running task, which has announced that it waits, is woken at that time. Locks the tree itself.
void jn_timer_set_of(JnTask *t, int64_t time);

#endif
