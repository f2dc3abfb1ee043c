$ cat > hello.jan <<'END'
> import std.env
> import std.process
>
> func main() do
>     for arg in env.args() do
>         println(arg)
>     end
>     eprintln("done")
>     process.exit(3)
> end
> END
$ janus run hello.jan -- a 'b c' --release
a
b c
--release
done
[exit 3]
$ janus run --release hello.jan 2>/dev/null
[exit 3]
$ janus run --interp hello.jan -- x
x
done
[exit 3]
$ ls; ls -A "$TMPDIR"
hello.jan

# A panic names its line; its exit code is 101.
$ printf 'func main() do\n    var xs = [1, 2]\n    let i = xs.len\n    println("before")\n    xs[i] = 0\nend\n' > panic.jan; janus run panic.jan
before
...
[exit 101]

# What ends the program ends janus in the same way.
$ printf 'func main() do\n    while true do\n    end\nend\n' > spin.jan
$ timeout -s INT 2 janus run spin.jan
[exit 124]
$ sh -c 'janus run spin.jan & p=$!; sleep 1; kill -TERM $p; wait $p' 2>/dev/null
[exit 143]
$ ls -A "$TMPDIR"
$ for ms in $(seq 10 5 250); do timeout -s INT 0.$(printf %03d $ms) janus run spin.jan; done
[exit 124]
$ ls -A "$TMPDIR"
$ janus run missing.jan
error[E0001]: cannot read missing.jan: no such file or directory

1 error
[exit 1]
