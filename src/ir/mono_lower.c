// Settles in an instance what depends on its types; see mono.h for what holds afterwards.
#include "ir/mono_internal.h"

#include <float.h>

typedef struct {
    Mono *mono;
    Jir *jir;
    JirFn *fn;
    VEC(JirStmt) out; // of the block being rewritten
    uint32_t token;
    bool is_cleanup;
    uint32_t unwind;
    // the last local of this block that became a known integer, for the branch on it
    LocalId known;
    bool is_known;
    uint64_t known_value;
} Lower;

static JirStmt *emit(Lower *l, OpKind op) {
    vec_push(&l->out,
             (JirStmt){.op = (uint8_t)op, .token = l->token, .is_cleanup = l->is_cleanup, .unwind = l->unwind});
    return &vec_last(&l->out);
}

static JirCallee *callee_of(Lower *l, JirFnId instance) {
    JirCallee *callee = ARENA_NEW(l->jir->arena, JirCallee);
    callee->instance = instance;
    if (instance.v)
        callee->decl = jir_fn(l->jir, instance)->decl;
    return callee;
}

static PlaceId temp(Lower *l, TypeId type) {
    LocalId local = jir_local_new(l->fn, (JirLocal){.type = type, .mode = LOCAL_OWNED, .kind = LOCAL_TEMP});
    return jir_place_local(l->fn, local);
}

static void emit_call(Lower *l, JirFnId target, PlaceId dst, JirArg arg, bool is_drop) {
    JirStmt *stmt = emit(l, OP_CALL);
    stmt->dst = dst;
    stmt->sub = is_drop;
    stmt->callee = callee_of(l, target);
    jir_stmt_args(l->fn, stmt, &arg, 1);
}

static void emit_set(Lower *l, PlaceId dst, OperandId value) {
    JirStmt *stmt = emit(l, OP_SET);
    stmt->dst = dst;
    stmt->a = value;
}

static void emit_drop(Lower *l, PlaceId place) {
    TypeId type = jir_place_type(l->fn, place);
    if (mono_needs_drop(l->mono, type))
        emit_call(l, mono_drop_fn(l->mono, type), (PlaceId){0}, (JirArg){.kind = ARG_MUT_REF, .place = place}, true);
}

// ---- operands ------------------------------------------------------------------------------------------------------

static void use_place(Lower *l, PlaceId place) {
    if (place.v && l->fn->places.items[place.v].is_global)
        mono_use_constant(l->mono, (DeclId){l->fn->places.items[place.v].root});
}

// A function as a value: its shim.
static void settle_func(Lower *l, OperandId id) {
    JirOperand *operand = &l->fn->operands.items[id.v];
    JirCallee *callee = operand->callee;
    TypeId func = operand->type;
    if (callee->instance.v)
        return;
    DeclId decl = callee->decl;
    const TypeId *args = callee->type_args;
    uint32_t count = callee->type_arg_count;
    if (callee->is_trait_method) {
        Target target = mono_resolve(l->mono, decl, args, count);
        invariant(target.kind == TARGET_FN, "a builtin trait method as a value");
        decl = target.decl;
        args = target.args;
        count = target.arg_count;
    }
    JirFnId instance = mono_instance(l->mono, decl, args, count);
    if (!instance.v)
        return;
    JirFnId shim = mono_shim(l->mono, instance, func);
    operand = &l->fn->operands.items[id.v];
    operand->callee = callee_of(l, shim);
}

static OperandId copy_place(Lower *l, PlaceId place, TypeId type) {
    PlaceId copy = temp(l, type);
    emit_call(l, mono_copy_fn(l->mono, type), copy, (JirArg){.kind = ARG_REF, .place = place}, false);
    return jir_operand_place(l->fn, OPERAND_MOVE, copy);
}

// `1` of a type parameter that turned out to be a float.
static void settle_number(Lower *l, OperandId id) {
    JirOperand *operand = &l->fn->operands.items[id.v];
    double value = (double)(int64_t)operand->low;
    operand->const_kind = CONST_FLOAT;
    operand->high = 0;
    memcpy(&operand->low, &value, sizeof value);
}

static OperandId settle_operand(Lower *l, OperandId id) {
    if (!id.v)
        return id;
    const JirOperand *operand = &l->fn->operands.items[id.v];
    if (operand->kind == OPERAND_CONST) {
        if (operand->const_kind == CONST_FUNC)
            settle_func(l, id);
        if (operand->const_kind == CONST_INT && type_kind_is_float(type_get(l->mono->types, operand->type)->kind))
            settle_number(l, id);
        return id;
    }
    use_place(l, operand->place);
    TypeId type = jir_place_type(l->fn, operand->place);
    if (operand->kind == OPERAND_COPY && !mono_is_plain(l->mono, type))
        return copy_place(l, operand->place, type);
    return id;
}

static void settle_args(Lower *l, uint32_t first, uint32_t count) {
    for (uint32_t i = first; i < first + count; i++) {
        JirArg arg = l->fn->args.items[i];
        if (arg.kind == ARG_VALUE)
            arg.value = settle_operand(l, arg.value);
        else
            use_place(l, arg.place);
        l->fn->args.items[i] = arg;
    }
}

static void settle_list(Lower *l, uint32_t first, uint32_t count) {
    for (uint32_t i = first; i < first + count; i++) {
        OperandId item = settle_operand(l, (OperandId){l->fn->operand_lists.items[i]});
        l->fn->operand_lists.items[i] = item.v;
    }
}

// ---- what becomes constant -----------------------------------------------------------------------------------------

static void know(Lower *l, PlaceId dst, uint64_t value) {
    const JirPlace *place = &l->fn->places.items[dst.v];
    if (place->is_global || place->count)
        return;
    l->known = (LocalId){place->root};
    l->known_value = value;
    l->is_known = true;
}

static void set_int(Lower *l, PlaceId dst, uint64_t low, uint64_t high) {
    if (!dst.v)
        return;
    JirOperand constant = {.const_kind = CONST_INT, .type = jir_place_type(l->fn, dst), .low = low, .high = high};
    emit_set(l, dst, jir_operand_const(l->fn, constant));
    know(l, dst, low);
}

static void set_float_limit(Lower *l, PlaceId dst, TypeKind kind, bool is_max) {
    double value = kind == TY_F32 ? (double)FLT_MAX : DBL_MAX;
    value = is_max ? value : -value;
    JirOperand constant = {.const_kind = CONST_FLOAT, .type = jir_place_type(l->fn, dst)};
    memcpy(&constant.low, &value, sizeof value);
    emit_set(l, dst, jir_operand_const(l->fn, constant));
}

static void set_type_limit(Lower *l, PlaceId dst, TypeId type, bool is_max) {
    TypeKind kind = type_get(l->mono->types, type)->kind;
    if (type_kind_is_float(kind)) {
        set_float_limit(l, dst, kind, is_max);
        return;
    }
    if (kind == TY_CHAR) {
        set_int(l, dst, is_max ? 0x10FFFF : 0, 0);
        return;
    }
    uint32_t bits = type_kind_bits(kind);
    uint32_t magnitude = type_kind_is_signed(kind) ? bits - 1 : bits; // value bits of the maximum
    uint64_t low = magnitude >= 64 ? UINT64_MAX : ((uint64_t)1 << magnitude) - 1;
    uint64_t high = magnitude >= 128 ? UINT64_MAX : magnitude > 64 ? ((uint64_t)1 << (magnitude - 64)) - 1 : 0;
    if (is_max) {
        set_int(l, dst, low, high);
    } else if (type_kind_is_signed(kind)) { // the minimum is what the maximum is not
        set_int(l, dst, ~low, ~high);
    } else {
        set_int(l, dst, 0, 0);
    }
}

static void set_text(Lower *l, PlaceId dst, Text text) {
    JirOperand constant = {.const_kind = CONST_STRING, .type = jir_place_type(l->fn, dst), .text = text};
    emit_set(l, dst, jir_operand_const(l->fn, constant));
}

// *p as a place, where the pointer is an argument.
static PlaceId pointee(Lower *l, JirArg arg, TypeId type) {
    PlaceId pointer;
    if (arg.kind == ARG_VALUE) {
        const JirOperand *operand = &l->fn->operands.items[arg.value.v];
        if (operand->kind == OPERAND_CONST) {
            pointer = temp(l, operand->type);
            emit_set(l, pointer, arg.value);
        } else {
            pointer = operand->place;
        }
    } else {
        pointer = arg.place;
    }
    return jir_place_project(l->fn, pointer, (Projection){PROJ_DEREF, 0, type});
}

// Size or alignment of what a pointer leads to: a constant, but for a dyn, whose table has it.
static void lower_measure(Lower *l, const JirStmt *stmt, TypeId type) {
    bool is_size = stmt->number == INTRINSIC_size_at;
    if (type_get(l->mono->types, type)->kind != TY_DYN) {
        set_int(l, stmt->dst, is_size ? layout_size(l->jir, type) : layout_get(l->jir, type)->align, 0);
        return;
    }
    PlaceId value = pointee(l, l->fn->args.items[stmt->args], type);
    OperandId slot = jir_operand_int(l->fn, type_builtin(l->mono->types, TY_I64), is_size ? TABLE_SIZE : TABLE_ALIGN);
    JirArg args[2] = {{.kind = ARG_REF, .place = value}, {.kind = ARG_VALUE, .value = slot}};
    JirStmt *read = emit(l, OP_INTRINSIC);
    read->number = INTRINSIC_dyn_word;
    read->dst = stmt->dst;
    read->callee = stmt->callee;
    jir_stmt_args(l->fn, read, args, 2);
}

static bool lower_intrinsic(Lower *l, const JirStmt *stmt) {
    TypeId type = stmt->callee && stmt->callee->type_arg_count ? stmt->callee->type_args[0] : (TypeId){0};
    switch ((IntrinsicId)stmt->number) {
    case INTRINSIC_size_of: set_int(l, stmt->dst, layout_size(l->jir, type), 0); return true;
    case INTRINSIC_param_value: set_int(l, stmt->dst, type_get(l->mono->types, type)->count, 0); return true;
    case INTRINSIC_align_of: set_int(l, stmt->dst, layout_get(l->jir, type)->align, 0); return true;
    case INTRINSIC_size_at:
    case INTRINSIC_align_at: lower_measure(l, stmt, type); return true;
    case INTRINSIC_needs_drop: set_int(l, stmt->dst, mono_needs_drop(l->mono, type), 0); return true;
    case INTRINSIC_is_plain: set_int(l, stmt->dst, mono_is_plain(l->mono, type), 0); return true;
    case INTRINSIC_is_cheap:
        set_int(l, stmt->dst, (type_class(l->mono->program, type) & CLASS_CHEAP) != 0, 0);
        return true;
    case INTRINSIC_type_bits:
        set_int(l, stmt->dst, type_kind_bits(type_get(l->mono->types, type)->kind), 0);
        return true;
    case INTRINSIC_type_min: set_type_limit(l, stmt->dst, type, false); return true;
    case INTRINSIC_type_max: set_type_limit(l, stmt->dst, type, true); return true;
    case INTRINSIC_type_id: set_int(l, stmt->dst, type.v, 0); return true;
    case INTRINSIC_type_name: set_text(l, stmt->dst, type_text(l->mono->program, type)); return true;
    case INTRINSIC_ptr_drop: {
        if (!mono_needs_drop(l->mono, type))
            return true;
        PlaceId place = pointee(l, l->fn->args.items[stmt->args], type);
        JirArg arg = {.kind = ARG_MUT_REF, .place = place};
        emit_call(l, mono_drop_deep_fn(l->mono, type), (PlaceId){0}, arg, true);
        return true;
    }
    case INTRINSIC_nursery_open:
    case INTRINSIC_task_spawn_isolated:
    case INTRINSIC_task_spawn: {
        JirStmt told = *stmt;
        mono_task(l->mono, l->fn, &told);
        vec_push(&l->out, told);
        return true;
    }
    case INTRINSIC_variant_name: {
        JirArg arg = l->fn->args.items[stmt->args];
        if (arg.kind == ARG_VALUE) {
            PlaceId value = temp(l, type);
            emit_set(l, value, arg.value);
            arg = (JirArg){.kind = ARG_REF, .place = value};
        }
        emit_call(l, mono_glue(l->mono, GLUE_VARIANT_NAME, type), stmt->dst, arg, false);
        return true;
    }
    default: return false;
    }
}

// ---- calls ---------------------------------------------------------------------------------------------------------

static OperandId arg_operand(Lower *l, JirArg arg) {
    return arg.kind == ARG_VALUE ? arg.value : jir_operand_place(l->fn, OPERAND_COPY, arg.place);
}

static bool is_scalar(Lower *l, TypeId type) {
    TypeKind kind = type_get(l->mono->types, type)->kind;
    return kind == TY_BOOL || kind == TY_CHAR || type_kind_is_integer(kind) || type_kind_is_float(kind);
}

static void call_builtin(Lower *l, const JirStmt *stmt, const Target *target) {
    const DeclId *lang = l->mono->program->lang;
    const JirArg *args = &l->fn->args.items[stmt->args];
    GlueKind kind;
    if (target->trait.v == lang[LANG_EQ].v) {
        kind = GLUE_EQ;
        if (is_scalar(l, target->self)) {
            OperandId a = arg_operand(l, args[0]), b = arg_operand(l, l->fn->args.items[stmt->args + 1]);
            JirStmt *binary = emit(l, OP_BINARY);
            binary->sub = BIN_EQ;
            binary->dst = stmt->dst;
            binary->a = a;
            binary->b = b;
            return;
        }
    } else if (target->trait.v == lang[LANG_COPY].v) {
        if (mono_is_plain(l->mono, target->self)) {
            emit_set(l, stmt->dst, arg_operand(l, args[0]));
            return;
        }
        vec_push(&l->out, *stmt);
        vec_last(&l->out).callee = callee_of(l, mono_copy_fn(l->mono, target->self));
        return;
    } else if (target->trait.v == lang[LANG_HASH].v) {
        kind = GLUE_HASH;
    } else if (target->trait.v == lang[LANG_ORD].v) {
        kind = GLUE_ORD;
    } else if (target->trait.v == lang[LANG_DEFAULT].v) {
        kind = GLUE_DEFAULT;
    } else if (target->trait.v == lang[LANG_JSON].v) {
        kind = glue_json_writes(l->mono, target->decl) ? GLUE_TO_JSON : GLUE_FROM_JSON;
    } else {
        invariant(target->trait.v == lang[LANG_DEBUG].v || target->trait.v == lang[LANG_DISPLAY].v,
                  "the compiler has no such implementation: %.*s",
                  TEXT_ARG(decl_name(l->mono->program, target->trait)));
        kind = GLUE_DEBUG;
    }
    JirFnId instance = mono_glue(l->mono, kind, target->self);
    vec_push(&l->out, *stmt);
    vec_last(&l->out).callee = callee_of(l, instance);
}

// A method of T called on a REF(T): what is lent is what the address leads to.
static void lend_through(Lower *l, JirStmt *stmt, TypeId from, TypeId to) {
    if (from.v == to.v)
        return;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        JirArg *arg = &l->fn->args.items[stmt->args + i];
        const JirOperand *value = arg->kind == ARG_VALUE ? &l->fn->operands.items[arg->value.v] : NULL;
        if (value && value->kind == OPERAND_CONST)
            continue;
        PlaceId place = value ? value->place : arg->place;
        if (jir_place_type(l->fn, place).v != from.v)
            continue;
        for (TypeId type = from; type.v != to.v;) {
            type = type_get(l->mono->types, type)->args[0];
            place = jir_place_project(l->fn, place, (Projection){.kind = PROJ_DEREF, .type = type});
        }
        if (value) { // given away: a copy of what is lent; its call may move the arguments
            OperandId copy = settle_operand(l, jir_operand_place(l->fn, OPERAND_COPY, place));
            l->fn->args.items[stmt->args + i].value = copy;
        } else {
            l->fn->args.items[stmt->args + i].place = place;
        }
    }
}

static void lower_call(Lower *l, JirStmt stmt) {
    settle_args(l, stmt.args, stmt.arg_count);
    const JirCallee *callee = stmt.callee;
    if (callee->instance.v) {
        vec_push(&l->out, stmt);
        return;
    }
    DeclId decl = callee->decl;
    const TypeId *args = callee->type_args;
    uint32_t count = callee->type_arg_count;
    if (callee->is_trait_method) {
        Target target = mono_resolve(l->mono, decl, args, count);
        invariant(target.kind != TARGET_NONE, "%.*s has no `%.*s`", TEXT_ARG(type_text(l->mono->program, args[0])),
                  TEXT_ARG(decl_name(l->mono->program, decl)));
        lend_through(l, &stmt, args[0], target.self);
        if (target.kind == TARGET_DYN) {
            TraitRef trait = trait_of_method_args(l->mono->program, decl, target.args, target.arg_count);
            stmt.callee = callee_of(l, mono_dyn_call(l->mono, decl, trait, target.self));
            vec_push(&l->out, stmt);
            return;
        }
        if (target.kind == TARGET_BUILTIN) {
            call_builtin(l, &stmt, &target);
            return;
        }
        decl = target.decl;
        args = target.args;
        count = target.arg_count;
    }
    JirFnId instance = mono_instance(l->mono, decl, args, count);
    stmt.callee = callee_of(l, instance);
    vec_push(&l->out, stmt);
}

// ---- the other statements ------------------------------------------------------------------------------------------

static JirFnId closure_at(Lower *l, TypeId type) {
    while (type_get(l->mono->types, type)->kind == TY_REF)
        type = type_get(l->mono->types, type)->args[0];
    return type_get(l->mono->types, type)->kind == TY_CLOSURE ? mono_closure(l->mono, type) : (JirFnId){0};
}

// A function that borrows a T, called with what is lent as a `let T`.
static void lend_to_value(Lower *l, const JirStmt *stmt) {
    TypeId func = program_callable(l->mono->program, jir_place_type(l->fn, stmt->place));
    const Type *type = func.v ? type_get(l->mono->types, func) : NULL;
    for (uint32_t i = 0; type && i < stmt->arg_count && i + 1 < type->arg_count; i++) {
        JirArg arg = l->fn->args.items[stmt->args + i];
        if (arg.kind == ARG_VALUE)
            continue;
        const Type *lent = type_get(l->mono->types, jir_place_type(l->fn, arg.place));
        if (lent->kind != TY_REF || lent->args[0].v != type->args[i].v)
            continue;
        Projection deref = {.kind = PROJ_DEREF, .type = lent->args[0]};
        arg.place = jir_place_project(l->fn, arg.place, deref);
        l->fn->args.items[stmt->args + i] = arg;
    }
}

static bool is_dyn(Lower *l, TypeId type) {
    return type_get(l->mono->types, type)->kind == TY_DYN;
}

// What names the table of a dyn that a value of the type, or another dyn, becomes.
static uint32_t table_number(Lower *l, TypeId from, TypeId dyn) {
    return is_dyn(l, from) ? mono_super_word(l->mono, from, dyn) : mono_table(l->mono, from, dyn);
}

// The address of a place of a known type becomes a dyn: its table is named. A parameter may have become a projection.
static void lower_ref(Lower *l, JirStmt stmt) {
    const JirPlace *dst = &l->fn->places.items[stmt.dst.v];
    TypeId to = dst->type, from = jir_place_type(l->fn, stmt.place);
    if (type_get(l->mono->types, to)->kind == TY_REF)
        to = type_get(l->mono->types, to)->args[0];
    for (; is_dyn(l, to) && type_get(l->mono->types, from)->kind == TY_REF;) {
        from = type_get(l->mono->types, from)->args[0];
        stmt.place = jir_place_project(l->fn, stmt.place, (Projection){.kind = PROJ_DEREF, .type = from});
    }
    if (is_dyn(l, to))
        stmt.number = table_number(l, from, to);
    vec_push(&l->out, stmt);
}

// In generic code only an instance shows that what goes into the Box borrows: the Box would outlive what it looks at.
static void report_view_in_dyn(Lower *l, TypeId content, TypeId box) {
    Program *p = l->mono->program;
    Span place = ast_token_span(program_ast(p, l->fn->decl), (TokenId){l->token});
    Report *report = diag_report(p->diags, DIAG_E0438, mono_origin(l->mono, place), "a `%.*s` is put into a `%.*s`",
                                 TEXT_ARG(type_text(p, content)), TEXT_ARG(type_text(p, box)));
    report_label(report, "it borrows what it looks at, and a Box of a `dyn` owns all it holds");
    mono_note_way(l->mono, report);
    report_note(report, place, "put into the Box here, by `%.*s`", TEXT_ARG(decl_name(p, l->fn->decl)));
    report_help(report, "give it a value of one's own, such as a list instead of a slice");
    l->mono->failed = true;
}

// A Box of a known type, or of another dyn, becomes a Box of a dyn.
static bool lower_box_cast(Lower *l, JirStmt *stmt) {
    Program *p = l->mono->program;
    TypeId to = jir_place_type(l->fn, stmt->dst), from = jir_operand_type(l->fn, stmt->a);
    if (!type_is_lang(p, to, LANG_BOX) || !is_dyn(l, type_get(l->mono->types, to)->args[0]) || from.v == to.v)
        return false;
    TypeId content = type_get(l->mono->types, from)->args[0];
    if (type_class(p, content) & CLASS_VIEW)
        report_view_in_dyn(l, content, to);
    stmt->number = table_number(l, content, type_get(l->mono->types, to)->args[0]);
    if (stmt->number == 0)
        stmt->op = OP_SET;
    vec_push(&l->out, *stmt);
    return true;
}

static void lower_cast(Lower *l, JirStmt stmt) {
    const JirOperand *operand = &l->fn->operands.items[stmt.a.v];
    if (lower_box_cast(l, &stmt))
        return;
    if (operand->kind != OPERAND_CONST) {
        TypeId from = jir_place_type(l->fn, operand->place);
        JirFnId closure = closure_at(l, from);
        if (closure.v && type_get(l->mono->types, jir_place_type(l->fn, stmt.dst))->kind == TY_FUNC) {
            stmt.callee = callee_of(l, closure);
            vec_push(&l->out, stmt);
            return;
        }
    }
    bool is_view = l->fn->locals.items[l->fn->places.items[stmt.dst.v].root].is_view; // it owns nothing
    stmt.a = is_view ? stmt.a : settle_operand(l, stmt.a);
    if (jir_operand_type(l->fn, stmt.a).v == jir_place_type(l->fn, stmt.dst).v)
        stmt.op = OP_SET;
    vec_push(&l->out, stmt);
}

// The old value goes after the new one is stored, where anybody could see the difference.
static void lower_store(Lower *l, JirStmt stmt) {
    stmt.a = settle_operand(l, stmt.a);
    TypeId type = jir_place_type(l->fn, stmt.dst);
    stmt.op = OP_SET;
    if (!mono_needs_drop(l->mono, type)) {
        vec_push(&l->out, stmt);
        return;
    }
    PlaceId old = temp(l, type);
    emit_set(l, old, jir_operand_place(l->fn, OPERAND_MOVE, stmt.dst));
    vec_push(&l->out, stmt);
    emit_drop(l, old);
}

static void lower_repeat(Lower *l, JirStmt stmt) {
    TypeId type = jir_place_type(l->fn, stmt.dst);
    stmt.a = settle_operand(l, stmt.a);
    if (mono_is_plain(l->mono, type)) {
        const JirOperand *item = &l->fn->operands.items[stmt.a.v];
        if (item->kind == OPERAND_MOVE) // there are many of what generic code moves
            stmt.a = jir_operand_place(l->fn, OPERAND_COPY, item->place);
        vec_push(&l->out, stmt);
        return;
    }
    JirArg arg = {.kind = ARG_VALUE, .value = stmt.a};
    emit_call(l, mono_glue(l->mono, GLUE_REPEAT, type), stmt.dst, arg, false);
}

static void lower_stmt(Lower *l, JirStmt stmt) {
    l->token = l->mono->token = stmt.token;
    l->is_cleanup = stmt.is_cleanup;
    l->unwind = stmt.unwind;
    use_place(l, stmt.place);
    use_place(l, stmt.dst);
    switch ((OpKind)stmt.op) {
    case OP_NOP: return;
    case OP_DROP: emit_drop(l, stmt.dst); return;
    case OP_STORE: lower_store(l, stmt); return;
    case OP_CAST: lower_cast(l, stmt); return;
    case OP_REF: lower_ref(l, stmt); return;
    case OP_REPEAT: lower_repeat(l, stmt); return;
    case OP_CALL: lower_call(l, stmt); return;
    case OP_CALL_VALUE: {
        while (type_get(l->mono->types, jir_place_type(l->fn, stmt.place))->kind == TY_REF) {
            Projection deref = {.kind = PROJ_DEREF,
                                .type = type_get(l->mono->types, jir_place_type(l->fn, stmt.place))->args[0]};
            stmt.place = jir_place_project(l->fn, stmt.place, deref);
        }
        JirFnId closure = closure_at(l, jir_place_type(l->fn, stmt.place));
        stmt.callee = closure.v ? callee_of(l, closure) : NULL;
        lend_to_value(l, &stmt);
        settle_args(l, stmt.args, stmt.arg_count);
        break;
    }
    case OP_MAKE_CLOSURE:
        stmt.callee = callee_of(l, closure_at(l, jir_place_type(l->fn, stmt.dst)));
        settle_args(l, stmt.args, stmt.arg_count);
        break;
    case OP_INTRINSIC:
        settle_args(l, stmt.args, stmt.arg_count);
        if (lower_intrinsic(l, &stmt))
            return;
        break;
    case OP_MAKE:
    case OP_MAKE_VARIANT: settle_list(l, stmt.args, stmt.arg_count); break;
    case OP_BIND: invariant(false, "a binding that ownership has not decided");
    default:
        stmt.a = settle_operand(l, stmt.a);
        stmt.b = settle_operand(l, stmt.b);
        break;
    }
    vec_push(&l->out, stmt);
}

// ---- blocks --------------------------------------------------------------------------------------------------------

static bool known_operand(const Lower *l, OperandId id, uint64_t *value) {
    const JirOperand *operand = &l->fn->operands.items[id.v];
    if (operand->kind == OPERAND_CONST) {
        *value = operand->low;
        return operand->const_kind == CONST_INT;
    }
    const JirPlace *place = &l->fn->places.items[operand->place.v];
    *value = l->known_value;
    return l->is_known && !place->is_global && place->count == 0 && place->root == l->known.v;
}

// `not known`, a copy of known: the common ways from a question about types to the branch on it.
static void follow_known(Lower *l, const JirStmt *stmt) {
    uint64_t value;
    if (!stmt->dst.v)
        return;
    const JirPlace *dst = &l->fn->places.items[stmt->dst.v];
    if (stmt->op == OP_UNARY && stmt->sub == UNARY_NOT && known_operand(l, stmt->a, &value)) {
        know(l, stmt->dst, !value);
    } else if (stmt->op == OP_SET && known_operand(l, stmt->a, &value)) {
        know(l, stmt->dst, value);
    } else if (l->is_known && !dst->is_global && dst->root == l->known.v) {
        l->is_known = false;
    }
}

static void settle_branch(Lower *l, JirTerm *term) {
    uint64_t value;
    if (term->kind != TERM_BRANCH || !known_operand(l, term->a, &value))
        return;
    BlockId *target = ARENA_NEW(l->jir->arena, BlockId);
    *target = term->targets[value ? 0 : 1];
    *term = (JirTerm){.kind = TERM_GOTO, .targets = target, .target_count = 1, .token = term->token};
}

static void lower_block(Lower *l, uint32_t index) {
    JirBlock *block = &l->fn->blocks.items[index];
    memset(&l->out, 0, sizeof l->out);
    vec_reserve(&l->out, block->stmts.count + 4);
    l->is_known = false;
    for (uint32_t i = 0; i < block->stmts.count; i++) {
        uint32_t before = l->out.count;
        lower_stmt(l, block->stmts.items[i]);
        for (uint32_t s = before; s < l->out.count; s++) {
            follow_known(l, &l->out.items[s]);
            if (l->out.items[s].unwind && !jir_may_panic(l->jir, l->fn, &l->out.items[s]))
                l->out.items[s].unwind = 0;
        }
    }
    vec_free(&block->stmts);
    block->stmts.items = l->out.items;
    block->stmts.count = l->out.count;
    block->stmts.capacity = l->out.capacity;
    l->token = l->mono->token = block->term.token;
    settle_branch(l, &block->term);
    if (block->term.a.v && block->term.kind == TERM_PANIC &&
        l->fn->operands.items[block->term.a.v].kind != OPERAND_CONST)
        use_place(l, l->fn->operands.items[block->term.a.v].place);
}

typedef struct {
    VecU8 seen;
    VecU32 work;
} Reach;

static void reach(void *context, uint32_t target) {
    Reach *r = context;
    if (r->seen.items[target])
        return;
    r->seen.items[target] = 1;
    vec_push(&r->work, target);
}

// Where a panic really goes: blocks that had drops of what needs none are nothing but a way on.
static uint32_t settle_unwind(const JirFn *fn, uint32_t unwind) {
    while (unwind) {
        const JirBlock *block = &fn->blocks.items[unwind];
        if (block->stmts.count)
            return unwind;
        if (block->term.kind == TERM_RESUME)
            return 0;
        if (block->term.kind != TERM_GOTO)
            return unwind;
        unwind = block->term.targets[0].v;
    }
    return 0;
}

static void settle_unwinds(JirFn *fn) {
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        JirBlock *block = &fn->blocks.items[i];
        block->term.unwind = settle_unwind(fn, block->term.unwind);
        for (uint32_t s = 0; s < block->stmts.count; s++)
            if (block->stmts.items[s].unwind)
                block->stmts.items[s].unwind = settle_unwind(fn, block->stmts.items[s].unwind);
    }
}

void mono_lower(Mono *mono, JirFn *fn) {
    Lower l = {.mono = mono, .jir = mono->jir, .fn = fn};
    uint32_t count = fn->blocks.count;
    Reach r = {0};
    if (!mono_check_sizes(mono, fn))
        return;
    vec_reserve(&r.seen, count);
    memset(r.seen.items, 0, count);
    reach(&r, 0);
    while (r.work.count) {
        uint32_t index = vec_pop(&r.work);
        lower_block(&l, index);
        jir_successors(fn, index, reach, &r);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!r.seen.items[i]) {
            fn->blocks.items[i].stmts.count = 0;
            fn->blocks.items[i].term = (JirTerm){.kind = TERM_UNREACHABLE};
        }
    }
    settle_unwinds(fn);
    vec_free(&r.seen);
    vec_free(&r.work);
}
