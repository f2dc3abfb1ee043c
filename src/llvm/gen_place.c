// Places: addresses, loads and stores.
#include "llvm/internal.h"

Addr addr_of(LLVMValueRef ptr, const GenType *type) {
    return (Addr){ptr, type->align, ALIAS_COUNT, false};
}

Addr addr_offset(FnGen *f, Addr base, uint64_t bytes) {
    if (bytes == 0)
        return base;
    Gen *gen = f->gen;
    LLVMValueRef index = LLVMConstInt(gen->i64, bytes, false);
    base.ptr =
        LLVMBuildGEPWithNoWrapFlags(f->b, gen->i8, base.ptr, &index, 1, "", LLVMGEPFlagInBounds | LLVMGEPFlagNUW);
    uint32_t low = (uint32_t)(bytes & -bytes);
    if (bytes < 1u << 31 && low < base.align)
        base.align = low;
    return base;
}

static void tag_access(FnGen *f, LLVMValueRef access, const GenType *type, Addr at) {
    Alias alias = at.alias == ALIAS_COUNT ? type->alias : at.alias;
    LLVMMetadataRef tag = f->gen->tbaa[alias];
    if (tag)
        LLVMSetMetadata(access, f->gen->kind_tbaa, LLVMMetadataAsValue(f->gen->context, tag));
}

LLVMValueRef fn_load(FnGen *f, const GenType *type, Addr at) {
    Gen *gen = f->gen;
    LLVMValueRef value = LLVMBuildLoad2(f->b, type->is_bool ? gen->i8 : type->value, at.ptr, "");
    LLVMSetAlignment(value, at.align);
    if (gen->options->release) {
        tag_access(f, value, type, at);
        if (at.is_length)
            LLVMSetMetadata(value, gen->kind_range, gen->length_range);
    }
    return type->is_bool ? LLVMBuildTrunc(f->b, value, gen->i1, "") : value;
}

void fn_store(FnGen *f, const GenType *type, LLVMValueRef value, Addr at) {
    if (type->is_bool)
        value = LLVMBuildZExt(f->b, value, f->gen->i8, "");
    LLVMValueRef store = LLVMBuildStore(f->b, value, at.ptr);
    LLVMSetAlignment(store, at.align);
    if (f->gen->options->release)
        tag_access(f, store, type, at);
}

void fn_copy(FnGen *f, const GenType *type, Addr to, Addr from) {
    if (type->pass == PASS_NOTHING || to.ptr == from.ptr)
        return;
    if (type->pass == PASS_SCALAR) {
        fn_store(f, type, fn_load(f, type, from), to);
        return;
    }
    LLVMBuildMemCpy(f->b, to.ptr, to.align, from.ptr, from.align, LLVMConstInt(f->gen->i64, type->size, false));
}

// ---- locals --------------------------------------------------------------------------------------------------------

bool fn_is_reference_local(FnGen *f, uint32_t local) {
    return f->locals[local].is_ref;
}

// The address that a reference local holds.
static LLVMValueRef reference_address(FnGen *f, const LocalSlot *slot) {
    return slot->value ? slot->value : LLVMBuildLoad2(f->b, f->gen->ptr, slot->address, "");
}

void fn_set_reference(FnGen *f, uint32_t local, LLVMValueRef address) {
    LocalSlot *slot = &f->locals[local];
    if (slot->is_ref) {
        LLVMBuildStore(f->b, address, slot->address);
        return;
    }
    const GenType *type = gen_type(f->gen, f->fn->locals.items[local].type);
    if (slot->in_register)
        slot->value = fn_load(f, type, addr_of(address, type));
    else
        fn_copy(f, type, addr_of(slot->address, type), addr_of(address, type));
}

static Addr local_address(FnGen *f, uint32_t local) {
    LocalSlot *slot = &f->locals[local];
    const GenType *type = gen_type(f->gen, f->fn->locals.items[local].type);
    if (slot->is_ref)
        return addr_of(reference_address(f, slot), type);
    invariant(!slot->in_register, "the address of a register temporary is wanted");
    return addr_of(slot->address, type);
}

uint32_t fn_bare_local(FnGen *f, PlaceId place) {
    const JirPlace *p = &f->fn->places.items[place.v];
    return p->is_global || p->count > 0 ? UINT32_MAX : p->root;
}

const GenType *fn_place_type(FnGen *f, PlaceId place) {
    return gen_type(f->gen, f->fn->places.items[place.v].type);
}

// ---- projections ---------------------------------------------------------------------------------------------------

// Fields of std's owners and views have alias tags of their own.
static bool has_header_fields(FnGen *f, TypeId type) {
    const Type *t = type_get(f->gen->program->types, type);
    if (t->kind != TY_STRUCT)
        return false;
    const Shape *shape = program_shape(f->gen->program, t->decl);
    return shape && (shape->is_owner || shape->is_view || shape->is_copy_cheap);
}

// The length of a String, or of a list or slice whose elements take memory.
static bool is_length_field(FnGen *f, TypeId owner, uint32_t index) {
    Program *p = f->gen->program;
    if (type_is_lang(p, owner, LANG_STRING))
        return index == 2;
    if (!type_is_lang(p, owner, LANG_LIST) && !type_is_lang(p, owner, LANG_SLICE))
        return false;
    return index == 1 && gen_type(f->gen, type_get(p->types, owner)->args[0])->size > 0;
}

static Addr header_field(FnGen *f, Addr at, TypeId owner, const GenType *field, uint32_t index) {
    if (field->alias == ALIAS_ANY) {
        at.alias = field->pass == PASS_SCALAR ? ALIAS_ANY : ALIAS_COUNT;
        return at;
    }
    at.alias = field->alias == ALIAS_POINTER ? ALIAS_HEADER_POINTER : ALIAS_HEADER_INT;
    at.is_length = is_length_field(f, owner, index);
    return at;
}

Addr fn_field(FnGen *f, Addr at, TypeId owner, uint32_t variant, uint32_t index, const GenType *type) {
    Addr field = addr_offset(f, at, layout_field_offset(f->gen->jir, owner, variant, index));
    if (at.alias != ALIAS_ANY)
        field.alias = ALIAS_COUNT;
    field.is_length = false;
    return has_header_fields(f, owner) ? header_field(f, field, owner, type, index) : field;
}

// The address a pointer at `at` holds: of a Box, a list's elements, a raw pointer or a REF.
static LLVMValueRef load_pointer(FnGen *f, Addr at, TypeId owner) {
    Gen *gen = f->gen;
    LLVMValueRef value = LLVMBuildLoad2(f->b, gen->ptr, at.ptr, "");
    LLVMSetAlignment(value, at.align);
    if (!gen->options->release)
        return value;
    TypeKind kind = type_get(gen->program->types, owner)->kind;
    Alias alias = kind == TY_STRUCT ? ALIAS_HEADER_POINTER : at.alias == ALIAS_COUNT ? ALIAS_POINTER : at.alias;
    if (gen->tbaa[alias])
        LLVMSetMetadata(value, gen->kind_tbaa, LLVMMetadataAsValue(gen->context, gen->tbaa[alias]));
    if (type_is_boxed(gen->program, owner) || kind == TY_REF)
        LLVMSetMetadata(value, gen->kind_nonnull,
                        LLVMMetadataAsValue(gen->context, LLVMMDNodeInContext2(gen->context, NULL, 0)));
    return value;
}

static Addr project_index(FnGen *f, Addr at, TypeId from, const GenType *item, LLVMValueRef index) {
    Gen *gen = f->gen;
    LLVMValueRef base = at.ptr;
    if (type_get(gen->program->types, from)->kind != TY_ARRAY)
        base = load_pointer(f, at, from);
    LLVMTypeRef step = item->pass == PASS_SCALAR && !item->is_bool ? item->value : LLVMArrayType2(gen->i8, item->size);
    LLVMValueRef ptr =
        LLVMBuildGEPWithNoWrapFlags(f->b, step, base, &index, 1, "", LLVMGEPFlagInBounds | LLVMGEPFlagNUW);
    return addr_of(ptr, item);
}

static Addr project_deref(FnGen *f, Addr at, TypeId from, const GenType *target) {
    TypeKind kind = type_get(f->gen->program->types, from)->kind;
    if (target->kind == TY_DYN)
        return addr_of(at.ptr, target);
    Addr result = addr_of(load_pointer(f, at, from), target);
    if (kind == TY_POINTER && f->casts_pointers)
        result.alias = ALIAS_ANY;
    return result;
}

static Addr project(FnGen *f, Addr at, TypeId from, uint32_t variant, const Projection *proj) {
    Gen *gen = f->gen;
    const GenType *to = gen_type(gen, proj->type);
    switch (proj->kind) {
    case PROJ_FIELD: return fn_field(f, at, from, variant, proj->index, to);
    case PROJ_VARIANT: return at;
    case PROJ_INDEX: {
        const JirLocal *index = &f->fn->locals.items[proj->index];
        LocalSlot *slot = &f->locals[proj->index];
        LLVMValueRef value =
            slot->in_register ? slot->value : fn_load(f, gen_type(gen, index->type), local_address(f, proj->index));
        return project_index(f, at, from, to, value);
    }
    case PROJ_CONST_INDEX: return project_index(f, at, from, to, LLVMConstInt(gen->i64, proj->index, false));
    case PROJ_DEREF: return project_deref(f, at, from, to);
    }
    return at;
}

static TypeId root_type(FnGen *f, const JirPlace *p) {
    if (!p->is_global)
        return f->fn->locals.items[p->root].type;
    if (p->count == 0)
        return p->type;
    uint32_t id;
    bool found = map_get(&f->gen->jir->by_decl, p->root, &id);
    invariant(found, "a constant without a function that makes it");
    return jir_fn(f->gen->jir, (JirFnId){id})->locals.items[0].type;
}

Addr fn_place(FnGen *f, PlaceId place) {
    const JirPlace *p = &f->fn->places.items[place.v];
    TypeId type = root_type(f, p);
    Addr at;
    if (p->is_global)
        at = addr_of(gen_constant(f->gen, (DeclId){p->root}), gen_type(f->gen, type));
    else
        at = local_address(f, p->root);
    uint32_t variant = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        const Projection *proj = &f->fn->projections.items[p->first + i];
        at = project(f, at, type, variant, proj);
        variant = proj->kind == PROJ_VARIANT ? proj->index : 0;
        type = proj->type;
    }
    return at;
}

LLVMValueRef fn_load_place(FnGen *f, PlaceId place) {
    uint32_t local = fn_bare_local(f, place);
    if (local != UINT32_MAX && f->locals[local].in_register)
        return f->locals[local].value;
    return fn_load(f, fn_place_type(f, place), fn_place(f, place));
}

void fn_result(FnGen *f, PlaceId dst, LLVMValueRef scalar) {
    if (dst.v == 0)
        return;
    uint32_t local = fn_bare_local(f, dst);
    if (local != UINT32_MAX && f->locals[local].in_register)
        f->locals[local].value = scalar;
    else
        fn_store(f, fn_place_type(f, dst), scalar, fn_place(f, dst));
}
