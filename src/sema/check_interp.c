// Interpolated strings: what each piece is, and whether its format fits.
#include "sema/body.h"

static bool is_align(char c) {
    return c == '<' || c == '>' || c == '^';
}

// [[fill]align][+][#][0][width][.precision][letter], as in Rust.
static bool parse_spec(Text spec, char *form) {
    size_t i = 0;
    size_t fill = 0;
    if (spec.size > 0) { // the fill is one scalar
        unsigned char c = (unsigned char)spec.data[0];
        fill = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    }
    if (fill > 0 && spec.size > fill && is_align(spec.data[fill]))
        i = fill + 1;
    else if (spec.size > 0 && is_align(spec.data[0]))
        i = 1;
    if (i < spec.size && spec.data[i] == '+')
        i++;
    if (i < spec.size && spec.data[i] == '#')
        i++;
    uint32_t digits = 0;
    for (; i < spec.size && spec.data[i] >= '0' && spec.data[i] <= '9'; i++)
        digits++;
    if (i < spec.size && spec.data[i] == '.') {
        size_t start = ++i;
        for (; i < spec.size && spec.data[i] >= '0' && spec.data[i] <= '9'; i++)
            digits++;
        if (i == start)
            return false;
    }
    *form = ' ';
    if (i < spec.size && strchr("xXboe?", spec.data[i]) != NULL)
        *form = spec.data[i++];
    return i == spec.size && digits < 8;
}

static void check_spec(Body *b, NodeId expr, Text spec, TypeId type) {
    char form;
    if (!parse_spec(spec, &form)) {
        Report *r =
            REPORT(b, E0349, span_of(b, expr), "the format `:%s` is not understood", arena_cstr(b->arena, spec));
        report_help(r, "a format is [[fill]<^>][+][#][0][width][.precision][x X b o e ?], as in `:>8.2`");
        return;
    }
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_POISON || kind == TY_VAR)
        return;
    bool integer = type_kind_is_integer(kind), is_float = type_kind_is_float(kind);
    if ((strchr("xXbo", form) != NULL && !integer) || (form == 'e' && !is_float)) {
        Report *r =
            REPORT(b, E0349, span_of(b, expr), "the format letter `%c` does not fit a `%s`", form, show(b, type));
        report_label(r, form == 'e' ? "`e` is for floats" : "`x`, `X`, `b` and `o` are for integers");
    }
}

TypeId check_interp(Body *b, NodeId n) {
    uint32_t count = ast_interp_count(b->ast, n);
    for (uint32_t i = 0; i < count; i++) {
        AstInterpPart part = ast_interp_part(b->ast, n, i, b->arena);
        if (part.expr.v == 0)
            continue;
        TypeId type = check_value(b, part.expr);
        require_printable(b, part.expr, type);
        if (part.spec.size > 0)
            check_spec(b, part.expr, part.spec, type);
    }
    return type_lang(b->program, LANG_STRING, NULL, 0);
}
