// Tasks: what nurseries, channels and select ask of the runtime. What may leave is called so that it can be left: see
// fn_call.
#include "ir/polls.h"
#include "llvm/internal.h"

static LLVMValueRef word(FnGen *f, uint64_t value) {
    return LLVMConstInt(f->gen->i64, value, false);
}

static LLVMValueRef here(FnGen *f) {
    return gen_location(f->gen, f->file, fn_line(f, f->token));
}

// The function that an argument names, NULL if there is no such argument.
static LLVMValueRef function_of(FnGen *f, const JirStmt *s, uint32_t i) {
    if (i >= s->arg_count)
        return LLVMConstNull(f->gen->ptr);
    const JirOperand *code = &f->fn->operands.items[intrinsic_arg(f, s, i)->value.v];
    if (code->const_kind != CONST_FUNC)
        return LLVMConstNull(f->gen->ptr);
    return gen_function(f->gen, code->callee->instance).fn;
}

static LLVMValueRef words_of(FnGen *f, uint32_t count) {
    GenType type = {.memory = LLVMArrayType2(f->gen->i64, count), .align = 8};
    return fn_alloca(f, &type, "");
}

static LLVMValueRef at_offset(FnGen *f, LLVMValueRef base, uint64_t bytes) {
    return addr_offset(f, (Addr){base, 8, ALIAS_ANY, false}, bytes).ptr;
}

// dst = what lies at the address.
static void result_from(FnGen *f, const JirStmt *s, const GenType *type, Addr from) {
    if (!s->dst.v || type->pass == PASS_NOTHING)
        return;
    if (type->pass == PASS_SCALAR)
        fn_store_result(f, s->dst, type, fn_load(f, type, from));
    else
        fn_copy(f, type, fn_place(f, s->dst), from);
}

static Addr room_for(FnGen *f, const GenType *type) {
    return type->pass == PASS_NOTHING ? (Addr){words_of(f, 1), 8, ALIAS_ANY, false} : fn_temp(f, type);
}

// ---- nurseries -----------------------------------------------------------------------------------------------------

// JnErrorSet of the runtime: how an error is dropped, and printed, that comes too late.
static LLVMValueRef error_set(FnGen *f, const JirStmt *s) {
    LLVMValueRef none = LLVMConstNull(f->gen->ptr), parts[] = {none, function_of(f, s, 2), function_of(f, s, 3)};
    if (LLVMIsNull(parts[2]))
        return none;
    return gen_private_constant(f->gen, LLVMConstStructInContext(f->gen->context, parts, 3, false));
}

static void nursery_open(FnGen *f, const JirStmt *s) {
    LLVMValueRef args[] = {fn_place(f, s->dst).ptr, intrinsic_value(f, s, 0), intrinsic_value(f, s, 1), error_set(f, s),
                           here(f)};
    fn_call_rt(f, RT_NURSERY_OPEN, args, 5);
}

enum { ERROR_WORDS = 4, END_EXPIRED = 2 }; // JN_ERROR_BYTES

// A result begins with the number of its error, 0 where there is none.
static void nursery_end(FnGen *f, const JirStmt *s) {
    LLVMValueRef error = words_of(f, ERROR_WORDS), args[] = {intrinsic_address(f, s, 0).ptr, error};
    LLVMBuildStore(f->b, LLVMConstNull(f->gen->i32), error);
    LLVMValueRef how = fn_call_rt(f, RT_NURSERY_END, args, 2);
    if (!s->dst.v)
        return;
    LLVMValueRef expired = LLVMBuildTrunc(f->b, intrinsic_value(f, s, 1), f->gen->i32, "");
    LLVMValueRef is_expired = LLVMBuildICmp(f->b, LLVMIntEQ, how, word(f, END_EXPIRED), "");
    LLVMValueRef number = LLVMBuildLoad2(f->b, f->gen->i32, error, "");
    LLVMBuildStore(f->b, LLVMBuildSelect(f->b, is_expired, expired, number, ""), error);
    result_from(f, s, fn_place_type(f, s->dst), (Addr){error, 8, ALIAS_ANY, false});
}

static void give_error(FnGen *f, const JirStmt *s, uint32_t i, RtFnId id) {
    LLVMValueRef args[3];
    uint32_t count = 0;
    if (i > 0)
        args[count++] = intrinsic_address(f, s, 0).ptr;
    args[count++] = intrinsic_address(f, s, i).ptr;
    args[count++] = word(f, intrinsic_type(f, s, 0)->size);
    fn_call_rt(f, id, args, count);
}

// ---- tasks ---------------------------------------------------------------------------------------------------------

enum { TASK_NO_HANDLE = 1, TASK_ISOLATED = 2 };

// JnTaskCode of the runtime.
static LLVMValueRef task_code(FnGen *f, const JirStmt *s) {
    Gen *gen = f->gen;
    const GenType *closure = intrinsic_type(f, s, 0), *result = intrinsic_type(f, s, 1);
    Text name = text_of(f->fn->symbol ? f->fn->symbol : "");
    LLVMValueRef text = gen_private_constant(gen, LLVMConstStringInContext2(gen->context, name.data, name.size, false));
    LLVMValueRef none = LLVMConstNull(gen->ptr);
    uint64_t flags = (s->dst.v ? 0 : TASK_NO_HANDLE) | (s->number == INTRINSIC_task_spawn ? 0 : TASK_ISOLATED);
    LLVMValueRef parts[] = {function_of(f, s, 2),
                            function_of(f, s, 3),
                            none,
                            function_of(f, s, 4),
                            none,
                            word(f, closure->size),
                            word(f, closure->align),
                            word(f, result->size),
                            word(f, result->align ? result->align : 1),
                            LLVMConstInt(gen->i32, flags, false),
                            text};
    LLVMValueRef code = gen_private_constant(gen, LLVMConstStructInContext(gen->context, parts, 11, false));
    LLVMSetAlignment(code, 8);
    return code;
}

static void task_spawn(FnGen *f, const JirStmt *s) {
    bool is_empty = intrinsic_type(f, s, 0)->pass == PASS_NOTHING;
    LLVMValueRef env = is_empty ? words_of(f, 1) : intrinsic_address(f, s, 1).ptr;
    LLVMValueRef args[] = {intrinsic_address(f, s, 0).ptr, task_code(f, s), env, here(f)};
    LLVMValueRef task = fn_call_rt(f, RT_SPAWN, args, 4);
    if (s->dst.v && fn_place_type(f, s->dst)->pass == PASS_SCALAR)
        fn_result(f, s->dst, task);
    else if (s->dst.v)
        LLVMBuildStore(f->b, task, fn_place(f, s->dst).ptr);
}

static void task_join(FnGen *f, const JirStmt *s) {
    const GenType *type = intrinsic_type(f, s, 0);
    Addr room = room_for(f, type);
    fn_call_rt(f, RT_TASK_JOIN, (LLVMValueRef[]){intrinsic_value(f, s, 0), room.ptr, here(f)}, 3);
    result_from(f, s, type, room);
}

static void suppressed_take(FnGen *f, const JirStmt *s) {
    const GenType *type = intrinsic_type(f, s, 0);
    Addr room = room_for(f, type);
    fn_call_rt(f, RT_SUPPRESSED_TAKE, (LLVMValueRef[]){room.ptr, word(f, type->size)}, 2);
    result_from(f, s, type, room);
}

// ---- channels ------------------------------------------------------------------------------------------------------

static void panic_closed(FnGen *f, const char *text) {
    LLVMValueRef args[] = {gen_bytes(f->gen, text_of(text)), word(f, strlen(text)), here(f)};
    fn_call_rt(f, RT_PANIC_TEXT, args, 3);
    LLVMBuildUnreachable(f->b);
}

static void panic_unless(FnGen *f, LLVMValueRef good, const char *text) {
    LLVMBasicBlockRef bad = fn_block(f, "panic"), next = fn_block(f, "");
    fn_unlikely(f, LLVMBuildCondBr(f->b, LLVMBuildNot(f->b, good, ""), bad, next));
    LLVMPositionBuilderAtEnd(f->b, bad);
    panic_closed(f, text);
    LLVMPositionBuilderAtEnd(f->b, next);
}

static void chan_new(FnGen *f, const JirStmt *s) {
    const GenType *type = intrinsic_type(f, s, 0);
    LLVMValueRef args[] = {word(f, type->size), word(f, type->align ? type->align : 1), intrinsic_value(f, s, 0)};
    fn_result(f, s->dst, fn_call_rt(f, RT_CHAN_NEW, args, 3));
}

static void chan_recv(FnGen *f, const JirStmt *s) {
    const GenType *type = intrinsic_type(f, s, 0);
    Addr room = room_for(f, type);
    LLVMValueRef serves = LLVMBuildZExt(f->b, intrinsic_value(f, s, 1), f->gen->i32, ""); // JN_WAIT_SERVICE is 1
    LLVMValueRef args[] = {intrinsic_value(f, s, 0), room.ptr, serves, here(f)};
    panic_unless(f, fn_call_rt(f, RT_CHAN_RECV, args, 4), "ChannelClosed: `recv` of a closed, empty channel");
    result_from(f, s, type, room);
}

// Whether there was an item, which is in the room then.
static LLVMValueRef take_next(FnGen *f, const JirStmt *s, LLVMValueRef room) {
    LLVMValueRef channel = intrinsic_value(f, s, 0);
    uint64_t how = f->fn->operands.items[intrinsic_arg(f, s, 1)->value.v].low;
    LLVMValueRef flags = LLVMConstInt(f->gen->i32, how == NEXT_SERVES, false), state;
    switch (how) {
    case NEXT_FOR_A_TIME:
        state =
            fn_call_rt(f, RT_CHAN_RECV_TIMEOUT, (LLVMValueRef[]){channel, room, intrinsic_value(f, s, 2), here(f)}, 4);
        break;
    case NEXT_NOW: state = fn_call_rt(f, RT_CHAN_TRY_RECV, (LLVMValueRef[]){channel, room}, 2); break;
    case NEXT_REST: return fn_call_rt(f, RT_CHAN_TAKE_REST, (LLVMValueRef[]){channel, room}, 2);
    default: return fn_call_rt(f, RT_CHAN_RECV, (LLVMValueRef[]){channel, room, flags, here(f)}, 4);
    }
    return LLVMBuildICmp(f->b, LLVMIntEQ, state, word(f, 0), "");
}

static void store_tag(FnGen *f, const TypeLayout *layout, Addr whole, uint64_t value) {
    LLVMBuildStore(f->b, LLVMConstInt(gen_int_type(f->gen, layout->tag_size), value, false),
                   addr_offset(f, whole, layout->tag_offset).ptr);
}

// An item becomes an optional, unless it is one.
static void store_some(FnGen *f, const GenType *optional, const GenType *item, Addr to, Addr room) {
    bool is_same = optional->id.v == item->id.v;
    if (item->pass != PASS_NOTHING)
        fn_copy(f, item, is_same ? to : fn_field(f, to, optional->id, 1, 0, item), room);
    if (!is_same && !optional->layout->is_niche)
        store_tag(f, optional->layout, to, 1);
}

static void chan_next(FnGen *f, const JirStmt *s) {
    const GenType *item = intrinsic_type(f, s, 0);
    Addr room = room_for(f, item);
    LLVMValueRef is_there = take_next(f, s, room.ptr);
    if (!s->dst.v)
        return;
    const GenType *optional = fn_place_type(f, s->dst);
    Addr made = fn_temp(f, optional);
    LLVMBasicBlockRef some = fn_block(f, ""), none = fn_block(f, ""), join = fn_block(f, "");
    LLVMBuildCondBr(f->b, is_there, some, none);
    LLVMPositionBuilderAtEnd(f->b, some);
    store_some(f, optional, item, made, room);
    LLVMBuildBr(f->b, join);
    LLVMPositionBuilderAtEnd(f->b, none);
    store_tag(f, optional->layout, made, optional->layout->is_niche ? optional->layout->null_tag : 0);
    LLVMBuildBr(f->b, join);
    LLVMPositionBuilderAtEnd(f->b, join);
    result_from(f, s, optional, made);
}

// ---- select --------------------------------------------------------------------------------------------------------

// JnSelectArm of the runtime.
enum { ARM_WORDS = 10, ARM_BYTES = 8 * ARM_WORDS, ARM_KIND = 16, ARM_REFUSED = 20, ARM_SEND = 1, FIRST_ARM = 2 };

static uint64_t arm_kind(FnGen *f, const JirStmt *s, uint32_t arm) {
    return f->fn->operands.items[intrinsic_arg(f, s, FIRST_ARM + 3 * arm)->value.v].low;
}

static bool store_arm(FnGen *f, const JirStmt *s, LLVMValueRef arms, uint32_t arm) {
    Gen *gen = f->gen;
    uint32_t first = FIRST_ARM + 3 * arm;
    uint64_t kind = arm_kind(f, s, arm), at = (uint64_t)arm * ARM_BYTES;
    LLVMValueRef channel = LLVMBuildLoad2(f->b, gen->ptr, intrinsic_address(f, s, first + 1).ptr, "");
    const JirArg *item = intrinsic_arg(f, s, first + 2);
    bool is_empty = item->kind == ARG_VALUE || fn_place_type(f, item->place)->pass == PASS_NOTHING;
    LLVMValueRef room = is_empty ? words_of(f, 1) : fn_place(f, item->place).ptr;
    LLVMBuildStore(f->b, channel, at_offset(f, arms, at));
    LLVMBuildStore(f->b, room, at_offset(f, arms, at + 8));
    LLVMBuildStore(f->b, LLVMConstInt(gen->i32, kind, false), at_offset(f, arms, at + ARM_KIND));
    LLVMBuildStore(f->b, LLVMConstNull(gen->i32), at_offset(f, arms, at + ARM_REFUSED));
    return kind == ARM_SEND;
}

// A send that is chosen because its channel is closed panics, as a `send` does.
static void check_refused(FnGen *f, LLVMValueRef arms, LLVMValueRef chosen) {
    LLVMBasicBlockRef asks = fn_block(f, ""), next = fn_block(f, "");
    LLVMBuildCondBr(f->b, LLVMBuildICmp(f->b, LLVMIntSGE, chosen, word(f, 0), ""), asks, next);
    LLVMPositionBuilderAtEnd(f->b, asks);
    LLVMTypeRef row = LLVMArrayType2(f->gen->i8, ARM_BYTES);
    LLVMValueRef arm = LLVMBuildInBoundsGEP2(f->b, row, arms, &chosen, 1, "");
    LLVMValueRef refused = LLVMBuildLoad2(f->b, f->gen->i32, at_offset(f, arm, ARM_REFUSED), "");
    panic_unless(f, LLVMBuildICmp(f->b, LLVMIntEQ, refused, LLVMConstNull(f->gen->i32), ""),
                 "ChannelClosed: `send` on a closed channel");
    LLVMBuildBr(f->b, next);
    LLVMPositionBuilderAtEnd(f->b, next);
}

static void select_wait(FnGen *f, const JirStmt *s) {
    uint32_t count = (s->arg_count - FIRST_ARM) / 3;
    LLVMValueRef arms = words_of(f, count ? count * ARM_WORDS : 1);
    bool sends = false;
    for (uint32_t i = 0; i < count; i++)
        sends |= store_arm(f, s, arms, i);
    uint64_t flags = f->fn->operands.items[intrinsic_arg(f, s, 1)->value.v].low;
    LLVMValueRef args[] = {arms, word(f, count), intrinsic_value(f, s, 0), LLVMConstInt(f->gen->i32, flags, false),
                           here(f)};
    LLVMValueRef chosen = fn_call_rt(f, RT_SELECT, args, 5);
    if (sends)
        check_refused(f, arms, chosen);
    fn_result(f, s->dst, chosen);
}

enum { SERVICE_FILE_CLOSE = 102 }; // of services.def

// ---- descriptors ---------------------------------------------------------------------------------------------------
// A program without a nursery has nobody to let run meanwhile, and no scheduler.

static void io_wait(FnGen *f, const JirStmt *s) {
    bool tasks = f->gen->has_tasks;
    LLVMValueRef args[] = {intrinsic_value(f, s, 0), intrinsic_value(f, s, 1), intrinsic_value(f, s, 2), NULL};
    args[3] = tasks ? here(f) : NULL;
    fn_result(f, s->dst, fn_call_rt(f, tasks ? RT_IO_WAIT : RT_IO_BLOCK, args, tasks ? 4 : 3));
}

static void io_await(FnGen *f, const JirStmt *s) {
    LLVMValueRef args[] = {intrinsic_value(f, s, 0), here(f)};
    if (f->gen->has_tasks)
        fn_call_rt(f, RT_IO_AWAIT, args, 2);
}

static void io_close(FnGen *f, const JirStmt *s) {
    LLVMValueRef descriptor = intrinsic_value(f, s, 0);
    LLVMValueRef args[] = {word(f, SERVICE_FILE_CLOSE), descriptor, word(f, 0), word(f, 0)};
    bool tasks = f->gen->has_tasks;
    fn_result(f, s->dst, tasks ? fn_call_rt(f, RT_IO_CLOSE, &descriptor, 1) : fn_call_rt(f, RT_SERVICE, args, 4));
}

// ---- polls ---------------------------------------------------------------------------------------------------------

enum { MEMORY_INACCESSIBLE = 3 << 2 }; // of the `memory` attribute: reads and writes what the module does not see

// One look at a word. The way out stands apart, as that of a panic does, so that what else the loop does is not
// disturbed by it.
static void poll(FnGen *f, const JirStmt *s) {
    LLVMBasicBlockRef attend = fn_block(f, "poll"), next = fn_block(f, "");
    LLVMValueRef word = LLVMBuildLoad2(f->b, f->gen->i32, gen_attention(f->gen), "");
    LLVMSetVolatile(word, true);
    LLVMValueRef is_wanted = LLVMBuildICmp(f->b, LLVMIntNE, word, LLVMConstNull(f->gen->i32), "");
    fn_unlikely(f, LLVMBuildCondBr(f->b, is_wanted, attend, next));
    LLVMPositionBuilderAtEnd(f->b, attend);
    LLVMValueRef leaves = fn_call_rt(f, RT_POLL_ATTEND, NULL, 0);
    unsigned kind = LLVMGetEnumAttributeKindForName("memory", strlen("memory"));
    LLVMAttributeRef apart = LLVMCreateEnumAttribute(f->gen->context, kind, MEMORY_INACCESSIBLE);
    LLVMAddCallSiteAttribute(leaves, LLVMAttributeFunctionIndex, apart);
    if (poll_leaves(f->fn, s)) {
        LLVMBasicBlockRef out = fn_block(f, "leave");
        fn_unlikely(f, LLVMBuildCondBr(f->b, leaves, out, next));
        LLVMPositionBuilderAtEnd(f->b, out);
        fn_call_rt(f, RT_POLL_LEAVE, NULL, 0);
        LLVMBuildUnreachable(f->b);
    } else {
        LLVMBuildBr(f->b, next);
    }
    LLVMPositionBuilderAtEnd(f->b, next);
}

// ---- all of them ---------------------------------------------------------------------------------------------------

static LLVMValueRef on_value(FnGen *f, const JirStmt *s, RtFnId id) {
    LLVMValueRef arg = intrinsic_value(f, s, 0);
    return fn_call_rt(f, id, &arg, 1);
}

static void on_place(FnGen *f, const JirStmt *s, RtFnId id) {
    LLVMValueRef arg = intrinsic_address(f, s, 0).ptr;
    fn_call_rt(f, id, &arg, 1);
}

static void gen_sync(FnGen *f, const JirStmt *s) {
    LLVMValueRef args[3] = {intrinsic_value(f, s, 0)};
    uint32_t count = s->arg_count;
    if (count > 1)
        args[1] = intrinsic_value(f, s, 1);
    switch (s->number) {
    case INTRINSIC_mutex_init: fn_call_rt(f, RT_MUTEX_INIT, args, count); return;
    case INTRINSIC_mutex_lock:
        args[1] = here(f);
        fn_call_rt(f, RT_MUTEX_LOCK, args, 2);
        return;
    case INTRINSIC_mutex_try_lock: fn_result(f, s->dst, fn_call_rt(f, RT_MUTEX_TRY_LOCK, args, count)); return;
    case INTRINSIC_mutex_unlock: fn_call_rt(f, RT_MUTEX_UNLOCK, args, count); return;
    case INTRINSIC_semaphore_init: fn_call_rt(f, RT_SEMAPHORE_INIT, args, count); return;
    case INTRINSIC_semaphore_acquire:
        args[2] = here(f);
        fn_call_rt(f, RT_SEMAPHORE_ACQUIRE, args, 3);
        return;
    case INTRINSIC_semaphore_try_acquire:
        fn_result(f, s->dst, fn_call_rt(f, RT_SEMAPHORE_TRY_ACQUIRE, args, count));
        return;
    case INTRINSIC_semaphore_release: fn_call_rt(f, RT_SEMAPHORE_RELEASE, args, count); return;
    default: fn_result(f, s->dst, fn_call_rt(f, RT_SEMAPHORE_PERMITS, args, count)); return;
    }
}

static void gen_channel(FnGen *f, const JirStmt *s) {
    switch (s->number) {
    case INTRINSIC_chan_new: chan_new(f, s); return;
    case INTRINSIC_chan_retain: on_value(f, s, RT_CHAN_RETAIN); return;
    case INTRINSIC_chan_release: fn_result(f, s->dst, on_value(f, s, RT_CHAN_RELEASE)); return;
    case INTRINSIC_chan_free: on_value(f, s, RT_CHAN_FREE); return;
    case INTRINSIC_chan_send: {
        LLVMValueRef args[] = {intrinsic_value(f, s, 0), intrinsic_value(f, s, 1), here(f)};
        fn_result(f, s->dst, fn_call_rt(f, RT_CHAN_SEND, args, 3));
        return;
    }
    case INTRINSIC_chan_try_send: {
        LLVMValueRef args[] = {intrinsic_value(f, s, 0), intrinsic_value(f, s, 1)};
        fn_result(f, s->dst, fn_call_rt(f, RT_CHAN_TRY_SEND, args, 2));
        return;
    }
    case INTRINSIC_chan_recv: chan_recv(f, s); return;
    case INTRINSIC_chan_next: chan_next(f, s); return;
    case INTRINSIC_chan_close: on_value(f, s, RT_CHAN_CLOSE); return;
    case INTRINSIC_chan_is_closed: fn_result(f, s->dst, on_value(f, s, RT_CHAN_IS_CLOSED)); return;
    case INTRINSIC_chan_len: fn_result(f, s->dst, on_value(f, s, RT_CHAN_LEN)); return;
    case INTRINSIC_io_wait: io_wait(f, s); return;
    case INTRINSIC_io_await: io_await(f, s); return;
    case INTRINSIC_io_close: io_close(f, s); return;
    default: select_wait(f, s); return;
    }
}

// Without tasks the program is one.
static void gen_locals(FnGen *f, const JirStmt *s) {
    bool tasks = f->gen->has_tasks;
    if (s->number == INTRINSIC_locals_get)
        fn_result(f, s->dst, fn_call_rt(f, tasks ? RT_LOCALS_GET : RT_LONE_LOCALS_GET, NULL, 0));
    else
        on_value(f, s, tasks ? RT_LOCALS_SET : RT_LONE_LOCALS_SET);
}

static void gen_views(FnGen *f, const JirStmt *s) {
    LLVMValueRef args[3];
    for (uint32_t i = 0; i < s->arg_count; i++)
        args[i] = intrinsic_value(f, s, i);
    switch (s->number) {
    case INTRINSIC_views_add: fn_call_rt(f, RT_VIEWS_ADD, args, 2); return;
    case INTRINSIC_views_end: fn_result(f, s->dst, fn_call_rt(f, RT_VIEWS_END, args, 3)); return;
    default: fn_result(f, s->dst, fn_call_rt(f, RT_VIEWS_NEXT, args, 1)); return;
    }
}

void gen_task(FnGen *f, const JirStmt *s) {
    switch (s->number) {
    case INTRINSIC_nursery_open: nursery_open(f, s); return;
    case INTRINSIC_nursery_join: on_place(f, s, RT_NURSERY_JOIN); return;
    case INTRINSIC_nursery_end: nursery_end(f, s); return;
    case INTRINSIC_nursery_fail: give_error(f, s, 1, RT_NURSERY_FAIL); return;
    case INTRINSIC_nursery_abandon: on_place(f, s, RT_NURSERY_ABANDON); return;
    case INTRINSIC_nursery_caught: {
        LLVMValueRef arg = intrinsic_address(f, s, 0).ptr;
        fn_result(f, s->dst, fn_call_rt(f, RT_NURSERY_CAUGHT, &arg, 1));
        return;
    }
    case INTRINSIC_nursery_cancel: on_value(f, s, RT_NURSERY_CANCEL); return;
    case INTRINSIC_nursery_cancel_within: {
        LLVMValueRef args[] = {intrinsic_value(f, s, 0), intrinsic_value(f, s, 1)};
        fn_call_rt(f, RT_NURSERY_CANCEL_WITHIN, args, 2);
        return;
    }
    case INTRINSIC_task_now: fn_result(f, s->dst, fn_call_rt(f, RT_TASK_NOW, NULL, 0)); return;
    case INTRINSIC_task_random: fn_result(f, s->dst, fn_call_rt(f, RT_TASK_RANDOM, NULL, 0)); return;
    case INTRINSIC_task_spawn:
    case INTRINSIC_task_spawn_isolated: task_spawn(f, s); return;
    case INTRINSIC_task_wait: {
        LLVMValueRef args[] = {intrinsic_value(f, s, 0), here(f)};
        fn_result(f, s->dst, fn_call_rt(f, RT_TASK_WAIT, args, 2));
        return;
    }
    case INTRINSIC_task_join: task_join(f, s); return;
    case INTRINSIC_suppressed_count: fn_result(f, s->dst, fn_call_rt(f, RT_SUPPRESSED_COUNT, NULL, 0)); return;
    case INTRINSIC_suppressed_take: suppressed_take(f, s); return;
    case INTRINSIC_task_release: on_value(f, s, RT_TASK_RELEASE); return;
    case INTRINSIC_task_fail: give_error(f, s, 0, RT_TASK_FAIL); return;
    case INTRINSIC_task_sleep: {
        LLVMValueRef args[] = {intrinsic_value(f, s, 0), here(f)};
        fn_call_rt(f, RT_TASK_SLEEP, args, 2);
        return;
    }
    case INTRINSIC_task_yield: {
        LLVMValueRef at = here(f);
        fn_call_rt(f, RT_TASK_YIELD, &at, 1);
        return;
    }
    case INTRINSIC_task_poll: poll(f, s); return;
    case INTRINSIC_polls_hold: on_value(f, s, RT_POLLS_HOLD); return;
    case INTRINSIC_shield_enter: {
        LLVMValueRef args[] = {fn_place(f, s->dst).ptr, intrinsic_value(f, s, 0)};
        fn_call_rt(f, RT_SHIELD_ENTER, args, 2);
        return;
    }
    case INTRINSIC_shield_leave: on_place(f, s, RT_SHIELD_LEAVE); return;
    case INTRINSIC_select_taken: return; // it has been put there
    case INTRINSIC_views_add:
    case INTRINSIC_views_end:
    case INTRINSIC_views_next: gen_views(f, s); return;
    case INTRINSIC_locals_get:
    case INTRINSIC_locals_set: gen_locals(f, s); return;
    default:
        if (s->number >= INTRINSIC_mutex_init && s->number <= INTRINSIC_semaphore_permits)
            gen_sync(f, s);
        else
            gen_channel(f, s);
    }
}
