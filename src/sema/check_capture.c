// What the closure of a task must not capture, or not to any purpose.
#include "sema/body.h"

typedef struct {
    Body *b;
    NodeId closure, first; // its nodes lie from `first` up to it
} Inside;

// The binder of a variable from around the closure that this name stands for, or none.
static NodeId captured(const Inside *in, NodeId n) {
    const Resolution *res = kind_of(in->b, n) == NODE_NAME ? facts_resolution(in->b->facts, n) : NULL;
    bool is_outer = res != NULL && res->kind == REF_LOCAL && (res->node.v < in->first.v || res->node.v > in->closure.v);
    return is_outer ? res->node : (NodeId){0};
}

// A guard has a Mutex for the task that locked it: that one may lock no second time, and its polls are held.
static bool refuse_guard(const Inside *in, NodeId n) {
    Body *b = in->b;
    TypeId type = b->facts->types[n.v];
    if (captured(in, n).v == 0 || type.v == 0 || !is_lang(b, shallow(b, type), LANG_MUTEX_GUARD))
        return false;
    Report *r = REPORT(b, E1044, span_of(b, n), "`%s` is this task's hold of a Mutex, and no other task's",
                       cstr(b, name_of(b, n)));
    report_label(r, "used by the task that is spawned here");
    report_help(r, "let the task lock the Mutex itself, or give it a copy of the value");
    return true;
}

static bool is_read_inside(const Inside *in, NodeId binder, NodeId assigned) {
    for (uint32_t i = in->first.v; i <= in->closure.v; i++)
        if (i != assigned.v && captured(in, (NodeId){i}).v == binder.v)
            return true;
    return false;
}

// An isolated task owns what it captures: a change of it is seen by nobody else.
static void warn_of_copy(const Inside *in, NodeId assign) {
    Body *b = in->b;
    NodeId left = ast_binary(b->ast, assign).left, binder = captured(in, left);
    if (binder.v == 0 || is_read_inside(in, binder, left))
        return;
    const char *name = cstr(b, name_of(b, left));
    Report *r = REPORT(b, W0204, span_of(b, left), "`%s` is a copy here: the change is lost", name);
    report_label(r, "an isolated task owns all that it captures");
    report_note(r, span_of(b, binder), "the variable outside keeps its value");
    report_help(r, "let the task give the value, and take it from the outcome: `match task.join() { Ok(x) => … }`");
}

void check_task_captures(Body *b, NodeId closure, bool is_isolated) {
    Inside in = {b, closure, ast_first(b->ast, closure)};
    bool is_refused = false;
    for (uint32_t i = in.first.v; i < closure.v; i++) {
        NodeId n = {i};
        is_refused = is_refused || refuse_guard(&in, n);
        if (is_isolated && kind_of(b, n) == NODE_ASSIGN)
            warn_of_copy(&in, n);
    }
}
