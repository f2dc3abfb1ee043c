#include "astdb/task_facts.h"

TaskFacts *program_task_facts(Program *program) {
    if (!program->task_facts)
        program->task_facts = ARENA_NEW(program->arena, TaskFacts);
    return program->task_facts;
}

void task_facts_free(TaskFacts *facts) {
    if (!facts)
        return;
    vec_free(&facts->nurseries);
    vec_free(&facts->tasks);
    vec_free(&facts->captures);
    vec_free(&facts->steps);
}

const char *capture_mode_text(CaptureMode mode) {
    static const char *const texts[] = {
        [CAPTURE_NONE] = "none",
#define CAPTURE(name, text) [CAPTURE_##name] = text,
#include "astdb/capture_modes.def"
#undef CAPTURE
    };
    return texts[mode];
}

const char *schedule_text(Schedule schedule) {
    static const char *const texts[] = {"unknown", "deterministic", "open", "dependent"};
    return texts[schedule];
}

const char *schedule_cause_text(ScheduleCause cause) {
    static const char *const texts[] = {
        [CAUSE_NONE] = "none",
#define SCHEDULE_CAUSE(name, text, words) [CAUSE_##name] = text,
#include "astdb/schedule_causes.def"
#undef SCHEDULE_CAUSE
    };
    return texts[cause];
}

const char *schedule_cause_words(ScheduleCause cause) {
    static const char *const words[] = {
        [CAUSE_NONE] = "",
#define SCHEDULE_CAUSE(name, text, words) [CAUSE_##name] = words,
#include "astdb/schedule_causes.def"
#undef SCHEDULE_CAUSE
    };
    return words[cause];
}

const char *effect_text(EffectId effect) {
    static const char *const texts[] = {
#define EFFECT(name, text) text,
#include "astdb/effects.def"
#undef EFFECT
    };
    return texts[effect];
}
