// janus-gen: random well-typed Janus programs with deterministic output, for comparing back ends.
//
// Ideas. Every type that a program uses gets two helpers: make_tN builds a value from a number, digest_tN folds one
// into a number; so any expression can be had and any value be observed. Numbers stay below LIMIT, so that nothing
// overflows by chance. What may be moved, lent or changed is tracked variable by variable as the ownership rules have
// it, with the same caution on each way through a branch or loop: what is generated must be accepted.
//
// With tasks (task.h) only main prints. Everything else folds what it would print into a variable, so that what is
// printed depends on everything that was computed, and not on when.
#ifndef JANUS_GEN_H
#define JANUS_GEN_H

#include "base/base.h"

enum {
    LIMIT = 1009,
    MAX_TYPES = 96,
    MAX_SHAPES = 16,
    MAX_FIELDS = 4,
    MAX_VARIANTS = 4,
    MAX_FUNCS = 24,
    MAX_PARAMS = 4,
    MAX_VARS = 200
};

typedef enum {
    KIND_INT,
    KIND_BOOL,
    KIND_FLOAT,
    KIND_STRING,
    KIND_LIST,
    KIND_OPTION,
    KIND_TUPLE,
    KIND_STRUCT,
    KIND_ENUM,
    KIND_MAP,
    KIND_BOX,
    KIND_CELL, // Cell[T], a generic struct of the program
} Kind;

typedef struct {
    Kind kind;
    const char *name; // INT
    int a, b;         // parts: items, tuple parts
    int shape;        // STRUCT, ENUM
    bool cheap;       // copied silently
    bool has_drop;    // a part prints when it is dropped: never copied
    bool has_eq;
} GenType;

typedef struct {
    bool is_enum, is_noisy; // noisy: has a Drop that prints, or with tasks checks
    int type;
    int variant_count; // of an enum; a struct has one
    int field_counts[MAX_VARIANTS];
    int fields[MAX_VARIANTS][MAX_FIELDS];
} GenShape;

typedef enum { PASS_BORROW, PASS_MUT, PASS_OWN } Pass;

typedef struct {
    int param_count, params[MAX_PARAMS];
    Pass passes[MAX_PARAMS];
    int result;
    bool can_fail;
} GenFunc;

typedef struct {
    char name[16];
    int type;
    bool owned; // else it is only borrowed
    bool mutable;
    bool moved;
    int locked;      // lent: it can be read only
    int hidden;      // lent to be changed: it cannot be used
    int loop_depth;  // where it was declared
    bool is_closure; // a func(i64) -> i64; type is unused
} Var;

typedef struct GenTasks GenTasks; // task.h

typedef struct {
    uint64_t state;
    GenTasks *tasks; // NULL in sequential programs
    bool full; // many functions, a long main; most programs are small: as many faults are found in a fraction of the
               // time
    Buffer out;
    int indent;
    GenType types[MAX_TYPES];
    int type_count, helpers_done;
    GenShape shapes[MAX_SHAPES];
    int shape_count;
    GenFunc funcs[MAX_FUNCS];
    int func_count;
    Var vars[MAX_VARS];
    int var_count;
    int next_name;
    int seen; // with tasks: the variable `seen…` of the function or task
    int loop_depth;
    int fuel;         // statements left in the function
    GenFunc *current; // one of funcs, or of a task; NULL in main
    bool in_closure;
    int i64_type, bool_type, string_type, float_type;
} Gen;

// ---- base (gen_base.c)
uint32_t pick(Gen *g, uint32_t count); // 0 … count - 1
bool chance(Gen *g, uint32_t percent);
void put(Gen *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
void line(Gen *g, const char *format, ...) __attribute__((format(printf, 2, 3))); // indented, with its newline
void open_line(Gen *g);                                                           // only the indentation
Var *var_new(Gen *g, int type, bool owned, bool mutable);
// A usable variable that fits, or NULL. type -1: any.
typedef bool (*VarTest)(const Gen *g, const Var *v);
Var *var_find(Gen *g, int type, VarTest test);
bool var_readable(const Gen *g, const Var *v);
bool var_movable(const Gen *g, const Var *v);
bool var_changeable(const Gen *g, const Var *v);

// ---- types (gen_types.c)
void types_init(Gen *g);
int type_random(Gen *g, int depth);
int type_of(Gen *g, Kind kind, int a, int b);
void type_name(Gen *g, int type);
void shapes_write(Gen *g);
void helpers_write(Gen *g); // for all types so far; may be called again

// ---- expressions (gen_expr.c): each writes one, of a value of one's own
void expr(Gen *g, int type, int depth);
void expr_int(Gen *g, int depth); // an i64 within (-LIMIT, LIMIT)
void expr_bool(Gen *g, int depth);
void expr_borrow(Gen *g, int type, int depth); // for a parameter that borrows
void expr_digest(Gen *g, int depth);           // of some variable

// ---- statements (gen_stmt.c)
void statements(Gen *g, int count);
void block(Gen *g, int statements);
void func_write(Gen *g, int index);
void main_write(Gen *g);
void leave_function(Gen *g); // a statement that does

#endif
