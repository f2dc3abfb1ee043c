// kdl: documents in KDL 2.0, the language of janus.kdl, as a tree.
//
// Ideas. The whole grammar of KDL 2.0 is read, so that a manifest may be written and edited by any KDL tool. A mistake
// is reported once, where it is, and ends the reading: half a manifest is worth nothing. Text lives in the arena.
#ifndef JANUS_KDL_H
#define JANUS_KDL_H

#include "diag/diag.h"

typedef enum { KDL_STRING, KDL_NUMBER, KDL_BOOL, KDL_NULL } KdlKind;

typedef struct {
    KdlKind kind;
    bool has_type, is_integer, boolean; // is_integer: a NUMBER without fraction that fits `integer`
    Span span;                          // without its type
    Text type;                          // of the annotation `(type)`
    Text text;                          // STRING: what it says; NUMBER: as it is written
    int64_t integer;
    double number;
} KdlValue;

typedef struct {
    Text name;
    Span span; // of the name
    KdlValue value;
} KdlProp;

typedef struct KdlNode KdlNode;

typedef struct {
    const KdlNode *items;
    uint32_t count;
} KdlNodes;

struct KdlNode {
    Text name, type;
    bool has_type, has_children; // has_children: it has a block, which may be empty
    Span span;                   // of the name
    const KdlValue *args;
    uint32_t arg_count;
    const KdlProp *props; // each name once: of several the last counts
    uint32_t prop_count;
    KdlNodes children;
};

// Reads a registered source. False after a report.
bool kdl_parse(Diags *diags, Arena *arena, FileId file, KdlNodes *nodes);

const char *kdl_kind_text(KdlKind kind); // "a string"

#endif
