// Whether what a nursery leaves behind depends on the order in which its tasks run.
//
// Captures never do: they are the task's own, or read by all, or merged in the order of the spawns. So it is what the
// text of the nursery calls: channels, locks, clocks, or what is decided elsewhere. The place that is told is the first
// in the text, then the place in what is called there, down to what std does.
#include "ir/task_finder.h"

enum { DEEPEST = 8 }; // steps of the way to the cause

static uint32_t bit(uint32_t effect) {
    return 1u << effect;
}

ScheduleCause task_cause(uint32_t bits) {
    static const struct {
        uint32_t effect;
        ScheduleCause cause;
    } causes[] = {
        {ORDER_SELECT, CAUSE_SELECT}, {ORDER_CHANNEL, CAUSE_CHANNEL}, {ORDER_LOCK, CAUSE_LOCK},
        {ORDER_ATOMIC, CAUSE_ATOMIC}, {ORDER_CANCEL, CAUSE_CANCEL},   {ORDER_TIMEOUT, CAUSE_TIMEOUT},
        {ORDER_CLOCK, CAUSE_CLOCK},   {ORDER_RANDOM, CAUSE_RANDOM},
    };
    for (uint32_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (bits & bit(causes[i].effect))
            return causes[i].cause;
    return CAUSE_NONE;
}

// Seen by others, in the order in which it happens.
static uint32_t outside_effect(uint32_t bits) {
    static const uint8_t effects[] = {EFFECT_IO_CONSOLE, EFFECT_FS_WRITE, EFFECT_NET_CONNECT, EFFECT_NET_LISTEN,
                                      EFFECT_DB_WRITE,   EFFECT_PROCESS,  EFFECT_FFI};
    for (uint32_t i = 0; i < sizeof effects; i++)
        if (bits & bit(effects[i]))
            return effects[i];
    return EFFECT_COUNT;
}

// ---- values that can be called -------------------------------------------------------------------------------------

static bool calls_in(Build *b, TypeId id, MapU64 *seen) {
    if (!id.v || map_get(seen, id.v, NULL))
        return false;
    map_set(seen, id.v, 1);
    const Type *type = type_get(b->types, id);
    if (type->kind == TY_FUNC || type->kind == TY_DYN)
        return true;
    for (uint32_t i = 0; i < type->arg_count; i++)
        if (calls_in(b, type->args[i], seen))
            return true;
    if (type->kind != TY_STRUCT && type->kind != TY_ENUM && type->kind != TY_ERROR)
        return false;
    uint32_t variants = type->kind == TY_STRUCT ? 1 : type_variant_count(b->program, id);
    for (uint32_t v = 0; v < variants; v++)
        for (uint32_t f = 0; f < shape_field_count(b->program, id, v); f++)
            if (calls_in(b, shape_field_type(b->program, id, v, f), seen))
                return true;
    return false;
}

bool task_type_calls(Build *b, TypeId type) {
    MapU64 seen = {0};
    bool found = calls_in(b, type, &seen);
    map_free(&seen);
    return found;
}

// ---- the text of a nursery -----------------------------------------------------------------------------------------

typedef struct {
    uint32_t start, end; // bytes
    bool is_task;
} Region;

typedef VEC(Region) Regions;

static void add_region(const TaskFinder *f, Regions *regions, NodeId n, bool is_task) {
    Span span = ast_span(f->b.ast, n);
    vec_push(regions, (Region){span.start, span.end, is_task});
}

static bool has_region(const Regions *regions, Span span) {
    for (uint32_t i = 0; i < regions->count; i++)
        if (regions->items[i].start <= span.start && regions->items[i].end >= span.end)
            return true;
    return false;
}

// Closures that were made before are part of it where it names them; what else can be called is decided elsewhere: the
// first use of such.
static NodeId add_named(TaskFinder *f, Regions *regions, NodeId from, NodeId to) {
    NodeId open = {0};
    for (NodeId n = from; n.v < to.v; n.v++) {
        const Resolution *res = ast_kind(f->b.ast, n) == NODE_NAME ? facts_resolution(f->b.facts, n) : NULL;
        bool is_inner = res && res->node.v >= from.v && res->node.v <= to.v;
        if (!res || res->kind != REF_LOCAL || is_inner)
            continue;
        TypeId id = f->b.facts->types[n.v];
        const Type *type = type_get(f->b.types, id);
        bool is_here = type->kind == TY_CLOSURE && type->decl.v == f->decl.v;
        if (!is_here && !open.v && task_type_calls(&f->b, id))
            open = n;
        if (!is_here || has_region(regions, ast_span(f->b.ast, type->node)))
            continue;
        add_region(f, regions, type->node, true);
        NodeId deeper = add_named(f, regions, ast_first(f->b.ast, type->node), type->node);
        open = open.v ? open : deeper;
    }
    return open;
}

static void add_tasks(TaskFinder *f, Regions *regions, const Uses *u) {
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++) {
        if (task_is_spawn(f, n))
            add_region(f, regions, AST_ITEM(ast_call(f->b.ast, n).args, 0), true);
    }
}

// ---- the way to the cause ------------------------------------------------------------------------------------------

typedef struct {
    const JirFn *fn;
    const JirStmt *stmt;
    uint32_t start; // of its token
    uint32_t bits;
} Found;

// Of a call the name of what is called: its own token is a parenthesis.
static Span stmt_span(const Program *p, const JirFn *fn, const JirStmt *stmt) {
    const Ast *ast = program_module(p, fn->module)->ast;
    NodeId root = program_decl(p, fn->decl)->node;
    for (NodeId n = ast_first(ast, root); stmt->op == OP_CALL && n.v < root.v; n.v++)
        if (ast_kind(ast, n) == NODE_CALL && ast_token(ast, n).v == stmt->token)
            return ast_main_span(ast, ast_call(ast, n).callee);
    return ast_token_span(ast, (TokenId){stmt->token});
}

typedef void StatementVisit(void *context, const JirFn *fn, const JirStmt *stmt, uint32_t at, uint32_t bits,
                            bool is_open);

static void each_statement(TaskFinder *f, uint32_t first, uint32_t end, StatementVisit *visit, void *context) {
    for (uint32_t i = first; i < end; i++) {
        const JirFn *fn = jir_fn(f->b.jir, (JirFnId){i});
        const Ast *ast = program_module(f->b.program, fn->module)->ast;
        for (uint32_t k = 0; k < fn->blocks.count; k++)
            for (uint32_t s = 0; s < fn->blocks.items[k].stmts.count; s++) {
                const JirStmt *stmt = &fn->blocks.items[k].stmts.items[s];
                bool is_open = false;
                uint32_t bits = stmt->token ? effects_of_step(f->effects, fn, stmt, &is_open) : 0;
                if (bits || is_open)
                    visit(context, fn, stmt, ast->token_starts[stmt->token], bits, is_open);
            }
    }
}

typedef struct {
    ScheduleCause wanted;
    Found best;
} Search;

static void search_step(void *context, const JirFn *fn, const JirStmt *stmt, uint32_t at, uint32_t bits, bool is_open) {
    Search *it = context;
    (void)is_open;
    if (task_cause(bits) != it->wanted || (it->best.stmt && it->best.start <= at))
        return;
    it->best = (Found){fn, stmt, at, bits};
}

// From a statement down through what it calls, as long as that is not std.
static void follow(TaskFinder *f, NurseryRow *row, Found found) {
    Program *p = f->b.program;
    row->first_step = f->rows->steps.count;
    vec_push(&f->rows->steps, stmt_span(p, found.fn, found.stmt));
    VecU32 seen = {0};
    while (found.stmt && found.stmt->op == OP_CALL && row->step_count < DEEPEST) {
        DeclId callee = found.stmt->callee->decl;
        uint32_t first, end;
        bool is_own = !program_module(p, program_decl(p, callee)->module)->is_std;
        for (uint32_t i = 0; i < seen.count; i++)
            is_own &= seen.items[i] != callee.v;
        if (!is_own || !effects_body(f->effects, callee, &first, &end))
            break;
        vec_push(&seen, callee.v);
        Search search = {.wanted = row->cause};
        each_statement(f, first, end, search_step, &search);
        found = search.best;
        if (found.stmt)
            vec_push(&f->rows->steps, stmt_span(p, found.fn, found.stmt));
        row->step_count = f->rows->steps.count - row->first_step;
    }
    row->step_count = f->rows->steps.count - row->first_step;
    vec_free(&seen);
}

// ---- a nursery -----------------------------------------------------------------------------------------------------

typedef struct {
    const Regions *regions;
    Found cause, open, outside;
} Verdict;

static void judge(void *context, const JirFn *fn, const JirStmt *stmt, uint32_t at, uint32_t bits, bool is_open) {
    Verdict *it = context;
    bool is_inside = false, is_task = false;
    for (uint32_t i = 0; i < it->regions->count; i++) {
        const Region *region = &it->regions->items[i];
        bool is_in = at >= region->start && at < region->end;
        is_inside |= is_in;
        is_task |= is_in && region->is_task;
    }
    if (!is_inside)
        return;
    if (task_cause(bits) != CAUSE_NONE && (!it->cause.stmt || at < it->cause.start))
        it->cause = (Found){fn, stmt, at, bits};
    if (is_open && (!it->open.stmt || at < it->open.start))
        it->open = (Found){fn, stmt, at, bits};
    bool is_first = !it->outside.stmt || at < it->outside.start;
    if (is_task && is_first && outside_effect(bits) != EFFECT_COUNT)
        it->outside = (Found){fn, stmt, at, bits};
}

// Where two may fail, or one does so in each round of a loop, the order decides whose failure is the nursery's.
static Span first_failure(TaskFinder *f, const Uses *u) {
    uint32_t ways = 0;
    Span first = {0};
    for (NodeId n = {u->first}; n.v < u->nursery.v; n.v++) {
        NodeKind kind = ast_kind(f->b.ast, n);
        bool in_closure = false, in_loop = false, is_caught = false;
        for (NodeId up = uses_parent(u, n), below = n; up.v && up.v != u->nursery.v;
             below = up, up = uses_parent(u, up)) {
            NodeKind around = ast_kind(f->b.ast, up);
            in_closure |= around == NODE_CLOSURE;
            in_loop |= around == NODE_FOR || around == NODE_WHILE || around == NODE_LOOP;
            is_caught |= around == NODE_CATCH && ast_catch_expr(f->b.ast, up).value.v == below.v;
        }
        bool fails = false;
        if (kind == NODE_TRY || kind == NODE_FAIL)
            fails = !in_closure && !is_caught;
        else if (kind == NODE_CLOSURE && !in_closure && uses_task(u, ast_first(f->b.ast, n)).v == n.v)
            fails = task_closure_fails(&f->b, n);
        if (!fails)
            continue;
        first = first.file.v ? first : ast_main_span(f->b.ast, n);
        ways += kind == NODE_CLOSURE && in_loop ? 2 : 1;
    }
    return ways > 1 ? first : (Span){0};
}

void task_order_find(TaskFinder *f, NurseryRow *row, const Uses *u) {
    Regions regions = {0};
    add_region(f, &regions, u->nursery, false);
    add_tasks(f, &regions, u);
    NodeId named = add_named(f, &regions, (NodeId){u->first}, u->nursery);
    Verdict verdict = {.regions = &regions};
    each_statement(f, f->first, f->end, judge, &verdict);
    row->schedule = SCHEDULE_DETERMINISTIC;
    if (verdict.outside.stmt) {
        row->outside = stmt_span(f->b.program, verdict.outside.fn, verdict.outside.stmt);
        row->effect = outside_effect(verdict.outside.bits);
    }
    row->first_failure = first_failure(f, u);
    if (verdict.cause.stmt) {
        row->schedule = SCHEDULE_DEPENDENT;
        row->cause = task_cause(verdict.cause.bits);
        follow(f, row, verdict.cause);
    } else if (verdict.open.stmt || named.v) {
        row->schedule = SCHEDULE_OPEN;
        row->cause = CAUSE_UNKNOWN;
        row->first_step = f->rows->steps.count;
        row->step_count = 1;
        Span open = verdict.open.stmt ? stmt_span(f->b.program, verdict.open.fn, verdict.open.stmt) : (Span){0};
        Span name = named.v ? ast_span(f->b.ast, named) : open;
        vec_push(&f->rows->steps, open.file.v && open.start < name.start ? open : name);
    }
    vec_free(&regions);
}
