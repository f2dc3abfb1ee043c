// Functions of which generic code cannot see that they lend. In the body of `func f[A, B](x: A, g: func(A) -> B)` the
// result of `g(x)` is a value like any other: nothing keeps x from being dropped before it. So B may stand for
// something that borrows only if what it borrows from is itself lent to the body: `let T`, a slice, an iterator.
#include "astdb/impls.h"

enum { DEPTH_LIMIT = 8 }; // of types in types; deeper ones hold no function in practice

static bool is_scalar(TypeKind kind) {
    return type_kind_is_integer(kind) || type_kind_is_float(kind) || kind == TY_BOOL || kind == TY_CHAR;
}

static bool mentions_ref_to(const Program *p, TypeId type, TypeId target) {
    const Type *t = type_get(p->types, type);
    if (!(t->flags & TYPE_HAS_REF))
        return false;
    if (t->kind == TY_REF && t->args[0].v == target.v)
        return true;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (mentions_ref_to(p, t->args[i], target))
            return true;
    return false;
}

// True if what is lent as `type` for a call has a part that `result` may borrow and that ends with the lent value.
static bool may_lend_own_part(Program *p, TypeId type, TypeId result, uint32_t depth) {
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_REF:
    case TY_FUNC:
    case TY_CLOSURE:
    case TY_VOID:
    case TY_NEVER:
    case TY_POISON: return false;
    case TY_STRUCT: {
        const Shape *shape = program_shape(p, t->decl);
        if (shape == NULL || shape->is_view || depth > DEPTH_LIMIT || type_class(p, type) & CLASS_NEEDS_DROP)
            return shape != NULL && !shape->is_view;
        for (uint32_t i = 0; i < shape->fields.count; i++)
            if (may_lend_own_part(p, shape_field_type(p, type, 0, i), result, depth + 1))
                return true;
        return mentions_ref_to(p, result, type);
    }
    case TY_TUPLE:
    case TY_OPTIONAL:
        for (uint32_t i = 0; i < t->arg_count; i++)
            if (may_lend_own_part(p, t->args[i], result, depth + 1))
                return true;
        return mentions_ref_to(p, result, type);
    default: return !is_scalar(t->kind) || mentions_ref_to(p, result, type);
    }
}

static TypeId filled(Program *p, TypeId type, const Lending *where) {
    return program_normalize(p, type_subst(p->types, type, where->subst), where->env, where->env_count);
}

static bool func_lends_unseen(Program *p, const Type *pattern, const Lending *where, TypeId *func) {
    TypeId declared = pattern->args[pattern->arg_count - 1];
    const Type *d = type_get(p->types, declared);
    if (!(d->flags & TYPE_HAS_PARAM) || d->flags & TYPE_HAS_REF)
        return false;
    TypeId result = filled(p, declared, where);
    if (!(type_get(p->types, result)->flags & TYPE_HAS_REF))
        return false;
    for (uint32_t i = 0; i + 1 < pattern->arg_count; i++) {
        if (pattern->modes[i] == MODE_OWN || !may_lend_own_part(p, filled(p, pattern->args[i], where), result, 0))
            continue;
        *func = filled(p, type_intern(p->types, pattern), where);
        return true;
    }
    return false;
}

static bool lends_unseen(Program *p, TypeId pattern, const Lending *where, TypeId *func, uint32_t depth) {
    const Type *t = type_get(p->types, pattern);
    if (!(t->flags & TYPE_HAS_PARAM) || depth > DEPTH_LIMIT)
        return false;
    if (t->kind == TY_FUNC && func_lends_unseen(p, t, where, func))
        return true;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (lends_unseen(p, t->args[i], where, func, depth + 1))
            return true;
    const Shape *shape = t->kind == TY_STRUCT ? program_shape(p, t->decl) : NULL;
    for (uint32_t i = 0; shape != NULL && i < shape->fields.count; i++) {
        // A field as its owner's body sees it, in terms of the function's parameters.
        TypeId field =
            type_subst(p->types, shape->fields.types[i], (Subst){shape->type_params, t->args, shape->type_param_count});
        if (lends_unseen(p, field, where, func, depth + 1))
            return true;
    }
    return false;
}

bool program_lends_unseen(Program *p, TypeId pattern, const Lending *where, TypeId *func) {
    return lends_unseen(p, pattern, where, func, 0);
}

// ---- what is only called --------------------------------------------------------------------------------------------

static bool mentions(const Program *p, TypeId type, TypeId target) {
    const Type *t = type_get(p->types, type);
    if (type.v == target.v)
        return true;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (mentions(p, t->args[i], target))
            return true;
    return false;
}

static bool mentions_func(const Program *p, TypeId type) {
    const Type *t = type_get(p->types, type);
    if (t->kind == TY_FUNC || t->kind == TY_CLOSURE)
        return true;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (mentions_func(p, t->args[i]))
            return true;
    return false;
}

// Whether `result` may hold what a value of the type `part` is made from by way of a type parameter.
static bool shares_param(const Program *p, TypeId part, TypeId result) {
    const Type *t = type_get(p->types, part);
    if (t->kind == TY_PARAM || t->kind == TY_ASSOC)
        return mentions(p, result, part);
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (shares_param(p, t->args[i], result))
            return true;
    return false;
}

bool program_is_only_called(Program *p, const Signature *signature, uint32_t param) {
    const Type *func = param < signature->param_count ? type_get(p->types, signature->param_types[param]) : NULL;
    if (func == NULL || func->kind != TY_FUNC || mentions_func(p, signature->result))
        return false;
    for (uint32_t i = 0; i + 1 < func->arg_count; i++)
        if (func->modes[i] == MODE_MUT &&
            (type_may_borrow(p, func->args[i]) || shares_param(p, func->args[i], signature->result)))
            return false;
    TypeId given = func->args[func->arg_count - 1];
    return !type_may_borrow(p, given) && !shares_param(p, given, signature->result);
}
