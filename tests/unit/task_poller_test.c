// Waiting for descriptors, with pipes and pairs of sockets: under seeds, on one worker, on several, and under the
// thread sanitizer.
#include "rt/task/blocking.h"
#include "task_world.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IS_SLOW 1
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "signal:on_tick";
}
#endif
#endif
#ifdef IS_SLOW
enum { ROUNDS = 6, MANY = 30, MESSAGES = 20 };
#else
enum { ROUNDS = 20, MANY = 60, MESSAGES = 40 };
#endif

static _Atomic int64_t ended, left, sum;

static void reset(void) {
    ended = left = sum = 0;
}

static void run_everywhere(void (*program)(void)) {
    alarm(120);
    for (uint64_t seed = 0; seed < ROUNDS; seed++)
        assert_int_equal(run_once(true, seed, program), RUN_ENDED);
    for (int i = 0; i < ROUNDS; i++)
        assert_int_equal(run_parallel(1 + i % 4, program), RUN_ENDED);
    alarm(0);
}

typedef struct {
    int ends[2];
} Pair;

static Pair pairs[MANY];

static Pair new_pair(void) {
    Pair p;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, p.ends), 0);
    return p;
}

static void close_pair(Pair p) {
    jn_io_close(p.ends[0]);
    jn_io_close(p.ends[1]);
}

// ---- reading and writing as std does --------------------------------------------------------------------------------

static int64_t read_byte(int fd, int64_t timeout) {
    uint8_t byte;
    for (;;) {
        ssize_t got = read(fd, &byte, 1);
        if (got >= 0)
            return got == 0 ? -1 : byte;
        assert_true(errno == EAGAIN || errno == EINTR);
        int64_t why = jn_io_wait(fd, JN_IO_READ, timeout, NULL);
        if (why < 0)
            return why;
    }
}

static void write_byte(int fd, uint8_t byte) {
    while (write(fd, &byte, 1) < 0)
        assert_int_equal(jn_io_wait(fd, JN_IO_WRITE, -1, NULL), 0);
}

// ---- programs -------------------------------------------------------------------------------------------------------

static void echo(void *env, void *result) {
    (void)result;
    Pair *p = &pairs[arg_of(env)];
    for (int i = 0; i < MESSAGES; i++)
        write_byte(p->ends[1], (uint8_t)read_byte(p->ends[1], -1));
    ended++;
}

static void ask(void *env, void *result) {
    (void)result;
    Pair *p = &pairs[arg_of(env)];
    for (int i = 0; i < MESSAGES; i++) {
        write_byte(p->ends[0], (uint8_t)i);
        assert_int_equal(read_byte(p->ends[0], -1), i % 256);
        sum++;
    }
    ended++;
}

static void echo_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < MANY; i++) {
        spawn(n, echo, i);
        spawn(n, ask, i);
    }
}

static void program_echo(void) {
    reset();
    for (int i = 0; i < MANY; i++)
        pairs[i] = new_pair();
    assert_int_equal(block(echo_body, NULL), JN_END_FINE);
    assert_int_equal(ended, 2 * MANY);
    assert_int_equal(sum, MANY * MESSAGES);
    for (int i = 0; i < MANY; i++)
        close_pair(pairs[i]);
}

// More than there is room for: writers wait, too.
enum { FLOOD = 400000 };

static void flood(void *env, void *result) {
    (void)result;
    Pair *p = &pairs[arg_of(env)];
    static const uint8_t bytes[1000];
    for (int64_t done = 0; done < FLOOD;) {
        ssize_t wrote = write(p->ends[0], bytes, sizeof bytes);
        if (wrote < 0)
            assert_int_equal(jn_io_wait(p->ends[0], JN_IO_WRITE, -1, NULL), 0);
        else
            done += wrote;
    }
    shutdown(p->ends[0], SHUT_WR);
}

static void drain(void *env, void *result) {
    (void)result;
    Pair *p = &pairs[arg_of(env)];
    uint8_t bytes[777];
    for (;;) {
        ssize_t got = read(p->ends[1], bytes, sizeof bytes);
        if (got == 0)
            break;
        if (got < 0)
            assert_int_equal(jn_io_wait(p->ends[1], JN_IO_READ, -1, NULL), 0);
        else
            sum += got;
    }
    ended++;
}

static void flood_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 4; i++) {
        spawn(n, flood, i);
        spawn(n, drain, i);
    }
}

static void program_flood(void) {
    reset();
    for (int i = 0; i < 4; i++)
        pairs[i] = new_pair();
    assert_int_equal(block(flood_body, NULL), JN_END_FINE);
    assert_int_equal(sum, 4 * FLOOD);
    for (int i = 0; i < 4; i++)
        close_pair(pairs[i]);
}

// Several tasks wait for one descriptor; each byte is for one of them.
static void take_one(void *env, void *result) {
    (void)env;
    (void)result;
    GUARDED(sum += read_byte(pairs[0].ends[0], -1), left++);
    ended++;
}

static void shared_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < MANY; i++)
        spawn(n, take_one, i);
    for (int i = 0; i < MANY; i++) {
        write_byte(pairs[0].ends[1], 1);
        if (i % 7 == 0)
            jn_yield(NULL);
    }
}

static void program_shared(void) {
    reset();
    pairs[0] = new_pair();
    assert_int_equal(block(shared_body, NULL), JN_END_FINE);
    assert_int_equal(ended, MANY);
    assert_int_equal(sum, MANY);
    close_pair(pairs[0]);
}

// A cancellation meets what becomes ready.
static void cancelled_body(JnNursery *n, void *arg) {
    int64_t round = *(int64_t *)arg;
    for (int i = 0; i < MANY; i++)
        spawn(n, take_one, i);
    for (int i = 0; i < round % MANY; i++)
        write_byte(pairs[0].ends[1], 1);
    if (round % 3 == 0)
        jn_yield(NULL);
    jn_nursery_cancel(n);
}

static void program_cancelled(void) {
    pairs[0] = new_pair();
    for (int64_t round = 0; round < MANY; round += 5) {
        reset();
        assert_int_equal(block(cancelled_body, &round), JN_END_FINE);
        assert_int_equal(ended + left, MANY);
        assert_true(sum <= round);
        // what was not taken is still there
        uint8_t bytes[MANY];
        ssize_t rest = read(pairs[0].ends[0], bytes, sizeof bytes);
        assert_int_equal(sum + (rest < 0 ? 0 : rest), round);
    }
    close_pair(pairs[0]);
}

// The time is over when, or before, there is something.
static void timed(void *env, void *result) {
    (void)result;
    int64_t got = read_byte(pairs[arg_of(env)].ends[0], (arg_of(env) % 4) * 200000);
    assert_true(got == 1 || got == -ETIMEDOUT);
    ended += got == 1;
    left += got == -ETIMEDOUT;
}

static void write_late(void *env, void *result) {
    (void)result;
    if (arg_of(env) % 2)
        jn_sleep(arg_of(env) * 10000, NULL);
    write_byte(pairs[arg_of(env)].ends[1], 1);
}

static void timed_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < MANY; i++) {
        spawn(n, timed, i);
        spawn(n, write_late, i);
    }
}

static void program_timed(void) {
    reset();
    for (int i = 0; i < MANY; i++)
        pairs[i] = new_pair();
    assert_int_equal(block(timed_body, NULL), JN_END_FINE);
    assert_int_equal(ended + left, MANY);
    for (int i = 0; i < MANY; i++)
        close_pair(pairs[i]);
}

// The number of a closed descriptor is used again.
static void program_reuse(void) {
    int number = -1;
    for (int i = 0; i < 20; i++) {
        reset();
        pairs[0] = new_pair();
        assert_true(number < 0 || number == pairs[0].ends[0]);
        number = pairs[0].ends[0];
        assert_int_equal(read_byte(number, 0), -ETIMEDOUT);
        int64_t round = i;
        write_byte(pairs[0].ends[1], 1);
        assert_int_equal(read_byte(number, -1), 1);
        assert_int_equal(block(shared_body, &round), JN_END_FINE);
        assert_int_equal(sum, MANY);
        close_pair(pairs[0]);
    }
}

// Who computes does not hold up who waits.
static _Atomic bool is_over;

static void compute_until_over(void *env, void *result) {
    (void)env;
    (void)result;
    while (!is_over)
        if (__atomic_load_n(&jn_attention, __ATOMIC_RELAXED))
            jn_poll();
}

static void pass_on(void *env, void *result) {
    (void)result;
    write_byte(pairs[1].ends[1], (uint8_t)read_byte(pairs[0].ends[0], -1));
    ended += arg_of(env) == 0;
}

static void busy_body(JnNursery *n, void *arg) {
    (void)arg;
    is_over = false;
    spawn(n, pass_on, 0);
    for (int i = 0; i < 4; i++)
        spawn(n, compute_until_over, i);
    write_byte(pairs[0].ends[1], 7);
    assert_int_equal(read_byte(pairs[1].ends[0], -1), 7);
    is_over = true;
}

static void program_busy(void) {
    reset();
    pairs[0] = new_pair();
    pairs[1] = new_pair();
    assert_int_equal(block(busy_body, NULL), JN_END_FINE);
    assert_int_equal(ended, 1);
    close_pair(pairs[0]);
    close_pair(pairs[1]);
}

// A file is always ready, what is closed an error; under a seed time stands still while something comes.
static void program_ends(void) {
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_int_equal(jn_io_wait(file, JN_IO_READ, -1, NULL), 0);
    assert_int_equal(jn_io_close(file), 0);
    assert_int_equal(jn_io_wait(file, JN_IO_READ, -1, NULL), -EBADF);
    assert_int_equal(jn_io_close(file), -EBADF);
    assert_int_equal(jn_io_wait(-2, JN_IO_READ, -1, NULL), -EBADF);
    assert_int_equal(jn_io_wait(JN_IO_NOTHING, JN_IO_READ, 1000, NULL), -ETIMEDOUT);
    pairs[0] = new_pair();
    int64_t before = jn_now();
    assert_int_equal(read_byte(pairs[0].ends[0], 3 * MS), -ETIMEDOUT);
    assert_true(jn_now() - before >= 3 * MS);
    assert_true(!world.is_seeded || jn_now() - before == 3 * MS);
    write_byte(pairs[0].ends[1], 9);
    before = jn_now();
    assert_int_equal(read_byte(pairs[0].ends[0], 3 * MS), 9);
    assert_true(!world.is_seeded || jn_now() == before);
    jn_io_close(pairs[0].ends[1]);
    assert_int_equal(read_byte(pairs[0].ends[0], -1), -1);
    jn_io_close(pairs[0].ends[0]);
}

// The root task waits while nobody else is there; a nursery's time is over while its body waits.
static void expired_body(JnNursery *n, void *arg) {
    (void)n;
    (void)arg;
    read_byte(pairs[0].ends[0], -1);
    fail();
}

static void program_expired(void) {
    pairs[0] = new_pair();
    assert_int_equal(block_of(2 * MS, 0, NULL, expired_body, NULL), JN_END_EXPIRED);
    close_pair(pairs[0]);
}

// Blocking calls beside what waits for descriptors: none holds up the others.
static void nap(void *arg) {
    struct timespec time = {0, 300000};
    nanosleep(&time, NULL);
    ++*(int64_t *)arg;
}

static void call(void *env, void *result) {
    (void)env;
    (void)result;
    int64_t calls = 0;
    for (int i = 0; i < 3; i++) {
        GUARDED(jn_yield(NULL), left++);
        jn_blocking(nap, &calls);
    }
    assert_int_equal(calls, 3);
    ended++;
}

static void calls_body(JnNursery *n, void *arg) {
    for (int i = 0; i < MANY; i++) {
        spawn(n, call, i);
        if (i < 4) {
            spawn(n, echo, i);
            spawn(n, ask, i);
        }
    }
    if (arg)
        jn_nursery_cancel(n);
}

static void program_calls(void) {
    reset();
    for (int i = 0; i < 4; i++)
        pairs[i] = new_pair();
    assert_int_equal(block(calls_body, NULL), JN_END_FINE);
    assert_int_equal(ended, MANY + 8);
    assert_int_equal(block(calls_body, &pairs), JN_END_FINE);
    for (int i = 0; i < 4; i++)
        close_pair(pairs[i]);
}

#define TEST(name)                                                                                                     \
    static void test_##name(void **state) {                                                                            \
        (void)state;                                                                                                   \
        run_everywhere(program_##name);                                                                                \
    }
TEST(echo)
TEST(flood)
TEST(shared)
TEST(cancelled)
TEST(timed)
TEST(reuse)
TEST(busy)
TEST(ends)
TEST(expired)
TEST(calls)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),      cmocka_unit_test(test_flood), cmocka_unit_test(test_shared),
        cmocka_unit_test(test_cancelled), cmocka_unit_test(test_timed), cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_busy),      cmocka_unit_test(test_ends),  cmocka_unit_test(test_expired),
        cmocka_unit_test(test_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
