# An error that leaves main brings along what failed after it, each with where it arose.
# rule: tasks.further tasks.panic
$ cat > more.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> func nested() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(5)?)
>         n.spawn(|| three()?)
>         fail E.W(4)
>     end
> end
>
> func main() -> !void do
>     nested()?
> end
> END_
$ JANUS_SEED=order:1: janus run more.jan
error: E.W(4)
  at more.jan:29
  from more.jan:26
  from more.jan:34
and 4 further failures:
error: E.B(5)
  at more.jan:14
  from more.jan:27
  in the task spawned at more.jan:27
error: E.A
  at more.jan:21
  from more.jan:18
  from more.jan:28
  in the task spawned at more.jan:28
error: E.B(1)
  at more.jan:14
  from more.jan:19
  in the task spawned at more.jan:19
error: E.B(2)
  at more.jan:14
  from more.jan:20
  in the task spawned at more.jan:20
[exit 1]
$ JANUS_SEED=order:1: janus run --interp more.jan
error: E.W(4)
  at more.jan:29
  from more.jan:26
  from more.jan:34
and 4 further failures:
error: E.B(5)
  at more.jan:14
  from more.jan:27
  in the task spawned at more.jan:27
error: E.A
  at more.jan:21
  from more.jan:18
  from more.jan:28
  in the task spawned at more.jan:28
error: E.B(1)
  at more.jan:14
  from more.jan:19
  in the task spawned at more.jan:19
error: E.B(2)
  at more.jan:14
  from more.jan:20
  in the task spawned at more.jan:20
[exit 1]
$ JANUS_SEED=order:1: janus run --release more.jan
error: E.W(4)
  at more.jan:29
  from more.jan:26
  from more.jan:34
and 4 further failures:
error: E.B(5)
  at more.jan:14
  from more.jan:27
  in the task spawned at more.jan:27
error: E.A
  at more.jan:21
  from more.jan:18
  from more.jan:28
  in the task spawned at more.jan:28
error: E.B(1)
  at more.jan:14
  from more.jan:19
  in the task spawned at more.jan:19
error: E.B(2)
  at more.jan:14
  from more.jan:20
  in the task spawned at more.jan:20
[exit 1]

# Handled and raised again, as an error of a larger set: they stay with it.
$ cat > again.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> // handled, raised again; converted to a larger set
> func again() -> Big!void do
>     three() catch |err| do
>         nursery |n| do
>             n.spawn(|| yield())
>         end
>         fail err
>     end
> end
>
> func main() -> Big!void do
>     again()?
> end
> END_
$ JANUS_SEED=order:1: janus run again.jan
error: E.A
  at again.jan:21
  from again.jan:18
  from again.jan:31
  from again.jan:36
and 2 further failures:
error: E.B(1)
  at again.jan:14
  from again.jan:19
  in the task spawned at again.jan:19
error: E.B(2)
  at again.jan:14
  from again.jan:20
  in the task spawned at again.jan:20
[exit 1]
$ JANUS_SEED=order:1: janus run --interp again.jan
error: E.A
  at again.jan:21
  from again.jan:18
  from again.jan:31
  from again.jan:36
and 2 further failures:
error: E.B(1)
  at again.jan:14
  from again.jan:19
  in the task spawned at again.jan:19
error: E.B(2)
  at again.jan:14
  from again.jan:20
  in the task spawned at again.jan:20
[exit 1]
$ JANUS_SEED=order:1: janus run --release again.jan
error: E.A
  at again.jan:21
  from again.jan:18
  from again.jan:31
  from again.jan:36
and 2 further failures:
error: E.B(1)
  at again.jan:14
  from again.jan:19
  in the task spawned at again.jan:19
error: E.B(2)
  at again.jan:14
  from again.jan:20
  in the task spawned at again.jan:20
[exit 1]

# A new error has nothing to do with those before.
$ cat > other.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> // handled, a new error
> func main() -> E!void do
>     three() catch do
>         fail E.W(3)
>     end
> end
> END_
$ JANUS_SEED=order:1: janus run other.jan
error: E.W(3)
  at other.jan:28
[exit 1]
$ JANUS_SEED=order:1: janus run --interp other.jan
error: E.W(3)
  at other.jan:28
[exit 1]
$ JANUS_SEED=order:1: janus run --release other.jan
error: E.W(3)
  at other.jan:28
[exit 1]

# What the handler has taken is not told again.
$ cat > taken.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> func main() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| three()?)
>         fail E.A
>     end catch |err| do
>         println(err.suppressed())
>         fail err
>     end
> end
> END_
$ JANUS_SEED=order:1: janus run taken.jan
[E.B(1), E.A]
error: E.A
  at taken.jan:29
  from taken.jan:32
and 2 further failures:
error: E.B(1)
  at taken.jan:14
  from taken.jan:19
  in the task spawned at taken.jan:19
error: E.B(2)
  at taken.jan:14
  from taken.jan:20
  in the task spawned at taken.jan:20
[exit 1]
$ JANUS_SEED=order:1: janus run --interp taken.jan
[E.B(1), E.A]
error: E.A
  at taken.jan:29
  from taken.jan:32
and 2 further failures:
error: E.B(1)
  at taken.jan:14
  from taken.jan:19
  in the task spawned at taken.jan:19
error: E.B(2)
  at taken.jan:14
  from taken.jan:20
  in the task spawned at taken.jan:20
[exit 1]
$ JANUS_SEED=order:1: janus run --release taken.jan
[E.B(1), E.A]
error: E.A
  at taken.jan:29
  from taken.jan:32
and 2 further failures:
error: E.B(1)
  at taken.jan:14
  from taken.jan:19
  in the task spawned at taken.jan:19
error: E.B(2)
  at taken.jan:14
  from taken.jan:20
  in the task spawned at taken.jan:20
[exit 1]

# The time was over first.
$ cat > expired.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> func main() -> Big!void do
>     nursery(timeout: 10ms) |n| do
>         n.spawn(func() do
>             defer shield do
>                 sleep(20ms)
>             end
>             three()?
>         end)
>         n.spawn(|| sleep(1s))
>         n.spawn(func() do
>             defer shield do
>                 sleep(40ms)
>             end
>             late(7)?
>         end)
>     end
> end
> END_
$ JANUS_SEED=order:1: janus run expired.jan
error: Timeout.Expired
  at expired.jan:26
  from expired.jan:26
and 4 further failures:
error: E.A
  at expired.jan:21
  from expired.jan:18
  from expired.jan:31
  in the task spawned at expired.jan:27
error: E.B(1)
  at expired.jan:14
  from expired.jan:19
  in the task spawned at expired.jan:19
error: E.B(2)
  at expired.jan:14
  from expired.jan:20
  in the task spawned at expired.jan:20
error: E.B(7)
  at expired.jan:14
  from expired.jan:38
  in the task spawned at expired.jan:34
[exit 1]
$ JANUS_SEED=order:1: janus run --interp expired.jan
error: Timeout.Expired
  at expired.jan:26
  from expired.jan:26
and 4 further failures:
error: E.A
  at expired.jan:21
  from expired.jan:18
  from expired.jan:31
  in the task spawned at expired.jan:27
error: E.B(1)
  at expired.jan:14
  from expired.jan:19
  in the task spawned at expired.jan:19
error: E.B(2)
  at expired.jan:14
  from expired.jan:20
  in the task spawned at expired.jan:20
error: E.B(7)
  at expired.jan:14
  from expired.jan:38
  in the task spawned at expired.jan:34
[exit 1]
$ JANUS_SEED=order:1: janus run --release expired.jan
error: Timeout.Expired
  at expired.jan:26
  from expired.jan:26
and 4 further failures:
error: E.A
  at expired.jan:21
  from expired.jan:18
  from expired.jan:31
  in the task spawned at expired.jan:27
error: E.B(1)
  at expired.jan:14
  from expired.jan:19
  in the task spawned at expired.jan:19
error: E.B(2)
  at expired.jan:14
  from expired.jan:20
  in the task spawned at expired.jan:20
error: E.B(7)
  at expired.jan:14
  from expired.jan:38
  in the task spawned at expired.jan:34
[exit 1]

# A panic comes before the errors, which are printed.
$ cat > panic.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> func main() -> E!void do
>     nursery |n| do
>         n.spawn(func() do
>             defer shield do
>                 yield()
>                 yield()
>                 yield()
>             end
>             three()?
>         end)
>         n.spawn(func() do
>             yield()
>             panic("bug")
>         end)
>         n.spawn(|| late(7)?)
>     end
> end
> END_
$ JANUS_SEED=order:1: janus run panic.jan 2>&1 | grep -v '  in [a-z]*$'
panic: bug
  at panic.jan:37
error: E.B(7)
  at panic.jan:14
  from panic.jan:39
error: E.A
  at panic.jan:21
  from panic.jan:18
  from panic.jan:33
  in the task spawned at panic.jan:27
error: E.B(1)
  at panic.jan:14
  from panic.jan:19
  in the task spawned at panic.jan:19
error: E.B(2)
  at panic.jan:14
  from panic.jan:20
  in the task spawned at panic.jan:20
$ JANUS_SEED=order:1: janus run --interp panic.jan
panic: bug
  at panic.jan:37
error: E.B(7)
  at panic.jan:14
  from panic.jan:39
error: E.A
  at panic.jan:21
  from panic.jan:18
  from panic.jan:33
  in the task spawned at panic.jan:27
error: E.B(1)
  at panic.jan:14
  from panic.jan:19
  in the task spawned at panic.jan:19
error: E.B(2)
  at panic.jan:14
  from panic.jan:20
  in the task spawned at panic.jan:20
[exit 101]
$ JANUS_SEED=order:1: janus run --release panic.jan 2>&1 | grep -v '  in [a-z]*$'
panic: bug
  at panic.jan:37
error: E.B(7)
  at panic.jan:14
  from panic.jan:39
error: E.A
  at panic.jan:21
  from panic.jan:18
  from panic.jan:33
  in the task spawned at panic.jan:27
error: E.B(1)
  at panic.jan:14
  from panic.jan:19
  in the task spawned at panic.jan:19
error: E.B(2)
  at panic.jan:14
  from panic.jan:20
  in the task spawned at panic.jan:20

# Of a test, too.
$ cat > tested.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> test "fails" do
>     three()?
> end
> END_
$ janus test --seed order:1: tested.jan
error: E.A
  at tested.jan:21
  from tested.jan:18
  from tested.jan:26
and 2 further failures:
error: E.B(1)
  at tested.jan:14
  from tested.jan:19
  in the task spawned at tested.jan:19
error: E.B(2)
  at tested.jan:14
  from tested.jan:20
  in the task spawned at tested.jan:20
FAILED  fails
  again: janus test tested.jan --filter fails --seed order:1:
0 passed, 1 failed
[exit 1]

# More than the trace has room for: of each at least where it was raised.
$ cat > many.jan <<'END_'
> error E {
>     A,
>     B(i64),
>     W(i64),
> }
>
> error Big = E | Timeout
>
> func late(i: i64) -> E!void do
>     defer shield do
>         yield()
>         yield()
>     end
>     fail E.B(i)
> end
>
> func three() -> E!void do
>     nursery |n| do
>         n.spawn(|| late(1)?)
>         n.spawn(|| late(2)?)
>         fail E.A
>     end
> end
>
> func main() -> E!void do
>     nursery |n| do
>         for i in 0..100 do
>             n.spawn(|| late(i)?)
>         end
>     end
> end
> END_
$ JANUS_SEED=order:1: janus run many.jan 2> native; grep -c '^error: E.B(' native; grep -c '  at many.jan:14' native; sed -n 1,4p native
100
100
error: E.B(0)
  at many.jan:14
  from many.jan:26
and 99 further failures:
$ JANUS_SEED=order:1: janus run --interp many.jan 2> interpreted; cmp native interpreted
