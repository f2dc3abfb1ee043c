// own: what the parts of the ownership check and of the drop pass share.
//
// Ideas. A statement is a run of accesses: what it does to which place, in order; its uses come before its definition.
// Move paths are the places that can be uninitialised or moved on their own: a local, or fields, payloads, constant
// indices and Box contents below it; they are numbered in preorder, so what lies below a path is a range. Analyses are
// sets of bits over paths (initialisation, later use), holders (locals that borrow) and loans.
//   own_access.c  statements → accesses          own_paths.c  move paths, what stands in the way of a move
//   own_init.c    what is initialised where      own_live.c   what is used later
//   own_bind.c    decides BIND and TAKE          own_loans.c  loans, who holds them, where they matter
//   own_values.c  who lends to whom              own_check.c  conflicts
//   own_spoil.c   what a nursery that failed leaves
//   own_func.c    kept and lent func values      own_lent.c   which func values may be copied
//   own_report.c  messages                       drops.c      exact drops, after all is decided
#ifndef JANUS_OWN_H
#define JANUS_OWN_H

#include "astdb/impls.h"
#include "ir/flow.h"
#include "ir/jir.h"

typedef enum {
    ACCESS_READ, // copied, or only looked at
    ACCESS_LET,  // lent
    ACCESS_MUT,  // lent mut
    ACCESS_TAKE, // moved or copied: not decided yet
    ACCESS_BIND, // moved, copied or lent: not decided yet
    ACCESS_MOVE,
    ACCESS_SET,     // initialised
    ACCESS_STORE,   // assigned
    ACCESS_REPOINT, // a local of a reference mode gets an address
    ACCESS_DROP,
    ACCESS_LIVE,
    ACCESS_DEAD,
} AccessKind;

typedef struct {
    uint8_t kind; // AccessKind
    bool exact;   // the place is its path; else it lies below it
    bool whole;   // it may overlap each part of its path: it is exact, or goes on by an index
    bool is_global;
    uint32_t root; // local
    uint32_t path; // the longest move path that the place begins with, NO_PATH if its root has none
    PlaceId place;
    OperandId operand; // of TAKE, MOVE and the READ of an operand
} Access;

enum { NO_PATH = UINT32_MAX };

typedef struct {
    uint32_t local;
    uint32_t parent; // NO_PATH of a local
    uint32_t child, sibling;
    uint32_t end;  // paths below it: (itself, end)
    ProjKind kind; // of its last projection
    uint32_t index;
    TypeId type;
} MovePath;

// Why a place cannot be moved out of.
typedef enum {
    OBSTACLE_NONE,
    OBSTACLE_NURSERY,  // tasks stand in lists of it
    OBSTACLE_BORROWED, // its root is lent to this function, or a projection
    OBSTACLE_CAPTURE,  // captured by a closure that may be called again
    OBSTACLE_CONSTANT,
    OBSTACLE_ELEMENT, // of a list, slice, or array at an index that is not constant
    OBSTACLE_SHARED,  // what a Shared holds
    OBSTACLE_DEREF,   // behind a reference or a raw pointer
    OBSTACLE_DROP,    // a part of a value whose type has Drop
} Obstacle;

enum { NO_DEREF = UINT32_MAX };

typedef struct {
    PlaceId place;
    bool is_mut;
    bool reported;
    uint32_t deref; // how many projections of the place come before it goes behind a pointer: what lies above that may
                    // end or change without hurting the loan; NO_DEREF if it never does
    uint32_t block;
    uint32_t stmt; // where it was made, see Own.first_stmt
} Loan;

typedef struct {
    uint32_t node, loan;
} Held;

typedef struct {
    uint8_t kind; // UseFault
    uint32_t block, number, path;
    Access access;
} Fault;

typedef struct {
    uint32_t from, to;
    bool reaches; // what is written through `to` may arrive where the loans of `from` are, too
    bool reads;   // where `from` only reads what it shows, so does `to`
} Edge;

typedef enum { BIND_COPY, BIND_MOVE, BIND_REF } BindChoice;

typedef struct {
    Jir *jir;
    Program *program;
    JirFn *fn;
    Arena *arena; // of this function's check
    Flow flow;
    uint32_t *first_stmt; // by block: the number of its first statement; the terminator counts as the last one
    uint32_t stmt_count;
    uint32_t *first_access; // by statement number, and one more
    VEC(Access) accesses;
    // move paths
    VEC(MovePath) paths;
    uint32_t *local_paths; // by local
    VecU32 numbers;        // types that are parameters bound by Number
    Word *declared;        // locals: a `let` that gets its value later, once
    bool for_drops;        // what is dropped has a path, too
    VecU32 panic_locals;   // of for_drops: those that a panic drops where they have a value
    Word *in_chain;        // scratch, of for_drops: locals, see own_find_in_chain
    uint32_t chain_words;  // of in_chain: the drop pass adds locals that no chain has
    Word *caught;          // scratch, of for_drops: the state on a way out that a nursery may end; NULL: there is none
    // initialisation: three sets over paths: may be initialised, may be not yet set, may be moved away
    uint32_t path_words;
    VEC(Fault) faults;
    Word *init; // states at the starts of blocks, 3 * path_words each
    // later use
    Word *later;    // at the ends of blocks, over paths
    Word *later_in; // at their starts
    // borrows
    uint32_t *holders;    // by local: number of the holder plus 1
    VecU32 holder_locals; // by holder
    Word *holder_live;    // at the ends of blocks
    uint32_t holder_words;
    VEC(Loan) loans;
    Word *lent_roots; // locals that loans are rooted in
    uint32_t loan_words;
    uint32_t *first_loan; // by block: its loans lie together, in order of their statements
    VEC(Held) first_held; // what statements give to nodes. Nodes: holder * 2 for its value, + 1 for its address
    VEC(Edge) edges;      // what the first node holds, the second may hold
    bool is_changeable;   // what flows now may change what it shows, whatever it comes from
    VecU32 readers;       // nodes that were given something to read only: views there must not be used to change things
    Word *held;           // by node: the loans it may hold
    Word *reached;        // by node: those of them where what is written through it may arrive
    Word *loan_holders;   // by loan: the holders that may hold it
    Word *loan_states;    // at the starts of blocks: loans that matter
    Word *live_after;     // scratch: holders, for each statement of one block
    bool content_only; // the trait's method does not say that its result borrows: it may only show what the parameters
                       // themselves show, as callers who know only the trait count on
    // decisions
    uint8_t *choices; // by statement: BindChoice of a BIND
    uint8_t *demoted; // by statement: 1 its move would hurt a loan: copy or lend; 2 its copy would: lend
    Word *lent_funcs; // locals through which a func value may be reached that owns nothing, see own_lent.c
    bool again;       // something was decided that others depend on: decide once more
    uint32_t errors;
    bool has_bad_move; // reported: what is made of it follows from that
    Word *reported;    // locals with a report: what else is wrong with them only follows
} Own;

// ---- ownership.c
// The class of a type in this function: a parameter bound by Number stands for a number, which is plain.
uint32_t own_class(const Own *own, TypeId type);

// ---- own_access.c
void own_collect_accesses(Own *own);
// Whether the statement gives a local of a reference mode an address (rather than writing through it).
bool own_repoints(const Own *own, const JirStmt *stmt);
// The parameter that an argument is given for, from this one on: parameters `T: type` have none.
uint32_t own_next_param(const Own *own, const Signature *signature, uint32_t param);
bool own_type_borrows(const Own *own, TypeId type); // values of the type may hold a borrow
static inline JirStmt *own_stmt(const Own *own, uint32_t block, uint32_t number) {
    return &own->fn->blocks.items[block].stmts.items[number - own->first_stmt[block]];
}
static inline uint32_t own_end(const Own *own, uint32_t block) { // number of the terminator
    return own->first_stmt[block] + own->fn->blocks.items[block].stmts.count;
}
static inline TypeKind own_kind(const Own *own, TypeId type) {
    return type_get(own->program->types, type)->kind;
}

// ---- own_paths.c
void own_build_paths(Own *own);
void own_find_path(const Own *own, const JirPlace *place, Access *access);
void own_find_in_chain(const Own *own, uint32_t chain);  // in_chain: the locals that the chain of cleanups drops
bool own_drops_on_panic(const Own *own, uint32_t local); // it is this function's to drop
Obstacle own_obstacle(const Own *own, const JirPlace *place);
bool own_has_drop_impl(const Own *own, TypeId type); // the type itself, not a part of it

// ---- own_init.c
void own_solve_init(Own *own);
uint32_t own_unwind(const Own *own, uint32_t block, uint32_t number); // of a statement or the terminator
// Applies one access to a state.
void own_apply_init(const Own *own, const Access *access, Word *state);
static inline bool own_may_be_init(const Own *own, const Word *s, uint32_t p) {
    return (void)own, bit_get(s, p);
}
static inline bool own_may_be_unset(const Own *own, const Word *s, uint32_t p) {
    return bit_get(s + own->path_words, p);
}
static inline bool own_may_be_moved(const Own *own, const Word *s, uint32_t p) {
    return bit_get(s + 2 * own->path_words, p);
}
void own_check_init(Own *own);

// ---- own_live.c
void own_solve_later(Own *own);
void own_apply_later(const Own *own, const Access *access, Word *state);
typedef void LaterVisit(void *context, uint32_t index, Access *access);
// Applies the accesses of a statement backwards; `visit` (may be NULL) sees each before it is applied.
void own_apply_later_stmt(const Own *own, uint32_t block, uint32_t number, Word *state, const FlowEdges *edges,
                          LaterVisit *visit, void *context);
void own_solve_holders(Own *own);
void own_apply_holders_stmt(const Own *own, uint32_t block, uint32_t number, Word *state);

// ---- own_bind.c
void own_decide(Own *own);      // collects the accesses, too
void own_check_moves(Own *own); // reports moves that nothing allows
void own_commit(Own *own);      // writes the decisions into the function

// ---- own_loans.c
void own_solve_loans(Own *own);
bool own_is_content_only(const Own *own);
void own_flow_values(Own *own); // builds the loans, the nodes' first holdings and the edges
typedef void LoanVisit(Own *own, uint32_t block, uint32_t number, const Word *before, const Word *after);
// Calls `visit` for every statement and terminator with the loans that matter before and after it.
void own_visit_loans(Own *own, LoanVisit *visit);
uint32_t own_holder_node(const Own *own, uint32_t local); // of its value; NO_PATH if it holds nothing

// ---- own_check.c
void own_demote(Own *own);      // finds moves and copies of bindings that would hurt a loan but need not be
void own_check_loans(Own *own); // reports conflicts
void own_check_arguments(Own *own);
void own_check_readers(Own *own); // reports changes through views that only read
void own_check_shared(Own *own);  // reports changes of what a Shared holds
bool own_places_overlap(const Own *own, const JirPlace *a, const JirPlace *b);

// ---- own_spoil.c
void own_check_spoilt(Own *own); // reports uses of what a nursery that failed may have left half changed

// ---- own_func.c
void own_check_funcs(Own *own); // reports kept closures that borrow, and func values replaced that are only lent

// ---- own_lent.c
void own_find_lent_funcs(Own *own);
bool own_is_lent_func(const Own *own, PlaceId place); // it may be a view
bool own_is_cheap(const Own *own, PlaceId place);     // its value may be copied silently
void own_mark_lent_captures(const Own *own);          // tells closures which of their captures are such funcs
void own_check_copied_funcs(Own *own);                // reports calls that may copy such funcs

// ---- drops.c
void own_rewrite_drops(Own *own);

// ---- own_report.c
typedef enum { USE_MOVED, USE_UNSET, USE_PART_MOVED, ASSIGN_TWICE } UseFault;
void own_report_uses(Own *own); // the faults, in order of the source, one for each local
void own_report_move(Own *own, Obstacle obstacle, uint32_t block, uint32_t number, PlaceId place);
void own_report_conflict(Own *own, uint32_t loan, uint32_t block, uint32_t number, const Access *access);
// Arguments of one call that overlap: `changed` is lent mut or given away, `lent` is the other one.
typedef enum { OVERLAP_GIVEN, OVERLAP_MUT, OVERLAP_BOTH_MUT } Overlap;
void own_report_arguments(Own *own, uint32_t block, uint32_t number, PlaceId changed, PlaceId lent, Overlap overlap);
void own_report_returned(Own *own, uint32_t loan, uint32_t block);
void own_report_reader(Own *own, uint32_t block, uint32_t number, const Access *access);
void own_report_kept(Own *own, uint32_t block, uint32_t number, PlaceId closure, const JirLocal *capture);
void own_report_replaced(Own *own, uint32_t block, uint32_t number, PlaceId place);
void own_report_func_copied(Own *own, uint32_t block, uint32_t number, PlaceId place);
void own_report_shared(Own *own, uint32_t block, uint32_t number, const Access *access);
void own_report_spoilt(Own *own, uint32_t block, uint32_t number, const Access *access, uint32_t nursery); // its token
void own_report_own_storage(Own *own, uint32_t loan);
void own_report_view_copy(Own *own, uint32_t block, uint32_t number, const Access *access);

#endif
