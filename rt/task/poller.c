// Descriptors that tasks wait for: one epoll instance, edge-triggered, and a record for each descriptor that was ever
// waited for.
//
// A task tries its system call first and comes here where that would wait. The system tells once when a descriptor
// becomes ready; if nobody waits for it then, that is noted in the record, and the next one that would wait tries again
// instead. So nothing is lost between trying and waiting, and a note may be stale: then that one tries for nothing,
// once.
//
// With several tasks at one descriptor, what was told while one of them was between trying and waiting may have woken
// only another, which takes no more than it needs. So who is not the one that waited last asks the system once more.
//
// A record is known by the number of the descriptor and is never freed while tasks run: what is told of one that has
// been closed meanwhile wakes, at worst, somebody who tries for nothing. A descriptor leaves epoll when it is closed,
// so who closes says so (jn_io_close).
//
// Who looks: a worker without tasks before it sleeps; one of those that sleep, which sleeps here and not at its futex;
// where none does, the others now and then between tasks.
#include "poller.h"

#include "blocking.h"
#include "cancel.h"
#include "timer.h"
#include "worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHUNK_RECORDS = 4096, CHUNKS = 4096 };

typedef struct {
    SpinLock lock;
    bool is_known;    // to epoll
    bool is_ready[2]; // told, and nobody waited
    Link waiting[2];  // zero: not yet a list
    uint64_t last[2]; // the task that waited last
} IoRecord;

static struct {
    SpinLock lock;   // guards making what follows
    int calls;       // rung when a blocking call has returned
    int epoll, bell; // -1: none yet; the bell rouses who sleeps here
    IoRecord *chunks[CHUNKS];
    uint32_t awaited; // how many tasks wait; atomic
    JnWorker *keeper; // who sleeps here; atomic
    bool is_made;
} io;

bool jn_io_is_awaited(void) {
    return __atomic_load_n(&io.awaited, __ATOMIC_SEQ_CST) > 0;
}

// ---- records -------------------------------------------------------------------------------------------------------

enum { THE_BELL = -1, THE_CALLS = -2 };

// A counter that is told as `data`; -1 where there is none to be had.
static int make_counter(int epoll, int data, uint32_t how) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event wanted = {.events = EPOLLIN | how, .data.fd = data};
    if (fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wanted) == 0)
        return fd;
    close(fd);
    return -1;
}

// 0 or -errno. The lock is held.
static int64_t make(void) {
    if (io.is_made)
        return 0;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int bell = epoll < 0 ? -1 : make_counter(epoll, THE_BELL, 0);
    int calls = bell < 0 ? -1 : make_counter(epoll, THE_CALLS, EPOLLET);
    if (calls < 0) {
        int why = errno;
        if (bell >= 0)
            close(bell);
        if (epoll >= 0)
            close(epoll);
        return -why;
    }
    io.epoll = epoll;
    io.bell = bell;
    io.calls = calls;
    io.is_made = true;
    return 0;
}

static IoRecord *make_chunk(uint32_t chunk) {
    size_t bytes = CHUNK_RECORDS * sizeof(IoRecord);
    IoRecord *records = io.chunks[chunk];
    if (records)
        return records;
    records = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (records == MAP_FAILED)
        return NULL;
    __atomic_store_n(&io.chunks[chunk], records, __ATOMIC_RELEASE);
    return records;
}

static IoRecord *known_record(int64_t descriptor) {
    if (descriptor < 0 || descriptor >= (int64_t)CHUNKS * CHUNK_RECORDS)
        return NULL;
    IoRecord *chunk = __atomic_load_n(&io.chunks[descriptor / CHUNK_RECORDS], __ATOMIC_ACQUIRE);
    return chunk ? &chunk[descriptor % CHUNK_RECORDS] : NULL;
}

// 0 or -errno.
static NOINLINE int64_t make_record(int64_t descriptor) {
    if (descriptor < 0 || descriptor >= (int64_t)CHUNKS * CHUNK_RECORDS)
        return -EBADF;
    lock(&io.lock);
    int64_t result = make();
    if (result == 0 && !make_chunk((uint32_t)(descriptor / CHUNK_RECORDS)))
        result = -ENOMEM;
    unlock(&io.lock);
    return result;
}

// The record is locked. A descriptor that was closed without jn_io_close may still be known, where a copy of it lives
// on.
static NOINLINE int64_t introduce(IoRecord *r, int64_t descriptor) {
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = (int)descriptor};
    if (!r->waiting[0].next) {
        link_init(&r->waiting[0]);
        link_init(&r->waiting[1]);
    }
    r->is_ready[0] = r->is_ready[1] = false;
    r->last[0] = r->last[1] = this_worker()->current->id; // what is ready now is told
    if (epoll_ctl(io.epoll, EPOLL_CTL_ADD, (int)descriptor, &wanted) < 0 &&
        (errno != EEXIST || epoll_ctl(io.epoll, EPOLL_CTL_MOD, (int)descriptor, &wanted) < 0))
        return -errno;
    r->is_known = true;
    return 0;
}

// By what the system says, not by what it has told.
static NOINLINE bool is_ready_now(int64_t descriptor, int64_t how) {
    struct pollfd asked = {.fd = (int)descriptor, .events = how == JN_IO_WRITE ? POLLOUT : POLLIN};
    return poll(&asked, 1, 0) != 0;
}

// ---- waiting -------------------------------------------------------------------------------------------------------

enum { WAITS = 1 };

// WAITS: the running task has announced that it waits. Otherwise it does not, 0 or -errno.
static int64_t begin_wait(IoRecord *r, int64_t descriptor, int64_t how, int64_t timeout, const JnLocation *at) {
    JnTask *t = this_worker()->current;
    int64_t result = r->is_known ? 0 : introduce(r, descriptor);
    if (result < 0)
        return result == -EPERM ? 0 : result; // a file: never waited for
    bool is_another = r->last[how] != t->id;
    r->last[how] = t->id;
    if (r->is_ready[how]) {
        r->is_ready[how] = false;
        return 0;
    }
    if (UNLIKELY(is_another) && is_ready_now(descriptor, how))
        return 0;
    if (timeout == 0)
        return -ETIMEDOUT;
    __atomic_fetch_add(&io.awaited, 1, __ATOMIC_SEQ_CST);
    t->waiter.task = t;
    t->wait_for.descriptor = descriptor;
    park_announce(t, WAIT_IO, 0, at);
    link_append(&r->waiting[how], &t->waiter.link);
    return WAITS;
}

static int64_t wait_for_time(int64_t timeout, const JnLocation *at) {
    jn_sleep(timeout, at);
    return -ETIMEDOUT;
}

NOINLINE int64_t jn_io_wait(int64_t descriptor, int64_t how, int64_t timeout, const JnLocation *at) {
    if (UNLIKELY(descriptor == JN_IO_NOTHING))
        return wait_for_time(timeout, at);
    suspension_point(at);
    int64_t time = timeout > 0 ? jn_time_after(timeout) : -1, result = 0;
    if (UNLIKELY(!known_record(descriptor)) && (result = make_record(descriptor)) < 0)
        return result;
    IoRecord *r = known_record(descriptor);
    lock(&r->lock);
    result = begin_wait(r, descriptor, how, timeout, at);
    unlock(&r->lock);
    if (result != WAITS)
        return result;
    JnTask *t = this_worker()->current;
    if (time >= 0)
        jn_timer_set_of(t, time);
    WakeReason reason = worker_wait(t);
    __atomic_fetch_sub(&io.awaited, 1, __ATOMIC_SEQ_CST);
    if (UNLIKELY(reason >= WAKE_TIMEOUT)) {
        lock(&r->lock);
        link_take_out(&t->waiter.link);
        unlock(&r->lock);
        if (reason >= WAKE_CANCELLED)
            jn_interrupted(t, reason);
    }
    return reason == WAKE_TIMEOUT ? -ETIMEDOUT : 0;
}

void jn_io_await(int64_t descriptor, const JnLocation *at) {
    struct stat s;
    if (fstat((int)descriptor, &s) < 0 || S_ISREG(s.st_mode))
        return;
    if (descriptor == 0)
        host_flush();
    while (!is_ready_now(descriptor, JN_IO_READ))
        if (jn_io_wait(descriptor, JN_IO_READ, -1, at) < 0)
            return;
}

int64_t jn_io_close(int64_t descriptor) {
    IoRecord *r = known_record(descriptor);
    if (r) {
        lock(&r->lock);
        r->is_known = false;
        unlock(&r->lock);
    }
    return close((int)descriptor) < 0 && errno != EINTR ? -errno : 0;
}

// ---- news ----------------------------------------------------------------------------------------------------------

static int wait_finely(int64_t duration, struct epoll_event *items) {
    enum { EPOLL_PWAIT2 = 441 };
    static bool is_missing;
    struct timespec time = {duration / 1000000000, duration % 1000000000};
    if (!__atomic_load_n(&is_missing, __ATOMIC_RELAXED)) {
        long count = syscall(EPOLL_PWAIT2, io.epoll, items, NEWS, &time, NULL, 0);
        if (count >= 0 || errno != ENOSYS)
            return (int)count;
        __atomic_store_n(&is_missing, true, __ATOMIC_RELAXED);
    }
    int64_t ms = duration / 1000000 + 1;
    return epoll_wait(io.epoll, items, NEWS, ms > INT_MAX ? INT_MAX : (int)ms);
}

static IoNews first_news; // of the first worker

int jn_io_listen(JnWorker *w, int64_t duration) {
    if (!w->io_news)
        w->io_news = &first_news;
    struct epoll_event *items = w->io_news->items;
    int count = duration > 0 ? wait_finely(duration, items) : epoll_wait(io.epoll, items, NEWS, duration < 0 ? -1 : 0);
    return count > 0 ? count : 0; // a signal is no news
}

// All who wait try: what was told once may be enough for several.
static void wake_side(JnWorker *w, IoRecord *r, int how) {
    bool is_taken = false;
    for (Link *l = r->waiting[how].next; l != &r->waiting[how]; l = r->waiting[how].next) {
        JnTask *t = ((Waiter *)(void *)l)->task;
        link_take_out(l);
        if (!claim(t, PARK_WAIT))
            continue;
        is_taken = true;
        jn_wake(w, t, WAKE_DONE);
    }
    r->is_ready[how] = !is_taken;
}

void jn_io_tell(JnWorker *w, int count) {
    for (int i = 0; i < count; i++) {
        struct epoll_event *e = &w->io_news->items[i];
        if (e->data.fd == THE_CALLS)
            jn_blocking_done(w);
        if (e->data.fd < 0)
            continue;
        IoRecord *r = known_record(e->data.fd);
        bool is_over = (e->events & (EPOLLERR | EPOLLHUP)) != 0;
        lock(&r->lock);
        if (is_over || (e->events & (EPOLLIN | EPOLLRDHUP)))
            wake_side(w, r, JN_IO_READ);
        if (is_over || (e->events & EPOLLOUT))
            wake_side(w, r, JN_IO_WRITE);
        unlock(&r->lock);
    }
}

void jn_io_look(JnWorker *w) {
    if (jn_io_is_awaited() && !__atomic_load_n(&io.keeper, __ATOMIC_RELAXED))
        jn_io_tell(w, jn_io_listen(w, 0));
}

// ---- who sleeps here -----------------------------------------------------------------------------------------------

bool jn_io_keep(JnWorker *w) {
    if (io.keeper || !jn_io_is_awaited())
        return false;
    __atomic_store_n(&io.keeper, w, __ATOMIC_RELAXED);
    return true;
}

void jn_io_leave(JnWorker *w) {
    if (io.keeper == w)
        __atomic_store_n(&io.keeper, NULL, __ATOMIC_RELAXED);
}

static void ring(int counter) {
    uint64_t one = 1;
    while (write(counter, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

// Whoever looks meanwhile passes the bell over; it rings until it is answered.
void jn_io_rouse(void) {
    ring(io.bell);
}

void jn_io_roused(void) {
    uint64_t count;
    while (read(io.bell, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

// ---- blocking calls ------------------------------------------------------------------------------------------------

bool jn_io_begin_call(void) {
    lock(&io.lock);
    bool is_made = make() == 0;
    unlock(&io.lock);
    if (is_made)
        __atomic_fetch_add(&io.awaited, 1, __ATOMIC_SEQ_CST);
    return is_made;
}

void jn_io_end_call(void) {
    __atomic_fetch_sub(&io.awaited, 1, __ATOMIC_SEQ_CST);
}

// In a thread that is no worker. Whoever is told takes all that is done.
void jn_io_call_done(void) {
    ring(io.calls);
}

// ---- the end -------------------------------------------------------------------------------------------------------

void jn_io_stop(void) {
    for (uint32_t i = 0; i < CHUNKS; i++)
        if (io.chunks[i])
            munmap(io.chunks[i], CHUNK_RECORDS * sizeof(IoRecord));
    if (io.is_made) {
        close(io.epoll);
        close(io.bell);
        close(io.calls);
    }
    memset(&io, 0, sizeof io);
}
