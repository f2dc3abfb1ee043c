// jir: the typed control-flow graph that lies between syntax and machine code.
//
// Ideas. A function is locals, places, operands, statements in basic blocks, and terminators. JIR is built once, from
// the facts of a checked body, possibly generic (types mention PARAM). Ownership is decided on that generic form, then
// an instance is made for each set of type arguments (mono), and drops become exact. JIR knows nothing of LLVM.
//
// Places. A place is a local (or a constant global) followed by projections. A local whose mode is LET_REF or MUT_REF
// holds an address, and a place rooted in it means what it points to; the address itself is only made by REF, by a
// parameter, or by SET from an operand of a REF type (then the local takes the address over).
//
// Operands. COPY, MOVE and TAKE name a place. TAKE is "the value is wanted here": ownership makes it MOVE where the
// place is not used again (or the type is not cheap) and COPY where it is cheap and used again. COPY of a String
// retains it. After the drop pass only COPY and MOVE are left.
//
// Borrows. A local borrows if its mode is a reference or if its type holds one (TYPE_HAS_REF). Loans are made by REF,
// by BIND, by the REF and MUT_REF arguments of a call (until the call returns and, where the result or a `mut`
// argument may hold a borrow, as long as that lives), and by captures of a borrowing closure.
//
// What build guarantees, beside:
// - Variant numbers. Of an error (of any error type) the number is the DeclId of the variant: MAKE_VARIANT.number, the
//   value TAG reads and the u32 in memory are that. Errors of different sets convert by MAKE_VARIANT or SET as they
//   are.
// - Arguments of INTRINSIC are ARG_VALUE, but for ptr_of, ptr_of_mut, variant_name, panic_text and the first of
// slice_of,
//   whose borrowed or `mut` argument is a place (ARG_REF, ARG_MUT_REF). Lists lent as `mut` to slice_of are
//   ARG_MUT_REF.
// - Parameters of type TYPE (`T: type`) are no parameters of the JirFn, and no arguments of its calls.
// - A function with a result REF(T) has a return local of type REF(T), mode OWNED, set by REF or from an operand of
// that type.
//   A call of it sets a local of mode LET_REF or MUT_REF and type T (or one of type REF(T), mode OWNED).
// - A parameter whose type is REF(T) (only by substitution, or of a closure over such items) is a local of that type;
// the
//   value is reached by PROJ_DEREF.
// - A capture of mode LET_REF or MUT_REF is an address in the environment (MAKE_CLOSURE argument ARG_REF, ARG_MUT_REF);
// one of
//   mode OWNED is a value in the environment itself (ARG_VALUE), dropped with the closure; only the function of an
//   `own func` closure (self_mode MODE_OWN) moves out of it or drops it.
// - A FUNC value is its code and the address of what it captured. It owns that (a block that LANG_CLOSURE_KEEP made),
// but
//   for a local with is_view, which is made by CAST of a lent closure (or of another FUNC place): never moved or
//   dropped.
// - MAKE_CLOSURE: dst has the CLOSURE type; callee->instance is the generic closure's JirFnId until mono replaces it.
// - DROP is emitted for locals whose type needs drop, at the end of their scope; DEAD for locals that were lent, after
// it.
// - A result local (of `if`, `match`, `loop` …) is SET on each way that reaches the join; unreachable blocks are
// pruned.
#ifndef JANUS_JIR_H
#define JANUS_JIR_H

#include "astdb/program.h"

typedef struct {
    uint32_t v;
} LocalId; // 0: the return value
typedef struct {
    uint32_t v;
} BlockId; // 0: the entry
typedef struct {
    uint32_t v;
} PlaceId; // 0 none
typedef struct {
    uint32_t v;
} OperandId; // 0 none
typedef struct {
    uint32_t v;
} JirFnId; // 0 none

typedef enum {
#define OP(name, text) OP_##name,
#include "ir/ops.def"
#undef OP
    OP_COUNT,
} OpKind;

typedef enum {
#define TERM(name, text) TERM_##name,
#include "ir/terminators.def"
#undef TERM
    TERM_COUNT,
} TermKind;

typedef enum {
    INTRINSIC_NONE,
#define INTRINSIC(name) INTRINSIC_##name,
#include "astdb/intrinsics.def"
#undef INTRINSIC
    INTRINSIC_COUNT,
} IntrinsicId;

// The second argument of chan_next: how it waits for an item. REST: what is left in a channel without owners.
typedef enum { NEXT_WAITS, NEXT_SERVES, NEXT_FOR_A_TIME, NEXT_NOW, NEXT_REST } ChannelNext;

// NOT of bool; BIT_NOT of integers; NEG checked for integers.
typedef enum { UNARY_NEG, UNARY_NOT, UNARY_BIT_NOT } UnaryOp;
// ADD … REM are checked for integers (overflow, division by zero, MIN / -1) and IEEE for floats; shifts panic when the
// count is negative or at least the width. Comparisons give bool, of integers, floats, char, bool.
typedef enum {
    BIN_ADD,
    BIN_SUB,
    BIN_MUL,
    BIN_DIV,
    BIN_REM,
    BIN_AND,
    BIN_OR,
    BIN_XOR,
    BIN_SHL,
    BIN_SHR,
    BIN_EQ,
    BIN_NE,
    BIN_LT,
    BIN_LE,
    BIN_GT,
    BIN_GE,
    BIN_ADD_NOWRAP,
    BIN_SUB_NOWRAP, // known not to overflow: loop counters
} BinaryOp;

typedef enum { // why a program panics; the runtime has the texts
    PANIC_OVERFLOW,
    PANIC_DIVISION_BY_ZERO,
    PANIC_SHIFT,
    PANIC_INDEX,
    PANIC_CAST,
    PANIC_NEGATE,
    PANIC_UNWRAP,
    PANIC_ASSERT,
    PANIC_UNREACHABLE,
    PANIC_MESSAGE,
    PANIC_SLICE,
    PANIC_MISSING_RETURN,
    PANIC_DIVISION_OVERFLOW,
    PANIC_COUNT,
} PanicKind;

typedef enum { LOCAL_OWNED, LOCAL_LET_REF, LOCAL_MUT_REF } LocalMode;
typedef enum { LOCAL_TEMP, LOCAL_RETURN, LOCAL_PARAM, LOCAL_LET, LOCAL_VAR, LOCAL_FLAG, LOCAL_CAPTURE } LocalKind;

typedef struct {
    TypeId type; // of the value, also where the mode is a reference
    LocalMode mode;
    LocalKind kind;
    SymbolId name;    // 0 of temporaries
    NodeId node;      // its binder, for messages
    NodeId not_added; // for messages: a use in a nursery because of which tasks do not merely add to it
    uint32_t scope;   // index into scopes, for debug information
    bool is_view;     // of a FUNC type: it refers to a closure that lives elsewhere, and owns nothing
    bool is_lent;     // it may lead to such a view: of a capture, see own_lent.c; while building, of a name for a place
} JirLocal;

typedef struct {
    uint32_t parent;
    uint32_t first_token, last_token;
} JirScope; // [0] is the body

typedef enum { PROJ_FIELD, PROJ_VARIANT, PROJ_INDEX, PROJ_CONST_INDEX, PROJ_DEREF } ProjKind;

typedef struct {
    ProjKind kind;
    uint32_t index; // FIELD: number (after VARIANT: in its payload); VARIANT: number as of MAKE_VARIANT; INDEX: the
                    // LocalId (i64); CONST_INDEX: the index
    TypeId type;    // of the place so far, this projection included (after VARIANT: still the enum's type)
} Projection; // DEREF: of a Box, a Shared, a raw pointer, or a value of a REF type. INDEX: of a List, Slice or array,
              // checked before by CHECK_INDEX

typedef struct {
    bool is_global;        // root: a constant's DeclId instead of a local
    uint32_t root;         // LocalId or DeclId
    uint32_t first, count; // projections
    TypeId type;           // of the whole place
    uint32_t token;        // where it is written, 0: nowhere
} JirPlace;

typedef enum { OPERAND_COPY, OPERAND_MOVE, OPERAND_TAKE, OPERAND_CONST } OperandKind;

typedef enum {
    CONST_VOID,
    CONST_INT,
    CONST_FLOAT,
    CONST_STRING,
    CONST_BYTES,
    CONST_FUNC
} ConstKind; // bool and char are INT

typedef struct {
    OperandKind kind;
    PlaceId place;
    // CONST
    ConstKind const_kind;
    TypeId type;
    uint64_t low, high;       // INT: 128 bits, two's complement; FLOAT: the bits of the f64 in low
    Text text;                // STRING, BYTES
    struct JirCallee *callee; // FUNC: a function as a value
} JirOperand;

// The target of a call: a function with type arguments (as Resolution has them), or a trait's method that mono
// resolves.
typedef struct JirCallee {
    DeclId decl;
    bool is_trait_method;
    const TypeId *type_args;
    uint32_t type_arg_count;
    JirFnId instance; // set by mono
} JirCallee;

typedef enum { ARG_VALUE, ARG_REF, ARG_MUT_REF } ArgKind;
typedef struct {
    ArgKind kind;
    OperandId value;
    PlaceId place;
} JirArg; // VALUE: operand; else the lent place

typedef struct {
    uint8_t op;      // OpKind
    uint8_t sub;     // UnaryOp, BinaryOp, 1 for mut …
    bool is_cleanup; // only on the way of a panic
    uint32_t number; // MAKE_VARIANT: the variant; INTRINSIC: the id; FLAG: 0 or 1; REF and CAST to a dyn: its table, or
                     // from another dyn the word of that one's table with it (0: the same table), set by mono
    PlaceId dst;     // none where there is no result
    OperandId a, b;
    PlaceId place; // BIND, REF, TAG, LEN, CALL_VALUE: the place read
    uint32_t args,
        arg_count; // into args (CALL, CALL_VALUE, MAKE_CLOSURE, INTRINSIC) or into operand_lists (MAKE, MAKE_VARIANT)
    JirCallee *callee; // CALL; MAKE_CLOSURE: the closure's function; INTRINSIC: its type arguments
    uint32_t token;    // where in the source (of the function's file), 0: nowhere
    uint32_t unwind;   // where its panic goes on, see JirCleanup
} JirStmt;

typedef struct {
    TermKind kind;
    uint8_t sub; // PanicKind
    OperandId a;
    BlockId *targets;
    uint64_t *values; // SWITCH: target_count - 1 of them
    uint32_t target_count;
    uint32_t token;
    uint32_t unwind; // PANIC, RESUME: see JirCleanup
} JirTerm;

// What a panic leaves on its way out, from the innermost scope outwards: a local to drop, or the copy of a defer's body
// that only panics run, which ends in RESUME. Until the drop pass `unwind` is a number in JirFn.cleanups, 0 none; the
// drop pass makes blocks of them (`has_pads`), and from then on it is the block where a panic goes, 0 if it leaves the
// function at once. Such blocks are marked is_cleanup; nothing in them unwinds, since a panic there ends the process.
typedef struct {
    uint32_t parent;
    LocalId local; // or
    BlockId body;
    uint32_t near; // the first with a body, from this one outwards
} JirCleanup;

typedef struct {
    VEC(JirStmt) stmts;
    JirTerm term;
    bool is_cleanup;
    uint32_t loop_depth; // 0 outside loops
} JirBlock;

typedef struct JirFn {
    JirFnId id;
    DeclId decl;    // the function, test or constant; of a closure, the function it stands in
    NodeId closure; // its CLOSURE node, or none
    ModuleId module;
    const char *symbol;   // unique link name, readable; set by mono
    Subst subst;          // of an instance
    bool is_generic;      // locals mention PARAM
    bool is_glue;         // made by the compiler (drop, copy, equality …), has no source
    bool is_for_runtime;  // the runtime calls it, as C calls functions
    bool has_env;         // set by mono: closures and functions as values: the address of the captures comes first
    TypeId closure_type;  // set by mono: whose captures those are; none of functions as values
    ParamMode self_mode;  // of a closure
    VEC(JirLocal) locals; // [0] return value, then parameters, then (of a closure) the captures, then the rest
    uint32_t param_count;
    uint32_t capture_count;
    VEC(JirScope) scopes;
    VEC(JirPlace) places; // [0] unused
    VEC(Projection) projections;
    VEC(JirOperand) operands; // [0] unused
    VecU32 operand_lists;
    VEC(JirArg) args;
    VEC(JirBlock) blocks;
    VEC(JirCleanup) cleanups; // [0] unused
    bool has_pads;
} JirFn;

typedef struct {
    JirFnId fn;     // a method, or
    uint32_t table; // an index into Jir.tables
} JirSlot;

// What a dyn refers to beside its value: words in read-only data. One for each type and trait that meet.
typedef struct {
    TypeId type, dyn;
    JirFnId drop; // takes the value as its environment, as the methods do
    uint64_t size;
    uint32_t align;
    const JirSlot *slots; // see dyn_slots
    uint32_t slot_count;
} JirTable;
enum { TABLE_DROP, TABLE_SIZE, TABLE_ALIGN, TABLE_SLOTS }; // its words

// All functions of one compilation: generic ones by declaration, instances by mono.
typedef struct Jir {
    Program *program;
    Arena *arena;
    Arena *scratch;          // of the analysis of one function; empty between them
    VEC(JirFn *) fns;        // [0] unused; by JirFnId
    MapU64 by_decl;          // DeclId → JirFnId (before mono)
    MapU64 by_closure;       // (FileId, NodeId) → JirFnId
    struct Layouts *layouts; // private to layout.c
    bool ignores_ownership;  // moves, copies and loans are decided, and nothing is refused
    VEC(JirTable) tables;    // [0] unused; made by mono, named by JirStmt.number of REF and CAST
    // What the program consists of, set by mono_run: each once, callers before what they call.
    const JirFnId *instances;
    uint32_t instance_count;
    const DeclId *constants; // used ones; their initialisers are by_decl and not among the instances
    uint32_t constant_count;
    struct ConstantCache *constant_cache; // private to interp/constant.c: the values computed so far
} Jir;

// A test block of the program.
typedef struct {
    Text name;  // as shown to the user
    JirFnId fn; // its instance, without parameters; the result is void, or a result
} JirTest;

Jir *jir_new(Program *program);
void jir_free(Jir *jir);
JirFn *jir_fn_new(Jir *jir); // registered, with its return local still to be pushed
static inline JirFn *jir_fn(const Jir *jir, JirFnId id) {
    return jir->fns.items[id.v];
}

// Making parts. What returns a pointer returns one that the next call of the same kind may move.
void jir_fn_release(JirFn *fn);                      // its content is not needed any more; its id stays taken
JirFnId jir_fn_of_decl(const Jir *jir, DeclId decl); // the generic function, 0 if not built
uint64_t jir_closure_key(FileId file, NodeId node);  // the key of by_closure
LocalId jir_local_new(JirFn *fn, JirLocal local);
JirLocal *jir_local(const JirFn *fn, LocalId local);
PlaceId jir_place_local(JirFn *fn, LocalId local);
PlaceId jir_place_global(JirFn *fn, DeclId decl, TypeId type);
PlaceId jir_place_project(JirFn *fn, PlaceId base, Projection last);
const JirPlace *jir_place(const JirFn *fn, PlaceId place);
OperandId jir_operand_place(JirFn *fn, OperandKind kind, PlaceId place);
OperandId jir_operand_int(JirFn *fn, TypeId type, uint64_t value); // integers up to 64 bits, bool and char
OperandId jir_operand_const(JirFn *fn, JirOperand constant);       // its kind is set here
TypeId jir_operand_type(const JirFn *fn, OperandId operand);
BlockId jir_block_new(JirFn *fn); // its terminator is UNREACHABLE until one is set
JirBlock *jir_block(const JirFn *fn, BlockId block);
JirStmt *jir_emit(JirFn *fn, BlockId block, OpKind op, uint32_t token);           // the caller fills the rest
void jir_stmt_args(JirFn *fn, JirStmt *stmt, const JirArg *args, uint32_t count); // CALL and its like
void jir_stmt_operands(JirFn *fn, JirStmt *stmt, const OperandId *operands, uint32_t count); // MAKE, MAKE_VARIANT
TypeId jir_place_type(const JirFn *fn, PlaceId place);
JirCallee *jir_callee(Jir *jir, DeclId decl, bool is_trait_method, const TypeId *type_args,
                      uint32_t count); // args copied
// Terminators; each replaces what the block had.
void jir_goto(Jir *jir, JirFn *fn, BlockId block, BlockId target, uint32_t token);
void jir_branch(Jir *jir, JirFn *fn, BlockId block, OperandId condition, BlockId then, BlockId otherwise,
                uint32_t token);
// `targets` has one more item than `values`: the default.
void jir_switch(Jir *jir, JirFn *fn, BlockId block, OperandId value, const uint64_t *values, const BlockId *targets,
                uint32_t count, uint32_t token);
void jir_return(JirFn *fn, BlockId block, uint32_t token);
void jir_panic(JirFn *fn, BlockId block, PanicKind kind, OperandId message, uint32_t token);
void jir_unreachable(JirFn *fn, BlockId block, uint32_t token);
void jir_resume(JirFn *fn, BlockId block, uint32_t unwind, uint32_t token);
// Whether nothing of the statement is left once the function returns: it frees no memory and changes nothing.
bool jir_is_idle(const JirStmt *stmt);
// Whether the statement can end in a panic.
bool jir_may_panic(const Jir *jir, const JirFn *fn, const JirStmt *stmt);
// The block where a panic with this `unwind` first runs code that stands in JIR; the entry (0) if nowhere.
BlockId jir_unwind_target(const JirFn *fn, uint32_t unwind);
// Calls `visit` for each block that may follow, those on the way of a panic included.
typedef void JirVisit(void *context, uint32_t target);
void jir_successors(const JirFn *fn, uint32_t block, JirVisit *visit, void *context);
// Removes blocks that no path from the entry reaches and renumbers the rest.
void jir_prune(Jir *jir, JirFn *fn);

// The type of a projection of a place of type `base`; `variant` is that of the projection before it, if it was one,
// else 0. No type (0) where it cannot be told: an unknown base, or a projection that does not fit.
TypeId jir_projected_type(Program *program, TypeId base, uint32_t variant, const Projection *projection);

// Text form, which jir_parse_fn reads back: printing what was parsed gives the same text.
void jir_print_fn(const Jir *jir, const JirFn *fn, Buffer *out);
// Parses one function from the start of `text` and registers it; `*used` (may be NULL) is how many bytes it took. NULL,
// with the line and the reason in `why`, if it is malformed.
JirFn *jir_parse_fn(Jir *jir, Text text, size_t *used, Buffer *why);

// Whether a function keeps the structural and type rules of JIR; the first broken one is written to `why`. Run after
// each stage in debug builds: a false here is a bug of the stage before.
bool jir_verify(const Jir *jir, const JirFn *fn, Buffer *why);

// Ownership on generic JIR: decides what BIND and TAKE do, and checks moves, initialisation and exclusivity
// (language.md 4). False if it reported errors; the function is then not used further.
bool ir_check_ownership(Jir *jir, JirFn *fn);
// On an instance: makes drops exact. After it DROP means "drop all of this place, now"; FLAG statements and branches
// guard what depends on the path; STORE is left only where an old value is dropped; operands are COPY, MOVE or CONST.
void ir_elaborate_drops(Jir *jir, JirFn *fn);

#endif
