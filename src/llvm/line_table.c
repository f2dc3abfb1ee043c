// Made from .debug_line: which file and line each address of the code belongs to.
#include "llvm/internal.h"

bool line_table_object(Text executable, LlvmTarget target, Arena *arena, Text *object) {
    (void)executable;
    (void)target;
    (void)arena;
    (void)object;
    return false;
}
