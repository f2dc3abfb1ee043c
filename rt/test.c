// One test of a program: `janus test` starts a process for each, and says in the environment which it is.
#include "rt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, HASH_OF_A_TEST = 0x6a616e7573 };

// What is said to this process is not said to those that it starts.
static const char *take_variable(const char *name, char *room, size_t size) {
    const char *value = getenv(name);
    if (!value || strlen(value) >= size)
        return NULL;
    strcpy(room, value);
    unsetenv(name);
    return room;
}

static void repeat_randomness(const char *seed) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = seed; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 0x100000001b3u;
    jn_test_random = hash | 1;
    jn_hash_seed = HASH_OF_A_TEST;
}

void jn_run_tests(const JnTest *tests, int64_t count) {
    static const char TEXT[] = "this program holds tests: `janus test` runs them\n";
    char number[24], seed[64], record[24];
    const char *which = take_variable("JANUS_TEST", number, sizeof number);
    int64_t index = which ? atoll(which) : -1;
    if (index < 0 || index >= count) {
        jn_write_error(TEXT, sizeof TEXT - 1);
        _exit(EXIT_USAGE);
    }
    if (take_variable("JANUS_RECORD", record, sizeof record)) // else the tasks have it
        close(atoi(record));
    if (take_variable("JANUS_RANDOM", seed, sizeof seed))
        repeat_randomness(seed);
    unsetenv("JANUS_SEED");
    tests[index].run();
}
