// The order of a seed: of the tasks that can run, any comes next, and where a task may suspend but need not it does now
// and then. Computing takes time, too, or a loop that only computes would never meet its deadline.
#include "timer.h"
#include "worker.h"

enum { CHANCE = 4, POLLS_PER_STEP = 256, STEP_NS = 10000 };

void jn_sim_ready(JnWorker *w, JnTask *t) {
    if (w->ready_count == w->ready_capacity)
        w->ready = jn_grow(w->ready, &w->ready_capacity, sizeof *w->ready);
    w->ready[w->ready_count++] = t;
}

void jn_sim_stop(JnWorker *w) {
    if (w->ready)
        jn_host_release(w->ready, (int64_t)(w->ready_capacity * sizeof *w->ready));
    w->ready = NULL;
}

JnTask *jn_sim_pick(JnWorker *w) {
    if (w->ready_count == 0)
        return NULL;
    uint32_t i = w->ready_count == 1 ? 0 : random_below(w, w->ready_count);
    JnTask *t = w->ready[i];
    w->ready[i] = w->ready[--w->ready_count];
    return t;
}

bool jn_sim_chance(JnWorker *w) {
    return w->ready_count > 0 && random_below(w, CHANCE) == 0;
}

void jn_sim_poll(JnWorker *w) {
    if (++w->polls % POLLS_PER_STEP != 0)
        return;
    w->now += STEP_NS;
    jn_timers_fire(w, w->now);
    if (w->ready_count > 0)
        jn_let_others_run(w);
}
