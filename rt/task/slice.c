// Time slices of the real worker. A clock that only runs while this thread computes sends a signal every few
// milliseconds, and that raises a bit of jn_attention: loops poll it, and nothing is woken while the thread waits.
// The signal is taken on the stack for signals where there is one: a task may have no room for it.
#include "worker.h"

#include <signal.h>
#include <time.h>

enum { SLICE_NS = 5000000 };

static void on_tick(int number) {
    (void)number;
    jn_worker.attention |= ATTEND_SLICE;
    jn_attention |= ATTEND_SLICE;
}

// Without the clock, tasks that compute run on until they suspend.
void jn_slice_start(JnWorker *w) {
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART | SA_ONSTACK};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGURG};
    struct itimerspec every = {{0, SLICE_NS}, {0, SLICE_NS}};
    timer_t timer;
    sigaction(SIGURG, &action, NULL);
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0)
        return;
    timer_settime(timer, 0, &every, NULL);
    w->slice_timer = timer;
    w->has_slice_timer = true;
}

void jn_slice_stop(JnWorker *w) {
    if (w->has_slice_timer)
        timer_delete(w->slice_timer);
    w->has_slice_timer = false;
}

void jn_slice_over(JnWorker *w) {
    w->attention &= ~(uint32_t)ATTEND_SLICE;
    jn_attention = w->attention | w->current->attention;
    jn_look_at_clock(w);
    if (w->first)
        jn_let_others_run(w);
}
