#include "base/base.h"

void buffer_text(Buffer *buffer, Text text) {
    if (!text.size)
        return;
    invariant(text.size < UINT32_MAX, "a text of 4 GB");
    vec_reserve(buffer, (uint32_t)text.size);
    memcpy(buffer->items + buffer->count, text.data, text.size);
    buffer->count += (uint32_t)text.size;
}

void buffer_cstr(Buffer *buffer, const char *text) {
    buffer_text(buffer, text_of(text));
}

void buffer_char(Buffer *buffer, char c) {
    vec_push(buffer, c);
}

void buffer_vprintf(Buffer *buffer, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    vec_reserve(buffer, 64);
    size_t room = buffer->capacity - buffer->count;
    int size = vsnprintf(buffer->items + buffer->count, room, format, args);
    invariant(size >= 0, "bad format '%s'", format);
    if ((size_t)size >= room) {
        vec_reserve(buffer, (uint32_t)size + 1);
        vsnprintf(buffer->items + buffer->count, (size_t)size + 1, format, again);
    }
    va_end(again);
    buffer->count += (uint32_t)size;
}

void buffer_printf(Buffer *buffer, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buffer_vprintf(buffer, format, args);
    va_end(args);
}

void buffer_utf8(Buffer *buffer, uint32_t scalar) {
    if (scalar < 0x80) {
        buffer_char(buffer, (char)scalar);
    } else if (scalar < 0x800) {
        buffer_char(buffer, (char)(0xC0 | scalar >> 6));
        buffer_char(buffer, (char)(0x80 | (scalar & 0x3F)));
    } else if (scalar < 0x10000) {
        buffer_char(buffer, (char)(0xE0 | scalar >> 12));
        buffer_char(buffer, (char)(0x80 | (scalar >> 6 & 0x3F)));
        buffer_char(buffer, (char)(0x80 | (scalar & 0x3F)));
    } else {
        buffer_char(buffer, (char)(0xF0 | scalar >> 18));
        buffer_char(buffer, (char)(0x80 | (scalar >> 12 & 0x3F)));
        buffer_char(buffer, (char)(0x80 | (scalar >> 6 & 0x3F)));
        buffer_char(buffer, (char)(0x80 | (scalar & 0x3F)));
    }
}

static void json_scalar(Buffer *buffer, Text whole, size_t offset, uint32_t scalar, uint32_t size) {
    switch (scalar) {
    case '"': buffer_cstr(buffer, "\\\""); return;
    case '\\': buffer_cstr(buffer, "\\\\"); return;
    case '\n': buffer_cstr(buffer, "\\n"); return;
    case '\r': buffer_cstr(buffer, "\\r"); return;
    case '\t': buffer_cstr(buffer, "\\t"); return;
    default: break;
    }
    if (scalar < 0x20 || scalar == 0x7F)
        buffer_printf(buffer, "\\u%04x", scalar);
    else
        buffer_text(buffer, (Text){whole.data + offset, size});
}

void buffer_json_string(Buffer *buffer, Text text) {
    buffer_char(buffer, '"');
    for (size_t i = 0; i < text.size;) {
        uint32_t scalar, size = text_decode(text, i, &scalar);
        if (size)
            json_scalar(buffer, text, i, scalar, size);
        else
            buffer_utf8(buffer, 0xFFFD);
        i += size ? size : 1;
    }
    buffer_char(buffer, '"');
}

Text buffer_view(const Buffer *buffer) {
    return (Text){buffer->items, buffer->count};
}
