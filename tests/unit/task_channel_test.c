// Channels and select: rendezvous, buffers, closing, time limits, fairness; and what happens when nothing can go on.
#include "task_world.h"

static JnChannel *a, *b;
static int64_t sum, count, left;

static JnChannel *channel(int64_t capacity) {
    return jn_chan_new(8, 8, capacity);
}

static void send(JnChannel *c, int64_t item) {
    assert_true(jn_chan_send(c, &item, NULL));
}

static int64_t recv_one(JnChannel *c) {
    int64_t item = -1;
    assert_true(jn_chan_recv(c, &item, 0, NULL));
    return item;
}

static void sender(void *env, void *result) {
    (void)result;
    for (int64_t i = 0; i < arg_of(env); i++)
        send(a, i);
}

static void receiver(void *env, void *result) {
    (void)result;
    for (int64_t i = 0; i < arg_of(env); i++)
        sum += recv_one(a);
    count++;
}

static void service(void *env, void *result) {
    int64_t item;
    (void)env;
    (void)result;
    GUARDED(while (jn_chan_recv(a, &item, JN_WAIT_SERVICE, NULL)) sum += item, left++);
    count++;
}

static void reset(int64_t capacity) {
    a = channel(capacity);
    b = channel(0);
    sum = count = left = 0;
}

static void done(void) {
    free_channel(a);
    free_channel(b);
}

// ---- one to one, many to many --------------------------------------------------------------------------------------

static void pairs_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 4; i++) {
        spawn(n, i % 2 ? sender : receiver, 25);
        spawn(n, i % 2 ? receiver : sender, 25);
    }
}

static void program_every_item_arrives_once(void) {
    for (int64_t capacity = 0; capacity < 4; capacity++) {
        reset(capacity);
        assert_int_equal(block(pairs_body, NULL), JN_END_FINE);
        assert_int_equal(sum, 4 * 25 * 24 / 2);
        assert_int_equal(count, 4);
        done();
    }
}

static void order_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, sender, 50);
    for (int64_t i = 0; i < 50; i++)
        assert_int_equal(recv_one(a), i);
}

static void program_one_sender_keeps_the_order(void) {
    for (int64_t capacity = 0; capacity < 4; capacity++) {
        reset(capacity);
        assert_int_equal(block(order_body, NULL), JN_END_FINE);
        done();
    }
}

typedef struct {
    uint8_t bytes[37];
} Wide;

static JnChannel *wide;

static void wide_sender(void *env, void *result) {
    (void)env;
    (void)result;
    for (uint8_t i = 0; i < 10; i++) {
        Wide w;
        memset(&w, i, sizeof w);
        assert_true(jn_chan_send(wide, &w, NULL));
    }
    jn_chan_close(wide);
}

static void wide_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, wide_sender, 0);
    Wide w;
    uint8_t at = 0;
    while (jn_chan_recv(wide, &w, 0, NULL)) {
        for (uint32_t i = 0; i < sizeof w; i++)
            assert_int_equal(w.bytes[i], at);
        at++;
    }
    assert_int_equal(at, 10);
}

static void program_items_of_any_size(void) {
    for (int64_t capacity = 0; capacity < 3; capacity++) {
        wide = jn_chan_new(sizeof(Wide), 1, capacity);
        assert_int_equal(block(wide_body, NULL), JN_END_FINE);
        free_channel(wide);
    }
    wide = jn_chan_new(0, 1, 2); // and of none
    assert_int_equal(jn_chan_try_send(wide, NULL), JN_CHAN_OK);
    assert_int_equal(jn_chan_try_send(wide, NULL), JN_CHAN_OK);
    assert_int_equal(jn_chan_try_send(wide, NULL), JN_CHAN_NOT_NOW);
    assert_int_equal(jn_chan_try_recv(wide, NULL), JN_CHAN_OK);
    assert_true(jn_chan_take_rest(wide, NULL));
    free_channel(wide);
}

// ---- closing, trying, time -----------------------------------------------------------------------------------------

static void program_try(void) {
    int64_t item = 7, out = 0;
    reset(1);
    assert_int_equal(jn_chan_try_recv(a, &out), JN_CHAN_NOT_NOW);
    assert_int_equal(jn_chan_try_send(a, &item), JN_CHAN_OK);
    assert_int_equal(jn_chan_len(a), 1);
    assert_int_equal(jn_chan_try_send(a, &item), JN_CHAN_NOT_NOW);
    assert_int_equal(jn_chan_try_send(b, &item), JN_CHAN_NOT_NOW);
    jn_chan_close(a);
    jn_chan_close(a);
    assert_true(jn_chan_is_closed(a));
    assert_int_equal(jn_chan_try_send(a, &item), JN_CHAN_CLOSED);
    assert_false(jn_chan_send(a, &item, NULL));
    assert_int_equal(recv_one(a), 7);
    assert_int_equal(jn_chan_try_recv(a, &out), JN_CHAN_CLOSED);
    assert_false(jn_chan_recv(a, &out, 0, NULL));
    jn_chan_retain(b);
    assert_false(jn_chan_release(b));
    done();
}

static void program_recv_timeout(void) {
    int64_t out = 0;
    reset(1);
    int64_t before = jn_now();
    assert_int_equal(jn_chan_recv_timeout(a, &out, 0, NULL), JN_CHAN_NOT_NOW);
    assert_int_equal(jn_chan_recv_timeout(a, &out, 2 * MS, NULL), JN_CHAN_NOT_NOW);
    assert_true(jn_now() - before >= 2 * MS);
    if (world.is_seeded)
        assert_int_equal(jn_now() - before, 2 * MS);
    send(a, 4);
    assert_int_equal(jn_chan_recv_timeout(a, &out, 2 * MS, NULL), JN_CHAN_OK);
    assert_int_equal(out, 4);
    jn_chan_close(a);
    assert_int_equal(jn_chan_recv_timeout(a, &out, 2 * MS, NULL), JN_CHAN_CLOSED);
    done();
}

static void late_sender(void *env, void *result) {
    (void)result;
    jn_sleep(MS, NULL);
    send(a, arg_of(env));
}

static void in_time_body(JnNursery *n, void *arg) {
    (void)arg;
    int64_t out;
    spawn(n, late_sender, 3);
    assert_int_equal(jn_chan_recv_timeout(a, &out, SECONDS, NULL), JN_CHAN_OK);
    assert_int_equal(out, 3);
}

static void refused(void *env, void *result) {
    int64_t item = 1;
    (void)env;
    (void)result;
    count += !jn_chan_send(a, &item, NULL);
}

static void close_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++)
        spawn(n, refused, 0);
    jn_sleep(MS, NULL); // all of them wait by now
    jn_chan_close(a);
}

static void ended_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++)
        spawn(n, service, 0);
    for (int i = 1; i <= 9; i++)
        send(a, i);
    jn_chan_close(a);
}

static void program_closing_wakes_all(void) {
    reset(0);
    assert_int_equal(block(in_time_body, NULL), JN_END_FINE);
    assert_int_equal(block(close_body, NULL), JN_END_FINE);
    assert_int_equal(count, 3);
    done();
    for (int64_t capacity = 0; capacity < 4; capacity++) {
        reset(capacity);
        assert_int_equal(block(ended_body, NULL), JN_END_FINE);
        assert_int_equal(sum, 45);
        assert_int_equal(count, 3);
        done();
    }
}

static void send_waits(void *env, void *result) {
    int64_t item = 1;
    (void)env;
    (void)result;
    GUARDED(jn_chan_send(a, &item, NULL), left++);
}

static void recv_waits(void *env, void *result) {
    int64_t item;
    (void)env;
    (void)result;
    GUARDED(jn_chan_recv(b, &item, 0, NULL), left++);
}

static void cancel_waiters_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++) {
        spawn(n, send_waits, 0);
        spawn(n, recv_waits, 0);
    }
    jn_sleep(MS, NULL);
    jn_nursery_cancel(n);
}

static void program_who_waits_can_be_cancelled(void) {
    int64_t item;
    reset(0);
    assert_int_equal(block(cancel_waiters_body, NULL), JN_END_FINE);
    assert_int_equal(left, 6);
    assert_int_equal(jn_chan_try_recv(a, &item), JN_CHAN_NOT_NOW); // nobody stands there any more
    assert_int_equal(jn_chan_try_send(b, &item), JN_CHAN_NOT_NOW);
    done();
}

// ---- select --------------------------------------------------------------------------------------------------------

static void program_select_without_waiting(void) {
    int64_t in = 5, out = 0;
    reset(1);
    JnSelectArm arms[] = {{.channel = a, .item = &out, .kind = JN_ARM_RECV},
                          {.channel = b, .item = &in, .kind = JN_ARM_SEND},
                          {.channel = a, .kind = JN_ARM_CLOSED},
                          {.channel = NULL, .kind = JN_ARM_RECV}};
    assert_int_equal(jn_select(arms, 4, -1, JN_SELECT_HAS_DEFAULT, NULL), JN_SELECT_DEFAULT);
    assert_int_equal(jn_select(arms, 4, 0, 0, NULL), JN_SELECT_TIMEOUT);
    assert_int_equal(jn_select(arms, 4, 3 * MS, 0, NULL), JN_SELECT_TIMEOUT);
    send(a, 8);
    assert_int_equal(jn_select(arms, 4, -1, 0, NULL), 0);
    assert_int_equal(out, 8);
    send(a, 9);
    jn_chan_close(a);
    assert_int_equal(jn_select(arms, 4, -1, 0, NULL), 0); // closed, but not empty
    assert_int_equal(jn_select(arms, 4, -1, 0, NULL), 2);
    jn_chan_close(b);
    assert_int_equal(jn_select(arms + 1, 1, -1, 0, NULL), 1 - 1);
    assert_true(arms[1].is_refused);
    assert_int_equal(jn_select(arms, 1, 3 * MS, 0, NULL), JN_SELECT_TIMEOUT);
    done();
}

static void program_select_is_fair(void) {
    int64_t chosen[3] = {0}, out;
    JnChannel *c[3];
    JnSelectArm arms[3];
    for (int i = 0; i < 3; i++) {
        c[i] = channel(300);
        arms[i] = (JnSelectArm){.channel = c[i], .item = &out, .kind = JN_ARM_RECV};
        for (int k = 0; k < 300; k++)
            send(c[i], k);
    }
    for (int i = 0; i < 300; i++)
        chosen[jn_select(arms, 3, -1, 0, NULL)]++;
    for (int i = 0; i < 3; i++) {
        assert_true(chosen[i] > 50);
        while (jn_chan_take_rest(c[i], &out)) {
        }
        free_channel(c[i]);
    }
}

static void selector(void *env, void *result) {
    int64_t out = 0, in = 1;
    (void)result;
    for (int64_t i = 0; i < arg_of(env); i++) {
        JnSelectArm arms[] = {{.channel = a, .item = &out, .kind = JN_ARM_RECV},
                              {.channel = b, .item = &in, .kind = JN_ARM_SEND}};
        int64_t chosen = jn_select(arms, 2, -1, 0, NULL);
        assert_false(arms[chosen].is_refused);
        sum += chosen == 0 ? out : 0;
        count += chosen;
    }
}

static void b_receiver(void *env, void *result) {
    (void)result;
    for (int64_t i = 0; i < arg_of(env); i++)
        left += recv_one(b);
}

static void select_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, selector, 30);
    spawn(n, selector, 30);
    spawn(n, sender, 20);
    spawn(n, sender, 20);
    spawn(n, b_receiver, 20);
}

static void program_select_waits(void) {
    for (int64_t capacity = 0; capacity < 3; capacity++) {
        reset(capacity);
        assert_int_equal(block(select_body, NULL), JN_END_FINE);
        assert_int_equal(sum, 2 * 190);
        assert_int_equal(count, 20);
        assert_int_equal(left, 20);
        done();
    }
}

static void closing(void *env, void *result) {
    (void)env;
    (void)result;
    jn_sleep(MS, NULL);
    jn_chan_close(a);
}

static void closed_arm_body(JnNursery *n, void *arg) {
    int64_t out;
    (void)arg;
    spawn(n, closing, 0);
    JnSelectArm arms[] = {{.channel = b, .item = &out, .kind = JN_ARM_RECV}, {.channel = a, .kind = JN_ARM_CLOSED}};
    assert_int_equal(jn_select(arms, 2, -1, 0, NULL), 1);
}

static void never_body(JnNursery *n, void *arg) {
    int64_t out;
    (void)arg;
    spawn(n, closing, 0);
    JnSelectArm arms[] = {{.channel = a, .item = &out, .kind = JN_ARM_RECV}, {.channel = NULL, .kind = JN_ARM_SEND}};
    jn_select(arms, 2, -1, 0, NULL);
}

static void program_a_closed_arm(void) {
    reset(0);
    assert_int_equal(block(closed_arm_body, NULL), JN_END_FINE);
    done();
}

static void program_no_arm_can_be_ready(void) {
    reset(0);
    GUARDED(block(never_body, NULL), done());
}

// ---- standstill ----------------------------------------------------------------------------------------------------

static void services_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, service, 0);
    spawn(n, service, 0);
    spawn(n, sender, 10);
}

static void program_services_end_with_their_clients(void) {
    reset(0);
    assert_int_equal(block(services_body, NULL), JN_END_FINE);
    assert_int_equal(sum, 45);
    assert_int_equal(left, 2);
    done();
}

static void deadlock_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, service, 0);
    spawn(n, recv_waits, 0);
}

static void program_a_deadlock_panics(void) {
    reset(0);
    GUARDED(block(deadlock_body, NULL), done());
}

static void program_the_root_alone_waits(void) {
    int64_t item;
    reset(0);
    GUARDED(jn_chan_recv(a, &item, JN_WAIT_SERVICE, NULL), done());
}

static void ping(void *env, void *result) {
    (void)env;
    (void)result;
    send(a, 1);
    recv_one(b);
    recv_one(b);
}

static void pong(void *env, void *result) {
    (void)env;
    (void)result;
    recv_one(a);
    send(b, 1);
    recv_one(a);
}

static void cycle_body(JnNursery *n, void *arg) {
    static const JnLocation HERE = {"here.jan", 12, 1};
    static JnTaskCode codes[] = {{.run = ping, .name = "ping", .flags = JN_TASK_NO_HANDLE},
                                 {.run = pong, .name = "pong", .flags = JN_TASK_NO_HANDLE}};
    (void)arg;
    jn_spawn(n, &codes[0], NULL, &HERE);
    jn_spawn(n, &codes[1], NULL, &HERE);
}

static void program_a_cycle(void) {
    reset(0);
    GUARDED(block(cycle_body, NULL), done());
}

static void shielded_wait(void *env, void *result) {
    JnShield shield;
    int64_t item;
    (void)env;
    (void)result;
    jn_shield_enter(&shield, -1);
    jn_chan_recv(a, &item, 0, NULL);
    jn_shield_leave(&shield);
}

static void hopeless_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, shielded_wait, 0);
}

static void program_a_deadlock_that_cannot_be_left(void) {
    reset(0);
    block(hopeless_body, NULL);
}

// ---- the tests -----------------------------------------------------------------------------------------------------

static void channels_test(void **state) {
    (void)state;
    run_all(RUN_ENDED, program_every_item_arrives_once);
    run_all(RUN_ENDED, program_one_sender_keeps_the_order);
    run_all(RUN_ENDED, program_items_of_any_size);
    run_all(RUN_ENDED, program_try);
    run_all(RUN_ENDED, program_recv_timeout);
    run_all(RUN_ENDED, program_closing_wakes_all);
    run_all(RUN_ENDED, program_who_waits_can_be_cancelled);
}

static void select_test(void **state) {
    (void)state;
    run_all(RUN_ENDED, program_select_without_waiting);
    run_all(RUN_ENDED, program_select_is_fair);
    run_all(RUN_ENDED, program_select_waits);
    run_all(RUN_ENDED, program_a_closed_arm);
    run_all(RUN_PANICKED, program_no_arm_can_be_ready);
    assert_non_null(strstr(world.text, "no arm of this select can ever be ready"));
}

static void standstill_test(void **state) {
    (void)state;
    run_all(RUN_ENDED, program_services_end_with_their_clients);
    run_all(RUN_PANICKED, program_a_deadlock_panics);
    assert_non_null(strstr(world.text, "deadlock: no task can go on\n  main, waits for the tasks of its nursery"));
    assert_non_null(strstr(world.text, "task 2, waits to receive from channel 2"));
    run_all(RUN_PANICKED, program_the_root_alone_waits);
    assert_non_null(strstr(world.text, "main, waits to receive from channel 1"));
    run_all(RUN_PANICKED, program_a_cycle);
    assert_non_null(strstr(world.text, "task 1 ping, spawned at here.jan:12, waits to receive from channel 2"));
    assert_non_null(strstr(world.text, "they wait for each other: task 1 ping -> task 2 pong -> task 1 ping"));
    run_all(RUN_ABORTED, program_a_deadlock_that_cannot_be_left);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_test),
        cmocka_unit_test(select_test),
        cmocka_unit_test(standstill_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
