// janus-gen [--tasks] SEED: writes one program to standard output.
#include <stdlib.h>

#include "task.h"

static const char PRELUDE[] =
    "func mix(x: i64) -> i64 do\n    return (((x * 31 + 17) % 1009) + 1009) % 1009\nend\n\n"
    "func fold(a: i64, b: i64) -> i64 do\n    return (a * 31 + b) % 1009\nend\n\n"
    "func at(index: i64, len: i64) -> i64 do\n    return ((index % len) + len) % len\nend\n\n"
    "func check(n: i64) do\n    assert(n >= 0)\nend\n\n"
    "func pick_one[T](first: bool, own a: T, own b: T) -> T do\n"
    "    if first do\n        return a\n    end\n    return b\nend\n\n"
    "struct Cell[T] {\n    value: T,\n    count: i64,\n}\n\n"
    "error Fault { F0, F1, F2 }\n\n"
    "enum Tree {\n    Leaf(i64),\n    Node(Box[Tree], Box[Tree]),\n}\n\n"
    "func grow(depth: i64, seed: i64) -> Tree do\n"
    "    if depth <= 0 or mix(seed) % 5 == 0 do\n        return Tree.Leaf(mix(seed))\n    end\n"
    "    return Tree.Node(Box.new(grow(depth - 1, seed + 1)), Box.new(grow(depth - 1, seed + 2)))\nend\n\n"
    "func weigh(tree: Tree) -> i64 do\n    return match tree {\n        Leaf(x) => x,\n"
    "        Node(left, right) => fold(weigh(left), weigh(right)),\n    }\nend\n\n"
    "func mirror(own tree: Tree) -> Tree do\n    match tree {\n        Leaf(x) => return Tree.Leaf(x),\n"
    "        Node(left, right) => return Tree.Node(right, left),\n    }\nend\n\n"
    "func apply(f: func(i64) -> i64, x: i64) -> i64 do\n    return f(f(x))\nend\n\n"
    "trait Sized do\n    func size(self) -> i64\n    func double_size(self) -> i64 do\n"
    "        return self.size() * 2\n    end\nend\n\n"
    "impl Sized for i64 do\n    func size(self) -> i64 do\n        return mix(self)\n    end\nend\n\n"
    "impl Sized for String do\n    func size(self) -> i64 do\n        return self.len\n    end\nend\n\n"
    "impl[T: Sized] Sized for []T do\n    func size(self) -> i64 do\n        var sum = 0\n"
    "        for x in self do\n            sum = fold(sum, x.double_size())\n        end\n        return sum\n    "
    "end\nend\n\n"
    "func bigger[T: Sized](a: T, b: T) -> i64 do\n"
    "    return if a.size() > b.size() do a.double_size() else do b.double_size() end\nend\n\n";

// A panic in a task ends what others do at some place or other.
static const char RISK[] =
    "func risk(x: i64) -> i64 do\n    if mix(x) % 31 == 0 do\n        panic($\"risk {x}\")\n    end\n"
    "    return x\nend\n\n";
static const char NO_RISK[] = "func risk(x: i64) -> i64 do\n    return x\nend\n\n";

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

// A program without tasks, which prints all that it does.
static void sequential_program(Gen *g) {
    int count = g->full ? 2 + (int)pick(g, 6) : 1;
    for (int i = 0; i < count; i++) {
        func_write(g, i);
        caller_write(g, i);
    }
    main_write(g);
}

static void program_write(Gen *g, const char *seed) {
    types_init(g);
    line(g, "// janus-gen %s%s", g->tasks ? "--tasks " : "", seed);
    if (g->tasks)
        line(g, "import std.sync\n");
    put(g, "%s%s", PRELUDE, g->tasks ? NO_RISK : RISK);
    shapes_write(g);
    if (g->tasks) {
        tasks_prelude(g);
        for (int i = (int)pick(g, 3); i > 0; i--)
            func_write(g, g->func_count);
        tasks_program(g);
    } else {
        sequential_program(g);
    }
    line(g, "");
    helpers_write(g);
}

int main(int argc, char **argv) {
    bool has_tasks = argc == 3 && strcmp(argv[1], "--tasks") == 0;
    if (argc != 2 && !has_tasks) {
        fprintf(stderr, "usage: janus-gen [--tasks] SEED\n");
        return 2;
    }
    const char *seed = argv[argc - 1];
    static GenTasks tasks;
    Gen *g = calloc(1, sizeof *g);
    g->state = strtoull(seed, NULL, 10) * 0x2545f4914f6cdd1du + 1;
    g->full = chance(g, 4);
    g->tasks = has_tasks ? &tasks : NULL;
    program_write(g, seed);
    fwrite(g->out.items, 1, g->out.count, stdout);
    vec_free(&g->out);
    free(g);
    return 0;
}
