// Comparing and searching bytes several at a time; musl's own go byte by byte.
#include "rt.h"

#include <string.h>

enum { WORD = 8 };

int64_t jn_mem_compare(const void *left, const void *right, int64_t count) {
    const uint8_t *a = left, *b = right;
    while (count >= WORD) {
        uint64_t x, y;
        memcpy(&x, a, WORD);
        memcpy(&y, b, WORD);
        if (x != y)
            return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
        a += WORD;
        b += WORD;
        count -= WORD;
    }
    for (int64_t i = 0; i < count; i++)
        if (a[i] != b[i])
            return (int64_t)a[i] - b[i];
    return 0;
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
