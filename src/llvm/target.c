// The targets: their names, triples and machines.
#include "llvm/internal.h"

#include "base/embed.h"

#include <llvm-c/Target.h>

static const char *const NAMES[TARGET_COUNT] = {"x86_64-linux-musl", "aarch64-linux-musl"};
static const char *const TRIPLES[TARGET_COUNT] = {"x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"};
// What every machine of the target has.
static const char *const CPUS[TARGET_COUNT] = {"x86-64", "generic"};

const char *llvm_target_name(LlvmTarget target) {
    return NAMES[target];
}

const char *target_triple(LlvmTarget target) {
    return TRIPLES[target];
}

bool llvm_target_find(Text name, LlvmTarget *target) {
    for (uint32_t i = 0; i < TARGET_COUNT; i++)
        if (text_equal(name, text_of(NAMES[i]))) {
            *target = (LlvmTarget)i;
            return true;
        }
    return false;
}

LlvmTarget llvm_target_host(void) {
#ifdef __aarch64__
    return TARGET_AARCH64_LINUX_MUSL;
#else
    return TARGET_X86_64_LINUX_MUSL;
#endif
}

const char *llvm_version(void) {
    return LLVM_VERSION_STRING;
}

static void initialize(LlvmTarget target) {
    if (target == TARGET_X86_64_LINUX_MUSL) {
        LLVMInitializeX86TargetInfo();
        LLVMInitializeX86Target();
        LLVMInitializeX86TargetMC();
        LLVMInitializeX86AsmPrinter();
        LLVMInitializeX86AsmParser();
    } else {
        LLVMInitializeAArch64TargetInfo();
        LLVMInitializeAArch64Target();
        LLVMInitializeAArch64TargetMC();
        LLVMInitializeAArch64AsmPrinter();
        LLVMInitializeAArch64AsmParser();
    }
}

// Must run before threads start.
void target_initialize(LlvmTarget target) {
    initialize(target);
}

LLVMTargetMachineRef target_machine(LlvmTarget target, bool release, Text *message, Arena *arena) {
    LLVMTargetRef found;
    char *error = NULL;
    if (LLVMGetTargetFromTriple(TRIPLES[target], &found, &error)) {
        *message = arena_text(arena, text_of(error));
        LLVMDisposeMessage(error);
        return NULL;
    }
    LLVMCodeGenOptLevel level = release ? LLVMCodeGenLevelDefault : LLVMCodeGenLevelNone;
    LLVMTargetMachineRef machine =
        LLVMCreateTargetMachine(found, TRIPLES[target], CPUS[target], "", level, LLVMRelocStatic, LLVMCodeModelDefault);
    if (!release)
        LLVMSetTargetMachineFastISel(machine, true);
    return machine;
}

// The file of a target that the toolchain carries; empty if it carries none.
Text target_file(LlvmTarget target, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "target/%s/%s", NAMES[target], name);
    Text content = {0};
    embedded_file(path, &content);
    return content;
}
