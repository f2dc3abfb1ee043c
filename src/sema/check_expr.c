// The door to every expression: dispatch, names, and what follows for all of them.
#include "sema/body.h"

#include <strings.h>

static TypeId check_type_expr(Body *b, NodeId n) {
    Path path = path_of(b, n);
    return path.kind == PATH_ERROR ? poison(b) : path_value(b, n, &path);
}

static TypeId check_kind(Body *b, NodeId n, const Want *want) {
    switch (kind_of(b, n)) {
    case NODE_NAME: return check_name(b, n);
    case NODE_INT:
    case NODE_FLOAT:
    case NODE_DURATION:
    case NODE_CHAR:
    case NODE_STRING:
    case NODE_BYTES:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_NULL: return check_literal(b, n, want);
    case NODE_INTERP: return check_interp(b, n);
    case NODE_FIELD: return check_field(b, n);
    case NODE_OPT_FIELD: return check_opt_field(b, n);
    case NODE_OPT_BASE: return check_opt_base(b, n);
    case NODE_CALL: return check_call(b, n, want);
    case NODE_INDEX: return check_index(b, n);
    case NODE_TYPE_EXPR: return check_type_expr(b, n);
    case NODE_NEG:
    case NODE_NOT:
    case NODE_BIT_NOT: return check_unary(b, n, want);
    case NODE_BINARY: return check_binary(b, n, want);
    case NODE_COMPARE: return check_compare(b, n);
    case NODE_AND:
    case NODE_OR: return check_logic(b, n);
    case NODE_COALESCE: return check_coalesce(b, n, want);
    case NODE_PIPELINE: return check_pipeline(b, n, want);
    case NODE_RANGE: return check_range(b, n, want);
    case NODE_CAST: return check_cast(b, n);
    case NODE_TRY: return check_try(b, n, want);
    case NODE_CATCH: return check_catch(b, n, want);
    case NODE_LIST: return check_list(b, n, want);
    case NODE_REPEAT: return check_repeat(b, n, want);
    case NODE_MAP: return check_map(b, n, want);
    case NODE_TUPLE: return check_tuple(b, n, want);
    case NODE_STRUCT_LIT: return check_struct_lit(b, n, want);
    case NODE_CLOSURE: return check_closure(b, n, want);
    case NODE_BLOCK: return check_block(b, n, want);
    case NODE_IF: return check_if(b, n, want);
    case NODE_MATCH: return check_match(b, n, want);
    case NODE_WHILE:
    case NODE_LOOP: return check_loop(b, n, want);
    case NODE_FOR: return check_for(b, n);
    case NODE_LET:
    case NODE_VAR:
    case NODE_MUT_BIND: return check_let(b, n);
    case NODE_ASSIGN: return check_assign(b, n);
    case NODE_DEFER:
    case NODE_ERRDEFER: return check_defer(b, n);
    case NODE_NURSERY: return check_nursery(b, n, false);
    case NODE_SELECT: return check_select(b, n);
    case NODE_SHIELD: return check_shield(b, n);
    case NODE_USING: return check_using(b, n);
    case NODE_WHEN: return check_when(b, n);
    case NODE_BREAK:
    case NODE_CONTINUE: return check_jump(b, n);
    case NODE_RETURN: return check_return(b, n);
    case NODE_FAIL: return check_fail(b, n);
    default: return poison(b); // INVALID: the parser reported it
    }
}

// Branches that were each checked for the address that is wanted: the whole is no place, it gives theirs.
static bool gives_address(Body *b, NodeId n, TypeId type, const Want *want) {
    NodeKind kind = kind_of(b, n);
    return !want->is_dropped && !want->is_hint && want->type.v != 0 && same_type(type, shallow_keep(b, want->type)) &&
           (kind == NODE_BLOCK || kind == NODE_IF || kind == NODE_MATCH);
}

TypeId check_expr(Body *b, NodeId n, const Want *want) {
    static const Want NOTHING;
    if (want == NULL)
        want = &NOTHING;
    if (n.v == 0)
        return poison(b);
    TypeId type = check_kind(b, n, want);
    TypeId kept = shallow_keep(b, type);
    if (type_of(b, kept)->kind == TY_REF) {
        if (gives_address(b, n, kept, want))
            return b->facts->types[n.v] = kept;
        type = shallow(b, kept);
    }
    b->facts->types[n.v] = type;
    if (want->is_dropped || want->is_hint || want->type.v == 0)
        return type;
    return coerce(b, n, type, want);
}

TypeId check_value(Body *b, NodeId n) {
    return check_expr(b, n, NULL);
}

TypeId check_hint(Body *b, NodeId n, TypeId hint) {
    return check_expr(b, n, &(Want){.type = hint, .is_hint = true});
}

TypeId check_typed(Body *b, NodeId n, TypeId type, WhyKind why, Span span) {
    return check_expr(b, n, &(Want){.type = type, .why = why, .span = span});
}

void check_condition(Body *b, NodeId n) {
    check_typed(b, n, builtin(b, TY_BOOL), WHY_CONDITION, (Span){0});
}

// ---- names ----------------------------------------------------------------------------------------------------------

static TypeId function_value(Body *b, NodeId n, const Path *path) {
    Callee callee = {.ref = REF_FUNC};
    callee_of_function(b, &callee, path->decl, path->args, path->arg_count, span_of(b, n));
    if (callee.sig == NULL)
        return poison(b);
    const Signature *sig = callee.sig;
    TypeId *params = ARENA_ARRAY(b->arena, TypeId, sig->param_count + 1);
    for (uint32_t i = 0; i < sig->param_count; i++)
        params[i] = callee_type(b, &callee, sig->param_types[i]);
    TypeId result = callee_type(b, &callee, sig->result);
    require_bounds(b, &callee, span_of(b, n));
    Resolution *r = resolve(b, n, REF_FUNC);
    r->decl = path->decl;
    r->type_args = callee.args;
    r->type_arg_count = callee.param_count;
    return type_func(b->types, MODE_BORROW, params, sig->param_modes, sig->param_count, result);
}

static TypeId variant_value(Body *b, NodeId n, const Path *path) {
    const Decl *variant = program_decl(b->program, path->decl);
    const Shape *shape = program_shape(b->program, variant->parent);
    if (shape->variant_fields[variant->index].count > 0) {
        Report *r = REPORT(b, E0335, span_of(b, n), "the variant `%s` carries a payload", cstr(b, variant->name));
        report_label(r, "its values are missing");
        report_note(r, decl_span(b->program, path->decl), "`%s` is declared here", cstr(b, variant->name));
        return path->type;
    }
    Resolution *r = resolve(b, n, REF_VARIANT);
    r->decl = path->decl;
    r->index = variant->index;
    const Type *t = type_of(b, shallow(b, path->type));
    r->type_args = t->args;
    r->type_arg_count = t->arg_count;
    return path->type;
}

static bool is_word(Text name, const char *word) {
    return name.size == strlen(word) && strncasecmp(name.data, word, name.size) == 0;
}

// Constants that other languages keep with their types of numbers.
static bool help_number(Report *r, Span at, TypeKind kind, Text name) {
    static const char *const LIMITS[] = {"max", "min"};
    static const struct {
        const char *theirs, *ours;
    } CONSTANTS[] = {{"PI", "PI"},        {"E", "E"},     {"TAU", "TAU"},        {"INFINITY", "INFINITY"},
                     {"INF", "INFINITY"}, {"NAN", "NAN"}, {"EPSILON", "EPSILON"}};
    bool is_float = type_kind_is_float(kind);
    for (size_t i = 0; (is_float || type_kind_is_integer(kind)) && i < sizeof LIMITS / sizeof *LIMITS; i++) {
        if (is_word(name, LIMITS[i])) {
            report_fix(r, at, text_of(LIMITS[i]), "in Janus this is");
            return true;
        }
    }
    for (size_t i = 0; is_float && i < sizeof CONSTANTS / sizeof *CONSTANTS; i++) {
        if (is_word(name, CONSTANTS[i].theirs)) {
            report_help(r, "it is `math.%s`, with `import std.math` at the top of the file", CONSTANTS[i].ours);
            return true;
        }
    }
    return false;
}

static TypeId associated_value(Body *b, NodeId n, const Path *path) {
    TypeKind kind = kind_of_type(b, path->type);
    Text name = symbol(b->program, path->name);
    bool is_max = text_equal(name, TEXT("max")), is_min = text_equal(name, TEXT("min"));
    if ((is_max || is_min) && (type_kind_is_integer(kind) || type_kind_is_float(kind))) {
        resolve(b, n, REF_BUILTIN)->index = is_max ? BUILTIN_TYPE_MAX : BUILTIN_TYPE_MIN;
        return path->type;
    }
    MethodMatch match = sema_find_method(&b->env, path->type, path->name, main_span(b, n));
    if (match.kind == METHOD_INHERENT) {
        Path function = {
            .kind = PATH_FUNC, .decl = match.decl, .args = match.type_args, .arg_count = match.type_arg_count};
        return function_value(b, n, &function);
    }
    Report *r = REPORT(b, E0336, main_span(b, n), "`%s` has no `%s`", show(b, path->type), cstr(b, path->name));
    if (help_number(r, main_span(b, n), kind, name))
        return poison(b);
    SymbolId similar = similar_member(b, path->type, path->name, true, false);
    if (similar.v != 0)
        report_fix(r, main_span(b, n), symbol(b->program, similar), "use the name that exists");
    note_variant(b, r, path->type, similar);
    return poison(b);
}

TypeId path_value(Body *b, NodeId n, const Path *path) {
    Resolution *r;
    switch (path->kind) {
    case PATH_LOCAL:
        r = resolve(b, n, REF_LOCAL);
        r->node = path->local->binder;
        return path->local->type;
    case PATH_CONST: {
        TypeId type = const_type(b, path->decl, span_of(b, n));
        resolve(b, n, REF_CONST)->decl = path->decl;
        return type;
    }
    case PATH_PARAM_VALUE:
        resolve(b, n, REF_PARAM_VALUE)->type = path->type;
        return program_decl(b->program, path->decl)->value_type;
    case PATH_FUNC: return function_value(b, n, path);
    case PATH_VARIANT: return variant_value(b, n, path);
    case PATH_ASSOC: return associated_value(b, n, path);
    case PATH_UNKNOWN: report_unknown_name(b, n); return poison(b);
    case PATH_TYPE:
        REPORT(b, E0334, span_of(b, n), "`%s` is a type, not a value", show(b, path->type));
        return poison(b);
    case PATH_TRAIT:
        REPORT(b, E0334, span_of(b, n), "`%s` is a trait, not a value", source_text(b, span_of(b, n)));
        return poison(b);
    case PATH_TRAIT_METHOD: report_on_trait(b, n); return poison(b);
    case PATH_MODULE:
        REPORT(b, E0334, span_of(b, n), "`%s` is a module, not a value", source_text(b, span_of(b, n)));
        return poison(b);
    case PATH_BUILTIN:
        REPORT(b, E0334, span_of(b, n), "`%s` can only be called", source_text(b, span_of(b, n)));
        return poison(b);
    default: return poison(b);
    }
}

TypeId check_name(Body *b, NodeId n) {
    Path path = path_of(b, n);
    return path_value(b, n, &path);
}
