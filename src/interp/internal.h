// What the files of the interpreter share.
#ifndef JANUS_INTERP_INTERNAL_H
#define JANUS_INTERP_INTERNAL_H

#include <setjmp.h>

#include "astdb/impls.h"
#include "interp/interp.h"
#include "rt/task.h"

typedef unsigned __int128 U128;
typedef __int128 I128;

// ---- memory (memory.c) ---------------------------------------------------------------------------------------------

typedef enum {
    SHADOW_NONE, // not allocated
    SHADOW_FREED,
    SHADOW_DEAD,  // a local outside its LIVE … DEAD
    SHADOW_EMPTY, // no value yet
    SHADOW_MOVED, // the value was moved out or dropped
    SHADOW_VALUE,
    SHADOW_FIXED, // a value in read-only data
} Shadow;

// Stands before each heap block and each literal.
typedef struct Block {
    struct Block *prev, *next; // live blocks; or the quarantine, or a free list
    uint64_t size, room;       // asked for; of the whole slot
    uint32_t align;
    uint32_t site_fn, site_token; // where it was allocated
    uint32_t state;               // BLOCK_…
    uint32_t offset;              // from the start of the slot to this header
    uint32_t region;              // index + 1 of the allocator it was taken from, 0 the heap
    int64_t place;                // in the buffer, of a REGION_FIXED
} Block;

typedef enum { BLOCK_LIVE = 0x4c495645, BLOCK_FREED = 0x46524545, BLOCK_FIXED = 0x46495845 } BlockState;

typedef struct {
    uint8_t *base, *shadow; // `size` bytes each
    uint64_t *history;      // by word of memory: who changed it last and when, see alias.c
    uint32_t *tags;         // by word: the tag of the address that is stored there
    uint64_t size;
    uint64_t stack_size; // the stack is at the start
    uint64_t root_size;  // of that: of who runs main
    uint64_t next;       // first byte never used by the heap
    Block live;          // ring of live blocks
    Block quarantine;    // ring of freed ones, oldest first
    uint64_t quarantine_bytes;
    Block *free_lists[256]; // by class of room
    uint64_t live_count;
} Memory;

// ---- aliasing (alias.c) --------------------------------------------------------------------------------------------

typedef uint32_t Tag; // of an address: the number of the loan that made it
enum {
    TAG_OWNER = 0,                // what belongs to a local by itself
    TAG_BEHIND = (int)0x80000000, // with the number of a loan: what is owned by what was lent
};
#define TAG_UNTRACKED UINT32_MAX // memory that nobody has borrowed

typedef struct {
    uint8_t *base;
    uint32_t size;
    Tag parent;         // it was lent on from this
    Tag owner;          // the loan of what owns the memory it lies in, 0 none
    uint32_t fn, token; // where it was made
    bool is_mut;
    bool is_whole; // of a local: it has its words for itself
    bool is_split; // several tasks have parts of it
} Loan;

typedef enum { DEREF_POINTER, DEREF_ITEM, DEREF_CONST_ITEM, DEREF_BOX } DerefKind; // ITEM: of a list

typedef struct {
    uint8_t *p; // of the pointer
    Tag tag;    // by which it was reached
    DerefKind kind;
} Owner;

enum { OWNERS_MAX = 3 };

typedef struct { // a place that was reached
    uint8_t *p;
    Tag tag;
    bool is_whole; // a whole local
    uint8_t owner_count;
    Owner owners[OWNERS_MAX]; // on the way to it, outermost first
} Spot;

// ---- code (decode.c) -----------------------------------------------------------------------------------------------

typedef enum { STEP_OFFSET, STEP_DEREF, STEP_INDEX, STEP_VARIANT } StepKind;
typedef struct {
    StepKind kind;
    uint32_t slot;            // INDEX: frame offset of the index; VARIANT: its number
    uint64_t value;           // OFFSET: bytes; INDEX: stride; DEREF: DerefKind
    const TypeLayout *layout; // VARIANT
} Step;

typedef enum { ADDR_NONE, ADDR_FRAME, ADDR_REF, ADDR_PATH, ADDR_GLOBAL } AddrKind;
typedef struct {
    AddrKind kind;
    DerefKind deref; // REF: of its pointer
    bool is_private; // FRAME: of a local that is never lent
    bool is_whole;   // FRAME: a whole local
    uint32_t slot;   // FRAME, REF, PATH: frame offset where it begins
    uint32_t offset; // REF: bytes from what the slot points to
    uint32_t step_count;
    const Step *steps; // PATH, GLOBAL: from there on
    DeclId constant;   // GLOBAL
} Addr;

typedef enum { SCALAR_NONE, SCALAR_SIGNED, SCALAR_UNSIGNED, SCALAR_FLOAT, SCALAR_POINTER } ScalarKind;

typedef struct { // what the interpreter needs of a type
    ScalarKind scalar;
    uint8_t bits; // of integers and floats: 1 for bool
    bool is_plain;
    uint32_t align;
    uint64_t size;
    TypeId id;
} ValueType;

typedef struct {
    bool is_const, is_move;
    bool is_raw;    // a raw pointer
    bool is_view;   // a copy of a view
    bool is_broken; // a move of a part of a value with Drop
    Addr addr;
    ValueType type;
    uint64_t low, high;   // CONST scalars
    const uint8_t *bytes; // CONST aggregates: their image
} Value;

typedef struct {
    ArgKind kind;
    Value value;
    Addr addr;     // REF, MUT_REF
    uint64_t size; // of the lent place
} Arg;

typedef struct Code Code;
typedef struct TaskState TaskState;

// What is known of a statement that tasks are concerned with (task.c).
// What the runtime is given as a location, and what stands there for the interpreter.
typedef struct {
    JnLocation at;
    Span span;
} Located;

typedef struct TaskSite {
    struct Interp *in;
    Located place;
    uint64_t size; // of its type argument: a result, an item, an error
    uint32_t align;
    JirFnId run, drop, drop_closure, print;
    ValueType closure;
    JnTaskCode code;
    JnErrorSet errors;
} TaskSite;

typedef struct {
    uint8_t op; // OpKind, or OP_COUNT + TermKind
    uint8_t sub;
    bool to_slot;  // dst is the address in a reference local, not what it refers to
    bool converts; // SET: to an error, or a result, of another size
    bool overlaps; // the operands may read what dst writes; LIVE: of a local that is lent
    bool is_once;  // dst is a `let` that is declared without a value
    bool is_owner; // a raw pointer stored in dst is not a borrow: the value owns what it points to
    uint32_t number;
    uint32_t token;
    Addr dst, place;
    ValueType dst_type, place_type;
    Value a, b;
    Arg *args;
    Value *items;
    uint32_t count;
    const TypeLayout *layout; // MAKE, MAKE_VARIANT, TAG, LEN
    TypeId type_a, type_b;    // INTRINSIC: type arguments
    JirFnId callee;
    Code *code;        // of the callee, once known
    uint32_t *targets; // instruction numbers
    const uint64_t *values;
    uint32_t unwind; // instruction where a panic goes, 0 if it leaves the function
    TaskSite *site;
} Ins;

typedef struct {
    uint32_t offset;
    uint64_t size;
    bool has_live; // has LIVE and DEAD statements
    bool is_lent;
} Slot;

struct Code {
    const JirFn *fn;
    Ins *ins;
    uint32_t ins_count;
    Slot *slots;       // by LocalId; captures have none
    uint32_t env_slot; // has_env
    uint32_t frame_size;
    uint8_t *shadow; // of a fresh frame
    uint64_t result_size;
};

// ---- the machine (interp.c, exec.c) --------------------------------------------------------------------------------

typedef struct {
    Code *code;
    const Ins *at; // the call that waits, or the statement at work
    uint8_t *frame;
    uint8_t *dropped; // a drop's place, whose bytes are gone afterwards
    uint64_t dropped_size;
    bool repeat; // the caller's statement runs again after this call
} Frame;

typedef struct {    // a drop for later
    uint8_t *bytes; // a heap block
    uint64_t size;
    JirFnId drop; // takes an environment and the address
} PutOff;

typedef struct {
    uint8_t *address; // of the constant's value, NULL until known
    bool is_busy;
} Constant;

enum { TRACE_ENTRIES = 64 };
typedef struct {
    uint64_t number, previous; // numbers count from 1; 0: the trace begins here
    uint64_t root;             // the number where it began, 0 if that is not known
    Span at, origin;
    uint64_t length;
} TraceEntry;

// An allocator that the program made. It gives blocks as the heap does and keeps the counts; what a real one does with
// its chunks cannot be seen, but for where a buffer of a fixed size is full.
typedef struct {
    int64_t kind, limit; // a RegionKind; FIXED: how many bytes; POOL: of a slot
    int64_t at;          // FIXED: where the next object begins
    int64_t bytes, objects;
    bool is_gone;
    // CUSTOM: the function that is asked, and what with; the region its own memory comes from; objects to be given back
    uint64_t code, state;
    uint32_t around;
    int64_t waiting;
    bool is_busy, has_ended;
} Region;
typedef enum { REGION_ARENA = 1, REGION_POOL = 2, REGION_FIXED = 3, REGION_CUSTOM = 4 } RegionKind;
enum { REGION_STATE = 5, REGION_LEND = 6 }; // calls of region_call that only a custom one has

typedef struct { // an object of a custom region
    const uint8_t *at;
    int64_t size;
    uint32_t region;
    bool is_waiting; // to be given back when the source has time
} Owned;

typedef enum { END_RETURN = 1, END_EXIT, END_PANIC } EndKind; // of longjmp

// What belongs to what runs: of a task, while another one runs, it lies in its state (task.c).
typedef struct {
    VEC(Frame) frames;
    uint8_t *stack_next, *stack_end, *frame; // first free byte; where the stack ends; the innermost frame
    jmp_buf *catcher;                        // of the innermost loop: where a panic starts to unwind
    // drops of recursive types, put off
    uint32_t drop_depth;
    VEC(PutOff) put_off;
    uint8_t *kept; // bytes of the value that is being dropped, to be freed after
    uint64_t kept_size;
    uint32_t region; // number of the current allocator, 0 the heap
} Running;

typedef struct Interp {
    Jir *jir;
    Program *program;
    Arena *arena;
    InterpOptions options;
    Memory memory;
    Code **codes; // by JirFnId
    Running now;
    TaskState *tasks; // of the root task, once there are tasks
    TaskState *over;
    uint8_t *next_chunk; // of the stack: for the next task
    VecU32 free_chunks;
    uint64_t steps;
    jmp_buf end;
    bool unwinding;
    int exit_code;
    Buffer out;       // standard output, buffered
    MapU64 constants; // DeclId → index into constant_items
    VEC(Constant) constant_items;
    uint32_t constants_begun; // that are being made: no task comes between
    VEC(uint8_t *) tables;    // by index into jir->tables, NULL until used
    MapU64 literals;          // hash of a literal's bytes → address is in literal_items
    uint32_t code_count;      // of codes
    bool evaluating;          // only a constant is wanted: a panic is a diagnostic
    Buffer failure;           // its text
    VEC(Region) regions;      // allocators, by number - 1
    VEC(Owned) owned;
    uint32_t panics_end; // more than 0: a panic ends the program at once
    uint64_t seed;
    int64_t clocks_then[3]; // what the clocks said when tasks began under a seed: from then on time is theirs
    Loan *loans;            // the latest ones, by tag
    uint32_t loan_count;    // made so far
    bool alias_off;         // numbers are used up
    Spot spot;              // of the last address_of
    Tag value_tag;          // of the last pointer that value_scalar gave
    struct {
        TraceEntry ring[TRACE_ENTRIES];
        uint64_t count, newest;
    } trace;
    void *locals;  // of a program whose tasks have not begun
    MapU64 places; // module and token of a line of the program that waits in std → index into user_places
    VEC(Located *) user_places;
} Interp;

int64_t region_call(Interp *in, int64_t code, int64_t x, int64_t y); // as jn_allocator of the runtime
// Custom regions. NULL where the source has no memory.
bool region_is_custom(Interp *in, uint32_t number);
uint8_t *custom_alloc(Interp *in, uint32_t number, int64_t size, int64_t align);
bool custom_release(Interp *in, const uint8_t *p);   // false: it is of none
uint32_t custom_owner(Interp *in, const uint8_t *p); // 0: none
int64_t custom_call(Interp *in, int64_t code, int64_t x, int64_t y);
uint8_t *region_alloc(Interp *in, uint32_t region, int64_t size, int64_t align);
uint8_t *region_resize(Interp *in, uint8_t *p, int64_t old, int64_t size, int64_t align);
// The same, but NULL where there is no memory.
uint8_t *region_try_resize(Interp *in, uint8_t *p, int64_t old, int64_t size, int64_t align);
void region_release(Interp *in, uint8_t *p, int64_t size);
// Where the program is.
Span interp_span(Interp *in);
// Reports an error that reached main, and ends the run.
void interp_main_error(Interp *in, Text error);
void trace_begin(Interp *in, Span at);
void trace_resume(Interp *in, uint64_t mark, Span at);
uint64_t trace_root(Interp *in, uint64_t mark);
Span trace_origin(Interp *in, uint64_t mark);
void trace_write(Interp *in, uint64_t mark, Buffer *out);

void *memory_reserve(uint64_t size); // zeroes, which cost nothing until they are written; NULL if there is no room
void memory_unreserve(void *p, uint64_t size);
bool memory_init(Memory *m, uint64_t stack_bytes);
void memory_free(Memory *m);
uint8_t *memory_alloc(Interp *in, uint64_t size, uint64_t align, BlockState state);
void memory_release(Interp *in, uint8_t *p, uint64_t size);
Block *memory_block_at(const Memory *m, const uint8_t *p); // the block that starts here, NULL if none does
Block *memory_block_of(const Memory *m, const uint8_t *p); // the block that contains the byte
void memory_check_leaks(Interp *in);

static inline uint8_t *shadow_of(const Interp *in, const uint8_t *p) {
    return in->memory.shadow + (p - in->memory.base);
}
// Each ends the run with a violation if it may not be.
void memory_check(Interp *in, const uint8_t *p, uint64_t size, uint32_t align);      // may be accessed at all
void memory_check_read(Interp *in, const uint8_t *p, uint64_t size, uint32_t align); // every byte has a value
enum { LENT_BYTES_LOOKED_AT = 256 }; // and marked, of a large value, so that lending it costs little
static inline uint64_t lent_bytes(uint64_t size) {
    return size < LENT_BYTES_LOOKED_AT ? size : LENT_BYTES_LOOKED_AT;
}
void memory_check_lent(Interp *in, const uint8_t *p, uint64_t size, uint32_t align); // alive, nothing in it moved out
void memory_will_write(Interp *in, uint8_t *p, uint64_t size, uint32_t align);       // and marks it as having a value
void memory_move_bytes(Interp *in, uint8_t *to, const uint8_t *from, uint64_t size, uint32_t align); // with the shadow
void memory_empty(Interp *in, uint8_t *p, uint64_t size, uint32_t align); // writable, without a value
void memory_set_moved(Interp *in, uint8_t *p, uint64_t size);
void memory_copy_raw(Interp *in, uint8_t *to, const uint8_t *from, uint64_t size); // with the shadow, whatever it is

Code *decode(Interp *in, JirFnId id);
ValueType value_type(Interp *in, TypeId type);

bool interp_init(Interp *in, Jir *jir, InterpOptions options);
void interp_done(Interp *in);
void interp_write(Interp *in, int64_t fd, Text text);
// Runs a function without parameters to its end. Its result stays where it is until interp_clear_result.
uint8_t *interp_call(Interp *in, JirFnId fn);
void interp_clear_result(Interp *in, const Code *code, uint8_t *result);
// Runs until the frame count is back at `depth`.
void interp_loop(Interp *in, uint32_t depth);
// Runs a function of glue to its end: `env` is the address of what it captured, `argument` that of its one parameter,
// NULL if it has none.
void interp_run_glue(Interp *in, Code *code, uint8_t *env, uint8_t *argument);
Frame *interp_push(Interp *in, Code *code);
uint8_t *address_of(Interp *in, const Addr *addr); // in->spot tells the rest
Spot spot_of(Interp *in, const Addr *addr);
void spot_follow(Interp *in, Spot *spot, DerefKind kind);      // its tag and owners, beyond the pointer that lies there
U128 value_scalar(Interp *in, const Value *value);             // sign- or zero-extended; floats as bits
void value_store(Interp *in, const Value *value, uint8_t *to); // of any type, moves included
void store_scalar(Interp *in, uint8_t *to, const ValueType *type, U128 value);
U128 load_scalar(Interp *in, const uint8_t *from, const ValueType *type);
uint64_t layout_read_tag(Interp *in, const TypeLayout *layout, const uint8_t *p);

U128 scalar_wrap(const ValueType *type, U128 value); // the low bits, extended as a loaded value is
void exec_unary(Interp *in, const Ins *ins);
void exec_binary(Interp *in, const Ins *ins);
void exec_cast(Interp *in, const Ins *ins);
// True if the statement has pushed a frame.
bool exec_intrinsic(Interp *in, const Ins *ins);
const uint8_t *place_of(Interp *in, const Ins *ins, uint32_t i); // where an argument lies that is a whole value
int64_t service_call(Interp *in, int64_t code, int64_t a, int64_t b, int64_t c);
void service_stop_clocks(Interp *in); // tasks begin
int64_t service_call_ptr(Interp *in, int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m);
int64_t service_socket(Interp *in, int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m);
int64_t service_io_wait(Interp *in, int64_t descriptor, int64_t how, int64_t timeout, const JnLocation *at);
void service_io_await(Interp *in, int64_t descriptor, const JnLocation *at);
int64_t service_io_close(Interp *in, int64_t descriptor);
void interp_flush(Interp *in);
uint8_t *interp_literal(Interp *in, const void *bytes, uint64_t size);
uint8_t *constant_address(Interp *in, DeclId decl);
// Makes a constant's value, and what it owns, read-only: no String in it has an owner that could be counted.
void constant_freeze(Interp *in, uint8_t *p, TypeId type);
Span interp_frame_span(Interp *in, const Frame *frame); // of the statement at work; file 0 in glue

int64_t float_format(double x, int64_t precision, int64_t form, char *out);
double float_parse(const char *text, int64_t size, bool *ok);
double float_op(int64_t code, double x);
double float_op2(int64_t code, double x, double y);

uint64_t alias_bytes(void);                                               // of Interp.loans
void alias_check(Interp *in, Tag tag, const uint8_t *p, uint64_t size);   // a read
void alias_change(Interp *in, const Spot *spot, uint64_t size);           // may be called after the bytes are there
void alias_forget(Interp *in, uint8_t *p, uint64_t size);                 // memory is given out
void alias_begin(Interp *in, uint8_t *p, uint64_t size);                  // the life of a local begins
Tag alias_lend(Interp *in, const Spot *spot, uint64_t size, bool is_mut); // REF, an argument, a capture, a slice
Tag alias_project(Interp *in, Tag tag, uint8_t *p, uint64_t size, bool is_mut); // from a raw pointer

void alias_copy_view(Interp *in, uint8_t *p, uint64_t size); // the value at p is a copy of a view: it is lent on

// Addresses keep their tags on the stack, where views lie. What is stored in memory that was asked for, such as the
// links of a tree, belongs to the owner of that.
static inline bool is_owned_memory(const Interp *in, const uint8_t *p) {
    return p >= in->memory.base + in->memory.stack_size;
}
static inline void alias_read(Interp *in, Tag tag, const uint8_t *p, uint64_t size) {
    uint64_t at = (uint64_t)(p - in->memory.base);
    bool one_word = size <= 8 && at < in->memory.size && at % 8 + size <= 8;
    if (tag == TAG_UNTRACKED || (tag == TAG_OWNER && one_word && (Tag)in->memory.history[at / 8] == TAG_OWNER))
        return;
    alias_check(in, tag, p, size);
}
static inline void alias_write(Interp *in, const Spot *spot, uint64_t size) {
    if (spot->tag != TAG_UNTRACKED || spot->owner_count)
        alias_change(in, spot, size);
}

// The tag of what is reached through a pointer without one that was read by `tag`.
static inline Tag tag_behind(Tag tag) {
    return tag == TAG_OWNER || tag == TAG_UNTRACKED ? TAG_OWNER : tag | (Tag)TAG_BEHIND;
}
static inline Tag *stored_tag(const Interp *in, const uint8_t *p) {
    return in->memory.tags + (p - in->memory.base) / 8;
}

// The function's name and the line, for a message.
void interp_describe_site(Interp *in, uint32_t fn, uint32_t token, Buffer *text);
_Noreturn void interp_panic(Interp *in, PanicKind kind);
_Noreturn void interp_panic_text(Interp *in, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void interp_overflow(Interp *in); // the stack is full: ends the run without unwinding
_Noreturn void interp_violation(Interp *in, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void interp_exit(Interp *in, int code);

// ---- tasks (task.c)
TaskSite *task_site(Interp *in, const JirFn *fn, const JirStmt *stmt);
void exec_task(Interp *in, const Ins *ins);
void exec_atomic(Interp *in, const Ins *ins);
void tasks_stop(Interp *in);
bool tasks_panic(Interp *in); // the running task begins to leave for a panic; false: it was leaving already

// ---- dyn (dyn.c)
static inline bool dyn_is(const Interp *in, TypeId type) {
    return type_get(in->program->types, type)->kind == TY_DYN;
}
void dyn_ref(Interp *in, const Ins *ins); // REF of in->spot: its value becomes a dyn, or is one that is lent on
void dyn_lend(Interp *in, uint8_t *to, bool is_mut, bool is_drop); // the dyn whose words are at in->spot
void dyn_project(Interp *in, const Ins *ins);                      // ptr_ref and ptr_mut of a pointer to a dyn
void dyn_box(Interp *in, const Ins *ins);                          // a Box becomes one of a dyn
void dyn_method(Interp *in, const Ins *ins, int64_t slot);
// Of the dyn, or the pointer to one, that is the first argument: the address of the value (its tag is in->value_tag), a
// word of the table.
uint8_t *dyn_value(Interp *in, const Ins *ins);
uint64_t dyn_word(Interp *in, const Ins *ins, int64_t slot);
uint32_t dyn_table(Interp *in, const uint8_t *words); // index into jir->tables

// The first word of a func value.
static inline uint64_t function_word(JirFnId fn) {
    return (uint64_t)0x4a4e << 48 | fn.v;
}
static inline JirFnId function_of_word(Interp *in, uint64_t word) {
    if (word >> 32 != (uint64_t)0x4a4e << 16 || (uint32_t)word >= in->jir->fns.count)
        interp_violation(in, "called what is no function");
    return (JirFnId){(uint32_t)word};
}

#endif
