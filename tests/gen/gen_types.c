// Types, their declarations and helpers.
#include "gen.h"

static const char *const INTS[] = {"i64", "i32", "u8", "i16", "u32", "u64", "i8", "u16", "i128"};
enum { INT_COUNT = sizeof INTS / sizeof *INTS };

// ---- the table -----------------------------------------------------------------------------------------------------

static int type_add(Gen *g, GenType type) {
    for (int i = 0; i < g->type_count; i++) {
        const GenType *t = &g->types[i];
        if (t->kind == type.kind && t->name == type.name && t->a == type.a && t->b == type.b && t->shape == type.shape)
            return i;
    }
    if (g->type_count == MAX_TYPES)
        return g->i64_type;
    g->types[g->type_count] = type;
    return g->type_count++;
}

int type_of(Gen *g, Kind kind, int a, int b) {
    const GenType *first = &g->types[a], *second = &g->types[b];
    GenType type = {.kind = kind, .a = a, .b = b};
    type.has_drop = first->has_drop || second->has_drop;
    type.has_eq = first->has_eq && second->has_eq;
    type.cheap = kind != KIND_LIST && kind != KIND_MAP && kind != KIND_BOX && first->cheap && second->cheap;
    if (kind == KIND_MAP)
        type.has_eq = false;
    return type_add(g, type);
}

static int scalar_random(Gen *g) {
    switch (pick(g, 8)) {
    case 0: return g->bool_type;
    case 1: return g->float_type;
    case 2:
        return type_add(g,
                        (GenType){.kind = KIND_INT, .name = INTS[pick(g, INT_COUNT)], .cheap = true, .has_eq = true});
    case 3:
    case 4: return g->string_type;
    default: return g->i64_type;
    }
}

int type_random(Gen *g, int depth) {
    if (depth <= 0)
        return scalar_random(g);
    switch (pick(g, 12)) {
    case 0:
    case 1: {
        int item = type_random(g, depth - 1);
        return type_of(g, KIND_LIST, item, item);
    }
    case 2: {
        int item = type_random(g, depth - 1);
        if (g->types[item].kind == KIND_OPTION)
            return item;
        return type_of(g, KIND_OPTION, item, item);
    }
    case 3: {
        int a = type_random(g, depth - 1), b = type_random(g, depth - 1);
        return type_of(g, KIND_TUPLE, a, b);
    }
    case 4: {
        int value = type_random(g, depth - 1);
        return type_of(g, KIND_MAP, chance(g, 50) ? g->string_type : g->i64_type, value);
    }
    case 5: {
        int item = type_random(g, depth - 1);
        return type_of(g, KIND_CELL, item, item);
    }
    case 6:
    case 7:
    case 8:
        if (g->shape_count)
            return g->shapes[pick(g, (uint32_t)g->shape_count)].type;
        return scalar_random(g);
    default: return scalar_random(g);
    }
}

void type_name(Gen *g, int id) {
    const GenType *t = &g->types[id];
    switch (t->kind) {
    case KIND_INT: put(g, "%s", t->name); break;
    case KIND_BOOL: put(g, "bool"); break;
    case KIND_FLOAT: put(g, "f64"); break;
    case KIND_STRING: put(g, "String"); break;
    case KIND_LIST:
        put(g, "[]");
        type_name(g, t->a);
        break;
    case KIND_OPTION:
        put(g, "?");
        type_name(g, t->a);
        break;
    case KIND_TUPLE:
        put(g, "(");
        type_name(g, t->a);
        put(g, ", ");
        type_name(g, t->b);
        put(g, ")");
        break;
    case KIND_MAP:
        put(g, "Map[");
        type_name(g, t->a);
        put(g, ", ");
        type_name(g, t->b);
        put(g, "]");
        break;
    case KIND_BOX:
    case KIND_CELL:
        put(g, t->kind == KIND_BOX ? "Box[" : "Cell[");
        type_name(g, t->a);
        put(g, "]");
        break;
    case KIND_STRUCT: put(g, "S%d", t->shape); break;
    case KIND_ENUM: put(g, "E%d", t->shape); break;
    }
}

// ---- structs and enums ---------------------------------------------------------------------------------------------

static void shape_random(Gen *g, int index) {
    GenShape shape = {.is_enum = chance(g, 45)};
    shape.is_noisy = !shape.is_enum && chance(g, 25);
    shape.variant_count = shape.is_enum ? 2 + (int)pick(g, MAX_VARIANTS - 1) : 1;
    GenType type = {.kind = shape.is_enum ? KIND_ENUM : KIND_STRUCT, .shape = index, .cheap = !shape.is_noisy};
    type.has_drop = shape.is_noisy;
    type.has_eq = true;
    for (int v = 0; v < shape.variant_count; v++) {
        shape.field_counts[v] = shape.is_enum ? (int)pick(g, 3) : 1 + (int)pick(g, MAX_FIELDS);
        for (int f = 0; f < shape.field_counts[v]; f++) {
            int field = type_random(g, 2);
            if (shape.is_enum && g->types[field].kind == KIND_OPTION) // a name in a pattern would not match null
                field = g->types[field].a;
            shape.fields[v][f] = field;
            type.cheap = type.cheap && g->types[field].cheap;
            type.has_drop = type.has_drop || g->types[field].has_drop;
            type.has_eq = type.has_eq && g->types[field].has_eq;
        }
    }
    type.has_eq = type.has_eq && !type.has_drop;
    shape.type = type_add(g, type);
    g->shapes[index] = shape;
    g->shape_count = index + 1;
}

void types_init(Gen *g) {
    g->i64_type = type_add(g, (GenType){.kind = KIND_INT, .name = INTS[0], .cheap = true, .has_eq = true});
    g->bool_type = type_add(g, (GenType){.kind = KIND_BOOL, .cheap = true, .has_eq = true});
    g->string_type = type_add(g, (GenType){.kind = KIND_STRING, .cheap = true, .has_eq = true});
    g->float_type = type_add(g, (GenType){.kind = KIND_FLOAT, .cheap = true});
    int count = g->full ? 2 + (int)pick(g, 5) : 1 + (int)pick(g, 2);
    for (int i = 0; i < count; i++)
        shape_random(g, i);
}

static void struct_write(Gen *g, int index, const GenShape *shape) {
    line(g, "struct S%d {", index);
    for (int f = 0; f < shape->field_counts[0]; f++) {
        put(g, "    f%d: ", f);
        type_name(g, shape->fields[0][f]);
        put(g, ",\n");
    }
    line(g, "}\n");
    if (!shape->is_noisy)
        return;
    line(g, "impl Drop for S%d do", index);
    line(g, "    func drop(mut self) do");
    line(g, g->tasks ? "        check(%d + digest_t%d(self))" : "        println(\"drop S%d \", digest_t%d(self))",
         index, shape->type);
    line(g, "    end\nend\n");
}

static void enum_write(Gen *g, int index, const GenShape *shape) {
    line(g, "enum E%d {", index);
    for (int v = 0; v < shape->variant_count; v++) {
        put(g, "    V%d", v);
        for (int f = 0; f < shape->field_counts[v]; f++) {
            put(g, f ? ", " : "(");
            type_name(g, shape->fields[v][f]);
        }
        put(g, shape->field_counts[v] ? "),\n" : ",\n");
    }
    line(g, "}\n");
}

void shapes_write(Gen *g) {
    for (int i = 0; i < g->shape_count; i++) {
        if (g->shapes[i].is_enum)
            enum_write(g, i, &g->shapes[i]);
        else
            struct_write(g, i, &g->shapes[i]);
    }
}

// ---- helpers -------------------------------------------------------------------------------------------------------

static void make_shape(Gen *g, const GenType *t) {
    const GenShape *shape = &g->shapes[t->shape];
    for (int v = 0; v < shape->variant_count; v++) {
        bool last = v + 1 == shape->variant_count;
        if (!last)
            line(g, "    if mix(seed) %% %d == %d do", shape->variant_count, v);
        open_line(g);
        put(g, last ? "    return " : "        return ");
        if (shape->is_enum)
            put(g, "E%d.V%d", t->shape, v);
        else
            put(g, "S%d {", t->shape);
        for (int f = 0; f < shape->field_counts[v]; f++) {
            put(g, f ? ", " : shape->is_enum ? "(" : " ");
            if (!shape->is_enum)
                put(g, "f%d: ", f);
            put(g, "make_t%d(seed + %d)", shape->fields[v][f], f + 1);
        }
        put(g, shape->is_enum ? (shape->field_counts[v] ? ")\n" : "\n") : " }\n");
        if (!last)
            line(g, "    end");
    }
}

static void make_int(Gen *g, const GenType *t) {
    bool is_signed = t->name[0] == 'i', narrow = strcmp(t->name + 1, "8") == 0;
    if (narrow)
        line(g, "    return (mix(seed) %% 200%s) as %s", is_signed ? " - 100" : "", t->name);
    else
        line(g, "    return (mix(seed)%s) as %s", is_signed ? " - 500" : "", t->name);
}

static void make_helper(Gen *g, int id) {
    const GenType *t = &g->types[id];
    put(g, "func make_t%d(seed: i64) -> ", id);
    type_name(g, id);
    put(g, " do\n");
    switch (t->kind) {
    case KIND_INT: make_int(g, t); break;
    case KIND_BOOL: line(g, "    return mix(seed) %% 2 == 0"); break;
    case KIND_FLOAT: line(g, "    return (mix(seed) as f64) / 8.0 - 40.0"); break;
    case KIND_STRING:
        line(g, "    if mix(seed) %% 4 == 0 do\n        return \"text\"\n    end");
        line(g, "    return $\"s{mix(seed)}\"");
        break;
    case KIND_LIST:
        open_line(g);
        put(g, "    var items: ");
        type_name(g, id);
        put(g, " = []\n");
        line(g, "    for i in 0..mix(seed) %% 4 do\n        items.push(make_t%d(seed + i))\n    end", t->a);
        line(g, "    return items");
        break;
    case KIND_OPTION:
        line(g, "    if mix(seed) %% 3 == 0 do\n        return null\n    end");
        line(g, "    return make_t%d(seed + 1)", t->a);
        break;
    case KIND_TUPLE: line(g, "    return (make_t%d(seed), make_t%d(seed + 1))", t->a, t->b); break;
    case KIND_MAP:
        open_line(g);
        put(g, "    var map = ");
        type_name(g, id);
        put(g, ".new()\n");
        line(g,
             "    for i in 0..mix(seed) %% 4 do\n        map.insert(make_t%d(seed + i), make_t%d(seed + i))\n    end",
             t->a, t->b);
        line(g, "    return map");
        break;
    case KIND_BOX: line(g, "    return Box.new(make_t%d(seed))", t->a); break;
    case KIND_CELL: line(g, "    return Cell { value: make_t%d(seed), count: mix(seed) }", t->a); break;
    case KIND_STRUCT:
    case KIND_ENUM: make_shape(g, t); break;
    }
    line(g, "end\n");
}

static void digest_shape(Gen *g, const GenType *t) {
    const GenShape *shape = &g->shapes[t->shape];
    if (!shape->is_enum) {
        line(g, "    var sum = %d", t->shape);
        for (int f = 0; f < shape->field_counts[0]; f++)
            line(g, "    sum = fold(sum, digest_t%d(value.f%d))", shape->fields[0][f], f);
        line(g, "    return sum");
        return;
    }
    line(g, "    match value {");
    for (int v = 0; v < shape->variant_count; v++) {
        put(g, "        V%d", v);
        for (int f = 0; f < shape->field_counts[v]; f++)
            put(g, "%sx%d", f ? ", " : "(", f);
        put(g, "%s => return ", shape->field_counts[v] ? ")" : "");
        for (int f = 0; f < shape->field_counts[v]; f++)
            put(g, "fold(");
        put(g, "%d", v + 3);
        for (int f = 0; f < shape->field_counts[v]; f++)
            put(g, ", digest_t%d(x%d))", shape->fields[v][f], f);
        put(g, ",\n");
    }
    line(g, "    }");
}

static void digest_helper(Gen *g, int id) {
    const GenType *t = &g->types[id];
    put(g, "func digest_t%d(value: ", id);
    type_name(g, id);
    put(g, ") -> i64 do\n");
    switch (t->kind) {
    case KIND_INT:
        if (t->name[0] == 'u')
            line(g, "    return (value %% %d) as i64", strcmp(t->name, "u8") == 0 ? 251 : LIMIT);
        else if (strcmp(t->name, "i8") == 0)
            line(g, "    return (value as i64) + 128");
        else
            line(g, "    return ((value %% %d) as i64 + %d) %% %d", LIMIT, LIMIT, LIMIT);
        break;
    case KIND_BOOL: line(g, "    return if value do 5 else do 3 end"); break;
    case KIND_FLOAT:
        line(g, "    return if value < 0.0 do 7 else if value < 1000000.0 do value as i64 %% %d else do 11 end", LIMIT);
        break;
    case KIND_STRING:
        line(g, "    var sum = value.len");
        line(g, "    for b in value.bytes() do\n        sum = fold(sum, b as i64)\n    end\n    return sum %% %d",
             LIMIT);
        break;
    case KIND_LIST:
        line(g, "    var sum = value.len");
        line(g, "    for x in value do\n        sum = fold(sum, digest_t%d(x))\n    end\n    return sum %% %d", t->a,
             LIMIT);
        break;
    case KIND_OPTION:
        line(g, "    match value {\n        null => return 1,\n        x => return fold(2, digest_t%d(x)),\n    }",
             t->a);
        break;
    case KIND_TUPLE: line(g, "    return fold(digest_t%d(value.0), digest_t%d(value.1))", t->a, t->b); break;
    case KIND_MAP:
        line(g, "    var sum = value.len");
        line(g,
             "    for k, v in value do\n        sum = fold(fold(sum, digest_t%d(k)), digest_t%d(v))\n    end\n    "
             "return sum %% %d",
             t->a, t->b, LIMIT);
        break;
    case KIND_BOX: line(g, "    return digest_t%d(value)", t->a); break;
    case KIND_CELL: line(g, "    return fold(value.count, digest_t%d(value.value))", t->a); break;
    case KIND_STRUCT:
    case KIND_ENUM: digest_shape(g, t); break;
    }
    line(g, "end\n");
}

void helpers_write(Gen *g) {
    for (; g->helpers_done < g->type_count; g->helpers_done++) {
        make_helper(g, g->helpers_done);
        digest_helper(g, g->helpers_done);
    }
}
