// The order of a seed: of the tasks that can run, any comes next, and where a task may suspend but need not it does now
// and then. Computing takes time, too, or a loop that only computes would never meet its deadline.
#include "timer.h"
#include "worker.h"

enum { CHANCE = 4, POLLS_PER_STEP = 256, STEP_NS = 10000 };

void jn_sim_ready(JnTask *t) {
    JnTasks *all = &jn_all;
    if (all->ready_count == all->ready_capacity)
        all->ready = jn_grow(all->ready, &all->ready_capacity, sizeof *all->ready);
    all->ready[all->ready_count++] = t;
}

void jn_sim_stop(void) {
    if (jn_all.ready)
        jn_host_release(jn_all.ready, (int64_t)(jn_all.ready_capacity * sizeof *jn_all.ready));
    jn_all.ready = NULL;
}

JnTask *jn_sim_pick(void) {
    JnTasks *all = &jn_all;
    if (all->ready_count == 0)
        return NULL;
    uint32_t i = all->ready_count == 1 ? 0 : random_below(&jn_first_worker, all->ready_count);
    JnTask *t = all->ready[i];
    all->ready[i] = all->ready[--all->ready_count];
    return t;
}

bool jn_sim_chance(void) {
    return jn_all.ready_count > 0 && random_below(&jn_first_worker, CHANCE) == 0;
}

void jn_sim_poll(void) {
    JnTasks *all = &jn_all;
    if (++all->polls % POLLS_PER_STEP != 0)
        return;
    all->now += STEP_NS;
    jn_timers_fire(all->now);
    if (all->ready_count > 0)
        jn_let_others_run(&jn_first_worker);
}
