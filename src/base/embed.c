#include "base/embed.h"

typedef struct {
    const char *name;
    const char *data;
    uint64_t size;
} EmbeddedFile;

extern const EmbeddedFile embedded_table[]; // ends with a NULL name

bool embedded_file(const char *name, Text *content) {
    for (const EmbeddedFile *file = embedded_table; file->name; file++) {
        if (strcmp(file->name, name) != 0)
            continue;
        *content = (Text){file->data, file->size};
        return true;
    }
    return false;
}

uint32_t embedded_count(void) {
    uint32_t count = 0;
    while (embedded_table[count].name)
        count++;
    return count;
}

Text embedded_name(uint32_t index) {
    return text_of(embedded_table[index].name);
}
