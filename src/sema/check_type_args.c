// Type arguments of methods, as in `x.f[T](…)`.
#include "sema/body.h"
#include "sema/tables.h"

static bool is_type(Body *b, NodeId n) {
    NodeKind kind = kind_of(b, n);
    if (kind == NODE_TYPE_EXPR || (kind >= NODE_TYPE_NAME && kind <= NODE_TYPE_TYPE))
        return true;
    PathKind path = path_of(b, n).kind;
    if (path == PATH_UNKNOWN && kind == NODE_NAME) {
        Text name = symbol(b->program, name_of(b, n));
        return name.data[0] >= 'A' && name.data[0] <= 'Z';
    }
    return path == PATH_TYPE;
}

NodeId method_with_type_args(Body *b, NodeId callee) {
    if (kind_of(b, callee) != NODE_INDEX)
        return (NodeId){0};
    AstCall index = ast_call(b->ast, callee);
    NodeKind kind = kind_of(b, index.callee);
    bool is_field = kind == NODE_OPT_FIELD || (kind == NODE_FIELD && op_of(b, index.callee) != TOK_INT);
    if (!is_field || index.args.count == 0 || !is_type(b, AST_ITEM(index.args, 0)))
        return (NodeId){0};
    return path_of(b, index.callee).kind == PATH_VALUE ? index.callee : (NodeId){0};
}

// Those of the function itself: what it stands in has its own from the type it is called on.
static bool is_own_param(Body *b, const Callee *callee, uint32_t i) {
    const Decl *param = program_decl(b->program, callee->params[i]);
    return param->kind == DECL_TYPE_PARAM && param->parent.v == callee->decl.v &&
           ast_kind(program_ast(b->program, callee->params[i]), param->node) != NODE_PARAM;
}

// What a closure is given for has no name that could be written.
static bool is_callable(const Callee *callee, TypeId type) {
    for (uint32_t i = 0; i < callee->sig->bound_count; i++)
        if (callee->sig->bounds[i].callable.v != 0 && callee->sig->bounds[i].type.v == type.v)
            return true;
    return false;
}

void give_type_args(Body *b, const Callee *callee, const TypeId *given, uint32_t count, Span at) {
    uint32_t own = 0, named = 0, next = 0;
    for (uint32_t i = 0; i < callee->param_count; i++) {
        own += is_own_param(b, callee, i);
        named += is_own_param(b, callee, i) && !is_callable(callee, type_param(b->types, callee->params[i]));
    }
    if (count != own && count != named) {
        Report *r = REPORT(b, E0421, at, "`%s` takes %u type argument%s, not %u",
                           cstr(b, program_decl(b->program, callee->decl)->name), named, named == 1 ? "" : "s", count);
        report_note(r, decl_span(b->program, callee->decl), "it is declared here");
        for (uint32_t i = 0; i < callee->param_count; i++)
            if (is_own_param(b, callee, i))
                infer_unify(b->infer, callee->args[i], poison(b));
        return;
    }
    for (uint32_t i = 0; i < callee->param_count; i++) {
        bool is_given = count == own || !is_callable(callee, type_param(b->types, callee->params[i]));
        if (is_own_param(b, callee, i) && is_given)
            infer_unify(b->infer, callee->args[i], given[next++]);
    }
}

void give_written_type_args(Body *b, const Callee *callee, AstList args, Span at) {
    TypeId *types = ARENA_ARRAY(b->arena, TypeId, args.count);
    for (uint32_t i = 0; i < args.count; i++) {
        NodeId n = AST_ITEM(args, i);
        if (!is_type(b, n) && expr_is_constant(&b->env, n)) {
            b->facts->types[n.v] = builtin(b, TY_I64);
            types[i] = const_arg(&b->env, n, builtin(b, TY_I64));
        } else {
            types[i] = type_from_expr(b, n);
        }
    }
    give_type_args(b, callee, types, args.count, at);
}
