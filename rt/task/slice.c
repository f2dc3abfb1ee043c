// Time slices of the real workers. For each a clock that only runs while its thread computes sends that thread a signal
// every few milliseconds, and that raises its attention: loops poll it, and nothing is woken while the thread waits.
// The signal is taken on the stack for signals where there is one: a task may have no room for it.
#include "worker.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SLICE_NS = 5000000 };

static void on_tick(int number) {
    (void)number;
    jn_note_time();
    jn_attend_set(this_worker(), ATTEND_SLICE);
}

// As the system has it: libc's does not say which thread is meant.
typedef union {
    struct {
        union sigval value;
        int signal, notify, thread;
    } is;
    char bytes[64];
} Event;

enum { NOTIFY_THREAD = 4 };

// Without the clock, tasks that compute run on until they suspend.
void jn_slice_start(JnWorker *w) {
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART | SA_ONSTACK};
    Event event = {.is = {.signal = SIGURG, .notify = NOTIFY_THREAD, .thread = (int)syscall(SYS_gettid)}};
    struct itimerspec every = {{0, SLICE_NS}, {0, SLICE_NS}};
    int timer;
    sigaction(SIGURG, &action, NULL);
    if (syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0)
        return;
    syscall(SYS_timer_settime, timer, 0, &every, NULL);
    w->slice_timer = timer;
    w->has_slice_timer = true;
}

void jn_slice_stop(JnWorker *w) {
    if (w->has_slice_timer)
        syscall(SYS_timer_delete, w->slice_timer);
    w->has_slice_timer = false;
}

void jn_slice_over(JnWorker *w) {
    jn_attend_clear(w, ATTEND_SLICE);
    jn_look_at_clock(w);
    if (__atomic_load_n(&w->queue.count, __ATOMIC_RELAXED) > 0 && host_is_steady())
        jn_let_others_run(w);
}
