// Which polls a program keeps: those that run in tasks, or in the body of a nursery. What tasks can reach is found by
// the calls of exact instances, from what tasks run and what bodies call; a function that is used as a value counts as
// reached. Of functions one is kept in each cycle of calls. What only drops reach has none: a drop is not
// broken off, and where it calls what has polls, they do nothing meanwhile.
#include "ir/polls.h"
#include "astdb/impls.h"

enum { IS_REACHED = 1, HAS_POLLS = 2, IS_IN_CYCLE = 4, IS_ON_PATH = 8, IS_LEFT = 16, IS_DROP = 32, IS_INSTANCE = 64 };
enum { DEPTH_UNKNOWN = 255 };

typedef struct {
    Jir *jir;
    uint8_t *marks; // by JirFnId
    VecU32 work;    // reached, and not yet looked at
    VecU8 depths;   // of the function at hand, by block: how many nurseries are open where it begins
    VecU32 blocks;
    uint8_t depth;
} Polls;

// ---- statements ----------------------------------------------------------------------------------------------------

static bool is_intrinsic(const JirStmt *stmt, IntrinsicId id) {
    return stmt->op == OP_INTRINSIC && stmt->number == (uint32_t)id;
}

static uint64_t poll_arg(const JirFn *fn, const JirStmt *stmt, uint32_t i) {
    return fn->operands.items[fn->args.items[stmt->args + i].value.v].low;
}

bool poll_leaves(const JirFn *fn, const JirStmt *stmt) {
    return poll_arg(fn, stmt, 1) != 0;
}

// What the statement calls; drops are calls with `sub` 1.
static JirFnId called(const JirStmt *stmt) {
    bool is_call = (stmt->op == OP_CALL && stmt->sub != 1) || stmt->op == OP_CALL_VALUE;
    return is_call && stmt->callee ? stmt->callee->instance : (JirFnId){0};
}

// ---- raw memory ----------------------------------------------------------------------------------------------------

// A function of std that moves values in raw memory is not left between two of its steps: its polls only let others
// run.
void polls_settle_raw(JirFn *fn) {
    bool is_raw = false, has_polls = false;
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        const JirBlock *block = &fn->blocks.items[i];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            const JirStmt *stmt = &block->stmts.items[s];
            if (stmt->op != OP_INTRINSIC)
                continue;
            is_raw |= stmt->number >= INTRINSIC_mem_alloc && stmt->number <= INTRINSIC_mem_find;
            has_polls |= stmt->number == INTRINSIC_task_poll;
        }
    }
    for (uint32_t i = 0; is_raw && has_polls && i < fn->blocks.count; i++) {
        JirBlock *block = &fn->blocks.items[i];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            JirStmt *stmt = &block->stmts.items[s];
            if (!is_intrinsic(stmt, INTRINSIC_task_poll))
                continue;
            fn->operands.items[fn->args.items[stmt->args + 1].value.v].low = 0;
            stmt->unwind = 0;
        }
    }
}

// ---- what is reached -----------------------------------------------------------------------------------------------

static void reach(Polls *p, JirFnId fn) {
    if (!fn.v || p->marks[fn.v] & IS_REACHED)
        return;
    p->marks[fn.v] |= IS_REACHED;
    vec_push(&p->work, fn.v);
}

static void reach_values(Polls *p, const JirFn *fn) {
    for (uint32_t i = 1; i < fn->operands.count; i++) {
        const JirOperand *operand = &fn->operands.items[i];
        if (operand->kind == OPERAND_CONST && operand->const_kind == CONST_FUNC && operand->callee)
            reach(p, operand->callee->instance);
    }
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        const JirBlock *block = &fn->blocks.items[i];
        for (uint32_t s = 0; s < block->stmts.count; s++)
            if (block->stmts.items[s].op == OP_CAST && block->stmts.items[s].callee)
                reach(p, block->stmts.items[s].callee->instance);
    }
}

static uint8_t depth_after(const JirStmt *stmt, uint8_t depth) {
    if (is_intrinsic(stmt, INTRINSIC_nursery_open))
        return depth + 1;
    return is_intrinsic(stmt, INTRINSIC_nursery_end) && depth ? depth - 1 : depth;
}

static void flow(void *context, uint32_t target) {
    Polls *p = context;
    if (p->depths.items[target] != DEPTH_UNKNOWN && p->depths.items[target] >= p->depth)
        return;
    p->depths.items[target] = p->depth;
    vec_push(&p->blocks, target);
}

// How many nurseries are open where each block begins; false if the function opens none.
static bool find_depths(Polls *p, const JirFn *fn) {
    bool opens = false;
    for (uint32_t i = 0; i < fn->blocks.count && !opens; i++)
        for (uint32_t s = 0; s < fn->blocks.items[i].stmts.count; s++)
            opens |= is_intrinsic(&fn->blocks.items[i].stmts.items[s], INTRINSIC_nursery_open);
    if (!opens)
        return false;
    vec_reserve(&p->depths, fn->blocks.count);
    memset(p->depths.items, DEPTH_UNKNOWN, fn->blocks.count);
    p->depth = 0;
    flow(p, 0);
    while (p->blocks.count) {
        uint32_t index = vec_pop(&p->blocks);
        const JirBlock *block = &fn->blocks.items[index];
        uint8_t depth = p->depths.items[index];
        for (uint32_t s = 0; s < block->stmts.count; s++)
            depth = depth_after(&block->stmts.items[s], depth);
        p->depth = depth;
        for (uint32_t t = 0; t < block->term.target_count; t++)
            flow(p, block->term.targets[t].v);
    }
    return true;
}

static void reach_called(Polls *p, const JirFn *fn, bool in_bodies_only) {
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        const JirBlock *block = &fn->blocks.items[i];
        uint8_t depth = in_bodies_only ? p->depths.items[i] : 1;
        for (uint32_t s = 0; s < block->stmts.count && depth != DEPTH_UNKNOWN; s++) {
            const JirStmt *stmt = &block->stmts.items[s];
            if (in_bodies_only)
                depth = depth_after(stmt, depth);
            if (depth)
                reach(p, called(stmt));
        }
    }
}

static bool is_drop_impl(const Jir *jir, const JirFn *fn) {
    if (!fn->decl.v || fn->closure.v || fn->is_glue)
        return false;
    ImplId impl = program_decl(jir->program, fn->decl)->impl;
    return impl.v && jir->program->impls.items[impl.v].trait.v == jir->program->lang[LANG_DROP].v;
}

static void find_reached(Polls *p) {
    Jir *jir = p->jir;
    for (uint32_t i = 0; i < jir->instance_count; i++) {
        const JirFn *fn = jir_fn(jir, jir->instances[i]);
        p->marks[fn->id.v] |= IS_INSTANCE | (is_drop_impl(jir, fn) ? IS_DROP : 0);
        reach_values(p, fn);
        if (find_depths(p, fn))
            reach_called(p, fn, true);
    }
    for (uint32_t i = 1; i < jir->tables.count; i++)
        for (uint32_t s = 0; s < jir->tables.items[i].slot_count; s++)
            reach(p, jir->tables.items[i].slots[s].fn);
    while (p->work.count)
        reach_called(p, jir_fn(jir, (JirFnId){vec_pop(&p->work)}), false);
}

// ---- cycles of calls -----------------------------------------------------------------------------------------------

typedef struct {
    uint32_t fn, block, stmt;
} Step;

// The next function that the one at the step calls; 0 after the last.
static uint32_t next_called(const Jir *jir, Step *step) {
    const JirFn *fn = jir_fn(jir, (JirFnId){step->fn});
    for (; step->block < fn->blocks.count; step->block++, step->stmt = 0) {
        const JirBlock *block = &fn->blocks.items[step->block];
        while (step->stmt < block->stmts.count) {
            uint32_t to = called(&block->stmts.items[step->stmt++]).v;
            if (to)
                return to;
        }
    }
    return 0;
}

// Depth first: who is called by one it has led to begins a cycle.
static void find_cycles(Polls *p, uint32_t from) {
    VEC(Step) path = {0};
    p->marks[from] |= IS_ON_PATH;
    vec_push(&path, (Step){.fn = from});
    while (path.count) {
        uint32_t to = next_called(p->jir, &vec_last(&path));
        if (!to) {
            uint8_t *mark = &p->marks[vec_pop(&path).fn];
            *mark = (uint8_t)((*mark & ~IS_ON_PATH) | IS_LEFT);
        } else if (p->marks[to] & IS_ON_PATH) {
            p->marks[to] |= IS_IN_CYCLE;
        } else if (p->marks[to] & IS_REACHED && !(p->marks[to] & IS_LEFT)) {
            p->marks[to] |= IS_ON_PATH;
            vec_push(&path, (Step){.fn = to});
        }
    }
    vec_free(&path);
}

// ---- what is kept --------------------------------------------------------------------------------------------------

static bool is_kept(Polls *p, const JirFn *fn, const JirStmt *stmt, uint8_t depth) {
    bool is_reached = p->marks[fn->id.v] & IS_REACHED;
    if (stmt->number == INTRINSIC_task_poll && poll_arg(fn, stmt, 0) == POLL_ENTRY)
        return is_reached && p->marks[fn->id.v] & IS_IN_CYCLE;
    return is_reached || (depth && depth != DEPTH_UNKNOWN);
}

static void keep_needed(Polls *p, JirFn *fn) {
    bool opens = find_depths(p, fn), drops = false;
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        JirBlock *block = &fn->blocks.items[i];
        uint8_t depth = opens ? p->depths.items[i] : 0;
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            JirStmt *stmt = &block->stmts.items[s];
            depth = depth == DEPTH_UNKNOWN ? depth : depth_after(stmt, depth);
            bool is_poll = is_intrinsic(stmt, INTRINSIC_task_poll);
            if (!is_poll && !is_intrinsic(stmt, INTRINSIC_polls_hold))
                continue;
            if (is_kept(p, fn, stmt, depth)) {
                p->marks[fn->id.v] |= is_poll ? HAS_POLLS : 0;
                continue;
            }
            drops |= stmt->unwind != 0;
            *stmt = (JirStmt){.op = OP_NOP, .token = stmt->token};
        }
    }
    if (drops)
        jir_prune(p->jir, fn);
}

// ---- drops ---------------------------------------------------------------------------------------------------------

static bool calls_polls(const Polls *p, const JirFn *fn) {
    Step step = {.fn = fn->id.v};
    for (uint32_t to; (to = next_called(p->jir, &step)) != 0;)
        if (p->marks[to] & HAS_POLLS)
            return true;
    return false;
}

static void spread_polls(Polls *p) {
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < p->jir->instance_count; i++) {
            const JirFn *fn = jir_fn(p->jir, p->jir->instances[i]);
            if (p->marks[fn->id.v] & HAS_POLLS || !calls_polls(p, fn))
                continue;
            p->marks[fn->id.v] |= HAS_POLLS;
            changed = true;
        }
    }
}

static JirStmt hold(Jir *jir, JirFn *fn, uint64_t by, uint32_t token) {
    TypeId i64 = type_builtin(jir->program->types, TY_I64);
    JirArg arg = {.kind = ARG_VALUE, .value = jir_operand_int(fn, i64, by)};
    JirStmt stmt = {.op = OP_INTRINSIC, .number = INTRINSIC_polls_hold, .token = token};
    stmt.callee = jir_callee(jir, (DeclId){0}, false, NULL, 0);
    jir_stmt_args(fn, &stmt, &arg, 1);
    return stmt;
}

// Around the whole function. By a panic it may be left as it is: the end of that way knows better.
static void hold_in(Jir *jir, JirFn *fn) {
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        JirBlock *block = &fn->blocks.items[i];
        if (i == 0) {
            vec_push(&block->stmts, (JirStmt){0});
            memmove(block->stmts.items + 1, block->stmts.items, (block->stmts.count - 1) * sizeof(JirStmt));
            block->stmts.items[0] = hold(jir, fn, 1, block->term.token);
        }
        if (block->term.kind == TERM_RETURN)
            vec_push(&block->stmts, hold(jir, fn, UINT64_MAX, block->term.token));
    }
}

void polls_keep_needed(Jir *jir) {
    if (!jir->program->has_tasks)
        return;
    Polls p = {.jir = jir, .marks = ARENA_ARRAY(jir->arena, uint8_t, jir->fns.count)};
    find_reached(&p);
    for (uint32_t i = 0; i < jir->instance_count; i++)
        if ((p.marks[jir->instances[i].v] & (IS_REACHED | IS_LEFT)) == IS_REACHED)
            find_cycles(&p, jir->instances[i].v);
    for (uint32_t i = 0; i < jir->instance_count; i++)
        keep_needed(&p, jir_fn(jir, jir->instances[i]));
    spread_polls(&p);
    for (uint32_t i = 0; i < jir->instance_count; i++)
        if ((p.marks[jir->instances[i].v] & (IS_DROP | HAS_POLLS)) == (IS_DROP | HAS_POLLS))
            hold_in(jir, jir_fn(jir, jir->instances[i]));
    vec_free(&p.work);
    vec_free(&p.depths);
    vec_free(&p.blocks);
}
