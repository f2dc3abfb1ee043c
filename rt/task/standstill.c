// Standstill: no task can run and no timer is set. Where every task waits as a service does, those are told to stop:
// who they served is gone. Tasks at the end of a nursery of theirs do not count, nor those that
// wait for how an isolated task ends. Otherwise it is a deadlock, which
// panics. It is judged for all tasks together; the root task is no service. Every worker is asleep but the one that
// judges, so what tasks wrote of themselves can be read.
#include "report.h"

#include "cancel.h"
#include "worker.h"

static JnTask *running_from(const Nursery *n, Link *l) {
    for (; l != &n->tasks; l = l->next)
        if (task_of(l)->state == TASK_RUNS)
            return task_of(l);
    return NULL;
}

// The first running task in this nursery of some task or in those around it.
static JnTask *running_in(Nursery *n) {
    JnTask *found = NULL;
    for (; n && !found; n = n->outer)
        found = running_from(n, n->tasks.next);
    return found;
}

bool jn_is_first_in_nursery(JnTask *t) {
    return t->nursery && running_from(t->nursery, t->nursery->tasks.next) == t;
}

JnTask *jn_task_after(JnTask *t) {
    JnTask *next = running_in(t->inner);
    while (!next && t->nursery) {
        Nursery *n = t->nursery;
        next = running_from(n, t->link.next);
        if (!next)
            next = running_in(n->outer);
        t = n->owner;
    }
    return next;
}

static bool can_run(void) {
    return this_worker()->queue.count > 0 || jn_all.ready_count > 0;
}

static bool is_service(const JnTask *t) {
    return t->nursery != NULL && (t->wait == WAIT_RECV || t->wait == WAIT_SELECT) && (t->wait_flags & JN_WAIT_SERVICE);
}

// Waits for how an isolated task ends, whatever that is: it goes on when that one does.
static bool watches(const JnTask *t) {
    return t->wait == WAIT_JOIN && (t->wait_for.task->code->flags & JN_TASK_ISOLATED);
}

static bool end_services(void) {
    for (JnTask *t = &jn_all.root; t; t = jn_task_after(t))
        if (t->wait != WAIT_NONE && t->wait != WAIT_NURSERY && !is_service(t) && !watches(t))
            return false;
    for (JnTask *t = &jn_all.root; t; t = jn_task_after(t))
        if (is_service(t))
            jn_cancel_task(t);
    return can_run();
}

// Whoever waits in a nursery of the root's leaves, and the panic goes on from its end, after all have been waited for.
static void tell_deadlock(void) {
    JnTasks *all = &jn_all;
    jn_report_deadlock();
    if (all->is_standstill_told) {
        jn_host_report(all->report, all->report_size, all->root.wait_at);
        jn_host_abort();
    }
    all->is_standstill_told = true;
    Nursery *outermost = all->root.inner;
    if (!outermost) {
        jn_interrupt(&all->root, WAKE_DEADLOCK);
        return;
    }
    while (outermost->outer)
        outermost = outermost->outer;
    jn_host_report(all->report, all->report_size, all->root.wait_at);
    outermost->has_panicked = true;
    jn_cancel_nursery(outermost);
    if (!can_run())
        jn_host_abort();
}

void jn_standstill(void) {
    lock_tree();
    if (!end_services())
        tell_deadlock();
    unlock_tree();
}
