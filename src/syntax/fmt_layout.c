// From operations to text: one pass measures, one writes.
#include "syntax/fmt.h"

enum { NONE = UINT32_MAX, STEP = 4 };

const Text fmt_words[] = {
    [WORD_COMMA] = {",", 1}, [WORD_ARROW] = {"->", 2}, [WORD_OPEN] = {"[", 1}, [WORD_CLOSE] = {"]", 1},
    [WORD_DO] = {"do", 2},   [WORD_END] = {"end", 3},  [WORD_WILD] = {"_", 1}, [WORD_RANGE] = {"..", 2},
};

// ---- measuring ------------------------------------------------------------------------------------------------------

typedef struct {
    uint32_t op;
    uint32_t line;     // sum at the first LINE of its own
    uint32_t line_end; // sum at the first place inside where a line ends for sure
    uint32_t hug;
    uint32_t fill; // the op of its last FMT_FILL line, whose extent is not known yet
} Open;

typedef struct {
    FmtOp *ops;
    VEC(Open) open;
    bool is_pending; // a comment waits for the end of the line
} Measure;

// A comma may be added between code and the comment behind it.
static bool is_comma(Text text) {
    return text.size == 1 && text.data[0] == ',';
}

// Columns of a text: scalars, up to its first line break.
static uint32_t width_of(Text text) {
    uint32_t width = 0;
    for (size_t i = 0; i < text.size && text.data[i] != '\n'; i++)
        width += ((uint8_t)text.data[i] & 0xc0) != 0x80;
    return width;
}

// How far a line reaches behind this LINE if no new one starts there.
static void set_extent(Measure *m, Open *group, uint32_t sum) {
    if (group->fill == NONE)
        return;
    FmtOp *line = &m->ops[group->fill];
    line->at = sum - line->sum;
    group->fill = NONE;
}

// A line ends at `sum`, and with it what the open groups have on one line.
static void line_ends(Measure *m, uint32_t sum) {
    for (uint32_t i = m->open.count; i > 0; i--) {
        Open *group = &m->open.items[i - 1];
        set_extent(m, group, sum);
        if (group->line_end != NONE)
            continue;
        group->line_end = sum;
        if (m->ops[group->op].flags & FMT_SPREAD) {
            m->ops[group->op].flags |= FMT_FORCE;
            sum = group->line != NONE ? group->line : sum;
        }
    }
}

static void measure_line(Measure *m, FmtOp *op) {
    Open *group = m->open.count > 0 ? &vec_last(&m->open) : NULL;
    if (!group)
        return;
    if (group->line == NONE)
        group->line = op->sum;
    set_extent(m, group, op->sum);
    if ((op->flags & FMT_FORCE) || m->is_pending)
        m->ops[group->op].flags |= FMT_FORCE;
    if ((m->ops[group->op].flags & FMT_FORCE) || m->is_pending)
        line_ends(m, group->line);
    m->is_pending = false;
    group->fill = op->flags & FMT_FILL ? (uint32_t)(op - m->ops) : NONE;
}

static void measure_end(Measure *m, uint32_t at) {
    invariant(m->open.count > 0, "a group ends that has begun");
    Open group = vec_pop(&m->open);
    FmtOp *begin = &m->ops[group.op];
    uint32_t limit = group.line_end < group.hug ? group.line_end : group.hug;
    if (limit != NONE) {
        begin->flags |= FMT_INSIDE;
        begin->at = limit - begin->sum;
    } else {
        begin->at = m->ops[at].sum - begin->sum;
    }
    begin->size = at;
    if (group.fill != NONE) { // up to the end of the group and what follows
        m->ops[group.fill].flags |= FMT_INSIDE;
        m->ops[group.fill].at = at;
    }
}

static void measure(Fmt *f) {
    Measure m = {.ops = f->ops.items};
    uint32_t sum = 0;
    for (uint32_t i = 0; i < f->ops.count; i++) {
        FmtOp *op = &m.ops[i];
        op->sum = sum;
        switch ((FmtKind)op->kind) {
        case FMT_TEXT:
            if (m.is_pending && !(op->flags & FMT_GLUED) && !is_comma((Text){f->ast->source.data + op->at, op->size})) {
                line_ends(&m, sum);
                m.is_pending = false;
            }
            sum += width_of((Text){f->ast->source.data + op->at, op->size});
            if (op->flags & FMT_MULTILINE)
                line_ends(&m, sum);
            break;
        case FMT_WORD: sum += (uint32_t)fmt_words[op->at].size; break;
        case FMT_SPACE: sum++; break;
        case FMT_INLINE: sum += op->size + 1; break;
        case FMT_LINE:
            measure_line(&m, op);
            sum += op->size;
            break;
        case FMT_HARD:
            line_ends(&m, sum);
            m.is_pending = false;
            break;
        case FMT_TRAIL:
        case FMT_OWN: m.is_pending = true; break;
        case FMT_BEGIN: vec_push(&m.open, ((Open){i, NONE, NONE, NONE, NONE})); break;
        case FMT_HUG:
            if (m.open.count > 0)
                vec_last(&m.open).hug = sum;
            break;
        case FMT_END: measure_end(&m, i); break;
        default: break;
        }
    }
    // How far the text goes on behind a group to where the next line may end.
    uint32_t next = sum;
    for (uint32_t i = f->ops.count; i > 0; i--) {
        FmtOp *op = &m.ops[i - 1];
        if (op->kind == FMT_END) {
            op->at = next - op->sum;
        } else if (op->kind == FMT_LINE) {
            if (op->flags & FMT_INSIDE)
                op->at = m.ops[op->at].sum + m.ops[op->at].at - op->sum;
            next = op->sum;
        } else if (op->kind == FMT_HARD) {
            next = op->sum;
        }
    }
    vec_free(&m.open);
}

// ---- writing --------------------------------------------------------------------------------------------------------

typedef FmtWriter Writer;

static inline void write_bytes(Writer *w, const char *data, size_t size) {
    if (w->out->capacity - w->out->count < size)
        vec_reserve(w->out, (uint32_t)size);
    memcpy(w->out->items + w->out->count, data, size);
    w->out->count += (uint32_t)size;
}

static void start_line(Writer *w) {
    static const char blanks[] = "                                                                ";
    write_bytes(w, "\n\n", w->newlines);
    for (uint32_t left = w->indent + w->extra; left > 0;) {
        uint32_t part = left < sizeof blanks - 1 ? left : (uint32_t)sizeof blanks - 1;
        write_bytes(w, blanks, part);
        left -= part;
    }
    w->column = w->indent + w->extra;
    w->newlines = w->extra = 0;
    w->at_start = false;
}

static void write_newline(Writer *w, bool is_empty_before) {
    for (uint32_t i = 0; i < w->waiting.count; i++) {
        write_bytes(w, " ", 1);
        write_bytes(w, w->waiting.items[i].data, w->waiting.items[i].size);
    }
    w->waiting.count = 0;
    if (!w->at_start) {
        w->at_start = true;
        w->newlines = 1;
    }
    if (is_empty_before && w->newlines == 1)
        w->newlines = 2;
}

// The line goes on, but a comment ends it: there is a line break in the source too.
static void continue_line(Writer *w) {
    write_newline(w, false);
    w->extra = STEP;
}

static inline void write_text(Writer *w, Text text, uint8_t flags) {
    if (w->waiting.count > 0 && !(flags & FMT_GLUED) && !is_comma(text))
        continue_line(w);
    if (w->at_start)
        start_line(w);
    write_bytes(w, text.data, text.size);
    if (flags & FMT_MULTILINE) {
        const char *last = memrchr(text.data, '\n', text.size);
        w->column = width_of((Text){last + 1, (size_t)(text.data + text.size - last - 1)});
    } else {
        w->column += width_of(text);
    }
}

static Text op_text(const Writer *w, const FmtOp *op) {
    return (Text){w->f->ast->source.data + op->at, op->size};
}

static void write_comment(Writer *w, uint32_t i) {
    const FmtOp *op = &w->f->ops.items[i];
    if (w->waiting.count > 0)
        continue_line(w);
    if (!w->at_start) {
        vec_push(&w->waiting, op_text(w, op));
        return;
    }
    write_text(w, op_text(w, op), op->flags);
    write_newline(w, false);
}

static void write_inline(Writer *w, const FmtOp *op) {
    if (w->waiting.count > 0)
        continue_line(w);
    char last = w->out->count > 0 ? vec_last(w->out) : '\n';
    if (!w->at_start && last != ' ' && last != '(' && last != '[' && last != '\n')
        write_bytes(w, " ", 1);
    write_text(w, op_text(w, op), 0);
    if (op->flags & FMT_GAP)
        write_bytes(w, " ", 1);
    w->column += 2;
}

static inline void write_space(Writer *w) {
    if (!w->at_start && w->waiting.count == 0)
        write_text(w, TEXT(" "), 0);
}

static inline bool is_broken(const Writer *w) {
    return w->broken.count > 0 && vec_last(&w->broken);
}

static void write_line(Writer *w, const FmtOp *op) {
    bool is_new = is_broken(w);
    if (is_new && (op->flags & FMT_FILL) && !(op->flags & FMT_FORCE))
        is_new = w->waiting.count > 0 || w->column + op->at > FORMAT_WIDTH;
    if (is_new)
        write_newline(w, (op->flags & FMT_EMPTY) != 0);
    else if (op->size > 0)
        write_space(w);
}

static void write_begin(Writer *w, const FmtOp *op) {
    uint32_t start = w->at_start ? w->indent : w->column;
    uint32_t width = op->at + (op->flags & FMT_INSIDE ? 0 : w->f->ops.items[op->size].at);
    bool broken = (op->flags & FMT_FORCE) || start + width > FORMAT_WIDTH;
    vec_push(&w->broken, broken);
}

static void write_op(Writer *w, uint32_t i) {
    const FmtOp *op = &w->f->ops.items[i];
    switch ((FmtKind)op->kind) {
    case FMT_TEXT: write_text(w, op_text(w, op), op->flags); break;
    case FMT_WORD: write_text(w, fmt_words[op->at], op->flags); break;
    case FMT_SPACE: write_space(w); break;
    case FMT_LINE: write_line(w, op); break;
    case FMT_HARD: write_newline(w, (op->flags & FMT_EMPTY) != 0); break;
    case FMT_BLANK: w->newlines += w->at_start && w->newlines == 1; break;
    case FMT_BEGIN: write_begin(w, op); break;
    case FMT_END: vec_pop(&w->broken); break;
    case FMT_INDENT:
        vec_push(&w->indents, w->indent);
        w->indent += (op->flags & FMT_ALWAYS) || is_broken(w) ? STEP : 0;
        break;
    case FMT_DEDENT: w->indent = vec_pop(&w->indents); break;
    case FMT_COMMA:
        if (is_broken(w))
            write_text(w, TEXT(","), 0);
        break;
    case FMT_TRAIL:
    case FMT_OWN: write_comment(w, i); break;
    case FMT_INLINE: write_inline(w, op); break;
    case FMT_HUG: break;
    }
}

void fmt_layout(Fmt *f, FmtWriter *w) {
    measure(f);
    for (uint32_t i = 0; i < f->ops.count; i++)
        write_op(w, i);
    f->ops.count = 0;
}

void fmt_layout_end(FmtWriter *w) {
    write_newline(w, false);
    if (w->out->count > 0)
        write_bytes(w, "\n", 1);
    vec_free(&w->indents);
    vec_free(&w->broken);
    vec_free(&w->waiting);
}
