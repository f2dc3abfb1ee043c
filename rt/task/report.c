// What is said of a deadlock: each task with where it was spawned, where it waits and for what, and the cycle.
#include "report.h"

#include "host.h"

enum { FIRST_CAPACITY = 1024, MAX_TASKS = 50 };

static void put_bytes(const char *text, int64_t size) {
    if (jn_all.report_size + size > jn_all.report_capacity) {
        int64_t larger = jn_all.report_capacity ? jn_all.report_capacity * 2 : FIRST_CAPACITY;
        while (larger < jn_all.report_size + size)
            larger *= 2;
        char *p = jn_host_allocate(larger);
        if (jn_all.report) {
            memcpy(p, jn_all.report, (size_t)jn_all.report_size);
            jn_host_release(jn_all.report, jn_all.report_capacity);
        }
        jn_all.report = p;
        jn_all.report_capacity = larger;
    }
    memcpy(jn_all.report + jn_all.report_size, text, (size_t)size);
    jn_all.report_size += size;
}

static void put(const char *text) {
    put_bytes(text, (int64_t)strlen(text));
}

static void put_number(uint64_t value) {
    char digits[20];
    int at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put_bytes(digits + at, (int64_t)sizeof digits - at);
}

static void put_place(const char *word, const JnLocation *at) {
    if (!at || !at->file)
        return;
    put(word);
    put(at->file);
    put(":");
    put_number(at->line);
}

static void put_task(const JnTask *t) {
    if (t == &jn_all.root) {
        put("main");
        return;
    }
    put("task ");
    put_number(t->id - 1);
    if (t->code->name) {
        put(" ");
        put(t->code->name);
    }
}

static void put_channel(const JnChannel *c) {
    if (!c) {
        put("no channel");
        return;
    }
    put("channel ");
    put_number(c->id);
    if (c->is_closed)
        put(", which is closed");
    else if (c->capacity > 0)
        put(c->count == 0 ? ", which is empty" : c->count == c->capacity ? ", which is full" : "");
}

static void put_arms(const JnTask *t) {
    static const char *const WORDS[] = {"receive from ", "send to ", "see closed "};
    put("in a select to ");
    for (int64_t i = 0; i < t->arm_count; i++) {
        put(i > 0 ? " or " : "");
        put(WORDS[t->wait_for.arms[i].kind]);
        put_channel(t->wait_for.arms[i].channel);
    }
}

static void put_mutex(const Mutex *m) {
    const JnTask *holder = mutex_holder(m);
    put("for mutex ");
    put_number(m->id);
    if (!holder)
        return;
    put(", which ");
    put_task(holder);
    put(" has locked");
}

static void put_semaphore(const JnTask *t) {
    const Semaphore *s = t->wait_for.semaphore;
    uint64_t wanted = (uint64_t)(uintptr_t)t->waiter.item;
    put("for ");
    put_number(wanted);
    put(wanted == 1 ? " permit of semaphore " : " permits of semaphore ");
    put_number(s->id);
    put(", which has ");
    put_number((uint64_t)s->permits);
}

static void put_wait(const JnTask *t) {
    switch ((WaitKind)t->wait) {
    case WAIT_SEND:
        put("to send to ");
        put_channel(t->wait_for.channel);
        break;
    case WAIT_RECV:
        put("to receive from ");
        put_channel(t->wait_for.channel);
        break;
    case WAIT_SELECT: put_arms(t); break;
    case WAIT_JOIN:
        put("for the end of ");
        put_task(t->wait_for.task);
        break;
    case WAIT_LIMIT:
        put("to spawn into a nursery that is full");
        put_place(", that of ", t->wait_for.nursery->at);
        break;
    case WAIT_NURSERY: put("for the tasks of its nursery"); break;
    case WAIT_IO:
        put("for descriptor ");
        put_number((uint64_t)t->wait_for.descriptor);
        break;
    case WAIT_MUTEX: put_mutex(t->wait_for.mutex); break;
    case WAIT_SEMAPHORE: put_semaphore(t); break;
    case WAIT_SLEEP:
    case WAIT_NONE: break;
    }
}

// ---- who waits for whom --------------------------------------------------------------------------------------------

static JnTask *task_with_id(uint64_t id) {
    JnTask *t = &jn_all.root;
    while (t && t->id != id)
        t = jn_task_after(t);
    return t;
}

// The one task that could end this wait, as far as is known: of a channel's other side whoever was there last.
static JnTask *find_other(const JnTask *t) {
    switch ((WaitKind)t->wait) {
    case WAIT_SEND: return task_with_id(t->wait_for.channel->last_receiver);
    case WAIT_RECV: return task_with_id(t->wait_for.channel->last_sender);
    case WAIT_JOIN: return t->wait_for.task;
    case WAIT_MUTEX: return mutex_holder(t->wait_for.mutex);
    case WAIT_LIMIT:
    case WAIT_NURSERY:
        for (Link *l = t->wait_for.nursery->tasks.next; l != &t->wait_for.nursery->tasks; l = l->next)
            if (task_of(l)->state == TASK_RUNS)
                return task_of(l);
        return NULL;
    default: return NULL;
    }
}

static JnTask *waits_for(const JnTask *t) {
    JnTask *other = find_other(t);
    return other == t ? NULL : other;
}

// Two tasks go along the chain, one twice as fast: where they meet there is a circle.
static JnTask *find_cycle(JnTask *from) {
    JnTask *slow = from, *fast = from;
    do {
        fast = waits_for(fast);
        fast = fast ? waits_for(fast) : NULL;
        slow = waits_for(slow);
    } while (fast && fast != slow);
    return fast;
}

static void put_cycle(void) {
    JnTask *found = NULL;
    uint32_t tried = 0;
    for (JnTask *t = &jn_all.root; t && !found && tried++ < MAX_TASKS; t = jn_task_after(t))
        found = find_cycle(t);
    if (!found)
        return;
    for (JnTask *t = waits_for(found), *end = found; t != end; t = waits_for(t))
        if (t->id < found->id)
            found = t;
    put("\n  they wait for each other: ");
    JnTask *t = found;
    do {
        put_task(t);
        put(" -> ");
        t = waits_for(t);
    } while (t != found);
    put_task(found);
}

void jn_report_deadlock(void) {
    uint32_t shown = 0;
    jn_all.report_size = 0;
    put("deadlock: no task can go on");
    for (JnTask *t = &jn_all.root; t; t = jn_task_after(t)) {
        if (shown++ == MAX_TASKS) {
            put("\n  and more");
            break;
        }
        put("\n  ");
        put_task(t);
        put_place(", spawned at ", t->spawned_at);
        put_place(", waits at ", t->wait_at);
        put(t->wait_at ? " " : ", waits ");
        put_wait(t);
    }
    put_cycle();
}
