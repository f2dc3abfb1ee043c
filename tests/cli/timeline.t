# rule: tasks.trace
$ cat > tl.jan <<'END'
> import std.env
> import std.process
>
> func work(ch: Channel[i64], n: i64) -> i64 do
>     var sum = 0
>     for i in 0..2000 do
>         sum += (i * n) % 7
>     end
>     ch.send(sum)
>     return sum
> end
>
> func main() do
>     let ch = Channel(i64).new(capacity: 1)
>     nursery |n| do
>         for i in 0..50 do
>             n.spawn(func() do
>                 let _ = work(ch, i)
>             end)
>         end
>         var sum = 0
>         for _ in 0..50 do
>             sum += ch.recv()
>         end
>         sleep(5ms)
>         println(sum > 0)
>     end
>     let how = env.args().get(0) ?? ""
>     if how == "exit" do
>         process.exit(3)
>     else if how == "panic" do
>         panic("at the end")
>     end
> end
> END
$ janus build tl.jan
$ for w in 1 2 4; do JANUS_TRACE=t$w JANUS_WORKERS=$w ./tl; $ROOT/tests/timeline.py t$w; done
true
51 tasks, arrows: yes
true
51 tasks, arrows: yes
true
51 tasks, arrows: yes
$ janus build --release -o rel tl.jan && JANUS_TRACE=t JANUS_WORKERS=2 ./rel && $ROOT/tests/timeline.py t
true
51 tasks, arrows: yes
$ JANUS_TRACE=t JANUS_SEED=5 ./tl && $ROOT/tests/timeline.py t
true
51 tasks, arrows: yes
$ JANUS_TRACE=t ./tl exit || $ROOT/tests/timeline.py t
true
51 tasks, arrows: yes
$ JANUS_TRACE=t ./tl panic 2>/dev/null || $ROOT/tests/timeline.py t
true
51 tasks, arrows: yes
# A full device is said once, and the program goes on.
$ JANUS_TRACE=/dev/full ./tl 2>told >/dev/null; cat told
the timeline that JANUS_TRACE asks for ends early: no space left on device
$ JANUS_TRACE=/nowhere/t ./tl
cannot write the file that JANUS_TRACE names
true
