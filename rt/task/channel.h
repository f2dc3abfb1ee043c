// What channels and select share: an operation that need not wait.
#ifndef JANUS_RT_TASK_CHANNEL_H
#define JANUS_RT_TASK_CHANNEL_H

#include "select.h"
#include "worker.h"

static inline bool chan_can_take(const JnChannel *c) {
    return c->count > 0 || !link_is_empty(&c->senders);
}

static inline bool chan_can_put(const JnChannel *c) {
    return !link_is_empty(&c->receivers) || c->count < c->capacity;
}

// A waiting task has what this waiter wished for.
static inline void waiter_done(JnWorker *w, Waiter *waiter) {
    JnTask *t = waiter->task;
    if (UNLIKELY(t->wait == WAIT_SELECT)) {
        t->chosen_arm = waiter->arm;
        jn_select_unlink(t);
    } else {
        link_remove(&waiter->link);
    }
    jn_wake(w, t, WAKE_DONE);
}

static inline void *chan_place(const JnChannel *c, uint32_t index) {
    index += c->head;
    return c->buffer + (index >= c->capacity ? index - c->capacity : index) * c->item_size;
}

// There must be room, or a receiver that waits.
static inline void chan_put(JnWorker *w, JnChannel *c, const void *item) {
    c->last_sender = w->current->id;
    if (!link_is_empty(&c->receivers)) {
        Waiter *r = (Waiter *)(void *)c->receivers.next;
        copy_item(r->item, item, c->item_size);
        c->last_receiver = r->task->id;
        waiter_done(w, r);
        return;
    }
    copy_item(chan_place(c, c->count), item, c->item_size);
    c->count++;
}

void jn_chan_wake_closers(JnWorker *w, JnChannel *c);

// There must be an item, or a sender that waits.
static inline void chan_take(JnWorker *w, JnChannel *c, void *out) {
    c->last_receiver = w->current->id;
    bool has_sender = !link_is_empty(&c->senders);
    Waiter *s = (Waiter *)(void *)c->senders.next;
    if (c->count > 0) {
        copy_item(out, chan_place(c, 0), c->item_size);
        if (++c->head == c->capacity)
            c->head = 0;
        c->count--;
        if (has_sender) {
            copy_item(chan_place(c, c->count), s->item, c->item_size);
            c->count++;
        } else if (UNLIKELY(c->is_closed && c->count == 0)) {
            jn_chan_wake_closers(w, c);
        }
    } else {
        copy_item(out, s->item, c->item_size);
    }
    if (has_sender) {
        c->last_sender = s->task->id;
        waiter_done(w, s);
    }
}

#endif
