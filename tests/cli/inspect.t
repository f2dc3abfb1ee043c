# rule: tasks.inspect tasks.quit
$ cat > serve.jan <<'END'
> func worker(ch: Channel[i64]) do
>     for v in ch do
>         println(v)
>     end
> end
>
> func spin() do
>     var n = 0
>     while n >= 0 do
>         n = if n > 1000 do 0 else n + 1 end
>     end
> end
>
> func main() do
>     let ch = Channel(i64).new(capacity: 2)
>     nursery |n| do
>         n.spawn(func() do
>             worker(ch)
>         end)
>         n.spawn(func() do
>             nursery(limit: 3) |m| do
>                 m.spawn(func() do
>                     sleep(1h)
>                 end)
>                 m.spawn(func() do
>                     spin()
>                 end)
>             end
>         end)
>         n.spawn(func() do
>             spin()
>         end)
>         sleep(1h)
>         ch.send(1)
>     end
> end
> END
# A stripped release binary, on one worker and on several, all of which compute; it goes on after each answer.
$ janus build --release serve.jan && strip serve
$ cat > ask <<'END'
> JANUS_WORKERS=$1 ./serve 2> err & p=$!
> sleep 0.5
> kill -QUIT $p
> sleep 0.5
> janus inspect $p > told
> janus inspect --format json $p > json
> kill $p
> wait $p 2> /dev/null
> END
$ bash ask 1 2>/dev/null; cat err
SIGQUIT: what the tasks do; the program goes on
main, sleeps at serve.jan:33, for [..] s
  nursery at serve.jan:16: 3 tasks run
    task 1 serve.main, spawned at serve.jan:17, waits at serve.jan:2 to receive from channel 1, which is empty, for [..] s
    task 2 serve.main, spawned at serve.jan:20, waits at serve.jan:21 for the tasks of its nursery, for [..] s
      nursery at serve.jan:21: 2 tasks run of at most 3
        task 3 serve.main.func'2, spawned at serve.jan:22, sleeps at serve.jan:23, for [..] s
        task 4 serve.main.func'2, spawned at serve.jan:25, [..]
    task 5 serve.main, spawned at serve.jan:30, [..]
$ bash -c "diff <(tail -n +2 err | cut -d, -f1) <(cut -d, -f1 told)"
$ grep -o '"task":3,.*"for\|"task":[0-9]*,"name":"[^"]*","parent":[0-9]*' json | cut -c 1-60
"task":1,"name":"serve.main","parent":0
"task":2,"name":"serve.main","parent":0
"task":3,"name":"serve.main.func'2","parent":2
"task":4,"name":"serve.main.func'2","parent":2
"task":5,"name":"serve.main","parent":0
$ bash ask 4 2>/dev/null; wc -l < err; wc -l < told; head -n 1 json; tail -n 1 json
9
8
{"tasks":[
],"more":0}
# A main program that reads before it opens a nursery waits as tasks do.
$ cat > alone.jan <<'END'
> import std.io
>
> func main() -> !void do
>     let line = io.stdin().read_all()?
>     nursery |n| do
>         n.spawn(func() do
>             println(line.len)
>         end)
>     end
> end
> END
$ janus build alone.jan && sh -c 'sleep 2 | JANUS_WORKERS=1 ./alone & sleep 0.5; p=$(pgrep -n alone); janus inspect $p; wait'
main, waits at [..] for descriptor 0, for [..] s
0
# Programs that cannot be asked.
$ sleep 5 & p=$!; janus inspect $p | sed "s/$p/N/"; kill $p
error: process [..] has no tasks that it could tell of
help: it is no Janus program, or one without a nursery: then there are no tasks to tell of
$ janus inspect 999999999
error: process 999999999 does not exist
help: `pgrep NAME` finds the number of a program that runs
[exit 1]
$ janus inspect me
error: `me` is no process
help: it is a number: `pgrep NAME` finds it
[exit 2]
# A test that hangs is asked before it is ended.
$ cat > hang.jan <<'END'
> test "hangs" do
>     let ch = Channel(i64).new()
>     nursery |n| do
>         n.spawn(func() do
>             while ch.try_recv() == null do
>             end
>         end)
>         ch.send(1)
>         while true do
>         end
>     end
> end
> END
$ janus test hang.jan --timeout 1 2>&1 | grep -v again:
SIGQUIT: what the tasks do; the program goes on
main, [..]
...
FAILED  hangs
  it did not end within 1 s, and was stopped; `--timeout 2` would let it run on
0 passed, 1 failed
