// Debug information: files, functions, lines, variables.
#include "llvm/internal.h"

struct Debug {
    LLVMDIBuilderRef b;
    LLVMMetadataRef unit, fn_type;
    MapU64 files; // FileId → index into file_items
    VEC(LLVMMetadataRef) file_items;
};

static LLVMMetadataRef file_of(Gen *gen, FileId file) {
    struct Debug *d = gen->debug;
    uint32_t index;
    if (map_get(&d->files, file.v, &index))
        return d->file_items.items[index];
    const char *path = file.v ? diags_source(gen->program->diags, file)->path : "<none>";
    LLVMMetadataRef made = LLVMDIBuilderCreateFile(d->b, path, strlen(path), "", 0);
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
    add_flag(gen, "Debug Info Version", LLVMDebugMetadataVersion());
    add_flag(gen, "Dwarf Version", 5);
    ModuleId root = gen->program->root;
    LLVMMetadataRef file = file_of(gen, root.v ? program_module(gen->program, root)->file : (FileId){0});
    LLVMDWARFEmissionKind kind = gen->options->debug_info ? LLVMDWARFEmissionFull : LLVMDWARFEmissionLineTablesOnly;
    static const char PRODUCER[] = "janus";
    d->unit =
        LLVMDIBuilderCreateCompileUnit(d->b, LLVMDWARFSourceLanguageC11, file, PRODUCER, sizeof PRODUCER - 1,
                                       gen->options->release, "", 0, 0, "", 0, kind, 0, false, false, "", 0, "", 0);
    d->fn_type = LLVMDIBuilderCreateSubroutineType(d->b, file, NULL, 0, LLVMDIFlagZero);
}

void gen_debug_finish(Gen *gen) {
    struct Debug *d = gen->debug;
    LLVMDIBuilderFinalize(d->b);
    LLVMDisposeDIBuilder(d->b);
    map_free(&d->files);
    vec_free(&d->file_items);
    gen->debug = NULL;
}

void gen_debug_fn(FnGen *f) {
    struct Debug *d = f->gen->debug;
    const JirFn *fn = f->fn;
    LLVMMetadataRef file = file_of(f->gen, f->file);
    uint32_t line = fn->scopes.count && !fn->is_glue ? fn_line(f, fn->scopes.items[0].first_token) : 0;
    const char *symbol = fn->symbol ? fn->symbol : "<none>";
    f->scope = LLVMDIBuilderCreateFunction(d->b, file, symbol, strlen(symbol), "", 0, file, line, d->fn_type, true,
                                           true, line, LLVMDIFlagZero, f->gen->options->release);
    LLVMSetSubprogram(f->function, f->scope);
    LLVMSetCurrentDebugLocation2(f->b, LLVMDIBuilderCreateDebugLocation(f->gen->context, line, 0, f->scope, NULL));
}

void gen_debug_at(FnGen *f, uint32_t token) {
    if (f->fn->is_glue)
        return;
    uint32_t line = fn_line(f, token);
    LLVMSetCurrentDebugLocation2(f->b, LLVMDIBuilderCreateDebugLocation(f->gen->context, line, 0, f->scope, NULL));
}

void gen_debug_locals(FnGen *f) {
    (void)f;
}
