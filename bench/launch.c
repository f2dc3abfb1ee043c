// launch FD N COMMAND...: runs the command N times; a line on FD for each run: wall seconds, CPU seconds, peak resident KB
// and exit status. Small and static, so that the resident size of a large parent is not counted with the child's.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timespec t) { return (double)t.tv_sec + (double)t.tv_nsec * 1e-9; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return seconds(t);
}

static double cpu_seconds(const struct rusage *usage) {
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-6;
}

int main(int count, char **values) {
    if (count < 4)
        return 2;
    int report = atoi(values[1]);
    fcntl(report, F_SETFD, FD_CLOEXEC);
    for (int left = atoi(values[2]); left > 0; left--) {
        double start = now();
        pid_t child = vfork();
        if (child == 0) {
            execvp(values[3], values + 3);
            _exit(127);
        }
        struct rusage usage;
        int status;
        if (child < 0 || wait4(child, &status, 0, &usage) < 0)
            return 1;
        dprintf(report, "%.6f %.6f %ld %d\n", now() - start, cpu_seconds(&usage), usage.ru_maxrss, status);
    }
}
