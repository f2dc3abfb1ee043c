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

enum { PATIENCE_MS = 5000 };

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

static int ask(int process, const char *name, bool is_json, const int *ends) {
    Message message = {.info = {.si_signo = SIGQUIT, .si_code = SI_QUEUE}};
    message.info.si_pid = getpid();
    message.info.si_uid = getuid();
    message.info.si_value.sival_int = JN_INSPECT_VALUE(ends[1], is_json);
    if (syscall(SYS_rt_sigqueueinfo, process, SIGQUIT, &message) != 0)
        return refuse(NULL, name, strerror(errno));
    Buffer answer = {0};
    for (;;) {
        char bytes[16384];
        struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
        ssize_t n = poll(&wanted, 1, PATIENCE_MS) > 0 ? read(ends[0], bytes, sizeof bytes) : 0;
        bool is_over = n > 0 && bytes[n - 1] == 0;
        buffer_text(&answer, (Text){bytes, n > 0 ? (size_t)(n - is_over) : 0});
        if (is_over)
            break;
        if (n <= 0) {
            vec_free(&answer);
            return refuse(
                "it may be stopped, or in another container: `kill -QUIT PID` makes it write to its standard error",
                name, "does not answer");
        }
    }
    int code = output_result(buffer_view(&answer));
    vec_free(&answer);
    return code;
}

int command_inspect(const Options *options) {
    const char *name = options->operand;
    int process = name[strspn(name, "0123456789")] == 0 && strlen(name) < 10 ? atoi(name) : 0;
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
