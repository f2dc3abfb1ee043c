// Cancellation is a level, not an event: a task is told as long as it, or a nursery whose body it is in, is cancelled,
// unless it is leaving already or the reason lies outside a shield. That is recomputed into `attention` when it may
// have changed, so that a suspension point looks at one word.
#include "cancel.h"

#include "select.h"
#include "timer.h"
#include "worker.h"

static bool is_cancelled_from(const JnTask *t, const Nursery *inner) {
    const Nursery *n = inner;
    for (; n && n->depth >= t->depth_floor; n = n->outer)
        if (n->is_cancelled && n->is_in_body)
            return true;
    return t->is_cancelled && t->depth_floor == 0;
}

bool jn_is_cancelled_outside(const Nursery *n) {
    return is_cancelled_from(n->owner, n->outer);
}

// A shield whose time is over no longer holds up a way out that began before it.
static bool is_way_out_held(const JnTask *t) {
    return t->shield && t->shield->is_over && t->shield->saved_leave != LEAVE_NONE;
}

void jn_update_attention(JnWorker *w, JnTask *t) {
    t->attention = t->leave == LEAVE_NONE && (is_way_out_held(t) || is_cancelled_from(t, t->inner));
    if (t == w->current)
        jn_attention = w->attention | t->attention;
}

bool jn_is_unwinding(const JnTask *t) {
    bool is = t->leave != LEAVE_NONE;
    for (const Shield *s = t->shield; s; s = s->outer)
        is |= s->saved_leave != LEAVE_NONE;
    return is;
}

_Noreturn void jn_leave_now(JnTask *t) {
    t->leave = LEAVE_CANCELLED;
    jn_update_attention(&jn_worker, t);
    jn_host_leave();
}

_Noreturn void jn_interrupted(JnTask *t, WakeReason reason) {
    if (reason == WAKE_DEADLOCK)
        jn_host_panic(jn_worker.report, jn_worker.report_size, t->wait_at);
    jn_leave_now(t);
}

void jn_interrupt(JnWorker *w, JnTask *t, WakeReason reason) {
    switch ((WaitKind)t->wait) {
    case WAIT_NONE:
    case WAIT_NURSERY: return;
    case WAIT_SEND:
    case WAIT_RECV:
    case WAIT_LIMIT: link_remove(&t->waiter.link); break;
    case WAIT_SELECT: jn_select_unlink(t); break;
    case WAIT_SLEEP: break;
    case WAIT_JOIN: t->wait_for.task->joiner = NULL; break;
    }
    jn_wake(w, t, reason);
}

// ---- telling tasks -------------------------------------------------------------------------------------------------
// Nurseries whose tasks are still to be told stand in a list of the worker: trees of tasks may be deep.

static void queue_tasks(JnWorker *w, Nursery *n) {
    if (n->are_tasks_cancelled)
        return;
    n->are_tasks_cancelled = true;
    n->next_cancelled = w->cancelled;
    w->cancelled = n;
}

static void tell(JnWorker *w, JnTask *t) {
    jn_update_attention(w, t);
    if (t->wait == WAIT_NURSERY) {
        if (jn_is_cancelled_outside(t->wait_for.nursery))
            queue_tasks(w, t->wait_for.nursery);
    } else if (t->attention) {
        jn_interrupt(w, t, WAKE_CANCELLED);
    }
}

static void tell_queued(JnWorker *w) {
    while (w->cancelled) {
        Nursery *n = w->cancelled;
        w->cancelled = n->next_cancelled;
        for (Link *l = n->tasks.next; l != &n->tasks; l = l->next) {
            JnTask *t = task_of(l);
            if (t->state != TASK_RUNS || t->is_cancelled)
                continue;
            t->is_cancelled = true;
            tell(w, t);
        }
    }
}

void jn_cancel_tasks(JnWorker *w, Nursery *n) {
    queue_tasks(w, n);
    tell_queued(w);
}

void jn_cancel_nursery(JnWorker *w, Nursery *n) {
    if (n->is_cancelled)
        return;
    n->is_cancelled = true;
    queue_tasks(w, n);
    tell(w, n->owner);
    tell_queued(w);
}

void jn_cancel_task(JnWorker *w, JnTask *t) {
    t->is_cancelled = true;
    tell(w, t);
    tell_queued(w);
}

// ---- when time is over ---------------------------------------------------------------------------------------------

void jn_task_time_over(JnWorker *w, JnTask *t) {
    t->timer = 0;
    jn_interrupt(w, t, WAKE_TIMEOUT);
}

// A nursery that is being cancelled from outside sees only that: the time that was over first is the other one's.
void jn_nursery_time_over(JnWorker *w, Nursery *n) {
    n->timer = 0;
    if (n->cause != CAUSE_NONE || jn_is_cancelled_outside(n))
        return;
    n->cause = CAUSE_EXPIRED;
    jn_cancel_nursery(w, n);
}

void jn_shield_time_over(JnWorker *w, Shield *s) {
    JnTask *t = s->task;
    s->timer = 0;
    s->is_over = true;
    if (t->shield == s) {
        t->depth_floor = s->saved_floor;
    } else {
        Shield *within = t->shield;
        while (within->outer != s)
            within = within->outer;
        within->saved_floor = s->saved_floor;
    }
    tell(w, t);
    tell_queued(w);
}

// ---- shields -------------------------------------------------------------------------------------------------------

void jn_shield_enter(JnShield *shield, int64_t limit) {
    JnWorker *w = &jn_worker;
    JnTask *t = w->current;
    Shield *s = (Shield *)(void *)shield;
    *s = (Shield){.outer = t->shield, .saved_floor = t->depth_floor, .saved_leave = t->leave, .task = t};
    t->shield = s;
    t->depth_floor = t->inner ? t->inner->depth + 1 : 1;
    t->leave = LEAVE_NONE;
    if (limit >= 0)
        s->timer = jn_timer_set(w, jn_time_after(limit), TIMER_SHIELD, s);
    jn_update_attention(w, t);
}

void jn_shield_leave(JnShield *shield) {
    JnWorker *w = &jn_worker;
    JnTask *t = w->current;
    Shield *s = (Shield *)(void *)shield;
    if (s->timer)
        jn_timer_clear(w, s->timer);
    t->shield = s->outer;
    t->depth_floor = s->saved_floor;
    if (t->leave < s->saved_leave)
        t->leave = s->saved_leave;
    jn_update_attention(w, t);
}
