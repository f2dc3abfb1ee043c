// Calls: of functions, of closures and of func values.
#include "llvm/internal.h"

typedef VEC(LLVMValueRef) Values;

// ---- arguments -----------------------------------------------------------------------------------------------------

static void push_leaves(FnGen *f, Values *values, const GenType *type, Addr from) {
    for (uint32_t i = 0; i < type->leaf_count; i++) {
        Addr at = addr_offset(f, from, type->leaves[i].offset);
        LLVMValueRef leaf = LLVMBuildLoad2(f->b, type->leaves[i].type, at.ptr, "");
        LLVMSetAlignment(leaf, at.align);
        vec_push(values, leaf);
    }
}

static void push_in_registers(FnGen *f, Values *values, const AbiParam *p, const JirArg *arg) {
    if (p->info->pass == PASS_SCALAR) {
        LLVMValueRef value = arg->kind == ARG_VALUE ? fn_operand(f, arg->value) : fn_load_place(f, arg->place);
        vec_push(values, value);
        return;
    }
    push_leaves(f, values, p->info,
                arg->kind == ARG_VALUE ? fn_operand_address(f, arg->value) : fn_place(f, arg->place));
}

// A value given away by address: where it was moved from is dead, so the callee may have that memory.
static LLVMValueRef owned_address(FnGen *f, const GenType *type, OperandId value) {
    const JirOperand *o = &f->fn->operands.items[value.v];
    if (o->kind == OPERAND_MOVE)
        return fn_place(f, o->place).ptr;
    Addr temp = fn_temp(f, type);
    fn_operand_to(f, value, temp);
    return temp.ptr;
}

static void push_arg(FnGen *f, Values *values, const AbiParam *p, const JirArg *arg) {
    if (p->info->pass == PASS_NOTHING)
        return;
    if (p->in_registers)
        push_in_registers(f, values, p, arg);
    else if (arg->kind != ARG_VALUE)
        vec_push(values, fn_place(f, arg->place).ptr);
    else if (p->mode == LOCAL_OWNED)
        vec_push(values, owned_address(f, p->info, arg->value));
    else
        vec_push(values, fn_operand_address(f, arg->value).ptr);
}

// ---- results -------------------------------------------------------------------------------------------------------

static bool shares_root(FnGen *f, const JirPlace *to, PlaceId place) {
    const JirPlace *from = &f->fn->places.items[place.v];
    return place.v && !from->is_global && from->root == to->root;
}

// Whether the callee may write its result where it belongs: nothing it can reach lies there.
static bool may_write_result(FnGen *f, const JirStmt *s) {
    const JirPlace *to = &f->fn->places.items[s->dst.v];
    if (to->is_global || to->count > 0 || f->locals[to->root].is_ref)
        return false;
    for (uint32_t i = 0; i < s->arg_count; i++) {
        const JirArg *arg = &f->fn->args.items[s->args + i];
        PlaceId place = arg->kind == ARG_VALUE ? f->fn->operands.items[arg->value.v].place : arg->place;
        if (shares_root(f, to, place))
            return false;
    }
    return !shares_root(f, to, s->place);
}

void fn_store_result(FnGen *f, PlaceId dst, const GenType *type, LLVMValueRef value) {
    uint32_t local = fn_bare_local(f, dst);
    bool takes_address = type->kind == TY_REF && local != UINT32_MAX &&
                         f->fn->locals.items[local].mode != LOCAL_OWNED && fn_place_type(f, dst)->kind != TY_REF;
    if (takes_address && type->pass == PASS_SCALAR) { // a dyn is the words themselves
        fn_set_reference(f, local, value);
        return;
    }
    if (type->pass == PASS_SCALAR) {
        fn_result(f, dst, value);
        return;
    }
    Addr to = fn_place(f, dst);
    for (uint32_t i = 0; i < type->leaf_count; i++) {
        Addr at = addr_offset(f, to, type->leaves[i].offset);
        LLVMSetAlignment(LLVMBuildStore(f->b, LLVMBuildExtractValue(f->b, value, i, ""), at.ptr), at.align);
    }
}

// ---- the call ------------------------------------------------------------------------------------------------------

// An argument given by address, for a jump: first apart, since others may still be read from where it goes.
static void push_given(FnGen *f, Values *values, const AbiParam *p, const JirArg *arg, const TailSlot *slot) {
    if (slot->stays) {
        vec_push(values, f->locals[1 + slot->slot].address);
        return;
    }
    Addr temp = fn_temp(f, p->info);
    fn_operand_to(f, arg->value, temp);
    vec_push(values, temp.ptr);
}

static void push_jump_args(FnGen *f, Values *values, const JirStmt *s, const Abi *abi, const TailSlots *slots) {
    VecU32 given = {0}; // where in `values` each slot's argument is
    for (uint32_t k = 0; k < slots->count; k++)
        vec_push(&given, 0);
    for (uint32_t i = 0; i < abi->param_count; i++) {
        const JirArg *arg = &f->fn->args.items[s->args + i];
        uint32_t k = 0;
        while (k < slots->count && slots->items[k].arg != i)
            k++;
        if (k == slots->count) {
            push_arg(f, values, &abi->params[i], arg);
            continue;
        }
        given.items[k] = values->count;
        push_given(f, values, &abi->params[i], arg, &slots->items[k]);
    }
    for (uint32_t k = 0; k < slots->count; k++) {
        const TailSlot *slot = &slots->items[k];
        const GenType *type = abi->params[slot->arg].info;
        LLVMValueRef *value = &values->items[given.items[k]];
        if (slot->stays)
            continue;
        LLVMValueRef to = f->locals[1 + slot->slot].address;
        fn_copy(f, type, addr_of(to, type), addr_of(*value, type));
        *value = to;
    }
    vec_free(&given);
}

static void mark_call(FnGen *f, const JirStmt *s, LLVMValueRef call, const Abi *abi) {
    LLVMSetInstructionCallConv(call, gen_call_convention(f->gen, s));
    if (!abi->by_sret)
        return;
    unsigned kind = LLVMGetEnumAttributeKindForName("sret", 4);
    LLVMTypeRef memory = LLVMArrayType2(f->gen->i8, abi->result->size);
    LLVMAddCallSiteAttribute(call, 1, LLVMCreateTypeAttribute(f->gen->context, kind, memory));
}

// Whether all arguments are in registers, on each machine.
static bool passes_in_registers(LLVMTypeRef function) {
    enum { MOST = 64, WORDS = 6, FLOATS = 8 };
    LLVMTypeRef params[MOST];
    uint32_t count = LLVMCountParamTypes(function), words = 0, floats = 0;
    if (count > MOST)
        return false;
    LLVMGetParamTypes(function, params);
    for (uint32_t i = 0; i < count; i++) {
        LLVMTypeKind kind = LLVMGetTypeKind(params[i]);
        if (kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind)
            floats++;
        else
            words += kind == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(params[i]) > 64 ? 2 : 1;
    }
    return words <= WORDS && floats <= FLOATS;
}

// A must-tail call reaches code generation as it is, but LLVM takes it that arguments on the stack lie where the
// caller's were. `tail` moves them; of the calling convention that is a jump, too.
static LLVMTailCallKind jump_kind(const FnGen *f, const Abi *abi) {
    return passes_in_registers(abi->type) && passes_in_registers(f->abi->type) ? LLVMTailCallKindMustTail
                                                                               : LLVMTailCallKindTail;
}

// Our frame is gone before the callee begins: nothing of it is lent, and the result goes where ours does.
static void jump(FnGen *f, const JirStmt *s, LLVMValueRef code, const Abi *abi, LLVMValueRef env,
                 const TailSlots *slots) {
    Values values = {0};
    if (abi->by_sret)
        vec_push(&values, f->sret);
    if (abi->has_env)
        vec_push(&values, env ? env : LLVMConstNull(f->gen->ptr));
    push_jump_args(f, &values, s, abi, slots);
    LLVMValueRef call = LLVMBuildCall2(f->b, abi->type, code, values.items, values.count, "");
    vec_free(&values);
    mark_call(f, s, call, abi);
    LLVMSetTailCallKind(call, jump_kind(f, abi));
    if (abi->by_sret || abi->result->pass == PASS_NOTHING)
        LLVMBuildRetVoid(f->b);
    else
        LLVMBuildRet(f->b, call);
}

static void call(FnGen *f, const JirStmt *s, LLVMValueRef code, const Abi *abi, LLVMValueRef env) {
    TailSlots slots = {0};
    bool jumps = tail_may_jump(f, s, abi, &slots);
    if (!jumps)
        tail_check(f, s, abi);
    if (jumps)
        jump(f, s, code, abi, env, &slots);
    vec_free(&slots);
    if (jumps)
        return;
    Values values = {0};
    const GenType *result = abi->result;
    bool direct = abi->by_sret && s->dst.v && may_write_result(f, s);
    Addr to = {0};
    if (abi->by_sret) {
        to = direct ? fn_place(f, s->dst) : fn_temp(f, result);
        vec_push(&values, to.ptr);
    }
    if (abi->has_env)
        vec_push(&values, env ? env : LLVMConstNull(f->gen->ptr));
    for (uint32_t i = 0; i < abi->param_count; i++)
        push_arg(f, &values, &abi->params[i], &f->fn->args.items[s->args + i]);
    LLVMValueRef call = fn_call(f, abi->type, code, values.items, values.count);
    mark_call(f, s, call, abi);
    vec_free(&values);
    if (abi->by_sret) {
        if (!direct && s->dst.v)
            fn_copy(f, result, fn_place(f, s->dst), to);
    } else if (result->kind == TY_NEVER) {
        LLVMBuildUnreachable(f->b);
    } else if (result->pass != PASS_NOTHING && s->dst.v) {
        fn_store_result(f, s->dst, result, call);
    }
}

void gen_call(FnGen *f, const JirStmt *s) {
    GenFn callee = gen_function(f->gen, s->callee->instance);
    invariant(s->arg_count == callee.abi->param_count, "a call with %u arguments of %u", s->arg_count,
              callee.abi->param_count);
    call(f, s, callee.fn, callee.abi, NULL);
}

void gen_call_value(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    Addr value = fn_place(f, s->place);
    TypeId type = f->fn->places.items[s->place.v].type;
    if (type_get(gen->program->types, type)->kind == TY_CLOSURE) {
        GenFn callee = gen_function(gen, s->callee->instance);
        call(f, s, callee.fn, callee.abi, value.ptr);
        return;
    }
    LLVMValueRef code = LLVMBuildLoad2(f->b, gen->ptr, value.ptr, "");
    LLVMValueRef env = LLVMBuildLoad2(f->b, gen->ptr, addr_offset(f, value, 8).ptr, "");
    call(f, s, code, gen_abi_of_func(gen, type), env);
}

// ---- closures ------------------------------------------------------------------------------------------------------

void gen_make_closure(FnGen *f, const JirStmt *s) {
    TypeId type = f->fn->places.items[s->dst.v].type;
    if (gen_type(f->gen, type)->pass == PASS_NOTHING)
        return;
    Addr to = fn_place(f, s->dst);
    for (uint32_t i = 0; i < s->arg_count; i++) {
        const JirArg *arg = &f->fn->args.items[s->args + i];
        Addr at = addr_offset(f, to, layout_field_offset(f->gen->jir, type, 0, i));
        if (arg->kind == ARG_VALUE)
            fn_operand_to(f, arg->value, at);
        else if (fn_place_type(f, arg->place)->kind == TY_DYN)
            fn_copy(f, fn_place_type(f, arg->place), at, fn_place(f, arg->place));
        else
            LLVMBuildStore(f->b, fn_place(f, arg->place).ptr, at.ptr);
    }
}

// A closure lent as a func value: its code and the address of what it keeps.
void gen_func_of_closure(FnGen *f, const JirStmt *s) {
    Addr to = fn_place(f, s->dst);
    TypeId from = fn_operand_type(f, s->a);
    if (type_get(f->gen->program->types, from)->kind == TY_FUNC) {
        fn_operand_to(f, s->a, to);
        return;
    }
    bool is_empty = jir_fn(f->gen->jir, s->callee->instance)->capture_count == 0;
    LLVMValueRef env = is_empty ? LLVMConstNull(f->gen->ptr) : fn_operand_address(f, s->a).ptr;
    LLVMBuildStore(f->b, gen_function(f->gen, s->callee->instance).fn, to.ptr);
    LLVMBuildStore(f->b, env, addr_offset(f, to, 8).ptr);
}
