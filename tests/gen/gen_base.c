#include "gen.h"

static uint64_t next(Gen *g) {
    uint64_t z = (g->state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t pick(Gen *g, uint32_t count) {
    return (uint32_t)(next(g) % count);
}

bool chance(Gen *g, uint32_t percent) {
    return pick(g, 100) < percent;
}

void put(Gen *g, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buffer_vprintf(&g->out, format, args);
    va_end(args);
}

void open_line(Gen *g) {
    for (int i = 0; i < g->indent; i++)
        buffer_cstr(&g->out, "    ");
}

void line(Gen *g, const char *format, ...) {
    open_line(g);
    va_list args;
    va_start(args, format);
    buffer_vprintf(&g->out, format, args);
    va_end(args);
    buffer_char(&g->out, '\n');
}

Var *var_new(Gen *g, int type, bool owned, bool mutable) {
    invariant(g->var_count < MAX_VARS, "too many variables");
    Var *v = &g->vars[g->var_count++];
    *v = (Var){.type = type, .owned = owned, .mutable = mutable, .loop_depth = g->loop_depth};
    snprintf(v->name, sizeof v->name, "v%d", g->next_name++);
    return v;
}

bool var_readable(const Gen *g, const Var *v) {
    (void)g;
    return !v->moved && !v->hidden && !v->is_closure;
}

bool var_movable(const Gen *g, const Var *v) {
    return var_readable(g, v) && v->owned && !v->locked && v->loop_depth == g->loop_depth && !g->in_closure;
}

bool var_changeable(const Gen *g, const Var *v) {
    return var_readable(g, v) && v->mutable && !v->locked && !g->in_closure;
}

Var *var_find(Gen *g, int type, VarTest test) {
    int start = g->var_count ? (int)pick(g, (uint32_t)g->var_count) : 0;
    for (int i = 0; i < g->var_count; i++) {
        Var *v = &g->vars[(start + i) % g->var_count];
        if ((type < 0 || v->type == type) && test(g, v))
            return v;
    }
    return NULL;
}
