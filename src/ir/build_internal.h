// What the files of build share; nobody else includes this.
#ifndef JANUS_BUILD_INTERNAL_H
#define JANUS_BUILD_INTERNAL_H

#include "astdb/impls.h"
#include "astdb/task_facts.h"
#include "ir/build.h"

// NURSERY: the end of one, BODY: where its body begins, JOIN: where a scope or statement of that begins.
typedef enum {
    ENTRY_NONE,
    ENTRY_LOCAL,
    ENTRY_DEFER,
    ENTRY_ERRDEFER,
    ENTRY_NURSERY,
    ENTRY_BODY,
    ENTRY_JOIN,
    ENTRY_SHIELD
} EntryKind;

// What a way out of the scope has to do. ENTRY_NONE is a temporary that was moved on.
typedef struct {
    EntryKind kind;
    bool is_temp; // ends with its statement, not with its scope
    LocalId local;
    NodeId node;      // of a defer: its statement
    BlockId body;     // of a defer and its like: the copy that a panic runs
    uint32_t cleanup; // number in JirFn.cleanups of it and what lies below, 0 not yet made
} Entry;

typedef struct {
    SymbolId label;
    NodeId node;
    BlockId next, exit;
    uint32_t depth; // entries outside the loop's body
    PlaceId result; // of a loop that is a value
    bool has_break;
} Loop;

typedef struct {
    bool is_lent;     // something that may outlive a call refers to it
    uint32_t nesting; // of the scope it was made in
} LocalState;

// A part of a place that was evaluated ahead: an index, or a base that is no place of variables.
typedef struct {
    NodeId node;
    LocalId index;
    PlaceId place;
} Ready;

// How a variable is accumulated by the tasks of a nursery: as its type merges, or by way of a part that holds it in its
// first field.
typedef enum { ACCUMULATE_NONE, ACCUMULATE_MERGE, ACCUMULATE_TEXT, ACCUMULATE_SUM, ACCUMULATE_PRODUCT } AccumulateKind;
typedef struct {
    NodeId binder;
    LocalId variable;
    LocalId views; // the parts of the tasks
    LocalId own;   // what the body itself adds, since the last task was spawned; none if it adds nothing
    AccumulateKind kind;
    TypeId part; // what std merges: the variable's type, or a struct that holds one
} Accumulated;

// A variable of which each task of the nursery has an element of its own.
typedef struct {
    NodeId binder;
    LocalId variable;
    LocalId lent; // holds its loan until the nursery is joined
    LocalId raw;  // where it lies
    LocalId own;  // what stands for it in the body; none if that does not use it
    TypeId type;
} Disjoint;

// Of a task's closure: the part of what it accumulates that is its own, and the name for what lies in that.
typedef struct {
    LocalId handle;
    NodeId binder;
    AccumulateKind kind; // NONE: not a part, but where the whole lies of which the task has an element
    TypeId part, type;
} TaskPart;

// A nursery whose body is being built. Entries from its NURSERY on stand inside.
typedef struct {
    LocalId nursery, scope; // what its tasks borrow, the second holds
    uint32_t depth;         // index of its NURSERY entry; BODY follows
    uint32_t nesting;       // of its body's own scope
    TypeId error;           // what it may fail with, 0 if it never fails
    PlaceId result;         // error!void, where it may fail
    BlockId end, failed;
    OperandId expired; // the number of its timeout's error
    Accumulated *accumulated;
    uint32_t accumulated_count;
    Disjoint *disjoint;
    uint32_t disjoint_count;
    VecU32 exclusive;        // locals that a task was lent to change
    uint32_t below, abandon; // the last way of a panic that was made to go by the tasks, for what lies below it
} NurseryFrame;

// A handler of catch that is being built.
typedef struct {
    NodeId node;        // its CATCH, which binds the error
    PlaceId trace;      // the mark of the error's return trace; none where the handler raises nothing
    LocalId suppressed; // the errors that came after it; none where nobody asks
} Handler;

typedef struct Build {
    Jir *jir;
    Program *program;
    Types *types;
    Arena *arena; // of the Jir
    ModuleId module;
    const Ast *ast;
    const Facts *facts;
    Subst subst; // of types in facts, while a default value of a generic callee is built
    JirFn *fn;
    const Bound *bounds; // that hold in the function
    uint32_t bound_count;
    TypeId result;
    bool gives_changeable; // the result is lent to be changed; a Slice has no other type for that
    BlockId block;
    bool is_dead; // no path leads here; what is emitted will be pruned
    uint32_t loop_depth;
    uint32_t scope; // of debug information
    uint32_t token;
    bool keep_token; // nodes of another file are being built: the call's token stands for theirs
    VEC(Entry) entries;
    uint32_t visible; // how many entries are still to be left by a panic
    bool is_cleanup;  // on the way of a panic: nothing unwinds there
    uint32_t region;  // entries below this one stand outside the present conditional region
    VEC(Loop) loops;
    VEC(Handler) handlers; // innermost last
    VEC(NurseryFrame) nurseries;
    PlaceId pending;     // a result on its way out, which gives way to the error of a nursery
    bool is_task;        // the closure of a spawn: it may take what it captures
    VEC(TaskPart) parts; // of that
    VecU32 spoilt;       // of the nursery built last, whose failure a `catch` around it handles: see nursery_spoils
    uint32_t spawning;   // index + 1 of the nursery that the closure at hand is spawned in
    VEC(Ready) ready;
    VEC(LocalState) states; // by LocalId
    uint32_t nesting;       // of scopes
    uint32_t node_base, node_end;
    uint32_t *locals; // by NodeId - node_base of a binder: LocalId, 0 none
    MapU64 captured;  // of a closure: binder outside it → LocalId
} Build;

// Types used all the time.
#define T_BOOL(b) type_builtin((b)->types, TY_BOOL)
#define T_I64(b) type_builtin((b)->types, TY_I64)
#define T_VOID(b) type_builtin((b)->types, TY_VOID)

// ---- build_fn.c: functions, closures' frames, facts -----------------------------------------------------------------

TypeId fact_type(Build *b, NodeId n);   // before coercion
TypeId fact_wanted(Build *b, NodeId n); // 0 if there is no conversion
const Resolution *fact_resolution(Build *b, NodeId n);
const Resolution *resolution_at(Build *b, ResolutionId id);
TypeId fact_subst(Build *b, TypeId type);
LocalId local_of(Build *b, NodeId binder);
// A function's frame: begin, result, the parameters in order, captures, body, end.
void frame_begin(Build *b, Jir *jir, DeclId decl, ModuleId module_id, NodeId top);
void frame_result(Build *b, TypeId result);
void frame_param(Build *b, NodeId param, TypeId type, ParamMode mode);
void frame_body(Build *b, NodeId body);
void frame_end(Build *b);

// ---- build_emit.c: blocks, temporaries, statements ------------------------------------------------------------------

const Type *type_of(Build *b, TypeId type);
TypeKind kind_of(Build *b, TypeId type);
bool type_is_void(Build *b, TypeId type); // void and never: no value
bool type_is_plain(Build *b, TypeId type);
bool type_needs_drop(Build *b, TypeId type);
bool type_is_scalar(Build *b, TypeId type); // what BINARY compares

BlockId block_new(Build *b);
void block_start(Build *b, BlockId block); // statements go there from now on; it is reachable
void block_goto(Build *b, BlockId target); // ends the current block, unless no path leads here
void block_end(Build *b);                  // the current block has its terminator
void token_at(Build *b, NodeId n);

JirStmt *emit(Build *b, OpKind op);
void emit_set(Build *b, PlaceId dst, OperandId value); // dst 0: the value is not wanted
void emit_ref(Build *b, PlaceId dst, PlaceId place, bool is_mut);
void emit_make(Build *b, PlaceId dst, const OperandId *items, uint32_t count);
void emit_variant(Build *b, PlaceId dst, uint32_t number, const OperandId *items, uint32_t count);
void emit_switch(Build *b, OperandId value, const uint64_t *values, const BlockId *targets, uint32_t count);
void emit_branch(Build *b, OperandId condition, BlockId yes, BlockId no);
OperandId emit_binary(Build *b, BinaryOp op, TypeId type, OperandId x, OperandId y); // into a new temporary
OperandId emit_tag(Build *b, PlaceId place);
// Goes to `some` where the optional, result or enum at the place holds variant `number`, else to `other`.
void emit_variant_test(Build *b, PlaceId place, uint32_t number, BlockId some, BlockId other);
// Ends a step into an optional: here the item goes into dst, as an optional unless it is one; from `none` null does.
void build_optional_end(Build *b, PlaceId dst, OperandId item, BlockId none, BlockId join);

LocalId local_new(Build *b, TypeId type, LocalMode mode, LocalKind kind);
PlaceId temp_new(Build *b, TypeId type);    // not yet on the stack
void temp_register(Build *b, PlaceId temp); // has its value now: dropped at the end of the statement unless consumed
void temp_forget(Build *b, PlaceId temp);   // it is dropped, or moved on
PlaceId temp_ref(Build *b, TypeId type, bool is_mut); // holds an address
OperandId temp_value(Build *b, PlaceId temp);         // registered and moved
OperandId take(Build *b, PlaceId place);              // COPY of what is plain, else TAKE, MOVE of a whole temporary
OperandId copy(Build *b, PlaceId place);
OperandId spill(Build *b, OperandId value); // into a temporary
OperandId const_int(Build *b, TypeId type, uint64_t value);
OperandId const_bool(Build *b, bool value);
OperandId const_void(Build *b);
OperandId const_text(Build *b, Text text);  // a String
void consume(Build *b, OperandId value);    // a statement takes the value: its temporary needs no drop any more
void mark_mutated(Build *b, PlaceId place); // a capture rooted there has to be lent as mut
void mark_lent(Build *b, PlaceId place);    // its root's end of storage matters

PlaceId place_field(Build *b, PlaceId base, uint32_t index, TypeId type);
PlaceId place_payload(Build *b, PlaceId base, uint32_t number, uint32_t field, TypeId type);
PlaceId place_deref(Build *b, PlaceId base, TypeId type);
PlaceId place_strip(Build *b, PlaceId place);              // what it points to, where its type is a REF
PlaceId place_unbox(Build *b, PlaceId place, TypeId want); // through Boxes (and REFs) until the type is `want`
bool place_is_stable(Build *b, PlaceId place);             // nothing evaluated meanwhile can change it
bool has_effect(Build *b, NodeId n);                       // evaluating it may change a variable
TypeId box_item(Build *b, TypeId type);                    // 0 if it is no Box or Shared
TypeId list_item(Build *b, TypeId type);                   // of a List, Slice or array, else 0
// The type of payload `field` of variant `index` (of an optional 1, of a result 0 or 1).
TypeId payload_type(Build *b, TypeId type, uint32_t index, uint32_t field);

// ---- build_unwind.c: the way of a panic -----------------------------------------------------------------------------

uint32_t unwind_chain(Build *b);                 // what a panic at this point has to leave
void unwind_forget(Build *b, uint32_t index);    // the entry has changed: what was made of those above it is stale
void unwind_push_defer(Build *b, NodeId body);   // registers the defer
uint32_t unwind_below(Build *b, uint32_t count); // the same of the first entries only
uint32_t unwind_step(Build *b, uint32_t chain, BlockId body); // first the block, which ends in RESUME, then the chain
// Begins a block on the way of a panic; statements go there until it ends. `saved` is for the end.
typedef struct {
    BlockId block;
    bool is_dead, is_cleanup;
    uint32_t first, region;
} UnwindMark;
UnwindMark unwind_begin(Build *b, BlockId body);
void unwind_end(Build *b, UnwindMark mark);
void unwind_finish(Build *b); // only statements that can panic keep their way out

// ---- build_scope.c: entries -----------------------------------------------------------------------------------------

typedef struct {
    uint32_t mark, region, debug;
} ScopeMark;

ScopeMark scope_begin(Build *b, NodeId n);                       // n: its extent for debug information, or none
void scope_end(Build *b, ScopeMark mark);                        // emits the way out and forgets the entries
void scope_leave(Build *b, uint32_t depth, bool is_failing);     // emits the way out; the entries stay
bool scope_has_errdefer(Build *b, uint32_t depth);               // among the entries above
void scope_end_result(Build *b, ScopeMark mark, PlaceId result); // where the block's value went into a result
uint32_t statement_begin(Build *b);
void statement_end(Build *b, uint32_t mark); // drops the statement's temporaries; variables stay
LocalId local_declare(Build *b, NodeId binder, SymbolId name, TypeId type, LocalMode mode, LocalKind kind);
void local_register(Build *b, LocalId local); // it has its value now
void build_return(Build *b, bool is_failing); // the return local is set: leaves everything

// ---- expressions ----------------------------------------------------------------------------------------------------

OperandId build_value(Build *b, NodeId n);
OperandId build_stable_value(Build *b, NodeId n, bool later_effects);
PlaceId build_place(Build *b, NodeId n);
PlaceId build_mut_place(Build *b, NodeId n);     // what is lent to be changed
bool is_given_changeable(Build *b, PlaceId dst); // a Slice that is made there is the result, and changed by the caller
void give_changeable(Build *b, PlaceId view);    // the result must be a Slice that may be changed through
bool makes_view(Build *b, NodeId n);             // a place lent as a Slice or a dyn, which a temporary holds
// Evaluates what a place is made of, so that build_place (with its checks) may come after something that changes lists.
// The result is for place_forget, after that.
uint32_t place_prepare(Build *b, NodeId n);
void place_forget(Build *b, uint32_t mark);
const Ready *place_ready(Build *b, NodeId n);
bool place_has_index(Build *b, PlaceId place);
void build_into(Build *b, NodeId n, PlaceId dst); // dst must not be read by n, unless it is a scalar
void build_effect(Build *b, NodeId n);
void build_owned_into(Build *b, NodeId n,
                      PlaceId dst); // a field, argument or result that owns: closures own what they capture
OperandId build_owned_value(Build *b, NodeId n);
void build_branch(Build *b, NodeId n, BlockId yes, BlockId no); // a condition
PlaceId raw_place(Build *b, NodeId n);                          // without the coercion of the node
void raw_into(Build *b, NodeId n, PlaceId dst);
bool node_is_place(Build *b, NodeId n);
OperandId const_number(Build *b, NodeId n, TypeId type, bool is_negative); // of an INT or FLOAT
OperandId node_const(Build *b, NodeId n);                                  // a literal as an operand, 0 if it is none

void coerce_into(Build *b, NodeId n, TypeId want, PlaceId dst);
OperandId raw_value(Build *b, NodeId n); // not a void one
PlaceId coerce_place(Build *b, NodeId n, TypeId want);

// build_call.c
void build_call(Build *b, NodeId n, PlaceId dst);
PlaceId build_call_place(Build *b, NodeId n); // of a call whose result is a REF
TypeId resolution_type(Build *b, const Resolution *res,
                       TypeId type); // of the callee's signature, as it is in this call
// base?.name(…), and x.copy() of an optional x that lends what it holds.
bool is_optional_call(Build *b, NodeId n);
TypeId call_result(Build *b, NodeId n); // 0 if the result is not a REF
JirArg arg_ref(PlaceId place);
JirArg arg_mut(Build *b, PlaceId place);
JirArg arg_value(OperandId value);
JirArg lent_arg(Build *b, NodeId n, bool later_effects); // a borrowed argument
JirArg arg_temp(Build *b, OperandId value);              // a value where a place is lent
void call_lang(Build *b, LangItem item, const TypeId *type_args, uint32_t type_arg_count, const JirArg *args,
               uint32_t count, PlaceId dst);
void call_trait(Build *b, LangItem trait, TypeId self, const JirArg *args, uint32_t count,
                PlaceId dst); // its first method
void call_decl(Build *b, DeclId decl, bool is_trait_method, const TypeId *type_args, uint32_t type_arg_count,
               const JirArg *args, uint32_t count, PlaceId dst);
PlaceId intrinsic(Build *b, IntrinsicId id, const TypeId *type_args, uint32_t type_arg_count, const JirArg *args,
                  uint32_t count, TypeId result, PlaceId dst); // dst 0: into a new temporary; returns where it is
OperandId build_default_value(Build *b, DeclId owner, NodeId value, Subst subst);

// one function or two per construct, named like the nodes
void build_builtin(Build *b, NodeId n, const Resolution *res, NodeId receiver, AstList args, PlaceId dst);
void build_print(Build *b, NodeId n, BuiltinId id, AstList args);
void build_interp(Build *b, NodeId n, PlaceId dst);
void build_display(Build *b, PlaceId writer, PlaceId value);
void build_debug(Build *b, PlaceId writer, PlaceId value);
PlaceId build_index(Build *b, NodeId n);
PlaceId place_index(Build *b, PlaceId base, LocalId index, bool is_checked);
LocalId index_const(Build *b, uint64_t value);
OperandId place_len(Build *b, PlaceId place);
PlaceId slice_whole(Build *b, PlaceId place, bool is_mut);
void build_slice(Build *b, NodeId n, PlaceId dst);
void build_number(Build *b, NodeId n, PlaceId dst); // an integer literal of a type that is no number, maybe negative
void build_binary(Build *b, NodeId n, PlaceId dst);
void build_compare(Build *b, NodeId n, PlaceId dst);
void build_unary(Build *b, NodeId n, PlaceId dst);
void build_cast(Build *b, NodeId n, PlaceId dst);
void build_assign(Build *b, NodeId n);
void build_logic(Build *b, NodeId n, PlaceId dst); // and, or
void build_coalesce(Build *b, NodeId n, PlaceId dst);
void build_opt_field(Build *b, NodeId n, PlaceId dst);
OperandId build_equal(Build *b, PlaceId x, PlaceId y, TypeId type);
void build_block(Build *b, NodeId n, PlaceId dst);
void build_using(Build *b, NodeId n);
void build_statement(Build *b, NodeId n);
void build_let(Build *b, NodeId n);
void build_mut_bind(Build *b, NodeId n);
void bind_place(Build *b, LocalId local, PlaceId place); // as `let` does
// A name for a func that lies in no field and no element may become one for what is only lent.
bool may_be_lent_func(Build *b, PlaceId place);
void build_if(Build *b, NodeId n, PlaceId dst);
void build_cond_let(Build *b, NodeId n, BlockId yes, BlockId no);
// build_poll.c
void poll_round(Build *b); // of a loop, before it goes back
void poll_entry(Build *b);
// Of a loop that counts from `from` to `to`: it is short whatever happens.
bool poll_is_needless(Build *b, OperandId from, OperandId to, NodeId body);
void polls_hold(Build *b, bool on); // around what must not be broken off
void build_while(Build *b, NodeId n, PlaceId dst);
void build_loop(Build *b, NodeId n, PlaceId dst);
// build_task.c
void build_nursery(Build *b, NodeId n, PlaceId dst);
void build_shield(Build *b, NodeId n);
void nursery_spoils(Build *b, const VecU32 *locals);                       // on the way on which the nursery has failed
LocalId suppressed_take(Build *b, NodeId n, NodeId handler, TypeId error); // at the begin of the handler of `catch` n
void build_suppressed(Build *b, NodeId receiver, PlaceId dst);
void shield_leave(Build *b, LocalId shield);
void build_spawn(Build *b, NodeId n, NodeId receiver, AstList args, PlaceId dst);
void build_spawn_isolated(Build *b, NodeId n, NodeId receiver, AstList args, PlaceId dst);
void nursery_step_begins(Build *b, bool is_statement);                         // a scope or statement of a body
uint32_t nursery_chain(Build *b, uint32_t count, uint32_t chain);              // by the tasks of a body that is left
void nursery_leave(Build *b, uint32_t depth, uint32_t index, bool *joined);    // at an entry that is being left
void nursery_fail(Build *b, OperandId error, IntrinsicId trace, PlaceId mark); // the body fails
// How a task of the nursery gets a variable, see captures.c: true if it owns it, else it borrows it.
void capture_take(Build *b, PlaceId place); // a value is wanted of it, in the closure of a task
void captures_settle(Build *b);             // at the end of such a closure
bool capture_is_taken(Build *b, LocalId local, const NurseryFrame *nursery);
// uses.c: how the text of a nursery uses the variables around it
typedef struct {
    NodeId binder, name; // the variable, and where it is named first
} OuterUse;

typedef struct {
    Build *b;
    NodeId nursery;
    uint32_t first;
    uint32_t *parents; // by node - first
    OuterUse *outer;   // the variables from around it, each once
    uint32_t outer_count;
} Uses;
Uses uses_of(Build *b, NodeId nursery);
NodeId uses_parent(const Uses *u, NodeId n);
bool uses_names(const Uses *u, NodeId n, NodeId binder); // it is a name for that variable
NodeId uses_task(const Uses *u, NodeId n);     // the closure spawned by the nursery that it stands in, or none
bool uses_is_dropped(const Uses *u, NodeId n); // nobody looks at its value
// accumulate.c: what tasks only add to
void accumulate_open(const Uses *u, NurseryFrame *f);    // a nursery begins: finds it
void accumulate_merge(Build *b, const NurseryFrame *f);  // the nursery has ended well
const Accumulated *accumulated(Build *b, NodeId binder); // by the closure that is being spawned; NULL if not
// Why what some uses add to is not accumulated, and the use that stands in the way; NONE: it is, or no use adds to it.
CaptureMiss accumulate_miss(const Uses *u, NodeId binder, NodeId *where);
LocalId accumulate_own(Build *b, NodeId binder);            // what stands for it in the body; 0 if nothing does
OperandId accumulate_part(Build *b, const Accumulated *it); // of one more task
void accumulate_capture(Build *b, Build *outer, const Accumulated *it); // the next capture of the task's closure
void accumulate_enter(Build *b);                                        // such a closure begins
bool accumulate_end(Build *b, LocalId local);                           // it ends well: true if the local was a part
// disjoint.c: what each task has an element of
void disjoint_open(const Uses *u, NurseryFrame *f);
// Why that of which a task changes an element is not disjoint. `where` is a use of it, and then the one in the way.
CaptureMiss disjoint_miss(const Uses *u, NodeId binder, NodeId *where);
const Disjoint *disjoint(Build *b, NodeId binder); // by the closure that is being spawned; NULL if not
void disjoint_capture(Build *b, Build *outer, const Disjoint *it);
LocalId disjoint_enter(Build *b, const TaskPart *part);
OperandId duration_value(Build *b, NodeId n); // nanoseconds of a Duration; -1, for ever, where none is written
// build_select.c
void build_select(Build *b, NodeId n);
bool loop_has_no_exit(Build *b); // the innermost one, of this function
void build_for(Build *b, NodeId n, PlaceId dst);
PlaceId build_iterator(Build *b, PlaceId base, const Resolution *iter); // what the method iter gives for the place
void build_jump(Build *b, NodeId n);
void loop_push(Build *b, NodeId n, TokenId label, BlockId next, BlockId exit, PlaceId result);
bool loop_pop(Build *b); // true if there was a break
void build_match(Build *b, NodeId n, PlaceId dst);
// Binds the pattern's names; goes to `fail` where it does not match. fail NULL: the pattern matches everything.
void build_pattern(Build *b, NodeId pattern, PlaceId place, BlockId *fail, bool is_var);
void build_result(Build *b, NodeId n); // into the return local, as ok where the function may fail
void build_fail(Build *b, NodeId n);
// The error leaves the function, or the body of the nursery: its trace goes on from `mark`; without one, `number` says
// how.
void fail_with(Build *b, OperandId error, IntrinsicId number, PlaceId mark);
bool place_is_return(Build *b, PlaceId place);
void build_return_stmt(Build *b, NodeId n);
void build_try(Build *b, NodeId n, PlaceId dst);
PlaceId build_try_place(Build *b, NodeId n);
bool catch_lends(Build *b, NodeId n); // its handler leaves, and its value is a projection
PlaceId build_catch_place(Build *b, NodeId n);
// The kind of a node, where `?.` of what may fail counts as a try and a plain step.
NodeKind step_kind(Build *b, NodeId n);
bool try_result_is_ref(Build *b, NodeId n);
void build_catch(Build *b, NodeId n, PlaceId dst);
void build_compare_errors(Build *b, NodeId n, bool differ, PlaceId dst); // also of different sets
typedef enum {
    CAPTURE_LENT,  // what the closure names is lent to it
    CAPTURE_CHEAP, // what is cheap to copy is its own, unless it changes it
    CAPTURE_KEPT,  // everything is its own: it may outlive what it names
    CAPTURE_TASK,  // of a task of the innermost nursery, see captures.c
} CaptureWay;
void build_closure(Build *b, NodeId n, PlaceId dst, CaptureWay way);
PlaceId build_func_view(Build *b, NodeId n, TypeId want); // a closure or func value, lent as a func value
bool local_is_lent_func(Build *b, const JirLocal *local); // it may be a view, or become one
void func_view_into(Build *b, NodeId n, PlaceId dst);     // into a local with is_view
void func_kept_into(Build *b, NodeId n, PlaceId dst);     // a closure as a func value that owns it
void build_struct_lit(Build *b, NodeId n, PlaceId dst);
void build_tuple(Build *b, NodeId n, PlaceId dst);
void build_list(Build *b, NodeId n, PlaceId dst);
void build_bytes(Build *b, NodeId n, PlaceId dst); // of a list
OperandId const_bytes(Build *b, NodeId n);         // of an array
void build_repeat(Build *b, NodeId n, PlaceId dst);
void build_map(Build *b, NodeId n, PlaceId dst);
void build_range(Build *b, NodeId n, PlaceId dst);
void build_variant(Build *b, const Resolution *res, NodeId n, AstList args, PlaceId dst);
uint32_t variant_number(Build *b, DeclId variant);

#endif
