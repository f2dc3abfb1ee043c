// Constants in types, the N of `[N]T` and of `Ring[T, N]`: literals, arithmetic over literals and constants, constant
// parameters.
#include "sema/tables.h"

enum { LENGTH_DEPTH = 32 };
static const int64_t LENGTH_LIMIT = (int64_t)1 << 40;

typedef struct {
    Sema *sema;
    ModuleId module; // of the expression being read
    uint32_t depth;
    bool has_param;   // a constant parameter stands in arithmetic
    TypeKind literal; // what a literal that is no integer is of: BOOL, CHAR; else NONE
    bool is_whole;    // no arithmetic has been entered
    bool is_clipped;  // a literal was too large for a value
    const Env *env;
} LengthReader;

static bool read_value(LengthReader *r, NodeId node, int64_t *value);

static bool read_constant(LengthReader *r, DeclId decl, int64_t *value) {
    if (decl.v == 0 || program_decl(r->sema->program, decl)->kind != DECL_CONST || r->depth >= LENGTH_DEPTH)
        return false;
    const Decl *row = program_decl(r->sema->program, decl);
    NodeId init = ast_const_decl(program_ast(r->sema->program, decl), row->node).value;
    if (init.v == 0)
        return false;
    ModuleId outer = r->module;
    r->module = row->module;
    r->depth++;
    bool ok = read_value(r, init, value);
    r->depth--;
    r->module = outer;
    return ok;
}

static bool read_member(LengthReader *r, const Ast *ast, NodeId node, int64_t *value) {
    NodeId base = ast_unary(ast, node).child;
    if (ast_kind(ast, base) != NODE_NAME)
        return false;
    DeclId import = sema_lookup(r->sema, r->module, ast_symbol(ast, ast_token(ast, base)));
    if (import.v == 0 || program_decl(r->sema->program, import)->kind != DECL_IMPORT)
        return false;
    ModuleId module = sema_import_target(r->sema, import).module;
    if (module.v == 0)
        return false;
    return read_constant(r, sema_module_member(r->sema, module, ast_symbol(ast, ast_token(ast, node))), value);
}

static bool read_binary(LengthReader *r, const Ast *ast, NodeId node, int64_t *value) {
    AstBinary parts = ast_binary(ast, node);
    int64_t a, b;
    r->is_whole = false;
    if (!read_value(r, parts.left, &a) || !read_value(r, parts.right, &b))
        return false;
    switch (ast_token_kind(ast, ast_token(ast, node))) {
    case TOK_PLUS: return !__builtin_add_overflow(a, b, value);
    case TOK_MINUS: return !__builtin_sub_overflow(a, b, value);
    case TOK_STAR: return !__builtin_mul_overflow(a, b, value);
    case TOK_SLASH:
        if (b <= 0)
            return false;
        *value = a / b;
        return true;
    case TOK_PERCENT:
        if (b <= 0)
            return false;
        *value = a % b;
        return true;
    case TOK_SHL:
        if (b < 0 || b > 40 || a < 0 || a > LENGTH_LIMIT >> b)
            return false;
        *value = a << b;
        return true;
    default: return false;
    }
}

// a.b of an expression, or the name of a type: where it is a name alone, or a module and a name.
static DeclId path_decl(LengthReader *r, const Ast *ast, NodeId node) {
    AstPath path = ast_path(ast, node);
    if (path.parts.count == 0 || path.parts.count > 2)
        return (DeclId){0};
    DeclId decl = sema_lookup(r->sema, r->module, ast_symbol(ast, ast_token(ast, AST_ITEM(path.parts, 0))));
    if (path.parts.count == 1 || decl.v == 0)
        return decl;
    if (program_decl(r->sema->program, decl)->kind != DECL_IMPORT)
        return (DeclId){0};
    ModuleId module = sema_import_target(r->sema, decl).module;
    SymbolId name = ast_symbol(ast, ast_token(ast, AST_ITEM(path.parts, 1)));
    return module.v == 0 ? (DeclId){0} : sema_module_member(r->sema, module, name);
}

static DeclId param_named(const LengthReader *r, const Ast *ast, NodeId node) {
    NodeKind kind = ast_kind(ast, node);
    if (kind == NODE_TYPE_NAME && ast_path(ast, node).parts.count != 1)
        return (DeclId){0};
    bool is_name = r->depth == 0 && (kind == NODE_NAME || kind == NODE_TYPE_NAME);
    return is_name ? env_find_param(r->env, ast_symbol(ast, ast_token(ast, node))) : (DeclId){0};
}

static bool read_value(LengthReader *r, NodeId node, int64_t *value) {
    const Ast *ast = program_module(r->sema->program, r->module)->ast;
    switch (ast_kind(ast, node)) {
    case NODE_INT: {
        AstIntValue literal = ast_int_value(ast, ast_token(ast, node));
        bool is_large = literal.overflow || literal.high != 0 || literal.low > INT64_MAX;
        r->is_clipped |= is_large;
        *value = is_large ? INT64_MAX : (int64_t)literal.low;
        return true;
    }
    case NODE_NEG:
        r->is_whole = false;
        if (!read_value(r, ast_unary(ast, node).child, value) || *value == INT64_MIN)
            return false;
        *value = -*value;
        return true;
    case NODE_TRUE:
    case NODE_FALSE:
        r->literal = TY_BOOL;
        *value = ast_kind(ast, node) == NODE_TRUE;
        return r->is_whole;
    case NODE_CHAR:
        r->literal = TY_CHAR;
        *value = ast_char_value(ast, ast_token(ast, node));
        return r->is_whole;
    case NODE_TYPE_NAME:
        r->has_param |= param_named(r, ast, node).v != 0;
        return !r->has_param && read_constant(r, path_decl(r, ast, node), value);
    case NODE_NAME:
        r->has_param |= param_named(r, ast, node).v != 0;
        return !r->has_param &&
               read_constant(r, sema_lookup(r->sema, r->module, ast_symbol(ast, ast_token(ast, node))), value);
    case NODE_FIELD: return read_member(r, ast, node, value);
    case NODE_BINARY: return read_binary(r, ast, node, value);
    default: return false;
    }
}

static TypeId poison(const Env *env) {
    return type_builtin(env->sema->program->types, TY_POISON);
}

// A constant parameter, where the node names one: as it is, or, in a signature, made of a capital letter.
static TypeId named_param(Env *env, const LengthReader *reader, NodeId node, TypeId type) {
    Program *p = env->sema->program;
    const Ast *ast = program_module(p, env->module)->ast;
    NodeKind kind = ast_kind(ast, node);
    if (kind != NODE_NAME && kind != NODE_TYPE_NAME)
        return (TypeId){0};
    SymbolId name = ast_symbol(ast, ast_token(ast, node));
    DeclId param = param_named(reader, ast, node);
    Text text = symbol(p, name);
    bool is_letter = text.size == 1 && text.data[0] >= 'A' && text.data[0] <= 'Z';
    if (param.v == 0 && env->allow_implicit && is_letter && sema_lookup(env->sema, env->module, name).v == 0) {
        param = declare_type_param(env, name, node);
        program_decl(p, param)->value_type = type;
    }
    if (param.v == 0)
        return (TypeId){0};
    TypeId of = program_decl(p, param)->value_type;
    if (of.v == type.v)
        return type_param(p->types, param);
    Report *report = REPORT_AT(env->sema, E0447, ast_span(ast, node), "a constant of type `%.*s` is expected here",
                               TYPE_ARG(p, type));
    if (of.v == 0)
        report_label(report, "`%.*s` is a type", SYMBOL_ARG(p, name));
    else
        report_label(report, "`%.*s` is of type `%.*s`", SYMBOL_ARG(p, name), TYPE_ARG(p, of));
    report_note(report, decl_span(p, param), "it is declared here");
    return poison(env);
}

static bool fits(TypeKind kind, const LengthReader *reader, int64_t value) {
    if (kind == TY_BOOL || kind == TY_CHAR)
        return reader->literal == kind;
    if (reader->literal != TY_NONE)
        return false;
    uint32_t bits = type_kind_bits(kind);
    if (!type_kind_is_signed(kind))
        return value >= 0 && (bits >= 64 || value < (int64_t)1 << bits);
    return bits >= 64 || (value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1));
}

static bool report_unknown(Env *env, const Ast *ast, NodeId node) {
    NodeKind kind = ast_kind(ast, node);
    bool is_name = kind == NODE_NAME || (kind == NODE_TYPE_NAME && ast_path(ast, node).parts.count == 1);
    SymbolId name = ast_symbol(ast, ast_token(ast, node));
    if (!is_name || sema_lookup(env->sema, env->module, name).v != 0)
        return false;
    Report *report =
        REPORT_AT(env->sema, E0203, ast_span(ast, node), "there is no `%.*s`", SYMBOL_ARG(env->sema->program, name));
    report_label(report, "not known here");
    link_suggest(env->sema, report, env->module, name, ast_span(ast, node));
    return true;
}

static void report_arithmetic(Env *env, Span span) {
    Report *report = REPORT_AT(env->sema, E0448, span, "arithmetic over a constant parameter in a type");
    report_label(report, "known only when the parameter is");
    report_help(report, "name the parameter alone, or let there be another parameter for this");
}

// What a node means where a constant of the type is expected: a parameter, or poison if that has been reported; 0 where
// it is for the caller to judge: `*is_read` says whether there is a value.
static TypeId read_node(Env *env, NodeId node, TypeId type, LengthReader *reader, int64_t *value, bool *is_read) {
    const Ast *ast = program_module(env->sema->program, env->module)->ast;
    if (node.v == 0 || ast_kind(ast, node) == NODE_INVALID)
        return poison(env);
    *reader = (LengthReader){.sema = env->sema, .module = env->module, .env = env, .is_whole = true};
    TypeId param = named_param(env, reader, node, type);
    if (param.v != 0)
        return param;
    if (report_unknown(env, ast, node))
        return poison(env);
    *is_read = read_value(reader, node, value);
    if (*is_read || !reader->has_param)
        return (TypeId){0};
    report_arithmetic(env, ast_span(ast, node));
    return poison(env);
}

TypeId const_arg(Env *env, NodeId node, TypeId type) {
    Program *p = env->sema->program;
    LengthReader reader = {0};
    int64_t value = 0;
    bool is_read = false;
    TypeId known = read_node(env, node, type, &reader, &value, &is_read);
    if (known.v != 0)
        return known;
    if (is_read && fits(type_get(p->types, type)->kind, &reader, value))
        return type_value(p->types, type, (uint64_t)value);
    Report *report = REPORT_AT(env->sema, E0447, ast_span(program_module(p, env->module)->ast, node),
                               "a constant of type `%.*s` is expected here", TYPE_ARG(p, type));
    if (!is_read)
        report_label(report, "neither a literal nor made of constants");
    else if (reader.literal == TY_NONE && type_kind_is_integer(type_get(p->types, type)->kind))
        report_label(report, "%lld is out of its range", (long long)value);
    else
        report_label(report, "this is %s",
                     reader.literal == TY_BOOL   ? "a `bool`"
                     : reader.literal == TY_CHAR ? "a `char`"
                                                 : "an integer");
    return poison(env);
}

TypeId array_length(Env *env, NodeId node) {
    Program *p = env->sema->program;
    TypeId i64 = type_builtin(p->types, TY_I64);
    LengthReader reader = {0};
    int64_t value = 0;
    bool is_read = false;
    TypeId known = read_node(env, node, i64, &reader, &value, &is_read);
    if (known.v != 0)
        return known;
    Span span = ast_span(program_module(p, env->module)->ast, node);
    if (!is_read || reader.literal != TY_NONE) {
        Report *report = REPORT_AT(env->sema, E0351, span, "the length of an array is not known when compiling");
        report_label(report, "neither an integer nor made of integer constants");
        report_help(report,
                    "a length is made of literals, of constants that are made so, and of arithmetic; where it is "
                    "known only when running, use a list `[]T`");
        return poison(env);
    }
    if (value < 0 || value > LENGTH_LIMIT) {
        Report *report = REPORT_AT(env->sema, E0352, span, "an array cannot have this length");
        report_label(report, value < 0 ? "this is negative" : "this is too large");
        return poison(env);
    }
    return type_value(p->types, i64, (uint64_t)value);
}

bool constant_value(Sema *sema, DeclId decl, TypeKind kind, int64_t *value) {
    LengthReader reader = {.sema = sema, .module = program_decl(sema->program, decl)->module, .is_whole = true};
    return read_constant(&reader, decl, value) && !reader.is_clipped && fits(kind, &reader, *value);
}
