// Constants: their values frozen, and as bytes with relocations for code generation.
#include "interp/internal.h"

enum {
    CONSTANT_STEPS = 100 * 1000 * 1000,
    CONSTANT_DEPTH = 10 * 1000,
    CONSTANT_MEGABYTES = 256,
    CALLS_SHOWN = 4, // of a longer chain, half of them at each end
};

struct ConstantCache {
    Interp *in;   // NULL until one is needed, and after a failure
    MapU64 known; // DeclId → index into values; FAILED
    VEC(ConstBytes) values;
};

static const uint32_t FAILED = UINT32_MAX;

// ---- freezing ------------------------------------------------------------------------------------------------------

typedef void (*PointerVisit)(Interp *in, uint8_t *at, TypeId target, bool is_wide, void *context);

static void walk_pointers(Interp *in, uint8_t *p, TypeId id, PointerVisit visit, void *context);

static void walk_fields(Interp *in, uint8_t *p, const LayoutFields *fields, PointerVisit visit, void *context) {
    for (uint32_t i = 0; i < fields->count; i++)
        walk_pointers(in, p + fields->offsets[i], fields->types[i], visit, context);
}

// What a pointer leads to: for one to a dyn the type of the value, 0 for a func value.
static TypeId target_of(Interp *in, const uint8_t *p, TypeId id) {
    if (type_is_wide(in->program, id))
        return in->jir->tables.items[dyn_table(in, p)].type;
    return layout_get(in->jir, id)->kind == LAYOUT_POINTER ? type_get(in->program->types, id)->args[0] : (TypeId){0};
}

// Calls `visit` for each pointer, reference or func value within a value.
static void walk_pointers(Interp *in, uint8_t *p, TypeId id, PointerVisit visit, void *context) {
    const TypeLayout *layout = layout_get(in->jir, id);
    switch (layout->kind) {
    case LAYOUT_POINTER:
    case LAYOUT_FUNC: visit(in, p, target_of(in, p, id), type_is_wide(in->program, id), context); break;
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

// A func value counts the owners of what it captured; in read-only data it could not.
static void refuse_captures(Interp *in, const uint8_t *func) {
    const uint8_t *captures;
    memcpy(&captures, func + 8, 8);
    if (captures)
        interp_exit(in, INTERP_KEPT_CLOSURE);
}

enum { COUNT_BYTES = 8 };

static bool is_counted(const Interp *in, TypeId type) {
    const Type *t = type_get(in->program->types, type);
    const Shape *shape = t->kind == TY_STRUCT ? program_shape(in->program, t->decl) : NULL;
    return shape && shape->is_counted;
}

// Items of a heap block are frozen with it, each block once; a count of owners goes on.
static void freeze_pointer(Interp *in, uint8_t *at, TypeId target, bool is_wide, void *context) {
    (void)is_wide;
    if (!target.v)
        refuse_captures(in, at);
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
    for (uint64_t i = is_counted(in, target) ? COUNT_BYTES : 0; i < block->size; i++)
        if (shadow[i] == SHADOW_VALUE)
            shadow[i] = SHADOW_FIXED;
}

static void disown_strings(Interp *in, uint8_t *p, TypeId id);

static void disown_items(Interp *in, const uint8_t *at, TypeId target) {
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
            freeze_pointer(in, p, type_builtin(in->program->types, TY_U8), false, NULL);
        memset(p, 0, 8);
        return;
    }
    if (layout->kind == LAYOUT_POINTER || layout->kind == LAYOUT_FUNC) {
        disown_items(in, p, target_of(in, p, id));
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
    vec_push(&e->blocks,
             (ConstBlock){.bytes = bytes, .size = size, .align = align, .is_counted = is_counted(in, type)});
    vec_push(&e->starts, start);
    vec_push(&e->types, type);
    return e->starts.count - 1;
}

static void add_reloc(Export *e, ConstReloc reloc) {
    memset(e->image + reloc.offset, 0, 8);
    vec_push(&e->relocs, reloc);
}

static void export_pointer(Interp *in, uint8_t *at, TypeId target, bool is_wide, void *context) {
    Export *e = context;
    uint64_t offset = (uint64_t)(at - e->start), word;
    memcpy(&word, at, 8);
    if (!word)
        return;
    ConstReloc reloc = {.offset = offset};
    if (is_wide)
        add_reloc(e, (ConstReloc){.offset = offset + 8, .table = dyn_table(in, at)});
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
    add_reloc(e, reloc);
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

// ---- failures ------------------------------------------------------------------------------------------------------

static bool is_initialiser(const Interp *in, const JirFn *fn) {
    return fn->decl.v && !fn->closure.v && program_decl(in->program, fn->decl)->kind == DECL_CONST;
}

// The frame of the constant at work: of one that another one needs, its own.
static uint32_t constant_frame(const Interp *in) {
    for (uint32_t i = in->now.frames.count; i-- > 0;)
        if (is_initialiser(in, in->now.frames.items[i].code->fn))
            return i;
    return 0;
}

static Report *start_report(Interp *in, DeclId decl, Span span) {
    Program *p = in->program;
    Text name = decl_name(p, decl);
    if (in->exit_code == INTERP_KEPT_CLOSURE) {
        Report *report = diag_report(p->diags, DIAG_E0449, span,
                                     "the constant `%.*s` holds a closure that captured something", TEXT_ARG(name));
        report_label(report, "what it captured has owners who are counted, and a constant cannot change");
        report_help(report,
                    "write a function of its own in place of the closure, or a function that makes the closure");
        return report;
    }
    bool too_much = in->exit_code == INTERP_STEP_LIMIT || in->exit_code == INTERP_MEMORY_LIMIT ||
                    in->exit_code == INTERP_DEPTH_LIMIT;
    if (!too_much) {
        Report *report =
            diag_report(p->diags, DIAG_E0801, span, "the value of `%.*s` cannot be computed", TEXT_ARG(name));
        report_label(report, "%.*s", (int)in->failure.count, in->failure.items);
        return report;
    }
    Report *report =
        diag_report(p->diags, DIAG_E0805, span, "the value of `%.*s` takes too much to compute", TEXT_ARG(name));
    if (in->exit_code == INTERP_STEP_LIMIT)
        report_label(report, "it takes more than %d million steps", CONSTANT_STEPS / 1000000);
    else if (in->exit_code == INTERP_MEMORY_LIMIT)
        report_label(report, "it takes more than %d MB of memory", CONSTANT_MEGABYTES);
    else
        report_label(report, "calls are nested more than %d deep", CONSTANT_DEPTH);
    return report;
}

// The calls from the constant inwards, in the program's own files.
static void report_calls(Interp *in, Report *report, uint32_t first) {
    VecU32 calls = {0};
    for (uint32_t i = first + 1; i < in->now.frames.count; i++) {
        const Frame *frame = &in->now.frames.items[i];
        bool is_std = program_module(in->program, frame->code->fn->module)->is_std;
        if (!is_std && interp_frame_span(in, frame).file.v)
            vec_push(&calls, i);
    }
    for (uint32_t i = 0; i < calls.count; i++) {
        if (i == CALLS_SHOWN / 2 && calls.count > CALLS_SHOWN) {
            uint32_t hidden = calls.count - CALLS_SHOWN;
            report_note(report, (Span){0}, "through %u more %s", hidden, hidden == 1 ? "call" : "calls");
            i += hidden;
        }
        const Frame *frame = &in->now.frames.items[calls.items[i]];
        const char *symbol = frame->code->fn->symbol ? frame->code->fn->symbol : "a function";
        report_note(report, interp_frame_span(in, frame), i + 1 < calls.count ? "through `%s`" : "ends in `%s`",
                    symbol);
    }
    vec_free(&calls);
}

static void report_failure(Interp *in, DeclId wanted) {
    Program *p = in->program;
    DeclId decl = wanted;
    Span span = {0};
    uint32_t first = constant_frame(in);
    if (in->now.frames.count) {
        const Frame *frame = &in->now.frames.items[first];
        decl = frame->code->fn->decl.v ? frame->code->fn->decl : wanted;
        span = interp_frame_span(in, frame);
    }
    Report *report = start_report(in, decl, span.file.v ? span : decl_span(p, decl));
    report_calls(in, report, first);
    report_note(report, decl_span(p, decl), "a constant is evaluated when the program is compiled");
    if (decl.v != wanted.v)
        report_note(report, decl_span(p, wanted), "`%.*s` needs it", TEXT_ARG(decl_name(p, wanted)));
}

// ---- evaluation ----------------------------------------------------------------------------------------------------

static void drop_interp(struct ConstantCache *cache) {
    if (cache->in)
        interp_done(cache->in);
    cache->in = NULL;
}

static Interp *ready_interp(Jir *jir, struct ConstantCache *cache) {
    if (cache->in && cache->in->code_count < jir->fns.count)
        drop_interp(cache); // functions have been added since
    if (!cache->in) {
        InterpOptions options = {
            .step_limit = CONSTANT_STEPS,
            .memory_limit = (uint64_t)CONSTANT_MEGABYTES << 20,
            .depth_limit = CONSTANT_DEPTH,
        };
        cache->in = ARENA_NEW(jir->arena, Interp);
        invariant(interp_init(cache->in, jir, options), "no memory for constants");
        cache->in->evaluating = true;
    }
    cache->in->steps = 0;
    return cache->in;
}

static bool evaluate(Jir *jir, struct ConstantCache *cache, DeclId decl, ConstBytes *out) {
    Interp *in = ready_interp(jir, cache);
    if (setjmp(in->end) == 0) {
        export_value(in, decl, out);
        return true;
    }
    report_failure(in, decl);
    drop_interp(cache); // it stopped in the middle of something
    return false;
}

bool interp_eval_const(Jir *jir, DeclId decl, ConstBytes *out) {
    JirFnId fn = jir_fn_of_decl(jir, decl);
    invariant(fn.v != 0, "a constant that was not built");
    if (!jir->constant_cache)
        jir->constant_cache = ARENA_NEW(jir->arena, struct ConstantCache);
    struct ConstantCache *cache = jir->constant_cache;
    uint32_t index;
    if (map_get(&cache->known, decl.v, &index)) {
        if (index != FAILED)
            *out = cache->values.items[index];
        return index != FAILED;
    }
    bool good = export_number(jir, jir_fn(jir, fn), out) || evaluate(jir, cache, decl, out);
    map_set(&cache->known, decl.v, good ? cache->values.count : FAILED);
    if (good)
        vec_push(&cache->values, *out);
    return good;
}

void interp_constants_done(Jir *jir) {
    if (jir->constant_cache)
        drop_interp(jir->constant_cache);
}

void interp_constants_free(Jir *jir) {
    if (!jir->constant_cache)
        return;
    interp_constants_done(jir);
    map_free(&jir->constant_cache->known);
    vec_free(&jir->constant_cache->values);
}
