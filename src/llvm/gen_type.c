// How types are held and passed, and how functions are called.
#include "llvm/internal.h"

LLVMTypeRef gen_int_type(Gen *gen, uint32_t bytes) {
    switch (bytes) {
    case 1: return gen->i8;
    case 2: return gen->i16;
    case 4: return gen->i32;
    case 8: return gen->i64;
    case 16: return gen->i128;
    default: return LLVMIntTypeInContext(gen->context, bytes * 8);
    }
}

void gen_types_start(Gen *gen) {
    LLVMContextRef c = gen->context;
    gen->void_type = LLVMVoidTypeInContext(c);
    gen->i1 = LLVMInt1TypeInContext(c);
    gen->i8 = LLVMInt8TypeInContext(c);
    gen->i16 = LLVMInt16TypeInContext(c);
    gen->i32 = LLVMInt32TypeInContext(c);
    gen->i64 = LLVMInt64TypeInContext(c);
    gen->i128 = LLVMInt128TypeInContext(c);
    gen->f32 = LLVMFloatTypeInContext(c);
    gen->f64 = LLVMDoubleTypeInContext(c);
    gen->ptr = LLVMPointerTypeInContext(c, 0);
}

// ---- leaves --------------------------------------------------------------------------------------------------------

typedef struct {
    Leaf items[MAX_LEAVES];
    uint32_t count;
    bool too_many;
} Leaves;

static void leaf_add(Leaves *leaves, LLVMTypeRef type, uint64_t offset) {
    if (leaves->count == MAX_LEAVES) {
        leaves->too_many = true;
        return;
    }
    leaves->items[leaves->count++] = (Leaf){type, (uint32_t)offset};
}

static void collect_leaves(Gen *gen, TypeId type, uint64_t offset, Leaves *leaves);

static void collect_fields(Gen *gen, const LayoutFields *fields, uint64_t offset, Leaves *leaves) {
    for (uint32_t i = 0; i < fields->count && !leaves->too_many; i++)
        collect_leaves(gen, fields->types[i], offset + fields->offsets[i], leaves);
}

static void collect_leaves(Gen *gen, TypeId type, uint64_t offset, Leaves *leaves) {
    const TypeLayout *layout = layout_get(gen->jir, type);
    if (layout->size == 0 || leaves->too_many)
        return;
    switch (layout->kind) {
    case LAYOUT_VOID: return;
    case LAYOUT_INT: leaf_add(leaves, gen_int_type(gen, (uint32_t)layout->size), offset); return;
    case LAYOUT_FLOAT: leaf_add(leaves, layout->size == 4 ? gen->f32 : gen->f64, offset); return;
    case LAYOUT_POINTER: leaf_add(leaves, gen->ptr, offset); return;
    case LAYOUT_FUNC:
        leaf_add(leaves, gen->ptr, offset);
        leaf_add(leaves, gen->ptr, offset + 8);
        return;
    case LAYOUT_STRUCT: collect_fields(gen, &layout->variants[0], offset, leaves); return;
    case LAYOUT_ARRAY:
        for (uint64_t i = 0; i < layout->count && !leaves->too_many; i++)
            collect_leaves(gen, layout->item, offset + i * layout->stride, leaves);
        return;
    case LAYOUT_OPTIONAL:
        collect_fields(gen, &layout->variants[1], offset, leaves);
        if (!layout->is_niche)
            leaf_add(leaves, gen_int_type(gen, layout->tag_size), offset + layout->tag_offset);
        return;
    case LAYOUT_ERROR: leaves->too_many = true; return;
    case LAYOUT_RESULT:
        if (layout_get(gen->jir, layout->variants[1].types[0])->kind == LAYOUT_ERROR) {
            leaves->too_many = true; // it reaches over the value
            return;
        }
        leaf_add(leaves, gen->i32, offset);
        collect_fields(gen, &layout->variants[0], offset, leaves);
        return;
    case LAYOUT_ENUM:
        for (uint32_t v = 0; v < layout->variant_count; v++)
            if (layout->variants[v].count > 0)
                leaves->too_many = true; // payloads overlap: words
        if (!leaves->too_many)
            leaf_add(leaves, gen_int_type(gen, layout->tag_size), offset);
        return;
    }
}

// A value whose parts overlap, or are too many, travels as words.
static void word_leaves(Gen *gen, uint64_t size, Leaves *leaves) {
    *leaves = (Leaves){0};
    uint64_t offset = 0;
    for (uint32_t bytes = 8; bytes > 0; bytes /= 2)
        for (; offset + bytes <= size; offset += bytes)
            leaf_add(leaves, gen_int_type(gen, bytes), offset);
}

static LLVMTypeRef leaf_struct(Gen *gen, const GenType *info) {
    LLVMTypeRef types[MAX_LEAVES];
    for (uint32_t i = 0; i < info->leaf_count; i++)
        types[i] = info->leaves[i].type;
    return LLVMStructTypeInContext(gen->context, types, info->leaf_count, false);
}

static Alias alias_of(Gen *gen, LLVMTypeRef type) {
    if (type == gen->ptr)
        return ALIAS_POINTER;
    if (type == gen->f32)
        return ALIAS_F32;
    if (type == gen->f64)
        return ALIAS_F64;
    switch (LLVMGetIntTypeWidth(type)) {
    case 8: return ALIAS_I8;
    case 16: return ALIAS_I16;
    case 32: return ALIAS_I32;
    case 64: return ALIAS_I64;
    default: return ALIAS_I128;
    }
}

static void set_registers(Gen *gen, GenType *info, const Leaves *leaves) {
    info->leaf_count = leaves->count;
    memcpy(info->leaves, leaves->items, sizeof leaves->items);
    uint64_t first_size =
        leaves->count ? LLVMABISizeOfType(LLVMGetModuleDataLayout(gen->module), leaves->items[0].type) : 0;
    if (leaves->count == 1 && leaves->items[0].offset == 0 && first_size == info->size) {
        info->pass = PASS_SCALAR;
        info->value = leaves->items[0].type;
        info->alias = alias_of(gen, info->value);
        return;
    }
    info->pass = PASS_LEAVES;
    info->alias = ALIAS_ANY;
    info->value = leaf_struct(gen, info);
}

static GenType *type_make(Gen *gen, TypeId type) {
    GenType *info = ARENA_NEW(gen->arena, GenType);
    const TypeLayout *layout = layout_get(gen->jir, type);
    info->id = type;
    info->layout = layout;
    info->kind = type_get(gen->program->types, type)->kind;
    info->size = layout->size;
    info->align = layout->align;
    info->is_plain = (type_class(gen->program, type) & CLASS_PLAIN) || layout->size == 0;
    info->alias = ALIAS_ANY;
    if (layout->size == 0) {
        info->pass = PASS_NOTHING;
        info->memory = LLVMArrayType2(gen->i8, 0);
        return info;
    }
    Leaves leaves = {0};
    if (layout->size <= REGISTER_BYTES) {
        collect_leaves(gen, type, 0, &leaves);
        if (leaves.too_many || leaves.count == 0)
            word_leaves(gen, layout->size, &leaves);
    }
    if (layout->size <= REGISTER_BYTES && !leaves.too_many)
        set_registers(gen, info, &leaves);
    else
        info->pass = PASS_MEMORY;
    if (info->kind == TY_BOOL) {
        info->is_bool = true;
        info->value = gen->i1;
        info->alias = ALIAS_BOOL;
    }
    // A struct of one field is accessed whole and by its field: no tag would be right for both.
    if (layout->kind != LAYOUT_INT && layout->kind != LAYOUT_FLOAT && layout->kind != LAYOUT_POINTER)
        info->alias = ALIAS_ANY;
    info->memory = info->pass == PASS_SCALAR && !info->is_bool ? info->value : LLVMArrayType2(gen->i8, info->size);
    // What is lent of a dyn or a func is the two words themselves.
    bool is_func = info->kind == TY_FUNC && type_get(gen->program->types, type)->self_mode == MODE_BORROW;
    info->by_value = ((info->is_plain || is_func) && info->pass != PASS_MEMORY) || info->kind == TY_DYN;
    if (type_is_lang(gen->program, type, LANG_LIST)) {
        info->lends_leaves = true;
        info->leaves[info->leaf_count++] = (Leaf){gen->ptr, 0};
        info->leaves[info->leaf_count++] = (Leaf){gen->i64, 8};
    }
    return info;
}

const GenType *gen_type(Gen *gen, TypeId type) {
    if (type.v >= gen->type_capacity) {
        uint32_t capacity = gen->type_capacity ? gen->type_capacity : 256;
        while (capacity <= type.v)
            capacity *= 2;
        const GenType **items = ARENA_ARRAY(gen->arena, const GenType *, capacity);
        if (gen->type_capacity)
            memcpy(items, gen->types, gen->type_capacity * sizeof *items);
        gen->types = items;
        gen->type_capacity = capacity;
    }
    if (!gen->types[type.v])
        gen->types[type.v] = type_make(gen, type);
    return gen->types[type.v];
}

// ---- how functions are called --------------------------------------------------------------------------------------

bool gen_may_hold_address(Gen *gen, TypeId type) {
    const Type *t = type_get(gen->program->types, type);
    return t->kind == TY_POINTER || t->kind == TY_FUNC || t->kind == TY_CLOSURE || type_may_borrow(gen->program, type);
}

// Whether what a call returns, or leaves in what it may change, can hold a borrow of an argument.
static bool may_keep_borrows(Gen *gen, const Abi *abi) {
    if (gen_may_hold_address(gen, abi->result->id))
        return true;
    for (uint32_t i = 0; i < abi->param_count; i++)
        if (abi->params[i].mode == LOCAL_MUT_REF && gen_may_hold_address(gen, abi->params[i].type))
            return true;
    return false;
}

static LLVMTypeRef register_type(const GenType *info, uint32_t leaf) {
    return info->pass == PASS_SCALAR ? info->value : info->leaves[leaf].type;
}

static void abi_finish(Gen *gen, Abi *abi) {
    VEC(LLVMTypeRef) types = {0};
    const GenType *result = abi->result;
    bool keeps_borrows = abi->keeps_borrows = may_keep_borrows(gen, abi);
    abi->by_sret = result->pass == PASS_MEMORY;
    if (abi->by_sret)
        vec_push(&types, gen->ptr);
    if (abi->has_env)
        vec_push(&types, gen->ptr);
    for (uint32_t i = 0; i < abi->param_count; i++) {
        AbiParam *p = &abi->params[i];
        p->info = gen_type(gen, p->type);
        p->first = types.count;
        bool is_lent = p->mode == LOCAL_LET_REF && (p->info->by_value || p->info->lends_leaves) && !keeps_borrows;
        bool is_value = p->mode == LOCAL_OWNED ? p->info->pass != PASS_MEMORY : is_lent;
        is_value |= p->info->kind == TY_DYN;
        p->in_registers = is_value;
        if (p->info->pass == PASS_NOTHING)
            continue;
        if (!is_value) {
            vec_push(&types, gen->ptr);
            continue;
        }
        uint32_t count = p->info->pass == PASS_SCALAR ? 1 : p->info->leaf_count;
        for (uint32_t leaf = 0; leaf < count; leaf++)
            vec_push(&types, register_type(p->info, leaf));
    }
    bool in_register = result->pass == PASS_SCALAR || result->pass == PASS_LEAVES;
    abi->type = LLVMFunctionType(in_register ? result->value : gen->void_type, types.items, types.count, false);
    vec_free(&types);
}

Abi *gen_abi_of_fn(Gen *gen, const JirFn *fn) {
    Abi *abi = ARENA_NEW(gen->arena, Abi);
    abi->has_env = fn->has_env;
    abi->param_count = fn->param_count;
    abi->params = ARENA_ARRAY(gen->arena, AbiParam, fn->param_count);
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const JirLocal *local = &fn->locals.items[1 + i];
        abi->params[i].type = local->type;
        abi->params[i].mode = local->mode;
    }
    const JirLocal *result = &fn->locals.items[0];
    TypeId type = result->type;
    if (result->mode != LOCAL_OWNED) // a reference is returned as its address
        type = type_ref(gen->program->types, type, result->mode == LOCAL_MUT_REF);
    abi->result = gen_type(gen, type);
    abi_finish(gen, abi);
    return abi;
}

Abi *gen_abi_of_func(Gen *gen, TypeId func) {
    const Type *type = type_get(gen->program->types, func);
    Abi *abi = ARENA_NEW(gen->arena, Abi);
    abi->has_env = true;
    abi->param_count = type->arg_count - 1;
    abi->params = ARENA_ARRAY(gen->arena, AbiParam, abi->param_count);
    for (uint32_t i = 0; i < abi->param_count; i++) {
        uint8_t mode = type->modes ? type->modes[i] : MODE_BORROW;
        abi->params[i].type = type->args[i];
        abi->params[i].mode = mode == MODE_MUT ? LOCAL_MUT_REF : mode == MODE_OWN ? LOCAL_OWNED : LOCAL_LET_REF;
    }
    abi->result = gen_type(gen, type->args[abi->param_count]);
    abi_finish(gen, abi);
    return abi;
}

// ---- attributes ----------------------------------------------------------------------------------------------------

static LLVMAttributeRef attribute(Gen *gen, const char *name, uint64_t value) {
    return LLVMCreateEnumAttribute(gen->context, LLVMGetEnumAttributeKindForName(name, strlen(name)), value);
}

void gen_call_attribute(Gen *gen, LLVMValueRef call, const char *name) {
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attribute(gen, name, 0));
}

void gen_attribute(Gen *gen, LLVMValueRef fn, LLVMAttributeIndex index, const char *name, uint64_t value) {
    LLVMAddAttributeAtIndex(fn, index, attribute(gen, name, value));
}

static void string_attribute(Gen *gen, LLVMValueRef fn, const char *name, const char *value) {
    LLVMAddAttributeAtIndex(
        fn, LLVMAttributeFunctionIndex,
        LLVMCreateStringAttribute(gen->context, name, (unsigned)strlen(name), value, (unsigned)strlen(value)));
}

static void pointer_attributes(Gen *gen, LLVMValueRef fn, const AbiParam *p, bool captures) {
    LLVMAttributeIndex index = p->first + 1;
    gen_attribute(gen, fn, index, "noalias", 0);
    gen_attribute(gen, fn, index, "nonnull", 0);
    gen_attribute(gen, fn, index, "noundef", 0);
    gen_attribute(gen, fn, index, "align", p->info->align);
    // a slice may stand where a list is lent
    bool is_list = p->mode == LOCAL_LET_REF && type_is_lang(gen->program, p->type, LANG_LIST);
    gen_attribute(gen, fn, index, "dereferenceable", is_list ? 16 : p->info->size);
    if (!captures)
        gen_attribute(gen, fn, index, "captures", 0);
}

// What a list or slice shows that is only read: nobody changes it meanwhile, and its length is not negative.
static void view_attributes(Gen *gen, LLVMValueRef fn, const AbiParam *p) {
    const Type *type = type_get(gen->program->types, p->type);
    bool is_view = type_is_lang(gen->program, p->type, LANG_LIST) || type_is_lang(gen->program, p->type, LANG_SLICE);
    if (p->mode != LOCAL_LET_REF || !is_view)
        return;
    const GenType *item = gen_type(gen, type->args[0]);
    if (item->size == 0)
        return;
    if (item->is_plain)
        gen_attribute(gen, fn, p->first + 1, "noalias", 0);
    gen_attribute(gen, fn, p->first + 1, "noundef", 0);
    unsigned kind = LLVMGetEnumAttributeKindForName("range", strlen("range"));
    uint64_t low = 0, high = 1ull << 63;
    LLVMAddAttributeAtIndex(fn, p->first + 2, LLVMCreateConstantRangeAttribute(gen->context, kind, 64, &low, &high));
}

void gen_attributes(Gen *gen, LLVMValueRef fn, const Abi *abi) {
    for (uint32_t i = 0; i < abi->param_count; i++) {
        const AbiParam *p = &abi->params[i];
        if (p->in_registers)
            view_attributes(gen, fn, p);
        if (p->info->pass == PASS_NOTHING || p->in_registers)
            continue;
        if (type_is_lang(gen->program, p->type, LANG_NURSERY)) // the tasks change it, whoever it is lent to
            continue;
        pointer_attributes(gen, fn, p, abi->keeps_borrows);
        if (p->mode == LOCAL_LET_REF)
            gen_attribute(gen, fn, p->first + 1, "readonly", 0);
    }
    if (abi->by_sret) {
        LLVMTypeRef memory = LLVMArrayType2(gen->i8, abi->result->size);
        unsigned kind = LLVMGetEnumAttributeKindForName("sret", 4);
        LLVMAddAttributeAtIndex(fn, 1, LLVMCreateTypeAttribute(gen->context, kind, memory));
        gen_attribute(gen, fn, 1, "noalias", 0);
        gen_attribute(gen, fn, 1, "align", abi->result->align);
        gen_attribute(gen, fn, 1, "writable", 0);
        gen_attribute(gen, fn, 1, "dead_on_unwind", 0);
    }
    LLVMAttributeIndex all = LLVMAttributeFunctionIndex;
    gen_attribute(gen, fn, all, "uwtable", 1);
    string_attribute(gen, fn, "frame-pointer", "all");
    string_attribute(gen, fn, "probe-stack", "inline-asm");
}
