// The record of a seeded run: memory that the run shares with who started it, so that it is there however the run ends.
// The starter writes the order that it wants, the run what it did. Known to rt/task/record.c and to `janus test`.
#ifndef JANUS_RT_RECORD_H
#define JANUS_RT_RECORD_H

#include <stdint.h>

enum {
    JN_RECORD_MAGIC = 0x4a4e5244,
    JN_RECORD_STEPS = 1 << 18,
    JN_RECORD_TEXT = 1 << 18, // bytes for names and files
    JN_RECORD_ORDER = 1 << 20,
};

typedef enum {
    JN_STEP_TASK = 1, // a task was spawned: `from` is it, `file`, `line` where, `what` its name
    JN_STEP_WAITED,   // `from` waited, so `to` went on
    JN_STEP_ENDED,    // `from` ended, so `to` went on
    JN_STEP_YIELDED,  // `from` let others run by itself, or computed for long: `to` went on
    JN_STEP_STOPPED,  // `from` could have gone on, but `to` did
    JN_STEP_ARM,      // `from` took arm `to` of a select's arms that were ready, counted from 0
} JnStepKind;

// Tasks have the numbers of reports: main is 0. Texts are offsets in the record's text, 0 is none.
typedef struct {
    uint32_t kind; // a JnStepKind
    uint32_t from, to;
    uint32_t instead; // what the usual order has there: a task, or the arm 0
    uint32_t point;   // of `from`, counted from 1: with it names the decision
    uint32_t file, line;
    uint32_t what; // of WAITED: for what
} JnStep;

typedef struct {
    uint32_t magic;      // set when the tasks begin
    uint32_t step_count; // of `steps`
    uint32_t is_full;    // something had no room
    uint32_t text_used;
    uint64_t decisions;  // places where the order could have been another one
    uint32_t order_size; // of the order that is wanted; 0: as the environment says
    char order[JN_RECORD_ORDER];
    char text[JN_RECORD_TEXT];
    JnStep steps[JN_RECORD_STEPS];
} JnRecord;

#endif
