// constant: the value of a constant after its initialiser has run, as bytes with addresses in them.
#ifndef JANUS_CONSTANT_H
#define JANUS_CONSTANT_H

#include "ir/jir.h"

// A pointer within a constant: to a place in another block, a function, or the table of a dyn.
typedef struct {
    uint64_t offset; // of the eight bytes, which are zero
    uint32_t block;
    uint64_t addend;  // from the start of that block
    JirFnId function; // instead of the block, if not 0
    uint32_t table;   // likewise: index into jir->tables
} ConstReloc;

typedef struct {
    const uint8_t *bytes;
    uint64_t size;
    uint32_t align;
    bool is_counted; // its first word changes: it counts owners
    const ConstReloc *relocs;
    uint32_t reloc_count;
} ConstBlock;

typedef struct {
    const ConstBlock *blocks; // [0]: the constant's value; in the Jir's arena
    uint32_t count;
} ConstBytes;

// Gives the value of a constant (one of jir->constants), which is computed once. False if it has none, which was
// reported.
typedef bool (*ConstantValue)(Jir *jir, DeclId decl, ConstBytes *out);

#endif
