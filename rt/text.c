// Comparing and searching bytes several at a time; musl's own go byte by byte.
#include "rt.h"

#include <string.h>

enum { WORD = 8 };

// Words that begin with the first byte that differs decide, whatever of them was equal before.
static inline int64_t order_of(uint64_t x, uint64_t y) {
    return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
}

// Up to seven bytes as a word, the first one lowest.
static inline uint64_t short_word(const uint8_t *p, int64_t count) {
    if (count >= 4) {
        uint32_t head, tail;
        memcpy(&head, p, 4);
        memcpy(&tail, p + count - 4, 4);
        return head | (uint64_t)tail << (count - 4) * 8;
    }
    return count ? p[0] | (uint64_t)p[count >> 1] << (count >> 1) * 8 | (uint64_t)p[count - 1] << (count - 1) * 8 : 0;
}

int64_t jn_mem_compare(const void *left, const void *right, int64_t count) {
    const uint8_t *a = left, *b = right;
    uint64_t x, y;
    if (count < WORD) {
        x = short_word(a, count);
        y = short_word(b, count);
        return x == y ? 0 : order_of(x, y);
    }
    for (int64_t i = 0; i < count - WORD; i += WORD) {
        memcpy(&x, a + i, WORD);
        memcpy(&y, b + i, WORD);
        if (x != y)
            return order_of(x, y);
    }
    memcpy(&x, a + count - WORD, WORD);
    memcpy(&y, b + count - WORD, WORD);
    return x == y ? 0 : order_of(x, y);
}

typedef uint8_t Bytes16 __attribute__((vector_size(16)));

int64_t jn_mem_find(const void *start, uint8_t byte, int64_t count) {
    const uint8_t *p = start;
    int64_t i = 0;
    Bytes16 wanted = (Bytes16){0} + byte;
    for (; i + 16 <= count; i += 16) {
        Bytes16 chunk;
        memcpy(&chunk, p + i, 16);
        Bytes16 equal = (Bytes16)(chunk == wanted);
        uint64_t halves[2];
        memcpy(halves, &equal, 16);
        if (halves[0])
            return i + (__builtin_ctzll(halves[0]) >> 3);
        if (halves[1])
            return i + 8 + (__builtin_ctzll(halves[1]) >> 3);
    }
    for (; i < count; i++)
        if (p[i] == byte)
            return i;
    return -1;
}
