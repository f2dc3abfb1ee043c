// Select. If an arm is ready nothing waits; else the task stands in the list of every arm's channel, and who serves one
// arm takes it out of the others.
#include "select.h"

#include "cancel.h"
#include "channel.h"
#include "timer.h"

_Static_assert(sizeof(Waiter) <= sizeof(((JnSelectArm *)0)->opaque), "an arm has room for how it waits");

static Waiter *waiter_of(JnSelectArm *arm) {
    return (Waiter *)(void *)arm->opaque;
}

void jn_select_unlink(JnTask *t) {
    for (int64_t i = 0; i < t->arm_count; i++)
        link_remove(&waiter_of(&t->wait_for.arms[i])->link);
}

static bool is_ready(const JnSelectArm *arm) {
    const JnChannel *c = arm->channel;
    if (!c)
        return false;
    switch (arm->kind) {
    case JN_ARM_RECV: return chan_can_take(c);
    case JN_ARM_SEND: return c->is_closed || chan_can_put(c);
    case JN_ARM_CLOSED: return c->is_closed && c->count == 0;
    }
    return false;
}

// One of those that are ready, each as likely as the others; -1 if there is none.
static int64_t choose(JnWorker *w, const JnSelectArm *arms, int64_t count) {
    int64_t first = -1;
    uint32_t ready = 0;
    for (int64_t i = 0; i < count; i++)
        if (is_ready(&arms[i]) && ready++ == 0)
            first = i;
    if (ready <= 1)
        return first;
    for (uint32_t skip = random_below(w, ready); skip > 0; skip--)
        do
            first++;
        while (!is_ready(&arms[first]));
    return first;
}

static void perform(JnWorker *w, JnSelectArm *arm) {
    if (arm->kind == JN_ARM_RECV)
        chan_take(w, arm->channel, arm->item);
    else if (arm->kind == JN_ARM_SEND && arm->channel->is_closed)
        arm->is_refused = true;
    else if (arm->kind == JN_ARM_SEND)
        chan_put(w, arm->channel, arm->item);
}

// False if no arm can ever be ready.
static bool queue(JnTask *t, JnSelectArm *arms, int64_t count) {
    bool can_be_ready = false;
    for (int64_t i = 0; i < count; i++) {
        Waiter *waiter = waiter_of(&arms[i]);
        JnChannel *c = arms[i].channel;
        waiter->task = t;
        waiter->item = arms[i].item;
        waiter->arm = (uint32_t)i;
        if (!c || (c->is_closed && arms[i].kind == JN_ARM_RECV)) {
            link_init(&waiter->link);
            continue;
        }
        can_be_ready = true;
        Link *lists[] = {&c->receivers, &c->senders, &c->closers};
        link_append(lists[arms[i].kind], &waiter->link);
    }
    return can_be_ready;
}

NOINLINE int64_t jn_select(JnSelectArm *arms, int64_t count, int64_t timeout, uint32_t flags, const JnLocation *at) {
    static const char TEXT[] = "no arm of this select can ever be ready: all its channels are closed";
    JnWorker *w = &jn_worker;
    JnTask *t = w->current;
    int64_t time = -1;
    suspension_point();
    for (;;) {
        int64_t chosen = choose(w, arms, count);
        if (chosen >= 0) {
            arms[chosen].is_refused = false;
            perform(w, &arms[chosen]);
            return chosen;
        }
        if (flags & JN_SELECT_HAS_DEFAULT)
            return JN_SELECT_DEFAULT;
        if (timeout == 0)
            return JN_SELECT_TIMEOUT;
        t->arm_count = count;
        t->wait_for.arms = arms;
        if (!queue(t, arms, count) && timeout < 0)
            jn_host_panic(TEXT, sizeof TEXT - 1, at);
        if (timeout > 0) {
            if (time < 0)
                time = jn_time_after(timeout);
            t->timer = jn_timer_set(w, time, TIMER_TASK, t);
        }
        WakeReason reason = worker_wait(w, WAIT_SELECT, flags & JN_WAIT_SERVICE, at);
        if (reason == WAKE_TIMEOUT)
            return JN_SELECT_TIMEOUT;
        if (reason == WAKE_DONE) {
            arms[t->chosen_arm].is_refused = false;
            return t->chosen_arm;
        }
    }
}
