// The texts of patterns: what is waited for (task_pattern.c), and ways out (task_cancel.c).
#ifndef JANUS_GEN_TASK_PATTERN_H
#define JANUS_GEN_TASK_PATTERN_H

#include "task.h"

typedef enum { ANY_TYPE, NO_OPTION, TEXTS } PatternType; // of its values; a name in a pattern does not match null

typedef struct {
    const char *text; // statements of a function with `seed` and `seen`
    PatternType type;
} Pattern;

extern const Pattern WAITING_PATTERNS[], LEAVING_PATTERNS[];
extern const int WAITING_COUNT, LEAVING_COUNT;

#endif
