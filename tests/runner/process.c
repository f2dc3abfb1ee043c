#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    int fd;
    Buffer *buffer;
} Stream;

static void die(const char *what) {
    fprintf(stderr, "testrunner: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void become(const RunOptions *options, const int input[2], const int out[2], const int err[2]) {
    dup2(input[0], 0);
    dup2(out[1], 1);
    dup2(options->merge ? out[1] : err[1], 2);
    setpgid(0, 0); // so that a timeout ends the grandchildren too
    if (options->folder && chdir(options->folder) < 0)
        _exit(126);
    setenv("JANUS_VERIFY_LLVM", "1", 1); // what is handed to LLVM is judged wherever a test compiles
    setenv("JANUS_WORKERS", "1", 0);     // what prints in an order that nothing says prints in one order
    if (options->path_first) {
        char path[8192];
        snprintf(path, sizeof path, "%s:%s", options->path_first, getenv("PATH") ? getenv("PATH") : "/bin:/usr/bin");
        setenv("PATH", path, 1);
    }
    if (options->setting && putenv((char *)(uintptr_t)options->setting) != 0)
        _exit(126);
    if (options->temp) {
        setenv("TMPDIR", options->temp, 1);
        setenv("HOME", options->temp, 1);
    }
    char *const *argv = (char *const *)(uintptr_t)options->argv;
    execvp(argv[0], argv);
    _exit(127);
}

static void read_stream(struct pollfd *poll_fd, const Stream *stream) {
    if (!(poll_fd->revents & (POLLIN | POLLHUP | POLLERR)))
        return;
    vec_reserve(stream->buffer, 64 * 1024);
    ssize_t got = read(stream->fd, stream->buffer->items + stream->buffer->count, 64 * 1024);
    if (got > 0) {
        stream->buffer->count += (uint32_t)got;
        return;
    }
    close(stream->fd);
    poll_fd->fd = -1;
}

// Feeds and drains the pipes until both outputs are closed or time is up.
static void pump(int input, Text text, Stream streams[2], uint64_t deadline_ns, Run *run) {
    struct pollfd fds[3] = {{streams[0].fd, POLLIN, 0}, {streams[1].fd, POLLIN, 0}, {input, POLLOUT, 0}};
    size_t fed = 0;
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (fds[2].fd >= 0 && fed == text.size) {
            close(input);
            fds[2].fd = -1;
        }
        uint64_t now = os_now_ns();
        if (now >= deadline_ns) {
            run->timed_out = true;
            break;
        }
        if (poll(fds, 3, (int)((deadline_ns - now) / 1000000) + 1) < 0 && errno != EINTR)
            die("poll");
        if (fds[2].fd >= 0 && (fds[2].revents & (POLLOUT | POLLERR))) {
            ssize_t put = write(input, text.data + fed, text.size - fed);
            fed = put > 0 ? fed + (size_t)put : text.size; // a program need not read its input
        }
        read_stream(&fds[0], &streams[0]);
        read_stream(&fds[1], &streams[1]);
    }
    for (int i = 0; i < 3; i++) {
        if (fds[i].fd >= 0)
            close(fds[i].fd);
    }
}

Run run_process(RunOptions options) {
    Run run = {0};
    int input[2], out[2], err[2];
    if (pipe2(input, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        die("pipe");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        become(&options, input, out, err);
    close(input[0]);
    close(out[1]);
    close(err[1]);
    fcntl(input[1], F_SETFL, O_NONBLOCK);
    Stream streams[2] = {{out[0], &run.out}, {err[0], &run.err}};
    pump(input[1], options.input, streams, os_now_ns() + (uint64_t)options.timeout_s * 1000000000u, &run);
    if (run.timed_out)
        kill(-child, SIGKILL);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    run.signalled = WIFSIGNALED(status);
    run.code = run.signalled ? WTERMSIG(status) : WEXITSTATUS(status);
    return run;
}

void run_free(Run *run) {
    vec_free(&run->out);
    vec_free(&run->err);
}

typedef struct {
    atomic_uint next;
    uint32_t count;
    void (*work)(void *context, uint32_t index);
    void *context;
} Pool;

static void *pool_thread(void *argument) {
    Pool *pool = argument;
    for (uint32_t index; (index = atomic_fetch_add(&pool->next, 1)) < pool->count;)
        pool->work(pool->context, index);
    return NULL;
}

void run_parallel(uint32_t count, void (*work)(void *context, uint32_t index), void *context) {
    enum { MAX_THREADS = 64 };
    Pool pool = {.count = count, .work = work, .context = context};
    pthread_t threads[MAX_THREADS];
    uint32_t thread_count = os_cpu_count() < MAX_THREADS ? os_cpu_count() : MAX_THREADS;
    for (uint32_t i = 0; i < thread_count; i++) {
        if (pthread_create(&threads[i], NULL, pool_thread, &pool) != 0)
            die("pthread_create");
    }
    for (uint32_t i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
}
