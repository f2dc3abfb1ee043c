// What a program without tasks knows by type, see lib/std/local.jan.
#include "rt.h"

static void *locals;

void *jn_lone_locals(void) {
    return locals;
}

void jn_lone_locals_set(void *p) {
    locals = p;
}
