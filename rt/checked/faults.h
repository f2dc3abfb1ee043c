// System calls that fail when they are told to, for services.c of this folder. Everything that the services ask of the
// system goes through the macros below, which stand after the headers that declare the calls.
//
// JANUS_FAIL_CALL=N:HOW in the environment makes the N-th call fail; HOW is the number of an errno, or `short` for
// reads and writes of one byte. A call that cannot fail so goes on as ever. Either way a line on standard error names
// it.
#ifndef JANUS_FAULTS_H
#define JANUS_FAULTS_H

#include "checked.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { SHORT = 1 << 16, TRACKED = 1024 };

// Which failures a call knows beside EIO.
enum { MAY_WAIT = 1, MAY_FILL = 2, MAY_BLOCK = 4, MAY_SHORTEN = 8, MAY_OPEN = 16 };

static int64_t calls_left = -1; // until the one that fails; 0: none does
static int64_t call_number;
static int how_it_fails;

static int said_on; // standard error as it was: a child's goes elsewhere

static void read_setting(void) {
    const char *text = checked_setting("JANUS_FAIL_CALL");
    said_on = text ? fcntl(2, F_DUPFD_CLOEXEC, TRACKED) : -1;
    calls_left = call_number = text ? atoll(text) : 0;
    const char *how = text ? strchr(text, ':') : NULL;
    how_it_fails = !how ? EIO : strcmp(how, ":short") == 0 ? SHORT : atoi(how + 1);
}

static bool knows(int may) {
    switch (how_it_fails) {
    case EINTR: return may & MAY_WAIT;
    case ENOSPC: return may & MAY_FILL;
    case EAGAIN: return may & MAY_BLOCK;
    case EMFILE: return may & MAY_OPEN;
    case SHORT: return may & MAY_SHORTEN;
    default: return true;
    }
}

// Whether this call is the one, and how it fails: 0, an errno, or SHORT.
static int fault(const char *name, int may) {
    if (calls_left < 0)
        read_setting();
    if (calls_left == 0 || --calls_left > 0)
        return 0;
    bool fails = knows(may);
    char line[80];
    int size = snprintf(line, sizeof line, "memory check: call %lld, %s %s\n", (long long)call_number, name,
                        fails ? "fails" : "goes on");
    if (write(said_on, line, (size_t)size) < 0)
        said_on = -1;
    return fails ? how_it_fails : 0;
}

// The same for a call that cannot be shortened; sets errno.
static bool fails(const char *name, int may) {
    int how = fault(name, may);
    errno = how ? how : errno;
    return how != 0;
}

// How many bytes a read or write is to move: -1 for a failure.
static int64_t moved(const char *name, int64_t wanted, int may) {
    int how = fault(name, may | MAY_SHORTEN | MAY_WAIT);
    if (how == SHORT)
        return wanted > 1 ? 1 : wanted;
    errno = how ? how : errno;
    return how ? -1 : wanted;
}

// ---- what is open --------------------------------------------------------------------------------------------------

static bool is_open[TRACKED];
static const void *folders[TRACKED];
static pid_t children[TRACKED];

static int opened(int fd) {
    if (fd >= 0 && fd < TRACKED)
        is_open[fd] = true;
    return fd;
}

static int closed(int fd) {
    if (fd >= 0 && fd < TRACKED)
        is_open[fd] = false;
    return fd;
}

static int opened_pair(int result, const int pair[2]) {
    if (result == 0) {
        opened(pair[0]);
        opened(pair[1]);
    }
    return result;
}

// Replaces one entry of `folders` by another, where there is one.
static DIR *folder_track(DIR *result, const void *from, const void *to) {
    for (int i = 0; i < TRACKED && result; i++)
        if (folders[i] == from) {
            folders[i] = to;
            break;
        }
    return result;
}

static pid_t child_track(pid_t result, pid_t from, pid_t to) {
    for (int i = 0; i < TRACKED && result > 0; i++)
        if (children[i] == from) {
            children[i] = to;
            break;
        }
    return result;
}

static inline DIR *folder_opened(DIR *folder) {
    return folder_track(folder, NULL, folder);
}

static _Noreturn void found(const char *what) {
    jn_flush();
    checked_say(what);
    jn_write_error("\n", 1);
    _exit(CHECKED_FOUND);
}

// When main has returned: what was opened is closed.
__attribute__((destructor)) static void check_end(void) {
    for (int i = 0; i < TRACKED; i++) {
        if (is_open[i])
            found("a file was never closed");
        if (folders[i])
            found("a folder was never closed");
        if (children[i])
            found("a process was started and never waited for");
    }
}

// ---- the calls -----------------------------------------------------------------------------------------------------

static inline ssize_t fault_read(int fd, void *p, size_t n) {
    int64_t size = moved("read", (int64_t)n, MAY_BLOCK);
    return size < 0 ? -1 : read(fd, p, (size_t)size);
}

static inline ssize_t fault_write(int fd, const void *p, size_t n) {
    int64_t size = moved("write", (int64_t)n, MAY_BLOCK | MAY_FILL);
    return size < 0 ? -1 : write(fd, p, (size_t)size);
}

static inline ssize_t fault_pread(int fd, void *p, size_t n, off_t at) {
    int64_t size = moved("pread", (int64_t)n, 0);
    return size < 0 ? -1 : pread(fd, p, (size_t)size, at);
}

static inline ssize_t fault_pwrite(int fd, const void *p, size_t n, off_t at) {
    int64_t size = moved("pwrite", (int64_t)n, MAY_FILL);
    return size < 0 ? -1 : pwrite(fd, p, (size_t)size, at);
}

static inline ssize_t fault_getrandom(void *p, size_t n, unsigned flags) {
    int64_t size = moved("getrandom", (int64_t)n, 0);
    return size < 0 ? -1 : getrandom(p, (size_t)size, flags);
}

// What close reports it has done all the same.
static inline int fault_close(int fd) {
    int how = fault("close", MAY_WAIT | MAY_FILL);
    int result = close(closed(fd));
    errno = how ? how : errno;
    return how ? -1 : result;
}

static inline int fault_closedir(DIR *folder) {
    int how = fault("closedir", 0);
    folder_track(folder, folder, NULL);
    int result = closedir(folder);
    errno = how ? how : errno;
    return how ? -1 : result;
}

// Where it fails, but for an interrupt, there is no such child.
static inline pid_t fault_waitpid(pid_t process, int *status, int flags) {
    if (!fails("waitpid", MAY_WAIT))
        return child_track(waitpid(process, status, flags), process, 0);
    if (errno != EINTR) {
        child_track(waitpid(process, NULL, WNOHANG), process, 0);
        child_track(1, process, 0);
    }
    return -1;
}

// An interrupt comes after some of the time.
static inline int fault_nanosleep(const struct timespec *wanted, struct timespec *rest) {
    struct timespec left = *wanted;
    bool is_cut = fails("nanosleep", MAY_WAIT);
    if (is_cut)
        *rest = left;
    return is_cut ? -1 : nanosleep(&left, rest);
}

static inline pid_t fault_fork(void) {
    if (fails("fork", MAY_BLOCK))
        return -1;
    pid_t child = fork();
    return child_track(child, 0, child);
}

#define read(fd, p, n) fault_read(fd, p, n)
#define write(fd, p, n) fault_write(fd, p, n)
#define pread(fd, p, n, at) fault_pread(fd, p, n, at)
#define pwrite(fd, p, n, at) fault_pwrite(fd, p, n, at)
#define getrandom(p, n, flags) fault_getrandom(p, n, flags)
#define close(fd) fault_close(fd)
#define closedir(folder) fault_closedir(folder)
#define waitpid(process, status, flags) fault_waitpid(process, status, flags)
#define fork() fault_fork()
#define open(path, ...) (fails("open", MAY_WAIT | MAY_FILL | MAY_OPEN) ? -1 : opened(open(path, __VA_ARGS__)))
#define pipe2(pair, flags) (fails("pipe2", MAY_OPEN) ? -1 : opened_pair(pipe2(pair, flags), pair))
#define opendir(path) (fails("opendir", MAY_OPEN) ? NULL : folder_opened(opendir(path)))
#define readdir(folder) (fails("readdir", 0) ? NULL : readdir(folder))
#define stat(path, out) (fails("stat", 0) ? -1 : stat(path, out))
#define lstat(path, out) (fails("lstat", 0) ? -1 : lstat(path, out))
#define fstat(fd, out) (fails("fstat", 0) ? -1 : fstat(fd, out))
#define remove(path) (fails("remove", 0) ? -1 : remove(path))
#define rename(from, to) (fails("rename", MAY_FILL) ? -1 : rename(from, to))
#define mkdir(path, mode) (fails("mkdir", MAY_FILL) ? -1 : mkdir(path, mode))
#define chmod(path, mode) (fails("chmod", 0) ? -1 : chmod(path, mode))
#define symlink(from, to) (fails("symlink", MAY_FILL) ? -1 : symlink(from, to))
#define readlink(path, p, n) (fails("readlink", 0) ? -1 : readlink(path, p, n))
#define realpath(path, out) (fails("realpath", 0) ? NULL : realpath(path, out))
#define getcwd(p, n) (fails("getcwd", 0) ? NULL : getcwd(p, n))
#define chdir(path) (fails("chdir", 0) ? -1 : chdir(path))
#define fsync(fd) (fails("fsync", MAY_WAIT | MAY_FILL) ? -1 : fsync(fd))
#define ftruncate(fd, size) (fails("ftruncate", MAY_WAIT | MAY_FILL) ? -1 : ftruncate(fd, size))
#define flock(fd, how) (fails("flock", MAY_WAIT) ? -1 : flock(fd, how))
#define poll(set, count, timeout) (fails("poll", MAY_WAIT) ? -1 : poll(set, count, timeout))
#define dup2(from, to) (fails("dup2", MAY_WAIT) ? -1 : dup2(from, to))
#define putenv(text) (fails("putenv", 0) ? -1 : putenv(text))
#define execvp(name, args) (fails("execvp", 0) ? -1 : execvp(name, args))
#define kill(process, number) (fails("kill", 0) ? -1 : kill(process, number))
#define clock_gettime(which, out) (fails("clock_gettime", 0) ? -1 : clock_gettime(which, out))
#define nanosleep(wanted, rest) fault_nanosleep(wanted, rest)
#define malloc(size) (fails("malloc", 0) ? NULL : malloc(size))

#endif
