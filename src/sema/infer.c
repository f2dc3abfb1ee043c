// Inference variables of one body: bindings by number, a trail to undo them.
#include "sema/internal.h"

enum { UNIFY_LIMIT = 256 };

struct Infer {
    Sema *sema;
    Types *types;
    VEC(TypeId) bindings; // by variable: 0 while unbound
    VEC(Span) origins;
    VecU32 trail; // variables in the order they were bound
};

Infer *infer_new(Sema *sema) {
    Infer *infer = ARENA_NEW(sema->arena, Infer);
    infer->sema = sema;
    infer->types = sema->program->types;
    return infer;
}

void infer_free(Infer *infer) {
    if (infer == NULL)
        return;
    vec_free(&infer->bindings);
    vec_free(&infer->origins);
    vec_free(&infer->trail);
}

void infer_reset(Infer *infer) {
    infer->bindings.count = 0;
    infer->origins.count = 0;
    infer->trail.count = 0;
}

TypeId infer_fresh(Infer *infer, Span origin) {
    vec_push(&infer->bindings, (TypeId){0});
    vec_push(&infer->origins, origin);
    return type_intern(infer->types, &(Type){.kind = TY_VAR, .var = infer->bindings.count - 1});
}

TypeId infer_shallow(Infer *infer, TypeId type) {
    const Type *t = type_get(infer->types, type);
    while (t->kind == TY_VAR && t->var < infer->bindings.count && infer->bindings.items[t->var].v != 0) {
        type = infer->bindings.items[t->var];
        t = type_get(infer->types, type);
    }
    return type;
}

// Types are graphs with shared parts: below a few levels what was walked is remembered, so that none is walked as a
// tree.
enum { MEMO_DEPTH = 8 };

static TypeId resolve(Infer *infer, TypeId type, uint32_t depth, MapU64 *memo) {
    type = infer_shallow(infer, type);
    const Type *t = type_get(infer->types, type);
    if (!(t->flags & TYPE_HAS_VAR) || t->kind == TY_VAR)
        return type;
    uint32_t known;
    if (depth > MEMO_DEPTH && map_get(memo, type.v, &known))
        return (TypeId){known};
    TypeId few[16];
    TypeId *args = t->arg_count <= 16 ? few : ARENA_ARRAY(infer->sema->arena, TypeId, t->arg_count);
    for (uint32_t i = 0; i < t->arg_count; i++)
        args[i] = resolve(infer, t->args[i], depth + 1, memo);
    TypeId result = type_with_args(infer->types, t, args);
    if (depth > MEMO_DEPTH)
        map_set(memo, type.v, result.v);
    return result;
}

TypeId infer_resolve(Infer *infer, TypeId type) {
    if (!(type_get(infer->types, type)->flags & TYPE_HAS_VAR))
        return type;
    MapU64 memo = {0};
    TypeId result = resolve(infer, type, 0, &memo);
    map_free(&memo);
    return result;
}

static bool occurs(Infer *infer, uint32_t var, TypeId type, uint32_t depth, MapU64 *memo) {
    type = infer_shallow(infer, type);
    const Type *t = type_get(infer->types, type);
    if (!(t->flags & TYPE_HAS_VAR))
        return false;
    if (t->kind == TY_VAR)
        return t->var == var;
    if (depth > MEMO_DEPTH && map_get(memo, type.v, NULL))
        return false;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (occurs(infer, var, t->args[i], depth + 1, memo))
            return true;
    if (depth > MEMO_DEPTH)
        map_set(memo, type.v, 1);
    return false;
}

static bool bind(Infer *infer, const Type *var, TypeId type) {
    MapU64 memo = {0};
    bool cyclic = occurs(infer, var->var, type, 0, &memo);
    map_free(&memo);
    if (cyclic)
        return false;
    infer->bindings.items[var->var] = type;
    vec_push(&infer->trail, var->var);
    return true;
}

static bool same_head(const Type *a, const Type *b) {
    if (a->kind != b->kind || a->decl.v != b->decl.v || a->node.v != b->node.v || a->arg_count != b->arg_count ||
        a->count != b->count || a->is_mut != b->is_mut || a->self_mode != b->self_mode || a->arg_count == 0)
        return false;
    return a->kind != TY_FUNC || a->arg_count <= 1 || memcmp(a->modes, b->modes, a->arg_count - 1) == 0;
}

static bool unify(Infer *infer, TypeId a, TypeId b, uint32_t depth) {
    a = infer_shallow(infer, a);
    b = infer_shallow(infer, b);
    if (a.v == b.v)
        return true;
    const Type *ta = type_get(infer->types, a), *tb = type_get(infer->types, b);
    if (ta->kind == TY_VAR)
        return bind(infer, ta, b);
    if (tb->kind == TY_VAR)
        return bind(infer, tb, a);
    if (ta->kind == TY_POISON || tb->kind == TY_POISON)
        return true;
    if (ta->kind == TY_ARRAY && tb->kind == TY_ARRAY && ta->arg_count != tb->arg_count && depth <= UNIFY_LIMIT)
        return unify(infer, type_array_length(infer->types, ta), type_array_length(infer->types, tb), depth + 1) &&
               unify(infer, ta->args[0], tb->args[0], depth + 1);
    if (depth > UNIFY_LIMIT || !same_head(ta, tb))
        return false;
    for (uint32_t i = 0; i < ta->arg_count; i++)
        if (!unify(infer, ta->args[i], tb->args[i], depth + 1))
            return false;
    return true;
}

bool infer_unify(Infer *infer, TypeId a, TypeId b) {
    uint32_t mark = infer_mark(infer);
    if (unify(infer, a, b, 0))
        return true;
    infer_rollback(infer, mark);
    return false;
}

Span infer_origin(Infer *infer, TypeId var) {
    const Type *t = type_get(infer->types, var);
    return t->kind == TY_VAR && t->var < infer->origins.count ? infer->origins.items[t->var] : (Span){0};
}

uint32_t infer_mark(Infer *infer) {
    return infer->trail.count;
}

void infer_rollback(Infer *infer, uint32_t mark) {
    while (infer->trail.count > mark)
        infer->bindings.items[vec_pop(&infer->trail)] = (TypeId){0};
}
