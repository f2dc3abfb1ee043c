// select: which of several channels is ready.
#include "sema/body.h"

typedef struct {
    NodeId fallback; // `after` or `default`
    uint32_t channels;
    bool leaves;
} Arms;

static bool arm_is(Body *b, NodeId arm, const char *word) {
    return text_equal(ast_token_text(b->ast, ast_token(b->ast, arm)), text_of(word));
}

// What goes through the channel of the arm.
static TypeId check_channel(Body *b, NodeId channel) {
    TypeId type = shallow(b, check_value(b, channel));
    if (is_lang(b, type, LANG_CHANNEL))
        return first_arg(b, type);
    if (!is_poison(b, type)) {
        Report *r = REPORT(b, E1008, span_of(b, channel), "an arm of `select` waits at a channel");
        report_label(r, "this is a `%s`", show(b, type));
    }
    return poison(b);
}

static void check_fallback(Body *b, NodeId arm, Arms *arms) {
    if (arms->fallback.v == 0) {
        arms->fallback = arm;
        return;
    }
    Report *r = REPORT(b, E1009, main_span(b, arm), "a `select` has one `after` or one `default`");
    report_note(r, main_span(b, arms->fallback), "the first one is here");
    report_help(r, "`default` is for at once, `after` for when the time is over: the later one would never run");
}

static void check_arm(Body *b, NodeId arm, Arms *arms) {
    AstSelectArm e = ast_select_arm(b->ast, arm);
    uint32_t mark = scope_mark(b);
    if (arm_is(b, arm, "after") || arm_is(b, arm, "default")) {
        check_fallback(b, arm, arms);
        if (e.channel.v != 0)
            check_typed(b, e.channel, type_lang(b->program, LANG_DURATION, NULL, 0), WHY_NONE, (Span){0});
    } else {
        TypeId item = check_channel(b, e.channel);
        arms->channels++;
        if (e.value.v != 0)
            check_typed(b, e.value, item, WHY_NONE, (Span){0});
        if (arm_is(b, arm, "recv"))
            b->facts->types[arm.v] = item;
        if (e.binder.v != 0 && ast_token_kind(b->ast, e.binder) == TOK_NAME)
            scope_add(b, ast_symbol(b->ast, e.binder), arm, ast_token_span(b->ast, e.binder), item, BIND_LET);
    }
    TypeId type = check_block(b, e.body, &(Want){.is_dropped = true});
    arms->leaves &= diverges(b, type);
    scope_pop(b, mark);
}

TypeId check_select(Body *b, NodeId n) {
    AstList list = ast_list(b->ast, n);
    Arms arms = {.leaves = true};
    for (uint32_t i = 0; i < list.count; i++)
        if (kind_of(b, AST_ITEM(list, i)) == NODE_SELECT_ARM)
            check_arm(b, AST_ITEM(list, i), &arms);
    if (list.count == 0) {
        Report *r = REPORT(b, E1009, main_span(b, n), "a `select` without arms would wait for ever");
        report_help(r, "write what it waits for: `recv channel |value| do … end`");
    }
    return arms.leaves && list.count > 0 ? builtin(b, TY_NEVER) : builtin(b, TY_VOID);
}
