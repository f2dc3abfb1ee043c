// The lines of a linked program: read from its debug information, written as the table that rt/backtrace.c reads.
#ifndef JANUS_LLVM_LINES_H
#define JANUS_LLVM_LINES_H

#include "base/base.h"

typedef struct {
    uint64_t address;
    uint32_t line;  // 0: from here on there is no known line
    uint32_t file;  // index into files
    uint32_t order; // as read
} LineRow;

typedef struct {
    uint64_t address, size;
    const char *name;
} LineFunction;

typedef struct {
    VEC(LineRow) rows; // in the order of the line programs
    VEC(const char *) files;
    VEC(LineFunction) functions;
} LineTable;

// False if the file has no line programs. Names point into the executable.
bool lines_read(Text executable, LineTable *table);
void lines_free(LineTable *table);

#endif
