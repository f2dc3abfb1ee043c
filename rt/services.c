// Services of the operating system, by number (services.def).
#include "thread.h"
// The order matters: what follows uses the errno of that one.
#include "system.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
#define SERVICE(number, name) SERVICE_##name = number,
#include "services.def"
#undef SERVICE
    OUT_BYTES = 32 * 1024,
};

int jn_arg_count;
char **jn_args;

// Standard output is buffered here; a terminal gets whole lines.
static uint8_t out_bytes[OUT_BYTES];
static int64_t out_used;
static int out_is_terminal = -1;

static int64_t write_all(int fd, const uint8_t *p, int64_t n) {
    int64_t done = 0;
    while (done < n) {
        ssize_t k = write(fd, p + done, (size_t)(n - done));
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k < 0 ? -errno : -EIO;
        done += k;
    }
    return done;
}

static void write_or_die(const uint8_t *p, int64_t n) {
    int64_t result = write_all(1, p, n);
    if (result < 0) {
        static const char text[] = "cannot write to standard output: ";
        const char *why = strerror((int)-result);
        jn_write_error(text, sizeof text - 1);
        jn_write_error(why, (int64_t)strlen(why));
        jn_write_error("\n", 1);
        _exit(1);
    }
}

static void flush_locked(void) {
    int64_t used = out_used;
    out_used = 0; // before writing, so that a failure is not tried again on the way out
    write_or_die(out_bytes, used);
}

// Tasks of several threads write one after the other. Who dies of an error while writing has the lock, and takes it
// with it.
static SpinLock out_lock;

void jn_flush(void) {
    jn_lock(&out_lock);
    flush_locked();
    jn_unlock(&out_lock);
}

static void put_out(const uint8_t *p, int64_t n) {
    if (out_is_terminal < 0)
        out_is_terminal = isatty(1);
    if (n > OUT_BYTES - out_used)
        flush_locked();
    if (n > OUT_BYTES) {
        write_or_die(p, n);
        return;
    }
    memcpy(out_bytes + out_used, p, (size_t)n);
    out_used += n;
    if (out_is_terminal && n > 0 && p[n - 1] == '\n')
        flush_locked();
}

static int64_t write_out(const uint8_t *p, int64_t n) {
    jn_lock(&out_lock);
    put_out(p, n);
    jn_unlock(&out_lock);
    return 0;
}

static int64_t result_of(int value) {
    return value < 0 ? -errno : value;
}

static int64_t file_open(const uint8_t *p, int64_t n, int64_t mode) {
    char path[SYSTEM_PATH_BYTES];
    int64_t why = system_path(p, n, path);
    return why < 0 ? why : system_open(path, mode);
}

static int64_t file_info(const uint8_t *p, int64_t n, int64_t *out) {
    char path[SYSTEM_PATH_BYTES];
    struct stat s;
    int64_t why = system_path(p, n, path);
    if (why < 0)
        return why;
    if (stat(path, &s) < 0)
        return -errno;
    out[0] = s.st_size;
    out[1] = S_ISREG(s.st_mode) ? 1 : S_ISDIR(s.st_mode) ? 2 : 0;
    return 0;
}

static int64_t file_path_call(int64_t code, const uint8_t *p, int64_t n, const uint8_t *q, int64_t m) {
    char path[SYSTEM_PATH_BYTES], other[SYSTEM_PATH_BYTES];
    int64_t why = system_path(p, n, path);
    if (why < 0)
        return why;
    if (code == SERVICE_FILE_REMOVE)
        return result_of(remove(path));
    if (code == SERVICE_FOLDER_MAKE)
        return result_of(mkdir(path, m == 1 ? 0700 : 0777));
    if (code == SERVICE_FILE_MODE)
        return result_of(chmod(path, (mode_t)m));
    if ((why = system_path(q, m, other)) < 0)
        return why;
    return result_of(code == SERVICE_LINK_MAKE ? symlink(path, other) : rename(path, other));
}

// Services that look at a path and store what they find.
static int64_t path_question(int64_t code, const uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    char path[SYSTEM_PATH_BYTES];
    int64_t why = system_path(p, n, path);
    if (why < 0)
        return why;
    if (code == SERVICE_FOLDER_OPEN)
        return system_folder_open(path);
    if (code == SERVICE_FILE_STAT)
        return system_stat(path, m == 1, (int64_t *)(void *)q);
    if (code == SERVICE_LINK_READ)
        return system_result(readlink(path, (char *)q, (size_t)m));
    return realpath(path, (char *)q) ? (int64_t)strlen((char *)q) : -errno;
}

static int64_t folder_here(uint8_t *p, int64_t n) {
    return getcwd((char *)p, (size_t)n) ? (int64_t)strlen((char *)p) : -errno;
}

static int64_t give_text(const char *value, uint8_t *q) {
    if (!value)
        return -1;
    memcpy(q, &value, sizeof value);
    return (int64_t)strlen(value);
}

static int64_t env_get(const uint8_t *p, int64_t n, uint8_t *q) {
    char name[SYSTEM_PATH_BYTES];
    return system_path(p, n, name) == 0 ? give_text(getenv(name), q) : -1;
}

static int64_t error_text(uint8_t *p, int64_t n, int64_t code) {
    const char *text = strerror((int)code);
    int64_t size = (int64_t)strlen(text);
    size = size < n ? size : n;
    memcpy(p, text, (size_t)size);
    return size;
}

// Under a seed the hashes are the same in each run, and so are the random numbers of a test: see rt.h.
int64_t jn_hash_seed;
uint64_t jn_test_random;

static int64_t repeat_random(uint8_t *p, int64_t n) {
    for (int64_t i = 0; i < n; i += 8) {
        uint64_t z = __atomic_add_fetch(&jn_test_random, 0x9e3779b97f4a7c15u, __ATOMIC_RELAXED);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        memcpy(p + i, &z, n - i < 8 ? (size_t)(n - i) : 8);
    }
    return n;
}

static int64_t fill_random(uint8_t *p, int64_t n) {
    if (jn_test_random != 0)
        return repeat_random(p, n);
    int64_t done = 0;
    while (done < n) {
        ssize_t k = getrandom(p + done, (size_t)(n - done), 0);
        if (k < 0 && errno != EINTR)
            return -errno;
        done += k < 0 ? 0 : k;
    }
    return done;
}

static int64_t read_some(uint8_t *p, int64_t n, int64_t fd) {
    if (fd == 0)
        jn_flush(); // a prompt must be seen before its answer is awaited
    for (;;) {
        ssize_t k = read((int)fd, p, (size_t)n);
        if (k >= 0 || errno != EINTR)
            return k < 0 ? -errno : k;
    }
}

static int64_t write_standard(const uint8_t *p, int64_t n, int64_t fd) {
    if (fd == 1)
        return write_out(p, n);
    jn_flush();
    jn_write_error((const char *)p, n);
    return 0;
}

int64_t jn_service_ptr(int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    switch (code) {
    case SERVICE_WRITE: return write_standard(p, n, m);
    case SERVICE_READ: return read_some(p, n, m);
    case SERVICE_FILE_OPEN: return file_open(p, n, m);
    case SERVICE_FILE_WRITE: return write_all((int)m, p, n);
    case SERVICE_FILE_READ_AT: return system_read_at(m, p, n, *(int64_t *)(void *)q);
    case SERVICE_FILE_WRITE_AT: return system_write_at(m, p, n, *(int64_t *)(void *)q);
    case SERVICE_ENV_GET: return env_get(p, n, q);
    case SERVICE_ARG_GET: return m < jn_arg_count ? give_text(jn_args[m], q) : -1;
    case SERVICE_ERROR_TEXT: return error_text(p, n, m);
    case SERVICE_RANDOM: return fill_random(p, n);
    case SERVICE_FILE_INFO: return file_info(p, n, (int64_t *)(void *)q);
    case SERVICE_FOLDER_OPEN:
    case SERVICE_FILE_STAT:
    case SERVICE_LINK_READ:
    case SERVICE_PATH_REAL: return path_question(code, p, n, q, m);
    case SERVICE_FOLDER_NEXT: return system_folder_next(m, (char *)p, (int64_t *)(void *)q);
    case SERVICE_FOLDER_HERE: return folder_here(p, n);
    case SERVICE_PROCESS_START:
        jn_flush(); // what was printed comes before what the child prints
        return system_start((char *)p, n, m >> 8, m & 0xff, (int64_t *)(void *)q);
    case SERVICE_POLL: return system_poll((const int64_t *)(void *)p, (int64_t *)(void *)q, n, m);
    case SERVICE_POLL_SET: return system_poll_set((const int64_t *)(void *)p, n);
    case SERVICE_PIPE_WRITE: return system_pipe_write((int)m, p, (size_t)n);
    case SERVICE_FILE_REMOVE:
    case SERVICE_FILE_RENAME:
    case SERVICE_FILE_MODE:
    case SERVICE_LINK_MAKE:
    case SERVICE_FOLDER_MAKE: return file_path_call(code, p, n, q, m);
    case SERVICE_MAIN_ERROR: jn_main_error((const char *)p, n); return 0;
    default: return -ENOSYS;
    }
}

// Under a seed the clocks go as that of the tasks does, from a day of which nothing is known.
void (*jn_before_exit)(void);
int64_t (*jn_virtual_clock)(int64_t passes);
enum { VIRTUAL_START = 1767225600 }; // 2026-01-01

static int64_t clock_ns(int64_t which) {
    if (jn_virtual_clock)
        return jn_virtual_clock(0) + (which % 3 == 1 ? VIRTUAL_START * INT64_C(1000000000) : 0);
    static const clockid_t CLOCKS[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_PROCESS_CPUTIME_ID};
    struct timespec t;
    if (clock_gettime(CLOCKS[which % 3], &t) < 0)
        return INT64_MIN;
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t sleep_ns(int64_t ns) {
    if (jn_virtual_clock)
        return jn_virtual_clock(ns > 0 ? ns : 0) & 0;
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    while (nanosleep(&t, &t) < 0 && errno == EINTR) {
    }
    return 0;
}

static int64_t seed(void) {
    static SpinLock lock;
    jn_lock(&lock);
    if (jn_hash_seed == 0 && fill_random((uint8_t *)&jn_hash_seed, sizeof jn_hash_seed) < 0)
        jn_hash_seed = clock_ns(0); // no entropy to be had: still different from run to run
    jn_hash_seed |= 1;
    int64_t result = jn_hash_seed;
    jn_unlock(&lock);
    return result;
}

static int64_t file_size(int64_t fd) {
    struct stat s;
    if (fstat((int)fd, &s) < 0)
        return -errno;
    return S_ISREG(s.st_mode) ? s.st_size : 0;
}

int64_t jn_service(int64_t code, int64_t a, int64_t b, int64_t c) {
    (void)c;
    switch (code) {
    case SERVICE_EXIT:
        jn_flush();
        if (jn_before_exit)
            jn_before_exit();
        _exit((int)a);
    case SERVICE_FLUSH: jn_flush(); return 0;
    case SERVICE_FILE_CLOSE: return system_close(a);
    case SERVICE_CLOCK: return clock_ns(a);
    case SERVICE_ARG_COUNT: return jn_arg_count;
    case SERVICE_SLEEP: return sleep_ns(a);
    case SERVICE_IS_TERMINAL: return isatty((int)a);
    case SERVICE_SEED: return seed();
    case SERVICE_FILE_SIZE: return file_size(a);
    case SERVICE_FOLDER_CLOSE: return result_of(closedir((DIR *)(intptr_t)a));
    case SERVICE_FILE_SYNC: return system_sync(a);
    case SERVICE_FILE_RESIZE: return system_resize(a, b);
    case SERVICE_FILE_LOCK: return system_lock(a);
    case SERVICE_PROCESS_WAIT: return system_wait(a, b == 1);
    case SERVICE_PROCESS_WATCH: return system_watch(a);
    case SERVICE_PROCESS_ID: return getpid();
    case SERVICE_PROCESS_SIGNAL: return result_of(kill((pid_t)a, (int)b));
    default: return -ENOSYS;
    }
}
