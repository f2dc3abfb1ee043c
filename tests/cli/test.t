$ cat > shapes.jan <<'END'
> func area(w: i64, h: i64) -> i64 do
>     return w * h
> end
>
> test "area of a square" do
>     assert(area(2, 2) == 4)
> end
>
> test "area of nothing" do
>     assert(area(0, 2) == 0)
> end
>
> test "wrong" do
>     assert(area(1, 2) == 3)
> end
> END
$ janus test shapes.jan
...
2 passed, 1 failed
[exit 1]
$ janus test --filter area shapes.jan
...
2 passed, 0 failed
$ janus test --filter nothing shapes.jan
...
1 passed, 0 failed
$ janus test --interp shapes.jan
...
ok      area of a square
ok      area of nothing
panic: assertion failed
...
FAILED  wrong
  again: janus test --interp shapes.jan --filter wrong --seed [..]
2 passed, 1 failed
[exit 1]
$ janus test --interp --filter nothing shapes.jan
ok      area of nothing
1 passed, 0 failed
$ cat > apart.jan <<'END'
> import std.env
>
> error E {
>     Bad,
> }
>
> test "ends the process" do
>     panic($"{env.args().len}")
> end
>
> test "fails" do
>     fail E.Bad
> end
>
> test "prints" do
>     println("out")
> end
> END
$ janus test --interp apart.jan 2>/dev/null
FAILED  ends the process
  again: janus test --interp apart.jan --filter 'ends the process' --seed [..]
FAILED  fails
  again: janus test --interp apart.jan --filter fails --seed [..]
out
ok      prints
1 passed, 2 failed
[exit 1]
$ janus test apart.jan 2>/dev/null
FAILED  ends the process
  again: janus test apart.jan --filter 'ends the process' --seed [..]
FAILED  fails
  again: janus test apart.jan --filter fails --seed [..]
out
ok      prints
1 passed, 2 failed
[exit 1]
$ ls; ls -A "$TMPDIR"
apart.jan
shapes.jan
