// Patterns from the tree in the form that coverage is judged on, and back as text.
#include "sema/coverage.h"

const Pat ANY_PATTERN = {.kind = PAT_ANY};

static const Key SIGN = (Key)1 << 127;

TypeId cover_type(Cover *c, TypeId type) {
    Body *b = c->body;
    for (;;) {
        type = shallow(b, type);
        if (!is_boxed(b, type))
            return type;
        type = first_arg(b, type);
    }
}

void cover_bounds(TypeKind kind, Key *low, Key *high) {
    if (kind == TY_CHAR) {
        *low = 0;
        *high = 0x10FFFF;
        return;
    }
    uint32_t bits = type_kind_bits(kind);
    if (type_kind_is_signed(kind)) {
        Key half = (Key)1 << (bits - 1);
        *low = SIGN - half;
        *high = SIGN + (half - 1);
        return;
    }
    *low = 0;
    *high = bits == 128 ? ~(Key)0 : ((Key)1 << bits) - 1;
}

// ---- constructors ---------------------------------------------------------------------------------------------------

static const Fields *error_fields(Cover *c, uint32_t variant) {
    const Decl *row = program_decl(c->body->program, (DeclId){variant});
    return &program_shape(c->body->program, row->parent)->variant_fields[row->index];
}

uint32_t cover_arity(Cover *c, TypeId type, uint32_t ctor) {
    Program *p = c->body->program;
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_ENUM: return program_shape(p, t->decl)->variant_fields[ctor].count;
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: return error_fields(c, ctor)->count;
    case TY_OPTIONAL: return ctor;
    case TY_STRUCT: return program_shape(p, t->decl)->fields.count;
    case TY_TUPLE: return t->arg_count;
    case TY_ARRAY: return t->count > 4096 ? 0 : (uint32_t)t->count;
    default: return 0;
    }
}

TypeId cover_part(Cover *c, TypeId type, uint32_t ctor, uint32_t index) {
    Program *p = c->body->program;
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_ENUM: return shape_field_type(p, type, ctor, index);
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: return error_fields(c, ctor)->types[index];
    case TY_STRUCT: return shape_field_type(p, type, 0, index);
    case TY_TUPLE: return t->args[index];
    default: return t->args[0];
    }
}

static void count_up(Cover *c, uint32_t count, const uint32_t **ctors) {
    uint32_t *items = ARENA_ARRAY(c->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++)
        items[i] = i;
    *ctors = items;
}

// A variant that carries a `never` cannot be.
static void enum_ctors(Cover *c, TypeId type, const uint32_t **ctors, uint32_t *count) {
    Program *p = c->body->program;
    uint32_t all = program_shape(p, type_get(p->types, type)->decl)->variant_count;
    uint32_t *items = ARENA_ARRAY(c->arena, uint32_t, all + 1);
    *ctors = items;
    *count = 0;
    for (uint32_t i = 0; i < all; i++) {
        bool can_be = true;
        for (uint32_t f = 0; f < shape_field_count(p, type, i); f++)
            can_be &= type_get(p->types, shape_field_type(p, type, i, f))->kind != TY_NEVER;
        if (can_be)
            items[(*count)++] = i;
    }
}

bool cover_ctors(Cover *c, TypeId type, const uint32_t **ctors, uint32_t *count) {
    Program *p = c->body->program;
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_BOOL:
    case TY_OPTIONAL: *count = 2; break;
    case TY_ENUM: enum_ctors(c, type, ctors, count); return true;
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: {
        const DeclId *variants;
        if (!error_known(c->body->sema, type, &variants, count)) {
            c->unknown = true;
            *count = 0;
        }
        uint32_t *items = ARENA_ARRAY(c->arena, uint32_t, *count + 1);
        for (uint32_t i = 0; i < *count; i++)
            items[i] = variants[i].v;
        *ctors = items;
        return true;
    }
    case TY_STRUCT:
        if (is_lang(c->body, type, LANG_LIST) || is_lang(c->body, type, LANG_SLICE) ||
            is_lang(c->body, type, LANG_STRING))
            return false;
        *count = 1;
        break;
    case TY_TUPLE:
    case TY_ARRAY: *count = 1; break;
    default: return false;
    }
    count_up(c, *count, ctors);
    return true;
}

// ---- from the tree --------------------------------------------------------------------------------------------------

static Pat *new_pat(Cover *c, PatKind kind) {
    Pat *pat = ARENA_NEW(c->arena, Pat);
    pat->kind = kind;
    return pat;
}

static Pat *new_ctor(Cover *c, uint32_t ctor, uint32_t count) {
    Pat *pat = new_pat(c, PAT_CTOR);
    pat->ctor = ctor;
    pat->count = count;
    pat->parts = ARENA_ARRAY(c->arena, const Pat *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        pat->parts[i] = &ANY_PATTERN;
    return pat;
}

// The key of a literal; false if it is none that is known here.
static bool literal_key(Cover *c, NodeId n, TypeKind kind, Key *key) {
    Body *b = c->body;
    bool negative = kind_of(b, n) == NODE_NEG;
    if (negative)
        n = ast_unary(b->ast, n).child;
    if (kind_of(b, n) == NODE_CHAR) {
        *key = ast_char_value(b->ast, ast_token(b->ast, n));
        return true;
    }
    if (kind_of(b, n) != NODE_INT)
        return false;
    AstIntValue v = ast_int_value(b->ast, ast_token(b->ast, n));
    Key value = (Key)v.high << 64 | v.low;
    if (type_kind_is_signed(kind))
        *key = negative ? SIGN - value : SIGN + value;
    else
        *key = value;
    return true;
}

static bool constant_key(Cover *c, const Resolution *r, TypeKind kind, Key *key) {
    int64_t value;
    if (r == NULL || r->kind != REF_CONST || (kind != TY_CHAR && !type_kind_is_integer(kind)) ||
        !constant_value(c->body->sema, r->decl, kind, &value))
        return false;
    *key = type_kind_is_signed(kind) ? SIGN + (Key)(__int128)value : (Key)value;
    return true;
}

static bool end_key(Cover *c, NodeId n, TypeKind kind, Key *key) {
    return literal_key(c, n, kind, key) || constant_key(c, facts_resolution(c->body->facts, n), kind, key);
}

// What equals nothing but itself: a text, or, told apart from all texts, how it is written.
static Text exact_text(Cover *c, NodeId n, const Resolution *r) {
    Body *b = c->body;
    const Ast *ast = b->ast;
    NodeId value = n;
    if (r != NULL && r->kind == REF_CONST) {
        ast = program_ast(b->program, r->decl);
        value = ast_const_decl(ast, program_decl(b->program, r->decl)->node).value;
    }
    if (value.v != 0 && ast_kind(ast, value) == NODE_STRING)
        return ast_string_value(ast, ast_token(ast, value), c->arena);
    return arena_printf(c->arena, "\xff%s", source_text(b, span_of(b, n)));
}

static const Pat *lower_constant(Cover *c, const Resolution *r, TypeKind kind) {
    int64_t value;
    if (kind == TY_BOOL && r != NULL && r->kind == REF_CONST && constant_value(c->body->sema, r->decl, kind, &value))
        return new_ctor(c, value != 0, 0);
    Pat *pat = new_pat(c, PAT_BETWEEN);
    if (!constant_key(c, r, kind, &pat->low))
        return NULL;
    pat->high = pat->low;
    return pat;
}

static const Pat *lower_value(Cover *c, NodeId n, TypeId type) {
    Body *b = c->body;
    NodeId child = ast_unary(b->ast, n).child;
    const Resolution *r = facts_resolution(b->facts, n);
    if (r != NULL && r->kind == REF_VARIANT)
        return new_ctor(c, is_error_type(b, type) ? r->decl.v : r->index,
                        cover_arity(c, type, is_error_type(b, type) ? r->decl.v : r->index));
    NodeKind kind = kind_of(b, child);
    if (kind == NODE_TRUE || kind == NODE_FALSE)
        return new_ctor(c, kind == NODE_TRUE, 0);
    TypeKind type_kind = type_of(b, type)->kind;
    Pat *pat = new_pat(c, PAT_BETWEEN);
    if ((type_kind == TY_CHAR || type_kind_is_integer(type_kind)) && literal_key(c, child, type_kind, &pat->low)) {
        pat->high = pat->low;
        return pat;
    }
    const Pat *constant = lower_constant(c, r, type_kind);
    if (constant != NULL)
        return constant;
    pat->kind = PAT_EXACT;
    pat->text = exact_text(c, child, r);
    return pat;
}

static const Pat *lower_range(Cover *c, NodeId n, TypeId type) {
    Body *b = c->body;
    AstBinary e = ast_binary(b->ast, n);
    TypeKind kind = type_of(b, type)->kind;
    Pat *pat = new_pat(c, PAT_BETWEEN);
    cover_bounds(kind, &pat->low, &pat->high);
    bool known = e.left.v == 0 || end_key(c, e.left, kind, &pat->low);
    known = (e.right.v == 0 || end_key(c, e.right, kind, &pat->high)) && known;
    if (!known) {
        pat->kind = PAT_EXACT;
        pat->text = text_of(source_text(b, span_of(b, n)));
        return pat;
    }
    bool open = op_of(b, n) != TOK_RANGE_EQ && e.right.v != 0;
    if (open && pat->high > 0)
        pat->high--;
    if (pat->low > pat->high || (open && pat->high + 1 == 0))
        pat->kind = PAT_EITHER; // empty: no alternative
    return pat;
}

static const Pat *lower_parts(Cover *c, AstList list, TypeId type, uint32_t ctor) {
    uint32_t arity = cover_arity(c, type, ctor);
    Pat *pat = new_ctor(c, ctor, arity);
    for (uint32_t i = 0; i < list.count && i < arity; i++)
        pat->parts[i] = cover_lower(c, AST_ITEM(list, i), cover_part(c, type, ctor, i));
    return pat;
}

static const Pat *lower_struct(Cover *c, NodeId n, TypeId type) {
    Body *b = c->body;
    const Resolution *r = facts_resolution(b->facts, n);
    uint32_t ctor = r == NULL || r->kind != REF_VARIANT ? 0 : is_error_type(b, type) ? r->decl.v : r->index;
    Pat *pat = new_ctor(c, ctor, cover_arity(c, type, ctor));
    AstList fields = ast_pat_struct(b->ast, n).fields;
    for (uint32_t i = 0; i < fields.count; i++) {
        NodeId field = AST_ITEM(fields, i);
        const Resolution *f = facts_resolution(b->facts, field);
        if (f != NULL && f->kind == REF_FIELD && f->index < pat->count)
            pat->parts[f->index] = cover_lower(c, ast_unary(b->ast, field).child, cover_part(c, type, ctor, f->index));
    }
    return pat;
}

static const Pat *lower_list(Cover *c, NodeId n, TypeId type) {
    Body *b = c->body;
    AstList list = ast_list(b->ast, n);
    TypeId item = type_of(b, type)->args[0];
    Pat *pat = new_pat(c, PAT_SEQUENCE);
    pat->parts = ARENA_ARRAY(c->arena, const Pat *, list.count + 1);
    for (uint32_t i = 0; i < list.count; i++) {
        NodeId part = AST_ITEM(list, i);
        if (kind_of(b, part) == NODE_PAT_REST) {
            pat->has_rest = true;
            pat->prefix = pat->count;
        } else {
            pat->parts[pat->count++] = cover_lower(c, part, item);
        }
    }
    if (!pat->has_rest)
        pat->prefix = pat->count;
    if (type_of(b, type)->kind != TY_ARRAY)
        return pat;
    uint32_t arity = cover_arity(c, type, 0); // an array: one constructor of fixed length
    Pat *fixed = new_ctor(c, 0, arity);
    uint32_t suffix = pat->count - pat->prefix;
    for (uint32_t i = 0; i < pat->count && pat->count <= arity; i++)
        fixed->parts[i < pat->prefix ? i : arity - suffix + (i - pat->prefix)] = pat->parts[i];
    return fixed;
}

static const Pat *lower_inside(Cover *c, NodeId n, TypeId type) {
    Body *b = c->body;
    const Resolution *r;
    switch (kind_of(b, n)) {
    case NODE_PAT_VALUE: return lower_value(c, n, type);
    case NODE_PAT_RANGE: return lower_range(c, n, type);
    case NODE_PAT_VARIANT: {
        r = facts_resolution(b->facts, n);
        if (r == NULL || r->kind != REF_VARIANT)
            return &ANY_PATTERN;
        return lower_parts(c, ast_call(b->ast, n).args, type, is_error_type(b, type) ? r->decl.v : r->index);
    }
    case NODE_PAT_STRUCT: return lower_struct(c, n, type);
    case NODE_PAT_TUPLE: return lower_parts(c, ast_list(b->ast, n), type, 0);
    case NODE_PAT_LIST: return lower_list(c, n, type);
    default: return &ANY_PATTERN;
    }
}

static const Pat *lower_either(Cover *c, NodeId n, TypeId type) {
    AstList list = ast_list(c->body->ast, n);
    Pat *pat = new_pat(c, PAT_EITHER);
    pat->count = list.count;
    pat->parts = ARENA_ARRAY(c->arena, const Pat *, list.count + 1);
    for (uint32_t i = 0; i < list.count; i++)
        pat->parts[i] = cover_lower(c, AST_ITEM(list, i), type);
    return pat;
}

const Pat *cover_lower(Cover *c, NodeId n, TypeId type) {
    Body *b = c->body;
    NodeKind kind = kind_of(b, n);
    type = cover_type(c, type);
    if (kind == NODE_PAT_WILD)
        return &ANY_PATTERN;
    if (kind == NODE_PAT_OR)
        return lower_either(c, n, type);
    if (kind == NODE_PAT_BIND) {
        NodeId inner = ast_pat_bind(b->ast, n).pattern;
        if (inner.v != 0)
            return cover_lower(c, inner, type);
    }
    if (type_of(b, type)->kind != TY_OPTIONAL)
        return lower_inside(c, n, type);
    if (kind == NODE_PAT_VALUE && kind_of(b, ast_unary(b->ast, n).child) == NODE_NULL)
        return new_ctor(c, 0, 0);
    if (kind == NODE_PAT_BIND && same_type(cover_type(c, b->facts->types[n.v]), type))
        return &ANY_PATTERN;
    Pat *some = new_ctor(c, 1, 1);
    some->parts[0] = cover_lower(c, n, type_of(b, type)->args[0]);
    return some;
}

// ---- as text --------------------------------------------------------------------------------------------------------

static void write_key(Key low, Key high, TypeKind kind, Buffer *out) {
    if (kind == TY_CHAR) {
        Key at = low <= 'a' && high >= 'a' ? 'a' : low < 0x20 && high >= 0x20 ? 0x20 : low;
        buffer_char(out, '\'');
        if (at < 0x20 || at == 0x7F)
            buffer_printf(out, "\\u{%X}", (unsigned)at);
        else
            buffer_utf8(out, (uint32_t)at);
        buffer_char(out, '\'');
        return;
    }
    Key zero = type_kind_is_signed(kind) ? SIGN : 0;
    Key at = low <= zero && zero <= high ? zero : high < zero ? high : low;
    bool negative = at < zero;
    Key value = negative ? zero - at : at - zero;
    char digits[48];
    uint32_t count = 0;
    do {
        digits[count++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0);
    if (negative)
        buffer_char(out, '-');
    while (count > 0)
        buffer_char(out, digits[--count]);
}

static void write_parts(Cover *c, const Pat *pat, TypeId type, Buffer *out) {
    for (uint32_t i = 0; i < pat->count; i++) {
        if (i > 0)
            buffer_cstr(out, ", ");
        cover_write(c, pat->parts[i], cover_part(c, type, pat->ctor, i), out);
    }
}

static void write_named(Cover *c, const Pat *pat, TypeId type, const Fields *fields, Buffer *out) {
    if (fields->count == 0)
        return;
    if (fields->is_tuple) {
        buffer_char(out, '(');
        write_parts(c, pat, type, out);
        buffer_char(out, ')');
        return;
    }
    buffer_cstr(out, " { ");
    bool hidden = false, first = true;
    for (uint32_t i = 0; i < pat->count; i++) {
        if (pat->parts[i]->kind == PAT_ANY) {
            hidden = true;
            continue;
        }
        buffer_printf(out, "%s%s: ", first ? "" : ", ",
                      cstr(c->body, program_decl(c->body->program, fields->fields[i])->name));
        cover_write(c, pat->parts[i], cover_part(c, type, pat->ctor, i), out);
        first = false;
    }
    buffer_cstr(out, hidden ? (first ? ".. }" : ", .. }") : " }");
}

// True if the value in an optional is an absent one: `null` would be read as the absence of the whole.
static bool is_null_inside(Cover *c, const Pat *pat, TypeId item) {
    const Pat *part = pat->parts[0];
    item = cover_type(c, item);
    if (part->kind != PAT_CTOR || type_of(c->body, item)->kind != TY_OPTIONAL)
        return false;
    return part->ctor == 0 || is_null_inside(c, part, type_of(c->body, item)->args[0]);
}

static void write_ctor(Cover *c, const Pat *pat, TypeId type, Buffer *out) {
    Program *p = c->body->program;
    const Type *t = type_get(p->types, type);
    switch (t->kind) {
    case TY_BOOL: buffer_cstr(out, pat->ctor ? "true" : "false"); return;
    case TY_OPTIONAL:
        if (pat->ctor == 0)
            buffer_cstr(out, "null");
        else if (pat->parts[0]->kind == PAT_ANY || is_null_inside(c, pat, t->args[0]))
            buffer_cstr(out, "value");
        else
            cover_write(c, pat->parts[0], t->args[0], out);
        return;
    case TY_ENUM: {
        const Shape *shape = program_shape(p, t->decl);
        buffer_printf(out, "%s.%s", cstr(c->body, program_decl(p, t->decl)->name),
                      cstr(c->body, program_decl(p, shape->variants[pat->ctor])->name));
        write_named(c, pat, type, &shape->variant_fields[pat->ctor], out);
        return;
    }
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: {
        const Decl *variant = program_decl(p, (DeclId){pat->ctor});
        buffer_printf(out, "%s.%s", cstr(c->body, program_decl(p, variant->parent)->name),
                      cstr(c->body, variant->name));
        write_named(c, pat, type, error_fields(c, pat->ctor), out);
        return;
    }
    case TY_STRUCT:
        buffer_cstr(out, cstr(c->body, program_decl(p, t->decl)->name));
        write_named(c, pat, type, &program_shape(p, t->decl)->fields, out);
        return;
    default:
        buffer_char(out, t->kind == TY_ARRAY ? '[' : '(');
        write_parts(c, pat, type, out);
        buffer_char(out, t->kind == TY_ARRAY ? ']' : ')');
        return;
    }
}

void cover_write(Cover *c, const Pat *pat, TypeId type, Buffer *out) {
    type = cover_type(c, type);
    switch (pat->kind) {
    case PAT_CTOR: write_ctor(c, pat, type, out); return;
    case PAT_BETWEEN: write_key(pat->low, pat->high, type_of(c->body, type)->kind, out); return;
    case PAT_SEQUENCE:
        buffer_char(out, '[');
        for (uint32_t i = 0; i < pat->count; i++) {
            if (i > 0)
                buffer_cstr(out, ", ");
            cover_write(c, pat->parts[i], type_of(c->body, type)->args[0], out);
        }
        buffer_cstr(out, pat->has_rest ? (pat->count > 0 ? ", ..]" : "..]") : "]");
        return;
    default: buffer_char(out, '_'); return;
    }
}
