// Unified diffs of two texts, by Myers' algorithm over lines.
#include "cli/cli.h"

typedef VEC(Text) Lines;

// Lines with their line breaks.
static Lines split(Text text) {
    Lines lines = {0};
    for (size_t at = 0; at < text.size;) {
        const char *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end ? (size_t)(end + 1 - (text.data + at)) : text.size - at;
        vec_push(&lines, ((Text){text.data + at, size}));
        at += size;
    }
    return lines;
}

typedef struct {
    const Text *old_lines, *new_lines;
    VecU8 removed, added; // by line: is it part of a change?
} Diff;

// The furthest places of each round, kept to find the way back. More rounds than this: all of it is one change.
enum { MOST_ROUNDS = 1500 };

typedef struct {
    uint32_t old_start, old_count, new_start, new_count;
} Middle;

static void mark(VecU8 *lines, uint32_t start, uint32_t count) {
    memset(lines->items + start, 1, count);
}

// From the end of both texts back to the start, through the rounds.
static void trace_back(Diff *d, Middle m, const int32_t *rounds, int32_t last) {
    int32_t x = (int32_t)m.old_count, y = (int32_t)m.new_count;
    for (int32_t round = last; round > 0; round--) {
        const int32_t *v = rounds + (size_t)(round - 1) * (size_t)(round - 1); // of the round before
        int32_t k = x - y;
        bool is_down = k == -round || (k != round && v[(k - 1) + round - 1] < v[(k + 1) + round - 1]);
        int32_t before = is_down ? k + 1 : k - 1, from = v[before + round - 1], from_y = from - before;
        if (is_down)
            mark(&d->added, m.new_start + (uint32_t)from_y, 1);
        else
            mark(&d->removed, m.old_start + (uint32_t)from, 1);
        x = from;
        y = from_y;
    }
}

// The furthest place of the old text that this round reaches on diagonal k; far below 0 if it leaves the texts.
static int32_t reach(const Diff *d, Middle m, const int32_t *before, int32_t round, int32_t k) {
    enum { OUTSIDE = INT32_MIN / 2 };
    bool is_down = k == -round || (k != round && before[k - 1 + round - 1] < before[k + 1 + round - 1]);
    int32_t x = round == 0 ? 0 : is_down ? before[k + 1 + round - 1] : before[k - 1 + round - 1] + 1, y = x - k;
    if (x < 0 || y < 0 || x > (int32_t)m.old_count || y > (int32_t)m.new_count)
        return OUTSIDE;
    while (x < (int32_t)m.old_count && y < (int32_t)m.new_count &&
           text_equal(d->old_lines[m.old_start + (uint32_t)x], d->new_lines[m.new_start + (uint32_t)y])) {
        x++;
        y++;
    }
    return x;
}

static void compare(Diff *d, Middle m) {
    // Round r holds the places of the diagonals -r … r, every second one, so r * r numbers lie before it.
    VEC(int32_t) rounds = {0};
    uint32_t all = m.old_count + m.new_count;
    int32_t most = all < MOST_ROUNDS ? (int32_t)all : MOST_ROUNDS;
    for (int32_t round = 0; round <= most; round++) {
        vec_reserve(&rounds, (uint32_t)(2 * round + 1));
        int32_t *v = rounds.items + rounds.count, *before = round ? v - (2 * round - 1) : v;
        for (int32_t k = -round; k <= round; k += 2) {
            int32_t x = reach(d, m, before, round, k);
            v[k + round] = x;
            if (x == (int32_t)m.old_count && x - k == (int32_t)m.new_count) {
                trace_back(d, m, rounds.items, round);
                vec_free(&rounds);
                return;
            }
        }
        rounds.count += (uint32_t)(2 * round + 1);
    }
    mark(&d->removed, m.old_start, m.old_count);
    mark(&d->added, m.new_start, m.new_count);
    vec_free(&rounds);
}

static void write_line(char sign, Text line, Buffer *out) {
    buffer_char(out, sign);
    buffer_text(out, line);
    if (line.data[line.size - 1] != '\n')
        buffer_cstr(out, "\n\\ No newline at end of file\n");
}

typedef struct {
    uint32_t old_at, new_at;
} Place;

// One step on: over a removed line, an added one, or one of both.
static void step(const Diff *d, Place *at, uint32_t old_count, Buffer *out) {
    if (at->old_at < old_count && d->removed.items[at->old_at]) {
        if (out)
            write_line('-', d->old_lines[at->old_at], out);
        at->old_at++;
    } else if (at->new_at < d->added.count && d->added.items[at->new_at]) {
        if (out)
            write_line('+', d->new_lines[at->new_at], out);
        at->new_at++;
    } else {
        if (out)
            write_line(' ', d->old_lines[at->old_at], out);
        at->old_at++;
        at->new_at++;
    }
}

static bool is_change(const Diff *d, Place at) {
    return (at.old_at < d->removed.count && d->removed.items[at.old_at]) ||
           (at.new_at < d->added.count && d->added.items[at.new_at]);
}

static void write_hunks(const Diff *d, Buffer *out) {
    enum { AROUND = 3 };
    uint32_t old_count = d->removed.count, new_count = d->added.count;
    Place at = {0, 0};
    while (at.old_at < old_count || at.new_at < new_count) {
        if (!is_change(d, at)) {
            step(d, &at, old_count, NULL);
            continue;
        }
        uint32_t lead = at.old_at < AROUND ? at.old_at : AROUND;
        lead = at.new_at < lead ? at.new_at : lead;
        Place start = {at.old_at - lead, at.new_at - lead}, end = at, look = at;
        for (uint32_t same = 0; same <= 2 * AROUND && (look.old_at < old_count || look.new_at < new_count);) {
            same = is_change(d, look) ? 0 : same + 1;
            step(d, &look, old_count, NULL);
            if (same <= AROUND)
                end = look;
            if (same == 0)
                end = look;
        }
        uint32_t old_lines = end.old_at - start.old_at, new_lines = end.new_at - start.new_at;
        buffer_printf(out, "@@ -%u,%u +%u,%u @@\n", start.old_at + (old_lines > 0), old_lines,
                      start.new_at + (new_lines > 0), new_lines);
        for (at = start; at.old_at < end.old_at || at.new_at < end.new_at;)
            step(d, &at, old_count, out);
    }
}

void diff_write(const char *path, Text before, Text after, Buffer *out) {
    if (text_equal(before, after))
        return;
    Lines old_lines = split(before), new_lines = split(after);
    Diff d = {.old_lines = old_lines.items, .new_lines = new_lines.items};
    vec_reserve(&d.removed, old_lines.count + 1);
    vec_reserve(&d.added, new_lines.count + 1);
    d.removed.count = old_lines.count;
    d.added.count = new_lines.count;
    memset(d.removed.items, 0, old_lines.count + 1);
    memset(d.added.items, 0, new_lines.count + 1);
    Middle m = {0, old_lines.count, 0, new_lines.count};
    while (m.old_count > 0 && m.new_count > 0 && text_equal(old_lines.items[m.old_start], new_lines.items[m.new_start]))
        m = (Middle){m.old_start + 1, m.old_count - 1, m.new_start + 1, m.new_count - 1};
    while (m.old_count > 0 && m.new_count > 0 &&
           text_equal(old_lines.items[m.old_start + m.old_count - 1], new_lines.items[m.new_start + m.new_count - 1]))
        m = (Middle){m.old_start, m.old_count - 1, m.new_start, m.new_count - 1};
    compare(&d, m);
    buffer_printf(out, "--- %s\n+++ %s\n", path, path);
    write_hunks(&d, out);
    vec_free(&d.removed);
    vec_free(&d.added);
    vec_free(&old_lines);
    vec_free(&new_lines);
}
