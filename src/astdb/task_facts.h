// task_facts: what the nurseries of a program, their tasks and what these capture came to.
//
// Ideas. Rows of three tables of the program, in the order of the source within each function, written by
// ir_find_task_facts once for a function whose ownership is decided, and read-only after it. Places are spans, so that
// a reader needs neither the tree nor JIR. A row refers to others by index; the captures of a task, and the way to the
// cause of a nursery, are runs.
#ifndef JANUS_TASK_FACTS_H
#define JANUS_TASK_FACTS_H

#include "astdb/program.h"

typedef enum {
    CAPTURE_NONE,
#define CAPTURE(name, text) CAPTURE_##name,
#include "astdb/capture_modes.def"
#undef CAPTURE
    CAPTURE_COUNT,
} CaptureMode;

typedef enum {
    REASON_INNER,     // it ends before the nursery: a variable of an inner block or loop
    REASON_FIXED,     // it is cheap to copy and cannot change
    REASON_GIVEN,     // the task gives it away: at `cause`
    REASON_OWNS,      // a task that may end after what it captures owns it: isolated, or of a nursery from elsewhere
    REASON_UNCHANGED, // nobody changes it until the nursery has ended
    REASON_CHANGED,   // the task changes it: at `cause`
    REASON_ADDED,     // every use adds to it: the first at `cause`
    REASON_ELEMENT,   // every use is of an element by the loop's variable: the first at `cause`
    REASON_HANDLE,
} CaptureReason;

// Why a mode that comes before, or nearly fitted, is not the one.
typedef enum {
    MISS_NONE,
    MISS_LOOKED_AT,  // others add to it; at `missed` it is used in another way
    MISS_OTHER_KIND, // it is added to in two ways
    MISS_NOT_INDEX,  // others are of elements; at `missed` it is used in another way
    MISS_TWO_TASKS,  // two spawns change elements
    MISS_LOOP,       // there is no single loop between the nursery and the spawn whose rounds have other indices
} CaptureMiss;

typedef struct {
    uint32_t task; // index of its row
    SymbolId name;
    TypeId type;
    Span declared; // where the variable is
    CaptureMode mode;
    CaptureReason reason;
    bool is_cheap; // its type is copied where it is wanted twice
    Span cause;    // the use that decided, or the first one
    CaptureMiss miss;
    Span missed; // the use that stands in the way
} CaptureRow;

typedef struct {
    DeclId decl;      // the function or test it is spawned in
    uint32_t nursery; // index + 1 of its row, 0: it comes from elsewhere
    Span call;        // n.spawn
    NodeId closure;   // none: what is spawned is a value
    bool is_isolated;
    bool is_foreign; // the nursery is a parameter, or captured: the task owns all it captures
    bool fails;      // its closure can
    uint32_t first_capture, capture_count;
} TaskRow;

typedef enum {
    SCHEDULE_UNKNOWN,       // not found yet
    SCHEDULE_DETERMINISTIC, // what it leaves in variables and gives is the same in every order of tasks
    SCHEDULE_OPEN,          // so if what it is given to call is
    SCHEDULE_DEPENDENT,
} Schedule;

typedef enum {
    CAUSE_NONE,
#define SCHEDULE_CAUSE(name, text, words) CAUSE_##name,
#include "astdb/schedule_causes.def"
#undef SCHEDULE_CAUSE
    CAUSE_COUNT,
} ScheduleCause;

typedef struct {
    DeclId decl;
    Span at; // nursery |n|
    SymbolId name;
    Schedule schedule;
    ScheduleCause cause;
    uint32_t first_step, step_count; // of steps: where it stands, then what is called there, and so on
    Span first_failure;              // several may fail, and the order decides who is first: file 0 if not
    Span outside;    // a task does something that others see: what comes first is up to the order; file 0 if not
    uint32_t effect; // the EffectId of that
} NurseryRow;

typedef struct TaskFacts {
    VEC(NurseryRow) nurseries;
    VEC(TaskRow) tasks;
    VEC(CaptureRow) captures;
    VEC(Span) steps;
} TaskFacts;

TaskFacts *program_task_facts(Program *program); // makes the tables where there are none yet
void task_facts_free(TaskFacts *facts);

const char *capture_mode_text(CaptureMode mode);
const char *schedule_text(Schedule schedule);
const char *schedule_cause_text(ScheduleCause cause);  // a word
const char *schedule_cause_words(ScheduleCause cause); // why that is so
const char *effect_text(EffectId effect);

#endif
