#include "base/embed.h"
#include "cli/cli.h"

static void list_codes(Buffer *out) {
    for (uint32_t i = 0; i < DIAG_CODE_COUNT; i++)
        buffer_printf(out, "%s  %s\n", diag_code_name((DiagCode)i), diag_code_title((DiagCode)i));
}

// The page as it is, but for the fences: code is indented instead.
static void write_page(Text page, Buffer *out) {
    bool in_code = false;
    for (size_t start = 0; start < page.size;) {
        const char *newline = memchr(page.data + start, '\n', page.size - start);
        size_t end = newline ? (size_t)(newline - page.data) : page.size;
        Text line = {page.data + start, end - start};
        start = end + 1;
        if (text_starts_with(line, TEXT("```"))) {
            in_code = !in_code;
            continue;
        }
        if (in_code && line.size)
            buffer_cstr(out, "    ");
        if (!in_code && text_starts_with(line, TEXT("# ")))
            line = (Text){line.data + 2, line.size - 2};
        buffer_text(out, line);
        buffer_char(out, '\n');
    }
}

static int unknown_code(const char *name) {
    const char *best = NULL;
    uint32_t distance = 3;
    for (uint32_t i = 0; i < DIAG_CODE_COUNT; i++) {
        const char *candidate = diag_code_name((DiagCode)i);
        uint32_t d = text_distance(text_of(name), text_of(candidate), distance - 1);
        if (d < distance) {
            best = candidate;
            distance = d;
        }
    }
    char help[96] = "`janus explain` lists all codes";
    if (best)
        snprintf(help, sizeof help, "did you mean `janus explain %s`?", best);
    return usage_error(help, "there is no code `%s`", name);
}

int command_explain(const Options *options) {
    DiagCode code = 0;
    if (options->operand && !diag_code_find(text_of(options->operand), &code))
        return unknown_code(options->operand);
    Buffer out = {0};
    if (options->operand) {
        char name[32];
        Text page;
        snprintf(name, sizeof name, "explain/%s.md", diag_code_name(code));
        if (embedded_file(name, &page))
            write_page(page, &out);
        else
            buffer_printf(&out, "%s: %s\n", diag_code_name(code), diag_code_title(code));
    } else {
        list_codes(&out);
    }
    int result = output_result(buffer_view(&out));
    vec_free(&out);
    return result;
}
