// What the files of src/llvm share: one Gen for each unit, one FnGen for the function in work.
//
// Values. A type is passed in one of four ways: NOTHING (no bytes), SCALAR (one register), LEAVES (at most 16 bytes in
// a few registers) or MEMORY (its address). In memory every value has exactly the bytes layout.h says; places are
// addresses with byte offsets, and LLVM's SROA turns locals into registers.
//
// Aliasing. Accesses carry TBAA tags: scalars by their kind, and apart from these the fields of std's own structs (the
// pointer, length and capacity of a list), so that a store to an element cannot change a list's header. Sound because
// nothing outside std can take the address of such a field, and because functions that cast raw pointers make
// untagged accesses through them.
#ifndef JANUS_LLVM_INTERNAL_H
#define JANUS_LLVM_INTERNAL_H

#include "astdb/impls.h"
#include "ir/layout.h"
#include "llvm/llvm.h"

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/TargetMachine.h>

enum { REGISTER_BYTES = 16, MAX_LEAVES = 4 };

// How functions are called that call each other in tail position: any such call can be a jump (llvm::CallingConv::Tail;
// llvm-c has no name for it).
enum { TAIL_CALL_CONVENTION = 18 };

typedef enum { PASS_NOTHING, PASS_SCALAR, PASS_LEAVES, PASS_MEMORY } Pass;

typedef enum { // which accesses cannot meet
    ALIAS_ANY,
    ALIAS_BOOL,
    ALIAS_I8,
    ALIAS_I16,
    ALIAS_I32,
    ALIAS_I64,
    ALIAS_I128,
    ALIAS_F32,
    ALIAS_F64,
    ALIAS_POINTER,
    ALIAS_COUNTER, // reference counts
    ALIAS_HEADER_INT,
    ALIAS_HEADER_POINTER, // fields of std's owners and views
    ALIAS_COUNT,
} Alias;

typedef struct {
    LLVMTypeRef type;
    uint32_t offset;
} Leaf;

typedef struct {
    Pass pass;
    bool is_bool;      // i1 in registers, i8 in memory
    bool is_plain;     // copying the bytes copies the value
    bool by_value;     // borrowed parameters and locals hold the value itself: plain and at most 16 bytes
    bool lends_leaves; // borrowed parameters are its leaves: of a list, which a slice may stand for, where it lies and
                       // its length
    Alias alias;       // of a SCALAR
    uint32_t align, leaf_count;
    uint64_t size;
    Leaf leaves[MAX_LEAVES];
    LLVMTypeRef value;  // in registers: of a SCALAR, or a struct of the leaves
    LLVMTypeRef memory; // of an alloca or global
    const TypeLayout *layout;
    TypeKind kind;
    TypeId id;
} GenType;

// An address and what may meet there.
typedef struct {
    LLVMValueRef ptr;
    uint32_t align;
    Alias alias;    // ALIAS_ANY, a header alias, or ALIAS_COUNT: by the type of the access
    bool is_length; // the length of a list: never negative
} Addr;

typedef struct {
    TypeId type;
    LocalMode mode;
    const GenType *info;
    bool in_registers; // else an address
    uint32_t first;    // number of its first LLVM parameter
} AbiParam;

typedef struct {
    bool has_env;          // closures and what is called as one: the first parameter
    bool keeps_borrows;    // the result or a changed argument may hold the address of an argument
    bool by_sret;          // the result's address comes first
    const GenType *result; // of REF results: the pointer
    AbiParam *params;
    uint32_t param_count;
    LLVMTypeRef type;
} Abi;

typedef struct {
    LLVMValueRef fn;
    Abi *abi;
} GenFn; // by JirFnId

typedef struct RtFn {
    LLVMValueRef fn;
    LLVMTypeRef type;
    bool may_panic;
    bool is_shared; // works on what all tasks share
} RtFn;

typedef enum {
#define RT_FN(name, ...) RT_##name,
#include "llvm/runtime.def"
#undef RT_FN
    RT_COUNT,
} RtFnId;

struct Debug;

typedef struct {
    Text text;
    LLVMValueRef global;
} StringItem;

typedef struct Gen {
    const LlvmInput *input;
    const LlvmOptions *options;
    Jir *jir;
    Program *program;
    Arena *arena;
    uint32_t unit; // functions of other units are declarations
    bool many_units;
    bool has_tasks;              // several threads may be owners of what is counted
    const uint8_t *unit_of;      // by JirFnId; UINT8_MAX: not compiled
    const uint32_t *tail_cycles; // by JirFnId, see tail_node: which cycle of calls in tail position it is in
    const uint32_t *call_cycles; // the same by all calls; NULL where no function has the attribute `tail`
    VEC(LlvmNotJump) not_jumps;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef builder;
    LLVMTypeRef void_type, i1, i8, i16, i32, i64, i128, f32, f64, ptr;
    const GenType **types; // by TypeId
    uint32_t type_capacity;
    GenFn *fns; // by JirFnId
    uint32_t fn_capacity;
    MapU64 constants; // DeclId → index into constant_items
    VEC(LLVMValueRef) constant_items;
    MapU64 tables;  // index into jir->tables → index into constant_items
    MapU64 strings; // hash → index into string_items: literal bytes
    VEC(StringItem) string_items;
    MapU64 locations; // file and line → index into location_items
    VEC(LLVMValueRef) location_items;
    MapU64 files; // FileId → index into file_items: names for panics
    VEC(LLVMValueRef) file_items;
    RtFn rt[RT_COUNT];
    LLVMMetadataRef tbaa[ALIAS_COUNT];
    unsigned kind_tbaa, kind_range, kind_nonnull, kind_prof;
    LLVMValueRef length_range, unlikely;
    struct Debug *debug; // NULL without a line table
} Gen;

// ---- types (gen_type.c) --------------------------------------------------------------------------------------------

const GenType *gen_type(Gen *gen, TypeId type);
void gen_types_start(Gen *gen);
LLVMTypeRef gen_int_type(Gen *gen, uint32_t bytes);
// How a function with these locals is called. `closure`: it takes its environment first.
bool gen_may_hold_address(Gen *gen, TypeId type); // a value of it may be, or hold, a borrow
Abi *gen_abi_of_fn(Gen *gen, const JirFn *fn);
// How a value of this FUNC type is called.
Abi *gen_abi_of_func(Gen *gen, TypeId func);
void gen_attributes(Gen *gen, LLVMValueRef fn, const Abi *abi);
void gen_call_attribute(Gen *gen, LLVMValueRef call, const char *name);
void gen_attribute(Gen *gen, LLVMValueRef fn, LLVMAttributeIndex index, const char *name, uint64_t value);

// ---- the module (gen_module.c) -------------------------------------------------------------------------------------

void gen_module(Gen *gen);
bool gen_has_attribute(const Program *program, const JirFn *fn,
                       const char *name);                       // `{. name .}` of the function it is made of
unsigned gen_convention(const Gen *gen, JirFnId id);            // by which it is called
unsigned gen_call_convention(const Gen *gen, const JirStmt *s); // of a call, also of a value
LLVMValueRef gen_attention(Gen *gen);
const RtFn *gen_runtime(Gen *gen, RtFnId id);
GenFn gen_function(Gen *gen, JirFnId id);                        // declares it where it is not yet known
LLVMValueRef gen_bytes(Gen *gen, Text text);                     // address of literal bytes
LLVMValueRef gen_location(Gen *gen, FileId file, uint32_t line); // address of a JnLocation
LLVMValueRef gen_constant(Gen *gen, DeclId decl);                // address of a constant's value (gen_const.c)
LLVMValueRef gen_private_constant(Gen *gen, LLVMValueRef value);
// Calls main or a test and returns from the caller; an error it ends with is reported and ends the process.
void gen_call_entry(Gen *gen, JirFnId id);
void gen_tests(Gen *gen); // gen_test.c: janus_main of a program of tests

// ---- one function (gen_fn.c) ---------------------------------------------------------------------------------------

typedef struct {
    LLVMValueRef address; // of the value; of a reference local, of the slot that holds the address, or NULL
    LLVMValueRef value;   // a reference parameter's or capture's address, or a register temporary's value
    bool is_ref;          // place means what the address points to
    bool in_register;     // a scalar temporary written once: `value` is it
} LocalSlot;

typedef struct {
    uint64_t key; // kind and line
    uint32_t unwind;
    LLVMBasicBlockRef block;
    LLVMValueRef phi[2];
} PanicBlock;

typedef struct {
    Gen *gen;
    const JirFn *fn;
    FileId file;
    Abi *abi;
    LLVMValueRef function, sret, env;
    LLVMBuilderRef b;
    LLVMBasicBlockRef entry;   // allocas; ends with a branch to the first block
    LLVMBasicBlockRef *blocks; // by JIR block; NULL until something goes there
    LLVMBasicBlockRef *pads;   // by JIR block: where an unwinding call lands that goes on there; NULL until used
    LLVMBasicBlockRef leave;   // returns what lies in several registers; NULL until used
    LLVMValueRef exception;    // what the landing pad was given, for RESUME
    uint32_t unwind;           // of the statement in work: the JIR block where its panic goes, 0 if nowhere here
    LocalSlot *locals;
    VEC(PanicBlock) panics;
    uint32_t token;                      // of the statement in work
    uint32_t line, line_start, line_end; // cache of fn_line
    bool casts_pointers;                 // raw accesses are untagged
    bool is_last;                        // behind the statement in work the function only returns
    uint8_t lends_frame;                 // of gen_tail.c: 0 not yet known, 1 no, 2 yes
    LLVMMetadataRef scope;               // debug scope
    LLVMMetadataRef head;                // the place of what has none of its own
    LLVMMetadataRef *scopes;             // by JirFn.scopes
} FnGen;

void gen_fn_body(Gen *gen, const JirFn *fn);
LLVMValueRef fn_alloca(FnGen *f, const GenType *type, const char *name);
uint32_t fn_line(FnGen *f, uint32_t token);
LLVMBasicBlockRef fn_block(FnGen *f, const char *name); // after all others
// Leaves to a panic if `bad`; code goes on where it is not.
void fn_panic_if(FnGen *f, LLVMValueRef bad, PanicKind kind);
void fn_panic_index_if(FnGen *f, LLVMValueRef bad, PanicKind kind, LLVMValueRef index, LLVMValueRef length);
void fn_panic(FnGen *f, PanicKind kind); // ends the block
LLVMValueRef fn_unlikely(FnGen *f, LLVMValueRef branch);
// A call that may panic: it goes on in a new block where the panic has somewhere to go.
LLVMValueRef fn_call(FnGen *f, LLVMTypeRef type, LLVMValueRef fn, LLVMValueRef *args, uint32_t count);
void fn_shared_memory(FnGen *f); // around what works on memory that all tasks share
LLVMValueRef fn_call_rt(FnGen *f, RtFnId id, LLVMValueRef *args, uint32_t count);
LLVMValueRef fn_intrinsic(FnGen *f, const char *name, LLVMTypeRef *types, uint32_t type_count, LLVMValueRef *args,
                          uint32_t arg_count);

// ---- places (gen_place.c) ------------------------------------------------------------------------------------------

Addr addr_of(LLVMValueRef ptr, const GenType *type);
Addr fn_place(FnGen *f, PlaceId place);
// The local that a place without projections is, or UINT32_MAX.
uint32_t fn_bare_local(FnGen *f, PlaceId place);
const GenType *fn_place_type(FnGen *f, PlaceId place);
const Abi *fn_callee_abi(FnGen *f, const JirStmt *s); // how the callee wants its arguments, NULL if it is no call
Addr addr_offset(FnGen *f, Addr base, uint64_t bytes);
// A field of a value; `variant` as of MAKE_VARIANT.
Addr fn_field(FnGen *f, Addr at, TypeId owner, uint32_t variant, uint32_t index, const GenType *type);
LLVMValueRef fn_load(FnGen *f, const GenType *type, Addr at); // of a SCALAR
void fn_store(FnGen *f, const GenType *type, LLVMValueRef value, Addr at);
void fn_copy(FnGen *f, const GenType *type, Addr to, Addr from); // the bytes
LLVMValueRef fn_load_place(FnGen *f, PlaceId place);             // of a SCALAR
// Sets the address that a reference local holds, or, where it holds the value itself, reads it.
void fn_set_reference(FnGen *f, uint32_t local, LLVMValueRef address);
void fn_result(FnGen *f, PlaceId dst, LLVMValueRef scalar); // dst = scalar
bool fn_is_reference_local(FnGen *f, uint32_t local);

// ---- statements ----------------------------------------------------------------------------------------------------

LLVMValueRef gen_const_scalar(Gen *gen, const JirOperand *constant);
LLVMValueRef fn_operand(FnGen *f, OperandId operand); // of a SCALAR type
TypeId fn_operand_type(FnGen *f, OperandId operand);
void fn_operand_to(FnGen *f, OperandId operand, Addr to); // any type
Addr fn_operand_address(FnGen *f, OperandId operand);     // where the bytes are; a temporary if need be
Addr fn_temp(FnGen *f, const GenType *type);
bool fn_may_overlap(FnGen *f, PlaceId dst, const OperandId *operands, uint32_t count);
void gen_statement(FnGen *f, const JirStmt *s); // gen_op.c
void gen_make(FnGen *f, const JirStmt *s);      // gen_make.c
void gen_make_variant(FnGen *f, const JirStmt *s);
void gen_repeat(FnGen *f, const JirStmt *s);
void gen_tag(FnGen *f, const JirStmt *s);
void gen_binary(FnGen *f, const JirStmt *s); // gen_arith.c
void gen_unary(FnGen *f, const JirStmt *s);
void gen_cast(FnGen *f, const JirStmt *s);
void gen_call(FnGen *f, const JirStmt *s); // gen_call.c
void gen_call_value(FnGen *f, const JirStmt *s);
// ---- calls that are jumps (gen_tail.c)

typedef struct {
    uint32_t arg, slot; // an argument given by address, and the parameter of ours whose memory it takes
    bool stays;         // it lies there already
} TailSlot;

typedef VEC(TailSlot) TailSlots;

// By JirFnId: the cycle of calls that a function is in, by those in tail position or by all direct ones.
const uint32_t *tail_cycles(const Jir *jir, bool all_calls, Arena *arena);
// Notes a call that had to be a jump and is none.
void tail_check(FnGen *f, const JirStmt *s, const Abi *abi);
// True if behind the statement the function only returns.
bool tail_is_last(const Jir *jir, const JirFn *fn, const JirBlock *block, uint32_t number);
// Nodes of tail_cycles beside those of functions: what this statement calls, what calls of values lead to that
// function.
uint32_t tail_node(const Jir *jir, const JirStmt *s);
uint32_t tail_node_of_value(const Jir *jir, const JirFn *fn);
// True if the call, the last of its function, may be a jump; `slots` tells where what is given by address goes.
bool tail_may_jump(FnGen *f, const JirStmt *s, const Abi *abi, TailSlots *slots);
void gen_make_closure(FnGen *f, const JirStmt *s);
void gen_func_of_closure(FnGen *f, const JirStmt *s);
void gen_dyn_ref(FnGen *f, const JirStmt *s); // gen_dyn.c: a place lent as a dyn
void gen_dyn_box(FnGen *f, const JirStmt *s); // a Box becomes one of a dyn
void gen_dyn_word(FnGen *f, const JirStmt *s);
void gen_dyn_method(FnGen *f, const JirStmt *s);
LLVMValueRef gen_table(Gen *gen, uint32_t index); // of jir->tables
void fn_store_env(FnGen *f, const JirStmt *s);    // the environment of the function
void gen_intrinsic(FnGen *f, const JirStmt *s);   // gen_intrinsic.c
void gen_task(FnGen *f, const JirStmt *s);        // gen_task.c
void gen_atomic(FnGen *f, const JirStmt *s);      // gen_atomic.c
// Of the statement of an intrinsic: an argument, its value or where it lies, a type argument.
const JirArg *intrinsic_arg(FnGen *f, const JirStmt *s, uint32_t i);
LLVMValueRef intrinsic_value(FnGen *f, const JirStmt *s, uint32_t i);
Addr intrinsic_address(FnGen *f, const JirStmt *s, uint32_t i);
const GenType *intrinsic_type(FnGen *f, const JirStmt *s, uint32_t i);
void fn_store_result(FnGen *f, PlaceId dst, const GenType *type, LLVMValueRef value); // of a call

// ---- debug information (gen_debug.c) -------------------------------------------------------------------------------

void gen_debug_start(Gen *gen);
void gen_debug_finish(Gen *gen);
void gen_debug_fn(FnGen *f);                 // its subprogram and scopes
void gen_debug_locals(FnGen *f);             // parameters and named locals, once their storage is known
void gen_debug_at(FnGen *f, uint32_t token); // the place of what follows
void gen_debug_order(FnGen *f);              // once all blocks are there: the ways of panics come last

// ---- target, optimisation, output ----------------------------------------------------------------------------------

LLVMTargetMachineRef target_machine(LlvmTarget target, bool release, Text *message, Arena *arena);
const char *target_triple(LlvmTarget target);
bool optimize_module(LLVMModuleRef module, LLVMTargetMachineRef machine, bool release, Arena *arena, Text *message);
bool emit_module(LLVMModuleRef module, LLVMTargetMachineRef machine, LlvmEmit emit, Arena *arena, Text *out,
                 Text *message);
// Makes the runtime a part of a program of one unit.
bool link_runtime_bitcode(LLVMModuleRef module, LlvmTarget target, Arena *arena, Text *message);

// An object with the table by which the runtime names files and lines, made from the .debug_line of a linked program;
// see line_table.c. False if the program has none.
bool line_table_object(Text executable, LlvmTarget target, Arena *arena, Text *object);

void target_initialize(LlvmTarget target);             // before any thread starts
Text target_file(LlvmTarget target, const char *name); // of the toolchain: "libc.a"; empty if it carries none

#endif
