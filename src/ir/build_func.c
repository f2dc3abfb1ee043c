// Function values: views of closures that live elsewhere, and values that own what they captured.
#include "ir/build_internal.h"
#include "ir/layout.h"

static void emit_func(Build *b, PlaceId dst, PlaceId from) {
    JirStmt *stmt = emit(b, OP_CAST);
    stmt->dst = dst;
    stmt->a = copy(b, from);
}

bool local_is_lent_func(Build *b, const JirLocal *local) {
    return kind_of(b, local->type) == TY_FUNC && (local->mode != LOCAL_OWNED || local->is_view || local->is_lent);
}

void func_view_into(Build *b, NodeId n, PlaceId dst) {
    PlaceId from = raw_place(b, n);
    mark_lent(b, from);
    jir_local(b->fn, (LocalId){jir_place(b->fn, dst)->root})->is_view = true;
    emit_func(b, dst, from);
}

PlaceId build_func_view(Build *b, NodeId n, TypeId want) {
    PlaceId temp = temp_new(b, want);
    func_view_into(b, n, temp);
    temp_register(b, temp);
    return temp;
}

static PlaceId kept_closure(Build *b, NodeId n) {
    if (ast_kind(b->ast, n) != NODE_CLOSURE)
        return raw_place(b, n);
    PlaceId closure = temp_new(b, fact_type(b, n));
    build_closure(b, n, closure, CAPTURE_KEPT);
    return closure;
}

// The closure moves into memory of its own, where it captured something.
void func_kept_into(Build *b, NodeId n, PlaceId dst) {
    PlaceId closure = kept_closure(b, n);
    TypeId type = jir_place_type(b->fn, closure);
    const JirFn *fn = closure_body(b->jir, type);
    if (!fn->capture_count) {
        emit_func(b, dst, closure);
        return;
    }
    token_at(b, n);
    bool spends = type_of(b, program_callable(b->program, type))->self_mode == MODE_OWN;
    PlaceId kept = temp_new(b, type_unary(b->types, TY_POINTER, type));
    OperandId value = temp_value(b, closure);
    JirArg args[] = {arg_value(value), arg_value(const_bool(b, spends))};
    call_lang(b, LANG_CLOSURE_KEEP, &type, 1, args, 2, kept);
    emit_func(b, dst, place_deref(b, kept, type));
}
