// Optimisation: nothing in debug builds but what the language promises; LLVM's pipeline in release builds.
#include "llvm/internal.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/Error.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Transforms/PassBuilder.h>

// std's functions marked `inline` are inlined even without optimisation: indexing and iteration stand on them.
static const char DEBUG_PASSES[] = "always-inline";
static const char RELEASE_PASSES[] = "default<O3>";

bool optimize_module(LLVMModuleRef module, LLVMTargetMachineRef machine, bool release, Arena *arena, Text *message) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMPassBuilderOptionsSetMergeFunctions(options, release);
    LLVMErrorRef error = LLVMRunPasses(module, release ? RELEASE_PASSES : DEBUG_PASSES, machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error)
        return true;
    char *text = LLVMGetErrorMessage(error);
    *message = arena_text(arena, text_of(text));
    LLVMDisposeErrorMessage(text);
    return false;
}

// The runtime's functions that are short and called often. The rest stays in the archive.
static bool is_hot(const char *name) {
    static const char *const HOT[] = {"jn_alloc", "jn_free", "jn_drop_enter", "jn_drop_leave"};
    for (uint32_t i = 0; i < sizeof HOT / sizeof *HOT; i++)
        if (strcmp(name, HOT[i]) == 0)
            return true;
    return false;
}

// Every function of the bitcode but the hot ones becomes a declaration, and the hot ones available for inlining only:
// where they are not inlined the archive's own are called.
static void keep_hot(LLVMModuleRef bitcode) {
    for (LLVMValueRef fn = LLVMGetFirstFunction(bitcode); fn; fn = LLVMGetNextFunction(fn)) {
        if (LLVMIsDeclaration(fn) || LLVMGetLinkage(fn) != LLVMExternalLinkage)
            continue;
        LLVMSetLinkage(fn, LLVMAvailableExternallyLinkage);
        if (!is_hot(LLVMGetValueName2(fn, &(size_t){0})))
            LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                                    LLVMCreateEnumAttribute(LLVMGetModuleContext(bitcode),
                                                            LLVMGetEnumAttributeKindForName("noinline", 8), 0));
    }
}

bool link_runtime_bitcode(LLVMModuleRef module, LlvmTarget target, Arena *arena, Text *message) {
    Text content = target_file(target, "rt.bc");
    if (content.size == 0)
        return true;
    LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRange(content.data, content.size, "rt", false);
    LLVMModuleRef bitcode;
    bool failed = LLVMParseBitcodeInContext2(LLVMGetModuleContext(module), buffer, &bitcode);
    LLVMDisposeMemoryBuffer(buffer);
    if (failed) {
        *message = arena_text(arena, TEXT("the runtime's bitcode is damaged"));
        return false;
    }
    keep_hot(bitcode);
    LLVMSetTarget(bitcode, LLVMGetTarget(module));
    LLVMSetDataLayout(bitcode, LLVMGetDataLayoutStr(module));
    return !LLVMLinkModules2(module, bitcode);
}
