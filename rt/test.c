// Runs the tests of a program, each in a process of its own, so that a panic ends one test only.
#include "rt.h"

#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_FAILED = 1 };

static void say(const char *text) {
    jn_service_ptr(1, (uint8_t *)(uintptr_t)text, (int64_t)strlen(text), NULL, 1);
}

static bool run_test(const JnTest *test) {
    jn_flush();
    pid_t child = fork();
    if (child == 0) {
        test->run();
        jn_flush();
        _exit(jn_exit_code);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0)
        ;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void say_number(int64_t value) {
    char digits[24];
    int at = sizeof digits - 1;
    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    say(digits + at);
}

void jn_run_tests(const JnTest *tests, int64_t count) {
    int64_t failed = 0;
    for (int64_t i = 0; i < count; i++) {
        bool good = run_test(&tests[i]);
        failed += !good;
        say(good ? "ok      " : "FAILED  ");
        jn_service_ptr(1, (uint8_t *)(uintptr_t)tests[i].name, tests[i].size, NULL, 1);
        say("\n");
    }
    say_number(count - failed);
    say(" passed, ");
    say_number(failed);
    say(" failed\n");
    jn_flush();
    if (failed)
        _exit(EXIT_FAILED);
}
