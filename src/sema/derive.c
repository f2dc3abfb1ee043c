// derive: which traits a shape asks for, and whether its parts have them.
#include "sema/tables.h"

static const struct {
    const char *name;
    LangItem trait;
} DERIVABLE[] = {{"Eq", LANG_EQ},   {"Hash", LANG_HASH},       {"Debug", LANG_DEBUG}, {"Copy", LANG_COPY},
                 {"Ord", LANG_ORD}, {"Default", LANG_DEFAULT}, {"Json", LANG_JSON}};

static void report_underivable(Sema *sema, Span span, Text name) {
    Report *report = REPORT_AT(sema, E0415, span, "`%.*s` cannot be derived", TEXT_ARG(name));
    if (text_equal(name, TEXT("Display"))) {
        report_label(report, "how a value is shown to people does not follow from its parts");
        report_help(report,
                    "write `impl Display for … do func display(self, mut out: Writer) do … end end`; Debug, which "
                    "shows the parts, is there without being asked");
        return;
    }
    report_label(report, "write an impl instead");
    report_help(report,
                "Eq, Ord, Hash, Debug, Copy, Default and Json are derived; types whose parts have Eq, Hash, Debug and "
                "Copy have them without being asked");
}

void derives_make(Sema *sema, DeclId decl, AstList derives) {
    Program *p = sema->program;
    const Ast *ast = program_ast(p, decl);
    Shape *shape = program_shape(p, decl);
    for (uint32_t i = 0; i < derives.count; i++) {
        NodeId node = AST_ITEM(derives, i);
        Text name = ast_token_text(ast, ast_token(ast, node));
        uint8_t bit = 0;
        for (size_t j = 0; j < sizeof DERIVABLE / sizeof *DERIVABLE; j++)
            if (text_equal(name, text_of(DERIVABLE[j].name)))
                bit = shape_derive_bit(p, p->lang[DERIVABLE[j].trait]);
        bool is_error = program_decl(p, decl)->kind == DECL_ERROR;
        if (bit == 0) {
            report_underivable(sema, ast_span(ast, node), name);
        } else if (is_error && bit == shape_derive_bit(p, p->lang[LANG_JSON])) {
            Report *report = REPORT_AT(sema, E0415, ast_span(ast, node), "Json cannot be derived for an error");
            report_label(report, "an error says why something failed; it is not data to be kept");
            report_help(report, "declare an `enum` for the data, or write an impl");
        } else if (bit == shape_derive_bit(p, p->lang[LANG_DEFAULT]) && program_decl(p, decl)->kind != DECL_STRUCT) {
            Report *report = REPORT_AT(sema, E0442, ast_span(ast, node), "Default cannot be derived for the %s `%.*s`",
                                       program_decl(p, decl)->kind == DECL_ENUM ? "enum" : "error", DECL_ARG(p, decl));
            report_label(report, "no variant is the one to start from");
            report_help(report, "say which: `impl Default for %.*s do func default() -> %.*s do … end end`",
                        DECL_ARG(p, decl), DECL_ARG(p, decl));
        } else {
            shape->derives |= bit;
        }
    }
}

// ---- against the parts ----------------------------------------------------------------------------------------------

typedef struct {
    Sema *sema;
    DeclId decl;
    Env env; // every type parameter has the trait: a derived impl is for the arguments that do
    DeclId trait;
    Span span;
} Derive;

static bool part_lacks(Derive *d, const Fields *fields) {
    Program *p = d->sema->program;
    for (uint32_t i = 0; i < fields->count; i++) {
        const Ast *ast = program_ast(p, fields->fields[i]);
        NodeId node = program_decl(p, fields->fields[i])->node;
        ImplMatch match;
        bool is_given = d->trait.v == p->lang[LANG_DEFAULT].v && ast_param(ast, node).default_value.v != 0;
        if (is_given || sema_implements(&d->env, fields->types[i], d->trait, &match) != MATCH_NO)
            continue;
        bool has_name = program_decl(p, fields->fields[i])->name.v != 0;
        Report *report = REPORT_AT(d->sema, E0441, d->span, "`%.*s` cannot be derived for `%.*s`",
                                   DECL_ARG(p, d->trait), DECL_ARG(p, d->decl));
        report_label(report, "a part of type `%.*s` does not have it", TYPE_ARG(p, fields->types[i]));
        report_note(report, ast_span(ast, node),
                    has_name ? "the field is declared here" : "the value is declared here");
        report_help(report, "implement `%.*s` for the type of the part, or for `%.*s` by hand", DECL_ARG(p, d->trait),
                    DECL_ARG(p, d->decl));
        return true;
    }
    return false;
}

static bool is_written(Derive *d) {
    Program *p = d->sema->program;
    uint32_t at = impl_chain(p, d->trait, d->decl.v);
    ImplId written = impl_chain_next(p, &at);
    if (written.v == 0)
        return false;
    const Impl *impl = &p->impls.items[written.v];
    const Ast *ast = program_module(p, impl->module)->ast;
    Report *report = REPORT_AT(d->sema, E0403, d->span, "`%.*s` is implemented twice for `%.*s`", DECL_ARG(p, d->trait),
                               DECL_ARG(p, d->decl));
    report_label(report, "derived here");
    report_note(report, ast_span(ast, ast_impl(ast, impl->node).self_type), "implemented by hand here");
    report_help(report, "leave one of the two out");
    return true;
}

static bool copies_what_drops(Derive *d) {
    Program *p = d->sema->program;
    uint32_t at = impl_chain(p, p->lang[LANG_DROP], d->decl.v);
    ImplId drop = impl_chain_next(p, &at);
    if (d->trait.v != p->lang[LANG_COPY].v || drop.v == 0)
        return false;
    const Impl *impl = &p->impls.items[drop.v];
    const Ast *ast = program_module(p, impl->module)->ast;
    Report *report =
        REPORT_AT(d->sema, E0418, d->span, "`%.*s` has Drop, so it cannot have Copy", DECL_ARG(p, d->decl));
    report_label(report, "a value that is dropped with care is never copied");
    report_note(report, ast_span(ast, ast_impl(ast, impl->node).self_type), "Drop is implemented here");
    return true;
}

static void check_derive(Derive *d) {
    const Shape *shape = program_shape(d->sema->program, d->decl);
    if (is_written(d) || copies_what_drops(d) || part_lacks(d, &shape->fields))
        return;
    for (uint32_t v = 0; v < shape->variant_count; v++)
        if (part_lacks(d, &shape->variant_fields[v]))
            return;
}

void derives_check(Sema *sema) {
    Program *p = sema->program;
    for (uint32_t i = 1; i < p->decls.count; i++) {
        DeclId decl = {i};
        const Shape *shape = i < p->table_capacity ? p->shapes[i] : NULL;
        if (shape == NULL || shape->derives == 0)
            continue;
        const Ast *ast = program_ast(p, decl);
        AstList names = ast_shape(ast, program_decl(p, decl)->node).derives;
        for (uint32_t n = 0; n < names.count; n++) {
            NodeId node = AST_ITEM(names, n);
            Derive d = {.sema = sema, .decl = decl, .span = ast_span(ast, node)};
            for (size_t j = 0; j < sizeof DERIVABLE / sizeof *DERIVABLE; j++)
                if (text_equal(ast_token_text(ast, ast_token(ast, node)), text_of(DERIVABLE[j].name)))
                    d.trait = p->lang[DERIVABLE[j].trait];
            if (!(shape->derives & shape_derive_bit(p, d.trait)))
                continue;
            d.env = sema_env_of(sema, decl);
            for (uint32_t t = 0; t < shape->type_param_count; t++)
                env_add_bound(&d.env, (Bound){.type = type_param(p->types, shape->type_params[t]), .trait = d.trait});
            check_derive(&d);
        }
    }
}
