// What tasks and bodies of nurseries add to: the parts are merged in the order of the text, whoever ends first.
#include "task.h"

static const char *const ORDERED_STEPS = "Steps"; // a type of the prelude whose merge is not commutative

static int item_of(Gen *g, AddKind kind) {
    return kind == ADD_LIST || kind == ADD_MAP ? type_random(g, 1) : g->i64_type;
}

static int type_for(Gen *g, AddKind kind, int item) {
    switch (kind) {
    case ADD_LIST: return type_of(g, KIND_LIST, item, item);
    case ADD_MAP: return type_of(g, KIND_MAP, chance(g, 50) ? g->string_type : g->i64_type, item);
    case ADD_TEXT: return g->string_type;
    case ADD_FLOATS:
    case ADD_PRODUCT: return g->float_type;
    default: return g->i64_type;
    }
}

static bool is_whole(const Gen *g, const Added *a) {
    Kind kind = g->types[a->type].kind;
    return (a->kind != ADD_LIST || kind == KIND_LIST) && (a->kind != ADD_MAP || kind == KIND_MAP);
}

void added_declare(Gen *g) {
    if (g->tasks->added_count == MAX_ADDED)
        return;
    Added a = {.kind = (AddKind)pick(g, ADD_KINDS), .name = g->next_name++};
    a.item = item_of(g, a.kind);
    a.type = type_for(g, a.kind, a.item);
    if (!is_whole(g, &a)) // the table of types is full
        a = (Added){.kind = ADD_SUM, .name = a.name, .item = g->i64_type, .type = g->i64_type};
    open_line(g);
    put(g, "var a%d", a.name);
    switch (a.kind) {
    case ADD_LIST:
    case ADD_MAP:
        put(g, ": ");
        type_name(g, a.type);
        put(g, " = make_t%d(seed + %u)", a.type, pick(g, 50));
        break;
    case ADD_TEXT: put(g, " = $\"<{seed}\""); break;
    case ADD_SUM: put(g, " = seed %% %u", pick(g, 50) + 1); break;
    case ADD_FLOATS: put(g, " = 0.%u", pick(g, 100)); break;
    case ADD_PRODUCT: put(g, " = %u.5", pick(g, 5)); break;
    case ADD_SET: put(g, ": Set[i64] = Set.new()"); break;
    default: put(g, " = %s { mul: %u, add: %u }", ORDERED_STEPS, pick(g, 50) + 2, pick(g, 50)); break;
    }
    put(g, "\n");
    g->tasks->added[g->tasks->added_count++] = a;
}

static void add_to_list(Gen *g, const Added *a) {
    uint32_t how = pick(g, 4);
    put(g, "a%d%s", a->name, how == 0 ? ".extend([" : how == 1 ? " ++= [" : how == 2 ? ".merge([" : ".push(");
    expr(g, a->item, 1);
    if (how < 3 && chance(g, 50)) {
        put(g, ", ");
        expr(g, a->item, 0);
    }
    put(g, how == 0 || how == 2 ? "])" : how == 1 ? "]" : ")");
}

void added_use(Gen *g) {
    int first = g->tasks->added_first, count = g->tasks->added_count - first;
    if (count == 0)
        return;
    const Added *a = &g->tasks->added[first + (int)pick(g, (uint32_t)count)];
    bool is_merge;
    open_line(g);
    switch (a->kind) {
    case ADD_LIST: add_to_list(g, a); break;
    case ADD_TEXT:
        is_merge = chance(g, 50);
        put(g, is_merge ? "a%d.merge($\"+{" : "a%d ++= $\" {", a->name);
        expr_int(g, 1);
        put(g, is_merge ? "}\")" : "}\"");
        break;
    case ADD_SUM:
        put(g, "a%d += ", a->name);
        expr_int(g, 2);
        break;
    case ADD_FLOATS:
        put(g, "a%d += (mix(", a->name);
        expr_int(g, 1);
        put(g, ") as f64) * 0.1");
        break;
    case ADD_PRODUCT:
        put(g, "a%d *= (mix(", a->name);
        expr_int(g, 1);
        put(g, ") %% 5 + 1) as f64 * 0.3");
        break;
    case ADD_MAP:
        put(g, "a%d.insert(make_t%d(mix(", a->name, g->types[a->type].a);
        expr_int(g, 1);
        put(g, ") %% 6), ");
        expr(g, a->item, 1);
        put(g, ")");
        break;
    case ADD_SET:
        put(g, "a%d.insert(mix(", a->name);
        expr_int(g, 1);
        put(g, ") %% 20)");
        break;
    default:
        put(g, "a%d.merge(%s { mul: mix(", a->name, ORDERED_STEPS);
        expr_int(g, 1);
        put(g, ") + 1, add: %u })", pick(g, 100));
        break;
    }
    put(g, "\n");
}

void added_digest(Gen *g, const Added *a) {
    switch (a->kind) {
    case ADD_FLOATS:
    case ADD_PRODUCT:
        line(g, "seen%d = fold(seen%d, digest_t%d($\"{a%d}\"))", g->seen, g->seen, g->string_type, a->name);
        break;
    case ADD_SET:
        line(g, "for x in a%d do", a->name);
        line(g, "    seen%d = fold(seen%d, x)", g->seen, g->seen);
        line(g, "end");
        break;
    case ADD_STEPS: line(g, "seen%d = fold(fold(seen%d, a%d.mul), a%d.add)", g->seen, g->seen, a->name, a->name); break;
    default: line(g, "seen%d = fold(seen%d, digest_t%d(a%d))", g->seen, g->seen, a->type, a->name); break;
    }
}
