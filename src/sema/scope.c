// Names inside bodies: locals, what they hide, what closures capture, and what a path of names stands for.
#include "sema/body.h"
#include "sema/tables.h"

uint32_t scope_mark(Body *b) {
    return b->shared->locals.count;
}

void scope_pop(Body *b, uint32_t mark) {
    struct SemaBodies *s = b->shared;
    while (s->locals.count > mark) {
        Local local = vec_pop(&s->locals);
        if (local.name.v == 0)
            continue;
        s->heads[local.name.v] = local.hidden;
        unused_note(b, &local);
    }
}

static Local *visible(Body *b, SymbolId name) {
    struct SemaBodies *s = b->shared;
    if (name.v == 0 || name.v >= s->head_count || s->heads[name.v] == 0)
        return NULL;
    Local *local = &s->locals.items[s->heads[name.v] - 1];
    return local->body == b->number ? local : NULL;
}

// `var` neither hides another local nor is hidden (language.md 2).
static void report_shadowing(Body *b, const Local *old, SymbolId name, Span span, BindKind kind) {
    bool new_is_var = kind == BIND_VAR;
    Report *r = REPORT(b, E0220, span, "`%s` is already the name of a %s here", cstr(b, name),
                       old->kind == BIND_VAR ? "variable" : "value");
    report_label(r, new_is_var ? "a `var` may not hide another name" : "a `var` may not be hidden");
    report_note(r, old->span, "`%s` was declared here", cstr(b, name));
    report_help(r, "choose another name");
}

// Reports those names bound since `from` that are bound since `mark`, too.
void scope_names_once(Body *b, uint32_t mark, uint32_t from) {
    const Local *locals = b->shared->locals.items;
    for (uint32_t i = from; i < b->shared->locals.count; i++)
        for (uint32_t k = mark; k < i && locals[i].name.v != 0; k++) {
            if (locals[k].name.v != locals[i].name.v)
                continue;
            Report *r = REPORT(b, E0201, locals[i].span, "`%s` is bound twice", cstr(b, locals[i].name));
            report_label(r, "bound again");
            report_note(r, locals[k].span, "first bound here");
            break;
        }
}

Local *scope_add(Body *b, SymbolId name, NodeId binder, Span span, TypeId type, BindKind kind) {
    struct SemaBodies *s = b->shared;
    Local *old = visible(b, name);
    if (old != NULL && (kind == BIND_VAR || old->kind == BIND_VAR))
        report_shadowing(b, old, name, span, kind);
    Local local = {.name = name,
                   .binder = binder,
                   .type = type,
                   .span = span,
                   .kind = kind,
                   .frame = b->frame->depth,
                   .body = b->number};
    if (name.v != 0) {
        if (name.v >= s->head_count)
            bodies_of(b->sema);
        local.hidden = s->heads[name.v];
        s->heads[name.v] = s->locals.count + 1;
    }
    vec_push(&s->locals, local);
    return &vec_last(&s->locals);
}

static void capture(Frame *frame, NodeId binder) {
    for (uint32_t i = 0; i < frame->captures.count; i++)
        if (frame->captures.items[i] == binder.v)
            return;
    vec_push(&frame->captures, binder.v);
}

Local *scope_find(Body *b, SymbolId name) {
    Local *local = visible(b, name);
    if (local == NULL)
        return NULL;
    for (Frame *f = b->frame; f != NULL && f->depth > local->frame; f = f->outer)
        capture(f, local->binder);
    return local;
}

// ---- paths ----------------------------------------------------------------------------------------------------------

static BuiltinId builtin_function(Body *b, SymbolId name) {
    static const struct {
        const char *name;
        BuiltinId id;
    } TABLE[] = {{"println", BUILTIN_PRINTLN}, {"print", BUILTIN_PRINT},        {"eprintln", BUILTIN_EPRINTLN},
                 {"eprint", BUILTIN_EPRINT},   {"panic", BUILTIN_PANIC},        {"unreachable", BUILTIN_UNREACHABLE},
                 {"assert", BUILTIN_ASSERT},   {"assert_eq", BUILTIN_ASSERT_EQ}};
    Text text = symbol(b->program, name);
    for (uint32_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        if (text_equal(text, text_of(TABLE[i].name)))
            return TABLE[i].id;
    return BUILTIN_NONE;
}

static TypeKind nominal_kind(DeclKind kind) {
    switch (kind) {
    case DECL_STRUCT: return TY_STRUCT;
    case DECL_ENUM: return TY_ENUM;
    case DECL_ERROR: return TY_ERROR;
    default: return TY_NONE;
    }
}

TypeId type_of_decl(Body *b, DeclId decl, Span at) {
    const Decl *row = program_decl(b->program, decl);
    if (row->kind == DECL_TYPE_PARAM)
        return type_param(b->types, decl);
    if (row->kind == DECL_BUILTIN_TYPE)
        return type_builtin(b->types, (TypeKind)row->index);
    TypeKind kind = nominal_kind(row->kind);
    if (kind == TY_NONE && row->kind != DECL_ALIAS)
        return poison(b);
    const Shape *shape = program_shape(b->program, decl);
    uint32_t count = shape == NULL ? 0 : shape->type_param_count;
    TypeId few[8];
    TypeId *args = count <= 8 ? few : ARENA_ARRAY(b->arena, TypeId, count);
    for (uint32_t i = 0; i < count; i++)
        args[i] = fresh(b, at);
    return kind == TY_NONE ? alias_of(b->sema, decl, args) : type_nominal(b->types, kind, decl, args, count);
}

static Path path_of_decl(Body *b, DeclId decl, Span at) {
    const Decl *row = program_decl(b->program, decl);
    switch (row->kind) {
    case DECL_IMPORT: {
        ImportTarget target = sema_import_target(b->sema, decl);
        if (target.decl.v != 0)
            return path_of_decl(b, target.decl, at);
        return (Path){.kind = target.module.v != 0 ? PATH_MODULE : PATH_ERROR, .module = target.module};
    }
    case DECL_FUNC: return (Path){.kind = PATH_FUNC, .decl = decl};
    case DECL_CONST: return (Path){.kind = PATH_CONST, .decl = decl};
    case DECL_TRAIT: return (Path){.kind = PATH_TRAIT, .decl = decl};
    case DECL_STRUCT:
    case DECL_ENUM:
    case DECL_ERROR:
    case DECL_ALIAS:
    case DECL_TYPE_PARAM:
    case DECL_BUILTIN_TYPE: return (Path){.kind = PATH_TYPE, .decl = decl, .type = type_of_decl(b, decl, at)};
    default: return (Path){.kind = PATH_ERROR};
    }
}

static bool type_param_named(Body *b, SymbolId name, DeclId *decl) {
    for (uint32_t i = b->env.type_param_count; i > 0; i--)
        if (program_decl(b->program, b->env.type_params[i - 1])->name.v == name.v) {
            *decl = b->env.type_params[i - 1];
            return true;
        }
    return false;
}

static Path path_of_name(Body *b, NodeId n) {
    TokenKind token = op_of(b, n);
    if (token == TOK_KW_SELF_TYPE)
        return (Path){.kind = b->env.self_type.v != 0 ? PATH_TYPE : PATH_UNKNOWN, .type = b->env.self_type};
    SymbolId name = name_of(b, n);
    Local *local = scope_find(b, name);
    if (local != NULL) {
        local->is_used = true;
        return (Path){.kind = PATH_LOCAL, .local = local};
    }
    DeclId decl;
    if (token == TOK_KW_SELF)
        return (Path){.kind = PATH_UNKNOWN};
    if (type_param_named(b, name, &decl) && program_decl(b->program, decl)->value_type.v != 0)
        return (Path){.kind = PATH_PARAM_VALUE, .decl = decl, .type = type_param(b->types, decl)};
    if (type_param_named(b, name, &decl))
        return (Path){.kind = PATH_TYPE, .decl = decl, .type = type_param(b->types, decl)};
    decl = sema_lookup(b->sema, b->module, name);
    if (decl.v != 0)
        return path_of_decl(b, decl, main_span(b, n));
    BuiltinId id = builtin_function(b, name);
    return (Path){.kind = id == BUILTIN_NONE ? PATH_UNKNOWN : PATH_BUILTIN, .builtin = id};
}

static bool variant_named(Body *b, TypeId type, SymbolId name, DeclId *decl) {
    const Type *t = type_of(b, shallow(b, type));
    if (t->kind != TY_ENUM && t->kind != TY_ERROR)
        return false;
    if (t->kind == TY_ERROR) {
        uint32_t count;
        const DeclId *variants = sema_error_variants(b->sema, shallow(b, type), &count);
        for (uint32_t i = 0; i < count; i++)
            if (program_decl(b->program, variants[i])->name.v == name.v)
                return *decl = variants[i], true;
        return false;
    }
    const Shape *shape = program_shape(b->program, t->decl);
    for (uint32_t i = 0; i < shape->variant_count; i++)
        if (program_decl(b->program, shape->variants[i])->name.v == name.v)
            return *decl = shape->variants[i], true;
    return false;
}

Path path_member_quietly(Body *b, const Path *base, SymbolId name) {
    if (base->kind == PATH_MODULE) {
        DeclId decl = sema_module_member(b->sema, base->module, name);
        return decl.v != 0 ? path_of_decl(b, decl, decl_span(b->program, decl)) : (Path){.kind = PATH_UNKNOWN};
    }
    DeclId variant;
    if (!variant_named(b, base->type, name, &variant))
        return (Path){.kind = PATH_UNKNOWN};
    TypeId type = shallow(b, base->type);
    if (type_of(b, type)->kind == TY_ERROR)
        type = type_nominal(b->types, TY_ERROR, program_decl(b->program, variant)->parent, NULL, 0);
    return (Path){.kind = PATH_VARIANT, .decl = variant, .type = type};
}

static Path path_of_member(Body *b, NodeId n, const Path *base) {
    SymbolId name = name_of(b, n);
    if (base->kind == PATH_MODULE) {
        DeclId decl = sema_module_member(b->sema, base->module, name);
        if (decl.v != 0)
            return path_of_decl(b, decl, main_span(b, n));
        report_no_member(b->sema, base->module, name, main_span(b, n));
        return (Path){.kind = PATH_ERROR};
    }
    if (is_poison(b, base->type))
        return (Path){.kind = PATH_ERROR};
    Path variant = path_member_quietly(b, base, name);
    if (variant.kind == PATH_VARIANT)
        return variant;
    TypeId assoc = type_assoc_quietly(&b->env, full_type(b, base->type), ast_token(b->ast, n));
    if (assoc.v != 0)
        return (Path){.kind = is_poison(b, assoc) ? PATH_ERROR : PATH_TYPE, .type = assoc, .is_applied = true};
    return (Path){.kind = PATH_ASSOC, .type = base->type, .name = name, .decl = base->decl};
}

// The parameter that an argument in brackets is for: of a type, or of a function, whose `T: type` parameters are not
// given in brackets. 0 where only the type that the function is called on tells.
static DeclId param_at(Body *b, const Path *base, uint32_t index, uint32_t count) {
    if (base->kind == PATH_TYPE) {
        const Type *t = type_of(b, shallow(b, base->type));
        const Shape *shape = t->kind == TY_STRUCT || t->kind == TY_ENUM ? program_shape(b->program, t->decl) : NULL;
        return shape != NULL && index < shape->type_param_count ? shape->type_params[index] : (DeclId){0};
    }
    const Signature *sig = base->kind == PATH_FUNC ? program_signature(b->program, base->decl) : NULL;
    for (uint32_t i = 0; sig != NULL && i < sig->type_param_count; i++) {
        const Decl *param = program_decl(b->program, sig->type_params[i]);
        bool is_given = count == sig->type_param_count ||
                        ast_kind(program_ast(b->program, sig->type_params[i]), param->node) != NODE_PARAM;
        if (is_given && index-- == 0)
            return sig->type_params[i];
    }
    return (DeclId){0};
}

static TypeId argument_from_expr(Body *b, const Path *base, NodeId n, uint32_t index, uint32_t count) {
    DeclId param = param_at(b, base, index, count);
    TypeId of = param.v != 0 ? program_decl(b->program, param)->value_type : (TypeId){0};
    if (of.v == 0 && param.v == 0 && base->kind == PATH_ASSOC && expr_is_constant(&b->env, n))
        of = builtin(b, TY_I64);
    if (of.v == 0)
        return type_from_expr(b, n);
    b->facts->types[n.v] = of;
    return const_arg(&b->env, n, of);
}

// Type arguments in brackets: Map[K, V] of a type, max[i64] of a function.
static Path path_of_application(Body *b, NodeId n, const Path *base, AstList args) {
    TypeId *types = ARENA_ARRAY(b->arena, TypeId, args.count);
    for (uint32_t i = 0; i < args.count; i++)
        types[i] = argument_from_expr(b, base, AST_ITEM(args, i), i, args.count);
    Path path = *base;
    if (base->kind != PATH_TYPE) {
        path.args = types;
        path.arg_count = args.count;
        return path;
    }
    bool is_alias = base->decl.v != 0 && program_decl(b->program, base->decl)->kind == DECL_ALIAS;
    const Type *t = type_of(b, shallow(b, base->type));
    DeclId decl = is_alias ? base->decl : t->decl;
    uint32_t wanted = is_alias ? program_shape(b->program, decl)->type_param_count : t->arg_count;
    wanted = base->is_applied ? 0 : wanted;
    if (wanted != args.count) {
        REPORT(b, E0350, span_of(b, n), "`%s` takes %u type argument%s, not %u",
               base->is_applied ? show(b, base->type) : cstr(b, program_decl(b->program, decl)->name), wanted,
               wanted == 1 ? "" : "s", args.count);
        return (Path){.kind = PATH_ERROR};
    }
    path.is_applied = true;
    path.type = is_alias ? alias_of(b->sema, decl, types) : type_nominal(b->types, t->kind, t->decl, types, args.count);
    return path;
}

// Channel(i64) is Channel[i64]: a call of the name of a generic type, which nothing else could be.
static bool is_application(Body *b, NodeId call) {
    NodeId callee = ast_call(b->ast, call).callee;
    if (kind_of(b, callee) != NODE_NAME || visible(b, name_of(b, callee)) != NULL)
        return false;
    DeclId decl = sema_lookup(b->sema, b->module, name_of(b, callee));
    if (decl.v != 0 && program_decl(b->program, decl)->kind == DECL_IMPORT)
        decl = sema_import_target(b->sema, decl).decl;
    DeclKind kind = decl.v != 0 ? program_decl(b->program, decl)->kind : DECL_FUNC;
    bool is_type = kind == DECL_STRUCT || kind == DECL_ENUM || kind == DECL_ALIAS;
    const Shape *shape = is_type ? program_shape(b->program, decl) : NULL;
    return shape != NULL && shape->type_param_count > 0;
}

// Does the path begin with a name that is no local? Others are values, and are not walked twice.
static bool may_be_path(Body *b, NodeId n) {
    for (;;) {
        switch (kind_of(b, n)) {
        case NODE_NAME: return visible(b, name_of(b, n)) == NULL;
        case NODE_FIELD: n = ast_unary(b->ast, n).child; break;
        case NODE_INDEX: n = ast_call(b->ast, n).callee; break;
        case NODE_CALL: return is_application(b, n);
        default: return kind_of(b, n) == NODE_TYPE_EXPR;
        }
    }
}

static Path path_walk(Body *b, NodeId n);

static Path walk_application(Body *b, NodeId n) {
    AstCall call = ast_call(b->ast, n);
    Path base = path_walk(b, call.callee);
    if (base.kind == PATH_TYPE || base.kind == PATH_FUNC || base.kind == PATH_ASSOC)
        return path_of_application(b, n, &base, call.args);
    return (Path){.kind = base.kind == PATH_ERROR ? PATH_ERROR : PATH_VALUE};
}

void report_on_trait(Body *b, NodeId n) {
    REPORT(b, E0223, span_of(b, n), "a trait's function is called on a type or a value, not on the trait");
}

static Path path_of_trait_member(Body *b, NodeId n, DeclId trait) {
    DeclId member = trait_method(b, trait, cstr(b, name_of(b, n)));
    const Signature *sig = member.v != 0 ? program_signature(b->program, member) : NULL;
    if (sig != NULL && sig->has_self)
        return (Path){.kind = PATH_TRAIT_METHOD, .decl = member};
    report_on_trait(b, n);
    return (Path){.kind = PATH_ERROR};
}

static Path path_walk(Body *b, NodeId n) {
    switch (kind_of(b, n)) {
    case NODE_NAME: return path_of_name(b, n);
    case NODE_TYPE_EXPR: {
        TypeId type = b->facts->types[n.v];
        if (type.v == 0)
            type = b->facts->types[n.v] = sema_type(&b->env, ast_unary(b->ast, n).child);
        return (Path){
            .kind = is_poison(b, type) ? PATH_ERROR : PATH_TYPE, .type = type, .decl = type_of(b, type)->decl};
    }
    case NODE_FIELD: {
        Path base = path_walk(b, ast_unary(b->ast, n).child);
        if (base.kind == PATH_MODULE || base.kind == PATH_TYPE)
            return path_of_member(b, n, &base);
        if (base.kind == PATH_TRAIT)
            return path_of_trait_member(b, n, base.decl);
        return (Path){.kind = base.kind == PATH_ERROR ? PATH_ERROR : PATH_VALUE};
    }
    case NODE_CALL: return is_application(b, n) ? walk_application(b, n) : (Path){.kind = PATH_VALUE};
    case NODE_INDEX: return walk_application(b, n);
    default: return (Path){.kind = PATH_VALUE};
    }
}

Path path_of(Body *b, NodeId n) {
    if (kind_of(b, n) == NODE_NAME || may_be_path(b, n))
        return path_walk(b, n);
    return (Path){.kind = PATH_VALUE};
}

// (A, B), where an application in parentheses has it among its arguments.
static TypeId tuple_from_expr(Body *b, NodeId n) {
    AstList items = ast_list(b->ast, n);
    TypeId *types = ARENA_ARRAY(b->arena, TypeId, items.count + 1);
    for (uint32_t i = 0; i < items.count; i++) {
        types[i] = type_from_expr(b, AST_ITEM(items, i));
        if (is_poison(b, types[i]))
            return poison(b);
    }
    return type_tuple(b->types, types, items.count);
}

TypeId type_from_expr(Body *b, NodeId n) {
    NodeKind kind = kind_of(b, n);
    TypeId type = {0};
    if (kind >= NODE_TYPE_NAME && kind <= NODE_TYPE_TYPE) {
        type = sema_type(&b->env, n);
    } else if (kind == NODE_INVALID) {
        type = poison(b);
    } else if (kind == NODE_TUPLE) {
        type = tuple_from_expr(b, n);
    } else {
        Path path = path_of(b, n);
        if (path.kind == PATH_TYPE) {
            type = path.type;
        } else if (path.kind == PATH_UNKNOWN) {
            report_unknown_name(b, n);
            type = poison(b);
        } else {
            if (path.kind != PATH_ERROR)
                REPORT(b, E0332, span_of(b, n), "a type is expected here");
            type = poison(b);
        }
    }
    b->facts->types[n.v] = builtin(b, TY_TYPE);
    resolve(b, n, REF_TYPE)->type = type;
    return type;
}
