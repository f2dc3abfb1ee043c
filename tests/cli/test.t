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
$ ls; ls -A "$TMPDIR"
shapes.jan
