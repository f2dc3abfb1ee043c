// Who holds which loan, and what ends loans.
//
// A loan is made where a place is lent. It ends where the place is used in a way that the loan forbids: a read ends
// `mut` loans of what is read, a change ends all. Whoever still holds it then must not be used any more.
#include "calculus/internal.h"

// What a call lends is held by the call itself until it returns.
static uint32_t call_node(const Judge *j) {
    return node_value(j->fn->locals.count);
}

static const Loan *loan_of(const Judge *j, uint32_t loan) {
    return &j->loans.items[loan];
}

// A view whose bytes are all there is to it: what it shows is lent, not where it lies.
static bool is_plain_view(const Judge *j, TypeId type) {
    return is_plain(j, type) && class_of(j, type) & CLASS_VIEW;
}

static bool is_only_shown(const Judge *j, PlaceId id) {
    const JirPlace *place = jir_place(j->fn, id);
    bool is_func_view = !place->is_global && !place->count && local_of(j, place->root)->is_view;
    return is_func_view || is_plain_view(j, place->type);
}

static uint32_t loan_made(Judge *j, PlaceId place, bool is_mut, bool is_content) {
    uint64_t key = (uint64_t)j->block << 44 | (uint64_t)j->stmt << 24 | place.v << 2 | is_mut << 1 | is_content;
    uint32_t known;
    if (map_get(&j->loan_ids, key, &known))
        return known;
    Loan loan = {.place = place, .is_mut = is_mut, .deref = deref_depth(j, jir_place(j->fn, place))};
    if (is_content && loan.deref == NONE)
        loan.deref = jir_place(j->fn, place)->count;
    vec_push(&j->loans, loan);
    map_set(&j->loan_ids, key, j->loans.count - 1);
    return j->loans.count - 1;
}

// The facts of a node: from the index that is returned up to `*end`.
static uint32_t facts_of(const FactList *facts, uint32_t node, uint32_t *end) {
    uint32_t low = 0, high = facts->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (fact_node(facts->items[middle]) < node)
            low = middle + 1;
        else
            high = middle;
    }
    *end = low;
    while (*end < facts->count && fact_node(facts->items[*end]) == node)
        ++*end;
    return low;
}

static void forget_node(Judge *j, uint32_t node) {
    uint32_t end, first = facts_of(&j->now.facts, node, &end);
    if (first == end)
        return;
    memmove(j->now.facts.items + first, j->now.facts.items + end, (j->now.facts.count - end) * sizeof(Fact));
    j->now.facts.count -= end - first;
}

static void add_to_node(Judge *j, uint32_t node, const FactList *from) {
    for (uint32_t i = 0; i < from->count; i++)
        facts_add(&j->now.facts, fact(node, fact_loan(from->items[i]), fact_ended(from->items[i])));
}

static bool only_reads(const Judge *j, uint32_t local) {
    uint32_t end, first = facts_of(&j->now.facts, node_value(local), &end);
    return first < end && fact_loan(j->now.facts.items[first]) == LOAN_READS;
}

// ---- uses -----------------------------------------------------------------------------------------------------------

static void refuse_ended(Judge *j, const char *rule, const char *what, uint32_t loan) {
    Buffer text = {0};
    judge_write_place(j, loan_of(j, loan)->place, &text);
    judge_refuse(j, rule, "%s holds a loan of %.*s that has ended", what, TEXT_ARG(buffer_view(&text)));
    vec_free(&text);
}

static void use_node(Judge *j, const char *rule, const char *what, uint32_t node) {
    uint32_t end, first = facts_of(&j->now.facts, node, &end);
    for (uint32_t i = first; i < end && !j->failed; i++)
        if (fact_ended(j->now.facts.items[i]))
            refuse_ended(j, rule, what, fact_loan(j->now.facts.items[i]));
}

void loans_use(Judge *j, PlaceId id) {
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global || !j->holders[place->root])
        return;
    char what[24];
    snprintf(what, sizeof what, "_%u", place->root);
    use_node(j, "calc.loan", what, node_value(place->root));
    use_node(j, "calc.loan", what, node_address(place->root));
}

// ---- what ends loans ------------------------------------------------------------------------------------------------

typedef enum { KEEPS, ENDS, FORGETS } Effect;

// What was lent behind a pointer is not touched where only the pointer goes: but then nothing leads there from here any
// more, and the loans by which the pointer itself is held are what counts.
static Effect effect_on(const Judge *j, const Loan *loan, const JirPlace *place, Access access) {
    if (!loan->place.v)
        return KEEPS;
    const JirPlace *lent = jir_place(j->fn, loan->place);
    if (lent->root != place->root || !places_overlap(j, lent, place))
        return KEEPS;
    if (access == ACCESS_READS)
        return loan->is_mut ? ENDS : KEEPS;
    bool is_owned = local_of(j, place->root)->mode == LOCAL_OWNED;
    if (access == ACCESS_REPLACES && is_owned && loan->deref != NONE && place->count <= loan->deref)
        return FORGETS;
    return ENDS;
}

static void apply_effects(Judge *j, const JirPlace *place, Access access) {
    FactList *facts = &j->now.facts;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < facts->count; i++) {
        Fact f = facts->items[i];
        Effect effect = fact_loan(f) == LOAN_READS ? KEEPS : effect_on(j, loan_of(j, fact_loan(f)), place, access);
        if (effect == FORGETS)
            continue;
        if (effect == ENDS)
            f |= 1;
        if (!kept || facts->items[kept - 1] != f)
            facts->items[kept++] = f;
    }
    facts->count = kept;
}

void loans_access(Judge *j, PlaceId id, Access access) {
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global)
        return;
    apply_effects(j, place, access);
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = projection_of(j, place, i);
        JirPlace index = {.root = projection->index};
        if (projection->kind == PROJ_INDEX)
            apply_effects(j, &index, ACCESS_READS);
    }
}

static bool is_rooted(const Judge *j, uint32_t loan, uint32_t local) {
    PlaceId place = loan == LOAN_READS ? (PlaceId){0} : loan_of(j, loan)->place;
    return place.v && jir_place(j->fn, place)->root == local;
}

void loans_end_storage(Judge *j, uint32_t local, bool ends) {
    JirPlace whole = {.root = local};
    if (local_of(j, local)->mode == LOCAL_OWNED) {
        apply_effects(j, &whole, ACCESS_REPLACES);
    } else {
        FactList *facts = &j->now.facts;
        uint32_t kept = 0;
        for (uint32_t i = 0; i < facts->count; i++)
            if (!is_rooted(j, fact_loan(facts->items[i]), local))
                facts->items[kept++] = facts->items[i];
        facts->count = kept;
    }
    if (!ends)
        return;
    forget_node(j, node_value(local));
    forget_node(j, node_address(local));
}

// ---- changing -------------------------------------------------------------------------------------------------------

bool loans_may_change(Judge *j, PlaceId id) {
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global)
        return false;
    const JirLocal *root = local_of(j, place->root);
    bool may = root->mode == LOCAL_OWNED ? root->kind != LOCAL_CAPTURE || j->fn->self_mode != MODE_BORROW
                                         : root->mode == LOCAL_MUT_REF;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = projection_of(j, place, i);
        TypeId base = base_type(j, place, i);
        bool is_item = projection->kind == PROJ_INDEX || projection->kind == PROJ_CONST_INDEX;
        if (is_item && type_is_lang(j->program, base, LANG_SLICE))
            may = !only_reads(j, place->root);
        if (projection->kind == PROJ_DEREF && kind_of(j, base) == TY_POINTER)
            may = true;
        if (projection->kind == PROJ_DEREF && kind_of(j, base) == TY_REF)
            may = type_get(j->program->types, base)->is_mut;
    }
    if (type_is_lang(j->program, place->type, LANG_SLICE))
        may = may && !only_reads(j, place->root);
    return may;
}

// ---- flow of values -------------------------------------------------------------------------------------------------

static void take_facts(const Judge *j, uint32_t node, FactList *to) {
    uint32_t end, first = facts_of(&j->now.facts, node, &end);
    for (uint32_t i = first; i < end; i++)
        facts_add(to, j->now.facts.items[i] & (((Fact)1 << 40) - 1));
}

// What the value shows. A second view of what is lent `mut` is lent on from the first: use of the first ends it.
static void flow_value(Judge *j, PlaceId id, FactList *to) {
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global || !j->holders[place->root] ||
        !(type_borrows(j, place->type) || local_of(j, place->root)->is_view))
        return;
    bool shows_mut = false;
    uint32_t end, first = facts_of(&j->now.facts, node_value(place->root), &end);
    for (uint32_t i = first; i < end; i++) {
        uint32_t loan = fact_loan(j->now.facts.items[i]);
        shows_mut |= loan != LOAN_READS && loan_of(j, loan)->is_mut;
    }
    take_facts(j, node_value(place->root), to);
    if (shows_mut)
        facts_add(to, fact(0, loan_made(j, id, true, true), false));
}

static void flow_operand(Judge *j, OperandId id, FactList *to) {
    const JirOperand *operand = id.v ? &j->fn->operands.items[id.v] : NULL;
    if (operand && operand->kind != OPERAND_CONST)
        flow_value(j, operand->place, to);
}

// The address of the place, and what its value shows.
static void flow_borrow(Judge *j, PlaceId id, bool is_mut, bool is_content, FactList *value, FactList *address) {
    const JirPlace *place = jir_place(j->fn, id);
    if (place->is_global)
        return;
    facts_add(address, fact(0, loan_made(j, id, is_mut, is_content), false));
    if (!is_mut)
        facts_add(value, fact(0, LOAN_READS, false));
    take_facts(j, node_value(place->root), value);
    take_facts(j, local_of(j, place->root)->mode == LOCAL_OWNED ? node_value(place->root) : node_address(place->root),
               address);
}

static const JirArg *arg_of(const Judge *j, const JirStmt *stmt, uint32_t i) {
    return &j->fn->args.items[stmt->args + i];
}

// ---- calls ----------------------------------------------------------------------------------------------------------

static bool is_scalar(const Judge *j, TypeId type) {
    TypeKind kind = kind_of(j, type);
    return kind == TY_BOOL || kind == TY_CHAR || type_kind_is_integer(kind) || type_kind_is_float(kind);
}

static bool lends_more_than_scalars(const Judge *j, const JirStmt *stmt) {
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        if (arg_of(j, stmt, i)->kind != ARG_VALUE && !is_scalar(j, jir_place_type(j->fn, arg_of(j, stmt, i)->place)))
            return true;
    return false;
}

// Where the declared type borrows, it borrows from what is lent; else it only shows what the arguments show.
static void flow_arg(Judge *j, const JirArg *arg, bool lends, bool skips, FactList *value, FactList *address) {
    if (arg->kind == ARG_VALUE) {
        flow_operand(j, arg->value, value);
        return;
    }
    TypeId type = jir_place_type(j->fn, arg->place);
    if (lends && !(skips && is_scalar(j, type)))
        flow_borrow(j, arg->place, arg->kind == ARG_MUT_REF, is_only_shown(j, arg->place), value, address);
    else
        flow_value(j, arg->place, value);
}

static void flow_args(Judge *j, const JirStmt *stmt, TypeId declared, uint32_t except, FactList *value,
                      FactList *address) {
    bool lends = declared.v && type_borrows(j, declared);
    bool skips = lends && lends_more_than_scalars(j, stmt);
    for (uint32_t i = 0; i < stmt->arg_count; i++)
        if (i != except)
            flow_arg(j, arg_of(j, stmt, i), lends, skips, value, address);
}

static uint32_t next_param(const Judge *j, const Signature *signature, uint32_t param) {
    while (param < signature->param_count && kind_of(j, signature->param_types[param]) == TY_TYPE)
        param++;
    return param;
}

// The result shows nothing of a function that it was only lent to be called.
static void flow_result(Judge *j, const JirStmt *stmt, const Signature *signature, Target *target) {
    FactList *address = target->repoints ? &target->address : &target->value;
    if (!signature) {
        flow_args(j, stmt, (TypeId){0}, NONE, &target->value, address);
        return;
    }
    bool lends = type_borrows(j, signature->result), skips = lends && lends_more_than_scalars(j, stmt);
    for (uint32_t i = 0, param = 0; i < stmt->arg_count; i++, param++) {
        param = next_param(j, signature, param);
        if (!program_is_only_called(j->program, signature, param))
            flow_arg(j, arg_of(j, stmt, i), lends, skips, &target->value, address);
    }
}

// What is stored through an address arrives in what was lent.
static void write_back(Judge *j, uint32_t local, const FactList *value, uint32_t depth) {
    if (local_of(j, local)->mode != LOCAL_MUT_REF || depth > 16)
        return;
    FactList address = {0};
    take_facts(j, node_address(local), &address);
    for (uint32_t i = 0; i < address.count; i++) {
        uint32_t loan = fact_loan(address.items[i]);
        if (loan == LOAN_READS || !loan_of(j, loan)->is_mut || !loan_of(j, loan)->place.v)
            continue;
        uint32_t root = jir_place(j->fn, loan_of(j, loan)->place)->root;
        if (root == local || !j->holders[root])
            continue;
        add_to_node(j, node_value(root), value);
        write_back(j, root, value, depth + 1);
    }
    vec_free(&address);
}

static void add_value(Judge *j, uint32_t local, const FactList *value) {
    if (!value->count || !j->holders[local])
        return;
    add_to_node(j, node_value(local), value);
    write_back(j, local, value, 0);
}

// What is lent `mut` and can hold loans may have been given those of the others.
static void flow_into_args(Judge *j, const JirStmt *stmt, const Signature *signature) {
    for (uint32_t i = 0, param = 0; i < stmt->arg_count; i++, param++) {
        const JirArg *arg = arg_of(j, stmt, i);
        param = signature ? next_param(j, signature, param) : param;
        if (arg->kind != ARG_MUT_REF || !type_borrows(j, jir_place_type(j->fn, arg->place)))
            continue;
        bool is_known = signature && param < signature->param_count;
        TypeId declared = is_known ? signature->param_types[param] : (TypeId){0};
        if (declared.v && class_of(j, declared) & CLASS_PLAIN) // nothing fits into it
            continue;
        FactList value = {0};
        flow_args(j, stmt, declared, i, &value, &value);
        add_value(j, jir_place(j->fn, arg->place)->root, &value);
        vec_free(&value);
    }
}

// What is given may be changed through, whatever it shows besides.
static void forget_reads(FactList *list) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; i++)
        if (fact_loan(list->items[i]) != LOAN_READS)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

static void flow_call(Judge *j, const JirStmt *stmt, Target *target) {
    const Signature *signature = program_declared_signature(j->program, stmt->callee->decl);
    flow_result(j, stmt, signature, target);
    if (signature && signature->gives_changeable) // its own check sees to it that it comes from what was lent `mut`
        forget_reads(&target->value);
    flow_into_args(j, stmt, signature);
}

static void flow_call_value(Judge *j, const JirStmt *stmt, Target *target) {
    TypeId func = program_callable(j->program, jir_place_type(j->fn, stmt->place));
    const Type *type = func.v ? type_get(j->program->types, func) : NULL;
    flow_args(j, stmt, type ? type->args[type->arg_count - 1] : (TypeId){0}, NONE, &target->value,
              target->repoints ? &target->address : &target->value);
    flow_value(j, stmt->place, &target->value);
    // What a function value gives may be part of what it owns.
    if (type && kind_of(j, jir_place_type(j->fn, stmt->place)) == TY_FUNC &&
        type_borrows(j, type->args[type->arg_count - 1]))
        flow_borrow(j, stmt->place, type->self_mode == MODE_MUT, false, &target->value,
                    target->repoints ? &target->address : &target->value);
    flow_into_args(j, stmt, NULL);
}

static void flow_captures(Judge *j, const JirStmt *stmt, Target *target) {
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = arg_of(j, stmt, i);
        if (arg->kind == ARG_VALUE)
            flow_operand(j, arg->value, &target->value);
        else
            flow_borrow(j, arg->place, arg->kind == ARG_MUT_REF, false, &target->value, &target->value);
    }
}

// A task's handle is lent from its nursery; what its closure borrows is held by the nursery's scope.
static void flow_spawn(Judge *j, const JirStmt *stmt, Target *target) {
    flow_borrow(j, arg_of(j, stmt, 0)->place, false, false, &target->value, &target->value);
    flow_into_args(j, stmt, NULL);
}

static void flow_intrinsic(Judge *j, const JirStmt *stmt, Target *target) {
    if (stmt->number == INTRINSIC_task_spawn || stmt->number == INTRINSIC_task_spawn_isolated) {
        flow_spawn(j, stmt, target);
        return;
    }
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = arg_of(j, stmt, i);
        if (arg->kind == ARG_VALUE)
            flow_operand(j, arg->value, &target->value);
        else if (stmt->number == INTRINSIC_slice_of)
            flow_borrow(j, arg->place, arg->kind == ARG_MUT_REF, is_plain_view(j, jir_place_type(j->fn, arg->place)),
                        &target->value, &target->value);
    }
    // Whether a list or an array may change is a matter of its place; of a Slice, of what it was made of.
    const JirArg *whole = stmt->number == INTRINSIC_slice_of ? arg_of(j, stmt, 0) : NULL;
    if (whole && whole->kind == ARG_MUT_REF &&
        !type_is_lang(j->program, jir_place_type(j->fn, whole->place), LANG_SLICE))
        forget_reads(&target->value);
}

// A closure, or a func value, that a view of it is made of is lent to that.
static void flow_cast(Judge *j, const JirStmt *stmt, Target *target) {
    const JirOperand *operand = &j->fn->operands.items[stmt->a.v];
    flow_operand(j, stmt->a, &target->value);
    if (operand->kind == OPERAND_CONST || !local_of(j, jir_place(j->fn, stmt->dst)->root)->is_view)
        return;
    const Type *func = type_get(j->program->types, jir_place_type(j->fn, stmt->dst));
    bool is_mut = func->kind == TY_FUNC && func->self_mode == MODE_MUT;
    flow_borrow(j, operand->place, is_mut, false, &target->value, &target->value);
}

static bool callable_gives_address(const Judge *j, TypeId type) {
    TypeId func = program_callable(j->program, type);
    const Type *callable = func.v ? type_get(j->program->types, func) : NULL;
    return callable && callable->kind == TY_FUNC && kind_of(j, callable->args[callable->arg_count - 1]) == TY_REF;
}

// A type of a generic function as this call has it: its T may be a `mut U`, as that of `m.get_mut(k).unwrap()` is.
static TypeId instance_type(const Judge *j, const JirCallee *callee, TypeId type) {
    const Signature *signature = program_signature(j->program, callee->decl);
    for (uint32_t i = 0; i < signature->type_param_count && i < callee->type_arg_count; i++)
        if (kind_of(j, type) == TY_PARAM && type_get(j->program->types, type)->decl.v == signature->type_params[i].v)
            return callee->type_args[i];
    return type;
}

bool loans_repoint(const Judge *j, const JirStmt *stmt) {
    if (!stmt->dst.v || !is_whole_reference(j, stmt->dst))
        return false;
    const JirPlace *dst = jir_place(j->fn, stmt->dst);
    bool is_let = local_of(j, dst->root)->mode == LOCAL_LET_REF; // nothing is ever written through it
    switch ((OpKind)stmt->op) {
    case OP_REF: return true;
    case OP_SET:
    case OP_STORE: {
        TypeId type = jir_operand_type(j->fn, stmt->a);
        return kind_of(j, type) == TY_REF && type.v != dst->type.v;
    }
    case OP_CALL: {
        const Signature *signature = program_signature(j->program, stmt->callee->decl);
        return is_let || (signature && kind_of(j, instance_type(j, stmt->callee, signature->result)) == TY_REF);
    }
    case OP_CALL_VALUE: return is_let || callable_gives_address(j, jir_place_type(j->fn, stmt->place));
    case OP_INTRINSIC: return stmt->number == INTRINSIC_ptr_ref || stmt->number == INTRINSIC_ptr_mut;
    default: return false;
    }
}

void loans_stmt(Judge *j, const JirStmt *stmt, Target *target) {
    FactList *address = target->repoints ? &target->address : &target->value;
    switch ((OpKind)stmt->op) {
    case OP_CALL: flow_call(j, stmt, target); break;
    case OP_CALL_VALUE: flow_call_value(j, stmt, target); break;
    case OP_MAKE_CLOSURE: flow_captures(j, stmt, target); break;
    case OP_INTRINSIC: flow_intrinsic(j, stmt, target); break;
    case OP_CAST: flow_cast(j, stmt, target); break;
    case OP_REF: flow_borrow(j, stmt->place, stmt->sub, false, &target->value, address); break;
    case OP_SET:
    case OP_STORE:
    case OP_REPEAT:
        flow_operand(j, stmt->a, &target->value);
        if (target->repoints) // an address that was a value: what it is lent from counts for both
            flow_operand(j, stmt->a, &target->address);
        break;
    case OP_MAKE:
    case OP_MAKE_VARIANT:
        for (uint32_t i = 0; i < stmt->arg_count; i++)
            flow_operand(j, (OperandId){j->fn->operand_lists.items[stmt->args + i]}, &target->value);
        break;
    default: break;
    }
}

// What is lent from the old content of the target is not lent from the new one.
static void drop_own_loans(Judge *j, const Target *target, FactList *facts) {
    const JirPlace *dst = jir_place(j->fn, target->place);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < facts->count; i++) {
        uint32_t loan = fact_loan(facts->items[i]);
        bool is_old = loan != LOAN_READS && is_rooted(j, loan, dst->root) &&
                      (target->repoints || effect_on(j, loan_of(j, loan), dst, ACCESS_REPLACES) == FORGETS);
        if (!is_old)
            facts->items[kept++] = facts->items[i];
    }
    facts->count = kept;
}

void loans_hold(Judge *j, Target *target) {
    const JirPlace *dst = jir_place(j->fn, target->place);
    if (!dst->is_global && j->holders[dst->root]) {
        bool is_owned = local_of(j, dst->root)->mode == LOCAL_OWNED;
        drop_own_loans(j, target, &target->value);
        drop_own_loans(j, target, &target->address);
        if (target->repoints || (is_owned && !dst->count)) {
            forget_node(j, node_value(dst->root));
            forget_node(j, node_address(dst->root));
        }
        if (target->repoints) {
            add_to_node(j, node_value(dst->root), &target->value);
            add_to_node(j, node_address(dst->root), &target->address);
        } else {
            add_value(j, dst->root, &target->value);
        }
    }
}

// ---- arguments ------------------------------------------------------------------------------------------------------

void loans_lend(Judge *j, const JirArg *arg) {
    FactList held = {0};
    if (arg->kind == ARG_VALUE)
        flow_operand(j, arg->value, &held);
    else
        flow_borrow(j, arg->place, arg->kind == ARG_MUT_REF, is_plain_view(j, jir_place_type(j->fn, arg->place)), &held,
                    &held);
    add_to_node(j, call_node(j), &held);
    vec_free(&held);
}

void loans_call(Judge *j) {
    use_node(j, "calc.args", "an argument of the call", call_node(j));
    forget_node(j, call_node(j));
}

// ---- the ends of a function -----------------------------------------------------------------------------------------

void loans_begin(Judge *j) {
    vec_push(&j->loans, (Loan){0});                             // LOAN_READS
    vec_push(&j->loans, (Loan){.is_mut = true, .deref = NONE}); // what the caller lent `mut`
    for (uint32_t l = 1; l < j->fn->locals.count && is_given(j, l); l++)
        if (j->holders[l])
            facts_add(&j->now.facts,
                      fact(node_value(l), local_of(j, l)->mode == LOCAL_MUT_REF ? 1 : LOAN_READS, false));
    const JirFn *fn = j->fn;
    if (!fn->closure.v && fn->decl.v && program_signature(j->program, fn->decl))
        j->content_only = !type_borrows(j, program_declared_signature(j->program, fn->decl)->result) &&
                          type_borrows(j, local_of(j, 0)->type);
}

static bool outlives(const Judge *j, const Loan *loan) {
    if (!loan->place.v || loan->deref != NONE)
        return true;
    const JirLocal *root = local_of(j, jir_place(j->fn, loan->place)->root);
    if (root->mode != LOCAL_OWNED)
        return !j->content_only || root->kind != LOCAL_PARAM;
    return root->kind == LOCAL_CAPTURE && j->fn->self_mode != MODE_OWN;
}

static void leave_with(Judge *j, uint32_t local, bool is_result) {
    char what[32];
    snprintf(what, sizeof what, is_result ? "the result" : "_%u", local);
    use_node(j, "calc.result", what, node_value(local));
    uint32_t end, first = facts_of(&j->now.facts, node_value(local), &end);
    for (uint32_t i = first; i < end && !j->failed; i++) {
        uint32_t loan = fact_loan(j->now.facts.items[i]);
        if (loan == LOAN_READS || outlives(j, loan_of(j, loan)))
            continue;
        Buffer text = {0};
        judge_write_place(j, loan_of(j, loan)->place, &text);
        judge_refuse(j, "calc.result", "%s may show %.*s, which ends with the call", what,
                     TEXT_ARG(buffer_view(&text)));
        vec_free(&text);
    }
}

void loans_return(Judge *j) {
    leave_with(j, 0, true);
    for (uint32_t l = 1; l < j->fn->locals.count && is_given(j, l); l++)
        if (j->holders[l] && local_of(j, l)->mode == LOCAL_MUT_REF)
            leave_with(j, l, false);
}
