// dyn: tables, the functions in them, and the functions that call through them. A function in a table is called like a
// func value whose environment is the value itself: its address is `self`.
#include "ir/layout.h"
#include "ir/mono_internal.h"

static uint64_t pair_key(uint32_t high, uint32_t low) {
    return (uint64_t)high << 32 | low;
}

static JirFn *dyn_fn(Mono *mono, bool has_env) {
    JirFn *fn = jir_fn_new(mono->jir);
    fn->is_glue = true;
    fn->has_env = has_env;
    fn->module = mono->program->root;
    return fn;
}

// The trait's signature for this Self.
static TypeId method_type(Mono *mono, TypeId dyn, TypeId self, TypeId type) {
    Subst subst = trait_subst(mono->program, dyn_trait(type_get(mono->types, dyn)), self);
    return program_normalize(mono->program, type_subst(mono->types, type, subst), NULL, 0);
}

static LocalMode mode_of(ParamMode mode) {
    return mode == MODE_OWN ? LOCAL_OWNED : mode == MODE_MUT ? LOCAL_MUT_REF : LOCAL_LET_REF;
}

static JirArg hand_on(Glue *g, ParamMode mode, PlaceId place) {
    if (mode == MODE_OWN)
        return (JirArg){.kind = ARG_VALUE, .value = glue_move_of(g, place)};
    return (JirArg){.kind = mode == MODE_MUT ? ARG_MUT_REF : ARG_REF, .place = place};
}

static JirStmt *glue_intrinsic(Glue *g, IntrinsicId id, PlaceId dst, TypeId type, const JirArg *args, uint32_t count) {
    JirStmt *stmt = jir_emit(g->fn, g->block, OP_INTRINSIC, 0);
    stmt->number = id;
    stmt->dst = dst;
    stmt->callee = jir_callee(g->jir, (DeclId){0}, false, &type, 1);
    jir_stmt_args(g->fn, stmt, args, count);
    return stmt;
}

// The environment as a place of the type.
static PlaceId env_value(Glue *g, TypeId type) {
    PlaceId address = glue_temp(g, type_unary(g->mono->types, TY_POINTER, type));
    glue_intrinsic(g, INTRINSIC_env_ptr, address, type, NULL, 0);
    return jir_place_project(g->fn, address, (Projection){PROJ_DEREF, 0, type});
}

// ---- calling through a table ---------------------------------------------------------------------------------------

static void call_slot(Glue *g, PlaceId self, uint32_t slot, TypeId func, const JirArg *args, uint32_t count) {
    PlaceId code = glue_temp(g, func);
    JirArg which[2] = {{.kind = ARG_REF, .place = self}, {.kind = ARG_VALUE, .value = glue_int(g, TY_I64, slot)}};
    glue_intrinsic(g, INTRINSIC_dyn_method, code, jir_place_type(g->fn, self), which, 2);
    JirStmt *call = jir_emit(g->fn, g->block, OP_CALL_VALUE, 0);
    call->place = code;
    bool gives = type_get(g->mono->types, g->fn->locals.items[0].type)->kind != TY_VOID;
    call->dst = gives ? jir_place_local(g->fn, (LocalId){0}) : (PlaceId){0};
    jir_stmt_args(g->fn, call, args, count);
}

// The word of the table of the dyn that holds a method or a supertrait's table; 0 if none does.
static uint32_t word_of(Mono *mono, TypeId dyn, DynSlot wanted) {
    DynSlots slots = {0};
    dyn_slots(mono->program, dyn, &slots);
    uint32_t slot = 0;
    while (slot < slots.count &&
           (slots.items[slot].member.v != wanted.member.v || slots.items[slot].dyn.v != wanted.dyn.v))
        slot++;
    bool found = slot < slots.count;
    vec_free(&slots);
    return found ? TABLE_SLOTS + slot : 0;
}

uint32_t mono_super_word(Mono *mono, TypeId dyn, TypeId super) {
    return dyn.v == super.v ? 0 : word_of(mono, dyn, (DynSlot){{0}, super});
}

JirFnId mono_dyn_call(Mono *mono, DeclId method, TraitRef trait, TypeId dyn) {
    TypeId declared = type_dyn(mono->types, trait.decl, trait.args), both[2] = {declared, dyn};
    uint64_t key = pair_key(method.v, trait.args.v ? type_tuple(mono->types, both, 2).v : dyn.v);
    uint32_t known;
    if (map_get(&mono->dyn_calls, key, &known))
        return (JirFnId){known};
    const Signature *s = program_signature(mono->program, method);
    JirFn *fn = dyn_fn(mono, false);
    Glue g = {mono, mono->jir, fn, {0}};
    TypeId result = method_type(mono, declared, dyn, s->result);
    glue_signature(&g, result);
    PlaceId self = glue_param(&g, dyn, mode_of((ParamMode)s->param_modes[0]));
    TypeId *types = ARENA_ARRAY(mono->jir->arena, TypeId, s->param_count);
    JirArg *args = ARENA_ARRAY(mono->jir->arena, JirArg, s->param_count);
    for (uint32_t i = 1; i < s->param_count; i++) {
        ParamMode mode = (ParamMode)s->param_modes[i];
        types[i - 1] = method_type(mono, declared, dyn, s->param_types[i]);
        args[i - 1] = hand_on(&g, mode, glue_param(&g, types[i - 1], mode_of(mode)));
    }
    uint32_t count = s->param_count - 1, word = word_of(mono, dyn, (DynSlot){method, declared});
    invariant(word != 0, "a dyn without the method that is called");
    TypeId func = type_func(mono->types, MODE_BORROW, types, s->param_modes + 1, count, result);
    call_slot(&g, self, word, func, args, count);
    glue_return(&g);
    map_set(&mono->dyn_calls, key, fn->id.v);
    Text name = arena_printf(mono->jir->arena, "%.*s.%.*s", TEXT_ARG(type_text(mono->program, dyn)),
                             TEXT_ARG(decl_name(mono->program, method)));
    mono_add(mono, fn, mono_symbol_unique(mono, name));
    return fn->id;
}

void glue_drop_dyn(Glue *g, PlaceId self) {
    TypeId func = type_func(g->mono->types, MODE_BORROW, NULL, NULL, 0, glue_type(g, TY_VOID));
    call_slot(g, self, TABLE_DROP, func, NULL, 0);
}

// ---- what stands in a table ----------------------------------------------------------------------------------------

static JirFnId table_entry(Mono *mono, DynSlot slot, TypeId type) {
    DeclId method = slot.member;
    uint32_t arg_count;
    const TypeId *type_args = dyn_method_args(mono->program, slot.dyn, type, &arg_count);
    uint64_t key = pair_key(method.v, arg_count > 1 ? type_tuple(mono->types, type_args, arg_count).v : type.v);
    uint32_t known;
    if (map_get(&mono->entries, key, &known))
        return (JirFnId){known};
    const Signature *s = program_signature(mono->program, method);
    JirFn *fn = dyn_fn(mono, true);
    Glue g = {mono, mono->jir, fn, {0}};
    glue_signature(&g, method_type(mono, slot.dyn, type, s->result));
    JirArg *args = ARENA_ARRAY(mono->jir->arena, JirArg, s->param_count);
    for (uint32_t i = 1; i < s->param_count; i++) {
        ParamMode mode = (ParamMode)s->param_modes[i];
        PlaceId place = glue_param(&g, method_type(mono, slot.dyn, type, s->param_types[i]), mode_of(mode));
        args[i] = hand_on(&g, mode, place);
    }
    args[0] = hand_on(&g, (ParamMode)s->param_modes[0], env_value(&g, type));
    bool gives = type_get(mono->types, fn->locals.items[0].type)->kind != TY_VOID;
    glue_call(&g, jir_callee(mono->jir, method, true, type_args, arg_count),
              gives ? jir_place_local(fn, (LocalId){0}) : (PlaceId){0}, args, s->param_count);
    glue_return(&g);
    map_set(&mono->entries, key, fn->id.v);
    Text name = arena_printf(mono->jir->arena, "%.*s.%.*s.dyn", TEXT_ARG(type_text(mono->program, type)),
                             TEXT_ARG(decl_name(mono->program, method)));
    mono_add(mono, fn, mono_symbol_unique(mono, name));
    return fn->id;
}

void glue_dyn_drop(Glue *g, TypeId type) {
    g->fn->has_env = true;
    glue_signature(g, glue_type(g, TY_VOID));
    if (mono_needs_drop(g->mono, type)) {
        JirCallee *drop = ARENA_NEW(g->jir->arena, JirCallee);
        JirArg arg = {.kind = ARG_MUT_REF, .place = env_value(g, type)};
        drop->instance = mono_drop_deep_fn(g->mono, type);
        glue_call(g, drop, (PlaceId){0}, &arg, 1);
        vec_last(&g->fn->blocks.items[g->block.v].stmts).sub = 1;
    }
    glue_return(g);
}

uint32_t mono_table(Mono *mono, TypeId type, TypeId dyn) {
    uint64_t key = pair_key(type.v, dyn.v);
    uint32_t known;
    if (map_get(&mono->tables, key, &known))
        return known;
    Jir *jir = mono->jir;
    const TypeLayout *layout = layout_get(jir, type);
    JirTable table = {.type = type, .dyn = dyn, .size = layout->size, .align = layout->align};
    DynSlots members = {0};
    dyn_slots(mono->program, dyn, &members);
    JirSlot *slots = ARENA_ARRAY(jir->arena, JirSlot, members.count);
    for (uint32_t i = 0; i < members.count; i++) {
        if (members.items[i].member.v == 0)
            slots[i].table = mono_table(mono, type, members.items[i].dyn);
        else
            slots[i].fn = table_entry(mono, members.items[i], type);
    }
    // types without a drop share one that does nothing
    table.drop =
        mono_glue(mono, GLUE_DYN_DROP, mono_needs_drop(mono, type) ? type : type_builtin(mono->types, TY_VOID));
    table.slots = slots;
    table.slot_count = members.count;
    vec_free(&members);
    while (jir->tables.count == 0)
        vec_push(&jir->tables, (JirTable){0});
    vec_push(&jir->tables, table);
    map_set(&mono->tables, key, jir->tables.count - 1);
    return jir->tables.count - 1;
}
