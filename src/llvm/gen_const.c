// Constants: their values are known when code is generated, and become read-only data.
#include "llvm/internal.h"

static const ConstReloc *reloc_at(const ConstBlock *block, uint64_t offset) {
    for (uint32_t i = 0; i < block->reloc_count; i++)
        if (block->relocs[i].offset == offset)
            return &block->relocs[i];
    return NULL;
}

static uint64_t next_reloc(const ConstBlock *block, uint64_t offset) {
    uint64_t next = block->size;
    for (uint32_t i = 0; i < block->reloc_count; i++)
        if (block->relocs[i].offset > offset && block->relocs[i].offset < next)
            next = block->relocs[i].offset;
    return next;
}

static LLVMValueRef reloc_value(Gen *gen, const ConstReloc *reloc, const LLVMValueRef *globals) {
    if (reloc->function.v)
        return gen_function(gen, reloc->function).fn;
    if (reloc->table)
        return gen_table(gen, reloc->table);
    LLVMValueRef offset = LLVMConstInt(gen->i64, reloc->addend, false);
    return LLVMConstInBoundsGEP2(gen->i8, globals[reloc->block], &offset, 1);
}

typedef VEC(LLVMValueRef) Parts;

// The parts of a block: addresses, and bytes between them. Globals are not needed to know the types.
static void block_parts(Gen *gen, const ConstBlock *block, const LLVMValueRef *globals, Parts *parts) {
    for (uint64_t at = 0; at < block->size;) {
        const ConstReloc *reloc = reloc_at(block, at);
        if (reloc) {
            vec_push(parts, globals ? reloc_value(gen, reloc, globals) : LLVMConstNull(gen->ptr));
            at += 8;
            continue;
        }
        uint64_t end = next_reloc(block, at);
        vec_push(parts, LLVMConstStringInContext2(gen->context, (const char *)block->bytes + at, end - at, true));
        at = end;
    }
}

static LLVMValueRef block_value(Gen *gen, const ConstBlock *block, const LLVMValueRef *globals) {
    Parts parts = {0};
    block_parts(gen, block, globals, &parts);
    LLVMValueRef value = LLVMConstStructInContext(gen->context, parts.items, parts.count, true);
    vec_free(&parts);
    return value;
}

static LLVMValueRef make_constant(Gen *gen, DeclId decl) {
    ConstBytes value;
    bool known = gen->input->constant && gen->input->constant(gen->jir, decl, &value) && value.count > 0;
    invariant(known, "a constant without a value");
    LLVMValueRef *globals = ARENA_ARRAY(gen->arena, LLVMValueRef, value.count);
    for (uint32_t i = 0; i < value.count; i++) {
        globals[i] = gen_private_constant(gen, block_value(gen, &value.blocks[i], NULL));
        if (value.blocks[i].is_counted) {
            LLVMSetGlobalConstant(globals[i], false);
            LLVMSetUnnamedAddress(globals[i], LLVMNoUnnamedAddr);
        }
        LLVMSetAlignment(globals[i], value.blocks[i].align ? value.blocks[i].align : 1);
    }
    for (uint32_t i = 0; i < value.count; i++)
        if (value.blocks[i].reloc_count > 0)
            LLVMSetInitializer(globals[i], block_value(gen, &value.blocks[i], globals));
    return globals[0];
}

LLVMValueRef gen_constant(Gen *gen, DeclId decl) {
    uint32_t index;
    if (map_get(&gen->constants, decl.v, &index))
        return gen->constant_items.items[index];
    LLVMValueRef global = make_constant(gen, decl);
    map_set(&gen->constants, decl.v, gen->constant_items.count);
    vec_push(&gen->constant_items, global);
    return global;
}
