# No result replaces what the program is made from.
$ printf 'func main() do\n    println("Hello")\nend\n' > a.jan; cp a.jan kept
$ janus build -o a.jan a.jan
error[E0901]: cannot write a.jan: it is a source of the program

1 error
[exit 1]
$ ln -s a.jan link; janus build --emit obj -o link a.jan
error[E0901]: cannot write link: it is a source of the program

1 error
[exit 1]
$ cmp a.jan kept && janus new top >/dev/null && cp top/janus.kdl kept && janus build -o top/janus.kdl top
error[E0901]: cannot write top/janus.kdl: it is the manifest of a package

1 error
[exit 1]
$ cmp top/janus.kdl kept
$ janus build -o top/src/main.jan top 2>&1 | head -n 1
error[E0901]: cannot write top/src/main.jan: it is a source of the program

# Output that cannot be written ends an interpreted program as it does a compiled one.
$ janus run --interp a.jan > /dev/full
cannot write to standard output: No space left on device
[exit 1]
$ janus run a.jan > /dev/full
cannot write to standard output: No space left on device
[exit 1]
$ TMPDIR=/nonexistent janus run a.jan
error: cannot make a temporary folder in /nonexistent: no such file or directory
[exit 1]
