# rule: test.apart test.timeout test.order test.chance test.seed test.replay test.real test.format test.schedules test.short test.list test.priorities test.time
$ cat > order.jan <<'END'
> import std.random
>
> func work(ch: Channel[i64], n: i64) do
>     ch.send(n)
> end
>
> test "first come" do
>     let ch = Channel(i64).new(capacity: 3)
>     nursery |n| do
>         for i in 1..=3 do
>             n.spawn(func() do
>                 work(ch, i)
>             end)
>         end
>     end
>     assert(ch.recv() == 1)
> end
>
> test "it's shown: order and chance" do
>     let ch = Channel(i64).new(capacity: 20)
>     var dice = random.new()
>     nursery |n| do
>         for i in 0..20 do
>             n.spawn(func() do
>                 work(ch, i)
>             end)
>         end
>     end
>     for _ in 0..20 do
>         print(ch.recv(), " ")
>     end
>     println(dice.range(0, 1000000))
>     panic("to be seen")
> end
>
> test "nothing to order" do
>     assert(1 + 1 == 2)
> end
> END
# The same seed gives the same order, and the same random numbers; the line that a failure prints can be pasted.
$ janus test order.jan --filter shown --seed 7 2>/dev/null > first
[exit 1]
$ tail -n 2 first
  again: janus test order.jan --filter 'it'\''s shown: order and chance' --seed 7
0 passed, 1 failed
$ sed -n 's/^  again: //p' first > again; sh again 2>/dev/null > second; cmp first second && wc -l < second
4
$ janus test order.jan --filter shown --seed 8 2>/dev/null | cmp -s - first
[exit 1]
$ janus test --interp order.jan --filter shown --seed 7 2>/dev/null > first; janus test --interp order.jan --filter shown --seed 7 2>/dev/null | cmp - first
$ janus test --release order.jan --filter shown --seed 7 2>/dev/null > first; sed -n 's/^  again: //p' first > again; sh again 2>/dev/null | cmp - first
# Time jumps, and the clocks with it.
$ cat > times.jan <<'END'
> import std.time
>
> test "a day" do
>     let begin = time.now()
>     nursery |n| do
>         n.spawn(func() do
>             sleep(24h)
>         end)
>     end
>     time.sleep(1h)
>     println(begin.elapsed())
> end
> END
$ janus test times.jan --timeout 5
90000s
ok      a day
1 passed, 0 failed
$ janus test --interp times.jan --timeout 5 | grep -c '^90000'
1
# An order by priorities.
$ janus test order.jan --filter shown --seed pct:7:3:60 2>/dev/null > first; sed -n 's/^  again: //p' first > again; sh again 2>/dev/null | cmp - first; tail -n 2 first
  again: janus test order.jan --filter 'it'\''s shown: order and chance' --seed pct:7:3:60
0 passed, 1 failed
# Without a seed each run has another one.
$ for i in 1 2 3 4 5 6; do janus test order.jan --filter shown 2>/dev/null; done | grep -c again
6
$ for i in 1 2 3 4 5 6; do janus test order.jan --filter shown 2>/dev/null; done | grep again | sort -u | wc -l
6
# Searching: the first schedule that fails, made short; the order it prints fails again.
$ janus test order.jan --filter 'first come' --schedules 200 --seed 1 2>/dev/null > found
[exit 1]
$ cat found
FAILED  first come
  schedule [..] of 200 failed; 1 difference from the usual order of tasks is enough:
  * main: begins, to order.jan:[..], waits for the tasks of its nursery; task [..] goes on
...
    main: runs until the test has failed
  again: janus test order.jan --filter 'first come' --seed order:[..]:0.[..]-[..]
0 passed, 1 failed
$ sed -n 's/^  again: //p' found | sh 2>&1 | grep -v again:
panic: assertion failed
  at order.jan:16
FAILED  first come
0 passed, 1 failed
$ janus test order.jan --filter nothing --schedules 1000
ok      nothing to order
1 passed, 0 failed
$ janus test --interp order.jan --filter 'first come' --schedules 100 2>/dev/null | grep -c 'enough:'
1
# Tests that hang are ended, and what they have started with them.
$ cat > hang.jan <<'END'
> import std.io
>
> test "goes on and on" do
>     var n = 0
>     while n >= 0 do
>         n = if n > 1000 do 0 else n + 1 end
>     end
> end
>
> test "reads nothing" do
>     assert(io.stdin().read_all()? == "")
> end
>
> test "a deadlock" do
>     let ch = Channel(i64).new()
>     ch.send(1)
> end
> END
$ janus test hang.jan --timeout 1 2>/dev/null
FAILED  goes on and on
  it did not end within 1 s, and was stopped; `--timeout 2` would let it run on
  again: janus test --timeout 1 hang.jan --filter 'goes on and on' --seed [..]
ok      reads nothing
FAILED  a deadlock
  again: janus test hang.jan --filter 'a deadlock' --seed [..]
1 passed, 2 failed
[exit 1]
# On all cores, one after the other.
$ janus test order.jan --real --jobs 1 --filter 'first come' > real; tail -n 1 real | grep -c ' passed, '
1
# For programs.
$ janus test order.jan --filter o --seed 3 --format json 2>/dev/null | grep -o '"name":"[a-z ]*","passed":[a-z]*'
"name":"first come","passed":[..]
"name":"nothing to order","passed":true
$ janus test order.jan --filter shown --seed 3 --format junit | grep -v '^[0-9 ]*$'
<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="order.jan" tests="1" failures="1" errors="0" time="[..]">
<testcase classname="order.jan" name="it's shown: order and chance" time="[..]">
<failure message="panic: to be seen">again: janus test order.jan --filter 'it'\''s shown: order and chance' --seed 3</failure>
<system-out>[..]
</system-out>
<system-err>panic: to be seen
  at order.jan:[..]
</system-err>
</testcase>
</testsuite>
</testsuites>
# Wrong uses.
$ janus test order.jan --real --seed 3
error: `--real` does not go with `--seed`
help: the real workers take no orders: leave one of the two away
[exit 2]
$ janus test order.jan --schedules 0
error: `--schedules` cannot be `0`
help: it is a number from 1 to 10000000
[exit 2]
$ janus test order.jan --schedules 10 --seed order:1:0.4-2
error: `--schedules` counts from a seed that is a number, and `order:1:0.4-2` is none
help: for example `--seed 7 --schedules 1000`; without `--schedules` the one order is run again
[exit 2]
$ ls -A "$TMPDIR"
