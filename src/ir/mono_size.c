// Values larger than memory: arrays whose length only an instance shows, and arrays of large values.
#include "ir/mono_internal.h"

static const float SIZE_LIMIT = 140737488355328.0f; // 2^47 bytes: what one can have an address for
static const double LENGTH_LIMIT = 1099511627776.0; // 2^40, as of array_length.c

static float size_about(Mono *mono, TypeId type);

// Parts are padded to at most 16 bytes; that a variant takes the place of another is of no matter here.
static float size_compute(Mono *mono, TypeId type) {
    const Type *t = type_get(mono->types, type);
    float sum = 0;
    if (t->kind == TY_ARRAY)
        return (double)t->count > LENGTH_LIMIT ? 2 * SIZE_LIMIT : (float)t->count * size_about(mono, t->args[0]);
    if (type_kind_is_integer(t->kind) || type_kind_is_float(t->kind))
        return (float)type_kind_bits(t->kind) / 8;
    PartWalk walk = {0};
    TypeId part;
    while (mono_next_part(mono, type, &walk, &part))
        sum += size_about(mono, part);
    return sum > 0 ? sum : 8;
}

static float size_about(Mono *mono, TypeId type) {
    uint32_t bits;
    float size;
    if (map_get(&mono->sizes, type.v, &bits)) {
        memcpy(&size, &bits, sizeof size);
        return size;
    }
    size = size_compute(mono, type);
    memcpy(&bits, &size, sizeof bits);
    map_set(&mono->sizes, type.v, bits);
    return size;
}

bool mono_check_sizes(Mono *mono, const JirFn *fn) {
    for (uint32_t i = 0; i < fn->locals.count; i++) {
        TypeId type = fn->locals.items[i].type;
        TypeKind kind = type_get(mono->types, type)->kind;
        bool is_small = kind == TY_REF || kind == TY_POINTER || kind <= TY_F64;
        if (is_small || size_about(mono, type) <= SIZE_LIMIT)
            continue;
        Program *p = mono->program;
        Span place = fn->decl.v ? decl_span(p, fn->decl) : (Span){0};
        Report *report = diag_report(p->diags, DIAG_E0352, mono_origin(mono, place), "a `%.*s` is larger than memory",
                                     TEXT_ARG(type_text(p, type)));
        report_label(report, "asks for one");
        mono_note_way(mono, report);
        report_help(report, "a length is at least 0, and a list `[]T` takes only the memory it needs");
        mono->failed = true;
        return false;
    }
    return true;
}
