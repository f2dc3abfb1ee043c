// Fields of structs and variants; error unions; what a shape may not hold: itself without a Box, a borrow.
#include "sema/tables.h"

#include <stdlib.h>

static const Ast *ast_of(const Sema *sema, DeclId decl) {
    return program_ast(sema->program, decl);
}

// ---- fields ---------------------------------------------------------------------------------------------------------

static void check_field_name(Sema *sema, const Fields *fields, uint32_t index, MapU64 *seen) {
    Program *p = sema->program;
    SymbolId name = program_decl(p, fields->fields[index])->name;
    uint32_t first;
    if (name.v == 0)
        return;
    if (!map_get(seen, name.v, &first)) {
        map_set(seen, name.v, fields->fields[index].v);
        return;
    }
    Report *report = REPORT_AT(sema, E0201, decl_span(p, fields->fields[index]), "the field `%.*s` is declared twice",
                               SYMBOL_ARG(p, name));
    report_label(report, "declared again");
    report_note(report, decl_span(p, (DeclId){first}), "first declared here");
}

// A field of a value outlives the call it was made in: it cannot borrow, except in std's views.
static TypeId field_type(Env *env, DeclId parent, AstParam field) {
    Program *p = env->sema->program;
    if (field.type.v == 0)
        return type_builtin(p->types, TY_POISON);
    TypeId type = sema_type(env, field.type);
    const Shape *shape =
        program_shape(p, program_decl(p, parent)->kind == DECL_VARIANT ? program_decl(p, parent)->parent : parent);
    if (shape->is_view || shape->is_owner || shape->is_copy_cheap)
        return type;
    if (type_refuse_projection(env, field.type, type, "stored in a field"))
        return type_builtin(p->types, TY_POISON);
    const Type *t = type_get(p->types, type);
    bool is_nursery = type_is_lang(p, type, LANG_NURSERY); // a view in all but its making: it ends with its block
    if (t->flags & TYPE_HAS_REF || is_nursery) {
        Report *report = REPORT_AT(env->sema, E0355, ast_span(program_module(p, env->module)->ast, field.type),
                                   "a view cannot be stored in a field");
        report_label(report, is_nursery ? "a `%.*s` ends with its block" : "`%.*s` borrows what it looks at",
                     TYPE_ARG(p, type));
        report_help(
            report,
            is_nursery
                ? "lend it to the functions that spawn in it: `func f(n: Nursery)`"
                : "store a value of one's own, such as a list `[]T`, or pass the view to the functions that use it");
        return type_builtin(p->types, TY_POISON);
    }
    if (t->kind == TY_VOID || t->kind == TY_NEVER || t->kind == TY_RESULT) {
        Report *report = REPORT_AT(env->sema, E0360, ast_span(program_module(p, env->module)->ast, field.type),
                                   "a field cannot be of type `%.*s`", TYPE_ARG(p, type));
        report_label(report, t->kind == TY_RESULT ? "an error is handled where it occurs"
                                                  : "there are no values of it to store");
        return type_builtin(p->types, TY_POISON);
    }
    return type;
}

static Fields make_fields(Env *env, DeclId parent, AstList list, bool is_tuple) {
    Program *p = env->sema->program;
    const Ast *ast = program_module(p, env->module)->ast;
    Fields fields = {.is_tuple = is_tuple};
    MapU64 seen = {0};
    fields.fields = ARENA_ARRAY(env->sema->arena, DeclId, list.count);
    fields.types = ARENA_ARRAY(env->sema->arena, TypeId, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId node = AST_ITEM(list, i);
        if (ast_kind(ast, node) != NODE_FIELD_DECL)
            continue;
        AstParam field = ast_param(ast, node);
        uint32_t at = fields.count++;
        fields.fields[at] = program_add_decl(
            p, (Decl){.kind = DECL_FIELD,
                      .module = env->module,
                      .node = node,
                      .name = ast_symbol(ast, field.name),
                      .parent = parent,
                      .index = at,
                      .is_pub = field.is_pub || is_tuple || program_decl(p, parent)->kind == DECL_VARIANT});
        fields.types[at] = field_type(env, parent, field);
        check_field_name(env->sema, &fields, at, &seen);
    }
    map_free(&seen);
    return fields;
}

// ---- variants and unions --------------------------------------------------------------------------------------------

static void make_variants(Env *env, Shape *shape) {
    Program *p = env->sema->program;
    const Ast *ast = program_module(p, env->module)->ast;
    MapU64 seen = {0};
    for (uint32_t i = 0; i < shape->variant_count; i++) {
        DeclId variant = shape->variants[i];
        SymbolId name = program_decl(p, variant)->name;
        uint32_t first;
        if (name.v != 0 && map_get(&seen, name.v, &first)) {
            Report *report = REPORT_AT(env->sema, E0201, decl_span(p, variant), "the variant `%.*s` is declared twice",
                                       SYMBOL_ARG(p, name));
            report_label(report, "declared again");
            report_note(report, decl_span(p, (DeclId){first}), "first declared here");
        } else {
            map_set(&seen, name.v, variant.v);
        }
        AstVariant row = ast_variant(ast, program_decl(p, variant)->node);
        shape->variant_fields[i] = make_fields(env, variant, row.fields, row.is_tuple);
    }
    map_free(&seen);
}

static bool is_union(const Sema *sema, DeclId decl) {
    return ast_kind(ast_of(sema, decl), program_decl(sema->program, decl)->node) == NODE_ERROR_UNION;
}

enum { UNION_OPEN = 1, UNION_DONE = 2, UNION_DEPTH = 256 };

static void make_union(Sema *sema, DeclId decl, MapU64 *states, uint32_t depth);

static int compare_decls(const void *a, const void *b) {
    uint32_t x = ((const DeclId *)a)->v, y = ((const DeclId *)b)->v;
    return x < y ? -1 : x > y;
}

// The variants of an error union are those of its members, once each, in order of their ids.
static void collect_union(Sema *sema, DeclId decl, MapU64 *states, uint32_t depth) {
    Program *p = sema->program;
    const Ast *ast = ast_of(sema, decl);
    AstList members = ast_shape(ast, program_decl(p, decl)->node).members;
    Env env = sema_env_of(sema, decl);
    VEC(DeclId) variants = {0};
    for (uint32_t i = 0; i < members.count; i++) {
        NodeId node = AST_ITEM(members, i);
        TypeId type = sema_type(&env, node);
        const Type *t = type_get(p->types, type);
        uint32_t state = 0;
        if (t->kind == TY_POISON)
            continue;
        if (t->kind != TY_ERROR) {
            Report *report =
                REPORT_AT(sema, E0357, ast_span(ast, node), "`%.*s` is not an error set", TYPE_ARG(p, type));
            report_label(report, "a union is made of sets declared with `error`");
            continue;
        }
        map_get(states, t->decl.v, &state);
        if (state == UNION_OPEN) {
            Report *report =
                REPORT_AT(sema, E0359, ast_span(ast, node), "the error set `%.*s` contains itself", DECL_ARG(p, decl));
            report_label(report, "this leads back to `%.*s`", DECL_ARG(p, decl));
            continue;
        }
        if (is_union(sema, t->decl))
            make_union(sema, t->decl, states, depth + 1);
        const Shape *member = program_shape(p, t->decl);
        for (uint32_t j = 0; j < member->variant_count; j++)
            vec_push(&variants, member->variants[j]);
    }
    if (variants.count > 1)
        qsort(variants.items, variants.count, sizeof(DeclId), compare_decls);
    Shape *shape = program_shape(p, decl);
    shape->variants = ARENA_ARRAY(sema->arena, DeclId, variants.count);
    for (uint32_t i = 0; i < variants.count; i++)
        if (i == 0 || variants.items[i].v != variants.items[i - 1].v)
            shape->variants[shape->variant_count++] = variants.items[i];
    vec_free(&variants);
}

static void fill_union_fields(Sema *sema, Shape *shape) {
    Program *p = sema->program;
    shape->variant_fields = ARENA_ARRAY(sema->arena, Fields, shape->variant_count);
    for (uint32_t i = 0; i < shape->variant_count; i++) {
        const Decl *variant = program_decl(p, shape->variants[i]);
        shape->variant_fields[i] = program_shape(p, variant->parent)->variant_fields[variant->index];
    }
}

static void make_union(Sema *sema, DeclId decl, MapU64 *states, uint32_t depth) {
    uint32_t state = 0;
    map_get(states, decl.v, &state);
    if (state != 0)
        return;
    if (depth > UNION_DEPTH) {
        Report *report = REPORT_AT(sema, E0120, decl_span(sema->program, decl), "error sets are nested too deeply");
        report_label(report, "made of more than %d sets inside each other", UNION_DEPTH);
        map_set(states, decl.v, UNION_DONE);
        return;
    }
    map_set(states, decl.v, UNION_OPEN);
    collect_union(sema, decl, states, depth);
    map_set(states, decl.v, UNION_DONE);
}

void shapes_make_unions(Sema *sema) {
    Program *p = sema->program;
    MapU64 states = {0};
    uint32_t count = p->decls.count;
    for (uint32_t i = 1; i < count; i++)
        if (p->shapes[i] != NULL && is_union(sema, (DeclId){i})) {
            make_union(sema, (DeclId){i}, &states, 0);
            fill_union_fields(sema, p->shapes[i]);
        }
    map_free(&states);
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

void shape_make(Sema *sema, DeclId decl) {
    Program *p = sema->program;
    const Decl row = *program_decl(p, decl);
    if (row.kind == DECL_ERROR && is_union(sema, decl))
        return; // after all others
    if (row.kind == DECL_ALIAS) {
        alias_target(sema, decl);
        return;
    }
    AstShape parts = ast_shape(ast_of(sema, decl), row.node);
    Shape *shape = program_shape(p, decl);
    Env env = sema_env_of(sema, decl);
    if (row.kind == DECL_STRUCT)
        shape->fields = make_fields(&env, decl, parts.members, false);
    else
        make_variants(&env, shape);
    derives_make(sema, decl, parts.derives);
}

// ---- recursion ------------------------------------------------------------------------------------------------------

enum { SHAPE_OPEN = 1, SHAPE_REPORTED, SHAPE_DONE };

typedef struct {
    DeclId field;
    DeclId shape;
} Step;

typedef struct {
    Sema *sema;
    uint8_t *states; // by DeclId; 0: unseen
    VEC(Step) path;
} Recursion;

static void report_recursion(Recursion *r, DeclId shape, DeclId field) {
    Program *p = r->sema->program;
    uint32_t start = 0;
    for (uint32_t i = 0; i < r->path.count; i++)
        if (r->path.items[i].shape.v == shape.v)
            start = i;
    DeclKind declared = program_decl(p, shape)->kind;
    const char *kind = declared == DECL_ENUM ? "enum" : declared == DECL_ERROR ? "error" : "struct";
    const Ast *ast = program_ast(p, field);
    NodeId type_node = ast_param(ast, program_decl(p, field)->node).type;
    Span span = type_node.v != 0 ? ast_span(ast, type_node) : decl_span(p, field);
    Report *report = REPORT_AT(r->sema, E0353, span, "the %s `%.*s` contains itself", kind, DECL_ARG(p, shape));
    report_label(report, "this would make its values infinitely large");
    report_note(report, decl_span(p, shape), "`%.*s` is declared here", DECL_ARG(p, shape));
    for (uint32_t i = start + 1; i < r->path.count; i++)
        report_note(report, decl_span(p, r->path.items[i].field), "here it holds a `%.*s`",
                    DECL_ARG(p, r->path.items[i].shape));
    Text written = {ast->source.data + span.start, span.end - span.start};
    bool optional = written.size > 1 && written.data[0] == '?';
    Text inner = optional ? (Text){written.data + 1, written.size - 1} : written;
    Text fixed = arena_printf(r->sema->arena, "%sBox[%.*s]", optional ? "?" : "", TEXT_ARG(inner));
    report_help(report, "a Box holds its value elsewhere: `%.*s`", TEXT_ARG(fixed));
    if (type_node.v != 0)
        report_fix(report, span, fixed, "put it into a Box");
}

static void visit_shape(Recursion *r, DeclId shape, DeclId field);

// What a field holds in place. Owners and views of std hold raw pointers only; `seen` bounds the walk through
// arguments.
static void visit_type(Recursion *r, TypeId type, DeclId field, uint32_t depth) {
    Program *p = r->sema->program;
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_STRUCT:
    case TY_ERROR:
    case TY_ENUM: {
        const Shape *shape = program_shape(p, t->decl);
        visit_shape(r, t->decl, field);
        if (shape->is_owner || shape->is_view || depth > 32)
            return;
        for (uint32_t i = 0; i < t->arg_count; i++)
            if (shape_holds_param(p, shape, i, 0))
                visit_type(r, t->args[i], field, depth + 1);
        return;
    }
    case TY_TUPLE:
    case TY_ARRAY:
    case TY_OPTIONAL:
        for (uint32_t i = 0; i < t->arg_count; i++)
            visit_type(r, t->args[i], field, depth);
        return;
    default: return;
    }
}

static bool type_holds_param(const Program *p, TypeId type, DeclId param, uint32_t depth) {
    const Type *t = type_get(p->types, type);
    if (!(t->flags & TYPE_HAS_PARAM) || depth > 16)
        return false;
    if (t->kind == TY_PARAM)
        return t->decl.v == param.v;
    if (t->kind == TY_STRUCT || t->kind == TY_ENUM) {
        const Shape *shape = program_shape(p, t->decl);
        for (uint32_t i = 0; i < t->arg_count && !shape->is_owner && !shape->is_view; i++)
            if (type_holds_param(p, t->args[i], param, depth + 1) && shape_holds_param(p, shape, i, depth + 1))
                return true;
        return false;
    }
    if (t->kind != TY_TUPLE && t->kind != TY_ARRAY && t->kind != TY_OPTIONAL)
        return false;
    for (uint32_t i = 0; i < t->arg_count; i++)
        if (type_holds_param(p, t->args[i], param, depth + 1))
            return true;
    return false;
}

bool shape_holds_param(const Program *p, const Shape *shape, uint32_t index, uint32_t depth) {
    if (depth > 16)
        return false;
    for (uint32_t i = 0; i < shape->fields.count; i++)
        if (type_holds_param(p, shape->fields.types[i], shape->type_params[index], depth))
            return true;
    for (uint32_t v = 0; v < shape->variant_count; v++)
        for (uint32_t i = 0; i < shape->variant_fields[v].count; i++)
            if (type_holds_param(p, shape->variant_fields[v].types[i], shape->type_params[index], depth))
                return true;
    return false;
}

static void visit_fields(Recursion *r, const Fields *fields) {
    for (uint32_t i = 0; i < fields->count; i++)
        visit_type(r, fields->types[i], fields->fields[i], 0);
}

static void visit_shape(Recursion *r, DeclId decl, DeclId field) {
    uint8_t state = r->states[decl.v];
    if (state == SHAPE_OPEN && field.v != 0) {
        report_recursion(r, decl, field);
        r->states[decl.v] = SHAPE_REPORTED;
    }
    if (state != 0 || r->path.count > 2000)
        return;
    r->states[decl.v] = SHAPE_OPEN;
    vec_push(&r->path, (Step){field, decl});
    const Shape *shape = program_shape(r->sema->program, decl);
    visit_fields(r, &shape->fields);
    for (uint32_t v = 0; v < shape->variant_count; v++)
        visit_fields(r, &shape->variant_fields[v]);
    r->path.count--;
    r->states[decl.v] = SHAPE_DONE;
}

void shapes_check_recursion(Sema *sema) {
    Program *p = sema->program;
    Recursion r = {.sema = sema, .states = ARENA_ARRAY(sema->arena, uint8_t, p->decls.count)};
    uint32_t count = p->decls.count;
    for (uint32_t i = 1; i < count; i++)
        if (p->shapes[i] != NULL)
            visit_shape(&r, (DeclId){i}, (DeclId){0});
    vec_free(&r.path);
}
