// The words of the text form of JIR, and how declarations are named in it.
#include "ir/jir_text.h"

const char *const JIR_OP_TEXTS[OP_COUNT] = {
#define OP(name, text) text,
#include "ir/ops.def"
#undef OP
};

const char *const JIR_TERM_TEXTS[TERM_COUNT] = {
#define TERM(name, text) text,
#include "ir/terminators.def"
#undef TERM
};

const char *const JIR_INTRINSIC_TEXTS[INTRINSIC_COUNT] = {
    "none",
#define INTRINSIC(name) #name,
#include "astdb/intrinsics.def"
#undef INTRINSIC
};

const char *const JIR_UNARY_TEXTS[3] = {"neg", "not", "bitnot"};

const char *const JIR_BINARY_TEXTS[BIN_SUB_NOWRAP + 1] = {
    "add", "sub", "mul", "div", "rem", "and", "or", "xor",  "shl",
    "shr", "eq",  "ne",  "lt",  "le",  "gt",  "ge", "addw", "subw",
};

const char *const JIR_PANIC_TEXTS[PANIC_COUNT] = {
    "overflow",
    "division_by_zero",
    "shift",
    "index",
    "cast",
    "negate",
    "unwrap",
    "assert",
    "unreachable",
    "message",
    "slice",
    "missing_return",
    "division_overflow",
};

const char *const JIR_MODE_TEXTS[3] = {"owned", "letref", "mutref"};

const char *const JIR_KIND_TEXTS[LOCAL_CAPTURE + 1] = {"temp", "return", "param", "let", "var", "flag", "capture"};

NameClass jir_name_class(DeclKind kind) {
    switch (kind) {
    case DECL_STRUCT:
    case DECL_ENUM:
    case DECL_ERROR: return NAMES_TYPES;
    case DECL_FUNC:
    case DECL_CONST: return NAMES_FUNCS;
    case DECL_TYPE_PARAM:
    case DECL_TRAIT: return NAMES_PARAMS;
    default: return NAMES_OTHERS;
    }
}

static uint64_t name_key(NameClass class, SymbolId symbol) {
    return (uint64_t)class << 32 | symbol.v;
}

void jir_names_init(JirNames *names, const Program *program) {
    *names = (JirNames){.program = program};
    for (uint32_t i = 1; i < program->decls.count; i++) {
        const Decl *decl = &program->decls.items[i];
        NameClass class = jir_name_class(decl->kind);
        uint64_t key = name_key(class, decl->name);
        if (class != NAMES_OTHERS && decl->name.v && !map_get(&names->first, key, NULL))
            map_set(&names->first, key, i);
    }
}

void jir_names_free(JirNames *names) {
    map_free(&names->first);
}

DeclId jir_names_find(const JirNames *names, NameClass class, SymbolId symbol) {
    uint32_t id = 0;
    map_get(&names->first, name_key(class, symbol), &id);
    return (DeclId){id};
}
