// Private to cli: running tests. test_run.c has several processes at a time, one for each run of a test; test_search.c
// tries orders of tasks, and makes the one that fails short; test_output.c says how it went.
//
// A run is one test under one order (rt/task/sim.h says how orders are written). Tests are shown in the order of the
// source, however they end.
#ifndef JANUS_TEST_RUN_H
#define JANUS_TEST_RUN_H

#include "base/os_child.h"
#include "cli/run_program.h"
#include "rt/record.h"

// How one run went; texts belong to the arena of the session.
typedef struct {
    OsExit exit;
    bool timed_out;
    Text texts[2]; // standard output, standard error
    bool is_cut[2];
    uint64_t ns;
    const char *order; // NULL: of the real workers
} TestEnd;

typedef struct {
    Text name;
    uint32_t wanted, started, running, ended; // runs
    bool has_failed;
    uint32_t failed_run; // the first that failed
    TestEnd end;         // of that one, or of the first
    uint64_t ns;         // of all runs
    uint64_t decisions;  // of the first run; 0: there is one order only
    // Of a failure that was searched for.
    Text schedule; // to be read, lines
    uint32_t differences;
    bool is_short;
} TestState;

typedef struct {
    Session *session;
    const Options *options;
    const char *program; // a path; NULL: interpreted
    const char *const *arguments;
    uint64_t seed;           // where orders are numbered
    const char *given_order; // --seed, or NULL
    TestState *tests;
    uint32_t count, shown;
    uint32_t slots;
    OsChild *children;          // by slot
    struct TestSlot *slot_runs; // by slot
    uint64_t started_ns, told_ns;
    bool is_telling; // progress stands in the terminal's line
} TestRun;

// Runs all tests and shows how each ended. Returns the exit code.
int test_run_all(Session *session, const Options *options, const char *program, const char *const *arguments);

// ---- test_run.c ----------------------------------------------------------------------------------------------------

typedef struct TestSlot {
    uint32_t test, run;
    const char *order;
    bool is_told; // its time is over, and it was asked what it does
    uint64_t until_ns;
    JnRecord *record; // NULL until one is wanted
    int record_descriptor;
} TestSlot;

bool test_failed(const TestEnd *end);
// One run with a record of what it did, nothing else going on in this slot. False if it cannot be started.
bool test_run_once(TestRun *t, OsChild *child, TestSlot *slot, uint32_t test, const char *order, TestEnd *end);
void test_slot_free(TestSlot *slot);
// The order of the run with this number.
const char *test_order(const TestRun *t, uint32_t run, uint64_t decisions);

// ---- test_search.c -------------------------------------------------------------------------------------------------

// The test failed under an order that was searched for: finds few differences from the usual order with which it fails
// in the same way, and writes down that schedule.
void test_shorten(TestRun *t, uint32_t test);

// ---- test_output.c -------------------------------------------------------------------------------------------------

void test_show(TestRun *t, uint32_t test);                             // at once for a human; else when all have ended
int test_show_all(TestRun *t);                                         // returns the exit code
int test_show_unbuilt(const Session *session, const Options *options); // for programs: that there are errors instead
void test_progress(TestRun *t);
// The command that runs the test in this way again.
void test_write_replay(const TestRun *t, uint32_t test, Buffer *out);

#endif
