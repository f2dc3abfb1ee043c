// The entry of a program of tests: a table that the runtime goes through, one process for each test.
#include "llvm/internal.h"

static LLVMValueRef test_function(Gen *gen, uint32_t index) {
    LLVMTypeRef type = LLVMFunctionType(gen->void_type, NULL, 0, false);
    const char *name = arena_printf(gen->arena, "janus.test.%u", index).data;
    LLVMValueRef fn = LLVMAddFunction(gen->module, name, type);
    LLVMSetLinkage(fn, LLVMInternalLinkage);
    Abi plain = {.result = gen_type(gen, type_builtin(gen->program->types, TY_VOID))};
    gen_attributes(gen, fn, &plain);
    LLVMPositionBuilderAtEnd(gen->builder, LLVMAppendBasicBlockInContext(gen->context, fn, ""));
    gen_call_entry(gen, gen->input->tests[index].fn);
    return fn;
}

void gen_tests(Gen *gen) {
    LLVMBasicBlockRef block = LLVMGetInsertBlock(gen->builder);
    uint32_t count = gen->input->test_count;
    LLVMTypeRef row = LLVMStructTypeInContext(gen->context, (LLVMTypeRef[]){gen->ptr, gen->i64, gen->ptr}, 3, false);
    LLVMValueRef *rows = ARENA_ARRAY(gen->arena, LLVMValueRef, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        Text name = gen->input->tests[i].name;
        LLVMValueRef parts[] = {gen_bytes(gen, name), LLVMConstInt(gen->i64, name.size, false), test_function(gen, i)};
        rows[i] = LLVMConstStructInContext(gen->context, parts, 3, false);
    }
    LLVMValueRef table = LLVMAddGlobal(gen->module, LLVMArrayType2(row, count), "janus.tests");
    LLVMSetInitializer(table, LLVMConstArray2(row, rows, count));
    LLVMSetLinkage(table, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(table, true);
    LLVMPositionBuilderAtEnd(gen->builder, block);
    LLVMValueRef args[] = {table, LLVMConstInt(gen->i64, count, false)};
    LLVMBuildCall2(gen->builder, gen->rt[RT_RUN_TESTS].type, gen->rt[RT_RUN_TESTS].fn, args, 2, "");
    LLVMBuildRetVoid(gen->builder);
}
