// One function: storage of its locals, its blocks and terminators, and how it panics.
#include "llvm/internal.h"

LLVMBasicBlockRef fn_block(FnGen *f, const char *name) {
    return LLVMAppendBasicBlockInContext(f->gen->context, f->function, name);
}

LLVMValueRef fn_alloca(FnGen *f, const GenType *type, const char *name) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b);
    LLVMValueRef last = LLVMGetBasicBlockTerminator(f->entry);
    LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(f->b);
    if (last)
        LLVMPositionBuilderBefore(f->b, last);
    else
        LLVMPositionBuilderAtEnd(f->b, f->entry);
    LLVMValueRef slot = LLVMBuildAlloca(f->b, type->memory, name);
    LLVMSetAlignment(slot, type->align);
    LLVMPositionBuilderAtEnd(f->b, here);
    LLVMSetCurrentDebugLocation2(f->b, location);
    return slot;
}

Addr fn_temp(FnGen *f, const GenType *type) {
    return addr_of(fn_alloca(f, type, ""), type);
}

uint32_t fn_line(FnGen *f, uint32_t token) {
    if (token == 0)
        return 0;
    const Ast *ast = program_module(f->gen->program, f->fn->module)->ast;
    uint32_t offset = ast->token_starts[token];
    if (f->line && offset >= f->line_start && offset < f->line_end)
        return f->line;
    const Source *source = diags_source(f->gen->program->diags, f->file);
    uint32_t column;
    source_position(source, offset, &f->line, &column);
    f->line_start = source->line_starts.items[f->line - 1];
    f->line_end = f->line < source->line_starts.count ? source->line_starts.items[f->line] : UINT32_MAX;
    return f->line;
}

// ---- the way of a panic ---------------------------------------------------------------------------------------------

static LLVMTypeRef exception_type(Gen *gen) {
    return LLVMStructTypeInContext(gen->context, (LLVMTypeRef[]){gen->ptr, gen->i32}, 2, false);
}

// Of the personality LLVM only wants the name: it tells the form of the tables. The runtime reads them itself.
static LLVMValueRef personality(Gen *gen) {
    static const char NAME[] = "__gcc_personality_v0";
    LLVMValueRef fn = LLVMGetNamedFunction(gen->module, NAME);
    return fn ? fn : LLVMAddFunction(gen->module, NAME, LLVMFunctionType(gen->i32, NULL, 0, true));
}

static LLVMValueRef exception_slot(FnGen *f) {
    if (f->exception)
        return f->exception;
    GenType type = {.memory = exception_type(f->gen), .align = 8};
    f->exception = fn_alloca(f, &type, "");
    return f->exception;
}

// A block of JIR begins here as soon as something goes to it: whether a call can panic is known only as it is made, and
// behind those that cannot, the way of their panic leads nowhere.
static LLVMBasicBlockRef block_at(FnGen *f, uint32_t index) {
    if (!f->blocks[index])
        f->blocks[index] = fn_block(f, "");
    return f->blocks[index];
}

static LLVMBasicBlockRef landing_pad(FnGen *f, uint32_t target) {
    if (f->pads[target])
        return f->pads[target];
    LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b), pad = fn_block(f, "");
    LLVMValueRef slot = exception_slot(f);
    LLVMSetPersonalityFn(f->function, personality(f->gen));
    LLVMPositionBuilderAtEnd(f->b, pad);
    LLVMValueRef landed = LLVMBuildLandingPad(f->b, exception_type(f->gen), NULL, 0, "");
    LLVMSetCleanup(landed, true);
    LLVMBuildStore(f->b, landed, slot);
    LLVMBuildBr(f->b, block_at(f, target));
    LLVMPositionBuilderAtEnd(f->b, here);
    return f->pads[target] = pad;
}

LLVMValueRef fn_call(FnGen *f, LLVMTypeRef type, LLVMValueRef fn, LLVMValueRef *args, uint32_t count) {
    if (!f->unwind)
        return LLVMBuildCall2(f->b, type, fn, args, count, "");
    LLVMBasicBlockRef pad = landing_pad(f, f->unwind), next = fn_block(f, "");
    LLVMValueRef call = LLVMBuildInvoke2(f->b, type, fn, args, count, next, pad, "");
    LLVMPositionBuilderAtEnd(f->b, next);
    return call;
}

// ---- calls of the runtime and of LLVM's intrinsics -----------------------------------------------------------------

// Polls touch nothing that the task can reach (KIND_APART), but what the runtime keeps for all tasks is not kept in
// registers over them: that is so because each of its functions begins and ends with this, also where it is inlined.
void fn_shared_memory(FnGen *f) {
    if (!f->gen->options->release || !f->gen->program->has_tasks)
        return;
    LLVMTypeRef type = LLVMFunctionType(f->gen->void_type, NULL, 0, false);
    LLVMValueRef nothing =
        LLVMGetInlineAsm(type, "", 0, "~{memory}", strlen("~{memory}"), true, false, LLVMInlineAsmDialectATT, false);
    LLVMValueRef call = LLVMBuildCall2(f->b, type, nothing, NULL, 0, "");
    gen_call_attribute(f->gen, call, "nounwind");
}

LLVMValueRef fn_call_rt(FnGen *f, RtFnId id, LLVMValueRef *args, uint32_t count) {
    const RtFn *rt = gen_runtime(f->gen, id);
    if (rt->is_shared)
        fn_shared_memory(f);
    LLVMValueRef call = rt->may_panic ? fn_call(f, rt->type, rt->fn, args, count)
                                      : LLVMBuildCall2(f->b, rt->type, rt->fn, args, count, "");
    if (rt->is_shared)
        fn_shared_memory(f);
    return call;
}

LLVMValueRef fn_intrinsic(FnGen *f, const char *name, LLVMTypeRef *types, uint32_t type_count, LLVMValueRef *args,
                          uint32_t arg_count) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(f->gen->module, id, types, type_count);
    LLVMTypeRef type = LLVMIntrinsicGetType(f->gen->context, id, types, type_count);
    return LLVMBuildCall2(f->b, type, fn, args, arg_count, "");
}

// ---- panics --------------------------------------------------------------------------------------------------------

LLVMValueRef fn_unlikely(FnGen *f, LLVMValueRef branch) {
    if (f->gen->options->release)
        LLVMSetMetadata(branch, f->gen->kind_prof, f->gen->unlikely);
    return branch;
}

// The block that panics for this reason at this line; panics of one kind and line share it. LLVM may not merge others:
// it would tell them apart by a number that each check sets before it is made.
static PanicBlock *panic_block(FnGen *f, PanicKind kind, uint32_t values) {
    uint32_t line = fn_line(f, f->token);
    uint64_t key = (uint64_t)kind << 32 | line;
    for (uint32_t i = f->panics.count; i-- > 0;)
        if (f->panics.items[i].key == key && f->panics.items[i].unwind == f->unwind)
            return &f->panics.items[i];
    LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b);
    PanicBlock block = {.key = key, .unwind = f->unwind, .block = fn_block(f, "panic")};
    LLVMPositionBuilderAtEnd(f->b, block.block);
    LLVMValueRef args[3];
    for (uint32_t i = 0; i < values; i++)
        args[i] = block.phi[i] = LLVMBuildPhi(f->b, f->gen->i64, "");
    LLVMValueRef at = gen_location(f->gen, f->file, line), call;
    if (values == 2) {
        args[2] = at;
        call = fn_call_rt(f, RT_PANIC_INDEX, args, 3);
    } else {
        call = fn_call_rt(f, RT_PANIC, (LLVMValueRef[]){LLVMConstInt(f->gen->i32, kind, false), at}, 2);
    }
    if (f->gen->options->release)
        gen_call_attribute(f->gen, call, "nomerge");
    LLVMBuildUnreachable(f->b);
    LLVMPositionBuilderAtEnd(f->b, here);
    vec_push(&f->panics, block);
    return &vec_last(&f->panics);
}

static void branch_to_panic(FnGen *f, LLVMValueRef bad, LLVMBasicBlockRef panic) {
    LLVMBasicBlockRef next = fn_block(f, "");
    fn_unlikely(f, LLVMBuildCondBr(f->b, bad, panic, next));
    LLVMPositionBuilderAtEnd(f->b, next);
}

void fn_panic_if(FnGen *f, LLVMValueRef bad, PanicKind kind) {
    branch_to_panic(f, bad, panic_block(f, kind, 0)->block);
}

void fn_panic_index_if(FnGen *f, LLVMValueRef bad, PanicKind kind, LLVMValueRef index, LLVMValueRef length) {
    PanicBlock *panic = panic_block(f, kind, 2);
    LLVMBasicBlockRef from = LLVMGetInsertBlock(f->b);
    LLVMAddIncoming(panic->phi[0], &index, &from, 1);
    LLVMAddIncoming(panic->phi[1], &length, &from, 1);
    branch_to_panic(f, bad, panic->block);
}

void fn_panic(FnGen *f, PanicKind kind) {
    LLVMBuildBr(f->b, panic_block(f, kind, 0)->block);
}

// ---- which locals need no memory -----------------------------------------------------------------------------------

// A scalar that is written once, by a statement that yields a register, and used whole and later in that block only.
typedef struct {
    uint32_t block; // of its one definition, plus 1
    bool spoiled;
} Use;

typedef struct {
    FnGen *f;
    Use *uses; // by local
    uint32_t block;
} UseScan;

static void scan_place(UseScan *scan, PlaceId place, bool needs_address) {
    const JirFn *fn = scan->f->fn;
    const JirPlace *p = &fn->places.items[place.v];
    if (place.v == 0)
        return;
    for (uint32_t i = 0; i < p->count; i++) {
        const Projection *proj = &fn->projections.items[p->first + i];
        if (proj->kind == PROJ_INDEX && scan->uses[proj->index].block != scan->block + 1)
            scan->uses[proj->index].spoiled = true;
    }
    if (p->is_global)
        return;
    Use *use = &scan->uses[p->root];
    if (p->count > 0 || needs_address || use->block != scan->block + 1)
        use->spoiled = true;
}

static void scan_operand(UseScan *scan, OperandId id) {
    const JirOperand *o = &scan->f->fn->operands.items[id.v];
    if (id.v == 0 || o->kind == OPERAND_CONST)
        return;
    bool by_glue = o->kind != OPERAND_MOVE && !fn_place_type(scan->f, o->place)->is_plain;
    scan_place(scan, o->place, by_glue);
}

static bool yields_register(const JirStmt *s) {
    switch ((OpKind)s->op) {
    case OP_SET:
    case OP_UNARY:
    case OP_BINARY:
    case OP_CAST:
    case OP_TAG:
    case OP_LEN:
    case OP_CALL:
    case OP_CALL_VALUE:
    case OP_INTRINSIC: return true;
    default: return false;
    }
}

static void scan_definition(UseScan *scan, const JirStmt *s) {
    uint32_t local = fn_bare_local(scan->f, s->dst);
    if (local == UINT32_MAX || s->op == OP_DROP || !yields_register(s)) {
        if (s->op != OP_LIVE && s->op != OP_DEAD && s->op != OP_NOP)
            scan_place(scan, s->dst, true);
        return;
    }
    Use *use = &scan->uses[local];
    if (use->block)
        use->spoiled = true;
    use->block = scan->block + 1;
}

// How the callee wants its arguments, NULL if the statement is no call.
const Abi *fn_callee_abi(FnGen *f, const JirStmt *s) {
    if (s->op != OP_CALL && s->op != OP_CALL_VALUE)
        return NULL;
    if (s->op == OP_CALL)
        return gen_function(f->gen, s->callee->instance).abi;
    TypeId type = f->fn->places.items[s->place.v].type;
    bool is_closure = type_get(f->gen->program->types, type)->kind == TY_CLOSURE;
    return is_closure ? gen_function(f->gen, s->callee->instance).abi : gen_abi_of_func(f->gen, type);
}

static bool needs_address(FnGen *f, const JirStmt *s, const Abi *abi, uint32_t index) {
    const JirArg *arg = &f->fn->args.items[s->args + index];
    if (arg->kind == ARG_MUT_REF || !abi)
        return true;
    const AbiParam *p = &abi->params[index];
    return !p->in_registers && p->info->pass != PASS_NOTHING;
}

static void scan_statement(UseScan *scan, const JirStmt *s) {
    const JirFn *fn = scan->f->fn;
    scan_operand(scan, s->a);
    scan_operand(scan, s->b);
    scan_place(scan, s->place, true);
    bool is_list = s->op == OP_MAKE || s->op == OP_MAKE_VARIANT;
    const Abi *abi = fn_callee_abi(scan->f, s);
    for (uint32_t i = 0; i < s->arg_count; i++) {
        if (is_list) {
            scan_operand(scan, (OperandId){fn->operand_lists.items[s->args + i]});
            continue;
        }
        const JirArg *arg = &fn->args.items[s->args + i];
        if (arg->kind == ARG_VALUE)
            scan_operand(scan, arg->value);
        else
            scan_place(scan, arg->place, needs_address(scan->f, s, abi, i));
    }
    if (s->dst.v)
        scan_definition(scan, s);
}

// A parameter that is never written may be read anywhere.
static void scan_function(FnGen *f, Use *uses) {
    UseScan scan = {f, uses, 0};
    for (; scan.block < f->fn->blocks.count; scan.block++) {
        const JirBlock *block = &f->fn->blocks.items[scan.block];
        for (uint32_t i = 0; i < block->stmts.count; i++)
            scan_statement(&scan, &block->stmts.items[i]);
        scan_operand(&scan, block->term.a);
    }
}

// ---- locals --------------------------------------------------------------------------------------------------------

static bool holds_address(FnGen *f, uint32_t index) {
    const JirLocal *local = &f->fn->locals.items[index];
    if (local->mode == LOCAL_OWNED || gen_type(f->gen, local->type)->kind == TY_DYN)
        return false;
    if (index == 0 || local->mode == LOCAL_MUT_REF || f->abi->keeps_borrows)
        return true;
    return !gen_type(f->gen, local->type)->by_value;
}

static void make_local(FnGen *f, uint32_t index, const Use *use) {
    const JirLocal *local = &f->fn->locals.items[index];
    LocalSlot *slot = &f->locals[index];
    const GenType *type = gen_type(f->gen, local->type);
    const char *name = local->name.v ? symbol(f->gen->program, local->name).data : "";
    slot->is_ref = holds_address(f, index);
    if (slot->is_ref) {
        LLVMPositionBuilderAtEnd(f->b, f->entry);
        slot->address = LLVMBuildAlloca(f->b, f->gen->ptr, name);
        return;
    }
    bool visible = local->name.v && f->gen->debug && !f->gen->options->release;
    if (index > 0 && type->pass == PASS_SCALAR && use->block && !use->spoiled && !visible) {
        slot->in_register = true;
        return;
    }
    slot->address = fn_alloca(f, type, name);
}

static void store_leaves(FnGen *f, const GenType *type, Addr to, uint32_t first) {
    for (uint32_t i = 0; i < type->leaf_count; i++) {
        Addr at = addr_offset(f, to, type->leaves[i].offset);
        LLVMSetAlignment(LLVMBuildStore(f->b, LLVMGetParam(f->function, first + i), at.ptr), at.align);
    }
}

static void make_param(FnGen *f, uint32_t number) {
    const AbiParam *p = &f->abi->params[number];
    LocalSlot *slot = &f->locals[1 + number];
    const JirLocal *local = &f->fn->locals.items[1 + number];
    const char *name = local->name.v ? symbol(f->gen->program, local->name).data : "";
    slot->is_ref = p->mode != LOCAL_OWNED && !p->in_registers && p->info->pass != PASS_NOTHING;
    if (p->info->pass == PASS_NOTHING) {
        slot->address = fn_alloca(f, p->info, name);
        return;
    }
    LLVMValueRef value = LLVMGetParam(f->function, p->first);
    LLVMSetValueName2(value, name, strlen(name));
    if (!p->in_registers) {
        *(slot->is_ref ? &slot->value : &slot->address) = value;
        return;
    }
    slot->address = fn_alloca(f, p->info, name);
    LLVMPositionBuilderAtEnd(f->b, f->entry);
    if (p->info->pass == PASS_SCALAR)
        fn_store(f, p->info, value, addr_of(slot->address, p->info));
    else
        store_leaves(f, p->info, addr_of(slot->address, p->info), p->first);
}

// What a closure keeps lies behind its environment: values, or addresses of what it borrows.
static void make_captures(FnGen *f) {
    const JirFn *fn = f->fn;
    if (fn->capture_count == 0)
        return;
    uint64_t offset = 0;
    LLVMPositionBuilderAtEnd(f->b, f->entry);
    for (uint32_t i = 0; i < fn->capture_count; i++) {
        const JirLocal *local = &fn->locals.items[1 + fn->param_count + i];
        LocalSlot *slot = &f->locals[1 + fn->param_count + i];
        const GenType *type = gen_type(f->gen, local->type);
        bool is_ref = local->mode != LOCAL_OWNED && type->kind != TY_DYN;
        uint64_t size = is_ref ? 8 : type->size;
        uint32_t align = is_ref ? 8 : type->align;
        offset = (offset + align - 1) & ~(uint64_t)(align - 1);
        Addr at = addr_offset(f, (Addr){f->env, 16, ALIAS_COUNT, false}, offset);
        offset += size;
        slot->is_ref = is_ref;
        if (slot->is_ref)
            slot->value = LLVMBuildLoad2(f->b, f->gen->ptr, at.ptr, "");
        else
            slot->address = at.ptr;
    }
}

static void make_locals(FnGen *f) {
    const JirFn *fn = f->fn;
    f->locals = ARENA_ARRAY(f->gen->arena, LocalSlot, fn->locals.count);
    Use *uses = ARENA_ARRAY(f->gen->arena, Use, fn->locals.count);
    scan_function(f, uses);
    uint32_t given = 1 + fn->param_count + fn->capture_count;
    if (f->abi->by_sret)
        f->locals[0].address = f->sret;
    else
        make_local(f, 0, &uses[0]);
    for (uint32_t i = 0; i < fn->param_count; i++)
        make_param(f, i);
    make_captures(f);
    for (uint32_t i = given; i < fn->locals.count; i++)
        make_local(f, i, &uses[i]);
}

// ---- terminators ---------------------------------------------------------------------------------------------------

static LLVMValueRef load_leaves(FnGen *f, const GenType *type, Addr from) {
    LLVMValueRef whole = LLVMGetPoison(type->value);
    for (uint32_t i = 0; i < type->leaf_count; i++) {
        Addr at = addr_offset(f, from, type->leaves[i].offset);
        LLVMValueRef leaf = LLVMBuildLoad2(f->b, type->leaves[i].type, at.ptr, "");
        LLVMSetAlignment(leaf, at.align);
        whole = LLVMBuildInsertValue(f->b, whole, leaf, i, "");
    }
    return whole;
}

// In release builds a function has one place where it puts several values together for its caller: LLVM sees through
// values that were put together once, not through a choice of such.
static void return_leaves(FnGen *f, Addr result) {
    if (f->gen->options->release) {
        bool is_first = !f->leave;
        if (is_first)
            f->leave = fn_block(f, "");
        LLVMBuildBr(f->b, f->leave);
        if (!is_first)
            return;
        LLVMPositionBuilderAtEnd(f->b, f->leave);
    }
    LLVMBuildRet(f->b, load_leaves(f, f->abi->result, result));
}

static void gen_return(FnGen *f) {
    const GenType *type = f->abi->result;
    LocalSlot *slot = &f->locals[0];
    if (type->pass == PASS_NOTHING || type->pass == PASS_MEMORY)
        LLVMBuildRetVoid(f->b);
    else if (slot->is_ref)
        LLVMBuildRet(f->b, LLVMBuildLoad2(f->b, f->gen->ptr, slot->address, ""));
    else if (type->pass == PASS_SCALAR)
        LLVMBuildRet(f->b, fn_load(f, type, addr_of(slot->address, type)));
    else
        return_leaves(f, addr_of(slot->address, type));
}

static void gen_switch(FnGen *f, const JirTerm *t) {
    uint32_t cases = t->target_count - 1;
    LLVMValueRef value = fn_operand(f, t->a);
    LLVMTypeRef type = LLVMTypeOf(value);
    LLVMValueRef branch = LLVMBuildSwitch(f->b, value, block_at(f, t->targets[cases].v), cases);
    for (uint32_t i = 0; i < cases; i++)
        LLVMAddCase(branch, LLVMConstInt(type, t->values[i], true), block_at(f, t->targets[i].v));
}

static void gen_panic_term(FnGen *f, const JirTerm *t) {
    if (t->a.v == 0) {
        fn_panic(f, (PanicKind)t->sub);
        return;
    }
    Gen *gen = f->gen;
    Addr text = fn_operand_address(f, t->a);
    LLVMValueRef data = LLVMBuildLoad2(f->b, gen->ptr, addr_offset(f, text, 8).ptr, "");
    LLVMValueRef size = LLVMBuildLoad2(f->b, gen->i64, addr_offset(f, text, 16).ptr, "");
    LLVMValueRef at = gen_location(gen, f->file, fn_line(f, t->token));
    fn_call_rt(f, RT_PANIC_TEXT, (LLVMValueRef[]){data, size, at}, 3);
    LLVMBuildUnreachable(f->b);
}

static void gen_resume(FnGen *f) {
    LLVMBuildResume(f->b, LLVMBuildLoad2(f->b, exception_type(f->gen), exception_slot(f), ""));
}

static void gen_terminator(FnGen *f, const JirTerm *t) {
    f->token = t->token;
    f->unwind = t->unwind;
    gen_debug_at(f, t->token);
    switch (t->kind) {
    case TERM_GOTO: LLVMBuildBr(f->b, block_at(f, t->targets[0].v)); return;
    case TERM_BRANCH:
        LLVMBuildCondBr(f->b, fn_operand(f, t->a), block_at(f, t->targets[0].v), block_at(f, t->targets[1].v));
        return;
    case TERM_SWITCH: gen_switch(f, t); return;
    case TERM_RETURN: gen_return(f); return;
    case TERM_PANIC: gen_panic_term(f, t); return;
    case TERM_RESUME: gen_resume(f); return;
    case TERM_UNREACHABLE:
    case TERM_COUNT: LLVMBuildUnreachable(f->b); return;
    }
}

static void gen_block(FnGen *f, uint32_t index) {
    const JirBlock *block = &f->fn->blocks.items[index];
    LLVMPositionBuilderAtEnd(f->b, f->blocks[index]);
    for (uint32_t i = 0; i < block->stmts.count; i++) {
        const JirStmt *s = &block->stmts.items[i];
        if (s->token)
            f->token = s->token;
        f->unwind = s->unwind;
        f->is_last = tail_is_last(f->gen->jir, f->fn, block, i);
        gen_debug_at(f, f->token);
        gen_statement(f, s);
        if (LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(f->b)))
            return; // a call that never returns, or a jump
    }
    gen_terminator(f, &block->term);
}

// The blocks that something goes to, in order; those a later one leads back to in further rounds. What a block uses is
// made by then: its maker is on every way to it.
static void gen_blocks(FnGen *f) {
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < f->fn->blocks.count; i++)
            if (f->blocks[i] && !LLVMGetBasicBlockTerminator(f->blocks[i])) {
                gen_block(f, i);
                again = true;
            }
    }
}

static bool casts_raw_pointers(const JirFn *fn) {
    for (uint32_t b = 0; b < fn->blocks.count; b++)
        for (uint32_t i = 0; i < fn->blocks.items[b].stmts.count; i++) {
            const JirStmt *s = &fn->blocks.items[b].stmts.items[i];
            if (s->op == OP_INTRINSIC && s->number == INTRINSIC_ptr_cast)
                return true;
        }
    return false;
}

void gen_fn_body(Gen *gen, const JirFn *fn) {
    GenFn known = gen_function(gen, fn->id);
    FnGen f = {.gen = gen, .fn = fn, .abi = known.abi, .function = known.fn, .b = gen->builder};
    f.file = fn->module.v ? program_module(gen->program, fn->module)->file : (FileId){0};
    f.casts_pointers = casts_raw_pointers(fn);
    if (f.abi->by_sret)
        f.sret = LLVMGetParam(f.function, 0);
    if (f.abi->has_env)
        f.env = LLVMGetParam(f.function, f.abi->by_sret);
    f.entry = fn_block(&f, "");
    f.blocks = ARENA_ARRAY(gen->arena, LLVMBasicBlockRef, fn->blocks.count);
    f.pads = ARENA_ARRAY(gen->arena, LLVMBasicBlockRef, fn->blocks.count);
    LLVMPositionBuilderAtEnd(f.b, f.entry);
    gen_debug_fn(&f);
    make_locals(&f);
    gen_debug_locals(&f);
    LLVMPositionBuilderAtEnd(f.b, f.entry);
    LLVMBuildBr(f.b, block_at(&f, 0));
    gen_blocks(&f);
    gen_debug_order(&f);
    vec_free(&f.panics);
}
