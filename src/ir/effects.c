// The effects of functions: a least fixed point over what each calls.
#include "ir/effects.h"
#include "astdb/impls.h"
#include "astdb/task_facts.h"
#include "ir/layout.h"

enum { NEED_LIMIT = 200, DEPTH_LIMIT = 200, ALL_EFFECTS = (1u << ORDER_END) - 1 };

// A method of a trait whose impl depends on type parameters of the function: args[0] is the type it is called on.
typedef struct {
    DeclId method;
    const TypeId *args;
    uint32_t count;
    bool is_shielded; // called behind shields only
} Need;

typedef struct Summary {
    DeclId decl;
    uint32_t bits;
    VEC(Need) edges; // what the body calls; `method` is any function
    VEC(Need) needs;
    VecU32 users; // DeclIds whose effects include these
    bool is_waiting;
} Summary;

struct Effects {
    Jir *jir;
    Program *program;
    EffectsDemand demand;
    void *context;
    VEC(Summary *) by_decl; // NULL: not asked for
    VecU32 work;
    bool is_shielded; // the statement at hand
    MapU64 seen;      // what was applied to the summary at hand: method and tuple of its arguments
};

static uint32_t bit(uint32_t effect) {
    return 1u << effect;
}

// ---- what one body does ---------------------------------------------------------------------------------------------

static void add_edge(Effects *e, Summary *s, DeclId method, const TypeId *args, uint32_t count) {
    for (uint32_t i = 0; i < s->edges.count; i++) {
        Need *known = &s->edges.items[i];
        if (known->method.v != method.v || known->count != count ||
            (count > 0 && memcmp(known->args, args, count * sizeof *args) != 0))
            continue;
        known->is_shielded &= e->is_shielded;
        return;
    }
    args = arena_copy(e->jir->arena, args, count * sizeof *args, _Alignof(TypeId));
    vec_push(&s->edges, (Need){method, args, count, e->is_shielded});
}

static DeclId trait_method(const Program *p, LangItem trait) {
    const Trait *row = p->traits[p->lang[trait].v];
    for (uint32_t i = 0; row && i < row->member_count; i++)
        if (program_decl(p, row->members[i])->kind == DECL_FUNC)
            return row->members[i];
    internal_error("a trait of the library has no method: lang item %d", (int)trait);
}

static void add_drop(Effects *e, Summary *s, TypeId type) {
    if (type_class(e->program, type) & CLASS_NEEDS_DROP)
        add_edge(e, s, trait_method(e->program, LANG_DROP), &type, 1);
}

// A call through the table of a dyn adds nothing: who makes a dyn is charged with all that stands in its table.
static void add_table(Effects *e, Summary *s, TypeId from, TypeId dyn) {
    while (type_get(e->program->types, from)->kind == TY_REF)
        from = type_get(e->program->types, from)->args[0];
    if (type_get(e->program->types, from)->kind == TY_DYN)
        return;
    DynSlots slots = {0};
    dyn_slots(e->program, dyn, &slots);
    for (uint32_t i = 0; i < slots.count; i++) {
        uint32_t count;
        const TypeId *args = dyn_method_args(e->program, slots.items[i].dyn, from, &count);
        if (slots.items[i].member.v) // what a table leads to has slots here, too
            add_edge(e, s, slots.items[i].member, args, count);
    }
    vec_free(&slots);
    add_drop(e, s, from);
}

static void add_ref(Effects *e, Summary *s, const JirFn *fn, const JirStmt *stmt) {
    const Type *to = type_get(e->program->types, jir_place_type(fn, stmt->dst));
    if (to->kind == TY_REF && type_get(e->program->types, to->args[0])->kind == TY_DYN)
        add_table(e, s, jir_place_type(fn, stmt->place), to->args[0]);
}

static void add_cast(Effects *e, Summary *s, const JirFn *fn, const JirStmt *stmt) {
    TypeId from = jir_operand_type(fn, stmt->a), to = jir_place_type(fn, stmt->dst);
    const Types *types = e->program->types;
    if (type_get(types, from)->kind <= TY_F64)
        s->bits |= bit(EFFECT_PANIC); // of numbers; a closure becomes a function value quietly
    else if (type_is_lang(e->program, to, LANG_BOX))
        add_table(e, s, type_get(types, from)->args[0], type_get(types, to)->args[0]);
}

// Looking whether something is there does not suspend.
static void add_next(Summary *s, const JirFn *fn, const JirStmt *stmt) {
    uint64_t how = fn->operands.items[fn->args.items[stmt->args + 1].value.v].low;
    if (how != NEXT_REST)
        s->bits |= bit(ORDER_CHANNEL);
    if (how <= NEXT_FOR_A_TIME)
        s->bits |= bit(EFFECT_SUSPEND) | bit(EFFECT_PANIC);
}

static bool has_timeout(const JirFn *fn, const JirStmt *stmt) {
    const JirOperand *span = &fn->operands.items[fn->args.items[stmt->args].value.v];
    return span->kind != OPERAND_CONST || span->low != UINT64_MAX;
}

// What it gives, or leaves behind, is a matter of which task came first.
static void add_order(Summary *s, const JirFn *fn, const JirStmt *stmt) {
    switch (stmt->number) {
    case INTRINSIC_chan_send:
    case INTRINSIC_chan_try_send:
    case INTRINSIC_chan_recv:
    case INTRINSIC_chan_close:
    case INTRINSIC_chan_is_closed:
    case INTRINSIC_chan_len: s->bits |= bit(ORDER_CHANNEL); break;
    case INTRINSIC_select_wait: s->bits |= bit(ORDER_SELECT); break;
    case INTRINSIC_mutex_lock:
    case INTRINSIC_mutex_try_lock:
    case INTRINSIC_semaphore_acquire:
    case INTRINSIC_semaphore_try_acquire:
    case INTRINSIC_semaphore_permits: s->bits |= bit(ORDER_LOCK); break;
    case INTRINSIC_atomic_load:
    case INTRINSIC_atomic_store:
    case INTRINSIC_atomic_change:
    case INTRINSIC_atomic_compare: s->bits |= bit(ORDER_ATOMIC); break;
    case INTRINSIC_nursery_cancel:
    case INTRINSIC_nursery_cancel_within: s->bits |= bit(ORDER_CANCEL); break;
    case INTRINSIC_nursery_open: s->bits |= has_timeout(fn, stmt) ? bit(ORDER_TIMEOUT) : 0; break;
    case INTRINSIC_task_now: s->bits |= bit(ORDER_CLOCK); break;
    case INTRINSIC_task_random: s->bits |= bit(ORDER_RANDOM); break;
    default: break;
    }
}

static void add_intrinsic(Effects *e, Summary *s, const JirFn *fn, const JirStmt *stmt) {
    add_order(s, fn, stmt);
    switch (stmt->number) {
    case INTRINSIC_mem_alloc:
    case INTRINSIC_mem_resize: s->bits |= bit(EFFECT_ALLOC) | bit(EFFECT_PANIC); break;
    case INTRINSIC_mem_try_resize: s->bits |= bit(EFFECT_ALLOC); break;
    case INTRINSIC_panic_text:
    case INTRINSIC_panic_index:
    case INTRINSIC_slice_of: s->bits |= bit(EFFECT_PANIC); break;
    case INTRINSIC_ptr_drop: add_drop(e, s, stmt->callee->type_args[0]); break;
    case INTRINSIC_task_spawn_isolated:
    case INTRINSIC_task_spawn: s->bits |= bit(EFFECT_SPAWN); break;
    case INTRINSIC_nursery_end: // it has been joined, and may panic with a task
    case INTRINSIC_task_join:
    case INTRINSIC_chan_send:
    case INTRINSIC_chan_recv:
    case INTRINSIC_mutex_lock:
    case INTRINSIC_semaphore_acquire:
    case INTRINSIC_select_wait: s->bits |= bit(EFFECT_SUSPEND) | bit(EFFECT_PANIC); break;
    case INTRINSIC_task_wait:
    case INTRINSIC_task_sleep:
    case INTRINSIC_task_yield:
    case INTRINSIC_io_wait:
    case INTRINSIC_io_await:
    case INTRINSIC_nursery_join: s->bits |= bit(EFFECT_SUSPEND); break;
    case INTRINSIC_chan_new: s->bits |= bit(EFFECT_ALLOC) | bit(EFFECT_PANIC); break;
    case INTRINSIC_chan_next: add_next(s, fn, stmt); break;
    default: break;
    }
}

static void add_statement(Effects *e, Summary *s, const JirFn *fn, const JirStmt *stmt) {
    switch (stmt->op) {
    case OP_CALL: add_edge(e, s, stmt->callee->decl, stmt->callee->type_args, stmt->callee->type_arg_count); break;
    case OP_INTRINSIC: add_intrinsic(e, s, fn, stmt); break;
    case OP_DROP:
    case OP_STORE: add_drop(e, s, jir_place_type(fn, stmt->dst)); break;
    case OP_CHECK_INDEX: s->bits |= bit(EFFECT_PANIC); break;
    case OP_CAST: add_cast(e, s, fn, stmt); break;
    case OP_REF: add_ref(e, s, fn, stmt); break;
    case OP_UNARY:
        if (stmt->sub == UNARY_NEG)
            s->bits |= bit(EFFECT_PANIC);
        break;
    case OP_BINARY: {
        TypeKind kind = type_get(e->program->types, jir_operand_type(fn, stmt->a))->kind;
        bool is_checked = stmt->sub <= BIN_REM || stmt->sub == BIN_SHL || stmt->sub == BIN_SHR;
        if (is_checked && !type_kind_is_float(kind))
            s->bits |= bit(EFFECT_PANIC);
        break;
    }
    default: break;
    }
}

static void add_waits(Effects *e, Summary *s, const JirFn *fn, const JirStmt *stmt) {
    uint32_t before = s->bits;
    s->bits &= ~bit(EFFECT_SUSPEND);
    add_statement(e, s, fn, stmt);
    if (s->bits & bit(EFFECT_SUSPEND) && !e->is_shielded)
        s->bits |= bit(EFFECT_WAITS);
    s->bits |= before;
}

// ---- shields --------------------------------------------------------------------------------------------------------

typedef struct {
    uint8_t *shields; // by block: one more than how many hold where it begins, 0 if that is not known
    uint8_t now;
    VecU32 work;
} Shields;

static void reach_block(void *context, uint32_t target) {
    Shields *it = context;
    if (it->shields[target])
        return;
    it->shields[target] = it->now;
    vec_push(&it->work, target);
}

static uint8_t shields_after(const JirStmt *stmt, uint8_t shields) {
    if (stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_shield_enter)
        return shields + 1;
    bool leaves = stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_shield_leave;
    return leaves && shields > 1 ? shields - 1 : shields;
}

static const uint8_t *find_shields(Effects *e, const JirFn *fn) {
    Shields it = {.shields = ARENA_ARRAY(e->jir->arena, uint8_t, fn->blocks.count), .now = 1};
    memset(it.shields, 0, fn->blocks.count);
    reach_block(&it, 0);
    while (it.work.count) {
        uint32_t index = vec_pop(&it.work);
        const JirBlock *block = &fn->blocks.items[index];
        it.now = it.shields[index];
        for (uint32_t k = 0; k < block->stmts.count; k++)
            it.now = shields_after(&block->stmts.items[k], it.now);
        for (uint32_t t = 0; t < block->term.target_count; t++)
            reach_block(&it, block->term.targets[t].v);
    }
    vec_free(&it.work);
    return it.shields;
}

static bool has_shields(const JirFn *fn) {
    for (uint32_t i = 0; i < fn->blocks.count; i++)
        for (uint32_t k = 0; k < fn->blocks.items[i].stmts.count; k++) {
            const JirStmt *stmt = &fn->blocks.items[i].stmts.items[k];
            if (stmt->op == OP_INTRINSIC && stmt->number == INTRINSIC_shield_enter)
                return true;
        }
    return false;
}

static void add_body(Effects *e, Summary *s, const JirFn *fn) {
    const uint8_t *begins = has_shields(fn) ? find_shields(e, fn) : NULL;
    for (uint32_t i = 1; i < fn->operands.count; i++) {
        const JirOperand *operand = &fn->operands.items[i];
        if (operand->kind == OPERAND_CONST && operand->const_kind == CONST_FUNC)
            add_edge(e, s, operand->callee->decl, operand->callee->type_args, operand->callee->type_arg_count);
    }
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        const JirBlock *block = &fn->blocks.items[i];
        uint8_t shields = begins ? begins[i] : 0;
        for (uint32_t k = 0; k < block->stmts.count; k++) {
            shields = shields_after(&block->stmts.items[k], shields);
            e->is_shielded = shields > 1;
            add_waits(e, s, fn, &block->stmts.items[k]);
        }
        if (block->term.kind == TERM_PANIC)
            s->bits |= bit(EFFECT_PANIC);
    }
    e->is_shielded = false;
}

// ---- what leaves declare --------------------------------------------------------------------------------------------

static uint32_t effect_named(Text text) {
    for (uint32_t i = 0; i < EFFECT_COUNT; i++)
        if (text_equal(text, text_of(effect_text((EffectId)i))))
            return 1u << i;
    return 0;
}

static Text span_text(const Ast *ast, NodeId node) {
    Span span = ast_span(ast, node);
    return (Text){ast->source.data + span.start, span.end - span.start};
}

// {. effects: fs.read, clock .}: the first stands behind the colon, the others are items of their own.
static uint32_t declared_effects(const Effects *e, DeclId decl) {
    const Program *p = e->program;
    const Decl *row = program_decl(p, decl);
    const Ast *ast = program_ast(p, decl);
    if (row->kind != DECL_FUNC || !program_module(p, row->module)->is_std)
        return 0;
    NodeId attrs = ast_func(ast, row->node).attrs;
    uint32_t bits = 0;
    bool is_listing = false;
    for (uint32_t i = 0; attrs.v && i < ast_list(ast, attrs).count; i++) {
        NodeId item = AST_ITEM(ast_list(ast, attrs), i), value = ast_unary(ast, item).child;
        is_listing |= text_equal(ast_token_text(ast, ast_token(ast, item)), TEXT("effects"));
        if (is_listing)
            bits |= effect_named(span_text(ast, value.v ? value : item));
    }
    bits |= bits & bit(EFFECT_CLOCK) ? bit(ORDER_CLOCK) : 0;
    bits |= bits & bit(EFFECT_RANDOM) ? bit(ORDER_RANDOM) : 0;
    return bits;
}

// ---- the fixed point ------------------------------------------------------------------------------------------------

static Summary *summary_of(Effects *e, DeclId decl) {
    while (e->by_decl.count <= decl.v)
        vec_push(&e->by_decl, NULL);
    if (e->by_decl.items[decl.v])
        return e->by_decl.items[decl.v];
    Summary *s = ARENA_NEW(e->jir->arena, Summary);
    s->decl = decl;
    s->bits = declared_effects(e, decl);
    s->is_waiting = true;
    e->by_decl.items[decl.v] = s;
    vec_push(&e->work, decl.v);
    uint32_t first, end;
    if (e->demand(e->context, decl, &first, &end))
        for (uint32_t i = first; i < end; i++)
            add_body(e, s, jir_fn(e->jir, (JirFnId){i}));
    return s;
}

// What a callee does, seen from its caller: behind a shield nothing waits, and what is beside the point makes no
// difference to what tasks leave behind.
static uint32_t seen_outside(const Effects *e, DeclId callee, uint32_t bits, bool is_shielded) {
    if (is_shielded)
        bits &= ~bit(EFFECT_WAITS);
    bool is_beside = bits >> ORDER_CHANNEL && decl_has_attribute(e->program, callee, "beside");
    return is_beside ? bits & (bit(ORDER_CHANNEL) - 1) : bits;
}

static void add_need(Summary *s, Need need) {
    for (uint32_t i = 0; i < s->needs.count; i++) {
        Need *known = &s->needs.items[i];
        if (known->method.v != need.method.v || known->count != need.count ||
            memcmp(known->args, need.args, need.count * sizeof *need.args) != 0)
            continue;
        known->is_shielded &= need.is_shielded;
        return;
    }
    if (s->needs.count < NEED_LIMIT)
        vec_push(&s->needs, need);
    else
        s->bits = ALL_EFFECTS; // types that grow without end
}

static void apply(Effects *e, Summary *s, Need edge, uint32_t depth);

static TypeId substituted(Effects *e, TypeId type, Subst subst) {
    return program_normalize(e->program, type_subst(e->program->types, type, subst), NULL, 0);
}

// The effects of a known function, with these type arguments.
static void apply_function(Effects *e, Summary *s, Need edge, uint32_t depth) {
    Summary *target = summary_of(e, edge.method);
    bool is_known = false;
    for (uint32_t i = 0; i < target->users.count && !is_known; i++)
        is_known = target->users.items[i] == s->decl.v;
    if (!is_known)
        vec_push(&target->users, s->decl.v);
    s->bits |= seen_outside(e, edge.method, target->bits, edge.is_shielded);
    Subst subst = function_subst(e->program, edge.method, edge.args, edge.count);
    for (uint32_t i = 0; i < target->needs.count; i++) {
        Need need = target->needs.items[i];
        TypeId *args = ARENA_ARRAY(e->jir->arena, TypeId, need.count);
        for (uint32_t k = 0; k < need.count; k++)
            args[k] = substituted(e, need.args[k], subst);
        apply(e, s, (Need){need.method, args, need.count, need.is_shielded || edge.is_shielded}, depth + 1);
    }
}

// What a field is declared with, or what its type starts from.
static void apply_default(Effects *e, Summary *s, TypeId self, uint32_t field, Need part, uint32_t depth) {
    Program *p = e->program;
    const Type *type = type_get(p->types, self);
    DeclId decl = type->kind == TY_STRUCT ? program_shape(p, type->decl)->fields.fields[field] : (DeclId){0};
    if (decl.v != 0 && ast_param(program_ast(p, decl), program_decl(p, decl)->node).default_value.v != 0)
        apply(e, s, (Need){decl, type->args, type->arg_count, part.is_shielded}, depth + 1);
    else
        apply(e, s, part, depth + 1);
}

// Json: what a field is declared with stands in for a member that is missing; std.json reports and writes.
static void apply_json(Effects *e, Summary *s, TypeId self, uint32_t field, Need part, uint32_t depth) {
    const Program *p = e->program;
    apply_default(e, s, self, field, part, depth);
    apply(e, s, part, depth + 1);
    apply(e, s, (Need){p->lang[LANG_JSON_MISSING], NULL, 0, part.is_shielded}, depth + 1);
    apply(e, s, (Need){p->lang[LANG_JSON_PUT_KEY], NULL, 0, part.is_shielded}, depth + 1);
}

// The compiler's own Eq, Hash, Debug, Copy, Ord, Default, Json and drop of a type: those of its parts.
static void apply_parts(Effects *e, Summary *s, Need edge, uint32_t depth) {
    Program *p = e->program;
    TypeId self = edge.args[0];
    const Type *type = type_get(p->types, self);
    if (type->kind == TY_ARRAY) {
        apply(e, s, (Need){edge.method, &type->args[0], 1, edge.is_shielded}, depth + 1);
        return;
    }
    bool is_default = program_decl(p, edge.method)->parent.v == p->lang[LANG_DEFAULT].v;
    bool is_json = program_decl(p, edge.method)->parent.v == p->lang[LANG_JSON].v;
    bool is_variants = type->kind == TY_ENUM || type->kind == TY_OPTIONAL || type->kind == TY_RESULT;
    if ((!is_variants && type->kind != TY_STRUCT && type->kind != TY_TUPLE) || (is_default && is_variants))
        return;
    uint32_t variants = is_variants ? type_variant_count(p, self) : 1;
    for (uint32_t v = 0; v < variants; v++) {
        for (uint32_t f = 0; f < shape_field_count(p, self, v); f++) {
            TypeId *part = ARENA_NEW(e->jir->arena, TypeId);
            *part = shape_field_type(p, self, v, f);
            if (is_default)
                apply_default(e, s, self, f, (Need){edge.method, part, 1, edge.is_shielded}, depth);
            else if (is_json)
                apply_json(e, s, self, f, (Need){edge.method, part, 1, edge.is_shielded}, depth);
            else
                apply(e, s, (Need){edge.method, part, 1, edge.is_shielded}, depth + 1);
        }
    }
}

static bool is_open(const Effects *e, TypeId type) {
    return type_get(e->program->types, type)->flags & TYPE_HAS_PARAM;
}

// A trait's method: the impl's where the types are known by now, else a need.
static void apply_method(Effects *e, Summary *s, Need edge, uint32_t depth) {
    Program *p = e->program;
    const Decl *method = program_decl(p, edge.method);
    TypeId self = edge.args[0];
    while (type_get(p->types, self)->kind == TY_REF)
        self = type_get(p->types, self)->args[0];
    TypeId *args = arena_copy(e->jir->arena, edge.args, edge.count * sizeof *edge.args, _Alignof(TypeId));
    args[0] = self;
    bool is_drop = method->parent.v == p->lang[LANG_DROP].v;
    ImplMatch match = {0};
    TraitRef trait = trait_of_method_args(p, edge.method, args, edge.count);
    MatchResult found = program_find_impl_of(p, self, trait, NULL, 0, &match);
    if (found != MATCH_YES && !(is_drop && type_get(p->types, self)->kind != TY_PARAM)) {
        if (is_open(e, self))
            add_need(s, (Need){edge.method, args, edge.count, edge.is_shielded});
        return;
    }
    DeclId member = match.impl.v ? impl_member(p, match.impl, method->name) : (DeclId){0};
    if (member.v) {
        uint32_t own_first = 1 + trait_param_count(p, method->parent);
        uint32_t own = edge.count > own_first ? edge.count - own_first : 0;
        TypeId *all = ARENA_ARRAY(e->jir->arena, TypeId, match.impl_arg_count + own);
        for (uint32_t i = 0; i < match.impl_arg_count; i++)
            all[i] = match.impl_args[i];
        for (uint32_t i = 0; i < own; i++)
            all[match.impl_arg_count + i] = args[own_first + i];
        apply_function(e, s, (Need){member, all, match.impl_arg_count + own, edge.is_shielded}, depth);
    } else if (match.impl.v) {
        apply_function(e, s, (Need){edge.method, args, edge.count, edge.is_shielded},
                       depth); // the trait's default body
    }
    if (!match.impl.v || is_drop)
        apply_parts(e, s, (Need){edge.method, args, 1, edge.is_shielded}, depth);
}

static void apply(Effects *e, Summary *s, Need edge, uint32_t depth) {
    uint64_t key = (uint64_t)edge.is_shielded << 63 | (uint64_t)edge.method.v << 32 |
                   type_tuple(e->program->types, edge.args, edge.count).v;
    if (map_get(&e->seen, key, NULL))
        return;
    map_set(&e->seen, key, 1);
    if (depth > DEPTH_LIMIT) { // types that grow without end
        s->bits = ALL_EFFECTS;
        return;
    }
    const Decl *decl = program_decl(e->program, edge.method);
    bool is_trait_method =
        decl->kind == DECL_FUNC && decl->parent.v && program_decl(e->program, decl->parent)->kind == DECL_TRAIT;
    if (is_trait_method && edge.count > 0)
        apply_method(e, s, edge, depth);
    else
        apply_function(e, s, edge, depth);
}

static void settle(Effects *e) {
    while (e->work.count > 0) {
        Summary *s = e->by_decl.items[e->work.items[--e->work.count]];
        s->is_waiting = false;
        uint32_t bits = s->bits, needs = s->needs.count;
        map_free(&e->seen);
        e->seen = (MapU64){0};
        for (uint32_t i = 0; i < s->edges.count; i++)
            apply(e, s, s->edges.items[i], 0);
        Signature *sig = program_signature(e->program, s->decl);
        if (sig)
            sig->effects = s->bits & (bit(EFFECT_COUNT) - 1);
        for (uint32_t i = 0; (s->bits != bits || s->needs.count != needs) && i < s->users.count; i++) {
            Summary *user = e->by_decl.items[s->users.items[i]];
            if (!user->is_waiting)
                vec_push(&e->work, user->decl.v);
            user->is_waiting = true;
        }
    }
}

// ---- from outside ---------------------------------------------------------------------------------------------------

Effects *effects_new(Jir *jir, EffectsDemand demand, void *context) {
    Effects *e = ARENA_NEW(jir->arena, Effects);
    *e = (Effects){.jir = jir, .program = jir->program, .demand = demand, .context = context};
    return e;
}

void effects_free(Effects *e) {
    for (uint32_t i = 0; i < e->by_decl.count; i++) {
        Summary *s = e->by_decl.items[i];
        if (!s)
            continue;
        vec_free(&s->edges);
        vec_free(&s->needs);
        vec_free(&s->users);
    }
    vec_free(&e->by_decl);
    vec_free(&e->work);
    map_free(&e->seen);
}

void effects_infer(Effects *e, DeclId decl) {
    summary_of(e, decl);
    settle(e);
}

// Dropping what a type parameter stands for is as quiet as the type.
static bool is_quiet(const Effects *e, const Need *need) {
    return program_decl(e->program, need->method)->parent.v == e->program->lang[LANG_DROP].v;
}

static bool has_open_needs(const Effects *e, const Summary *s) {
    for (uint32_t i = 0; i < s->needs.count; i++)
        if (!is_quiet(e, &s->needs.items[i]))
            return true;
    return false;
}

static uint32_t finish_statement(Effects *e, Summary *own, bool *is_open) {
    map_free(&e->seen);
    e->seen = (MapU64){0};
    for (uint32_t i = 0; i < own->edges.count; i++)
        apply(e, own, own->edges.items[i], 0);
    *is_open = has_open_needs(e, own);
    vec_free(&own->edges);
    vec_free(&own->needs);
    return own->bits;
}

bool effects_of_statement(Effects *e, const JirFn *fn, const JirStmt *stmt, uint32_t effect) {
    Summary own = {.decl = fn->decl};
    bool open;
    add_waits(e, &own, fn, stmt);
    return finish_statement(e, &own, &open) >> effect & 1;
}

static void add_value(Effects *e, Summary *s, const JirFn *fn, OperandId operand) {
    const JirOperand *it = &fn->operands.items[operand.v];
    if (operand.v && it->kind == OPERAND_CONST && it->const_kind == CONST_FUNC)
        add_edge(e, s, it->callee->decl, it->callee->type_args, it->callee->type_arg_count);
}

uint32_t effects_of_step(Effects *e, const JirFn *fn, const JirStmt *stmt, bool *is_open) {
    Summary own = {.decl = fn->decl};
    add_waits(e, &own, fn, stmt);
    add_value(e, &own, fn, stmt->a);
    add_value(e, &own, fn, stmt->b);
    bool has_list = stmt->op == OP_MAKE || stmt->op == OP_MAKE_VARIANT;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        if (has_list)
            add_value(e, &own, fn, (OperandId){fn->operand_lists.items[stmt->args + i]});
        else if (fn->args.items[stmt->args + i].kind == ARG_VALUE)
            add_value(e, &own, fn, fn->args.items[stmt->args + i].value);
    }
    return finish_statement(e, &own, is_open);
}

bool effects_body(Effects *e, DeclId decl, uint32_t *first, uint32_t *end) {
    effects_infer(e, decl);
    return e->demand(e->context, decl, first, end);
}

uint32_t effects_of(Effects *e, DeclId decl, bool *is_open) {
    effects_infer(e, decl);
    const Summary *s = e->by_decl.items[decl.v];
    *is_open = has_open_needs(e, s);
    return s->bits;
}

void effects_write(const Effects *e, DeclId decl, Buffer *out) {
    const Summary *s = e->by_decl.items[decl.v];
    uint32_t start = out->count;
    for (uint32_t i = 0; i < EFFECT_COUNT; i++)
        if (s->bits >> i & 1)
            buffer_printf(out, "%s%s", out->count > start ? ", " : "", effect_text((EffectId)i));
    for (uint32_t i = 0; i < s->needs.count; i++) {
        const Need *need = &s->needs.items[i];
        if (is_quiet(e, need))
            continue;
        buffer_printf(out, "%swhat `", out->count > start ? ", " : "");
        type_write(e->program, need->args[0], out);
        buffer_printf(out, ".%.*s` does", TEXT_ARG(decl_name(e->program, need->method)));
    }
    if (out->count == start)
        buffer_cstr(out, "pure");
}
