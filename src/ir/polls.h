// Polls: INTRINSIC_task_poll, which the builder puts into each loop and function of a program with tasks.
#ifndef JANUS_POLLS_H
#define JANUS_POLLS_H

#include "ir/jir.h"

enum { POLL_ROUND, POLL_ENTRY }; // the first argument: of a loop, of a function

// Whether the poll may leave, or only lets others run.
bool poll_leaves(const JirFn *fn, const JirStmt *stmt);
// At the end of building a function: in one that works on raw memory polls only let others run.
void polls_settle_raw(JirFn *fn);
// Of the instances of a program, once all are known: takes out the polls that no task meets.
void polls_keep_needed(Jir *jir);

#endif
