# What each function may do, inferred.
# rule: effect.kinds effect.infer effect.closure effect.generic effect.drop effect.dyn
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
Stamp.compare: clock, panic
Stamp.drop: io.console, alloc, panic
later: what `T.compare` does
is_later: clock, panic
drops: io.console, alloc, panic
apply: pure
shout: io.console, alloc, panic
quiet: pure
loud: io.console, alloc, panic
louder: io.console, alloc, panic
even: panic
odd: panic

# Whoever makes a dyn is charged with what its table leads to.
$ cat > dyn.jan <<'END_'
> trait Speak do
>     func speak(self) -> i64
>     func twice(self) -> i64 do
>         return self.speak() * 2
>     end
> end
>
> struct Quiet {
>     n: i64,
> }
>
> struct Loud {
>     n: i64,
> }
>
> struct Dropper {
>     n: i64,
> }
>
> impl Speak for Quiet do
>     func speak(self) -> i64 do
>         return 1
>     end
> end
>
> impl Speak for Loud do
>     func speak(self) -> i64 do
>         println("!")
>         return 1
>     end
> end
>
> impl Speak for Dropper do
>     func speak(self) -> i64 do
>         return self.n
>     end
> end
>
> impl Drop for Dropper do
>     func drop(mut self) do
>         println("bye")
>     end
> end
>
> func use(x: dyn Speak) -> i64 do
>     return x.speak()
> end
>
> func quiet() -> i64 do
>     return use(Quiet { n: 1 })
> end
>
> func loud() -> i64 do
>     return use(Loud { n: 1 })
> end
>
> func generic[T: Speak](x: T) -> i64 do
>     return use(x)
> end
>
> func loud_generic() -> i64 do
>     return generic(Loud { n: 1 })
> end
>
> func box_of(own x: Dropper) -> Box[dyn Speak] do
>     return Box.new(x)
> end
>
> func keep(b: Box[dyn Speak]) -> i64 do
>     return use(b)
> end
> END_
$ janus build --emit effects dyn.jan
Speak.twice: panic, what `Self.speak` does
Quiet.speak: pure
Loud.speak: io.console, alloc, panic
Dropper.speak: pure
Dropper.drop: io.console, alloc, panic
use: pure
quiet: panic
loud: io.console, alloc, panic
generic: what `T.speak` does, what `T.twice` does
loud_generic: io.console, alloc, panic
box_of: io.console, alloc, panic
keep: pure

# Derived Ord and Default do what their parts do, and what fields are declared with.
$ cat > derived.jan <<'END_'
> struct Stamp derive(Default, Ord) {
>     at: i64 = 3,
>     name: Loud,
> }
>
> struct Loud {
>     n: i64,
> }
>
> impl Default for Loud do
>     func default() -> Loud do
>         println("made")
>         return Loud { n: 1 }
>     end
> end
>
> impl Ord for Loud do
>     func compare(self, other: Loud) -> Ordering do
>         println("compared")
>         return self.n.compare(other.n)
>     end
> end
>
> struct Pair[A] derive(Default, Ord) {
>     one: ?A,
>     two: A,
>     three: []A = [],
> }
>
> func make() -> Stamp do
>     return Stamp.default()
> end
>
> func pair() -> Pair[i64] do
>     return Pair[i64].default()
> end
>
> func pair_of[T: Default](x: T) -> Pair[T] do
>     return Pair[T].default()
> end
>
> func loud_pair() -> Pair[Loud] do
>     return Pair[Loud].default()
> end
>
> func less(a: Pair[Loud], b: Pair[Loud]) -> bool do
>     return a < b
> end
> END_
$ janus build --emit effects derived.jan
Loud.default: io.console, alloc, panic
Loud.compare: io.console, alloc, panic
make: io.console, alloc, panic
pair: pure
pair_of: what `Pair[T].default` does
loud_pair: io.console, alloc, panic
less: io.console, alloc, panic
