#include "base/base.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Chunks come from calloc: fresh pages are zero already, so nothing is cleared twice. Large ones are mapped and ask for
// huge pages: a quarter of the time of checking a large program went into page faults.
typedef struct Chunk Chunk;
struct Chunk {
    Chunk *next;
    size_t size;
    size_t mapped; // bytes to unmap; 0: from calloc
    max_align_t data[];
};

// A block that the arena did not make, but frees; the record is in the arena itself.
typedef struct Adopted Adopted;
struct Adopted {
    Adopted *next;
    void *block;
};

struct Arena {
    Chunk *chunks;
    Adopted *adopted;
    char *at, *end;
    size_t next_size;
    size_t handed_out;
};

// Chunk sizes are with the header: a chunk of huge pages fills them.
enum { FIRST_CHUNK = 16 * 1024, LARGEST_CHUNK = 4 * 1024 * 1024, HUGE_PAGE = 2 * 1024 * 1024, PAGE = 4096 };

static _Noreturn void out_of_memory(void) {
    static const char message[] = "error: out of memory\n";
    ssize_t ignored = write(2, message, sizeof(message) - 1);
    (void)ignored;
    exit(1);
}

static Chunk *chunk_map(size_t size) {
    size_t bytes = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
    char *start = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        return NULL;
    char *aligned = (char *)(((uintptr_t)start + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
    if (aligned > start)
        munmap(start, (size_t)(aligned - start));
    size_t behind = (size_t)(start + HUGE_PAGE - aligned);
    if (behind > 0)
        munmap(aligned + bytes, behind);
    madvise(aligned, bytes & ~(size_t)(HUGE_PAGE - 1), MADV_HUGEPAGE); // the rest may stay untouched
    Chunk *chunk = (Chunk *)(void *)aligned;
    chunk->mapped = bytes;
    return chunk;
}

static Chunk *chunk_new(size_t size) {
    Chunk *chunk = size >= HUGE_PAGE ? chunk_map(size) : calloc(1, size);
    if (!chunk)
        out_of_memory();
    chunk->size = size - sizeof(Chunk);
    return chunk;
}

Arena *arena_new(void) {
    Arena *arena = calloc(1, sizeof(Arena));
    if (!arena)
        out_of_memory();
    arena->next_size = FIRST_CHUNK;
    return arena;
}

static void chunks_free(Chunk *chunk) {
    while (chunk) {
        Chunk *next = chunk->next;
        if (chunk->mapped > 0)
            munmap(chunk, chunk->mapped);
        else
            free(chunk);
        chunk = next;
    }
}

static void free_adopted(Arena *arena) {
    for (const Adopted *it = arena->adopted; it; it = it->next)
        free(it->block);
    arena->adopted = NULL;
}

void *arena_adopt(Arena *arena, void *block) {
    Adopted *record = ARENA_NEW(arena, Adopted);
    *record = (Adopted){.next = arena->adopted, .block = block};
    arena->adopted = record;
    return block;
}

void arena_reset(Arena *arena) {
    free_adopted(arena);
    if (!arena->at) {
        chunks_free(arena->chunks);
        arena->chunks = NULL;
        return;
    }
    Chunk *current = arena->chunks; // the one that `at` points into; those behind it are full or of large requests
    chunks_free(current->next);
    current->next = NULL;
    memset(current->data, 0, (size_t)(arena->at - (char *)current->data));
    arena->at = (char *)current->data;
    arena->handed_out = 0;
}

void arena_free(Arena *arena) {
    if (!arena)
        return;
    free_adopted(arena);
    chunks_free(arena->chunks);
    free(arena);
}

// A chunk of its own for a large request, so that the room left in the current chunk stays usable.
static void *alloc_large(Arena *arena, size_t size, size_t align) {
    Chunk *chunk = chunk_new(sizeof(Chunk) + size + align);
    if (arena->chunks) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        arena->chunks = chunk;
    }
    uintptr_t at = ((uintptr_t)chunk->data + align - 1) & ~(uintptr_t)(align - 1);
    return (void *)at;
}

static void *alloc_slow(Arena *arena, size_t size, size_t align) {
    if (size > SIZE_MAX / 4)
        out_of_memory();
    if (size + align > arena->next_size / 2) // less than that fits into a new chunk beside its header
        return alloc_large(arena, size, align);
    Chunk *chunk = chunk_new(arena->next_size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->at = (char *)chunk->data;
    arena->end = arena->at + chunk->size;
    if (arena->next_size < LARGEST_CHUNK)
        arena->next_size *= 2;
    uintptr_t at = ((uintptr_t)arena->at + align - 1) & ~(uintptr_t)(align - 1);
    arena->at = (char *)at + size;
    return (void *)at;
}

void *arena_alloc(Arena *arena, size_t size, size_t align) {
    if (size == 0)
        size = 1;
    arena->handed_out += size;
    uintptr_t at = ((uintptr_t)arena->at + align - 1) & ~(uintptr_t)(align - 1);
    if (arena->at && at <= (uintptr_t)arena->end && size <= (uintptr_t)arena->end - at) {
        arena->at = (char *)at + size;
        return (void *)at;
    }
    return alloc_slow(arena, size, align);
}

void *arena_copy(Arena *arena, const void *data, size_t size, size_t align) {
    void *copy = arena_alloc(arena, size, align);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

Text arena_text(Arena *arena, Text t) {
    char *copy = arena_alloc(arena, t.size + 1, 1);
    if (t.size)
        memcpy(copy, t.data, t.size);
    return (Text){copy, t.size};
}

const char *arena_cstr(Arena *arena, Text t) {
    return arena_text(arena, t).data;
}

Text arena_vprintf(Arena *arena, const char *format, va_list args) {
    char small[256];
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(small, sizeof small, format, args);
    invariant(size >= 0, "bad format '%s'", format);
    Text text = {small, (size_t)size};
    if ((size_t)size < sizeof small) {
        text = arena_text(arena, text);
    } else {
        char *data = arena_alloc(arena, (size_t)size + 1, 1);
        vsnprintf(data, (size_t)size + 1, format, again);
        text.data = data;
    }
    va_end(again);
    return text;
}

Text arena_printf(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Text text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

size_t arena_bytes(const Arena *arena) {
    return arena->handed_out;
}
