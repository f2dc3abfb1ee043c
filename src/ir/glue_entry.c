// The function around a main or test that may fail: it reports the error that comes out.
#include "ir/mono_internal.h"

JirFnId mono_entry(Mono *mono, JirFnId root) {
    if (!root.v)
        return root;
    JirFn *inner = jir_fn(mono->jir, root);
    const Type *result = type_get(mono->types, inner->locals.items[0].type);
    if (result->kind != TY_RESULT)
        return root;
    TypeId type = inner->locals.items[0].type, error = result->args[0];
    JirFn *fn = jir_fn_new(mono->jir);
    fn->is_glue = true;
    fn->module = inner->module;
    Glue g = {mono, mono->jir, fn, {0}};
    glue_signature(&g, glue_type(&g, TY_VOID));
    PlaceId value = glue_temp(&g, type), nothing = glue_temp(&g, glue_type(&g, TY_VOID));
    JirCallee *callee = ARENA_NEW(mono->jir->arena, JirCallee);
    callee->decl = inner->decl;
    callee->instance = root;
    glue_call(&g, callee, value, NULL, 0);
    BlockId *blocks = glue_switch(&g, value, 2);
    g.block = blocks[0];
    glue_return(&g);
    g.block = blocks[1];
    JirArg arg = {.kind = ARG_VALUE, .value = glue_move_of(&g, glue_payload(&g, value, 1, 0, error))};
    glue_call(&g, jir_callee(mono->jir, mono->program->lang[LANG_REPORT_ERROR], false, &error, 1), nothing, &arg, 1);
    glue_return(&g);
    mono_add(mono, fn, mono_symbol_unique(mono, arena_printf(mono->jir->arena, "%s.entry", inner->symbol)));
    return fn->id;
}
