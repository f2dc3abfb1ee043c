// A module as text, assembly or an object, in memory.
#include "llvm/internal.h"

static bool emit_text(LLVMModuleRef module, Arena *arena, Text *out) {
    char *text = LLVMPrintModuleToString(module);
    *out = arena_text(arena, text_of(text));
    LLVMDisposeMessage(text);
    return true;
}

bool emit_module(LLVMModuleRef module, LLVMTargetMachineRef machine, LlvmEmit emit, Arena *arena, Text *out,
                 Text *message) {
    if (emit == LLVM_IR)
        return emit_text(module, arena, out);
    LLVMCodeGenFileType kind = emit == LLVM_ASSEMBLY ? LLVMAssemblyFile : LLVMObjectFile;
    char *error = NULL;
    LLVMMemoryBufferRef buffer;
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, kind, &error, &buffer)) {
        *message = arena_text(arena, text_of(error));
        LLVMDisposeMessage(error);
        return false;
    }
    *out = arena_text(arena, (Text){LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer)});
    LLVMDisposeMemoryBuffer(buffer);
    return true;
}
