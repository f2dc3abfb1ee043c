// The messages of the ownership check. What was given away reports at the later use, what was bound at the binding; the
// other place is a note.
#include "ir/own.h"

static Span token_span(const Own *own, uint32_t token) {
    const Module *module = program_module(own->program, own->fn->module);
    if (!own->fn->module.v || !module->ast || !token)
        return (Span){0};
    return ast_token_span(module->ast, (TokenId){token});
}

static uint32_t stmt_token(const Own *own, uint32_t block, uint32_t number) {
    const JirBlock *it = &own->fn->blocks.items[block];
    return number == own_end(own, block) ? it->term.token : own_stmt(own, block, number)->token;
}

static uint32_t place_token(const Own *own, uint32_t block, uint32_t number, PlaceId place) {
    uint32_t token = place.v ? jir_place(own->fn, place)->token : 0;
    return token ? token : stmt_token(own, block, number);
}

static Span place_span(const Own *own, uint32_t block, uint32_t number, PlaceId place) {
    return token_span(own, place_token(own, block, number, place));
}

static Span local_span(const Own *own, uint32_t local) {
    const Module *module = program_module(own->program, own->fn->module);
    NodeId node = own->fn->locals.items[local].node;
    if (!own->fn->module.v || !module->ast || !node.v)
        return (Span){0};
    return ast_main_span(module->ast, node);
}

// ---- names ----------------------------------------------------------------------------------------------------------

static void write_field(const Own *own, TypeId base, uint32_t index, Buffer *out) {
    const Type *type = type_get(own->program->types, base);
    const Shape *shape = type->kind == TY_STRUCT ? program_shape(own->program, type->decl) : NULL;
    if (shape && index < shape->fields.count && shape->fields.fields)
        buffer_printf(out, ".%.*s", TEXT_ARG(decl_name(own->program, shape->fields.fields[index])));
    else
        buffer_printf(out, ".%u", index);
}

// The place as the user would write it, in quotes; payloads and the contents of Boxes are named by what they lie in.
static Text place_text(const Own *own, const JirPlace *place) {
    Buffer out = {0};
    SymbolId name = {0};
    TypeId type = {0};
    if (!place->is_global) {
        name = own->fn->locals.items[place->root].name;
        type = own->fn->locals.items[place->root].type;
    }
    if (place->is_global)
        buffer_printf(&out, "`%.*s", TEXT_ARG(decl_name(own->program, (DeclId){place->root})));
    else if (name.v)
        buffer_printf(&out, "`%.*s", TEXT_ARG(symbol(own->program, name)));
    bool is_named = out.count > 0;
    for (uint32_t i = 0; i < place->count && is_named; i++) {
        const Projection *projection = &own->fn->projections.items[place->first + i];
        if (projection->kind == PROJ_VARIANT)
            break;
        if (projection->kind == PROJ_FIELD && type.v)
            write_field(own, type, projection->index, &out);
        else if (projection->kind == PROJ_CONST_INDEX)
            buffer_printf(&out, "[%u]", projection->index);
        else if (projection->kind == PROJ_INDEX)
            buffer_cstr(&out, "[…]");
        type = projection->type;
    }
    bool is_closure = type.v && own_kind(own, type) == TY_CLOSURE;
    buffer_cstr(&out, is_named ? "`" : is_closure ? "this closure" : "this value");
    Text text = arena_text(own->arena, buffer_view(&out));
    vec_free(&out);
    return text;
}

static Text local_text(const Own *own, uint32_t local) {
    JirPlace place = {.root = local};
    return place_text(own, &place);
}

// Whether `.copy()` of the value is worth offering.
static bool has_copy(const Own *own, TypeId type) {
    const Type *t = type_get(own->program->types, type);
    return !(own_class(own, type) & CLASS_HAS_DROP) && (t->kind != TY_FUNC || t->self_mode == MODE_BORROW);
}

static bool is_named(const Own *own, const JirPlace *place) {
    return place->is_global || jir_local(own->fn, (LocalId){place->root})->name.v != 0;
}

static void help_copy(const Own *own, Report *report, const JirPlace *place, const char *before) {
    if (!has_copy(own, place->type) || !is_named(own, place))
        return;
    Text text = place_text(own, place);
    if (place->count == 0 || text.data[text.size - 2] != ']')
        report_help(report, "%s a copy: `%.*s.copy()`", before, (int)text.size - 2, text.data + 1);
    else
        report_help(report, "%s a copy: call `.copy()` on it", before);
}

// ---- uses -----------------------------------------------------------------------------------------------------------

static bool is_above(const Own *own, uint32_t upper, uint32_t path) {
    return upper <= path && path < own->paths.items[upper].end;
}

typedef enum { SEARCH_ON, SEARCH_FOUND, SEARCH_STOP } Search;

// Looks at a statement on the way back from a use: a move of the path (or of what it lies in, or a part) ends the
// search.
static Search look_back(const Own *own, uint32_t number, uint32_t path, Access *found) {
    for (uint32_t a = own->first_access[number + 1]; a-- > own->first_access[number];) {
        const Access *access = &own->accesses.items[a];
        if (access->path == NO_PATH || !access->exact)
            continue;
        bool covers = is_above(own, access->path, path);
        if (access->kind == ACCESS_MOVE && (covers || is_above(own, path, access->path))) {
            *found = *access;
            return SEARCH_FOUND;
        }
        if (covers && (access->kind == ACCESS_SET || access->kind == ACCESS_STORE || access->kind == ACCESS_LIVE))
            return SEARCH_STOP;
    }
    return SEARCH_ON;
}

typedef struct {
    uint32_t block, number;
    Access access;
} Site;

// A move earlier in the statement of the use itself.
static bool find_in_stmt(const Own *own, uint32_t number, uint32_t path, const Access *use, Access *found) {
    for (uint32_t a = own->first_access[number]; a < own->first_access[number + 1]; a++) {
        const Access *access = &own->accesses.items[a];
        if (access->place.v == use->place.v && access->operand.v == use->operand.v)
            return false;
        if (access->kind == ACCESS_MOVE && access->exact && access->path != NO_PATH &&
            (is_above(own, access->path, path) || is_above(own, path, access->path))) {
            *found = *access;
            return true;
        }
    }
    return false;
}

static bool search_block(const Own *own, uint32_t block, uint32_t from, uint32_t path, Site *site, bool *stopped) {
    for (uint32_t number = from; number-- > own->first_stmt[block];) {
        Search result = look_back(own, number, path, &site->access);
        site->block = block;
        site->number = number;
        if (result == SEARCH_FOUND)
            return true;
        if (result == SEARCH_STOP) {
            *stopped = true;
            return false;
        }
    }
    return false;
}

// Goes back from each statement of a block that leads to another: its terminator, and those that may panic.
static bool search_leading(const Own *own, uint32_t block, uint32_t to, uint32_t path, Site *site, bool *goes_on) {
    const JirBlock *b = &own->fn->blocks.items[block];
    for (uint32_t number = own_end(own, block) + 1; number-- > own->first_stmt[block];) {
        bool leads = to && jir_unwind_target(own->fn, own_unwind(own, block, number)).v == to;
        for (uint32_t t = 0; number == own_end(own, block) && t < b->term.target_count; t++)
            leads |= b->term.targets[t].v == to;
        if (!leads)
            continue;
        bool stopped = false;
        if (search_block(own, block, number + 1, path, site, &stopped))
            return true;
        *goes_on |= !stopped;
    }
    return false;
}

// The move that reaches a use, by going back through the blocks. Only errors pay for it.
static bool find_move(const Own *own, uint32_t block, uint32_t number, uint32_t path, Site *site) {
    uint32_t count = own->fn->blocks.count;
    bool *seen = ARENA_ARRAY(own->arena, bool, count);
    uint32_t *work = ARENA_ARRAY(own->arena, uint32_t, count + 1);
    uint32_t depth = 0;
    bool stopped = false;
    if (search_block(own, block, number, path, site, &stopped))
        return true;
    if (stopped)
        return false;
    work[depth++] = block;
    while (depth) {
        uint32_t at = work[--depth];
        for (uint32_t b = 0; b < count; b++) {
            bool goes_on = false;
            if (seen[b])
                continue;
            if (search_leading(own, b, at, path, site, &goes_on))
                return true;
            if (goes_on) {
                seen[b] = true;
                work[depth++] = b;
            }
        }
    }
    return false;
}

typedef struct {
    const Flow *flow;
    bool *seen;
    uint32_t from; // position of the block whose successors are visited
} Forward;

static void go_forward(void *context, uint32_t target) {
    Forward *f = context;
    if (f->flow->position[target] != UINT32_MAX && f->flow->position[target] > f->from)
        f->seen[target] = true;
}

// Whether one block is reached from another in the same round of the loops around them.
static bool leads_forward(const Own *own, uint32_t from, uint32_t to) {
    Forward f = {.flow = &own->flow, .seen = ARENA_ARRAY(own->arena, bool, own->fn->blocks.count)};
    f.seen[from] = true;
    for (f.from = own->flow.position[from]; f.from < own->flow.position[to]; f.from++)
        if (f.seen[own->flow.order[f.from]])
            jir_successors(own->fn, own->flow.order[f.from], go_forward, &f);
    return f.seen[to];
}

static bool is_in_earlier_round(const Own *own, const Site *site, uint32_t block, uint32_t number) {
    return site->block == block ? site->number >= number : !leads_forward(own, site->block, block);
}

static Report *report_moved(Own *own, bool is_part, uint32_t block, uint32_t number, const Access *access,
                            uint32_t path) {
    Site site;
    const JirPlace *place = jir_place(own->fn, access->place);
    bool in_stmt = find_in_stmt(own, number, path, access, &site.access);
    bool found = in_stmt || find_move(own, block, number, path, &site);
    if (in_stmt) {
        site.block = block;
        site.number = number;
    }
    Span span = place_span(own, block, number, access->place);
    if (!found)
        site = (Site){block, number, *access};
    const JirPlace *moved = jir_place(own->fn, site.access.place);
    Text given = place_text(own, moved);
    Text name = moved->count < place->count ? given : place_text(own, place);
    Span there = place_span(own, site.block, site.number, site.access.place);
    bool in_earlier_round = found && !in_stmt && is_in_earlier_round(own, &site, block, number);
    if (in_earlier_round && there.start == span.start && there.end == span.end) {
        Report *report = diag_report(own->program->diags, DIAG_E0707, span,
                                     "%.*s is given away again in the next round of the loop", TEXT_ARG(given));
        report_label(report, "it was given away here in the round before");
        help_copy(own, report, moved, "give");
        return report;
    }
    Report *report;
    if (is_part) {
        report = diag_report(own->program->diags, DIAG_E0708, span, "%.*s is used, but %.*s was given away",
                             TEXT_ARG(name), TEXT_ARG(given));
        report_label(report, "the whole is wanted here");
    } else {
        report =
            diag_report(own->program->diags, DIAG_E0701, span, "%.*s is used after it was given away", TEXT_ARG(name));
        report_label(report, "used here");
    }
    report_note(report, there, "%.*s was given away here%s", TEXT_ARG(given),
                in_earlier_round ? ", in an earlier round of the loop" : "");
    help_copy(own, report, moved, "give");
    return report;
}

static void report_unset(Own *own, uint32_t block, uint32_t number, const Access *access) {
    Text name = local_text(own, access->root);
    Report *report = diag_report(own->program->diags, DIAG_E0702, place_span(own, block, number, access->place),
                                 "%.*s may have no value yet", TEXT_ARG(name));
    report_label(report, "used here");
    report_note(report, local_span(own, access->root), "it is declared here without a value");
    report_help(report, "give it a value on every way that leads here");
}

static void report_twice(Own *own, uint32_t block, uint32_t number, const Access *access) {
    Text name = local_text(own, access->root);
    Report *report = diag_report(own->program->diags, DIAG_E0703, place_span(own, block, number, access->place),
                                 "%.*s is assigned again", TEXT_ARG(name));
    report_label(report, "a `let` gets its value once");
    report_note(report, local_span(own, access->root), "it is declared here");
    report_help(report, "declare it with `var`");
}

static void report_fault(Own *own, const Fault *it) {
    if (bit_get(own->reported, it->access.root))
        return;
    bit_set(own->reported, it->access.root);
    switch ((UseFault)it->kind) {
    case USE_MOVED: report_moved(own, false, it->block, it->number, &it->access, it->path); break;
    case USE_PART_MOVED: report_moved(own, true, it->block, it->number, &it->access, it->path); break;
    case USE_UNSET: report_unset(own, it->block, it->number, &it->access); break;
    case ASSIGN_TWICE: report_twice(own, it->block, it->number, &it->access); break;
    }
}

void own_report_uses(Own *own) {
    for (uint32_t i = 0; i < own->faults.count; i++) { // there are few: the first one left is picked each time
        uint32_t first = i;
        for (uint32_t k = i + 1; k < own->faults.count; k++) {
            const Fault *a = &own->faults.items[k], *b = &own->faults.items[first];
            if (place_token(own, a->block, a->number, a->access.place) <
                place_token(own, b->block, b->number, b->access.place))
                first = k;
        }
        Fault it = own->faults.items[first];
        own->faults.items[first] = own->faults.items[i];
        report_fault(own, &it);
    }
}

// ---- moves ----------------------------------------------------------------------------------------------------------

// The variable that the value is for, if the statement gives it to one: `var b = …`.
static const JirLocal *receiver(const Own *own, uint32_t block, uint32_t number) {
    if (number == own_end(own, block))
        return NULL;
    const JirStmt *stmt = own_stmt(own, block, number);
    if (stmt->op != OP_SET || !stmt->dst.v)
        return NULL;
    const JirPlace *dst = jir_place(own->fn, stmt->dst);
    const JirLocal *local = dst->is_global ? NULL : &own->fn->locals.items[dst->root];
    return local && local->kind == LOCAL_VAR && local->name.v ? local : NULL;
}

static void label_need(const Own *own, Report *report, uint32_t block, uint32_t number) {
    const JirLocal *local = receiver(own, block, number);
    if (local)
        report_label(report, "`var %.*s` needs a value of its own", TEXT_ARG(symbol(own->program, local->name)));
    else
        report_label(report, "a value of its own is needed here");
}

// `var b = …` of what is lent for changing: `mut b = …` lends it on.
static bool offer_mut(const Own *own, Report *report, uint32_t block, uint32_t number, const JirPlace *place) {
    const JirLocal *local = receiver(own, block, number);
    const Module *module = program_module(own->program, own->fn->module);
    if (!local || place->is_global || !local->node.v)
        return false;
    const JirLocal *lender = &own->fn->locals.items[place->root];
    invariant(lender != NULL, "a place of no local");
    const Type *root = type_get(own->program->types, lender->type);
    bool is_lent = lender->mode == LOCAL_MUT_REF || (root->kind == TY_REF && root->is_mut);
    uint32_t before = ast_token(module->ast, local->node).v - 1;
    if (!is_lent || ast_token_kind(module->ast, (TokenId){before}) != TOK_KW_VAR)
        return false;
    Text fixed = arena_printf(own->arena, "mut %.*s", TEXT_ARG(symbol(own->program, local->name)));
    Span word = token_span(own, before), name = token_span(own, before + 1);
    report_fix(report, (Span){word.file, word.start, name.end}, fixed, "change it where it is: lend it by `mut`");
    return true;
}

static void report_borrowed(Own *own, uint32_t block, uint32_t number, PlaceId id) {
    const JirPlace *place = jir_place(own->fn, id);
    Report *report = diag_report(own->program->diags, DIAG_E0704, place_span(own, block, number, id),
                                 "%.*s is only borrowed and cannot be given away", TEXT_ARG(place_text(own, place)));
    label_need(own, report, block, number);
    const JirLocal *root = place->is_global ? NULL : &own->fn->locals.items[place->root];
    bool is_param = root && root->kind == LOCAL_PARAM;
    if (root && root->name.v && root->mode != LOCAL_OWNED)
        report_note(report, local_span(own, place->root),
                    is_param ? "%.*s is lent to this function" : "%.*s borrows it",
                    TEXT_ARG(local_text(own, place->root)));
    if (is_param && root->mode == LOCAL_MUT_REF)
        report_help(report, "put another value in its place with `replace`, or take a copy with `.copy()`");
    else if (is_param && place->count == 0 && own->fn->closure.v)
        report_help(report, "give a copy: `%.*s.copy()`, or take it over, `own %.*s`, if who calls this gives it away",
                    TEXT_ARG(symbol(own->program, root->name)), TEXT_ARG(symbol(own->program, root->name)));
    else if (is_param && place->count == 0)
        report_help(report, "take it over: `own %.*s`, or give a copy: `%.*s.copy()`",
                    TEXT_ARG(symbol(own->program, root->name)), TEXT_ARG(symbol(own->program, root->name)));
    else if (!offer_mut(own, report, block, number, place))
        help_copy(own, report, place, "give");
}

void own_report_func_copied(Own *own, uint32_t block, uint32_t number, PlaceId id) {
    own->errors++;
    const JirPlace *place = jir_place(own->fn, id);
    const JirLocal *root = &own->fn->locals.items[place->root];
    Report *report = diag_report(own->program->diags, DIAG_E0704, place_span(own, block, number, id),
                                 "%.*s is only lent to be called and cannot be kept", TEXT_ARG(place_text(own, place)));
    report_label(report, "a value of its own is needed here");
    report_note(report, local_span(own, place->root), "%.*s may stand for a closure that borrows what it uses",
                TEXT_ARG(local_text(own, place->root)));
    if (root->kind == LOCAL_PARAM && own->fn->closure.v)
        report_help(report, "copy it where it is kept: a field or an element is a value of its own");
    else if (root->kind == LOCAL_PARAM && root->name.v)
        report_help(report, "take it over: `own %.*s`", TEXT_ARG(symbol(own->program, root->name)));
    else
        report_help(report, "write the closure where it is kept: there it owns what it uses");
}

void own_report_move(Own *own, Obstacle obstacle, uint32_t block, uint32_t number, PlaceId id) {
    static const struct {
        DiagCode code;
        const char *headline;
    } TEXTS[] = {
        [OBSTACLE_NURSERY] = {DIAG_E1001, "%.*s is a nursery and cannot be given away"},
        [OBSTACLE_CAPTURE] = {DIAG_E0716, "%.*s is captured by a closure that may be called again"},
        [OBSTACLE_CONSTANT] = {DIAG_E0709, "%.*s is a constant and cannot be given away"},
        [OBSTACLE_ELEMENT] = {DIAG_E0705, "%.*s is an element and cannot be taken out of its place"},
        [OBSTACLE_SHARED] = {DIAG_E0736, "%.*s is held by a `Shared` and cannot be taken out of it"},
        [OBSTACLE_DROP] = {DIAG_E0706, "%.*s is part of a value with `Drop` and cannot be taken out of it"},
    };
    if (own_is_lent_func(own, id)) {
        own_report_func_copied(own, block, number, id);
        return;
    }
    own->errors++;
    own->has_bad_move = true;
    if (obstacle == OBSTACLE_BORROWED || obstacle == OBSTACLE_DEREF) {
        report_borrowed(own, block, number, id);
        return;
    }
    const JirPlace *place = jir_place(own->fn, id);
    Report *report = diag_report(own->program->diags, TEXTS[obstacle].code, place_span(own, block, number, id),
                                 TEXTS[obstacle].headline, TEXT_ARG(place_text(own, place)));
    label_need(own, report, block, number);
    if (obstacle == OBSTACLE_NURSERY)
        report_help(report, "it stays where its block is: lend it, `func f(n: Nursery)`");
    else if (obstacle == OBSTACLE_ELEMENT && has_copy(own, place->type))
        report_help(report, "copy it with `.copy()`, or take it out with `remove`, `pop` or `replace`");
    else if (obstacle == OBSTACLE_SHARED)
        report_help(report, "others may hold it, too: %s`take_if_last()` gives what nobody else holds",
                    has_copy(own, place->type) ? "copy it with `.copy()`; " : "");
    else
        help_copy(own, report, place, "give");
    if (obstacle == OBSTACLE_CAPTURE)
        report_help(report, "where it is called only once it may: write `own func(…) do … end`");
}

// ---- loans ----------------------------------------------------------------------------------------------------------

// The local that holds a loan, best for a message: the result, else a variable, else a temporary.
static uint32_t find_holder(const Own *own, uint32_t loan, bool *is_result) {
    const Word *holders = own->loan_holders + (size_t)loan * own->holder_words;
    uint32_t best = UINT32_MAX;
    *is_result = false;
    for (uint32_t h = 0; h < own->holder_locals.count; h++) {
        if (!bit_get(holders, h))
            continue;
        uint32_t local = own->holder_locals.items[h];
        if (local == 0)
            *is_result = true;
        else if (best == UINT32_MAX || (!own->fn->locals.items[best].name.v && own->fn->locals.items[local].name.v))
            best = local;
    }
    return best;
}

typedef struct {
    Text place, holder; // in quotes; holder empty where it has no name
    Span lent, access;
    TypeId holder_type;
    bool is_result, in_loop;
} Conflict;

static bool is_iterator(const Own *own, TypeId type) {
    ImplMatch match;
    return type.v &&
           program_find_impl(own->program, type, own->program->lang[LANG_ITERATOR], NULL, 0, &match) == MATCH_YES;
}

// The place a loop goes over is lent to a temporary at the loop's `for`.
static bool is_for_loop(const Own *own, const Loan *loan) {
    const Module *module = program_module(own->program, own->fn->module);
    uint32_t token = loan->stmt == own_end(own, loan->block) ? 0 : stmt_token(own, loan->block, loan->stmt);
    return own->fn->module.v && module->ast && token && ast_token_kind(module->ast, (TokenId){token}) == TOK_KW_FOR;
}

// What is bound to a name is reported at the name, what is lent to a call at the argument.
static uint32_t loan_token(const Own *own, const Loan *loan) {
    const JirStmt *stmt = own_stmt(own, loan->block, loan->stmt);
    bool binds = (stmt->op == OP_BIND || stmt->op == OP_REF) && stmt->token && stmt->dst.v &&
                 own->fn->locals.items[jir_place(own->fn, stmt->dst)->root].name.v;
    return binds ? stmt->token : place_token(own, loan->block, loan->stmt, loan->place);
}

static Conflict describe(Own *own, uint32_t index, uint32_t block, uint32_t number, PlaceId accessed) {
    const Loan *loan = &own->loans.items[index];
    Conflict it = {.lent = token_span(own, loan_token(own, loan))};
    it.access = place_span(own, block, number, accessed);
    it.place = place_text(own, jir_place(own->fn, loan->place));
    uint32_t holder = find_holder(own, index, &it.is_result);
    if (holder != UINT32_MAX && own->fn->locals.items[holder].name.v)
        it.holder = local_text(own, holder);
    if (holder != UINT32_MAX)
        it.holder_type = own->fn->locals.items[holder].type;
    it.in_loop = is_for_loop(own, loan);
    return it;
}

// A report at the borrow if it was bound to something, with the access as a note; else the other way round.
static Report *report_pair(Own *own, const Conflict *it, DiagCode code, const char *what, const char *what_note) {
    bool is_bound = it->holder.size || it->in_loop;
    Buffer text = {0};
    if (it->in_loop)
        buffer_printf(&text, "%.*s is %s while a loop goes over it", TEXT_ARG(it->place), what);
    else if (it->holder.size)
        buffer_printf(&text, "%.*s is %s while %.*s borrows it", TEXT_ARG(it->place), what, TEXT_ARG(it->holder));
    else
        buffer_printf(&text, "%.*s is %s while it is borrowed", TEXT_ARG(it->place), what);
    Report *report =
        diag_report(own->program->diags, code, is_bound ? it->lent : it->access, "%.*s", TEXT_ARG(buffer_view(&text)));
    vec_free(&text);
    if (is_bound) {
        report_label(report, "borrowed here");
        report_note(report, it->access, "%s here", what_note);
    } else {
        report_label(report, "%s here", what_note);
        report_note(report, it->lent, "borrowed here, and needed until later");
    }
    return report;
}

// The whole expression whose main token is this.
static Span expression_span(const Own *own, uint32_t token) {
    const Ast *ast = program_module(own->program, own->fn->module)->ast;
    Span found = {0};
    for (uint32_t i = 1; ast && token && i < ast->node_count; i++) {
        if (ast_token(ast, (NodeId){i}).v != token)
            continue;
        Span span = ast_span(ast, (NodeId){i});
        if (!found.file.v || span.end - span.start > found.end - found.start)
            found = span;
    }
    return found;
}

// Where the value of a temporary is made.
static Span temporary_span(const Own *own, uint32_t local) {
    for (uint32_t block = 0; block < own->fn->blocks.count; block++)
        for (uint32_t i = 0; i < own_end(own, block); i++) {
            const JirStmt *stmt = own_stmt(own, block, i);
            bool ends = stmt->op == OP_DROP || stmt->op == OP_DEAD;
            if (!ends && stmt->dst.v && jir_place(own->fn, stmt->dst)->root == local)
                return expression_span(own, stmt->token);
        }
    return (Span){0};
}

static void report_end(Own *own, const Conflict *it, const JirPlace *place) {
    if (own->has_bad_move && own->fn->locals.items[place->root].kind == LOCAL_TEMP)
        return;
    if (it->is_result) {
        Report *report =
            diag_report(own->program->diags, DIAG_E0714, it->lent,
                        "what is returned borrows %.*s, which ends with this function", TEXT_ARG(it->place));
        report_label(report, "borrowed here");
        report_help(report, "return a value of its own, or borrow from a parameter");
        return;
    }
    Report *report = diag_report(own->program->diags, DIAG_E0713, it->lent,
                                 "%.*s does not live as long as what borrows it", TEXT_ARG(it->place));
    report_label(report, "borrowed here");
    Text holder = it->holder.size ? it->holder : TEXT("a value");
    Span made = is_named(own, place) ? (Span){0} : temporary_span(own, place->root);
    if (made.file.v)
        report_note(report, made, "it ends with its statement, while %.*s still borrows it", TEXT_ARG(holder));
    else
        report_note(report, it->access, "it ends here, while %.*s still borrows it", TEXT_ARG(holder));
    if (is_named(own, place))
        report_help(report, "declare it where it lives long enough");
    else if (is_iterator(own, it->holder_type))
        report_help(report,
                    "an iterator borrows what it goes over: bind that to a variable first, or end the chain with "
                    "`.collect()`, which makes a list");
    else
        report_help(report, "bind the value to a variable first: a temporary ends with its statement");
}

static bool is_task_scope(const Own *own, TypeId type) {
    return type.v && type_get(own->program->types, type)->decl.v == own->program->lang[LANG_TASK_SCOPE].v;
}

// What keeps tasks from adding to parts of their own may stand elsewhere.
static void note_not_added(const Own *own, Report *report, const Conflict *it, const Access *access) {
    const JirPlace *place = jir_place(own->fn, access->place);
    NodeId use = place->is_global ? (NodeId){0} : own->fn->locals.items[place->root].not_added;
    if (use.v == 0)
        return;
    Span span = ast_span(program_module(own->program, own->fn->module)->ast, use);
    bool is_inside = it->access.start <= span.start && span.start < it->access.end;
    if (!is_inside)
        report_note(report, span, "but for this use, each would add to a part of its own");
}

// What a task may use is held until its nursery is joined. Another task, or the body meanwhile, wants it, too.
static void report_race(const Own *own, const Conflict *it, uint32_t block, uint32_t number, const Access *access) {
    bool reads = access->kind == ACCESS_READ || access->kind == ACCESS_LET, moves = access->kind == ACCESS_MOVE;
    const char *verb = reads ? "uses" : moves ? "gives away" : "changes";
    bool in_task = number != own_end(own, block) && own_stmt(own, block, number)->op == OP_MAKE_CLOSURE;
    Report *report = diag_report(own->program->diags, DIAG_E1011, it->access, "%.*s is shared with a task that %s",
                                 TEXT_ARG(it->place), reads ? "changes it" : "may be using it");
    report_label(report, "%s %s it%s", in_task ? "this task" : "this", verb, in_task ? ", too" : "");
    bool is_same = it->lent.start == it->access.start;
    report_note(report, it->lent,
                is_same   ? "spawned here once a round"
                : in_task ? "the other task is spawned here"
                          : "the task is spawned here");
    note_not_added(own, report, it, access);
    report_help(report,
                "let the task give its result: `let t = n.spawn(…)`, then `t.join()`; or send it over a channel; "
                "what tasks only add to (`push`, `+=`) each gets a part of its own");
}

void own_report_conflict(Own *own, uint32_t loan, uint32_t block, uint32_t number, const Access *access) {
    own->errors++;
    Conflict it = describe(own, loan, block, number, access->place);
    if (is_task_scope(own, it.holder_type) && access->kind != ACCESS_DROP && access->kind != ACCESS_DEAD) {
        report_race(own, &it, block, number, access);
        return;
    }
    const JirPlace *place = jir_place(own->fn, own->loans.items[loan].place);
    Report *report = NULL;
    switch ((AccessKind)access->kind) {
    case ACCESS_DROP:
    case ACCESS_DEAD: report_end(own, &it, place); return;
    case ACCESS_READ:
    case ACCESS_LET:
        report = report_pair(own, &it, DIAG_E0715, "used", "used");
        report_help(report, "what is lent `mut` has one user at a time: finish with it first");
        return;
    case ACCESS_MOVE: report = report_pair(own, &it, DIAG_E0712, "given away", "given away"); break;
    default: report = report_pair(own, &it, DIAG_E0710, "changed", "changed"); break;
    }
    if (it.in_loop)
        report_help(report, "go over a copy, or collect the changes and make them after the loop");
    else if (own->loans.items[loan].is_mut)
        report_help(report, "what is lent `mut` has one user at a time: finish with it first");
    else
        help_copy(own, report, place, "borrow");
}

void own_report_returned(Own *own, uint32_t loan, uint32_t block) {
    own->errors++;
    Conflict it = describe(own, loan, block, own_end(own, block), (PlaceId){0});
    report_end(own, &it, jir_place(own->fn, own->loans.items[loan].place));
}

void own_report_reader(Own *own, uint32_t block, uint32_t number, const Access *access) {
    own->errors++;
    if (bit_get(own->reported, access->root))
        return;
    bit_set(own->reported, access->root);
    const JirPlace *place = jir_place(own->fn, access->place);
    Text name = place_text(own, place), root = local_text(own, access->root);
    Report *report = diag_report(own->program->diags, DIAG_E0719, place_span(own, block, number, access->place),
                                 "%.*s cannot change: %.*s only reads what it shows", TEXT_ARG(name), TEXT_ARG(root));
    report_label(report, "changed here");
    const JirLocal *local = &own->fn->locals.items[access->root];
    bool is_owned_param = local->kind == LOCAL_PARAM && local->mode == LOCAL_OWNED;
    if (local->name.v)
        report_note(report, local_span(own, access->root), "%.*s is %s here", TEXT_ARG(root),
                    local->kind == LOCAL_PARAM ? "declared" : "made");
    if (is_owned_param)
        report_help(report, "take a view that may change what it shows by `mut`: `mut %.*s: …`",
                    TEXT_ARG(symbol(own->program, local->name)));
    else
        report_help(report, "make the view by `mut v = …` from what may change");
}

// `closure` is the local that was made of it, or a temporary where it is kept at once.
void own_report_kept(Own *own, uint32_t block, uint32_t number, PlaceId closure, const JirLocal *capture) {
    own->errors++;
    const JirPlace *place = jir_place(own->fn, closure);
    bool is_named = !place->is_global && own->fn->locals.items[place->root].name.v;
    Text name = symbol(own->program, capture->name);
    Report *report = diag_report(own->program->diags, DIAG_E0721, place_span(own, block, number, closure),
                                 "a closure that is kept borrows `%.*s`", TEXT_ARG(name));
    report_label(report, "it may be called after what it borrows is gone");
    if (is_named && !place->is_global)
        report_note(report, local_span(own, place->root), "a closure that is bound to a name borrows what it uses");
    if (capture->mode != LOCAL_OWNED)
        report_help(report, "write the closure where it is kept: there it owns what it uses");
    else
        report_help(report, "`%.*s` is a view: let the closure use a value of its own, made of it before",
                    TEXT_ARG(name));
}

void own_report_replaced(Own *own, uint32_t block, uint32_t number, PlaceId id) {
    own->errors++;
    const JirPlace *place = jir_place(own->fn, id);
    Report *report =
        diag_report(own->program->diags, DIAG_E0723, place_span(own, block, number, id),
                    "%.*s is only lent to be called and cannot be replaced", TEXT_ARG(place_text(own, place)));
    report_label(report, "another function would be put here");
    report_note(report, local_span(own, place->root), "%.*s borrows the closure it stands for",
                TEXT_ARG(local_text(own, place->root)));
    report_help(report, "let a field or a variable that owns its function be replaced");
}

void own_report_shared(Own *own, uint32_t block, uint32_t number, const Access *access) {
    own->errors++;
    if (bit_get(own->reported, access->root))
        return;
    bit_set(own->reported, access->root);
    Text name = place_text(own, jir_place(own->fn, access->place));
    Report *report = diag_report(own->program->diags, DIAG_E0735, place_span(own, block, number, access->place),
                                 "%.*s cannot change: it is held by a `Shared`", TEXT_ARG(name));
    report_label(report, "others may hold it, too");
    report_help(report, "change a copy, and make a new `Shared` of it");
}

void own_report_spoilt(Own *own, uint32_t block, uint32_t number, const Access *access, uint32_t nursery) {
    own->errors++;
    Text name = local_text(own, access->root);
    Report *report = diag_report(own->program->diags, DIAG_E1041, place_span(own, block, number, access->place),
                                 "%.*s is used after a nursery that was changing it has failed", TEXT_ARG(name));
    report_label(report, "it may be half changed here");
    report_note(report, token_span(own, nursery), "a task of this nursery changes it");
    report_help(report,
                "assign it anew before, or let the tasks give their results: `let t = n.spawn(…)`, then `t.join()`");
}

void own_report_own_storage(Own *own, uint32_t index) {
    own->errors++;
    const Loan *loan = &own->loans.items[index];
    const JirPlace *place = jir_place(own->fn, loan->place);
    Report *report = diag_report(own->program->diags, DIAG_E0718, token_span(own, loan_token(own, loan)),
                                 "what is returned borrows %.*s itself", TEXT_ARG(place_text(own, place)));
    report_label(report, "borrowed here");
    report_help(report, "the trait's method does not lend: return a value of its own, or a view of what %.*s shows",
                TEXT_ARG(local_text(own, place->root)));
}

static bool is_element(const Own *own, const JirPlace *place) {
    const Projection *last = place->count ? &own->fn->projections.items[place->first + place->count - 1] : NULL;
    return last && (last->kind == PROJ_INDEX || last->kind == PROJ_CONST_INDEX);
}

// Both arguments are to be changed: a copy of one would lose what the call does to it.
static void help_two_places(const Own *own, Report *report, const JirPlace *a, const JirPlace *b) {
    if (!is_element(own, a) || !is_element(own, b)) {
        report_help(report, "what is lent `mut` has one user at a time: pass two different variables or fields");
        return;
    }
    JirPlace list = *b;
    list.count--;
    Text text = place_text(own, &list);
    if (is_named(own, &list))
        report_help(report, "two elements are exchanged by `%.*s.swap(i, j)`; else change them one after the other",
                    (int)text.size - 2, text.data + 1);
    else
        report_help(report, "two elements are exchanged by `swap(i, j)` of the list; else change them one by one");
}

void own_report_arguments(Own *own, uint32_t block, uint32_t number, PlaceId changed, PlaceId lent, Overlap overlap) {
    own->errors++;
    const JirPlace *first = jir_place(own->fn, changed), *second = jir_place(own->fn, lent);
    bool moved = overlap == OVERLAP_GIVEN;
    Text a = place_text(own, first), b = place_text(own, second);
    Span here = place_span(own, block, number, lent), there = place_span(own, block, number, changed);
    Report *report =
        diag_report(own->program->diags, DIAG_E0711, here,
                    moved ? "%.*s is lent to a call that is given %.*s" : "%.*s is lent to a call that changes %.*s",
                    TEXT_ARG(b), TEXT_ARG(a));
    report_label(report, "both are the same place, or one is part of the other");
    report_note(report, there, moved ? "given away here" : "the other argument");
    if (overlap == OVERLAP_BOTH_MUT)
        help_two_places(own, report, first, second);
    else
        help_copy(own, report, moved ? first : second, "pass");
}

void own_report_view_copy(Own *own, uint32_t block, uint32_t number, const Access *access) {
    own->errors++;
    if (bit_get(own->reported, access->root))
        return;
    bit_set(own->reported, access->root);
    Text name = place_text(own, jir_place(own->fn, access->place));
    Report *report = diag_report(own->program->diags, DIAG_E0717, place_span(own, block, number, access->place),
                                 "%.*s may change what it shows and cannot be copied", TEXT_ARG(name));
    report_label(report, "it is used again later");
    report_help(report, "a view that changes things has one user at a time: make a new one from its source");
}
