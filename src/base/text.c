#include "base/base.h"

Text text_of(const char *c_string) {
    return (Text){c_string, c_string ? strlen(c_string) : 0};
}

bool text_equal(Text a, Text b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int text_compare(Text a, Text b) {
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order)
        return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

bool text_starts_with(Text t, Text prefix) {
    return t.size >= prefix.size && (prefix.size == 0 || memcmp(t.data, prefix.data, prefix.size) == 0);
}

bool text_ends_with(Text t, Text suffix) {
    return t.size >= suffix.size &&
           (suffix.size == 0 || memcmp(t.data + t.size - suffix.size, suffix.data, suffix.size) == 0);
}

uint64_t text_hash(Text t) {
    return hash_bytes(t.data, t.size);
}

static bool is_continuation(uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

uint32_t text_decode(Text t, size_t offset, uint32_t *scalar) {
    const uint8_t *at = (const uint8_t *)t.data + offset;
    size_t left = t.size - offset;
    uint8_t first = at[0];
    if (first < 0x80) {
        *scalar = first;
        return 1;
    }
    uint32_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || left < size)
        return 0;
    uint32_t value = first & (0x7Fu >> size);
    for (uint32_t i = 1; i < size; i++) {
        if (!is_continuation(at[i]))
            return 0;
        value = value << 6 | (at[i] & 0x3Fu);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *scalar = value;
    return size;
}

bool text_is_utf8(Text t, size_t *first_bad) {
    for (size_t i = 0; i < t.size;) {
        uint64_t eight;
        if (t.size - i >= 8 && (memcpy(&eight, t.data + i, 8), (eight & 0x8080808080808080u) == 0)) {
            i += 8;
            continue;
        }
        uint32_t scalar, size = text_decode(t, i, &scalar);
        if (!size) {
            if (first_bad)
                *first_bad = i;
            return false;
        }
        i += size;
    }
    return true;
}

enum { DISTANCE_MAX_SIZE = 63 };

static uint32_t smallest_of(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t least = a < b ? a : b;
    return least < c ? least : c;
}

uint32_t text_distance(Text a, Text b, uint32_t limit) {
    size_t longer = a.size > b.size ? a.size : b.size, shorter = a.size + b.size - longer;
    if (longer - shorter > limit || longer > DISTANCE_MAX_SIZE)
        return text_equal(a, b) ? 0 : limit + 1;
    uint32_t rows[3][DISTANCE_MAX_SIZE + 1];
    uint32_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (uint32_t j = 0; j <= b.size; j++)
        above[j] = j;
    for (uint32_t i = 1; i <= a.size; i++) {
        uint32_t least = row[0] = i;
        for (uint32_t j = 1; j <= b.size; j++) {
            uint32_t change = a.data[i - 1] == b.data[j - 1] ? 0 : 1;
            row[j] = smallest_of(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
            bool swapped = i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1];
            if (swapped && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
            least = row[j] < least ? row[j] : least;
        }
        // A swap reaches two rows back, so only stop when this row is beyond the limit by more than that can win.
        if (least > limit + 1)
            return limit + 1;
        uint32_t *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[b.size] <= limit ? above[b.size] : limit + 1;
}
