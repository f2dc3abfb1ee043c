# How tasks capture variables, why, and what the order of tasks decides.
# rule: tasks.explain tasks.deterministic tasks.deterministic.open tasks.deterministic.outside
$ cat > modes.jan <<'END_'
> func count(text: String) -> i64 do
>     yield()
>     return text.split(" ").len
> end
>
> func all(texts: []String, own names: []String) -> []i64 do
>     var totals: []i64 = []
>     var out = [0, 0]
>     var last = 0
>     let most = 2
>     nursery |n| do
>         for text in texts do
>             n.spawn(func() do
>                 totals.push(count(text) + names.len)
>             end)
>         end
>         for i in 0..most do
>             n.spawn(func() do
>                 out[i] = i * most
>             end)
>         end
>         n.spawn(func() do
>             last = out.len
>             let _ = n.spawn(func() do
>                 yield()
>             end)
>         end)
>         let kept = ["a"]
>         n.spawn_isolated(func() do
>             assert_eq(kept.len, 1)
>         end)
>     end
>     totals.extend(out)
>     totals.push(last)
>     return totals
> end
>
> func main() do
>     println(all(["one", "two words"], ["x"]))
> end
> END_
$ janus run modes.jan
[2, 3, 0, 2, 2]
$ janus check --explain-captures modes.jan
nursery[deterministic]: the nursery in `all` leaves the same in every order of its tasks
   --> modes.jan:11:5
    |
 11 |     nursery |n| do
    |     ^^^^^^^^^^^ no task sees what another one does meanwhile

capture[accumulated]: `totals`, a `[]i64`, is accumulated: each task adds to a part of its own
   --> modes.jan:14:17
    |
 14 |                 totals.push(count(text) + names.len)
    |                 ^^^^^^ every use in the nursery adds to it, in one way, and none looks at it
note: it costs a part for each task, which begins empty, and merging them in the order of the spawns
help: looking at it in the nursery, or adding in a second way, would make it exclusive: one task could have it

capture[copied]: `text`, a `String`, is copied into the task
   --> modes.jan:14:35
    |
 14 |                 totals.push(count(text) + names.len)
    |                                   ^^^^ it belongs to a block or loop inside the nursery, which ends before the task may
note: it is declared here
   --> modes.jan:12:13
    |
 12 |         for text in texts do
    |             ----
note: it costs one more owner of the same memory

capture[read]: `names`, a `[]String`, is lent to the task, to be read
   --> modes.jan:14:43
    |
 14 |                 totals.push(count(text) + names.len)
    |                                           ^^^^^ nobody changes it until the nursery has ended
note: it costs an address
help: to change it meanwhile, give the task a copy: `let mine = ….copy()` around the spawn

capture[disjoint]: `out`, a `[]i64`, is disjoint: each task has an element of its own
   --> modes.jan:19:17
    |
 19 |                 out[i] = i * most
    |                 ^^^ every use in the nursery is of the element that the loop's variable names, or of its length
note: it costs an address: the elements are changed where they are
help: any other use of it in the nursery would make it exclusive: one task could have it

capture[copied]: `i`, an `i64`, is copied into the task
   --> modes.jan:19:21
    |
 19 |                 out[i] = i * most
    |                     ^ it belongs to a block or loop inside the nursery, which ends before the task may
note: it is declared here
   --> modes.jan:17:13
    |
 17 |         for i in 0..most do
    |             -
note: it costs a copy of its bytes

capture[copied]: `most`, an `i64`, is copied into the task
   --> modes.jan:19:30
    |
 19 |                 out[i] = i * most
    |                              ^^^^ it is cheap to copy, and nobody can change it
note: it costs a copy of its bytes
help: a `var` would be lent instead: somebody might change it

capture[exclusive]: `last`, an `i64`, is lent to this task alone, to be changed
   --> modes.jan:23:13
    |
 23 |             last = out.len
    |             ^^^^ the task changes it here
note: it costs an address
help: a second task that uses it, or the body before the nursery has ended, would be an error (E1011)

capture[disjoint]: `out`, a `[]i64`, is disjoint: each task has an element of its own
   --> modes.jan:23:20
    |
 23 |             last = out.len
    |                    ^^^ every use in the nursery is of the element that the loop's variable names, or of its length
note: it costs an address: the elements are changed where they are
help: any other use of it in the nursery would make it exclusive: one task could have it

capture[handle]: `n`, a `Nursery`, is lent to the task, to spawn in
   --> modes.jan:24:21
    |
 24 |             let _ = n.spawn(func() do
    |                     ^ nurseries are never owned: tasks may spawn in it, and cancel it

capture[moved]: `kept`, a `[]String`, moves into the task
   --> modes.jan:30:23
    |
 30 |             assert_eq(kept.len, 1)
    |                       ^^^^ an isolated task owns all that it captures
note: it costs a move of its own bytes, not of what it holds elsewhere
help: `spawn` may borrow it; to keep it, give the task a `.copy()`
$ janus build --emit captures modes.jan
count: deterministic
all: deterministic
  nursery modes.jan:11:5: deterministic
    task modes.jan:13:13
      totals: accumulated modes.jan:14:17
      text: copied modes.jan:14:35
      names: read modes.jan:14:43
    task modes.jan:18:13
      out: disjoint modes.jan:19:17
      i: copied modes.jan:19:21
      most: copied modes.jan:19:30
    task modes.jan:22:9
      last: exclusive modes.jan:23:13
      out: disjoint modes.jan:23:20
      n: handle modes.jan:24:21
    task modes.jan:24:21 owns all
    isolated task modes.jan:29:9
      kept: moved modes.jan:30:23
main: deterministic

# What stands in the way of accumulating, or of elements: also where that is an error.
$ cat > missed.jan <<'END_'
> func main() do
>     var sum = 0
>     var mixed = 1
>     var parts = [0, 0]
>     var rows = [0, 0]
>     var texts: []String = []
>     nursery |n| do
>         n.spawn(func() do
>             sum += 1
>             println(sum)
>         end)
>         n.spawn(func() do
>             mixed += 1
>             mixed *= 2
>         end)
>         for i in 0..2 do
>             n.spawn(func() do
>                 parts[i] = parts[0]
>             end)
>         end
>         while rows.len < 0 do
>             let i = 0
>             n.spawn(func() do
>                 rows[i] = 1
>             end)
>         end
>         for i in 0..2 do
>             n.spawn(func() do
>                 let _ = texts.len
>                 texts.push("a")
>             end)
>         end
>     end
>     println(sum, mixed, parts, rows, texts)
> end
> END_
$ janus check --explain-captures missed.jan 2>/dev/null | grep -A 30 'would'
note: it would be accumulated, but this use does not add to it, or looks at what it gives
   --> missed.jan:10:21
    |
 10 |             println(sum)
    |                     ---
help: a second task that uses it, or the body before the nursery has ended, would be an error (E1011)

capture[exclusive]: `mixed`, an `i64`, is lent to this task alone, to be changed
   --> missed.jan:13:13
    |
 13 |             mixed += 1
    |             ^^^^^ the task changes it here
note: it costs an address
note: it would be accumulated, but this adds in another way than the use before
   --> missed.jan:14:13
    |
 14 |             mixed *= 2
    |             -----
help: a second task that uses it, or the body before the nursery has ended, would be an error (E1011)

capture[exclusive]: `parts`, a `[]i64`, is lent to this task alone, to be changed
   --> missed.jan:18:17
    |
 18 |                 parts[i] = parts[0]
    |                 ^^^^^ the task changes it here
note: it costs an address
note: each task would have an element of its own, but this is another use of it
   --> missed.jan:18:28
    |
 18 |                 parts[i] = parts[0]
    |                            -----
help: a second task that uses it, or the body before the nursery has ended, would be an error (E1011)

capture[copied]: `i`, an `i64`, is copied into the task
   --> missed.jan:18:23
    |
 18 |                 parts[i] = parts[0]
    |                       ^ it belongs to a block or loop inside the nursery, which ends before the task may
note: it is declared here
   --> missed.jan:16:13
    |
 16 |         for i in 0..2 do
    |             -
note: it costs a copy of its bytes

capture[exclusive]: `rows`, a `[]i64`, is lent to this task alone, to be changed
   --> missed.jan:24:17
    |
 24 |                 rows[i] = 1
    |                 ^^^^ the task changes it here
note: it costs an address
note: each task would have an element of its own, were there one loop between the nursery and the spawn, and this its count: `for i in 0..n`
   --> missed.jan:24:17
    |
 24 |                 rows[i] = 1
    |                 ----
help: a second task that uses it, or the body before the nursery has ended, would be an error (E1011)

capture[copied]: `i`, an `i64`, is copied into the task
   --> missed.jan:24:22
    |
 24 |                 rows[i] = 1
    |                      ^ it belongs to a block or loop inside the nursery, which ends before the task may
note: it is declared here
   --> missed.jan:22:17
    |
 22 |             let i = 0
    |                 -
note: it costs a copy of its bytes

capture[exclusive]: `texts`, a `[]String`, is lent to this task alone, to be changed
   --> missed.jan:30:17
    |
 30 |                 texts.push("a")
    |                 ^^^^^ the task changes it here
note: it costs an address
note: it would be accumulated, but this use does not add to it, or looks at what it gives
   --> missed.jan:29:25
    |
 29 |                 let _ = texts.len
    |                         -----
help: a second task that uses it, or the body before the nursery has ended, would be an error (E1011)

# What makes a nursery depend on the order of its tasks, down to where it happens.
$ cat > order.jan <<'END_'
> import std.log
> import std.random
> import std.sync
> import std.time
>
> func quiet() do
>     nursery |n| do
>         n.spawn(|| yield())
>     end
> end
>
> func channel(c: Channel[i64]) do
>     nursery |n| do
>         n.spawn(|| c.send(1))
>         for v in c do
>             break when v > 0
>         end
>     end
> end
>
> func choice(c: Channel[i64]) do
>     nursery |n| do
>         n.spawn(|| yield())
>         select do
>             recv c |v| do
>                 println(v)
>             end
>             default do
>             end
>         end
>     end
> end
>
> func lock(m: Mutex[i64]) do
>     nursery |n| do
>         n.spawn(|| m.with(|mut v| v += 1))
>     end
> end
>
> func semaphore(s: sync.Semaphore) do
>     nursery |n| do
>         n.spawn(|| s.add(s.available()))
>     end
> end
>
> func atomic(a: Atomic[i64]) do
>     nursery |n| do
>         n.spawn(func() do
>             a.store(1)
>         end)
>     end
> end
>
> func cancel() do
>     nursery |n| do
>         n.spawn(|| yield())
>         n.cancel()
>     end
> end
>
> func timeout() do
>     nursery(timeout: 1s) |n| do
>         n.spawn(|| yield())
>     end catch return
> end
>
> func deeper() -> time.Instant do
>     return time.now()
> end
>
> func deep() -> time.Instant do
>     return deeper()
> end
>
> func clock() do
>     nursery |n| do
>         n.spawn(func() do
>             let _ = deep()
>         end)
>     end
> end
>
> func chance() do
>     nursery |n| do
>         n.spawn(func() do
>             let _ = random.bytes(2)
>         end)
>     end
> end
>
> func given(f: func() -> i64) -> i64 do
>     var got = 0
>     nursery |n| do
>         n.spawn(func() do
>             got = f()
>         end)
>     end
>     return got
> end
>
> func compared[T: Ord](a: T, b: T) -> bool do
>     var got = false
>     nursery |n| do
>         n.spawn(func() do
>             got = a.compare(b) == Ordering.Less
>         end)
>     end
>     return got
> end
>
> func made() -> i64 do
>     let f = || 1
>     let g = || time.now()
>     var got = 0
>     nursery |n| do
>         n.spawn(func() do
>             got = f()
>         end)
>     end
>     nursery |n| do
>         n.spawn(func() do
>             let _ = g()
>         end)
>     end
>     return got
> end
>
> error E {
>     No,
> }
>
> func fails(i: i64) -> E!i64 do
>     fail E.No when i > 0
>     return i
> end
>
> func failures() -> E!void do
>     nursery |n| do
>         for i in 0..2 do
>             n.spawn(func() do
>                 let _ = fails(i)?
>             end)
>         end
>     end
> end
>
> func one_failure() -> E!void do
>     nursery |n| do
>         n.spawn(func() do
>             let _ = fails(1)?
>         end)
>     end
> end
>
> func prints() do
>     nursery |n| do
>         n.spawn(|| println("x"))
>         println("y")
>     end
> end
>
> func logs(logger: log.Logger) do
>     nursery |n| do
>         n.spawn(|| logger.info("x"))
>     end
> end
>
> func spawner(n: Nursery, own xs: []i64) do
>     n.spawn(func() do
>         println(xs)
>     end)
> end
> END_
$ janus build --emit captures order.jan
quiet: deterministic
  nursery order.jan:7:5: deterministic
    task order.jan:8:9
channel: dependent
  nursery order.jan:13:5: dependent (channel order.jan:14:22)
    task order.jan:14:9
      c: copied order.jan:14:20
choice: dependent
  nursery order.jan:22:5: dependent (select order.jan:24:9)
    task order.jan:23:9
lock: dependent
  nursery order.jan:35:5: dependent (lock order.jan:36:22)
    task order.jan:36:9
      m: copied order.jan:36:20
semaphore: dependent
  nursery order.jan:41:5: dependent (lock order.jan:42:28)
    task order.jan:42:9
      s: copied order.jan:42:20
atomic: dependent
  nursery order.jan:47:5: dependent (atomic order.jan:49:15)
    task order.jan:48:9
      a: copied order.jan:49:13
cancel: dependent
  nursery order.jan:55:5: dependent (cancel order.jan:57:11)
    task order.jan:56:9
timeout: dependent
  nursery order.jan:62:5: dependent (timeout order.jan:62:5)
    task order.jan:63:9
deeper: dependent
deep: dependent
clock: dependent
  nursery order.jan:76:5: dependent (clock order.jan:78:21 order.jan:72:12 order.jan:68:17)
    task order.jan:77:9
chance: dependent
  nursery order.jan:84:5: dependent (random order.jan:86:28)
    task order.jan:85:9
given: open
  nursery order.jan:93:5: open (unknown order.jan:95:19)
    task order.jan:94:9
      got: exclusive order.jan:95:13
      f: read order.jan:95:19
compared: open
  nursery order.jan:103:5: open (unknown order.jan:105:21)
    task order.jan:104:9
      got: exclusive order.jan:105:13
      a: read order.jan:105:19
      b: read order.jan:105:29
made: dependent
  nursery order.jan:115:5: deterministic
    task order.jan:116:9
      got: exclusive order.jan:117:13
      f: read order.jan:117:19
  nursery order.jan:120:5: dependent (clock order.jan:113:21)
    task order.jan:121:9
      g: read order.jan:122:21
fails: deterministic
failures: deterministic
  nursery order.jan:138:5: deterministic
    task order.jan:140:13
      i: copied order.jan:141:31
one_failure: deterministic
  nursery order.jan:148:5: deterministic
    task order.jan:149:9
prints: deterministic
  nursery order.jan:156:5: deterministic
    task order.jan:157:9
logs: deterministic
  nursery order.jan:163:5: deterministic
    task order.jan:164:9
      logger: copied order.jan:164:20
spawner: deterministic
    task order.jan:169:5 owns all
      xs: moved order.jan:170:17
$ janus check --explain-captures order.jan 2>&1 | grep -A 18 'in `clock`\|in `failures`\|in `prints`\|in `one_failure`\|in `given`'
nursery[dependent]: the nursery in `clock` depends on the order of its tasks
   --> order.jan:76:5
    |
 76 |     nursery |n| do
    |     ^^^^^^^^^^^
note: a clock is asked
   --> order.jan:78:21
    |
 78 |             let _ = deep()
    |                     ----
note: which does it here
   --> order.jan:72:12
    |
 72 |     return deeper()
    |            ------
note: which does it here
   --> order.jan:68:17
    |
 68 |     return time.now()
--
nursery[open]: the nursery in `given` leaves the same in every order of its tasks if what it is given to call does
   --> order.jan:93:5
    |
 93 |     nursery |n| do
    |     ^^^^^^^^^^^
note: what is called is decided elsewhere
   --> order.jan:95:19
    |
 95 |             got = f()
    |                   -

capture[exclusive]: `got`, an `i64`, is lent to this task alone, to be changed
   --> order.jan:95:13
    |
 95 |             got = f()
    |             ^^^ the task changes it here
note: it costs an address
help: a second task that uses it, or the body before the nursery has ended, would be an error (E1011)

--
nursery[deterministic]: the nursery in `failures` leaves the same in every order of its tasks
    --> order.jan:138:5
     |
 138 |     nursery |n| do
     |     ^^^^^^^^^^^ no task sees what another one does meanwhile
note: where several fail, the order decides whose failure is the nursery's
    --> order.jan:140:21
     |
 140 |             n.spawn(func() do
     |                     ----

capture[copied]: `i`, an `i64`, is copied into the task
    --> order.jan:141:31
     |
 141 |                 let _ = fails(i)?
     |                               ^ it belongs to a block or loop inside the nursery, which ends before the task may
note: it is declared here
    --> order.jan:139:13
     |
--
nursery[deterministic]: the nursery in `one_failure` leaves the same in every order of its tasks
    --> order.jan:148:5
     |
 148 |     nursery |n| do
     |     ^^^^^^^^^^^ no task sees what another one does meanwhile

nursery[deterministic]: the nursery in `prints` leaves the same in every order of its tasks
    --> order.jan:156:5
     |
 156 |     nursery |n| do
     |     ^^^^^^^^^^^ no task sees what another one does meanwhile
note: what others see of it (io.console) comes in the order in which the tasks run
    --> order.jan:157:20
     |
 157 |         n.spawn(|| println("x"))
     |                    -------

nursery[deterministic]: the nursery in `logs` leaves the same in every order of its tasks
    --> order.jan:163:5
     |
 163 |     nursery |n| do
     |     ^^^^^^^^^^^ no task sees what another one does meanwhile

capture[copied]: `logger`, a `Logger`, is copied into the task
    --> order.jan:164:20

# For programs.
$ cat > small.jan <<'END_'
> func main() do
>     var sum = 0
>     nursery |n| do
>         n.spawn(func() do
>             sum += 1
>         end)
>     end
>     assert_eq(sum, 1)
> end
> END_
$ janus check --explain-captures --format json small.jan
{"functions":[{"name":"main","at":{"file":"small.jan","line":1,"column":6,"end_line":1,"end_column":10},"schedule":"deterministic"}],"nurseries":[{"function":"main","at":{"file":"small.jan","line":3,"column":5,"end_line":3,"end_column":16},"schedule":"deterministic","cause":"","path":[],"first_failure":null,"outside":null,"outside_effect":"","tasks":[{"function":"main","at":{"file":"small.jan","line":4,"column":9,"end_line":4,"end_column":16},"isolated":false,"owns_all":false,"fails":false,"captures":[{"name":"sum","type":"i64","mode":"accumulated","why":"every use in the nursery adds to it, in one way, and none looks at it","at":{"file":"small.jan","line":5,"column":13,"end_line":5,"end_column":16},"declared":{"file":"small.jan","line":2,"column":9,"end_line":2,"end_column":12},"cost":"it costs a part for each task, which begins empty, and merging them in the order of the spawns","in_the_way":"","in_the_way_at":null}]}]}],"tasks":[],"reports":[]}

# A package's own code; with --all that of what it depends on, and of std.
$ janus new app | head -n 1; janus new --lib tools | head -n 1
made the package app in app
made the package tools in tools
$ sed -i 's|^dependencies {|&\n    tools path="../tools"|' app/janus.kdl
$ printf 'pub func all() do\n    nursery |n| do\n        n.spawn(|| yield())\n    end\nend\n' > tools/src/lib.jan
$ printf 'import tools\nimport std.supervise\n\nfunc main() do\n    tools.all()\n    let _ = supervise.Supervisor.new()\n    nursery |n| do\n        n.spawn(|| yield())\n    end\nend\n' > app/src/main.jan
$ janus check --explain-captures app | grep '^nursery'
nursery[deterministic]: the nursery in `main` leaves the same in every order of its tasks
$ janus check --explain-captures --all app | grep '^nursery'
nursery[deterministic]: the nursery in `main` leaves the same in every order of its tasks
nursery[deterministic]: the nursery in `all` leaves the same in every order of its tasks
nursery[dependent]: the nursery in `Supervisor.run` depends on the order of its tasks
nursery[dependent]: the nursery in `run_child` depends on the order of its tasks
$ janus check --all app
error: `--all` belongs to `--explain-captures`
help: `janus check --explain-captures --all` explains std and dependencies, too
[exit 2]

# Without tasks there is nothing to explain.
$ printf 'func main() do\n    println(1)\nend\n' > none.jan
$ janus check --explain-captures none.jan
no task is spawned here
$ janus check --explain-captures --format json none.jan
{"functions":[{"name":"main","at":{"file":"none.jan","line":1,"column":6,"end_line":1,"end_column":10},"schedule":"deterministic"}],"nurseries":[],"tasks":[],"reports":[]}
