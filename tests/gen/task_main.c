// The whole of a program with tasks.
#include "task.h"

#include <stdlib.h>

static const char PRELUDE[] =
    "error Broken {\n    Named { text: String },\n}\n\n"
    "struct Steps {\n    mul: i64,\n    add: i64,\n}\n\n"
    "impl Merge for Steps do\n    func identity() -> Steps do\n        return Steps { mul: 1, add: 0 }\n    end\n\n"
    "    func merge(mut self, own other: Steps) do\n"
    "        self.add = (self.add * other.mul + other.add) % 1009\n"
    "        self.mul = self.mul * other.mul % 1009\n    end\nend\n\n"
    "struct Tracked {\n    id: i64,\n    live: Atomic[i64],\n}\n\n"
    "impl Drop for Tracked do\n    func drop(mut self) do\n        self.live.fetch_sub(1)\n    end\nend\n\n"
    "func track(id: i64, live: Atomic[i64]) -> Tracked do\n"
    "    live.fetch_add(1)\n    return Tracked { id: id, live: live }\nend\n\n"
    "func spin(x: i64) do\n    var y = x\n    while y >= 0 do\n        y = mix(y)\n    end\nend\n\n"
    "func tree(depth: i64, seed: i64) -> i64 do\n    if depth == 0 do\n        return mix(seed)\n    end\n"
    "    var leaves = 0\n    nursery |n| do\n        for i in 0..2 do\n            n.spawn(func() do\n"
    "                leaves += tree(depth - 1, seed + i)\n            end)\n        end\n    end\n"
    "    return leaves\nend\n\n"
    "func send_all(n: Nursery, out: Channel[String], count: i64, seed: i64) do\n"
    "    let left = Atomic(i64).new(count)\n"
    "    for i in 0..count do\n        n.spawn(func() do\n            out.send($\"{seed} {i}\")\n"
    "            out.close() when left.fetch_sub(1) == 1\n        end)\n    end\nend\n\n";

void tasks_prelude(Gen *g) {
    put(g, "%s", PRELUDE);
}

static void call(Gen *g, const char *kind, int index, bool can_fail) {
    line(g, "println(\"%s%d \", %s%d(%u)%s)", kind, index, kind, index, pick(g, 200), can_fail ? " catch -1" : "");
}

// A panic of a task ends the program, and what was printed before is all there is.
static void panic_at_the_end(Gen *g) {
    line(g, "let live = Atomic(i64).new(0)");
    line(g, "nursery |n| do");
    line(g, "    for task in 0..%u do", 1 + pick(g, 4));
    line(g, "        let mine = track(task, live)");
    line(g, "        n.spawn(func() do");
    line(g, "            sleep(1ms) when mine.id %% 2 == 0");
    line(g, "            panic(\"at the end\")");
    line(g, "        end)");
    line(g, "    end");
    line(g, "    sleep(1000s)");
    line(g, "end");
    line(g, "println(\"not reached\")");
}

void tasks_program(Gen *g) {
    int scenes = 1 + (int)pick(g, g->full ? 3 : 2), patterns = 1 + (int)pick(g, 3);
    int chosen[3];
    for (int i = 0; i < scenes; i++)
        scene_write(g, i);
    g->current = NULL;
    for (int i = 0; i < patterns; i++) {
        chosen[i] = (int)pick(g, (uint32_t)patterns_count());
        for (int j = 0; j < i; j++)
            if (chosen[j] == chosen[i])
                patterns = i;
        if (i < patterns)
            pattern_write(g, chosen[i]);
    }
    line(g, "func main() do");
    g->indent++;
    for (int i = 0; i < scenes; i++)
        call(g, "scene", i, g->tasks->scene_fails[i]);
    for (int i = 0; i < patterns; i++)
        call(g, "pattern", chosen[i], false);
    if (chance(g, 6))
        panic_at_the_end(g);
    g->indent--;
    line(g, "end\n");
}
