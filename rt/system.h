// What services of files, folders and processes do, for programs and for the interpreter alike: paths are C strings,
// answers -errno. Nothing here knows where the bytes come from.
#ifndef JANUS_SYSTEM_H
#define JANUS_SYSTEM_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
    SYSTEM_PATH_BYTES = 4096,
    SYSTEM_NAME_BYTES = 256,
    SYSTEM_STAT_WORDS = 6,
    SYSTEM_START_WORDS = 4,
    SYSTEM_POLL_MAX = 8
};

// What becomes of a child's standard streams: FLAG << (2 * stream).
enum { STREAM_KEEP = 0, STREAM_PIPE = 1, STREAM_NULL = 2, STREAM_OUTPUT = 3 };

static inline int64_t system_result(int64_t value) {
    return value < 0 ? -errno : value;
}

// A path of the program as a C string; no name on the disk holds a NUL, so that what does is no text for one.
static inline int64_t system_path(const void *data, int64_t size, char path[SYSTEM_PATH_BYTES]) {
    if (memchr(data, 0, (size_t)size))
        return -EILSEQ;
    if (size >= SYSTEM_PATH_BYTES)
        return -ENAMETOOLONG;
    memcpy(path, data, (size_t)size);
    path[size] = 0;
    return 0;
}

static inline int64_t system_kind(mode_t mode) {
    return S_ISREG(mode) ? 1 : S_ISDIR(mode) ? 2 : S_ISLNK(mode) ? 3 : 0;
}

// Modes: 0 read, 1 write anew, 2 append, 3 create or fail, 4 create or fail for this user only, 5 read and write,
// 6 read and append.
static inline int64_t system_open(const char *path, int64_t mode) {
    static const int FLAGS[] = {O_RDONLY,
                                O_WRONLY | O_CREAT | O_TRUNC,
                                O_WRONLY | O_CREAT | O_APPEND,
                                O_WRONLY | O_CREAT | O_EXCL,
                                O_RDWR | O_CREAT | O_EXCL,
                                O_RDWR | O_CREAT,
                                O_RDWR | O_CREAT | O_APPEND};
    if (mode < 0 || mode > 6)
        return -EINVAL;
    int fd;
    do
        fd = open(path, FLAGS[mode] | O_CLOEXEC, mode == 4 ? 0600 : 0666);
    while (fd < 0 && errno == EINTR);
    return system_result(fd);
}

// An interrupted close has closed.
static inline int64_t system_close(int64_t fd) {
    return close((int)fd) < 0 && errno != EINTR ? -errno : 0;
}

static inline int64_t system_sync(int64_t fd) {
    int result;
    do
        result = fsync((int)fd);
    while (result < 0 && errno == EINTR);
    return system_result(result);
}

static inline int64_t system_resize(int64_t fd, int64_t size) {
    int result;
    do
        result = ftruncate((int)fd, size);
    while (result < 0 && errno == EINTR);
    return system_result(result);
}

static inline int64_t system_read_at(int64_t fd, uint8_t *p, int64_t n, int64_t offset) {
    ssize_t got;
    do
        got = pread((int)fd, p, (size_t)n, offset);
    while (got < 0 && errno == EINTR);
    return system_result(got);
}

// All of it, or an error.
static inline int64_t system_write_at(int64_t fd, const uint8_t *p, int64_t n, int64_t offset) {
    for (int64_t done = 0; done < n;) {
        ssize_t wrote = pwrite((int)fd, p + done, (size_t)(n - done), offset + done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return wrote < 0 ? -errno : -EIO;
        done += wrote;
    }
    return n;
}

static inline int64_t system_lock(int64_t fd) {
    int result;
    do
        result = flock((int)fd, LOCK_EX | LOCK_NB);
    while (result < 0 && errno == EINTR);
    if (result == 0)
        return 1;
    return errno == EWOULDBLOCK ? 0 : -errno;
}

// Size, kind (0 other, 1 file, 2 folder, 3 link), permissions, time of the last change in nanoseconds since 1970, and
// the device and the number on it, which together are one file's alone.
static inline int64_t system_stat(const char *path, bool follow, int64_t out[SYSTEM_STAT_WORDS]) {
    struct stat s;
    if ((follow ? stat(path, &s) : lstat(path, &s)) < 0)
        return -errno;
    out[0] = s.st_size;
    out[1] = system_kind(s.st_mode);
    out[2] = s.st_mode & 07777;
    out[3] = s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
    out[4] = (int64_t)s.st_dev;
    out[5] = (int64_t)s.st_ino;
    return 0;
}

static inline int64_t system_folder_open(const char *path) {
    DIR *folder = opendir(path);
    return folder ? (int64_t)(intptr_t)folder : -errno;
}

// The next entry but "." and "..": its length, 0 at the end. The kind is that of a link itself, -1 where it must be
// asked.
static inline int64_t system_folder_next(int64_t handle, char name[SYSTEM_NAME_BYTES], int64_t *kind) {
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir((DIR *)(intptr_t)handle);
        if (!entry)
            return -errno;
        size_t size = strlen(entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || size >= SYSTEM_NAME_BYTES)
            continue;
        memcpy(name, entry->d_name, size + 1);
        *kind = entry->d_type == DT_REG       ? 1
                : entry->d_type == DT_DIR     ? 2
                : entry->d_type == DT_LNK     ? 3
                : entry->d_type == DT_UNKNOWN ? -1
                                              : 0;
        return (int64_t)size;
    }
}

// Which of at most SYSTEM_POLL_MAX descriptors can be read, or written where they are given as -1 - descriptor; -1 <<
// 32 is none.
static inline int64_t system_poll(const int64_t *wanted, int64_t *ready, int64_t count, int64_t timeout_ms) {
    struct pollfd set[SYSTEM_POLL_MAX];
    if (count < 0 || count > SYSTEM_POLL_MAX)
        return -EINVAL;
    for (int64_t i = 0; i < count; i++) {
        bool is_none = wanted[i] < INT32_MIN;
        set[i].fd = is_none ? -1 : (int)(wanted[i] < 0 ? -1 - wanted[i] : wanted[i]);
        set[i].events = wanted[i] < 0 ? POLLOUT : POLLIN;
        set[i].revents = 0;
    }
    int result = poll(set, (nfds_t)count, (int)timeout_ms);
    for (int64_t i = 0; i < count; i++)
        ready[i] = set[i].revents != 0;
    return result < 0 && errno == EINTR ? 0 : system_result(result);
}

// The same descriptors in one that can be read when one of them is ready.
static inline int64_t system_poll_set(const int64_t *wanted, int64_t count) {
    int set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0)
        return -errno;
    for (int64_t i = 0; i < count; i++) {
        int fd = (int)(wanted[i] < 0 ? -1 - wanted[i] : wanted[i]);
        struct epoll_event event = {.events = wanted[i] < 0 ? EPOLLOUT : EPOLLIN, .data.fd = fd};
        if (wanted[i] >= INT32_MIN && epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0) {
            int why = errno;
            close(set);
            return -why;
        }
    }
    return set;
}

// Writes to a pipe whose reader may be gone: that is an error then, not the end of this process.
static inline int64_t system_pipe_write(int fd, const void *data, size_t size) {
    sigset_t pipe_only, saved;
    struct timespec at_once = {0, 0};
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigprocmask(SIG_BLOCK, &pipe_only, &saved);
    ssize_t done;
    do {
        done = write(fd, data, size);
    } while (done < 0 && errno == EINTR);
    int64_t result = system_result(done);
    if (result == -EPIPE && !sigismember(&saved, SIGPIPE))
        sigtimedwait(&pipe_only, NULL, &at_once);
    sigprocmask(SIG_SETMASK, &saved, NULL);
    return result;
}

// ---- processes -----------------------------------------------------------------------------------------------------

static inline void system_close_pair(int pair[2]) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

// As many bytes as there are up to `size`; fewer at the end, -errno where it fails.
static inline int64_t system_read_full(int fd, void *data, int64_t size) {
    for (int64_t done = 0; done < size;) {
        ssize_t got = read(fd, (char *)data + done, (size_t)(size - done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : done;
        done += got;
    }
    return size;
}

static inline bool system_write_full(int fd, const void *data, int64_t size) {
    for (int64_t done = 0; done < size;) {
        ssize_t wrote = write(fd, (const char *)data + done, (size_t)(size - done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        done += wrote;
    }
    return true;
}

// The descriptor stands for the stream then.
static inline bool system_redirect(int fd, int stream) {
    int result;
    do
        result = dup2(fd, stream);
    while (result < 0 && errno == EINTR);
    return result >= 0;
}

// In the child: reports why it cannot run, and ends.
static inline void system_child(int64_t flags, int pipes[3][2], int report, const char *folder, char **args,
                                char **env) {
    int why;
    for (int i = 0; i < 3; i++) {
        int64_t what = flags >> (2 * i) & 3;
        int fd = -1;
        if (what == STREAM_PIPE)
            fd = pipes[i][i == 0 ? 0 : 1];
        else if (what == STREAM_NULL)
            fd = (int)system_open("/dev/null", i == 0 ? 0 : 2);
        else if (what == STREAM_OUTPUT)
            fd = 1;
        if (what != STREAM_KEEP && (fd < 0 || !system_redirect(fd, i)))
            goto failed;
    }
    if (folder[0] && chdir(folder) < 0)
        goto failed;
    signal(SIGPIPE, SIG_DFL);
    for (; *env; env++)
        if (putenv(*env) != 0)
            goto failed;
    execvp(args[0], args); // NOLINT(clang-analyzer-core.NonNullParamChecker): system_start wants one at least
failed:
    why = errno;
    if (!system_write_full(report, &why, sizeof why))
        _exit(126);
    _exit(127);
}

// Starts a program. `words`: the folder to run in (empty: this one), `count` arguments with the program's name first,
// and settings NAME=value, each with a NUL behind it. Stores the process and our ends of the pipes, -1 where there is
// none.
static inline int64_t system_start(char *words, int64_t size, int64_t count, int64_t flags,
                                   int64_t out[SYSTEM_START_WORDS]) {
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}}, report[2] = {-1, -1}, why = 0;
    int64_t total = 0, result;
    pid_t child;
    for (int64_t i = 0; i < size; i++)
        total += words[i] == 0;
    char **list = calloc((size_t)(total + 2), sizeof *list);
    if (!list || count < 1 || total < count + 1) {
        free(list);
        return list ? -EINVAL : -ENOMEM;
    }
    char *at = words + strlen(words) + 1;
    for (int64_t i = 0, k = 0; i < total - 1; i++, at += strlen(at) + 1) {
        list[k++] = at;
        if (i + 1 == count)
            list[k++] = NULL;
    }
    list[total] = NULL;
    for (int i = 0; i < 3; i++)
        if ((flags >> (2 * i) & 3) == STREAM_PIPE && pipe2(pipes[i], O_CLOEXEC) < 0)
            goto failed;
    if (pipe2(report, O_CLOEXEC) < 0)
        goto failed;
    child = fork();
    if (child < 0)
        goto failed;
    if (child == 0)
        system_child(flags, pipes, report[1], words, list, list + count + 1);
    free(list);
    close(report[1]);
    int64_t got = system_read_full(report[0], &why, sizeof why);
    close(report[0]);
    for (int i = 0; i < 3; i++)
        if (pipes[i][0] >= 0)
            close(pipes[i][i == 0 ? 0 : 1]);
    out[0] = child;
    for (int i = 0; i < 3; i++)
        out[1 + i] = pipes[i][i == 0 ? 1 : 0];
    if (got == 0)
        return 0;
    if (got < (int64_t)sizeof why) { // whether it runs is not known: it shall not
        why = got < 0 ? (int)-got : EIO;
        kill(child, SIGKILL);
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    for (int i = 0; i < 3; i++)
        if (out[1 + i] >= 0)
            close((int)out[1 + i]);
    return -why;
failed:
    result = -errno;
    free(list);
    for (int i = 0; i < 3; i++)
        system_close_pair(pipes[i]);
    system_close_pair(report);
    return result;
}

static inline int64_t system_watch(int64_t process) {
    enum { PIDFD_OPEN = 434 }; // for both machines
    return system_result(syscall(PIDFD_OPEN, (pid_t)process, 0));
}

// The exit code, or 256 and the signal that ended the process; -EAGAIN while it runs, where that is asked.
static inline int64_t system_wait(int64_t process, bool at_once) {
    int status;
    pid_t result;
    do {
        result = waitpid((pid_t)process, &status, at_once ? WNOHANG : 0);
    } while (result < 0 && errno == EINTR);
    if (result <= 0)
        return result < 0 ? -errno : -EAGAIN;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

#endif
