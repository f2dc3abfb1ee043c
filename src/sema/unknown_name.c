// Names that nothing here has: what may have been meant.
#include "sema/body.h"

static SymbolId similar_in_scope(Body *b, SymbolId name) {
    Text text = symbol(b->program, name);
    uint32_t best = text.size < 4 ? 2 : 3;
    SymbolId found = {0};
    struct SemaBodies *s = b->shared;
    for (uint32_t i = s->locals.count; i > 0 && s->locals.items[i - 1].body == b->number; i--) {
        uint32_t distance = text_distance(text, symbol(b->program, s->locals.items[i - 1].name), best);
        if (distance > 0 && distance < best) {
            best = distance;
            found = s->locals.items[i - 1].name;
        }
    }
    return found.v != 0 ? found : sema_similar_name(b->sema, b->module, name);
}

static Report *report_unknown(Body *b, NodeId n) {
    Report *r = REPORT(b, E0203, main_span(b, n), "there is no `%s` here", cstr(b, name_of(b, n)));
    report_label(r, "not found");
    return r;
}

static void help_name(Body *b, Report *r, NodeId n) {
    SymbolId name = name_of(b, n);
    Span span = main_span(b, n);
    bool is_type = symbol(b->program, name).data[0] >= 'A' && symbol(b->program, name).data[0] <= 'Z';
    if (is_type && help_foreign_type(r, symbol(b->program, name), span))
        return;
    if (help_elsewhere(b->sema, r, b->module, name, span, b->ast->source.data[span.end] == '.'))
        return;
    SymbolId similar = similar_in_scope(b, name);
    if (similar.v != 0)
        report_fix(r, span, symbol(b->program, similar), "use the name that exists");
}

void report_unknown_name(Body *b, NodeId n) {
    help_name(b, report_unknown(b, n), n);
}

// ---- functions ------------------------------------------------------------------------------------------------------

static const char *foreign_function(Text name) {
    static const struct {
        const char *name, *hint;
    } TABLE[] = {
#define FOREIGN(name, hint) {name, hint},
#include "sema/foreign_functions.def"
#undef FOREIGN
    };
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        if (text_equal(name, text_of(TABLE[i].name)))
            return TABLE[i].hint;
    return NULL;
}

// len(xs): what the value has itself.
static bool help_member(Body *b, Report *r, SymbolId name, NodeId value, Span at) {
    TypeId type = shallow(b, b->facts->types[value.v]);
    FieldMatch field;
    if (type.v == 0 || is_poison(b, type))
        return false;
    bool is_field = sema_find_field(&b->env, type, name, &field) ||
                    (type_of(b, type)->kind == TY_ARRAY && text_equal(symbol(b->program, name), TEXT("len")));
    if (!is_field && !may_call_method(b, type, name, at))
        return false;
    const char *base = kind_of(b, value) == NODE_NAME ? cstr(b, name_of(b, value)) : "value";
    report_help(r, is_field ? "`%s` has it as a field: `%s.%s`" : "`%s` has it as a method: `%s.%s(…)`", show(b, type),
                base, cstr(b, name));
    return true;
}

void report_unknown_function(Body *b, NodeId n, NodeId first) {
    Report *r = report_unknown(b, n);
    const char *hint = foreign_function(symbol(b->program, name_of(b, n)));
    if (hint)
        report_help(r, "%s", hint);
    else if (!first.v || !help_member(b, r, name_of(b, n), first, main_span(b, n)))
        help_name(b, r, n);
}
