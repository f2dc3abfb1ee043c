// Interned types. Rows live in chunks that never move, so a `const Type *` stays valid while more types are made.
#include "astdb/program.h"

enum { CHUNK_BITS = 10, CHUNK_SIZE = 1 << CHUNK_BITS, SUBST_MEMO_DEPTH = 12 };

struct Types {
    Arena *arena;
    VEC(Type *) chunks;
    uint32_t count;  // [0] is NONE
    uint32_t *slots; // open addressing: TypeIds, 0 is free
    uint32_t slot_capacity;
    TypeId builtins[TY_COUNT];
    MapU64 views; // DeclIds of the structs declared as views
};

static const char *const BUILTIN_TEXTS[TY_COUNT] = {
#define TYPE(name, text) [TY_##name] = (text),
#include "astdb/types.def"
#undef TYPE
};

const char *type_kind_text(TypeKind kind) {
    return BUILTIN_TEXTS[kind];
}

const Type *type_get(const Types *types, TypeId id) {
    return &types->chunks.items[id.v >> CHUNK_BITS][id.v & (CHUNK_SIZE - 1)];
}

uint32_t types_count(const Types *types) {
    return types->count;
}

static uint64_t mix(uint64_t hash, uint64_t next) {
    hash = (hash ^ next) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static uint64_t hash_key(const Type *t) {
    uint64_t h = mix(t->kind, ((uint64_t)t->decl.v << 32) | t->node.v);
    h = mix(h, t->count ^ ((uint64_t)t->var << 8) ^ ((uint64_t)t->is_mut << 1) ^ ((uint64_t)t->self_mode << 2));
    for (uint32_t i = 0; i < t->arg_count; i++)
        h = mix(h, t->args[i].v);
    if (t->kind == TY_FUNC)
        for (uint32_t i = 0; i + 1 < t->arg_count; i++)
            h = mix(h, t->modes[i]);
    for (uint32_t i = 0; i < t->decl_count; i++)
        h = mix(h, t->decls[i].v);
    return h;
}

static bool key_equal(const Type *a, const Type *b) {
    if (a->kind != b->kind || a->decl.v != b->decl.v || a->node.v != b->node.v || a->arg_count != b->arg_count ||
        a->count != b->count || a->var != b->var || a->is_mut != b->is_mut || a->self_mode != b->self_mode ||
        a->decl_count != b->decl_count)
        return false;
    if (a->arg_count > 0 && memcmp(a->args, b->args, a->arg_count * sizeof *a->args) != 0)
        return false;
    if (a->kind == TY_FUNC && a->arg_count > 1 && memcmp(a->modes, b->modes, a->arg_count - 1) != 0)
        return false;
    return a->decl_count == 0 || memcmp(a->decls, b->decls, a->decl_count * sizeof *a->decls) == 0;
}

static uint8_t compute_flags(const Types *types, const Type *t) {
    uint8_t flags = 0;
    for (uint32_t i = 0; i < t->arg_count; i++)
        flags |= type_get(types, t->args[i])->flags;
    if (t->kind == TY_FUNC || t->kind == TY_POINTER)
        flags &= (uint8_t)~TYPE_HAS_REF; // a function that takes or gives a projection holds none
    switch (t->kind) {
    case TY_PARAM:
    case TY_ASSOC: return flags | TYPE_HAS_PARAM;
    case TY_VAR: return flags | TYPE_HAS_VAR;
    case TY_POISON: return flags | TYPE_HAS_POISON;
    case TY_REF: return flags | TYPE_HAS_REF;
    case TY_STRUCT: return map_get(&types->views, t->decl.v, NULL) ? flags | TYPE_HAS_REF : flags;
    default: return flags;
    }
}

static void grow_slots(Types *types) {
    uint32_t capacity = types->slot_capacity * 2;
    uint32_t *slots = ARENA_ARRAY(types->arena, uint32_t, capacity);
    for (uint32_t id = 1; id < types->count; id++) {
        uint32_t at = (uint32_t)hash_key(type_get(types, (TypeId){id})) & (capacity - 1);
        while (slots[at] != 0)
            at = (at + 1) & (capacity - 1);
        slots[at] = id;
    }
    types->slots = slots;
    types->slot_capacity = capacity;
}

static TypeId append(Types *types, const Type *key) {
    if ((types->count & (CHUNK_SIZE - 1)) == 0)
        vec_push(&types->chunks, ARENA_ARRAY(types->arena, Type, CHUNK_SIZE));
    TypeId id = {types->count++};
    Type *t = &types->chunks.items[id.v >> CHUNK_BITS][id.v & (CHUNK_SIZE - 1)];
    *t = *key;
    t->args = t->arg_count == 0 ? NULL
                                : arena_copy(types->arena, key->args, t->arg_count * sizeof *t->args, _Alignof(TypeId));
    t->decls = t->decl_count == 0
                   ? NULL
                   : arena_copy(types->arena, key->decls, t->decl_count * sizeof *t->decls, _Alignof(DeclId));
    t->modes =
        t->kind == TY_FUNC && t->arg_count > 1 ? arena_copy(types->arena, key->modes, t->arg_count - 1, 1) : NULL;
    t->flags = compute_flags(types, t);
    return id;
}

TypeId type_intern(Types *types, const Type *key) {
    if ((types->count + 1) * 2 > types->slot_capacity)
        grow_slots(types);
    uint32_t mask = types->slot_capacity - 1;
    uint32_t at = (uint32_t)hash_key(key) & mask;
    while (types->slots[at] != 0) {
        TypeId id = {types->slots[at]};
        if (key_equal(type_get(types, id), key))
            return id;
        at = (at + 1) & mask;
    }
    TypeId id = append(types, key);
    types->slots[at] = id.v;
    return id;
}

Types *types_new(Arena *arena) {
    Types *types = ARENA_NEW(arena, Types);
    types->arena = arena;
    types->slot_capacity = 1024;
    types->slots = ARENA_ARRAY(arena, uint32_t, types->slot_capacity);
    append(types, &(Type){.kind = TY_NONE});
    for (int kind = TY_NONE + 1; kind < TY_COUNT; kind++)
        if (BUILTIN_TEXTS[kind] != NULL || kind == TY_NULL)
            types->builtins[kind] = type_intern(types, &(Type){.kind = (TypeKind)kind});
    return types;
}

void types_free(Types *types) {
    vec_free(&types->chunks);
    map_free(&types->views);
}

void types_mark_view(Types *types, DeclId decl) {
    map_set(&types->views, decl.v, 1);
}

TypeId type_builtin(const Types *types, TypeKind kind) {
    invariant(types->builtins[kind].v != 0, "type kind %d is not built in", kind);
    return types->builtins[kind];
}

TypeId type_nominal(Types *types, TypeKind kind, DeclId decl, const TypeId *args, uint32_t count) {
    return type_intern(types, &(Type){.kind = kind, .decl = decl, .args = args, .arg_count = count});
}

TypeId type_unary(Types *types, TypeKind kind, TypeId arg) {
    return type_intern(types, &(Type){.kind = kind, .args = &arg, .arg_count = 1});
}

TypeId type_ref(Types *types, TypeId target, bool is_mut) {
    return type_intern(types, &(Type){.kind = TY_REF, .args = &target, .arg_count = 1, .is_mut = is_mut});
}

TypeId type_result(Types *types, TypeId error, TypeId value) {
    TypeId args[2] = {error, value};
    return type_intern(types, &(Type){.kind = TY_RESULT, .args = args, .arg_count = 2});
}

TypeId type_tuple(Types *types, const TypeId *items, uint32_t count) {
    if (count == 0)
        return type_builtin(types, TY_VOID);
    return type_intern(types, &(Type){.kind = TY_TUPLE, .args = items, .arg_count = count});
}

TypeId type_array(Types *types, TypeId item, uint64_t count) {
    return type_intern(types, &(Type){.kind = TY_ARRAY, .args = &item, .arg_count = 1, .count = count});
}

TypeId type_array_of(Types *types, TypeId item, TypeId length) {
    const Type *l = type_get(types, length);
    if (l->kind == TY_VALUE)
        return type_array(types, item, l->count);
    TypeId args[2] = {item, length};
    return type_intern(types, &(Type){.kind = TY_ARRAY, .args = args, .arg_count = 2});
}

TypeId type_array_length(Types *types, const Type *array) {
    if (type_array_is_open(array))
        return array->args[1];
    return type_value(types, type_builtin(types, TY_I64), array->count);
}

TypeId type_value(Types *types, TypeId of, uint64_t value) {
    return type_intern(types, &(Type){.kind = TY_VALUE, .args = &of, .arg_count = 1, .count = value});
}

TypeId type_param(Types *types, DeclId decl) {
    return type_intern(types, &(Type){.kind = TY_PARAM, .decl = decl});
}

TypeId type_dyn(Types *types, DeclId trait, TypeId trait_args) {
    return type_intern(types,
                       &(Type){.kind = TY_DYN, .decl = trait, .args = &trait_args, .arg_count = trait_args.v != 0});
}

TypeId type_assoc(Types *types, DeclId decl, TypeId base, TypeId trait_args) {
    TypeId args[2] = {base, trait_args};
    return type_intern(types,
                       &(Type){.kind = TY_ASSOC, .decl = decl, .args = args, .arg_count = trait_args.v != 0 ? 2 : 1});
}

TypeId type_func(Types *types, ParamMode self_mode, const TypeId *params, const uint8_t *modes, uint32_t count,
                 TypeId result) {
    TypeId few[16];
    TypeId *args = count < 16 ? few : ARENA_ARRAY(types->arena, TypeId, count + 1);
    if (count > 0)
        memcpy(args, params, count * sizeof *args);
    args[count] = result;
    return type_intern(
        types, &(Type){.kind = TY_FUNC, .self_mode = self_mode, .args = args, .arg_count = count + 1, .modes = modes});
}

uint32_t type_kind_bits(TypeKind k) {
    switch (k) {
    case TY_I8:
    case TY_U8: return 8;
    case TY_I16:
    case TY_U16: return 16;
    case TY_I32:
    case TY_U32:
    case TY_F32: return 32;
    case TY_I128:
    case TY_U128: return 128;
    default: return 64;
    }
}

TypeId type_with_args(Types *types, const Type *type, const TypeId *args) {
    if (type->arg_count == 0 || memcmp(type->args, args, type->arg_count * sizeof *args) == 0) {
        Type same = *type;
        return type_intern(types, &same);
    }
    if (type->kind == TY_ARRAY && type_array_is_open(type))
        return type_array_of(types, args[0], args[1]);
    Type key = *type;
    key.args = args;
    return type_intern(types, &key);
}

// One call of type_subst. Types are graphs with shared parts: the memo keeps deep ones from being walked as trees.
typedef struct {
    Types *types;
    Subst subst;
    MapU64 memo;
} Substitution;

static TypeId subst_walk(Substitution *s, TypeId id, uint32_t depth) {
    const Type *t = type_get(s->types, id);
    if (!(t->flags & TYPE_HAS_PARAM))
        return id;
    if (t->kind == TY_PARAM) {
        for (uint32_t i = 0; i < s->subst.count; i++)
            if (s->subst.params[i].v == t->decl.v)
                return s->subst.args[i].v != 0 ? s->subst.args[i] : id;
        return id;
    }
    uint32_t known;
    if (depth > SUBST_MEMO_DEPTH && map_get(&s->memo, id.v, &known))
        return (TypeId){known};
    TypeId few[16];
    TypeId *args = t->arg_count <= 16 ? few : ARENA_ARRAY(s->types->arena, TypeId, t->arg_count);
    for (uint32_t i = 0; i < t->arg_count; i++)
        args[i] = subst_walk(s, t->args[i], depth + 1);
    TypeId result = type_with_args(s->types, t, args);
    if (depth > SUBST_MEMO_DEPTH)
        map_set(&s->memo, id.v, result.v);
    return result;
}

TypeId type_subst(Types *types, TypeId type, Subst subst) {
    if (subst.count == 0 || !(type_get(types, type)->flags & TYPE_HAS_PARAM))
        return type;
    Substitution s = {.types = types, .subst = subst};
    TypeId result = subst_walk(&s, type, 0);
    map_free(&s.memo);
    return result;
}
