// Optimisation: nothing in debug builds but what the language promises; LLVM's pipeline in release builds.
#include "llvm/internal.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/Error.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Transforms/PassBuilder.h>

void janus_optimize(LLVMModuleRef module, LLVMTargetMachineRef machine); // pipeline.cpp
void janus_user_lines(LLVMModuleRef module);                             // user_lines.cpp

// Without optimisation only std's functions marked `inline` are inlined: indexing and iteration stand on them.
bool optimize_module(LLVMModuleRef module, LLVMTargetMachineRef machine, bool release, Arena *arena, Text *message) {
    if (release) {
        janus_optimize(module, machine);
        return true;
    }
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, "always-inline", machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error) {
        janus_user_lines(module);
        return true;
    }
    char *text = LLVMGetErrorMessage(error);
    *message = arena_text(arena, text_of(text));
    LLVMDisposeErrorMessage(text);
    return false;
}

// The runtime becomes part of the program: what is not used goes, what is short is inlined. Only what libc calls or
// might be called by the machine code itself keeps its name, and what the runtime's objects share (JN_SHARED).
static void make_internal(LLVMValueRef value) {
    static const char PREFIX[] = "jn_";
    size_t size;
    const char *name = LLVMGetValueName2(value, &size);
    bool shared = LLVMGetVisibility(value) == LLVMHiddenVisibility;
    if (!shared && !LLVMIsDeclaration(value) && size > sizeof PREFIX && memcmp(name, PREFIX, sizeof PREFIX - 1) == 0)
        LLVMSetLinkage(value, LLVMInternalLinkage);
}

static void make_runtime_internal(LLVMModuleRef module) {
    for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
        make_internal(fn);
    for (LLVMValueRef global = LLVMGetFirstGlobal(module); global; global = LLVMGetNextGlobal(global))
        make_internal(global);
}

static bool link_bitcode(LLVMModuleRef module, LlvmTarget target, const char *file, Arena *arena, Text *message) {
    Text content = target_file(target, file);
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
    LLVMSetTarget(bitcode, LLVMGetTarget(module));
    LLVMSetDataLayout(bitcode, LLVMGetDataLayoutStr(module));
    if (LLVMLinkModules2(module, bitcode)) {
        *message = arena_text(arena, TEXT("the runtime's bitcode does not fit the program"));
        return false;
    }
    return true;
}

// Whether the program calls what the tasks offer (rt/task.h).
static bool has_tasks(LLVMModuleRef module) {
    static const char *const NAMES[] = {"jn_nursery_open", "jn_chan_new",   "jn_select",         "jn_sleep",
                                        "jn_yield",        "jn_now",        "jn_poll",           "jn_shield_enter",
                                        "jn_deadline",     "jn_mutex_init", "jn_semaphore_init", "jn_random"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (LLVMGetNamedFunction(module, NAMES[i]))
            return true;
    return false;
}

bool link_runtime_bitcode(LLVMModuleRef module, LlvmTarget target, Arena *arena, Text *message) {
    if (!link_bitcode(module, target, has_tasks(module) ? "tasks.bc" : "rt.bc", arena, message))
        return false;
    make_runtime_internal(module);
    return true;
}
