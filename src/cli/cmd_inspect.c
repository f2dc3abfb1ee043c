// Asks a running program what its tasks do. The program answers into a pipe of ours, see rt/inspect.h.
#include "base/os_child.h"
#include "cli/cli.h"
#include "rt/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ASK_AGAIN_MS = 500, QUESTIONS = 12 }; // it may be answering somebody else

// The kernel reads the first fields of a siginfo_t.
typedef union {
    siginfo_t info;
    char bytes[128];
} Message;

static int refuse(const char *help, const char *process, const char *what) {
    fprintf(stderr, "error: process %s %s\n", process, what);
    if (help)
        fprintf(stderr, "help: %s\n", help);
    return EXIT_ERRORS;
}

// Whether the program's file has the mark of those that answer.
static bool has_mark(Session *session, int process) {
    const char *path = arena_printf(session->arena, "/proc/%d/exe", process).data;
    Text content, mark = TEXT(JN_INSPECT_MARK);
    return os_read_file(session->arena, path, SIZE_MAX, &content).ok &&
           memmem(content.data, content.size, mark.data, mark.size) != NULL;
}

static bool send_question(int process, int value) {
    Message message = {.info = {.si_signo = SIGQUIT, .si_code = SI_QUEUE}};
    message.info.si_pid = getpid();
    message.info.si_uid = getuid();
    message.info.si_value.sival_int = value;
    return syscall(SYS_rt_sigqueueinfo, process, SIGQUIT, &message) == 0;
}

// Reads the answer up to its end. False if none comes, however often it is asked.
static bool read_answer(int process, int value, int from, Buffer *answer) {
    for (int silences = 0; silences < QUESTIONS;) {
        char bytes[16384];
        struct pollfd wanted = {.fd = from, .events = POLLIN};
        if (poll(&wanted, 1, ASK_AGAIN_MS) <= 0) {
            silences++;
            if (answer->count == 0 && !send_question(process, value))
                return false;
            continue;
        }
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n <= 0)
            return false;
        const char *end = memchr(bytes, 0, (size_t)n);
        buffer_text(answer, (Text){bytes, end ? (size_t)(end - bytes) : (size_t)n});
        if (end)
            return true;
    }
    return false;
}

static int ask(int process, const char *name, bool is_json, const int *ends) {
    int value = JN_INSPECT_VALUE(ends[1], is_json), code = EXIT_ERRORS;
    Buffer answer = {0};
    if (!send_question(process, value))
        return refuse(NULL, name, strerror(errno));
    if (read_answer(process, value, ends[0], &answer))
        code = output_result(buffer_view(&answer));
    else
        refuse("it may be stopped, or in another container: `kill -QUIT PID` makes it write to its standard error",
               name, "does not answer");
    vec_free(&answer);
    return code;
}

int command_inspect(const Options *options) {
    const char *name = options->operand;
    int process = name[strspn(name, "0123456789")] == 0 && strlen(name) < 10 ? (int)strtol(name, NULL, 10) : 0;
    if (process <= 0)
        return usage_error("it is a number: `pgrep NAME` finds it", "`%s` is no process", name);
    if (kill(process, 0) != 0 && errno == ESRCH)
        return refuse("`pgrep NAME` finds the number of a program that runs", name, "does not exist");
    if (kill(process, 0) != 0)
        return refuse("only who runs it may ask", name, "belongs to somebody else");
    Session *session = session_new((SessionOptions){0});
    bool listens = os_process_catches(process, SIGQUIT) && has_mark(session, process);
    session_end(session);
    if (!listens)
        return refuse("it is no Janus program, or one without a nursery: then there are no tasks to tell of", name,
                      "has no tasks that it could tell of");
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return refuse(NULL, name, strerror(errno));
    int code = ask(process, name, options->json, ends);
    close(ends[0]);
    close(ends[1]);
    return code;
}
