#include "cli/test_run.h"

// One number at least, then a colon and the next one, up to so many. Where it ends.
static const char *pass_numbers(const char *at, int most) {
    for (int i = 0; i < most; i++) {
        size_t digits = strspn(at, "0123456789");
        if (digits == 0)
            return NULL;
        at += digits;
        if (*at != ':' || i + 1 == most)
            break;
        at++;
    }
    return at;
}

// 1.4-3,2.2=1, or nothing
static bool is_list(const char *at) {
    static const char *const signs[] = {".", "-=", ","};
    for (int part = 0; *at; part = (part + 1) % 3) {
        at += strspn(at, "0123456789");
        if (*at == 0 && part == 2)
            return true;
        if (at[-1] < '0' || at[-1] > '9' || *at == 0 || !strchr(signs[part], *at) || at[1] == 0)
            return false;
        at++;
    }
    return true;
}

static bool is_order(const char *seed) {
    if (strncmp(seed, "pct:", 4) == 0) {
        const char *end = pass_numbers(seed + 4, 3);
        return end && *end == 0;
    }
    if (strncmp(seed, "order:", 6) != 0)
        return true;
    const char *end = pass_numbers(seed + 6, 1);
    return end && *end == ':' && is_list(end + 1);
}

static int refuse_options(const Options *o) {
    bool is_number = o->seed && o->seed[0] && o->seed[strspn(o->seed, "0123456789")] == 0;
    if (o->real && (o->seed || o->schedules))
        return usage_error("the real workers take no orders: leave one of the two away",
                           "`--real` does not go with `%s`", o->seed ? "--seed" : "--schedules");
    if (o->seed && !*o->seed)
        return usage_error("for example `--seed 7`", "`--seed` is empty");
    if (o->seed && !is_order(o->seed))
        return usage_error("it is a number or a word, `7`; `pct:SEED:LEVELS:DECISIONS`, `pct:7:3:120`; or "
                           "`order:SEED:DIFFERENCES`, `order:7:1.4-3,2.2=1`",
                           "`--seed` cannot be `%s`", o->seed);
    if (o->schedules && o->seed && !is_number)
        return usage_error("for example `--seed 7 --schedules 1000`; without `--schedules` the one order is run again",
                           "`--schedules` counts from a seed that is a number, and `%s` is none", o->seed);
    return EXIT_DONE;
}

static int interpret_tests(Session *session, const Options *options, const char *const *arguments) {
    return test_run_all(session, options, NULL, arguments);
}

int command_test(const Options *options) {
    if (refuse_options(options) != EXIT_DONE)
        return EXIT_USAGE;
    SessionOptions session_options = options_of_session(options);
    session_options.tests = true;
    session_options.whole_package = true;
    bool ready;
    Session *session = target_open(options, "test", session_options, &ready);
    if (!session)
        return EXIT_USAGE;
    int code;
    if (!ready)
        code = output_reports(session, options, false);
    else
        code = options->interpret ? interpret_program(session, options, interpret_tests)
                                  : run_program(session, options, test_run_all);
    if ((options->json || options->junit) && session_failed(session))
        code = test_show_unbuilt(session, options);
    session_end(session);
    return code;
}
