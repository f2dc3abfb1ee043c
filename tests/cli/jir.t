# The JIR of single constructs, as the builder makes it and ownership has decided it.

# A counted loop: the counter is the variable, the limit is read once, the element is copied out.
$ cat > loop.jan <<'END'
> func sum(xs: []i64) -> i64 do
>     var total = 0
>     for x in xs do
>         total += x
>     end
>     return total
> end
> END
$ janus build --emit jir loop.jan
fn sum module 1 params 1 {
...
  %0:
    _2 = set 0:i64 at 16
    _4 = len _1 at 18
    _3 = intrinsic slice_of of none[i64] (ref _1, 0:i64, copy _4) at 18
    _5 = len _3 at 18
    _6 = set 0:i64 at 18
    goto %3 at 18
  %1:
    _0 = set copy _2 at 30
    return at 29
  %2 depth 1:
    _6 = addw copy _6, 1:i64 at 18
    goto %3 at 18
  %3 depth 1:
    _7 = lt copy _6, copy _5 at 18
    branch copy _7 %4 %1 at 18
  %4 depth 1:
    _8 = set copy _3[_6] at 18
    _2 = add copy _2, copy _8 at 24
    goto %2 at 27
}

# A match over an enum is one switch on the tag; a payload of numbers is copied, of others bound.
$ cat > match.jan <<'END'
> enum Shape {
>     Dot,
>     Line(i64),
>     Named(String),
> }
>
> func size(own s: Shape) -> i64 do
>     return match s {
>         Dot => 0,
>         Line(n) when n > 9 => 9,
>         Line(n) => n,
>         Named(text) => text.len,
>     }
> end
> END
$ janus build --emit jir match.jan
fn size module 1 params 1 {
...
  %0:
    _2 = tag _1 at 30
    switch copy _2 0 %2 1 %3 2 %4 %5 at 30
  %1:
    drop _1 at 29
    return at 29
  %2:
    _0 = set 0:i64 at 35
    goto %1 at 35
  %3:
    _3 = set copy _1@1.0 at 39
    _4 = gt copy _3, 9:i64 at 43
    branch copy _4 %6 %7 at 43
  %4:
    _6 = set move _1@2.0 at 57
    _0 = set copy _6.2 at 60
    drop _6 unwind 1 at 60
    goto %1 at 60
  %5:
    unreachable
  %6:
    _0 = set 9:i64 at 46
    goto %1 at 46
  %7:
    goto %8 at 43
  %8:
    _5 = set copy _1@1.0 at 50
    _0 = set copy _5 at 53
    goto %1 at 53
}

# What `?` does with the error leaves through the defers and drops.
$ cat > try.jan <<'END'
> error Trouble { Big }
>
> func check(n: i64) -> Trouble!i64 do
>     if n > 9 do
>         fail Trouble.Big
>     end
>     return n
> end
>
> func twice(n: i64) -> Trouble!i64 do
>     let text = ["a"]
>     let checked = check(n)?
>     return checked * text.len
> end
> END
$ janus build --emit jir try.jan
fn check module 1 params 1 {
...
  %0:
    _2 = gt copy _1, 9:i64 at 21
    branch copy _2 %1 %2 at 21
  %1:
    _3 = variant 21 () at 27
    _0 = variant 1 (copy _3) at 24
    intrinsic trace_begin of none () at 24
    return at 24
  %2:
    _0 = variant 0 (copy _1) at 32
    return at 31
}
fn twice module 1 params 1 {
  scope 0 in 0 tokens 36 71
  scope 1 in 0 tokens 47 71
  local _0: Trouble!i64 owned return
  local _1 "n": i64 letref param node 25
  local _2 "text": List[String] owned let node 31 scope 1
  local _3: i64 owned temp scope 1
  local _4: i64 owned temp scope 1
  local _5: *u8 owned temp scope 1
  local _6: *[1]String owned temp scope 1
  local _7: *String owned temp scope 1
  local _8 "checked": i64 owned let node 35 scope 1
  local _9: Trouble!i64 owned temp scope 1
  local _10: i64 owned temp scope 1
  local _11: i64 owned temp scope 1
  leave 1 in 0 _2
  %0:
    _3 = intrinsic size_of of none[[1]String] () at 51
    _4 = intrinsic align_of of none[[1]String] () at 51
    _5 = intrinsic mem_alloc of none (copy _3, copy _4) at 51
    _6 = intrinsic ptr_cast of none[u8, [1]String] (copy _5) at 51
    _6.* = make ("a":String) at 51
    _7 = intrinsic ptr_cast of none[[1]String, String] (copy _6) at 51
    _2 = make (copy _7, 1:i64, 1:i64) at 51
    _9 = call check (ref _1) unwind 1 at 59
    _10 = tag _9 at 62
    switch copy _10 0 %1 %2 at 62
  %1:
    _8 = set copy _9@0.0 at 62
    _11 = mul copy _8, copy _2.1 unwind 1 at 66
    _0 = variant 0 (copy _11) at 66
    drop _2 at 64
    return at 64
  %2:
    _0 = variant 1 (copy _9@1.0) at 62
    drop _2 at 62
    intrinsic trace_pass of none () at 62
    return at 62
}

# An index is checked once, the compound assignment loads after the value is known.
$ cat > index.jan <<'END'
> func bump(mut xs: []i64, i: i64) do
>     xs[i] += 2
> end
> END
$ janus build --emit jir index.jan
fn bump module 1 params 2 {
...
  %0:
    _3 = set copy _2 at 18
    _4 = len _1 at 17
    check copy _3, copy _4 at 17
    _1[_3] = add copy _1[_3], 2:i64 at 20
    return at 23
}

# A closure that changes a variable is lent it as mut; the call is made on the closure itself.
$ cat > closure.jan <<'END'
> func count() -> i64 do
>     var n = 0
>     var bump = mut func(by: i64) do
>         n += by
>     end
>     bump(2)
>     return n
> end
> END
$ janus build --emit jir closure.jan
fn count module 1 params 0 {
...
  %0:
    _1 = set 0:i64 at 11
    _2 = closure count => 2 (mut _1) at 17
    _3 = set 2:i64 at 30
    callv _2 (ref _3) unwind 1 at 31
    _0 = set copy _1 at 36
    drop _2 at 35
    dead _1 at 35
    return at 35
}
fn count closure 14 mut module 1 params 1 captures 1 {
...
  %0:
    _2 = add copy _2, copy _1 at 25
    return at 28
}

# Conditions branch right away, without a value in between.
$ cat > logic.jan <<'END'
> func inside(x: i64, low: i64, high: i64) -> i64 do
>     if x >= low and not (x > high) do
>         return 1
>     end
>     return 0
> end
> END
$ janus build --emit jir logic.jan
fn inside module 1 params 3 {
...
  %0:
    _4 = ge copy _1, copy _2 at 21
    branch copy _4 %3 %2 at 21
  %1:
    _0 = set 1:i64 at 32
    return at 31
  %2:
    _0 = set 0:i64 at 37
    return at 36
  %3:
    _5 = gt copy _1, copy _3 at 27
    branch copy _5 %2 %1 at 27
}
