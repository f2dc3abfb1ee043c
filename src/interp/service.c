// The runtime's services (rt/services.def), for the program that is being run.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "interp/internal.h"
#include "rt/system.h"
#include "rt/task.h"

enum {
#define SERVICE(number, name) SERVICE_##name = number,
#include "rt/services.def"
#undef SERVICE
    PATH_BYTES = SYSTEM_PATH_BYTES,
};

static int64_t result_of(int64_t value) {
    return value < 0 ? -errno : value;
}

// Bytes the program passes to be read.
static Text bytes_of(Interp *in, const uint8_t *p, int64_t n) {
    if (n < 0)
        interp_violation(in, "a service was given %lld bytes", (long long)n);
    memory_check_read(in, p, (uint64_t)n, 1);
    return (Text){(const char *)p, (size_t)n};
}

// Where the program wants `n` bytes written, at the most.
static void may_fill(Interp *in, const uint8_t *p, int64_t n) {
    memory_check(in, p, n > 0 ? (uint64_t)n : 0, 1);
}

static int64_t filled(Interp *in, uint8_t *p, int64_t n) {
    if (n > 0)
        memory_will_write(in, p, (uint64_t)n, 1);
    return n;
}

static int64_t path_of(Interp *in, const uint8_t *p, int64_t n, char path[PATH_BYTES]) {
    return system_path(bytes_of(in, p, n).data, n, path);
}

static int64_t read_some(Interp *in, uint8_t *p, int64_t n, int64_t fd) {
    if (fd == 0)
        interp_flush(in);
    may_fill(in, p, n);
    for (;;) {
        ssize_t k = read((int)fd, p, (size_t)n);
        if (k >= 0 || errno != EINTR)
            return k < 0 ? -errno : filled(in, p, k);
    }
}

static int64_t write_file(Interp *in, const uint8_t *p, int64_t n, int64_t fd) {
    Text text = bytes_of(in, p, n);
    int64_t done = 0;
    while (done < n) {
        ssize_t k = write((int)fd, text.data + done, (size_t)(n - done));
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k < 0 ? -errno : -EIO;
        done += k;
    }
    return done;
}

// The offset that the program keeps at q.
static int64_t offset_at(Interp *in, const uint8_t *q) {
    int64_t offset;
    memcpy(&offset, bytes_of(in, q, sizeof offset).data, sizeof offset);
    return offset;
}

static int64_t read_at(Interp *in, uint8_t *p, int64_t n, const uint8_t *q, int64_t fd) {
    may_fill(in, p, n);
    return filled(in, p, system_read_at(fd, p, n, offset_at(in, q)));
}

static int64_t write_at(Interp *in, const uint8_t *p, int64_t n, const uint8_t *q, int64_t fd) {
    Text text = bytes_of(in, p, n);
    return system_write_at(fd, (const uint8_t *)text.data, n, offset_at(in, q));
}

static int64_t open_file(Interp *in, const uint8_t *p, int64_t n, int64_t mode) {
    char path[PATH_BYTES];
    int64_t why = path_of(in, p, n, path);
    return why < 0 ? why : system_open(path, mode);
}

// Stores the address of a text of ours, which stays, at q.
static int64_t give_text(Interp *in, const char *value, uint8_t *q) {
    if (!value)
        return -1;
    uint8_t *kept = interp_literal(in, value, strlen(value));
    memory_will_write(in, q, 8, 1);
    memcpy(q, &kept, 8);
    *stored_tag(in, q) = TAG_UNTRACKED;
    return (int64_t)strlen(value);
}

static int64_t error_text(Interp *in, uint8_t *p, int64_t n, int64_t code) {
    const char *text = strerror((int)code);
    int64_t size = (int64_t)strlen(text) < n ? (int64_t)strlen(text) : n;
    may_fill(in, p, size);
    memcpy(p, text, (size_t)size);
    return filled(in, p, size);
}

static int64_t file_info(Interp *in, const uint8_t *p, int64_t n, uint8_t *q) {
    char path[PATH_BYTES];
    struct stat s;
    int64_t why = path_of(in, p, n, path);
    if (why < 0)
        return why;
    if (stat(path, &s) < 0)
        return -errno;
    int64_t info[2] = {s.st_size, S_ISREG(s.st_mode) ? 1 : S_ISDIR(s.st_mode) ? 2 : 0};
    memory_will_write(in, q, sizeof info, 8);
    memcpy(q, info, sizeof info);
    return 0;
}

static int64_t change_path(Interp *in, int64_t code, const uint8_t *p, int64_t n, const uint8_t *q, int64_t m) {
    char path[PATH_BYTES], other[PATH_BYTES];
    int64_t why = path_of(in, p, n, path);
    if (why < 0)
        return why;
    if (code == SERVICE_FILE_REMOVE)
        return result_of(remove(path));
    if (code == SERVICE_FOLDER_MAKE)
        return result_of(mkdir(path, m == 1 ? 0700 : 0777));
    if (code == SERVICE_FILE_MODE)
        return result_of(chmod(path, (mode_t)m));
    if ((why = path_of(in, q, m, other)) < 0)
        return why;
    return result_of(code == SERVICE_LINK_MAKE ? symlink(path, other) : rename(path, other));
}

static void store_words(Interp *in, uint8_t *q, const int64_t *words, size_t count) {
    memory_will_write(in, q, count * 8, 8);
    memcpy(q, words, count * 8);
}

// A text that was found goes into the program's buffer.
static int64_t give_bytes(Interp *in, uint8_t *q, int64_t room, const char *text, int64_t size) {
    if (size > room)
        return -ERANGE;
    may_fill(in, q, size);
    memcpy(q, text, (size_t)size);
    return filled(in, q, size);
}

// Services that look at a path and store what they find.
static int64_t path_question(Interp *in, int64_t code, const uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    char path[PATH_BYTES], found[PATH_BYTES];
    int64_t words[SYSTEM_STAT_WORDS], size;
    int64_t why = path_of(in, p, n, path);
    if (why < 0)
        return why;
    switch (code) {
    case SERVICE_FOLDER_OPEN: return system_folder_open(path);
    case SERVICE_FILE_STAT:
        if ((size = system_stat(path, m == 1, words)) == 0)
            store_words(in, q, words, SYSTEM_STAT_WORDS);
        return size;
    case SERVICE_LINK_READ:
        size = readlink(path, found, m < PATH_BYTES ? (size_t)m : PATH_BYTES);
        return size < 0 ? -errno : give_bytes(in, q, m, found, size);
    default: return realpath(path, found) ? give_bytes(in, q, m, found, (int64_t)strlen(found)) : -errno;
    }
}

static int64_t folder_next(Interp *in, uint8_t *p, int64_t n, uint8_t *q, int64_t handle) {
    char name[SYSTEM_NAME_BYTES];
    int64_t kind, size = system_folder_next(handle, name, &kind);
    if (size <= 0)
        return size;
    store_words(in, q, &kind, 1);
    return give_bytes(in, p, n, name, size);
}

static int64_t folder_here(Interp *in, uint8_t *p, int64_t n) {
    char found[PATH_BYTES];
    return getcwd(found, sizeof found) ? give_bytes(in, p, n, found, (int64_t)strlen(found)) : -errno;
}

static int64_t start_process(Interp *in, const uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    int64_t words[SYSTEM_START_WORDS];
    Text given = bytes_of(in, p, n);
    char *copy = ARENA_ARRAY(in->arena, char, given.size + 1);
    memcpy(copy, given.data, given.size);
    interp_flush(in);
    int64_t result = system_start(copy, n, m >> 8, m & 0xff, words);
    if (result == 0)
        store_words(in, q, words, SYSTEM_START_WORDS);
    return result;
}

static int64_t poll_some(Interp *in, const uint8_t *p, int64_t n, uint8_t *q, int64_t timeout) {
    int64_t wanted[SYSTEM_POLL_MAX], ready[SYSTEM_POLL_MAX];
    if (n < 0 || n > SYSTEM_POLL_MAX)
        return -EINVAL;
    Text given = bytes_of(in, p, n * 8);
    memcpy(wanted, given.data, given.size);
    int64_t result = system_poll(wanted, ready, n, timeout);
    if (result >= 0)
        store_words(in, q, ready, (size_t)n);
    return result;
}

static int64_t poll_set(Interp *in, const uint8_t *p, int64_t n) {
    int64_t wanted[SYSTEM_POLL_MAX];
    if (n < 0 || n > SYSTEM_POLL_MAX)
        return -EINVAL;
    Text given = bytes_of(in, p, n * 8);
    memcpy(wanted, given.data, given.size);
    return system_poll_set(wanted, n);
}

static int64_t pipe_write(Interp *in, const uint8_t *p, int64_t n, int64_t fd) {
    Text text = bytes_of(in, p, n);
    return system_pipe_write((int)fd, text.data, text.size);
}

static int64_t env_get(Interp *in, const uint8_t *p, int64_t n, uint8_t *q) {
    char name[PATH_BYTES];
    return path_of(in, p, n, name) == 0 ? give_text(in, getenv(name), q) : -1;
}

static int64_t fill_random(Interp *in, uint8_t *p, int64_t n) {
    may_fill(in, p, n);
    int64_t done = 0;
    for (; in->options.random && done < n; done++) {
        in->options.random = (in->options.random ^ (uint64_t)done) * 0xbf58476d1ce4e5b9u + 0x9e3779b97f4a7c15u;
        p[done] = (uint8_t)(in->options.random >> 40);
    }
    while (done < n) {
        ssize_t k = getrandom(p + done, (size_t)(n - done), 0);
        if (k < 0 && errno != EINTR)
            return -errno;
        done += k < 0 ? 0 : k;
    }
    return filled(in, p, n);
}

int64_t service_call_ptr(Interp *in, int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    if (in->evaluating)
        interp_panic_text(in, "a constant cannot use the operating system");
    switch (code) {
    case SERVICE_WRITE: interp_write(in, m, bytes_of(in, p, n)); return 0;
    case SERVICE_READ: return read_some(in, p, n, m);
    case SERVICE_FILE_OPEN: return open_file(in, p, n, m);
    case SERVICE_FILE_WRITE: return write_file(in, p, n, m);
    case SERVICE_FILE_READ_AT: return read_at(in, p, n, q, m);
    case SERVICE_FILE_WRITE_AT: return write_at(in, p, n, q, m);
    case SERVICE_ENV_GET: return env_get(in, p, n, q);
    case SERVICE_ARG_GET: return m >= 0 && m < in->options.arg_count ? give_text(in, in->options.args[m], q) : -1;
    case SERVICE_ERROR_TEXT: return error_text(in, p, n, m);
    case SERVICE_RANDOM: return fill_random(in, p, n);
    case SERVICE_FILE_INFO: return file_info(in, p, n, q);
    case SERVICE_FOLDER_OPEN:
    case SERVICE_FILE_STAT:
    case SERVICE_LINK_READ:
    case SERVICE_PATH_REAL: return path_question(in, code, p, n, q, m);
    case SERVICE_FOLDER_NEXT: return folder_next(in, p, n, q, m);
    case SERVICE_FOLDER_HERE: return folder_here(in, p, n);
    case SERVICE_PROCESS_START: return start_process(in, p, n, q, m);
    case SERVICE_POLL: return poll_some(in, p, n, q, m);
    case SERVICE_POLL_SET: return poll_set(in, p, n);
    case SERVICE_PIPE_WRITE: return pipe_write(in, p, n, m);
    case SERVICE_FILE_REMOVE:
    case SERVICE_FILE_RENAME:
    case SERVICE_FILE_MODE:
    case SERVICE_LINK_MAKE:
    case SERVICE_FOLDER_MAKE: return change_path(in, code, p, n, q, m);
    case SERVICE_MAIN_ERROR: interp_main_error(in, bytes_of(in, p, n)); return 0;
    default: return -ENOSYS;
    }
}

static int64_t clock_now(int64_t which) {
    static const clockid_t CLOCKS[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_PROCESS_CPUTIME_ID};
    struct timespec t;
    if (clock_gettime(CLOCKS[which >= 0 && which < 3 ? which : 0], &t) < 0)
        return INT64_MIN;
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

void service_stop_clocks(Interp *in) {
    for (int which = 0; which < 3; which++)
        in->clocks_then[which] = clock_now(which);
}

static int64_t clock_ns(Interp *in, int64_t which) {
    int64_t passed = in->tasks ? jn_virtual_time(0) : -1;
    return passed < 0 ? clock_now(which) : in->clocks_then[which >= 0 && which < 3 ? which : 0] + passed;
}

static int64_t sleep_ns(Interp *in, int64_t ns) {
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    interp_flush(in);
    if (in->tasks && jn_virtual_time(ns > 0 ? ns : 0) >= 0)
        return 0;
    while (nanosleep(&t, &t) < 0 && errno == EINTR)
        ;
    return 0;
}

static int64_t seed(Interp *in) {
    const char *order = os_getenv("JANUS_SEED");
    if (in->options.random || (order && *order))
        in->seed = 1;
    while (!in->seed)
        if (getrandom(&in->seed, sizeof in->seed, 0) < 0)
            in->seed = 1;
    return (int64_t)in->seed;
}

static int64_t file_size(int64_t fd) {
    struct stat s;
    if (fstat((int)fd, &s) < 0)
        return -errno;
    return S_ISREG(s.st_mode) ? s.st_size : 0;
}

int64_t service_call(Interp *in, int64_t code, int64_t a, int64_t b, int64_t c) {
    (void)c;
    if (in->evaluating && code != SERVICE_SEED)
        interp_panic_text(in, "a constant cannot use the operating system");
    switch (code) {
    case SERVICE_EXIT: interp_flush(in); interp_exit(in, (int)(a & 0xff));
    case SERVICE_FLUSH: interp_flush(in); return 0;
    case SERVICE_FILE_CLOSE: return system_close(a);
    case SERVICE_CLOCK: return clock_ns(in, a);
    case SERVICE_ARG_COUNT: return in->options.arg_count;
    case SERVICE_SLEEP: return sleep_ns(in, a);
    case SERVICE_IS_TERMINAL: return isatty((int)a);
    case SERVICE_SEED: return seed(in);
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
