// Is every value matched, and every arm needed? Usefulness after Maranget ("Warnings for pattern matching", 2007): a
// row of patterns is useful after others if some row of values matches it and none of them. What a match misses is the
// row of wildcards being useful, and the values found on the way are shown.
#include "sema/coverage.h"
#include <stdlib.h>

enum { STEP_LIMIT = 400000 }; // for one question

typedef struct Rows {
    const Pat ***items; // each a row of patterns
    uint32_t count;
} Rows;

typedef struct Question {
    Rows rows;
    const Pat **query;
    const TypeId *types;
    uint32_t width;
} Question;

static bool useful(Cover *c, Question q, const Pat **witness);

// ---- rows -----------------------------------------------------------------------------------------------------------

static void add_row(Cover *c, Rows *rows, uint32_t *capacity, const Pat **row) {
    if (rows->count == *capacity) {
        *capacity = *capacity == 0 ? 8 : *capacity * 2;
        const Pat ***items = ARENA_ARRAY(c->arena, const Pat **, *capacity);
        if (rows->count > 0)
            memcpy(items, rows->items, rows->count * sizeof *items);
        rows->items = items;
    }
    rows->items[rows->count++] = row;
}

// A = A1 | A2: one row for each.
static void add_expanded(Cover *c, Rows *rows, uint32_t *capacity, const Pat **row, uint32_t width) {
    if (width == 0 || row[0]->kind != PAT_EITHER) {
        add_row(c, rows, capacity, row);
        return;
    }
    for (uint32_t i = 0; i < row[0]->count; i++) {
        const Pat **copy = arena_copy(c->arena, row, width * sizeof *row, _Alignof(const Pat *));
        copy[0] = row[0]->parts[i];
        add_expanded(c, rows, capacity, copy, width);
    }
}

static Rows expand(Cover *c, Rows rows, uint32_t width) {
    Rows result = {0};
    uint32_t capacity = 0;
    bool any = false;
    for (uint32_t i = 0; i < rows.count && !any; i++)
        any = rows.items[i][0]->kind == PAT_EITHER;
    if (!any)
        return rows;
    for (uint32_t i = 0; i < rows.count; i++)
        add_expanded(c, &result, &capacity, rows.items[i], width);
    return result;
}

// What a value is taken to be: a constructor, a range of keys, a text, a length.
typedef struct Head {
    PatKind kind;
    uint32_t ctor;
    Key low, high;
    Text text;
    uint32_t length;
    bool longer; // SEQUENCE: this length stands for all from it on
} Head;

static bool head_matches(const Pat *p, const Head *h) {
    switch (p->kind) {
    case PAT_ANY: return true;
    case PAT_CTOR: return h->kind == PAT_CTOR && p->ctor == h->ctor;
    case PAT_BETWEEN: return h->kind == PAT_BETWEEN && p->low <= h->low && h->high <= p->high;
    case PAT_EXACT: return h->kind == PAT_EXACT && text_equal(p->text, h->text);
    case PAT_SEQUENCE:
        return h->kind == PAT_SEQUENCE && (p->has_rest ? p->count <= h->length : p->count == h->length && !h->longer);
    default: return false;
    }
}

static void take_parts(const Pat *p, uint32_t arity, const Pat **out) {
    for (uint32_t i = 0; i < arity; i++)
        out[i] = &ANY_PATTERN;
    if (p->kind == PAT_CTOR)
        for (uint32_t i = 0; i < arity && i < p->count; i++)
            out[i] = p->parts[i];
    if (p->kind == PAT_SEQUENCE)
        for (uint32_t i = 0; i < p->count; i++)
            out[i < p->prefix ? i : arity - p->count + i] = p->parts[i];
}

static uint32_t head_arity(Cover *c, const Head *h, TypeId type) {
    return h->kind == PAT_CTOR ? cover_arity(c, type, h->ctor) : h->kind == PAT_SEQUENCE ? h->length : 0;
}

// The question for values with this head: its parts take its column's place.
static Question specialise(Cover *c, Question q, const Head *h) {
    TypeId type = cover_type(c, q.types[0]);
    uint32_t arity = head_arity(c, h, type), width = arity + q.width - 1, capacity = 0;
    Question sub = {.width = width};
    TypeId *types = ARENA_ARRAY(c->arena, TypeId, width + 1);
    for (uint32_t i = 0; i < arity; i++)
        types[i] = h->kind == PAT_CTOR ? cover_part(c, type, h->ctor, i) : type_of(c->body, type)->args[0];
    memcpy(types + arity, q.types + 1, (q.width - 1) * sizeof *types);
    sub.types = types;
    sub.query = ARENA_ARRAY(c->arena, const Pat *, width + 1);
    take_parts(q.query[0], arity, sub.query);
    memcpy(sub.query + arity, q.query + 1, (q.width - 1) * sizeof *q.query);
    for (uint32_t i = 0; i < q.rows.count; i++) {
        const Pat **row = q.rows.items[i];
        if (!head_matches(row[0], h))
            continue;
        const Pat **next = ARENA_ARRAY(c->arena, const Pat *, width + 1);
        take_parts(row[0], arity, next);
        memcpy(next + arity, row + 1, (q.width - 1) * sizeof *row);
        add_row(c, &sub.rows, &capacity, next);
    }
    return sub;
}

static const Pat *rebuild(Cover *c, const Head *h, uint32_t arity, const Pat **parts) {
    Pat *pat = ARENA_NEW(c->arena, Pat);
    *pat =
        (Pat){.kind = h->kind, .ctor = h->ctor, .low = h->low, .high = h->high, .text = h->text, .has_rest = h->longer};
    pat->count = pat->prefix = arity;
    pat->parts = arena_copy(c->arena, parts, (arity + 1) * sizeof *parts, _Alignof(const Pat *));
    return pat;
}

static bool useful_head(Cover *c, Question q, const Head *h, const Pat **witness) {
    TypeId type = cover_type(c, q.types[0]);
    uint32_t arity = head_arity(c, h, type);
    Question sub = specialise(c, q, h);
    const Pat **found = ARENA_ARRAY(c->arena, const Pat *, sub.width + 2);
    if (!useful(c, sub, found))
        return false;
    witness[0] = rebuild(c, h, arity, found);
    memcpy(witness + 1, found + arity, (q.width - 1) * sizeof *witness);
    return true;
}

// Only rows whose first pattern takes anything.
static bool useful_default(Cover *c, Question q, const Pat *head, const Pat **witness) {
    Question sub = {.query = q.query + 1, .types = q.types + 1, .width = q.width - 1};
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < q.rows.count; i++)
        if (q.rows.items[i][0]->kind == PAT_ANY)
            add_row(c, &sub.rows, &capacity, q.rows.items[i] + 1);
    if (!useful(c, sub, witness + 1))
        return false;
    witness[0] = head;
    return true;
}

// ---- a wildcard, type by type ---------------------------------------------------------------------------------------

static bool has_ctor(Rows rows, uint32_t ctor) {
    for (uint32_t i = 0; i < rows.count; i++)
        if (rows.items[i][0]->kind == PAT_CTOR && rows.items[i][0]->ctor == ctor)
            return true;
    return false;
}

static bool any_of_ctors(Cover *c, Question q, const uint32_t *ctors, uint32_t count, const Pat **witness) {
    TypeId type = cover_type(c, q.types[0]);
    uint32_t present = 0, missing = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        bool has = has_ctor(q.rows, ctors[i]);
        present += has;
        if (!has && missing == UINT32_MAX)
            missing = ctors[i];
    }
    if (present == 0)
        return useful_default(c, q, &ANY_PATTERN, witness);
    if (missing != UINT32_MAX) {
        uint32_t arity = cover_arity(c, type, missing);
        const Pat **parts = ARENA_ARRAY(c->arena, const Pat *, arity + 1);
        take_parts(&ANY_PATTERN, arity, parts);
        return useful_default(c, q, rebuild(c, &(Head){.kind = PAT_CTOR, .ctor = missing}, arity, parts), witness);
    }
    for (uint32_t i = 0; i < count; i++)
        if (useful_head(c, q, &(Head){.kind = PAT_CTOR, .ctor = ctors[i]}, witness))
            return true;
    return false;
}

static int compare_keys(const void *a, const void *b) {
    Key x = *(const Key *)a, y = *(const Key *)b;
    return x < y ? -1 : x > y;
}

// Splits low … high where some row's range begins or ends; asks for each part.
static bool any_of_ranges(Cover *c, Question q, Key low, Key high, const Pat **witness) {
    if (low == high)
        return useful_head(c, q, &(Head){.kind = PAT_BETWEEN, .low = low, .high = high}, witness);
    Key *starts = ARENA_ARRAY(c->arena, Key, q.rows.count * 2 + 1);
    uint32_t count = 0;
    starts[count++] = low;
    for (uint32_t i = 0; i < q.rows.count; i++) {
        const Pat *p = q.rows.items[i][0];
        if (p->kind != PAT_BETWEEN)
            continue;
        if (p->low > low && p->low <= high)
            starts[count++] = p->low;
        if (p->high >= low && p->high < high)
            starts[count++] = p->high + 1;
    }
    qsort(starts, count, sizeof *starts, compare_keys);
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 < count && starts[i + 1] == starts[i])
            continue;
        Head h = {.kind = PAT_BETWEEN, .low = starts[i], .high = i + 1 < count ? starts[i + 1] - 1 : high};
        if (useful_head(c, q, &h, witness))
            return true;
    }
    return false;
}

static bool any_of_lengths(Cover *c, Question q, const Pat **witness) {
    uint32_t longest = 0;
    for (uint32_t i = 0; i < q.rows.count; i++)
        if (q.rows.items[i][0]->kind == PAT_SEQUENCE && q.rows.items[i][0]->count > longest)
            longest = q.rows.items[i][0]->count;
    for (uint32_t n = 0; n <= longest + 1; n++)
        if (useful_head(c, q, &(Head){.kind = PAT_SEQUENCE, .length = n, .longer = n == longest + 1}, witness))
            return true;
    return false;
}

static bool has_kind(Rows rows, PatKind kind) {
    for (uint32_t i = 0; i < rows.count; i++)
        if (rows.items[i][0]->kind == kind)
            return true;
    return false;
}

static bool any_value(Cover *c, Question q, const Pat **witness) {
    const uint32_t *ctors;
    uint32_t count;
    TypeId type = cover_type(c, q.types[0]);
    if (cover_ctors(c, type, &ctors, &count))
        return any_of_ctors(c, q, ctors, count, witness);
    if (has_kind(q.rows, PAT_BETWEEN)) {
        Key low, high;
        cover_bounds(type_of(c->body, type)->kind, &low, &high);
        return any_of_ranges(c, q, low, high, witness);
    }
    if (has_kind(q.rows, PAT_SEQUENCE))
        return any_of_lengths(c, q, witness);
    return useful_default(c, q, &ANY_PATTERN, witness);
}

// ---- the question ---------------------------------------------------------------------------------------------------

static bool ctor_occurs(Cover *c, TypeId type, uint32_t ctor) {
    const uint32_t *ctors;
    uint32_t count;
    if (!is_error_type(c->body, type) || !cover_ctors(c, type, &ctors, &count) || c->unknown)
        return true;
    for (uint32_t i = 0; i < count; i++)
        if (ctors[i] == ctor)
            return true;
    return false;
}

// A row that takes everything leaves nothing to ask: `else` at the end of an intricate match is common.
static bool has_catch_all(Question q) {
    for (uint32_t i = q.rows.count; i-- > 0;) {
        uint32_t k = 0;
        while (k < q.width && q.rows.items[i][k]->kind == PAT_ANY)
            k++;
        if (k == q.width)
            return true;
    }
    return false;
}

static bool useful(Cover *c, Question q, const Pat **witness) {
    if (q.width > 0 && has_catch_all(q))
        return false;
    if (q.width == 0)
        return q.rows.count == 0;
    if ((c->steps += 1 + q.rows.count) > STEP_LIMIT)
        return false;
    q.rows = expand(c, q.rows, q.width);
    const Pat *head = q.query[0];
    switch (head->kind) {
    case PAT_EITHER:
        for (uint32_t i = 0; i < head->count; i++) {
            const Pat **query = arena_copy(c->arena, q.query, q.width * sizeof *query, _Alignof(const Pat *));
            query[0] = head->parts[i];
            Question one = q;
            one.query = query;
            if (useful(c, one, witness))
                return true;
        }
        return false;
    case PAT_CTOR:
        return ctor_occurs(c, cover_type(c, q.types[0]), head->ctor) &&
               useful_head(c, q, &(Head){.kind = PAT_CTOR, .ctor = head->ctor}, witness);
    case PAT_BETWEEN: return any_of_ranges(c, q, head->low, head->high, witness);
    case PAT_EXACT: return useful_head(c, q, &(Head){.kind = PAT_EXACT, .text = head->text}, witness);
    case PAT_SEQUENCE: {
        uint32_t longest = head->count;
        for (uint32_t i = 0; i < q.rows.count && head->has_rest; i++)
            if (q.rows.items[i][0]->kind == PAT_SEQUENCE && q.rows.items[i][0]->count > longest)
                longest = q.rows.items[i][0]->count;
        for (uint32_t n = head->count; n <= longest + head->has_rest; n++)
            if (useful_head(c, q, &(Head){.kind = PAT_SEQUENCE, .length = n, .longer = n > longest}, witness))
                return true;
        return false;
    }
    case PAT_ANY: return any_value(c, q, witness);
    }
    return false;
}

// ---- match, let, for ------------------------------------------------------------------------------------------------

static bool has_poison(Body *b, NodeId n) {
    for (uint32_t i = ast_first(b->ast, n).v; i <= n.v; i++) {
        NodeKind kind = kind_of(b, (NodeId){i});
        if (kind == NODE_INVALID)
            return true;
        bool is_pattern = kind >= NODE_PAT_WILD && kind <= NODE_PAT_REST;
        TypeId type = b->facts->types[i];
        if (is_pattern && kind != NODE_PAT_REST && (type.v == 0 || type_of(b, type)->flags & TYPE_HAS_POISON))
            return true;
        if (kind == NODE_PAT_VALUE) {
            NodeKind child = kind_of(b, ast_unary(b->ast, (NodeId){i}).child);
            if ((child == NODE_NAME || child == NODE_FIELD) && facts_resolution(b->facts, (NodeId){i}) == NULL)
                return true;
        }
        if ((kind == NODE_PAT_VARIANT || kind == NODE_PAT_STRUCT) && facts_resolution(b->facts, (NodeId){i}) == NULL)
            return true;
    }
    return false;
}

// A value that the rows leave out, as text; empty if there is none.
static Text uncovered(Cover *c, Rows rows, TypeId type) {
    const Pat *any = &ANY_PATTERN, *witness[2] = {any, any};
    Question q = {.rows = rows, .query = &any, .types = &type, .width = 1};
    c->steps = 0;
    if (!useful(c, q, witness))
        return (Text){0};
    Buffer out = {0};
    cover_write(c, witness[0], type, &out);
    Text text = arena_text(c->body->arena, buffer_view(&out));
    vec_free(&out);
    return text;
}

static void report_missing(Body *b, NodeId n, TypeId type, Text value) {
    Report *r = REPORT(b, E0610, main_span(b, n), "this `match` does not cover `%.*s`", TEXT_ARG(value));
    if (is_error_type(b, type))
        report_label(r, "the error can also be `%.*s`", TEXT_ARG(value));
    else
        report_label(r, "a `%s` can also be `%.*s`", show(b, type), TEXT_ARG(value));
    report_help(r, "add an arm: `%.*s => …`, or `else => …` for all others", TEXT_ARG(value));
}

static void cover_match(Cover *c, NodeId n) {
    Body *b = c->body;
    AstMatch e = ast_match(b->ast, n);
    TypeId type = b->facts->types[e.subject.v];
    if (type.v == 0 || type_of(b, type)->flags & TYPE_HAS_POISON || type_of(b, type)->kind == TY_NEVER)
        return;
    for (uint32_t i = 0; i < e.arms.count; i++)
        if (kind_of(b, AST_ITEM(e.arms, i)) != NODE_ARM || has_poison(b, ast_arm(b->ast, AST_ITEM(e.arms, i)).pattern))
            return;
    const DeclId *variants;
    uint32_t count;
    TypeId seen = cover_type(c, type);
    if (is_error_type(b, seen) && !error_known(b->sema, seen, &variants, &count)) {
        vec_push(&b->shared->later, (Later){.kind = LATER_MATCH, .decl = b->decl, .node = n});
        if (type_of(b, seen)->kind == TY_INFERRED_SET)
            body_want(b->shared, type_of(b, seen)->decl);
        return;
    }
    Rows rows = {0};
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < e.arms.count; i++) {
        AstArm arm = ast_arm(b->ast, AST_ITEM(e.arms, i));
        const Pat **row = ARENA_ARRAY(c->arena, const Pat *, 1), *witness[2];
        row[0] = cover_lower(c, arm.pattern, type);
        Question q = {.rows = rows, .query = row, .types = &type, .width = 1};
        c->steps = 0;
        if (!useful(c, q, witness) && c->steps <= STEP_LIMIT) {
            Report *r = REPORT(b, W0601, span_of(b, arm.pattern), "this arm is never reached");
            report_label(r, rows.count == 0 ? "the value is never this"
                                            : "what it matches is matched before, or never occurs");
        }
        if (arm.guard.v == 0)
            add_row(c, &rows, &capacity, row);
    }
    Text missing = uncovered(c, rows, type);
    if (c->steps > STEP_LIMIT)
        REPORT(b, E0612, main_span(b, n),
               "this `match` is too intricate to tell whether it covers everything: add an `else` arm");
    else if (missing.size > 0)
        report_missing(b, n, type, missing);
}

// A pattern that must fit every value: of let, for and the parameters of closures.
static void cover_binding(Cover *c, NodeId pattern, const char *where, const char *help) {
    Body *b = c->body;
    if (pattern.v == 0 || kind_of(b, pattern) == NODE_PAT_BIND || kind_of(b, pattern) == NODE_PAT_WILD ||
        has_poison(b, pattern))
        return;
    TypeId type = b->facts->types[pattern.v];
    const Pat **row = ARENA_ARRAY(c->arena, const Pat *, 1);
    row[0] = cover_lower(c, pattern, type);
    Text missing = uncovered(c, (Rows){&row, 1}, type);
    if (missing.size == 0)
        return;
    Report *r = REPORT(b, E0611, span_of(b, pattern), "this pattern does not fit every value of %s", where);
    report_label(r, "`%.*s` is not matched", TEXT_ARG(missing));
    report_help(r, "%s", help);
}

static void cover_params(Cover *c, AstList params) {
    for (uint32_t i = 0; i < params.count; i++)
        cover_binding(c, ast_param(c->body->ast, AST_ITEM(params, i)).pattern, "this parameter",
                      "take the whole and `match` on it");
}

void check_coverage(Body *b, NodeId n) {
    Cover c = {.body = b, .arena = arena_new()};
    switch (kind_of(b, n)) {
    case NODE_MATCH: cover_match(&c, n); break;
    case NODE_LET:
    case NODE_MUT_BIND:
        cover_binding(&c, ast_let(b->ast, n).pattern, "this `let`",
                      "say what to do otherwise: `let … = … else do … end`");
        break;
    case NODE_FOR:
        cover_binding(&c, ast_for_expr(b->ast, n).index, "this `for`", "take the whole item and `match` on it");
        cover_binding(&c, ast_for_expr(b->ast, n).pattern, "this `for`", "take the whole item and `match` on it");
        break;
    case NODE_CLOSURE: cover_params(&c, ast_closure(b->ast, n).params); break;
    default: break;
    }
    arena_free(c.arena);
}
