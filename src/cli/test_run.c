#include "cli/test_run.h"

#include <signal.h>

enum {
    DEFAULT_TIMEOUT_S = 60,
    MOST_SLOTS = 64,
    SEEDS = 1000000,
    MOST_LEVELS = 5,       // of priorities: a bug needs few changes at the right places
    ANSWER_NS = 500000000, // how long a test that hangs may take to say where
};

bool test_failed(const TestEnd *end) {
    return end->timed_out || end->exit.signalled || end->exit.code != 0;
}

const char *test_order(const TestRun *t, uint32_t run, uint64_t decisions) {
    Arena *arena = t->session->arena;
    if (t->options->real)
        return NULL;
    if (t->given_order && run == 0)
        return t->given_order;
    unsigned long long seed = t->seed + run;
    if (run % 2 == 0)
        return arena_printf(arena, "%llu", seed).data;
    return arena_printf(arena, "pct:%llu:%u:%llu", seed, 1 + run / 2 % MOST_LEVELS, (unsigned long long)decisions).data;
}

// ---- one run -------------------------------------------------------------------------------------------------------

typedef struct {
    const TestRun *run;
    uint32_t test;
    uint64_t random;
} Interpreted;

static int interpret(void *context) {
    const Interpreted *it = context;
    return pipeline_interpret_test(it->run->session, it->test, it->run->arguments, it->random);
}

// What random numbers are made of: the seed in the order, so that it stays with the other orders of a search.
static Text random_of(const char *order) {
    Text all = text_of(order);
    const char *from = text_starts_with(all, TEXT("pct:"))     ? order + 4
                       : text_starts_with(all, TEXT("order:")) ? order + 6
                                                               : order;
    return from == order ? all : (Text){from, strcspn(from, ":")};
}

static void reset_record(JnRecord *r, const char *order) {
    order = order ? order : "";
    size_t size = strlen(order);
    r->magic = r->step_count = r->is_full = r->text_used = r->order_size = 0;
    r->decisions = 0;
    if (text_starts_with(text_of(order), TEXT("order:")) && size <= sizeof r->order) {
        memcpy(r->order, order, size); // the environment has no room for long ones
        r->order_size = (uint32_t)size;
    }
}

static uint64_t timeout_of(const TestRun *t) {
    return (t->options->timeout ? t->options->timeout : DEFAULT_TIMEOUT_S) * UINT64_C(1000000000);
}

static bool start(TestRun *t, OsChild *child, TestSlot *slot, bool with_record) {
    const char *variables[6] = {NULL}, *order = slot->order;
    uint32_t used = 0;
    Buffer texts[3] = {0};
    Text random = order ? random_of(order) : TEXT("");
    if (with_record && !slot->record)
        slot->record = os_shared_new(sizeof *slot->record, &slot->record_descriptor);
    JnRecord *record = with_record ? slot->record : NULL;
    if (record)
        reset_record(record, order);
    buffer_printf(&texts[0], "JANUS_TEST=%u%c", slot->test, 0);
    buffer_printf(&texts[1], "JANUS_SEED=%s%c", order && !(record && record->order_size) ? order : "", 0);
    buffer_printf(&texts[2], "JANUS_RANDOM=%.*s%c", TEXT_ARG(random), 0);
    variables[used++] = texts[0].items;
    if (!t->options->real) {
        variables[used++] = texts[1].items;
        variables[used++] = texts[2].items;
    }
    char shared[32];
    snprintf(shared, sizeof shared, "JANUS_RECORD=%d", OS_CHILD_SHARED);
    if (record)
        variables[used++] = shared;
    Interpreted it = {t, slot->test, text_hash(random) | 1};
    OsChildStart how = {t->program, t->arguments, variables, record ? slot->record_descriptor : -1, interpret, &it};
    bool started = os_child_start(child, &how);
    slot->until_ns = child->started_ns + timeout_of(t);
    slot->is_told = false;
    for (uint32_t i = 0; i < 3; i++)
        vec_free(&texts[i]);
    if (!started)
        fprintf(stderr, "error: cannot start a test: %s\n", child->exit.message);
    return started;
}

// A run whose time is over says where its tasks are, if it can, and is ended.
static void hurry(OsChild *child, TestSlot *slot) {
    if (slot->is_told) {
        os_child_kill(child);
        return;
    }
    slot->is_told = true;
    slot->until_ns = os_now_ns() + ANSWER_NS;
    if (os_process_catches(child->process, SIGQUIT))
        os_child_signal(child, SIGQUIT);
    else
        os_child_kill(child);
}

static TestEnd end_of(const TestRun *t, OsChild *child, const TestSlot *slot) {
    TestEnd end = {.exit = child->exit,
                   .timed_out = slot->is_told,
                   .ns = os_now_ns() - child->started_ns,
                   .order = slot->order,
                   .is_cut = {child->is_cut[0], child->is_cut[1]}};
    for (int i = 0; i < 2; i++)
        end.texts[i] = arena_text(t->session->arena, buffer_view(&child->texts[i]));
    os_child_forget(child);
    return end;
}

// Waits for one of the runs to end; its slot. What takes too long is ended.
static uint32_t wait_for_one(OsChild *children, TestSlot *slots, uint32_t count, uint64_t wake_ns) {
    for (;;) {
        uint64_t next = wake_ns;
        for (uint32_t i = 0; i < count; i++)
            if (children[i].process && slots[i].until_ns < next)
                next = slots[i].until_ns;
        int ended = os_children_wait(children, count, next);
        if (ended >= 0)
            return (uint32_t)ended;
        uint64_t now = os_now_ns();
        for (uint32_t i = 0; i < count; i++) {
            if (!children[i].process || slots[i].until_ns > now)
                continue;
            hurry(&children[i], &slots[i]);
            if (!children[i].process)
                return i;
        }
        if (now >= wake_ns)
            return count;
    }
}

bool test_run_once(TestRun *t, OsChild *child, TestSlot *slot, uint32_t test, const char *order, TestEnd *end) {
    slot->test = test;
    slot->order = order;
    if (!start(t, child, slot, true))
        return false;
    wait_for_one(child, slot, 1, UINT64_MAX);
    *end = end_of(t, child, slot);
    return true;
}

void test_slot_free(TestSlot *slot) {
    if (slot->record)
        os_shared_free(slot->record, sizeof *slot->record, slot->record_descriptor);
}

// ---- all runs ------------------------------------------------------------------------------------------------------

static bool is_searching(const TestRun *t) {
    return t->options->schedules > 1;
}

// After its first run it is known how many orders there are to try.
static bool has_next(const TestState *s) {
    return s->started < s->wanted && (s->started == 0 || s->ended > 0) && !s->has_failed;
}

static bool is_over(const TestState *s) {
    return s->running == 0 && s->started > 0 && !has_next(s);
}

static bool start_next(TestRun *t, uint32_t slot) {
    for (uint32_t i = t->shown; i < t->count; i++) {
        TestState *s = &t->tests[i];
        if (!has_next(s))
            continue;
        TestSlot *of = &t->slot_runs[slot];
        of->test = i;
        of->run = s->started++;
        of->order = test_order(t, of->run, s->decisions);
        s->running++;
        return start(t, &t->children[slot], of, is_searching(t));
    }
    return true;
}

static void take_end(TestRun *t, uint32_t slot) {
    const TestSlot *of = &t->slot_runs[slot];
    TestState *s = &t->tests[of->test];
    TestEnd end = end_of(t, &t->children[slot], of);
    bool failed = test_failed(&end);
    s->running--;
    s->ended++;
    s->ns += end.ns;
    if (of->run == 0 && of->record) {
        s->decisions = of->record->magic == JN_RECORD_MAGIC ? of->record->decisions : 0;
        if (s->decisions == 0)
            s->wanted = 1;
    }
    // Of several that fail the first counts, whichever ended first: so it is the same each time.
    bool is_first = failed && (!s->has_failed || of->run < s->failed_run);
    if (is_first)
        s->failed_run = of->run;
    s->has_failed |= failed;
    if (is_first || (of->run == 0 && !s->has_failed))
        s->end = end;
}

static void show_ended(TestRun *t) {
    while (t->shown < t->count && is_over(&t->tests[t->shown])) {
        if (t->tests[t->shown].has_failed && is_searching(t))
            test_shorten(t, t->shown);
        test_show(t, t->shown++);
    }
}

static bool run_tests(TestRun *t) {
    enum { TELL_NS = 100000000 };
    while (t->shown < t->count) {
        bool is_any = false;
        for (uint32_t i = 0; i < t->slots; i++) {
            if (!t->children[i].process && !start_next(t, i))
                return false;
            is_any |= t->children[i].process != 0;
        }
        if (!is_any)
            break;
        uint32_t ended = wait_for_one(t->children, t->slot_runs, t->slots, os_now_ns() + TELL_NS);
        if (ended < t->slots)
            take_end(t, ended);
        test_progress(t);
        show_ended(t);
    }
    return true;
}

static uint64_t new_seed(void) {
    uint64_t x = os_now_ns() ^ (uint64_t)(uintptr_t)&x;
    x = (x ^ (x >> 31)) * 0x94d049bb133111ebu;
    return 1 + (x >> 32) % (SEEDS - 1);
}

static uint64_t number_of(const char *text) {
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    return value;
}

int test_run_all(Session *session, const Options *options, const char *program, const char *const *arguments) {
    Arena *arena = session->arena;
    uint32_t jobs = options->jobs ? (uint32_t)options->jobs : os_cpu_count();
    TestRun t = {.session = session,
                 .options = options,
                 .program = program,
                 .arguments = arguments,
                 .seed = options->seed ? number_of(options->seed) : new_seed(),
                 .given_order = options->seed,
                 .count = session->tests.count,
                 .slots = jobs > MOST_SLOTS ? MOST_SLOTS : jobs,
                 .started_ns = os_now_ns()};
    t.tests = ARENA_ARRAY(arena, TestState, t.count + 1);
    t.children = ARENA_ARRAY(arena, OsChild, t.slots);
    t.slot_runs = ARENA_ARRAY(arena, TestSlot, t.slots);
    for (uint32_t i = 0; i < t.count; i++) {
        t.tests[i].name = session->tests.items[i].name;
        t.tests[i].wanted = options->schedules ? (uint32_t)options->schedules : 1;
    }
    bool good = run_tests(&t);
    int code = good ? test_show_all(&t) : EXIT_ERRORS;
    for (uint32_t i = 0; i < t.slots; i++) {
        os_child_kill(&t.children[i]);
        os_child_forget(&t.children[i]);
        test_slot_free(&t.slot_runs[i]);
    }
    return code;
}
