// Return traces of the program that is run, as rt/trace.c keeps them.
#include "interp/internal.h"

static TraceEntry *entry_of(Interp *in, uint64_t number) {
    TraceEntry *entry = &in->trace.ring[number % TRACE_ENTRIES];
    return number != 0 && entry->number == number ? entry : NULL;
}

static void append(Interp *in, uint64_t previous, uint64_t root, Span at, Span origin, uint64_t length) {
    uint64_t number = ++in->trace.count;
    in->trace.ring[number % TRACE_ENTRIES] =
        (TraceEntry){number, previous, previous ? root : number, at, origin, length};
    in->trace.newest = number;
}

void trace_begin(Interp *in, Span at) {
    append(in, 0, 0, at, at, 1);
}

void trace_resume(Interp *in, uint64_t mark, Span at) {
    const TraceEntry *entry = entry_of(in, mark);
    append(in, mark, entry ? entry->root : 0, at, entry ? entry->origin : (Span){0}, entry ? entry->length + 1 : 2);
}

uint64_t trace_root(Interp *in, uint64_t mark) {
    const TraceEntry *entry = entry_of(in, mark);
    return entry ? entry->root : 0;
}

Span trace_origin(Interp *in, uint64_t mark) {
    const TraceEntry *entry = entry_of(in, mark);
    return entry ? entry->origin : (Span){0};
}

static void write_place(Interp *in, const char *word, Span at, Buffer *out) {
    if (!at.file.v)
        return;
    const Source *source = diags_source(in->program->diags, at.file);
    uint32_t line, column;
    source_position(source, at.start, &line, &column);
    buffer_printf(out, "  %s %s:%u\n", word, source->path, line);
}

void trace_write(Interp *in, uint64_t mark, Buffer *out) {
    Span passed[TRACE_ENTRIES];
    const TraceEntry *newest = entry_of(in, mark), *entry = newest;
    uint64_t count = 0;
    if (!newest)
        return;
    for (; entry && entry->previous; entry = entry_of(in, entry->previous))
        passed[count++] = entry->at;
    write_place(in, "at", newest->origin, out);
    if (!entry && newest->length > count + 1)
        buffer_printf(out, "  … %llu left out\n", (unsigned long long)(newest->length - count - 1));
    else if (!entry)
        buffer_cstr(out, "  … left out\n");
    while (count > 0)
        write_place(in, "from", passed[--count], out);
}
