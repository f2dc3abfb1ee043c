// Operators: arithmetic, comparison, logic, ranges, casts, absence.
#include "sema/body.h"

typedef enum { NEEDS_NUMBER, NEEDS_INTEGER } OperandNeed;

static bool implements(Body *b, TypeId type, LangItem item) {
    DeclId trait = sema_lang(b->sema, item);
    ImplMatch match;
    return trait.v != 0 && sema_implements(&b->env, type, trait, &match) == MATCH_YES;
}

// A fallible operand of an operator is never what was meant.
static TypeId operand(Body *b, NodeId n, TypeId type) {
    if (kind_of_type(b, type) != TY_RESULT)
        return type;
    Report *r = REPORT(b, E0502, span_of(b, n), "this operand may fail");
    report_label(r, "this is a `%s`", show(b, type));
    report_help(r, "say what stands in for it: `(%s catch …)`, or pass the error on: `%s?`",
                source_text(b, span_of(b, n)), source_text(b, span_of(b, n)));
    return poison(b);
}

// `want` as a hint for operands: only what literals may take. An optional or a result is made of the whole.
static TypeId operand_hint(Body *b, const Want *want) {
    if (want->type.v == 0)
        return (TypeId){0};
    TypeId hint = shallow(b, want->type);
    const Type *type = type_get(b->program->types, hint);
    return type->kind == TY_OPTIONAL ? shallow(b, type->args[0]) : hint;
}

// Checks two operands that have one type. A literal takes the other's.
static TypeId same_operands(Body *b, NodeId left, NodeId right, TypeId hint, TypeId *left_type) {
    NodeId first = left, second = right;
    if (is_literal(b, left) && !is_literal(b, right))
        first = right, second = left;
    TypeId type = operand(b, first, check_hint(b, first, hint));
    TypeKind kind = kind_of_type(b, type);
    TypeId other;
    if (kind == TY_POISON || kind == TY_NEVER) {
        operand(b, second, check_hint(b, second, hint));
        *left_type = poison(b);
        return poison(b);
    }
    other = operand(b, second, check_hint(b, second, shallow(b, type)));
    if (is_poison(b, other))
        type = other;
    else
        coerce(b, second, other, &(Want){.type = shallow(b, type), .why = WHY_OPERAND, .span = span_of(b, first)});
    *left_type = type;
    return shallow(b, type);
}

static bool is_arithmetic(Body *b, TypeId type, OperandNeed need) {
    TypeKind kind = kind_of_type(b, type);
    if (type_kind_is_integer(kind) || (need == NEEDS_NUMBER && type_kind_is_float(kind)))
        return true;
    return kind == TY_PARAM &&
           (implements(b, type, LANG_INTEGER) ||
            (need == NEEDS_NUMBER && (implements(b, type, LANG_NUMBER) || implements(b, type, LANG_FLOATING))));
}

static void report_operator(Body *b, NodeId n, TypeId type, OperandNeed need) {
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_POISON || kind == TY_NEVER)
        return;
    const char *op = source_text(b, main_span(b, n));
    Report *r = REPORT(b, E0341, main_span(b, n), "`%s` does not work on `%s`", op, show(b, type));
    report_label(r, need == NEEDS_INTEGER ? "it needs integers" : "it needs numbers");
    bool joins = is_lang(b, type, LANG_STRING) || is_lang(b, type, LANG_LIST);
    if (joins && op_of(b, n) == TOK_PLUS)
        report_fix(r, main_span(b, n), TEXT("++"), "join with `++`");
    else if (joins && op_of(b, n) == TOK_PLUS_ASSIGN)
        report_fix(r, main_span(b, n), TEXT("++="), "join with `++=`");
    else if (kind == TY_BOOL && need == NEEDS_INTEGER)
        report_help(r, "truth values are joined with `and`, `or`, `not`");
    else if (kind == TY_OPTIONAL)
        report_help(r, "the value may be absent: say what stands in for it, `(… ?? fallback)`");
    else if (kind == TY_PARAM)
        report_help(r, "ask for it: `[%s: %s]`", show(b, type),
                    need == NEEDS_INTEGER ? "Integer" : operator_trait(op_of(b, n)));
    else if (is_lang(b, type, LANG_DURATION))
        report_help(r, "a span of time is multiplied by `.times(n)` and divided by `.divided_by(n)`");
    else if (need == NEEDS_NUMBER && (kind == TY_STRUCT || kind == TY_ENUM))
        report_help(r, "give `%s` an impl of `%s`", show(b, type), operator_trait(op_of(b, n)));
}

// ---- ++ -------------------------------------------------------------------------------------------------------------

static TypeId concat_right(Body *b, NodeId n, NodeId left, TypeId type, NodeId right) {
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_POISON || kind == TY_NEVER) {
        check_value(b, right);
        return poison(b);
    }
    if (!is_lang(b, type, LANG_STRING) && !is_lang(b, type, LANG_LIST)) {
        check_value(b, right);
        Report *r = REPORT(b, E0341, main_span(b, n), "`++` joins Strings and lists, not `%s`", show(b, type));
        report_label(r, "the left side is a `%s`", show(b, type));
        return poison(b);
    }
    TypeId other = operand(b, right, check_hint(b, right, shallow(b, type)));
    coerce(b, right, other, &(Want){.type = shallow(b, type), .why = WHY_OPERAND, .span = span_of(b, left)});
    return shallow(b, type);
}

// ---- binary ---------------------------------------------------------------------------------------------------------

static TypeId shift_or_power(Body *b, NodeId n, TokenKind op, TypeId type, NodeId right) {
    bool is_power = op == TOK_POWER;
    OperandNeed need = is_power ? NEEDS_NUMBER : NEEDS_INTEGER;
    bool floats = type_kind_is_float(kind_of_type(b, type));
    TypeId other = operand(b, right, check_hint(b, right, is_power && floats ? shallow(b, type) : (TypeId){0}));
    if (is_poison(b, type) || is_poison(b, other))
        return poison(b);
    if (!is_arithmetic(b, type, need)) {
        report_operator(b, n, type, need);
        return poison(b);
    }
    if (is_power) {
        TypeId exponent = floats ? shallow(b, type) : builtin(b, TY_I64);
        coerce(b, right, other, &(Want){.type = exponent, .why = WHY_NONE});
    } else if (!is_arithmetic(b, other, NEEDS_INTEGER)) {
        REPORT(b, E0310, span_of(b, right), "a shift count is an integer, found `%s`", show(b, other));
    }
    return shallow(b, type);
}

TypeId binary_result(Body *b, NodeId n, TokenKind op, NodeId left, TypeId left_type, NodeId right) {
    if (op == TOK_CONCAT || op == TOK_CONCAT_ASSIGN)
        return concat_right(b, n, left, left_type, right);
    if (op == TOK_SHL || op == TOK_SHR || op == TOK_SHL_ASSIGN || op == TOK_SHR_ASSIGN || op == TOK_POWER)
        return shift_or_power(b, n, op == TOK_POWER ? op : TOK_SHL, left_type, right);
    TypeId type = shallow(b, left_type);
    TypeId other = operand(b, right, check_hint(b, right, type));
    if (is_poison(b, other) || is_poison(b, type))
        return poison(b);
    OperandNeed need =
        op == TOK_AMP_ASSIGN || op == TOK_PIPE_ASSIGN || op == TOK_CARET_ASSIGN ? NEEDS_INTEGER : NEEDS_NUMBER;
    if (!is_arithmetic(b, type, need) && !operator_through_trait(b, n, op, type)) {
        report_operator(b, n, type, need);
        return poison(b);
    }
    coerce(b, right, other, &(Want){.type = type, .why = WHY_OPERAND, .span = span_of(b, left)});
    return type;
}

TypeId check_binary(Body *b, NodeId n, const Want *want) {
    AstBinary e = ast_binary(b->ast, n);
    TokenKind op = op_of(b, n);
    TypeId hint = operand_hint(b, want);
    if (op == TOK_CONCAT || op == TOK_SHL || op == TOK_SHR || op == TOK_POWER) {
        TypeId left = operand(b, e.left, check_hint(b, e.left, hint));
        return binary_result(b, n, op, e.left, left, e.right);
    }
    OperandNeed need = op == TOK_AMP || op == TOK_PIPE || op == TOK_CARET ? NEEDS_INTEGER : NEEDS_NUMBER;
    TypeId left;
    uint32_t errors = diags_error_count(b->program->diags);
    TypeId type = same_operands(b, e.left, e.right, hint, &left);
    if (is_arithmetic(b, type, need) || operator_through_trait(b, n, op, type))
        return type;
    if (kind_of_type(b, type) == TY_VAR) {
        Report *r = REPORT(b, E0330, span_of(b, e.left), "type annotations needed");
        report_label(r, "nothing says what type this has");
        infer_unify(b->infer, type, poison(b));
    } else if (diags_error_count(b->program->diags) == errors) {
        report_operator(b, n, type, need);
    }
    return poison(b);
}

// ---- comparison -----------------------------------------------------------------------------------------------------

static bool is_scalar(TypeKind kind) {
    return type_kind_is_integer(kind) || type_kind_is_float(kind) || kind == TY_BOOL || kind == TY_CHAR ||
           kind == TY_POINTER;
}

// Through the trait Eq or Ord; scalars and errors need none.
static void compare_through_trait(Body *b, NodeId n, TypeId type, bool equality) {
    DeclId trait = sema_lang(b->sema, equality ? LANG_EQ : LANG_ORD);
    TypeKind kind = kind_of_type(b, type);
    if (kind == TY_POISON || kind == TY_NEVER || trait.v == 0)
        return;
    if (is_scalar(kind) && (equality || kind != TY_POINTER))
        return;
    if (equality && is_error_type(b, type))
        return;
    if (kind == TY_PARAM && (implements(b, type, LANG_NUMBER) || implements(b, type, LANG_INTEGER)))
        return;
    Obligation *o = ARENA_NEW(b->arena, Obligation);
    Bound *bound = ARENA_NEW(b->arena, Bound);
    *bound = (Bound){.trait = trait, .type = type, .span = main_span(b, n)};
    *o = (Obligation){.type = type, .bound = bound, .span = main_span(b, n)};
    require_bound(b, *o);
    resolve_trait_method(b, n, trait, equality ? "eq" : "compare", type);
}

// x == null: x is an optional of whatever.
static bool compare_null(Body *b, NodeId value) {
    TypeId type = operand(b, value, check_value(b, value));
    TypeKind kind = kind_of_type(b, type);
    lend_steps(b, value);
    if (kind == TY_OPTIONAL || kind == TY_POISON || kind == TY_NULL)
        return true;
    Report *r = REPORT(b, E0343, span_of(b, value), "a `%s` is never `null`", show(b, type));
    report_label(r, "only an optional may be absent");
    return true;
}

// ?let T beside a T or ?T: where T is cheap to copy, the comparison sees a ?T.
static TypeId unlend(Body *b, NodeId n, TypeId type) {
    const Type *t = type_of(b, shallow(b, type));
    const Type *item = t->kind == TY_OPTIONAL ? type_of(b, shallow_keep(b, t->args[0])) : t;
    if (item->kind != TY_REF || !(type_class(b->program, full_type(b, item->args[0])) & CLASS_CHEAP))
        return type;
    TypeId plain = type_unary(b->types, TY_OPTIONAL, item->args[0]);
    convert_tails(b, n, plain);
    return plain;
}

static uint32_t optional_depth(Body *b, TypeId type) {
    uint32_t depth = 0;
    for (const Type *t = type_of(b, shallow(b, type)); t->kind == TY_OPTIONAL; t = type_of(b, shallow(b, t->args[0])))
        depth++;
    return depth;
}

// Brings two compared values to one type, which is returned; POISON after a report.
TypeId compared_type(Body *b, NodeId first, TypeId type, NodeId second, TypeId other) {
    if (!same_type(shallow(b, type), shallow(b, other))) {
        type = unlend(b, first, type);
        other = unlend(b, second, other);
    }
    if (optional_depth(b, other) > optional_depth(b, type)) {
        coerce(b, first, type, &(Want){.type = other, .why = WHY_OPERAND, .span = span_of(b, second)});
        return shallow(b, other);
    }
    TypeId fitted =
        coerce(b, second, other, &(Want){.type = shallow(b, type), .why = WHY_OPERAND, .span = span_of(b, first)});
    return is_poison(b, fitted) ? fitted : shallow(b, type);
}

TypeId check_compare(Body *b, NodeId n) {
    AstBinary e = ast_binary(b->ast, n);
    TokenKind op = op_of(b, n);
    bool equality = op == TOK_EQ || op == TOK_NE;
    TypeId result = builtin(b, TY_BOOL);
    if (equality && (kind_of(b, e.left) == NODE_NULL || kind_of(b, e.right) == NODE_NULL)) {
        NodeId null = kind_of(b, e.right) == NODE_NULL ? e.right : e.left;
        b->facts->types[null.v] = builtin(b, TY_NULL);
        compare_null(b, null.v == e.right.v ? e.left : e.right);
        return result;
    }
    NodeId first = e.left, second = e.right;
    if (is_literal(b, first) && !is_literal(b, second))
        first = e.right, second = e.left;
    TypeId type = operand(b, first, check_value(b, first));
    TypeId other = operand(b, second, check_hint(b, second, shallow(b, type)));
    if (is_poison(b, type) || is_poison(b, other))
        return result;
    if (is_error_type(b, type) && is_error_type(b, other) && equality) {
        require_comparable(b, n, first.v == e.left.v ? type : other, first.v == e.left.v ? other : type);
        return result;
    }
    type = compared_type(b, first, type, second, other);
    if (is_poison(b, type))
        return result;
    if (kind_of_type(b, type) == TY_VAR) {
        REPORT(b, E0330, span_of(b, first), "type annotations needed");
        infer_unify(b->infer, type, poison(b));
        return result;
    }
    compare_through_trait(b, n, type, equality);
    return result;
}

TypeId check_logic(Body *b, NodeId n) {
    AstBinary e = ast_binary(b->ast, n);
    check_condition(b, e.left);
    check_condition(b, e.right);
    return builtin(b, TY_BOOL);
}

// ---- absence --------------------------------------------------------------------------------------------------------

TypeId check_coalesce(Body *b, NodeId n, const Want *want) {
    AstBinary e = ast_binary(b->ast, n);
    TypeId hint = want->type.v != 0 ? optional_of(b, want->type) : (TypeId){0};
    TypeId left = operand(b, e.left, check_hint(b, e.left, hint));
    if (is_poison(b, left)) {
        check_value(b, e.right);
        return poison(b);
    }
    if (kind_of_type(b, left) != TY_OPTIONAL) {
        Report *r =
            REPORT(b, E0343, span_of(b, e.left), "`??` needs an optional on its left, found `%s`", show(b, left));
        report_label(r, "this is never absent");
        check_value(b, e.right);
        return poison(b);
    }
    TypeId inner = shallow(b, first_arg(b, left));
    TypeId right = operand(b, e.right, check_hint(b, e.right, inner));
    bool stays = kind_of_type(b, right) == TY_NULL ||
                 (kind_of_type(b, right) == TY_OPTIONAL && kind_of_type(b, inner) != TY_OPTIONAL);
    TypeId result = stays ? optional_of(b, inner) : inner;
    TypeId fitted = coerce(b, e.right, right, &(Want){.type = result, .why = WHY_HANDLER, .span = span_of(b, e.left)});
    return is_poison(b, fitted) ? fitted : result;
}

// ---- ranges and casts -----------------------------------------------------------------------------------------------

TypeId check_range(Body *b, NodeId n, const Want *want) {
    AstBinary e = ast_binary(b->ast, n);
    (void)want;
    TypeId i64 = builtin(b, TY_I64);
    if (e.left.v != 0)
        check_typed(b, e.left, i64, WHY_INDEX, (Span){0});
    if (e.right.v != 0)
        check_typed(b, e.right, i64, WHY_INDEX, (Span){0});
    if (e.left.v == 0 || e.right.v == 0) {
        Report *r = REPORT(b, E0344, span_of(b, n), "a range needs both ends here");
        report_label(r, "only slices and patterns may leave one out");
        return poison(b);
    }
    return type_lang(b->program, op_of(b, n) == TOK_RANGE_EQ ? LANG_RANGE_CLOSED : LANG_RANGE, NULL, 0);
}

static bool is_number(Body *b, TypeId type) {
    return is_arithmetic(b, type, NEEDS_NUMBER);
}

static bool cast_allowed(Body *b, TypeId from, TypeId to) {
    TypeKind f = kind_of_type(b, from), t = kind_of_type(b, to);
    if (f == TY_POISON || t == TY_POISON || f == TY_NEVER)
        return true;
    if (is_number(b, from) && is_number(b, to))
        return true;
    if ((f == TY_CHAR || f == TY_BOOL) && (type_kind_is_integer(t) || f == t))
        return true;
    return t == TY_CHAR && type_kind_is_integer(f);
}

TypeId check_cast(Body *b, NodeId n) {
    AstBinary e = ast_binary(b->ast, n);
    TypeId to = sema_type(&b->env, e.right);
    bool literal = kind_of(b, e.left) == NODE_INT && type_kind_is_integer(kind_of_type(b, to));
    TypeId from = operand(b, e.left, check_hint(b, e.left, literal ? to : (TypeId){0}));
    if (cast_allowed(b, from, to))
        return to;
    Report *r =
        REPORT(b, E0345, span_of(b, n), "a `%s` cannot be turned into a `%s` by `as`", show(b, from), show(b, to));
    report_label(r, "`as` converts between numbers, and `char` and `bool` to integers");
    if (is_lang(b, to, LANG_STRING))
        report_help(r, "text of a value: `$\"{%s}\"`", source_text(b, span_of(b, e.left)));
    else if (is_lang(b, from, LANG_STRING) && is_number(b, to))
        report_help(r, "read a number from text: `%s.parse(%s)`", show(b, to), source_text(b, span_of(b, e.left)));
    return to;
}
