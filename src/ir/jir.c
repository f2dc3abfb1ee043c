#include "ir/jir.h"

Jir *jir_new(Program *program) {
    Arena *arena = arena_new();
    Jir *jir = ARENA_NEW(arena, Jir);
    jir->program = program;
    jir->arena = arena;
    jir->scratch = arena_new();
    vec_push(&jir->fns, NULL);
    return jir;
}

void jir_fn_release(JirFn *fn) {
    for (uint32_t i = 0; i < fn->blocks.count; i++)
        vec_free(&fn->blocks.items[i].stmts);
    vec_free(&fn->blocks);
    vec_free(&fn->locals);
    vec_free(&fn->scopes);
    vec_free(&fn->places);
    vec_free(&fn->projections);
    vec_free(&fn->operands);
    vec_free(&fn->operand_lists);
    vec_free(&fn->args);
    vec_free(&fn->cleanups);
}

void jir_free(Jir *jir) {
    if (!jir)
        return;
    for (uint32_t i = 1; i < jir->fns.count; i++)
        jir_fn_release(jir->fns.items[i]);
    vec_free(&jir->fns);
    vec_free(&jir->tables);
    map_free(&jir->by_decl);
    map_free(&jir->by_closure);
    arena_free(jir->scratch);
    arena_free(jir->arena);
}

JirFn *jir_fn_new(Jir *jir) {
    JirFn *fn = ARENA_NEW(jir->arena, JirFn);
    fn->id = (JirFnId){jir->fns.count};
    vec_push(&jir->fns, fn);
    vec_push(&fn->places, (JirPlace){0});
    vec_push(&fn->operands, (JirOperand){0});
    return fn;
}

JirFnId jir_fn_of_decl(const Jir *jir, DeclId decl) {
    uint32_t id = 0;
    return map_get(&jir->by_decl, decl.v, &id) ? (JirFnId){id} : (JirFnId){0};
}

uint64_t jir_closure_key(FileId file, NodeId node) {
    return (uint64_t)file.v << 32 | node.v;
}

// ---- locals, places, operands --------------------------------------------------------------------------------------

LocalId jir_local_new(JirFn *fn, JirLocal local) {
    vec_push(&fn->locals, local);
    return (LocalId){fn->locals.count - 1};
}

JirLocal *jir_local(const JirFn *fn, LocalId local) {
    invariant(local.v < fn->locals.count, "local %u of %u", local.v, fn->locals.count);
    return &fn->locals.items[local.v];
}

const JirPlace *jir_place(const JirFn *fn, PlaceId place) {
    invariant(place.v != 0 && place.v < fn->places.count, "place %u of %u", place.v, fn->places.count);
    return &fn->places.items[place.v];
}

TypeId jir_place_type(const JirFn *fn, PlaceId place) {
    return jir_place(fn, place)->type;
}

PlaceId jir_place_local(JirFn *fn, LocalId local) {
    JirPlace place = {.root = local.v, .type = jir_local(fn, local)->type};
    vec_push(&fn->places, place);
    return (PlaceId){fn->places.count - 1};
}

PlaceId jir_place_global(JirFn *fn, DeclId decl, TypeId type) {
    JirPlace place = {.is_global = true, .root = decl.v, .type = type};
    vec_push(&fn->places, place);
    return (PlaceId){fn->places.count - 1};
}

// A place keeps its projections in one run. The base's run is extended in place when it is the last one, which shares
// it with the base; otherwise it is copied.
PlaceId jir_place_project(JirFn *fn, PlaceId base, Projection last) {
    JirPlace place = *jir_place(fn, base);
    if (place.first + place.count != fn->projections.count) {
        uint32_t first = fn->projections.count;
        vec_reserve(&fn->projections, place.count + 1);
        for (uint32_t i = 0; i < place.count; i++)
            vec_push(&fn->projections, fn->projections.items[place.first + i]);
        place.first = first;
    }
    vec_push(&fn->projections, last);
    place.count++;
    place.type = last.type;
    vec_push(&fn->places, place);
    return (PlaceId){fn->places.count - 1};
}

OperandId jir_operand_place(JirFn *fn, OperandKind kind, PlaceId place) {
    JirOperand operand = {.kind = kind, .place = place, .type = jir_place_type(fn, place)};
    vec_push(&fn->operands, operand);
    return (OperandId){fn->operands.count - 1};
}

OperandId jir_operand_const(JirFn *fn, JirOperand constant) {
    constant.kind = OPERAND_CONST;
    vec_push(&fn->operands, constant);
    return (OperandId){fn->operands.count - 1};
}

OperandId jir_operand_int(JirFn *fn, TypeId type, uint64_t value) {
    return jir_operand_const(fn, (JirOperand){.const_kind = CONST_INT, .type = type, .low = value});
}

TypeId jir_operand_type(const JirFn *fn, OperandId operand) {
    invariant(operand.v != 0 && operand.v < fn->operands.count, "operand %u", operand.v);
    const JirOperand *o = &fn->operands.items[operand.v];
    return o->kind == OPERAND_CONST ? o->type : jir_place_type(fn, o->place);
}

JirCallee *jir_callee(Jir *jir, DeclId decl, bool is_trait_method, const TypeId *type_args, uint32_t count) {
    JirCallee *callee = ARENA_NEW(jir->arena, JirCallee);
    callee->decl = decl;
    callee->is_trait_method = is_trait_method;
    callee->type_arg_count = count;
    if (count)
        callee->type_args = arena_copy(jir->arena, type_args, count * sizeof(TypeId), _Alignof(TypeId));
    return callee;
}

// ---- statements and blocks -----------------------------------------------------------------------------------------

BlockId jir_block_new(JirFn *fn) {
    JirBlock block = {0};
    block.term.kind = TERM_UNREACHABLE;
    vec_push(&fn->blocks, block);
    return (BlockId){fn->blocks.count - 1};
}

JirBlock *jir_block(const JirFn *fn, BlockId block) {
    invariant(block.v < fn->blocks.count, "block %u of %u", block.v, fn->blocks.count);
    return &fn->blocks.items[block.v];
}

JirStmt *jir_emit(JirFn *fn, BlockId block, OpKind op, uint32_t token) {
    JirBlock *b = jir_block(fn, block);
    JirStmt stmt = {.op = (uint8_t)op, .token = token};
    vec_push(&b->stmts, stmt);
    return &vec_last(&b->stmts);
}

void jir_stmt_args(JirFn *fn, JirStmt *stmt, const JirArg *args, uint32_t count) {
    stmt->args = fn->args.count;
    stmt->arg_count = count;
    for (uint32_t i = 0; i < count; i++)
        vec_push(&fn->args, args[i]);
}

void jir_stmt_operands(JirFn *fn, JirStmt *stmt, const OperandId *operands, uint32_t count) {
    stmt->args = fn->operand_lists.count;
    stmt->arg_count = count;
    for (uint32_t i = 0; i < count; i++)
        vec_push(&fn->operand_lists, operands[i].v);
}

static JirTerm *term_set(Jir *jir, JirFn *fn, BlockId block, TermKind kind, uint32_t targets, uint32_t token) {
    JirTerm *term = &jir_block(fn, block)->term;
    *term = (JirTerm){.kind = kind, .target_count = targets, .token = token};
    if (targets)
        term->targets = ARENA_ARRAY(jir->arena, BlockId, targets);
    return term;
}

void jir_goto(Jir *jir, JirFn *fn, BlockId block, BlockId target, uint32_t token) {
    term_set(jir, fn, block, TERM_GOTO, 1, token)->targets[0] = target;
}

void jir_branch(Jir *jir, JirFn *fn, BlockId block, OperandId condition, BlockId then, BlockId otherwise,
                uint32_t token) {
    JirTerm *term = term_set(jir, fn, block, TERM_BRANCH, 2, token);
    term->a = condition;
    term->targets[0] = then;
    term->targets[1] = otherwise;
}

void jir_switch(Jir *jir, JirFn *fn, BlockId block, OperandId value, const uint64_t *values, const BlockId *targets,
                uint32_t count, uint32_t token) {
    JirTerm *term = term_set(jir, fn, block, TERM_SWITCH, count + 1, token);
    term->a = value;
    memcpy(term->targets, targets, (count + 1) * sizeof *targets);
    if (count)
        term->values = arena_copy(jir->arena, values, count * sizeof *values, _Alignof(uint64_t));
}

void jir_return(JirFn *fn, BlockId block, uint32_t token) {
    jir_block(fn, block)->term = (JirTerm){.kind = TERM_RETURN, .token = token};
}

void jir_panic(JirFn *fn, BlockId block, PanicKind kind, OperandId message, uint32_t token) {
    jir_block(fn, block)->term = (JirTerm){.kind = TERM_PANIC, .sub = (uint8_t)kind, .a = message, .token = token};
}

void jir_unreachable(JirFn *fn, BlockId block, uint32_t token) {
    jir_block(fn, block)->term = (JirTerm){.kind = TERM_UNREACHABLE, .token = token};
}

typedef struct {
    uint32_t *number; // 0: unreached, else 1 until numbered
    VecU32 work;
} Prune;

static void prune_reach(void *context, uint32_t target) {
    Prune *p = context;
    if (p->number[target])
        return;
    p->number[target] = 1;
    vec_push(&p->work, target);
}

void jir_prune(Jir *jir, JirFn *fn) {
    uint32_t count = fn->blocks.count;
    uint32_t *number = ARENA_ARRAY(jir->arena, uint32_t, count);
    Prune prune = {.number = number};
    prune_reach(&prune, 0);
    while (prune.work.count)
        jir_successors(fn, vec_pop(&prune.work), prune_reach, &prune);
    vec_free(&prune.work);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!number[i]) {
            vec_free(&fn->blocks.items[i].stmts);
            continue;
        }
        number[i] = kept;
        fn->blocks.items[kept++] = fn->blocks.items[i];
    }
    fn->blocks.count = kept;
    for (uint32_t i = 1; i < fn->cleanups.count; i++)
        fn->cleanups.items[i].body.v = number[fn->cleanups.items[i].body.v];
    for (uint32_t i = 0; i < kept; i++) {
        JirBlock *block = &fn->blocks.items[i];
        for (uint32_t t = 0; t < block->term.target_count; t++)
            block->term.targets[t].v = number[block->term.targets[t].v];
        if (!fn->has_pads)
            continue;
        block->term.unwind = number[block->term.unwind];
        for (uint32_t s = 0; s < block->stmts.count; s++)
            block->stmts.items[s].unwind = number[block->stmts.items[s].unwind];
    }
}
