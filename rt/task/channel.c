// Channels. Partners that wait are served directly: an item goes from the sender's memory to the receiver's. While
// receivers wait the buffer is empty, while senders wait it is full; waiters that have been claimed do not count.
#include "channel.h"

#include "cancel.h"
#include "waiters.h"

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
                     .id = __atomic_add_fetch(&jn_all.channel_ids, 1, __ATOMIC_RELAXED)};
    c->buffer = (uint8_t *)(((uintptr_t)(c + 1) + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
    link_init(&c->receivers);
    link_init(&c->senders);
    link_init(&c->closers);
    return c;
}

// Who retains has a reference already. Who gives up the last one sees all that was done by others before they gave up
// theirs.
void jn_chan_retain(JnChannel *c) {
    if (UNLIKELY(jn_all.is_parallel))
        __atomic_fetch_add(&c->references, 1, __ATOMIC_RELAXED);
    else
        c->references++;
}

bool jn_chan_release(JnChannel *c) {
    if (UNLIKELY(jn_all.is_parallel))
        return __atomic_sub_fetch(&c->references, 1, __ATOMIC_ACQ_REL) == 0;
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

// The running task waits in one of the channel's lists, until `time` if that is not negative; how that ended. The
// channel is locked, and is not any more when this returns. Does not return where the task leaves.
static inline __attribute__((always_inline)) WakeReason wait_in(JnTask *t, JnChannel *c, Link *list, WaitKind kind,
                                                                void *item, int64_t time, uint32_t flags,
                                                                const JnLocation *at) {
    t->wait_for.channel = c;
    WakeReason reason = wait_in_list(t, &c->lock, list, kind, item, time, flags, at);
    if (UNLIKELY(reason >= WAKE_TIMEOUT)) {
        unlock(&c->lock);
        if (reason >= WAKE_CANCELLED)
            jn_interrupted(t, reason);
    }
    return reason;
}

static NOINLINE bool send_slowly(JnChannel *c, const void *item, const JnLocation *at) {
    suspension_point(at);
    JnWorker *w = this_worker();
    lock(&c->lock);
    bool is_closed = c->is_closed;
    if (is_closed || chan_put(w, c, item)) {
        unlock(&c->lock);
        return !is_closed;
    }
    void *from = (void *)(uintptr_t)item;
    return wait_in(w->current, c, &c->senders, WAIT_SEND, from, -1, 0, at) == WAKE_DONE;
}

bool jn_chan_send(JnChannel *c, const void *item, const JnLocation *at) {
    if (LIKELY(__atomic_load_n(&jn_attention, __ATOMIC_RELAXED) == 0)) {
        lock(&c->lock);
        bool is_done = !c->is_closed && chan_put(this_worker(), c, item);
        unlock(&c->lock);
        if (LIKELY(is_done))
            return true;
    }
    return send_slowly(c, item, at);
}

static NOINLINE bool recv_slowly(JnChannel *c, void *out, uint32_t flags, const JnLocation *at) {
    suspension_point(at);
    JnWorker *w = this_worker();
    lock(&c->lock);
    bool is_done = chan_take(w, c, out);
    if (is_done || c->is_closed) {
        unlock(&c->lock);
        return is_done;
    }
    return wait_in(w->current, c, &c->receivers, WAIT_RECV, out, -1, flags, at) == WAKE_DONE;
}

bool jn_chan_recv(JnChannel *c, void *out, uint32_t flags, const JnLocation *at) {
    if (LIKELY(__atomic_load_n(&jn_attention, __ATOMIC_RELAXED) == 0)) {
        lock(&c->lock);
        bool is_done = chan_take(this_worker(), c, out);
        unlock(&c->lock);
        if (LIKELY(is_done))
            return true;
    }
    return recv_slowly(c, out, flags, at);
}

NOINLINE int64_t jn_chan_recv_timeout(JnChannel *c, void *out, int64_t timeout, const JnLocation *at) {
    suspension_point(at);
    JnWorker *w = this_worker();
    int64_t time = timeout > 0 ? jn_time_after(timeout) : -1;
    lock(&c->lock);
    bool is_done = chan_take(w, c, out);
    if (is_done || c->is_closed || timeout == 0) {
        int64_t result = is_done ? JN_CHAN_OK : c->is_closed ? JN_CHAN_CLOSED : JN_CHAN_NOT_NOW;
        unlock(&c->lock);
        return result;
    }
    switch (wait_in(w->current, c, &c->receivers, WAIT_RECV, out, time, 0, at)) {
    case WAKE_DONE: return JN_CHAN_OK;
    case WAKE_CLOSED: return JN_CHAN_CLOSED;
    default: return JN_CHAN_NOT_NOW;
    }
}

int64_t jn_chan_try_send(JnChannel *c, const void *item) {
    quiet_point();
    lock(&c->lock);
    int64_t result = c->is_closed ? JN_CHAN_CLOSED : chan_put(this_worker(), c, item) ? JN_CHAN_OK : JN_CHAN_NOT_NOW;
    unlock(&c->lock);
    return result;
}

int64_t jn_chan_try_recv(JnChannel *c, void *out) {
    quiet_point();
    lock(&c->lock);
    int64_t result = chan_take(this_worker(), c, out) ? JN_CHAN_OK : c->is_closed ? JN_CHAN_CLOSED : JN_CHAN_NOT_NOW;
    unlock(&c->lock);
    return result;
}

// A select that waits looks at its arms again.
static void wake_all(JnWorker *w, Link *list) {
    for (Waiter *waiter = serve_first(list, NULL); waiter; waiter = serve_first(list, NULL))
        jn_wake(w, waiter->task, WAKE_CLOSED);
}

NOINLINE void jn_chan_wake_closers(JnWorker *w, JnChannel *c) {
    wake_all(w, &c->closers);
}

void jn_chan_close(JnChannel *c) {
    quiet_point();
    JnWorker *w = this_worker();
    lock(&c->lock);
    if (!c->is_closed) {
        __atomic_store_n(&c->is_closed, true, __ATOMIC_RELAXED);
        wake_all(w, &c->receivers);
        wake_all(w, &c->senders);
        if (c->count == 0)
            wake_all(w, &c->closers);
    }
    unlock(&c->lock);
}

bool jn_chan_is_closed(const JnChannel *c) {
    quiet_point();
    return __atomic_load_n(&c->is_closed, __ATOMIC_RELAXED);
}

int64_t jn_chan_len(const JnChannel *c) {
    quiet_point();
    return __atomic_load_n(&c->count, __ATOMIC_RELAXED);
}
