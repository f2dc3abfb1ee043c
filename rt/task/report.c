// What is said of a deadlock: each task with where it was spawned, where it waits and for what, and the cycle.
#include "report.h"

#include "host.h"

enum { FIRST_CAPACITY = 1024, MAX_TASKS = 50 };

static void put_bytes(JnWorker *w, const char *text, int64_t size) {
    if (w->report_size + size > w->report_capacity) {
        int64_t larger = w->report_capacity ? w->report_capacity * 2 : FIRST_CAPACITY;
        while (larger < w->report_size + size)
            larger *= 2;
        char *p = jn_host_allocate(larger);
        if (w->report) {
            memcpy(p, w->report, (size_t)w->report_size);
            jn_host_release(w->report, w->report_capacity);
        }
        w->report = p;
        w->report_capacity = larger;
    }
    memcpy(w->report + w->report_size, text, (size_t)size);
    w->report_size += size;
}

static void put(JnWorker *w, const char *text) {
    put_bytes(w, text, (int64_t)strlen(text));
}

static void put_number(JnWorker *w, uint64_t value) {
    char digits[20];
    int at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put_bytes(w, digits + at, (int64_t)sizeof digits - at);
}

static void put_place(JnWorker *w, const char *word, const JnLocation *at) {
    if (!at || !at->file)
        return;
    put(w, word);
    put(w, at->file);
    put(w, ":");
    put_number(w, at->line);
}

static void put_task(JnWorker *w, const JnTask *t) {
    if (t == &w->root) {
        put(w, "main");
        return;
    }
    put(w, "task ");
    put_number(w, t->id - 1);
    if (t->code->name) {
        put(w, " ");
        put(w, t->code->name);
    }
}

static void put_channel(JnWorker *w, const JnChannel *c) {
    if (!c) {
        put(w, "no channel");
        return;
    }
    put(w, "channel ");
    put_number(w, c->id);
    if (c->is_closed)
        put(w, ", which is closed");
    else if (c->capacity > 0)
        put(w, c->count == 0 ? ", which is empty" : c->count == c->capacity ? ", which is full" : "");
}

static void put_arms(JnWorker *w, const JnTask *t) {
    static const char *const WORDS[] = {"receive from ", "send to ", "see closed "};
    put(w, "in a select to ");
    for (int64_t i = 0; i < t->arm_count; i++) {
        put(w, i > 0 ? " or " : "");
        put(w, WORDS[t->wait_for.arms[i].kind]);
        put_channel(w, t->wait_for.arms[i].channel);
    }
}

static void put_wait(JnWorker *w, const JnTask *t) {
    switch ((WaitKind)t->wait) {
    case WAIT_SEND:
        put(w, "to send to ");
        put_channel(w, t->wait_for.channel);
        break;
    case WAIT_RECV:
        put(w, "to receive from ");
        put_channel(w, t->wait_for.channel);
        break;
    case WAIT_SELECT: put_arms(w, t); break;
    case WAIT_JOIN:
        put(w, "for the end of ");
        put_task(w, t->wait_for.task);
        break;
    case WAIT_LIMIT:
        put(w, "to spawn into a nursery that is full");
        put_place(w, ", that of ", t->wait_for.nursery->at);
        break;
    case WAIT_NURSERY: put(w, "for the tasks of its nursery"); break;
    case WAIT_SLEEP:
    case WAIT_NONE: break;
    }
}

// ---- who waits for whom --------------------------------------------------------------------------------------------

static JnTask *task_with_id(JnWorker *w, uint64_t id) {
    JnTask *t = &w->root;
    while (t && t->id != id)
        t = jn_task_after(t);
    return t;
}

// The one task that could end this wait, as far as is known: of a channel's other side whoever was there last.
static JnTask *find_other(JnWorker *w, const JnTask *t) {
    switch ((WaitKind)t->wait) {
    case WAIT_SEND: return task_with_id(w, t->wait_for.channel->last_receiver);
    case WAIT_RECV: return task_with_id(w, t->wait_for.channel->last_sender);
    case WAIT_JOIN: return t->wait_for.task;
    case WAIT_LIMIT:
    case WAIT_NURSERY:
        for (Link *l = t->wait_for.nursery->tasks.next; l != &t->wait_for.nursery->tasks; l = l->next)
            if (task_of(l)->state == TASK_RUNS)
                return task_of(l);
        return NULL;
    default: return NULL;
    }
}

static JnTask *waits_for(JnWorker *w, const JnTask *t) {
    JnTask *other = find_other(w, t);
    return other == t ? NULL : other;
}

// Two tasks go along the chain, one twice as fast: where they meet there is a circle.
static JnTask *find_cycle(JnWorker *w, JnTask *from) {
    JnTask *slow = from, *fast = from;
    do {
        fast = waits_for(w, fast);
        fast = fast ? waits_for(w, fast) : NULL;
        slow = waits_for(w, slow);
    } while (fast && fast != slow);
    return fast;
}

static void put_cycle(JnWorker *w) {
    JnTask *found = NULL;
    uint32_t tried = 0;
    for (JnTask *t = &w->root; t && !found && tried++ < MAX_TASKS; t = jn_task_after(t))
        found = find_cycle(w, t);
    if (!found)
        return;
    for (JnTask *t = waits_for(w, found), *end = found; t != end; t = waits_for(w, t))
        if (t->id < found->id)
            found = t;
    put(w, "\n  they wait for each other: ");
    JnTask *t = found;
    do {
        put_task(w, t);
        put(w, " -> ");
        t = waits_for(w, t);
    } while (t != found);
    put_task(w, found);
}

void jn_report_deadlock(JnWorker *w) {
    uint32_t shown = 0;
    w->report_size = 0;
    put(w, "deadlock: no task can go on");
    for (JnTask *t = &w->root; t; t = jn_task_after(t)) {
        if (shown++ == MAX_TASKS) {
            put(w, "\n  and more");
            break;
        }
        put(w, "\n  ");
        put_task(w, t);
        put_place(w, ", spawned at ", t->spawned_at);
        put_place(w, ", waits at ", t->wait_at);
        put(w, t->wait_at ? " " : ", waits ");
        put_wait(w, t);
    }
    put_cycle(w);
}
