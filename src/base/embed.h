// Files carried inside the program: std, the explain pages, the runtime and libc of each target. Put there by
// tools/embed.sh under names such as "std/core/list.jan", "explain/E0001.md", "target/x86_64-linux-musl/libc.a".
#ifndef JANUS_EMBED_H
#define JANUS_EMBED_H

#include "base/base.h"

bool embedded_file(const char *name, Text *content); // the content lives as long as the program, NUL after its end
uint32_t embedded_count(void);
Text embedded_name(uint32_t index); // in order of their paths in the repository

#endif
