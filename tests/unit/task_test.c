// Nurseries and tasks: what a block comes to, who is cancelled, in which order things end.
#include "task_world.h"

static int64_t ended, left, sum;

static void quick(void *env, void *result) {
    *(int64_t *)result = arg_of(env) * 2;
    ended++;
}

static void yielding(void *env, void *result) {
    for (int i = 0; i < 3; i++)
        jn_yield(NULL);
    quick(env, result);
}

static void sleeping(void *env, void *result) {
    jn_sleep(arg_of(env) * MS, NULL);
    quick(env, result);
}

static void sleeping_for_ever(void *env, void *result) {
    (void)env;
    (void)result;
    GUARDED(jn_sleep(1000000 * SECONDS, NULL), left++);
    ended++;
}

static void failing(void *env, void *result) {
    (void)result;
    jn_yield(NULL);
    fail_task(arg_of(env));
}

static void failing_at_once(void *env, void *result) {
    (void)result;
    fail_task(arg_of(env));
}

static void panicking(void *env, void *result) {
    (void)env;
    (void)result;
    jn_yield(NULL);
    GUARDED(panic("boom"), left++);
}

static void reset(void) {
    ended = left = sum = 0;
}

// ---- joining -------------------------------------------------------------------------------------------------------

static void many_body(JnNursery *n, void *arg) {
    for (intptr_t i = 0; i < 100; i++)
        spawn(n, (JnTaskFn)arg, i);
}

static void program_waits_for_all(void) {
    JnTaskFn const fns[] = {quick, yielding, sleeping};
    for (int i = 0; i < 3; i++) {
        reset();
        assert_int_equal(block(many_body, (void *)fns[i]), JN_END_FINE);
        assert_int_equal(ended, 100);
    }
}

static void joins_body(JnNursery *n, void *arg) {
    JnTask *tasks[20];
    (void)arg;
    for (intptr_t i = 0; i < 20; i++)
        tasks[i] = spawn_kept(n, i % 2 ? yielding : quick, i);
    for (int64_t i = 20; i-- > 0;) {
        int64_t result;
        if (i == 7) {
            jn_task_release(tasks[i]);
            continue;
        }
        jn_task_join(tasks[i], &result, NULL);
        assert_int_equal(result, i * 2);
        sum += result;
    }
}

static void program_join_gives_the_result(void) {
    reset();
    assert_int_equal(block(joins_body, NULL), JN_END_FINE);
    assert_int_equal(sum, 19 * 20 - 14);
}

static int64_t dropped;

static void count_drop(void *context, void *value) {
    assert_ptr_equal(context, &dropped);
    dropped += *(int64_t *)value;
}

static void unjoined_body(JnNursery *n, void *arg) {
    static const JnTaskCode KEPT = {.run = quick,
                                    .drop_result = count_drop,
                                    .context = &dropped,
                                    .env_size = 8,
                                    .env_align = 8,
                                    .result_size = 8,
                                    .result_align = 8};
    static const JnTaskCode LOST = {.run = yielding,
                                    .drop_result = count_drop,
                                    .context = &dropped,
                                    .env_size = 8,
                                    .env_align = 8,
                                    .result_size = 8,
                                    .result_align = 8,
                                    .flags = JN_TASK_NO_HANDLE};
    (void)arg;
    int64_t one = 1, ten = 10, taken;
    jn_spawn(n, &KEPT, &one, NULL);
    jn_spawn(n, &LOST, &ten, NULL);
    jn_task_release(jn_spawn(n, &KEPT, &ten, NULL));
    jn_task_join(jn_spawn(n, &KEPT, &ten, NULL), &taken, NULL);
    assert_int_equal(taken, 20);
}

static void program_results_nobody_takes_are_dropped(void) {
    dropped = 0;
    assert_int_equal(block(unjoined_body, NULL), JN_END_FINE);
    assert_int_equal(dropped, 2 + 20 + 20);
}

typedef struct {
    int64_t depth, from, count;
} Tree;

static void tree(void *env, void *result);

static void tree_body(JnNursery *n, void *arg) {
    static const JnTaskCode CODE = {
        .run = tree, .env_size = sizeof(Tree), .env_align = 8, .result_size = 8, .result_align = 8};
    const Tree *t = arg;
    JnTask *tasks[3];
    for (int64_t i = 0; i < 3; i++) {
        Tree child = {t->depth - 1, t->from + i * t->count / 3, t->count / 3};
        tasks[i] = jn_spawn(n, &CODE, &child, NULL);
    }
    for (int i = 0; i < 3; i++) {
        int64_t part;
        jn_task_join(tasks[i], &part, NULL);
        ((Tree *)arg)->depth += part << 8;
    }
}

static void tree(void *env, void *result) {
    Tree t = *(Tree *)env;
    if (t.depth == 0) {
        *(int64_t *)result = t.from;
        return;
    }
    int64_t depth = t.depth;
    assert_int_equal(block(tree_body, &t), JN_END_FINE);
    *(int64_t *)result = (t.depth - depth) >> 8;
}

static void program_nurseries_nest(void) {
    Tree t = {4, 0, 81};
    int64_t result;
    tree(&t, &result);
    assert_int_equal(result, 80 * 81 / 2);
}

static void large(void *env, void *result) {
    const uint8_t *bytes = env;
    assert_int_equal((uintptr_t)result % 64, 0);
    jn_yield(NULL);
    memcpy(result, bytes + 1, 99999);
}

static void large_body(JnNursery *n, void *arg) {
    static const JnTaskCode CODE = {
        .run = large, .env_size = 100000, .env_align = 1, .result_size = 99999, .result_align = 64};
    (void)arg;
    static uint8_t bytes[100000], back[99999];
    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    JnTask *t = jn_spawn(n, &CODE, bytes, NULL);
    jn_task_join(t, back, NULL);
    assert_memory_equal(back, bytes + 1, sizeof back);
}

static void program_captures_may_be_large(void) {
    assert_int_equal(block(large_body, NULL), JN_END_FINE);
}

// ---- limits --------------------------------------------------------------------------------------------------------

static int64_t running, most;

static void limited(void *env, void *result) {
    (void)env;
    (void)result;
    if (++running > most)
        most = running;
    jn_yield(NULL);
    jn_sleep(MS / 10, NULL);
    running--;
    ended++;
}

static void program_limit(void) {
    reset();
    running = most = 0;
    assert_int_equal(block_of(-1, 4, NULL, many_body, (void *)limited), JN_END_FINE);
    assert_int_equal(ended, 100);
    assert_int_equal(most, 4);
}

// ---- failures ------------------------------------------------------------------------------------------------------

static void one_fails_body(JnNursery *n, void *arg) {
    for (int i = 0; i < 10; i++)
        spawn(n, sleeping_for_ever, 0);
    spawn(n, failing, 77);
    GUARDED(jn_sleep(1000 * SECONDS, NULL), sum++);
    *(int64_t *)arg = 1; // not reached: the body is cancelled
}

static void program_a_failure_cancels_all(void) {
    int64_t reached = 0;
    reset();
    assert_int_equal(block(one_fails_body, &reached), JN_END_FAILED);
    assert_int_equal(error_number(block_error), 77);
    assert_int_equal(jn_suppressed_count(), 0);
    assert_int_equal(left, 10);
    assert_int_equal(ended, 0);
    assert_int_equal(sum, 1);
    assert_int_equal(reached, 0);
    jn_yield(NULL); // nothing is left of it
}

static void late_failure(void *env, void *result) {
    (void)result;
    int64_t number = arg_of(env);
    GUARDED(jn_sleep(number % 7 * MS, NULL), (void)0);
    fail_task(number);
}

static void stubborn_failure(void *env, void *result) {
    JnShield shield;
    (void)result;
    jn_shield_enter(&shield, -1);
    jn_sleep(arg_of(env) % 5 * MS, NULL);
    jn_shield_leave(&shield);
    fail_task(arg_of(env));
}

static void all_fail_body(JnNursery *n, void *arg) {
    (void)arg;
    for (intptr_t i = 1; i <= 20; i++)
        spawn(n, stubborn_failure, i);
}

static int64_t errors_dropped;

static void drop_error(void *context, void *error) {
    (void)context;
    (void)error;
    errors_dropped++;
}

static void say_error(void *context, const void *error) {
    char text[40];
    (void)context;
    say(text, snprintf(text, sizeof text, "number %d", (int)error_number(error)));
}

static const JnErrorSet ERRORS = {.drop = drop_error, .print = say_error};

static void program_later_failures_in_spawn_order(void) {
    errors_dropped = 0;
    assert_int_equal(block_of(-1, 0, &ERRORS, all_fail_body, NULL), JN_END_FAILED);
    assert_int_equal(jn_suppressed_count(), 19);
    int64_t before = 0, first = error_number(block_error);
    for (int64_t i = 0; i < 19; i++) {
        int64_t number = error_number(jn_suppressed(i)->error);
        assert_true(number > before && number != first);
        before = number;
    }
    assert_null(jn_suppressed(19));
    assert_int_equal(errors_dropped, 0);
    // The next failure's take their place; the first error was handed out.
    assert_int_equal(block_of(-1, 0, &ERRORS, one_fails_body, &(int64_t){0}), JN_END_FAILED);
    assert_int_equal(jn_suppressed_count(), 0);
    assert_int_equal(errors_dropped, 19);
}

static void body_fails_body(JnNursery *n, void *arg) {
    (void)arg;
    int64_t error = 5;
    for (int i = 0; i < 3; i++)
        spawn(n, sleeping_for_ever, 0);
    spawn(n, stubborn_failure, 9);
    jn_nursery_fail(n, &error, sizeof error);
}

static void program_the_body_fails(void) {
    reset();
    assert_int_equal(block(body_fails_body, NULL), JN_END_FAILED);
    int64_t first = error_number(block_error);
    assert_int_equal(jn_suppressed_count(), 1);
    assert_int_equal(first + error_number(jn_suppressed(0)->error), 14);
    assert_int_equal(left + ended, 3);
}

static void join_failed_body(JnNursery *n, void *arg) {
    JnTask *t = spawn_kept(n, arg ? failing : failing_at_once, 3);
    int64_t result;
    GUARDED(jn_task_join(t, &result, NULL), left++);
    fail_msg("a failed task has no result");
}

static void program_join_of_a_failed_task_leaves(void) {
    for (intptr_t late = 0; late < 2; late++) {
        reset();
        assert_int_equal(block(join_failed_body, (void *)late), JN_END_FAILED);
        assert_int_equal(error_number(block_error), 3);
        assert_int_equal(left, 1);
    }
}

static void inner_fails(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, failing, 1);
    jn_sleep(SECONDS, NULL);
}

static void outer_goes_on(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, sleeping, 1);
    assert_int_equal(block(inner_fails, NULL), JN_END_FAILED);
    jn_sleep(5 * MS, NULL); // what failed inside does not cancel what is around
    sum++;
}

static void program_an_inner_failure_stays_inside(void) {
    reset();
    assert_int_equal(block(outer_goes_on, NULL), JN_END_FINE);
    assert_int_equal(sum, 1);
    assert_int_equal(ended, 1);
}

// ---- panics --------------------------------------------------------------------------------------------------------

static void panic_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 5; i++)
        spawn(n, sleeping_for_ever, 0);
    spawn(n, panicking, 0);
    GUARDED(jn_sleep(SECONDS, NULL), left++);
}

static void program_a_panic_is_raised_again(void) {
    reset();
    GUARDED(block(panic_body, NULL), sum = ended * 100 + left);
}

static void panic_and_error_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, stubborn_failure, 4);
    spawn(n, panicking, 0);
}

static void program_a_panic_outranks_an_error(void) {
    block_of(-1, 0, &ERRORS, panic_and_error_body, NULL);
}

static void body_panics_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 5; i++)
        spawn(n, sleeping_for_ever, 0);
    jn_yield(NULL);
    panic("in the body");
}

static void program_the_body_panics(void) {
    reset();
    block(body_panics_body, NULL);
}

static void panic_on_the_way_out(void *env, void *result) {
    (void)env;
    (void)result;
    GUARDED(jn_sleep(SECONDS, NULL), panic("in a drop"));
}

static void panics_twice_body(JnNursery *n, void *arg) {
    (void)arg;
    spawn(n, panic_on_the_way_out, 0);
    jn_yield(NULL);
    jn_sleep(MS, NULL);
    panic("first");
}

static void program_a_panic_while_leaving_aborts(void) {
    block(panics_twice_body, NULL);
}

static void two_panics_body(JnNursery *n, void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++)
        spawn(n, panicking, 0);
}

static void program_two_tasks_panic(void) {
    block(two_panics_body, NULL);
}

static void isolated_body(JnNursery *n, void *arg) {
    (void)arg;
    int64_t result, error[JN_ERROR_BYTES / 8];
    JnTask *ok = spawn_isolated(n, quick, 4), *bad = spawn_isolated(n, failing, 5);
    JnTask *worse = spawn_isolated(n, panicking, 0);
    assert_int_equal(jn_task_outcome(worse, &result, error, NULL), JN_OUTCOME_PANICKED);
    assert_int_equal(jn_task_outcome(bad, &result, error, NULL), JN_OUTCOME_FAILED);
    assert_int_equal(error[0], 5);
    assert_int_equal(jn_task_outcome(ok, &result, error, NULL), JN_OUTCOME_OK);
    assert_int_equal(result, 8);
    spawn_isolated(n, failing, 6);
    spawn_isolated(n, panicking, 6);
}

static void program_isolated_tasks(void) {
    reset();
    assert_int_equal(block(isolated_body, NULL), JN_END_FINE);
    assert_int_equal(left, 2);
}

static void all_test(void **state) {
    (void)state;
    run_all(RUN_ENDED, program_waits_for_all);
    run_all(RUN_ENDED, program_join_gives_the_result);
    run_all(RUN_ENDED, program_results_nobody_takes_are_dropped);
    run_all(RUN_ENDED, program_nurseries_nest);
    run_all(RUN_ENDED, program_captures_may_be_large);
    run_all(RUN_ENDED, program_limit);
}

static void failures_test(void **state) {
    (void)state;
    (void)late_failure;
    run_all(RUN_ENDED, program_a_failure_cancels_all);
    run_all(RUN_ENDED, program_later_failures_in_spawn_order);
    run_all(RUN_ENDED, program_the_body_fails);
    run_all(RUN_ENDED, program_join_of_a_failed_task_leaves);
    run_all(RUN_ENDED, program_an_inner_failure_stays_inside);
}

static void panics_test(void **state) {
    (void)state;
    run_all(RUN_PANICKED, program_a_panic_is_raised_again);
    assert_true(sum == 107 || sum % 100 == 7);
    assert_string_equal(world.text, "boom\n");
    run_all(RUN_PANICKED, program_a_panic_outranks_an_error);
    assert_non_null(strstr(world.text, "boom\n"));
    assert_non_null(strstr(world.text, "number 4\n"));
    run_all(RUN_PANICKED, program_the_body_panics);
    assert_string_equal(world.text, "in the body\n");
    run_all(RUN_ABORTED, program_a_panic_while_leaving_aborts);
    run_all(RUN_PANICKED, program_two_tasks_panic);
    run_all(RUN_ENDED, program_isolated_tasks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_test),
        cmocka_unit_test(failures_test),
        cmocka_unit_test(panics_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
