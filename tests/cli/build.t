$ cat > hello.jan <<'END'
> func main() do
>     println("Hello")
> end
> END

# The executable lands in the current folder under the name of the source.
$ mkdir sub; cp hello.jan sub/greet.jan; janus build sub/greet.jan; ./greet; ls
Hello
greet
hello.jan
sub
$ janus build --release -o sub/hi hello.jan && sub/hi && ls sub
Hello
greet.jan
hi
$ head -c 4 sub/hi | tail -c 3; echo; readelf -d sub/hi 2>/dev/null | grep -c NEEDED
ELF
0
[exit 1]
$ cd sub && janus build ../hello.jan && ./hello
Hello
$ janus build - <hello.jan && ./main
Hello
$ cp hello.jan plain; janus build plain && ./plain.out
Hello

# Outputs that cannot be written: said before the work, and nothing is lost.
$ janus build -o sub hello.jan
error[E0901]: cannot write sub: it is a folder

1 error
[exit 1]
$ janus build -o nowhere/hello hello.jan
error[E0901]: cannot write nowhere/hello: its folder does not exist

1 error
[exit 1]
$ janus build --emit llvm -o /dev/full hello.jan
error[E0901]: cannot write /dev/full: no space left on device

1 error
[exit 1]
$ echo good > kept; (ulimit -f 1; janus build -o kept hello.jan >/dev/null 2>&1); cat kept; ls
good
greet
hello.jan
kept
main
plain
plain.out
sub

# A program with errors leaves the last good executable where it is.
$ cp greet keep; echo 'func main() do println(x) end' > greet.jan; janus build greet.jan >/dev/null 2>&1; cmp greet keep && ./greet
Hello

# Another linker may be named; its refusal is a report.
$ janus build --linker /bin/false hello.jan
error[E0902]: cannot link hello
...
1 error
[exit 1]
$ janus build --linker /no/such/linker hello.jan
error[E0902]: cannot link hello
...
1 error
[exit 1]
$ ls *.tmp* 2>/dev/null; ls -A "$TMPDIR"
