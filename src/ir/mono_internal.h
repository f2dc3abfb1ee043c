// What the files of mono share.
#ifndef JANUS_MONO_INTERNAL_H
#define JANUS_MONO_INTERNAL_H

#include "astdb/impls.h"
#include "ir/mono.h"

typedef enum {
    GLUE_DROP,
    GLUE_DROP_DEEP, // drops behind pointers, bounded in depth
    GLUE_COPY,
    GLUE_EQ,
    GLUE_HASH,
    GLUE_DEBUG,
    GLUE_VARIANT_NAME,
    GLUE_REPEAT, // an array of copies of one value
    GLUE_ORD,
    GLUE_DEFAULT,
    GLUE_TO_JSON,
    GLUE_FROM_JSON,
    GLUE_DYN_DROP,      // in the table of a dyn
    GLUE_TASK,          // of the type of a closure: what a task runs
    GLUE_TASK_ISOLATED, // of a tuple of that and the Outcome that it gives
} GlueKind;

// What an impl or the compiler provides for one use of a trait's method.
typedef enum {
    TARGET_NONE,
    TARGET_FN,      // `decl` with `args`
    TARGET_BUILTIN, // the compiler's own, `trait` for `self`
    TARGET_DYN,     // through the table of a dyn
} TargetKind;

typedef struct {
    TargetKind kind;
    DeclId decl;
    const TypeId *args;
    uint32_t arg_count;
    DeclId trait;
    TypeId self;
} Target;

struct Mono {
    Jir *jir;
    Program *program;
    Types *types;
    MonoDemand demand;
    void *context;
    bool failed;
    MapU64 instances;  // declaration and tuple of arguments → JirFnId
    MapU64 closures;   // closure type → JirFnId
    MapU64 glue;       // GlueKind and type → JirFnId
    MapU64 shims;      // JirFnId → JirFnId of the function that takes an environment and ignores it
    MapU64 dyn_calls;  // method and dyn type → JirFnId
    MapU64 entries;    // method and concrete type → JirFnId of what stands in tables
    MapU64 tables;     // concrete and dyn type → index into jir->tables
    MapU64 symbols;    // hash of a name → how often it was given
    MapU64 constants;  // DeclId of a used constant
    MapU64 sizes;      // TypeId → the bits of a float: about how large a value is
    MapU64 too_deep;   // declarations whose endless instantiation is reported
    VEC(JirFnId) work; // instances in order of their discovery; those from `next` on are still to be lowered
    uint32_t next;
    VecU32 parents;   // by JirFnId: the instance that asked for it first
    VecU32 asked_at;  // likewise: the token there
    uint32_t current; // the one being lowered
    uint32_t token;   // of what is being lowered in it
    VecU32 used_constants;
    VecU8 type_facts; // by TypeId
    struct {
        uint32_t clone;
        TypeId from, to;
    } subst_cache[256]; // of the clone that is being made
    uint32_t clone;
};

// ---- instances (mono.c)
JirFnId mono_instance(Mono *mono, DeclId decl, const TypeId *args, uint32_t count);
JirFnId mono_closure(Mono *mono, TypeId closure);
JirFnId mono_shim(Mono *mono, JirFnId target, TypeId func_type);
JirFnId mono_glue(Mono *mono, GlueKind kind, TypeId type);
void mono_use_constant(Mono *mono, DeclId decl);
void mono_add(Mono *mono, JirFn *fn, const char *symbol); // a new instance into the worklist

// ---- errors of instances (mono_report.c)

// Reports a type parameter that stands for what is lent where the body keeps its values.
void mono_refuse_lent(Mono *mono, DeclId decl, Subst subst);
// The first place of an error that only an instance shows: where the program asks for the instance that is being
// lowered, outside of generic code and of std; `place` if it does so nowhere.
Span mono_origin(const Mono *mono, Span place);
// Notes of how the generic functions between there and the instance hand on what they are used with.
void mono_note_way(const Mono *mono, Report *report);

// ---- traits (mono_resolve.c)
Target mono_resolve(Mono *mono, DeclId method, const TypeId *args, uint32_t count);
// The instance that drops, or copies, a value of the type: an impl's function where that is all there is to do.
JirFnId mono_drop_fn(Mono *mono, TypeId type);
JirFnId mono_drop_deep_fn(Mono *mono, TypeId type); // for values behind pointers
JirFnId mono_copy_fn(Mono *mono, TypeId type);
DeclId mono_trait_method(Mono *mono, LangItem trait); // the first method a trait declares
bool mono_is_recursive(Mono *mono, TypeId type);      // dropping it may drop another of its kind, behind a pointer

// What the runtime is told of tasks beside the statement itself (mono_task.c): appended to its arguments.
void mono_task(Mono *mono, JirFn *fn, JirStmt *stmt);

// ---- dyn (mono_dyn.c)
uint32_t mono_table(Mono *mono, TypeId type, TypeId dyn);       // index into jir->tables
uint32_t mono_super_word(Mono *mono, TypeId dyn, TypeId super); // see JirStmt.number
// A function that calls a method of the trait, the dyn's or one that extends, through the table.
JirFnId mono_dyn_call(Mono *mono, DeclId method, TraitRef trait, TypeId dyn);

// Counts through the parts of a value: mono_next_part is false after the last.
typedef struct {
    uint32_t variant, field, variants;
} PartWalk;

// ---- cloning and lowering
JirFn *mono_clone(Mono *mono, const JirFn *from, Subst subst); // mono_clone.c
void mono_lower(Mono *mono, JirFn *fn);                        // mono_lower.c
void mono_follow_flags(JirFn *fn, Arena *arena);               // mono_flags.c
// Reports a local whose value would be larger than memory; false then.
bool mono_check_sizes(Mono *mono, const JirFn *fn);                         // mono_size.c
bool mono_next_part(Mono *mono, TypeId type, PartWalk *walk, TypeId *part); // the parts that lie within a value

// ---- names (mono_symbol.c)
const char *mono_symbol(Mono *mono, DeclId decl, const TypeId *args, uint32_t count);
const char *mono_symbol_closure(Mono *mono, DeclId outer, Subst subst);
const char *mono_symbol_unique(Mono *mono, Text name);
const char *mono_symbol_glue(Mono *mono, GlueKind kind, TypeId type);

// ---- glue (glue.c and one file for each kind)
typedef struct {
    Mono *mono;
    Jir *jir;
    JirFn *fn;
    BlockId block; // where statements go
} Glue;

void glue_make(Mono *mono, JirFn *fn, GlueKind kind, TypeId type);
void glue_drop(Glue *g, TypeId type);
void glue_drop_deep(Glue *g, TypeId type);
void glue_copy(Glue *g, TypeId type);
void glue_repeat(Glue *g, TypeId type);
void glue_eq(Glue *g, TypeId type);
void glue_hash(Glue *g, TypeId type);
void glue_debug(Glue *g, TypeId type);
void glue_variant_name(Glue *g, TypeId type);
void glue_ord(Glue *g, TypeId type);
void glue_default(Glue *g, TypeId type);
void glue_to_json(Glue *g, TypeId type);
void glue_from_json(Glue *g, TypeId type);
bool glue_json_writes(const Mono *mono, DeclId method); // of Json's two methods, the one that writes
void glue_dyn_drop(Glue *g, TypeId type);               // mono_dyn.c
void glue_drop_dyn(Glue *g, PlaceId self);
void glue_task(Glue *g, TypeId closure); // glue_task.c
void glue_task_isolated(Glue *g, TypeId pair);

TypeId glue_type(const Glue *g, TypeKind kind);
LocalId glue_local(Glue *g, TypeId type, LocalMode mode, LocalKind kind);
// The return local and the first parameters, as a glue function of this shape has them.
void glue_signature(Glue *g, TypeId result);
PlaceId glue_param(Glue *g, TypeId type, LocalMode mode);
PlaceId glue_temp(Glue *g, TypeId type);
PlaceId glue_field(Glue *g, PlaceId base, uint32_t field, TypeId type);
PlaceId glue_payload(Glue *g, PlaceId base, uint32_t variant, uint32_t field, TypeId type);
PlaceId glue_item(Glue *g, PlaceId base, PlaceId index, TypeId type);
OperandId glue_copy_of(Glue *g, PlaceId place);
OperandId glue_move_of(Glue *g, PlaceId place);
OperandId glue_int(Glue *g, TypeKind kind, uint64_t value);
PlaceId glue_result(Glue *g); // where the function's result goes
void glue_set(Glue *g, PlaceId dst, OperandId value);
void glue_make_variant(Glue *g, PlaceId dst, uint32_t variant, const OperandId *items, uint32_t count);
void glue_binary(Glue *g, BinaryOp op, PlaceId dst, OperandId a, OperandId b);
void glue_tag(Glue *g, PlaceId dst, PlaceId of);
void glue_call(Glue *g, JirCallee *callee, PlaceId dst, const JirArg *args, uint32_t count);
// A trait's method for `self` (mono resolves it when the glue is lowered).
void glue_call_trait(Glue *g, LangItem trait, TypeId self, PlaceId dst, const JirArg *args, uint32_t count);
void glue_drop_place(Glue *g, PlaceId place);
BlockId glue_block(Glue *g);
BlockId glue_cleanup_block(Glue *g);                           // on the way of a panic
BlockId glue_resume_block(Glue *g);                            // where a panic leaves the function
void glue_drop_unwind(Glue *g, PlaceId place, BlockId unwind); // drops it; a panic in that goes to `unwind`
// `rest` is where a panic goes; from now on it drops what was made before it does.
void glue_drop_on_panic(Glue *g, PlaceId made, BlockId *rest);
// Where a panic goes that finds the items of the result below the index made: drops them from the last one on.
BlockId glue_drop_made(Glue *g, PlaceId index, TypeId item);
void glue_goto(Glue *g, BlockId target); // ends the block; the next statements need a new one
void glue_return(Glue *g);
// Switches over the variants of the value: makes a block for each and returns them; ends the current block.
BlockId *glue_switch(Glue *g, PlaceId value, uint32_t count);
// A loop over 0 … count - 1: afterwards statements go into its body; glue_loop_end closes it.
typedef struct {
    PlaceId index;
    BlockId head, after;
} GlueLoop;
GlueLoop glue_loop(Glue *g, uint64_t count);
void glue_loop_end(Glue *g, GlueLoop loop);

#endif
