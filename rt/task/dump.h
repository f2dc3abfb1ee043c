// Telling what the tasks do, when somebody asks.
#ifndef JANUS_RT_TASK_DUMP_H
#define JANUS_RT_TASK_DUMP_H

#include "../inspect.h"
#include "internal.h"

void jn_dump_start(void);          // from here on the program answers
void jn_dump_at_rest(JnWorker *w); // the only worker is at a suspension point or a poll, and has been asked

#endif
