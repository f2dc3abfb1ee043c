#include "driver/session.h"

#include "interp/interp.h"
#include "ir/mono.h"
#include "sema/sema.h"

bool emit_find(Text name, EmitKind *kind) {
    static const char *const names[] = {
        [EMIT_TOKENS] = "tokens",     [EMIT_AST] = "ast",   [EMIT_JIR] = "jir", [EMIT_EFFECTS] = "effects",
        [EMIT_CAPTURES] = "captures", [EMIT_LLVM] = "llvm", [EMIT_ASM] = "asm", [EMIT_OBJECT] = "obj",
    };
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (text_equal(name, text_of(names[i]))) {
            *kind = (EmitKind)i;
            return true;
        }
    }
    return false;
}

Session *session_new(SessionOptions options) {
    Arena *arena = arena_new();
    Session *session = ARENA_NEW(arena, Session);
    session->options = options;
    session->arena = arena;
    session->diags = diags_new(arena);
    session->program = program_new(arena, session->diags);
    session->sema = sema_new(session->program);
    session->jir = jir_new(session->program);
    session->jir->ignores_ownership = options.ignore_ownership;
    session->std_folder = os_getenv("JANUS_STD");
    session->started_ns = session->stage_started_ns = os_now_ns();
    return session;
}

void session_free(Session *session) {
    if (!session)
        return;
    mono_free(session->mono);
    interp_constants_free(session->jir);
    jir_free(session->jir);
    sema_free(session->sema);
    program_free(session->program);
    diags_free(session->diags);
    map_free(&session->modules);
    vec_free(&session->tests);
    vec_free(&session->fn_states);
    vec_free(&session->fn_firsts);
    vec_free(&session->fn_ends);
    arena_free(session->arena);
}

void session_end(Session *session) {
#ifdef JANUS_VERIFY
    session_free(session);
#else
    (void)session;
#endif
}

void session_stage_done(Session *session, const char *stage) {
    uint64_t now = os_now_ns(), spent = now - session->stage_started_ns;
    session->stage_started_ns = now;
    for (uint32_t i = 0; i < session->time_count; i++) {
        if (strcmp(session->times[i].stage, stage) == 0) {
            session->times[i].wall_ns += spent;
            return;
        }
    }
    invariant(session->time_count < STAGE_TIMES_MAX, "too many stages are timed");
    session->times[session->time_count++] = (StageTime){stage, spent};
}

void session_write_timings(const Session *session, Buffer *out) {
    for (uint32_t i = 0; i < session->time_count; i++)
        buffer_printf(out, "%-12s %9.3f ms\n", session->times[i].stage, (double)session->times[i].wall_ns / 1e6);
    double total = (double)(os_now_ns() - session->started_ns) / 1e6;
    buffer_printf(out, "%-12s %9.3f ms\n", "total", total);
    buffer_printf(out, "%u lines, %u tokens, %.1f MB at the peak\n", session->lines, session->tokens,
                  (double)os_peak_memory_bytes() / (1024 * 1024));
}

bool session_failed(const Session *session) {
    if (diags_error_count(session->diags))
        return true;
    return session->options.deny_warnings && diags_warning_count(session->diags);
}

// What is read, and what would be lost: sources of the program and of its packages, and their manifests.
static const char *find_input(const Session *s, const char *path) {
    if (!os_exists(path))
        return NULL;
    for (uint32_t i = 1; i < s->program->modules.count; i++) {
        const Module *module = program_module(s->program, (ModuleId){i});
        const char *source = module->is_std ? NULL : diags_source(s->diags, module->file)->path;
        if (source && os_is_same_file(source, path))
            return "it is a source of the program";
    }
    for (uint32_t i = 0; s->graph && i < s->graph->count; i++)
        if (os_is_same_file(diags_source(s->diags, s->graph->items[i]->file)->path, path))
            return "it is the manifest of a package";
    return NULL;
}

bool session_may_write(Session *session, const char *path) {
    const char *why = find_input(session, path);
    if (why)
        diag_report(session->diags, DIAG_E0901, (Span){0}, "cannot write %s: %s", path, why);
    return !why;
}

bool session_write_output(Session *session, const char *path, Text content) {
    if (!session_may_write(session, path))
        return false;
    OsResult result = os_write_file(path, content, false);
    if (!result.ok)
        diag_report(session->diags, DIAG_E0901, (Span){0}, "cannot write %s: %s", path, result.message);
    return result.ok;
}
