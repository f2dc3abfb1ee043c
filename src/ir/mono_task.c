// What the runtime is told of a nursery and of a task: functions, as further arguments of the statement.
#include "ir/mono_internal.h"

static JirArg function_arg(Mono *mono, JirFn *fn, JirFnId id) {
    JirCallee *callee = ARENA_NEW(mono->jir->arena, JirCallee);
    callee->instance = id;
    callee->decl = jir_fn(mono->jir, id)->decl;
    jir_fn(mono->jir, id)->is_for_runtime = true;
    JirOperand code = {.const_kind = CONST_FUNC, .callee = callee};
    code.type = type_func(mono->types, MODE_BORROW, NULL, NULL, 0, type_builtin(mono->types, TY_VOID));
    return (JirArg){.kind = ARG_VALUE, .value = jir_operand_const(fn, code)};
}

// The function (context, address) that calls `fn` with the value of the type that lies there.
static JirFnId on_address(Mono *mono, JirFnId fn, TypeId type) {
    uint8_t mode = MODE_MUT;
    TypeId func = type_func(mono->types, MODE_BORROW, &type, &mode, 1, type_builtin(mono->types, TY_VOID));
    return mono_shim(mono, fn, func);
}

// The one that drops it; 0 if there is nothing to do.
static JirFnId drop_of(Mono *mono, TypeId type) {
    return mono_needs_drop(mono, type) ? on_address(mono, mono_drop_fn(mono, type), type) : (JirFnId){0};
}

// The one that prints it, an error.
static JirFnId print_of(Mono *mono, TypeId type) {
    return on_address(mono, mono_instance(mono, mono->program->lang[LANG_PRINT_FAILURE], &type, 1), type);
}

// The same as an argument, 0 where there is nothing to do.
static JirArg drop_arg(Mono *mono, JirFn *fn, TypeId type) {
    JirFnId drop = drop_of(mono, type);
    if (drop.v)
        return function_arg(mono, fn, drop);
    OperandId none = jir_operand_int(fn, type_builtin(mono->types, TY_I64), 0);
    return (JirArg){.kind = ARG_VALUE, .value = none};
}

void mono_task(Mono *mono, JirFn *fn, JirStmt *stmt) {
    JirArg args[5];
    uint32_t count = 2; // of the statement's own: what the scope holds is nothing to a program that runs
    for (uint32_t i = 0; i < count; i++)
        args[i] = fn->args.items[stmt->args + i];
    bool is_isolated = stmt->number == INTRINSIC_task_spawn_isolated;
    bool is_spawn = is_isolated || stmt->number == INTRINSIC_task_spawn;
    const TypeId *types = stmt->callee->type_args;
    if (is_isolated)
        args[count++] = function_arg(mono, fn, mono_glue(mono, GLUE_TASK_ISOLATED, type_tuple(mono->types, types, 2)));
    else if (is_spawn)
        args[count++] = function_arg(mono, fn, mono_glue(mono, GLUE_TASK, types[0]));
    if (is_spawn) {
        args[count++] = drop_arg(mono, fn, types[1]);
        args[count++] = drop_arg(mono, fn, types[0]);
    } else if (stmt->callee->type_arg_count) {
        args[count++] = drop_arg(mono, fn, types[0]);
        args[count++] = function_arg(mono, fn, print_of(mono, types[0]));
    }
    jir_stmt_args(fn, stmt, args, count);
}
