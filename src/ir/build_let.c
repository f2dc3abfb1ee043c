// Bindings: let, var, mut.
#include "ir/build_internal.h"

static SymbolId binder_name(Build *b, NodeId binder) {
    return ast_symbol(b->ast, ast_pat_bind(b->ast, binder).name);
}

bool may_be_lent_func(Build *b, PlaceId id) {
    const JirPlace *place = jir_place(b->fn, id);
    if (place->is_global || kind_of(b, place->type) != TY_FUNC)
        return false;
    if (place->count)
        return b->fn->projections.items[place->first + place->count - 1].kind == PROJ_DEREF;
    return local_is_lent_func(b, jir_local(b->fn, (LocalId){place->root}));
}

void bind_place(Build *b, LocalId local, PlaceId place) {
    jir_local(b->fn, local)->is_lent = may_be_lent_func(b, place);
    PlaceId dst = jir_place_local(b->fn, local);
    if (type_is_plain(b, jir_place_type(b->fn, place))) {
        emit_set(b, dst, copy(b, place));
        return;
    }
    JirStmt *stmt = emit(b, OP_BIND);
    stmt->dst = dst;
    stmt->place = place;
}

// A func value refers to the closure it was made of, which then lives as long as the variable.
static void keep_closures(Build *b, uint32_t mark) {
    for (uint32_t i = mark; i < b->entries.count; i++) {
        Entry *entry = &b->entries.items[i];
        if (entry->kind == ENTRY_LOCAL && kind_of(b, jir_local(b->fn, entry->local)->type) == TY_CLOSURE)
            entry->is_temp = false;
    }
}

// var a = e, let a = e: the value goes right into the variable; of a place, `let` binds and `var` takes.
static void bind_name(Build *b, NodeId binder, NodeId value, bool is_var) {
    TypeId want = fact_wanted(b, value), type = fact_type(b, value);
    bool coerces = want.v && want.v != type.v;
    bool unboxes = coerces && box_item(b, type).v && kind_of(b, want) != TY_OPTIONAL && kind_of(b, want) != TY_REF;
    LocalKind kind = is_var ? LOCAL_VAR : LOCAL_LET;
    if (node_is_place(b, value) && !node_const(b, value).v && (!coerces || unboxes)) {
        PlaceId place = build_place(b, value);
        LocalId local =
            local_declare(b, binder, binder_name(b, binder), jir_place_type(b->fn, place), LOCAL_OWNED, kind);
        token_at(b, binder);
        if (is_var)
            emit_set(b, jir_place_local(b->fn, local), take(b, place));
        else
            bind_place(b, local, place);
        local_register(b, local);
        return;
    }
    TypeId own = coerces ? want : type;
    if (kind_of(b, own) == TY_NEVER) {
        build_effect(b, value);
        return;
    }
    LocalId local = local_declare(b, binder, binder_name(b, binder), own, LOCAL_OWNED, kind);
    uint32_t mark = b->entries.count;
    // A closure of a local borrows, but for an `own func`.
    if (coerces && kind_of(b, own) == TY_FUNC && kind_of(b, type) == TY_CLOSURE &&
        type_of(b, own)->self_mode != MODE_OWN) {
        func_view_into(b, value, jir_place_local(b->fn, local));
        keep_closures(b, mark);
        local_register(b, local);
        return;
    }
    build_into(b, value, type_is_void(b, own) ? (PlaceId){0} : jir_place_local(b->fn, local));
    keep_closures(b, mark);
    local_register(b, local);
}

static bool is_view(Build *b, TypeId type) {
    const Type *t = type_of(b, type);
    for (uint32_t i = 0; t->kind == TY_TUPLE && i < t->arg_count; i++)
        if (!is_view(b, t->args[i]))
            return false;
    return t->kind == TY_TUPLE || type_is_lang(b->program, type, LANG_SLICE);
}

// A slice that is made where a `mut` name is bound to it, or several in a tuple, lives as long as that.
static void keep_views(Build *b, uint32_t mark) {
    for (uint32_t i = mark; i < b->entries.count; i++) {
        Entry *entry = &b->entries.items[i];
        if (entry->kind == ENTRY_LOCAL && is_view(b, jir_local(b->fn, entry->local)->type))
            entry->is_temp = false;
    }
}

// A pattern takes apart what stands at a place; a value first gets one.
static void bind_pattern(Build *b, NodeId n, AstLet let, bool is_var) {
    uint32_t begin = b->entries.count;
    PlaceId place = build_place(b, let.value);
    if (!let.else_block.v) {
        build_pattern(b, let.pattern, place, NULL, is_var);
        keep_views(b, begin);
        return;
    }
    BlockId fail = block_new(b), join = block_new(b);
    uint32_t mark = b->entries.count;
    build_pattern(b, let.pattern, place, &fail, is_var);
    block_goto(b, join);
    block_start(b, fail);
    // What the pattern bound is not there on this way.
    uint32_t bound = b->entries.count - mark;
    Entry *saved = arena_copy(b->arena, b->entries.items + mark, bound * sizeof(Entry) + 1, _Alignof(Entry));
    b->entries.count = mark;
    token_at(b, n);
    build_block(b, let.else_block, (PlaceId){0});
    if (!b->is_dead)
        jir_unreachable(b->fn, b->block, b->token);
    block_end(b);
    for (uint32_t i = 0; i < bound; i++)
        vec_push(&b->entries, saved[i]);
    block_start(b, join);
}

void build_let(Build *b, NodeId n) {
    AstLet let = ast_let(b->ast, n);
    bool is_var = ast_kind(b->ast, n) == NODE_VAR;
    NodeKind kind = ast_kind(b->ast, let.pattern);
    bool is_name = kind == NODE_PAT_BIND && !ast_pat_bind(b->ast, let.pattern).pattern.v;
    if (!let.value.v) {
        LocalId local = local_declare(b, let.pattern, binder_name(b, let.pattern), fact_type(b, let.pattern),
                                      LOCAL_OWNED, is_var ? LOCAL_VAR : LOCAL_LET);
        emit(b, OP_LIVE)->dst = jir_place_local(b->fn, local); // from here on it has no value, in a loop each time
        local_register(b, local);
    } else if (is_name && !let.else_block.v && !ast_pat_bind(b->ast, let.pattern).is_mut) {
        bind_name(b, let.pattern, let.value, is_var);
    } else if (kind == NODE_PAT_WILD) {
        build_effect(b, let.value);
    } else {
        bind_pattern(b, n, let, is_var);
    }
}

// mut b = place
void build_mut_bind(Build *b, NodeId n) {
    AstLet let = ast_let(b->ast, n);
    uint32_t mark = b->entries.count;
    PlaceId place = build_place(b, let.value);
    LocalId local = local_declare(b, let.pattern, binder_name(b, let.pattern), jir_place_type(b->fn, place),
                                  LOCAL_MUT_REF, LOCAL_LET);
    emit_ref(b, jir_place_local(b->fn, local), place, true);
    keep_views(b, mark);
}
