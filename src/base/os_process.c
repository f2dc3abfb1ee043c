#include "base/base.h"
#include "base/os_cleanup.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void os_keep_memory(void) {
    enum { MB = 1024 * 1024 };
    mallopt(M_MMAP_THRESHOLD, 32 * MB);
    mallopt(M_TRIM_THRESHOLD, 1024 * MB);
    mallopt(M_TOP_PAD, 4 * MB);
}

uint64_t os_now_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t os_cpu_ns(void) {
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t os_peak_memory_bytes(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return 0;
    return (uint64_t)usage.ru_maxrss * 1024;
}

uint32_t os_cpu_count(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (uint32_t)count : 1;
}

bool os_is_terminal(int fd) {
    return isatty(fd) == 1;
}

const char *os_getenv(const char *name) {
    return getenv(name);
}

static OsExit wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    cleanup_set_child(0);
    OsExit result = {.started = true, .signalled = WIFSIGNALED(status)};
    result.code = result.signalled ? WTERMSIG(status) : WEXITSTATUS(status);
    return result;
}

OsExit os_run(const char *path, const char *const *argv) {
    OsExit result = {0};
    pid_t child;
    // posix_spawn promises to leave argv as it is, though its type does not say so.
    char *const *arguments = (char *const *)(uintptr_t)argv;
    // The program starts with the signals as they are by default, not as we have set them.
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    cleanup_hold();
    int error = posix_spawn(&child, path, NULL, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    cleanup_set_child(error ? 0 : child);
    if (error) {
        snprintf(result.message, sizeof result.message, "%s", strerror(error));
        return result;
    }
    return wait_for(child);
}

OsExit os_run_apart(int (*work)(void *context), void *context) {
    OsExit result = {0};
    fflush(NULL); // what is in a buffer now is written once
    cleanup_hold();
    pid_t child = fork();
    if (child == 0) {
        cleanup_set_child(0); // signals end this process as any other
        int code = work(context);
        fflush(NULL);
        _exit(code);
    }
    cleanup_set_child(child < 0 ? 0 : child);
    if (child < 0) {
        snprintf(result.message, sizeof result.message, "%s", strerror(errno));
        return result;
    }
    return wait_for(child);
}

void os_exit(int code) {
    fflush(NULL);
    cleanup_run();
    exit(code);
}

void internal_error_(const char *file, int line, const char *format, ...) {
    fflush(stdout);
    fprintf(stderr, "internal error: ");
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, " (%s:%d)\n", file, line);
    fputs("This is a bug in janus, not in your program. Please report it with the program that shows it.\n", stderr);
    fflush(stderr);
    cleanup_run();
    _exit(70);
}
