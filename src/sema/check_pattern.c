// Patterns against types: what they match, what they bind.
#include "sema/body.h"

typedef struct Pattern {
    BindKind kind;
    bool refutable;
    bool is_rebinding; // a later alternative of A | B: its names are those of the first
} Pattern;

static void check_in(Body *b, NodeId n, TypeId type, Pattern how);

// The value itself: projections, Boxes and, where a pattern may fail, optionals looked through.
static TypeId inside(Body *b, TypeId type, bool refutable) {
    type = shallow(b, type);
    for (;;) {
        if (is_boxed(b, type) || (refutable && type_of(b, type)->kind == TY_OPTIONAL))
            type = shallow(b, first_arg(b, type));
        else
            return type;
    }
}

static void report_pattern_type(Body *b, NodeId n, TypeId type, const char *what) {
    if (type_of(b, full_type(b, type))->flags & TYPE_HAS_POISON)
        return;
    const Type *t = type_of(b, shallow(b, type));
    bool names_it = t->kind == TY_STRUCT && kind_of(b, n) == NODE_NAME &&
                    program_decl(b->program, t->decl)->name.v == name_of(b, n).v;
    Report *r = REPORT(b, E0601, span_of(b, n), "%s cannot match a `%s`", what, show(b, type));
    report_label(r, "the value here is a `%s`", show(b, type));
    if (names_it)
        report_help(r, "a struct is taken apart in braces: `%s { field, .. }`", cstr(b, name_of(b, n)));
}

// ---- names ----------------------------------------------------------------------------------------------------------

static void declare(Body *b, NodeId n, SymbolId name, Span span, TypeId type, BindKind kind, bool is_rebinding) {
    if (!is_rebinding) {
        scope_add(b, name, n, span, type, kind);
        return;
    }
    Local *first = scope_find(b, name);
    if (first == NULL) {
        REPORT(b, E0602, span, "`%s` is not bound by the alternative before", cstr(b, name));
    } else if (!infer_unify(b->infer, shallow(b, first->type), shallow(b, type))) {
        Report *r = REPORT(b, E0602, span, "`%s` is a `%s` here and a `%s` in the alternative before", cstr(b, name),
                           show(b, type), show(b, first->type));
        report_note(r, first->span, "it is bound here first");
    } else {
        resolve(b, n, REF_LOCAL)->node = first->binder;
    }
}

// A binder takes the value inside an optional where the pattern may fail; a projection stays one. Of a ??T that is a
// ?T: generic code, which does not see what T is, must bind the same.
static TypeId bound_type(Body *b, TypeId type, bool refutable) {
    const Type *t = type_of(b, shallow(b, type));
    return refutable && t->kind == TY_OPTIONAL ? t->args[0] : type;
}

static void check_bind(Body *b, NodeId n, TypeId type, Pattern how) {
    AstPatBind bind = ast_pat_bind(b->ast, n);
    TypeId bound = bound_type(b, type, how.refutable);
    if (bind.pattern.v != 0) {
        check_in(b, bind.pattern, type, how);
        if (same_type(shallow(b, b->facts->types[bind.pattern.v]), shallow(b, type)))
            bound = type;
    }
    b->facts->types[n.v] = shallow(b, bound);
    const Type *lent = type_of(b, shallow_keep(b, bound));
    if (bind.is_mut && lent->kind == TY_REF && !lent->is_mut) {
        Report *r = REPORT(b, E0382, span_of(b, n), "cannot bind it as `mut`: the value here is lent for reading only");
        report_label(r, "this is a `%s`", show(b, shallow_keep(b, bound)));
    }
    declare(b, n, ast_symbol(b->ast, bind.name), ast_token_span(b->ast, bind.name), bound,
            bind.is_mut ? BIND_MUT : how.kind, how.is_rebinding);
}

// ---- variants -------------------------------------------------------------------------------------------------------

static bool own_variant(Body *b, TypeId type, SymbolId name, DeclId *found) {
    const Type *t = type_of(b, type);
    const DeclId *variants = NULL;
    uint32_t count = 0;
    if (t->kind == TY_ENUM) {
        variants = program_shape(b->program, t->decl)->variants;
        count = program_shape(b->program, t->decl)->variant_count;
    } else if (is_error_type(b, type)) {
        error_known(b->sema, type, &variants, &count);
    }
    for (uint32_t i = 0; i < count; i++)
        if (program_decl(b->program, variants[i])->name.v == name.v) {
            *found = variants[i];
            return true;
        }
    return false;
}

static void report_no_variant(Body *b, NodeId path, TypeId type) {
    SymbolId name = name_of(b, path);
    Report *r = REPORT(b, E0603, main_span(b, path), "`%s` has no variant `%s`", show(b, type), cstr(b, name));
    SymbolId similar = similar_member(b, type, name, false, false);
    if (similar.v != 0)
        report_fix(r, main_span(b, path), symbol(b->program, similar), "use the variant that exists");
    note_variant(b, r, type, similar);
    if (similar.v == 0 && type_of(b, type)->decl.v != 0)
        report_note(r, decl_span(b->program, type_of(b, type)->decl), "`%s` is declared here", show(b, type));
}

// The variant a path in a pattern names: E.Variant, or Variant of the type at hand. 0 after a report or if it is a
// constant.
static DeclId pattern_variant(Body *b, NodeId path, TypeId type, Path *other) {
    DeclId variant;
    *other = (Path){.kind = PATH_ERROR};
    if (kind_of(b, path) == NODE_NAME && own_variant(b, type, name_of(b, path), &variant))
        return variant;
    if (is_poison(b, type))
        return (DeclId){0};
    Path found = path_of(b, path);
    if (found.kind == PATH_VARIANT) {
        bool fits = is_error_type(b, type) ? is_error_type(b, found.type) : infer_unify(b->infer, found.type, type);
        if (fits)
            return found.decl;
        report_pattern_type(b, path, type, arena_printf(b->arena, "a variant of `%s`", show(b, found.type)).data);
        return (DeclId){0};
    }
    if (found.kind == PATH_CONST) {
        *other = found;
        return (DeclId){0};
    }
    TypeKind kind = type_of(b, type)->kind;
    bool has_variants = kind == TY_ENUM || is_error_type(b, type);
    if ((found.kind == PATH_UNKNOWN || found.kind == PATH_TYPE) && has_variants)
        report_no_variant(b, path, type);
    else if (found.kind == PATH_ASSOC)
        report_no_variant(b, path, found.type);
    else if (found.kind == PATH_UNKNOWN)
        report_unknown_name(b, path);
    else if (found.kind != PATH_ERROR)
        report_pattern_type(b, path, type, "this");
    return (DeclId){0};
}

static Resolution *resolve_variant(Body *b, NodeId n, DeclId variant, TypeId type) {
    Resolution *r = resolve(b, n, REF_VARIANT);
    r->decl = variant;
    r->index = program_decl(b->program, variant)->index;
    const Type *t = type_of(b, type);
    r->type_args = t->args;
    r->type_arg_count = t->kind == TY_ENUM ? t->arg_count : 0;
    return r;
}

static const Fields *variant_fields(Body *b, DeclId variant) {
    const Decl *row = program_decl(b->program, variant);
    return &program_shape(b->program, row->parent)->variant_fields[row->index];
}

// The type whose payload a variant's pattern sees: of an error, its own error type.
static TypeId variant_owner(Body *b, DeclId variant, TypeId type) {
    if (type_of(b, type)->kind == TY_ENUM)
        return type;
    return type_nominal(b->types, TY_ERROR, program_decl(b->program, variant)->parent, NULL, 0);
}

// `Pair(..)` is how others leave all values of a variant out.
static bool is_rest(const Body *b, AstList args) {
    if (args.count != 1 || kind_of(b, AST_ITEM(args, 0)) != NODE_PAT_RANGE)
        return false;
    AstBinary ends = ast_binary(b->ast, AST_ITEM(args, 0));
    return ends.left.v == 0 && ends.right.v == 0;
}

static void help_count(Body *b, Report *r, NodeId n, const Fields *fields, AstList args) {
    Span at = span_of(b, ast_call(b->ast, n).callee);
    Span all = {at.file, at.end, span_of(b, n).end};
    const char *name = source_text(b, at);
    if (!fields->is_tuple && fields->count > 0) {
        if (is_rest(b, args))
            report_fix(r, all, TEXT(" { .. }"), "its values have names: leave them out between braces");
        else
            report_help(r, "take them by name: `%s`", shape_with_names(b, name, fields, ""));
        return;
    }
    const char *values = shape_with_values(b, "", fields, "_");
    if (fields->count == 0)
        report_fix(r, all, TEXT(""), "write it without parentheses");
    else if (is_rest(b, args))
        report_fix(r, all, text_of(values), "name each value, or leave it out by `_`");
    else if (args.count < fields->count)
        report_help(r, "a value that is not needed is `_`: `%s%s` leaves all of them out", name, values);
}

static void check_variant(Body *b, NodeId n, TypeId type, Pattern how) {
    AstCall e = ast_call(b->ast, n);
    TypeId value = inside(b, type, how.refutable);
    Path other;
    DeclId variant = pattern_variant(b, e.callee, value, &other);
    b->facts->types[n.v] = value;
    if (variant.v == 0) {
        if (other.kind == PATH_CONST)
            report_pattern_type(b, n, value, "a constant with values");
        for (uint32_t i = 0; i < e.args.count; i++)
            check_in(b, AST_ITEM(e.args, i), poison(b), how);
        return;
    }
    resolve_variant(b, n, variant, value);
    const Fields *fields = variant_fields(b, variant);
    bool leaves_out = is_rest(b, e.args);
    if (leaves_out || fields->count != e.args.count || !fields->is_tuple || fields->count == 0) {
        const char *name = cstr(b, program_decl(b->program, variant)->name);
        Report *r = fields->count == 0 ? REPORT(b, E0604, span_of(b, n), "`%s` carries no values", name)
                    : fields->is_tuple || leaves_out
                        ? REPORT(b, E0604, span_of(b, n), "`%s` carries %u value%s, the pattern names %u", name,
                                 fields->count, fields->count == 1 ? "" : "s", leaves_out ? 0 : e.args.count)
                        : REPORT(b, E0604, span_of(b, n), "the values of `%s` have names", name);
        report_note(r, decl_span(b->program, variant), "it is declared here");
        help_count(b, r, n, fields, e.args);
    }
    TypeId owner = variant_owner(b, variant, value);
    uint32_t number = variant_decl_number(b->program, variant);
    for (uint32_t i = 0; i < e.args.count; i++) {
        bool is_known = i < fields->count && !leaves_out;
        TypeId part = is_known ? shape_field_type(b->program, owner, number, i) : poison(b);
        check_in(b, AST_ITEM(e.args, i), part, how);
    }
}

// ---- values and ranges ----------------------------------------------------------------------------------------------

static bool is_path_node(NodeKind kind) {
    return kind == NODE_NAME || kind == NODE_FIELD;
}

static void check_path_value(Body *b, NodeId n, NodeId path, TypeId value) {
    Path other;
    DeclId variant = pattern_variant(b, path, value, &other);
    if (variant.v != 0) {
        resolve_variant(b, n, variant, value);
        uint32_t count = variant_fields(b, variant)->count;
        if (count > 0) {
            Report *r = REPORT(b, E0604, span_of(b, n), "`%s` carries %u value%s, which the pattern leaves out",
                               cstr(b, program_decl(b->program, variant)->name), count, count == 1 ? "" : "s");
            Span at = span_of(b, n);
            if (variant_fields(b, variant)->is_tuple && count == 1)
                report_fix(r, (Span){at.file, at.end, at.end}, TEXT("(_)"), "leave the value unnamed");
        }
        return;
    }
    if (other.kind != PATH_CONST)
        return;
    TypeId type = const_type(b, other.decl, span_of(b, path));
    resolve(b, n, REF_CONST)->decl = other.decl;
    b->facts->types[path.v] = type;
    if (!infer_unify(b->infer, type, value))
        report_pattern_type(b, n, value, arena_printf(b->arena, "a `%s`", show(b, type)).data);
}

static void check_value_pattern(Body *b, NodeId n, TypeId type, Pattern how) {
    NodeId child = ast_unary(b->ast, n).child;
    if (kind_of(b, child) == NODE_NULL) {
        TypeId t = shallow(b, type);
        b->facts->types[n.v] = b->facts->types[child.v] = t;
        if (type_of(b, t)->kind != TY_OPTIONAL)
            report_pattern_type(b, n, t, "`null`");
        return;
    }
    TypeId value = inside(b, type, how.refutable);
    b->facts->types[n.v] = value;
    if (is_path_node(kind_of(b, child))) {
        check_path_value(b, n, child, value);
        return;
    }
    TypeId literal = check_hint(b, child, value);
    if (!infer_unify(b->infer, literal, value))
        report_pattern_type(b, n, value, arena_printf(b->arena, "a `%s`", show(b, literal)).data);
}

static void check_range_pattern(Body *b, NodeId n, TypeId type, Pattern how) {
    AstBinary e = ast_binary(b->ast, n);
    TypeId value = inside(b, type, how.refutable);
    b->facts->types[n.v] = value;
    TypeKind kind = type_of(b, value)->kind;
    NodeId ends[2] = {e.left, e.right};
    for (uint32_t i = 0; i < 2; i++) {
        if (ends[i].v == 0)
            continue;
        TypeId end = check_hint(b, ends[i], value);
        if (!infer_unify(b->infer, end, value))
            report_pattern_type(b, ends[i], value, arena_printf(b->arena, "a `%s`", show(b, end)).data);
    }
    if (kind != TY_POISON && kind != TY_CHAR && !type_kind_is_integer(kind))
        report_pattern_type(b, n, value, "a range");
}

// ---- parts ----------------------------------------------------------------------------------------------------------

static void check_alternatives(Body *b, NodeId n, TypeId type, Pattern how) {
    AstList list = ast_list(b->ast, n);
    uint32_t before = b->shared->locals.count;
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId item = AST_ITEM(list, i);
        Pattern part = how;
        part.is_rebinding = how.is_rebinding || i > 0;
        uint32_t marked = b->facts->resolution_count;
        check_in(b, item, type, part);
        uint32_t bound = 0;
        for (uint32_t k = marked; i > 0 && k < b->facts->resolution_count; k++)
            bound += facts_resolution_at(b->facts, (ResolutionId){k})->kind == REF_LOCAL;
        if (i > 0 && !how.is_rebinding && bound < b->shared->locals.count - before) {
            Report *r = REPORT(b, E0602, span_of(b, item), "this alternative does not bind the names of the first");
            report_note(r, b->shared->locals.items[before].span, "`%s` is bound here",
                        cstr(b, b->shared->locals.items[before].name));
        }
    }
    b->facts->types[n.v] = list.count > 0 ? b->facts->types[list.items[0]] : shallow(b, type);
}

static void check_tuple_pattern(Body *b, NodeId n, TypeId type, Pattern how) {
    AstList list = ast_list(b->ast, n);
    TypeId value = inside(b, type, how.refutable);
    const Type *t = type_of(b, value);
    if (t->kind == TY_VAR && list.count > 0) {
        TypeId *items = ARENA_ARRAY(b->arena, TypeId, list.count);
        for (uint32_t i = 0; i < list.count; i++)
            items[i] = fresh(b, span_of(b, AST_ITEM(list, i)));
        infer_unify(b->infer, value, type_tuple(b->types, items, list.count));
        t = type_of(b, value = shallow(b, value));
    }
    b->facts->types[n.v] = value;
    bool fits = t->kind == TY_TUPLE && t->arg_count == list.count;
    if (!fits && t->kind == TY_TUPLE)
        REPORT(b, E0604, span_of(b, n), "the tuple has %u parts, the pattern %u", t->arg_count, list.count);
    else if (!fits)
        report_pattern_type(b, n, value, "a tuple pattern");
    for (uint32_t i = 0; i < list.count; i++)
        check_in(b, AST_ITEM(list, i), fits ? t->args[i] : poison(b), how);
}

static void check_list_pattern(Body *b, NodeId n, TypeId type, Pattern how) {
    AstList list = ast_list(b->ast, n);
    TypeId value = inside(b, type, how.refutable);
    const Type *t = type_of(b, value);
    b->facts->types[n.v] = value;
    bool fits = t->kind == TY_ARRAY || is_lang(b, value, LANG_LIST) || is_lang(b, value, LANG_SLICE);
    if (!fits)
        report_pattern_type(b, n, value, "a list pattern");
    TypeId item = fits ? t->args[0] : poison(b);
    uint32_t rests = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId part = AST_ITEM(list, i);
        if (kind_of(b, part) != NODE_PAT_REST) {
            check_in(b, part, item, how);
            continue;
        }
        if (++rests > 1)
            REPORT(b, E0607, span_of(b, part), "only one `..` can stand in a list pattern");
        AstPatBind rest = ast_pat_bind(b->ast, part);
        TypeId slice = fits ? lang1(b, LANG_SLICE, item) : poison(b);
        b->facts->types[part.v] = slice;
        if (rest.name.v != 0)
            declare(b, part, ast_symbol(b->ast, rest.name), ast_token_span(b->ast, rest.name), slice,
                    rest.is_mut ? BIND_MUT : how.kind, how.is_rebinding);
    }
    t = type_of(b, full_type(b, value));
    if (fits && t->kind == TY_ARRAY && type_array_is_open(t)) {
        Report *r = REPORT(b, E0604, span_of(b, n), "the array has `%s` elements, which the pattern does not know",
                           show(b, t->args[1]));
        report_help(r, "match a slice of it: `xs[..]`");
    } else if (fits && t->kind == TY_ARRAY && (rests == 0 ? list.count != t->count : list.count - 1 > t->count))
        REPORT(b, E0604, span_of(b, n), "the array has %llu elements, the pattern %u", (unsigned long long)t->count,
               list.count - rests);
}

static void check_field_pattern(Body *b, NodeId n, const Fields *fields, TypeId owner, uint32_t variant, uint32_t *seen,
                                Pattern how) {
    SymbolId name = name_of(b, n);
    NodeId child = ast_unary(b->ast, n).child;
    for (uint32_t i = 0; fields != NULL && i < fields->count; i++) {
        if (program_decl(b->program, fields->fields[i])->name.v != name.v)
            continue;
        Resolution *r = resolve(b, n, REF_FIELD);
        r->decl = fields->fields[i];
        r->index = i;
        (*seen)++;
        TypeId type = shape_field_type(b->program, owner, variant, i);
        check_in(b, child, type, how);
        b->facts->types[n.v] = b->facts->types[child.v];
        return;
    }
    if (fields != NULL) {
        Report *r = REPORT(b, E0336, main_span(b, n), "`%s` has no field `%s`", show(b, owner), cstr(b, name));
        SymbolId similar = similar_member(b, owner, name, false, true);
        if (similar.v != 0)
            report_fix(r, main_span(b, n), symbol(b->program, similar), "use the field that exists");
    }
    check_in(b, child, poison(b), how);
}

// The name of a struct pattern, where it is nothing but a variant that the type at hand does not have.
static NodeId unknown_variant(Body *b, NodeId type, TypeId value) {
    bool has_variants = type_of(b, value)->kind == TY_ENUM || is_error_type(b, value);
    if (kind_of(b, type) != NODE_TYPE_NAME || !has_variants || ast_path(b->ast, type).parts.count != 1)
        return (NodeId){0};
    NodeId name = AST_ITEM(ast_path(b->ast, type).parts, 0);
    DeclId variant;
    bool is_known = own_variant(b, value, name_of(b, name), &variant) || path_of(b, name).kind != PATH_UNKNOWN;
    return is_known ? (NodeId){0} : name;
}

static void report_parts_without_names(Body *b, NodeId type, DeclId variant, const Fields *fields) {
    Report *r = REPORT(b, E0604, span_of(b, type), "the values of `%s` have no names",
                       cstr(b, program_decl(b->program, variant)->name));
    report_note(r, decl_span(b->program, variant), "it is declared here");
    report_help(r, "they stand in parentheses: `%s`",
                shape_with_values(b, source_text(b, span_of(b, type)), fields, "_"));
}

static void check_struct_pattern(Body *b, NodeId n, TypeId type, Pattern how) {
    AstPatStruct e = ast_pat_struct(b->ast, n);
    TypeId value = inside(b, type, how.refutable);
    b->facts->types[n.v] = value;
    const Fields *fields = NULL;
    uint32_t variant = 0;
    TypeId owner = value;
    NodeId unknown = is_poison(b, value) ? (NodeId){0} : unknown_variant(b, e.type, value);
    Path path = {.kind = PATH_ERROR};
    if (unknown.v != 0)
        report_no_variant(b, unknown, value);
    else
        path = shape_path(b, e.type, value);
    if (is_poison(b, value)) {
        path.kind = PATH_ERROR;
    } else if (path.kind == PATH_VARIANT &&
               (is_error_type(b, value) ? is_error_type(b, path.type) : infer_unify(b->infer, path.type, value))) {
        resolve_variant(b, n, path.decl, value);
        fields = variant_fields(b, path.decl);
        variant = variant_decl_number(b->program, path.decl);
        owner = variant_owner(b, path.decl, value);
    } else if (path.kind == PATH_TYPE && kind_of_type(b, path.type) == TY_STRUCT &&
               infer_unify(b->infer, path.type, value)) {
        resolve(b, n, REF_TYPE)->type = value;
        fields = &program_shape(b->program, type_of(b, value)->decl)->fields;
    } else if (path.kind != PATH_ERROR) {
        report_pattern_type(b, n, value, "this pattern");
    }
    if (fields != NULL && fields->is_tuple && fields->count > 0 && e.fields.count > 0) {
        report_parts_without_names(b, e.type, path.decl, fields);
        fields = NULL;
    }
    uint32_t seen = 0;
    for (uint32_t i = 0; i < e.fields.count; i++)
        if (kind_of(b, AST_ITEM(e.fields, i)) == NODE_PAT_FIELD)
            check_field_pattern(b, AST_ITEM(e.fields, i), fields, owner, variant, &seen, how);
    if (fields != NULL && !e.has_rest && seen < fields->count && seen == e.fields.count) {
        Report *r = REPORT(b, E0604, span_of(b, n), "the pattern names %u of %u fields", seen, fields->count);
        report_help(r, "end it with `..` to leave the others out");
    }
}

// ---- entry ----------------------------------------------------------------------------------------------------------

static void check_in(Body *b, NodeId n, TypeId type, Pattern how) {
    switch (kind_of(b, n)) {
    case NODE_PAT_WILD: b->facts->types[n.v] = shallow(b, type); return;
    case NODE_PAT_BIND: check_bind(b, n, type, how); return;
    case NODE_PAT_VALUE: check_value_pattern(b, n, type, how); return;
    case NODE_PAT_RANGE: check_range_pattern(b, n, type, how); return;
    case NODE_PAT_OR: check_alternatives(b, n, type, how); return;
    case NODE_PAT_VARIANT: check_variant(b, n, type, how); return;
    case NODE_PAT_STRUCT: check_struct_pattern(b, n, type, how); return;
    case NODE_PAT_TUPLE: check_tuple_pattern(b, n, type, how); return;
    case NODE_PAT_LIST: check_list_pattern(b, n, type, how); return;
    default: b->facts->types[n.v] = poison(b); return;
    }
}

void check_pattern(Body *b, NodeId n, TypeId type, BindKind kind, bool refutable) {
    check_pattern_beside(b, n, type, kind, refutable, scope_mark(b));
}

void check_pattern_beside(Body *b, NodeId n, TypeId type, BindKind kind, bool refutable, uint32_t mark) {
    uint32_t from = scope_mark(b);
    check_in(b, n, type, (Pattern){.kind = kind, .refutable = refutable});
    scope_names_once(b, mark, from);
}
