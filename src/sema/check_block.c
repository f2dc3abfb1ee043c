// Blocks and statements: values that are used, dropped or ignored.
#include "sema/body.h"

bool diverges(Body *b, TypeId type) {
    return kind_of_type(b, type) == TY_NEVER;
}

static bool is_statement_only(NodeKind kind) {
    return kind == NODE_LET || kind == NODE_VAR || kind == NODE_MUT_BIND || kind == NODE_ASSIGN || kind == NODE_DEFER ||
           kind == NODE_ERRDEFER || kind == NODE_WHEN || kind == NODE_USING || kind == NODE_NURSERY ||
           kind == NODE_SELECT || kind == NODE_SHIELD;
}

// ---- ignored values -------------------------------------------------------------------------------------------------

// Known to do nothing but give its value: functions of std's core that only borrow. What others do is not known yet.
static bool is_pure_call(Body *b, NodeId n) {
    const Resolution *r = facts_resolution(b->facts, n);
    if (r == NULL)
        return false;
    if (r->kind == REF_BUILTIN)
        return r->index == BUILTIN_COPY;
    if (r->kind != REF_FUNC && r->kind != REF_TRAIT_METHOD)
        return false;
    const Module *module = program_module(b->program, program_decl(b->program, r->decl)->module);
    const Signature *sig = program_signature(b->program, r->decl);
    if (!module->is_std || sig == NULL || sig->param_count == 0 || !text_starts_with(module->path, TEXT("std.core")))
        return false;
    for (uint32_t i = 0; i < sig->param_count; i++)
        if (sig->param_modes[i] != MODE_BORROW || func_type_of(b, sig->param_types[i]).v != 0)
            return false;
    return r->kind == REF_FUNC && sig->bound_count == 0;
}

static void report_ignored_result(Body *b, NodeId n, TypeId type) {
    Report *r = REPORT(b, E0501, span_of(b, n), "the result of this may be an error, which is ignored");
    report_label(r, "this is a `%s`", show(b, type));
    const char *text = source_text(b, span_of(b, n));
    report_help(r, "handle it: `%s catch …`, or pass it on: `%s?`", text, text);
}

static void check_ignored(Body *b, NodeId n, TypeId type) {
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_RESULT) {
        if (!hand_on(b, n, type)) // the last statement of a function that fails as this does
            report_ignored_result(b, n, type);
        return;
    }
    if (kind == TY_VOID || kind == TY_NEVER || kind == TY_POISON)
        return;
    switch (kind_of(b, n)) {
    case NODE_CALL:
    case NODE_PIPELINE:
        if (is_pure_call(b, n)) {
            Report *r = REPORT(b, W0321, span_of(b, n), "the value of this call is not used, and it does nothing else");
            report_help(r, "use the value, or write `let _ = …`");
        }
        return;
    case NODE_IF:
    case NODE_MATCH:
    case NODE_BLOCK:
    case NODE_LOOP:
    case NODE_WHILE:
    case NODE_FOR:
    case NODE_TRY:
    case NODE_CATCH: return;
    default: {
        Report *r = REPORT(b, W0320, span_of(b, n), "this value is not used");
        if (kind_of(b, n) == NODE_COMPARE && op_of(b, n) == TOK_EQ)
            report_help(r, "`==` compares; to assign, write `=`");
        return;
    }
    }
}

void check_statement(Body *b, NodeId n) {
    TypeId type = check_expr(b, n, &(Want){.is_dropped = true});
    if (!is_statement_only(kind_of(b, n)))
        check_ignored(b, n, type);
}

// ---- blocks ---------------------------------------------------------------------------------------------------------

TypeId check_block(Body *b, NodeId n, const Want *want) {
    AstList list = ast_list(b->ast, n);
    uint32_t mark = scope_mark(b);
    bool never = false, warned = false;
    TypeId type = builtin(b, TY_VOID);
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId item = AST_ITEM(list, i);
        if (never && !warned) {
            warned = true;
            Report *r = REPORT(b, W0322, span_of(b, item), "this is never reached");
            report_note(r, span_of(b, AST_ITEM(list, i - 1)), "what stands before always leaves");
        }
        bool is_tail = i + 1 == list.count && !never && !want->is_dropped && !is_statement_only(kind_of(b, item));
        if (is_tail)
            type = check_expr(b, item, want);
        else
            check_statement(b, item);
        never = never || diverges(b, b->facts->types[item.v]);
    }
    scope_pop(b, mark);
    if (never)
        type = builtin(b, TY_NEVER);
    b->facts->types[n.v] = type;
    return type;
}

TypeId check_defer(Body *b, NodeId n) {
    NodeId child = ast_unary(b->ast, n).child;
    Frame *frame = b->frame;
    LoopFrame *loop = frame->loop;
    const char *word = frame->defer_word;
    bool on_error = kind_of(b, n) == NODE_ERRDEFER;
    if (on_error && frame->set == NULL && frame->declared.v == 0 && frame->defer_depth == 0) {
        Report *r = REPORT(b, W0510, main_span(b, n), "this `errdefer` never runs");
        report_label(r, "the function does not fail");
        report_help(r, "what is to run on every way out stands in a `defer`");
    }
    frame->loop = NULL;
    frame->defer_word = on_error ? "an `errdefer`" : "a `defer`";
    frame->defer_depth++;
    check_statement(b, child);
    frame->defer_depth--;
    frame->defer_word = word;
    frame->loop = loop;
    return builtin(b, TY_VOID);
}

TypeId check_when(Body *b, NodeId n) {
    AstBinary e = ast_binary(b->ast, n);
    check_condition(b, e.right);
    check_statement(b, e.left);
    return builtin(b, TY_VOID);
}

// ---- leaving --------------------------------------------------------------------------------------------------------

static void report_leaving_defer(Body *b, NodeId n, const char *what) {
    Report *r = REPORT(b, E0513, main_span(b, n), "%s cannot %s", b->frame->defer_word, what);
    report_label(r, "it runs while the block is being left already");
}

// return f(), where f may fail as the function may: the result is handed on as it is.
bool hand_on(Body *b, NodeId child, TypeId type) {
    const Type *t = type_of(b, shallow(b, type));
    Frame *frame = b->frame;
    // In a nursery the body fails where an error leaves it: that takes a `?`.
    if (t->kind != TY_RESULT || frame->full_result.v == 0 || frame->last.v != child.v || frame->nursery_depth > 0 ||
        kind_of_type(b, frame->result) == TY_RESULT)
        return false;
    if (!infer_unify(b->infer, t->args[1], frame->result))
        return false;
    propagate(b, child, t->args[0]);
    b->facts->wanted[child.v] = frame->full_result;
    return true;
}

static void check_returned(Body *b, NodeId child) {
    Frame *frame = b->frame;
    Want want = {.type = frame->result,
                 .why = frame->closure.v != 0                       ? WHY_CLOSURE
                        : kind_of_type(b, frame->result) == TY_VOID ? WHY_VOID_RESULT
                                                                    : WHY_RESULT,
                 .span = frame->result_span};
    NodeId outer = frame->last;
    frame->last = child;
    check_expr(b, child, &want);
    frame->last = outer;
}

TypeId check_return(Body *b, NodeId n) {
    NodeId child = ast_unary(b->ast, n).child;
    Frame *frame = b->frame;
    TypeId never = builtin(b, TY_NEVER);
    if (frame->defer_depth > 0)
        report_leaving_defer(b, n, "return");
    if (frame->result.v == 0) {
        TypeId type = child.v == 0 ? builtin(b, TY_VOID)
                      : frame->returned.v == 0
                          ? check_value(b, child)
                          : check_typed(b, child, frame->returned, WHY_CLOSURE, frame->returned_span);
        if (frame->returned.v == 0) {
            frame->returned = type;
            frame->returned_span = span_of(b, n);
        }
        return never;
    }
    if (child.v != 0) {
        check_returned(b, child);
        return never;
    }
    if (!is_void_or_open(b, frame->result)) {
        Report *r = REPORT(b, E0331, span_of(b, n), "this `return` gives no value");
        report_label(r, "a value of type `%s` is expected", show(b, frame->result));
        report_note(r, frame->result_span, "the result type is written here");
    }
    return never;
}

static LoopFrame *loop_named(Body *b, SymbolId label) {
    LoopFrame *loop = b->frame->loop;
    while (loop != NULL && label.v != 0 && loop->label.v != label.v)
        loop = loop->outer;
    return loop;
}

static void check_break_value(Body *b, NodeId n, NodeId value, LoopFrame *loop) {
    if (!loop->is_loop) {
        check_value(b, value);
        Report *r = REPORT(b, E0370, span_of(b, value), "only `loop` has a value that `break` can give");
        report_label(r, "this loop may also end without `break`");
        return;
    }
    const Want *want = loop->want;
    TypeId type;
    if (want->is_dropped)
        type = check_value(b, value);
    else if (want->type.v != 0 && !want->is_hint)
        type = check_expr(b, value, want);
    else if (loop->type.v == 0)
        type = check_expr(b, value, want);
    else
        type = check_typed(b, value, loop->type, WHY_BREAK, loop->type_span);
    if (loop->type.v == 0) {
        loop->type = type;
        loop->type_span = span_of(b, n);
    }
}

// The parser takes a name that is no label around it for a value.
static bool is_unknown_label(Body *b, NodeId value) {
    if (kind_of(b, value) != NODE_NAME || path_of(b, value).kind != PATH_UNKNOWN)
        return false;
    SymbolId name = name_of(b, value), found = {0};
    uint32_t best = 3;
    for (LoopFrame *loop = b->frame->loop; loop != NULL; loop = loop->outer) {
        uint32_t distance =
            loop->label.v == 0 ? best : text_distance(symbol(b->program, name), symbol(b->program, loop->label), best);
        if (distance < best) {
            best = distance;
            found = loop->label;
        }
    }
    Report *r = REPORT(b, E0224, span_of(b, value), "no loop around this has the label `%s`", cstr(b, name));
    if (found.v != 0)
        report_fix(r, span_of(b, value), symbol(b->program, found), "use the label that exists");
    b->facts->types[value.v] = poison(b);
    return true;
}

TypeId check_jump(Body *b, NodeId n) {
    AstJump e = ast_jump(b->ast, n);
    bool is_break = kind_of(b, n) == NODE_BREAK;
    SymbolId label = e.label.v != 0 ? ast_symbol(b->ast, e.label) : (SymbolId){0};
    LoopFrame *loop = loop_named(b, label);
    TypeId never = builtin(b, TY_NEVER);
    if (loop == NULL) {
        if (b->frame->defer_depth > 0)
            report_leaving_defer(b, n, is_break ? "break" : "continue");
        else if (label.v != 0)
            REPORT(b, E0224, ast_token_span(b->ast, e.label), "no loop around this has the label `%s`", cstr(b, label));
        else
            REPORT(b, E0371, main_span(b, n), "`%s` outside of a loop", is_break ? "break" : "continue");
        if (e.value.v != 0)
            check_value(b, e.value);
        return never;
    }
    loop->has_break = loop->has_break || is_break;
    if (e.value.v != 0 && is_unknown_label(b, e.value))
        return never;
    if (e.value.v != 0)
        check_break_value(b, n, e.value, loop);
    else if (is_break && loop->is_loop && loop->type.v == 0)
        loop->type = builtin(b, TY_VOID);
    return never;
}
