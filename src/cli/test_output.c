// How tests went: for a human as they end, as JSON or for JUnit when all have.
#include "cli/test_run.h"

static bool is_for_human(const TestRun *t) {
    return !t->options->json && !t->options->junit;
}

// ---- the command that runs it again --------------------------------------------------------------------------------

void test_write_replay(const TestRun *t, uint32_t test, Buffer *out) {
    const Options *o = t->options;
    const TestState *s = &t->tests[test];
    buffer_printf(out, "janus test%s%s%s ", o->release ? " --release" : "", o->check_memory ? " --check-memory" : "",
                  o->interpret ? " --interp" : "");
    if (s->end.timed_out && o->timeout)
        buffer_printf(out, "--timeout %llu ", (unsigned long long)o->timeout);
    if (o->operand) {
        output_word(out, text_of(o->operand));
        buffer_char(out, ' ');
    }
    buffer_cstr(out, "--filter ");
    output_word(out, s->name);
    if (s->end.order) {
        buffer_cstr(out, " --seed ");
        output_word(out, text_of(s->end.order));
    } else {
        buffer_cstr(out, " --real");
    }
}

// ---- why it failed -------------------------------------------------------------------------------------------------

static uint64_t timeout_of(const TestRun *t) {
    return t->options->timeout ? t->options->timeout : 60;
}

// What the test itself does not say; nothing if it does.
static void put_reason(const TestRun *t, const TestState *s, Buffer *out) {
    unsigned long long seconds = timeout_of(t);
    if (s->end.timed_out)
        buffer_printf(out, "it did not end within %llu s, and was stopped; `--timeout %llu` would let it run on",
                      seconds, seconds * 2);
    else if (s->end.exit.signalled)
        buffer_printf(out, "it was ended by signal %d (%s)", s->end.exit.code, strsignal(s->end.exit.code));
    else if (s->end.texts[1].size == 0 && s->end.exit.code != 0)
        buffer_printf(out, "it ended with code %d and said nothing", s->end.exit.code);
}

static void put_search(const TestRun *t, const TestState *s, Buffer *out) {
    if (t->options->schedules <= 1)
        return;
    buffer_printf(out, "schedule %u of %u failed", s->failed_run + 1, s->wanted);
    if (s->is_short && s->differences == 0)
        buffer_cstr(out, "; so does the usual order of tasks");
    else if (s->is_short)
        buffer_printf(out, "; %u difference%s from the usual order of tasks %s enough", s->differences,
                      s->differences == 1 ? "" : "s", s->differences == 1 ? "is" : "are");
}

// ---- for a human ---------------------------------------------------------------------------------------------------

void test_progress(TestRun *t) {
    enum { QUIET_NS = 1000000000, BETWEEN_NS = 200000000 };
    uint64_t now = os_now_ns();
    if (now - t->started_ns < QUIET_NS || now - t->told_ns < BETWEEN_NS || !os_is_terminal(2))
        return;
    uint64_t ended = 0;
    for (uint32_t i = 0; i < t->count; i++)
        ended += t->tests[i].ended;
    if (t->options->schedules > 1)
        fprintf(stderr, "\r\033[K%u of %u tests, %llu schedules", t->shown, t->count, (unsigned long long)ended);
    else
        fprintf(stderr, "\r\033[K%u of %u tests", t->shown, t->count);
    fflush(stderr);
    t->told_ns = now;
    t->is_telling = true;
}

static void put_output(FILE *to, Text text, bool is_cut) {
    fwrite(text.data, 1, text.size, to);
    if (text.size && text.data[text.size - 1] != '\n')
        fputc('\n', to);
    if (is_cut)
        fputs("… (the test wrote more than is shown)\n", to);
    fflush(to);
}

void test_show(TestRun *t, uint32_t test) {
    const TestState *s = &t->tests[test];
    if (t->is_telling)
        fputs("\r\033[K", stderr);
    t->is_telling = false;
    if (!is_for_human(t))
        return;
    put_output(stdout, s->end.texts[0], s->end.is_cut[0]);
    put_output(stderr, s->end.texts[1], s->end.is_cut[1]);
    printf("%s%.*s\n", s->has_failed ? "FAILED  " : "ok      ", TEXT_ARG(s->name));
    if (s->has_failed) {
        Buffer reason = {0}, search = {0}, replay = {0};
        put_reason(t, s, &reason);
        put_search(t, s, &search);
        test_write_replay(t, test, &replay);
        if (reason.count)
            printf("  %.*s\n", TEXT_ARG(buffer_view(&reason)));
        if (search.count)
            printf("  %.*s%s\n", TEXT_ARG(buffer_view(&search)), s->schedule.size ? ":" : "");
        fwrite(s->schedule.data, 1, s->schedule.size, stdout);
        printf("  again: %.*s\n", TEXT_ARG(buffer_view(&replay)));
        vec_free(&reason);
        vec_free(&search);
        vec_free(&replay);
    }
    fflush(stdout);
}

// ---- JSON ----------------------------------------------------------------------------------------------------------

static void put_field(Buffer *out, const char *name, Text text) {
    buffer_printf(out, ",\"%s\":", name);
    buffer_json_string(out, text);
}

static void put_json_test(const TestRun *t, uint32_t test, Buffer *out) {
    const TestState *s = &t->tests[test];
    Buffer text = {0};
    buffer_cstr(out, "{\"name\":");
    buffer_json_string(out, s->name);
    buffer_printf(out, ",\"passed\":%s,\"seconds\":%.3f,\"schedules\":%u", s->has_failed ? "false" : "true",
                  (double)s->ns / 1e9, s->ended);
    if (s->end.order)
        put_field(out, "seed", text_of(s->end.order));
    put_field(out, "stdout", s->end.texts[0]);
    put_field(out, "stderr", s->end.texts[1]);
    if (s->has_failed) {
        const char *how = s->end.timed_out ? "timeout" : s->end.exit.signalled ? "signal" : "exit";
        buffer_printf(out, ",\"end\":\"%s\",\"code\":%d", how, s->end.exit.code);
        test_write_replay(t, test, &text);
        put_field(out, "replay", buffer_view(&text));
        if (s->is_short) {
            buffer_printf(out, ",\"differences\":%u", s->differences);
            put_field(out, "schedule", s->schedule);
        }
    }
    buffer_char(out, '}');
    vec_free(&text);
}

static void put_json(const TestRun *t, uint32_t failed, Buffer *out) {
    buffer_cstr(out, "{\"tests\":[");
    for (uint32_t i = 0; i < t->count; i++) {
        buffer_cstr(out, i > 0 ? ",\n" : "\n");
        put_json_test(t, i, out);
    }
    buffer_printf(out, "],\n\"passed\":%u,\"failed\":%u}\n", t->count - failed, failed);
}

// ---- JUnit ---------------------------------------------------------------------------------------------------------

// What XML cannot hold, even escaped, becomes U+FFFD.
static void put_xml(Buffer *out, Text text) {
    for (size_t at = 0; at < text.size;) {
        uint32_t scalar = 0, size = text_decode(text, at, &scalar);
        bool is_good =
            size > 0 && scalar != 0xfffe && scalar != 0xffff && (scalar >= 0x20 || scalar == '\n' || scalar == '\t');
        if (!is_good)
            buffer_utf8(out, 0xfffd);
        else if (scalar == '&' || scalar == '<' || scalar == '>' || scalar == '"')
            buffer_cstr(out, scalar == '&' ? "&amp;" : scalar == '<' ? "&lt;" : scalar == '>' ? "&gt;" : "&quot;");
        else
            buffer_text(out, (Text){text.data + at, size});
        at += size > 0 ? size : 1;
    }
}

static Text first_line(Text text) {
    const char *end = text.size ? memchr(text.data, '\n', text.size) : NULL;
    return end ? (Text){text.data, (size_t)(end - text.data)} : text;
}

static void put_junit_failure(const TestRun *t, uint32_t test, Buffer *out) {
    const TestState *s = &t->tests[test];
    Buffer reason = {0}, more = {0};
    put_reason(t, s, &reason);
    put_search(t, s, &more);
    if (more.count)
        buffer_char(&more, '\n');
    buffer_text(&more, s->schedule);
    buffer_cstr(&more, "again: ");
    test_write_replay(t, test, &more);
    buffer_cstr(out, "<failure message=\"");
    put_xml(out, reason.count ? buffer_view(&reason) : first_line(s->end.texts[1]));
    buffer_cstr(out, "\">");
    put_xml(out, buffer_view(&more));
    buffer_cstr(out, "</failure>\n");
    vec_free(&reason);
    vec_free(&more);
}

static void put_junit_output(const char *tag, Text text, Buffer *out) {
    if (text.size == 0)
        return;
    buffer_printf(out, "<%s>", tag);
    put_xml(out, text);
    buffer_printf(out, "</%s>\n", tag);
}

static void put_junit(const TestRun *t, uint32_t failed, Buffer *out) {
    Text suite = text_of(target_program_name(t->session, t->options));
    double seconds = (double)(os_now_ns() - t->started_ns) / 1e9;
    buffer_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"");
    put_xml(out, suite);
    buffer_printf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" time=\"%.3f\">\n", t->count, failed, seconds);
    for (uint32_t i = 0; i < t->count; i++) {
        const TestState *s = &t->tests[i];
        buffer_cstr(out, "<testcase classname=\"");
        put_xml(out, suite);
        buffer_cstr(out, "\" name=\"");
        put_xml(out, s->name);
        buffer_printf(out, "\" time=\"%.3f\">\n", (double)s->ns / 1e9);
        if (s->has_failed)
            put_junit_failure(t, i, out);
        put_junit_output("system-out", s->end.texts[0], out);
        put_junit_output("system-err", s->end.texts[1], out);
        buffer_cstr(out, "</testcase>\n");
    }
    buffer_cstr(out, "</testsuite>\n</testsuites>\n");
}

// ---- no program to run ---------------------------------------------------------------------------------------------

int test_show_unbuilt(const Session *session, const Options *options) {
    Buffer out = {0}, reports = {0};
    RenderOptions render = {.json = options->json, .deny_warnings = options->deny_warnings};
    diags_render(session->diags, render, &reports);
    if (options->json) {
        buffer_printf(&out, "{\"tests\":[],\n\"passed\":0,\"failed\":0,\n\"reports\":%.*s}\n", (int)reports.count - 1,
                      reports.items);
    } else {
        buffer_cstr(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"");
        put_xml(&out, text_of(target_program_name(session, options)));
        buffer_cstr(&out, "\" tests=\"1\" failures=\"0\" errors=\"1\" time=\"0\">\n<testcase classname=\"");
        put_xml(&out, text_of(target_program_name(session, options)));
        buffer_cstr(&out, "\" name=\"(build)\" time=\"0\">\n<error message=\"the tests cannot be built\">");
        put_xml(&out, buffer_view(&reports));
        buffer_cstr(&out, "</error>\n</testcase>\n</testsuite>\n</testsuites>\n");
    }
    output_result(buffer_view(&out));
    vec_free(&out);
    vec_free(&reports);
    return EXIT_ERRORS;
}

// ---- all -----------------------------------------------------------------------------------------------------------

int test_show_all(TestRun *t) {
    uint32_t failed = 0;
    Buffer out = {0};
    for (uint32_t i = 0; i < t->count; i++)
        failed += t->tests[i].has_failed;
    if (t->options->json)
        put_json(t, failed, &out);
    else if (t->options->junit)
        put_junit(t, failed, &out);
    else
        buffer_printf(&out, "%u passed, %u failed\n", t->count - failed, failed);
    int code = output_result(buffer_view(&out));
    if (t->count == 0 && t->options->filter)
        fprintf(stderr, "note: no test's name contains `%s`\n", t->options->filter);
    vec_free(&out);
    return failed ? EXIT_ERRORS : code;
}
