// Generic functions that need themselves for ever larger types, found without making an instance.
//
// Ideas. A call within a generic function gives its own type parameters on, as they are or within larger types: an edge
// from one parameter to another, which grows if the type is larger. A circle of edges of which one grows means that one
// instance asks for the next without end. Only functions of the program's own packages are looked at: std has no such
// circles. A trait's method of a type whose impl is known is a call of the impl's; what a type parameter's own methods
// need is found when instances are made.
#include "astdb/impls.h"
#include "sema/tables.h"

enum { LIMIT = 16 }; // type parameters of an impl that is looked at

typedef struct {
    DeclId from, to; // type parameters
    bool grows;
    ModuleId module;
    ResolutionId resolution; // of the call
    DeclId callee;
    TypeId becomes; // what `to` is in the call
    uint32_t next;  // of those with the same `from`; 0 ends the chain
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

static bool is_of_std(const Program *p, DeclId decl) {
    ModuleId home = program_decl(p, decl)->module;
    return !home.v || program_module(p, home)->is_std;
}

static void add_args(Endless *e, const DeclId *params, const TypeId *args, uint32_t count, Edge edge) {
    for (uint32_t i = 0; i < count; i++) {
        edge.to = params[i];
        edge.becomes = args[i];
        if (args[i].v)
            add_edges(e, args[i], args[i], edge);
    }
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// The one impl whose type this is, bounds apart, with what its type parameters are; none where there are several.
static ImplId impl_of(Program *p, DeclId trait, TypeId self, TypeId *args) {
    uint32_t at = impl_chain(p, trait, type_head(p, self));
    ImplId found = {0};
    for (ImplId id; (id = impl_chain_next(p, &at)).v != 0;) {
        TypeId tried[LIMIT] = {{0}};
        if (p->impls.items[id.v].type_param_count > LIMIT || impl_match_self(p, id, self, tried) == MATCH_NO)
            continue;
        if (found.v)
            return (ImplId){0};
        found = id;
        memcpy(args, tried, sizeof tried);
    }
    return found;
}

// The impl's own method, or the trait's for this type.
static void add_trait_call(Endless *e, const Resolution *r, Edge edge) {
    Program *p = e->program;
    DeclId trait = program_decl(p, r->decl)->parent;
    TypeId self = r->type_args[0], args[LIMIT] = {{0}};
    TypeKind kind = type_get(p->types, self)->kind;
    if (!trait.v || kind == TY_PARAM || kind == TY_ASSOC || is_of_std(p, trait))
        return;
    ImplId id = impl_of(p, trait, self, args);
    if (!id.v)
        return;
    const Impl *impl = &p->impls.items[id.v];
    DeclId method = impl_member(p, id, program_decl(p, r->decl)->name);
    edge.callee = method.v ? method : r->decl;
    const Signature *sig = p->signatures[edge.callee.v], *asked = p->signatures[r->decl.v];
    if (!method.v) {
        add_args(e, sig->type_params, r->type_args, least(sig->type_param_count, r->type_arg_count), edge);
        return;
    }
    uint32_t shared = impl->type_param_count, before = trait_param_count(p, trait) + 1;
    add_args(e, impl->type_params, args, shared, edge);
    if (sig->type_param_count - shared == asked->type_param_count - before && r->type_arg_count > before)
        add_args(e, sig->type_params + shared, r->type_args + before,
                 least(sig->type_param_count - shared, r->type_arg_count - before), edge);
}

static void add_calls(Endless *e, ModuleId module) {
    const Program *p = e->program;
    const Facts *facts = program_module(p, module)->facts;
    for (uint32_t i = 1; i < facts->resolution_count; i++) {
        const Resolution *r = facts_resolution_at(facts, (ResolutionId){i});
        const Signature *sig = r->decl.v && r->decl.v < p->decls.count ? p->signatures[r->decl.v] : NULL;
        Edge edge = {.module = module, .resolution = {i}, .callee = r->decl};
        if (!r->type_arg_count || !sig)
            continue;
        if (r->kind == REF_TRAIT_METHOD)
            add_trait_call(e, r, edge);
        else if (r->kind == REF_FUNC && !is_of_std(p, r->decl))
            add_args(e, sig->type_params, r->type_args, least(sig->type_param_count, r->type_arg_count), edge);
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

static Text param_name(const Program *p, DeclId param) {
    return p->traits[param.v] ? TEXT("Self") : decl_name(p, param);
}

static void report_edge(Endless *e, const Edge *edge) {
    Program *p = e->program;
    const Ast *ast = program_module(p, edge->module)->ast;
    NodeId node = node_of(p, edge);
    Span span = node.v ? ast_token_span(ast, ast_token(ast, node)) : (Span){0};
    Report *report = diag_report(p->diags, DIAG_E0490, decl_span(p, edge->callee),
                                 "`%.*s` needs itself for ever larger types", DECL_ARG(p, edge->callee));
    report_label(report, "each instance of this asks for one more");
    report_note(report, span, "here `%.*s` becomes `%.*s`, which has `%.*s` in it", TEXT_ARG(param_name(p, edge->to)),
                TYPE_ARG(p, edge->becomes), TEXT_ARG(param_name(p, edge->from)));
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
