// Tasks: those of the runtime (rt/task, one worker), each with frames of its own in the interpreter's memory. What is a
// task's lies in the Interp while the task runs, and in its state while another one does. Leaving is a longjmp to the
// task's catcher, as for a panic.
#include "rt/task.h"
#include "interp/internal.h"

enum { SCRATCH = 64, CHUNK_BYTES = 512 << 10 };

// What belongs to a task. Its chunk of the stack holds what it captured, its result, then its frames.
struct TaskState {
    Interp *in;
    const TaskSite *site;
    uint8_t *chunk, *closure, *result; // none of the root's
    bool is_over;
    TaskState *next_over; // states of tasks that have ended are used again
    Running run;          // while another task runs
    uint64_t trace;       // its newest, likewise
};

// ---- switching -----------------------------------------------------------------------------------------------------

static void switched(void *context, JnTask *from, JnTask *to) {
    Interp *in = context;
    TaskState **before = (TaskState **)(void *)jn_task_slot(from), *after = *jn_task_slot(to);
    if (*before && (*before)->is_over) {
        (*before)->next_over = in->over;
        in->over = *before;
        *before = NULL;
    } else if (*before) {
        (*before)->run = in->now;
        (*before)->trace = in->trace.newest;
    }
    in->trace.newest = after ? after->trace : 0;
    if (after) // else it begins, and takes its state itself
        in->now = after->run;
}

// ---- what the runtime asks of its host -----------------------------------------------------------------------------

static void leave(void *context) {
    longjmp(*((Interp *)context)->now.catcher, 1);
}

static void panic_hook(void *context, const char *text, int64_t size, const JnLocation *at) {
    (void)at; // the statement at work is the one that waits
    interp_panic_text(context, "%.*s", (int)size, text);
}

static void report_hook(void *context, const char *text, int64_t size, const JnLocation *at) {
    Buffer line = {0};
    buffer_printf(&line, "panic: %.*s\n", (int)size, text);
    if (at && at->file)
        buffer_printf(&line, "  at %s:%u\n", at->file, at->line);
    interp_write(context, 2, buffer_view(&line));
    vec_free(&line);
}

static void abort_hook(void *context) {
    interp_exit(context, 134);
}

static int64_t trace_mark_hook(void *context) {
    return (int64_t)((Interp *)context)->trace.newest;
}

static void trace_restore_hook(void *context, int64_t mark) {
    ((Interp *)context)->trace.newest = (uint64_t)mark;
}

static void trace_begin_hook(void *context, const JnLocation *at) {
    trace_begin(context, ((const Located *)(const void *)at)->span);
}

static int64_t trace_root_hook(void *context, int64_t mark) {
    return (int64_t)trace_root(context, (uint64_t)mark);
}

static const JnLocation *trace_origin_hook(void *context, int64_t mark) {
    Interp *in = context;
    Span span = trace_origin(in, (uint64_t)mark);
    if (!span.file.v)
        return NULL;
    const Source *source = diags_source(in->program->diags, span.file);
    Located *place = ARENA_NEW(in->arena, Located);
    *place = (Located){.at = {.file = source->path}, .span = span};
    source_position(source, span.start, &place->at.line, &place->at.column);
    return &place->at;
}

static void trace_print_hook(void *context, int64_t mark) {
    Buffer text = {0};
    trace_write(context, (uint64_t)mark, &text);
    interp_write(context, 2, buffer_view(&text));
    vec_free(&text);
}

static void *allocate_hook(void *context, int64_t size) {
    (void)context;
    VecU8 bytes = {0};
    vec_reserve(&bytes, (size_t)size);
    return bytes.items;
}

static void release_hook(void *context, void *p, int64_t size) {
    (void)context, (void)size;
    VecU8 bytes = {.items = p};
    vec_free(&bytes);
}

static void write_hook(void *context, const char *text, int64_t size) {
    interp_write(context, 2, (Text){text, (size_t)size});
}

static void start(Interp *in) {
    if (in->tasks)
        return;
    if (in->evaluating)
        interp_panic_text(in, "the value of a constant is found without tasks");
    static const JnTaskHooks HOOKS = {.leave = leave,
                                      .panic = panic_hook,
                                      .report = report_hook,
                                      .panic_again = leave,
                                      .abort = abort_hook,
                                      .switched = switched,
                                      .trace_mark = trace_mark_hook,
                                      .trace_restore = trace_restore_hook,
                                      .trace_begin = trace_begin_hook,
                                      .trace_root = trace_root_hook,
                                      .trace_origin = trace_origin_hook,
                                      .trace_print = trace_print_hook,
                                      .allocate = allocate_hook,
                                      .release = release_hook,
                                      .write = write_hook};
    JnTaskHooks *hooks = arena_copy(in->arena, &HOOKS, sizeof HOOKS, _Alignof(JnTaskHooks));
    hooks->context = in;
    JnTaskConfig config = jn_task_config(os_getenv("JANUS_SEED"));
    config.hooks = hooks;
    service_stop_clocks(in);
    jn_tasks_start(&config);
    jn_locals_set(in->locals);
    in->tasks = ARENA_NEW(in->arena, TaskState);
    *jn_task_slot(jn_task_current()) = in->tasks;
}

void tasks_stop(Interp *in) {
    if (in->tasks)
        jn_tasks_stop();
    in->tasks = NULL;
}

bool tasks_panic(Interp *in) {
    return !in->tasks || jn_task_panicked();
}

// ---- places in the source, and what is known of a statement --------------------------------------------------------

static JnLocation location_of(Interp *in, const JirFn *fn, uint32_t token) {
    if (fn->is_glue || !token)
        return (JnLocation){0};
    Span span = ast_token_span(program_module(in->program, fn->module)->ast, (TokenId){token});
    const Source *source = diags_source(in->program->diags, span.file);
    JnLocation at = {.file = source->path};
    source_position(source, span.start, &at.line, &at.column);
    return at;
}

static bool is_std(const Interp *in, const JirFn *fn) {
    return fn->module.v && program_module(in->program, fn->module)->is_std;
}

// The frame of the program in which std's functions would be inlined that lie above it; NULL: there is none.
static const Frame *user_frame(const Interp *in) {
    for (uint32_t i = in->now.frames.count; i-- > 0;) {
        const Frame *frame = &in->now.frames.items[i];
        const JirFn *fn = frame->code->fn;
        if (!is_std(in, fn))
            return frame;
        if (fn->is_glue || fn->closure.v || !decl_has_attribute(in->program, fn->decl, "inline"))
            return NULL;
    }
    return NULL;
}

// Where a task waits is said by the program's line, not by that of std's function which is inlined there, as compiled
// programs do (user_lines.cpp).
static const JnLocation *here(Interp *in, const Ins *ins) {
    const Frame *own = &vec_last(&in->now.frames), *frame = is_std(in, own->code->fn) ? user_frame(in) : NULL;
    if (!frame || !frame->at || !frame->at->token || frame->code->fn->is_glue)
        return &ins->site->place.at;
    uint64_t key = (uint64_t)frame->code->fn->module.v << 32 | frame->at->token;
    uint32_t known;
    if (map_get(&in->places, key, &known))
        return &in->user_places.items[known]->at;
    Located *place = ARENA_NEW(in->arena, Located);
    place->at = location_of(in, frame->code->fn, frame->at->token);
    place->span = interp_frame_span(in, frame);
    map_set(&in->places, key, in->user_places.count);
    vec_push(&in->user_places, place);
    return &place->at;
}

static JirFnId function_arg(const JirFn *fn, const JirStmt *stmt, uint32_t i) {
    if (i >= stmt->arg_count)
        return (JirFnId){0};
    const JirOperand *code = &fn->operands.items[fn->args.items[stmt->args + i].value.v];
    return code->const_kind == CONST_FUNC ? code->callee->instance : (JirFnId){0};
}

// Runs a glue function (context, address) on bytes that lie outside of the program's memory.
static void run_on_value(const TaskSite *site, JirFnId glue, const void *value) {
    Interp *in = site->in;
    uint8_t *bytes = memory_alloc(in, site->size ? site->size : 1, site->align, BLOCK_LIVE);
    memory_will_write(in, bytes, site->size, 1);
    memcpy(bytes, value, site->size);
    interp_run_glue(in, decode(in, glue), NULL, bytes);
    memory_release(in, bytes, site->size ? site->size : 1);
}

static void drop_value(void *context, void *value) {
    const TaskSite *site = context;
    run_on_value(site, site->drop, value);
}

// It stays where it is.
static void print_value(void *context, const void *value) {
    const TaskSite *site = context;
    run_on_value(site, site->print, value);
}

static void run_task(void *env, void *result);
static void drop_unstarted(void *context, void *env);

TaskSite *task_site(Interp *in, const JirFn *fn, const JirStmt *stmt) {
    TaskSite *site = ARENA_NEW(in->arena, TaskSite);
    site->in = in;
    site->place.at = location_of(in, fn, stmt->token);
    if (!fn->is_glue && stmt->token)
        site->place.span = ast_token_span(program_module(in->program, fn->module)->ast, (TokenId){stmt->token});
    uint32_t count = stmt->callee ? stmt->callee->type_arg_count : 0;
    bool is_isolated = stmt->number == INTRINSIC_task_spawn_isolated;
    bool is_spawn = is_isolated || stmt->number == INTRINSIC_task_spawn;
    if (count > (uint32_t)is_spawn) {
        ValueType type = value_type(in, stmt->callee->type_args[is_spawn]);
        site->size = type.size;
        site->align = type.align ? type.align : 1;
    }
    if (stmt->number == INTRINSIC_nursery_open) {
        site->drop = function_arg(fn, stmt, 2);
        site->print = function_arg(fn, stmt, 3);
    }
    if (!is_spawn)
        return site;
    invariant(stmt->callee != NULL, "a spawn of no closure");
    site->run = function_arg(fn, stmt, 2);
    site->drop = function_arg(fn, stmt, 3);
    site->drop_closure = function_arg(fn, stmt, 4);
    site->closure = value_type(in, stmt->callee->type_args[0]);
    site->code = (JnTaskCode){.run = run_task,
                              .drop_result = site->drop.v ? drop_value : NULL,
                              .drop_env = drop_unstarted,
                              .context = site,
                              .env_size = sizeof(TaskState *),
                              .env_align = _Alignof(TaskState *),
                              .result_size = (int64_t)site->size,
                              .result_align = site->align,
                              .flags = (stmt->dst.v ? 0 : JN_TASK_NO_HANDLE) | (is_isolated ? JN_TASK_ISOLATED : 0),
                              .name = fn->symbol};
    return site;
}

// ---- a task's life -------------------------------------------------------------------------------------------------

static uint8_t *take_chunk(Interp *in) {
    if (in->free_chunks.count)
        return in->memory.base + (uint64_t)vec_pop(&in->free_chunks) * CHUNK_BYTES;
    uint8_t *chunk = in->next_chunk;
    if (chunk + CHUNK_BYTES > in->memory.base + in->memory.stack_size)
        interp_violation(in, "too many tasks at a time for the interpreter");
    in->next_chunk += CHUNK_BYTES;
    return chunk;
}

static uint8_t *align_up(uint8_t *p) {
    return (uint8_t *)(((uintptr_t)p + SCRATCH - 1) & ~(uintptr_t)(SCRATCH - 1));
}

static TaskState *new_task(Interp *in, const TaskSite *site) {
    TaskState *t = in->over;
    if (t)
        in->over = t->next_over;
    else
        t = ARENA_NEW(in->arena, TaskState);
    *t = (TaskState){.in = in, .site = site};
    t->chunk = take_chunk(in);
    t->closure = align_up(t->chunk + 8);
    t->result = align_up(t->closure + site->closure.size + 8);
    t->run.stack_next = align_up(t->result + site->size + 8);
    t->run.stack_end = t->chunk + CHUNK_BYTES;
    if (t->run.stack_next > t->run.stack_end)
        interp_violation(in, "a task that captures too much for the interpreter");
    memset(shadow_of(in, t->closure), SHADOW_EMPTY, site->closure.size);
    memset(shadow_of(in, t->result), SHADOW_EMPTY, site->size);
    return t;
}

static void give_chunk(Interp *in, TaskState *t) {
    memset(shadow_of(in, t->chunk), SHADOW_NONE, (size_t)(t->run.stack_next - t->chunk));
    vec_push(&in->free_chunks, (uint32_t)((uint64_t)(t->chunk - in->memory.base) / CHUNK_BYTES));
}

// The task does not begin: what it was to capture is dropped.
static void drop_unstarted(void *context, void *env) {
    const TaskSite *site = context;
    TaskState *t;
    memcpy(&t, env, sizeof t);
    if (site->drop_closure.v)
        interp_run_glue(site->in, decode(site->in, site->drop_closure), NULL, t->closure);
    give_chunk(site->in, t);
    t->next_over = site->in->over;
    site->in->over = t;
}

static void task_over(Interp *in, TaskState *t) {
    t->is_over = true;
    give_chunk(in, t);
    vec_free(&in->now.frames);
    vec_free(&in->now.put_off);
}

static void run_task(void *env, void *result) {
    TaskState *t;
    memcpy(&t, env, sizeof(TaskState *));
    Interp *in = t->in;
    *jn_task_slot(jn_task_current()) = t;
    in->now = t->run;
    jmp_buf base;
    in->now.catcher = &base;
    if (setjmp(base) != 0) {
        task_over(in, t);
        jn_task_unwound();
    }
    Code *code = decode(in, t->site->run);
    interp_run_glue(in, code, t->closure, code->fn->param_count ? t->result : NULL);
    memcpy(result, t->result, t->site->size);
    task_over(in, t);
}

// ---- arguments and results -----------------------------------------------------------------------------------------

static uint64_t word(Interp *in, const Ins *ins, uint32_t i) {
    return (uint64_t)value_scalar(in, &ins->args[i].value);
}

static JnChannel *channel(Interp *in, const Ins *ins) {
    return (JnChannel *)(uintptr_t)word(in, ins, 0);
}

static uint8_t *place(Interp *in, const Ins *ins, uint32_t i) {
    return address_of(in, &ins->args[i].addr);
}

static JnNursery *nursery(Interp *in, const Ins *ins) {
    return (JnNursery *)(void *)place(in, ins, 0);
}

static void give_bytes(Interp *in, const Ins *ins, const void *bytes, uint64_t size) {
    if (ins->dst.kind == ADDR_NONE || !size)
        return;
    uint8_t *to = address_of(in, &ins->dst);
    memory_empty(in, to, size, 1);
    memory_will_write(in, to, size, 1);
    memcpy(to, bytes, size);
    if (size >= 8 && (uintptr_t)to % 8 == 0)
        memset(stored_tag(in, to), 0, size / 8 * sizeof(Tag));
    alias_write(in, &in->spot, size);
}

static void give_word(Interp *in, const Ins *ins, uint64_t value) {
    if (ins->dst.kind != ADDR_NONE)
        give_bytes(in, ins, &value, ins->dst_type.size);
}

// The bytes of a value that is given away.
static void take_bytes(Interp *in, const Ins *ins, uint32_t i, uint8_t *to) {
    const Value *value = &ins->args[i].value;
    if (value->is_const && value->type.scalar != SCALAR_NONE) {
        memcpy(to, &value->low, value->type.size);
        return;
    }
    if (value->is_const) {
        memcpy(to, value->bytes, value->type.size);
        return;
    }
    uint8_t *from = address_of(in, &value->addr);
    memcpy(to, from, value->type.size);
    if (value->is_move)
        memory_set_moved(in, from, value->type.size);
}

// ---- nurseries and tasks -------------------------------------------------------------------------------------------

static void nursery_open(Interp *in, const Ins *ins) {
    uint8_t *n = address_of(in, &ins->dst);
    memory_empty(in, n, sizeof(JnNursery), 8);
    memory_will_write(in, n, sizeof(JnNursery), 8);
    alias_write(in, &in->spot, sizeof(JnNursery));
    TaskSite *site = ins->site;
    site->errors = (JnErrorSet){
        .context = site, .drop = site->drop.v ? drop_value : NULL, .print = site->print.v ? print_value : NULL};
    int64_t timeout = (int64_t)word(in, ins, 0), limit = (int64_t)word(in, ins, 1);
    jn_nursery_open((JnNursery *)(void *)n, timeout, limit, site->print.v ? &site->errors : NULL, &site->place.at);
}

static void nursery_end(Interp *in, const Ins *ins) {
    uint8_t error[JN_ERROR_BYTES] = {0};
    int64_t how = jn_nursery_end(nursery(in, ins), error);
    uint32_t number = (uint32_t)word(in, ins, 1);
    if (how == JN_END_EXPIRED)
        memcpy(error, &number, sizeof number);
    if (ins->dst.kind != ADDR_NONE)
        give_bytes(in, ins, error, ins->dst_type.size);
}

static void spawn(Interp *in, const Ins *ins) {
    TaskState *t = new_task(in, ins->site);
    JnNursery *n = nursery(in, ins);
    value_store(in, &ins->args[1].value, t->closure);
    JnTask *task = jn_spawn(n, &ins->site->code, &t, here(in, ins));
    give_word(in, ins, (uint64_t)(uintptr_t)task);
}

static void join(Interp *in, const Ins *ins) {
    uint64_t size = ins->site->size;
    uint8_t *room = __builtin_alloca(size + 16);
    jn_task_join((JnTask *)(uintptr_t)word(in, ins, 0), room, here(in, ins));
    give_bytes(in, ins, room, size);
}

static void fail(Interp *in, const Ins *ins, uint32_t i) {
    uint8_t error[JN_ERROR_BYTES] = {0};
    take_bytes(in, ins, i, error);
    int64_t size = (int64_t)ins->args[i].value.type.size;
    if (i == 0)
        jn_task_fail(error, size);
    else
        jn_nursery_fail(nursery(in, ins), error, size);
}

// ---- channels ------------------------------------------------------------------------------------------------------

static void send(Interp *in, const Ins *ins) {
    JnChannel *c = channel(in, ins);
    give_word(in, ins, jn_chan_send(c, (const void *)(uintptr_t)word(in, ins, 1), here(in, ins)));
}

static void recv(Interp *in, const Ins *ins) {
    uint8_t *room = __builtin_alloca(ins->site->size + 16);
    uint32_t flags = word(in, ins, 1) ? JN_WAIT_SERVICE : 0;
    if (!jn_chan_recv(channel(in, ins), room, flags, here(in, ins)))
        interp_panic_text(in, "ChannelClosed: `recv` of a closed, empty channel");
    give_bytes(in, ins, room, ins->site->size);
}

static bool take_next(Interp *in, const Ins *ins, uint8_t *room) {
    JnChannel *c = channel(in, ins);
    uint64_t how = word(in, ins, 1);
    switch (how) {
    case NEXT_FOR_A_TIME: return jn_chan_recv_timeout(c, room, (int64_t)word(in, ins, 2), here(in, ins)) == JN_CHAN_OK;
    case NEXT_NOW: return jn_chan_try_recv(c, room) == JN_CHAN_OK;
    case NEXT_REST: return jn_chan_take_rest(c, room);
    default: return jn_chan_recv(c, room, how == NEXT_SERVES ? JN_WAIT_SERVICE : 0, here(in, ins));
    }
}

// An item becomes an optional, unless it is one.
static void next(Interp *in, const Ins *ins) {
    uint64_t size = ins->site->size;
    uint8_t *room = __builtin_alloca(size + 16);
    bool is_there = take_next(in, ins, room);
    if (ins->dst.kind == ADDR_NONE)
        return;
    const TypeLayout *layout = layout_get(in->jir, ins->dst_type.id);
    uint8_t *made = __builtin_alloca(layout->size + 16);
    memset(made, 0, layout->size);
    bool is_same = ins->dst_type.id.v == ins->type_a.v;
    uint64_t tag = layout->is_niche ? layout->null_tag : is_there;
    if (!is_there || (!is_same && !layout->is_niche))
        memcpy(made + layout->tag_offset, &tag, layout->tag_size);
    if (is_there)
        memcpy(made + (is_same ? 0 : layout_variant(layout, 1)->offsets[0]), room, size);
    give_bytes(in, ins, made, layout->size);
}

// ---- select --------------------------------------------------------------------------------------------------------

enum { FIRST_ARM = 2, ARM_ARGS = 3 };

static void fill_arm(Interp *in, const Ins *ins, JnSelectArm *arm, uint32_t first) {
    *arm = (JnSelectArm){.kind = (JnArmKind)word(in, ins, first)};
    uint8_t *handle = place(in, ins, first + 1);
    memory_check_read(in, handle, 8, 8);
    memcpy(&arm->channel, handle, 8);
    if (arm->kind != JN_ARM_CLOSED)
        arm->item = place(in, ins, first + 2);
}

static void select_wait(Interp *in, const Ins *ins) {
    uint32_t count = (ins->count - FIRST_ARM) / ARM_ARGS;
    JnSelectArm *arms = __builtin_alloca((count + 1) * sizeof *arms);
    for (uint32_t i = 0; i < count; i++) {
        fill_arm(in, ins, &arms[i], FIRST_ARM + ARM_ARGS * i);
        if (arms[i].kind == JN_ARM_RECV) // it is given to the program's memory when it has been chosen
            arms[i].item = __builtin_alloca(ins->args[FIRST_ARM + ARM_ARGS * i + 2].value.type.size + 16);
    }
    int64_t chosen = jn_select(arms, count, (int64_t)word(in, ins, 0), (uint32_t)word(in, ins, 1), here(in, ins));
    if (chosen >= 0 && arms[chosen].kind == JN_ARM_SEND && arms[chosen].is_refused)
        interp_panic_text(in, "ChannelClosed: `send` on a closed channel");
    if (chosen >= 0 && arms[chosen].kind == JN_ARM_RECV) {
        const Arg *arg = &ins->args[FIRST_ARM + ARM_ARGS * (uint32_t)chosen + 2];
        Ins to = {.dst = arg->addr};
        give_bytes(in, &to, arms[chosen].item, arg->value.type.size);
    }
    give_word(in, ins, (uint64_t)chosen);
}

// ---- descriptors ---------------------------------------------------------------------------------------------------

static void descriptor(Interp *in, const Ins *ins) {
    int64_t number = (int64_t)word(in, ins, 0);
    if (ins->number == INTRINSIC_io_close) {
        give_word(in, ins, (uint64_t)service_io_close(in, number));
        return;
    }
    if (ins->number == INTRINSIC_io_await) {
        service_io_await(in, number, here(in, ins));
        return;
    }
    int64_t how = (int64_t)word(in, ins, 1), timeout = (int64_t)word(in, ins, 2);
    give_word(in, ins, (uint64_t)service_io_wait(in, number, how, timeout, here(in, ins)));
}

// ---- all of them ---------------------------------------------------------------------------------------------------

static void exec_channel(Interp *in, const Ins *ins) {
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_chan_new: {
        int64_t align = (int64_t)ins->site->align, size = (int64_t)ins->site->size;
        give_word(in, ins, (uint64_t)(uintptr_t)jn_chan_new(size, align, (int64_t)word(in, ins, 0)));
        break;
    }
    case INTRINSIC_chan_retain: jn_chan_retain(channel(in, ins)); break;
    case INTRINSIC_chan_release: give_word(in, ins, jn_chan_release(channel(in, ins))); break;
    case INTRINSIC_chan_free: jn_chan_free(channel(in, ins)); break;
    case INTRINSIC_chan_send: send(in, ins); break;
    case INTRINSIC_chan_try_send: {
        JnChannel *c = channel(in, ins);
        give_word(in, ins, (uint64_t)jn_chan_try_send(c, (const void *)(uintptr_t)word(in, ins, 1)));
        break;
    }
    case INTRINSIC_chan_recv: recv(in, ins); break;
    case INTRINSIC_chan_next: next(in, ins); break;
    case INTRINSIC_chan_close: jn_chan_close(channel(in, ins)); break;
    case INTRINSIC_chan_is_closed: give_word(in, ins, jn_chan_is_closed(channel(in, ins))); break;
    case INTRINSIC_chan_len: give_word(in, ins, (uint64_t)jn_chan_len(channel(in, ins))); break;
    default: select_wait(in, ins); break;
    }
}

static void exec_sync(Interp *in, const Ins *ins) {
    void *it = (void *)(uintptr_t)word(in, ins, 0);
    int64_t count = ins->count > 1 ? (int64_t)word(in, ins, 1) : 0;
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_mutex_init: jn_mutex_init(it); break;
    case INTRINSIC_mutex_lock: jn_mutex_lock(it, here(in, ins)); break;
    case INTRINSIC_mutex_try_lock: give_word(in, ins, jn_mutex_try_lock(it)); break;
    case INTRINSIC_mutex_unlock: jn_mutex_unlock(it); break;
    case INTRINSIC_semaphore_init: jn_semaphore_init(it, count); break;
    case INTRINSIC_semaphore_acquire: jn_semaphore_acquire(it, count, here(in, ins)); break;
    case INTRINSIC_semaphore_try_acquire: give_word(in, ins, jn_semaphore_try_acquire(it, count)); break;
    case INTRINSIC_semaphore_release: jn_semaphore_release(it, count); break;
    default: give_word(in, ins, (uint64_t)jn_semaphore_permits(it)); break;
    }
}

static void suppressed_take(Interp *in, const Ins *ins) {
    uint8_t error[JN_ERROR_BYTES] = {0};
    jn_suppressed_take(error, sizeof error);
    give_bytes(in, ins, error, ins->dst_type.size);
}

static void exec_views(Interp *in, const Ins *ins) {
    JnViews *views = (JnViews *)(uintptr_t)word(in, ins, 0);
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_views_add: jn_views_add(views, (JnView *)(uintptr_t)word(in, ins, 1)); break;
    case INTRINSIC_views_end:
        give_word(in, ins, jn_views_end(views, (JnView *)(uintptr_t)word(in, ins, 1), word(in, ins, 2) != 0));
        break;
    default: give_word(in, ins, (uint64_t)(uintptr_t)jn_views_next(views)); break;
    }
}

static void exec_locals(Interp *in, const Ins *ins) {
    if (ins->number == INTRINSIC_locals_get)
        give_word(in, ins, (uint64_t)(uintptr_t)(in->tasks ? jn_locals() : in->locals));
    else if (in->tasks)
        jn_locals_set((void *)(uintptr_t)word(in, ins, 0));
    else
        in->locals = (void *)(uintptr_t)word(in, ins, 0);
}

// Without tasks nobody waits for it.
static void poll(Interp *in, const Ins *ins) {
    if (!in->tasks)
        return;
    if (ins->number == INTRINSIC_polls_hold)
        jn_polls_hold((int64_t)word(in, ins, 0));
    else if (jn_attention != 0 && !in->constants_begun && jn_poll_attend() && word(in, ins, 1))
        jn_poll_leave();
}

void exec_task(Interp *in, const Ins *ins) {
    if (ins->number == INTRINSIC_task_poll || ins->number == INTRINSIC_polls_hold) {
        poll(in, ins);
        return;
    }
    if (ins->number >= INTRINSIC_io_wait && ins->number <= INTRINSIC_io_close) {
        descriptor(in, ins);
        return;
    }
    if (ins->number == INTRINSIC_locals_get || ins->number == INTRINSIC_locals_set) {
        exec_locals(in, ins);
        return;
    }
    start(in);
    switch ((IntrinsicId)ins->number) {
    case INTRINSIC_nursery_open: nursery_open(in, ins); break;
    case INTRINSIC_nursery_join: jn_nursery_join(nursery(in, ins)); break;
    case INTRINSIC_nursery_end: nursery_end(in, ins); break;
    case INTRINSIC_nursery_fail: fail(in, ins, 1); break;
    case INTRINSIC_nursery_abandon: jn_nursery_abandon(nursery(in, ins)); break;
    case INTRINSIC_nursery_caught: give_word(in, ins, jn_nursery_caught(nursery(in, ins))); break;
    case INTRINSIC_nursery_cancel: jn_nursery_cancel((JnNursery *)(uintptr_t)word(in, ins, 0)); break;
    case INTRINSIC_nursery_cancel_within:
        jn_nursery_cancel_within((JnNursery *)(uintptr_t)word(in, ins, 0), (int64_t)word(in, ins, 1));
        break;
    case INTRINSIC_task_now: give_word(in, ins, (uint64_t)jn_now()); break;
    case INTRINSIC_task_random: give_word(in, ins, (uint64_t)jn_random()); break;
    case INTRINSIC_task_spawn:
    case INTRINSIC_task_spawn_isolated: spawn(in, ins); break;
    case INTRINSIC_task_wait:
        give_word(in, ins, (uint64_t)jn_task_wait((JnTask *)(uintptr_t)word(in, ins, 0), here(in, ins)));
        break;
    case INTRINSIC_task_join: join(in, ins); break;
    case INTRINSIC_suppressed_count: give_word(in, ins, (uint64_t)jn_suppressed_count()); break;
    case INTRINSIC_suppressed_take: suppressed_take(in, ins); break;
    case INTRINSIC_task_release: jn_task_release((JnTask *)(uintptr_t)word(in, ins, 0)); break;
    case INTRINSIC_task_fail: fail(in, ins, 0); break;
    case INTRINSIC_task_sleep: jn_sleep((int64_t)word(in, ins, 0), here(in, ins)); break;
    case INTRINSIC_task_yield: jn_yield(here(in, ins)); break;
    case INTRINSIC_shield_enter: {
        uint8_t *s = address_of(in, &ins->dst);
        memory_empty(in, s, sizeof(JnShield), 8);
        memory_will_write(in, s, sizeof(JnShield), 8);
        alias_write(in, &in->spot, sizeof(JnShield));
        jn_shield_enter((JnShield *)(void *)s, (int64_t)word(in, ins, 0));
        break;
    }
    case INTRINSIC_shield_leave: jn_shield_leave((JnShield *)(void *)place(in, ins, 0)); break;
    case INTRINSIC_select_taken: break; // it is there already
    case INTRINSIC_views_add:
    case INTRINSIC_views_end:
    case INTRINSIC_views_next: exec_views(in, ins); break;
    default:
        if (ins->number >= INTRINSIC_mutex_init && ins->number <= INTRINSIC_semaphore_permits)
            exec_sync(in, ins);
        else
            exec_channel(in, ins);
    }
}
