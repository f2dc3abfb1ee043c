// memcpy and memmove for x86-64: musl's begin with `rep movs`, which takes longer to start than most copies take. Short
// copies read everything before they write, in pieces that overlap, so that they need no loop and no care for overlap.
// Other machines keep those of musl.
#include "rt.h"

#if defined(__x86_64__)
#include <string.h>

// Above, the processor's own copying is the fastest.
enum { SHORT_LIMIT = 128, LONG_LIMIT = 4096 };

typedef uint8_t Bytes16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t Word8 __attribute__((aligned(1), may_alias));
typedef uint32_t Word4 __attribute__((aligned(1), may_alias));
typedef uint16_t Word2 __attribute__((aligned(1), may_alias));

// Both ends of it, which meet or overlap in the middle.
#define COPY_ENDS(type)                                                                                                \
    do {                                                                                                               \
        type head = *(const type *)from, tail = *(const type *)(from + count - sizeof(type));                          \
        *(type *)to = head;                                                                                            \
        *(type *)(to + count - sizeof(type)) = tail;                                                                   \
    } while (0)

static inline void copy_small(uint8_t *to, const uint8_t *from, size_t count) {
    if (count >= 8)
        COPY_ENDS(Word8);
    else if (count >= 4)
        COPY_ENDS(Word4);
    else if (count >= 2)
        COPY_ENDS(Word2);
    else if (count)
        *to = *from;
}

// 33 to 128 bytes.
static inline void copy_short(uint8_t *to, const uint8_t *from, size_t count) {
    const uint8_t *from_end = from + count;
    uint8_t *to_end = to + count;
    Bytes16 a = ((const Bytes16 *)from)[0], b = ((const Bytes16 *)from)[1];
    Bytes16 y = ((const Bytes16 *)from_end)[-2], z = ((const Bytes16 *)from_end)[-1];
    if (count > 64) {
        Bytes16 c = ((const Bytes16 *)from)[2], d = ((const Bytes16 *)from)[3];
        Bytes16 w = ((const Bytes16 *)from_end)[-4], x = ((const Bytes16 *)from_end)[-3];
        ((Bytes16 *)to)[2] = c;
        ((Bytes16 *)to)[3] = d;
        ((Bytes16 *)to_end)[-4] = w;
        ((Bytes16 *)to_end)[-3] = x;
    }
    ((Bytes16 *)to)[0] = a;
    ((Bytes16 *)to)[1] = b;
    ((Bytes16 *)to_end)[-2] = y;
    ((Bytes16 *)to_end)[-1] = z;
}

// True if that was all.
static inline bool copy_at_once(uint8_t *to, const uint8_t *from, size_t count) {
    if (count <= 16)
        copy_small(to, from, count);
    else if (count <= 32)
        COPY_ENDS(Bytes16);
    else if (count <= SHORT_LIMIT)
        copy_short(to, from, count);
    else
        return false;
    return true;
}

// From the first byte on; the last 64 bytes were read before.
static inline void copy_forward(uint8_t *to, const uint8_t *from, size_t count) {
    const uint8_t *from_end = from + count;
    uint8_t *to_end = to + count;
    Bytes16 w = ((const Bytes16 *)from_end)[-4], x = ((const Bytes16 *)from_end)[-3];
    Bytes16 y = ((const Bytes16 *)from_end)[-2], z = ((const Bytes16 *)from_end)[-1];
    for (; to < to_end - 64; to += 64, from += 64) {
        Bytes16 a = ((const Bytes16 *)from)[0], b = ((const Bytes16 *)from)[1];
        Bytes16 c = ((const Bytes16 *)from)[2], d = ((const Bytes16 *)from)[3];
        ((Bytes16 *)to)[0] = a;
        ((Bytes16 *)to)[1] = b;
        ((Bytes16 *)to)[2] = c;
        ((Bytes16 *)to)[3] = d;
    }
    ((Bytes16 *)to_end)[-4] = w;
    ((Bytes16 *)to_end)[-3] = x;
    ((Bytes16 *)to_end)[-2] = y;
    ((Bytes16 *)to_end)[-1] = z;
}

// From the last byte on; the first 64 bytes were read before.
static inline void copy_backward(uint8_t *to, const uint8_t *from, size_t count) {
    const uint8_t *from_end = from + count;
    uint8_t *to_end = to + count;
    Bytes16 a = ((const Bytes16 *)from)[0], b = ((const Bytes16 *)from)[1];
    Bytes16 c = ((const Bytes16 *)from)[2], d = ((const Bytes16 *)from)[3];
    for (; to_end > to + 64; to_end -= 64, from_end -= 64) {
        Bytes16 w = ((const Bytes16 *)from_end)[-4], x = ((const Bytes16 *)from_end)[-3];
        Bytes16 y = ((const Bytes16 *)from_end)[-2], z = ((const Bytes16 *)from_end)[-1];
        ((Bytes16 *)to_end)[-4] = w;
        ((Bytes16 *)to_end)[-3] = x;
        ((Bytes16 *)to_end)[-2] = y;
        ((Bytes16 *)to_end)[-1] = z;
    }
    ((Bytes16 *)to)[0] = a;
    ((Bytes16 *)to)[1] = b;
    ((Bytes16 *)to)[2] = c;
    ((Bytes16 *)to)[3] = d;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t count) {
    void *to = dst;
    const void *from = src;
    if (copy_at_once(to, from, count))
        return dst;
    if (count < LONG_LIMIT)
        copy_forward(to, from, count);
    else
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return dst;
}

void *memmove(void *dst, const void *src, size_t count) {
    uintptr_t distance = (uintptr_t)dst - (uintptr_t)src;
    if (copy_at_once(dst, src, count))
        return dst;
    if (distance >= count && (uintptr_t)src - (uintptr_t)dst >= count && count >= LONG_LIMIT)
        return memcpy(dst, src, count);
    if (distance < count)
        copy_backward(dst, src, count);
    else
        copy_forward(dst, src, count);
    return dst;
}
#endif
