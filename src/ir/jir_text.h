// What printing and parsing of the text form of JIR share.
#ifndef JANUS_JIR_TEXT_H
#define JANUS_JIR_TEXT_H

#include "ir/jir.h"

// Classes of declarations that have separate names in the text form.
typedef enum { NAMES_TYPES, NAMES_FUNCS, NAMES_PARAMS, NAMES_OTHERS } NameClass;

// A declaration is written by its name alone where that finds it: the first of its class with that name. Others are
// written name#id.
typedef struct {
    const Program *program;
    MapU64 first; // (class, symbol) → DeclId
} JirNames;

void jir_names_init(JirNames *names, const Program *program);
void jir_names_free(JirNames *names);
NameClass jir_name_class(DeclKind kind);
DeclId jir_names_find(const JirNames *names, NameClass class, SymbolId symbol);

extern const char *const JIR_OP_TEXTS[OP_COUNT];
extern const char *const JIR_TERM_TEXTS[TERM_COUNT];
extern const char *const JIR_INTRINSIC_TEXTS[INTRINSIC_COUNT];
extern const char *const JIR_UNARY_TEXTS[3];
extern const char *const JIR_BINARY_TEXTS[BIN_SUB_NOWRAP + 1];
extern const char *const JIR_PANIC_TEXTS[PANIC_COUNT];
extern const char *const JIR_MODE_TEXTS[3];
extern const char *const JIR_KIND_TEXTS[LOCAL_CAPTURE + 1];

#endif
