// What a seeded run does, told to who started it: see rt/record.h.
#include "../record.h"

#include "sim.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static JnRecord *record;
bool jn_is_recording;

// Takes a variable out of the environment. The libc's unsetenv brings its malloc along, 6 KB in each program with
// tasks.
static void forget(const char *name) {
    size_t size = strlen(name);
    char **to = environ;
    for (char **from = environ; *from; from++)
        if (strncmp(*from, name, size) != 0 || (*from)[size] != '=')
            *to++ = *from;
    *to = NULL;
}

void *jn_record_open(void) {
    const char *fd = getenv("JANUS_RECORD");
    if (!fd || !*fd)
        return NULL;
    int number = atoi(fd);
    void *p = mmap(NULL, sizeof(JnRecord), PROT_READ | PROT_WRITE, MAP_SHARED, number, 0);
    close(number);
    forget("JANUS_RECORD"); // it is not that of programs which this one starts
    return p == MAP_FAILED ? NULL : p;
}

void jn_record_start(void *of) {
    record = of;
    jn_is_recording = record != NULL;
    if (!record)
        return;
    record->text_used = 1;
    record->magic = JN_RECORD_MAGIC;
}

// ---- texts ---------------------------------------------------------------------------------------------------------
// They are constants of the program: the same address is the same text.

enum { KNOWN = 64 };

static uint32_t text_at(const char *text) {
    static struct {
        const char *text;
        const JnRecord *in;
        uint32_t at;
    } known[KNOWN];
    if (!text)
        return 0;
    uint32_t slot = (uint32_t)(((uintptr_t)text >> 2) % KNOWN);
    if (known[slot].text == text && known[slot].in == record)
        return known[slot].at;
    uint32_t size = (uint32_t)strlen(text) + 1, at = record->text_used;
    if (size > JN_RECORD_TEXT - at) {
        record->is_full = 1;
        return 0;
    }
    memcpy(record->text + at, text, size);
    record->text_used = at + size;
    known[slot].text = text;
    known[slot].in = record;
    known[slot].at = at;
    return at;
}

static const char *wait_text(const JnTask *t) {
    static const char *const WORDS[] = {
        NULL,
#define WAIT(name, told, shown) told,
#include "waits.def"
#undef WAIT
    };
    return WORDS[t->wait];
}

// ---- steps ---------------------------------------------------------------------------------------------------------

static JnStep *next_step(void) {
    if (record->step_count == JN_RECORD_STEPS) {
        record->is_full = 1;
        return NULL;
    }
    return &record->steps[record->step_count];
}

// It counts only when it is complete: the run may be ended at any time.
static void put(JnStep step, const JnLocation *at) {
    JnStep *s = next_step();
    if (!s)
        return;
    if (at) {
        step.file = text_at(at->file);
        step.line = at->line;
    }
    *s = step;
    __atomic_store_n(&record->step_count, record->step_count + 1, __ATOMIC_RELEASE);
}

void jn_record_task(const JnTask *t) {
    if (record)
        put((JnStep){.kind = JN_STEP_TASK, .from = jn_number_of(t), .what = text_at(t->code->name)}, t->spawned_at);
}

void jn_record_step(uint32_t kind, const JnTask *from, uint32_t to, uint32_t instead, uint32_t point,
                    const JnLocation *at) {
    if (!record)
        return;
    JnStep step = {.kind = kind, .from = jn_number_of(from), .to = to, .instead = instead, .point = point};
    if (kind == JN_STEP_WAITED)
        step.what = text_at(wait_text(from));
    put(step, at);
}

void jn_record_decision(void) {
    if (record)
        record->decisions++;
}
