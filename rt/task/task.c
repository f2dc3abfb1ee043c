// A task's life. Its record lies at the top of its stack, below it what it captured and its result, then its frames: a
// task that waits needs one page. With a handle the record lives until the handle is gone or the nursery ends.
//
// A task ends under the tree's lock: once that is given back its nursery may be gone, and where it has a handle it may
// be joined, and its stack wanted, by others. They get it when the task has left it, see jn_stack_give.
#include "task.h"

#include "cancel.h"
#include "idle.h"
#include "worker.h"

JnTask *jn_task_current(void) {
    return this_worker()->current;
}

bool jn_task_is_root(const JnTask *t) {
    return t == &jn_all.root;
}

void **jn_task_slot(JnTask *t) {
    return &t->slot;
}

bool jn_task_is_leaving(void) {
    return jn_is_unwinding(this_worker()->current);
}

// It is in no list any more.
static void free_record(JnTask *t) {
    if (UNLIKELY(t->heap != NULL))
        jn_host_release(t->heap, t->heap_bytes);
    jn_stack_give(this_worker(), t);
}

static void free_task(JnTask *t) {
    lock_tree();
    link_remove(&t->link);
    unlock_tree();
    free_record(t);
}

static void drop_result(JnTask *t) {
    const JnTaskCode *code = t->code;
    TaskState state = (TaskState)t->state;
    t->state = TASK_CANCELLED; // it has no result any more, also if the drop panics
    if (state == TASK_OK && code->drop_result)
        code->drop_result(code->context, t->result);
    if (state == TASK_FAILED && code->drop_error && (code->flags & JN_TASK_ISOLATED))
        code->drop_error(code->context, t->error);
}

// A drop that panics leaves the others to the next time.
static void reap_orphans(JnTask *owner) {
    while (owner->orphans) {
        JnTask *t = owner->orphans;
        owner->orphans = t->next;
        if (t->state == TASK_OK || t->state == TASK_FAILED)
            drop_result(t);
        free_record(t);
    }
}

void jn_tasks_reap(JnTask *owner, Link *tasks) {
    JnTask **end = &owner->orphans;
    while (*end)
        end = &(*end)->next;
    lock_tree();
    for (Link *l = tasks->next; l != tasks; l = l->next) {
        *end = task_of(l);
        end = &task_of(l)->next;
    }
    *end = NULL;
    link_init(tasks);
    unlock_tree();
    reap_orphans(owner);
}

// ---- the end -------------------------------------------------------------------------------------------------------

// The tree is locked. False: the error is still the task's.
static bool tell_nursery(JnTask *t, TaskState state) {
    Nursery *n = t->nursery;
    if (t->code->flags & JN_TASK_ISOLATED)
        return true;
    if (state == TASK_FAILED) {
        JnSuppressed failure = {.size = t->error_size, .trace = t->error_trace, .at = t->spawned_at};
        failure.origin = jn_host_trace_origin(t->error_trace);
        memcpy(failure.error, t->error, sizeof failure.error);
        bool is_kept = jn_nursery_note_failure(n, t->number, &failure);
        jn_nursery_adopt(n, t->number, t);
        return is_kept;
    }
    n->has_panicked = true;
    jn_cancel_nursery(n);
    return true;
}

static NOINLINE void wake_spawner(JnWorker *w, Nursery *n) {
    while (!link_is_empty(&n->spawners)) {
        Waiter *first = (Waiter *)(void *)n->spawners.next;
        link_take_out(&first->link);
        if (claim(first->task, PARK_WAIT)) {
            jn_wake(w, first->task, WAKE_DONE);
            return;
        }
    }
}

// Those who wait for its end. The tree is locked.
static void wake_others(JnWorker *w, JnTask *t, Nursery *n) {
    n->running--;
    if (t->joiner && claim(t->joiner, PARK_WAIT))
        jn_wake(w, t->joiner, WAKE_DONE);
    if (UNLIKELY(!link_is_empty(&n->spawners)))
        wake_spawner(w, n);
    JnTask *owner = n->owner;
    if (n->running == 0 && __atomic_load_n(&owner->parked, __ATOMIC_RELAXED) == PARK_NURSERY &&
        owner->wait_for.nursery == n && claim(owner, PARK_NURSERY))
        jn_wake(w, owner, WAKE_DONE);
}

// The handle went while it ran: nobody else drops its result.
static bool is_result_left(const JnTask *t, TaskState state) {
    return !t->has_handle && state == TASK_OK && t->code->drop_result;
}

static NOINLINE _Noreturn void finish(JnTask *t, TaskState state) {
    bool goes_along = state == TASK_FAILED && !(t->code->flags & JN_TASK_ISOLATED);
    if (UNLIKELY(t->suppressed != NULL) && !(goes_along && jn_has_suppressed_of(t, t->error_trace)))
        jn_failures_drop(&t->suppressed);
    if (UNLIKELY(t->orphans != NULL))
        reap_orphans(t);
    lock_tree();
    if (UNLIKELY(is_result_left(t, state))) {
        unlock_tree();
        t->code->drop_result(t->code->context, t->result);
        lock_tree();
    }
    if (UNLIKELY(state == TASK_FAILED || state == TASK_PANICKED) && UNLIKELY(!tell_nursery(t, state))) {
        unlock_tree();
        jn_nursery_drop_error(t->nursery, t->error);
        lock_tree();
    }
    JnWorker *w = this_worker();
    t->state = (uint8_t)state;
    wake_others(w, t, t->nursery);
    bool has_handle = t->has_handle;
    if (!has_handle)
        link_remove(&t->link);
    unlock_tree();
    if (!has_handle)
        free_record(t); // nobody takes the stack before it has been left: it goes to this worker
    worker_switch(w, worker_pick(w));
    __builtin_unreachable();
}

_Noreturn void jn_task_unwound(void) {
    JnTask *t = this_worker()->current;
    finish(t, t->leave == LEAVE_PANIC ? TASK_PANICKED : TASK_CANCELLED);
}

bool jn_task_panicked(void) {
    JnTask *t = this_worker()->current;
    lock_tree();
    bool was_leaving = jn_is_unwinding(t);
    if (!was_leaving) {
        t->leave = LEAVE_PANIC;
        jn_update_attention(t);
    }
    unlock_tree();
    return !was_leaving;
}

// ---- the beginning -------------------------------------------------------------------------------------------------

// Not to be inlined into anything: its frame is the first one of the task's stack.
static void run(JnTask *t) {
    jn_switch_arrived(t);
    host_arrives(t);
    t->code->run(t->env, t->result);
    finish(t, UNLIKELY(t->has_failed) ? TASK_FAILED : TASK_OK);
}

static uint8_t *below(uint8_t *at, int64_t size, int64_t align) {
    uintptr_t mask = (uintptr_t)(align > 16 ? align : 16) - 1;
    return (uint8_t *)(((uintptr_t)at - (uintptr_t)size) & ~mask);
}

// Where the captures and the result are, and from where the stack goes down.
// False: no memory for what is too large to be there.
static bool place(JnTask *t, const JnTaskCode *code) {
    uint8_t *top = (uint8_t *)t;
    int64_t bytes = code->result_size + code->env_size + 128;
    t->heap = NULL;
    if (UNLIKELY(bytes > jn_stack_bytes() / 4)) {
        t->heap = jn_host_try_resize(NULL, 0, bytes);
        if (!t->heap)
            return false;
        t->heap_bytes = bytes;
        uint8_t *end = (uint8_t *)t->heap + bytes;
        t->result = below(end, code->result_size, code->result_align);
        t->env = below(t->result, code->env_size, code->env_align);
    } else {
        t->result = below(top, code->result_size, code->result_align);
        t->env = top = below(t->result, code->env_size, code->env_align);
    }
    jn_fiber_init(t, top, run);
    return true;
}

// Of a task that does not begin. The tree is not locked.
static void drop_captures(const JnTaskCode *code, const void *env) {
    if (code->drop_env)
        code->drop_env(code->context, (void *)(uintptr_t)env);
}

// What the task was to capture goes with it. The tree is not locked.
static _Noreturn void abandon_spawn(JnTask *t, const JnTaskCode *code, const void *env, WakeReason reason) {
    drop_captures(code, env);
    jn_interrupted(t, reason);
}

// The tree is locked, and is so again when this returns.
static NOINLINE void wait_for_limit(Nursery *n, const JnTaskCode *code, const void *env, const JnLocation *at) {
    JnTask *t = this_worker()->current;
    if (t->attention) { // no suspension_point, which would leave without what goes with it
        unlock_tree();
        abandon_spawn(t, code, env, WAKE_CANCELLED);
    }
    while (n->running >= n->limit) {
        t->waiter.task = t;
        t->wait_for.nursery = n;
        park_announce(t, WAIT_LIMIT, 0, at);
        link_append(&n->spawners, &t->waiter.link);
        unlock_tree();
        WakeReason reason = worker_wait(t);
        lock_tree();
        if (UNLIKELY(reason >= WAKE_CANCELLED)) {
            link_take_out(&t->waiter.link);
            unlock_tree();
            abandon_spawn(t, code, env, reason);
        }
    }
}

// There is no memory for the task.
static NOINLINE _Noreturn void give_up(Nursery *n, const JnTaskCode *code, const void *env, const JnLocation *at) {
    static const char TEXT[] = "out of memory: there can be no more tasks";
    lock_tree();
    n->running -= n->limit != 0;
    unlock_tree();
    drop_captures(code, env);
    jn_host_panic(TEXT, sizeof TEXT - 1, at);
}

// One more task runs in the nursery.
static inline void reserve(Nursery *n, const JnTaskCode *code, const void *env, const JnLocation *at) {
    lock_tree();
    if (UNLIKELY(n->limit != 0 && n->running >= n->limit))
        wait_for_limit(n, code, env, at);
    n->running++;
    unlock_tree();
}

static bool init(JnTask *t, const JnTaskCode *code, const void *env, const JnLocation *at) {
    t->code = code;
    if (UNLIKELY(!place(t, code)))
        return false;
    if (code->env_size > 0)
        copy_item(t->env, env, code->env_size);
    t->allocator = NULL;
    t->trace = 0;
    t->timer = 0;
    t->parked = PARK_NO;
    t->is_running = false;
    t->wait = WAIT_NONE;
    t->leave = LEAVE_NONE;
    t->state = TASK_RUNS;
    t->has_failed = false;
    t->polls_held = 0;
    t->is_forced = false;
    t->mutexes_held = 0;
    t->has_handle = !(code->flags & JN_TASK_NO_HANDLE);
    t->inner = NULL;
    t->joiner = NULL;
    t->depth_floor = 0;
    t->shield = NULL;
    t->orphans = NULL;
    t->suppressed = NULL;
    t->slot = NULL;
    t->spawned_at = at;
    t->wait_at = NULL;
#ifdef JN_ASAN
    t->fake_stack = NULL;
#endif
    return true;
}

// Under a seed, that decides who goes on: true. Where it is traced, the child does as ever.
static NOINLINE bool has_spawned_specially(JnWorker *w, JnTask *t, const JnLocation *at) {
    t->flow = 0;
    if (!jn_all.is_seeded) {
        jn_trace_spawns(w, t);
        return false;
    }
    if (jn_is_tracing)
        jn_trace_wakes(w, t);
    jn_sim_ready(t);
    if (jn_sim_chance(at))
        jn_let_others_run(w);
    return true;
}

NOINLINE JnTask *jn_spawn(JnNursery *nursery, const JnTaskCode *code, const void *env, const JnLocation *at) {
    Nursery *n = nursery_of(nursery);
    if (UNLIKELY(n->limit != 0))
        reserve(n, code, env, at);
    JnWorker *w = this_worker();
    JnTask *t = jn_stack_take(w);
    if (UNLIKELY(t == NULL))
        give_up(n, code, env, at);
    if (UNLIKELY(!init(t, code, env, at))) {
        jn_stack_give(w, t);
        give_up(n, code, env, at);
    }
    t->nursery = n;
    t->locals = w->current->locals;
    if (UNLIKELY(t->locals != NULL))
        __atomic_fetch_add((int64_t *)t->locals, 1, __ATOMIC_RELAXED);
    lock_tree();
    t->is_cancelled = n->are_tasks_cancelled;
    t->is_forced = n->is_forced;
    t->attention = t->is_cancelled;
    t->number = ++n->spawned;
    t->id = ++jn_all.task_ids;
    if (LIKELY(n->limit == 0))
        n->running++;
    link_append(&n->tasks, &t->link);
    unlock_tree();
    if (UNLIKELY(jn_all.is_special) && has_spawned_specially(w, t, at))
        return t;
    if (UNLIKELY(jn_all.is_parallel) && UNLIKELY(__atomic_load_n(&jn_all.worker_count, __ATOMIC_RELAXED) == 1))
        jn_start_second();
    worker_ready_first(w, w->current);
    worker_switch(w, t);
    return t;
}

void *jn_locals(void) {
    return this_worker()->current->locals;
}

void jn_locals_set(void *p) {
    this_worker()->current->locals = p;
}

// ---- what others want of it ----------------------------------------------------------------------------------------

// How the task ended.
static NOINLINE TaskState wait_for_end(JnTask *t, const JnLocation *at) {
    suspension_point(at);
    JnTask *me = this_worker()->current;
    lock_tree();
    if (t->state == TASK_RUNS) {
        t->joiner = me;
        me->wait_for.task = t;
        park_announce(me, WAIT_JOIN, 0, at);
        unlock_tree();
        WakeReason reason = worker_wait(me);
        lock_tree();
        t->joiner = NULL;
        if (UNLIKELY(reason >= WAKE_CANCELLED)) {
            unlock_tree();
            jn_interrupted(me, reason);
        }
    }
    TaskState state = (TaskState)t->state;
    unlock_tree();
    return state;
}

void jn_task_join(JnTask *t, void *result, const JnLocation *at) {
    if (UNLIKELY(wait_for_end(t, at) != TASK_OK)) {
        // Where it failed or panicked that has been done. A service that a standstill ended has no result either.
        Nursery *n = t->nursery;
        lock_tree();
        if (n->cause == CAUSE_NONE)
            n->cause = CAUSE_CANCELLED;
        jn_cancel_nursery(n);
        unlock_tree();
        jn_leave_now(this_worker()->current);
    }
    copy_item(result, t->result, t->code->result_size);
    free_task(t);
}

int64_t jn_task_wait(JnTask *t, const JnLocation *at) {
    switch (wait_for_end(t, at)) {
    case TASK_OK: return JN_OUTCOME_OK;
    case TASK_FAILED: return JN_OUTCOME_FAILED;
    case TASK_PANICKED: return JN_OUTCOME_PANICKED;
    default: return JN_OUTCOME_CANCELLED;
    }
}

int64_t jn_task_outcome(JnTask *t, void *result, void *error, const JnLocation *at) {
    wait_for_end(t, at);
    int64_t outcome = JN_OUTCOME_CANCELLED;
    if (t->state == TASK_OK) {
        copy_item(result, t->result, t->code->result_size);
        outcome = JN_OUTCOME_OK;
    } else if (t->state == TASK_FAILED) {
        memcpy(error, t->error, sizeof t->error);
        jn_host_trace_restore(t->error_trace);
        outcome = JN_OUTCOME_FAILED;
    } else if (t->state == TASK_PANICKED) {
        outcome = JN_OUTCOME_PANICKED;
    }
    free_task(t);
    return outcome;
}

void jn_task_release(JnTask *t) {
    lock_tree();
    t->has_handle = false;
    bool has_ended = t->state != TASK_RUNS;
    if (has_ended)
        link_remove(&t->link);
    unlock_tree();
    if (!has_ended)
        return;
    if (t->state == TASK_OK || t->state == TASK_FAILED) {
        Link one;
        link_init(&one);
        link_append(&one, &t->link);
        jn_tasks_reap(this_worker()->current, &one);
        return;
    }
    free_record(t);
}
