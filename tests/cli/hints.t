# What is offered where people of other languages would write something else.
$ cat > lent.jan <<'EOF'
> func main() do
>     var m = [1: [2]]
>     var found = m.get_mut(1).unwrap()
>     found.push(3)
>     println(m)
> end
> EOF
$ janus check lent.jan
error[E0704]: [..]
...
help: change it where it is: lend it by `mut`
...
[..] +     mut found = m.get_mut(1).unwrap()

1 error
[exit 1]
$ cat > rest.jan <<'EOF'
> enum Shape {
>     Pair(i64, i64),
>     Point { x: i64, y: i64 },
> }
>
> func main() do
>     match Shape.Pair(1, 2) {
>         Pair(..) => println("pair"),
>         Point(..) => println("point"),
>     }
> end
> EOF
$ janus check rest.jan
error[E0604]: `Pair` carries 2 values, the pattern names 0
...
help: name each value, or leave it out by `_`
...
[..] +         Pair(_, _) => println("pair"),
...
help: its values have names: leave them out between braces
...
[..] +         Point { .. } => println("point"),

2 errors
[exit 1]
$ cat > chain.jan <<'EOF'
> func main() do
>     let ys = [1, 2].map(|x| x + 1)
>     println(ys)
> end
> EOF
$ janus check chain.jan
error[E0433]: [..]
...
help: an iterator gives its values one by one: `.collect()` makes a list of them

1 error
[exit 1]
$ printf 'func main() do\n    let ys = [1, 2].map(|x| x + 1)\n    for y in ys do\n        println(y)\n    end\nend\n' > loop.jan; janus check loop.jan
error[E0713]: [..]
...
help: an iterator borrows what it goes over: bind that to a variable first, or end the chain with `.collect()`, which makes a list

1 error
[exit 1]
$ cat > bound.jan <<'EOF'
> trait Keeper do
>     func keep[U](self, x: U) -> U where U: Display
> end
>
> struct A {}
>
> impl Keeper for A do
>     func keep[V](self, x: V) -> i64 do
>         return 1
>     end
> end
> EOF
$ janus check bound.jan
error[E0407]: [..]
...
help: the trait asks for `func keep[V](self, x: V) -> V where V: Display`

1 error
[exit 1]
$ printf 'func main() do\n    var n = 0\n    n = [1].first() else do\n        return\n    end\n    println(n)\nend\n' > other.jan; janus check other.jan
error[E0110]: an assignment has no `else`
...
help: bind the value with `let … = … else do … end`, or say what stands in for an absent one: `… ?? other`

1 error
[exit 1]
$ printf 'import std.heap.Reversed\nfunc main() do\n    let r = Reversed(1)\n    println(r.value)\nend\n' > made.jan; janus check made.jan
error[E0427]: [..]
...
help: make one with a literal, `Reversed { value: … }`, or with one of its functions

1 error
[exit 1]
$ printf 'func main() do\n    let m = Map(1)\n    println(m.len)\nend\n' > made.jan; janus check made.jan
error[E0427]: [..]
...
help: make one with one of its functions, as `Map.new(…)`

1 error
[exit 1]
$ printf 'import std.io\nfunc main() do\n    io.stderr().write_text("x") catch do end\nend\n' > near.jan; janus check near.jan
error[E0423]: `Writer` has no method `write_text`
...
help: use the method that exists
...
1 error
[exit 1]
$ printf 'struct P {\n    x: i64,\n}\nfunc main() do\n    if let P(x) = (P { x: 1 }) do\n        println(x)\n    end\nend\n' > apart.jan; janus check apart.jan
error[E0601]: this cannot match a `P`
...
help: a struct is taken apart in braces: `P { field, .. }`

1 error
[exit 1]
$ printf 'func main() do\n    let x = "a".len catch 0\n    println(x)\nend\n' > never.jan; janus check never.jan
error[E0507]: `catch` handles what may fail
...
help: leave the handler out
...
 2 +     let x = "a".len

1 error
[exit 1]
$ cat > members.jan <<'EOF'
> struct Pot {
>     level: i64,
> }
>
> impl Pot do
>     pub func new() -> Pot do
>         return Pot { level: 0 }
>     end
>
>     pub func stir(mut self) do
>         self.level += 1
>     end
> end
>
> func main() do
>     var pot = Pot.make()
>     Pot.new().cook()
>     println(pot.level)
> end
> EOF
$ janus check members.jan
error[E0423]: `Pot` has no function `make`
...
help: it has `new`

error[E0423]: `Pot` has no method `cook`
...
help: it has `stir`

2 errors
[exit 1]
$ printf 'func main() do\n    println(i64.MAX, f64.Pi)\nend\n' > limits.jan; janus check limits.jan
error[E0336]: `i64` has no `MAX`
...
[..] +     println(i64.max, f64.Pi)

error[E0336]: `f64` has no `Pi`
...
help: it is `math.PI`, with `import std.math` at the top of the file

2 errors
[exit 1]
$ printf 'func main() do\n    var x = 1\n    var y = 2\n    (x, y) = (y, x)\nend\n' > apart.jan; janus check apart.jan
error[E0381]: cannot assign to `(x, y)`: this is not a place
...
help: take the value apart into new variables, `let (a, b) = …`, and assign each, or exchange two by `swap(mut a, mut b)`

1 error
[exit 1]
$ mkdir apart && printf 'pub trait Named do\n    func name(self) -> String\nend\n' > apart/names.jan
$ printf 'import apart.names\n\nfunc first() -> ?dyn names.Named do\n    return null\nend\n\nfunc main() do\n    println(first() == null)\nend\n' > boxed.jan
$ janus check boxed.jan
error[E0435]: [..]
...
[..] + func first() -> ?Box[dyn names.Named] do
...
1 error
[exit 1]
$ printf 'func main() do\n    println(%s.is_alphanumeric(), %s.is_whitespace())\nend\n' "'a'" "'b'" > chars.jan; janus check chars.jan
error[E0423]: `char` has no method `is_alphanumeric`
...
[..] +     println('a'.is_letter_or_digit(), 'b'.is_whitespace())

error[E0423]: `char` has no method `is_whitespace`
...
[..] +     println('a'.is_alphanumeric(), 'b'.is_space())

2 errors
[exit 1]
$ cat > once.jan <<'EOF'
> func eat(own xs: []i64) -> i64 do
>     return xs.len
> end
>
> func main() do
>     let xs = [1, 2]
>     let f = func() do
>         return eat(xs)
>     end
>     println(f())
> end
> EOF
$ janus check once.jan
error[E0716]: `xs` is captured by a closure that may be called again
...
help: where it is called only once it may: write `own func(…) do … end`

1 error
[exit 1]
$ printf 'func main() do\n    var list = [3, 1]\n    var n = 0\n    list.sort_by(func(a: i64, b: i64) do\n        n += 1\n        return a.compare(b)\n    end)\n    println(list, n)\nend\n' > counts.jan; janus check counts.jan
error[E0310]: [..]
...
help: the closure changes what it captured: have it give the result instead, or take it by `mut f: mut func(…)` in a function of your own

1 error
[exit 1]
$ cat > elsewhere.jan <<'EOF'
> import std.heap
> import std.fs
>
> func f(queue: Heap[i64], region: Arena) do
>     println(queue, region)
> end
>
> func main() -> !void do
>     var queue = Heap[i64].new()
>     let text = read_text("a")?
>     let root = math.pow(2.0, 0.5)
>     let file = fs.open("a")?
>     exit(1)
> end
> EOF
$ janus check elsewhere.jan
error[E0204]: there is no type `Heap`
...
help: name the module that has it
...
[..] + func f(queue: heap.Heap[i64], region: Arena) do
...
help: it stands in a module: `import std.memory`, then `memory.Arena`
...
[..] +     var queue = heap.Heap[i64].new()
...
help: name the module that has it
...
[..] +     let text = fs.read_text("a")?
...
help: it is a module: write `import std.math` at the top of the file
...
error[E0205]: `open` is private to the module `std.fs`
...
help: it stands in a module: `import std.file`, then `file.open`
...
help: it stands in a module: `import std.process`, then `process.exit`

7 errors
[exit 1]
$ cat > functions.jan <<'EOF'
> func main() do
>     var xs = [1, 2]
>     println(len(xs), max(1, 2), str(3))
>     append(xs, 3)
>     for i in range(10) do end
>     let n = i64("3")
>     xs |> sum |> println
> end
> EOF
$ janus check functions.jan
error[E0203]: there is no `len` here
...
help: `[]i64` has it as a field: `xs.len`
...
help: `i64` has it as a method: `value.max(…)`
...
help: the text of a value is `$"{x}"`
...
help: a list grows in place by `xs.push(x)`
...
help: a range is written `0..n`, one with steps `(0..n).iter().step_by(k)`
...
help: a text is read by `i64.parse(text)`
...
help: `[]i64` has it as a method: `xs.sum(…)`

7 errors
[exit 1]
$ cat > shapes.jan <<'EOF'
> @derive(Eq)
> struct Point: Show {
>     x: i64,
> }
>
> struct Line
> {
>     x: i64,
> }
>
> error Bad { A }
>
> func read(m: Map[String, i64]) -> i64 ! Bad
> do
>     return m.get("a") else fail Bad.A
> end
>
> func main() -> void! do
>     println("a".to_string())
> end
> EOF
$ janus check shapes.jan
error[E0127]: `@` stands outside of a function
...
help: `derive` stands behind the name of a type: `struct Point derive(Eq, Ord) { … }`
...
help: a trait is derived, `Point derive(Eq, Ord) { … }`, or implemented, `impl Display for Point do … end`
...
help: the `{` stands on the line of the name
...
help: the errors come first
...
[..] + func read(m: Map[String, i64]) -> Bad!i64
...
error[E0117]: this `do` stands on the line of the function's head
...
help: what stands in for an absent value, or leaves: `… ?? other`, `… ?? return`, `… ?? fail E.A`
...
error[E0112]: `!` stands before the type of what may fail
...
[..] + func main() -> !void do
...
help: in Janus this is
...
[..] +     println("a".copy())
...
[exit 1]
$ cat > closures.jan <<'EOF'
> func main() do
>     let xs = [1, 2, 3]
>     let a = xs.map(x => x * 2).collect()
>     let b = xs.map((x) => x * 2).collect()
>     let c = xs.map(lambda x: x * 2).collect()
>     let d = xs.map(fn x -> x * 2 end).collect()
>     let e = xs.map(&(&1 * 2)).collect()
>     let f = xs.filter(function (x) {
>         return x > 1
>     })
>     let g = (x, y) => x + y
>     println(a, b, c, d, e, f, g)
> end
> EOF
$ janus check closures.jan
error[E0123]: a closure is not written so
  --> closures.jan:3:20
...
help: write `|x| x + 1`, or `func(x: i64) -> i64 do … end`
...
  --> closures.jan:4:20
...
  --> closures.jan:5:20
...
  --> closures.jan:6:20
...
  --> closures.jan:7:20
...
  --> closures.jan:8:23
...
   --> closures.jan:11:13
...
7 errors
[exit 1]
$ cat > paths.jan <<'EOF'
> import std::math
>
> func (p Point) sum() -> i64 do
>     return 1
> end
>
> def twice(x: i64) -> i64:
>     return x * 2
> end
>
> func main() do
>     println(math::sqrt(2.0), Shape::Circle)
>     for i, x := range [1] do
>         println(i, x)
>     end
>     for x of [1] do
>         println(x)
>     end
> end
> EOF
$ janus check paths.jan
error[E0122]: `::` is not an operator
...
[..] + import std.math
...
error[E0123]: a method does not name its receiver
...
help: it stands in `impl Point do … end`, and its first parameter is `self`
...
error[E0117]: a body starts with `do`, not with `:`
...
[..] +     println(math.sqrt(2.0), Shape::Circle)
...
[..] +     println(math::sqrt(2.0), Shape.Circle)
...
error[E0110]: a loop goes over something by `in`
...
[..] +     for i, x in [1] do
...
[..] +     for x in [1] do
...
[exit 1]
$ cat > arrows.jan <<'EOF'
> func main() do
>     let ch: Channel[i64] = Channel.new(3)
>     ch <- 1
>     println(<-ch, 1 <-1)
>     select {
>         case x := <-ch => println(x),
>     }
> end
> EOF
$ janus check arrows.jan
error[E0122]: `<-` is not an operator
  --> arrows.jan:3:8
...
help: a value is sent by `channel.send(value)`, the next one is `channel.recv()`
...
  --> arrows.jan:4:13
...
help: its arms are `recv channel |v| do … end`, `send channel, value do … end`, `after 50ms do … end`

3 errors
[exit 1]
$ cat > tasks.jan <<'EOF'
> func main() do
>     let ch: Channel[i64] = Channel.new(3)
>     ch.push(4)
>     nursery |n| do
>         n.start(|| 1)
>         let h = n.spawn(|| 2)
>         println(h.await())
>     end
>     Thread.sleep(10)
>     let m = Mutex.new(1)
>     m.unlock()
>     let map = HashMap.new()
> end
> EOF
$ janus check tasks.jan
error[E0423]: `Channel[i64]` has no method `push`
...
[..] +     ch.send(4)
...
help: a task begins by `n.spawn(func() do … end)`
...
[..] +         println(h.join())
...
help: tasks live in a nursery: `nursery |n| do n.spawn(…) end`; one waits by `sleep(10ms)`
...
help: the lock ends with the value that `lock()` gave, or with the closure of `m.with(|mut v| …)`
...
[..] +     let map = Map.new()

6 errors
[exit 1]
$ cat > bodies.jan <<'EOF'
> func twice(x: i64) -> i64 = x * 2
> func main() do
>     let f = func(x: i64) -> i64 => x + 1
>     for x in [1, 2] => println(x + twice(f(x)))
> end
> EOF
$ janus check bodies.jan
error[E0117]: a body starts with `do`, not with `=`
...
[..] + func twice(x: i64) -> i64 do x * 2 end
...
[..] +     let f = func(x: i64) -> i64 do x + 1 end
...
[..] +     for x in [1, 2] do println(x + twice(f(x))) end

3 errors
[exit 1]
