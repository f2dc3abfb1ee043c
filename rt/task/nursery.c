// Nurseries: opening, waiting for the tasks, what the block comes to.
#include "cancel.h"
#include "report.h"
#include "room.h"
#include "task.h"
#include "timer.h"
#include "worker.h"

// Each nursery has the nearest deadline of those around it, so that none need be looked for.
static int64_t deadline_of(const JnTask *t) {
    if (t->inner && t->inner->depth >= t->depth_floor)
        return t->inner->deadline;
    return t->depth_floor == 0 && t->nursery ? t->nursery->deadline : -1;
}

int64_t jn_deadline(void) {
    lock_tree();
    int64_t deadline = deadline_of(this_worker()->current);
    unlock_tree();
    return deadline;
}

void jn_nursery_open(JnNursery *nursery, int64_t timeout, int64_t limit, const JnErrorSet *errors,
                     const JnLocation *at) {
    JnTask *t = this_worker()->current;
    Nursery *n = nursery_of(nursery), *outer = t->inner;
    int64_t time = timeout >= 0 ? jn_time_after(timeout) : -1;
    *n = (Nursery){.owner = t,
                   .outer = outer,
                   .limit = limit > UINT32_MAX ? UINT32_MAX
                            : limit < 0        ? 0
                                               : (uint32_t)limit,
                   .depth = outer ? outer->depth + 1 : 1,
                   .is_in_body = true,
                   .polls_held = t->polls_held,
                   .is_forced = t->is_forced,
                   .errors = errors,
                   .at = at};
    link_init(&n->tasks);
    link_init(&n->spawners);
    if (timeout > 0 && !jn_timer_book())
        jn_room_missing(at);
    lock_tree();
    n->deadline = deadline_of(t);
    t->inner = n;
    if (timeout >= 0) {
        if (n->deadline < 0 || time < n->deadline)
            n->deadline = time;
        if (timeout == 0)
            jn_nursery_time_over(n);
        else
            n->timer = jn_timer_set(time, TIMER_NURSERY, n);
    }
    unlock_tree();
}

// ---- failures ------------------------------------------------------------------------------------------------------

static void drop_error(const JnErrorSet *errors, void *error) {
    if (errors && errors->drop)
        errors->drop(errors->context, error);
}

void jn_nursery_drop_error(const Nursery *n, void *error) {
    drop_error(n->errors, error);
}

bool jn_nursery_note_failure(Nursery *n, uint32_t number, const JnSuppressed *failure) {
    bool is_kept = true;
    if (!n->has_error && n->cause != CAUSE_EXPIRED) {
        n->has_error = true;
        n->cause = CAUSE_FAILED;
        memcpy(n->error, failure->error, sizeof n->error);
        n->error_size = failure->size;
        n->error_trace = failure->trace;
        n->error_origin = failure->origin;
    } else {
        Failure *f = jn_host_try_resize(NULL, 0, sizeof *f);
        is_kept = f != NULL;
        if (is_kept) {
            *f = (Failure){n->failures, number, 0, n->errors, *failure};
            n->failures = f;
        }
    }
    jn_cancel_nursery(n);
    return is_kept;
}

bool jn_has_suppressed_of(const JnTask *t, int64_t trace) {
    return t->suppressed && t->suppressed_root && jn_host_trace_root(trace) == t->suppressed_root;
}

void jn_nursery_adopt(Nursery *n, uint32_t number, JnTask *t) {
    for (uint32_t inner = 1; t->suppressed; inner++) {
        Failure *f = t->suppressed;
        t->suppressed = f->next;
        f->number = number;
        f->inner = inner;
        f->next = n->failures;
        n->failures = f;
    }
}

static void copy_error(uint8_t *to, const void *from, int64_t size) {
    memcpy(to, from, (size_t)(size < JN_ERROR_BYTES ? size : JN_ERROR_BYTES));
}

void jn_nursery_fail(JnNursery *nursery, const void *error, int64_t size) {
    Nursery *n = nursery_of(nursery);
    JnSuppressed failure = {.size = size, .trace = jn_host_trace_mark(), .at = n->at};
    failure.origin = jn_host_trace_origin(failure.trace);
    copy_error(failure.error, error, size);
    lock_tree();
    bool is_kept = jn_nursery_note_failure(n, 0, &failure);
    if (UNLIKELY(jn_has_suppressed_of(n->owner, failure.trace)))
        jn_nursery_adopt(n, 0, n->owner);
    unlock_tree();
    if (!is_kept)
        drop_error(n->errors, failure.error);
}

void jn_task_fail(const void *error, int64_t size) {
    JnTask *t = this_worker()->current;
    t->has_failed = true;
    copy_error(t->error, error, size);
    t->error_size = size;
    t->error_trace = jn_host_trace_mark();
}

static bool is_before(const Failure *a, const Failure *b) {
    return a->number != b->number ? a->number < b->number : a->inner <= b->inner;
}

// By number: lists that are sorted are merged, until there is one.
static Failure *merge(Failure *a, Failure *b) {
    Failure *first = NULL, **end = &first;
    while (a && b) {
        Failure **least = is_before(a, b) ? &a : &b;
        *end = *least;
        end = &(*least)->next;
        *least = (*least)->next;
    }
    *end = a ? a : b;
    return first;
}

static Failure *sorted(Failure *list) {
    Failure *runs[64] = {NULL}; // of 2 to the power of the index
    while (list) {
        Failure *one = list;
        list = list->next;
        one->next = NULL;
        uint32_t i = 0;
        for (; runs[i]; i++) {
            one = merge(one, runs[i]);
            runs[i] = NULL;
        }
        runs[i] = one;
    }
    Failure *all = NULL;
    for (uint32_t i = 0; i < 64; i++)
        all = merge(all, runs[i]);
    return all;
}

void jn_failures_drop(Failure **list) {
    while (*list) {
        Failure f = **list;
        jn_host_release(*list, sizeof f);
        *list = f.next;
        drop_error(f.errors, f.is.error);
    }
}

static void put(const char *text) {
    jn_host_write(text, (int64_t)strlen(text));
}

static void put_number(uint64_t number) {
    char digits[DIGITS];
    int at = jn_digits(number, digits);
    jn_host_write(digits + at, (int64_t)(sizeof digits - at));
}

static void put_place(const char *words, const JnLocation *at) {
    if (!at || !at->file)
        return;
    put(words);
    put(at->file);
    put(":");
    put_number(at->line);
    put("\n");
}

static void print_error(const JnErrorSet *errors, const uint8_t *error, int64_t trace, const JnLocation *origin) {
    if (!errors || !errors->print)
        return;
    put("error: ");
    errors->print(errors->context, error);
    put("\n");
    if (jn_host_trace_root(trace))
        jn_host_trace_print(trace);
    else
        put_place("  at ", origin);
}

static void print_failure(const Failure *f) {
    print_error(f->errors, f->is.error, f->is.trace, f->is.origin);
    put_place(f->inner || f->number ? "  in the task spawned at " : "  in the body of the nursery at ", f->is.at);
}

void jn_report_further(void) {
    const JnTask *t = this_worker()->current;
    if (!jn_has_suppressed_of(t, jn_host_trace_mark()))
        return;
    uint64_t count = 0;
    for (const Failure *f = t->suppressed; f; f = f->next)
        count++;
    put("and ");
    put_number(count);
    put(count == 1 ? " further failure:\n" : " further failures:\n");
    for (const Failure *f = t->suppressed; f; f = f->next)
        print_failure(f);
}

// The errors of a block that a panic outranks are printed, as it was.
static void give_way(Nursery *n) {
    Failure *failures = sorted(n->failures);
    n->failures = NULL;
    if (n->has_error)
        print_error(n->errors, n->error, n->error_trace, n->error_origin);
    for (const Failure *f = failures; f; f = f->next)
        print_failure(f);
    if (n->has_error) {
        n->has_error = false;
        drop_error(n->errors, n->error);
    }
    jn_failures_drop(&failures);
}

static void keep_suppressed(JnTask *t, Nursery *n) {
    Failure *before = t->suppressed;
    t->suppressed = sorted(n->failures);
    t->suppressed_root = jn_host_trace_root(jn_host_trace_mark());
    n->failures = NULL;
    jn_failures_drop(&before);
}

// From this one on, the first that is of the nursery's own set.
static Failure **own_failure(Failure **at) {
    while (*at && (*at)->inner)
        at = &(*at)->next;
    return at;
}

int64_t jn_suppressed_count(void) {
    int64_t count = 0;
    for (Failure **at = own_failure(&this_worker()->current->suppressed); *at; at = own_failure(&(*at)->next))
        count++;
    return count;
}

const JnSuppressed *jn_suppressed(int64_t index) {
    Failure **at = own_failure(&this_worker()->current->suppressed);
    while (*at && index-- > 0)
        at = own_failure(&(*at)->next);
    return *at ? &(*at)->is : NULL;
}

void jn_suppressed_take(void *error, int64_t size) {
    Failure **at = own_failure(&this_worker()->current->suppressed), *f = *at;
    *at = f->next;
    memcpy(error, f->is.error, (size_t)(size < JN_ERROR_BYTES ? size : JN_ERROR_BYTES));
    jn_host_release(f, sizeof *f);
}

// ---- the end -------------------------------------------------------------------------------------------------------

void jn_nursery_cancel(JnNursery *nursery) {
    Nursery *n = nursery_of(nursery);
    lock_tree();
    if (n->cause == CAUSE_NONE)
        n->cause = CAUSE_CANCELLED;
    jn_cancel_nursery(n);
    unlock_tree();
}

void jn_nursery_cancel_within(JnNursery *nursery, int64_t limit) {
    Nursery *n = nursery_of(nursery);
    jn_nursery_cancel(nursery);
    if (limit < 0)
        return;
    if (!jn_timer_book()) { // who has no memory left cannot wait
        lock_tree();
        jn_nursery_force(n);
        unlock_tree();
        return;
    }
    int64_t time = jn_time_after(limit);
    lock_tree();
    if (n->timer)
        jn_timer_clear(n->timer); // it has been cancelled: its own limit does not matter any more
    n->timer = jn_timer_set(time, TIMER_FORCE, n);
    unlock_tree();
}

// The tree is locked, and is so again when this returns.
static NOINLINE void wait_for_tasks(JnTask *t, Nursery *n) {
    while (n->running > 0) {
        t->wait = WAIT_NURSERY;
        t->wait_for.nursery = n;
        t->wait_at = n->at;
        t->waiter.since = __atomic_load_n(&jn_coarse_ms, __ATOMIC_RELAXED);
        __atomic_store_n(&t->parked, PARK_NURSERY, __ATOMIC_RELAXED);
        unlock_tree();
        jn_block(this_worker());
        lock_tree();
    }
}

static void join(Nursery *n, bool is_abandoned) {
    JnTask *t = n->owner;
    lock_tree();
    if (is_abandoned)
        jn_cancel_tasks(n);
    n->is_in_body = false;
    if (UNLIKELY(t->is_cancelled || n->outer || n->is_cancelled)) {
        jn_update_attention(t);
        if (n->running && jn_is_cancelled_outside(n))
            jn_cancel_tasks(n);
    }
    if (n->running > 0)
        wait_for_tasks(t, n);
    if (n->timer) {
        jn_timer_clear(n->timer);
        n->timer = 0;
    }
    unlock_tree();
}

void jn_nursery_join(JnNursery *nursery) {
    join(nursery_of(nursery), false);
}

void jn_nursery_abandon(JnNursery *nursery) {
    join(nursery_of(nursery), true);
}

// Its owner goes on without it; results that nobody has taken are dropped.
static void close_nursery(Nursery *n) {
    JnTask *t = n->owner;
    lock_tree();
    t->inner = n->outer;
    if (UNLIKELY(t->is_cancelled || t->inner))
        jn_update_attention(t);
    unlock_tree();
    if (UNLIKELY(!link_is_empty(&n->tasks)))
        jn_tasks_reap(t, &n->tasks);
}

static void begin_to_leave(JnTask *t, LeaveKind kind) {
    lock_tree();
    t->leave = (uint8_t)kind;
    jn_update_attention(t);
    unlock_tree();
}

int64_t jn_nursery_end(JnNursery *nursery, void *error) {
    Nursery *n = nursery_of(nursery);
    JnTask *t = n->owner;
    join(n, false);
    close_nursery(n);
    if (UNLIKELY(n->has_panicked)) {
        give_way(n);
        begin_to_leave(t, LEAVE_PANIC);
        jn_host_panic_again();
    }
    if (n->cause == CAUSE_FAILED) {
        memcpy(error, n->error, sizeof n->error);
        jn_host_trace_restore(n->error_trace);
        if (UNLIKELY(!jn_host_trace_root(n->error_trace) && n->error_origin))
            jn_host_trace_begin(n->error_origin); // so many failed meanwhile that its trace is gone
        keep_suppressed(t, n);
        return JN_END_FAILED;
    }
    if (n->cause == CAUSE_EXPIRED) {
        jn_host_trace_begin(n->at);
        keep_suppressed(t, n);
        return JN_END_EXPIRED;
    }
    if (UNLIKELY(__atomic_load_n(&t->attention, __ATOMIC_RELAXED)))
        jn_leave_now(t);
    return JN_END_FINE;
}

// What failed or panicked is not lost because its owner is cancelled from outside, too.
bool jn_nursery_caught(JnNursery *nursery) {
    Nursery *n = nursery_of(nursery);
    JnTask *t = n->owner;
    lock_tree();
    bool has_outcome = n->has_panicked || n->has_error || n->failures;
    bool is_caught = t->leave == LEAVE_CANCELLED && (has_outcome || (n->is_cancelled && !jn_is_cancelled_outside(n)));
    if (is_caught) {
        t->leave = LEAVE_NONE;
        t->polls_held = n->polls_held;
        jn_update_attention(t);
    }
    unlock_tree();
    if (is_caught)
        return true;
    close_nursery(n);
    give_way(n);
    return false;
}
