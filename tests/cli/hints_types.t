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
$ cat > bounds.jan <<'EOF'
> struct P { x: i64 }
> struct Door { xs: []i64 }
> impl Drop for Door do
>     func drop(mut self) do
>     end
> end
> func dup[T: Copy](x: T) -> (T, T) do
>     return (x.copy(), x.copy())
> end
> func main() do
>     let a = dup(Door { xs: [] })
>     let b: Map[f64, i64] = [:]
>     println([Door { xs: [] }] == [Door { xs: [] }])
>     println([P { x: 1 }].max())
> end
> EOF
$ janus check bounds.jan
error[E0402]: `Door` does not implement `Copy`
...
help: what has Drop is never copied: move it, lend it, or share it as `Shared[Door]`
...
help: a float is no key; an integer is, and so are its bits: `x.to_bits()`
...
note: `[]Door` has it if its parts have it, and `Door` has not
help: write `impl Eq for Door do … end`
...
help: ask for it where the type is declared: `struct P derive(Ord)`

4 errors
[exit 1]
$ cat > assoc.jan <<'EOF'
> trait Get do
>     type Item
>     func get(self) -> Self.Item
> end
> struct S {}
> impl Get for S do
>     type Item = i64
>     func get(self) -> String do
>         return "a"
>     end
> end
> struct R {}
> impl Get for R do
>     func get(self) -> i64 do
>         return 1
>     end
> end
> func main() do
>     println(R {}.get())
> end
> EOF
$ janus check assoc.jan
error[E0407]: `get` differs from what the trait `Get` declares
...
help: the trait asks for `func get(self) -> i64`

error[E0405]: `Item` of the trait `Get` is missing
...
help: add `type Item = …`

2 errors
[exit 1]
$ cat > temporary.jan <<'EOF'
> func key(i: i64) -> String do
>     return $"{i}"
> end
> func main() do
>     let m: Map[String, []i64] = ["1": [2]]
>     let xs = m.get(key(1))
>     println(xs)
> end
> EOF
$ janus check temporary.jan
error[E0713]: this value does not live as long as what borrows it
...
note: it ends with its statement, while `xs` still borrows it
...
[..] |                    ------
...
1 error
[exit 1]
