// Struct literals, of structs and of variants with named values.
#include "sema/body.h"

// What the type of a struct literal or pattern names: Type, module.Type, Type[A], E.Variant; Variant where the type at
// hand (`hint`, may be 0) has it.
Path shape_path(Body *b, NodeId n, TypeId hint) {
    if (kind_of(b, n) != NODE_TYPE_NAME) {
        TypeId type = sema_type(&b->env, n);
        return (Path){.kind = is_poison(b, type) ? PATH_ERROR : PATH_TYPE, .type = type};
    }
    AstList parts = ast_path(b->ast, n).parts;
    if (parts.count == 0)
        return (Path){.kind = PATH_ERROR};
    Path path = {.kind = PATH_UNKNOWN};
    NodeId first = AST_ITEM(parts, 0);
    if (parts.count == 1 && hint.v != 0) {
        Path of_hint = {.kind = PATH_TYPE, .type = hint};
        path = path_member_quietly(b, &of_hint, name_of(b, first));
        if (path.kind == PATH_VARIANT)
            return path;
    }
    path = path_of(b, first);
    for (uint32_t i = 1; i < parts.count && (path.kind == PATH_MODULE || path.kind == PATH_TYPE); i++) {
        NodeId part = AST_ITEM(parts, i);
        Path next = path_member_quietly(b, &path, name_of(b, part));
        if (next.kind == PATH_UNKNOWN) {
            REPORT(b, E0336, main_span(b, part), "`%s` is not found in `%s`", cstr(b, name_of(b, part)),
                   source_text(b, main_span(b, AST_ITEM(parts, i - 1))));
            return (Path){.kind = PATH_ERROR};
        }
        path = next;
    }
    if (path.kind == PATH_UNKNOWN) {
        report_unknown_name(b, first);
        return (Path){.kind = PATH_ERROR};
    }
    if (path.kind == PATH_TYPE || path.kind == PATH_VARIANT || path.kind == PATH_ERROR)
        return path;
    REPORT(b, E0332, span_of(b, n), "a struct or a variant is expected here");
    return (Path){.kind = PATH_ERROR};
}

const char *shape_with_names(Body *b, const char *name, const Fields *fields, const char *after) {
    Buffer text = {0};
    buffer_printf(&text, "%s {", name);
    for (uint32_t i = 0; i < fields->count; i++)
        buffer_printf(&text, "%s %s%s", i == 0 ? "" : ",", cstr(b, program_decl(b->program, fields->fields[i])->name),
                      after);
    buffer_cstr(&text, " }");
    const char *result = arena_printf(b->arena, "%.*s", TEXT_ARG(buffer_view(&text))).data;
    vec_free(&text);
    return result;
}

const char *shape_with_values(Body *b, const char *name, const Fields *fields, const char *value) {
    Buffer text = {0};
    for (uint32_t i = 0; i < fields->count; i++)
        buffer_printf(&text, "%s%s", i == 0 ? "(" : ", ", value);
    buffer_cstr(&text, fields->count > 0 ? ")" : "");
    const char *result = arena_printf(b->arena, "%s%.*s", name, TEXT_ARG(buffer_view(&text))).data;
    vec_free(&text);
    return result;
}

typedef struct Literal {
    NodeId node;
    TypeId type; // of the whole
    uint32_t variant;
    const Fields *fields;
    bool *given;      // by field: checked already
    bool *is_written; // by field: somewhere in it
} Literal;

// The most similar field that the literal does not give; it is taken for given.
static SymbolId similar_missing(Body *b, Literal *lit, SymbolId name) {
    uint32_t best = symbol(b->program, name).size < 5 ? 2 : 3, index = 0;
    SymbolId found = {0};
    for (uint32_t i = 0; i < lit->fields->count; i++) {
        SymbolId field = program_decl(b->program, lit->fields->fields[i])->name;
        uint32_t distance = text_distance(symbol(b->program, field), symbol(b->program, name), best);
        if (!lit->is_written[i] && distance < best) {
            best = distance;
            found = field;
            index = i;
        }
    }
    if (found.v != 0)
        lit->given[index] = lit->is_written[index] = true;
    return found;
}

static void mark_written(Body *b, Literal *lit, AstList inits) {
    for (uint32_t k = 0; k < inits.count; k++)
        for (uint32_t i = 0; i < lit->fields->count; i++)
            if (kind_of(b, AST_ITEM(inits, k)) == NODE_FIELD_INIT &&
                program_decl(b->program, lit->fields->fields[i])->name.v == name_of(b, AST_ITEM(inits, k)).v)
                lit->is_written[i] = true;
}

static void check_field_init(Body *b, Literal *lit, NodeId init) {
    SymbolId name = name_of(b, init);
    NodeId value = ast_unary(b->ast, init).child;
    for (uint32_t i = 0; i < lit->fields->count; i++) {
        const Decl *field = program_decl(b->program, lit->fields->fields[i]);
        if (field->name.v != name.v)
            continue;
        if (lit->given[i])
            REPORT(b, E0363, main_span(b, init), "the field `%s` is given twice", cstr(b, name));
        lit->given[i] = true;
        if (!field->is_pub && field->module.v != b->module.v &&
            program_decl(b->program, field->parent)->kind == DECL_STRUCT) {
            Report *r = REPORT(b, E0338, main_span(b, init), "the field `%s` of `%s` is private", cstr(b, name),
                               show(b, lit->type));
            report_note(r, decl_span(b->program, lit->fields->fields[i]), "it is declared here, without `pub`");
        }
        Resolution *r = resolve(b, init, REF_FIELD);
        r->decl = lit->fields->fields[i];
        r->index = i;
        TypeId type = shape_field_type(b->program, lit->type, lit->variant, i);
        check_expr(b, value, &(Want){.type = type, .why = WHY_FIELD, .decl = lit->fields->fields[i]});
        b->facts->types[init.v] = type;
        return;
    }
    Report *r = REPORT(b, E0361, main_span(b, init), "`%s` has no field `%s`", show(b, lit->type), cstr(b, name));
    SymbolId similar = similar_missing(b, lit, name);
    if (similar.v != 0)
        report_fix(r, main_span(b, init), symbol(b->program, similar), "use the field that exists");
    check_value(b, value);
}

static bool has_default(Body *b, DeclId field) {
    const Ast *ast = program_ast(b->program, field);
    NodeId node = program_decl(b->program, field)->node;
    return ast_kind(ast, node) == NODE_FIELD_DECL && ast_param(ast, node).default_value.v != 0;
}

static void check_missing(Body *b, const Literal *lit, NodeId type_node) {
    Buffer names = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < lit->fields->count; i++) {
        if (lit->given[i])
            continue;
        if (has_default(b, lit->fields->fields[i])) {
            sema_field_default(b->sema, lit->fields->fields[i]);
            continue;
        }
        buffer_printf(&names, "%s`%s`", count++ == 0 ? "" : ", ",
                      cstr(b, program_decl(b->program, lit->fields->fields[i])->name));
    }
    if (count > 0) {
        Text text = buffer_view(&names);
        Report *r = REPORT(b, E0362, span_of(b, type_node), "%s missing in this `%s`",
                           count == 1 ? "a field is" : "fields are", show(b, lit->type));
        report_label(r, "without %.*s", TEXT_ARG(text));
        report_help(r, "give every field, or take the others from another value: `..other`");
    }
    vec_free(&names);
}

static void check_unknown_literal(Body *b, AstStructLit e) {
    for (uint32_t i = 0; i < e.fields.count; i++)
        if (kind_of(b, AST_ITEM(e.fields, i)) == NODE_FIELD_INIT)
            check_value(b, ast_unary(b->ast, AST_ITEM(e.fields, i)).child);
    if (e.base.v != 0)
        check_value(b, e.base);
}

static void report_no_names(Body *b, AstStructLit e, DeclId variant, const Fields *fields) {
    const char *name = source_text(b, span_of(b, e.type));
    Report *r = REPORT(b, E0335, span_of(b, e.type), "the values of the variant `%s` have no names",
                       cstr(b, program_decl(b->program, variant)->name));
    report_note(r, decl_span(b->program, variant), "it is declared here");
    report_help(r, "they stand in parentheses: `%s`", shape_with_values(b, name, fields, "…"));
}

static bool open_literal(Body *b, Literal *lit, AstStructLit e, const Want *want) {
    TypeId hint = want->type.v != 0 ? shallow(b, want->type) : (TypeId){0};
    while (hint.v != 0 && type_of(b, hint)->kind == TY_OPTIONAL)
        hint = shallow(b, first_arg(b, hint));
    Path path = shape_path(b, e.type, (TypeId){0});
    if (path.kind == PATH_ERROR)
        return false;
    lit->type = shallow(b, path.type);
    const Type *t = type_of(b, lit->type);
    if (path.kind == PATH_VARIANT) {
        const Decl *variant = program_decl(b->program, path.decl);
        lit->variant = variant_decl_number(b->program, path.decl);
        lit->fields = &program_shape(b->program, variant->parent)->variant_fields[variant->index];
        Resolution *r = resolve(b, lit->node, REF_VARIANT);
        r->decl = path.decl;
        r->index = variant->index;
        r->type_args = t->args;
        r->type_arg_count = t->arg_count;
        if (lit->fields->is_tuple && lit->fields->count > 0) {
            report_no_names(b, e, path.decl, lit->fields);
            return false;
        }
    } else if (t->kind == TY_STRUCT) {
        lit->fields = &program_shape(b->program, t->decl)->fields;
        resolve(b, lit->node, REF_TYPE)->type = lit->type;
    } else {
        if (t->kind != TY_POISON)
            REPORT(b, E0332, span_of(b, e.type), "`%s` is no struct", show(b, lit->type));
        return false;
    }
    if (hint.v != 0 && t->flags & TYPE_HAS_VAR)
        infer_unify(b->infer, lit->type, hint);
    return true;
}

TypeId check_struct_lit(Body *b, NodeId n, const Want *want) {
    AstStructLit e = ast_struct_lit(b->ast, n);
    Literal lit = {.node = n};
    if (!open_literal(b, &lit, e, want)) {
        check_unknown_literal(b, e);
        return poison(b);
    }
    lit.given = ARENA_ARRAY(b->arena, bool, lit.fields->count + 1);
    lit.is_written = ARENA_ARRAY(b->arena, bool, lit.fields->count + 1);
    mark_written(b, &lit, e.fields);
    bool generic = type_of(b, lit.type)->flags & TYPE_HAS_VAR;
    for (uint32_t turn = 0; turn < (generic ? 2u : 1u); turn++)
        for (uint32_t i = 0; i < e.fields.count; i++) {
            NodeId init = AST_ITEM(e.fields, i);
            if (kind_of(b, init) == NODE_FIELD_INIT &&
                (!generic || is_literal(b, ast_unary(b->ast, init).child) == (turn == 1)))
                check_field_init(b, &lit, init);
        }
    if (e.base.v != 0)
        check_typed(b, e.base, lit.type, WHY_NONE, (Span){0});
    else
        check_missing(b, &lit, e.type);
    require_shape_bounds(b, lit.type, span_of(b, e.type));
    return lit.type;
}
