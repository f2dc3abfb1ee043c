// Private to the files that find task facts; ir_find_task_facts is what others call.
#ifndef JANUS_IR_TASK_FACTS_H
#define JANUS_IR_TASK_FACTS_H

#include "astdb/task_facts.h"
#include "ir/effects.h"

// Writes the rows of a function or test whose ownership is decided, and the schedule of its signature. Its JIR is the
// functions from `first` to before `end`, closures included. Where the ownership is broken (`is_good` is false) the
// schedule stays unknown: tasks may meet each other in what they capture.
void ir_find_task_facts(Jir *jir, Effects *effects, DeclId decl, uint32_t first, uint32_t end, bool is_good);

#endif
