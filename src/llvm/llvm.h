// llvm: from exact JIR instances to objects, and from objects to a static executable.
//
// Ideas. The only user of llvm-c and of lld. Instances are dealt to units; each unit is one LLVM context and module, so
// that units are optimised and emitted on threads of their own. Everything is internal to the program except
// janus_main, which the runtime calls. Linking happens in this process: the runtime, libc and the compiler's builtins
// are carried in the toolchain and handed to lld through memory.
// This folder must not know sema, syntax or the command line.
#ifndef JANUS_LLVM_H
#define JANUS_LLVM_H

#include "ir/constant.h"

typedef enum { TARGET_X86_64_LINUX_MUSL, TARGET_AARCH64_LINUX_MUSL, TARGET_COUNT } LlvmTarget;

const char *llvm_target_name(LlvmTarget target); // "x86_64-linux-musl"
bool llvm_target_find(Text name, LlvmTarget *target);
LlvmTarget llvm_target_host(void);

// NOTHING: only what `tail` promises is looked at.
typedef enum { LLVM_OBJECT, LLVM_IR, LLVM_ASSEMBLY, LLVM_NOTHING } LlvmEmit;

typedef struct {
    LlvmTarget target;
    LlvmEmit emit;
    bool release;      // optimise
    bool debug_info;   // full DWARF; without it only the line table
    bool check_memory; // leave the runtime's allocator to the linker, which takes the checking one
    uint32_t units;    // how many modules, one thread each; 0: one in release builds, one for each core else
} LlvmOptions;

// What is compiled: every instance is emitted; janus_main calls `main`, or offers `tests` to the runtime.
typedef struct {
    Jir *jir;
    const JirFnId *instances;
    uint32_t instance_count;
    JirFnId main;           // none: a program of tests
    ConstantValue constant; // the driver's interpreter; may be NULL if the program uses no constants
    const JirTest *tests;
    uint32_t test_count;
} LlvmInput;

// Why a call is no jump.
typedef enum {
    TAIL_JUMPS,
    TAIL_NOT_LAST, // something is left to do or to drop
    TAIL_LENDS,    // it is lent what lies in the caller's frame
    TAIL_NO_ROOM,  // a value is given by address, and the caller was given no memory of that size
} TailObstacle;

typedef struct {
    JirFnId fn;     // with the attribute `tail`
    uint32_t token; // of the call
    TailObstacle obstacle;
} LlvmNotJump;

// One piece of memory for each unit: an object, or text for the other kinds of emit. Lives as long as `arena`.
typedef struct {
    Text *units;
    uint32_t count;
    const LlvmNotJump *not_jumps; // calls that were promised to be jumps
    uint32_t not_jump_count;
} LlvmOutput;

// Compiles the instances. False with a message for the user if LLVM refuses (which is our error, or a lack of memory).
bool llvm_compile(const LlvmInput *input, LlvmOptions options, Arena *arena, LlvmOutput *output, Text *message);

typedef struct {
    LlvmTarget target;
    bool strip;         // leave out symbols and debug information
    bool line_table;    // write the table by which the runtime names files and lines, which survives strip
    bool check_memory;  // with the checking allocator
    const char *linker; // run this linker instead of the one inside; NULL: none
} LinkOptions;

// Links objects with the runtime to an executable file at `path`, which is replaced only on success. False with the
// linker's message.
bool llvm_link(const Text *objects, uint32_t count, const char *path, LinkOptions options, Arena *arena, Text *message);

// "22.1.8", the LLVM this compiler stands on.
const char *llvm_version(void);

#endif
