// base: memory, vectors, hash tables, interning, text and the only operating-system calls of the compiler.
//
// Ideas. Memory comes from arenas and is released by phase: nothing outside this folder calls free().
// Growable arrays are VEC(T), backed by the C heap and released with vec_free by their owner.
// Names are interned once per session: a SymbolId compares by identity, zero is "no symbol".
// No global mutable state: everything hangs off a context that the caller passes.
#ifndef JANUS_BASE_H
#define JANUS_BASE_H

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// ---- text ----------------------------------------------------------------------------------------------------------

// A borrowed run of bytes, not NUL-terminated. `data` may be NULL only when `size` is 0.
typedef struct {
    const char *data;
    size_t size;
} Text;

// Text of a string literal.
#define TEXT(literal) ((Text){(literal), sizeof(literal) - 1})
// printf("%.*s", TEXT_ARG(t))
#define TEXT_ARG(t) (int)(t).size, (t).data

Text text_of(const char *c_string);
bool text_equal(Text a, Text b);
int text_compare(Text a, Text b); // <0, 0, >0 by bytes
bool text_starts_with(Text t, Text prefix);
bool text_ends_with(Text t, Text suffix);
uint64_t text_hash(Text t);
// Decodes the UTF-8 scalar at `offset` (< size): its length in bytes, or 0 if the bytes there are not valid UTF-8.
uint32_t text_decode(Text t, size_t offset, uint32_t *scalar);
bool text_is_utf8(Text t, size_t *first_bad); // first_bad may be NULL
// Damerau-Levenshtein distance, for "did you mean"; stops at `limit` and returns limit + 1 above it.
uint32_t text_distance(Text a, Text b, uint32_t limit);

// ---- arenas --------------------------------------------------------------------------------------------------------

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_reset(
    Arena *arena);             // forgets what was handed out and keeps one chunk: for work that is done again and again
void arena_free(Arena *arena); // releases everything allocated from it; NULL is allowed
// Zeroed memory; never NULL: the process ends with a message when the system has none left.
void *arena_alloc(Arena *arena, size_t size, size_t align);
void *arena_copy(Arena *arena, const void *data, size_t size, size_t align);
Text arena_text(Arena *arena, Text t);        // a copy that lives as long as the arena, NUL after its end
const char *arena_cstr(Arena *arena, Text t); // the same as a C string
Text arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
Text arena_vprintf(Arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
size_t arena_bytes(const Arena *arena); // bytes handed out so far
// Takes over a block from malloc, which is freed with the arena; returns it.
void *arena_adopt(Arena *arena, void *block);

#define ARENA_NEW(arena, T) ((T *)arena_alloc((arena), sizeof(T), _Alignof(T)))
#define ARENA_ARRAY(arena, T, count) ((T *)arena_alloc((arena), sizeof(T) * (size_t)(count), _Alignof(T)))

// ---- vectors -------------------------------------------------------------------------------------------------------

#define VEC(T)                                                                                                         \
    struct {                                                                                                           \
        T *items;                                                                                                      \
        uint32_t count, capacity;                                                                                      \
    }

// Used by the macros below: makes room for `extra` more items of `item_size` bytes.
void vec_reserve_(void *vec, uint32_t extra, size_t item_size);
void vec_free_(void *vec);
void *vec_freeze_(void *vec, Arena *arena, size_t item_size);

#define vec_reserve(v, extra) vec_reserve_((v), (extra), sizeof *(v)->items)
#define vec_push(v, ...)                                                                                               \
    do {                                                                                                               \
        if ((v)->count == (v)->capacity)                                                                               \
            vec_reserve((v), 1);                                                                                       \
        (v)->items[(v)->count++] = (__VA_ARGS__);                                                                      \
    } while (0)
#define vec_pop(v) ((v)->items[--(v)->count])
#define vec_last(v) ((v)->items[(v)->count - 1])
#define vec_free(v) vec_free_(v)
// The items for as long as the arena lives; the vector is empty afterwards.
#define vec_freeze(v, arena) vec_freeze_((v), (arena), sizeof *(v)->items)

typedef VEC(uint32_t) VecU32;
typedef VEC(uint8_t) VecU8;

// ---- hash tables ---------------------------------------------------------------------------------------------------

// Open addressing from a 64-bit key to a 32-bit value. Any key and value may be stored.
typedef struct {
    uint64_t *keys;
    uint32_t *values;
    uint8_t *used;
    uint32_t count, capacity;
} MapU64;

bool map_get(const MapU64 *map, uint64_t key, uint32_t *value); // value may be NULL
void map_set(MapU64 *map, uint64_t key, uint32_t value);        // replaces an earlier value
void map_free(MapU64 *map);
uint64_t hash_u64(uint64_t x);                       // a good 64-bit mixer
uint64_t hash_combine(uint64_t hash, uint64_t next); // order matters
uint64_t hash_bytes(const void *data, size_t size);

// ---- symbols -------------------------------------------------------------------------------------------------------

typedef struct {
    uint32_t v;
} SymbolId; // 0 is none

typedef struct Interner Interner;

Interner *interner_new(Arena *arena);
SymbolId intern(Interner *interner, Text text);              // the text is copied
SymbolId intern_find(const Interner *interner, Text text);   // 0 if it was never interned
Text symbol_text(const Interner *interner, SymbolId symbol); // stable, NUL after its end
uint32_t interner_count(const Interner *interner);
void interner_free(Interner *interner);

// ---- text buffers --------------------------------------------------------------------------------------------------

typedef VEC(char) Buffer;

void buffer_text(Buffer *buffer, Text text);
void buffer_cstr(Buffer *buffer, const char *text);
void buffer_char(Buffer *buffer, char c);
void buffer_printf(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vprintf(Buffer *buffer, const char *format, va_list args);
void buffer_utf8(Buffer *buffer, uint32_t scalar);
void buffer_json_string(Buffer *buffer, Text text); // quotes included; bytes that are not UTF-8 become U+FFFD
Text buffer_view(const Buffer *buffer);             // valid until the next change

// ---- the operating system ------------------------------------------------------------------------------------------

// Why an OS call failed, as a sentence fragment in lower case ("no such file or directory"); none when ok.
typedef struct {
    bool ok;
    int code; // errno
    char message[120];
} OsResult;

// Reads a whole regular file into the arena (NUL after its end). Fails for folders, devices and files over
// `limit_bytes`.
OsResult os_read_file(Arena *arena, const char *path, size_t limit_bytes, Text *content);
OsResult os_read_stdin(Arena *arena, size_t limit_bytes, Text *content);
// Writes beside `path` and renames into place, so that a failure or an interrupt leaves what was there before.
OsResult os_write_file(const char *path, Text content, bool executable);
// The same for a file that exists: its permissions stay.
OsResult os_rewrite_file(const char *path, Text content);
// Could a file be written there? Looks only: it may still fail later.
OsResult os_check_writable(const char *path);
OsResult os_rename(const char *from, const char *to);
OsResult os_make_folder(const char *path); // with its parents; fine if it exists
OsResult os_remove_tree(const char *path);
// Sorted names of a folder's entries, "." and ".." left out.
OsResult os_list_folder(Arena *arena, const char *path, Text **names, uint32_t *count);
bool os_is_same_file(const char *a, const char *b); // also by links; false if one of them is not there
bool os_exists(const char *path);                   // whatever it is, a link that leads nowhere too
bool os_is_file(const char *path);
bool os_is_folder(const char *path);
bool os_is_link_to_folder(const char *path);
const char *os_real_path(Arena *arena, const char *path);        // NULL if it does not exist
const char *os_executable_path(Arena *arena);                    // of this program, links resolved
const char *os_make_temp_folder(Arena *arena, OsResult *result); // removed at exit and on a signal
// Called first in a program that allocates much and ends soon: freed memory is kept for the next use.
void os_keep_memory(void);
uint64_t os_now_ns(void); // monotonic
uint64_t os_cpu_ns(void); // CPU time of the process
uint64_t os_peak_memory_bytes(void);
uint32_t os_cpu_count(void);
bool os_is_terminal(int fd);
const char *os_getenv(const char *name);

typedef struct {
    bool started;
    bool signalled;
    int code;          // exit code, or the signal's number
    char message[120]; // why it did not start
} OsExit;
// Runs a program with these arguments (argv[0] first, NULL last); our standard streams are its own. Forwards SIGINT and
// SIGTERM.
OsExit os_run(const char *path, const char *const *argv);
// Calls `work` in a copy of this process, which ends with what it returns: whatever it does to memory is not seen here.
// Only while this process has one thread.
OsExit os_run_apart(int (*work)(void *context), void *context);

// Removes temporary files and ends the process with this exit code.
_Noreturn void os_exit(int code);

// An error of ours: prints where and how to report it, removes temporary files and ends with exit code 70.
_Noreturn void internal_error_(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define internal_error(...) internal_error_(__FILE__, __LINE__, __VA_ARGS__)
// Checked in every build: the compiler's own invariants.
#define invariant(condition, ...)                                                                                      \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            internal_error_(__FILE__, __LINE__, __VA_ARGS__);                                                          \
    } while (0)

#endif
