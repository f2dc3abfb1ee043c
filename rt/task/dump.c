// What the tasks of a running program do, told when SIGQUIT comes, or to `janus inspect`; the program goes on.
//
// The handler may come between any two instructions. Several workers lock the tree: if the lock is free the handler
// takes it, and tells; whoever has it lets go of it soon, and a timer brings the signal again. A single worker locks
// nothing, so it must not be within the runtime: it is told at the next suspension point or poll, or by the handler if
// that interrupted a call of the system, or if there is no nursery. What is told is written when the lock has been
// given back.
//
// `janus inspect` sends the signal with a value: the number of a pipe of its own, which is opened by way of /proc. So
// the system decides who may ask: who may send the signal. Nobody else is listened to, and nothing waits for anybody.
#include "dump.h"

#include "report.h"
#include "worker.h"

#ifndef JN_TASKS_HOSTED

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    MOST_TASKS = 10000,
    TEXT_BYTES = 8 << 20,
    DEEPEST = 24,
    AGAIN_NS = 2000000,
    PATIENCE_MS = 2000,
};

// Told by janus from a program that listens: see janus inspect.
__attribute__((used, retain)) static const char MARK[] = JN_INSPECT_MARK;

enum { NOBODY, ASKED, TOLD }; // the last: somebody is being told; who asks meanwhile must ask again

static struct {
    uint32_t state;  // atomic
    int asker, pipe; // 0: it goes to standard error
    bool is_json;
    bool has_timer;
    int timer;
} dump;

// ---- one task ------------------------------------------------------------------------------------------------------

static bool is_json(const JnText *text) {
    return text->is_json;
}

static uint32_t depth_of(const JnTask *t) {
    uint32_t depth = 0;
    for (; t->nursery && depth < DEEPEST; t = t->nursery->owner)
        depth++;
    return depth;
}

static void indent(uint32_t depth) {
    for (uint32_t i = 0; i < depth; i++)
        jn_put("  ");
}

static bool runs_now(const JnTask *t) {
    for (uint32_t i = 0; i < jn_all.worker_count; i++)
        if (__atomic_load_n(&jn_all.workers[i]->current, __ATOMIC_RELAXED) == t)
            return true;
    return false;
}

static void put_span(uint32_t ms) {
    jn_put_number(ms / 1000);
    if (ms < 10000) {
        char tenths[] = {'.', (char)('0' + ms % 1000 / 100), 0};
        jn_put(tenths);
    }
    jn_put(" s");
}

static uint32_t waited_ms(const JnTask *t) {
    uint32_t now = (uint32_t)(jn_now() / 1000000), since = t->waiter.since;
    return now > since ? now - since : 0;
}

static void put_state(JnTask *t, WaitKind wait) {
    if (wait == WAIT_NONE) {
        jn_put(runs_now(t) ? ", runs" : ", can run");
        jn_put_place("; it last waited at ", t->wait_at);
        return;
    }
    jn_put(wait == WAIT_SLEEP ? ", sleeps" : ", waits");
    jn_put_place(" at ", t->wait_at);
    if (wait != WAIT_SLEEP)
        jn_put(" ");
    jn_put_wait(t);
    jn_put(", for ");
    put_span(waited_ms(t));
}

static void put_nursery(const Nursery *n, uint32_t depth) {
    indent(depth);
    jn_put("nursery");
    jn_put_place(" at ", n->at);
    jn_put(": ");
    jn_put_number(n->running);
    jn_put(n->running == 1 ? " task runs" : " tasks run");
    if (n->limit) {
        jn_put(" of at most ");
        jn_put_number(n->limit);
    }
    jn_put(n->is_cancelled || n->are_tasks_cancelled ? ", cancelled\n" : "\n");
}

static void put_task(JnTask *t) {
    uint32_t depth = depth_of(t);
    if (jn_is_first_in_nursery(t))
        put_nursery(t->nursery, depth * 2 - 1);
    indent(depth * 2);
    jn_put_task(t);
    jn_put_place(", spawned at ", t->spawned_at);
    put_state(t, (WaitKind)t->wait);
    jn_put("\n");
}

// ---- JSON ----------------------------------------------------------------------------------------------------------
// Names and files hold nothing that JSON escapes but quotes and backslashes.

static void put_string(JnText *text, int64_t from) {
    for (int64_t i = from; i < text->size; i++)
        if (text->bytes[i] == '"' || text->bytes[i] == '\\' || (uint8_t)text->bytes[i] < ' ')
            text->bytes[i] = '\'';
    jn_put("\"");
}

static void put_place_field(JnText *text, const char *name, const JnLocation *at) {
    if (!at || !at->file)
        return;
    jn_put(",\"");
    jn_put(name);
    jn_put("\":\"");
    int64_t from = text->size;
    jn_put_place("", at);
    put_string(text, from);
}

static void put_number_field(const char *name, uint64_t value) {
    jn_put(",\"");
    jn_put(name);
    jn_put("\":");
    jn_put_number(value);
}

static void put_json_task(JnText *text, JnTask *t) {
    WaitKind wait = (WaitKind)t->wait;
    jn_put("{\"task\":");
    jn_put_number(jn_number_of(t));
    jn_put(",\"name\":\"");
    int64_t from = text->size;
    jn_put(t == &jn_all.root ? "main" : t->code->name ? t->code->name : "");
    put_string(text, from);
    if (t->nursery) {
        put_number_field("parent", jn_number_of(t->nursery->owner));
        put_place_field(text, "nursery", t->nursery->at);
        put_place_field(text, "spawned", t->spawned_at);
    }
    jn_put(wait == WAIT_SLEEP  ? ",\"state\":\"sleeps\""
           : wait != WAIT_NONE ? ",\"state\":\"waits\""
           : runs_now(t)       ? ",\"state\":\"runs\""
                               : ",\"state\":\"can run\"");
    put_place_field(text, "at", t->wait_at);
    if (wait != WAIT_NONE && wait != WAIT_SLEEP) {
        jn_put(",\"for\":\"");
        from = text->size;
        jn_put_wait(t);
        put_string(text, from);
    }
    if (wait != WAIT_NONE)
        put_number_field("milliseconds", waited_ms(t));
    jn_put("}");
}

// ---- all tasks -----------------------------------------------------------------------------------------------------

static void put_all(JnText *text) {
    uint64_t shown = 0, more = 0;
    jn_put(is_json(text) ? "{\"tasks\":[\n" : "");
    for (JnTask *t = &jn_all.root; t; t = jn_task_after(t)) {
        if (shown == MOST_TASKS || text->capacity - text->size < 4096) {
            more++;
            continue;
        }
        if (is_json(text)) {
            jn_put(shown > 0 ? ",\n" : "");
            put_json_task(text, t);
        } else {
            put_task(t);
        }
        shown++;
    }
    if (is_json(text)) {
        jn_put("\n]");
        put_number_field("more", more);
        jn_put("}\n");
    } else if (more > 0) {
        jn_put("and ");
        jn_put_number(more);
        jn_put(" more tasks\n");
    }
}

// Waits for a reader that is slow, but not for ever.
static void write_all(int fd, const char *bytes, int64_t size) {
    while (size > 0) {
        ssize_t n = write(fd, bytes, (size_t)size);
        if (n > 0) {
            bytes += n;
            size -= n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd wanted = {.fd = fd, .events = POLLOUT};
            if (poll(&wanted, 1, PATIENCE_MS) <= 0)
                return;
        } else if (n == 0 || errno != EINTR) {
            return;
        }
    }
}

static char *add_number(char *to, int value) {
    char digits[DIGITS];
    int at = jn_digits((uint64_t)value, digits);
    char *end = mempcpy(to, digits + at, sizeof digits - (size_t)at);
    *end = 0;
    return end;
}

// The other end of a pipe of the process that asked. Only a pipe: a program with more rights than its user must not be
// led to write elsewhere, and one that has them does not answer at all.
static int open_asker(void) {
    char path[48];
    struct stat s;
    if (getauxval(AT_SECURE) || geteuid() != getuid())
        return -1;
    add_number(stpcpy(add_number(stpcpy(path, "/proc/"), dump.asker), "/fd/"), dump.pipe);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && (fstat(fd, &s) != 0 || !S_ISFIFO(s.st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

// Who asked may have gone meanwhile: that must not end the program.
static void write_pipe(int fd, const JnText *text) {
    struct timespec no_time = {0, 0};
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    write_all(fd, text->bytes, text->size);
    write_all(fd, "", 1); // the end
    while (!sigismember(&before, SIGPIPE) && sigtimedwait(&pipe_signal, NULL, &no_time) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void send(const JnText *text) {
    static const char HEAD[] = "SIGQUIT: what the tasks do; the program goes on\n";
    if (!dump.asker) {
        write_all(2, HEAD, sizeof HEAD - 1);
        write_all(2, text->bytes, text->size);
        return;
    }
    int fd = open_asker();
    if (fd < 0)
        return;
    write_pipe(fd, text);
    close(fd);
}

static bool change(uint32_t from, uint32_t to) {
    return __atomic_compare_exchange_n(&dump.state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

// The tree is locked, or there is one worker and it is not within the runtime.
static void tell(void) {
    JnText text = {.capacity = TEXT_BYTES, .is_live = jn_all.is_parallel, .is_json = dump.is_json};
    text.bytes = mmap(NULL, TEXT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (text.bytes != MAP_FAILED) {
        JnText *before = jn_text_begin(&text);
        put_all(&text);
        jn_text_begin(before);
    }
    unlock_tree();
    if (text.bytes != MAP_FAILED) {
        send(&text);
        munmap(text.bytes, TEXT_BYTES);
    }
    __atomic_store_n(&dump.state, NOBODY, __ATOMIC_RELEASE);
}

// ---- asking --------------------------------------------------------------------------------------------------------

static bool is_instruction_syscall(const uint8_t *at) {
#if defined(__x86_64__)
    return at[0] == 0x0f && at[1] == 0x05;
#else
    return at[0] == 0x01 && at[1] == 0x00 && at[2] == 0x00 && at[3] == 0xd4;
#endif
}

// The thread was in a call of the system, which will be made again, or has been given up.
static bool was_in_system(const ucontext_t *at) {
#if defined(__x86_64__)
    const uint8_t *pc = (const uint8_t *)(uintptr_t)at->uc_mcontext.gregs[REG_RIP];
    return is_instruction_syscall(pc) || is_instruction_syscall(pc - 2);
#else
    const uint8_t *pc = (const uint8_t *)(uintptr_t)at->uc_mcontext.pc;
    return is_instruction_syscall(pc) || is_instruction_syscall(pc - 4);
#endif
}

typedef union {
    struct {
        union sigval value;
        int signal, notify;
    } is;
    char bytes[64];
} Event;

// The signal comes again after a while.
static void try_again(void) {
    Event event = {.is = {.signal = SIGQUIT}};
    struct itimerspec soon = {{0, 0}, {0, AGAIN_NS}};
    if (!dump.has_timer)
        dump.has_timer = syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &dump.timer) == 0;
    if (dump.has_timer)
        syscall(SYS_timer_settime, dump.timer, 0, &soon, NULL);
}

static void answer(const ucontext_t *at) {
    JnWorker *first = &jn_first_worker;
    if (!change(ASKED, TOLD))
        return;
    if (jn_all.is_parallel ? spin_try(&jn_all.tree) : !jn_all.root.inner || was_in_system(at)) {
        if (!jn_all.is_parallel)
            jn_attend_clear(first, ATTEND_DUMP);
        tell();
        return;
    }
    change(TOLD, ASKED);
    if (!jn_all.is_parallel)
        jn_attend_set(first, ATTEND_DUMP);
    try_again();
}

static void on_quit(int number, siginfo_t *info, void *context) {
    (void)number;
    int kept = errno;
    if (info->si_code != SI_TIMER && change(NOBODY, TOLD)) {
        int value = info->si_code == SI_QUEUE ? info->si_value.sival_int : 0;
        bool is_asked = JN_INSPECT_IS(value);
        dump.asker = is_asked ? info->si_pid : 0;
        dump.pipe = JN_INSPECT_PIPE(value);
        dump.is_json = is_asked && JN_INSPECT_JSON(value);
        change(TOLD, ASKED);
    }
    answer(context);
    errno = kept;
}

void jn_dump_at_rest(JnWorker *w) {
    jn_attend_clear(w, ATTEND_DUMP);
    if (change(ASKED, TOLD))
        tell();
}

// Also where the signal was ignored, as a shell has it for what runs in the background: it ends nothing here.
void jn_dump_start(void) {
    struct sigaction action = {.sa_sigaction = on_quit, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGQUIT, &action, NULL);
}

#else

void jn_dump_at_rest(JnWorker *w) {
    jn_attend_clear(w, ATTEND_DUMP);
}

#endif
