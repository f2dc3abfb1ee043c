// impls: which type implements which trait, and what kind of value a type is. Used by checking and by mono alike.
#ifndef JANUS_IMPLS_H
#define JANUS_IMPLS_H

#include "astdb/program.h"

// How an implementation was found. `builtin` is set for what the compiler itself provides: Eq, Hash and Debug of
// structural types (structs, enums, errors, tuples, optionals, arrays, and bool, char, numbers where std has no impl),
// Copy of types made of copyable parts, callable types.
typedef struct {
    ImplId impl; // 0 where builtin or from a bound
    bool builtin;
    const Bound *bound; // the bound in `env` that gives it
    TypeId trait_args;  // of a bound whose trait has parameters: what it says they are
    TypeId *impl_args;  // type arguments of the impl, by its type_params
    uint32_t impl_arg_count;
} ImplMatch;

typedef enum {
    MATCH_NO,
    MATCH_YES,
    MATCH_AMBIGUOUS
} MatchResult; // AMBIGUOUS: the type has inference variables that decide

// Does `self` implement `trait`, given the bounds `env` on type parameters (NULL, 0 for none)? A REF(T) implements what
// T does.
MatchResult program_find_impl(Program *p, TypeId self, DeclId trait, const Bound *env, uint32_t env_count,
                              ImplMatch *match);

// The same of a trait with arguments. Where these are open (variables, or 0), the answer is AMBIGUOUS or says that some
// impl fits.
MatchResult program_find_impl_of(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                                 ImplMatch *match);
// All that may be meant by a trait with parameters, of which not all is known: the bounds in `env` that may, else the
// impls. Returns how many there are; the first `limit` are written.
uint32_t program_find_candidates(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                                 ImplMatch *matches, uint32_t limit);

// The member of the impl with this name: its DeclId, or 0 (then the trait's default body is meant).
DeclId impl_member(const Program *p, ImplId impl, SymbolId name);

// Of Shape.derives; 0 of a trait that is not derived.
uint8_t shape_derive_bit(const Program *p, DeclId trait);

// What stands in the table of a `dyn Trait`, by slot: a method, or (member 0) the table of the same type for a
// supertrait. A supertrait that has no slot is served by the same table, which begins as its own does.
typedef struct {
    DeclId member;
    TypeId dyn; // of the trait that declares the method, or of the supertrait
} DynSlot;
typedef VEC(DynSlot) DynSlots;
void dyn_slots(Program *p, TypeId dyn, DynSlots *slots);
// The first type arguments of the methods of a dyn's trait for a Self: that, then the trait's own.
const TypeId *dyn_method_args(Program *p, TypeId dyn, TypeId self, uint32_t *count);
// The member or supertrait that keeps a trait from being a `dyn`, with the reason ("takes …"); 0 if none does.
// Signatures are made.
DeclId dyn_obstacle(const Program *p, DeclId trait, const char **reason);
const char *dyn_method_obstacle(const Program *p, DeclId method); // NULL: it may be called through a table

// Walks the impls of a trait (0: inherent ones) with this head (type_head); head 0: blanket ones (impl[T] … for T).
// `uint32_t at = impl_chain(p, trait, head); for (ImplId i; (i = impl_chain_next(p, &at)).v != 0;)`
uint32_t impl_chain(Program *p, DeclId trait, uint32_t head);
ImplId impl_chain_next(const Program *p, uint32_t *at);
// Matches the impl's self type alone, bounds apart; args (one for each of its type parameters) are set as far as bound.
// With which arguments a trait, which has parameters, is among what another one extends, or is that itself.
void trait_collect_super(Program *p, TraitRef from, TypeId self, DeclId wanted, VecU32 *args);
MatchResult impl_match_self(Program *p, ImplId impl, TypeId self, TypeId *args);
// What impls are indexed by: the declaration of a nominal type, a number of its own for each other kind, 0 for PARAM.
uint32_t type_head(const Program *p, TypeId type);
bool trait_has_super(const Program *p, DeclId trait, DeclId super); // also true of the trait itself

// The FUNC type of a closure, said once when its body is checked (in terms of its function's type parameters), and of
// what may be called: FUNC itself, a CLOSURE with its arguments put in, REF to such; 0 if the type is not callable.
void program_set_closure(Program *p, TypeId closure, TypeId func);
TypeId program_callable(Program *p, TypeId type);

bool type_mentions_assoc(const Program *p, TypeId type);
// Replaces ASSOC types whose base has a known impl, everywhere in the type.
TypeId program_normalize(Program *p, TypeId type, const Bound *env, uint32_t env_count);

enum {                    // classes of types, see language.md 4
    CLASS_PLAIN = 1,      // copying the bytes copies the value; nothing to drop
    CLASS_CHEAP = 2,      // copied silently: plain ones, String, Channel, Shared and what is made of such
    CLASS_NEEDS_DROP = 4, // dropping it does something; always set for PARAM
    CLASS_HAS_DROP = 8,   // has a user's Drop impl itself or in a part: dropped at the end of its scope, never copied
    CLASS_VIEW = 16,      // holds a borrow
    CLASS_GENERIC = 32,   // mentions a parameter; still PLAIN or CHEAP where no part is of its type: Slice[T]
    CLASS_COUNTED = 64,   // holds a Shared, whose count changes
};
uint32_t type_class(Program *p, TypeId type);  // cached by TypeId
bool type_may_borrow(Program *p, TypeId type); // it has a `let T` or `mut T` in it, or is a view

// The variants of an error type of any kind, in the order of its layout; none of a set that is not frozen yet.
const DeclId *error_variants(const Program *p, TypeId error, uint32_t *count);
const Fields *error_payload(const Program *p, DeclId variant); // what a variant of an error carries
bool error_has_payload(const Program *p, TypeId error);        // whether one of its variants carries something
bool error_has_variant(const Program *p, TypeId error, DeclId variant);
// The number of a variant, as of MAKE_VARIANT: of an error its DeclId, of an enum its index.
uint32_t variant_decl_number(const Program *p, DeclId variant);
// The number of the variant with this index in the same way; of what has no declared variants the index.
uint32_t type_variant_number(const Program *p, TypeId type, uint32_t index);

// A nominal type's fields with its arguments substituted. `variant` is 0 for structs, of an error the DeclId.
TypeId shape_field_type(Program *p, TypeId type, uint32_t variant, uint32_t field);
uint32_t shape_field_count(Program *p, TypeId type, uint32_t variant);
// Variants of an enum, an error of any kind, an optional (2: null, some) or a result (2: ok, error).
uint32_t type_variant_count(Program *p, TypeId type);

// What type parameters stand for, and what is known of those that are left.
typedef struct {
    Subst subst;
    const Bound *env;
    uint32_t env_count;
} Lending;
// True if a function type that `pattern` mentions, a type of a generic declaration, would with these arguments lend
// from what it is lent only for the call, while generic code takes its result for a value. *func: what it is then.
bool program_lends_unseen(Program *p, TypeId pattern, const Lending *where, TypeId *func);
// Whether this parameter of a function is a function that can only be called: nothing that it captured can be part of
// the result, which so borrows nothing from it.
bool program_is_only_called(Program *program, const Signature *signature, uint32_t param);

// Forgets what program_find_impl and type_class have cached (impls or bounds were added); frees what is not in the
// arena.
void program_free_caches(Program *p);

#endif
