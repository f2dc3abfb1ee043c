// Debug information: files, functions, scopes, lines and variables.
#include "llvm/debug.h"

LLVMMetadataRef debug_file(Gen *gen, FileId file) {
    struct Debug *d = gen->debug;
    uint32_t index;
    if (map_get(&d->files, file.v, &index))
        return d->file_items.items[index];
    const char *path = file.v ? diags_source(gen->program->diags, file)->path : "<none>";
    LLVMMetadataRef made = LLVMDIBuilderCreateFile(d->b, path, strlen(path), d->folder, strlen(d->folder));
    map_set(&d->files, file.v, d->file_items.count);
    vec_push(&d->file_items, made);
    return made;
}

static void add_flag(Gen *gen, const char *name, uint32_t value) {
    LLVMMetadataRef number = LLVMValueAsMetadata(LLVMConstInt(gen->i32, value, false));
    LLVMAddModuleFlag(gen->module, LLVMModuleFlagBehaviorWarning, name, strlen(name), number);
}

void gen_debug_start(Gen *gen) {
    struct Debug *d = gen->debug = ARENA_NEW(gen->arena, struct Debug);
    d->b = LLVMCreateDIBuilder(gen->module);
    const char *folder = gen->options->debug_info ? os_real_path(gen->arena, ".") : NULL;
    d->folder = folder ? folder : "";
    add_flag(gen, "Debug Info Version", LLVMDebugMetadataVersion());
    add_flag(gen, "Dwarf Version", 5);
    ModuleId root = gen->program->root;
    LLVMMetadataRef file = debug_file(gen, root.v ? program_module(gen->program, root)->file : (FileId){0});
    LLVMDWARFEmissionKind kind = gen->options->debug_info ? LLVMDWARFEmissionFull : LLVMDWARFEmissionLineTablesOnly;
    static const char PRODUCER[] = "janus";
    d->unit =
        LLVMDIBuilderCreateCompileUnit(d->b, LLVMDWARFSourceLanguageC11, file, PRODUCER, sizeof PRODUCER - 1,
                                       gen->options->release, "", 0, 0, "", 0, kind, 0, false, false, "", 0, "", 0);
    d->no_type = LLVMDIBuilderCreateUnspecifiedType(d->b, "void", 4);
}

void gen_debug_finish(Gen *gen) {
    struct Debug *d = gen->debug;
    LLVMDIBuilderFinalize(d->b);
    LLVMDisposeDIBuilder(d->b);
    map_free(&d->files);
    vec_free(&d->file_items);
    map_free(&d->types);
    vec_free(&d->type_items);
    gen->debug = NULL;
}

// ---- scopes and lines ----------------------------------------------------------------------------------------------

static void make_scopes(FnGen *f, LLVMMetadataRef file) {
    const JirFn *fn = f->fn;
    f->scopes = ARENA_ARRAY(f->gen->arena, LLVMMetadataRef, fn->scopes.count + 1);
    f->scopes[0] = f->scope;
    for (uint32_t i = 1; i < fn->scopes.count; i++) {
        uint32_t parent = fn->scopes.items[i].parent;
        uint32_t line = fn_line(f, fn->scopes.items[i].first_token);
        LLVMMetadataRef outer = parent < i ? f->scopes[parent] : f->scope;
        f->scopes[i] = LLVMDIBuilderCreateLexicalBlock(f->gen->debug->b, outer, file, line, i);
    }
}

void gen_debug_fn(FnGen *f) {
    Gen *gen = f->gen;
    const JirFn *fn = f->fn;
    LLVMMetadataRef file = debug_file(gen, f->file);
    uint32_t line = fn->scopes.count && !fn->is_glue ? fn_line(f, fn->scopes.items[0].first_token) : 0;
    const char *symbol = fn->symbol ? fn->symbol : "";
    Text name = fn->decl.v && !fn->closure.v && !fn->is_glue ? decl_name(gen->program, fn->decl) : text_of(symbol);
    LLVMMetadataRef type = gen->options->debug_info
                               ? debug_fn_type(gen, fn, file)
                               : LLVMDIBuilderCreateSubroutineType(gen->debug->b, file, NULL, 0, LLVMDIFlagZero);
    LLVMDIFlags flags = fn->is_glue ? LLVMDIFlagArtificial : LLVMDIFlagZero;
    f->scope = LLVMDIBuilderCreateFunction(gen->debug->b, file, name.data, name.size, "", 0, file, line, type, true,
                                           true, line, flags, gen->options->release);
    LLVMSetSubprogram(f->function, f->scope);
    if (gen->options->debug_info && !fn->is_glue)
        make_scopes(f, file);
    f->head = LLVMDIBuilderCreateDebugLocation(gen->context, line, 0, f->scope, NULL);
    LLVMSetCurrentDebugLocation2(f->b, NULL);
}

// The innermost scope that holds the token: inner ones stand behind outer ones.
static LLVMMetadataRef scope_at(FnGen *f, uint32_t token) {
    if (!f->scopes)
        return f->scope;
    for (uint32_t i = f->fn->scopes.count; i-- > 1;)
        if (token >= f->fn->scopes.items[i].first_token && token <= f->fn->scopes.items[i].last_token)
            return f->scopes[i];
    return f->scope;
}

void gen_debug_at(FnGen *f, uint32_t token) {
    if (f->fn->is_glue || token == 0)
        return;
    LLVMMetadataRef scope = scope_at(f, token);
    uint32_t line = fn_line(f, token);
    LLVMSetCurrentDebugLocation2(f->b, LLVMDIBuilderCreateDebugLocation(f->gen->context, line, 0, scope, NULL));
}

// ---- blocks --------------------------------------------------------------------------------------------------------

typedef VEC(LLVMBasicBlockRef) BlockList;

static void reach(MapU64 *reached, BlockList *todo, LLVMBasicBlockRef block) {
    if (map_get(reached, (uintptr_t)block, NULL))
        return;
    map_set(reached, (uintptr_t)block, 1);
    vec_push(todo, block);
}

// A debugger stops where the code of a line begins at its lowest address: that must not be what a panic runs.
void gen_debug_order(FnGen *f) {
    if (f->gen->options->release || !LLVMHasPersonalityFn(f->function))
        return;
    MapU64 reached = {0};
    BlockList todo = {0}, behind = {0};
    reach(&reached, &todo, f->entry);
    while (todo.count > 0) {
        LLVMValueRef last = LLVMGetBasicBlockTerminator(vec_pop(&todo));
        if (LLVMGetInstructionOpcode(last) == LLVMInvoke) {
            reach(&reached, &todo, LLVMGetNormalDest(last));
            continue;
        }
        for (unsigned i = 0; i < LLVMGetNumSuccessors(last); i++)
            reach(&reached, &todo, LLVMGetSuccessor(last, i));
    }
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f->function); b; b = LLVMGetNextBasicBlock(b))
        if (!map_get(&reached, (uintptr_t)b, NULL))
            vec_push(&behind, b);
    for (uint32_t i = 0; i < behind.count; i++)
        LLVMMoveBasicBlockAfter(behind.items[i], LLVMGetLastBasicBlock(f->function));
    map_free(&reached);
    vec_free(&todo);
    vec_free(&behind);
}

// ---- variables -----------------------------------------------------------------------------------------------------

enum { DWARF_DEREF = 6 };

// An address that only lives in a register is kept in a slot of its own, where a debugger finds it until the end.
static LLVMValueRef keep_address(FnGen *f, LLVMValueRef address) {
    LLVMPositionBuilderAtEnd(f->b, f->entry);
    LLVMValueRef slot = LLVMBuildAlloca(f->b, f->gen->ptr, "");
    LLVMBuildStore(f->b, address, slot);
    return slot;
}

static bool is_alloca(LLVMValueRef value) {
    return LLVMIsAAllocaInst(value) != NULL;
}

static void declare_local(FnGen *f, uint32_t index) {
    struct Debug *d = f->gen->debug;
    const JirLocal *local = &f->fn->locals.items[index];
    LocalSlot *slot = &f->locals[index];
    if (slot->in_register || gen_type(f->gen, local->type)->pass == PASS_NOTHING)
        return;
    LLVMValueRef storage = slot->is_ref && slot->value ? slot->value : slot->address;
    bool indirect = slot->is_ref && !slot->value;
    if (!is_alloca(storage)) {
        storage = keep_address(f, storage);
        indirect = true;
    }
    Text name = symbol(f->gen->program, local->name);
    const Ast *ast = program_module(f->gen->program, f->fn->module)->ast;
    uint32_t line = local->node.v ? fn_line(f, ast->node_tokens[local->node.v]) : 0;
    LLVMMetadataRef scope = local->scope < f->fn->scopes.count ? f->scopes[local->scope] : f->scope;
    LLVMMetadataRef file = debug_file(f->gen, f->file), type = debug_type(f->gen, local->type);
    LLVMMetadataRef variable = local->kind == LOCAL_PARAM
                                   ? LLVMDIBuilderCreateParameterVariable(d->b, f->scope, name.data, name.size, index,
                                                                          file, line, type, true, LLVMDIFlagZero)
                                   : LLVMDIBuilderCreateAutoVariable(d->b, scope, name.data, name.size, file, line,
                                                                     type, true, LLVMDIFlagZero, 0);
    uint64_t deref = DWARF_DEREF;
    LLVMMetadataRef expression = LLVMDIBuilderCreateExpression(d->b, &deref, indirect ? 1 : 0);
    LLVMMetadataRef at =
        LLVMDIBuilderCreateDebugLocation(f->gen->context, line, 0, local->kind == LOCAL_PARAM ? f->scope : scope, NULL);
    LLVMDIBuilderInsertDeclareRecordAtEnd(d->b, storage, variable, expression, at, f->entry);
}

void gen_debug_locals(FnGen *f) {
    for (uint32_t i = 1; f->scopes && i < f->fn->locals.count; i++)
        if (f->fn->locals.items[i].name.v)
            declare_local(f, i);
    LLVMSetCurrentDebugLocation2(f->b, f->head);
}
