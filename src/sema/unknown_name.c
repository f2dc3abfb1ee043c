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

// Some(v), None
static bool help_absence(Body *b, Report *r, SymbolId name, Span span) {
    Text text = symbol(b->program, name);
    if (text_equal(text, TEXT("None")))
        report_fix(r, span, TEXT("null"), "absence is `null`");
    else if (text_equal(text, TEXT("Some")))
        report_help(r, "a value that is there needs no word around it: `Some(v)` is `v`");
    else
        return false;
    return true;
}

// A variant of one type of this module alone, without its type.
static bool help_variant(Body *b, Report *r, SymbolId name, Span span) {
    const Program *p = b->program;
    DeclId owner = {0};
    for (uint32_t i = 1; i < p->decls.count; i++) {
        const Decl *d = program_decl(p, (DeclId){i});
        if (d->kind != DECL_VARIANT || d->name.v != name.v || d->module.v != b->module.v)
            continue;
        if (owner.v != 0)
            return false;
        owner = d->parent;
    }
    if (owner.v == 0)
        return false;
    const char *type = cstr(b, program_decl(p, owner)->name);
    report_fix(r, span, arena_printf(b->arena, "%s.%s", type, cstr(b, name)),
               arena_printf(b->arena, "it is a variant of `%s`", type).data);
    return true;
}

// In a method: a field or a method of `self`, or a function of its type.
static bool help_own_member(Body *b, Report *r, SymbolId name, Span span) {
    TypeId self = b->env.self_type;
    const Signature *sig = program_signature(b->program, b->decl);
    if (self.v == 0 || sig == NULL || !sig->has_self || type_of(b, self)->kind == TY_PARAM)
        return false;
    FieldMatch field;
    bool is_field = sema_find_field(&b->env, self, name, &field);
    MethodMatch match = {.kind = METHOD_NONE};
    if (!is_field)
        match = sema_find_method(&b->env, self, name, span);
    if (!is_field && match.kind != METHOD_INHERENT && match.kind != METHOD_TRAIT)
        return false;
    const Signature *found = is_field ? NULL : program_signature(b->program, match.decl);
    const char *base = found != NULL && !found->has_self ? "Self" : "self";
    report_fix(r, span, arena_printf(b->arena, "%s.%s", base, cstr(b, name)), "it belongs to the type");
    return true;
}

static void help_name(Body *b, Report *r, NodeId n) {
    SymbolId name = name_of(b, n);
    Span span = main_span(b, n);
    bool is_type = symbol(b->program, name).data[0] >= 'A' && symbol(b->program, name).data[0] <= 'Z';
    if (is_type && help_foreign_type(r, symbol(b->program, name), span))
        return;
    if (is_type && (help_absence(b, r, name, span) || help_variant(b, r, name, span)))
        return;
    if (help_own_member(b, r, name, span))
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
