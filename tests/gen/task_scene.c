// Scenes: random trees of nurseries that give one result in every order. What their tasks share is only read, only
// added to, changed by one task alone or by elements, or given away; the bodies join, and fold what they get into
// `seen`. Where a nursery fails it is one task that does, or the body: then nothing is looked at that the way up to
// there decides.
#include "task.h"

#include <stdlib.h>

// One nursery: what was declared for it.
typedef struct {
    int number;
    int added;    // those from here on are its own
    int elements; // an array for a loop of tasks, -1 if there is none or it is used
    int element_type, element_count;
    int alone; // a variable for one task to change, -1 likewise
    int alone_type;
    int given; // one to be given away, likewise
    int given_type;
    int elements_used, alone_used; // as they are to be looked at afterwards
    bool fails;                    // one task or the body: nothing of the body is to be observed
    bool has_failed;               // it is written
    int handles[MAX_HANDLES], handle_types[MAX_HANDLES], handle_count;
} Site;

// What is known of a task, or its loop.
typedef struct {
    Site *site;
    const char *index; // of the loop it is spawned in, or NULL
    bool has_elements, has_alone, has_given;
    int moved, moved_type; // a variable of the loop, or -1
    bool owns;             // it owns all it captures
    bool fails;
    int result; // a type
} Place;

static void nursery_write(Gen *g);

static Var *var_named(Gen *g, int type, bool owned, bool mutable, const char *prefix, int number) {
    Var *v = var_new(g, type, owned, mutable);
    snprintf(v->name, sizeof v->name, "%s%d", prefix, number);
    return v;
}

// ---- tasks ---------------------------------------------------------------------------------------------------------

typedef struct {
    Var vars[MAX_VARS];
    int var_count, loop_depth, fuel, added_first, added_count, seen;
    GenFunc *current;
} Outside;

static Outside *leave_outside(Gen *g) {
    Outside *o = malloc(sizeof *o);
    invariant(o != NULL, "no memory");
    memcpy(o->vars, g->vars, sizeof o->vars);
    o->var_count = g->var_count;
    o->loop_depth = g->loop_depth;
    o->fuel = g->fuel;
    o->seen = g->seen;
    o->current = g->current;
    o->added_first = g->tasks->added_first;
    o->added_count = g->tasks->added_count;
    return o;
}

static void come_back(Gen *g, Outside *o) {
    memcpy(g->vars, o->vars, sizeof g->vars);
    g->var_count = o->var_count;
    g->loop_depth = o->loop_depth;
    g->fuel = o->fuel;
    g->seen = o->seen;
    g->current = o->current;
    g->tasks->added_first = o->added_first;
    g->tasks->added_count = o->added_count;
    free(o);
}

// What a task may look at: all that nobody changes; or only what is copied, if it owns all it captures.
static void see_captured(Gen *g, const Place *p) {
    int count = 0;
    for (int i = 0; i < g->var_count; i++) {
        Var v = g->vars[i];
        bool is_seen = !v.mutable && !v.moved && !v.hidden && !v.is_closure;
        if (!is_seen || (p->owns && v.type != g->i64_type))
            continue;
        v.owned = v.loop_depth = v.locked = 0;
        g->vars[count++] = v;
    }
    g->var_count = count;
    g->loop_depth = 0;
    if (p->has_alone)
        var_named(g, p->site->alone_type, false, true, "x", p->site->alone);
    if (p->has_given)
        var_named(g, p->site->given_type, true, false, "g", p->site->given);
    if (p->moved >= 0)
        var_named(g, p->moved_type, true, false, "m", p->moved);
    if (p->owns)
        g->tasks->added_first = g->tasks->added_count;
}

static void pause_write(Gen *g) {
    switch (pick(g, 8)) {
    case 0:
    case 1: line(g, "yield()"); break;
    case 2: line(g, "sleep(1ms) when mix(seed + %u) %% 3 == 0", pick(g, 100)); break;
    case 3: line(g, "eprintln(\"at %u, \", seen%d)", pick(g, 1000), g->seen); break;
    case 4:
        line(g, "shield do");
        line(g, "    yield()");
        line(g, "end");
        break;
    default: break;
    }
}

static void use_elements(Gen *g, const Place *p) {
    const Site *s = p->site;
    open_line(g);
    if (s->element_type == g->i64_type && chance(g, 50))
        put(g, "o%d[%s] += ", s->elements, p->index);
    else
        put(g, "o%d[%s] = ", s->elements, p->index);
    expr(g, s->element_type, 1);
    put(g, "\n");
}

static void call_scene(Gen *g) {
    if (g->tasks->scene_count == 0)
        return;
    int index = (int)pick(g, (uint32_t)g->tasks->scene_count);
    open_line(g);
    put(g, "seen%d = fold(seen%d, scene%d(", g->seen, g->seen, index);
    expr_int(g, 0);
    put(g, g->tasks->scene_fails[index] ? ") catch 5)\n" : "))\n");
}

static void task_step(Gen *g, const Place *p) {
    switch (pick(g, 7)) {
    case 0:
    case 1:
        g->fuel = 2;
        statements(g, 2);
        break;
    case 2: pause_write(g); break;
    case 3:
        if (chance(g, 30)) {
            call_scene(g);
            break;
        }
        added_use(g);
        break;
    case 4:
        if (g->tasks->depth < 3 && g->tasks->spawns > 0 && chance(g, 35)) {
            nursery_write(g);
            break;
        }
        added_use(g);
        break;
    default:
        if (p->has_elements && chance(g, 40))
            use_elements(g, p);
        else
            added_use(g);
        break;
    }
}

// What stands between `func() do` and `end`.
static void task_write(Gen *g, const Place *p) {
    GenFunc f = {.result = p->result};
    Outside *outside = leave_outside(g);
    see_captured(g, p);
    g->current = &f;
    g->indent++;
    g->seen = g->next_name++;
    line(g, "var seen%d = fold(%u, %s)", g->seen, pick(g, 100), p->index ? p->index : "seed");
    pause_write(g);
    if (p->has_elements && chance(g, 80))
        use_elements(g, p);
    int steps = 1 + (int)pick(g, 4);
    for (int i = 0; i < steps; i++)
        task_step(g, p);
    open_line(g);
    if (p->fails)
        put(g, "fail Fault.F%u\n", pick(g, 3));
    else if (p->result == g->i64_type)
        put(g, "return seen%d\n", g->seen);
    else
        leave_function(g);
    g->indent--;
    come_back(g, outside);
}

// ---- spawning ------------------------------------------------------------------------------------------------------

static Place place_of(Gen *g, Site *s, const char *index) {
    return (Place){.site = s, .index = index, .moved = -1, .result = g->i64_type};
}

static void spawn_loop(Gen *g, Site *s) {
    char index[16];
    int number = g->next_name++, outer = g->var_count;
    snprintf(index, sizeof index, "i%d", number);
    Place p = place_of(g, s, index);
    p.has_elements = s->elements >= 0 && !s->elements_used && chance(g, 85);
    if (p.has_elements && chance(g, 60))
        line(g, "for %s in 0..%d do", index, s->element_count);
    else if (p.has_elements)
        line(g, "for %s in 0..o%d.len do", index, s->elements);
    else
        line(g, "for %s in %u..%u do", index, pick(g, 3), 1 + pick(g, 6));
    g->indent++;
    var_named(g, g->i64_type, false, false, "i", number);
    if (!p.has_elements && chance(g, 10))
        line(g, chance(g, 50) ? "break when mix(%s) %% 3 == 0" : "continue when mix(%s) %% 3 == 0", index);
    if (chance(g, 35)) {
        p.moved = g->next_name++;
        p.moved_type = type_random(g, 2);
        line(g, "let m%d = make_t%d(seed + %s)", p.moved, p.moved_type, index);
    }
    line(g, "n%d.spawn(func() do", s->number);
    task_write(g, &p);
    line(g, "end)");
    if (chance(g, 20))
        added_use(g);
    g->indent--;
    line(g, "end");
    g->var_count = outer;
    s->elements_used |= p.has_elements;
    g->tasks->spawns -= 2;
}

static void take(int *variable, bool *has, bool is_wanted) {
    *has = *variable >= 0 && is_wanted;
}

static void spawn_one(Gen *g, Site *s, bool is_at_top) {
    Place p = place_of(g, s, NULL);
    take(&s->alone, &p.has_alone, !s->alone_used && is_at_top && chance(g, 70));
    take(&s->given, &p.has_given, is_at_top && chance(g, 70));
    if (chance(g, 30))
        p.result = type_random(g, 2);
    p.fails = s->fails && !s->has_failed && is_at_top && chance(g, 50);
    bool is_joined = !p.fails && !s->fails && is_at_top && s->handle_count < MAX_HANDLES && chance(g, 60);
    int handle = g->next_name++;
    open_line(g);
    if (is_joined)
        put(g, "let h%d = ", handle);
    put(g, "n%d.spawn(func() do\n", s->number);
    task_write(g, &p);
    line(g, "end)");
    if (is_joined) {
        s->handles[s->handle_count] = handle;
        s->handle_types[s->handle_count++] = p.result;
    }
    s->alone_used |= p.has_alone;
    if (p.has_given)
        s->given = -1;
    s->has_failed |= p.fails;
    g->tasks->spawns--;
}

static void join_one(Gen *g, Site *s) {
    if (s->handle_count == 0)
        return;
    int at = (int)pick(g, (uint32_t)s->handle_count);
    line(g, "seen%d = fold(seen%d, digest_t%d(h%d.join()))", g->seen, g->seen, s->handle_types[at], s->handles[at]);
    s->handle_count--;
    s->handles[at] = s->handles[s->handle_count];
    s->handle_types[at] = s->handle_types[s->handle_count];
}

// How an isolated task ends is its own business.
static void spawn_isolated(Gen *g, Site *s) {
    Place p = place_of(g, s, NULL);
    p.owns = true;
    int handle = g->next_name++;
    line(g, "let h%d = n%d.spawn_isolated(func() -> Fault!i64 do", handle, s->number);
    if (chance(g, 40))
        line(g, "    fail Fault.F%u when mix(seed + %u) %% 2 == 0", pick(g, 3), pick(g, 50));
    if (chance(g, 30))
        line(g, "    panic(\"isolated %d\") when mix(seed + %u) %% 2 == 0", handle, pick(g, 50));
    task_write(g, &p);
    line(g, "end)");
    if (chance(g, 20) || s->fails)
        return;
    line(g, "seen%d = fold(seen%d, match h%d.join() {", g->seen, g->seen, handle);
    line(g, "    Outcome.Ok(x) => x,");
    line(g, "    Outcome.Failed(err) => digest_t%d($\"{err}\"),", g->string_type);
    line(g, "    Outcome.Panicked => 3,");
    line(g, "    Outcome.Cancelled => 4,");
    line(g, "})");
}

// ---- bodies --------------------------------------------------------------------------------------------------------

static void body_leaves(Gen *g) {
    line(g, "if mix(seed + %u) %% 5 == 0 do", pick(g, 100));
    g->indent++;
    leave_function(g);
    g->indent--;
    line(g, "end");
}

// A nursery in the body. Where the outer one fails, nothing of the body is observed: then it folds into its own `seen`.
static void nested(Gen *g, const Site *s) {
    if (g->tasks->depth >= 3 || g->tasks->spawns <= 0)
        return;
    if (!s->fails) {
        nursery_write(g);
        return;
    }
    line(g, "if true do");
    g->indent++;
    int seen = g->seen;
    g->seen = g->next_name++;
    line(g, "var seen%d = 0", g->seen);
    nursery_write(g);
    line(g, "check(seen%d * seen%d)", g->seen, g->seen);
    g->seen = seen;
    g->indent--;
    line(g, "end");
}

static void body_item(Gen *g, Site *s) {
    int outer;
    switch (pick(g, 13)) {
    case 0:
    case 1:
    case 2:
    case 3: spawn_loop(g, s); break;
    case 4:
    case 5:
    case 6: spawn_one(g, s, true); break;
    case 7: added_use(g); break;
    case 8: nested(g, s); break;
    case 9:
        line(g, "if mix(seed + %u) %% 3 != 0 do", pick(g, 100));
        g->indent++;
        outer = g->var_count;
        if (chance(g, 50))
            spawn_loop(g, s);
        else
            spawn_one(g, s, false);
        g->var_count = outer;
        g->indent--;
        line(g, "end");
        break;
    case 10: spawn_isolated(g, s); break;
    case 11:
        if (!s->fails && chance(g, 40))
            body_leaves(g);
        else
            pause_write(g);
        break;
    default:
        if (s->fails)
            added_use(g);
        else
            join_one(g, s);
        break;
    }
}

// ---- nurseries -----------------------------------------------------------------------------------------------------

static void declare(Gen *g, Site *s) {
    s->added = g->tasks->added_count;
    for (int i = (int)pick(g, 3) + (g->tasks->depth == 1); i > 0; i--)
        added_declare(g);
    for (int i = (int)pick(g, 3); i > 0; i--) {
        int type = type_random(g, 2), number = g->next_name++;
        line(g, "let r%d = make_t%d(seed + %u)", number, type, pick(g, 100));
        var_named(g, type, false, false, "r", number);
    }
    s->elements = s->alone = s->given = -1;
    if (chance(g, 50)) {
        s->elements = g->next_name++;
        s->element_count = 1 + (int)pick(g, 6);
        s->element_type = chance(g, 40) ? g->i64_type : type_random(g, 1);
        open_line(g);
        put(g, "var o%d: []", s->elements);
        type_name(g, s->element_type);
        put(g, " = []\n");
        line(g, "for i in 0..%d do", s->element_count);
        line(g, "    o%d.push(make_t%d(i + %u))", s->elements, s->element_type, pick(g, 50));
        line(g, "end");
    }
    if (chance(g, 50)) {
        s->alone = g->next_name++;
        s->alone_type = type_random(g, 2);
        line(g, "var x%d = make_t%d(seed + %u)", s->alone, s->alone_type, pick(g, 50));
    }
    if (chance(g, 40)) {
        s->given = g->next_name++;
        s->given_type = type_random(g, 2);
        line(g, "let g%d = make_t%d(seed + %u)", s->given, s->given_type, pick(g, 50));
    }
}

static void observe(Gen *g, const Site *s, const Site *declared) {
    for (int i = s->added; i < g->tasks->added_count; i++)
        added_digest(g, &g->tasks->added[i]);
    if (declared->elements >= 0) {
        line(g, "for x in o%d do", declared->elements);
        line(g, "    seen%d = fold(seen%d, digest_t%d(x))", g->seen, g->seen, declared->element_type);
        line(g, "end");
    }
    if (declared->alone >= 0)
        line(g, "seen%d = fold(seen%d, digest_t%d(x%d))", g->seen, g->seen, declared->alone_type, declared->alone);
}

// What a nursery that failed was changing is assigned anew before it is looked at.
static void handle(Gen *g, const Site *s) {
    line(g, "end catch |err| do");
    g->indent++;
    line(g, "seen%d = fold(seen%d, digest_t%d($\"{err}\") + err.suppressed().len)", g->seen, g->seen, g->string_type);
    if (s->elements >= 0)
        line(g, "o%d = [make_t%d(%u)]", s->elements, s->element_type, pick(g, 50));
    if (s->alone >= 0)
        line(g, "x%d = make_t%d(%u)", s->alone, s->alone_type, pick(g, 50));
    g->indent--;
}

static void header(Gen *g, const Site *s, bool has_timeout) {
    open_line(g);
    put(g, "nursery");
    if (has_timeout)
        put(g, "(timeout: %us%s", 100 + pick(g, 100), chance(g, 40) ? ", limit: 3)" : ")");
    else if (chance(g, 25))
        put(g, "(limit: %u)", 1 + pick(g, 4));
    put(g, " |n%d| do\n", s->number);
}

static void nursery_write(Gen *g) {
    Site s = {.number = g->next_name++};
    int outer = g->var_count, added = g->tasks->added_count;
    g->tasks->depth++;
    declare(g, &s);
    Site declared = s;
    s.fails = chance(g, 20);
    header(g, &s, s.fails && chance(g, 30));
    g->indent++;
    if (chance(g, 15))
        line(g, "defer check(%u)", pick(g, 50));
    int inner = g->var_count;
    for (int i = 1 + (int)pick(g, 4); i > 0 && g->tasks->spawns > 0; i--)
        body_item(g, &s);
    while (s.handle_count > 0 && chance(g, 80))
        join_one(g, &s);
    if (s.fails && !s.has_failed)
        line(g, "fail Fault.F%u", pick(g, 3));
    g->var_count = inner;
    g->indent--;
    if (s.fails)
        handle(g, &declared);
    line(g, "end");
    observe(g, &s, &declared);
    g->var_count = outer;
    g->tasks->added_count = added;
    g->tasks->depth--;
}

// ---- scenes --------------------------------------------------------------------------------------------------------

void scene_write(Gen *g, int index) {
    GenFunc f = {.result = g->i64_type};
    g->current = &f;
    g->var_count = g->loop_depth = 0;
    g->tasks->spawns = g->full ? 10 : 5;
    g->tasks->scene_fails[index] = chance(g, 20);
    line(g, "func scene%d(seed: i64) -> %si64 do", index, g->tasks->scene_fails[index] ? "Fault!" : "");
    g->indent++;
    g->seen = g->next_name++;
    line(g, "var seen%d = mix(seed)", g->seen);
    Var *seed = var_new(g, g->i64_type, false, false);
    snprintf(seed->name, sizeof seed->name, "seed");
    if (g->tasks->scene_fails[index])
        line(g, "fail Fault.F%u when mix(seed) %% 4 == 0", pick(g, 3));
    g->fuel = 2;
    statements(g, 2);
    bool is_loop = chance(g, 20);
    if (is_loop) {
        line(g, "for round in 0..2 do");
        g->indent++;
        Var *round = var_new(g, g->i64_type, false, false);
        snprintf(round->name, sizeof round->name, "round");
    }
    for (int i = 1 + (int)pick(g, 2); i > 0 && g->tasks->spawns > 0; i--)
        nursery_write(g);
    if (is_loop) {
        g->indent--;
        line(g, "end");
    }
    line(g, "return seen%d", g->seen);
    g->indent--;
    line(g, "end\n");
    g->tasks->scene_count = index + 1;
}
