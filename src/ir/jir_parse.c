// Reads the text form of JIR, for tests of single stages. The grammar is what jir_print.c writes.
#include <stdlib.h>

#include "ir/jir_text.h"

typedef struct {
    Jir *jir;
    Program *program;
    JirFn *fn;
    JirNames names;
    Text text;
    size_t at;
    bool failed;
    Buffer *why;
} Parser;

static void fail(Parser *p, const char *what) {
    if (p->failed)
        return;
    p->failed = true;
    uint32_t line = 1;
    for (size_t i = 0; i < p->at && i < p->text.size; i++)
        line += p->text.data[i] == '\n';
    buffer_printf(p->why, "line %u: %s", line, what);
}

// ---- words ----------------------------------------------------------------------------------------------------------

static void skip_space(Parser *p) {
    while (p->at < p->text.size) {
        char c = p->text.data[p->at];
        if (c == ';') {
            while (p->at < p->text.size && p->text.data[p->at] != '\n')
                p->at++;
        } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            p->at++;
        } else {
            return;
        }
    }
}

static char peek(Parser *p) {
    skip_space(p);
    return p->at < p->text.size ? p->text.data[p->at] : '\0';
}

static bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static Text peek_word(Parser *p) {
    skip_space(p);
    size_t end = p->at;
    while (end < p->text.size && is_word_char(p->text.data[end]))
        end++;
    return (Text){p->text.data + p->at, end - p->at};
}

static Text take_word(Parser *p) {
    Text word = peek_word(p);
    if (!word.size)
        fail(p, "a word is expected");
    p->at += word.size;
    return word;
}

static bool accept_word(Parser *p, const char *word) {
    if (!text_equal(peek_word(p), text_of(word)))
        return false;
    p->at += strlen(word);
    return true;
}

static bool accept(Parser *p, const char *mark) {
    skip_space(p);
    size_t size = strlen(mark);
    if (p->text.size - p->at < size || memcmp(p->text.data + p->at, mark, size) != 0)
        return false;
    p->at += size;
    return true;
}

static void expect(Parser *p, const char *mark) {
    if (!accept(p, mark)) {
        char message[40];
        snprintf(message, sizeof message, "'%s' is expected", mark);
        fail(p, message);
    }
}

static uint64_t take_number(Parser *p) {
    Text word = take_word(p);
    uint64_t value = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') {
            fail(p, "a number is expected");
            return 0;
        }
        value = value * 10 + (uint64_t)(word.data[i] - '0');
    }
    return value;
}

static uint32_t take_choice(Parser *p, const char *const *texts, uint32_t count) {
    Text word = take_word(p);
    for (uint32_t i = 0; i < count; i++)
        if (text_equal(word, text_of(texts[i])))
            return i;
    fail(p, "an unknown word");
    return 0;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static Text take_string(Parser *p) {
    Buffer out = {0};
    expect(p, "\"");
    while (!p->failed) {
        if (p->at >= p->text.size) {
            fail(p, "a string without an end");
            break;
        }
        char c = p->text.data[p->at++];
        if (c == '"')
            break;
        if (c == '\\' && p->at < p->text.size) {
            c = p->text.data[p->at++];
            if (c == 'n') {
                c = '\n';
            } else if (c == 'x' && p->at + 2 <= p->text.size) {
                c = (char)(hex_digit(p->text.data[p->at]) << 4 | hex_digit(p->text.data[p->at + 1]));
                p->at += 2;
            }
        }
        buffer_char(&out, c);
    }
    Text text = arena_text(p->jir->arena, buffer_view(&out));
    vec_free(&out);
    return text;
}

// ---- declarations and types -----------------------------------------------------------------------------------------

static DeclId take_decl(Parser *p, NameClass class) {
    if (accept_word(p, "none"))
        return (DeclId){0};
    Text word = peek_word(p);
    p->at += word.size;
    if (p->at < p->text.size && p->text.data[p->at] == '#') {
        p->at++;
        uint64_t id = take_number(p);
        if (id >= p->program->decls.count) {
            fail(p, "no such declaration");
            id = 0;
        }
        return (DeclId){(uint32_t)id};
    }
    DeclId id = jir_names_find(&p->names, class, intern(p->program->symbols, word));
    if (!id.v)
        fail(p, "an unknown name");
    return id;
}

static TypeId take_type(Parser *p);

typedef VEC(TypeId) TypeList;

static const TypeId *keep_types(Parser *p, TypeList *list) {
    const TypeId *kept = NULL;
    if (list->count)
        kept = arena_copy(p->jir->arena, list->items, list->count * sizeof(TypeId), _Alignof(TypeId));
    vec_free(list);
    return kept;
}

static const TypeId *take_types(Parser *p, const char *end, uint32_t *count) {
    TypeList list = {0};
    while (!p->failed && !accept(p, end)) {
        if (list.count)
            expect(p, ",");
        vec_push(&list, take_type(p));
    }
    *count = list.count;
    return keep_types(p, &list);
}

static ParamMode take_mode(Parser *p) {
    if (accept_word(p, "mut"))
        return MODE_MUT;
    return accept_word(p, "own") ? MODE_OWN : MODE_BORROW;
}

static TypeId take_func_type(Parser *p, ParamMode self_mode) {
    TypeList params = {0};
    VecU8 modes = {0};
    expect(p, "(");
    while (!p->failed && !accept(p, ")")) {
        if (params.count)
            expect(p, ",");
        size_t before = p->at;
        ParamMode mode = take_mode(p);
        if (mode != MODE_BORROW && accept_word(p, "func")) { // the mode belonged to the parameter's own type
            p->at = before;
            mode = MODE_BORROW;
        }
        vec_push(&modes, (uint8_t)mode);
        vec_push(&params, take_type(p));
    }
    expect(p, "->");
    TypeId result = take_type(p);
    TypeId type = type_func(p->program->types, self_mode, params.items, modes.items, params.count, result);
    vec_free(&params);
    vec_free(&modes);
    return type;
}

static TypeId take_nominal(Parser *p) {
    static const TypeKind KINDS[] = {[DECL_STRUCT] = TY_STRUCT, [DECL_ENUM] = TY_ENUM, [DECL_ERROR] = TY_ERROR};
    DeclId decl = take_decl(p, NAMES_TYPES);
    if (p->failed)
        return (TypeId){0};
    DeclKind kind = program_decl(p->program, decl)->kind;
    if (jir_name_class(kind) != NAMES_TYPES) {
        fail(p, "not a type");
        return (TypeId){0};
    }
    uint32_t count = 0;
    const TypeId *args = accept(p, "[") ? take_types(p, "]", &count) : NULL;
    return type_nominal(p->program->types, KINDS[kind], decl, args, count);
}

static TypeId take_error_set(Parser *p) {
    VEC(DeclId) decls = {0};
    while (!p->failed && !accept(p, ")")) {
        if (decls.count)
            expect(p, ",");
        vec_push(&decls, take_decl(p, NAMES_OTHERS));
    }
    Type key = {.kind = TY_ERROR_SET, .decls = decls.items, .decl_count = decls.count};
    TypeId type = type_intern(p->program->types, &key);
    vec_free(&decls);
    return type;
}

static TypeId take_closure_type(Parser *p) {
    Type key = {.kind = TY_CLOSURE};
    key.decl = take_decl(p, NAMES_FUNCS);
    expect(p, ",");
    key.node = (NodeId){(uint32_t)take_number(p)};
    expect(p, ")");
    if (accept(p, "["))
        key.args = take_types(p, "]", &key.arg_count);
    return p->failed ? (TypeId){0} : type_intern(p->program->types, &key);
}

static TypeId take_word_type(Parser *p) {
    Types *types = p->program->types;
    Text word = peek_word(p);
    for (TypeKind kind = TY_VOID; kind < TY_COUNT; kind++) {
        const char *text = type_kind_text(kind);
        if (text && text_equal(word, text_of(text))) {
            p->at += word.size;
            return type_builtin(types, kind);
        }
    }
    if (accept_word(p, "dyn")) {
        DeclId trait = take_decl(p, NAMES_PARAMS);
        uint32_t count = 0;
        const TypeId *args = accept(p, "[") ? take_types(p, "]", &count) : NULL;
        return type_dyn(types, trait, count > 0 ? args[0] : (TypeId){0});
    }
    size_t before = p->at;
    ParamMode mode = take_mode(p);
    if (accept_word(p, "func"))
        return take_func_type(p, mode);
    p->at = before;
    skip_space(p);
    bool called = p->at + word.size < p->text.size && p->text.data[p->at + word.size] == '(';
    if (!called)
        return take_nominal(p);
    p->at += word.size + 1;
    if (text_equal(word, TEXT("set")))
        return take_error_set(p);
    if (text_equal(word, TEXT("closure")))
        return take_closure_type(p);
    if (text_equal(word, TEXT("errors_of"))) {
        Type key = {.kind = TY_INFERRED_SET, .decl = take_decl(p, NAMES_FUNCS)};
        expect(p, ")");
        return p->failed ? (TypeId){0} : type_intern(types, &key);
    }
    if (text_equal(word, TEXT("value"))) {
        TypeId of = take_type(p);
        expect(p, ",");
        uint64_t value = take_number(p);
        expect(p, ")");
        return p->failed ? (TypeId){0} : type_value(types, of, value);
    }
    if (text_equal(word, TEXT("assoc"))) {
        DeclId decl = take_decl(p, NAMES_OTHERS);
        expect(p, ",");
        TypeId base = take_type(p), trait_args = {0};
        if (accept(p, ","))
            trait_args = take_type(p);
        expect(p, ")");
        return p->failed ? (TypeId){0} : type_assoc(types, decl, base, trait_args);
    }
    fail(p, "an unknown type");
    return (TypeId){0};
}

static TypeId take_plain_type(Parser *p) {
    Types *types = p->program->types;
    if (accept(p, "?"))
        return type_unary(types, TY_OPTIONAL, take_type(p));
    if (accept(p, "*"))
        return type_unary(types, TY_POINTER, take_type(p));
    if (accept(p, "&")) {
        size_t before = p->at;
        bool is_mut = accept_word(p, "mut");
        if (is_mut && text_equal(peek_word(p), TEXT("func"))) {
            p->at = before;
            is_mut = false;
        }
        return type_ref(types, take_type(p), is_mut);
    }
    if (accept(p, "$"))
        return type_param(types, take_decl(p, NAMES_PARAMS));
    if (accept(p, "{error}"))
        return type_builtin(types, TY_POISON);
    if (accept(p, "[")) {
        skip_space(p);
        bool is_open = p->at < p->text.size && p->text.data[p->at] == '$';
        TypeId length = is_open ? take_type(p) : type_value(types, type_builtin(types, TY_I64), take_number(p));
        expect(p, "]");
        TypeId item = take_type(p);
        return p->failed ? (TypeId){0} : type_array_of(types, item, length);
    }
    if (accept(p, "(")) {
        uint32_t count;
        const TypeId *items = take_types(p, ")", &count);
        return type_tuple(types, items, count);
    }
    return take_word_type(p);
}

static TypeId take_type(Parser *p) {
    if (p->failed || accept_word(p, "none"))
        return (TypeId){0};
    TypeId type = take_plain_type(p);
    if (!p->failed && accept(p, "!")) {
        TypeId value = take_type(p);
        return p->failed ? (TypeId){0} : type_result(p->program->types, type, value);
    }
    return type;
}

// ---- places and operands --------------------------------------------------------------------------------------------

static LocalId take_local(Parser *p) {
    expect(p, "_");
    uint64_t number = take_number(p);
    if (number >= p->fn->locals.count) {
        fail(p, "no such local");
        number = 0;
    }
    return (LocalId){(uint32_t)number};
}

static bool take_projection(Parser *p, Projection *projection) {
    char c = p->at < p->text.size ? p->text.data[p->at] : '\0';
    if (c != '.' && c != '@' && c != '[')
        return false;
    p->at++;
    *projection = (Projection){.kind = c == '@' ? PROJ_VARIANT : PROJ_FIELD};
    if (c == '[' && peek(p) == '_') {
        projection->kind = PROJ_INDEX;
        projection->index = take_local(p).v;
    } else if (c == '.' && accept(p, "*")) {
        projection->kind = PROJ_DEREF;
    } else {
        projection->index = (uint32_t)take_number(p);
        if (c == '[')
            projection->kind = PROJ_CONST_INDEX;
    }
    if (c == '[')
        expect(p, "]");
    return true;
}

static PlaceId take_place(Parser *p) {
    if (p->failed || accept_word(p, "none"))
        return (PlaceId){0};
    PlaceId place;
    TypeId type = {0};
    if (accept(p, "@")) {
        DeclId decl = take_decl(p, NAMES_FUNCS);
        if (accept(p, ":"))
            type = take_type(p);
        place = jir_place_global(p->fn, decl, type);
    } else {
        LocalId local = take_local(p);
        if (p->failed)
            return (PlaceId){0};
        type = p->fn->locals.items[local.v].type;
        place = jir_place_local(p->fn, local);
    }
    uint32_t variant = 0;
    Projection projection;
    while (!p->failed && take_projection(p, &projection)) {
        if (p->at < p->text.size && p->text.data[p->at] == '<') {
            p->at++;
            projection.type = take_type(p);
            expect(p, ">");
        } else {
            projection.type = jir_projected_type(p->program, type, variant, &projection);
        }
        if (!projection.type.v)
            fail(p, "a projection that does not fit its place");
        variant = projection.kind == PROJ_VARIANT ? projection.index : 0;
        type = projection.type;
        place = jir_place_project(p->fn, place, projection);
    }
    return place;
}

static JirCallee *take_callee(Parser *p) {
    bool is_trait_method = accept_word(p, "trait");
    DeclId decl = take_decl(p, NAMES_FUNCS);
    uint32_t count = 0;
    const TypeId *args = accept(p, "[") ? take_types(p, "]", &count) : NULL;
    JirCallee *callee = jir_callee(p->jir, decl, is_trait_method, args, count);
    if (accept(p, "=>"))
        callee->instance = (JirFnId){(uint32_t)take_number(p)};
    return callee;
}

static void take_hex(Parser *p, JirOperand *operand) {
    p->at += 2;
    Text word = take_word(p);
    for (size_t i = 0; i < word.size; i++) {
        operand->high = operand->high << 4 | operand->low >> 60;
        operand->low = operand->low << 4 | (uint64_t)(hex_digit(word.data[i]) & 15);
    }
}

static void take_number_const(Parser *p, JirOperand *operand) {
    const char *start = p->text.data + p->at;
    size_t left = p->text.size - p->at;
    bool is_bits = left > 3 && memcmp(start, "f0x", 3) == 0;
    operand->const_kind = is_bits ? CONST_FLOAT : CONST_INT;
    if (is_bits)
        p->at++;
    if (is_bits || (left > 2 && start[0] == '0' && start[1] == 'x')) {
        take_hex(p, operand);
        return;
    }
    size_t size = 0;
    bool is_float = false;
    while (size < left && (is_word_char(start[size]) || strchr(".-+", start[size]))) {
        is_float |= start[size] == '.' || start[size] == 'e' || start[size] == '-';
        size++;
    }
    if (!is_float) {
        operand->low = take_number(p);
        return;
    }
    char digits[64] = {0};
    memcpy(digits, start, size < 63 ? size : 63);
    double value = strtod(digits, NULL);
    operand->const_kind = CONST_FLOAT;
    memcpy(&operand->low, &value, sizeof value);
    p->at += size;
}

static OperandId take_const(Parser *p) {
    JirOperand operand = {.kind = OPERAND_CONST};
    char c = peek(p);
    Text word = peek_word(p);
    if (accept_word(p, "void")) {
        operand.const_kind = CONST_VOID;
        operand.type = type_builtin(p->program->types, TY_VOID);
        return jir_operand_const(p->fn, operand);
    }
    if (accept_word(p, "fn")) {
        operand.const_kind = CONST_FUNC;
        operand.callee = take_callee(p);
    } else if (c == '"') {
        operand.const_kind = CONST_STRING;
        operand.text = take_string(p);
    } else if (text_equal(word, TEXT("b"))) {
        p->at++;
        operand.const_kind = CONST_BYTES;
        operand.text = take_string(p);
    } else {
        take_number_const(p, &operand);
    }
    expect(p, ":");
    operand.type = take_type(p);
    return jir_operand_const(p->fn, operand);
}

static OperandId take_operand(Parser *p) {
    static const char *const KINDS[] = {"copy", "move", "take"};
    if (p->failed || accept_word(p, "none"))
        return (OperandId){0};
    for (uint32_t i = 0; i < 3; i++) {
        if (accept_word(p, KINDS[i])) {
            PlaceId place = take_place(p);
            return p->failed ? (OperandId){0} : jir_operand_place(p->fn, (OperandKind)i, place);
        }
    }
    return take_const(p);
}

// ---- statements -----------------------------------------------------------------------------------------------------

static void take_args(Parser *p, JirStmt *stmt) {
    VEC(JirArg) args = {0};
    expect(p, "(");
    while (!p->failed && !accept(p, ")")) {
        if (args.count)
            expect(p, ",");
        JirArg arg = {.kind = ARG_VALUE};
        if (accept_word(p, "ref"))
            arg.kind = ARG_REF;
        else if (accept_word(p, "mut"))
            arg.kind = ARG_MUT_REF;
        if (arg.kind == ARG_VALUE)
            arg.value = take_operand(p);
        else
            arg.place = take_place(p);
        vec_push(&args, arg);
    }
    jir_stmt_args(p->fn, stmt, args.items, args.count);
    vec_free(&args);
}

static void take_operands(Parser *p, JirStmt *stmt) {
    VEC(OperandId) operands = {0};
    expect(p, "(");
    while (!p->failed && !accept(p, ")")) {
        if (operands.count)
            expect(p, ",");
        vec_push(&operands, take_operand(p));
    }
    jir_stmt_operands(p->fn, stmt, operands.items, operands.count);
    vec_free(&operands);
}

static void take_stmt_operands(Parser *p, JirStmt *stmt) {
    switch ((OpKind)stmt->op) {
    case OP_NOP:
    case OP_COUNT: break;
    case OP_LIVE:
    case OP_DEAD:
    case OP_DROP: stmt->dst = take_place(p); break;
    case OP_SET:
    case OP_STORE:
    case OP_CAST:
    case OP_REPEAT:
    case OP_UNARY: stmt->a = take_operand(p); break;
    case OP_CHECK_INDEX:
    case OP_BINARY:
        stmt->a = take_operand(p);
        expect(p, ",");
        stmt->b = take_operand(p);
        break;
    case OP_REF:
        stmt->sub = accept_word(p, "mut");
        stmt->place = take_place(p);
        break;
    case OP_BIND:
    case OP_TAG:
    case OP_LEN: stmt->place = take_place(p); break;
    case OP_MAKE_VARIANT:
        stmt->number = (uint32_t)take_number(p);
        take_operands(p, stmt);
        break;
    case OP_MAKE: take_operands(p, stmt); break;
    case OP_CALL:
    case OP_MAKE_CLOSURE:
        stmt->callee = take_callee(p);
        take_args(p, stmt);
        break;
    case OP_CALL_VALUE:
        stmt->place = take_place(p);
        take_args(p, stmt);
        break;
    case OP_INTRINSIC:
        stmt->number = take_choice(p, JIR_INTRINSIC_TEXTS, INTRINSIC_COUNT);
        if (accept_word(p, "of"))
            stmt->callee = take_callee(p);
        take_args(p, stmt);
        break;
    case OP_FLAG: stmt->number = (uint32_t)take_number(p); break;
    }
}

// Unary and binary operations are written by their operator.
static bool find_op(Text word, JirStmt *stmt) {
    for (uint32_t i = 0; i < OP_COUNT; i++) {
        if (i != OP_UNARY && i != OP_BINARY && text_equal(word, text_of(JIR_OP_TEXTS[i]))) {
            stmt->op = (uint8_t)i;
            return true;
        }
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (text_equal(word, text_of(JIR_UNARY_TEXTS[i]))) {
            stmt->op = OP_UNARY;
            stmt->sub = (uint8_t)i;
            return true;
        }
    }
    for (uint32_t i = 0; i <= BIN_SUB_NOWRAP; i++) {
        if (text_equal(word, text_of(JIR_BINARY_TEXTS[i]))) {
            stmt->op = OP_BINARY;
            stmt->sub = (uint8_t)i;
            return true;
        }
    }
    return false;
}

static void take_token(Parser *p, uint32_t *token) {
    if (accept_word(p, "at"))
        *token = (uint32_t)take_number(p);
}

static void take_unwind(Parser *p, uint32_t *unwind) {
    if (accept_word(p, "unwind"))
        *unwind = (uint32_t)take_number(p);
}

static void take_target(Parser *p, VecU32 *targets) {
    expect(p, "%");
    vec_push(targets, (uint32_t)take_number(p));
}

static JirTerm take_term(Parser *p, TermKind kind) {
    JirTerm term = {.kind = kind};
    if (kind == TERM_PANIC)
        term.sub = (uint8_t)take_choice(p, JIR_PANIC_TEXTS, PANIC_COUNT);
    if (kind == TERM_BRANCH || kind == TERM_SWITCH)
        term.a = take_operand(p);
    else if (kind == TERM_PANIC && peek(p) != '}' && peek(p) != '%' && !text_equal(peek_word(p), TEXT("at")) &&
             !text_equal(peek_word(p), TEXT("unwind")))
        term.a = take_operand(p);
    return term;
}

static bool take_targets(Parser *p, JirTerm *term) {
    VecU32 targets = {0};
    uint32_t count = term->kind == TERM_GOTO ? 1 : term->kind == TERM_BRANCH ? 2 : 0;
    VEC(uint64_t) values = {0};
    for (uint32_t i = 0; i < count; i++)
        take_target(p, &targets);
    while (term->kind == TERM_SWITCH && !p->failed && peek(p) != '%') {
        vec_push(&values, take_number(p));
        take_target(p, &targets);
    }
    if (term->kind == TERM_SWITCH)
        take_target(p, &targets);
    term->target_count = targets.count;
    term->targets = ARENA_ARRAY(p->jir->arena, BlockId, targets.count + 1);
    for (uint32_t i = 0; i < targets.count; i++)
        term->targets[i].v = targets.items[i];
    if (values.count)
        term->values = arena_copy(p->jir->arena, values.items, values.count * sizeof(uint64_t), _Alignof(uint64_t));
    vec_free(&values);
    vec_free(&targets);
    take_unwind(p, &term->unwind);
    take_token(p, &term->token);
    return !p->failed;
}

static void take_stmt(Parser *p, BlockId block) {
    JirStmt stmt = {0};
    PlaceId dst = {0};
    char c = peek(p);
    if (c == '_' || c == '@') {
        dst = take_place(p);
        expect(p, "=");
    }
    Text word = take_word(p);
    if (!p->failed && !find_op(word, &stmt))
        fail(p, "an unknown operation");
    take_stmt_operands(p, &stmt);
    if (dst.v)
        stmt.dst = dst;
    stmt.is_cleanup = accept_word(p, "cleanup");
    take_unwind(p, &stmt.unwind);
    take_token(p, &stmt.token);
    vec_push(&jir_block(p->fn, block)->stmts, stmt);
}

static bool find_term(Text word, TermKind *kind) {
    for (uint32_t i = 0; i < TERM_COUNT; i++) {
        if (text_equal(word, text_of(JIR_TERM_TEXTS[i]))) {
            *kind = (TermKind)i;
            return true;
        }
    }
    return false;
}

static void take_block(Parser *p) {
    expect(p, "%");
    uint64_t number = take_number(p);
    if (number != p->fn->blocks.count)
        fail(p, "blocks are numbered in order");
    if (p->failed)
        return;
    BlockId id = jir_block_new(p->fn);
    JirBlock *block = jir_block(p->fn, id);
    block->is_cleanup = accept_word(p, "cleanup");
    if (accept_word(p, "depth"))
        block->loop_depth = (uint32_t)take_number(p);
    expect(p, ":");
    TermKind kind;
    while (!p->failed && !find_term(peek_word(p), &kind))
        take_stmt(p, id);
    if (p->failed)
        return;
    take_word(p);
    JirTerm term = take_term(p, kind);
    take_targets(p, &term);
    jir_block(p->fn, id)->term = term;
}

// ---- the function ---------------------------------------------------------------------------------------------------

static void take_one_local(Parser *p) {
    JirLocal local = {0};
    expect(p, "_");
    if (take_number(p) != p->fn->locals.count)
        fail(p, "locals are numbered in order");
    if (peek(p) == '"')
        local.name = intern(p->program->symbols, take_string(p));
    expect(p, ":");
    local.type = take_type(p);
    local.mode = (LocalMode)take_choice(p, JIR_MODE_TEXTS, 3);
    local.kind = (LocalKind)take_choice(p, JIR_KIND_TEXTS, LOCAL_CAPTURE + 1);
    if (accept_word(p, "node"))
        local.node.v = (uint32_t)take_number(p);
    if (accept_word(p, "scope"))
        local.scope = (uint32_t)take_number(p);
    if (!p->failed)
        jir_local_new(p->fn, local);
}

static void take_scope(Parser *p) {
    JirScope scope = {0};
    take_number(p);
    if (accept_word(p, "in"))
        scope.parent = (uint32_t)take_number(p);
    if (accept_word(p, "tokens")) {
        scope.first_token = (uint32_t)take_number(p);
        scope.last_token = (uint32_t)take_number(p);
    }
    vec_push(&p->fn->scopes, scope);
}

static void take_subst(Parser *p) {
    VEC(DeclId) params = {0};
    TypeList args = {0};
    do {
        vec_push(&params, take_decl(p, NAMES_PARAMS));
        expect(p, "=");
        vec_push(&args, take_type(p));
    } while (!p->failed && accept(p, ","));
    p->fn->subst.count = params.count;
    p->fn->subst.params = arena_copy(p->jir->arena, params.items, params.count * sizeof(DeclId), _Alignof(DeclId));
    p->fn->subst.args = keep_types(p, &args);
    vec_free(&params);
}

static void take_header(Parser *p) {
    static const char *const MODES[] = {"borrow", "mut", "own"};
    if (!accept_word(p, "fn"))
        fail(p, "'fn' is expected");
    p->fn->decl = take_decl(p, NAMES_FUNCS);
    if (accept_word(p, "closure")) {
        p->fn->closure.v = (uint32_t)take_number(p);
        p->fn->self_mode = (ParamMode)take_choice(p, MODES, 3);
    }
    if (accept_word(p, "module"))
        p->fn->module.v = (uint32_t)take_number(p);
    if (accept_word(p, "params"))
        p->fn->param_count = (uint32_t)take_number(p);
    if (accept_word(p, "captures"))
        p->fn->capture_count = (uint32_t)take_number(p);
    p->fn->is_generic = accept_word(p, "generic");
    p->fn->is_glue = accept_word(p, "glue");
    p->fn->has_pads = accept_word(p, "pads");
    if (accept_word(p, "symbol"))
        p->fn->symbol = take_string(p).data;
    if (accept_word(p, "where"))
        take_subst(p);
    expect(p, "{");
}

static void take_cleanup(Parser *p) {
    JirFn *fn = p->fn;
    if (!fn->cleanups.count)
        vec_push(&fn->cleanups, (JirCleanup){0});
    uint32_t number = fn->cleanups.count;
    if (take_number(p) != number)
        fail(p, "what panics leave is numbered in order");
    JirCleanup it = {0};
    if (accept_word(p, "in"))
        it.parent = (uint32_t)take_number(p);
    if (it.parent >= number)
        fail(p, "what lies outside comes first");
    if (p->failed)
        return;
    it.near = fn->cleanups.items[it.parent].near;
    if (accept(p, "%")) {
        it.body.v = (uint32_t)take_number(p);
        it.near = number;
    } else {
        expect(p, "_");
        it.local.v = (uint32_t)take_number(p);
    }
    vec_push(&fn->cleanups, it);
}

// Numbers of blocks and of what panics leave are only known to be good at the end.
static void check_numbers(Parser *p) {
    const JirFn *fn = p->fn;
    uint32_t blocks = fn->blocks.count, limit = fn->has_pads ? blocks : fn->cleanups.count;
    for (uint32_t i = 1; !p->failed && i < fn->cleanups.count; i++)
        if (fn->cleanups.items[i].body.v >= blocks || fn->cleanups.items[i].local.v >= fn->locals.count)
            fail(p, "a panic leaves what is not there");
    for (uint32_t i = 0; !p->failed && i < blocks; i++) {
        const JirBlock *block = &fn->blocks.items[i];
        for (uint32_t t = 0; t < block->term.target_count; t++)
            if (block->term.targets[t].v >= blocks)
                fail(p, "no such block");
        bool good = !block->term.unwind || block->term.unwind < limit;
        for (uint32_t s = 0; s < block->stmts.count; s++)
            good &= !block->stmts.items[s].unwind || block->stmts.items[s].unwind < limit;
        if (!good)
            fail(p, "a panic has no such way");
    }
}

JirFn *jir_parse_fn(Jir *jir, Text text, size_t *used, Buffer *why) {
    Parser p = {.jir = jir, .program = jir->program, .text = text, .why = why, .fn = jir_fn_new(jir)};
    jir_names_init(&p.names, jir->program);
    take_header(&p);
    while (!p.failed && accept_word(&p, "scope"))
        take_scope(&p);
    while (!p.failed && accept_word(&p, "local"))
        take_one_local(&p);
    while (!p.failed && accept_word(&p, "leave"))
        take_cleanup(&p);
    while (!p.failed && peek(&p) == '%')
        take_block(&p);
    expect(&p, "}");
    if (!p.failed)
        check_numbers(&p);
    jir_names_free(&p.names);
    if (used)
        *used = p.at;
    return p.failed ? NULL : p.fn;
}
