// Names of instances as people read them in a debugger or a backtrace: main.fib, List[i64].push, List[Point].drop.
// Every name has a dot or a bracket, so that none is a name of C.
#include "ir/mono_internal.h"

const char *mono_symbol_unique(Mono *mono, Text name) {
    uint64_t hash = text_hash(name);
    uint32_t given = 0;
    map_get(&mono->symbols, hash, &given);
    map_set(&mono->symbols, hash, given + 1);
    if (!given)
        return arena_cstr(mono->jir->arena, name);
    Text numbered = arena_printf(mono->jir->arena, "%.*s'%u", TEXT_ARG(name), given + 1);
    return numbered.data;
}

static void write_types(Mono *mono, const TypeId *types, uint32_t count, Buffer *out) {
    if (!count)
        return;
    buffer_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            buffer_cstr(out, ", ");
        type_write(mono->program, types[i], out);
    }
    buffer_char(out, ']');
}

static void write_list_type(Mono *mono, TypeId type, Buffer *out) {
    if (type_is_lang(mono->program, type, LANG_LIST)) {
        buffer_cstr(out, "List");
        write_types(mono, type_get(mono->types, type)->args, 1, out);
    } else {
        type_write(mono->program, type, out);
    }
}

// The part before the method's name, and how many of the type arguments it has told already.
static uint32_t write_owner(Mono *mono, const Decl *decl, Subst subst, Buffer *out) {
    const Program *p = mono->program;
    if (decl->impl.v) {
        const Impl *impl = &p->impls.items[decl->impl.v];
        TypeId self = program_normalize(mono->program, type_subst(mono->types, impl->self, subst), NULL, 0);
        write_list_type(mono, self, out);
        return impl->type_param_count;
    }
    if (decl->parent.v && program_decl(p, decl->parent)->kind == DECL_TRAIT && subst.count) {
        write_list_type(mono, subst.args[0], out);
        return 1;
    }
    buffer_text(out, program_module(p, decl->module)->path);
    return 0;
}

static void write_function(Mono *mono, DeclId id, const TypeId *args, uint32_t count, Buffer *out) {
    const Decl *decl = program_decl(mono->program, id);
    uint32_t told = write_owner(mono, decl, function_subst(mono->program, id, args, count), out);
    buffer_char(out, '.');
    if (decl->kind == DECL_TEST)
        buffer_cstr(out, "test ");
    buffer_text(out, decl->name.v ? symbol(mono->program, decl->name) : TEXT("body"));
    if (count > told)
        write_types(mono, args + told, count - told, out);
}

static const char *finish(Mono *mono, Buffer *name) {
    const char *unique = mono_symbol_unique(mono, buffer_view(name));
    vec_free(name);
    return unique;
}

const char *mono_symbol(Mono *mono, DeclId id, const TypeId *args, uint32_t count) {
    Buffer name = {0};
    write_function(mono, id, args, count, &name);
    return finish(mono, &name);
}

const char *mono_symbol_closure(Mono *mono, DeclId outer, Subst subst) {
    Buffer name = {0};
    write_function(mono, outer, subst.args, subst.count, &name);
    buffer_cstr(&name, ".func");
    return finish(mono, &name);
}

const char *mono_symbol_glue(Mono *mono, GlueKind kind, TypeId type) {
    static const char *const NAMES[] = {
        [GLUE_DROP] = "drop",
        [GLUE_DROP_DEEP] = "drop_deep",
        [GLUE_COPY] = "copy",
        [GLUE_EQ] = "eq",
        [GLUE_HASH] = "hash",
        [GLUE_DEBUG] = "debug",
        [GLUE_VARIANT_NAME] = "variant_name",
        [GLUE_REPEAT] = "repeat",
        [GLUE_ORD] = "compare",
        [GLUE_DEFAULT] = "default",
        [GLUE_TO_JSON] = "to_json",
        [GLUE_FROM_JSON] = "from_json",
        [GLUE_DYN_DROP] = "dyn_drop",
        [GLUE_TASK] = "task",
        [GLUE_TASK_ISOLATED] = "task",
    };
    Buffer name = {0};
    // The type of a closure has no name, but backtraces lead through what a task runs: it is named after who spawns it.
    bool is_task = kind == GLUE_TASK || kind == GLUE_TASK_ISOLATED;
    const char *asks = is_task && mono->current ? jir_fn(mono->jir, (JirFnId){mono->current})->symbol : NULL;
    if (asks)
        buffer_cstr(&name, asks);
    else
        write_list_type(mono, type, &name);
    buffer_char(&name, '.');
    buffer_cstr(&name, NAMES[kind]);
    return finish(mono, &name);
}
