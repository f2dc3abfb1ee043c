#include "diag/diag.h"

typedef struct {
    const char *name;
    const char *title;
    Severity severity;
} CodeEntry;

static const CodeEntry codes[] = {
#define DIAGNOSTIC(code, severity, title) {#code, title, severity},
#include "diag/codes.def"
#undef DIAGNOSTIC
};

const char *diag_code_name(DiagCode code) {
    return codes[code].name;
}

const char *diag_code_title(DiagCode code) {
    return codes[code].title;
}

Severity diag_code_severity(DiagCode code) {
    return codes[code].severity;
}

bool diag_code_find(Text name, DiagCode *code) {
    char wanted[8];
    if (name.size < 2 || name.size >= sizeof wanted)
        return false;
    memcpy(wanted, name.data, name.size);
    wanted[name.size] = 0;
    if (wanted[0] >= 'a' && wanted[0] <= 'z')
        wanted[0] = (char)(wanted[0] - 'a' + 'A');
    for (uint32_t i = 0; i < DIAG_CODE_COUNT; i++) {
        if (strcmp(codes[i].name, wanted) == 0) {
            *code = (DiagCode)i;
            return true;
        }
    }
    return false;
}
