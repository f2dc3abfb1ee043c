// The chain of callers of a panic, from frame pointers and the line table that the linker step adds (its form is
// described in the compiler's line_table.c).
#include "rt.h"

#include <stddef.h>
#include <string.h>

// Absent in programs that were linked without a table.
extern const uint8_t jn_line_table[] __attribute__((weak));

enum { MAX_FRAMES = 40, MAX_WALK = 1000000 };

typedef struct {
    const char *file, *function;
    int64_t line;
} Place;

static uint64_t read_unsigned(const uint8_t **at) {
    uint64_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

static int64_t read_signed(const uint8_t **at) {
    uint64_t value = 0;
    for (uint32_t shift = 0;;) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if (!(byte & 0x80))
            return (int64_t)(shift < 64 && (byte & 0x40) ? value | ~0ull << shift : value);
    }
}

static const char *file_name(uint64_t index) {
    const uint8_t *at = jn_line_table;
    uint64_t count = read_unsigned(&at);
    if (index >= count)
        return "";
    const char *name = (const char *)at;
    while (index-- > 0)
        name += strlen(name) + 1;
    return name;
}

// Reads over the rows; the one that holds `address` is the last that does not lie behind it.
static void find_line(const uint8_t **at, uint64_t address, Place *place) {
    uint64_t row_address = 0, file = 0;
    int64_t line = 0;
    for (uint64_t count = read_unsigned(at); count > 0; count--) {
        row_address += read_unsigned(at);
        int64_t change = read_signed(at);
        line += change >> 1;
        if (change & 1)
            file = read_unsigned(at);
        if (row_address <= address) {
            place->line = line;
            place->file = file_name(file);
        }
    }
}

static void find_function(const uint8_t **at, uint64_t address, Place *place) {
    uint64_t start = 0;
    for (uint64_t count = read_unsigned(at); count > 0; count--) {
        start += read_unsigned(at);
        uint64_t size = read_unsigned(at);
        if (address >= start && address < start + size)
            place->function = (const char *)*at;
        *at += strlen((const char *)*at) + 1;
    }
}

static Place place_of(uint64_t address) {
    Place place = {NULL, NULL, 0};
    const uint8_t *at = jn_line_table;
    for (uint64_t files = read_unsigned(&at); files > 0; files--)
        at += strlen((const char *)at) + 1;
    find_line(&at, address, &place);
    find_function(&at, address, &place);
    return place;
}

static void put(const char *text) {
    jn_write_error(text, (int64_t)strlen(text));
}

static void put_place(const Place *place) {
    put("  from ");
    put(place->file);
    put(":");
    jn_write_error_number(place->line);
    if (place->function) {
        put(" in ");
        put(place->function);
    }
    put("\n");
}

static bool is_at(const Place *place, const JnLocation *at) {
    return at && at->file && place->line == at->line && strcmp(place->file, at->file) == 0;
}

// Shows one frame; false when there were enough. Frames without a line are the runtime's.
static bool show(uintptr_t address, const JnLocation *at, uint32_t *shown) {
    Place place = place_of(address);
    if (place.line == 0 || (*shown == 0 && is_at(&place, at)))
        return true;
    if ((*shown)++ == MAX_FRAMES) {
        put("  and more\n");
        return false;
    }
    put_place(&place);
    return true;
}

static void show_chain(const uintptr_t *frame, const JnLocation *at, uint32_t shown) {
    // Above the frame of main there are libc's, which keep no chain.
    for (uint32_t walked = 0; frame && (const void *)frame != jn_stack_top && walked < MAX_WALK; walked++) {
        if (!show(frame[1] - 1, at, &shown))
            return;
        frame = (const uintptr_t *)frame[0];
    }
}

void jn_backtrace(const JnLocation *at) {
    if (jn_line_table)
        show_chain(__builtin_frame_address(0), at, 0);
}

void jn_backtrace_from(uintptr_t pc, const uintptr_t *frame) {
    uint32_t shown = 0;
    if (jn_line_table && show(pc, NULL, &shown))
        show_chain(frame, NULL, shown);
}
