// Calls that the compiler makes itself: panic, assertions, copy; printing is in build_interp.c.
#include "ir/build_internal.h"

static NodeId arg_at(Build *b, AstList args, uint32_t index) {
    NodeId arg = AST_ITEM(args, index);
    return ast_kind(b->ast, arg) == NODE_ARG_NAMED ? ast_unary(b->ast, arg).child : arg;
}

static void panic_now(Build *b, PanicKind kind, OperandId message) {
    if (!b->is_dead) {
        jir_panic(b->fn, b->block, kind, message, b->token);
        jir_block(b->fn, b->block)->term.unwind = unwind_chain(b);
    }
    block_end(b);
}

static void build_panic(Build *b, NodeId n, AstList args) {
    OperandId message = {0};
    if (args.count) {
        message = build_value(b, arg_at(b, args, 0));
        consume(b, message);
    }
    token_at(b, n);
    panic_now(b, PANIC_MESSAGE, message);
}

static void build_assert(Build *b, NodeId n, AstList args) {
    BlockId pass = block_new(b), fail = block_new(b);
    build_branch(b, arg_at(b, args, 0), pass, fail);
    block_start(b, fail);
    OperandId message = {0};
    if (args.count > 1) {
        message = build_value(b, arg_at(b, args, 1));
        consume(b, message);
    }
    token_at(b, n);
    panic_now(b, PANIC_ASSERT, message);
    block_start(b, pass);
}

static void write_part(Build *b, PlaceId writer, const char *text) {
    JirArg args[] = {arg_mut(b, writer), arg_temp(b, const_text(b, text_of(text)))};
    call_lang(b, LANG_WRITE_TEXT, NULL, 0, args, 2, (PlaceId){0});
}

// The message shows both values.
static OperandId unequal_message(Build *b, PlaceId x, PlaceId y) {
    PlaceId writer = temp_new(b, type_lang(b->program, LANG_WRITER, NULL, 0));
    call_lang(b, LANG_STRING_WRITER, NULL, 0, NULL, 0, writer);
    write_part(b, writer, "assertion failed: ");
    build_debug(b, writer, x);
    write_part(b, writer, " is not equal to ");
    build_debug(b, writer, y);
    PlaceId text = temp_new(b, type_lang(b->program, LANG_STRING, NULL, 0));
    JirArg arg = arg_value(take(b, writer));
    call_lang(b, LANG_WRITER_FINISH, NULL, 0, &arg, 1, text);
    return take(b, text);
}

static void build_assert_eq(Build *b, NodeId n, AstList args) {
    NodeId right = arg_at(b, args, 1);
    PlaceId x = place_strip(b, lent_arg(b, arg_at(b, args, 0), has_effect(b, right)).place), y = build_place(b, right);
    token_at(b, n);
    BlockId pass = block_new(b), fail = block_new(b);
    emit_branch(b, build_equal(b, x, y, jir_place_type(b->fn, x)), pass, fail);
    block_start(b, fail);
    ScopeMark mark = scope_begin(b, (NodeId){0});
    panic_now(b, PANIC_ASSERT, unequal_message(b, x, y));
    scope_end(b, mark);
    block_start(b, pass);
}

// x.copy() of a type whose Copy is made by the compiler.
static void build_copy(Build *b, NodeId n, NodeId receiver, PlaceId dst) {
    TypeId type = fact_type(b, n);
    PlaceId value = place_unbox(b, build_place(b, receiver), type);
    token_at(b, n);
    bool is_unwanted = !dst.v;
    if (is_unwanted)
        dst = temp_new(b, type);
    if (type_is_plain(b, type)) {
        emit_set(b, dst, copy(b, value));
        return;
    }
    JirArg arg = arg_ref(value);
    call_trait(b, LANG_COPY, type, &arg, 1, dst);
    if (is_unwanted)
        temp_register(b, dst);
}

// base?.copy(), as an optional unless it is one.
static void build_opt_copy(Build *b, NodeId n, const Resolution *res, NodeId receiver, PlaceId dst) {
    bool is_unwanted = !dst.v;
    if (is_unwanted)
        dst = temp_new(b, fact_type(b, n));
    PlaceId base = raw_place(b, receiver);
    BlockId some = block_new(b), none = block_new(b), join = block_new(b);
    emit_variant_test(b, base, 1, some, none);
    block_start(b, some);
    PlaceId inner = place_payload(b, base, 1, 0, payload_type(b, jir_place_type(b->fn, base), 1, 0));
    PlaceId value = place_unbox(b, inner, res->type);
    token_at(b, n);
    OperandId item;
    if (type_is_plain(b, res->type)) {
        item = copy(b, value);
    } else {
        PlaceId copied = temp_new(b, res->type);
        JirArg arg = arg_ref(value);
        call_trait(b, LANG_COPY, res->type, &arg, 1, copied);
        item = temp_value(b, copied);
    }
    build_optional_end(b, dst, item, none, join);
    if (is_unwanted)
        temp_register(b, dst);
}

void build_builtin(Build *b, NodeId n, const Resolution *res, NodeId receiver, AstList args, PlaceId dst) {
    switch ((BuiltinId)res->index) {
    case BUILTIN_PRINT:
    case BUILTIN_PRINTLN:
    case BUILTIN_EPRINT:
    case BUILTIN_EPRINTLN: build_print(b, n, (BuiltinId)res->index, args); break;
    case BUILTIN_PANIC: build_panic(b, n, args); break;
    case BUILTIN_UNREACHABLE:
        token_at(b, n);
        panic_now(b, PANIC_UNREACHABLE, (OperandId){0});
        break;
    case BUILTIN_ASSERT: build_assert(b, n, args); break;
    case BUILTIN_ASSERT_EQ: build_assert_eq(b, n, args); break;
    case BUILTIN_COPY:
        if (is_optional_call(b, n))
            build_opt_copy(b, n, res, ast_unary(b->ast, ast_call(b->ast, n).callee).child, dst);
        else
            build_copy(b, n, receiver, dst);
        break;
    case BUILTIN_SPAWN: build_spawn(b, n, receiver, args, dst); break;
    case BUILTIN_SPAWN_ISOLATED: build_spawn_isolated(b, n, receiver, args, dst); break;
    case BUILTIN_SUPPRESSED: build_suppressed(b, receiver, dst); break;
    default: internal_error("call of builtin %u", res->index);
    }
}
