# What each function may do, inferred.
# rule: effect.kinds effect.infer effect.closure effect.generic effect.drop
$ cat > effects.jan <<'END_'
> import std.fs
> import std.time
>
> func mix(a: i64, b: i64) -> i64 do
>     return a.wrapping_add(b) ^ a
> end
>
> func load(path: String) -> !String do
>     return fs.read_text(path)?
> end
>
> struct Stamp {
>     at: i64,
> }
>
> impl Ord for Stamp do
>     func compare(self, other: Stamp) -> Ordering do
>         let _ = time.now()
>         return self.at.compare(other.at)
>     end
> end
>
> impl Drop for Stamp do
>     func drop(mut self) do
>         println("bye ", self.at)
>     end
> end
>
> func later(a: T, b: T) -> bool do
>     return a.compare(b) == Ordering.Greater
> end
>
> func is_later(a: Stamp, b: Stamp) -> bool do
>     return later(a, b)
> end
>
> func drops() do
>     let list = [Stamp { at: 1 }]
> end
>
> func apply(f: func(i64) -> i64) -> i64 do
>     return f(1)
> end
>
> func shout(x: i64) -> i64 do
>     println(x)
>     return x
> end
>
> func quiet() -> i64 do
>     return apply(|x| x)
> end
>
> func loud() -> i64 do
>     return apply(|x| shout(x))
> end
>
> func louder() -> i64 do
>     return apply(shout)
> end
>
> func even(n: i64) -> bool do
>     return n == 0 or odd(n - 1)
> end
>
> func odd(n: i64) -> bool do
>     return n != 0 and even(n - 1)
> end
> END_
$ janus build --emit effects effects.jan
mix: pure
load: fs.read, alloc, panic
Stamp.compare: clock
Stamp.drop: io.console, alloc, panic
later: what `T.compare` does
is_later: clock
drops: io.console, alloc, panic
apply: pure
shout: io.console, alloc, panic
quiet: pure
loud: io.console, alloc, panic
louder: io.console, alloc, panic
even: panic
odd: panic
