// Cancellation: when it is delivered and when not, deadlines, shields; virtual time.
#include "task_world.h"

static int64_t ended, left, late;

static void reset(void) {
    ended = left = late = 0;
}

static void sleeping_for_ever(void *env, void *result) {
    (void)env;
    (void)result;
    GUARDED(jn_sleep(1000000 * SECONDS, NULL), left++);
    ended++;
}

static void waiting_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++)
        spawn(n, sleeping_for_ever, 0);
    GUARDED(jn_sleep(1000 * SECONDS, NULL), left++);
}

// ---- by hand -------------------------------------------------------------------------------------------------------

static void cancels_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++)
        spawn(n, sleeping_for_ever, 0);
    jn_nursery_cancel(n);
    ended++; // it returns, and the body stops at its next point
    spawn(n, sleeping_for_ever, 0);
    GUARDED(jn_yield(NULL), left++);
    late++;
}

static void program_cancel(void) {
    reset();
    assert_int_equal(block(cancels_body, NULL), JN_END_FINE);
    assert_int_equal(ended, 1);
    assert_int_equal(left, 5);
    assert_int_equal(late, 0);
    jn_yield(NULL);
    jn_sleep(MS, NULL);
}

// Each kind of suspension point notices a cancellation that is there already.
static void all_points(void *env, void *result) {
    JnChannel *c = jn_chan_new(8, 8, 1);
    int64_t item = 1;
    (void)env;
    (void)result;
    jn_nursery_cancel((JnNursery *)(uintptr_t)*(intptr_t *)env);
    JnSelectArm arm = {.channel = c, .item = &item, .kind = JN_ARM_RECV};
    GUARDED(jn_chan_send(c, &item, NULL), {
        left++;
        free_channel(c);
    });
    (void)arm;
}

static void select_point(void *env, void *result) {
    JnChannel *c = jn_chan_new(8, 8, 1);
    int64_t item = 1;
    (void)result;
    jn_nursery_cancel((JnNursery *)(uintptr_t)*(intptr_t *)env);
    assert_int_equal(jn_chan_try_send(c, &item), JN_CHAN_OK); // is none
    JnSelectArm arm = {.channel = c, .item = &item, .kind = JN_ARM_RECV};
    GUARDED(jn_select(&arm, 1, -1, 0, NULL), {
        left++;
        free_channel(c);
    });
}

static void poll_point(void *env, void *result) {
    (void)result;
    jn_nursery_cancel((JnNursery *)(uintptr_t)*(intptr_t *)env);
    assert_true(jn_attention != 0);
    GUARDED(jn_poll(), left++);
}

static void block_point(void *env, void *result) {
    (void)result;
    jn_nursery_cancel((JnNursery *)(uintptr_t)*(intptr_t *)env);
    GUARDED(block(waiting_body, NULL), left += 10);
}

static void point_body(JnNursery *n, void *arg) {
    spawn(n, (JnTaskFn)arg, (intptr_t)n);
}

static void program_points(void) {
    static const JnTaskFn FNS[] = {all_points, select_point, poll_point};
    for (int i = 0; i < 3; i++) {
        reset();
        assert_int_equal(block(point_body, (void *)FNS[i]), JN_END_FINE);
        assert_int_equal(left, 1);
    }
    reset();
    assert_int_equal(block(point_body, (void *)block_point), JN_END_FINE);
    assert_int_equal(left, 3 + 1 + 10);
}

// ---- while leaving, and behind shields -----------------------------------------------------------------------------

static void cleanup_with_shield(void) {
    JnShield shield;
    jn_shield_enter(&shield, -1);
    jn_sleep(MS, NULL);
    left++;
    jn_shield_leave(&shield);
    assert_true(jn_task_is_leaving());
}

static void shielded_cleanup(void *env, void *result) {
    (void)env;
    (void)result;
    GUARDED(jn_sleep(SECONDS, NULL), cleanup_with_shield());
}

static void shielded_work(void *env, void *result) {
    JnShield shield;
    (void)env;
    (void)result;
    jn_shield_enter(&shield, -1);
    for (int i = 0; i < 3; i++)
        jn_sleep(MS, NULL);
    jn_shield_leave(&shield); // delivers nothing
    ended++;
    GUARDED(jn_sleep(SECONDS, NULL), left++);
    late++;
}

static void shields_body(JnNursery *n, void *arg) {
    spawn(n, (JnTaskFn)arg, 0);
    jn_yield(NULL);
    jn_sleep(MS / 2, NULL);
    jn_nursery_cancel(n);
}

static void program_shields(void) {
    reset();
    assert_int_equal(block(shields_body, (void *)shielded_cleanup), JN_END_FINE);
    assert_int_equal(left, 1);
    reset();
    assert_int_equal(block(shields_body, (void *)shielded_work), JN_END_FINE);
    assert_int_equal(ended, 1);
    assert_int_equal(left, 1);
    assert_int_equal(late, 0);
}

static void limited_work(void *env, void *result) {
    JnShield shield;
    (void)env;
    (void)result;
    jn_shield_enter(&shield, 2 * MS);
    GUARDED(jn_sleep(100 * SECONDS, NULL), {
        left++;
        jn_shield_leave(&shield);
    });
    late++;
}

static void cleanup_with_limit(void) {
    JnShield shield;
    jn_shield_enter(&shield, 2 * MS);
    GUARDED(jn_sleep(100 * SECONDS, NULL), {
        left++;
        jn_shield_leave(&shield);
    });
    late++;
}

static void limited_cleanup(void *env, void *result) {
    (void)env;
    (void)result;
    GUARDED(jn_sleep(SECONDS, NULL), cleanup_with_limit());
}

static void nested_shields(void *env, void *result) {
    JnShield outer, inner;
    (void)env;
    (void)result;
    jn_shield_enter(&outer, MS);
    jn_shield_enter(&inner, -1);
    jn_sleep(5 * MS, NULL); // the outer one's time is over, but not that of this one
    ended++;
    jn_shield_leave(&inner);
    GUARDED(jn_sleep(SECONDS, NULL), {
        left++;
        jn_shield_leave(&outer);
    });
    late++;
}

static void program_shields_have_limits(void) {
    static const JnTaskFn FNS[] = {limited_work, limited_cleanup, nested_shields};
    for (int i = 0; i < 3; i++) {
        reset();
        assert_int_equal(block(shields_body, (void *)FNS[i]), JN_END_FINE);
        assert_int_equal(left, 1);
        assert_int_equal(late, 0);
        assert_int_equal(ended, i == 2);
    }
}

static void fails(void *env, void *result) {
    (void)result;
    jn_yield(NULL);
    fail_task(arg_of(env));
}

static void inner_block_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, sleeping_for_ever, 0);
    spawn(n, fails, 6);
    GUARDED(jn_sleep(SECONDS, NULL), left++);
    late++;
}

static void block_in_shield(void *env, void *result) {
    JnShield shield;
    (void)env;
    (void)result;
    jn_shield_enter(&shield, -1);
    jn_sleep(2 * MS, NULL);
    assert_int_equal(block(inner_block_body, NULL), JN_END_FAILED); // its own cancellation is delivered to its body
    assert_int_equal(error_number(block_error), 6);
    ended++;
    jn_shield_leave(&shield);
}

static void program_a_block_behind_a_shield(void) {
    reset();
    assert_int_equal(block(shields_body, (void *)block_in_shield), JN_END_FINE);
    assert_int_equal(ended, 1);
    assert_int_equal(left, 2);
    assert_int_equal(late, 0);
}

// ---- deadlines -----------------------------------------------------------------------------------------------------

static void program_timeout(void) {
    int64_t start = jn_now();
    reset();
    assert_int_equal(block_of(5 * MS, 0, NULL, waiting_body, NULL), JN_END_EXPIRED);
    assert_int_equal(left, 4);
    assert_true(jn_now() - start >= 5 * MS);
    if (world.is_seeded)
        assert_int_equal(jn_now() - start, 5 * MS);
    reset();
    assert_int_equal(block_of(0, 0, NULL, waiting_body, NULL), JN_END_EXPIRED);
    assert_int_equal(left, 4);
    assert_int_equal(jn_deadline(), -1);
}

static void short_body(JnNursery *n, void *arg) {
    (void)n;
    (void)arg;
    jn_sleep(MS, NULL);
}

static void program_in_time(void) {
    assert_int_equal(block_of(SECONDS, 0, NULL, short_body, NULL), JN_END_FINE);
    jn_sleep(2 * MS, NULL);
}

static int64_t inner_timeout;

static void inner_timed(void *env, void *result) {
    (void)env;
    (void)result;
    int64_t outer = jn_deadline();
    assert_true(outer >= 0);
    GUARDED(assert_int_equal(block_of(inner_timeout, 0, NULL, waiting_body, NULL), JN_END_EXPIRED), left += 10);
    assert_int_equal(jn_deadline(), outer);
    ended += 100;
}

static void outer_timed_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, inner_timed, 0);
}

static void program_the_nearest_deadline_wins(void) {
    reset();
    inner_timeout = 2 * MS;
    assert_int_equal(block_of(SECONDS, 0, NULL, outer_timed_body, NULL), JN_END_FINE);
    assert_int_equal(left, 4);
    assert_int_equal(ended, 100);
    reset();
    inner_timeout = SECONDS;
    assert_int_equal(block_of(2 * MS, 0, NULL, outer_timed_body, NULL), JN_END_EXPIRED);
    assert_int_equal(left, 14); // the inner one sees only a cancellation
    assert_int_equal(ended, 0);
}

static void deadline_body(JnNursery *n, void *arg) {
    JnShield shield;
    int64_t outer = jn_deadline();
    (void)n;
    if (arg) {
        assert_int_equal(outer, *(int64_t *)arg);
        jn_shield_enter(&shield, -1);
        assert_int_equal(jn_deadline(), -1);
        jn_shield_leave(&shield);
        return;
    }
    assert_int_equal(block_of(100 * SECONDS, 0, NULL, deadline_body, &outer), JN_END_FINE);
}

static void program_deadlines_are_inherited(void) {
    assert_int_equal(block_of(SECONDS, 0, NULL, deadline_body, NULL), JN_END_FINE);
}

static void fails_late(void *env, void *result) {
    JnShield shield;
    (void)result;
    jn_shield_enter(&shield, -1);
    jn_sleep(10 * MS, NULL);
    jn_shield_leave(&shield);
    fail_task(arg_of(env));
}

static void expires_and_fails_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, fails_late, 8);
}

static void program_what_fails_after_the_deadline(void) {
    assert_int_equal(block_of(MS, 0, NULL, expires_and_fails_body, NULL), JN_END_EXPIRED);
    assert_int_equal(jn_suppressed_count(), 1);
    assert_int_equal(error_number(jn_suppressed(0)->error), 8);
}

// ---- from outside, through blocks ----------------------------------------------------------------------------------

static void deep(void *env, void *result);

static void deep_body(JnNursery *n, void *arg) {
    intptr_t depth = (intptr_t)arg;
    spawn(n, sleeping_for_ever, 0);
    if (depth > 0)
        spawn(n, deep, depth - 1);
}

static void deep(void *env, void *result) {
    (void)result;
    GUARDED(block(deep_body, (void *)(intptr_t)arg_of(env)), left++);
}

static void program_cancellation_goes_down_a_deep_tree(void) {
    reset();
    assert_int_equal(block_of(MS, 0, NULL, deep_body, (void *)1000), JN_END_EXPIRED);
    assert_int_equal(left, 1001 + 1000);
}

static void fails_stubbornly_inside(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, fails_late, 4);
}

static void failing_inside(void *env, void *result) {
    (void)env;
    (void)result;
    if (block(fails_stubbornly_inside, NULL) == JN_END_FAILED)
        fail_task(error_number(block_error));
}

static void outside_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, failing_inside, 0);
    jn_sleep(MS, NULL);
    jn_nursery_cancel(n);
}

static void program_a_failure_in_a_cancelled_block_is_not_lost(void) {
    assert_int_equal(block(outside_body, NULL), JN_END_FAILED);
    assert_int_equal(error_number(block_error), 4);
}

// ---- computing -----------------------------------------------------------------------------------------------------

static void computing(void *env, void *result) {
    volatile int64_t steps = 0;
    (void)env;
    (void)result;
    GUARDED(
        for (;;) {
            steps = steps + 1;
            if (jn_attention)
                jn_poll();
        },
        left++);
}

static void computing_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, computing, 0);
    spawn(n, computing, 0);
    jn_sleep(MS, NULL);
    left += 10;
}

static void program_computing_tasks_end(void) {
    reset();
    assert_int_equal(block_of(3 * MS, 0, NULL, computing_body, NULL), JN_END_EXPIRED);
    assert_int_equal(left % 10, 2);
    if (world.is_seeded) // the real worker may notice both times at once
        assert_int_equal(left, 12);
}

// ---- the same seed, the same order ---------------------------------------------------------------------------------

static char order[256];
static size_t order_size;

static void noting(void *env, void *result) {
    (void)result;
    for (int i = 0; i < 5; i++) {
        order[order_size++] = (char)('a' + arg_of(env));
        jn_yield(NULL);
    }
}

static void order_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 4; i++)
        spawn(n, noting, i);
}

static void program_order(void) {
    memset(order, 0, sizeof order);
    order_size = 0;
    block(order_body, NULL);
}

static void seeds_test(void **state) {
    (void)state;
    char first[256], seen[SEEDS][32];
    int different = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run_once(true, seed, program_order);
        memcpy(first, order, sizeof first);
        run_once(true, seed, program_order);
        assert_string_equal(first, order);
        snprintf(seen[seed], sizeof seen[seed], "%s", order);
        bool is_new = true;
        for (uint64_t i = 0; i < seed; i++)
            is_new &= strcmp(seen[i], seen[seed]) != 0;
        different += is_new;
    }
    assert_true(different > SEEDS * 9 / 10);
}

static void cancel_test(void **state) {
    (void)state;
    run_all(RUN_ENDED, program_cancel);
    run_all(RUN_ENDED, program_points);
    run_all(RUN_ENDED, program_cancellation_goes_down_a_deep_tree);
    run_all(RUN_ENDED, program_a_failure_in_a_cancelled_block_is_not_lost);
}

static void shield_test(void **state) {
    (void)state;
    run_all(RUN_ENDED, program_shields);
    run_all(RUN_ENDED, program_shields_have_limits);
    run_all(RUN_ENDED, program_a_block_behind_a_shield);
}

static void time_test(void **state) {
    (void)state;
    run_all(RUN_ENDED, program_timeout);
    run_all(RUN_ENDED, program_in_time);
    run_all(RUN_ENDED, program_the_nearest_deadline_wins);
    run_all(RUN_ENDED, program_deadlines_are_inherited);
    run_all(RUN_ENDED, program_what_fails_after_the_deadline);
    run_all(RUN_ENDED, program_computing_tasks_end);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_test),
        cmocka_unit_test(shield_test),
        cmocka_unit_test(time_test),
        cmocka_unit_test(seeds_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
