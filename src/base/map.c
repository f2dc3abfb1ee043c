#include "base/base.h"

#include <stdlib.h>

uint64_t hash_u64(uint64_t x) {
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    return x;
}

static uint64_t multiply_fold(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 U128;
    U128 product = (U128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_combine(uint64_t hash, uint64_t next) {
    return multiply_fold(hash ^ 0x9e3779b97f4a7c15u, next ^ 0xe7037ed1a0b428dbu) + hash;
}

static uint64_t load_word(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

// The last 1 to 7 bytes in one word, read by fixed-size loads that may overlap: most names are this short.
static uint64_t load_tail(const uint8_t *at, size_t size) {
    if (size < 4)
        return (uint64_t)at[0] << 16 | (uint64_t)at[size >> 1] << 8 | at[size - 1];
    uint32_t low, high;
    memcpy(&low, at, sizeof low);
    memcpy(&high, at + size - sizeof high, sizeof high);
    return (uint64_t)low << 32 | high;
}

uint64_t hash_bytes(const void *data, size_t size) {
    const uint8_t *at = data;
    uint64_t hash = 0x243f6a8885a308d3u ^ size;
    size_t left = size;
    for (; left >= 8; left -= 8, at += 8)
        hash = multiply_fold(hash ^ 0x9e3779b97f4a7c15u, load_word(at) ^ 0xe7037ed1a0b428dbu);
    if (left)
        hash = multiply_fold(hash ^ 0x9e3779b97f4a7c15u, load_tail(at, left) ^ 0xe7037ed1a0b428dbu);
    return hash_u64(hash);
}

// Linear probing in a table whose size is a power of two and which is at most three quarters full.
static uint32_t slot_of(const MapU64 *map, uint64_t key) {
    uint32_t mask = map->capacity - 1;
    uint32_t slot = (uint32_t)hash_u64(key) & mask;
    while (map->used[slot] && map->keys[slot] != key)
        slot = (slot + 1) & mask;
    return slot;
}

static void grow(MapU64 *map) {
    MapU64 old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : 16;
    map->keys = malloc(sizeof(uint64_t) * map->capacity);
    map->values = malloc(sizeof(uint32_t) * map->capacity);
    map->used = calloc(map->capacity, 1);
    if (!map->keys || !map->values || !map->used) {
        fputs("error: out of memory\n", stderr);
        exit(1);
    }
    for (uint32_t i = 0; i < old.capacity; i++) {
        if (!old.used[i])
            continue;
        uint32_t slot = slot_of(map, old.keys[i]);
        map->used[slot] = 1;
        map->keys[slot] = old.keys[i];
        map->values[slot] = old.values[i];
    }
    free(old.keys);
    free(old.values);
    free(old.used);
}

bool map_get(const MapU64 *map, uint64_t key, uint32_t *value) {
    if (!map->count)
        return false;
    uint32_t slot = slot_of(map, key);
    if (!map->used[slot])
        return false;
    if (value)
        *value = map->values[slot];
    return true;
}

void map_set(MapU64 *map, uint64_t key, uint32_t value) {
    if ((uint64_t)(map->count + 1) * 4 > (uint64_t)map->capacity * 3)
        grow(map);
    uint32_t slot = slot_of(map, key);
    if (!map->used[slot]) {
        map->used[slot] = 1;
        map->keys[slot] = key;
        map->count++;
    }
    map->values[slot] = value;
}

void map_free(MapU64 *map) {
    free(map->keys);
    free(map->values);
    free(map->used);
    *map = (MapU64){0};
}
