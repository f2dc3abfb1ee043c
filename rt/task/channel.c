// Channels. Partners that wait are served directly: an item goes from the sender's memory to the receiver's. While
// receivers wait the buffer is empty, while senders wait it is full.
#include "channel.h"

#include "cancel.h"
#include "timer.h"

enum { ALIGN = 64 };

JnChannel *jn_chan_new(int64_t item_size, int64_t item_align, int64_t capacity) {
    static const char TEXT[] = "a channel cannot have so large a capacity";
    (void)item_align; // no item needs more than ALIGN
    int64_t bytes;
    if (capacity < 0)
        capacity = 0;
    if (capacity > INT32_MAX || __builtin_mul_overflow(item_size, capacity, &bytes) || bytes > INT64_MAX / 2)
        jn_host_panic(TEXT, sizeof TEXT - 1, NULL);
    bytes += (int64_t)sizeof(JnChannel) + 2 * ALIGN;
    JnChannel *c = jn_host_allocate(bytes);
    *c = (JnChannel){.capacity = (uint32_t)capacity,
                     .item_size = item_size,
                     .references = 1,
                     .bytes = bytes,
                     .id = ++jn_worker.channel_ids};
    c->buffer = (uint8_t *)(((uintptr_t)(c + 1) + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
    link_init(&c->receivers);
    link_init(&c->senders);
    link_init(&c->closers);
    return c;
}

void jn_chan_retain(JnChannel *c) {
    c->references++;
}

bool jn_chan_release(JnChannel *c) {
    return --c->references == 0;
}

bool jn_chan_take_rest(JnChannel *c, void *out) {
    if (c->count == 0)
        return false;
    copy_item(out, chan_place(c, 0), c->item_size);
    if (++c->head == c->capacity)
        c->head = 0;
    c->count--;
    return true;
}

void jn_chan_free(JnChannel *c) {
    jn_host_release(c, c->bytes);
}

// Parks the running task in one of the channel's lists; how that ended.
static inline __attribute__((always_inline)) WakeReason park(JnWorker *w, JnChannel *c, Link *list, WaitKind kind,
                                                             void *item, uint32_t flags, const JnLocation *at) {
    JnTask *t = w->current;
    t->waiter.task = t;
    t->waiter.item = item;
    link_append(list, &t->waiter.link);
    t->wait_for.channel = c;
    return worker_wait(w, kind, flags, at);
}

static NOINLINE bool send_slowly(JnChannel *c, const void *item, const JnLocation *at) {
    JnWorker *w = &jn_worker;
    suspension_point();
    if (c->is_closed)
        return false;
    if (!chan_can_put(c))
        return park(w, c, &c->senders, WAIT_SEND, (void *)(uintptr_t)item, 0, at) == WAKE_DONE;
    chan_put(w, c, item);
    return true;
}

bool jn_chan_send(JnChannel *c, const void *item, const JnLocation *at) {
    if (LIKELY(chan_can_put(c) && jn_attention == 0 && !c->is_closed)) {
        chan_put(&jn_worker, c, item);
        return true;
    }
    return send_slowly(c, item, at);
}

static NOINLINE bool recv_slowly(JnChannel *c, void *out, uint32_t flags, const JnLocation *at) {
    JnWorker *w = &jn_worker;
    suspension_point();
    if (chan_can_take(c)) {
        chan_take(w, c, out);
        return true;
    }
    if (c->is_closed)
        return false;
    return park(w, c, &c->receivers, WAIT_RECV, out, flags, at) == WAKE_DONE;
}

bool jn_chan_recv(JnChannel *c, void *out, uint32_t flags, const JnLocation *at) {
    if (LIKELY(chan_can_take(c) && jn_attention == 0)) {
        chan_take(&jn_worker, c, out);
        return true;
    }
    return recv_slowly(c, out, flags, at);
}

NOINLINE int64_t jn_chan_recv_timeout(JnChannel *c, void *out, int64_t timeout, const JnLocation *at) {
    JnWorker *w = &jn_worker;
    suspension_point();
    int64_t result = jn_chan_try_recv(c, out);
    if (result != JN_CHAN_NOT_NOW || timeout == 0)
        return result;
    if (timeout > 0)
        w->current->timer = jn_timer_set(w, jn_time_after(timeout), TIMER_TASK, w->current);
    switch (park(w, c, &c->receivers, WAIT_RECV, out, 0, at)) {
    case WAKE_DONE: return JN_CHAN_OK;
    case WAKE_CLOSED: return JN_CHAN_CLOSED;
    default: return JN_CHAN_NOT_NOW;
    }
}

int64_t jn_chan_try_send(JnChannel *c, const void *item) {
    if (c->is_closed)
        return JN_CHAN_CLOSED;
    if (!chan_can_put(c))
        return JN_CHAN_NOT_NOW;
    chan_put(&jn_worker, c, item);
    return JN_CHAN_OK;
}

int64_t jn_chan_try_recv(JnChannel *c, void *out) {
    if (!chan_can_take(c))
        return c->is_closed ? JN_CHAN_CLOSED : JN_CHAN_NOT_NOW;
    chan_take(&jn_worker, c, out);
    return JN_CHAN_OK;
}

// A select that waits looks at its arms again.
static void wake_all(JnWorker *w, Link *list) {
    while (!link_is_empty(list)) {
        Waiter *waiter = (Waiter *)(void *)list->next;
        jn_interrupt(w, waiter->task, WAKE_CLOSED);
    }
}

NOINLINE void jn_chan_wake_closers(JnWorker *w, JnChannel *c) {
    wake_all(w, &c->closers);
}

void jn_chan_close(JnChannel *c) {
    JnWorker *w = &jn_worker;
    if (c->is_closed)
        return;
    c->is_closed = true;
    wake_all(w, &c->receivers);
    wake_all(w, &c->senders);
    if (c->count == 0)
        wake_all(w, &c->closers);
}

bool jn_chan_is_closed(const JnChannel *c) {
    return c->is_closed;
}

int64_t jn_chan_len(const JnChannel *c) {
    return c->count;
}
