// Private to coverage.c and coverage_pattern.c: patterns in the form in which coverage is judged.
#ifndef JANUS_SEMA_COVERAGE_H
#define JANUS_SEMA_COVERAGE_H

#include "sema/body.h"

typedef unsigned __int128 Key; // an integer or character, shifted so that unsigned order is its order

typedef enum {
    PAT_ANY,
    PAT_CTOR,     // one way to make a value: a variant, true, null, a tuple …
    PAT_BETWEEN,  // integers and characters
    PAT_EXACT,    // a text, a float, a constant: equal only to itself
    PAT_SEQUENCE, // a list pattern
    PAT_EITHER,
} PatKind;

typedef struct Pat {
    PatKind kind;
    uint32_t ctor;   // CTOR: number of the variant (errors: its DeclId); bool 0, 1; optional 0 null, 1 some; else 0
    Key low, high;   // BETWEEN
    Text text;       // EXACT
    uint32_t prefix; // SEQUENCE: parts before the rest
    bool has_rest;
    const struct Pat **parts;
    uint32_t count;
} Pat;

typedef struct Cover {
    Body *body;
    Arena *arena;
    uint32_t steps; // work done; beyond the limit the question is given up
    bool unknown;   // an error set is not known yet
} Cover;

extern const Pat ANY_PATTERN;

// The type as coverage sees it: projections and Boxes taken off.
TypeId cover_type(Cover *c, TypeId type);
const Pat *cover_lower(Cover *c, NodeId pattern, TypeId type);
// The smallest and largest key of an integer type or char.
void cover_bounds(TypeKind kind, Key *low, Key *high);
// How many parts a constructor of the type has, and their types.
uint32_t cover_arity(Cover *c, TypeId type, uint32_t ctor);
TypeId cover_part(Cover *c, TypeId type, uint32_t ctor, uint32_t index);
// The constructors of the type; false if there are too many to list (integers, texts, lists).
bool cover_ctors(Cover *c, TypeId type, const uint32_t **ctors, uint32_t *count);
// A pattern as the user would write it.
void cover_write(Cover *c, const Pat *pattern, TypeId type, Buffer *out);

#endif
