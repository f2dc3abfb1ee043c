// Which services may block for long, where a program with tasks has others run meanwhile.
#ifndef JANUS_SLOW_H
#define JANUS_SLOW_H

#include <stdbool.h>
#include <stdint.h>

static inline bool service_may_block(int64_t code) {
    enum {
#define SERVICE(number, name) SERVICE_##name = number,
#include "services.def"
#undef SERVICE
    };
    switch (code) {
    case SERVICE_READ:
    case SERVICE_FILE_OPEN:
    case SERVICE_FILE_WRITE:
    case SERVICE_FILE_REMOVE:
    case SERVICE_FILE_RENAME:
    case SERVICE_FILE_INFO:
    case SERVICE_FOLDER_MAKE:
    case SERVICE_FOLDER_OPEN:
    case SERVICE_FOLDER_NEXT:
    case SERVICE_FILE_STAT:
    case SERVICE_FILE_MODE:
    case SERVICE_LINK_READ:
    case SERVICE_LINK_MAKE:
    case SERVICE_PATH_REAL:
    case SERVICE_PROCESS_START:
    case SERVICE_FILE_READ_AT:
    case SERVICE_FILE_WRITE_AT:
    case SERVICE_FILE_SYNC:
    case SERVICE_PROCESS_WAIT:
    case SERVICE_FILE_RESIZE: return true;
    default: return false;
    }
}

#endif
