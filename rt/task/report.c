// What is said of a deadlock: each task with where it was spawned, where it waits and for what, and the cycle.
#include "report.h"

#include "host.h"

#include <sys/uio.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1024, MAX_TASKS = 50 };

static JnText *elsewhere; // NULL: the report of a deadlock is written

JnText *jn_text_begin(JnText *text) {
    JnText *before = elsewhere;
    elsewhere = text;
    return before;
}

// Without memory the report is cut off.
static void grow(int64_t size) {
    int64_t larger = jn_all.report_capacity ? jn_all.report_capacity * 2 : FIRST_CAPACITY;
    while (larger < jn_all.report_size + size)
        larger *= 2;
    char *p = jn_host_try_resize(jn_all.report, jn_all.report_capacity, larger);
    if (!p)
        return;
    jn_all.report = p;
    jn_all.report_capacity = larger;
}

static void put_bytes(const char *text, int64_t size) {
    if (elsewhere) {
        if (size > elsewhere->capacity - elsewhere->size)
            size = elsewhere->capacity - elsewhere->size;
        memcpy(elsewhere->bytes + elsewhere->size, text, (size_t)size);
        elsewhere->size += size;
        return;
    }
    if (jn_all.report_size + size > jn_all.report_capacity)
        grow(size);
    if (size > jn_all.report_capacity - jn_all.report_size)
        size = jn_all.report_capacity - jn_all.report_size;
    if (size == 0)
        return;
    memcpy(jn_all.report + jn_all.report_size, text, (size_t)size);
    jn_all.report_size += size;
}

void jn_put(const char *text) {
    put_bytes(text, (int64_t)strlen(text));
}

int jn_digits(uint64_t value, char digits[static DIGITS]) {
    int at = DIGITS;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return at;
}

void jn_put_number(uint64_t value) {
    char digits[DIGITS];
    int at = jn_digits(value, digits);
    put_bytes(digits + at, (int64_t)sizeof digits - at);
}

void jn_put_place(const char *word, const JnLocation *at) {
    if (!at || !at->file)
        return;
    jn_put(word);
    jn_put(at->file);
    jn_put(":");
    jn_put_number(at->line);
}

void jn_put_task(const JnTask *t) {
    if (t == &jn_all.root) {
        jn_put("main");
        return;
    }
    jn_put("task ");
    jn_put_number(t->id - 1);
    if (t->code->name) {
        jn_put(" ");
        jn_put(t->code->name);
    }
}

static bool is_live(void) {
    return elsewhere && elsewhere->is_live;
}

// A task that is told of while others run may go on and free what it waited for. Whatever is read then is no harm: what
// is told of is a copy. NULL where there is nothing any more; then `otherwise` has been put.
static const void *readable(const void *it, void *copy, size_t size, const char *otherwise) {
    struct iovec here = {copy, size}, there = {(void *)(uintptr_t)it, size};
    if (!is_live())
        return it;
    if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)size)
        return copy;
    jn_put(otherwise);
    return NULL;
}

static void put_channel(const JnChannel *c) {
    JnChannel copy;
    if (!c) {
        jn_put("no channel");
        return;
    }
    c = readable(c, &copy, sizeof copy, "a channel");
    if (!c)
        return;
    jn_put("channel ");
    jn_put_number(c->id);
    if (c->is_closed)
        jn_put(", which is closed");
    else if (c->capacity > 0)
        jn_put(c->count == 0 ? ", which is empty" : c->count == c->capacity ? ", which is full" : "");
}

static void put_arms(const JnTask *t) {
    static const char *const WORDS[] = {"receive from ", "send to ", "see closed "};
    jn_put("in a select to ");
    for (int64_t i = 0; i < t->arm_count; i++) {
        jn_put(i > 0 ? " or " : "");
        jn_put(WORDS[t->wait_for.arms[i].kind]);
        put_channel(t->wait_for.arms[i].channel);
    }
}

static void put_mutex(const Mutex *m) {
    Mutex copy;
    m = readable(m, &copy, sizeof copy, "for a mutex");
    if (!m)
        return;
    const JnTask *holder = is_live() ? NULL : mutex_holder(m); // that may be gone, too
    jn_put("for mutex ");
    jn_put_number(m->id);
    if (!holder)
        return;
    jn_put(", which ");
    jn_put_task(holder);
    jn_put(" has locked");
}

static void put_semaphore(const JnTask *t) {
    Semaphore copy;
    const Semaphore *s = readable(t->wait_for.semaphore, &copy, sizeof copy, "for a semaphore");
    if (!s)
        return;
    uint64_t wanted = (uint64_t)(uintptr_t)t->waiter.item;
    jn_put("for ");
    jn_put_number(wanted);
    jn_put(wanted == 1 ? " permit of semaphore " : " permits of semaphore ");
    jn_put_number(s->id);
    jn_put(", which has ");
    jn_put_number((uint64_t)s->permits);
}

void jn_put_wait(const JnTask *t) {
    switch ((WaitKind)t->wait) {
    case WAIT_SEND:
        jn_put("to send to ");
        put_channel(t->wait_for.channel);
        break;
    case WAIT_RECV:
        jn_put("to receive from ");
        put_channel(t->wait_for.channel);
        break;
    case WAIT_SELECT: put_arms(t); break;
    case WAIT_JOIN:
        jn_put("for the end of ");
        jn_put_task(t->wait_for.task);
        break;
    case WAIT_LIMIT:
        jn_put("to spawn into a nursery that is full");
        jn_put_place(", that of ", t->wait_for.nursery->at);
        break;
    case WAIT_NURSERY: jn_put("for the tasks of its nursery"); break;
    case WAIT_IO:
        jn_put("for descriptor ");
        jn_put_number((uint64_t)t->wait_for.descriptor);
        break;
    case WAIT_CALL: jn_put("for a call of the system"); break;
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
    jn_put("\n  they wait for each other: ");
    JnTask *t = found;
    do {
        jn_put_task(t);
        jn_put(" -> ");
        t = waits_for(t);
    } while (t != found);
    jn_put_task(found);
}

void jn_report_deadlock(void) {
    uint32_t shown = 0;
    jn_all.report_size = 0;
    jn_put("deadlock: no task can go on");
    for (JnTask *t = &jn_all.root; t; t = jn_task_after(t)) {
        if (shown++ == MAX_TASKS) {
            jn_put("\n  and more");
            break;
        }
        jn_put("\n  ");
        jn_put_task(t);
        jn_put_place(", spawned at ", t->spawned_at);
        jn_put_place(", waits at ", t->wait_at);
        jn_put(t->wait_at ? " " : ", waits ");
        jn_put_wait(t);
    }
    put_cycle();
}
