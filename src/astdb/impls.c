// Which type implements which trait: impl heads are matched one way (their parameters are bound, the asked type is
// not), found through an index by (trait, head of the self type), and remembered for types without parameters.
#include "astdb/impls.h"

enum { SEARCH_LIMIT = 64, NORMALIZE_LIMIT = 64, CLASS_LIMIT = 200 };

typedef struct {
    ImplId impl;
    uint32_t next; // index into links, 0 ends the chain
} Link;

typedef struct {
    MatchResult result;
    ImplMatch match;
} Found;

// A question being answered. A cycle through a structural step (a type that contains itself) holds by assumption.
typedef struct {
    uint64_t key;
    bool structural;
} Pending;

struct ImplCache {
    MapU64 heads; // (trait, head) → first link
    VEC(Link) links;
    uint32_t indexed; // impls below this are in the index
    MapU64 found;     // (trait, type) → index into founds
    VEC(Found) founds;
    VEC(Pending) pending;
    uint32_t lowest; // the lowest pending question that was assumed to hold
    VecU32 classes;  // by TypeId: class | CLASS_KNOWN
    VecU32 class_stack;
    uint32_t class_lowest;
    bool class_is_open; // the answer at work depends on a set that is not frozen yet
};

enum { CLASS_KNOWN = 1u << 31 };

static struct ImplCache *cache_of(Program *p) {
    if (p->impl_cache == NULL) {
        p->impl_cache = ARENA_NEW(p->arena, struct ImplCache);
        vec_push(&p->impl_cache->links, (Link){0});
        p->impl_cache->indexed = 1;
        p->impl_cache->lowest = p->impl_cache->class_lowest = UINT32_MAX;
    }
    return p->impl_cache;
}

void program_free_caches(Program *p) {
    struct ImplCache *c = p->impl_cache;
    if (c == NULL)
        return;
    map_free(&c->heads);
    map_free(&c->found);
    vec_free(&c->links);
    vec_free(&c->founds);
    vec_free(&c->pending);
    vec_free(&c->classes);
    vec_free(&c->class_stack);
    p->impl_cache = NULL;
}

// ---- index ----------------------------------------------------------------------------------------------------------

uint32_t type_head(const Program *p, TypeId type) {
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_STRUCT:
    case TY_ENUM:
    case TY_ERROR: return t->decl.v;
    case TY_PARAM:
    case TY_ASSOC: return 0;
    default: return UINT32_MAX - (uint32_t)t->kind;
    }
}

static uint64_t pair_key(uint32_t high, uint32_t low) {
    return (uint64_t)high << 32 | low;
}

static void index_new_impls(Program *p, struct ImplCache *c) {
    if (c->indexed == p->impls.count)
        return;
    for (; c->indexed < p->impls.count; c->indexed++) {
        const Impl *impl = &p->impls.items[c->indexed];
        if (impl->self.v == 0)
            break; // its head is not known yet
        uint64_t key = pair_key(impl->trait.v, type_head(p, impl->self));
        uint32_t first = 0;
        map_get(&c->heads, key, &first);
        vec_push(&c->links, (Link){{c->indexed}, first});
        map_set(&c->heads, key, c->links.count - 1);
    }
    map_free(&c->found);
    c->found = (MapU64){0};
    c->founds.count = 0;
}

uint32_t impl_chain(Program *p, DeclId trait, uint32_t head) {
    struct ImplCache *c = cache_of(p);
    index_new_impls(p, c);
    uint32_t link = 0;
    map_get(&c->heads, pair_key(trait.v, head), &link);
    return link;
}

ImplId impl_chain_next(const Program *p, uint32_t *at) {
    Link link = p->impl_cache->links.items[*at];
    *at = link.next;
    return link.impl;
}

// ---- matching of heads ----------------------------------------------------------------------------------------------

static MatchResult match_types(Program *p, const Impl *impl, TypeId pattern, TypeId type, TypeId *args);

static MatchResult match_param(const Impl *impl, DeclId param, TypeId pattern, TypeId type, const Type *t,
                               TypeId *args) {
    for (uint32_t i = 0; i < impl->type_param_count; i++) {
        if (impl->type_params[i].v != param.v)
            continue;
        if (args[i].v == 0)
            args[i] = type;
        if (args[i].v == type.v)
            return MATCH_YES;
        return t->flags & TYPE_HAS_VAR ? MATCH_AMBIGUOUS : MATCH_NO;
    }
    return pattern.v == type.v ? MATCH_YES : t->flags & TYPE_HAS_VAR ? MATCH_AMBIGUOUS : MATCH_NO;
}

static MatchResult match_arrays(Program *p, const Impl *impl, const Type *a, const Type *b, TypeId *args) {
    MatchResult item = match_types(p, impl, a->args[0], b->args[0], args);
    if (item == MATCH_NO)
        return item;
    MatchResult length = match_types(p, impl, type_array_length(p->types, a), type_array_length(p->types, b), args);
    return length == MATCH_YES ? item : length;
}

static MatchResult match_types(Program *p, const Impl *impl, TypeId pattern, TypeId type, TypeId *args) {
    const Type *a = type_get(p->types, pattern), *b = type_get(p->types, type);
    if (a->kind == TY_PARAM)
        return match_param(impl, a->decl, pattern, type, b, args);
    if ((pattern.v == type.v && !(a->flags & TYPE_HAS_PARAM)) || b->kind == TY_POISON)
        return MATCH_YES; // with parameters the walk goes on: they stand for themselves
    if (b->kind == TY_VAR)
        return MATCH_AMBIGUOUS;
    if (a->kind == TY_ARRAY && b->kind == TY_ARRAY && a->arg_count != b->arg_count) // one length is a parameter
        return match_arrays(p, impl, a, b, args);
    if (a->kind != b->kind || a->decl.v != b->decl.v || a->arg_count != b->arg_count || a->count != b->count ||
        a->is_mut != b->is_mut || a->self_mode != b->self_mode || a->arg_count == 0)
        return MATCH_NO;
    if (a->kind == TY_FUNC && a->arg_count > 1 && memcmp(a->modes, b->modes, a->arg_count - 1) != 0)
        return MATCH_NO;
    MatchResult result = MATCH_YES;
    for (uint32_t i = 0; i < a->arg_count; i++) {
        MatchResult part = match_types(p, impl, a->args[i], b->args[i], args);
        if (part == MATCH_NO)
            return MATCH_NO;
        if (part == MATCH_AMBIGUOUS)
            result = MATCH_AMBIGUOUS;
    }
    return result;
}

MatchResult impl_match_self(Program *p, ImplId id, TypeId self, TypeId *args) {
    const Impl *impl = &p->impls.items[id.v];
    memset(args, 0, impl->type_param_count * sizeof *args);
    return match_types(p, impl, impl->self, self, args);
}

// ---- callables ------------------------------------------------------------------------------------------------------

static uint64_t closure_key(const Type *t) {
    return pair_key(t->decl.v, t->node.v);
}

void program_set_closure(Program *p, TypeId closure, TypeId func) {
    map_set(&p->closure_funcs, closure_key(type_get(p->types, closure)), func.v);
}

TypeId program_callable(Program *p, TypeId type) {
    const Type *t = type_get(p->types, type);
    if (t->kind == TY_REF)
        return program_callable(p, t->args[0]);
    if (t->kind == TY_FUNC)
        return type;
    uint32_t func = 0;
    if (t->kind != TY_CLOSURE || !map_get(&p->closure_funcs, closure_key(t), &func))
        return (TypeId){0};
    const Signature *owner = program_signature(p, t->decl);
    if (owner == NULL || owner->type_param_count != t->arg_count)
        return (TypeId){func};
    return type_subst(p->types, (TypeId){func}, (Subst){owner->type_params, t->args, t->arg_count});
}

// A callable bound F: func(A) -> B: the type must be callable with these parameters; parameters of the impl that only
// the result names (B) are bound by it.
static MatchResult match_callable(Program *p, const Impl *impl, const Bound *bound, TypeId *args, const Bound *env,
                                  uint32_t env_count) {
    Subst subst = {impl->type_params, args, impl->type_param_count};
    TypeId type = type_subst(p->types, bound->type, subst);
    if (type_get(p->types, type)->flags & (TYPE_HAS_VAR | TYPE_HAS_POISON))
        return type_get(p->types, type)->flags & TYPE_HAS_POISON ? MATCH_YES : MATCH_AMBIGUOUS;
    TypeId func = program_callable(p, type);
    for (uint32_t i = 0; i < env_count && func.v == 0; i++)
        if (env[i].callable.v != 0 && env[i].type.v == type.v)
            func = env[i].callable;
    if (func.v == 0)
        return MATCH_NO;
    const Type *wanted = type_get(p->types, bound->callable), *have = type_get(p->types, func);
    if (wanted->arg_count != have->arg_count || have->self_mode > wanted->self_mode)
        return MATCH_NO;
    for (uint32_t i = 0; i < wanted->arg_count; i++) {
        TypeId pattern = program_normalize(p, type_subst(p->types, wanted->args[i], subst), env, env_count);
        TypeId actual = program_normalize(p, have->args[i], env, env_count);
        const Type *lent = type_get(p->types, pattern);
        bool is_param = i + 1 < wanted->arg_count && have->modes[i] == MODE_BORROW;
        if (is_param && lent->kind == TY_REF && type_get(p->types, actual)->kind != TY_REF)
            pattern = lent->args[0]; // what is lent passes where it would be lent anyway
        MatchResult part = match_types(p, impl, pattern, actual, args);
        if (part != MATCH_YES)
            return part;
    }
    TypeId lending;
    Lending where = {subst, env, env_count};
    return program_lends_unseen(p, bound->callable, &where, &lending) ? MATCH_NO : MATCH_YES;
}

// ---- search ---------------------------------------------------------------------------------------------------------

static MatchResult find(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                        ImplMatch *match);

static bool trait_includes(const Program *p, DeclId trait, DeclId wanted, uint32_t depth) {
    if (trait.v == wanted.v)
        return true;
    const Trait *t = trait.v == 0 || depth > SEARCH_LIMIT ? NULL : p->traits[trait.v];
    for (uint32_t i = 0; t != NULL && i < t->super_count; i++)
        if (trait_includes(p, t->supers[i].trait, wanted, depth + 1))
            return true;
    return false;
}

bool trait_has_super(const Program *p, DeclId trait, DeclId super) {
    return trait_includes(p, trait, super, 0);
}

static void collect_super(Program *p, TraitRef from, TypeId self, DeclId wanted, uint32_t depth, VecU32 *args) {
    if (from.decl.v == wanted.v) {
        bool is_new = true;
        for (uint32_t i = 0; i < args->count; i++)
            is_new &= args->items[i] != from.args.v;
        if (is_new)
            vec_push(args, from.args.v);
        return;
    }
    if (depth > SEARCH_LIMIT || !trait_includes(p, from.decl, wanted, 0))
        return;
    const Trait *row = p->traits[from.decl.v];
    Subst subst = trait_subst(p, from, self);
    for (uint32_t i = 0; i < row->super_count; i++)
        collect_super(p, bound_trait_subst(p->types, &row->supers[i], subst), self, wanted, depth + 1, args);
}

void trait_collect_super(Program *p, TraitRef from, TypeId self, DeclId wanted, VecU32 *args) {
    collect_super(p, from, self, wanted, 0, args);
}

static MatchResult match_trait_args(Program *p, TypeId have, TypeId wanted) {
    static const Impl CLOSED = {0}; // without parameters: each stands for itself
    return wanted.v == 0 ? MATCH_YES : match_types(p, &CLOSED, have, wanted, NULL);
}

// What the trait, or the dyn, `from` gives of a trait with parameters.
static MatchResult match_super(Program *p, TraitRef from, TypeId self, TraitRef trait, TypeId *args) {
    VecU32 found = {0};
    MatchResult result = MATCH_NO;
    collect_super(p, from, self, trait.decl, 0, &found);
    for (uint32_t i = 0; i < found.count && result != MATCH_YES; i++) {
        MatchResult one = match_trait_args(p, (TypeId){found.items[i]}, trait.args);
        if (one != MATCH_NO) {
            result = one;
            args->v = found.items[i];
        }
    }
    vec_free(&found);
    return result;
}

static MatchResult find_bound(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t count,
                              ImplMatch *match) {
    bool has_params = trait_param_count(p, trait.decl) > 0;
    MatchResult result = MATCH_NO;
    for (uint32_t i = 0; i < count && result != MATCH_YES; i++) {
        if (env[i].type.v != self.v || !trait_includes(p, env[i].trait, trait.decl, 0))
            continue;
        TypeId args = {0};
        MatchResult one = has_params ? match_super(p, bound_trait(&env[i]), self, trait, &args) : MATCH_YES;
        if (one == MATCH_NO)
            continue;
        *match = (ImplMatch){.bound = &env[i], .trait_args = args};
        result = one;
    }
    return result;
}

// True if the type mentions a parameter of the impl that nothing has said yet: only the asked trait's arguments would.
static bool is_undecided(Program *p, const Impl *impl, const TypeId *args, TypeId type) {
    const Type *t = type.v == 0 ? NULL : type_get(p->types, type);
    if (t == NULL || !(t->flags & TYPE_HAS_PARAM))
        return false;
    for (uint32_t i = 0; t->kind == TY_PARAM && i < impl->type_param_count; i++)
        if (impl->type_params[i].v == t->decl.v)
            return args[i].v == 0;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (is_undecided(p, impl, args, t->args[i]))
            return true;
    return false;
}

static MatchResult match_head(Program *p, ImplId id, TypeId self, TypeId trait_args, TypeId *args, const Bound *env,
                              uint32_t env_count) {
    const Impl *impl = &p->impls.items[id.v];
    MatchResult result = match_types(p, impl, impl->self, self, args);
    if (result == MATCH_NO || impl->trait_args.v == 0 || trait_args.v == 0)
        return result;
    TypeId pattern = impl->trait_args;
    if (type_mentions_assoc(p, pattern)) { // what that is follows from the type the impl is for
        Subst subst = {impl->type_params, args, impl->type_param_count};
        pattern = program_normalize(p, type_subst(p->types, pattern, subst), env, env_count);
        impl = &p->impls.items[id.v];
    }
    MatchResult part = match_types(p, impl, pattern, trait_args, args);
    return part == MATCH_YES ? result : part;
}

static MatchResult try_impl(Program *p, ImplId id, TypeId self, TypeId trait_args, const Bound *env, uint32_t env_count,
                            ImplMatch *match) {
    const Impl *impl = &p->impls.items[id.v];
    TypeId few[16] = {{0}};
    TypeId *args = impl->type_param_count <= 16 ? few : ARENA_ARRAY(p->arena, TypeId, impl->type_param_count);
    MatchResult result = match_head(p, id, self, trait_args, args, env, env_count);
    impl = &p->impls.items[id.v];
    if (result == MATCH_NO)
        return MATCH_NO;
    bool is_open = impl->trait_args.v != 0 && trait_args.v == 0;
    for (uint32_t i = 0; i < impl->bound_count; i++) {
        const Bound bound = p->impls.items[id.v].bounds[i];
        MatchResult part;
        if (bound.trait.v == 0 && bound.callable.v == 0)
            continue;
        if (is_open && (is_undecided(p, impl, args, bound.type) || is_undecided(p, impl, args, bound.trait_args))) {
            part = MATCH_AMBIGUOUS;
        } else if (bound.trait.v == 0) {
            part = match_callable(p, impl, &bound, args, env, env_count);
        } else {
            ImplMatch inner;
            Subst subst = {impl->type_params, args, impl->type_param_count};
            TypeId type = program_normalize(p, type_subst(p->types, bound.type, subst), env, env_count);
            TraitRef trait = bound_trait_subst(p->types, &bound, subst);
            if (trait.args.v != 0)
                trait.args = program_normalize(p, trait.args, env, env_count);
            part = find(p, type, trait, env, env_count, &inner);
        }
        if (part == MATCH_NO)
            return MATCH_NO;
        if (part == MATCH_AMBIGUOUS)
            result = MATCH_AMBIGUOUS;
        impl = &p->impls.items[id.v];
    }
    *match = (ImplMatch){.impl = id, .impl_arg_count = impl->type_param_count};
    if (impl->type_param_count > 0)
        match->impl_args = arena_copy(p->arena, args, impl->type_param_count * sizeof *args, _Alignof(TypeId));
    return result;
}

static MatchResult find_written(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                                ImplMatch *match) {
    uint32_t heads[2] = {type_head(p, self), 0};
    MatchResult result = MATCH_NO;
    for (int h = heads[0] == 0 ? 1 : 0; h < 2; h++) {
        uint32_t at = impl_chain(p, trait.decl, heads[h]);
        for (ImplId impl; (impl = impl_chain_next(p, &at)).v != 0;) {
            ImplMatch tried;
            MatchResult one = try_impl(p, impl, self, trait.args, env, env_count, &tried);
            if (one == MATCH_NO)
                continue;
            *match = tried;
            result = one;
            if (one == MATCH_YES)
                return MATCH_YES;
        }
    }
    return result;
}

// ---- what the compiler provides -------------------------------------------------------------------------------------

uint8_t shape_derive_bit(const Program *p, DeclId trait) {
    static const LangItem DERIVED[] = {LANG_EQ, LANG_HASH, LANG_DEBUG, LANG_COPY, LANG_ORD, LANG_DEFAULT, LANG_JSON};
    for (uint32_t i = 0; i < sizeof DERIVED / sizeof *DERIVED; i++)
        if (trait.v != 0 && trait.v == p->lang[DERIVED[i]].v)
            return (uint8_t)(1u << i);
    return 0;
}

static bool is_derived(const Program *p, TypeId type, DeclId trait) {
    const Type *t = type_get(p->types, type);
    const Shape *shape = t->decl.v != 0 ? program_shape(p, t->decl) : NULL;
    return shape != NULL && shape->derives & shape_derive_bit(p, trait);
}

typedef struct {
    Program *p;
    DeclId trait;
    const Bound *env;
    uint32_t env_count;
    MatchResult result;
} PartCheck;

static bool part_has_trait(PartCheck *c, TypeId part) {
    ImplMatch inner;
    part = program_normalize(c->p, part, c->env, c->env_count);
    MatchResult one = find(c->p, part, (TraitRef){c->trait, {0}}, c->env, c->env_count, &inner);
    if (one == MATCH_AMBIGUOUS)
        c->result = MATCH_AMBIGUOUS;
    if (one == MATCH_NO)
        c->result = MATCH_NO;
    return one != MATCH_NO;
}

static bool shape_has_trait(PartCheck *c, TypeId self, const Shape *shape) {
    for (uint32_t i = 0; i < shape->fields.count; i++)
        if (!part_has_trait(c, shape_field_type(c->p, self, 0, i)))
            return false;
    for (uint32_t v = 0; v < shape->variant_count; v++)
        for (uint32_t i = 0; i < shape->variant_fields[v].count; i++)
            if (!part_has_trait(c, shape_field_type(c->p, self, v, i)))
                return false;
    return true;
}

static MatchResult errors_have_trait(PartCheck *c, TypeId self) {
    uint32_t count;
    const DeclId *variants = error_variants(c->p, self, &count);
    if (type_class(c->p, self) & CLASS_HAS_DROP)
        return MATCH_NO;
    for (uint32_t v = 0; v < count; v++) {
        const Fields *payload = error_payload(c->p, variants[v]);
        for (uint32_t i = 0; i < payload->count; i++)
            if (!part_has_trait(c, payload->types[i]))
                return c->result;
    }
    return c->result;
}

static bool fields_default(PartCheck *c, TypeId self) {
    const Shape *shape = program_shape(c->p, type_get(c->p->types, self)->decl);
    for (uint32_t i = 0; i < shape->fields.count; i++) {
        DeclId field = shape->fields.fields[i];
        bool is_given = ast_param(program_ast(c->p, field), program_decl(c->p, field)->node).default_value.v != 0;
        if (!is_given && !part_has_trait(c, shape_field_type(c->p, self, 0, i)))
            return false;
    }
    return true;
}

static bool has_written_drop(Program *p, TypeId type) {
    return p->lang[LANG_DROP].v != 0 && impl_chain(p, p->lang[LANG_DROP], type_head(p, type)) != 0;
}

static MatchResult parts_have_trait(PartCheck *c, TypeId self) {
    const Type *t = type_get(c->p->types, self);
    if (type_kind_is_error(t->kind))
        return errors_have_trait(c, self);
    if (t->kind == TY_STRUCT || t->kind == TY_ENUM) {
        const Shape *shape = program_shape(c->p, t->decl);
        if (shape == NULL)
            return MATCH_YES;
        if (shape->is_owner || (shape->is_view && c->trait.v != c->p->lang[LANG_COPY].v) ||
            t->decl.v == c->p->lang[LANG_NURSERY].v)
            return MATCH_NO;
        bool is_copy = c->trait.v == c->p->lang[LANG_COPY].v;
        if (is_copy && type_class(c->p, self) & CLASS_HAS_DROP)
            return MATCH_NO;
        if (has_written_drop(c->p, self) && !(shape->derives & shape_derive_bit(c->p, c->trait)))
            return MATCH_NO; // a part that has Drop says for itself what it has
        shape_has_trait(c, self, shape);
        return c->result;
    }
    uint32_t count = t->kind == TY_ARRAY ? 1 : t->arg_count; // its length is no part
    for (uint32_t i = 0; i < count; i++)
        if (!part_has_trait(c, t->args[i]))
            return MATCH_NO;
    return c->result;
}

static bool is_scalar(TypeKind k) {
    return k == TY_BOOL || k == TY_CHAR || k == TY_VOID || type_kind_is_integer(k) || type_kind_is_float(k);
}

static bool is_number_trait(const Program *p, DeclId trait, TypeKind k) {
    if (trait.v == p->lang[LANG_INTEGER].v)
        return type_kind_is_integer(k);
    if (trait.v == p->lang[LANG_FLOATING].v)
        return type_kind_is_float(k);
    return trait.v == p->lang[LANG_NUMBER].v && (type_kind_is_integer(k) || type_kind_is_float(k));
}

// A written Eq without a written Hash takes the automatic Hash away: they would disagree.
static bool hash_is_lost(Program *p, TypeId self, const Bound *env, uint32_t env_count) {
    TypeKind k = type_get(p->types, self)->kind;
    ImplMatch written;
    return (k == TY_STRUCT || k == TY_ENUM || k == TY_ERROR) &&
           find_written(p, self, (TraitRef){p->lang[LANG_EQ], {0}}, env, env_count, &written) == MATCH_YES;
}

// Ord, Default and Json: of tuples, optionals and arrays, and of the structs and enums that derive them.
static MatchResult find_asked(Program *p, TypeId self, DeclId trait, const Bound *env, uint32_t env_count) {
    TypeKind k = type_get(p->types, self)->kind;
    PartCheck check = {p, trait, env, env_count, MATCH_YES};
    if (k == TY_OPTIONAL && trait.v == p->lang[LANG_DEFAULT].v)
        return MATCH_YES; // null
    if (k == TY_TUPLE || k == TY_OPTIONAL || k == TY_ARRAY)
        return parts_have_trait(&check, self);
    if ((k != TY_STRUCT && k != TY_ENUM) || !is_derived(p, self, trait))
        return MATCH_NO;
    if (trait.v == p->lang[LANG_DEFAULT].v) // fields may say theirs; derives_check has judged the others
        return fields_default(&check, self) ? check.result : MATCH_NO;
    return parts_have_trait(&check, self);
}

static MatchResult find_builtin(Program *p, TypeId self, DeclId trait, const Bound *env, uint32_t env_count) {
    TypeKind k = type_get(p->types, self)->kind;
    const DeclId *lang = p->lang;
    if (k == TY_NEVER || is_number_trait(p, trait, k))
        return MATCH_YES;
    bool eq = trait.v == lang[LANG_EQ].v, hash = trait.v == lang[LANG_HASH].v, debug = trait.v == lang[LANG_DEBUG].v;
    bool copy = trait.v == lang[LANG_COPY].v, display = trait.v == lang[LANG_DISPLAY].v;
    if (display || (debug && type_kind_is_error(k)))
        return type_kind_is_error(k) ? MATCH_YES : MATCH_NO; // a part without Debug is left out
    bool is_asked = trait.v == lang[LANG_ORD].v || trait.v == lang[LANG_DEFAULT].v || trait.v == lang[LANG_JSON].v;
    if (!eq && !hash && !debug && !copy && !is_asked)
        return MATCH_NO;
    if (is_asked) // of what is made of others; structs and enums are asked
        return find_asked(p, self, trait, env, env_count);
    if (is_scalar(k))
        return hash && type_kind_is_float(k) ? MATCH_NO : MATCH_YES;
    if (hash && !is_derived(p, self, trait) && hash_is_lost(p, self, env, env_count))
        return MATCH_NO;
    switch (k) {
    case TY_POINTER: return copy ? MATCH_YES : MATCH_NO;
    case TY_FUNC: return copy && type_get(p->types, self)->self_mode == MODE_BORROW ? MATCH_YES : MATCH_NO;
    case TY_STRUCT:
    case TY_ENUM:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET:
    case TY_TUPLE:
    case TY_OPTIONAL:
    case TY_ARRAY: {
        PartCheck check = {p, trait, env, env_count, MATCH_YES};
        return parts_have_trait(&check, self);
    }
    default: return MATCH_NO;
    }
}

// ---- the question ---------------------------------------------------------------------------------------------------

// A question that is being answered already. Only a cycle through a structural step holds: a type that contains itself.
static bool find_pending(struct ImplCache *c, uint64_t key, MatchResult *result) {
    for (uint32_t i = c->pending.count; i-- > 0;) {
        if (c->pending.items[i].key != key)
            continue;
        bool structural = false;
        for (uint32_t j = i; j < c->pending.count; j++)
            structural |= c->pending.items[j].structural;
        if (i < c->lowest)
            c->lowest = i;
        *result = structural ? MATCH_YES : MATCH_NO;
        return true;
    }
    return false;
}

static MatchResult find_uncached(Program *p, struct ImplCache *c, TypeId self, TraitRef trait, const Bound *env,
                                 uint32_t env_count, ImplMatch *match) {
    MatchResult result = find_written(p, self, trait, env, env_count, match);
    if (result != MATCH_NO)
        return result;
    vec_last(&c->pending).structural = true;
    result = find_builtin(p, self, trait.decl, env, env_count);
    *match = (ImplMatch){.builtin = result != MATCH_NO};
    return result;
}

// The key of a question. Of a trait with parameters its arguments are part of it.
static uint64_t question_key(Program *p, TypeId self, TraitRef trait) {
    if (trait_param_count(p, trait.decl) > 0) {
        TypeId both[2] = {self, trait.args};
        self = type_tuple(p->types, both, trait.args.v == 0 ? 1 : 2);
    }
    return pair_key(trait.decl.v, self.v);
}

// T.Kept is T where T does not stand for what is lent: the instances are asked for that (mono_report.c).
static bool is_kept_as_itself(Program *p, const Type *t) {
    Decl *param = t->kind == TY_PARAM ? program_decl(p, t->decl) : NULL;
    if (param == NULL || param->kind != DECL_TYPE_PARAM || param->is_given || program_module(p, param->module)->is_std)
        return false;
    param->is_kept = true;
    return true;
}

// Of what is not looked up among impls; false if it has to be.
static bool find_special(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                         ImplMatch *match, MatchResult *result) {
    const Type *t = type_get(p->types, self);
    bool is_poison =
        t->flags & TYPE_HAS_POISON || (trait.args.v != 0 && type_get(p->types, trait.args)->flags & TYPE_HAS_POISON);
    *result = MATCH_NO;
    if (trait.decl.v == 0)
        return true;
    if (is_poison) {
        match->builtin = true;
        *result = MATCH_YES;
        return true;
    }
    if (t->kind == TY_VAR) {
        *result = MATCH_AMBIGUOUS;
        return true;
    }
    if (t->kind == TY_NEVER && shape_derive_bit(p, trait.decl)) { // there is no value that would need an impl
        match->builtin = true;
        *result = MATCH_YES;
        return true;
    }
    if (t->kind == TY_DYN) { // through its table, and nothing else: no impl is written for a value of unknown size
        TypeId args;
        if (trait_param_count(p, trait.decl) > 0)
            *result = match_super(p, dyn_trait(t), self, trait, &args);
        else
            *result = trait_includes(p, t->decl, trait.decl, 0) ? MATCH_YES : MATCH_NO;
        match->builtin = *result != MATCH_NO;
        return true;
    }
    if (t->kind != TY_PARAM && t->kind != TY_ASSOC)
        return false;
    *result = find_bound(p, self, trait, env, env_count, match);
    if (*result != MATCH_NO)
        return true;
    return trait.decl.v == p->lang[LANG_KEEP].v && !is_kept_as_itself(p, t);
}

static MatchResult find(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                        ImplMatch *match) {
    struct ImplCache *c = cache_of(p);
    const Type *t = type_get(p->types, self);
    *match = (ImplMatch){0};
    if (t->kind == TY_REF && trait.decl.v && trait.decl.v == p->lang[LANG_KEEP].v) {
        // What is lent is kept as a copy.
        MatchResult copies = find(p, t->args[0], (TraitRef){p->lang[LANG_COPY], {0}}, env, env_count, match);
        return copies == MATCH_YES ? find(p, t->args[0], trait, env, env_count, match) : copies;
    }
    if (t->kind == TY_REF)
        return find(p, t->args[0], trait, env, env_count, match);
    MatchResult result;
    if (find_special(p, self, trait, env, env_count, match, &result))
        return result;
    index_new_impls(p, c);
    uint64_t key = question_key(p, self, trait);
    uint8_t flags = t->flags | (trait.args.v == 0 ? 0 : type_get(p->types, trait.args)->flags);
    bool cacheable = !(flags & (TYPE_HAS_PARAM | TYPE_HAS_VAR));
    uint32_t known;
    if (cacheable && map_get(&c->found, key, &known)) {
        *match = c->founds.items[known].match;
        return c->founds.items[known].result;
    }
    if (find_pending(c, key, &result)) {
        match->builtin = result == MATCH_YES;
        return result;
    }
    if (c->pending.count >= SEARCH_LIMIT)
        return MATCH_NO;
    uint32_t depth = c->pending.count, outer_lowest = c->lowest;
    c->lowest = UINT32_MAX;
    vec_push(&c->pending, (Pending){key, false});
    result = find_uncached(p, c, self, trait, env, env_count, match);
    c->pending.count--;
    if (cacheable && c->lowest >= depth) { // nothing below was assumed: the answer stands by itself
        vec_push(&c->founds, (Found){result, *match});
        map_set(&c->found, key, c->founds.count - 1);
    }
    if (c->lowest >= depth)
        c->lowest = UINT32_MAX;
    if (outer_lowest < c->lowest)
        c->lowest = outer_lowest;
    return result;
}

MatchResult program_find_impl(Program *p, TypeId self, DeclId trait, const Bound *env, uint32_t env_count,
                              ImplMatch *match) {
    return find(p, self, (TraitRef){trait, {0}}, env, env_count, match);
}

MatchResult program_find_impl_of(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                                 ImplMatch *match) {
    return find(p, self, trait, env, env_count, match);
}

// ---- candidates -----------------------------------------------------------------------------------------------------

static uint32_t super_candidates(Program *p, TraitRef from, const Bound *bound, TypeId self, TraitRef trait,
                                 ImplMatch *matches, uint32_t count, uint32_t limit) {
    VecU32 found = {0};
    collect_super(p, from, self, trait.decl, 0, &found);
    for (uint32_t i = 0; i < found.count; i++) {
        TypeId args = {found.items[i]};
        bool is_known = match_trait_args(p, args, trait.args) == MATCH_NO;
        for (uint32_t j = 0; j < count && j < limit; j++)
            is_known |= matches[j].trait_args.v == args.v;
        if (is_known)
            continue;
        if (count < limit)
            matches[count] = (ImplMatch){.bound = bound, .builtin = bound == NULL, .trait_args = args};
        count++;
    }
    vec_free(&found);
    return count;
}

uint32_t program_find_candidates(Program *p, TypeId self, TraitRef trait, const Bound *env, uint32_t env_count,
                                 ImplMatch *matches, uint32_t limit) {
    const Type *t = type_get(p->types, self);
    if (t->kind == TY_REF)
        return program_find_candidates(p, t->args[0], trait, env, env_count, matches, limit);
    if (t->kind == TY_DYN)
        return super_candidates(p, dyn_trait(t), NULL, self, trait, matches, 0, limit);
    uint32_t count = 0;
    for (uint32_t i = 0; i < env_count; i++)
        if (env[i].type.v == self.v && env[i].trait.v != 0)
            count = super_candidates(p, bound_trait(&env[i]), &env[i], self, trait, matches, count, limit);
    if (count > 0 || t->kind == TY_VAR)
        return count;
    uint32_t heads[2] = {type_head(p, self), 0};
    for (int h = heads[0] == 0 ? 1 : 0; h < 2; h++) {
        uint32_t at = impl_chain(p, trait.decl, heads[h]);
        for (ImplId impl; (impl = impl_chain_next(p, &at)).v != 0;) {
            ImplMatch one;
            if (try_impl(p, impl, self, trait.args, env, env_count, &one) == MATCH_NO)
                continue;
            if (count < limit)
                matches[count] = one;
            count++;
        }
    }
    return count;
}

DeclId impl_member(const Program *p, ImplId impl, SymbolId name) {
    const Impl *row = &p->impls.items[impl.v];
    for (uint32_t i = 0; i < row->member_count; i++)
        if (program_decl(p, row->members[i])->name.v == name.v)
            return row->members[i];
    return (DeclId){0};
}

// ---- associated types -----------------------------------------------------------------------------------------------

// What one type leads to. One that leads on without end is given up as a whole: its branches double at each step.
typedef struct {
    Program *p;
    const Bound *env;
    uint32_t env_count;
    bool is_endless;
} Normal;

static TypeId normalize(Normal *n, TypeId id, uint32_t depth);

static TypeId normalize_assoc(Normal *n, const Type *t, uint32_t depth) {
    Program *p = n->p;
    TypeId base = normalize(n, t->args[0], depth + 1);
    const Type *b = type_get(p->types, base);
    if (b->kind == TY_REF)
        base = b->args[0];
    if (b->kind == TY_POISON)
        return base;
    TraitRef trait = {program_decl(p, t->decl)->parent, {0}};
    if (t->arg_count > 1)
        trait.args = normalize(n, t->args[1], depth + 1);
    ImplMatch match;
    MatchResult found = find(p, base, trait, n->env, n->env_count, &match);
    if (match.impl.v == 0 && type_get(p->types, base)->flags & TYPE_HAS_POISON)
        return type_builtin(p->types, TY_POISON);
    if (found == MATCH_NO || match.impl.v == 0 || (found == MATCH_AMBIGUOUS && trait.args.v != 0))
        return type_assoc(p->types, t->decl, base, trait.args);
    const Impl *impl = &p->impls.items[match.impl.v];
    for (uint32_t i = 0; i < impl->member_count; i++) {
        if (program_decl(p, impl->members[i])->name.v != program_decl(p, t->decl)->name.v ||
            impl->assoc_types[i].v == 0)
            continue;
        Subst subst = {impl->type_params, match.impl_args, match.impl_arg_count};
        return normalize(n, type_subst(p->types, impl->assoc_types[i], subst), depth + 1);
    }
    return type_assoc(p->types, t->decl, base, trait.args);
}

static TypeId normalize(Normal *n, TypeId id, uint32_t depth) {
    Program *p = n->p;
    const Type *t = type_get(p->types, id);
    if (!(t->flags & TYPE_HAS_PARAM) || t->kind == TY_PARAM)
        return id;
    n->is_endless |= depth > NORMALIZE_LIMIT;
    if (n->is_endless)
        return type_builtin(p->types, TY_POISON);
    if (t->kind == TY_ASSOC)
        return normalize_assoc(n, t, depth);
    TypeId few[16];
    TypeId *args = t->arg_count <= 16 ? few : ARENA_ARRAY(p->arena, TypeId, t->arg_count);
    for (uint32_t i = 0; i < t->arg_count; i++)
        args[i] = normalize(n, t->args[i], depth + 1);
    return type_with_args(p->types, t, args);
}

TypeId program_normalize(Program *p, TypeId type, const Bound *env, uint32_t env_count) {
    if (!(type_get(p->types, type)->flags & TYPE_HAS_PARAM))
        return type;
    return normalize(&(Normal){p, env, env_count, false}, type, 0);
}

// ---- classes --------------------------------------------------------------------------------------------------------

enum { CLASS_ALL = CLASS_PLAIN | CLASS_CHEAP };

// PLAIN and CHEAP hold if they hold for every part; the others if they hold for one.
static uint32_t class_join(uint32_t a, uint32_t b) {
    return (a & b & CLASS_ALL) | ((a | b) & ~(uint32_t)CLASS_ALL);
}

static uint32_t class_compute(Program *p, struct ImplCache *c, TypeId type);

static uint32_t class_of(Program *p, struct ImplCache *c, TypeId type) {
    if (type.v < c->classes.count && c->classes.items[type.v] & CLASS_KNOWN)
        return c->classes.items[type.v] & ~CLASS_KNOWN;
    for (uint32_t i = 0; i < c->class_stack.count; i++) {
        if (c->class_stack.items[i] == type.v) {
            if (i < c->class_lowest)
                c->class_lowest = i;
            return CLASS_ALL; // a type that contains itself adds nothing to what its other parts say
        }
    }
    if (c->class_stack.count >= CLASS_LIMIT) {
        c->class_lowest = 0; // a type that holds ever larger ones: nothing on this way is remembered
        return CLASS_NEEDS_DROP;
    }
    uint32_t depth = c->class_stack.count, outer_lowest = c->class_lowest;
    if (depth == 0)
        c->class_is_open = false;
    c->class_lowest = UINT32_MAX;
    vec_push(&c->class_stack, type.v);
    uint32_t result = class_compute(p, c, type);
    c->class_stack.count--;
    if (c->class_lowest >= depth) {
        while (c->classes.count <= type.v && !c->class_is_open)
            vec_push(&c->classes, 0);
        if (!c->class_is_open)
            c->classes.items[type.v] = result | CLASS_KNOWN;
        c->class_lowest = UINT32_MAX;
    }
    if (outer_lowest < c->class_lowest)
        c->class_lowest = outer_lowest;
    return result;
}

static uint32_t class_of_fields(Program *p, struct ImplCache *c, TypeId type, const Shape *shape) {
    uint32_t result = CLASS_ALL;
    uint32_t groups = shape->variant_count > 0 ? shape->variant_count : 1;
    for (uint32_t v = 0; v < groups; v++)
        for (uint32_t i = 0; i < shape_field_count(p, type, v); i++)
            result = class_join(result, class_of(p, c, shape_field_type(p, type, v, i)));
    return result;
}

static uint32_t class_of_nominal(Program *p, struct ImplCache *c, TypeId type, const Type *t) {
    const Shape *shape = program_shape(p, t->decl);
    if (shape == NULL)
        return CLASS_ALL;
    uint32_t result = CLASS_ALL;
    for (uint32_t i = 0; i < t->arg_count && shape->is_owner; i++)
        result = class_join(result, class_of(p, c, t->args[i]));
    result = class_join(result, class_of_fields(p, c, type, shape));
    if (shape->is_copy_cheap && shape->is_owner) // another owner copies nothing
        result = (result & ~(uint32_t)CLASS_HAS_DROP) | CLASS_COUNTED;
    if (shape->is_copy_cheap)
        return (result & ~(uint32_t)CLASS_PLAIN) | CLASS_CHEAP | CLASS_NEEDS_DROP;
    if (shape->is_owner)
        return (result & ~(uint32_t)CLASS_ALL) | CLASS_NEEDS_DROP;
    if (has_written_drop(p, type))
        return (result & ~(uint32_t)CLASS_ALL) | CLASS_NEEDS_DROP | CLASS_HAS_DROP;
    return result;
}

// As its payloads; a set that is not frozen yet counts as the worst, and nothing that holds it is remembered.
static uint32_t class_of_error(Program *p, struct ImplCache *c, TypeId type, const Type *t) {
    uint32_t result = CLASS_ALL, count;
    if (t->kind == TY_INFERRED_SET) {
        const Signature *signature = program_signature(p, t->decl);
        if (signature == NULL || signature->frozen_errors.v == 0) {
            c->class_is_open = true;
            return CLASS_NEEDS_DROP;
        }
    }
    const DeclId *variants = error_variants(p, type, &count);
    for (uint32_t v = 0; v < count; v++) {
        const Fields *payload = error_payload(p, variants[v]);
        for (uint32_t i = 0; i < payload->count; i++)
            result = class_join(result, class_of(p, c, payload->types[i]));
    }
    return result;
}

static bool has_number_bound(const Program *p, DeclId param, const Bound *bounds, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (type_get(p->types, bounds[i].type)->kind == TY_PARAM &&
            type_get(p->types, bounds[i].type)->decl.v == param.v &&
            trait_includes(p, bounds[i].trait, p->lang[LANG_NUMBER], 0))
            return true;
    return false;
}

// A parameter is anything, unless its owner's bounds say that it is a number.
static uint32_t class_of_param(const Program *p, DeclId param) {
    const Decl *decl = program_decl(p, param);
    if (decl->value_type.v != 0)
        return CLASS_ALL | CLASS_GENERIC;
    const Impl *impl = &p->impls.items[decl->impl.v];
    const Signature *signature = p->signatures[decl->parent.v];
    const Shape *shape = p->shapes[decl->parent.v];
    const Trait *trait = p->traits[decl->parent.v];
    bool is_number = (decl->impl.v && has_number_bound(p, param, impl->bounds, impl->bound_count)) ||
                     (signature && has_number_bound(p, param, signature->bounds, signature->bound_count)) ||
                     (shape && has_number_bound(p, param, shape->bounds, shape->bound_count)) ||
                     (trait && has_number_bound(p, param, trait->param_bounds, trait->param_bound_count));
    return is_number ? CLASS_ALL | CLASS_GENERIC : CLASS_NEEDS_DROP | CLASS_GENERIC;
}

static uint32_t class_compute(Program *p, struct ImplCache *c, TypeId type) {
    const Type *t = type_get(p->types, type);
    uint32_t result = CLASS_ALL;
    switch (t->kind) {
    case TY_PARAM: return class_of_param(p, t->decl);
    case TY_ASSOC: return CLASS_NEEDS_DROP | CLASS_GENERIC;
    case TY_REF: return CLASS_ALL | CLASS_VIEW;
    case TY_VALUE:
    case TY_POINTER: return CLASS_ALL;
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: result = class_of_error(p, c, type, t); break;
    case TY_FUNC: return CLASS_NEEDS_DROP | (t->self_mode == MODE_BORROW ? CLASS_CHEAP : 0); // it owns what it captured
    case TY_CLOSURE: return CLASS_VIEW | CLASS_NEEDS_DROP; // it may own captures: only its function says
    case TY_DYN: return CLASS_NEEDS_DROP | CLASS_HAS_DROP; // what it is may have a Drop
    case TY_STRUCT:
    case TY_ENUM: result = class_of_nominal(p, c, type, t); break;
    default:
        for (uint32_t i = 0; i < t->arg_count; i++)
            result = class_join(result, class_of(p, c, t->args[i]));
        break;
    }
    if (t->flags & TYPE_HAS_REF)
        result |= CLASS_VIEW;
    if (t->flags & TYPE_HAS_PARAM) // a parameter in a part has made it neither plain nor cheap already
        result |= CLASS_GENERIC;
    return result;
}

uint32_t type_class(Program *p, TypeId type) {
    return class_of(p, cache_of(p), type);
}

bool type_may_borrow(Program *p, TypeId type) {
    return type_get(p->types, type)->flags & TYPE_HAS_REF || type_class(p, type) & CLASS_VIEW;
}
