# Calls in tail position need no stack, in every build: of names, of values, of what goes on with a slice.
$ cat > deep.jan <<'EOF'
> struct Table {
>     states: []func(Table, i64) -> i64,
> }
>
> func even(table: Table, n: i64) -> i64 do
>     return if n == 0 do 1 else table.states[1](table, n - 1) end
> end
>
> func odd(table: Table, n: i64) -> i64 do
>     return if n == 0 do 0 else table.states[0](table, n - 1) end
> end
>
> func digits(sum: i64, next: func(i64, i64) -> i64, left: i64) -> i64 do
>     return next(sum + left % 3, left)
> end
>
> func steps(sum: i64, left: i64) -> i64 do
>     return if left == 0 do sum else digits(sum, step, left) end
> end
>
> func step(sum: i64, left: i64) -> i64 do
>     return steps(sum, left - 1)
> end
>
> func total(xs: Slice[i64], sum: i64) -> i64 do
>     return match xs {
>         [] => sum,
>         [first, ..rest] => total(rest, sum + first),
>     }
> end
>
> func total_of(xs: []i64, sum: i64) -> i64 do
>     return match xs {
>         [] => sum,
>         [first, ..rest] => total_of(rest, sum + first),
>     }
> end
>
> func fold(xs: Slice[i64], f: func(i64, i64) -> i64, sum: i64) -> i64 do
>     return if xs.len == 0 do sum else fold(xs[1..], f, f(sum, xs[0])) end
> end
>
> func main() do
>     let table = Table { states: [even, odd] }
>     println(even(table, 5_000_001), " ", odd(table, 5_000_001))
>     println(steps(0, 5_000_000))
>     let xs: []i64 = [1; 2_000_000]
>     println(total(xs[..], 0), " ", total_of(xs, 0), " ", fold(xs[..], |a, b| a + b, 0))
> end
> EOF
$ janus run deep.jan; janus run --release deep.jan
0 1
5000001
2000000 2000000 2000000
0 1
5000001
2000000 2000000 2000000
