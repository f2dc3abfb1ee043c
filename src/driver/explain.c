// What the program database knows of tasks, for people: why each variable is captured as it is, what that costs, what
// stands in the way of another mode, and whether a nursery depends on the order in which its tasks run.
#include "astdb/impls.h"
#include "astdb/task_facts.h"
#include "driver/session.h"

void explain_function_name(const Program *p, DeclId id, Buffer *out) {
    const Decl *decl = program_decl(p, id);
    if (decl->kind == DECL_TEST) {
        const Ast *ast = program_ast(p, id);
        buffer_printf(out, "test %.*s", TEXT_ARG(ast_token_text(ast, ast_test(ast, decl->node).name)));
        return;
    }
    if (decl->impl.v) {
        type_write(p, p->impls.items[decl->impl.v].self, out);
        buffer_char(out, '.');
    } else if (decl->parent.v) {
        buffer_printf(out, "%.*s.", TEXT_ARG(decl_name(p, decl->parent)));
    }
    buffer_text(out, symbol(p, decl->name));
}

static Text function_name(const Session *s, DeclId id) {
    Buffer out = {0};
    explain_function_name(s->program, id, &out);
    Text text = arena_text(s->arena, buffer_view(&out));
    vec_free(&out);
    return text;
}

// ---- captures ------------------------------------------------------------------------------------------------------

static const char *mode_words(CaptureMode mode) {
    switch (mode) {
    case CAPTURE_COPIED: return "is copied into the task";
    case CAPTURE_MOVED: return "moves into the task";
    case CAPTURE_READ: return "is lent to the task, to be read";
    case CAPTURE_EXCLUSIVE: return "is lent to this task alone, to be changed";
    case CAPTURE_ACCUMULATED: return "is accumulated: each task adds to a part of its own";
    case CAPTURE_DISJOINT: return "is disjoint: each task has an element of its own";
    default: return "is lent to the task, to spawn in";
    }
}

static const char *reason_words(const CaptureRow *row, const TaskRow *task) {
    switch (row->reason) {
    case REASON_INNER: return "it belongs to a block or loop inside the nursery, which ends before the task may";
    case REASON_FIXED: return "it is cheap to copy, and nobody can change it";
    case REASON_GIVEN: return "the task gives it away here";
    case REASON_OWNS:
        return task->is_isolated ? "an isolated task owns all that it captures"
                                 : "the nursery comes from elsewhere: its task owns all that it captures";
    case REASON_UNCHANGED: return "nobody changes it until the nursery has ended";
    case REASON_CHANGED: return "the task changes it here";
    case REASON_ADDED: return "every use in the nursery adds to it, in one way, and none looks at it";
    case REASON_ELEMENT:
        return "every use in the nursery is of the element that the loop's variable names, or of its length";
    default: return "nurseries are never owned: tasks may spawn in it, and cancel it";
    }
}

static const char *cost_words(const Session *s, const CaptureRow *row) {
    switch (row->mode) {
    case CAPTURE_COPIED:
        return type_class(s->program, row->type) & CLASS_PLAIN ? "it costs a copy of its bytes"
                                                               : "it costs one more owner of the same memory";
    case CAPTURE_MOVED: return "it costs a move of its own bytes, not of what it holds elsewhere";
    case CAPTURE_ACCUMULATED:
        return "it costs a part for each task, which begins empty, and merging them in the order of the spawns";
    case CAPTURE_DISJOINT: return "it costs an address: the elements are changed where they are";
    default: return "it costs an address";
    }
}

static const char *change_words(const Session *s, const CaptureRow *row, const TaskRow *task) {
    bool owns_all = row->reason == REASON_OWNS && !row->is_cheap;
    switch (row->mode) {
    case CAPTURE_COPIED:
        return row->reason == REASON_FIXED ? "a `var` would be lent instead: somebody might change it" : NULL;
    case CAPTURE_MOVED:
        return owns_all && task->is_isolated ? "`spawn` may borrow it; to keep it, give the task a `.copy()`"
                                             : "whoever needs it after the spawn makes a `.copy()` of it before";
    case CAPTURE_READ:
        if (type_get(s->program->types, row->type)->kind == TY_FUNC)
            return NULL;
        return row->is_cheap ? "a `let` would be copied instead: nobody can change it"
                             : "to change it meanwhile, give the task a copy: `let mine = ….copy()` around the spawn";
    case CAPTURE_EXCLUSIVE:
        return "a second task that uses it, or the body before the nursery has ended, would be an error (E1011)";
    case CAPTURE_ACCUMULATED:
        return "looking at it in the nursery, or adding in a second way, would make it exclusive: one task could have "
               "it";
    case CAPTURE_DISJOINT: return "any other use of it in the nursery would make it exclusive: one task could have it";
    default: return NULL;
    }
}

static const char *miss_words(CaptureMiss miss) {
    switch (miss) {
    case MISS_LOOKED_AT: return "it would be accumulated, but this use does not add to it, or looks at what it gives";
    case MISS_OTHER_KIND: return "it would be accumulated, but this adds in another way than the use before";
    case MISS_NOT_INDEX: return "each task would have an element of its own, but this is another use of it";
    case MISS_TWO_TASKS: return "each task would have an element of its own, but a second spawn has some, too";
    default:
        return "each task would have an element of its own, were there one loop between the nursery and the spawn, and "
               "this "
               "its count: `for i in 0..n`";
    }
}

static void explain_capture(Session *s, const CaptureRow *row, const TaskRow *task) {
    static const char *const headings[] = {
        [CAPTURE_NONE] = "capture",
#define CAPTURE(name, text) [CAPTURE_##name] = "capture[" text "]",
#include "astdb/capture_modes.def"
#undef CAPTURE
    };
    Text name = symbol(s->program, row->name), type = type_text(s->program, row->type);
    Report *r = diag_remark(s->diags, headings[row->mode], row->cause.file.v ? row->cause : task->call,
                            "`%.*s`, a `%.*s`, %s", TEXT_ARG(name), TEXT_ARG(type), mode_words(row->mode));
    report_label(r, "%s", reason_words(row, task));
    if (row->reason == REASON_INNER)
        report_note(r, row->declared, "it is declared here");
    if (row->mode != CAPTURE_HANDLE)
        report_note(r, (Span){0}, "%s", cost_words(s, row));
    if (row->miss != MISS_NONE)
        report_note(r, row->missed, "%s", miss_words(row->miss));
    const char *change = change_words(s, row, task);
    if (change)
        report_help(r, "%s", change);
}

static void explain_task(Session *s, const TaskRow *task) {
    const TaskFacts *facts = s->program->task_facts;
    for (uint32_t i = 0; i < task->capture_count; i++)
        explain_capture(s, &facts->captures.items[task->first_capture + i], task);
}

// ---- nurseries -----------------------------------------------------------------------------------------------------

static void explain_order(Session *s, const NurseryRow *row) {
    static const char *const headings[] = {"nursery", "nursery[deterministic]", "nursery[open]", "nursery[dependent]"};
    static const char *const words[] = {
        [SCHEDULE_UNKNOWN] = "is not judged as long as its function has errors",
        [SCHEDULE_DETERMINISTIC] = "leaves the same in every order of its tasks",
        [SCHEDULE_OPEN] = "leaves the same in every order of its tasks if what it is given to call does",
        [SCHEDULE_DEPENDENT] = "depends on the order of its tasks",
    };
    const TaskFacts *facts = s->program->task_facts;
    Text name = function_name(s, row->decl);
    Report *r = diag_remark(s->diags, headings[row->schedule], row->at, "the nursery in `%.*s` %s", TEXT_ARG(name),
                            words[row->schedule]);
    if (row->schedule == SCHEDULE_DETERMINISTIC)
        report_label(r, "no task sees what another one does meanwhile");
    for (uint32_t i = 0; i < row->step_count; i++)
        report_note(r, facts->steps.items[row->first_step + i], "%s",
                    i ? "which does it here" : schedule_cause_words(row->cause));
    if (row->first_failure.file.v)
        report_note(r, row->first_failure, "where several fail, the order decides whose failure is the nursery's");
    if (row->outside.file.v)
        report_note(r, row->outside, "what others see of it (%s) comes in the order in which the tasks run",
                    effect_text((EffectId)row->effect));
}

static void explain_nursery(Session *s, uint32_t index) {
    const TaskFacts *facts = s->program->task_facts;
    explain_order(s, &facts->nurseries.items[index]);
    for (uint32_t t = 0; t < facts->tasks.count; t++)
        if (facts->tasks.items[t].nursery == index + 1)
            explain_task(s, &facts->tasks.items[t]);
}

// Function by function, first the tasks of nurseries from elsewhere.
void explain_captures(Session *s) {
    const TaskFacts *facts = s->program->task_facts;
    uint32_t n = 0;
    for (uint32_t t = 0; facts && t < facts->tasks.count; t++) {
        const TaskRow *task = &facts->tasks.items[t];
        for (; n < facts->nurseries.count && facts->nurseries.items[n].decl.v < task->decl.v; n++)
            explain_nursery(s, n);
        if (!task->nursery)
            explain_task(s, task);
    }
    for (; facts && n < facts->nurseries.count; n++)
        explain_nursery(s, n);
}

// ---- a line each ---------------------------------------------------------------------------------------------------

static void write_place(const Session *s, Span span, Buffer *out) {
    if (!span.file.v)
        return;
    const Source *source = diags_source(s->diags, span.file);
    uint32_t line, column;
    source_position(source, span.start, &line, &column);
    buffer_printf(out, " %s:%u:%u", source->path, line, column);
}

static void write_task(const Session *s, const TaskRow *task, Buffer *out) {
    const TaskFacts *facts = s->program->task_facts;
    buffer_printf(out, "    %s", task->is_isolated ? "isolated task" : "task");
    write_place(s, task->call, out);
    buffer_cstr(out, task->is_foreign ? " owns all\n" : "\n");
    for (uint32_t i = 0; i < task->capture_count; i++) {
        const CaptureRow *row = &facts->captures.items[task->first_capture + i];
        buffer_printf(out, "      %.*s: %s", TEXT_ARG(symbol(s->program, row->name)), capture_mode_text(row->mode));
        write_place(s, row->cause, out);
        buffer_char(out, '\n');
    }
}

static void write_nursery(const Session *s, uint32_t index, Buffer *out) {
    const TaskFacts *facts = s->program->task_facts;
    const NurseryRow *row = &facts->nurseries.items[index];
    buffer_cstr(out, "  nursery");
    write_place(s, row->at, out);
    buffer_printf(out, ": %s", schedule_text(row->schedule));
    if (row->cause != CAUSE_NONE)
        buffer_printf(out, " (%s", schedule_cause_text(row->cause));
    for (uint32_t i = 0; i < row->step_count; i++)
        write_place(s, facts->steps.items[row->first_step + i], out);
    buffer_cstr(out, row->cause != CAUSE_NONE ? ")\n" : "\n");
    for (uint32_t t = 0; t < facts->tasks.count; t++)
        if (facts->tasks.items[t].nursery == index + 1)
            write_task(s, &facts->tasks.items[t], out);
}

void explain_captures_lines(const Session *s, Buffer *out) {
    const TaskFacts *facts = s->program->task_facts;
    for (uint32_t i = 1; facts && i < s->program->decls.count; i++) {
        const Signature *sig = program_signature(s->program, (DeclId){i});
        if (!sig || sig->schedule == SCHEDULE_UNKNOWN)
            continue;
        explain_function_name(s->program, (DeclId){i}, out);
        buffer_printf(out, ": %s\n", schedule_text((Schedule)sig->schedule));
        for (uint32_t n = 0; n < facts->nurseries.count; n++)
            if (facts->nurseries.items[n].decl.v == i)
                write_nursery(s, n, out);
        for (uint32_t t = 0; t < facts->tasks.count; t++)
            if (facts->tasks.items[t].decl.v == i && !facts->tasks.items[t].nursery)
                write_task(s, &facts->tasks.items[t], out);
    }
}

// ---- JSON ----------------------------------------------------------------------------------------------------------

static void json_text(Buffer *out, const char *name, Text value) {
    buffer_printf(out, "\"%s\":", name);
    buffer_json_string(out, value);
}

// null where there is none.
static void json_place(const Session *s, const char *name, Span span, Buffer *out) {
    buffer_printf(out, ",\"%s\":", name);
    if (!span.file.v) {
        buffer_cstr(out, "null");
        return;
    }
    const Source *source = diags_source(s->diags, span.file);
    uint32_t line, column, end_line, end_column;
    source_position(source, span.start, &line, &column);
    source_position(source, span.end, &end_line, &end_column);
    buffer_char(out, '{');
    json_text(out, "file", text_of(source->path));
    buffer_printf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u}", line, column, end_line,
                  end_column);
}

static void json_capture(const Session *s, const CaptureRow *row, const TaskRow *task, Buffer *out) {
    buffer_char(out, '{');
    json_text(out, "name", symbol(s->program, row->name));
    buffer_char(out, ',');
    json_text(out, "type", type_text(s->program, row->type));
    buffer_char(out, ',');
    json_text(out, "mode", text_of(capture_mode_text(row->mode)));
    buffer_char(out, ',');
    json_text(out, "why", text_of(reason_words(row, task)));
    json_place(s, "at", row->cause, out);
    json_place(s, "declared", row->declared, out);
    buffer_char(out, ',');
    json_text(out, "cost", text_of(row->mode == CAPTURE_HANDLE ? "" : cost_words(s, row)));
    buffer_char(out, ',');
    json_text(out, "in_the_way", text_of(row->miss == MISS_NONE ? "" : miss_words(row->miss)));
    json_place(s, "in_the_way_at", row->missed, out);
    buffer_char(out, '}');
}

static void json_task(const Session *s, const TaskRow *task, Buffer *out) {
    const TaskFacts *facts = s->program->task_facts;
    buffer_char(out, '{');
    json_text(out, "function", function_name(s, task->decl));
    json_place(s, "at", task->call, out);
    buffer_printf(out, ",\"isolated\":%s,\"owns_all\":%s,\"fails\":%s,\"captures\":[",
                  task->is_isolated ? "true" : "false", task->is_isolated || task->is_foreign ? "true" : "false",
                  task->fails ? "true" : "false");
    for (uint32_t i = 0; i < task->capture_count; i++) {
        if (i)
            buffer_char(out, ',');
        json_capture(s, &facts->captures.items[task->first_capture + i], task, out);
    }
    buffer_cstr(out, "]}");
}

// Of one nursery, by its index + 1, or of those from elsewhere: 0.
static void json_tasks(const Session *s, uint32_t nursery, Buffer *out) {
    const TaskFacts *facts = s->program->task_facts;
    buffer_cstr(out, "\"tasks\":[");
    bool is_first = true;
    for (uint32_t t = 0; facts && t < facts->tasks.count; t++) {
        if (facts->tasks.items[t].nursery != nursery)
            continue;
        if (!is_first)
            buffer_char(out, ',');
        is_first = false;
        json_task(s, &facts->tasks.items[t], out);
    }
    buffer_char(out, ']');
}

static void json_nursery(const Session *s, uint32_t index, Buffer *out) {
    const TaskFacts *facts = s->program->task_facts;
    const NurseryRow *row = &facts->nurseries.items[index];
    buffer_char(out, '{');
    json_text(out, "function", function_name(s, row->decl));
    json_place(s, "at", row->at, out);
    buffer_char(out, ',');
    json_text(out, "schedule", text_of(schedule_text(row->schedule)));
    buffer_char(out, ',');
    json_text(out, "cause", text_of(row->cause == CAUSE_NONE ? "" : schedule_cause_text(row->cause)));
    buffer_cstr(out, ",\"path\":[");
    for (uint32_t i = 0; i < row->step_count; i++) {
        buffer_cstr(out, i ? ",{\"step\":" : "{\"step\":");
        buffer_printf(out, "%u", i + 1);
        json_place(s, "at", facts->steps.items[row->first_step + i], out);
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
    json_place(s, "first_failure", row->first_failure, out);
    json_place(s, "outside", row->outside, out);
    buffer_char(out, ',');
    json_text(out, "outside_effect", text_of(row->outside.file.v ? effect_text((EffectId)row->effect) : ""));
    buffer_char(out, ',');
    json_tasks(s, index + 1, out);
    buffer_char(out, '}');
}

void explain_captures_json(const Session *s, Buffer *out) {
    const TaskFacts *facts = s->program->task_facts;
    buffer_cstr(out, "\"functions\":[");
    bool is_first = true;
    for (uint32_t i = 1; facts && i < s->program->decls.count; i++) {
        const Signature *sig = program_signature(s->program, (DeclId){i});
        if (!sig || sig->schedule == SCHEDULE_UNKNOWN)
            continue;
        buffer_cstr(out, is_first ? "{" : ",{");
        is_first = false;
        json_text(out, "name", function_name(s, (DeclId){i}));
        json_place(s, "at", decl_span(s->program, (DeclId){i}), out);
        buffer_char(out, ',');
        json_text(out, "schedule", text_of(schedule_text((Schedule)sig->schedule)));
        buffer_char(out, '}');
    }
    buffer_cstr(out, "],\"nurseries\":[");
    for (uint32_t n = 0; facts && n < facts->nurseries.count; n++) {
        if (n)
            buffer_char(out, ',');
        json_nursery(s, n, out);
    }
    buffer_cstr(out, "],");
    json_tasks(s, 0, out);
}
