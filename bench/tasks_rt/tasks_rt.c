// What the runtime's tasks cost by themselves: the programs of a bare scheduler, written against rt/task.h.
//     tasks_rt [NAME [COUNT]]
#include "../../rt/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Of this process alone: others may be using the machine.
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const char *only;
static int64_t only_count;

static void report(const char *what, double from, int64_t count) {
    double t = now() - from;
    printf("TASKS %-28s %9.2f ns/op  %8.4f s\n", what, t / (double)count * 1e9, t);
    fflush(stdout);
}

// ---- a nursery's block, as the compiler would have it ---------------------------------------------------------------

typedef struct {
    JnNursery n;
    void *caught[5];
    bool is_done;
} Block;

typedef void (*Body)(JnNursery *n, void *arg);

static void leave_block(Block *b) {
    if (b->is_done)
        return;
    jn_nursery_abandon(&b->n);
    if (jn_nursery_caught(&b->n))
        __builtin_longjmp(b->caught, 1);
}

static __attribute__((noinline)) int64_t block(Body body, void *arg) {
    uint8_t error[JN_ERROR_BYTES];
    __attribute__((cleanup(leave_block))) Block b;
    b.is_done = false;
    jn_nursery_open(&b.n, -1, 0, NULL, NULL);
    if (__builtin_setjmp(b.caught) == 0) {
        body(&b.n, arg);
        jn_nursery_join(&b.n);
    }
    b.is_done = true;
    return jn_nursery_end(&b.n, error);
}

#define CODE(NAME, RUN)                                                                                                \
    static const JnTaskCode NAME = {                                                                                   \
        .run = RUN, .env_size = 8, .env_align = 8, .result_size = 8, .result_align = 8, .flags = JN_TASK_NO_HANDLE}
#define KEPT(NAME, RUN)                                                                                                \
    static const JnTaskCode NAME = {.run = RUN, .env_size = 8, .env_align = 8, .result_size = 8, .result_align = 8}

static void spawn(JnNursery *n, const JnTaskCode *code, int64_t arg) {
    jn_spawn(n, code, &arg, NULL);
}

static int64_t arg_of(const void *env) {
    return *(const int64_t *)env;
}

static void send(JnChannel *c, int64_t item) {
    if (!jn_chan_send(c, &item, NULL))
        abort();
}

static int64_t recv(JnChannel *c) {
    int64_t item;
    if (!jn_chan_recv(c, &item, 0, NULL))
        abort();
    return item;
}

static void free_channel(JnChannel *c) {
    if (jn_chan_release(c))
        jn_chan_free(c);
}

// ---- spawning -------------------------------------------------------------------------------------------------------

static int64_t ran;

static void empty(void *env, void *result) {
    *(int64_t *)result = arg_of(env);
    __atomic_fetch_add(&ran, 1, __ATOMIC_RELAXED); // by several workers
}
CODE(EMPTY, empty);
KEPT(EMPTY_KEPT, empty);

static void spawn_body(JnNursery *n, void *arg) {
    (void)arg;
    double t = now();
    for (int64_t i = 0; i < 1000000; i++)
        spawn(n, &EMPTY, i);
    report("spawn, child first", t, 1000000);
    t = now();
    int64_t sum = 0;
    for (int64_t i = 0; i < 1000000; i++) {
        int64_t result;
        jn_task_join(jn_spawn(n, &EMPTY_KEPT, &i, NULL), &result, NULL);
        sum += result;
    }
    report("spawn+join with a handle", t, 1000000);
}

static void batch_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int64_t i = 0; i < 1000; i++)
        spawn(n, &EMPTY, i);
}

static void bench_spawn(void) {
    block(spawn_body, NULL);
    double t = now();
    for (int i = 0; i < 1000; i++)
        block(batch_body, NULL);
    report("spawn, nurseries of 1000", t, 1000000);
    t = now();
    for (int i = 0; i < 1000000; i++) {
        JnNursery n;
        uint8_t error[JN_ERROR_BYTES];
        jn_nursery_open(&n, -1, 0, NULL, NULL);
        spawn(&n, &EMPTY, i);
        jn_nursery_join(&n);
        jn_nursery_end(&n, error);
    }
    report("nursery of one task", t, 1000000);
}

// ---- yielding -------------------------------------------------------------------------------------------------------

static void yielder(void *env, void *result) {
    (void)result;
    for (int64_t i = arg_of(env); i > 0; i--)
        jn_yield(NULL);
}
CODE(YIELDER, yielder);

static void yield_body(JnNursery *n, void *arg) {
    int64_t tasks = *(int64_t *)arg;
    for (int64_t i = 0; i < tasks; i++)
        spawn(n, &YIELDER, 10000000 / tasks);
}

static void bench_yield(void) {
    int64_t tasks = 2;
    double t = now();
    block(yield_body, &tasks);
    report("yield, 2 tasks", t, 10000000);
    tasks = 10000;
    t = now();
    block(yield_body, &tasks);
    report("yield, 10k tasks", t, 10000000);
}

// ---- channels -------------------------------------------------------------------------------------------------------

static JnChannel *a, *b;
static int64_t total;

static void echo(void *env, void *result) {
    (void)env;
    (void)result;
    for (int64_t x; (x = recv(a)) >= 0;)
        send(b, x + 1);
}
CODE(ECHO, echo);

static void pingpong_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, &ECHO, 0);
    double t = now();
    for (int64_t i = 0; i < 2000000; i++) {
        send(a, i);
        total += recv(b);
    }
    report("ping-pong round trip", t, 2000000);
    send(a, -1);
}

static void producer(void *env, void *result) {
    (void)result;
    for (int64_t i = 0, n = arg_of(env); i < n; i++)
        send(a, i);
}
CODE(PRODUCER, producer);

static void consumer(void *env, void *result) {
    (void)result;
    for (int64_t i = 0, n = arg_of(env); i < n; i++)
        total += recv(a);
}
CODE(CONSUMER, consumer);

static void pairs_body(JnNursery *n, void *arg) {
    int64_t pairs = *(int64_t *)arg;
    for (int64_t i = 0; i < pairs; i++) {
        spawn(n, &PRODUCER, 10000000 / pairs);
        spawn(n, &CONSUMER, 10000000 / pairs);
    }
}

static void bench_channels(void) {
    a = jn_chan_new(8, 8, 0);
    b = jn_chan_new(8, 8, 0);
    block(pingpong_body, NULL);
    free_channel(a);
    free_channel(b);
    a = jn_chan_new(8, 8, 128);
    int64_t pairs = 1;
    double t = now();
    block(pairs_body, &pairs);
    report("buffered 128, 1x1 message", t, 10000000);
    pairs = 8;
    t = now();
    block(pairs_body, &pairs);
    report("buffered 128, 8x8 message", t, 10000000);
    free_channel(a);
}

enum { RING = 503, PASSES = 5000000 };
static JnChannel *ring[RING];

static void ring_node(void *env, void *result) {
    (void)result;
    int64_t i = arg_of(env);
    for (;;) {
        int64_t x = recv(ring[i]);
        if (x < -RING)
            return;
        send(ring[(i + 1) % RING], x - 1);
    }
}
CODE(RING_NODE, ring_node);

static void ring_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int64_t i = 1; i < RING; i++)
        spawn(n, &RING_NODE, i);
    double t = now();
    send(ring[1], PASSES);
    for (;;) {
        int64_t x = recv(ring[0]);
        if (x < 0) {
            jn_nursery_cancel(n);
            break;
        }
        send(ring[1], x - 1);
    }
    report("ring of 503, pass", t, PASSES);
}

static void bench_ring(void) {
    for (int i = 0; i < RING; i++)
        ring[i] = jn_chan_new(8, 8, 0);
    block(ring_body, NULL);
    for (int i = 0; i < RING; i++)
        free_channel(ring[i]);
}

// ---- skynet ---------------------------------------------------------------------------------------------------------

typedef struct {
    int64_t number, size;
} Sky;

static int64_t sky(const Sky *s);

static void sky_task(void *env, void *result) {
    *(int64_t *)result = sky(env);
}
static const JnTaskCode SKY = {
    .run = sky_task, .env_size = sizeof(Sky), .env_align = 8, .result_size = 8, .result_align = 8};

static int64_t sky(const Sky *s) {
    if (s->size == 1)
        return s->number;
    JnNursery n;
    JnTask *tasks[10];
    uint8_t error[JN_ERROR_BYTES];
    int64_t sum = 0;
    jn_nursery_open(&n, -1, 0, NULL, NULL);
    for (int i = 0; i < 10; i++) {
        Sky part = {s->number + i * (s->size / 10), s->size / 10};
        tasks[i] = jn_spawn(&n, &SKY, &part, NULL);
    }
    for (int i = 0; i < 10; i++) {
        int64_t result;
        jn_task_join(tasks[i], &result, NULL);
        sum += result;
    }
    jn_nursery_join(&n);
    jn_nursery_end(&n, error);
    return sum;
}

static void bench_skynet(void) {
    Sky s = {0, 1000000};
    double t = now();
    int64_t sum = sky(&s);
    report("skynet", t, 1111111);
    if (sum != 499999500000)
        puts("WRONG");
}

// ---- select, primes -------------------------------------------------------------------------------------------------

static JnChannel *four[4];

static void four_producer(void *env, void *result) {
    (void)result;
    for (int64_t i = 0; i < 1000000; i++)
        send(four[arg_of(env)], i);
}
CODE(FOUR_PRODUCER, four_producer);

static void select_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int64_t i = 0; i < 4; i++)
        spawn(n, &FOUR_PRODUCER, i);
    JnSelectArm arms[4];
    int64_t item, sum = 0;
    for (int i = 0; i < 4; i++)
        arms[i] = (JnSelectArm){.channel = four[i], .item = &item, .kind = JN_ARM_RECV};
    double t = now();
    for (int64_t i = 0; i < 4000000; i++) {
        jn_select(arms, 4, -1, 0, NULL);
        sum += item;
    }
    report("select of 4, unbuffered", t, 4000000);
    if (sum != 1999998000000)
        puts("WRONG");
}

static void bench_select(void) {
    for (int i = 0; i < 4; i++)
        four[i] = jn_chan_new(8, 8, 0);
    block(select_body, NULL);
    for (int i = 0; i < 4; i++)
        free_channel(four[i]);
}

typedef struct {
    JnChannel *in, *out;
    int64_t prime;
} Filter;

static void filter(void *env, void *result) {
    Filter f = *(Filter *)env;
    (void)result;
    for (;;) {
        int64_t x = recv(f.in);
        if (x % f.prime)
            send(f.out, x);
    }
}
static const JnTaskCode FILTER = {.run = filter, .env_size = sizeof(Filter), .env_align = 8, .flags = JN_TASK_NO_HANDLE};

static void naturals(void *env, void *result) {
    (void)result;
    for (int64_t i = 2;; i++)
        send(*(JnChannel **)env, i);
}
CODE(NATURALS, naturals);

static void primes_body(JnNursery *n, void *arg) {
    static JnChannel *c[2001];
    (void)arg;
    int64_t prime = 0;
    c[0] = jn_chan_new(8, 8, 0);
    double t = now();
    spawn(n, &NATURALS, (intptr_t)c[0]);
    for (int i = 0; i < 2000; i++) {
        prime = recv(c[i]);
        c[i + 1] = jn_chan_new(8, 8, 0);
        Filter f = {c[i], c[i + 1], prime};
        jn_spawn(n, &FILTER, &f, NULL);
    }
    report("prime sieve 2000, per message", t, 2762871);
    if (prime != 17389)
        puts("WRONG");
    jn_nursery_cancel(n);
}

static void bench_primes(void) {
    block(primes_body, NULL);
}

// ---- cancelling, parking --------------------------------------------------------------------------------------------

static void count_left(int64_t *x) {
    __atomic_fetch_add(&ran, *x, __ATOMIC_RELAXED);
}

static void sleeper(void *env, void *result) {
    (void)result;
    __attribute__((cleanup(count_left))) int64_t one = arg_of(env);
    jn_sleep(3600ll * 1000000000, NULL);
}
CODE(SLEEPER, sleeper);

static double cancelled_at;

static void cancel_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 100000; i++)
        spawn(n, &SLEEPER, 1);
    cancelled_at = now();
    jn_nursery_cancel(n);
}

static void bench_cancel(void) {
    for (int i = 0; i < 3; i++) {
        ran = 0;
        block(cancel_body, NULL);
        report("cancel 100k sleepers, each", cancelled_at, 100000);
        if (ran != 100000)
            puts("WRONG");
    }
}

static int64_t resident(void) {
    long size, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &size, &pages) != 2)
        pages = 0;
    fclose(f);
    return pages * 4096;
}

static void parked(void *env, void *result) {
    (void)env;
    (void)result;
    recv(a);
}
CODE(PARKED, parked);

static void parked_body(JnNursery *n, void *arg) {
    (void)arg;
    int64_t count = only_count ? only_count : 1000000, before = resident();
    double t = now();
    for (int64_t i = 0; i < count; i++)
        spawn(n, &PARKED, i);
    report("park", t, count);
    printf("TASKS   resident each %.0f bytes\n", (double)(resident() - before) / (double)count);
    t = now();
    jn_chan_close(a);
    fflush(stdout);
    _exit(0);
}

static void bench_parked(void) {
    a = jn_chan_new(8, 8, 0);
    block(parked_body, NULL);
}

static void run(const char *name, void (*bench)(void)) {
    if (only ? strcmp(only, name) == 0 : strcmp(name, "parked") != 0)
        bench();
}

void janus_main(void) {
    only = jn_arg_count > 1 ? jn_args[1] : NULL;
    only_count = jn_arg_count > 2 ? atol(jn_args[2]) : 0;
    for (int round = 0; round < 3; round++) {
        run("spawn", bench_spawn);
        run("yield", bench_yield);
        run("channels", bench_channels);
        run("ring", bench_ring);
        run("skynet", bench_skynet);
        run("select", bench_select);
    }
    run("primes", bench_primes);
    run("cancel", bench_cancel);
    run("parked", bench_parked);
}
