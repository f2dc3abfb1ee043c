// Paths, and what places go through.
#include "calculus/internal.h"

// ---- types ----------------------------------------------------------------------------------------------------------

static bool is_number_param(const Judge *j, TypeId type) {
    TypeKind kind = kind_of(j, type);
    if ((kind != TY_PARAM && kind != TY_ASSOC) || !j->fn->decl.v)
        return false;
    const Signature *signature = program_signature(j->program, j->fn->decl);
    DeclId numeric = j->program->lang[LANG_NUMBER];
    for (uint32_t i = 0; signature && numeric.v && i < signature->bound_count; i++) {
        const Bound *bound = &signature->bounds[i];
        if (bound->type.v == type.v && bound->trait.v && trait_has_super(j->program, bound->trait, numeric))
            return true;
    }
    return false;
}

uint32_t class_of(const Judge *j, TypeId type) {
    return is_number_param(j, type) ? CLASS_PLAIN | CLASS_CHEAP : type_class(j->program, type);
}

bool type_borrows(const Judge *j, TypeId type) {
    return type_get(j->program->types, type)->flags & TYPE_HAS_REF || class_of(j, type) & CLASS_VIEW;
}

bool is_given(const Judge *j, uint32_t local) {
    return local > 0 && local <= j->fn->param_count + j->fn->capture_count;
}

bool is_ours(const Judge *j, uint32_t local) {
    const JirLocal *it = local_of(j, local);
    return it->mode == LOCAL_OWNED && (it->kind != LOCAL_CAPTURE || j->fn->self_mode == MODE_OWN);
}

// ---- places ---------------------------------------------------------------------------------------------------------

TypeId base_type(const Judge *j, const JirPlace *place, uint32_t i) {
    if (i)
        return projection_of(j, place, i - 1)->type;
    return place->is_global ? (TypeId){0} : local_of(j, place->root)->type;
}

bool is_part(const Judge *j, TypeId base, const Projection *projection) {
    switch (projection->kind) {
    case PROJ_FIELD:
    case PROJ_VARIANT: return true;
    case PROJ_CONST_INDEX: return kind_of(j, base) == TY_ARRAY;
    case PROJ_DEREF: return type_is_lang(j->program, base, LANG_BOX);
    case PROJ_INDEX: return false;
    }
    return false;
}

bool is_whole_reference(const Judge *j, PlaceId id) {
    const JirPlace *place = jir_place(j->fn, id);
    return !place->is_global && !place->count && local_of(j, place->root)->mode != LOCAL_OWNED;
}

uint32_t deref_depth(const Judge *j, const JirPlace *place) {
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = projection_of(j, place, i);
        TypeId base = base_type(j, place, i);
        bool is_item = projection->kind == PROJ_INDEX || projection->kind == PROJ_CONST_INDEX;
        if (projection->kind == PROJ_DEREF && base.v && !type_is_boxed(j->program, base))
            return i;
        if (is_item && base.v && type_is_lang(j->program, base, LANG_SLICE))
            return i;
    }
    return NONE;
}

bool places_overlap(const Judge *j, const JirPlace *a, const JirPlace *b) {
    if (a->is_global || b->is_global || a->root != b->root)
        return false;
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        const Projection *p = projection_of(j, a, i), *q = projection_of(j, b, i);
        bool is_constant = p->kind == PROJ_FIELD || p->kind == PROJ_CONST_INDEX;
        if (p->kind == q->kind && is_constant && p->index != q->index)
            return false;
    }
    return true;
}

// ---- paths ----------------------------------------------------------------------------------------------------------

static uint32_t find_child(const Judge *j, uint32_t path, const Projection *projection) {
    uint32_t child = j->paths.items[path].child;
    while (child != NONE) {
        const Path *it = &j->paths.items[child];
        if (it->kind == projection->kind && it->index == projection->index)
            break;
        child = it->sibling;
    }
    return child;
}

uint32_t place_path(const Judge *j, const JirPlace *place, uint32_t *used) {
    uint32_t path = j->roots[place->root];
    *used = 0;
    while (*used < place->count) {
        uint32_t child = find_child(j, path, projection_of(j, place, *used));
        if (child == NONE)
            break;
        path = child;
        ++*used;
    }
    return path;
}

uint32_t path_next(const Judge *j, uint32_t top, uint32_t path) {
    if (j->paths.items[path].child != NONE)
        return j->paths.items[path].child;
    while (path != top && j->paths.items[path].sibling == NONE)
        path = j->paths.items[path].parent;
    return path == top ? NONE : j->paths.items[path].sibling;
}

static uint32_t add_path(Judge *j, Path path) {
    path.child = NONE;
    path.droppable = class_of(j, path.type) & CLASS_NEEDS_DROP;
    vec_push(&j->paths, path);
    return j->paths.count - 1;
}

static void add_place(Judge *j, PlaceId id) {
    if (!id.v)
        return;
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global || local_of(j, place->root)->mode != LOCAL_OWNED || is_plain(j, place->type))
        return;
    uint32_t path = j->roots[place->root];
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = projection_of(j, place, i);
        if (!is_part(j, base_type(j, place, i), projection))
            return;
        uint32_t child = find_child(j, path, projection);
        if (child == NONE) {
            child = add_path(j, (Path){.local = place->root,
                                       .parent = path,
                                       .sibling = j->paths.items[path].child,
                                       .kind = projection->kind,
                                       .index = projection->index,
                                       .type = projection->type});
            j->paths.items[path].child = child;
        }
        path = child;
    }
}

static void add_operand(Judge *j, OperandId id) {
    const JirOperand *operand = id.v ? &j->fn->operands.items[id.v] : NULL;
    if (operand && operand->kind == OPERAND_MOVE)
        add_place(j, operand->place);
}

static void add_stmt(Judge *j, const JirStmt *stmt) {
    if (stmt->op == OP_LIVE && local_of(j, jir_place(j->fn, stmt->dst)->root)->kind == LOCAL_LET)
        j->declared[jir_place(j->fn, stmt->dst)->root] =
            local_of(j, jir_place(j->fn, stmt->dst)->root)->mode == LOCAL_OWNED;
    add_place(j, stmt->dst);
    add_operand(j, stmt->a);
    add_operand(j, stmt->b);
    if (stmt->op == OP_CALL_VALUE)
        add_place(j, stmt->place);
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        if (stmt->op == OP_MAKE || stmt->op == OP_MAKE_VARIANT)
            add_operand(j, (OperandId){j->fn->operand_lists.items[stmt->args + i]});
        else
            add_operand(j, j->fn->args.items[stmt->args + i].value);
    }
}

// Each local has a path, and so has each part that something is moved out of, dropped or set.
void places_find(Judge *j) {
    const JirFn *fn = j->fn;
    j->roots = ARENA_ARRAY(j->arena, uint32_t, fn->locals.count);
    j->flag_numbers = ARENA_ARRAY(j->arena, uint32_t, fn->locals.count);
    j->declared = ARENA_ARRAY(j->arena, bool, fn->locals.count);
    j->holders = ARENA_ARRAY(j->arena, bool, fn->locals.count);
    for (uint32_t l = 0; l < fn->locals.count; l++) {
        const JirLocal *local = local_of(j, l);
        j->roots[l] = add_path(j, (Path){.local = l, .parent = NONE, .sibling = NONE, .type = local->type});
        if (local->mode != LOCAL_OWNED)
            j->paths.items[j->roots[l]].droppable = false;
        j->flag_numbers[l] = local->kind == LOCAL_FLAG ? j->flags.count : NONE;
        if (local->kind == LOCAL_FLAG)
            vec_push(&j->flags, l);
        j->holders[l] =
            type_borrows(j, local->type) || local->is_view || (local->mode != LOCAL_OWNED && !is_given(j, l));
    }
    for (uint32_t b = 0; b < fn->blocks.count; b++) {
        const JirBlock *block = &fn->blocks.items[b];
        for (uint32_t s = 0; s < block->stmts.count; s++)
            add_stmt(j, &block->stmts.items[s]);
        add_operand(j, block->term.a);
    }
    j->words = words_of(j->paths.count);
    j->flag_words = words_of(2 * j->flags.count);
    j->state_words = 3 * j->words + 2 * j->flag_words + j->paths.count * j->flag_words;
}
