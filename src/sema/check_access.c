// Fields, tuple parts, optional chaining, indexing and slicing.
#include "sema/body.h"

// ---- names that are near --------------------------------------------------------------------------------------------

static void consider(Body *b, SymbolId candidate, SymbolId name, uint32_t *best, SymbolId *found) {
    if (candidate.v == 0 || candidate.v == name.v)
        return;
    uint32_t distance = text_distance(symbol(b->program, name), symbol(b->program, candidate), *best);
    if (distance < *best) {
        *best = distance;
        *found = candidate;
    }
}

// The one is the other with more words: write and write_text.
static bool extends(Text longer, Text shorter) {
    return longer.size > shorter.size + 1 && longer.data[shorter.size] == '_' &&
           memcmp(longer.data, shorter.data, shorter.size) == 0;
}

static void consider_member(Body *b, SymbolId candidate, SymbolId name, uint32_t *best, SymbolId *found,
                            SymbolId *related) {
    consider(b, candidate, name, best, found);
    Text a = symbol(b->program, candidate), c = symbol(b->program, name);
    if (candidate.v != 0 && related->v == 0 && (extends(a, c) || extends(c, a)))
        *related = candidate;
}

static bool same_head(const Type *a, const Type *c) {
    return a->kind == c->kind && a->decl.v == c->decl.v;
}

SymbolId similar_member(Body *b, TypeId type, SymbolId name, bool methods, bool fields) {
    uint32_t best = symbol(b->program, name).size < 5 ? 2 : 3;
    SymbolId found = {0}, related = {0};
    const Type *t = type_of(b, shallow(b, type));
    if (fields && t->kind == TY_STRUCT) {
        const Shape *shape = program_shape(b->program, t->decl);
        for (uint32_t i = 0; i < shape->fields.count; i++)
            consider(b, program_decl(b->program, shape->fields.fields[i])->name, name, &best, &found);
    }
    if (t->kind == TY_ENUM || t->kind == TY_ERROR) {
        const Shape *shape = program_shape(b->program, t->decl);
        for (uint32_t i = 0; i < shape->variant_count; i++)
            consider(b, program_decl(b->program, shape->variants[i])->name, name, &best, &found);
    }
    for (uint32_t i = 1; methods && i < b->program->impls.count; i++) {
        const Impl *impl = &b->program->impls.items[i];
        if (impl->self.v == 0 || !same_head(type_of(b, impl->self), t))
            continue;
        for (uint32_t k = 0; k < impl->member_count; k++)
            consider_member(b, program_decl(b->program, impl->members[k])->name, name, &best, &found, &related);
    }
    return found.v != 0 ? found : related;
}

// A function of the type itself that may be called here: with a value (`methods`), or by the type's name.
static bool is_member_here(const Body *b, DeclId member, bool methods) {
    const Decl *d = program_decl(b->program, member);
    const Signature *sig = program_signature(b->program, member);
    return sig && sig->has_self == methods && (d->is_pub || d->module.v == b->module.v);
}

void help_members(Body *b, Report *r, TypeId type, bool methods) {
    enum { MOST = 12 }; // more are not read
    const Type *t = type_of(b, shallow(b, type));
    Buffer list = {0};
    uint32_t count = 0;
    for (uint32_t i = 1; i < b->program->impls.count; i++) {
        const Impl *impl = &b->program->impls.items[i];
        if (impl->trait.v != 0 || impl->self.v == 0 || !same_head(type_of(b, impl->self), t))
            continue;
        for (uint32_t k = 0; k < impl->member_count; k++) {
            if (!is_member_here(b, impl->members[k], methods))
                continue;
            const char *name = cstr(b, program_decl(b->program, impl->members[k])->name);
            buffer_printf(&list, "%s`%s`", count++ ? ", " : "", name);
        }
    }
    if (count > 0 && count <= MOST)
        report_help(r, "it has %.*s", TEXT_ARG(buffer_view(&list)));
    vec_free(&list);
}

void note_variant(Body *b, Report *r, TypeId type, SymbolId name) {
    const Type *t = type_of(b, shallow(b, type));
    const Shape *shape = t->kind == TY_ENUM || t->kind == TY_ERROR ? program_shape(b->program, t->decl) : NULL;
    for (uint32_t i = 0; shape != NULL && i < shape->variant_count; i++)
        if (program_decl(b->program, shape->variants[i])->name.v == name.v)
            report_note(r, decl_span(b->program, shape->variants[i]), "it is declared here");
}

// ---- fields ---------------------------------------------------------------------------------------------------------

static TypeId tuple_field(Body *b, NodeId n, NodeId base, TypeId tuple) {
    Text text = ast_token_text(b->ast, ast_token(b->ast, n));
    const Type *t = type_of(b, tuple);
    uint32_t index = 0;
    for (size_t i = 0; i < text.size && index < 10000; i++)
        index = index * 10 + (uint32_t)(text.data[i] - '0');
    if (index >= t->arg_count) {
        Report *r = REPORT(b, E0336, main_span(b, n), "`%s` has no part %u", show(b, tuple), index);
        report_label(r, "the last part is `.%u`", t->arg_count - 1);
        return poison(b);
    }
    (void)base;
    resolve(b, n, REF_TUPLE_FIELD)->index = index;
    return t->args[index];
}

// The field of a field.
static bool help_inner_field(Body *b, Report *r, TypeId type, SymbolId name) {
    const Shape *shape = program_shape(b->program, type_of(b, type)->decl);
    for (uint32_t i = 0; i < shape->fields.count; i++) {
        const Decl *outer = program_decl(b->program, shape->fields.fields[i]);
        FieldMatch here, inner;
        bool is_here = sema_find_field(&b->env, type, outer->name, &here) && here.is_visible;
        if (!is_here || !sema_find_field(&b->env, here.type, name, &inner) || !inner.is_visible)
            continue;
        report_help(r, "its field `%s` has it: `%s.%s`", cstr(b, outer->name), cstr(b, outer->name), cstr(b, name));
        return true;
    }
    return false;
}

static void report_no_field(Body *b, NodeId n, TypeId type) {
    SymbolId name = name_of(b, n);
    TypeId t = shallow(b, type);
    const Type *row = type_of(b, t);
    FieldMatch inside;
    if (row->flags & TYPE_HAS_POISON)
        return; // what is wrong with it has been said
    if (row->kind == TY_OPTIONAL && sema_find_field(&b->env, row->args[0], name, &inside)) {
        Report *r = REPORT(b, E0336, main_span(b, n), "`%s` may be absent, so it has no field `%s` itself", show(b, t),
                           cstr(b, name));
        Span at = main_span(b, n);
        report_fix(r, (Span){at.file, at.start - 1, at.start}, TEXT("?."),
                   "reach through what may be absent with `?.`");
        return;
    }
    MethodMatch method = sema_find_method(&b->env, t, name, main_span(b, n));
    if (method.kind != METHOD_NONE) {
        Report *r = REPORT(b, E0337, main_span(b, n), "`%s` is a method of `%s`", cstr(b, name), show(b, t));
        Span at = main_span(b, n);
        report_fix(r, (Span){at.file, at.end, at.end}, TEXT("()"), "call it");
        return;
    }
    Report *r = REPORT(b, E0336, main_span(b, n), "`%s` has no field `%s`", show(b, t), cstr(b, name));
    SymbolId similar = similar_member(b, t, name, false, true);
    if (similar.v != 0)
        report_fix(r, main_span(b, n), symbol(b->program, similar), "use the field that exists");
    else if (row->kind == TY_STRUCT && !help_inner_field(b, r, t, name))
        report_note(r, decl_span(b->program, row->decl), "`%s` is declared here", show(b, t));
}

static bool is_array_len(Body *b, TypeId type, SymbolId name) {
    return type_of(b, unboxed(b, type))->kind == TY_ARRAY && text_equal(symbol(b->program, name), TEXT("len"));
}

TypeId field_of(Body *b, NodeId n, NodeId base, TypeId base_type) {
    TypeId type = shallow(b, base_type);
    const Type *t = type_of(b, type);
    while (is_boxed(b, type) && ast_token_kind(b->ast, ast_token(b->ast, n)) != TOK_NAME) {
        type = first_arg(b, type);
        b->facts->wanted[base.v] = type;
        t = type_of(b, type = shallow(b, type));
    }
    if (t->kind == TY_POISON || t->kind == TY_NEVER)
        return poison(b);
    if (t->kind == TY_RESULT) {
        report_unhandled(b, base, type);
        return poison(b);
    }
    if (t->kind == TY_VAR) {
        Report *r = REPORT(b, E0330, span_of(b, base), "type annotations needed");
        report_label(r, "the type must be known before its field is used");
        infer_unify(b->infer, type, poison(b));
        return poison(b);
    }
    bool is_number = op_of(b, n) == TOK_INT;
    if (is_number && t->kind == TY_TUPLE)
        return tuple_field(b, n, base, type);
    SymbolId name = name_of(b, n);
    if (is_array_len(b, type, name)) {
        look_through_boxes(b, base, type);
        resolve(b, n, REF_BUILTIN)->index = BUILTIN_LEN;
        return builtin(b, TY_I64);
    }
    FieldMatch match;
    if (is_number || !sema_find_field(&b->env, type, name, &match)) {
        if (is_number)
            REPORT(b, E0336, main_span(b, n), "`%s` is no tuple", show(b, type));
        else
            report_no_field(b, n, type);
        return poison(b);
    }
    if (!match.is_visible) {
        Report *r =
            REPORT(b, E0338, main_span(b, n), "the field `%s` of `%s` is private", cstr(b, name), show(b, match.owner));
        report_note(r, decl_span(b->program, match.decl), "it is declared here, without `pub`");
    }
    if (match.derefs > 0)
        b->facts->wanted[base.v] = match.owner;
    Resolution *r = resolve(b, n, REF_FIELD);
    r->decl = match.decl;
    r->index = match.index;
    return match.type;
}

TypeId check_field(Body *b, NodeId n) {
    Path path = path_of(b, n);
    if (path.kind == PATH_ERROR)
        return poison(b);
    if (path.kind != PATH_VALUE)
        return path_value(b, n, &path);
    NodeId base = ast_unary(b->ast, n).child;
    return field_of(b, n, base, check_value(b, base));
}

// ---- ?. -------------------------------------------------------------------------------------------------------------

// The base of `?.`. Where it may fail, its error is passed on, and the step is a plain one.
TypeId check_opt_base(Body *b, NodeId n) {
    TypeId type = check_value(b, ast_unary(b->ast, n).child);
    const Type *t = type_of(b, shallow(b, type));
    if (t->kind != TY_RESULT)
        return type;
    propagate(b, n, t->args[0]);
    return t->args[1];
}

bool is_tried_base(Body *b, NodeId base) {
    return kind_of(b, base) == NODE_OPT_BASE &&
           kind_of_type(b, b->facts->types[ast_unary(b->ast, base).child.v]) == TY_RESULT;
}

void report_no_optional(Body *b, NodeId base, TypeId type) {
    Span at = span_of(b, ast_unary(b->ast, base).child);
    Report *r = REPORT(b, E0343, at, "`?.` needs an optional, or what may fail, found `%s`", show(b, type));
    report_fix(r, (Span){at.file, at.end, at.end + 2}, TEXT("."), "it is never absent: use `.`");
}

// True if what an optional holds is lent: it is a `?let T`, or lies in a parameter that is only lent.
static bool is_lent_optional(Body *b, NodeId n, TypeId type) {
    if (type_of(b, shallow_keep(b, type_of(b, shallow(b, type))->args[0]))->kind == TY_REF)
        return true;
    while (kind_of(b, n) == NODE_FIELD && is_place(b, n))
        n = ast_unary(b->ast, n).child;
    const Resolution *r = kind_of(b, n) == NODE_NAME ? facts_resolution(b->facts, n) : NULL;
    const Local *local = r != NULL && r->kind == REF_LOCAL ? scope_find(b, name_of(b, n)) : NULL;
    return local != NULL && local->frame == b->frame->depth &&
           (local->kind == BIND_PARAM || local->kind == BIND_MUT_PARAM);
}

static bool is_cheap_field(Body *b, TypeId field) {
    TypeId type = full_type(b, shallow_keep(b, field));
    const Type *t = type_of(b, type);
    return t->kind == TY_REF || t->flags & TYPE_HAS_VAR || type_class(b->program, type) & CLASS_CHEAP;
}

// What a step to a field that is lent gives: the item of an optional field, as the step gives one optional only.
static TypeId lent_step(Body *b, TypeId field) {
    const Type *t = type_of(b, shallow(b, field));
    TypeId item = shallow(b, t->kind == TY_OPTIONAL ? t->args[0] : field);
    return type_unary(b->types, TY_OPTIONAL, type_ref(b->types, item, false));
}

void lend_steps(Body *b, NodeId n) {
    NodeId base = {0}; // the `?.` behind the step
    for (;;) {
        if (kind_of(b, n) == NODE_OPT_BASE && !is_tried_base(b, n))
            n = ast_unary(b->ast, base = n).child;
        const Type *t = type_of(b, shallow(b, b->facts->types[n.v]));
        bool is_step = kind_of(b, n) == NODE_OPT_FIELD && !is_tried_base(b, ast_unary(b->ast, n).child);
        if (!is_step || t->kind != TY_OPTIONAL || is_cheap_field(b, t->args[0]))
            return;
        b->facts->types[n.v] = lent_step(b, t->args[0]);
        if (base.v != 0)
            b->facts->types[base.v] = b->facts->types[n.v];
        n = ast_unary(b->ast, n).child;
    }
}

// base?.name: null if base is null. Calls (base?.f(x)) come through check_call.
TypeId check_opt_field(Body *b, NodeId n) {
    NodeId base = ast_unary(b->ast, n).child;
    TypeId type = check_value(b, base);
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_POISON)
        return type;
    if (is_tried_base(b, base))
        return field_of(b, n, base, type);
    if (kind != TY_OPTIONAL) {
        report_no_optional(b, base, type);
        return poison(b);
    }
    TypeId field = field_of(b, n, base, first_arg(b, type));
    if (is_poison(b, field))
        return field;
    if (is_cheap_field(b, field)) {
        lend_steps(b, base);
        return optional_of(b, field);
    }
    return is_lent_optional(b, ast_unary(b->ast, base).child, type) ? lent_step(b, field) : optional_of(b, field);
}

// ---- indexing -------------------------------------------------------------------------------------------------------

static void check_bounds(Body *b, NodeId range) {
    AstBinary e = ast_binary(b->ast, range);
    TypeId i64 = builtin(b, TY_I64);
    if (e.left.v != 0)
        check_typed(b, e.left, i64, WHY_INDEX, (Span){0});
    if (e.right.v != 0)
        check_typed(b, e.right, i64, WHY_INDEX, (Span){0});
    b->facts->types[range.v] =
        type_lang(b->program, op_of(b, range) == TOK_RANGE_EQ ? LANG_RANGE_CLOSED : LANG_RANGE, NULL, 0);
}

static TypeId report_not_indexable(Body *b, NodeId n, NodeId base, TypeId type) {
    TypeKind kind = type_of(b, type)->kind;
    if (kind == TY_POISON || kind == TY_NEVER)
        return poison(b);
    if (kind == TY_RESULT) {
        report_unhandled(b, base, type);
        return poison(b);
    }
    if (kind == TY_VAR) {
        REPORT(b, E0330, span_of(b, base), "type annotations needed");
        infer_unify(b->infer, type, poison(b));
        return poison(b);
    }
    Report *r = REPORT(b, E0339, span_of(b, n), "a `%s` has no elements to index", show(b, type));
    if (is_lang(b, type, LANG_MAP))
        report_help(
            r, "look a key up with `.get(key)`, which is null where there is none; store with `.insert(key, value)`");
    else if (is_lang(b, type, LANG_STRING))
        report_help(r, "a String is UTF-8: go over `.chars()`, `.bytes()`, or take a slice `s[a..b]`");
    else if (kind == TY_TUPLE)
        report_help(r, "parts of a tuple are `.0`, `.1` …");
    return poison(b);
}

// A name that is not known, written as types are: what stands in the brackets are types, then.
static bool is_unknown_type(const Body *b, NodeId n) {
    Text name = kind_of(b, n) == NODE_NAME ? symbol(b->program, name_of(b, n)) : (Text){0};
    return name.size > 0 && name.data[0] >= 'A' && name.data[0] <= 'Z';
}

TypeId check_index(Body *b, NodeId n) {
    Path path = path_of(b, n);
    if (path.kind == PATH_ERROR)
        return poison(b);
    if (path.kind != PATH_VALUE)
        return path_value(b, n, &path);
    AstCall e = ast_call(b->ast, n);
    TypeId type = look_through_boxes(b, e.callee, check_value(b, e.callee));
    if (is_poison(b, type) && is_unknown_type(b, e.callee))
        return type;
    if (e.args.count != 1) {
        REPORT(b, E0339, span_of(b, n), "one index is expected, found %u", e.args.count);
        return poison(b);
    }
    NodeId index = AST_ITEM(e.args, 0);
    bool is_slice = kind_of(b, index) == NODE_RANGE;
    if (is_slice)
        check_bounds(b, index);
    bool is_text = is_lang(b, type, LANG_STRING);
    const Type *t = type_of(b, type);
    bool has_items = is_sequence(b, type);
    if (!is_slice && !(has_items || is_text))
        check_value(b, index);
    if (!has_items && !(is_text && is_slice))
        return report_not_indexable(b, n, e.callee, type);
    resolve(b, n, REF_BUILTIN)->index = is_slice ? BUILTIN_SLICE : BUILTIN_INDEX;
    if (is_slice)
        return is_text ? type : lang1(b, LANG_SLICE, t->args[0]);
    check_typed(b, index, builtin(b, TY_I64), WHY_INDEX, (Span){0});
    return t->args[0];
}
