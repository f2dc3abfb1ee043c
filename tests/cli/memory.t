$ cat > lists.jan <<'END'
> struct Noisy {
>     id: i64,
> }
>
> impl Drop for Noisy do
>     func drop(mut self) do
>         println("drop ", self.id)
>     end
> end
>
> func main() do
>     let a = Noisy { id: 1 }
>     var lists: Map[String, []String] = Map.new()
>     for i in 0..9 do
>         var list: []String = []
>         for j in 0..3 do
>             list.push($"item {i} {j}")
>         end
>         let _ = lists.insert($"key {i}", list)
>     end
>     var names: []String = []
>     for name in lists.keys() do
>         names.push(name.repeat(2))
>     end
>     names.sort()
>     let words = names.copy().map(|n| n.split(" ")).collect()
>     let boxed = Box.new(Noisy { id: 2 })
>     println(words.len)
> end
> END
$ janus build --check-memory lists.jan
$ ./lists
9
drop 2
drop 1
$ JANUS_FAIL_ALLOC=7 ./lists 2>/dev/null
drop 1
[exit 101]
$ n=1; while JANUS_FAIL_ALLOC=$n ./lists >/dev/null 2>&1; code=$?; [ $code = 101 ]; do n=$((n + 1)); done; echo $code; [ $n -gt 60 ] && echo each failed once
0
each failed once
$ cat > endless.jan <<'END'
> func main() do
>     var list: []i64 = []
>     defer println("deferred")
>     loop do
>         list.push(1)
>     end
> end
> END
$ janus build --release endless.jan
$ (ulimit -v 200000; ./endless 2>/dev/null)
deferred
[exit 101]
$ cat > limited.jan <<'END'
> func work(n: i64) do
>     for _ in 0..n do
>         yield()
>     end
> end
>
> func main() do
>     for round in 0..20 do
>         nursery |outer| do
>             outer.spawn(func() do
>                 nursery(limit: 1) |n| do
>                     for i in 0..6 do
>                         let text = $"owned {i}".repeat(3)
>                         let list = [text.copy(), $"more {round}"]
>                         n.spawn(func() do
>                             work(4)
>                             let _ = list.len + text.len
>                         end)
>                     end
>                 end
>             end)
>             work(round)
>             outer.cancel()
>         end
>     end
>     println("done")
> end
> END
$ janus build --check-memory limited.jan
$ for seed in $(seq 1 40); do JANUS_SEED=$seed ./limited >printed 2>&1 || { echo "seed $seed"; cat printed; }; done
