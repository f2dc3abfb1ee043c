// Generic functions that need themselves for ever larger types, found without making an instance.
//
// Ideas. A call within a generic function gives its own type parameters on, as they are or within larger types: an edge
// from one parameter to another, which grows if the type is larger. A circle of edges of which one grows means that one
// instance asks for the next without end. Only functions of the program's own packages are looked at: std has no such
// circles. What goes through a trait's method is found when instances are made.
#include "sema/tables.h"

typedef struct {
    DeclId from, to; // type parameters
    bool grows;
    ModuleId module;
    ResolutionId resolution; // of the call
    uint32_t next;           // of those with the same `from`; 0 ends the chain
} Edge;

typedef struct {
    Program *program;
    VEC(Edge) edges; // [0] unused
    MapU64 first;    // type parameter → its first edge
    VecU32 work;     // of one search
    MapU64 seen;
} Endless;

static void add_edges(Endless *e, TypeId type, TypeId whole, Edge edge) {
    const Type *t = type_get(e->program->types, type);
    if (!(t->flags & TYPE_HAS_PARAM) || t->kind == TY_ASSOC)
        return; // an associated type may be smaller than what it belongs to
    if (t->kind == TY_PARAM) {
        edge.from = t->decl;
        edge.grows = type.v != whole.v;
        uint32_t first = 0;
        map_get(&e->first, edge.from.v, &first);
        edge.next = first;
        map_set(&e->first, edge.from.v, e->edges.count);
        vec_push(&e->edges, edge);
    }
    for (uint32_t i = 0; i < t->arg_count; i++)
        add_edges(e, t->args[i], whole, edge);
}

static void add_calls(Endless *e, ModuleId module) {
    const Program *p = e->program;
    const Facts *facts = program_module(p, module)->facts;
    for (uint32_t i = 1; i < facts->resolution_count; i++) {
        const Resolution *r = &facts->resolution_items[i];
        if (r->kind != REF_FUNC || !r->type_arg_count)
            continue;
        ModuleId home = program_decl(p, r->decl)->module;
        const Signature *sig = p->signatures[r->decl.v];
        if (!sig || !home.v || program_module(p, home)->is_std)
            continue;
        for (uint32_t j = 0; j < r->type_arg_count && j < sig->type_param_count; j++)
            add_edges(e, r->type_args[j], r->type_args[j],
                      (Edge){.to = sig->type_params[j], .module = module, .resolution = {i}});
    }
}

static bool reaches(Endless *e, DeclId from, DeclId wanted) {
    bool found = from.v == wanted.v;
    map_free(&e->seen);
    e->seen = (MapU64){0};
    e->work.count = 0;
    vec_push(&e->work, from.v);
    while (e->work.count && !found) {
        uint32_t at = 0;
        map_get(&e->first, vec_pop(&e->work), &at);
        for (; at && !found; at = e->edges.items[at].next) {
            DeclId to = e->edges.items[at].to;
            found = to.v == wanted.v;
            if (map_get(&e->seen, to.v, NULL))
                continue;
            map_set(&e->seen, to.v, 1);
            vec_push(&e->work, to.v);
        }
    }
    return found;
}

static NodeId node_of(const Program *p, const Edge *edge) {
    const Module *module = program_module(p, edge->module);
    for (uint32_t i = 1; i < module->ast->node_count; i++)
        if (module->facts->resolutions[i].v == edge->resolution.v)
            return (NodeId){i};
    return (NodeId){0};
}

static void report_edge(Endless *e, const Edge *edge) {
    Program *p = e->program;
    const Resolution *r = &program_module(p, edge->module)->facts->resolution_items[edge->resolution.v];
    const Ast *ast = program_module(p, edge->module)->ast;
    NodeId node = node_of(p, edge);
    Span span = node.v ? ast_token_span(ast, ast_token(ast, node)) : (Span){0};
    Report *report = diag_report(p->diags, DIAG_E0490, decl_span(p, r->decl),
                                 "`%.*s` needs itself for ever larger types", DECL_ARG(p, r->decl));
    report_label(report, "each instance of this asks for one more");
    for (uint32_t i = 0; i < r->type_arg_count; i++) {
        if (p->signatures[r->decl.v]->type_params[i].v == edge->to.v)
            report_note(report, span, "here `%.*s` becomes `%.*s`, which has `%.*s` in it", DECL_ARG(p, edge->to),
                        TYPE_ARG(p, r->type_args[i]), DECL_ARG(p, edge->from));
    }
    report_help(report, "call it with a type that does not grow: pass the value itself or a reference to it");
}

void sema_find_endless(Sema *sema) {
    Endless e = {.program = sema->program};
    vec_push(&e.edges, (Edge){0});
    for (uint32_t i = 1; i < e.program->modules.count; i++)
        if (!e.program->modules.items[i].is_std)
            add_calls(&e, (ModuleId){i});
    for (uint32_t i = 1; i < e.edges.count; i++) {
        const Edge *edge = &e.edges.items[i];
        if (edge->grows && reaches(&e, edge->to, edge->from))
            report_edge(&e, edge);
    }
    vec_free(&e.edges);
    vec_free(&e.work);
    map_free(&e.first);
    map_free(&e.seen);
}
