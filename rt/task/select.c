// Select. If an arm is ready nothing waits; else the task stands in the list of every arm's channel, and who serves one
// arm claims it for all of them.
//
// One channel is locked at a time. So an arm that was not ready may be so before the task stands in its list; that is
// seen when the list is joined, and then the task withdraws what it has announced, unless another arm has been served.
#include "cancel.h"
#include "channel.h"
#include "timer.h"

_Static_assert(sizeof(Waiter) <= sizeof(((JnSelectArm *)0)->opaque), "an arm has room for how it waits");

enum { NONE = -1, AGAIN = -2 };

static Waiter *waiter_of(JnSelectArm *arm) {
    return (Waiter *)(void *)arm->opaque;
}

static bool is_ready(const JnSelectArm *arm, const JnTask *self) {
    JnChannel *c = arm->channel;
    switch (arm->kind) {
    case JN_ARM_RECV: return chan_can_take(c, self);
    case JN_ARM_SEND: return c->is_closed || chan_can_put(c, self);
    case JN_ARM_CLOSED: return c->is_closed && c->count == 0;
    }
    return false;
}

// What is closed stays closed.
static bool can_be_ready(const JnSelectArm *arm) {
    return arm->channel && !(arm->kind == JN_ARM_RECV && __atomic_load_n(&arm->channel->is_closed, __ATOMIC_RELAXED));
}

// False if the arm is not ready after all: the task that waited on the other side has been claimed.
static bool perform(JnWorker *w, JnSelectArm *arm) {
    arm->is_refused = false;
    if (arm->kind == JN_ARM_RECV)
        return chan_take(w, arm->channel, arm->item);
    if (arm->kind == JN_ARM_CLOSED)
        return true;
    arm->is_refused = arm->channel->is_closed;
    return arm->is_refused || chan_put(w, arm->channel, arm->item);
}

static bool looks_ready(JnSelectArm *arm, const JnTask *self) {
    if (!arm->channel)
        return false;
    lock(&arm->channel->lock);
    bool is = is_ready(arm, self);
    unlock(&arm->channel->lock);
    return is;
}

static uint32_t chance_below(JnWorker *w, uint32_t ready, const JnLocation *at) {
    if (ready == 1)
        return 0;
    return UNLIKELY(jn_all.is_seeded) ? jn_sim_arm(ready, at) : random_below(w, ready);
}

// Does what one of the arms that are ready says, each as likely as the others.
// `at`: where the select stands.
static int64_t try_arms(JnWorker *w, JnSelectArm *arms, int64_t count, const JnLocation *at) {
    const JnTask *self = w->current;
    int64_t chosen = NONE;
    uint32_t ready = 0;
    for (int64_t i = 0; i < count; i++)
        if (looks_ready(&arms[i], self) && ready++ == 0)
            chosen = i;
    if (ready == 0)
        return NONE;
    for (uint32_t skip = chance_below(w, ready, at); skip > 0; skip--)
        do
            if (++chosen == count)
                return AGAIN;
        while (!looks_ready(&arms[chosen], self));
    lock(&arms[chosen].channel->lock);
    bool is_done = is_ready(&arms[chosen], self) && perform(w, &arms[chosen]);
    unlock(&arms[chosen].channel->lock);
    return is_done ? chosen : AGAIN;
}

static void leave_lists(JnSelectArm *arms, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        Link *l = &waiter_of(&arms[i])->link;
        if (!arms[i].channel)
            continue;
        lock(&arms[i].channel->lock);
        link_take_out(l);
        unlock(&arms[i].channel->lock);
    }
}

// Joins the lists of the arms' channels. NONE: it waits, or has been claimed. Otherwise the task waits no more, and the
// arm is what it has done; AGAIN: nothing.
static int64_t join_lists(JnWorker *w, JnSelectArm *arms, int64_t count) {
    JnTask *t = w->current;
    int64_t done = NONE;
    for (int64_t i = 0; i < count; i++) {
        Waiter *waiter = waiter_of(&arms[i]);
        link_init(&waiter->link);
        waiter->task = t;
        waiter->item = arms[i].item;
        waiter->arm = (uint32_t)i;
    }
    for (int64_t i = 0; i < count && done == NONE; i++) {
        JnChannel *c = arms[i].channel;
        if (!c)
            continue;
        lock(&c->lock);
        Link *lists[] = {&c->receivers, &c->senders, &c->closers};
        if (UNLIKELY(jn_all.is_parallel) && is_ready(&arms[i], t)) {
            bool has_withdrawn = park_withdraw(t);
            if (has_withdrawn)
                done = perform(w, &arms[i]) ? i : AGAIN;
            unlock(&c->lock);
            if (!has_withdrawn)
                return NONE;
            continue;
        }
        if (arms[i].kind != JN_ARM_RECV || !c->is_closed)
            link_append(lists[arms[i].kind], &waiter_of(&arms[i])->link);
        unlock(&c->lock);
    }
    return done;
}

static bool is_hopeless(const JnSelectArm *arms, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (can_be_ready(&arms[i]))
            return false;
    return true;
}

NOINLINE int64_t jn_select(JnSelectArm *arms, int64_t count, int64_t timeout, uint32_t flags, const JnLocation *at) {
    static const char TEXT[] = "no arm of this select can ever be ready: all its channels are closed";
    int64_t time = -1;
    suspension_point(at);
    for (;;) {
        JnWorker *w = this_worker();
        JnTask *t = w->current;
        int64_t chosen = try_arms(w, arms, count, at);
        if (chosen >= 0)
            return chosen;
        if (chosen == AGAIN)
            continue;
        if (flags & JN_SELECT_HAS_DEFAULT)
            return JN_SELECT_DEFAULT;
        if (timeout == 0)
            return JN_SELECT_TIMEOUT;
        if (timeout < 0 && is_hopeless(arms, count))
            jn_host_panic(TEXT, sizeof TEXT - 1, at);
        if (timeout > 0 && time < 0)
            time = jn_time_after(timeout);
        t->arm_count = count;
        t->wait_for.arms = arms;
        park_announce(t, WAIT_SELECT, flags & JN_WAIT_SERVICE, at);
        chosen = join_lists(w, arms, count);
        if (chosen != NONE) {
            leave_lists(arms, count);
            if (chosen >= 0)
                return chosen;
            continue;
        }
        // All arms were closed meanwhile: what is hopeless is found above.
        if (UNLIKELY(timeout < 0 && is_hopeless(arms, count)) && park_withdraw(t)) {
            leave_lists(arms, count);
            continue;
        }
        if (time >= 0)
            jn_timer_set_of(t, time);
        WakeReason reason = worker_wait(t);
        leave_lists(arms, count);
        if (UNLIKELY(reason >= WAKE_CANCELLED))
            jn_interrupted(t, reason);
        if (reason == WAKE_TIMEOUT)
            return JN_SELECT_TIMEOUT;
        if (reason == WAKE_DONE) {
            arms[t->chosen_arm].is_refused = false;
            return t->chosen_arm;
        }
    }
}
