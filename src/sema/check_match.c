// match as a statement and as an expression.
#include "sema/body.h"

static void check_arm(Body *b, NodeId n, TypeId subject, Branches *all) {
    AstArm arm = ast_arm(b->ast, n);
    uint32_t mark = scope_mark(b);
    check_pattern(b, arm.pattern, subject, BIND_LET, true);
    if (arm.guard.v != 0)
        check_condition(b, arm.guard);
    branch_add(b, all, arm.body);
    scope_pop(b, mark);
}

static TypeId subject_type(Body *b, NodeId n, NodeId subject) {
    TypeId type = see_optional(b, subject, check_value(b, subject));
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_RESULT) {
        report_unhandled(b, subject, type);
        return poison(b);
    }
    if (kind == TY_VOID || kind == TY_NULL) {
        REPORT(b, E0312, span_of(b, subject), "this has no value to look at");
        return poison(b);
    }
    if (kind == TY_VAR) {
        REPORT(b, E0330, span_of(b, subject), "type annotations needed");
        infer_unify(b->infer, type, poison(b));
        return poison(b);
    }
    (void)n;
    return type;
}

bool binds_by_mut(Body *b, NodeId pattern) {
    for (uint32_t i = ast_first(b->ast, pattern).v; i <= pattern.v; i++)
        if (kind_of(b, (NodeId){i}) == NODE_PAT_BIND && ast_pat_bind(b->ast, (NodeId){i}).is_mut)
            return true;
    return false;
}

TypeId check_match(Body *b, NodeId n, const Want *want) {
    AstMatch e = ast_match(b->ast, n);
    TypeId type = subject_type(b, n, e.subject);
    Branches all = {.want = want, .leaves = true};
    for (uint32_t i = 0; i < e.arms.count; i++) {
        NodeId arm = AST_ITEM(e.arms, i);
        if (kind_of(b, arm) != NODE_ARM) {
            all.leaves = false;
            continue;
        }
        if (binds_by_mut(b, ast_arm(b->ast, arm).pattern))
            require_mutable(b, e.subject, "bind a part of it as `mut`", true);
        check_arm(b, arm, type, &all);
        b->facts->types[arm.v] = b->facts->types[ast_arm(b->ast, arm).body.v];
    }
    for (uint32_t i = 0; i < e.arms.count; i++)
        if (kind_of(b, AST_ITEM(e.arms, i)) == NODE_ARM)
            branch_convert(b, &all, ast_arm(b->ast, AST_ITEM(e.arms, i)).body);
    vec_push(&b->matches, n.v);
    return branch_type(b, &all);
}
