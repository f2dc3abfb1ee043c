// Private to the files that find task facts.
#ifndef JANUS_TASK_FINDER_H
#define JANUS_TASK_FINDER_H

#include "ir/build_internal.h"
#include "ir/task_facts.h"

typedef struct {
    Build b; // of the function, for its facts only: no JIR is made
    Effects *effects;
    TaskFacts *rows;
    DeclId decl;
    NodeId root;         // its declaration
    uint32_t first, end; // its JIR
    bool is_good;        // its ownership holds
} TaskFinder;

bool task_is_spawn(const TaskFinder *f, NodeId n); // a call of `spawn` or `spawn_isolated`
ScheduleCause task_cause(uint32_t effects);        // what of a set of effects depends on the order of tasks
bool task_type_calls(Build *b, TypeId type);       // a value of it may have a function in it that is decided elsewhere
bool task_closure_fails(Build *b, NodeId node);    // its function may

// Fills in the captures of a task; `u`: of its nursery, NULL if that comes from elsewhere.
void task_captures_find(TaskFinder *f, TaskRow *task, const Uses *u);
// Fills in whether the nursery depends on the order of its tasks.
void task_order_find(TaskFinder *f, NurseryRow *row, const Uses *u);

#endif
