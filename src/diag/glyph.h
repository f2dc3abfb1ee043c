// Private to diag: how a scalar is shown on a terminal.
#ifndef JANUS_DIAG_GLYPH_H
#define JANUS_DIAG_GLYPH_H

#include "base/base.h"

// Columns that a printable scalar takes: 0 for marks that join the one before, 2 for wide ones.
uint32_t glyph_width(uint32_t scalar);
// Controls, and marks that change the direction of text, would make a terminal show something else than the source.
bool glyph_is_unsafe(uint32_t scalar);
// Appends text for a terminal: unsafe scalars and bytes that are not UTF-8 become U+FFFD; newlines stay.
void glyph_append_safe(Buffer *out, Text text);

#endif
