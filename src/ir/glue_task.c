// What a task runs: calls the closure that lies in its environment, and stores its result or says that it failed.
#include "ir/mono_internal.h"

static void task_intrinsic(Glue *g, IntrinsicId id, PlaceId dst, TypeId type, const JirArg *args, uint32_t count) {
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_INTRINSIC, 0);
    stmt->number = id;
    stmt->dst = dst;
    stmt->callee = jir_callee(g->jir, (DeclId){0}, false, &type, 1);
    jir_stmt_args(g->fn, stmt, args, count);
}

static bool is_value(Glue *g, TypeId type) {
    TypeKind kind = type_get(g->mono->types, type)->kind;
    return kind != TY_VOID && kind != TY_NEVER;
}

// What the task knows by type it gives back, on every way out: std.local.
static bool leaves_locals(const Glue *g) {
    return g->mono->program->lang[LANG_LOCAL_LEAVE].v != 0;
}

static void leave_locals(Glue *g) {
    PlaceId nothing = glue_temp(g, glue_type(g, TY_VOID));
    DeclId leave = g->mono->program->lang[LANG_LOCAL_LEAVE];
    glue_call(g, jir_callee(g->jir, leave, false, NULL, 0), nothing, NULL, 0);
}

static void leave_locals_on_panic(Glue *g, BlockId *rest) {
    BlockId here = g->block;
    g->block = glue_cleanup_block(g);
    leave_locals(g);
    glue_goto(g, *rest);
    *rest = g->block;
    g->block = here;
}

// The closure of a spawn uses itself up; another one is dropped after its call.
static void call_closure(Glue *g, TypeId closure, bool is_spent, PlaceId dst) {
    PlaceId address = glue_temp(g, type_unary(g->mono->types, TY_POINTER, closure));
    task_intrinsic(g, INTRINSIC_env_ptr, address, closure, NULL, 0);
    PlaceId place = jir_place_project(g->fn, address, (Projection){PROJ_DEREF, 0, closure});
    BlockId rest = {0};
    if (!is_spent && mono_needs_drop(g->mono, closure)) {
        rest = glue_resume_block(g);
        glue_drop_on_panic(g, place, &rest);
    }
    if (leaves_locals(g)) {
        rest = rest.v ? rest : glue_resume_block(g);
        leave_locals_on_panic(g, &rest);
    }
    JirStmt *call = jir_emit(g->fn, g->block, OP_CALL_VALUE, 0);
    call->place = place;
    call->dst = dst;
    call->unwind = rest.v;
    if (!is_spent)
        glue_drop_place(g, place);
    if (leaves_locals(g))
        leave_locals(g);
}

// What the closure of a task gives: `given` is `value`, or `error` instead where it may fail.
typedef struct {
    TypeId closure, given, value, error; // error: 0 where it cannot fail
    bool is_spent;
} Work;

static Work work_begin(Glue *g, TypeId closure) {
    Types *types = g->mono->types;
    const Type *func = type_get(types, program_callable(g->mono->program, closure));
    TypeId given = func->args[func->arg_count - 1];
    const Type *result = type_get(types, given);
    Work work = {closure, given, given, {0}, func->self_mode == MODE_OWN};
    if (result->kind == TY_RESULT) {
        work.error = result->args[0];
        work.value = result->args[1];
    }
    glue_signature(g, glue_type(g, TY_VOID));
    g->fn->has_env = true;
    g->fn->has_pads = true;
    return work;
}

// Where what it gave lies; 0 where that is nothing.
static PlaceId work_run(Glue *g, const Work *work) {
    PlaceId got = is_value(g, work->given) ? glue_temp(g, work->given) : (PlaceId){0};
    call_closure(g, work->closure, work->is_spent, got);
    return got;
}

void glue_task(Glue *g, TypeId closure) {
    Work work = work_begin(g, closure);
    PlaceId to = is_value(g, work.value) ? glue_param(g, work.value, LOCAL_MUT_REF) : (PlaceId){0};
    PlaceId got = work_run(g, &work);
    if (!work.error.v) {
        if (to.v)
            glue_set(g, to, glue_move_of(g, got));
        glue_return(g);
        return;
    }
    BlockId *blocks = glue_switch(g, got, 2);
    g->block = blocks[0];
    if (to.v)
        glue_set(g, to, glue_move_of(g, glue_payload(g, got, 0, 0, work.value)));
    glue_return(g);
    g->block = blocks[1];
    JirArg error = {.kind = ARG_VALUE, .value = glue_move_of(g, glue_payload(g, got, 1, 0, work.error))};
    task_intrinsic(g, INTRINSIC_task_fail, (PlaceId){0}, work.error, &error, 1);
    glue_return(g);
}

// Variant 0 of an Outcome is Ok, 1 Failed.
static void give_outcome(Glue *g, PlaceId to, uint32_t variant, PlaceId from, TypeId type) {
    JirOperand nothing = {.const_kind = CONST_INT, .type = type};
    OperandId item = is_value(g, type) ? glue_move_of(g, from) : jir_operand_const(g->fn, nothing);
    glue_make_variant(g, to, variant, &item, 1);
    glue_return(g);
}

// Its outcome is its result, whichever of both it is; a panic or a cancellation leaves none.
void glue_task_isolated(Glue *g, TypeId pair) {
    const Type *parts = type_get(g->mono->types, pair);
    TypeId outcome = parts->args[1];
    Work work = work_begin(g, parts->args[0]);
    PlaceId to = glue_param(g, outcome, LOCAL_MUT_REF), got = work_run(g, &work);
    if (!work.error.v) {
        give_outcome(g, to, 0, got, work.value);
        return;
    }
    BlockId *blocks = glue_switch(g, got, 2);
    for (uint32_t i = 0; i < 2; i++) {
        TypeId type = i == 0 ? work.value : work.error;
        g->block = blocks[i];
        give_outcome(g, to, i, is_value(g, type) ? glue_payload(g, got, i, 0, type) : (PlaceId){0}, type);
    }
}
