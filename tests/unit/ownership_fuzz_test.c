// Random functions: the check ends on each of them, and those it accepts never use, drop or show what is gone, and
// leave nothing behind, when an abstract machine runs them with random decisions.
#include <stdio.h>
#include <stdlib.h>

#include "jir_world.h"

static uint64_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

// ---- the generator --------------------------------------------------------------------------------------------------

static const char HEAD[] = "fn main module 1 params 2 {\n"
                           "local _0: void owned return\n"
                           "local _1 \"p\": List[i64] letref param\n"
                           "local _2 \"m\": List[i64] mutref param\n"
                           "local _3 \"a\": List[i64] owned var\n"
                           "local _4 \"b\": List[i64] owned var\n"
                           "local _5 \"q\": Pair owned var\n"
                           "local _6 \"t\": Tree owned var\n"
                           "local _7 \"u\": Tree owned var\n"
                           "local _8 \"x\": String owned var\n"
                           "local _9 \"y\": String owned var\n"
                           "local _10 \"v\": Slice[i64] owned var\n"
                           "local _11 \"w\": Slice[i64] owned var\n"
                           "local _12 \"r\": List[i64] owned let\n"
                           "local _13 \"s\": List[i64] owned let\n"
                           "local _14 \"z\": String owned let\n"
                           "local _15: List[i64] mutref temp\n"
                           "local _16: i64 owned temp\n"
                           "local _17: bool owned temp\n"
                           "local _18: List[i64] owned temp\n"
                           "local _19: Pair owned temp\n"
                           "local _20: Tree owned temp\n"
                           "local _21: Box[Tree] owned temp\n";

enum { FIRST_OWNED = 3, LAST_OWNED = 14, LOCALS = 64 };

typedef struct {
    uint64_t seed;
    Buffer *out;
    uint32_t blocks, written;
} Maker;

static uint32_t pick(Maker *m, uint32_t count) {
    return (uint32_t)(next_random(&m->seed) % count);
}

static const char *pick_of(Maker *m, const char *const *texts, uint32_t count) {
    return texts[pick(m, count)];
}

static const char *list_place(Maker *m) {
    static const char *const PLACES[] = {"_3", "_4", "_5.0", "_5.1", "_12", "_13", "_1", "_2", "_3", "_4"};
    return pick_of(m, PLACES, 10);
}

static const char *owned_list(Maker *m) {
    static const char *const PLACES[] = {"_3", "_4", "_5.0", "_5.1", "_3", "_4"};
    return pick_of(m, PLACES, 6);
}

static void make_list(Maker *m) {
    static const char *const VARIABLES[] = {"_3", "_4", "_5.0"};
    buffer_printf(m->out, "_18 = call make () %s = store take _18 ", pick_of(m, VARIABLES, 3));
}

static void make_stmt(Maker *m) {
    static const char *const VIEWS[] = {"_10", "_11"};
    static const char *const STRINGS[] = {"_8", "_9"};
    const char *bound = pick(m, 2) ? "_12" : "_13";
    switch (pick(m, 15)) {
    case 0: make_list(m); break;
    case 1: buffer_printf(m->out, "call give (take %s) ", list_place(m)); break;
    case 2: buffer_printf(m->out, "call look (ref %s) ", list_place(m)); break;
    case 3: buffer_printf(m->out, "call change (mut %s) ", pick(m, 4) ? owned_list(m) : "_2"); break;
    case 4: buffer_cstr(m->out, "_19 = make (take _3, take _4) _5 = store take _19 "); break;
    case 5: buffer_printf(m->out, "drop %s live %s %s = bind %s ", bound, bound, bound, list_place(m)); break;
    case 6: buffer_printf(m->out, "%s = call view (ref %s) ", pick_of(m, VIEWS, 2), list_place(m)); break;
    case 7: buffer_printf(m->out, "_16 = call sum (ref %s) ", pick_of(m, VIEWS, 2)); break;
    case 8: buffer_printf(m->out, "_15 = ref mut %s call change (mut _15) ", owned_list(m)); break;
    case 9: buffer_printf(m->out, "%s = store \"x\":String ", pick_of(m, STRINGS, 2)); break;
    case 10: buffer_cstr(m->out, "_9 = store take _8 "); break;
    case 11: buffer_cstr(m->out, "drop _14 live _14 _14 = bind _8 "); break;
    case 12: buffer_cstr(m->out, "_11 = set take _10 "); break;
    case 13:
        buffer_cstr(m->out, "_18 = call make () _21 = call boxed (take _6) _20 = variant 1 (take _21, take _18) "
                            "_6 = store take _20 ");
        break;
    default: buffer_printf(m->out, "%s = store take %s ", pick(m, 2) ? "_3" : "_4", list_place(m)); break;
    }
}

static void make_start(Maker *m) {
    for (uint32_t l = FIRST_OWNED; l <= LAST_OWNED; l++)
        buffer_printf(m->out, "live _%u ", l);
    buffer_cstr(m->out, "_20 = variant 0 () _6 = store take _20 _20 = variant 0 () _7 = store take _20 "
                        "_18 = call make () _3 = store take _18 _18 = call make () _4 = store take _18 "
                        "_8 = store \"x\":String _9 = store \"y\":String "
                        "_18 = call make () _19 = make (take _18, take _3) _5 = store take _19 "
                        "_18 = call make () _3 = store take _18 ");
}

static void make_end(Maker *m) {
    for (uint32_t l = LAST_OWNED; l >= FIRST_OWNED; l--)
        buffer_printf(m->out, "drop _%u ", l);
    buffer_cstr(m->out, "return ");
}

// Every fourth block looks into the tree: a block of its own takes parts out of it, and gives it a new value or not.
static void make_block(Maker *m, uint32_t block) {
    uint32_t then = block + 1 < m->blocks ? block + 1 : 0;
    buffer_printf(m->out, "%%%u: ", block);
    if (block == 0)
        make_start(m);
    for (uint32_t i = pick(m, 5); i > 0; i--)
        make_stmt(m);
    if (block + 1 == m->blocks)
        make_end(m);
    else if (pick(m, 4) == 0)
        buffer_printf(m->out, "_16 = tag _6 switch copy _16 1 %%%u %%%u ", m->blocks + block, then);
    else if (pick(m, 3) == 0)
        buffer_printf(m->out, "goto %%%u ", then);
    else
        buffer_printf(m->out, "_17 = call cond () branch copy _17 %%%u %%%u ", 1 + pick(m, m->blocks - 1), then);
}

static void make_tree_block(Maker *m, uint32_t block) {
    buffer_printf(m->out, "%%%u: ", m->blocks + block);
    if (pick(m, 2))
        buffer_cstr(m->out, "call give (take _6@1.1) ");
    if (pick(m, 2))
        buffer_cstr(m->out, "_7 = store take _6@1.0.* ");
    if (pick(m, 2))
        buffer_cstr(m->out, "_20 = variant 0 () _6 = store take _20 ");
    if (pick(m, 2))
        make_stmt(m);
    buffer_printf(m->out, "goto %%%u ", block + 1 < m->blocks ? block + 1 : 1);
}

static void make_function(uint64_t seed, Buffer *out) {
    Maker m = {.seed = seed * 77 + 5, .out = out};
    m.blocks = 2 + pick(&m, 5);
    buffer_cstr(out, HEAD);
    for (uint32_t b = 0; b < m.blocks; b++)
        make_block(&m, b);
    for (uint32_t b = 0; b < m.blocks; b++)
        make_tree_block(&m, b);
    buffer_cstr(out, "}");
    buffer_char(out, '\0');
    out->count--;
}

// ---- the machine ----------------------------------------------------------------------------------------------------

typedef struct Value {
    bool present;
    uint32_t id;      // of a list, a box, a String's text, or what a slice shows
    uint32_t version; // of what a slice shows or a reference points to
    uint64_t number;  // plain ones, and the variant of a Tree
    struct Value *parts[3];
} Value;

typedef struct {
    World *w;
    JirFn *fn;
    uint64_t seed;
    Value locals[LOCALS];
    struct {
        Value *to;
        uint32_t id, version;
    } refs[LOCALS];
    int counts[4096];
    bool constants[4096]; // own nothing: to drop them or not is the same
    uint32_t versions[4096];
    uint32_t ids;
    const char *fault;
} Machine;

static void machine_fault(Machine *m, const char *what) {
    if (!m->fault)
        m->fault = what;
}

static uint32_t new_id(Machine *m) {
    m->counts[++m->ids] = 1;
    return m->ids;
}

static bool is_of(const Machine *m, TypeId type, const char *name) {
    Text text = type_text(m->w->p, type);
    return text_equal(text, text_of(name));
}

typedef enum { KIND_PLAIN, KIND_LIST, KIND_PAIR, KIND_TREE, KIND_BOX, KIND_STRING, KIND_SLICE } Kind;

static Kind kind_of(const Machine *m, TypeId type) {
    const Type *t = type_get(m->w->p->types, type);
    if (t->kind == TY_ENUM)
        return KIND_TREE;
    if (t->kind != TY_STRUCT)
        return KIND_PLAIN;
    if (type_is_lang(m->w->p, type, LANG_BOX))
        return KIND_BOX;
    if (type_is_lang(m->w->p, type, LANG_LIST))
        return KIND_LIST;
    if (type_is_lang(m->w->p, type, LANG_SLICE))
        return KIND_SLICE;
    if (type_is_lang(m->w->p, type, LANG_STRING))
        return KIND_STRING;
    return is_of(m, type, "Pair") ? KIND_PAIR : KIND_PLAIN;
}

static Value *part(Machine *m, Value *value, uint32_t index) {
    if (!value->parts[index])
        value->parts[index] = ARENA_NEW(m->w->arena, Value);
    return value->parts[index];
}

static Value *root_value(Machine *m, uint32_t local) {
    if (m->fn->locals.items[local].mode == LOCAL_OWNED)
        return &m->locals[local];
    Value *to = m->refs[local].to;
    bool is_let = m->fn->locals.items[local].mode == LOCAL_LET_REF;
    if (!to || !to->present || to->id != m->refs[local].id || m->counts[to->id] < 1)
        machine_fault(m, "a reference to what is gone");
    else if (is_let && m->versions[to->id] != m->refs[local].version)
        machine_fault(m, "a change under a let reference");
    return to ? to : &m->locals[local];
}

static Value *place_value(Machine *m, PlaceId id) {
    const JirPlace *place = jir_place(m->fn, id);
    Value *value = root_value(m, place->root);
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *p = &m->fn->projections.items[place->first + i];
        if (p->kind == PROJ_VARIANT) {
            if (!value->present || value->number != p->index)
                machine_fault(m, "a payload of another variant");
        } else {
            value = part(m, value, p->kind == PROJ_DEREF ? 0 : p->index);
        }
    }
    return value;
}

static uint32_t part_count(Kind kind, const Value *value) {
    return kind == KIND_PAIR ? 2 : kind == KIND_TREE ? (value->number ? 2 : 0) : kind == KIND_BOX ? 1 : 0;
}

static Kind part_kind(Kind kind, uint32_t index) {
    return kind == KIND_BOX ? KIND_TREE : kind == KIND_TREE && index == 0 ? KIND_BOX : KIND_LIST;
}

static void want_whole(Machine *m, Kind kind, Value *value) {
    if (!value->present)
        machine_fault(m, "a use of what is gone");
    if (kind != KIND_PLAIN && kind != KIND_PAIR && kind != KIND_TREE && value->present && m->counts[value->id] < 1)
        machine_fault(m, "a use of what was dropped");
    if (kind == KIND_SLICE && value->present && m->versions[value->id] != value->version)
        machine_fault(m, "a view of what changed");
    for (uint32_t i = 0; value->present && i < part_count(kind, value); i++)
        want_whole(m, part_kind(kind, i), part(m, value, i));
}

static void take_out(Machine *m, Kind kind, Value *from, Value *to) {
    want_whole(m, kind, from);
    Value copy = *from;
    memset(copy.parts, 0, sizeof copy.parts);
    for (uint32_t i = 0; i < part_count(kind, from); i++) {
        copy.parts[i] = ARENA_NEW(m->w->arena, Value);
        take_out(m, part_kind(kind, i), part(m, from, i), copy.parts[i]);
    }
    if (kind != KIND_PLAIN)
        from->present = false;
    *to = copy;
}

static void drop_value(Machine *m, Kind kind, Value *value) {
    if (!value->present) {
        machine_fault(m, "a drop of what is gone");
        return;
    }
    for (uint32_t i = 0; i < part_count(kind, value); i++)
        drop_value(m, part_kind(kind, i), part(m, value, i));
    bool owns = (kind == KIND_LIST || kind == KIND_BOX || kind == KIND_STRING) && !m->constants[value->id];
    if (owns && m->counts[value->id]-- < 1)
        machine_fault(m, "a second drop");
    value->present = false;
}

static Value operand_value(Machine *m, OperandId id) {
    const JirOperand *operand = &m->fn->operands.items[id.v];
    Value result = {.present = true, .number = operand->low};
    if (operand->kind == OPERAND_CONST) {
        if (operand->const_kind == CONST_STRING) {
            result.id = new_id(m);
            m->constants[result.id] = true;
        }
        return result;
    }
    Kind kind = kind_of(m, jir_place_type(m->fn, operand->place));
    Value *from = place_value(m, operand->place);
    if (operand->kind == OPERAND_MOVE) {
        take_out(m, kind, from, &result);
        return result;
    }
    want_whole(m, kind, from);
    if (kind != KIND_PLAIN && kind != KIND_STRING && kind != KIND_SLICE)
        machine_fault(m, "a copy of what is not cheap");
    if (kind == KIND_STRING)
        m->counts[from->id]++;
    return *from;
}

static bool holds_something(Machine *m, Kind kind, Value *value) {
    if (value->present && (kind == KIND_LIST || kind == KIND_BOX || kind == KIND_STRING) && !m->constants[value->id])
        return true;
    for (uint32_t i = 0; i < part_count(kind, value); i++)
        if (holds_something(m, part_kind(kind, i), part(m, value, i)))
            return true;
    return false;
}

static void put(Machine *m, PlaceId dst, Value value, bool drops) {
    Value *to = place_value(m, dst);
    Kind kind = kind_of(m, jir_place_type(m->fn, dst));
    if (drops)
        drop_value(m, kind, to);
    else if (holds_something(m, kind, to))
        machine_fault(m, "an old value that nobody drops");
    *to = value;
}

static void point(Machine *m, const JirStmt *stmt) {
    uint32_t local = jir_place(m->fn, stmt->dst)->root;
    Value *to = place_value(m, stmt->place);
    want_whole(m, kind_of(m, jir_place_type(m->fn, stmt->place)), to);
    m->refs[local].to = to;
    m->refs[local].id = to->id;
    m->refs[local].version = m->versions[to->id];
}

static void call(Machine *m, const JirStmt *stmt) {
    Text name = decl_name(m->w->p, stmt->callee->decl);
    Value result = {.present = true};
    Value *lent = NULL;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &m->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE) {
            Value value = operand_value(m, arg->value);
            if (text_equal(name, TEXT("give"))) {
                drop_value(m, KIND_LIST, &value);
            } else { // boxed
                result.parts[0] = ARENA_NEW(m->w->arena, Value);
                *result.parts[0] = value;
            }
        } else {
            lent = place_value(m, arg->place);
            want_whole(m, kind_of(m, jir_place_type(m->fn, arg->place)), lent);
        }
    }
    if (text_equal(name, TEXT("change")))
        m->versions[lent->id]++;
    if (text_equal(name, TEXT("view"))) {
        result.id = lent->id;
        result.version = m->versions[lent->id];
    }
    if (text_equal(name, TEXT("make")) || text_equal(name, TEXT("boxed")))
        result.id = new_id(m);
    if (text_equal(name, TEXT("cond")))
        result.number = next_random(&m->seed) & 1;
    if (stmt->dst.v)
        put(m, stmt->dst, result, false);
}

static void run_make(Machine *m, const JirStmt *stmt) {
    Value result = {.present = true, .number = stmt->op == OP_MAKE_VARIANT ? stmt->number : 0};
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        result.parts[i] = ARENA_NEW(m->w->arena, Value);
        *result.parts[i] = operand_value(m, (OperandId){m->fn->operand_lists.items[stmt->args + i]});
    }
    put(m, stmt->dst, result, false);
}

// What a raw pointer stands for: the Box that it lies in, which is the place without its last part, or the local that
// it was taken to.
static Value *boxed_memory(Machine *m, OperandId id) {
    JirPlace box = *jir_place(m->fn, m->fn->operands.items[id.v].place);
    if (box.count == 0)
        return &m->locals[box.root];
    box.count--;
    vec_push(&m->fn->places, box);
    return place_value(m, (PlaceId){m->fn->places.count - 1});
}

// Takes the memory of an empty Box out, to be released later.
static void take_memory(Machine *m, const JirStmt *stmt) {
    Value *box = boxed_memory(m, stmt->a);
    if (!box->present || part(m, box, 0)->present)
        machine_fault(m, "a pointer out of a box that is in use");
    m->locals[jir_place(m->fn, stmt->dst)->root] = *box;
    box->present = false;
}

static bool is_pointer(Machine *m, PlaceId place) {
    return type_get(m->w->p->types, jir_place_type(m->fn, place))->kind == TY_POINTER;
}

static void run_intrinsic(Machine *m, const JirStmt *stmt) {
    if (stmt->number != INTRINSIC_mem_free) {
        place_value(m, stmt->dst)->present = true;
        return;
    }
    Value *value = boxed_memory(m, m->fn->args.items[stmt->args].value);
    if (!value->present || part(m, value, 0)->present || m->counts[value->id]-- < 1)
        machine_fault(m, "a wrong release of a box");
    value->present = false;
}

static void run_stmt(Machine *m, const JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_SET:
        if (is_pointer(m, stmt->dst))
            take_memory(m, stmt);
        else
            put(m, stmt->dst, operand_value(m, stmt->a), false);
        break;
    case OP_STORE: put(m, stmt->dst, operand_value(m, stmt->a), true); break;
    case OP_REF: point(m, stmt); break;
    case OP_MAKE:
    case OP_MAKE_VARIANT: run_make(m, stmt); break;
    case OP_CALL: call(m, stmt); break;
    case OP_TAG: {
        Value *tree = place_value(m, stmt->place);
        if (!tree->present)
            machine_fault(m, "a tag of what is gone");
        put(m, stmt->dst, (Value){.present = true, .number = tree->number}, false);
        break;
    }
    case OP_DROP: drop_value(m, kind_of(m, jir_place_type(m->fn, stmt->dst)), place_value(m, stmt->dst)); break;
    case OP_FLAG:
        m->locals[jir_place(m->fn, stmt->dst)->root] = (Value){.present = true, .number = stmt->number};
        break;
    case OP_INTRINSIC: run_intrinsic(m, stmt); break;
    default: break;
    }
}

static void run(Machine *m) {
    uint32_t block = 0;
    for (uint32_t steps = 0; steps < 60 && !m->fault; steps++) {
        const JirBlock *it = jir_block(m->fn, (BlockId){block});
        for (uint32_t s = 0; s < it->stmts.count && !m->fault; s++)
            run_stmt(m, &it->stmts.items[s]);
        const JirTerm *term = &it->term;
        if (m->fault)
            return;
        if (term->kind == TERM_RETURN) {
            for (uint32_t id = 3; id <= m->ids; id++)
                if (m->counts[id] != 0 && !m->constants[id])
                    machine_fault(m, "something is left behind");
            return;
        }
        uint32_t at = 0;
        if (term->kind == TERM_BRANCH)
            at = operand_value(m, term->a).number == 0;
        else if (term->kind == TERM_SWITCH)
            at = operand_value(m, term->a).number != term->values[0];
        block = term->targets[at].v;
    }
}

static void run_once(World *w, JirFn *fn, uint64_t seed, const char *text) {
    Machine *m = ARENA_NEW(w->arena, Machine);
    m->w = w;
    m->fn = fn;
    m->seed = seed;
    Value *given = ARENA_ARRAY(w->arena, Value, 2);
    for (uint32_t i = 0; i < 2; i++) {
        given[i] = (Value){.present = true, .id = new_id(m)};
        m->refs[i + 1].to = &given[i];
        m->refs[i + 1].id = given[i].id;
    }
    run(m);
    if (m->fault) {
        fprintf(stderr, "%s\n%s\n%s", m->fault, text, world_print(w, fn).data);
        fail();
    }
}

static void test_random_functions(void **state) {
    (void)state;
    const char *count_text = getenv("FUZZ_COUNT"), *from_text = getenv("FUZZ_FROM");
    uint64_t count = count_text ? strtoull(count_text, NULL, 10) : 3000,
             from = from_text ? strtoull(from_text, NULL, 10) : 1;
    uint64_t accepted = 0;
    for (uint64_t seed = from; seed < from + count; seed++) {
        World *w = world_new();
        Buffer text = {0};
        make_function(seed, &text);
        JirFn *fn = world_parse(w, text.items);
        if (ir_check_ownership(w->jir, fn)) {
            accepted++;
            ir_elaborate_drops(w->jir, fn);
            world_verify(w, fn);
            assert_true(fn->locals.count < LOCALS);
            for (uint64_t i = 0; i < 8; i++)
                run_once(w, fn, seed * 31 + i, text.items);
        } else {
            assert_true(diags_error_count(w->diags) > 0);
        }
        vec_free(&text);
        world_free(w);
    }
    assert_true(accepted * 20 > count);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_functions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
