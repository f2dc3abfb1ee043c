// What is there, what is gone, and what must still be dropped.
#include "calculus/internal.h"

static bool may_be_gone(const Judge *j, uint32_t path) {
    return has(gone_of(j, &j->now), path);
}

static bool may_need(const Judge *j, const State *s, uint32_t path) {
    return has(needs_of(j, s), path);
}

static void refuse_place(Judge *j, const char *rule, const char *what, PlaceId place) {
    Buffer text = {0};
    judge_write_place(j, place, &text);
    judge_refuse(j, rule, "%.*s %s", TEXT_ARG(buffer_view(&text)), what);
    vec_free(&text);
}

// The path of a place of an owned local and how much of the place it covers; NONE of others, whose owner is elsewhere.
static uint32_t owned_path(const Judge *j, const JirPlace *place, uint32_t *used) {
    *used = 0;
    if (place->is_global)
        return NONE;
    if (local_of(j, place->root)->mode != LOCAL_OWNED)
        return j->roots[place->root];
    return place_path(j, place, used);
}

static bool is_reference(const Judge *j, const JirPlace *place) {
    return !place->is_global && local_of(j, place->root)->mode != LOCAL_OWNED;
}

// ---- what is there --------------------------------------------------------------------------------------------------

static bool way_is_there(const Judge *j, uint32_t path) {
    for (; path != NONE; path = j->paths.items[path].parent)
        if (may_be_gone(j, path))
            return false;
    return true;
}

static bool below_is_there(const Judge *j, uint32_t path) {
    for (uint32_t at = path; at != NONE; at = path_next(j, path, at))
        if (may_be_gone(j, at))
            return false;
    return true;
}

static void want_there(Judge *j, PlaceId id, bool whole) {
    const JirPlace *place = jir_place(j->fn, id);
    uint32_t used, path = owned_path(j, place, &used);
    if (path == NONE)
        return;
    if (!way_is_there(j, path))
        refuse_place(j, "calc.use", "is used where it may have no value", id);
    // An index that is not constant may be any of them.
    bool covers = used == place->count || projection_of(j, place, used)->kind == PROJ_INDEX;
    if (whole && covers && !is_reference(j, place) && !below_is_there(j, path))
        refuse_place(j, "calc.use", "is used where a part of it may be gone", id);
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = projection_of(j, place, i);
        if (projection->kind == PROJ_INDEX && may_be_gone(j, j->roots[projection->index]))
            refuse_place(j, "calc.use", "has an index without a value", id);
    }
}

void owners_read(Judge *j, PlaceId place) {
    want_there(j, place, true);
}

void owners_shell(Judge *j, PlaceId place) {
    want_there(j, place, false);
}

// ---- what is gone ---------------------------------------------------------------------------------------------------

static void set_below(Judge *j, State *s, uint32_t path, bool there) {
    for (uint32_t at = path; at != NONE; at = path_next(j, path, at))
        state_set_path(j, s, at, there, there && j->paths.items[at].droppable);
}

static uint32_t child_of(const Judge *j, uint32_t path, ProjKind kind, uint32_t index) {
    uint32_t child = j->paths.items[path].child;
    while (child != NONE && (j->paths.items[child].kind != kind || j->paths.items[child].index != index))
        child = j->paths.items[child].sibling;
    return child;
}

static bool part_needs(const Judge *j, const State *s, uint32_t path, ProjKind kind, uint32_t index, TypeId type) {
    if (!(class_of(j, type) & CLASS_NEEDS_DROP))
        return false;
    uint32_t child = child_of(j, path, kind, index);
    return child == NONE || may_need(j, s, child);
}

static bool fields_need(const Judge *j, const State *s, uint32_t path, TypeId type, uint32_t variant) {
    for (uint32_t i = 0; i < shape_field_count(j->program, type, variant); i++)
        if (part_needs(j, s, path, PROJ_FIELD, i, shape_field_type(j->program, type, variant, i)))
            return true;
    return false;
}

static bool has_variants(TypeKind kind) {
    return kind == TY_ENUM || kind == TY_OPTIONAL || kind == TY_RESULT || type_kind_is_error(kind);
}

// Whether something of the value may still need its drop, judged by its parts alone.
static bool parts_need(const Judge *j, const State *s, uint32_t path) {
    const Path *it = &j->paths.items[path];
    const Type *type = type_get(j->program->types, it->type);
    if (type_is_lang(j->program, it->type, LANG_BOX)) // its memory
        return true;
    if (it->kind == PROJ_VARIANT && it->parent != NONE && j->paths.items[it->parent].type.v == it->type.v)
        return fields_need(j, s, path, it->type, it->index);
    if (has_variants(type->kind)) {
        // What is gone from a variant tells that it was this one: its other parts are all there is.
        for (uint32_t v = it->child; v != NONE; v = j->paths.items[v].sibling)
            if (!may_need(j, s, v))
                return false;
        return true;
    }
    if (type->kind == TY_ARRAY) {
        for (uint32_t i = 0; i < type->count; i++)
            if (part_needs(j, s, path, PROJ_CONST_INDEX, i, type->args[0]))
                return true;
        return false;
    }
    return (type->kind != TY_STRUCT && type->kind != TY_TUPLE) || fields_need(j, s, path, it->type, 0);
}

// Once all parts that need a drop are gone, so is what the value needs.
void owners_settle(Judge *j, State *s, uint32_t path) {
    for (uint32_t at = j->paths.items[path].parent; at != NONE; at = j->paths.items[at].parent) {
        if (!may_need(j, s, at) || parts_need(j, s, at))
            return;
        for (uint32_t below = at; below != NONE; below = path_next(j, at, below))
            put(needs_of(j, s), below, false);
    }
}

void owners_gone(Judge *j, State *s, uint32_t path) {
    set_below(j, s, path, false);
    owners_settle(j, s, path);
}

void owners_assume_variant(Judge *j, State *s, uint32_t path, uint32_t variant) {
    TypeId type = j->paths.items[path].type;
    for (uint32_t i = 0; i < shape_field_count(j->program, type, variant); i++)
        if (class_of(j, shape_field_type(j->program, type, variant, i)) & CLASS_NEEDS_DROP)
            return;
    for (uint32_t below = path; below != NONE; below = path_next(j, path, below))
        put(needs_of(j, s), below, false);
    owners_settle(j, s, path);
}

static void set_there(Judge *j, uint32_t path, bool owns) {
    set_below(j, &j->now, path, true);
    for (uint32_t at = path; !owns && at != NONE; at = path_next(j, path, at))
        put(needs_of(j, &j->now), at, false);
    if (!owns || !j->paths.items[path].droppable)
        return;
    for (uint32_t at = j->paths.items[path].parent; at != NONE; at = j->paths.items[at].parent)
        put(needs_of(j, &j->now), at, true);
}

// ---- moves ----------------------------------------------------------------------------------------------------------

// Why the place cannot be taken out of where it is; NULL if it can.
static const char *move_obstacle(const Judge *j, const JirPlace *place) {
    if (place->is_global)
        return "is a constant";
    const JirLocal *root = local_of(j, place->root);
    if (root->mode != LOCAL_OWNED)
        return "is only borrowed";
    if (!is_ours(j, place->root))
        return "is captured by a closure that may be called again";
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = projection_of(j, place, i);
        if (!is_part(j, base_type(j, place, i), projection))
            return "is an element, or behind a pointer";
    }
    return NULL;
}

// A part of a value with an impl of Drop stays with it.
static bool has_own_drop(const Judge *j, TypeId type) {
    ImplMatch match;
    DeclId drop = j->program->lang[LANG_DROP];
    TypeKind kind = kind_of(j, type);
    if (!drop.v || (kind != TY_STRUCT && kind != TY_ENUM) || type_is_lang(j->program, type, LANG_BOX))
        return false;
    return program_find_impl(j->program, type, drop, NULL, 0, &match) == MATCH_YES;
}

static bool breaks_drop(const Judge *j, const JirPlace *place) {
    for (uint32_t i = 0; i < place->count; i++)
        if (has_own_drop(j, base_type(j, place, i)))
            return true;
    return false;
}

static bool take_out(Judge *j, const char *rule, PlaceId id) {
    const JirPlace *place = jir_place(j->fn, id);
    const char *obstacle = move_obstacle(j, place);
    if (!obstacle && breaks_drop(j, place))
        obstacle = "is part of a value with Drop";
    if (obstacle) {
        refuse_place(j, rule, obstacle, id);
        return false;
    }
    return true;
}

void owners_move(Judge *j, PlaceId id) {
    if (!take_out(j, "calc.move", id))
        return;
    owners_read(j, id);
    uint32_t used, path = place_path(j, jir_place(j->fn, id), &used);
    owners_gone(j, &j->now, path);
}

void owners_drop(Judge *j, PlaceId id) {
    const JirPlace *place = jir_place(j->fn, id);
    if (!take_out(j, "calc.drop", id))
        return;
    uint32_t used, path = place_path(j, place, &used);
    if (!j->paths.items[path].droppable)
        return;
    if (!way_is_there(j, path) || !below_is_there(j, path))
        refuse_place(j, "calc.drop", "is dropped where it, or a part of it, may be gone", id);
    owners_gone(j, &j->now, path);
}

// ---- assignments ----------------------------------------------------------------------------------------------------

// A `let` that is declared without a value is given one once.
static bool is_set_once(const Judge *j, const JirPlace *place) {
    return !place->count && j->declared[place->root];
}

// What raw memory held before is the matter of who made it raw.
static bool is_raw(const Judge *j, const JirPlace *place) {
    for (uint32_t i = 0; i < place->count; i++)
        if (projection_of(j, place, i)->kind == PROJ_DEREF && kind_of(j, base_type(j, place, i)) == TY_POINTER)
            return true;
    return false;
}

void owners_set(Judge *j, PlaceId id, bool owns) {
    static const char rule[] = "calc.set";
    const JirPlace *place = jir_place(j->fn, id);
    uint32_t used, path = owned_path(j, place, &used);
    if (path == NONE) {
        refuse_place(j, rule, "is a constant", id);
        return;
    }
    if (is_reference(j, place)) {
        owners_shell(j, id);
        if (!is_plain(j, place->type) && !is_raw(j, place))
            refuse_place(j, rule, "is set, but what is behind it is not dropped", id);
        return;
    }
    if (used < place->count) {
        owners_shell(j, id);
        if (!is_plain(j, place->type) && !is_raw(j, place))
            refuse_place(j, rule, "is set, but its old value is not dropped", id);
        return;
    }
    if (j->paths.items[path].parent != NONE && !way_is_there(j, j->paths.items[path].parent))
        refuse_place(j, rule, "is set in what may have no value", id);
    if (may_need(j, &j->now, path))
        refuse_place(j, rule, "is set where its old value may still need a drop", id);
    if (is_set_once(j, place) && has(there_of(j, &j->now), path))
        refuse_place(j, "calc.let", "is set where it may have a value", id);
    set_there(j, path, owns);
}

void owners_store(Judge *j, PlaceId id, bool owns) {
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global) {
        refuse_place(j, "calc.set", "is a constant", id);
        return;
    }
    want_there(j, id, true);
    if (is_set_once(j, place))
        refuse_place(j, "calc.let", "is assigned a second time", id);
    uint32_t used, path = owned_path(j, place, &used);
    if (!is_reference(j, place) && used == place->count)
        set_there(j, path, owns);
}

// ---- storage --------------------------------------------------------------------------------------------------------

static void want_nothing_left(Judge *j, const char *rule, uint32_t local) {
    if (may_need(j, &j->now, j->roots[local]))
        judge_refuse(j, rule, "_%u may still have a value that needs a drop", local);
}

void owners_live(Judge *j, uint32_t local) {
    want_nothing_left(j, "calc.storage", local);
    set_below(j, &j->now, j->roots[local], false);
}

void owners_dead(Judge *j, uint32_t local) {
    want_nothing_left(j, "calc.storage", local);
    set_below(j, &j->now, j->roots[local], false);
}

void owners_begin(Judge *j) {
    for (uint32_t l = 1; l < j->fn->locals.count && is_given(j, l); l++) {
        set_below(j, &j->now, j->roots[l], true);
        for (uint32_t at = j->roots[l]; !is_ours(j, l) && at != NONE; at = path_next(j, j->roots[l], at))
            put(needs_of(j, &j->now), at, false);
    }
}

void owners_leave(Judge *j, const State *s, bool by_panic) {
    for (uint32_t l = by_panic ? 0 : 1; l < j->fn->locals.count; l++) {
        if (may_need(j, s, j->roots[l]))
            judge_refuse(j, "calc.leave", "_%u may still need a drop where %s", l,
                         by_panic ? "a panic leaves the function" : "the function returns");
        if (is_given(j, l) && !is_ours(j, l) && may_be_gone(j, j->roots[l]))
            judge_refuse(j, "calc.leave", "_%u, which is lent, may be gone", l);
    }
    TypeKind kind = kind_of(j, local_of(j, 0)->type);
    if (!by_panic && kind != TY_VOID && kind != TY_NEVER && may_be_gone(j, j->roots[0]))
        judge_refuse(j, "calc.leave", "the result may have no value");
}

// ---- the memory of a Box --------------------------------------------------------------------------------------------

// The path of the Box whose pointer the operand reads, if the content of the Box is gone.
static uint32_t emptied_box(const Judge *j, OperandId id) {
    const JirOperand *operand = id.v ? &j->fn->operands.items[id.v] : NULL;
    if (!operand || operand->kind != OPERAND_COPY || kind_of(j, jir_place_type(j->fn, operand->place)) != TY_POINTER)
        return NONE;
    const JirPlace *place = jir_place(j->fn, operand->place);
    if (is_reference(j, place) || place->is_global || !place->count)
        return NONE;
    uint32_t used, path = place_path(j, place, &used);
    if (used + 1 != place->count || !type_is_lang(j->program, j->paths.items[path].type, LANG_BOX))
        return NONE;
    uint32_t content = child_of(j, path, PROJ_DEREF, 0);
    return content != NONE && !may_need(j, &j->now, content) ? path : NONE;
}

bool owners_take_box(Judge *j, const JirStmt *stmt) {
    uint32_t box = stmt->op == OP_SET ? emptied_box(j, stmt->a) : NONE;
    if (box == NONE)
        return false;
    const JirPlace *dst = jir_place(j->fn, stmt->dst);
    if (dst->is_global || dst->count || !way_is_there(j, box))
        return false;
    owners_gone(j, &j->now, box);
    state_set_path(j, &j->now, j->roots[dst->root], true, true);
    return true;
}

bool owners_free_box(Judge *j, const JirStmt *stmt) {
    if (stmt->op != OP_INTRINSIC || stmt->number != INTRINSIC_mem_free || !stmt->arg_count)
        return false;
    OperandId address = j->fn->args.items[stmt->args].value;
    const JirOperand *operand = &j->fn->operands.items[address.v];
    uint32_t box = emptied_box(j, address);
    if (box != NONE && way_is_there(j, box)) {
        owners_gone(j, &j->now, box);
        return true;
    }
    if (operand->kind != OPERAND_COPY)
        return false;
    const JirPlace *place = jir_place(j->fn, operand->place);
    if (place->is_global || place->count || !may_need(j, &j->now, j->roots[place->root]))
        return false;
    put(needs_of(j, &j->now), j->roots[place->root], false);
    return true;
}
