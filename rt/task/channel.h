// What channels and select share: an operation that need not wait. The channel is locked.
#ifndef JANUS_RT_TASK_CHANNEL_H
#define JANUS_RT_TASK_CHANNEL_H

#include "waiters.h"

// Whether it would work now.
static inline bool chan_can_take(JnChannel *c, const JnTask *self) {
    return c->count > 0 || (!link_is_empty(&c->senders) && first_waiter(&c->senders, self));
}

static inline bool chan_can_put(JnChannel *c, const JnTask *self) {
    return c->count < c->capacity || (!link_is_empty(&c->receivers) && first_waiter(&c->receivers, self));
}

// A task that was claimed has what this waiter wished for.
static inline void waiter_done(JnWorker *w, Waiter *waiter) {
    JnTask *t = waiter->task;
    t->chosen_arm = waiter->arm;
    jn_wake(w, t, WAKE_DONE);
}

static inline void *chan_place(const JnChannel *c, uint32_t index) {
    index += c->head;
    return c->buffer + (index >= c->capacity ? index - c->capacity : index) * c->item_size;
}

// False if there is neither room nor a receiver that waits.
static inline __attribute__((always_inline)) bool chan_put(JnWorker *w, JnChannel *c, const void *item) {
    const JnTask *self = w->current;
    if (!link_is_empty(&c->receivers)) {
        Waiter *r = serve_first(&c->receivers, self);
        if (LIKELY(r != NULL)) {
            copy_item(r->item, item, c->item_size);
            c->last_sender = self->id;
            c->last_receiver = r->task->id;
            waiter_done(w, r);
            return true;
        }
    }
    if (c->count == c->capacity)
        return false;
    c->last_sender = self->id;
    copy_item(chan_place(c, c->count), item, c->item_size);
    __atomic_store_n(&c->count, c->count + 1, __ATOMIC_RELAXED);
    return true;
}

void jn_chan_wake_closers(JnWorker *w, JnChannel *c);

// False if there is neither an item nor a sender that waits.
static inline __attribute__((always_inline)) bool chan_take(JnWorker *w, JnChannel *c, void *out) {
    const JnTask *self = w->current;
    if (c->count == 0 && link_is_empty(&c->senders))
        return false;
    Waiter *s = link_is_empty(&c->senders) ? NULL : serve_first(&c->senders, self);
    if (c->count > 0) {
        copy_item(out, chan_place(c, 0), c->item_size);
        if (++c->head == c->capacity)
            c->head = 0;
        if (s)
            copy_item(chan_place(c, c->count - 1), s->item, c->item_size);
        else
            __atomic_store_n(&c->count, c->count - 1, __ATOMIC_RELAXED);
        if (UNLIKELY(c->is_closed && c->count == 0))
            jn_chan_wake_closers(w, c);
    } else if (s) {
        copy_item(out, s->item, c->item_size);
    } else {
        return false;
    }
    c->last_receiver = self->id;
    if (s) {
        c->last_sender = s->task->id;
        waiter_done(w, s);
    }
    return true;
}

#endif
