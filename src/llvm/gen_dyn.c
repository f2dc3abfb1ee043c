// dyn: tables as constant data, and the two words that refer to a value and its table.
#include "llvm/internal.h"

static LLVMValueRef make_table(Gen *gen, uint32_t index) {
    const JirTable *table = &gen->jir->tables.items[index];
    uint32_t count = TABLE_SLOTS + table->slot_count;
    LLVMValueRef *words = ARENA_ARRAY(gen->arena, LLVMValueRef, count);
    words[TABLE_DROP] = gen_function(gen, table->drop).fn;
    words[TABLE_SIZE] = LLVMConstInt(gen->i64, table->size, false);
    words[TABLE_ALIGN] = LLVMConstInt(gen->i64, table->align, false);
    for (uint32_t i = 0; i < table->slot_count; i++) {
        JirSlot slot = table->slots[i];
        words[TABLE_SLOTS + i] = slot.table ? gen_table(gen, slot.table) : gen_function(gen, slot.fn).fn;
    }
    LLVMValueRef global = gen_private_constant(gen, LLVMConstStructInContext(gen->context, words, count, false));
    LLVMSetAlignment(global, 8);
    return global;
}

LLVMValueRef gen_table(Gen *gen, uint32_t index) {
    uint32_t known;
    if (map_get(&gen->tables, index, &known))
        return gen->constant_items.items[known];
    LLVMValueRef global = make_table(gen, index);
    map_set(&gen->tables, index, gen->constant_items.count);
    vec_push(&gen->constant_items, global);
    return global;
}

static void store_words(FnGen *f, Addr to, LLVMValueRef value, LLVMValueRef table) {
    LLVMBuildStore(f->b, value, to.ptr);
    LLVMBuildStore(f->b, table, addr_offset(f, to, 8).ptr);
}

// A word of the table of the dyn whose words are at the address.
static LLVMValueRef table_word(FnGen *f, Addr dyn, uint64_t word, LLVMTypeRef type) {
    LLVMValueRef table = LLVMBuildLoad2(f->b, f->gen->ptr, addr_offset(f, dyn, 8).ptr, "");
    Addr at = addr_offset(f, (Addr){table, 8, ALIAS_ANY, false}, word * 8);
    LLVMValueRef load = LLVMBuildLoad2(f->b, type, at.ptr, "");
    unsigned kind = LLVMGetMDKindIDInContext(f->gen->context, "invariant.load", 14);
    LLVMSetMetadata(load, kind, LLVMMetadataAsValue(f->gen->context, LLVMMDNodeInContext2(f->gen->context, NULL, 0)));
    return load;
}

// The two words of a dyn whose table names that of a supertrait.
static void store_super(FnGen *f, Addr to, Addr dyn, uint32_t word) {
    LLVMValueRef value = LLVMBuildLoad2(f->b, f->gen->ptr, dyn.ptr, "");
    store_words(f, to, value, table_word(f, dyn, word, f->gen->ptr));
}

void gen_dyn_ref(FnGen *f, const JirStmt *s) {
    Addr to = fn_place(f, s->dst), from = fn_place(f, s->place);
    if (fn_place_type(f, s->place)->kind != TY_DYN)
        store_words(f, to, from.ptr, gen_table(f->gen, s->number));
    else if (s->number)
        store_super(f, to, from, s->number);
    else
        fn_copy(f, fn_place_type(f, s->place), to, from);
}

void gen_dyn_box(FnGen *f, const JirStmt *s) {
    Addr to = fn_place(f, s->dst), from = fn_operand_address(f, s->a);
    const Types *types = f->gen->jir->program->types;
    if (type_get(types, type_get(types, fn_operand_type(f, s->a))->args[0])->kind == TY_DYN)
        store_super(f, to, from, s->number);
    else
        store_words(f, to, LLVMBuildLoad2(f->b, f->gen->ptr, from.ptr, ""), gen_table(f->gen, s->number));
}

// A word of the table of the dyn that is the first argument; the second is its number, a constant.
static LLVMValueRef load_word(FnGen *f, const JirStmt *s, LLVMTypeRef type, Addr *dyn) {
    *dyn = fn_place(f, f->fn->args.items[s->args].place);
    uint64_t slot = f->fn->operands.items[f->fn->args.items[s->args + 1].value.v].low;
    return table_word(f, *dyn, slot, type);
}

void gen_dyn_word(FnGen *f, const JirStmt *s) {
    Addr dyn;
    fn_result(f, s->dst, load_word(f, s, f->gen->i64, &dyn));
}

void gen_dyn_method(FnGen *f, const JirStmt *s) {
    Addr dyn, to = fn_place(f, s->dst);
    LLVMBuildStore(f->b, load_word(f, s, f->gen->ptr, &dyn), to.ptr);
    LLVMBuildStore(f->b, LLVMBuildLoad2(f->b, f->gen->ptr, dyn.ptr, ""), addr_offset(f, to, 8).ptr);
}

void fn_store_env(FnGen *f, const JirStmt *s) {
    fn_result(f, s->dst, f->env);
}
