// Text: print and its like, and interpolation. Values are written one after the other into a Writer.
#include "ir/build_internal.h"

static bool is_string(Build *b, TypeId type) {
    return type_is_lang(b->program, type, LANG_STRING);
}

static void write_text(Build *b, PlaceId writer, JirArg text) {
    JirArg args[] = {arg_mut(b, writer), text};
    call_lang(b, LANG_WRITE_TEXT, NULL, 0, args, 2, (PlaceId){0});
}

static void write_literal(Build *b, PlaceId writer, Text text) {
    if (text.size)
        write_text(b, writer, arg_temp(b, const_text(b, text)));
}

void build_debug(Build *b, PlaceId writer, PlaceId value) {
    JirArg args[] = {arg_ref(value), arg_mut(b, writer)};
    call_trait(b, LANG_DEBUG, jir_place_type(b->fn, value), args, 2, (PlaceId){0});
}

// As people read it: by Display, or by Debug where there is no Display.
void build_display(Build *b, PlaceId writer, PlaceId value) {
    TypeId type = jir_place_type(b->fn, value);
    if (is_string(b, type)) {
        write_text(b, writer, arg_ref(value));
        return;
    }
    ImplMatch match;
    DeclId display = b->program->lang[LANG_DISPLAY];
    if (program_find_impl(b->program, type, display, b->bounds, b->bound_count, &match) == MATCH_NO) {
        build_debug(b, writer, value);
        return;
    }
    JirArg args[] = {arg_ref(value), arg_mut(b, writer)};
    call_trait(b, LANG_DISPLAY, type, args, 2, (PlaceId){0});
}

static PlaceId writer_new(Build *b, LangItem maker) {
    PlaceId writer = temp_new(b, type_lang(b->program, LANG_WRITER, NULL, 0));
    call_lang(b, maker, NULL, 0, NULL, 0, writer);
    temp_register(b, writer);
    return writer;
}

static void writer_finish(Build *b, PlaceId writer, PlaceId dst) {
    JirArg arg = arg_value(take(b, writer));
    call_lang(b, LANG_WRITER_FINISH, NULL, 0, &arg, 1, dst);
}

// ---- print ---------------------------------------------------------------------------------------------------------

// The place of each value that is printed, none for none. It is lent where it stands: what follows cannot change it
// before it is written.
static void printed_places(Build *b, const NodeId *values, uint32_t count, PlaceId *places) {
    bool *effects = ARENA_ARRAY(b->arena, bool, count + 1); // of the values from there on
    for (uint32_t i = count; i > 0; i--)
        effects[i - 1] = effects[i] || (values[i - 1].v && has_effect(b, values[i - 1]));
    for (uint32_t i = 0; i < count; i++)
        if (values[i].v)
            places[i] = place_strip(b, lent_arg(b, values[i], effects[i + 1]).place);
}

// Whether the pieces are put together before they are written: where tasks run, or another process has the same
// standard error, other texts could come between them.
static bool prints_whole(const Build *b, bool is_error, const PlaceId *places, uint32_t count) {
    bool any = false;
    for (uint32_t i = 0; i < count; i++)
        any |= places[i].v != 0;
    return any && (is_error || b->program->has_tasks);
}

// The arguments are evaluated first, then written; neighbouring literals become one text.
void build_print(Build *b, NodeId n, BuiltinId id, AstList args) {
    bool is_error = id == BUILTIN_EPRINT || id == BUILTIN_EPRINTLN;
    bool ends_line = id == BUILTIN_PRINTLN || id == BUILTIN_EPRINTLN;
    PlaceId *places = ARENA_ARRAY(b->arena, PlaceId, args.count + 1);
    NodeId *values = ARENA_ARRAY(b->arena, NodeId, args.count + 1);
    for (uint32_t i = 0; i < args.count; i++)
        if (ast_kind(b->ast, AST_ITEM(args, i)) != NODE_STRING)
            values[i] = AST_ITEM(args, i);
    printed_places(b, values, args.count, places);
    token_at(b, n);
    bool whole = prints_whole(b, is_error, places, args.count);
    PlaceId writer = writer_new(b, whole ? LANG_STRING_WRITER : is_error ? LANG_STDERR_WRITER : LANG_STDOUT_WRITER);
    Buffer literal = {0};
    for (uint32_t i = 0; i < args.count; i++) {
        NodeId arg = AST_ITEM(args, i);
        if (!places[i].v) {
            buffer_text(&literal, ast_string_value(b->ast, ast_token(b->ast, arg), b->arena));
            continue;
        }
        write_literal(b, writer, arena_text(b->arena, buffer_view(&literal)));
        literal.count = 0;
        build_display(b, writer, places[i]);
    }
    if (ends_line)
        buffer_char(&literal, '\n');
    write_literal(b, writer, arena_text(b->arena, buffer_view(&literal)));
    vec_free(&literal);
    if (!whole)
        return;
    JirArg written = arg_value(take(b, writer));
    call_lang(b, is_error ? LANG_EPRINT_WHOLE : LANG_PRINT_WHOLE, NULL, 0, &written, 1, (PlaceId){0});
}

// ---- format specifications -----------------------------------------------------------------------------------------

typedef struct {
    uint32_t fill;
    uint32_t align; // 0 none, 1 left, 2 right, 3 centre
    bool sign, zero, alternate;
    uint32_t width;
    int64_t precision; // -1 none
    char form;         // ' ' none
} Spec;

static uint32_t spec_align(char c) {
    return c == '<' ? 1 : c == '>' ? 2 : c == '^' ? 3 : 0;
}

static uint32_t utf8_first(Text text, uint32_t *size) {
    uint8_t c = (uint8_t)text.data[0];
    uint32_t length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    uint32_t scalar = length == 1 ? c : c & (0xff >> (length + 1));
    if (length > text.size)
        length = (uint32_t)text.size;
    for (uint32_t i = 1; i < length; i++)
        scalar = scalar << 6 | ((uint8_t)text.data[i] & 0x3f);
    *size = length;
    return scalar;
}

static uint32_t spec_number(Text text, uint32_t *at) {
    uint32_t value = 0;
    while (*at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9' && value < 1000000)
        value = value * 10 + (uint32_t)(text.data[(*at)++] - '0');
    return value;
}

static bool spec_flag(Text text, uint32_t *at, char flag) {
    if (*at >= text.size || text.data[*at] != flag)
        return false;
    (*at)++;
    return true;
}

// [[fill]align][+][#][0][width][.precision][form]; the checker has refused what is malformed.
static Spec spec_parse(Text text) {
    Spec spec = {.fill = ' ', .precision = -1, .form = ' '};
    uint32_t at = 0, first = 0;
    uint32_t fill = text.size ? utf8_first(text, &first) : 0;
    if (first && first < text.size && spec_align(text.data[first])) {
        spec.fill = fill;
        spec.align = spec_align(text.data[first]);
        at = first + 1;
    } else if (text.size && spec_align(text.data[0])) {
        spec.align = spec_align(text.data[0]);
        at = 1;
    }
    spec.sign = spec_flag(text, &at, '+');
    spec.alternate = spec_flag(text, &at, '#');
    spec.zero = spec_flag(text, &at, '0');
    spec.width = spec_number(text, &at);
    if (spec_flag(text, &at, '.'))
        spec.precision = spec_number(text, &at);
    if (at < text.size)
        spec.form = text.data[at];
    return spec;
}

static PlaceId spec_place(Build *b, const Spec *spec) {
    TypeId character = type_builtin(b->types, TY_CHAR);
    OperandId parts[] = {
        const_int(b, character, spec->fill),
        const_int(b, T_I64(b), spec->align),
        const_bool(b, spec->sign),
        const_bool(b, spec->zero),
        const_bool(b, spec->alternate),
        const_int(b, T_I64(b), spec->width),
        const_int(b, T_I64(b), (uint64_t)spec->precision),
        const_int(b, character, (uint8_t)spec->form),
    };
    PlaceId place = temp_new(b, type_lang(b->program, LANG_FORMAT_SPEC, NULL, 0));
    emit_make(b, place, parts, 8);
    return place;
}

static OperandId cast_to(Build *b, PlaceId value, TypeKind kind) {
    if (kind_of(b, jir_place_type(b->fn, value)) == kind)
        return copy(b, value);
    PlaceId wide = temp_new(b, type_builtin(b->types, kind));
    OperandId narrow = copy(b, value);
    JirStmt *stmt = emit(b, OP_CAST);
    stmt->dst = wide;
    stmt->a = narrow;
    return copy(b, wide);
}

static void write_integer(Build *b, PlaceId writer, PlaceId value, PlaceId spec, TypeKind kind) {
    OperandId wide;
    if (kind == TY_U128) { // its bits; the writer is told that it has no sign
        TypeId types[] = {jir_place_type(b->fn, value), type_builtin(b->types, TY_I128)};
        JirArg arg = arg_value(copy(b, value));
        wide = copy(b, intrinsic(b, INTRINSIC_truncate, types, 2, &arg, 1, types[1], (PlaceId){0}));
    } else {
        wide = cast_to(b, value, TY_I128);
    }
    JirArg args[] = {arg_mut(b, writer), arg_temp(b, wide), arg_temp(b, const_int(b, T_I64(b), type_kind_bits(kind))),
                     arg_temp(b, const_bool(b, type_kind_is_signed(kind))), arg_ref(spec)};
    call_lang(b, LANG_WRITE_INT_SPEC, NULL, 0, args, 5, (PlaceId){0});
}

static void write_float(Build *b, PlaceId writer, PlaceId value, PlaceId spec, TypeKind kind) {
    OperandId wide = cast_to(b, value, TY_F64);
    JirArg args[] = {arg_mut(b, writer), arg_temp(b, wide), arg_temp(b, const_bool(b, kind == TY_F32)), arg_ref(spec)};
    call_lang(b, LANG_WRITE_FLOAT_SPEC, NULL, 0, args, 4, (PlaceId){0});
}

// Any other value becomes a text first.
static void write_other(Build *b, PlaceId writer, PlaceId value, PlaceId spec, bool is_debug) {
    JirArg text = arg_ref(value);
    if (is_debug || !is_string(b, jir_place_type(b->fn, value))) {
        PlaceId inner = writer_new(b, LANG_STRING_WRITER);
        if (is_debug)
            build_debug(b, inner, value);
        else
            build_display(b, inner, value);
        PlaceId string = temp_new(b, type_lang(b->program, LANG_STRING, NULL, 0));
        writer_finish(b, inner, string);
        temp_register(b, string);
        text = arg_ref(string);
    }
    JirArg args[] = {arg_mut(b, writer), text, arg_ref(spec)};
    call_lang(b, LANG_WRITE_PADDED, NULL, 0, args, 3, (PlaceId){0});
}

static void write_with_spec(Build *b, PlaceId writer, PlaceId value, Text text) {
    Spec spec = spec_parse(text);
    bool is_debug = spec.form == '?';
    TypeKind kind = kind_of(b, jir_place_type(b->fn, value));
    PlaceId place = spec_place(b, &spec);
    if (type_kind_is_integer(kind) && !is_debug)
        write_integer(b, writer, value, place, kind);
    else if (type_kind_is_float(kind) && !is_debug)
        write_float(b, writer, value, place, kind);
    else
        write_other(b, writer, value, place, is_debug);
}

// ---- interpolation -------------------------------------------------------------------------------------------------

void build_interp(Build *b, NodeId n, PlaceId dst) {
    uint32_t count = ast_interp_count(b->ast, n);
    PlaceId *places = ARENA_ARRAY(b->arena, PlaceId, count + 1);
    NodeId *values = ARENA_ARRAY(b->arena, NodeId, count + 1);
    for (uint32_t i = 0; i < count; i++)
        values[i] = ast_interp_part(b->ast, n, i, b->arena).expr;
    printed_places(b, values, count, places);
    token_at(b, n);
    PlaceId writer = writer_new(b, LANG_STRING_WRITER);
    for (uint32_t i = 0; i < count; i++) {
        AstInterpPart part = ast_interp_part(b->ast, n, i, b->arena);
        if (!part.expr.v)
            write_literal(b, writer, part.literal);
        else if (part.spec.size)
            write_with_spec(b, writer, places[i], part.spec);
        else
            build_display(b, writer, places[i]);
    }
    writer_finish(b, writer, dst);
}
