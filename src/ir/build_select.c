// select: operands in order, one wait for all arms, a switch over which of them it was.
#include "ir/build_internal.h"

enum { ARM_RECV, ARM_SEND, ARM_CLOSED };    // JnArmKind of the runtime
enum { WAIT_SERVICE = 1, HAS_DEFAULT = 2 }; // flags of jn_select
enum { ARM_WORDS = 3, FIRST_ARM = 2 };      // arguments of select_wait: timeout, flags, then three for each arm
static const uint64_t TIMED_OUT = UINT64_MAX, DEFAULTED = UINT64_MAX - 1;

typedef struct {
    NodeId node;
    AstSelectArm parts;
    char word; // first letter: recv send closed after default
    PlaceId item;
    LocalId local; // of a receive
} Arm;

static bool is_endless(Build *b, NodeId loop) {
    NodeKind kind = ast_kind(b->ast, loop);
    return kind == NODE_LOOP || (kind == NODE_WHILE && ast_kind(b->ast, ast_loop(b->ast, loop).condition) == NODE_TRUE);
}

// A break without a label leaves the innermost loop around it.
static bool is_in_inner_loop(Build *b, NodeId loop, uint32_t node) {
    for (uint32_t i = node + 1; i < loop.v; i++) {
        NodeKind kind = ast_kind(b->ast, (NodeId){i});
        bool is_loop = kind == NODE_LOOP || kind == NODE_WHILE || kind == NODE_FOR;
        if (is_loop && ast_first(b->ast, (NodeId){i}).v <= node)
            return true;
    }
    return false;
}

bool loop_has_no_exit(Build *b) {
    if (!b->loops.count || !is_endless(b, vec_last(&b->loops).node))
        return false;
    NodeId loop = vec_last(&b->loops).node;
    for (uint32_t i = ast_first(b->ast, loop).v; i < loop.v; i++) {
        NodeKind kind = ast_kind(b->ast, (NodeId){i});
        if (kind == NODE_RETURN || kind == NODE_FAIL || kind == NODE_TRY)
            return false;
        if (kind == NODE_BREAK && (ast_jump(b->ast, (NodeId){i}).label.v || !is_in_inner_loop(b, loop, i)))
            return false;
    }
    return true;
}

static void prepare_recv(Build *b, Arm *arm) {
    TypeId type = fact_type(b, arm->node);
    SymbolId name = arm->parts.binder.v && ast_token_kind(b->ast, arm->parts.binder) == TOK_NAME
                        ? ast_symbol(b->ast, arm->parts.binder)
                        : (SymbolId){0};
    arm->local = local_declare(b, arm->node, name, type, LOCAL_OWNED, LOCAL_LET);
    arm->item = jir_place_local(b->fn, arm->local);
}

static void prepare_arm(Build *b, Arm *arm, JirArg *args, bool more) {
    uint64_t kind = arm->word == 'r' ? ARM_RECV : arm->word == 's' ? ARM_SEND : ARM_CLOSED;
    args[0] = arg_value(const_int(b, T_I64(b), kind));
    args[1] = lent_arg(b, arm->parts.channel, more || arm->parts.value.v);
    args[2] = arg_value(const_int(b, T_I64(b), 0));
    if (arm->word == 'r') {
        prepare_recv(b, arm);
        args[2] = (JirArg){.kind = ARG_MUT_REF, .place = arm->item};
    } else if (arm->word == 's') {
        OperandId value = build_owned_value(b, arm->parts.value);
        arm->item = temp_new(b, jir_operand_type(b->fn, value));
        emit_set(b, arm->item, value);
        temp_register(b, arm->item);
        args[2] = arg_ref(arm->item);
    }
}

static void build_arm(Build *b, Arm *arm) {
    ScopeMark mark = scope_begin(b, arm->node);
    token_at(b, arm->node);
    if (arm->word == 'r') {
        TypeId type = jir_place_type(b->fn, arm->item);
        intrinsic(b, INTRINSIC_select_taken, &type, 1, NULL, 0, type, arm->item);
        local_register(b, arm->local);
    } else if (arm->word == 's') { // it has been moved on
        TypeId type = jir_place_type(b->fn, arm->item);
        JirArg gone = arg_value(jir_operand_place(b->fn, OPERAND_MOVE, arm->item));
        intrinsic(b, INTRINSIC_forget, &type, 1, &gone, 1, T_VOID(b), (PlaceId){0});
    }
    build_block(b, arm->parts.body, (PlaceId){0});
    scope_end(b, mark);
}

void build_select(Build *b, NodeId n) {
    AstList list = ast_list(b->ast, n);
    Arm *arms = ARENA_ARRAY(b->arena, Arm, list.count);
    JirArg *args = ARENA_ARRAY(b->arena, JirArg, FIRST_ARM + ARM_WORDS * list.count);
    uint64_t *values = ARENA_ARRAY(b->arena, uint64_t, list.count);
    BlockId *targets = ARENA_ARRAY(b->arena, BlockId, list.count + 1);
    uint32_t waiting = 0;
    uint64_t flags = 0;
    bool only_receives = true;
    ScopeMark mark = scope_begin(b, n);
    args[0] = arg_value(const_int(b, T_I64(b), UINT64_MAX));
    for (uint32_t i = 0; i < list.count; i++) {
        Arm *arm = &arms[i];
        *arm = (Arm){.node = AST_ITEM(list, i), .parts = ast_select_arm(b->ast, AST_ITEM(list, i))};
        arm->word = ast_token_text(b->ast, ast_token(b->ast, arm->node)).data[0];
        only_receives &= arm->word == 'r';
        if (arm->word == 'a') {
            args[0] = arg_value(duration_value(b, arm->parts.channel));
            values[i] = TIMED_OUT;
        } else if (arm->word == 'd') {
            flags |= HAS_DEFAULT;
            values[i] = DEFAULTED;
        } else {
            prepare_arm(b, arm, args + FIRST_ARM + ARM_WORDS * waiting, i + 1 < list.count);
            values[i] = waiting++;
        }
    }
    if (only_receives && loop_has_no_exit(b))
        flags |= WAIT_SERVICE;
    args[1] = arg_value(const_int(b, T_I64(b), flags));
    token_at(b, n);
    PlaceId chosen =
        intrinsic(b, INTRINSIC_select_wait, NULL, 0, args, FIRST_ARM + ARM_WORDS * waiting, T_I64(b), (PlaceId){0});
    BlockId join = block_new(b), never = block_new(b);
    for (uint32_t i = 0; i < list.count; i++)
        targets[i] = block_new(b);
    targets[list.count] = never;
    emit_switch(b, copy(b, chosen), values, targets, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        block_start(b, targets[i]);
        build_arm(b, &arms[i]);
        block_goto(b, join);
    }
    block_start(b, never);
    jir_unreachable(b->fn, b->block, b->token);
    block_start(b, join);
    scope_end(b, mark);
}
