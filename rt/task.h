// Tasks: nurseries, channels, select, sleeping. A program without a nursery links none of it.
//
// Ideas. A task runs on a stack of its own (a fiber) and exists only within a nursery, which lies in the frame of who
// opened it. What suspends a task looks first whether the task is cancelled; a cancelled task leaves: the function does
// not return, the frames are left as a panic leaves them, and cleanups run. So whatever is said below to suspend may
// leave, unless it says otherwise. While a task leaves and behind a shield nothing is delivered to it.
//
// Times are nanoseconds of the monotonic clock, virtual under a seed; -1 is none. `at` is where the program stands: it
// is for reports, is kept while the task waits, and may be NULL. Everything belongs to one thread so far.
//
// The order of a nursery's block, on every way out of its body:
//     open, body, jn_nursery_join, the body's drops and defers, jn_nursery_end, and on by what that gives
// and where the body is left by unwinding:
//     drops of nested scopes, jn_nursery_abandon, drops of the body's own scope, jn_nursery_caught: true goes to
//     jn_nursery_end as above, false goes on unwinding
#ifndef JANUS_RT_TASK_H
#define JANUS_RT_TASK_H

#include "rt.h"

typedef struct JnTask JnTask;
typedef struct JnChannel JnChannel;
typedef struct JnNursery {
    uint64_t opaque[24]; // the size is known to the compiler
} JnNursery;

// ---- nurseries -----------------------------------------------------------------------------------------------------

enum { JN_ERROR_BYTES = 32 };                                    // no error is larger: a tag and 24 bytes of payload
enum { JN_END_FINE = 0, JN_END_FAILED = 1, JN_END_EXPIRED = 2 }; // of jn_nursery_end

// What is to be known of the errors of a block; those of its tasks have been converted to its set. Constant data.
typedef struct {
    void *context;
    JnDropFn drop;                                   // of (context, error); NULL: they own nothing
    void (*print)(void *context, const void *error); // to standard error, no line end; NULL: nothing is said of it
} JnErrorSet;

// `timeout`: how long the block may take from now, -1 for ever. `limit`: how many tasks run at a time, 0 any number.
// `errors` may be NULL. Never leaves.
void jn_nursery_open(JnNursery *n, int64_t timeout, int64_t limit, const JnErrorSet *errors, const JnLocation *at);
// Body and tasks stop at their next suspension point; the block ends without failure. Returns at once.
void jn_nursery_cancel(JnNursery *n);
// The same; after `limit` no shield in its tasks, nor in theirs, protects any longer (-1: as long as they say).
void jn_nursery_cancel_within(JnNursery *n, int64_t limit);
// The body failed with this error, which it gives away, and is on its way out. The running task's return trace is noted
// with it.
void jn_nursery_fail(JnNursery *n, const void *error, int64_t size);
// Waits until every task has ended. Never leaves: a cancellation that arrives meanwhile is passed on to the tasks.
void jn_nursery_join(JnNursery *n);
// The nursery is closed, results nobody joined are dropped. FAILED: the first error is in `error` (JN_ERROR_BYTES), its
// return trace is the running task's newest, the later ones are its jn_suppressed. EXPIRED: the time was over first.
// May leave: with the panic of a task, or by a cancellation from outside if nothing failed.
int64_t jn_nursery_end(JnNursery *n, void *error);
// Cancels and waits, on the way out of the body by panic or cancellation. Never leaves.
void jn_nursery_abandon(JnNursery *n);
// At the end of that way. True: it was the cancellation of this very body (a task failed or panicked,
// jn_nursery_cancel, the timeout), the task no longer leaves, and jn_nursery_end says the rest. False: the nursery is
// closed; go on leaving.
bool jn_nursery_caught(JnNursery *n);
// When the innermost deadline that holds for the running task is over, -1 if there is none.
int64_t jn_deadline(void);

// The errors that came after the one that jn_nursery_end gave to the running task last: that of the body first, then
// those of the tasks as they were spawned. They stand until its next jn_nursery_end that fails, or its end.
typedef struct {
    uint8_t error[JN_ERROR_BYTES];
    int64_t size;
    int64_t trace;            // a mark for jn_trace_resume
    const JnLocation *origin; // where it was raised, NULL if that is not known
    const JnLocation *at;     // where the task was spawned; of the body: where the nursery was opened
} JnSuppressed;
// Those of nurseries further in, whose error became this one or a later one, stand there, too, but are not of the
// nursery's set: none of these three sees them, only jn_report_further does.
int64_t jn_suppressed_count(void);
const JnSuppressed *jn_suppressed(int64_t index);
void jn_suppressed_take(void *error, int64_t size); // moves out the first; there is one
// Writes to standard error what came after the error whose trace is the running task's newest.
JN_SHARED void jn_report_further(void);

// ---- tasks ---------------------------------------------------------------------------------------------------------

// What a task runs. It owns what `env` holds from its first instruction on, and always runs: a task that was cancelled
// before leaves at its first suspension point. It stores its result, or calls jn_task_fail and returns.
typedef void (*JnTaskFn)(void *env, void *result);
enum {
    JN_TASK_NO_HANDLE = 1, // what jn_spawn gives is not used: the task goes when it ends, its result is dropped
    JN_TASK_ISOLATED = 2,  // how it ends is nobody's business but that of who calls jn_task_outcome
};
typedef struct {
    JnTaskFn run;
    JnDropFn drop_result; // of (context, result), where nobody took the result; NULL if there is nothing to do
    JnDropFn drop_error;  // of (context, error) of an ISOLATED task, likewise
    JnDropFn drop_env;    // of (context, env), where jn_spawn leaves without having begun the task; NULL likewise
    void *context;
    int64_t env_size, env_align, result_size, result_align; // aligned to 16 at most 64 for each
    uint32_t flags;
    const char *name; // of the function, for reports; may be NULL
} JnTaskCode;         // constant data of the place that spawns; must outlive the nursery

// Copies env_size bytes of `env` into the new task, which owns them from then on. The handle is good until
// jn_task_join, jn_task_outcome or jn_task_release, at most until jn_nursery_end or jn_nursery_caught. Suspends while
// as many tasks run as the nursery's limit allows, and only where it has one: if it leaves there, `env` has been
// dropped.
JnTask *jn_spawn(JnNursery *n, const JnTaskCode *code, const void *env, const JnLocation *at);
// The running task ends as failed when its JnTaskFn returns. It gives the error away, which is of the nursery's set;
// the running task's return trace is noted with it.
void jn_task_fail(const void *error, int64_t size);
// Suspends until the task has ended, moves its result out, and gives the handle back. Where it failed or panicked the
// nursery is cancelled, and where it was cancelled there is no result: then this leaves, even behind a shield.
void jn_task_join(JnTask *t, void *result, const JnLocation *at);
// The same of an ISOLATED task. `result` is written if it is OK, `error` if it FAILED.
enum { JN_OUTCOME_OK = 0, JN_OUTCOME_FAILED = 1, JN_OUTCOME_PANICKED = 2, JN_OUTCOME_CANCELLED = 3 };
int64_t jn_task_wait(JnTask *t, const JnLocation *at); // the outcome; the handle stays, result and error with it
int64_t jn_task_outcome(JnTask *t, void *result, void *error, const JnLocation *at);
// The handle is gone and nobody joins: as if spawned with NO_HANDLE. Does not suspend.
void jn_task_release(JnTask *t);

// What the running task knows by type, see std.local: memory of the program that begins with a count of its owners. A
// task that is spawned begins with that of who spawns it, as one more owner, and gives it back itself.
void *jn_locals(void) JN_NOTHROW;
void jn_locals_set(void *p) JN_NOTHROW;

// Behind a shield nothing is delivered that was cancelled outside it, for at most `limit` from now (-1: no limit): when
// that is over it protects no longer. Nurseries opened behind it cancel their own bodies as ever. On a way out that is
// being left, it makes suspending possible again. Leaving the shield delivers nothing. `s` lies in the caller's frame.
typedef struct JnShield {
    uint64_t opaque[6];
} JnShield;
void jn_shield_enter(JnShield *s, int64_t limit);
void jn_shield_leave(JnShield *s); // on every way out, also when unwinding

void jn_sleep(int64_t duration, const JnLocation *at); // a suspension point in any case, 0 and less are as jn_yield
void jn_yield(const JnLocation *at);                   // the others that can run come first
int64_t jn_now(void);
// Under a seed a thread that sleeps does not wait: so much time passes, and what it is then. -1 without a seed.
int64_t jn_virtual_time(int64_t passes);
int64_t jn_random(void); // of the seed, or merely different ones
// What loops call where `jn_attention` is not 0: delivers cancellation, lets others run when the time slice is over.
extern volatile uint32_t jn_attention;
void jn_poll(void);
// The same in two steps, for loops whose machine code is to have the way out apart: whether the task is to leave, and
// leaving.
bool jn_poll_attend(void) JN_NOTHROW;
_Noreturn void jn_poll_leave(void);
// While more was held than given back (`by` is 1 or -1) polls do nothing: drops and defers are not broken off. The end
// of a way out that a nursery caught counts as what its beginning did.
void jn_polls_hold(int64_t by) JN_NOTHROW;

// ---- descriptors ---------------------------------------------------------------------------------------------------

enum { JN_IO_READ = 0, JN_IO_WRITE = 1 };
// Suspends until the descriptor can be read or written, as far as is known: 0. Who calls has tried, was told to wait
// (EAGAIN), and tries again afterwards. What can never be waited for, as a file, counts as ready. -ETIMEDOUT after
// `timeout` (-1: no limit), or another -errno. Several tasks may wait for one descriptor.
// JN_IO_NOTHING: only the time.
enum { JN_IO_NOTHING = -1 };
int64_t jn_io_wait(int64_t descriptor, int64_t how, int64_t timeout, const JnLocation *at);
// Suspends until reading from a descriptor that may block, such as standard input, would not. Of a file: at once.
void jn_io_await(int64_t descriptor, const JnLocation *at);
// A service (rt.h) that may take long, made by another thread while others run. Not left: it has returned when this
// does.
int64_t jn_blocking_service(int64_t code, int64_t a, int64_t b, int64_t c) JN_NOTHROW;
int64_t jn_blocking_service_ptr(int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) JN_NOTHROW;
// Closes a descriptor that may have been waited for; nobody waits for it any more. Does not suspend. 0 or -errno.
int64_t jn_io_close(int64_t descriptor);

// ---- what tasks accumulate ------------------------------------------------------------------------------------------
// One JnViews, zeroed at first, for each variable; a JnView for each task, in the order in which they were spawned.
// Both are std's (views.jan), which merges: what follows the JnView is not known here. None of these suspends or
// leaves.

typedef struct JnViews {
    uint64_t opaque[4];
} JnViews;
typedef struct JnView {
    struct JnView *next;
    uint64_t state; // 0: its task goes on, 1: that has ended well, 2: it has not
} JnView;

void jn_views_add(JnViews *views, JnView *view) JN_NOTHROW;
// The view has ended. True: the caller is now the one that merges, and takes views until there is none; its polls do
// nothing meanwhile. Without a view the caller is it in any case: all tasks have ended.
bool jn_views_end(JnViews *views, JnView *view, bool is_done) JN_NOTHROW;
// The next view that has ended, as all before it; the taker's from then on. NULL: the caller no longer merges.
JnView *jn_views_next(JnViews *views) JN_NOTHROW;

// ---- channels ------------------------------------------------------------------------------------------------------
// Items are moved as bytes: whoever calls owns an item until it has been sent, and from when it was received.

enum { JN_WAIT_SERVICE = 1 }; // this wait may be for ever: `for v in ch`, or a receive in a loop without exit

JnChannel *jn_chan_new(int64_t item_size, int64_t item_align,
                       int64_t capacity); // one reference; capacity 0: rendezvous
void jn_chan_retain(JnChannel *c) JN_NOTHROW;
// True: that was the last reference, and the caller is to take what is left and to free it:
//     if (jn_chan_release(c)) { while (jn_chan_take_rest(c, item)) drop(item); jn_chan_free(c); }
bool jn_chan_release(JnChannel *c) JN_NOTHROW;
bool jn_chan_take_rest(JnChannel *c, void *out) JN_NOTHROW;
void jn_chan_free(JnChannel *c) JN_NOTHROW;

// Suspends until the item has been taken or buffered. False: closed, before or meanwhile. Where it leaves or gives
// false the item is still the caller's.
bool jn_chan_send(JnChannel *c, const void *item, const JnLocation *at);
// Suspends until there is an item. False: closed and empty. `flags`: 0 or JN_WAIT_SERVICE.
bool jn_chan_recv(JnChannel *c, void *out, uint32_t flags, const JnLocation *at);
enum { JN_CHAN_OK = 0, JN_CHAN_NOT_NOW = 1, JN_CHAN_CLOSED = 2 }; // NOT_NOW: full, empty, or the time was over
int64_t jn_chan_recv_timeout(JnChannel *c, void *out, int64_t timeout, const JnLocation *at);
int64_t jn_chan_try_send(JnChannel *c, const void *item); // these do not suspend
int64_t jn_chan_try_recv(JnChannel *c, void *out);
void jn_chan_close(JnChannel *c); // closing again does nothing; receivers still get what is buffered
bool jn_chan_is_closed(const JnChannel *c) JN_NOTHROW;
int64_t jn_chan_len(const JnChannel *c) JN_NOTHROW; // items in the buffer

typedef enum { JN_ARM_RECV, JN_ARM_SEND, JN_ARM_CLOSED } JnArmKind;
typedef struct {
    JnChannel *channel; // NULL: never ready
    void *item;         // RECV: where it goes; SEND: what is sent if this arm is chosen
    JnArmKind kind;
    uint32_t is_refused; // out, of a chosen SEND: 1 if the channel is closed and the item still the caller's
    uint64_t opaque[7];  // how the arm waits
} JnSelectArm;           // lies in the caller's frame
enum { JN_SELECT_TIMEOUT = -1, JN_SELECT_DEFAULT = -2 };
enum { JN_SELECT_HAS_DEFAULT = 2 }; // a flag beside JN_WAIT_SERVICE
// Does what one of the ready arms says, each as likely as the others, and gives its index. RECV is ready if there is an
// item, SEND if someone or the buffer takes it or the channel is closed, CLOSED if the channel is closed and empty.
// With none ready: DEFAULT at once where there is one, else suspends, until `timeout` is over (-1: no limit). Panics if
// no arm can ever be ready again and there is no timeout.
int64_t jn_select(JnSelectArm *arms, int64_t count, int64_t timeout, uint32_t flags, const JnLocation *at);

// ---- mutexes and semaphores ----------------------------------------------------------------------------------------
// They lie in memory of the program, which does not move while they are used; nothing is to be done at their end.

typedef struct {
    uint64_t opaque[4]; // std knows the size
} JnMutex;
typedef struct {
    uint64_t opaque[4];
} JnSemaphore;

void jn_mutex_init(JnMutex *m) JN_NOTHROW;
// Suspends until nobody has it; those who wait get it in their order. Panics where the running task has it. While a
// task has one, its polls deliver no cancellation.
void jn_mutex_lock(JnMutex *m, const JnLocation *at);
bool jn_mutex_try_lock(JnMutex *m) JN_NOTHROW; // does not suspend
void jn_mutex_unlock(JnMutex *m) JN_NOTHROW;   // by who has it; does not suspend

void jn_semaphore_init(JnSemaphore *s, int64_t permits) JN_NOTHROW;
// Suspends until there are so many permits and nobody waits who came before.
void jn_semaphore_acquire(JnSemaphore *s, int64_t count, const JnLocation *at);
bool jn_semaphore_try_acquire(JnSemaphore *s, int64_t count) JN_NOTHROW; // does not suspend
void jn_semaphore_release(JnSemaphore *s, int64_t count) JN_NOTHROW;     // by anybody; does not suspend
int64_t jn_semaphore_permits(const JnSemaphore *s) JN_NOTHROW;           // that nobody has

// ---- who hosts the tasks -------------------------------------------------------------------------------------------
// In a compiled program nothing of this is called: the tasks begin before main, with the seed of JANUS_SEED if that is
// set. Where the runtime is part of another program (the interpreter, unit tests), that program starts them.

typedef struct {
    void *context;                // handed to each
    void (*leave)(void *context); // leave the running task's frames; does not return
    void (*panic)(void *context, const char *text, int64_t size, const JnLocation *at); // print, leave; does not return
    void (*report)(void *context, const char *text, int64_t size, const JnLocation *at); // print a panic, return
    void (*panic_again)(void *context); // leave for a panic that has been printed; does not return
    void (*abort)(void *context);       // end the process or the run: nothing can go on; does not return
    void (*switched)(void *context, JnTask *from, JnTask *to); // may be NULL
    int64_t (*trace_mark)(void *context);                      // may be NULL, and then so is the other
    void (*trace_restore)(void *context, int64_t mark);        // this error's trace is the newest again
    void (*trace_begin)(void *context, const JnLocation *at);  // as jn_trace_begin and its like; may be NULL
    int64_t (*trace_root)(void *context, int64_t mark);
    const JnLocation *(*trace_origin)(void *context, int64_t mark);
    void (*trace_print)(void *context, int64_t mark);
    void *(*allocate)(void *context, int64_t size); // never NULL
    void (*release)(void *context, void *p, int64_t size);
    void (*write)(void *context, const char *text, int64_t size); // to standard error; may be NULL
} JnTaskHooks;

typedef struct {
    bool is_seeded; // one worker, order decided by the seed, virtual time from 0
    uint64_t seed;
    const char *order; // text of another order, see rt/task/sim.h; NULL: that of the seed. Read when the tasks start
    int64_t order_size;
    void *record;             // a JnRecord that is told what the tasks do under a seed, or NULL
    int64_t workers;          // at most so many threads; 0: one. The hooks must be ready for several
    int64_t stack_bytes;      // of each task; 0: 256 KB
    const JnTaskHooks *hooks; // not in compiled programs
} JnTaskConfig;

// Of the environment's JANUS_SEED: NULL and the empty text stand for the real worker. What JANUS_RECORD names says
// more.
JnTaskConfig jn_task_config(const char *seed);
void jn_tasks_start(const JnTaskConfig *config); // who calls is the root task
void jn_tasks_stop(void);                        // no task but the root is left; gives the stacks back
JnTask *jn_task_current(void);
bool jn_task_is_root(const JnTask *t);
void **jn_task_slot(JnTask *t); // a word for the host, NULL at first
// The running task begins to leave its frames for a panic, which the host has printed: nothing is delivered any more.
// False: it was leaving already, and the host is to end everything.
JN_SHARED bool jn_task_panicked(void);
// The running task has left its last frame, by panic or cancellation. Does not return; not for the root task.
_Noreturn void jn_task_unwound(void);
bool jn_task_is_leaving(void);

#endif
