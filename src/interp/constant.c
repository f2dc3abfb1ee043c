// Constants: their values frozen, and as bytes with relocations for code generation.
#include "interp/internal.h"

enum { CONSTANT_STEPS = 100 * 1000 * 1000 };

// ---- freezing ------------------------------------------------------------------------------------------------------

typedef void (*PointerVisit)(Interp *in, uint8_t *at, TypeId target, void *context);

static void walk_pointers(Interp *in, uint8_t *p, TypeId id, PointerVisit visit, void *context);

static void walk_fields(Interp *in, uint8_t *p, const LayoutFields *fields, PointerVisit visit, void *context) {
    for (uint32_t i = 0; i < fields->count; i++)
        walk_pointers(in, p + fields->offsets[i], fields->types[i], visit, context);
}

// Calls `visit` for each pointer, reference or func value within a value.
static void walk_pointers(Interp *in, uint8_t *p, TypeId id, PointerVisit visit, void *context) {
    const TypeLayout *layout = layout_get(in->jir, id);
    switch (layout->kind) {
    case LAYOUT_POINTER: visit(in, p, type_get(in->program->types, id)->args[0], context); break;
    case LAYOUT_FUNC: visit(in, p, (TypeId){0}, context); break;
    case LAYOUT_STRUCT: walk_fields(in, p, &layout->variants[0], visit, context); break;
    case LAYOUT_ARRAY:
        for (uint64_t i = 0; i < layout->count; i++)
            walk_pointers(in, p + i * layout->stride, layout->item, visit, context);
        break;
    case LAYOUT_ENUM:
    case LAYOUT_ERROR:
    case LAYOUT_OPTIONAL:
    case LAYOUT_RESULT: {
        const LayoutFields *fields = layout_variant(layout, (uint32_t)layout_read_tag(in, layout, p));
        if (fields)
            walk_fields(in, p, fields, visit, context);
        break;
    }
    default: break;
    }
}

// Items of a heap block are frozen with it, each block once.
static void freeze_pointer(Interp *in, uint8_t *at, TypeId target, void *context) {
    uint8_t *p;
    memcpy(&p, at, 8);
    Block *block = target.v ? memory_block_at(&in->memory, p) : NULL;
    if (!block || block->state != BLOCK_LIVE)
        return;
    block->state = BLOCK_FIXED;
    block->prev->next = block->next;
    block->next->prev = block->prev;
    in->memory.live_count--;
    uint8_t *shadow = shadow_of(in, p);
    uint64_t size = layout_size(in->jir, target);
    for (uint64_t i = 0; size > 1 && i + size <= block->size && shadow[i] == SHADOW_VALUE; i += size)
        walk_pointers(in, p + i, target, freeze_pointer, context);
    for (uint64_t i = 0; i < block->size; i++)
        if (shadow[i] == SHADOW_VALUE)
            shadow[i] = SHADOW_FIXED;
}

static void disown_strings(Interp *in, uint8_t *p, TypeId id);

static void disown_items(Interp *in, uint8_t *at, TypeId target, void *context) {
    (void)context;
    uint8_t *p;
    memcpy(&p, at, 8);
    const Block *block = target.v ? memory_block_at(&in->memory, p) : NULL;
    uint64_t size = target.v ? layout_size(in->jir, target) : 0;
    const uint8_t *shadow = block ? shadow_of(in, p) : NULL;
    for (uint64_t i = 0; block && size > 1 && i + size <= block->size && shadow[i] == SHADOW_VALUE; i += size)
        disown_strings(in, p + i, target);
}

// A String in read-only data has no owner: its count could not be written. Its block stays for good.
static void disown_strings(Interp *in, uint8_t *p, TypeId id) {
    const TypeLayout *layout = layout_get(in->jir, id);
    if (type_is_lang(in->program, id, LANG_STRING)) {
        uint8_t *owner;
        memcpy(&owner, p, 8);
        Block *block = owner ? memory_block_at(&in->memory, owner) : NULL;
        if (block)
            freeze_pointer(in, p, type_builtin(in->program->types, TY_U8), NULL);
        memset(p, 0, 8);
        return;
    }
    if (layout->kind == LAYOUT_POINTER || layout->kind == LAYOUT_FUNC) {
        disown_items(in, p, layout->kind == LAYOUT_POINTER ? type_get(in->program->types, id)->args[0] : (TypeId){0},
                     NULL);
        return;
    }
    if (layout->kind == LAYOUT_ARRAY) {
        for (uint64_t i = 0; i < layout->count; i++)
            disown_strings(in, p + i * layout->stride, layout->item);
        return;
    }
    const LayoutFields *fields =
        layout_variant(layout, layout->tag_size ? (uint32_t)layout_read_tag(in, layout, p) : 0);
    for (uint32_t i = 0; fields && i < fields->count; i++)
        disown_strings(in, p + fields->offsets[i], fields->types[i]);
}

void constant_freeze(Interp *in, uint8_t *p, TypeId type) {
    disown_strings(in, p, type);
    walk_pointers(in, p, type, freeze_pointer, NULL);
}

// ---- bytes ---------------------------------------------------------------------------------------------------------

typedef struct {
    Arena *arena;
    VEC(ConstBlock) blocks;
    VEC(const uint8_t *) starts; // of the blocks, in the interpreter's memory
    VEC(TypeId) types;           // of their items
    VEC(ConstReloc) relocs;      // of the block at work
    const uint8_t *start;
    uint8_t *image;
} Export;

static uint32_t export_block(Interp *in, Export *e, const uint8_t *start, uint64_t size, uint32_t align, TypeId type) {
    for (uint32_t i = 0; i < e->starts.count; i++)
        if (e->starts.items[i] == start)
            return i;
    uint8_t *bytes = arena_copy(e->arena, start, size, 16);
    const uint8_t *shadow = shadow_of(in, start);
    for (uint64_t i = 0; i < size; i++)
        if (shadow[i] < SHADOW_VALUE) // what has no value is the same in every build
            bytes[i] = 0;
    vec_push(&e->blocks, (ConstBlock){.bytes = bytes, .size = size, .align = align});
    vec_push(&e->starts, start);
    vec_push(&e->types, type);
    return e->starts.count - 1;
}

static void export_pointer(Interp *in, uint8_t *at, TypeId target, void *context) {
    Export *e = context;
    uint64_t offset = (uint64_t)(at - e->start), word;
    memcpy(&word, at, 8);
    if (!word)
        return;
    ConstReloc reloc = {.offset = offset};
    if (!target.v) {
        reloc.function = function_of_word(in, word);
    } else {
        const uint8_t *p = (const uint8_t *)(uintptr_t)word;
        const Block *block = memory_block_of(&in->memory, p);
        if (!block)
            return; // of what has no size: any aligned address will do
        const uint8_t *start = (const uint8_t *)(block + 1);
        reloc.addend = (uint64_t)(p - start);
        reloc.block = export_block(in, e, start, block->size, block->align, target);
    }
    memset(e->image + offset, 0, 8);
    vec_push(&e->relocs, reloc);
}

static void export_relocs(Interp *in, Export *e, uint32_t index) {
    TypeId type = e->types.items[index];
    uint64_t size = layout_size(in->jir, type), total = e->blocks.items[index].size;
    uint8_t *start = (uint8_t *)(uintptr_t)e->starts.items[index];
    e->start = start;
    e->image = (uint8_t *)(uintptr_t)e->blocks.items[index].bytes;
    e->relocs.count = 0;
    for (uint64_t i = 0; size && i + size <= total && *shadow_of(in, start + i) >= SHADOW_VALUE; i += size) {
        walk_pointers(in, start + i, type, export_pointer, e);
        if (size == 1)
            break; // text: no pointers
    }
    ConstBlock *block = &e->blocks.items[index];
    block->reloc_count = e->relocs.count;
    block->relocs = arena_copy(e->arena, e->relocs.items, e->relocs.count * sizeof(ConstReloc), _Alignof(ConstReloc));
}

static void export_value(Interp *in, DeclId decl, ConstBytes *out) {
    Export e = {.arena = in->jir->arena};
    uint8_t *value = constant_address(in, decl);
    TypeId type = jir_fn(in->jir, jir_fn_of_decl(in->jir, decl))->locals.items[0].type;
    const TypeLayout *layout = layout_get(in->jir, type);
    export_block(in, &e, value, layout->size, layout->align, type);
    for (uint32_t i = 0; i < e.blocks.count; i++)
        export_relocs(in, &e, i);
    out->count = e.blocks.count;
    out->blocks = arena_copy(e.arena, e.blocks.items, e.blocks.count * sizeof(ConstBlock), _Alignof(ConstBlock));
    vec_free(&e.blocks);
    vec_free(&e.starts);
    vec_free(&e.types);
    vec_free(&e.relocs);
}

// Most constants are one number: `_0 = set n; return`.
static bool export_number(Jir *jir, const JirFn *fn, ConstBytes *out) {
    const JirBlock *block = &fn->blocks.items[0];
    const TypeLayout *layout = layout_get(jir, fn->locals.items[0].type);
    if (layout->kind != LAYOUT_INT || block->term.kind != TERM_RETURN || block->stmts.count != 1)
        return false;
    const JirStmt *stmt = &block->stmts.items[0];
    const JirPlace *dst = &fn->places.items[stmt->dst.v];
    if (stmt->op != OP_SET || dst->is_global || dst->root != 0 || dst->count)
        return false;
    const JirOperand *operand = &fn->operands.items[stmt->a.v];
    if (operand->kind != OPERAND_CONST || operand->const_kind != CONST_INT)
        return false;
    uint64_t words[2] = {operand->low, operand->high};
    ConstBlock *value = ARENA_NEW(jir->arena, ConstBlock);
    *value = (ConstBlock){.size = layout->size, .align = layout->align};
    value->bytes = arena_copy(jir->arena, words, layout->size, 16);
    *out = (ConstBytes){value, 1};
    return true;
}

static void report_failure(Interp *in, DeclId decl) {
    Program *p = in->program;
    Span span = in->failure_span.file.v ? in->failure_span : decl_span(p, decl);
    Report *report =
        diag_report(p->diags, DIAG_E0801, span, "the value of `%.*s` cannot be computed", TEXT_ARG(decl_name(p, decl)));
    report_label(report, "%.*s", (int)in->failure.count, in->failure.items);
    report_note(report, decl_span(p, decl), "a constant is evaluated when the program is compiled");
}

bool interp_eval_const(Jir *jir, DeclId decl, ConstBytes *out) {
    JirFnId fn = jir_fn_of_decl(jir, decl);
    invariant(fn.v != 0, "a constant that was not built");
    if (export_number(jir, jir_fn(jir, fn), out))
        return true;
    Interp *in = ARENA_NEW(jir->arena, Interp);
    invariant(interp_init(in, jir, (InterpOptions){.step_limit = CONSTANT_STEPS}), "no memory for constants");
    in->evaluating = true;
    bool ok = false;
    if (setjmp(in->end) == 0) {
        export_value(in, decl, out);
        ok = true;
    } else {
        if (in->exit_code == INTERP_STEP_LIMIT)
            buffer_cstr(&in->failure, "it takes too long: more than 100 million steps");
        report_failure(in, decl);
    }
    interp_done(in);
    return ok;
}
