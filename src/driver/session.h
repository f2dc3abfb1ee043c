// driver: one compilation, from the files of a program to a checked program, an executable or a dump of a stage.
//
// Ideas. A Session owns everything that one compilation needs; it is made from options, worked on by the functions of
// pipeline.c, which is the one place that shows the order of the stages, and freed whole. Stages report to the
// session's Diags; nothing here prints, but for the linker's and the system's refusals, which become reports too.
#ifndef JANUS_SESSION_H
#define JANUS_SESSION_H

#include "ir/jir.h"
#include "pkg/package.h"

typedef enum {
    EMIT_TOKENS,
    EMIT_AST,
    EMIT_JIR,
    EMIT_EFFECTS,
    EMIT_CAPTURES,
    EMIT_LLVM,
    EMIT_ASM,
    EMIT_OBJECT
} EmitKind;

bool emit_find(Text name, EmitKind *kind); // "tokens", "ast", …

typedef struct {
    const char *path;        // the root file; "-" is standard input; NULL: session_open_package names a package
    Text content;            // of the root file, if it is not to be read: data is not NULL then
    bool release;            // optimise, strip
    bool check_memory;       // with the checking allocator
    bool deny_warnings;      // warnings stop the build as errors do
    bool check_only;         // nothing comes after the front end: JIR is forgotten as soon as it is judged
    bool ignore_ownership;   // go on whatever the ownership check finds: the interpreter shall show it
    bool task_facts;         // JIR is kept for pipeline_task_facts
    bool tests;              // a program of the test blocks instead of main: a package's own, or all of a lone file
    bool whole_package;      // every module of the package, not only what its main file reaches
    const char *test_filter; // only tests whose name contains it; NULL: all
    const char *target;      // "aarch64-linux-musl"; NULL: this machine
    const char *linker;      // run this linker instead of the one inside; NULL: none
} SessionOptions;

enum { STAGE_TIMES_MAX = 16 };

typedef struct {
    const char *stage;
    uint64_t wall_ns;
} StageTime;

typedef struct Session {
    SessionOptions options;
    Arena *arena;
    Diags *diags;
    Program *program;
    struct Sema *sema;
    Jir *jir;
    struct Mono *mono;
    VecU32 fn_states;          // by DeclId: FnState of its body
    VecU32 fn_firsts, fn_ends; // by DeclId: the JirFns made of its body, closures included
    JirFnId main_fn;           // set with the instances; none in a program of tests
    VEC(JirTest) tests;        // set with the instances of a program of tests, in the order of the source
    MapU64 modules;            // program_module_key → ModuleId
    const PackageGraph *graph; // of session_open_package, or NULL: a lone file
    bool has_tails;            // a function of the user's has the attribute `tail`
    bool judges_calculus;      // who is shown the exact JIR judges it: no verdict ends the session
    const char *std_folder;    // JANUS_STD, or NULL: std is embedded
    uint32_t lines, tokens;    // of the user's files
    StageTime times[STAGE_TIMES_MAX];
    uint32_t time_count;
    uint64_t started_ns, stage_started_ns;
} Session;

Session *session_new(SessionOptions options);
void session_free(Session *session);
// The session is over and the process about to end: frees where leaks are looked for, and else leaves that to the
// system.
void session_end(Session *session);

// Notes that the time since the last call, or since the session began, went into `stage`; the same stage adds up.
void session_stage_done(Session *session, const char *stage);
void session_write_timings(const Session *session, Buffer *out);

// True if there are errors, or warnings that are denied.
bool session_failed(const Session *session);
// Reports where a result would replace what the session has read.
bool session_may_write(Session *session, const char *path);
// Writes a result beside its place and moves it there; reports if that fails.
bool session_write_output(Session *session, const char *path, Text content);

// ---- package.c -----------------------------------------------------------------------------------------------------

// Reads the manifest in `folder` ("" or with a slash at its end) and what it leads to: the session works on this
// package. False after reports.
bool session_open_package(Session *session, const char *folder);
// Reports that a package without a main file is to be made into a program.
bool session_check_program(Session *session);

// ---- loader.c ------------------------------------------------------------------------------------------------------

// Reads and parses the root file, every module it reaches by imports, and the prelude. False if there is nothing to
// go on with: the root file cannot be read.
bool loader_load(Session *session);

// ---- pipeline.c ----------------------------------------------------------------------------------------------------

// Each runs what comes before it, and returns false after errors, which are in session->diags.
bool pipeline_check(Session *session);     // the whole front end
bool pipeline_instances(Session *session); // everything that main or the tests need, exact
// Checks, then finds what tasks capture and what depends on their order (Program.task_facts); in what std and other
// packages have of tasks, too, if asked. Also of functions in which ownership is broken.
bool pipeline_task_facts(Session *session, bool with_others);
// Shows every function of the user's files (of std too, if asked) once its drops are exact, used or not.
typedef void JirVisitFn(void *context, JirFn *fn);
bool pipeline_exact(Session *session, bool with_std, JirVisitFn *visit, void *context);
bool pipeline_emit(Session *session, EmitKind kind, Buffer *out); // a stage's result as text, or an object
bool pipeline_build(Session *session, const char *output);        // an executable

// ---- explain.c -----------------------------------------------------------------------------------------------------

void explain_captures(Session *session); // makes remarks of the task facts
void explain_captures_json(const Session *session,
                           Buffer *out); // members of an object: "functions", "nurseries", "tasks"
void explain_captures_lines(const Session *session, Buffer *out);       // for people who know what they look for
void explain_function_name(const Program *p, DeclId decl, Buffer *out); // Logger.info, test "adds"

// Runs main of a session whose instances are made, without code generation; `arguments` begin with the program's
// name and end with NULL. Returns the program's exit code.
int pipeline_interpret(Session *session, const char *const *arguments);
// The same for one of session->tests: 0 if it passes.
// `random` is what its random numbers begin with, 0: nothing
// that could be known.
int pipeline_interpret_test(Session *session, uint32_t test, const char *const *arguments, uint64_t random);

// "22.1.8", the LLVM that code generation stands on.
const char *session_llvm_version(void);

#endif
