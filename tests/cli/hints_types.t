# What is offered about types, traits and methods that are not what is wanted.
$ cat > lent.jan <<'EOF'
> func first[T](xs: []T) -> ?T do
>     return xs.first()
> end
> func main() do
>     println(first([1]))
> end
> EOF
$ janus check lent.jan
error[E0310]: expected `?T`, found `?let T`
...
help: the value is only lent; to hand it on as such, write `-> ?let T`
help: a value of its own is `….copy()`, which asks for `[T: Copy]`

1 error
[exit 1]
$ cat > names.jan <<'EOF'
> enum Shape { Circle(f64), Rect { w: f64, h: f64 }, Empty }
> struct P { x: i64, y: i64 }
> func area(s: Shape) -> f64 do
>     return match s {
>         Rect(w, h) => w * h,
>         else => 1.0,
>     }
> end
> func main() do
>     println(area(Shape.Empty()))
>     println(area(Shape.Rect(3.0, 4.0)))
>     println(area(Shape.Circle { r: 1.0 }))
>     println(P { x: 1, z: 3 }.y)
> end
> EOF
$ janus check names.jan
error[E0604]: the values of `Rect` have names
...
help: take them by name: `Rect { w, h }`
...
[..] +     println(area(Shape.Empty))
...
help: give them by name: `Shape.Rect { w: …, h: … }`
...
help: they stand in parentheses: `Shape.Circle(…)`
...
[..] +     println(P { x: 1, y: 3 }.y)

5 errors
[exit 1]
