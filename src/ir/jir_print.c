// Prints JIR in its text form; jir_parse.c reads exactly this.
#include "ir/jir_text.h"

#include <math.h>

typedef struct {
    const Jir *jir;
    const JirFn *fn;
    const Program *program;
    JirNames names;
    Buffer *out;
} Printer;

static void print_decl(Printer *p, DeclId id) {
    if (!id.v) {
        buffer_cstr(p->out, "none");
        return;
    }
    const Decl *decl = program_decl(p->program, id);
    NameClass class = jir_name_class(decl->kind);
    bool is_word = decl->name.v && decl->kind != DECL_TEST;
    if (is_word)
        buffer_text(p->out, symbol(p->program, decl->name));
    if (!is_word || class == NAMES_OTHERS || jir_names_find(&p->names, class, decl->name).v != id.v)
        buffer_printf(p->out, "#%u", id.v);
}

static void print_type(Printer *p, TypeId id);

static void print_types(Printer *p, const TypeId *types, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            buffer_cstr(p->out, ", ");
        print_type(p, types[i]);
    }
}

static void print_type_args(Printer *p, const TypeId *types, uint32_t count) {
    if (!count)
        return;
    buffer_char(p->out, '[');
    print_types(p, types, count);
    buffer_char(p->out, ']');
}

static const char *const SELF_MODES[] = {"", "mut ", "own "};

static void print_func_type(Printer *p, const Type *type) {
    buffer_printf(p->out, "%sfunc(", SELF_MODES[type->self_mode]);
    for (uint32_t i = 0; i + 1 < type->arg_count; i++) {
        if (i)
            buffer_cstr(p->out, ", ");
        buffer_cstr(p->out, SELF_MODES[type->modes[i]]);
        print_type(p, type->args[i]);
    }
    buffer_cstr(p->out, ") -> ");
    print_type(p, type->args[type->arg_count - 1]);
}

static void print_error_set(Printer *p, const Type *type) {
    buffer_cstr(p->out, "set(");
    for (uint32_t i = 0; i < type->decl_count; i++) {
        if (i)
            buffer_cstr(p->out, ", ");
        print_decl(p, type->decls[i]);
    }
    buffer_char(p->out, ')');
}

static void print_type(Printer *p, TypeId id) {
    Buffer *out = p->out;
    if (!id.v) {
        buffer_cstr(out, "none");
        return;
    }
    const Type *type = type_get(p->program->types, id);
    switch (type->kind) {
    case TY_STRUCT:
    case TY_ENUM:
    case TY_ERROR:
        print_decl(p, type->decl);
        print_type_args(p, type->args, type->arg_count);
        break;
    case TY_ERROR_SET: print_error_set(p, type); break;
    case TY_INFERRED_SET:
        buffer_cstr(out, "errors_of(");
        print_decl(p, type->decl);
        buffer_char(out, ')');
        break;
    case TY_TUPLE:
        buffer_char(out, '(');
        print_types(p, type->args, type->arg_count);
        buffer_char(out, ')');
        break;
    case TY_ARRAY:
        if (type_array_is_open(type)) {
            buffer_char(out, '[');
            print_type(p, type->args[1]);
            buffer_char(out, ']');
        } else {
            buffer_printf(out, "[%llu]", (unsigned long long)type->count);
        }
        print_type(p, type->args[0]);
        break;
    case TY_VALUE:
        buffer_cstr(out, "value(");
        print_type(p, type->args[0]);
        buffer_printf(out, ", %llu)", (unsigned long long)type->count);
        break;
    case TY_OPTIONAL:
        buffer_char(out, '?');
        print_type(p, type->args[0]);
        break;
    case TY_RESULT:
        print_type(p, type->args[0]);
        buffer_char(out, '!');
        print_type(p, type->args[1]);
        break;
    case TY_FUNC: print_func_type(p, type); break;
    case TY_CLOSURE:
        buffer_cstr(out, "closure(");
        print_decl(p, type->decl);
        buffer_printf(out, ", %u)", type->node.v);
        print_type_args(p, type->args, type->arg_count);
        break;
    case TY_REF:
        buffer_cstr(out, type->is_mut ? "&mut " : "&");
        print_type(p, type->args[0]);
        break;
    case TY_POINTER:
        buffer_char(out, '*');
        print_type(p, type->args[0]);
        break;
    case TY_PARAM:
        buffer_char(out, '$');
        print_decl(p, type->decl);
        break;
    case TY_DYN:
        buffer_cstr(out, "dyn ");
        print_decl(p, type->decl);
        print_type_args(p, type->args, type->arg_count);
        break;
    case TY_ASSOC:
        buffer_cstr(out, "assoc(");
        print_decl(p, type->decl);
        buffer_cstr(out, ", ");
        print_type(p, type->args[0]);
        if (type->arg_count > 1) {
            buffer_cstr(out, ", ");
            print_type(p, type->args[1]);
        }
        buffer_char(out, ')');
        break;
    default: type_write(p->program, id, out); break;
    }
}

static void print_string(Buffer *out, Text text) {
    buffer_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else if (c == '\n')
            buffer_cstr(out, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buffer_printf(out, "\\x%02x", c);
        else
            buffer_char(out, (char)c);
    }
    buffer_char(out, '"');
}

static void print_place(Printer *p, PlaceId id) {
    if (!id.v) {
        buffer_cstr(p->out, "none");
        return;
    }
    const JirPlace *place = &p->fn->places.items[id.v];
    TypeId type = {0};
    if (place->is_global) {
        buffer_char(p->out, '@');
        print_decl(p, (DeclId){place->root});
        if (!place->count) {
            buffer_char(p->out, ':');
            print_type(p, place->type);
        }
    } else {
        buffer_printf(p->out, "_%u", place->root);
        type = p->fn->locals.items[place->root].type;
    }
    uint32_t variant = 0;
    for (uint32_t i = 0; i < place->count; i++) {
        const Projection *projection = &p->fn->projections.items[place->first + i];
        switch (projection->kind) {
        case PROJ_FIELD: buffer_printf(p->out, ".%u", projection->index); break;
        case PROJ_VARIANT: buffer_printf(p->out, "@%u", projection->index); break;
        case PROJ_INDEX: buffer_printf(p->out, "[_%u]", projection->index); break;
        case PROJ_CONST_INDEX: buffer_printf(p->out, "[%u]", projection->index); break;
        case PROJ_DEREF: buffer_cstr(p->out, ".*"); break;
        }
        if (jir_projected_type(p->jir->program, type, variant, projection).v != projection->type.v) {
            buffer_char(p->out, '<');
            print_type(p, projection->type);
            buffer_char(p->out, '>');
        }
        variant = projection->kind == PROJ_VARIANT ? projection->index : 0;
        type = projection->type;
    }
}

static void print_callee(Printer *p, const JirCallee *callee) {
    if (callee->is_trait_method)
        buffer_cstr(p->out, "trait ");
    print_decl(p, callee->decl);
    print_type_args(p, callee->type_args, callee->type_arg_count);
    if (callee->instance.v)
        buffer_printf(p->out, " => %u", callee->instance.v);
}

static void print_float(Buffer *out, uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) {
        buffer_printf(out, "f0x%llx", (unsigned long long)bits);
        return;
    }
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    buffer_cstr(out, text);
    if (!strpbrk(text, ".e"))
        buffer_cstr(out, ".0");
}

static void print_const(Printer *p, const JirOperand *operand) {
    switch (operand->const_kind) {
    case CONST_VOID: buffer_cstr(p->out, "void"); return;
    case CONST_INT:
        if (operand->high)
            buffer_printf(p->out, "0x%llx%016llx", (unsigned long long)operand->high, (unsigned long long)operand->low);
        else
            buffer_printf(p->out, "%llu", (unsigned long long)operand->low);
        break;
    case CONST_FLOAT: print_float(p->out, operand->low); break;
    case CONST_BYTES:
        buffer_char(p->out, 'b');
        print_string(p->out, operand->text);
        break;
    case CONST_STRING: print_string(p->out, operand->text); break;
    case CONST_FUNC:
        buffer_cstr(p->out, "fn ");
        print_callee(p, operand->callee);
        break;
    }
    buffer_char(p->out, ':');
    print_type(p, operand->type);
}

static void print_operand(Printer *p, OperandId id) {
    static const char *const KINDS[] = {"copy ", "move ", "take "};
    if (!id.v) {
        buffer_cstr(p->out, "none");
        return;
    }
    const JirOperand *operand = &p->fn->operands.items[id.v];
    if (operand->kind == OPERAND_CONST) {
        print_const(p, operand);
        return;
    }
    buffer_cstr(p->out, KINDS[operand->kind]);
    print_place(p, operand->place);
}

static void print_args(Printer *p, const JirStmt *stmt) {
    buffer_cstr(p->out, " (");
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        if (i)
            buffer_cstr(p->out, ", ");
        if (stmt->op == OP_MAKE || stmt->op == OP_MAKE_VARIANT) {
            print_operand(p, (OperandId){p->fn->operand_lists.items[stmt->args + i]});
            continue;
        }
        const JirArg *arg = &p->fn->args.items[stmt->args + i];
        if (arg->kind == ARG_VALUE) {
            print_operand(p, arg->value);
        } else {
            buffer_cstr(p->out, arg->kind == ARG_REF ? "ref " : "mut ");
            print_place(p, arg->place);
        }
    }
    buffer_char(p->out, ')');
}

static void print_word(Printer *p, const char *word) {
    buffer_cstr(p->out, word);
    buffer_char(p->out, ' ');
}

static void print_stmt_body(Printer *p, const JirStmt *stmt) {
    const char *text = JIR_OP_TEXTS[stmt->op];
    switch ((OpKind)stmt->op) {
    case OP_NOP:
    case OP_LIVE:
    case OP_DEAD:
    case OP_DROP: buffer_cstr(p->out, text); break;
    case OP_SET:
    case OP_STORE:
    case OP_CAST:
    case OP_REPEAT:
        print_word(p, text);
        print_operand(p, stmt->a);
        break;
    case OP_UNARY:
        print_word(p, JIR_UNARY_TEXTS[stmt->sub]);
        print_operand(p, stmt->a);
        break;
    case OP_CHECK_INDEX:
    case OP_BINARY:
        print_word(p, stmt->op == OP_BINARY ? JIR_BINARY_TEXTS[stmt->sub] : text);
        print_operand(p, stmt->a);
        buffer_cstr(p->out, ", ");
        print_operand(p, stmt->b);
        break;
    case OP_REF:
    case OP_BIND:
    case OP_TAG:
    case OP_LEN:
        print_word(p, text);
        if (stmt->op == OP_REF && stmt->sub)
            buffer_cstr(p->out, "mut ");
        print_place(p, stmt->place);
        break;
    case OP_MAKE:
        buffer_cstr(p->out, text);
        print_args(p, stmt);
        break;
    case OP_MAKE_VARIANT:
        buffer_printf(p->out, "%s %u", text, stmt->number);
        print_args(p, stmt);
        break;
    case OP_CALL:
    case OP_MAKE_CLOSURE:
        print_word(p, text);
        print_callee(p, stmt->callee);
        print_args(p, stmt);
        break;
    case OP_CALL_VALUE:
        print_word(p, text);
        print_place(p, stmt->place);
        print_args(p, stmt);
        break;
    case OP_INTRINSIC:
        buffer_printf(p->out, "%s %s", text, JIR_INTRINSIC_TEXTS[stmt->number]);
        if (stmt->callee) {
            buffer_cstr(p->out, " of ");
            print_callee(p, stmt->callee);
        }
        print_args(p, stmt);
        break;
    case OP_FLAG: buffer_printf(p->out, "%s %u", text, stmt->number); break;
    case OP_COUNT: break;
    }
}

static bool op_writes_place_last(uint8_t op) {
    return op == OP_LIVE || op == OP_DEAD || op == OP_DROP;
}

static void print_stmt(Printer *p, const JirStmt *stmt) {
    buffer_cstr(p->out, "    ");
    if (stmt->dst.v && !op_writes_place_last(stmt->op)) {
        print_place(p, stmt->dst);
        buffer_cstr(p->out, " = ");
    }
    print_stmt_body(p, stmt);
    if (op_writes_place_last(stmt->op)) {
        buffer_char(p->out, ' ');
        print_place(p, stmt->dst);
    }
    if (stmt->is_cleanup)
        buffer_cstr(p->out, " cleanup");
    if (stmt->unwind)
        buffer_printf(p->out, " unwind %u", stmt->unwind);
    if (stmt->token)
        buffer_printf(p->out, " at %u", stmt->token);
    buffer_char(p->out, '\n');
}

static void print_term(Printer *p, const JirTerm *term) {
    buffer_printf(p->out, "    %s", JIR_TERM_TEXTS[term->kind]);
    if (term->kind == TERM_PANIC)
        buffer_printf(p->out, " %s", JIR_PANIC_TEXTS[term->sub]);
    if (term->a.v) {
        buffer_char(p->out, ' ');
        print_operand(p, term->a);
    }
    for (uint32_t i = 0; i < term->target_count; i++) {
        buffer_char(p->out, ' ');
        if (term->kind == TERM_SWITCH && i + 1 < term->target_count)
            buffer_printf(p->out, "%llu ", (unsigned long long)term->values[i]);
        buffer_printf(p->out, "%%%u", term->targets[i].v);
    }
    if (term->unwind)
        buffer_printf(p->out, " unwind %u", term->unwind);
    if (term->token)
        buffer_printf(p->out, " at %u", term->token);
    buffer_char(p->out, '\n');
}

static void print_local(Printer *p, uint32_t index) {
    const JirLocal *local = &p->fn->locals.items[index];
    buffer_printf(p->out, "  local _%u", index);
    if (local->name.v) {
        buffer_char(p->out, ' ');
        print_string(p->out, symbol(p->program, local->name));
    }
    buffer_cstr(p->out, ": ");
    print_type(p, local->type);
    buffer_printf(p->out, " %s %s", JIR_MODE_TEXTS[local->mode], JIR_KIND_TEXTS[local->kind]);
    if (local->node.v)
        buffer_printf(p->out, " node %u", local->node.v);
    if (local->scope)
        buffer_printf(p->out, " scope %u", local->scope);
    buffer_char(p->out, '\n');
}

static void print_header(Printer *p) {
    const JirFn *fn = p->fn;
    static const char *const MODES[] = {"borrow", "mut", "own"};
    buffer_cstr(p->out, "fn ");
    print_decl(p, fn->decl);
    if (fn->closure.v)
        buffer_printf(p->out, " closure %u %s", fn->closure.v, MODES[fn->self_mode]);
    if (fn->module.v)
        buffer_printf(p->out, " module %u", fn->module.v);
    buffer_printf(p->out, " params %u", fn->param_count);
    if (fn->capture_count)
        buffer_printf(p->out, " captures %u", fn->capture_count);
    if (fn->is_generic)
        buffer_cstr(p->out, " generic");
    if (fn->is_glue)
        buffer_cstr(p->out, " glue");
    if (fn->has_pads)
        buffer_cstr(p->out, " pads");
    if (fn->symbol) {
        buffer_cstr(p->out, " symbol ");
        print_string(p->out, text_of(fn->symbol));
    }
    if (fn->subst.count) {
        buffer_cstr(p->out, " where ");
        for (uint32_t i = 0; i < fn->subst.count; i++) {
            if (i)
                buffer_cstr(p->out, ", ");
            print_decl(p, fn->subst.params[i]);
            buffer_cstr(p->out, " = ");
            print_type(p, fn->subst.args[i]);
        }
    }
    buffer_cstr(p->out, " {\n");
}

void jir_print_fn(const Jir *jir, const JirFn *fn, Buffer *out) {
    Printer p = {.jir = jir, .fn = fn, .program = jir->program, .out = out};
    jir_names_init(&p.names, jir->program);
    print_header(&p);
    for (uint32_t i = 0; i < fn->scopes.count; i++) {
        const JirScope *scope = &fn->scopes.items[i];
        buffer_printf(out, "  scope %u in %u tokens %u %u\n", i, scope->parent, scope->first_token, scope->last_token);
    }
    for (uint32_t i = 0; i < fn->locals.count; i++)
        print_local(&p, i);
    for (uint32_t i = 1; i < fn->cleanups.count; i++) {
        const JirCleanup *it = &fn->cleanups.items[i];
        buffer_printf(out, "  leave %u in %u %s%u\n", i, it->parent, it->body.v ? "%" : "_",
                      it->body.v ? it->body.v : it->local.v);
    }
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        const JirBlock *block = &fn->blocks.items[i];
        buffer_printf(out, "  %%%u", i);
        if (block->is_cleanup)
            buffer_cstr(out, " cleanup");
        if (block->loop_depth)
            buffer_printf(out, " depth %u", block->loop_depth);
        buffer_cstr(out, ":\n");
        for (uint32_t s = 0; s < block->stmts.count; s++)
            print_stmt(&p, &block->stmts.items[s]);
        print_term(&p, &block->term);
    }
    buffer_cstr(out, "}\n");
    jir_names_free(&p.names);
}
