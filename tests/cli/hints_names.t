# What is offered for names that stand without what they belong to, and for bounds that nobody asks for.
$ cat > names.jan <<'EOF'
> error A { X, Y(i64) }
> enum Shape { Circle(f64), Dot }
> struct C { n: i64 }
> impl C do
>     func inc(mut self) do
>         self.n += 1
>     end
>     func two(mut self) do
>         inc()
>     end
> end
> func result() -> A!i64 do
>     return A.X
> end
> func text() -> A!i64 do
>     fail "bad"
> end
> func bare() -> A!i64 do
>     fail Y(1)
> end
> func make(s: Shape) -> Shape do
>     println(s == Dot)
>     return Circle(1.0)
> end
> func absent(x: ?i64) -> i64 do
>     return match x {
>         Some(v) => v,
>         None => 0,
>     }
> end
> func main() do
> end
> EOF
$ janus check names.jan
error[E0203]: there is no `inc` here
...
[..] +         self.inc()
...
help: an error leaves the function by `fail`: `fail A.X`
...
help: fail with a variant of it, as `fail A.X`
...
[..] +     fail A.Y(1)
...
[..] +     println(s == Shape.Dot)
...
[..] +     return Shape.Circle(1.0)
...
help: a value that is there needs no word around it: `Some(v)` is `v`
...
[..] +         null => 0,

8 errors
[exit 1]
$ cat > asked.jan <<'EOF'
> trait A do
>     func go(self) -> i64
>     func show(self) do
>         println(self)
>     end
> end
> trait B do
>     func go(self) -> i64
> end
> func make[T](x: T) -> T do
>     return T.default()
> end
> func again[T](x: T) -> T do
>     return x.copy()
> end
> func call[F](f: F) -> i64 do
>     return f(1)
> end
> func both[T: A + B](x: T) -> i64 do
>     return x.go()
> end
> func main() do
> end
> EOF
$ janus check asked.jan
error[E0433]: a `Self` cannot be printed
...
help: ask for it: `trait A: Display`
...
help: ask for it: `[T: Default]`
...
help: ask for it: `[T: Copy]`
...
help: say what it takes and gives: `[F: func(i64) -> i64]`
...
help: call it by its trait: `A.go(x)` or `B.go(x)`

5 errors
[exit 1]
$ cat > words.jan <<'EOF'
> error E { A }
> func f() -> E!i64 do
>     fail E.A
> end
> func all(x: dyn A + B) do
> end
> func any(x: impl Display) do
> end
> func main() do
>     let v: Vec[i64] = []
>     let x = f()!
>     let y = f() catch E.A => 3
> end
> EOF
$ janus check words.jan
error[E0112]: a `dyn` is of one trait
...
help: a value of any type that has the trait is written with a type parameter, `func f[T: Display](x: T)`
...
help: what may fail passes its error on by `?`; an optional gives its value by `.unwrap()`, which panics without one
...
help: errors are told apart by a `match`: `catch |err| match err { … => …, … }`

4 errors
[exit 1]
