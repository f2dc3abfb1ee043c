// Several workers. What each program comes to does not depend on who runs what when; it is run many times, and under
// the thread sanitizer. JANUS_STRESS=SECONDS makes the last one, in which everything happens at random, take so long.
#include "task_world.h"

#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IS_SLOW 1
const char *__tsan_default_suppressions(void);
// The handler of ticks sets two words; what the sanitizer does about them changes errno.
const char *__tsan_default_suppressions(void) {
    return "signal:on_tick";
}
#endif
#endif
#ifdef IS_SLOW
enum { ROUNDS = 6, MANY = 100 };
#else
enum { ROUNDS = 20, MANY = 200 };
#endif

static _Atomic int64_t ended, left, sum;

static void reset(void) {
    ended = left = sum = 0;
}

static void run_rounds(RunEnd expected, void (*program)(void)) {
    for (int i = 0; i < ROUNDS; i++) {
        alarm(120);
        assert_int_equal(run_parallel(2 + i % 3, program), expected);
        alarm(0);
    }
}

// Takes time, and does not suspend.
static void compute(int64_t steps) {
    for (volatile int64_t i = 0; i < steps;)
        i = i + 1;
}

// ---- spawning and joining ------------------------------------------------------------------------------------------

static void tree_body(JnNursery *n, void *arg);

static void tree(void *env, void *result) {
    (void)result;
    int64_t depth = arg_of(env);
    if (depth > 0)
        assert_int_equal(block(tree_body, &depth), JN_END_FINE);
    ended++;
}

static void tree_body(JnNursery *n, void *arg) {
    for (int i = 0; i < 4; i++)
        spawn(n, tree, *(int64_t *)arg - 1);
}

static void program_tree(void) {
    reset();
    int64_t depth = 6;
    assert_int_equal(block(tree_body, &depth), JN_END_FINE);
    assert_int_equal(ended, 4 + 16 + 64 + 256 + 1024 + 4096);
}

static void doubling(void *env, void *result) {
    compute(arg_of(env) % 7 * 100);
    if (arg_of(env) % 3 == 0)
        jn_yield(NULL);
    *(int64_t *)result = arg_of(env) * 2;
}

static void joins_body(JnNursery *n, void *arg) {
    JnTask *tasks[MANY];
    (void)arg;
    for (intptr_t i = 0; i < MANY; i++)
        tasks[i] = spawn_kept(n, doubling, i);
    for (int64_t i = 0; i < MANY; i++) {
        int64_t result = -1;
        if (i % 5 == 0) {
            jn_task_release(tasks[i]);
            continue;
        }
        jn_task_join(tasks[i], &result, NULL);
        assert_int_equal(result, i * 2);
    }
}

static void program_joins(void) {
    assert_int_equal(block(joins_body, NULL), JN_END_FINE);
}

static _Atomic int64_t running, most;

static void counting(void *env, void *result) {
    (void)env;
    (void)result;
    int64_t now = ++running, before = most;
    while (now > before &&
           !__c11_atomic_compare_exchange_strong(&most, &before, now, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    jn_yield(NULL);
    compute(200);
    running--;
    ended++;
}

static void limited_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < MANY; i++)
        spawn(n, counting, i);
}

static void program_limit(void) {
    reset();
    running = most = 0;
    assert_int_equal(block_of(-1, 3, NULL, limited_body, NULL), JN_END_FINE);
    assert_int_equal(ended, MANY);
    assert_true(most <= 3);
}

static void spawn_test(void **state) {
    (void)state;
    run_rounds(RUN_ENDED, program_tree);
    run_rounds(RUN_ENDED, program_joins);
    run_rounds(RUN_ENDED, program_limit);
}

// ---- channels ------------------------------------------------------------------------------------------------------

enum { ITEMS = 500, SIDES = 6 };
static JnChannel *channels[4];
static _Atomic uint8_t was_received[SIDES * ITEMS];

static void producer(void *env, void *result) {
    (void)result;
    for (int64_t i = 0; i < ITEMS; i++) {
        int64_t item = arg_of(env) * ITEMS + i;
        assert_true(jn_chan_send(channels[0], &item, NULL));
    }
    if (++ended == SIDES)
        jn_chan_close(channels[0]);
}

static void consumer(void *env, void *result) {
    (void)env;
    (void)result;
    int64_t item;
    while (jn_chan_recv(channels[0], &item, 0, NULL))
        was_received[item]++;
}

static void pipe_body(JnNursery *n, void *arg) {
    (void)arg;
    for (intptr_t i = 0; i < SIDES; i++) {
        spawn(n, producer, i);
        spawn(n, consumer, i);
    }
}

static void pipe_of(int64_t capacity) {
    reset();
    for (int i = 0; i < SIDES * ITEMS; i++)
        was_received[i] = 0;
    channels[0] = jn_chan_new(8, 8, capacity);
    assert_int_equal(block(pipe_body, NULL), JN_END_FINE);
    for (int i = 0; i < SIDES * ITEMS; i++)
        assert_int_equal(was_received[i], 1);
    free_channel(channels[0]);
}

static void program_pipes(void) {
    pipe_of(0);
    pipe_of(1);
    pipe_of(16);
}

// Each goes round: what one side of a select gives another one takes, whichever arm that is.
static void exchanging(void *env, void *result) {
    (void)env;
    (void)result;
    for (int64_t i = 0; i < ITEMS; i++) {
        int64_t given = 1, taken = 0;
        JnSelectArm arms[] = {{.channel = channels[0], .item = &taken, .kind = JN_ARM_RECV},
                              {.channel = channels[1], .item = &given, .kind = JN_ARM_SEND},
                              {.channel = channels[1], .item = &taken, .kind = JN_ARM_RECV},
                              {.channel = channels[0], .item = &given, .kind = JN_ARM_SEND}};
        int64_t chosen = jn_select(arms, 4, -1, 0, NULL);
        sum += chosen % 2 ? -given : taken;
    }
    ended++;
}

static void exchange_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++)
        spawn(n, exchanging, i);
}

static void program_select(void) {
    reset();
    channels[0] = jn_chan_new(8, 8, 0);
    channels[1] = jn_chan_new(8, 8, 0);
    assert_int_equal(block(exchange_body, NULL), JN_END_FINE);
    assert_int_equal(sum, 0);
    assert_int_equal(ended, 2);
    free_channel(channels[0]);
    free_channel(channels[1]);
}

// Times that are over just when an item comes.
static void impatient(void *env, void *result) {
    (void)env;
    (void)result;
    for (;;) {
        int64_t item, how = jn_chan_recv_timeout(channels[0], &item, 20000, NULL);
        if (how == JN_CHAN_CLOSED)
            return;
        if (how == JN_CHAN_OK)
            sum += item;
    }
}

static void slow_giver(void *env, void *result) {
    (void)env;
    (void)result;
    for (int64_t i = 1; i <= 50; i++) {
        jn_sleep(20000, NULL);
        JnSelectArm arm = {.channel = channels[0], .item = &i, .kind = JN_ARM_SEND};
        while (jn_select(&arm, 1, 10000, 0, NULL) == JN_SELECT_TIMEOUT)
            ended++;
    }
    jn_chan_close(channels[0]);
}

static void impatient_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++)
        spawn(n, impatient, i);
    spawn(n, slow_giver, 0);
}

static void program_timeouts(void) {
    reset();
    channels[0] = jn_chan_new(8, 8, 0);
    assert_int_equal(block(impatient_body, NULL), JN_END_FINE);
    assert_int_equal(sum, 50 * 51 / 2);
    free_channel(channels[0]);
}

static void channels_test(void **state) {
    (void)state;
    run_rounds(RUN_ENDED, program_pipes);
    run_rounds(RUN_ENDED, program_select);
    run_rounds(RUN_ENDED, program_timeouts);
}

// ---- cancelling ----------------------------------------------------------------------------------------------------

static void wait_for_ever(int64_t how) {
    int64_t item = 0;
    JnSelectArm arms[] = {{.channel = channels[0], .item = &item, .kind = JN_ARM_RECV},
                          {.channel = channels[1], .item = &item, .kind = JN_ARM_SEND}};
    switch (how % 5) {
    case 0: jn_sleep(1000 * SECONDS, NULL); break;
    case 1: jn_chan_recv(channels[0], &item, 0, NULL); break;
    case 2: jn_chan_send(channels[1], &item, NULL); break;
    case 3: jn_select(arms, 2, how % 2 ? -1 : 1000 * SECONDS, 0, NULL); break;
    default:
        for (;;)
            if (__atomic_load_n(&jn_attention, __ATOMIC_RELAXED))
                jn_poll();
    }
}

static void waiter_body(JnNursery *n, void *arg);

static void waiting(void *env, void *result) {
    (void)result;
    int64_t how = arg_of(env);
    GUARDED(
        if (how >= 10) {
            how -= 10;
            block(waiter_body, &how);
        } else { wait_for_ever(how); },
        left++);
}

static void waiter_body(JnNursery *n, void *arg) {
    spawn(n, waiting, *(int64_t *)arg);
    wait_for_ever(*(int64_t *)arg + 1);
}

static void cancelled_body(JnNursery *n, void *arg) {
    // Few that compute: each has its time slice before the others go on.
    for (intptr_t i = 0; i < MANY; i++)
        spawn(n, waiting, i % 50 == 0 ? 4 : i % 50 == 1 ? 13 : i % 2 * 10 + i % 3);
    if (arg)
        jn_nursery_cancel(n);
}

static void failing_soon(void *env, void *result) {
    (void)result;
    jn_sleep(100000, NULL);
    fail_task(arg_of(env));
}

static void failed_body(JnNursery *n, void *arg) {
    spawn(n, failing_soon, 7);
    cancelled_body(n, arg);
}

static void make_channels(void) {
    reset();
    channels[0] = jn_chan_new(8, 8, 0);
    channels[1] = jn_chan_new(8, 8, 0);
}

static void free_channels(void) {
    // Of the tasks that open a block of their own both that and the one within it leave, if they came so far.
    assert_in_range(left, MANY, MANY + MANY / 2);
    free_channel(channels[0]);
    free_channel(channels[1]);
}

static void program_cancel(void) {
    make_channels();
    assert_int_equal(block(cancelled_body, (void *)1), JN_END_FINE);
    free_channels();
    make_channels();
    assert_int_equal(block_of(MS, 0, NULL, cancelled_body, NULL), JN_END_EXPIRED);
    free_channels();
    make_channels();
    assert_int_equal(block(failed_body, NULL), JN_END_FAILED);
    assert_int_equal(error_number(block_error), 7);
    free_channels();
}

static void panicking_soon(void *env, void *result) {
    (void)env;
    (void)result;
    jn_sleep(100000, NULL);
    GUARDED(panic("boom"), ended++);
}

static void panic_body(JnNursery *n, void *arg) {
    spawn(n, panicking_soon, 7);
    cancelled_body(n, arg);
}

static void program_panic(void) {
    make_channels();
    GUARDED(block(panic_body, NULL), free_channels());
}

// Who computes is told in time although it never suspends, and lets others run.
static void program_slices(void) {
    int64_t from = jn_now();
    make_channels();
    assert_int_equal(block_of(20 * MS, 0, NULL, cancelled_body, NULL), JN_END_EXPIRED);
    assert_true(jn_now() - from < 5 * SECONDS);
    free_channels();
}

static void shielded(void *env, void *result) {
    (void)env;
    (void)result;
    JnShield s;
    jn_shield_enter(&s, -1);
    jn_sleep(200000, NULL);
    ended++;
    jn_shield_leave(&s);
    GUARDED(jn_sleep(SECONDS, NULL), left++);
}

static void shield_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < MANY; i++)
        spawn(n, shielded, i);
    jn_nursery_cancel(n);
}

static void program_shields(void) {
    reset();
    assert_int_equal(block(shield_body, NULL), JN_END_FINE);
    assert_int_equal(ended, MANY);
    assert_int_equal(left, MANY);
}

static void cancel_test(void **state) {
    (void)state;
    run_rounds(RUN_ENDED, program_cancel);
    run_rounds(RUN_PANICKED, program_panic);
    run_rounds(RUN_ENDED, program_slices);
    run_rounds(RUN_ENDED, program_shields);
}

// ---- mutexes and semaphores ----------------------------------------------------------------------------------------

static JnMutex mutex;
static JnSemaphore semaphore;
static int64_t guarded;      // by the mutex
static _Atomic int64_t less; // so often it was counted down

enum { SECTIONS = 300 };

static void section(int64_t i) {
    int64_t seen = guarded;
    if (i % 16 == 0)
        jn_yield(NULL);
    compute(i % 5 * 20);
    guarded = seen + 1;
}

static void locking(void *env, void *result) {
    (void)result;
    for (int64_t i = 0; i < SECTIONS; i++) {
        jn_mutex_lock(&mutex, NULL);
        section(i + arg_of(env));
        jn_mutex_unlock(&mutex);
        if (i % 10 == 0 && jn_mutex_try_lock(&mutex)) {
            guarded--;
            jn_mutex_unlock(&mutex);
            less++;
        }
    }
    ended++;
}

// Left where it waits, or in the section.
static void locking_late(void *env, void *result) {
    (void)result;
    for (int64_t i = arg_of(env);; i++) {
        GUARDED(jn_mutex_lock(&mutex, NULL), left++);
        GUARDED(section(i), (jn_mutex_unlock(&mutex), left++));
        jn_mutex_unlock(&mutex);
    }
}

static void mutex_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 8; i++)
        spawn(n, locking, i);
}

static void mutex_late_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 8; i++)
        spawn(n, locking_late, i);
    jn_sleep(300000, NULL);
    jn_nursery_cancel(n);
}

static void program_mutex(void) {
    reset();
    jn_mutex_init(&mutex);
    guarded = less = 0;
    assert_int_equal(block(mutex_body, NULL), JN_END_FINE);
    assert_int_equal(guarded, 8 * SECTIONS - less);
    assert_int_equal(block(mutex_late_body, NULL), JN_END_FINE);
    assert_int_equal(left, 8);
    assert_true(jn_mutex_try_lock(&mutex));
    jn_mutex_unlock(&mutex);
}

static void taking(void *env, void *result) {
    (void)result;
    int64_t count = 1 + arg_of(env) % 3;
    for (int64_t i = 0; i < SECTIONS; i++) {
        jn_semaphore_acquire(&semaphore, count, NULL);
        int64_t now = running += count;
        assert_true(now <= 4);
        if (i % 7 == 0)
            jn_yield(NULL);
        running -= count;
        jn_semaphore_release(&semaphore, count);
    }
    ended++;
}

static void taking_late(void *env, void *result) {
    (void)env;
    (void)result;
    GUARDED(jn_semaphore_acquire(&semaphore, 5, NULL), left++); // more than there are
}

static void semaphore_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 9; i++)
        spawn(n, taking, i);
}

// Who waits for too many is in the way of the others until it is cancelled.
static void semaphore_late_body(JnNursery *n, void *arg) {
    spawn(n, taking_late, 0);
    jn_sleep(100000, NULL);
    (void)arg;
    jn_nursery_cancel(n);
}

static void semaphore_both(JnNursery *n, void *arg) {
    semaphore_body(n, arg);
    for (int i = 0; i < 5; i++)
        assert_int_equal(block(semaphore_late_body, NULL), JN_END_FINE);
}

static void program_semaphore(void) {
    reset();
    running = 0;
    jn_semaphore_init(&semaphore, 4);
    assert_int_equal(block(semaphore_both, NULL), JN_END_FINE);
    assert_int_equal(ended, 9);
    assert_int_equal(left, 5);
    assert_int_equal(jn_semaphore_permits(&semaphore), 4);
}

static void mutex_test(void **state) {
    (void)state;
    run_rounds(RUN_ENDED, program_mutex);
    run_rounds(RUN_ENDED, program_semaphore);
}

// ---- standstill ----------------------------------------------------------------------------------------------------

static void service(void *env, void *result) {
    (void)env;
    (void)result;
    int64_t item;
    GUARDED(
        for (;;) {
            jn_chan_recv(channels[0], &item, JN_WAIT_SERVICE, NULL);
            sum += item;
        },
        left++);
}

static void client(void *env, void *result) {
    (void)result;
    int64_t item = arg_of(env);
    for (int i = 0; i < 10; i++)
        jn_chan_send(channels[0], &item, NULL);
}

static void service_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, service, 0);
    spawn(n, service, 0);
    for (int i = 0; i < 10; i++)
        spawn(n, client, 1);
}

static void program_services(void) {
    reset();
    channels[0] = jn_chan_new(8, 8, 0);
    assert_int_equal(block(service_body, NULL), JN_END_FINE);
    assert_int_equal(sum, 100);
    assert_int_equal(left, 2);
    free_channel(channels[0]);
}

static void stuck(void *env, void *result) {
    (void)env;
    (void)result;
    int64_t item;
    GUARDED(jn_chan_recv(channels[0], &item, 0, NULL), left++);
}

static void stuck_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 10; i++)
        spawn(n, stuck, 0);
}

static void program_deadlock(void) {
    reset();
    channels[0] = jn_chan_new(8, 8, 0);
    GUARDED(block(stuck_body, NULL), free_channel(channels[0]));
}

static void standstill_test(void **state) {
    (void)state;
    run_rounds(RUN_ENDED, program_services);
    for (int i = 0; i < ROUNDS; i++) {
        assert_int_equal(run_parallel(2 + i % 3, program_deadlock), RUN_PANICKED);
        assert_int_equal(left, 10);
        assert_non_null(strstr(world.text, "deadlock: no task can go on"));
    }
}

// ---- everything at random ------------------------------------------------------------------------------------------
// Nothing waits without a limit, so nothing stands still; what was sent has been received, or lies in the channels.

enum { SHARED = 4 };
static JnChannel *shared[SHARED];
static _Atomic int64_t sent, received, tasks_begun, tasks_over;
static int64_t stress_until;

static uint32_t next(uint64_t *random, uint32_t below) {
    uint64_t z = (*random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 33) % below;
}

typedef struct {
    uint64_t random;
    int64_t depth;
} Chaos;

static void chaos_block(JnNursery *n, void *arg);

static void chaos_select(Chaos *c) {
    int64_t given = 1, taken = 0;
    uint32_t a = next(&c->random, SHARED), b = next(&c->random, SHARED);
    JnSelectArm arms[] = {{.channel = shared[a], .item = &taken, .kind = JN_ARM_RECV},
                          {.channel = shared[b], .item = &given, .kind = JN_ARM_SEND},
                          {.channel = shared[b], .item = &taken, .kind = JN_ARM_CLOSED}};
    int64_t chosen = jn_select(arms, 1 + next(&c->random, 3), 1 + next(&c->random, 100000), 0, NULL);
    received += chosen == 0;
    sent += chosen == 1;
}

static void chaos_step(Chaos *c) {
    int64_t item = 1;
    JnChannel *ch = shared[next(&c->random, SHARED)];
    JnShield shield;
    switch (next(&c->random, 11)) {
    case 0: jn_yield(NULL); break;
    case 1: jn_sleep(next(&c->random, 100000), NULL); break;
    case 2: sent += jn_chan_try_send(ch, &item) == JN_CHAN_OK; break;
    case 3: received += jn_chan_try_recv(ch, &item) == JN_CHAN_OK; break;
    case 4: received += jn_chan_recv_timeout(ch, &item, next(&c->random, 100000), NULL) == JN_CHAN_OK; break;
    case 5:
    case 6: chaos_select(c); break;
    case 7: compute(next(&c->random, 10000)); break;
    case 8:
        if (__atomic_load_n(&jn_attention, __ATOMIC_RELAXED))
            jn_poll();
        break;
    case 9:
        jn_shield_enter(&shield, next(&c->random, 2) ? -1 : (int64_t)next(&c->random, 50000));
        GUARDED(jn_sleep(next(&c->random, 20000), NULL), jn_shield_leave(&shield));
        jn_shield_leave(&shield);
        break;
    default:
        if (c->depth > 0) {
            int64_t timeout = next(&c->random, 2) ? -1 : (int64_t)next(&c->random, 300000);
            block_of(timeout, next(&c->random, 2) ? 0 : 1 + next(&c->random, 3), NULL, chaos_block, c);
        }
    }
}

static void chaos(void *env, void *result) {
    Chaos c = {(uint64_t)arg_of(env), arg_of(env) & 7};
    tasks_begun++;
    GUARDED(for (uint32_t steps = next(&c.random, 20); steps > 0; steps--) chaos_step(&c);
            if (next(&c.random, 40) == 0) panic("one of many"), tasks_over++);
    if (next(&c.random, 10) == 0)
        fail_task(1);
    *(int64_t *)result = 1;
    tasks_over++;
}

static void chaos_block(JnNursery *n, void *arg) {
    Chaos *c = arg;
    JnTask *kept[4];
    uint32_t count = next(&c->random, 4);
    for (uint32_t i = 0; i < count; i++) {
        intptr_t env = (intptr_t)((c->random << 3) & INT64_MAX) | (c->depth - 1);
        (void)next(&c->random, 2);
        kept[i] = NULL;
        if (next(&c->random, 2))
            kept[i] = spawn_kept(n, chaos, env);
        else
            spawn(n, chaos, env);
    }
    if (next(&c->random, 6) == 0)
        jn_nursery_cancel(n);
    for (uint32_t i = 0; i < count; i++) {
        int64_t result;
        if (kept[i] && next(&c->random, 2))
            jn_task_join(kept[i], &result, NULL);
        else if (kept[i] && next(&c->random, 2))
            jn_task_release(kept[i]);
    }
    chaos_step(c);
}

static void chaos_tasks(JnNursery *n, void *arg) {
    int64_t seed = *(int64_t *)arg;
    for (intptr_t i = 0; i < 8; i++)
        spawn(n, chaos, (intptr_t)((uint64_t)(seed * 8 + i) << 3 & INT64_MAX) | 3);
}

static void chaos_round(void *env, void *result) {
    int64_t seed = arg_of(env);
    (void)result;
    GUARDED(block(chaos_tasks, &seed), (void)0);
}

static void chaos_root(JnNursery *n, void *arg) {
    uint8_t error[JN_ERROR_BYTES];
    int64_t result;
    jn_task_outcome(spawn_isolated(n, chaos_round, *(int64_t *)arg), &result, error, NULL);
}

static void program_chaos(void) {
    static int64_t seed;
    sent = received = tasks_begun = tasks_over = 0;
    for (int i = 0; i < SHARED; i++)
        shared[i] = jn_chan_new(8, 8, i);
    do {
        seed++;
        assert_int_equal(block(chaos_root, &seed), JN_END_FINE);
    } while (jn_now() < stress_until);
    int64_t rest = 0, item;
    for (int i = 0; i < SHARED; i++) {
        while (jn_chan_take_rest(shared[i], &item))
            rest++;
        free_channel(shared[i]);
    }
    assert_int_equal(sent, received + rest);
    assert_int_equal(tasks_begun, tasks_over);
}

static void stress_test(void **state) {
    (void)state;
    const char *seconds = getenv("JANUS_STRESS");
    stress_until = 0;
    if (!seconds) {
        run_rounds(RUN_ENDED, program_chaos);
        return;
    }
    JnTaskConfig config = {.workers = 4, .hooks = &HOOKS};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    stress_until = (now.tv_sec + atoll(seconds)) * SECONDS;
    alarm((unsigned)atoll(seconds) + 120);
    assert_int_equal(run_with(&config, program_chaos), RUN_ENDED);
    alarm(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(spawn_test),      cmocka_unit_test(channels_test),
                                       cmocka_unit_test(cancel_test),     cmocka_unit_test(mutex_test),
                                       cmocka_unit_test(standstill_test), cmocka_unit_test(stress_test)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
