// Expressions. Variables that are lent within an expression are locked or hidden while the rest of it is written.
#include "gen.h"

// ---- numbers and truth ---------------------------------------------------------------------------------------------

static bool is_closure(const Gen *g, const Var *v) {
    (void)g;
    return v->is_closure && !v->hidden;
}

static bool is_number(const Gen *g, const Var *v) {
    return v->type == g->i64_type && var_readable(g, v);
}

static bool has_len(const Gen *g, const Var *v) {
    Kind kind = g->types[v->type].kind;
    return (kind == KIND_LIST || kind == KIND_STRING || kind == KIND_MAP) && var_readable(g, v);
}

static bool is_number_list(const Gen *g, const Var *v) {
    const GenType *t = &g->types[v->type];
    return t->kind == KIND_LIST && t->a == g->i64_type && var_readable(g, v);
}

void expr_digest(Gen *g, int depth) {
    Var *v = var_find(g, -1, var_readable);
    if (v)
        put(g, "digest_t%d(%s)", v->type, v->name);
    else
        expr_int(g, depth - 1);
}

static void expr_call_result(Gen *g, int type, int depth);

static void int_leaf(Gen *g) {
    Var *v;
    switch (pick(g, 4)) {
    case 0:
        if ((v = var_find(g, -1, has_len))) {
            put(g, "%s.len", v->name);
            return;
        }
        break;
    case 1:
        if (chance(g, 50)) {
            expr_digest(g, 0);
            return;
        }
        break;
    default:
        if ((v = var_find(g, -1, is_number))) {
            put(g, "%s", v->name);
            return;
        }
        break;
    }
    put(g, "%u", pick(g, 300));
}

static void int_arithmetic(Gen *g, int depth) {
    static const char *const OPS[] = {"+", "-", "*", "+", "^", "&", "|"};
    put(g, "((");
    expr_int(g, depth - 1);
    put(g, ") %s (", OPS[pick(g, 7)]);
    expr_int(g, depth - 1);
    put(g, ")) %% %d", LIMIT);
}

// A chain over a list of numbers, with closures that borrow.
static void int_chain(Gen *g, int depth) {
    Var *v = var_find(g, -1, is_number_list);
    if (!v) {
        int_arithmetic(g, depth);
        return;
    }
    Var *captured = chance(g, 50) ? var_find(g, -1, is_number) : NULL;
    put(g, "%s", v->name);
    if (chance(g, 60))
        put(g, ".map(|x| (x * %u + %s) %% %d)", pick(g, 9) + 1, captured ? captured->name : "7", LIMIT);
    if (chance(g, 60))
        put(g, ".filter(|x| x %% %u != %u)", pick(g, 4) + 2, pick(g, 2));
    put(g, ".fold(%u, |a, x| (a * 31 + x) %% %d)", pick(g, 50), LIMIT);
}

static bool is_sized(const Gen *g, const Var *v) {
    const GenType *t = &g->types[v->type];
    bool list = t->kind == KIND_LIST && (t->a == g->i64_type || t->a == g->string_type);
    return (list || v->type == g->i64_type || v->type == g->string_type) && var_readable(g, v);
}

// What the fixed part of each program offers: recursive types, function values, traits.
static void int_feature(Gen *g, int depth) {
    Var *v;
    switch (pick(g, 4)) {
    case 0:
        put(g, "weigh(%sgrow(%u, ", chance(g, 50) ? "mirror(" : "(", pick(g, 5));
        expr_int(g, depth - 1);
        put(g, ")))");
        break;
    case 1:
        v = var_find(g, -1, is_closure);
        put(g, "apply(%s, ", v ? v->name : "mix");
        expr_int(g, depth - 1);
        put(g, ")");
        break;
    default:
        if ((v = var_find(g, -1, is_sized))) {
            put(g, "(bigger(%s, make_t%d(%u)) %% %d)", v->name, v->type, pick(g, 50), LIMIT);
            break;
        }
        put(g, "mix(%u)", pick(g, 100));
        break;
    }
}

void expr_int(Gen *g, int depth) {
    if (depth <= 0) {
        int_leaf(g);
        return;
    }
    Var *v;
    switch (pick(g, 12)) {
    case 0:
    case 1: int_leaf(g); break;
    case 11: // a panic in the middle of an expression
        put(g, "risk(");
        expr_int(g, depth - 1);
        put(g, ")");
        break;
    case 7: int_feature(g, depth); break;
    case 2:
        put(g, "(");
        expr_int(g, depth - 1);
        put(g, ") / (mix(");
        expr_int(g, depth - 1);
        put(g, ") + 1)");
        break;
    case 3:
        put(g, "if ");
        expr_bool(g, depth - 1);
        put(g, " do ");
        expr_int(g, depth - 1);
        put(g, " else do ");
        expr_int(g, depth - 1);
        put(g, " end");
        break;
    case 4:
        if ((v = var_find(g, -1, is_closure))) {
            put(g, "%s(", v->name);
            expr_int(g, depth - 1);
            put(g, ")");
            break;
        }
        int_arithmetic(g, depth);
        break;
    case 5: int_chain(g, depth); break;
    case 6:
        if (!g->in_closure) {
            expr_call_result(g, g->i64_type, depth);
            break;
        }
        int_arithmetic(g, depth);
        break;
    default: int_arithmetic(g, depth); break;
    }
}

static bool has_eq(const Gen *g, const Var *v) {
    return g->types[v->type].has_eq && var_readable(g, v);
}

void expr_bool(Gen *g, int depth) {
    static const char *const OPS[] = {"==", "!=", "<", "<=", ">", ">="};
    Var *a, *b;
    switch (pick(g, 6)) {
    case 0:
        if ((a = var_find(g, g->bool_type, var_readable))) {
            put(g, "%s%s", chance(g, 40) ? "not " : "", a->name);
            return;
        }
        break;
    case 1:
        if ((a = var_find(g, -1, has_eq)) && (b = var_find(g, a->type, has_eq))) {
            put(g, "%s %s %s", a->name, OPS[pick(g, 2)], b->name);
            return;
        }
        break;
    case 2:
        if (depth > 0) {
            put(g, "(");
            expr_bool(g, depth - 1);
            put(g, ") %s (", chance(g, 50) ? "and" : "or");
            expr_bool(g, depth - 1);
            put(g, ")");
            return;
        }
        break;
    default: break;
    }
    put(g, "(");
    expr_int(g, depth - 1);
    put(g, ") %s (", OPS[pick(g, 6)]);
    expr_int(g, depth - 1);
    put(g, ")");
}

// ---- calls ---------------------------------------------------------------------------------------------------------

static void unlock(Gen *g, Var **lent, bool is_mut, int count) {
    (void)g;
    for (int i = 0; i < count; i++)
        *(is_mut ? &lent[i]->hidden : &lent[i]->locked) -= 1;
}

// The arguments of a call. What is lent to be changed is chosen first and not used by the other arguments; what is lent
// to be read is not moved by them.
static void arguments(Gen *g, const GenFunc *f, int depth) {
    Var *mut[MAX_PARAMS] = {0}, *shared[MAX_PARAMS], *hidden[MAX_PARAMS];
    int shared_count = 0, hidden_count = 0;
    for (int i = 0; i < f->param_count; i++) {
        if (f->passes[i] != PASS_MUT)
            continue;
        mut[i] = var_find(g, f->params[i], var_changeable);
        invariant(mut[i] != NULL, "call without a place to change");
        mut[i]->hidden++;
        hidden[hidden_count++] = mut[i];
    }
    for (int i = 0; i < f->param_count; i++) {
        put(g, "%s", i ? ", " : "");
        Var *v = f->passes[i] == PASS_BORROW ? var_find(g, f->params[i], var_readable) : NULL;
        if (mut[i]) {
            put(g, "mut %s", mut[i]->name);
        } else if (v && chance(g, 80)) {
            put(g, "%s", v->name);
            v->locked++;
            shared[shared_count++] = v;
        } else {
            expr(g, f->params[i], depth - 1);
        }
    }
    unlock(g, shared, false, shared_count);
    unlock(g, hidden, true, hidden_count);
}

static bool can_call(Gen *g, const GenFunc *f) {
    int wanted[MAX_PARAMS], count = 0;
    for (int i = 0; i < f->param_count; i++) {
        if (f->passes[i] != PASS_MUT)
            continue;
        for (int j = 0; j < count; j++)
            if (wanted[j] == f->params[i]) // two places of one type: not worth the search
                return false;
        if (!var_find(g, f->params[i], var_changeable))
            return false;
        wanted[count++] = f->params[i];
    }
    return true;
}

// A call of an earlier function with this result, or else a value made in another way.
static void expr_call_result(Gen *g, int type, int depth) {
    bool is_func = g->current >= g->funcs && g->current < g->funcs + MAX_FUNCS;
    int limit = is_func ? (int)(g->current - g->funcs) : g->func_count;
    for (int tries = 0; tries < 4 && limit > 0 && depth > 0; tries++) {
        int index = (int)pick(g, (uint32_t)limit);
        const GenFunc *f = &g->funcs[index];
        if (f->result != type || !can_call(g, f))
            continue;
        bool propagate = f->can_fail && g->current && g->current->can_fail && chance(g, 50);
        put(g, f->can_fail && !propagate ? "(f%d(" : "f%d(", index);
        arguments(g, f, depth);
        put(g, ")");
        if (propagate) {
            put(g, "?");
        } else if (f->can_fail) {
            put(g, " catch ");
            put(g, "make_t%d(%u))", type, pick(g, 100));
        }
        return;
    }
    put(g, "make_t%d(", type);
    expr_int(g, depth - 1);
    put(g, ")");
}

// ---- values of any type --------------------------------------------------------------------------------------------

static bool is_value(const Gen *g, const Var *v) {
    return g->types[v->type].cheap && var_readable(g, v);
}

static bool is_copyable(const Gen *g, const Var *v) {
    return !g->types[v->type].has_drop && var_readable(g, v);
}

static bool expr_variable(Gen *g, int type) {
    Var *v = var_find(g, type, is_value);
    if (v && !g->in_closure) {
        put(g, "%s", v->name);
        return true;
    }
    v = var_find(g, type, var_movable);
    if (v && !g->types[type].cheap) {
        put(g, "%s", v->name);
        v->moved = true;
        return true;
    }
    v = var_find(g, type, is_copyable);
    if (v && !g->types[type].cheap) {
        put(g, "%s.copy()", v->name);
        return true;
    }
    return false;
}

static void string_value(Gen *g, int depth) {
    Var *v;
    switch (pick(g, 5)) {
    case 0: put(g, "\"k%u\"", pick(g, 20)); break;
    case 1:
        put(g, "$\"{");
        expr_digest(g, depth);
        put(g, "}-%u\"", pick(g, 9));
        break;
    case 2:
        put(g, "(");
        expr(g, g->string_type, depth - 1);
        put(g, " ++ ");
        expr(g, g->string_type, depth - 1);
        put(g, ")");
        break;
    case 3:
        if ((v = var_find(g, g->string_type, var_readable))) {
            put(g, "%s%s", v->name, chance(g, 50) ? ".to_upper()" : ".repeat(2)");
            break;
        }
        put(g, "\"x\"");
        break;
    default:
        put(g, "make_t%d(", g->string_type);
        expr_int(g, depth - 1);
        put(g, ")");
        break;
    }
}

static void struct_value(Gen *g, const GenType *t, int depth) {
    const GenShape *shape = &g->shapes[t->shape];
    int v = (int)pick(g, (uint32_t)shape->variant_count);
    put(g, shape->is_enum ? "E%d.V%d" : "S%d { ", t->shape, v);
    for (int f = 0; f < shape->field_counts[v]; f++) {
        put(g, "%s", f ? ", " : shape->is_enum ? "(" : "");
        if (!shape->is_enum)
            put(g, "f%d: ", f);
        expr(g, shape->fields[v][f], depth - 1);
    }
    put(g, "%s", !shape->is_enum ? " }" : shape->field_counts[v] ? ")" : "");
}

static void list_value(Gen *g, const GenType *t, int depth) {
    uint32_t count = 1 + pick(g, 3);
    put(g, "[");
    for (uint32_t i = 0; i < count; i++) {
        put(g, "%s", i ? ", " : "");
        expr(g, t->a, depth - 1);
    }
    put(g, "]");
}

static void if_value(Gen *g, int type, int depth) {
    put(g, "if ");
    expr_bool(g, depth - 1);
    put(g, " do make_t%d(%u) else do make_t%d(", type, pick(g, 100), type);
    expr_int(g, depth - 1);
    put(g, ") end");
}

static void fresh_value(Gen *g, int type, int depth) {
    const GenType *t = &g->types[type];
    switch (t->kind) {
    case KIND_STRING: string_value(g, depth); break;
    case KIND_BOOL:
        put(g, "(");
        expr_bool(g, depth - 1);
        put(g, ")");
        break;
    case KIND_STRUCT:
    case KIND_ENUM: struct_value(g, t, depth); break;
    case KIND_LIST: list_value(g, t, depth); break;
    case KIND_TUPLE:
        put(g, "(");
        expr(g, t->a, depth - 1);
        put(g, ", ");
        expr(g, t->b, depth - 1);
        put(g, ")");
        break;
    case KIND_CELL:
        put(g, "Cell { value: ");
        expr(g, t->a, depth - 1);
        put(g, ", count: %u }", pick(g, 10));
        break;
    default: expr_call_result(g, type, depth); break;
    }
}

void expr(Gen *g, int type, int depth) {
    if (type == g->i64_type) {
        put(g, "(");
        expr_int(g, depth);
        put(g, ")");
        return;
    }
    uint32_t choice = pick(g, 10);
    if (depth <= 0) {
        if (!(choice < 6 && expr_variable(g, type)))
            put(g, "make_t%d(%u)", type, pick(g, 200));
    } else if (choice < 3 && expr_variable(g, type)) {
        return;
    } else if (choice < 5) {
        expr_call_result(g, type, depth);
    } else if (choice == 5) {
        if_value(g, type, depth);
    } else if (choice == 6 && !g->types[type].has_drop && var_find(g, type, is_copyable)) {
        put(g, "pick_one(");
        expr_bool(g, depth - 1);
        Var *v = var_find(g, type, is_copyable);
        put(g, ", make_t%d(%u), %s.copy())", type, pick(g, 50), v ? v->name : "");
    } else {
        fresh_value(g, type, depth);
    }
}
