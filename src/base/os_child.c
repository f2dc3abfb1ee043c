#include "base/os_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// ---- starting ------------------------------------------------------------------------------------------------------

static bool refuse(OsChild *child, int error) {
    snprintf(child->exit.message, sizeof child->exit.message, "%s", strerror(error));
    return false;
}

// Calls that a child may make between vfork and exec. False with errno set.
static bool settle(const int *out, const int *err, int null, int shared) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(null, 0) < 0 || dup2(out[1], 1) < 0 || dup2(err[1], 2) < 0)
        return false;
    if (shared == OS_CHILD_SHARED)
        return fcntl(shared, F_SETFD, 0) == 0;
    return shared < 0 || dup2(shared, OS_CHILD_SHARED) >= 0;
}

// The environment with more variables; to be freed.
static char **environment_with(const char *const *variables) {
    size_t count = 0, more = 0;
    while (environ[count])
        count++;
    while (variables && variables[more])
        more++;
    char **all = calloc(count + more + 1, sizeof *all);
    for (size_t i = 0; all && i < more; i++)
        all[i] = (char *)(uintptr_t)variables[i];
    for (size_t i = 0; all && i < count; i++)
        all[more + i] = environ[i];
    return all;
}

// vfork, as the child must end with its parent, which posix_spawn cannot say, and fork would copy the tables of our
// memory. Linux gives it signal handlers and descriptors of its own, and calls of the system are safe in it.
// NOLINTBEGIN(bugprone-unsafe-functions,clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork)
static int run_program(const OsChildStart *start, char **environment, const int *out, const int *err, int null) {
    volatile int error = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        if (settle(out, err, null, start->shared))
            execve(start->path, (char *const *)(uintptr_t)start->arguments, environment);
        error = errno;
        _exit(127);
    }
    if (pid > 0 && error) {
        waitpid(pid, NULL, 0);
        errno = error;
        return -1;
    }
    return pid;
}
// NOLINTEND(bugprone-unsafe-functions,clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork)

static int run_copy(const OsChildStart *start, const int *out, const int *err, int null) {
    fflush(NULL); // what is in a buffer now is written once
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    if (!settle(out, err, null, start->shared))
        _exit(127);
    for (const char *const *variable = start->variables; variable && *variable; variable++)
        putenv((char *)(uintptr_t)*variable);
    int code = start->work(start->context);
    fflush(NULL);
    _exit(code);
}

static void close_pair(int *pair) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

bool os_child_start(OsChild *child, const OsChildStart *start) {
    *child = (OsChild){.descriptor = -1, .streams = {-1, -1}};
    int out[2] = {-1, -1}, err[2] = {-1, -1}, null = open("/dev/null", O_RDONLY | O_CLOEXEC), error = 0;
    char **environment = start->path ? environment_with(start->variables) : NULL;
    pid_t pid = -1;
    if (null >= 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0 && (!start->path || environment))
        pid = start->path ? run_program(start, environment, out, err, null) : run_copy(start, out, err, null);
    if (pid < 0)
        error = errno;
    free(environment);
    if (null >= 0)
        close(null);
    if (pid < 0) {
        close_pair(out);
        close_pair(err);
        return refuse(child, error);
    }
    close(out[1]);
    close(err[1]);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    child->process = pid;
    child->descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    child->streams[0] = out[0];
    child->streams[1] = err[0];
    child->started_ns = os_now_ns();
    return true;
}

// ---- hearing and waiting -------------------------------------------------------------------------------------------

// What is there now.
static void hear(OsChild *child, int which) {
    char bytes[16384];
    Buffer *text = &child->texts[which];
    while (child->streams[which] >= 0) {
        ssize_t n = read(child->streams[which], bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            close(child->streams[which]);
            child->streams[which] = -1;
            return;
        }
        size_t room = OS_CHILD_KEPT_BYTES - text->count, kept = (size_t)n < room ? (size_t)n : room;
        child->is_cut[which] |= kept < (size_t)n;
        buffer_text(text, (Text){bytes, kept});
    }
}

static void end(OsChild *child, int status) {
    for (int i = 0; i < 2; i++) {
        hear(child, i);
        if (child->streams[i] >= 0)
            close(child->streams[i]);
        child->streams[i] = -1;
    }
    if (child->descriptor >= 0)
        close(child->descriptor);
    kill(-child->process, SIGKILL); // what it has started and left behind
    child->descriptor = -1;
    child->process = 0;
    child->exit = (OsExit){.started = true, .signalled = WIFSIGNALED(status)};
    child->exit.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static bool has_ended(OsChild *child) {
    int status;
    if (child->process == 0 || waitpid(child->process, &status, WNOHANG) != child->process)
        return false;
    end(child, status);
    return true;
}

enum { MOST_CHILDREN = 256, POLL_MS = 20 }; // the latter where the system has no descriptors of processes

static int milliseconds_until(uint64_t time_ns) {
    uint64_t now = os_now_ns();
    if (time_ns <= now)
        return 0;
    uint64_t ms = (time_ns - now + 999999) / 1000000;
    return ms > 3600000 ? 3600000 : (int)ms;
}

int os_children_wait(OsChild *children, uint32_t count, uint64_t time_ns) {
    if (count > MOST_CHILDREN)
        count = MOST_CHILDREN;
    for (;;) {
        for (uint32_t i = 0; i < count; i++)
            if (has_ended(&children[i]))
                return (int)i;
        struct pollfd wanted[MOST_CHILDREN * 3];
        nfds_t used = 0;
        int ms = milliseconds_until(time_ns);
        for (uint32_t i = 0; i < count; i++) {
            OsChild *c = &children[i];
            if (c->process == 0)
                continue;
            const int descriptors[] = {c->descriptor, c->streams[0], c->streams[1]};
            for (int k = 0; k < 3; k++)
                if (descriptors[k] >= 0)
                    wanted[used++] = (struct pollfd){.fd = descriptors[k], .events = POLLIN};
            if (c->descriptor < 0 && ms > POLL_MS)
                ms = POLL_MS;
        }
        poll(wanted, used, ms);
        for (uint32_t i = 0; i < count; i++)
            for (int k = 0; k < 2 && children[i].process; k++)
                hear(&children[i], k);
        if (os_now_ns() >= time_ns) {
            for (uint32_t i = 0; i < count; i++)
                if (has_ended(&children[i]))
                    return (int)i;
            return -1;
        }
    }
}

bool os_process_catches(int process, int signal_number) {
    char path[40], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", process);
    FILE *f = process > 0 ? fopen(path, "re") : NULL;
    unsigned long long caught = 0;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "SigCgt:", 7) == 0)
            caught = strtoull(line + 7, NULL, 16);
    if (f)
        fclose(f);
    return caught >> (signal_number - 1) & 1;
}

void os_child_signal(const OsChild *child, int signal_number) {
    if (child->process)
        kill(child->process, signal_number);
}

void os_child_kill(OsChild *child) {
    int status = 0;
    if (!child->process)
        return;
    kill(-child->process, SIGKILL);
    kill(child->process, SIGKILL);
    while (waitpid(child->process, &status, 0) < 0 && errno == EINTR)
        continue;
    end(child, status);
}

void os_child_forget(OsChild *child) {
    vec_free(&child->texts[0]);
    vec_free(&child->texts[1]);
}

// ---- shared memory -------------------------------------------------------------------------------------------------

void *os_shared_new(size_t bytes, int *descriptor) {
    *descriptor = memfd_create("janus", MFD_CLOEXEC);
    if (*descriptor < 0)
        return NULL;
    void *p = ftruncate(*descriptor, (off_t)bytes) < 0
                  ? MAP_FAILED
                  : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *descriptor, 0);
    if (p != MAP_FAILED)
        return p;
    close(*descriptor);
    return NULL;
}

void os_shared_free(void *p, size_t bytes, int descriptor) {
    munmap(p, bytes);
    close(descriptor);
}
