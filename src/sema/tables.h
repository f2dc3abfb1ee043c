// Private to the declaration half of sema: its tables and the functions its files share.
#ifndef JANUS_SEMA_TABLES_H
#define JANUS_SEMA_TABLES_H

#include "sema/internal.h"

// A method or trait member found by name: a chain per key.
typedef struct {
    DeclId decl;
    ImplId impl;   // of an inherent method
    uint32_t next; // 0 ends the chain
} MemberLink;

// A use of a generic type whose bounds cannot be judged before all signatures are made.
typedef struct {
    DeclId owner;
    ImplId impl;
    ModuleId module;
    NodeId node;
    TypeId type;
} LaterBounds;

// A `dyn Trait` whose trait cannot be judged before all signatures are made.
typedef struct {
    Span span;
    DeclId trait;
} LaterDyn;

struct SemaTables {
    MapU64 modules;      // program_module_key → ModuleId
    MapU64 import_index; // DeclId of an import → index into imports
    VEC(ImportTarget) imports;
    MapU64 imported;     // (module, module it imports)
    MapU64 used_imports; // DeclIds of imports that some name went through
    MapU64 prelude;      // SymbolId → DeclId: pub names of std.core
    MapU64 builtins;     // SymbolId → DeclId of the built-in types
    DeclId builtin_decls[TY_COUNT];
    ModuleId intrinsics;   // std.intrinsics
    MapU64 methods;        // (name, head of the self type) → inherent methods
    MapU64 trait_members;  // name → members of traits
    MapU64 trait_impls;    // names of the methods that any impl gives, to skip the search early
    VEC(MemberLink) links; // [0] unused
    VEC(LaterBounds) later;
    VEC(LaterDyn) later_dyn;
    VecU32 fresh_impls;   // ImplIds in order of the source whose members are not checked yet
    uint32_t array_depth; // constants that an array length goes through
    uint32_t searches;    // for similar names
    bool signatures_done;
    SymbolId self_name; // "self"
    VEC(Env) envs;      // [0] unused; what sema_env_of has made
    MapU64 env_index;   // DeclId → index into envs
};

#define REPORT_AT(sema, code, span, ...) diag_report((sema)->program->diags, DIAG_##code, (span), __VA_ARGS__)

// printf("%.*s") arguments of a declaration's and a symbol's name and of a type.
#define DECL_ARG(program, id) TEXT_ARG(decl_name((program), (id)))
#define SYMBOL_ARG(program, id) TEXT_ARG(symbol((program), (id)))
#define TRAIT_ARG(program, ref) TEXT_ARG(trait_text((program), (ref)))
#define TYPE_ARG(program, id) TEXT_ARG(type_text((program), (id)))

// Each search for a similar name, or for one in other modules, walks all names: a file full of unknown ones gets no
// more help at some point.
enum { SEARCH_LIMIT = 200 };

// ---- link.c ---------------------------------------------------------------------------------------------------------

void link_builtin_types(Sema *sema);
// The name of the module's own top level alone.
DeclId link_own_name(const Sema *sema, ModuleId module, SymbolId name);
// An import stands for the declaration it names; any other declaration for itself.
DeclId link_follow(Sema *sema, DeclId decl);
// The layer a declaration is seen in from a module: 0 its own, 1 imported, 2 the prelude or further away.
uint32_t link_layer(Sema *sema, ModuleId module, DeclId decl);
// Adds "did you mean" with a fix for the name at `span` if something similar is visible.
void link_suggest(Sema *sema, Report *report, ModuleId module, SymbolId name, Span span);
// The same, of types alone.
void link_suggest_type(Sema *sema, Report *report, ModuleId module, SymbolId name, Span span);
void link_suggest_member(Sema *sema, Report *report, ModuleId module, SymbolId name, Span span); // of another module

// ---- env.c, declare.c: heads of shapes, traits and impls ------------------------------------------------------------

void declare_heads(Sema *sema);
// Makes the declarations of TYPE_PARAM nodes and appends them to env->type_params.
void declare_type_params(Env *env, AstList list);
// The bounds written at TYPE_PARAM nodes (and in where) are appended to env->bounds.
typedef VEC(Bound) BoundList; // as written: without the supertraits that an Env adds
void declare_bounds(Env *env, AstList params, AstList where,
                    BoundList *written); // as written in brackets and after where
DeclId declare_type_param(Env *env, SymbolId name, NodeId node);
// The type parameter of this name visible in env, or 0.
DeclId env_find_param(const Env *env, SymbolId name);
void env_reserve_params(Env *env, uint32_t extra);
void env_add_bound(Env *env, Bound bound); // with the supertraits of its trait
bool env_has_bound(const Env *env, TypeId type, TraitRef trait);
Env env_of_impl(Sema *sema, ImplId impl);
Env env_of_module(Sema *sema, ModuleId module);
// Keeps an environment for sema_env_of.
void env_store(Sema *sema, DeclId decl, const Env *env);
// Implicit parameters get the bounds that the types they are arguments of ask for.
void env_imply_bounds(Env *env, TypeId type, Span span, BoundList *written);
DeclId *env_keep_params(const Env *env, uint32_t *count);         // a copy of env->type_params
Bound *bounds_keep(Sema *sema, BoundList *list, uint32_t *count); // moves the list into the arena

// ---- type_nodes.c ---------------------------------------------------------------------------------------------------

// The trait a type node names, with its arguments; 0 after a report.
TraitRef type_node_trait(Env *env, NodeId node);
// A projection (let T) may stand only in results and items: reports one found elsewhere.
bool type_refuse_projection(Env *env, NodeId node, TypeId type, const char *where);
// Judges the bounds of a generic type's parameters for the arguments given at `node`.
void type_check_bounds(Env *env, NodeId node, TypeId type);
// The associated type `name` of a type that is bound to have it; 0 if none.
TypeId type_assoc_of(Env *env, TypeId base, SymbolId name);
TypeId type_assoc_quietly(Env *env, TypeId base, TokenId token); // 0: there is none; of several one: reports, POISON
TypeId type_assoc_at(Env *env, TypeId base, TokenId token);      // as written there; reports, then POISON
// dyn.c: of a TYPE_DYN node; `allowed`: it stands where a dyn may be.
TypeId type_dyn_node(Env *env, NodeId node, bool allowed);
void types_judge_dyn(Sema *sema);   // what that put off
void types_judge_later(Sema *sema); // what type_check_bounds put off

// ---- const_params.c: constant parameters, `N: i64`, and what is given for them --------------------------------------

// The type of the constant that a TYPE_PARAM node declares; 0 of a type parameter.
TypeId const_param_type(Env *env, NodeId param);
// True of a constant parameter, which has no bounds: reports those it is given.
bool const_param_refuse_bounds(Env *env, NodeId param, bool is_where);
// The constant of this type that a node, of an expression or a type's name, means: a VALUE, or a PARAM. POISON after a
// report.
TypeId const_arg(Env *env, NodeId node, TypeId type);
// What stands for the parameter: a type or a constant.
TypeId type_arg(Env *env, NodeId node, DeclId param);
// A type that is named where a type is needed is no constant parameter; reports one.
bool const_param_refuse(Env *env, NodeId node, TypeId type);

// ---- signatures.c, shapes.c, check_impls.c, methods.c ---------------------------------------------------------------

void signature_make(Sema *sema, DeclId decl);
Span decl_param_span(const Ast *ast, NodeId param); // of a parameter's name
void shape_make(Sema *sema, DeclId decl);
// What the DECL_ALIAS stands for: as written, with its type parameters in it, or with these arguments in their place.
// Poison where it leads back to itself, which is reported.
TypeId alias_target(Sema *sema, DeclId decl);
TypeId alias_of(Sema *sema, DeclId decl, const TypeId *args);
void derives_make(Sema *sema, DeclId decl, AstList derives); // derive.c
void derives_check(Sema *sema);                              // when all impls are known
void shapes_make_unions(Sema *sema);                         // after all other shapes
void shapes_check_recursion(Sema *sema);
// Does a value of the shape hold one of its type parameter number `index` in place, not behind a pointer?
bool shape_holds_param(const Program *p, const Shape *shape, uint32_t index, uint32_t depth);
void impls_make_assoc_types(Sema *sema);
void impls_check_assoc_cycles(Sema *sema); // when all shapes are made: before, not all impls are known
void impls_check(Sema *sema);
void methods_index(Sema *sema);
// Is it a type parameter made of a capital letter in a signature, or an associated type of one? Its bounds are
// inferred.
bool type_is_implicit(const Sema *sema, TypeId type);
// Declares the type parameter that a TYPE_NAME node is, or its path begins with: a capital letter that names nothing.
void type_declare_letter(Env *env, NodeId node);
// implicit.c: where a signature has a `where`, the type parameters that it may speak of without their being written.
void declare_implicit(Env *env, AstFunc func);

#endif
