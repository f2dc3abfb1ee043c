// Clones a generic function with its type parameters replaced.
#include "ir/mono_internal.h"

static TypeId replace(Mono *mono, Subst subst, TypeId type) {
    const Type *t = type_get(mono->types, type);
    if (!(t->flags & TYPE_HAS_PARAM))
        return type;
    uint32_t slot = type.v & (sizeof mono->subst_cache / sizeof *mono->subst_cache - 1);
    if (mono->subst_cache[slot].clone == mono->clone && mono->subst_cache[slot].from.v == type.v)
        return mono->subst_cache[slot].to;
    TypeId to = program_normalize(mono->program, type_subst(mono->types, type, subst), NULL, 0);
    mono->subst_cache[slot].clone = mono->clone;
    mono->subst_cache[slot].from = type;
    mono->subst_cache[slot].to = to;
    return to;
}

static JirCallee *clone_callee(Mono *mono, Subst subst, const JirCallee *from) {
    if (!from)
        return NULL;
    JirCallee *to = ARENA_NEW(mono->jir->arena, JirCallee);
    *to = *from;
    TypeId *args = ARENA_ARRAY(mono->jir->arena, TypeId, from->type_arg_count);
    for (uint32_t i = 0; i < from->type_arg_count; i++)
        args[i] = replace(mono, subst, from->type_args[i]);
    to->type_args = args;
    return to;
}

#define CLONE_ITEMS(to, from, member)                                                                                  \
    do {                                                                                                               \
        if ((from)->member.count) {                                                                                    \
            vec_reserve(&(to)->member, (from)->member.count);                                                          \
            memcpy((to)->member.items, (from)->member.items, (from)->member.count * sizeof *(from)->member.items);     \
        }                                                                                                              \
        (to)->member.count = (from)->member.count;                                                                     \
    } while (0)

static void clone_block(Mono *mono, Subst subst, JirBlock *to, const JirBlock *from) {
    CLONE_ITEMS(to, from, stmts);
    for (uint32_t i = 0; i < to->stmts.count; i++)
        to->stmts.items[i].callee = clone_callee(mono, subst, to->stmts.items[i].callee);
    if (from->term.target_count) {
        to->term.targets = arena_copy(mono->jir->arena, from->term.targets, from->term.target_count * sizeof(BlockId),
                                      _Alignof(BlockId));
    }
}

static Subst keep_subst(Mono *mono, Subst subst) {
    Arena *arena = mono->jir->arena;
    if (subst.count == 0)
        return subst;
    subst.params = arena_copy(arena, subst.params, subst.count * sizeof(DeclId), _Alignof(DeclId));
    subst.args = arena_copy(arena, subst.args, subst.count * sizeof(TypeId), _Alignof(TypeId));
    return subst;
}

JirFn *mono_clone(Mono *mono, const JirFn *from, Subst subst) {
    mono->clone++;
    JirFn *to = jir_fn_new(mono->jir);
    to->decl = from->decl;
    to->closure = from->closure;
    to->module = from->module;
    to->self_mode = from->self_mode;
    to->has_pads = from->has_pads;
    to->param_count = from->param_count;
    to->capture_count = from->capture_count;
    to->subst = keep_subst(mono, subst);
    CLONE_ITEMS(to, from, locals);
    CLONE_ITEMS(to, from, scopes);
    CLONE_ITEMS(to, from, places);
    CLONE_ITEMS(to, from, projections);
    CLONE_ITEMS(to, from, operands);
    CLONE_ITEMS(to, from, operand_lists);
    CLONE_ITEMS(to, from, args);
    for (uint32_t i = 0; i < to->locals.count; i++)
        to->locals.items[i].type = replace(mono, subst, to->locals.items[i].type);
    for (uint32_t i = 0; i < to->places.count; i++)
        to->places.items[i].type = replace(mono, subst, to->places.items[i].type);
    for (uint32_t i = 0; i < to->projections.count; i++)
        to->projections.items[i].type = replace(mono, subst, to->projections.items[i].type);
    for (uint32_t i = 0; i < to->operands.count; i++) {
        JirOperand *operand = &to->operands.items[i];
        operand->type = replace(mono, subst, operand->type);
        operand->callee = clone_callee(mono, subst, operand->callee);
    }
    vec_reserve(&to->blocks, from->blocks.count);
    to->blocks.count = from->blocks.count;
    for (uint32_t i = 0; i < from->blocks.count; i++) {
        const JirBlock *block = &from->blocks.items[i];
        to->blocks.items[i] = *block;
        memset(&to->blocks.items[i].stmts, 0, sizeof to->blocks.items[i].stmts);
        clone_block(mono, subst, &to->blocks.items[i], block);
    }
    return to;
}
