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
