// What the two files of debug information share.
#ifndef JANUS_LLVM_DEBUG_H
#define JANUS_LLVM_DEBUG_H

#include "llvm/internal.h"

struct Debug {
    LLVMDIBuilderRef b;
    LLVMMetadataRef unit, no_type;
    const char *folder; // of relative paths, or ""
    MapU64 files;       // FileId → index into file_items
    VEC(LLVMMetadataRef) file_items;
    MapU64 types; // TypeId → index into type_items
    VEC(LLVMMetadataRef) type_items;
};

LLVMMetadataRef debug_file(Gen *gen, FileId file);
LLVMMetadataRef debug_type(Gen *gen, TypeId type); // as values lie in memory
LLVMMetadataRef debug_fn_type(Gen *gen, const JirFn *fn, LLVMMetadataRef file);

#endif
