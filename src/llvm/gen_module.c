// One unit: declarations, constants, literals, the entry that the runtime calls.
#include "llvm/internal.h"

// ---- what the runtime offers ---------------------------------------------------------------------------------------

typedef enum {
    KIND_PLAIN,
    KIND_PANICS,
    KIND_COLD,
    KIND_NORETURN,
    KIND_PURE,
    KIND_READS,
    KIND_ALLOC,
    KIND_FREE,
    KIND_APART
} RtKind;

typedef struct {
    const char *name, *signature;
    RtKind kind;
} RtDecl;

static const RtDecl RT_DECLS[] = {
#define RT_FN(id, name, signature, kind) {name, signature, KIND_##kind},
#include "llvm/runtime.def"
#undef RT_FN
};

static LLVMTypeRef signature_type(Gen *gen, char letter) {
    switch (letter) {
    case 'b': return gen->i1;
    case 'i': return gen->i32;
    case 'l': return gen->i64;
    case 'd': return gen->f64;
    case 'p': return gen->ptr;
    default: return gen->void_type;
    }
}

enum { // bits of the `memory` attribute: two for each location; 1 reads, 2 writes
    MEMORY_NONE = 0,
    MEMORY_READ_ARGUMENTS = 1,
};

static bool kind_may_panic(RtKind kind) {
    return kind == KIND_PANICS || kind == KIND_NORETURN || kind == KIND_ALLOC;
}

static bool kind_is_shared(RtKind kind) {
    return kind == KIND_PLAIN || kind == KIND_PANICS || kind == KIND_ALLOC || kind == KIND_FREE;
}

static void runtime_attributes(Gen *gen, LLVMValueRef fn, RtKind kind) {
    LLVMAttributeIndex all = LLVMAttributeFunctionIndex;
    if (!kind_may_panic(kind))
        gen_attribute(gen, fn, all, "nounwind", 0);
    switch (kind) {
    case KIND_PLAIN:
    case KIND_PANICS: return;
    case KIND_COLD:
        gen_attribute(gen, fn, all, "cold", 0);
        gen_attribute(gen, fn, all, "willreturn", 0);
        return;
    case KIND_NORETURN:
        gen_attribute(gen, fn, all, "noreturn", 0);
        gen_attribute(gen, fn, all, "cold", 0);
        return;
    case KIND_PURE:
    case KIND_READS:
        gen_attribute(gen, fn, all, "willreturn", 0);
        gen_attribute(gen, fn, all, "memory", kind == KIND_PURE ? MEMORY_NONE : MEMORY_READ_ARGUMENTS);
        return;
    case KIND_ALLOC:
        gen_attribute(gen, fn, LLVMAttributeReturnIndex, "noalias", 0);
        gen_attribute(gen, fn, LLVMAttributeReturnIndex, "nonnull", 0);
        return;
    case KIND_FREE: gen_attribute(gen, fn, 1, "captures", 0); return;
    case KIND_APART: gen_attribute(gen, fn, all, "cold", 0); return;
    }
}

static void declare_one(Gen *gen, uint32_t id) {
    const RtDecl *decl = &RT_DECLS[id];
    LLVMTypeRef params[8];
    uint32_t count = (uint32_t)strlen(decl->signature) - 1;
    for (uint32_t i = 0; i < count; i++)
        params[i] = signature_type(gen, decl->signature[1 + i]);
    LLVMTypeRef type = LLVMFunctionType(signature_type(gen, decl->signature[0]), params, count, false);
    gen->rt[id].type = type;
    gen->rt[id].may_panic = kind_may_panic(decl->kind);
    gen->rt[id].is_shared = kind_is_shared(decl->kind);
    gen->rt[id].fn = LLVMAddFunction(gen->module, decl->name, type);
    if (decl->signature[0] == 'b') // a C bool
        gen_attribute(gen, gen->rt[id].fn, LLVMAttributeReturnIndex, "zeroext", 0);
    runtime_attributes(gen, gen->rt[id].fn, decl->kind);
}

// What is about tasks is declared where it is called: a program that names it carries the scheduler.
static void declare_runtime(Gen *gen) {
    for (uint32_t id = 0; id < RT_NURSERY_OPEN; id++)
        declare_one(gen, id);
}

const RtFn *gen_runtime(Gen *gen, RtFnId id) {
    if (!gen->rt[id].fn)
        declare_one(gen, id);
    return &gen->rt[id];
}

// The word that polls look at.
LLVMValueRef gen_attention(Gen *gen) {
    static const char NAME[] = "jn_attention";
    LLVMValueRef known = LLVMGetNamedGlobal(gen->module, NAME);
    return known ? known : LLVMAddGlobal(gen->module, gen->i32, NAME);
}

// ---- metadata ------------------------------------------------------------------------------------------------------

static LLVMMetadataRef string_node(Gen *gen, const char *text) {
    return LLVMMDStringInContext2(gen->context, text, strlen(text));
}

static LLVMMetadataRef number_node(LLVMTypeRef type, uint64_t value) {
    return LLVMValueAsMetadata(LLVMConstInt(type, value, false));
}

static LLVMMetadataRef node(Gen *gen, LLVMMetadataRef *items, size_t count) {
    return LLVMMDNodeInContext2(gen->context, items, count);
}

static LLVMValueRef weights(Gen *gen, uint32_t taken, uint32_t not_taken) {
    LLVMMetadataRef items[] = {string_node(gen, "branch_weights"), number_node(gen->i32, taken),
                               number_node(gen->i32, not_taken)};
    return LLVMMetadataAsValue(gen->context, node(gen, items, 3));
}

static void make_metadata(Gen *gen) {
    static const char *const NAMES[ALIAS_COUNT] = {
        [ALIAS_BOOL] = "bool",         [ALIAS_I8] = "i8",
        [ALIAS_I16] = "i16",           [ALIAS_I32] = "i32",
        [ALIAS_I64] = "i64",           [ALIAS_I128] = "i128",
        [ALIAS_F32] = "f32",           [ALIAS_F64] = "f64",
        [ALIAS_POINTER] = "pointer",   [ALIAS_COUNTER] = "count",
        [ALIAS_HEADER_INT] = "header", [ALIAS_HEADER_POINTER] = "header pointer"};
    LLVMMetadataRef name = string_node(gen, "janus");
    LLVMMetadataRef root = node(gen, &name, 1), zero = number_node(gen->i64, 0);
    for (uint32_t i = ALIAS_ANY + 1; i < ALIAS_COUNT; i++) {
        LLVMMetadataRef type = node(gen, (LLVMMetadataRef[]){string_node(gen, NAMES[i]), root, zero}, 3);
        gen->tbaa[i] = node(gen, (LLVMMetadataRef[]){type, type, zero}, 3);
    }
    gen->kind_tbaa = LLVMGetMDKindIDInContext(gen->context, "tbaa", 4);
    gen->kind_range = LLVMGetMDKindIDInContext(gen->context, "range", 5);
    gen->kind_nonnull = LLVMGetMDKindIDInContext(gen->context, "nonnull", 7);
    gen->kind_prof = LLVMGetMDKindIDInContext(gen->context, "prof", 4);
    // Elements and bytes lie in memory, of which no machine has this much.
    LLVMMetadataRef range[] = {zero, number_node(gen->i64, 1ull << 56)};
    gen->length_range = LLVMMetadataAsValue(gen->context, node(gen, range, 2));
    gen->unlikely = weights(gen, 1, 1u << 20);
}

// ---- literals ------------------------------------------------------------------------------------------------------

LLVMValueRef gen_private_constant(Gen *gen, LLVMValueRef value) {
    LLVMValueRef global = LLVMAddGlobal(gen->module, LLVMTypeOf(value), "");
    LLVMSetInitializer(global, value);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(global, true);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    return global;
}

LLVMValueRef gen_bytes(Gen *gen, Text text) {
    uint64_t key = hash_bytes(text.data, text.size);
    for (uint32_t index; map_get(&gen->strings, key, &index); key++)
        if (text_equal(gen->string_items.items[index].text, text))
            return gen->string_items.items[index].global;
    LLVMValueRef bytes = LLVMConstStringInContext2(gen->context, text.data ? text.data : "", text.size, true);
    LLVMValueRef global = gen_private_constant(gen, bytes);
    LLVMSetAlignment(global, 1);
    map_set(&gen->strings, key, gen->string_items.count);
    StringItem item = {text, global};
    vec_push(&gen->string_items, item);
    return global;
}

static LLVMValueRef file_name(Gen *gen, FileId file) {
    uint32_t index;
    if (map_get(&gen->files, file.v, &index))
        return gen->file_items.items[index];
    const char *path = diags_source(gen->program->diags, file)->path;
    LLVMValueRef bytes = LLVMConstStringInContext2(gen->context, path, strlen(path), false);
    LLVMValueRef global = gen_private_constant(gen, bytes);
    map_set(&gen->files, file.v, gen->file_items.count);
    vec_push(&gen->file_items, global);
    return global;
}

LLVMValueRef gen_location(Gen *gen, FileId file, uint32_t line) {
    if (file.v == 0 || line == 0)
        return LLVMConstNull(gen->ptr);
    uint64_t key = (uint64_t)file.v << 32 | line;
    uint32_t index;
    if (map_get(&gen->locations, key, &index))
        return gen->location_items.items[index];
    LLVMValueRef parts[] = {file_name(gen, file), LLVMConstInt(gen->i32, line, false),
                            LLVMConstInt(gen->i32, 0, false)};
    LLVMValueRef global = gen_private_constant(gen, LLVMConstStructInContext(gen->context, parts, 3, false));
    map_set(&gen->locations, key, gen->location_items.count);
    vec_push(&gen->location_items, global);
    return global;
}

// ---- functions -----------------------------------------------------------------------------------------------------

static bool is_here(const Gen *gen, JirFnId id) {
    return gen->unit_of[id.v] == gen->unit;
}

static void set_linkage(Gen *gen, LLVMValueRef fn, JirFnId id) {
    if (is_here(gen, id) && !gen->many_units)
        LLVMSetLinkage(fn, LLVMInternalLinkage);
    else
        LLVMSetVisibility(fn, LLVMHiddenVisibility);
}

// std asks for inlining where a call would cost more than what is called.
bool gen_has_attribute(const Program *program, const JirFn *fn, const char *name) {
    return fn->decl.v != 0 && !fn->closure.v && decl_has_attribute(program, fn->decl, name);
}

static unsigned convention_of_node(const Gen *gen, uint32_t node) {
    return gen->tail_cycles[node] ? TAIL_CALL_CONVENTION : LLVMFastCallConv;
}

// Who calls a value does not know which function it is: all with as many parameters are called in one way.
unsigned gen_convention(const Gen *gen, JirFnId id) {
    const JirFn *fn = jir_fn(gen->jir, id);
    if (fn->is_for_runtime)
        return LLVMCCallConv;
    return convention_of_node(gen, fn->has_env ? tail_node_of_value(gen->jir, fn) : id.v);
}

unsigned gen_call_convention(const Gen *gen, const JirStmt *s) {
    bool is_known = s->callee && s->callee->instance.v; // also a closure that is called where it stands
    return is_known ? gen_convention(gen, s->callee->instance) : convention_of_node(gen, tail_node(gen->jir, s));
}

static GenFn declare_function(Gen *gen, JirFnId id) {
    const JirFn *fn = jir_fn(gen->jir, id);
    GenFn item = {.abi = gen_abi_of_fn(gen, fn)};
    const char *name = fn->symbol;
    if (!name)
        name = arena_printf(gen->arena, "janus.fn.%u", id.v).data;
    item.fn = LLVMAddFunction(gen->module, name, item.abi->type);
    LLVMSetFunctionCallConv(item.fn, gen_convention(gen, id));
    set_linkage(gen, item.fn, id);
    gen_attributes(gen, item.fn, item.abi);
    if (gen_has_attribute(gen->program, fn, "inline"))
        gen_attribute(gen, item.fn, LLVMAttributeFunctionIndex, "alwaysinline", 0);
    return item;
}

GenFn gen_function(Gen *gen, JirFnId id) {
    invariant(id.v != 0 && id.v < gen->fn_capacity, "a call of a function without an instance");
    if (!gen->fns[id.v].fn)
        gen->fns[id.v] = declare_function(gen, id);
    return gen->fns[id.v];
}

// ---- the entry -----------------------------------------------------------------------------------------------------

// The frame of main or of a test is named in backtraces, also where a function around it reports its error.
static void keep_frame(Gen *gen, JirFnId id) {
    gen_attribute(gen, gen_function(gen, id).fn, LLVMAttributeFunctionIndex, "noinline", 0);
    const JirFn *fn = jir_fn(gen->jir, id);
    const JirBlock *entry = &fn->blocks.items[0];
    for (uint32_t i = 0; fn->is_glue && i < entry->stmts.count; i++)
        if (entry->stmts.items[i].op == OP_CALL)
            keep_frame(gen, entry->stmts.items[i].callee->instance);
}

// Calls a function without parameters and without a result.
void gen_call_entry(Gen *gen, JirFnId main) {
    keep_frame(gen, main);
    GenFn fn = gen_function(gen, main);
    LLVMValueRef call = LLVMBuildCall2(gen->builder, fn.abi->type, fn.fn, NULL, 0, "");
    LLVMSetInstructionCallConv(call, gen_convention(gen, main));
    LLVMBuildRetVoid(gen->builder);
}

static void gen_entry(Gen *gen) {
    LLVMTypeRef type = LLVMFunctionType(gen->void_type, NULL, 0, false);
    LLVMValueRef entry = LLVMAddFunction(gen->module, "janus_main", type);
    Abi plain = {.result = gen_type(gen, type_builtin(gen->program->types, TY_VOID))};
    gen_attributes(gen, entry, &plain);
    LLVMPositionBuilderAtEnd(gen->builder, LLVMAppendBasicBlockInContext(gen->context, entry, ""));
    LLVMSetCurrentDebugLocation2(gen->builder, NULL);
    if (gen->input->main.v)
        gen_call_entry(gen, gen->input->main);
    else
        gen_tests(gen);
}

// ---- the unit ------------------------------------------------------------------------------------------------------

static bool is_asked(const Gen *gen, JirFnId id) {
    return gen->options->emit != LLVM_NOTHING || gen_has_attribute(gen->program, jir_fn(gen->jir, id), "tail");
}

void gen_module(Gen *gen) {
    gen_types_start(gen);
    make_metadata(gen);
    declare_runtime(gen);
    gen_debug_start(gen);
    for (uint32_t i = 0; i < gen->input->instance_count; i++) {
        JirFnId id = gen->input->instances[i];
        if (is_here(gen, id) && is_asked(gen, id))
            gen_fn_body(gen, jir_fn(gen->jir, id));
    }
    if (gen->unit == 0 && gen->options->emit != LLVM_NOTHING)
        gen_entry(gen);
    gen_debug_finish(gen);
}
