// Intrinsics: what std asks of the machine and of the runtime.
#include "rt/slow.h"
#include "llvm/internal.h"

// ---- arguments -----------------------------------------------------------------------------------------------------

const JirArg *intrinsic_arg(FnGen *f, const JirStmt *s, uint32_t i) {
    invariant(i < s->arg_count, "intrinsic %u has %u arguments", s->number, s->arg_count);
    return &f->fn->args.items[s->args + i];
}

LLVMValueRef intrinsic_value(FnGen *f, const JirStmt *s, uint32_t i) {
    const JirArg *arg = intrinsic_arg(f, s, i);
    return arg->kind == ARG_VALUE ? fn_operand(f, arg->value) : fn_load_place(f, arg->place);
}

Addr intrinsic_address(FnGen *f, const JirStmt *s, uint32_t i) {
    const JirArg *arg = intrinsic_arg(f, s, i);
    return arg->kind == ARG_VALUE ? fn_operand_address(f, arg->value) : fn_place(f, arg->place);
}

static TypeId type_of_arg(FnGen *f, const JirStmt *s, uint32_t i) {
    const JirArg *arg = intrinsic_arg(f, s, i);
    return arg->kind == ARG_VALUE ? fn_operand_type(f, arg->value) : f->fn->places.items[arg->place.v].type;
}

const GenType *intrinsic_type(FnGen *f, const JirStmt *s, uint32_t i) {
    invariant(s->callee && i < s->callee->type_arg_count, "intrinsic %u lacks type argument %u", s->number, i);
    return gen_type(f->gen, s->callee->type_args[i]);
}

// What a pointer argument points to.
static const GenType *target_of_arg(FnGen *f, const JirStmt *s, uint32_t i) {
    const Type *type = type_get(f->gen->program->types, type_of_arg(f, s, i));
    invariant(type->kind == TY_POINTER, "intrinsic %u wants a pointer", s->number);
    return gen_type(f->gen, type->args[0]);
}

static LLVMValueRef word(FnGen *f, uint64_t value) {
    return LLVMConstInt(f->gen->i64, value, false);
}

static void result(FnGen *f, const JirStmt *s, LLVMValueRef value) {
    fn_result(f, s->dst, value);
}

// ---- raw memory ----------------------------------------------------------------------------------------------------

static Addr raw_access(FnGen *f, LLVMValueRef ptr, const GenType *type) {
    Addr at = addr_of(ptr, type);
    if (f->casts_pointers)
        at.alias = ALIAS_ANY;
    return at;
}

static LLVMTypeRef step_type(FnGen *f, const GenType *type) {
    return type->pass == PASS_SCALAR && !type->is_bool ? type->value : LLVMArrayType2(f->gen->i8, type->size);
}

static void ptr_read(FnGen *f, const JirStmt *s) {
    const GenType *type = target_of_arg(f, s, 0);
    if (type->pass == PASS_NOTHING || s->dst.v == 0)
        return;
    Addr from = raw_access(f, intrinsic_value(f, s, 0), type);
    if (type->pass == PASS_SCALAR)
        result(f, s, fn_load(f, type, from));
    else
        fn_copy(f, type, fn_place(f, s->dst), from);
}

static void ptr_write(FnGen *f, const JirStmt *s) {
    const GenType *type = target_of_arg(f, s, 0);
    if (type->pass == PASS_NOTHING)
        return;
    Addr to = raw_access(f, intrinsic_value(f, s, 0), type);
    if (type->pass == PASS_SCALAR)
        fn_store(f, type, intrinsic_value(f, s, 1), to);
    else
        fn_copy(f, type, to, intrinsic_address(f, s, 1));
}

static LLVMValueRef ptr_offset(FnGen *f, const JirStmt *s) {
    LLVMValueRef count = intrinsic_value(f, s, 1);
    return LLVMBuildInBoundsGEP2(f->b, step_type(f, target_of_arg(f, s, 0)), intrinsic_value(f, s, 0), &count, 1, "");
}

static LLVMValueRef ptr_diff(FnGen *f, const JirStmt *s) {
    uint64_t size = target_of_arg(f, s, 0)->size;
    LLVMValueRef a = LLVMBuildPtrToInt(f->b, intrinsic_value(f, s, 0), f->gen->i64, "");
    LLVMValueRef b = LLVMBuildPtrToInt(f->b, intrinsic_value(f, s, 1), f->gen->i64, "");
    LLVMValueRef bytes = LLVMBuildSub(f->b, a, b, "");
    return size <= 1 ? bytes : LLVMBuildExactSDiv(f->b, bytes, word(f, size), "");
}

static LLVMValueRef byte_count(FnGen *f, const JirStmt *s, const GenType *type) {
    LLVMValueRef count = intrinsic_value(f, s, 2);
    return type->size == 1 ? count : LLVMBuildNUWMul(f->b, count, word(f, type->size), "");
}

static void mem_copy(FnGen *f, const JirStmt *s, bool overlaps) {
    const GenType *type = target_of_arg(f, s, 0);
    if (type->pass == PASS_NOTHING)
        return;
    LLVMValueRef to = intrinsic_value(f, s, 0), from = intrinsic_value(f, s, 1), bytes = byte_count(f, s, type);
    if (overlaps)
        LLVMBuildMemMove(f->b, to, type->align, from, type->align, bytes);
    else
        LLVMBuildMemCpy(f->b, to, type->align, from, type->align, bytes);
}

static Addr counter(FnGen *f, LLVMValueRef ptr) {
    (void)f;
    return (Addr){ptr, 8, ALIAS_COUNTER, false};
}

static const GenType *word_type(FnGen *f) {
    return gen_type(f->gen, type_builtin(f->gen->program->types, TY_I64));
}

// What the count at `ptr` was before. In programs with tasks several threads may count: who adds an owner is one
// already; who gives up the last one comes after all that others did before they gave up theirs.
static LLVMValueRef count(FnGen *f, LLVMValueRef ptr, bool up) {
    if (f->gen->has_tasks) {
        LLVMAtomicOrdering order = up ? LLVMAtomicOrderingMonotonic : LLVMAtomicOrderingAcquireRelease;
        LLVMAtomicRMWBinOp op = up ? LLVMAtomicRMWBinOpAdd : LLVMAtomicRMWBinOpSub;
        LLVMValueRef before = LLVMBuildAtomicRMW(f->b, op, ptr, word(f, 1), order, false);
        LLVMSetAlignment(before, 8);
        return before;
    }
    LLVMValueRef before = fn_load(f, word_type(f), counter(f, ptr));
    LLVMValueRef after =
        up ? LLVMBuildNSWAdd(f->b, before, word(f, 1), "") : LLVMBuildNSWSub(f->b, before, word(f, 1), "");
    fn_store(f, word_type(f), after, counter(f, ptr));
    return before;
}

static void rc_retain(FnGen *f, const JirStmt *s) {
    LLVMValueRef ptr = intrinsic_value(f, s, 0);
    LLVMBasicBlockRef some = fn_block(f, ""), after = fn_block(f, "");
    LLVMBuildCondBr(f->b, LLVMBuildIsNull(f->b, ptr, ""), after, some);
    LLVMPositionBuilderAtEnd(f->b, some);
    count(f, ptr, true);
    LLVMBuildBr(f->b, after);
    LLVMPositionBuilderAtEnd(f->b, after);
}

static void rc_release(FnGen *f, const JirStmt *s) {
    LLVMValueRef ptr = intrinsic_value(f, s, 0);
    LLVMBasicBlockRef from = LLVMGetInsertBlock(f->b), some = fn_block(f, ""), after = fn_block(f, "");
    LLVMBuildCondBr(f->b, LLVMBuildIsNull(f->b, ptr, ""), after, some);
    LLVMPositionBuilderAtEnd(f->b, some);
    LLVMValueRef last = LLVMBuildICmp(f->b, LLVMIntEQ, count(f, ptr, false), word(f, 1), "");
    LLVMBuildBr(f->b, after);
    LLVMPositionBuilderAtEnd(f->b, after);
    LLVMValueRef phi = LLVMBuildPhi(f->b, f->gen->i1, "");
    LLVMAddIncoming(phi, (LLVMValueRef[]){LLVMConstInt(f->gen->i1, 0, false), last}, (LLVMBasicBlockRef[]){from, some},
                    2);
    result(f, s, phi);
}

// ---- slices --------------------------------------------------------------------------------------------------------

static void panic_slice_unless(FnGen *f, LLVMValueRef good, LLVMValueRef from, LLVMValueRef to, LLVMValueRef length) {
    LLVMBasicBlockRef bad = fn_block(f, "panic"), next = fn_block(f, "");
    fn_unlikely(f, LLVMBuildCondBr(f->b, LLVMBuildNot(f->b, good, ""), bad, next));
    LLVMPositionBuilderAtEnd(f->b, bad);
    LLVMValueRef at = gen_location(f->gen, f->file, fn_line(f, f->token));
    fn_call_rt(f, RT_PANIC_SLICE, (LLVMValueRef[]){from, to, length, at}, 4);
    LLVMBuildUnreachable(f->b);
    LLVMPositionBuilderAtEnd(f->b, next);
}

// As unsigned numbers a <= b <= length says all: a length is never negative.
static void slice_of(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    TypeId id = type_of_arg(f, s, 0);
    const Type *type = type_get(gen->program->types, id);
    const GenType *item = gen_type(gen, type->args[0]);
    const GenType *pointer = gen_type(gen, type_unary(gen->program->types, TY_POINTER, type->args[0]));
    Addr whole = intrinsic_address(f, s, 0);
    LLVMValueRef base = whole.ptr, length = word(f, type->count);
    if (type->kind != TY_ARRAY) {
        base = fn_load(f, pointer, fn_field(f, whole, id, 0, 0, pointer));
        length = fn_load(f, word_type(f), fn_field(f, whole, id, 0, 1, word_type(f)));
    }
    LLVMValueRef from = intrinsic_value(f, s, 1), to = intrinsic_value(f, s, 2);
    LLVMValueRef ordered = LLVMBuildICmp(f->b, LLVMIntULE, from, to, "");
    LLVMValueRef inside = LLVMBuildICmp(f->b, LLVMIntULE, to, length, "");
    panic_slice_unless(f, LLVMBuildAnd(f->b, ordered, inside, ""), from, to, length);
    LLVMValueRef ptr = LLVMBuildInBoundsGEP2(f->b, step_type(f, item), base, &from, 1, "");
    TypeId slice = f->fn->places.items[s->dst.v].type;
    Addr dst = fn_place(f, s->dst);
    fn_store(f, pointer, ptr, fn_field(f, dst, slice, 0, 0, pointer));
    fn_store(f, word_type(f), LLVMBuildNUWSub(f->b, to, from, ""), fn_field(f, dst, slice, 0, 1, word_type(f)));
}

// ---- integers ------------------------------------------------------------------------------------------------------

static LLVMValueRef to_width(FnGen *f, LLVMValueRef value, LLVMTypeRef type) {
    uint32_t have = LLVMGetIntTypeWidth(LLVMTypeOf(value)), want = LLVMGetIntTypeWidth(type);
    if (have == want)
        return value;
    return have < want ? LLVMBuildZExt(f->b, value, type, "") : LLVMBuildTrunc(f->b, value, type, "");
}

static LLVMValueRef wrapping(FnGen *f, const JirStmt *s) {
    LLVMValueRef a = intrinsic_value(f, s, 0);
    if (s->number == INTRINSIC_wrap_neg)
        return LLVMBuildNeg(f->b, a, "");
    LLVMTypeRef type = LLVMTypeOf(a);
    LLVMValueRef b = to_width(f, intrinsic_value(f, s, 1), type);
    switch (s->number) {
    case INTRINSIC_wrap_add: return LLVMBuildAdd(f->b, a, b, "");
    case INTRINSIC_wrap_sub: return LLVMBuildSub(f->b, a, b, "");
    case INTRINSIC_wrap_mul: return LLVMBuildMul(f->b, a, b, "");
    default: {
        LLVMValueRef mask = LLVMConstInt(type, LLVMGetIntTypeWidth(type) - 1, false);
        return LLVMBuildShl(f->b, a, LLVMBuildAnd(f->b, b, mask, ""), "");
    }
    }
}

static void overflowing(FnGen *f, const JirStmt *s) {
    static const char *const NAMES[3][2] = {{"llvm.uadd.with.overflow", "llvm.sadd.with.overflow"},
                                            {"llvm.usub.with.overflow", "llvm.ssub.with.overflow"},
                                            {"llvm.umul.with.overflow", "llvm.smul.with.overflow"}};
    TypeId id = type_of_arg(f, s, 0);
    const GenType *type = gen_type(f->gen, id), *flag = gen_type(f->gen, type_builtin(f->gen->program->types, TY_BOOL));
    LLVMValueRef args[] = {intrinsic_value(f, s, 0), intrinsic_value(f, s, 1)};
    const char *name = NAMES[s->number - INTRINSIC_overflow_add][type_kind_is_signed(type->kind)];
    LLVMTypeRef llvm_type = type->value;
    LLVMValueRef pair = fn_intrinsic(f, name, &llvm_type, 1, args, 2);
    TypeId tuple = f->fn->places.items[s->dst.v].type;
    Addr dst = fn_place(f, s->dst);
    fn_store(f, type, LLVMBuildExtractValue(f->b, pair, 0, ""), fn_field(f, dst, tuple, 0, 0, type));
    fn_store(f, flag, LLVMBuildExtractValue(f->b, pair, 1, ""), fn_field(f, dst, tuple, 0, 1, flag));
}

static LLVMValueRef mul_high(FnGen *f, const JirStmt *s) {
    LLVMTypeRef wide = f->gen->i128;
    LLVMValueRef a = LLVMBuildZExt(f->b, intrinsic_value(f, s, 0), wide, "");
    LLVMValueRef b = LLVMBuildZExt(f->b, intrinsic_value(f, s, 1), wide, "");
    LLVMValueRef product = LLVMBuildMul(f->b, a, b, "");
    return LLVMBuildTrunc(f->b, LLVMBuildLShr(f->b, product, LLVMConstInt(wide, 64, false), ""), f->gen->i64, "");
}

static LLVMValueRef bits(FnGen *f, const JirStmt *s, const char *name, bool has_flag) {
    LLVMValueRef args[] = {intrinsic_value(f, s, 0), LLVMConstInt(f->gen->i1, 0, false)};
    LLVMTypeRef type = LLVMTypeOf(args[0]);
    return fn_intrinsic(f, name, &type, 1, args, has_flag ? 2 : 1);
}

static LLVMValueRef rotate_left(FnGen *f, const JirStmt *s) {
    LLVMValueRef a = intrinsic_value(f, s, 0);
    LLVMTypeRef type = LLVMTypeOf(a);
    LLVMValueRef count = to_width(f, intrinsic_value(f, s, 1), type);
    return fn_intrinsic(f, "llvm.fshl", &type, 1, (LLVMValueRef[]){a, a, count}, 3);
}

static LLVMValueRef truncate(FnGen *f, const JirStmt *s) {
    const GenType *from = gen_type(f->gen, type_of_arg(f, s, 0)), *to = fn_place_type(f, s->dst);
    LLVMValueRef value = intrinsic_value(f, s, 0);
    uint32_t have = LLVMGetIntTypeWidth(from->value), want = LLVMGetIntTypeWidth(to->value);
    if (want > have && type_kind_is_signed(from->kind))
        return LLVMBuildSExt(f->b, value, to->value, "");
    return to_width(f, value, to->value);
}

static LLVMValueRef type_limit(FnGen *f, const JirStmt *s) {
    const GenType *type = intrinsic_type(f, s, 0);
    uint32_t width = (uint32_t)type->size * 8;
    if (s->number == INTRINSIC_type_bits)
        return word(f, width);
    LLVMValueRef ones = LLVMConstAllOnes(type->value), zero = LLVMConstNull(type->value);
    if (!type_kind_is_signed(type->kind))
        return s->number == INTRINSIC_type_max ? ones : zero;
    LLVMValueRef max = LLVMBuildLShr(f->b, ones, LLVMConstInt(type->value, 1, false), "");
    return s->number == INTRINSIC_type_max ? max : LLVMBuildNot(f->b, max, "");
}

// ---- floats --------------------------------------------------------------------------------------------------------

static bool constant_code(FnGen *f, const JirStmt *s, uint64_t *code) {
    const JirArg *arg = intrinsic_arg(f, s, 0);
    if (arg->kind != ARG_VALUE)
        return false;
    const JirOperand *o = &f->fn->operands.items[arg->value.v];
    *code = o->low;
    return o->kind == OPERAND_CONST;
}

// A function of the C library's mathematics.
static LLVMValueRef call_math(FnGen *f, const char *name, LLVMValueRef *args, uint32_t count) {
    Gen *gen = f->gen;
    LLVMTypeRef params[] = {gen->f64, gen->f64};
    LLVMTypeRef type = LLVMFunctionType(gen->f64, params, count, false);
    LLVMValueRef fn = LLVMGetNamedFunction(gen->module, name);
    if (!fn) {
        fn = LLVMAddFunction(gen->module, name, type);
        gen_attribute(gen, fn, LLVMAttributeFunctionIndex, "nounwind", 0);
        gen_attribute(gen, fn, LLVMAttributeFunctionIndex, "willreturn", 0);
        gen_attribute(gen, fn, LLVMAttributeFunctionIndex, "memory", 0);
    }
    return LLVMBuildCall2(f->b, type, fn, args, count, "");
}

static const char *const UNARY_INTRINSICS[] = {"llvm.sqrt",  "llvm.floor", "llvm.ceil",
                                               "llvm.trunc", "llvm.round", "llvm.fabs"};
static const char *const UNARY_FUNCTIONS[] = {"sin",  "cos",   "tan",   "exp",   "log",   "log2", "log10",
                                              "asin", "acos",  "atan",  "exp2",  "cbrt",  "sinh", "cosh",
                                              "tanh", "expm1", "log1p", "asinh", "acosh", "atanh"};
enum { UNARY_INTRINSIC_COUNT = 6, UNARY_COUNT = 26 };

static LLVMValueRef float_op(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    uint64_t code;
    LLVMValueRef x = intrinsic_value(f, s, 1);
    LLVMTypeRef type = LLVMTypeOf(x);
    bool is_known = constant_code(f, s, &code);
    if (is_known && code < UNARY_INTRINSIC_COUNT)
        return fn_intrinsic(f, UNARY_INTRINSICS[code], &type, 1, &x, 1);
    if (type == gen->f32)
        x = LLVMBuildFPExt(f->b, x, gen->f64, "");
    LLVMValueRef y;
    if (is_known && code < UNARY_COUNT)
        y = call_math(f, UNARY_FUNCTIONS[code - UNARY_INTRINSIC_COUNT], &x, 1);
    else
        y = fn_call_rt(f, RT_FLOAT_OP, (LLVMValueRef[]){intrinsic_value(f, s, 0), x}, 2);
    return type == gen->f32 ? LLVMBuildFPTrunc(f->b, y, gen->f32, "") : y;
}

static LLVMValueRef float_op2(FnGen *f, const JirStmt *s) {
    static const char *const NAMES[] = {"pow", "atan2", "fmod", "hypot"};
    static const char *const INTRINSICS[] = {"llvm.copysign", "llvm.minnum", "llvm.maxnum"};
    LLVMValueRef args[] = {intrinsic_value(f, s, 1), intrinsic_value(f, s, 2)};
    LLVMTypeRef type = LLVMTypeOf(args[0]);
    uint64_t code;
    if (!constant_code(f, s, &code) || code > 6)
        return fn_call_rt(f, RT_FLOAT_OP2, (LLVMValueRef[]){intrinsic_value(f, s, 0), args[0], args[1]}, 3);
    if (code >= 4)
        return fn_intrinsic(f, INTRINSICS[code - 4], &type, 1, args, 2);
    return call_math(f, NAMES[code], args, 2);
}

// ---- text ----------------------------------------------------------------------------------------------------------

static void string_to(FnGen *f, const JirStmt *s, LLVMValueRef owner, LLVMValueRef data, LLVMValueRef size) {
    if (s->dst.v == 0)
        return;
    Addr dst = fn_place(f, s->dst);
    LLVMBuildStore(f->b, owner, dst.ptr);
    LLVMBuildStore(f->b, data, addr_offset(f, dst, 8).ptr);
    LLVMBuildStore(f->b, size, addr_offset(f, dst, 16).ptr);
}

static void literal_to(FnGen *f, const JirStmt *s, Text text) {
    string_to(f, s, LLVMConstNull(f->gen->ptr), gen_bytes(f->gen, text), word(f, text.size));
}

// A table of (address, length) by the number of the variant.
static LLVMValueRef name_table(FnGen *f, const Shape *shape) {
    Gen *gen = f->gen;
    LLVMTypeRef row = LLVMStructTypeInContext(gen->context, (LLVMTypeRef[]){gen->ptr, gen->i64}, 2, false);
    LLVMValueRef *rows = ARENA_ARRAY(gen->arena, LLVMValueRef, shape->variant_count);
    for (uint32_t i = 0; i < shape->variant_count; i++) {
        Text name = decl_name(gen->program, shape->variants[i]);
        LLVMValueRef parts[] = {gen_bytes(gen, name), word(f, name.size)};
        rows[i] = LLVMConstStructInContext(gen->context, parts, 2, false);
    }
    LLVMValueRef table = LLVMAddGlobal(gen->module, LLVMArrayType2(row, shape->variant_count), "");
    LLVMSetInitializer(table, LLVMConstArray2(row, rows, shape->variant_count));
    LLVMSetLinkage(table, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(table, true);
    LLVMSetUnnamedAddress(table, LLVMGlobalUnnamedAddr);
    return table;
}

static void enum_name(FnGen *f, const JirStmt *s, const Type *type, Addr at) {
    Gen *gen = f->gen;
    const Shape *shape = program_shape(gen->program, type->decl);
    const TypeLayout *layout = layout_get(gen->jir, type_of_arg(f, s, 0));
    LLVMValueRef tag =
        LLVMBuildLoad2(f->b, gen_int_type(gen, layout->tag_size), addr_offset(f, at, layout->tag_offset).ptr, "");
    LLVMValueRef index = to_width(f, tag, gen->i64);
    LLVMTypeRef row = LLVMStructTypeInContext(gen->context, (LLVMTypeRef[]){gen->ptr, gen->i64}, 2, false);
    LLVMValueRef entry = LLVMBuildInBoundsGEP2(f->b, row, name_table(f, shape), &index, 1, "");
    LLVMValueRef data = LLVMBuildLoad2(f->b, gen->ptr, entry, "");
    LLVMValueRef size = LLVMBuildLoad2(f->b, gen->i64, addr_offset(f, (Addr){entry, 8, ALIAS_ANY, false}, 8).ptr, "");
    string_to(f, s, LLVMConstNull(gen->ptr), data, size);
}

static void error_name(FnGen *f, const JirStmt *s, TypeId error, LLVMValueRef number) {
    uint32_t count;
    const DeclId *variants = error_variants(f->gen->program, error, &count);
    LLVMBasicBlockRef after = fn_block(f, ""), unknown = fn_block(f, "");
    LLVMValueRef branch = LLVMBuildSwitch(f->b, number, unknown, count);
    for (uint32_t i = 0; i < count; i++) {
        LLVMBasicBlockRef here = fn_block(f, "");
        LLVMAddCase(branch, LLVMConstInt(f->gen->i32, error_number(variants[i]), false), here);
        LLVMPositionBuilderAtEnd(f->b, here);
        literal_to(f, s, decl_name(f->gen->program, variants[i]));
        LLVMBuildBr(f->b, after);
    }
    LLVMPositionBuilderAtEnd(f->b, unknown);
    LLVMBuildUnreachable(f->b);
    LLVMPositionBuilderAtEnd(f->b, after);
}

static void variant_name(FnGen *f, const JirStmt *s) {
    TypeId id = type_of_arg(f, s, 0);
    const Type *type = type_get(f->gen->program->types, id);
    Addr at = intrinsic_address(f, s, 0);
    if (type->kind == TY_ENUM)
        enum_name(f, s, type, at);
    else
        error_name(f, s, id, LLVMBuildLoad2(f->b, f->gen->i32, at.ptr, ""));
}

static void panic_text(FnGen *f, const JirStmt *s) {
    Addr text = intrinsic_address(f, s, 0);
    LLVMValueRef data = LLVMBuildLoad2(f->b, f->gen->ptr, addr_offset(f, text, 8).ptr, "");
    LLVMValueRef size = LLVMBuildLoad2(f->b, f->gen->i64, addr_offset(f, text, 16).ptr, "");
    LLVMValueRef at = gen_location(f->gen, f->file, fn_line(f, f->token));
    fn_call_rt(f, RT_PANIC_TEXT, (LLVMValueRef[]){data, size, at}, 3);
    LLVMBuildUnreachable(f->b);
}

static void panic_index(FnGen *f, const JirStmt *s) {
    LLVMValueRef at = gen_location(f->gen, f->file, fn_line(f, f->token));
    fn_call_rt(f, RT_PANIC_INDEX, (LLVMValueRef[]){intrinsic_value(f, s, 0), intrinsic_value(f, s, 1), at}, 3);
    LLVMBuildUnreachable(f->b);
}

// ---- the runtime ---------------------------------------------------------------------------------------------------

static LLVMValueRef runtime(FnGen *f, const JirStmt *s, RtFnId id) {
    LLVMValueRef args[8] = {0};
    for (uint32_t i = 0; i < s->arg_count; i++)
        args[i] = intrinsic_value(f, s, i);
    if (id == RT_MEM_FIND)
        args[1] = LLVMBuildZExt(f->b, args[1], f->gen->i32, "");
    return fn_call_rt(f, id, args, s->arg_count);
}

// In a program with tasks others run while a service takes long.
static RtFnId service_fn(FnGen *f, const JirStmt *s, RtFnId id) {
    const JirOperand *code = &f->fn->operands.items[intrinsic_arg(f, s, 0)->value.v];
    bool is_known = code->kind == OPERAND_CONST;
    if (!f->gen->has_tasks || (is_known && !service_may_block((int64_t)code->low)))
        return id;
    return id == RT_SERVICE ? RT_BLOCKING_SERVICE : RT_BLOCKING_SERVICE_PTR;
}

// An error leaves the function at this line.
static void gen_trace(FnGen *f, const JirStmt *s) {
    if (s->number == INTRINSIC_trace_mark) {
        result(f, s, fn_call_rt(f, RT_TRACE_MARK, NULL, 0));
        return;
    }
    LLVMValueRef at = gen_location(f->gen, f->file, fn_line(f, f->token));
    if (s->number == INTRINSIC_trace_resume)
        fn_call_rt(f, RT_TRACE_RESUME, (LLVMValueRef[]){intrinsic_value(f, s, 0), at}, 2);
    else
        fn_call_rt(f, s->number == INTRINSIC_trace_begin ? RT_TRACE_BEGIN : RT_TRACE_PASS, &at, 1);
}

// The value's bytes are kept with the function that drops it.
static void drop_defer(FnGen *f, const JirStmt *s) {
    Addr function = intrinsic_address(f, s, 1);
    LLVMValueRef code = LLVMBuildLoad2(f->b, f->gen->ptr, function.ptr, "");
    LLVMValueRef size = word(f, gen_type(f->gen, type_of_arg(f, s, 0))->size);
    fn_call_rt(f, RT_DROP_DEFER, (LLVMValueRef[]){intrinsic_address(f, s, 0).ptr, size, code}, 3);
}

static void expect(FnGen *f, const JirStmt *s) {
    LLVMTypeRef type = f->gen->i1;
    LLVMValueRef args[] = {intrinsic_value(f, s, 0), LLVMConstInt(type, 1, false)};
    result(f, s, fn_intrinsic(f, "llvm.expect", &type, 1, args, 2));
}

// A pointer to a dyn begins with the address of the value.
static LLVMValueRef pointer_of(FnGen *f, const JirStmt *s) {
    if (!type_is_wide(f->gen->program, type_of_arg(f, s, 0)))
        return intrinsic_value(f, s, 0);
    return LLVMBuildLoad2(f->b, f->gen->ptr, intrinsic_address(f, s, 0).ptr, "");
}

// What a pointer leads to, lent: its address, or the two words of a dyn.
static void ptr_ref(FnGen *f, const JirStmt *s) {
    TypeId target = target_of_arg(f, s, 0)->id;
    const GenType *reference = gen_type(f->gen, type_ref(f->gen->program->types, target, false));
    if (s->dst.v && reference->pass == PASS_SCALAR)
        fn_store_result(f, s->dst, reference, intrinsic_value(f, s, 0));
    else if (s->dst.v)
        fn_copy(f, reference, fn_place(f, s->dst), intrinsic_address(f, s, 0));
}

static void memory_intrinsic(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    switch (s->number) {
    case INTRINSIC_mem_alloc: result(f, s, runtime(f, s, RT_MEM_ALLOC)); return;
    case INTRINSIC_mem_resize: result(f, s, runtime(f, s, RT_MEM_RESIZE)); return;
    case INTRINSIC_mem_try_resize: result(f, s, runtime(f, s, RT_MEM_TRY_RESIZE)); return;
    case INTRINSIC_mem_free: runtime(f, s, RT_MEM_FREE); return;
    case INTRINSIC_allocator_call: result(f, s, runtime(f, s, RT_ALLOCATOR)); return;
    case INTRINSIC_ptr_null: result(f, s, LLVMConstNull(gen->ptr)); return;
    case INTRINSIC_ptr_is_null: result(f, s, LLVMBuildIsNull(f->b, intrinsic_value(f, s, 0), "")); return;
    case INTRINSIC_ptr_offset: result(f, s, ptr_offset(f, s)); return;
    case INTRINSIC_ptr_diff: result(f, s, ptr_diff(f, s)); return;
    case INTRINSIC_ptr_cast: result(f, s, pointer_of(f, s)); return;
    case INTRINSIC_ptr_read: ptr_read(f, s); return;
    case INTRINSIC_ptr_write: ptr_write(f, s); return;
    case INTRINSIC_ptr_ref:
    case INTRINSIC_ptr_mut: ptr_ref(f, s); return;
    case INTRINSIC_dyn_word: gen_dyn_word(f, s); return;
    case INTRINSIC_dyn_method: gen_dyn_method(f, s); return;
    case INTRINSIC_env_ptr: fn_store_env(f, s); return;
    case INTRINSIC_ptr_of:
    case INTRINSIC_ptr_of_mut: result(f, s, intrinsic_address(f, s, 0).ptr); return;
    case INTRINSIC_mem_copy: mem_copy(f, s, false); return;
    case INTRINSIC_mem_move: mem_copy(f, s, true); return;
    case INTRINSIC_mem_set:
        LLVMBuildMemSet(f->b, intrinsic_value(f, s, 0), intrinsic_value(f, s, 1), intrinsic_value(f, s, 2), 1);
        return;
    case INTRINSIC_mem_compare: result(f, s, runtime(f, s, RT_MEM_COMPARE)); return;
    case INTRINSIC_mem_find: result(f, s, runtime(f, s, RT_MEM_FIND)); return;
    case INTRINSIC_slice_of: slice_of(f, s); return;
    case INTRINSIC_forget: return;
    case INTRINSIC_rc_retain:
    case INTRINSIC_rc_release:
        fn_shared_memory(f);
        (s->number == INTRINSIC_rc_retain ? rc_retain : rc_release)(f, s);
        fn_shared_memory(f);
        return;
    case INTRINSIC_atomic_load:
    case INTRINSIC_atomic_store:
    case INTRINSIC_atomic_change:
    case INTRINSIC_atomic_compare: gen_atomic(f, s); return;
    case INTRINSIC_trace_begin:
    case INTRINSIC_trace_pass:
    case INTRINSIC_trace_mark:
    case INTRINSIC_trace_resume: gen_trace(f, s); return;
    case INTRINSIC_drop_enter: result(f, s, runtime(f, s, RT_DROP_ENTER)); return;
    case INTRINSIC_drop_leave: runtime(f, s, RT_DROP_LEAVE); return;
    case INTRINSIC_drop_defer: drop_defer(f, s); return;
    default:
        invariant(s->number >= INTRINSIC_nursery_open && s->number <= INTRINSIC_select_taken,
                  "code generation met intrinsic %u, which an earlier stage settles", s->number);
        gen_task(f, s);
    }
}

static void number_intrinsic(FnGen *f, const JirStmt *s) {
    switch (s->number) {
    case INTRINSIC_size_of: result(f, s, word(f, intrinsic_type(f, s, 0)->size)); return;
    case INTRINSIC_align_of: result(f, s, word(f, intrinsic_type(f, s, 0)->align)); return;
    case INTRINSIC_wrap_add:
    case INTRINSIC_wrap_sub:
    case INTRINSIC_wrap_mul:
    case INTRINSIC_wrap_shl:
    case INTRINSIC_wrap_neg: result(f, s, wrapping(f, s)); return;
    case INTRINSIC_overflow_add:
    case INTRINSIC_overflow_sub:
    case INTRINSIC_overflow_mul: overflowing(f, s); return;
    case INTRINSIC_mul_high: result(f, s, mul_high(f, s)); return;
    case INTRINSIC_rotate_left: result(f, s, rotate_left(f, s)); return;
    case INTRINSIC_count_ones: result(f, s, to_width(f, bits(f, s, "llvm.ctpop", false), f->gen->i64)); return;
    case INTRINSIC_leading_zeros: result(f, s, to_width(f, bits(f, s, "llvm.ctlz", true), f->gen->i64)); return;
    case INTRINSIC_trailing_zeros: result(f, s, to_width(f, bits(f, s, "llvm.cttz", true), f->gen->i64)); return;
    case INTRINSIC_byte_swap: {
        bool is_byte = LLVMGetIntTypeWidth(LLVMTypeOf(intrinsic_value(f, s, 0))) == 8;
        result(f, s, is_byte ? intrinsic_value(f, s, 0) : bits(f, s, "llvm.bswap", false));
        return;
    }
    case INTRINSIC_truncate: result(f, s, truncate(f, s)); return;
    case INTRINSIC_type_min:
    case INTRINSIC_type_max:
    case INTRINSIC_type_bits: result(f, s, type_limit(f, s)); return;
    case INTRINSIC_float_bits: result(f, s, LLVMBuildBitCast(f->b, intrinsic_value(f, s, 0), f->gen->i64, "")); return;
    case INTRINSIC_float_from_bits:
        result(f, s, LLVMBuildBitCast(f->b, intrinsic_value(f, s, 0), f->gen->f64, ""));
        return;
    case INTRINSIC_float_op:
    case INTRINSIC_f32_op: result(f, s, float_op(f, s)); return;
    case INTRINSIC_float_op2: result(f, s, float_op2(f, s)); return;
    case INTRINSIC_char_from: result(f, s, intrinsic_value(f, s, 0)); return;
    default: memory_intrinsic(f, s); return;
    }
}

void gen_intrinsic(FnGen *f, const JirStmt *s) {
    switch (s->number) {
    case INTRINSIC_variant_name: variant_name(f, s); return;
    case INTRINSIC_type_name: literal_to(f, s, type_text(f->gen->program, intrinsic_type(f, s, 0)->id)); return;
    case INTRINSIC_string_raw:
        string_to(f, s, intrinsic_value(f, s, 0), intrinsic_value(f, s, 1), intrinsic_value(f, s, 2));
        return;
    case INTRINSIC_likely: expect(f, s); return;
    case INTRINSIC_panic_text: panic_text(f, s); return;
    case INTRINSIC_panic_index: panic_index(f, s); return;
    case INTRINSIC_rt_call: result(f, s, runtime(f, s, service_fn(f, s, RT_SERVICE))); return;
    case INTRINSIC_rt_call_ptr: result(f, s, runtime(f, s, service_fn(f, s, RT_SERVICE_PTR))); return;
    case INTRINSIC_socket_call: result(f, s, runtime(f, s, RT_SOCKET)); return;
    case INTRINSIC_format_float: result(f, s, runtime(f, s, RT_FORMAT_FLOAT)); return;
    case INTRINSIC_parse_float: result(f, s, runtime(f, s, RT_PARSE_FLOAT)); return;
    default: number_intrinsic(f, s); return;
    }
}
