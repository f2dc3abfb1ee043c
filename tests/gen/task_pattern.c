// Patterns: functions whose tasks wait for each other. Their texts have holes that chance fills:
//     $T   the name of a type of values, drawn once for each pattern; $M its make_tN, $D its digest_tN
//     $[2-5]   a number, drawn for each
//     $?   at the beginning of a line: the line is left out half of the time
//     $|   at the beginning of lines that follow each other: one of them stays
#include "task_pattern.h"

#include <stdlib.h>

// ---- channels ------------------------------------------------------------------------------------------------------

// One sender, so the order of the values is known to the end.
static const char PIPELINE[] = "    let first = Channel[$T].new(capacity: $[0-3])\n"
                               "    nursery |n| do\n"
                               "        var source = first\n"
                               "        for stage in 0..$[1-4] do\n"
                               "            let from = source\n"
                               "            let to = Channel[$T].new(capacity: $[0-2])\n"
                               "            source = to\n"
                               "            n.spawn(func() do\n"
                               "$|                while let v = from.next() do\n"
                               "$|                for v in from do\n"
                               "$?                    yield() when stage % 2 == 0\n"
                               "                    to.send(v)\n"
                               "                end\n"
                               "                to.close()\n"
                               "                eprintln(\"stage \", stage)\n"
                               "            end)\n"
                               "        end\n"
                               "        n.spawn(func() do\n"
                               "$?            defer first.close()\n"
                               "            for i in 0..$[0-6] do\n"
                               "                first.send($M(seed + i))\n"
                               "$?                sleep(1ms) when i == 2\n"
                               "            end\n"
                               "            first.close()\n"
                               "        end)\n"
                               "        for v in source do\n"
                               "            seen = fold(seen, $D(v))\n"
                               "        end\n"
                               "    end\n";

static const char WORKERS[] = "    let jobs = Channel[i64].new(capacity: $[0-4])\n"
                              "    let results = Channel[$T].new(capacity: $[0-4])\n"
                              "    let count = $[0-9]\n"
                              "    var sum = 0\n"
                              "    var done: Set[i64] = Set.new()\n"
                              "    nursery |n| do\n"
                              "        n.spawn(func() do\n"
                              "$|            nursery |w| do\n"
                              "$|            nursery(limit: $[1-3]) |w| do\n"
                              "                for worker in 0..$[1-4] do\n"
                              "                    w.spawn(func() do\n"
                              "                        for job in jobs do\n"
                              "                            sum += job\n"
                              "$?                            done.insert(job)\n"
                              "$?                            yield()\n"
                              "                            results.send($M(job))\n"
                              "                            eprintln(worker, \" did \", job)\n"
                              "                        end\n"
                              "                    end)\n"
                              "                end\n"
                              "            end\n"
                              "            results.close()\n"
                              "        end)\n"
                              "        n.spawn(func() do\n"
                              "            for job in 0..count do\n"
                              "                jobs.send(job)\n"
                              "            end\n"
                              "            jobs.close()\n"
                              "        end)\n"
                              "        for result in results do\n"
                              "            seen += $D(result)\n"
                              "        end\n"
                              "    end\n"
                              "    assert_eq(sum, count * (count - 1) / 2)\n"
                              "    assert(done.len == count or done.len == 0)\n";

// What one sender sent comes in its order; select is fair, so nobody is asked twice as often for ever.
static const char SELECTS[] = "    let left = Channel[i64].new(capacity: $[0-2])\n"
                              "    let right = Channel[i64].new(capacity: $[0-2])\n"
                              "    let things = Channel[$T].new(capacity: $[0-1])\n"
                              "    let count = $[1-8]\n"
                              "    nursery |n| do\n"
                              "        n.spawn(func() do\n"
                              "            for i in 0..count do\n"
                              "                left.send(i)\n"
                              "            end\n"
                              "        end)\n"
                              "        n.spawn(func() do\n"
                              "            for i in 0..count do\n"
                              "                right.send(i)\n"
                              "$?                yield()\n"
                              "            end\n"
                              "        end)\n"
                              "        n.spawn(func() do\n"
                              "            for i in 0..count do\n"
                              "                let value = $M(i)\n"
                              "                var is_sent = false\n"
                              "                while not is_sent do\n"
                              "                    select do\n"
                              "                        send things, $M(i) do\n"
                              "                            is_sent = true\n"
                              "                        end\n"
                              "$|                        default do\n"
                              "$|                        after 1ms do\n"
                              "                            yield()\n"
                              "                        end\n"
                              "                    end\n"
                              "                end\n"
                              "                check($D(value))\n"
                              "            end\n"
                              "        end)\n"
                              "        var from_left = 0\n"
                              "        var from_right = 0\n"
                              "        var got = 0\n"
                              "        while from_left + from_right + got < count * 3 do\n"
                              "            select do\n"
                              "                recv left |v| do\n"
                              "                    assert_eq(v, from_left)\n"
                              "                    from_left += 1\n"
                              "                end\n"
                              "                recv right |v| do\n"
                              "                    assert_eq(v, from_right)\n"
                              "                    from_right += 1\n"
                              "                    eprintln(\"right \", v)\n"
                              "                end\n"
                              "                recv things |v| do\n"
                              "                    seen = fold(seen, $D(v))\n"
                              "                    got += 1\n"
                              "                end\n"
                              "$?                closed left do\n"
                              "$?                    panic(\"nobody closes it\")\n"
                              "$?                end\n"
                              "            end\n"
                              "        end\n"
                              "    end\n";

static const char SEND_ARMS[] = "    let a = Channel[i64].new(capacity: $[0-2])\n"
                                "    let b = Channel[i64].new(capacity: $[0-2])\n"
                                "    let count = $[1-12]\n"
                                "    var sum = 0\n"
                                "    nursery |n| do\n"
                                "        n.spawn(func() do\n"
                                "            for v in a do\n"
                                "                sum += v\n"
                                "            end\n"
                                "        end)\n"
                                "        n.spawn(func() do\n"
                                "            var is_open = true\n"
                                "            while is_open do\n"
                                "                select do\n"
                                "                    recv b |v| do\n"
                                "                        sum += v\n"
                                "                    end\n"
                                "                    closed b do\n"
                                "                        is_open = false\n"
                                "                    end\n"
                                "                end\n"
                                "            end\n"
                                "        end)\n"
                                "        for i in 0..count do\n"
                                "            select do\n"
                                "                send a, i do\n"
                                "                    eprintln(\"a \", i)\n"
                                "                end\n"
                                "                send b, i do\n"
                                "                    yield()\n"
                                "                end\n"
                                "            end\n"
                                "        end\n"
                                "        a.close()\n"
                                "        b.close()\n"
                                "    end\n"
                                "    assert_eq(sum, count * (count - 1) / 2)\n"
                                "    seen += sum\n";

// Never closed: the service ends when its clients are gone.
static const char SERVICE[] = "    let requests = Channel[(i64, Channel[$T])].new(capacity: $[0-2])\n"
                              "    nursery |n| do\n"
                              "        n.spawn(func() do\n"
                              "            for request in requests do\n"
                              "                request.1.send($M(request.0))\n"
                              "            end\n"
                              "            panic(\"not reached\")\n"
                              "        end)\n"
                              "        for client in 0..$[1-5] do\n"
                              "            n.spawn(func() do\n"
                              "                let answer = Channel[$T].new(capacity: $[0-1])\n"
                              "                for i in 0..$[1-3] do\n"
                              "                    requests.send((i + client, answer))\n"
                              "                    assert_eq($D(answer.recv()), $D($M(i + client)))\n"
                              "$?                    sleep(1ms) when i == 1\n"
                              "                end\n"
                              "            end)\n"
                              "        end\n"
                              "    end\n";

static const char FAN_OUT[] = "    let values = Channel[$T].new(capacity: $[0-3])\n"
                              "    let senders = $[1-4]\n"
                              "    var received = 0\n"
                              "    nursery |n| do\n"
                              "        send_all(n, values, senders, seed)\n"
                              "        for receiver in 0..$[1-3] do\n"
                              "            n.spawn(func() do\n"
                              "                loop do\n"
                              "                    let v = values.next() ?? do\n"
                              "                        break\n"
                              "                    end\n"
                              "                    received += $D(v) * 0 + 1\n"
                              "                    yield() when receiver == 1\n"
                              "                end\n"
                              "            end)\n"
                              "        end\n"
                              "    end\n"
                              "    assert_eq(received, senders)\n";

// ---- what is shared ------------------------------------------------------------------------------------------------

static const char LOCKED[] = "    let number = Mutex.new(0)\n"
                             "    let things = Mutex.new([$M(seed)])\n"
                             "    let tasks = $[1-5]\n"
                             "    let rounds = $[1-4]\n"
                             "    nursery |n| do\n"
                             "        for task in 0..tasks do\n"
                             "            n.spawn(func() do\n"
                             "                for round in 0..rounds do\n"
                             "                    if (task + round) % 3 == 0 do\n"
                             "                        number.with(|mut x| x += 1)\n"
                             "                    else if (task + round) % 3 == 1 do\n"
                             "                        var guard = number.lock()\n"
                             "                        let next = guard.get() + 1\n"
                             "$?                        yield()\n"
                             "$?                        sleep(1ms) when round == 0\n"
                             "                        guard.set(next)\n"
                             "                    else\n"
                             "                        var is_done = false\n"
                             "                        while not is_done do\n"
                             "                            if let mut guard = number.try_lock() do\n"
                             "                                let now = guard.get() + 1\n"
                             "                                guard.set(now)\n"
                             "                                is_done = true\n"
                             "                            end\n"
                             "                            yield()\n"
                             "                        end\n"
                             "                    end\n"
                             "                    things.with(|mut list| list.push($M(task)))\n"
                             "                    eprintln(\"locked \", task)\n"
                             "                end\n"
                             "            end)\n"
                             "        end\n"
                             "    end\n"
                             "    assert_eq(number.with(|x| x + 0), tasks * rounds)\n"
                             "    let all = things.take_if_last() ?? []\n"
                             "    assert_eq(all.len, tasks * rounds + 1)\n"
                             "    for thing in all do\n"
                             "        seen += $D(thing)\n"
                             "    end\n";

static const char COUNTED[] = "    let sum = Atomic(i64).new(0)\n"
                              "    let most = Atomic(i64).new(0)\n"
                              "    let bits = Atomic(u64).new(0)\n"
                              "    let wins = Atomic(i64).new(0)\n"
                              "    let is_first = Atomic(bool).new(true)\n"
                              "    let tasks = $[1-6]\n"
                              "    nursery |n| do\n"
                              "        for task in 0..tasks do\n"
                              "            n.spawn(func() do\n"
                              "                for i in 0..$[1-9] do\n"
                              "                    sum.fetch_add(i)\n"
                              "                    sum.update(|x| x + task)\n"
                              "$?                    yield()\n"
                              "                    var old = sum.load()\n"
                              "                    while not sum.compare_exchange(old, old + 2) do\n"
                              "                        old = sum.load()\n"
                              "                    end\n"
                              "                    most.fetch_max(mix(task + i))\n"
                              "                    bits.fetch_xor(1 << (i as u64))\n"
                              "                end\n"
                              "                wins.fetch_add(1) when is_first.swap(false)\n"
                              "            end)\n"
                              "        end\n"
                              "    end\n"
                              "    assert_eq(wins.load(), 1)\n"
                              "    seen += sum.load() + most.load() + (bits.load() as i64)\n";

static const char BOUNDED[] = "    let permits = $[1-4]\n"
                              "    let slots = sync.Semaphore.new(permits)\n"
                              "    let inside = Atomic(i64).new(0)\n"
                              "    let most = Atomic(i64).new(0)\n"
                              "    nursery(limit: $[1-8]) |n| do\n"
                              "        for task in 0..$[1-8] do\n"
                              "            n.spawn(func() do\n"
                              "                let wanted = 1 + task % permits\n"
                              "                let held = slots.acquire(wanted)\n"
                              "                most.fetch_max(inside.fetch_add(held.count()) + wanted)\n"
                              "$|                yield()\n"
                              "$|                sleep(1ms)\n"
                              "                inside.fetch_sub(wanted)\n"
                              "            end)\n"
                              "        end\n"
                              "    end\n"
                              "    assert(most.load() <= permits)\n"
                              "    assert_eq(slots.available(), permits)\n";

static const char TOGETHER[] = "    let tasks = $[1-5]\n"
                               "    let rounds = $[1-4]\n"
                               "    let barrier = sync.Barrier.new(tasks)\n"
                               "    let once = sync.Once[$T].new()\n"
                               "    let arrived = Atomic(i64).new(0)\n"
                               "    let made = Atomic(i64).new(0)\n"
                               "    nursery |n| do\n"
                               "        for task in 0..tasks do\n"
                               "            n.spawn(func() do\n"
                               "                for round in 0..rounds do\n"
                               "                    arrived.fetch_add(1)\n"
                               "                    let _ = barrier.wait()\n"
                               "                    assert(arrived.load() >= (round + 1) * tasks)\n"
                               "                    let _ = barrier.wait()\n"
                               "                end\n"
                               "                let it = once.get_or_init(func() do\n"
                               "                    made.fetch_add(1)\n"
                               "$?                    yield()\n"
                               "                    return $M(seed)\n"
                               "                end)\n"
                               "                assert_eq($D(it), $D($M(seed)))\n"
                               "                eprintln(\"together \", task)\n"
                               "            end)\n"
                               "        end\n"
                               "    end\n"
                               "    assert_eq(made.load(), 1)\n"
                               "    seen += arrived.load()\n";

// At most so many at a time; and a tree of tasks, each with a nursery of its own.
static const char LIMITED[] = "    let limit = $[1-4]\n"
                              "    let inside = Atomic(i64).new(0)\n"
                              "    let most = Atomic(i64).new(0)\n"
                              "    var results: []$T = []\n"
                              "    nursery(limit: limit) |n| do\n"
                              "        for task in 0..$[1-9] do\n"
                              "            n.spawn(func() do\n"
                              "                most.fetch_max(inside.fetch_add(1) + 1)\n"
                              "                defer inside.fetch_sub(1)\n"
                              "$|                yield()\n"
                              "$|                sleep(1ms) when task % 2 == 0\n"
                              "                results.push($M(task + seed))\n"
                              "                return when task == 3\n"
                              "                eprintln(\"limited \", task)\n"
                              "            end)\n"
                              "        end\n"
                              "    end\n"
                              "    assert(most.load() <= limit)\n"
                              "    for result in results do\n"
                              "        seen = fold(seen, $D(result))\n"
                              "    end\n"
                              "    seen += tree($[0-4], seed)\n";

const Pattern WAITING_PATTERNS[] = {
    {PIPELINE, ANY_TYPE}, {WORKERS, ANY_TYPE},  {SELECTS, ANY_TYPE}, {SEND_ARMS, ANY_TYPE},
    {SERVICE, ANY_TYPE},  {FAN_OUT, TEXTS},     {LOCKED, ANY_TYPE},  {COUNTED, ANY_TYPE},
    {BOUNDED, ANY_TYPE},  {TOGETHER, ANY_TYPE}, {LIMITED, ANY_TYPE},
};
const int WAITING_COUNT = sizeof WAITING_PATTERNS / sizeof *WAITING_PATTERNS;

// ---- writing -------------------------------------------------------------------------------------------------------

// Writes a line's text, up to its end, with what belongs into the holes.
static const char *fill(Gen *g, const char *at, int type) {
    for (; *at && *at != '\n'; at++) {
        if (*at != '$') {
            buffer_char(&g->out, *at);
            continue;
        }
        char *end;
        switch (*++at) {
        case 'T': type_name(g, type); break;
        case 'M': put(g, "make_t%d", type); break;
        case 'D': put(g, "digest_t%d", type); break;
        case '[': {
            long low = strtol(at + 1, &end, 10), high = strtol(end + 1, &end, 10);
            put(g, "%ld", low + (long)pick(g, (uint32_t)(high - low + 1)));
            at = end;
            break;
        }
        default: put(g, "$%c", *at); break; // of a text with values in it
        }
    }
    buffer_char(&g->out, '\n');
    return *at ? at + 1 : at;
}

static const char *skip(const char *at) {
    const char *end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
}

static bool is_marked(const char *at, char mark) {
    return at[0] == '$' && at[1] == mark;
}

// Lines that follow each other with `$?` are kept or left out together.
static const char *optional_lines(Gen *g, const char *at, int type) {
    bool is_kept = chance(g, 50);
    while (is_marked(at, '?'))
        at = is_kept ? fill(g, at + 2, type) : skip(at);
    return at;
}

static const char *one_of_lines(Gen *g, const char *at, int type) {
    const char *line = at;
    uint32_t count = 0;
    for (; is_marked(line, '|'); line = skip(line))
        count++;
    for (uint32_t chosen = pick(g, count); chosen > 0; chosen--)
        at = skip(at);
    fill(g, at + 2, type);
    return line;
}

static const Pattern *pattern_at(int index) {
    return index < WAITING_COUNT ? &WAITING_PATTERNS[index] : &LEAVING_PATTERNS[index - WAITING_COUNT];
}

int patterns_count(void) {
    return WAITING_COUNT + LEAVING_COUNT;
}

void pattern_write(Gen *g, int index) {
    const Pattern *p = pattern_at(index);
    int type = p->type == TEXTS ? g->string_type : type_random(g, 2);
    if (p->type == NO_OPTION && g->types[type].kind == KIND_OPTION)
        type = g->types[type].a;
    line(g, "func pattern%d(seed: i64) -> i64 do", index);
    line(g, "    var seen = mix(seed)");
    for (const char *at = p->text; *at;) {
        if (is_marked(at, '?'))
            at = optional_lines(g, at, type);
        else if (is_marked(at, '|'))
            at = one_of_lines(g, at, type);
        else
            at = fill(g, at, type);
    }
    line(g, "    return seen");
    line(g, "end\n");
}
