// janus-gen SEED: writes one program to standard output.
#include <stdlib.h>

#include "gen.h"

static const char PRELUDE[] =
    "func mix(x: i64) -> i64 do\n    return (((x * 31 + 17) % 1009) + 1009) % 1009\nend\n\n"
    "func fold(a: i64, b: i64) -> i64 do\n    return (a * 31 + b) % 1009\nend\n\n"
    "func at(index: i64, len: i64) -> i64 do\n    return ((index % len) + len) % len\nend\n\n"
    "func check(n: i64) do\n    assert(n >= 0)\nend\n\n"
    "func pick_one[T](first: bool, own a: T, own b: T) -> T do\n"
    "    if first do\n        return a\n    end\n    return b\nend\n\n"
    "struct Cell[T] {\n    value: T,\n    count: i64,\n}\n\n"
    "error Fault { F0, F1, F2 }\n\n";

// Calls of each function from main, whatever its parameters are: values made from a seed.
static void caller_write(Gen *g, int index) {
    const GenFunc *f = &g->funcs[index];
    line(g, "func call_f%d(seed: i64) -> i64 do", index);
    for (int i = 0; i < f->param_count; i++) {
        open_line(g);
        put(g, "    %s a%d: ", f->passes[i] == PASS_MUT ? "var" : "let", i);
        type_name(g, f->params[i]);
        put(g, " = make_t%d(seed + %d)\n", f->params[i], i);
    }
    open_line(g);
    put(g, "    let result = f%d(", index);
    for (int i = 0; i < f->param_count; i++)
        put(g, "%s%sa%d", i ? ", " : "", f->passes[i] == PASS_MUT ? "mut " : "", i);
    put(g, ")");
    if (f->can_fail)
        put(g, " catch |err| do\n        println(err)\n        return 1\n    end");
    put(g, "\n");
    for (int i = 0; i < f->param_count; i++)
        if (f->passes[i] != PASS_OWN)
            line(g, "    println(\"a%d \", digest_t%d(a%d))", i, f->params[i], i);
    line(g, "    return digest_t%d(result)\nend\n", f->result);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: janus-gen SEED\n");
        return 2;
    }
    Gen *g = calloc(1, sizeof *g);
    g->state = strtoull(argv[1], NULL, 10) * 0x2545f4914f6cdd1du + 1;
    types_init(g);
    line(g, "// janus-gen %s", argv[1]);
    put(g, "%s", PRELUDE);
    shapes_write(g);
    int count = 2 + (int)pick(g, 6);
    for (int i = 0; i < count; i++) {
        func_write(g, i);
        caller_write(g, i);
    }
    main_write(g);
    line(g, "");
    helpers_write(g);
    fwrite(g->out.items, 1, g->out.count, stdout);
    vec_free(&g->out);
    free(g);
    return 0;
}
