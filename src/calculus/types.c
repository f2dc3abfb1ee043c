// Whether the parts of a statement have the types, and the arguments of a call the modes, that it is made for.
#include "calculus/internal.h"

static void refuse_types(Judge *j, const char *what, TypeId wanted, TypeId found) {
    Text a = type_text(j->program, wanted), b = type_text(j->program, found);
    judge_refuse(j, "calc.type", "%s is of type %.*s where %.*s is wanted", what, TEXT_ARG(b), TEXT_ARG(a));
}

// Equal, but for errors, which convert among each other, and what an associated type may turn out to be.
static bool fits(const Judge *j, TypeId to, TypeId from) {
    if (to.v == from.v)
        return true;
    const Type *a = type_get(j->program->types, to), *b = type_get(j->program->types, from);
    if (a->kind == TY_ASSOC || b->kind == TY_ASSOC || b->kind == TY_NEVER)
        return true;
    if (type_kind_is_error(a->kind) && type_kind_is_error(b->kind))
        return true;
    if (a->kind != b->kind || a->decl.v != b->decl.v || a->count != b->count || a->arg_count != b->arg_count)
        return false;
    for (uint32_t i = 0; i < a->arg_count; i++)
        if (!fits(j, a->args[i], b->args[i]))
            return false;
    return a->arg_count > 0;
}

static void want(Judge *j, const char *what, TypeId to, TypeId from) {
    if (!fits(j, to, from))
        refuse_types(j, what, to, from);
}

static void want_kind(Judge *j, const char *what, OperandId id, TypeKind kind) {
    TypeId type = jir_operand_type(j->fn, id);
    if (kind_of(j, type) != kind && kind_of(j, type) != TY_NEVER)
        refuse_types(j, what, type_builtin(j->program->types, kind), type);
}

// What is lent as a dyn has the trait. What a type parameter stands for is known where it is named.
static bool becomes_dyn(const Judge *j, TypeId to, TypeId from) {
    const Type *dyn = type_get(j->program->types, to), *type = type_get(j->program->types, from);
    ImplMatch match;
    return dyn->kind == TY_DYN &&
           ((type->flags & TYPE_HAS_PARAM) ||
            program_find_impl_of(j->program, from, dyn_trait(dyn), NULL, 0, &match) == MATCH_YES);
}

static void check_set(Judge *j, const JirStmt *stmt) {
    TypeId to = jir_place_type(j->fn, stmt->dst), from = jir_operand_type(j->fn, stmt->a);
    const Type *type = type_get(j->program->types, from);
    bool takes_address = type->kind == TY_REF && is_whole_reference(j, stmt->dst) && fits(j, to, type->args[0]);
    if (!takes_address)
        want(j, "the value", to, from);
}

static void check_ref(Judge *j, const JirStmt *stmt) {
    TypeId to = jir_place_type(j->fn, stmt->dst), from = jir_place_type(j->fn, stmt->place);
    const Type *type = type_get(j->program->types, to);
    if (is_whole_reference(j, stmt->dst) && fits(j, to, from)) {
        if (stmt->sub && local_of(j, jir_place(j->fn, stmt->dst)->root)->mode != LOCAL_MUT_REF)
            judge_refuse(j, "calc.type", "a local that only reads takes a mut address");
    } else if (type->kind != TY_REF) {
        judge_refuse(j, "calc.type", "an address is set where none is held");
    } else if (!becomes_dyn(j, type->args[0], from)) {
        want(j, "what is lent", type->args[0], from);
    }
}

static TypeId part_wanted(const Judge *j, const JirStmt *stmt, const Type *whole, uint32_t i) {
    TypeId type = jir_place_type(j->fn, stmt->dst);
    if (whole->kind == TY_ARRAY)
        return whole->args[0];
    return shape_field_type(j->program, type, stmt->op == OP_MAKE ? 0 : stmt->number, i);
}

static void check_parts(Judge *j, const JirStmt *stmt) {
    TypeId type = jir_place_type(j->fn, stmt->dst);
    const Type *whole = type_get(j->program->types, type);
    uint64_t count = whole->kind == TY_ARRAY
                         ? whole->count
                         : shape_field_count(j->program, type, stmt->op == OP_MAKE ? 0 : stmt->number);
    if (stmt->arg_count > count)
        judge_refuse(j, "calc.type", "%u parts are given, there are %u", stmt->arg_count, (unsigned)count);
    for (uint32_t i = 0; i < stmt->arg_count && !j->failed; i++) {
        OperandId part = {j->fn->operand_lists.items[stmt->args + i]};
        want(j, "a part", part_wanted(j, stmt, whole, i), jir_operand_type(j->fn, part));
    }
}

// What a parameter is lent must be lent, and what it takes given.
static void check_call(Judge *j, const JirStmt *stmt) {
    const Signature *signature = program_signature(j->program, stmt->callee->decl);
    uint32_t at = 0;
    for (uint32_t i = 0; signature && i < signature->param_count; i++) {
        if (kind_of(j, signature->param_types[i]) == TY_TYPE)
            continue;
        ArgKind kind = at < stmt->arg_count ? j->fn->args.items[stmt->args + at].kind : ARG_VALUE;
        ParamMode mode = (ParamMode)signature->param_modes[i];
        ArgKind wanted = mode == MODE_OWN ? ARG_VALUE : mode == MODE_MUT ? ARG_MUT_REF : ARG_REF;
        if (at++ >= stmt->arg_count || kind != wanted)
            judge_refuse(j, "calc.type", "argument %u is not lent or given as the parameter says", at);
    }
}

static void check_binary(Judge *j, const JirStmt *stmt) {
    bool compares = stmt->sub >= BIN_EQ && stmt->sub <= BIN_GE;
    TypeId a = jir_operand_type(j->fn, stmt->a), to = jir_place_type(j->fn, stmt->dst);
    if (stmt->sub != BIN_SHL && stmt->sub != BIN_SHR)
        want(j, "the right operand", a, jir_operand_type(j->fn, stmt->b));
    want(j, "the result", to, compares ? type_builtin(j->program->types, TY_BOOL) : a);
}

void types_stmt(Judge *j, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_SET:
    case OP_STORE: check_set(j, stmt); break;
    case OP_REF: check_ref(j, stmt); break;
    case OP_MAKE:
    case OP_MAKE_VARIANT: check_parts(j, stmt); break;
    case OP_CALL: check_call(j, stmt); break;
    case OP_UNARY: want(j, "the result", jir_place_type(j->fn, stmt->dst), jir_operand_type(j->fn, stmt->a)); break;
    case OP_BINARY: check_binary(j, stmt); break;
    case OP_CHECK_INDEX:
        want_kind(j, "an index", stmt->a, TY_I64);
        want_kind(j, "a length", stmt->b, TY_I64);
        break;
    default: break;
    }
}

void types_term(Judge *j, const JirTerm *term) {
    if (term->kind == TERM_BRANCH)
        want_kind(j, "a condition", term->a, TY_BOOL);
}
