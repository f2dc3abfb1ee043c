#include "base/os_cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PATHS = 16, MAX_PATH_SIZE = 512, MAX_DEPTH = 64, MAX_PASSES = 20 };

// Written by the main thread only, each entry before its `used` flag; read by the handlers.
static struct {
    volatile sig_atomic_t used[MAX_PATHS];
    char paths[MAX_PATHS][MAX_PATH_SIZE];
    volatile sig_atomic_t installed;
    volatile sig_atomic_t child;
    volatile sig_atomic_t holding; // something is being made that has no entry yet: a signal waits in `pending`
    volatile sig_atomic_t pending;
    pid_t owner; // a forked child must not remove its parent's files
} cleanup;

// The kernel's directory entry; readdir would allocate, which a signal handler must not do.
typedef struct {
    uint64_t inode;
    int64_t offset;
    unsigned short size;
    unsigned char type;
    char name[];
} DirectoryEntry;

static bool remove_at(int folder, const char *name, int depth);

static bool remove_entries(int fd, int depth) {
    _Alignas(8) char block[4096];
    bool ok = true;
    long size;
    while ((size = syscall(SYS_getdents64, fd, block, sizeof block)) > 0) {
        for (long at = 0; at < size;) {
            const DirectoryEntry *entry = (const DirectoryEntry *)(const void *)(block + at);
            at += entry->size;
            if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
                ok = remove_at(fd, entry->name, depth + 1) && ok;
        }
    }
    return ok && size == 0;
}

static bool remove_at(int folder, const char *name, int depth) {
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if ((errno != EISDIR && errno != EPERM) || depth > MAX_DEPTH)
        return false;
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    // Entries removed while reading may hide others on some file systems, and when a signal ends the process its other
    // threads may still be writing: read again until a pass succeeds.
    bool ok = false;
    for (int pass = 0; pass < MAX_PASSES && !ok; pass++) {
        if (pass > 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        ok = remove_entries(fd, depth) && unlinkat(folder, name, AT_REMOVEDIR) == 0;
        if (!ok && (errno != ENOTEMPTY || lseek(fd, 0, SEEK_SET) != 0))
            break;
    }
    close(fd);
    return ok;
}

bool cleanup_remove(const char *path) {
    return remove_at(AT_FDCWD, path, 0);
}

void cleanup_run(void) {
    if (cleanup.owner != getpid())
        return;
    for (int i = 0; i < MAX_PATHS; i++) {
        if (cleanup.used[i])
            cleanup_remove(cleanup.paths[i]);
        cleanup.used[i] = 0;
    }
}

static void on_signal(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    if (cleanup.holding && signal_number != SIGPIPE) {
        cleanup.pending = signal_number;
        return;
    }
    if (cleanup.child > 0 && signal_number != SIGPIPE) {
        // A terminal sends ^C to the whole foreground group; only what another process sent us must be passed on.
        if (info->si_code <= 0)
            kill((pid_t)cleanup.child, signal_number);
        return;
    }
    cleanup_run();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void install(void) {
    if (cleanup.installed)
        return;
    cleanup.installed = 1;
    cleanup.owner = getpid();
    atexit(cleanup_run);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    // A file that grows over the limit is an error of write, as a full disk is.
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction before;
        // What our parent told us to ignore (nohup) stays ignored.
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

bool cleanup_add(const char *path) {
    install();
    size_t size = strlen(path);
    if (size >= MAX_PATH_SIZE)
        return false;
    for (int i = 0; i < MAX_PATHS; i++) {
        if (cleanup.used[i])
            continue;
        memcpy(cleanup.paths[i], path, size + 1);
        cleanup.used[i] = 1;
        return true;
    }
    return false;
}

void cleanup_forget(const char *path) {
    for (int i = 0; i < MAX_PATHS; i++) {
        if (cleanup.used[i] && strcmp(cleanup.paths[i], path) == 0)
            cleanup.used[i] = 0;
    }
}

void cleanup_hold(void) {
    install();
    cleanup.holding = 1;
}

void cleanup_release(void) {
    cleanup.holding = 0;
    int signal_number = cleanup.pending;
    cleanup.pending = 0;
    if (signal_number && cleanup.child > 0)
        kill((pid_t)cleanup.child, signal_number);
    else if (signal_number)
        raise(signal_number);
}

void cleanup_set_child(pid_t child) {
    cleanup.child = (sig_atomic_t)child;
    cleanup_release();
}
