// A schedule that fails is made short, as Zeller and Hildebrandt (2002) make inputs short: of its differences from the
// usual order of tasks parts are left out, as long as the test fails in the same way. What remains is told as a list of
// who ran from where to where.
#include "cli/test_run.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MOST_RUNS = 2000, MOST_LINES = 60 };
#define MOST_NS UINT64_C(20000000000)

typedef struct {
    uint32_t task, point, choice;
    bool is_arm;
} Difference;

typedef VEC(Difference) Differences;

typedef struct {
    TestRun *run;
    uint32_t test;
    Text random; // the seed of random numbers, which all orders of the search share
    OsChild child;
    TestSlot slot;
    TestEnd failure;
    uint32_t runs;
    uint64_t until_ns;
} Search;

// ---- orders --------------------------------------------------------------------------------------------------------

static bool is_difference(const JnStep *s) {
    return s->kind != JN_STEP_TASK && s->to != s->instead;
}

static int compare(const void *left, const void *right) {
    const Difference *a = left, *b = right;
    if (a->task != b->task)
        return a->task < b->task ? -1 : 1;
    return a->point < b->point ? -1 : a->point > b->point;
}

static void read_differences(const JnRecord *r, Differences *list) {
    list->count = 0;
    for (uint32_t i = 0; i < r->step_count; i++) {
        const JnStep *s = &r->steps[i];
        if (is_difference(s))
            vec_push(list, ((Difference){s->from, s->point, s->to, s->kind == JN_STEP_ARM}));
    }
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare);
}

// Without those from `skip` up to `skip_end`.
static const char *write_order(Search *s, const Differences *list, uint32_t skip, uint32_t skip_end) {
    Buffer out = {0};
    const char *comma = "";
    buffer_printf(&out, "order:%.*s:", TEXT_ARG(s->random));
    for (uint32_t i = 0; i < list->count; i++) {
        const Difference *d = &list->items[i];
        if (i >= skip && i < skip_end)
            continue;
        buffer_printf(&out, "%s%u.%u%c%u", comma, d->task, d->point, d->is_arm ? '=' : '-', d->choice);
        comma = ",";
    }
    const char *order = arena_cstr(s->run->session->arena, buffer_view(&out));
    vec_free(&out);
    return order;
}

// ---- trying --------------------------------------------------------------------------------------------------------

// The first line of what it said, with all numbers alike.
static uint64_t kind_of(const TestEnd *end) {
    uint64_t hash = (uint64_t)(end->timed_out * 2 + end->exit.signalled) << 32 | (uint32_t)end->exit.code;
    for (size_t i = 0; i < end->texts[1].size && end->texts[1].data[i] != '\n'; i++) {
        char c = end->texts[1].data[i];
        hash = (hash ^ (uint8_t)(c >= '0' && c <= '9' ? '0' : c)) * 0x100000001b3u;
    }
    return hash;
}

static bool has_time(const Search *s) {
    return s->runs < MOST_RUNS && os_now_ns() < s->until_ns;
}

// True if it fails as the failure does, with all of the list but a part.
static bool fails_without(Search *s, const Differences *list, uint32_t skip, uint32_t skip_end) {
    TestEnd end;
    s->runs++;
    if (!test_run_once(s->run, &s->child, &s->slot, s->test, write_order(s, list, skip, skip_end), &end))
        return false;
    if (!test_failed(&end) || kind_of(&end) != kind_of(&s->failure) || s->slot.record->is_full)
        return false;
    s->failure = end;
    return true;
}

static void leave_out(Differences *list, uint32_t from, uint32_t to) {
    memmove(list->items + from, list->items + to, (list->count - to) * sizeof *list->items);
    list->count -= to - from;
}

// Parts of a half, a quarter, …, of one difference, until none can be left out.
static void shorten(Search *s, Differences *list) {
    for (uint32_t part = list->count; part > 0 && has_time(s);) {
        bool is_shorter = false;
        for (uint32_t from = 0; from < list->count && has_time(s);) {
            uint32_t to = list->count - from < part ? list->count : from + part;
            if (fails_without(s, list, from, to)) {
                leave_out(list, from, to);
                is_shorter = true;
            } else {
                from = to;
            }
        }
        if (part == 1 && !is_shorter)
            break;
        part = is_shorter && part == 1 ? 1 : part / 2;
    }
}

// ---- one difference alone ------------------------------------------------------------------------------------------

enum { MOST_TASKS = 16, MOST_SINGLES = 500 };

// How many decisions each task made, as far as the record shows; false if there are too many tasks.
static bool count_points(const JnRecord *r, uint32_t *points, uint32_t *tasks) {
    *tasks = 1;
    for (uint32_t i = 0; i < r->step_count; i++) {
        const JnStep *step = &r->steps[i];
        if (step->from >= MOST_TASKS || (step->kind != JN_STEP_ARM && step->to >= MOST_TASKS))
            return false;
        if (step->from >= *tasks)
            *tasks = step->from + 1;
        if (step->point > points[step->from])
            points[step->from] = step->point;
    }
    return true;
}

// Where several differences were found to be enough, leaving parts out may have missed the one that is: of each task at
// each of its decisions, in favour of each other task.
static void find_single(Search *s, Differences *list) {
    uint32_t points[MOST_TASKS] = {0}, tasks, most = s->runs + MOST_SINGLES;
    if (list->count < 2 || !count_points(s->slot.record, points, &tasks))
        return;
    for (uint32_t task = 0; task < tasks; task++) {
        for (uint32_t point = 1; point <= points[task] + 1; point++) {
            for (uint32_t other = 1; other < tasks; other++) {
                Difference one = {task, point, other, false};
                Differences single = {.items = &one, .count = 1};
                if (other == task)
                    continue;
                if (s->runs >= most || !has_time(s))
                    return;
                if (!fails_without(s, &single, 0, 0))
                    continue;
                list->items[0] = one;
                list->count = 1;
                return;
            }
        }
    }
}

// ---- telling -------------------------------------------------------------------------------------------------------

typedef struct {
    uint32_t name, file, line; // of a task: what it runs; where it stands
    bool has_begun;
} Teller;

typedef struct {
    const JnRecord *record;
    VEC(Teller) tasks;
    VEC(Text) lines;
    uint32_t width;
    Arena *arena;
} Tale;

static Teller *teller_of(Tale *tale, uint32_t task) {
    while (tale->tasks.count <= task)
        vec_push(&tale->tasks, (Teller){0});
    return &tale->tasks.items[task];
}

static Text place_of(const Tale *tale, uint32_t file, uint32_t line) {
    if (!file)
        return TEXT("");
    return arena_printf(tale->arena, "%s:%u", tale->record->text + file, line);
}

static Text task_name(Tale *tale, uint32_t task) {
    uint32_t name = teller_of(tale, task)->name;
    if (task == 0)
        return TEXT("main");
    return arena_printf(tale->arena, "task %u%s%s", task, name ? " " : "", name ? tale->record->text + name : "");
}

static const char *mark(bool is_marked) {
    return is_marked ? "  * " : "    ";
}

static void tell_slice(Tale *tale, const JnStep *s) {
    static const char *const ENDS[] = {[JN_STEP_WAITED] = "waits",
                                       [JN_STEP_ENDED] = "ends",
                                       [JN_STEP_YIELDED] = "lets others run",
                                       [JN_STEP_STOPPED] = "is stopped there"};
    Teller *t = teller_of(tale, s->from);
    Text from = place_of(tale, t->file, t->line), to = place_of(tale, s->file, s->line),
         name = task_name(tale, s->from);
    const char *what = s->kind == JN_STEP_WAITED && s->what ? tale->record->text + s->what : "";
    const char *space = *what ? " " : "";
    Buffer line = {0};
    buffer_printf(&line, "%s%.*s: %s%.*s", mark(is_difference(s)), TEXT_ARG(name), t->has_begun ? "from " : "begins",
                  TEXT_ARG(t->has_begun ? from : TEXT("")));
    if (to.size)
        buffer_printf(&line, ", to %.*s", TEXT_ARG(to));
    buffer_printf(&line, ", %s%s%s", ENDS[s->kind], space, what);
    if (is_difference(s)) {
        Text next = task_name(tale, s->to);
        buffer_printf(&line, "; %.*s goes on", TEXT_ARG(next));
    }
    vec_push(&tale->lines, arena_text(tale->arena, buffer_view(&line)));
    vec_free(&line);
    t = teller_of(tale, s->from);
    t->has_begun = true;
    if (s->file) {
        t->file = s->file;
        t->line = s->line;
    }
}

static void tell_arm(Tale *tale, const JnStep *s) {
    Text name = task_name(tale, s->from), at = place_of(tale, s->file, s->line);
    vec_push(&tale->lines, arena_printf(tale->arena, "%s%.*s: at %.*s takes arm %u of those that are ready", mark(true),
                                        TEXT_ARG(name), TEXT_ARG(at), s->to + 1));
}

static void tell(Search *s, TestState *state) {
    const JnRecord *r = s->slot.record;
    Tale tale = {.record = r, .arena = s->run->session->arena};
    uint32_t running = 0;
    for (uint32_t i = 0; i < r->step_count; i++) {
        const JnStep *step = &r->steps[i];
        if (step->kind == JN_STEP_TASK) {
            *teller_of(&tale, step->from) = (Teller){step->what, step->file, step->line, false};
            continue;
        }
        if (step->kind == JN_STEP_ARM)
            tell_arm(&tale, step);
        else
            tell_slice(&tale, step);
        running = step->kind == JN_STEP_ARM ? running : step->to;
    }
    Buffer out = {0};
    for (uint32_t i = 0; i < tale.lines.count; i++) {
        if (i == MOST_LINES / 2 && tale.lines.count > MOST_LINES) {
            uint32_t more = tale.lines.count - MOST_LINES;
            buffer_printf(&out, "    … (%u more)\n", more);
            i += more;
        }
        buffer_printf(&out, "%.*s\n", TEXT_ARG(tale.lines.items[i]));
    }
    Text name = task_name(&tale, running);
    buffer_printf(&out, "    %.*s: runs until the test has failed\n", TEXT_ARG(name));
    state->schedule = arena_text(tale.arena, buffer_view(&out));
    vec_free(&out);
    vec_free(&tale.tasks);
    vec_free(&tale.lines);
}

void test_shorten(TestRun *t, uint32_t test) {
    TestState *state = &t->tests[test];
    Search s = {.run = t, .test = test, .failure = state->end, .until_ns = os_now_ns() + MOST_NS};
    Differences list = {0};
    TestEnd again;
    const char *order = state->end.order;
    s.random = arena_printf(t->session->arena, "%" PRIu64, t->seed + state->failed_run);
    if (!test_run_once(t, &s.child, &s.slot, test, order, &again) || kind_of(&again) != kind_of(&state->end) ||
        s.slot.record->magic != JN_RECORD_MAGIC || s.slot.record->is_full)
        goto done;
    read_differences(s.slot.record, &list);
    if (!fails_without(&s, &list, 0, 0))
        goto done;
    shorten(&s, &list);
    if (fails_without(&s, &list, 0, 0)) // so that the record is that of the shortest one
        find_single(&s, &list);
    if (fails_without(&s, &list, 0, 0)) {
        state->end = s.failure;
        state->differences = list.count;
        state->is_short = true;
        tell(&s, state);
    }
done:
    test_slot_free(&s.slot);
    vec_free(&list);
}
