// The machine around the loop: start, end, panics, violations, literals and constants.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "interp/internal.h"

enum { EXIT_PANIC = 101, EXIT_ERROR = 1, EXIT_ABORT = 134, CHAIN_SHOWN = 12 };

// ---- output --------------------------------------------------------------------------------------------------------

// As the runtime of compiled programs does.
static _Noreturn void die_of_output(int error) {
    dprintf(2, "cannot write to standard output: %s\n", strerror(error));
    _exit(EXIT_ERROR);
}

static void write_out(Buffer *to, int fd, Text text) {
    if (to) {
        buffer_text(to, text);
        return;
    }
    while (text.size) {
        ssize_t done = write(fd, text.data, text.size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0 && fd == 1)
            die_of_output(done < 0 ? errno : EIO);
        if (done <= 0)
            return;
        text.data += done;
        text.size -= (size_t)done;
    }
}

void interp_flush(Interp *in) {
    write_out(in->options.out, 1, buffer_view(&in->out));
    in->out.count = 0;
}

static void write_error(Interp *in, Text text) {
    interp_flush(in);
    write_out(in->options.err, 2, text);
}

void interp_write(Interp *in, int64_t fd, Text text) {
    if (fd != 1) {
        write_error(in, text);
        return;
    }
    buffer_text(&in->out, text);
    if (in->out.count > 32 * 1024)
        interp_flush(in);
}

// ---- where we are --------------------------------------------------------------------------------------------------

Span interp_frame_span(Interp *in, const Frame *frame) {
    const JirFn *fn = frame->code->fn;
    if (fn->is_glue || !frame->at || !frame->at->token)
        return (Span){0};
    return ast_token_span(program_module(in->program, fn->module)->ast, (TokenId){frame->at->token});
}

static void describe_place(Interp *in, Span span, Buffer *text) {
    if (!span.file.v)
        return;
    const Source *source = diags_source(in->program->diags, span.file);
    uint32_t line, column;
    source_position(source, span.start, &line, &column);
    buffer_printf(text, "  at %s:%u\n", source->path, line);
}

// The innermost frame with a place in the source.
Span interp_span(Interp *in) {
    for (uint32_t i = in->now.frames.count; i-- > 0;) {
        Span span = interp_frame_span(in, &in->now.frames.items[i]);
        if (span.file.v)
            return span;
    }
    return (Span){0};
}

static void describe_chain(Interp *in, Buffer *text) {
    uint32_t shown = 0;
    for (uint32_t i = in->now.frames.count; i-- > 0 && shown < CHAIN_SHOWN; shown++) {
        const Frame *frame = &in->now.frames.items[i];
        buffer_printf(text, "  in %s\n", frame->code->fn->symbol ? frame->code->fn->symbol : "a function");
        describe_place(in, interp_frame_span(in, frame), text);
    }
}

void interp_describe_site(Interp *in, uint32_t fn, uint32_t token, Buffer *text) {
    const JirFn *it = fn ? jir_fn(in->jir, (JirFnId){fn}) : NULL;
    buffer_cstr(text, it && it->symbol ? it->symbol : "a function");
    if (!it || it->is_glue || !token)
        return;
    Span span = ast_token_span(program_module(in->program, it->module)->ast, (TokenId){token});
    const Source *source = diags_source(in->program->diags, span.file);
    uint32_t line, column;
    source_position(source, span.start, &line, &column);
    buffer_printf(text, " at %s:%u", source->path, line);
}

// ---- the ends ------------------------------------------------------------------------------------------------------

_Noreturn void interp_exit(Interp *in, int code) {
    in->exit_code = code;
    longjmp(in->end, END_EXIT);
}

_Noreturn void interp_violation(Interp *in, const char *format, ...) {
    Buffer text = {0};
    buffer_cstr(&text, "interpreter: ");
    va_list args;
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    buffer_char(&text, '\n');
    describe_chain(in, &text);
    write_error(in, buffer_view(&text));
    vec_free(&text);
    interp_exit(in, INTERP_VIOLATION);
}

static void print_panic(Interp *in, const char *what, Text message) {
    Buffer text = {0};
    buffer_printf(&text, "%s: %.*s\n", what, TEXT_ARG(message));
    describe_place(in, interp_span(in), &text);
    write_error(in, buffer_view(&text));
    vec_free(&text);
}

static void fail_constant(Interp *in, Text message) {
    buffer_text(&in->failure, message);
    interp_exit(in, EXIT_PANIC);
}

// The message comes first, while the frames still stand; then the frames are left.
static _Noreturn void panic(Interp *in, Text message) {
    if (in->evaluating)
        fail_constant(in, message);
    bool is_second = in->tasks ? !tasks_panic(in) : in->unwinding;
    if (is_second || in->panics_end > 0) {
        print_panic(in, is_second ? "panic while unwinding" : "panic", message);
        interp_exit(in, EXIT_ABORT);
    }
    print_panic(in, "panic", message);
    in->unwinding = true; // with tasks, each has its own way out
    longjmp(*in->now.catcher, 1);
}

_Noreturn void interp_overflow(Interp *in) {
    static const Text message = {"stack overflow: the calls are nested too deeply", 47};
    if (in->evaluating)
        fail_constant(in, message);
    print_panic(in, "panic", message);
    interp_exit(in, EXIT_PANIC);
}

_Noreturn void interp_panic_text(Interp *in, const char *format, ...) {
    Buffer text = {0};
    va_list args;
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    Text message = arena_text(in->arena, buffer_view(&text));
    vec_free(&text);
    panic(in, message);
}

_Noreturn void interp_panic(Interp *in, PanicKind kind) {
    static const char *const TEXTS[] = {
        [PANIC_OVERFLOW] = "integer overflow",
        [PANIC_DIVISION_BY_ZERO] = "division by zero",
        [PANIC_SHIFT] = "shift by a negative amount or by the width of the type or more",
        [PANIC_INDEX] = "index out of range",
        [PANIC_CAST] = "the value does not fit the type it is converted to",
        [PANIC_NEGATE] = "negating the smallest integer overflows",
        [PANIC_UNWRAP] = "the optional is null",
        [PANIC_ASSERT] = "assertion failed",
        [PANIC_UNREACHABLE] = "code that should be unreachable was reached",
        [PANIC_MESSAGE] = "panic",
        [PANIC_SLICE] = "slice bounds out of range",
        [PANIC_MISSING_RETURN] = "the function ended without returning a value",
        [PANIC_DIVISION_OVERFLOW] = "the smallest integer divided by -1 overflows",
    };
    panic(in, text_of(TEXTS[kind]));
}

// ---- literals and constants ----------------------------------------------------------------------------------------

uint8_t *interp_literal(Interp *in, const void *bytes, uint64_t size) {
    uint64_t key = hash_bytes(bytes, size);
    uint32_t known;
    if (map_get(&in->literals, key, &known)) {
        uint8_t *p = in->memory.base + (uint64_t)known * 16;
        const Block *block = memory_block_at(&in->memory, p);
        if (block && block->size == (size ? size : 1) && memcmp(p, bytes, size) == 0)
            return p;
    }
    uint8_t *p = memory_alloc(in, size ? size : 1, 16, BLOCK_FIXED); // never a null pointer, as String promises
    if (size)
        memcpy(p, bytes, size);
    map_set(&in->literals, key, (uint32_t)((uint64_t)(p - in->memory.base) / 16));
    return p;
}

// Runs a constant's initialiser at its first use; the value and all it owns are read-only from then on.
uint8_t *constant_address(Interp *in, DeclId decl) {
    uint32_t index;
    if (!map_get(&in->constants, decl.v, &index)) {
        index = in->constant_items.count;
        vec_push(&in->constant_items, (Constant){0});
        map_set(&in->constants, decl.v, index);
    }
    if (in->constant_items.items[index].address)
        return in->constant_items.items[index].address;
    if (in->constant_items.items[index].is_busy)
        interp_panic_text(in, "the constant needs its own value");
    in->constant_items.items[index].is_busy = true;
    JirFnId fn = jir_fn_of_decl(in->jir, decl);
    if (!fn.v)
        interp_violation(in, "a constant without an initialiser");
    Code *code = decode(in, fn);
    uint32_t region = in->now.region; // its value does not depend on who asks first
    in->now.region = 0;
    in->constants_begun++;
    uint8_t *result = interp_call(in, fn);
    in->constants_begun--;
    in->now.region = region;
    uint32_t align = layout_get(in->jir, code->fn->locals.items[0].type)->align;
    uint8_t *address = memory_alloc(in, code->result_size ? code->result_size : 1, align, BLOCK_FIXED);
    memcpy(address, result, code->result_size);
    constant_freeze(in, address, code->fn->locals.items[0].type);
    interp_clear_result(in, code, result);
    in->constant_items.items[index].address = address;
    return address;
}

// ---- a run ---------------------------------------------------------------------------------------------------------

Frame *interp_push(Interp *in, Code *code) {
    uint8_t *frame = in->now.stack_next;
    if (in->options.depth_limit && in->now.frames.count >= in->options.depth_limit)
        interp_exit(in, INTERP_DEPTH_LIMIT);
    if (frame + code->frame_size > in->now.stack_end)
        interp_overflow(in);
    memcpy(shadow_of(in, frame), code->shadow, code->frame_size);
    in->now.stack_next = frame + code->frame_size;
    vec_push(&in->now.frames, (Frame){.code = code, .frame = frame});
    return &vec_last(&in->now.frames);
}

static void store_address(Interp *in, uint8_t *to, uint8_t *address, Tag tag) {
    memory_will_write(in, to, sizeof address, sizeof address);
    memcpy(to, &address, sizeof address);
    *stored_tag(in, to) = tag;
}

void interp_run_glue(Interp *in, Code *code, uint8_t *env, uint8_t *argument) {
    enum { FIRST_PARAMETER = 1 };
    uint8_t *outer = in->now.frame, *frame = interp_push(in, code)->frame;
    store_address(in, frame + code->env_slot, env, TAG_OWNER);
    if (argument)
        store_address(in, frame + code->slots[FIRST_PARAMETER].offset, argument, TAG_UNTRACKED);
    in->now.frame = frame;
    interp_loop(in, in->now.frames.count - 1);
    memset(shadow_of(in, frame), SHADOW_NONE, code->frame_size);
    in->now.frame = outer;
}

uint8_t *interp_call(Interp *in, JirFnId fn) {
    Code *code = decode(in, fn);
    uint8_t *outer = in->now.frame;
    Frame *frame = interp_push(in, code);
    in->now.frame = frame->frame;
    uint8_t *result = frame->frame + code->slots[0].offset;
    interp_loop(in, in->now.frames.count - 1);
    in->now.frame = outer;
    return result;
}

void interp_clear_result(Interp *in, const Code *code, uint8_t *result) {
    uint8_t *frame = result - code->slots[0].offset;
    memset(shadow_of(in, frame), SHADOW_NONE, code->frame_size);
}

bool interp_init(Interp *in, Jir *jir, InterpOptions options) {
    *in = (Interp){.jir = jir, .program = jir->program, .options = options};
    if (!memory_init(&in->memory, 0))
        return false;
    in->loans = memory_reserve(alias_bytes());
    if (!in->loans) {
        memory_free(&in->memory);
        return false;
    }
    in->arena = arena_new();
    in->code_count = jir->fns.count;
    in->codes = ARENA_ARRAY(in->arena, Code *, in->code_count);
    in->now.stack_next = in->memory.base + 64;
    in->now.stack_end = in->next_chunk = in->memory.base + in->memory.root_size;
    return true;
}

void interp_done(Interp *in) {
    memory_free(&in->memory);
    memory_unreserve(in->loans, alias_bytes());
    arena_free(in->arena);
    vec_free(&in->now.frames);
    vec_free(&in->free_chunks);
    vec_free(&in->out);
    vec_free(&in->failure);
    vec_free(&in->now.put_off);
    vec_free(&in->regions);
    vec_free(&in->owned);
    vec_free(&in->constant_items);
    vec_free(&in->tables);
    map_free(&in->constants);
    map_free(&in->literals);
    map_free(&in->places);
    vec_free(&in->user_places);
}

void interp_main_error(Interp *in, Text error) {
    Buffer text = {0};
    buffer_printf(&text, "error: %.*s\n", TEXT_ARG(error));
    trace_write(in, in->trace.newest, &text);
    write_error(in, buffer_view(&text));
    if (in->tasks)
        jn_report_further();
    vec_free(&text);
    in->exit_code = EXIT_ERROR; // once main has returned
}

int interp_run(Jir *jir, InterpOptions options) {
    Interp *in = ARENA_NEW(jir->arena, Interp);
    if (!interp_init(in, jir, options)) {
        fputs("janus: the interpreter could not reserve its memory\n", stderr);
        return INTERP_VIOLATION;
    }
    int end = setjmp(in->end);
    if (end == 0) {
        interp_call(in, options.entry);
        tasks_stop(in);
        interp_flush(in);
        memory_check_leaks(in);
    } else if (end == END_PANIC) { // it has left main
        in->exit_code = EXIT_PANIC;
        tasks_stop(in);
        interp_flush(in);
        memory_check_leaks(in);
    }
    interp_flush(in);
    int code = in->exit_code;
    interp_done(in);
    return code;
}
