// Private to the reading of KDL: the place in the text, and what each file of it does.
#ifndef JANUS_KDL_INTERNAL_H
#define JANUS_KDL_INTERNAL_H

#include "pkg/kdl.h"

enum { KDL_DEPTH = 64 }; // of nodes within nodes

typedef struct {
    Diags *diags;
    Arena *arena;
    FileId file;
    Text text;
    uint32_t at;
} Kdl;

// ---- kdl_scan.c ----------------------------------------------------------------------------------------------------

Span kdl_span(const Kdl *k, uint32_t start, uint32_t end);
// Starts a report on these bytes, with what stands under them. The caller returns false.
Report *kdl_error(Kdl *k, DiagCode code, uint32_t start, uint32_t end, const char *message, const char *label);
bool kdl_check_text(Kdl *k); // UTF-8, and no character that may not stand in a document

bool kdl_looking_at(const Kdl *k, const char *text);
uint32_t kdl_newline_size(const Kdl *k, uint32_t at); // bytes of the line break there, or 0
uint32_t kdl_space_size(const Kdl *k, uint32_t at);   // bytes of the space there, or 0
uint32_t kdl_name_size(const Kdl *k);                 // bytes of the characters from here that a bare name may have
// What may stand between the parts of a node: spaces, comments, continued lines. *any: there was some.
bool kdl_skip_space(Kdl *k, bool *any);
// The same and line breaks: what stands between nodes.
bool kdl_skip_lines(Kdl *k);

// ---- kdl_string.c --------------------------------------------------------------------------------------------------

bool kdl_at_string(const Kdl *k); // a quoted or raw one
bool kdl_read_string(Kdl *k, Text *value);

// ---- kdl_value.c ---------------------------------------------------------------------------------------------------

bool kdl_read_name(Kdl *k, Text *name);       // a bare or quoted string
bool kdl_read_value(Kdl *k, KdlValue *value); // without a type

#endif
