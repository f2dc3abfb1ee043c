$ printf 'func main() do\n    let x: i64 = "a"\n    let y = z\nend\n' > bad.jan
$ janus check bad.jan
error[E0310]: [..]
  --> bad.jan:2:18
   |
 2 |     let x: i64 = "a"
   |                  ^^^ [..]
...
error[E0203]: [..]
...
2 errors
[exit 1]

# JSON is the result of check and build; of run it is not.
$ janus check --format json bad.jan
[{"code":"E0310","severity":"error","message":"[..]","file":"bad.jan","line":2,"column":18,"end_line":2,"end_column":21,"start":32,"end":35,"label":"[..]","notes":[[..]],"help":[[..]],"fixes":[[..]]},{"code":"E0203",[..]}]
[exit 1]
$ janus run --format json bad.jan 2>/dev/null
[exit 1]
$ printf 'func main() do\nend\n' > good.jan; janus check --format=json good.jan
[]
$ janus check good.jan
$ janus check --color always bad.jan 2>&1 | head -n 1 | cat -v
^[[1;31merror[E0310]^[[0m^[[1m: [..]
$ janus check --timings good.jan
read[..]
parse[..]
names[..]
signatures[..]
bodies[..]
...
total [..] ms
2 lines, [..] tokens, [..] MB at the peak

# Denied warnings fail.
$ printf 'import std.io\n\nfunc main() do\nend\n' > warn.jan; janus check warn.jan
warning[W0201]: [..]
...
1 warning
$ janus check --deny warnings warn.jan
error[W0201]: [..]
...
1 error
[exit 1]
$ janus build --deny warnings warn.jan >/dev/null 2>&1; ls warn
ls: cannot access 'warn': No such file or directory
[exit 2]

# What was given away in the round before says so, wherever in the loop that was.
$ printf 'func take(own xs: []i64) -> i64 do\n    return xs.len\nend\n\nfunc main() do\n    let xs = [1]\n    for _ in 0..2 do\n        println(xs.len)\n        println(take(xs))\n    end\nend\n' > round.jan
$ janus check round.jan 2>&1 | grep -A 4 note
note: `xs` was given away here, in an earlier round of the loop
  --> round.jan:9:22
   |
 9 |         println(take(xs))
   |                      --

# What was given away by one arm was given away before, whatever stands behind the match.
$ printf 'func main() do\n    let l = ["c"]\n    let m = ["d"]\n    let y = match l.len { 1 => m, _ => l }\n    println(y, m)\nend\n' > arm.jan; janus check arm.jan 2>&1 | grep note
note: `m` was given away here

# What `tail` promises is looked at by a check, too.
$ printf 'func f(n: i64) -> i64 {. tail .} do\n    return 0 when n == 0\n    return 1 + f(n - 1)\nend\n\nfunc main() do\n    println(f(3))\nend\n' > jump.jan; janus check jump.jan 2>&1 | grep '^error'
error[E0724]: this call is no jump

# Who waits for a mutex is told of by the line of the program, also where the call is std's.
$ cat > locks.jan <<'EOF'
> func main() do
>     let a = Mutex.new(1)
>     let b = Mutex.new(2)
>     nursery |n| do
>         n.spawn(func() do
>             let x = a.lock()
>             sleep(1ms)
>             b.with(|mut y| do
>                 y += x.get()
>             end)
>         end)
>         n.spawn(func() do
>             let x = b.lock()
>             sleep(1ms)
>             println(x.get() + a.lock().get())
>         end)
>     end
> end
> EOF
$ for way in "" --release --interp; do janus run $way locks.jan 2>&1 | grep waits | sort; done
  main, waits at locks.jan:4 for the tasks of its nursery
  task 1 locks.main, spawned at locks.jan:5, waits at locks.jan:8 for mutex 2, which task 2 locks.main has locked
  task 2 locks.main, spawned at locks.jan:12, waits at locks.jan:15 for mutex 1, which task 1 locks.main has locked
  main, waits at locks.jan:4 for the tasks of its nursery
  task 1 locks.main, spawned at locks.jan:5, waits at locks.jan:8 for mutex 2, which task 2 locks.main has locked
  task 2 locks.main, spawned at locks.jan:12, waits at locks.jan:15 for mutex 1, which task 1 locks.main has locked
  main, waits at locks.jan:4 for the tasks of its nursery
  task 1 locks.main, spawned at locks.jan:5, waits at locks.jan:8 for mutex 2, which task 2 locks.main has locked
  task 2 locks.main, spawned at locks.jan:12, waits at locks.jan:15 for mutex 1, which task 1 locks.main has locked
