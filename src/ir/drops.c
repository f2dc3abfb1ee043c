// Makes drops exact. Where a value is there on every way, DROP stays; where it is gone on every way, it goes; where
// only parts are left, these are dropped one by one; where it depends on the way, a flag remembers and a branch asks.
//
// The work is done twice over each function: a dry run finds the flags that are needed, then the statements are written
// anew. What a DROP or STORE meets is known from the analysis of initialisation, so both runs decide alike.
#include "ir/own.h"

// What is left of an old value is dropped after the new one is stored in its place. So its parts are first taken out of
// it, by the walk that would have dropped them, then dropped where they were taken to.
typedef struct {
    uint32_t local;
    uint32_t flag;  // tells whether it was taken; 0 if that is sure
    TypeId content; // of a Box whose memory is all that is left of it: `local` is its address
} Taken;
// The way that panics take from statements with the same chain that find the same state.
typedef struct {
    uint32_t chain;
    const Word *state;
    BlockId block; // 0 if there is nothing to do
} Way;

typedef struct {
    Own *own;
    Jir *jir;
    JirFn *fn;
    bool dry;
    uint32_t *flags; // by path: its flag's local, 0 none, NEEDED if the dry run asked for it
    Word *state;     // initialisation before the statement at hand
    Word *before;    // scratch
    BlockId current; // where statements are written
    uint32_t token;
    bool is_cleanup;
    bool in_cleanup_block;
    uint32_t unwind; // of statements being written
    // ways of panics
    Word *constant; // locals that hold nothing but constants, which own nothing: they are never dropped
    VecU32 items;   // scratch: locals to drop, innermost first
    BlockId resume; // the block where a panic leaves the function
    MapU64 pads;    // local and next block → the block that drops the local and goes on there
    VEC(Way) ways;
    bool is_taking;
    uint32_t open_depth; // of branches on flags around the current block
    VEC(Taken) taken;    // in the order in which they are dropped
} Drops;

enum { NEEDED = UINT32_MAX };

// Of what there is to drop: all of it, nothing, or it depends on the way.
typedef enum { IS_THERE, IS_GONE, IS_OPEN } Status;

static Status status(const Drops *d, uint32_t path) {
    if (bit_get(d->constant, d->own->paths.items[path].local))
        return IS_GONE;
    bool init = own_may_be_init(d->own, d->state, path);
    bool gone = own_may_be_unset(d->own, d->state, path) || own_may_be_moved(d->own, d->state, path);
    return init && gone ? IS_OPEN : init ? IS_THERE : IS_GONE;
}

static bool needs_drop(const Drops *d, TypeId type) {
    return !(own_class(d->own, type) & CLASS_PLAIN);
}

static bool parts_are_there(const Drops *d, uint32_t path) {
    for (uint32_t part = path + 1; part < d->own->paths.items[path].end; part++)
        if (status(d, part) != IS_THERE)
            return false;
    return true;
}

// ---- writing --------------------------------------------------------------------------------------------------------

static JirStmt *emit(Drops *d, OpKind op, PlaceId dst) {
    JirStmt *stmt = jir_emit(d->fn, d->current, op, d->token);
    stmt->is_cleanup = d->is_cleanup;
    stmt->dst = dst;
    stmt->unwind = d->is_cleanup ? 0 : d->unwind;
    return stmt;
}

static PlaceId new_temp(Drops *d, TypeId type) {
    return jir_place_local(d->fn, jir_local_new(d->fn, (JirLocal){.type = type, .kind = LOCAL_TEMP}));
}

static uint32_t new_flag(Drops *d) {
    TypeId type = type_builtin(d->own->program->types, TY_BOOL);
    return jir_local_new(d->fn, (JirLocal){.type = type, .kind = LOCAL_FLAG}).v;
}

static void emit_flag(Drops *d, uint32_t flag, bool value) {
    emit(d, OP_FLAG, jir_place_local(d->fn, (LocalId){flag}))->number = value;
}

static void take(Drops *d, PlaceId place, OperandKind kind, TypeId content) {
    PlaceId temp = new_temp(d, jir_place_type(d->fn, place));
    emit(d, OP_SET, temp)->a = jir_operand_place(d->fn, kind, place);
    Taken taken = {.local = jir_place(d->fn, temp)->root, .content = content};
    if (d->open_depth) {
        taken.flag = new_flag(d);
        emit_flag(d, taken.flag, true);
    }
    vec_push(&d->taken, taken);
}

static void emit_drop(Drops *d, PlaceId place) {
    if (d->dry || !needs_drop(d, jir_place_type(d->fn, place)))
        return;
    if (d->is_taking)
        take(d, place, OPERAND_MOVE, (TypeId){0});
    else
        emit(d, OP_DROP, place);
}

static BlockId new_block(Drops *d) {
    BlockId id = jir_block_new(d->fn);
    const JirBlock *from = jir_block(d->fn, d->current);
    JirBlock *block = jir_block(d->fn, id);
    block->is_cleanup = from->is_cleanup;
    block->loop_depth = from->loop_depth;
    return id;
}

// A block on the way that panics take.
static BlockId new_pad(Drops *d) {
    BlockId pad = jir_block_new(d->fn);
    jir_block(d->fn, pad)->is_cleanup = true;
    return pad;
}

static void go_to(Drops *d, BlockId target) {
    jir_goto(d->jir, d->fn, d->current, target, d->token);
}

static uint32_t flag_of(Drops *d, uint32_t path) {
    if (d->dry) {
        d->flags[path] = NEEDED;
        return 0;
    }
    return d->flags[path];
}

static void branch_on(Drops *d, uint32_t flag, BlockId there, BlockId gone) {
    PlaceId place = jir_place_local(d->fn, (LocalId){flag});
    jir_branch(d->jir, d->fn, d->current, jir_operand_place(d->fn, OPERAND_COPY, place), there, gone, d->token);
}

static void set_flag(Drops *d, uint32_t path, bool value) {
    if (d->flags[path])
        emit_flag(d, d->flags[path], value);
}

static PlaceId project(Drops *d, PlaceId base, ProjKind kind, uint32_t index, TypeId type) {
    return jir_place_project(d->fn, base, (Projection){.kind = kind, .index = index, .type = type});
}

static BlockId resume_block(Drops *d) {
    if (d->resume.v)
        return d->resume;
    d->resume = new_pad(d);
    jir_resume(d->fn, d->resume, 0, 0);
    return d->resume;
}

// ---- dropping what is left ------------------------------------------------------------------------------------------

static void drop_path(Drops *d, uint32_t path, PlaceId place);

static uint32_t child_path(const Drops *d, uint32_t path, ProjKind kind, uint32_t index) {
    uint32_t child = path == NO_PATH ? NO_PATH : d->own->paths.items[path].child;
    while (child != NO_PATH) {
        const MovePath *it = &d->own->paths.items[child];
        if (it->kind == kind && it->index == index)
            return child;
        child = it->sibling;
    }
    return NO_PATH;
}

static void drop_part(Drops *d, uint32_t path, PlaceId base, ProjKind kind, uint32_t index, TypeId type) {
    uint32_t child = child_path(d, path, kind, index);
    if (child == NO_PATH && (d->dry || !needs_drop(d, type)))
        return;
    PlaceId place = d->dry ? (PlaceId){0} : project(d, base, kind, index, type);
    if (child == NO_PATH)
        emit_drop(d, place);
    else
        drop_path(d, child, place);
}

static DeclId find_intrinsic(const Drops *d, IntrinsicId id) {
    const Program *program = d->own->program;
    for (uint32_t i = 1; i < program->decls.count; i++)
        if (program->decls.items[i].kind == DECL_FUNC && program->decls.items[i].intrinsic == id)
            return (DeclId){i};
    return (DeclId){0};
}

static OperandId ask_type(Drops *d, IntrinsicId id, TypeId type) {
    TypeId i64 = type_builtin(d->own->program->types, TY_I64);
    LocalId local = jir_local_new(d->fn, (JirLocal){.type = i64, .mode = LOCAL_OWNED, .kind = LOCAL_TEMP});
    PlaceId place = jir_place_local(d->fn, local);
    JirStmt *stmt = emit(d, OP_INTRINSIC, place);
    stmt->number = id;
    stmt->callee = jir_callee(d->jir, find_intrinsic(d, id), false, &type, 1);
    return jir_operand_place(d->fn, OPERAND_COPY, place);
}

static void free_memory(Drops *d, PlaceId address, TypeId content) {
    JirArg args[] = {
        {.kind = ARG_VALUE, .value = jir_operand_place(d->fn, OPERAND_COPY, address)},
        {.kind = ARG_VALUE, .value = ask_type(d, INTRINSIC_size_of, content)},
        {.kind = ARG_VALUE, .value = ask_type(d, INTRINSIC_align_of, content)},
    };
    JirStmt *stmt = emit(d, OP_INTRINSIC, (PlaceId){0});
    stmt->number = INTRINSIC_mem_free;
    stmt->callee = jir_callee(d->jir, find_intrinsic(d, INTRINSIC_mem_free), false, NULL, 0);
    jir_stmt_args(d->fn, stmt, args, 3);
}

// The content of a Box is gone: only its memory is left.
static void free_box(Drops *d, PlaceId box, TypeId content) {
    if (d->dry)
        return;
    TypeId pointer = type_unary(d->own->program->types, TY_POINTER, content);
    PlaceId address = project(d, box, PROJ_FIELD, 0, pointer);
    if (d->is_taking)
        take(d, address, OPERAND_COPY, content);
    else
        free_memory(d, address, content);
}

typedef void DropItem(Drops *d, const void *items, uint32_t i);

// Where the drop of one item panics, those after it are dropped on the way out.
static void drop_in_turn(Drops *d, DropItem *drop, const void *items, uint32_t count) {
    if (d->dry || d->is_cleanup || d->is_taking) {
        for (uint32_t i = 0; i < count; i++)
            drop(d, items, i);
        return;
    }
    VecU32 pads = {0}; // by item: where its panic goes on
    uint32_t unwind = d->unwind;
    for (uint32_t i = 0; i < count; i++) {
        d->unwind = i + 1 < count ? new_pad(d).v : unwind;
        vec_push(&pads, d->unwind);
        drop(d, items, i);
    }
    BlockId current = d->current;
    d->is_cleanup = true;
    for (uint32_t i = 1; i < count; i++) {
        d->current = (BlockId){pads.items[i - 1]};
        drop(d, items, i);
        go_to(d, pads.items[i] ? (BlockId){pads.items[i]} : resume_block(d));
    }
    d->is_cleanup = false;
    d->current = current;
    vec_free(&pads);
}

// Parts of one value: its fields, or its items.
typedef struct {
    uint32_t path, variant, count;
    PlaceId place;
    TypeId type;
    ProjKind kind;
} Parts;

static TypeId part_type(const Drops *d, const Parts *parts, uint32_t i) {
    if (parts->kind == PROJ_CONST_INDEX)
        return type_get(d->own->program->types, parts->type)->args[0];
    return shape_field_type(d->own->program, parts->type, parts->variant, i);
}

static void drop_one(Drops *d, const Parts *parts, uint32_t i) {
    drop_part(d, parts->path, parts->place, parts->kind, i, part_type(d, parts, i));
}

static bool is_left(const Drops *d, const Parts *parts, uint32_t i) {
    uint32_t child = child_path(d, parts->path, parts->kind, i);
    return needs_drop(d, part_type(d, parts, i)) && (child == NO_PATH || status(d, child) != IS_GONE);
}

typedef struct {
    const Parts *parts;
    const uint32_t *which;
} LeftParts;

static void drop_left_part(Drops *d, const void *items, uint32_t i) {
    const LeftParts *left = items;
    drop_one(d, left->parts, left->which[i]);
}

static void drop_parts(Drops *d, Parts parts) {
    VecU32 which = {0};
    for (uint32_t i = 0; i < parts.count; i++)
        if (is_left(d, &parts, i))
            vec_push(&which, i);
    drop_in_turn(d, drop_left_part, &(LeftParts){&parts, which.items}, which.count);
    vec_free(&which);
}

static void drop_fields(Drops *d, uint32_t path, PlaceId place, TypeId type, uint32_t variant) {
    drop_parts(d, (Parts){.path = path,
                          .variant = variant,
                          .count = shape_field_count(d->own->program, type, variant),
                          .place = place,
                          .type = type,
                          .kind = PROJ_FIELD});
}

// The content of a Box, as far as it is there, then its memory, whether or not a panic is on its way by then.
static void drop_box(Drops *d, uint32_t path, PlaceId place, TypeId content) {
    uint32_t child = child_path(d, path, PROJ_DEREF, 0), unwind = d->unwind;
    bool may_leave = !d->dry && !d->is_cleanup && !d->is_taking && needs_drop(d, content) &&
                     (child == NO_PATH || status(d, child) != IS_GONE);
    BlockId pad = {0};
    if (may_leave) {
        pad = new_pad(d);
        d->unwind = pad.v;
    }
    drop_part(d, path, place, PROJ_DEREF, 0, content);
    d->unwind = unwind;
    if (may_leave) {
        BlockId current = d->current;
        d->current = pad;
        d->is_cleanup = true;
        free_box(d, place, content);
        go_to(d, unwind ? (BlockId){unwind} : resume_block(d));
        d->is_cleanup = false;
        d->current = current;
    }
    free_box(d, place, content);
}

// Of a value with variants, parts of one variant may be gone on some ways. A part that is gone tells the variant: then
// its other parts are dropped; if none is gone, the whole is.
static void drop_variants(Drops *d, uint32_t path, PlaceId place, TypeId type) {
    BlockId done = d->dry ? (BlockId){0} : new_block(d);
    bool ended = false;
    uint32_t depth = d->open_depth;
    for (uint32_t v = d->own->paths.items[path].child; v != NO_PATH && !ended; v = d->own->paths.items[v].sibling) {
        if (parts_are_there(d, v))
            continue;
        BlockId rest = d->dry ? (BlockId){0} : new_block(d);
        for (uint32_t part = v + 1; part < d->own->paths.items[v].end && !ended; part++) {
            Status it = status(d, part);
            if (it == IS_GONE && !d->dry)
                go_to(d, rest);
            ended = it == IS_GONE;
            if (it != IS_OPEN)
                continue;
            uint32_t flag = flag_of(d, part);
            if (d->dry)
                continue;
            BlockId next = new_block(d);
            branch_on(d, flag, next, rest);
            d->open_depth = depth + 1;
            d->current = next;
        }
        BlockId after = d->current;
        d->current = rest;
        uint32_t number = d->own->paths.items[v].index;
        drop_fields(d, v, d->dry ? place : project(d, place, PROJ_VARIANT, number, type), type, number);
        if (!d->dry)
            go_to(d, done);
        d->current = after;
    }
    if (!ended && !d->dry) {
        emit_drop(d, place);
        go_to(d, done);
    }
    d->open_depth = depth;
    if (d->dry)
        return;
    d->current = done;
}

static void drop_open(Drops *d, uint32_t path, PlaceId place) {
    TypeId id = d->own->paths.items[path].type;
    const Type *type = type_get(d->own->program->types, id);
    switch (type->kind) {
    case TY_ENUM:
    case TY_OPTIONAL:
    case TY_RESULT:
    case TY_ERROR:
    case TY_ERROR_SET:
    case TY_INFERRED_SET: drop_variants(d, path, place, id); break;
    case TY_ARRAY:
        drop_parts(
            d, (Parts){
                   .path = path, .count = (uint32_t)type->count, .place = place, .type = id, .kind = PROJ_CONST_INDEX});
        break;
    default:
        if (type_is_lang(d->own->program, id, LANG_BOX)) {
            drop_box(d, path, place, type->args[0]);
        } else {
            drop_fields(d, path, place, id, 0);
        }
        break;
    }
}

// No part of a value with Drop is gone while the value is there, whatever else is known of the part; but what a Box
// holds may be.
static bool is_dropped_whole(const Drops *d, TypeId type) {
    return own_has_drop_impl(d->own, type) && !type_is_lang(d->own->program, type, LANG_BOX);
}

// Drops what is there of a path's value.
static void drop_path(Drops *d, uint32_t path, PlaceId place) {
    Status it = status(d, path);
    if (it == IS_GONE || !needs_drop(d, d->own->paths.items[path].type))
        return;
    BlockId done = {0};
    if (it == IS_OPEN) {
        uint32_t flag = flag_of(d, path);
        d->open_depth++;
        if (!d->dry) {
            BlockId there = new_block(d);
            done = new_block(d);
            branch_on(d, flag, there, done);
            d->current = there;
        }
    }
    if (parts_are_there(d, path) || is_dropped_whole(d, d->own->paths.items[path].type))
        emit_drop(d, place);
    else
        drop_open(d, path, place);
    if (it != IS_OPEN)
        return;
    d->open_depth--;
    if (!d->dry) {
        go_to(d, done);
        d->current = done;
    }
}

// ---- ways of panics -------------------------------------------------------------------------------------------------

// What a panic has to drop before the next defer, innermost first, where it stands with the present state. At a
// statement that is also what no scope knows yet: a result on its way, a value that a branch has made.
static BlockId collect_items(Drops *d, uint32_t chain, bool is_statement) {
    JirFn *fn = d->fn;
    d->items.count = 0;
    if (is_statement) {
        own_find_in_chain(d->own, chain);
        for (uint32_t i = d->own->panic_locals.count; i-- > 0;) {
            uint32_t local = d->own->panic_locals.items[i];
            if (!bit_get(d->own->in_chain, local) && status(d, d->own->local_paths[local]) != IS_GONE)
                vec_push(&d->items, local);
        }
    }
    for (uint32_t i = chain; i; i = fn->cleanups.items[i].parent) {
        const JirCleanup *it = &fn->cleanups.items[i];
        if (it->body.v)
            return it->body;
        uint32_t path = d->own->local_paths[it->local.v];
        if (path != NO_PATH && status(d, path) != IS_GONE && fn->locals.items[it->local.v].mode == LOCAL_OWNED)
            vec_push(&d->items, it->local.v);
    }
    return (BlockId){0};
}

// A block that drops the local and goes on at `next`. Where the whole of it is there, ways share the block.
static BlockId pad_of(Drops *d, uint32_t local, BlockId next) {
    uint32_t path = d->own->local_paths[local], known;
    uint64_t key = (uint64_t)local << 32 | next.v;
    bool is_whole = status(d, path) == IS_THERE && parts_are_there(d, path);
    if (is_whole && map_get(&d->pads, key, &known))
        return (BlockId){known};
    BlockId pad = new_pad(d);
    d->current = pad;
    drop_path(d, path, jir_place_local(d->fn, (LocalId){local}));
    for (uint32_t part = path; d->own->caught && part < d->own->paths.items[path].end; part++)
        set_flag(d, part, false); // the way may come back
    go_to(d, next);
    if (is_whole)
        map_set(&d->pads, key, pad.v);
    return pad;
}

static BlockId make_way(Drops *d, uint32_t chain, bool is_statement) {
    BlockId body = collect_items(d, chain, is_statement);
    if (d->dry) {
        for (uint32_t i = 0; i < d->items.count; i++)
            drop_path(d, d->own->local_paths[d->items.items[i]], (PlaceId){0});
        return (BlockId){0};
    }
    if (!body.v && (!d->items.count && is_statement))
        return (BlockId){0};
    BlockId next = body.v ? body : resume_block(d);
    for (uint32_t i = d->items.count; i-- > 0;)
        next = pad_of(d, d->items.items[i], next);
    return next;
}

// Where a panic in the statement at hand goes; the state is what it finds.
static BlockId way_of(Drops *d, uint32_t chain) {
    uint32_t words = 3 * d->own->path_words;
    for (uint32_t i = d->ways.count, tried = 0; i-- > 0 && tried < 32; tried++)
        if (d->ways.items[i].chain == chain && memcmp(d->ways.items[i].state, d->state, words * sizeof(Word)) == 0)
            return d->ways.items[i].block;
    BlockId current = d->current;
    bool is_cleanup = d->is_cleanup;
    d->is_cleanup = true;
    BlockId block = make_way(d, chain, true);
    d->is_cleanup = is_cleanup;
    d->current = current;
    const Word *state = arena_copy(d->own->arena, d->state, words * sizeof(Word), _Alignof(Word));
    vec_push(&d->ways, (Way){chain, state, block});
    return block;
}

// The end of a defer's copy: what lies below it comes next.
static void rewrite_resume(Drops *d, const JirTerm *term) {
    BlockId from = d->current;
    BlockId next = make_way(d, term->unwind, false);
    d->current = from;
    if (!d->dry)
        go_to(d, next);
}

// ---- statements -----------------------------------------------------------------------------------------------------

// The last access of a statement with a destination is the one to it (the indices within it aside).
static const Access *definition(const Drops *d, uint32_t number) {
    for (uint32_t a = d->own->first_access[number + 1]; a-- > d->own->first_access[number];)
        if (d->own->accesses.items[a].kind >= ACCESS_SET)
            return &d->own->accesses.items[a];
    return NULL;
}

// The same once the place has been dropped or set.
static BlockId way_after(Drops *d, uint32_t chain, const Access *access, AccessKind kind) {
    size_t bytes = 3 * d->own->path_words * sizeof(Word);
    Access done = *access;
    done.kind = (uint8_t)kind;
    memcpy(d->before, d->state, bytes);
    own_apply_init(d->own, &done, d->state);
    BlockId block = way_of(d, chain);
    memcpy(d->state, d->before, bytes);
    return block;
}

// A drop that panics has dropped the rest of its value itself: for the way out the value is gone.
static void rewrite_drop(Drops *d, uint32_t number, const JirStmt *stmt, bool may_panic) {
    const Access *access = definition(d, number);
    if (access->is_global || d->fn->locals.items[access->root].mode != LOCAL_OWNED)
        return;
    bool is_path = access->path != NO_PATH && access->exact;
    if (may_panic && !(is_path && status(d, access->path) == IS_GONE))
        d->unwind = way_after(d, stmt->unwind, access, ACCESS_DROP).v;
    if (is_path)
        drop_path(d, access->path, stmt->dst);
    else
        emit_drop(d, stmt->dst);
}

static void keep(Drops *d, JirStmt stmt, OpKind op) {
    if (d->dry)
        return;
    stmt.op = (uint8_t)op;
    stmt.unwind = d->unwind;
    JirStmt *out = jir_emit(d->fn, d->current, op, stmt.token);
    *out = stmt;
}

// Before the rest of the old value is taken, what comes out of it is.
static OperandId take_value(Drops *d, OperandId id, uint32_t root) {
    const JirOperand *operand = &d->fn->operands.items[id.v];
    if (d->dry || operand->kind == OPERAND_CONST || jir_place(d->fn, operand->place)->root != root)
        return id;
    PlaceId temp = new_temp(d, jir_place_type(d->fn, operand->place));
    emit(d, OP_SET, temp)->a = id;
    return jir_operand_place(d->fn, OPERAND_MOVE, temp);
}

static void drop_taken(Drops *d, const void *items, uint32_t i) {
    const Taken *it = (const Taken *)items + i;
    PlaceId place = jir_place_local(d->fn, (LocalId){it->local});
    BlockId done = {0};
    if (it->flag) {
        BlockId there = new_block(d);
        done = new_block(d);
        branch_on(d, it->flag, there, done);
        d->current = there;
    }
    if (it->content.v)
        free_memory(d, place, it->content);
    else
        emit(d, OP_DROP, place);
    if (it->flag) {
        go_to(d, done);
        d->current = done;
    }
}

static void store_over_rest(Drops *d, const JirStmt *stmt, const Access *access) {
    if (d->dry) {
        drop_path(d, access->path, stmt->dst);
        return;
    }
    JirStmt set = *stmt;
    set.a = take_value(d, stmt->a, access->root);
    BlockId start = d->current;
    d->is_taking = true;
    drop_path(d, access->path, stmt->dst);
    d->is_taking = false;
    BlockId current = d->current;
    d->current = start;
    for (uint32_t i = 0; i < d->taken.count; i++)
        if (d->taken.items[i].flag)
            emit_flag(d, d->taken.items[i].flag, false);
    d->current = current;
    keep(d, set, OP_SET);
}

static void rewrite_store(Drops *d, uint32_t number, const JirStmt *stmt, bool may_panic) {
    const Access *access = definition(d, number);
    if (access->kind == ACCESS_REPOINT || !needs_drop(d, jir_place_type(d->fn, stmt->dst))) {
        keep(d, *stmt, OP_SET);
        return;
    }
    if (access->is_global || access->path == NO_PATH || !access->exact) {
        keep(d, *stmt, OP_STORE);
        return;
    }
    Status it = status(d, access->path);
    if (it == IS_GONE) {
        keep(d, *stmt, OP_SET);
    } else if (it == IS_THERE && parts_are_there(d, access->path)) {
        keep(d, *stmt, OP_STORE);
    } else {
        if (may_panic)
            d->unwind = way_after(d, stmt->unwind, access, ACCESS_SET).v; // when the rest is dropped
        store_over_rest(d, stmt, access);
    }
}

static void set_flags(Drops *d, const Access *access) {
    if (access->path == NO_PATH || !access->exact || access->is_global)
        return;
    AccessKind kind = (AccessKind)access->kind;
    bool there = kind == ACCESS_SET || kind == ACCESS_STORE;
    if (!there && kind != ACCESS_MOVE && kind != ACCESS_LIVE && kind != ACCESS_DROP && kind != ACCESS_DEAD)
        return;
    for (uint32_t path = access->path; path < d->own->paths.items[access->path].end; path++)
        set_flag(d, path, there);
}

static void apply_accesses(Drops *d, uint32_t number, bool definitions) {
    for (uint32_t a = d->own->first_access[number]; a < d->own->first_access[number + 1]; a++) {
        const Access *access = &d->own->accesses.items[a];
        if ((access->kind >= ACCESS_SET) != definitions)
            continue;
        own_apply_init(d->own, access, d->state);
        if (!d->dry)
            set_flags(d, access);
    }
}

static void rewrite_stmt(Drops *d, uint32_t number, const JirStmt *stmt) {
    d->token = stmt->token;
    d->is_cleanup = stmt->is_cleanup;
    bool may_panic = !d->in_cleanup_block && jir_may_panic(d->jir, d->fn, stmt);
    apply_accesses(d, number, false);
    if (stmt->op == OP_DROP) {
        rewrite_drop(d, number, stmt, may_panic);
    } else {
        d->unwind = may_panic ? way_of(d, stmt->unwind).v : 0;
        if (stmt->op == OP_STORE)
            rewrite_store(d, number, stmt, may_panic);
        else if (stmt->op != OP_NOP)
            keep(d, *stmt, (OpKind)stmt->op);
    }
    uint32_t unwind = d->unwind;
    d->unwind = 0;
    apply_accesses(d, number, true);
    d->unwind = unwind; // of the drops of what was taken: flags know by then that the new value is there
    drop_in_turn(d, drop_taken, d->taken.items, d->taken.count);
    d->taken.count = 0;
    d->unwind = 0;
}

static void rewrite_block(Drops *d, uint32_t block) {
    uint32_t words = 3 * d->own->path_words;
    memcpy(d->state, d->own->init + (size_t)block * words, words * sizeof *d->state);
    JirBlock old = *jir_block(d->fn, (BlockId){block});
    uint32_t number = d->own->first_stmt[block];
    d->current = (BlockId){block};
    if (!d->dry)
        memset(&jir_block(d->fn, d->current)->stmts, 0, sizeof old.stmts);
    for (uint32_t path = 0; block == 0 && !d->dry && path < d->own->paths.count; path++)
        set_flag(d, path, own_may_be_init(d->own, d->state, path));
    d->in_cleanup_block = old.is_cleanup;
    for (uint32_t s = 0; s < old.stmts.count; s++)
        rewrite_stmt(d, number + s, &old.stmts.items[s]);
    d->is_cleanup = old.is_cleanup;
    d->token = old.term.token;
    if (old.term.kind == TERM_RESUME)
        rewrite_resume(d, &old.term);
    else if (old.term.kind == TERM_PANIC && !old.is_cleanup)
        old.term.unwind = way_of(d, old.term.unwind).v;
    if (d->dry)
        return;
    if (old.term.kind != TERM_RESUME)
        jir_block(d->fn, d->current)->term = old.term;
    vec_free(&old.stmts);
}

static void make_flags(Drops *d) {
    for (uint32_t path = 0; path < d->own->paths.count; path++)
        if (d->flags[path] == NEEDED)
            d->flags[path] = new_flag(d);
}

// ---- locals that own nothing ----------------------------------------------------------------------------------------

// Whether an access leaves the local with nothing but constants: it reads, or sets the whole to one.
static bool stays_constant(const Drops *d, const Access *access, const JirStmt *stmt) {
    switch ((AccessKind)access->kind) {
    case ACCESS_MUT:
    case ACCESS_REPOINT: return false;
    case ACCESS_SET:
    case ACCESS_STORE:
        return stmt && (stmt->op == OP_SET || stmt->op == OP_STORE) && access->exact &&
               access->path == d->own->local_paths[access->root] &&
               d->fn->operands.items[stmt->a.v].kind == OPERAND_CONST;
    default: return true;
    }
}

static void note_accesses(Drops *d, uint32_t number, const JirStmt *stmt) {
    for (uint32_t a = d->own->first_access[number]; a < d->own->first_access[number + 1]; a++) {
        const Access *access = &d->own->accesses.items[a];
        if (!access->is_global && !stays_constant(d, access, stmt))
            bit_clear(d->constant, access->root);
    }
}

// Texts that are written out are the bulk of what a program holds, and most are never changed: no flags, no ways of
// panics are made for them.
static void find_constants(Drops *d) {
    d->constant = ARENA_ARRAY(d->own->arena, Word, words_for(d->own->fn->locals.count));
    for (uint32_t l = 0; l < d->fn->locals.count; l++) {
        const JirLocal *it = &d->fn->locals.items[l];
        bool is_own = it->kind == LOCAL_TEMP || it->kind == LOCAL_LET || it->kind == LOCAL_VAR;
        if (is_own && own_drops_on_panic(d->own, l) && !(own_class(d->own, it->type) & CLASS_HAS_DROP))
            bit_set(d->constant, l);
    }
    for (uint32_t i = 0; i < d->own->flow.count; i++) {
        uint32_t block = d->own->flow.order[i], number = d->own->first_stmt[block];
        const JirBlock *it = jir_block(d->fn, (BlockId){block});
        for (uint32_t s = 0; s < it->stmts.count; s++)
            note_accesses(d, number + s, &it->stmts.items[s]);
        note_accesses(d, number + it->stmts.count, NULL);
    }
}

void own_rewrite_drops(Own *own) {
    Drops d = {.own = own, .jir = own->jir, .fn = own->fn, .dry = true};
    d.flags = ARENA_ARRAY(own->arena, uint32_t, own->paths.count);
    d.state = ARENA_ARRAY(own->arena, Word, 3 * own->path_words);
    d.before = ARENA_ARRAY(own->arena, Word, 3 * own->path_words);
    find_constants(&d);
    for (uint32_t i = 0; i < own->flow.count; i++)
        rewrite_block(&d, own->flow.order[i]);
    make_flags(&d);
    d.dry = false;
    d.ways.count = 0;
    for (uint32_t i = 0; i < own->flow.count; i++)
        rewrite_block(&d, own->flow.order[i]);
    vec_free(&d.taken);
    own->fn->cleanups.count = 0;
    own->fn->has_pads = true;
    vec_free(&d.items);
    vec_free(&d.ways);
    map_free(&d.pads);
}
