// Arguments: which parameter each is for, in which order they tell their types, how they are lent, what they must be.
#include "sema/body.h"

enum { FEW = 16 };

typedef struct Slots {
    NodeId few[FEW];
    NodeId *nodes; // by parameter, the receiver's left out: the argument as written, or none
    uint32_t count;
    uint32_t offset; // of the first in the signature: 1 behind a receiver
    bool failed;
    bool is_miscounted; // which argument is for which parameter is anyone's guess
} Slots;

static uint32_t param_count(Body *b, const Callee *callee) {
    return callee->sig != NULL ? callee->sig->param_count : type_of(b, callee->func)->arg_count - 1;
}

static ParamMode param_mode(Body *b, const Callee *callee, uint32_t i) {
    return (ParamMode)(callee->sig != NULL ? callee->sig->param_modes[i] : type_of(b, callee->func)->modes[i]);
}

static TypeId param_type(Body *b, const Callee *callee, uint32_t i) {
    return callee->sig != NULL ? callee_type(b, callee, callee->sig->param_types[i])
                               : type_of(b, callee->func)->args[i];
}

NodeId unnamed_arg(Body *b, NodeId arg) {
    while (arg.v != 0 && (kind_of(b, arg) == NODE_ARG_NAMED || kind_of(b, arg) == NODE_ARG_MUT))
        arg = ast_unary(b->ast, arg).child;
    return arg;
}

static bool has_mut_word(Body *b, NodeId arg, NodeId *word) {
    for (; kind_of(b, arg) == NODE_ARG_NAMED || kind_of(b, arg) == NODE_ARG_MUT; arg = ast_unary(b->ast, arg).child)
        if (kind_of(b, arg) == NODE_ARG_MUT)
            return *word = arg, true;
    return false;
}

// ---- which parameter ------------------------------------------------------------------------------------------------

static const char *callee_name(Body *b, const Callee *callee) {
    return callee->sig != NULL ? cstr(b, program_decl(b->program, callee->decl)->name) : "the function";
}

static bool has_default(Body *b, const Callee *callee, uint32_t i) {
    if (callee->sig == NULL)
        return false;
    NodeId node = callee->sig->param_nodes[i];
    const Ast *ast = program_ast(b->program, callee->decl);
    return node.v != 0 && ast_kind(ast, node) == NODE_PARAM && ast_param(ast, node).default_value.v != 0;
}

// A default value has its type once the body of its function is checked: std's are checked late.
static void need_default(Body *b, const Callee *callee, uint32_t i) {
    NodeId value = ast_param(program_ast(b->program, callee->decl), callee->sig->param_nodes[i]).default_value;
    const Module *module = program_module(b->program, program_decl(b->program, callee->decl)->module);
    if (module->facts->types[value.v].v == 0)
        sema_body(b->sema, callee->decl);
}

static void report_count(Body *b, const Callee *callee, Slots *slots, uint32_t found, Span at) {
    slots->is_miscounted = true;
    Report *r = REPORT(b, E0428, at, "`%s` takes %u argument%s, found %u", callee_name(b, callee), slots->count,
                       slots->count == 1 ? "" : "s", found);
    report_label(r, found > slots->count ? "one too many" : "something is missing");
    if (callee->sig != NULL)
        report_note(r, decl_span(b->program, callee->decl), "it is declared here");
}

static void place_named(Body *b, const Callee *callee, Slots *slots, NodeId arg) {
    SymbolId name = name_of(b, arg);
    Span at = main_span(b, arg);
    for (uint32_t i = 0; callee->sig != NULL && i < slots->count; i++) {
        if (callee->sig->param_names[i + slots->offset].v != name.v)
            continue;
        if (slots->nodes[i].v != 0) {
            slots->failed = true;
            Report *r = REPORT(b, E0429, at, "the argument `%s` is given twice", cstr(b, name));
            report_note(r, span_of(b, slots->nodes[i]), "it was given here");
        }
        slots->nodes[i] = arg;
        return;
    }
    slots->failed = true;
    Report *r = REPORT(b, E0430, at, "`%s` has no parameter `%s`", callee_name(b, callee), cstr(b, name));
    uint32_t best = 3;
    SymbolId found = {0};
    for (uint32_t i = 0; callee->sig != NULL && i < slots->count; i++) {
        if (slots->nodes[i].v != 0)
            continue;
        SymbolId candidate = callee->sig->param_names[i + slots->offset];
        uint32_t distance = text_distance(symbol(b->program, name), symbol(b->program, candidate), best);
        if (distance < best) {
            best = distance;
            found = candidate;
        }
    }
    if (found.v != 0)
        report_fix(r, at, symbol(b->program, found), "use the parameter's name");
}

static uint32_t place_positional(Body *b, const Callee *callee, Slots *slots, ArgList args) {
    uint32_t next = 0, total = args.count + (args.piped.v != 0);
    if (args.piped.v != 0 && next < slots->count)
        slots->nodes[next] = args.piped;
    next = args.piped.v != 0;
    bool named = false;
    for (uint32_t i = 0; i < args.count; i++) {
        NodeId arg = {args.items[i]};
        if (kind_of(b, arg) == NODE_ARG_NAMED) {
            named = true;
            place_named(b, callee, slots, arg);
            continue;
        }
        if (named) {
            slots->failed = true;
            REPORT(b, E0431, span_of(b, arg), "an argument without a name after one with a name");
        } else if (next < slots->count) {
            slots->nodes[next] = arg;
        } else if (!slots->failed) {
            slots->failed = true;
            report_count(b, callee, slots, total, span_of(b, arg));
        }
        next++;
    }
    return total;
}

static void place_args(Body *b, NodeId call, const Callee *callee, Slots *slots, ArgList args) {
    slots->offset = callee->receiver.v != 0;
    slots->count = param_count(b, callee) - slots->offset;
    slots->nodes = slots->count <= FEW ? slots->few : ARENA_ARRAY(b->arena, NodeId, slots->count);
    uint32_t found = place_positional(b, callee, slots, args);
    Span all = span_of(b, call);
    Span end = {all.file, all.end > all.start ? all.end - 1 : all.end, all.end};
    for (uint32_t i = 0; i < slots->count && !slots->failed; i++) {
        if (slots->nodes[i].v != 0)
            continue;
        if (has_default(b, callee, i + slots->offset)) {
            need_default(b, callee, i + slots->offset);
            continue;
        }
        slots->failed = true;
        if (callee->sig == NULL || found == 0) {
            report_count(b, callee, slots, found, end);
            return;
        }
        slots->is_miscounted = true;
        Report *r = REPORT(b, E0428, end, "the argument `%s` of `%s` is missing",
                           cstr(b, callee->sig->param_names[i + slots->offset]), callee_name(b, callee));
        report_label(r, "`%s` takes %u argument%s", callee_name(b, callee), slots->count, slots->count == 1 ? "" : "s");
        NodeId node = callee->sig->param_nodes[i + slots->offset];
        report_note(r, ast_span(program_ast(b->program, callee->decl), node), "the parameter is declared here");
    }
}

// ---- one argument ---------------------------------------------------------------------------------------------------

static void check_mode(Body *b, NodeId arg, NodeId value, ParamMode mode) {
    NodeId word = {0};
    bool has_word = has_mut_word(b, arg, &word);
    Span at = span_of(b, value);
    if (mode != MODE_MUT) {
        if (!has_word)
            return;
        Report *r = REPORT(b, E0391, main_span(b, word), "the parameter does not change its argument");
        report_label(r, "`mut` is not needed");
        report_fix(r, (Span){at.file, main_span(b, word).start, at.start}, TEXT(""), "leave `mut` out");
        return;
    }
    TypeId converted = b->facts->wanted[value.v];
    if (converted.v != 0 && kind_of_type(b, converted) == TY_OPTIONAL && is_place(b, value))
        REPORT(b, E0310, at, "expected a place that holds a `%s`, found one that holds a `%s`", show(b, converted),
               show(b, b->facts->types[value.v]));
    if (!has_word && is_place(b, value) && !is_poison(b, b->facts->types[value.v])) {
        Report *r = REPORT(b, E0390, at, "this argument is lent to be changed, and the call must say so");
        report_fix(r, (Span){at.file, at.start, at.start}, TEXT("mut "), "lend it with `mut`");
    }
    require_mutable(b, value, "lend it as `mut`", true);
}

// A callable bound says what a closure given for `f: F` takes and gives.
static TypeId callable_of(Body *b, const Callee *callee, uint32_t i) {
    if (callee->sig == NULL || type_of(b, callee->sig->param_types[i])->kind != TY_PARAM)
        return (TypeId){0};
    for (uint32_t k = 0; k < callee->sig->bound_count; k++)
        if (callee->sig->bounds[k].callable.v != 0 &&
            same_type(callee->sig->bounds[k].type, callee->sig->param_types[i]))
            return callee_type(b, callee, callee->sig->bounds[k].callable);
    return (TypeId){0};
}

static void check_type_argument(Body *b, const Callee *callee, uint32_t i, NodeId value) {
    TypeId type = type_from_expr(b, value);
    SymbolId name = callee->sig->param_names[i];
    for (uint32_t k = 0; k < callee->param_count; k++)
        if (program_decl(b->program, callee->params[k])->name.v == name.v)
            infer_unify(b->infer, callee->args[k], type);
}

// The bound that makes a parameter take an iterator of any type, or NULL.
static const Bound *iterator_bound(Body *b, const Callee *callee, uint32_t i) {
    if (callee->sig == NULL || param_mode(b, callee, i) != MODE_OWN ||
        type_of(b, callee->sig->param_types[i])->kind != TY_PARAM)
        return NULL;
    const DeclId *lang = b->program->lang;
    for (uint32_t k = 0; k < callee->sig->bound_count; k++) {
        const Bound *bound = &callee->sig->bounds[k];
        DeclId trait = bound->trait;
        if (same_type(bound->type, callee->sig->param_types[i]) && trait.v != 0 &&
            (trait.v == lang[LANG_YIELDS].v || trait.v == lang[LANG_GIVES].v ||
             trait_has_super(b->program, trait, lang[LANG_ITERATOR])))
            return bound;
    }
    return NULL;
}

// A list that is written there has items of the type that is asked for.
static TypeId check_iterable(Body *b, const Callee *callee, const Bound *bound, NodeId value) {
    if (bound->trait_args.v == 0 || kind_of(b, value) != NODE_LIST)
        return check_value(b, value);
    TypeId item = shallow(b, type_of(b, callee_type(b, callee, bound->trait_args))->args[0]);
    return check_hint(b, value, lang1(b, LANG_LIST, type_of(b, item)->kind == TY_REF ? first_arg(b, item) : item));
}

// A type with an impl of its own of Gives, as a map, which gives its entries away.
static bool gives_itself(Body *b, const Bound *bound, TypeId have) {
    ImplMatch match;
    return bound->trait.v == b->program->lang[LANG_GIVES].v &&
           sema_implements(&b->env, have, bound->trait, &match) == MATCH_YES;
}

// What is no iterator, but can be gone over, is lent to one, as `for` does it; a sequence that gives is lent as a
// slice.
static void check_iterated(Body *b, const Callee *callee, const Bound *bound, NodeId value, const Want *want) {
    TypeId have = full_type(b, shallow(b, check_iterable(b, callee, bound, value))), iterator, lent = {0};
    TypeKind kind = kind_of_type(b, have);
    if (kind == TY_VAR || kind == TY_NEVER ||
        (kind != TY_POISON && (is_iterator(b, have) || gives_itself(b, bound, have)))) {
        coerce(b, value, have, want);
        return;
    }
    if (bound->trait.v == b->program->lang[LANG_GIVES].v && is_sequence(b, have)) {
        iterator = lang1(b, LANG_SLICE, first_arg(b, have));
        if (infer_unify(b->infer, want->type, iterator) && !is_lang(b, have, LANG_SLICE))
            b->facts->wanted[value.v] = iterator;
        return;
    }
    ResolutionId iter = {0};
    if (kind != TY_POISON && kind != TY_RESULT)
        iter = iterator_of_value(b, value, have, &iterator, &lent);
    if (iter.v == 0) {
        report_not_iterable(b, value, have, callee_name(b, callee));
        iterator = poison(b);
    } else {
        map_set(&b->facts->iterated, value.v, iter.v);
        if (lent.v != 0)
            b->facts->wanted[value.v] = lent;
    }
    infer_unify(b->infer, want->type, iterator);
}

// True if the type has what the bounds on a parameter's type ask for.
static bool meets_bounds(Body *b, const Callee *callee, uint32_t i, TypeId type) {
    ImplMatch match;
    for (uint32_t k = 0; k < callee->sig->bound_count; k++) {
        const Bound *bound = &callee->sig->bounds[k];
        if (bound->trait.v != 0 && same_type(bound->type, callee->sig->param_types[i]) &&
            sema_implements(&b->env, type, bound->trait, &match) != MATCH_YES)
            return false;
    }
    return true;
}

// True if the parameter is lent a T that the call is to find, by a value that may lie in a Box.
static bool may_lend_content(Body *b, const Callee *callee, uint32_t i, NodeId value, const Want *want) {
    NodeKind kind = kind_of(b, value);
    return callee->sig != NULL && want->lent != LENT_NO && kind_of_type(b, want->type) == TY_VAR &&
           type_of(b, callee->sig->param_types[i])->kind == TY_PARAM &&
           (kind == NODE_NAME || kind == NODE_FIELD || kind == NODE_INDEX || kind == NODE_CALL);
}

// A Box passes where its content is borrowed: T is the content where that meets the bounds, and the Box does not.
static void check_lent_content(Body *b, const Callee *callee, uint32_t i, NodeId value, const Want *want) {
    TypeId have = check_hint(b, value, want->type), content = full_type(b, shallow(b, have));
    bool is_known = !(type_of(b, content)->flags & (TYPE_HAS_VAR | TYPE_HAS_POISON));
    while (is_known && is_boxed(b, content) && !meets_bounds(b, callee, i, content))
        content = shallow(b, first_arg(b, content));
    bool is_sized = want->lent == LENT_READ || kind_of_type(b, content) != TY_DYN;
    if (is_known && is_sized && is_boxed(b, have) && meets_bounds(b, callee, i, content))
        infer_unify(b->infer, want->type, content);
    coerce(b, value, have, want);
}

static void check_arg(Body *b, const Callee *callee, uint32_t i, NodeId arg) {
    NodeId value = unnamed_arg(b, arg);
    ParamMode mode = param_mode(b, callee, i);
    if (callee->sig != NULL && type_of(b, callee->sig->param_types[i])->kind == TY_TYPE) {
        check_type_argument(b, callee, i, value);
        return;
    }
    TypeId type = param_type(b, callee, i);
    choose_by_literal(b, callee, type, value);
    TypeId callable = callable_of(b, callee, i);
    Want want = {.type = type,
                 .why = callee->sig != NULL ? WHY_ARGUMENT : WHY_NONE,
                 .decl = callee->decl,
                 .index = i,
                 .lent = mode == MODE_BORROW ? LENT_READ
                         : mode == MODE_MUT  ? LENT_MUT
                                             : LENT_NO};
    if (callable.v != 0 && kind_of(b, value) == NODE_CLOSURE) {
        TypeId closure = check_hint(b, value, callable);
        coerce(b, value, closure, &want);
    } else if (callable.v != 0 && mode == MODE_OWN) {
        // A func value that stands somewhere is lent: `xs.map(f)` calls f where it is.
        TypeId func = shallow(b, check_value(b, value)), lent = type_ref(b->types, func, false);
        if (type_of(b, func)->kind == TY_FUNC && type_of(b, func)->self_mode == MODE_BORROW && is_place(b, value) &&
            kind_of_type(b, type) == TY_VAR && infer_unify(b->infer, type, lent))
            b->facts->wanted[value.v] = lent;
        else
            coerce(b, value, func, &want);
    } else if (iterator_bound(b, callee, i) != NULL) {
        check_iterated(b, callee, iterator_bound(b, callee, i), value, &want);
    } else if (may_lend_content(b, callee, i, value, &want)) {
        check_lent_content(b, callee, i, value, &want);
    } else {
        check_expr(b, value, &want);
    }
    for (NodeId n = arg; n.v != value.v; n = ast_unary(b->ast, n).child)
        b->facts->types[n.v] = b->facts->types[value.v];
    if (is_poison(b, b->facts->types[value.v]))
        poison_unknown(b, type); // nobody asks again what it would have said
    check_mode(b, arg, value, mode);
}

// ---- all of them ----------------------------------------------------------------------------------------------------

// A literal, also one inside a list or a tuple, or a call that is given nothing else: `Box.new(3)` may be a Box of any
// integer.
static bool learns_type(Body *b, NodeId value) {
    NodeKind kind = kind_of(b, value);
    if (kind == NODE_LIST || kind == NODE_TUPLE) {
        AstList items = ast_list(b->ast, value);
        for (uint32_t i = 0; i < items.count; i++)
            if (learns_type(b, AST_ITEM(items, i)))
                return true;
    }
    if (kind != NODE_CALL)
        return is_literal(b, value);
    AstList args = ast_call(b->ast, value).args;
    for (uint32_t i = 0; i < args.count; i++)
        if (!learns_type(b, unnamed_arg(b, AST_ITEM(args, i))))
            return false;
    return args.count > 0;
}

// First what tells its type, then literals, then closures, which learn their parameters from the others.
static uint32_t turn_of(Body *b, const Callee *callee, uint32_t i, NodeId arg) {
    if (callee->sig != NULL && type_of(b, callee->sig->param_types[i])->kind == TY_TYPE)
        return 0;
    NodeId value = unnamed_arg(b, arg);
    if (kind_of(b, value) == NODE_CLOSURE)
        return 2;
    return learns_type(b, value) ? 1 : 0;
}

static void hint_result(Body *b, const Callee *callee, const Want *want) {
    if (callee->sig == NULL || want->type.v == 0 || want->is_dropped)
        return;
    TypeId result = callee_type(b, callee, callee->sig->result);
    if (!(type_of(b, infer_resolve(b->infer, result))->flags & TYPE_HAS_VAR))
        return;
    const Type *r = type_of(b, shallow_keep(b, result));
    TypeId hint = shallow(b, want->type);
    if (r->kind == TY_RESULT) {
        r = type_of(b, shallow_keep(b, result = r->args[1]));
        if (type_of(b, hint)->kind == TY_RESULT)
            hint = shallow(b, type_of(b, hint)->args[1]);
    }
    if (r->kind == TY_REF)
        result = r->args[0];
    TypeKind kind = type_of(b, shallow_keep(b, result))->kind;
    if (type_of(b, hint)->kind == TY_OPTIONAL && kind != TY_OPTIONAL)
        hint = first_arg(b, hint);
    if (dyn_is_box(b, hint)) // the arguments say what becomes a dyn afterwards
        return;
    if (kind != TY_VAR || (kind_of_type(b, hint) != TY_FUNC && kind_of_type(b, hint) != TY_VAR))
        infer_unify(b->infer, result, hint);
}

static void poison_args(Body *b, const Callee *callee) {
    for (uint32_t i = 0; i < callee->param_count; i++) {
        TypeId arg = infer_resolve(b->infer, callee->args[i]);
        if (type_of(b, arg)->kind == TY_VAR)
            infer_unify(b->infer, arg, poison(b));
    }
}

void check_arg_alone(Body *b, NodeId arg) {
    NodeId value = unnamed_arg(b, arg);
    NodeKind kind = kind_of(b, value);
    bool is_type = kind == NODE_TYPE_EXPR || (kind == NODE_NAME && path_of(b, value).kind == PATH_TYPE);
    if (!is_type && kind != NODE_CLOSURE)
        poison_unknown(b, check_value(b, value));
}

// Without saying what they should be: that would only follow from the wrong number of them.
static void check_args_alone(Body *b, const Slots *slots) {
    for (uint32_t i = 0; i < slots->count; i++) {
        if (slots->nodes[i].v != 0)
            check_arg_alone(b, slots->nodes[i]);
    }
}

// What is known now of the arguments and the result may say which impl of a trait with arguments is meant.
static void choose_impl(Body *b, const Callee *callee) {
    TraitRef trait = trait_of_method_args(b->program, callee->decl, callee->args, callee->param_count);
    if (trait.args.v != 0)
        sema_choose_trait(&b->env, callee->args[0], trait);
}

TypeId check_args(Body *b, NodeId call, Callee *callee, ArgList args, const Want *want) {
    Slots slots = {0};
    place_args(b, call, callee, &slots, args);
    bool generic = callee->param_count > 0;
    uint32_t turns = slots.is_miscounted ? 0 : generic ? 3 : 1;
    if (slots.is_miscounted)
        check_args_alone(b, &slots);
    for (uint32_t turn = 0; turn < turns; turn++) {
        for (uint32_t i = 0; i < slots.count; i++)
            if (slots.nodes[i].v != 0 && (!generic || turn_of(b, callee, i + slots.offset, slots.nodes[i]) == turn))
                check_arg(b, callee, i + slots.offset, slots.nodes[i]);
        if (turn == 0 && generic && want != NULL)
            hint_result(b, callee, want);
        if (turn == 0 && callee->ref == REF_TRAIT_METHOD)
            choose_impl(b, callee);
    }
    if (slots.failed)
        poison_args(b, callee);
    else if (callee->sig != NULL)
        require_bounds(b, callee, call_name_span(b, call));
    dyn_check_arguments(b, callee, call_name_span(b, call));
    if (callee->sig == NULL)
        return type_of(b, callee->func)->args[param_count(b, callee)];
    return callee_type(b, callee, callee->sig->result);
}
