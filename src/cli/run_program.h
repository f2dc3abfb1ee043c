// Private to cli: building into a temporary folder and running from there, which `run` and `test` share.
#ifndef JANUS_RUN_PROGRAM_H
#define JANUS_RUN_PROGRAM_H

#include "cli/cli.h"

typedef VEC(const char *) ArgumentList;

// What the program sees: its name, the arguments after `--`, NULL. The caller frees the list.
ArgumentList program_arguments(const Session *session, const Options *options);

// What is to be done with a program: `path` is NULL where it is interpreted.
typedef int ProgramWork(Session *session, const Options *options, const char *path, const char *const *arguments);

// Compiles the session's program and lets `work` run it. Returns what that returns, or EXIT_ERRORS.
int run_program(Session *session, const Options *options, ProgramWork *work);
// Runs it once. Returns its exit code, 128 + the signal if one ended it.
int run_once(Session *session, const Options *options, const char *path, const char *const *arguments);

// Has the interpreter run the session's program, or its tests: `work` is given the program's arguments. Returns what it
// returns, or EXIT_ERRORS where the program is faulty.
int interpret_program(Session *session, const Options *options,
                      int (*work)(Session *session, const Options *options, const char *const *arguments));

#endif
