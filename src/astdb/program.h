// program: what is known of all files together: modules, declarations, interned types and the facts about bodies.
//
// Ideas. Everything is a row in a table, addressed by a typed integer; rows are written by one stage each and are
// read-only after it. Types are interned: two types are equal exactly if their TypeIds are. Facts about syntax nodes
// are side columns of the file (struct Facts), never part of the tree.
//   who writes what: the loader modules; sema_collect decls; sema_signatures signatures, impls and shapes;
//   sema_bodies facts; ir_build nothing here; effects_infer and ir_find_task_facts what JIR tells of functions.
#ifndef JANUS_PROGRAM_H
#define JANUS_PROGRAM_H

#include "astdb/ast.h"

typedef struct {
    uint32_t v;
} ModuleId; // 0 none
typedef struct {
    uint32_t v;
} DeclId; // 0 none
typedef struct {
    uint32_t v;
} TypeId; // 0 none
typedef struct {
    uint32_t v;
} ImplId; // 0 none

// ---- types ----------------------------------------------------------------------------------------------------------

typedef enum {
#define TYPE(name, text) TY_##name,
#include "astdb/types.def"
#undef TYPE
    TY_COUNT,
} TypeKind;

enum {                  // facts about a type, computed when it is interned
    TYPE_HAS_PARAM = 1, // mentions PARAM or ASSOC
    TYPE_HAS_VAR = 2,   // mentions VAR
    TYPE_HAS_POISON = 4,
    TYPE_HAS_REF = 8, // mentions REF, or a struct declared as a view: its values borrow
};

typedef struct {
    TypeKind kind;
    uint8_t flags;
    bool is_mut;         // REF
    ParamMode self_mode; // FUNC
    DeclId decl;         // STRUCT ENUM ERROR INFERRED_SET PARAM ASSOC DYN; CLOSURE: the enclosing function or test
    NodeId node;         // CLOSURE: its node in the file of decl
    uint32_t var;        // VAR: its number
    uint64_t count;      // ARRAY, VALUE
    const TypeId *args;
    uint32_t arg_count;
    const uint8_t *modes; // FUNC: ParamMode of each parameter (arg_count - 1 of them)
    const DeclId *decls;  // ERROR_SET: sorted
    uint32_t decl_count;
} Type;

typedef struct Types Types;

Types *types_new(Arena *arena);
const Type *type_get(const Types *types, TypeId id);
TypeId type_builtin(const Types *types, TypeKind kind); // the kinds with a text in types.def
TypeId type_intern(Types *types, const Type *key);      // key.args etc. are copied; flags are computed
TypeId type_nominal(Types *types, TypeKind kind, DeclId decl, const TypeId *args, uint32_t count);
TypeId type_unary(Types *types, TypeKind kind, TypeId arg); // OPTIONAL POINTER
TypeId type_ref(Types *types, TypeId target, bool is_mut);
TypeId type_result(Types *types, TypeId error, TypeId value);
TypeId type_tuple(Types *types, const TypeId *items, uint32_t count); // zero items: VOID
TypeId type_array(Types *types, TypeId item, uint64_t count);
TypeId type_array_of(Types *types, TypeId item, TypeId length); // length: a VALUE, or what may become one
TypeId type_array_length(Types *types, const Type *array);
TypeId type_value(Types *types, TypeId of, uint64_t value);
static inline bool type_array_is_open(const Type *array) { // its length is not known
    return array->arg_count > 1;
}
TypeId type_param(Types *types, DeclId decl);
TypeId type_dyn(Types *types, DeclId trait, TypeId trait_args); // trait_args: as of TraitRef
TypeId type_func(Types *types, ParamMode self_mode, const TypeId *params, const uint8_t *modes, uint32_t count,
                 TypeId result);
TypeId type_assoc(Types *types, DeclId decl, TypeId base, TypeId trait_args); // of base as a trait_args' trait
TypeId type_with_args(Types *types, const Type *type, const TypeId *args);    // the same type over other arguments
uint32_t types_count(const Types *types);
const char *type_kind_text(TypeKind kind); // of the built-in kinds, else NULL
// Says that a struct is declared as a view (TYPE_HAS_REF); before the first type of that struct is made.
void types_mark_view(Types *types, DeclId decl);
void types_free(Types *types); // what is not in the arena

static inline bool type_kind_is_integer(TypeKind k) {
    return k >= TY_I8 && k <= TY_USIZE;
}
static inline bool type_kind_is_signed(TypeKind k) {
    return k >= TY_I8 && k <= TY_ISIZE;
}
static inline bool type_kind_is_float(TypeKind k) {
    return k == TY_F32 || k == TY_F64;
}
static inline bool type_kind_is_error(TypeKind k) {
    return k == TY_ERROR || k == TY_ERROR_SET || k == TY_INFERRED_SET;
}
uint32_t type_kind_bits(TypeKind k); // of integers and floats; isize and usize are 64

// A substitution from type parameters (by their decl) to types.
typedef struct {
    const DeclId *params;
    const TypeId *args;
    uint32_t count;
} Subst;

// The type with its parameters replaced. Associated types of what became concrete are resolved by sema_normalize.
TypeId type_subst(Types *types, TypeId type, Subst subst);

// ---- modules and declarations ---------------------------------------------------------------------------------------

typedef struct {
    uint32_t v;
} PackageId;

enum { PACKAGE_OWN, PACKAGE_STD }; // then what the program depends on

typedef struct {
    Text name;          // empty: a lone file and what it imports
    const char *folder; // where its modules are found, "" or with a slash at its end; NULL: std
    MapU64 links;       // SymbolId of the name of each package it depends on → PackageId
} PackageRow;

typedef struct {
    FileId file;
    SymbolId name; // last part of its path
    Text path;     // "std.text", "shapes.circle", "main", "geometry.shapes" of a dependency: how it is imported
    PackageId package;
    bool is_std; // may use intrinsics, raw pointers and attributes of std
    Ast *ast;
    struct Facts *facts;
    // An import whose module is not found is reported by the loader (E0202 on its path): later stages stay silent
    // there.
    MapU64 names; // SymbolId → DeclId of its top level (imports included as DECL_IMPORT)
    VecU32 decls; // DeclIds in order of the source
} Module;

typedef enum {
    DECL_NONE,
    DECL_IMPORT,
    DECL_FUNC,
    DECL_STRUCT,
    DECL_ENUM,
    DECL_ERROR,
    DECL_ALIAS, // another name for a type
    DECL_TRAIT,
    DECL_CONST,
    DECL_TEST,
    DECL_ASSOC_TYPE,
    DECL_FIELD,
    DECL_VARIANT,
    DECL_TYPE_PARAM,
    DECL_BUILTIN_TYPE,
} DeclKind;

typedef struct {
    DeclKind kind;
    ModuleId module;
    NodeId node; // in the module's ast; a TYPE_PARAM made of an implicit capital letter has the naming type node
    SymbolId name;
    DeclId parent;  // field → struct; variant → enum or error; method → trait (0 for an impl's); type param → its owner
    ImplId impl;    // of a method or associated type in an impl
    uint32_t index; // of a field, variant, parameter among its siblings
    bool is_pub;
    bool is_given;      // of a TYPE_PARAM: a function that is a parameter gives it, so it may stand for what is lent
    bool is_kept;       // of another one: the body keeps its values, see [iter.keep]; then it may not
    TypeId value_type;  // of a TYPE_PARAM that stands for a constant: `N: i64`
    uint32_t intrinsic; // DECL_FUNC of std without a body: an IntrinsicId, else 0
} Decl;

// Signature of a DECL_FUNC or of a DECL_TEST (no parameters, result VOID unless its body fails: RESULT).
typedef enum {
#define EFFECT(name, text) EFFECT_##name,
#include "astdb/effects.def"
#undef EFFECT
    EFFECT_COUNT,
} EffectId; // what a function may do beside giving a value

typedef struct {
    DeclId *type_params; // own ones and, first, those of the impl or trait; implicit letters included
    uint32_t type_param_count;
    TypeId *param_types;  // a `T: type` parameter has the type TYPE and its own DECL_TYPE_PARAM among type_params
    uint8_t *param_modes; // ParamMode
    SymbolId *param_names;
    NodeId *param_nodes; // PARAM nodes
    uint32_t param_count;
    bool gives_changeable; // the result is `mut T`, also behind `?` and `!`: a Slice has no other type for that
    bool has_self;         // parameter 0 is self
    bool is_variadic;      // println and its like: any number of Display or Debug values
    TypeId result;         // REF(T) for `-> let T` / `-> mut T`; RESULT(INFERRED_SET(decl), T) for `!T`
    uint32_t effects;      // set of EffectId, once effects_infer has been asked for the function
    uint8_t schedule;      // Schedule of task_facts.h, once ir_find_task_facts has been asked for the function
    TypeId frozen_errors;  // of `!T`: ERROR_SET once the bodies of its call cycle are checked
    struct Bound *bounds;  // on the type parameters
    uint32_t bound_count;
    uint8_t state; // private to sema: unseen, in work, done
} Signature;

// A trait with what it is applied to, `From[i64]`: a TUPLE, 0 of a trait without parameters. In a question, 0 of a
// trait that has some means: whatever they are.
typedef struct {
    DeclId decl;
    TypeId args;
} TraitRef;

// type: Trait  (a TYPE_PARAM's bound). A callable bound has trait 0 and a FUNC type.
typedef struct Bound {
    TypeId type;
    DeclId trait;
    TypeId trait_args; // as of TraitRef
    TypeId callable;
    Span span; // where it was written, or the line of the body it was inferred from
    bool is_inferred;
} Bound;

// Fields of a struct, or of one variant of an enum or error.
typedef struct {
    DeclId *fields; // DECL_FIELD
    TypeId *types;  // may mention the shape's type parameters
    uint32_t count;
    bool is_tuple; // variant(x): without names
} Fields;

typedef struct {
    DeclId *type_params;
    uint32_t type_param_count;
    Fields fields;    // STRUCT
    DeclId *variants; // ENUM, ERROR
    Fields *variant_fields;
    uint32_t variant_count;
    Bound *bounds;
    uint32_t bound_count;
    TypeId target;      // ALIAS: what it stands for; 0 until somebody asks, see alias_target
    bool is_open;       // of an ALIAS: it is being found
    uint8_t derives;    // what `derive(…)` asks for: see shape_derive_bit
    bool is_view;       // std's {. view .}: holds a borrow; Slice, iterators
    bool is_copy_cheap; // std's {. cheap .}: String, Channel, Shared: copied by a retain (a lang function)
    bool is_counted;    // std's {. counted .}: the first field counts owners, and is written in constants, too
    bool is_keyed;      // std's {. keyed .}: Map, OrderedMap: see type_is_keyed
    bool is_owner; // std's {. owner .}: has a hand-written drop of its memory: List, Box, Map's parts; copies by its
                   // Copy impl only
} Shape;

typedef struct {
    DeclId *members; // DECL_FUNC and DECL_ASSOC_TYPE
    uint32_t member_count;
    TypeId self; // PARAM of the trait itself
    DeclId *type_params;
    uint32_t type_param_count;
    DeclId *params; // the trait itself, which stands for Self, then its type parameters: as a method's begin
    Bound *param_bounds;
    uint32_t param_bound_count;
    Bound *supers;
    uint32_t super_count;
    Bound *assoc_bounds; // of `type Item: A` and `where Self.Item: A`; types are ASSOC of Self
    uint32_t assoc_bound_count;
} Trait;

typedef struct {
    ModuleId module;
    NodeId node;
    DeclId trait;      // 0: inherent
    TypeId trait_args; // as of TraitRef
    TypeId self;       // may mention the type parameters
    DeclId *type_params;
    uint32_t type_param_count;
    Bound *bounds;
    uint32_t bound_count;
    DeclId *members; // DECL_FUNC, DECL_ASSOC_TYPE
    uint32_t member_count;
    TypeId *assoc_types; // by member index, for DECL_ASSOC_TYPE
} Impl;

// ---- facts about bodies ---------------------------------------------------------------------------------------------

typedef enum {
    REF_NONE,
    REF_LOCAL,        // node: the PAT_BIND, PARAM, VAR, FOR … node that declares it (in the same file)
    REF_FUNC,         // decl; type_args: for every type parameter of the signature, in order
    REF_TRAIT_METHOD, // decl: the trait's method; type_args: Self first (then the trait's and the method's own); mono
                      // finds the impl
    REF_FIELD,        // decl: DECL_FIELD; index
    REF_TUPLE_FIELD,  // index
    REF_VARIANT,      // decl: DECL_VARIANT; type_args: of the enum
    REF_CONST,        // decl
    REF_PARAM_VALUE,  // type: of a constant parameter
    REF_TYPE,         // type: a type standing in an expression (callee of .new, a `T: type` argument)
    REF_MODULE,       // module
    REF_VALUE_CALL,   // of a CALL node: the callee is a value of a FUNC or CLOSURE type
    REF_BUILTIN,      // index: BuiltinId: what the builder must make itself
    REF_CLOSURE,      // of a CLOSURE node: type is its FUNC type: self mode, parameters with their modes, result
} RefKind;

typedef enum {
    BUILTIN_NONE,
    BUILTIN_PRINT,
    BUILTIN_PRINTLN,
    BUILTIN_EPRINT,
    BUILTIN_EPRINTLN, // each argument through Display, or Debug if it has none
    BUILTIN_PANIC,
    BUILTIN_UNREACHABLE,
    BUILTIN_ASSERT,
    BUILTIN_ASSERT_EQ,
    BUILTIN_LEN,   // .len of a fixed array
    BUILTIN_SLICE, // xs[a..b] of a list, array or slice: a Slice; of a String: LANG_STRING_SLICE
    BUILTIN_INDEX, // xs[i] of a list, array or slice: a place
    BUILTIN_TYPE_MAX,
    BUILTIN_TYPE_MIN, // i64.max
    BUILTIN_COPY,     // x.copy() of a type without a Copy impl of its own
    BUILTIN_SPAWN,    // n.spawn(…) of a nursery
    BUILTIN_SPAWN_ISOLATED,
    BUILTIN_SUPPRESSED, // of the error of a nursery
} BuiltinId;

typedef struct {
    uint32_t v;
} ResolutionId; // 0 none

typedef struct {
    RefKind kind;
    DeclId decl;
    NodeId node;
    TypeId type;
    ModuleId module;
    uint32_t index;
    const TypeId *type_args;
    uint32_t type_arg_count;
    bool is_method;      // CALL through base.name(…): argument 0 is the base
    ResolutionId second; // FOR, CALL: the method iter (iter_mut) that makes the iterator which next, or the called
                         // method, is for
} Resolution;

// Columns by NodeId of one file; 0 where there is no such fact. Construct by construct:
// - Calls: the resolution is on the CALL (PIPELINE: on the PIPELINE; its left side is the first argument written, those
// of
//   the CALL on its right follow), and its `type` is the callee's result as it is: RESULT(E, T), REF(T) …
//   The callee's own node has facts only where it is a value (REF_VALUE_CALL). Arguments go by position, then by name
//   (param_names), then defaults; `wanted` is on the value inside ARG_NAMED and ARG_MUT.
// - A value reached through a projection (a call whose result is REF(T), a local bound to an item of such a type) has
//   type T and is a place. wanted = REF(T), or ?REF(T), asks for the address of the place.
// - BLOCK, IF, MATCH, LOOP, CATCH hand what is wanted of them down: `wanted` is on their tail expressions, and they
// have
//   the type after that. Where their value is dropped they have type VOID (NEVER if no way leads out of them) whatever
//   their tails have.
// - RETURN: wanted = RESULT on its operand hands a fallible call's result on as it is; a plain T is wrapped by the
// builder.
//   The last expression of a body likewise; the body's BLOCK then has type RESULT.
// - CATCH: where its type is ?T or RESULT(E, T), the caught value, a T, becomes one.
// - wanted on the base of a FIELD or a method call is what it is after Boxes have been looked through.
// - Literals have the type their context gave them; BYTES is [N]u8. Comparing errors needs no resolution: they are
// numbers. A CONST or TEST node has no facts of its own; types[CONST] is its type.
// - Binders (REF_LOCAL): PAT_BIND, PAT_REST, PARAM, and the CATCH node itself for its |err|.
// - Patterns: types is what the pattern itself matches. Where the value at hand is ?T, Box[T] or REF(T) and the
// pattern's
//   type is T, the pattern looks inside (an optional must hold a value then). PAT_STRUCT and STRUCT_LIT: REF_TYPE of a
//   struct or REF_VARIANT; PAT_FIELD and FIELD_INIT: REF_FIELD.
// - BINARY, ASSIGN, NEG and INT of a type that is no number have the method of Additive or Numeric that they call. On a
//   PARAM bound by Number they have none: mono makes them concrete.
enum { RESOLUTION_PAGE = 64 };

typedef struct Facts {
    TypeId *types;  // of expressions, before coercion; of patterns, the type they match; of type nodes, the type meant.
                    // A value reached through a projection has its target's type; `is_place` tells.
    TypeId *wanted; // where the value is converted to another type on its way: T to ?T, Box[T] to T,
                    // null to ?T, closure to func, list or array to Slice, never to anything; 0: no conversion
    ResolutionId *resolutions;     // NAME, FIELD, CALL, INDEX, STRUCT_LIT, PAT_VALUE, PAT_VARIANT, PAT_STRUCT, FOR (its
                                   // next), BINARY/COMPARE/ASSIGN/NEG/INT (its trait method)
    Resolution **resolution_pages; // of RESOLUTION_PAGE each, so that none is copied as they become more
    uint32_t resolution_count;
    uint32_t *captures;   // CLOSURE: index into capture_items of its run, which ends with 0
    VecU32 capture_items; // binder NodeIds
    MapU64 changed;       // NAME → 1: its variable is changed by way of it
    MapU64 iterated;      // NodeId of an argument → ResolutionId of its method iter, whose result is what is given
} Facts;

// ---- the program ----------------------------------------------------------------------------------------------------

// Declarations of std that the compiler itself refers to, found by name in std.core (see lang.def).
typedef enum {
#define LANG(name, text) LANG_##name,
#include "astdb/lang.def"
#undef LANG
    LANG_COUNT,
} LangItem;

typedef struct Program {
    Arena *arena;
    Interner *symbols;
    Diags *diags;
    Types *types;
    VEC(PackageRow) packages; // by PackageId
    VEC(Module) modules;      // [0] unused
    VEC(Decl) decls;          // [0] unused
    Signature **signatures;   // by DeclId, NULL if not a function; filled by sema_signatures
    Shape **shapes;           // by DeclId of STRUCT, ENUM, ERROR
    Trait **traits;           // by DeclId of TRAIT
    VEC(Impl) impls;          // [0] unused
    DeclId lang[LANG_COUNT];
    bool has_tasks;               // a nursery is opened somewhere in the user's code, or in what it imports
    ModuleId root;                // the module with main
    uint32_t table_capacity;      // of the tables by DeclId
    struct ImplCache *impl_cache; // private to impls.c
    struct TaskFacts *task_facts; // see task_facts.h; NULL until somebody asks
    MapU64 closure_funcs;         // private to impls.c: what program_set_closure said
} Program;

Program *program_new(Arena *arena, Diags *diags);
void program_free(Program *program);                  // what is not in the arena
DeclId program_add_decl(Program *program, Decl decl); // keeps the tables by DeclId large enough
Facts *facts_new(Arena *arena, const Ast *ast);

static inline Module *program_module(const Program *p, ModuleId id) {
    return &p->modules.items[id.v];
}
static inline Decl *program_decl(const Program *p, DeclId id) {
    return &p->decls.items[id.v];
}

// What an import's path means, seen from a package: a module of std, of a package it depends on (`lib` where only its
// name is given), or else one of its own. Only names are looked at, not whether there is such a module.
typedef struct {
    PackageId package;
    Text path; // within the package; of std with its name
} ModuleRef;
ModuleRef program_module_ref(const Program *p, PackageId from, Text path);
Text program_module_path(const Program *p, ModuleRef ref, Arena *arena); // as it stands in Module.path
Text program_local_path(const Program *p, ModuleId module);              // within its package
PackageId program_package_of(const Program *p, ModuleId module);
uint64_t program_module_key(Program *p, ModuleRef ref); // for maps: one number for each module there could be

const Ast *program_ast(const Program *p, DeclId id);                    // of the file a declaration stands in
bool decl_has_attribute(const Program *p, DeclId id, const char *name); // a function says {. name .}
Span decl_span(const Program *p, DeclId id);                            // of its name
Text decl_name(const Program *p, DeclId id);
Text symbol(const Program *p, SymbolId id);
// The type as the user would write it: []i64, Map[String, ?User], func(i64) -> bool.
Text type_text(const Program *p, TypeId id);
void type_write(const Program *p, TypeId id, Buffer *out);
// A map: `for k, v in` it goes over keys and values; elsewhere the first name counts.
bool type_is_keyed(const Program *p, TypeId id);
bool type_is_lang(const Program *p, TypeId id, LangItem item); // a STRUCT of that declaration
bool type_is_boxed(const Program *p, TypeId id);               // a Box or a Shared: accesses see through it
TypeId type_lang(Program *p, LangItem item, const TypeId *args, uint32_t count);
Shape *program_shape(const Program *p, DeclId id);
Signature *program_signature(const Program *p, DeclId id);
// With these arguments for Self and its own parameters, what is declared in a trait is this.
Subst trait_subst(const Program *p, TraitRef trait, TypeId self);
uint32_t trait_param_count(const Program *p, DeclId trait);
static inline TraitRef bound_trait(const Bound *bound) {
    return (TraitRef){bound->trait, bound->trait_args};
}
static inline TraitRef impl_trait(const Impl *impl) {
    return (TraitRef){impl->trait, impl->trait_args};
}
TraitRef dyn_trait(const Type *dyn);                                       // of a DYN
TraitRef bound_trait_subst(Types *types, const Bound *bound, Subst subst); // its trait with its arguments replaced
TraitRef trait_of_method_args(const Program *p, DeclId method, const TypeId *args, uint32_t count); // Self first
TypeId trait_own_args(const Program *p, DeclId trait); // its parameters themselves, as of TraitRef
Text trait_text(const Program *p, TraitRef trait);     // From[i64]
// Of a method as its trait declares it, which is all that callers may count on; of anything else its own.
const Signature *program_declared_signature(const Program *p, DeclId id);
const Resolution *facts_resolution(const Facts *facts, NodeId node); // NULL if none

static inline Resolution *facts_resolution_at(const Facts *facts, ResolutionId id) {
    return &facts->resolution_pages[id.v / RESOLUTION_PAGE][id.v % RESOLUTION_PAGE];
}

#endif
