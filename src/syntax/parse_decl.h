// What parse_decl.c and parse_shape.c share.
#ifndef JANUS_SYNTAX_PARSE_DECL_H
#define JANUS_SYNTAX_PARSE_DECL_H

#include "syntax/parser.h"

uint32_t parse_doc(const Parser *p, uint32_t token);                    // the first of the doc comments before it, or 0
ListRef parse_where(Parser *p);                                         // where T: A, …, or an empty list
NodeId parse_function(Parser *p, Mark mark, uint32_t doc, bool is_pub); // at `func`
NodeId parse_alias(Parser *p, Mark mark, uint32_t doc, bool is_pub);
NodeId parse_shape(Parser *p, Mark mark, uint32_t doc, bool is_pub, NodeKind kind);
NodeId parse_trait(Parser *p, Mark mark, uint32_t doc, bool is_pub);
NodeId parse_impl(Parser *p, Mark mark);

#endif
