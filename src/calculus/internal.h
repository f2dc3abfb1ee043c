// What the files of the calculus share.
//   places.c  paths: which parts have a state of their own; what a place goes through
//   state.c   abstract states: paths, flags, facts about loans; how they join
//   owners.c  what is there and what is gone          loans.c  who holds which loan, what ends it
//   types.c   whether types fit                       step.c   statements and terminators
//   judge.c   the walk over a function
#ifndef JANUS_CALCULUS_INTERNAL_H
#define JANUS_CALCULUS_INTERNAL_H

#include "astdb/impls.h"
#include "calculus/calculus.h"

typedef uint64_t Word;

enum { NONE = UINT32_MAX };

// A place that can be there or gone on its own: an owned local, or a part below one.
typedef struct {
    uint32_t local;
    uint32_t parent, child, sibling; // NONE
    ProjKind kind;                   // of its last projection
    uint32_t index;
    TypeId type;
    bool droppable; // a value of the type must be dropped or given away
} Path;

typedef struct {
    PlaceId place; // none: lent to the function by its caller
    bool is_mut;
    uint32_t deref; // projections before the place goes behind a pointer that its root does not own; NONE if it never
                    // does
} Loan;

// A fact: that a node may hold a loan, and whether the loan may have ended. Nodes: the value of a local, and the
// address in a local of a reference mode. The loan 0 says that what the value shows may only be read.
typedef uint64_t Fact;
typedef VEC(Fact) FactList;

enum { LOAN_READS = 0 };

typedef struct {
    bool is_reached;
    Word *bits;
    FactList facts; // ascending
} State;

typedef struct {
    const Jir *jir;
    Program *program;
    const JirFn *fn;
    Arena *arena;
    VEC(Path) paths;
    uint32_t *roots;        // by local: its path
    uint32_t words;         // of a set of paths
    VecU32 flags;           // locals
    uint32_t *flag_numbers; // by local: NONE
    uint32_t flag_words;
    uint32_t state_words;
    bool *holders;  // by local: may hold loans
    bool *declared; // by local: a `let` without a value at its declaration
    VEC(Loan) loans;
    MapU64 loan_ids; // where it is made → index of its Loan
    State *states;   // at the starts of blocks
    uint32_t *order; // blocks in the order of the walk
    uint32_t order_count;
    uint32_t *positions; // by block: in order
    bool *dirty;         // by block
    State now;           // at the statement at hand
    State branch;        // scratch: one way out of a terminator
    uint32_t block, stmt, lends;
    bool content_only; // the trait says that the result does not borrow: it shows at most what the arguments show
    bool failed;
    Buffer *why;
} Judge;

void judge_refuse(Judge *j, const char *rule, const char *format, ...) __attribute__((format(printf, 3, 4)));
void judge_write_place(const Judge *j, PlaceId place, Buffer *out);

// ---- places.c
void places_find(Judge *j); // makes the paths
uint32_t class_of(const Judge *j, TypeId type);
static inline bool is_plain(const Judge *j, TypeId type) {
    return class_of(j, type) & CLASS_PLAIN;
}
static inline TypeKind kind_of(const Judge *j, TypeId type) {
    return type_get(j->program->types, type)->kind;
}
static inline const JirLocal *local_of(const Judge *j, uint32_t local) {
    return &j->fn->locals.items[local];
}
static inline const Projection *projection_of(const Judge *j, const JirPlace *place, uint32_t i) {
    return &j->fn->projections.items[place->first + i];
}
bool is_given(const Judge *j, uint32_t local);  // a parameter or a capture
bool type_borrows(const Judge *j, TypeId type); // values of the type may hold loans
bool is_part(const Judge *j, TypeId base, const Projection *projection);
TypeId base_type(const Judge *j, const JirPlace *place, uint32_t i); // of what the projection i is taken of
// The longest path that the place begins with; `*used` is how many of its projections that takes.
uint32_t place_path(const Judge *j, const JirPlace *place, uint32_t *used);
uint32_t path_next(const Judge *j, uint32_t top, uint32_t path); // below `top`, in preorder; NONE at the end
uint32_t deref_depth(const Judge *j, const JirPlace *place);
bool places_overlap(const Judge *j, const JirPlace *a, const JirPlace *b);
bool is_whole_reference(const Judge *j, PlaceId place); // a whole local of a reference mode
// What the function would have to leave to someone is its own: it must be gone at the end.
bool is_ours(const Judge *j, uint32_t local);

// ---- state.c
static inline uint32_t words_of(uint32_t bits) {
    return (bits + 63) / 64;
}
static inline bool has(const Word *set, uint32_t bit) {
    return set[bit / 64] >> (bit % 64) & 1;
}
static inline void put(Word *set, uint32_t bit, bool value) {
    Word mask = (Word)1 << (bit % 64);
    set[bit / 64] = value ? set[bit / 64] | mask : set[bit / 64] & ~mask;
}
// Sets over paths: may be there, may be gone, may need its drop.
static inline Word *there_of(const Judge *j, const State *s) {
    return (void)j, s->bits;
}
static inline Word *gone_of(const Judge *j, const State *s) {
    return s->bits + j->words;
}
static inline Word *needs_of(const Judge *j, const State *s) {
    return s->bits + 2 * j->words;
}
void state_prepare(Judge *j);
bool state_join(Judge *j, State *into, const State *from);
void state_copy(Judge *j, State *into, const State *from);
void state_set_path(Judge *j, State *s, uint32_t path, bool there, bool needs); // this path alone
void state_set_flag(Judge *j, State *s, uint32_t flag, bool value);
bool state_flag_may_be(const Judge *j, const State *s, uint32_t flag, bool value);
void state_assume_flag(Judge *j, State *s, uint32_t flag, bool value);
static inline Fact fact(uint32_t node, uint32_t loan, bool ended) {
    return (Fact)node << 40 | (Fact)loan << 1 | ended;
}
static inline uint32_t fact_node(Fact f) {
    return (uint32_t)(f >> 40);
}
static inline uint32_t fact_loan(Fact f) {
    return (uint32_t)(f >> 1) & 0x7fffffff;
}
static inline bool fact_ended(Fact f) {
    return f & 1;
}
void facts_add(FactList *facts, Fact f);

// ---- owners.c
void owners_begin(Judge *j);
void owners_read(Judge *j, PlaceId place);  // the place is there, as a whole
void owners_shell(Judge *j, PlaceId place); // the place itself is there; parts of it may be gone
void owners_move(Judge *j, PlaceId place);
void owners_set(Judge *j, PlaceId place, bool owns); // a constant owns nothing: it may be dropped or left
void owners_store(Judge *j, PlaceId place, bool owns);
void owners_drop(Judge *j, PlaceId place);
void owners_live(Judge *j, uint32_t local);
void owners_dead(Judge *j, uint32_t local);
void owners_leave(Judge *j, const State *s, bool by_panic);
void owners_gone(Judge *j, State *s, uint32_t path);   // the path is gone as a whole
void owners_settle(Judge *j, State *s, uint32_t path); // what the values above it need, after it is gone
void owners_assume_variant(Judge *j, State *s, uint32_t path, uint32_t variant); // it holds this variant
// The memory of a Box whose content is gone: read to be freed later by who is set to it, or freed.
bool owners_take_box(Judge *j, const JirStmt *stmt);
bool owners_free_box(Judge *j, const JirStmt *stmt);

// ---- loans.c
static inline uint32_t node_value(uint32_t local) {
    return local * 2;
}
static inline uint32_t node_address(uint32_t local) {
    return local * 2 + 1;
}
typedef enum { ACCESS_READS, ACCESS_CHANGES, ACCESS_REPLACES } Access; // REPLACES: what lies behind pointers stays

typedef struct {
    PlaceId place;
    bool repoints; // the local takes an address
    FactList value, address;
} Target;

void loans_begin(Judge *j);
void loans_use(Judge *j, PlaceId place); // who is used holds no loan that has ended
void loans_access(Judge *j, PlaceId place, Access access);
void loans_end_storage(Judge *j, uint32_t local, bool ends); // its storage ends, or its address is replaced
void loans_return(Judge *j);
bool loans_repoint(const Judge *j, const JirStmt *stmt);
bool loans_may_change(Judge *j, PlaceId place);                 // else refused
void loans_stmt(Judge *j, const JirStmt *stmt, Target *target); // what the target will hold
void loans_hold(Judge *j, Target *target);
// The arguments of a call are lent at the same time: each is added, then the call uses them all.
void loans_lend(Judge *j, const JirArg *arg);
void loans_call(Judge *j);

// ---- types.c
void types_stmt(Judge *j, const JirStmt *stmt);
void types_term(Judge *j, const JirTerm *term);

// ---- step.c
void step_stmt(Judge *j, const JirStmt *stmt);
void step_term(Judge *j, const JirTerm *term);
void judge_flow(Judge *j, uint32_t block, const State *state); // the state arrives at the block

#endif
