// What the tasks of a nursery only add to.
//
// Where every use of an outer variable in the nursery adds to it, in one way, and tasks do so, each task adds to a part
// of its own, which begins at the identity. So does the body: what it adds between two tasks is a part, too. The parts
// are merged in the order of the text's run, the finished ones early (std's views.jan), and go to the variable when the
// nursery has ended well: nobody touches it before.
#include "ir/build_internal.h"

// ---- which variables -----------------------------------------------------------------------------------------------

static bool has_trait(Build *b, TypeId type, LangItem trait) {
    ImplMatch match;
    return b->program->lang[trait].v &&
           program_find_impl(b->program, type, b->program->lang[trait], b->bounds, b->bound_count, &match) == MATCH_YES;
}

// Methods that Merge says to add. The one of a list that inserts somewhere else does not.
static bool is_adding(Build *b, Text name, TypeId type) {
    if (text_equal(name, TEXT("insert")))
        return !type_is_lang(b->program, type, LANG_LIST);
    return text_equal(name, TEXT("push")) || text_equal(name, TEXT("extend")) || text_equal(name, TEXT("merge"));
}

static bool changes_self(Build *b, NodeId call) {
    const Resolution *res = fact_resolution(b, call);
    if (!res || !res->is_method || (res->kind != REF_FUNC && res->kind != REF_TRAIT_METHOD))
        return false;
    const Signature *sig = program_signature(b->program, res->decl);
    bool is_own =
        res->kind == REF_FUNC || program_decl(b->program, res->decl)->parent.v == b->program->lang[LANG_MERGE].v;
    return sig && is_own && sig->param_count && sig->param_modes[0] == MODE_MUT;
}

static AccumulateKind kind_of_call(const Uses *u, NodeId field, TypeId type) {
    Build *b = u->b;
    NodeId call = uses_parent(u, field);
    if (!call.v || ast_kind(b->ast, call) != NODE_CALL || ast_call(b->ast, call).callee.v != field.v)
        return ACCUMULATE_NONE;
    Text name = ast_token_text(b->ast, ast_token(b->ast, field));
    bool adds = is_adding(b, name, type) && changes_self(b, call) && has_trait(b, type, LANG_MERGE);
    if (!adds || !uses_is_dropped(u, call))
        return ACCUMULATE_NONE;
    return type_is_lang(b->program, type, LANG_STRING) ? ACCUMULATE_TEXT : ACCUMULATE_MERGE;
}

static AccumulateKind kind_of_assign(Build *b, NodeId assign, TypeId type) {
    bool is_text = type_is_lang(b->program, type, LANG_STRING), is_list = type_is_lang(b->program, type, LANG_LIST);
    switch (ast_token_kind(b->ast, ast_token(b->ast, assign))) {
    case TOK_PLUS_ASSIGN: return has_trait(b, type, LANG_NUMBER) ? ACCUMULATE_SUM : ACCUMULATE_NONE;
    case TOK_STAR_ASSIGN: return has_trait(b, type, LANG_NUMBER) ? ACCUMULATE_PRODUCT : ACCUMULATE_NONE;
    case TOK_CONCAT_ASSIGN: return is_text ? ACCUMULATE_TEXT : is_list ? ACCUMULATE_MERGE : ACCUMULATE_NONE;
    default: return ACCUMULATE_NONE;
    }
}

static AccumulateKind kind_of_use(const Uses *u, NodeId name) {
    Build *b = u->b;
    NodeId parent = uses_parent(u, name);
    TypeId type = fact_type(b, name);
    if (ast_kind(b->ast, parent) == NODE_FIELD)
        return kind_of_call(u, parent, type);
    if (ast_kind(b->ast, parent) == NODE_ASSIGN && ast_binary(b->ast, parent).left.v == name.v)
        return kind_of_assign(b, parent, type);
    return ACCUMULATE_NONE;
}

CaptureMiss accumulate_miss(const Uses *u, NodeId binder, NodeId *where) {
    AccumulateKind kind = ACCUMULATE_NONE;
    CaptureMiss miss = MISS_NONE;
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++) {
        AccumulateKind use = uses_names(u, n, binder) ? kind_of_use(u, n) : kind;
        if (!uses_names(u, n, binder) || (use == kind && use != ACCUMULATE_NONE))
            continue;
        bool looks = use == ACCUMULATE_NONE;
        if (looks ? miss != MISS_LOOKED_AT : kind != ACCUMULATE_NONE && miss == MISS_NONE) {
            miss = looks ? MISS_LOOKED_AT : MISS_OTHER_KIND;
            *where = n;
        }
        kind = looks ? kind : use;
    }
    return kind == ACCUMULATE_NONE ? MISS_NONE : miss;
}

typedef struct {
    AccumulateKind kind; // NONE: some use does something else, or no task adds
    bool in_body;        // the body adds, too
} Judgement;

// Some task adds, but another use does something else, or adds in another way: what is reported of it will say so.
static Judgement not_added(const Uses *u, NodeId binder, NodeId other) {
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++)
        if (n.v != other.v && uses_names(u, n, binder) && uses_task(u, n).v && kind_of_use(u, n) != ACCUMULATE_NONE)
            jir_local(u->b->fn, local_of(u->b, binder))->not_added = other;
    return (Judgement){ACCUMULATE_NONE, false};
}

static Judgement judge(const Uses *u, NodeId binder) {
    Judgement it = {ACCUMULATE_NONE, false};
    bool in_task = false;
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++) {
        if (!uses_names(u, n, binder))
            continue;
        AccumulateKind use = kind_of_use(u, n);
        if (use == ACCUMULATE_NONE || (it.kind != ACCUMULATE_NONE && use != it.kind))
            return not_added(u, binder, n);
        it.kind = use;
        if (uses_task(u, n).v)
            in_task = true;
        else
            it.in_body = true;
    }
    return in_task ? it : (Judgement){ACCUMULATE_NONE, false};
}

// ---- the nursery begins --------------------------------------------------------------------------------------------

static bool is_number(AccumulateKind kind) {
    return kind == ACCUMULATE_SUM || kind == ACCUMULATE_PRODUCT;
}

static PlaceId variable_place(Build *b, const Accumulated *it) {
    return place_strip(b, jir_place_local(b->fn, it->variable));
}

// What the name of the variable stands for in a part.
static PlaceId value_in(Build *b, PlaceId part, AccumulateKind kind, TypeId type) {
    return kind == ACCUMULATE_MERGE ? part : place_field(b, part, 0, type);
}

static OperandId identity(Build *b, TypeId type) {
    PlaceId place = temp_new(b, type);
    call_trait(b, LANG_MERGE, type, NULL, 0, place);
    return temp_value(b, place);
}

// Of what the body adds itself, of the variable's type.
static OperandId own_identity(Build *b, const Accumulated *it) {
    TypeId type = jir_local(b->fn, it->own)->type;
    if (!is_number(it->kind))
        return identity(b, type);
    PlaceId part = temp_new(b, it->part);
    call_trait(b, LANG_MERGE, it->part, NULL, 0, part);
    return copy(b, value_in(b, part, it->kind, type));
}

// The value goes into the part, numbers by copying.
static OperandId part_of(Build *b, const Accumulated *it, PlaceId value) {
    PlaceId part = temp_new(b, it->part);
    OperandId item = is_number(it->kind) ? copy(b, value) : jir_operand_place(b->fn, OPERAND_MOVE, value);
    JirArg arg = arg_value(item);
    if (it->kind == ACCUMULATE_MERGE)
        emit_set(b, part, item);
    else if (it->kind == ACCUMULATE_TEXT)
        call_lang(b, LANG_MAKE_TEXT_VIEW, NULL, 0, &arg, 1, part);
    else
        emit_make(b, part, &item, 1);
    return temp_value(b, part);
}

static TypeId part_type(Build *b, AccumulateKind kind, TypeId type) {
    switch (kind) {
    case ACCUMULATE_TEXT: return type_lang(b->program, LANG_TEXT_VIEW, NULL, 0);
    case ACCUMULATE_SUM: return type_lang(b->program, LANG_SUM_VIEW, &type, 1);
    case ACCUMULATE_PRODUCT: return type_lang(b->program, LANG_PRODUCT_VIEW, &type, 1);
    default: return type;
    }
}

static void open_views(Build *b, NurseryFrame *f, NodeId binder, Judgement how) {
    Accumulated it = {.binder = binder, .variable = local_of(b, binder), .kind = how.kind};
    JirLocal variable = *jir_local(b->fn, it.variable);
    TypeId type = jir_place_type(b->fn, variable_place(b, &it));
    it.part = part_type(b, it.kind, type);
    uint32_t mark = statement_begin(b);
    // Numbers are merged into what the variable is; of the others nobody need have a copy of it.
    JirArg initial = arg_value(is_number(it.kind) ? part_of(b, &it, variable_place(b, &it)) : identity(b, it.part));
    it.views = local_new(b, type_lang(b->program, LANG_VIEWS, &it.part, 1), LOCAL_OWNED, LOCAL_LET);
    call_lang(b, LANG_VIEWS_NEW, &it.part, 1, &initial, 1, jir_place_local(b->fn, it.views));
    local_register(b, it.views);
    if (how.in_body) {
        it.own = local_new(b, type, LOCAL_OWNED, LOCAL_VAR);
        jir_local(b->fn, it.own)->name = variable.name;
        jir_local(b->fn, it.own)->node = binder;
        emit_set(b, jir_place_local(b->fn, it.own), own_identity(b, &it));
        local_register(b, it.own);
    }
    statement_end(b, mark);
    f->accumulated[f->accumulated_count++] = it;
}

void accumulate_open(const Uses *u, NurseryFrame *f) {
    Build *b = u->b;
    f->accumulated = ARENA_ARRAY(b->arena, Accumulated, u->outer_count);
    for (uint32_t i = 0; i < u->outer_count; i++) {
        const OuterUse *it = &u->outer[i];
        if (type_may_borrow(b->program, fact_type(b, it->name)))
            continue;
        Judgement how = judge(u, it->binder);
        if (how.kind != ACCUMULATE_NONE)
            open_views(b, f, it->binder, how);
    }
}

// ---- its body ------------------------------------------------------------------------------------------------------

LocalId accumulate_own(Build *b, NodeId binder) {
    for (uint32_t i = b->nurseries.count; i > 0; i--) {
        const NurseryFrame *f = &b->nurseries.items[i - 1];
        bool is_inside = f->depth < b->entries.count; // else what runs stands around it: a defer on the way out
        for (uint32_t k = 0; is_inside && k < f->disjoint_count; k++)
            if (f->disjoint[k].binder.v == binder.v)
                return f->disjoint[k].own;
        for (uint32_t k = 0; is_inside && k < f->accumulated_count; k++)
            if (f->accumulated[k].binder.v == binder.v)
                return f->accumulated[k].own;
    }
    return (LocalId){0};
}

// What the body has added so far is a part; `goes_on`: more is to come.
static void put_own(Build *b, const Accumulated *it, bool goes_on) {
    if (!it->own.v)
        return;
    PlaceId own = jir_place_local(b->fn, it->own);
    OperandId rest = goes_on ? own_identity(b, it) : (OperandId){0};
    PlaceId whole = temp_new(b, jir_local(b->fn, it->own)->type);
    emit_set(b, whole, is_number(it->kind) ? copy(b, own) : jir_operand_place(b->fn, OPERAND_MOVE, own));
    temp_register(b, whole);
    if (goes_on)
        emit_set(b, own, rest);
    OperandId part = part_of(b, it, whole);
    JirArg args[2] = {arg_mut(b, jir_place_local(b->fn, it->views)), arg_value(part)};
    call_lang(b, LANG_VIEWS_PUT, &it->part, 1, args, 2, (PlaceId){0});
}

void accumulate_merge(Build *b, const NurseryFrame *f) {
    static const LangItem INTO[] = {[ACCUMULATE_MERGE] = LANG_VIEWS_INTO,
                                    [ACCUMULATE_TEXT] = LANG_VIEWS_INTO_TEXT,
                                    [ACCUMULATE_SUM] = LANG_VIEWS_INTO_SUM,
                                    [ACCUMULATE_PRODUCT] = LANG_VIEWS_INTO_PRODUCT};
    for (uint32_t i = 0; i < f->accumulated_count && !b->is_dead; i++) {
        const Accumulated *it = &f->accumulated[i];
        put_own(b, it, false);
        PlaceId variable = variable_place(b, it);
        TypeId type = jir_place_type(b->fn, variable);
        OperandId views = jir_operand_place(b->fn, OPERAND_MOVE, jir_place_local(b->fn, it->views));
        JirArg args[2] = {arg_value(views), arg_mut(b, variable)};
        call_lang(b, INTO[it->kind], &type, it->kind != ACCUMULATE_TEXT, args, 2, (PlaceId){0});
    }
}

// ---- a part for each task ------------------------------------------------------------------------------------------

const Accumulated *accumulated(Build *b, NodeId binder) {
    const NurseryFrame *f = &b->nurseries.items[b->spawning - 1];
    for (uint32_t i = 0; i < f->accumulated_count; i++)
        if (f->accumulated[i].binder.v == binder.v)
            return &f->accumulated[i];
    return NULL;
}

OperandId accumulate_part(Build *b, const Accumulated *it) {
    put_own(b, it, true);
    PlaceId part = temp_new(b, type_lang(b->program, LANG_TASK_VIEW, &it->part, 1));
    JirArg views = arg_mut(b, jir_place_local(b->fn, it->views));
    call_lang(b, LANG_VIEWS_BEGIN, &it->part, 1, &views, 1, part);
    return temp_value(b, part);
}

void accumulate_capture(Build *b, Build *outer, const Accumulated *it) {
    const JirLocal *variable = jir_local(outer->fn, it->variable);
    TaskPart part = {.binder = it->binder, .kind = it->kind, .part = it->part};
    part.type = jir_place_type(outer->fn, variable_place(outer, it));
    SymbolId name = variable->name;
    part.handle = local_new(b, type_lang(b->program, LANG_TASK_VIEW, &it->part, 1), LOCAL_OWNED, LOCAL_CAPTURE);
    jir_local(b->fn, part.handle)->name = name;
    jir_local(b->fn, part.handle)->node = it->binder;
    b->fn->capture_count++;
    vec_push(&b->parts, part);
}

// The name of the variable stands for what lies in the task's part.
void accumulate_enter(Build *b) {
    enum { HANDLE_VIEW = 0, VIEW_VALUE = 1 }; // fields of std's TaskView and View
    for (uint32_t i = 0; i < b->parts.count; i++) {
        TaskPart *it = &b->parts.items[i];
        if (it->kind == ACCUMULATE_NONE) {
            map_set(&b->captured, it->binder.v, disjoint_enter(b, it).v);
            continue;
        }
        JirLocal handle = *jir_local(b->fn, it->handle);
        TypeId pointer = shape_field_type(b->program, handle.type, 0, HANDLE_VIEW);
        const Type *address = type_of(b, pointer);
        PlaceId view =
            place_deref(b, place_field(b, jir_place_local(b->fn, it->handle), HANDLE_VIEW, pointer), address->args[0]);
        PlaceId value = value_in(b, place_field(b, view, VIEW_VALUE, it->part), it->kind, it->type);
        LocalId name = local_new(b, it->type, LOCAL_MUT_REF, LOCAL_LET);
        jir_local(b->fn, name)->name = handle.name;
        jir_local(b->fn, name)->node = it->binder;
        emit_ref(b, jir_place_local(b->fn, name), value, true);
        map_set(&b->captured, it->binder.v, name.v);
    }
}

bool accumulate_end(Build *b, LocalId local) {
    for (uint32_t i = 0; i < b->parts.count; i++) {
        const TaskPart *it = &b->parts.items[i];
        if (it->handle.v != local.v || it->kind == ACCUMULATE_NONE)
            continue;
        JirArg part = arg_value(jir_operand_place(b->fn, OPERAND_MOVE, jir_place_local(b->fn, local)));
        call_lang(b, LANG_VIEW_END, &it->part, 1, &part, 1, (PlaceId){0});
        return true;
    }
    return false;
}
