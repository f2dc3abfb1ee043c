// Methods that go by another name in other languages.
#include "sema/body.h"

typedef enum { ON_TEXT, ON_LIST, ON_MAP, ON_OPTIONAL, ON_CHAR, ON_CHANNEL, ON_TASK, ON_NURSERY, ON_MUTEX, ON_ALL } On;
typedef enum { METHOD, HELP } Kind;

static bool is_set(Body *b, TypeId type) {
    const Type *t = type_of(b, type);
    return t->kind == TY_STRUCT && program_module(b->program, program_decl(b->program, t->decl)->module)->is_std &&
           text_equal(decl_name(b->program, t->decl), TEXT("Set"));
}

// A method of Iterator is one of all that can be gone over.
static bool is_iterator_method(Body *b, SymbolId name) {
    const Trait *iterator = b->program->traits[sema_lang(b->sema, LANG_ITERATOR).v];
    for (uint32_t i = 0; i < iterator->member_count; i++)
        if (program_decl(b->program, iterator->members[i])->name.v == name.v)
            return true;
    return false;
}

bool may_call_method(Body *b, TypeId type, SymbolId name, Span at) {
    bool is_many = is_sequence(b, type) || is_lang(b, type, LANG_MAP) || is_set(b, type);
    return (is_many && is_iterator_method(b, name)) || has_method(b, type, name, at);
}

static bool is_on(Body *b, TypeId type, On on) {
    switch (on) {
    case ON_TEXT: return is_lang(b, type, LANG_STRING);
    case ON_LIST: return is_sequence(b, type);
    case ON_MAP: return is_lang(b, type, LANG_MAP) || is_set(b, type);
    case ON_OPTIONAL: return type_of(b, type)->kind == TY_OPTIONAL;
    case ON_CHAR: return type_of(b, type)->kind == TY_CHAR;
    case ON_CHANNEL: return is_lang(b, type, LANG_CHANNEL);
    case ON_TASK: return is_lang(b, type, LANG_TASK);
    case ON_NURSERY: return is_lang(b, type, LANG_NURSERY);
    case ON_MUTEX: return is_lang(b, type, LANG_MUTEX);
    case ON_ALL: return true;
    }
    return false;
}

bool report_foreign_method(Body *b, Report *r, TypeId type, SymbolId name, Span at) {
    static const struct {
        On on;
        const char *name;
        Kind kind;
        const char *ours;
    } TABLE[] = {
#define FOREIGN(on, name, kind, ours) {on, name, kind, ours},
#include "sema/foreign_methods.def"
#undef FOREIGN
    };
    Text text = symbol(b->program, name);
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        if (!text_equal(text, text_of(TABLE[i].name)) || !is_on(b, type, TABLE[i].on))
            continue;
        if (TABLE[i].kind == HELP) {
            report_help(r, "%s", TABLE[i].ours);
            return true;
        }
        if (may_call_method(b, type, intern(b->program->symbols, text_of(TABLE[i].ours)), at)) {
            report_fix(r, at, text_of(TABLE[i].ours), "in Janus this is");
            return true;
        }
    }
    return false;
}
