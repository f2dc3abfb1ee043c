// Debug print of a tree: one node a line, children indented, parts named where their place does not say it.
#include "astdb/ast.h"

typedef enum {
    FORM_none,
    FORM_list,
    FORM_import,
    FORM_func,
    FORM_shape,
    FORM_trait,
    FORM_impl,
    FORM_const_decl,
    FORM_test,
    FORM_param,
    FORM_variant,
    FORM_type_param,
    FORM_path,
    FORM_call,
    FORM_unary,
    FORM_binary,
    FORM_func_type,
    FORM_let,
    FORM_interp,
    FORM_catch_expr,
    FORM_struct_lit,
    FORM_closure,
    FORM_if_expr,
    FORM_match,
    FORM_arm,
    FORM_loop,
    FORM_for_expr,
    FORM_jump,
    FORM_pat_bind,
    FORM_pat_struct,
    FORM_nursery,
    FORM_select_arm,
} Form;

static const uint8_t forms[NODE_COUNT] = {
#define NODE(name, form) [NODE_##name] = FORM_##form,
#include "astdb/nodes.def"
#undef NODE
};

typedef struct {
    const Ast *ast;
    Buffer *out;
    uint32_t depth;
} Printer;

static void print_node(Printer *p, const char *label, NodeId n);

static void print_list(Printer *p, const char *label, AstList list) {
    for (uint32_t i = 0; i < list.count; i++)
        print_node(p, label, AST_ITEM(list, i));
}

static void print_word(Printer *p, const char *label, TokenId t) {
    if (t.v)
        buffer_printf(p->out, " %s=%.*s", label, TEXT_ARG(ast_token_text(p->ast, t)));
}

static void print_mode(Printer *p, ParamMode mode) {
    if (mode != MODE_BORROW)
        buffer_cstr(p->out, mode == MODE_MUT ? " mut" : " own");
}

static void print_flag(Printer *p, bool flag, const char *text) {
    if (flag)
        buffer_printf(p->out, " %s", text);
}

// What stands on the line of the node itself, beside kind and token.
static void print_facts(Printer *p, NodeId n) {
    const Ast *ast = p->ast;
    switch ((Form)forms[ast_kind(ast, n)]) {
    case FORM_import: {
        AstImport d = ast_import(ast, n);
        print_flag(p, d.is_pub, "pub");
        print_word(p, "as", d.alias);
        break;
    }
    case FORM_func: print_flag(p, ast_func(ast, n).is_pub, "pub"); break;
    case FORM_shape: print_flag(p, ast_shape(ast, n).is_pub, "pub"); break;
    case FORM_trait: print_flag(p, ast_trait(ast, n).is_pub, "pub"); break;
    case FORM_const_decl: print_flag(p, ast_const_decl(ast, n).is_pub, "pub"); break;
    case FORM_param:
        print_mode(p, ast_param(ast, n).mode);
        print_flag(p, ast_param(ast, n).is_pub, "pub");
        break;
    case FORM_variant: print_flag(p, ast_variant(ast, n).is_tuple, "tuple"); break;
    case FORM_type_param: print_flag(p, ast_type_param(ast, n).is_type_value, "type"); break;
    case FORM_func_type: print_mode(p, ast_func_type(ast, n).self_mode); break;
    case FORM_let: print_flag(p, ast_let(ast, n).is_mut, "mut"); break;
    case FORM_catch_expr: print_word(p, "binder", ast_catch_expr(ast, n).binder); break;
    case FORM_closure: print_mode(p, ast_closure(ast, n).self_mode); break;
    case FORM_loop: print_word(p, "label", ast_loop(ast, n).label); break;
    case FORM_for_expr: print_word(p, "label", ast_for_expr(ast, n).label); break;
    case FORM_jump: print_word(p, "label", ast_jump(ast, n).label); break;
    case FORM_pat_bind: print_flag(p, ast_pat_bind(ast, n).is_mut, "mut"); break;
    case FORM_pat_struct: print_flag(p, ast_pat_struct(ast, n).has_rest, "rest"); break;
    case FORM_nursery: print_word(p, "binder", ast_nursery(ast, n).binder); break;
    case FORM_select_arm: print_word(p, "binder", ast_select_arm(ast, n).binder); break;
    default: break;
    }
}

static void print_interp(Printer *p, NodeId n) {
    Arena *arena = arena_new();
    for (uint32_t i = 0; i < ast_interp_count(p->ast, n); i++) {
        AstInterpPart part = ast_interp_part(p->ast, n, i, arena);
        if (part.expr.v) {
            print_node(p, "", part.expr);
            continue;
        }
        for (uint32_t j = 0; j < p->depth; j++)
            buffer_cstr(p->out, "  ");
        buffer_cstr(p->out, "text ");
        buffer_json_string(p->out, part.literal);
        buffer_char(p->out, '\n');
    }
    arena_free(arena);
}

static void print_declaration(Printer *p, NodeId n) {
    const Ast *ast = p->ast;
    switch ((Form)forms[ast_kind(ast, n)]) {
    case FORM_import: print_list(p, "", ast_import(ast, n).path); break;
    case FORM_func: {
        AstFunc d = ast_func(ast, n);
        print_list(p, "", d.type_params);
        print_list(p, "", d.params);
        print_node(p, "result ", d.result);
        print_list(p, "where ", d.where);
        print_node(p, "", d.attrs);
        print_node(p, "", d.body);
        break;
    }
    case FORM_shape: {
        AstShape d = ast_shape(ast, n);
        print_list(p, "", d.type_params);
        print_list(p, "derive ", d.derives);
        print_node(p, "", d.attrs);
        print_list(p, "", d.members);
        break;
    }
    case FORM_trait: {
        AstTrait d = ast_trait(ast, n);
        print_list(p, "", d.type_params);
        print_list(p, "super ", d.supers);
        print_list(p, "where ", d.where);
        print_list(p, "", d.members);
        break;
    }
    case FORM_impl: {
        AstImpl d = ast_impl(ast, n);
        print_list(p, "", d.type_params);
        print_node(p, "trait ", d.trait_type);
        print_node(p, "self ", d.self_type);
        print_list(p, "where ", d.where);
        print_list(p, "", d.members);
        break;
    }
    case FORM_const_decl:
        print_node(p, "type ", ast_const_decl(ast, n).type);
        print_node(p, "", ast_const_decl(ast, n).value);
        break;
    case FORM_test: print_node(p, "", ast_test(ast, n).body); break;
    case FORM_param:
        print_node(p, "", ast_param(ast, n).pattern);
        print_node(p, "", ast_param(ast, n).type);
        print_node(p, "default ", ast_param(ast, n).default_value);
        break;
    case FORM_variant: print_list(p, "", ast_variant(ast, n).fields); break;
    case FORM_type_param: print_list(p, "", ast_type_param(ast, n).bounds); break;
    default: break;
    }
}

static void print_control(Printer *p, NodeId n) {
    const Ast *ast = p->ast;
    switch ((Form)forms[ast_kind(ast, n)]) {
    case FORM_if_expr:
        print_node(p, "", ast_if_expr(ast, n).condition);
        print_node(p, "then ", ast_if_expr(ast, n).then_block);
        print_node(p, "else ", ast_if_expr(ast, n).else_branch);
        break;
    case FORM_match:
        print_node(p, "", ast_match(ast, n).subject);
        print_list(p, "", ast_match(ast, n).arms);
        break;
    case FORM_arm:
        print_node(p, "", ast_arm(ast, n).pattern);
        print_node(p, "when ", ast_arm(ast, n).guard);
        print_node(p, "", ast_arm(ast, n).body);
        break;
    case FORM_loop:
        print_node(p, "", ast_loop(ast, n).condition);
        print_node(p, "", ast_loop(ast, n).body);
        break;
    case FORM_for_expr:
        print_node(p, "index ", ast_for_expr(ast, n).index);
        print_node(p, "", ast_for_expr(ast, n).pattern);
        print_node(p, "in ", ast_for_expr(ast, n).iterable);
        print_node(p, "", ast_for_expr(ast, n).body);
        break;
    case FORM_jump: print_node(p, "", ast_jump(ast, n).value); break;
    case FORM_nursery:
        print_list(p, "", ast_nursery(ast, n).args);
        print_node(p, "", ast_nursery(ast, n).body);
        break;
    case FORM_select_arm:
        print_node(p, "", ast_select_arm(ast, n).channel);
        print_node(p, "value ", ast_select_arm(ast, n).value);
        print_node(p, "", ast_select_arm(ast, n).body);
        break;
    default: print_declaration(p, n); break;
    }
}

static void print_children(Printer *p, NodeId n) {
    const Ast *ast = p->ast;
    switch ((Form)forms[ast_kind(ast, n)]) {
    case FORM_list:
    case FORM_path: print_list(p, "", ast_list(ast, n)); break;
    case FORM_call:
        print_node(p, "", ast_call(ast, n).callee);
        print_list(p, "arg ", ast_call(ast, n).args);
        break;
    case FORM_unary: print_node(p, "", ast_unary(ast, n).child); break;
    case FORM_binary:
        print_node(p, "", ast_binary(ast, n).left);
        print_node(p, ast_binary(ast, n).left.v ? "" : "right ", ast_binary(ast, n).right);
        break;
    case FORM_func_type:
        print_list(p, "", ast_func_type(ast, n).params);
        print_node(p, "result ", ast_func_type(ast, n).result);
        break;
    case FORM_let:
        print_node(p, "", ast_let(ast, n).pattern);
        print_node(p, "type ", ast_let(ast, n).type);
        print_node(p, "", ast_let(ast, n).value);
        print_node(p, "else ", ast_let(ast, n).else_block);
        break;
    case FORM_interp: print_interp(p, n); break;
    case FORM_catch_expr:
        print_node(p, "", ast_catch_expr(ast, n).value);
        print_node(p, "handler ", ast_catch_expr(ast, n).handler);
        break;
    case FORM_struct_lit:
        print_node(p, "", ast_struct_lit(ast, n).type);
        print_node(p, "base ", ast_struct_lit(ast, n).base);
        print_list(p, "", ast_struct_lit(ast, n).fields);
        break;
    case FORM_closure:
        print_list(p, "", ast_closure(ast, n).params);
        print_node(p, "result ", ast_closure(ast, n).result);
        print_node(p, "", ast_closure(ast, n).body);
        break;
    case FORM_pat_bind: print_node(p, "", ast_pat_bind(ast, n).pattern); break;
    case FORM_pat_struct:
        print_node(p, "", ast_pat_struct(ast, n).type);
        print_list(p, "", ast_pat_struct(ast, n).fields);
        break;
    default: print_control(p, n); break;
    }
}

static void print_node(Printer *p, const char *label, NodeId n) {
    if (!n.v)
        return;
    for (uint32_t i = 0; i < p->depth; i++)
        buffer_cstr(p->out, "  ");
    buffer_printf(p->out, "%s%s", label, node_kind_name(ast_kind(p->ast, n)));
    Text text = ast_token_text(p->ast, ast_token(p->ast, n));
    bool is_word = ast_kind(p->ast, n) != NODE_MODULE && text.size > 0 && !memchr(text.data, '\n', text.size);
    if (is_word)
        buffer_printf(p->out, " %.*s", TEXT_ARG(text));
    print_facts(p, n);
    buffer_char(p->out, '\n');
    p->depth++;
    print_children(p, n);
    p->depth--;
}

void ast_print(const Ast *ast, const Interner *symbols, Buffer *out) {
    (void)symbols;
    Printer printer = {ast, out, 0};
    print_node(&printer, "", ast->root);
}
