// What the checking runtime's files share: alloc.c and services.c of this folder, linked by --check-memory instead of
// the runtime's own.
#ifndef JANUS_CHECKED_H
#define JANUS_CHECKED_H

#include "../rt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECKED_FOUND = 99 }; // the exit code of a process in which something was found

// "memory check: WHAT", on standard error.
static inline void checked_say(const char *what) {
    jn_write_error("memory check: ", 14);
    jn_write_error(what, (int64_t)strlen(what));
}

// Takes a setting out of the environment, so that the processes which this one starts go on undisturbed.
static inline const char *checked_setting(const char *name) {
    const char *value = getenv(name);
    if (value)
        unsetenv(name); // its text stays where it was
    return value;
}

#endif
