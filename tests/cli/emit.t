$ printf 'func main() do\n    println("Hello")\nend\n' > hello.jan
$ janus build --emit tokens hello.jan
1:1 `func`
1:6 name "main"
...
3:1 `end`
...
$ janus build --emit ast hello.jan
MODULE
  FUNC main
...
$ janus build --emit jir hello.jan
fn main [..]
...
$ janus build --emit llvm hello.jan | grep -c 'define.*@janus_main'
1
$ janus build --emit asm hello.jan | grep -c '^janus_main:'
1
$ janus build --emit obj hello.jan && ls
hello.jan
hello.o
$ janus build --emit llvm -o hello.ll hello.jan && head -c 11 hello.ll
; ModuleID 
$ janus build --emit jir missing.jan
error[E0001]: cannot read missing.jan: no such file or directory

1 error
[exit 1]
$ cat > lists.jan <<'END'
> func main() do
>     var names: []String = []
>     for i in 0..1000 do
>         names.push($"name {i}")
>     end
>     println(names.join(" ").len)
> end
> END
$ janus build --release --emit llvm lists.jan | grep -c -E 'jn_range|jn_current|chunk_|custom'
0
[exit 1]
$ cat > polls.jan <<'END'
> func total(xs: []f64, ys: []f64, mut zs: []f64) do
>     for i in 0..xs.len do
>         zs[i] = xs[i] * ys[i]
>     end
> end
>
> func main() do
>     let xs = [1.0; 5000]
>     var zs: []f64 = []
>     for x in xs do
>         zs.push(x)
>     end
>     let ys = zs.copy()
>     total(ys, ys, mut zs)
>     println(zs[7])
> end
> END
$ sed 's/    total(ys, ys, mut zs)/    nursery |_| do total(ys, ys, mut zs) end/' polls.jan > polled.jan
$ janus build --release --emit llvm polls.jan | grep -c jn_attention
0
[exit 1]
$ janus build --release --emit llvm polled.jan | grep -c 'fmul <[0-9]* x double>' > vectors && test $(cat vectors) -gt 0 && echo vectorised
vectorised
$ janus build --release --emit llvm polled.jan | grep -c -E '^rest.*:|^polls.*:' > polls && test $(cat polls) -gt 0 && echo polls
polls
