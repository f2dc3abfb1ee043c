// What the files of sema share. Two halves: declarations (collect, types, signatures, impls, infer: names and types
// without bodies) and bodies (one file per construct: check_call, check_match …), which only use what is declared here.
#ifndef JANUS_SEMA_INTERNAL_H
#define JANUS_SEMA_INTERNAL_H

#include "sema/sema.h"

struct Sema {
    Program *program;
    Arena *arena;
    uint8_t *body_states; // by DeclId: unseen, in work, done, failed
    // tables private to the declaration half
    struct SemaTables *tables;
    // private to the bodies half: made at its first use, released by sema_bodies_free
    struct SemaBodies *bodies;
};

// Checks the default value of a field, once, and writes its facts. sema_finish does it for those no literal left out.
void sema_field_default(Sema *sema, DeclId field);
void sema_bodies_free(Sema *sema); // of the bodies half; sema_free calls it

// Where names are looked up: innermost first. One chain per body; blocks push and pop.
typedef struct Scope Scope;

// What a type or body is checked under.
typedef struct Env {
    Sema *sema;
    ModuleId module;
    DeclId owner;        // the function, shape, impl member … whose type parameters are visible
    TypeId self_type;    // Self, or 0
    DeclId *type_params; // visible ones, innermost last
    uint32_t type_param_count;
    uint32_t type_param_capacity;
    Bound *bounds; // all that hold, supertraits expanded
    uint32_t bound_count, bound_capacity;
    ImplId impl;         // the impl it stands in, or 0
    DeclId set_owner;    // the function whose inferred error set `!T` means here; 0: `!T` cannot stand here
    bool allow_dyn;      // the next type node may be a `dyn`
    bool allow_implicit; // a capital letter may become a type parameter: only in signatures
    struct Infer *infer; // NULL outside bodies
} Env;

// ---- declaration half -----------------------------------------------------------------------------------------------

// The type that a type node means; POISON after a report. Handles names, applications in [] and (), [] N ? ! func tuple
// let mut * dyn Self T.Item. Writes facts->types of the node.
TypeId sema_type(Env *env, NodeId node);
// The length that an expression means in `[N]T` or `[x; N]`: integers, constants and their arithmetic, or a constant
// parameter. A VALUE or PARAM; POISON after a report.
TypeId array_length(Env *env, NodeId node);
// The value of a constant made of literals and others of its kind: an integer type, bool or char.
bool constant_value(Sema *sema, DeclId decl, TypeKind kind, int64_t *value);
// As type_arg of const_params.c, of an expression in a body.
bool expr_is_constant(Env *env, NodeId node);
// A name of the module: its own, imported, or the prelude's. 0 if unknown (nothing is reported).
DeclId sema_lookup(Sema *sema, ModuleId module, SymbolId name);
// What an import declaration stands for.
typedef struct {
    ModuleId module;
    DeclId decl;
} ImportTarget;
ImportTarget sema_import_target(Sema *sema, DeclId import);
// The public member of a module.
DeclId sema_module_member(Sema *sema, ModuleId module, SymbolId name);
// The most similar visible name within an edit distance of 2 (1 for short names), or 0; for "did you mean".
SymbolId sema_similar_name(Sema *sema, ModuleId module, SymbolId name);
// Says in which module a name stands that is not known `here`, at `span`; `is_base`: a `.` follows it, so that it may
// be a module itself. False, and nothing is said, if it stands nowhere, or in too many.
bool help_elsewhere(Sema *sema, Report *report, ModuleId here, SymbolId name, Span span, bool is_base);
bool help_foreign_type(Report *report, Text name, Span span); // what a type of other languages is here; false if none
// Of `module.name`, which does not exist or is private.
void report_no_member(Sema *sema, ModuleId module, SymbolId name, Span span);

// The environment of a declaration: its type parameters and bounds, Self.
Env sema_env_of(Sema *sema, DeclId decl);

typedef enum { METHOD_NONE, METHOD_INHERENT, METHOD_TRAIT, METHOD_BOUND, METHOD_AMBIGUOUS } MethodKind;
typedef struct {
    MethodKind kind;
    DeclId decl; // the inherent impl's function, or the trait's declaration of it
    ImplId impl;
    DeclId trait;      // METHOD_TRAIT, METHOD_BOUND
    TypeId self;       // the receiver type it was found on: after taking REF, Box (deref count) off
    uint32_t derefs;   // how many Boxes were looked through
    TypeId *type_args; // for every type parameter of the signature (of a trait method: Self first); the method's own
    uint32_t type_arg_count; // are fresh inference variables when env has an Infer, else 0
} MethodMatch;
// Methods and associated functions named `name` for a value (or type) of type `self`. Inherent ones win over traits';
// a PARAM without a bound that has the method gets one inferred (language.md 2, implicit type parameters) when
// `env->owner`'s parameter is implicit.
MethodMatch sema_find_method(Env *env, TypeId self, SymbolId name, Span at);
// The nearest trait visible in the module that declares a member of this name; two in one layer: ambiguous, and `other`
// is the second.
DeclId methods_nearest_trait(Sema *sema, ModuleId module, SymbolId name, DeclKind kind, DeclId *other);
// Same for a field, looking through REF and Box; false if none. A private field of another module is found, with
// is_visible false.
typedef struct {
    DeclId decl;
    TypeId type;
    TypeId owner;
    uint32_t index, derefs;
    bool is_visible;
} FieldMatch;
bool sema_find_field(Env *env, TypeId self, SymbolId name, FieldMatch *match);

// Where `type` is an implicit type parameter of env's owner (or an associated type of one): adds the bound that the
// body needs, to the owner's signature and to env; false if it is none. Operators and callee's bounds use this when
// sema_implements says no.
bool sema_infer_bound(Env *env, TypeId type, TraitRef trait, Span at);
// The bounds of a function with implicit type parameters are known once its body is checked: checks it if that has not
// begun. Callers call this before they read signature->bounds.
void sema_ensure_bounds(Sema *sema, DeclId decl);

// Does the type implement the trait here? Reports nothing.
MatchResult sema_implements(Env *env, TypeId type, DeclId trait, ImplMatch *match);
MatchResult sema_implements_of(Env *env, TypeId type, TraitRef trait, ImplMatch *match); // a trait with arguments
TypeId sema_normalize(Env *env, TypeId type);
// Of a trait with parameters, whose arguments are open: where one impl or bound alone may be meant, they become what
// that says. Returns how many may be meant.
uint32_t sema_choose_trait(Env *env, TypeId type, TraitRef trait);
DeclId sema_lang(const Sema *sema, LangItem item);
// The variant set of an error type as sorted DeclIds: of ERROR, ERROR_SET, or INFERRED_SET (checks its function first;
// within a cycle, what is known so far).
const DeclId *sema_error_variants(Sema *sema, TypeId error, uint32_t *count);

// Inference variables of one body.
typedef struct Infer Infer;
Infer *infer_new(Sema *sema);
void infer_free(Infer *infer);
void infer_reset(Infer *infer); // forgets all variables, for the next body
TypeId infer_fresh(Infer *infer, Span origin);
// Makes two types equal by binding variables; false (and no lasting change) if they cannot be.
bool infer_unify(Infer *infer, TypeId a, TypeId b);
TypeId infer_resolve(Infer *infer, TypeId type); // variables replaced as far as known
TypeId infer_shallow(Infer *infer, TypeId type); // only the outermost variable followed
Span infer_origin(Infer *infer, TypeId var);
uint32_t infer_mark(Infer *infer); // for trying: roll back to the mark
void infer_rollback(Infer *infer, uint32_t mark);

#endif
