// Standstill: no task can run and no timer is set. Where every task waits as a service does, those are told to stop:
// who they served is gone. Tasks at the end of a nursery of theirs do not count. Otherwise it is a deadlock, which
// panics. It is judged for all tasks together; the root task is no service.
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

static bool can_run(const JnWorker *w) {
    return w->first != NULL || w->ready_count > 0;
}

static bool is_service(const JnTask *t) {
    return t->nursery != NULL && (t->wait == WAIT_RECV || t->wait == WAIT_SELECT) && (t->wait_flags & JN_WAIT_SERVICE);
}

static bool end_services(JnWorker *w) {
    for (JnTask *t = &w->root; t; t = jn_task_after(t))
        if (t->wait != WAIT_NONE && t->wait != WAIT_NURSERY && !is_service(t))
            return false;
    for (JnTask *t = &w->root; t; t = jn_task_after(t))
        if (is_service(t))
            jn_cancel_task(w, t);
    return can_run(w);
}

// Whoever waits in a nursery of the root's leaves, and the panic goes on from its end, after all have been waited for.
void jn_standstill(JnWorker *w) {
    if (end_services(w))
        return;
    jn_report_deadlock(w);
    if (w->is_standstill_told) {
        jn_host_report(w->report, w->report_size, w->root.wait_at);
        jn_host_abort();
    }
    w->is_standstill_told = true;
    JnTask *root = &w->root;
    Nursery *outermost = root->inner;
    if (!outermost) {
        jn_interrupt(w, root, WAKE_DEADLOCK);
        return;
    }
    while (outermost->outer)
        outermost = outermost->outer;
    jn_host_report(w->report, w->report_size, root->wait_at);
    outermost->has_panicked = true;
    jn_cancel_nursery(w, outermost);
    if (!can_run(w))
        jn_host_abort();
}
