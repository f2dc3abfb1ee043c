// The test runner: runs annotated programs, transcripts and the documentation's code through the janus command.
//
// Ideas. Tests are data; only this program knows how janus is called. Every test runs in a process and a temporary
// folder of its own, several at a time; a test's result is a text that says what went wrong, empty if nothing did.
#ifndef JANUS_RUNNER_H
#define JANUS_RUNNER_H

#include "base/base.h"

typedef struct {
    const char *janus;    // absolute path of the compiler
    const char *root;     // of the repository
    const char *folder;   // temporary, of the whole run
    bool interp;          // run every program by the interpreter too
    bool oracle;          // only: what ownership refuses, run by the interpreter, breaks a rule
    bool release;         // build optimised
    bool check_memory;    // with the checking allocator
    bool torture;         // only: failure at every call in turn, see torture.c
    bool whole;           // torture: at every single one
    const char *target;   // compile for this machine; NULL: our own
    const char *emulator; // which runs the programs; NULL: none is needed
    bool verbose;         // name the tests that passed
} Setup;

typedef struct {
    const char *name;
    Buffer failure;
} Result;

typedef VEC(Result) Results;

// ---- process.c -----------------------------------------------------------------------------------------------------

typedef struct {
    Buffer out, err;
    bool timed_out, signalled;
    int code; // exit code or signal
} Run;

typedef struct {
    const char *const *argv;
    const char *folder; // to run in; NULL: ours
    Text input;
    uint32_t timeout_s;
    bool merge;             // standard error goes where standard output goes
    const char *path_first; // put before PATH; NULL: nothing
    const char *temp;       // TMPDIR and HOME; NULL: ours
    const char *setting;    // NAME=value for the environment; NULL: none
} RunOptions;

Run run_process(RunOptions options);
void run_free(Run *run);
// Calls `work` for every index below `count`, on as many threads as there are cores.
void run_parallel(uint32_t count, void (*work)(void *context, uint32_t index), void *context);

// ---- reports.c -----------------------------------------------------------------------------------------------------

typedef struct {
    Text code, message, label, file; // file empty: no place
    Text whole;                      // the report as JSON, notes and help included
    uint32_t line;
} ReportLine;

typedef VEC(ReportLine) ReportLines;

// Reads what `--format json` printed. False if it is not that.
bool reports_parse(Arena *arena, Text json, ReportLines *reports);

// ---- program.c: one annotated program ------------------------------------------------------------------------------

typedef struct {
    Text file; // empty: a report without a place
    uint32_t line;
    Text code, text;
    bool seen;
} Expected;

typedef struct {
    Text name, content; // content: one that the file may have
    bool is_any;        // or whatever it holds
} FileRule;

typedef struct {
    Arena *arena;
    const char *path; // root file
    VEC(Expected) reports;
    VEC(Text) output;    // lines of standard output
    VEC(Text) errors;    // parts of standard error
    VEC(Text) arguments; // of the program
    Buffer input;
    int exit_code;
    bool any_output;       // do not look at standard output
    bool tests;            // `janus test` instead of building and running
    bool only_check;       // `janus check`
    const char *schedules; // how many orders of tasks are tried; NULL: it is no such program
    bool any_workers;      // prints the same on several workers; else it gets one
    bool has_tasks;        // a nursery stands in it
    bool no_run;           // refused for its ownership, and no run can show why
    VEC(FileRule) files;   // torture: what may be left
} Program;

// Reads the annotations of one file:
//   //~ E0312 text    a report with this code on this line, whose message, label, notes or help contain the text (//~^:
//   the line above)
//   //= text          the next line of standard output, which is not looked at if a file has //~ but no //=
//   //! schedules N   has tests called `bug: …`, each of which fails in one of N orders of its tasks, and `fixed: …`
//   //! any-workers   runs on four workers, not on one
//   //! exit N        exit code         //! stderr text   part of standard error     //! report CODE text   without a
//   place                            //! check              check it, no more
//   //! no-run reason what ownership refuses here cannot be seen in a run of the program (see program_run_refused)
//   //! args a b      arguments         //! input text    a line of standard input   //! tests              run its
//   tests
//   //! file NAME text  however a run is disturbed (torture.c), the file NAME is absent or holds this text, or one of
//   those that further lines give; with such lines no other file is left. //! file NAME alone: whatever it holds
void program_read_annotations(Program *program, const char *file);
void program_run(const Setup *setup, Program *program, const char *folder, Buffer *failure);
// Whether a report of the ownership check (E07…) is expected.
bool program_is_refused_for_ownership(const Program *program);
// Runs a program that is refused for its ownership by the interpreter, which must find a violation; and none in one
// that is marked `no-run`.
void program_run_refused(const Setup *setup, Program *program, const char *folder, Buffer *failure);
// Runs a program again and again, with failures; see torture.c.
void program_torture(const Setup *setup, Program *program, const char *folder, Buffer *failure);
// Compares the files in a folder with what the program says of them.
void program_check_files(const Program *program, const char *folder, Buffer *failure);
void program_free(Program *program);

// ---- the kinds of tests --------------------------------------------------------------------------------------------

Results lang_tests(const Setup *setup, Arena *arena, const char *const *paths);
Results transcript_tests(const Setup *setup, Arena *arena, const char *const *paths);
Results page_tests(const Setup *setup, Arena *arena, const char *const *paths, bool explain);

// Runs the `$ command` lines of a transcript in `folder` and compares what they print. The output of all is appended
// to `seen` unless it is NULL.
void transcript_run(const Setup *setup, Text transcript, const char *folder, Buffer *failure, Buffer *seen);

// Files below a path with this suffix, sorted; a path that is a file stands for itself.
typedef VEC(const char *) Paths;
void find_files(Arena *arena, const char *path, const char *suffix, Paths *found);
// Iterates over lines; false at the end.
bool next_line(Text *rest, Text *line);

#endif
