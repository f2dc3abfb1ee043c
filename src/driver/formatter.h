// formatter: which files `janus fmt` works on, and one file from its text to its formatted text.
#ifndef JANUS_FORMATTER_H
#define JANUS_FORMATTER_H

#include "syntax/format.h"

typedef VEC(const char *) PathList;

// Adds the sources below a folder, in order of their names: all `.jan` but what lies in folders whose names begin with
// a dot, and in folders named `build`. The paths live in the arena. Folders that cannot be read are reported.
void formatter_collect(Diags *diags, Arena *arena, const char *folder, PathList *paths);

// Reads and formats a file; "-" is standard input. FORMAT_ERRORS after reports: it cannot be read, or has errors.
FormatOutcome formatter_format(Diags *diags, Arena *arena, const char *path, Text *before, Text *after);

// Puts the formatted text in the file's place at once. False after a report.
bool formatter_write(Diags *diags, const char *path, Text after);

#endif
