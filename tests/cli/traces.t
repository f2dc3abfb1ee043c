# An error that reaches main shows where it began and each `?` it passed, also where handlers, defers and drops raise others
# meanwhile; `fail err` goes on with the trace of err.
# rule: err.trace err.trace.again
$ cat > trace.jan <<'END'
> error E {
>     Empty,
>     Bad { n: i64 },
> }
>
> func deep(n: i64) -> E!i64 do
>     fail E.Bad { n: n } when n == 0
>     return deep(n - 1)? + 1
> end
>
> func middle(n: i64) -> E!i64 do
>     defer println(deep(0) catch 5)
>     return deep(n)?
> end
>
> func again(n: i64) -> !i64 do
>     return middle(n) catch |err| do
>         println(deep(1) catch -1)
>         match err {
>             E.Empty => fail E.Empty,
>             other => fail other,
>         }
>     end
> end
>
> func main() -> !void do
>     println(again(2)?)
> end
> END
$ janus run trace.jan
5
-1
error: E.Bad { n: 0 }
  at trace.jan:7
  from trace.jan:8
  from trace.jan:8
  from trace.jan:13
  from trace.jan:21
  from trace.jan:27
[exit 1]
$ janus run --interp trace.jan 2>&1 | tail -n 6
  at trace.jan:7
  from trace.jan:8
  from trace.jan:8
  from trace.jan:13
  from trace.jan:21
  from trace.jan:27
$ janus build --release trace.jan -o trace && strip trace 2>/dev/null; ./trace 2>&1 | tail -n 6
  at trace.jan:7
  from trace.jan:8
  from trace.jan:8
  from trace.jan:13
  from trace.jan:21
  from trace.jan:27

# A trace is bounded: it says how much was left out, and keeps where the error began.
$ sed 's/again(2)/again(100)/' trace.jan > long.jan; janus run long.jan 2>&1 | sed -n '4,6p'
  at long.jan:7
  … 42 left out
  from long.jan:8

# A new error in a handler has a trace of its own; a test that fails shows one too.
$ cat > new.jan <<'END'
> error E {
>     First,
>     Second(String),
> }
>
> func first() -> E!void do
>     fail E.First
> end
>
> test "second" do
>     first() catch do
>         fail E.Second("here")
>     end
> end
> END
$ janus test new.jan 2>&1
error: E.Second("here")
  at new.jan:12
FAILED  second
  again: janus test new.jan --filter second --seed [..]
0 passed, 1 failed
[exit 1]
