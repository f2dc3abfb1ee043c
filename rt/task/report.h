#ifndef JANUS_RT_TASK_REPORT_H
#define JANUS_RT_TASK_REPORT_H

#include "internal.h"

// The running tasks in order, the root task first: a task, then those it spawned. NULL behind the last.
JnTask *jn_task_after(JnTask *t);
// Where the functions below write: the report of a deadlock, which grows, or memory that does not. The tree is locked.
typedef struct {
    char *bytes; // NULL: that of jn_all
    int64_t size, capacity;
    bool is_live; // the other workers go on: what tasks wait for may go away at any time
    bool is_json;
} JnText;
JnText *jn_text_begin(JnText *text); // what it was before, for jn_text_begin again
void jn_put(const char *text);
void jn_put_number(uint64_t value);
enum { DIGITS = 20 };                                      // that a number has at most
int jn_digits(uint64_t value, char digits[static DIGITS]); // writes them to the end; where they begin
void jn_put_task(const JnTask *t);                         // "task 3 worker"
void jn_put_place(const char *word, const JnLocation *at); // nothing if it is not known
void jn_put_wait(const JnTask *t);                         // "to send to channel 2, which is full"
bool jn_is_first_in_nursery(JnTask *t);

// Writes to the report which task waits where and for what, and who waits for whom in a circle.
void jn_report_deadlock(void);

#endif
