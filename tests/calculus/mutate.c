// Mutants: functions with one mistake, as a broken drop pass would make them.
#include "astdb/impls.h"
#include "jircheck.h"

typedef struct {
    Jir *jir;
    const JirFn *fn;
    Text text;
    VEC(Text) lines;  // with their line ends
    VecU32 stmt_line; // by statement, terminators included, in the order of the text
    bool *constants;  // by local: it is only ever set to constants, which own nothing
    uint32_t every, seen;
    Mutants *mutants;
    Buffer *report;
} Mutator;

static void split_lines(Mutator *m) {
    const char *at = m->text.data, *end = at + m->text.size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = stop ? (size_t)(stop - at) + 1 : (size_t)(end - at);
        if (size > 4 && memcmp(at, "    ", 4) == 0)
            vec_push(&m->stmt_line, m->lines.count);
        vec_push(&m->lines, (Text){at, size});
        at += size;
    }
}

static bool is_owning(const Mutator *m, TypeId type) {
    return type_get(m->jir->program->types, type)->kind != TY_CLOSURE &&
           type_class(m->jir->program, type) & CLASS_NEEDS_DROP;
}

// Whether the statement sets its local to what owns nothing: a constant, a closure without captures, or the value of
// such a local.
static bool sets_constant(const Mutator *m, const JirStmt *stmt) {
    if (stmt->op == OP_MAKE_CLOSURE)
        return stmt->arg_count == 0;
    if (stmt->op != OP_SET && stmt->op != OP_STORE && stmt->op != OP_CAST)
        return false;
    const JirOperand *operand = &m->fn->operands.items[stmt->a.v];
    if (operand->kind == OPERAND_CONST)
        return true;
    const JirPlace *place = jir_place(m->fn, operand->place);
    return !place->is_global && !place->count && m->constants[place->root];
}

static bool find_others(Mutator *m) {
    bool changed = false;
    for (uint32_t b = 0; b < m->fn->blocks.count; b++) {
        const JirBlock *block = &m->fn->blocks.items[b];
        for (uint32_t s = 0; s < block->stmts.count; s++) {
            const JirStmt *stmt = &block->stmts.items[s];
            bool writes = stmt->dst.v && stmt->op != OP_DROP && stmt->op != OP_LIVE && stmt->op != OP_DEAD;
            if (!writes || jir_place(m->fn, stmt->dst)->is_global || sets_constant(m, stmt))
                continue;
            uint32_t root = jir_place(m->fn, stmt->dst)->root;
            changed |= m->constants[root];
            m->constants[root] = false;
        }
    }
    return changed;
}

// Locals that only get constants, directly or from such a local, own nothing: they may be dropped or not.
static void find_constants(Mutator *m) {
    for (uint32_t l = 0; l < m->fn->locals.count; l++)
        m->constants[l] = l == 0 || l > m->fn->param_count + m->fn->capture_count;
    while (find_others(m))
        ;
}

static bool owns(const Mutator *m, PlaceId id) {
    const JirPlace *place = jir_place(m->fn, id);
    return !place->is_global && m->fn->locals.items[place->root].mode == LOCAL_OWNED && !m->constants[place->root] &&
           is_owning(m, place->type);
}

// ---- one mutant -----------------------------------------------------------------------------------------------------

// A block that no run comes to may hold any mistake. A binding, which is never right in exact JIR, tells.
static bool is_reached(Mutator *m, uint32_t line) {
    Buffer text = {0}, why = {0};
    for (uint32_t i = 0; i < m->lines.count; i++) {
        if (i == line)
            buffer_cstr(&text, "    _0 = bind _0\n");
        buffer_text(&text, m->lines.items[i]);
    }
    JirFn *probe = jir_parse_fn(m->jir, buffer_view(&text), NULL, &why);
    invariant(probe != NULL, "a probe cannot be read: %.*s", TEXT_ARG(buffer_view(&why)));
    bool reached = !calculus_check(m->jir, probe, &why);
    jir_fn_release(probe);
    vec_free(&text);
    vec_free(&why);
    return reached;
}

static void judge_mutant(Mutator *m, const Buffer *text, const char *what, uint32_t line) {
    Buffer why = {0};
    JirFn *mutant = jir_parse_fn(m->jir, buffer_view(text), NULL, &why);
    invariant(mutant != NULL, "a mutant cannot be read: %.*s", TEXT_ARG(buffer_view(&why)));
    if (!calculus_check(m->jir, mutant, &why)) {
        m->mutants->refused++;
    } else if (is_reached(m, line)) {
        m->mutants->survived++;
        buffer_printf(m->report, "  not refused: %s: %.*s", what, TEXT_ARG(m->lines.items[line]));
    }
    jir_fn_release(mutant);
    vec_free(&why);
}

static bool is_next(Mutator *m) {
    return m->seen++ % m->every == 0;
}

// The line is replaced by others.
static void with_lines(Mutator *m, uint32_t line, const Text *lines, uint32_t count, uint32_t gone, const char *what) {
    Buffer text = {0};
    for (uint32_t i = 0; i < m->lines.count; i++) {
        for (uint32_t n = 0; i == line && n < count; n++)
            buffer_text(&text, lines[n]);
        if (i < line || i >= line + gone)
            buffer_text(&text, m->lines.items[i]);
    }
    judge_mutant(m, &text, what, line);
    vec_free(&text);
}

// A value that may turn out to be a variant with nothing to drop: where that is known, its drop may be missing.
static bool may_be_empty(const Mutator *m, PlaceId id) {
    Program *p = m->jir->program;
    TypeId type = jir_place(m->fn, id)->type;
    TypeKind kind = type_get(p->types, type)->kind;
    return kind == TY_ENUM || kind == TY_OPTIONAL || kind == TY_RESULT || type_kind_is_error(kind);
}

static void spoil_drop(Mutator *m, const JirStmt *stmt, uint32_t line) {
    if (stmt->op != OP_DROP || !owns(m, stmt->dst))
        return;
    Text twice[] = {m->lines.items[line], m->lines.items[line]};
    if (!may_be_empty(m, stmt->dst) && is_next(m))
        with_lines(m, line, NULL, 0, 1, "a drop is missing");
    if (is_next(m))
        with_lines(m, line, twice, 2, 1, "a drop stands twice");
}

// The first operand of the statement that is moved and owns something.
static OperandId moved_operand(const Mutator *m, const JirStmt *stmt) {
    bool is_list = stmt->op == OP_MAKE || stmt->op == OP_MAKE_VARIANT;
    OperandId first = {stmt->a.v};
    if (!first.v && stmt->arg_count)
        first.v = is_list ? m->fn->operand_lists.items[stmt->args] : m->fn->args.items[stmt->args].value.v;
    if (!first.v || m->fn->operands.items[first.v].kind != OPERAND_MOVE)
        return (OperandId){0};
    return owns(m, m->fn->operands.items[first.v].place) ? first : (OperandId){0};
}

static void spoil_move(Mutator *m, const JirStmt *stmt, uint32_t line) {
    if (!moved_operand(m, stmt).v || !is_next(m))
        return;
    Text old = m->lines.items[line];
    const char *word = memmem(old.data, old.size, "move ", 5);
    if (!word)
        return;
    Buffer text = {0};
    buffer_text(&text, (Text){old.data, (size_t)(word - old.data)});
    buffer_cstr(&text, "copy ");
    buffer_text(&text, (Text){word + 5, old.size - (size_t)(word + 5 - old.data)});
    Text copied = buffer_view(&text);
    with_lines(m, line, &copied, 1, 1, "a move is a copy");
    vec_free(&text);
}

static bool uses(const Mutator *m, const JirStmt *stmt, uint32_t local) {
    if (stmt->op != OP_CALL && stmt->op != OP_LEN)
        return false;
    if (stmt->op == OP_LEN)
        return jir_place(m->fn, stmt->place)->root == local;
    for (uint32_t i = 0; i < stmt->arg_count; i++) {
        const JirArg *arg = &m->fn->args.items[stmt->args + i];
        if (arg->kind != ARG_VALUE && jir_place(m->fn, arg->place)->root == local)
            return true;
    }
    return false;
}

static void spoil_order(Mutator *m, const JirStmt *stmt, const JirStmt *next, uint32_t line) {
    if (next->op != OP_DROP || !owns(m, next->dst) || jir_place(m->fn, next->dst)->count)
        return;
    if (!uses(m, stmt, jir_place(m->fn, next->dst)->root) || !is_next(m))
        return;
    Text swapped[] = {m->lines.items[line + 1], m->lines.items[line]};
    with_lines(m, line, swapped, 2, 2, "a use comes after the drop");
}

static void spoil_branch(Mutator *m, const JirTerm *term, uint32_t line) {
    if (term->kind != TERM_BRANCH || m->fn->operands.items[term->a.v].kind == OPERAND_CONST)
        return;
    const JirPlace *flag = jir_place(m->fn, m->fn->operands.items[term->a.v].place);
    const JirBlock *then = &m->fn->blocks.items[term->targets[0].v];
    if (flag->is_global || m->fn->locals.items[flag->root].kind != LOCAL_FLAG || !then->stmts.count)
        return;
    if (then->stmts.items[0].op != OP_DROP || !owns(m, then->stmts.items[0].dst) ||
        may_be_empty(m, then->stmts.items[0].dst) || !is_next(m))
        return;
    Buffer text = {0};
    buffer_printf(&text, "    branch copy _%u %%%u %%%u\n", flag->root, term->targets[1].v, term->targets[0].v);
    Text turned = buffer_view(&text);
    with_lines(m, line, &turned, 1, 1, "a flag is asked the wrong way round");
    vec_free(&text);
}

static void spoil(Mutator *m) {
    uint32_t at = 0;
    for (uint32_t b = 0; b < m->fn->blocks.count; b++) {
        const JirBlock *block = &m->fn->blocks.items[b];
        for (uint32_t s = 0; s < block->stmts.count; s++, at++) {
            const JirStmt *stmt = &block->stmts.items[s];
            uint32_t line = m->stmt_line.items[at];
            spoil_drop(m, stmt, line);
            spoil_move(m, stmt, line);
            if (s + 1 < block->stmts.count)
                spoil_order(m, stmt, &block->stmts.items[s + 1], line);
        }
        spoil_branch(m, &block->term, m->stmt_line.items[at++]);
    }
}

void mutate_fn(Jir *jir, const JirFn *fn, uint32_t limit, Mutants *mutants, Buffer *report) {
    Arena *arena = arena_new();
    Buffer text = {0};
    jir_print_fn(jir, fn, &text);
    Mutator m = {.jir = jir, .fn = fn, .text = buffer_view(&text), .every = UINT32_MAX, .mutants = mutants};
    m.report = report;
    m.constants = ARENA_ARRAY(arena, bool, fn->locals.count);
    split_lines(&m);
    find_constants(&m);
    m.seen = 1; // counts how many there could be
    spoil(&m);
    m.every = (m.seen + limit - 1) / limit;
    m.seen = 0;
    spoil(&m);
    vec_free(&m.lines);
    vec_free(&m.stmt_line);
    vec_free(&text);
    arena_free(arena);
}
