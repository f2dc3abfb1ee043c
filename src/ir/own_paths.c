// Move paths, and what stands in the way of moving out of a place.
#include "ir/own.h"

// Whether a projection of a place of type `base` leads to a part that can be moved on its own.
static bool is_part(const Own *own, TypeId base, const Projection *projection) {
    switch (projection->kind) {
    case PROJ_FIELD:
    case PROJ_VARIANT: return true;
    case PROJ_CONST_INDEX: return own_kind(own, base) == TY_ARRAY;
    case PROJ_DEREF: return type_is_lang(own->program, base, LANG_BOX);
    case PROJ_INDEX: return false;
    }
    return false;
}

static uint32_t find_child(const Own *own, uint32_t path, const Projection *projection) {
    uint32_t child = own->paths.items[path].child;
    while (child != NO_PATH) {
        const MovePath *it = &own->paths.items[child];
        if (it->kind == projection->kind && it->index == projection->index)
            return child;
        child = it->sibling;
    }
    return NO_PATH;
}

void own_find_path(const Own *own, const JirPlace *place, Access *access) {
    access->path = own->local_paths[place->root];
    access->exact = access->whole = place->count == 0;
    if (access->path == NO_PATH)
        return;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        uint32_t child = find_child(own, access->path, projection);
        if (child == NO_PATH) {
            access->whole = projection->kind == PROJ_INDEX;
            return;
        }
        access->path = child;
    }
    access->exact = access->whole = true;
}

static uint32_t path_new(Own *own, MovePath path) {
    path.child = NO_PATH;
    path.sibling = NO_PATH;
    vec_push(&own->paths, path);
    return own->paths.count - 1;
}

static uint32_t path_of_local(Own *own, uint32_t local) {
    if (own->local_paths[local] == NO_PATH)
        own->local_paths[local] =
            path_new(own, (MovePath){.local = local, .parent = NO_PATH, .type = own->fn->locals.items[local].type});
    return own->local_paths[local];
}

static void add_place(Own *own, PlaceId id) {
    const JirPlace *place = jir_place(own->fn, id);
    if (place->is_global || own->fn->locals.items[place->root].mode != LOCAL_OWNED)
        return;
    uint32_t path = path_of_local(own, place->root);
    TypeId type = own->fn->locals.items[place->root].type;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        if (!is_part(own, type, projection))
            return;
        uint32_t child = find_child(own, path, projection);
        if (child == NO_PATH) {
            child = path_new(own, (MovePath){.local = place->root,
                                             .parent = path,
                                             .kind = projection->kind,
                                             .index = projection->index,
                                             .type = projection->type});
            own->paths.items[child].sibling = own->paths.items[path].child;
            own->paths.items[path].child = child;
        }
        path = child;
        type = projection->type;
    }
}

static bool is_plain(const Own *own, PlaceId place) {
    return own_class(own, jir_place_type(own->fn, place)) & CLASS_PLAIN;
}

static void add_operand(Own *own, OperandId id) {
    const JirOperand *operand = id.v ? &own->fn->operands.items[id.v] : NULL;
    if (operand && (operand->kind == OPERAND_TAKE || operand->kind == OPERAND_MOVE) && !is_plain(own, operand->place))
        add_place(own, operand->place);
}

static void add_stmt(Own *own, const JirStmt *stmt) {
    if (own->for_drops && (stmt->op == OP_DROP || stmt->op == OP_STORE) && !is_plain(own, stmt->dst))
        add_place(own, stmt->dst);
    if (stmt->op == OP_BIND && !is_plain(own, stmt->place))
        add_place(own, stmt->place);
    if (stmt->op == OP_CALL_VALUE) { // an own func is used up by its call
        TypeId func = program_callable(own->program, jir_place_type(own->fn, stmt->place));
        bool is_func = own_kind(own, jir_place_type(own->fn, stmt->place)) == TY_FUNC;
        if (func.v && !is_func && type_get(own->program->types, func)->self_mode == MODE_OWN)
            add_place(own, stmt->place);
    }
    if (stmt->op == OP_MAKE || stmt->op == OP_MAKE_VARIANT) {
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            add_operand(own, (OperandId){own->fn->operand_lists.items[stmt->args + i]});
        return;
    }
    add_operand(own, stmt->a);
    add_operand(own, stmt->b);
    if (stmt->op != OP_CALL && stmt->op != OP_CALL_VALUE && stmt->op != OP_MAKE_CLOSURE && stmt->op != OP_INTRINSIC)
        return;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &own->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE)
            add_operand(own, arg->value);
    }
}

static bool place_mentions(const Own *own, PlaceId id, uint32_t local) {
    return id.v && !own->fn->places.items[id.v].is_global && own->fn->places.items[id.v].root == local;
}

static bool operand_mentions(const Own *own, OperandId id, uint32_t local) {
    return id.v && place_mentions(own, own->fn->operands.items[id.v].place, local);
}

// Whether the statement uses the local, its destination aside.
static bool stmt_uses(const Own *own, const JirStmt *stmt, uint32_t local) {
    if (place_mentions(own, stmt->place, local) || operand_mentions(own, stmt->a, local) ||
        operand_mentions(own, stmt->b, local))
        return true;
    bool is_list = stmt->op == OP_MAKE || stmt->op == OP_MAKE_VARIANT;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        if (is_list && operand_mentions(own, (OperandId){own->fn->operand_lists.items[stmt->args + i]}, local))
            return true;
        const JirArg *arg = is_list ? NULL : &own->fn->args.items[stmt->args + i];
        if (arg && (operand_mentions(own, arg->value, local) || place_mentions(own, arg->place, local)))
            return true;
    }
    return false;
}

// The local whose storage begins here, or which is set as a whole.
static uint32_t whole_local(const Own *own, const JirStmt *stmt) {
    const JirPlace *dst = stmt->dst.v ? jir_place(own->fn, stmt->dst) : NULL;
    bool is_whole = dst && !dst->is_global && !dst->count && own->fn->locals.items[dst->root].mode == LOCAL_OWNED;
    return is_whole ? dst->root : NO_PATH;
}

// A local that is declared without a value needs a path: the first thing after the start of its storage is not that it
// is set, in the same block.
static void add_unset_locals(Own *own) {
    VecU32 pending = {0};
    for (uint32_t b = 0; b < own->fn->blocks.count; b++) {
        const JirBlock *block = &own->fn->blocks.items[b];
        pending.count = 0;
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            const JirStmt *stmt = &block->stmts.items[s];
            uint32_t local = whole_local(own, stmt);
            bool leaves = jir_unwind_target(own->fn, stmt->unwind).v != 0; // a defer may find it without a value
            for (uint32_t i = pending.count; i-- > 0;) {
                bool used = leaves || stmt_uses(own, stmt, pending.items[i]);
                if (used)
                    path_of_local(own, pending.items[i]);
                if (used || local == pending.items[i])
                    pending.items[i] = vec_pop(&pending);
            }
            if (stmt->op != OP_LIVE || local == NO_PATH)
                continue;
            vec_push(&pending, local);
            if (own->fn->locals.items[local].kind == LOCAL_LET) {
                bit_set(own->declared, local);
                path_of_local(own, local);
            }
        }
        for (uint32_t i = 0; i < pending.count; i++)
            path_of_local(own, pending.items[i]);
    }
    vec_free(&pending);
}

static uint32_t renumber(uint32_t path, const uint32_t *number) {
    return path == NO_PATH ? NO_PATH : number[path];
}

// Renumbers the paths in preorder.
static void number_paths(Own *own) {
    uint32_t count = own->paths.count;
    if (!count)
        return;
    MovePath *old = arena_copy(own->arena, own->paths.items, count * sizeof *old, _Alignof(MovePath));
    uint32_t *number = ARENA_ARRAY(own->arena, uint32_t, count);
    uint32_t next = 0;
    for (uint32_t l = 0; l < own->fn->locals.count; l++) {
        uint32_t root = own->local_paths[l], at = root;
        if (root == NO_PATH)
            continue;
        number[root] = next++;
        while (at != NO_PATH) {
            if (old[at].child != NO_PATH) {
                at = old[at].child;
            } else {
                while (at != NO_PATH && old[at].sibling == NO_PATH)
                    at = old[at].parent;
                at = at == NO_PATH ? NO_PATH : old[at].sibling;
            }
            if (at != NO_PATH)
                number[at] = next++;
        }
        own->local_paths[l] = number[root];
    }
    for (uint32_t i = 0; i < count; i++) {
        MovePath path = old[i];
        path.parent = renumber(path.parent, number);
        path.child = renumber(path.child, number);
        path.sibling = renumber(path.sibling, number);
        path.end = number[i] + 1;
        own->paths.items[number[i]] = path;
    }
    for (uint32_t i = count; i-- > 0;) {
        uint32_t parent = own->paths.items[i].parent;
        if (parent != NO_PATH && own->paths.items[parent].end < own->paths.items[i].end)
            own->paths.items[parent].end = own->paths.items[i].end;
    }
}

// Where parts of a local are moved one by one, every part that is used is told from the others: reading one is no use
// of another.
static void add_siblings(Own *own) {
    for (uint32_t i = 1; i < own->fn->places.count; i++) {
        const JirPlace *place = &own->fn->places.items[i];
        uint32_t path = place->is_global || !place->count ? NO_PATH : own->local_paths[place->root];
        if (path != NO_PATH && own->paths.items[path].child != NO_PATH)
            add_place(own, (PlaceId){i});
    }
}

bool own_drops_on_panic(const Own *own, uint32_t local) {
    const JirLocal *it = &own->fn->locals.items[local];
    if (it->mode != LOCAL_OWNED || it->is_view || (it->kind == LOCAL_CAPTURE && own->fn->self_mode != MODE_OWN))
        return false;
    return !(own_class(own, it->type) & CLASS_PLAIN);
}

// A panic drops every local that has a value, whether or not the code would come to drop it.
static void add_dropped_locals(Own *own) {
    own->chain_words = words_for(own->fn->locals.count);
    own->in_chain = ARENA_ARRAY(own->arena, Word, own->chain_words);
    for (uint32_t l = 0; l < own->fn->locals.count; l++) {
        if (!own_drops_on_panic(own, l))
            continue;
        vec_push(&own->panic_locals, l);
        add_place(own, jir_place_local(own->fn, (LocalId){l}));
    }
}

void own_find_in_chain(const Own *own, uint32_t chain) {
    memset(own->in_chain, 0, own->chain_words * sizeof(Word));
    for (uint32_t i = chain; i; i = own->fn->cleanups.items[i].parent)
        if (!own->fn->cleanups.items[i].body.v)
            bit_set(own->in_chain, own->fn->cleanups.items[i].local.v);
}

void own_build_paths(Own *own) {
    const JirFn *fn = own->fn;
    own->local_paths = ARENA_ARRAY(own->arena, uint32_t, fn->locals.count);
    memset(own->local_paths, 0xff, fn->locals.count * sizeof(uint32_t));
    own->declared = ARENA_ARRAY(own->arena, Word, words_for(fn->locals.count));
    for (uint32_t b = 0; b < fn->blocks.count; b++) {
        const JirBlock *block = &fn->blocks.items[b];
        for (uint32_t s = 0; s < block->stmts.count; s++)
            add_stmt(own, &block->stmts.items[s]);
        add_operand(own, block->term.a);
    }
    add_siblings(own);
    if (own->for_drops)
        add_dropped_locals(own);
    add_unset_locals(own);
    number_paths(own);
    own->path_words = words_for(own->paths.count);
}

static Obstacle root_obstacle(const Own *own, const JirPlace *place) {
    if (place->is_global)
        return OBSTACLE_CONSTANT;
    const JirLocal *local = &own->fn->locals.items[place->root];
    if (local->kind == LOCAL_CAPTURE && own->fn->self_mode != MODE_OWN)
        return OBSTACLE_CAPTURE;
    return local->mode == LOCAL_OWNED && !local->is_view ? OBSTACLE_NONE : OBSTACLE_BORROWED;
}

// Only a type that has the impl itself stands in the way, not one with such a part.
bool own_has_drop_impl(const Own *own, TypeId type) {
    TypeKind kind = own_kind(own, type);
    DeclId drop = own->program->lang[LANG_DROP];
    if ((kind != TY_STRUCT && kind != TY_ENUM) || !drop.v)
        return false;
    uint32_t at = impl_chain(own->program, drop, type_head(own->program, type));
    return impl_chain_next(own->program, &at).v != 0;
}

Obstacle own_obstacle(const Own *own, const JirPlace *place) {
    Obstacle obstacle = root_obstacle(own, place);
    TypeId type = place->is_global ? (TypeId){0} : own->fn->locals.items[place->root].type;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        if (projection->kind == PROJ_INDEX || projection->kind == PROJ_CONST_INDEX) {
            if (projection->kind == PROJ_INDEX || !type.v || own_kind(own, type) != TY_ARRAY)
                return OBSTACLE_ELEMENT;
        } else if (obstacle == OBSTACLE_NONE && projection->kind == PROJ_DEREF) {
            if (type_is_lang(own->program, type, LANG_SHARED))
                obstacle = OBSTACLE_SHARED;
            else if (!type_is_lang(own->program, type, LANG_BOX))
                obstacle = OBSTACLE_DEREF;
        } else if (obstacle == OBSTACLE_NONE && own_has_drop_impl(own, type)) {
            obstacle = OBSTACLE_DROP;
        }
        type = projection->type;
    }
    return type.v && type_is_lang(own->program, type, LANG_NURSERY) ? OBSTACLE_NURSERY : obstacle;
}
