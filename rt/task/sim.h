// The seeded worker: which task comes next is decided here, at each place where it could be another one.
//
// A decision is named by the task that makes it and how many it has made before: that changes little when another
// decision is made differently. The usual order lets a task run until it waits or ends, then the one that has been able
// to run for longest, and takes the first ready arm. All other orders are that with differences, and can be told so.
#ifndef JANUS_RT_TASK_SIM_H
#define JANUS_RT_TASK_SIM_H

#include "internal.h"

void jn_sim_start(const JnTaskConfig *config);
void jn_sim_stop(void);
bool jn_sim_room(uint32_t tasks); // so many can be ready from now on; false: no memory
void jn_sim_ready(JnTask *t);
JnTask *jn_sim_pick(void); // NULL: none can run
void jn_sim_poll(void);
bool jn_sim_chance(const JnLocation *at); // whether to let others run now, where the running task may go on
void jn_sim_yields(const JnLocation *at); // the running task is about to let others run
uint32_t jn_sim_arm(uint32_t ready, const JnLocation *at); // which of a select's ready arms, from 0

// Where the running task neither suspends nor is told anything, but others may come between.
void jn_sim_quiet_point(void);

// In reports main is 0.
static inline uint32_t jn_number_of(const JnTask *t) {
    return (uint32_t)(t->id - 1);
}

// ---- orders that are told, order.c ---------------------------------------------------------------------------------

// One difference from the usual order: at this decision of the task another task comes, or another arm.
typedef struct {
    uint32_t task, point; // as in reports: main is 0
    uint32_t choice;
    bool is_arm;
} JnDifference;

typedef enum {
    ORDER_RANDOM,   // "7": any that can run; any text is a number of its own
    ORDER_PRIORITY, // "pct:7:3:120": seed 7, 3 levels (2 changes of priority) within 120 decisions
    ORDER_LIST,     // "order:7:1.4-3,2.2=1": at its 4th decision task 1 makes room for 3; at its 2nd task 2 takes arm 1
} OrderKind;

typedef struct {
    OrderKind kind;
    uint64_t seed;
    uint32_t levels;
    uint64_t decisions;
    JnDifference *differences; // by task and point; in the host's memory
    uint32_t count, capacity;
} Order;

void jn_order_read(Order *o, const char *text, int64_t size);
// The difference at this decision, or NULL.
const JnDifference *jn_order_find(const Order *o, uint32_t task, uint32_t point);
void jn_order_free(Order *o);
_Noreturn void jn_order_lost(void); // no memory to follow it

// ---- what is told of a run, record.c -------------------------------------------------------------------------------

// Maps what JANUS_RECORD names; NULL if it names nothing.
void *jn_record_open(void);
void jn_record_start(void *record); // may be NULL
void jn_record_task(const JnTask *t);
void jn_record_step(uint32_t kind, const JnTask *from, uint32_t to, uint32_t instead, uint32_t point,
                    const JnLocation *at);
void jn_record_decision(void);
extern bool jn_is_recording;

#endif
