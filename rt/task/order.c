// Orders as text: a seed, priorities, or a list of differences from the usual order.
#include "sim.h"

#include "host.h"
#include "room.h"
#include "worker.h"

#include <stdlib.h>

typedef struct {
    const char *at, *end;
} Reader;

static bool take(Reader *r, char c) {
    bool is = r->at < r->end && *r->at == c;
    r->at += is;
    return is;
}

static bool take_number(Reader *r, uint64_t *value) {
    const char *from = r->at;
    for (*value = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
        *value = *value * 10 + (uint64_t)(*r->at - '0');
    return r->at > from;
}

static bool take_word(Reader *r, const char *word, size_t size) {
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
        return false;
    r->at += size;
    return true;
}

static bool is_before(const JnDifference *d, uint32_t task, uint32_t point) {
    return d->task != task ? d->task < task : d->point < point;
}

_Noreturn void jn_order_lost(void) {
    static const char TEXT[] = "no memory to follow an order of tasks\n";
    jn_host_write(TEXT, sizeof TEXT - 1);
    jn_host_abort();
}

// Lists are written in order; what is not is put where it belongs.
static void add(Order *o, JnDifference d) {
    JnDifference *differences = jn_grow(o->differences, &o->capacity, o->count + 1, sizeof *differences);
    if (!differences)
        jn_order_lost();
    o->differences = differences;
    uint32_t at = o->count++;
    for (; at > 0 && is_before(&d, o->differences[at - 1].task, o->differences[at - 1].point); at--)
        o->differences[at] = o->differences[at - 1];
    o->differences[at] = d;
}

static void read_list(Order *o, Reader r) {
    uint64_t task, point, choice;
    take_number(&r, &o->seed);
    if (!take(&r, ':'))
        return;
    do {
        if (!take_number(&r, &task) || !take(&r, '.') || !take_number(&r, &point))
            return;
        bool is_arm = take(&r, '=');
        if ((!is_arm && !take(&r, '-')) || !take_number(&r, &choice))
            return;
        add(o, (JnDifference){(uint32_t)task, (uint32_t)point, (uint32_t)choice, is_arm});
    } while (take(&r, ','));
}

static void read_priorities(Order *o, Reader r) {
    uint64_t levels = 1;
    take_number(&r, &o->seed);
    if (take(&r, ':'))
        take_number(&r, &levels);
    if (take(&r, ':'))
        take_number(&r, &o->decisions);
    o->levels = levels > 64 ? 64 : (uint32_t)levels;
}

// A seed is a number, or text whose bytes make one.
static uint64_t read_seed(const char *text, int64_t size) {
    char digits[32], *end = digits;
    uint64_t seed = 0;
    if (size < (int64_t)sizeof digits) {
        memcpy(digits, text, (size_t)size);
        digits[size] = 0;
        seed = strtoull(digits, &end, 0);
    }
    if (end != digits && *end == 0)
        return seed;
    seed = 0xcbf29ce484222325u;
    for (int64_t i = 0; i < size; i++)
        seed = (seed ^ (uint8_t)text[i]) * 0x100000001b3u;
    return seed;
}

void jn_order_read(Order *o, const char *text, int64_t size) {
    Reader r = {text, text + size};
    if (take_word(&r, "order:", 6)) {
        o->kind = ORDER_LIST;
        read_list(o, r);
    } else if (take_word(&r, "pct:", 4)) {
        o->kind = ORDER_PRIORITY;
        read_priorities(o, r);
    } else {
        o->kind = ORDER_RANDOM;
        o->seed = read_seed(text, size);
    }
}

const JnDifference *jn_order_find(const Order *o, uint32_t task, uint32_t point) {
    uint32_t low = 0, high = o->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_before(&o->differences[middle], task, point))
            low = middle + 1;
        else
            high = middle;
    }
    const JnDifference *d = low < o->count ? &o->differences[low] : NULL;
    return d && d->task == task && d->point == point ? d : NULL;
}

void jn_order_free(Order *o) {
    if (o->differences)
        jn_host_release(o->differences, (int64_t)(o->capacity * sizeof *o->differences));
    o->differences = NULL;
}
