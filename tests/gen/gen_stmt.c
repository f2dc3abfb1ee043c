// Statements, functions and main.
#include "gen.h"

static void statement(Gen *g);

// Some defers panic, on every way out or while a panic unwinds.
static void stmt_defer(Gen *g) {
    uint32_t number = pick(g, 100);
    if (g->tasks)
        line(g, "defer check(%u)", number);
    else if (chance(g, 30))
        line(g, "defer println(\"defer \", risk(%u))", number);
    else
        line(g, "defer println(\"defer %u\")", number);
}

// ---- scopes --------------------------------------------------------------------------------------------------------

typedef struct {
    bool moved[MAX_VARS];
    int count;
} Moved;

static Moved moved_save(const Gen *g) {
    Moved m = {.count = g->var_count};
    for (int i = 0; i < g->var_count; i++)
        m.moved[i] = g->vars[i].moved;
    return m;
}

static void scope_end(Gen *g, int count) {
    g->var_count = count;
}

void statements(Gen *g, int count) {
    for (int i = 0; i < count && g->fuel > 0; i++)
        statement(g);
}

void block(Gen *g, int count) {
    int outer = g->var_count;
    g->indent++;
    statements(g, count);
    if (g->var_count > outer && chance(g, 60)) {
        open_line(g);
        if (g->tasks)
            put(g, "seen%d = fold(seen%d, ", g->seen, g->seen);
        else
            put(g, "println(\"b \", ");
        expr_digest(g, 1);
        put(g, ")\n");
    }
    line(g, "check(%d)", g->next_name);
    g->indent--;
    scope_end(g, outer);
}

// ---- bindings ------------------------------------------------------------------------------------------------------

static void stmt_declare(Gen *g) {
    int type = type_random(g, 2);
    bool is_var = chance(g, 50);
    open_line(g);
    int name = g->next_name;
    put(g, "%s v%d: ", is_var ? "var" : "let", name);
    type_name(g, type);
    put(g, " = ");
    expr(g, type, 2);
    put(g, "\n");
    var_new(g, type, true, is_var);
}

static void stmt_assign(Gen *g) {
    Var *v = var_find(g, -1, var_changeable);
    if (!v)
        return;
    const GenType *t = &g->types[v->type];
    int self = (int)(v - g->vars);
    g->vars[self].hidden++;
    open_line(g);
    if (t->kind == KIND_STRUCT && chance(g, 50)) {
        const GenShape *shape = &g->shapes[t->shape];
        int f = (int)pick(g, (uint32_t)shape->field_counts[0]);
        put(g, "%s.f%d = ", v->name, f);
        expr(g, shape->fields[0][f], 2);
    } else if (t->kind == KIND_TUPLE && chance(g, 50)) {
        put(g, "%s.1 = ", v->name);
        expr(g, t->b, 2);
    } else {
        put(g, "%s = ", v->name);
        expr(g, v->type, 2);
    }
    put(g, "\n");
    g->vars[self].hidden--;
}

static bool is_changeable_list(const Gen *g, const Var *v) {
    return g->types[v->type].kind == KIND_LIST && var_changeable(g, v);
}

static bool is_changeable_map(const Gen *g, const Var *v) {
    return g->types[v->type].kind == KIND_MAP && var_changeable(g, v);
}

static void stmt_container(Gen *g) {
    Var *v = var_find(g, -1, chance(g, 75) ? is_changeable_list : is_changeable_map);
    if (!v)
        return;
    const GenType *t = &g->types[v->type];
    v->hidden++;
    open_line(g);
    if (t->kind == KIND_MAP) {
        put(g, "%s.insert(make_t%d(%u), ", v->name, t->a, pick(g, 50));
        expr(g, t->b, 1);
        put(g, ")\n");
    } else {
        switch (pick(g, 4)) {
        case 0:
            put(g, "if %s.len > 0 do %s[at(", v->name, v->name);
            expr_int(g, 1);
            put(g, ", %s.len)] = ", v->name);
            expr(g, t->a, 1);
            put(g, " end\n");
            break;
        case 1: put(g, "%s.pop()\n", v->name); break;
        case 2: put(g, "%s.reverse()\n", v->name); break;
        default:
            put(g, "%s.push(", v->name);
            expr(g, t->a, 2);
            put(g, ")\n");
            break;
        }
    }
    v->hidden--;
}

// With tasks only what is surely the function's own: giving away what a task has captured is another matter.
static bool is_plain_place(const Gen *g, const Var *v) {
    return var_readable(g, v) && !g->types[v->type].cheap && (v->owned || !g->tasks);
}

// A projection: another name for what is only looked at while it lives.
static void stmt_project(Gen *g) {
    Var *v = var_find(g, -1, is_plain_place);
    if (!v)
        return;
    int type = v->type;
    line(g, "let v%d = %s", g->next_name, v->name);
    v->moved = true; // moved or lent for good: either way it is not used again
    v->mutable = false;
    var_new(g, type, false, false);
}

static void stmt_closure(Gen *g) {
    open_line(g);
    put(g, "let v%d = |x: i64| (x * %u + ", g->next_name, pick(g, 7) + 1);
    bool outer = g->in_closure;
    g->in_closure = true;
    int first = g->next_name;
    Var *captured = var_find(g, g->i64_type, var_readable);
    if (captured) {
        captured->locked++; // for as long as the closure may be called
        captured->mutable = false;
        put(g, "%s", captured->name);
    } else {
        put(g, "%d", first);
    }
    g->in_closure = outer;
    put(g, ") %% %d\n", LIMIT);
    var_new(g, g->i64_type, false, false)->is_closure = true;
}

// ---- control flow --------------------------------------------------------------------------------------------------

void leave_function(Gen *g) {
    open_line(g);
    if (!g->current) {
        put(g, "return\n");
        return;
    }
    if (g->current->can_fail && chance(g, 40)) {
        put(g, "fail Fault.F%u\n", pick(g, 3));
        return;
    }
    put(g, "return ");
    expr(g, g->current->result, 1);
    put(g, "\n");
}

// A branch that ends in a return: what it moves is of no concern behind it.
static void leaving_branch(Gen *g) {
    Moved before = moved_save(g);
    int outer = g->var_count;
    g->indent++;
    if (chance(g, 50))
        statement(g);
    if (g->loop_depth > 0 && chance(g, 60))
        line(g, chance(g, 50) ? "break" : "continue");
    else
        leave_function(g);
    g->indent--;
    scope_end(g, outer);
    for (int i = 0; i < before.count; i++)
        g->vars[i].moved = before.moved[i];
}

static void stmt_if(Gen *g) {
    open_line(g);
    put(g, "if ");
    expr_bool(g, 2);
    put(g, " do\n");
    if (chance(g, 25)) {
        leaving_branch(g);
        line(g, "end");
        return;
    }
    Moved before = moved_save(g);
    block(g, 1 + (int)pick(g, 3));
    Moved then = moved_save(g);
    for (int i = 0; i < before.count; i++)
        g->vars[i].moved = before.moved[i];
    if (chance(g, 60)) {
        line(g, "else do");
        block(g, 1 + (int)pick(g, 3));
    }
    for (int i = 0; i < before.count; i++)
        g->vars[i].moved |= then.moved[i];
    line(g, "end");
}

static void loop_body(Gen *g, int statements) {
    g->loop_depth++;
    block(g, statements);
    g->loop_depth--;
}

static bool is_list(const Gen *g, const Var *v) {
    return g->types[v->type].kind == KIND_LIST && var_readable(g, v);
}

static void stmt_for_list(Gen *g) {
    bool mut = chance(g, 30);
    Var *v = var_find(g, -1, mut ? is_changeable_list : is_list);
    if (!v)
        return;
    int item = g->types[v->type].a, list = (int)(v - g->vars), outer = g->var_count;
    line(g, "for %sv%d in %s do", mut ? "mut " : "", g->next_name, v->name);
    *(mut ? &v->hidden : &v->locked) += 1;
    g->loop_depth++;
    var_new(g, item, false, mut);
    g->loop_depth--;
    loop_body(g, 1 + (int)pick(g, 3));
    scope_end(g, outer);
    *(mut ? &g->vars[list].hidden : &g->vars[list].locked) -= 1;
    line(g, "end");
}

static void stmt_loop(Gen *g) {
    int outer = g->var_count;
    if (chance(g, 50)) {
        stmt_for_list(g);
        return;
    }
    line(g, "for v%d in 0..%s%u do", g->next_name, chance(g, 30) ? "=" : "", pick(g, 4));
    g->loop_depth++;
    var_new(g, g->i64_type, true, false);
    g->loop_depth--;
    loop_body(g, 1 + (int)pick(g, 3));
    scope_end(g, outer);
    line(g, "end");
}

static bool is_enum(const Gen *g, const Var *v) {
    return g->types[v->type].kind == KIND_ENUM && var_readable(g, v);
}

static bool is_option(const Gen *g, const Var *v) {
    return g->types[v->type].kind == KIND_OPTION && var_readable(g, v);
}

static void arm_vars(Gen *g, const GenShape *shape, int variant) {
    for (int f = 0; f < shape->field_counts[variant]; f++) {
        put(g, "%sv%d", f ? ", " : "(", g->next_name);
        var_new(g, shape->fields[variant][f], false, false);
    }
    put(g, "%s", shape->field_counts[variant] ? ")" : "");
}

static void stmt_match(Gen *g) {
    Var *v = var_find(g, -1, is_enum);
    if (!v)
        return;
    const GenShape *shape = &g->shapes[g->types[v->type].shape];
    int value = (int)(v - g->vars), outer = g->var_count, count = shape->variant_count;
    int named = chance(g, 40) ? (int)pick(g, (uint32_t)count) : count; // the rest is `else`
    Moved before = moved_save(g), after = before;
    line(g, "match %s {", v->name);
    v->locked++;
    g->indent++;
    for (int i = 0; i <= named && i <= count; i++) {
        bool rest = i == named;
        if (rest && named == count)
            break;
        open_line(g);
        if (rest)
            put(g, "_");
        else
            put(g, "E%d.V%d", g->types[g->vars[value].type].shape, i);
        if (!rest)
            arm_vars(g, shape, i);
        put(g, " => do\n");
        block(g, 1 + (int)pick(g, 2));
        line(g, "end,");
        scope_end(g, outer);
        for (int m = 0; m < before.count; m++) {
            after.moved[m] |= g->vars[m].moved;
            g->vars[m].moved = before.moved[m];
        }
    }
    g->indent--;
    line(g, "}");
    g->vars[value].locked--;
    for (int m = 0; m < before.count; m++)
        g->vars[m].moved = after.moved[m];
}

static void stmt_if_let(Gen *g) {
    Var *v = var_find(g, -1, is_option);
    if (!v)
        return;
    int value = (int)(v - g->vars), outer = g->var_count;
    Moved before = moved_save(g);
    line(g, "if let v%d = %s do", g->next_name, v->name);
    v->locked++;
    var_new(g, g->types[v->type].a, false, false);
    block(g, 1 + (int)pick(g, 2));
    scope_end(g, outer);
    Moved then = moved_save(g);
    for (int i = 0; i < before.count; i++)
        g->vars[i].moved = before.moved[i];
    if (chance(g, 50)) {
        line(g, "else do");
        block(g, 1);
    }
    line(g, "end");
    for (int i = 0; i < before.count; i++)
        g->vars[i].moved |= then.moved[i];
    g->vars[value].locked--;
}

// ---- the rest ------------------------------------------------------------------------------------------------------

static bool is_shown(const Gen *g, const Var *v) {
    const GenType *t = &g->types[v->type];
    return var_readable(g, v) && !t->has_drop && t->kind != KIND_MAP;
}

static void stmt_print(Gen *g) {
    Var *v = var_find(g, -1, is_shown);
    open_line(g);
    if (g->tasks) {
        put(g, "seen%d = fold(seen%d, ", g->seen, g->seen);
        expr_digest(g, 2);
        put(g, ")\n");
        return;
    }
    if (v && chance(g, 60)) {
        put(g, "println(\"%s \", %s)\n", v->name, v->name);
        return;
    }
    put(g, "println(\"p \", ");
    expr_int(g, 2);
    put(g, ")\n");
}

static void stmt_discard(Gen *g) {
    open_line(g);
    put(g, "let _ = ");
    expr(g, type_random(g, 2), 2);
    put(g, "\n");
}

static void statement(Gen *g) {
    if (g->fuel-- <= 0 || g->var_count > MAX_VARS - 40)
        return;
    switch (pick(g, 22)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: stmt_declare(g); break;
    case 5:
    case 6:
    case 7: stmt_assign(g); break;
    case 8:
    case 9: stmt_container(g); break;
    case 10: stmt_project(g); break;
    case 11: stmt_closure(g); break;
    case 12:
    case 13: stmt_if(g); break;
    case 14:
    case 15: stmt_loop(g); break;
    case 16: stmt_match(g); break;
    case 17: stmt_if_let(g); break;
    case 18: stmt_defer(g); break;
    case 19: stmt_discard(g); break;
    default: stmt_print(g); break;
    }
}

static void params_random(Gen *g, GenFunc *f) {
    f->param_count = (int)pick(g, MAX_PARAMS);
    for (int i = 0; i < f->param_count; i++) {
        f->params[i] = type_random(g, 2);
        f->passes[i] = (Pass)pick(g, 3);
    }
}

void func_write(Gen *g, int index) {
    static const char *const PASSES[] = {"", "mut ", "own "};
    GenFunc *f = &g->funcs[index];
    *f = (GenFunc){.result = type_random(g, 2), .can_fail = chance(g, 30)};
    params_random(g, f);
    g->current = f;
    g->var_count = 0;
    g->fuel = g->full ? 14 : 7;
    put(g, "func f%d(", index);
    for (int i = 0; i < f->param_count; i++) {
        put(g, "%s%sv%d: ", i ? ", " : "", PASSES[f->passes[i]], g->next_name);
        type_name(g, f->params[i]);
        var_new(g, f->params[i], f->passes[i] == PASS_OWN, f->passes[i] == PASS_MUT);
    }
    put(g, ") -> %s", f->can_fail ? "Fault!" : "");
    type_name(g, f->result);
    put(g, " do\n");
    g->indent++;
    if (g->tasks)
        line(g, "var seen%d = 0", g->seen = g->next_name++);
    statements(g, 8);
    if (g->tasks)
        line(g, "check(seen%d * seen%d)", g->seen, g->seen);
    open_line(g);
    put(g, "return ");
    expr(g, f->result, 2);
    put(g, "\n");
    g->indent--;
    line(g, "end\n");
    g->func_count = index + 1;
}

void main_write(Gen *g) {
    g->current = NULL;
    g->var_count = 0;
    g->fuel = g->full ? 40 : 7;
    line(g, "func main() do");
    g->indent++;
    statements(g, g->full ? 20 : 4);
    for (int i = 0; i < g->func_count; i++) {
        const GenFunc *f = &g->funcs[i];
        open_line(g);
        put(g, "println(\"f%d \", call_f%d(", i, i);
        expr_int(g, 1);
        put(g, "))\n");
        (void)f;
    }
    g->indent--;
    line(g, "end");
}
