// From instances to units: who compiles what, and on which thread.
#include "llvm/internal.h"

#include <pthread.h>

#include <llvm-c/Analysis.h>

// One unit from its IR to its object. The IR is made on the main thread, because types and layouts are shared; what
// follows touches this unit's context only.
typedef struct {
    Gen gen;
    Arena *arena;
    LlvmOptions options;
    Text out, message;
    bool good, started;
    pthread_t thread;
} Unit;

enum { MAX_UNITS = 16 };

static void gen_free(Gen *gen) {
    map_free(&gen->constants);
    map_free(&gen->tables);
    vec_free(&gen->constant_items);
    map_free(&gen->strings);
    vec_free(&gen->string_items);
    map_free(&gen->files);
    vec_free(&gen->file_items);
    map_free(&gen->locations);
    vec_free(&gen->location_items);
    vec_free(&gen->not_jumps);
}

static bool verify(Unit *unit) {
    char *error = NULL;
    if (!os_getenv("JANUS_VERIFY_LLVM"))
        return true;
    bool broken = LLVMVerifyModule(unit->gen.module, LLVMReturnStatusAction, &error);
    if (broken)
        unit->message = arena_text(unit->arena, text_of(error));
    LLVMDisposeMessage(error);
    return !broken;
}

static bool finish(Unit *unit) {
    LLVMModuleRef module = unit->gen.module;
    if (unit->options.emit == LLVM_NOTHING)
        return true;
    LLVMTargetMachineRef machine =
        target_machine(unit->options.target, unit->options.release, &unit->message, unit->arena);
    if (!machine)
        return false;
    bool good = verify(unit);
    if (good && unit->options.release && !unit->options.check_memory && !unit->gen.many_units)
        good = link_runtime_bitcode(module, unit->options.target, unit->arena, &unit->message);
    good = good && optimize_module(module, machine, unit->options.release, unit->arena, &unit->message) &&
           emit_module(module, machine, unit->options.emit, unit->arena, &unit->out, &unit->message);
    LLVMDisposeTargetMachine(machine);
    return good;
}

static void *run(void *argument) {
    Unit *unit = argument;
    unit->good = finish(unit);
    LLVMDisposeBuilder(unit->gen.builder);
    LLVMDisposeModule(unit->gen.module);
    LLVMContextDispose(unit->gen.context);
    return NULL;
}

// ---- dealing -------------------------------------------------------------------------------------------------------

static uint32_t work_of(const JirFn *fn) {
    uint32_t work = 4;
    for (uint32_t i = 0; i < fn->blocks.count; i++)
        work += 1 + fn->blocks.items[i].stmts.count;
    return work;
}

// Neighbours stay together; each unit gets about the same number of statements. The first gets less: it also has the
// entry, and it starts first.
static uint8_t *deal(const LlvmInput *input, uint32_t units, Arena *arena) {
    uint8_t *unit_of = ARENA_ARRAY(arena, uint8_t, input->jir->fns.count);
    memset(unit_of, UINT8_MAX, input->jir->fns.count);
    uint64_t total = 0, done = 0;
    for (uint32_t i = 0; i < input->instance_count; i++)
        total += work_of(jir_fn(input->jir, input->instances[i]));
    for (uint32_t i = 0; i < input->instance_count; i++) {
        JirFnId id = input->instances[i];
        unit_of[id.v] = (uint8_t)(done * units / (total + 1));
        done += work_of(jir_fn(input->jir, id));
    }
    return unit_of;
}

static uint32_t unit_count(const LlvmInput *input, const LlvmOptions *options) {
    uint32_t count = options->units;
    if (count == 0)
        count = options->release ? 1 : os_cpu_count();
    if (count > MAX_UNITS)
        count = MAX_UNITS;
    enum { WORTH_A_THREAD = 64 }; // functions
    uint32_t useful = input->instance_count / WORTH_A_THREAD + 1;
    return count < useful ? count : useful;
}

typedef struct {
    const uint32_t *tail, *all;
} Cycles;

static Cycles find_cycles(const Jir *jir, Arena *arena) {
    Cycles cycles = {.tail = tail_cycles(jir, false, arena)};
    for (uint32_t i = 0; i < jir->instance_count && !cycles.all; i++)
        if (gen_has_attribute(jir->program, jir_fn(jir, jir->instances[i]), "tail"))
            cycles.all = tail_cycles(jir, true, arena);
    return cycles;
}

// Tasks exist only in nurseries.
static bool opens_nursery(const JirFn *fn) {
    for (uint32_t i = 0; i < fn->blocks.count; i++) {
        const JirBlock *block = &fn->blocks.items[i];
        for (uint32_t k = 0; k < block->stmts.count; k++)
            if (block->stmts.items[k].op == OP_INTRINSIC && block->stmts.items[k].number == INTRINSIC_nursery_open)
                return true;
    }
    return false;
}

static bool has_tasks(const LlvmInput *input) {
    for (uint32_t i = 0; i < input->instance_count; i++)
        if (opens_nursery(jir_fn(input->jir, input->instances[i])))
            return true;
    return false;
}

static void unit_start(Unit *unit, const LlvmInput *input, const LlvmOptions *options, const uint8_t *unit_of,
                       Cycles cycles) {
    Gen *gen = &unit->gen;
    unit->options = *options;
    unit->arena = arena_new();
    gen->input = input;
    gen->options = &unit->options;
    gen->jir = input->jir;
    gen->program = input->jir->program;
    gen->arena = unit->arena;
    gen->unit_of = unit_of;
    gen->tail_cycles = cycles.tail;
    gen->call_cycles = cycles.all;
    gen->fn_capacity = input->jir->fns.count;
    gen->fns = ARENA_ARRAY(gen->arena, GenFn, gen->fn_capacity);
    gen->context = LLVMContextCreate();
    LLVMContextSetDiscardValueNames(gen->context, options->emit == LLVM_OBJECT);
    gen->module = LLVMModuleCreateWithNameInContext("janus", gen->context);
    gen->builder = LLVMCreateBuilderInContext(gen->context);
    LLVMSetTarget(gen->module, target_triple(options->target));
    LLVMTargetMachineRef machine = target_machine(options->target, options->release, &unit->message, unit->arena);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    LLVMSetModuleDataLayout(gen->module, layout);
    LLVMDisposeTargetData(layout);
    LLVMDisposeTargetMachine(machine);
    gen_module(gen);
}

bool llvm_compile(const LlvmInput *input, LlvmOptions options, Arena *arena, LlvmOutput *output, Text *message) {
    target_initialize(options.target);
    uint32_t count = unit_count(input, &options);
    const uint8_t *unit_of = deal(input, count, arena);
    Cycles cycles = find_cycles(input->jir, arena);
    bool tasks = has_tasks(input);
    Unit *units = ARENA_ARRAY(arena, Unit, count);
    for (uint32_t i = 0; i < count; i++) {
        units[i].gen.unit = i;
        units[i].gen.many_units = count > 1;
        units[i].gen.has_tasks = tasks;
        unit_start(&units[i], input, &options, unit_of, cycles);
        bool is_last = i + 1 == count;
        units[i].started = !is_last && pthread_create(&units[i].thread, NULL, run, &units[i]) == 0;
        if (!units[i].started)
            run(&units[i]);
    }
    bool good = true;
    VEC(LlvmNotJump) not_jumps = {0};
    output->units = ARENA_ARRAY(arena, Text, count);
    output->count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (units[i].started)
            pthread_join(units[i].thread, NULL);
        output->units[i] = arena_text(arena, units[i].out);
        if (!units[i].good && good)
            *message = arena_text(arena, units[i].message);
        good = good && units[i].good;
        for (uint32_t k = 0; k < units[i].gen.not_jumps.count; k++)
            vec_push(&not_jumps, units[i].gen.not_jumps.items[k]);
        gen_free(&units[i].gen);
        arena_free(units[i].arena);
    }
    output->not_jump_count = not_jumps.count;
    if (not_jumps.count)
        output->not_jumps = arena_copy(arena, not_jumps.items, not_jumps.count * sizeof(LlvmNotJump), 4);
    vec_free(&not_jumps);
    return good;
}
