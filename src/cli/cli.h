// cli: the command line. One file per command; args.c reads the options, output.c is where results and reports go.
//
// Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 the program has errors (or
// something failed on the way), 2 the command line is wrong. `janus run` ends as its program ends.
#ifndef JANUS_CLI_H
#define JANUS_CLI_H

#include "driver/session.h"

#define JANUS_VERSION "0.1.0"

enum { EXIT_DONE = 0, EXIT_ERRORS = 1, EXIT_USAGE = 2 };

typedef enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorWhen;

typedef struct {
    const char *operand; // the file, the code, the command; NULL if not given
    const char *output;
    const char *filter;
    const char *linker;
    const char *target;
    const char *seed; // of the order of tasks
    uint64_t schedules, timeout, jobs;
    bool real, junit;
    bool library, release, check_memory, interpret, ignore_ownership, timings, json, deny_warnings, check, diff;
    bool explain_captures, all;
    bool has_emit;
    EmitKind emit;
    ColorWhen color;
    const char *const *program_args; // after `--`, ends with NULL
    VEC(const char *) operands;      // of a command that takes any number
} Options;

typedef enum {
    OPTION_RELEASE = 1 << 0,
    OPTION_OUTPUT = 1 << 1,
    OPTION_EMIT = 1 << 2,
    OPTION_INTERP = 1 << 3,
    OPTION_FILTER = 1 << 4,
    OPTION_LINKER = 1 << 5,
    OPTION_TIMINGS = 1 << 6,
    OPTION_FORMAT = 1 << 7,
    OPTION_COLOR = 1 << 8,
    OPTION_DENY = 1 << 9,
    OPTION_HELP = 1 << 10,
    OPTION_TARGET = 1 << 11,
    OPTION_CHECK_MEMORY = 1 << 12,
    OPTION_NO_OWNERSHIP = 1 << 13,
    OPTION_CHECK = 1 << 14,
    OPTION_DIFF = 1 << 15,
    OPTION_LIBRARY = 1 << 16,
    OPTION_SEED = 1 << 17,
    OPTION_SCHEDULES = 1 << 18,
    OPTION_REAL = 1 << 19,
    OPTION_TIMEOUT = 1 << 20,
    OPTION_JOBS = 1 << 21,
    OPTION_FORMAT_TESTS = 1 << 22,
    OPTION_EXPLAIN_CAPTURES = 1 << 23,
    OPTION_ALL = 1 << 24,
    OPTIONS_OF_TESTING = OPTION_SEED | OPTION_SCHEDULES | OPTION_REAL | OPTION_TIMEOUT | OPTION_JOBS,
    OPTIONS_OF_COMPILING = OPTION_TIMINGS | OPTION_FORMAT | OPTION_COLOR | OPTION_DENY | OPTION_HELP,
} OptionSet;

typedef enum { OPERAND_NONE, OPERAND_OPTIONAL, OPERAND_NEEDED, OPERAND_MANY } OperandNeed;

typedef struct {
    const char *name;
    const char *usage;   // what follows the name: "[options] FILE"
    const char *summary; // one line
    const char *example; // lines of commands and what they do
    uint32_t options;    // of OptionSet
    OperandNeed operand;
    const char *operand_name; // "FILE"
    bool takes_program_args;
    int (*run)(const Options *options);
} Command;

const Command *commands_all(uint32_t *count);
const Command *command_find(Text name);
const Command *command_nearest(Text name); // NULL if none is near

int command_new(const Options *options);
int command_build(const Options *options);
int command_run(const Options *options);
int command_check(const Options *options);
int command_test(const Options *options);
int command_fmt(const Options *options);
int command_inspect(const Options *options);
int command_explain(const Options *options);
int command_version(const Options *options);
int command_help(const Options *options);

// ---- args.c --------------------------------------------------------------------------------------------------------

// Reads what follows the command's name. False after a message; *help is set if help is asked for.
bool args_read(const Command *command, const char *const *args, Options *options, bool *help);
void help_write_command(const Command *command, Buffer *out);
void help_write_overview(Buffer *out);

// ---- target.c ------------------------------------------------------------------------------------------------------

// A session about the file or the folder of a package that is named, or the package we are in. NULL after a message if
// there is neither; *ready is false if the package cannot be worked on, which was reported.
Session *target_open(const Options *options, const char *command, SessionOptions session_options, bool *ready);
// Where a result goes that is not told where: beside us, or into the folder build of the package.
const char *target_output(const Session *session, const Options *options, const char *suffix);
bool target_make_folder(Session *session, const Options *options); // for it; false after a report
const char *target_program_name(const Session *session, const Options *options);

// ---- output.c ------------------------------------------------------------------------------------------------------

// Prints an error of the command line, with a help line unless it is NULL. Returns EXIT_USAGE.
int usage_error(const char *help, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Writes a result to standard output. Returns the exit code: EXIT_ERRORS, with a message, if it cannot be written.
int output_result(Text result);
void output_word(Buffer *out, Text word); // quoted for a shell, where it needs to be

bool output_wants_color(const Options *options, int fd);
SessionOptions options_of_session(const Options *options);
// Prints the session's reports and, where asked for, its timings. `reports_are_result`: in JSON they go to standard
// output. Returns the exit code.
int output_reports(const Session *session, const Options *options, bool reports_are_result);

// ---- diff.c --------------------------------------------------------------------------------------------------------

// The lines that differ, with three lines around them, in the form that patch reads. Nothing if the texts are equal.
void diff_write(const char *path, Text before, Text after, Buffer *out);

#endif
