// match and patterns.
//
// Rows of tests are compiled by the mixture rule: the first test of the first row chooses a place; the run of rows that
// test the same place with comparable tests is switched on at once, and what matches none of them goes on with the rows
// below. No row is ever copied, so the code is linear in the patterns. Bindings are made where a row is complete.
#include "ir/build_internal.h"

typedef struct {
    NodeId pattern;
    PlaceId place;
} Test;

typedef struct Row {
    Test *tests; // refutable ones only
    uint32_t count, capacity;
    Test *binds;
    uint32_t bind_count, bind_capacity;
    struct Choice *choices;
    uint32_t arm; // or which alternative
    bool is_guarded;
} Row;

// Alternatives of which one was met, while the row could still fail: what it binds is bound where the row is complete.
typedef struct Choice {
    PlaceId number;   // of the one that was met
    const Row **rows; // by number; NULL: never met
    uint32_t count;
    struct Choice *next;
} Choice;

typedef enum { HEAD_VARIANT, HEAD_INT, HEAD_EQUAL, HEAD_RANGE, HEAD_LIST, HEAD_OR } HeadKind;

// What a test asks first of its place.
typedef struct {
    HeadKind kind;
    uint64_t *values; // VARIANT: numbers, INT: values
    uint32_t count;
} Head;

typedef struct Match {
    Build *b;
    bool (*complete)(struct Match *m,
                     Row *row); // all tests passed; true if the row may still fail: the block goes on there
    // match
    AstList arms;
    PlaceId dst;
    BlockId join;
    bool joins;
    // a single pattern
    bool is_var;
    bool is_or;             // an alternative: its variables are declared once and registered later
    VEC(LocalId) or_locals; // of an alternative
    Choice *choice;         // whose alternatives these are
} Match;

static void compile(Match *m, Row *rows, uint32_t count, BlockId fail);

// ---- rows ----------------------------------------------------------------------------------------------------------

static void tests_push(Build *b, Test **items, uint32_t *count, uint32_t *capacity, Test test) {
    if (*count == *capacity) {
        uint32_t wider = *capacity ? *capacity * 2 : 4;
        Test *moved = ARENA_ARRAY(b->arena, Test, wider);
        if (*count)
            memcpy(moved, *items, *count * sizeof(Test));
        *items = moved;
        *capacity = wider;
    }
    (*items)[(*count)++] = test;
}

static void row_add(Build *b, Row *row, NodeId pattern, PlaceId place);

static void row_test(Build *b, Row *row, NodeId pattern, PlaceId place) {
    tests_push(b, &row->tests, &row->count, &row->capacity, (Test){pattern, place});
}

static void row_bind(Build *b, Row *row, NodeId pattern, PlaceId place) {
    tests_push(b, &row->binds, &row->bind_count, &row->bind_capacity, (Test){pattern, place});
}

static uint32_t field_number(Build *b, NodeId field) {
    const Resolution *res = fact_resolution(b, field);
    invariant(res && res->kind == REF_FIELD, "pattern of an unknown field");
    return res->index;
}

static bool looks_inside(Build *b, NodeId pattern, PlaceId place) {
    if (ast_kind(b->ast, pattern) == NODE_PAT_OR) { // if all alternatives do
        AstList items = ast_list(b->ast, pattern);
        bool all = items.count > 0;
        for (uint32_t i = 0; i < items.count && all; i++)
            all = looks_inside(b, AST_ITEM(items, i), place);
        return all;
    }
    TypeId type = fact_type(b, pattern), at = jir_place_type(b->fn, place);
    NodeKind kind = ast_kind(b->ast, pattern);
    if (kind == NODE_PAT_VALUE && ast_kind(b->ast, ast_unary(b->ast, pattern).child) == NODE_NULL)
        return false;
    return kind_of(b, at) == TY_OPTIONAL && type.v && type.v != at.v && kind_of(b, type) != TY_NULL;
}

// Through Boxes that the pattern does not speak of.
static PlaceId pattern_place(Build *b, NodeId pattern, PlaceId place) {
    TypeId type = fact_type(b, pattern);
    while (type.v && box_item(b, jir_place_type(b->fn, place)).v && jir_place_type(b->fn, place).v != type.v)
        place = place_strip(b, place_deref(b, place, box_item(b, jir_place_type(b->fn, place))));
    return place;
}

static void row_add_tuple(Build *b, Row *row, NodeId pattern, PlaceId place) {
    AstList items = ast_list(b->ast, pattern);
    const Type *type = type_of(b, jir_place_type(b->fn, place));
    for (uint32_t i = 0; i < items.count; i++)
        row_add(b, row, AST_ITEM(items, i), place_field(b, place, i, type->args[i]));
}

static void row_add_struct(Build *b, Row *row, NodeId pattern, PlaceId place) {
    AstPatStruct parts = ast_pat_struct(b->ast, pattern);
    TypeId type = jir_place_type(b->fn, place);
    for (uint32_t i = 0; i < parts.fields.count; i++) {
        NodeId field = AST_ITEM(parts.fields, i);
        uint32_t index = field_number(b, field);
        PlaceId part = place_field(b, place, index, shape_field_type(b->program, type, 0, index));
        row_add(b, row, ast_unary(b->ast, field).child, part);
    }
}

// Adds a pattern to a row: what always matches is taken apart at once, so that only refutable tests remain.
static void row_add(Build *b, Row *row, NodeId pattern, PlaceId place) {
    if (looks_inside(b, pattern, place)) {
        row_test(b, row, pattern, place);
        return;
    }
    place = pattern_place(b, pattern, place);
    if (looks_inside(b, pattern, place)) {
        row_test(b, row, pattern, place);
        return;
    }
    switch (ast_kind(b->ast, pattern)) {
    case NODE_PAT_WILD: break;
    case NODE_PAT_BIND: {
        row_bind(b, row, pattern, place);
        NodeId inner = ast_pat_bind(b->ast, pattern).pattern;
        if (inner.v)
            row_add(b, row, inner, place);
        break;
    }
    case NODE_PAT_TUPLE: row_add_tuple(b, row, pattern, place); break;
    case NODE_PAT_STRUCT: {
        const Resolution *res = fact_resolution(b, pattern);
        if (res && res->kind == REF_VARIANT)
            row_test(b, row, pattern, place);
        else
            row_add_struct(b, row, pattern, place);
        break;
    }
    default: row_test(b, row, pattern, place);
    }
}

static bool place_same(Build *b, PlaceId x, PlaceId y) {
    const JirPlace *p = jir_place(b->fn, x), *q = jir_place(b->fn, y);
    if (p->is_global != q->is_global || p->root != q->root || p->count != q->count)
        return false;
    for (uint32_t i = 0; i < p->count; i++) {
        const Projection *s = &b->fn->projections.items[p->first + i], *t = &b->fn->projections.items[q->first + i];
        if (s->kind != t->kind || s->index != t->index)
            return false;
    }
    return true;
}

static Test *row_find(Build *b, Row *row, PlaceId place) {
    for (uint32_t i = 0; i < row->count; i++)
        if (place_same(b, row->tests[i].place, place))
            return &row->tests[i];
    return NULL;
}

static void row_remove(Row *row, Test *test) {
    uint32_t index = (uint32_t)(test - row->tests);
    memmove(test, test + 1, (row->count - index - 1) * sizeof(Test));
    row->count--;
}

// ---- heads ---------------------------------------------------------------------------------------------------------

static Head head_one(Build *b, HeadKind kind, uint64_t value) {
    return (Head){kind, arena_copy(b->arena, &value, sizeof value, _Alignof(uint64_t)), 1};
}

static Head head_value(Build *b, NodeId pattern) {
    NodeId child = ast_unary(b->ast, pattern).child;
    const Resolution *res = fact_resolution(b, pattern);
    if (!res)
        res = fact_resolution(b, child);
    if (ast_kind(b->ast, child) == NODE_NULL)
        return head_one(b, HEAD_VARIANT, 0);
    if (res && res->kind == REF_VARIANT)
        return head_one(b, HEAD_VARIANT, variant_number(b, res->decl));
    NodeKind kind = ast_kind(b->ast, child);
    TypeKind type = kind_of(b, fact_type(b, pattern));
    bool is_literal =
        kind == NODE_INT || kind == NODE_NEG || kind == NODE_CHAR || kind == NODE_TRUE || kind == NODE_FALSE;
    bool is_narrow = type == TY_BOOL || type == TY_CHAR || (type_kind_is_integer(type) && type_kind_bits(type) <= 64);
    if (is_literal && is_narrow) {
        OperandId value = node_const(b, child);
        return head_one(b, HEAD_INT, b->fn->operands.items[value.v].low);
    }
    return (Head){.kind = HEAD_EQUAL};
}

// True if the pattern matches every value of its payload without naming any part.
static bool is_wild(Build *b, NodeId pattern) {
    return ast_kind(b->ast, pattern) == NODE_PAT_WILD;
}

static bool has_wild_payload(Build *b, NodeId pattern) {
    if (ast_kind(b->ast, pattern) == NODE_PAT_VALUE)
        return true;
    if (ast_kind(b->ast, pattern) != NODE_PAT_VARIANT)
        return false;
    AstList args = ast_call(b->ast, pattern).args;
    for (uint32_t i = 0; i < args.count; i++)
        if (!is_wild(b, AST_ITEM(args, i)))
            return false;
    return true;
}

static Head head_of(Build *b, NodeId pattern, PlaceId place);

// Alternatives that are all numbers of one switch are one test.
static Head head_or(Build *b, NodeId pattern, PlaceId place) {
    AstList items = ast_list(b->ast, pattern);
    Head all = {.values = ARENA_ARRAY(b->arena, uint64_t, items.count)};
    for (uint32_t i = 0; i < items.count; i++) {
        NodeId item = AST_ITEM(items, i);
        Head head = {.kind = HEAD_OR};
        if (!looks_inside(b, item, place) && has_wild_payload(b, item))
            head = head_of(b, item, place);
        bool fits = (head.kind == HEAD_VARIANT || head.kind == HEAD_INT) && (i == 0 || head.kind == all.kind);
        if (!fits)
            return (Head){.kind = HEAD_OR};
        all.kind = head.kind;
        bool is_new = true;
        for (uint32_t k = 0; k < all.count; k++)
            is_new &= all.values[k] != head.values[0];
        if (is_new)
            all.values[all.count++] = head.values[0];
    }
    return all;
}

static Head head_of(Build *b, NodeId pattern, PlaceId place) {
    if (looks_inside(b, pattern, place))
        return head_one(b, HEAD_VARIANT, 1);
    switch (ast_kind(b->ast, pattern)) {
    case NODE_PAT_VALUE: return head_value(b, pattern);
    case NODE_PAT_VARIANT:
    case NODE_PAT_STRUCT: return head_one(b, HEAD_VARIANT, variant_number(b, fact_resolution(b, pattern)->decl));
    case NODE_PAT_RANGE: return (Head){.kind = HEAD_RANGE};
    case NODE_PAT_LIST: return (Head){.kind = HEAD_LIST};
    case NODE_PAT_OR: return head_or(b, pattern, place);
    default: internal_error("pattern without a test: %s", node_kind_name(ast_kind(b->ast, pattern)));
    }
}

// Replaces a variant's test by those of its payload.
static void row_open(Build *b, Row *row, Test *test) {
    Test opened = *test;
    row_remove(row, test);
    if (looks_inside(b, opened.pattern, opened.place)) {
        TypeId item = payload_type(b, jir_place_type(b->fn, opened.place), 1, 0);
        row_add(b, row, opened.pattern, place_payload(b, opened.place, 1, 0, item));
        return;
    }
    NodeKind kind = ast_kind(b->ast, opened.pattern);
    if (kind != NODE_PAT_VARIANT && kind != NODE_PAT_STRUCT)
        return;
    DeclId variant = fact_resolution(b, opened.pattern)->decl;
    uint32_t number = variant_number(b, variant);
    TypeId type = jir_place_type(b->fn, opened.place);
    AstList items = kind == NODE_PAT_VARIANT ? ast_call(b->ast, opened.pattern).args
                                             : ast_pat_struct(b->ast, opened.pattern).fields;
    for (uint32_t i = 0; i < items.count; i++) {
        NodeId item = AST_ITEM(items, i);
        bool is_named = ast_kind(b->ast, item) == NODE_PAT_FIELD;
        uint32_t field = is_named ? field_number(b, item) : i;
        if (is_named)
            item = ast_unary(b->ast, item).child;
        row_add(b, row, item,
                place_payload(b, opened.place, number, field, shape_field_type(b->program, type, number, field)));
    }
}

// ---- switches ------------------------------------------------------------------------------------------------------

typedef struct {
    const uint64_t *values;
    uint32_t value_count;
    Row *rows;
    uint32_t count;
} Case;

typedef struct {
    VEC(Case) cases;
    MapU64 by_value;   // value → case
    uint32_t *case_of; // by row
    uint32_t value_count;
    uint32_t taken; // rows in it
} Switch;

static bool case_equals(const Case *c, Head head) {
    if (c->value_count != head.count)
        return false;
    for (uint32_t i = 0; i < head.count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < head.count && !found; k++)
            found = c->values[k] == head.values[i];
        if (!found)
            return false;
    }
    return true;
}

// Takes the next row into the switch; false if its values cut across those of an earlier case.
static bool switch_take(Switch *s, Head head) {
    uint32_t index = UINT32_MAX;
    for (uint32_t i = 0; i < head.count; i++) {
        uint32_t found = UINT32_MAX;
        map_get(&s->by_value, head.values[i], &found);
        if (i > 0 && found != index)
            return false;
        index = found;
    }
    if (index != UINT32_MAX && !case_equals(&s->cases.items[index], head))
        return false;
    if (index == UINT32_MAX) {
        index = s->cases.count;
        vec_push(&s->cases, (Case){.values = head.values, .value_count = head.count});
        for (uint32_t i = 0; i < head.count; i++)
            map_set(&s->by_value, head.values[i], index);
        s->value_count += head.count;
    }
    invariant(index < s->cases.count, "every row of a switch has its case");
    s->cases.items[index].count++;
    s->case_of[s->taken++] = index;
    return true;
}

// The run of rows from the first that test the place with numbers of one kind.
static void switch_gather(Build *b, Switch *s, Row *rows, uint32_t count, Head first, PlaceId place) {
    s->case_of = ARENA_ARRAY(b->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        Test *test = row_find(b, &rows[i], place);
        if (!test)
            break;
        Head head = i == 0 ? first : head_of(b, test->pattern, test->place);
        if (head.kind != first.kind || !switch_take(s, head))
            break;
        row_open(b, &rows[i], test);
    }
    invariant(s->taken <= count, "a switch takes only rows there are");
    for (uint32_t i = 0; i < s->cases.count; i++) {
        s->cases.items[i].rows = ARENA_ARRAY(b->arena, Row, s->cases.items[i].count);
        s->cases.items[i].count = 0;
    }
    for (uint32_t i = 0; i < s->taken; i++) {
        Case *c = &s->cases.items[s->case_of[i]];
        c->rows[c->count++] = rows[i];
    }
}

static bool switch_covers(Build *b, const Switch *s, Head head, TypeId type) {
    TypeKind kind = kind_of(b, type);
    if (head.kind == HEAD_INT)
        return kind == TY_BOOL && s->value_count == 2;
    bool counts = kind == TY_ENUM || type_kind_is_error(kind) || kind == TY_OPTIONAL || kind == TY_RESULT;
    return counts && s->value_count == type_variant_count(b->program, type);
}

static void switch_emit(Build *b, const Switch *s, Head head, PlaceId place, BlockId *blocks, BlockId rest) {
    uint64_t *values = ARENA_ARRAY(b->arena, uint64_t, s->value_count);
    BlockId *targets = ARENA_ARRAY(b->arena, BlockId, s->value_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->cases.count; i++) {
        const Case *c = &s->cases.items[i];
        for (uint32_t k = 0; k < c->value_count; k++) {
            values[count] = c->values[k];
            targets[count++] = blocks[i];
        }
    }
    bool covers = switch_covers(b, s, head, jir_place_type(b->fn, place));
    targets[count] = covers ? block_new(b) : rest; // a new block is UNREACHABLE
    emit_switch(b, head.kind == HEAD_VARIANT ? emit_tag(b, place) : copy(b, place), values, targets, count);
}

// Returns how many rows were taken; they fail to *rest, which is `fail` if there are no others.
static uint32_t compile_switch(Match *m, Row *rows, uint32_t count, Head head, BlockId fail, BlockId *rest) {
    Build *b = m->b;
    Switch s = {0};
    PlaceId place = rows[0].tests[0].place;
    switch_gather(b, &s, rows, count, head, place);
    *rest = s.taken < count ? block_new(b) : fail;
    BlockId *blocks = ARENA_ARRAY(b->arena, BlockId, s.cases.count);
    for (uint32_t i = 0; i < s.cases.count; i++)
        blocks[i] = block_new(b);
    switch_emit(b, &s, head, place, blocks, *rest);
    for (uint32_t i = 0; i < s.cases.count; i++) {
        block_start(b, blocks[i]);
        compile(m, s.cases.items[i].rows, s.cases.items[i].count, *rest);
    }
    uint32_t taken = s.taken;
    vec_free(&s.cases);
    map_free(&s.by_value);
    return taken;
}

// ---- tests of one row ----------------------------------------------------------------------------------------------

static void test_branch(Build *b, OperandId condition, BlockId fail) {
    BlockId pass = block_new(b);
    emit_branch(b, condition, pass, fail);
    block_start(b, pass);
}

static void test_equal(Build *b, Test test, BlockId fail) {
    NodeId child = ast_unary(b->ast, test.pattern).child;
    const Resolution *res = fact_resolution(b, test.pattern);
    bool is_const = res && res->kind == REF_CONST;
    PlaceId value = is_const ? jir_place_global(b->fn, res->decl, fact_type(b, child)) : build_place(b, child);
    test_branch(b, build_equal(b, test.place, value, jir_place_type(b->fn, test.place)), fail);
}

static void test_range(Build *b, Test test, BlockId fail) {
    AstBinary ends = ast_binary(b->ast, test.pattern);
    bool is_closed = ast_token_kind(b->ast, ast_token(b->ast, test.pattern)) == TOK_RANGE_EQ;
    if (ends.left.v)
        test_branch(b, emit_binary(b, BIN_GE, T_BOOL(b), copy(b, test.place), build_value(b, ends.left)), fail);
    if (ends.right.v) {
        BinaryOp op = is_closed ? BIN_LE : BIN_LT;
        test_branch(b, emit_binary(b, op, T_BOOL(b), copy(b, test.place), build_value(b, ends.right)), fail);
    }
}

static PlaceId item_place(Build *b, PlaceId list, LocalId index) {
    return place_index(b, list, index, true);
}

// The rest of a list pattern: the items from `from` up to `after` before the end.
static PlaceId rest_slice(Build *b, PlaceId list, OperandId len, uint32_t from, uint32_t after) {
    TypeId item = list_item(b, jir_place_type(b->fn, list));
    PlaceId slice = temp_new(b, type_lang(b->program, LANG_SLICE, &item, 1));
    OperandId to = after ? emit_binary(b, BIN_SUB_NOWRAP, T_I64(b), len, const_int(b, T_I64(b), after)) : len;
    JirArg args[] = {arg_ref(list), arg_value(const_int(b, T_I64(b), from)), arg_value(to)};
    intrinsic(b, INTRINSIC_slice_of, &item, 1, args, 3, jir_place_type(b->fn, slice), slice);
    return slice;
}

static PlaceId list_part(Build *b, PlaceId list, uint32_t index, uint32_t from_end, OperandId len) {
    const Type *type = type_of(b, jir_place_type(b->fn, list));
    if (type->kind == TY_ARRAY) {
        uint32_t at = from_end ? (uint32_t)type->count - from_end : index;
        return place_strip(b, jir_place_project(b->fn, list, (Projection){PROJ_CONST_INDEX, at, type->args[0]}));
    }
    if (!from_end)
        return item_place(b, list, index_const(b, index));
    OperandId at = emit_binary(b, BIN_SUB_NOWRAP, T_I64(b), len, const_int(b, T_I64(b), from_end));
    return item_place(b, list, (LocalId){jir_place(b->fn, b->fn->operands.items[at.v].place)->root});
}

// Tests the length, then adds the items to the row.
static void test_list(Build *b, Row *row, Test test, BlockId fail) {
    AstList items = ast_list(b->ast, test.pattern);
    uint32_t rest = items.count;
    for (uint32_t i = 0; i < items.count; i++)
        if (ast_kind(b->ast, AST_ITEM(items, i)) == NODE_PAT_REST)
            rest = i;
    bool has_rest = rest < items.count;
    uint32_t fixed = items.count - has_rest;
    OperandId len = place_len(b, test.place);
    if (kind_of(b, jir_place_type(b->fn, test.place)) != TY_ARRAY)
        test_branch(b, emit_binary(b, has_rest ? BIN_GE : BIN_EQ, T_BOOL(b), len, const_int(b, T_I64(b), fixed)), fail);
    for (uint32_t i = 0; i < items.count; i++) {
        NodeId item = AST_ITEM(items, i);
        if (i != rest)
            row_add(b, row, item, list_part(b, test.place, i, i > rest ? items.count - i : 0, len));
        else if (ast_pat_bind(b->ast, item).name.v)
            row_bind(b, row, item, rest_slice(b, test.place, len, rest, fixed - rest));
    }
}

// ---- bindings ------------------------------------------------------------------------------------------------------

static SymbolId bind_symbol(Build *b, NodeId pattern) {
    return ast_symbol(b->ast, ast_pat_bind(b->ast, pattern).name);
}

// In a later alternative a name is the variable that the first one declared.
static bool bind_again(Match *m, NodeId pattern, LocalId *local) {
    Build *b = m->b;
    for (uint32_t i = 0; i < m->or_locals.count; i++)
        if (jir_local(b->fn, m->or_locals.items[i])->name.v == bind_symbol(b, pattern).v) {
            *local = m->or_locals.items[i];
            b->locals[pattern.v - b->node_base] = local->v;
            return true;
        }
    return false;
}

static void bind_one(Match *m, Test bind) {
    Build *b = m->b;
    bool is_mut = ast_kind(b->ast, bind.pattern) == NODE_PAT_BIND && ast_pat_bind(b->ast, bind.pattern).is_mut;
    LocalId local;
    if (!m->is_or || !bind_again(m, bind.pattern, &local)) {
        local = local_declare(b, bind.pattern, bind_symbol(b, bind.pattern), jir_place_type(b->fn, bind.place),
                              is_mut ? LOCAL_MUT_REF : LOCAL_OWNED, m->is_var ? LOCAL_VAR : LOCAL_LET);
        if (m->is_or)
            vec_push(&m->or_locals, local);
    }
    token_at(b, bind.pattern);
    if (is_mut)
        emit_ref(b, jir_place_local(b->fn, local), bind.place, true);
    else if (m->is_var)
        emit_set(b, jir_place_local(b->fn, local), take(b, bind.place));
    else
        bind_place(b, local, bind.place);
    if (!m->is_or)
        local_register(b, local);
}

// What binding may take out of the subject is only taken once the arm's guard has agreed, which is lent it.
typedef enum { BIND_ALL, BIND_KEPT, BIND_LENT, BIND_TAKEN } BindPass;

static bool is_in_pass(Build *b, Test bind, BindPass pass) {
    bool is_mut = ast_kind(b->ast, bind.pattern) == NODE_PAT_BIND && ast_pat_bind(b->ast, bind.pattern).is_mut;
    bool may_take = !is_mut && !type_is_plain(b, jir_place_type(b->fn, bind.place));
    return pass == BIND_ALL || may_take == (pass != BIND_KEPT);
}

static void bind_lent(Match *m, Test bind) {
    Build *b = m->b;
    LocalId local;
    if (!m->is_or || !bind_again(m, bind.pattern, &local)) {
        local = local_declare(b, bind.pattern, bind_symbol(b, bind.pattern), jir_place_type(b->fn, bind.place),
                              LOCAL_LET_REF, LOCAL_LET);
        if (m->is_or)
            vec_push(&m->or_locals, local);
    }
    jir_local(b->fn, local)->is_lent |= may_be_lent_func(b, bind.place);
    token_at(b, bind.pattern);
    emit_ref(b, jir_place_local(b->fn, local), bind.place, false);
}

static bool row_binds(Build *b, const Row *row, BindPass pass) {
    for (uint32_t i = 0; i < row->bind_count; i++)
        if (is_in_pass(b, row->binds[i], pass))
            return true;
    for (const Choice *c = row->choices; c; c = c->next)
        for (uint32_t i = 0; i < c->count; i++)
            if (c->rows[i] && row_binds(b, c->rows[i], pass))
                return true;
    return false;
}

static void bind_choice(Match *m, const Choice *choice, BindPass pass);

static void bind_row(Match *m, const Row *row, BindPass pass) {
    for (uint32_t i = 0; i < row->bind_count; i++) {
        if (!is_in_pass(m->b, row->binds[i], pass))
            continue;
        if (pass == BIND_LENT)
            bind_lent(m, row->binds[i]);
        else
            bind_one(m, row->binds[i]);
    }
    for (const Choice *c = row->choices; c; c = c->next)
        bind_choice(m, c, pass);
}

// Within an alternative, those of others are known.
static Match match_or(const Match *m) {
    Match inner = {.b = m->b, .is_var = m->is_var, .is_or = true, .join = block_new(m->b)};
    for (uint32_t i = 0; i < m->or_locals.count; i++)
        vec_push(&inner.or_locals, m->or_locals.items[i]);
    return inner;
}

// The variables of alternatives are there behind all of them.
static void keep_or_locals(Match *m, Match *inner) {
    for (uint32_t i = m->or_locals.count; i < inner->or_locals.count; i++) {
        if (m->is_or)
            vec_push(&m->or_locals, inner->or_locals.items[i]);
        else
            local_register(m->b, inner->or_locals.items[i]);
    }
    vec_free(&inner->or_locals);
}

static void bind_choice(Match *m, const Choice *choice, BindPass pass) {
    Build *b = m->b;
    Match inner = match_or(m);
    uint64_t *values = ARENA_ARRAY(b->arena, uint64_t, choice->count);
    BlockId *targets = ARENA_ARRAY(b->arena, BlockId, choice->count + 1);
    uint32_t count = 0;
    bool binds = false;
    for (uint32_t i = 0; i < choice->count; i++) {
        binds |= choice->rows[i] && row_binds(b, choice->rows[i], pass);
        if (!choice->rows[i])
            continue;
        values[count] = i;
        targets[count++] = block_new(b);
    }
    if (!binds || !count) {
        vec_free(&inner.or_locals);
        return;
    }
    targets[count] = block_new(b); // UNREACHABLE
    emit_switch(b, copy(b, choice->number), values, targets, count);
    for (uint32_t i = 0; i < count; i++) {
        block_start(b, targets[i]);
        bind_row(&inner, choice->rows[values[i]], pass);
        block_goto(b, inner.join);
    }
    block_start(b, inner.join);
    keep_or_locals(m, &inner);
}

static bool complete_pattern(Match *m, Row *row) {
    bind_row(m, row, BIND_ALL);
    block_goto(m->b, m->join);
    m->joins = true;
    return false;
}

static bool complete_alternative(Match *m, Row *row) {
    Build *b = m->b;
    m->choice->rows[row->arm] = row;
    emit_set(b, m->choice->number, const_int(b, T_I64(b), row->arm));
    block_goto(b, m->join);
    return false;
}

static uint32_t count_within(Build *b, NodeId pattern, NodeKind kind) {
    AstList items = {0};
    uint32_t count = ast_kind(b->ast, pattern) == kind;
    switch (ast_kind(b->ast, pattern)) {
    case NODE_PAT_BIND:
        if (ast_pat_bind(b->ast, pattern).pattern.v)
            count += count_within(b, ast_pat_bind(b->ast, pattern).pattern, kind);
        break;
    case NODE_PAT_FIELD: return count_within(b, ast_unary(b->ast, pattern).child, kind);
    case NODE_PAT_VARIANT: items = ast_call(b->ast, pattern).args; break;
    case NODE_PAT_STRUCT: items = ast_pat_struct(b->ast, pattern).fields; break;
    case NODE_PAT_TUPLE:
    case NODE_PAT_LIST:
    case NODE_PAT_OR: items = ast_list(b->ast, pattern); break;
    default: break;
    }
    for (uint32_t i = 0; i < items.count; i++)
        count += count_within(b, AST_ITEM(items, i), kind);
    return count;
}

// What a list's pattern names is found while it is tested, and never taken. Of alternatives within alternatives no
// number tells which was met.
static bool may_wait(Build *b, NodeId pattern) {
    return count_within(b, pattern, NODE_PAT_LIST) == 0 && count_within(b, pattern, NODE_PAT_OR) == 1;
}

// Alternatives with parts: one after the other, all going on behind the pattern.
static void test_or(Match *m, Row *row, Test test, BlockId fail) {
    Build *b = m->b;
    AstList items = ast_list(b->ast, test.pattern);
    bool waits = (row->count || row->is_guarded) && may_wait(b, test.pattern);
    Match inner = match_or(m);
    inner.complete = complete_pattern;
    Row *rows = ARENA_ARRAY(b->arena, Row, items.count);
    for (uint32_t i = 0; i < items.count; i++) {
        rows[i].arm = i;
        row_add(b, &rows[i], AST_ITEM(items, i), test.place);
    }
    if (waits) {
        Choice *choice = ARENA_NEW(b->arena, Choice);
        *choice =
            (Choice){temp_new(b, T_I64(b)), ARENA_ARRAY(b->arena, const Row *, items.count), items.count, row->choices};
        row->choices = inner.choice = choice;
        inner.complete = complete_alternative;
    }
    compile(&inner, rows, items.count, fail);
    block_start(b, inner.join);
    keep_or_locals(m, &inner);
}

// ---- compilation ---------------------------------------------------------------------------------------------------

static void compile_single(Match *m, Row *row, Head head, BlockId fail) {
    Test test = row->tests[0];
    row_remove(row, &row->tests[0]);
    if (head.kind == HEAD_EQUAL)
        test_equal(m->b, test, fail);
    else if (head.kind == HEAD_RANGE)
        test_range(m->b, test, fail);
    else if (head.kind == HEAD_LIST)
        test_list(m->b, row, test, fail);
    else
        test_or(m, row, test, fail);
    compile(m, row, 1, fail);
}

static void compile(Match *m, Row *rows, uint32_t count, BlockId fail) {
    Build *b = m->b;
    while (count && !b->is_dead) {
        BlockId rest = fail;
        uint32_t taken = 1;
        if (!rows[0].count) {
            if (!m->complete(m, &rows[0]))
                return;
            rows++;
            count--;
            continue;
        }
        Head head = head_of(b, rows[0].tests[0].pattern, rows[0].tests[0].place);
        if (head.kind == HEAD_VARIANT || head.kind == HEAD_INT) {
            taken = compile_switch(m, rows, count, head, fail, &rest);
        } else {
            rest = count > 1 ? block_new(b) : fail;
            compile_single(m, &rows[0], head, rest);
        }
        invariant(taken > 0 && taken <= count, "a step of a match takes at least one row");
        rows += taken;
        count -= taken;
        if (!count)
            return;
        block_start(b, rest);
    }
    block_goto(b, fail);
}

// ---- match ---------------------------------------------------------------------------------------------------------

// Binds the row, of which the guard is lent what it may take; returns the way on where the guard is false.
static BlockId bind_guarded(Match *m, const Row *row, NodeId guard, uint32_t mark) {
    Build *b = m->b;
    BlockId body = block_new(b), fail = block_new(b), next = block_new(b);
    bind_row(m, row, BIND_KEPT);
    ScopeMark asking = scope_begin(b, guard);
    bind_row(m, row, BIND_LENT);
    build_branch(b, guard, body, fail);
    block_start(b, fail);
    scope_leave(b, mark, false);
    block_goto(b, next);
    block_start(b, body);
    scope_end(b, asking);
    bind_row(m, row, BIND_TAKEN);
    return next;
}

static bool complete_arm(Match *m, Row *row) {
    Build *b = m->b;
    AstArm arm = ast_arm(b->ast, AST_ITEM(m->arms, row->arm));
    ScopeMark mark = scope_begin(b, AST_ITEM(m->arms, row->arm));
    BlockId next = {0};
    if (arm.guard.v)
        next = bind_guarded(m, row, arm.guard, mark.mark);
    else
        bind_row(m, row, BIND_ALL);
    uint32_t statement = statement_begin(b);
    build_into(b, arm.body, m->dst);
    statement_end(b, statement);
    scope_end(b, mark);
    m->joins |= !b->is_dead;
    block_goto(b, m->join);
    if (!arm.guard.v)
        return false;
    block_start(b, next);
    return true;
}

// A tuple that is only taken apart need not be made.
static bool subject_is_apart(Build *b, NodeId subject, AstList arms) {
    if (ast_kind(b->ast, subject) != NODE_TUPLE || fact_wanted(b, subject).v)
        return false;
    for (uint32_t i = 0; i < arms.count; i++) {
        NodeKind kind = ast_kind(b->ast, ast_arm(b->ast, AST_ITEM(arms, i)).pattern);
        if (kind != NODE_PAT_TUPLE && kind != NODE_PAT_WILD)
            return false;
    }
    return true;
}

static void rows_apart(Build *b, NodeId subject, AstList arms, Row *rows) {
    AstList items = ast_list(b->ast, subject);
    PlaceId *places = ARENA_ARRAY(b->arena, PlaceId, items.count);
    for (uint32_t i = 0; i < items.count; i++)
        places[i] = build_place(b, AST_ITEM(items, i));
    for (uint32_t i = 0; i < arms.count; i++) {
        NodeId pattern = ast_arm(b->ast, AST_ITEM(arms, i)).pattern;
        rows[i].arm = i;
        rows[i].is_guarded = ast_arm(b->ast, AST_ITEM(arms, i)).guard.v != 0;
        if (ast_kind(b->ast, pattern) != NODE_PAT_TUPLE)
            continue;
        AstList parts = ast_list(b->ast, pattern);
        for (uint32_t k = 0; k < parts.count; k++)
            row_add(b, &rows[i], AST_ITEM(parts, k), places[k]);
    }
}

void build_match(Build *b, NodeId n, PlaceId dst) {
    AstMatch parts = ast_match(b->ast, n);
    ScopeMark mark = scope_begin(b, (NodeId){0});
    Row *rows = ARENA_ARRAY(b->arena, Row, parts.arms.count);
    if (subject_is_apart(b, parts.subject, parts.arms)) {
        rows_apart(b, parts.subject, parts.arms, rows);
    } else {
        PlaceId place = build_place(b, parts.subject);
        for (uint32_t i = 0; i < parts.arms.count; i++) {
            rows[i].arm = i;
            rows[i].is_guarded = ast_arm(b->ast, AST_ITEM(parts.arms, i)).guard.v != 0;
            row_add(b, &rows[i], ast_arm(b->ast, AST_ITEM(parts.arms, i)).pattern, place);
        }
    }
    token_at(b, n);
    Match m = {.b = b, .complete = complete_arm, .arms = parts.arms, .dst = dst, .join = block_new(b)};
    compile(&m, rows, parts.arms.count, block_new(b));
    block_start(b, m.join);
    b->is_dead = !m.joins;
    scope_end(b, mark);
}

void build_pattern(Build *b, NodeId pattern, PlaceId place, BlockId *fail, bool is_var) {
    Match m = {.b = b, .complete = complete_pattern, .is_var = is_var, .join = block_new(b)};
    Row row = {0};
    row_add(b, &row, pattern, place);
    if (!row.count) {
        bind_row(&m, &row, BIND_ALL);
        return;
    }
    compile(&m, &row, 1, fail ? *fail : block_new(b));
    block_start(b, m.join);
    b->is_dead = !m.joins;
}
