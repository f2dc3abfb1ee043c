// Checks that a function keeps the rules of JIR. The first broken rule ends the check: what follows is often noise.
// The checks are grouped so that others can be added beside them: tables first, then each block's statements and
// terminator, each operation against the types of its parts.
#include "astdb/impls.h"
#include "ir/jir_text.h"

typedef struct {
    const Jir *jir;
    Program *program;
    Types *types;
    const JirFn *fn;
    uint32_t block, stmt;
    bool in_block;
    bool failed;
    Buffer *why;
} Verifier;

static void broken(Verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void broken(Verifier *v, const char *format, ...) {
    if (v->failed)
        return;
    v->failed = true;
    if (v->in_block)
        buffer_printf(v->why, "%%%u, statement %u: ", v->block, v->stmt);
    va_list args;
    va_start(args, format);
    buffer_vprintf(v->why, format, args);
    va_end(args);
}

#define RULE(condition, ...)                                                                                           \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            broken(v, __VA_ARGS__);                                                                                    \
    } while (0)

static void broken_types(Verifier *v, const char *what, TypeId wanted, TypeId found) {
    Text a = type_text(v->program, wanted), b = type_text(v->program, found);
    broken(v, "%s: %.*s is wanted, %.*s is found", what, TEXT_ARG(a), TEXT_ARG(b));
}

// ---- types ----------------------------------------------------------------------------------------------------------

static TypeKind kind_of(const Verifier *v, TypeId type) {
    return type_get(v->types, type)->kind;
}

// Equal, or one of the few conversions that keep the bytes: error types among each other, results over them, and what
// became equal only by the knowledge of an associated type.
static bool fits(const Verifier *v, TypeId to, TypeId from) {
    if (to.v == from.v)
        return true;
    if (!to.v || !from.v)
        return false;
    const Type *a = type_get(v->types, to), *b = type_get(v->types, from);
    if ((a->flags | b->flags) & TYPE_HAS_POISON || b->kind == TY_NEVER)
        return true;
    if (type_kind_is_error(a->kind) && type_kind_is_error(b->kind))
        return true;
    if (a->kind == TY_ASSOC || b->kind == TY_ASSOC)
        return true;
    if (a->kind != b->kind || a->arg_count != b->arg_count || a->decl.v != b->decl.v || a->count != b->count)
        return false;
    if (!a->arg_count)
        return false;
    for (uint32_t i = 0; i < a->arg_count; i++)
        if (!fits(v, a->args[i], b->args[i]))
            return false;
    return true;
}

static bool is_root_local(const JirPlace *place) {
    return !place->is_global && place->count == 0;
}

// A place that stands for a whole local of a reference mode may take an address over.
static bool fits_place(const Verifier *v, PlaceId dst, TypeId from) {
    const JirPlace *place = jir_place(v->fn, dst);
    if (fits(v, place->type, from))
        return true;
    const Type *type = type_get(v->types, from);
    return type->kind == TY_REF && is_root_local(place) && fits(v, place->type, type->args[0]) &&
           v->fn->locals.items[place->root].mode != LOCAL_OWNED;
}

static void want_type(Verifier *v, const char *what, TypeId type, TypeKind kind) {
    TypeKind found = kind_of(v, type);
    if (found != kind && found != TY_POISON && found != TY_NEVER)
        broken_types(v, what, type_builtin(v->types, kind), type);
}

static void want_same(Verifier *v, const char *what, TypeId to, TypeId from) {
    if (!fits(v, to, from))
        broken_types(v, what, to, from);
}

// ---- tables ---------------------------------------------------------------------------------------------------------

static void verify_place(Verifier *v, const JirPlace *place, uint32_t index) {
    const JirFn *fn = v->fn;
    TypeId type = {0};
    if (place->is_global) {
        RULE(place->root && place->root < v->program->decls.count, "place %u: no such constant", index);
        type = place->count ? type : place->type;
    } else {
        RULE(place->root < fn->locals.count, "place %u: no such local", index);
    }
    RULE(place->first + place->count <= fn->projections.count, "place %u: projections out of range", index);
    if (v->failed)
        return;
    if (!place->is_global)
        type = fn->locals.items[place->root].type;
    uint32_t variant = 0;
    for (uint32_t i = 0; i < place->count && !v->failed; i++) {
        const Projection *projection = &fn->projections.items[place->first + i];
        TypeId derived = jir_projected_type(v->program, type, variant, projection);
        bool known = type.v && !(type_get(v->types, type)->flags & TYPE_HAS_POISON);
        RULE(projection->type.v, "place %u: a projection without a type", index);
        RULE(!known || derived.v, "place %u: projection %u does not fit its base", index, i);
        if (derived.v && projection->type.v && !fits(v, derived, projection->type))
            broken_types(v, "the type of a projection", derived, projection->type);
        RULE(projection->kind != PROJ_INDEX || projection->index < fn->locals.count, "place %u: no such index", index);
        if (!v->failed && projection->kind == PROJ_INDEX)
            want_type(v, "an index", fn->locals.items[projection->index].type, TY_I64);
        variant = projection->kind == PROJ_VARIANT ? projection->index : 0;
        type = projection->type;
    }
    if (!v->failed)
        want_same(v, "the type of a place", type, place->type);
}

static void verify_tables(Verifier *v) {
    const JirFn *fn = v->fn;
    RULE(fn->locals.count > fn->param_count + fn->capture_count, "locals for the result, parameters and captures");
    RULE(fn->blocks.count > 0, "no blocks");
    for (uint32_t i = 0; i < fn->locals.count && !v->failed; i++) {
        const JirLocal *local = &fn->locals.items[i];
        RULE(local->type.v && local->type.v < types_count(v->types), "_%u has no type", i);
        RULE(!v->failed && !(type_get(v->types, local->type)->flags & TYPE_HAS_VAR), "_%u has an open type", i);
        RULE(local->mode == LOCAL_OWNED || local->kind != LOCAL_RETURN, "the result is owned");
    }
    for (uint32_t i = 1; i < fn->places.count && !v->failed; i++)
        verify_place(v, &fn->places.items[i], i);
}

// ---- statements -----------------------------------------------------------------------------------------------------

static bool verify_operand(Verifier *v, OperandId id) {
    RULE(id.v && id.v < v->fn->operands.count, "an operand is missing");
    if (v->failed)
        return false;
    const JirOperand *operand = &v->fn->operands.items[id.v];
    if (operand->kind == OPERAND_CONST) {
        RULE(operand->type.v, "a constant without a type");
        RULE(operand->const_kind != CONST_FUNC || operand->callee, "a function constant without a function");
    } else {
        RULE(operand->place.v && operand->place.v < v->fn->places.count, "an operand without a place");
    }
    return !v->failed;
}

static bool verify_place_id(Verifier *v, PlaceId id, const char *what) {
    RULE(id.v && id.v < v->fn->places.count, "%s is missing", what);
    return !v->failed;
}

static TypeId operand_type(Verifier *v, OperandId id) {
    return verify_operand(v, id) ? jir_operand_type(v->fn, id) : type_builtin(v->types, TY_POISON);
}

static TypeId place_type(Verifier *v, PlaceId id, const char *what) {
    return verify_place_id(v, id, what) ? jir_place_type(v->fn, id) : type_builtin(v->types, TY_POISON);
}

static bool kind_is_number(TypeKind kind) {
    return type_kind_is_integer(kind) || type_kind_is_float(kind);
}

static bool kind_is_open(TypeKind kind) {
    return kind == TY_PARAM || kind == TY_ASSOC || kind == TY_POISON;
}

static void verify_binary(Verifier *v, const JirStmt *stmt) {
    TypeId a = operand_type(v, stmt->a), b = operand_type(v, stmt->b), dst = place_type(v, stmt->dst, "a result");
    if (v->failed)
        return;
    TypeKind kind = kind_of(v, a);
    bool is_shift = stmt->sub == BIN_SHL || stmt->sub == BIN_SHR;
    bool is_comparison = stmt->sub >= BIN_EQ && stmt->sub <= BIN_GE;
    if (!is_shift)
        want_same(v, "the right operand", a, b);
    if (is_comparison) {
        want_type(v, "the result of a comparison", dst, TY_BOOL);
        return;
    }
    bool is_logic = stmt->sub >= BIN_AND && stmt->sub <= BIN_XOR && kind == TY_BOOL;
    RULE(kind_is_number(kind) || kind_is_open(kind) || is_logic, "arithmetic on what is no number");
    want_same(v, "the result", dst, a);
}

static void verify_unary(Verifier *v, const JirStmt *stmt) {
    TypeId a = operand_type(v, stmt->a), dst = place_type(v, stmt->dst, "a result");
    if (v->failed)
        return;
    if (stmt->sub == UNARY_NOT)
        want_type(v, "the operand of not", a, TY_BOOL);
    else
        RULE(kind_is_number(kind_of(v, a)) || kind_is_open(kind_of(v, a)), "a number is wanted");
    want_same(v, "the result", dst, a);
}

static void verify_set(Verifier *v, const JirStmt *stmt) {
    TypeId a = operand_type(v, stmt->a);
    if (verify_place_id(v, stmt->dst, "a destination") && !v->failed && !fits_place(v, stmt->dst, a))
        broken_types(v, "the value", jir_place_type(v->fn, stmt->dst), a);
}

static void verify_ref(Verifier *v, const JirStmt *stmt) {
    TypeId from = place_type(v, stmt->place, "the place"), to = place_type(v, stmt->dst, "a destination");
    if (v->failed)
        return;
    const JirPlace *dst = jir_place(v->fn, stmt->dst);
    bool takes_address = is_root_local(dst) && v->fn->locals.items[dst->root].mode != LOCAL_OWNED;
    if (takes_address && fits(v, to, from)) {
        RULE(!stmt->sub || v->fn->locals.items[dst->root].mode == LOCAL_MUT_REF, "a mut address in a let local");
        return;
    }
    const Type *type = type_get(v->types, to);
    RULE(type->kind == TY_REF || type->kind == TY_POISON, "an address in what holds none");
    if (!v->failed && type->kind == TY_REF && kind_of(v, type->args[0]) != TY_DYN)
        want_same(v, "what the address is of", type->args[0], from);
}

static void verify_operands(Verifier *v, const JirStmt *stmt) {
    RULE(stmt->args + stmt->arg_count <= v->fn->operand_lists.count, "items out of range");
    for (uint32_t i = 0; i < stmt->arg_count && !v->failed; i++)
        verify_operand(v, (OperandId){v->fn->operand_lists.items[stmt->args + i]});
}

static OperandId item(const Verifier *v, const JirStmt *stmt, uint32_t i) {
    return (OperandId){v->fn->operand_lists.items[stmt->args + i]};
}

static void verify_make(Verifier *v, const JirStmt *stmt) {
    TypeId dst = place_type(v, stmt->dst, "a result");
    verify_operands(v, stmt);
    if (v->failed)
        return;
    const Type *type = type_get(v->types, dst);
    if (type->kind == TY_POISON)
        return;
    RULE(type->kind == TY_STRUCT || type->kind == TY_TUPLE || type->kind == TY_ARRAY || type->kind == TY_VOID,
         "make of what has no parts");
    uint64_t count = type->kind == TY_ARRAY ? type->count : shape_field_count(v->program, dst, 0);
    RULE(v->failed || count == stmt->arg_count, "make of %u parts, there are %u", stmt->arg_count, (unsigned)count);
    for (uint32_t i = 0; i < stmt->arg_count && !v->failed; i++) {
        TypeId wanted = type->kind == TY_ARRAY ? type->args[0] : shape_field_type(v->program, dst, 0, i);
        want_same(v, "a part", wanted, jir_operand_type(v->fn, item(v, stmt, i)));
    }
}

static void verify_variant(Verifier *v, const JirStmt *stmt) {
    TypeId dst = place_type(v, stmt->dst, "a result");
    verify_operands(v, stmt);
    if (v->failed)
        return;
    const Type *type = type_get(v->types, dst);
    bool is_error = type_kind_is_error(type->kind); // an error's number is its declaration
    if (type->kind == TY_POISON)
        return;
    RULE(is_error || type->kind == TY_ENUM || type->kind == TY_OPTIONAL || type->kind == TY_RESULT,
         "a variant of what has none");
    RULE(v->failed || (is_error ? error_has_variant(v->program, dst, (DeclId){stmt->number})
                                : stmt->number < type_variant_count(v->program, dst)),
         "no variant %u", stmt->number);
    if (v->failed)
        return;
    uint32_t count = shape_field_count(v->program, dst, stmt->number);
    bool is_void =
        stmt->arg_count == 0 && count == 1 && kind_of(v, shape_field_type(v->program, dst, stmt->number, 0)) == TY_VOID;
    RULE(count == stmt->arg_count || is_void, "a variant of %u parts, there are %u", stmt->arg_count, count);
    for (uint32_t i = 0; i < stmt->arg_count && !v->failed; i++)
        want_same(v, "a part", shape_field_type(v->program, dst, stmt->number, i),
                  jir_operand_type(v->fn, item(v, stmt, i)));
}

static void verify_args(Verifier *v, const JirStmt *stmt) {
    RULE(stmt->args + stmt->arg_count <= v->fn->args.count, "arguments out of range");
    for (uint32_t i = 0; i < stmt->arg_count && !v->failed; i++) {
        const JirArg *arg = &v->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE)
            verify_operand(v, arg->value);
        else
            verify_place_id(v, arg->place, "a lent place");
    }
}

static void verify_call(Verifier *v, const JirStmt *stmt) {
    verify_args(v, stmt);
    RULE(stmt->callee && stmt->callee->decl.v && stmt->callee->decl.v < v->program->decls.count, "a call of nothing");
    if (v->failed || stmt->op != OP_CALL)
        return;
    const Signature *signature = program_signature(v->program, stmt->callee->decl);
    if (!signature)
        return;
    uint32_t count = 0;
    for (uint32_t i = 0; i < signature->param_count; i++)
        count += kind_of(v, signature->param_types[i]) != TY_TYPE;
    RULE(count == stmt->arg_count, "a call with %u arguments, there are %u parameters", stmt->arg_count, count);
    for (uint32_t i = 0, at = 0; i < signature->param_count && !v->failed; i++) {
        if (kind_of(v, signature->param_types[i]) == TY_TYPE)
            continue;
        ArgKind kind = v->fn->args.items[stmt->args + at++].kind;
        ParamMode mode = (ParamMode)signature->param_modes[i];
        RULE((kind == ARG_VALUE) == (mode == MODE_OWN) && (kind == ARG_MUT_REF) == (mode == MODE_MUT),
             "argument %u is not lent or given as the parameter says", at);
    }
}

static void verify_local_place(Verifier *v, const JirStmt *stmt) {
    if (verify_place_id(v, stmt->dst, "a local"))
        RULE(is_root_local(jir_place(v->fn, stmt->dst)), "storage is of whole locals");
}

static void verify_check_index(Verifier *v, const JirStmt *stmt) {
    TypeId a = operand_type(v, stmt->a), b = operand_type(v, stmt->b);
    if (!v->failed)
        want_type(v, "an index", a, TY_I64);
    if (!v->failed)
        want_type(v, "a length", b, TY_I64);
}

static void verify_stmt(Verifier *v, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_NOP: break;
    case OP_SET:
    case OP_STORE: verify_set(v, stmt); break;
    case OP_BIND:
        place_type(v, stmt->place, "the place");
        if (verify_place_id(v, stmt->dst, "a destination") && !v->failed) {
            RULE(is_root_local(jir_place(v->fn, stmt->dst)), "only a local is bound");
            want_same(v, "what is bound", jir_place_type(v->fn, stmt->dst), jir_place_type(v->fn, stmt->place));
        }
        break;
    case OP_REF: verify_ref(v, stmt); break;
    case OP_UNARY: verify_unary(v, stmt); break;
    case OP_BINARY: verify_binary(v, stmt); break;
    case OP_CAST:
    case OP_REPEAT:
        operand_type(v, stmt->a);
        place_type(v, stmt->dst, "a result");
        break;
    case OP_MAKE: verify_make(v, stmt); break;
    case OP_MAKE_VARIANT: verify_variant(v, stmt); break;
    case OP_TAG:
    case OP_LEN:
        place_type(v, stmt->place, "the place");
        want_type(v, "the result", place_type(v, stmt->dst, "a result"), TY_I64);
        break;
    case OP_CHECK_INDEX: verify_check_index(v, stmt); break;
    case OP_CALL:
    case OP_MAKE_CLOSURE: verify_call(v, stmt); break;
    case OP_CALL_VALUE:
        place_type(v, stmt->place, "the called value");
        verify_args(v, stmt);
        break;
    case OP_INTRINSIC:
        RULE(stmt->number > INTRINSIC_NONE && stmt->number < INTRINSIC_COUNT, "no such intrinsic");
        verify_args(v, stmt);
        break;
    case OP_LIVE:
    case OP_DEAD: verify_local_place(v, stmt); break;
    case OP_DROP: verify_place_id(v, stmt->dst, "a place"); break;
    case OP_FLAG: want_type(v, "a flag", place_type(v, stmt->dst, "a flag"), TY_BOOL); break;
    default: broken(v, "no such operation"); break;
    }
}

static void verify_term(Verifier *v, const JirTerm *term) {
    for (uint32_t i = 0; i < term->target_count; i++)
        RULE(term->targets[i].v < v->fn->blocks.count, "no such block");
    switch (term->kind) {
    case TERM_GOTO: RULE(term->target_count == 1, "goto has one target"); break;
    case TERM_BRANCH:
        RULE(term->target_count == 2, "branch has two targets");
        want_type(v, "a condition", operand_type(v, term->a), TY_BOOL);
        break;
    case TERM_SWITCH: {
        RULE(term->target_count >= 1, "switch has a default");
        TypeKind kind = kind_of(v, operand_type(v, term->a));
        RULE(type_kind_is_integer(kind) || kind == TY_CHAR || kind == TY_BOOL || kind_is_open(kind),
             "switch on what is no number");
        break;
    }
    case TERM_PANIC:
        RULE(term->target_count == 0, "panic goes nowhere");
        if (term->a.v)
            verify_operand(v, term->a);
        break;
    case TERM_RETURN:
    case TERM_RESUME:
    case TERM_UNREACHABLE: RULE(term->target_count == 0, "no targets are wanted"); break;
    default: broken(v, "no such terminator"); break;
    }
}

// A panic goes to what is marked as on its way, and nothing there goes elsewhere on a panic.
static void verify_unwind(Verifier *v, const JirBlock *block, uint32_t unwind, bool is_resume) {
    if (!unwind)
        return;
    if (!v->fn->has_pads) {
        RULE(unwind < v->fn->cleanups.count, "a panic has no such way");
        return;
    }
    RULE(unwind < v->fn->blocks.count && v->fn->blocks.items[unwind].is_cleanup, "a panic goes to a common block");
    RULE(!block->is_cleanup && !is_resume, "a panic on the way of another goes nowhere");
}

bool jir_verify(const Jir *jir, const JirFn *fn, Buffer *why) {
    Verifier v = {.jir = jir, .program = jir->program, .types = jir->program->types, .fn = fn, .why = why};
    verify_tables(&v);
    v.in_block = true;
    for (uint32_t b = 0; b < fn->blocks.count && !v.failed; b++) {
        const JirBlock *block = &fn->blocks.items[b];
        v.block = b;
        for (v.stmt = 0; v.stmt < block->stmts.count && !v.failed; v.stmt++) {
            verify_stmt(&v, &block->stmts.items[v.stmt]);
            verify_unwind(&v, block, block->stmts.items[v.stmt].unwind, false);
        }
        if (!v.failed) {
            verify_term(&v, &block->term);
            verify_unwind(&v, block, block->term.unwind, block->term.kind == TERM_RESUME);
        }
    }
    return !v.failed;
}
