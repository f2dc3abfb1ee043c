// What the tasks of a nursery accumulate: a queue of views for each variable, in the order in which they were begun.
//
// A view that has ended is merged as soon as all before it have been: by one merger at a time, and outside of the lock,
// as it runs code of the program. Whoever ends a view while another merges leaves it to that one.
#include "internal.h"

enum { VIEW_OPEN = 0, VIEW_DONE = 1, VIEW_VOID = 2 }; // known to std's views.jan

typedef struct {
    JnView *first, *last;
    SpinLock lock;
    bool is_merging;
} ViewQueue;

static ViewQueue *queue_of(JnViews *views) {
    _Static_assert(sizeof(ViewQueue) <= sizeof *views, "room for the queue");
    return (ViewQueue *)(void *)views;
}

void jn_views_add(JnViews *views, JnView *view) {
    ViewQueue *q = queue_of(views);
    view->next = NULL;
    view->state = VIEW_OPEN;
    lock(&q->lock);
    if (q->last)
        q->last->next = view;
    else
        q->first = view;
    q->last = view;
    unlock(&q->lock);
}

// Where a merge panicked nobody comes back: the nursery is lost.
static bool begin(ViewQueue *q) {
    if (q->is_merging || !q->first || q->first->state == VIEW_OPEN)
        return false;
    return q->is_merging = true;
}

bool jn_views_end(JnViews *views, JnView *view, bool is_done) {
    ViewQueue *q = queue_of(views);
    lock(&q->lock);
    if (view)
        view->state = is_done ? VIEW_DONE : VIEW_VOID;
    else
        q->is_merging = true;
    bool begins = !view || (is_done && begin(q));
    unlock(&q->lock);
    if (begins)
        jn_polls_hold(1);
    return begins;
}

JnView *jn_views_next(JnViews *views) {
    ViewQueue *q = queue_of(views);
    lock(&q->lock);
    JnView *view = q->first;
    if (view && view->state != VIEW_OPEN) {
        q->first = view->next;
        if (!q->first)
            q->last = NULL;
    } else {
        view = NULL;
        q->is_merging = false;
    }
    unlock(&q->lock);
    if (!view)
        jn_polls_hold(-1);
    return view;
}
