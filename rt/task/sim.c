// The order of a seed: of the tasks that can run, any comes next, and where a task may suspend but need not it does now
// and then. Computing takes time, too, or a loop that only computes would never meet its deadline.
//
// Priorities are those of Burckhardt, Kothari, Musuvathi and Nagarakatte (2010): each task has one, drawn at random,
// the highest that can run does, and at d - 1 places drawn at random the running one's becomes lower than all so far.
// Who lets others run by itself, or computes for long, goes behind all others: else a loop that waits for them would
// never end.
#include "sim.h"

#include "../record.h"
#include "room.h"
#include "timer.h"
#include "worker.h"

enum { CHANCE = 4, POLLS_PER_STEP = 256, STEP_NS = 10000, MOST_CHANGES = 64 };

typedef struct {
    uint32_t points; // decisions so far
    uint32_t stamp;  // of when it could run, the last time
    int64_t priority;
} SimTask;

static struct {
    Order order;
    SimTask *tasks; // by number
    uint32_t task_capacity, stamp;
    uint64_t decisions, changes[MOST_CHANGES]; // of priorities: at which decisions
    int64_t lowest;
    // Of the choice that jn_sim_pick is about to make.
    uint32_t kind;   // JN_STEP_STOPPED or YIELDED; 0: the running task waits or has ended
    uint32_t wanted; // by a list
    bool has_wanted;
    const JnLocation *at;
} sim;

static bool is_plain(void) {
    return sim.order.kind == ORDER_RANDOM && !jn_is_recording;
}

static SimTask *sim_of(uint32_t number) {
    while (number >= sim.task_capacity) {
        uint32_t before = sim.task_capacity;
        SimTask *tasks = jn_grow(sim.tasks, &sim.task_capacity, number + 1, sizeof *tasks);
        if (!tasks)
            jn_order_lost();
        sim.tasks = tasks;
        memset(sim.tasks + before, 0, (sim.task_capacity - before) * sizeof *sim.tasks);
    }
    return &sim.tasks[number];
}

static uint64_t random_of_sim(void) {
    return next_random(&jn_first_worker);
}

void jn_sim_start(const JnTaskConfig *config) {
    memset(&sim, 0, sizeof sim);
    sim.order.seed = config->seed;
    if (config->order)
        jn_order_read(&sim.order, config->order, config->order_size);
    jn_first_worker.random = sim.order.seed;
    jn_record_start(config->record);
    for (uint32_t i = 0; i + 1 < sim.order.levels && i < MOST_CHANGES && sim.order.decisions > 0; i++)
        sim.changes[i] = 1 + random_of_sim() % sim.order.decisions;
}

void jn_sim_stop(void) {
    if (jn_all.ready)
        jn_host_release(jn_all.ready, (int64_t)(jn_all.ready_capacity * sizeof *jn_all.ready));
    if (sim.tasks)
        jn_host_release(sim.tasks, (int64_t)(sim.task_capacity * sizeof *sim.tasks));
    jn_order_free(&sim.order);
    jn_all.ready = NULL;
    sim.tasks = NULL;
}

// ---- what can run --------------------------------------------------------------------------------------------------

static int64_t priority_of(const JnTask *t) {
    SimTask *s = sim_of(jn_number_of(t));
    if (s->priority == 0)
        s->priority = (int64_t)(random_of_sim() >> 2) + MOST_CHANGES;
    return s->priority;
}

bool jn_sim_room(uint32_t tasks) {
    JnTasks *all = &jn_all;
    JnTask **ready = jn_grow(all->ready, &all->ready_capacity, tasks, sizeof *ready);
    if (ready)
        all->ready = ready;
    return ready != NULL;
}

void jn_sim_ready(JnTask *t) {
    JnTasks *all = &jn_all;
    all->ready[all->ready_count++] = t;
    if (is_plain())
        return;
    SimTask *s = sim_of(jn_number_of(t));
    if (s->stamp == 0 && !jn_task_is_root(t))
        jn_record_task(t);
    s->stamp = ++sim.stamp;
}

static uint32_t oldest(void) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < jn_all.ready_count; i++)
        if (sim_of(jn_number_of(jn_all.ready[i]))->stamp < sim_of(jn_number_of(jn_all.ready[best]))->stamp)
            best = i;
    return best;
}

static uint32_t highest(void) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < jn_all.ready_count; i++)
        if (priority_of(jn_all.ready[i]) > priority_of(jn_all.ready[best]))
            best = i;
    return best;
}

static uint32_t index_of(uint32_t number, uint32_t otherwise) {
    for (uint32_t i = 0; i < jn_all.ready_count; i++)
        if (jn_number_of(jn_all.ready[i]) == number)
            return i;
    return otherwise;
}

// ---- decisions -----------------------------------------------------------------------------------------------------

static uint32_t next_point(const JnTask *t) {
    return ++sim_of(jn_number_of(t))->points;
}

// The order could be another one from here on.
static void count_decision(JnTask *running) {
    jn_record_decision();
    sim.decisions++;
    if (sim.order.kind != ORDER_PRIORITY)
        return;
    for (uint32_t i = 0; i + 1 < sim.order.levels && i < MOST_CHANGES; i++)
        if (sim.changes[i] == sim.decisions)
            sim_of(jn_number_of(running))->priority = (int64_t)(sim.order.levels - i);
}

static void go_behind_all(const JnTask *t) {
    if (sim.order.kind == ORDER_PRIORITY)
        sim_of(jn_number_of(t))->priority = --sim.lowest;
}

static uint32_t choose(JnTask *from, uint32_t kind, uint32_t point, uint32_t usual) {
    const JnDifference *d;
    switch (sim.order.kind) {
    case ORDER_RANDOM: return random_below(&jn_first_worker, jn_all.ready_count);
    case ORDER_PRIORITY: return highest();
    case ORDER_LIST:
        if (kind == JN_STEP_STOPPED)
            return index_of(sim.wanted, usual);
        d = jn_order_find(&sim.order, jn_number_of(from), point);
        return d && !d->is_arm ? index_of(d->choice, usual) : usual;
    }
    return usual;
}

static uint32_t kind_of(const JnTask *from) {
    return sim.kind ? sim.kind : from->state != TASK_RUNS ? JN_STEP_ENDED : JN_STEP_WAITED;
}

static uint32_t pick_told(void) {
    JnTask *from = jn_first_worker.current;
    uint32_t kind = kind_of(from), number = jn_number_of(from);
    bool is_stopped = kind == JN_STEP_STOPPED;
    uint32_t point = is_stopped ? sim_of(number)->points : next_point(from);
    if (kind == JN_STEP_YIELDED)
        go_behind_all(from);
    if (!is_stopped && jn_all.ready_count > 1)
        count_decision(from);
    uint32_t usual = is_stopped ? index_of(number, 0) : oldest();
    uint32_t chosen = jn_all.ready_count == 1 ? 0 : choose(from, kind, point, usual);
    uint32_t to = jn_number_of(jn_all.ready[chosen]), instead = jn_number_of(jn_all.ready[usual]);
    if (to != number || to != instead)
        jn_record_step(kind, from, to, instead, point, kind == JN_STEP_WAITED ? from->wait_at : sim.at);
    sim.kind = 0;
    sim.at = NULL;
    return chosen;
}

JnTask *jn_sim_pick(void) {
    JnTasks *all = &jn_all;
    if (all->ready_count == 0)
        return NULL;
    uint32_t i = !is_plain()             ? pick_told()
                 : all->ready_count == 1 ? 0
                                         : random_below(&jn_first_worker, all->ready_count);
    JnTask *t = all->ready[i];
    all->ready[i] = all->ready[--all->ready_count];
    return t;
}

static bool chance_told(const JnLocation *at) {
    JnTask *t = jn_first_worker.current;
    uint32_t point = next_point(t);
    if (jn_all.ready_count == 0)
        return false;
    count_decision(t);
    const JnDifference *d;
    bool is = false;
    switch (sim.order.kind) {
    case ORDER_RANDOM: is = random_below(&jn_first_worker, CHANCE) == 0; break;
    case ORDER_PRIORITY: is = priority_of(jn_all.ready[highest()]) > priority_of(t); break;
    case ORDER_LIST:
        d = jn_order_find(&sim.order, jn_number_of(t), point);
        is = d && !d->is_arm;
        sim.wanted = is ? d->choice : 0;
        break;
    }
    if (is) {
        sim.kind = JN_STEP_STOPPED;
        sim.at = at;
    }
    return is;
}

void jn_sim_yields(const JnLocation *at) {
    sim.kind = JN_STEP_YIELDED;
    sim.at = at;
}

bool jn_sim_chance(const JnLocation *at) {
    if (!is_plain())
        return chance_told(at);
    return jn_all.ready_count > 0 && random_below(&jn_first_worker, CHANCE) == 0;
}

uint32_t jn_sim_arm(uint32_t ready, const JnLocation *at) {
    if (is_plain())
        return random_below(&jn_first_worker, ready);
    JnTask *t = jn_first_worker.current;
    uint32_t point = next_point(t), arm = 0;
    count_decision(t);
    if (sim.order.kind == ORDER_LIST) {
        const JnDifference *d = jn_order_find(&sim.order, jn_number_of(t), point);
        arm = d && d->is_arm && d->choice < ready ? d->choice : 0;
    } else {
        arm = random_below(&jn_first_worker, ready);
    }
    if (arm != 0)
        jn_record_step(JN_STEP_ARM, t, arm, 0, point, at);
    return arm;
}

void jn_sim_poll(void) {
    JnTasks *all = &jn_all;
    if (++all->polls % POLLS_PER_STEP != 0)
        return;
    all->now += STEP_NS;
    jn_note_time();
    jn_timers_fire(all->now);
    if (all->ready_count > 0) {
        jn_sim_yields(NULL);
        jn_let_others_run(&jn_first_worker);
    }
}

int64_t jn_virtual_time(int64_t passes) {
    int64_t then;
    if (!jn_all.is_seeded)
        return -1;
    if (passes > 0 && !__builtin_add_overflow(jn_all.now, passes, &then)) {
        jn_all.now = then;
        jn_timers_fire(then);
    }
    return jn_all.now;
}

NOINLINE void jn_sim_quiet_point(void) {
    if (!jn_all.is_seeded || jn_first_worker.current->polls_held || !host_is_steady())
        return;
    if (jn_sim_chance(NULL))
        jn_let_others_run(&jn_first_worker);
}
