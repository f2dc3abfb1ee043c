// A task's life. Its record lies at the top of its stack, below it what it captured and its result, then its frames: a
// task that waits needs one page. With a handle the record lives until the handle is gone or the nursery ends.
#include "task.h"

#include "cancel.h"
#include "worker.h"

JnTask *jn_task_current(void) {
    return jn_worker.current;
}

bool jn_task_is_root(const JnTask *t) {
    return t == &jn_worker.root;
}

void **jn_task_slot(JnTask *t) {
    return &t->slot;
}

bool jn_task_is_leaving(void) {
    return jn_is_unwinding(jn_worker.current);
}

static void free_task(JnTask *t) {
    link_remove(&t->link);
    if (UNLIKELY(t->heap != NULL))
        jn_host_release(t->heap, t->heap_bytes);
    jn_stack_give(t);
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
        link_init(&t->link);
        if (t->state == TASK_OK || t->state == TASK_FAILED)
            drop_result(t);
        free_task(t);
    }
}

void jn_tasks_reap(JnTask *owner, Link *tasks) {
    JnTask **end = &owner->orphans;
    while (*end)
        end = &(*end)->next;
    for (Link *l = tasks->next; l != tasks; l = l->next) {
        *end = task_of(l);
        end = &task_of(l)->next;
    }
    *end = NULL;
    reap_orphans(owner);
}

// ---- the end -------------------------------------------------------------------------------------------------------

static void tell_nursery(JnWorker *w, JnTask *t) {
    Nursery *n = t->nursery;
    if (t->code->flags & JN_TASK_ISOLATED)
        return;
    if (t->state == TASK_FAILED) {
        JnSuppressed failure = {.size = t->error_size, .trace = t->error_trace, .at = t->spawned_at};
        memcpy(failure.error, t->error, sizeof failure.error);
        jn_nursery_note_failure(n, t->number, &failure);
    } else if (t->state == TASK_PANICKED) {
        n->has_panicked = true;
        jn_cancel_nursery(w, n);
    }
}

static NOINLINE _Noreturn void finish(JnTask *t, TaskState state) {
    JnWorker *w = &jn_worker;
    Nursery *n = t->nursery;
    if (UNLIKELY(t->suppressed != NULL))
        jn_failures_drop(&t->suppressed);
    if (UNLIKELY(t->orphans != NULL))
        reap_orphans(t);
    t->state = (uint8_t)state;
    if (UNLIKELY(state == TASK_FAILED || state == TASK_PANICKED))
        tell_nursery(w, t);
    n->running--;
    if (t->joiner)
        jn_wake(w, t->joiner, WAKE_DONE);
    if (UNLIKELY(!link_is_empty(&n->spawners))) {
        Waiter *first = (Waiter *)(void *)n->spawners.next;
        link_remove(&first->link);
        jn_wake(w, first->task, WAKE_DONE);
    }
    if (n->running == 0 && n->owner->wait == WAIT_NURSERY && n->owner->wait_for.nursery == n)
        jn_wake(w, n->owner, WAKE_DONE);
    if (!t->has_handle)
        free_task(t); // nobody takes the stack before it has been left: there is one worker
    worker_switch(w, worker_pick(w));
    __builtin_unreachable();
}

_Noreturn void jn_task_unwound(void) {
    JnTask *t = jn_worker.current;
    finish(t, t->leave == LEAVE_PANIC ? TASK_PANICKED : TASK_CANCELLED);
}

bool jn_task_panicked(void) {
    JnTask *t = jn_worker.current;
    if (jn_is_unwinding(t))
        return false;
    t->leave = LEAVE_PANIC;
    jn_update_attention(&jn_worker, t);
    return true;
}

// ---- the beginning -------------------------------------------------------------------------------------------------

// Not to be inlined into anything: its frame is the first one of the task's stack.
static void run(JnTask *t) {
    jn_switch_arrived(t);
    t->code->run(t->env, t->result);
    TaskState state = TASK_OK;
    if (UNLIKELY(t->has_failed))
        state = TASK_FAILED;
    else if (!t->has_handle && t->code->drop_result)
        t->code->drop_result(t->code->context, t->result);
    finish(t, state);
}

static uint8_t *below(uint8_t *at, int64_t size, int64_t align) {
    uintptr_t mask = (uintptr_t)(align > 16 ? align : 16) - 1;
    return (uint8_t *)(((uintptr_t)at - (uintptr_t)size) & ~mask);
}

// Where the captures and the result are, and from where the stack goes down.
static void place(JnTask *t, const JnTaskCode *code) {
    uint8_t *top = (uint8_t *)t;
    int64_t bytes = code->result_size + code->env_size + 128;
    t->heap = NULL;
    if (UNLIKELY(bytes > jn_stack_bytes() / 4)) {
        t->heap = jn_host_allocate(bytes);
        t->heap_bytes = bytes;
        uint8_t *end = (uint8_t *)t->heap + bytes;
        t->result = below(end, code->result_size, code->result_align);
        t->env = below(t->result, code->env_size, code->env_align);
    } else {
        t->result = below(top, code->result_size, code->result_align);
        t->env = top = below(t->result, code->env_size, code->env_align);
    }
    jn_fiber_init(t, top, run);
}

// What the task was to capture goes with it.
static _Noreturn void give_up(JnTask *t, const JnTaskCode *code, const void *env, WakeReason reason) {
    if (code->drop_env)
        code->drop_env(code->context, (void *)(uintptr_t)env);
    jn_interrupted(t, reason);
}

static NOINLINE void wait_for_limit(JnWorker *w, Nursery *n, const JnTaskCode *code, const void *env,
                                    const JnLocation *at) {
    JnTask *t = w->current;
    if (t->attention)
        give_up(t, code, env, WAKE_CANCELLED);
    while (n->running >= n->limit) {
        t->waiter.task = t;
        link_append(&n->spawners, &t->waiter.link);
        t->wait_for.nursery = n;
        t->wait = WAIT_LIMIT;
        t->wait_flags = 0;
        t->wait_at = at;
        WakeReason reason = jn_block(w);
        if (reason >= WAKE_CANCELLED)
            give_up(t, code, env, reason);
    }
}

NOINLINE JnTask *jn_spawn(JnNursery *nursery, const JnTaskCode *code, const void *env, const JnLocation *at) {
    JnWorker *w = &jn_worker;
    Nursery *n = nursery_of(nursery);
    if (UNLIKELY(n->limit != 0 && n->running >= n->limit))
        wait_for_limit(w, n, code, env, at);
    JnTask *t = jn_stack_take();
    t->code = code;
    place(t, code);
    if (code->env_size > 0)
        copy_item(t->env, env, code->env_size);
    t->allocator = NULL;
    t->trace = 0;
    t->timer = 0;
    t->wait = WAIT_NONE;
    t->leave = LEAVE_NONE;
    t->state = TASK_RUNS;
    t->has_failed = false;
    t->polls_held = 0;
    t->has_handle = !(code->flags & JN_TASK_NO_HANDLE);
    t->is_cancelled = n->are_tasks_cancelled;
    t->attention = t->is_cancelled;
    t->nursery = n;
    t->inner = NULL;
    t->joiner = NULL;
    t->depth_floor = 0;
    t->shield = NULL;
    t->orphans = NULL;
    t->suppressed = NULL;
    t->slot = NULL;
    t->spawned_at = at;
#ifdef JN_ASAN
    t->fake_stack = NULL;
#endif
    t->number = ++n->spawned;
    t->id = ++w->task_ids;
    n->running++;
    link_append(&n->tasks, &t->link);
    if (UNLIKELY(w->is_seeded)) {
        jn_sim_ready(w, t);
        if (jn_sim_chance(w))
            jn_let_others_run(w);
        return t;
    }
    worker_ready_first(w, w->current);
    worker_switch(w, t);
    return t;
}

// ---- what others want of it ----------------------------------------------------------------------------------------

static NOINLINE void wait_for_end(JnWorker *w, JnTask *t, const JnLocation *at) {
    JnTask *me = w->current;
    suspension_point();
    if (t->state != TASK_RUNS)
        return;
    t->joiner = me;
    me->wait_for.task = t;
    worker_wait(w, WAIT_JOIN, 0, at);
}

void jn_task_join(JnTask *t, void *result, const JnLocation *at) {
    JnWorker *w = &jn_worker;
    wait_for_end(w, t, at);
    if (UNLIKELY(t->state != TASK_OK)) {
        // Where it failed or panicked that has been done. A service that a standstill ended has no result either.
        Nursery *n = t->nursery;
        if (n->cause == CAUSE_NONE)
            n->cause = CAUSE_CANCELLED;
        jn_cancel_nursery(w, n);
        jn_leave_now(w->current);
    }
    copy_item(result, t->result, t->code->result_size);
    free_task(t);
}

int64_t jn_task_wait(JnTask *t, const JnLocation *at) {
    wait_for_end(&jn_worker, t, at);
    return t->state == TASK_OK         ? JN_OUTCOME_OK
           : t->state == TASK_FAILED   ? JN_OUTCOME_FAILED
           : t->state == TASK_PANICKED ? JN_OUTCOME_PANICKED
                                       : JN_OUTCOME_CANCELLED;
}

int64_t jn_task_outcome(JnTask *t, void *result, void *error, const JnLocation *at) {
    wait_for_end(&jn_worker, t, at);
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
    t->has_handle = false;
    if (t->state == TASK_RUNS)
        return;
    if (t->state == TASK_OK || t->state == TASK_FAILED) {
        Link one;
        link_remove(&t->link);
        link_init(&one);
        link_append(&one, &t->link);
        jn_tasks_reap(jn_worker.current, &one);
        return;
    }
    free_task(t);
}
