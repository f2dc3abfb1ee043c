// What the files that check bodies share (check_call.c, check_match.c …). Nothing outside of them includes this.
//
// Ideas. check_expr goes down the tree with what is wanted and comes back with the type; conversions are recorded where
// the value arises (Facts.wanted). Inference variables live for one body; at its end every fact is resolved and what is
// still unknown is reported at its origin. Sets of `!T` are solved afterwards: a body leaves its variants, the
// functions whose sets it includes, and the checks that need whole sets, and settle.c closes them over all bodies
// reached.
#ifndef JANUS_SEMA_BODY_H
#define JANUS_SEMA_BODY_H

#include "sema/internal.h"

typedef enum {
    BIND_LET,
    BIND_VAR,
    BIND_MUT,
    BIND_PARAM,
    BIND_MUT_PARAM,
    BIND_OWN_PARAM,
    BIND_LOOP,
    BIND_CATCH
} BindKind;

typedef struct Local {
    SymbolId name;
    NodeId binder;
    TypeId type;
    Span span;
    BindKind kind;
    uint32_t frame;  // depth of the function or closure it belongs to
    uint32_t body;   // which body it belongs to: bodies nest where a constant is checked on demand
    uint32_t hidden; // the local of the same name that it hides, plus 1
    bool is_blamed;  // a change of it was reported: later ones only follow from its declaration
    bool is_used;    // its value is asked for: an assignment to it does not count
    bool is_changed; // assigned, or lent to be changed
} Local;

// Why a type is wanted: for the note of a mismatch.
typedef enum {
    WHY_NONE,
    WHY_ANNOTATION,  // of a let, var or const; span: the type
    WHY_RESULT,      // of the function; span: its result type
    WHY_VOID_RESULT, // the function has no result type; span: its name
    WHY_ARGUMENT,    // decl: the function, index: the parameter
    WHY_FIELD,       // decl: the field
    WHY_ASSIGN,      // span: the place
    WHY_CONDITION,
    WHY_BRANCH,  // span: the first branch's value
    WHY_ITEM,    // span: the first item
    WHY_OPERAND, // span: the other operand
    WHY_BREAK,   // span: the first break with a value
    WHY_HANDLER, // of a catch, of ??: span: the value it stands in for
    WHY_INDEX,
    WHY_CLOSURE, // result of a closure; span: where it is said
} WhyKind;

enum { LENT_NO, LENT_READ, LENT_MUT };

typedef struct Want {
    TypeId type; // 0: none
    WhyKind why;
    Span span;
    DeclId decl;
    uint32_t index;
    bool is_hint;    // preferred, not required
    bool is_dropped; // the value is not used: a statement
    uint8_t lent;    // LENT_…: an argument by borrow or mut: lists, arrays and slices, and Box contents, pass
} Want;

// A set of errors that is being inferred: of a function `!T`, a test or a closure.
typedef struct ErrorSet {
    DeclId decl;     // 0 of a closure
    VecU32 variants; // DeclIds, unsorted, maybe repeated
    VecU32 included; // functions whose inferred sets belong to it
} ErrorSet;

typedef struct LoopFrame {
    struct LoopFrame *outer;
    SymbolId label;
    TypeId type;    // of break values so far; 0: none yet
    Span type_span; // of the first break with a value
    const Want *want;
    bool has_break;
    bool is_loop; // `loop`: may break with a value
} LoopFrame;

// A function or a closure inside it.
typedef struct Frame {
    struct Frame *outer;
    uint32_t depth;
    NodeId closure; // none of the function itself
    TypeId result;  // wanted of `return`; 0 where it is inferred
    Span result_span;
    TypeId full_result; // RESULT(E, T) where the function can fail; else 0
    TypeId declared;    // its declared error set E; 0 if none
    ErrorSet *set;      // where the set is inferred, else NULL
    LoopFrame *loop;
    VecU32 captures; // binder NodeIds
    bool changes_captures;
    TypeId returned; // of a closure without a known result: type of its returns so far
    Span returned_span;
    uint32_t defer_depth;   // inside a defer
    const char *defer_word; // of the innermost: "a `defer`" or "an `errdefer`"
    bool misses_return;     // reported already
    bool gives_changeable;  // the result is `mut T`
    NodeId last;            // the operand of `return`, or what a body ends with: its result may be handed on
    uint32_t nursery_depth; // inside the body of a nursery
} Frame;

// A nursery whose body is being checked, and where the errors of its tasks go.
typedef struct NurserySite {
    struct NurserySite *outer;
    NodeId node;
    Frame *frame;
    ErrorSet *set; // of the frame while it is checked
    TypeId declared;
} NurserySite;

// What must hold once more is known.
typedef struct Obligation {
    TypeId type;
    const Bound *bound; // as declared
    TypeId trait_args;  // of its trait, substituted
    DeclId callee;      // whose bound it is
    Span span;          // the caller's line
    TypeId callable;    // of a callable bound: the FUNC type, substituted
    TypeId *args;       // without a bound: the callee's type arguments, of which none may hide a loan
} Obligation;

typedef enum { LATER_COVERS, LATER_MATCH, LATER_BOUND, LATER_EQUAL, LATER_FUNC } LaterKind;
typedef struct Later {
    LaterKind kind;
    DeclId decl;  // the body it belongs to
    NodeId node;  // the `?`, the match …
    TypeId given; // COVERS: the set that occurs; BOUND: the type
    TypeId set;   // COVERS: the declared set
    Span span, because;
    DeclId callee;      // BOUND: whose bounds …
    const TypeId *args; // … for these type arguments
} Later;

// Shared by all bodies of a session.
struct SemaBodies {
    VEC(Local) locals;
    uint32_t *heads; // by SymbolId: index of the innermost local of that name, plus 1
    uint32_t head_count;
    uint8_t *states; // by DeclId, BodyState
    uint32_t state_count;
    uint32_t depth;       // bodies being checked right now
    uint32_t body_next;   // numbers bodies
    VecU32 queue;         // DeclIds whose error sets or inferred bounds are asked for
    VEC(ErrorSet *) sets; // not frozen yet
    VEC(Later) later;
    Infer *infer; // reused from body to body
};

typedef enum { BODY_UNSEEN, BODY_QUEUED, BODY_IN_WORK, BODY_DONE, BODY_FAILED } BodyState;

typedef struct Body {
    Sema *sema;
    Program *program;
    Types *types;
    Arena *arena;
    struct SemaBodies *shared;
    Env env;
    ModuleId module;
    const Ast *ast;
    Facts *facts;
    DeclId decl;
    Infer *infer;
    Frame *frame;
    uint32_t number;
    uint32_t first_resolution;
    bool uses_poison;     // of a constant whose own body has the error
    bool is_const;        // an initialiser of a constant
    NurserySite *nursery; // innermost
    NodeId spawned;       // the closure that becomes a task
    VEC(Obligation) obligations;
    VecU32 matches;  // MATCH nodes and other places whose coverage is judged at the end
    VEC(Local) idle; // nothing reads or changes them, judged at the end (unused.c)
} Body;

// ---- helpers --------------------------------------------------------------------------------------------------------

static inline TypeId builtin(const Body *b, TypeKind kind) {
    return type_builtin(b->types, kind);
}
static inline TypeId poison(const Body *b) {
    return type_builtin(b->types, TY_POISON);
}
static inline const Type *type_of(const Body *b, TypeId id) {
    return type_get(b->types, id);
}
static inline bool same_type(TypeId a, TypeId b) {
    return a.v == b.v;
}
static inline Span span_of(const Body *b, NodeId n) {
    return ast_span(b->ast, n);
}
static inline Span main_span(const Body *b, NodeId n) {
    return ast_main_span(b->ast, n);
}
static inline NodeKind kind_of(const Body *b, NodeId n) {
    return ast_kind(b->ast, n);
}
static inline TokenKind op_of(const Body *b, NodeId n) {
    return ast_token_kind(b->ast, ast_token(b->ast, n));
}
static inline SymbolId name_of(const Body *b, NodeId n) {
    return ast_symbol(b->ast, ast_token(b->ast, n));
}

// The outermost variable followed, projections taken off.
TypeId shallow(Body *b, TypeId type);
TypeId shallow_keep(Body *b, TypeId type);   // projections kept
TypeKind kind_of_type(Body *b, TypeId type); // of shallow(type)
TypeId full_type(Body *b, TypeId type);      // all variables followed, associated types normalized
TypeId first_arg(Body *b, TypeId type);      // args[0] of a shallow type
bool is_poison(Body *b, TypeId type);
TypeId fresh(Body *b, Span origin);
TypeId optional_of(Body *b, TypeId type); // ?T; a ?T stays as it is
const char *show(Body *b, TypeId type);   // as the user would write it
const char *show_trait(Body *b, TraitRef trait);
const char *cstr(Body *b, SymbolId name);
const char *source_text(Body *b, Span span);

#define REPORT(b, code, span, ...) diag_report((b)->program->diags, DIAG_##code, (span), __VA_ARGS__)

// ---- body.c, settle.c -----------------------------------------------------------------------------------------------

struct SemaBodies *bodies_of(Sema *sema);
void body_open(Body *b, Sema *sema, DeclId decl); // without locals: for reading facts
void body_close(Body *b);
void body_want(struct SemaBodies *shared,
               DeclId decl); // its inferred set or bounds are needed: to be checked before settling
void settle(Sema *sema);     // all wanted bodies are checked: closes sets, runs what was put off
TypeId const_type(Body *b, DeclId decl, Span use);
Resolution *resolve(Body *b, NodeId n, RefKind kind); // the node's new resolution; the caller fills the rest
const TypeId *keep_types(Body *b, const TypeId *types, uint32_t count); // a copy in the arena

// ---- error sets (check_error.c) -------------------------------------------------------------------------------------

bool is_error_type(Body *b, TypeId type);
void set_include(Body *b, ErrorSet *set, TypeId error);
// The variants that can occur; false while some function's set is not known yet.
bool error_known(Sema *sema, TypeId error, const DeclId **variants, uint32_t *count);
void require_comparable(Body *b, NodeId n, TypeId left, TypeId right); // the errors beside == or !=
// A function that fails with `given` stands for one that fails with `set`.
void require_same_errors(Body *b, NodeId n, TypeId given, TypeId set);
void require_same_errors_now(Sema *sema, Span at, TypeId given, TypeId set);
void require_comparable_now(Sema *sema, Span at, TypeId given, TypeId other);
void require_covers(Body *b, NodeId node, TypeId given, TypeId set, Span because);
void require_covers_now(Sema *sema, Span at, TypeId given, TypeId set, Span because);
TypeId error_set_type(Types *types, Arena *arena, const uint32_t *variants, uint32_t count); // sorts, drops repeats
// Adds what the included functions can fail with, checking their bodies first; false within a call cycle.
bool errors_reached(Body *b, ErrorSet *set);
bool propagate(Body *b, NodeId node, TypeId error); // what `?` and fail do with a set
TypeId check_try(Body *b, NodeId n, const Want *want);
TypeId check_catch(Body *b, NodeId n, const Want *want);
TypeId check_fail(Body *b, NodeId n);
void report_unhandled(Body *b, NodeId n, TypeId result); // a fallible value where a plain one is needed

// ---- scope.c --------------------------------------------------------------------------------------------------------

uint32_t scope_mark(Body *b);
void scope_pop(Body *b, uint32_t mark);
void scope_names_once(Body *b, uint32_t mark, uint32_t from);
Local *scope_add(Body *b, SymbolId name, NodeId binder, Span span, TypeId type, BindKind kind);
Local *scope_find(Body *b, SymbolId name); // captures it where it belongs to an outer function

void unused_note(Body *b, const Local *local); // at the end of its scope
void unused_report(Body *b);                   // at the end of the body

typedef enum {
    PATH_VALUE,   // an ordinary expression
    PATH_ERROR,   // reported
    PATH_UNKNOWN, // a name that means nothing
    PATH_LOCAL,
    PATH_FUNC,
    PATH_CONST,
    PATH_PARAM_VALUE, // decl, type: a constant parameter
    PATH_TYPE,
    PATH_TRAIT,
    PATH_TRAIT_METHOD, // Trait.name: a method, which the value that it is called on says more of
    PATH_MODULE,
    PATH_VARIANT,
    PATH_ASSOC, // type.name, where name is no variant: an associated function
    PATH_BUILTIN,
} PathKind;

typedef struct Path {
    PathKind kind;
    Local *local;
    DeclId decl;
    ModuleId module;
    TypeId type;   // TYPE, VARIANT, ASSOC: the type; its open parameters are fresh variables
    SymbolId name; // ASSOC
    BuiltinId builtin;
    const TypeId *args; // explicit type arguments of a FUNC or ASSOC
    uint32_t arg_count;
    bool is_applied; // TYPE: it has its arguments
} Path;

Path path_of(Body *b, NodeId n);
void report_on_trait(Body *b, NodeId n); // Trait.name, where no value says which type's function is meant
// A member of a module or type: PATH_UNKNOWN if there is none. Reports nothing.
Path path_member_quietly(Body *b, const Path *base, SymbolId name);
// What the type of a struct literal or pattern names; `hint` (may be 0): the type whose variants need no qualification.
Path shape_path(Body *b, NodeId n, TypeId hint);
TypeId type_from_expr(Body *b, NodeId n);           // an expression that must mean a type
TypeId type_of_decl(Body *b, DeclId decl, Span at); // of a struct, enum …: its parameters are fresh variables
void report_unknown_name(Body *b, NodeId n);
// The same, of what is called with the argument `first`, which is checked; 0 where there is none.
void report_unknown_function(Body *b, NodeId n, NodeId first);

// ---- coerce.c -------------------------------------------------------------------------------------------------------

// Makes the value of node n, of type `actual`, fit what is wanted: records the conversion or reports the mismatch.
TypeId coerce(Body *b, NodeId n, TypeId actual, const Want *want);
bool can_coerce(Body *b, NodeId n, TypeId actual, TypeId wanted, uint8_t lent, TypeId *conversion);
void convert_tails(Body *b, NodeId n, TypeId type);  // a checked expression's value becomes `type` after all
bool covers_type(Body *b, TypeId set, TypeId error); // an error of one type fits another; unknown sets do until settled
bool is_lang(Body *b, TypeId type, LangItem item);   // of shallow(type)
// The type of a value that is asked for absence: an optional in Boxes or a Shared is seen through them.
TypeId see_optional(Body *b, NodeId n, TypeId type);
bool is_boxed(Body *b, TypeId type);                          // the same: a Box or a Shared
bool is_sequence(Body *b, TypeId type);                       // a list, an array, a Slice
TypeId unboxed(Body *b, TypeId type);                         // what lies in them, however many there are
TypeId look_through_boxes(Body *b, NodeId base, TypeId type); // the same, and `base` is taken for that
TypeId lang1(Body *b, LangItem item, TypeId arg);
void report_missing_return(Body *b, Span at, const Want *want); // once for a function
void report_mismatch(Body *b, NodeId n, TypeId actual, const Want *want);
void note_why(Body *b, Report *report, const Want *want);
// The common type of branches; 0 if there is none.
TypeId join(Body *b, TypeId a, TypeId c);
TypeId join_funcs(Body *b, TypeId a, TypeId c); // the function that each of two closures or functions may be; 0: none

// ---- dyn.c ----------------------------------------------------------------------------------------------------------

bool dyn_holds(Body *b, TypeId actual, TypeId dyn);              // a value of the type, lent, becomes that dyn
bool dyn_boxes(Body *b, TypeId actual, TypeId wanted);           // a Box of a type becomes a Box of a dyn
bool dyn_is_box(Body *b, TypeId type);                           // Box[dyn …]
void dyn_help(Body *b, Report *r, TypeId actual, TypeId wanted); // why it does not
struct Callee;
void dyn_check_arguments(Body *b, const struct Callee *callee, Span at); // a dyn for a type parameter

// ---- expressions ----------------------------------------------------------------------------------------------------

TypeId check_expr(Body *b, NodeId n, const Want *want);
TypeId check_value(Body *b, NodeId n);             // nothing is wanted
TypeId check_hint(Body *b, NodeId n, TypeId hint); // preferred
TypeId check_typed(Body *b, NodeId n, TypeId type, WhyKind why, Span span);
void check_condition(Body *b, NodeId n);

TypeId check_name(Body *b, NodeId n);
TypeId path_value(Body *b, NodeId n, const Path *path); // a path standing as a value
TypeId check_literal(Body *b, NodeId n, const Want *want);
bool is_literal(const Body *b, NodeId n); // takes its type from the context: numbers, null, [] …
TypeId check_list(Body *b, NodeId n, const Want *want);
TypeId check_repeat(Body *b, NodeId n, const Want *want);
TypeId check_map(Body *b, NodeId n, const Want *want);
TypeId check_tuple(Body *b, NodeId n, const Want *want);
TypeId check_interp(Body *b, NodeId n);
TypeId check_struct_lit(Body *b, NodeId n, const Want *want);

TypeId check_unary(Body *b, NodeId n, const Want *want);
TypeId check_binary(Body *b, NodeId n, const Want *want);
// Whether the type has the operator, the unary `-`, or integer literals of Additive or Numeric: then `n` calls its
// method.
bool operator_through_trait(Body *b, NodeId n, TokenKind token, TypeId type);
const char *operator_trait(TokenKind token); // the name of the trait that has the operator, also of its assignment
bool negation_through_trait(Body *b, NodeId n, TypeId type);
bool literal_through_trait(Body *b, NodeId n, TypeId type);
DeclId trait_method(Body *b, DeclId trait, const char *name);
void resolve_trait_method(Body *b, NodeId n, DeclId trait, const char *method, TypeId self); // n calls it
TypeId binary_result(Body *b, NodeId n, TokenKind op, NodeId left, TypeId left_type, NodeId right);
TypeId check_compare(Body *b, NodeId n);
TypeId compared_type(Body *b, NodeId first, TypeId type, NodeId second, TypeId other);
TypeId check_logic(Body *b, NodeId n);
TypeId check_coalesce(Body *b, NodeId n, const Want *want);
TypeId check_range(Body *b, NodeId n, const Want *want);
TypeId check_cast(Body *b, NodeId n);

TypeId check_field(Body *b, NodeId n);
TypeId check_opt_field(Body *b, NodeId n);
TypeId check_opt_base(Body *b, NodeId n);
bool is_tried_base(Body *b, NodeId base); // of `?.`, checked already: whether it passes an error on
// Of the steps a?.b that n is made of only a part is read: none of them takes its field out.
void lend_steps(Body *b, NodeId n);
void report_no_optional(Body *b, NodeId base, TypeId type); // left of `?.`
TypeId check_index(Body *b, NodeId n);
TypeId field_of(Body *b, NodeId n, NodeId base, TypeId base_type); // the field named by n's token
SymbolId similar_member(Body *b, TypeId type, SymbolId name, bool methods, bool fields);
void help_members(Body *b, Report *r, TypeId type, bool methods); // says what there is if that is little
// How a variant is written: `Rect { w: …, h: … }`, `Circle(…)`.
const char *shape_with_names(Body *b, const char *name, const Fields *fields, const char *after);
const char *shape_with_values(Body *b, const char *name, const Fields *fields, const char *value);
void note_variant(Body *b, Report *r, TypeId type,
                  SymbolId name); // shows the declaration of the variant of that name, if there is one

TypeId check_call(Body *b, NodeId n, const Want *want);
Span call_name_span(Body *b, NodeId call); // where the function of a CALL or PIPELINE is named
TypeId check_pipeline(Body *b, NodeId n, const Want *want);
TypeId check_builtin_call(Body *b, NodeId n, BuiltinId id, const uint32_t *args, uint32_t count);
void require_printable(Body *b, NodeId n, TypeId type);

// What is called, and with what.
typedef struct Callee {
    DeclId decl;
    const Signature *sig;
    RefKind ref;
    const DeclId *params; // type parameters …
    TypeId *args;         // … and what they are here
    uint32_t param_count;
    TypeId func;     // a FUNC type instead of a signature
    NodeId receiver; // of a method call
} Callee;

// ---- check_type_args.c
// x.f of a callee `x.f[T]`: a method with type arguments; none of what is an element of a field.
NodeId method_with_type_args(Body *b, NodeId callee);
// Type arguments that are given for the function's own parameters; reports a wrong number of them.
void give_type_args(Body *b, const Callee *callee, const TypeId *given, uint32_t count, Span at);
void give_written_type_args(Body *b, const Callee *callee, AstList args, Span at);
typedef struct {
    const uint32_t *items;
    uint32_t count;
    NodeId piped;
} ArgList;                                 // piped: left side of |>, or none
NodeId unnamed_arg(Body *b, NodeId arg);   // without `name:` and `mut`
void check_arg_alone(Body *b, NodeId arg); // an argument of which nobody knows what it should be
// What is not known of the type will not be: the error that keeps it so has been reported.
void poison_unknown(Body *b, TypeId type);
TypeId check_args(Body *b, NodeId call, Callee *callee, ArgList args, const Want *want);
void callee_of_function(Body *b, Callee *callee, DeclId decl, const TypeId *explicit_args, uint32_t count, Span at);
TypeId callee_type(Body *b, const Callee *callee, TypeId type); // substituted and normalized
void require_bounds(Body *b, const Callee *callee, Span at);
void require_bound(Body *b, Obligation o);
void require_shape_bounds(Body *b, TypeId type, Span at); // of a struct's or enum's own type parameters
void settle_obligations(Body *b, bool at_end);
// Of several impls of a trait with arguments, a literal, which can be of many types, may fit but one.
void choose_by_literal(Body *b, const Callee *callee, TypeId param, NodeId value);
void report_bound(Body *b, const Obligation *o);
// Names the part of a type, and the part of that, that keeps it from having a trait that follows from the parts: the
// innermost one, or the type itself.
TypeId note_part_at_fault(Body *b, Report *r, TypeId type, DeclId trait);
void help_ask(Body *b, Report *r, TypeId param, const char *trait); // how a parameter gets a bound; NULL: some trait
bool help_ask_for_member(Body *b, Report *r, TypeId param, SymbolId name); // by the trait that has the member
// Of a method or function that some impl of the type has, but not for what the type holds: says why; false if none has.
bool report_unmet(Body *b, TypeId type, SymbolId name, Span at);
void require_map_bounds(Body *b, TypeId map, Span at);
bool judge_trait_args(Body *b, const Obligation *o, TypeId type, bool at_end); // traits with arguments: trait_args.c

// ---- tasks (check_task.c, check_select.c)
// is_caught: as the value of a `catch`, with a result; else its errors are those of what it stands in.
TypeId check_nursery(Body *b, NodeId n, bool is_caught);
TypeId check_shield(Body *b, NodeId n);
TypeId check_select(Body *b, NodeId n);
// n.spawn(…) of a nursery; false if it is another method.
// err.suppressed(), of what a `catch` binds: true if it is that.
bool check_suppressed(Body *b, NodeId call, NodeId base, SymbolId name, ArgList args, TypeId error, TypeId *result);
void check_task_captures(Body *b, NodeId closure, bool is_isolated); // of a spawn, when its body has been checked
bool check_spawn(Body *b, NodeId call, NodeId base, SymbolId name, ArgList args, TypeId *result);
void check_locals(Body *b, NodeId root);  // what tasks know by type has a type of its own
void check_handles(Body *b, NodeId root); // handles of nurseries and tasks stay where they are
TypeId inferred_errors(Body *b, NodeId n, ErrorSet *set, const char *what);

TypeId check_closure(Body *b, NodeId n, const Want *want);
TypeId closure_type(Body *b, NodeId n);     // the type of the CLOSURE node of this body
TypeId func_type_of(Body *b, TypeId type);  // of a FUNC or CLOSURE; 0 if it is neither
TypeId callable_type(Body *b, TypeId type); // the same, also of a type parameter with a callable bound

// ---- places (place.c) -----------------------------------------------------------------------------------------------

bool is_place(Body *b, NodeId n);
// The place may be changed: assigned to or lent as mut. Reports why not. `how` completes "cannot …".
// A temporary may be lent, not assigned to.
bool require_mutable(Body *b, NodeId n, const char *how, bool allow_temporary);

// ---- statements -----------------------------------------------------------------------------------------------------

TypeId check_block(Body *b, NodeId n, const Want *want);
void check_statement(Body *b, NodeId n);
bool diverges(Body *b, TypeId type);
TypeId check_let(Body *b, NodeId n);
TypeId check_assign(Body *b, NodeId n);
TypeId check_defer(Body *b, NodeId n);
TypeId check_using(Body *b, NodeId n);
TypeId check_when(Body *b, NodeId n);
TypeId check_return(Body *b, NodeId n);
bool hand_on(Body *b, NodeId child, TypeId type);
bool is_void_or_open(Body *b, TypeId result);                   // a result that nothing has said yet is void then
void check_body_block(Body *b, NodeId block, const Want *want); // of a function or closure whose result is known
TypeId check_jump(Body *b, NodeId n);
TypeId check_if(Body *b, NodeId n, const Want *want);
// Branches of one expression, on their way to one type.
typedef struct Branches {
    const Want *want;
    TypeId type;   // common type so far; 0 before the first
    NodeId first;  // the branch that set it
    bool leaves;   // no branch ends normally; true to begin with
    bool converts; // some branch has another type than the common one
} Branches;
void branch_add(Body *b, Branches *all, NodeId n);
void branch_convert(Body *b, const Branches *all, NodeId n); // for each, when all are added
TypeId branch_type(Body *b, const Branches *all);
Span tail_span(Body *b, NodeId n);  // where an expression's value stands
void check_head(Body *b, NodeId n); // of if and while: a condition or COND_LET
TypeId check_loop(Body *b, NodeId n, const Want *want);
TypeId check_for(Body *b, NodeId n);
// The method of the iterator that `iter`, a method of base's type, gives; 0 if it gives none or that has no such
// method.
bool is_iterator(Body *b, TypeId type);
// The call of a method iter that makes an iterator, and the type of that; none if it does not.
ResolutionId iterator_of_method(Body *b, NodeId base, const MethodMatch *iter, TypeId *iterator);
// Likewise of what a value has; `lent` is what the value is seen as for that, if it is not what it is.
ResolutionId iterator_of_value(Body *b, NodeId value, TypeId type, TypeId *iterator, TypeId *lent);
bool has_method(Body *b, TypeId type, SymbolId name, Span at); // of its own or of a trait
// Also a method of Iterator, of what can be gone over.
bool may_call_method(Body *b, TypeId type, SymbolId name, Span at);
// Says what a method is called here that other languages call so; false: it is none of those.
bool report_foreign_method(Body *b, Report *r, TypeId type, SymbolId name, Span at);
void report_not_iterable(Body *b, NodeId iterable, TypeId type, const char *user);
TypeId check_match(Body *b, NodeId n, const Want *want);

// ---- patterns -------------------------------------------------------------------------------------------------------

// Checks a pattern against a type and declares its binders. `refutable`: it may fail to match, and looks into
// optionals.
void check_pattern(Body *b, NodeId n, TypeId type, BindKind kind, bool refutable);
// One of several that stand side by side: no name of those bound since `mark` is bound again.
void check_pattern_beside(Body *b, NodeId n, TypeId type, BindKind kind, bool refutable, uint32_t mark);
bool binds_by_mut(Body *b, NodeId pattern); // some binder in it lends its part as mut
void check_coverage(Body *b, NodeId match); // of a MATCH, at the end of the body

#endif
