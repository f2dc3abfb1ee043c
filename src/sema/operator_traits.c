// Operators of types that are no numbers: `+ - * / %` through the traits Additive and Numeric.
#include "sema/body.h"

typedef struct {
    TokenKind token;
    LangItem trait;
    const char *method;
} Operator;

static const Operator OPERATORS[] = {
    {TOK_PLUS, LANG_ADDITIVE, "add"}, {TOK_MINUS, LANG_ADDITIVE, "sub"},  {TOK_STAR, LANG_NUMERIC, "mul"},
    {TOK_SLASH, LANG_NUMERIC, "div"}, {TOK_PERCENT, LANG_NUMERIC, "rem"},
};

DeclId trait_method(Body *b, DeclId trait, const char *name) {
    const Trait *row = b->program->traits[trait.v];
    for (uint32_t i = 0; row != NULL && i < row->member_count; i++)
        if (text_equal(decl_name(b->program, row->members[i]), text_of(name)))
            return row->members[i];
    return (DeclId){0};
}

void resolve_trait_method(Body *b, NodeId n, DeclId trait, const char *method, TypeId self) {
    Resolution *r = resolve(b, n, REF_TRAIT_METHOD);
    r->decl = trait_method(b, trait, method);
    r->type_args = keep_types(b, &self, 1);
    r->type_arg_count = 1;
}

static bool resolve_if_implemented(Body *b, NodeId n, LangItem item, const char *method, TypeId type) {
    DeclId trait = sema_lang(b->sema, item);
    ImplMatch match;
    TypeKind kind = kind_of_type(b, type);
    bool may = kind == TY_STRUCT || kind == TY_ENUM || kind == TY_PARAM || kind == TY_ASSOC || kind == TY_TUPLE;
    if (!may || trait.v == 0 || sema_implements(&b->env, type, trait, &match) != MATCH_YES)
        return false;
    resolve_trait_method(b, n, trait, method, type);
    return true;
}

bool operator_through_trait(Body *b, NodeId n, TokenKind token, TypeId type) {
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++)
        if (OPERATORS[i].token == token)
            return resolve_if_implemented(b, n, OPERATORS[i].trait, OPERATORS[i].method, type);
    return false;
}

const char *operator_trait(TokenKind token) {
    bool adds = token == TOK_PLUS || token == TOK_MINUS || token == TOK_PLUS_ASSIGN || token == TOK_MINUS_ASSIGN;
    return adds ? "Additive" : "Numeric";
}

bool negation_through_trait(Body *b, NodeId n, TypeId type) {
    return resolve_if_implemented(b, n, LANG_ADDITIVE, "neg", type);
}

bool literal_through_trait(Body *b, NodeId n, TypeId type) {
    return resolve_if_implemented(b, n, LANG_NUMERIC, "from_int", type);
}
