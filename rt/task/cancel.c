// Cancellation is a level, not an event: a task is told as long as it, or a nursery whose body it is in, is cancelled,
// unless it is leaving already or the reason lies outside a shield. That is recomputed into `attention` when it may
// have changed, so that a suspension point looks at one word. All that decides it is written under the tree's lock.
#include "cancel.h"

#include "report.h"
#include "room.h"
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

// Where the task runs on another worker is not known, and it may be on its way from one to another: so all are told to
// look. Each first takes its note that it is to look away and then looks at the task that it runs; a task that it takes
// later it looks at then, and sees this, because the note was taken after this was written.
void jn_update_attention(JnTask *t) {
    bool is = t->leave == LEAVE_NONE && (is_way_out_held(t) || is_cancelled_from(t, t->inner)), was = t->attention;
    JnWorker *w = this_worker();
    if (is != was)
        __atomic_store_n(&t->attention, is, __ATOMIC_SEQ_CST);
    if (t == w->current)
        worker_tell(w, is);
    else if (is && !was && jn_all.is_parallel && __atomic_load_n(&t->parked, __ATOMIC_SEQ_CST) == PARK_NO)
        jn_attend_all();
}

bool jn_is_unwinding(const JnTask *t) {
    bool is = t->leave != LEAVE_NONE;
    for (const Shield *s = t->shield; s; s = s->outer)
        is |= s->saved_leave != LEAVE_NONE;
    return is;
}

_Noreturn void jn_leave_now(JnTask *t) {
    lock_tree();
    t->leave = LEAVE_CANCELLED;
    jn_update_attention(t);
    unlock_tree();
    jn_host_leave();
}

_Noreturn void jn_interrupted(JnTask *t, WakeReason reason) {
    if (reason == WAKE_DEADLOCK)
        jn_host_panic(jn_all.report, jn_all.report_size, t->wait_at);
    jn_leave_now(t);
}

void jn_interrupt(JnTask *t, WakeReason reason) {
    if (claim(t, PARK_WAIT))
        jn_wake(this_worker(), t, reason);
}

// ---- telling tasks -------------------------------------------------------------------------------------------------
// Nurseries whose tasks are still to be told stand in a list: trees of tasks may be deep.

static void queue_tasks(Nursery *n) {
    if (n->are_tasks_cancelled)
        return;
    n->are_tasks_cancelled = true;
    n->next_cancelled = jn_all.cancelled;
    jn_all.cancelled = n;
}

static void tell(JnTask *t) {
    jn_update_attention(t);
    if (__atomic_load_n(&t->parked, __ATOMIC_RELAXED) == PARK_NURSERY) {
        if (jn_is_cancelled_outside(t->wait_for.nursery))
            queue_tasks(t->wait_for.nursery);
    } else if (t->attention) {
        jn_interrupt(t, WAKE_CANCELLED);
    }
}

static void tell_queued(void) {
    while (jn_all.cancelled) {
        Nursery *n = jn_all.cancelled;
        jn_all.cancelled = n->next_cancelled;
        for (Link *l = n->tasks.next; l != &n->tasks; l = l->next) {
            JnTask *t = task_of(l);
            if (t->state != TASK_RUNS || t->is_cancelled)
                continue;
            t->is_cancelled = true;
            tell(t);
        }
    }
}

void jn_cancel_tasks(Nursery *n) {
    queue_tasks(n);
    tell_queued();
}

void jn_cancel_nursery(Nursery *n) {
    if (n->is_cancelled)
        return;
    n->is_cancelled = true;
    queue_tasks(n);
    tell(n->owner);
    tell_queued();
}

void jn_cancel_task(JnTask *t) {
    t->is_cancelled = true;
    tell(t);
    tell_queued();
}

// ---- when time is over ---------------------------------------------------------------------------------------------

void jn_task_time_over(JnTask *t) {
    __atomic_store_n(&t->timer, 0, __ATOMIC_RELAXED);
    jn_interrupt(t, WAKE_TIMEOUT);
}

// A nursery that is being cancelled from outside sees only that: the time that was over first is the other one's.
void jn_nursery_time_over(Nursery *n) {
    n->timer = 0;
    if (n->cause != CAUSE_NONE || jn_is_cancelled_outside(n))
        return;
    n->cause = CAUSE_EXPIRED;
    jn_cancel_nursery(n);
}

void jn_shield_time_over(Shield *s) {
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
    tell(t);
    tell_queued();
}

// The outer ones first: what one of them held back is not held back by those within it.
static void end_shields(JnTask *t, Shield *s) {
    if (!s)
        return;
    end_shields(t, s->outer);
    if (s->is_over)
        return;
    if (s->timer)
        jn_timer_clear(s->timer);
    jn_shield_time_over(s);
}

static bool is_within(const JnTask *t, const Nursery *n) {
    while (t && t->nursery && t->nursery != n)
        t = t->nursery->owner;
    return t && t->nursery;
}

// Tasks that a nursery has stand next to each other in the order of jn_task_after, with those that they have.
void jn_nursery_force(Nursery *n) {
    n->timer = 0;
    n->is_forced = true;
    for (Link *l = n->tasks.next; l != &n->tasks; l = l->next) {
        if (task_of(l)->state != TASK_RUNS)
            continue;
        for (JnTask *t = task_of(l); t && is_within(t, n); t = jn_task_after(t)) {
            t->is_forced = true;
            for (Nursery *inner = t->inner; inner; inner = inner->outer)
                inner->is_forced = true;
            end_shields(t, t->shield);
        }
        return;
    }
}

// ---- shields -------------------------------------------------------------------------------------------------------

void jn_shield_enter(JnShield *shield, int64_t limit) {
    JnTask *t = this_worker()->current;
    Shield *s = (Shield *)(void *)shield;
    int64_t time = limit >= 0 ? jn_time_after(limit) : -1;
    if (limit >= 0 && !jn_timer_book())
        jn_room_missing(NULL);
    lock_tree();
    *s = (Shield){.outer = t->shield, .saved_floor = t->depth_floor, .saved_leave = t->leave, .task = t};
    t->shield = s;
    t->depth_floor = t->inner ? t->inner->depth + 1 : 1;
    t->leave = LEAVE_NONE;
    if (limit >= 0)
        s->timer = jn_timer_set(time, TIMER_SHIELD, s);
    if (UNLIKELY(t->is_forced)) {
        s->is_over = true;
        t->depth_floor = s->saved_floor;
    }
    jn_update_attention(t);
    unlock_tree();
}

void jn_shield_leave(JnShield *shield) {
    JnTask *t = this_worker()->current;
    Shield *s = (Shield *)(void *)shield;
    lock_tree();
    if (s->timer)
        jn_timer_clear(s->timer);
    t->shield = s->outer;
    t->depth_floor = s->saved_floor;
    if (t->leave < s->saved_leave)
        t->leave = s->saved_leave;
    jn_update_attention(t);
    unlock_tree();
}
